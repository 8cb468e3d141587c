/* Pages that forks empty. */
#define _GNU_SOURCE
#include "unix/calls.h"
#include "unix/os.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

/* Linux 4.14 and newer. */
int platform__os_wipe_on_fork(void *address, size_t size)
{
    return platform_calls.madvise(address, size, MADV_WIPEONFORK);
}
