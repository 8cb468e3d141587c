#include "window/task_report.h"

#include "model/text.h"
#include "window/says.h"
#include "window/task_rows.h"
#include <inttypes.h>

/* ---- What it is ---- */

static const char *predicate(const struct task_scene *scene, const struct model_task *task)
{
    static const char *const words[] = {
        [TASK_QUEUED] = "waits", [TASK_RUNNING] = "runs",    [TASK_RETRIED] = "will be tried again",
        [TASK_DONE] = "is done", [TASK_FAILED] = "failed",   [TASK_CANCELLED] = "was cancelled",
        [TASK_DIED] = "failed",  [TASK_LIMIT] = "timed out", [TASK_ABANDONED] = "was abandoned",
    };
    if (!task_scene_has(scene, task))
        return "is over";
    if (scene->is_over && task_state(task) == TASK_RETRIED)
        return "was to be tried again";
    if (task_state(task) == TASK_LIMIT && task_look(scene, task).glyph != GLYPH_TIMED_OUT)
        return "was too large";
    return words[task_state(task)];
}

struct words task_report_title(const struct task_scene *scene, const struct model_task *task)
{
    return words_format("Task %s %s", task_row_number(task).text, predicate(scene, task));
}

struct words task_report_origin(const struct task_scene *scene, const struct model_task *task)
{
    const char *error = task_error_name(task), *place = task_scene_place(scene, task->function);
    return words_format("%s%s%s%s", error, error[0] != '\0' && place[0] != '\0' ? DOT : "",
                        place[0] != '\0' ? "first submitted at " : "", place);
}

const char *task_report_no_argument(const struct model *model, const struct model_task *task)
{
    int64_t time_ns = task->begun_ns != 0 ? task->begun_ns : task->submitted_ns;
    return looks_had(&model->looks, time_ns) ? "No argument is shown."
                                             : "Not told: nobody looked at the program when the task began.";
}

const char *task_report_no_result(const struct task_scene *scene, const struct model_task *task)
{
    enum task_state state = task_state(task);
    if (!task_scene_has(scene, task) || (scene->is_over && state == TASK_RETRIED))
        return "Not told: what became of the task is not known.";
    if (state == TASK_QUEUED || state == TASK_RUNNING || state == TASK_RETRIED)
        return "None so far.";
    if (state == TASK_DONE)
        return "It returned nothing that can be shown.";
    return state == TASK_CANCELLED || state == TASK_ABANDONED ? "None: the task did not come to its end."
                                                              : "None: the task failed.";
}

/* ---- Attempts ---- */

static bool is_of(const struct record_death *death, const struct model_task *attempt)
{
    bool is_task = death->pool == attempt->key.pool && death->task == attempt->key.task;
    return is_task && death->attempt == attempt->attempt && death->pid == attempt->pid;
}

const struct record_death *task_report_death(const struct model *model, const struct model_task *attempt)
{
    for (uint64_t i = 0; i < events_death_count(&model->events); i++)
        if (is_of(&events_death_at(&model->events, i)->said, attempt))
            return &events_death_at(&model->events, i)->said;
    return NULL;
}

static bool has_died(const struct model_task *attempt)
{
    enum task_state state = task_state(attempt);
    return state == TASK_RETRIED || state == TASK_DIED || state == TASK_LIMIT;
}

struct words task_report_attempt(const struct task_scene *scene, const struct model_task *attempt,
                                 enum glyph *ret_glyph)
{
    struct task_look look = task_look(scene, attempt);
    struct words who = words_format("%s", "");
    *ret_glyph = has_died(attempt) ? GLYPH_DEAD : look.glyph;
    if (attempt->worker >= 0 && attempt->pid != 0)
        who = words_format("worker %" PRId64 ", pid %" PRId64 DOT, attempt->worker, attempt->pid);
    else if (attempt->worker >= 0)
        who = words_format("worker %" PRId64 DOT, attempt->worker);
    /* After how long stands in the head. */
    if (has_died(attempt) && task_state(attempt) != TASK_LIMIT)
        return words_format("%s%s", who.text, task_died_of(attempt).text);
    struct words words = words_format("%s%s", who.text, look.word);
    char *word = words.text + strlen(who.text);
    *word = g_ascii_tolower(*word);
    return words;
}

const char *task_report_coming(const struct task_scene *scene, const struct model_task *task, enum glyph *ret_glyph)
{
    *ret_glyph = scene->is_over ? GLYPH_BROKEN : GLYPH_QUEUED;
    if (task_state(task) != TASK_RETRIED)
        return "";
    return scene->is_over ? "not told" : "waits to begin";
}

/* ---- Time ---- */

static int64_t part_ns(const struct model_task *task, int part)
{
    const int64_t parts[SPLIT_PARTS] = { task->wait_ns, task->copy_ns, task->run_ns, task->return_ns };
    return MAX(parts[part], 0);
}

/* From when a worker is free for it, as the overview has it: the wait would leave of all else a line. */
bool task_report_parts(const struct model_task *task, double ret_parts[SPLIT_PARTS])
{
    double total = 0;
    ret_parts[SPLIT_WAITS] = 0;
    for (int i = SPLIT_IN; i < SPLIT_PARTS; i++)
        total += (double)part_ns(task, i);
    for (int i = SPLIT_IN; i < SPLIT_PARTS; i++)
        ret_parts[i] = total > 0 ? (double)part_ns(task, i) / total : 0;
    return total > 0;
}

struct words task_report_time_note(const struct model_task *task)
{
    int64_t wait_ns = part_ns(task, SPLIT_WAITS);
    struct words attempt = { "" }, wait = { "" };
    if (task->attempt > 1)
        attempt = words_format("attempt %" PRIu32, task->attempt);
    if (wait_ns > 0)
        wait = words_format("after waiting %s", text_duration(wait_ns).text);
    return words_format("%s%s%s", attempt.text, attempt.text[0] != '\0' && wait.text[0] != '\0' ? DOT : "", wait.text);
}

struct words task_report_part(const struct model_task *task, int part)
{
    static const char *const names[SPLIT_PARTS] = { "waited", "copied", "ran", "returned" };
    int64_t ns = part_ns(task, part);
    /* Of one whose worker is dead nothing returns. */
    const char *name = part == SPLIT_BACK && has_died(task) ? "noticed after" : names[part];
    return ns > 0 ? words_format("%s %s", name, text_duration(ns).text) : words_format("%s", "");
}

/* ---- All of it ---- */

static void add_line(GString *text, const char *name, const char *value)
{
    if (value[0] != '\0')
        g_string_append_printf(text, "%s%s%s\n", name, name[0] != '\0' ? ": " : "", value);
}

static void add_time(GString *text, const struct view *view, const char *name, int64_t time_ns)
{
    if (time_ns != 0)
        add_line(text, name, text_clock(model_wall_ns(view->model, time_ns)).text);
}

static void add_attempts(GString *text, const struct task_scene *scene, const struct model_task *task)
{
    enum glyph glyph;
    const char *coming = task_report_coming(scene, task, &glyph);
    if (coming[0] != '\0')
        g_string_append_printf(text, "attempt %" PRIu32 ": %s\n", task->attempt + 1, coming);
    for (const struct model_task *attempt = task; attempt != NULL; attempt = attempt->earlier)
        if (attempt->attempt > 0)
            g_string_append_printf(text, "attempt %" PRIu32 ": %s\n", attempt->attempt,
                                   task_report_attempt(scene, attempt, &glyph).text);
}

static void add_parts(GString *text, const struct model_task *task)
{
    for (int i = 0; i < SPLIT_PARTS; i++)
        add_line(text, "", task_report_part(task, i).text);
}

char *task_report(const struct view *view, const struct task_scene *scene, const struct model_task *task)
{
    GString *text = g_string_new(NULL);
    const struct record_death *death = task_report_death(view->model, task);
    add_line(text, "", task_report_title(scene, task).text);
    add_line(text, "", words_task_call(view->model, task).text);
    add_line(text, "", task_cause(task).text);
    add_line(text, "", task_report_origin(scene, task).text);
    add_attempts(text, scene, task);
    add_time(text, view, "queued", task->submitted_ns);
    add_time(text, view, "started", task->begun_ns);
    add_time(text, view, "ended", task->ended_ns);
    add_parts(text, task);
    add_line(text, "result", task_text(task, TASK_RESULT));
    add_line(text, "stack", death != NULL ? kept_string(death->stack) : "");
    return g_string_free(text, FALSE);
}
