/* The front of a child's segment, which it shares with its parent alone: the versioned blob that carries everything a
 * child needs, and the words of the handshake. A spawned child finds the segment by an inherited handle that the boot
 * variable names together with a nonce; a forked child maps the same handle and reads the same blob, so that every test
 * of a POSIX system exercises the path of Windows.
 */
#ifndef MPROC_PROCESS_BOOT_LAYOUT_H
#define MPROC_PROCESS_BOOT_LAYOUT_H

#include "base/function.h"
#include "platform.h"
#include <stddef.h>

/** What a child is for. Who runs which stands in the program's entry: see enter.h. */
enum child_role {
    CHILD_PROCESS = 1,    /**< the function of a process object */
    CHILD_WORKER = 2,     /**< tasks */
    CHILD_FORKSERVER = 3, /**< forking other children */
    CHILD_ROLES
};

/** States of child_boot.state. STARTING goes to one of the others once; the parent waits for that. */
enum child_state {
    CHILD_STARTING = 0,
    CHILD_READY = 1,  /**< set by the child */
    CHILD_FAILED = 2, /**< set by the child, fail_code and fail_text say why */
    CHILD_DIED = 3    /**< set by the parent's exit callback */
};

#define CHILD_MAGIC       0x746f6f62636f7270ull /* "procboot" */
#define CHILD_VERSION     4u
#define CHILD_NAME_MAX    64
#define CHILD_AUTHKEY_MAX 64
#define CHILD_NONCE_BYTES 16

/* Everything up to fail_text keeps its place in every version, so that a child of another version can say no. */
struct child_boot {
    uint64_t magic;
    uint32_t version;
    uint32_t role; /**< enum child_role */
    uint64_t segment_size;
    uint8_t nonce[CHILD_NONCE_BYTES];
    _Atomic int64_t pid; /**< stored by the parent once it knows: a spawned child that has another pid is not meant */
    platform_word state; /**< enum child_state */
    int32_t fail_code;   /**< written before FAILED is stored with release, read after it was loaded with acquire */
    char fail_text[240];
    uint32_t by_first_thread; /**< the parent's first thread has started it, and no template */
    uint64_t program; /**< module key of the parent's program: another build is MPROC_E_MISMATCH; 0: another executable
                         was asked for, so not compared */
    int64_t family, scope;    /**< handles by the values the child sees; scope may be PLATFORM_NO_HANDLE */
    platform_identity parent; /**< its handle, if any, by that value as well */
    uint32_t process_slot;
    int32_t start_method;   /**< of this child */
    int32_t default_method; /**< the parent's global default, MPROC_START_DEFAULT if none was chosen */
    int32_t log_level;
    int32_t daemon;
    int32_t group;
    char name[CHILD_NAME_MAX], parent_name[CHILD_NAME_MAX];
    char lineage[CHILD_NAME_MAX]; /**< "2:1": the second child's first child */
    uint8_t authkey[CHILD_AUTHKEY_MAX];
    uint32_t authkey_size;
    uint32_t module_path_size;
    struct function_ref function; /**< what to run: a process's function, a worker's initializer; may be none */
    char module_path[512];        /**< where that function's module lies, for a helper program that has to load it */
    char program_path[512];       /**< where the module lies that called mproc_init, for the same; "" if it need not */
    uint64_t argument_offset, argument_size; /**< the function's argument, within the segment */
    uint32_t crash_reports; /**< not 0: the child leaves its stack if it dies of a fault: crash_layout.h */
    uint32_t outfit_size;   /**< of the text that follows the argument: outfit.h */
    int64_t store; /**< the queue of the store of handles between parent and child, by the value the child sees; may be
                      PLATFORM_NO_HANDLE */
};

/** Where role data (a worker's rings) may begin in the segment. */
#define CHILD_ROLE_OFFSET 4096u

_Static_assert(sizeof(struct child_boot) == 1720, "the same in every build of a version");
_Static_assert(offsetof(struct child_boot, fail_text) == 68, "the same in every version");
_Static_assert(sizeof(struct child_boot) <= CHILD_ROLE_OFFSET, "the boot lies in front of the role data");

#endif
