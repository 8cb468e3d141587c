/* private.c: memory of this process alone, which its children do not get. */
#include "platform.h"
#include "unix/calls.h"
#include "unix/error.h"
#include <errno.h>

int platform_private_map(size_t size, void **ret_address)
{
    void *address = platform_calls.mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED)
        return platform__fail(errno == ENOMEM ? MPROC_E_NO_MEMORY : MPROC_E_OS, "mmap");
    /* Without it forks take longer: no reason to fail. */
    platform_calls.madvise(address, size, MADV_DONTFORK);
    *ret_address = address;
    return 0;
}

void platform_private_discard(void *address, size_t size)
{
    platform_calls.madvise(address, size, MADV_DONTNEED);
}
