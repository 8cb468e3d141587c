/* A worker's side of the rings: takes tasks from its submission ring, runs them, publishes what came of them. It knows
 * the area and what the pool shares with all its workers, and not whether it is a process: how it starts, how it ends
 * and what it runs before and after is its role's to do (worker.c). */
#ifndef MPROC_POOL_SERVE_H
#define MPROC_POOL_SERVE_H

#include "pool/module_table.h"
#include "pool/pool_layout.h"
#include "pool/ring_layout.h"

/** What a worker knows of itself. */
struct worker_self;

/** Gives the program a duplicate of a handle that came with a task, from where the parent has laid it. As
 * platform_parcel_copy. */
typedef int serve_take_fn(const platform_store *store, const platform_parcel *parcel, mproc_os_handle *ret_handle);

/** How a worker of some kind comes by what its tasks need. */
struct serve_means {
    module_find_fn *find;
    serve_take_fn *take;
    platform_store store; /**< for take, if its kind has one */
};

/** The worker of that area, at the first of its positions; NULL without memory. */
struct worker_self *mproc__serve_new(struct worker_area *area, struct pool_shared *shared,
                                     const struct serve_means *means);
/** Runs the initializer, if it is not NULL, and notes when that was. 0 or MPROC_E_INIT_FAILED, with its message. */
int mproc__serve_begin(const struct worker_self *self, mproc_task_fn *initializer, mproc_view args);
/** Tells whoever watches the pool that the worker has become READY. */
void mproc__serve_report(const struct worker_self *self);
/** Serves until told to exit. A copy, made by a task's fork, that comes back from the task ends its process: two may
 * not serve the same rings. */
void mproc__serve(struct worker_self *self);
/** Runs the exit hook, if it is not NULL. */
void mproc__serve_end(const struct worker_self *self, mproc_task_fn *exit_hook);
void mproc__serve_free(struct worker_self *self);

#endif
