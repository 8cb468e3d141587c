/* Watching, where processes fork and are stopped. Reaches into the library for the other end. */
#define _GNU_SOURCE
#include "monitor/publisher.h"
#include "pool/outputs.h"
#include "pool_tasks.h"
#include "watch.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
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

enum { FIRST = 3, LAST = 255 };
static const char content[] = "not the library's";

static void close_all(void)
{
    for (int fd = FIRST; fd <= LAST; fd++)
        close(fd);
}

/* Closes them, and has files of its own under their numbers. */
static void replace_all(void)
{
    close_all();
    for (int fd = FIRST; fd <= LAST; fd++) {
        CHECK_EQ(memfd_create("the program's", 0), fd);
        CHECK_EQ(write(fd, content, sizeof content), sizeof content);
        CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    }
}

/* None was read, written to or closed. */
static void check_all(void)
{
    char bytes[sizeof content + 8];
    for (int fd = FIRST; fd <= LAST; fd++) {
        CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
        CHECK_EQ(read(fd, bytes, sizeof bytes), sizeof content);
        CHECK_STR(bytes, content);
    }
}

static void check_stops_at_once(void)
{
    int64_t begin = os_now_ms();
    CHECK_OK(mproc_monitor_stop());
    CHECK_LE(os_now_ms() - begin, test_limit_ms(2000));
}

/* A program that has begun anew, which the parent waits for. Its number is in board word 4 when it can be watched; word
 * 5 tells it that somebody does. */
static pid_t start_copy(void (*program)(void))
{
    watch_use_own_place();
    pid_t copy = fork();
    if (copy != 0)
        return copy;
    CHECK_OK(mproc_begin_family());
    CHECK_OK(mproc_monitor_start(NULL));
    atomic_store(&test_board()[4], os_self_pid());
    program();
    _exit(0);
}

/* As a rule its thread sleeps by then. */
static void close_all_and_begin_anew(void)
{
    os_sleep_ms(50);
    close_all();
    check_stops_at_once();
    CHECK_OK(mproc_monitor_start(NULL));
    watch_free(watch_open(os_self_pid(), 0));
    check_stops_at_once();
}

static void a_program_that_closes_all_descriptors_ends_at_once(void)
{
    check_passes(start_copy(close_all_and_begin_anew));
}

/* The thread still sleeps by what it was woken by; and of who asked for it nobody has heard that it is over. */
static void close_all_and_make_a_pool(void)
{
    mproc_pool *pool;
    os_sleep_ms(50);
    close_all();
    CHECK_OK(mproc_pool_create(
        &pool, &(mproc_pool_options){ .kind = MPROC_POOL_THREADS, .name = "later", .workers = 1, .monitor = 1 }));
    struct watch *watch = watch_open(os_self_pid(), 0);
    CHECK(watch_find(watch, "later") != 0);
    watch_free(watch);
    CHECK_OK(mproc_monitor_start(&(mproc_monitor_options){ .name = "again" }));
    CHECK_CODE(mproc_monitor_start(NULL), MPROC_E_STATE);
    watch_free(watch_open(os_self_pid(), 0));
    check_stops_at_once();
    CHECK_OK(mproc_pool_free(pool));
}

static void a_pool_made_after_that_can_be_watched(void)
{
    check_passes(start_copy(close_all_and_make_a_pool));
}

static void close_all_while_watched(void)
{
    WAIT_UNTIL(atomic_load(&test_board()[5]) != 0);
    close_all();
    WAIT_UNTIL(!mproc__publisher_runs());
    CHECK_OK(mproc_monitor_start(NULL));
    watch_free(watch_open(os_self_pid(), 0));
    check_stops_at_once();
}

static void one_that_was_ended_by_that_can_be_started_anew(void)
{
    pid_t copy = start_copy(close_all_while_watched);
    WAIT_UNTIL(atomic_load(&test_board()[4]) != 0);
    struct watch *watch = watch_open(copy, RECORD_WANTS_LIFE);
    atomic_store(&test_board()[5], 1);
    WAIT_UNTIL(!watch_poll(watch));
    watch_free(watch);
    check_passes(copy);
}

static void replace_unwatched(void)
{
    os_sleep_ms(50);
    replace_all();
    check_stops_at_once();
    check_all();
}

static void files_in_the_place_of_its_descriptors_are_left_alone(void)
{
    check_passes(start_copy(replace_unwatched));
}

static void replace_watched(void)
{
    WAIT_UNTIL(atomic_load(&test_board()[5]) != 0);
    replace_all();
    WAIT_UNTIL(!mproc_monitor_is_watched());
    check_stops_at_once();
    check_all();
}

static void so_they_are_while_somebody_watches(void)
{
    pid_t copy = start_copy(replace_watched);
    WAIT_UNTIL(atomic_load(&test_board()[4]) != 0);
    struct watch *watch = watch_open(copy, RECORD_WANTS_LIFE | RECORD_WANTS_LOG);
    atomic_store(&test_board()[5], 1);
    WAIT_UNTIL(!watch_poll(watch));
    watch_free(watch);
    check_passes(copy);
}

/* A socket that listens, under all numbers, and one who has connected. */
static void listen_everywhere(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    close_all();
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), client = dup(2);
    CHECK(listener == FIRST && bind(listener, (struct sockaddr *)&address, sizeof address.sun_family) == 0);
    CHECK(listen(listener, 4) == 0);
    for (int fd = client + 1; fd <= LAST; fd++)
        CHECK_EQ(dup2(listener, fd), fd);
    socklen_t size = sizeof address;
    CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    close(client);
    CHECK_EQ(socket(AF_UNIX, SOCK_STREAM, 0), client);
    CHECK(connect(client, (struct sockaddr *)&address, size) == 0);
}

static void replace_by_listeners(void)
{
    WAIT_UNTIL(atomic_load(&test_board()[5]) != 0);
    listen_everywhere();
    WAIT_UNTIL(!mproc_monitor_is_watched());
    check_stops_at_once();
    CHECK(accept(FIRST, NULL, NULL) >= 0);
}

static void who_connects_to_the_program_is_not_taken_from_it(void)
{
    pid_t copy = start_copy(replace_by_listeners);
    WAIT_UNTIL(atomic_load(&test_board()[4]) != 0);
    struct watch *watch = watch_open(copy, RECORD_WANTS_LIFE);
    atomic_store(&test_board()[5], 1);
    WAIT_UNTIL(!watch_poll(watch));
    watch_free(watch);
    check_passes(copy);
}

static void replace_under_outputs(void)
{
    struct outputs *outputs;
    CHECK_OK(mproc__outputs_new(&outputs));
    os_sleep_ms(50);
    replace_all();
    mproc__outputs_end(outputs);
    mproc__outputs_free(outputs);
    check_all();
    check_stops_at_once();
}

static void the_output_of_workers_leaves_them_alone_as_well(void)
{
    check_passes(start_copy(replace_under_outputs));
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
    TEST_WITH(a_program_that_closes_all_descriptors_ends_at_once, TEST_FORK_ONLY, 0),
    TEST_WITH(a_pool_made_after_that_can_be_watched, TEST_FORK_ONLY, 0),
    TEST_WITH(one_that_was_ended_by_that_can_be_started_anew, TEST_FORK_ONLY, 0),
    TEST_WITH(files_in_the_place_of_its_descriptors_are_left_alone, TEST_FORK_ONLY, 0),
    TEST_WITH(so_they_are_while_somebody_watches, TEST_FORK_ONLY, 0),
    TEST_WITH(who_connects_to_the_program_is_not_taken_from_it, TEST_FORK_ONLY, 0),
    TEST_WITH(the_output_of_workers_leaves_them_alone_as_well, TEST_FORK_ONLY, 0),
    TEST(one_that_is_stopped_is_disconnected),
};
static const struct scene scenes[] = { SCENE(watch_parent) };
TEST_MAIN(tests, scenes)
