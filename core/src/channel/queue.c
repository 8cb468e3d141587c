/* The queue: its beginning, its end, and what there is in it. */
#include "channel/queue.h"
#include "base/error.h"
#include "base/options.h"
#include "channel/queue_call.h"
#include "channel/queue_get.h"
#include "channel/queue_layout.h"
#include "channel/queue_lock.h"
#include "channel/queue_peers.h"
#include "channel/queue_ring.h"
#include "channel/queue_wait.h"
#include "family/activity.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "memory/block.h"
#include "memory/object.h"
#include "memory/span.h"

/* ---- What there is ---- */

/* The count, if the queue was still there after it was read. */
static int count_of(mproc_queue handle, struct queue_call *call, uint32_t *ret_count)
{
    int code = mproc__queue_enter(handle, QUEUE_GET, 0, call);
    if (code < 0)
        return code;
    *ret_count = mproc__queue_count(call->queue);
    if (atomic_load_explicit(&call->queue->state, memory_order_acquire) & QUEUE_DROPPED)
        *ret_count = 0;
    return block_is_published(call->owned.block, handle.id[1]) ? 0 : mproc__object_stale(FAMILY_QUEUE, handle.id);
}

int mproc_queue_get_count(mproc_queue queue, size_t *ret_count)
{
    if (ret_count == NULL)
        return mproc__error_null("ret_count");
    struct queue_call call;
    uint32_t count;
    int code = count_of(queue, &call, &count);
    if (code == 0)
        *ret_count = count;
    return code;
}

bool mproc_queue_is_empty(mproc_queue queue)
{
    struct queue_call call;
    uint32_t count;
    int code = count_of(queue, &call, &count);
    return mproc__answer(code < 0 ? code : count == 0);
}

bool mproc_queue_is_full(mproc_queue queue)
{
    struct queue_call call;
    uint32_t count;
    int code = count_of(queue, &call, &count);
    return mproc__answer(code < 0 ? code : call.queue->capacity != 0 && count >= call.queue->capacity);
}

/* ---- Beginning ---- */

static int check_options(const mproc_queue_options *options)
{
    if (options->capacity > INT32_MAX)
        return mproc__error(MPROC_E_LIMIT, "a queue with a capacity of %zu messages; %d is the most", options->capacity,
                            INT32_MAX);
    if (options->buffer_size > QUEUE_BUFFER_MAX)
        return mproc__error(MPROC_E_LIMIT, "a queue with a buffer of %zu bytes; %zu is the most", options->buffer_size,
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
    size_t bytes = ring_bytes(options->buffer_size ? options->buffer_size : QUEUE_BUFFER);
    queue->capacity = (uint32_t)options->capacity;
    queue->joinable = options->joinable;
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

_Static_assert(STRUCT_ENDS_WITH(mproc_queue_options, name), "it can grow");

int mproc_queue_create_(mproc_queue *ret_queue, const mproc_queue_options *options, size_t options_size)
{
    if (ret_queue == NULL)
        return mproc__error_null("ret_queue");
    mproc_queue_options own;
    int code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code < 0)
        return code;
    options = &own;
    code = check_options(options);
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
    thread_slot_holds(-2);
    platform_wake(&queue->words[QUEUE_PUT], INT32_MAX);
    platform_wake(&queue->words[QUEUE_GET], INT32_MAX);
    mproc__queue_notify_all(queue);
    free_spans(owner, rings, peers);
    return code;
}

int mproc_queue_close(mproc_queue handle, bool drop)
{
    struct queue_call put, get;
    int code = lock_both(handle, &put, &get);
    if (code < 0)
        return code;
    struct queue *queue = put.queue;
    /* With both words in hand, so that no put commits after this, and no get. Release pairs with the acquire of those
     * who look without a word. */
    atomic_fetch_or_explicit(&queue->state, drop ? QUEUE_CLOSED | QUEUE_DROPPED : QUEUE_CLOSED, memory_order_release);
    if (drop)
        code = mproc__queue_drop(&get);
    queue_unlock(&get);
    queue_unlock(&put);
    mproc__queue_notify_all(queue);
    return code;
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
    int ready = mproc__queue_count(queue) > 0 ||
                (atomic_load_explicit(&queue->state, memory_order_acquire) & QUEUE_CLOSED) != 0;
    if (!ready)
        ready = mproc__queue_peers_gone(queue, MPROC_QUEUE_PRODUCER);
    /* What was looked at was this queue's if it still is there. */
    return block_is_published(call.owned.block, id[1]) ? ready : mproc__object_stale(FAMILY_QUEUE, id);
}
