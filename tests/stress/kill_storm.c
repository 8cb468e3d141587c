/* Workers killed at random moments while tasks stream through: no task is lost, none runs twice, none fails but those
 * whose worker died under them, and the pool's account of it all is exact. */
#include "test.h"

#define WORKERS 4
#define WINDOW  512

/* Board words: 0 stop, 1 kills so far, from 8 on the number of runs of the tasks in the window. */
enum { STOP = 0, KILLS = 1, RUNS = 8 };

static int run(mproc_task *task)
{
    int slot;
    if (mproc_task_read(task, &slot, sizeof slot) < 0)
        return -1;
    atomic_fetch_add(&test_board()[RUNS + slot], 1);
    return mproc_task_return(task, &slot, sizeof slot);
}

struct killer {
    mproc_pool *pool;
    unsigned seed;
    int64_t kills;
};

static bool is_listed(mproc_pool *pool, int64_t pid)
{
    int64_t pids[WORKERS];
    int count = mproc_pool_get_worker_pids(pool, pids, WORKERS);
    for (int i = 0; i < count; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

/* Kills a worker, waits until the pool knows, lets a random number of tasks pass, kills the next. */
static void kill_workers(void *argument)
{
    struct killer *killer = argument;
    while (atomic_load(&test_board()[STOP]) == 0) {
        int64_t pids[WORKERS];
        int count = mproc_pool_get_worker_pids(killer->pool, pids, WORKERS);
        if (count > 0) {
            int64_t pid = pids[test_random(&killer->seed) % (unsigned)count];
            os_kill(pid);
            WAIT_UNTIL(!is_listed(killer->pool, pid));
            killer->kills++;
            atomic_store(&test_board()[KILLS], killer->kills);
        }
        for (unsigned spins = test_random(&killer->seed) % 20000; spins > 0; spins--)
            atomic_load(&test_board()[STOP]);
    }
}

struct account {
    int64_t submitted, succeeded, failed;
};

static void settle(mproc_result *result, int slot, struct account *account)
{
    int value = -1;
    int code = mproc_result_get(result, test_limit_ms(60000), &value, sizeof value, NULL);
    int64_t runs = atomic_exchange(&test_board()[RUNS + slot], 0);
    if (code == MPROC_E_WORKER_DIED) {
        CHECK_LE(runs, 1);
        account->failed++;
    } else {
        CHECK_CODE(code, 0);
        CHECK_EQ(value, slot);
        CHECK_EQ(runs, 1);
        account->succeeded++;
    }
    CHECK_OK(mproc_result_free(result));
}

static void storm(mproc_pool *pool, int64_t kills, struct account *account)
{
    mproc_result *results[WINDOW];
    int filled = 0, next = 0;
    while (atomic_load(&test_board()[KILLS]) < kills || filled > 0) {
        if (filled < WINDOW && atomic_load(&test_board()[KILLS]) < kills) {
            int slot = (next + filled) % WINDOW;
            CHECK_OK(mproc_pool_apply_async(pool, run, MPROC_ARG(slot), NULL, &results[slot]));
            filled++;
            account->submitted++;
        } else {
            settle(results[next], next, account);
            next = (next + 1) % WINDOW;
            filled--;
        }
    }
}

static void storm_of(int64_t kills)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = WORKERS, .max_restarts = 1000000 }));
    struct killer killer = { .pool = pool, .seed = (unsigned)os_self_pid() };
    struct account account = { 0 };
    os_thread *thread = os_thread_start(kill_workers, &killer);
    storm(pool, kills, &account);
    atomic_store(&test_board()[STOP], 1);
    os_thread_join(thread);
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(account.succeeded + account.failed, account.submitted);
    CHECK_EQ(stats.submitted, account.submitted);
    CHECK_EQ(stats.succeeded, account.succeeded);
    CHECK_EQ(stats.failed, account.failed);
    CHECK_EQ(stats.deaths, killer.kills);
    /* A death fails one task at most. */
    CHECK_LE(account.failed, killer.kills);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
}

static void kill_storm(void)
{
    storm_of(test_rounds(300, 300));
}

static void kill_storm_50000(void)
{
    storm_of(50000);
}

static const struct test tests[] = {
    TEST_WITH(kill_storm, 0, 180),
    TEST_WITH(kill_storm_50000, TEST_SOAK, 3600),
};

TEST_MAIN_PLAIN(tests)
