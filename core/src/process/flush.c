/* Flushing what a process has written, before it ends in a way that would not. */
#include "process/flush.h"
#include "base/deadline.h"
#include "base/log.h"
#include "process/threads.h"
#include <stdio.h>

/* How long the streams that a program has opened may take to be flushed while another thread holds one of them. */
#define FLUSH_TIMEOUT_MS 2000

/* Static, because the thread may outlive the wait for it. */
static struct {
    platform_mutex lock;
    platform_condition changed; /* over was set */
    bool over;
} flush = { .lock = PLATFORM_MUTEX_INIT };

static void flush_in_thread(void *unused)
{
    (void)unused;
    fflush(NULL);
    platform_mutex_lock(&flush.lock);
    flush.over = true;
    platform_condition_broadcast(&flush.changed);
    platform_mutex_unlock(&flush.lock);
}

static void flush_within(int64_t deadline_ns)
{
    platform_thread *thread;
    /* A child of the fork server has what the server has left here. */
    flush.over = false;
    if (platform_condition_init(&flush.changed) < 0 ||
        platform_thread_start(flush_in_thread, NULL, "mproc-flush", &thread) < 0)
        return;
    platform_mutex_lock(&flush.lock);
    while (!flush.over && platform_condition_wait(&flush.changed, &flush.lock, deadline_ns))
        continue;
    bool in_time = flush.over;
    platform_mutex_unlock(&flush.lock);
    if (in_time)
        platform_thread_join(thread);
    else
        mproc__log(MPROC_LOG_WARNING, "ending without flushing all of stdio: another thread holds a stream");
}

void mproc__flush_stdio(void)
{
    fflush(stdout);
    fflush(stderr);
    /* fflush(NULL) locks every stream in turn, also one that another thread of the function's has locked for as long
     * as it waits for input. With such threads about, it gets a thread of its own and a time limit, which the C library
     * serves well: it comes to the standard streams last. */
    if (mproc__threads_others())
        flush_within(mproc__deadline(FLUSH_TIMEOUT_MS));
    else
        fflush(NULL);
}
