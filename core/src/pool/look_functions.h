/* The functions of a pool's tasks: their names, and what their tasks have done. The pool's lock is held. */
#ifndef MPROC_POOL_LOOK_FUNCTIONS_H
#define MPROC_POOL_LOOK_FUNCTIONS_H

#include "pool/look_room.h"

/** The accounts, of a pool that keeps them; all: also of those functions whose times were told of as they are. */
void mproc__look_at_accounts(struct look *look, mproc_pool *pool, bool all);
/** What these take at most. */
size_t mproc__look_accounts_size(const mproc_pool *pool);
/** The names, from that number on. */
void mproc__look_at_names(struct look *look, mproc_pool *pool, uint32_t first);

#endif
