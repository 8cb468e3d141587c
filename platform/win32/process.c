/* process.c: asking of a child, and ending it.
 */
#include "internal.h"

int64_t platform_process_pid(const platform_process *process)
{
    return process->pid;
}

bool platform_process_is_stopped(const platform_process *process)
{
    (void)process;
    return false;
}

static int read_counters(const platform_process *process, PROCESS_MEMORY_COUNTERS *ret_counters)
{
    return CALL(K32GetProcessMemoryInfo, process->handle, ret_counters, sizeof *ret_counters)
               ? 0
               : platform__fail(MPROC_E_OS, "GetProcessMemoryInfo");
}

int platform_process_memory(const platform_process *process, size_t *ret_bytes)
{
    PROCESS_MEMORY_COUNTERS counters;
    int code = read_counters(process, &counters);
    if (code == 0)
        *ret_bytes = counters.WorkingSetSize;
    return code;
}

int platform_process_memory_peak(const platform_process *process, size_t *ret_bytes)
{
    PROCESS_MEMORY_COUNTERS counters;
    int code = read_counters(process, &counters);
    if (code == 0)
        *ret_bytes = counters.PeakWorkingSetSize;
    return code;
}

int platform_process_cpu(const platform_process *process, uint64_t *ret_ns)
{
    FILETIME created, exited, kernel, user;
    if (WaitForSingleObject(process->handle, 0) == WAIT_OBJECT_0)
        return platform__fail_text(MPROC_E_OS, "the process has ended");
    if (!CALL(GetProcessTimes, process->handle, &created, &exited, &kernel, &user))
        return platform__fail(MPROC_E_OS, "GetProcessTimes");
    *ret_ns = platform__filetime_ns(&kernel) + platform__filetime_ns(&user);
    return 0;
}

platform_handle platform_process_sentinel(const platform_process *process)
{
    return (platform_handle)process->handle;
}

/** A process that is ending, or has ended, refuses to be terminated: that is no error. */
static bool has_ended(const platform_process *process)
{
    DWORD code = STILL_ACTIVE;
    return WaitForSingleObject(process->handle, 0) == WAIT_OBJECT_0 ||
           (GetExitCodeProcess(process->handle, &code) && code != STILL_ACTIVE);
}

int platform_process_terminate(platform_process *process)
{
    if (has_ended(process) || CALL(TerminateProcess, process->handle, PLATFORM_TERMINATED_CODE))
        return 0;
    DWORD error = GetLastError();
    return has_ended(process) ? 0 : platform__fail_error(MPROC_E_OS, "TerminateProcess", error);
}

int platform_process_interrupt(platform_process *process)
{
    (void)process;
    return platform__fail_text(MPROC_E_NOT_SUPPORTED, "this system has no interrupt for one process");
}

int platform_process_kill(platform_process *process)
{
    return platform_process_terminate(process);
}
