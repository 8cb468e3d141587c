/* A worker's side of the rings: takes tasks from its submission ring, runs them, publishes what came of them. It knows
 * the area and what the pool shares with all its workers, and not whether it is a process: how it starts, how it ends
 * and what it runs before and after is its role's to do (worker.c). */
#ifndef MPROC_POOL_SERVE_H
#define MPROC_POOL_SERVE_H

#include "pool/pool_layout.h"
#include "pool/ring_layout.h"

/** What a worker knows of itself. */
struct worker_self;

/** The worker of that area, at the first of its positions; NULL without memory. end_copy ends a copy, made by a task's
 * fork, that has come back from the task: two may not serve the same rings. It does not return. */
struct worker_self *mproc__serve_new(struct worker_area *area, struct pool_shared *shared, void (*end_copy)(void));
/** Serves until told to exit. */
void mproc__serve(struct worker_self *self);
void mproc__serve_free(struct worker_self *self);

#endif
