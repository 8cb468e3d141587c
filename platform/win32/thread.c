/* thread.c: threads, mutexes and conditions of this process.
 */
#include "internal.h"

#include <stdalign.h>

/* ---- Threads ---- */

struct platform_thread {
    HANDLE handle;
    unsigned id;
    void (*function)(void *);
    void *argument;
};

#define STACK_SIZE (256u * 1024)

typedef HRESULT WINAPI set_thread_description_fn(HANDLE thread, PCWSTR description);
static set_thread_description_fn *set_thread_description;

static unsigned __stdcall thread_main(void *argument)
{
    struct platform_thread *thread = argument;
    thread->function(thread->argument);
    return 0;
}

/** For debuggers; no harm if it fails. */
static void name_thread(HANDLE thread, const char *name)
{
    wchar_t *wide = set_thread_description != NULL && name != NULL ? platform__widen(name) : NULL;
    if (wide != NULL)
        set_thread_description(thread, wide);
    free(wide);
}

int platform_thread_start(void (*function)(void *), void *argument, const char *name, platform_thread **ret_thread)
{
    struct platform_thread *thread = CALL(malloc, sizeof *thread);
    if (thread == NULL)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a thread");
    thread->function = function;
    thread->argument = argument;
    /* Suspended until id is written: the thread may ask platform_thread_is_current of itself at once. */
    uintptr_t handle = CALL(_beginthreadex, NULL, STACK_SIZE, thread_main, thread,
                            CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION, &thread->id);
    if (handle == 0) {
        int code = platform__fail(MPROC_E_OS, "_beginthreadex");
        free(thread);
        return code;
    }
    thread->handle = (HANDLE)handle;
    name_thread(thread->handle, name);
    *ret_thread = thread;
    ResumeThread(thread->handle);
    return 0;
}

/* There is TerminateThread alone, which nothing holds back. */
int platform_cancel_hold(void)
{
    return 0;
}

void platform_cancel_release(int before)
{
    (void)before;
}

void platform_thread_join(platform_thread *thread)
{
    WaitForSingleObject(thread->handle, INFINITE);
    CloseHandle(thread->handle);
    free(thread);
}

bool platform_thread_is_current(const platform_thread *thread)
{
    return thread->id == GetCurrentThreadId();
}

uint64_t platform_thread_id(void)
{
    return GetCurrentThreadId();
}

int platform_thread_count(void)
{
    HANDLE snapshot = CALL(CreateToolhelp32Snapshot, TH32CS_SNAPTHREAD, 0);
    if (snapshot == INVALID_HANDLE_VALUE)
        return 1;
    THREADENTRY32 entry = { .dwSize = sizeof entry };
    const DWORD self = GetCurrentProcessId();
    int count = 0;
    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry))
        count += entry.th32OwnerProcessID == self;
    CloseHandle(snapshot);
    return count > 0 ? count : 1;
}

/* ---- The end of a thread ---- */

static DWORD exit_slot = FLS_OUT_OF_INDEXES;
static void (*_Atomic exit_hook)(void);

static void CALLBACK thread_ends(void *armed)
{
    /* When the whole process ends, the last thread passes here too, after all others were stopped wherever they were,
     * perhaps holding a lock that the hook takes. The family learns of this end from the process's own death. */
    if (armed == NULL || RtlDllShutdownInProgress())
        return;
    /* Acquire pairs with the store in platform_thread_exit_hook: what the hook uses was set up before. */
    void (*hook)(void) = atomic_load_explicit(&exit_hook, memory_order_acquire);
    if (hook != NULL)
        hook();
}

void platform__thread_setup(void)
{
    exit_slot = FlsAlloc(thread_ends);
    HMODULE kernel = GetModuleHandleW(L"kernel32.dll");
    if (kernel != NULL)
        set_thread_description =
            (set_thread_description_fn *)(void (*)(void))GetProcAddress(kernel, "SetThreadDescription");
}

void platform_thread_exit_hook(void (*function)(void))
{
    atomic_store_explicit(&exit_hook, function, memory_order_release);
}

void platform_thread_exit_arm(void)
{
    if (exit_slot != FLS_OUT_OF_INDEXES)
        FlsSetValue(exit_slot, &exit_slot);
}

/* ---- Mutex and condition ---- */

_Static_assert(sizeof(SRWLOCK) <= sizeof(platform_mutex) && alignof(SRWLOCK) <= alignof(platform_mutex),
               "a mutex holds an SRWLOCK, and SRWLOCK_INIT is what PLATFORM_MUTEX_INIT of port.h is");
_Static_assert(sizeof(CONDITION_VARIABLE) <= sizeof(platform_condition) &&
                   alignof(CONDITION_VARIABLE) <= alignof(platform_condition),
               "a condition holds a CONDITION_VARIABLE");

void platform_mutex_init(platform_mutex *mutex)
{
    InitializeSRWLock((SRWLOCK *)mutex->opaque);
}

void platform_mutex_destroy(platform_mutex *mutex)
{
    (void)mutex;
}

void platform_mutex_lock(platform_mutex *mutex)
{
    AcquireSRWLockExclusive((SRWLOCK *)mutex->opaque);
}

void platform_mutex_unlock(platform_mutex *mutex)
{
    ReleaseSRWLockExclusive((SRWLOCK *)mutex->opaque);
}

int platform_condition_init(platform_condition *condition)
{
    InitializeConditionVariable((CONDITION_VARIABLE *)condition->opaque);
    return 0;
}

void platform_condition_destroy(platform_condition *condition)
{
    (void)condition;
}

bool platform_condition_wait(platform_condition *condition, platform_mutex *mutex, int64_t deadline_ns)
{
    DWORD ms = platform__timeout_ms(deadline_ns, PLATFORM_LONGEST_WAIT_MS);
    if (ms == 0)
        return false;
    if (SleepConditionVariableSRW((CONDITION_VARIABLE *)condition->opaque, (SRWLOCK *)mutex->opaque, ms, 0))
        return true;
    return platform__timeout_ms(deadline_ns, 1) > 0;
}

void platform_condition_signal(platform_condition *condition)
{
    WakeConditionVariable((CONDITION_VARIABLE *)condition->opaque);
}

void platform_condition_broadcast(platform_condition *condition)
{
    WakeAllConditionVariable((CONDITION_VARIABLE *)condition->opaque);
}
