/* Results, as their holders ask for them. */
#ifndef MPROC_POOL_RESULT_H
#define MPROC_POOL_RESULT_H

#include "pool/job.h"

/** Whether the task has ended, after a look at its workers. */
bool mproc__result_ask(struct job *job);
/** The holder lets go of the task. Lock held. */
void mproc__result_release(struct job *job);

#endif
