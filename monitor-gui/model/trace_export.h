/* A trace while it is made (model/export.h): what was written already, so that nothing is written twice.
 *
 * Numbers of processes are not those of the system, of which a pool of threads has one with its program: the program is
 * process 1, pool N is N + 1. Times are microseconds of the watched process's clock.
 */
#ifndef MPROC_MODEL_TRACE_EXPORT_H
#define MPROC_MODEL_TRACE_EXPORT_H

#include "model/export_names.h"
#include "model/export_out.h"
#include <stdbool.h>

#define TRACE_PROGRAM        0u /* as a pool: what belongs to none */
#define TRACE_LANE_SUBMITTED 1
#define TRACE_LANE_OF_WORKER 2 /* of the first */
#define TRACE_MOMENTS        1024u

/* What was written of a worker's place already. */
struct trace_lane {
    uint32_t pool;
    int64_t lane;
    uint64_t died, replaced;     /**< lives that are marked */
    int64_t begin_ns, end_ns;    /**< of the last bar */
    uint64_t memory;             /**< as it was counted last */
    struct record_worker worker; /**< as it was told of last; without texts */
    uint64_t ended_task;
    int64_t ended_item;
    uint32_t ended_attempt;
};

/* When something was submitted. */
struct trace_moment {
    uint32_t pool;
    int64_t ns;
};

struct trace_export {
    struct export export;
    struct export_names names;
    struct list lanes, pools; /**< of struct trace_lane; of uint32_t, those that are named */
    size_t last_lane;
    struct trace_moment submitted[TRACE_MOMENTS];
    uint64_t arrows;
    int64_t now_ns; /**< when the last record was written */
    bool is_begun;
    int code; /**< want of memory */
    struct export_out out;
};

#endif
