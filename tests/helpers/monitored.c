/* A program to be watched: monitored WHAT [METHOD]. It says "ready" once that has happened, and ends with its standard
 * input, and exit code 3. METHOD: fork, spawn or forkserver.
 *
 *     work       a pool of two workers: 100 tasks done, one that failed, one that its worker died of
 *     figures    the same, and more: a map, a task that was tried again, one that was cancelled, a pool of threads
 *     deadlock   two workers, each of which holds what the other waits for
 *
 * Each line that it reads is something to do, after which it says "ready" again:
 *
 *     read PAGE  a task, until it has ended: "none.html" fails, of "crash.html" its worker dies, "stay.html" stays
 *     later N    so many tasks, of which it does not wait for the end
 *     stay       a task that stays until its worker is killed
 *     end        waits for the end of that one
 *     stats      writes all figures of its pools first, as a line of JSON
 */
#include "os.h"
#include <inttypes.h>
#include <mproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TASKS   100
#define ITEMS   50
#define CHUNK   10
#define THREADS 3
#define MANY    64

static mproc_pool *pools[2];
static size_t pool_count;
static mproc_result *staying;

static void must(int code, const char *what)
{
    if (code >= 0)
        return;
    mproc_perror(what);
    exit(1);
}

static mproc_pool *make_pool(const char *name, mproc_pool_kind kind, int workers)
{
    mproc_pool_options options = {
        .workers = workers, .name = name, .kind = kind, .statistics = 1, .monitor_control = 1
    };
    mproc_pool **pool = &pools[pool_count++];
    must(mproc_pool_create(pool, &options), name);
    return *pool;
}

static void free_pools(void)
{
    for (size_t i = 0; i < pool_count; i++) {
        must(mproc_pool_terminate(pools[i]), "terminate");
        must(mproc_pool_join(pools[i], MPROC_FOREVER), "join");
        must(mproc_pool_free(pools[i]), "free");
    }
}

/* ---- Tasks ---- */

static int square(mproc_task *task)
{
    int value = *(const int *)mproc_task_get_argument(task).data;
    value *= value;
    return mproc_task_return(task, &value, sizeof value);
}

static int square_item(const void *in, void *out, mproc_task *task)
{
    (void)task;
    *(int *)out = *(const int *)in * *(const int *)in;
    return 0;
}

static int read_page(mproc_task *task)
{
    const char *page = mproc_task_get_argument(task).data;
    if (strcmp(page, "crash.html") == 0)
        abort();
    if (strcmp(page, "none.html") == 0)
        return mproc_task_fail(task, -5, "no such page");
    while (strcmp(page, "stay.html") == 0)
        os_sleep_ms(1000);
    return mproc_task_return(task, "13 links", sizeof "13 links");
}

static mproc_result *submit_page(mproc_pool *pool, const char *page, int retries)
{
    mproc_result *result;
    mproc_task_options options = { .retries = retries };
    must(mproc_pool_apply_async(pool, read_page, (mproc_view){ page, strlen(page) + 1 }, &options, &result), page);
    return result;
}

/* However it ends. */
static void finish(mproc_result *result)
{
    must(mproc_result_wait(result, MPROC_FOREVER), "wait");
    must(mproc_result_free(result), "free");
}

static void square_many(mproc_pool *pool, int count)
{
    mproc_result *results[TASKS];
    for (int i = 0; i < count; i++)
        must(mproc_pool_apply_async(pool, square, MPROC_ARG(i), NULL, &results[i]), "submit");
    for (int i = 0; i < count; i++)
        finish(results[i]);
}

/* ---- What happens first ---- */

static void work(void)
{
    mproc_pool *pool = make_pool("pages", MPROC_POOL_PROCESSES, 2);
    square_many(pool, TASKS);
    finish(submit_page(pool, "none.html", 0));
    finish(submit_page(pool, "crash.html", 0));
}

static void cancel_one(mproc_pool *pool)
{
    must(mproc_pool_pause(pool), "pause");
    mproc_result *result = submit_page(pool, "never.html", 0);
    must(mproc_result_cancel(result), "cancel");
    finish(result);
    must(mproc_pool_resume(pool), "resume");
}

static void figures(void)
{
    static int numbers[ITEMS];
    work();
    must(mproc_pool_map(pools[0], square_item, numbers, sizeof *numbers, ITEMS, numbers, sizeof *numbers,
                        &(mproc_task_options){ .chunk_size = CHUNK }),
         "map");
    finish(submit_page(pools[0], "crash.html", 1));
    cancel_one(pools[0]);
    square_many(make_pool("lines", MPROC_POOL_THREADS, THREADS), 10);
}

struct pair {
    mproc_lock first, second;
    mproc_barrier both;
};

static int take_both(mproc_task *task)
{
    const struct pair *pair = mproc_task_get_argument(task).data;
    must(mproc_lock_acquire(pair->first, MPROC_FOREVER), "first");
    mproc_barrier_wait(pair->both, MPROC_FOREVER, NULL);
    must(mproc_lock_acquire(pair->second, MPROC_FOREVER), "second");
    return 0;
}

static void deadlock(void)
{
    struct pair pair;
    mproc_pool *pool = make_pool("crawler", MPROC_POOL_PROCESSES, 2);
    must(mproc_lock_create(&pair.first, &(mproc_lock_options){ .name = "pages" }), "lock");
    must(mproc_lock_create(&pair.second, &(mproc_lock_options){ .name = "seen" }), "lock");
    must(mproc_barrier_create(&pair.both, 2, NULL), "barrier");
    struct pair other = { pair.second, pair.first, pair.both };
    must(mproc_pool_apply_async(pool, take_both, MPROC_ARG(pair), NULL, NULL), "submit");
    must(mproc_pool_apply_async(pool, take_both, MPROC_ARG(other), NULL, NULL), "submit");
}

/* ---- Figures, as the library has them ---- */

#define UNSIGNED(from, member) printf(",\"%s\":%" PRIu64, #member, (uint64_t)(from)->member)
#define SIGNED(from, member)   printf(",\"%s\":%" PRId64, #member, (int64_t)(from)->member)

static void write_counts(const mproc_pool_stats *stats)
{
    SIGNED(stats, workers);
    SIGNED(stats, idle);
    UNSIGNED(stats, queued);
    UNSIGNED(stats, running);
    UNSIGNED(stats, submitted);
    UNSIGNED(stats, succeeded);
    UNSIGNED(stats, failed);
    UNSIGNED(stats, cancelled);
    UNSIGNED(stats, retried);
    UNSIGNED(stats, deaths);
    UNSIGNED(stats, restarts);
    UNSIGNED(stats, busy_ns);
    UNSIGNED(stats, chunks);
    UNSIGNED(stats, items);
}

static void write_worker(const mproc_worker_stats *worker)
{
    printf("%s{\"worker\":%" PRId64, worker->index > 0 ? "," : "", worker->index);
    SIGNED(worker, state);
    SIGNED(worker, pid);
    SIGNED(worker, lives);
    SIGNED(worker, start_ns);
    SIGNED(worker, init_ns);
    UNSIGNED(worker, tasks);
    UNSIGNED(worker, chunks);
    UNSIGNED(worker, busy_ns);
    UNSIGNED(worker, held);
    printf("}");
}

static void write_times(const char *name, const mproc_time_stats *times)
{
    printf(",\"%s\":{\"name\":\"%s\"", name, name);
    UNSIGNED(times, count);
    SIGNED(times, total_ns);
    SIGNED(times, min_ns);
    SIGNED(times, max_ns);
    SIGNED(times, p50_ns);
    SIGNED(times, p90_ns);
    SIGNED(times, p99_ns);
    SIGNED(times, p999_ns);
    printf("}");
}

static void write_function(const mproc_function_stats *function, bool first)
{
    printf("%s{\"name\":\"%s\",\"place\":\"%s\"", first ? "" : ",", function->function, function->where);
    UNSIGNED(function, succeeded);
    UNSIGNED(function, failed);
    UNSIGNED(function, cancelled);
    UNSIGNED(function, died);
    UNSIGNED(function, retried);
    UNSIGNED(function, chunks);
    UNSIGNED(function, items);
    SIGNED(function, queued_ns);
    SIGNED(function, copy_ns);
    SIGNED(function, return_ns);
    write_times("run", &function->run);
    write_times("wait", &function->wait);
    printf("}");
}

static void write_pool(mproc_pool *pool)
{
    static mproc_worker_stats workers[MANY];
    static mproc_function_stats functions[MANY];
    mproc_pool_stats stats;
    int worker_count = mproc_pool_get_worker_stats(pool, workers, MANY, &stats);
    int function_count = mproc_pool_get_function_stats(pool, functions, MANY, NULL);
    must(worker_count, "workers");
    must(function_count, "functions");
    printf("%s{\"counts\":{\"number\":%d", pool == pools[0] ? "" : ",", pool == pools[0] ? 1 : 2);
    write_counts(&stats);
    printf("},\"workers\":[");
    for (int i = 0; i < worker_count; i++)
        write_worker(&workers[i]);
    printf("],\"functions\":[");
    for (int i = 0; i < function_count; i++)
        write_function(&functions[i], i == 0);
    printf("]}");
}

static void write_stats(void)
{
    printf("[");
    for (size_t i = 0; i < pool_count; i++)
        write_pool(pools[i]);
    printf("]\n");
}

/* ---- What it is told ---- */

static void obey(const char *line)
{
    char page[64];
    int count;
    if (sscanf(line, "read %63s", page) == 1)
        finish(submit_page(pools[0], page, 0));
    else if (sscanf(line, "later %d", &count) == 1)
        while (count-- > 0)
            must(mproc_pool_apply_async(pools[0], square, MPROC_ARG(count), NULL, NULL), "submit");
    else if (strcmp(line, "stay\n") == 0)
        staying = submit_page(pools[0], "stay.html", 0);
    else if (strcmp(line, "end\n") == 0)
        finish(staying);
    else if (strcmp(line, "stats\n") == 0)
        write_stats();
}

static void say_ready(void)
{
    puts("ready");
    fflush(stdout);
}

static bool choose_method(const char *name)
{
    mproc_start_method method;
    return mproc_start_method_from_name(name, &method) == 0 && mproc_set_start_method(method, false) == 0;
}

static const struct {
    const char *name;
    void (*happens)(void);
} SCENES[] = { { "work", work }, { "figures", figures }, { "deadlock", deadlock } };

int main(int argc, char **argv)
{
    char line[80];
    mproc_init(argc, argv);
    if (argc < 2 || (argc > 2 && !choose_method(argv[2])))
        return 2;
    for (size_t i = 0; i < sizeof SCENES / sizeof *SCENES; i++)
        if (strcmp(argv[1], SCENES[i].name) == 0)
            SCENES[i].happens();
    if (pool_count == 0)
        return 2;
    say_ready();
    while (fgets(line, sizeof line, stdin) != NULL) {
        obey(line);
        say_ready();
    }
    free_pools();
    return 3;
}
