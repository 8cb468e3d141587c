/* What a process says is not believed further than one can count with it. Times, lengths and signed numbers are cut, as
 * they come in, to what can be added and subtracted a few times: a process that lies, or a recording that is damaged,
 * has pictures that make no sense, and nothing else. From then on nobody has to think of overflows.
 *
 * Any thread.
 */
#ifndef MPROC_MODEL_BOUNDS_H
#define MPROC_MODEL_BOUNDS_H

#include "trace/wire.h"

/** 73 years in ns: no process has run for longer. Times and lengths are from 0 to this, other signed numbers no larger,
 * whatever their sign; and twice that is the latest the wall clock can say, in 2116. Three of them make no overflow. */
#define BOUNDS_MAX      ((INT64_C(1) << 61) - 1)
#define BOUNDS_WALL_MAX ((INT64_C(1) << 62) - 1)

/** For everybody who decodes what he has not written himself. */
void bounds_apply(struct wire_frame *frame, union record *record);

/** A length that was estimated, as a number; from 0 to BOUNDS_MAX. */
int64_t bounds_length(double ns);

/** A part of something that was put together from what was said; from 0 to 1. */
double bounds_part(double part);

#endif
