/* The handles of the system that go to a worker with a task: the parent's side.
 *
 * They lie where the worker can take duplicates of them: those for a process in the store between the two, those for a
 * thread in this process's own table. A worker has one such task at a time and nothing beside it, so that parent and
 * worker take turns as they do in its rings: the parent loads before PUBLISH, the worker takes between CLAIM and
 * COMPLETE, and the parent unloads after the task's completion, after its RECALL, or when the worker is dead. That is
 * all the order that a store needs: there is no lock.
 */
#ifndef MPROC_POOL_LINK_CARGO_H
#define MPROC_POOL_LINK_CARGO_H

#include "pool/job.h"
#include "pool/ring_layout.h"

struct link_cargo {
    bool crosses;               /**< the worker is another process */
    platform_store store;       /**< by which it does */
    struct job_handles *loaded; /**< NULL between such tasks */
    unsigned count;             /**< of the parcels: those that are in the store */
    platform_parcel parcels[MPROC_TASK_HANDLES_MAX];
};

/** Lays out the handles of a job that is about to be sent. 0, or the error of the port, and nothing is left behind. */
int mproc__cargo_load(struct link_cargo *cargo, struct handle_line *line, const struct job *job);
/** Takes back what was laid out, if anything was. */
void mproc__cargo_unload(struct link_cargo *cargo, struct handle_line *line);

#endif
