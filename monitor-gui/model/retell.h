/* What a model knows, told once more as records: for a recording, a trace or a table of what was seen.
 *
 * First comes the greeting, then the pools and their functions, then what happened, in the order of time, and at the
 * end a snapshot of how all stands. What the model has forgotten, or never was told, is not there.
 */
#ifndef MPROC_MODEL_RETELL_H
#define MPROC_MODEL_RETELL_H

#include "model/model.h"

struct retold;

/** Takes down what is known now, but for tasks, so that the model may go on while it is told. Returns 0 or
 * MPROC_E_NO_MEMORY. */
int retell_begin(const struct model *model, struct retold **ret_retold);

/** The tasks that the model had then, held by the caller: places, of which some may be NULL, in the order in which
 * tasks were told of, from first on to the last one and from there round. */
struct retell_tasks {
    const struct model_task *const *places;
    size_t count, first;
};

/** Takes a frame, as it would come from the process. Returns 0, or an error that retell_all then returns. */
typedef int retell_fn(const unsigned char *bytes, size_t size, void *user);

/** Tells all of it, once, on any thread. Returns 0; MPROC_E_NO_MEMORY; or what take has returned. */
int retell_all(struct retold *retold, const struct retell_tasks *tasks, retell_fn *take, void *user);

/** NULL is allowed. */
void retell_end(struct retold *retold);

#endif
