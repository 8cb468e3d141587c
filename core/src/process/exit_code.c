#include "process/exit_code.h"
#include <mproc/process.h>

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
