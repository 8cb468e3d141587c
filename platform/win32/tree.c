/* tree.c: a child and all that it starts, as a job.
 *
 * Each child has a job of its own inside the parent's. Only the parent has a handle to it, so that the parent's death,
 * of whatever kind, closes it and the system ends the whole tree. Breaking away is not allowed: a descendant that asks
 * CreateProcess for it gets an error. A process that somebody else (a service) starts on a descendant's behalf is
 * outside.
 */
#include "internal.h"

#include <stdio.h>

static bool set_limits(HANDLE job, DWORD flags)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { .BasicLimitInformation.LimitFlags = flags };
    return CALL(SetInformationJobObject, job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
}

int platform__job_create(HANDLE *ret_job)
{
    HANDLE job = CALL(CreateJobObjectW, NULL, NULL);
    if (job == NULL)
        return platform__fail(MPROC_E_OS, "CreateJobObjectW");
    /* An error in a descendant shows no dialog either, so that nobody waits for a click. */
    if (!set_limits(job, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION)) {
        int code = platform__fail(MPROC_E_OS, "SetInformationJobObject");
        CloseHandle(job);
        return code;
    }
    *ret_job = job;
    return 0;
}

void platform__job_release(HANDLE job)
{
    if (job == NULL)
        return;
    set_limits(job, 0);
    CloseHandle(job);
}

/* A job has committed memory limited for each of its processes; it ends with the last of them. It lies within the one
 * that the parent has made. */
static int enter_limited_job(size_t bytes)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { .ProcessMemoryLimit = bytes,
                                                    .BasicLimitInformation.LimitFlags =
                                                        JOB_OBJECT_LIMIT_PROCESS_MEMORY };
    HANDLE job = CALL(CreateJobObjectW, NULL, NULL);
    if (job == NULL)
        return platform__fail(MPROC_E_OS, "CreateJobObjectW");
    int code = 0;
    if (!CALL(SetInformationJobObject, job, JobObjectExtendedLimitInformation, &limits, sizeof limits))
        code = platform__fail(MPROC_E_OS, "SetInformationJobObject");
    else if (!CALL(AssignProcessToJobObject, job, GetCurrentProcess()))
        code = platform__fail(MPROC_E_OS, "AssignProcessToJobObject");
    CloseHandle(job);
    return code;
}

int platform_limit_memory(size_t bytes)
{
    char text[80];
    PROCESS_MEMORY_COUNTERS counters;
    if (!CALL(K32GetProcessMemoryInfo, GetCurrentProcess(), &counters, sizeof counters))
        return platform__fail(MPROC_E_OS, "GetProcessMemoryInfo");
    if (counters.PagefileUsage > bytes) {
        snprintf(text, sizeof text, "the process has %llu bytes of memory committed",
                 (unsigned long long)counters.PagefileUsage);
        return platform__fail_text(MPROC_E_LIMIT, text);
    }
    return enter_limited_job(bytes);
}

int platform_process_kill_tree(platform_process *process)
{
    if (process->job == NULL)
        return platform_process_kill(process);
    /* Also when the process itself has ended: what it started may still run. */
    if (!CALL(TerminateJobObject, process->job, PLATFORM_TERMINATED_CODE))
        return platform__fail(MPROC_E_OS, "TerminateJobObject");
    return 0;
}

bool platform_process_is_headless(const platform_process *process)
{
    (void)process;
    return false;
}

void platform_kill_descendants(void)
{
    /* They are in this process's job, to which the parent has the handle. */
}
