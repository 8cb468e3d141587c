/* Permits with owners.
 *
 * The block's own word is where waiters sleep: it counts releases, in steps of two, because 1 means something else
 * there (FAMILY_RETIRED). A release gives the permit first and changes the word second: who looks in between takes the
 * permit, who sleeps is woken. Killed between the two, it leaves a permit that the sleepers find when they hear of the
 * death, or after their slice.
 */
#include "sync/semaphore_owned.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/object.h"
#include "sync/sync.h"
#include "sync/sync_layout.h"
#include "word/await.h"

/* One call of acquire. */
struct semaphore_owned_wait {
    struct await await;
    struct family_block *block;
    const uint64_t *id;
    thread_slot self;
};

static struct semaphore_owned_object *object_of(struct family_block *block)
{
    return (struct semaphore_owned_object *)(block + 1);
}

/* Relaxed: written before the object was published, and by the maker of the next one, which is checked for. */
static uint32_t units_of(const struct semaphore_owned_object *object)
{
    return atomic_load_explicit(&object->units, memory_order_relaxed);
}

int mproc__semaphore_owned_create(uint32_t units, const char *name, uint64_t ret_id[2])
{
    void *object;
    int code =
        mproc__object_new(FAMILY_SEMAPHORE_OWNED, 0, sizeof(struct semaphore_owned_object), name, ret_id, &object);
    if (code < 0)
        return code;
    atomic_store_explicit(&((struct semaphore_owned_object *)object)->units, units, memory_order_relaxed);
    mproc__object_publish(ret_id);
    return 0;
}

/* Only if it is the caller's: his semaphore may be gone, and the permit another one's by now. Returns whether. */
static bool give(struct family_block *block, _Atomic uint32_t *holder)
{
    thread_slot self = mproc__self.id;
    /* seq_cst: release for what the permit guards, pairing with the acquire of the next taker; and before the word. */
    if (!atomic_compare_exchange_strong(holder, &self, 0))
        return false;
    atomic_fetch_add(&block->word.value, SEMAPHORE_OWNED_RELEASE);
    platform_wake(&block->word, 1);
    return true;
}

/* ---- Acquire ---- */

/* Takes the permit if it has this holder, who is nobody or dead. Acquire: pairs with give, and with what told of the
 * death. */
static bool take(const struct semaphore_owned_wait *wait, _Atomic uint32_t *holder, uint32_t from)
{
    return atomic_compare_exchange_strong_explicit(holder, &from, wait->self, memory_order_acquire,
                                                   memory_order_relaxed);
}

/* The permit is ours; is the semaphore still the one that was meant? */
static int taken(struct semaphore_owned_wait *wait, _Atomic uint32_t *holder, int code)
{
    if (!block_is_published(wait->block, wait->id[1])) {
        give(wait->block, holder);
        return mproc__object_stale(FAMILY_SEMAPHORE_OWNED, wait->id);
    }
    thread_slot_holds(1);
    block_note_contended(wait->block, wait->await.slept);
    return code;
}

/* Takes a permit that nobody holds, or one of the dead if dead. */
static int look_for(struct semaphore_owned_wait *wait, bool dead)
{
    struct semaphore_owned_object *object = object_of(wait->block);
    uint32_t units = units_of(object);
    for (uint32_t i = 0; i < units; i++) {
        /* Takers begin at different places, so as not to meet at one word. */
        _Atomic uint32_t *holder = &object->holder[(i + wait->self) % units];
        /* Relaxed: the CAS decides. */
        uint32_t seen = atomic_load_explicit(holder, memory_order_relaxed);
        bool is_free = dead ? seen != 0 && seen != wait->self && await_finds_dead(&wait->await, seen) : seen == 0;
        if (is_free && take(wait, holder, seen))
            return taken(wait, holder, dead ? MPROC_OWNER_DIED : 0);
    }
    return AWAIT_WAITS;
}

static int look(struct await *await)
{
    struct semaphore_owned_wait *wait = (struct semaphore_owned_wait *)await;
    if (!block_is_published(wait->block, wait->id[1]))
        return mproc__sync_gone(FAMILY_SEMAPHORE_OWNED, wait->id, wait->block);
    int code = look_for(wait, false);
    return code != AWAIT_WAITS ? code : look_for(wait, true);
}

int mproc__semaphore_owned_acquire(const uint64_t id[2], int64_t deadline_ns)
{
    struct semaphore_owned_wait wait = { .id = id };
    int code = mproc__object_block(FAMILY_SEMAPHORE_OWNED, id, &wait.block);
    if (code < 0)
        return code;
    wait.self = mproc__thread_slot_self();
    if (wait.self == 0)
        return MPROC_E_LIMIT;
    wait.await = (struct await){ .word = &wait.block->word, .on = id[1], .deadline = deadline_ns, .look = look };
    code = mproc__await(&wait.await);
    if (code == MPROC_E_TIMEOUT)
        mproc__object_error(code, FAMILY_SEMAPHORE_OWNED, wait.block, ", all of whose permits are held");
    return code;
}

/* ---- The rest ---- */

int mproc__semaphore_owned_release(const uint64_t id[2])
{
    struct family_block *block;
    int code = mproc__object_block(FAMILY_SEMAPHORE_OWNED, id, &block);
    if (code < 0)
        return code;
    struct semaphore_owned_object *object = object_of(block);
    /* Once: it may be another semaphore's in the next moment. */
    uint32_t units = units_of(object);
    for (uint32_t i = 0; mproc__self.id != 0 && i < units; i++) {
        _Atomic uint32_t *holder = &object->holder[(i + mproc__self.id) % units];
        /* Relaxed: what is our own nobody else changes while we live. */
        if (atomic_load_explicit(holder, memory_order_relaxed) == mproc__self.id && give(block, holder)) {
            thread_slot_holds(-1);
            return 0;
        }
    }
    if (!block_is_published(block, id[1]))
        return mproc__object_stale(FAMILY_SEMAPHORE_OWNED, id);
    return mproc__object_error(MPROC_E_NOT_OWNER, FAMILY_SEMAPHORE_OWNED, block,
                               ", of which the calling thread holds no permit");
}

int mproc__semaphore_owned_value(const uint64_t id[2])
{
    struct family_block *block;
    int code = mproc__object_block(FAMILY_SEMAPHORE_OWNED, id, &block);
    if (code < 0)
        return code;
    struct semaphore_owned_object *object = object_of(block);
    int value = 0;
    uint32_t units = units_of(object);
    for (uint32_t i = 0; i < units; i++) {
        /* Acquire: who finds a permit free also sees what was done before it was given. */
        thread_slot holder = atomic_load_explicit(&object->holder[i], memory_order_acquire);
        value += holder == 0 || !mproc__thread_slot_check(holder);
    }
    return block_is_published(block, id[1]) ? value : mproc__object_stale(FAMILY_SEMAPHORE_OWNED, id);
}
