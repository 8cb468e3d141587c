/* private.c: memory of this process alone. */
#include "internal.h"

int platform_private_map(size_t size, void **ret_address)
{
    void *address = CALL(VirtualAlloc, NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (address == NULL)
        return platform__fail_memory("VirtualAlloc");
    *ret_address = address;
    return 0;
}

/* The pages stay committed, and go to the page file no more: what is read of them is zero or what was there. */
void platform_private_discard(void *address, size_t size)
{
    VirtualAlloc(address, size, MEM_RESET, PAGE_READWRITE);
}
