/* Starting children, and being one: the one start-up path of all start methods.
 *
 * A segment per child, shared by it and its parent alone, begins with a struct child_boot: the versioned blob that
 * carries everything a child needs, and the words of the handshake. A spawned child finds the segment by an inherited
 * handle that the boot variable names together with a nonce; a forked child maps the same handle and reads the same
 * blob, so that every test of a POSIX system exercises the path of Windows.
 */
#ifndef MPROC_PROCESS_CHILD_H
#define MPROC_PROCESS_CHILD_H

#include "base/function.h"
#include "platform.h"
#include <mproc/init.h>
#include <mproc/log.h>
#include <mproc/task.h>

enum child_role { CHILD_PROCESS = 1, CHILD_WORKER = 2 };

/** States of child_boot.state. STARTING goes to one of the others once; the parent waits for that. */
enum child_state {
    CHILD_STARTING = 0,
    CHILD_READY = 1,  /**< set by the child */
    CHILD_FAILED = 2, /**< set by the child, fail_code and fail_text say why */
    CHILD_DIED = 3    /**< set by the parent's exit callback */
};

#define CHILD_MAGIC       0x746f6f62636f7270ull /* "procboot" */
#define CHILD_VERSION     1u
#define CHILD_NAME_MAX    64
#define CHILD_AUTHKEY_MAX 64

/* Everything up to fail_text keeps its place in every version, so that a child of another version can say no. */
struct child_boot {
    uint64_t magic;
    uint32_t version;
    uint32_t role; /**< enum child_role */
    uint64_t segment_size;
    uint8_t nonce[16];
    _Atomic int64_t pid; /**< stored by the parent once it knows: a spawned child that has another pid is not meant */
    platform_word state; /**< enum child_state */
    int32_t fail_code;   /**< written before FAILED is stored with release, read after it was loaded with acquire */
    char fail_text[240];
    uint64_t program; /**< module key of the parent's program: another build is MPROC_E_MISMATCH; 0: another executable
                         was asked for, so not compared */
    int64_t family, scope, parent; /**< handles by the values the child sees; scope may be PLATFORM_NO_HANDLE */
    uint32_t process_slot;
    int32_t start_method;   /**< of this child */
    int32_t default_method; /**< the parent's global default, MPROC_START_DEFAULT if none was chosen */
    int32_t log_level;
    int32_t daemon;
    int32_t group;
    int64_t parent_pid;
    char name[CHILD_NAME_MAX], parent_name[CHILD_NAME_MAX];
    char lineage[CHILD_NAME_MAX]; /**< "2:1": the second child's first child */
    uint8_t authkey[CHILD_AUTHKEY_MAX];
    uint32_t authkey_size;
    uint32_t module_path_size;
    struct function_ref function; /**< what to run: a process's function, a worker's initializer; may be none */
    char module_path[512];        /**< where that function's module lies, for a helper program that has to load it */
    uint64_t argument_offset, argument_size; /**< the function's argument, within the segment */
};

/** A parent's hold on a child's segment. */
struct child_segment {
    platform_handle handle;
    struct child_boot *boot; /**< the mapping; role data follows at CHILD_ROLE_OFFSET */
    size_t size;
    uint32_t process_slot; /**< kept here as well: what the boot says may have been overwritten by the child */
};

/** Where role data (a worker's rings) may begin in the segment. */
#define CHILD_ROLE_OFFSET 4096u

/** What differs from child to child. All of it is copied by mproc__child_prepare but method, executable and group,
 * which mproc__child_launch reads as well. */
struct child_plan {
    enum child_role role;
    mproc_start_method method; /**< never DEFAULT */
    const char *executable;    /**< spawn; NULL: the global one, or the running program */
    const char *name;          /**< cut to CHILD_NAME_MAX - 1 bytes; NULL: by lineage */
    const char *lineage;       /**< NULL: the next one of this process, for a child that is no process object */
    int daemon;
    bool group;          /**< in a process group of its own, and the lifeline ends the whole group */
    const void *authkey; /**< NULL: the current process's */
    size_t authkey_size;
    any_function *function; /**< NULL: none */
    mproc_args args;
    size_t role_size; /**< bytes wanted from CHILD_ROLE_OFFSET on, committed and zero; the argument comes after */
};

/** The method meant by DEFAULT, checked: 0, or MPROC_E_NOT_SUPPORTED / MPROC_E_INVALID. */
int mproc__start_method_resolve(mproc_start_method method, mproc_start_method *ret_method);

/** 0 if this process may create children. Errors: MPROC_E_NOT_INITIALIZED before mproc_init; MPROC_E_STATE in a daemon;
 * MPROC_E_WRONG_PROCESS in a copy made by the program's own fork. */
int mproc__child_allowed(void);

/** Makes the segment of a child and fills in its boot. The process slot is reserved. Nothing is started.
 * Errors: MPROC_E_NO_FUNCTION, MPROC_E_OS, MPROC_E_LIMIT, MPROC_E_NO_MEMORY. */
int mproc__child_prepare(const struct child_plan *plan, struct child_segment *ret_segment);

/** Starts the process: spawn, fork, or fork from a template if it is not NULL. Returns at once, before the child
 * is ready. on_exit must call mproc__child_exited; it may come before this has returned, and the segment must not be
 * released before then. A forked child never returns from here.
 *
 * The child gets handles of ours as {segment, family, scope if there is one, self of this process}. A forked child
 * has them by the parent's own values, a spawned one by those that platform_inherited_value foretells; the boot says
 * which. A template's child gets {segment} from here, and the others as the template kept them, by the values they
 * have in this process; the segment's value is the one its child_main is given.
 *
 * Errors: MPROC_E_START_FAILED, MPROC_E_OS, MPROC_E_NO_MEMORY; the segment is then still the caller's to release. */
int mproc__child_launch(const struct child_plan *plan, struct child_segment *segment, platform_template *fork_template,
                        platform_exit_fn *on_exit, void *user, platform_process **ret_process);

/** Waits until the child is ready. Errors: what the child said; MPROC_E_START_FAILED if it died; MPROC_E_TIMEOUT. The
 * caller kills and frees the process after an error. */
int mproc__child_await(struct child_segment *segment, int64_t deadline_ns);

/** For exit callbacks: ends the handshake if it was under way. The slot's death is reported by mproc__child_release. */
void mproc__child_exited(struct child_segment *segment);

/** Gives the segment back, and the process slot: only after the process is dead or never started, and when nobody is
 * in mproc__child_launch or mproc__child_await with it. Idempotent. Never blocks: exit callbacks may call it. */
void mproc__child_release(struct child_segment *segment);

/** Closes the parent's handle of the segment (the mapping stays), once the child has it: after mproc__child_launch. */
void mproc__child_close_handle(struct child_segment *segment);

/** A child_main for templates: argument unused, handles as mproc__child_launch passes them. Never returns. */
void mproc__child_template_main(void *argument, const platform_handle *handles, int handle_count);

/** Handles that a template must keep for its workers: family, scope if there is one, self of this process. Opens the
 * family if need be. Returns how many were written (at most 4), or MPROC_E_OS / MPROC_E_LIMIT. */
int mproc__child_template_keep(platform_handle *ret_handles);

/* ---- In the child ---- */

/** For mproc_init: if this process was spawned by mproc, runs it as the child it is and never returns. */
void mproc__child_enter(void);

/** Whether this process has threads beyond the caller and ours. */
bool mproc__child_other_threads(void);

/** Says READY, once. */
void mproc__child_ready(struct child_boot *boot);

/** Says FAILED with the code and the text of this thread's last error, and ends the process. Stdio is flushed first;
 * exit handlers do not run. */
_Noreturn void mproc__child_fail(struct child_boot *boot, int code);

/** Ends a child in good order: exit handlers by priority with its own children joined between those of priority 0
 * and above and those below, own stdio flushed, _exit. */
_Noreturn void mproc__child_exit(int code);

/** What a worker runs after the common set-up (family joined, lifeline started, function resolved); returns the exit
 * code. initializer may be NULL. Defined by worker.c. */
int mproc__worker_main(struct child_boot *boot, mproc_function *initializer);

#endif
