/* Callbacks: rules 32 and 34, and those of rule 47 that come late. */
#include "pool_tasks.h"

struct notes {
    mproc_pool *pool;
    _Atomic int done, failed;
    _Atomic int running;
    _Atomic int overlap;
    int last_code;
    int64_t thread_seen;
    int codes[4];
};

static int note_done(const mproc_outcome *outcome, void *user)
{
    struct notes *notes = user;
    if (atomic_fetch_add(&notes->running, 1) != 0)
        notes->overlap++;
    notes->last_code = outcome->code;
    notes->done++;
    notes->running--;
    return 0;
}

static int note_error(const mproc_outcome *outcome, void *user)
{
    struct notes *notes = user;
    notes->last_code = outcome->code;
    notes->failed++;
    return 0;
}

static int refuse(mproc_task *task)
{
    return mproc_task_fail(task, -5, "no");
}

static void finish_pool(mproc_pool *pool)
{
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_34_one_at_a_time(void)
{
    enum { COUNT = 2000 };
    mproc_pool *pool = make_pool(2);
    struct notes notes = { .pool = pool };
    mproc_task_options options = { .on_done = note_done, .on_error = note_error, .user = &notes };
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, i % 4 == 0 ? refuse : square, MPROC_ARG(i), &options, NULL));
    finish_pool(pool);
    CHECK_EQ(notes.done, COUNT - COUNT / 4);
    CHECK_EQ(notes.failed, COUNT / 4);
    CHECK_EQ(notes.overlap, 0);
}

/* Nobody waits in the program: the supervisor has to see completions by itself. */
static void rule_34_without_a_waiter(void)
{
    mproc_pool *pool = make_pool(2);
    struct notes notes = { .pool = pool };
    mproc_task_options options = { .on_done = note_done, .user = &notes };
    for (int i = 0; i < 50; i++) {
        CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(i), &options, NULL));
        WAIT_UNTIL(notes.done == i + 1);
    }
    CHECK_OK(mproc_pool_apply_async(pool, die, MPROC_NO_ARGS, &options, NULL));
    WAIT_UNTIL(notes.done == 51);
    CHECK_EQ(notes.last_code, MPROC_E_WORKER_DIED);
    finish_pool(pool);
}

/* A callback that does not return delays other callbacks only. Board word 0 lets it go. */
static int slow_callback(const mproc_outcome *outcome, void *user)
{
    (void)outcome;
    (void)user;
    while (atomic_load(&test_board()[0]) == 0)
        os_sleep_ms(1);
    return 0;
}

static void rule_34_slow_callback_delays_nothing_else(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_task_options slow = { .on_done = slow_callback };
    mproc_result *result;
    int value = 2;
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(value), &slow, NULL));
    for (int i = 0; i < 100; i++)
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &(int){ 0 }, sizeof value, NULL));
    CHECK_OK(mproc_pool_apply_async(pool, die, MPROC_NO_ARGS, NULL, &result));
    CHECK_CODE(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL), MPROC_E_WORKER_DIED);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
    CHECK_OK(mproc_pool_close(pool));
    CHECK_CODE(mproc_pool_join(pool, 20), MPROC_E_TIMEOUT);
    test_let_go();
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
}

static int failing_callback(const mproc_outcome *outcome, void *user)
{
    (void)outcome;
    (void)user;
    return -3;
}

static void rule_34_failing_callback_is_reported_on_its_job(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_task_options options = { .on_done = failing_callback };
    mproc_result *result;
    int value = 2;
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(value), &options, &result));
    WAIT_UNTIL(mproc_result_get(result, test_limit_ms(30000), &value, sizeof value, NULL) == MPROC_E_CALLBACK);
    CHECK_CONTAINS(mproc_last_error(), "-3");
    CHECK_OK(mproc_result_free(result));
    finish_pool(pool);
}

/* What a callback may do with its own pool. */
static int busy_callback(const mproc_outcome *outcome, void *user)
{
    struct notes *notes = user;
    mproc_task_options more = { .on_done = note_done, .user = user };
    int value = 4;
    (void)outcome;
    notes->codes[0] = mproc_pool_apply_async(notes->pool, square, MPROC_ARG(value), &more, NULL);
    notes->codes[1] = mproc_pool_close(notes->pool);
    notes->codes[2] = mproc_pool_join(notes->pool, MPROC_FOREVER);
    notes->codes[3] = mproc_pool_free(notes->pool);
    notes->failed = 1;
    return 0;
}

static void rule_34_what_a_callback_may_do(void)
{
    mproc_pool *pool = make_pool(1);
    struct notes notes = { .pool = pool };
    mproc_task_options options = { .on_done = busy_callback, .user = &notes };
    int value = 3;
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(value), &options, NULL));
    WAIT_UNTIL(notes.failed == 1);
    CHECK_EQ(notes.codes[0], 0);
    CHECK_EQ(notes.codes[1], 0);
    CHECK_EQ(notes.codes[2], MPROC_E_DEADLOCK);
    CHECK_EQ(notes.codes[3], MPROC_E_DEADLOCK);
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_EQ(notes.done, 1);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_47_late_callback_runs_at_once(void)
{
    mproc_pool *pool = make_pool(1);
    struct notes notes = { .pool = pool };
    mproc_result *result;
    int value = 3;
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(value), NULL, &result));
    CHECK_OK(mproc_result_wait(result, test_limit_ms(30000)));
    CHECK_OK(mproc_result_add_callback(result, note_done, &notes));
    WAIT_UNTIL(notes.done == 1);
    CHECK_OK(mproc_result_add_callback(result, note_done, &notes));
    CHECK_OK(mproc_result_add_callback(result, note_done, &notes));
    WAIT_UNTIL(notes.done == 3);
    CHECK_OK(mproc_result_free(result));
    finish_pool(pool);
}

struct sequence {
    int seen[3];
    _Atomic int count;
};

#define NOTE_NUMBER(number)                                                                                            \
    static int note_##number(const mproc_outcome *outcome, void *user)                                                 \
    {                                                                                                                  \
        struct sequence *sequence = user;                                                                              \
        (void)outcome;                                                                                                 \
        sequence->seen[sequence->count] = number;                                                                      \
        sequence->count++;                                                                                             \
        return 0;                                                                                                      \
    }
NOTE_NUMBER(1)
NOTE_NUMBER(2)
NOTE_NUMBER(3)

/* Those of one result run in the order in which they were added, the one given at submission first. */
static void rule_34_in_the_order_of_their_adding(void)
{
    mproc_pool *pool = make_pool(1);
    struct sequence sequence = { .count = 0 };
    mproc_result *result, *stay = submit_stay(pool);
    mproc_task_options options = { .on_done = note_1, .user = &sequence };
    CHECK_OK(mproc_pool_apply_async(pool, wait_for_board, MPROC_NO_ARGS, &options, &result));
    CHECK_OK(mproc_result_add_callback(result, note_2, &sequence));
    CHECK_OK(mproc_result_add_callback(result, note_3, &sequence));
    test_let_go();
    WAIT_UNTIL(sequence.count == 3);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(sequence.seen[i], i + 1);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_result_free(stay));
    finish_pool(pool);
}

static void rule_34_in_an_event_loop(void)
{
    enum { COUNT = 100 };
    mproc_pool *pool = make_pool(2);
    struct notes notes = { .pool = pool };
    mproc_task_options options = { .on_done = note_done, .user = &notes };
    mproc_os_handle handle;
    unsigned char ready;
    CHECK_CODE(mproc_pool_dispatch(pool), MPROC_E_STATE);
    CHECK_OK(mproc_pool_get_callback_handle(pool, &handle));
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(i), &options, NULL));
    while (notes.done < COUNT) {
        CHECK_EQ(test_wait_handles(&handle, 1, test_limit_ms(30000), &ready), 1);
        CHECK(mproc_pool_dispatch(pool) >= 0);
    }
    CHECK_CODE(test_wait_handles(&handle, 1, 0, &ready), MPROC_E_TIMEOUT);
    finish_pool(pool);
}

static const struct test tests[] = {
    TEST(rule_34_one_at_a_time),
    TEST(rule_34_without_a_waiter),
    TEST(rule_34_slow_callback_delays_nothing_else),
    TEST(rule_34_failing_callback_is_reported_on_its_job),
    TEST(rule_34_what_a_callback_may_do),
    TEST(rule_47_late_callback_runs_at_once),
    TEST(rule_34_in_the_order_of_their_adding),
    TEST(rule_34_in_an_event_loop),
};

TEST_MAIN_PLAIN(tests)
