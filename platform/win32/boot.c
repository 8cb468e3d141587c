/* boot.c: the environment variable by which a spawned child gets its first news.
 *
 * It exists in the child's environment block alone. The parent's own environment never holds it, so nothing that the
 * parent starts by itself can see it; the child takes it out at once.
 */
#include "internal.h"

#include <stdio.h>
#include <wchar.h>

#define BOOT_NAME   "MPROC_BOOT"
#define BOOT_NAME_W L"MPROC_BOOT"

/* What the system allows for name, value and end of one variable. */
#define VARIABLE_LIMIT 32767

/** "MPROC_BOOT=TEXT" for free(). */
static int boot_entry(const char *boot, wchar_t **ret_entry)
{
    wchar_t *text = platform__widen(boot);
    if (text == NULL)
        return platform__fail(GetLastError() == ERROR_NOT_ENOUGH_MEMORY ? MPROC_E_NO_MEMORY : MPROC_E_INVALID,
                              "the boot text");
    size_t length = wcslen(BOOT_NAME_W) + 1 + wcslen(text) + 1;
    wchar_t *entry = length > VARIABLE_LIMIT ? NULL : CALL(malloc, length * sizeof *entry);
    if (entry != NULL)
        swprintf(entry, length, L"%ls=%ls", BOOT_NAME_W, text);
    free(text);
    if (length > VARIABLE_LIMIT)
        return platform__fail_text(MPROC_E_LIMIT, "the boot text is longer than an environment variable may be");
    if (entry == NULL)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for the boot text");
    *ret_entry = entry;
    return 0;
}

int platform__environment_with_boot(const char *boot, wchar_t **ret_environment)
{
    wchar_t *entry = NULL;
    int code = boot_entry(boot, &entry);
    if (code < 0)
        return code;
    wchar_t *copy = platform__environment_with(entry);
    if (copy != NULL)
        *ret_environment = copy;
    else
        code = platform__fail_text(MPROC_E_NO_MEMORY, "no memory for an environment");
    free(entry);
    return code;
}

bool platform_boot_take(char *ret_text, size_t capacity)
{
    DWORD length = GetEnvironmentVariableW(BOOT_NAME_W, NULL, 0);
    if (length == 0)
        return false;
    wchar_t *text = CALL(malloc, length * sizeof *text);
    /* A child that cannot read what it is must not go on as if it were the first process of a family: it would start
     * children of its own, and so would they. */
    if (text == NULL)
        platform_exit_now((int)PLATFORM_TERMINATED_CODE);
    /* A text that does not fit is none that core wrote. */
    bool taken =
        GetEnvironmentVariableW(BOOT_NAME_W, text, length) == length - 1 && platform__narrow(text, ret_text, capacity);
    free(text);
    /* The C runtime has a copy, which its own spawn functions pass on. */
    _putenv(BOOT_NAME "=");
    SetEnvironmentVariableW(BOOT_NAME_W, NULL);
    return taken;
}
