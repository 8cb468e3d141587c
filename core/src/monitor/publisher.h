/* The thread that serves those who watch this process. While nobody is connected it sleeps until somebody is.
 */
#ifndef MPROC_MONITOR_PUBLISHER_H
#define MPROC_MONITOR_PUBLISHER_H

#include "monitor/client.h"

/** How many may watch at a time. */
#define PUBLISHER_WATCHERS 16

/** How often there is news for them. */
#define PUBLISHER_INTERVAL_NS 16000000

/** How long clients may take. For tests to shorten, before it starts. */
extern struct client_limits mproc__publisher_limits;

/** Begins; name as for mproc__card_fill. These three are called by one thread at a time, and this one only after a stop
 * if it has begun before. */
int mproc__publisher_start(const char *name);

/** Ends it, if it runs: those who watch are told the last, for at most 0.1 s. If its thread does not end
 * within 3 s more, it is left alone, and there will be no other. */
void mproc__publisher_stop(void);

/** Whether somebody can watch: not if the program has closed handles under it that are not its own. */
bool mproc__publisher_runs(void);

/** How many watch. Any thread. */
unsigned mproc__publisher_watchers(void);

/** How often it has looked at anything, as a count of what it does while nobody watches. */
uint64_t mproc__publisher_looks(void);

/** In a child, before it has other threads: it has none. */
void mproc__publisher_adopt(void);

#endif
