#include "window/task_look.h"

#include "window/says.h"
#include <inttypes.h>
#include <mproc/base.h>
#include <stdlib.h>

enum { WEIGHT_OVER, WEIGHT_DONE, WEIGHT_WAITING, WEIGHT_RUNNING, WEIGHT_TROUBLE };

/* ---- States ---- */

static const struct task_look looks[] = {
    [TASK_QUEUED] = { "Queued", "dim", GLYPH_QUEUED, TASKS_WAITING, WEIGHT_WAITING },
    [TASK_RUNNING] = { "Running", NULL, GLYPH_RUNNING, TASKS_RUNNING, WEIGHT_RUNNING },
    [TASK_RETRIED] = { "Retried", "warn", GLYPH_RETRIED, TASKS_RETRIED, WEIGHT_TROUBLE },
    [TASK_DONE] = { "Done", NULL, GLYPH_DONE, TASKS_DONE, WEIGHT_DONE },
    [TASK_FAILED] = { "Failed", "bad", GLYPH_FAILED, TASKS_FAILED, WEIGHT_TROUBLE },
    [TASK_CANCELLED] = { "Cancelled", "dim", GLYPH_CANCELLED, TASKS_ALL, WEIGHT_OVER },
    [TASK_DIED] = { "Failed", "bad", GLYPH_FAILED, TASKS_FAILED, WEIGHT_TROUBLE },
    [TASK_LIMIT] = { "Timed out", "bad", GLYPH_TIMED_OUT, TASKS_FAILED, WEIGHT_TROUBLE },
    [TASK_ABANDONED] = { "Abandoned", "dim", GLYPH_CANCELLED, TASKS_FAILED, WEIGHT_OVER },
};

static const struct task_look untold = { "Not told", "dim", GLYPH_BROKEN, TASKS_ALL, WEIGHT_OVER };
static const struct task_look too_large = { "Too large", "bad", GLYPH_FAILED, TASKS_FAILED, WEIGHT_TROUBLE };

static struct task_look own_look(const struct model_task *task)
{
    enum task_state state = task_state(task);
    if (state == TASK_LIMIT && task->code != MPROC_E_TIMEOUT)
        return too_large;
    if (state == TASK_DONE && task->attempt > 1)
        return looks[TASK_RETRIED];
    return looks[state];
}

struct task_look task_look(const struct task_scene *scene, const struct model_task *task)
{
    return task_scene_has(scene, task) ? own_look(task) : untold;
}

enum task_filter task_group(const struct model_task *task)
{
    return own_look(task).group;
}

bool task_is_in(const struct model_task *task, enum task_filter group, enum task_filter filter)
{
    return filter == TASKS_ALL || group == filter || (filter == TASKS_RETRIED && task->attempt > 1);
}

struct words task_tries(const struct model_task *task)
{
    if (task_state(task) == TASK_RETRIED)
        return words_format("%" PRIu32 " of %" PRIu32, task->attempt, task->attempt + 1);
    return words_format("%" PRIu32, task->attempt);
}

/* ---- What came of it ---- */

static struct words say_failed(const struct model_task *task)
{
    return says_error(task->code, task_text(task, TASK_ERROR));
}

/* What stands behind these words in the error; NULL if they are not in it. */
static const char *behind(const struct model_task *task, const char *text)
{
    const char *found = strstr(task_text(task, TASK_ERROR), text);
    return found != NULL ? found + strlen(text) : NULL;
}

/* As a death would say it. */
static struct record_death death_of(const struct model_task *task)
{
    return (struct record_death){ .worker = (uint32_t)task->worker,
                                  .pid = task->pid,
                                  .cause = { task_text(task, TASK_ERROR), task->sizes[TASK_ERROR] } };
}

struct words task_died_of(const struct model_task *task)
{
    const char *why = behind(task, ": "), *signal = behind(task, "signal ");
    struct words limit = says_limit(task_text(task, TASK_ERROR));
    struct record_death death = death_of(task);
    if (limit.text[0] != '\0')
        return limit;
    if (why != NULL)
        return words_format("%s", why);
    if (signal != NULL && atoi(signal) > 0)
        return words_format("signal %d", atoi(signal));
    return words_cause(&death);
}

static struct words say_limit(const struct model_task *task)
{
    struct words limit = says_limit(task_text(task, TASK_ERROR));
    limit.text[0] = g_ascii_toupper(limit.text[0]);
    return limit.text[0] != '\0' ? limit : say_failed(task);
}

static struct words say_trouble(const struct model_task *task)
{
    enum task_state state = task_state(task);
    if (state == TASK_DIED || state == TASK_RETRIED)
        return words_format("Worker died: %s", task_died_of(task).text);
    return state == TASK_LIMIT ? say_limit(task) : say_failed(task);
}

struct words task_outcome(const struct task_scene *scene, const struct model_task *task, const char **ret_class)
{
    struct words words = { "" };
    enum task_state state = task_state(task);
    *ret_class = NULL;
    if (!task_scene_has(scene, task)) {
        *ret_class = "dim";
        words = words_format(scene->is_over ? "its pool ended before its end was told" : "what became of it was lost");
    } else if (state == TASK_DONE)
        words = words_format("%s", task_text(task, TASK_RESULT));
    else if (state == TASK_CANCELLED || state == TASK_ABANDONED) {
        *ret_class = "dim";
        words = words_format("%s", task_text(task, TASK_ERROR));
    } else if (state != TASK_QUEUED && state != TASK_RUNNING) {
        *ret_class = state == TASK_RETRIED ? "warn" : "bad";
        words = say_trouble(task);
    }
    return words;
}

struct words task_cause(const struct model_task *task)
{
    struct words words = { "" };
    enum task_state state = task_state(task);
    struct record_death death = death_of(task);
    bool has_died = (state == TASK_DIED || state == TASK_RETRIED) && task_text(task, TASK_ERROR)[0] != '\0';
    if (has_died)
        words = words_format("The worker died: %s", says_why(&death).text);
    else if (state == TASK_LIMIT)
        words = say_limit(task);
    else if (state != TASK_DONE && (task->told & TASK_TOLD_ENDED) != 0)
        words = say_failed(task);
    words.text[0] = g_ascii_toupper(words.text[0]);
    return words;
}

const char *task_error_name(const struct model_task *task)
{
    return task->code != 0 && !says_is_own_code(task->code) ? mproc_error_name((int)task->code) : "";
}
