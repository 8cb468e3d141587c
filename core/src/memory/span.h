/* Spans: memory of any size in the family segment.
 *
 * A span is a run of whole pages of 4 KiB, in one piece in every process, known by a 64-bit word that may be copied
 * anywhere. It has an owner, one word that changes by compare-and-swap: an object, or a thread that is building or
 * holding it. A span whose owner is not alive, be it an object that was destroyed or never published, or a thread that
 * ended, is an orphan, and the next sweep takes it back. So there is no instruction at which a death leaks memory for
 * longer than to the next sweep, and whoever destroys an object need not be the one who frees its spans.
 *
 * Whoever reads or writes a span relies on its owner: nothing keeps a span from being freed under its users but the
 * protocol of the object that it belongs to. Its address stays mapped, whatever happens.
 */
#ifndef MPROC_MEMORY_SPAN_H
#define MPROC_MEMORY_SPAN_H

#include "family/family.h"
#include "family/node.h"

/** Owner words. An object's is made of the second half of its handle. */
uint64_t mproc__span_owner_object(const uint64_t id[2]);
/** The calling thread's; 0, which owns nothing, if the family has no room for its node. */
uint64_t mproc__span_owner_self(void);

/** Makes a span of at least size bytes, zeroed and backed with memory. Opens the family if need be.
 * owner: from one of the functions above. 0 is the error of mproc__span_owner_self passed on.
 * Errors: MPROC_E_LIMIT, naming what was asked, the limit and what is in use; MPROC_E_NO_MEMORY for address
 * space; MPROC_E_INVALID for no bytes; and as mproc__family_open. */
int mproc__span_create(size_t size, uint64_t owner, uint64_t *ret_span);

/** The same, with anything in it: for whoever writes it all before he shows it. */
int mproc__span_create_dirty(size_t size, uint64_t owner, uint64_t *ret_span);

/** Makes the span another's. Returns false, and nothing has changed, if from was not its owner. seq_cst. */
bool mproc__span_give(uint64_t span, uint64_t from, uint64_t to);

/** Whether the span is there and is owner's. What this says may change at once, unless the caller has seen to it that
 * nobody else may give the span away. */
bool mproc__span_is_owner(uint64_t span, uint64_t owner);

/** The address of the span in this process, mapped on first use; then a few ns. Errors: MPROC_E_STALE if it was freed;
 * MPROC_E_NO_MEMORY, MPROC_E_OS. */
int mproc__span_address(uint64_t span, void **ret_address);

/** What its word says of its size, in bytes: at least what was asked for. */
size_t mproc__span_size(uint64_t span);

/** Frees the span if it is owner's; if not, nothing happens. The owner may be dead already. */
void mproc__span_free(uint64_t span, uint64_t owner);

/** Frees the span whose head is the page, in this state, if its owner is dead. Returns whether it was us. */
bool mproc__span_sweep(uint32_t page, uint64_t state, node_id node);

#endif
