/* Events: rules 26, 28 and 29.
 */
#include "test.h"

static mproc_event create(void)
{
    mproc_event event;
    CHECK_OK(mproc_event_create(&event, NULL));
    return event;
}

static mproc_event read_event(mproc_task *task)
{
    mproc_event event;
    CHECK_OK(mproc_task_read(task, &event, sizeof event));
    return event;
}

/* ---- Rule 26 ---- */

static int is_set_in_child(mproc_task *task)
{
    return mproc_event_is_set(read_event(task));
}

static void rule_26_wait_returns_the_flag(void)
{
    mproc_event event = create();
    CHECK_EQ(mproc_event_is_set(event), 0);
    CHECK_CODE(mproc_event_wait(event, 0), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_event_set(event));
    CHECK_OK(mproc_event_set(event));
    CHECK_EQ(mproc_event_is_set(event), 1);
    CHECK_OK(mproc_event_wait(event, 0));
    CHECK_OK(mproc_event_wait(event, MPROC_FOREVER));
    CHECK_EQ(test_finish(test_start(is_set_in_child, MPROC_ARG(event))), 1);
    CHECK_OK(mproc_event_clear(event));
    CHECK_OK(mproc_event_clear(event));
    CHECK_EQ(mproc_event_is_set(event), 0);
    CHECK_EQ(test_finish(test_start(is_set_in_child, MPROC_ARG(event))), 0);
    CHECK_CODE(mproc_event_wait(event, 1), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_event_destroy(event));
}

/* Board words 20: about to wait, 21: let go. */
enum { WAITERS = 4 };

static int wait_for_it(mproc_task *task)
{
    mproc_event event = read_event(task);
    atomic_fetch_add(&test_board()[20], 1);
    CHECK_OK(mproc_event_wait(event, MPROC_FOREVER));
    atomic_fetch_add(&test_board()[21], 1);
    return 0;
}

static void start_waiters(mproc_event event, mproc_process **ret_processes)
{
    for (int i = 0; i < WAITERS; i++)
        ret_processes[i] = test_start(wait_for_it, MPROC_ARG(event));
    WAIT_UNTIL(atomic_load(&test_board()[20]) == WAITERS);
}

static void rule_26_set_wakes_all(void)
{
    mproc_event event = create();
    mproc_process *processes[WAITERS];
    start_waiters(event, processes);
    CHECK_EQ(atomic_load(&test_board()[21]), 0);
    CHECK_OK(mproc_event_set(event));
    for (int i = 0; i < WAITERS; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_OK(mproc_event_destroy(event));
}

static int set_it(mproc_task *task)
{
    return mproc_event_set(read_event(task));
}

static void rule_26_set_by_a_child(void)
{
    mproc_event event = create();
    mproc_process *process = test_start(set_it, MPROC_ARG(event));
    CHECK_OK(mproc_event_wait(event, MPROC_FOREVER));
    CHECK_EQ(test_finish(process), 0);
    CHECK_OK(mproc_event_destroy(event));
}

/* The flag is never set for longer than a moment, and yet each gets away: a set counts for all who wait then. */
static bool pulse(mproc_event event)
{
    CHECK_OK(mproc_event_set(event));
    CHECK_OK(mproc_event_clear(event));
    return atomic_load(&test_board()[21]) == WAITERS;
}

static void rule_26_set_and_clear_lets_go_who_waits(void)
{
    mproc_event event = create();
    mproc_process *processes[WAITERS];
    start_waiters(event, processes);
    WAIT_UNTIL(pulse(event));
    for (int i = 0; i < WAITERS; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_CODE(mproc_event_wait(event, 0), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_event_destroy(event));
}

/* What was stored before the set is seen after the wait: plain memory here, shared by threads. */
struct letter {
    mproc_event sent, read;
    int64_t text;
    bool is_wrong;
};

enum { LETTERS = 2000 };

static void read_letters(void *user)
{
    struct letter *letter = user;
    for (int i = 0; i < LETTERS; i++) {
        CHECK_OK(mproc_event_wait(letter->sent, MPROC_FOREVER));
        CHECK_OK(mproc_event_clear(letter->sent));
        letter->is_wrong |= letter->text != i;
        CHECK_OK(mproc_event_set(letter->read));
    }
}

static void rule_26_carries_what_was_done_before(void)
{
    struct letter letter = { create(), create(), -1, false };
    os_thread *thread = os_thread_start(read_letters, &letter);
    for (int i = 0; i < LETTERS; i++) {
        letter.text = i;
        CHECK_OK(mproc_event_set(letter.sent));
        CHECK_OK(mproc_event_wait(letter.read, MPROC_FOREVER));
        CHECK_OK(mproc_event_clear(letter.read));
    }
    os_thread_join(thread);
    CHECK(!letter.is_wrong);
    CHECK_OK(mproc_event_destroy(letter.sent));
    CHECK_OK(mproc_event_destroy(letter.read));
}

/* ---- Handles that mean nothing ---- */

static void check_all_say(mproc_event event, int expected)
{
    CHECK_CODE(mproc_event_set(event), expected);
    CHECK_CODE(mproc_event_clear(event), expected);
    CHECK_NOT(mproc_event_is_set(event), expected);
    CHECK_CODE(mproc_event_wait(event, 0), expected);
    CHECK_CODE(mproc_event_wait(event, MPROC_FOREVER), expected);
    CHECK_CODE(mproc_event_destroy(event), expected);
}

static void handles_that_mean_nothing(void)
{
    mproc_event event = create();
    check_all_say((mproc_event){ { 0, 0 } }, MPROC_E_FOREIGN);
    check_all_say((mproc_event){ { event.id[0], event.id[1] ^ 1 } }, MPROC_E_FOREIGN);
    CHECK_OK(mproc_event_destroy(event));
    check_all_say(event, MPROC_E_STALE);
    mproc_event other = create();
    CHECK_OK(mproc_event_set(other));
    check_all_say(event, MPROC_E_STALE);
    CHECK_EQ(mproc_event_is_set(other), 1);
    CHECK_OK(mproc_event_destroy(other));
}

static int wait_until_stale(mproc_task *task)
{
    mproc_event event = read_event(task);
    atomic_fetch_add(&test_board()[20], 1);
    CHECK_CODE(mproc_event_wait(event, MPROC_FOREVER), MPROC_E_STALE);
    return 0;
}

static void destroyed_under_its_waiters(void)
{
    mproc_event event = create();
    mproc_process *process = test_start(wait_until_stale, MPROC_ARG(event));
    WAIT_UNTIL(atomic_load(&test_board()[20]) == 1);
    CHECK_OK(mproc_event_destroy(event));
    CHECK_EQ(test_finish(process), 0);
}

static void names(void)
{
    mproc_event_options options = { .name = "start" };
    mproc_event event;
    CHECK_OK(mproc_event_create(&event, &options));
    CHECK_CODE(mproc_event_wait(event, 0), MPROC_E_TIMEOUT);
    CHECK_CONTAINS(mproc_last_error(), "event start");
    CHECK_OK(mproc_event_destroy(event));
}

/* ---- Rules 28 and 29 ---- */

static void rule_28_killed_waiters_block_nobody(void)
{
    mproc_event event = create();
    mproc_process *processes[WAITERS];
    start_waiters(event, processes);
    for (int i = 0; i < WAITERS - 1; i++)
        os_kill(test_pid(processes[i]));
    CHECK_OK(mproc_event_set(event));
    CHECK_EQ(test_finish(processes[WAITERS - 1]), 0);
    for (int i = 0; i < WAITERS - 1; i++)
        test_finish(processes[i]);
    CHECK_OK(mproc_event_destroy(event));
}

static void rule_29_time_outs(void)
{
    static const int64_t timeouts[] = { 0, -1, INT64_MIN, 1, 30 };
    mproc_event event = create();
    for (size_t i = 0; i < TEST_COUNT(timeouts); i++) {
        int64_t before_ms = os_now_ms();
        CHECK_CODE(mproc_event_wait(event, timeouts[i]), MPROC_E_TIMEOUT);
        CHECK_LE(os_now_ms() - before_ms, test_limit_ms(2000));
        CHECK(timeouts[i] < 30 || os_now_ms() - before_ms >= 10);
    }
    CHECK_OK(mproc_event_set(event));
    for (size_t i = 0; i < TEST_COUNT(timeouts); i++)
        CHECK_OK(mproc_event_wait(event, timeouts[i]));
    CHECK_OK(mproc_event_destroy(event));
}

static const struct test tests[] = {
    TEST(rule_26_wait_returns_the_flag),
    TEST(rule_26_set_wakes_all),
    TEST(rule_26_set_by_a_child),
    TEST(rule_26_set_and_clear_lets_go_who_waits),
    TEST_WITH(rule_26_carries_what_was_done_before, 0, 120),
    TEST(handles_that_mean_nothing),
    TEST(destroyed_under_its_waiters),
    TEST(names),
    TEST(rule_28_killed_waiters_block_nobody),
    TEST(rule_29_time_outs),
};

TEST_MAIN_PLAIN(tests)
