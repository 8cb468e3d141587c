/* stream_wait.c: waiting for an endpoint and many streams.
 */
#include "endpoint.h"
#include "stream.h"

/* For so long an endpoint is not listened at that something is wanting for. */
#define QUIET_NS 100000000

/** What is waited for; or that something is ready already. */
struct list {
    platform_handle *handles;
    size_t count;
    bool is_ready;
};

static void add(struct list *list, HANDLE handle)
{
    list->handles[list->count++] = (platform_handle)handle;
}

static void add_endpoint(struct list *list, platform_endpoint *endpoint)
{
    for (int i = 0; i < PLATFORM__LISTENERS; i++)
        if (endpoint->listeners[i].pipe != NULL)
            add(list, endpoint->listeners[i].connection.hEvent);
}

static void add_stream(struct list *list, platform_stream *stream, bool wants_to_write)
{
    list->is_ready = list->is_ready || platform__stream_is_readable(stream) ||
                     (wants_to_write && platform__stream_is_writable(stream));
    add(list, stream->read.hEvent);
    if (wants_to_write && stream->writing)
        add(list, stream->write.hEvent);
}

static int wait_for(const struct list *list, int64_t deadline_ns, unsigned char *ready)
{
    if (list->is_ready)
        return 1;
    int found = platform_wait_handles(list->handles, list->count, deadline_ns, ready);
    return found > 0 ? 1 : found;
}

/** Room for the event, the listeners, and two for each stream; and for what is said of them. */
static void *list_allocate(size_t count, struct list *ret_list)
{
    size_t most = 1 + PLATFORM__LISTENERS + 2 * count;
    *ret_list = (struct list){ .handles = CALL(malloc, most * (sizeof(platform_handle) + 1)) };
    return ret_list->handles != NULL ? ret_list->handles + most : NULL;
}

int platform_streams_wait(platform_endpoint *endpoint, platform_stream *const *streams, const bool *wants_to_write,
                          size_t count, platform_handle event, int64_t deadline_ns)
{
    struct list list;
    unsigned char *ready = list_allocate(count, &list);
    int64_t quiet_until_ns = INT64_MAX;
    if (ready == NULL)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory to wait for streams");
    if (event != PLATFORM_NO_HANDLE)
        add(&list, (HANDLE)event);
    if (endpoint != NULL && !platform__endpoint_listen(endpoint))
        quiet_until_ns = platform_now_ns() + QUIET_NS;
    if (endpoint != NULL)
        add_endpoint(&list, endpoint);
    for (size_t i = 0; i < count; i++)
        if (streams[i] != NULL)
            add_stream(&list, streams[i], wants_to_write != NULL && wants_to_write[i]);
    bool is_early = quiet_until_ns < deadline_ns;
    int code = wait_for(&list, is_early ? quiet_until_ns : deadline_ns, ready);
    free(list.handles);
    return code == 0 && is_early ? 1 : code;
}
