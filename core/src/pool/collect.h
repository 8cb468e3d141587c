/* What came out of a link and what it means. The pool's lock is held in all calls. */
#ifndef MPROC_POOL_COLLECT_H
#define MPROC_POOL_COLLECT_H

#include "pool/link.h"

struct remains;
struct worker;

/** Takes what the worker has published and ends what has ended; returns how many completions there were. A worker that
 * makes no sense is killed. */
unsigned mproc__collect(struct worker *worker);
/** REAP: after the worker's death, when what it had published was collected: ends or requeues the jobs that it still
 * has. Those that it was running fail as its verdict says, with that text, unless they may be tried again. What
 * is known of the death goes to the first that fails. Returns what there is of the worker's stack, for put; or NULL. */
struct remains *mproc__collect_orphans(struct worker *worker, const char *text, struct link_end *end);

#endif
