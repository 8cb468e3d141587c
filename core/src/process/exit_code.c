#include "process/exit_code.h"
#include <mproc/process.h>
#include <stdio.h>

int64_t mproc__exit_code(platform_exit how)
{
    switch (how.kind) {
    case PLATFORM_EXIT_CODE:
        return how.code;
    case PLATFORM_EXIT_SIGNAL:
        return -how.code;
    default:
        return MPROC_EXIT_UNKNOWN;
    }
}

/* Of Windows, whose processes end with the number of the exception that nobody has handled, known in hexadecimal. */
static const struct exception {
    int64_t code;
    const char *name;
} exceptions[] = {
    { 0xC0000005, " (access violation)" },         { 0xC000001D, " (illegal instruction)" },
    { 0xC0000094, " (integer division by zero)" }, { 0xC00000FD, " (stack overflow)" },
    { 0xC0000135, " (a DLL was not found)" },      { 0xC000013A, " (Ctrl-C)" },
    { 0xC0000374, " (the heap is corrupt)" },      { 0xC0000409, " (stack buffer overrun)" },
};
#define LEAST_EXCEPTION 0xC0000000LL

static const char *exception_name(int64_t code)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++)
        if (exceptions[i].code == code)
            return exceptions[i].name;
    return "";
}

void mproc__exit_text(platform_exit how, char *ret_text, size_t capacity)
{
    long long code = (long long)how.code;
    if (how.kind == PLATFORM_EXIT_SIGNAL)
        snprintf(ret_text, capacity, "was killed by signal %lld", code);
    else if (how.kind == PLATFORM_EXIT_CODE && code >= LEAST_EXCEPTION)
        snprintf(ret_text, capacity, "exited with code 0x%llX%s", (unsigned long long)code, exception_name(code));
    else if (how.kind == PLATFORM_EXIT_CODE)
        snprintf(ret_text, capacity, "exited with code %lld", code);
    else
        snprintf(ret_text, capacity, "died; its exit status is unknown");
}
