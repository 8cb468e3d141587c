/* Who holds and who waits for the locks and queues of the family that have names.
 *
 * What is looked at lies in memory that all processes of the family change all the time. A look takes no lock, waits
 * for nobody and writes nothing there: what it reads of an object counts if the object is still the same afterwards,
 * and of a thread likewise. So it is a picture in which each part is true and all parts are of nearly the same moment:
 * a thread may be seen to hold a lock and, for one look, to wait for it. Whoever draws conclusions takes two pictures.
 *
 * Its time is bounded: of new blocks it looks at some thousands each time, so that a name is found after some looks
 * where there are very many objects; at most OBJECTS_MAX are told of, those that were found first, and WAITERS_MAX
 * threads. */
#ifndef MPROC_MONITOR_OBJECTS_H
#define MPROC_MONITOR_OBJECTS_H

#include "pool/observe.h"

#define OBJECTS_MAX 1024u
#define WAITERS_MAX 4096u

/** Gives the sink RECORD_OBJECT of each object with a name and RECORD_WAITER of each thread that sleeps for one; and
 * once more, destroyed or gone, of those that were there before and are not any more. One thread at a time. */
void mproc__objects_observe(observe_sink *sink, void *user);

/** Forgets what was seen. Waits for a thread that finds out places in the code: for 2 s at most. */
void mproc__objects_end(void);

/** In a child, before it has other threads. */
void mproc__objects_adopt(void);

#endif
