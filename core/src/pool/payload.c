/* Where the bytes of arguments and values lie; see payload.h. */
#include "pool/payload.h"
#include "base/copy.h"
#include "base/error.h"
#include "family/view.h"
#include "memory/memory.h"
#include "memory/page.h"
#include "memory/span.h"
#include "process/task.h"
#include <stdlib.h>

/* Memory that nobody has used for so long is given back. */
#define IDLE_NS 1000000000

/* What arguments may take, and what arguments and values may: one part in so many of the family's room. */
#define ARGUMENT_PART 4
#define PAYLOAD_PART  2
/* What may be kept warm. */
#define WARM_PART 4

/* Of all pools of this process. Relaxed, everywhere: figures that decide about thrift and nothing else. */
static struct {
    _Atomic size_t held;     /* by jobs, in spans */
    _Atomic size_t most;     /* the most of it since the last trim; 0: there is nothing to give back */
    _Atomic int64_t used_at; /* when the last one came */
} payloads;

static size_t part_of_room(size_t part)
{
    return (size_t)mproc__family.pages / part * FAMILY_PAGE_SIZE;
}

static size_t held(void)
{
    return atomic_load_explicit(&payloads.held, memory_order_relaxed);
}

/* As much again as was held at a time: what one task has just freed serves the next one. */
static void keep_warm(size_t most)
{
    size_t limit = part_of_room(WARM_PART), wanted = most < limit / 2 ? 2 * most : limit;
    mproc__pages_keep((uint32_t)(wanted / FAMILY_PAGE_SIZE));
}

static void count(uint64_t span)
{
    size_t size = mproc__span_size(span);
    size_t now = atomic_fetch_add_explicit(&payloads.held, size, memory_order_relaxed) + size;
    if (now > atomic_load_explicit(&payloads.most, memory_order_relaxed))
        atomic_store_explicit(&payloads.most, now, memory_order_relaxed);
    atomic_store_explicit(&payloads.used_at, platform_now_ns(), memory_order_relaxed);
    keep_warm(atomic_load_explicit(&payloads.most, memory_order_relaxed));
}

void mproc__payload_forget(uint64_t span)
{
    atomic_fetch_sub_explicit(&payloads.held, mproc__span_size(span), memory_order_relaxed);
}

static void free_span(uint64_t span)
{
    mproc__span_free(span, mproc__span_owner_process(0));
}

/* ---- Making ---- */

static bool copy_to_span(struct payload *payload)
{
    uint64_t span;
    void *address;
    if (payload->size <= TASK_SPAN_BYTES || held() + payload->size > part_of_room(ARGUMENT_PART) ||
        mproc__span_create_dirty(payload->size, mproc__span_owner_process(0), &span) < 0)
        return false;
    if (mproc__span_address(span, &address) < 0) {
        free_span(span);
        return false;
    }
    count(span);
    mproc__copy(address, payload->data, payload->size);
    *payload = (struct payload){ PLACE_SPAN, address, payload->size, span };
    return true;
}

static bool copy_to_heap(struct payload *payload)
{
    void *copy = malloc(payload->size);
    if (copy == NULL)
        return false;
    mproc__copy(copy, payload->data, payload->size);
    *payload = (struct payload){ PLACE_HEAP, copy, payload->size, 0 };
    return true;
}

int mproc__payload_copy(mproc_view bytes, struct payload *ret_payload)
{
    *ret_payload = (struct payload){ PLACE_JOB, bytes.data, bytes.size, 0 };
    if (bytes.size <= TASK_INLINE_BYTES || copy_to_span(ret_payload) || copy_to_heap(ret_payload))
        return 0;
    return mproc__error(MPROC_E_NO_MEMORY, "an argument of %zu bytes", bytes.size);
}

/* Without memory on the heap it stays where it is. */
static void keep_span(struct payload *value)
{
    uint64_t span = value->span;
    if (held() + value->size > part_of_room(PAYLOAD_PART) && copy_to_heap(value))
        free_span(span);
    else
        count(span);
}

int mproc__payload_keep(struct payload *value)
{
    if (value->place == PLACE_SPAN)
        keep_span(value);
    else if (value->place == PLACE_JOB && !copy_to_heap(value))
        return MPROC_E_NO_MEMORY;
    return 0;
}

void mproc__payload_free(const struct payload *payload)
{
    if (payload->place == PLACE_HEAP)
        free((void *)payload->data);
    if (payload->place != PLACE_SPAN)
        return;
    mproc__payload_forget(payload->span);
    free_span(payload->span);
}

/* ---- Messages ---- */

int mproc__payload_from_message(struct held_message *held, struct payload *ret_payload)
{
    uint64_t own = mproc__span_owner_process(0);
    enum place place = held->size > TASK_INLINE_BYTES ? PLACE_HEAP : PLACE_JOB;
    if (held->span != 0) {
        if (!mproc__span_give(held->span, held->owner, own))
            return mproc__error(MPROC_E_STALE, "a message of %zu bytes: the thread that held it has ended", held->size);
        held->owner = own;
        count(held->span);
        place = PLACE_SPAN;
    }
    *ret_payload = (struct payload){ place, held->data, held->size, held->span };
    return 0;
}

struct held_message mproc__payload_to_message(const struct payload *payload)
{
    struct held_message message = { .data = (void *)payload->data, .size = payload->size };
    if (payload->place == PLACE_SPAN) {
        message.span = payload->span;
        message.owner = mproc__span_owner_process(0);
        mproc__payload_forget(payload->span);
    }
    return message;
}

/* ---- Giving back ---- */

void mproc__payload_trim(void)
{
    if (atomic_exchange_explicit(&payloads.most, 0, memory_order_relaxed) != 0)
        mproc__pages_trim();
}

int64_t mproc__payload_trim_at(void)
{
    if (atomic_load_explicit(&payloads.most, memory_order_relaxed) == 0)
        return INT64_MAX;
    return atomic_load_explicit(&payloads.used_at, memory_order_relaxed) + IDLE_NS;
}

void mproc__payload_adopt(void)
{
    atomic_store_explicit(&payloads.held, 0, memory_order_relaxed);
    atomic_store_explicit(&payloads.most, 0, memory_order_relaxed);
}
