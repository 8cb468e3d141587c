/* A worker that becomes ready just as a thread of the program stops watching for all others. Reaches into the pool, to
 * hold its two sides where they are. */
#include "pool/pool.h"
#include "pool/pool_layout.h"
#include "pool_tasks.h"
#include <signal.h>
#include <sys/types.h>

/* Long enough for all that has to happen meanwhile. */
#define SPIN_NS 2000000000

/* Board word 2 counts workers that start; the third one and later ones wait for word 3. */
static int wait_unless_first(mproc_task *task)
{
    (void)task;
    if (atomic_fetch_add(&test_board()[2], 1) >= 2)
        while (atomic_load(&test_board()[3]) == 0)
            os_sleep_ms(1);
    return 0;
}

static void wait_for_result(void *result)
{
    CHECK_OK(mproc_result_wait(result, test_limit_ms(60000)));
}

static bool is_idle(mproc_pool *pool)
{
    platform_mutex_lock(&pool->lock);
    bool idle = pool->supervisor_idle;
    platform_mutex_unlock(&pool->lock);
    return idle;
}

static bool has_announced(mproc_pool *pool, int index)
{
    platform_mutex_lock(&pool->lock);
    const struct worker *worker = pool_worker(pool, index);
    bool ready = worker->link != NULL && link_look(worker->link, LINK_READY);
    platform_mutex_unlock(&pool->lock);
    return ready;
}

static bool is_counted(mproc_pool *pool, int index)
{
    platform_mutex_lock(&pool->lock);
    bool counted = pool_worker(pool, index)->state == WORKER_READY;
    platform_mutex_unlock(&pool->lock);
    return counted;
}

/* The thread that spins has said that nobody need be notified. What it waits for is cancelled, so that it leaves with
 * nothing to collect; the supervisor sleeps without a limit, since there are no tasks. In between the new worker is
 * ready: it has to be seen by the one who leaves. */
static void a_worker_that_is_ready_as_the_leader_leaves_is_seen(void)
{
    mproc_pool *pool;
    mproc_result *result;
    int64_t pids[2];
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .initializer = wait_unless_first }));
    CHECK_EQ(mproc_pool_get_worker_pids(pool, pids, 2), 2);
    platform_mutex_lock(&pool->lock);
    pool->cpus = pool->cpus < 2 ? 2 : pool->cpus;
    pool->spin_ns = SPIN_NS;
    platform_mutex_unlock(&pool->lock);
    CHECK(kill((pid_t)pids[1], SIGSTOP) == 0);
    os_kill(pids[0]);
    WAIT_UNTIL(atomic_load(&test_board()[2]) == 3);

    CHECK_OK(mproc_pool_apply_async(pool, own_pid, MPROC_NO_ARGS, NULL, &result));
    os_thread *leader = os_thread_start(wait_for_result, result);
    WAIT_UNTIL(atomic_load(&pool->shared->user_bell.value) == BELL_AWAKE);
    CHECK_OK(mproc_result_cancel(result));
    WAIT_UNTIL(is_idle(pool));
    atomic_store(&test_board()[3], 1);
    WAIT_UNTIL(has_announced(pool, 0));
    os_thread_join(leader);
    WAIT_UNTIL_MS(is_counted(pool, 0), 10000);

    CHECK(kill((pid_t)pids[1], SIGCONT) == 0);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST_WITH(a_worker_that_is_ready_as_the_leader_leaves_is_seen, 0, 120),
};

TEST_MAIN_PLAIN(tests)
