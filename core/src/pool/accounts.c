#include "pool/accounts.h"
#include "base/base.h"
#include "base/error.h"
#include "pool/function_index.h"
#include <stdlib.h>
#include <string.h>

struct accounts {
    struct function_index index;
    struct function_account *table[FUNCTIONS_MAX];
    bool has_others;
    struct function_account others; /* those for which there was no room, or no memory */
    size_t slow_count;
    int64_t slow_ns; /* of the last of the slowest; a task that took no longer is none of them */
    struct slow_account slowest[MPROC_SLOWEST_TASKS];
};

int mproc__accounts_open(mproc_pool *pool)
{
    if (pool->options.statistics == 0 && pool->options.monitor <= 0)
        return 0;
    pool->accounts = calloc(1, sizeof *pool->accounts);
    if (pool->accounts == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a pool's statistics");
    pool->accounts->slow_ns = -1;
    pool->listeners++;
    return 0;
}

void mproc__accounts_close(mproc_pool *pool)
{
    struct accounts *accounts = pool->accounts;
    for (size_t i = 0; accounts != NULL && i < accounts->index.count; i++)
        free(accounts->table[i]);
    pool->listeners -= accounts != NULL;
    free(accounts);
    pool->accounts = NULL;
}

/* ---- Names ---- */

void mproc__call_name(const struct job *job, struct call_name *ret_name)
{
    *ret_name = (struct call_name){ .function = job->function };
    mproc__site_function(job->site, ret_name->text, sizeof ret_name->text);
    if (job->site == NULL)
        return;
    const char *where = job->site + strlen(job->site) + 1;
    size_t length = strlen(where), most = sizeof ret_name->where - 1;
    /* Of a long path the end says more. */
    memcpy(ret_name->where, length > most ? where + length - most : where, length > most ? most : length);
}

/* ---- Functions ---- */

/* NULL without memory. */
static struct function_account *new_function(struct accounts *accounts, const struct job *job, uint32_t number)
{
    struct function_account *account = calloc(1, sizeof *account);
    if (account == NULL) {
        mproc__function_forget_last(&accounts->index);
        return NULL;
    }
    mproc__call_name(job, &account->name);
    accounts->table[number] = account;
    return account;
}

static struct function_account *find(struct accounts *accounts, const struct job *job)
{
    const struct function_key key = function_key_of(job);
    uint32_t count = accounts->index.count, number = function_find(&accounts->index, &key);
    struct function_account *account = NULL;
    if (number < count)
        return accounts->table[number];
    if (number < FUNCTIONS_MAX)
        account = new_function(accounts, job, number);
    if (account != NULL)
        return account;
    accounts->has_others = true;
    return &accounts->others;
}

size_t mproc__accounts_count(const struct accounts *accounts)
{
    return accounts->index.count + accounts->has_others;
}

const struct function_account *mproc__accounts_at(const struct accounts *accounts, size_t index)
{
    return index < accounts->index.count ? accounts->table[index] : &accounts->others;
}

bool mproc__accounts_has_run(struct accounts *accounts, size_t index)
{
    struct function_account *account = index < accounts->index.count ? accounts->table[index] : &accounts->others;
    bool has_run = account->run.count != account->run_told;
    account->run_told = account->run.count;
    return has_run;
}

bool mproc__accounts_key(const struct accounts *accounts, size_t index, struct function_key *ret_key)
{
    if (index < accounts->index.count)
        *ret_key = accounts->index.keys[index];
    return index < accounts->index.count;
}

void mproc__accounts_read(const struct function_account *account, mproc_function_stats *ret_stats)
{
    *ret_stats = (mproc_function_stats){
        .succeeded = account->succeeded,
        .failed = account->failed,
        .cancelled = account->cancelled,
        .died = account->died,
        .retried = account->retried,
        .chunks = account->chunks,
        .items = account->items,
        .queued_ns = platform_ticks_ns(account->queued),
        .copy_ns = platform_ticks_ns(account->copied),
        .return_ns = platform_ticks_ns(account->returned),
    };
    mproc__histogram_sum_up(&account->run, &ret_stats->run);
    mproc__histogram_sum_up(&account->wait, &ret_stats->wait);
}

/* ---- The slowest ---- */

/* The place for a task that took so long; those that took no less stay before it, and the last gives way. */
static struct slow_account *make_place(struct accounts *accounts, int64_t run_ns)
{
    size_t at = accounts->slow_count < MPROC_SLOWEST_TASKS ? accounts->slow_count++ : MPROC_SLOWEST_TASKS - 1;
    for (; at > 0 && accounts->slowest[at - 1].task.run_ns < run_ns; at--)
        accounts->slowest[at] = accounts->slowest[at - 1];
    return &accounts->slowest[at];
}

static void note_slow(struct accounts *accounts, const struct worker *worker, const struct completion *completion)
{
    const struct job *job = completion->job;
    struct slow_account *place = make_place(accounts, completion->run_ns);
    mproc__call_name(job, &place->name);
    place->ended = completion->ended;
    place->task = (mproc_slow_task){ .id = job->number,
                                     .item = mproc__job_item(job),
                                     .items = job->kind == JOB_KIND_CHUNK ? job->extra.item_count : 1,
                                     .worker = worker->index,
                                     .pid = worker->pid,
                                     .attempt = job->attempt,
                                     .code = completion->code,
                                     .run_ns = completion->run_ns,
                                     .wait_ns = job->wait_ns };
    if (accounts->slow_count == MPROC_SLOWEST_TASKS)
        accounts->slow_ns = accounts->slowest[MPROC_SLOWEST_TASKS - 1].task.run_ns;
}

size_t mproc__accounts_slow_count(const struct accounts *accounts)
{
    return accounts->slow_count;
}

const struct slow_account *mproc__accounts_slow_at(const struct accounts *accounts, size_t index)
{
    return &accounts->slowest[index];
}

/* ---- What happens ---- */

static struct function_account *note_run(const struct worker *worker, const struct completion *completion)
{
    const mproc_pool *pool = worker->pool;
    struct accounts *accounts = pool->accounts;
    struct job *job = completion->job;
    struct function_account *account = find(accounts, job);
    int64_t returned = pool->ticks - completion->ended;
    if (returned > 0) {
        job->returned = span_code(returned);
        account->returned += returned;
    }
    histogram_add(&account->run, completion->run_ns);
    if (unlikely(completion->run_ns > accounts->slow_ns))
        note_slow(accounts, worker, completion);
    return account;
}

void mproc__accounts_call(const struct worker *worker, const struct completion *completion)
{
    struct job *job = completion->job;
    struct function_account *account = note_run(worker, completion);
    int64_t waited = completion->started - job->submitted, queued = span_ticks(job->queued);
    /* A worker begins a task when the one before has ended, which may be a moment before it was sent. */
    if (queued > waited) {
        job->queued = span_code(waited);
        queued = waited > 0 ? waited : 0;
    }
    histogram_add(&account->wait, job->wait_ns);
    account->queued += queued;
    account->copied += span_ticks(completion->copied);
}

void mproc__accounts_chunk(const struct worker *worker, const struct completion *completion)
{
    note_run(worker, completion)->chunks++;
}

void mproc__accounts_items(const struct job *chunk, uint64_t count)
{
    find(chunk->pool->accounts, chunk)->items += count;
}

void mproc__accounts_death(const struct job *job, bool retried)
{
    struct function_account *account = find(job->pool->accounts, job);
    account->died++;
    account->retried += retried;
}

void mproc__accounts_end(const struct job *job, int code)
{
    struct function_account *account = find(job->pool->accounts, job);
    if (code == 0)
        account->succeeded++;
    else if (code == MPROC_E_CANCELLED)
        account->cancelled++;
    else
        account->failed++;
}
