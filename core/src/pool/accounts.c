#include "pool/accounts.h"
#include "base/base.h"
#include <stdlib.h>
#include <string.h>

/* Twice as many as there are functions, so that whoever looks for one that is not there soon finds an empty place. */
#define SLOTS 512u

_Static_assert(SLOTS >= 2 * ACCOUNTS_FUNCTIONS && (SLOTS & (SLOTS - 1)) == 0, "a power of two, half empty");

struct accounts {
    struct function_account *last; /* that was looked for: mostly it is the next, too */
    size_t count;                  /* in the table */
    uint16_t slots[SLOTS];         /* 0: empty; else one more than an index in the table */
    struct function_account *table[ACCOUNTS_FUNCTIONS];
    bool has_others;
    struct function_account others; /* those for which there was no room, or no memory */
    size_t slow_count;
    int64_t slow_ns; /* of the last of the slowest; a task that took no longer is none of them */
    struct slow_account slowest[MPROC_SLOWEST_TASKS];
};

struct accounts *mproc__accounts_new(void)
{
    struct accounts *accounts = calloc(1, sizeof *accounts);
    if (accounts == NULL)
        return NULL;
    accounts->last = &accounts->others;
    accounts->slow_ns = -1;
    return accounts;
}

void mproc__accounts_free(struct accounts *accounts)
{
    if (accounts == NULL)
        return;
    for (size_t i = 0; i < accounts->count; i++)
        free(accounts->table[i]);
    free(accounts);
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

static bool is_of(const struct function_account *account, const struct job *job)
{
    return account->name.function == job->function && account->module == job->ref.module;
}

static struct function_account *new_function(struct accounts *accounts, const struct job *job, size_t slot)
{
    if (accounts->count == ACCOUNTS_FUNCTIONS)
        return NULL;
    struct function_account *account = calloc(1, sizeof *account);
    if (account == NULL)
        return NULL;
    mproc__call_name(job, &account->name);
    account->module = job->ref.module;
    accounts->table[accounts->count++] = account;
    accounts->slots[slot] = (uint16_t)accounts->count;
    return account;
}

/* From the place that its address gives on, until it or an empty place is found. */
static struct function_account *look_up(struct accounts *accounts, const struct job *job)
{
    size_t slot = (size_t)((uintptr_t)job->function * 0x9e3779b97f4a7c15u >> 20) % SLOTS;
    for (; accounts->slots[slot] != 0; slot = (slot + 1) % SLOTS) {
        struct function_account *account = accounts->table[accounts->slots[slot] - 1];
        if (is_of(account, job))
            return account;
    }
    struct function_account *made = new_function(accounts, job, slot);
    if (made != NULL)
        return made;
    accounts->has_others = true;
    return &accounts->others;
}

static struct function_account *find(struct accounts *accounts, const struct job *job)
{
    if (!is_of(accounts->last, job))
        accounts->last = look_up(accounts, job);
    return accounts->last;
}

size_t mproc__accounts_count(const struct accounts *accounts)
{
    return accounts->count + accounts->has_others;
}

const struct function_account *mproc__accounts_at(const struct accounts *accounts, size_t index)
{
    return index < accounts->count ? accounts->table[index] : &accounts->others;
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
                                     .items = job->kind == JOB_KIND_CHUNK ? job->item_count : 1,
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
