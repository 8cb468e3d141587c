/* The last thing that a process does: handlers that write the stack of the faulting thread into memory that the parent
 * shares, and let the fault happen.
 *
 * What runs in the handlers is async-signal-safe, or made so. The unwinder was found and run once before, so that it
 * neither loads nor allocates; that of the GNU C library 2.35 and later takes no lock, and where it does, and another
 * thread holds that, an alarm ends the process with the signal that it dies of. A fault of the walk itself jumps out
 * of it. Nothing that was read back from the shared record is used as an index or an address.
 *
 * A handler does not raise its signal: it puts the default back and returns, so that the instruction faults once more
 * and the parent, a core file and a debugger see what they would have seen. Only what somebody has sent is sent again.
 */
#define _GNU_SOURCE
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/os.h"
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>

/* The kernel's frame of a signal takes up to 11 KiB of it, the mappings 6 KiB, the unwinder about as much. */
#define STACK_SIZE ((size_t)64 * 1024)
/* A stack that the program has given the thread will do from this size on. */
#define STACK_ENOUGH ((size_t)32 * 1024)
/* Frames that are followed; and how long all of it may take. */
#define DEEPEST       200000u
#define TIME_LIMIT_S  1
#define OTHER_WAIT_MS 2000

/* Faults this far from the stack pointer are the stack's end. */
#define OVERFLOW_BELOW ((uintptr_t)1 << 20)
#define OVERFLOW_ABOVE ((uintptr_t)1 << 14)

#define INNER (PLATFORM_CRASH_FRAMES - PLATFORM_CRASH_OUTER)

static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS };
#define FAULT_COUNT (sizeof faults / sizeof *faults)

/* libgcc's unwinder, as it is exported by name. */
static struct {
    _Unwind_Reason_Code (*backtrace)(_Unwind_Trace_Fn function, void *context);
    _Unwind_Word (*instruction)(struct _Unwind_Context *context, int *ret_before);
    _Unwind_Word (*stack)(struct _Unwind_Context *context); /* the stack pointer, as it was at the call */
} unwinder;

static struct {
    platform_crash *record;
    pid_t owner;             /* a copy that the program forks has the handlers as well, and writes nothing */
    int mappings;            /* opened while files can be opened, */
    platform_mark mark;      /* and told by this from what the program may have under its number */
    _Atomic uint32_t state;  /* enum platform_crash_state, where a task that writes wildly is less likely to be */
    _Atomic uint64_t walker; /* the thread that walks, or 0 */
    volatile int number;     /* of the signal */
    volatile bool undone;    /* the context is no longer that of the fault */
    sigjmp_buf out_of_walk;  /* where a fault of the walk ends */
    uintptr_t base;          /* where the stack of this process's main thread is cut; 0: nowhere */
    uint32_t count, modules; /* as in the record, but not to be spoilt by others */
    uintptr_t pending;       /* a frame that is added unless the base lies in it; 0: none */
    uintptr_t pcs[PLATFORM_CRASH_FRAMES];
} crash;

/* ---- Preparing ---- */

static bool find_unwinder(void *library)
{
    void *backtrace = platform_calls.dlsym(library, "_Unwind_Backtrace");
    void *instruction = platform_calls.dlsym(library, "_Unwind_GetIPInfo");
    void *stack = platform_calls.dlsym(library, "_Unwind_GetCFA");
    if (!backtrace || !instruction || !stack)
        return false;
    memcpy(&unwinder.backtrace, &backtrace, sizeof backtrace);
    memcpy(&unwinder.instruction, &instruction, sizeof instruction);
    memcpy(&unwinder.stack, &stack, sizeof stack);
    return true;
}

/* Looked for when somebody asks for it, so that no other program has to load it. */
int platform_crash_prepare(void)
{
    if (unwinder.backtrace || find_unwinder(RTLD_DEFAULT))
        return 0;
    void *library = platform_calls.dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_GLOBAL);
    if (library && find_unwinder(library))
        return 0;
    return platform__fail_text(MPROC_E_NOT_SUPPORTED, "libgcc_s.so.1, which walks stacks, cannot be loaded");
}

/* ---- Walking ---- */

/* A walk from the frame whose instruction is start; what lies before are the handler's own frames. */
struct walk {
    uintptr_t start;
    bool found;
    bool is_return; /* start is a return address that was made the context's instruction: its frame is noted too */
};

static void add(uintptr_t pc)
{
    uint32_t i = crash.count++;
    crash.pcs[i < PLATFORM_CRASH_FRAMES ? i : INNER + i % PLATFORM_CRASH_OUTER] = pc;
}

static void add_pending(void)
{
    if (crash.pending != 0)
        add(crash.pending);
    crash.pending = 0;
}

_Static_assert(INNER % PLATFORM_CRASH_OUTER == 0, "the ring's places go by the frame's number");

static _Unwind_Reason_Code note(struct _Unwind_Context *context, void *argument)
{
    struct walk *walk = argument;
    int before = 0;
    uintptr_t pc = (uintptr_t)unwinder.instruction(context, &before);
    if (!walk->found) {
        walk->found = pc == walk->start;
        if (walk->found && walk->is_return)
            crash.pending = pc - 1;
        return _URC_NO_REASON;
    }
    if (crash.base != 0 && unwinder.stack(context) > crash.base) {
        crash.pending = 0;
        return _URC_END_OF_STACK;
    }
    add_pending();
    /* Of a caller the call is meant, not what comes after it. */
    crash.pending = pc == 0 ? 0 : before ? pc : pc - 1;
    return pc != 0 && crash.count < DEEPEST ? _URC_NO_REASON : _URC_END_OF_STACK;
}

struct code_question {
    uintptr_t address;
    bool known, is_code;
};

static bool ask_code(const struct platform__mapping *mapping, void *context)
{
    struct code_question *question = context;
    question->known = true;
    if (question->address < mapping->start || question->address >= mapping->end)
        return true;
    question->is_code = mapping->is_code;
    return false;
}

/* The unwinder would read what is there to see. */
static bool is_certainly_no_code(uintptr_t address)
{
    struct code_question question = { .address = address };
    platform__os_each_mapping(crash.mappings, ask_code, &question);
    return question.known && !question.is_code;
}

/* NULL or garbage was called: that frame is no function's, and the one that called it is found by undoing the call. */
static void walk_from_caller(void *context)
{
    uintptr_t caller = platform__os_context_undo_call(context);
    crash.undone = true;
    unwinder.backtrace(note, &(struct walk){ .start = caller, .is_return = true });
}

static void walk_stack(void *context)
{
    uintptr_t pc = platform__os_context_pc(context);
    add(pc);
    atomic_store_explicit(&crash.walker, platform_thread_id(), memory_order_relaxed);
    if (sigsetjmp(crash.out_of_walk, 0) == 0) {
        if (is_certainly_no_code(pc))
            walk_from_caller(context);
        else
            unwinder.backtrace(note, &(struct walk){ .start = pc });
    }
    atomic_store_explicit(&crash.walker, 0, memory_order_relaxed);
    add_pending();
    if (crash.undone)
        platform__os_context_redo_call(context, pc);
}

/* ---- Writing the record ---- */

/* The number of a module in the record; PLATFORM_CRASH_MODULES if there is no room. */
static uint32_t module_of(const struct platform__mapping *mapping)
{
    struct platform_crash_module *modules = crash.record->module;
    const char *name = strrchr(mapping->path, '/');
    name = name ? name + 1 : mapping->path;
    uint32_t i = 0;
    while (i < crash.modules && memcmp(&modules[i].file, &mapping->file, sizeof mapping->file) != 0)
        i++;
    if (i == crash.modules && i < PLATFORM_CRASH_MODULES) {
        modules[i].file = mapping->file;
        memcpy(modules[i].name, name, strnlen(name, sizeof modules[i].name - 1));
        crash.record->module_count = ++crash.modules;
    }
    return i;
}

static void locate(const struct platform__mapping *mapping, uint32_t frame)
{
    uint32_t module = module_of(mapping);
    if (module == PLATFORM_CRASH_MODULES)
        return;
    crash.record->offsets[frame] = crash.pcs[frame] - mapping->start + mapping->file_offset;
    crash.record->modules[frame] = (uint8_t)(module + 1);
}

static bool locate_all(const struct platform__mapping *mapping, void *unused)
{
    (void)unused;
    uint32_t count = crash.count < PLATFORM_CRASH_FRAMES ? crash.count : PLATFORM_CRASH_FRAMES;
    for (uint32_t i = 0; i < count && mapping->path[0] != '\0'; i++)
        if (crash.pcs[i] >= mapping->start && crash.pcs[i] < mapping->end)
            locate(mapping, i);
    return true;
}

/* The walk hangs, in a lock of the unwinder's that another thread holds, or for ever in a stack that leads into itself.
 * The alarm may come to any thread. */
static void on_overtime(int unused)
{
    sigset_t set;
    (void)unused;
    sigemptyset(&set);
    sigaddset(&set, crash.number);
    signal(crash.number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    raise(crash.number);
}

static void limit_time(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_overtime }, NULL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    alarm(TIME_LIMIT_S);
}

/* An overflow faults near the stack pointer; a large frame may reach far below it. */
static bool is_overflow(int number, const siginfo_t *info, const void *context)
{
    uintptr_t address = (uintptr_t)info->si_addr, sp = platform__os_context_sp(context);
    return (number == SIGSEGV || number == SIGBUS) && info->si_code > 0 && sp != 0 &&
           address - (sp - OVERFLOW_BELOW) < OVERFLOW_BELOW + OVERFLOW_ABOVE;
}

/* Of a signal that somebody has sent there is no address: where it would be is who that was. SI_KERNEL is the general
 * protection fault of x86, which has none. */
static enum platform_fault_kind kind_of(int number, int code)
{
    if (number == SIGSEGV && code == SI_KERNEL)
        return PLATFORM_FAULT_NO_ADDRESS;
    if (number == SIGSEGV && code == SEGV_MAPERR)
        return PLATFORM_FAULT_NO_MEMORY;
    if (number == SIGSEGV && code == SEGV_ACCERR)
        return PLATFORM_FAULT_FORBIDDEN;
    if (number == SIGBUS && code == BUS_ADRALN)
        return PLATFORM_FAULT_UNALIGNED;
    if (number == SIGBUS && (code == BUS_ADRERR || code == BUS_OBJERR))
        return PLATFORM_FAULT_NO_PAGE;
    return PLATFORM_FAULT_NONE;
}

static enum platform_access access_of(uintptr_t address, const void *context)
{
    uintptr_t pc = platform__os_context_pc(context);
    return pc != 0 && pc == address ? PLATFORM_ACCESS_EXECUTE : platform__os_context_access(context);
}

static void describe_fault(int number, const siginfo_t *info, const void *context, platform_fault *ret_fault)
{
    bool is_overflowing = is_overflow(number, info, context);
    enum platform_fault_kind kind = is_overflowing ? PLATFORM_FAULT_STACK : kind_of(number, info->si_code);
    ret_fault->kind = (uint32_t)kind;
    if (kind == PLATFORM_FAULT_NONE || kind == PLATFORM_FAULT_NO_ADDRESS)
        return;
    ret_fault->address = (uintptr_t)info->si_addr;
    ret_fault->access = (uint32_t)access_of((uintptr_t)info->si_addr, context);
}

static void write_record(int number, const siginfo_t *info, void *context)
{
    platform_crash *record = crash.record;
    crash.number = number;
    limit_time();
    record->number = (uint32_t)number;
    record->pid = crash.owner;
    record->thread = platform_thread_id();
    describe_fault(number, info, context, &record->fault);
    record->overflow = record->fault.kind == PLATFORM_FAULT_STACK;
    atomic_store_explicit(&record->state, PLATFORM_CRASH_WRITING, memory_order_relaxed);
    walk_stack(context);
    platform__os_each_mapping(crash.mappings, locate_all, NULL);
    record->frame_count = crash.count;
    /* Release: for whoever looks before the system has told of the death. */
    atomic_store_explicit(&record->state, PLATFORM_CRASH_DONE, memory_order_release);
    atomic_store_explicit(&crash.state, PLATFORM_CRASH_DONE, memory_order_release);
}

/* ---- The handlers ---- */

/* Another thread was first: it gets the time to finish, since whoever returns from here ends the process. */
static void await_other(void)
{
    for (int i = 0; i < OTHER_WAIT_MS; i++) {
        if (atomic_load_explicit(&crash.state, memory_order_acquire) == PLATFORM_CRASH_DONE)
            return;
        poll(NULL, 0, 1);
    }
}

static void record_first(int number, const siginfo_t *info, void *context)
{
    uint32_t none = PLATFORM_CRASH_NONE;
    if (atomic_load_explicit(&crash.walker, memory_order_relaxed) == platform_thread_id())
        siglongjmp(crash.out_of_walk, 1);
    if (atomic_compare_exchange_strong_explicit(&crash.state, &none, PLATFORM_CRASH_WRITING, memory_order_relaxed,
                                                memory_order_relaxed))
        write_record(number, info, context);
    else
        await_other();
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    int error_number = errno;
    if (crash.owner == getpid())
        record_first(number, info, context);
    signal(number, SIG_DFL);
    /* A fault happens again by itself, a forbidden system call does not. */
    if (info->si_code <= 0 || number == SIGSYS)
        platform__os_signal_again(number, info);
    errno = error_number;
}

/* What the program has set, or a sanitizer, is left as it is; ours may have been copied by a fork. */
static bool is_free(int number)
{
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0)
        return false;
    return (action.sa_flags & SA_SIGINFO) != 0 ? action.sa_sigaction == on_fault : action.sa_handler == SIG_DFL;
}

static void install(void)
{
    /* Not held back while it runs: a fault of the walk has to come to the handler too. */
    struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    action.sa_sigaction = on_fault;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < FAULT_COUNT; i++)
        if (is_free(faults[i]))
            sigaction(faults[i], &action, NULL);
}

/* ---- Beginning ---- */

/* For the calling thread: a handler cannot run on a stack that has overflowed. Stays mapped until the process ends. */
static int give_stack(void)
{
    stack_t given, stack = { .ss_size = STACK_SIZE };
    if (sigaltstack(NULL, &given) == 0 && !(given.ss_flags & SS_DISABLE) && given.ss_size >= STACK_ENOUGH)
        return 0;
    stack.ss_sp = platform_calls.mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack.ss_sp == MAP_FAILED)
        return platform__fail(MPROC_E_NO_MEMORY, "a stack for signal handlers");
    return sigaltstack(&stack, NULL) == 0 ? 0 : platform__fail(MPROC_E_OS, "sigaltstack");
}

static _Unwind_Reason_Code ignore(struct _Unwind_Context *context, void *unused)
{
    (void)context, (void)unused;
    return _URC_NO_REASON;
}

static int open_mappings(void)
{
    if (crash.owner == getpid() && platform_handle_is(crash.mappings, &crash.mark))
        return 0;
    crash.mappings = platform__os_mappings_open();
    platform_handle_mark(crash.mappings, &crash.mark);
    return crash.mappings >= 0 ? 0 : platform__fail(MPROC_E_OS, "the list of this process's mappings");
}

int platform_crash_record(platform_crash *record)
{
    int code = platform_crash_prepare();
    if (code == 0)
        code = give_stack();
    if (code == 0)
        code = open_mappings();
    if (code < 0)
        return code;
    /* What it does once it does now. */
    unwinder.backtrace(ignore, NULL);
    crash.record = record;
    crash.owner = getpid();
    crash.base = 0;
    install();
    return 0;
}

void platform_crash_base(const void *address)
{
    crash.base = (uintptr_t)address;
}

bool platform_crash_fits(const platform_crash *record, platform_exit how)
{
    return how.kind == PLATFORM_EXIT_SIGNAL && how.code == (int64_t)record->number;
}
