/* Packets with descriptors over a socket, and the word beside them. */
#define _GNU_SOURCE
#include "unix/calls.h"
#include "unix/handle.h"
#include "unix/template.h"
#include <errno.h>
#include <string.h>

union control {
    struct cmsghdr header; /* for its alignment */
    char bytes[CMSG_SPACE(sizeof(int) * PLATFORM_MAX_HANDLES)];
};

int platform__packet_send(int fd, const void *data, size_t size, const int *fds, int fd_count)
{
    union control control;
    struct iovec part = { (void *)data, size };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    if (fd_count > 0) {
        size_t fds_size = sizeof *fds * (size_t)fd_count;
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(fds_size);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(fds_size);
        memcpy(CMSG_DATA(header), fds, fds_size);
    }
    ssize_t length;
    do {
        length = platform_calls.sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (length < 0 && errno == EINTR);
    return length < 0 ? -1 : 0;
}

/* One that cannot be adopted is closed by the attempt, and missing from the count. ret_lost: whether any is missing. */
static int adopt_all(struct msghdr *message, int *ret_fds, bool *ret_lost)
{
    int count = 0;
    *ret_lost = (message->msg_flags & MSG_CTRUNC) != 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        size_t arrived = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < arrived; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
            fd = platform__adopt(fd);
            if (fd >= 0)
                ret_fds[count++] = fd;
            else
                *ret_lost = true;
        }
    }
    return count;
}

static void close_all(const int *fds, int *count)
{
    while (*count > 0)
        platform_handle_close(fds[--*count]);
}

static int receive(int fd, int flags, void *ret_data, size_t size, int *ret_fds, int *ret_fd_count, bool *ret_lost)
{
    union control control;
    struct iovec part = { ret_data, size };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes
    };
    ssize_t length;
    bool locked = platform__descriptors_lock();
    do {
        length = platform_calls.recvmsg(fd, &message, flags | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (length < 0 && errno == EINTR);
    *ret_lost = false;
    *ret_fd_count = length < 0 ? 0 : adopt_all(&message, ret_fds, ret_lost);
    platform__descriptors_unlock(locked);
    if (length < 0)
        return -1;
    if (length == 0) {
        close_all(ret_fds, ret_fd_count);
        return 0;
    }
    if ((size_t)length != size || (message.msg_flags & MSG_TRUNC)) {
        close_all(ret_fds, ret_fd_count);
        errno = EPROTO;
        return -1;
    }
    return 1;
}

int platform__packet_receive(int fd, void *ret_data, size_t size, int *ret_fds, int *ret_fd_count)
{
    bool lost;
    return receive(fd, 0, ret_data, size, ret_fds, ret_fd_count, &lost);
}

int platform__packet_peek(int fd, void *ret_data, size_t size, int *ret_fds, int *ret_fd_count, bool *ret_lost)
{
    return receive(fd, MSG_PEEK, ret_data, size, ret_fds, ret_fd_count, ret_lost);
}

platform_word *platform__map_word(platform_handle segment)
{
    int flags = segment == PLATFORM_NO_HANDLE ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
    void *word = platform_calls.mmap(NULL, sizeof(platform_word), PROT_READ | PROT_WRITE, flags, (int)segment, 0);
    return word == MAP_FAILED ? NULL : word;
}
