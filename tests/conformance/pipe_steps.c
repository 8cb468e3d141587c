/* What others do in the middle of a call on a pipe, brought there by calls of the system that the test stands behind.
 * Rules 8, 16 and 54. POSIX; reaches into the port's call table and the library's own functions.
 */
#define _GNU_SOURCE
#include "calls.h"
#include "channel/pipe.h"
#include "channel/pipe_call.h"
#include "channel/pipe_layout.h"
#include "channel/pipe_users.h"
#include "family/family.h"
#include "pipe_pair.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/un.h>
#include <unistd.h>

static uint64_t pipes(void)
{
    mproc_memory_usage usage;
    CHECK_OK(mproc_get_memory_usage(&usage));
    return usage.pipes;
}

/* A pipe of the system whose writing end goes on its way: its reader sees the end once nobody has it any more. */
static void move_writer(mproc_connection connection, int *ret_reader)
{
    int ends[2];
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    CHECK_OK(mproc_connection_send_handle(connection, ends[1], MPROC_HANDLE_MOVE, 0));
    *ret_reader = ends[0];
}

static bool is_at_end(int reader)
{
    struct pollfd look = { .fd = reader };
    return poll(&look, 1, 0) == 1 && (look.revents & POLLHUP);
}

static void check_store_works(void)
{
    struct pair pair = pair_make(0);
    mproc_os_handle received;
    int reader;
    move_writer(pair.first, &reader);
    CHECK(!is_at_end(reader));
    CHECK_OK(mproc_connection_recv_handle(pair.second, 0, &received));
    close((int)received);
    CHECK(is_at_end(reader));
    close(reader);
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_OK(mproc_connection_close(pair.second));
}

/* ---- The other end is closed while a handle goes into the store ---- */

static mproc_connection closed_meanwhile;

static ssize_t close_and_send(int fd, const struct msghdr *message, int flags)
{
    platform_calls.sendmsg = sendmsg;
    CHECK_OK(mproc_connection_close(closed_meanwhile));
    return sendmsg(fd, message, flags);
}

static void rule_16_handle_goes_with_the_pipe(void)
{
    struct pair pair = pair_make(0);
    int reader;
    closed_meanwhile = pair.second;
    platform_calls.sendmsg = close_and_send;
    move_writer(pair.first, &reader);
    CHECK(platform_calls.sendmsg == sendmsg);
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK(is_at_end(reader));
    close(reader);
    check_store_works();
}

/* ---- A receiver dies between passing the frame and dropping what is in the store ---- */

static ssize_t die(int fd, struct msghdr *message, int flags)
{
    (void)fd, (void)message, (void)flags;
    raise(SIGKILL);
    return -1;
}

static ssize_t receive_then_die_next(int fd, struct msghdr *message, int flags)
{
    platform_calls.recvmsg = die;
    return recvmsg(fd, message, flags);
}

static int receive_and_die(mproc_task *task)
{
    mproc_connection connection;
    mproc_os_handle received;
    CHECK_OK(mproc_task_read(task, &connection, sizeof connection));
    /* Another handle first, so that the store is known and nobody's death is left to be dealt with there. */
    CHECK_OK(mproc_connection_recv_handle(connection, MPROC_FOREVER, &received));
    platform_calls.recvmsg = receive_then_die_next;
    mproc_connection_recv_handle(connection, MPROC_FOREVER, &received);
    return 0;
}

/* Returns the reader of what the dead one has left in the store. */
static int leave_in_store(struct pair pair)
{
    int other, reader;
    move_writer(pair.first, &other);
    move_writer(pair.first, &reader);
    CHECK(test_finish(test_start(receive_and_die, MPROC_ARG(pair.second))) != 0);
    CHECK(is_at_end(other));
    close(other);
    CHECK(!is_at_end(reader));
    CHECK_CODE(mproc_connection_recv_handle(pair.second, 0, &(mproc_os_handle){ 0 }), MPROC_E_EMPTY);
    return reader;
}

static void rule_16_what_the_dead_left_goes_with_the_pipe(void)
{
    struct pair pair = pair_make(0);
    int reader = leave_in_store(pair);
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_OK(mproc_connection_close(pair.second));
    CHECK(is_at_end(reader));
    close(reader);
}

static void rule_16_what_the_dead_left_goes_with_the_next(void)
{
    struct pair pair = pair_make(0);
    int reader = leave_in_store(pair);
    check_store_works();
    CHECK(is_at_end(reader));
    close(reader);
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_OK(mproc_connection_close(pair.second));
}

/* ---- Both ends are closed during a copy that takes long ---- */

static struct pair closing;

static ssize_t close_both_and_send(int fd, const struct msghdr *message, int flags)
{
    platform_calls.sendmsg = sendmsg;
    CHECK_OK(mproc_connection_close(closing.first));
    CHECK_OK(mproc_connection_close(closing.second));
    CHECK_EQ(mproc_connection_is_closed(closing.second), 1);
    return sendmsg(fd, message, flags);
}

/* Another handle is before ours in the store, and sent to its end by our receive. */
static void rule_13_closed_during_a_long_copy(void)
{
    struct pair pair = pair_make(0);
    uint64_t before = pipes();
    mproc_os_handle received;
    int reader, other;
    closing = pair_make(0);
    move_writer(pair.first, &other);
    move_writer(closing.first, &reader);
    platform_calls.sendmsg = close_both_and_send;
    CHECK_OK(mproc_connection_recv_handle(closing.second, 0, &received));
    CHECK(platform_calls.sendmsg == sendmsg);
    CHECK_EQ(pipes(), before);
    close((int)received);
    CHECK(is_at_end(reader));
    close(reader);
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_OK(mproc_connection_close(pair.second));
    CHECK(is_at_end(other));
    close(other);
}

/* ---- A pipe's block becomes another pipe's while a call on the first one is about to enter ---- */

static void users_of_a_former_pipe_do_not_count(void)
{
    struct pair pair = pair_make(0), next;
    struct pipe_call late, call;
    CHECK_OK(mproc__pipe_find(pair.first, &late));
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_OK(mproc_connection_close(pair.second));
    next = pair_make(0);
    CHECK_OK(mproc__pipe_find(next.first, &call));
    /* A freed block is the next one that is given out; else there is nothing to see here. */
    CHECK(call.block == late.block);
    mproc__pipe_use(&late);
    CHECK(!mproc__pipe_end_died(&call, 0));
    /* Its own user has died, so its end has, though this process, which was late at the former one, lives. */
    uint64_t died = (call.id[1] & ~(uint64_t)UINT32_MAX) | 0xfffff001u;
    atomic_store(&call.pipe->ends[0].users[PIPE_USERS - 1], died);
    CHECK(mproc__pipe_end_died(&call, 0));
    mproc__pipe_use(&call);
    CHECK(!mproc__pipe_end_died(&call, 0));
    CHECK_EQ(atomic_load(&call.pipe->ends[0].users[PIPE_USERS - 1]), 0);
    CHECK_OK(mproc_connection_close(next.first));
    CHECK_OK(mproc_connection_close(next.second));
}

/* ---- Others send to the family's socket before it is connected ---- */

static int intruder_count;

static void intrude(const struct sockaddr *address, socklen_t size, const void *data, size_t data_size, int handle)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = { .header = {
                      .cmsg_len = CMSG_LEN(sizeof handle), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
    struct iovec part = { (void *)data, data_size };
    struct msghdr message = { .msg_name = (void *)address, .msg_namelen = size, .msg_iov = &part, .msg_iovlen = 1 };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (handle >= 0) {
        memcpy(CMSG_DATA(&control.header), &handle, sizeof handle);
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
    }
    intruder_count += sendmsg(fd, &message, MSG_DONTWAIT) >= 0;
    close(fd);
}

/* The library connects its socket to itself, and others come first. */
static int connect_after_others(int fd, const struct sockaddr *address, socklen_t size)
{
    platform_parcel parcel = { { 1, 2, 3 }, 0 };
    intrude(address, size, &parcel, sizeof parcel, -1);
    intrude(address, size, &parcel, sizeof parcel, STDERR_FILENO);
    intrude(address, size, "", 0, -1);
    intrude(address, size, "x", 1, STDERR_FILENO);
    return connect(fd, address, size);
}

/* A test that is fresh makes its family here. */
static void rule_54_intruders_in_the_store(void)
{
    platform_calls.connect = connect_after_others;
    struct pair pair = pair_make(0);
    CHECK_EQ(intruder_count, 4);
    CHECK(recv((int)mproc__family_scope(), &(char){ 0 }, 1, MSG_PEEK | MSG_DONTWAIT) < 0);
    check_store_works();
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_OK(mproc_connection_close(pair.second));
    int open = os_handle_count();
    for (int i = 0; i < 5; i++)
        check_store_works();
    CHECK_EQ(os_handle_count(), open);
    struct sockaddr_un address;
    socklen_t size = sizeof address;
    CHECK(getsockname((int)mproc__family_scope(), (struct sockaddr *)&address, &size) == 0);
    intrude((struct sockaddr *)&address, size, "x", 1, -1);
    CHECK_EQ(intruder_count, 4);
}

/* ---- The program closes what it has not opened ---- */

static void rule_54_socket_of_the_store_was_closed(void)
{
    struct pair pair = pair_make(0);
    int scope = (int)mproc__family_scope(), saved = fcntl(scope, F_DUPFD_CLOEXEC, 3), own[2];
    mproc_os_handle received;
    char byte;
    CHECK(saved >= 0);
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, own) == 0);
    CHECK_OK(mproc_connection_send_handle(pair.first, STDERR_FILENO, MPROC_HANDLE_DUP, 0));
    CHECK(dup3(own[0], scope, O_CLOEXEC) == scope);
    CHECK_EQ(write(own[1], "x", 1), 1);
    CHECK_CODE(mproc_connection_send_handle(pair.first, STDERR_FILENO, MPROC_HANDLE_DUP, 0), MPROC_E_OS);
    CHECK_CODE(mproc_connection_recv_handle(pair.second, 0, &received), MPROC_E_OS);
    /* What is the program's own is where it was. */
    CHECK_EQ(recv(own[0], &byte, 1, MSG_DONTWAIT), 1);
    CHECK(recv(own[1], &byte, 1, MSG_DONTWAIT) < 0);
    CHECK(dup3(saved, scope, O_CLOEXEC) == scope);
    close(saved);
    close(own[0]);
    close(own[1]);
    CHECK_OK(mproc_connection_recv_handle(pair.second, 0, &received));
    close((int)received);
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_OK(mproc_connection_close(pair.second));
}

static const struct test tests[] = {
    TEST(rule_16_handle_goes_with_the_pipe),
    TEST(rule_16_what_the_dead_left_goes_with_the_pipe),
    TEST(rule_16_what_the_dead_left_goes_with_the_next),
    TEST(rule_13_closed_during_a_long_copy),
    TEST(users_of_a_former_pipe_do_not_count),
    TEST_WITH(rule_54_intruders_in_the_store, TEST_FRESH, 0),
    TEST(rule_54_socket_of_the_store_was_closed),
};
TEST_MAIN_PLAIN(tests)
