/* Whoever ends a worker and what it started may be killed in the middle of that, after any of the signals it sends:
 * what it had stopped must not stay so. Reaches into the port's call table.
 */
#include "calls.h"
#include "pool_tasks.h"
#include <signal.h>
#include <unistd.h>

static _Atomic int signals_left;
static int (*real_send_signal)(int pidfd, int number, unsigned flags);

static int send_signal_and_die(int pidfd, int number, unsigned flags)
{
    int result = real_send_signal(pidfd, number, flags);
    if (atomic_fetch_sub(&signals_left, 1) == 1)
        kill(getpid(), SIGKILL);
    return result;
}

static int scene_destroys_a_pool(const char *argument)
{
    mproc_pool *pool = make_pool(2);
    submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    atomic_store(&signals_left, atoi(argument));
    real_send_signal = platform_calls.pidfd_send_signal;
    platform_calls.pidfd_send_signal = send_signal_and_die;
    CHECK_OK(mproc_pool_free(pool));
    return 0;
}

/* Every number of signals, until there are fewer. */
static void pool_destroyed(void)
{
    int64_t code = -SIGKILL;
    int count = 0;
    char number[16];
    while (code == -SIGKILL) {
        atomic_store(&test_board()[1], 0);
        snprintf(number, sizeof number, "%d", ++count);
        code = test_scene("scene_destroys_a_pool", number, NULL, 0);
    }
    CHECK_EQ(code, 0);
    CHECK(count > 2);
}

static const struct test tests[] = {
    TEST_WITH(pool_destroyed, 0, 60),
};

static const struct scene scenes[] = {
    SCENE(scene_destroys_a_pool),
};

TEST_MAIN(tests, scenes)
