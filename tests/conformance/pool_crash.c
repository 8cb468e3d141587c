/* Workers that die and tasks that misbehave: rules 37, 38, 41 (copies), 49. */
#include "os.h"
#include "pool_tasks.h"
#include <limits.h>

static int64_t code_of(mproc_pool *pool, mproc_task_fn *function, mproc_outcome *ret_outcome)
{
    mproc_result *result;
    static char message[256];
    CHECK_OK(mproc_pool_apply_async(pool, function, MPROC_NO_ARGS, NULL, &result));
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(30000), ret_outcome));
    snprintf(message, sizeof message, "%s", ret_outcome->message);
    ret_outcome->message = message;
    CHECK_OK(mproc_result_free(result));
    return ret_outcome->code;
}

static void check_still_works(mproc_pool *pool)
{
    for (int i = 0; i < 20; i++) {
        int value = i;
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
        CHECK_EQ(value, i * i);
    }
}

static void rule_37_exactly_that_task_fails(void)
{
    enum { COUNT = 200, VICTIM = 77 };
    mproc_pool *pool = make_pool(2);
    mproc_result *results[COUNT];
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, i == VICTIM ? die : square, MPROC_ARG(i), NULL, &results[i]));
    for (int i = 0; i < COUNT; i++) {
        mproc_outcome outcome;
        CHECK_OK(mproc_result_get_outcome(results[i], test_limit_ms(30000), &outcome));
        CHECK_EQ(outcome.code, i == VICTIM ? MPROC_E_WORKER_DIED : 0);
        if (i == VICTIM) {
            CHECK(outcome.pid > 0);
            CHECK(outcome.exit_code != 0);
            CHECK_EQ(outcome.attempt, 1);
        }
        CHECK_OK(mproc_result_free(results[i]));
    }
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.deaths, 1);
    CHECK_EQ(stats.failed, 1);
    CHECK_EQ(stats.succeeded, COUNT - 1);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_37_killed_from_outside(void)
{
    mproc_pool *pool = make_pool(2);
    mproc_result *result = submit_stay(pool);
    int64_t pids[2];
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_EQ(mproc_pool_get_worker_pids(pool, pids, 2), 2);
    os_kill(pids[0]);
    os_kill(pids[1]);
    mproc_outcome outcome;
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(30000), &outcome));
    CHECK_EQ(outcome.code, MPROC_E_WORKER_DIED);
    CHECK(outcome.pid == pids[0] || outcome.pid == pids[1]);
    CHECK_OK(mproc_result_free(result));
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}

/* Dies in its first attempts; board word 2 counts them. */
static int die_twice(mproc_task *task)
{
    if (atomic_fetch_add(&test_board()[2], 1) < 2)
        return die(task);
    unsigned attempt = mproc_task_get_attempt(task);
    return mproc_task_return(task, &attempt, sizeof attempt);
}

static void rule_37_retries(void)
{
    mproc_pool *pool = make_pool(2);
    unsigned attempt = 0;
    mproc_task_options two = { .retries = 2 };
    CHECK_OK(mproc_pool_apply(pool, die_twice, MPROC_NO_ARGS, &two, &attempt, sizeof attempt, NULL));
    CHECK_EQ(attempt, 3);
    atomic_store(&test_board()[2], 0);
    mproc_task_options one = { .retries = 1 };
    CHECK_CODE(mproc_pool_apply(pool, die_twice, MPROC_NO_ARGS, &one, &attempt, sizeof attempt, NULL),
               MPROC_E_WORKER_DIED);
    CHECK_EQ(atomic_load(&test_board()[2]), 2);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_37_restart_limit(void)
{
    mproc_pool *pool;
    mproc_result *results[50];
    CHECK_OK(mproc_pool_create(&pool,
                               &(mproc_pool_options){ .workers = 2, .max_restarts = 3, .restart_window_ms = 600000 }));
    for (int i = 0; i < 50; i++) {
        int code = mproc_pool_apply_async(pool, die, MPROC_NO_ARGS, NULL, &results[i]);
        if (code == MPROC_E_BROKEN)
            results[i] = NULL;
        else
            CHECK_OK(code);
    }
    int died = 0;
    for (int i = 0; i < 50; i++) {
        if (results[i] == NULL)
            continue;
        int code = mproc_result_get(results[i], test_limit_ms(30000), NULL, 0, NULL);
        CHECK(code == MPROC_E_WORKER_DIED || code == MPROC_E_BROKEN);
        died += code == MPROC_E_WORKER_DIED;
        CHECK_OK(mproc_result_free(results[i]));
    }
    CHECK(died >= 4 && died <= 6);
    CHECK_CODE(mproc_pool_apply_async(pool, square, MPROC_NO_ARGS, NULL, NULL), MPROC_E_BROKEN);
    CHECK_CONTAINS(mproc_last_error(), "limit is 3");
    CHECK_OK(mproc_pool_free(pool));
}

/* Many more than the limit allows, found dead in one look: only so many are counted as it takes. */
static void rule_37_many_die_at_once(void)
{
    mproc_pool *pool;
    int64_t pids[40];
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 40, .max_restarts = 1 }));
    int count = mproc_pool_get_worker_pids(pool, pids, 40);
    CHECK_EQ(count, 40);
    for (int i = 0; i < count; i++)
        os_kill(pids[i]);
    WAIT_UNTIL(mproc_pool_apply(pool, square, MPROC_NO_ARGS, NULL, NULL, 0, NULL) == MPROC_E_BROKEN);
    CHECK_CONTAINS(mproc_last_error(), "limit is 1");
    CHECK_OK(mproc_pool_free(pool));
}

/* A limit beyond all reason is none, and costs no memory. */
static void rule_37_no_restart_limit(void)
{
    mproc_pool *pool;
    mproc_pool_options options = { .workers = 2, .max_restarts = INT_MAX, .restart_window_ms = 600000 };
    CHECK_OK(mproc_pool_create(&pool, &options));
    for (int i = 0; i < 40; i++)
        CHECK_CODE(mproc_pool_apply(pool, die, MPROC_NO_ARGS, NULL, NULL, 0, NULL), MPROC_E_WORKER_DIED);
    CHECK_OK(mproc_pool_free(pool));
}

static int exit_with_9(mproc_task *task)
{
    (void)task;
    exit(9);
}

static void rule_38_exit_in_a_task(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_outcome outcome;
    CHECK_EQ(code_of(pool, exit_with_9, &outcome), MPROC_E_WORKER_DIED);
    CHECK_EQ(outcome.exit_code, 9);
    CHECK_CONTAINS(outcome.message, "exited with code 9");
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}

static int exit_thread(mproc_task *task)
{
    (void)task;
    os_thread_exit();
}

/* The library's own threads must not keep a worker going whose main thread is gone. */
static void rule_38_thread_exit_in_a_task(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_outcome outcome;
    CHECK_EQ(code_of(pool, exit_thread, &outcome), MPROC_E_WORKER_DIED);
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}

static int overflow(mproc_task *task);
static int (*volatile overflow_again)(mproc_task *task) = overflow;

static int overflow(mproc_task *task)
{
    volatile char frame[4096];
    frame[0] = 1;
    return overflow_again(task) + frame[0];
}

static int segfault(mproc_task *task)
{
    int *volatile nowhere = NULL;
    (void)task;
    return *nowhere;
}

static void rule_37_stack_overflow_and_segfault(void)
{
    mproc_pool *pool = make_pool(2);
    mproc_outcome outcome;
    CHECK_EQ(code_of(pool, overflow, &outcome), MPROC_E_WORKER_DIED);
    CHECK_EQ(code_of(pool, segfault, &outcome), MPROC_E_WORKER_DIED);
    CHECK_CONTAINS(outcome.message, test_is_windows() ? "code 0xC0000005 (access violation)" : "signal 11");
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}

static int refuse(mproc_task *task)
{
    return mproc_task_fail(task, -42, "no such user %d", 17);
}

static int wrong_size(mproc_task *task)
{
    double value;
    return mproc_task_read(task, &value, sizeof value);
}

static void rule_49_error_of_a_task(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_outcome outcome;
    mproc_result *result;
    int seven = 7;
    CHECK_OK(mproc_pool_apply_async(pool, refuse, MPROC_NO_ARGS, NULL, &result));
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(30000), &outcome));
    CHECK_EQ(outcome.code, -42);
    CHECK_STR(outcome.message, "no such user 17");
    CHECK_STR(outcome.function, "refuse");
    CHECK_CONTAINS(outcome.where, "pool_crash.c:");
    CHECK_EQ(outcome.worker, 0);
    CHECK_EQ(outcome.attempt, 1);
    CHECK(outcome.pid > 0 && outcome.wait_ns >= 0 && outcome.run_ns >= 0);
    CHECK_CODE(mproc_result_get(result, 0, NULL, 0, NULL), -42);
    CHECK_STR(mproc_last_error(), "no such user 17");
    CHECK_OK(mproc_result_free(result));
    CHECK_CODE(mproc_pool_apply(pool, wrong_size, MPROC_ARG(seven), NULL, NULL, 0, NULL), MPROC_E_SIZE);
    CHECK_CONTAINS(mproc_last_error(), "4 bytes");
    CHECK_OK(mproc_pool_free(pool));
}

/* The first of them kill the workers while the last ones are still being submitted. */
static void a_pool_that_breaks_under_a_batch_fails_all_of_it(void)
{
    enum { COUNT = 20000 };
    static int items[COUNT];
    mproc_pool *pool;
    mproc_result *result;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 4, .max_restarts = 1 }));
    CHECK_OK(mproc_pool_map_results_async(pool, die, items, sizeof *items, COUNT, NULL, &result));
    CHECK_OK(mproc_result_wait(result, test_limit_ms(60000)));
    CHECK(!mproc_result_is_successful(result));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST_WITH(a_pool_that_breaks_under_a_batch_fails_all_of_it, TEST_PROCESSES, 120),
    TEST(rule_37_exactly_that_task_fails),
    TEST_WITH(rule_37_killed_from_outside, TEST_PROCESSES, 0),
    TEST(rule_37_retries),
    TEST(rule_37_restart_limit),
    TEST_WITH(rule_37_many_die_at_once, TEST_PROCESSES, 0),
    TEST(rule_37_no_restart_limit),
    TEST_WITH(rule_38_exit_in_a_task, TEST_PROCESSES, 0),
    TEST(rule_38_thread_exit_in_a_task),
    TEST_WITH(rule_37_stack_overflow_and_segfault, TEST_NO_SANITIZER | TEST_PROCESSES, 0),
    TEST(rule_49_error_of_a_task),
};

TEST_MAIN_PLAIN(tests)
