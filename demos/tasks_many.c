/* The examples about numbers: many tasks, many processes, and what they cost. */
#include "system.h"
#include "tasks.h"

#include <stdlib.h>

#define MANY 50000

static int echo(mproc_task *task)
{
    mproc_view argument = mproc_task_get_argument(task);
    return mproc_task_return(task, argument.data, argument.size);
}

static void free_results(mproc_result **results, int count)
{
    for (int i = 0; i < count; i++)
        mproc_result_free(results[i]);
    free(results);
}

int example_collect(const struct settings *settings)
{
    mproc_pool *pool;
    int code = open_pool(settings, 10, &pool);
    if (code < 0)
        return code;
    mproc_result **results = calloc(MANY, sizeof *results);
    double started = system_now();
    for (int i = 0; results && i < MANY && code == 0; i++)
        code = mproc_pool_apply_async(pool, echo, MPROC_ARG(i), NULL, &results[i]);
    code = end_pool(pool, results ? code : MPROC_E_NO_MEMORY);
    long long sum = 0;
    for (int i = 0; code == 0 && i < MANY; i++) {
        int value = -1;
        code = mproc_result_get(results[i], MPROC_FOREVER, &value, sizeof value, NULL);
        sum += value;
    }
    say("%d results, their sum is %lld, %.3f s\n", MANY, sum, system_now() - started);
    free_results(results, results ? MANY : 0);
    return code;
}

static int is_the_one(mproc_task *task)
{
    struct job job;
    int code = mproc_task_read(task, &job, sizeof job);
    if (code < 0)
        return code;
    system_sleep(job.seconds);
    int found = job.number == 10000;
    return mproc_task_return(task, &found, sizeof found);
}

int example_stop(const struct settings *settings)
{
    mproc_pool *pool;
    int code = open_pool(settings, 10, &pool);
    if (code < 0)
        return code;
    mproc_result **results = calloc(MANY, sizeof *results);
    double started = system_now();
    for (int i = 0; results && i < MANY && code == 0; i++) {
        struct job job = { i, 0.001 * settings->scale };
        code = mproc_pool_apply_async(pool, is_the_one, MPROC_ARG(job), NULL, &results[i]);
    }
    double submitted = system_now();
    int found = 0, next = 0;
    while (results && code == 0 && !found && next < MANY)
        code = mproc_result_get(results[next++], MPROC_FOREVER, &found, sizeof found, NULL);
    double stopping = system_now();
    mproc_pool_terminate(pool);
    code = end_pool(pool, results ? code : MPROC_E_NO_MEMORY);
    say("submitted in %.3f s, number %d was it after %.3f s, terminated in %.3f s\n", submitted - started, next - 1,
        stopping - started, system_now() - stopping);
    free_results(results, results ? MANY : 0);
    return code;
}

/* ---- Workers stay the same ---- */

static int nap(mproc_task *task)
{
    double seconds;
    int code = mproc_task_read(task, &seconds, sizeof seconds);
    if (code == 0)
        system_sleep(seconds);
    return code;
}

int example_pids(const struct settings *settings)
{
    enum { WORKERS = 4, TASKS = 100 };
    mproc_pool *pool;
    int code = open_pool(settings, WORKERS, &pool);
    if (code < 0)
        return code;
    double seconds[TASKS];
    for (int i = 0; i < TASKS; i++)
        seconds[i] = 0.1 * settings->scale;
    mproc_result *result;
    code = mproc_pool_map_results(pool, nap, seconds, sizeof *seconds, TASKS, NULL, &result);
    if (code < 0)
        return end_pool(pool, code);
    int64_t pids[TASKS];
    for (int i = 0; i < TASKS && code == 0; i++) {
        mproc_outcome outcome;
        code = mproc_result_get_item(result, (size_t)i, &outcome);
        if (code == 0)
            code = outcome.code;
        pids[i] = outcome.pid;
    }
    mproc_result_free(result);
    if (code == 0)
        say("%d tasks ran in %d different processes; the pool has %d workers\n", TASKS,
            (int)count_different(pids, TASKS), WORKERS);
    return end_pool(pool, code);
}

/* ---- A pool against processes ---- */

static int add_up(mproc_task *task)
{
    int sum = 0;
    for (int i = 0; i < 10; i++)
        sum += i;
    return mproc_task_return(task, &sum, sizeof sum);
}

static int run_in_pool(const struct settings *settings, int count, double *ret_seconds)
{
    double started = system_now();
    mproc_pool *pool;
    int code = open_pool(settings, 5, &pool);
    for (int i = 0; i < count && code == 0; i++)
        code = mproc_pool_apply_async(pool, add_up, MPROC_NO_ARGS, NULL, NULL);
    if (code == 0)
        code = end_pool(pool, code);
    *ret_seconds = system_now() - started;
    return code;
}

static int run_in_processes(const struct settings *settings, int count, double *ret_seconds)
{
    double started = system_now();
    mproc_process *processes[100] = { NULL };
    int code = 0;
    for (int i = 0; i < count && code == 0; i++) {
        code = mproc_process_create(&processes[i],
                                    &(mproc_process_options){ .function = add_up, .start_method = settings->method });
        if (code == 0)
            code = mproc_process_start(processes[i]);
    }
    for (int i = 0; i < count; i++) {
        if (code == 0)
            code = mproc_process_join(processes[i], MPROC_FOREVER);
        mproc_process_free(processes[i]);
    }
    *ret_seconds = system_now() - started;
    return code;
}

int example_processes(const struct settings *settings)
{
    double pooled, single;
    int code = run_in_pool(settings, 100, &pooled);
    if (code == 0)
        code = run_in_processes(settings, 100, &single);
    if (code == 0)
        say("100 tasks in a pool of 5: %.4f s; in 100 processes: %.4f s; ratio %.1f\n", pooled, single,
            single / pooled);
    return code;
}

/* ---- Where get belongs ---- */

static int get_inside(const struct settings *settings, mproc_pool *pool, int count)
{
    double seconds = 0.01 * settings->scale;
    int code = 0;
    for (int i = 0; i < count && code == 0; i++) {
        mproc_result *result;
        code = mproc_pool_apply_async(pool, nap, MPROC_ARG(seconds), NULL, &result);
        if (code == 0) {
            code = mproc_result_get(result, MPROC_FOREVER, NULL, 0, NULL);
            mproc_result_free(result);
        }
    }
    return code;
}

static int get_afterwards(const struct settings *settings, mproc_pool *pool, int count)
{
    double seconds = 0.01 * settings->scale;
    mproc_result **results = calloc((size_t)count, sizeof *results);
    int code = results ? 0 : MPROC_E_NO_MEMORY;
    for (int i = 0; i < count && code == 0; i++)
        code = mproc_pool_apply_async(pool, nap, MPROC_ARG(seconds), NULL, &results[i]);
    for (int i = 0; i < count && code == 0; i++)
        code = mproc_result_get(results[i], MPROC_FOREVER, NULL, 0, NULL);
    free_results(results, results ? count : 0);
    return code;
}

int example_wrong_way(const struct settings *settings)
{
    mproc_pool *pool;
    int code = open_pool(settings, 10, &pool);
    if (code < 0)
        return code;
    double started = system_now();
    code = get_inside(settings, pool, 500);
    double between = system_now();
    if (code == 0)
        code = get_afterwards(settings, pool, 500);
    double ended = system_now();
    say("500 tasks, get inside the loop: %.3f s, one at a time; get after the loop: %.3f s, ten at a time\n",
        between - started, ended - between);
    return end_pool(pool, code);
}
