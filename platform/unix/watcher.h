/* The one thread per process that learns of deaths, and the lock over all that it shares with the callers.
 *
 * It is started when the first process object is made. A forked child begins without one and makes its own.
 */
#ifndef MPROC_UNIX_WATCHER_H
#define MPROC_UNIX_WATCHER_H

#include "platform.h"

/** Something with a descriptor that the watcher waits for; embedded in the object. ready runs on the watcher thread,
 * without the lock. An object is freed only after platform__watch_remove, and while it is registered nobody but the
 * watcher thread removes it: so what epoll reports always exists. */
typedef struct platform__watch platform__watch;
struct platform__watch {
    void (*ready)(platform__watch *watch);
    platform__watch *next; /**< in the list of those to be looked at again soon */
    int fd;                /**< registered with epoll, or -1 */
    bool lingering;
    unsigned turn; /**< in which it was last looked at */
};

void platform__watcher_lock(void);
void platform__watcher_unlock(void);

/** Makes sure that the thread runs. Called with the lock held. Returns 0 or an MPROC_E_ code. */
int platform__watcher_start(void);

/** Registers or removes a descriptor. Called with the lock held. add returns 0 or an MPROC_E_ code. */
int platform__watch_add(platform__watch *watch, int fd, void (*ready)(platform__watch *watch));
void platform__watch_remove(platform__watch *watch);

/** Has ready called every 10 ms until platform__watch_rest, beside what the descriptor says. Called with the lock held;
 * rest on the watcher thread only. */
void platform__watch_linger(platform__watch *watch);
void platform__watch_rest(platform__watch *watch);

/** Runs function without the lock, while platform__watcher_wait for the same object waits. Called with the lock held,
 * on the watcher thread. */
void platform__watcher_call(const void *object, void (*function)(void *context), void *context);

/** Waits until no call for object is under way; at once on the watcher thread itself. Called with the lock held. */
void platform__watcher_wait(const void *object);

/** Waits until *condition, which the watcher thread changes under the lock, is true, or until the deadline; not at all
 * on the watcher thread. Called with the lock held. */
void platform__watcher_wait_until(const bool *condition, int64_t deadline_ns);

/** Tells those who wait. Called with the lock held. */
void platform__watcher_broadcast(void);

/** In a forked child: no thread, no lock, nothing watched; and another generation. */
void platform__watcher_after_fork(void);

/** Counts the forks between the first process and this one. An object of another generation was copied by a fork; what
 * it stands for is its maker's. */
unsigned platform__generation(void);

#endif
