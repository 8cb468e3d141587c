/* The children of this process that belong to process objects: each struct child is one start of an object, from launch
 * to the end of the process. They part when the object is freed while the process runs: the child stays on the list,
 * for the end of this process.
 */
#ifndef MPROC_PROCESS_CHILDREN_H
#define MPROC_PROCESS_CHILDREN_H

#include "process/plan.h"
#include <mproc/process.h>

struct child;

/** Starts a child and waits until it is ready; the reference is the caller's.
 * Errors: as mproc__child_prepare, mproc__child_start, mproc__child_await; the process is dead then. */
int mproc__children_start(const struct child_plan *plan, int64_t timeout_ms, struct child **ret_child);

/** Puts it onto the list of this process: from now on the reference is the object's. */
void mproc__children_add(struct child *child, mproc_process *object);

/** One reference more, one less; the last one frees the child. */
void mproc__children_hold(struct child *child);
void mproc__children_put(struct child *child);

/** Ends the object's reference: the child stays on the list until it has ended. */
void mproc__children_forget(struct child *child);

/** Frees what is left of children that were forgotten and have ended. */
void mproc__children_sweep(void);

/** The process that it is; valid while the caller has a reference. */
platform_process *mproc__children_process(const struct child *child);

/** Whether it has ended, waiting until the deadline. */
bool mproc__children_wait(struct child *child, int64_t deadline_ns);

/** Whether it has ended, as the kernel says: the watcher may be about to tell us, and a program that has just
 * seen the sentinel ready must not read "running". */
bool mproc__children_ended(struct child *child);

/** Its exit code, MPROC_EXIT_RUNNING before. */
int64_t mproc__children_exit_code(struct child *child);

/** See mproc_process_get_stack. Of one that has ended. */
const char *mproc__children_stack(struct child *child);

/** See mproc_get_active_children. */
int mproc__children_active(mproc_process **ret_processes, size_t capacity);

/** In a child, before it has other threads: none of its parent's children are its own. */
void mproc__children_adopt(void);

#endif
