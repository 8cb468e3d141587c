/* One job: its argument while it waits, its outcome when it is done. */
#include "pool/job.h"
#include "base/error.h"
#include "pool/pool.h"
#include "pool/remains.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int mproc__job_check_options(const mproc_task_options *options)
{
    if (options->retries < 0)
        return mproc__error(MPROC_E_INVALID, "%d retries", options->retries);
    /* Attempts are counted from 1 in as many bits. */
    if (options->retries > UINT16_MAX - 1)
        return mproc__error(MPROC_E_LIMIT, "%d retries, at most %d", options->retries, UINT16_MAX - 1);
    return 0;
}

void mproc__job_set_options(struct job *job, const mproc_task_options *options)
{
    job->retries = (uint16_t)options->retries;
}

void mproc__job_set_group(struct job *job, struct job *group)
{
    job->group = group;
    job->function = group->function;
    job->ref = group->ref;
    job->site = group->site;
    job->retries = group->retries;
}

void mproc__job_give_argument(struct job *job, const struct payload *argument)
{
    job->argument = argument->data;
    job->argument_size = argument->size;
    job->argument_place = (uint8_t)argument->place;
    job->span = argument->span;
    if (argument->place != PLACE_JOB)
        return;
    if (argument->size > 0)
        memcpy(job->small, argument->data, argument->size);
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

void mproc__job_drop_argument(struct job *job)
{
    if (job->argument_place != PLACE_JOB) {
        const struct payload argument = { job->argument_place, job->argument, job->argument_size, job->span };
        mproc__payload_free(&argument);
    }
    job->argument_place = PLACE_JOB;
    job->argument = NULL;
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
    job->span = kept.span;
    return 0;
}

struct payload mproc__job_value(const struct job *job)
{
    return (struct payload){ job->value_place, job->value, job->value_size, job->span };
}

bool mproc__job_is_done(const struct job *job)
{
    /* Acquire: pairs with the release in mproc__job_finish; the outcome may be read without the lock then. */
    return atomic_load_explicit(&job->state, memory_order_acquire) == JOB_DONE;
}

/* The text at the call up to its first comma is the function, if it is a name; else the symbol table is asked. */
const char *mproc__job_function_name(const struct job *job)
{
    static _Thread_local char text[128];
    size_t length = 0;
    if (job->site != NULL)
        length = strcspn(job->site, ",");
    bool name = length > 0 && length < sizeof text;
    for (size_t i = 0; i < length && name; i++)
        name = job->site[i] == '_' || (job->site[i] >= '0' && job->site[i] <= '9') ||
               (job->site[i] >= 'a' && job->site[i] <= 'z') || (job->site[i] >= 'A' && job->site[i] <= 'Z');
    if (name)
        snprintf(text, sizeof text, "%.*s", (int)length, job->site);
    else
        platform_symbol_name((const void *)(uintptr_t)job->function, text, sizeof text);
    return text;
}

/* A call or chunk is an item of what it is part of; of a map or batch it is the first that failed. */
static int64_t item_of(const struct job *job, int code)
{
    if (job->group != NULL || job->in_iter)
        return (int64_t)job->item;
    return job->batch != NULL && code < 0 ? (int64_t)job->batch->first_failed : -1;
}

void mproc__job_outcome(const struct job *job, mproc_outcome *ret_outcome)
{
    bool run = job->worker >= 0;
    /* Acquire: pairs with the release of a failing callback's code; its failure is there when the code is. */
    int code = atomic_load_explicit(&job->code, memory_order_acquire);
    const struct failure *failure = code < 0 ? job->failure : NULL;
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
    };
    if (code == 0)
        ret_outcome->value = (mproc_view){ job->value, job->value_size };
}
