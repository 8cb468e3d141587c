/* Chance. */
#define _GNU_SOURCE
#include "platform.h"
#include "unix/calls.h"
#include "unix/error.h"
#include <errno.h>

int platform_random(void *ret_bytes, size_t size)
{
    char *bytes = ret_bytes;
    while (size > 0) {
        ssize_t length = platform_calls.getrandom(bytes, size, 0);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return platform__fail(MPROC_E_OS, "getrandom");
        bytes += length;
        size -= (size_t)length;
    }
    return 0;
}
