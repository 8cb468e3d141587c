/* Semaphores: rules 24, 28 and 29.
 */
#include "test.h"

static int64_t value_of(mproc_semaphore semaphore)
{
    int64_t value = -1;
    CHECK_OK(mproc_semaphore_get_value(semaphore, &value));
    return value;
}

static mproc_semaphore create(int64_t value)
{
    mproc_semaphore semaphore;
    CHECK_OK(mproc_semaphore_create(&semaphore, value, NULL));
    return semaphore;
}

static mproc_semaphore create_bounded(int64_t value)
{
    mproc_semaphore semaphore;
    CHECK_OK(mproc_semaphore_create(&semaphore, value, &(mproc_semaphore_options){ .bounded = true }));
    return semaphore;
}

static mproc_semaphore create_tracked(int64_t value)
{
    mproc_semaphore semaphore;
    CHECK_OK(mproc_semaphore_create(&semaphore, value, &(mproc_semaphore_options){ .track_owners = 1 }));
    return semaphore;
}

static mproc_semaphore read_semaphore(mproc_task *task)
{
    mproc_semaphore semaphore;
    CHECK_OK(mproc_task_read(task, &semaphore, sizeof semaphore));
    return semaphore;
}

static void check_value(mproc_semaphore semaphore, int value)
{
    CHECK_EQ(value_of(semaphore), value);
}

/* ---- Rule 24 ---- */

static void check_refused(int64_t value, bool track_owners, int expected)
{
    mproc_semaphore_options options = { .track_owners = track_owners };
    mproc_semaphore semaphore = { { 1, 2 } };
    CHECK_CODE(mproc_semaphore_create(&semaphore, value, &options), expected);
    options.bounded = true;
    CHECK_CODE(mproc_semaphore_create(&semaphore, value, &options), expected);
    CHECK(semaphore.id[0] == 1 && semaphore.id[1] == 2);
}

static void rule_24_initial_values(void)
{
    check_refused(-1, false, MPROC_E_INVALID);
    check_refused(INT64_MIN, false, MPROC_E_INVALID);
    check_refused(-1, true, MPROC_E_INVALID);
    check_refused((int64_t)MPROC_SEMAPHORE_VALUE_MAX + 1, false, MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "2147483647");
    check_refused(INT64_MAX, false, MPROC_E_LIMIT);
    check_refused(MPROC_SEMAPHORE_TRACKED_MAX + 1, true, MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "960");
    mproc_semaphore semaphore = create(0);
    check_value(semaphore, 0);
    CHECK_OK(mproc_semaphore_destroy(semaphore));
}

static void rule_24_over_release(void)
{
    mproc_semaphore semaphore = create(1);
    CHECK_OK(mproc_semaphore_release(semaphore));
    check_value(semaphore, 2);
    CHECK_OK(mproc_semaphore_acquire(semaphore, 0));
    CHECK_OK(mproc_semaphore_acquire(semaphore, 0));
    check_value(semaphore, 0);
    CHECK_CODE(mproc_semaphore_acquire(semaphore, 0), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_semaphore_destroy(semaphore));
}

static void rule_24_over_release_of_a_bounded_one(void)
{
    mproc_semaphore semaphore = create_bounded(2);
    CHECK_CODE(mproc_semaphore_release(semaphore), MPROC_E_STATE);
    check_value(semaphore, 2);
    CHECK_OK(mproc_semaphore_acquire(semaphore, 0));
    CHECK_OK(mproc_semaphore_release(semaphore));
    CHECK_CODE(mproc_semaphore_release(semaphore), MPROC_E_STATE);
    CHECK_OK(mproc_semaphore_destroy(semaphore));
}

static void rule_24_highest_value(void)
{
    mproc_semaphore semaphore = create(MPROC_SEMAPHORE_VALUE_MAX);
    check_value(semaphore, MPROC_SEMAPHORE_VALUE_MAX);
    CHECK_CODE(mproc_semaphore_release(semaphore), MPROC_E_LIMIT);
    CHECK_OK(mproc_semaphore_acquire(semaphore, 0));
    CHECK_OK(mproc_semaphore_release(semaphore));
    CHECK_CODE(mproc_semaphore_release(semaphore), MPROC_E_LIMIT);
    check_value(semaphore, MPROC_SEMAPHORE_VALUE_MAX);
    CHECK_OK(mproc_semaphore_destroy(semaphore));
}

static int value_in_child(mproc_task *task)
{
    return (int)value_of(read_semaphore(task));
}

static void rule_24_value_in_every_process(void)
{
    mproc_semaphore kinds[] = { create(3), create_bounded(3), create_tracked(3) };
    for (size_t i = 0; i < TEST_COUNT(kinds); i++) {
        CHECK_EQ(test_finish(test_start(value_in_child, MPROC_ARG(kinds[i]))), 3);
        CHECK_OK(mproc_semaphore_acquire(kinds[i], 0));
        CHECK_EQ(test_finish(test_start(value_in_child, MPROC_ARG(kinds[i]))), 2);
        CHECK_OK(mproc_semaphore_release(kinds[i]));
        CHECK_OK(mproc_semaphore_destroy(kinds[i]));
    }
}

/* Board words 20: inside now, 21: the most there were. */
enum { VISITORS = 4, VISITS = 1500, ROOM = 2 };

static int visit(mproc_task *task)
{
    mproc_semaphore semaphore = read_semaphore(task);
    _Atomic int64_t *inside = &test_board()[20], *most = &test_board()[21];
    for (int i = 0; i < VISITS; i++) {
        CHECK_OK(mproc_semaphore_acquire(semaphore, MPROC_FOREVER));
        int64_t now = atomic_fetch_add(inside, 1) + 1, seen = atomic_load(most);
        while (seen < now && !atomic_compare_exchange_weak(most, &seen, now))
            ;
        atomic_fetch_sub(inside, 1);
        CHECK_OK(mproc_semaphore_release(semaphore));
    }
    return 0;
}

static void rule_24_no_more_inside_than_permits(void)
{
    mproc_semaphore kinds[] = { create(ROOM), create_bounded(ROOM), create_tracked(ROOM) };
    for (size_t i = 0; i < TEST_COUNT(kinds); i++) {
        mproc_process *processes[VISITORS];
        for (int k = 0; k < VISITORS; k++)
            processes[k] = test_start(visit, MPROC_ARG(kinds[i]));
        for (int k = 0; k < VISITORS; k++)
            CHECK_EQ(test_finish(processes[k]), 0);
        CHECK_LE(atomic_load(&test_board()[21]), ROOM);
        check_value(kinds[i], ROOM);
        CHECK_OK(mproc_semaphore_destroy(kinds[i]));
    }
}

/* Every permit given is taken: no wake is lost, whoever sleeps. */
enum { GIVEN = 3000 };

static int take_a_third(mproc_task *task)
{
    mproc_semaphore semaphore = read_semaphore(task);
    for (int i = 0; i < GIVEN / 3; i++)
        CHECK_OK(mproc_semaphore_acquire(semaphore, MPROC_FOREVER));
    return 0;
}

static void rule_24_what_is_given_is_taken(void)
{
    mproc_semaphore semaphore = create(0);
    mproc_process *processes[3];
    for (int i = 0; i < 3; i++)
        processes[i] = test_start(take_a_third, MPROC_ARG(semaphore));
    for (int i = 0; i < GIVEN; i++) {
        CHECK_OK(mproc_semaphore_release(semaphore));
        if (i % 500 == 0)
            WAIT_UNTIL(value_of(semaphore) == 0);
    }
    for (int i = 0; i < 3; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    check_value(semaphore, 0);
    CHECK_OK(mproc_semaphore_destroy(semaphore));
}

/* ---- Handles that mean nothing ---- */

static void check_all_say(mproc_semaphore semaphore, int expected)
{
    CHECK_CODE(mproc_semaphore_acquire(semaphore, 0), expected);
    CHECK_CODE(mproc_semaphore_acquire(semaphore, MPROC_FOREVER), expected);
    CHECK_CODE(mproc_semaphore_release(semaphore), expected);
    int64_t value = 7;
    CHECK_CODE(mproc_semaphore_get_value(semaphore, &value), expected);
    CHECK_EQ(value, 7);
    CHECK_CODE(mproc_semaphore_destroy(semaphore), expected);
}

static void handles_that_mean_nothing(void)
{
    mproc_semaphore kinds[] = { create(3), create_bounded(3), create_tracked(3) };
    check_all_say((mproc_semaphore){ { 0, 0 } }, MPROC_E_FOREIGN);
    for (size_t i = 0; i < TEST_COUNT(kinds); i++) {
        mproc_semaphore damaged = { { kinds[i].id[0] ^ 1, kinds[i].id[1] } };
        check_all_say(damaged, MPROC_E_FOREIGN);
        CHECK_OK(mproc_semaphore_destroy(kinds[i]));
        check_all_say(kinds[i], MPROC_E_STALE);
    }
    mproc_semaphore others[] = { create(3), create_tracked(3) };
    for (size_t i = 0; i < TEST_COUNT(kinds); i++)
        check_all_say(kinds[i], MPROC_E_STALE);
    for (size_t i = 0; i < TEST_COUNT(others); i++)
        CHECK_OK(mproc_semaphore_destroy(others[i]));
}

static int wait_until_stale(mproc_task *task)
{
    mproc_semaphore semaphore = read_semaphore(task);
    atomic_fetch_add(&test_board()[22], 1);
    CHECK_CODE(mproc_semaphore_acquire(semaphore, MPROC_FOREVER), MPROC_E_STALE);
    return 0;
}

static void destroyed_under_its_waiters(void)
{
    mproc_semaphore kinds[] = { create(0), create_tracked(0) };
    for (size_t i = 0; i < TEST_COUNT(kinds); i++) {
        mproc_process *processes[2];
        for (int k = 0; k < 2; k++)
            processes[k] = test_start(wait_until_stale, MPROC_ARG(kinds[i]));
        WAIT_UNTIL(atomic_load(&test_board()[22]) == 2 * (int64_t)(i + 1));
        CHECK_OK(mproc_semaphore_destroy(kinds[i]));
        for (int k = 0; k < 2; k++)
            CHECK_EQ(test_finish(processes[k]), 0);
    }
}

static void names(void)
{
    mproc_semaphore_options options = { .name = "gate" };
    mproc_semaphore semaphore;
    CHECK_OK(mproc_semaphore_create(&semaphore, 0, &options));
    CHECK_CODE(mproc_semaphore_acquire(semaphore, 0), MPROC_E_TIMEOUT);
    CHECK_CONTAINS(mproc_last_error(), "semaphore gate");
    CHECK_OK(mproc_semaphore_destroy(semaphore));
}

/* ---- Rule 28 ---- */

/* Board word 23: how many hold a permit. */
static int hold_two_and_stay(mproc_task *task)
{
    mproc_semaphore semaphore = read_semaphore(task);
    for (int i = 0; i < 2; i++)
        CHECK_OK(mproc_semaphore_acquire(semaphore, 0));
    atomic_fetch_add(&test_board()[23], 1);
    return test_stay(task);
}

static void rule_28_permits_of_a_killed_process_come_back(void)
{
    mproc_semaphore semaphore = create_tracked(3);
    mproc_process *process = test_start(hold_two_and_stay, MPROC_ARG(semaphore));
    WAIT_UNTIL(atomic_load(&test_board()[23]));
    CHECK_OK(mproc_semaphore_acquire(semaphore, 0));
    CHECK_CODE(mproc_semaphore_acquire(semaphore, 30), MPROC_E_TIMEOUT);
    check_value(semaphore, 0);
    os_kill(test_pid(process));
    int64_t before_ms = os_now_ms();
    CHECK_CODE(mproc_semaphore_acquire(semaphore, MPROC_FOREVER), MPROC_OWNER_DIED);
    CHECK_LE(os_now_ms() - before_ms, test_limit_ms(2000));
    check_value(semaphore, 1);
    CHECK_CODE(mproc_semaphore_acquire(semaphore, 0), MPROC_OWNER_DIED);
    test_finish(process);
    for (int i = 0; i < 3; i++)
        CHECK_OK(mproc_semaphore_release(semaphore));
    check_value(semaphore, 3);
    CHECK_OK(mproc_semaphore_acquire(semaphore, 0));
    CHECK_OK(mproc_semaphore_release(semaphore));
    CHECK_OK(mproc_semaphore_destroy(semaphore));
}

static void acquire_in_thread(void *user)
{
    CHECK_OK(mproc_semaphore_acquire(*(mproc_semaphore *)user, MPROC_FOREVER));
}

static void rule_28_permit_of_a_thread_comes_back(void)
{
    mproc_semaphore semaphore = create_tracked(1);
    os_thread_join(os_thread_start(acquire_in_thread, &semaphore));
    check_value(semaphore, 1);
    CHECK_CODE(mproc_semaphore_acquire(semaphore, 0), MPROC_OWNER_DIED);
    CHECK_OK(mproc_semaphore_release(semaphore));
    CHECK_OK(mproc_semaphore_destroy(semaphore));
}

static int release_of_another(mproc_task *task)
{
    CHECK_CODE(mproc_semaphore_release(read_semaphore(task)), MPROC_E_NOT_OWNER);
    return 0;
}

static void tracked_permits_are_released_by_their_owner(void)
{
    mproc_semaphore semaphore = create_tracked(2);
    CHECK_CODE(mproc_semaphore_release(semaphore), MPROC_E_NOT_OWNER);
    CHECK_OK(mproc_semaphore_acquire(semaphore, 0));
    CHECK_EQ(test_finish(test_start(release_of_another, MPROC_ARG(semaphore))), 0);
    check_value(semaphore, 1);
    CHECK_OK(mproc_semaphore_release(semaphore));
    CHECK_CODE(mproc_semaphore_release(semaphore), MPROC_E_NOT_OWNER);
    check_value(semaphore, 2);
    CHECK_OK(mproc_semaphore_destroy(semaphore));
}

static void tracked_permits_up_to_the_limit(void)
{
    mproc_semaphore semaphore = create_tracked(MPROC_SEMAPHORE_TRACKED_MAX);
    for (int i = 0; i < MPROC_SEMAPHORE_TRACKED_MAX; i++)
        CHECK_OK(mproc_semaphore_acquire(semaphore, 0));
    CHECK_CODE(mproc_semaphore_acquire(semaphore, 0), MPROC_E_TIMEOUT);
    for (int i = 0; i < MPROC_SEMAPHORE_TRACKED_MAX; i++)
        CHECK_OK(mproc_semaphore_release(semaphore));
    check_value(semaphore, MPROC_SEMAPHORE_TRACKED_MAX);
    CHECK_OK(mproc_semaphore_destroy(semaphore));
}

static int acquire_for_ever(mproc_task *task)
{
    mproc_semaphore semaphore = read_semaphore(task);
    atomic_fetch_add(&test_board()[24], 1);
    CHECK_OK(mproc_semaphore_acquire(semaphore, MPROC_FOREVER));
    return 0;
}

/* Killed asleep they must not take the wake of a living one with them. */
static void rule_28_killed_waiters_block_nobody(void)
{
    mproc_semaphore semaphore = create(0);
    mproc_process *waiters[4];
    for (int i = 0; i < 4; i++)
        waiters[i] = test_start(acquire_for_ever, MPROC_ARG(semaphore));
    WAIT_UNTIL(atomic_load(&test_board()[24]) == 4);
    for (int i = 0; i < 3; i++)
        os_kill(test_pid(waiters[i]));
    CHECK_OK(mproc_semaphore_release(semaphore));
    CHECK_EQ(test_finish(waiters[3]), 0);
    for (int i = 0; i < 3; i++)
        test_finish(waiters[i]);
    CHECK_OK(mproc_semaphore_destroy(semaphore));
}

/* ---- Rule 29 ---- */

static void rule_29_time_outs(void)
{
    static const int64_t timeouts[] = { 0, -1, INT64_MIN, 1, 30 };
    mproc_semaphore kinds[] = { create(0), create_tracked(0) };
    for (size_t i = 0; i < TEST_COUNT(kinds) * TEST_COUNT(timeouts); i++) {
        int64_t before_ms = os_now_ms(), timeout_ms = timeouts[i % TEST_COUNT(timeouts)];
        CHECK_CODE(mproc_semaphore_acquire(kinds[i / TEST_COUNT(timeouts)], timeout_ms), MPROC_E_TIMEOUT);
        CHECK_LE(os_now_ms() - before_ms, test_limit_ms(2000));
        CHECK(timeout_ms < 30 || os_now_ms() - before_ms >= 10);
    }
    for (size_t i = 0; i < TEST_COUNT(kinds); i++)
        CHECK_OK(mproc_semaphore_destroy(kinds[i]));
}

static const struct test tests[] = {
    TEST(rule_24_initial_values),
    TEST(rule_24_over_release),
    TEST(rule_24_over_release_of_a_bounded_one),
    TEST(rule_24_highest_value),
    TEST(rule_24_value_in_every_process),
    TEST_WITH(rule_24_no_more_inside_than_permits, 0, 120),
    TEST_WITH(rule_24_what_is_given_is_taken, 0, 120),
    TEST(handles_that_mean_nothing),
    TEST(destroyed_under_its_waiters),
    TEST(names),
    TEST(rule_28_permits_of_a_killed_process_come_back),
    TEST(rule_28_permit_of_a_thread_comes_back),
    TEST(tracked_permits_are_released_by_their_owner),
    TEST(tracked_permits_up_to_the_limit),
    TEST(rule_28_killed_waiters_block_nobody),
    TEST(rule_29_time_outs),
};

TEST_MAIN_PLAIN(tests)
