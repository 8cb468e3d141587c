/* Threads that are used like processes, and what processes share between threads of one: rule 46. */
#include "os.h"
#include "test.h"

static mproc_thread *start(mproc_task_fn *function, mproc_view args)
{
    mproc_thread *thread;
    CHECK_OK(mproc_thread_create(&thread, &(mproc_thread_options){ .function = function, .args = args }));
    CHECK_OK(mproc_thread_start(thread));
    return thread;
}

static int64_t finish(mproc_thread *thread)
{
    int64_t code;
    CHECK_OK(mproc_thread_join(thread, test_limit_ms(30000)));
    CHECK_OK(mproc_thread_get_exit_code(thread, &code));
    CHECK_OK(mproc_thread_free(thread));
    return code;
}

/* ---- Their life ---- */

/* Counts board word 1 up, and stays. */
static int stay(mproc_task *task)
{
    atomic_fetch_add(&test_board()[1], 1);
    test_stay(task);
    return -70000;
}

static void a_thread_before_during_and_after(void)
{
    mproc_thread *thread, *active[2];
    int64_t code = 0;
    mproc_thread_options options = { .function = stay, .name = "counts" };
    CHECK_OK(mproc_thread_create(&thread, &options));
    CHECK_STR(mproc_thread_get_name(thread), "counts");
    CHECK(!mproc_thread_is_alive(thread));
    CHECK_CODE(mproc_thread_join(thread, 0), MPROC_E_STATE);
    CHECK_OK(mproc_thread_get_exit_code(thread, &code));
    CHECK_EQ(code, MPROC_EXIT_RUNNING);
    CHECK_EQ(mproc_get_active_threads(active, 2), 0);
    CHECK_OK(mproc_thread_start(thread));
    CHECK_CODE(mproc_thread_start(thread), MPROC_E_STATE);
    CHECK(mproc_thread_is_alive(thread));
    CHECK_EQ(mproc_get_active_threads(active, 2), 1);
    CHECK(active[0] == thread);
    CHECK_CODE(mproc_thread_join(thread, 0), MPROC_E_TIMEOUT);
    CHECK_CODE(mproc_thread_join(thread, 20), MPROC_E_TIMEOUT);
    CHECK_CODE(mproc_thread_set_daemon(thread, true), MPROC_E_STATE);
    CHECK_OK(mproc_thread_set_name(thread, "counted"));
    CHECK_STR(mproc_thread_get_name(thread), "counted");
    test_let_go();
    CHECK_OK(mproc_thread_join(thread, test_limit_ms(30000)));
    CHECK_OK(mproc_thread_join(thread, 0));
    CHECK(!mproc_thread_is_alive(thread));
    CHECK_OK(mproc_thread_get_exit_code(thread, &code));
    CHECK_EQ(code, -70000);
    CHECK_EQ(mproc_get_active_threads(NULL, 0), 0);
    CHECK_OK(mproc_thread_free(thread));
    CHECK_OK(mproc_thread_free(NULL));
}

static void bad_input(void)
{
    mproc_thread *thread = NULL;
    CHECK_CODE(mproc_thread_create(&thread, NULL), MPROC_E_INVALID);
    CHECK_CODE(mproc_thread_create(&thread, &(mproc_thread_options){ .function = stay, .args = { NULL, 4 } }),
               MPROC_E_INVALID);
    CHECK(thread == NULL);
    CHECK_NOT(mproc_thread_is_alive(NULL), MPROC_E_INVALID);
}

static void a_thread_cannot_be_ended_from_outside(void)
{
    mproc_thread *thread = start(stay, MPROC_NO_ARGS);
    CHECK_CODE(mproc_thread_terminate(thread), MPROC_E_NOT_SUPPORTED);
    CHECK_CODE(mproc_thread_kill(thread), MPROC_E_NOT_SUPPORTED);
    CHECK_CONTAINS(mproc_last_error(), "tell Thread-");
    CHECK(mproc_thread_is_alive(thread));
    test_let_go();
    CHECK_EQ(finish(thread), -70000);
}

static int look_at_self(mproc_task *task)
{
    mproc_thread *self = mproc_get_current_thread();
    int sum = 0;
    (void)task;
    CHECK_STR(mproc_thread_get_name(self), "self");
    CHECK(mproc_thread_is_daemon(self));
    CHECK(mproc_thread_is_alive(self));
    CHECK_CODE(mproc_thread_join(self, 0), MPROC_E_DEADLOCK);
    CHECK_OK(mproc_task_read(task, &sum, sizeof sum));
    return sum + 1;
}

static void what_a_thread_knows_of_itself(void)
{
    mproc_thread *thread;
    int number = 41;
    mproc_thread_options options = { .function = look_at_self, .args = MPROC_ARG(number), .name = "self" };
    CHECK(mproc_get_current_thread() == NULL);
    CHECK_OK(mproc_thread_create(&thread, &options));
    CHECK_OK(mproc_thread_set_daemon(thread, true));
    CHECK_OK(mproc_thread_start(thread));
    CHECK_EQ(finish(thread), 42);
}

static void one_that_is_freed_goes_on(void)
{
    mproc_thread *thread = start(stay, MPROC_NO_ARGS);
    CHECK_OK(mproc_thread_free(thread));
    CHECK_EQ(mproc_get_active_threads(NULL, 0), 0);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    test_let_go();
}

static void many_at_once(void)
{
    enum { COUNT = 200 };
    mproc_thread *threads[COUNT];
    for (int i = 0; i < COUNT; i++)
        threads[i] = start(stay, MPROC_NO_ARGS);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == COUNT);
    CHECK_EQ(mproc_get_active_threads(NULL, 0), COUNT);
    test_let_go();
    for (int i = 0; i < COUNT; i++)
        CHECK_EQ(finish(threads[i]), -70000);
}

static int lock_and_end(mproc_task *task)
{
    mproc_lock lock;
    CHECK_OK(mproc_task_read(task, &lock, sizeof lock));
    CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
    os_thread_exit();
}

static int lock_and_return(mproc_task *task)
{
    mproc_lock lock;
    CHECK_OK(mproc_task_read(task, &lock, sizeof lock));
    CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
    return 3;
}

static void check_dead_owner(mproc_task_fn *function, int64_t exit_code)
{
    mproc_lock lock;
    CHECK_OK(mproc_lock_create(&lock, NULL));
    CHECK_EQ(finish(start(function, MPROC_ARG(lock))), exit_code);
    CHECK_CODE(mproc_lock_acquire(lock, 0), MPROC_OWNER_DIED);
    CHECK_OK(mproc_lock_repaired(lock));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
}

static void one_that_has_ended_is_a_dead_owner(void)
{
    check_dead_owner(lock_and_return, 3);
    check_dead_owner(lock_and_end, MPROC_EXIT_UNKNOWN);
}

static void wait_any_waits_for_threads(void)
{
    mproc_thread *threads[2], *unstarted;
    mproc_waitable items[2];
    for (int i = 0; i < 2; i++) {
        threads[i] = start(stay, MPROC_NO_ARGS);
        items[i] = mproc_waitable_thread(threads[i]);
    }
    CHECK_CODE(mproc_wait_any(items, 2, 20), MPROC_E_TIMEOUT);
    test_let_go();
    CHECK_LE(1, mproc_wait_any(items, 2, test_limit_ms(30000)));
    CHECK(items[0].ready || items[1].ready);
    for (int i = 0; i < 2; i++)
        finish(threads[i]);
    CHECK_OK(mproc_thread_create(&unstarted, &(mproc_thread_options){ .function = stay }));
    items[0] = mproc_waitable_thread(unstarted);
    CHECK_CODE(mproc_wait_any(items, 1, 0), MPROC_E_STATE);
    CHECK_OK(mproc_thread_free(unstarted));
}

/* ---- What threads share ---- */

struct exchange {
    mproc_queue numbers, sums;
};

static int add_numbers(mproc_task *task)
{
    struct exchange exchange;
    int64_t number, sum = 0;
    CHECK_OK(mproc_task_read(task, &exchange, sizeof exchange));
    while (mproc_queue_get(exchange.numbers, MPROC_FOREVER, &number, sizeof number, NULL) == 0)
        sum += number;
    CHECK_OK(mproc_queue_put(exchange.sums, &sum, sizeof sum, MPROC_FOREVER));
    return 0;
}

static void a_queue_between_threads(void)
{
    enum { THREADS = 3, COUNT = 5000 };
    struct exchange exchange;
    mproc_thread *threads[THREADS];
    int64_t sum = 0, part;
    CHECK_OK(mproc_queue_create(&exchange.numbers, &(mproc_queue_options){ .capacity = 10 }));
    CHECK_OK(mproc_queue_create(&exchange.sums, NULL));
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(add_numbers, MPROC_ARG(exchange));
    for (int64_t i = 1; i <= COUNT; i++)
        CHECK_OK(mproc_queue_put(exchange.numbers, &i, sizeof i, MPROC_FOREVER));
    CHECK_OK(mproc_queue_close(exchange.numbers, false));
    for (int i = 0; i < THREADS; i++) {
        CHECK_OK(mproc_queue_get(exchange.sums, test_limit_ms(30000), &part, sizeof part, NULL));
        sum += part;
        CHECK_EQ(finish(threads[i]), 0);
    }
    CHECK_EQ(sum, (int64_t)COUNT * (COUNT + 1) / 2);
    CHECK_OK(mproc_queue_destroy(exchange.numbers));
    CHECK_OK(mproc_queue_destroy(exchange.sums));
}

static int echo(mproc_task *task)
{
    mproc_connection end;
    int number;
    CHECK_OK(mproc_task_read(task, &end, sizeof end));
    while (mproc_connection_recv(end, MPROC_FOREVER, &number, sizeof number, NULL) == 0) {
        number++;
        CHECK_OK(mproc_connection_send(end, &number, sizeof number, MPROC_FOREVER));
    }
    CHECK_OK(mproc_connection_close(end));
    return 0;
}

static void a_pipe_between_threads(void)
{
    mproc_connection mine, other;
    CHECK_OK(mproc_pipe_create(&mine, &other, NULL));
    mproc_thread *thread = start(echo, MPROC_ARG(other));
    for (int i = 0; i < 1000; i++) {
        int number = 0;
        CHECK_OK(mproc_connection_send(mine, &i, sizeof i, MPROC_FOREVER));
        CHECK_OK(mproc_connection_recv(mine, test_limit_ms(30000), &number, sizeof number, NULL));
        CHECK_EQ(number, i + 1);
    }
    CHECK_OK(mproc_connection_close(mine));
    CHECK_EQ(finish(thread), 0);
}

struct crowd {
    mproc_lock lock;
    mproc_rlock rlock;
    mproc_semaphore semaphore;
    mproc_condition condition;
    mproc_barrier barrier;
    mproc_event event;
    int *count; /* guarded by each in turn */
};

enum { CROWD = 4, ROUNDS = 500 };

static void count_under_each(const struct crowd *crowd)
{
    CHECK_OK(mproc_lock_acquire(crowd->lock, MPROC_FOREVER));
    crowd->count[0]++;
    CHECK_OK(mproc_lock_release(crowd->lock));
    CHECK_OK(mproc_rlock_acquire(crowd->rlock, MPROC_FOREVER));
    CHECK_OK(mproc_rlock_acquire(crowd->rlock, MPROC_FOREVER));
    crowd->count[1]++;
    CHECK_OK(mproc_rlock_release(crowd->rlock));
    CHECK_OK(mproc_rlock_release(crowd->rlock));
    CHECK_OK(mproc_semaphore_acquire(crowd->semaphore, MPROC_FOREVER));
    crowd->count[2]++;
    CHECK_OK(mproc_semaphore_release(crowd->semaphore));
    CHECK_OK(mproc_condition_acquire(crowd->condition, MPROC_FOREVER));
    crowd->count[3]++;
    CHECK_OK(mproc_condition_notify_all(crowd->condition));
    CHECK_OK(mproc_condition_release(crowd->condition));
}

static int join_crowd(mproc_task *task)
{
    struct crowd crowd;
    CHECK_OK(mproc_task_read(task, &crowd, sizeof crowd));
    CHECK_OK(mproc_event_wait(crowd.event, MPROC_FOREVER));
    for (int i = 0; i < ROUNDS; i++)
        count_under_each(&crowd);
    CHECK_OK(mproc_barrier_wait(crowd.barrier, MPROC_FOREVER, NULL));
    return 0;
}

static void make_crowd(struct crowd *crowd)
{
    CHECK_OK(mproc_lock_create(&crowd->lock, NULL));
    CHECK_OK(mproc_rlock_create(&crowd->rlock, NULL));
    CHECK_OK(mproc_semaphore_create(&crowd->semaphore, 1, NULL));
    CHECK_OK(mproc_condition_create(&crowd->condition, NULL));
    CHECK_OK(mproc_barrier_create(&crowd->barrier, CROWD, NULL));
    CHECK_OK(mproc_event_create(&crowd->event, NULL));
}

static void unmake_crowd(const struct crowd *crowd)
{
    CHECK_OK(mproc_lock_destroy(crowd->lock));
    CHECK_OK(mproc_rlock_destroy(crowd->rlock));
    CHECK_OK(mproc_semaphore_destroy(crowd->semaphore));
    CHECK_OK(mproc_condition_destroy(crowd->condition));
    CHECK_OK(mproc_barrier_destroy(crowd->barrier));
    CHECK_OK(mproc_event_destroy(crowd->event));
}

static void locks_between_threads(void)
{
    static int counts[4];
    struct crowd crowd = { .count = counts };
    mproc_thread *threads[CROWD];
    make_crowd(&crowd);
    for (int i = 0; i < CROWD; i++)
        threads[i] = start(join_crowd, MPROC_ARG(crowd));
    CHECK_OK(mproc_event_set(crowd.event));
    for (int i = 0; i < CROWD; i++)
        CHECK_EQ(finish(threads[i]), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(counts[i], CROWD * ROUNDS);
    unmake_crowd(&crowd);
}

/* ---- Processes, and the end ---- */

static mproc_thread *of_parent;

static int use_thread_of_parent(mproc_task *task)
{
    (void)task;
    return mproc_thread_join(of_parent, 0) == MPROC_E_WRONG_PROCESS && mproc_get_active_threads(NULL, 0) == 0 &&
                   mproc_get_current_thread() == NULL && finish(start(test_nothing, MPROC_NO_ARGS)) == 0
               ? 0
               : 1;
}

static void a_child_has_none_of_its_parents(void)
{
    of_parent = start(stay, MPROC_NO_ARGS);
    mproc_process *process = test_start(use_thread_of_parent, MPROC_NO_ARGS);
    CHECK_EQ(test_finish(process), 0);
    test_let_go();
    CHECK_EQ(finish(of_parent), -70000);
}

static int start_process(mproc_task *task)
{
    (void)task;
    return (int)test_finish(test_start(test_nothing, MPROC_NO_ARGS));
}

static void a_thread_may_start_processes(void)
{
    CHECK_EQ(finish(start(start_process, MPROC_NO_ARGS)), 0);
}

static int say_later(mproc_task *task)
{
    (void)task;
    os_sleep_ms(50);
    puts("said");
    return fflush(stdout);
}

static int stay_for_ever(mproc_task *task)
{
    (void)task;
    for (;;)
        os_sleep_ms(1000);
    return 0;
}

static int leave_threads(const char *argument)
{
    mproc_thread *daemon;
    mproc_thread_options options = { .function = stay_for_ever, .daemon = true };
    (void)argument;
    CHECK_OK(mproc_thread_create(&daemon, &options));
    CHECK_OK(mproc_thread_start(daemon));
    mproc_thread_free(start(say_later, MPROC_NO_ARGS));
    return 5;
}

static void the_end_of_the_program_joins_threads_but_no_daemons(void)
{
    char output[256];
    CHECK_EQ(test_scene("leave_threads", NULL, output, sizeof output), 5);
    CHECK_CONTAINS(output, "said");
}

static const struct test tests[] = {
    TEST(a_thread_before_during_and_after),
    TEST(bad_input),
    TEST(a_thread_cannot_be_ended_from_outside),
    TEST(what_a_thread_knows_of_itself),
    TEST(one_that_is_freed_goes_on),
    TEST(many_at_once),
    TEST(one_that_has_ended_is_a_dead_owner),
    TEST(wait_any_waits_for_threads),
    TEST(a_queue_between_threads),
    TEST(a_pipe_between_threads),
    TEST(locks_between_threads),
    TEST_WITH(a_child_has_none_of_its_parents, TEST_FORK_ONLY, 0),
    TEST(a_thread_may_start_processes),
    TEST(the_end_of_the_program_joins_threads_but_no_daemons),
};

static const struct scene scenes[] = {
    SCENE(leave_threads),
};

TEST_MAIN(tests, scenes)
