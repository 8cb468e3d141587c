/* lifeline.c: a child does not outlive its parent, nor its own main thread.
 *
 * The parent's death closes its jobs, and so ends its children and all that they started. That is the system's doing
 * and needs nothing here. The lifeline is the second rope, for a child that could not be put into a job: a thread of
 * its own, for neither a pool's queue nor anything else in the program may delay it.
 *
 * That thread is also what would keep a process going whose main thread has ended without it: by ExitThread in a
 * task, or, under wine, by a stack overflow so deep that no exception can be told of any more, for which wine ends the
 * thread alone. Nobody would ever answer for the task. So the process ends then, with the thread's code.
 */
#include "internal.h"

/* One per process, written before the thread starts. */
static HANDLE watched[2];
enum { PARENT, MAIN_THREAD };

static DWORD code_of_main_thread(void)
{
    DWORD code;
    return GetExitCodeThread(watched[MAIN_THREAD], &code) ? code : PLATFORM_TERMINATED_CODE;
}

static bool has_ended(HANDLE object)
{
    return WaitForSingleObject(object, 0) == WAIT_OBJECT_0;
}

static unsigned __stdcall keep_watch(void *unused)
{
    (void)unused;
    /* If a handle were closed by mistake, the wait would fail: that is no death, and what can still be watched is. */
    if (WaitForMultipleObjects(2, watched, FALSE, INFINITE) == WAIT_FAILED)
        WaitForSingleObject(watched[PARENT], INFINITE);
    if (has_ended(watched[PARENT]))
        TerminateProcess(GetCurrentProcess(), PLATFORM_TERMINATED_CODE);
    if (has_ended(watched[MAIN_THREAD]))
        TerminateProcess(GetCurrentProcess(), code_of_main_thread());
    return 0;
}

int platform_lifeline_start(const platform_identity *parent, bool group, bool by_first_thread)
{
    /* What this process started is in its job, or has a lifeline of its own. */
    (void)group, (void)by_first_thread;
    DWORD state = CALL(WaitForSingleObject, (HANDLE)parent->handle, 0);
    if (state == WAIT_FAILED)
        return platform__fail(MPROC_E_INVALID, "WaitForSingleObject");
    if (state == WAIT_OBJECT_0)
        platform_exit_now((int)PLATFORM_TERMINATED_CODE);
    platform__handle_make_private(parent->handle);
    watched[PARENT] = (HANDLE)parent->handle;
    HANDLE self = GetCurrentProcess();
    if (!CALL(DuplicateHandle, self, GetCurrentThread(), self, &watched[MAIN_THREAD],
              SYNCHRONIZE | THREAD_QUERY_LIMITED_INFORMATION, FALSE, 0))
        return platform__fail(MPROC_E_OS, "DuplicateHandle");
    const unsigned stack_size = 64 * 1024;
    uintptr_t thread =
        CALL(_beginthreadex, NULL, stack_size, keep_watch, NULL, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    if (thread == 0) {
        int code = platform__fail(MPROC_E_OS, "_beginthreadex");
        CloseHandle(watched[MAIN_THREAD]);
        return code;
    }
    CloseHandle((HANDLE)thread);
    return 0;
}

/* Nobody asks: a process does not become another program here. */
bool platform_thread_is_first(void)
{
    return false;
}
