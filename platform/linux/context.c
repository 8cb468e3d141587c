/* What a signal handler knows of the instruction that was interrupted, and how a signal is sent once more. */
#define _GNU_SOURCE
#include "unix/os.h"
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__x86_64__)

/* The processor's number of a page fault, and bits of what it says of one. */
#define PAGE_FAULT  14
#define IS_WRITE    0x02
#define IS_FETCHING 0x10

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

enum platform_access platform__os_context_access(const void *context)
{
    const greg_t *registers = ((const ucontext_t *)context)->uc_mcontext.gregs;
    if (registers[REG_TRAPNO] != PAGE_FAULT)
        return PLATFORM_ACCESS_UNKNOWN;
    if (registers[REG_ERR] & IS_FETCHING)
        return PLATFORM_ACCESS_EXECUTE;
    return registers[REG_ERR] & IS_WRITE ? PLATFORM_ACCESS_WRITE : PLATFORM_ACCESS_READ;
}

#elif defined(__aarch64__)

/* The kernel's list of what it adds to a context, in which the processor's word on the fault has this name; what is of
 * interest in it; and the classes of faults of a program's instructions and data. */
#define SYNDROME_MAGIC        UINT32_C(0x45535201)
#define SYNDROME_CLASS(word)  ((word) >> 26 & 0x3f)
#define SYNDROME_WRITE        0x40
#define CLASS_OF_INSTRUCTIONS 0x20
#define CLASS_OF_DATA         0x24

struct addition {
    uint32_t magic, size;
    uint64_t word;
};

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

/* 0 where the kernel has not added it, as of a signal that was sent. */
static uint64_t find_syndrome(const mcontext_t *registers)
{
    const unsigned char *list = (const unsigned char *)registers->__reserved;
    struct addition next;
    for (size_t at = 0; at + sizeof next <= sizeof registers->__reserved; at += next.size) {
        memcpy(&next, list + at, sizeof next);
        if (next.magic == SYNDROME_MAGIC)
            return next.word;
        if (next.magic == 0 || next.size < 8)
            break;
    }
    return 0;
}

enum platform_access platform__os_context_access(const void *context)
{
    uint64_t syndrome = find_syndrome(&((const ucontext_t *)context)->uc_mcontext);
    if (SYNDROME_CLASS(syndrome) == CLASS_OF_INSTRUCTIONS)
        return PLATFORM_ACCESS_EXECUTE;
    if (SYNDROME_CLASS(syndrome) != CLASS_OF_DATA)
        return PLATFORM_ACCESS_UNKNOWN;
    return syndrome & SYNDROME_WRITE ? PLATFORM_ACCESS_WRITE : PLATFORM_ACCESS_READ;
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

enum platform_access platform__os_context_access(const void *context)
{
    (void)context;
    return PLATFORM_ACCESS_UNKNOWN;
}

#endif

void platform__os_signal_again(int number, siginfo_t *info)
{
    syscall(SYS_rt_tgsigqueueinfo, getpid(), (pid_t)syscall(SYS_gettid), number, info);
}
