/* Waiting for several things at once.
 *
 * Handles alone are the port's business. A list that holds objects of the family as well is looked at element by
 * element, and in between its waiter sleeps on the activity word (see activity.h). If it holds handles too, one thread
 * cannot sleep on both, so a helper sleeps on the word and sets an event, and the waiter sleeps on the handles and that
 * event. The helper lives as long as the call: it costs a list of both kinds some 50 us when there is something to wait
 * for, and in return nothing is left behind, neither in a fork nor at the program's end.
 */
#include "base/deadline.h"
#include "base/error.h"
#include "base/ready.h"
#include "channel/connection.h"
#include "channel/queue.h"
#include "family/activity.h"
#include "family/family.h"
#include "family/view.h"
#include "init.h"
#include "pool/watch.h"
#include "process/thread.h"
#include "sync/event.h"
#include "word/await.h"
#include <mproc/process.h>
#include <mproc/wait.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int wait_handles(const mproc_os_handle *handles, size_t count, int64_t deadline_ns, unsigned char *ret_ready)
{
    int code = platform_wait_handles(handles, count, deadline_ns, ret_ready);
    return code < 0 ? mproc__error_platform(code, "waiting for handles") : code;
}

/* ---- A mix ---- */

/* A process killed between its change and the announcement, whose death nobody reports, and a peer's death of that
 * sort, are noticed by looking once in a while. */
#define SLICE_MAX_NS (2 * AWAIT_SLICE_NS)

struct mix {
    mproc_waitable *items;
    size_t count;
    int64_t deadline_ns;
    unsigned char *ready;         /* of the items */
    mproc_os_handle *handles;     /* of those that are handles, and last the helper's event */
    unsigned char *handles_ready; /* the same order */
    size_t handle_count;          /* without the event */
    mproc_pool **pools;           /* of results and pools; watched from the first sleep on */
    size_t pool_count;
    bool watching;
    struct helper {
        platform_handle event;
        platform_thread *thread; /* NULL: not started */
        platform_word stop;
        uint32_t seen; /* the activity that the waiter knows of */
    } helper;
};

/* Each returns 1 if the element is ready, 0 if not, or an error. */

static int look_at_connection(const mproc_waitable *item)
{
    return mproc__connection_look(item->id);
}

static int look_at_queue(const mproc_waitable *item)
{
    return mproc__queue_look(item->id);
}

static int look_at_event(const mproc_waitable *item)
{
    return mproc__event_look(item->id);
}

static int look_at_result(const mproc_waitable *item)
{
    return mproc__result_look(item->object);
}

static int look_at_pool(const mproc_waitable *item)
{
    return mproc__pool_look(item->object);
}

/* The process object knows of the end before its slot's death is announced, which changes the activity word. */
static int look_at_process(const mproc_waitable *item)
{
    mproc_os_handle sentinel;
    if (mproc_process_is_alive(item->object))
        return 0;
    int code = mproc_last_code();
    if (code < 0)
        return code;
    /* Not alive is also what has not been started. */
    code = mproc_process_get_sentinel(item->object, &sentinel);
    return code < 0 ? code : 1;
}

static int look_at_thread(const mproc_waitable *item)
{
    return mproc__thread_look(item->object);
}

typedef int waitable_look(const mproc_waitable *item);

static waitable_look *const looks[] = {
    [MPROC_WAITABLE_PROCESS] = look_at_process, [MPROC_WAITABLE_CONNECTION] = look_at_connection,
    [MPROC_WAITABLE_QUEUE] = look_at_queue,     [MPROC_WAITABLE_EVENT] = look_at_event,
    [MPROC_WAITABLE_RESULT] = look_at_result,   [MPROC_WAITABLE_POOL] = look_at_pool,
    [MPROC_WAITABLE_THREAD] = look_at_thread,
};

static waitable_look *look_of(mproc_waitable_kind kind)
{
    return (size_t)kind < sizeof looks / sizeof *looks ? looks[kind] : NULL;
}

static int check_item(const mproc_waitable *item)
{
    switch (item->kind) {
    case MPROC_WAITABLE_NONE:
        return mproc__error(MPROC_E_INVALID, "it is none");
    case MPROC_WAITABLE_HANDLE:
        return item->handle == PLATFORM_NO_HANDLE ? mproc__error(MPROC_E_INVALID, "its handle is none") : 0;
    case MPROC_WAITABLE_PROCESS:
    case MPROC_WAITABLE_RESULT:
    case MPROC_WAITABLE_POOL:
    case MPROC_WAITABLE_THREAD:
        return item->object == NULL ? mproc__error(MPROC_E_INVALID, "its object is NULL") : 0;
    default:
        return look_of(item->kind) ? 0 : mproc__error(MPROC_E_NOT_SUPPORTED, "its kind is %d", (int)item->kind);
    }
}

/* Says which element the error is about. */
static int item_error(int code, size_t index, size_t count)
{
    char detail[200];
    strncpy(detail, mproc_last_error(), sizeof detail - 1);
    detail[sizeof detail - 1] = 0;
    char text[240];
    snprintf(text, sizeof text, "element %zu of %zu: %s", index, count, detail);
    return mproc__error_text(code, text);
}

/* Waits for the handles, and for the helper's event if it is among the count, and keeps which of the handles were
 * ready. Some things are ready once: on Windows the wait itself takes a semaphore, a mutex or an event that resets
 * itself. So what was found is never waited for again in this call. Returns how many of the handles are ready. */
static int wait_for_handles(struct mix *mix, size_t count, int64_t end_ns)
{
    int code = wait_handles(mix->handles, count, end_ns, mix->handles_ready), found = 0;
    for (size_t i = 0, at = 0; code > 0 && i < mix->count; i++)
        if (mix->items[i].kind == MPROC_WAITABLE_HANDLE)
            found += mix->ready[i] = mix->handles_ready[at++];
    return code < 0 ? code : found;
}

/* Returns how many are ready. found: how many handles are known to be. */
static int look_at_all(struct mix *mix, int found)
{
    if (found == 0 && mix->handle_count > 0)
        found = wait_for_handles(mix, mix->handle_count, 0);
    int handles = found;
    for (size_t i = 0; found >= 0 && i < mix->count; i++) {
        if (mix->items[i].kind == MPROC_WAITABLE_HANDLE)
            continue;
        int code = look_of(mix->items[i].kind)(&mix->items[i]);
        /* The handles that were found may be so only once: the error is there at the next call as well. */
        if (code < 0 && handles == 0)
            return item_error(code, i, mix->count);
        code = code < 0 ? 0 : code;
        mix->ready[i] = (unsigned char)code;
        found += code;
    }
    return found;
}

/* ---- The helper ---- */

static void help(void *argument)
{
    struct helper *helper = argument;
    platform_word *activity = mproc__family_activity_word();
    uint32_t seen = helper->seen;
    while (atomic_load(&helper->stop.value) == 0) {
        platform_wait(activity, seen, &helper->stop, 0, INT64_MAX);
        uint32_t now = atomic_load(&activity->value);
        if (now == seen)
            continue;
        seen = now;
        platform_event_set(helper->event);
    }
}

static int start_helper(struct helper *helper, uint32_t seen)
{
    int code = platform_event_create(&helper->event);
    if (code < 0)
        return mproc__error_platform(code, "an event for waiting for handles and objects at once");
    helper->stop.key = mproc__family_new_key();
    helper->seen = seen;
    code = platform_thread_start(help, helper, "mproc-wait", &helper->thread);
    if (code < 0) {
        platform_handle_close(helper->event);
        return mproc__error_platform(code, "a thread for waiting for handles and objects at once");
    }
    return 0;
}

static void stop_helper(struct helper *helper)
{
    if (helper->thread == NULL)
        return;
    /* seq_cst, as platform_wake asks. */
    atomic_store(&helper->stop.value, 1);
    platform_wake(&helper->stop, INT32_MAX);
    /* Where the second word of a wait is only looked at now and then, the first one ends it at once. */
    mproc__activity_announce();
    platform_thread_join(helper->thread);
    platform_handle_close(helper->event);
}

/* ---- Sleeping ---- */

/* seen was read before the look that found nothing. The helper knows it, or a later one and then the event is set: so
 * it is set if anything has happened since. Returns how many handles are ready, or an error. */
static int sleep_on_handles(struct mix *mix, uint32_t seen, int64_t end_ns)
{
    struct helper *helper = &mix->helper;
    int code = helper->thread ? 0 : start_helper(helper, seen);
    if (code < 0)
        return code;
    mix->handles[mix->handle_count] = helper->event;
    code = wait_for_handles(mix, mix->handle_count + 1, end_ns);
    /* Cleared before the next look: what is announced after it sets the event again. */
    platform_event_clear(helper->event);
    return code;
}

static mproc_pool *pool_of(const mproc_waitable *item)
{
    if (item->kind == MPROC_WAITABLE_RESULT)
        return mproc__result_pool(item->object);
    return item->kind == MPROC_WAITABLE_POOL ? item->object : NULL;
}

/* Once for each pool that comes next to itself in the list: results of one pool mostly do. */
static void watch_pools(struct mix *mix)
{
    const mproc_pool *last = NULL;
    for (size_t i = 0; i < mix->count; i++) {
        mproc_pool *pool = pool_of(&mix->items[i]);
        if (pool == NULL || pool == last)
            continue;
        mproc__pool_watch(pool);
        mix->pools[mix->pool_count++] = pool;
        last = pool;
    }
    mix->watching = true;
}

static void unwatch_pools(struct mix *mix)
{
    for (size_t i = 0; i < mix->pool_count; i++)
        mproc__pool_unwatch(mix->pools[i]);
}

static int wait_for_mix(struct mix *mix)
{
    struct await await = {
        .word = mproc__family_activity_word(), .deadline = mix->deadline_ns, .spun = true, .longest = SLICE_MAX_NS
    };
    for (int handles = 0;;) {
        mproc__await_begin(&await);
        int found = look_at_all(mix, handles);
        if (found != 0 || await.last)
            return found;
        if (!mix->watching)
            watch_pools(mix);
        else if (mix->handle_count == 0)
            mproc__await_pause(&await);
        else
            handles = sleep_on_handles(mix, await.seen, mproc__await_slice_end(&await));
        if (handles < 0)
            return handles;
    }
}

/* Only handles, or nothing at all: no family is needed, nor helper, nor slices. */
static int wait_without_objects(struct mix *mix)
{
    int found = wait_handles(mix->handles, mix->handle_count, mix->deadline_ns, mix->handles_ready);
    if (found > 0)
        memcpy(mix->ready, mix->handles_ready, mix->handle_count);
    return found;
}

static int prepare(struct mix *mix)
{
    /* One allocation for the four lists. */
    size_t each = sizeof *mix->handles + sizeof *mix->pools + 2, count = mix->count + 1;
    if (mix->count >= SIZE_MAX / each - 1)
        return mproc__error(MPROC_E_NO_MEMORY, "waiting for %zu elements", mix->count);
    unsigned char *memory = calloc(count, each);
    if (memory == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "waiting for %zu elements", mix->count);
    mix->handles = (mproc_os_handle *)memory;
    mix->pools = (mproc_pool **)(mix->handles + count);
    mix->handles_ready = (unsigned char *)(mix->pools + count);
    mix->ready = mix->handles_ready + count;
    for (size_t i = 0; i < mix->count; i++) {
        int code = check_item(&mix->items[i]);
        if (code < 0)
            return item_error(code, i, mix->count);
        if (mix->items[i].kind == MPROC_WAITABLE_HANDLE)
            mix->handles[mix->handle_count++] = mix->items[i].handle;
    }
    return 0;
}

int mproc_wait_any(mproc_waitable *items, size_t count, int64_t timeout_ms)
{
    platform_setup();
    if (items == NULL && count > 0)
        return mproc__error(MPROC_E_INVALID, "items is NULL");
    struct mix mix = { .items = items, .count = count, .deadline_ns = mproc__deadline(timeout_ms) };
    int found = prepare(&mix);
    if (found == 0 && mix.handle_count == count) {
        found = wait_without_objects(&mix);
    } else if (found == 0) {
        found = mproc__initialized() ? mproc__family_open() : mproc__error(MPROC_E_NOT_INITIALIZED, "mproc_wait_any");
        if (found == 0)
            found = wait_for_mix(&mix);
        unwatch_pools(&mix);
        stop_helper(&mix.helper);
    }
    for (size_t i = 0; found >= 0 && i < count; i++)
        items[i].ready = mix.ready[i];
    free(mix.handles);
    return found != 0 ? found : mproc__error(MPROC_E_TIMEOUT, "none of %zu elements is ready", count);
}
