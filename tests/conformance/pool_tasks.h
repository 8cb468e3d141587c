/* Tasks that several pool tests use. Board word 0 lets those that wait go; word 1 is counted up by them.
 *
 * With --method threads all pools that are made here are of threads, unless their options are about processes. What a
 * process does by dying a thread does by ending itself; and as it cannot be killed, those that wait are let go when
 * their pool is terminated or freed.
 */
#ifndef MPROC_TESTS_POOL_TASKS_H
#define MPROC_TESTS_POOL_TASKS_H

#include "os.h"
#include "test.h"

static inline int test_pool_create(mproc_pool **ret_pool, const mproc_pool_options *options)
{
    mproc_pool_options own = options != NULL ? *options : (mproc_pool_options){ 0 };
    bool processes = own.start_method != MPROC_START_DEFAULT || own.start_timeout_ms != 0 || own.exit_timeout_ms != 0;
    if (test_threads() && !processes)
        own.kind = MPROC_POOL_THREADS;
    return mproc_pool_create(ret_pool, &own);
}

static inline int test_pool_terminate(mproc_pool *pool)
{
    int code = mproc_pool_terminate(pool);
    if (test_threads())
        test_let_go();
    return code;
}

static inline int test_pool_free(mproc_pool *pool)
{
    if (test_threads() && pool != NULL)
        test_pool_terminate(pool);
    return mproc_pool_free(pool);
}

#define mproc_pool_create    test_pool_create
#define mproc_pool_terminate test_pool_terminate
#define mproc_pool_free      test_pool_free

static inline int square(mproc_task *task)
{
    int value;
    if (mproc_task_read(task, &value, sizeof value) < 0)
        return -1;
    value *= value;
    return mproc_task_return(task, &value, sizeof value);
}

static inline int double_item(const void *in, void *out, mproc_task *task)
{
    (void)task;
    *(int *)out = 2 * *(const int *)in;
    return 0;
}

static inline int own_pid(mproc_task *task)
{
    int64_t pid = os_self_pid();
    return mproc_task_return(task, &pid, sizeof pid);
}

static inline int wait_for_board(mproc_task *task)
{
    (void)task;
    atomic_fetch_add(&test_board()[1], 1);
    while (atomic_load(&test_board()[0]) == 0)
        os_sleep_ms(1);
    return 0;
}

static inline int die(mproc_task *task)
{
    (void)task;
    if (test_threads())
        os_thread_exit();
    os_kill(os_self_pid());
    while (atomic_load(&test_board()[0]) == 0)
        os_sleep_ms(1);
    return 0;
}

static inline mproc_pool *make_pool(int workers)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = workers }));
    return pool;
}

/* A task that runs until board word 0 is set. */
static inline mproc_result *submit_stay(mproc_pool *pool)
{
    mproc_result *result;
    CHECK_OK(mproc_pool_apply_async(pool, wait_for_board, MPROC_NO_ARGS, NULL, &result));
    return result;
}

#endif
