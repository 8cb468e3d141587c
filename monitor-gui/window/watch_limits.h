/* How much the window keeps of each thing that it watches. */
#ifndef MPROC_WINDOW_WATCH_LIMITS_H
#define MPROC_WINDOW_WATCH_LIMITS_H

#include "model/model.h"

#define WATCH_TASKS 1000000u
#define WATCH_BYTES ((size_t)384 << 20)

/** A model with these limits, as model_create. */
static inline int watch_create_model(struct model **ret_model)
{
    const struct model_limits limits = { .tasks = WATCH_TASKS, .task_bytes = WATCH_BYTES, .bars = BARS_DEFAULT };
    return model_create(&limits, ret_model);
}

#endif
