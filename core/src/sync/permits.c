/* Permits with owners.
 *
 * The block's own word is where waiters sleep: it counts releases, in steps of two, because 1 means something else
 * there (FAMILY_RETIRED). A release gives the permit first and changes the word second: who looks in between takes the
 * permit, who sleeps is woken. Killed between the two, it leaves a permit that the sleepers find when they hear of the
 * death, or after their slice.
 */
#include "sync/permits.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/object.h"
#include "word/await.h"
#include <mproc/semaphore.h>

#define RELEASE_STEP 2u

struct permits_object {
    _Atomic uint32_t units;
    _Atomic uint32_t holder[MPROC_SEMAPHORE_TRACKED_MAX];
};

_Static_assert(sizeof(struct permits_object) <= FAMILY_OBJECT_MAX, "the permits have a page");

/* One call of acquire. */
struct taker {
    struct await await;
    struct family_block *block;
    const uint64_t *id;
    node_id self;
};

static struct permits_object *object_of(struct family_block *block)
{
    return (struct permits_object *)(block + 1);
}

/* Relaxed: written before the object was published, and by the maker of the next one, which is checked for. */
static uint32_t units_of(const struct permits_object *object)
{
    return atomic_load_explicit(&object->units, memory_order_relaxed);
}

int mproc__permits_create(uint32_t units, const char *name, uint64_t ret_id[2])
{
    void *object;
    int code = mproc__object_new(FAMILY_PERMITS, 0, sizeof(struct permits_object), name, ret_id, &object);
    if (code < 0)
        return code;
    atomic_store_explicit(&((struct permits_object *)object)->units, units, memory_order_relaxed);
    mproc__object_publish(ret_id);
    return 0;
}

/* Only if it is the caller's: his semaphore may be gone, and the permit another one's by now. Returns whether. */
static bool give(struct family_block *block, _Atomic uint32_t *holder)
{
    node_id self = mproc__self.id;
    /* seq_cst: release for what the permit guards, pairing with the acquire of the next taker; and before the word. */
    if (!atomic_compare_exchange_strong(holder, &self, 0))
        return false;
    atomic_fetch_add(&block->word.value, RELEASE_STEP);
    platform_wake(&block->word, 1);
    return true;
}

/* ---- Acquire ---- */

/* Takes the permit if it has this holder, who is nobody or dead. Acquire: pairs with give, and with what told of the
 * death. */
static bool take(const struct taker *taker, _Atomic uint32_t *holder, uint32_t from)
{
    return atomic_compare_exchange_strong_explicit(holder, &from, taker->self, memory_order_acquire,
                                                   memory_order_relaxed);
}

/* The permit is ours; is the semaphore still the one that was meant? */
static int taken(struct taker *taker, _Atomic uint32_t *holder, int code)
{
    if (!family_is_linked(taker->block, taker->id[1])) {
        give(taker->block, holder);
        return mproc__object_stale(FAMILY_PERMITS, taker->id);
    }
    family_holds(1);
    return code;
}

/* Takes a permit that nobody holds, or one of the dead if dead. */
static int look_for(struct taker *taker, bool dead)
{
    struct permits_object *object = object_of(taker->block);
    uint32_t units = units_of(object);
    for (uint32_t i = 0; i < units; i++) {
        /* Takers begin at different places, so as not to meet at one word. */
        _Atomic uint32_t *holder = &object->holder[(i + taker->self) % units];
        /* Relaxed: the CAS decides. */
        uint32_t seen = atomic_load_explicit(holder, memory_order_relaxed);
        bool is_free = dead ? seen != 0 && seen != taker->self && await_finds_dead(&taker->await, seen) : seen == 0;
        if (is_free && take(taker, holder, seen))
            return taken(taker, holder, dead ? MPROC_OWNER_DIED : 0);
    }
    return AWAIT_WAITS;
}

static int look(struct await *await)
{
    struct taker *taker = (struct taker *)await;
    if (!family_is_linked(taker->block, taker->id[1])) {
        /* A wake may have come for the block's next object. */
        platform_wake(&taker->block->word, 1);
        return mproc__object_stale(FAMILY_PERMITS, taker->id);
    }
    int code = look_for(taker, false);
    return code != AWAIT_WAITS ? code : look_for(taker, true);
}

int mproc__permits_acquire(const uint64_t id[2], int64_t deadline_ns)
{
    struct taker taker = { .id = id };
    int code = mproc__object_block(FAMILY_PERMITS, id, &taker.block);
    if (code < 0)
        return code;
    taker.self = mproc__node_self();
    if (taker.self == 0)
        return MPROC_E_LIMIT;
    taker.await = (struct await){ .word = &taker.block->word, .on = id[1], .deadline = deadline_ns, .look = look };
    code = mproc__await(&taker.await);
    if (code == MPROC_E_TIMEOUT)
        mproc__object_error(code, FAMILY_PERMITS, taker.block, ", all of whose permits are held");
    return code;
}

/* ---- The rest ---- */

int mproc__permits_release(const uint64_t id[2])
{
    struct family_block *block;
    int code = mproc__object_block(FAMILY_PERMITS, id, &block);
    if (code < 0)
        return code;
    struct permits_object *object = object_of(block);
    /* Once: it may be another semaphore's in the next moment. */
    uint32_t units = units_of(object);
    for (uint32_t i = 0; mproc__self.id != 0 && i < units; i++) {
        _Atomic uint32_t *holder = &object->holder[(i + mproc__self.id) % units];
        /* Relaxed: what is our own nobody else changes while we live. */
        if (atomic_load_explicit(holder, memory_order_relaxed) == mproc__self.id && give(block, holder)) {
            family_holds(-1);
            return 0;
        }
    }
    if (!family_is_linked(block, id[1]))
        return mproc__object_stale(FAMILY_PERMITS, id);
    return mproc__object_error(MPROC_E_NOT_OWNER, FAMILY_PERMITS, block,
                               ", of which the calling thread holds no permit");
}

int mproc__permits_value(const uint64_t id[2])
{
    struct family_block *block;
    int code = mproc__object_block(FAMILY_PERMITS, id, &block);
    if (code < 0)
        return code;
    struct permits_object *object = object_of(block);
    int value = 0;
    uint32_t units = units_of(object);
    for (uint32_t i = 0; i < units; i++) {
        /* Acquire: who finds a permit free also sees what was done before it was given. */
        node_id holder = atomic_load_explicit(&object->holder[i], memory_order_acquire);
        value += holder == 0 || !mproc__node_check(holder);
    }
    return family_is_linked(block, id[1]) ? value : mproc__object_stale(FAMILY_PERMITS, id);
}
