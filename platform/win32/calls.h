/* calls.h: the calls into the system that can fail, in a table.
 *
 * The port makes each of these calls through CALL, which counts it and lets a test decide that the nth one fails. A
 * test may also put a function of its own into platform_calls, before the port is used by other threads. Calls whose
 * failure has no meaning (CloseHandle, GetCurrentProcessId) are made directly.
 *
 * Thread safety: counting and failing are atomic. Overriding a pointer is not.
 */
#ifndef MPROC_PLATFORM_WIN32_CALLS_H
#define MPROC_PLATFORM_WIN32_CALLS_H

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
/* Needs the definitions of windows.h. */
#include <bcrypt.h>
#include <tlhelp32.h>
#include <winternl.h>

#include <process.h>
#include <stdbool.h>
#include <stdlib.h>

/* Documented, but absent from the headers. */
NTSYSAPI NTSTATUS NTAPI NtCreateDirectoryObject(HANDLE *ret_directory, ACCESS_MASK access,
                                                OBJECT_ATTRIBUTES *attributes);
NTSYSAPI NTSTATUS NTAPI NtCreateSemaphore(HANDLE *ret_semaphore, ACCESS_MASK access,
                                          const OBJECT_ATTRIBUTES *attributes, LONG initial, LONG maximum);
NTSYSAPI BOOLEAN NTAPI RtlDllShutdownInProgress(void);

/** X(name, what it returns when it fails). */
#define PLATFORM_CALL_MAP(X)                                                                                           \
    X(AssignProcessToJobObject, FALSE)                                                                                 \
    X(BCryptGenRandom, (NTSTATUS)0xC0000001L)                                                                          \
    X(CreateEventW, NULL)                                                                                              \
    X(CreateFileMappingW, NULL)                                                                                        \
    X(CreateFileW, INVALID_HANDLE_VALUE)                                                                               \
    X(CreateJobObjectW, NULL)                                                                                          \
    X(CreateProcessW, FALSE)                                                                                           \
    X(CreateThreadpool, NULL)                                                                                          \
    X(CreateThreadpoolWait, NULL)                                                                                      \
    X(CreateToolhelp32Snapshot, INVALID_HANDLE_VALUE)                                                                  \
    X(DuplicateHandle, FALSE)                                                                                          \
    X(GetExitCodeProcess, FALSE)                                                                                       \
    X(GetModuleFileNameW, (DWORD)0)                                                                                    \
    X(GetProcessTimes, FALSE)                                                                                          \
    X(InitializeProcThreadAttributeList, FALSE)                                                                        \
    X(LoadLibraryW, NULL)                                                                                              \
    X(MapViewOfFile, NULL)                                                                                             \
    X(NtCreateDirectoryObject, (NTSTATUS)0xC000009AL)                                                                  \
    X(NtCreateSemaphore, (NTSTATUS)0xC000009AL)                                                                        \
    X(OpenProcess, NULL)                                                                                               \
    X(ReadFile, FALSE)                                                                                                 \
    X(ReleaseSemaphore, FALSE)                                                                                         \
    X(ResumeThread, (DWORD)-1)                                                                                         \
    X(SetHandleInformation, FALSE)                                                                                     \
    X(SetInformationJobObject, FALSE)                                                                                  \
    X(SetThreadpoolThreadMinimum, FALSE)                                                                               \
    X(TerminateJobObject, FALSE)                                                                                       \
    X(TerminateProcess, FALSE)                                                                                         \
    X(UpdateProcThreadAttribute, FALSE)                                                                                \
    X(VirtualAlloc, NULL)                                                                                              \
    X(WaitForMultipleObjects, WAIT_FAILED)                                                                             \
    X(WaitForSingleObject, WAIT_FAILED)                                                                                \
    X(_beginthreadex, (uintptr_t)0)                                                                                    \
    X(malloc, NULL)

struct platform_calls {
#define PLATFORM_CALL_POINTER(name, failure) __typeof__(&name) name;
    PLATFORM_CALL_MAP(PLATFORM_CALL_POINTER)
#undef PLATFORM_CALL_POINTER
};
extern struct platform_calls platform_calls;

enum platform_call {
#define PLATFORM_CALL_INDEX(name, failure) PLATFORM_CALL_##name,
    PLATFORM_CALL_MAP(PLATFORM_CALL_INDEX)
#undef PLATFORM_CALL_INDEX
        PLATFORM_CALLS
};

#define PLATFORM_CALL_FAILURE(name, failure)                                                                           \
    static inline __typeof__(failure) platform__call_failure_##name(void)                                              \
    {                                                                                                                  \
        return failure;                                                                                                \
    }
PLATFORM_CALL_MAP(PLATFORM_CALL_FAILURE)
#undef PLATFORM_CALL_FAILURE

/** Counts a call. Returns true, with GetLastError() set, if this one is to fail. */
bool platform__call_fails(enum platform_call call);

#define CALL(name, ...)                                                                                                \
    (platform__call_fails(PLATFORM_CALL_##name) ? platform__call_failure_##name() : platform_calls.name(__VA_ARGS__))

/** Makes the nth call of this name from now (1: the next) fail once, with error as its GetLastError(); a call of the Nt
 * family fails with a status of its own. nth 0 takes it back. Returns 0, or MPROC_E_INVALID for a name that is not in
 * the table. */
int platform_calls_fail_nth(const char *name, int nth, int error);

/** Restores the table, forgets all that was to fail, and sets the counts to 0. */
void platform_calls_reset(void);

/** How often this was called since the last reset; MPROC_E_INVALID for a name that is not in the table. */
int platform_calls_count(const char *name);

#endif
