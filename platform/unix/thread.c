/* Threads. */
#define _GNU_SOURCE
#include "unix/thread.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/os.h"
#include "unix/setup.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STACK_SIZE ((size_t)256 * 1024)

struct platform_thread {
    pthread_t thread;
    void (*function)(void *);
    void (*ended)(void *); /* of a thread of the program's; else NULL */
    void *argument;
    char name[16];
    bool detached;
    sigset_t outside; /* the mask of who started it */
};

static _Thread_local bool ours;
/* In a thread of ours: the mask of who started it, which a thread that it starts for the program gets. */
static _Thread_local sigset_t outside;
static atomic_int running; /* relaxed: a number to compare, which publishes nothing */

int platform__thread_count_ours(void)
{
    return atomic_load_explicit(&running, memory_order_relaxed);
}

bool platform__thread_is_ours(void)
{
    return ours;
}

void platform__thread_after_fork(void)
{
    ours = false;
    atomic_store_explicit(&running, 0, memory_order_relaxed);
}

static void *run_thread(void *argument)
{
    platform_thread *thread = argument;
    void (*function)(void *) = thread->function;
    void *function_argument = thread->argument;
    ours = true;
    outside = thread->outside;
    platform__os_thread_name(thread->name);
    if (thread->detached)
        free(thread);
    atomic_fetch_add_explicit(&running, 1, memory_order_relaxed);
    function(function_argument);
    atomic_fetch_sub_explicit(&running, 1, memory_order_relaxed);
    return NULL;
}

static void program_thread_ended(void *argument)
{
    const platform_thread *thread = argument;
    /* The object may go with the call. */
    thread->ended(thread->argument);
}

static void *run_program_thread(void *argument)
{
    platform_thread *thread = argument;
    /* Here and not around the start: a signal would find the starter, if that is ours, with nothing blocked. */
    pthread_sigmask(SIG_SETMASK, &thread->outside, NULL);
    platform__os_thread_name(thread->name);
    pthread_cleanup_push(program_thread_ended, thread);
    thread->function(thread->argument);
    pthread_cleanup_pop(1);
    return NULL;
}

/* The C library takes thread-local variables out of the stack, so that a program with many of them would leave nothing
 * of a fixed size. */
static size_t stack_size(void)
{
    size_t size = STACK_SIZE;
    long minimum = sysconf(_SC_THREAD_STACK_MIN);
    if (minimum > 0 && size < (size_t)minimum)
        size = (size_t)minimum;
    size += platform__modules_thread_local_size();
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (size + page - 1) / page * page;
}

/* All signals are blocked but those that the CPU raises at a faulting instruction: blocking these would not hold them
 * back, it would end the process without the program's own crash handler. */
static void block_signals(sigset_t *ret_before)
{
    static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS };
    sigset_t blocked;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(&blocked, faults[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, ret_before);
}

/* The thread inherits the mask it is created under, so that no signal can hit it before it could block them itself. */
static int create_thread(platform_thread *thread)
{
    pthread_attr_t attributes;
    int error_number = pthread_attr_init(&attributes);
    if (error_number != 0)
        return error_number;
    pthread_attr_setdetachstate(&attributes, thread->detached ? PTHREAD_CREATE_DETACHED : PTHREAD_CREATE_JOINABLE);
    pthread_attr_setstacksize(&attributes, stack_size());
    platform__module_stay();
    block_signals(&thread->outside);
    sigset_t before = thread->outside;
    /* Of a detached thread the object may be gone before pthread_create has returned, so its number is put elsewhere.
     * That of another must be in the object when the thread runs, which may ask whether it is the current one. */
    pthread_t unused;
    error_number =
        platform_calls.pthread_create(thread->detached ? &unused : &thread->thread, &attributes, run_thread, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error_number;
}

static int start_thread(platform_thread *thread)
{
    int error_number = create_thread(thread);
    if (error_number != 0) {
        free(thread);
        return platform__fail_number(MPROC_E_OS, "pthread_create", error_number);
    }
    return 0;
}

static platform_thread *new_thread(void (*function)(void *), void *argument, const char *name, bool detached)
{
    platform_thread *thread = platform_calls.calloc(1, sizeof *thread);
    if (!thread) {
        platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a thread");
        return NULL;
    }
    thread->function = function;
    thread->argument = argument;
    thread->detached = detached;
    snprintf(thread->name, sizeof thread->name, "%s", name ? name : "mproc");
    return thread;
}

int platform_thread_start(void (*function)(void *), void *argument, const char *name, platform_thread **ret_thread)
{
    platform_thread *thread = new_thread(function, argument, name, false);
    int code = thread ? start_thread(thread) : MPROC_E_NO_MEMORY;
    if (code == 0)
        *ret_thread = thread;
    return code;
}

int platform_program_thread_start(void (*function)(void *), void (*ended)(void *), void *argument, const char *name,
                                  platform_thread **ret_thread)
{
    platform_thread *thread = new_thread(function, argument, name, false);
    if (thread == NULL)
        return MPROC_E_NO_MEMORY;
    platform__module_stay();
    thread->ended = ended;
    if (ours)
        thread->outside = outside;
    else
        pthread_sigmask(SIG_SETMASK, NULL, &thread->outside);
    int error_number = platform_calls.pthread_create(&thread->thread, NULL, run_program_thread, thread);
    if (error_number != 0) {
        free(thread);
        return platform__fail_number(MPROC_E_OS, "pthread_create", error_number);
    }
    *ret_thread = thread;
    return 0;
}

int platform__thread_start_detached(void (*function)(void *), void *argument, const char *name)
{
    platform_thread *thread = new_thread(function, argument, name, true);
    return thread ? start_thread(thread) : MPROC_E_NO_MEMORY;
}

void platform_thread_join(platform_thread *thread)
{
    int cancel = platform_cancel_hold();
    pthread_join(thread->thread, NULL);
    platform_cancel_release(cancel);
    free(thread);
}

void platform_thread_forget(platform_thread *thread)
{
    pthread_detach(thread->thread);
    free(thread);
}

bool platform_thread_is_current(const platform_thread *thread)
{
    return pthread_equal(thread->thread, pthread_self());
}

uint64_t platform_thread_cpu_ns(void)
{
    struct timespec time;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) < 0)
        return 0;
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* ---- The hook at a thread's end ---- */

static pthread_key_t exit_key;
static bool exit_key_made;
static _Atomic(void (*)(void)) exit_hook;

static void run_exit_hook(void *armed)
{
    (void)armed;
    /* Acquire pairs with the release in platform_thread_exit_hook: the hook sees what its owner had set up. */
    void (*hook)(void) = atomic_load_explicit(&exit_hook, memory_order_acquire);
    if (hook)
        hook();
}

/* The key is made here and not when first armed: a fork in the middle of that would leave the child with a beginning
 * that nobody ends. */
void platform_thread_exit_hook(void (*function)(void))
{
    platform__module_stay();
    if (!exit_key_made)
        exit_key_made = pthread_key_create(&exit_key, run_exit_hook) == 0;
    atomic_store_explicit(&exit_hook, function, memory_order_release);
}

void platform_thread_exit_arm(void)
{
    /* Acquire: pairs with the release above, for the key. */
    if (atomic_load_explicit(&exit_hook, memory_order_acquire) != NULL && exit_key_made)
        pthread_setspecific(exit_key, &exit_key);
}
