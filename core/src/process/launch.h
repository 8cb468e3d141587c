/* Starting a child: by spawn, by fork, or by a fork in a template, which was forked or spawned itself. */
#ifndef MPROC_PROCESS_LAUNCH_H
#define MPROC_PROCESS_LAUNCH_H

#include "process/plan.h"
#include "process/segment.h"

/** 0 if this process is of a family, or may begin one. Errors: MPROC_E_NOT_INITIALIZED before mproc_init;
 * MPROC_E_WRONG_PROCESS in a copy made by the program's own fork. */
int mproc__family_allowed(void);
/** 0 if this process may create children. Errors: MPROC_E_NOT_INITIALIZED before mproc_init; MPROC_E_STATE in a daemon;
 * MPROC_E_WRONG_PROCESS in a copy made by the program's own fork. */
int mproc__child_allowed(void);

/** Starts the process: spawn, fork, or fork from the template if it is not NULL. Returns at once, before the child
 * is ready. on_exit must call mproc__child_exited; it may come before this has returned, and the segment must not be
 * released before then. A forked child never returns from here.
 *
 * The child gets handles of ours as {segment, store if there is one, family, scope and a handle on this process if
 * there are any}. A forked child has them by the parent's own values, a spawned one by those that
 * platform_inherited_value foretells; the boot says which. A template's child gets its own, segment and store, from
 * here, by the values that its child_main is given, and the others as the template kept them, by the values they have
 * in this process.
 *
 * Errors: MPROC_E_START_FAILED, MPROC_E_OS, MPROC_E_NO_MEMORY, MPROC_E_PEER_DIED of the template; the segment is then
 * still the caller's to release. */
int mproc__child_launch(const struct child_plan *plan, struct child_segment *segment, platform_template *template,
                        platform_exit_fn *on_exit, void *user, platform_process **ret_process);

/** mproc__child_launch from a template in two halves: asks for the child, and waits until it is there, or is not: then
 * the process object is gone. From the first ask to the last settle, which come in the same order, one thread has the
 * template to itself; PLATFORM_ASKED_AHEAD may be unsettled. In between the object may be given to settle alone.
 * Errors: as mproc__child_launch. */
int mproc__child_ask(const struct child_plan *plan, struct child_segment *segment, platform_template *template,
                     platform_exit_fn *on_exit, void *user, platform_process **ret_process);
int mproc__child_settle(struct child_segment *segment, platform_template *template, platform_process *process);

/** Spawns a child that is to be a template. It gives its children, of the plan's method forkserver, all of the handles
 * above but the first, by the values it has. on_lost is called with NULL, and must call mproc__child_exited as well.
 * Errors: as mproc__child_launch; MPROC_E_NOT_SUPPORTED. */
int mproc__child_launch_template(const struct child_plan *plan, struct child_segment *segment,
                                 platform_lost_fn *on_lost, platform_template **ret_template);

/** Handles that a template must keep for its workers: family, scope and a handle on this process if there are any.
 * Opens the family if need be. Returns how many were written (at most 4), or MPROC_E_OS / MPROC_E_LIMIT. */
int mproc__child_template_keep(platform_handle *ret_handles);

#endif
