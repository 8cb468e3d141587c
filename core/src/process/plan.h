/* What a parent wants of a child it is going to start. */
#ifndef MPROC_PROCESS_PLAN_H
#define MPROC_PROCESS_PLAN_H

#include "base/function.h"
#include "process/boot_layout.h"
#include "process/outfit.h"
#include <mproc/init.h>
#include <mproc/task.h>

/** What differs from child to child. All of it is copied by mproc__child_prepare but method, executable, group,
 * apart and inherit_stdin, which mproc__child_launch reads as well. */
struct child_plan {
    enum child_role role;
    mproc_start_method method; /**< never DEFAULT */
    const char *executable;    /**< spawn; NULL: the global one, or the running program */
    const char *name;          /**< cut to CHILD_NAME_MAX - 1 bytes; NULL: by lineage */
    const char *lineage;       /**< NULL: the next one of this process, for a child that is no process object */
    int daemon;
    bool group;          /**< in a process group of its own, and the lifeline ends the whole group */
    bool apart;          /**< where a terminal's Ctrl-C does not reach it; group implies it */
    bool inherit_stdin;  /**< else its standard input is empty */
    const void *authkey; /**< NULL: the current process's */
    size_t authkey_size;
    any_function *function; /**< NULL: none */
    mproc_view args;
    bool crash_reports;                /**< it leaves its stack if it dies of a fault */
    const struct child_outfit *outfit; /**< NULL: as this process */
    bool takes_handles; /**< it gets a store, by which this process can hand handles of the system to it */
    size_t role_size;   /**< bytes wanted from CHILD_ROLE_OFFSET on, committed and zero; the argument comes after */
};

#endif
