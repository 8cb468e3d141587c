/* Who this process is, and what it hands on to those it starts: names, lineage, key. */
#ifndef MPROC_PROCESS_SELF_H
#define MPROC_PROCESS_SELF_H

#include "process/boot_layout.h"
#include "process/plan.h"

/** What a process is called, and the key by which it knows its family. Changed by the functions below alone. */
struct identity {
    char name[CHILD_NAME_MAX];
    char lineage[CHILD_NAME_MAX]; /**< "2:1": the second child's first child; empty in the first process */
    size_t authkey_size;          /**< 0 in the first process: not yet made */
    uint8_t authkey[CHILD_AUTHKEY_MAX];
};

/** Of this process, and of its parent, of whom the name alone is known. */
extern struct identity mproc__self_identity;
extern struct identity mproc__parent_identity;

/** Errors: MPROC_E_LIMIT for a longer name than fits. */
void mproc__identity_set_name(struct identity *identity, const char *name);

/** Errors: MPROC_E_LIMIT for a key that is empty or longer than fits. */
int mproc__identity_set_authkey(struct identity *identity, const void *key, size_t size);

/** The key; that of this process is made when first asked for. Errors: MPROC_E_OS for lack of random bytes. */
int mproc__identity_authkey(struct identity *identity, mproc_view *ret_key);

/** Whether this process is a daemon. */
bool mproc__self_is_daemon(void);

/** 0 if this process was not started by mproc. */
int64_t mproc__parent_pid(void);

/** Waits for the parent's end. Returns 1, 0 at the deadline, or an error. */
int mproc__parent_wait(int64_t deadline_ns);

/** An identity for a process object: the next lineage, the key of this process, the name if it is not NULL.
 * Errors: MPROC_E_LIMIT, MPROC_E_OS. */
int mproc__self_identify(struct identity *ret_identity, const char *name);

/** Fills in the names, the lineage and the key of a child's boot. Errors: MPROC_E_LIMIT, MPROC_E_OS. */
int mproc__self_describe(const struct child_plan *plan, struct child_boot *boot);

/** In a child, before it has other threads: becomes the process that the boot describes. */
void mproc__self_adopt(const struct child_boot *boot);

#endif
