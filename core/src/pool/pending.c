/* The queue while priorities are in use: where each of them ends. */
#include "pool/pending.h"
#include "pool/job.h"
#include "pool/job_list.h"
#include "pool/pool.h"

#define OLDEST_ASKED 512u

static int rank_of(const struct job *job)
{
    return job->priority - JOB_PRIORITY_MIN;
}

static struct job *last_from(const mproc_pool *pool, int rank)
{
    uint64_t ranks = pool->ranks >> rank;
    return ranks != 0 ? pool->last_of_rank[rank + __builtin_ctzll(ranks)] : NULL;
}

static void note_last(mproc_pool *pool, int rank, struct job *job)
{
    pool->ranks |= 1ull << rank;
    pool->last_of_rank[rank] = job;
}

/* What is queued before the first priority comes has none. */
static void rank(mproc_pool *pool)
{
    if (pool->is_ranked)
        return;
    pool->is_ranked = true;
    pool->ranks = 0;
    if (pool->pending.tail != NULL)
        note_last(pool, rank_of(pool->pending.tail), pool->pending.tail);
}

/* Of those of one priority, from this on. */
static int64_t oldest_of_rank(const struct job *first)
{
    int64_t oldest = INT64_MAX;
    unsigned left = OLDEST_ASKED;
    for (const struct job *job = first; job != NULL && rank_of(job) == rank_of(first) && left-- > 0; job = job->next)
        oldest = job->submitted < oldest ? job->submitted : oldest;
    return oldest;
}

int64_t mproc__pending_oldest(const mproc_pool *pool)
{
    int64_t oldest = INT64_MAX;
    const struct job *first = pool->pending.head;
    while (first != NULL) {
        int64_t one = oldest_of_rank(first);
        oldest = one < oldest ? one : oldest;
        first = pool->is_ranked ? pool->last_of_rank[rank_of(first)]->next : NULL;
    }
    return oldest;
}

void mproc__pending_push_ranked(mproc_pool *pool, struct job *job)
{
    rank(pool);
    job_list_insert(&pool->pending, last_from(pool, rank_of(job)), job);
    note_last(pool, rank_of(job), job);
}

void mproc__pending_push_front_ranked(mproc_pool *pool, struct job *job)
{
    rank(pool);
    job_list_insert(&pool->pending, last_from(pool, rank_of(job) + 1), job);
    if ((pool->ranks >> rank_of(job) & 1) == 0)
        note_last(pool, rank_of(job), job);
}

void mproc__pending_remove_ranked(mproc_pool *pool, struct job *job)
{
    int rank = rank_of(job);
    if (pool->last_of_rank[rank] == job) {
        pool->last_of_rank[rank] = job->previous;
        if (job->previous == NULL || job->previous->priority != job->priority)
            pool->ranks &= ~(1ull << rank);
    }
    job_list_remove(&pool->pending, job);
    /* None is in use any more. */
    pool->is_ranked = pool->pending.head != NULL;
}
