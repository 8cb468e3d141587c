/* The threads that a warning before a fork, and the flush at the end, must not count. */
#include "process/threads.h"
#include "base/log.h"
#include "platform.h"

/* Threads of ours that a fork warning must not count: the watcher begins with the first attempt to start a child, the
 * lifeline with the child set-up. Relaxed, for they only shape a warning. */
static _Atomic bool has_watcher;
static _Atomic bool has_lifeline;
static _Atomic bool has_warned_of_threads;

bool mproc__child_other_threads(void)
{
    int ours = 1 + atomic_load_explicit(&has_watcher, memory_order_relaxed) +
               atomic_load_explicit(&has_lifeline, memory_order_relaxed);
    return platform_thread_count() > ours;
}

void mproc__threads_watcher_started(void)
{
    atomic_store_explicit(&has_watcher, true, memory_order_relaxed);
}

void mproc__threads_lifeline_started(void)
{
    atomic_store_explicit(&has_lifeline, true, memory_order_relaxed);
}

void mproc__threads_adopt(void)
{
    atomic_store_explicit(&has_watcher, false, memory_order_relaxed);
    atomic_store_explicit(&has_lifeline, false, memory_order_relaxed);
}

void mproc__threads_warn(void)
{
    if (mproc__child_other_threads() && !atomic_exchange_explicit(&has_warned_of_threads, true, memory_order_relaxed))
        mproc__log(MPROC_LOG_WARNING,
                   "forking while other threads run: what they have locked stays locked in the child");
}
