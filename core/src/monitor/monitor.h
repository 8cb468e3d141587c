/* The end of this process at which it is watched.
 *
 * Lives here: when there is one (monitor.h), the thread that serves it (publisher.h), who is connected (client.h) and
 * what is on the way to him (outbox.h), what was last told of everything (state.h), what is taken from the pools in
 * passing (batch.h), lines of the log (log_lines.h), who this process says it is (card.h), who holds locks and queues
 * and who waits for them (objects.h), and where in the code that is (places.h).
 *
 * May use: the words of it all (trace/), what may be asked of pools (pool/observe.h), and all below.
 *
 * Must not know: what a client does with what it is told.
 */
#ifndef MPROC_MONITOR_MONITOR_H
#define MPROC_MONITOR_MONITOR_H

#include <mproc/monitor.h>

/** For mproc_init, in a process that is no child of the family's: begins if the environment asks for it. What goes
 * wrong is a line on stderr. */
void mproc__monitor_enter(void);

/** For observe.h: a pool with .monitor = 1 has been made. */
void mproc__monitor_pool_made(void);

/** In a child, before it has other threads: it is not watched. */
void mproc__monitor_adopt(void);

#endif
