/* Threads that the program cancels: no call of the library is a cancellation point, as base.h promises. A thread that
 * is cancelled while it waits in one goes on to the call's end, and nothing is left locked or half done.
 *
 * Two ways to see it. A thread that is cancelled while it waits: whether it has come back from the wait, and the object
 * still works. And one whose cancellation is pending from the start, so that the first cancellation point anywhere in
 * what it calls would end it: whether it comes through to the end.
 */
#include "pool_tasks.h"
#include <pthread.h>

struct actor {
    void (*act)(void);
    _Atomic bool in, through;
};

static void *run_actor(void *argument)
{
    struct actor *actor = argument;
    int before;
    /* What leads to the call is the test's own. */
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before);
    atomic_store(&actor->in, true);
    actor->act();
    atomic_store(&actor->through, true);
    pthread_testcancel();
    return NULL;
}

/* The end of a cancelled thread that came through: by cancellation, but after the call. */
static void check_through(struct actor *actor, pthread_t thread)
{
    void *end;
    CHECK_EQ(pthread_join(thread, &end), 0);
    CHECK(end == PTHREAD_CANCELED);
    CHECK(atomic_load(&actor->through));
}

/* ---- Cancelled while it waits ---- */

static struct {
    mproc_pool *pool;
    mproc_result *result;
    mproc_lock lock;
    mproc_event event;
    mproc_queue queue;
    mproc_connection ends[2];
    mproc_process *process;
} used;

static void wait_for_the_result(void)
{
    CHECK_OK(mproc_result_get(used.result, test_limit_ms(60000), NULL, 0, NULL));
}

static void wait_for_the_results(void)
{
    CHECK_EQ(mproc_wait_results(&used.result, 1, MPROC_WAIT_FOR_ALL, test_limit_ms(60000), NULL), 1);
}

static void wait_for_any(void)
{
    mproc_waitable waitable = mproc_waitable_result(used.result);
    CHECK_EQ(mproc_wait_any(&waitable, 1, test_limit_ms(60000)), 1);
}

static void wait_for_the_lock(void)
{
    CHECK_OK(mproc_lock_acquire(used.lock, test_limit_ms(60000)));
    CHECK_OK(mproc_lock_release(used.lock));
}

static void wait_for_the_event(void)
{
    CHECK_OK(mproc_event_wait(used.event, test_limit_ms(60000)));
}

static void wait_for_the_queue(void)
{
    int value;
    CHECK_OK(mproc_queue_get(used.queue, test_limit_ms(60000), &value, sizeof value, NULL));
}

static void wait_for_the_pipe(void)
{
    int value;
    CHECK_OK(mproc_connection_recv(used.ends[0], test_limit_ms(60000), &value, sizeof value, NULL));
}

static void wait_for_the_process(void)
{
    CHECK_OK(mproc_process_join(used.process, test_limit_ms(60000)));
}

static void join_the_pool(void)
{
    CHECK_OK(mproc_pool_join(used.pool, test_limit_ms(60000)));
}

struct waiter {
    struct actor actor;
    pthread_t thread;
};

/* Starts waiters, two for those that may lead or follow, and cancels them in their waits. They have to be in there, or
 * the test shows less: so it is given a moment, on which nothing depends. */
static void start_and_cancel(struct waiter *waiters, void (*const *acts)(void), size_t count)
{
    for (size_t i = 0; i < count; i++) {
        waiters[i].actor.act = acts[i];
        CHECK_EQ(pthread_create(&waiters[i].thread, NULL, run_actor, &waiters[i].actor), 0);
        WAIT_UNTIL(atomic_load(&waiters[i].actor.in));
    }
    os_sleep_ms(50);
    for (size_t i = 0; i < count; i++)
        CHECK_EQ(pthread_cancel(waiters[i].thread), 0);
    os_sleep_ms(20);
}

static void cancelled_in_the_waits_of_a_pool(void)
{
    static void (*const acts[])(void) = { wait_for_the_result, wait_for_the_result, wait_for_the_results,
                                          wait_for_any };
    struct waiter waiters[TEST_COUNT(acts)] = { 0 }, joiner[1] = { 0 };
    int value = 4;
    used.pool = make_pool(1);
    used.result = submit_stay(used.pool);
    start_and_cancel(waiters, acts, TEST_COUNT(acts));
    CHECK_CODE(mproc_result_wait(used.result, 1), MPROC_E_TIMEOUT);
    test_let_go();
    for (size_t i = 0; i < TEST_COUNT(acts); i++)
        check_through(&waiters[i].actor, waiters[i].thread);
    CHECK_OK(mproc_result_get(used.result, test_limit_ms(30000), NULL, 0, NULL));
    CHECK_OK(mproc_result_free(used.result));
    CHECK_OK(mproc_pool_apply(used.pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
    CHECK_EQ(value, 16);
    atomic_store(&test_board()[0], 0);
    CHECK_OK(mproc_pool_apply_async(used.pool, wait_for_board, MPROC_NO_ARGS, NULL, NULL));
    CHECK_OK(mproc_pool_close(used.pool));
    start_and_cancel(joiner, (void (*const[])(void)){ join_the_pool }, 1);
    test_let_go();
    check_through(&joiner[0].actor, joiner[0].thread);
    CHECK_OK(mproc_pool_free(used.pool));
}

static void cancelled_in_waits_for_processes_and_objects(void)
{
    static void (*const acts[])(void) = { wait_for_the_lock,  wait_for_the_event, wait_for_the_queue,
                                          wait_for_the_queue, wait_for_the_pipe,  wait_for_the_process };
    struct waiter waiters[TEST_COUNT(acts)] = { 0 };
    int value = 4;
    CHECK_OK(mproc_lock_create(&used.lock, NULL));
    CHECK_OK(mproc_event_create(&used.event, NULL));
    CHECK_OK(mproc_queue_create(&used.queue, NULL));
    CHECK_OK(mproc_pipe_create(&used.ends[0], &used.ends[1], NULL));
    used.process = test_start(test_stay, MPROC_NO_ARGS);
    CHECK_OK(mproc_lock_acquire(used.lock, 0));
    start_and_cancel(waiters, acts, TEST_COUNT(acts));
    test_let_go();
    CHECK_OK(mproc_lock_release(used.lock));
    CHECK_OK(mproc_event_set(used.event));
    CHECK_OK(mproc_queue_put(used.queue, &value, sizeof value, 0));
    CHECK_OK(mproc_queue_put(used.queue, &value, sizeof value, 0));
    CHECK_OK(mproc_connection_send(used.ends[1], &value, sizeof value, 0));
    for (size_t i = 0; i < TEST_COUNT(acts); i++)
        check_through(&waiters[i].actor, waiters[i].thread);
    CHECK_EQ(test_finish(used.process), 0);
    CHECK_OK(mproc_lock_acquire(used.lock, 0));
    CHECK_OK(mproc_lock_release(used.lock));
    CHECK_OK(mproc_lock_destroy(used.lock));
    CHECK_OK(mproc_event_destroy(used.event));
    CHECK_OK(mproc_queue_destroy(used.queue));
    CHECK_OK(mproc_connection_close(used.ends[0]));
    CHECK_OK(mproc_connection_close(used.ends[1]));
}

/* ---- Pending from the start ---- */

/* The program's own functions, called in the middle of something: each is a cancellation point by itself. */
static int called;

static int done(const mproc_outcome *outcome, void *user)
{
    (void)outcome;
    (void)user;
    pthread_testcancel();
    called++;
    return 0;
}

static int source(void *user, mproc_view *ret_args)
{
    int *left = user;
    pthread_testcancel();
    *ret_args = MPROC_ARG(*left);
    return (*left)-- > 0;
}

static bool is_called(void *user)
{
    pthread_testcancel();
    return ++*(int *)user > 1;
}

static int action(mproc_barrier barrier, const void *args)
{
    (void)barrier;
    (void)args;
    pthread_testcancel();
    called++;
    return 0;
}

static void use_a_pool(void)
{
    mproc_pool *pool = make_pool(2);
    mproc_os_handle handle;
    mproc_iter *iter;
    mproc_outcome outcome;
    int items[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, left = 5, count = 0;
    CHECK_OK(mproc_pool_get_callback_handle(pool, &handle));
    CHECK_OK(mproc_pool_map(pool, double_item, items, sizeof *items, 8, items, sizeof *items, NULL));
    CHECK_EQ(items[7], 16);
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(items[0]), &(mproc_task_options){ .on_done = done }, NULL));
    mproc_waitable waitable = mproc_waitable_handle(handle);
    CHECK_EQ(mproc_wait_any(&waitable, 1, test_limit_ms(30000)), 1);
    CHECK_EQ(mproc_pool_dispatch(pool), 1);
    CHECK_OK(mproc_pool_imap(pool, square, source, &left, NULL, &iter));
    while (mproc_iter_next(iter, test_limit_ms(30000), &outcome) == 1)
        count++;
    CHECK_EQ(count, 5);
    CHECK_OK(mproc_iter_free(iter));
    CHECK_OK(mproc_pool_apply(pool, test_nothing, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK_CODE(mproc_pool_apply(pool, die, MPROC_NO_ARGS, NULL, NULL, 0, NULL), MPROC_E_WORKER_DIED);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
    CHECK_EQ(called, 2);
}

static void use_processes(void)
{
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    mproc_waitable waitable = mproc_waitable_process(process);
    CHECK_CODE(mproc_wait_any(&waitable, 1, 5), MPROC_E_TIMEOUT);
    CHECK_CODE(mproc_process_join(process, 5), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_process_kill(process));
    CHECK_OK(mproc_process_join(process, test_limit_ms(30000)));
    CHECK_OK(mproc_process_free(process));
    CHECK_EQ(test_finish(test_start(test_nothing, MPROC_NO_ARGS)), 0);
}

static void use_objects(void)
{
    mproc_condition condition;
    mproc_barrier barrier;
    mproc_queue queue;
    mproc_shared_memory *memory;
    mproc_connection ends[2];
    int value = 3, asked = 0;
    size_t size = 0;
    static char large[300000];
    CHECK_OK(mproc_condition_create(&condition, NULL));
    CHECK_OK(mproc_condition_acquire(condition, 0));
    CHECK_CODE(mproc_condition_wait(condition, 5), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_condition_wait_for(condition, is_called, &asked, 5));
    CHECK_OK(mproc_condition_release(condition));
    CHECK_OK(mproc_condition_destroy(condition));
    CHECK_OK(mproc_barrier_create(&barrier, 1, &(mproc_barrier_options){ .action = action }));
    CHECK_OK(mproc_barrier_wait(barrier, MPROC_FOREVER, NULL));
    CHECK_OK(mproc_barrier_destroy(barrier));
    CHECK_OK(mproc_queue_create(&queue, NULL));
    CHECK_OK(mproc_queue_put(queue, large, sizeof large, 0));
    CHECK_OK(mproc_queue_get(queue, 0, large, sizeof large, &size));
    CHECK_CODE(mproc_queue_get(queue, 5, &value, sizeof value, NULL), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_queue_destroy(queue));
    CHECK_OK(mproc_pipe_create(&ends[0], &ends[1], NULL));
    CHECK_CODE(mproc_connection_recv(ends[0], 5, &value, sizeof value, NULL), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_connection_close(ends[0]));
    CHECK_OK(mproc_connection_close(ends[1]));
    CHECK_OK(mproc_shared_memory_create(&memory, NULL, 100000));
    CHECK_OK(mproc_shared_memory_unlink(mproc_shared_memory_get_name(memory)));
    CHECK_OK(mproc_shared_memory_free(memory));
    mproc_log(MPROC_LOG_ERROR, "a line");
}

static void use_everything(void)
{
    CHECK_EQ(pthread_cancel(pthread_self()), 0);
    use_objects();
    use_processes();
    use_a_pool();
}

/* Nothing of the test's own between the calls is a cancellation point. */
static void pending_cancellation_does_not_act_in_any_call(void)
{
    struct actor actor = { .act = use_everything };
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, run_actor, &actor), 0);
    check_through(&actor, thread);
}

static const struct test tests[] = {
    TEST(cancelled_in_the_waits_of_a_pool),
    TEST(cancelled_in_waits_for_processes_and_objects),
    TEST(pending_cancellation_does_not_act_in_any_call),
};

TEST_MAIN_PLAIN(tests)
