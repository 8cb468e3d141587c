#include "window/task_mirror.h"

#include "window/discard.h"

struct task_mirror *task_mirror_new(void)
{
    return g_new0(struct task_mirror, 1);
}

static void free_mirror(gpointer data)
{
    struct task_mirror *mirror = data;
    for (guint i = 0; i < mirror->count; i++)
        task_release(mirror->tasks[i]);
    g_free(mirror->tasks);
    g_free(mirror);
}

void task_mirror_discard(struct task_mirror *mirror)
{
    if (mirror != NULL && mirror->count < DISCARD_TASKS)
        free_mirror(mirror);
    else
        discard(mirror, free_mirror);
}

/* Room for all is asked for at once: only that which is used takes memory, and nothing is ever copied. */
static void grow(struct task_mirror *mirror, guint count)
{
    if (mirror->tasks == NULL)
        mirror->tasks = g_new(const struct model_task *, mirror->chunks *TASKS_CHUNK);
    for (; mirror->count < count; mirror->count++)
        mirror->tasks[mirror->count] = NULL;
}

static void follow_chunk(struct task_mirror *mirror, const struct tasks_chunk *chunk, task_mirror_fn *changed,
                         void *user)
{
    const struct model_task **mine = mirror->tasks + mirror->chunk * TASKS_CHUNK;
    for (guint i = 0; i < TASKS_CHUNK; i++) {
        const struct model_task *task = chunk->places[i].task, *before = mine[i];
        if (task == before)
            continue;
        mine[i] = task_hold(task);
        if (changed != NULL)
            changed(user, before, task);
        task_release(before);
    }
}

static void begin_pass(struct task_mirror *mirror, const struct tasks *tasks)
{
    mirror->capacity = tasks->capacity;
    mirror->chunks = tasks_chunk_count(tasks);
    mirror->begun = tasks->changes;
    mirror->chunk = 0;
}

static void end_pass(struct task_mirror *mirror, const struct tasks *tasks)
{
    mirror->seen = mirror->begun;
    mirror->total = tasks->total;
    mirror->chunk = 0;
}

bool task_mirror_follow(struct task_mirror *mirror, const struct tasks *tasks, int64_t until_us,
                        task_mirror_fn *changed, void *user)
{
    if (mirror->chunk == 0)
        begin_pass(mirror, tasks);
    for (; mirror->chunk < mirror->chunks; mirror->chunk++) {
        const struct tasks_chunk *chunk = tasks_chunk_at(tasks, mirror->chunk);
        if (chunk == NULL || chunk->changed <= mirror->seen)
            continue;
        if (g_get_monotonic_time() >= until_us)
            return false;
        grow(mirror, (guint)(mirror->chunk + 1) * TASKS_CHUNK);
        follow_chunk(mirror, chunk, changed, user);
    }
    end_pass(mirror, tasks);
    return true;
}

bool task_mirror_catch(struct task_mirror *mirror, const struct tasks *tasks, int64_t until_us)
{
    bool is_whole = mirror->chunk == 0;
    return task_mirror_follow(mirror, tasks, until_us, NULL, NULL) && is_whole;
}

guint task_mirror_first(const struct task_mirror *mirror)
{
    guint first = 0;
    uint64_t least = UINT64_MAX;
    for (guint i = 0; i < mirror->count; i++)
        if (mirror->tasks[i] != NULL && mirror->tasks[i]->number < least) {
            least = mirror->tasks[i]->number;
            first = i;
        }
    return first;
}
