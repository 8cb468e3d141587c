#include "pool/failed.h"
#include "base/error.h"
#include "pool/function_names.h"
#include "pool/job_table.h"
#include "pool/pool.h"
#include <stdlib.h>
#include <string.h>

/* What a job was called with. Of its place in the program nothing is kept: that lies in a module which may be gone by
 * then. What was known of the function is found by its number. */
struct failed_task {
    uint64_t number; /* 0: nothing is here */
    any_function *function;
    struct function_ref ref;
    struct function_ref code; /* what the function was then: another one may lie at its address */
    struct job_terms terms;
    struct payload argument;
    unsigned char small[TASK_INLINE_BYTES]; /* in which it lies while it is small */
};

struct failed_tasks {
    uint64_t count; /* of all that were kept; the next one comes to lie at that number, modulo FAILED_KEPT */
    size_t bytes;   /* of the arguments of those that are here */
    struct failed_task kept[FAILED_KEPT];
};

/* ---- Keeping ---- */

/* One that was left to a worker, or dropped for a value that found no room then, is not the job's any more. */
static bool has_argument(const struct job *job)
{
    return job->argument != NULL && (job->argument_place != PLACE_JOB || job->argument_size <= TASK_INLINE_BYTES);
}

bool mproc__failed_is_kept(const struct job *job)
{
    return job->pool->options.monitor_control != 0 && job->kind == JOB_KIND_CALL && job->extra.handles == NULL &&
           job->argument_size <= FAILED_BYTES && has_argument(job);
}

static void forget(struct failed_tasks *failed, struct failed_task *task)
{
    if (task->number == 0)
        return;
    failed->bytes -= task->argument.size;
    mproc__payload_free(&task->argument);
    task->number = 0;
}

/* The oldest go until there is room. The one at the next place is the oldest of all. */
static struct failed_task *make_place(struct failed_tasks *failed, size_t bytes)
{
    struct failed_task *place = &failed->kept[failed->count++ % FAILED_KEPT];
    forget(failed, place);
    for (uint64_t i = failed->count; failed->bytes + bytes > FAILED_BYTES; i++)
        forget(failed, &failed->kept[i % FAILED_KEPT]);
    return place;
}

/* What lies in the job is copied, anything else changes its owner. */
static void move_argument(struct failed_task *task, struct job *job)
{
    task->argument =
        (struct payload){ (enum place)job->argument_place, job->argument, job->argument_size, job->extra.span };
    if (job->argument_place == PLACE_JOB && job->argument_size > 0)
        memcpy(task->small, job->argument, job->argument_size);
    job->argument_place = PLACE_JOB;
    job->argument = NULL;
}

void mproc__failed_keep(struct job *job)
{
    mproc_pool *pool = job->pool;
    struct function_ref code;
    if (!mproc__failed_is_kept(job) || mproc__function_to_ref(job->function, &code) < 0)
        return;
    if (pool->failed == NULL)
        pool->failed = calloc(1, sizeof *pool->failed);
    if (pool->failed == NULL)
        return;
    /* While what it is called can still be read. */
    mproc__function_number(job);
    struct failed_task *task = make_place(pool->failed, job->argument_size);
    *task = (struct failed_task){
        .number = job->number, .function = job->function, .ref = job->ref, .code = code, .terms = job_terms(job)
    };
    pool->failed->bytes += job->argument_size;
    move_argument(task, job);
}

/* ---- Once more ---- */

static struct failed_task *find(struct failed_tasks *failed, uint64_t number)
{
    for (unsigned i = 0; failed != NULL && number != 0 && i < FAILED_KEPT; i++)
        if (failed->kept[i].number == number)
            return &failed->kept[i];
    return NULL;
}

bool mproc__failed_has(const mproc_pool *pool, uint64_t number)
{
    return find(pool->failed, number) != NULL;
}

static bool is_still_there(const struct failed_task *task)
{
    struct function_ref code;
    return mproc__function_to_ref(task->function, &code) == 0 && code.module == task->code.module &&
           code.offset == task->code.offset;
}

/* The argument is the job's from now on. */
static void give_all(struct failed_task *task, struct job *job)
{
    struct payload argument = task->argument;
    if (argument.place == PLACE_JOB)
        argument.data = task->small;
    job->kind = JOB_KIND_CALL;
    job->function = task->function;
    job->ref = task->ref;
    job_set_terms(job, task->terms);
    mproc__job_give_argument(job, &argument);
    job->pool->failed->bytes -= task->argument.size;
    task->number = 0;
}

int mproc__failed_take(mproc_pool *pool, uint64_t number, struct job **ret_job)
{
    struct failed_task *task = find(pool->failed, number);
    if (task == NULL)
        return mproc__error(MPROC_E_NOT_FOUND, "%s has no failed task %llu that could be tried again", pool->name,
                            (unsigned long long)number);
    if (!is_still_there(task))
        return mproc__error(MPROC_E_NO_FUNCTION, "the function of task %llu is not loaded any more",
                            (unsigned long long)number);
    struct job *job = mproc__job_new(pool);
    if (job == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a task");
    give_all(task, job);
    *ret_job = job;
    return 0;
}

void mproc__failed_close(mproc_pool *pool)
{
    for (unsigned i = 0; pool->failed != NULL && i < FAILED_KEPT; i++)
        forget(pool->failed, &pool->failed->kept[i]);
    free(pool->failed);
    pool->failed = NULL;
}
