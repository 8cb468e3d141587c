/* Workers that are processes of their own, started by the pool's start method. */
#ifndef MPROC_POOL_LINK_PROCESS_H
#define MPROC_POOL_LINK_PROCESS_H

#include "platform.h"
#include "pool/link.h"

/** What a pool's processes are started with. */
struct process_source {
    mproc_start_method method;
    char *executable;
    platform_template *fork_template;
    _Atomic bool is_template_lost; /**< set without the lock */
    int unsettled;                 /**< workers that the template was asked for */
};

extern const struct link_ops mproc__process_link_ops;

/** Ends the template. Nobody starts a worker any more. */
void mproc__process_source_free(struct process_source *source);

#endif
