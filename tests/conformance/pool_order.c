/* Which task runs when, and whether at all: priorities, pause and resume, and the cancel of what waits: rules 32, 33,
 * 35 and 42. */
#include "pool_tasks.h"

enum { PLACES = 10, PLACES_MAX = 500 };

/* Notes its number at the next place of the board: word 4 counts, from PLACES on are the places. */
static int note_turn(mproc_task *task)
{
    int number;
    if (mproc_task_read(task, &number, sizeof number) < 0)
        return -1;
    int64_t place = atomic_fetch_add(&test_board()[4], 1);
    atomic_store(&test_board()[PLACES + place], number);
    return 0;
}

static int note_item(const void *in, void *out, mproc_task *task)
{
    int64_t place = atomic_fetch_add(&test_board()[4], 1);
    (void)out;
    (void)task;
    atomic_store(&test_board()[PLACES + place], *(const int *)in);
    return 0;
}

static int count_and_square(mproc_task *task)
{
    atomic_fetch_add(&test_board()[3], 1);
    return square(task);
}

static int count_item(const void *in, void *out, mproc_task *task)
{
    atomic_fetch_add(&test_board()[3], 1);
    return double_item(in, out, task);
}

static mproc_pool_stats stats_of(mproc_pool *pool)
{
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    return stats;
}

/* The one worker is occupied, with nothing behind it, until it is let go. */
static mproc_result *occupy(mproc_pool *pool)
{
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    return stay;
}

static void end(mproc_pool *pool, mproc_result *stay)
{
    test_let_go();
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_pool_free(pool));
}

static int turn(int place)
{
    return (int)atomic_load(&test_board()[PLACES + place]);
}

/* ---- Priorities ---- */

static void submit_turn(mproc_pool *pool, int number, int priority, mproc_result **ret_result)
{
    mproc_task_options options = { .priority = priority };
    CHECK_OK(mproc_pool_apply_async(pool, note_turn, MPROC_ARG(number), &options, ret_result));
}

static void higher_priorities_first_and_equal_ones_in_order(void)
{
    static const int priorities[] = { 0, 5, -3, 5, 31, -31, 0, 30, 31, -3 };
    static const int order[] = { 4, 8, 7, 1, 3, 0, 6, 2, 9, 5 };
    mproc_pool *pool = make_pool(1);
    mproc_result *stay = occupy(pool);
    for (int i = 0; i < 10; i++)
        submit_turn(pool, i, priorities[i], NULL);
    end(pool, stay);
    for (int i = 0; i < 10; i++)
        CHECK_EQ(turn(i), order[i]);
}

/* Among the rest some are cancelled, so that places in the middle and at the ends of each priority become free. */
static void many_priorities(void)
{
    enum { COUNT = PLACES_MAX };
    static mproc_result *results[COUNT];
    mproc_pool *pool = make_pool(1);
    mproc_result *stay = occupy(pool);
    for (int i = 0; i < COUNT; i++)
        submit_turn(pool, i, i * 37 % 63 - 31, &results[i]);
    for (int i = 0; i < COUNT; i += 3)
        CHECK_OK(mproc_result_cancel(results[i]));
    end(pool, stay);
    int before = -1, count = (int)atomic_load(&test_board()[4]);
    CHECK_EQ(count, COUNT - (COUNT + 2) / 3);
    for (int i = 0; i < count; i++) {
        int number = turn(i), priority = number * 37 % 63, last = before * 37 % 63;
        CHECK(number % 3 != 0);
        CHECK(before < 0 || priority < last || (priority == last && number > before));
        before = number;
    }
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_result_free(results[i]));
}

/* What is handed out and taken back, here by pausing, comes to its old place. */
static void priorities_of_what_is_taken_back(void)
{
    enum { COUNT = 60 };
    mproc_pool *pool = make_pool(1);
    int warm = 1;
    for (int i = 0; i < 200; i++)
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(warm), NULL, NULL, 0, NULL));
    /* Tasks are known to be short: the worker is given several, behind one that is not. */
    mproc_result *stay = submit_stay(pool);
    for (int i = 0; i < COUNT; i++)
        submit_turn(pool, i, i < COUNT / 2 ? 0 : 1, NULL);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_pause(pool));
    test_let_go();
    CHECK_OK(mproc_result_wait(stay, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_resume(pool));
    end(pool, stay);
    for (int i = 0; i < COUNT; i++)
        CHECK_EQ(turn(i), (i + COUNT / 2) % COUNT);
}

static int next_of_two(void *user, mproc_view *ret_args)
{
    static int number;
    number = 200 + (*(int *)user)++;
    *ret_args = MPROC_ARG(number);
    return number < 202;
}

static void priorities_of_maps_batches_and_imaps(void)
{
    int low[2] = { 10, 11 }, batch[2] = { 100, 101 }, next = 0;
    mproc_result *results[2];
    mproc_iter *iter;
    mproc_outcome outcome;
    mproc_pool *pool = make_pool(1);
    mproc_result *stay = occupy(pool);
    CHECK_OK(mproc_pool_map_async(pool, note_item, low, sizeof *low, 2, NULL, 0,
                                  &(mproc_task_options){ .priority = -1 }, &results[0]));
    submit_turn(pool, 1, 0, NULL);
    CHECK_OK(mproc_pool_map_results_async(pool, note_turn, batch, sizeof *batch, 2,
                                          &(mproc_task_options){ .priority = 1 }, &results[1]));
    CHECK_OK(mproc_pool_imap(pool, note_turn, next_of_two, &next, &(mproc_task_options){ .priority = 2 }, &iter));
    CHECK_CODE(mproc_iter_next(iter, 0, &outcome), MPROC_E_TIMEOUT);
    test_let_go();
    while (mproc_iter_next(iter, test_limit_ms(30000), &outcome) == 1)
        CHECK_EQ(outcome.code, 0);
    CHECK_OK(mproc_iter_free(iter));
    end(pool, stay);
    static const int order[] = { 200, 201, 100, 101, 1, 10, 11 };
    for (int i = 0; i < 7; i++)
        CHECK_EQ(turn(i), order[i]);
    CHECK_OK(mproc_result_free(results[0]));
    CHECK_OK(mproc_result_free(results[1]));
}

static void bad_priorities_are_refused(void)
{
    mproc_result *result;
    int value = 1;
    mproc_pool *pool = make_pool(1);
    CHECK_CODE(mproc_pool_apply_async(pool, square, MPROC_ARG(value), &(mproc_task_options){ .priority = 32 }, &result),
               MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "32");
    CHECK_CODE(mproc_pool_map_async(pool, note_item, &value, sizeof value, 1, NULL, 0,
                                    &(mproc_task_options){ .priority = -32 }, &result),
               MPROC_E_INVALID);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Pause ---- */

static void a_paused_pool_starts_nothing(void)
{
    enum { COUNT = 100 };
    static mproc_result *results[2 * COUNT];
    mproc_pool *pool = make_pool(2);
    mproc_result *stays[2] = { submit_stay(pool), submit_stay(pool) };
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 2);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, count_and_square, MPROC_ARG(i), NULL, &results[i]));
    CHECK_OK(mproc_pool_pause(pool));
    CHECK_OK(mproc_pool_pause(pool));
    for (int i = COUNT; i < 2 * COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, count_and_square, MPROC_ARG(i), NULL, &results[i]));
    test_let_go();
    for (int i = 0; i < 2; i++) {
        CHECK_OK(mproc_result_get(stays[i], test_limit_ms(30000), NULL, 0, NULL));
        CHECK_OK(mproc_result_free(stays[i]));
    }
    CHECK_CODE(mproc_result_wait(results[0], 20), MPROC_E_TIMEOUT);
    CHECK_EQ(stats_of(pool).queued, 2 * COUNT);
    CHECK_EQ(stats_of(pool).running, 0);
    CHECK_EQ(atomic_load(&test_board()[3]), 0);
    CHECK_OK(mproc_pool_resume(pool));
    CHECK_OK(mproc_pool_resume(pool));
    for (int i = 0; i < 2 * COUNT; i++) {
        int value;
        CHECK_OK(mproc_result_get(results[i], test_limit_ms(30000), &value, sizeof value, NULL));
        CHECK_EQ(value, i * i);
        CHECK_OK(mproc_result_free(results[i]));
    }
    CHECK_OK(mproc_pool_free(pool));
}

static int next_square(void *user, mproc_view *ret_args)
{
    static int number;
    number = (*(int *)user)++;
    *ret_args = MPROC_ARG(number);
    return number < 400;
}

static void pause_while_tasks_maps_and_imaps_run(void)
{
    enum { ITEMS = 3000, ROUNDS = 30 };
    static int in[ITEMS], out[ITEMS];
    int next = 0, code = 1;
    mproc_result *map;
    mproc_iter *iter;
    mproc_outcome outcome;
    mproc_pool *pool = make_pool(2);
    for (int i = 0; i < ITEMS; i++)
        in[i] = i;
    CHECK_OK(mproc_pool_imap_unordered(pool, count_and_square, next_square, &next, NULL, &iter));
    CHECK_OK(mproc_pool_map_async(pool, count_item, in, sizeof *in, ITEMS, out, sizeof *out,
                                  &(mproc_task_options){ .chunk_size = 7 }, &map));
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < 5 && code == 1; i++)
            CHECK_EQ(code = mproc_iter_next(iter, test_limit_ms(30000), &outcome), 1);
        CHECK_OK(mproc_pool_pause(pool));
        WAIT_UNTIL(stats_of(pool).running == 0);
        int64_t begun = atomic_load(&test_board()[3]);
        CHECK(mproc_iter_next(iter, 0, &outcome) != 0);
        os_sleep_ms(1);
        CHECK_EQ(atomic_load(&test_board()[3]), begun);
        CHECK_OK(mproc_pool_resume(pool));
    }
    while (code == 1)
        code = mproc_iter_next(iter, test_limit_ms(30000), &outcome);
    CHECK_EQ(code, 0);
    CHECK_OK(mproc_iter_free(iter));
    CHECK_OK(mproc_result_get(map, test_limit_ms(30000), NULL, 0, NULL));
    CHECK_OK(mproc_result_free(map));
    for (int i = 0; i < ITEMS; i++)
        CHECK_EQ(out[i], 2 * i);
    CHECK_EQ(atomic_load(&test_board()[3]), ITEMS + 400);
    CHECK_OK(mproc_pool_free(pool));
}

static void the_end_of_a_paused_pool(void)
{
    int value = 3;
    mproc_result *result;
    for (int way = 0; way < 3; way++) {
        mproc_pool *pool = make_pool(1);
        CHECK_OK(mproc_pool_pause(pool));
        CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(value), NULL, &result));
        if (way < 2) {
            CHECK_OK(mproc_pool_close(pool));
            CHECK_CODE(mproc_pool_join(pool, 20), MPROC_E_TIMEOUT);
        }
        if (way == 0)
            CHECK_OK(mproc_pool_resume(pool));
        if (way == 1)
            CHECK_OK(mproc_pool_terminate(pool));
        if (way < 2)
            CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
        CHECK_OK(mproc_pool_free(pool));
        CHECK_CODE(mproc_result_get(result, 0, NULL, 0, NULL), way == 0 ? 0 : MPROC_E_TERMINATED);
        CHECK_OK(mproc_result_free(result));
    }
}

/* Whoever waits for a task of a paused pool finds it resumed by another thread. */
static void resume_by_thread(void *pool)
{
    while (atomic_load(&test_board()[5]) == 0)
        os_sleep_ms(1);
    CHECK_OK(mproc_pool_resume(pool));
}

static void a_waiter_sees_the_resume(void)
{
    int value = 6;
    mproc_pool *pool = make_pool(2);
    CHECK_OK(mproc_pool_pause(pool));
    os_thread *thread = os_thread_start(resume_by_thread, pool);
    mproc_result *result;
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(value), NULL, &result));
    CHECK_CODE(mproc_result_wait(result, 10), MPROC_E_TIMEOUT);
    atomic_store(&test_board()[5], 1);
    CHECK_OK(mproc_result_get(result, test_limit_ms(30000), &value, sizeof value, NULL));
    CHECK_EQ(value, 36);
    os_thread_join(thread);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

static void a_paused_pool_can_be_resized(void)
{
    int value = 7;
    mproc_pool *pool = make_pool(2);
    mproc_result *result;
    CHECK_OK(mproc_pool_pause(pool));
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(value), NULL, &result));
    CHECK_OK(mproc_pool_resize(pool, 0, 3));
    WAIT_UNTIL(stats_of(pool).workers == 3);
    CHECK_OK(mproc_pool_resize(pool, 0, 1));
    WAIT_UNTIL(stats_of(pool).workers == 1);
    CHECK_EQ(stats_of(pool).queued, 1);
    CHECK_OK(mproc_pool_resume(pool));
    CHECK_OK(mproc_result_get(result, test_limit_ms(30000), &value, sizeof value, NULL));
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Cancel of what waits ---- */

static int next_forever(void *user, mproc_view *ret_args)
{
    (void)user;
    *ret_args = MPROC_NO_ARGS;
    return 1;
}

static void rule_42_cancel_of_all_that_is_queued(void)
{
    enum { CALLS = 10, ITEMS = 1000, BATCH = 20, AHEAD = 8 };
    static int in[ITEMS];
    mproc_result *calls[CALLS], *map, *batch;
    mproc_iter *iter;
    mproc_outcome outcome;
    mproc_pool *pool = make_pool(1);
    mproc_result *stay = occupy(pool);
    for (int i = 0; i < CALLS; i++)
        CHECK_OK(mproc_pool_apply_async(pool, count_and_square, MPROC_ARG(i),
                                        &(mproc_task_options){ .priority = i % 3 }, &calls[i]));
    CHECK_OK(mproc_pool_map_async(pool, count_item, in, sizeof *in, ITEMS, in, sizeof *in, NULL, &map));
    CHECK_OK(mproc_pool_map_results_async(pool, count_and_square, in, sizeof *in, BATCH, NULL, &batch));
    CHECK_OK(mproc_pool_imap(pool, count_and_square, next_forever, NULL, &(mproc_task_options){ .max_ahead = AHEAD },
                             &iter));
    CHECK_CODE(mproc_iter_next(iter, 0, &outcome), MPROC_E_TIMEOUT);
    CHECK_EQ(mproc_pool_cancel_queued(pool), CALLS + ITEMS + BATCH + AHEAD);
    CHECK_EQ(mproc_pool_cancel_queued(pool), 0);
    CHECK_OK(mproc_pool_close(pool));
    for (int i = 0; i < CALLS; i++) {
        CHECK_CODE(mproc_result_get(calls[i], 0, NULL, 0, NULL), MPROC_E_CANCELLED);
        CHECK_OK(mproc_result_free(calls[i]));
    }
    CHECK_CODE(mproc_result_get(map, 0, NULL, 0, NULL), MPROC_E_CANCELLED);
    CHECK_CODE(mproc_result_get(batch, 0, NULL, 0, NULL), MPROC_E_CANCELLED);
    for (int i = 0; i < AHEAD; i++) {
        CHECK_EQ(mproc_iter_next(iter, 0, &outcome), 1);
        CHECK_EQ(outcome.code, MPROC_E_CANCELLED);
    }
    CHECK_EQ(mproc_iter_next(iter, 0, &outcome), 1);
    CHECK_EQ(outcome.code, MPROC_E_CLOSED);
    CHECK_EQ(mproc_iter_next(iter, 0, &outcome), 0);
    CHECK_OK(mproc_iter_free(iter));
    CHECK_OK(mproc_result_free(map));
    CHECK_OK(mproc_result_free(batch));
    end(pool, stay);
    CHECK_EQ(atomic_load(&test_board()[3]), 0);
}

/* Each task and item has run, or was cancelled and counted. */
static void rule_42_cancel_of_all_under_load(void)
{
    enum { CALLS = 2000, ITEMS = 5000 };
    static mproc_result *calls[CALLS];
    static int in[ITEMS];
    mproc_result *map;
    int cancelled = 0, counted = 0;
    mproc_pool *pool = make_pool(2);
    CHECK_OK(mproc_pool_map_async(pool, count_item, in, sizeof *in, ITEMS, in, sizeof *in,
                                  &(mproc_task_options){ .chunk_size = 3 }, &map));
    for (int i = 0; i < CALLS; i++) {
        CHECK_OK(mproc_pool_apply_async(pool, count_and_square, MPROC_ARG(i), NULL, &calls[i]));
        if (i % 97 == 96)
            counted += mproc_pool_cancel_queued(pool);
    }
    CHECK_OK(mproc_pool_close(pool));
    counted += mproc_pool_cancel_queued(pool);
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    for (int i = 0; i < CALLS; i++) {
        int code = mproc_result_get(calls[i], 0, NULL, 0, NULL);
        CHECK(code == 0 || code == MPROC_E_CANCELLED);
        cancelled += code != 0;
        CHECK_OK(mproc_result_free(calls[i]));
    }
    for (int i = 0; i < ITEMS; i++) {
        mproc_outcome outcome;
        CHECK_OK(mproc_result_get_item(map, (size_t)i, &outcome));
        CHECK(outcome.code == 0 || outcome.code == MPROC_E_CANCELLED);
        cancelled += outcome.code != 0;
    }
    CHECK_EQ(cancelled, counted);
    CHECK_EQ(atomic_load(&test_board()[3]) + counted, CALLS + ITEMS);
    CHECK_OK(mproc_result_free(map));
    CHECK_OK(mproc_pool_free(pool));
}

/* Its supervisor sleeps, since nothing can run: the cancel is what ends it. */
static void a_closed_and_paused_pool_ends_when_all_is_cancelled(void)
{
    for (int all = 0; all < 2; all++) {
        mproc_pool *pool = make_pool(2);
        mproc_result *result;
        int value = 3;
        CHECK_OK(mproc_pool_pause(pool));
        CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(value), NULL, &result));
        CHECK_OK(mproc_pool_close(pool));
        os_sleep_ms(50);
        if (all)
            CHECK_EQ(mproc_pool_cancel_queued(pool), 1);
        else
            CHECK_OK(mproc_result_cancel(result));
        CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
        CHECK_OK(mproc_result_free(result));
        CHECK_OK(mproc_pool_free(pool));
    }
}

static const struct test tests[] = {
    TEST(higher_priorities_first_and_equal_ones_in_order),
    TEST(many_priorities),
    TEST(priorities_of_what_is_taken_back),
    TEST(priorities_of_maps_batches_and_imaps),
    TEST(bad_priorities_are_refused),
    TEST(a_paused_pool_starts_nothing),
    TEST(pause_while_tasks_maps_and_imaps_run),
    TEST(the_end_of_a_paused_pool),
    TEST(a_closed_and_paused_pool_ends_when_all_is_cancelled),
    TEST(a_waiter_sees_the_resume),
    TEST(a_paused_pool_can_be_resized),
    TEST(rule_42_cancel_of_all_that_is_queued),
    TEST(rule_42_cancel_of_all_under_load),
};

TEST_MAIN_PLAIN(tests)
