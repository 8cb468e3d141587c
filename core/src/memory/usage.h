/* How much of the family's memory is in use, and by what. */
#ifndef MPROC_MEMORY_USAGE_H
#define MPROC_MEMORY_USAGE_H

#include <stdint.h>

/** Bytes in use, by the segment's own tables too, and bytes it may grow to, for messages and tests. */
void mproc__family_usage(uint64_t *ret_used, uint64_t *ret_limit);

#endif
