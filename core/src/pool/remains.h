/* What is left of a task whose worker died, but for its message: its worker's stack, and the file that it was saved to.
 * Shared by all outcomes that tell of the task. Guarded by the pool's lock, but for the text. */
#ifndef MPROC_POOL_REMAINS_H
#define MPROC_POOL_REMAINS_H

#include "platform.h"

struct crash_report;
struct remains;

/** Takes both over; either may be NULL. NULL without memory, and for nothing. */
struct remains *mproc__remains_new(struct crash_report *crash, char *path);

/** One reference more, one less; NULL is allowed. */
struct remains *mproc__remains_hold(struct remains *remains);
void mproc__remains_put(struct remains *remains);

/** See mproc_outcome; "" of NULL. The first may take seconds: not under the lock. */
const char *mproc__remains_stack(const struct remains *remains);
/** Of which kind it was says what it means; of none of NULL. */
platform_fault mproc__remains_fault(const struct remains *remains);
const char *mproc__remains_path(const struct remains *remains);

#endif
