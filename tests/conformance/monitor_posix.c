/* Watching, where processes fork and are stopped. Reaches into the library for the other end. */
#define _GNU_SOURCE
#include "monitor/publisher.h"
#include "pool_tasks.h"
#include "watch.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void check_passes(pid_t copy)
{
    int status;
    CHECK(copy > 0);
    CHECK(waitpid(copy, &status, 0) == copy);
    CHECK_EQ(status, 0);
}

static void a_copy_is_not_watched(void)
{
    watch_use_own_place();
    CHECK_OK(mproc_monitor_start(NULL));
    struct watch *watch = watch_open(os_self_pid(), RECORD_WANTS_LOG);
    pid_t copy = fork();
    if (copy == 0) {
        CHECK_NOT(mproc_monitor_is_watched(), 0);
        CHECK_CODE(mproc_monitor_start(NULL), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_monitor_stop(), MPROC_E_WRONG_PROCESS);
        mproc_log(MPROC_LOG_ERROR, "told to nobody");
        _exit(0);
    }
    check_passes(copy);
    CHECK(watch_poll(watch));
    CHECK_EQ(watch->frames[RECORD_LOG], 0);
    struct watch *later = watch_open(os_self_pid(), 0);
    watch_free(later);
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
}

/* As a daemon does: whoever has asked the program for it means the daemon. */
static void a_family_that_a_copy_begins_is_watched(void)
{
    watch_use_own_place();
    os_set_environment("MPROC_MONITOR", "1");
    CHECK_OK(mproc_monitor_start(NULL));
    pid_t copy = fork();
    if (copy == 0) {
        CHECK_OK(mproc_begin_family());
        mproc_pool *pool = make_pool(1);
        struct watch *watch = watch_open(os_self_pid(), 0);
        CHECK(watch_find(watch, "Pool-1") != 0);
        watch_free(watch);
        CHECK_OK(mproc_monitor_stop());
        CHECK_OK(mproc_pool_free(pool));
        _exit(0);
    }
    check_passes(copy);
    watch_free(watch_open(os_self_pid(), 0));
    CHECK_OK(mproc_monitor_stop());
}

/* ---- A program that closes what is not its own ---- */

static void close_all(void)
{
    for (int fd = 3; fd < 256; fd++)
        close(fd);
}

static void a_program_that_closes_all_descriptors_ends(void)
{
    watch_use_own_place();
    pid_t copy = fork();
    if (copy == 0) {
        CHECK_OK(mproc_begin_family());
        CHECK_OK(mproc_monitor_start(NULL));
        /* It is asleep by then. */
        os_sleep_ms(50);
        close_all();
        int64_t begin = os_now_ms();
        CHECK_OK(mproc_monitor_stop());
        CHECK(os_now_ms() - begin < test_limit_ms(20000));
        _exit(0);
    }
    check_passes(copy);
}

/* ---- One who watches and is stopped ---- */

static int watch_parent(const char *argument)
{
    struct watch *watch = watch_open(atoll(argument), RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL);
    atomic_store(&test_board()[4], os_self_pid());
    WAIT_UNTIL(!watch_poll(watch) && watch->stream == NULL);
    atomic_store(&test_board()[5], (int64_t)watch->frames[RECORD_ENDED] + 1);
    watch_free(watch);
    return 0;
}

static void one_that_is_stopped_is_disconnected(void)
{
    char pid[32];
    watch_use_own_place();
    mproc__publisher_limits.stuck_ns = 200000000;
    CHECK_OK(mproc_monitor_start(NULL));
    mproc_pool *pool = make_pool(2);
    snprintf(pid, sizeof pid, "%lld", (long long)os_self_pid());
    os_program *program = test_scene_start("watch_parent", pid);
    WAIT_UNTIL(atomic_load(&test_board()[4]) != 0);
    CHECK(kill((pid_t)atomic_load(&test_board()[4]), SIGSTOP) == 0);
    for (int64_t until = os_now_ms() + test_limit_ms(25000); mproc_monitor_is_watched() && os_now_ms() < until;)
        for (int i = 0; i < 300; i++) {
            int value = i;
            CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
        }
    CHECK_NOT(mproc_monitor_is_watched(), 0);
    CHECK(kill((pid_t)atomic_load(&test_board()[4]), SIGCONT) == 0);
    WAIT_UNTIL(atomic_load(&test_board()[5]) != 0);
    CHECK_EQ(atomic_load(&test_board()[5]), 1);
    CHECK_EQ(test_scene_finish(program, NULL, 0), 0);
    CHECK_OK(mproc_pool_free(pool));
    CHECK_OK(mproc_monitor_stop());
}

static const struct test tests[] = {
    TEST_WITH(a_copy_is_not_watched, TEST_ONCE, 0),
    TEST_WITH(a_family_that_a_copy_begins_is_watched, TEST_FORK_ONLY, 0),
    TEST_WITH(a_program_that_closes_all_descriptors_ends, TEST_FORK_ONLY, 0),
    TEST(one_that_is_stopped_is_disconnected),
};
static const struct scene scenes[] = { SCENE(watch_parent) };
TEST_MAIN(tests, scenes)
