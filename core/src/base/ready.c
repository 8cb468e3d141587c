/* That mproc_init was called, from where, and in which process. */
#include "base/ready.h"

static _Atomic bool initialized;

/* Where mproc_init was called from: an address in the program. */
static const void *program_address;

uint32_t mproc__process_epoch = 1;

bool mproc__ready_begin(const void *caller)
{
    if (atomic_exchange(&initialized, true))
        return false;
    program_address = caller;
    return true;
}

void mproc__ready_adopt(void)
{
    mproc__process_epoch++;
}

bool mproc__initialized(void)
{
    return atomic_load(&initialized);
}

bool mproc__program_module(platform_module *ret_module)
{
    return program_address != NULL && platform_module_of(program_address, ret_module);
}

uint64_t mproc__program_key(void)
{
    platform_module module;
    return mproc__program_module(&module) ? module.key : 0;
}
