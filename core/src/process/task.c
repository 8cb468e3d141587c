/* What a running function may ask of its task, and say by it. */
#include "process/task.h"
#include "base/error.h"
#include "platform.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_MAX ((size_t)1 << 30)
#define HEAP_KEPT ((size_t)64 * 1024)

int mproc_task_read(mproc_task *task, void *ret_argument, size_t size)
{
    if (task == NULL)
        return mproc__error_null("task");
    if (ret_argument == NULL && size > 0)
        return mproc_task_fail(task, MPROC_E_INVALID, "ret_argument is NULL");
    if (task->argument.size != size)
        return mproc_task_fail(task, MPROC_E_SIZE, "the argument has %zu bytes, the function reads %zu",
                               task->argument.size, size);
    if (size > 0)
        memcpy(ret_argument, task->argument.data, size);
    return 0;
}

mproc_view mproc_task_get_argument(const mproc_task *task)
{
    return task != NULL ? task->argument : (mproc_view){ NULL, 0 };
}

int mproc_task_return(mproc_task *task, const void *data, size_t size)
{
    return mproc_task_return_parts(task, &(mproc_view){ data, size }, 1);
}

static int total_size(const mproc_view *parts, size_t count, size_t *ret_total)
{
    size_t total = 0;
    if (parts == NULL && count > 0)
        return mproc__error_null("parts");
    for (size_t i = 0; i < count; i++) {
        if (parts[i].data == NULL && parts[i].size > 0)
            return mproc__error(MPROC_E_INVALID, "part %zu of %zu bytes at NULL", i, parts[i].size);
        if (parts[i].size > VALUE_MAX - total)
            return mproc__error(MPROC_E_LIMIT, "a result may have 1 GiB");
        total += parts[i].size;
    }
    *ret_total = total;
    return 0;
}

static int reserve_value(struct mproc_task *task, size_t size)
{
    if (size <= sizeof task->small || size <= task->heap_capacity)
        return 0;
    unsigned char *heap = realloc(task->heap, size);
    if (heap == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a result of %zu bytes", size);
    task->heap = heap;
    task->heap_capacity = size;
    return 0;
}

int mproc_task_return_parts(mproc_task *task, const mproc_view *parts, size_t count)
{
    size_t total = 0;
    if (task == NULL)
        return mproc__error_null("task");
    if (task->item >= 0)
        return mproc__error(MPROC_E_STATE, "a map kernel's result is its out item");
    int code = total_size(parts, count, &total);
    if (code == 0)
        code = reserve_value(task, total);
    if (code < 0)
        return code;
    unsigned char *to = total <= sizeof task->small ? task->small : task->heap;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > 0)
            memcpy(to, parts[i].data, parts[i].size);
        to += parts[i].size;
    }
    task->value_size = total;
    return 0;
}

int mproc_task_fail(mproc_task *task, int code, const char *format, ...)
{
    if (task == NULL || format == NULL)
        return mproc__error_null(task ? "format" : "task");
    task->fail_code = code < 0 ? code : MPROC_E_INVALID;
    va_list list;
    va_start(list, format);
    vsnprintf(task->message, sizeof task->message, format, list);
    va_end(list);
    return task->fail_code;
}

uint64_t mproc_task_get_id(const mproc_task *task)
{
    return task != NULL ? task->id : 0;
}

unsigned mproc_task_get_attempt(const mproc_task *task)
{
    return task != NULL ? task->attempt : 0;
}

int mproc_task_get_worker(const mproc_task *task)
{
    return task != NULL ? task->worker : -1;
}

int64_t mproc_task_get_item(const mproc_task *task)
{
    return task != NULL ? task->item : -1;
}

static int64_t run_ns(const mproc_task *task)
{
    return platform_ticks_ns(platform_ticks() - task->started);
}

bool mproc_task_must_end(const mproc_task *task)
{
    /* Relaxed: nothing is read on its account. */
    return task != NULL && task->asked != NULL && atomic_load_explicit(task->asked, memory_order_relaxed) == task->mark;
}

bool mproc_task_should_end(const mproc_task *task)
{
    if (task == NULL)
        return false;
    return mproc_task_must_end(task) || (task->limits.soft_ns > 0 && run_ns(task) >= task->limits.soft_ns);
}

int64_t mproc_task_get_time_left(const mproc_task *task)
{
    if (task == NULL || task->limits.hard_ns == 0)
        return MPROC_FOREVER;
    int64_t left = task->limits.hard_ns - run_ns(task);
    return left > 0 ? (left + 999999) / 1000000 : 0;
}

size_t mproc_task_get_handle_count(const mproc_task *task)
{
    return task != NULL && task->lender != NULL ? task->lender->count(task->lender) : 0;
}

int mproc_task_take_handle(mproc_task *task, size_t index, mproc_os_handle *ret_handle)
{
    if (task == NULL || ret_handle == NULL)
        return mproc__error_null(task ? "ret_handle" : "task");
    size_t count = mproc_task_get_handle_count(task);
    if (index >= count)
        return mproc__error(MPROC_E_RANGE, "handle %zu of a task with %zu", index, count);
    return task->lender->take(task->lender, index, ret_handle);
}

void mproc__task_reset(struct mproc_task *task)
{
    task->argument = (mproc_view){ NULL, 0 };
    task->limits = (struct task_limits){ 0, 0 };
    task->item = -1;
    task->fail_code = 0;
    task->message[0] = '\0';
    task->value_size = 0;
}

mproc_view mproc__task_value(const struct mproc_task *task)
{
    return (mproc_view){ task->value_size <= sizeof task->small ? task->small : task->heap, task->value_size };
}

void mproc__task_trim(struct mproc_task *task)
{
    if (task->heap_capacity <= HEAP_KEPT)
        return;
    free(task->heap);
    task->heap = NULL;
    task->heap_capacity = 0;
}

int mproc__task_run(mproc_task_fn *function, mproc_view argument, int worker, char *ret_message)
{
    struct mproc_task task = { .argument = argument, .attempt = 1, .worker = worker, .item = -1 };
    int code = function(&task);
    if (code != 0)
        snprintf(ret_message, TASK_MESSAGE_BYTES, "%s", task.message);
    free(task.heap);
    return code;
}
