/* mproc_init: where every process of a family comes in. */
#include "init.h"
#include "base/ready.h"
#include "platform.h"
#include "process/enter.h"

/* Not inlined, because its return address is to lie in the program, also under link-time optimisation. */
__attribute__((noinline)) int mproc_init(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    if (!mproc__ready_begin(__builtin_return_address(0)))
        return 0;
    platform_setup();
    platform_copy_mark();
    mproc__child_enter();
    return 0;
}
