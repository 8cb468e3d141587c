/* This process's endpoint. */
#define _GNU_SOURCE
#include "unix/endpoint.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/file.h"
#include "unix/handle.h"
#include "unix/stream.h"
#include "unix/wait.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 16
/* For so long the endpoint is not looked at after a connection could not be accepted. */
#define QUIET_NS 100000000

void platform__endpoint_name(int64_t pid, uint64_t start_time, const char *suffix,
                             char ret_name[PLATFORM__ENDPOINT_NAME])
{
    snprintf(ret_name, PLATFORM__ENDPOINT_NAME, "%" PRId64 "-%" PRIx64 "%s", pid, start_time, suffix);
}

int platform__endpoint_open(int directory, const char *name, int flags)
{
    bool locked = platform__descriptors_lock();
    int fd = platform_calls.openat(directory, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return platform__adopt_unlock(locked, fd);
}

/* ---- The lock ---- */

bool platform__endpoint_lock(int lock)
{
    int result;
    do {
        result = platform_calls.flock(lock, LOCK_EX | LOCK_NB);
    } while (result < 0 && errno == EINTR);
    return result == 0;
}

void platform__endpoint_remove(int directory, int64_t pid, uint64_t start_time)
{
    static const char *const suffixes[] = { PLATFORM__ENDPOINT_CARD, PLATFORM__ENDPOINT_SOCKET,
                                            PLATFORM__ENDPOINT_LOCK };
    char name[PLATFORM__ENDPOINT_NAME];
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        platform__endpoint_name(pid, start_time, suffixes[i], name);
        unlinkat(directory, name, 0);
    }
}

/* A sweep has the lock for microseconds. Who has it for longer than these milliseconds is this process itself. */
#define LOCK_TRIES    100
#define LOCK_PAUSE_NS 100000

/* A sweep that was first has removed the file that we have locked: then there is another one to be made. */
static bool try_lock(platform_endpoint *endpoint, const char *name)
{
    struct stat status;
    endpoint->lock = platform__endpoint_open(endpoint->directory.fd, name, O_RDWR | O_CREAT);
    if (endpoint->lock < 0)
        return false;
    if (platform__endpoint_lock(endpoint->lock) && fstat(endpoint->lock, &status) == 0 && status.st_nlink > 0) {
        platform_handle_mark(endpoint->lock, &endpoint->lock_mark);
        return true;
    }
    int error_number = errno;
    platform_handle_close(endpoint->lock);
    endpoint->lock = -1;
    errno = error_number == EWOULDBLOCK ? EAGAIN : error_number;
    return false;
}

/* The process that has an endpoint, which a copy is not. Relaxed: the lock publishes what it stands for. */
static _Atomic pid_t holder;

/* Returns MPROC_E_EXISTS, without a text, if it stays locked. */
static int try_lock_for_long(platform_endpoint *endpoint, const char *name)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        errno = EAGAIN;
        if (try_lock(endpoint, name)) {
            atomic_store_explicit(&holder, endpoint->owner, memory_order_relaxed);
            return 0;
        }
        if (errno != EAGAIN)
            return platform__fail(MPROC_E_OS, "the lock file of an endpoint");
        platform__pause(LOCK_PAUSE_NS);
    }
    return MPROC_E_EXISTS;
}

static bool is_held_here(const platform_endpoint *endpoint)
{
    return atomic_load_explicit(&holder, memory_order_relaxed) == endpoint->owner;
}

/* What has the name, and is not locked by this process. */
static void remove_others(const platform_endpoint *endpoint)
{
    platform__endpoint_remove(endpoint->directory.fd, endpoint->owner, endpoint->start_time);
}

static int take_lock(platform_endpoint *endpoint)
{
    char name[PLATFORM__ENDPOINT_NAME];
    platform__endpoint_name(endpoint->owner, endpoint->start_time, PLATFORM__ENDPOINT_LOCK, name);
    int code = try_lock_for_long(endpoint, name);
    if (code == MPROC_E_EXISTS && !is_held_here(endpoint)) {
        /* A copy of the program that this process was before an exec has it locked, for as long as it lives; or who
         * looks for endpoints was stopped with it. */
        remove_others(endpoint);
        code = try_lock_for_long(endpoint, name);
    }
    if (code < 0 && !is_held_here(endpoint))
        remove_others(endpoint); /* nobody else does, as long as this process lives */
    if (code != MPROC_E_EXISTS)
        return code;
    return platform__fail_text(MPROC_E_EXISTS, "this process has an endpoint already: %s/%s is locked",
                               endpoint->directory.path, name);
}

/* ---- The socket ---- */

/* The path was as good as the descriptor only if the socket is in the directory that was checked. */
static int check_socket(const platform_endpoint *endpoint, const char *name)
{
    struct stat status;
    if (fchmodat(endpoint->directory.fd, name, S_IRUSR | S_IWUSR, 0) < 0 ||
        fstatat(endpoint->directory.fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return platform__fail(MPROC_E_OS, endpoint->directory.path);
    return S_ISSOCK(status.st_mode)
               ? 0
               : platform__fail_text(MPROC_E_STATE, "somebody else changes what is in %s", endpoint->directory.path);
}

static int address_of(const platform_endpoint *endpoint, char ret_name[PLATFORM__ENDPOINT_NAME],
                      struct sockaddr_un *ret_address)
{
    platform__endpoint_name(endpoint->owner, endpoint->start_time, PLATFORM__ENDPOINT_SOCKET, ret_name);
    return platform__user_directory_address(&endpoint->directory, ret_name, ret_address);
}

static int start_listening(platform_endpoint *endpoint)
{
    char name[PLATFORM__ENDPOINT_NAME];
    struct sockaddr_un address;
    int code = address_of(endpoint, name, &address);
    if (code < 0)
        return code;
    endpoint->socket = platform__stream_socket();
    if (endpoint->socket < 0)
        return platform__fail(MPROC_E_OS, "socket");
    platform_handle_mark(endpoint->socket, &endpoint->socket_mark);
    /* That of another program, which this process was before an exec. */
    unlinkat(endpoint->directory.fd, name, 0);
    if (platform_calls.bind(endpoint->socket, (struct sockaddr *)&address, sizeof address) < 0)
        return platform__fail(MPROC_E_OS, "bind");
    code = check_socket(endpoint, name);
    if (code == 0 && listen(endpoint->socket, BACKLOG) < 0)
        code = platform__fail(MPROC_E_OS, "listen");
    return code;
}

/* ---- The card ---- */

/* The line end at its end says that all of it is there. */
static int write_card(const platform_endpoint *endpoint, const char *card)
{
    char name[PLATFORM__ENDPOINT_NAME];
    platform__endpoint_name(endpoint->owner, endpoint->start_time, PLATFORM__ENDPOINT_CARD, name);
    unlinkat(endpoint->directory.fd, name, 0);
    int fd = platform__endpoint_open(endpoint->directory.fd, name, O_WRONLY | O_CREAT | O_EXCL);
    if (fd < 0)
        return platform__fail(MPROC_E_OS, "the card of an endpoint");
    size_t size = strlen(card);
    bool written = platform__file_write(fd, card, size) == size && platform__file_write(fd, "\n", 1) == 1;
    int code = written ? 0 : platform__fail(MPROC_E_OS, "the card of an endpoint");
    platform_handle_close(fd);
    return code;
}

static int check_card(const char *card)
{
    if (!card || card[0] == '\0' || strlen(card) >= PLATFORM_CARD_SIZE || strchr(card, '\n'))
        return platform__fail_text(MPROC_E_INVALID, "a card is one line of 1 to %d bytes", PLATFORM_CARD_SIZE - 1);
    return 0;
}

/* ---- All of it ---- */

/* As far as it is there: what is left otherwise is swept by others, for nobody has it locked. */
static void remove_files(const platform_endpoint *endpoint)
{
    if (platform_handle_is(endpoint->directory.fd, &endpoint->directory_mark))
        platform__endpoint_remove(endpoint->directory.fd, endpoint->owner, endpoint->start_time);
}

static void release(platform_endpoint *endpoint)
{
    if (endpoint->lock >= 0) {
        remove_files(endpoint);
        /* First, so that it is not taken from who gets the lock next. */
        atomic_store_explicit(&holder, 0, memory_order_relaxed);
    }
    platform_handle_close_marked(endpoint->socket, &endpoint->socket_mark);
    platform_handle_close_marked(endpoint->lock, &endpoint->lock_mark);
    platform_handle_close_marked(endpoint->directory.fd, &endpoint->directory_mark);
}

static int set_up(platform_endpoint *endpoint, const char *card)
{
    int code = platform__user_directory_make(&endpoint->directory);
    platform_handle_mark(endpoint->directory.fd, &endpoint->directory_mark);
    if (code == 0)
        code = take_lock(endpoint);
    if (code == 0)
        code = start_listening(endpoint);
    if (code == 0)
        code = write_card(endpoint, card);
    return code;
}

static int create(const char *card, platform_endpoint **ret_endpoint)
{
    platform_endpoint *endpoint = platform_calls.calloc(1, sizeof *endpoint);
    if (!endpoint)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for an endpoint");
    endpoint->directory.fd = endpoint->lock = endpoint->socket = -1;
    endpoint->owner = getpid();
    endpoint->start_time = platform_self_start_time();
    int code = set_up(endpoint, card);
    if (code < 0) {
        release(endpoint);
        free(endpoint);
        return code;
    }
    *ret_endpoint = endpoint;
    return 0;
}

int platform_endpoint_create(const char *card, platform_endpoint **ret_endpoint)
{
    int code = check_card(card);
    if (code < 0)
        return code;
    int cancel = platform_cancel_hold();
    code = create(card, ret_endpoint);
    platform_cancel_release(cancel);
    return code;
}

void platform_endpoint_free(platform_endpoint *endpoint)
{
    if (!endpoint)
        return;
    int cancel = platform_cancel_hold();
    if (endpoint->owner == getpid())
        release(endpoint);
    platform_cancel_release(cancel);
    free(endpoint);
}

/* ---- Connections ---- */

static bool lacks_something(int error_number)
{
    return error_number == EMFILE || error_number == ENFILE || error_number == ENOBUFS || error_number == ENOMEM;
}

void platform__endpoint_be_quiet(platform_endpoint *endpoint)
{
    endpoint->quiet_until_ns = platform_now_ns() + QUIET_NS;
}

/* One that was gone before it was accepted was never there. All other failures last: whoever waits for the endpoint
 * would be back at once. */
static int fail_accept(platform_endpoint *endpoint)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ECONNABORTED || errno == EINTR || errno == EPROTO)
        return 0;
    platform__endpoint_be_quiet(endpoint);
    if (!lacks_something(errno))
        return platform__fail(MPROC_E_OS, "accept");
    return platform__fail(errno == EMFILE || errno == ENFILE ? MPROC_E_LIMIT : MPROC_E_NO_MEMORY, "accept");
}

/* What has the number of its socket now may be one of the program's that listens as well. */
static int check_open(platform_endpoint *endpoint)
{
    if (endpoint->owner != getpid())
        return platform__fail_text(MPROC_E_WRONG_PROCESS, "the endpoint is another process's");
    if (platform_handle_is(endpoint->socket, &endpoint->socket_mark))
        return 0;
    platform__endpoint_be_quiet(endpoint);
    return platform__fail_text(MPROC_E_CLOSED, "the program has closed what the endpoint listens at");
}

int platform_endpoint_accept(platform_endpoint *endpoint, platform_stream **ret_stream)
{
    platform_stream *stream = NULL;
    int code = check_open(endpoint);
    if (code < 0)
        return code;
    bool locked = platform__descriptors_lock();
    int fd = platform__adopt_unlock(locked, platform_calls.accept(endpoint->socket, SOCK_CLOEXEC | SOCK_NONBLOCK));
    code = fd < 0 ? fail_accept(endpoint) : platform__stream_new(fd, &stream);
    if (code == 0 || code == MPROC_E_FOREIGN) {
        *ret_stream = stream;
        return 0;
    }
    return code;
}

/* A thread that waits holds on to the socket that it waits for, whoever has closed it since: as long as it does, one
 * can connect. */
int platform_endpoint_rouse(const platform_endpoint *endpoint)
{
    char name[PLATFORM__ENDPOINT_NAME];
    struct sockaddr_un address;
    int code = address_of(endpoint, name, &address);
    int fd = code == 0 ? platform__stream_socket() : -1;
    if (code == 0 && (fd < 0 || platform_calls.connect(fd, (struct sockaddr *)&address, sizeof address) < 0))
        code = platform__fail(MPROC_E_OS, "rousing who waits for an endpoint");
    platform_handle_close(fd);
    return code;
}
