/* One job: its argument while it waits, its outcome when it is done. */
#include "pool/job.h"
#include "base/copy.h"
#include "pool/pool.h"
#include "pool/remains.h"
#include "pool/span_code.h"
#include <stdio.h>
#include <string.h>

void mproc__job_set_group(struct job *job, struct job *group)
{
    job_extra(job)->group = group;
    job->function = group->function;
    job->ref = group->ref;
    job->site = group->site;
    job_set_terms(job, job_terms(group));
}

static void give_span(struct job *job, uint64_t span)
{
    if (job->has_extra || span != 0)
        job_extra(job)->span = span;
}

void mproc__job_give_argument(struct job *job, const struct payload *argument)
{
    job->argument = argument->data;
    job->argument_size = argument->size;
    job->argument_place = (uint8_t)argument->place;
    give_span(job, argument->span);
    if (argument->place != PLACE_JOB)
        return;
    if (argument->size > 0)
        mproc__copy_few(job->small, argument->data, argument->size);
    job->argument = job->small;
}

int mproc__job_set_argument(struct job *job, const void *data, size_t size)
{
    struct payload argument;
    int code = mproc__payload_copy((mproc_view){ data, size }, &argument);
    if (code == 0)
        mproc__job_give_argument(job, &argument);
    return code;
}

mproc_view mproc__job_argument(const struct job *job, size_t index)
{
    if (job->kind != JOB_KIND_CHUNK)
        return (mproc_view){ job->argument, job->argument_size };
    const struct batch *batch = job->extra.group->extra.batch;
    return (mproc_view){ batch->in + (job->extra.item + index) * batch->in_size, batch->in_size };
}

void mproc__job_free_argument(struct job *job)
{
    const struct payload argument = { job->argument_place, job->argument, job->argument_size, job->extra.span };
    mproc__payload_free(&argument);
    job->argument_place = PLACE_JOB;
}

int mproc__job_keep_value(struct job *job, const struct payload *value)
{
    struct payload kept = *value;
    int code = mproc__payload_keep(&kept);
    if (code < 0)
        return code;
    job->value = kept.data;
    job->value_size = kept.size;
    job->value_place = (uint8_t)kept.place;
    give_span(job, kept.span);
    return 0;
}

struct payload mproc__job_value(const struct job *job)
{
    return (struct payload){ job->value_place, job->value, job->value_size, job->extra.span };
}

bool mproc__job_is_done(const struct job *job)
{
    /* Acquire: pairs with the release in mproc__job_finish; the outcome may be read without the lock then. */
    return atomic_load_explicit(&job->state, memory_order_acquire) == JOB_DONE;
}

static bool is_of_a_name(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* How long the text at the call is up to its first comma, if that is a name; else 0. */
static size_t name_length(const char *site)
{
    size_t length = 0;
    while (is_of_a_name(site[length]))
        length++;
    return site[length] == ',' || site[length] == '\0' ? length : 0;
}

/* Whether the text at the call begins with this name, which is that of the call before as a rule. */
static bool begins_with(const char *site, const char *name, size_t length)
{
    return length > 0 && strncmp(site, name, length) == 0 && (site[length] == ',' || site[length] == '\0');
}

void mproc__site_function(const char *site, char *ret_text, size_t capacity)
{
    size_t length = site != NULL ? name_length(site) : 0;
    snprintf(ret_text, capacity, "%.*s", length < capacity ? (int)length : 0, length > 0 ? site : "");
}

/* The function is what the text at the call says, or what the symbol table knows of it. */
const char *mproc__job_function_name(const struct job *job)
{
    static _Thread_local char text[128];
    static _Thread_local size_t length; /* of the text, if it is from a call */
    if (job->site != NULL && begins_with(job->site, text, length))
        return text;
    mproc__site_function(job->site, text, sizeof text);
    length = strlen(text);
    if (length == 0)
        platform_symbol_name((const void *)(uintptr_t)job->function, text, sizeof text);
    return text;
}

int64_t mproc__job_item(const struct job *job)
{
    return job->extra.group != NULL || job->in_iter ? (int64_t)job->extra.item : -1;
}

/* A call or chunk is an item of what it is part of; of a map or batch it is the first that failed. */
static int64_t item_of(const struct job *job, int code)
{
    return job->extra.batch != NULL && code < 0 ? (int64_t)job->extra.batch->first_failed : mproc__job_item(job);
}

static int64_t span_ns(uint16_t code)
{
    return code == 0 ? 0 : platform_ticks_ns(span_ticks(code));
}

void mproc__job_outcome(const struct job *job, mproc_outcome *ret_outcome)
{
    bool run = job->worker >= 0;
    /* Acquire: pairs with the release of a failing callback's code; its failure is there when the code is. */
    int code = atomic_load_explicit(&job->code, memory_order_acquire);
    const struct failure *failure = code < 0 ? job->extra.failure : NULL;
    *ret_outcome = (mproc_outcome){
        .code = code,
        .message = failure != NULL ? failure->message
                   : code == 0     ? ""
                                   : mproc_error_text(code),
        .function = mproc__job_function_name(job),
        .where = job->site != NULL ? job->site + strlen(job->site) + 1 : "",
        .item = item_of(job, code),
        .pid = job->pid,
        .worker = job->worker,
        .attempt = run ? job->attempt : 0,
        .exit_code = failure != NULL ? failure->exit_code : 0,
        .wait_ns = job->wait_ns,
        .run_ns = job->run_ns,
        .stack = mproc__remains_stack(failure != NULL ? failure->remains : NULL),
        .saved_task = mproc__remains_path(failure != NULL ? failure->remains : NULL),
        .id = job->number,
        .queued_ns = span_ns(job->queued),
        .copy_ns = span_ns(job->copied),
        .return_ns = span_ns(job->returned),
    };
    if (code == 0)
        ret_outcome->value = (mproc_view){ job->value, job->value_size };
}
