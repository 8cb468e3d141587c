/* A look at a pool for those who watch it: what it is at this moment and what has happened since the last look, taken
 * under its lock and told without it. A pool that is freed leaves its last look behind.
 */
#ifndef MPROC_POOL_LOOK_H
#define MPROC_POOL_LOOK_H

#include "pool/function_index.h"
#include "pool/journal.h"
#include "pool/obituary.h"
#include "pool/observe.h"
#include "pool/trace.h"

struct look {
    struct look *next;     /**< of those that freed pools left */
    struct journal *state; /**< pool, counts, workers, maps, functions, deaths, losses */
    struct journal *events;
    const char
        *unnamed_place[FUNCTIONS_MAX];    /**< where the name goes of a function that only the symbol table knows, */
    any_function *unnamed[FUNCTIONS_MAX]; /**< and the function */
    uint32_t unnamed_count;
    struct remains *remains[OBITUARIES_KEPT]; /**< of the deaths with a stack, and */
    struct record_death *died[OBITUARIES_KEPT];
    uint32_t remains_count;
    mproc_pool *held; /**< whose remains these are; or NULL */
};

/** Takes a look, what being OBSERVE_... . The pool's lock is held. Without memory it sees nothing, and at the next look
 * what it has missed. */
void mproc__look_take(struct look *look, mproc_pool *pool, unsigned what);
/** Tells what was seen, and forgets it. No lock. */
void mproc__look_tell(struct look *look, observe_sink *sink, void *user);
/** Gives back what a look has that was told. */
void mproc__look_end(struct look *look);

/** Takes the last look at a pool that is being freed, for mproc__look_last. The pool's lock is held. */
void mproc__look_leave(mproc_pool *pool);
/** The oldest of those that are left, which is the caller's to tell, to end and to free; or NULL. */
struct look *mproc__look_last(void);
/** Gives back all that are left. */
void mproc__look_drop_all(void);

/** In a forked child, before it has other threads. */
void mproc__look_adopt(void);

#endif
