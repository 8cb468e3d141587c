/* The watcher thread. */
#define _GNU_SOURCE
#include "unix/watcher.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/handle.h"
#include "unix/os.h"
#include "unix/thread.h"
#include "unix/wait.h"
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define LINGER_MS 10

/* A callback that runs, on the stack of the watcher thread. They nest: the death of a template reports its workers. */
struct call {
    const void *object;
    uint64_t number; /* tells two objects at one address apart */
    struct call *outer;
};

/* The program may have closed it, and have a file of its own under its number. */
struct marked {
    platform_handle handle;
    platform_mark mark;
    atomic_bool is_lost; /* that was seen, and the table of descriptors knows */
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct marked poller;
    struct marked nudge; /* in the set */
    bool initialised;    /* changed is on the monotonic clock */
    bool running;
    pthread_t thread; /* valid once running */
    platform__watch *lingering;
    struct call *calls; /* those under way on the thread, the innermost first */
    uint64_t last_call;
} watcher = { .lock = PTHREAD_MUTEX_INITIALIZER, .poller = { .handle = -1 }, .nudge = { .handle = -1 } };

/* Written in a forked child before it has a second thread. */
static unsigned generation;

unsigned platform__generation(void)
{
    return generation;
}

void platform__watcher_lock(void)
{
    pthread_mutex_lock(&watcher.lock);
}

void platform__watcher_unlock(void)
{
    pthread_mutex_unlock(&watcher.lock);
}

void platform__watcher_broadcast(void)
{
    if (watcher.initialised)
        pthread_cond_broadcast(&watcher.changed);
}

/* ---- Descriptors ---- */

static void mark(struct marked *marked)
{
    platform_handle_mark(marked->handle, &marked->mark);
}

/* Asked before every use: a set of the program's own would get our descriptors, and we its events. */
static bool is_ours(struct marked *marked)
{
    if (platform_handle_is(marked->handle, &marked->mark))
        return true;
    if (!atomic_exchange_explicit(&marked->is_lost, true, memory_order_relaxed))
        platform__disown_lost((int)marked->handle);
    return false;
}

int platform__watch_add(platform__watch *watch, int fd, void (*ready)(platform__watch *watch))
{
    watch->ready = ready;
    if (!is_ours(&watcher.poller))
        return platform__fail_text(MPROC_E_OS, "the program has closed the descriptor by which processes are watched");
    if (platform__os_poller_add((int)watcher.poller.handle, fd, watch) < 0)
        return platform__fail(MPROC_E_OS, "watching a descriptor");
    watch->fd = fd;
    return 0;
}

void platform__watch_remove(platform__watch *watch)
{
    /* Explicitly, not by closing: a copy of the descriptor in a process that the user forked would keep it registered.
     */
    if (watch->fd >= 0 && is_ours(&watcher.poller))
        platform__os_poller_remove((int)watcher.poller.handle, watch->fd);
    watch->fd = -1;
}

/* Without it the thread looks when it next wakes. */
static void nudge_thread(void)
{
    if (is_ours(&watcher.nudge))
        platform_event_set(watcher.nudge.handle);
}

void platform__watch_linger(platform__watch *watch)
{
    if (!watch->lingering) {
        watch->lingering = true;
        watch->next = watcher.lingering;
        watcher.lingering = watch;
        nudge_thread();
    }
}

void platform__watch_rest(platform__watch *watch)
{
    for (platform__watch **link = &watcher.lingering; *link; link = &(*link)->next) {
        if (*link == watch) {
            *link = watch->next;
            watch->lingering = false;
            return;
        }
    }
}

/* ---- Callbacks ---- */

static bool on_watcher_thread(void)
{
    return watcher.running && pthread_equal(watcher.thread, pthread_self());
}

void platform__watcher_call(const void *object, void (*function)(void *context), void *context)
{
    struct call call = { object, ++watcher.last_call, watcher.calls };
    watcher.calls = &call;
    platform__watcher_unlock();
    function(context);
    platform__watcher_lock();
    watcher.calls = call.outer;
    platform__watcher_broadcast();
}

static uint64_t call_for(const void *object)
{
    const struct call *call = watcher.calls;
    while (call && call->object != object)
        call = call->outer;
    return call ? call->number : 0;
}

void platform__watcher_wait(const void *object)
{
    uint64_t number = call_for(object);
    int cancel = platform_cancel_hold();
    while (number != 0 && call_for(object) == number && !on_watcher_thread())
        pthread_cond_wait(&watcher.changed, &watcher.lock);
    platform_cancel_release(cancel);
}

void platform__watcher_wait_until(const bool *condition, int64_t deadline_ns)
{
    struct timespec deadline = { .tv_sec = deadline_ns / 1000000000, .tv_nsec = deadline_ns % 1000000000 };
    int cancel = platform_cancel_hold();
    bool in_time = true;
    while (in_time && !*condition && !on_watcher_thread())
        in_time = pthread_cond_timedwait(&watcher.changed, &watcher.lock, &deadline) != ETIMEDOUT;
    platform_cancel_release(cancel);
}

/* ---- The thread ---- */

/* The list may change whenever the lock is open, so each step starts at its head and takes the first that has not had
 * its turn. What it takes stays: only this thread takes objects off the list. */
static platform__watch *next_lingering(unsigned turn)
{
    platform__watcher_lock();
    platform__watch *watch = watcher.lingering;
    while (watch && watch->turn == turn)
        watch = watch->next;
    if (watch)
        watch->turn = turn;
    platform__watcher_unlock();
    return watch;
}

static void look_at_lingering(unsigned turn)
{
    platform__watch *watch;
    while ((watch = next_lingering(turn)) != NULL)
        watch->ready(watch);
}

static bool anything_lingers(void)
{
    platform__watcher_lock();
    bool any = watcher.lingering != NULL;
    platform__watcher_unlock();
    return any;
}

/* One event at a time: handling one may free the object of another, which a longer list would still point at. Returns
 * their number. */
static int wait_for_event(void **ret_pointer)
{
    int count = -1;
    errno = EBADF;
    if (is_ours(&watcher.poller))
        count = platform__os_poller_wait((int)watcher.poller.handle, anything_lingers() ? LINGER_MS : -1, ret_pointer);
    if (count < 0 && errno != EINTR) {
        /* Only if the program closed our descriptor. It cannot be mended, but must not burn a CPU either. */
        platform__pause(LINGER_MS * 1000000);
    }
    return count;
}

static void watch_once(unsigned turn)
{
    void *pointer = NULL;
    int count = wait_for_event(&pointer);
    if (count > 0 && pointer) {
        platform__watch *watch = pointer;
        watch->ready(watch);
    } else if (count > 0 && is_ours(&watcher.nudge)) {
        platform_event_clear(watcher.nudge.handle);
    }
    look_at_lingering(turn);
}

static void run_watcher(void *unused)
{
    (void)unused;
    platform__watcher_lock();
    watcher.thread = pthread_self();
    watcher.running = true;
    platform__watcher_broadcast();
    platform__watcher_unlock();
    for (unsigned turn = 1;; turn++)
        watch_once(turn);
}

static int initialise_condition(void)
{
    pthread_condattr_t attributes;
    int error_number = pthread_condattr_init(&attributes);
    if (error_number == 0) {
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        error_number = pthread_cond_init(&watcher.changed, &attributes);
        pthread_condattr_destroy(&attributes);
    }
    watcher.initialised = error_number == 0;
    return error_number == 0 ? 0 : platform__fail_number(MPROC_E_OS, "pthread_cond_init", error_number);
}

static int open_poller(void)
{
    bool locked = platform__descriptors_lock();
    watcher.poller.handle = platform__adopt(platform__os_poller_open());
    platform__descriptors_unlock(locked);
    if (watcher.poller.handle < 0)
        return platform__fail(MPROC_E_OS, "making a set of descriptors");
    int code = platform_event_create(&watcher.nudge.handle);
    mark(&watcher.poller);
    mark(&watcher.nudge);
    if (code == 0 && platform__os_poller_add((int)watcher.poller.handle, (int)watcher.nudge.handle, NULL) < 0)
        code = platform__fail(MPROC_E_OS, "watching an event");
    return code;
}

static void close_poller(void)
{
    platform_handle_close(watcher.nudge.handle);
    platform_handle_close(watcher.poller.handle);
    watcher.nudge.handle = watcher.poller.handle = -1;
}

/* What follows the start is often a fork. A thread that is just coming to life holds locks of the C library, or of a
 * sanitizer, that the child would inherit; once it watches it holds none. */
static void wait_until_running(void)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec++;
    int cancel = platform_cancel_hold();
    while (!watcher.running && pthread_cond_timedwait(&watcher.changed, &watcher.lock, &deadline) != ETIMEDOUT) {
    }
    platform_cancel_release(cancel);
}

int platform__watcher_start(void)
{
    if (watcher.poller.handle >= 0)
        return 0;
    int code = watcher.initialised ? 0 : initialise_condition();
    if (code == 0)
        code = open_poller();
    if (code == 0)
        code = platform__thread_start_detached(run_watcher, NULL, "mproc-watcher");
    if (code < 0)
        close_poller();
    else
        wait_until_running();
    return code;
}

void platform__watcher_after_fork(void)
{
    /* The parent's lock may be held by a thread that does not exist here, and its descriptors are closed by the table
     * of handle.c. Removing anything from the poller set would remove it from the parent's. */
    memset(&watcher, 0, sizeof watcher);
    watcher.lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    watcher.nudge.handle = watcher.poller.handle = -1;
    generation++;
}
