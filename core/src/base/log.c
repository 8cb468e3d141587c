/* The logger: one level and one name per process, one write per line. */
#include "base/log.h"
#include "platform.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define LOG_LINE_MAX 1000

/* Relaxed throughout: a level orders nothing, it only has to be read whole. */
static _Atomic int log_level = MPROC_LOG_OFF;

/* The same, and the tap itself, which stays where it is: a line under way may come to one that was taken out. */
static _Atomic int tap_level = MPROC_LOG_OFF;
static _Atomic(log_tap *) tap;

/* The name that the process started with. Written by mproc__log_adopt alone, when there is one thread, so that
 * lines need no lock. */
static char process_name[64] = "MainProcess";

void mproc_set_log_level(mproc_log_level level)
{
    atomic_store_explicit(&log_level, (int)level, memory_order_relaxed);
}

mproc_log_level mproc_get_log_level(void)
{
    return (mproc_log_level)atomic_load_explicit(&log_level, memory_order_relaxed);
}

void mproc__log_adopt(const char *name, mproc_log_level level)
{
    snprintf(process_name, sizeof process_name, "%s", name);
    mproc_set_log_level(level);
    mproc__log_tap(NULL, MPROC_LOG_OFF);
}

void mproc__log_tap(log_tap *new_tap, mproc_log_level level)
{
    atomic_store_explicit(&tap, new_tap, memory_order_relaxed);
    atomic_store_explicit(&tap_level, (int)level, memory_order_relaxed);
}

static const char *level_name(mproc_log_level level)
{
    switch ((int)level) {
    case MPROC_LOG_SUBDEBUG:
        return "SUBDEBUG";
    case MPROC_LOG_DEBUG:
        return "DEBUG";
    case MPROC_LOG_INFO:
        return "INFO";
    case MPROC_LOG_SUBWARNING:
        return "SUBWARNING";
    case MPROC_LOG_WARNING:
        return "WARNING";
    case MPROC_LOG_ERROR:
        return "ERROR";
    default:
        return NULL;
    }
}

static size_t write_prefix(char *line, size_t capacity, mproc_log_level level)
{
    const char *name = level_name(level);
    int size = name != NULL ? snprintf(line, capacity, "[%s/%s] ", name, process_name)
                            : snprintf(line, capacity, "[LEVEL %d/%s] ", (int)level, process_name);
    return size < 0 ? 0 : (size_t)size;
}

static bool is_written(mproc_log_level level)
{
    mproc_log_level wanted = mproc_get_log_level();
    return level >= wanted && wanted < MPROC_LOG_OFF;
}

static log_tap *tap_of(mproc_log_level level)
{
    bool tapped = (int)level >= atomic_load_explicit(&tap_level, memory_order_relaxed);
    return tapped ? atomic_load_explicit(&tap, memory_order_relaxed) : NULL;
}

static void log_line(mproc_log_level level, bool written, const char *format, va_list arguments)
{
    log_tap *told = tap_of(level);
    if (!written && told == NULL)
        return;
    int saved_errno = errno;
    char line[LOG_LINE_MAX];
    size_t prefix = write_prefix(line, sizeof line, level), size = prefix;
    /* The terminating zero's place becomes that of the newline. */
    int text_size = vsnprintf(line + size, sizeof line - size, format, arguments);
    if (text_size > 0)
        size += (size_t)text_size < sizeof line - size ? (size_t)text_size : sizeof line - size - 1;
    if (told != NULL)
        told(level, line + prefix, size - prefix);
    line[size++] = '\n';
    if (written)
        platform_write_stderr(line, size);
    errno = saved_errno;
}

void mproc__log(mproc_log_level level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_line(level, is_written(level), format, arguments);
    va_end(arguments);
}

void mproc__log_always(mproc_log_level level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_line(level, true, format, arguments);
    va_end(arguments);
}

void mproc_log(mproc_log_level level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_line(level, is_written(level), format, arguments);
    va_end(arguments);
}
