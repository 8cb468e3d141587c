/* Barriers: rules 27, 28 and 29.
 */
#include "barrier_calls.h"
#include "test.h"

/* Board words: */
enum { THROUGH = 20, BROKEN_COUNT, TIMED_OUT, ACTIONS, ATTACHED, LEAVE, RESULT, PLACES = 100, ARRIVED = 400 };

static int parties_of(mproc_barrier barrier)
{
    int parties = -1;
    CHECK_OK(mproc_barrier_get_parties(barrier, &parties));
    return parties;
}

static _Atomic int64_t *word(int index)
{
    return &test_board()[index];
}

static mproc_barrier create(int parties)
{
    mproc_barrier barrier;
    CHECK_OK(mproc_barrier_create(&barrier, parties, NULL));
    return barrier;
}

static mproc_barrier create_with(int parties, mproc_barrier_options options)
{
    mproc_barrier barrier;
    CHECK_OK(mproc_barrier_create(&barrier, parties, &options));
    return barrier;
}

static mproc_barrier read_barrier(mproc_task *task)
{
    mproc_barrier barrier;
    CHECK_OK(mproc_task_read(task, &barrier, sizeof barrier));
    return barrier;
}

/* Waits once and counts how it ended. */
static int wait_once(mproc_task *task)
{
    int code = arrive(read_barrier(task), MPROC_FOREVER);
    if (code < 0 && code != MPROC_E_BROKEN_BARRIER)
        CHECK_OK(code);
    atomic_fetch_add(word(code >= 0 ? THROUGH : BROKEN_COUNT), 1);
    return 0;
}

static mproc_process *start_waiter(mproc_barrier barrier)
{
    int before = waiting_at(barrier);
    mproc_process *process = test_start(wait_once, MPROC_ARG(barrier));
    WAIT_UNTIL(waiting_at(barrier) == before + 1);
    return process;
}

/* What a barrier without company can be relied on for, at the end of a test. */
static void check_works(mproc_barrier barrier)
{
    int parties = parties_of(barrier);
    mproc_process *processes[8];
    CHECK(parties <= 8);
    CHECK_EQ(mproc_barrier_is_broken(barrier), 0);
    int64_t through = atomic_load(word(THROUGH));
    for (int i = 0; i < parties - 1; i++)
        processes[i] = start_waiter(barrier);
    CHECK_EQ(arrive(barrier, MPROC_FOREVER), parties - 1);
    for (int i = 0; i < parties - 1; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_EQ(atomic_load(word(THROUGH)), through + parties - 1);
    CHECK_EQ(waiting_at(barrier), 0);
}

/* ---- Rule 27: generations and places ---- */

enum { PARTIES = 4, GENERATIONS = 100 };

/* Each place is counted once in each generation, and nobody goes on before all have come. */
static int go_round(mproc_task *task)
{
    mproc_barrier barrier = read_barrier(task);
    for (int i = 0; i < GENERATIONS; i++) {
        atomic_fetch_add(word(ARRIVED + i), 1);
        int place = arrive(barrier, MPROC_FOREVER);
        CHECK(place >= 0 && place < PARTIES);
        CHECK_EQ(atomic_load(word(ARRIVED + i)), PARTIES);
        atomic_fetch_add(word(PLACES + i), (int64_t)1 << (8 * place));
    }
    return 0;
}

static void rule_27_generations_and_places(void)
{
    mproc_barrier barrier = create(PARTIES);
    mproc_process *processes[PARTIES];
    for (int i = 0; i < PARTIES; i++)
        processes[i] = test_start(go_round, MPROC_ARG(barrier));
    for (int i = 0; i < PARTIES; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    for (int i = 0; i < GENERATIONS; i++)
        CHECK_EQ(atomic_load(word(PLACES + i)), 0x01010101);
    check_works(barrier);
    CHECK_OK(mproc_barrier_destroy(barrier));
}

static void rule_27_one_party(void)
{
    mproc_barrier barrier = create(1);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(arrive(barrier, i % 2 ? 0 : MPROC_FOREVER), 0);
    CHECK_OK(mproc_barrier_destroy(barrier));
}

/* More threads than parties: they form generations as they come. */
static void rule_27_more_threads_than_parties(void)
{
    enum { THREADS = 6 };
    mproc_barrier barrier = create(2);
    mproc_process *processes[THREADS];
    for (int i = 0; i < THREADS; i++)
        processes[i] = test_start(wait_once, MPROC_ARG(barrier));
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_EQ(atomic_load(word(THROUGH)), THREADS);
    CHECK_OK(mproc_barrier_destroy(barrier));
}

/* ---- Rule 27: breaking ---- */

static void check_broken(mproc_barrier barrier, mproc_process **waiters, int count)
{
    for (int i = 0; i < count; i++)
        CHECK_EQ(test_finish(waiters[i]), 0);
    CHECK_EQ(atomic_load(word(BROKEN_COUNT)), count);
    CHECK_EQ(atomic_load(word(THROUGH)), 0);
    CHECK_EQ(mproc_barrier_is_broken(barrier), 1);
    CHECK_EQ(waiting_at(barrier), 0);
    CHECK_CODE(arrive(barrier, 0), MPROC_E_BROKEN_BARRIER);
    CHECK_CODE(arrive(barrier, MPROC_FOREVER), MPROC_E_BROKEN_BARRIER);
    CHECK_OK(mproc_barrier_reset(barrier));
    check_works(barrier);
    CHECK_OK(mproc_barrier_destroy(barrier));
}

static void rule_27_a_time_out_breaks_it(void)
{
    mproc_barrier barrier = create(4);
    mproc_process *waiters[] = { start_waiter(barrier), start_waiter(barrier) };
    CHECK_EQ(waiting_at(barrier), 2);
    CHECK_CODE(arrive(barrier, 20), MPROC_E_TIMEOUT);
    check_broken(barrier, waiters, 2);
}

static void rule_27_abort_breaks_it(void)
{
    mproc_barrier barrier = create(4);
    mproc_process *waiters[] = { start_waiter(barrier), start_waiter(barrier), start_waiter(barrier) };
    CHECK_OK(mproc_barrier_abort(barrier));
    CHECK_OK(mproc_barrier_abort(barrier));
    check_broken(barrier, waiters, 3);
}

/* Those who waited are broken, the barrier is not. */
static void rule_27_reset_breaks_who_waits(void)
{
    mproc_barrier barrier = create(4);
    mproc_process *waiters[] = { start_waiter(barrier), start_waiter(barrier) };
    CHECK_OK(mproc_barrier_reset(barrier));
    for (int i = 0; i < 2; i++)
        CHECK_EQ(test_finish(waiters[i]), 0);
    CHECK_EQ(atomic_load(word(BROKEN_COUNT)), 2);
    check_works(barrier);
    CHECK_OK(mproc_barrier_reset(barrier));
    check_works(barrier);
    CHECK_OK(mproc_barrier_destroy(barrier));
}

/* A waiter that has not run yet still learns what became of its own generation, however many there were since. */
static void rule_27_a_late_waiter_learns_of_its_own_generation(void)
{
    mproc_barrier barrier = create(2);
    for (int i = 0; i < 30; i++) {
        int64_t broken = atomic_load(word(BROKEN_COUNT));
        mproc_process *waiter = start_waiter(barrier);
        CHECK_OK(mproc_barrier_reset(barrier));
        /* Three more ends of generations right after. */
        CHECK_CODE(arrive(barrier, 0), MPROC_E_TIMEOUT);
        CHECK_OK(mproc_barrier_reset(barrier));
        CHECK_CODE(arrive(barrier, 0), MPROC_E_TIMEOUT);
        CHECK_OK(mproc_barrier_reset(barrier));
        CHECK_EQ(test_finish(waiter), 0);
        CHECK_EQ(atomic_load(word(BROKEN_COUNT)), broken + 1);
    }
    check_works(barrier);
    CHECK_OK(mproc_barrier_destroy(barrier));
}

static void rule_27_default_time_out(void)
{
    mproc_barrier barrier = create_with(2, (mproc_barrier_options){ .timeout_ms = 30 });
    CHECK_CODE(arrive(barrier, MPROC_FOREVER), MPROC_E_TIMEOUT);
    CHECK_EQ(mproc_barrier_is_broken(barrier), 1);
    CHECK_OK(mproc_barrier_destroy(barrier));
}

/* ---- Rule 27: the action ---- */

/* Run when all have come and none has gone on; board word RESULT is what it returns. */
static int act(mproc_barrier barrier, const void *user)
{
    (void)user;
    CHECK_EQ(waiting_at(barrier), parties_of(barrier));
    CHECK_EQ(atomic_load(word(THROUGH)) % parties_of(barrier), 0);
    atomic_fetch_add(word(ACTIONS), 1);
    return (int)atomic_load(word(RESULT));
}

/* The second barrier keeps a party from coming to the first one again while others count. */
static int go_round_and_count(mproc_task *task)
{
    mproc_barrier barriers[2];
    CHECK_OK(mproc_task_read(task, barriers, sizeof barriers));
    for (int i = 0; i < GENERATIONS; i++) {
        CHECK_EQ(atomic_load(word(ACTIONS)), i);
        CHECK(arrive(barriers[0], MPROC_FOREVER) >= 0);
        CHECK_EQ(atomic_load(word(ACTIONS)), i + 1);
        atomic_fetch_add(word(THROUGH), 1);
        CHECK(arrive(barriers[1], MPROC_FOREVER) >= 0);
    }
    return 0;
}

static void rule_27_the_action_runs_once_before_anyone_goes_on(void)
{
    mproc_barrier barriers[2] = { create_with(3, (mproc_barrier_options){ .action = act }), create(3) };
    mproc_process *processes[3];
    for (int i = 0; i < 3; i++)
        processes[i] = test_start(go_round_and_count, MPROC_ARG(barriers));
    for (int i = 0; i < 3; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_EQ(atomic_load(word(ACTIONS)), GENERATIONS);
    for (int i = 0; i < 2; i++)
        CHECK_OK(mproc_barrier_destroy(barriers[i]));
}

static void rule_27_a_failing_action_breaks_it(void)
{
    mproc_barrier barrier = create_with(3, (mproc_barrier_options){ .action = act, .name = "failing" });
    mproc_process *waiters[] = { start_waiter(barrier), start_waiter(barrier) };
    atomic_store(word(RESULT), 5);
    CHECK_CODE(arrive(barrier, MPROC_FOREVER), MPROC_E_CALLBACK);
    CHECK_CONTAINS(mproc_last_error(), "5");
    CHECK_EQ(atomic_load(word(ACTIONS)), 1);
    atomic_store(word(RESULT), 0);
    check_broken(barrier, waiters, 2);
    CHECK_EQ(atomic_load(word(ACTIONS)), 2);
}

/* What an action is for that was given bytes when the barrier was made. */
struct tally {
    mproc_event told;
    int64_t add;
};

static int count_in_tally(mproc_barrier barrier, const void *user)
{
    (void)barrier;
    const struct tally *tally = user;
    atomic_fetch_add(word(ACTIONS), tally->add);
    return mproc_event_set(tally->told);
}

static int check_no_args(mproc_barrier barrier, const void *user)
{
    (void)barrier;
    return user != NULL;
}

static void the_action_gets_its_bytes_in_any_process(void)
{
    struct tally tally = { .add = 5 };
    CHECK_OK(mproc_event_create(&tally.told, NULL));
    mproc_barrier barrier =
        create_with(1, (mproc_barrier_options){ .action = count_in_tally, .action_args = MPROC_ARG(tally) });
    struct tally given = tally;
    tally.add = 1000;
    CHECK_EQ(arrive(barrier, 0), 0);
    mproc_process *process = test_start(wait_once, MPROC_ARG(barrier));
    CHECK_EQ(test_finish(process), 0);
    CHECK_EQ(atomic_load(word(ACTIONS)), 2 * given.add);
    CHECK_OK(mproc_event_wait(tally.told, 0));
    mproc_barrier without = create_with(1, (mproc_barrier_options){ .action = check_no_args });
    CHECK_EQ(arrive(without, 0), 0);
    CHECK_OK(mproc_barrier_destroy(without));
    CHECK_OK(mproc_barrier_destroy(barrier));
    CHECK_OK(mproc_event_destroy(tally.told));
}

static void bytes_that_no_action_can_get(void)
{
    char bytes[MPROC_BARRIER_ARGS_MAX + 1] = { 0 };
    mproc_barrier barrier = { { 7, 7 } };
    mproc_barrier_options options = { .action = check_no_args, .action_args = MPROC_ARG(bytes) };
    CHECK_CODE(mproc_barrier_create(&barrier, 1, &options), MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "65");
    options.action_args.size = 1;
    options.action_args.data = NULL;
    CHECK_CODE(mproc_barrier_create(&barrier, 1, &options), MPROC_E_INVALID);
    options = (mproc_barrier_options){ .action_args = { bytes, 1 } };
    CHECK_CODE(mproc_barrier_create(&barrier, 1, &options), MPROC_E_INVALID);
    CHECK_EQ(barrier.id[0], 7);
}

static int wait_for_itself(mproc_barrier barrier, const void *user)
{
    (void)user;
    CHECK_CODE(arrive(barrier, MPROC_FOREVER), MPROC_E_DEADLOCK);
    return 0;
}

static void rule_27_an_action_that_waits_for_itself(void)
{
    mproc_barrier barrier = create_with(1, (mproc_barrier_options){ .action = wait_for_itself });
    CHECK_EQ(arrive(barrier, MPROC_FOREVER), 0);
    CHECK_OK(mproc_barrier_destroy(barrier));
}

static int abort_it(mproc_barrier barrier, const void *user)
{
    (void)user;
    return mproc_barrier_abort(barrier);
}

static void rule_27_broken_while_the_action_runs(void)
{
    mproc_barrier barrier = create_with(1, (mproc_barrier_options){ .action = abort_it });
    CHECK_CODE(arrive(barrier, MPROC_FOREVER), MPROC_E_BROKEN_BARRIER);
    CHECK_EQ(mproc_barrier_is_broken(barrier), 1);
    CHECK_OK(mproc_barrier_destroy(barrier));
}

/* The action takes until board word LEAVE is set; board word ACTIONS says that it has begun. */
static int act_slowly(mproc_barrier barrier, const void *user)
{
    (void)user;
    (void)barrier;
    atomic_fetch_add(word(ACTIONS), 1);
    WAIT_UNTIL(atomic_load(word(LEAVE)));
    return 0;
}

static void rule_27_who_is_one_too_many_waits_for_the_next_generation(void)
{
    mproc_barrier barrier = create_with(2, (mproc_barrier_options){ .action = act_slowly });
    mproc_process *first = start_waiter(barrier), *second = start_waiter(barrier);
    WAIT_UNTIL(atomic_load(word(ACTIONS)) == 1);
    CHECK_CODE(arrive(barrier, 0), MPROC_E_TIMEOUT);
    CHECK_CODE(arrive(barrier, 20), MPROC_E_TIMEOUT);
    mproc_process *third = test_start(wait_once, MPROC_ARG(barrier));
    atomic_store(word(LEAVE), 1);
    CHECK_EQ(test_finish(first), 0);
    CHECK_EQ(test_finish(second), 0);
    CHECK(arrive(barrier, MPROC_FOREVER) >= 0);
    CHECK_EQ(test_finish(third), 0);
    CHECK_EQ(atomic_load(word(ACTIONS)), 2);
    CHECK_EQ(atomic_load(word(BROKEN_COUNT)), 0);
    CHECK_OK(mproc_barrier_destroy(barrier));
}

/* ---- Rule 28 ---- */

static void rule_28_a_waiter_dies(void)
{
    mproc_barrier barrier = create(4);
    mproc_process *victim = start_waiter(barrier);
    mproc_process *waiters[] = { start_waiter(barrier), start_waiter(barrier) };
    os_kill(test_pid(victim));
    test_finish(victim);
    check_broken(barrier, waiters, 2);
}

static void rule_28_who_runs_the_action_dies(void)
{
    mproc_barrier barrier = create_with(3, (mproc_barrier_options){ .action = act_slowly });
    mproc_process *waiters[] = { start_waiter(barrier), start_waiter(barrier) };
    mproc_process *victim = start_waiter(barrier);
    WAIT_UNTIL(atomic_load(word(ACTIONS)) == 1);
    os_kill(test_pid(victim));
    test_finish(victim);
    atomic_store(word(LEAVE), 1);
    check_broken(barrier, waiters, 2);
}

static int attach_and_stay(mproc_task *task)
{
    mproc_barrier barrier = read_barrier(task);
    CHECK_OK(mproc_barrier_attach(barrier));
    CHECK_OK(mproc_barrier_attach(barrier));
    atomic_fetch_add(word(ATTACHED), 1);
    int code = test_stay(task);
    CHECK_OK(mproc_barrier_detach(barrier));
    CHECK_OK(mproc_barrier_detach(barrier));
    return code;
}

static mproc_process *start_attached(mproc_barrier barrier)
{
    int64_t before = atomic_load(word(ATTACHED));
    mproc_process *process = test_start(attach_and_stay, MPROC_ARG(barrier));
    WAIT_UNTIL(atomic_load(word(ATTACHED)) == before + 1);
    return process;
}

static void rule_28_an_attached_party_dies(void)
{
    mproc_barrier barrier = create(4);
    mproc_process *victim = start_attached(barrier);
    mproc_process *waiters[] = { start_waiter(barrier), start_waiter(barrier) };
    CHECK_EQ(mproc_barrier_is_broken(barrier), 0);
    os_kill(test_pid(victim));
    test_finish(victim);
    check_broken(barrier, waiters, 2);
}

/* Nobody waits when it dies: the next one is told. */
static void rule_28_an_attached_party_dies_unseen(void)
{
    mproc_barrier barrier = create(2);
    mproc_process *victim = start_attached(barrier);
    os_kill(test_pid(victim));
    test_finish(victim);
    check_broken(barrier, NULL, 0);
}

static void rule_28_parties_that_detach_or_never_attach(void)
{
    mproc_barrier barrier = create(2);
    mproc_process *attached = start_attached(barrier);
    mproc_process *unknown = test_start(test_stay, MPROC_NO_ARGS);
    mproc_process *waiter = start_waiter(barrier);
    CHECK_OK(mproc_process_kill(unknown));
    test_finish(unknown);
    test_let_go();
    CHECK_EQ(test_finish(attached), 0);
    CHECK_EQ(arrive(barrier, MPROC_FOREVER), 1);
    CHECK_EQ(test_finish(waiter), 0);
    check_works(barrier);
    CHECK_OK(mproc_barrier_destroy(barrier));
}

static void attach_in_thread(void *user)
{
    CHECK_OK(mproc_barrier_attach(*(mproc_barrier *)user));
}

static void rule_28_an_attached_thread_ends(void)
{
    mproc_barrier barrier = create(2);
    mproc_process *waiters[] = { start_waiter(barrier) };
    os_thread_join(os_thread_start(attach_in_thread, &barrier));
    check_broken(barrier, waiters, 1);
}

static void attach_no_more_than_the_parties(void)
{
    mproc_barrier barrier = create(2);
    os_thread_join(os_thread_start(attach_in_thread, &barrier));
    os_thread_join(os_thread_start(attach_in_thread, &barrier));
    CHECK_CODE(mproc_barrier_attach(barrier), MPROC_E_LIMIT);
    CHECK_OK(mproc_barrier_reset(barrier));
    CHECK_OK(mproc_barrier_attach(barrier));
    CHECK_OK(mproc_barrier_detach(barrier));
    CHECK_OK(mproc_barrier_detach(barrier));
    check_works(barrier);
    CHECK_OK(mproc_barrier_destroy(barrier));
}

/* ---- Making, and handles that mean nothing ---- */

static void making(void)
{
    mproc_barrier barrier = { { 7, 7 } };
    CHECK_CODE(mproc_barrier_create(&barrier, 0, NULL), MPROC_E_INVALID);
    CHECK_CODE(mproc_barrier_create(&barrier, -1, NULL), MPROC_E_INVALID);
    CHECK_CODE(mproc_barrier_create(&barrier, MPROC_BARRIER_PARTIES_MAX + 1, NULL), MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "256");
    CHECK_CODE(mproc_barrier_create(&barrier, 1, &(mproc_barrier_options){ .timeout_ms = -1 }), MPROC_E_INVALID);
    mproc_action_fn *nowhere = (mproc_action_fn *)os_code_without_module();
    CHECK_CODE(mproc_barrier_create(&barrier, 1, &(mproc_barrier_options){ .action = nowhere }), MPROC_E_NO_FUNCTION);
    CHECK_EQ(barrier.id[0], 7);
    barrier = create(MPROC_BARRIER_PARTIES_MAX);
    CHECK_EQ(parties_of(barrier), MPROC_BARRIER_PARTIES_MAX);
    CHECK_OK(mproc_barrier_destroy(barrier));
}

static void check_all_say(mproc_barrier barrier, int expected)
{
    CHECK_CODE(arrive(barrier, 0), expected);
    CHECK_CODE(arrive(barrier, MPROC_FOREVER), expected);
    CHECK_CODE(mproc_barrier_attach(barrier), expected);
    CHECK_CODE(mproc_barrier_detach(barrier), expected);
    CHECK_CODE(mproc_barrier_abort(barrier), expected);
    CHECK_CODE(mproc_barrier_reset(barrier), expected);
    int number = 7;
    CHECK_CODE(mproc_barrier_get_parties(barrier, &number), expected);
    CHECK_CODE(mproc_barrier_get_waiting(barrier, &number), expected);
    CHECK_EQ(number, 7);
    CHECK_NOT(mproc_barrier_is_broken(barrier), expected);
    CHECK_CODE(mproc_barrier_destroy(barrier), expected);
}

static void handles_that_mean_nothing(void)
{
    mproc_barrier barrier = create(2);
    check_all_say((mproc_barrier){ { 0, 0 } }, MPROC_E_FOREIGN);
    check_all_say((mproc_barrier){ { barrier.id[0] ^ 4, barrier.id[1] } }, MPROC_E_FOREIGN);
    CHECK_OK(mproc_barrier_destroy(barrier));
    check_all_say(barrier, MPROC_E_STALE);
    mproc_barrier other = create(2);
    check_all_say(barrier, MPROC_E_STALE);
    CHECK_OK(mproc_barrier_destroy(other));
}

static int wait_until_stale(mproc_task *task)
{
    CHECK_CODE(arrive(read_barrier(task), MPROC_FOREVER), MPROC_E_STALE);
    return 0;
}

static void destroyed_under_its_waiters(void)
{
    mproc_barrier barrier = create(2);
    mproc_process *process = test_start(wait_until_stale, MPROC_ARG(barrier));
    WAIT_UNTIL(waiting_at(barrier) == 1);
    CHECK_OK(mproc_barrier_destroy(barrier));
    CHECK_EQ(test_finish(process), 0);
}

/* ---- Rule 29 ---- */

static void rule_29_time_outs(void)
{
    static const int64_t timeouts[] = { 0, -1, INT64_MIN, 1, 30 };
    mproc_barrier barrier = create_with(2, (mproc_barrier_options){ .name = "gate" });
    for (size_t i = 0; i < TEST_COUNT(timeouts); i++) {
        int64_t before_ms = os_now_ms();
        CHECK_CODE(arrive(barrier, timeouts[i]), MPROC_E_TIMEOUT);
        CHECK_CONTAINS(mproc_last_error(), "barrier gate");
        CHECK_LE(os_now_ms() - before_ms, test_limit_ms(2000));
        CHECK(timeouts[i] < 30 || os_now_ms() - before_ms >= 10);
        CHECK_OK(mproc_barrier_reset(barrier));
    }
    mproc_process *waiter = start_waiter(barrier);
    CHECK_EQ(arrive(barrier, 0), 1);
    CHECK_EQ(test_finish(waiter), 0);
    CHECK_OK(mproc_barrier_destroy(barrier));
}

static const struct test tests[] = {
    TEST_WITH(rule_27_generations_and_places, 0, 120),
    TEST(rule_27_one_party),
    TEST(rule_27_more_threads_than_parties),
    TEST(rule_27_a_time_out_breaks_it),
    TEST(rule_27_abort_breaks_it),
    TEST(rule_27_reset_breaks_who_waits),
    TEST_WITH(rule_27_a_late_waiter_learns_of_its_own_generation, 0, 120),
    TEST(rule_27_default_time_out),
    TEST_WITH(rule_27_the_action_runs_once_before_anyone_goes_on, 0, 120),
    TEST(rule_27_a_failing_action_breaks_it),
    TEST(rule_27_an_action_that_waits_for_itself),
    TEST(rule_27_broken_while_the_action_runs),
    TEST(the_action_gets_its_bytes_in_any_process),
    TEST(bytes_that_no_action_can_get),
    TEST(rule_27_who_is_one_too_many_waits_for_the_next_generation),
    TEST(rule_28_a_waiter_dies),
    TEST(rule_28_who_runs_the_action_dies),
    TEST(rule_28_an_attached_party_dies),
    TEST(rule_28_an_attached_party_dies_unseen),
    TEST(rule_28_parties_that_detach_or_never_attach),
    TEST(rule_28_an_attached_thread_ends),
    TEST(attach_no_more_than_the_parties),
    TEST(making),
    TEST(handles_that_mean_nothing),
    TEST(destroyed_under_its_waiters),
    TEST(rule_29_time_outs),
};

TEST_MAIN_PLAIN(tests)
