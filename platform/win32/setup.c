/* setup.c: the port's one-time set-up, and the end.
 */
#include "internal.h"

#include <stdio.h>
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

void platform_exit_now(int code)
{
    /* Not ExitProcess, nor the C runtime's _exit, which calls it: that stops all other threads wherever they are, then
     * calls into every library of the program for its farewell. One that waits for a lock which a stopped thread held
     * hangs for ever. TerminateProcess calls nothing, like _exit elsewhere. */
    for (;;)
        TerminateProcess(GetCurrentProcess(), (UINT)code);
}
