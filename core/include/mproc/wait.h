/* Waiting for several things at once: connections, queues, events, processes, threads, results, pools, and things
 * of the operating system.
 */
#ifndef MPROC_WAIT_H
#define MPROC_WAIT_H

#include <mproc/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A file descriptor on POSIX, a HANDLE on Windows. -1 is none on both. */
typedef intptr_t mproc_os_handle;

/** What becomes of a handle that is given to another process or a task. */
typedef enum mproc_handle_mode {
    MPROC_HANDLE_DUP = 0, /**< it stays open: both have the thing */
    MPROC_HANDLE_MOVE = 1 /**< it is closed once the call has succeeded, a socket of Windows by closesocket */
} mproc_handle_mode;

/** What an element of a list for mproc_wait_any is. */
typedef enum mproc_waitable_kind {
    MPROC_WAITABLE_NONE = 0,
    MPROC_WAITABLE_HANDLE = 1,     /**< a handle of the operating system: readable or at its end (POSIX), signalled */
    MPROC_WAITABLE_PROCESS = 2,    /**< a process: ready when it has ended */
    MPROC_WAITABLE_CONNECTION = 3, /**< an end of a pipe: ready when a receive would not wait */
    MPROC_WAITABLE_QUEUE = 4,      /**< a queue: ready when a get would not wait */
    MPROC_WAITABLE_EVENT = 5,      /**< an event: ready while it is set */
    MPROC_WAITABLE_RESULT = 6,     /**< a result: ready when its task has ended */
    MPROC_WAITABLE_POOL = 7,       /**< a pool: ready when mproc_pool_join would not wait */
    MPROC_WAITABLE_THREAD = 8      /**< a thread of mproc_thread_start: ready when it has ended */
} mproc_waitable_kind;

struct mproc_process;

/** Something to wait for. Made by mproc_waitable_handle, mproc_waitable_process, mproc_waitable_connection and so on
 * for each kind; a list may be used again and again. */
typedef struct mproc_waitable {
    mproc_waitable_kind kind;
    bool ready;             /**< set by mproc_wait_any */
    uint64_t id[2];         /**< of what is passed by value */
    mproc_os_handle handle; /**< of a HANDLE */
    void *object;           /**< of what is passed by pointer */
} mproc_waitable;

/** For the functions that make elements. */
static inline mproc_waitable mproc_waitable_id_(mproc_waitable_kind kind, const uint64_t *id)
{
    mproc_waitable waitable = { kind, false, { id[0], id[1] }, -1, NULL };
    return waitable;
}

static inline mproc_waitable mproc_waitable_object_(mproc_waitable_kind kind, void *object)
{
    mproc_waitable waitable = { kind, false, { 0, 0 }, -1, object };
    return waitable;
}

/** The handle as something to wait for.
 *
 * Returns: the element of a list for mproc_wait_any.
 */
static inline mproc_waitable mproc_waitable_handle(mproc_os_handle handle)
{
    mproc_waitable waitable = { MPROC_WAITABLE_HANDLE, false, { 0, 0 }, handle, NULL };
    return waitable;
}

/** The process, which has been started, as something to wait for. The object stays its owner's.
 *
 * Returns: the element of a list for mproc_wait_any.
 */
static inline mproc_waitable mproc_waitable_process(struct mproc_process *process)
{
    return mproc_waitable_object_(MPROC_WAITABLE_PROCESS, process);
}

/** Waits until at least one element of the list is ready. Of everything the list may hold any number, and all kinds may
 * be mixed: process sentinels, pool handles, files and sockets among the handles.
 *
 * While it sleeps on a list that has handles as well as other things, it has a thread and an event of its own to help
 * it. Lists of handles alone, and lists without any, need none. Of an event that is
 * set and cleared again at once it may see nothing: mproc_event_wait does.
 *
 * items: may be NULL if count is 0. The member ready of each is set; all that are ready are reported, not just the
 *     first. After an error the members are as they were.
 * timeout_ms: an empty list waits this long too.
 * Returns: the number of ready elements, 1 or more; MPROC_E_TIMEOUT; MPROC_E_INVALID for an element that is none or a
 *     NULL; whatever the element's own calls say of it, as MPROC_E_CLOSED, MPROC_E_STALE, MPROC_E_FOREIGN,
 *     MPROC_E_WRONG_PROCESS, and MPROC_E_STATE for a process or thread that was not started or a connection that only
 *     sends, also if that comes to be during the wait; the message names the element. While handles are ready they are
 *     reported and such an element is not ready, for what is ready may be so only once (a Windows event that resets
 *     itself).
 *     MPROC_E_NOT_SUPPORTED for a kind this version does not know; MPROC_E_NOT_INITIALIZED; MPROC_E_OS;
 *     MPROC_E_NO_MEMORY.
 * Blocks: until the time-out. The end of a connection's peer, and of a queue's registered producers, ends the wait
 *     within 100 ms.
 * Threads: any. Fork: any process of the family; elements that are processes, threads, results,
 *     pools or handles belong to one process.
 * Since: 0.2. Source: multiprocessing.connection.wait.
 */
MPROC_API int mproc_wait_any(mproc_waitable *items, size_t count, int64_t timeout_ms);

#ifdef __cplusplus
}
#endif
#endif
