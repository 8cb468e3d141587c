/* The detail of a thread's last failed platform call. */
#include "unix/error.h"
#include "platform.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char detail[256];

const char *platform_error_text(void)
{
    return detail;
}

int platform__fail_text(int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    return code;
}

int platform__fail_number(int code, const char *what, int error_number)
{
    /* This file does not define _GNU_SOURCE, so that strerror_r is the one of POSIX, which every C library has. */
    char text[128];
    if (strerror_r(error_number, text, sizeof text) != 0)
        snprintf(text, sizeof text, "error %d", error_number);
    return platform__fail_text(code, "%s: %s", what, text);
}

int platform__fail(int code, const char *what)
{
    int error_number = errno;
    platform__fail_number(code, what, error_number);
    errno = error_number;
    return code;
}

bool platform__is_denied(int error_number)
{
    return error_number == EPERM || error_number == EACCES || error_number == ENOSYS || error_number == EAFNOSUPPORT;
}
