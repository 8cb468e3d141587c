/* stdio.c: a child's manners on the screen, and the last words of a process.
 */
#include "internal.h"

#include <stdlib.h>

/* _CALL_REPORTFAULT: abort reports to the system, which may show a box. Its message on stderr stays. */
#define ABORT_REPORT_FLAG 0x2u

/** Looked up at run time, in whichever of the system's C runtimes the program uses, because the older one may lack it:
 * there SetErrorMode decides. */
static void silence_abort(const wchar_t *runtime_name)
{
    typedef unsigned set_abort_behavior_fn(unsigned flags, unsigned mask);
    HMODULE runtime = GetModuleHandleW(runtime_name);
    FARPROC found = runtime != NULL ? GetProcAddress(runtime, "_set_abort_behavior") : NULL;
    set_abort_behavior_fn *set_abort_behavior = (set_abort_behavior_fn *)(void (*)(void))found;
    if (set_abort_behavior != NULL)
        set_abort_behavior(0, ABORT_REPORT_FLAG);
}

void platform_child_prepare(void)
{
    SetErrorMode(GetErrorMode() | SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    /* Failed assertions of a program without a console go to stderr as well, not into a box that nobody closes. */
    _set_error_mode(_OUT_TO_STDERR);
    silence_abort(L"ucrtbase.dll");
    silence_abort(L"msvcrt.dll");
}

void platform_write_stderr(const char *text, size_t size)
{
    HANDLE error_output = GetStdHandle(STD_ERROR_HANDLE);
    DWORD written;
    if (error_output != NULL && error_output != INVALID_HANDLE_VALUE)
        WriteFile(error_output, text, size > 0x7FFFFFFF ? 0x7FFFFFFF : (DWORD)size, &written, NULL);
}
