/* Bytes that pass through a pipe without frames. */
#include "base/base.h"
#include "base/byte_ring.h"
#include "base/deadline.h"
#include "base/error.h"
#include "channel/pipe_call.h"
#include "channel/pipe_layout.h"
#include "channel/pipe_stream.h"
#include "channel/pipe_transfer.h"
#include "family/view.h"

/* Bytes, either way. */
struct portion {
    void *data;
    size_t size; /**< wanted, then moved */
};

static int put_bytes(const struct pipe_call *call, void *operation)
{
    struct portion *portion = operation;
    struct pipe *pipe = call->pipe;
    struct pipe_stream *stream = &pipe->streams[call->end];
    unsigned char *ring;
    int code = mproc__pipe_room_to_send(call, &ring);
    if (code != 0)
        return code;
    /* All the room there is, if what is known is less than asked for. */
    uint64_t room = stream_room(pipe, stream, portion->size);
    if (portion->size > room)
        portion->size = (size_t)room;
    uint64_t head = atomic_load_explicit(&stream->head, memory_order_relaxed);
    byte_ring_write(ring, pipe->ring_size, head, portion->data, portion->size);
    /* Release: as in frame_commit. */
    atomic_store_explicit(&stream->head, head + portion->size, memory_order_release);
    return 0;
}

static int get_bytes(const struct pipe_call *call, void *operation)
{
    struct portion *portion = operation;
    unsigned other = pipe_other(call->end);
    struct pipe *pipe = call->pipe;
    uint64_t there = stream_content(&pipe->streams[other]);
    if (there == 0)
        return PIPE_NOT_YET;
    unsigned char *ring;
    int code = mproc__pipe_ring_address(pipe, other, &ring);
    if (code < 0)
        return code;
    /* As in mproc__frame_next. */
    if (there > pipe->ring_size)
        return mproc__pipe_error(call, MPROC_E_INTERNAL, ", whose content was overwritten");
    if (portion->size > there)
        portion->size = (size_t)there;
    uint64_t tail = atomic_load_explicit(&pipe->streams[other].tail, memory_order_relaxed);
    byte_ring_read(ring, pipe->ring_size, tail, portion->data, portion->size);
    /* Release: as in frame_pass. */
    atomic_store_explicit(&pipe->streams[other].tail, tail + portion->size, memory_order_release);
    return 0;
}

int mproc_connection_write(mproc_connection connection, const void *data, size_t size, int64_t timeout_ms,
                           size_t *ret_written)
{
    family_called_from(RETURN_ADDRESS());
    if (ret_written == NULL)
        return mproc__error_null("ret_written");
    struct pipe_call call;
    struct portion portion = { (void *)data, size };
    if (data == NULL && size > 0)
        return mproc__error(MPROC_E_INVALID, "no data, and a size of %zu", size);
    int code = pipe_begin_send(connection, true, &call);
    call.wanted = size ? 1 : 0;
    if (code == 0)
        code = mproc__pipe_transfer(&call, SENDERS, put_bytes, &portion, mproc__pipe_look_for_room,
                                    mproc__deadline(timeout_ms));
    if (code == 0)
        *ret_written = portion.size;
    return code;
}

int mproc_connection_read(mproc_connection connection, int64_t timeout_ms, void *ret_bytes, size_t capacity,
                          size_t *ret_size)
{
    family_called_from(RETURN_ADDRESS());
    if (ret_size == NULL)
        return mproc__error_null("ret_size");
    struct pipe_call call;
    struct portion portion = { ret_bytes, capacity };
    if (ret_bytes == NULL && capacity > 0)
        return mproc__error(MPROC_E_INVALID, "no buffer, and a capacity of %zu", capacity);
    int code = pipe_begin_receive(connection, true, &call);
    if (code == 0)
        code = mproc__pipe_transfer(&call, RECEIVERS, get_bytes, &portion, mproc__pipe_look_for_content,
                                    mproc__deadline(timeout_ms));
    if (code == 0)
        *ret_size = portion.size;
    return code;
}
