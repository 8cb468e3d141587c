#include "window/attempt_words.h"

#include "model/text.h"
#include <glib.h>
#include <inttypes.h>

static const struct model_task *numbered(const struct model_task *task, uint32_t attempt)
{
    while (task != NULL && task->attempt != attempt)
        task = task->earlier;
    return task;
}

const struct model_task *attempt_find(const struct model *model, const struct task_key *key, uint32_t attempt,
                                      int64_t pid)
{
    const struct model_task *task = numbered(tasks_find(&model->tasks, key), attempt);
    return task != NULL && task->pid == pid ? task : NULL;
}

static const struct record_death *death_of(const struct model *model, const struct task_key *key, uint32_t attempt)
{
    for (uint64_t i = 0; i < events_death_count(&model->events); i++) {
        const struct record_death *death = &events_death_at(&model->events, i)->said;
        if (death->pool == key->pool && death->task == key->task && death->item == key->item &&
            death->attempt == attempt)
            return death;
    }
    return NULL;
}

/* The last that is known of, made or to be made. */
static uint32_t last_attempt(const struct model *model, const struct task_key *key, uint32_t attempt)
{
    const struct model_task *task = tasks_find(&model->tasks, key);
    const struct record_death *death;
    if (task != NULL)
        attempt = MAX(attempt, task->attempt + (task_state(task) == TASK_RETRIED));
    while ((death = death_of(model, key, attempt)) != NULL && death->decision == RECORD_DECISION_RETRIED)
        attempt++;
    return attempt;
}

struct words attempt_words(const struct model *model, const struct task_key *key, uint32_t attempt)
{
    uint32_t last = last_attempt(model, key, attempt);
    return last > 1 ? words_format("attempt %" PRIu32 " of %" PRIu32, attempt, last)
                    : words_format("attempt %" PRIu32, attempt);
}

/* ---- How it went ---- */

/* What its worker runs now is another task if its end was lost. */
static bool still_runs(const struct model *model, const struct model_task *task)
{
    const struct model_pool *pool = pools_find(&model->pools, task->key.pool);
    if (pool == NULL || model_is_over(model, pool))
        return false;
    const struct model_worker *worker = pool_worker_at(pool, (uint64_t)task->worker);
    return worker == NULL || (worker->said.task == task->key.task && worker->said.item == task->key.item);
}

static bool still_waits(const struct model *model, const struct task_key *key, uint32_t attempt)
{
    const struct model_pool *pool = pools_find(&model->pools, key->pool);
    const struct model_task *task = tasks_find(&model->tasks, key);
    bool is_before = task != NULL && task->attempt + 1 == attempt && task_state(task) == TASK_RETRIED;
    return is_before && pool != NULL && !model_is_over(model, pool);
}

static const struct {
    const char *brief, *words, *before; /* before: how long it ran, "" if that is not said */
    enum glyph glyph;
    bool has_worker;
} ends[] = {
    [TASK_QUEUED] = { "waits", "waits to begin", "", GLYPH_QUEUED, false },
    [TASK_RUNNING] = { "runs", "runs on", "", GLYPH_RUNNING, true },
    [TASK_RETRIED] = { "died", "killed", " after ", GLYPH_DEAD, true },
    [TASK_DONE] = { "done", "was done by", " in ", GLYPH_DONE, true },
    [TASK_FAILED] = { "failed", "failed on", " after ", GLYPH_FAILED, true },
    [TASK_CANCELLED] = { "cancelled", "was cancelled", "", GLYPH_CANCELLED, false },
    [TASK_DIED] = { "died", "killed", " after ", GLYPH_DEAD, true },
    [TASK_LIMIT] = { "stopped", "reached a limit on", " after ", GLYPH_TIMED_OUT, true },
    [TASK_ABANDONED] = { "abandoned", "was abandoned", "", GLYPH_CANCELLED, false },
};

static struct attempt_end end_of(const struct model_task *task)
{
    enum task_state state = task_state(task);
    int64_t run_ns = 0;
    bool has_worker = ends[state].has_worker && task->worker >= 0;
    bool has_run = ends[state].before[0] != '\0' && task_run_ns(task, 0, &run_ns) && run_ns > 0;
    g_autofree char *who = has_worker ? g_strdup_printf(" worker %" PRId64, task->worker) : g_strdup("");
    return (struct attempt_end){ .glyph = ends[state].glyph,
                                 .time_ns = task->ended_ns != 0 ? task->ended_ns : task->begun_ns,
                                 .brief = ends[state].brief,
                                 .words = words_format("attempt %" PRIu32 " %s%s%s%s", task->attempt, ends[state].words,
                                                       who, has_run ? ends[state].before : "",
                                                       has_run ? text_duration(run_ns).text : "") };
}

static struct attempt_end end_by_death(const struct record_death *death)
{
    return (struct attempt_end){ .glyph = GLYPH_DEAD,
                                 .time_ns = death->time_ns,
                                 .brief = ends[TASK_DIED].brief,
                                 .words = words_format("attempt %" PRIu32 " killed worker %" PRIu32, death->attempt,
                                                       death->worker) };
}

struct attempt_end attempt_end(const struct model *model, const struct task_key *key, uint32_t attempt)
{
    const struct model_task *task = numbered(tasks_find(&model->tasks, key), attempt);
    const struct record_death *death = death_of(model, key, attempt);
    if (task != NULL && (task_state(task) != TASK_RUNNING || still_runs(model, task)))
        return end_of(task);
    if (death != NULL)
        return end_by_death(death);
    if (still_waits(model, key, attempt))
        return (struct attempt_end){ .glyph = ends[TASK_QUEUED].glyph,
                                     .brief = ends[TASK_QUEUED].brief,
                                     .words =
                                         words_format("attempt %" PRIu32 " %s", attempt, ends[TASK_QUEUED].words) };
    return (struct attempt_end){ .glyph = GLYPH_BROKEN,
                                 .brief = "not told",
                                 .words = words_format("attempt %" PRIu32 " was not told of", attempt) };
}
