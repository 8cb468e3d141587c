/* Waiting for handles of the system: the checks in front of the port. */
#include "deadline.h"
#include "error.h"
#include "platform.h"
#include <mproc/wait.h>

static int check_handles(const mproc_os_handle *handles, size_t count, const unsigned char *ret_ready)
{
    if (count && (!handles || !ret_ready))
        return mproc__error(MPROC_E_INVALID, "%s is NULL", handles ? "ret_ready" : "handles");
    for (size_t i = 0; i < count; i++)
        if (handles[i] == PLATFORM_NO_HANDLE)
            return mproc__error(MPROC_E_INVALID, "handle %zu of %zu is none", i, count);
    return 0;
}

int mproc_wait(const mproc_os_handle *handles, size_t count, int64_t timeout_ms, unsigned char *ret_ready)
{
    platform_setup();
    int code = check_handles(handles, count, ret_ready);
    if (code < 0)
        return code;
    code = platform_wait_handles(handles, count, mproc__deadline(timeout_ms), ret_ready);
    return code < 0 ? mproc__error_platform(code, "waiting for handles") : code;
}
