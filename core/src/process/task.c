/* What a running function may ask of its task, and say by it. */
#include "process/task.h"
#include "base/copy.h"
#include "base/error.h"
#include "memory/memory.h"
#include "memory/span.h"
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
        mproc__copy(ret_argument, task->argument.data, size);
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

static void drop_span(struct mproc_task *task)
{
    if (task->span != 0)
        mproc__span_free(task->span, task->span_builder);
    task->span = 0;
}

/* False if there is no memory for it in the family: there is the heap then. */
static bool make_span(struct mproc_task *task, size_t size)
{
    void *address;
    if (task->span_owner == 0)
        return false;
    /* Relaxed: the parent asks when the worker has ended. */
    atomic_store_explicit(task->makes_spans, 1, memory_order_relaxed);
    if (mproc__span_create_dirty(size, task->span_builder, &task->span) < 0)
        return false;
    if (mproc__span_address(task->span, &address) < 0) {
        drop_span(task);
        return false;
    }
    task->value = address;
    return true;
}

static int make_heap(struct mproc_task *task, size_t size)
{
    if (size > task->heap_capacity) {
        unsigned char *heap = realloc(task->heap, size);
        if (heap == NULL)
            return mproc__error(MPROC_E_NO_MEMORY, "a result of %zu bytes", size);
        task->heap = heap;
        task->heap_capacity = size;
    }
    task->value = task->heap;
    return 0;
}

/* Room for a value, of which nothing is said yet. One that has a span stays in it while it fits. */
static int make_room(struct mproc_task *task, size_t size)
{
    if (task->span != 0 && size <= mproc__span_size(task->span))
        return 0;
    drop_span(task);
    task->value_size = 0;
    task->value = task->small;
    if (size <= sizeof task->small || (size > TASK_SPAN_BYTES && make_span(task, size)))
        return 0;
    return make_heap(task, size);
}

static int check_value(const mproc_task *task)
{
    if (task == NULL)
        return mproc__error_null("task");
    return task->item < 0 ? 0 : mproc__error(MPROC_E_STATE, "a map kernel's result is its out item");
}

/* Whether the part is the beginning of the value as it was reserved, or set before. */
static bool is_in_place(const mproc_task *task, const mproc_view *part)
{
    return part->data == task->value && part->size <= task->value_size && part->size > 0;
}

static void copy_parts(struct mproc_task *task, const mproc_view *parts, size_t count)
{
    unsigned char *to = task->value;
    int64_t begun = task->span != 0 ? platform_ticks() : 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > 0)
            mproc__copy(to, parts[i].data, parts[i].size);
        to += parts[i].size;
    }
    if (begun != 0)
        task->copying += platform_ticks() - begun;
}

int mproc_task_return_parts(mproc_task *task, const mproc_view *parts, size_t count)
{
    size_t total = 0;
    int code = check_value(task);
    if (code == 0)
        code = total_size(parts, count, &total);
    bool in_place = code == 0 && count == 1 && is_in_place(task, parts);
    if (code == 0 && !in_place)
        code = make_room(task, total);
    if (code < 0)
        return code;
    if (!in_place)
        copy_parts(task, parts, count);
    task->value_size = total;
    return 0;
}

int mproc_task_reserve_value(mproc_task *task, size_t size, void **ret_buffer)
{
    int code = check_value(task);
    if (code == 0 && ret_buffer == NULL)
        code = mproc__error_null("ret_buffer");
    if (code == 0 && size > VALUE_MAX)
        code = mproc__error(MPROC_E_LIMIT, "a result may have 1 GiB");
    if (code == 0)
        code = make_room(task, size);
    if (code < 0)
        return code;
    task->value_size = size;
    *ret_buffer = task->value;
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

int mproc_task_set_label(mproc_task *task, const char *text)
{
    if (task == NULL || text == NULL)
        return mproc__error_null(task ? "text" : "task");
    return task->lender != NULL ? task->lender->name(task->lender, text, strlen(text)) : 0;
}

void mproc__task_reset(struct mproc_task *task)
{
    task->argument = (mproc_view){ NULL, 0 };
    task->terms = (struct task_terms){ 0 };
    task->item = -1;
    task->fail_code = 0;
    task->message[0] = '\0';
    task->value_size = 0;
    task->value = task->small;
    task->copying = 0;
}

mproc_view mproc__task_value(const struct mproc_task *task)
{
    return (mproc_view){ task->value, task->value_size };
}

uint64_t mproc__task_give_span(struct mproc_task *task)
{
    uint64_t span = task->value_size > TASK_SPAN_BYTES ? task->span : 0;
    /* If not, it goes through the stream. */
    if (span != 0 && !mproc__span_give(span, task->span_builder, task->span_owner))
        span = 0;
    if (span != 0)
        task->span = 0;
    return span;
}

void mproc__task_trim(struct mproc_task *task)
{
    drop_span(task);
    if (task->heap_capacity <= HEAP_KEPT)
        return;
    free(task->heap);
    task->heap = NULL;
    task->heap_capacity = 0;
}

int mproc__task_run(mproc_task_fn *function, mproc_view argument, int worker, char *ret_message)
{
    struct mproc_task task = { .attempt = 1, .worker = worker };
    mproc__task_reset(&task);
    task.argument = argument;
    int code = function(&task);
    if (code != 0)
        snprintf(ret_message, TASK_MESSAGE_BYTES, "%s", task.message);
    free(task.heap);
    return code;
}
