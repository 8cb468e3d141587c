#include "window/lane_rows.h"

#include "model/text.h"
#include "trace/utf8.h"
#include "window/says.h"
#include <ctype.h>
#include <inttypes.h>
#include <mproc/stats.h>
#include <stdio.h>

void lane_rows_init(struct lane_rows *rows)
{
    *rows = (struct lane_rows){ .rows = g_array_new(FALSE, FALSE, sizeof(struct lane_row)),
                                .pieces = g_array_new(FALSE, FALSE, sizeof(struct lane_piece)),
                                .deaths = g_array_new(FALSE, FALSE, sizeof(struct lane_death)),
                                .unknown = g_array_new(FALSE, FALSE, sizeof(struct lane_unknown)),
                                .layout = lane_layout_new() };
}

void lane_rows_free(struct lane_rows *rows)
{
    g_array_unref(rows->rows);
    g_array_unref(rows->pieces);
    g_array_unref(rows->deaths);
    g_array_unref(rows->unknown);
    lane_layout_free(rows->layout);
}

/* ---- Deaths ---- */

static bool is_shown(const struct view *view, const struct record_death *death)
{
    return death->pool == view->number && !death->expected && death->time_ns <= view_now_ns(view);
}

/* Who lives in a place: who died there since the moment that is shown lived there then. */
static int64_t pid_in(const struct view *view, const struct model_worker *worker)
{
    int64_t pid = worker->said.pid, time_ns = INT64_MAX;
    for (uint64_t i = 0; i < events_death_count(&view->model->events); i++) {
        const struct record_death *death = &events_death_at(&view->model->events, i)->said;
        bool is_here = death->pool == view->number && death->worker == worker->said.worker;
        if (is_here && death->time_ns > view_now_ns(view) && death->time_ns < time_ns) {
            time_ns = death->time_ns;
            pid = death->pid;
        }
    }
    return pid;
}

/* Where it is not told it is the next life in its place: the one that lives, or one that has died too. */
static int64_t successor_pid(const struct view *view, const struct record_death *death)
{
    const struct model_worker *worker = pool_lane_at(view->pool, death->worker);
    if (death->successor != 0)
        return death->successor;
    if (worker != NULL && worker->said.lives == death->lives + 1)
        return worker->said.pid;
    for (uint64_t i = 0; i < events_death_count(&view->model->events); i++) {
        const struct record_death *other = &events_death_at(&view->model->events, i)->said;
        if (other->pool == death->pool && other->worker == death->worker && other->lives == death->lives + 1)
            return other->pid;
    }
    return 0;
}

static int64_t successor_ready_ns(const struct view *view, const struct record_death *death)
{
    const struct model_worker *worker = pool_lane_at(view->pool, death->worker);
    bool is_next = worker != NULL && worker->said.lives == death->lives + 1;
    if (is_next && worker->said.ready_ns > death->time_ns)
        return worker->said.ready_ns;
    return death->replaced_ns > death->time_ns ? death->replaced_ns : INT64_MAX;
}

/* A task that its successor has begun shows that it was ready. */
static int64_t end_of_death(const struct view *view, const struct record_death *death)
{
    int64_t end_ns = successor_ready_ns(view, death);
    struct bars_walk walk = { death->time_ns, end_ns, view->number, death->worker, 0, 0 };
    struct bar room;
    const struct bar *bar;
    while ((bar = lane_next_bar(view, &walk, &room, NULL)) != NULL)
        if (bar->begin_ns > death->time_ns)
            end_ns = MIN(end_ns, bar->begin_ns);
    return end_ns <= view_now_ns(view) ? end_ns : INT64_MAX;
}

/* So many bytes of it at most, and no part of a character. */
static int cut_to(const char *text, size_t most)
{
    size_t size = strlen(text);
    return (int)mproc__utf8_valid(text, size < most ? size : most);
}

static void add_death(GArray *deaths, const struct view *view, const struct record_death *death, int64_t end_ns)
{
    struct lane_death added = { death->time_ns, end_ns, { death->worker, death->pid, death->lives }, "" };
    struct words cause = says_death(death);
    int64_t pid = successor_pid(view, death);
    cause.text[0] = (char)tolower((unsigned char)cause.text[0]);
    if (pid != 0)
        snprintf(added.words, sizeof added.words, "%.*s" DOT "new pid %" PRId64, cut_to(cause.text, 32), cause.text,
                 pid);
    else
        snprintf(added.words, sizeof added.words, "%.*s", cut_to(cause.text, 60), cause.text);
    g_array_append_val(deaths, added);
}

static void collect_deaths(struct lane_rows *rows, const struct view *view, struct lane_row *row)
{
    row->death = rows->deaths->len;
    for (uint64_t i = 0; i < events_death_count(&view->model->events); i++) {
        const struct record_death *death = &events_death_at(&view->model->events, i)->said;
        if (!is_shown(view, death) || death->worker != row->worker || death->time_ns >= rows->span.to_ns)
            continue;
        int64_t end_ns = end_of_death(view, death);
        if (end_ns > rows->span.from_ns)
            add_death(rows->deaths, view, death, end_ns);
    }
    row->deaths = rows->deaths->len - row->death;
}

bool lane_death_beside(const struct view *view, int64_t time_ns, int direction, int64_t *ret_time_ns)
{
    bool found = false;
    for (uint64_t i = 0; i < events_death_count(&view->model->events); i++) {
        const struct record_death *death = &events_death_at(&view->model->events, i)->said;
        bool is_beside = direction > 0 ? death->time_ns > time_ns : death->time_ns < time_ns;
        bool is_closer = !found || (direction > 0 ? death->time_ns < *ret_time_ns : death->time_ns > *ret_time_ns);
        if (!is_shown(view, death) || !is_beside || !is_closer)
            continue;
        *ret_time_ns = death->time_ns;
        found = true;
    }
    return found;
}

/* ---- What is not known ---- */

static void add_unknown(struct lane_rows *rows, int64_t from_ns, int64_t to_ns, int64_t worker, const char *words)
{
    struct lane_unknown unknown = { .from_ns = from_ns, .to_ns = to_ns, .worker = worker };
    if (to_ns < rows->span.from_ns || from_ns > rows->span.to_ns)
        return;
    g_strlcpy(unknown.words, words, sizeof unknown.words);
    g_array_append_val(rows->unknown, unknown);
}

/* Before all else that is not known. */
static void add_losses(struct lane_rows *rows, const struct view *view)
{
    for (uint64_t i = 0; i < events_loss_count(&view->model->events); i++) {
        const struct record_lost *lost = events_loss_at(&view->model->events, i);
        char words[64];
        if (lost->kind != RECORD_CLASS_LIFE || lost->count == 0 || lost->from_ns > view_now_ns(view) ||
            (lost->pool != 0 && lost->pool != view->number))
            continue;
        snprintf(words, sizeof words, "%s event%s lost", text_count(lost->count).text, lost->count == 1 ? "" : "s");
        add_unknown(rows, MIN(lost->from_ns, lost->to_ns), MAX(lost->from_ns, lost->to_ns), lost->worker, words);
    }
    for (guint i = 0; i < rows->unknown->len; i++)
        g_array_index(rows->unknown, struct lane_unknown, i).is_loss = true;
}

/* Of a time before there was a pool nothing is missing. */
static int64_t birth_of(const struct view *view)
{
    return view->pool->said.created_ns > 0 ? view->pool->said.created_ns : INT64_MIN;
}

static void add_unwatched(struct lane_rows *rows, const struct view *view, int64_t from_ns, int64_t to_ns)
{
    from_ns = MAX(from_ns, birth_of(view));
    if (from_ns < to_ns)
        add_unknown(rows, from_ns, to_ns, -1, "not watched");
}

static void collect_unknown(struct lane_rows *rows, const struct view *view)
{
    const struct bars *bars = &view->model->bars;
    add_losses(rows, view);
    for (uint64_t i = 0; i < bars_gap_count(bars); i++) {
        struct bars_gap gap = bars_gap_at(bars, i);
        if (gap.from_ns < view_now_ns(view))
            add_unwatched(rows, view, gap.from_ns, MIN(gap.to_ns, view_now_ns(view)));
    }
    if (lane_is_silent(view))
        add_unknown(rows, view->model->heard_ns, view_now_ns(view), -1, "no answer");
    if (bars->forgotten_ns > 0)
        add_unknown(rows, bars->begun_ns, bars->forgotten_ns, -1, "not kept any more");
    if (rows->span.from_ns < bars->begun_ns)
        add_unwatched(rows, view, INT64_MIN, bars->begun_ns);
}

/* ---- Rows ---- */

static bool is_slow(const struct view *view, const struct bar *bar)
{
    double ratio;
    int64_t run_ns = MIN(bar->end_ns, model_known_ns(view->model)) - bar->begin_ns;
    return function_is_slow(pool_function_at(view->pool, bar->function), run_ns, &ratio);
}

/* big.html, 192 ms: only of one that runs still, for what ended is on the page of tasks. */
static bool say_slow(const struct view *view, struct lane_row *row)
{
    struct bar running;
    if (!lane_running_bar(view, row->worker, &running) || running.end != 0 || !is_slow(view, &running))
        return false;
    struct words argument = lane_argument(view, row->worker, &running);
    snprintf(row->about, sizeof row->about, "%.*s%s%s", cut_to(argument.text, 40), argument.text,
             argument.text[0] != '\0' ? ", " : "", text_duration(running.end_ns - running.begin_ns).text);
    row->class = "warn";
    return true;
}

/* Beside the pid of who lives there now. Which ones is said where their marks are: in a low lane there is no room for
 * it. */
static void say_deaths(struct lane_row *row)
{
    snprintf(row->about, sizeof row->about, "%u %s", row->deaths, row->deaths == 1 ? "death" : "deaths");
    row->class = "bad";
}

static void say_about(struct lane_rows *rows, const struct view *view, struct lane_row *row)
{
    int64_t known_ns = lane_known_ns(view, rows->span);
    double share = lane_layout_busy_ns(rows->layout) / (double)MAX(known_ns, 1);
    if (row->deaths > 0) {
        say_deaths(row);
    } else if (known_ns == 0 && row->pieces == 0) {
        g_strlcpy(row->about, rows->span.to_ns <= birth_of(view) ? "not there yet" : "not watched", sizeof row->about);
        row->class = "dim";
    } else if (!say_slow(view, row)) {
        snprintf(row->about, sizeof row->about, "%s busy", text_share(MIN(share, 1)).text);
        row->class = "dim";
    }
}

static void lay_out(struct lane_rows *rows, const struct view *view, struct lane_row *row)
{
    struct bars_walk walk = { rows->span.from_ns, rows->span.to_ns, view->number, row->worker, 0, 0 };
    struct bar running, room;
    const struct bar *bar;
    lane_layout_begin(rows->layout, rows->span, rows->width);
    while ((bar = lane_next_bar(view, &walk, &room, NULL)) != NULL)
        lane_layout_add(rows->layout, bar);
    if (lane_running_bar(view, row->worker, &running))
        lane_layout_add(rows->layout, &running);
    row->piece = rows->pieces->len;
    lane_layout_end(rows->layout, rows->pieces);
    row->pieces = rows->pieces->len - row->piece;
}

static void add_row(struct lane_rows *rows, const struct view *view, const struct model_worker *worker)
{
    struct lane_row row = { .worker = worker->said.worker, .pid = pid_in(view, worker) };
    lay_out(rows, view, &row);
    collect_deaths(rows, view, &row);
    say_about(rows, view, &row);
    g_array_append_val(rows->rows, row);
}

static void clear(struct lane_rows *rows)
{
    g_array_set_size(rows->rows, 0);
    g_array_set_size(rows->pieces, 0);
    g_array_set_size(rows->deaths, 0);
    g_array_set_size(rows->unknown, 0);
}

void lane_rows_make(struct lane_rows *rows, const struct view *view, struct lane_span span, int width, guint first,
                    guint count)
{
    clear(rows);
    rows->span = span;
    rows->width = width;
    rows->first = first;
    rows->all = 0;
    for (size_t i = 0; i < view->pool->workers.count; i++) {
        const struct model_worker *worker = pool_lane_at(view->pool, i);
        if (worker == NULL)
            continue;
        if (rows->all >= first && rows->all - first < count)
            add_row(rows, view, worker);
        rows->all++;
    }
    collect_unknown(rows, view);
}
