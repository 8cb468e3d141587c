/* The store of handles under way: its lock, and who is still to come for a parcel. */
#include "channel/handle_store.h"
#include "base/error.h"
#include "channel/pipe.h"
#include "family/death.h"
#include "family/family.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/object.h"
#include <mproc/lock.h>

/* The store is kept for a few system calls; for longer only if its keeper was stopped. A caller has a pipe's word in
 * his hands meanwhile: he gives it back and comes again after the maximum, and may exceed his time-out by the
 * minimum. */
#define STORE_MAX_MS 1000
#define STORE_MIN_MS 20

/* A tag: the pipe; the position of the frame in its stream; number << 32 | stream << 31 | node of the sender. */
#define TAG_STREAM_SHIFT 31

/* ---- The lock ---- */

/* Makes the lock, or finds that somebody else was quicker. A process killed in between leaves one lock too many. */
static int make_lock(uint64_t *ret_second)
{
    mproc_lock lock;
    int code = mproc_lock_create(&lock, &(mproc_lock_options){ .name = "handles under way" });
    if (code < 0)
        return code;
    uint64_t known = 0;
    if (atomic_compare_exchange_strong(&family_header()->store_lock, &known, lock.id[1]))
        known = lock.id[1];
    else
        mproc_lock_destroy(lock);
    *ret_second = known;
    return 0;
}

static int64_t ms_until(int64_t deadline_ns)
{
    int64_t now = platform_now_ns();
    return deadline_ns > now ? (deadline_ns - now) / 1000000 : 0;
}

static int64_t patience(int64_t deadline_ns)
{
    int64_t ms = ms_until(deadline_ns);
    return ms < STORE_MIN_MS ? STORE_MIN_MS : ms > STORE_MAX_MS ? STORE_MAX_MS : ms;
}

/* ---- Parcels ---- */

static bool parcel_is_over(const platform_parcel *parcel)
{
    struct pipe_call call = { .id = { family_seal(FAMILY_PIPE, parcel->tag[0]), parcel->tag[0] } };
    unsigned stream = parcel->tag[2] >> TAG_STREAM_SHIFT & 1;
    call.block = family_find(FAMILY_PIPE, call.id);
    /* Not there, or not mapped here, which is for its users to find out: a parcel of theirs is safe with them. */
    if (call.block == NULL) {
        void *object;
        return mproc__object_find(FAMILY_PIPE, call.id, &object) == MPROC_E_STALE;
    }
    struct pipe *pipe = (struct pipe *)(call.block + 1);
    /* Acquire: what is unread is so in a pipe that is there after the loads. */
    uint64_t tail = atomic_load_explicit(&pipe->streams[stream].tail, memory_order_acquire);
    uint64_t head = atomic_load_explicit(&pipe->streams[stream].head, memory_order_acquire);
    if (!pipe_exists(&call) || tail > parcel->tag[1])
        return true;
    /* Put there by somebody who was killed before he sent the frame. */
    return head <= parcel->tag[1] && !mproc__node_check((node_id)(parcel->tag[2] & NODE_ID_MASK));
}

/* ---- Opening ---- */

/* What somebody in the family may have left there when he died, or could not drop. Marked as done at the end only, so
 * that a purger's own death is one more reason to purge. Relaxed throughout: the store's lock orders its keepers, and a
 * change that comes while one is at it is seen by the next. */
static void purge_after_deaths(const platform_store *store)
{
    struct family_header *header = family_header();
    uint32_t purged = atomic_load_explicit(&header->store_purged, memory_order_relaxed);
    uint32_t deaths = atomic_load(&mproc__family_death_word()->value);
    if (deaths != purged && platform_parcel_purge(store) == 0)
        atomic_compare_exchange_strong_explicit(&header->store_purged, &purged, deaths, memory_order_relaxed,
                                                memory_order_relaxed);
}

/* Something is over and still there: the next keeper is to purge, death or not. */
static void want_purge(void)
{
    uint32_t deaths = atomic_load(&mproc__family_death_word()->value);
    atomic_store_explicit(&family_header()->store_purged, deaths - 1, memory_order_relaxed);
}

static int store_open(int64_t wait_ms, mproc_lock *ret_lock, platform_store *ret_store)
{
    /* Acquire: pairs with the CAS in make_lock. */
    uint64_t second = atomic_load_explicit(&family_header()->store_lock, memory_order_acquire);
    int code = second ? 0 : make_lock(&second);
    if (code < 0)
        return code;
    mproc_lock lock = { { family_seal(FAMILY_LOCK, second), second } };
    code = mproc_lock_acquire(lock, wait_ms);
    /* The store is usable whatever its keeper was doing when he died. */
    if (code == MPROC_OWNER_DIED)
        code = mproc_lock_repaired(lock);
    if (code < 0)
        return code;
    *ret_lock = lock;
    *ret_store = (platform_store){ mproc__family_scope(), family_header()->keeper_pid, parcel_is_over };
    purge_after_deaths(ret_store);
    return 0;
}

/* ---- Passing ---- */

int mproc__handle_put(const struct pipe_call *call, uint64_t position, mproc_os_handle handle, int64_t deadline_ns,
                      platform_parcel *ret_parcel)
{
    mproc_lock lock;
    platform_store store;
    int code = store_open(patience(deadline_ns), &lock, &store);
    if (code < 0)
        return code;
    uint64_t stream = (uint64_t)call->end << TAG_STREAM_SHIFT;
    platform_parcel parcel = { { call->id[1], position, mproc__family_new_key() << 32 | stream | mproc__self.id }, 0 };
    code = platform_parcel_put(&store, handle, &parcel);
    if (code < 0)
        code = mproc__error_platform(code, "sending a handle");
    else
        *ret_parcel = parcel;
    mproc_lock_release(lock);
    return code;
}

int mproc__handle_copy(const platform_parcel *parcel, int64_t deadline_ns, mproc_os_handle *ret_handle)
{
    mproc_lock lock;
    platform_store store;
    int code = store_open(patience(deadline_ns), &lock, &store);
    if (code < 0)
        return code;
    code = platform_parcel_copy(&store, parcel, ret_handle);
    if (code < 0)
        code = mproc__error_platform(code, "receiving a handle");
    mproc_lock_release(lock);
    return code;
}

void mproc__handle_drop(const platform_parcel *parcel, int64_t deadline_ns)
{
    mproc_lock lock;
    platform_store store;
    int code = store_open(ms_until(deadline_ns), &lock, &store);
    if (code == 0) {
        code = platform_parcel_drop(&store, parcel);
        mproc_lock_release(lock);
    }
    if (code < 0 && code != MPROC_E_NOT_FOUND)
        want_purge();
}

void mproc__handle_purge(int64_t deadline_ns)
{
    mproc_lock lock;
    platform_store store;
    want_purge();
    if (store_open(ms_until(deadline_ns), &lock, &store) == 0)
        mproc_lock_release(lock);
}
