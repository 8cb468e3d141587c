/* Descriptors: the table of those the port has open, waiting for several, events, the handle of this process. */
#define _GNU_SOURCE
#include "unix/handle.h"
#include "unix/calls.h"
#include "unix/error.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* ---- The table ---- */

/* One bit per descriptor number, in chunks that are never freed. Lock-free, so that a forked child can read it
 * whatever the parent's other threads were doing. Linux gives out the lowest free number, so that more than one chunk
 * is rare, and more than all of them means more than eight million open files. */
#define WORD_BITS   64
#define CHUNK_WORDS 128
#define CHUNK_BITS  (WORD_BITS * CHUNK_WORDS)
#define CHUNKS      1024

typedef struct chunk {
    _Atomic uint64_t words[CHUNK_WORDS];
} chunk;

static chunk first_chunk;
static _Atomic(chunk *) chunks[CHUNKS] = { &first_chunk };

/* Acquire pairs with the release in new_chunk: whoever sees the pointer sees the zeroes behind it. */
static chunk *chunk_of(int fd)
{
    return fd / CHUNK_BITS < CHUNKS ? atomic_load_explicit(&chunks[fd / CHUNK_BITS], memory_order_acquire) : NULL;
}

static chunk *new_chunk(int fd)
{
    chunk *other = NULL, *made;
    if (fd / CHUNK_BITS >= CHUNKS || !(made = platform_calls.calloc(1, sizeof *made)))
        return NULL;
    if (!atomic_compare_exchange_strong_explicit(&chunks[fd / CHUNK_BITS], &other, made, memory_order_release,
                                                 memory_order_acquire)) {
        free(made);
        return other;
    }
    return made;
}

static bool table_add(int fd)
{
    chunk *part = chunk_of(fd);
    if (!part && !(part = new_chunk(fd)))
        return false;
    /* Relaxed: the bit is read by a forked child (which sees all of its parent's memory) or by the closing thread,
     * which has the descriptor from the adopting one by some synchronisation of its own. */
    atomic_fetch_or_explicit(&part->words[fd % CHUNK_BITS / WORD_BITS], (uint64_t)1 << fd % WORD_BITS,
                             memory_order_relaxed);
    return true;
}

static void table_remove(int fd)
{
    chunk *part = chunk_of(fd);
    if (part) {
        atomic_fetch_and_explicit(&part->words[fd % CHUNK_BITS / WORD_BITS], ~((uint64_t)1 << fd % WORD_BITS),
                                  memory_order_relaxed);
    }
}

/* ---- The lock of births ---- */

/* Not a pthread mutex: it must be taken with a limit on the monotonic clock, and be made new in a forked child. It is
 * held for one system call, so that waiting for it means yielding. */
static atomic_bool births;

bool platform__descriptors_lock(void)
{
    int64_t give_up_ns = 0;
    for (int tries = 0;; tries++) {
        /* Acquire pairs with the release in unlock; what it protects is the kernel's table together with ours. */
        if (!atomic_exchange_explicit(&births, true, memory_order_acquire))
            return true;
        if (tries < 64) {
            sched_yield();
            continue;
        }
        int64_t now_ns = platform_now_ns();
        give_up_ns = give_up_ns ? give_up_ns : now_ns + 1000000000;
        if (now_ns > give_up_ns)
            return false;
        nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
    }
}

void platform__descriptors_unlock(bool locked)
{
    if (locked)
        atomic_store_explicit(&births, false, memory_order_release);
}

/* A program that runs with its standard streams closed gives their numbers to whoever opens next. A descriptor of ours
 * must not be there: the program's own output would be written into it. */
static int above_standard_streams(int fd)
{
    int moved = platform_calls.fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int error_number = errno;
    close(fd);
    errno = error_number;
    return moved;
}

int platform__adopt(int fd)
{
    if (fd >= 0 && fd <= STDERR_FILENO)
        fd = above_standard_streams(fd);
    if (fd >= 0 && !table_add(fd)) {
        close(fd);
        errno = EMFILE;
        return -1;
    }
    return fd;
}

int platform__adopt_unlock(bool locked, int fd)
{
    fd = platform__adopt(fd);
    platform__descriptors_unlock(locked);
    return fd;
}

int platform__open(const char *path, int flags)
{
    bool locked = platform__descriptors_lock();
    return platform__adopt_unlock(locked, platform_calls.open(path, flags | O_CLOEXEC));
}

void platform__inherit(int fd)
{
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
        table_add(fd);
}

void platform__disown(int fd)
{
    table_remove(fd);
}

void platform_handle_close(platform_handle handle)
{
    if (handle < 0)
        return;
    int error_number = errno;
    bool locked = platform__descriptors_lock();
    table_remove((int)handle);
    close((int)handle);
    platform__descriptors_unlock(locked);
    errno = error_number;
}

/* ---- In a copy of the process ---- */

static bool is_listed(int fd, const platform_handle *list, int count)
{
    for (int i = 0; i < count; i++)
        if (list[i] == fd)
            return true;
    return false;
}

struct kept {
    const platform_handle *first, *second;
    int first_count, second_count;
};

static void close_word(chunk *part, int word, int first_fd, const struct kept *kept)
{
    uint64_t bits = atomic_load_explicit(&part->words[word], memory_order_relaxed);
    for (; bits; bits &= bits - 1) {
        int fd = first_fd + __builtin_ctzll(bits);
        if (!is_listed(fd, kept->first, kept->first_count) && !is_listed(fd, kept->second, kept->second_count)) {
            table_remove(fd);
            close(fd);
        }
    }
}

static _Atomic int self_handle = -1;

void platform__descriptors_after_fork(const platform_handle *keep, int keep_count, const platform_handle *more,
                                      int more_count)
{
    const struct kept kept = { keep, more, keep_count, more_count };
    /* Relaxed: the child has one thread. */
    atomic_store_explicit(&births, false, memory_order_relaxed);
    atomic_store_explicit(&self_handle, -1, memory_order_relaxed);
    for (int number = 0; number < CHUNKS; number++) {
        chunk *part = chunk_of(number * CHUNK_BITS);
        for (int word = 0; part && word < CHUNK_WORDS; word++)
            close_word(part, word, number * CHUNK_BITS + word * WORD_BITS, &kept);
    }
}

/* ---- The handle of this process ---- */

int platform_self_handle(platform_handle *ret_handle)
{
    /* Acquire pairs with the release below: whoever is given the number also sees it in the table. */
    int handle = atomic_load_explicit(&self_handle, memory_order_acquire);
    if (handle < 0) {
        bool locked = platform__descriptors_lock();
        int made = platform__adopt_unlock(locked, platform_calls.pidfd_open(getpid(), 0));
        if (made < 0)
            return platform__fail(errno == ENOSYS ? MPROC_E_NOT_SUPPORTED : MPROC_E_OS, "pidfd_open");
        if (atomic_compare_exchange_strong_explicit(&self_handle, &handle, made, memory_order_release,
                                                    memory_order_acquire))
            handle = made;
        else
            platform_handle_close(made);
    }
    *ret_handle = handle;
    return 0;
}

/* ---- Waiting ---- */

static struct timespec until(int64_t deadline_ns)
{
    int64_t left_ns = deadline_ns - platform_now_ns();
    left_ns = left_ns > 0 ? left_ns : 0;
    return (struct timespec){ .tv_sec = left_ns / 1000000000, .tv_nsec = left_ns % 1000000000 };
}

static int poll_until(struct pollfd *polls, size_t count, int64_t deadline_ns)
{
    for (;;) {
        struct timespec left = { 0 };
        if (deadline_ns != INT64_MAX)
            left = until(deadline_ns);
        int ready = platform_calls.ppoll(polls, count, deadline_ns == INT64_MAX ? NULL : &left, NULL);
        if (ready >= 0 || errno != EINTR)
            return ready;
    }
}

/* poll refuses more entries than the process may have descriptors, which a caller can exceed by naming one twice or by
 * lowering the limit. Such a list is polled piece by piece, every 10 ms. */
#define PIECE ((size_t)64)

static int poll_in_pieces(struct pollfd *polls, size_t count, int64_t deadline_ns)
{
    for (;;) {
        int total = 0;
        for (size_t at = 0; at < count; at += PIECE) {
            int ready = poll_until(polls + at, count - at < PIECE ? count - at : PIECE, 0);
            if (ready < 0)
                return ready;
            total += ready;
        }
        int64_t now_ns = platform_now_ns();
        if (total > 0 || now_ns >= deadline_ns)
            return total;
        int64_t pause_ns = deadline_ns - now_ns < 10000000 ? deadline_ns - now_ns : 10000000;
        nanosleep(&(struct timespec){ .tv_nsec = pause_ns }, NULL);
    }
}

static int poll_handles(struct pollfd *polls, const platform_handle *handles, size_t count, int64_t deadline_ns,
                        unsigned char *ret_ready)
{
    for (size_t i = 0; i < count; i++) {
        if (handles[i] < 0 || handles[i] > INT32_MAX)
            return platform__fail_text(MPROC_E_INVALID, "handle %zu of %zu is none", i, count);
        polls[i] = (struct pollfd){ .fd = (int)handles[i], .events = POLLIN };
    }
    int ready = poll_until(polls, count, deadline_ns);
    if (ready < 0 && errno == EINVAL && count > PIECE)
        ready = poll_in_pieces(polls, count, deadline_ns);
    if (ready < 0)
        return platform__fail(errno == ENOMEM ? MPROC_E_NO_MEMORY : MPROC_E_OS, "poll");
    for (size_t i = 0; i < count; i++)
        if (polls[i].revents & POLLNVAL)
            return platform__fail_text(MPROC_E_INVALID, "handle %zu of %zu is not open", i, count);
    for (size_t i = 0; i < count; i++)
        ret_ready[i] = polls[i].revents != 0;
    return ready;
}

int platform_wait_handles(const platform_handle *handles, size_t count, int64_t deadline_ns, unsigned char *ret_ready)
{
    struct pollfd few[32];
    struct pollfd *polls = few;
    if (count > sizeof few / sizeof *few) {
        polls = platform_calls.calloc(count, sizeof *polls);
        if (!polls)
            return platform__fail_text(MPROC_E_NO_MEMORY, "no memory to wait for %zu handles", count);
    }
    int code = poll_handles(polls, handles, count, deadline_ns, ret_ready);
    if (polls != few)
        free(polls);
    return code;
}

/* ---- Events ---- */

int platform_event_create(platform_handle *ret_event)
{
    bool locked = platform__descriptors_lock();
    int event = platform__adopt_unlock(locked, platform_calls.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (event < 0)
        return platform__fail(MPROC_E_OS, "eventfd");
    *ret_event = event;
    return 0;
}

void platform_event_set(platform_handle event)
{
    /* The one way to fail is a counter at its limit, and then the event is set already. */
    while (eventfd_write((int)event, 1) < 0 && errno == EINTR) {
    }
}

void platform_event_clear(platform_handle event)
{
    eventfd_t count;
    while (eventfd_read((int)event, &count) < 0 && errno == EINTR) {
    }
}
