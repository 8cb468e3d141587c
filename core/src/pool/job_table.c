/* Every task of the process in one table, so that a result handle can name a task by number and generation instead
 * of pointing at it: a handle used after free is recognised, whatever the memory holds by then. */
#include "pool/job_table.h"
#include "base/error.h"
#include "base/ready.h"
#include "pool/job.h"
#include "pool/pool.h"
#include "pool/remains.h"
#include <stdlib.h>
#include <string.h>

#define SLAB_JOBS  256u
#define SLABS      65536u
#define INDEX_BITS (sizeof(uintptr_t) >= 8 ? 25 : 20)
#define INDEX_MASK (((uintptr_t)1 << INDEX_BITS) - 1)

static struct {
    platform_mutex lock;
    uint32_t count;
    struct job *free;
    struct job *_Atomic slabs[SLABS];
} table = { .lock = PLATFORM_MUTEX_INIT };

void mproc__job_table_adopt(void)
{
    for (uint32_t i = 0; i < table.count / SLAB_JOBS; i++)
        atomic_store_explicit(&table.slabs[i], NULL, memory_order_relaxed);
    table.count = 0;
    table.free = NULL;
    platform_mutex_init(&table.lock);
}

/* A slab at a time goes to the pool that asks: tasks are handed out and taken back under the pool's lock alone. */
static struct job *new_slab(void)
{
    uint32_t slab = table.count / SLAB_JOBS;
    if (slab == SLABS || (uintptr_t)table.count + SLAB_JOBS >= INDEX_MASK)
        return NULL;
    struct job *jobs = calloc(SLAB_JOBS, sizeof *jobs);
    if (jobs == NULL)
        return NULL;
    for (uint32_t i = 0; i < SLAB_JOBS; i++) {
        jobs[i].index = table.count + i;
        atomic_init(&jobs[i].generation, 1);
        jobs[i].next = i + 1 < SLAB_JOBS ? &jobs[i + 1] : NULL;
    }
    table.count += SLAB_JOBS;
    /* Release: pairs with the acquire in find_index, which runs without a lock. */
    atomic_store_explicit(&table.slabs[slab], jobs, memory_order_release);
    return jobs;
}

static struct job *take_free_list(void)
{
    platform_mutex_lock(&table.lock);
    struct job *list = table.free;
    table.free = NULL;
    if (list == NULL)
        list = new_slab();
    platform_mutex_unlock(&table.lock);
    return list;
}

void mproc__job_table_return(struct job *list)
{
    if (list == NULL)
        return;
    struct job *last = list;
    while (last->next != NULL)
        last = last->next;
    platform_mutex_lock(&table.lock);
    last->next = table.free;
    table.free = list;
    platform_mutex_unlock(&table.lock);
}

struct job *mproc__job_new(mproc_pool *pool)
{
    if (pool->free_jobs == NULL)
        pool->free_jobs = take_free_list();
    struct job *job = pool->free_jobs;
    if (job == NULL)
        return NULL;
    pool->free_jobs = job->next;
    pool->references++;
    job->pool = pool;
    job->next = NULL;
    job->worker = -1;
    /* Relaxed: only the thread that holds the lock knows this task; its handle is made later. */
    job_move(job, JOB_PENDING, memory_order_relaxed);
    return job;
}

static void free_batch(struct batch *batch)
{
    if (batch == NULL)
        return;
    for (size_t i = 0; batch->items != NULL && i < batch->count && batch->items[i] != NULL; i++)
        mproc__job_free(batch->items[i]);
    free(batch->items);
    for (size_t i = 0; i < batch->failure_count; i++)
        mproc__remains_put(batch->failures[i].remains);
    free(batch->failures);
    free(batch);
}

void mproc__job_end_handle(struct job *job)
{
    uint32_t generation = atomic_load_explicit(&job->generation, memory_order_relaxed) + 1;
    /* Release: before what job_free changes then, so that a stale handle fails whatever it reads after. */
    atomic_store_explicit(&job->generation, generation, memory_order_release);
}

void mproc__job_free(struct job *job)
{
    mproc_pool *pool = job->pool;
    mproc__job_drop_argument(job);
    if (job->value_place != PLACE_JOB) {
        const struct payload value = mproc__job_value(job);
        mproc__payload_free(&value);
    }
    if (job->failure != NULL)
        mproc__remains_put(job->failure->remains);
    free(job->failure);
    free_batch(job->batch);
    for (struct callback *call = job->callbacks, *next; call != NULL; call = next) {
        next = call->next;
        free(call);
    }
    mproc__job_end_handle(job);
    memset((char *)job + offsetof(struct job, kind), 0, offsetof(struct job, small) - offsetof(struct job, kind));
    job_move(job, JOB_FREE, memory_order_release);
    job->next = pool->free_jobs;
    pool->free_jobs = job;
    pool->references--;
}

mproc_result *mproc__job_handle(const struct job *job)
{
    uintptr_t generation = atomic_load_explicit(&job->generation, memory_order_relaxed);
    return (mproc_result *)(generation << INDEX_BITS | ((uintptr_t)job->index + 1));
}

static struct job *find_index(uintptr_t index)
{
    struct job *slab = atomic_load_explicit(&table.slabs[index / SLAB_JOBS % SLABS], memory_order_acquire);
    return slab == NULL ? NULL : &slab[index % SLAB_JOBS];
}

struct job *mproc__job_find(const mproc_result *result, int *ret_code)
{
    uintptr_t handle = (uintptr_t)result;
    struct job *job = (handle & INDEX_MASK) != 0 ? find_index((handle & INDEX_MASK) - 1) : NULL;
    if (job == NULL || mproc__job_handle(job) != result ||
        atomic_load_explicit(&job->state, memory_order_acquire) == JOB_FREE) {
        *ret_code = mproc__error(MPROC_E_STALE, "no such result: it was freed, or never made");
        return NULL;
    }
    if (job->pool->epoch != mproc__process_epoch || platform_is_copy()) {
        *ret_code = mproc__error(MPROC_E_WRONG_PROCESS, "a result belongs to the process that made its pool");
        return NULL;
    }
    return job;
}
