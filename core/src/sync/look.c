/* Looks from outside; see look.h. Relaxed throughout: numbers to be shown, and whoever called checks afterwards that
 * they were this object's. */
#include "sync/look.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "memory/block.h"
#include "sync/sync_layout.h"
#include "word/owned_word.h"

#define READ(member) atomic_load_explicit(&(member), memory_order_relaxed)

static const void *object_of(const struct family_block *block)
{
    return block + 1;
}

/* A dead one holds nothing any more: whoever comes next has the lock. */
static thread_slot holder_of(const struct family_block *block)
{
    thread_slot holder = READ(block->word.value) & OWNED_OWNER;
    return holder != FAMILY_RETIRED && mproc__thread_slot_is_live(holder) ? holder : 0;
}

void mproc__lock_look_on(const struct family_block *block, struct object_sight *ret_sight)
{
    ret_sight->holder = holder_of(block);
}

void mproc__rlock_look_on(const struct family_block *block, struct object_sight *ret_sight)
{
    const struct rlock_object *object = object_of(block);
    ret_sight->holder = holder_of(block);
    ret_sight->depth = ret_sight->holder != 0 ? READ(object->depth) : 0;
}

void mproc__semaphore_look_on(const struct family_block *block, struct object_sight *ret_sight)
{
    const struct semaphore_object *object = object_of(block);
    ret_sight->depth = (uint32_t)READ(object->count) / SEMAPHORE_PERMIT;
    ret_sight->limit = object->bounded ? object->limit : 0;
}

void mproc__semaphore_owned_look_on(const struct family_block *block, struct object_sight *ret_sight)
{
    const struct semaphore_owned_object *object = object_of(block);
    uint32_t units = READ(object->units);
    units = units < MPROC_SEMAPHORE_TRACKED_MAX ? units : MPROC_SEMAPHORE_TRACKED_MAX;
    ret_sight->limit = units;
    for (uint32_t i = 0; i < units; i++) {
        thread_slot holder = READ(object->holder[i]);
        bool held = holder != 0 && mproc__thread_slot_is_live(holder);
        ret_sight->depth += !held;
        if (held && units == 1)
            ret_sight->holder = holder;
    }
}

void mproc__condition_look_on(const struct family_block *block, struct object_sight *ret_sight)
{
    /* One that goes with a lock by name leaves the word of its own alone. */
    ret_sight->holder = holder_of(block);
}

void mproc__event_look_on(const struct family_block *block, struct object_sight *ret_sight)
{
    const struct event_object *object = object_of(block);
    ret_sight->depth = (READ(object->state) & EVENT_FLAG) != 0;
}

void mproc__barrier_look_on(const struct family_block *block, struct object_sight *ret_sight)
{
    const struct barrier_object *object = object_of(block);
    ret_sight->depth = READ(object->count);
    ret_sight->limit = object->parties;
}
