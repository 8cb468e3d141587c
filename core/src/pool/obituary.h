/* How workers died, for those who watch the pool, also if they come later: a few of the last deaths, with what the
 * worker was at and what became of that. Private memory of the parent, bounded; guarded by the pool's lock.
 */
#ifndef MPROC_POOL_OBITUARY_H
#define MPROC_POOL_OBITUARY_H

#include "pool/link.h"
#include "pool/outputs.h"
#include "pool/pool.h"
#include "pool/remains.h"
#include "trace/event_ring_layout.h"
#include "trace/record.h"

/** As many are kept. */
#define OBITUARIES_KEPT 16u

/** One death. */
struct obituary {
    struct record_death record; /**< but for the texts */
    uint64_t number;            /**< which it was, from 1; 0: none */
    bool is_told;
    uint32_t label_size, argument_size;
    char label[LABEL_BYTES], argument[EVENT_PREVIEW_BYTES];
    char cause[TASK_MESSAGE_BYTES];
    uint32_t output_size;
    char *output;            /**< allocated, or NULL */
    struct remains *remains; /**< for its stack; or NULL */
};

struct obituaries {
    uint64_t count;                         /**< of all deaths that were noted */
    uint64_t untold;                        /**< that gave way before they were told */
    struct obituary *kept[OBITUARIES_KEPT]; /**< NULL: none yet */
};

/** Notes what a dead worker was at, of which all that it had said was taken, in the words that its task will fail with.
 * Somebody waits for that task, so nothing more is touched than a death needs. Afterwards obituary_end. */
void mproc__obituary_begin(struct obituary *obituary, const struct worker *worker, const char *cause);
/** Its jobs were dealt with, so many of them to be tried again. The obituary is kept, and whatever it says of the
 * remains. Nothing is, of a pool that is not shown, and of an end in good order while nobody watches. */
void mproc__obituary_end(struct obituary *obituary, mproc_pool *pool, const struct link_end *end,
                         struct remains *remains, bool is_retried);
/** The place has a new worker, since now. */
void mproc__obituary_replaced(const struct worker *successor);
void mproc__obituaries_close(mproc_pool *pool);

#endif
