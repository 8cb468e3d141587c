#include "model/tasks.h"

#include "platform.h"
#include <mproc/base.h>
#include <stdlib.h>

/* Of these there are as many as the first power of two at once. */
#define CHAINS_FIRST 1024u

static uint32_t most_chains(const struct tasks *tasks)
{
    return tasks->capacity > CHAINS_FIRST ? tasks->capacity : CHAINS_FIRST;
}

int tasks_init(struct tasks *tasks, uint32_t capacity, size_t bytes_max)
{
    *tasks = (struct tasks){
        .capacity = capacity, .bytes_max = bytes_max, .chain_count = CHAINS_FIRST, .chain_round = CHAINS_FIRST
    };
    /* Without it the chains are as good, but for who knows that. */
    if (platform_random(&tasks->seed, sizeof tasks->seed) < 0)
        tasks->seed = (uintptr_t)tasks;
    tasks->chunks = calloc(tasks_chunk_count(tasks), sizeof *tasks->chunks);
    tasks->chains = calloc(most_chains(tasks), sizeof *tasks->chains);
    if (tasks->chunks != NULL && tasks->chains != NULL)
        return 0;
    tasks_free(tasks);
    return MPROC_E_NO_MEMORY;
}

static void free_chunk(struct tasks_chunk *chunk)
{
    for (uint32_t i = 0; chunk != NULL && i < TASKS_CHUNK; i++)
        task_release(chunk->places[i].task);
    free(chunk);
}

void tasks_free(struct tasks *tasks)
{
    for (size_t i = 0; tasks->chunks != NULL && i < tasks_chunk_count(tasks); i++)
        free_chunk(tasks->chunks[i]);
    free(tasks->chunks);
    free(tasks->chains);
    *tasks = (struct tasks){ .capacity = 0 };
}

/* ---- Places ---- */

size_t tasks_chunk_count(const struct tasks *tasks)
{
    return ((size_t)tasks->capacity + TASKS_CHUNK - 1) / TASKS_CHUNK;
}

const struct tasks_chunk *tasks_chunk_at(const struct tasks *tasks, size_t index)
{
    return tasks->chunks[index];
}

static struct tasks_place *place_at(const struct tasks *tasks, uint32_t index)
{
    return &tasks->chunks[index / TASKS_CHUNK]->places[index % TASKS_CHUNK];
}

static uint32_t index_of(const struct tasks *tasks, uint64_t number)
{
    return (uint32_t)(number % tasks->capacity);
}

static int make_room(struct tasks *tasks, uint32_t index)
{
    struct tasks_chunk **chunk = &tasks->chunks[index / TASKS_CHUNK];
    if (*chunk == NULL)
        *chunk = calloc(1, sizeof **chunk);
    return *chunk != NULL ? 0 : MPROC_E_NO_MEMORY;
}

static void note_change(struct tasks *tasks, uint32_t index)
{
    tasks->chunks[index / TASKS_CHUNK]->changed = ++tasks->changes;
}

/* ---- Finding ---- */

static uint64_t mixed_with(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 32;
}

static uint32_t hash_of(const struct tasks *tasks, const struct task_key *key)
{
    return (uint32_t)mixed_with(mixed_with(mixed_with(tasks->seed, key->pool), key->task), (uint64_t)key->item);
}

/* A chain that there is not yet is still a part of the one that it will be split from. */
static uint32_t *chain_of(const struct tasks *tasks, uint32_t hash)
{
    uint32_t index = hash & (2 * tasks->chain_round - 1);
    return &tasks->chains[index < tasks->chain_count ? index : index & (tasks->chain_round - 1)];
}

static bool same_key(const struct task_key *one, const struct task_key *other)
{
    return one->task == other->task && one->item == other->item && one->pool == other->pool;
}

static struct tasks_place *find(const struct tasks *tasks, const struct task_key *key, uint32_t hash)
{
    struct tasks_place *place;
    for (uint32_t next = *chain_of(tasks, hash); next != 0; next = place->next) {
        place = place_at(tasks, next - 1);
        if (place->hash == hash && same_key(&place->task->key, key))
            return place;
    }
    return NULL;
}

static void chain(struct tasks *tasks, uint32_t index)
{
    struct tasks_place *place = place_at(tasks, index);
    uint32_t *first = chain_of(tasks, place->hash);
    place->next = *first;
    *first = index + 1;
}

static void unchain(struct tasks *tasks, uint32_t index)
{
    const struct tasks_place *place = place_at(tasks, index);
    uint32_t *link = chain_of(tasks, place->hash);
    while (*link != index + 1)
        link = &place_at(tasks, *link - 1)->next;
    *link = place->next;
}

/* One chain more for one task more, which gets its part of another one. Twice as many at once would mean to go through
 * all tasks, and whoever draws a million of them to wait for that. */
static void add_chain(struct tasks *tasks)
{
    if (tasks_count(tasks) < tasks->chain_count || tasks->chain_count == most_chains(tasks))
        return;
    uint32_t *split = &tasks->chains[tasks->chain_count - tasks->chain_round];
    uint32_t next = *split;
    *split = 0;
    if (++tasks->chain_count == 2 * tasks->chain_round)
        tasks->chain_round *= 2;
    while (next != 0) {
        uint32_t index = next - 1;
        next = place_at(tasks, index)->next;
        chain(tasks, index);
    }
}

/* ---- Coming and going ---- */

static void forget_first(struct tasks *tasks)
{
    uint32_t index = index_of(tasks, tasks->first);
    struct tasks_place *place = place_at(tasks, index);
    unchain(tasks, index);
    tasks->bytes -= task_bytes(place->task);
    task_release(place->task);
    *place = (struct tasks_place){ .task = NULL };
    note_change(tasks, index);
    tasks->first++;
}

void tasks_bound(struct tasks *tasks, size_t bytes_max)
{
    tasks->bytes_max = bytes_max > tasks->bytes ? bytes_max : tasks->bytes;
}

static void shrink(struct tasks *tasks, size_t bytes)
{
    while (tasks->bytes > bytes && tasks_count(tasks) > 1)
        forget_first(tasks);
}

void tasks_forget(struct tasks *tasks, size_t bytes)
{
    shrink(tasks, tasks->bytes > bytes ? tasks->bytes - bytes : 0);
}

/* In the place of the oldest, once all are taken. */
static int add(struct tasks *tasks, struct model_task *task, uint32_t hash)
{
    uint32_t index = index_of(tasks, tasks->total);
    if (make_room(tasks, index) < 0) {
        task_release(task);
        return MPROC_E_NO_MEMORY;
    }
    if (tasks_count(tasks) == tasks->capacity)
        forget_first(tasks);
    add_chain(tasks);
    task->number = tasks->total++;
    *place_at(tasks, index) = (struct tasks_place){ .task = task, .hash = hash };
    chain(tasks, index);
    tasks->bytes += task_bytes(task);
    note_change(tasks, index);
    return 0;
}

static void replace(struct tasks *tasks, struct tasks_place *place, struct model_task *task)
{
    const struct model_task *before = place->task;
    if (task != before) {
        tasks->bytes += task_bytes(task) - task_bytes(before);
        place->task = task;
        note_change(tasks, index_of(tasks, task->number));
        task_release(before);
    } else
        task_release(task);
}

uint32_t tasks_count(const struct tasks *tasks)
{
    return (uint32_t)(tasks->total - tasks->first);
}

const struct model_task *tasks_at(const struct tasks *tasks, uint32_t index)
{
    return place_at(tasks, index_of(tasks, tasks->total - 1 - index))->task;
}

const struct model_task *tasks_numbered(const struct tasks *tasks, uint64_t number)
{
    bool is_kept = number >= tasks->first && number < tasks->total;
    return is_kept ? place_at(tasks, index_of(tasks, number))->task : NULL;
}

const struct model_task *tasks_find(const struct tasks *tasks, const struct task_key *key)
{
    const struct tasks_place *place = find(tasks, key, hash_of(tasks, key));
    return place != NULL ? place->task : NULL;
}

/* ---- Taking records ---- */

static struct task_key key_of(unsigned type, const union record *record)
{
    if (type == RECORD_TASK_BEGUN)
        return (struct task_key){ record->task_begun.pool, record->task_begun.task, record->task_begun.item };
    if (type == RECORD_TASK_ENDED)
        return (struct task_key){ record->task_ended.pool, record->task_ended.task, record->task_ended.item };
    return (struct task_key){ record->task_queued.pool, record->task_queued.task, record->task_queued.item };
}

static struct model_task *with_record(const struct model_task *before, unsigned type, const union record *record)
{
    if (type == RECORD_TASK_BEGUN)
        return task_with_begun(before, &record->task_begun);
    if (type == RECORD_TASK_ENDED)
        return task_with_ended(before, &record->task_ended);
    return task_with_queued(before, &record->task_queued);
}

int tasks_take(struct tasks *tasks, unsigned type, const union record *record)
{
    struct task_key key = key_of(type, record);
    uint32_t hash = hash_of(tasks, &key);
    struct tasks_place *place = find(tasks, &key, hash);
    struct model_task *task = with_record(place != NULL ? place->task : NULL, type, record);
    if (task == NULL)
        return MPROC_E_NO_MEMORY;
    int code = 0;
    if (place != NULL)
        replace(tasks, place, task);
    else
        code = add(tasks, task, hash);
    shrink(tasks, tasks->bytes_max);
    return code;
}
