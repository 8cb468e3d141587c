/* Results, as their holders ask for them. */
#ifndef MPROC_POOL_RESULT_H
#define MPROC_POOL_RESULT_H

#include "pool/job.h"

/** Whether the task has ended, after a look at its workers. */
bool mproc__result_ask(struct job *job);
/** Waits for the task, copies its value as mproc_result_get does, and frees the result, of which nobody else knows. */
int mproc__result_get_last(mproc_result *result, void *ret_value, size_t capacity, size_t *ret_size);
/** The holder lets go of the task. Lock held. */
void mproc__result_release(struct job *job);

#endif
