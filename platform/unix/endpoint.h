/* Endpoints in a directory of the user's: three files per process, PID-START.lock, .sock and .card.
 *
 * The lock file comes first and goes last. Its lock is the process's for as long as it lives, so that whoever gets the
 * lock has found what a dead one left, and removes it under that lock. The card comes when all else is there: what has
 * none yet, or half a one, is not listed. Nothing in the directory that is not named so is touched.
 *
 * A copy of the process, made by the program's own fork, shares the lock and the socket until it ends. So what is
 * locked is listed only if its process lives; and it is swept once the copy is gone, too.
 */
#ifndef MPROC_UNIX_ENDPOINT_H
#define MPROC_UNIX_ENDPOINT_H

#include "platform.h"
#include "unix/user_directory.h"
#include <sys/types.h>

/** Room for the name of a file: two numbers, the second in hexadecimal, a dash, a suffix. */
#define PLATFORM__ENDPOINT_NAME 48

#define PLATFORM__ENDPOINT_LOCK   ".lock"
#define PLATFORM__ENDPOINT_SOCKET ".sock"
#define PLATFORM__ENDPOINT_CARD   ".card"

struct platform_endpoint {
    struct platform__user_directory directory;
    int lock;   /**< the lock file, locked */
    int socket; /**< listens */
    platform_mark directory_mark, lock_mark, socket_mark;
    pid_t owner;
    uint64_t start_time;
    int64_t quiet_until_ns; /**< accepting has failed: it is not waited for until then */
};

/** The name of one of the files of a process. */
void platform__endpoint_name(int64_t pid, uint64_t start_time, const char *suffix,
                             char ret_name[PLATFORM__ENDPOINT_NAME]);

/** Tries to lock an open lock file. Returns false if somebody has it locked, or it cannot be. */
bool platform__endpoint_lock(int lock);

/** Removes the files of a process. The caller has their lock. */
void platform__endpoint_remove(int directory, int64_t pid, uint64_t start_time);

/** For a while it is not waited for. */
void platform__endpoint_be_quiet(platform_endpoint *endpoint);

/** Opens a file in a directory as a descriptor of the port, and no link. Returns -1 with errno set. */
int platform__endpoint_open(int directory, const char *name, int flags);

#endif
