/* Killing what a process started, found by way of /proc.
 */
#ifndef MPROC_LINUX_TREE_H
#define MPROC_LINUX_TREE_H

#include <stdbool.h>
#include <sys/types.h>

/** Kills all descendants of a process, deepest first. The caller has stopped the process, so that it starts no more.
 * pidfd: stands for the process, and proves that the number still means it. Allocates nothing. Without /proc it finds
 * nobody. Out of reach: a process whose own parent has died, and that therefore belongs to init. */
void platform__tree_kill_below(pid_t pid, int pidfd);

/** The same for the calling process, which goes on meanwhile. */
void platform__tree_kill_below_self(void);

/** Whether all descendants that are found are of the process group that the process leads, so that one signal to the group
 * reaches them all. pidfd as above; -1 for the calling process. */
bool platform__tree_is_in_group(pid_t pid, int pidfd);

#endif
