/* How much memory workers may have: rule 43. Measured from outside, and refused by the system. */
#include "os.h"
#include "pool_tasks.h"
#ifndef _WIN32
#include <sys/resource.h>
#else
#include <windows.h>
#endif

#define MEBIBYTE ((size_t)1024 * 1024)

/* Wine keeps no account of the memory of jobs. */
static bool is_wine(void)
{
#ifdef _WIN32
    return GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") != NULL;
#else
    return false;
#endif
}

static int code_of(mproc_pool *pool, mproc_task_fn *function, mproc_view args, const mproc_task_options *options)
{
    return mproc_pool_apply(pool, function, args, options, NULL, 0, NULL);
}

static void check_still_works(mproc_pool *pool)
{
    for (int i = 0; i < 20; i++) {
        int value = i;
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
        CHECK_EQ(value, i * i);
    }
}

/* ---- Measured ---- */

/* Board word 2 counts how often it began. */
static int takes_memory(mproc_task *task)
{
    size_t size;
    if (mproc_task_read(task, &size, sizeof size) < 0)
        return -1;
    atomic_fetch_add(&test_board()[2], 1);
    volatile char *memory = malloc(size);
    if (memory == NULL)
        return -2;
    for (size_t i = 0; i < size; i += 1024)
        memory[i] = 1;
    while (atomic_load(&test_board()[0]) == 0)
        os_sleep_ms(1);
    return 0;
}

static mproc_pool *make_limited(void)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .max_worker_memory = 64 * MEBIBYTE }));
    return pool;
}

static void rule_43_a_worker_that_takes_too_much_memory_is_killed(void)
{
    mproc_pool *pool = make_limited();
    mproc_pool_stats stats;
    mproc_outcome outcome;
    mproc_result *result;
    size_t size = 96 * MEBIBYTE;
    CHECK_OK(mproc_pool_apply_async(pool, takes_memory, MPROC_ARG(size), NULL, &result));
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(30000), &outcome));
    CHECK_EQ(outcome.code, MPROC_E_LIMIT);
    CHECK_CONTAINS(outcome.message, "max_worker_memory = 67108864, it had ");
    CHECK(outcome.pid > 0 && outcome.exit_code != 0);
    CHECK_OK(mproc_result_free(result));
    check_still_works(pool);
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.deaths, 1);
    CHECK_OK(mproc_pool_free(pool));
}

/* The supervisor, which is waked for every completion here, must not have gone to sleep for good after the first. */
static void rule_43_the_limit_holds_for_a_later_task(void)
{
    mproc_pool *pool;
    mproc_result *result;
    size_t size = 96 * MEBIBYTE;
    mproc_pool_options options = { .workers = 1, .max_worker_memory = 64 * MEBIBYTE, .max_tasks_per_worker = 1000 };
    CHECK_OK(mproc_pool_create(&pool, &options));
    check_still_works(pool);
    os_sleep_ms(50);
    CHECK_OK(mproc_pool_apply_async(pool, takes_memory, MPROC_ARG(size), NULL, &result));
    CHECK_CODE(mproc_result_get(result, test_limit_ms(20000), NULL, 0, NULL), MPROC_E_LIMIT);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_43_one_that_stays_below_is_not(void)
{
    mproc_pool *pool = make_limited();
    mproc_result *result;
    size_t size = 8 * MEBIBYTE;
    CHECK_OK(mproc_pool_apply_async(pool, takes_memory, MPROC_ARG(size), NULL, &result));
    CHECK_CODE(mproc_result_wait(result, 400), MPROC_E_TIMEOUT);
    test_let_go();
    CHECK_OK(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL));
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_43_tasks_behind_the_one_with_too_much_run(void)
{
    enum { COUNT = 50 };
    mproc_pool *pool = make_limited();
    mproc_result *results[COUNT];
    size_t size = 96 * MEBIBYTE;
    check_still_works(pool);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, i == 3 ? takes_memory : square, i == 3 ? MPROC_ARG(size) : MPROC_ARG(i),
                                        NULL, &results[i]));
    for (int i = 0; i < COUNT; i++) {
        CHECK_OK(mproc_result_wait(results[i], test_limit_ms(30000)));
        CHECK_CODE(mproc_result_get(results[i], 0, NULL, 0, NULL), i == 3 ? MPROC_E_LIMIT : 0);
        CHECK_OK(mproc_result_free(results[i]));
    }
    CHECK_OK(mproc_pool_free(pool));
}

/* The memory may have been an earlier task's: whoever allows retries gets them. */
static void rule_43_a_task_with_too_much_is_retried_if_it_may_be(void)
{
    mproc_pool *pool = make_limited();
    mproc_task_options options = { .retries = 1 };
    size_t size = 96 * MEBIBYTE;
    CHECK_CODE(code_of(pool, takes_memory, MPROC_ARG(size), &options), MPROC_E_LIMIT);
    CHECK_EQ(atomic_load(&test_board()[2]), 2);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_43_a_limit_that_workers_exceed_from_the_start_is_refused(void)
{
    mproc_pool *pool = NULL;
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .max_worker_memory = 4096 }),
               MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "max_worker_memory = 4096");
    CHECK(pool == NULL);
}

/* ---- Refused by the system ---- */

static int allocates(mproc_task *task)
{
    size_t size;
    int code = mproc_task_read(task, &size, sizeof size);
    void *volatile memory = code == 0 ? malloc(size) : NULL;
    bool given = memory != NULL;
    free(memory);
    return given ? 0 : mproc_task_fail(task, -7, "no memory for %zu bytes", size);
}

static void rule_43_the_system_gives_a_worker_no_more(void)
{
    mproc_pool *pool;
    size_t large = 1536 * MEBIBYTE, small = MEBIBYTE;
    mproc_pool_options options = { .workers = 1, .max_worker_address_space = 1024 * MEBIBYTE };
    CHECK_OK(mproc_pool_create(&pool, &options));
    CHECK_OK(code_of(pool, allocates, MPROC_ARG(small), NULL));
    if (!is_wine())
        CHECK_CODE(code_of(pool, allocates, MPROC_ARG(large), NULL), -7);
    /* Not even one that stands in. */
    CHECK_CODE(code_of(pool, die, MPROC_NO_ARGS, NULL), MPROC_E_WORKER_DIED);
    if (!is_wine())
        CHECK_CODE(code_of(pool, allocates, MPROC_ARG(large), NULL), -7);
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_43_less_than_a_worker_has_at_its_start_is_refused(void)
{
    mproc_pool *pool = NULL;
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .max_worker_address_space = 4096 }),
               MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "max_worker_address_space = 4096: the process has ");
    CHECK(pool == NULL);
}

#ifndef _WIN32
static void rule_43_more_than_the_system_allows_is_refused(void)
{
    mproc_pool *pool = NULL;
    rlim_t most = (rlim_t)8192 * MEBIBYTE;
    CHECK_EQ(setrlimit(RLIMIT_AS, &(struct rlimit){ most, most }), 0);
    mproc_pool_options options = { .workers = 2, .max_worker_address_space = 8192 * MEBIBYTE + 1 };
    CHECK_CODE(mproc_pool_create(&pool, &options), MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "the system allows the process 8589934592 bytes");
    CHECK(pool == NULL);
    options.max_worker_address_space--;
    CHECK_OK(mproc_pool_create(&pool, &options));
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}
#endif

static void rule_46_threads_have_no_memory_of_their_own(void)
{
    mproc_pool *pool = NULL;
    int64_t kind = MPROC_POOL_THREADS;
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .kind = kind, .max_worker_memory = MEBIBYTE }),
               MPROC_E_NOT_SUPPORTED);
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .kind = kind, .max_worker_address_space = MEBIBYTE }),
               MPROC_E_NOT_SUPPORTED);
    CHECK(pool == NULL);
}

static const struct test tests[] = {
    TEST_WITH(rule_43_a_worker_that_takes_too_much_memory_is_killed, TEST_PROCESSES | TEST_NO_SANITIZER, 0),
    TEST_WITH(rule_43_the_limit_holds_for_a_later_task, TEST_PROCESSES | TEST_NO_SANITIZER, 0),
    TEST_WITH(rule_43_one_that_stays_below_is_not, TEST_PROCESSES | TEST_NO_SANITIZER, 0),
    TEST_WITH(rule_43_tasks_behind_the_one_with_too_much_run, TEST_PROCESSES | TEST_NO_SANITIZER, 0),
    TEST_WITH(rule_43_a_task_with_too_much_is_retried_if_it_may_be, TEST_PROCESSES | TEST_NO_SANITIZER, 0),
    TEST_WITH(rule_43_a_limit_that_workers_exceed_from_the_start_is_refused, TEST_PROCESSES, 0),
    TEST_WITH(rule_43_the_system_gives_a_worker_no_more, TEST_PROCESSES | TEST_NO_SANITIZER, 0),
    TEST_WITH(rule_43_less_than_a_worker_has_at_its_start_is_refused, TEST_PROCESSES, 0),
#ifndef _WIN32
    /* Fresh, since a fork server keeps the limits of its start. */
    TEST_WITH(rule_43_more_than_the_system_allows_is_refused, TEST_PROCESSES | TEST_NO_SANITIZER | TEST_FRESH, 0),
#endif
    TEST_WITH(rule_46_threads_have_no_memory_of_their_own, TEST_ONCE, 0),
};

TEST_MAIN_PLAIN(tests)
