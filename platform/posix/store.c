/* The store of handles under way, and with it the family's scope: a datagram socket that is connected to itself.
 *
 * What is sent on it waits in its own queue, in the kernel, with the descriptors that came along. Every process of the
 * family inherits the socket, so each can put descriptors there and take them out, no process has to serve, and a
 * parcel outlives its sender. Nobody else can send to the socket, though its name can be seen: a datagram socket that
 * is connected takes from its peer only.
 *
 * A queue gives out what is first. To find a parcel its taker turns the queue: he sends the first parcel once more,
 * behind the last, and only then takes it from the front. Killed in between he leaves it there twice, which does no
 * harm; the other order would lose it. A marker of his own, put behind the last parcel before he begins, tells when he
 * is round. The core sees to it that one process at a time is here.
 */
#define _GNU_SOURCE
#include "calls.h"
#include "error.h"
#include "handle.h"
#include "template.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- The scope ------------------------------------------------------------------------------------------------- */

/* Without a path the kernel chooses an abstract name that is free. */
static int connect_to_itself(int fd)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    socklen_t size = offsetof(struct sockaddr_un, sun_path);
    if (bind(fd, (struct sockaddr *)&address, size) < 0) {
        return platform__fail(MPROC_E_OS, "bind");
    }
    size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
        return platform__fail(MPROC_E_OS, "getsockname");
    }
    return connect(fd, (struct sockaddr *)&address, size) < 0 ? platform__fail(MPROC_E_OS, "connect") : 0;
}

int platform_scope_create(platform_handle *ret_scope)
{
    bool locked = platform__descriptors_lock();
    int fd = platform__adopt_unlock(locked, platform_calls.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (fd < 0) {
        return platform__fail(MPROC_E_OS, "socket");
    }
    int code = connect_to_itself(fd);
    if (code < 0) {
        platform_handle_close(fd);
        return code;
    }
    *ret_scope = fd;
    return 0;
}

int platform_scope_join(platform_handle scope)
{
    (void)scope;
    return 0;
}

/* ---- Parcels --------------------------------------------------------------------------------------------------- */

/* A marker's tag begins with 0, which no parcel's does, and holds the thread that made it and the time. */
static bool is_marker(const platform_parcel *parcel)
{
    return parcel->tag[0] == 0;
}

static bool is_same(const platform_parcel *one, const platform_parcel *other)
{
    return memcmp(one->tag, other->tag, sizeof one->tag) == 0;
}

static int send_parcel(int socket, const platform_parcel *parcel, int fd)
{
    return platform__packet_send(socket, parcel, sizeof *parcel, &fd, fd < 0 ? 0 : 1);
}

/* Takes the first parcel away. Without room for them its descriptors are closed by the kernel. */
static void pop(int socket)
{
    char byte;
    while (recv(socket, &byte, sizeof byte, MSG_DONTWAIT) < 0 && errno == EINTR) {
    }
}

/* Only half of what the socket can hold is for parcels, so that there is always room to send one once more. */
static bool is_full(int socket)
{
    int used = 0, limit = 0;
    socklen_t size = sizeof limit;
    return ioctl(socket, SIOCOUTQ, &used) < 0 || getsockopt(socket, SOL_SOCKET, SO_SNDBUF, &limit, &size) < 0 ||
           used > limit / 2;
}

/* What is first, with a duplicate of its descriptor, or -1 for a marker. Returns 1, 0 if there is nothing, or an
 * error. Anything of another size is not ours, and dropped. */
static int look_at_first(int socket, platform_parcel *ret_parcel, int *ret_fd)
{
    for (;;) {
        int fds[PLATFORM_MAX_HANDLES], count;
        int result = platform__packet_peek(socket, ret_parcel, sizeof *ret_parcel, fds, &count);
        if (result < 0 && errno == EPROTO) {
            pop(socket);
            continue;
        }
        if (result < 0) {
            return errno == EAGAIN ? 0 : platform__fail(MPROC_E_OS, "recvmsg");
        }
        *ret_fd = count > 0 ? fds[0] : -1;
        return 1;
    }
}

/* Behind the last. */
static int send_again(int socket, const platform_parcel *parcel, int fd)
{
    if (send_parcel(socket, parcel, fd) < 0) {
        return platform__fail(MPROC_E_LIMIT, "sendmsg");
    }
    pop(socket);
    return 0;
}

/* One step of a turn: what to do with the parcel that is first. Returns 1 if it is the wanted one, which stays, 0 to go
 * on, or an error. */
static int turn(const platform_store *store, const platform_parcel *first, int fd, const platform_parcel *wanted)
{
    if (is_same(first, wanted)) {
        return 1;
    }
    if (is_marker(first) || store->over(first)) {
        pop((int)store->scope);
        return 0;
    }
    /* There is a descriptor with it, but not one more can be open here: the parcel must not be sent on without. */
    if (fd < 0) {
        return platform__fail_number(MPROC_E_OS, "receiving a descriptor", EMFILE);
    }
    return send_again((int)store->scope, first, fd);
}

/* Turns the queue until the wanted parcel is first; its descriptor, or -1, is the caller's to close. MPROC_E_NOT_FOUND
 * if it is not there. */
static int find_parcel(const platform_store *store, const platform_parcel *wanted, int *ret_fd)
{
    int socket = (int)store->scope;
    platform_parcel marker = { { 0, platform_thread_id(), (uint64_t)platform_now_ns() }, 0 };
    if (send_parcel(socket, &marker, -1) < 0) {
        return platform__fail(MPROC_E_LIMIT, "sendmsg");
    }
    for (;;) {
        platform_parcel first;
        int fd = -1;
        int code = look_at_first(socket, &first, &fd);
        if (code <= 0) {
            return code < 0 ? code : platform__fail_text(MPROC_E_NOT_FOUND, "the handle is not in the store");
        }
        bool is_round = is_same(&first, &marker);
        code = turn(store, &first, fd, wanted);
        if (code == 1) {
            *ret_fd = fd;
            return 0;
        }
        platform_handle_close(fd);
        if (code < 0 || is_round) {
            return code < 0 ? code : platform__fail_text(MPROC_E_NOT_FOUND, "the handle is not in the store");
        }
    }
}

int platform_parcel_put(const platform_store *store, platform_handle handle, platform_parcel *parcel)
{
    int socket = (int)store->scope;
    if (handle < 0 || handle > INT32_MAX || fcntl((int)handle, F_GETFD) < 0) {
        return platform__fail_text(MPROC_E_INVALID, "the handle is not open");
    }
    if (is_full(socket)) {
        /* A turn drops what is over. */
        int fd;
        platform_parcel nothing = { { UINT64_MAX, UINT64_MAX, UINT64_MAX }, 0 };
        find_parcel(store, &nothing, &fd);
    }
    if (is_full(socket)) {
        return platform__fail_text(MPROC_E_LIMIT, "too many handles are under way in this family");
    }
    parcel->place = 0;
    if (send_parcel(socket, parcel, (int)handle) < 0) {
        return platform__fail(errno == ETOOMANYREFS || errno == EAGAIN ? MPROC_E_LIMIT : MPROC_E_OS, "sendmsg");
    }
    return 0;
}

int platform_parcel_copy(const platform_store *store, const platform_parcel *parcel, mproc_os_handle *ret_handle)
{
    int fd;
    int code = find_parcel(store, parcel, &fd);
    if (code < 0) {
        return code;
    }
    if (fd < 0) {
        return platform__fail_number(MPROC_E_OS, "receiving a descriptor", EMFILE);
    }
    platform__disown(fd);
    *ret_handle = fd;
    return 0;
}

void platform_parcel_drop(const platform_store *store, const platform_parcel *parcel)
{
    int fd;
    if (find_parcel(store, parcel, &fd) == 0) {
        pop((int)store->scope);
        platform_handle_close(fd);
    }
}

bool platform_foreign_handle_can_close(mproc_os_handle handle)
{
    (void)handle;
    return true;
}

int platform_foreign_handle_close(mproc_os_handle handle)
{
    return close((int)handle) < 0 && errno != EINTR ? platform__fail(MPROC_E_OS, "close") : 0;
}
