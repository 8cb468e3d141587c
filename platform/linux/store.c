/* Stores of handles under way, of which the family's is its scope: datagram sockets that are connected to themselves.
 *
 * What is sent on one waits in its own queue, in the kernel, with the descriptors that came along. Every process of the
 * family inherits the family's, so each can put descriptors there and take them out, no process has to serve, and a
 * parcel outlives its sender. A store between a process and its child is one that the two alone have. Nobody else can
 * send to the socket, though its name can be seen: a datagram socket that is connected takes from its peer only.
 *
 * A queue gives out what is first. To find a parcel its taker turns the queue: he sends the first parcel once more,
 * behind the last, and only then takes it from the front. Killed in between he leaves it there twice; the other order
 * would lose it. What he sends again bears the time of his turn, by which he sees that he is round. The core sees to it
 * that one process at a time is here.
 */
#define _GNU_SOURCE
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/handle.h"
#include "unix/template.h"
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- The scope ---- */

/* The family's socket as it was made or inherited. A program that closes descriptors it does not know may have a file
 * of its own under the number since. Written before any use. */
static struct {
    int fd;
    dev_t device;
    ino_t inode; /* 0: not known yet */
} known_scope;

static void remember_scope(int fd)
{
    struct stat status;
    if (known_scope.inode == 0 && fstat(fd, &status) == 0) {
        known_scope.fd = fd;
        known_scope.device = status.st_dev;
        known_scope.inode = status.st_ino;
    }
}

static bool is_scope(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && status.st_ino == known_scope.inode && status.st_dev == known_scope.device;
}

/* Of stores there may be many, and no table of them: each is known by being connected to itself, as no socket of a
 * program's is. */
static bool is_connected_to_itself(int fd)
{
    struct sockaddr_un own = { .sun_family = AF_UNSPEC }, peer = own;
    socklen_t own_size = sizeof own, peer_size = sizeof peer;
    return getsockname(fd, (struct sockaddr *)&own, &own_size) == 0 &&
           getpeername(fd, (struct sockaddr *)&peer, &peer_size) == 0 && own.sun_family == AF_UNIX &&
           own_size > offsetof(struct sockaddr_un, sun_path) && own_size == peer_size &&
           memcmp(&own, &peer, own_size) == 0;
}

static int check_store(int fd)
{
    if (fd < 0)
        return platform__fail_text(MPROC_E_NOT_SUPPORTED, "this program may make no sockets, by which handles travel");
    if (fd == known_scope.fd ? is_scope(fd) : is_connected_to_itself(fd))
        return 0;
    return platform__fail_number(MPROC_E_OS, "the program has closed the socket for handles under way", EBADF);
}

/* Takes the first packet away. Without room for them its descriptors are closed by the kernel. False: there is none. */
static bool pop(int socket)
{
    char byte;
    ssize_t length;
    int cancel = platform_cancel_hold();
    do {
        length = recv(socket, &byte, sizeof byte, MSG_DONTWAIT);
    } while (length < 0 && errno == EINTR);
    platform_cancel_release(cancel);
    return length >= 0;
}

/* Without a path the kernel chooses an abstract name that is free. Until the socket is connected anybody who sees the
 * name can send to it; from then on nobody, and what came before is thrown away. The kernel looks at the sender's right
 * and appends the packet under one lock of the receiver, which connect takes too, so nothing comes late. */
static int connect_to_itself(int fd)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    socklen_t size = offsetof(struct sockaddr_un, sun_path);
    if (bind(fd, (struct sockaddr *)&address, size) < 0)
        return platform__fail(MPROC_E_OS, "bind");
    size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return platform__fail(MPROC_E_OS, "getsockname");
    if (platform_calls.connect(fd, (struct sockaddr *)&address, size) < 0)
        return platform__fail(MPROC_E_OS, "connect");
    while (pop(fd)) {
    }
    return 0;
}

int platform_store_create(platform_handle *ret_queue)
{
    bool locked = platform__descriptors_lock();
    int fd = platform__adopt_unlock(locked, platform_calls.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (fd < 0 && platform__is_denied(errno)) {
        /* A sandbox: a family can do without, but no handles travel in it. */
        *ret_queue = PLATFORM_NO_HANDLE;
        return 0;
    }
    if (fd < 0)
        return platform__fail(MPROC_E_OS, "socket");
    int code = connect_to_itself(fd);
    if (code < 0) {
        platform_handle_close(fd);
        return code;
    }
    *ret_queue = fd;
    return 0;
}

int platform_scope_create(platform_handle *ret_scope)
{
    int code = platform_store_create(ret_scope);
    /* A copy that begins a family of its own still knows that of its parent. */
    known_scope.inode = 0;
    if (code == 0)
        remember_scope((int)*ret_scope);
    return code;
}

int platform_scope_join(platform_handle scope)
{
    remember_scope((int)scope);
    return 0;
}

/* ---- Parcels ---- */

static bool is_same(const platform_parcel *one, const platform_parcel *other)
{
    return memcmp(one->tag, other->tag, sizeof one->tag) == 0;
}

static int send_parcel(int socket, const platform_parcel *parcel, int fd)
{
    return platform__packet_send(socket, parcel, sizeof *parcel, &fd, 1);
}

/* Only half of what the socket can hold is for parcels, so that there is always room to send one once more. */
static bool is_full(int socket)
{
    int used = 0, limit = 0;
    socklen_t size = sizeof limit;
    return ioctl(socket, TIOCOUTQ, &used) < 0 || getsockopt(socket, SOL_SOCKET, SO_SNDBUF, &limit, &size) < 0 ||
           used > limit / 2;
}

/* What is first, with a duplicate of its descriptor, or -1 if not one more can be open here. Returns 1, 0 if there is
 * nothing, or an error. What has another size, or came without a descriptor, is nobody's, and dropped. */
static int look_at_first(int socket, platform_parcel *ret_parcel, int *ret_fd)
{
    for (;;) {
        int fds[PLATFORM_MAX_HANDLES], count;
        bool lost;
        int result = platform__packet_peek(socket, ret_parcel, sizeof *ret_parcel, fds, &count, &lost);
        if (result < 0 && errno != EPROTO)
            return errno == EAGAIN ? 0 : platform__fail(MPROC_E_OS, "recvmsg");
        if (result == 1 && (count > 0 || lost)) {
            *ret_fd = count > 0 ? fds[0] : -1;
            for (int i = 1; i < count; i++)
                platform_handle_close(fds[i]);
            return 1;
        }
        pop(socket);
    }
}

/* Behind the last, with the turn's mark. */
static int send_again(int socket, const platform_parcel *parcel, int fd, uint64_t mark)
{
    platform_parcel marked = *parcel;
    marked.place = mark;
    if (send_parcel(socket, &marked, fd) < 0)
        return platform__fail(MPROC_E_LIMIT, "sendmsg");
    pop(socket);
    return 0;
}

/* One step of a turn: what to do with the parcel that is first. Returns 1 if it is the wanted one, which stays, 0 to go
 * on, or an error. */
static int turn(const platform_store *store, const platform_parcel *first, int fd, const platform_parcel *wanted,
                uint64_t mark)
{
    if (wanted != NULL && is_same(first, wanted))
        return 1;
    if (store->over != NULL && store->over(first)) {
        pop((int)store->scope);
        return 0;
    }
    if (first->place == mark)
        return platform__fail_text(MPROC_E_NOT_FOUND, "the handle is not in the store");
    /* There is a descriptor with it, but not one more can be open here: the parcel must not be sent on without. */
    if (fd < 0)
        return platform__fail_number(MPROC_E_OS, "receiving a descriptor", EMFILE);
    return send_again((int)store->scope, first, fd, mark);
}

/* Turns the queue until the wanted parcel is first; its descriptor, or -1, is the caller's to close. Drops what is over
 * on the way: all of it if nothing is wanted. MPROC_E_NOT_FOUND when it is round. A turn that fails leaves behind
 * nothing that was not there. */
static int find_parcel(const platform_store *store, const platform_parcel *wanted, int *ret_fd)
{
    int socket = (int)store->scope;
    /* No other turn bears it: they come one after the other, and a new parcel has none. */
    uint64_t mark = (uint64_t)platform_now_ns();
    for (;;) {
        platform_parcel first;
        int fd = -1;
        int code = look_at_first(socket, &first, &fd);
        if (code == 0)
            return platform__fail_text(MPROC_E_NOT_FOUND, "the handle is not in the store");
        code = code < 0 ? code : turn(store, &first, fd, wanted, mark);
        if (code == 1) {
            *ret_fd = fd;
            return 0;
        }
        platform_handle_close(fd);
        if (code < 0)
            return code;
    }
}

int platform_parcel_purge(const platform_store *store)
{
    int code = check_store((int)store->scope);
    code = code < 0 ? code : find_parcel(store, NULL, NULL);
    return code == MPROC_E_NOT_FOUND ? 0 : code;
}

int platform_parcel_put(const platform_store *store, platform_handle handle, platform_parcel *parcel)
{
    int socket = (int)store->scope;
    int code = check_store(socket);
    if (code < 0)
        return code;
    if (handle < 0 || handle > INT32_MAX || fcntl((int)handle, F_GETFD) < 0)
        return platform__fail_text(MPROC_E_INVALID, "the handle is not open");
    if (is_full(socket))
        platform_parcel_purge(store);
    if (is_full(socket))
        return platform__fail_text(MPROC_E_LIMIT, "too many handles are under way in this family");
    parcel->place = 0;
    if (send_parcel(socket, parcel, (int)handle) < 0)
        return platform__fail(errno == ETOOMANYREFS || errno == EAGAIN ? MPROC_E_LIMIT : MPROC_E_OS, "sendmsg");
    return 0;
}

int platform_parcel_copy(const platform_store *store, const platform_parcel *parcel, mproc_os_handle *ret_handle)
{
    int fd = -1;
    int code = check_store((int)store->scope);
    code = code < 0 ? code : find_parcel(store, parcel, &fd);
    if (code < 0)
        return code;
    if (fd < 0)
        return platform__fail_number(MPROC_E_OS, "receiving a descriptor", EMFILE);
    platform__disown(fd);
    *ret_handle = fd;
    return 0;
}

int platform_parcel_drop(const platform_store *store, const platform_parcel *parcel)
{
    int fd = -1;
    int code = check_store((int)store->scope);
    code = code < 0 ? code : find_parcel(store, parcel, &fd);
    if (code == 0) {
        pop((int)store->scope);
        platform_handle_close(fd);
    }
    return code;
}
