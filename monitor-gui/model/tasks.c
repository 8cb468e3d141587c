#include "model/tasks.h"

#include <mproc/base.h>
#include <stdlib.h>

int tasks_init(struct tasks *tasks, uint32_t capacity)
{
    *tasks = (struct tasks){ .capacity = capacity, .chain_count = 1 };
    while (tasks->chain_count < capacity)
        tasks->chain_count *= 2;
    tasks->places = calloc(capacity, sizeof *tasks->places);
    tasks->chains = calloc(tasks->chain_count, sizeof *tasks->chains);
    if (tasks->places != NULL && tasks->chains != NULL)
        return 0;
    tasks_free(tasks);
    return MPROC_E_NO_MEMORY;
}

static void forget_texts(struct model_task *task)
{
    free(task->begun_texts);
    free(task->ended_texts);
}

void tasks_free(struct tasks *tasks)
{
    for (uint32_t i = 0; tasks->places != NULL && i < tasks->capacity; i++)
        forget_texts(&tasks->places[i]);
    free(tasks->places);
    free(tasks->chains);
    *tasks = (struct tasks){ .capacity = 0 };
}

/* ---- Finding ---- */

/* Numbers of tasks count up, and so do items: a multiplication spreads them over all chains. */
static uint32_t *chain_of(const struct tasks *tasks, const struct task_key *key)
{
    uint64_t mixed = (key->task * 31 + (uint64_t)key->item * 0x10001 + key->pool) * 0x9e3779b97f4a7c15u;
    return &tasks->chains[(mixed >> 32) & (tasks->chain_count - 1)];
}

static bool same_key(const struct task_key *one, const struct task_key *other)
{
    return one->task == other->task && one->item == other->item && one->pool == other->pool;
}

static struct model_task *find(const struct tasks *tasks, const struct task_key *key)
{
    for (uint32_t place = *chain_of(tasks, key); place != 0; place = tasks->places[place - 1].next)
        if (same_key(&tasks->places[place - 1].key, key))
            return &tasks->places[place - 1];
    return NULL;
}

static void unchain(struct tasks *tasks, const struct model_task *task)
{
    uint32_t *link = chain_of(tasks, &task->key), place = (uint32_t)(task - tasks->places) + 1;
    while (*link != place)
        link = &tasks->places[*link - 1].next;
    *link = task->next;
}

/* In the place of the oldest, once all are taken. */
static struct model_task *add(struct tasks *tasks, const struct task_key *key)
{
    struct model_task *task = &tasks->places[tasks->total++ % tasks->capacity];
    if (task->number != 0) {
        unchain(tasks, task);
        forget_texts(task);
    }
    uint32_t *chain = chain_of(tasks, key);
    *task = (struct model_task){ .key = *key, .number = tasks->total, .next = *chain };
    *chain = (uint32_t)(task - tasks->places) + 1;
    return task;
}

static struct model_task *task_for(struct tasks *tasks, uint32_t pool, uint64_t number, int64_t item)
{
    struct task_key key = { pool, number, item };
    struct model_task *task = find(tasks, &key);
    return task != NULL ? task : add(tasks, &key);
}

uint32_t tasks_count(const struct tasks *tasks)
{
    return tasks->total < tasks->capacity ? (uint32_t)tasks->total : tasks->capacity;
}

const struct model_task *tasks_at(const struct tasks *tasks, uint32_t index)
{
    return &tasks->places[(tasks->total - 1 - index) % tasks->capacity];
}

const struct model_task *tasks_find(const struct tasks *tasks, const struct task_key *key)
{
    return find(tasks, key);
}

/* ---- Taking records ---- */

static int take_begun(struct model_task *task, const struct record_task_begun *record)
{
    if (record->attempt < task->begun.attempt)
        return 0;
    return kept_store(RECORD_TASK_BEGUN, &task->begun, &task->begun_texts, record);
}

/* That an attempt is tried again says less than how the task ended in it. */
static int take_ended(struct model_task *task, const struct record_task_ended *record)
{
    bool older = record->attempt < task->ended.attempt;
    bool less = record->attempt == task->ended.attempt && task->ended.task != 0 && record->end == RECORD_END_RETRIED;
    if (older || less)
        return 0;
    return kept_store(RECORD_TASK_ENDED, &task->ended, &task->ended_texts, record);
}

int tasks_take(struct tasks *tasks, unsigned type, const union record *record)
{
    if (type == RECORD_TASK_BEGUN) {
        const struct record_task_begun *begun = &record->task_begun;
        return take_begun(task_for(tasks, begun->pool, begun->task, begun->item), begun);
    }
    if (type == RECORD_TASK_ENDED) {
        const struct record_task_ended *ended = &record->task_ended;
        return take_ended(task_for(tasks, ended->pool, ended->task, ended->item), ended);
    }
    const struct record_task_queued *queued = &record->task_queued;
    task_for(tasks, queued->pool, queued->task, queued->item)->queued = *queued;
    return 0;
}

/* ---- Questions ---- */

static enum task_state state_of_end(uint8_t end)
{
    static const enum task_state states[] = {
        [RECORD_END_DONE] = TASK_DONE,           [RECORD_END_FAILED] = TASK_FAILED,
        [RECORD_END_CANCELLED] = TASK_CANCELLED, [RECORD_END_DIED] = TASK_DIED,
        [RECORD_END_LIMIT] = TASK_LIMIT,         [RECORD_END_RETRIED] = TASK_RETRIED,
        [RECORD_END_ABANDONED] = TASK_ABANDONED,
    };
    return end >= RECORD_END_DONE && end <= RECORD_END_ABANDONED ? states[end] : TASK_FAILED;
}

/* Whether an attempt has ended and none is known to have begun since. */
static bool has_ended(const struct model_task *task)
{
    return task->ended.task != 0 &&
           (task->ended.attempt >= task->begun.attempt || task->ended.end != RECORD_END_RETRIED);
}

enum task_state task_state(const struct model_task *task)
{
    if (has_ended(task))
        return state_of_end(task->ended.end);
    return task->begun.task != 0 ? TASK_RUNNING : TASK_QUEUED;
}

uint32_t task_function(const struct model_task *task)
{
    if (task->ended.function != 0)
        return task->ended.function;
    return task->begun.function != 0 ? task->begun.function : task->queued.function;
}

uint64_t task_items(const struct model_task *task)
{
    return task->ended.task != 0 ? task->ended.items : task->begun.task != 0 ? task->begun.items : task->queued.items;
}

uint32_t task_attempt(const struct model_task *task)
{
    return task->ended.attempt > task->begun.attempt ? task->ended.attempt : task->begun.attempt;
}

int64_t task_worker(const struct model_task *task)
{
    if (has_ended(task))
        return task->ended.worker;
    return task->begun.task != 0 ? (int64_t)task->begun.worker : -1;
}

/* Either record may lack what the other has: previews are lost before ends are. */
static const char *either(struct record_text one, struct record_text other)
{
    return kept_string(one)[0] != '\0' ? one.data : kept_string(other);
}

const char *task_label(const struct model_task *task)
{
    return either(task->ended.label, task->begun.label);
}

const char *task_argument(const struct model_task *task)
{
    return either(task->ended.argument, task->begun.argument);
}

bool task_run_ns(const struct model_task *task, int64_t now_ns, int64_t *ret_run_ns)
{
    if (!has_ended(task)) {
        *ret_run_ns = now_ns - task->begun.begun_ns;
        return task->begun.task != 0;
    }
    *ret_run_ns = task->ended.run_ns > 0 ? task->ended.run_ns : task->ended.ended_ns - task->ended.begun_ns;
    return task->ended.begun_ns != 0 || task->ended.run_ns > 0;
}
