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

static thread_slot owner_of(const struct family_block *block)
{
    thread_slot owner = READ(block->word.value) & OWNED_OWNER;
    return owner != FAMILY_RETIRED ? owner : 0;
}

/* A dead one holds nothing any more: whoever comes next has the lock. Who let go of it and ended thereafter is no owner
 * any more when it is looked at again: the acquire with which the slot is read goes with the end. */
void mproc__lock_look_on(const struct family_block *block, struct object_sight *ret_sight)
{
    thread_slot owner = owner_of(block);
    bool is_live = owner != 0 && mproc__thread_slot_is_live(owner);
    ret_sight->holder = is_live ? owner : 0;
    ret_sight->abandoned = owner != 0 && !is_live && owner_of(block) == owner;
}

void mproc__rlock_look_on(const struct family_block *block, struct object_sight *ret_sight)
{
    const struct rlock_object *object = object_of(block);
    mproc__lock_look_on(block, ret_sight);
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
        if (units != 1)
            continue;
        ret_sight->holder = held ? holder : 0;
        ret_sight->abandoned = holder != 0 && !held && READ(object->holder[i]) == holder;
    }
}

void mproc__condition_look_on(const struct family_block *block, struct object_sight *ret_sight)
{
    /* One that goes with a lock by name leaves the word of its own alone. */
    mproc__lock_look_on(block, ret_sight);
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
