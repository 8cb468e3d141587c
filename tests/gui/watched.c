/* A program to be watched, which does what its standard input says, line by line, and says after each what
 * mproc_pool_get_stats says then. It ends with its standard input, and exit code 3.
 *
 *     done N       has N tasks done
 *     fail N       has N tasks fail
 *     submit N     submits N tasks, and waits for none
 *     linger PAGE  has a worker begin a task that does not end, and waits until it has begun
 *     crash PAGE   has a worker die of its task
 *     look         does nothing
 */
#include <inttypes.h>
#include <mproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORKERS    3
#define LINE_BYTES 128
#define PAGE_BYTES 64

/* What the tasks that are done at once get. */
struct request {
    char page[PAGE_BYTES];
    mproc_event begun, never;
};

static struct {
    mproc_pool *pool;
    mproc_event begun, never;
} program;

static int must(int code, const char *what)
{
    if (code >= 0)
        return code;
    mproc_perror(what);
    exit(1);
}

/* ---- Tasks ---- */

int square(mproc_task *task);
int find_page(mproc_task *task);
int parse_page(mproc_task *task);
int crash_page(mproc_task *task);

int square(mproc_task *task)
{
    int value = *(const int *)mproc_task_get_argument(task).data;
    value *= value;
    return mproc_task_return(task, &value, sizeof value);
}

int find_page(mproc_task *task)
{
    return mproc_task_fail(task, -5, "no such page");
}

int parse_page(mproc_task *task)
{
    const struct request *request = mproc_task_get_argument(task).data;
    must(mproc_event_set(request->begun), "begun");
    return mproc_event_wait(request->never, MPROC_FOREVER);
}

int crash_page(mproc_task *task)
{
    (void)task;
    fprintf(stderr, "unclosed <table>\n");
    abort();
}

/* As the monitor is to show them. */
static int describe(const mproc_described *what, char *text, size_t capacity)
{
    if (what->bytes.size == sizeof(struct request))
        snprintf(text, capacity, "\"%s\"", ((const struct request *)what->bytes.data)->page);
    else if (what->bytes.size == sizeof(int))
        snprintf(text, capacity, "%d", *(const int *)what->bytes.data);
    else
        return -1;
    return 0;
}

/* ---- Commands ---- */

/* A task is called in the monitor what its function is called where it is submitted. */
static int submit_one(bool finds, int i, mproc_result **ret_result)
{
    return finds ? mproc_pool_apply_async(program.pool, find_page, MPROC_ARG(i), NULL, ret_result)
                 : mproc_pool_apply_async(program.pool, square, MPROC_ARG(i), NULL, ret_result);
}

static void run_all(bool finds, int count)
{
    mproc_result **results = calloc((size_t)count + 1, sizeof *results);
    for (int i = 0; i < count; i++)
        must(submit_one(finds, i, &results[i]), "submit");
    for (int i = 0; i < count; i++) {
        must(mproc_result_wait(results[i], MPROC_FOREVER), "wait");
        must(mproc_result_free(results[i]), "free");
    }
    free(results);
}

static void submit(int count)
{
    for (int i = 0; i < count; i++)
        must(mproc_pool_apply_async(program.pool, square, MPROC_ARG(i), NULL, NULL), "submit");
}

static struct request request_of(const char *page)
{
    struct request request = { .begun = program.begun, .never = program.never };
    snprintf(request.page, sizeof request.page, "%s", page);
    return request;
}

static void linger(const char *page)
{
    const struct request request = request_of(page);
    must(mproc_event_clear(program.begun), "clear");
    must(mproc_pool_apply_async(program.pool, parse_page, MPROC_ARG(request), NULL, NULL), page);
    must(mproc_event_wait(program.begun, MPROC_FOREVER), "begun");
}

static void crash(const char *page)
{
    const struct request request = request_of(page);
    mproc_result *result;
    must(mproc_pool_apply_async(program.pool, crash_page, MPROC_ARG(request), NULL, &result), page);
    must(mproc_result_wait(result, MPROC_FOREVER), "wait");
    must(mproc_result_free(result), "free");
}

static void obey(const char *verb, const char *rest)
{
    if (strcmp(verb, "done") == 0)
        run_all(false, atoi(rest));
    else if (strcmp(verb, "fail") == 0)
        run_all(true, atoi(rest));
    else if (strcmp(verb, "submit") == 0)
        submit(atoi(rest));
    else if (strcmp(verb, "linger") == 0)
        linger(rest);
    else if (strcmp(verb, "crash") == 0)
        crash(rest);
}

static void say_stats(void)
{
    mproc_pool_stats stats;
    must(mproc_pool_get_stats(program.pool, &stats), "stats");
    printf("{\"workers\": %d, \"queued\": %" PRIu64 ", \"running\": %" PRIu64 ", \"succeeded\": %" PRIu64
           ", \"failed\": %" PRIu64 ", \"deaths\": %" PRIu64 ", \"restarts\": %" PRIu64 "}\n",
           stats.workers, stats.queued, stats.running, stats.succeeded, stats.failed, stats.deaths, stats.restarts);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    char line[LINE_BYTES], verb[LINE_BYTES], rest[LINE_BYTES];
    mproc_init(argc, argv);
    must(mproc_event_create(&program.begun, NULL), "event");
    must(mproc_event_create(&program.never, NULL), "event");
    const mproc_pool_options options = {
        .workers = WORKERS, .name = "pages", .monitor_control = 1, .describe = describe, .monitor_output = 1
    };
    must(mproc_pool_create(&program.pool, &options), "pool");
    say_stats();
    while (fgets(line, sizeof line, stdin) != NULL && sscanf(line, "%127s %127s", verb, rest) >= 1) {
        obey(verb, rest);
        say_stats();
    }
    must(mproc_pool_terminate(program.pool), "terminate");
    must(mproc_pool_join(program.pool, MPROC_FOREVER), "join");
    must(mproc_pool_free(program.pool), "free");
    return 3;
}
