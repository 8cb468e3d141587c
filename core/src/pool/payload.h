/* Arguments and values: where their bytes lie.
 *
 * Small ones lie in the job itself, larger ones on the heap, and above TASK_SPAN_BYTES in spans of the family segment,
 * where both sides read them in place. A span of a job is owned by the process, in no tag's name, and goes with it. The
 * memory is limited: arguments take a quarter of what the family has room for, arguments and values together a half;
 * what is beyond that lies on the heap and passes through the streams. So no number of results that nobody fetches
 * keeps the tasks from ending.
 *
 * While large payloads come and go their memory stays warm; a second after the last one it is given back.
 */
#ifndef MPROC_POOL_PAYLOAD_H
#define MPROC_POOL_PAYLOAD_H

#include "channel/message.h"
#include <mproc/base.h>

enum place {
    PLACE_JOB = 0, /**< in the job, or nobody's to free */
    PLACE_HEAP = 1,
    PLACE_SPAN = 2
};

struct payload {
    enum place place;
    const void *data;
    size_t size;
    uint64_t span; /**< PLACE_SPAN */
};

/** A copy of an argument that is to outlive the call; what fits into a job is only looked at, and copied there. No lock
 * is needed. 0 or MPROC_E_NO_MEMORY. */
int mproc__payload_copy(mproc_view bytes, struct payload *ret_payload);

/** Makes a value that came from a worker one that stays: copies what lies in a stream, and moves what lies in a span to
 * the heap if the spans have become too many. 0 or MPROC_E_NO_MEMORY. */
int mproc__payload_keep(struct payload *value);

void mproc__payload_free(const struct payload *payload);
/** A span that somebody else will free. */
void mproc__payload_forget(uint64_t span);

/** Makes a message an argument: it is the process's own from then on. 0 or MPROC_E_STALE. */
int mproc__payload_from_message(struct held_message *held, struct payload *ret_payload);
/** The other way round, and for an argument that could not be submitted. Not of what lies in a job. */
struct held_message mproc__payload_to_message(const struct payload *payload);

/** Gives back the memory that large payloads have kept warm. Takes milliseconds: no lock. */
void mproc__payload_trim(void);
/** When to do that, since none has come for a while; INT64_MAX: there is none. */
int64_t mproc__payload_trim_at(void);

/** In a new child: what was counted is the parent's. */
void mproc__payload_adopt(void);

#endif
