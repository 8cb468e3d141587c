/* Pipes where POSIX has something to say: rules 8, 54 and 55.
 */
#define _GNU_SOURCE
#include "pipe_pair.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Rule 55: SIGPIPE ---- */

/* With the default action a SIGPIPE would end the process. */
static int send_to_nobody(mproc_task *task)
{
    struct pair pair;
    CHECK_OK(mproc_task_read(task, &pair, sizeof pair));
    signal(SIGPIPE, SIG_DFL);
    CHECK_OK(mproc_connection_close(pair.second));
    static unsigned char large[1 << 20];
    CHECK_CODE(mproc_connection_send(pair.first, "x", 1, MPROC_FOREVER), MPROC_E_BROKEN_PIPE);
    CHECK_CODE(mproc_connection_send(pair.first, large, sizeof large, MPROC_FOREVER), MPROC_E_BROKEN_PIPE);
    CHECK_CODE(mproc_connection_send_handle(pair.first, STDERR_FILENO, MPROC_HANDLE_DUP, 0), MPROC_E_BROKEN_PIPE);
    CHECK(signal(SIGPIPE, SIG_DFL) == SIG_DFL);
    return 7;
}

static void rule_55_no_sigpipe(void)
{
    struct pair pair = pair_make(0);
    CHECK_EQ(test_finish(test_start(send_to_nobody, MPROC_ARG(pair))), 7);
    CHECK_OK(mproc_connection_close(pair.first));
}

/* ---- Rule 8: a pipe is no descriptor, and neither is a handle under way ---- */

static void rule_08_pipes_are_no_descriptors(void)
{
    struct pair pairs[50];
    int open = os_handle_count();
    for (int i = 0; i < 50; i++) {
        pairs[i] = pair_make(0);
        CHECK_OK(mproc_connection_send_handle(pairs[i].first, STDERR_FILENO, MPROC_HANDLE_DUP, 0));
    }
    CHECK_EQ(os_handle_count(), open);
    for (int i = 0; i < 50; i++)
        pair_close(pairs[i]);
    CHECK_EQ(os_handle_count(), open);
}

/* ---- Sockets and files ---- */

static int answer_on_socket(mproc_task *task)
{
    mproc_connection connection;
    mproc_os_handle socket;
    char text[16];
    CHECK_OK(mproc_task_read(task, &connection, sizeof connection));
    CHECK_OK(mproc_connection_recv_handle(connection, MPROC_FOREVER, &socket));
    CHECK(fcntl((int)socket, F_GETFD) & FD_CLOEXEC);
    CHECK_EQ(read((int)socket, text, sizeof text), 5);
    CHECK_EQ(write((int)socket, "hello", 5), 5);
    close((int)socket);
    return 0;
}

static void socket_is_moved_to_a_child(void)
{
    struct pair pair = pair_make(0);
    int ends[2];
    char text[16] = "";
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    mproc_process *process = test_start(answer_on_socket, MPROC_ARG(pair.second));
    CHECK_OK(mproc_connection_send_handle(pair.first, ends[1], MPROC_HANDLE_MOVE, MPROC_FOREVER));
    CHECK(fcntl(ends[1], F_GETFD) < 0);
    CHECK_EQ(write(ends[0], "12345", 5), 5);
    CHECK_EQ(read(ends[0], text, sizeof text), 5);
    CHECK_STR(text, "hello");
    CHECK_EQ(test_finish(process), 0);
    CHECK_EQ(read(ends[0], text, sizeof text), 0);
    close(ends[0]);
    pair_close(pair);
}

/* A duplicate shares the position in the file. */
static void file_is_shared(void)
{
    struct pair pair = pair_make(0);
    char name[] = "shared-XXXXXX", text[8] = "";
    int file = mkstemp(name);
    mproc_os_handle received;
    CHECK(file >= 0);
    unlink(name);
    CHECK_EQ(write(file, "abcdef", 6), 6);
    CHECK_OK(mproc_connection_send_handle(pair.first, file, MPROC_HANDLE_DUP, 0));
    CHECK_OK(mproc_connection_recv_handle(pair.second, 0, &received));
    CHECK_EQ(lseek((int)received, 2, SEEK_SET), 2);
    CHECK_EQ(read(file, text, 3), 3);
    CHECK_STR(text, "cde");
    close(file);
    close((int)received);
    pair_close(pair);
}

/* ---- Rule 54: no more descriptors ---- */

/* As many as the process may have, all in use; the handle waits for better times, and so do others'. */
static void rule_54_no_room_for_a_handle(void)
{
    struct pair pair = pair_make(0), other = pair_make(0);
    int fillers[64], count = 0;
    struct rlimit limit, low = { 0, 0 };
    mproc_os_handle received;
    /* Before there is no room the lock of the store is made. */
    CHECK_OK(mproc_connection_send_handle(other.first, STDERR_FILENO, MPROC_HANDLE_DUP, 0));
    CHECK_OK(mproc_connection_send_handle(pair.first, STDERR_FILENO, MPROC_HANDLE_DUP, 0));
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    low.rlim_max = limit.rlim_max;
    fillers[count++] = dup(STDERR_FILENO);
    low.rlim_cur = (rlim_t)fillers[0] + 20;
    CHECK(setrlimit(RLIMIT_NOFILE, &low) == 0);
    while (count < 64 && (fillers[count] = dup(STDERR_FILENO)) >= 0)
        count++;
    CHECK(count < 64);
    /* Far more often than there is room in the store: a try leaves nothing behind. */
    for (int i = 0; i < 400; i++) {
        CHECK_CODE(mproc_connection_recv_handle(pair.second, 0, &received), MPROC_E_OS);
        CHECK_CODE(mproc_connection_recv_handle(other.second, 0, &received), MPROC_E_OS);
    }
    while (count > 0)
        close(fillers[--count]);
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK_OK(mproc_connection_recv_handle(pair.second, 0, &received));
    close((int)received);
    CHECK_OK(mproc_connection_recv_handle(other.second, 0, &received));
    close((int)received);
    pair_close(pair);
    pair_close(other);
}

/* ---- Copies made by the program's own fork ---- */

static void rule_54_in_a_foreign_copy(void)
{
    struct pair pair = pair_make(0);
    pid_t pid = fork();
    if (pid == 0) {
        mproc_waitable item = mproc_waitable_connection(pair.first);
        CHECK_CODE(mproc_connection_send(pair.first, "x", 1, 0), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_connection_recv(pair.second, MPROC_FOREVER, NULL, 0, NULL), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_connection_close(pair.first), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_wait_any(&item, 1, MPROC_FOREVER), MPROC_E_WRONG_PROCESS);
        os_exit_now(0);
    }
    CHECK(pid > 0);
    WAIT_UNTIL(!os_is_alive(pid));
    int status = 1;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, 0);
    pair_close(pair);
}

static const struct test tests[] = {
    TEST(rule_55_no_sigpipe), TEST(rule_08_pipes_are_no_descriptors), TEST(socket_is_moved_to_a_child),
    TEST(file_is_shared),     TEST(rule_54_no_room_for_a_handle),     TEST(rule_54_in_a_foreign_copy),
};
TEST_MAIN_PLAIN(tests)
