/* Handles with tasks where POSIX has something to say: descriptors that run out, that siblings must not have, that a
 * task closes, and workers that are stopped. Rules 8 and 54.
 */
#define _GNU_SOURCE
#include "io.h"
#include "os.h"
#include "pool_tasks.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static mproc_task_options with(const mproc_os_handle *handles, size_t count, mproc_handle_mode mode)
{
    return (mproc_task_options){ .handles = handles, .handle_count = count, .handle_mode = mode };
}

static void check_ended(mproc_os_handle other)
{
    char byte;
    CHECK_EQ(os_read(other, &byte, 1), 0);
    os_close(other);
}

/* ---- Rule 54: no more descriptors ---- */

enum { ROOM = 64 };

struct crowd {
    struct rlimit before;
    int fillers[ROOM], count;
};

/* Takes all descriptors that this process may have. */
static void fill(struct crowd *crowd)
{
    CHECK_EQ(getrlimit(RLIMIT_NOFILE, &crowd->before), 0);
    struct rlimit low = crowd->before;
    crowd->count = 1;
    crowd->fillers[0] = dup(STDERR_FILENO);
    low.rlim_cur = (rlim_t)crowd->fillers[0] + 20;
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
    while (crowd->count < ROOM && (crowd->fillers[crowd->count] = dup(STDERR_FILENO)) >= 0)
        crowd->count++;
    CHECK(crowd->count < ROOM);
}

static void clear(struct crowd *crowd)
{
    while (crowd->count > 0)
        close(crowd->fillers[--crowd->count]);
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &crowd->before), 0);
}

static int greet(mproc_task *task)
{
    mproc_os_handle handle;
    CHECK_OK(mproc_task_take_handle(task, 0, &handle));
    CHECK_EQ(os_write(handle, "hello", 5), 5);
    os_close(handle);
    return 0;
}

static void rule_54_no_room_for_a_duplicate(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_os_handle pipe[2];
    struct crowd crowd;
    char text[8];
    os_pipe(pipe);
    mproc_task_options options = with(&pipe[1], 1, MPROC_HANDLE_MOVE);
    fill(&crowd);
    for (int i = 0; i < 50; i++) {
        CHECK_CODE(mproc_pool_apply_async(pool, greet, MPROC_NO_ARGS, &options, NULL), MPROC_E_OS);
        CHECK_CONTAINS(mproc_last_error(), "handle 0");
    }
    clear(&crowd);
    CHECK_OK(mproc_pool_apply(pool, greet, MPROC_NO_ARGS, &options, NULL, 0, NULL));
    CHECK_EQ(os_read(pipe[0], text, sizeof text), 5);
    check_ended(pipe[0]);
    CHECK_OK(mproc_pool_free(pool));
}

static int take_without_room(mproc_task *task)
{
    struct crowd crowd;
    mproc_os_handle handle;
    fill(&crowd);
    for (int i = 0; i < 50; i++)
        CHECK_CODE(mproc_task_take_handle(task, 1, &handle), MPROC_E_OS);
    clear(&crowd);
    CHECK_OK(mproc_task_take_handle(task, 1, &handle));
    os_close(handle);
    return greet(task);
}

/* The task may try again, and nothing is lost. */
static void rule_54_no_room_in_the_worker(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_os_handle first[2], second[2];
    char text[8];
    os_pipe(first);
    os_pipe(second);
    mproc_os_handle both[] = { first[1], second[1] };
    mproc_task_options options = with(both, 2, MPROC_HANDLE_MOVE);
    CHECK_OK(mproc_pool_apply(pool, take_without_room, MPROC_NO_ARGS, &options, NULL, 0, NULL));
    CHECK_EQ(os_read(first[0], text, sizeof text), 5);
    check_ended(first[0]);
    check_ended(second[0]);
    CHECK_OK(mproc_pool_free(pool));
}

/* All of them are closed although there is no room to look at one. */
static void rule_54_no_room_when_the_task_ends(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_os_handle pipes[4][2], writers[4];
    mproc_result *result;
    struct crowd crowd;
    for (int i = 0; i < 4; i++) {
        os_pipe(pipes[i]);
        writers[i] = pipes[i][1];
    }
    mproc_task_options options = with(writers, 4, MPROC_HANDLE_MOVE);
    CHECK_OK(mproc_pool_apply_async(pool, wait_for_board, MPROC_NO_ARGS, &options, &result));
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    fill(&crowd);
    test_let_go();
    CHECK_OK(mproc_result_get(result, MPROC_FOREVER, NULL, 0, NULL));
    for (int i = 0; i < 4; i++)
        check_ended(pipes[i][0]);
    clear(&crowd);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Rule 8: who has what ---- */

static int count_own(mproc_task *task)
{
    int count = os_handle_count();
    return mproc_task_return(task, &count, sizeof count);
}

static int count_in_worker(mproc_pool *pool)
{
    int count = -1;
    CHECK_OK(mproc_pool_apply(pool, count_own, MPROC_NO_ARGS, NULL, &count, sizeof count, NULL));
    return count;
}

static int64_t other_worker(mproc_pool *pool, int64_t pid)
{
    int64_t pids[2];
    if (mproc_pool_get_worker_pids(pool, pids, 2) < 2)
        return 0;
    return pids[0] == pid ? pids[1] : pids[0];
}

static int stay_and_tell(mproc_task *task)
{
    mproc_os_handle handle;
    CHECK_OK(mproc_task_take_handle(task, 0, &handle));
    atomic_store(&test_board()[4], os_self_pid());
    wait_for_board(task);
    os_close(handle);
    return 0;
}

/* A sibling has no more than before, and neither has the next one in its place, made while the client is there. */
static void rule_08_siblings_have_no_clients(void)
{
    mproc_pool *pool = make_pool(2);
    mproc_os_handle pipe[2];
    mproc_result *result;
    os_pipe(pipe);
    mproc_task_options options = with(&pipe[1], 1, MPROC_HANDLE_MOVE);
    int before = count_in_worker(pool);
    CHECK_OK(mproc_pool_apply_async(pool, stay_and_tell, MPROC_NO_ARGS, &options, &result));
    WAIT_UNTIL(atomic_load(&test_board()[4]) != 0);
    CHECK_EQ(count_in_worker(pool), before);
    int64_t busy = atomic_load(&test_board()[4]), killed = other_worker(pool, busy);
    os_kill(killed);
    WAIT_UNTIL(other_worker(pool, busy) != 0 && other_worker(pool, busy) != killed);
    CHECK_EQ(count_in_worker(pool), before);
    test_let_go();
    CHECK_OK(mproc_result_get(result, MPROC_FOREVER, NULL, 0, NULL));
    check_ended(pipe[0]);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

/* The parent's own count while clients come and go. */
static void no_descriptor_more_with_each_client(void)
{
    mproc_pool *pool = make_pool(2);
    int before = os_handle_count(), in_worker = test_threads() ? 0 : count_in_worker(pool);
    for (int i = 0; i < 100; i++) {
        mproc_os_handle pipe[2];
        char text[8];
        os_pipe(pipe);
        mproc_task_options options = with(&pipe[1], 1, MPROC_HANDLE_MOVE);
        CHECK_OK(mproc_pool_apply(pool, greet, MPROC_NO_ARGS, &options, NULL, 0, NULL));
        CHECK_EQ(os_read(pipe[0], text, sizeof text), 5);
        check_ended(pipe[0]);
    }
    CHECK_EQ(os_handle_count(), before);
    if (!test_threads())
        CHECK_EQ(count_in_worker(pool), in_worker);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- What a task may do to its worker ---- */

/* All numbers that the library may have used are files of the task's own then. */
static int take_after_closing_all(mproc_task *task)
{
    int files[ROOM], count = 0;
    mproc_os_handle handle;
    for (int fd = STDERR_FILENO + 1; fd < 256; fd++)
        close(fd);
    while (count < ROOM && (files[count] = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0)
        count++;
    int code = mproc_task_take_handle(task, 0, &handle);
    while (count > 0)
        CHECK_EQ(close(files[--count]), 0);
    return code;
}

static void task_that_closes_what_is_not_its_own(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_os_handle pipe[2];
    os_pipe(pipe);
    mproc_task_options options = with(&pipe[1], 1, MPROC_HANDLE_MOVE);
    CHECK_CODE(mproc_pool_apply(pool, take_after_closing_all, MPROC_NO_ARGS, &options, NULL, 0, NULL), MPROC_E_OS);
    check_ended(pipe[0]);
    CHECK_OK(mproc_pool_free(pool));
}

static int count_in_a_copy(mproc_task *task)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(mproc_task_get_handle_count(task) == 0 ? 0 : 1);
    WAIT_UNTIL(!os_is_alive(pid));
    return greet(task);
}

/* It sees no handles, and no fault either. */
static void rule_54_in_a_foreign_copy(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_os_handle pipe[2];
    char text[8];
    os_pipe(pipe);
    mproc_task_options options = with(&pipe[1], 1, MPROC_HANDLE_MOVE);
    CHECK_OK(mproc_pool_apply(pool, count_in_a_copy, MPROC_NO_ARGS, &options, NULL, 0, NULL));
    CHECK_EQ(os_read(pipe[0], text, sizeof text), 5);
    check_ended(pipe[0]);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Stopped workers ---- */

/* Whichever of the two it is given to first. */
static void client_of_a_stopped_worker_goes_to_another(void)
{
    mproc_pool *pool = make_pool(2);
    int64_t pids[2];
    CHECK_EQ(mproc_pool_get_worker_pids(pool, pids, 2), 2);
    for (int i = 0; i < 2; i++) {
        mproc_os_handle pipe[2];
        char text[8];
        os_pipe(pipe);
        mproc_task_options options = with(&pipe[1], 1, MPROC_HANDLE_MOVE);
        kill((pid_t)pids[i], SIGSTOP);
        CHECK_OK(mproc_pool_apply(pool, greet, MPROC_NO_ARGS, &options, NULL, 0, NULL));
        CHECK_EQ(os_read(pipe[0], text, sizeof text), 5);
        check_ended(pipe[0]);
        kill((pid_t)pids[i], SIGCONT);
    }
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST(rule_54_no_room_for_a_duplicate),
    TEST_WITH(rule_54_no_room_in_the_worker, TEST_PROCESSES, 0),
    TEST(rule_54_no_room_when_the_task_ends),
    TEST_WITH(rule_08_siblings_have_no_clients, TEST_PROCESSES, 0),
    TEST(no_descriptor_more_with_each_client),
    TEST_WITH(task_that_closes_what_is_not_its_own, TEST_PROCESSES, 0),
    TEST_WITH(rule_54_in_a_foreign_copy, TEST_PROCESSES, 0),
    TEST_WITH(client_of_a_stopped_worker_goes_to_another, TEST_PROCESSES, 0),
};
TEST_MAIN_PLAIN(tests)
