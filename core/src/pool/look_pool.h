/* What a pool is at this moment, and how much of what has happened in it was lost. The pool's lock is held. */
#ifndef MPROC_POOL_LOOK_POOL_H
#define MPROC_POOL_LOOK_POOL_H

#include "pool/look_room.h"

/** What it is, but for its name and why it broke. */
struct record_pool mproc__look_describe(const mproc_pool *pool, const struct trace_clock *clock,
                                        enum record_phase phase);
/** A record of what it is; is_gone: once more then, that it is no more. */
void mproc__look_at_pool(struct look *look, const mproc_pool *pool, const struct trace_clock *clock, bool is_gone);
void mproc__look_at_counts(struct look *look, const mproc_pool *pool);

/** That so many records of that class are missing. */
void mproc__look_at_loss(struct look *look, const mproc_pool *pool, enum record_class class, uint64_t count,
                         int64_t from_ns, int64_t to_ns);
/** What was lost since the last look. */
void mproc__look_at_losses(struct look *look, mproc_pool *pool, const struct trace_clock *clock);

#endif
