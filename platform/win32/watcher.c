/* watcher.c: one thread that learns of the deaths of all children.
 *
 * Each child's handle has a wait object in a thread pool of the port's own, with exactly one thread. The pool of the
 * process, which RegisterWaitForSingleObject uses, would not do: a program that fills it with work that blocks
 * would keep us from hearing of deaths. One thread also means that callbacks come one at a time. The system splits the
 * handles among waits of 63 by itself.
 */
#include "internal.h"

/* ---- The pool ---- */

static PTP_POOL watcher_pool; /* written once, under the INIT_ONCE below */

static BOOL CALLBACK create_pool(INIT_ONCE *once, void *parameter, void **ret_context)
{
    (void)once, (void)parameter, (void)ret_context;
    PTP_POOL pool = CALL(CreateThreadpool, NULL);
    if (pool == NULL)
        return FALSE;
    SetThreadpoolThreadMaximum(pool, 1);
    /* The thread is made now, so that no death goes unheard later for want of memory for a thread. */
    if (!CALL(SetThreadpoolThreadMinimum, pool, 1)) {
        DWORD error = GetLastError();
        CloseThreadpool(pool);
        SetLastError(error);
        return FALSE;
    }
    watcher_pool = pool;
    return TRUE;
}

int platform__watcher_environment(TP_CALLBACK_ENVIRON *ret_environment)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    /* After a failure the next caller tries again. */
    if (!InitOnceExecuteOnce(&once, create_pool, NULL, NULL))
        return platform__fail(MPROC_E_OS, "CreateThreadpool");
    InitializeThreadpoolEnvironment(ret_environment);
    SetThreadpoolCallbackPool(ret_environment, watcher_pool);
    return 0;
}

/* ---- A process that ends ---- */

static platform_exit exit_of(HANDLE process)
{
    DWORD code;
    if (!CALL(GetExitCodeProcess, process, &code))
        return (platform_exit){ .kind = PLATFORM_EXIT_UNKNOWN };
    /* Exception numbers such as 0xC0000005 stay positive. */
    return (platform_exit){ .kind = PLATFORM_EXIT_CODE,
                            .code = code == PLATFORM_TERMINATED_CODE ? -15 : (int64_t)code };
}

static void process_release(platform_process *process)
{
    CloseThreadpoolWait(process->wait);
    platform__job_release(process->job);
    if (process->handle != NULL)
        CloseHandle(process->handle);
    free(process);
}

/** Calls on_exit. The thread's number lets platform_process_free recognise that it is called from within. */
static void tell_owner(platform_process *process)
{
    if (process->on_exit == NULL)
        return;
    /* Relaxed: only the thread itself ever finds its own number there. */
    atomic_store_explicit(&process->callback_thread, GetCurrentThreadId(), memory_order_relaxed);
    process->on_exit(process, exit_of(process->handle), process->user);
    atomic_store_explicit(&process->callback_thread, 0, memory_order_relaxed);
}

static void CALLBACK process_ended(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WAIT wait, TP_WAIT_RESULT result)
{
    (void)instance, (void)wait, (void)result;
    platform_process *process = context;
    tell_owner(process);
    if (process->free_wanted || process->forgotten)
        process_release(process);
}

int platform__watch_prepare(platform_process *process)
{
    TP_CALLBACK_ENVIRON environment;
    int code = platform__watcher_environment(&environment);
    if (code < 0)
        return code;
    process->wait = CALL(CreateThreadpoolWait, process_ended, process, &environment);
    return process->wait != NULL ? 0 : platform__fail(MPROC_E_OS, "CreateThreadpoolWait");
}

void platform__watch_start(platform_process *process)
{
    SetThreadpoolWait(process->wait, process->handle, NULL);
}

/** Ends the watch: on_exit does not run any more, and runs nowhere, when this returns. */
static void watch_stop(platform_process *process)
{
    SetThreadpoolWait(process->wait, NULL, NULL);
    WaitForThreadpoolWaitCallbacks(process->wait, TRUE);
}

void platform_process_free(platform_process *process)
{
    if (process == NULL)
        return;
    if (atomic_load_explicit(&process->callback_thread, memory_order_relaxed) == GetCurrentThreadId()) {
        process->free_wanted = true;
        return;
    }
    watch_stop(process);
    if (process->handle == NULL || WaitForSingleObject(process->handle, 0) == WAIT_OBJECT_0) {
        process_release(process);
        return;
    }
    /* It runs: the job must stay, or closing it would end the process; and while it stays, the death of this process
     * still takes the child along. */
    process->on_exit = NULL;
    process->forgotten = true;
    platform__watch_start(process);
}
