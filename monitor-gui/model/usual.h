/* How long the runs of a function usually are, counted from those that returned and were told of: for pools that keep
 * no times themselves.
 */
#ifndef MPROC_MODEL_USUAL_H
#define MPROC_MODEL_USUAL_H

#include <stdint.h>

/** Eight cells to every power of two nanoseconds, from the first one on; what is shorter or longer is in the cell at
 * the end. */
#define USUAL_FIRST_POWER 4
#define USUAL_CELLS       296

struct usual {
    uint64_t count;
    uint32_t cells[USUAL_CELLS];
};

void usual_add(struct usual *usual, int64_t run_ns);

/** Up to where so many thousandths of them are, an eighth too long at most; 0 of none. */
int64_t usual_quantile(const struct usual *usual, unsigned thousandths);

#endif
