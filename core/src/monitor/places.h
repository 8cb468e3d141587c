/* Where in the program's code an address of one of its processes lies, in words: "function, file.c:12". To find that
 * out files are read and a tool of the system's may be run, which takes as long as it takes: so a thread of its own
 * does it, which lives as long as there is something to find out. */
#ifndef MPROC_MONITOR_PLACES_H
#define MPROC_MONITOR_PLACES_H

#include <stdint.h>

#define PLACES_TEXT 96

/** What is known of an address; "" if nothing is, yet or at all. process: its incarnation. Asks for what is not known.
 * One thread at a time; waits for nothing but a lock that is held for a copy. */
void mproc__places_text(uint32_t process, int64_t pid, uint64_t address, char ret_text[PLACES_TEXT]);

/** Begins to find out what was asked for. */
void mproc__places_find(void);

/** Forgets all. Waits for the thread: for 2 s at most. */
void mproc__places_end(void);

/** In a child, before it has other threads. */
void mproc__places_adopt(void);

#endif
