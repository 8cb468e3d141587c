/* Programs in sandboxes that do not let all calls through: without process descriptors (older versions of valgrind, and
 * seccomp profiles that are older than the calls), and without sockets.
 */
#define _GNU_SOURCE
#include "pool_tasks.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From here on the two calls fail with this error, also in all children. */
static void deny(int first, int second, int error_number)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)first, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)second, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error_number),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = { TEST_COUNT(rules), rules };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        test_skip("there are no filters for system calls here: %s", strerror(errno));
}

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/* argument: the error number; with a minus sign there are descriptors, but no signals by them. */
static void deny_pidfds(const char *argument)
{
    int error_number = atoi(argument);
    deny(error_number > 0 ? SYS_pidfd_open : SYS_pidfd_send_signal, SYS_pidfd_send_signal, abs(error_number));
}

static void check_ends(void)
{
    mproc_os_handle sentinel;
    unsigned char ready;
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    CHECK(mproc_process_is_alive(process));
    CHECK_CODE(mproc_process_join(process, 30), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_process_get_sentinel(process, &sentinel));
    CHECK_CODE(test_wait_handles(&sentinel, 1, 0, &ready), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_process_terminate(process));
    CHECK_EQ(test_wait_handles(&sentinel, 1, MPROC_FOREVER, &ready), 1);
    CHECK_EQ(test_finish(process), -SIGTERM);
    process = test_start(test_stay, MPROC_NO_ARGS);
    CHECK_OK(mproc_process_kill_tree(process));
    CHECK_EQ(test_finish(process), -SIGKILL);
    CHECK_EQ(test_finish(test_start(test_nothing, MPROC_NO_ARGS)), 0);
}

static void check_pool(void)
{
    int value = 7, found = 0;
    mproc_result *result;
    mproc_pool *pool = make_pool(2);
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &found, sizeof found, NULL));
    CHECK_EQ(found, 49);
    CHECK_CODE(mproc_pool_apply(pool, die, MPROC_NO_ARGS, NULL, NULL, 0, NULL), MPROC_E_WORKER_DIED);
    CHECK_CONTAINS(mproc_last_error(), "signal 9");
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &found, sizeof found, NULL));
    result = submit_stay(pool);
    CHECK_OK(mproc_pool_terminate(pool));
    CHECK_OK(mproc_pool_join(pool, MPROC_FOREVER));
    CHECK_CODE(mproc_result_get(result, 0, NULL, 0, NULL), MPROC_E_TERMINATED);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

static int scene_without_pidfds(const char *argument)
{
    deny_pidfds(argument);
    check_ends();
    check_pool();
    WAIT_UNTIL(os_child_count() == test_has_server());
    return 0;
}

static void programs_run_without_process_descriptors(void)
{
    static const int errors[] = { ENOSYS, EPERM, -ENOSYS };
    for (size_t i = 0; i < TEST_COUNT(errors); i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", errors[i]);
        CHECK_EQ(test_scene("scene_without_pidfds", number, NULL, 0), 0);
    }
}

/* A lock's holder that dies is noticed. */
static int hold_and_die(mproc_task *task)
{
    mproc_lock lock;
    CHECK_OK(mproc_task_read(task, &lock, sizeof lock));
    CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
    return die(task);
}

static int scene_dead_holder_without_pidfds(const char *argument)
{
    mproc_lock lock;
    deny_pidfds(argument);
    CHECK_OK(mproc_lock_create(&lock, NULL));
    mproc_process *process = test_start(hold_and_die, MPROC_ARG(lock));
    WAIT_UNTIL(!mproc_process_is_alive(process));
    CHECK_CODE(mproc_lock_acquire(lock, MPROC_FOREVER), MPROC_OWNER_DIED);
    CHECK_OK(mproc_lock_repaired(lock));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
    CHECK_EQ(test_finish(process), -SIGKILL);
    return 0;
}

static void holder_dies_without_process_descriptors(void)
{
    CHECK_EQ(test_scene("scene_dead_holder_without_pidfds", "38", NULL, 0), 0);
}

static int scene_killed_without_pidfds(const char *argument)
{
    deny_pidfds(argument);
    test_start(test_stay, MPROC_NO_ARGS);
    submit_stay(make_pool(2));
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    kill(getpid(), SIGKILL);
    return 1;
}

/* That nothing is left is what the end of a scene checks. */
static void children_end_with_their_parent_without_process_descriptors(void)
{
    CHECK_EQ(test_scene("scene_killed_without_pidfds", "38", NULL, 0), -SIGKILL);
}

/* ---- Sockets ---- */

static void check_no_handles(void)
{
    mproc_connection first, second;
    os_waitable waitable = os_waitable_create();
    CHECK_OK(mproc_pipe_create(&first, &second, NULL));
    CHECK_OK(mproc_connection_send(first, "text", 4, 0));
    CHECK_CODE(mproc_connection_send_handle(first, waitable.handle, MPROC_HANDLE_DUP, 0), MPROC_E_NOT_SUPPORTED);
    CHECK_OK(mproc_connection_close(first));
    CHECK_OK(mproc_connection_close(second));
    os_waitable_close(&waitable);
}

/* The task fails, and says why. */
static void check_no_handles_of_tasks(void)
{
    mproc_pool *pool;
    os_waitable waitable = os_waitable_create();
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1 }));
    mproc_task_options options = { .handles = &waitable.handle, .handle_count = 1 };
    CHECK_CODE(mproc_pool_apply(pool, test_nothing, MPROC_NO_ARGS, &options, NULL, 0, NULL), MPROC_E_NOT_SUPPORTED);
    CHECK_OK(mproc_pool_apply(pool, test_nothing, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK_OK(mproc_pool_free(pool));
    os_waitable_close(&waitable);
}

static int scene_without_sockets(const char *argument)
{
    mproc_lock lock;
    mproc_pool *pool;
    (void)argument;
    deny(SYS_socket, SYS_socketpair, EPERM);
    CHECK_OK(mproc_lock_create(&lock, NULL));
    CHECK_OK(mproc_lock_acquire(lock, 0));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
    check_no_handles();
    if (test_has_server()) {
        mproc_process *process;
        CHECK_OK(mproc_process_create(&process, &(mproc_process_options){ .function = test_nothing }));
        CHECK_CODE(mproc_process_start(process), MPROC_E_NOT_SUPPORTED);
        CHECK_CONTAINS(mproc_last_error(), "spawn");
        CHECK_OK(mproc_process_free(process));
        return 0;
    }
    check_ends();
    if (!test_forks()) {
        check_pool();
        check_no_handles_of_tasks();
        return 0;
    }
    CHECK_CODE(mproc_pool_create(&pool, NULL), MPROC_E_NOT_SUPPORTED);
    CHECK_CONTAINS(mproc_last_error(), "spawn");
    return 0;
}

/* All but what travels by sockets: handles, and the requests to a forked pool's template or to the fork server. */
static void programs_run_without_sockets(void)
{
    CHECK_EQ(test_scene("scene_without_sockets", "", NULL, 0), 0);
}

static const struct test tests[] = {
    TEST_WITH(programs_run_without_process_descriptors, 0, 60),
    TEST(holder_dies_without_process_descriptors),
    TEST(children_end_with_their_parent_without_process_descriptors),
    TEST(programs_run_without_sockets),
};

static const struct scene scenes[] = {
    SCENE(scene_without_pidfds),
    SCENE(scene_dead_holder_without_pidfds),
    SCENE(scene_killed_without_pidfds),
    SCENE(scene_without_sockets),
};

TEST_MAIN(tests, scenes)
