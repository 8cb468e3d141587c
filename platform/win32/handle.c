/* handle.c: handles, events, and waiting for any number of handles.
 *
 * A wait that is satisfied may change the object (an auto-reset event, a semaphore), so every satisfied wait in here
 * ends in a mark in ret_ready: nothing is consumed unseen.
 */
#include "internal.h"

#include <string.h>

void platform_handle_close(platform_handle handle)
{
    if (platform__is_handle(handle))
        CloseHandle((HANDLE)handle);
}

/** Nobody closes handles that he does not know. */
void platform_handle_mark(platform_handle handle, platform_mark *ret_mark)
{
    (void)handle;
    *ret_mark = (platform_mark){ 0, 0, 0 };
}

bool platform_handle_is(platform_handle handle, const platform_mark *mark)
{
    (void)mark;
    return platform__is_handle(handle);
}

void platform_handle_close_marked(platform_handle handle, const platform_mark *mark)
{
    (void)mark;
    platform_handle_close(handle);
}

int platform_event_create(platform_handle *ret_event)
{
    HANDLE event = CALL(CreateEventW, NULL, TRUE, FALSE, NULL);
    if (event == NULL)
        return platform__fail(MPROC_E_OS, "CreateEventW");
    *ret_event = (platform_handle)event;
    return 0;
}

void platform_event_set(platform_handle event)
{
    SetEvent((HANDLE)event);
}

void platform_event_clear(platform_handle event)
{
    ResetEvent((HANDLE)event);
}

/* ---- Waiting ---- */

static int fail_wait(void)
{
    DWORD error = GetLastError();
    return platform__fail_error(error == ERROR_INVALID_HANDLE ? MPROC_E_INVALID : MPROC_E_OS, "WaitForMultipleObjects",
                                error);
}

/** Marks all that are ready among handles[from] and later without blocking. Returns their number, or an error. */
static int poll_handles(const platform_handle *handles, size_t from, size_t count, unsigned char *ret_ready)
{
    int found = 0;
    while (from < count) {
        DWORD batch = count - from < MAXIMUM_WAIT_OBJECTS ? (DWORD)(count - from) : MAXIMUM_WAIT_OBJECTS;
        DWORD result = CALL(WaitForMultipleObjects, batch, (const HANDLE *)(handles + from), FALSE, 0);
        if (result == WAIT_FAILED)
            return fail_wait();
        if (result == WAIT_TIMEOUT) {
            from += batch;
            continue;
        }
        /* The lowest of those that are ready: those before it are not. An abandoned mutex counts as ready. */
        from += result >= WAIT_ABANDONED_0 ? result - WAIT_ABANDONED_0 : result - WAIT_OBJECT_0;
        ret_ready[from++] = 1;
        found++;
    }
    return found;
}

/** Blocks on at most 64 handles. Returns the number ready, 0 when ms have passed. */
static int wait_few(const platform_handle *handles, size_t count, DWORD ms, unsigned char *ret_ready)
{
    DWORD result = CALL(WaitForMultipleObjects, (DWORD)count, (const HANDLE *)handles, FALSE, ms);
    if (result == WAIT_FAILED)
        return fail_wait();
    if (result == WAIT_TIMEOUT)
        return 0;
    size_t first = result >= WAIT_ABANDONED_0 ? result - WAIT_ABANDONED_0 : result - WAIT_OBJECT_0;
    ret_ready[first] = 1;
    int more = poll_handles(handles, first + 1, count, ret_ready);
    return more < 0 ? more : more + 1;
}

/** A wait for more handles than one call takes: each has a wait object of the watcher's pool, and all report to one
 * event. */
struct wide_wait {
    HANDLE event;
    size_t count; /**< of the members that have a wait object */
    struct wide_member {
        struct wide_wait *wait;
        PTP_WAIT object;
        _Atomic unsigned char ready;
    } members[];
};

static void CALLBACK member_ready(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WAIT object, TP_WAIT_RESULT result)
{
    (void)instance, (void)object, (void)result;
    struct wide_member *member = context;
    /* Relaxed: the waiter reads it after WaitForThreadpoolWaitCallbacks, which orders the two. */
    atomic_store_explicit(&member->ready, 1, memory_order_relaxed);
    SetEvent(member->wait->event);
}

static int wide_wait_create(size_t count, struct wide_wait **ret_wait)
{
    TP_CALLBACK_ENVIRON environment;
    int code = platform__watcher_environment(&environment);
    if (code < 0)
        return code;
    struct wide_wait *wait = CALL(malloc, sizeof *wait + count * sizeof wait->members[0]);
    if (wait == NULL)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory to wait for many handles");
    wait->count = 0;
    wait->event = CALL(CreateEventW, NULL, TRUE, FALSE, NULL);
    if (wait->event == NULL) {
        code = platform__fail(MPROC_E_OS, "CreateEventW");
        free(wait);
        return code;
    }
    *ret_wait = wait;
    for (; wait->count < count; wait->count++) {
        struct wide_member *member = &wait->members[wait->count];
        member->wait = wait;
        atomic_init(&member->ready, 0);
        member->object = CALL(CreateThreadpoolWait, member_ready, member, &environment);
        if (member->object == NULL)
            return platform__fail(MPROC_E_OS, "CreateThreadpoolWait");
    }
    return 0;
}

/** Ends all waits. Returns how many handles were ready: with what was consumed while the waits were being ended. */
static int wide_wait_finish(struct wide_wait *wait, unsigned char *ret_ready)
{
    int found = 0;
    for (size_t i = 0; i < wait->count; i++)
        SetThreadpoolWait(wait->members[i].object, NULL, NULL);
    for (size_t i = 0; i < wait->count; i++) {
        struct wide_member *member = &wait->members[i];
        /* Without cancelling: a callback that is due stands for a handle that was ready. */
        WaitForThreadpoolWaitCallbacks(member->object, FALSE);
        CloseThreadpoolWait(member->object);
        if (atomic_load_explicit(&member->ready, memory_order_relaxed)) {
            ret_ready[i] = 1;
            found++;
        }
    }
    CloseHandle(wait->event);
    free(wait);
    return found;
}

/** Blocks on any number of handles, as wait_few. */
static int wait_many(const platform_handle *handles, size_t count, DWORD ms, unsigned char *ret_ready)
{
    struct wide_wait *wait = NULL;
    int code = wide_wait_create(count, &wait);
    if (code == 0) {
        for (size_t i = 0; i < count; i++)
            SetThreadpoolWait(wait->members[i].object, (HANDLE)handles[i], NULL);
        if (CALL(WaitForSingleObject, wait->event, ms) == WAIT_FAILED)
            code = platform__fail(MPROC_E_OS, "WaitForSingleObject");
    }
    int found = wait != NULL ? wide_wait_finish(wait, ret_ready) : 0;
    return code < 0 ? code : found;
}

static int check_handles(const platform_handle *handles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        /* -1 would be taken for the calling process itself, which is never ready. */
        if (!platform__is_handle(handles[i]))
            return platform__fail_text(MPROC_E_INVALID, "a handle to wait for is none");
    }
    return 0;
}

static int wait_once(const platform_handle *handles, size_t count, DWORD ms, unsigned char *ret_ready)
{
    if (count == 0) {
        Sleep(ms);
        return 0;
    }
    return count <= MAXIMUM_WAIT_OBJECTS ? wait_few(handles, count, ms, ret_ready)
                                         : wait_many(handles, count, ms, ret_ready);
}

int platform_wait_handles(const platform_handle *handles, size_t count, int64_t deadline_ns, unsigned char *ret_ready)
{
    int code = check_handles(handles, count);
    if (code < 0)
        return code;
    if (count > 0)
        memset(ret_ready, 0, count);
    /* The poll also finds invalid handles, for which the pool's waits would only call nothing. */
    code = poll_handles(handles, 0, count, ret_ready);
    while (code == 0) {
        DWORD ms = platform__timeout_ms(deadline_ns, PLATFORM_LONGEST_WAIT_MS);
        if (ms == 0)
            return 0;
        code = wait_once(handles, count, ms, ret_ready);
    }
    return code;
}
