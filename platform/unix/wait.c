/* Waiting for descriptors. */
#define _GNU_SOURCE
#include "unix/wait.h"
#include "platform.h"
#include "unix/calls.h"
#include "unix/error.h"
#include <errno.h>
#include <stdlib.h>

bool platform__is_ready(int fd)
{
    struct pollfd poll = { .fd = fd, .events = POLLIN };
    const struct timespec now = { 0 };
    int count;
    do {
        count = platform_calls.ppoll(&poll, 1, &now, NULL);
    } while (count < 0 && errno == EINTR);
    return count > 0 && !(poll.revents & POLLNVAL);
}

void platform__pause(int64_t ns)
{
    int cancel = platform_cancel_hold();
    nanosleep(&(struct timespec){ .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 }, NULL);
    platform_cancel_release(cancel);
}

static struct timespec until(int64_t deadline_ns)
{
    int64_t left_ns = deadline_ns - platform_now_ns();
    left_ns = left_ns > 0 ? left_ns : 0;
    return (struct timespec){ .tv_sec = left_ns / 1000000000, .tv_nsec = left_ns % 1000000000 };
}

int platform__poll_until(struct pollfd *polls, size_t count, int64_t deadline_ns)
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
            int ready = platform__poll_until(polls + at, count - at < PIECE ? count - at : PIECE, 0);
            if (ready < 0)
                return ready;
            total += ready;
        }
        int64_t now_ns = platform_now_ns();
        if (total > 0 || now_ns >= deadline_ns)
            return total;
        int64_t pause_ns = deadline_ns - now_ns < 10000000 ? deadline_ns - now_ns : 10000000;
        platform__pause(pause_ns);
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
    int ready = platform__poll_until(polls, count, deadline_ns);
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
