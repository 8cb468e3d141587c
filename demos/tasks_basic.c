/* The examples that show what each call of a pool does. */
#include "system.h"
#include "tasks.h"

#include <stdlib.h>
#include <string.h>

/* Prints its number after some time. */
static int slow_print(mproc_task *task)
{
    struct job job;
    int code = mproc_task_read(task, &job, sizeof job);
    if (code < 0)
        return code;
    system_sleep(job.seconds);
    say("task %d\n", job.number);
    return 0;
}

static int submit_slow_prints(mproc_pool *pool, int count, double seconds)
{
    int code = 0;
    for (int i = 0; i < count && code == 0; i++) {
        struct job job = { i, seconds };
        code = mproc_pool_apply_async(pool, slow_print, MPROC_ARG(job), NULL, NULL);
    }
    return code;
}

int example_limit(const struct settings *settings)
{
    mproc_pool *pool;
    double started = system_now();
    int code = open_pool(settings, 5, &pool);
    if (code < 0)
        return code;
    code = end_pool(pool, submit_slow_prints(pool, 30, settings->scale));
    say("30 tasks of %.2f s in 5 workers took %.2f s\n", settings->scale, system_now() - started);
    if (code < 0)
        return code;

    started = system_now();
    code = open_pool(settings, 5, &pool);
    if (code < 0)
        return code;
    code = submit_slow_prints(pool, 30, settings->scale);
    system_sleep(2 * settings->scale);
    mproc_pool_terminate(pool);
    code = end_pool(pool, code);
    say("terminated, ended after %.2f s\n", system_now() - started);
    return code;
}

/* ---- map ---- */

static int print_item(const void *in, void *out, mproc_task *task)
{
    (void)out;
    (void)task;
    say("%d\n", *(const int *)in);
    return 0;
}

static int square_item(const void *in, void *out, mproc_task *task)
{
    (void)task;
    *(int *)out = *(const int *)in * *(const int *)in;
    return 0;
}

int example_map(const struct settings *settings)
{
    mproc_pool *pool;
    int code = open_pool(settings, 2, &pool);
    if (code < 0)
        return code;
    const int list[] = { 1, 2, 3 };
    mproc_task_options one_by_one = { .chunk_size = 1 };
    code = end_pool(pool, mproc_pool_map(pool, print_item, list, sizeof *list, 3, NULL, 0, &one_by_one));
    if (code < 0)
        return code;

    code = open_pool(settings, mproc_get_cpu_count(), &pool);
    if (code < 0)
        return code;
    int numbers[10], squares[10];
    for (int i = 0; i < 10; i++)
        numbers[i] = i;
    code =
        end_pool(pool, mproc_pool_map(pool, square_item, numbers, sizeof *numbers, 10, squares, sizeof *squares, NULL));
    say("squares:");
    for (int i = 0; i < 10; i++)
        say(" %d", squares[i]);
    say("\n");
    return code;
}

/* ---- Submitting with and without waiting ---- */

int example_async(const struct settings *settings)
{
    mproc_pool *pool;
    int code = open_pool(settings, 10, &pool);
    if (code < 0)
        return code;
    code = submit_slow_prints(pool, 500, 0.01 * settings->scale);
    say("test\n");
    return end_pool(pool, code);
}

int example_sync(const struct settings *settings)
{
    mproc_pool *pool;
    int code = open_pool(settings, 10, &pool);
    if (code < 0)
        return code;
    for (int i = 0; i < 500 && code == 0; i++) {
        struct job job = { i, 3 * settings->scale };
        code = mproc_pool_apply(pool, slow_print, MPROC_ARG(job), NULL, NULL, 0, NULL);
    }
    say("test\n");
    return end_pool(pool, code);
}

struct message {
    double seconds;
    char text[32];
};

static int show_message(mproc_task *task)
{
    struct message message;
    int code = mproc_task_read(task, &message, sizeof message);
    if (code < 0)
        return code;
    say("msg: %s\n", message.text);
    system_sleep(message.seconds);
    say("end\n");
    mproc_view parts[] = { { "done", 4 }, { message.text, strlen(message.text) } };
    return mproc_task_return_parts(task, parts, 2);
}

static struct message make_message(const struct settings *settings, int number)
{
    struct message message = { .seconds = 3 * settings->scale };
    snprintf(message.text, sizeof message.text, "hello %d", number);
    return message;
}

static int mark(const struct settings *settings, int blocking)
{
    mproc_pool *pool;
    int code = open_pool(settings, 3, &pool);
    if (code < 0)
        return code;
    for (int i = 0; i < 4 && code == 0; i++) {
        struct message message = make_message(settings, i);
        char answer[11]; /* "donehello 0" */
        code = blocking ? mproc_pool_apply(pool, show_message, MPROC_ARG(message), NULL, answer, sizeof answer, NULL)
                        : mproc_pool_apply_async(pool, show_message, MPROC_ARG(message), NULL, NULL);
    }
    say("Mark~ Mark~ Mark~~~~~~~~~~~~~~~~~~~~~~\n");
    code = end_pool(pool, code);
    say("Sub-process(es) done.\n");
    return code;
}

int example_mark(const struct settings *settings)
{
    int code = mark(settings, 0);
    return code < 0 ? code : mark(settings, 1);
}

int example_done(const struct settings *settings)
{
    mproc_pool *pool;
    int code = open_pool(settings, 4, &pool);
    if (code < 0)
        return code;
    mproc_result *results[3] = { NULL, NULL, NULL };
    for (int i = 0; i < 3 && code == 0; i++) {
        struct message message = make_message(settings, i);
        code = mproc_pool_apply_async(pool, show_message, MPROC_ARG(message), NULL, &results[i]);
    }
    mproc_pool_close(pool);
    mproc_pool_join(pool, MPROC_FOREVER);
    for (int i = 0; i < 3 && code == 0; i++) {
        mproc_outcome outcome;
        code = mproc_result_get_outcome(results[i], MPROC_FOREVER, &outcome);
        if (code == 0)
            say("::: %.*s\n", (int)outcome.value.size, (const char *)outcome.value.data);
    }
    for (int i = 0; i < 3; i++)
        mproc_result_free(results[i]);
    say("Sub-process(es) done.\n");
    return end_pool(pool, code);
}

/* ---- Functions ---- */

static int run_named(mproc_task *task, const char *name, double most)
{
    double scale;
    int code = mproc_task_read(task, &scale, sizeof scale);
    if (code < 0)
        return code;
    say("Run task %s-%lld\n", name, own_pid());
    srand((unsigned)own_pid());
    double started = system_now();
    system_sleep(most * scale * rand() / RAND_MAX);
    say("Task %s runs %.2f seconds.\n", name, system_now() - started);
    return 0;
}

static int lee(mproc_task *task)
{
    return run_named(task, "Lee", 10);
}

static int marlon(mproc_task *task)
{
    return run_named(task, "Marlon", 40);
}

static int allen(mproc_task *task)
{
    return run_named(task, "Allen", 30);
}

static int frank(mproc_task *task)
{
    return run_named(task, "Frank", 20);
}

int example_names(const struct settings *settings)
{
    mproc_task_fn *const functions[] = { lee, marlon, allen, frank };
    mproc_pool *pool;
    int code = open_pool(settings, 4, &pool);
    if (code < 0)
        return code;
    say("parent process %lld\n", own_pid());
    for (int i = 0; i < 4 && code == 0; i++)
        code = mproc_pool_apply_async(pool, functions[i], MPROC_ARG(settings->scale), NULL, NULL);
    say("Waiting for all subprocesses done...\n");
    code = end_pool(pool, code);
    say("All subprocesses done.\n");
    return code;
}

/* An object whose behaviour is a function pointer. Only the pointer is needed here: what the function needs to know
 * travels in its items. */
struct create_logger {
    mproc_item_fn *function;
};

int example_object(const struct settings *settings)
{
    struct create_logger logger = { print_item };
    mproc_pool *pool;
    int code = open_pool(settings, 0, &pool);
    if (code < 0)
        return code;
    int list[10];
    for (int i = 0; i < 10; i++)
        list[i] = i;
    code = mproc_pool_map(pool, logger.function, list, sizeof *list, 10, NULL, 0, NULL);
    say("hello------------>\n");
    return end_pool(pool, code);
}

static int square(mproc_task *task)
{
    struct job job;
    int code = mproc_task_read(task, &job, sizeof job);
    if (code < 0)
        return code;
    say("%lld run\n", own_pid());
    system_sleep(job.seconds);
    int result = job.number * job.number;
    return mproc_task_return(task, &result, sizeof result);
}

static void print_squares(const char *how, const int *squares, double seconds)
{
    say("%s:", how);
    for (int i = 0; i < 10; i++)
        say(" %d", squares[i]);
    say(" in %.2f s\n", seconds);
}

static int squares_at_once(const struct settings *settings, mproc_pool *pool, int *squares)
{
    mproc_result *results[10] = { NULL };
    int code = 0;
    for (int i = 0; i < 10 && code == 0; i++) {
        struct job job = { i, settings->scale * rand() / RAND_MAX };
        code = mproc_pool_apply_async(pool, square, MPROC_ARG(job), NULL, &results[i]);
    }
    for (int i = 0; i < 10; i++) {
        if (code == 0)
            code = mproc_result_get(results[i], MPROC_FOREVER, &squares[i], sizeof squares[i], NULL);
        mproc_result_free(results[i]);
    }
    return code;
}

int example_square(const struct settings *settings)
{
    mproc_pool *pool;
    int code = open_pool(settings, 3, &pool);
    if (code < 0)
        return code;
    int squares[10] = { 0 };
    double started = system_now();
    for (int i = 0; i < 10 && code == 0; i++) {
        struct job job = { i, 3 * settings->scale };
        code = mproc_pool_apply(pool, square, MPROC_ARG(job), NULL, &squares[i], sizeof squares[i], NULL);
    }
    print_squares("apply", squares, system_now() - started);
    started = system_now();
    if (code == 0)
        code = squares_at_once(settings, pool, squares);
    print_squares("apply_async", squares, system_now() - started);
    return end_pool(pool, code);
}

/* ---- Outcomes ---- */

static int fail(mproc_task *task)
{
    return mproc_task_fail(task, -5, "no such user %d", 42);
}

static int crash(mproc_task *task)
{
    (void)task;
    abort();
}

static void show_result(const char *title, mproc_result *result, int64_t timeout_ms)
{
    int value = 0;
    int code = mproc_result_get(result, timeout_ms, &value, sizeof value, NULL);
    char text[512];
    if (code < 0)
        snprintf(text, sizeof text, "(%s)", mproc_last_error());
    else
        snprintf(text, sizeof text, "%d", value);
    bool ready = mproc_result_is_ready(result);
    /* In one piece: a worker may be printing at the same time. */
    say("%-12s get: %s %s, ready: %d, successful: %s\n", title,
        code > -10000 && code < 0 ? "the task's own code" : mproc_error_name(code), text, ready,
        !ready                               ? "not ready"
        : mproc_result_is_successful(result) ? "yes"
                                             : "no");
}

static int show_ended(mproc_pool *pool, const char *title, mproc_task_fn *function, struct job job)
{
    mproc_result *result;
    int code = mproc_pool_apply_async(pool, function, MPROC_ARG(job), NULL, &result);
    if (code < 0)
        return code;
    show_result(title, result, MPROC_FOREVER);
    return mproc_result_free(result);
}

/* One worker: what is behind a slow task has not started. */
static int show_unfinished(const struct settings *settings, mproc_pool *pool)
{
    struct job job = { 3, settings->scale };
    mproc_result *slow, *waiting, *last;
    int code = mproc_pool_apply_async(pool, square, MPROC_ARG(job), NULL, &slow);
    if (code < 0)
        return code;
    code = mproc_pool_apply_async(pool, square, MPROC_ARG(job), NULL, &waiting);
    if (code == 0) {
        show_result("too early", slow, 1);
        say("cancel the second: %d\n", mproc_result_cancel(waiting));
        show_result("cancelled", waiting, MPROC_FOREVER);
        mproc_result_free(waiting);
        mproc_result_wait(slow, MPROC_FOREVER);
        show_result("in time", slow, 0);
        say("cancel the first: %s\n",
            mproc_result_cancel(slow) == MPROC_WAS_FINISHED ? "it was finished" : "it was not finished");
    }
    mproc_result_free(slow);
    job.seconds = 3600;
    if (code == 0)
        code = mproc_pool_apply_async(pool, square, MPROC_ARG(job), NULL, &last);
    if (code == 0) {
        mproc_pool_terminate(pool);
        show_result("terminated", last, MPROC_FOREVER);
        mproc_result_free(last);
    }
    return code;
}

int example_outcomes(const struct settings *settings)
{
    mproc_pool *pool;
    int code = open_pool(settings, 1, &pool);
    if (code < 0)
        return code;
    struct job job = { 3, 0 };
    code = show_ended(pool, "success", square, job);
    if (code == 0)
        code = show_ended(pool, "failure", fail, job);
    if (code == 0)
        code = show_ended(pool, "crash", crash, job);
    if (code == 0)
        code = show_unfinished(settings, pool);
    return end_pool(pool, code);
}

/* ---- Initializer and replacement ---- */

static char greeting[32];

static int keep_greeting(mproc_task *task)
{
    return mproc_task_read(task, greeting, sizeof greeting);
}

static int greet(mproc_task *task)
{
    int64_t pid = own_pid();
    say("%s, worker %d\n", greeting, mproc_task_get_worker(task));
    return mproc_task_return(task, &pid, sizeof pid);
}

int example_renew(const struct settings *settings)
{
    char text[sizeof greeting] = "good day";
    mproc_pool_options options = { .workers = 2,
                                   .start_method = settings->method,
                                   .initializer = keep_greeting,
                                   .initializer_args = MPROC_ARG(text),
                                   .max_tasks_per_worker = 3 };
    mproc_pool *pool;
    int code = mproc_pool_create(&pool, &options);
    if (code < 0)
        return code;
    int64_t pids[12];
    for (int i = 0; i < 12 && code == 0; i++)
        code = mproc_pool_apply(pool, greet, MPROC_NO_ARGS, NULL, &pids[i], sizeof pids[i], NULL);
    if (code == 0)
        say("12 tasks, at most 3 per worker: %d different workers\n", (int)count_different(pids, 12));
    return end_pool(pool, code);
}
