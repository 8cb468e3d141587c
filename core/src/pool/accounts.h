/* What the tasks of each function have done, and which tasks took longest: kept for pools that were made with
 * .statistics, and where their jobs go out, come back and end. Private memory of the parent, bounded, guarded by the
 * pool's lock, which is held in all calls but for making and freeing.
 */
#ifndef MPROC_POOL_ACCOUNTS_H
#define MPROC_POOL_ACCOUNTS_H

#include "pool/function_index.h"
#include "pool/histogram.h"
#include "pool/job.h"
#include "pool/link.h"
#include "pool/pool.h"
#include "pool/span_code.h"

/** Whose call a job is. Copies, since the module that holds the texts may be gone when somebody asks. */
struct call_name {
    any_function *function;
    char text[MPROC_STATS_NAME_BYTES]; /**< "": the call does not say; the symbol table may */
    char where[MPROC_STATS_PLACE_BYTES];
};

struct function_account {
    struct call_name name;
    uint64_t succeeded, failed, cancelled;
    uint64_t died, retried;
    uint64_t chunks, items;
    int64_t queued, copied, returned; /**< by platform_ticks */
    struct histogram run, wait;
    uint64_t run_told; /**< how many runs there were when those who watch were last told of them */
};

struct slow_account {
    struct call_name name;
    mproc_slow_task task; /**< but for the names and how long ago it ended */
    int64_t ended;        /**< by platform_ticks */
};

struct accounts;

/** Makes accounts of nothing, if the pool is to keep any. 0 or MPROC_E_NO_MEMORY. */
int mproc__accounts_open(mproc_pool *pool);
void mproc__accounts_close(mproc_pool *pool);

static inline bool accounts_are_kept(const mproc_pool *pool)
{
    return pool->accounts != NULL;
}

/** Whose call the job is, as far as that can be said under the lock. */
void mproc__call_name(const struct job *job, struct call_name *ret_name);

/* What happens, as notes.h tells it, in a pool that keeps accounts. */

/** A call has returned, and its job knows how long it had waited. */
void mproc__accounts_call(const struct worker *worker, const struct completion *completion);
/** A chunk has been run to its end; its items are told of by themselves. */
void mproc__accounts_chunk(const struct worker *worker, const struct completion *completion);
/** So many items of a chunk have been run to their ends. */
void mproc__accounts_items(const struct job *chunk, uint64_t count);
/** A worker has ended and the job it was running with it, which is tried again or not. */
void mproc__accounts_death(const struct job *job, bool retried);
/** A call or map has ended in whatever way. */
void mproc__accounts_end(const struct job *job, int code);

/** How many functions there are, and the account of one of them. */
size_t mproc__accounts_count(const struct accounts *accounts);
const struct function_account *mproc__accounts_at(const struct accounts *accounts, size_t index);
/** Whether that function has run since this was asked of it last. */
bool mproc__accounts_has_run(struct accounts *accounts, size_t index);
/** Which function that is; false of the last entry, if it is that of all others. */
bool mproc__accounts_key(const struct accounts *accounts, size_t index, struct function_key *ret_key);
/** What an account says, but for the names. */
void mproc__accounts_read(const struct function_account *account, mproc_function_stats *ret_stats);
/** How many of the slowest there are, and one of them, from the slowest on. */
size_t mproc__accounts_slow_count(const struct accounts *accounts);
const struct slow_account *mproc__accounts_slow_at(const struct accounts *accounts, size_t index);

#endif
