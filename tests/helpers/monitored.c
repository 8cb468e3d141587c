/* A program to be watched: monitored WHAT. It says "ready" once that has happened, and ends with its standard input,
 * and exit code 3.
 *
 *     work       a pool of two workers: 100 tasks done, one that failed, one that its worker died of
 *     deadlock   two workers, each of which holds what the other waits for
 */
#include <mproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TASKS 100

static void must(int code, const char *what)
{
    if (code >= 0)
        return;
    mproc_perror(what);
    exit(1);
}

static mproc_pool *make_pool(const char *name)
{
    mproc_pool *pool;
    must(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .name = name, .monitor_control = 1 }), name);
    return pool;
}

static void wait_for_end(mproc_pool *pool)
{
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    must(mproc_pool_terminate(pool), "terminate");
    must(mproc_pool_join(pool, MPROC_FOREVER), "join");
    must(mproc_pool_free(pool), "free");
}

/* ---- Work ---- */

static int square(mproc_task *task)
{
    int value = *(const int *)mproc_task_get_argument(task).data;
    value *= value;
    return mproc_task_return(task, &value, sizeof value);
}

static int read_page(mproc_task *task)
{
    const char *page = mproc_task_get_argument(task).data;
    if (strcmp(page, "crash.html") == 0)
        abort();
    return mproc_task_fail(task, -5, "no such page");
}

static void run_page(mproc_pool *pool, const char *page)
{
    mproc_result *result;
    must(mproc_pool_apply_async(pool, read_page, (mproc_view){ page, strlen(page) + 1 }, NULL, &result), page);
    must(mproc_result_wait(result, MPROC_FOREVER), page);
    must(mproc_result_free(result), page);
}

static void work(void)
{
    mproc_result *results[TASKS];
    mproc_pool *pool = make_pool("pages");
    for (int i = 0; i < TASKS; i++)
        must(mproc_pool_apply_async(pool, square, MPROC_ARG(i), NULL, &results[i]), "submit");
    for (int i = 0; i < TASKS; i++) {
        must(mproc_result_wait(results[i], MPROC_FOREVER), "wait");
        must(mproc_result_free(results[i]), "free");
    }
    run_page(pool, "none.html");
    run_page(pool, "crash.html");
    wait_for_end(pool);
}

/* ---- Deadlock ---- */

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
    mproc_result *results[2];
    mproc_pool *pool = make_pool("crawler");
    must(mproc_lock_create(&pair.first, &(mproc_lock_options){ .name = "pages" }), "lock");
    must(mproc_lock_create(&pair.second, &(mproc_lock_options){ .name = "seen" }), "lock");
    must(mproc_barrier_create(&pair.both, 2, NULL), "barrier");
    struct pair other = { pair.second, pair.first, pair.both };
    must(mproc_pool_apply_async(pool, take_both, MPROC_ARG(pair), NULL, &results[0]), "submit");
    must(mproc_pool_apply_async(pool, take_both, MPROC_ARG(other), NULL, &results[1]), "submit");
    wait_for_end(pool);
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    if (argc == 2 && strcmp(argv[1], "work") == 0)
        work();
    else if (argc == 2 && strcmp(argv[1], "deadlock") == 0)
        deadlock();
    else
        return 2;
    return 3;
}
