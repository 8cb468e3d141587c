/* What one place of a pool has seen: how many workers have lived there, how long the present one took to start, what
 * all of them have done and how the last one ended. It stays when a worker goes. Guarded by the pool's lock.
 */
#ifndef MPROC_POOL_WORKER_ACCOUNT_H
#define MPROC_POOL_WORKER_ACCOUNT_H

#include <mproc/stats.h>

struct worker_account {
    uint64_t tasks, chunks; /**< that returned; chunks are tasks, too */
    uint64_t failed;        /**< of these and of the items of chunks */
    int64_t busy_ns;        /**< in functions that returned */
    int64_t lives;
    /* Of the present one, by platform_ticks: when its start began, when it was ready, or 0. */
    int64_t begun, ready;
    uint64_t tasks_before; /**< of those that lived there before it */
    int64_t start_ns, init_ns;
    int64_t ready_ns; /**< for how long those before it were ready, in all */
    int64_t exit_code;
    char end[MPROC_STATS_END_BYTES];
};

/** A life begins, whose start was begun then. */
void mproc__worker_account_begin(struct worker_account *account, int64_t begun);
/** The worker is ready since then, as it says, and has spent so much in its initializer. */
void mproc__worker_account_ready(struct worker_account *account, int64_t ready, int64_t init_ticks);
/** For how long it has been ready; 0: it never was. */
int64_t mproc__worker_account_age(const struct worker_account *account);
/** It has ended, in this way. */
void mproc__worker_account_end(struct worker_account *account, int64_t exit_code, const char *text);
/** What the account says at that time, of a worker that has been running what it runs now for so long. All else is left
 * as it was. */
void mproc__worker_account_read(const struct worker_account *account, int64_t now, int64_t running_ns,
                                mproc_worker_stats *ret_stats);

#endif
