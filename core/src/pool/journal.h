/* Records in a row, with their texts: what is noted under a lock in one place and told without it in another. Private
 * memory, of a size that it keeps. It belongs to one at a time, and does not move.
 */
#ifndef MPROC_POOL_JOURNAL_H
#define MPROC_POOL_JOURNAL_H

#include "trace/record.h"
#include <stddef.h>

struct journal;

/** An empty one, for so many bytes; NULL without memory. */
struct journal *mproc__journal_new(size_t size);
/** NULL is allowed. */
void mproc__journal_free(struct journal *journal);
void mproc__journal_clear(struct journal *journal);
/** How much of it may be used until it is cleared, at most as much as it was made for; it is empty. */
void mproc__journal_limit(struct journal *journal, size_t size);
/** How much may be used in all, and how much of that is left. */
size_t mproc__journal_size(const struct journal *journal);
size_t mproc__journal_room(const struct journal *journal);

/** What a record of that type takes with so many bytes of texts. */
size_t mproc__journal_needs(enum record_type type, size_t text_bytes);
/** Room for a record of that type, all zero, at the end, and behind it for so many bytes of texts; NULL if there is
 * none beside so many that are to stay free. */
void *mproc__journal_add(struct journal *journal, enum record_type type, size_t text_bytes, size_t spared);
/** A copy of the text, as that of the last record, of whose room it takes; cut where that ends. */
struct record_text mproc__journal_text(struct journal *journal, const char *data, size_t size);

/** The first record, or the one behind that; NULL behind the last. */
void *mproc__journal_next(struct journal *journal, void *record, enum record_type *ret_type);

#endif
