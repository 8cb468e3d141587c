/* Locks that processes share: rules 23, 28 and 29.
 */
#include "test.h"

static mproc_lock create(void)
{
    mproc_lock lock;
    CHECK_OK(mproc_lock_create(&lock, NULL));
    return lock;
}

static void read_lock(mproc_task *task, mproc_lock *ret_lock)
{
    CHECK_OK(mproc_task_read(task, ret_lock, sizeof *ret_lock));
}

/* ---- Rule 23 ---- */

static int release_it(mproc_task *task)
{
    mproc_lock lock;
    read_lock(task, &lock);
    CHECK_EQ(mproc_lock_is_locked(lock), 1);
    CHECK_OK(mproc_lock_release(lock));
    return 0;
}

static void release_in_thread(void *user)
{
    CHECK_OK(mproc_lock_release(*(mproc_lock *)user));
}

static void rule_23_released_by_anyone(void)
{
    mproc_lock lock = create();
    CHECK_CODE(mproc_lock_release(lock), MPROC_E_NOT_OWNER);
    CHECK_OK(mproc_lock_acquire(lock, 0));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_CODE(mproc_lock_release(lock), MPROC_E_NOT_OWNER);
    CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
    os_thread_join(os_thread_start(release_in_thread, &lock));
    CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
    CHECK_EQ(test_finish(test_start(release_it, MPROC_ARG(lock))), 0);
    CHECK_EQ(mproc_lock_is_locked(lock), 0);
    CHECK_CODE(mproc_lock_release(lock), MPROC_E_NOT_OWNER);
    CHECK_OK(mproc_lock_acquire(lock, 0));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
}

static void rule_23_held_by_the_caller(void)
{
    mproc_lock lock = create();
    CHECK_OK(mproc_lock_acquire(lock, 0));
    CHECK_CODE(mproc_lock_acquire(lock, 0), MPROC_E_TIMEOUT);
    CHECK_CODE(mproc_lock_acquire(lock, 20), MPROC_E_TIMEOUT);
    CHECK_CODE(mproc_lock_acquire(lock, MPROC_FOREVER), MPROC_E_DEADLOCK);
    CHECK_EQ(mproc_lock_is_locked(lock), 1);
    CHECK_CODE(mproc_lock_destroy(lock), MPROC_E_STATE);
    CHECK_OK(mproc_lock_repaired(lock));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_CODE(mproc_lock_repaired(lock), MPROC_E_NOT_OWNER);
    CHECK_OK(mproc_lock_destroy(lock));
}

struct counting {
    mproc_lock lock;
    int rounds;
};

/* Load and store apart, on purpose: what two do at a time is lost. */
static void count_up(const struct counting *counting)
{
    _Atomic int64_t *counter = &test_board()[20];
    for (int i = 0; i < counting->rounds; i++) {
        CHECK_OK(mproc_lock_acquire(counting->lock, MPROC_FOREVER));
        int64_t value = atomic_load_explicit(counter, memory_order_relaxed);
        atomic_store_explicit(counter, value + 1, memory_order_relaxed);
        CHECK_OK(mproc_lock_release(counting->lock));
    }
}

static void count_in_thread(void *user)
{
    count_up(user);
}

static int count_in_process(mproc_task *task)
{
    struct counting counting;
    CHECK_OK(mproc_task_read(task, &counting, sizeof counting));
    os_thread *thread = os_thread_start(count_in_thread, &counting);
    count_up(&counting);
    os_thread_join(thread);
    return 0;
}

static void rule_23_mutual_exclusion(void)
{
    struct counting counting = { create(), test_is_soak() ? 1000000 : 4000 };
    mproc_process *processes[4];
    for (int i = 0; i < 4; i++)
        processes[i] = test_start(count_in_process, MPROC_ARG(counting));
    count_up(&counting);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_EQ(atomic_load(&test_board()[20]), (int64_t)counting.rounds * 9);
    CHECK_OK(mproc_lock_destroy(counting.lock));
}

static int locked_in_child(mproc_task *task)
{
    mproc_lock lock;
    read_lock(task, &lock);
    return mproc_lock_is_locked(lock);
}

static void rule_23_locked_from_every_process(void)
{
    mproc_lock lock = create();
    CHECK_EQ(test_finish(test_start(locked_in_child, MPROC_ARG(lock))), 0);
    CHECK_OK(mproc_lock_acquire(lock, 0));
    CHECK_EQ(test_finish(test_start(locked_in_child, MPROC_ARG(lock))), 1);
    CHECK_OK(mproc_lock_release(lock));
    CHECK_EQ(test_finish(test_start(locked_in_child, MPROC_ARG(lock))), 0);
    CHECK_OK(mproc_lock_destroy(lock));
}

/* A lock that a child makes is as good as one of the parent's, and outlives the child. */
static int create_for_parent(mproc_task *task)
{
    (void)task;
    mproc_lock lock = create();
    atomic_store(&test_board()[21], (int64_t)lock.id[0]);
    atomic_store(&test_board()[22], (int64_t)lock.id[1]);
    return 0;
}

static mproc_lock lock_on_board(void)
{
    return (mproc_lock){ { (uint64_t)atomic_load(&test_board()[21]), (uint64_t)atomic_load(&test_board()[22]) } };
}

static void lock_made_by_a_child(void)
{
    CHECK_EQ(test_finish(test_start(create_for_parent, MPROC_NO_ARGS)), 0);
    mproc_lock lock = lock_on_board();
    CHECK_OK(mproc_lock_acquire(lock, 0));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
}

/* ---- Handles that mean nothing ---- */

static void check_all_say(mproc_lock lock, int expected)
{
    CHECK_CODE(mproc_lock_acquire(lock, 0), expected);
    CHECK_CODE(mproc_lock_acquire(lock, MPROC_FOREVER), expected);
    CHECK_CODE(mproc_lock_release(lock), expected);
    CHECK_NOT(mproc_lock_is_locked(lock), expected);
    CHECK_CODE(mproc_lock_repaired(lock), expected);
    CHECK_CODE(mproc_lock_destroy(lock), expected);
}

static void stale_handles(void)
{
    mproc_lock lock = create(), others[8];
    CHECK_OK(mproc_lock_destroy(lock));
    check_all_say(lock, MPROC_E_STALE);
    /* The place is used again, by another lock. */
    for (int i = 0; i < 8; i++)
        others[i] = create();
    check_all_say(lock, MPROC_E_STALE);
    for (int i = 0; i < 8; i++)
        CHECK_OK(mproc_lock_destroy(others[i]));
}

static int scene_makes_a_lock(const char *argument)
{
    (void)argument;
    return create_for_parent(NULL);
}

static void foreign_handles(void)
{
    mproc_lock lock = create();
    check_all_say((mproc_lock){ { 0, 0 } }, MPROC_E_FOREIGN);
    check_all_say((mproc_lock){ { UINT64_MAX, UINT64_MAX } }, MPROC_E_FOREIGN);
    CHECK_EQ(test_scene("scene_makes_a_lock", "", NULL, 0), 0);
    check_all_say(lock_on_board(), MPROC_E_FOREIGN);
    CHECK_OK(mproc_lock_destroy(lock));
}

/* Any bit of a handle changed: an error, never a crash or a wait. */
static void damaged_handles(void)
{
    mproc_lock lock = create();
    for (int bit = 0; bit < 128; bit++) {
        mproc_lock damaged = lock;
        damaged.id[bit / 64] ^= (uint64_t)1 << (bit % 64);
        CHECK(!mproc_lock_is_locked(damaged));
        int code = mproc_last_code();
        if (code != MPROC_E_FOREIGN && code != MPROC_E_STALE)
            test_fail(__FILE__, __LINE__, "bit %d changed: %d", bit, code);
        CHECK_CODE(mproc_lock_acquire(damaged, 0), code);
    }
    CHECK_OK(mproc_lock_destroy(lock));
}

static void many_locks(void)
{
    enum { COUNT = 3000 };
    static mproc_lock locks[COUNT];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < COUNT; i++) {
            locks[i] = create();
            CHECK_OK(mproc_lock_acquire(locks[i], 0));
        }
        for (int i = 0; i < COUNT; i++)
            CHECK_OK(mproc_lock_release(locks[i]));
        for (int i = 0; i < COUNT; i++)
            CHECK_OK(mproc_lock_destroy(locks[i]));
    }
}

static void names(void)
{
    mproc_lock_options options = { .name = "a name that is longer than thirty-one bytes by far" };
    mproc_lock lock;
    CHECK_OK(mproc_lock_create(&lock, &options));
    CHECK_OK(mproc_lock_destroy(lock));
}

/* ---- Rule 28: owners die ---- */

/* Board word 23: the lock is held. */
static int hold_and_stay(mproc_task *task)
{
    mproc_lock lock;
    read_lock(task, &lock);
    CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
    atomic_store(&test_board()[23], 1);
    return test_stay(task);
}

static int hold_and_end(mproc_task *task)
{
    mproc_lock lock;
    read_lock(task, &lock);
    CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
    return 0;
}

static void hold_in_thread(void *user)
{
    CHECK_OK(mproc_lock_acquire(*(mproc_lock *)user, MPROC_FOREVER));
}

static int hold_in_thread_and_stay(mproc_task *task)
{
    mproc_lock lock;
    read_lock(task, &lock);
    os_thread_join(os_thread_start(hold_in_thread, &lock));
    atomic_store(&test_board()[23], 1);
    return test_stay(task);
}

static int take_unrepaired(mproc_task *task)
{
    mproc_lock lock;
    read_lock(task, &lock);
    CHECK_CODE(mproc_lock_acquire(lock, MPROC_FOREVER), MPROC_OWNER_DIED);
    CHECK_OK(mproc_lock_release(lock));
    return 0;
}

/* Sticky until repaired, whoever asks, and then a lock like any other. */
static void check_sticky_and_repair(mproc_lock lock)
{
    CHECK_CODE(mproc_lock_acquire(lock, test_limit_ms(5000)), MPROC_OWNER_DIED);
    CHECK_EQ(mproc_lock_is_locked(lock), 1);
    CHECK_OK(mproc_lock_release(lock));
    CHECK_EQ(mproc_lock_is_locked(lock), 0);
    CHECK_EQ(test_finish(test_start(take_unrepaired, MPROC_ARG(lock))), 0);
    CHECK_CODE(mproc_lock_acquire(lock, 0), MPROC_OWNER_DIED);
    CHECK_OK(mproc_lock_repaired(lock));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_acquire(lock, 0));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
}

/* The bound is 50 ms; the limit here is for a machine that is busy with other things. */
static void rule_28_waiter_learns_of_a_kill(void)
{
    mproc_lock lock = create();
    mproc_process *process = test_start(hold_and_stay, MPROC_ARG(lock));
    WAIT_UNTIL(atomic_load(&test_board()[23]));
    CHECK_CODE(mproc_lock_acquire(lock, 50), MPROC_E_TIMEOUT);
    CHECK_CODE(mproc_lock_repaired(lock), MPROC_E_NOT_OWNER);
    int64_t before_ms = os_now_ms();
    CHECK_OK(mproc_process_kill(process));
    CHECK_CODE(mproc_lock_acquire(lock, MPROC_FOREVER), MPROC_OWNER_DIED);
    CHECK_LE(os_now_ms() - before_ms, test_limit_ms(2000));
    CHECK_OK(mproc_lock_release(lock));
    test_finish(process);
    check_sticky_and_repair(lock);
}

/* Killed behind the library's back, with the waiters in other processes. */
static int wait_for_dead_owner(mproc_task *task)
{
    mproc_lock lock;
    read_lock(task, &lock);
    atomic_fetch_add(&test_board()[24], 1);
    CHECK_CODE(mproc_lock_acquire(lock, MPROC_FOREVER), MPROC_OWNER_DIED);
    CHECK_OK(mproc_lock_release(lock));
    return 0;
}

static void rule_28_waiters_in_other_processes(void)
{
    mproc_lock lock = create();
    mproc_process *waiters[3], *owner = test_start(hold_and_stay, MPROC_ARG(lock));
    WAIT_UNTIL(atomic_load(&test_board()[23]));
    for (int i = 0; i < 3; i++)
        waiters[i] = test_start(wait_for_dead_owner, MPROC_ARG(lock));
    WAIT_UNTIL(atomic_load(&test_board()[24]) == 3);
    os_kill(test_pid(owner));
    for (int i = 0; i < 3; i++)
        CHECK_EQ(test_finish(waiters[i]), 0);
    test_finish(owner);
    check_sticky_and_repair(lock);
}

static void rule_28_owner_ends_in_good_order(void)
{
    mproc_lock lock = create();
    CHECK_EQ(test_finish(test_start(hold_and_end, MPROC_ARG(lock))), 0);
    CHECK_EQ(mproc_lock_is_locked(lock), 0);
    check_sticky_and_repair(lock);
}

/* join promises it: no slice of a waiter's sleep in between. */
static void rule_28_joined_owner_is_known_dead(void)
{
    for (int i = test_rounds(20, 20); i > 0; i--) {
        mproc_lock lock = create();
        CHECK_EQ(test_finish(test_start(hold_and_end, MPROC_ARG(lock))), 0);
        CHECK_CODE(mproc_lock_acquire(lock, 0), MPROC_OWNER_DIED);
        CHECK_OK(mproc_lock_release(lock));
        CHECK_OK(mproc_lock_destroy(lock));
    }
}

static void rule_28_thread_ends(void)
{
    mproc_lock lock = create();
    os_thread_join(os_thread_start(hold_in_thread, &lock));
    CHECK_EQ(mproc_lock_is_locked(lock), 0);
    check_sticky_and_repair(lock);
}

static void rule_28_thread_of_a_living_process_ends(void)
{
    mproc_lock lock = create();
    mproc_process *process = test_start(hold_in_thread_and_stay, MPROC_ARG(lock));
    WAIT_UNTIL(atomic_load(&test_board()[23]));
    CHECK_CODE(mproc_lock_acquire(lock, test_limit_ms(5000)), MPROC_OWNER_DIED);
    CHECK_OK(mproc_lock_release(lock));
    test_let_go();
    CHECK_EQ(test_finish(process), 0);
    check_sticky_and_repair(lock);
}

/* A child's child holds it, and the parent that would report its death dies too. */
static int start_holder_and_stay(mproc_task *task)
{
    mproc_lock lock;
    read_lock(task, &lock);
    mproc_process *process = test_start(hold_and_stay, MPROC_ARG(lock));
    atomic_store(&test_board()[25], test_pid(process));
    return test_stay(task);
}

static void rule_28_owner_and_its_parent_die(void)
{
    mproc_lock lock = create();
    mproc_process *process = test_start(start_holder_and_stay, MPROC_ARG(lock));
    WAIT_UNTIL(atomic_load(&test_board()[23]) && atomic_load(&test_board()[25]));
    os_kill(test_pid(process));
    os_kill(atomic_load(&test_board()[25]));
    CHECK_CODE(mproc_lock_acquire(lock, test_limit_ms(10000)), MPROC_OWNER_DIED);
    CHECK_OK(mproc_lock_release(lock));
    test_finish(process);
    check_sticky_and_repair(lock);
}

/* Released by another, the lock is nobody's: the death of who took it means nothing any more. */
static void rule_28_released_by_another_before_the_death(void)
{
    mproc_lock lock = create();
    mproc_process *process = test_start(hold_and_stay, MPROC_ARG(lock));
    WAIT_UNTIL(atomic_load(&test_board()[23]));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_process_kill(process));
    test_finish(process);
    CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
}

static int wait_for_ever(mproc_task *task)
{
    mproc_lock lock;
    read_lock(task, &lock);
    atomic_fetch_add(&test_board()[24], 1);
    return mproc_lock_acquire(lock, MPROC_FOREVER);
}

/* Waiters killed asleep must not take the wake of a living one with them. */
static void rule_28_killed_waiters_block_nobody(void)
{
    mproc_lock lock = create();
    mproc_process *waiters[4];
    CHECK_OK(mproc_lock_acquire(lock, 0));
    for (int i = 0; i < 4; i++)
        waiters[i] = test_start(wait_for_ever, MPROC_ARG(lock));
    WAIT_UNTIL(atomic_load(&test_board()[24]) == 4);
    for (int i = 0; i < 3; i++)
        CHECK_OK(mproc_process_kill(waiters[i]));
    CHECK_OK(mproc_lock_release(lock));
    for (int i = 0; i < 4; i++)
        test_finish(waiters[i]);
    /* The last of them held it to its end, in whatever order the deaths came. */
    CHECK_CODE(mproc_lock_acquire(lock, test_limit_ms(5000)), MPROC_OWNER_DIED);
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
}

/* Board words 30 and 31 are equal whenever nobody holds the lock: the data that a death leaves in need of repair. */
static int take_and_give_for_ever(mproc_task *task)
{
    mproc_lock lock;
    read_lock(task, &lock);
    while (atomic_load(test_board()) == 0) {
        int code = mproc_lock_acquire(lock, MPROC_FOREVER);
        CHECK(code == 0 || code == MPROC_OWNER_DIED);
        int64_t value = atomic_load(&test_board()[30]);
        if (code == MPROC_OWNER_DIED) {
            atomic_store(&test_board()[31], value);
            CHECK_OK(mproc_lock_repaired(lock));
        }
        CHECK_EQ(atomic_load(&test_board()[31]), value);
        atomic_store(&test_board()[30], value + 1);
        atomic_store(&test_board()[31], value + 1);
        CHECK_OK(mproc_lock_release(lock));
    }
    return 0;
}

static void end_by_kill(mproc_process *process)
{
    int64_t code;
    CHECK_OK(mproc_process_get_exit_code(process, &code));
    CHECK_EQ(code, MPROC_EXIT_RUNNING);
    CHECK_OK(mproc_process_kill(process));
    test_finish(process);
}

static void rule_28_storm_of_kills(void)
{
    enum { WORKERS = 3 };
    mproc_lock lock = create();
    mproc_process *processes[WORKERS] = { NULL };
    int rounds = test_rounds(60, 20000);
    for (int i = 0; i < rounds; i++) {
        int place = i % WORKERS;
        if (processes[place])
            end_by_kill(processes[place]);
        processes[place] = test_start(take_and_give_for_ever, MPROC_ARG(lock));
        int64_t value = atomic_load(&test_board()[30]);
        WAIT_UNTIL(atomic_load(&test_board()[30]) > value + i % 50);
    }
    for (int i = 0; i < WORKERS; i++)
        end_by_kill(processes[i]);
    int code = mproc_lock_acquire(lock, test_limit_ms(5000));
    CHECK(code == 0 || code == MPROC_OWNER_DIED);
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
}

/* ---- Rule 29 ---- */

static void rule_29_time_outs(void)
{
    static const int64_t timeouts[] = { 0, -1, INT64_MIN, 1, 30 };
    mproc_lock lock = create();
    mproc_process *process = test_start(hold_and_stay, MPROC_ARG(lock));
    WAIT_UNTIL(atomic_load(&test_board()[23]));
    for (size_t i = 0; i < TEST_COUNT(timeouts); i++) {
        int64_t before_ms = os_now_ms();
        CHECK_CODE(mproc_lock_acquire(lock, timeouts[i]), MPROC_E_TIMEOUT);
        CHECK_LE(os_now_ms() - before_ms, test_limit_ms(2000));
        CHECK(timeouts[i] < 30 || os_now_ms() - before_ms >= 10);
    }
    CHECK_OK(mproc_lock_release(lock));
    for (size_t i = 0; i < TEST_COUNT(timeouts); i++) {
        CHECK_OK(mproc_lock_acquire(lock, timeouts[i]));
        CHECK_OK(mproc_lock_release(lock));
    }
    CHECK_OK(mproc_lock_acquire(lock, INT64_MAX - 1));
    CHECK_OK(mproc_lock_release(lock));
    test_let_go();
    CHECK_EQ(test_finish(process), 0);
    CHECK_OK(mproc_lock_destroy(lock));
}

/* What was a negative number, and true in an if, is false; and the error can be told from an answer. */
static void a_question_about_nothing_is_false_and_tells_the_error(void)
{
    mproc_lock lock = create();
    CHECK_NOT(mproc_lock_is_locked(lock), 0);
    CHECK_OK(mproc_lock_destroy(lock));
    CHECK_NOT(mproc_lock_is_locked(lock), MPROC_E_STALE);
    CHECK_CONTAINS(mproc_last_error(), "stale");
    mproc_lock other = create();
    CHECK_NOT(mproc_lock_is_locked(other), 0);
    CHECK_OK(mproc_lock_destroy(other));
}

static const struct test tests[] = {
    TEST(rule_23_released_by_anyone),
    TEST(rule_23_held_by_the_caller),
    TEST_WITH(rule_23_mutual_exclusion, 0, 120),
    TEST(rule_23_locked_from_every_process),
    TEST(lock_made_by_a_child),
    TEST(stale_handles),
    TEST(foreign_handles),
    TEST(damaged_handles),
    TEST(many_locks),
    TEST(names),
    TEST(a_question_about_nothing_is_false_and_tells_the_error),
    TEST(rule_28_waiter_learns_of_a_kill),
    TEST(rule_28_waiters_in_other_processes),
    TEST(rule_28_owner_ends_in_good_order),
    TEST(rule_28_joined_owner_is_known_dead),
    TEST(rule_28_thread_ends),
    TEST(rule_28_thread_of_a_living_process_ends),
    TEST(rule_28_owner_and_its_parent_die),
    TEST(rule_28_released_by_another_before_the_death),
    TEST(rule_28_killed_waiters_block_nobody),
    TEST_WITH(rule_28_storm_of_kills, 0, 600),
    TEST(rule_29_time_outs),
};

static const struct scene scenes[] = {
    SCENE(scene_makes_a_lock),
};

TEST_MAIN(tests, scenes)
