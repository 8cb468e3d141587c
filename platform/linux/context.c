/* What a signal handler knows of the instruction that was interrupted, and how a signal is sent once more. */
#define _GNU_SOURCE
#include "unix/os.h"
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__x86_64__)

uintptr_t platform__os_context_pc(const void *context)
{
    return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
}

uintptr_t platform__os_context_sp(const void *context)
{
    return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RSP];
}

/* The call has pushed its return address and done nothing else. */
uintptr_t platform__os_context_undo_call(void *context)
{
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    registers[REG_RIP] = *(const greg_t *)registers[REG_RSP];
    registers[REG_RSP] += (greg_t)sizeof(greg_t);
    return (uintptr_t)registers[REG_RIP];
}

void platform__os_context_redo_call(void *context, uintptr_t pc)
{
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    registers[REG_RIP] = (greg_t)pc;
    registers[REG_RSP] -= (greg_t)sizeof(greg_t);
}

#elif defined(__aarch64__)

uintptr_t platform__os_context_pc(const void *context)
{
    return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.pc;
}

uintptr_t platform__os_context_sp(const void *context)
{
    return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.sp;
}

/* The call has put its return address into the link register. */
uintptr_t platform__os_context_undo_call(void *context)
{
    mcontext_t *registers = &((ucontext_t *)context)->uc_mcontext;
    registers->pc = registers->regs[30];
    return (uintptr_t)registers->pc;
}

void platform__os_context_redo_call(void *context, uintptr_t pc)
{
    ((ucontext_t *)context)->uc_mcontext.pc = pc;
}

#else

uintptr_t platform__os_context_pc(const void *context)
{
    (void)context;
    return 0;
}

uintptr_t platform__os_context_sp(const void *context)
{
    (void)context;
    return 0;
}

uintptr_t platform__os_context_undo_call(void *context)
{
    (void)context;
    return 0;
}

void platform__os_context_redo_call(void *context, uintptr_t pc)
{
    (void)context, (void)pc;
}

#endif

void platform__os_signal_again(int number, siginfo_t *info)
{
    syscall(SYS_rt_tgsigqueueinfo, getpid(), (pid_t)syscall(SYS_gettid), number, info);
}
