/* The table of errors, and the detail of each thread's last one. */
#include "base/error.h"
#include "platform.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ERROR_DETAIL_MAX 512

static _Thread_local char last_error[ERROR_DETAIL_MAX];
static _Thread_local int last_code;

const char *mproc_error_name(int code)
{
    switch (code) {
#define ERROR_NAME(name, number, text)                                                                                 \
    case number:                                                                                                       \
        return "MPROC_E_" #name;
        MPROC_ERROR_MAP(ERROR_NAME)
#undef ERROR_NAME
    case 0:
        return "MPROC_OK";
    default:
        return "MPROC_E_UNKNOWN";
    }
}

const char *mproc_error_text(int code)
{
    switch (code) {
#define ERROR_TEXT(name, number, text)                                                                                 \
    case number:                                                                                                       \
        return text;
        MPROC_ERROR_MAP(ERROR_TEXT)
#undef ERROR_TEXT
    case 0:
        return "success";
    default:
        return "not a code of the library but a task's own";
    }
}

const char *mproc_last_error(void)
{
    return last_error;
}

int mproc_last_code(void)
{
    return last_code;
}

void mproc_perror(const char *prefix)
{
    int saved_errno = errno;
    char line[ERROR_DETAIL_MAX + 512];
    const char *detail = last_error[0] != 0 ? last_error : mproc_error_text(0);
    int size = prefix != NULL && prefix[0] != 0 ? snprintf(line, sizeof line, "%s: %s\n", prefix, detail)
                                                : snprintf(line, sizeof line, "%s\n", detail);
    if (size < 0)
        size = 0;
    if ((size_t)size >= sizeof line) {
        size = sizeof line - 1;
        line[size - 1] = '\n';
    }
    platform_write_stderr(line, (size_t)size);
    errno = saved_errno;
}

#define VERSION_TEXT_(major, minor, patch) #major "." #minor "." #patch
#define VERSION_TEXT(major, minor, patch)  VERSION_TEXT_(major, minor, patch)

const char *mproc_version(void)
{
    return VERSION_TEXT(MPROC_VERSION_MAJOR, MPROC_VERSION_MINOR, MPROC_VERSION_PATCH);
}

int mproc__error(int code, const char *format, ...)
{
    int saved_errno = errno;
    /* Made beside last_error, because the arguments may point into it: a wrapper adds to what it was told. */
    char text[ERROR_DETAIL_MAX];
    int used = snprintf(text, sizeof text, "%s: ", mproc_error_text(code));
    va_list arguments;
    va_start(arguments, format);
    if (used > 0 && (size_t)used < sizeof text)
        vsnprintf(text + used, sizeof text - (size_t)used, format, arguments);
    va_end(arguments);
    memcpy(last_error, text, sizeof text);
    last_code = code;
    errno = saved_errno;
    return code;
}

int mproc__error_null(const char *argument)
{
    return mproc__error(MPROC_E_INVALID, "%s is NULL", argument);
}

int mproc__check_room(const void *room, const char *argument, size_t capacity)
{
    return room != NULL || capacity == 0 ? 0 : mproc__error_null(argument);
}

int mproc__error_platform(int code, const char *what)
{
    return mproc__error(code, "%s: %s", what, platform_error_text());
}

int mproc__error_text(int code, const char *text)
{
    size_t size = strlen(text);
    if (size >= sizeof last_error)
        size = sizeof last_error - 1;
    memmove(last_error, text, size);
    last_error[size] = 0;
    last_code = code;
    return code;
}

void mproc__error_clear(void)
{
    last_error[0] = 0;
    last_code = 0;
}

bool mproc__answer(int code)
{
    last_code = code < 0 ? code : 0;
    return code > 0;
}
