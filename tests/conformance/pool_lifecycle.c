/* A pool's life: rules 30, 35, 36, 39, 43 and 45, and what bad input gets. */
#include "pool_tasks.h"

static int fail_to_start(mproc_task *task)
{
    return mproc_task_fail(task, -7, "no licence for worker %d", mproc_task_get_worker(task));
}

/* Board word 1: initializers that ran; word 2: exit hooks. */
static int count_start(mproc_task *task)
{
    int step = 0;
    if (mproc_task_read(task, &step, sizeof step) < 0)
        return -1;
    atomic_fetch_add(&test_board()[1], step);
    return 0;
}

static int count_exit(mproc_task *task)
{
    (void)task;
    atomic_fetch_add(&test_board()[2], 1);
    return 0;
}

static void rule_30_order_of_calls(void)
{
    mproc_pool *pool = make_pool(2);
    mproc_result *result;
    int seven = 7;
    CHECK_CODE(mproc_pool_join(pool, 0), MPROC_E_STATE);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_close(pool));
    CHECK_CODE(mproc_pool_apply_async(pool, square, MPROC_ARG(seven), NULL, &result), MPROC_E_CLOSED);
    CHECK_CODE(mproc_pool_map(pool, double_item, &seven, sizeof seven, 1, &seven, sizeof seven, NULL), MPROC_E_CLOSED);
    CHECK_EQ(seven, 7);
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_join(pool, 0));
    CHECK_OK(mproc_pool_terminate(pool));
    CHECK_OK(mproc_pool_join(pool, 0));
    CHECK_OK(mproc_pool_free(pool));
    CHECK_OK(mproc_pool_free(NULL));
}

static void rule_30_close_runs_what_was_submitted(void)
{
    enum { COUNT = 500 };
    static mproc_result *results[COUNT];
    mproc_pool *pool = make_pool(2);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(i), NULL, &results[i]));
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
    /* Results outlive their pool. */
    for (int i = 0; i < COUNT; i++) {
        int value = -1;
        CHECK_OK(mproc_result_get(results[i], 0, &value, sizeof value, NULL));
        CHECK_EQ(value, i * i);
        CHECK_OK(mproc_result_free(results[i]));
    }
}

static void rule_30_destroy_of_a_live_pool(void)
{
    mproc_pool *pool = make_pool(2);
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_free(pool));
    CHECK_CODE(mproc_result_get(stay, 0, NULL, 0, NULL), MPROC_E_TERMINATED);
    CHECK_OK(mproc_result_free(stay));
}

static void rule_35_terminate_completes_everything(void)
{
    enum { COUNT = 100000 };
    mproc_result **results = malloc(COUNT * sizeof *results);
    mproc_pool *pool = make_pool(2);
    CHECK(results != NULL);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, wait_for_board, MPROC_NO_ARGS, NULL, &results[i]));
    CHECK_OK(mproc_pool_terminate(pool));
    for (int i = 0; i < COUNT; i++) {
        CHECK_CODE(mproc_result_get(results[i], 0, NULL, 0, NULL), MPROC_E_TERMINATED);
        CHECK_OK(mproc_result_free(results[i]));
    }
    int seven = 7;
    CHECK_CODE(mproc_pool_apply_async(pool, square, MPROC_ARG(seven), NULL, NULL), MPROC_E_TERMINATED);
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.workers, 0);
    CHECK_EQ(stats.failed, COUNT);
    CHECK_OK(mproc_pool_free(pool));
    free(results);
}

/* A worker that is leaving, however long it may take for that, is not waited for once the pool is terminated. */
static void rule_35_terminate_ends_who_is_leaving(void)
{
    mproc_pool *pool;
    mproc_pool_options options = { .workers = 1, .exit_hook = wait_for_board, .exit_timeout_ms = MPROC_FOREVER };
    CHECK_OK(mproc_pool_create(&pool, &options));
    CHECK_OK(mproc_pool_close(pool));
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_terminate(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(20000)));
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_36_initializer_fails(void)
{
    mproc_pool *pool;
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .initializer = fail_to_start }),
               MPROC_E_INIT_FAILED);
    CHECK_CONTAINS(mproc_last_error(), "no licence for worker");
}

static int exit_with_seven(mproc_task *task)
{
    (void)task;
    os_exit_now(7);
}

/* One that dies says as much as one that fails: how. A process's start says it too. */
static void an_initializer_that_dies_is_told_with_signal_or_code(void)
{
    mproc_pool *pool;
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .initializer = exit_with_seven }),
               MPROC_E_START_FAILED);
    CHECK_CONTAINS(mproc_last_error(), "exited with code 7 before it was ready");
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .initializer = die, .name = "Mine" }),
               MPROC_E_START_FAILED);
    CHECK_CONTAINS(mproc_last_error(), "Mine (pid ");
    CHECK_CONTAINS(mproc_last_error(), test_is_windows() ? "exited with code " : "was killed by signal 9");
    mproc_process_options options = { .function = test_nothing,
                                      .start_method = MPROC_START_SPAWN,
                                      .executable = test_program("helper_no_init") };
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process, &options));
    CHECK_CODE(mproc_process_start(process), MPROC_E_START_FAILED);
    CHECK_CONTAINS(mproc_last_error(), "exited with code 3 before it was ready");
    CHECK_OK(mproc_process_free(process));
}

static int fail_in_the_second(mproc_task *task)
{
    return mproc_task_get_worker(task) == 1 ? mproc_task_fail(task, -7, "not here") : 0;
}

/* When it returns, none of its processes is there any more, the template of forked workers included. */
static void a_failed_pool_create_leaves_no_process(void)
{
    mproc_pool *pool;
    mproc_pool_options failing[] = { { .workers = 3, .initializer = fail_in_the_second },
                                     { .workers = 3, .initializer = exit_with_seven },
                                     { .workers = 2, .initializer = wait_for_board, .start_timeout_ms = 20 } };
    int before = os_child_count();
    for (int i = 0; i < 20; i++)
        for (size_t j = 0; j < TEST_COUNT(failing); j++) {
            CHECK(mproc_pool_create(&pool, &failing[j]) < 0);
            CHECK_EQ(os_child_count(), before);
        }
}

static void rule_36_initializer_too_slow(void)
{
    mproc_pool *pool;
    mproc_pool_options options = { .workers = 2, .initializer = wait_for_board, .start_timeout_ms = 200 };
    CHECK_CODE(mproc_pool_create(&pool, &options), MPROC_E_TIMEOUT);
}

static int fail_second_time(mproc_task *task)
{
    return atomic_fetch_add(&test_board()[1], 1) == 0 ? 0 : mproc_task_fail(task, -1, "only once");
}

static void rule_36_replacement_fails(void)
{
    mproc_pool *pool;
    mproc_result *result;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .initializer = fail_second_time }));
    CHECK_OK(mproc_pool_apply_async(pool, die, MPROC_NO_ARGS, NULL, &result));
    CHECK_CODE(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL), MPROC_E_WORKER_DIED);
    CHECK_OK(mproc_result_free(result));
    /* No endless respawn: the pool is broken, and says why. */
    WAIT_UNTIL(mproc_pool_apply_async(pool, wait_for_board, MPROC_NO_ARGS, NULL, NULL) == MPROC_E_INIT_FAILED);
    CHECK_CONTAINS(mproc_last_error(), "only once");
    CHECK_EQ(atomic_load(&test_board()[1]), 2);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_36_initializer_and_exit_hook(void)
{
    mproc_pool *pool;
    int step = 10, three = 3;
    mproc_pool_options options = {
        .workers = 3, .initializer = count_start, .initializer_args = MPROC_ARG(step), .exit_hook = count_exit
    };
    CHECK_OK(mproc_pool_create(&pool, &options));
    CHECK_EQ(atomic_load(&test_board()[1]), 30);
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(three), NULL, &three, sizeof three, NULL));
    CHECK_EQ(three, 9);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_EQ(atomic_load(&test_board()[2]), 3);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_36_exit_hook_has_a_limit(void)
{
    mproc_pool *pool;
    mproc_pool_options options = { .workers = 2, .exit_hook = wait_for_board, .exit_timeout_ms = 100 };
    CHECK_OK(mproc_pool_create(&pool, &options));
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_39_max_tasks_per_worker(void)
{
    enum { TASKS = 60, EACH = 7 };
    mproc_pool *pool;
    mproc_result *results[TASKS];
    int64_t pids[TASKS];
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .max_tasks_per_worker = EACH }));
    for (int i = 0; i < TASKS; i++)
        CHECK_OK(mproc_pool_apply_async(pool, own_pid, MPROC_NO_ARGS, NULL, &results[i]));
    for (int i = 0; i < TASKS; i++) {
        CHECK_OK(mproc_result_get(results[i], test_limit_ms(30000), &pids[i], sizeof pids[i], NULL));
        CHECK_OK(mproc_result_free(results[i]));
    }
    for (int i = 0; i < TASKS; i++) {
        int same = 0;
        for (int j = 0; j < TASKS; j++)
            same += pids[j] == pids[i];
        CHECK_LE(same, EACH);
    }
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.deaths, 0);
    CHECK_EQ(stats.succeeded, TASKS);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_39_renewal_while_closing(void)
{
    mproc_pool *pool;
    mproc_result *results[40];
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .max_tasks_per_worker = 1 }));
    for (int i = 0; i < 40; i++)
        CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(i), NULL, &results[i]));
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(60000)));
    for (int i = 0; i < 40; i++) {
        int value;
        CHECK_OK(mproc_result_get(results[i], 0, &value, sizeof value, NULL));
        CHECK_OK(mproc_result_free(results[i]));
    }
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_43_workers_by_default(void)
{
    mproc_pool *pool;
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_create(&pool, NULL));
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.workers, mproc_get_cpu_count());
    CHECK_OK(mproc_pool_free(pool));
}

static mproc_pool *inherited;

static int use_inherited(mproc_task *task)
{
    int seven = 7;
    (void)task;
    return mproc_pool_apply_async(inherited, square, MPROC_ARG(seven), NULL, NULL) == MPROC_E_WRONG_PROCESS &&
                   mproc_pool_close(inherited) == MPROC_E_WRONG_PROCESS
               ? 0
               : 1;
}

static void rule_45_from_a_child(void)
{
    inherited = make_pool(1);
    mproc_process *process = test_start(use_inherited, MPROC_NO_ARGS);
    CHECK_EQ(test_finish(process), 0);
    CHECK_OK(mproc_pool_free(inherited));
}

static mproc_result *parents_result;

static int make_a_result(mproc_task *task)
{
    int seven = 7;
    mproc_result *own;
    mproc_pool *pool = make_pool(1);
    (void)task;
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(seven), NULL, &own));
    CHECK(own != parents_result);
    CHECK_CODE(mproc_result_wait(parents_result, 0), MPROC_E_STALE);
    CHECK_OK(mproc_result_free(own));
    CHECK_OK(mproc_pool_free(pool));
    return 0;
}

/* No handle of a child's means what one of its parent's does. */
static void rule_45_a_parents_result_is_stale_in_a_child(void)
{
    int seven = 7;
    mproc_pool *pool = make_pool(1);
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(seven), NULL, &parents_result));
    CHECK_EQ(test_finish(test_start(make_a_result, MPROC_NO_ARGS)), 0);
    CHECK_OK(mproc_result_free(parents_result));
    CHECK_OK(mproc_pool_free(pool));
}

static int pool_in_daemon(mproc_task *task)
{
    mproc_pool *pool;
    int code = mproc_pool_create(&pool, NULL);
    return mproc_task_return(task, &code, sizeof code);
}

static void rule_01_worker_makes_a_pool(void)
{
    mproc_pool *pool = make_pool(1);
    int code = 0;
    CHECK_OK(mproc_pool_apply(pool, pool_in_daemon, MPROC_NO_ARGS, NULL, &code, sizeof code, NULL));
    CHECK_EQ(code, MPROC_E_STATE);
    CHECK_OK(mproc_pool_free(pool));
}

static void bad_options(void)
{
    mproc_pool *pool = NULL;
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = -1 }), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 100000 }), MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "1024");
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .max_tasks_per_worker = -1 }), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .start_timeout_ms = -1 }), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .start_method = (mproc_start_method)99 }),
               MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_create(NULL, NULL), MPROC_E_INVALID);
    CHECK(pool == NULL);
}

/* Ends while a pool runs, has been closed but not joined, or is over; and says so before it is gone. */
static int scene_leaves_a_pool(const char *argument)
{
    mproc_pool *pool;
    mproc_set_log_level(MPROC_LOG_WARNING);
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .name = "Forgotten" }));
    if (strcmp(argument, "over") != 0)
        CHECK_OK(mproc_pool_apply_async(pool, wait_for_board, MPROC_NO_ARGS, NULL, NULL));
    if (strcmp(argument, "runs") != 0)
        CHECK_OK(mproc_pool_close(pool));
    if (strcmp(argument, "over") == 0)
        CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    return 0;
}

static void a_pool_that_runs_at_the_programs_end_is_logged(void)
{
    static const char *const states[] = { "runs", "closed", "over" };
    for (size_t i = 0; i < TEST_COUNT(states); i++) {
        char text[1024];
        CHECK_EQ(test_scene("scene_leaves_a_pool", states[i], text, sizeof text), 0);
        if (i < 2)
            CHECK_CONTAINS(text, "Forgotten is still running at the program's end, with 1 tasks");
        else
            CHECK_STR(text, "");
    }
}

static const struct test tests[] = {
    TEST(rule_30_order_of_calls),
    TEST(rule_30_close_runs_what_was_submitted),
    TEST(rule_30_destroy_of_a_live_pool),
    TEST(rule_35_terminate_completes_everything),
    TEST_WITH(rule_35_terminate_ends_who_is_leaving, TEST_PROCESSES, 0),
    TEST(rule_36_initializer_fails),
    TEST_WITH(an_initializer_that_dies_is_told_with_signal_or_code, TEST_PROCESSES, 0),
    TEST_WITH(a_failed_pool_create_leaves_no_process, TEST_PROCESSES, 60),
    TEST_WITH(rule_36_initializer_too_slow, TEST_PROCESSES, 0),
    TEST(rule_36_replacement_fails),
    TEST(rule_36_initializer_and_exit_hook),
    TEST_WITH(rule_36_exit_hook_has_a_limit, TEST_PROCESSES, 0),
    TEST_WITH(rule_39_max_tasks_per_worker, TEST_PROCESSES, 60),
    TEST_WITH(rule_39_renewal_while_closing, 0, 90),
    TEST(rule_43_workers_by_default),
    TEST_WITH(rule_45_from_a_child, TEST_FORK_ONLY, 0),
    TEST_WITH(rule_45_a_parents_result_is_stale_in_a_child, TEST_FORK_ONLY | TEST_PROCESSES, 0),
    TEST_WITH(rule_01_worker_makes_a_pool, TEST_PROCESSES, 0),
    TEST_WITH(a_pool_that_runs_at_the_programs_end_is_logged, TEST_PROCESSES, 0),
    TEST_WITH(bad_options, TEST_PROCESSES, 0),
};

static const struct scene scenes[] = {
    SCENE(scene_leaves_a_pool),
};

TEST_MAIN(tests, scenes)
