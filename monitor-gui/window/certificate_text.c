#include "window/certificate_text.h"

#include "window/attempt_words.h"
#include "window/says.h"
#include <inttypes.h>

/* By a signal that nobody can handle. */
#define KILLED (-9)

/* Of a writer that does not say so it is not known. */
static void add_length(GString *text, const struct record_death *death)
{
    if (death->lived_ns > 0)
        g_string_append_printf(text, DOT "lived %s", text_span(death->lived_ns).text);
    if (death->lived_ns > 0 || death->tasks > 0)
        g_string_append_printf(text, DOT "%s", words_many(death->tasks, "task").text);
}

char *certificate_life(const struct record_death *death)
{
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "pid %" PRId64, death->pid);
    add_length(text, death);
    if (death->peak > 0)
        g_string_append_printf(text, DOT "peak %s", text_bytes(death->peak).text);
    return g_string_free(text, FALSE);
}

static struct task_key key_of(const struct record_death *death)
{
    return (struct task_key){ death->pool, death->task, death->item };
}

/* What it was called with is told while it begins. */
static bool is_untold(const struct model *model, const struct record_death *death, const struct model_task *attempt)
{
    bool has_input = kept_string(death->argument)[0] != '\0' || kept_string(death->label)[0] != '\0';
    int64_t begun_ns = attempt != NULL && attempt->begun_ns != 0 ? attempt->begun_ns : death->time_ns;
    return !has_input && !looks_had(&model->looks, begun_ns);
}

char *certificate_task(const struct model *model, const struct record_death *death)
{
    const struct task_key key = key_of(death);
    const struct model_task *attempt = attempt_find(model, &key, death->attempt, death->pid);
    const char *untold = is_untold(model, death, attempt) ? DOT "input not told, nobody looked" : "";
    bool has_run = attempt != NULL && attempt->begun_ns != 0 && attempt->begun_ns <= death->time_ns;
    return g_strdup_printf("task %s" DOT "%s%s%s%s", text_count(death->task).text,
                           attempt_words(model, &key, death->attempt).text, has_run ? DOT "had run " : "",
                           has_run ? text_duration(death->time_ns - attempt->begun_ns).text : "", untold);
}

const char *certificate_no_stack(const struct record_death *death)
{
    if (says_limit(kept_string(death->cause)).text[0] != '\0')
        return "No stack: the pool has ended the worker.";
    return death->exit_code == KILLED ? "No stack: the worker was killed from outside."
                                      : "No stack: there is one of faults, with .crash_reports = 1.";
}

static struct decision about_task(const struct record_death *death)
{
    if (death->decision == RECORD_DECISION_RETRIED)
        return (struct decision){ death->decided_ns, GLYPH_RETRIED,
                                  g_strdup_printf("task %s queued again, attempt %" PRIu32,
                                                  text_count(death->task).text, death->attempt + 1) };
    return (struct decision){ death->decided_ns, GLYPH_FAILED,
                              g_strdup_printf("task %s failed", text_count(death->task).text) };
}

static struct decision about_successor(const struct record_death *death)
{
    g_autofree char *who =
        death->successor != 0 ? g_strdup_printf("pid %" PRId64, death->successor) : g_strdup("a new one");
    return (struct decision){ death->replaced_ns - death->time_ns, GLYPH_RUNNING,
                              g_strdup_printf("worker %" PRIu32 " replaced by %s", death->worker, who) };
}

/* The death of whoever ran the next attempt. */
static const struct record_death *next_death(const struct model *model, const struct record_death *death)
{
    for (uint64_t i = 0; death->task != 0 && i < events_death_count(&model->events); i++) {
        const struct record_death *other = &events_death_at(&model->events, i)->said;
        bool is_task = other->pool == death->pool && other->task == death->task && other->item == death->item;
        if (is_task && other->attempt == death->attempt + 1)
            return other;
    }
    return NULL;
}

static struct decision about_next(const struct record_death *death, const struct record_death *next)
{
    bool is_same = strcmp(says_cause(death).text, says_cause(next).text) == 0;
    return (struct decision){ next->time_ns - death->time_ns, GLYPH_DEAD,
                              g_strdup_printf(
                                  "attempt %" PRIu32 " killed worker %" PRIu32 " %s%s", next->attempt, next->worker,
                                  is_same ? "in the same way" : "too: ", is_same ? "" : says_death(next).text) };
}

/* Of an attempt that is known to have been made, or to come. */
static struct decision about_attempt(const struct model *model, const struct record_death *death, uint32_t attempt)
{
    const struct task_key key = key_of(death);
    struct attempt_end end = attempt_end(model, &key, attempt);
    return (struct decision){ end.time_ns != 0 ? end.time_ns - death->time_ns : INT64_MAX, end.glyph,
                              g_strdup(end.words.text) };
}

/* What came of the next attempt, and of the one that follows it; returns how many lines. */
static size_t add_next(const struct model *model, const struct record_death *death, struct decision *ret_decisions)
{
    const struct record_death *next = next_death(model, death), *last = next != NULL ? next : death;
    size_t count = 0;
    if (next != NULL) {
        ret_decisions[count++] = about_next(death, next);
        ret_decisions[count] = about_task(next);
        ret_decisions[count++].after_ns += next->time_ns - death->time_ns;
    }
    if (death->task != 0 && last->decision == RECORD_DECISION_RETRIED)
        ret_decisions[count++] = about_attempt(model, death, last->attempt + 1);
    return count;
}

static void sort(struct decision *decisions, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && decisions[j].after_ns < decisions[j - 1].after_ns; j--) {
            struct decision later = decisions[j - 1];
            decisions[j - 1] = decisions[j];
            decisions[j] = later;
        }
}

size_t certificate_decisions(const struct model *model, const struct record_death *death,
                             struct decision ret_decisions[DECISIONS_MAX])
{
    size_t count = 0;
    ret_decisions[count++] =
        (struct decision){ 0, GLYPH_DEAD, g_strdup_printf("worker %" PRIu32 " died", death->worker) };
    if (death->decision != RECORD_DECISION_NONE && death->task != 0)
        ret_decisions[count++] = about_task(death);
    if (death->replaced_ns != 0)
        ret_decisions[count++] = about_successor(death);
    count += add_next(model, death, ret_decisions + count);
    sort(ret_decisions, count);
    return count;
}

struct number_text decision_after(const struct decision *decision)
{
    return decision->after_ns == INT64_MAX ? (struct number_text){ "" } : text_after(decision->after_ns);
}

static void add_decisions(GString *text, const struct model *model, const struct record_death *death)
{
    struct decision decisions[DECISIONS_MAX];
    size_t count = certificate_decisions(model, death, decisions);
    g_string_append(text, "\nWhat was decided\n");
    for (size_t i = 0; i < count; i++) {
        g_string_append_printf(text, "  %-8s %s\n", decision_after(&decisions[i]).text, decisions[i].text);
        g_free(decisions[i].text);
    }
}

static void add_part(GString *text, const char *head, const char *part, const char *otherwise)
{
    g_string_append_printf(text, "\n%s\n%s\n", head, part[0] != '\0' ? part : otherwise);
}

char *certificate_text(const struct view *view, const struct record_death *death)
{
    GString *text = g_string_new(NULL);
    g_autofree char *life = certificate_life(death), *task = certificate_task(view->model, death);
    struct words fault = words_fault(death);
    g_string_append_printf(text, "Worker %" PRIu32 " of %s died at %s\n%s\n%s%s%s\n", death->worker,
                           words_pool(view->model, death->pool).text,
                           text_clock(model_wall_ns(view->model, death->time_ns)).text, says_cause(death).text,
                           fault.text, fault.text[0] != '\0' ? "\n" : "", life);
    if (death->task != 0)
        g_string_append_printf(text, "\nLast task\n%s\n%s\n", words_death_call(view->model, death).text, task);
    add_decisions(text, view->model, death);
    add_part(text, "Stack", kept_string(death->stack), certificate_no_stack(death));
    add_part(text, "Last lines of stderr", kept_string(death->output), SAYS_NO_OUTPUT);
    return g_string_free(text, FALSE);
}
