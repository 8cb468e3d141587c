/* The producers' end of a queue. */
#include "base/deadline.h"
#include "base/error.h"
#include "channel/queue.h"
#include "family/activity.h"
#include "memory/memory.h"
#include "memory/span.h"
#include "word/eventcount.h"

/* What an attempt to put may end with besides the results of mproc_queue_put. */
enum { AGAIN = 1, NEEDS_SPAN, TURN_OVER };

/* Messages on their way in. */
struct parcel {
    const mproc_view *messages;
    size_t count, done;
    uint64_t span, owner; /**< of the next message if it is large and built; 0: not built */
    uint64_t seen_head;
};

/* ---- Rings ---- */

int mproc__queue_ring(const struct queue_ring *ring, struct queue_bytes *ret_bytes)
{
    void *address;
    int code = mproc__span_address(ring->span, &address);
    if (code == 0)
        *ret_bytes = (struct queue_bytes){ address, ring->units * QUEUE_UNIT };
    return code;
}

int mproc__queue_first_ring(struct queue_call *call, size_t bytes)
{
    uint64_t span;
    int code = mproc__span_create_dirty(bytes, mproc__queue_owner(call), &span);
    if (code == 0)
        call->queue->rings[0] = (struct queue_ring){ span, (uint32_t)(bytes / QUEUE_UNIT), 0 };
    return code;
}

/* Release: pairs with the acquire of the getters, which see the messages, the rings and their ends. [commit] */
static void commit(struct queue *queue, uint64_t tail)
{
    atomic_store_explicit(&queue->put.position, tail, memory_order_release);
}

static bool is_live(unsigned ring, uint64_t head, uint64_t tail)
{
    return (ring - position_ring(head)) % QUEUE_RINGS <= (position_ring(tail) - position_ring(head)) % QUEUE_RINGS;
}

/* Frees the rings that the getters have left, and one that a dead producer had not begun. Whoever dies in here has
 * freed a ring or not when the next one does this again; a span that is not the queue's stays as it is, and nobody
 * gives the queue another span in between. [reclaim] */
static void reclaim_rings(struct queue_call *call, uint64_t head, uint64_t tail)
{
    struct queue_ring *rings = call->queue->rings;
    for (unsigned i = 0; i < QUEUE_RINGS; i++) {
        if (rings[i].span == 0 || is_live(i, head, tail))
            continue;
        mproc__span_free(rings[i].span, mproc__queue_owner(call));
        rings[i].span = 0;
    }
}

/* Acquire: pairs with the release store of the head; what the getters have read may be written over after it. */
static void look_at_head(struct queue_call *call, uint64_t tail)
{
    struct queue *queue = call->queue;
    uint64_t before = queue->put.other;
    queue->put.other = atomic_load_explicit(&queue->get.position, memory_order_acquire);
    if (position_ring(before) != position_ring(queue->put.other))
        reclaim_rings(call, queue->put.other, tail);
}

static uint32_t room_behind(const struct queue *queue, uint64_t tail)
{
    uint64_t head = queue->put.other;
    uint32_t begin = position_ring(head) == position_ring(tail) ? position_place(head) : 0;
    return queue->rings[position_ring(tail)].units - ((position_place(tail) - begin) & QUEUE_PLACE_MASK);
}

/* A span for the next ring: twice as large as the last one, or as much of that as there is memory for. */
static int make_ring(uint32_t last, uint32_t needed, struct queue_ring *ret_ring)
{
    uint32_t units = last < QUEUE_RING_UNITS ? 2 * last : last;
    uint64_t span;
    int code;
    for (;; units /= 2) {
        code = mproc__span_create_dirty((size_t)units * QUEUE_UNIT, mproc__span_owner_self(), &span);
        bool smaller = units / 2 >= needed && units / 2 >= QUEUE_RING_MIN / QUEUE_UNIT && units > last / 8;
        if (code == 0 || !smaller)
            break;
    }
    if (code == 0)
        *ret_ring = (struct queue_ring){ span, units, 0 };
    return code;
}

/* Begins a ring. The old one stays until the getters have left it. Killed before the commit, a producer leaves a ring
 * that is not live: the span is his, and an orphan, or the queue's, and reclaimed. That it is named in the ring first
 * and given second is what makes it findable. */
static int grow(struct queue_call *call, uint32_t needed, uint64_t *tail)
{
    struct queue *queue = call->queue;
    struct queue_ring ring, *old = &queue->rings[position_ring(*tail)];
    unsigned next = (position_ring(*tail) + 1) % QUEUE_RINGS;
    if (next == position_ring(queue->put.other))
        return mproc__queue_error(MPROC_E_LIMIT, call, ", whose backlog lies in as many pieces as there may be");
    int code = make_ring(old->units, needed, &ring);
    if (code < 0)
        return code;
    old->end = position_place(*tail);
    queue->rings[next] = ring;
    mproc__span_give(ring.span, mproc__span_owner_self(), mproc__queue_owner(call));
    *tail = position_at(position_count(*tail), next, 0);
    commit(queue, *tail);
    return 0;
}

/* Sees to it that so many units are free behind the tail, which moves if a new ring is begun. */
static int make_room(struct queue_call *call, uint32_t units, uint64_t *tail)
{
    struct queue *queue = call->queue;
    if (room_behind(queue, *tail) >= units)
        return 0;
    look_at_head(call, *tail);
    if (room_behind(queue, *tail) >= units)
        return 0;
    /* What stands before the new ring has to be in. */
    commit(queue, *tail);
    return grow(call, units, tail);
}

/* ---- Appending ---- */

static bool is_full(struct queue_call *call, uint64_t tail)
{
    struct queue *queue = call->queue;
    if (queue->capacity == 0 || position_count(tail) - position_count(queue->put.other) < queue->capacity)
        return false;
    look_at_head(call, tail);
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
static int append_span(struct queue_call *call, struct parcel *parcel, const struct queue_bytes *bytes, uint64_t *tail)
{
    struct queue *queue = call->queue;
    size_t size = parcel->messages[parcel->done].size;
    uint64_t head = record_head(QUEUE_SPAN, (uint32_t)size);
    bytes_write(bytes, position_place(*tail), &head, sizeof head);
    bytes_write(bytes, position_place(*tail) + 1, &parcel->span, sizeof parcel->span);
    uint64_t after = position_next(*tail, record_units(QUEUE_SPAN, 0));
    commit(queue, *tail);
    mproc__queue_intend(&queue->put, after, parcel->span);
    bool given = mproc__span_give(parcel->span, parcel->owner, mproc__queue_owner(call));
    if (given)
        commit(queue, *tail = after);
    mproc__queue_intent_done(&queue->put);
    if (!given)
        return mproc__queue_error(MPROC_E_NOT_OWNER, call, ": the thread that held the message has ended");
    parcel->span = 0;
    return 0;
}

/* The next message of the parcel. */
static int append(struct queue_call *call, struct parcel *parcel, uint64_t *tail)
{
    const mproc_view *message = &parcel->messages[parcel->done];
    bool large = message->size > call->queue->inline_max;
    if (is_full(call, *tail))
        return MPROC_E_FULL;
    if (large && parcel->span == 0)
        return NEEDS_SPAN;
    uint32_t units = large ? record_units(QUEUE_SPAN, 0) : record_units(QUEUE_INLINE, (uint32_t)message->size);
    struct queue_bytes bytes;
    int code = make_room(call, units, tail);
    if (code == 0)
        code = mproc__queue_ring(&call->queue->rings[position_ring(*tail)], &bytes);
    if (code != 0)
        return code;
    if (large)
        code = append_span(call, parcel, &bytes, tail);
    else
        append_inline(&bytes, message, tail);
    if (code == 0)
        parcel->done++;
    return code;
}

/* With the put word: as much of the parcel as goes in, and into one turn. */
static int fill(struct queue_call *call, struct parcel *parcel)
{
    struct queue *queue = call->queue;
    /* Relaxed: set with this word in hand; the tail is written by its owners alone. */
    if (atomic_load_explicit(&queue->state, memory_order_relaxed) & QUEUE_SHUT)
        return MPROC_E_SHUT_DOWN;
    uint64_t tail = atomic_load_explicit(&queue->put.position, memory_order_relaxed);
    size_t first = parcel->done, bytes = 0;
    int code = 0;
    while (code == 0 && parcel->done < parcel->count) {
        if (parcel->done - first >= QUEUE_TURN_MESSAGES || bytes >= QUEUE_TURN_BYTES) {
            code = TURN_OVER;
            break;
        }
        bytes += parcel->messages[parcel->done].size;
        code = append(call, parcel, &tail);
    }
    commit(queue, tail);
    parcel->seen_head = queue->put.other;
    return code;
}

void mproc__queue_recover_put(struct queue_call *call)
{
    struct queue *queue = call->queue;
    struct queue_intent *intent = &queue->put.intent;
    uint64_t tail = atomic_load_explicit(&queue->put.position, memory_order_relaxed);
    if (atomic_load_explicit(&intent->active, memory_order_relaxed)) {
        bool happened =
            tail == intent->after || atomic_load_explicit(&queue->peers, memory_order_relaxed) == intent->span;
        /* Not the queue's: it is the dead one's still, and an orphan. */
        if (!happened)
            mproc__span_free(intent->span, mproc__queue_owner(call));
        mproc__queue_intent_done(&queue->put);
    }
    queue->put.other = atomic_load_explicit(&queue->get.position, memory_order_acquire);
    reclaim_rings(call, queue->put.other, tail);
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

static int put_now(struct queue_call *call, struct parcel *parcel)
{
    size_t before = parcel->done;
    int code = queue_lock(call);
    if (code < 0)
        return code;
    code = fill(call, parcel);
    if (code == TURN_OVER)
        mproc__queue_pass_turn(call);
    else
        queue_unlock(call);
    if (parcel->done > before)
        announce(call->queue);
    return code;
}

/* Builds the next message, which is large, in a span of this thread. Nobody waits for that. */
static int build_span(struct parcel *parcel)
{
    const mproc_view *message = &parcel->messages[parcel->done];
    uint64_t span, self = mproc__span_owner_self();
    if (message->size > UINT32_MAX)
        return mproc__error(MPROC_E_LIMIT, "a message of %zu bytes; less than 4 GiB is possible", message->size);
    int code = mproc__span_create_dirty(message->size, self, &span);
    if (code < 0)
        return code;
    void *address;
    code = mproc__span_address(span, &address);
    if (code < 0) {
        mproc__span_free(span, self);
        return code;
    }
    memcpy(address, message->data, message->size);
    parcel->span = span;
    parcel->owner = self;
    return 0;
}

static int say_why_not(struct queue_call *call, int code)
{
    switch (code) {
    case MPROC_E_FULL:
        return mproc__queue_error(code, call, "");
    case MPROC_E_SHUT_DOWN:
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
static int put_step(struct queue_call *call, struct parcel *parcel, struct queue_wait *wait)
{
    int code = put_now(call, parcel);
    if (code == TURN_OVER)
        return AGAIN;
    if (code == NEEDS_SPAN) {
        code = build_span(parcel);
        return code < 0 ? code : AGAIN;
    }
    if (code != MPROC_E_FULL)
        return code;
    code = mproc__queue_wait(call, wait, &call->queue->get.position, parcel->seen_head);
    return code == 0 ? MPROC_E_FULL : code > 0 ? AGAIN : code;
}

static int put_waiting(struct queue_call *call, struct parcel *parcel)
{
    struct queue_wait wait = queue_wait_for(call, QUEUE_ROOM, MPROC_CONSUMER);
    int code;
    while ((code = put_step(call, parcel, &wait)) == AGAIN)
        ;
    /* Whatever it was that ended the call: the wake that we had got was perhaps the only one. */
    if (wait.await.slept)
        hand_on_room(call->queue);
    return say_why_not(call, code);
}

static int put_parcel(mproc_queue queue, struct parcel *parcel, int64_t timeout_ms)
{
    struct queue_call call;
    int code = mproc__queue_enter(queue, QUEUE_PUT, mproc__deadline(timeout_ms), &call);
    return code < 0 ? code : put_waiting(&call, parcel);
}

int mproc_queue_put(mproc_queue queue, const void *data, size_t size, int64_t timeout_ms)
{
    if (data == NULL && size > 0)
        return mproc__error(MPROC_E_INVALID, "a message of %zu bytes at NULL", size);
    const mproc_view message = { data, size };
    struct parcel parcel = { .messages = &message, .count = 1 };
    int code = put_parcel(queue, &parcel, timeout_ms);
    if (parcel.span != 0)
        mproc__span_free(parcel.span, parcel.owner);
    return code;
}

static int check_messages(const mproc_view *messages, size_t count)
{
    if (count > INT32_MAX)
        return mproc__error(MPROC_E_INVALID, "%zu messages at once; %d is the most", count, INT32_MAX);
    if (messages == NULL && count > 0)
        return mproc__error(MPROC_E_INVALID, "%zu messages at NULL", count);
    for (size_t i = 0; i < count; i++)
        if (messages[i].data == NULL && messages[i].size > 0)
            return mproc__error(MPROC_E_INVALID, "message %zu of %zu bytes at NULL", i, messages[i].size);
    return 0;
}

int mproc_queue_put_many(mproc_queue queue, const mproc_view *messages, size_t count, int64_t timeout_ms)
{
    int code = check_messages(messages, count);
    if (code < 0)
        return code;
    struct queue_call call;
    if (count == 0)
        return mproc__queue_enter(queue, QUEUE_PUT, 0, &call);
    struct parcel parcel = { .messages = messages, .count = count };
    code = put_parcel(queue, &parcel, timeout_ms);
    if (parcel.span != 0)
        mproc__span_free(parcel.span, parcel.owner);
    return parcel.done > 0 ? (int)parcel.done : code;
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
        return mproc__error(MPROC_E_NOT_OWNER, "a message of %zu bytes: the thread that held it has ended", held->size);
    held->owner = self;
    return 0;
}

int mproc_queue_commit(mproc_queue queue, mproc_message message, int64_t timeout_ms)
{
    struct held_message held;
    int code = mproc__message_claim(message.ticket, &held);
    if (code != 0)
        return code;
    code = take_on(&held);
    const mproc_view view = { held.data, held.size };
    struct parcel parcel = { .messages = &view, .count = 1, .span = held.span, .owner = held.owner };
    if (code == 0)
        code = put_parcel(queue, &parcel, timeout_ms);
    /* Built for a queue that passes smaller messages through its ring than this one is. */
    if (parcel.span != 0 && parcel.span != held.span)
        mproc__span_free(parcel.span, parcel.owner);
    if (code < 0) {
        mproc__message_hold(message.ticket, &held);
        return code;
    }
    /* Copied into the ring, a message leaves its memory behind. */
    if (held.span == 0 || parcel.span == held.span)
        mproc__message_free(&held);
    mproc__message_forget(message.ticket);
    return 0;
}
