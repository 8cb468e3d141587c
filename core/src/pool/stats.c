/* A pool's figures: each call one look at it. */
#include "base/error.h"
#include "base/options.h"
#include "pool/accounts.h"
#include "pool/job.h"
#include "pool/link.h"
#include "pool/pool.h"
#include "pool/service.h"
#include "pool/state.h"
#include "pool/totals.h"
#include "pool/worker_account.h"
#include <string.h>

_Static_assert(STRUCT_ENDS_WITH(mproc_pool_stats, age_ns), "it can grow");
_Static_assert(STRUCT_ENDS_WITH(mproc_worker_stats, end), "it can grow");
_Static_assert(STRUCT_ENDS_WITH(mproc_function_stats, return_ns), "it can grow");
_Static_assert(STRUCT_ENDS_WITH(mproc_slow_task, ended_ns), "it can grow");

/* An array of the program's, whose elements may have another size than here. */
struct list {
    unsigned char *first;
    size_t size, capacity;
};

static void give(const struct list *list, size_t index, const void *filled, size_t size)
{
    if (index < list->capacity)
        mproc__struct_give(list->first + index * list->size, list->size, filled, size);
}

static size_t fitting(const struct list *list, size_t count)
{
    return count < list->capacity ? count : list->capacity;
}

/* Elements whose function only the symbol table can name. It is asked without the lock: the system holds one of its own
 * meanwhile, under which a library's initialiser may submit a task. */
struct unnamed {
    any_function *functions[POOL_MAX_WORKERS];
};

_Static_assert(FUNCTIONS_MAX < POOL_MAX_WORKERS, "there is room for all functions, too");

static void note_name(struct unnamed *unnamed, size_t index, const struct call_name *name, char *ret_function,
                      char *ret_where)
{
    memcpy(ret_function, name->text, sizeof name->text);
    memcpy(ret_where, name->where, sizeof name->where);
    unnamed->functions[index] = name->text[0] == '\0' ? name->function : NULL;
}

/* The name lies so far from the beginning of each element. */
static void name_the_rest(const struct unnamed *unnamed, size_t count, const struct list *list, size_t offset)
{
    for (size_t i = 0; i < fitting(list, count); i++)
        if (unnamed->functions[i] != NULL)
            platform_symbol_name((const void *)(uintptr_t)unnamed->functions[i],
                                 (char *)list->first + i * list->size + offset, MPROC_STATS_NAME_BYTES);
}

/* Takes the lock and looks after the workers, so that what they have done is counted. */
static int begin_look(mproc_pool *pool, const struct list *list, const char *name)
{
    int code = mproc__check_room(list->first, name, list->capacity);
    if (code == 0)
        code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    mproc__pool_service(pool);
    return 0;
}

static int begin_look_at_accounts(mproc_pool *pool, const struct list *list, const char *name)
{
    int code = begin_look(pool, list, name);
    if (code < 0 || pool->accounts != NULL)
        return code;
    platform_mutex_unlock(&pool->lock);
    return mproc__error(MPROC_E_STATE, "%s was made without .statistics", pool->name);
}

static int64_t ago_ns(int64_t now, int64_t ticks)
{
    return now > ticks ? platform_ticks_ns(now - ticks) : 0;
}

/* ---- The pool ---- */

/* Lock held. */
static void give_totals(const mproc_pool *pool, mproc_pool_stats *ret_totals, size_t size)
{
    if (ret_totals == NULL)
        return;
    mproc_pool_stats stats = mproc__totals(pool);
    mproc__struct_give(ret_totals, size, &stats, sizeof stats);
}

int mproc_pool_get_stats_(mproc_pool *pool, mproc_pool_stats *ret_stats, size_t stats_size)
{
    if (ret_stats == NULL)
        return mproc__error_null("ret_stats");
    int code = begin_look(pool, &(struct list){ .capacity = 0 }, "");
    if (code < 0)
        return code;
    give_totals(pool, ret_stats, stats_size);
    platform_mutex_unlock(&pool->lock);
    return 0;
}

/* ---- Workers ---- */

int mproc_pool_get_worker_pids(mproc_pool *pool, int64_t *ret_pids, size_t capacity)
{
    const struct list list = { (unsigned char *)ret_pids, sizeof *ret_pids, capacity };
    int code = begin_look(pool, &list, "ret_pids");
    if (code < 0)
        return code;
    int count = 0;
    for (int i = 0; i < pool->worker_count; i++)
        if (worker_is_up(pool_worker(pool, i)))
            give(&list, (size_t)count++, &pool_worker(pool, i)->pid, sizeof *ret_pids);
    platform_mutex_unlock(&pool->lock);
    return count;
}

/* Jobs run in the order in which they were sent: only the first can be under way. */
static void look_at_task(const struct worker *worker, size_t index, int64_t now, struct unnamed *unnamed,
                         mproc_worker_stats *stats)
{
    const struct job *job = worker->jobs.head;
    struct job_trace trace = { .started = false };
    struct call_name name;
    if (job != NULL)
        trace = link_trace(worker->link, job);
    unnamed->functions[index] = NULL;
    stats->state = mproc__totals_state(worker, trace.started);
    if (!trace.started)
        return;
    mproc__call_name(job, &name);
    note_name(unnamed, index, &name, stats->function, stats->where);
    stats->id = job->number;
    stats->item = mproc__job_item(job);
    stats->items = job->kind == JOB_KIND_CHUNK ? job->extra.item_count : 1;
    stats->attempt = job->attempt;
    stats->running_ns = trace.running_since > 0 ? ago_ns(now, trace.running_since) : 0;
}

static void look_at_workers(const mproc_pool *pool, const struct list *list, struct unnamed *unnamed)
{
    int64_t now = platform_ticks();
    for (size_t i = 0; i < fitting(list, (size_t)pool->worker_count); i++) {
        const struct worker *worker = pool_worker(pool, (int)i);
        mproc_worker_stats stats = { .index = worker->index, .pid = worker->pid, .held = worker->in_flight };
        look_at_task(worker, i, now, unnamed, &stats);
        mproc__worker_account_read(&worker->account, now, stats.running_ns, &stats);
        give(list, i, &stats, sizeof stats);
    }
}

int mproc_pool_get_worker_stats_(mproc_pool *pool, mproc_worker_stats *ret_workers, size_t worker_size, size_t capacity,
                                 mproc_pool_stats *ret_totals, size_t totals_size)
{
    const struct list list = { (unsigned char *)ret_workers, worker_size, capacity };
    struct unnamed unnamed;
    int code = begin_look(pool, &list, "ret_workers");
    if (code < 0)
        return code;
    look_at_workers(pool, &list, &unnamed);
    give_totals(pool, ret_totals, totals_size);
    int count = pool->worker_count;
    platform_mutex_unlock(&pool->lock);
    name_the_rest(&unnamed, (size_t)count, &list, offsetof(mproc_worker_stats, function));
    return count;
}

/* ---- Functions ---- */

static void look_at_functions(const mproc_pool *pool, const struct list *list, struct unnamed *unnamed)
{
    mproc_function_stats stats;
    for (size_t i = 0; i < fitting(list, mproc__accounts_count(pool->accounts)); i++) {
        const struct function_account *account = mproc__accounts_at(pool->accounts, i);
        mproc__accounts_read(account, &stats);
        note_name(unnamed, i, &account->name, stats.function, stats.where);
        give(list, i, &stats, sizeof stats);
    }
}

int mproc_pool_get_function_stats_(mproc_pool *pool, mproc_function_stats *ret_functions, size_t function_size,
                                   size_t capacity, mproc_pool_stats *ret_totals, size_t totals_size)
{
    const struct list list = { (unsigned char *)ret_functions, function_size, capacity };
    struct unnamed unnamed;
    int code = begin_look_at_accounts(pool, &list, "ret_functions");
    if (code < 0)
        return code;
    look_at_functions(pool, &list, &unnamed);
    give_totals(pool, ret_totals, totals_size);
    size_t count = mproc__accounts_count(pool->accounts);
    platform_mutex_unlock(&pool->lock);
    name_the_rest(&unnamed, count, &list, offsetof(mproc_function_stats, function));
    return (int)count;
}

/* Lock held. */
static int list_histogram(const mproc_pool *pool, size_t index, mproc_stats_time which, mproc_histogram_cell *ret_cells,
                          size_t capacity)
{
    size_t count = mproc__accounts_count(pool->accounts);
    if (index >= count)
        return mproc__error(MPROC_E_RANGE, "function %zu of %zu", index, count);
    const struct function_account *account = mproc__accounts_at(pool->accounts, index);
    const struct histogram *histogram = which == MPROC_TIME_RUN ? &account->run : &account->wait;
    return mproc__histogram_list(histogram, ret_cells, capacity);
}

int mproc_pool_get_histogram(mproc_pool *pool, size_t index, mproc_stats_time which, mproc_histogram_cell *ret_cells,
                             size_t capacity)
{
    const struct list list = { (unsigned char *)ret_cells, sizeof *ret_cells, capacity };
    if (which != MPROC_TIME_RUN && which != MPROC_TIME_WAIT)
        return mproc__error(MPROC_E_INVALID, "time %d of a function", (int)which);
    int code = begin_look_at_accounts(pool, &list, "ret_cells");
    if (code < 0)
        return code;
    code = list_histogram(pool, index, which, ret_cells, capacity);
    platform_mutex_unlock(&pool->lock);
    return code;
}

/* ---- Tasks ---- */

static void look_at_slowest(const mproc_pool *pool, const struct list *list, struct unnamed *unnamed)
{
    int64_t now = platform_ticks();
    for (size_t i = 0; i < fitting(list, mproc__accounts_slow_count(pool->accounts)); i++) {
        const struct slow_account *slow = mproc__accounts_slow_at(pool->accounts, i);
        mproc_slow_task task = slow->task;
        task.ended_ns = ago_ns(now, slow->ended);
        note_name(unnamed, i, &slow->name, task.function, task.where);
        give(list, i, &task, sizeof task);
    }
}

int mproc_pool_get_slowest_(mproc_pool *pool, mproc_slow_task *ret_tasks, size_t task_size, size_t capacity)
{
    const struct list list = { (unsigned char *)ret_tasks, task_size, capacity };
    struct unnamed unnamed;
    int code = begin_look_at_accounts(pool, &list, "ret_tasks");
    if (code < 0)
        return code;
    look_at_slowest(pool, &list, &unnamed);
    size_t count = mproc__accounts_slow_count(pool->accounts);
    platform_mutex_unlock(&pool->lock);
    name_the_rest(&unnamed, count, &list, offsetof(mproc_slow_task, function));
    return (int)count;
}
