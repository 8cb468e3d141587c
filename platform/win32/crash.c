/* crash.c: the last thing that a process does. The filter of unhandled exceptions writes the stack of the faulting
 * thread into memory that the parent shares; then the exception takes its course.
 *
 * The filter runs on the stack of the thread that has faulted, of which an overflow leaves nothing. That one exception
 * is seen as it is raised, on the little that a thread keeps for this, and handed to a thread that waits for it.
 * Nothing here allocates or asks the loader, whose lock another thread may hold: modules are asked of the kernel.
 */
#include "internal.h"

#define PSAPI_VERSION 2
#include <psapi.h>

#include <signal.h>
#include <string.h>

#define STACK_RESERVE ((ULONG)64 * 1024)
#define SERVER_STACK  ((unsigned)256 * 1024)
/* Frames that are followed; how long another thread that was first is waited for. */
#define DEEPEST 200000u
#define WAIT_MS 2000

#define INNER (PLATFORM_CRASH_FRAMES - PLATFORM_CRASH_OUTER)

/** abort raises no exception, and ends with this code. */
#define ABORT_CODE 3

/** A thread as it was when it faulted. */
struct fault {
    CONTEXT context;
    DWORD number, thread;
    ULONG_PTR stack_low, stack_high;
    platform_fault address; /* that it tried */
};

static struct {
    platform_crash *record;
    _Atomic uint32_t state; /* enum platform_crash_state, where a task that writes wildly is less likely to be */
    uintptr_t base;         /* where the main thread's stack is cut; 0: nowhere */
    LPTOP_LEVEL_EXCEPTION_FILTER filter_before;
    uint32_t count, modules;
    uintptr_t pcs[PLATFORM_CRASH_FRAMES];
    struct fault overflow;
    HANDLE overflowed, recorded;
} crash;

int platform_crash_prepare(void)
{
    return 0;
}

#ifdef __x86_64__

/* ---- Walking ---- */

static void add(uintptr_t pc)
{
    uint32_t i = crash.count++;
    crash.pcs[i < PLATFORM_CRASH_FRAMES ? i : INNER + i % PLATFORM_CRASH_OUTER] = pc;
}

/** One frame outwards. Without a description it is a leaf, or NULL or garbage was called: the return address is on top.
 */
static void step(CONTEXT *context)
{
    DWORD64 base, frame;
    void *data;
    RUNTIME_FUNCTION *function = RtlLookupFunctionEntry(context->Rip, &base, NULL);
    if (function != NULL) {
        RtlVirtualUnwind(UNW_FLAG_NHANDLER, base, context->Rip, function, context, &data, &frame, NULL);
    } else {
        context->Rip = *(const DWORD64 *)context->Rsp;
        context->Rsp += sizeof(DWORD64);
    }
}

static bool is_on_stack(const struct fault *fault, DWORD64 sp)
{
    return sp >= fault->stack_low && sp + sizeof(DWORD64) < fault->stack_high && sp % sizeof(DWORD64) == 0;
}

/** Of a caller the call is meant, not what comes after it; the frame that the base lies in is left out. */
static void walk(const struct fault *fault)
{
    CONTEXT context = fault->context;
    uintptr_t pending = 0;
    add((uintptr_t)context.Rip);
    while (crash.count < DEEPEST && is_on_stack(fault, context.Rsp)) {
        step(&context);
        if (crash.base != 0 && context.Rsp > crash.base && fault->context.Rsp < crash.base &&
            is_on_stack(fault, crash.base))
            return;
        if (pending != 0)
            add(pending);
        pending = context.Rip != 0 ? (uintptr_t)context.Rip - 1 : 0;
        if (pending == 0)
            break;
    }
    if (pending != 0)
        add(pending);
}

#else

static void step(CONTEXT *context)
{
    (void)context;
}

static void walk(const struct fault *fault)
{
    (void)fault;
}

#endif

/* ---- Writing the record ---- */

static uint64_t hash_name(const char *name)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 0x00000100000001B3u;
    return hash;
}

bool platform__module_file(const void *base, char *ret_name, size_t capacity, platform_file_id *ret_file)
{
    DWORD size = K32GetMappedFileNameA(GetCurrentProcess(), (void *)(uintptr_t)base, ret_name, (DWORD)capacity - 1);
    ret_name[size] = '\0';
    *ret_file = (platform_file_id){ { hash_name(ret_name), size } };
    return size > 0;
}

/** The number of a module in the record; PLATFORM_CRASH_MODULES if there is no room. */
static uint32_t module_at(const void *base)
{
    char path[600];
    platform_file_id file;
    struct platform_crash_module *modules = crash.record->module;
    if (!platform__module_file(base, path, sizeof path, &file))
        return PLATFORM_CRASH_MODULES;
    uint32_t i = 0;
    while (i < crash.modules && memcmp(&modules[i].file, &file, sizeof file) != 0)
        i++;
    if (i == crash.modules && i < PLATFORM_CRASH_MODULES) {
        const char *name = strrchr(path, '\\') != NULL ? strrchr(path, '\\') + 1 : path;
        modules[i].file = file;
        memcpy(modules[i].name, name, strnlen(name, sizeof modules[i].name - 1));
        crash.record->module_count = ++crash.modules;
    }
    return i;
}

static void locate(uint32_t frame)
{
    MEMORY_BASIC_INFORMATION information;
    const void *pc = (const void *)crash.pcs[frame];
    if (VirtualQuery(pc, &information, sizeof information) == 0 || information.Type != MEM_IMAGE)
        return;
    uint32_t module = module_at(information.AllocationBase);
    if (module == PLATFORM_CRASH_MODULES)
        return;
    crash.record->offsets[frame] = crash.pcs[frame] - (uintptr_t)information.AllocationBase;
    crash.record->modules[frame] = (uint8_t)(module + 1);
}

static enum platform_access access_of(ULONG_PTR number)
{
    if (number == 8)
        return PLATFORM_ACCESS_EXECUTE;
    return number == 1 ? PLATFORM_ACCESS_WRITE : number == 0 ? PLATFORM_ACCESS_READ : PLATFORM_ACCESS_UNKNOWN;
}

/** Asked of the kernel; another thread may have changed it since. */
static enum platform_fault_kind kind_at(uintptr_t address)
{
    MEMORY_BASIC_INFORMATION information;
    bool is_there = VirtualQuery((const void *)address, &information, sizeof information) > 0;
    return is_there && information.State == MEM_COMMIT ? PLATFORM_FAULT_FORBIDDEN : PLATFORM_FAULT_NO_MEMORY;
}

/** Of the general protection fault of x86 the system says that the last of all addresses was read. */
static enum platform_fault_kind kind_of(DWORD number, uintptr_t address)
{
    if (number == EXCEPTION_STACK_OVERFLOW)
        return PLATFORM_FAULT_STACK;
    if (number == EXCEPTION_IN_PAGE_ERROR)
        return PLATFORM_FAULT_NO_PAGE;
    if (number != EXCEPTION_ACCESS_VIOLATION)
        return PLATFORM_FAULT_NONE;
    return address == UINTPTR_MAX ? PLATFORM_FAULT_NO_ADDRESS : kind_at(address);
}

/** An exception that the program raises itself has no address as a rule. */
static platform_fault describe(const EXCEPTION_RECORD *exception)
{
    bool has_address = exception->NumberParameters >= 2;
    uintptr_t address = has_address ? (uintptr_t)exception->ExceptionInformation[1] : 0;
    if (!has_address && exception->ExceptionCode != EXCEPTION_STACK_OVERFLOW)
        return (platform_fault){ .kind = PLATFORM_FAULT_NONE };
    enum platform_fault_kind kind = kind_of(exception->ExceptionCode, address);
    if (kind == PLATFORM_FAULT_NONE || kind == PLATFORM_FAULT_NO_ADDRESS || !has_address)
        return (platform_fault){ .kind = (uint32_t)kind };
    return (platform_fault){ address, (uint32_t)kind, (uint32_t)access_of(exception->ExceptionInformation[0]) };
}

static void write_record(const struct fault *fault)
{
    platform_crash *record = crash.record;
    record->number = fault->number;
    record->pid = GetCurrentProcessId();
    record->thread = fault->thread;
    record->overflow = fault->number == EXCEPTION_STACK_OVERFLOW;
    record->fault = fault->address;
    atomic_store_explicit(&record->state, PLATFORM_CRASH_WRITING, memory_order_relaxed);
    walk(fault);
    for (uint32_t i = 0; i < crash.count && i < PLATFORM_CRASH_FRAMES; i++)
        locate(i);
    record->frame_count = crash.count;
    atomic_store_explicit(&record->state, PLATFORM_CRASH_DONE, memory_order_release);
    atomic_store_explicit(&crash.state, PLATFORM_CRASH_DONE, memory_order_release);
}

static void record_first(const struct fault *fault)
{
    uint32_t none = PLATFORM_CRASH_NONE;
    if (atomic_compare_exchange_strong(&crash.state, &none, PLATFORM_CRASH_WRITING)) {
        write_record(fault);
        return;
    }
    for (int i = 0; i < WAIT_MS && atomic_load(&crash.state) == PLATFORM_CRASH_WRITING; i++)
        Sleep(1);
}

/** Something has handled the exception after all: another one may come. */
static void forget(void)
{
    memset(crash.record, 0, sizeof *crash.record);
    crash.count = crash.modules = 0;
    atomic_store(&crash.state, PLATFORM_CRASH_NONE);
}

/* ---- What calls us ---- */

static void fill(struct fault *fault, const CONTEXT *context, DWORD number)
{
    fault->context = *context;
    fault->number = number;
    fault->thread = GetCurrentThreadId();
    GetCurrentThreadStackLimits(&fault->stack_low, &fault->stack_high);
    fault->address = (platform_fault){ .kind = PLATFORM_FAULT_NONE };
}

/** The one before us is the C runtime's, which knows of handlers of signals, or the program's own. */
static LONG WINAPI on_unhandled(EXCEPTION_POINTERS *exception)
{
    struct fault fault;
    fill(&fault, exception->ContextRecord, exception->ExceptionRecord->ExceptionCode);
    fault.address = describe(exception->ExceptionRecord);
    record_first(&fault);
    if (crash.filter_before == NULL || crash.filter_before(exception) != EXCEPTION_CONTINUE_EXECUTION)
        return EXCEPTION_EXECUTE_HANDLER;
    forget();
    return EXCEPTION_CONTINUE_EXECUTION;
}

static LONG WINAPI on_overflow(EXCEPTION_POINTERS *exception)
{
    if (exception->ExceptionRecord->ExceptionCode == EXCEPTION_STACK_OVERFLOW) {
        fill(&crash.overflow, exception->ContextRecord, EXCEPTION_STACK_OVERFLOW);
        crash.overflow.address = describe(exception->ExceptionRecord);
        SignalObjectAndWait(crash.overflowed, crash.recorded, WAIT_MS, FALSE);
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

static unsigned __stdcall serve_overflow(void *unused)
{
    (void)unused;
    WaitForSingleObject(crash.overflowed, INFINITE);
    record_first(&crash.overflow);
    SetEvent(crash.recorded);
    return 0;
}

static void on_abort(int number)
{
    struct fault fault;
    CONTEXT context;
    RtlCaptureContext(&context);
    step(&context);
    fill(&fault, &context, (DWORD)number);
    record_first(&fault);
}

/* ---- Beginning ---- */

static int start_server(void)
{
    if (crash.overflowed != NULL)
        return 0;
    crash.overflowed = CALL(CreateEventW, NULL, FALSE, FALSE, NULL);
    crash.recorded = CALL(CreateEventW, NULL, FALSE, FALSE, NULL);
    if (crash.overflowed == NULL || crash.recorded == NULL)
        return platform__fail(MPROC_E_OS, "CreateEventW");
    uintptr_t thread =
        CALL(_beginthreadex, NULL, SERVER_STACK, serve_overflow, NULL, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    if (thread == 0)
        return platform__fail(MPROC_E_OS, "_beginthreadex");
    CloseHandle((HANDLE)thread);
    AddVectoredExceptionHandler(1, on_overflow);
    return 0;
}

static void catch_abort(void)
{
    void (*before)(int) = signal(SIGABRT, on_abort);
    if (before != SIG_DFL)
        signal(SIGABRT, before);
}

int platform_crash_record(platform_crash *record)
{
    ULONG reserve = STACK_RESERVE;
    crash.record = record;
    int code = start_server();
    if (code < 0)
        return code;
    SetThreadStackGuarantee(&reserve);
    LPTOP_LEVEL_EXCEPTION_FILTER before = SetUnhandledExceptionFilter(on_unhandled);
    if (before != on_unhandled)
        crash.filter_before = before;
    catch_abort();
    return 0;
}

void platform_crash_base(const void *address)
{
    /* Any address, while the walk compares stack pointers. */
    crash.base = (uintptr_t)address & ~(uintptr_t)(sizeof(DWORD64) - 1);
}

/* How a process ends that has no stack left differs between systems. */
bool platform_crash_fits(const platform_crash *record, platform_exit how)
{
    if (how.kind != PLATFORM_EXIT_CODE)
        return false;
    if (record->number == EXCEPTION_STACK_OVERFLOW)
        return true;
    return how.code == (record->number == SIGABRT ? ABORT_CODE : (int64_t)record->number);
}
