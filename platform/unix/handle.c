/* Descriptors: the table of those the port has open. */
#define _GNU_SOURCE
#include "unix/handle.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/wait.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- The table ---- */

/* One bit per descriptor number, in chunks that are never freed. Lock-free, so that a forked child can read it
 * whatever the parent's other threads were doing. Linux gives out the lowest free number, so that more than one chunk
 * is rare, and more than all of them means more than eight million open files. */
#define WORD_BITS   64
#define CHUNK_WORDS 128
#define CHUNK_BITS  (WORD_BITS * CHUNK_WORDS)
#define CHUNKS      1024

/* A number is claimed if the port has opened it once more without having closed it: the program has closed it in
 * between, and whoever had it before has still to see that it is not his any more. */
typedef struct chunk {
    _Atomic uint64_t words[CHUNK_WORDS], claims[CHUNK_WORDS];
} chunk;

static chunk first_chunk;
static PLATFORM_APART _Atomic(chunk *) more_chunks[CHUNKS]; /* but the first of them */

/* Acquire pairs with the release in new_chunk: whoever sees the pointer sees the zeroes behind it. */
static chunk *chunk_of(int fd)
{
    if (fd < CHUNK_BITS)
        return &first_chunk;
    return fd / CHUNK_BITS < CHUNKS ? atomic_load_explicit(&more_chunks[fd / CHUNK_BITS], memory_order_acquire) : NULL;
}

static chunk *new_chunk(int fd)
{
    chunk *other = NULL, *made;
    if (fd / CHUNK_BITS >= CHUNKS || !(made = platform_calls.calloc(1, sizeof *made)))
        return NULL;
    if (!atomic_compare_exchange_strong_explicit(&more_chunks[fd / CHUNK_BITS], &other, made, memory_order_release,
                                                 memory_order_acquire)) {
        free(made);
        return other;
    }
    return made;
}

static int word_of(int fd)
{
    return fd % CHUNK_BITS / WORD_BITS;
}

static uint64_t bit_of(int fd)
{
    return (uint64_t)1 << fd % WORD_BITS;
}

static bool table_add(int fd)
{
    chunk *part = chunk_of(fd);
    if (!part && !(part = new_chunk(fd)))
        return false;
    /* Relaxed: the bit is read by a forked child (which sees all of its parent's memory) or by the closing thread,
     * which has the descriptor from the adopting one by some synchronisation of its own. */
    uint64_t before = atomic_fetch_or_explicit(&part->words[word_of(fd)], bit_of(fd), memory_order_relaxed);
    if (before & bit_of(fd))
        atomic_fetch_or_explicit(&part->claims[word_of(fd)], bit_of(fd), memory_order_relaxed);
    return true;
}

static void table_remove(int fd)
{
    chunk *part = chunk_of(fd);
    if (part)
        atomic_fetch_and_explicit(&part->words[word_of(fd)], ~bit_of(fd), memory_order_relaxed);
}

/* Whether there was one. */
static bool take_claim(int fd)
{
    chunk *part = chunk_of(fd);
    return part &&
           (atomic_fetch_and_explicit(&part->claims[word_of(fd)], ~bit_of(fd), memory_order_relaxed) & bit_of(fd)) != 0;
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
        platform__pause(50000);
    }
}

void platform__descriptors_unlock(bool locked)
{
    if (locked)
        atomic_store_explicit(&births, false, memory_order_release);
}

int platform__close(int fd)
{
    int cancel = platform_cancel_hold();
    int result = close(fd);
    platform_cancel_release(cancel);
    return result;
}

/* A program that runs with its standard streams closed gives their numbers to whoever opens next. A descriptor of ours
 * must not be there: the program's own output would be written into it. */
static int above_standard_streams(int fd)
{
    int moved = platform_calls.fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int error_number = errno;
    platform__close(fd);
    errno = error_number;
    return moved;
}

int platform__adopt(int fd)
{
    if (fd >= 0 && fd <= STDERR_FILENO)
        fd = above_standard_streams(fd);
    if (fd >= 0 && !table_add(fd)) {
        platform__close(fd);
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

platform_handle platform_inherited_value(const platform_handle *handles, int index)
{
    (void)handles;
    return PLATFORM__FIRST_HANDLE + index;
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

void platform__disown_lost(int fd)
{
    if (!take_claim(fd))
        table_remove(fd);
}

void platform_handle_close(platform_handle handle)
{
    if (handle < 0)
        return;
    int error_number = errno;
    bool locked = platform__descriptors_lock();
    table_remove((int)handle);
    platform__close((int)handle);
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
            platform__close(fd);
        }
    }
}

void platform__descriptors_after_fork(const platform_handle *keep, int keep_count, const platform_handle *more,
                                      int more_count)
{
    const struct kept kept = { keep, more, keep_count, more_count };
    /* Relaxed: the child has one thread. */
    atomic_store_explicit(&births, false, memory_order_relaxed);
    for (int number = 0; number < CHUNKS; number++) {
        chunk *part = chunk_of(number * CHUNK_BITS);
        for (int word = 0; part && word < CHUNK_WORDS; word++)
            close_word(part, word, number * CHUNK_BITS + word * WORD_BITS, &kept);
    }
}

/* ---- Descriptors of the program's own ---- */

static int duplicate(intptr_t handle)
{
    if (handle >= 0 && handle <= INT32_MAX)
        return platform_calls.fcntl((int)handle, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    errno = EBADF;
    return -1;
}

static int fail_duplicate(void)
{
    if (errno == EBADF)
        return platform__fail_text(MPROC_E_INVALID, "the handle is not open");
    return platform__fail(MPROC_E_OS, "fcntl");
}

int platform_handle_take(mproc_os_handle handle, platform_handle *ret_handle)
{
    bool locked = platform__descriptors_lock();
    int fd = platform__adopt_unlock(locked, duplicate(handle));
    if (fd < 0)
        return fail_duplicate();
    *ret_handle = fd;
    return 0;
}

int platform_handle_give(platform_handle handle, mproc_os_handle *ret_handle)
{
    int fd = duplicate(handle);
    if (fd < 0)
        return fail_duplicate();
    *ret_handle = fd;
    return 0;
}

int platform_foreign_handle_close(mproc_os_handle handle)
{
    return platform__close((int)handle) < 0 && errno != EINTR ? platform__fail(MPROC_E_OS, "close") : 0;
}
