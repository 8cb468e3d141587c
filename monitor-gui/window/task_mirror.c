#include "window/task_mirror.h"

struct task_mirror *task_mirror_new(void)
{
    return g_new0(struct task_mirror, 1);
}

void task_mirror_free(struct task_mirror *mirror)
{
    if (mirror == NULL)
        return;
    for (guint i = 0; i < mirror->count; i++)
        task_release(mirror->tasks[i]);
    g_free(mirror->tasks);
    g_free(mirror);
}

static void grow(struct task_mirror *mirror, guint count)
{
    if (count <= mirror->count)
        return;
    mirror->tasks = g_renew(const struct model_task *, mirror->tasks, count);
    memset(mirror->tasks + mirror->count, 0, (count - mirror->count) * sizeof *mirror->tasks);
    mirror->count = count;
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
    size_t count = tasks_chunk_count(tasks);
    if (mirror->chunk == 0)
        begin_pass(mirror, tasks);
    for (; mirror->chunk < count; mirror->chunk++) {
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
