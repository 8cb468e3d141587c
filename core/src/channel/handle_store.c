/* The store of handles under way: its lock, its users one at a time, and getting rid of what is over. */
#include "channel/handle_store.h"
#include "base/error.h"
#include "family/death.h"
#include "family/family.h"
#include "family/family_layout.h"
#include "family/view.h"
#include "memory/block.h"
#include <mproc/lock.h>

/* The store is kept for a few system calls; for longer only if its keeper was stopped. A caller may have a word in his
 * hands meanwhile: he gives it back and comes again after the maximum, and may exceed his time-out by the minimum. */
#define STORE_MAX_MS 1000
#define STORE_MIN_MS 20

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

static int store_open(platform_parcel_over *over, int64_t wait_ms, mproc_lock *ret_lock, platform_store *ret_store)
{
    /* Acquire: pairs with the CAS in make_lock. */
    uint64_t second = atomic_load_explicit(&family_header()->store_lock, memory_order_acquire);
    int code = second ? 0 : make_lock(&second);
    if (code < 0)
        return code;
    mproc_lock lock = { { block_check(FAMILY_LOCK, second), second } };
    code = mproc_lock_acquire(lock, wait_ms);
    /* The store is usable whatever its keeper was doing when he died. */
    if (code == MPROC_OWNER_DIED)
        code = mproc_lock_repaired(lock);
    if (code < 0)
        return code;
    *ret_lock = lock;
    *ret_store = (platform_store){ mproc__family_scope(), family_header()->keeper_pid, over };
    purge_after_deaths(ret_store);
    return 0;
}

/* ---- Passing ---- */

int mproc__handle_put(platform_parcel_over *over, mproc_os_handle handle, platform_parcel *parcel, int64_t deadline_ns)
{
    mproc_lock lock;
    platform_store store;
    int code = store_open(over, patience(deadline_ns), &lock, &store);
    if (code < 0)
        return code;
    code = platform_parcel_put(&store, handle, parcel);
    if (code < 0)
        code = mproc__error_platform(code, "sending a handle");
    mproc_lock_release(lock);
    return code;
}

int mproc__handle_copy(platform_parcel_over *over, const platform_parcel *parcel, int64_t deadline_ns,
                       mproc_os_handle *ret_handle)
{
    mproc_lock lock;
    platform_store store;
    int code = store_open(over, patience(deadline_ns), &lock, &store);
    if (code < 0)
        return code;
    code = platform_parcel_copy(&store, parcel, ret_handle);
    if (code < 0)
        code = mproc__error_platform(code, "receiving a handle");
    mproc_lock_release(lock);
    return code;
}

void mproc__handle_drop(platform_parcel_over *over, const platform_parcel *parcel, int64_t deadline_ns)
{
    mproc_lock lock;
    platform_store store;
    int code = store_open(over, ms_until(deadline_ns), &lock, &store);
    if (code == 0) {
        code = platform_parcel_drop(&store, parcel);
        mproc_lock_release(lock);
    }
    if (code < 0 && code != MPROC_E_NOT_FOUND)
        want_purge();
}

void mproc__handle_purge(platform_parcel_over *over, int64_t deadline_ns)
{
    mproc_lock lock;
    platform_store store;
    want_purge();
    if (store_open(over, ms_until(deadline_ns), &lock, &store) == 0)
        mproc_lock_release(lock);
}
