#include "window/log_rows.h"

#include "model/text.h"
#include "window/says.h"
#include <inttypes.h>
#include <mproc/log.h>
#include <stdio.h>

void log_row_clear(gpointer row)
{
    g_free(((struct log_row *)row)->message);
}

static bool is_same(const struct log_row *one, const struct log_row *other)
{
    return one->time_ns == other->time_ns && strcmp(one->from, other->from) == 0 &&
           strcmp(one->message, other->message) == 0;
}

guint log_rows_find(const GArray *rows, const struct log_row *row)
{
    guint at = 0;
    while (at < rows->len && !is_same(&g_array_index(rows, struct log_row, at), row))
        at++;
    return at;
}

/* ---- Lines of the log, and of stderr ---- */

static enum glyph glyph_of_level(unsigned level)
{
    if (level >= MPROC_LOG_ERROR)
        return GLYPH_FAILED;
    return level >= MPROC_LOG_WARNING ? GLYPH_WARNING : GLYPH_DOT;
}

static void say_from(struct log_row *row, const struct view *view, const struct record_log *line)
{
    if (line->worker >= 0)
        snprintf(row->from, sizeof row->from, "worker %" PRId64, line->worker);
    else
        g_strlcpy(row->from, line->pool != 0 || line->pid == view->model->greeting.pid ? "pool" : "process",
                  sizeof row->from);
}

static void add_line(GArray *rows, const struct view *view, const struct record_log *line)
{
    if (line->pool != 0 && line->pool != view->pool->number)
        return;
    struct log_row row = { .time_ns = line->time_ns, .glyph = glyph_of_level(line->level), .worker = line->worker };
    const char *text = kept_string(line->text);
    row.is_stderr = line->level == 0;
    row.is_problem = line->level >= MPROC_LOG_WARNING;
    row.message = g_strdup_printf("%s%.*s", row.is_stderr ? "stderr: " : "", (int)strcspn(text, "\n"), text);
    say_from(&row, view, line);
    g_array_append_val(rows, row);
}

/* ---- Deaths and losses ---- */

static struct words why_of(const struct record_death *death)
{
    struct words limit = says_limit(kept_string(death->cause));
    return limit.text[0] != '\0' ? limit : says_brief_why(death);
}

/* pid 41304 died: segmentation fault (signal 11) in parse_page("corpus/0419.html")
 * pid 41307 was killed: timed out after 5 s in parse_page("corpus/loop.html") */
static char *say_death(const struct view *view, const struct record_death *death)
{
    struct words call = words_death_call(view->model, death);
    bool was_killed = says_limit(kept_string(death->cause)).text[0] != '\0';
    return g_strdup_printf("pid %" PRId64 " %s: %s%s%s", death->pid,
                           was_killed        ? "was killed"
                           : death->expected ? "ended"
                                             : "died",
                           why_of(death).text, call.text[0] != '\0' ? " in " : "", call.text);
}

/* from: NULL is the worker. */
static struct log_row *add_row(GArray *rows, int64_t time_ns, enum glyph glyph, const char *from, int64_t worker,
                               char *message, bool is_problem)
{
    struct log_row row = {
        .time_ns = time_ns, .glyph = glyph, .is_problem = is_problem, .worker = worker, .message = message
    };
    if (from != NULL)
        g_strlcpy(row.from, from, sizeof row.from);
    else
        snprintf(row.from, sizeof row.from, "worker %" PRId64, worker);
    g_array_append_val(rows, row);
    return &g_array_index(rows, struct log_row, rows->len - 1);
}

static char *say_successor(const struct record_death *death)
{
    struct number_text after = text_duration(death->replaced_ns - death->time_ns);
    if (death->successor == 0)
        return g_strdup_printf("a new worker took the place of pid %" PRId64 ", %s later", death->pid, after.text);
    return g_strdup_printf("pid %" PRId64 " took the place of %" PRId64 ", %s later", death->successor, death->pid,
                           after.text);
}

static char *say_decision(const struct record_death *death)
{
    struct number_text task = text_count(death->task);
    if (death->decision == RECORD_DECISION_RETRIED)
        return g_strdup_printf("task %s queued again, attempt %" PRIu32, task.text, death->attempt + 1);
    return g_strdup_printf("task %s failed: %s", task.text, why_of(death).text);
}

/* Who ended because he was to has no certificate. */
static struct log_links links_of(const struct record_death *death)
{
    return (struct log_links){ .pid = death->expected ? 0 : death->pid,
                               .lives = death->expected ? 0 : death->lives,
                               .task = { .pool = death->pool, .task = death->task, .item = death->item } };
}

static void add_decision(GArray *rows, const struct record_death *death)
{
    bool is_retried = death->decision == RECORD_DECISION_RETRIED;
    add_row(rows, death->time_ns + death->decided_ns, is_retried ? GLYPH_RETRIED : GLYPH_FAILED, "pool", death->worker,
            say_decision(death), death->decision == RECORD_DECISION_FAILED)
        ->links = links_of(death);
}

static void add_death(GArray *rows, const struct view *view, const struct record_death *death)
{
    if (death->pool != view->pool->number)
        return;
    add_row(rows, death->time_ns, death->expected ? GLYPH_DOT : GLYPH_DEAD, NULL, death->worker, say_death(view, death),
            !death->expected)
        ->links = links_of(death);
    if (death->task != 0 && death->decision != RECORD_DECISION_NONE)
        add_decision(rows, death);
    if (death->replaced_ns != 0)
        add_row(rows, death->replaced_ns, GLYPH_STARTING, NULL, death->worker, say_successor(death), false);
}

/* task 184 920 failed: -22: bad character set */
static void add_failure(GArray *rows, const struct view *view, const struct record_task_ended *ended)
{
    if (ended->pool != view->pool->number)
        return;
    add_row(rows, ended->ended_ns, GLYPH_FAILED, ended->worker < 0 ? "pool" : NULL, ended->worker,
            g_strdup_printf("task %s failed: %s", text_count(ended->task).text,
                            says_error(ended->code, kept_string(ended->error)).text),
            true)
        ->links.task = (struct task_key){ .pool = ended->pool, .task = ended->task, .item = ended->item };
}

static void add_loss(GArray *rows, const struct record_lost *lost)
{
    bool is_client = lost->pool == 0;
    add_row(rows, lost->to_ns, GLYPH_BROKEN, "monitor", -1,
            g_strdup_printf("%s %s missing: %s", text_count(lost->count).text, words_class(lost->kind),
                            is_client ? "the monitor read too slowly" : "more happened than could be told"),
            true);
}

/* ---- All of them ---- */

static void collect(GArray *rows, const struct view *view)
{
    const struct events *events = &view->model->events;
    for (uint64_t i = 0; i < events_line_count(events); i++)
        add_line(rows, view, &events_line_at(events, i)->said);
    for (uint64_t i = 0; i < events_death_count(events); i++)
        add_death(rows, view, &events_death_at(events, i)->said);
    for (uint64_t i = 0; i < events_failure_count(events); i++)
        add_failure(rows, view, &events_failure_at(events, i)->said);
    for (uint64_t i = 0; i < events_loss_count(events); i++)
        if (events_loss_at(events, i)->count > 0)
            add_loss(rows, events_loss_at(events, i));
}

static int last_first(gconstpointer one, gconstpointer other)
{
    const struct log_row *a = one, *b = other;
    return (a->time_ns < b->time_ns) - (a->time_ns > b->time_ns);
}

static bool passes(const struct log_row *row, enum log_filter filter, const char *folded)
{
    if (filter == LOG_PROBLEMS && !row->is_problem)
        return false;
    if (filter == LOG_LIFE && row->is_stderr)
        return false;
    if (filter == LOG_STDERR && !row->is_stderr)
        return false;
    if (folded[0] == '\0')
        return true;
    g_autofree char *message = g_utf8_casefold(row->message, -1);
    return strstr(message, folded) != NULL;
}

static void count_row(const struct log_row *row, guint counts[LOG_FILTERS])
{
    counts[LOG_ALL]++;
    counts[LOG_PROBLEMS] += row->is_problem;
    counts[LOG_STDERR] += row->is_stderr;
    counts[LOG_LIFE] += !row->is_stderr;
}

void log_rows_collect(GArray *rows, const struct view *view, const struct log_question *question,
                      guint ret_counts[LOG_FILTERS])
{
    g_autofree char *folded = g_utf8_casefold(question->text, -1);
    memset(ret_counts, 0, LOG_FILTERS * sizeof *ret_counts);
    g_array_set_size(rows, 0);
    collect(rows, view);
    g_array_sort(rows, last_first);
    guint kept = 0;
    for (guint i = 0; i < rows->len; i++) {
        struct log_row *row = &g_array_index(rows, struct log_row, i);
        bool is_of_worker = question->worker < 0 || question->worker == row->worker;
        if (is_of_worker)
            count_row(row, ret_counts);
        if (!is_of_worker || !passes(row, question->filter, folded))
            continue;
        struct log_row moved = g_array_index(rows, struct log_row, kept);
        g_array_index(rows, struct log_row, kept++) = *row;
        *row = moved;
    }
    g_array_set_size(rows, kept);
}
