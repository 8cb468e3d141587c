/* Spans: memory of any size in the family segment.
 *
 * A span is a run of whole pages of 4 KiB, in one piece in every process, known by a 64-bit word that may be copied
 * anywhere. It has an owner, one word that changes by compare-and-swap: an object, a process, or a thread that is
 * building or holding it. A span whose owner is not alive, be it an object that was destroyed or never published, or a
 * process or thread that ended, is an orphan, and the next sweep takes it back. So there is no instruction at which a
 * death leaks memory for longer than to the next sweep, and whoever destroys an object need not be the one who frees
 * its spans.
 *
 * Whoever reads or writes a span relies on its owner: nothing keeps a span from being freed under its users but the
 * protocol of the object that it belongs to. Its address stays mapped, whatever happens.
 */
#ifndef MPROC_MEMORY_SPAN_H
#define MPROC_MEMORY_SPAN_H

#include "family/family_layout.h"
#include "memory/page.h"

/** Owner words. An object's is made of the second half of its handle. */
uint64_t mproc__span_owner_object(const uint64_t id[2]);
/** The calling thread's. Opens the family if need be. 0, which owns nothing, if that fails, or the family has no room
 * for the thread's slot. */
uint64_t mproc__span_owner_self(void);
/** The calling process's, for as long as it lives. tag: up to SPAN_TAG_MAX, tells apart what the process has itself, 0,
 * and what it lets others make in its name: so a pool's worker makes the values that it returns, and whatever becomes
 * of the worker, they are the parent's to take or to free. 0, which owns nothing, if there is no family. */
uint64_t mproc__span_owner_process(uint32_t tag);
#define SPAN_TAG_MAX 0x3fffffffu

/** Makes a claimed run a span of this owner: from here on it exists. Returns its word. */
uint64_t mproc__span_publish(const struct page_run *run, uint64_t owner);

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

/** Frees all spans of an owner in whose name nobody makes any more: a few ns for each page that data has ever had. */
void mproc__span_free_all(uint64_t owner);

/** Frees the span whose head is the page, in this state, if its owner is dead. Returns whether it was us. */
bool mproc__span_sweep(uint32_t page, uint64_t state, thread_slot thread);

#endif
