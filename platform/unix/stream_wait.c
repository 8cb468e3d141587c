/* Waiting for an endpoint and many streams. */
#define _GNU_SOURCE
#include "unix/calls.h"
#include "unix/endpoint.h"
#include "unix/error.h"
#include "unix/stream.h"
#include "unix/wait.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* What is polled: the event first, if there is one, then the endpoint. */
struct list {
    struct pollfd *polls;
    size_t count;
    bool has_event, has_endpoint;
    int64_t deadline_ns;
    bool is_early; /* the deadline is not the caller's */
};

static void add(struct list *list, int fd, bool to_write)
{
    list->polls[list->count++] = (struct pollfd){ .fd = fd, .events = to_write ? POLLIN | POLLOUT : POLLIN };
}

static void add_endpoint(struct list *list, const platform_endpoint *endpoint)
{
    if (endpoint->quiet_until_ns <= platform_now_ns()) {
        list->has_endpoint = true;
        add(list, endpoint->socket, false);
    } else if (endpoint->quiet_until_ns < list->deadline_ns) {
        list->deadline_ns = endpoint->quiet_until_ns;
        list->is_early = true;
    }
}

static int add_streams(struct list *list, platform_stream *const *streams, const bool *wants_to_write, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!streams[i])
            continue;
        if (platform__stream_is_foreign(streams[i]))
            return MPROC_E_WRONG_PROCESS;
        add(list, streams[i]->socket, wants_to_write && wants_to_write[i]);
        if (streams[i]->peer >= 0)
            add(list, streams[i]->peer, false);
    }
    return 0;
}

/* Somebody has closed the socket: it would be ready for ever. */
static bool is_endpoint_closed(const struct list *list)
{
    return list->has_endpoint && (list->polls[list->has_event].revents & POLLNVAL) != 0;
}

static int wait_for(const struct list *list, platform_endpoint *endpoint)
{
    int ready = platform__poll_until(list->polls, list->count, list->deadline_ns);
    if (ready < 0)
        return platform__fail(errno == ENOMEM ? MPROC_E_NO_MEMORY : MPROC_E_OS, "poll");
    if (list->has_event && list->polls[0].revents & POLLNVAL)
        return platform__fail_text(MPROC_E_INVALID, "the event is not open");
    if (is_endpoint_closed(list))
        platform__endpoint_be_quiet(endpoint);
    return ready > 0 || list->is_early;
}

static int check(const platform_endpoint *endpoint, platform_handle event)
{
    if (endpoint && endpoint->owner != getpid())
        return platform__fail_text(MPROC_E_WRONG_PROCESS, "the endpoint is another process's");
    if (event != PLATFORM_NO_HANDLE && (event < 0 || event > INT32_MAX))
        return platform__fail_text(MPROC_E_INVALID, "the event is none");
    return 0;
}

int platform_streams_wait(platform_endpoint *endpoint, platform_stream *const *streams, const bool *wants_to_write,
                          size_t count, platform_handle event, int64_t deadline_ns)
{
    struct pollfd few[34];
    struct list list = { .polls = few, .has_event = event != PLATFORM_NO_HANDLE, .deadline_ns = deadline_ns };
    int code = check(endpoint, event);
    if (code < 0)
        return code;
    /* A stream has two descriptors at most; and there are the event and the endpoint. */
    if (2 * count + 2 > sizeof few / sizeof *few)
        list.polls = platform_calls.calloc(2 * count + 2, sizeof *list.polls);
    if (!list.polls)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory to wait for %zu streams", count);
    if (list.has_event)
        add(&list, (int)event, false);
    if (endpoint)
        add_endpoint(&list, endpoint);
    code = add_streams(&list, streams, wants_to_write, count);
    if (code == 0)
        code = wait_for(&list, endpoint);
    if (list.polls != few)
        free(list.polls);
    return code;
}
