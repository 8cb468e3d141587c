/* How a pool went since it is watched, however long that is: in a few hundred parts of equal length, which become twice
 * as long whenever there is no room for another one.
 */
#ifndef MPROC_MODEL_OVERALL_H
#define MPROC_MODEL_OVERALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OVERALL_PARTS 512u

/** All zero is an empty one. */
struct overall {
    uint64_t done[OVERALL_PARTS + 1]; /**< in all, at the beginning of each part, and at the end of the last one */
    size_t count;                     /**< parts that are over */
    int64_t begin_ns, part_ns;        /**< part_ns: 0 before anything is known */
};

/** Says how much has been done in all since the last call, until a time. Times may not be told backwards; such a call
 * is ignored. */
void overall_note(struct overall *overall, int64_t now_ns, uint64_t done);

/** Done per second in a part that is over. */
double overall_rate(const struct overall *overall, size_t part);

#endif
