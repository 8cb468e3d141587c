/* The store of handles under way: its lock, and who is still to come for a parcel. */
#include "handle_store.h"
#include "error.h"
#include <mproc/lock.h>

/* The store is kept for a few system calls; for longer only if its keeper was stopped. */
#define STORE_MS 1000

/* A tag: the pipe; the position of the frame in its stream; number << 32 | stream << 31 | node of the sender. */
#define TAG_STREAM_SHIFT 31

/* ---- The lock -------------------------------------------------------------------------------------------------- */

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

static int store_open(mproc_lock *ret_lock)
{
    /* Acquire: pairs with the CAS in make_lock. */
    uint64_t second = atomic_load_explicit(&family_header()->store_lock, memory_order_acquire);
    int code = second ? 0 : make_lock(&second);
    if (code < 0)
        return code;
    mproc_lock lock = { { family_seal(FAMILY_LOCK, second), second } };
    code = mproc_lock_acquire(lock, STORE_MS);
    /* The store is usable whatever its keeper was doing when he died. */
    if (code == MPROC_OWNER_DIED)
        code = mproc_lock_repaired(lock);
    if (code == 0)
        *ret_lock = lock;
    return code;
}

/* ---- Parcels --------------------------------------------------------------------------------------------------- */

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

static platform_store store_of_family(void)
{
    return (platform_store){ mproc__family_scope(), family_header()->keeper_pid, parcel_is_over };
}

int mproc__handle_put(const struct pipe_call *call, uint64_t position, mproc_os_handle handle,
                      platform_parcel *ret_parcel)
{
    mproc_lock lock;
    int code = store_open(&lock);
    if (code < 0)
        return code;
    uint64_t stream = (uint64_t)call->end << TAG_STREAM_SHIFT;
    platform_parcel parcel = { { call->id[1], position, mproc__family_new_key() << 32 | stream | mproc__self.id }, 0 };
    platform_store store = store_of_family();
    code = platform_parcel_put(&store, handle, &parcel);
    mproc_lock_release(lock);
    if (code < 0)
        return mproc__error_platform(code, "sending a handle");
    *ret_parcel = parcel;
    return 0;
}

int mproc__handle_copy(const platform_parcel *parcel, mproc_os_handle *ret_handle)
{
    mproc_lock lock;
    int code = store_open(&lock);
    if (code < 0)
        return code;
    platform_store store = store_of_family();
    code = platform_parcel_copy(&store, parcel, ret_handle);
    mproc_lock_release(lock);
    return code < 0 ? mproc__error_platform(code, "receiving a handle") : 0;
}

void mproc__handle_drop(const platform_parcel *parcel)
{
    mproc_lock lock;
    if (store_open(&lock) < 0)
        return;
    platform_store store = store_of_family();
    platform_parcel_drop(&store, parcel);
    mproc_lock_release(lock);
}
