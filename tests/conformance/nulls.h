/* Good arguments for the program that tests/checks/nulls.py writes, in which each call has one bad one: NULL. */
#ifndef MPROC_TESTS_NULLS_H
#define MPROC_TESTS_NULLS_H

#include "test.h"

struct given {
    mproc_array array;
    mproc_lock lock;
    mproc_rlock rlock;
    mproc_semaphore semaphore;
    mproc_condition condition;
    mproc_event event;
    mproc_barrier barrier;
    mproc_queue queue;
    mproc_connection connection, other_end;
    mproc_message message;
    mproc_view args;
    mproc_waitable waitable;
    mproc_os_handle handle;
    mproc_process_options process_options;
    mproc_thread_options thread_options;
    mproc_pool *pool;
    mproc_result *result;
    mproc_iter *iter;
    mproc_completed *completed;
    mproc_process *process;
    mproc_thread *thread;
    mproc_task *task;
    mproc_shared_memory *memory;
    mproc_shareable_list *list;
    mproc_shared_memory_manager *manager;
    const char *function;
    uint64_t memory_of[2][512]; /**< for results, and for what is read */
};

static int nulls_function(mproc_task *task)
{
    (void)task;
    return 0;
}

static int nulls_item(const void *in, void *out, mproc_task *task)
{
    (void)task;
    memcpy(out, in, 4);
    return 0;
}

static int nulls_source(void *user, mproc_view *ret_args)
{
    (void)user;
    (void)ret_args;
    return 0;
}

static int nulls_done(const mproc_outcome *outcome, void *user)
{
    (void)outcome;
    (void)user;
    return 0;
}

static bool nulls_predicate(void *user)
{
    (void)user;
    return true;
}

static void nulls_exit(void *user)
{
    (void)user;
}

static void nulls_make_pool(struct given *given)
{
    mproc_pool_options options = { .workers = 1 };
    CHECK_OK(mproc_pool_create(&given->pool, &options));
    CHECK_OK(mproc_pool_apply_async(given->pool, nulls_function, MPROC_NO_ARGS, NULL, &given->result));
    CHECK_OK(mproc_pool_imap(given->pool, nulls_function, nulls_source, NULL, NULL, &given->iter));
    CHECK_OK(mproc_completed_create(&given->completed, &given->result, 1));
}

static void nulls_make(struct given *given)
{
    mproc_queue_options joinable = { .joinable = true };
    CHECK_OK(mproc_array_create(&given->array, 'c', 16, NULL));
    CHECK_OK(mproc_lock_create(&given->lock, NULL));
    CHECK_OK(mproc_rlock_create(&given->rlock, NULL));
    CHECK_OK(mproc_semaphore_create(&given->semaphore, 1, NULL));
    CHECK_OK(mproc_condition_create(&given->condition, NULL));
    CHECK_OK(mproc_event_create(&given->event, NULL));
    CHECK_OK(mproc_barrier_create(&given->barrier, 1, NULL));
    CHECK_OK(mproc_queue_create(&given->queue, &joinable));
    CHECK_OK(mproc_pipe_create(&given->connection, &given->other_end, NULL));
    CHECK_OK(mproc_queue_put(given->queue, "message", 7, 0));
    CHECK_OK(mproc_connection_send(given->other_end, "message", 7, 0));
    CHECK_OK(mproc_shared_memory_manager_create(&given->manager));
    CHECK_OK(mproc_shared_memory_manager_create_memory(given->manager, 64, &given->memory));
    CHECK_OK(mproc_shared_memory_manager_create_list(given->manager, &(mproc_shareable_item){ 0 }, 1, &given->list));
    given->process_options.function = given->thread_options.function = nulls_function;
    CHECK_OK(mproc_process_create(&given->process, &given->process_options));
    CHECK_OK(mproc_thread_create(&given->thread, &given->thread_options));
    given->waitable = mproc_waitable_queue(given->queue);
    given->args = MPROC_NO_ARGS;
}

static void nulls_unmake(struct given *given)
{
    if (given->pool != NULL) {
        mproc_completed_free(given->completed);
        mproc_iter_free(given->iter);
        mproc_pool_terminate(given->pool);
        mproc_pool_free(given->pool);
    }
    mproc_process_free(given->process);
    mproc_thread_free(given->thread);
    mproc_shareable_list_free(given->list);
    mproc_shared_memory_free(given->memory);
    mproc_shared_memory_manager_free(given->manager);
}

/* Before each call: what a crash was in is the last line of the output. */
static void nulls_begin(struct given *given, const char *function, const char *argument)
{
    given->function = function;
    memset(given->memory_of, 0, sizeof given->memory_of);
    fprintf(stderr, "%s: %s is NULL\n", function, argument);
}

/* After a call that may succeed. What stays when this process has ended is freed. */
static void nulls_done_with(struct given *given, int code)
{
    void *made;
    memcpy(&made, given->memory_of[0], sizeof made);
    CHECK(code != MPROC_E_INTERNAL);
    if (code == 0 && strcmp(given->function, "mproc_shared_memory_create") == 0) {
        CHECK_OK(mproc_shared_memory_unlink(mproc_shared_memory_get_name(made)));
        CHECK_OK(mproc_shared_memory_free(made));
    } else if (code == 0 && strcmp(given->function, "mproc_shareable_list_create") == 0) {
        CHECK_OK(mproc_shared_memory_unlink(mproc_shareable_list_get_name(made)));
        CHECK_OK(mproc_shareable_list_free(made));
    }
}

static int nulls_run(void (*call)(struct given *given), mproc_task *task, int with_pool)
{
    static struct given given;
    nulls_make(&given);
    if (with_pool)
        nulls_make_pool(&given);
    given.task = task;
    call(&given);
    nulls_unmake(&given);
    return 0;
}

/* Calls that only a process's function can make. */
static void nulls_run_inside(mproc_task_fn *child)
{
    int32_t argument = 1;
    CHECK_EQ(test_finish(test_start(child, MPROC_ARG(argument))), 0);
}

#endif
