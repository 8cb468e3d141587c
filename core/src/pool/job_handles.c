#include "pool/job_handles.h"
#include "base/error.h"
#include <stdio.h>
#include <stdlib.h>

/* Closed twice, its number could be another's by then. */
static int check_repeated(const mproc_os_handle *handles, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (handles[i] == handles[j])
                return mproc__error(MPROC_E_INVALID, "handle %zu, %lld, is handle %zu as well: it moves once", i,
                                    (long long)handles[i], j);
    return 0;
}

static int check(const mproc_task_options *options)
{
    mproc_handle_mode mode = options->handle_mode;
    if (mode != MPROC_HANDLE_DUP && mode != MPROC_HANDLE_MOVE)
        return mproc__error(MPROC_E_INVALID, "there is no handle_mode %d", (int)mode);
    if (options->handle_count > MPROC_TASK_HANDLES_MAX)
        return mproc__error(MPROC_E_LIMIT, "%zu handles, at most %d", options->handle_count, MPROC_TASK_HANDLES_MAX);
    if (options->handle_count > 0 && options->handles == NULL)
        return mproc__error(MPROC_E_INVALID, "%zu handles at NULL", options->handle_count);
    return mode == MPROC_HANDLE_MOVE ? check_repeated(options->handles, options->handle_count) : 0;
}

static int copy_all(const mproc_os_handle *from, size_t count, struct job_handles *to)
{
    for (; to->count < count; to->count++) {
        int code = platform_handle_take(from[to->count], &to->values[to->count]);
        char what[64];
        snprintf(what, sizeof what, "handle %u, %lld", to->count, (long long)from[to->count]);
        if (code < 0)
            return mproc__error_platform(code, what);
    }
    return 0;
}

int mproc__job_handles_copy(const mproc_task_options *options, struct job_handles **ret_handles)
{
    size_t count = options->handle_count;
    *ret_handles = NULL;
    int code = check(options);
    if (code < 0 || count == 0)
        return code;
    struct job_handles *handles = malloc(sizeof *handles + count * sizeof handles->values[0]);
    if (handles == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "%zu handles", count);
    handles->holds = 1;
    handles->count = 0;
    code = copy_all(options->handles, count, handles);
    if (code == 0)
        *ret_handles = handles;
    else
        mproc__job_handles_put(handles);
    return code;
}

void mproc__job_handles_close_moved(const mproc_task_options *options)
{
    /* Whatever the system says to the closing of a handle that it knew a moment ago: the task has a duplicate. */
    for (size_t i = 0; options->handle_mode == MPROC_HANDLE_MOVE && i < options->handle_count; i++)
        platform_foreign_handle_close(options->handles[i]);
}

struct job_handles *mproc__job_handles_hold(struct job_handles *handles)
{
    if (handles != NULL)
        handles->holds++;
    return handles;
}

void mproc__job_handles_put(struct job_handles *handles)
{
    if (handles == NULL || --handles->holds > 0)
        return;
    for (unsigned i = 0; i < handles->count; i++)
        platform_handle_close(handles->values[i]);
    free(handles);
}
