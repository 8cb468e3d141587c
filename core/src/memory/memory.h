/* Memory of the family: where it comes from.
 *
 * Lives here: pages and runs of them, the blocks of objects, spans (memory of any size), taking back what the dead
 * left, counting what is in use, and the handles by which objects are found.
 *
 * May use: the family segment and its slots (family/), errors (base/).
 *
 * Must not know: what the objects are, how anybody waits, what a process or a pool is. A type is a number here.
 */
#ifndef MPROC_MEMORY_MEMORY_H
#define MPROC_MEMORY_MEMORY_H

#include "family/family_layout.h"
#include "memory/block.h"

/** Claims a block of the type for the thread of the node, which lives: sweeps and adds a page if need be.
 * Errors: MPROC_E_LIMIT, naming what was asked, the limit and what is in use; MPROC_E_NO_MEMORY, MPROC_E_OS. */
int mproc__block_allocate(enum family_type type, node_id node, struct block_place *ret_place, uint32_t *ret_generation);

/** Makes a span of at least size bytes, zeroed and backed with memory. Opens the family if need be.
 * owner: from one of the functions above. 0 is the error of mproc__span_owner_self passed on.
 * Errors: MPROC_E_LIMIT, naming what was asked, the limit and what is in use; MPROC_E_NO_MEMORY for address
 * space; MPROC_E_INVALID for no bytes; and as mproc__family_open. */
int mproc__span_create(size_t size, uint64_t owner, uint64_t *ret_span);

/** The same, with anything in it: for whoever writes it all before he shows it. */
int mproc__span_create_dirty(size_t size, uint64_t owner, uint64_t *ret_span);

#endif
