/* When workers of a pool died, over the last minute: how many in each small part of a second. However many they are, it
 * takes no more room, and each of them counts; certificates are kept of the last ones alone.
 */
#ifndef MPROC_MODEL_DEATH_TIMES_H
#define MPROC_MODEL_DEATH_TIMES_H

#include <stdint.h>

/** Parts of a second that are told apart: a pixel or two of a chart. */
#define DEATH_STEPS   32
#define DEATH_SECONDS 64

/** All zero: nobody has died. */
struct death_times {
    struct death_second {
        int64_t second;
        uint32_t counts[DEATH_STEPS];
    } seconds[DEATH_SECONDS]; /**< at its number modulo DEATH_SECONDS */
};

/** A worker died. Times may come in any order; of one that is longer ago than there is room for nothing is kept. */
void death_times_note(struct death_times *times, int64_t time_ns);

/** How many died in that part of that second. */
uint32_t death_times_at(const struct death_times *times, int64_t second, int step);

#endif
