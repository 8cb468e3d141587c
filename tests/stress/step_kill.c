/* A worker killed at every instruction of wait, claim, run, publish, pass and wake.
 *
 * The worker is stopped while it sleeps, three tasks are put into its ring, and it is led on by so many single steps
 * before it is killed; then by one more, until it is through. Every time the parent's account must be exact: a task
 * either succeeded and ran once, or failed with MPROC_E_WORKER_DIED and ran at most once; at most one failed; what had
 * not started ran elsewhere.
 *
 * Under fork alone: the instructions are the same under spawn, and a new worker for each kill comes ten times faster.
 */
#include "stepper.h"

#define TASKS 3

/* Board words: how often task i ran. */
static int mark(mproc_task *task)
{
    int index;
    if (mproc_task_read(task, &index, sizeof index) < 0)
        return -1;
    atomic_fetch_add(&test_board()[index], 1);
    return mproc_task_return(task, &index, sizeof index);
}

/* The worker that has taken the place of the one killed before. */
static int64_t next_worker(mproc_pool *pool, int64_t killed)
{
    int64_t pid = 0;
    WAIT_UNTIL(mproc_pool_get_worker_pids(pool, &pid, 1) == 1 && pid != killed);
    return pid;
}

static bool all_ready(mproc_result **results)
{
    for (int i = 0; i < TASKS; i++)
        if (mproc_result_is_ready(results[i]) != 1)
            return false;
    return true;
}

static int settle(mproc_result **results)
{
    int failed = 0;
    for (int i = 0; i < TASKS; i++) {
        int value = -1;
        int code = mproc_result_get(results[i], test_limit_ms(30000), &value, sizeof value, NULL);
        int64_t runs = atomic_load(&test_board()[i]);
        if (code == MPROC_E_WORKER_DIED) {
            CHECK_LE(runs, 1);
            failed++;
        } else {
            CHECK_CODE(code, 0);
            CHECK_EQ(value, i);
            CHECK_EQ(runs, 1);
        }
        CHECK_OK(mproc_result_free(results[i]));
    }
    return failed;
}

/* One kill after so many steps. Returns whether the worker had been through. */
static bool kill_after(mproc_pool *pool, long steps, int64_t *killed, int64_t *failures)
{
    mproc_result *results[TASKS];
    int64_t pid = next_worker(pool, *killed);
    *killed = pid;
    stepper_seize(pid);
    for (int i = 0; i < TASKS; i++) {
        atomic_store(&test_board()[i], 0);
        CHECK_OK(mproc_pool_apply_async(pool, mark, MPROC_ARG(i), NULL, &results[i]));
    }
    /* Through with everything, it sleeps until there is more. */
    bool through = !stepper_lead(pid, steps) && all_ready(results);
    stepper_kill(pid);
    int failed = settle(results);
    CHECK_LE(failed, 1);
    *failures += failed;
    return through;
}

static mproc_pool *one_worker(void)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .max_restarts = 1000000 }));
    /* Measured times let several tasks into the ring at once. */
    for (int i = 0; i < 50; i++) {
        int index = TASKS;
        CHECK_OK(mproc_pool_apply(pool, mark, MPROC_ARG(index), NULL, &index, sizeof index, NULL));
    }
    return pool;
}

static void step_through(long stride)
{
    mproc_pool *pool = one_worker();
    int64_t failures = 0, kills = 0, killed = 0, deaths;
    for (long steps = 0; !kill_after(pool, steps, &killed, &failures); steps += stride)
        kills++;
    mproc_pool_stats stats;
    WAIT_UNTIL(mproc_pool_get_stats(pool, &stats) == 0 && (deaths = (int64_t)stats.deaths) == kills + 1);
    CHECK(kills > 100 / stride);
    CHECK(failures > 0);
    CHECK_EQ(stats.failed, failures);
    CHECK_EQ(stats.succeeded + stats.failed, stats.submitted);
    CHECK_OK(mproc_pool_free(pool));
}

/* A prime stride meets every kind of instruction within the sample. */
static void killed_at_sampled_instructions(void)
{
    step_through(47);
}

static void killed_at_every_instruction(void)
{
    step_through(1);
}

static const struct test tests[] = {
    TEST_WITH(killed_at_sampled_instructions, TEST_FORK_ONLY | TEST_NO_SANITIZER, 180),
    TEST_WITH(killed_at_every_instruction, TEST_FORK_ONLY | TEST_NO_SANITIZER | TEST_SOAK, 2400),
};

TEST_MAIN_PLAIN(tests)
