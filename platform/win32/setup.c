/* setup.c: the port's one-time set-up, who this process is, whether another one lives, and the end.
 */
#include "internal.h"

static INIT_ONCE setup_state = INIT_ONCE_STATIC_INIT;

/** The port's callbacks hang on threads that are not its own (thread exit, waits), at addresses in this module: were
 * it unloaded, the next such call would go into nothing. So it stays. */
static void stay_loaded(void)
{
    HMODULE self;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                       (LPCWSTR)(void *)&setup_state, &self);
}

static BOOL CALLBACK setup_once(INIT_ONCE *once, void *parameter, void **ret_context)
{
    (void)once, (void)parameter, (void)ret_context;
    stay_loaded();
    platform__time_setup();
    platform__thread_setup();
    return TRUE;
}

void platform_setup(void)
{
    InitOnceExecuteOnce(&setup_state, setup_once, NULL, NULL);
}

void platform_yield(void)
{
    SwitchToThread();
}

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
    return alive && (started == expected_start_time || started == 0);
}

void platform_exit_now(int code)
{
    /* Not ExitProcess, nor the C runtime's _exit, which calls it: that stops all other threads wherever they are, then
     * calls into every library of the program for its farewell. One that waits for a lock which a stopped thread held
     * hangs for ever. TerminateProcess calls nothing, like _exit elsewhere. */
    for (;;)
        TerminateProcess(GetCurrentProcess(), (UINT)code);
}
