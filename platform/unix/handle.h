/* The descriptors that this port has open, so that a forked child can close exactly those and none of the user's.
 *
 * Every descriptor of the port is made between platform__descriptors_lock and _unlock and passes through
 * platform__adopt: it is then never 0, 1 or 2, and known. A fork holds the same lock, so no child inherits a
 * descriptor between its birth and its entry in the table.
 */
#ifndef MPROC_UNIX_HANDLE_H
#define MPROC_UNIX_HANDLE_H

#include "platform.h"

/** Keeps descriptors from being born while the caller forks, or a fork from happening while the caller makes one.
 * Returns whether the lock was obtained: after a second it goes on without, because an inherited descriptor is a
 * smaller evil than a deadlock with a user's pthread_atfork handler. The result goes to _unlock. */
bool platform__descriptors_lock(void);
void platform__descriptors_unlock(bool locked);

/** Takes a new descriptor (or -1) into the table, moved above 2 if need be. Returns it, or -1 with errno set and the
 * descriptor closed. The caller holds the lock. */
int platform__adopt(int fd);

/** The usual end of a birth: adopts the descriptor, gives the lock back, and preserves errno. */
int platform__adopt_unlock(bool locked, int fd);

/** close, but no cancellation point. */
int platform__close(int fd);

/** The descriptor is the program's from now on, no longer the port's. */
void platform__disown(int fd);

/** The program has closed the descriptor behind the port's back: its number is nobody's or the program's, or the port's
 * own once more, and stays that. By whoever had it, once. */
void platform__disown_lost(int fd);

/** open with O_CLOEXEC, as a descriptor of the port. Returns -1 with errno set. */
int platform__open(const char *path, int flags);

/** The number of a spawned child's first handle; the others follow. */
#define PLATFORM__FIRST_HANDLE 3

/** A descriptor that came with exec: known from now on, and close-on-exec. */
void platform__inherit(int fd);

/** In a forked child: closes what the port had open, but for the two lists, and makes the lock new. */
void platform__descriptors_after_fork(const platform_handle *keep, int keep_count, const platform_handle *more,
                                      int more_count);

#endif
