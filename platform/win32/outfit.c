/* outfit.c: what a child changes about itself before the program's code runs in it: its priority and CPU, its
 * environment, where its output goes.
 */
#include "internal.h"

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>

/* ---- Priority and CPU ---- */

static DWORD priority_class(int increment)
{
    if (increment >= 10)
        return IDLE_PRIORITY_CLASS;
    if (increment > 0)
        return BELOW_NORMAL_PRIORITY_CLASS;
    return increment < -14 ? HIGH_PRIORITY_CLASS : ABOVE_NORMAL_PRIORITY_CLASS;
}

int platform_self_nice(int increment)
{
    if (increment == 0 || SetPriorityClass(GetCurrentProcess(), priority_class(increment)))
        return 0;
    return platform__fail(MPROC_E_OS, "SetPriorityClass");
}

int platform_cpu_check(int cpu)
{
    DWORD_PTR process_mask = 0, system_mask = 0;
    if (!GetProcessAffinityMask(GetCurrentProcess(), &process_mask, &system_mask))
        return platform__fail(MPROC_E_OS, "GetProcessAffinityMask");
    if (cpu < 0 || cpu >= (int)sizeof system_mask * 8 || (system_mask >> cpu & 1) == 0)
        return platform__fail_text(MPROC_E_INVALID, "there is no such CPU in the process's group");
    return 0;
}

int platform_self_pin(int cpu)
{
    int code = platform_cpu_check(cpu);
    if (code == 0 && !SetProcessAffinityMask(GetCurrentProcess(), (DWORD_PTR)1 << cpu))
        code = platform__fail(MPROC_E_OS, "SetProcessAffinityMask");
    return code;
}

/* ---- Environment ---- */

static int set_variable(const wchar_t *name, const wchar_t *value)
{
    /* The C runtime's copy first, which an empty value takes the variable out of, and the system's with it. */
    if (_wputenv_s(name, value != NULL ? value : L"") != 0)
        return platform__fail_text(MPROC_E_NO_MEMORY, "_wputenv_s failed");
    if (value != NULL && value[0] == L'\0' && !SetEnvironmentVariableW(name, value))
        return platform__fail(MPROC_E_OS, "SetEnvironmentVariableW");
    return 0;
}

int platform_self_setenv(const char *name, const char *value)
{
    if (name[0] == '\0' || strchr(name, '=') != NULL)
        return platform__fail_text(MPROC_E_INVALID, "that cannot be the name of a variable");
    wchar_t *wide_name = platform__widen(name), *wide_value = value != NULL ? platform__widen(value) : NULL;
    int code = 0;
    if (wide_name == NULL || (value != NULL && wide_value == NULL))
        code = platform__fail(GetLastError() == ERROR_NOT_ENOUGH_MEMORY ? MPROC_E_NO_MEMORY : MPROC_E_INVALID,
                              "a variable of the environment");
    else
        code = set_variable(wide_name, wide_value);
    free(wide_name);
    free(wide_value);
    return code;
}

/* ---- Output ---- */

static int open_for_appending(const char *path, HANDLE *ret_file)
{
    wchar_t *wide = platform__widen(path[0] != '\0' ? path : "NUL");
    if (wide == NULL)
        return platform__fail(MPROC_E_NO_MEMORY, "a file's name");
    HANDLE file =
        CreateFileW(wide, FILE_APPEND_DATA | SYNCHRONIZE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                    OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    int code = file != INVALID_HANDLE_VALUE ? 0 : platform__fail(MPROC_E_OS, "CreateFileW");
    free(wide);
    *ret_file = file;
    return code;
}

/* The C runtime's descriptor gets a handle of its own, which is the system's standard handle as well. */
static int put_in_place(HANDLE file, enum platform_output output)
{
    int fd = _open_osfhandle((intptr_t)file, _O_APPEND | _O_TEXT);
    if (fd < 0) {
        CloseHandle(file);
        return platform__fail_text(MPROC_E_NO_MEMORY, "_open_osfhandle failed");
    }
    bool done = _dup2(fd, (int)output) == 0;
    _close(fd);
    if (!done)
        return platform__fail_text(MPROC_E_OS, "_dup2 failed");
    HANDLE standard = (HANDLE)_get_osfhandle((int)output);
    if (!SetStdHandle(output == PLATFORM_STDOUT ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE, standard))
        return platform__fail(MPROC_E_OS, "SetStdHandle");
    return 0;
}

int platform_self_redirect(enum platform_output output, const char *path)
{
    HANDLE file = INVALID_HANDLE_VALUE;
    int code = open_for_appending(path, &file);
    return code < 0 ? code : put_in_place(file, output);
}

int platform_self_redirect_to(enum platform_output output, mproc_os_handle handle)
{
    return put_in_place((HANDLE)handle, output);
}
