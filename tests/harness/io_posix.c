/* io.h on POSIX. */
#define _GNU_SOURCE
#include "io.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "harness: %s: %s\n", what, strerror(errno));
    _exit(98);
}

static void give_ends(const int *ends, mproc_os_handle ret_ends[2])
{
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        ret_ends[i] = ends[i];
    }
}

void os_sockets_start(void)
{
}

void os_socket_pair(mproc_os_handle ret_ends[2])
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        die("socketpair");
    give_ends(ends, ret_ends);
}

void os_pipe(mproc_os_handle ret_ends[2])
{
    int ends[2];
    if (pipe(ends) < 0)
        die("pipe");
    give_ends(ends, ret_ends);
}

mproc_os_handle os_file(const char *name)
{
    int file = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        die(name);
    return file;
}

int os_read(mproc_os_handle handle, void *ret_data, int capacity)
{
    ssize_t got;
    do {
        got = read((int)handle, ret_data, (size_t)capacity);
    } while (got < 0 && errno == EINTR);
    return got < 0 && errno == ECONNRESET ? 0 : (int)got;
}

/* A connection whose other end is gone is an error here and no signal. */
int os_write(mproc_os_handle handle, const void *data, int size)
{
    ssize_t sent = send((int)handle, data, (size_t)size, MSG_NOSIGNAL);
    return (int)(sent < 0 && errno == ENOTSOCK ? write((int)handle, data, (size_t)size) : sent);
}

void os_close(mproc_os_handle handle)
{
    close((int)handle);
}
