#include "terminal/output.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int failed; /* the errno of the first failure */
static bool complained;

void output_begin(void)
{
#ifdef SIGPIPE
    signal(SIGPIPE, SIG_IGN);
#endif
}

static void note_failure(bool fine)
{
    if (!fine && failed == 0)
        failed = errno != 0 ? errno : EIO;
}

void output_write(const void *bytes, size_t size)
{
    if (failed == 0)
        note_failure(fwrite(bytes, 1, size, stdout) == size);
}

void output_format(const char *format, ...)
{
    if (failed != 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    note_failure(vfprintf(stdout, format, arguments) >= 0);
    va_end(arguments);
}

bool output_flush(void)
{
    if (failed == 0)
        note_failure(fflush(stdout) == 0);
    if (failed != 0 && !complained)
        output_complain("writing to standard output: %s", strerror(failed));
    complained = failed != 0;
    return failed == 0;
}

void output_complain(const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    va_start(arguments, format);
    fputs("mproc-monitor: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}
