/* Telling what a look has seen. */
#ifndef MPROC_POOL_LOOK_TELL_H
#define MPROC_POOL_LOOK_TELL_H

#include "pool/look_room.h"

/** Tells what was seen, and forgets it. No lock. */
void mproc__look_tell(struct look *look, observe_sink *sink, void *user);

#endif
