/* Pools whose number of workers changes, by itself or when asked: rules 39, 40 and 43. */
#include "pool_tasks.h"
#include <limits.h>

/* ---- Tasks ---- */

/* Board word 3 counts the tasks that have begun. */
static int count_and_square(mproc_task *task)
{
    atomic_fetch_add(&test_board()[3], 1);
    return square(task);
}

static int stay_item(const void *in, void *out, mproc_task *task)
{
    (void)in;
    (void)out;
    return wait_for_board(task);
}

static int count_item(const void *in, void *out, mproc_task *task)
{
    atomic_fetch_add(&test_board()[4], 1);
    return double_item(in, out, task);
}

static mproc_pool *make_elastic(int min_workers, int workers, int64_t idle_timeout_ms)
{
    mproc_pool *pool;
    mproc_pool_options options = {
        .min_workers = min_workers, .workers = workers, .idle_timeout_ms = idle_timeout_ms, .max_restarts = INT_MAX
    };
    CHECK_OK(mproc_pool_create(&pool, &options));
    return pool;
}

static mproc_pool_stats stats_of(mproc_pool *pool)
{
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    return stats;
}

static void let_stay_again(void)
{
    atomic_store(&test_board()[0], 0);
    atomic_store(&test_board()[1], 0);
}

static void finish(mproc_result **results, int count)
{
    for (int i = 0; i < count; i++) {
        CHECK_OK(mproc_result_get(results[i], test_limit_ms(30000), NULL, 0, NULL));
        CHECK_OK(mproc_result_free(results[i]));
    }
}

static void end_in_order(mproc_pool *pool)
{
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- By itself ---- */

static void rule_43_it_grows_while_tasks_wait_and_shrinks_when_idle(void)
{
    mproc_result *stays[4];
    mproc_pool *pool = make_elastic(1, 4, 50);
    CHECK_EQ(stats_of(pool).workers, 1);
    for (int round = 0; round < 2; round++) {
        let_stay_again();
        for (int i = 0; i < 4; i++)
            stays[i] = submit_stay(pool);
        WAIT_UNTIL(atomic_load(&test_board()[1]) == 4);
        CHECK_EQ(stats_of(pool).workers, 4);
        test_let_go();
        finish(stays, 4);
        WAIT_UNTIL(stats_of(pool).workers == 1);
    }
    CHECK_EQ(stats_of(pool).deaths, 0);
    CHECK_EQ(stats_of(pool).restarts, 0);
    end_in_order(pool);
}

static void rule_43_without_an_idle_timeout_workers_stay(void)
{
    mproc_result *stays[3];
    mproc_pool *pool = make_elastic(2, 3, 0);
    CHECK_EQ(stats_of(pool).workers, 2);
    for (int i = 0; i < 3; i++)
        stays[i] = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 3);
    test_let_go();
    finish(stays, 3);
    os_sleep_ms(20);
    CHECK_EQ(stats_of(pool).workers, 3);
    end_in_order(pool);
}

static int next_number(void *user, mproc_view *ret_args)
{
    static int number;
    number = (*(int *)user)++;
    *ret_args = MPROC_ARG(number);
    return number < 3;
}

static void rule_43_it_grows_for_maps_and_imaps(void)
{
    int in[3] = { 1, 2, 3 }, next = 0;
    mproc_result *map;
    mproc_iter *iter;
    mproc_outcome outcome;
    mproc_pool *pool = make_elastic(1, 3, 20);
    CHECK_OK(mproc_pool_map_async(pool, stay_item, in, sizeof *in, 3, NULL, 0, NULL, &map));
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 3);
    test_let_go();
    finish(&map, 1);
    WAIT_UNTIL(stats_of(pool).workers == 1);
    let_stay_again();
    CHECK_OK(mproc_pool_imap(pool, wait_for_board, next_number, &next, NULL, &iter));
    CHECK_CODE(mproc_iter_next(iter, 0, &outcome), MPROC_E_TIMEOUT);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 3);
    test_let_go();
    for (int i = 0; i < 3; i++)
        CHECK_EQ(mproc_iter_next(iter, test_limit_ms(30000), &outcome), 1);
    CHECK_EQ(mproc_iter_next(iter, test_limit_ms(30000), &outcome), 0);
    CHECK_OK(mproc_iter_free(iter));
    end_in_order(pool);
}

static int count_call(const mproc_outcome *outcome, void *user)
{
    (void)outcome;
    ++*(int *)user;
    return 0;
}

/* Callbacks and replacements make the pool's own thread watch all completions, and not the clock. */
static void rule_43_it_grows_beside_callbacks_and_replacements(void)
{
    mproc_result *stays[3];
    mproc_pool *pool;
    int calls = 0;
    mproc_pool_options options = { .min_workers = 1, .workers = 3, .max_tasks_per_worker = 2 };
    mproc_task_options counted = { .on_done = count_call, .user = &calls };
    CHECK_OK(mproc_pool_create(&pool, &options));
    for (int round = 0; round < 3; round++) {
        let_stay_again();
        for (int i = 0; i < 3; i++)
            CHECK_OK(mproc_pool_apply_async(pool, wait_for_board, MPROC_NO_ARGS, &counted, &stays[i]));
        WAIT_UNTIL(atomic_load(&test_board()[1]) == 3);
        test_let_go();
        finish(stays, 3);
    }
    CHECK_EQ(stats_of(pool).deaths, 0);
    end_in_order(pool);
    CHECK_EQ(calls, 9);
}

static void rule_43_a_closed_pool_with_a_backlog_still_grows(void)
{
    mproc_result *stays[3];
    mproc_pool *pool = make_elastic(1, 3, 0);
    for (int i = 0; i < 3; i++)
        stays[i] = submit_stay(pool);
    CHECK_OK(mproc_pool_close(pool));
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 3);
    test_let_go();
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    finish(stays, 3);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- When asked ---- */

static void rule_43_surplus_workers_end_after_their_tasks(void)
{
    enum { STAYS = 4, BEHIND = 3 };
    mproc_result *stays[STAYS], *behind[BEHIND];
    mproc_outcome outcome;
    mproc_pool *pool = make_pool(STAYS);
    for (int i = 0; i < STAYS; i++)
        stays[i] = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == STAYS);
    CHECK_OK(mproc_pool_resize(pool, 0, 1));
    for (int i = 0; i < BEHIND; i++)
        CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(i), NULL, &behind[i]));
    CHECK_EQ(stats_of(pool).running, STAYS);
    test_let_go();
    finish(stays, STAYS);
    for (int i = 0; i < BEHIND; i++) {
        CHECK_OK(mproc_result_get_outcome(behind[i], test_limit_ms(30000), &outcome));
        CHECK_EQ(outcome.worker, 0);
        CHECK_OK(mproc_result_free(behind[i]));
    }
    WAIT_UNTIL(stats_of(pool).workers == 1);
    CHECK_EQ(stats_of(pool).deaths, 0);
    CHECK_EQ(stats_of(pool).restarts, 0);
    end_in_order(pool);
}

static void submit_squares(mproc_pool *pool, mproc_result **results, int count)
{
    for (int i = 0; i < count; i++)
        CHECK_OK(mproc_pool_apply_async(pool, count_and_square, MPROC_ARG(i), NULL, &results[i]));
}

static void check_squares(mproc_result **results, int count)
{
    for (int i = 0; i < count; i++) {
        int value = -1;
        CHECK_OK(mproc_result_get(results[i], test_limit_ms(30000), &value, sizeof value, NULL));
        CHECK_EQ(value, i * i);
        CHECK_OK(mproc_result_free(results[i]));
    }
}

static void rule_43_resizing_under_load_loses_and_doubles_nothing(void)
{
    enum { COUNT = 2000, ITEMS = 4000 };
    static const int sizes[] = { 1, 4, 2, 6, 3, 1, 5, 2 };
    static mproc_result *results[COUNT];
    static int in[ITEMS], out[ITEMS];
    mproc_pool *pool = make_pool(2);
    mproc_result *map;
    for (int i = 0; i < ITEMS; i++)
        in[i] = i;
    for (int round = 0; round < 8; round++) {
        CHECK_OK(mproc_pool_map_async(pool, count_item, in, sizeof *in, ITEMS, out, sizeof *out, NULL, &map));
        submit_squares(pool, results, COUNT / 2);
        CHECK_OK(mproc_pool_resize(pool, 0, sizes[round]));
        submit_squares(pool, results + COUNT / 2, COUNT / 2);
        check_squares(results, COUNT / 2);
        check_squares(results + COUNT / 2, COUNT / 2);
        finish(&map, 1);
        for (int i = 0; i < ITEMS; i++)
            CHECK_EQ(out[i], 2 * i);
    }
    CHECK_EQ(atomic_load(&test_board()[3]), 8 * COUNT);
    CHECK_EQ(atomic_load(&test_board()[4]), 8 * ITEMS);
    WAIT_UNTIL(stats_of(pool).workers == 2);
    CHECK_EQ(stats_of(pool).succeeded, 8 * (COUNT + 1));
    CHECK_EQ(stats_of(pool).deaths, 0);
    CHECK_EQ(stats_of(pool).restarts, 0);
    end_in_order(pool);
}

/* Each task ends once: with its value, or with its worker. */
static void rule_43_resizing_and_killing_under_load(void)
{
    enum { COUNT = 600 };
    static mproc_result *results[COUNT];
    int died = 0;
    int64_t pids[8];
    mproc_pool *pool = make_elastic(0, 3, 0);
    for (int round = 0; round < 6; round++) {
        submit_squares(pool, results, COUNT);
        CHECK_OK(mproc_pool_resize(pool, 1, 1 + round * 5 % 6));
        int count = mproc_pool_get_worker_pids(pool, pids, 8);
        if (count > 0)
            os_kill(pids[round % (count < 8 ? count : 8)]);
        CHECK_OK(mproc_pool_resize(pool, 0, 3));
        for (int i = 0; i < COUNT; i++) {
            int value = -1, code = mproc_result_get(results[i], test_limit_ms(30000), &value, sizeof value, NULL);
            CHECK(code == MPROC_E_WORKER_DIED || (code == 0 && value == i * i));
            died += code != 0;
            CHECK_OK(mproc_result_free(results[i]));
        }
    }
    CHECK_LE(died, 6);
    CHECK_LE(atomic_load(&test_board()[3]), 6 * COUNT);
    CHECK_LE(6 * COUNT - died, atomic_load(&test_board()[3]));
    CHECK_EQ(stats_of(pool).failed, died);
    WAIT_UNTIL(stats_of(pool).workers == 3);
    end_in_order(pool);
}

/* More than a thread of Windows can wait for at once, and more than there are CPUs. */
static void rule_43_many_workers_on_few_cpus(void)
{
    enum { COUNT = 1000 };
    static mproc_result *results[COUNT];
    int many = test_method() == MPROC_START_FORK || test_threads() ? 128 : 70;
    mproc_pool *pool = make_pool(many);
    CHECK_EQ(stats_of(pool).workers, many);
    submit_squares(pool, results, COUNT);
    check_squares(results, COUNT);
    let_stay_again();
    static mproc_result *stays[128];
    for (int i = 0; i < many; i++)
        stays[i] = submit_stay(pool);
    WAIT_UNTIL_MS(atomic_load(&test_board()[1]) == many, 60000);
    CHECK_OK(mproc_pool_resize(pool, 0, 2));
    test_let_go();
    finish(stays, many);
    WAIT_UNTIL_MS(stats_of(pool).workers == 2, 60000);
    submit_squares(pool, results, COUNT);
    check_squares(results, COUNT);
    CHECK_EQ(stats_of(pool).deaths, 0);
    end_in_order(pool);
}

/* Also one that is resized while its workers are still starting, and one that ends then. */
static void rule_40_a_pool_that_ends_while_it_grows(void)
{
    for (int way = 0; way < 3; way++) {
        mproc_pool *pool = make_pool(1);
        CHECK_OK(mproc_pool_resize(pool, 0, 6));
        CHECK_OK(mproc_pool_resize(pool, 0, way == 0 ? 1 : 4));
        if (way == 2)
            CHECK_OK(mproc_pool_terminate(pool));
        else
            CHECK_OK(mproc_pool_close(pool));
        CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
        CHECK_OK(mproc_pool_free(pool));
    }
}

static int fail_as_second(mproc_task *task)
{
    return mproc_task_get_worker(task) > 0 ? mproc_task_fail(task, -9, "there is room for one") : 0;
}

/* As with a replacement: it would fail for ever. */
static void rule_36_an_initializer_that_fails_in_an_added_worker(void)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .initializer = fail_as_second }));
    CHECK_OK(mproc_pool_resize(pool, 0, 2));
    WAIT_UNTIL(mproc_pool_apply(pool, square, MPROC_ARG((int){ 1 }), NULL, NULL, 0, NULL) == MPROC_E_INIT_FAILED);
    CHECK_CONTAINS(mproc_last_error(), "there is room for one");
    CHECK_CODE(mproc_pool_resize(pool, 0, 1), MPROC_E_INIT_FAILED);
    CHECK_OK(mproc_pool_free(pool));
}

static void bad_sizes_are_refused(void)
{
    mproc_pool *pool;
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .min_workers = 3 }), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "3 min_workers");
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .min_workers = -1 }), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .min_workers = 100000 }), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .idle_timeout_ms = -1 }), MPROC_E_INVALID);
    pool = make_pool(1);
    CHECK_CODE(mproc_pool_resize(NULL, 0, 1), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_resize(pool, 0, -2), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "-2 workers");
    CHECK_CODE(mproc_pool_resize(pool, -1, 2), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_resize(pool, 3, 2), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_resize(pool, 0, 1025), MPROC_E_LIMIT);
    CHECK_EQ(stats_of(pool).workers, 1);
    CHECK_OK(mproc_pool_terminate(pool));
    CHECK_CODE(mproc_pool_resize(pool, 0, 2), MPROC_E_TERMINATED);
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST_WITH(rule_43_it_grows_while_tasks_wait_and_shrinks_when_idle, 0, 60),
    TEST_WITH(rule_43_without_an_idle_timeout_workers_stay, 0, 60),
    TEST_WITH(rule_43_it_grows_for_maps_and_imaps, 0, 60),
    TEST_WITH(rule_43_it_grows_beside_callbacks_and_replacements, 0, 60),
    TEST_WITH(rule_43_a_closed_pool_with_a_backlog_still_grows, 0, 60),
    TEST_WITH(rule_43_surplus_workers_end_after_their_tasks, 0, 60),
    TEST_WITH(rule_43_resizing_under_load_loses_and_doubles_nothing, 0, 60),
    TEST_WITH(rule_43_resizing_and_killing_under_load, TEST_PROCESSES, 60),
    TEST_WITH(rule_43_many_workers_on_few_cpus, 0, 180),
    TEST_WITH(rule_40_a_pool_that_ends_while_it_grows, 0, 60),
    TEST(rule_36_an_initializer_that_fails_in_an_added_worker),
    TEST(bad_sizes_are_refused),
};

TEST_MAIN_PLAIN(tests)
