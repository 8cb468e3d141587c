/* Streams: reading and writing. */
#define _GNU_SOURCE
#include "unix/stream.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/handle.h"
#include "unix/os.h"
#include "unix/wait.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int platform__stream_socket(void)
{
    bool locked = platform__descriptors_lock();
    return platform__adopt_unlock(locked,
                                  platform_calls.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/* ---- Making ---- */

/* The number may be another process's by now, if its process has ended already: then the socket says so. */
static int open_peer(pid_t pid)
{
    if (pid <= 0)
        return -1;
    bool locked = platform__descriptors_lock();
    return platform__adopt_unlock(locked, platform__os_process_open(pid));
}

static void note_what_is_open(platform_stream *stream)
{
    platform_handle_mark(stream->socket, &stream->socket_mark);
    platform_handle_mark(stream->peer, &stream->peer_mark);
}

static int make(int socket, platform_stream **ret_stream)
{
    uid_t user;
    pid_t pid;
    if (!platform__os_socket_peer(socket, &user, &pid))
        return platform__fail(MPROC_E_OS, "asking who is at the other end of a socket");
    if (user != geteuid())
        return platform__fail_text(MPROC_E_FOREIGN, "user %lu is at the other end, not user %lu as here",
                                   (unsigned long)user, (unsigned long)geteuid());
    platform_stream *stream = platform_calls.calloc(1, sizeof *stream);
    if (!stream)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a stream");
    *stream = (platform_stream){ .socket = socket, .peer = open_peer(pid), .peer_pid = pid, .owner = getpid() };
    note_what_is_open(stream);
    *ret_stream = stream;
    return 0;
}

int platform__stream_new(int socket, platform_stream **ret_stream)
{
    int code = make(socket, ret_stream);
    if (code < 0)
        platform_handle_close(socket);
    return code;
}

/* Only the reading end does not block: the two are files of their own. */
static bool open_pipe(int ret_ends[2])
{
    int raw[2];
    bool locked = platform__descriptors_lock();
    bool made = pipe2(raw, O_CLOEXEC) == 0;
    ret_ends[0] = made ? platform__adopt(raw[0]) : -1;
    ret_ends[1] = made ? platform__adopt(raw[1]) : -1;
    platform__descriptors_unlock(locked);
    return ret_ends[0] >= 0 && ret_ends[1] >= 0 && fcntl(ret_ends[0], F_SETFL, O_NONBLOCK) == 0;
}

int platform_stream_of_output(platform_stream **ret_stream, platform_handle *ret_writer)
{
    int ends[2];
    int code = open_pipe(ends) ? 0 : platform__fail(MPROC_E_OS, "pipe2");
    platform_stream *stream = code == 0 ? platform_calls.calloc(1, sizeof *stream) : NULL;
    if (code == 0 && !stream)
        code = platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a stream");
    if (code < 0) {
        platform_handle_close(ends[0]);
        platform_handle_close(ends[1]);
        return code;
    }
    *stream = (platform_stream){ .socket = ends[0], .is_pipe = true, .peer = -1, .owner = getpid() };
    note_what_is_open(stream);
    *ret_stream = stream;
    *ret_writer = ends[1];
    return 0;
}

bool platform_stream_is_sent(platform_stream *stream)
{
    (void)stream;
    return true;
}

void platform_stream_close(platform_stream *stream)
{
    if (!stream)
        return;
    if (stream->owner == getpid()) {
        platform_handle_close_marked(stream->socket, &stream->socket_mark);
        platform_handle_close_marked(stream->peer, &stream->peer_mark);
    }
    free(stream);
}

bool platform__stream_is_foreign(const platform_stream *stream)
{
    if (stream->owner == getpid())
        return false;
    platform__fail_text(MPROC_E_WRONG_PROCESS, "the stream is another process's");
    return true;
}

int64_t platform_stream_peer(const platform_stream *stream)
{
    return stream->peer_pid;
}

int platform_stream_handles(const platform_stream *stream, platform_handle ret_handles[2])
{
    ret_handles[0] = stream->socket;
    ret_handles[1] = stream->peer;
    return stream->peer < 0 ? 1 : 2;
}

/* ---- Reading and writing ---- */

/* Else the program has closed it, and what its number stands for now is not to be read or written to. */
static bool is_open(const platform_stream *stream)
{
    return platform_handle_is(stream->socket, &stream->socket_mark);
}

static bool is_dead(const platform_stream *stream)
{
    return stream->peer >= 0 && platform__is_ready(stream->peer) &&
           platform_handle_is(stream->peer, &stream->peer_mark);
}

/* Returns 0 and sets the size, which is 0 at the end; MPROC_E_EMPTY if there is nothing. */
static int receive(const platform_stream *stream, void *ret_bytes, size_t capacity, size_t *ret_size)
{
    struct iovec part = { ret_bytes, capacity };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    ssize_t length;
    do {
        length = stream->is_pipe ? platform_calls.read(stream->socket, ret_bytes, capacity)
                                 : platform_calls.recvmsg(stream->socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (length < 0 && errno == EINTR);
    if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return MPROC_E_EMPTY;
    if (length < 0 && errno != ECONNRESET)
        return platform__fail(MPROC_E_OS, "reading from a stream");
    *ret_size = length > 0 ? (size_t)length : 0;
    return 0;
}

int platform_stream_read(platform_stream *stream, void *ret_bytes, size_t capacity, size_t *ret_size)
{
    size_t size = 0;
    if (platform__stream_is_foreign(stream))
        return MPROC_E_WRONG_PROCESS;
    if (!is_open(stream))
        return platform__fail_text(MPROC_E_END, "this process has closed the stream");
    int code = capacity > 0 ? receive(stream, ret_bytes, capacity, &size) : MPROC_E_EMPTY;
    /* What the other process sent before its death is there once it is dead, whoever keeps the socket. */
    bool dead = code == MPROC_E_EMPTY && capacity > 0 && is_dead(stream);
    if (dead)
        code = receive(stream, ret_bytes, capacity, &size);
    if (code == MPROC_E_OS)
        return code;
    if (size == 0 && (code == 0 || dead))
        return platform__fail_text(MPROC_E_END, "the other end of the stream is closed");
    *ret_size = size;
    return 0;
}

void platform_stream_settle(platform_stream *stream)
{
    (void)stream;
}

int platform_stream_write(platform_stream *stream, const void *bytes, size_t size, size_t *ret_size)
{
    struct iovec part = { (void *)bytes, size };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    ssize_t length;
    if (platform__stream_is_foreign(stream))
        return MPROC_E_WRONG_PROCESS;
    if (!is_open(stream))
        return platform__fail_text(MPROC_E_BROKEN_PIPE, "this process has closed the stream");
    do {
        length = platform_calls.sendmsg(stream->socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (length < 0 && errno == EINTR);
    if (length < 0 && (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN))
        return platform__fail_text(MPROC_E_BROKEN_PIPE, "the other end of the stream is closed");
    if (length < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        return platform__fail(MPROC_E_OS, "writing to a stream");
    *ret_size = length > 0 ? (size_t)length : 0;
    return 0;
}
