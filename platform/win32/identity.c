/* identity.c: processes by identity: who this one is, whether another one lives, and waiting for its end.
 */
#include "internal.h"

int64_t platform_self_pid(void)
{
    return GetCurrentProcessId();
}

/** When a process was created, in units of 100 ns since 1601; 0 if the system will not say. */
static uint64_t start_time(HANDLE process)
{
    FILETIME created, exited, kernel, user;
    if (!CALL(GetProcessTimes, process, &created, &exited, &kernel, &user))
        return 0;
    return (uint64_t)created.dwHighDateTime << 32 | created.dwLowDateTime;
}

uint64_t platform_self_start_time(void)
{
    return start_time(GetCurrentProcess());
}

bool platform_is_alive(int64_t pid, uint64_t expected_start_time)
{
    if (pid <= 0 || pid > UINT32_MAX)
        return false;
    HANDLE process = CALL(OpenProcess, SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)pid);
    if (process == NULL) {
        /* No such process, or one of another user, who now has the number. Any other failure is the system's own
         * trouble (out of handles, out of memory): whoever is not known to be dead lives, or his locks were stolen. */
        DWORD error = GetLastError();
        return error != ERROR_INVALID_PARAMETER && error != ERROR_ACCESS_DENIED;
    }
    /* The system keeps the number while anybody has a handle, so the object opened may be of a dead process. */
    bool alive = WaitForSingleObject(process, 0) != WAIT_OBJECT_0;
    uint64_t started = alive ? start_time(process) : 0;
    CloseHandle(process);
    return alive && (started == expected_start_time || started == 0 || expected_start_time == 0);
}

static _Atomic platform_handle self_handle;

static int make_self_handle(platform_handle *ret_handle)
{
    platform_handle known = atomic_load_explicit(&self_handle, memory_order_relaxed);
    if (known == 0) {
        HANDLE self = GetCurrentProcess(), copy;
        /* The right to wait and no other: a child can watch its parent, not touch it. */
        if (!CALL(DuplicateHandle, self, self, self, &copy, SYNCHRONIZE, FALSE, 0))
            return platform__fail(MPROC_E_OS, "DuplicateHandle");
        /* Relaxed is enough: the value is all there is, it points to nothing. Two threads may come here at once; one
         * copy wins. */
        if (atomic_compare_exchange_strong_explicit(&self_handle, &known, (platform_handle)copy, memory_order_relaxed,
                                                    memory_order_relaxed))
            known = (platform_handle)copy;
        else
            CloseHandle(copy);
    }
    *ret_handle = known;
    return 0;
}

int platform_self_identity(platform_identity *ret_identity)
{
    platform_handle handle = PLATFORM_NO_HANDLE;
    int code = make_self_handle(&handle);
    if (code == 0)
        *ret_identity = (platform_identity){ platform_self_pid(), platform_self_start_time(), handle };
    return code;
}

int platform_identity_wait(const platform_identity *identity, int64_t deadline_ns)
{
    unsigned char is_ready;
    return platform_wait_handles(&identity->handle, 1, deadline_ns, &is_ready);
}
