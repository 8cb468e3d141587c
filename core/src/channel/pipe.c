/* Pipes: making them, finding them, closing their ends, and who uses which. connection*.c is what passes through. */
#include "channel/pipe.h"
#include "base/base.h"
#include "base/error.h"
#include "base/options.h"
#include "channel/pipe_call.h"
#include "channel/pipe_layout.h"
#include "channel/pipe_reclaim.h"
#include "channel/pipe_users.h"
#include "channel/pipe_wait.h"
#include "family/family_layout.h"
#include "memory/block.h"
#include "memory/memory.h"
#include "memory/object.h"
#include "memory/span.h"

#define BUFFER_DEFAULT ((size_t)64 << 10)
#define BUFFER_MIN     ((size_t)4 << 10)
#define BUFFER_MAX     ((size_t)64 << 20)

/* ---- Making ---- */

static int choose_size(const mproc_pipe_options *options, uint64_t *ret_size)
{
    size_t wanted = options->buffer_size ? options->buffer_size : BUFFER_DEFAULT;
    if (wanted > BUFFER_MAX)
        return mproc__error(MPROC_E_LIMIT, "a buffer of %zu bytes, at most %zu are allowed", wanted, BUFFER_MAX);
    uint64_t size = BUFFER_MIN;
    while (size < wanted)
        size *= 2;
    *ret_size = size;
    return 0;
}

/* The pipe owns its span from the beginning: if this thread ends before the pipe is published both are swept. */
static int make_rings(struct pipe *pipe, const uint64_t id[2])
{
    uint64_t streams = pipe->one_way ? 1 : 2;
    return mproc__span_create_dirty((size_t)(streams * pipe->ring_size), mproc__span_owner_object(id), &pipe->span);
}

/* Of a connection to end 0 the first half is the pipe's own, of one to end 1 its complement: no damage to a few bits
 * turns one end into the other. */
static mproc_connection connection_of(const uint64_t id[2], unsigned end)
{
    return (mproc_connection){ { end ? ~id[0] : id[0], id[1] } };
}

_Static_assert(STRUCT_ENDS_WITH(mproc_pipe_options, name), "it can grow");

int mproc_pipe_create_(mproc_connection *ret_first, mproc_connection *ret_second, const mproc_pipe_options *options,
                       size_t options_size)
{
    if (ret_first == NULL || ret_second == NULL)
        return mproc__error_null(ret_first ? "ret_second" : "ret_first");
    mproc_pipe_options own;
    int code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code < 0)
        return code;
    options = &own;
    uint64_t id[2], ring_size = 0;
    void *object;
    code = choose_size(options, &ring_size);
    if (code == 0)
        code = mproc__object_new(FAMILY_PIPE, PIPE_WORDS, sizeof(struct pipe), options->name, id, &object);
    if (code < 0)
        return code;
    struct pipe *pipe = object;
    pipe->ring_size = ring_size;
    pipe->is_stream = options->stream;
    pipe->one_way = options->one_way;
    code = make_rings(pipe, id);
    /* Published or not it must not stay claimed: this thread may live long. */
    mproc__object_publish(id);
    if (code < 0) {
        mproc__object_destroy(FAMILY_PIPE, id);
        return code;
    }
    *ret_first = connection_of(id, 0);
    *ret_second = connection_of(id, 1);
    return 0;
}

/* ---- Finding ---- */

/* The slow way: why there is no such pipe. */
static int find_reason(mproc_connection connection, unsigned end)
{
    struct family_block *block;
    uint64_t id[2] = { end ? ~connection.id[0] : connection.id[0], connection.id[1] };
    int code = mproc__object_block(FAMILY_PIPE, id, &block);
    if (code == MPROC_E_STALE)
        return mproc__error(MPROC_E_CLOSED, "pipe %016llx is gone", (unsigned long long)id[1]);
    /* Between the two looks it can only have gone; so it is there for those who had not mapped its place yet. */
    return code;
}

static bool find_end(mproc_connection connection, unsigned end, struct pipe_call *ret_call)
{
    uint64_t id[2] = { end ? ~connection.id[0] : connection.id[0], connection.id[1] };
    struct family_block *block = block_find(FAMILY_PIPE, id);
    if (block != NULL)
        *ret_call = (struct pipe_call){ block, (struct pipe *)(block + 1), { id[0], id[1] }, end };
    return block != NULL;
}

static bool find(mproc_connection connection, struct pipe_call *ret_call)
{
    return find_end(connection, 0, ret_call) || find_end(connection, 1, ret_call);
}

/* Out of line, as the next, so that the usual case does not pay for their registers. */
NEVER_INLINE static int find_again(mproc_connection connection, struct pipe_call *ret_call)
{
    int code = find_reason(connection, 0);
    code = code == MPROC_E_FOREIGN ? find_reason(connection, 1) : code;
    if (code < 0)
        return code;
    if (!find(connection, ret_call))
        return mproc__error(MPROC_E_CLOSED, "pipe %016llx is gone", (unsigned long long)connection.id[1]);
    return 0;
}

NEVER_INLINE static int found_closed(struct pipe_call *call, uint32_t closed)
{
    /* Without waiting: whoever is copying does this when he is through. */
    if (closed == PIPE_BOTH_CLOSED)
        mproc__pipe_reclaim(call, 0);
    return mproc__pipe_closed(call);
}

int mproc__pipe_find(mproc_connection connection, struct pipe_call *ret_call)
{
    if (unlikely(!find(connection, ret_call))) {
        int code = find_again(connection, ret_call);
        if (code < 0)
            return code;
    }
    uint32_t closed = atomic_load_explicit(&ret_call->pipe->closed, memory_order_acquire);
    return likely(!(closed >> ret_call->end & 1)) ? 0 : found_closed(ret_call, closed);
}

/* ---- Users ---- */

int mproc_connection_attach(mproc_connection connection)
{
    struct pipe_call call;
    int code = mproc__pipe_find(connection, &call);
    if (code < 0)
        return code;
    if (mproc__pipe_use(&call))
        return 0;
    return mproc__pipe_error(&call, MPROC_E_LIMIT, ", which has as many users at this end as are noted, 6");
}

int mproc_connection_detach(mproc_connection connection)
{
    struct pipe_call call;
    int code = mproc__pipe_find(connection, &call);
    if (code < 0)
        return code;
    mproc__pipe_leave(&call);
    return 0;
}

/* ---- Closing ---- */

int mproc_connection_close(mproc_connection connection)
{
    struct pipe_call call;
    int code = mproc__pipe_find(connection, &call);
    /* Under the word of those who send at this end: none of them sends after this, and the pipe cannot go, nor its
     * block become another one's, while this is at it. */
    if (code == 0)
        code = mproc__pipe_lock(&call, call.end, SENDERS, 0);
    if (code < 0)
        return code == MPROC_E_CLOSED ? 0 : code;
    /* seq_cst, as the bells and platform_wake ask; release for all that was sent before. */
    uint32_t before = atomic_fetch_or(&call.pipe->closed, 1u << call.end);
    mproc__pipe_notify_all(call.pipe);
    mproc__pipe_unlock(&call, call.end, SENDERS);
    if (before >> call.end & 1)
        return 0;
    mproc__pipe_after_copy(&call);
    return 0;
}

bool mproc_connection_is_closed(mproc_connection connection)
{
    struct pipe_call call;
    int code = mproc__pipe_find(connection, &call);
    return mproc__answer(code == MPROC_E_CLOSED ? 1 : code);
}

/* ---- What an end can do ---- */

bool mproc_connection_is_readable(mproc_connection connection)
{
    struct pipe_call call;
    int code = mproc__pipe_find(connection, &call);
    return mproc__answer(code < 0 ? code : pipe_sends(call.pipe, pipe_other(call.end)));
}

bool mproc_connection_is_writable(mproc_connection connection)
{
    struct pipe_call call;
    int code = mproc__pipe_find(connection, &call);
    return mproc__answer(code < 0 ? code : pipe_sends(call.pipe, call.end));
}
