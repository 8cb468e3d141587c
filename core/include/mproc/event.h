/* An event: a flag that processes share and wait for.
 *
 * An event is a value: copy it into a task's argument, a result or shared memory, and it means the same event in every
 * process of the family. Anybody may set it, so a wait cannot know that nobody is left to do so: without a time-out it
 * lasts until somebody does.
 */
#ifndef MPROC_EVENT_H
#define MPROC_EVENT_H

#include <mproc/base.h>
#include <mproc/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An event, by value. All zero is no event. */
typedef struct mproc_event {
    uint64_t id[2];
} mproc_event;

typedef struct mproc_event_options {
    const char *name; /**< shown in messages; copied, cut at 31 bytes; NULL for none */
} mproc_event_options;

MPROC_API int mproc_event_create_(mproc_event *ret_event, const mproc_event_options *options, size_t options_size);

/** Makes an event, not set.
 *
 * Returns: 0; MPROC_E_LIMIT if the family segment is full; MPROC_E_NOT_INITIALIZED; MPROC_E_OS.
 * Blocks: never. Threads: any. Fork: the event is valid in all processes of the family.
 * Since: 0.1. Source: multiprocessing.Event.
 */
static inline int mproc_event_create(mproc_event *ret_event, const mproc_event_options *options)
{
    return mproc_event_create_(ret_event, options, sizeof *options);
}

/** Frees the event for all processes. Handles to it become stale; who waits for it gets MPROC_E_STALE.
 *
 * Returns: 0; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family may call it.
 * Since: 0.1
 */
MPROC_API int mproc_event_destroy(mproc_event event);

/** Sets the flag and wakes all who wait for it. Whoever waits at this moment is let go, even if the flag is cleared
 * again before he runs.
 *
 * Returns: 0, also if it was set; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Event.set.
 */
MPROC_API int mproc_event_set(mproc_event event);

/** Clears the flag.
 *
 * Returns: 0, also if it was not set; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Event.clear.
 */
MPROC_API int mproc_event_clear(mproc_event event);

/** Whether the flag is set.
 *
 * Returns: the answer; false for MPROC_E_STALE and MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.Event.is_set.
 */
MPROC_API bool mproc_event_is_set(mproc_event event);

/** Waits until the flag is set.
 *
 * timeout_ms: 0 or negative looks once.
 * Returns: 0 if the flag is set or was so during the call; MPROC_E_TIMEOUT if it was not; MPROC_E_STALE;
 *     MPROC_E_FOREIGN.
 * Blocks: until the time-out; without one for ever if nobody sets it. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.Event.wait.
 */
MPROC_API int mproc_event_wait(mproc_event event, int64_t timeout_ms);

/** The event as something to wait for: it is ready while it is set.
 *
 * Returns: the element of a list for mproc_wait_any.
 */
static inline mproc_waitable mproc_waitable_event(mproc_event event)
{
    return mproc_waitable_id_(MPROC_WAITABLE_EVENT, event.id);
}

#ifdef __cplusplus
}
#endif
#endif
