/* Waiting on a word of shared memory, by futex.
 *
 * No wake is lost. A sleeper adds itself to waiters and then compares the value; a waker changes the value and then
 * reads waiters. All four are seq_cst, so that in their single total order either the sleeper's comparison comes after
 * the change, and it does not sleep, or the waker's read comes after the addition, and it makes the system call. There
 * the kernel compares once more under its own lock: a sleeper that has announced itself but is not asleep yet finds the
 * value changed and does not fall asleep.
 *
 * A sleeper that is killed between its addition and its subtraction leaves waiters too high for good. That is harmless:
 * every later wake of that word makes one system call that finds nobody. The count would be too low only if somebody
 * zeroed the word while a sleeper was inside, which the owner of the memory must not do; a subtraction that finds 0
 * leaves it there, so that even then the count does not wrap round and hide a later sleeper.
 */
#define _GNU_SOURCE
#include "platform.h"
#include "unix/calls.h"
#include <errno.h>

#define FUTEX_WORD_32 0x02
#define SLICE_NS      20000000

/* Whether futex_waitv (Linux 5.16) was found to be missing or forbidden. Relaxed: a stale value costs one failing
 * call. */
static atomic_bool no_waitv;

static void announce(platform_word *word)
{
    if (word)
        atomic_fetch_add_explicit(&word->waiters, 1, memory_order_seq_cst);
}

static void withdraw(platform_word *word)
{
    /* Relaxed: the count may be seen too high for a while, which costs a system call and nothing else. */
    uint32_t waiters = word ? atomic_load_explicit(&word->waiters, memory_order_relaxed) : 0;
    while (waiters > 0 && !atomic_compare_exchange_weak_explicit(&word->waiters, &waiters, waiters - 1,
                                                                 memory_order_relaxed, memory_order_relaxed)) {
    }
}

static struct platform_timespec to_timespec(int64_t time_ns)
{
    time_ns = time_ns > 0 ? time_ns : 0;
    return (struct platform_timespec){ time_ns / 1000000000, time_ns % 1000000000 };
}

/* Each sleep function returns 0 when the caller should look at its word again, or an error number. */
static int sleep_on_one(platform_word *word, uint32_t expected, int64_t deadline_ns)
{
    struct platform_timespec deadline = to_timespec(deadline_ns);
    long result = platform_calls.futex_wait(&word->value, expected, deadline_ns == INT64_MAX ? NULL : &deadline);
    return result < 0 ? errno : 0;
}

static int sleep_on_both(platform_word *word, uint32_t expected, platform_word *death, uint32_t death_expected,
                         int64_t deadline_ns)
{
    struct platform_timespec deadline = to_timespec(deadline_ns);
    struct platform_waitv words[2] = {
        { .value = expected, .address = (uintptr_t)&word->value, .flags = FUTEX_WORD_32 },
        { .value = death_expected, .address = (uintptr_t)&death->value, .flags = FUTEX_WORD_32 },
    };
    long result = platform_calls.futex_waitv(words, 2, deadline_ns == INT64_MAX ? NULL : &deadline);
    return result < 0 ? errno : 0;
}

/* Without a call for two words the death word is looked at every 20 ms. */
static int sleep_in_slices(platform_word *word, uint32_t expected, platform_word *death, uint32_t death_expected,
                           int64_t deadline_ns)
{
    for (;;) {
        if (atomic_load_explicit(&death->value, memory_order_seq_cst) != death_expected)
            return 0;
        int64_t slice_ns = platform_now_ns() + SLICE_NS;
        bool last = slice_ns >= deadline_ns;
        int error_number = sleep_on_one(word, expected, last ? deadline_ns : slice_ns);
        if (error_number != ETIMEDOUT || last)
            return error_number;
    }
}

static int sleep_while(platform_word *word, uint32_t expected, platform_word *death, uint32_t death_expected,
                       int64_t deadline_ns)
{
    if (!death)
        return sleep_on_one(word, expected, deadline_ns);
    if (!atomic_load_explicit(&no_waitv, memory_order_relaxed)) {
        int error_number = sleep_on_both(word, expected, death, death_expected, deadline_ns);
        if (error_number == 0 || error_number == EAGAIN || error_number == EINTR || error_number == ETIMEDOUT)
            return error_number;
        /* ENOSYS from old kernels, EPERM from old container sandboxes: it will not come back. A lack of memory may. */
        if (error_number == ENOSYS || error_number == EPERM)
            atomic_store_explicit(&no_waitv, true, memory_order_relaxed);
    }
    return sleep_in_slices(word, expected, death, death_expected, deadline_ns);
}

int platform_wait(platform_word *word, uint32_t expected, platform_word *death, uint32_t death_expected,
                  int64_t deadline_ns)
{
    announce(word);
    announce(death);
    int error_number = 0;
    if (atomic_load_explicit(&word->value, memory_order_seq_cst) == expected &&
        (!death || atomic_load_explicit(&death->value, memory_order_seq_cst) == death_expected))
        error_number = sleep_while(word, expected, death, death_expected, deadline_ns);
    withdraw(death);
    withdraw(word);
    return error_number == ETIMEDOUT ? MPROC_E_TIMEOUT : 0;
}

void platform_wake(platform_word *word, int count)
{
    /* seq_cst pairs with the addition in announce, as the top of this file says. */
    if (atomic_load_explicit(&word->waiters, memory_order_seq_cst) == 0)
        return;
    platform__futex_wake(&word->value, count);
}
