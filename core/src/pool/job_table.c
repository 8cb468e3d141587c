/* Every task of the process in one table, so that a result handle can name a task by number and generation instead
 * of pointing at it: a handle used after free is recognised, whatever the memory holds by then. */
#include "pool/job_table.h"
#include "base/error.h"
#include "pool/job.h"
#include "pool/pool.h"
#include "pool/remains.h"
#include <stdlib.h>
#include <string.h>

#define SLAB_JOBS  256u
#define SLAB_BYTES (SLAB_JOBS * sizeof(struct job))
#define SLABS      65536u
/* Made ready at a time: some pages of the slab, and a pool of few tasks touches no others. */
#define READY_JOBS 32u
/* Of a pool's, looked through at a time. */
#define SEARCH_SLABS 16u
#define INDEX_BITS   (sizeof(uintptr_t) >= 8 ? 25 : 20)
#define INDEX_MASK   (((uintptr_t)1 << INDEX_BITS) - 1)

_Static_assert(SLAB_JOBS % READY_JOBS == 0, "nothing of a slab is left over");

/* Jobs of one pool at a time, which hands them out and takes them back under its own lock alone. When the pool goes the
 * system gets the memory, though not the addresses: a handle used after free is still looked up there. */
struct slab {
    struct job *_Atomic jobs; /**< SLAB_JOBS of them, or NULL */
    uint32_t generation;      /**< no handle to one of them has a higher one */
    uint32_t next;            /**< in the list it is in: the number of a slab, from 1 on, or 0 */
};

static struct {
    platform_mutex lock;
    uint32_t count;
    uint32_t free; /**< the first slab that no pool has, by its number, or 0 */
} table = { .lock = PLATFORM_MUTEX_INIT };

static PLATFORM_APART struct slab slabs[SLABS];

static struct slab *slab_of(uint32_t number)
{
    return &slabs[number - 1];
}

void mproc__job_table_adopt(void)
{
    for (uint32_t i = 0; i < table.count; i++)
        atomic_store_explicit(&slabs[i].jobs, NULL, memory_order_relaxed);
    /* count stays: what the parent's handles name is nobody's here. */
    table.free = 0;
    platform_mutex_init(&table.lock);
}

static uint32_t map_slab(void)
{
    void *jobs;
    if (table.count == SLABS || ((uintptr_t)table.count + 1) * SLAB_JOBS >= INDEX_MASK)
        return 0;
    if (platform_private_map(SLAB_BYTES, &jobs) < 0)
        return 0;
    struct slab *slab = slab_of(++table.count);
    slab->generation = 0;
    /* Release: pairs with the acquire in find_index, which runs without a lock. */
    atomic_store_explicit(&slab->jobs, jobs, memory_order_release);
    return table.count;
}

static uint32_t take_slab(void)
{
    platform_mutex_lock(&table.lock);
    uint32_t number = table.free;
    if (number != 0)
        table.free = slab_of(number)->next;
    else
        number = map_slab();
    platform_mutex_unlock(&table.lock);
    return number;
}

static bool add_slab(mproc_pool *pool)
{
    uint32_t number = take_slab();
    if (number == 0)
        return false;
    struct slab *slab = slab_of(number);
    if (pool->generation <= slab->generation)
        pool->generation = slab->generation + 1;
    slab->next = pool->slabs;
    pool->slabs = number;
    pool->ready_jobs = 0;
    return true;
}

/* What an earlier pool has left in the jobs is all zero, or cleared as job_free does. */
static void add_jobs(mproc_pool *pool)
{
    if ((pool->slabs == 0 || pool->ready_jobs == SLAB_JOBS) && !add_slab(pool))
        return;
    const struct slab *slab = slab_of(pool->slabs);
    /* Relaxed: the lock of the table orders it after map_slab's store. */
    struct job *jobs = atomic_load_explicit(&slab->jobs, memory_order_relaxed);
    for (uint32_t i = pool->ready_jobs + READY_JOBS; i-- > pool->ready_jobs;) {
        jobs[i].index = (pool->slabs - 1) * SLAB_JOBS + i;
        /* Relaxed: no handle has this generation yet. */
        atomic_store_explicit(&jobs[i].generation, slab->generation + 1, memory_order_relaxed);
        jobs[i].next = pool->free_jobs;
        pool->free_jobs = &jobs[i];
    }
    pool->ready_jobs += READY_JOBS;
}

void mproc__job_table_return(mproc_pool *pool)
{
    uint32_t first = pool->slabs, last = 0;
    for (uint32_t number = first; number != 0; number = slab_of(number)->next) {
        struct slab *slab = slab_of(number);
        slab->generation = pool->generation;
        platform_private_discard(atomic_load_explicit(&slab->jobs, memory_order_relaxed), SLAB_BYTES);
        last = number;
    }
    if (first == 0)
        return;
    platform_mutex_lock(&table.lock);
    slab_of(last)->next = table.free;
    table.free = first;
    platform_mutex_unlock(&table.lock);
}

struct job *mproc__job_new(mproc_pool *pool)
{
    if (pool->free_jobs == NULL)
        add_jobs(pool);
    struct job *job = pool->free_jobs;
    if (job == NULL)
        return NULL;
    pool->free_jobs = job->next;
    job_prefetch(pool->free_jobs);
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

static void free_extra(struct job_extra *extra)
{
    if (extra->failure != NULL)
        mproc__remains_put(extra->failure->remains);
    free(extra->failure);
    free_batch(extra->batch);
    for (struct callback *call = extra->callbacks, *next; call != NULL; call = next) {
        next = call->next;
        free(call);
    }
    *extra = (struct job_extra){ 0 };
}

void mproc__job_end_handle(struct job *job)
{
    uint32_t generation = atomic_load_explicit(&job->generation, memory_order_relaxed) + 1;
    /* Release: before what job_free changes then, so that a stale handle fails whatever it reads after. */
    atomic_store_explicit(&job->generation, generation, memory_order_release);
    if (job->pool->generation < generation)
        job->pool->generation = generation;
}

void mproc__job_free(struct job *job)
{
    mproc_pool *pool = job->pool;
    job_drop_argument(job);
    if (job->value_place != PLACE_JOB) {
        const struct payload value = mproc__job_value(job);
        mproc__payload_free(&value);
    }
    if (job->has_extra)
        free_extra(&job->extra);
    mproc__job_end_handle(job);
    memset((char *)job + offsetof(struct job, kind), 0, offsetof(struct job, small) - offsetof(struct job, kind));
    job_move(job, JOB_FREE, memory_order_release);
    job->next = pool->free_jobs;
    pool->free_jobs = job;
    pool->references--;
}

/* ---- By number ---- */

/* Chunks have that of their map. */
static bool has_number(const struct job *job, uint64_t number)
{
    uint32_t state = atomic_load_explicit(&job->state, memory_order_relaxed);
    return (state == JOB_PENDING || state == JOB_SENT) && job->number == number && job->kind != JOB_KIND_CHUNK;
}

static struct job *find_number(struct job *jobs, uint64_t number)
{
    for (unsigned i = 0; i < SLAB_JOBS; i++)
        if (has_number(&jobs[i], number))
            return &jobs[i];
    return NULL;
}

/* Jobs that are about to be submitted have the number 0. */
struct job *mproc__job_search(const mproc_pool *pool, uint64_t number, struct job_search *search)
{
    struct job *job = NULL;
    if (!search->is_begun)
        *search = (struct job_search){ .is_begun = true, .slab = number != 0 ? pool->slabs : 0 };
    for (unsigned i = 0; i < SEARCH_SLABS && search->slab != 0 && job == NULL; i++) {
        const struct slab *slab = slab_of(search->slab);
        job = find_number(atomic_load_explicit(&slab->jobs, memory_order_relaxed), number);
        search->slab = slab->next;
    }
    return job;
}

/* ---- Handles ---- */

mproc_result *mproc__job_handle(const struct job *job)
{
    uintptr_t generation = atomic_load_explicit(&job->generation, memory_order_relaxed);
    return (mproc_result *)(generation << INDEX_BITS | ((uintptr_t)job->index + 1));
}

static struct job *find_index(uintptr_t index)
{
    struct job *jobs = atomic_load_explicit(&slabs[index / SLAB_JOBS % SLABS].jobs, memory_order_acquire);
    if (jobs == NULL)
        return NULL;
    struct job *job = &jobs[index % SLAB_JOBS];
    job_prefetch(job);
    return job;
}

/* Free jobs have a generation as well, which no handle has yet; but for those whose memory was given back: 0. */
static bool is_named_by(const struct job *job, uintptr_t handle)
{
    uintptr_t generation = atomic_load_explicit(&job->generation, memory_order_acquire);
    return generation << INDEX_BITS == (handle & ~INDEX_MASK) &&
           atomic_load_explicit(&job->state, memory_order_acquire) != JOB_FREE;
}

struct job *mproc__job_find(const mproc_result *result, int *ret_code)
{
    /* First of all: a copy of the process does not have the memory. */
    if (platform_is_copy()) {
        *ret_code = mproc__error(MPROC_E_WRONG_PROCESS, "a result belongs to the process that made its pool");
        return NULL;
    }
    uintptr_t handle = (uintptr_t)result;
    struct job *job = (handle & INDEX_MASK) != 0 ? find_index((handle & INDEX_MASK) - 1) : NULL;
    if (job == NULL || !is_named_by(job, handle)) {
        *ret_code = mproc__error(MPROC_E_STALE, "no such result: it was freed, or never made");
        return NULL;
    }
    return job;
}
