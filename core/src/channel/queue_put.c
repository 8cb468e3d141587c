/* The producers' end of a queue. */
#include "base/base.h"
#include "base/copy.h"
#include "base/deadline.h"
#include "base/error.h"
#include "channel/message.h"
#include "channel/queue_call.h"
#include "channel/queue_intent.h"
#include "channel/queue_layout.h"
#include "channel/queue_lock.h"
#include "channel/queue_ring.h"
#include "channel/queue_wait.h"
#include "family/activity.h"
#include "family/view.h"
#include "memory/memory.h"
#include "memory/span.h"
#include "word/eventcount.h"

/* What an attempt to put may end with besides the results of mproc_queue_put. */
enum { AGAIN = 1, NEEDS_SPAN, TURN_OVER };

/* Messages on their way in. */
struct put_batch {
    const mproc_view *messages;
    size_t count, done;
    uint64_t span, owner; /**< of the next message if it is large and built; 0: not built */
    uint64_t seen_head;
};

/* ---- Appending ---- */

static bool is_full(struct queue_call *call, uint64_t tail)
{
    struct queue *queue = call->queue;
    if (queue->capacity == 0 || position_count(tail) - position_count(queue->put.other) < queue->capacity)
        return false;
    mproc__queue_look_at_head(call, tail);
    return position_count(tail) - position_count(queue->put.other) >= queue->capacity;
}

static void append_inline(const struct queue_bytes *bytes, const mproc_view *message, uint64_t *tail)
{
    uint64_t head = record_head(QUEUE_INLINE, (uint32_t)message->size);
    uint32_t place = position_place(*tail);
    bytes_write(bytes, place, &head, sizeof head);
    bytes_write(bytes, place + 1, message->data, message->size);
    *tail = position_next(*tail, record_units(QUEUE_INLINE, (uint32_t)message->size));
}

/* The span goes to the queue before the commit, for after it a getter may want it. Killed in between, the producer
 * leaves an intent by which the next one finds and frees it. [intend] [give] [commit] */
static int append_span(struct queue_call *call, struct put_batch *batch, const struct queue_bytes *bytes,
                       uint64_t *tail)
{
    struct queue *queue = call->queue;
    size_t size = batch->messages[batch->done].size;
    uint64_t head = record_head(QUEUE_SPAN, (uint32_t)size);
    bytes_write(bytes, position_place(*tail), &head, sizeof head);
    bytes_write(bytes, position_place(*tail) + 1, &batch->span, sizeof batch->span);
    uint64_t after = position_next(*tail, record_units(QUEUE_SPAN, 0));
    queue_commit_tail(queue, *tail);
    mproc__queue_intend(&queue->put, after, batch->span);
    bool given = mproc__span_give(batch->span, batch->owner, mproc__queue_owner(call));
    if (given)
        queue_commit_tail(queue, *tail = after);
    mproc__queue_intent_done(&queue->put);
    if (!given)
        return mproc__queue_error(MPROC_E_STALE, call, ": the thread that held the message has ended");
    batch->span = 0;
    return 0;
}

/* The next message of the batch. */
static int append(struct queue_call *call, struct put_batch *batch, uint64_t *tail)
{
    const mproc_view *message = &batch->messages[batch->done];
    bool large = message->size > call->queue->inline_max;
    if (is_full(call, *tail))
        return MPROC_E_FULL;
    if (large && batch->span == 0)
        return NEEDS_SPAN;
    uint32_t units = large ? record_units(QUEUE_SPAN, 0) : record_units(QUEUE_INLINE, (uint32_t)message->size);
    struct queue_bytes bytes;
    int code = queue_make_room(call, units, tail);
    if (code == 0)
        code = queue_ring_bytes(&call->queue->rings[position_ring(*tail)], &bytes);
    if (code != 0)
        return code;
    if (large)
        code = append_span(call, batch, &bytes, tail);
    else
        append_inline(&bytes, message, tail);
    if (code == 0)
        batch->done++;
    return code;
}

/* With the put word: as much of the batch as goes in, and into one turn. */
static int fill(struct queue_call *call, struct put_batch *batch)
{
    struct queue *queue = call->queue;
    /* Relaxed: set with this word in hand; the tail is written by its owners alone. */
    if (atomic_load_explicit(&queue->state, memory_order_relaxed) & QUEUE_CLOSED)
        return MPROC_E_CLOSED;
    uint64_t tail = atomic_load_explicit(&queue->put.position, memory_order_relaxed);
    size_t first = batch->done, bytes = 0;
    int code = 0;
    while (code == 0 && batch->done < batch->count) {
        if (batch->done - first >= QUEUE_TURN_MESSAGES || bytes >= QUEUE_TURN_BYTES) {
            code = TURN_OVER;
            break;
        }
        bytes += batch->messages[batch->done].size;
        code = append(call, batch, &tail);
    }
    queue_commit_tail(queue, tail);
    batch->seen_head = queue->put.other;
    return code;
}

/* ---- Putting ---- */

/* Tells a sleeping getter, and whoever waits for a mix of things. Killed before this, a producer leaves them to the
 * news of his death. */
static void announce(struct queue *queue)
{
    /* Pairs with the fences in eventcount_prepare and mproc__activity_watch: either the one who is about to sleep sees
     * the tail, or we see what he has set. */
    atomic_thread_fence(memory_order_seq_cst);
    eventcount_notify(&queue->words[QUEUE_ITEMS]);
    mproc__activity_note(&queue->watched);
}

static int put_now(struct queue_call *call, struct put_batch *batch)
{
    size_t before = batch->done;
    int code = queue_lock(call);
    if (code < 0)
        return code;
    code = fill(call, batch);
    if (code == TURN_OVER)
        mproc__queue_pass_turn(call);
    else
        queue_unlock(call);
    if (batch->done > before)
        announce(call->queue);
    return code;
}

/* Builds the next message, which is large, in a span of this thread. Nobody waits for that. */
static int build_span(struct put_batch *batch)
{
    const mproc_view *message = &batch->messages[batch->done];
    uint64_t span, self = mproc__span_owner_self();
    int code = mproc__span_create_dirty(message->size, self, &span);
    if (code < 0)
        return code;
    void *address;
    code = mproc__span_address(span, &address);
    if (code < 0) {
        mproc__span_free(span, self);
        return code;
    }
    mproc__copy(address, message->data, message->size);
    batch->span = span;
    batch->owner = self;
    return 0;
}

static int say_why_not(struct queue_call *call, int code)
{
    switch (code) {
    case MPROC_E_FULL:
        return mproc__queue_error(call->deadline == 0 ? code : MPROC_E_TIMEOUT, call, ", which is full");
    case MPROC_E_CLOSED:
        return mproc__queue_error(code, call, "");
    case MPROC_E_PEER_DIED:
        return mproc__queue_error(code, call, ", which is full: its consumers");
    default:
        return code;
    }
}

/* After a wake that may have been meant for more than us: there may be room for others. */
static void hand_on_room(struct queue *queue)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (mproc__queue_count(queue) < queue->capacity)
        eventcount_notify(&queue->words[QUEUE_ROOM]);
}

/* Returns AGAIN if there is more to be done. */
static int put_step(struct queue_call *call, struct put_batch *batch, struct queue_wait *wait)
{
    int code = put_now(call, batch);
    if (code == TURN_OVER)
        return AGAIN;
    if (code == NEEDS_SPAN) {
        code = build_span(batch);
        return code < 0 ? code : AGAIN;
    }
    if (code != MPROC_E_FULL)
        return code;
    code = mproc__queue_wait(call, wait, &call->queue->get.position, batch->seen_head);
    return code == 0 ? MPROC_E_FULL : code > 0 ? AGAIN : code;
}

static int put_waiting(struct queue_call *call, struct put_batch *batch)
{
    struct queue_wait wait = queue_wait_for(call, QUEUE_ROOM, MPROC_QUEUE_CONSUMER);
    int code;
    while ((code = put_step(call, batch, &wait)) == AGAIN)
        ;
    /* Whatever it was that ended the call: the wake that we had got was perhaps the only one. */
    if (wait.await.slept)
        hand_on_room(call->queue);
    return say_why_not(call, code);
}

static int put_all(mproc_queue queue, struct put_batch *batch, int64_t timeout_ms)
{
    struct queue_call call;
    int code = mproc__queue_enter(queue, QUEUE_PUT, mproc__deadline(timeout_ms), &call);
    return code < 0 ? code : put_waiting(&call, batch);
}

static int check_message(const mproc_view *message)
{
    if (message->data == NULL && message->size > 0)
        return mproc__error(MPROC_E_INVALID, "a message of %zu bytes at NULL", message->size);
    if (message->size > UINT32_MAX)
        return mproc__error(MPROC_E_LIMIT, "a message of %zu bytes; less than 4 GiB is possible", message->size);
    return 0;
}

int mproc_queue_put(mproc_queue queue, const void *data, size_t size, int64_t timeout_ms)
{
    family_called_from(RETURN_ADDRESS());
    const mproc_view message = { data, size };
    int refused = check_message(&message);
    if (refused < 0)
        return refused;
    struct put_batch batch = { .messages = &message, .count = 1 };
    int code = put_all(queue, &batch, timeout_ms);
    if (batch.span != 0)
        mproc__span_free(batch.span, batch.owner);
    return code;
}

static int check_messages(const mproc_view *messages, size_t count)
{
    if (count > INT32_MAX)
        return mproc__error(MPROC_E_LIMIT, "%zu messages at once; %d is the most", count, INT32_MAX);
    if (messages == NULL && count > 0)
        return mproc__error(MPROC_E_INVALID, "%zu messages at NULL", count);
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++)
        code = check_message(&messages[i]);
    return code;
}

int mproc_queue_put_many(mproc_queue queue, const mproc_view *messages, size_t count, int64_t timeout_ms)
{
    family_called_from(RETURN_ADDRESS());
    int code = check_messages(messages, count);
    if (code < 0)
        return code;
    struct queue_call call;
    if (count == 0)
        return mproc__queue_enter(queue, QUEUE_PUT, 0, &call);
    struct put_batch batch = { .messages = messages, .count = count };
    code = put_all(queue, &batch, timeout_ms);
    if (batch.span != 0)
        mproc__span_free(batch.span, batch.owner);
    return batch.done > 0 ? (int)batch.done : code;
}

/* A message that another thread built or took becomes the calling thread's. Where it goes through the ring its bytes
 * are copied, and if that thread has ended they may be somebody else's by now: only its owner may look at a span. */
static int take_on(struct held_message *held)
{
    uint64_t self = mproc__span_owner_self();
    if (held->span == 0 || held->owner == self)
        return 0;
    if (self == 0)
        return MPROC_E_LIMIT;
    if (!mproc__span_give(held->span, held->owner, self))
        return mproc__error(MPROC_E_STALE, "a message of %zu bytes: the thread that held it has ended", held->size);
    held->owner = self;
    return 0;
}

int mproc_queue_commit(mproc_queue queue, mproc_message message, int64_t timeout_ms)
{
    family_called_from(RETURN_ADDRESS());
    struct held_message held;
    int code = mproc__message_claim(&message, &held);
    if (code != 0)
        return code;
    const mproc_view view = { held.data, held.size };
    code = check_message(&view);
    if (code == 0)
        code = take_on(&held);
    struct put_batch batch = { .messages = &view, .count = 1, .span = held.span, .owner = held.owner };
    if (code == 0)
        code = put_all(queue, &batch, timeout_ms);
    /* Built for a queue that passes smaller messages through its ring than this one is. */
    if (batch.span != 0 && batch.span != held.span)
        mproc__span_free(batch.span, batch.owner);
    if (code < 0) {
        mproc__message_hold(message.ticket, &held);
        return code;
    }
    /* Copied into the ring, a message leaves its memory behind. */
    if (held.span == 0 || batch.span == held.span)
        mproc__message_free(&held);
    mproc__message_forget(message.ticket);
    return 0;
}
