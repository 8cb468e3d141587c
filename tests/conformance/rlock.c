/* RLocks: rules 23, 28 and 29.
 */
#include "test.h"

static mproc_rlock create(void)
{
    mproc_rlock rlock;
    CHECK_OK(mproc_rlock_create(&rlock, NULL));
    return rlock;
}

static mproc_rlock read_rlock(mproc_task *task)
{
    mproc_rlock rlock;
    CHECK_OK(mproc_task_read(task, &rlock, sizeof rlock));
    return rlock;
}

static void acquire_times(mproc_rlock rlock, int times)
{
    for (int i = 0; i < times; i++)
        CHECK_OK(mproc_rlock_acquire(rlock, MPROC_FOREVER));
}

static void release_times(mproc_rlock rlock, int times)
{
    for (int i = 0; i < times; i++)
        CHECK_OK(mproc_rlock_release(rlock));
}

/* ---- Rule 23 ---- */

/* What anybody but the owner is told while it is held. */
static void check_held_by_another(mproc_rlock rlock)
{
    CHECK_EQ(mproc_rlock_is_locked(rlock), 1);
    CHECK_CODE(mproc_rlock_release(rlock), MPROC_E_NOT_OWNER);
    CHECK_CODE(mproc_rlock_repaired(rlock), MPROC_E_NOT_OWNER);
    CHECK_CODE(mproc_rlock_acquire(rlock, 0), MPROC_E_TIMEOUT);
    CHECK_CODE(mproc_rlock_destroy(rlock), MPROC_E_STATE);
}

static int held_by_another(mproc_task *task)
{
    check_held_by_another(read_rlock(task));
    return 0;
}

static void held_by_another_thread(void *user)
{
    check_held_by_another(*(mproc_rlock *)user);
}

static int locked_in_child(mproc_task *task)
{
    return mproc_rlock_is_locked(read_rlock(task));
}

static void rule_23_released_by_the_owner_only(void)
{
    mproc_rlock rlock = create();
    CHECK_CODE(mproc_rlock_release(rlock), MPROC_E_NOT_OWNER);
    acquire_times(rlock, 1);
    CHECK_EQ(test_finish(test_start(held_by_another, MPROC_ARG(rlock))), 0);
    os_thread_join(os_thread_start(held_by_another_thread, &rlock));
    release_times(rlock, 1);
    CHECK_CODE(mproc_rlock_release(rlock), MPROC_E_NOT_OWNER);
    CHECK_OK(mproc_rlock_destroy(rlock));
}

static void rule_23_as_many_releases_as_acquires(void)
{
    mproc_rlock rlock = create();
    acquire_times(rlock, 5);
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(test_finish(test_start(locked_in_child, MPROC_ARG(rlock))), 1);
        release_times(rlock, 1);
    }
    CHECK_EQ(test_finish(test_start(locked_in_child, MPROC_ARG(rlock))), 0);
    CHECK_CODE(mproc_rlock_release(rlock), MPROC_E_NOT_OWNER);
    acquire_times(rlock, 1000);
    CHECK_OK(mproc_rlock_acquire(rlock, 0));
    CHECK_OK(mproc_rlock_acquire(rlock, -1));
    release_times(rlock, 1002);
    CHECK_EQ(mproc_rlock_is_locked(rlock), 0);
    CHECK_OK(mproc_rlock_destroy(rlock));
}

/* Board word 20: load and store apart, on purpose: what two do at a time is lost. */
enum { ROUNDS = 2000, COUNTERS = 3 };

static void count_up(mproc_rlock rlock)
{
    _Atomic int64_t *counter = &test_board()[20];
    for (int i = 0; i < ROUNDS; i++) {
        acquire_times(rlock, 1 + i % 3);
        int64_t value = atomic_load_explicit(counter, memory_order_relaxed);
        release_times(rlock, i % 3);
        atomic_store_explicit(counter, value + 1, memory_order_relaxed);
        release_times(rlock, 1);
    }
}

static void count_in_thread(void *user)
{
    count_up(*(mproc_rlock *)user);
}

static int count_in_process(mproc_task *task)
{
    mproc_rlock rlock = read_rlock(task);
    os_thread *thread = os_thread_start(count_in_thread, &rlock);
    count_up(rlock);
    os_thread_join(thread);
    return 0;
}

static void rule_23_mutual_exclusion(void)
{
    mproc_rlock rlock = create();
    mproc_process *processes[COUNTERS];
    for (int i = 0; i < COUNTERS; i++)
        processes[i] = test_start(count_in_process, MPROC_ARG(rlock));
    for (int i = 0; i < COUNTERS; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_EQ(atomic_load(&test_board()[20]), ROUNDS * COUNTERS * 2);
    CHECK_OK(mproc_rlock_destroy(rlock));
}

static void names(void)
{
    mproc_rlock_options options = { .name = "a name that is longer than thirty-one bytes by far" };
    mproc_rlock rlock;
    CHECK_OK(mproc_rlock_create(&rlock, &options));
    CHECK_CODE(mproc_rlock_release(rlock), MPROC_E_NOT_OWNER);
    CHECK_CONTAINS(mproc_last_error(), "rlock a name that is longer than thir");
    CHECK_OK(mproc_rlock_destroy(rlock));
}

/* ---- Handles that mean nothing ---- */

static void check_all_say(mproc_rlock rlock, int expected)
{
    CHECK_CODE(mproc_rlock_acquire(rlock, 0), expected);
    CHECK_CODE(mproc_rlock_acquire(rlock, MPROC_FOREVER), expected);
    CHECK_CODE(mproc_rlock_release(rlock), expected);
    CHECK_NOT(mproc_rlock_is_locked(rlock), expected);
    CHECK_CODE(mproc_rlock_repaired(rlock), expected);
    CHECK_CODE(mproc_rlock_destroy(rlock), expected);
}

static void handles_that_mean_nothing(void)
{
    mproc_rlock rlock = create(), other;
    mproc_lock lock;
    check_all_say((mproc_rlock){ { 0, 0 } }, MPROC_E_FOREIGN);
    CHECK_OK(mproc_lock_create(&lock, NULL));
    check_all_say((mproc_rlock){ { lock.id[0], lock.id[1] } }, MPROC_E_FOREIGN);
    CHECK_CODE(mproc_lock_acquire((mproc_lock){ { rlock.id[0], rlock.id[1] } }, 0), MPROC_E_FOREIGN);
    CHECK_OK(mproc_lock_destroy(lock));
    CHECK_OK(mproc_rlock_destroy(rlock));
    check_all_say(rlock, MPROC_E_STALE);
    other = create();
    check_all_say(rlock, MPROC_E_STALE);
    CHECK_OK(mproc_rlock_destroy(other));
}

/* ---- Rule 28 ---- */

/* Board word 21: held three times. */
static int hold_and_stay(mproc_task *task)
{
    acquire_times(read_rlock(task), 3);
    atomic_store(&test_board()[21], 1);
    return test_stay(task);
}

static void hold_in_thread(void *user)
{
    acquire_times(*(mproc_rlock *)user, 3);
}

static int take_unrepaired(mproc_task *task)
{
    mproc_rlock rlock = read_rlock(task);
    CHECK_CODE(mproc_rlock_acquire(rlock, MPROC_FOREVER), MPROC_OWNER_DIED);
    return mproc_rlock_release(rlock);
}

/* Held once by the next one, whatever the dead one had; sticky, also for the holder himself. */
static void check_sticky_and_repair(mproc_rlock rlock)
{
    CHECK_CODE(mproc_rlock_acquire(rlock, test_limit_ms(5000)), MPROC_OWNER_DIED);
    CHECK_CODE(mproc_rlock_acquire(rlock, 0), MPROC_OWNER_DIED);
    release_times(rlock, 2);
    CHECK_EQ(mproc_rlock_is_locked(rlock), 0);
    CHECK_EQ(test_finish(test_start(take_unrepaired, MPROC_ARG(rlock))), 0);
    CHECK_CODE(mproc_rlock_acquire(rlock, 0), MPROC_OWNER_DIED);
    CHECK_OK(mproc_rlock_repaired(rlock));
    CHECK_OK(mproc_rlock_acquire(rlock, 0));
    release_times(rlock, 2);
    acquire_times(rlock, 1);
    release_times(rlock, 1);
    CHECK_OK(mproc_rlock_destroy(rlock));
}

static void rule_28_owner_is_killed(void)
{
    mproc_rlock rlock = create();
    mproc_process *process = test_start(hold_and_stay, MPROC_ARG(rlock));
    WAIT_UNTIL(atomic_load(&test_board()[21]));
    CHECK_CODE(mproc_rlock_acquire(rlock, 30), MPROC_E_TIMEOUT);
    os_kill(test_pid(process));
    CHECK_CODE(mproc_rlock_acquire(rlock, MPROC_FOREVER), MPROC_OWNER_DIED);
    release_times(rlock, 1);
    test_finish(process);
    check_sticky_and_repair(rlock);
}

static void rule_28_thread_ends(void)
{
    mproc_rlock rlock = create();
    os_thread_join(os_thread_start(hold_in_thread, &rlock));
    CHECK_EQ(mproc_rlock_is_locked(rlock), 0);
    check_sticky_and_repair(rlock);
}

/* ---- Rule 29 ---- */

static void rule_29_time_outs(void)
{
    static const int64_t timeouts[] = { 0, -1, INT64_MIN, 1, 30 };
    mproc_rlock rlock = create();
    mproc_process *process = test_start(hold_and_stay, MPROC_ARG(rlock));
    WAIT_UNTIL(atomic_load(&test_board()[21]));
    for (size_t i = 0; i < TEST_COUNT(timeouts); i++) {
        int64_t before_ms = os_now_ms();
        CHECK_CODE(mproc_rlock_acquire(rlock, timeouts[i]), MPROC_E_TIMEOUT);
        CHECK_LE(os_now_ms() - before_ms, test_limit_ms(2000));
        CHECK(timeouts[i] < 30 || os_now_ms() - before_ms >= 10);
    }
    test_let_go();
    CHECK_EQ(test_finish(process), 0);
    CHECK_CODE(mproc_rlock_acquire(rlock, INT64_MAX - 1), MPROC_OWNER_DIED);
    release_times(rlock, 1);
    CHECK_OK(mproc_rlock_destroy(rlock));
}

static const struct test tests[] = {
    TEST(rule_23_released_by_the_owner_only),
    TEST(rule_23_as_many_releases_as_acquires),
    TEST_WITH(rule_23_mutual_exclusion, 0, 120),
    TEST(names),
    TEST(handles_that_mean_nothing),
    TEST(rule_28_owner_is_killed),
    TEST(rule_28_thread_ends),
    TEST(rule_29_time_outs),
};

TEST_MAIN_PLAIN(tests)
