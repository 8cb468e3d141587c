/* Every task of the process in one table, so that a result handle can name a task by number and generation instead
 * of pointing at it: a handle used after free is recognised, whatever the memory holds by then. */
#include "base/error.h"
#include "base/ready.h"
#include "pool/pool_types.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_TASKS 256u
#define CHUNKS      65536u
#define INDEX_BITS  (sizeof(uintptr_t) >= 8 ? 25 : 20)
#define INDEX_MASK  (((uintptr_t)1 << INDEX_BITS) - 1)

static struct {
    platform_mutex lock;
    uint32_t count;
    struct task *free;
    struct task *_Atomic chunks[CHUNKS];
} table = { .lock = PLATFORM_MUTEX_INIT };

void mproc__job_table_adopt(void)
{
    for (uint32_t i = 0; i < table.count / CHUNK_TASKS; i++)
        atomic_store_explicit(&table.chunks[i], NULL, memory_order_relaxed);
    table.count = 0;
    table.free = NULL;
    platform_mutex_init(&table.lock);
}

/* A chunk at a time goes to the pool that asks: tasks are handed out and taken back under the pool's lock alone. */
static struct task *new_chunk(void)
{
    uint32_t chunk = table.count / CHUNK_TASKS;
    if (chunk == CHUNKS || (uintptr_t)table.count + CHUNK_TASKS >= INDEX_MASK)
        return NULL;
    struct task *tasks = calloc(CHUNK_TASKS, sizeof *tasks);
    if (tasks == NULL)
        return NULL;
    for (uint32_t i = 0; i < CHUNK_TASKS; i++) {
        tasks[i].index = table.count + i;
        atomic_init(&tasks[i].generation, 1);
        tasks[i].next = i + 1 < CHUNK_TASKS ? &tasks[i + 1] : NULL;
    }
    table.count += CHUNK_TASKS;
    /* Release: pairs with the acquire in find_index, which runs without a lock. */
    atomic_store_explicit(&table.chunks[chunk], tasks, memory_order_release);
    return tasks;
}

static struct task *take_free_list(void)
{
    platform_mutex_lock(&table.lock);
    struct task *list = table.free;
    table.free = NULL;
    if (list == NULL)
        list = new_chunk();
    platform_mutex_unlock(&table.lock);
    return list;
}

void mproc__task_list_return(struct task *list)
{
    if (list == NULL)
        return;
    struct task *last = list;
    while (last->next != NULL)
        last = last->next;
    platform_mutex_lock(&table.lock);
    last->next = table.free;
    table.free = list;
    platform_mutex_unlock(&table.lock);
}

struct task *mproc__task_new(mproc_pool *pool)
{
    if (pool->free_tasks == NULL)
        pool->free_tasks = take_free_list();
    struct task *task = pool->free_tasks;
    if (task == NULL)
        return NULL;
    pool->free_tasks = task->next;
    pool->references++;
    task->pool = pool;
    task->next = NULL;
    task->worker = -1;
    /* Relaxed: only the thread that holds the lock knows this task; its handle is made later. */
    atomic_store_explicit(&task->state, TASK_PENDING, memory_order_relaxed);
    return task;
}

static void free_batch(struct batch *batch)
{
    if (batch == NULL)
        return;
    for (size_t i = 0; batch->items != NULL && i < batch->count && batch->items[i] != NULL; i++)
        mproc__task_free(batch->items[i]);
    free(batch->items);
    free(batch->failures);
    free(batch);
}

void mproc__task_free(struct task *task)
{
    mproc_pool *pool = task->pool;
    uint32_t generation = atomic_load_explicit(&task->generation, memory_order_relaxed) + 1;
    mproc__task_drop_argument(task);
    if (task->value_on_heap)
        free((void *)task->value);
    free(task->failure);
    free_batch(task->batch);
    for (struct done_call *call = task->more_calls, *next; call != NULL; call = next) {
        next = call->next;
        free(call);
    }
    /* The generation first, so that a stale handle fails whatever it reads after. */
    atomic_store_explicit(&task->generation, generation, memory_order_release);
    memset((char *)task + offsetof(struct task, kind), 0, offsetof(struct task, small) - offsetof(struct task, kind));
    atomic_store_explicit(&task->state, TASK_FREE, memory_order_release);
    task->next = pool->free_tasks;
    pool->free_tasks = task;
    pool->references--;
}

mproc_result *mproc__task_handle(const struct task *task)
{
    uintptr_t generation = atomic_load_explicit(&task->generation, memory_order_relaxed);
    return (mproc_result *)(generation << INDEX_BITS | ((uintptr_t)task->index + 1));
}

static struct task *find_index(uintptr_t index)
{
    struct task *chunk = atomic_load_explicit(&table.chunks[index / CHUNK_TASKS % CHUNKS], memory_order_acquire);
    return chunk == NULL ? NULL : &chunk[index % CHUNK_TASKS];
}

struct task *mproc__task_find(const mproc_result *result, int *ret_code)
{
    uintptr_t handle = (uintptr_t)result;
    struct task *task = (handle & INDEX_MASK) != 0 ? find_index((handle & INDEX_MASK) - 1) : NULL;
    if (task == NULL || mproc__task_handle(task) != result ||
        atomic_load_explicit(&task->state, memory_order_acquire) == TASK_FREE) {
        *ret_code = mproc__error(MPROC_E_STALE, "no such result: it was freed, or never made");
        return NULL;
    }
    if (task->pool->epoch != mproc__process_epoch || platform_is_copy()) {
        *ret_code = mproc__error(MPROC_E_WRONG_PROCESS, "a result belongs to the process that made its pool");
        return NULL;
    }
    return task;
}

int mproc__task_set_argument(struct task *task, const void *data, size_t size)
{
    void *copy = task->small;
    if (size > sizeof task->small) {
        copy = malloc(size);
        if (copy == NULL)
            return mproc__error(MPROC_E_NO_MEMORY, "an argument of %zu bytes", size);
        task->argument_on_heap = true;
    }
    if (size > 0)
        memcpy(copy, data, size);
    task->argument = copy;
    task->argument_size = size;
    return 0;
}

void mproc__task_drop_argument(struct task *task)
{
    if (task->argument_on_heap)
        free((void *)task->argument);
    task->argument_on_heap = false;
    task->argument = NULL;
}

/* The text at the call up to its first comma is the function, if it is a name; else the symbol table is asked. */
static const char *function_text(const struct task *task)
{
    static _Thread_local char text[128];
    size_t length = 0;
    if (task->site != NULL)
        length = strcspn(task->site, ",");
    bool name = length > 0 && length < sizeof text;
    for (size_t i = 0; i < length && name; i++)
        name = task->site[i] == '_' || (task->site[i] >= '0' && task->site[i] <= '9') ||
               (task->site[i] >= 'a' && task->site[i] <= 'z') || (task->site[i] >= 'A' && task->site[i] <= 'Z');
    if (name)
        snprintf(text, sizeof text, "%.*s", (int)length, task->site);
    else
        platform_symbol_name((const void *)(uintptr_t)task->function, text, sizeof text);
    return text;
}

void mproc__task_outcome(const struct task *task, mproc_outcome *ret_outcome)
{
    bool run = task->worker >= 0;
    /* Acquire: pairs with the release of a failing callback's code; its failure is there when the code is. */
    int code = atomic_load_explicit(&task->code, memory_order_acquire);
    const struct failure *failure = code < 0 ? task->failure : NULL;
    *ret_outcome = (mproc_outcome){
        .code = code,
        .message = failure != NULL ? failure->message
                   : code == 0     ? ""
                                   : mproc_error_text(code),
        .function = function_text(task),
        .where = task->site != NULL ? task->site + strlen(task->site) + 1 : "",
        .item = task->group != NULL || task->in_iter || (task->batch != NULL && code < 0) ? (int64_t)task->item : -1,
        .pid = task->pid,
        .worker = task->worker,
        .attempt = run ? task->attempt : 0,
        .exit_code = failure != NULL ? failure->exit_code : 0,
        .wait_ns = task->wait_ns,
        .run_ns = task->run_ns,
    };
    if (code == 0)
        ret_outcome->value = (mproc_view){ task->value, task->value_size };
}

void mproc__queue_push(struct task_queue *queue, struct task *task)
{
    task->next = NULL;
    task->previous = queue->tail;
    if (queue->tail != NULL)
        queue->tail->next = task;
    else
        queue->head = task;
    queue->tail = task;
}

void mproc__queue_push_front(struct task_queue *queue, struct task *task)
{
    task->previous = NULL;
    task->next = queue->head;
    if (queue->head != NULL)
        queue->head->previous = task;
    else
        queue->tail = task;
    queue->head = task;
}

void mproc__queue_remove(struct task_queue *queue, struct task *task)
{
    if (task->previous != NULL)
        task->previous->next = task->next;
    else
        queue->head = task->next;
    if (task->next != NULL)
        task->next->previous = task->previous;
    else
        queue->tail = task->previous;
    task->next = task->previous = NULL;
}
