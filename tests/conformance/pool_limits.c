/* Tasks that do what they should not, calls that fail, memory, wrap-around: rules 40, 41, 44, 53 and 54. Reaches into
 * the port's call table and into where rings begin. */
#include "calls.h"
#include "pool/pool.h"
#include "pool_tasks.h"
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern uint32_t mproc__pool_first_position;

static void check_still_works(mproc_pool *pool)
{
    for (int i = 0; i < 20; i++) {
        int value = i;
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
        CHECK_EQ(value, i * i);
    }
}

/* ---- One account of the workers ---- */

/* A death is taken in by whoever asks next, whichever way he asks. The lock keeps the pool's own thread from being
 * first. */
static void worker_pids_and_stats_see_the_same_workers(void)
{
    mproc_pool *pool;
    mproc_pool_stats stats;
    int64_t pids[2];
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .max_restarts = INT_MAX }));
    for (int i = 0; i < 10; i++) {
        WAIT_UNTIL(mproc_pool_get_worker_pids(pool, pids, 2) == 2);
        platform_mutex_lock(&pool->lock);
        int64_t victim = pids[0];
        os_kill(victim);
        WAIT_UNTIL(atomic_load(&pool->news));
        platform_mutex_unlock(&pool->lock);
        int count = mproc_pool_get_worker_pids(pool, pids, 2);
        for (int j = 0; j < count; j++)
            CHECK(pids[j] != victim);
        CHECK_OK(mproc_pool_get_stats(pool, &stats));
        CHECK_EQ(stats.deaths, i + 1);
    }
    WAIT_UNTIL(mproc_pool_get_stats(pool, &stats) == 0 && stats.workers == 2);
    CHECK_EQ(mproc_pool_get_worker_pids(pool, NULL, 0), 2);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Bad tasks ---- */

/* Board word 5 counts what came back from fork, here and in the copy. */
static int fork_and_return(mproc_task *task)
{
    (void)task;
    pid_t pid = fork();
    atomic_fetch_add(&test_board()[5], 1);
    return pid < 0 ? -1 : 0;
}

static void rule_41_a_task_that_forks_and_returns(void)
{
    enum { COUNT = 8 };
    mproc_pool *pool = make_pool(2);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply(pool, fork_and_return, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    WAIT_UNTIL(atomic_load(&test_board()[5]) == 2 * COUNT);
    check_still_works(pool);
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.deaths, 0);
    CHECK_OK(mproc_pool_free(pool));
}

static int close_everything(mproc_task *task)
{
    (void)task;
    for (int fd = 3; fd < 1024; fd++)
        close(fd);
    return 0;
}

static int block_all_signals(mproc_task *task)
{
    sigset_t all;
    (void)task;
    sigfillset(&all);
    return pthread_sigmask(SIG_BLOCK, &all, NULL) == 0 ? 0 : -1;
}

static void a_task_that_closes_all_descriptors(void)
{
    mproc_pool *pool = make_pool(1);
    CHECK_OK(mproc_pool_apply(pool, close_everything, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    check_still_works(pool);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
}

static void a_task_that_blocks_all_signals(void)
{
    mproc_pool *pool = make_pool(1);
    CHECK_OK(mproc_pool_apply(pool, block_all_signals, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_terminate(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_pool_free(pool));
}

/* The rings lie around the argument: an inline argument is part of a submission cell. */
static int scribble(mproc_task *task)
{
    mproc_view view = mproc_task_get_argument(task);
    memset((char *)(uintptr_t)view.data - 4096, 0xff, 2 * 4096);
    return 0;
}

static void a_task_that_scribbles_over_its_rings(void)
{
    mproc_pool *pool;
    int value = 3;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .max_restarts = 1000 }));
    for (int round = 0; round < 5; round++) {
        mproc_result *result;
        CHECK_OK(mproc_pool_apply_async(pool, scribble, MPROC_ARG(value), NULL, &result));
        /* Whatever comes of it: not a hang, and nobody else's loss. */
        int code = mproc_result_wait(result, 500);
        if (code == MPROC_E_TIMEOUT) {
            int64_t pids[2];
            mproc_outcome outcome;
            int count = mproc_pool_get_worker_pids(pool, pids, 2);
            for (int i = 0; i < count; i++)
                os_kill(pids[i]);
            CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(30000), &outcome));
        }
        CHECK_OK(mproc_result_free(result));
        check_still_works(pool);
    }
    CHECK_OK(mproc_pool_free(pool));
}

static int start_grandchild(mproc_task *task)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    int64_t number = pid;
    return mproc_task_return(task, &number, sizeof number);
}

static void kill_reaches_a_workers_children(void)
{
    mproc_pool *pool = make_pool(1);
    int64_t grandchild = 0;
    CHECK_OK(mproc_pool_apply(pool, start_grandchild, MPROC_NO_ARGS, NULL, &grandchild, sizeof grandchild, NULL));
    CHECK(os_is_alive(grandchild));
    CHECK_OK(mproc_pool_free(pool));
    WAIT_UNTIL(!os_is_alive(grandchild));
}

/* The program's own child is not ours to reap. */
static void own_children_are_never_reaped(void)
{
    pid_t own = fork();
    if (own == 0)
        _exit(33);
    CHECK(own > 0);
    mproc_pool *pool = make_pool(2);
    mproc_result *result;
    for (int i = 0; i < 5; i++) {
        CHECK_OK(mproc_pool_apply_async(pool, die, MPROC_NO_ARGS, NULL, &result));
        CHECK_CODE(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL), MPROC_E_WORKER_DIED);
        CHECK_OK(mproc_result_free(result));
    }
    CHECK_OK(mproc_pool_free(pool));
    int status;
    CHECK_EQ(waitpid(own, &status, 0), own);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 33);
}

/* ---- Failing calls ---- */

static void rule_40_every_call_fails_once(void)
{
    int failures = 0, nth = 1;
    for (bool reached = true; reached; nth++) {
        mproc_pool *pool = NULL;
        int value = 3;
        CHECK_OK(platform_calls_fail_nth(NULL, nth, EMFILE));
        int code = mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2 });
        reached = (int)platform_calls_count() >= nth;
        platform_calls_reset();
        if (code < 0) {
            failures++;
            CHECK(pool == NULL);
            CHECK(mproc_last_error()[0] != '\0');
            continue;
        }
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
        CHECK_EQ(value, 9);
        CHECK_OK(mproc_pool_free(pool));
    }
    CHECK(failures > 3);
    CHECK(nth > 10);
}

static void rule_54_out_of_descriptors(void)
{
    struct rlimit old, low;
    CHECK(getrlimit(RLIMIT_NOFILE, &old) == 0);
    int failures = 0;
    for (int limit = 4; limit < 40; limit++) {
        mproc_pool *pool = NULL;
        low = old;
        low.rlim_cur = (rlim_t)limit;
        CHECK(setrlimit(RLIMIT_NOFILE, &low) == 0);
        int code = mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2 });
        CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
        failures += code < 0;
        if (code == 0)
            CHECK_OK(mproc_pool_free(pool));
    }
    CHECK(failures > 0);
    mproc_pool *pool = make_pool(2);
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Memory and wrap-around ---- */

static int64_t resident_kib(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long size, resident;
    CHECK(file != NULL && fscanf(file, "%ld %ld", &size, &resident) == 2);
    fclose(file);
    return (int64_t)resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void run_tasks(mproc_pool *pool, int64_t count)
{
    enum { WINDOW = 1000 };
    static mproc_result *results[WINDOW];
    for (int64_t done = 0; done < count; done += WINDOW) {
        for (int i = 0; i < WINDOW; i++)
            CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(i), NULL, &results[i]));
        for (int i = 0; i < WINDOW; i++) {
            int value;
            CHECK_OK(mproc_result_get(results[i], test_limit_ms(30000), &value, sizeof value, NULL));
            CHECK_EQ(value, i * i);
            CHECK_OK(mproc_result_free(results[i]));
        }
    }
}

static void no_growth(int64_t tasks)
{
    mproc_pool *pool = make_pool(2);
    run_tasks(pool, 10000);
    int64_t before = resident_kib();
    run_tasks(pool, tasks);
    CHECK_LE(resident_kib(), before + 512);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_44_no_growth(void)
{
    no_growth(400000);
}

static void rule_44_no_growth_over_10_million(void)
{
    no_growth(10000000);
}

/* Positions of the rings pass 2^29, where stamps wrap, and 2^32, where positions do. */
static void rings_wrap_around(void)
{
    static const uint32_t starts[] = { (1u << 29) - 300, UINT32_MAX - 300, (1u << 31) - 300 };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        mproc__pool_first_position = starts[i];
        mproc_pool *pool = make_pool(2);
        run_tasks(pool, 5000);
        CHECK_OK(mproc_pool_free(pool));
    }
    mproc__pool_first_position = 0;
}

/* ---- The template ---- */

static int64_t template_pid(int64_t worker)
{
    char path[64];
    long parent = 0;
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)worker);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    CHECK(fscanf(file, "%*d (%*[^)]) %*c %ld", &parent) == 1);
    fclose(file);
    return parent;
}

static void template_killed(void)
{
    mproc_pool *pool = make_pool(2);
    int64_t pids[2];
    for (int round = 0; round < 3; round++) {
        WAIT_UNTIL(mproc_pool_get_worker_pids(pool, pids, 2) == 2);
        int64_t template = template_pid(pids[0]);
        CHECK(template != os_self_pid());
        os_kill(template);
        check_still_works(pool);
        mproc_result *result;
        CHECK_OK(mproc_pool_apply_async(pool, die, MPROC_NO_ARGS, NULL, &result));
        CHECK_CODE(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL), MPROC_E_WORKER_DIED);
        CHECK_OK(mproc_result_free(result));
        /* The survivor may still be a child of nobody; both go, so that the next round finds a new template. */
        WAIT_UNTIL(mproc_pool_get_worker_pids(pool, pids, 2) == 2);
        for (int i = 0; i < 2; i++)
            os_kill(pids[i]);
        check_still_works(pool);
        mproc_pool_stats stats;
        WAIT_UNTIL(mproc_pool_get_stats(pool, &stats) == 0 && stats.deaths == 3u * ((unsigned)round + 1) &&
                   stats.workers == 2);
    }
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST(worker_pids_and_stats_see_the_same_workers),
    TEST(rule_41_a_task_that_forks_and_returns),
    TEST(a_task_that_closes_all_descriptors),
    TEST(a_task_that_blocks_all_signals),
    TEST_WITH(a_task_that_scribbles_over_its_rings, TEST_NO_SANITIZER, 60),
    TEST(kill_reaches_a_workers_children),
    TEST(own_children_are_never_reaped),
    TEST_WITH(rule_40_every_call_fails_once, 0, 120),
    TEST_WITH(rule_54_out_of_descriptors, TEST_NO_SANITIZER, 60),
    TEST_WITH(rule_44_no_growth, TEST_NO_SANITIZER, 90),
    TEST_WITH(rule_44_no_growth_over_10_million, TEST_NO_SANITIZER | TEST_SOAK, 900),
    TEST_WITH(rings_wrap_around, 0, 90),
    TEST_WITH(template_killed, TEST_FORK_ONLY, 60),
};

TEST_MAIN_PLAIN(tests)
