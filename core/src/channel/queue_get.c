/* The consumers' end of a queue. */
#include "base/deadline.h"
#include "base/error.h"
#include "channel/queue.h"
#include "family/view.h"
#include "memory/span.h"
#include "word/eventcount.h"
#include <stdlib.h>

/* What an attempt to get may end with besides the results of mproc_queue_get. */
enum { NEEDS_MEMORY = 1, TURN_OVER };

/* Messages on their way out. */
struct basket {
    unsigned char *data; /**< room for what is copied */
    size_t capacity, used;
    size_t *sizes; /**< NULL: not wanted */
    size_t max, got;
    bool in_place;                /**< a large message is to be taken and not copied */
    size_t wanted;                /**< size of the message that does not fit */
    uint64_t span;                /**< the message that was taken, if it is large: this thread's now */
    void *address;                /**< of the span */
    struct queue_peer *peer;      /**< of this process, if the queue is joinable */
    uint64_t seen_tail, uncommit; /**< the head before what is not committed yet */
};

/* The message at the head. */
struct record {
    enum queue_kind kind;
    uint32_t size;
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

static int read_record(struct queue *queue, uint64_t *head, struct record *ret_record)
{
    skip_empty_rings(queue, head);
    int code = mproc__queue_ring(&queue->rings[position_ring(*head)], &ret_record->bytes);
    if (code != 0)
        return code;
    uint64_t word;
    bytes_read(&ret_record->bytes, position_place(*head), &word, sizeof word);
    ret_record->kind = (enum queue_kind)(word >> 32);
    ret_record->size = (uint32_t)word;
    return 0;
}

static uint64_t record_span(const struct record *record, uint64_t head)
{
    uint64_t span;
    bytes_read(&record->bytes, position_place(head) + 1, &span, sizeof span);
    return span;
}

/* ---- Commits ---- */

/* Moves the head over messages that were copied, or over one whose span this thread takes from the queue. Killed before
 * the store of the head, a getter leaves everything to the next one; after it the messages are his, and what he had not
 * taken on himself yet is done for him by the next one, for the intent says what. [intend] [commit] [take] [owe] */
static void commit(struct queue_call *call, struct basket *basket, uint64_t head, uint64_t span)
{
    struct queue *queue = call->queue;
    struct queue_intent *intent = &queue->get.intent;
    uint32_t taken = position_count(head) - position_count(basket->uncommit);
    bool announced = span != 0 || basket->peer != NULL;
    if (announced) {
        intent->taker = basket->peer != NULL ? mproc__family.process : 0;
        intent->taken = taken;
        mproc__queue_intend(&queue->get, head, span);
    }
    /* Release: pairs with the acquire in look_at_head (queue_put.c). We have read what may be written over now. */
    atomic_store_explicit(&queue->get.position, head, memory_order_release);
    if (span != 0)
        mproc__span_give(span, mproc__queue_owner(call), mproc__span_owner_self());
    if (basket->peer != NULL)
        mproc__queue_owe(basket->peer, taken, position_count(head));
    if (announced)
        mproc__queue_intent_done(&queue->get);
    basket->uncommit = head;
}

/* What the intent says, if the head says that it has happened. */
static int finish_get(struct queue_call *call)
{
    const struct queue_intent *intent = &call->queue->get.intent;
    uint64_t owner = mproc__queue_owner(call);
    if (atomic_load_explicit(&call->queue->get.position, memory_order_relaxed) != intent->after)
        return 0;
    struct queue_peer *peer;
    int code = mproc__queue_peer_of(call->queue, intent->taker, &peer);
    if (code != 0)
        return code;
    if (peer != NULL)
        mproc__queue_owe(peer, intent->taken, position_count(intent->after));
    /* Still the queue's, though no message names it any more: it went with the dead. Only who owns this word may take a
     * message's span from the queue, so that what is_owner says stays true. */
    if (intent->span != 0 && mproc__span_is_owner(intent->span, owner))
        mproc__span_free(intent->span, owner);
    return 0;
}

int mproc__queue_recover_get(struct queue_call *call)
{
    struct queue *queue = call->queue;
    /* A machine of 32 bits stores it in two halves, and the death may have come between them. */
    queue->get.other = atomic_load_explicit(&queue->put.position, memory_order_acquire);
    int code = mproc__queue_finish_take_over(queue);
    if (code == 0 && atomic_load_explicit(&queue->get.intent.active, memory_order_relaxed))
        code = finish_get(call);
    if (code == 0)
        mproc__queue_intent_done(&queue->get);
    return code;
}

static int drop_first(struct queue_call *call, uint64_t *head)
{
    struct queue *queue = call->queue;
    struct record record;
    int code = read_record(queue, head, &record);
    if (code != 0)
        return code;
    uint64_t after = position_next(*head, record_units(record.kind, record.size));
    uint64_t span = record.kind == QUEUE_SPAN ? record_span(&record, *head) : 0;
    queue->get.intent.taker = 0;
    mproc__queue_intend(&queue->get, after, span);
    atomic_store_explicit(&queue->get.position, after, memory_order_release);
    if (span != 0)
        mproc__span_free(span, mproc__queue_owner(call));
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

static int fetch_inline(struct basket *basket, const struct record *record, uint64_t *head)
{
    if (record->size > basket->capacity - basket->used) {
        basket->wanted = record->size;
        return basket->in_place ? NEEDS_MEMORY : MPROC_E_TOO_SHORT;
    }
    if (record->size > 0)
        bytes_read(&record->bytes, position_place(*head) + 1, basket->data + basket->used, record->size);
    *head = position_next(*head, record_units(QUEUE_INLINE, record->size));
    return 0;
}

/* Takes a large message. Mapped before it is taken: if that fails it is still there. */
static int fetch_span(struct queue_call *call, struct basket *basket, const struct record *record, uint64_t *head)
{
    uint64_t span = record_span(record, *head);
    if (!basket->in_place && record->size > basket->capacity - basket->used) {
        basket->wanted = record->size;
        return MPROC_E_TOO_SHORT;
    }
    int code = mproc__span_address(span, &basket->address);
    if (code < 0)
        return code;
    *head = position_next(*head, record_units(QUEUE_SPAN, 0));
    commit(call, basket, *head, span);
    basket->span = span;
    return 0;
}

/* The message at the head into the basket. */
static int fetch(struct queue_call *call, struct basket *basket, uint64_t *head)
{
    if (is_empty(call->queue, *head))
        return MPROC_E_EMPTY;
    struct record record;
    int code = read_record(call->queue, head, &record);
    if (code != 0)
        return code;
    if (record.kind == QUEUE_INLINE) {
        code = fetch_inline(basket, &record, head);
    } else if (basket->got > 0) {
        /* Copied with the word free, so by itself. */
        return MPROC_E_EMPTY;
    } else {
        code = fetch_span(call, basket, &record, head);
    }
    if (code != 0)
        return code;
    if (basket->sizes != NULL)
        basket->sizes[basket->got] = record.size;
    basket->used += record.size;
    basket->got++;
    return 0;
}

/* With the get word: what is there and fits, and goes into one turn. */
static int fill(struct queue_call *call, struct basket *basket)
{
    struct queue *queue = call->queue;
    uint32_t state = atomic_load_explicit(&queue->state, memory_order_relaxed);
    if (state & QUEUE_DROPPED) {
        /* Who shut it down may have died in the middle. */
        mproc__queue_drop(call);
        return MPROC_E_SHUT_DOWN;
    }
    int code = queue->joinable ? mproc__queue_peer_self(call, &basket->peer) : 0;
    if (code < 0)
        return code;
    uint64_t head = atomic_load_explicit(&queue->get.position, memory_order_relaxed);
    basket->uncommit = head;
    size_t got = basket->got, used = basket->used;
    while (code == 0 && basket->got < basket->max && basket->span == 0)
        if (basket->got - got >= QUEUE_TURN_MESSAGES || basket->used - used >= QUEUE_TURN_BYTES)
            code = TURN_OVER;
        else
            code = fetch(call, basket, &head);
    if (position_count(head) != position_count(basket->uncommit))
        commit(call, basket, head, 0);
    basket->seen_tail = queue->get.other;
    if (basket->got > 0)
        return code == TURN_OVER ? code : 0;
    return code == MPROC_E_EMPTY && (state & QUEUE_SHUT) ? MPROC_E_SHUT_DOWN : code;
}

/* One turn. */
static int get_some(struct queue_call *call, struct basket *basket)
{
    int code = queue_lock(call);
    if (code < 0)
        return code;
    code = fill(call, basket);
    if (code == TURN_OVER)
        mproc__queue_pass_turn(call);
    else
        queue_unlock(call);
    if (basket->got > 0 && call->queue->capacity != 0) {
        /* Pairs with the fence in eventcount_prepare: either a producer about to sleep sees the head, or we see him. */
        atomic_thread_fence(memory_order_seq_cst);
        eventcount_notify(&call->queue->words[QUEUE_ROOM]);
    }
    return code;
}

static int get_now(struct queue_call *call, struct basket *basket)
{
    int code;
    while ((code = get_some(call, basket)) == TURN_OVER)
        ;
    /* What a later turn could not do does not matter to the first. */
    return basket->got > 0 ? 0 : code;
}

/* ---- Getting ----
 */

static int say_why_not(struct queue_call *call, const struct basket *basket, int code)
{
    switch (code) {
    case MPROC_E_EMPTY:
    case MPROC_E_SHUT_DOWN:
        return mproc__queue_error(code, call, "");
    case MPROC_E_PEER_DIED:
        return mproc__queue_error(code, call, ", which is empty: its producers");
    case MPROC_E_TOO_SHORT:
        return mproc__error(code, "%zu bytes for a message of %zu", basket->capacity, basket->wanted);
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
static int get_waiting(struct queue_call *call, struct basket *basket, struct queue_wait *wait)
{
    int code, more = 1;
    do {
        code = get_now(call, basket);
        if (code == MPROC_E_EMPTY)
            more = mproc__queue_wait(call, wait, &call->queue->put.position, basket->seen_tail);
    } while (code == MPROC_E_EMPTY && more == 1);
    if (code == MPROC_E_EMPTY && more < 0)
        code = more;
    /* Whatever it was that ended the call: the wake that we had got was perhaps the only one. */
    if (wait->await.slept)
        hand_on_items(call->queue);
    return code < 0 ? say_why_not(call, basket, code) : code;
}

static struct queue_wait wait_for_items(const struct queue_call *call)
{
    return queue_wait_for(call, QUEUE_ITEMS, MPROC_PRODUCER);
}

/* A large message goes to the caller's buffer with no word held. */
static void copy_out(struct basket *basket)
{
    if (basket->span == 0)
        return;
    memcpy(basket->data, basket->address, basket->used);
    mproc__span_free(basket->span, mproc__span_owner_self());
}

static int get_copied(mproc_queue queue, struct basket *basket, int64_t timeout_ms)
{
    if (basket->data == NULL && basket->capacity > 0)
        return mproc__error(MPROC_E_INVALID, "room for %zu bytes at NULL", basket->capacity);
    struct queue_call call;
    int code = mproc__queue_enter(queue, QUEUE_GET, mproc__deadline(timeout_ms), &call);
    if (code < 0)
        return code;
    struct queue_wait wait = wait_for_items(&call);
    code = get_waiting(&call, basket, &wait);
    if (code == 0)
        copy_out(basket);
    return code;
}

int mproc_queue_get(mproc_queue queue, void *data, size_t capacity, size_t *ret_size, int64_t timeout_ms)
{
    struct basket basket = { .data = data, .capacity = capacity, .max = 1 };
    int code = get_copied(queue, &basket, timeout_ms);
    if (ret_size != NULL && (code == 0 || code == MPROC_E_TOO_SHORT))
        *ret_size = code == 0 ? basket.used : basket.wanted;
    return code;
}

int mproc_queue_get_many(mproc_queue queue, void *data, size_t capacity, size_t *ret_sizes, size_t max,
                         int64_t timeout_ms)
{
    if (max > INT32_MAX)
        return mproc__error(MPROC_E_INVALID, "%zu messages at once; %d is the most", max, INT32_MAX);
    struct queue_call call;
    if (max == 0)
        return mproc__queue_enter(queue, QUEUE_GET, 0, &call);
    struct basket basket = { .data = data, .capacity = capacity, .sizes = ret_sizes, .max = max };
    int code = get_copied(queue, &basket, timeout_ms);
    if (code == MPROC_E_TOO_SHORT && ret_sizes != NULL)
        ret_sizes[0] = basket.wanted;
    return code == 0 ? (int)basket.got : code;
}

/* ---- Taking ---- */

/* Waits until the message is in the basket, with more memory each time that what came was larger. */
static int take_waiting(struct queue_call *call, struct basket *basket)
{
    struct queue_wait wait = wait_for_items(call);
    int code;
    while ((code = get_waiting(call, basket, &wait)) == NEEDS_MEMORY) {
        free(basket->data);
        basket->capacity = basket->wanted;
        basket->data = malloc(basket->capacity);
        if (basket->data == NULL)
            return mproc__error(MPROC_E_NO_MEMORY, "%zu bytes for a message", basket->capacity);
    }
    return code;
}

/* Most small messages fit, and the attempt need not be made twice. */
#define FIRST_MEMORY 256

int mproc_queue_take(mproc_queue queue, mproc_message *ret_message, int64_t timeout_ms)
{
    struct queue_call call;
    int code = mproc__queue_enter(queue, QUEUE_GET, mproc__deadline(timeout_ms), &call);
    if (code < 0)
        return code;
    struct basket basket = { .data = malloc(FIRST_MEMORY), .capacity = FIRST_MEMORY, .max = 1, .in_place = true };
    uint64_t ticket = mproc__message_ticket();
    code = ticket == 0 || basket.data == NULL ? mproc__error(MPROC_E_NO_MEMORY, "taking a message")
                                              : take_waiting(&call, &basket);
    if (code < 0 || basket.span != 0)
        free(basket.data);
    if (code < 0) {
        mproc__message_forget(ticket);
        return code;
    }
    struct held_message held = { basket.span ? basket.address : basket.data, basket.used, basket.span,
                                 basket.span ? mproc__span_owner_self() : 0 };
    mproc__message_hold(ticket, &held);
    *ret_message = (mproc_message){ held.data, held.size, ticket };
    return 0;
}
