#include "window/task_counts.h"

#include "model/text.h"

/* Of one, and of more. */
static const struct {
    const char *one, *many;
} verbs[TASK_FILTERS] = {
    [TASKS_RUNNING] = { "runs", "run" }, [TASKS_WAITING] = { "waits", "wait" }, [TASKS_FAILED] = { "failed", "failed" }
};

static const char *verb_of(int group, uint64_t count)
{
    return count == 1 ? verbs[group].one : verbs[group].many;
}

void task_counts_make(struct task_counts *ret_counts, const guint found[TASK_FILTERS], const struct record_counts *said)
{
    guint *listed = ret_counts->listed;
    uint64_t *all = ret_counts->all;
    memcpy(listed, found, sizeof ret_counts->listed);
    listed[TASKS_RUNNING] = (guint)MIN(listed[TASKS_RUNNING], said->running);
    listed[TASKS_WAITING] = (guint)MIN(listed[TASKS_WAITING], said->queued);
    ret_counts->lists_items = listed[TASKS_FAILED] > said->failed;
    for (int i = 0; i < TASK_FILTERS; i++)
        all[i] = listed[i];
    all[TASKS_RUNNING] = said->running;
    all[TASKS_WAITING] = said->queued;
    all[TASKS_FAILED] = said->failed;
}

/* Of what waits when it begins to look, a monitor is told of the first ones alone. */
#define WAITING_TOLD 256

static const char *why_unlisted(const struct task_counts *counts, enum task_filter group)
{
    if (group != TASKS_WAITING || counts->all[group] <= WAITING_TOLD)
        return "";
    return counts->listed[group] <= WAITING_TOLD ? ", only the first named" : ", queued before anybody looked";
}

void task_counts_add_unlisted(const struct task_counts *counts, const char *before, GString *text)
{
    static const enum task_filter told[] = { TASKS_WAITING, TASKS_FAILED };
    for (size_t i = 0; i < G_N_ELEMENTS(told); i++) {
        uint64_t all = counts->all[told[i]];
        guint listed = counts->listed[told[i]];
        if (all > listed)
            g_string_append_printf(text, "%s%s more %s%s", before, text_count(all - listed).text,
                                   verb_of(told[i], all - listed), why_unlisted(counts, told[i]));
    }
    if (counts->lists_items)
        g_string_append_printf(text, "%s%s failed, a map counts as one", before,
                               text_count(counts->all[TASKS_FAILED]).text);
}

struct words task_counts_none(const struct task_counts *counts, const struct task_question *question)
{
    enum task_filter group = question->filter;
    bool is_group_alone = question->function == 0 && (question->text == NULL || question->text[0] == '\0');
    if (counts->listed[TASKS_ALL] == 0 && counts->all[group] == 0)
        return words_format("No task was told of so far.");
    if (is_group_alone && verbs[group].one != NULL && counts->all[group] > counts->listed[group])
        return words_format("%s %s. The program did not say which.", words_many(counts->all[group], "task").text,
                            verb_of(group, counts->all[group]));
    return words_format("No task matches.");
}
