/* The threads that a warning before a fork, and the flush at the end, must not count. */
#include "process/threads.h"
#include "base/log.h"
#include "platform.h"

/* The watcher begins with the first attempt to start a child, the lifeline with the child set-up, the publisher when
 * somebody asks for it. Relaxed, for they only shape a warning. */
static _Atomic bool watcher_started;
static _Atomic bool lifeline_started;
static _Atomic bool publisher_runs;
static _Atomic bool places_runs;
static _Atomic bool warned;

bool mproc__threads_others(void)
{
    int ours = 1 + atomic_load_explicit(&watcher_started, memory_order_relaxed) +
               atomic_load_explicit(&lifeline_started, memory_order_relaxed) +
               atomic_load_explicit(&publisher_runs, memory_order_relaxed) +
               atomic_load_explicit(&places_runs, memory_order_relaxed);
    return platform_thread_count() > ours;
}

void mproc__threads_watcher_started(void)
{
    atomic_store_explicit(&watcher_started, true, memory_order_relaxed);
}

void mproc__threads_lifeline_started(void)
{
    atomic_store_explicit(&lifeline_started, true, memory_order_relaxed);
}

void mproc__threads_publisher_runs(bool runs)
{
    atomic_store_explicit(&publisher_runs, runs, memory_order_relaxed);
}

void mproc__threads_places_runs(bool runs)
{
    atomic_store_explicit(&places_runs, runs, memory_order_relaxed);
}

void mproc__threads_adopt(void)
{
    atomic_store_explicit(&places_runs, false, memory_order_relaxed);
    atomic_store_explicit(&publisher_runs, false, memory_order_relaxed);
    atomic_store_explicit(&watcher_started, false, memory_order_relaxed);
    atomic_store_explicit(&lifeline_started, false, memory_order_relaxed);
}

void mproc__threads_warn_of_fork(void)
{
    if (mproc__threads_others() && !atomic_exchange_explicit(&warned, true, memory_order_relaxed))
        mproc__log(MPROC_LOG_WARNING,
                   "forking while other threads run: what they have locked stays locked in the child");
}
