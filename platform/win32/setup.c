/* setup.c: the port's one-time set-up, and the end.
 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    platform__module_setup();
    return TRUE;
}

void platform_setup(void)
{
    InitOnceExecuteOnce(&setup_state, setup_once, NULL, NULL);
}

void platform_self_program(char *ret_path, size_t capacity)
{
    char text[32768] = "";
    wchar_t *path = platform__module_path(NULL);
    if (path != NULL)
        platform__narrow(path, text, sizeof text);
    free(path);
    size_t length = strlen(text);
    snprintf(ret_path, capacity, "%s", text + (length < capacity ? 0 : length - capacity + 1));
}

void platform_system_name(char *ret_name, size_t capacity)
{
    RTL_OSVERSIONINFOW version = { .dwOSVersionInfoSize = sizeof version };
    if (RtlGetVersion(&version) < 0)
        snprintf(ret_name, capacity, "Windows");
    else
        snprintf(ret_name, capacity, "Windows %lu.%lu.%lu", version.dwMajorVersion, version.dwMinorVersion,
                 version.dwBuildNumber);
}

void platform_yield(void)
{
    SwitchToThread();
}

/** Of one of the system's C runtimes, if it is there. It stays from then on: one that goes would call the function. */
static FARPROC find_in_runtime(const wchar_t *name, const char *function)
{
    HMODULE runtime;
    bool found = GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN, name, &runtime);
    return found ? GetProcAddress(runtime, function) : NULL;
}

/** exit() calls what was registered with its own C runtime, which may be another one than this library's. What a DLL
 * registers by its atexit is called later, when the system takes the DLL from the process: by then it has stopped all
 * other threads, wherever they were. So that is for want of anything better. */
int platform_at_exit(void (*function)(void))
{
    typedef int new_at_exit_fn(void (*function)(void));
    typedef void (*old_at_exit_fn(void (*function)(void)))(void);
    new_at_exit_fn *new_at_exit = (new_at_exit_fn *)(void (*)(void))find_in_runtime(L"ucrtbase.dll", "_crt_atexit");
    old_at_exit_fn *old_at_exit = (old_at_exit_fn *)(void (*)(void))find_in_runtime(L"msvcrt.dll", "_onexit");
    if (new_at_exit != NULL)
        new_at_exit(function);
    if (old_at_exit != NULL)
        old_at_exit(function);
    return atexit(function) == 0 ? 0 : platform__fail_text(MPROC_E_NO_MEMORY, "atexit");
}

void platform_exit_now(int code)
{
    /* Not ExitProcess, nor the C runtime's _exit, which calls it: that stops all other threads wherever they are, then
     * calls into every library of the program for its farewell. One that waits for a lock which a stopped thread held
     * hangs for ever. TerminateProcess calls nothing, like _exit elsewhere. */
    for (;;)
        TerminateProcess(GetCurrentProcess(), (UINT)code);
}
