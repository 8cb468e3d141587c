/* Tasks that several pool tests use. Board word 0 lets those that wait go; word 1 is counted up by them. */
#ifndef MPROC_TESTS_POOL_TASKS_H
#define MPROC_TESTS_POOL_TASKS_H

#include "test.h"

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
