/* A program with one pool after the other, for tests of what is looked at when one is over.
 *
 * usage: successive NAME...     a pool of each name, until there is a file of that name
 *
 * Each does one task and rests, but for some: the workers of "stuck" wait for each other; "busy" does one task after
 * the other, and now and then a worker dies of one; that of "long" does not come to the end of one; the workers of
 * "brisk", which are eight, do 2,000 tasks a second.
 */
#include <mproc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS 10

#define BRISK_TASKS   20
#define BRISK_WORKERS 8

static bool is_there(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (file != NULL)
        fclose(file);
    return file != NULL;
}

static int work(mproc_task *task)
{
    (void)task;
    return 0;
}

/* ---- Pools with more to do ---- */

struct pair {
    mproc_lock own, other;
    mproc_event here, there;
};

static int hold_and_wait(mproc_task *task)
{
    const struct pair *pair = mproc_task_get_argument(task).data;
    int code = mproc_lock_acquire(pair->own, MPROC_FOREVER);
    if (code == 0)
        code = mproc_event_set(pair->here);
    if (code == 0)
        code = mproc_event_wait(pair->there, MPROC_FOREVER);
    return code < 0 ? code : mproc_lock_acquire(pair->other, MPROC_FOREVER);
}

static int get_stuck(mproc_pool *pool)
{
    struct pair one, two;
    int code = mproc_lock_create(&one.own, &(mproc_lock_options){ .name = "left" });
    if (code == 0)
        code = mproc_lock_create(&one.other, &(mproc_lock_options){ .name = "right" });
    if (code == 0)
        code = mproc_event_create(&one.here, NULL);
    if (code == 0)
        code = mproc_event_create(&one.there, NULL);
    two = (struct pair){ one.other, one.own, one.there, one.here };
    if (code == 0)
        code = mproc_pool_apply_async(pool, hold_and_wait, MPROC_ARG(one), NULL, NULL);
    return code < 0 ? code : mproc_pool_apply_async(pool, hold_and_wait, MPROC_ARG(two), NULL, NULL);
}

static int die(mproc_task *task)
{
    (void)task;
    _Exit(3);
}

/* Seldom enough that the pool goes on. */
static int be_busy(mproc_pool *pool, int round)
{
    if (round % 20 != 0)
        return mproc_pool_apply(pool, work, (mproc_view){ 0 }, NULL, NULL, 0, NULL);
    int code = mproc_pool_apply(pool, die, (mproc_view){ 0 }, NULL, NULL, 0, NULL);
    return code == MPROC_E_WORKER_DIED ? 0 : -1;
}

/* So many with each look. */
static int be_brisk(mproc_pool *pool)
{
    int code = 0;
    for (int i = 0; code >= 0 && i < BRISK_TASKS; i++)
        code = mproc_pool_apply_async(pool, work, (mproc_view){ 0 }, NULL, NULL);
    return code;
}

static int last_long(mproc_task *task)
{
    return mproc_event_wait(*(const mproc_event *)mproc_task_get_argument(task).data, MPROC_FOREVER);
}

/* ---- One pool ---- */

static int begin_work(mproc_pool *pool, const char *name, mproc_event never)
{
    if (strcmp(name, "stuck") == 0)
        return get_stuck(pool);
    if (strcmp(name, "long") == 0)
        return mproc_pool_apply_async(pool, last_long, MPROC_ARG(never), NULL, NULL);
    return mproc_pool_apply(pool, work, (mproc_view){ 0 }, NULL, NULL, 0, NULL);
}

static int workers_of(const char *name)
{
    return strcmp(name, "stuck") == 0 ? 2 : strcmp(name, "brisk") == 0 ? BRISK_WORKERS : 1;
}

static int do_more(mproc_pool *pool, const char *name, int round)
{
    if (strcmp(name, "busy") == 0)
        return be_busy(pool, round);
    return strcmp(name, "brisk") == 0 ? be_brisk(pool) : 0;
}

static int end_pool(mproc_pool *pool, bool is_at_rest)
{
    int code = is_at_rest ? mproc_pool_close(pool) : mproc_pool_terminate(pool);
    return code < 0 ? code : mproc_pool_join(pool, MPROC_FOREVER);
}

static int run_pool(const char *name, mproc_event never)
{
    mproc_pool *pool;
    bool is_stuck = strcmp(name, "stuck") == 0;
    const mproc_pool_options options = { .workers = workers_of(name), .name = name, .monitor = 1 };
    int code = mproc_pool_create(&pool, &options);
    if (code < 0)
        return code;
    code = begin_work(pool, name, never);
    for (int round = 1; code == 0 && !is_there(name); round++) {
        code = mproc_event_wait(never, LOOK_MS) == MPROC_E_TIMEOUT ? 0 : -1;
        if (code == 0)
            code = do_more(pool, name, round);
    }
    if (code == 0)
        code = end_pool(pool, !is_stuck && strcmp(name, "long") != 0);
    int freed = mproc_pool_free(pool);
    return code < 0 ? code : freed;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    mproc_event never;
    int code = mproc_event_create(&never, NULL);
    for (int i = 1; i < argc && code == 0; i++)
        code = run_pool(argv[i], never);
    if (code < 0)
        mproc_perror("successive");
    return code < 0;
}
