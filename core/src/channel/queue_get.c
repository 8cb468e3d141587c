/* The consumers' end of a queue. */
#include "channel/queue_get.h"
#include "base/base.h"
#include "base/copy.h"
#include "base/deadline.h"
#include "base/error.h"
#include "channel/message.h"
#include "channel/queue_call.h"
#include "channel/queue_intent.h"
#include "channel/queue_layout.h"
#include "channel/queue_lock.h"
#include "channel/queue_peers.h"
#include "channel/queue_ring.h"
#include "channel/queue_wait.h"
#include "family/view.h"
#include "memory/span.h"
#include "word/eventcount.h"
#include <stdlib.h>

/* What an attempt to get may end with besides the results of mproc_queue_get. */
enum { NEEDS_MEMORY = 1, TURN_OVER };

/* Messages on their way out. */
struct get_batch {
    unsigned char *data; /**< room for what is copied */
    size_t capacity, used;
    size_t *sizes; /**< NULL: not wanted */
    size_t max, got;
    bool exact;                   /**< the message must have the size of the room for it */
    bool in_place;                /**< a large message is to be taken and not copied */
    size_t wanted;                /**< size of the message that does not fit */
    uint64_t span;                /**< the last message that was taken, if it is large: this thread's now */
    void *address;                /**< of the span */
    size_t span_size;             /**< of the message in it */
    struct queue_peer *peer;      /**< of this process, if the queue is joinable */
    uint64_t seen_tail, uncommit; /**< the head before what is not committed yet */
};

/* The message at the head. */
struct record {
    enum queue_kind kind;
    uint32_t size;
    uint64_t span; /**< if it is large */
    struct queue_bytes bytes;
};

/* Whether nothing is behind the head. Acquire: pairs with the release of the tail, whose messages, rings and ends are
 * there. */
static bool is_empty(struct queue *queue, uint64_t head)
{
    if (position_count(queue->get.other) != position_count(head))
        return false;
    queue->get.other = atomic_load_explicit(&queue->put.position, memory_order_acquire);
    return position_count(queue->get.other) == position_count(head);
}

/* Moves the head into the next ring, for as long as there is one and nothing is left in this one. */
static void skip_empty_rings(const struct queue *queue, uint64_t *head)
{
    while (position_ring(*head) != position_ring(queue->get.other) &&
           position_place(*head) == queue->rings[position_ring(*head)].end)
        *head = position_at(position_count(*head), position_ring(*head) + 1, 0);
}

/* Whoever can map the segment can write nonsense into it: a message is never believed to be longer than the memory that
 * it lies in. */
static bool makes_sense(const struct record *record)
{
    switch (record->kind) {
    case QUEUE_INLINE:
        return record->size <= record->bytes.size - QUEUE_UNIT;
    case QUEUE_SPAN:
        return record->size <= mproc__span_size(record->span);
    default:
        return false;
    }
}

static int read_record(const struct queue_call *call, uint64_t *head, struct record *ret_record)
{
    struct queue *queue = call->queue;
    skip_empty_rings(queue, head);
    int code = queue_ring_bytes(&queue->rings[position_ring(*head)], &ret_record->bytes);
    if (code != 0)
        return code;
    uint64_t word;
    bytes_read(&ret_record->bytes, position_place(*head), &word, sizeof word);
    ret_record->kind = (enum queue_kind)(word >> 32);
    ret_record->size = (uint32_t)word;
    ret_record->span = 0;
    if (ret_record->kind == QUEUE_SPAN)
        bytes_read(&ret_record->bytes, position_place(*head) + 1, &ret_record->span, sizeof ret_record->span);
    return makes_sense(ret_record) ? 0 : mproc__queue_error(MPROC_E_INTERNAL, call, ", whose content was overwritten");
}

/* ---- Commits ---- */

/* Moves the head over messages that were copied, or over one whose span this thread takes from the queue. Killed before
 * the store of the head, a getter leaves everything to the next one; after it the messages are his, and what he had not
 * taken on himself yet is done for him by the next one, for the intent says what. [intend] [commit] [take] [owe] */
static void commit(struct queue_call *call, struct get_batch *batch, uint64_t head, uint64_t span)
{
    struct queue *queue = call->queue;
    struct queue_intent *intent = &queue->get.intent;
    uint32_t taken = position_count(head) - position_count(batch->uncommit);
    bool announced = span != 0 || batch->peer != NULL;
    if (announced) {
        intent->taker = batch->peer != NULL ? mproc__family.process : 0;
        intent->taken = taken;
        mproc__queue_intend(&queue->get, head, span);
    }
    /* Release: pairs with the acquire in mproc__queue_look_at_head. We have read what may be written over now. */
    atomic_store_explicit(&queue->get.position, head, memory_order_release);
    if (span != 0)
        mproc__span_give(span, mproc__queue_owner(call), mproc__span_owner_self());
    if (batch->peer != NULL)
        mproc__queue_owe(batch->peer, taken, position_count(head));
    if (announced)
        mproc__queue_intent_done(&queue->get);
    batch->uncommit = head;
}

static int drop_first(struct queue_call *call, uint64_t *head)
{
    struct queue *queue = call->queue;
    struct record record;
    int code = read_record(call, head, &record);
    if (code != 0)
        return code;
    uint64_t after = position_next(*head, record_units(record.kind, record.size));
    queue->get.intent.taker = 0;
    mproc__queue_intend(&queue->get, after, record.span);
    atomic_store_explicit(&queue->get.position, after, memory_order_release);
    if (record.span != 0)
        mproc__span_free(record.span, mproc__queue_owner(call));
    mproc__queue_intent_done(&queue->get);
    *head = after;
    return 0;
}

/* Frees the messages one by one: whoever dies in here has dropped some of them. [drop] */
int mproc__queue_drop(struct queue_call *call)
{
    struct queue *queue = call->queue;
    /* Relaxed: only owners of the word write it. */
    uint64_t head = atomic_load_explicit(&queue->get.position, memory_order_relaxed), before = head;
    int code = 0;
    while (code == 0 && !is_empty(queue, head))
        code = drop_first(call, &head);
    if (position_count(head) != position_count(before)) {
        /* Who waits in join may have waited for nothing else. Pairs with the fence in eventcount_prepare. */
        atomic_thread_fence(memory_order_seq_cst);
        eventcount_notify(&queue->words[QUEUE_DONE]);
    }
    return code;
}

/* ---- One look ---- */

/* Whether the message goes where it is to go. */
static int check_room(struct get_batch *batch, const struct record *record)
{
    size_t room = batch->capacity - batch->used;
    bool fits = batch->exact ? record->size == room : record->size <= room;
    if (fits || (batch->in_place && record->kind == QUEUE_SPAN))
        return 0;
    batch->wanted = record->size;
    if (batch->in_place)
        return NEEDS_MEMORY;
    return batch->exact ? MPROC_E_SIZE : MPROC_E_TOO_SHORT;
}

static void fetch_inline(struct get_batch *batch, const struct record *record, uint64_t *head)
{
    if (record->size > 0)
        bytes_read(&record->bytes, position_place(*head) + 1, batch->data + batch->used, record->size);
    *head = position_next(*head, record_units(QUEUE_INLINE, record->size));
}

/* Takes a large message. Mapped before it is taken: if that fails it is still there. */
static int fetch_span(struct queue_call *call, struct get_batch *batch, const struct record *record, uint64_t *head)
{
    int code = mproc__span_address(record->span, &batch->address);
    if (code < 0)
        return code;
    *head = position_next(*head, record_units(QUEUE_SPAN, 0));
    commit(call, batch, *head, record->span);
    batch->span = record->span;
    batch->span_size = record->size;
    return 0;
}

/* The message at the head into the batch. */
static int fetch(struct queue_call *call, struct get_batch *batch, uint64_t *head)
{
    if (is_empty(call->queue, *head))
        return MPROC_E_EMPTY;
    struct record record;
    int code = read_record(call, head, &record);
    if (code == 0)
        code = check_room(batch, &record);
    if (code == 0 && record.kind == QUEUE_INLINE)
        fetch_inline(batch, &record, head);
    else if (code == 0)
        code = fetch_span(call, batch, &record, head);
    if (code != 0)
        return code;
    if (batch->sizes != NULL)
        batch->sizes[batch->got] = record.size;
    batch->used += record.size;
    batch->got++;
    return 0;
}

/* With the get word: what is there and fits, and goes into one turn. A large message ends it, for it is copied with the
 * word free. */
static int fill(struct queue_call *call, struct get_batch *batch)
{
    struct queue *queue = call->queue;
    uint32_t state = atomic_load_explicit(&queue->state, memory_order_relaxed);
    if (state & QUEUE_DROPPED) {
        /* Who closed it may have died in the middle. */
        mproc__queue_drop(call);
        return MPROC_E_END;
    }
    int code = queue->joinable ? mproc__queue_peer_self(call, &batch->peer) : 0;
    if (code < 0)
        return code;
    uint64_t head = atomic_load_explicit(&queue->get.position, memory_order_relaxed);
    batch->uncommit = head;
    size_t got = batch->got, used = batch->used;
    while (code == 0 && batch->got < batch->max)
        if (batch->span != 0 || batch->got - got >= QUEUE_TURN_MESSAGES || batch->used - used >= QUEUE_TURN_BYTES)
            code = TURN_OVER;
        else
            code = fetch(call, batch, &head);
    if (position_count(head) != position_count(batch->uncommit))
        commit(call, batch, head, 0);
    batch->seen_tail = queue->get.other;
    if (batch->got > 0)
        return code == TURN_OVER ? code : 0;
    return code == MPROC_E_EMPTY && (state & QUEUE_CLOSED) ? MPROC_E_END : code;
}

/* One turn. */
static int get_some(struct queue_call *call, struct get_batch *batch)
{
    int code = queue_lock(call);
    if (code < 0)
        return code;
    code = fill(call, batch);
    if (code == TURN_OVER)
        mproc__queue_pass_turn(call);
    else
        queue_unlock(call);
    if (batch->got > 0 && call->queue->capacity != 0) {
        /* Pairs with the fence in eventcount_prepare: either a producer about to sleep sees the head, or we see him. */
        atomic_thread_fence(memory_order_seq_cst);
        eventcount_notify(&call->queue->words[QUEUE_ROOM]);
    }
    return code;
}

/* A large message goes to the caller's buffer, behind those before it, with no word held. */
static void copy_out(struct get_batch *batch)
{
    if (batch->span == 0 || batch->in_place)
        return;
    mproc__copy(batch->data + batch->used - batch->span_size, batch->address, batch->span_size);
    mproc__span_free(batch->span, mproc__span_owner_self());
    batch->span = 0;
}

static int get_now(struct queue_call *call, struct get_batch *batch)
{
    int code;
    do {
        code = get_some(call, batch);
        copy_out(batch);
    } while (code == TURN_OVER);
    /* What a later turn could not do does not matter to the first. */
    return batch->got > 0 ? 0 : code;
}

/* ---- Getting ---- */

static int say_why_not(struct queue_call *call, const struct get_batch *batch, int code)
{
    switch (code) {
    case MPROC_E_EMPTY:
        return mproc__queue_error(call->deadline == 0 ? code : MPROC_E_TIMEOUT, call, ", which is empty");
    case MPROC_E_END:
        return mproc__queue_error(code, call, ", which is closed");
    case MPROC_E_PEER_DIED:
        return mproc__queue_error(code, call, ", which is empty: its producers");
    case MPROC_E_TOO_SHORT:
    case MPROC_E_SIZE:
        return mproc__error(code, "%zu bytes for a message of %zu", batch->capacity, batch->wanted);
    default:
        return code;
    }
}

/* After a wake that may have been meant for more than us: there may be messages for others. */
static void hand_on_items(struct queue *queue)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (mproc__queue_count(queue) > 0)
        eventcount_notify(&queue->words[QUEUE_ITEMS]);
}

/* Returns what an attempt returned that is not to be waited for. */
static int get_waiting(struct queue_call *call, struct get_batch *batch, struct queue_wait *wait)
{
    int code, more = 1;
    do {
        code = get_now(call, batch);
        if (code == MPROC_E_EMPTY)
            more = mproc__queue_wait(call, wait, &call->queue->put.position, batch->seen_tail);
    } while (code == MPROC_E_EMPTY && more == 1);
    if (code == MPROC_E_EMPTY && more < 0)
        code = more;
    /* Whatever it was that ended the call: the wake that we had got was perhaps the only one. */
    if (wait->await.slept)
        hand_on_items(call->queue);
    return code < 0 ? say_why_not(call, batch, code) : code;
}

static struct queue_wait wait_for_items(const struct queue_call *call)
{
    return queue_wait_for(call, QUEUE_ITEMS, MPROC_QUEUE_PRODUCER);
}

static int get_copied(mproc_queue queue, struct get_batch *batch, int64_t timeout_ms)
{
    if (batch->data == NULL && batch->capacity > 0)
        return mproc__error(MPROC_E_INVALID, "room for %zu bytes at NULL", batch->capacity);
    struct queue_call call;
    int code = mproc__queue_enter(queue, QUEUE_GET, mproc__deadline(timeout_ms), &call);
    if (code < 0)
        return code;
    struct queue_wait wait = wait_for_items(&call);
    return get_waiting(&call, batch, &wait);
}

int mproc_queue_get(mproc_queue queue, int64_t timeout_ms, void *ret_message, size_t capacity, size_t *ret_size)
{
    family_called_from(RETURN_ADDRESS());
    struct get_batch batch = { .data = ret_message, .capacity = capacity, .max = 1, .exact = ret_size == NULL };
    int code = get_copied(queue, &batch, timeout_ms);
    if (ret_size != NULL && (code == 0 || code == MPROC_E_TOO_SHORT))
        *ret_size = code == 0 ? batch.used : batch.wanted;
    return code;
}

int mproc_queue_get_many(mproc_queue queue, size_t max, int64_t timeout_ms, void *ret_messages, size_t capacity,
                         size_t *ret_sizes)
{
    family_called_from(RETURN_ADDRESS());
    if (max > INT32_MAX)
        return mproc__error(MPROC_E_LIMIT, "%zu messages at once; %d is the most", max, INT32_MAX);
    struct queue_call call;
    if (max == 0)
        return mproc__queue_enter(queue, QUEUE_GET, 0, &call);
    struct get_batch batch = { .data = ret_messages, .capacity = capacity, .sizes = ret_sizes, .max = max };
    int code = get_copied(queue, &batch, timeout_ms);
    if (code == MPROC_E_TOO_SHORT && ret_sizes != NULL)
        ret_sizes[0] = batch.wanted;
    return code == 0 ? (int)batch.got : code;
}

/* ---- Taking ---- */

/* Waits until the message is in the batch, with more memory each time that what came was larger. */
static int take_waiting(struct queue_call *call, struct get_batch *batch)
{
    struct queue_wait wait = wait_for_items(call);
    int code;
    while ((code = get_waiting(call, batch, &wait)) == NEEDS_MEMORY) {
        free(batch->data);
        batch->capacity = batch->wanted;
        batch->data = malloc(batch->capacity);
        if (batch->data == NULL)
            return mproc__error(MPROC_E_NO_MEMORY, "%zu bytes for a message", batch->capacity);
    }
    return code;
}

/* Most small messages fit, and the attempt need not be made twice. */
#define FIRST_MEMORY 256

int mproc_queue_take(mproc_queue queue, int64_t timeout_ms, mproc_message *ret_message)
{
    family_called_from(RETURN_ADDRESS());
    if (ret_message == NULL)
        return mproc__error_null("ret_message");
    struct queue_call call;
    int code = mproc__queue_enter(queue, QUEUE_GET, mproc__deadline(timeout_ms), &call);
    if (code < 0)
        return code;
    struct get_batch batch = { .data = malloc(FIRST_MEMORY), .capacity = FIRST_MEMORY, .max = 1, .in_place = true };
    uint64_t ticket = mproc__message_ticket();
    code = ticket == 0 || batch.data == NULL ? mproc__error(MPROC_E_NO_MEMORY, "taking a message")
                                             : take_waiting(&call, &batch);
    if (code < 0 || batch.span != 0)
        free(batch.data);
    if (code < 0) {
        mproc__message_forget(ticket);
        return code;
    }
    struct held_message held = { batch.span ? batch.address : batch.data, batch.used, batch.span,
                                 batch.span ? mproc__span_owner_self() : 0 };
    *ret_message = mproc__message_hold(ticket, &held);
    return 0;
}
