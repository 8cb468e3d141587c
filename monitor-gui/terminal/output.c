#include "terminal/output.h"

#include "platform.h"
#include "trace/utf8.h"
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* With its head and its end; longer complaints are cut. */
#define COMPLAINT_MAX 8192

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

/* At once, so that it is whole among the lines of others. It may have words of a watched process in it, and stderr is a
 * terminal as a rule. */
void output_complain(const char *format, ...)
{
    static const char begin[] = "mproc-monitor: ";
    char text[COMPLAINT_MAX];
    const size_t head = sizeof begin - 1;
    fflush(stdout);
    /* On the screen of the page it would be gone with it. */
    platform_terminal_end();
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + head, sizeof text - head - 1, format, arguments);
    va_end(arguments);
    memcpy(text, begin, head);
    size_t size = head + mproc__utf8_disarm(text + head, strlen(text + head));
    text[size] = '\n';
    platform_write_stderr(text, size + 1);
}
