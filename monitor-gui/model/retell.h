/* What a model knows, told once more as records: for a recording, a trace or a table of what was seen.
 *
 * First comes the greeting, then a snapshot of the pools and their functions, then what happened, in the order of time,
 * and at the end a snapshot of how all stands. What the model has forgotten, or never was told, is not there.
 */
#ifndef MPROC_MODEL_RETELL_H
#define MPROC_MODEL_RETELL_H

#include "model/model.h"

/** Takes a record, a struct record_... of frame->type. Returns 0, or an error that retell then returns. */
typedef int retell_fn(const struct wire_frame *frame, const void *record, void *user);

/** Nothing of the model may change meanwhile. Returns 0; MPROC_E_NO_MEMORY; or what take has returned. */
int retell(const struct model *model, retell_fn *take, void *user);

#endif
