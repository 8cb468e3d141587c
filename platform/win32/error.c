/* error.c: the detail of a thread's last failed call.
 */
#include "internal.h"

#include <stdio.h>

static _Thread_local char error_detail[320];

const char *platform_error_text(void)
{
    return error_detail;
}

/** The system's text without line breaks and final dot; the number alone where it has no text. */
static void system_text(DWORD error, char *ret_text, size_t capacity)
{
    const DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
    wchar_t wide[256];
    DWORD length = FormatMessageW(flags, NULL, error, 0, wide, 256, NULL);
    while (length > 0 && (wide[length - 1] == L' ' || wide[length - 1] == L'.'))
        length--;
    wide[length < 256 ? length : 255] = L'\0';
    if (length == 0 || !platform__narrow(wide, ret_text, capacity))
        snprintf(ret_text, capacity, "error");
}

int platform__fail_error(int code, const char *call, DWORD error)
{
    char text[240];
    system_text(error, text, sizeof text);
    snprintf(error_detail, sizeof error_detail, "%s: %s (%lu)", call, text, (unsigned long)error);
    return code;
}

int platform__fail(int code, const char *call)
{
    return platform__fail_error(code, call, GetLastError());
}

int platform__fail_status(int code, const char *call, NTSTATUS status)
{
    return platform__fail_error(code, call, RtlNtStatusToDosError(status));
}

int platform__fail_text(int code, const char *text)
{
    snprintf(error_detail, sizeof error_detail, "%s", text);
    return code;
}
