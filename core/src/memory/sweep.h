/* Sweeping: what deaths have left in the family's memory is taken back, and what they have miscounted counted anew. */
#ifndef MPROC_MEMORY_SWEEP_H
#define MPROC_MEMORY_SWEEP_H

#include <stddef.h>

/** Gives back what dead processes had claimed and not published, and spans whose owner is dead; returns how many
 * blocks, pages and spans. Also run by allocation. */
size_t mproc__memory_sweep(void);

/** Sweeps if somebody has died since it was last done, by whomever. Returns how much it gave back. */
size_t mproc__memory_sweep_after_death(void);

#endif
