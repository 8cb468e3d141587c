/* Process objects, as process.c, watcher.c and template.c see them.
 *
 * An object is watched from its birth until its death has been reported. While it is watched the watcher may hold a
 * pointer to it, so that platform_process_free only marks it, and the watcher frees it after the report.
 */
#ifndef MPROC_UNIX_PROCESS_H
#define MPROC_UNIX_PROCESS_H

#include "unix/watcher.h"
#include <signal.h>
#include <sys/types.h>

struct platform_process {
    platform__watch watch; /* first: the watcher's pointer is the object's */
    pid_t pid;
    int descriptor; /* where the child was gone before it could be opened: an event that is set */
    bool by_number; /* there are no process descriptors here: descriptor is an event, set when the death is seen */
    unsigned generation;
    bool group;
    platform_exit_fn *on_exit;
    void *user;

    /* The rest is under the watcher's lock. */
    bool watched;
    bool reaped;          /* its number may by now be another process's */
    bool forgotten;       /* platform_process_free was called */
    int64_t give_up_ns;   /* when waiting for an exit status that somebody else reaps ends; 0: it has not begun */
    platform_exit report; /* what the watcher is about to report */

    /* Workers of a template only. */
    struct platform_process *next_worker, **place; /* in its template's list; place is NULL once it is in none */
    uint64_t serial;
    bool answered;      /* pid and descriptor are set */
    bool exit_is_known; /* the template has sent report */
};

/** Makes an object from the options, with the watcher running and descriptors to be had. Returns 0 or an MPROC_E_ code.
 */
int platform__process_new(const platform_process_options *options, platform_process **ret_process);

/** Frees an object that was never watched, or has been reported and was removed from the watcher. */
void platform__process_destroy(platform_process *process);

/** Starts watching the descriptor of a process that is not our child; with the lock held. Cannot fail: if it must, the
 * process is looked at every 10 ms. */
void platform__process_watch_foreign(platform_process *process);

/** Opens the event of a process that is known by its number. Returns -1 with errno set. */
int platform__process_open_event(bool is_dead);
/** Takes a worker out of its template's list, if it is in one. With the lock held. */
void platform__process_leave_template(platform_process *process);

/** Reports process->report and frees the object if it was forgotten. On the watcher thread, with the lock held. */
void platform__process_report(platform_process *process);

/** fork, the calling thread going on in the child, whose group, input and handles are as the options say. In the child
 * the port is as in a new process but for these handles, and all signals are still held back: the caller ends that with
 * platform__signals_release(ret_mask) when it is ready for them. Returns as fork does. */
pid_t platform__fork(const platform_process_options *options, sigset_t *ret_mask);

/** In a forked process, which has one thread: forgets the parent's threads, processes and identity, and closes the
 * port's descriptors but those of the two lists. */
void platform__begin_anew(const platform_handle *keep, int keep_count, const platform_handle *more, int more_count);

/** Makes a child just forked into an object that is watched, or kills it. Frees the object on failure. */
int platform__process_born(platform_process *process, pid_t pid);

/** How a process ended, from what waitid said, or from a wait status. */
platform_exit platform__exit_of_siginfo(const siginfo_t *info);
platform_exit platform__exit_of_status(int status);

/** Whether the number of handles is one that a child can be given. */
bool platform__handles_are_valid(const platform_handle *handles, int handle_count);

#endif
