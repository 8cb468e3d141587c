/* The last looks at pools that were freed, until somebody fetches them. */
#ifndef MPROC_POOL_LOOK_LEFT_H
#define MPROC_POOL_LOOK_LEFT_H

#include "pool/look_room.h"
#include "process/boot_layout.h"

/** That a pool has gone, where there was no memory for a look at it. */
struct last_word {
    struct record_pool pool;
    uint64_t lost[TRACE_CLASSES]; /**< what it had noted, by class */
    int64_t at_ns;
    char name[CHILD_NAME_MAX];
};

/** Whether somebody will fetch them: else none is kept, and those that are left are given back. */
void mproc__look_want_last(bool wants);
/** Takes the last look at a pool that is being freed, for mproc__look_last. The pool's lock is held. */
void mproc__look_leave(mproc_pool *pool);
/** The oldest of those that are left, which is the caller's to tell, to end and to free; or NULL. */
struct look *mproc__look_last(void);
/** One of the pools without; false if there is none. */
bool mproc__look_last_word(struct last_word *ret_word);

/** In a forked child, before it has other threads. */
void mproc__look_adopt(void);

#endif
