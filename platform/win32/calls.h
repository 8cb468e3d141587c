/* calls.h: the calls into the system that can fail, in a table.
 *
 * The port makes each of these calls through CALL, so that a test can make the nth of them fail, or put a function of
 * its own into platform_calls. Calls whose failure has no meaning (CloseHandle, GetCurrentProcessId) are made directly.
 * Production code pays one load and one indirect call. The table is per process; a child begins with a new one.
 */
#ifndef MPROC_WIN32_CALLS_H
#define MPROC_WIN32_CALLS_H

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
/* Needs the definitions of windows.h. */
#include <bcrypt.h>
#include <psapi.h>
#include <tlhelp32.h>
#include <winternl.h>

#include <process.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

/* Documented, but absent from the headers. */
NTSYSAPI NTSTATUS NTAPI NtCreateDirectoryObject(HANDLE *ret_directory, ACCESS_MASK access,
                                                OBJECT_ATTRIBUTES *attributes);
NTSYSAPI NTSTATUS NTAPI NtCreateSemaphore(HANDLE *ret_semaphore, ACCESS_MASK access,
                                          const OBJECT_ATTRIBUTES *attributes, LONG initial, LONG maximum);
NTSYSAPI BOOLEAN NTAPI RtlDllShutdownInProgress(void);
NTSYSAPI NTSTATUS NTAPI RtlGetVersion(RTL_OSVERSIONINFOW *ret_version);

/** X(name, what it returns when it fails). */
#define PLATFORM_CALL_MAP(X)                                                                                           \
    X(AssignProcessToJobObject, FALSE)                                                                                 \
    X(BCryptGenRandom, (NTSTATUS)0xC0000001L)                                                                          \
    X(ConnectNamedPipe, FALSE)                                                                                         \
    X(CreateEventW, NULL)                                                                                              \
    X(CreateFileMappingW, NULL)                                                                                        \
    X(CreateFileW, INVALID_HANDLE_VALUE)                                                                               \
    X(CreateJobObjectW, NULL)                                                                                          \
    X(CreateNamedPipeW, INVALID_HANDLE_VALUE)                                                                          \
    X(CreateProcessW, FALSE)                                                                                           \
    X(CreateThreadpool, NULL)                                                                                          \
    X(CreateThreadpoolTimer, NULL)                                                                                     \
    X(CreateThreadpoolWait, NULL)                                                                                      \
    X(CreateToolhelp32Snapshot, INVALID_HANDLE_VALUE)                                                                  \
    X(DuplicateHandle, FALSE)                                                                                          \
    X(FindFirstFileW, INVALID_HANDLE_VALUE)                                                                            \
    X(FlushFileBuffers, FALSE)                                                                                         \
    X(GetExitCodeProcess, FALSE)                                                                                       \
    X(GetModuleFileNameW, (DWORD)0)                                                                                    \
    X(GetProcessTimes, FALSE)                                                                                          \
    X(InitializeProcThreadAttributeList, FALSE)                                                                        \
    X(K32GetProcessMemoryInfo, FALSE)                                                                                  \
    X(LoadLibraryW, NULL)                                                                                              \
    X(MapViewOfFile, NULL)                                                                                             \
    X(NtCreateDirectoryObject, (NTSTATUS)0xC000009AL)                                                                  \
    X(NtCreateSemaphore, (NTSTATUS)0xC000009AL)                                                                        \
    X(OpenFileMappingW, NULL)                                                                                          \
    X(OpenProcess, NULL)                                                                                               \
    X(ReadFile, FALSE)                                                                                                 \
    X(ReleaseSemaphore, FALSE)                                                                                         \
    X(SetHandleInformation, FALSE)                                                                                     \
    X(SetInformationJobObject, FALSE)                                                                                  \
    X(SetThreadpoolThreadMinimum, FALSE)                                                                               \
    X(TerminateJobObject, FALSE)                                                                                       \
    X(TerminateProcess, FALSE)                                                                                         \
    X(UpdateProcThreadAttribute, FALSE)                                                                                \
    X(VirtualAlloc, NULL)                                                                                              \
    X(WaitForMultipleObjects, WAIT_FAILED)                                                                             \
    X(WaitForSingleObject, WAIT_FAILED)                                                                                \
    X(WriteFile, FALSE)                                                                                                \
    X(_beginthreadex, (uintptr_t)0)                                                                                    \
    X(malloc, NULL)

/** The table. The members are atomic so that a test may swap them while other threads call. */
struct platform_calls {
#define PLATFORM_CALL_POINTER(name, failure) _Atomic(__typeof__(&name)) name;
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

/** Whether a plan is made that this call may be part of. */
extern _Atomic bool platform__calls_planned;

/** Counts a call for the plan. Returns true, with GetLastError() set, if this one is to fail. */
bool platform__call_fails(enum platform_call call);

/* Relaxed: a test makes its plan before it starts the call that is to fail. */
#define CALL(name, ...)                                                                                                \
    (atomic_load_explicit(&platform__calls_planned, memory_order_relaxed) &&                                           \
             platform__call_fails(PLATFORM_CALL_##name)                                                                \
         ? platform__call_failure_##name()                                                                             \
         : platform_calls.name(__VA_ARGS__))

/** Makes the nth next call of this name (from 1), or the nth call of any name if NULL, fail in this process, once: with
 * error as its GetLastError(), or with a status of its own where it returns one. nth 0 makes none fail and only counts.
 * Replaces an earlier plan. Returns 0, or MPROC_E_INVALID for a name that is not in the table. */
int platform_calls_fail_nth(const char *call_name, int nth, int error);
/** The call that puts a file on its disk, and an error that it can have. */
#define PLATFORM_FLUSH_CALL  "FlushFileBuffers"
#define PLATFORM_FLUSH_ERROR ERROR_IO_DEVICE

/** How many calls the plan has seen since it was made. */
int platform_calls_count(void);

/** Drops the plan: every call works again. */
void platform_calls_reset(void);

#endif
