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

void mproc__exit_text(platform_exit how, char *ret_text, size_t capacity)
{
    long long code = (long long)how.code;
    if (how.kind == PLATFORM_EXIT_SIGNAL)
        snprintf(ret_text, capacity, "was killed by signal %lld", code);
    else if (how.kind == PLATFORM_EXIT_CODE)
        /* The numbers of Windows' exceptions are known by their hexadecimal form. */
        snprintf(ret_text, capacity, code >= 0xC0000000LL ? "exited with code 0x%llX" : "exited with code %lld", code);
    else
        snprintf(ret_text, capacity, "died; its exit status is unknown");
}
