/* A crowd: so many forked processes that do one thing for a while, for the rows about what processes share. */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "bench.h"

/** Zeroed memory that processes forked later share. */
void *crowd_memory(size_t size);
void crowd_memory_free(void *memory, size_t size);

/** What each process does, told its number from 0; returns how often it did it. */
typedef uint64_t crowd_function(int index);

/** For crowd_function: whether the time is over. */
int crowd_is_over(void);

/** Runs the function in so many processes for 0.15 s; returns how often per second it was done by all together. */
double crowd_rate(int processes, crowd_function *function);

/** Runs it until each is through; returns the time from the first one's beginning to the last one's end. */
double crowd_time(int processes, crowd_function *function);

#endif
