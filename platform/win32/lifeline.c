/* lifeline.c: a child does not outlive its parent.
 *
 * The parent's death closes its jobs, and so ends its children and all that they started. That is the system's doing
 * and needs nothing here. The lifeline is the second rope, for a child that could not be put into a job: a thread of
 * its own, for neither a pool's queue nor anything else in the program may delay it.
 */
#include "internal.h"

static unsigned __stdcall watch_parent(void *parent)
{
    /* If the handle were closed by mistake, the wait would fail: that is no death. */
    while (WaitForSingleObject(parent, INFINITE) == WAIT_TIMEOUT) {
    }
    if (WaitForSingleObject(parent, 0) == WAIT_OBJECT_0)
        TerminateProcess(GetCurrentProcess(), PLATFORM_TERMINATED_CODE);
    return 0;
}

int platform_lifeline_start(platform_handle parent, bool group)
{
    /* What this process started is in its job, or has a lifeline of its own. */
    (void)group;
    DWORD state = CALL(WaitForSingleObject, (HANDLE)parent, 0);
    if (state == WAIT_FAILED)
        return platform__fail(MPROC_E_INVALID, "WaitForSingleObject");
    if (state == WAIT_OBJECT_0)
        platform_exit_now((int)PLATFORM_TERMINATED_CODE);
    platform__handle_make_private(parent);
    const unsigned stack_size = 64 * 1024;
    uintptr_t thread =
        CALL(_beginthreadex, NULL, stack_size, watch_parent, (void *)parent, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    if (thread == 0)
        return platform__fail(MPROC_E_OS, "_beginthreadex");
    CloseHandle((HANDLE)thread);
    return 0;
}
