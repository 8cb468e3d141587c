/* Pipes: making them, finding them, who uses which end, waiting at one, the end of one. See pipe.h; connection.c is
 * what passes through.
 */
#include "channel/pipe.h"
#include "base/error.h"
#include "channel/frames.h"
#include "channel/handle_store.h"
#include "family/activity.h"
#include "family/family_layout.h"
#include "family/process_slot.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/memory.h"
#include "memory/object.h"
#include "memory/span.h"
#include "word/await.h"
#include "word/eventcount.h"
#include "word/owned_word.h"

#define BUFFER_DEFAULT ((size_t)64 << 10)
#define BUFFER_MIN     ((size_t)4 << 10)
#define BUFFER_MAX     ((size_t)64 << 20)

/* ---- Making ---- */

static int choose_size(const mproc_pipe_options *options, uint64_t *ret_size)
{
    size_t wanted = options->buffer_size ? options->buffer_size : BUFFER_DEFAULT;
    if (wanted > BUFFER_MAX)
        return mproc__error(MPROC_E_INVALID, "a buffer of %zu bytes, at most %zu are allowed", wanted, BUFFER_MAX);
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

int mproc_pipe_create(mproc_connection *ret_first, mproc_connection *ret_second, const mproc_pipe_options *options)
{
    static const mproc_pipe_options defaults;
    options = options ? options : &defaults;
    uint64_t id[2], ring_size = 0;
    void *object;
    int code = choose_size(options, &ring_size);
    if (code == 0)
        code = mproc__object_new(FAMILY_PIPE, PIPE_WORDS, sizeof(struct pipe), options->name, id, &object);
    if (code < 0)
        return code;
    struct pipe *pipe = object;
    pipe->ring_size = ring_size;
    pipe->is_stream = options->stream != 0;
    pipe->one_way = options->one_way != 0;
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

int mproc__pipe_ring_address(const struct pipe *pipe, unsigned stream, unsigned char **ret_ring)
{
    void *rings;
    int code = mproc__span_address(pipe->span, &rings);
    if (code == 0)
        *ret_ring = (unsigned char *)rings + (pipe->one_way ? 0 : stream * pipe->ring_size);
    return code;
}

/* ---- Finding ---- */

int mproc__pipe_error(const struct pipe_call *call, int code, const char *what)
{
    return mproc__object_error(code, FAMILY_PIPE, call->block, what);
}

int mproc__pipe_closed(const struct pipe_call *call)
{
    return mproc__error(MPROC_E_CLOSED, "end %u of pipe %016llx", call->end, (unsigned long long)call->id[1]);
}

static void reclaim(const struct pipe_call *call, int64_t deadline_ns);

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
    struct family_block *block = family_find(FAMILY_PIPE, id);
    if (block != NULL)
        *ret_call = (struct pipe_call){ block, (struct pipe *)(block + 1), { id[0], id[1] }, end };
    return block != NULL;
}

int mproc__pipe_find(mproc_connection connection, struct pipe_call *ret_call)
{
    if (!find_end(connection, 0, ret_call) && !find_end(connection, 1, ret_call)) {
        int code = find_reason(connection, 0);
        code = code == MPROC_E_FOREIGN ? find_reason(connection, 1) : code;
        if (code < 0)
            return code;
        if (!find_end(connection, 0, ret_call) && !find_end(connection, 1, ret_call))
            return mproc__error(MPROC_E_CLOSED, "pipe %016llx is gone", (unsigned long long)connection.id[1]);
    }
    uint32_t closed = atomic_load_explicit(&ret_call->pipe->closed, memory_order_acquire);
    if (!(closed >> ret_call->end & 1))
        return 0;
    /* Without waiting: whoever is copying does this when he is through. */
    if (closed == PIPE_BOTH_CLOSED)
        reclaim(ret_call, 0);
    return mproc__pipe_closed(ret_call);
}

/* ---- Users ---- */

/* An entry is the pipe's generation << 32 | incarnation of the process. A user enters without owning a word, so it can
 * happen that the pipe is gone by then and its block another one's, with another generation: such an entry counts as
 * none. Relaxed throughout: the entries stand for themselves. What a user did at the end before he died is seen by who
 * has seen him dead, by the record of his process. */
static uint64_t user_entry(const struct pipe_call *call, uint32_t process)
{
    return (call->id[1] & ~(uint64_t)UINT32_MAX) | process;
}

static bool is_of_this_pipe(const struct pipe_call *call, uint64_t entry)
{
    return (uint32_t)entry != 0 && entry == user_entry(call, (uint32_t)entry);
}

static bool is_alive(const struct pipe_call *call, uint64_t entry)
{
    return is_of_this_pipe(call, entry) && mproc__process_check((uint32_t)entry);
}

static bool replace_entry(_Atomic uint64_t *entry, uint64_t seen, uint64_t value)
{
    return atomic_compare_exchange_strong_explicit(entry, &seen, value, memory_order_relaxed, memory_order_relaxed);
}

static bool is_user(const struct pipe_end *end, uint64_t self)
{
    for (int i = 0; i < PIPE_USERS; i++)
        if (atomic_load_explicit(&end->users[i], memory_order_relaxed) == self)
            return true;
    return false;
}

/* Puts itself into the place of nobody or of a dead user, in one step: an end that was used never looks as if nobody
 * had come yet, even if this process is killed here. Returns whether there was a place. */
static bool enter(const struct pipe_call *call, struct pipe_end *end, uint64_t self)
{
    for (int i = 0; i < PIPE_USERS; i++) {
        uint64_t entry = atomic_load_explicit(&end->users[i], memory_order_relaxed);
        if (!is_alive(call, entry) && replace_entry(&end->users[i], entry, self))
            return true;
    }
    return false;
}

/* After somebody who lives has entered. */
static void forget_dead_users(const struct pipe_call *call, struct pipe_end *end)
{
    for (int i = 0; i < PIPE_USERS; i++) {
        uint64_t entry = atomic_load_explicit(&end->users[i], memory_order_relaxed);
        if (entry != 0 && !is_alive(call, entry))
            replace_entry(&end->users[i], entry, 0);
    }
}

bool mproc__pipe_use(const struct pipe_call *call)
{
    struct pipe_end *end = &call->pipe->ends[call->end];
    uint64_t self = user_entry(call, mproc__family.process);
    if (is_user(end, self))
        return true;
    if (!enter(call, end, self))
        return false;
    forget_dead_users(call, end);
    return true;
}

bool mproc__pipe_end_died(const struct pipe_call *call, unsigned end)
{
    bool somebody = false;
    for (int i = 0; i < PIPE_USERS; i++) {
        uint64_t entry = atomic_load_explicit(&call->pipe->ends[end].users[i], memory_order_relaxed);
        if (is_alive(call, entry))
            return false;
        somebody |= is_of_this_pipe(call, entry);
    }
    return somebody;
}

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
    for (int i = 0; i < PIPE_USERS; i++)
        replace_entry(&call.pipe->ends[call.end].users[i], user_entry(&call, mproc__family.process), 0);
    return 0;
}

/* ---- Owned words ---- */

static struct owned_word owned_of(const struct pipe_call *call, unsigned stream, unsigned side)
{
    return (struct owned_word){
        &call->pipe->owned[stream][side].word, call->block, FAMILY_PIPE, { call->id[0], call->id[1] }
    };
}

/* Somebody else has it, or had it when he died. */
static int lock_slow(const struct pipe_call *call, unsigned stream, unsigned side, int64_t deadline_ns)
{
    struct owned_word owned = owned_of(call, stream, side);
    int code = mproc__owned_acquire(&owned, deadline_ns);
    if (code == MPROC_E_STALE)
        return mproc__pipe_closed(call);
    /* What the dead owner was about to do is undone, or done, whatever it was: there is nothing to repair. */
    return code == MPROC_OWNER_DIED ? mproc__owned_repaired(&owned) : code;
}

/* Waits until the deadline, or, with wait_for_copy, for COPY_NS if that is longer. */
static int lock_word(const struct pipe_call *call, unsigned stream, unsigned side, int64_t deadline_ns,
                     bool wait_for_copy)
{
    platform_word *word = &call->pipe->owned[stream][side].word;
    node_id self = mproc__node_self();
    if (self == 0)
        return MPROC_E_LIMIT;
    if (!owned_try(word, self)) {
        int64_t copy_ns = wait_for_copy ? platform_now_ns() + COPY_NS : 0;
        return lock_slow(call, stream, side, deadline_ns > copy_ns ? deadline_ns : copy_ns);
    }
    return owned_confirm(call->block, call->id[1], word) ? 0 : mproc__pipe_closed(call);
}

int mproc__pipe_lock(const struct pipe_call *call, unsigned stream, unsigned side, int64_t deadline_ns)
{
    return lock_word(call, stream, side, deadline_ns, true);
}

void mproc__pipe_unlock(const struct pipe_call *call, unsigned stream, unsigned side)
{
    platform_word *word = &call->pipe->owned[stream][side].word;
    if (owned_give(word, mproc__self.id)) {
        family_holds(-1);
        return;
    }
    struct owned_word owned = owned_of(call, stream, side);
    mproc__owned_release(&owned);
}

/* ---- Bells ---- */

/* All who wait at a side, for those who only look are among them. Killed before the wake, the ringer leaves sleepers to
 * the announcement of his death, or to the end of their slice. */
void mproc__pipe_ring(platform_word *bell)
{
    /* Relaxed: ordered by the caller's fence. */
    if (atomic_load_explicit(&bell->value, memory_order_relaxed) & EVENTCOUNT_SLEEPERS)
        mproc__eventcount_wake(bell, INT32_MAX);
}

int mproc__pipe_await(const struct pipe_call *call, unsigned stream, unsigned side, pipe_look *look,
                      int64_t deadline_ns)
{
    struct await await = {
        .word = &call->pipe->bells[stream][side], .on = call->id[1], .deadline = deadline_ns, .counts = true
    };
    for (;;) {
        mproc__await_begin(&await);
        int code = look(call);
        if (code != 0)
            return code;
        /* A process for which there was no place among the users takes that of one who has died. */
        if (await.spun)
            mproc__pipe_use(call);
        if (!mproc__await_pause(&await))
            return mproc__pipe_error(call, MPROC_E_TIMEOUT, side == SENDERS ? ", which is full" : ", which is empty");
    }
}

/* ---- Closing ---- */

/* Whoever waits at either end looks again, whether it said so or not. */
static void tell_everybody(struct pipe *pipe)
{
    for (unsigned i = 0; i < 4; i++) {
        platform_word *bell = &pipe->bells[i / 2][i % 2];
        atomic_fetch_add(&bell->value, EVENTCOUNT_STEP);
        platform_wake(bell, INT32_MAX);
    }
    for (unsigned end = 0; end < 2; end++)
        mproc__activity_note(&pipe->ends[end].watched);
}

/* Takes the four owned words of the pipe, or none. */
static bool lock_all(const struct pipe_call *call, int64_t deadline_ns)
{
    for (unsigned i = 0; i < 4; i++) {
        if (lock_word(call, i / 2, i % 2, deadline_ns, false) == 0)
            continue;
        while (i-- > 0)
            mproc__pipe_unlock(call, i / 2, i % 2);
        return false;
    }
    return true;
}

/* Gives back what an unread frame stands for. */
static void drop_frame(const struct pipe_call *call, const unsigned char *ring, uint64_t position, uint32_t kind,
                       int64_t deadline_ns)
{
    uint64_t content = position + sizeof(struct frame_head), ring_size = call->pipe->ring_size;
    if (kind == FRAME_LARGE) {
        struct large_frame large;
        ring_copy_out(ring, ring_size, content, &large, sizeof large);
        mproc__span_free(large.span, mproc__span_owner_object(call->id));
    } else if (kind == FRAME_HANDLE) {
        platform_parcel parcel;
        ring_copy_out(ring, ring_size, content, &parcel, sizeof parcel);
        mproc__handle_drop(&parcel, deadline_ns);
    }
}

/* What lies in a stream that nobody will receive. Each frame is passed first: if this process is killed, nobody drops
 * it a second time. */
static void drop_unread(const struct pipe_call *call, unsigned stream, int64_t deadline_ns)
{
    struct pipe *pipe = call->pipe;
    unsigned char *ring = NULL;
    if (pipe->is_stream || !pipe_sends(pipe, stream) || mproc__pipe_ring_address(pipe, stream, &ring) < 0)
        return;
    uint64_t head = atomic_load_explicit(&pipe->streams[stream].head, memory_order_relaxed);
    uint64_t at = atomic_load_explicit(&pipe->streams[stream].tail, memory_order_relaxed);
    while (at < head) {
        struct frame_head frame;
        uint64_t position = at;
        ring_copy_out(ring, pipe->ring_size, position, &frame, sizeof frame);
        at += frame_bytes(frame.size);
        /* Release: the reading of the frame comes before it. */
        atomic_store_explicit(&pipe->streams[stream].tail, at, memory_order_release);
        drop_frame(call, ring, position, frame.kind, deadline_ns);
    }
}

/* Both ends are closed: destroys the pipe, unless somebody is in the middle of a copy that does not end before the
 * deadline; he tries again when he is through, and so does whoever finds the pipe. The four words are not released: the
 * next object of the block begins with free ones. */
static void reclaim(const struct pipe_call *call, int64_t deadline_ns)
{
    struct pipe *pipe = call->pipe;
    if (!lock_all(call, deadline_ns))
        return;
    drop_unread(call, 0, deadline_ns);
    drop_unread(call, 1, deadline_ns);
    uint64_t span = pipe->span;
    bool had_handles = atomic_load_explicit(&pipe->had_handles, memory_order_relaxed) != 0;
    if (mproc__object_destroy(FAMILY_PIPE, call->id) == 0)
        mproc__span_free(span, mproc__span_owner_object(call->id));
    family_holds(-4);
    for (unsigned i = 0; i < 4; i++)
        platform_wake(&pipe->owned[i / 2][i % 2].word, INT32_MAX);
    /* Of a pipe that is gone all is over, also what those have left in the store who died beside its frame. */
    if (had_handles)
        mproc__handle_purge(deadline_ns);
}

void mproc__pipe_after_copy(const struct pipe_call *call)
{
    /* Acquire: as in find. If the block is another pipe's by now that one's words are refused to this call. */
    if (atomic_load_explicit(&call->pipe->closed, memory_order_acquire) == PIPE_BOTH_CLOSED)
        reclaim(call, platform_now_ns() + COPY_NS);
}

int mproc_connection_close(mproc_connection connection)
{
    struct pipe_call call;
    int code = mproc__pipe_find(connection, &call);
    if (code < 0)
        return code;
    /* Under the word of those who send at this end: none of them sends after this, and the pipe cannot go, nor its
     * block become another one's, while this is at it. */
    code = mproc__pipe_lock(&call, call.end, SENDERS, 0);
    if (code < 0)
        return code;
    /* seq_cst, as the bells and platform_wake ask; release for all that was sent before. */
    uint32_t before = atomic_fetch_or(&call.pipe->closed, 1u << call.end);
    tell_everybody(call.pipe);
    mproc__pipe_unlock(&call, call.end, SENDERS);
    if (before >> call.end & 1)
        return mproc__pipe_closed(&call);
    mproc__pipe_after_copy(&call);
    return 0;
}

int mproc_connection_closed(mproc_connection connection)
{
    struct pipe_call call;
    int code = mproc__pipe_find(connection, &call);
    return code == MPROC_E_CLOSED ? 1 : code;
}

/* ---- What an end can do ---- */

int mproc_connection_readable(mproc_connection connection)
{
    struct pipe_call call;
    int code = mproc__pipe_find(connection, &call);
    return code < 0 ? code : pipe_sends(call.pipe, pipe_other(call.end));
}

int mproc_connection_writable(mproc_connection connection)
{
    struct pipe_call call;
    int code = mproc__pipe_find(connection, &call);
    return code < 0 ? code : pipe_sends(call.pipe, call.end);
}
