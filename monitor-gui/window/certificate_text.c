#include "window/certificate_text.h"

#include "model/text.h"
#include "window/says.h"
#include <inttypes.h>

/* 1st, 2nd, 3rd, 4th; 11th, 12th, 13th. */
static const char *ordinal_end(uint64_t number)
{
    static const char *const ends[] = { "th", "st", "nd", "rd" };
    return number % 10 <= 3 && number / 10 % 10 != 1 ? ends[number % 10] : "th";
}

char *certificate_life(const struct record_death *death)
{
    const char *peak = death->peak > 0 ? DOT "peak " : "";
    struct number_text bytes = text_bytes(death->peak);
    if (death->lives > 1)
        return g_strdup_printf("pid %" PRId64 DOT "the %" PRIu64 "%s worker in this place%s%s", death->pid,
                               death->lives, ordinal_end(death->lives), peak, death->peak > 0 ? bytes.text : "");
    return g_strdup_printf("pid %" PRId64 DOT "the first worker in this place%s%s", death->pid, peak,
                           death->peak > 0 ? bytes.text : "");
}

char *certificate_task(const struct record_death *death)
{
    return g_strdup_printf("task %s" DOT "attempt %" PRIu32, text_count(death->task).text, death->attempt);
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

size_t certificate_decisions(const struct record_death *death, struct decision ret_decisions[DECISIONS_MAX])
{
    size_t count = 0;
    ret_decisions[count++] =
        (struct decision){ 0, GLYPH_DEAD, g_strdup_printf("worker %" PRIu32 " died", death->worker) };
    if (death->decision != RECORD_DECISION_NONE && death->task != 0)
        ret_decisions[count++] = about_task(death);
    if (death->replaced_ns != 0)
        ret_decisions[count++] = about_successor(death);
    return count;
}

static void add_decisions(GString *text, const struct record_death *death)
{
    struct decision decisions[DECISIONS_MAX];
    size_t count = certificate_decisions(death, decisions);
    g_string_append(text, "\nWhat was decided\n");
    for (size_t i = 0; i < count; i++) {
        g_string_append_printf(text, "  %-8s %s\n", text_after(decisions[i].after_ns).text, decisions[i].text);
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
    g_autofree char *life = certificate_life(death), *task = certificate_task(death);
    g_string_append_printf(text, "Worker %" PRIu32 " of %s died at %s\n%s\n%s\n", death->worker,
                           words_pool(view->model, death->pool).text,
                           text_clock(model_wall_ns(view->model, death->time_ns)).text, says_cause(death).text, life);
    if (death->task != 0)
        g_string_append_printf(text, "\nLast task\n%s\n%s\n", words_death_call(view->model, death).text, task);
    add_decisions(text, death);
    add_part(text, "Stack", kept_string(death->stack), "No stack: the worker was killed from outside.");
    add_part(text, "Last lines of stderr", kept_string(death->output), "It wrote nothing to stderr.");
    return g_string_free(text, FALSE);
}
