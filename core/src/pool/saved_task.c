#include "pool/saved_task.h"
#include "base/error.h"
#include "base/function.h"
#include "base/log.h"
#include "base/ready.h"
#include "pool/pool.h"
#include "pool/saved_task_layout.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A name may be taken by the file of an earlier process that had the same number. */
#define NAMES_TRIED 100

int mproc__saved_task_open(mproc_pool *pool)
{
    const char *given = pool->options.crash_directory;
    if (given == NULL)
        return 0;
    pool->crash_directory = malloc(strlen(given) + 1);
    if (pool->crash_directory == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a directory's name");
    strcpy(pool->crash_directory, given);
    pool->options.crash_directory = pool->crash_directory;
    return 0;
}

void mproc__saved_task_close(mproc_pool *pool)
{
    free(pool->crash_directory);
    pool->crash_directory = NULL;
}

static void describe(const struct job *job, size_t index, size_t size, struct saved_task *ret_header)
{
    const mproc_pool *pool = job->pool;
    bool is_item = job->kind == JOB_KIND_CHUNK;
    *ret_header = (struct saved_task){
        .magic = SAVED_TASK_MAGIC,
        .version = SAVED_TASK_VERSION,
        .kind = is_item ? SAVED_ITEM : SAVED_CALL,
        .program = mproc__program_key(),
        .function = job->ref,
        .argument_size = size,
        .out_size = is_item ? job->extra.group->extra.batch->out_size : 0,
        .initializer_size = pool->options.initializer_args.size,
        .task = job->number,
        .item = is_item ? (int64_t)(job->extra.item + index) : -1,
        .attempt = job->attempt,
        .worker = job->worker,
    };
    if (pool->options.initializer != NULL)
        mproc__function_to_ref((any_function *)pool->options.initializer, &ret_header->initializer);
    snprintf(ret_header->name, sizeof ret_header->name, "%.63s", mproc__job_function_name(job));
}

static int write_under(const struct job *job, const mproc_view *parts, int part_count, char *path, size_t capacity)
{
    int code = MPROC_E_EXISTS;
    for (int i = 0; i < NAMES_TRIED && code == MPROC_E_EXISTS; i++) {
        char more[16] = "";
        if (i > 0)
            snprintf(more, sizeof more, "-%d", i + 1);
        snprintf(path, capacity, "%s/task-%lld-%llu%s.mproc", job->pool->crash_directory, (long long)job->pid,
                 (unsigned long long)job->number, more);
        code = platform_file_create(path, parts, part_count);
    }
    return code;
}

char *mproc__saved_task_write(const struct job *job, size_t index)
{
    const mproc_pool *pool = job->pool;
    if (pool->crash_directory == NULL)
        return NULL;
    struct saved_task header;
    mproc_view argument = mproc__job_argument(job, index);
    describe(job, index, argument.size, &header);
    mproc_view parts[] = { { &header, sizeof header }, argument, pool->options.initializer_args };
    size_t capacity = strlen(pool->crash_directory) + 80;
    char *path = malloc(capacity);
    int code = path != NULL ? write_under(job, parts, 3, path, capacity) : MPROC_E_NO_MEMORY;
    if (code == 0)
        return path;
    mproc__log(MPROC_LOG_WARNING, "%s: a task could not be saved: %s", pool->name, platform_error_text());
    free(path);
    return NULL;
}
