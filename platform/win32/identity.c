/* identity.c: who this process is, whether another one lives, and the end.
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
    /* Access denied means another user's process: the pid has been given to somebody outside the family. */
    HANDLE process = CALL(OpenProcess, SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)pid);
    if (process == NULL)
        return false;
    /* The system keeps the pid while anybody has a handle, so the object opened may be of a dead process. */
    bool alive = WaitForSingleObject(process, 0) == WAIT_TIMEOUT && start_time(process) == expected_start_time;
    CloseHandle(process);
    return alive;
}

void platform_exit_now(int code)
{
    /* Not ExitProcess, nor the C runtime's _exit, which calls it: that stops all other threads wherever they are, then
     * calls into every library of the program for its farewell. One that waits for a lock which a stopped thread held
     * hangs for ever. TerminateProcess calls nothing, like _exit elsewhere. */
    for (;;)
        TerminateProcess(GetCurrentProcess(), (UINT)code);
}
