/* Handles of the operating system that pass through a pipe. See handle_store.h and pipe_handle.h. */
#include "base/base.h"
#include "base/deadline.h"
#include "base/error.h"
#include "channel/handle_store.h"
#include "channel/pipe_call.h"
#include "channel/pipe_frame.h"
#include "channel/pipe_handle.h"
#include "channel/pipe_layout.h"
#include "channel/pipe_transfer.h"
#include "family/view.h"

struct moving {
    mproc_os_handle handle;
    int64_t deadline_ns;
};

/* Of an act that found the store kept by somebody else: with time left it is done again, and meanwhile others have the
 * word. */
static int store_result(int code, int64_t deadline_ns)
{
    return code == MPROC_E_TIMEOUT && platform_now_ns() < deadline_ns ? PIPE_NOT_YET : code;
}

/* Only with room for the frame, and nothing is asked after: what was put into the store is sent, even if the other end
 * is closed meanwhile. */
static int put_handle(const struct pipe_call *call, void *operation)
{
    const struct moving *moving = operation;
    unsigned char *ring;
    int code = mproc__pipe_room_to_send(call, &ring);
    if (code != 0)
        return code;
    /* Relaxed: senders' own, under their word. */
    uint64_t head = atomic_load_explicit(&call->pipe->streams[call->end].head, memory_order_relaxed);
    platform_parcel parcel = mproc__pipe_parcel(call, head);
    code = mproc__handle_put(mproc__pipe_parcel_is_over, moving->handle, &parcel, moving->deadline_ns);
    if (code < 0)
        return store_result(code, moving->deadline_ns);
    /* Relaxed: whoever ends the pipe owns the senders' word after us. */
    atomic_store_explicit(&call->pipe->had_handles, 1, memory_order_relaxed);
    frame_commit(call, ring, &(struct frame_outgoing){ FRAME_HANDLE, &parcel, sizeof parcel });
    return 0;
}

int mproc_connection_send_handle(mproc_connection connection, mproc_os_handle handle, mproc_handle_mode mode,
                                 int64_t timeout_ms)
{
    family_called_from(RETURN_ADDRESS());
    struct pipe_call call;
    if (handle == PLATFORM_NO_HANDLE || (mode != MPROC_HANDLE_DUP && mode != MPROC_HANDLE_MOVE))
        return mproc__error(MPROC_E_INVALID, handle == PLATFORM_NO_HANDLE ? "the handle is none" : "no such mode");
    int code = pipe_begin_send(connection, false, &call);
    if (code < 0)
        return code;
    struct moving moving = { handle, mproc__deadline(timeout_ms) };
    call.wanted = frame_bytes(sizeof(platform_parcel));
    code = mproc__pipe_transfer(&call, SENDERS, put_handle, &moving, mproc__pipe_look_for_room, moving.deadline_ns);
    /* What was sent is sent, whatever the system says to the closing of a handle that it knew a moment ago. */
    if (code == 0 && mode == MPROC_HANDLE_MOVE)
        platform_foreign_handle_close(handle);
    return code;
}

static int get_handle(const struct pipe_call *call, void *operation)
{
    struct moving *moving = operation;
    struct frame_arrived frame;
    int code = mproc__frame_next(call, &frame);
    if (code != 0)
        return code;
    if (frame.head.kind != FRAME_HANDLE)
        return mproc__pipe_error(call, MPROC_E_TYPE, ", where a message comes next");
    code = mproc__handle_copy(mproc__pipe_parcel_is_over, &frame.parcel, moving->deadline_ns, &moving->handle);
    if (code < 0 && code != MPROC_E_NOT_FOUND)
        return store_result(code, moving->deadline_ns);
    /* Dropped after the frame is passed: killed before, we leave the handle to the next receiver, and after, nobody
     * drops it a second time. */
    frame_pass(call, &frame);
    if (code == 0)
        mproc__handle_drop(mproc__pipe_parcel_is_over, &frame.parcel, platform_now_ns() + PIPE_COPY_NS);
    return code;
}

int mproc_connection_recv_handle(mproc_connection connection, int64_t timeout_ms, mproc_os_handle *ret_handle)
{
    family_called_from(RETURN_ADDRESS());
    if (ret_handle == NULL)
        return mproc__error_null("ret_handle");
    struct pipe_call call;
    struct moving moving = { PLATFORM_NO_HANDLE, mproc__deadline(timeout_ms) };
    int code = pipe_begin_receive(connection, false, &call);
    if (code == 0)
        code = mproc__pipe_transfer(&call, RECEIVERS, get_handle, &moving, mproc__pipe_look_for_content,
                                    moving.deadline_ns);
    if (code == 0)
        *ret_handle = moving.handle;
    return code;
}
