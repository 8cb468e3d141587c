/* The queue: finding it, its two ends, waiting at them, its beginning and its end. */
#include "channel/queue.h"
#include "base/base.h"
#include "base/error.h"
#include "family/activity.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/object.h"
#include "memory/span.h"
#include "wait.h"
#include "word/await.h"
#include "word/eventcount.h"
#include "word/owned_word.h"
#include "word/spin.h"

/* How long a thread that lives may keep an end before others give up, beyond their own time-outs. It does so for as
 * long as it takes to copy some KiB, unless it is stopped. */
#define KEPT_NS (1000 * (int64_t)1000000)

/* ---- Calls ---- */

int mproc__queue_enter(mproc_queue handle, enum queue_word end, int64_t deadline, struct queue_call *ret_call)
{
    struct family_block *block = family_find(FAMILY_QUEUE, handle.id);
    if (unlikely(block == NULL)) {
        int code = mproc__object_block(FAMILY_QUEUE, handle.id, &block);
        if (code < 0)
            return code;
    }
    if (unlikely(mproc__self.id == 0) && mproc__node_self() == 0)
        return MPROC_E_LIMIT;
    struct queue *queue = (struct queue *)(block + 1);
    *ret_call = (struct queue_call){ queue,
                                     { &queue->words[end], block, FAMILY_QUEUE, { handle.id[0], handle.id[1] } },
                                     deadline };
    return 0;
}

int mproc__queue_error(int code, const struct queue_call *call, const char *what)
{
    return mproc__object_error(code, FAMILY_QUEUE, call->owned.block, what);
}

uint64_t mproc__queue_owner(const struct queue_call *call)
{
    return mproc__span_owner_object(call->owned.id);
}

NEVER_INLINE int mproc__queue_lock_slow(struct queue_call *call)
{
    int64_t patience = platform_now_ns() + KEPT_NS;
    int code = mproc__owned_acquire(&call->owned, call->deadline > patience ? call->deadline : patience);
    if (code == MPROC_E_TIMEOUT)
        return mproc__queue_error(code, call, ", which somebody who does not go on keeps");
    if (code != MPROC_OWNER_DIED)
        return code;
    code = 0;
    if (call->owned.word == &call->queue->words[QUEUE_PUT])
        mproc__queue_recover_put(call);
    else
        code = mproc__queue_recover_get(call);
    if (code == 0)
        return mproc__owned_repaired(&call->owned);
    /* The word goes on saying that an owner died: the next one tries again. */
    mproc__owned_release(&call->owned);
    return code;
}

void mproc__queue_pass_turn(struct queue_call *call)
{
    _Atomic uint32_t *word = &call->owned.word->value;
    /* Relaxed: a hint. Without this the sleeper who is woken would find the word taken again, each time. */
    bool wanted = atomic_load_explicit(word, memory_order_relaxed) & OWNED_CONTENDED;
    queue_unlock(call);
    if (wanted)
        mproc__spin(word, OWNED_OWNER, 0, true, INT64_MAX);
}

/* ---- Intents ---- */

void mproc__queue_intend(struct queue_end *end, uint64_t after, uint64_t span)
{
    end->intent.after = after;
    end->intent.span = span;
    /* Release, and nobody acquires: it keeps the compiler from storing this first. What a dead thread had stored, in
     * the order of its program, is visible to whoever has been told of its death. */
    atomic_store_explicit(&end->intent.active, 1, memory_order_release);
}

void mproc__queue_intent_done(struct queue_end *end)
{
    /* Release: the same. */
    atomic_store_explicit(&end->intent.active, 0, memory_order_release);
}

/* ---- Waiting ---- */

static void spin(const _Atomic uint64_t *watched, uint64_t snapshot, int64_t deadline)
{
    struct spin spin = mproc__spin_begin(SPIN_SHARED, deadline);
    /* Relaxed: the caller's next look decides. */
    while (atomic_load_explicit(watched, memory_order_relaxed) == snapshot && mproc__spin_on(&spin))
        ;
}

/* Whether the other side has died out. The last of them may have put or taken something in his last moment, after our
 * look: so that is believed only after one more. */
static int check_peers(struct queue_call *call, struct queue_wait *wait)
{
    if (wait->gone)
        return MPROC_E_PEER_DIED;
    int gone = wait->role != 0 ? mproc__queue_peers_gone(call->queue, wait->role) : 0;
    wait->gone = gone == 1;
    return gone;
}

int mproc__queue_wait(struct queue_call *call, struct queue_wait *wait, const _Atomic uint64_t *watched,
                      uint64_t snapshot)
{
    if (call->deadline == 0)
        return check_peers(call, wait);
    /* Nobody is told of a sleeper before there is to be one: that costs a fence, and whoever comes a wake. */
    if (!wait->await.spun) {
        spin(watched, snapshot, call->deadline);
        wait->await.spun = true;
        return 1;
    }
    int code = wait->begun ? check_peers(call, wait) : 0;
    if (code < 0)
        return code;
    if (wait->begun && code == 0 && !mproc__await_pause(&wait->await))
        return 0;
    wait->begun = true;
    mproc__await_begin(&wait->await);
    return 1;
}

/* Whether or not the bit is set: it tells of sleepers whom the next notice is to wake, and while one is on his way the
 * others sleep without it. */
static void wake_word(platform_word *word)
{
    /* seq_cst, as platform_wake asks: who is about to sleep finds another value. */
    atomic_fetch_add(&word->value, EVENTCOUNT_STEP);
    platform_wake(word, INT32_MAX);
}

void mproc__queue_wake_all(struct queue *queue)
{
    wake_word(&queue->words[QUEUE_ITEMS]);
    wake_word(&queue->words[QUEUE_ROOM]);
    wake_word(&queue->words[QUEUE_DONE]);
    /* Pairs with the fence in mproc__activity_watch. */
    atomic_thread_fence(memory_order_seq_cst);
    mproc__activity_note(&queue->watched);
}

/* ---- What there is ---- */

uint32_t mproc__queue_count(struct queue *queue)
{
    /* seq_cst, all of them: the head was the same before and after the tail was read, so at that moment both were so. A
     * second look means that somebody has got a message meanwhile. */
    uint64_t head = atomic_load(&queue->get.position);
    for (;;) {
        uint64_t tail = atomic_load(&queue->put.position);
        uint64_t again = atomic_load(&queue->get.position);
        if (head == again)
            return position_count(tail) - position_count(head);
        head = again;
    }
}

/* The count, if the queue was still there after it was read. */
static int count_of(mproc_queue handle, struct queue_call *call, uint32_t *ret_count)
{
    int code = mproc__queue_enter(handle, QUEUE_GET, 0, call);
    if (code < 0)
        return code;
    *ret_count = mproc__queue_count(call->queue);
    if (atomic_load_explicit(&call->queue->state, memory_order_acquire) & QUEUE_DROPPED)
        *ret_count = 0;
    return family_is_linked(call->owned.block, handle.id[1]) ? 0 : mproc__object_stale(FAMILY_QUEUE, handle.id);
}

int mproc_queue_size(mproc_queue queue, size_t *ret_size)
{
    struct queue_call call;
    uint32_t count;
    int code = count_of(queue, &call, &count);
    if (code == 0)
        *ret_size = count;
    return code;
}

int mproc_queue_empty(mproc_queue queue)
{
    struct queue_call call;
    uint32_t count;
    int code = count_of(queue, &call, &count);
    return code < 0 ? code : count == 0;
}

int mproc_queue_full(mproc_queue queue)
{
    struct queue_call call;
    uint32_t count;
    int code = count_of(queue, &call, &count);
    return code < 0 ? code : call.queue->capacity != 0 && count >= call.queue->capacity;
}

/* ---- Beginning ---- */

static int check_options(const mproc_queue_options *options)
{
    if (options->capacity > INT32_MAX)
        return mproc__error(MPROC_E_INVALID, "a queue with a capacity of %zu messages; %d is the most",
                            options->capacity, INT32_MAX);
    if (options->buffer > QUEUE_BUFFER_MAX)
        return mproc__error(MPROC_E_INVALID, "a queue with a buffer of %zu bytes; %zu is the most", options->buffer,
                            QUEUE_BUFFER_MAX);
    return 0;
}

static size_t ring_bytes(size_t wanted)
{
    size_t bytes = QUEUE_RING_MIN;
    while (bytes < wanted)
        bytes *= 2;
    return bytes;
}

/* Fills in what the object needs before anybody sees it. Its spans are the queue's from the beginning, and orphans
 * until it is published if this thread ends. */
static int furnish(struct queue_call *call, const mproc_queue_options *options)
{
    struct queue *queue = call->queue;
    size_t bytes = ring_bytes(options->buffer ? options->buffer : QUEUE_BUFFER);
    queue->capacity = (uint32_t)options->capacity;
    queue->joinable = options->joinable != 0;
    queue->inline_max = bytes / 4 < QUEUE_INLINE_MAX ? (uint32_t)bytes / 4 : QUEUE_INLINE_MAX;
    int code = mproc__queue_first_ring(call, bytes);
    if (code == 0 && queue->joinable)
        code = mproc__queue_peers_make(call);
    return code;
}

static void free_spans(uint64_t owner, const struct queue_ring *rings, uint64_t peers)
{
    for (unsigned i = 0; i < QUEUE_RINGS; i++)
        if (rings[i].span != 0)
            mproc__span_free(rings[i].span, owner);
    if (peers != 0)
        mproc__span_free(peers, owner);
}

int mproc_queue_create(mproc_queue *ret_queue, const mproc_queue_options *options)
{
    const mproc_queue_options none = { 0 };
    options = options ? options : &none;
    int code = check_options(options);
    if (code < 0)
        return code;
    void *object;
    struct queue_call call = { 0 };
    code = mproc__object_new(FAMILY_QUEUE, QUEUE_WORDS, sizeof(struct queue), options->name, call.owned.id, &object);
    if (code < 0)
        return code;
    call.queue = object;
    call.owned.block = (struct family_block *)object - 1;
    code = furnish(&call, options);
    mproc__object_publish(call.owned.id);
    if (code < 0) {
        /* Nobody knows its handle. */
        mproc__object_destroy(FAMILY_QUEUE, call.owned.id);
        free_spans(mproc__queue_owner(&call), call.queue->rings, 0);
        return code;
    }
    *ret_queue = (mproc_queue){ { call.owned.id[0], call.owned.id[1] } };
    return 0;
}

/* ---- The end ---- */

/* Both ends, producers first. */
static int lock_both(mproc_queue handle, struct queue_call *put, struct queue_call *get)
{
    int code = mproc__queue_enter(handle, QUEUE_PUT, 0, put);
    if (code == 0)
        code = mproc__queue_enter(handle, QUEUE_GET, 0, get);
    if (code == 0)
        code = queue_lock(put);
    if (code < 0)
        return code;
    code = queue_lock(get);
    if (code < 0)
        queue_unlock(put);
    return code;
}

int mproc_queue_destroy(mproc_queue handle)
{
    struct queue_call put, get;
    int code = lock_both(handle, &put, &get);
    if (code < 0)
        return code;
    struct queue *queue = put.queue;
    uint64_t owner = mproc__queue_owner(&put);
    mproc__queue_drop(&get);
    struct queue_ring rings[QUEUE_RINGS];
    memcpy(rings, queue->rings, sizeof rings);
    uint64_t peers = atomic_load_explicit(&queue->peers, memory_order_relaxed);
    /* From here on the words belong to the block's next object, which sets them free; spans that a death in here leaves
     * behind have no owner any more, and the sweep takes them. */
    code = mproc__object_destroy(FAMILY_QUEUE, handle.id);
    family_holds(-2);
    platform_wake(&queue->words[QUEUE_PUT], INT32_MAX);
    platform_wake(&queue->words[QUEUE_GET], INT32_MAX);
    mproc__queue_wake_all(queue);
    free_spans(owner, rings, peers);
    return code;
}

int mproc_queue_shutdown(mproc_queue handle, int immediate)
{
    struct queue_call put, get;
    int code = lock_both(handle, &put, &get);
    if (code < 0)
        return code;
    struct queue *queue = put.queue;
    /* With both words in hand, so that no put commits after this, and no get. Release pairs with the acquire of those
     * who look without a word. */
    atomic_fetch_or_explicit(&queue->state, immediate ? QUEUE_SHUT | QUEUE_DROPPED : QUEUE_SHUT, memory_order_release);
    if (immediate)
        code = mproc__queue_drop(&get);
    queue_unlock(&get);
    queue_unlock(&put);
    mproc__queue_wake_all(queue);
    return code;
}

/* What close, join_thread and cancel_join_thread have to do. */
static int only_find(mproc_queue handle)
{
    struct family_block *block;
    return mproc__object_block(FAMILY_QUEUE, handle.id, &block);
}

int mproc_queue_close(mproc_queue queue)
{
    return only_find(queue);
}

int mproc_queue_join_thread(mproc_queue queue)
{
    return only_find(queue);
}

int mproc_queue_cancel_join_thread(mproc_queue queue)
{
    return only_find(queue);
}

/* ---- For mproc_wait_any ---- */

int mproc__queue_look(const uint64_t id[2])
{
    struct queue_call call;
    int code = mproc__queue_enter((mproc_queue){ { id[0], id[1] } }, QUEUE_GET, 0, &call);
    if (code < 0)
        return code;
    struct queue *queue = call.queue;
    mproc__activity_watch(&queue->watched);
    int ready =
        mproc__queue_count(queue) > 0 || (atomic_load_explicit(&queue->state, memory_order_acquire) & QUEUE_SHUT) != 0;
    if (!ready)
        ready = mproc__queue_peers_gone(queue, MPROC_PRODUCER);
    /* What was looked at was this queue's if it still is there. */
    return family_is_linked(call.owned.block, id[1]) ? ready : mproc__object_stale(FAMILY_QUEUE, id);
}
