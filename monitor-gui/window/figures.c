#include "window/figures.h"

#include "model/text.h"
#include "window/parts.h"
#include "window/says.h"
#include <mproc/stats.h>

#define MANY 1000000
/* Of what stands beside those that died, and of their number, in a narrow window. */
#define NARROW_CHARS 10
#define NO_VALUE     "\xe2\x80\x93"

enum { BUSY, WAITING, THROUGHPUT, DONE, FAILED, LEFT, FIGURES };

struct _MonFigures {
    GtkBox parent_instance;
    struct {
        GtkWidget *column, *title, *glyph, *value, *unit, *second, *trouble;
    } figures[FIGURES];
};

G_DEFINE_TYPE(MonFigures, mon_figures, GTK_TYPE_BOX)

static void mon_figures_class_init(MonFiguresClass *class)
{
    (void)class;
}

/* To assistive technology it is a group, of the title's name. */
static GtkWidget *new_group(void)
{
    return g_object_new(GTK_TYPE_BOX, "orientation", GTK_ORIENTATION_VERTICAL, "accessible-role",
                        GTK_ACCESSIBLE_ROLE_GROUP, NULL);
}

static GtkWidget *new_figure(MonFigures *self, int index, const char *title)
{
    GtkWidget *column = new_group(), *head = parts_row(6), *line = parts_row(6), *last = parts_row(0);
    self->figures[index].column = column;
    self->figures[index].glyph = parts_add(head, mon_glyph_new(GLYPH_FAILED));
    gtk_widget_set_visible(self->figures[index].glyph, FALSE);
    parts_set_accessible_label(column, title);
    self->figures[index].title = parts_add(head, parts_label(title, "caption"));
    self->figures[index].value = parts_add(line, parts_short_label("", "kpi"));
    self->figures[index].unit = parts_add(line, parts_label("", "kpi-unit"));
    gtk_widget_set_valign(self->figures[index].unit, GTK_ALIGN_BASELINE);
    gtk_widget_set_valign(self->figures[index].value, GTK_ALIGN_BASELINE);
    parts_add(column, head);
    parts_add(column, line);
    self->figures[index].second = parts_add(last, parts_label("", "caption"));
    self->figures[index].trouble = parts_add(last, parts_label("", "caption bad"));
    parts_add(column, last);
    return column;
}

static void mon_figures_init(MonFigures *self)
{
    static const char *const titles[FIGURES] = {
        "Workers busy", "Waiting", "Throughput", "Done", "Failed", "Time left"
    };
    gtk_box_set_homogeneous(GTK_BOX(self), TRUE);
    gtk_box_set_spacing(GTK_BOX(self), 10);
    gtk_widget_add_css_class(GTK_WIDGET(self), "figures");
    for (int i = 0; i < FIGURES; i++)
        parts_add(GTK_WIDGET(self), new_figure(self, i, titles[i]));
    /* Of workers that word means another thing: they wait for a lock. */
    parts_set_tooltip(gtk_widget_get_parent(gtk_widget_get_parent(self->figures[WAITING].value)),
                      "Tasks in the queue, which no worker has begun");
    /* Who adds up the column of the workers gets less, where there are maps. */
    parts_set_tooltip(self->figures[DONE].column,
                      "Tasks and items of maps that have ended, failed ones too. Each worker's own number is of calls "
                      "that it returned, and a chunk of a map counts as one of them.");
}

GtkWidget *mon_figures_new(void)
{
    return g_object_new(MON_TYPE_FIGURES, NULL);
}

/* ---- Showing ---- */

static void put(MonFigures *self, int index, const char *value, const char *unit, const char *second)
{
    parts_set_text(self->figures[index].value, value);
    parts_set_text(self->figures[index].unit, unit);
    parts_set_text(self->figures[index].second, second);
}

/* "1.24 M/s" is a number and a unit; "48 213" is a number alone. */
static void put_number(MonFigures *self, int index, const char *text, const char *second)
{
    const char *blank = g_strrstr(text, TEXT_BLANK);
    const char *unit = blank != NULL ? blank + strlen(TEXT_BLANK) : "";
    if (blank == NULL || g_ascii_isdigit(unit[0])) {
        put(self, index, text, "", second);
        return;
    }
    g_autofree char *value = g_strndup(text, (gsize)(blank - text));
    put(self, index, value, unit, second);
}

/* All its digits, where there is room for so many. */
static void put_count(MonFigures *self, int index, uint64_t count, const char *unit, const char *second)
{
    if (count >= MANY && parts_is_narrow(GTK_WIDGET(self)))
        put_number(self, index, text_about((double)count).text, second);
    else
        put(self, index, text_count(count).text, unit, second);
}

/* ---- Workers ---- */

static size_t count_deadlocked(const struct view *view)
{
    size_t count = 0;
    for (size_t i = 0; i < view->pool->workers.count; i++) {
        const struct model_worker *worker = pool_worker_at(view->pool, i);
        count += worker != NULL && says_is_deadlocked(view->model, view->pool, worker);
    }
    return count;
}

/* Beside those that died, if there are any. That none of all is idle is no news where some can never go on. */
static struct words besides_words(const struct view *view, size_t deadlocked, bool is_narrow)
{
    bool has_deaths = view->pool->counts.deaths > 0;
    struct number_text idle = text_about((double)pool_count_workers(view->pool, MPROC_WORKER_IDLE));
    if (model_is_over(view->model, view->pool))
        return words_format("all ended");
    if (deadlocked == 0)
        return words_format("%s idle", idle.text);
    if (is_narrow && has_deaths)
        return words_format("%s stuck", text_about((double)deadlocked).text);
    return words_format("%s in a deadlock", text_about((double)deadlocked).text);
}

/* In full, for there may be no room for all of it. */
static void tell_workers(MonFigures *self, const struct view *view, size_t deadlocked)
{
    const struct model_pool *pool = view->pool;
    bool is_over = model_is_over(view->model, pool);
    g_autofree char *now = g_strdup_printf("%zu busy, %zu idle", pool_count_workers(pool, MPROC_WORKER_BUSY),
                                           pool_count_workers(pool, MPROC_WORKER_IDLE));
    g_autofree char *stuck = deadlocked > 0 ? g_strdup_printf(", %zu in a deadlock", deadlocked) : g_strdup("");
    g_autofree char *tip =
        g_strdup_printf("%s%s, %s died", is_over ? "All have ended" : now, stuck, text_count(pool->counts.deaths).text);
    parts_set_tooltip(self->figures[BUSY].column, tip);
}

static void show_workers(MonFigures *self, const struct view *view)
{
    const struct model_pool *pool = view->pool;
    bool is_over = model_is_over(view->model, pool), is_narrow = parts_is_narrow(GTK_WIDGET(self));
    size_t busy = pool_count_workers(pool, MPROC_WORKER_BUSY), deadlocked = count_deadlocked(view);
    struct words besides = besides_words(view, deadlocked, is_narrow);
    struct number_text deaths = text_about((double)pool->counts.deaths);
    bool has_deaths = pool->counts.deaths > 0;
    bool has_room = !is_narrow || g_utf8_strlen(besides.text, -1) + g_utf8_strlen(deaths.text, -1) <= NARROW_CHARS;
    g_autofree char *unit = g_strdup_printf("of %u", pool->said.target);
    g_autofree char *second = g_strdup_printf("%s%s", besides.text,
                                              has_deaths       ? DOT
                                              : deadlocked > 0 ? ""
                                                               : DOT "0 died");
    put(self, BUSY, text_count(is_over ? 0 : busy).text, unit, has_deaths && !has_room ? "" : second);
    parts_set_class(self->figures[BUSY].second, deadlocked > 0 ? "bad" : "");
    parts_set_format(self->figures[BUSY].trouble, has_deaths ? "%s died" : "%s", has_deaths ? deaths.text : "");
    tell_workers(self, view, deadlocked);
}

/* What still waited when it ended never began. */
static void show_queue(MonFigures *self, const struct view *view)
{
    const struct record_counts *counts = &view->pool->counts;
    bool is_over = model_is_over(view->model, view->pool);
    const char *unit = parts_is_narrow(GTK_WIDGET(self)) ? "" : counts->queued == 1 ? "task" : "tasks";
    g_autofree char *second =
        is_over ? g_strdup("when it ended") : g_strdup_printf("oldest %s", text_duration(counts->oldest_ns).text);
    put_count(self, WAITING, counts->queued, unit, counts->queued > 0 ? second : "nothing queued");
}

static void show_rate(MonFigures *self, const struct view *view)
{
    double rate, seconds = (double)pool_age_ns(view->pool, view->model->now_ns) / 1e9;
    g_autofree char *second = NULL;
    if (seconds > 0)
        second = g_strdup_printf("average %s", text_rate((double)pool_done(view->pool) / seconds).text);
    bool is_over = model_is_over(view->model, view->pool), is_known = history_rate_now(&view->pool->history, &rate);
    put_number(self, THROUGHPUT,
               is_over    ? text_rate(0).text
               : is_known ? text_rate(rate).text
                          : NO_VALUE,
               second != NULL ? second : "");
}

/* ---- What is done ---- */

/* The maps under way, those that have ended left out. */
struct under_way {
    uint64_t maps, items, done, failed;
    bool is_known; /* how many items all of them have */
};

static struct under_way maps_under_way(const struct model_pool *pool)
{
    struct under_way way = { .is_known = true };
    for (size_t i = 0; i < pool->maps.count; i++) {
        const struct record_map *map = &pool_map_at(pool, i)->said;
        if (map->ended)
            continue;
        way.maps++;
        way.items += map->items;
        way.done += MIN(map->done, map->items);
        way.failed += map->failed;
        way.is_known &= map->items > 0;
    }
    return way;
}

/* Where nothing else has ended, the figure is of the items of these maps, and of all that they have. */
static struct words maps_words(const struct model_pool *pool, const struct under_way *way, bool is_narrow)
{
    const char *what = way->maps == 1 ? "map" : "maps";
    bool is_all = pool->counts.succeeded == 0 && pool->counts.failed == 0 && pool->counts.cancelled == 0;
    if (!way->is_known)
        return words_format("%s under way", what);
    struct number_text share = text_share((double)way->done / (double)way->items);
    if (!is_all)
        return words_format("%s %s done", what, share.text);
    return words_format(
        "of %s" DOT "%s",
        (is_narrow && way->items >= MANY ? text_about((double)way->items) : text_count(way->items)).text, share.text);
}

static void show_done(MonFigures *self, const struct model_pool *pool)
{
    struct under_way way = maps_under_way(pool);
    const char *what = pool->counts.failed > 0 ? "including failed" : pool_done(pool) > 0 ? "tasks and items" : "";
    struct words maps = maps_words(pool, &way, parts_is_narrow(GTK_WIDGET(self)));
    put_count(self, DONE, pool_done(pool), "", way.maps > 0 ? maps.text : what);
}

/* A map that has ended counts one, however many of its items failed; until then it counts none, and they are said. */
static void show_failed(MonFigures *self, const struct model_pool *pool)
{
    const struct record_counts *counts = &pool->counts;
    uint64_t items = maps_under_way(pool).failed;
    struct words retried = words_format("%s retried", text_about((double)counts->retried).text);
    struct words so_far = words_format("and %s item%s so far", text_about((double)items).text, items == 1 ? "" : "s");
    bool has_trouble = counts->failed > 0 || items > 0;
    put_count(self, FAILED, counts->failed, "", items > 0 ? so_far.text : counts->retried > 0 ? retried.text : "");
    gtk_widget_set_visible(self->figures[FAILED].glyph, has_trouble);
    parts_set_class(self->figures[FAILED].value, counts->failed > 0 ? "bad" : "");
    parts_set_class(self->figures[FAILED].second, items > 0 ? "bad" : "");
    parts_set_tooltip(self->figures[FAILED].column, items > 0 ? retried.text : "");
}

/* Until its last tasks ended, or its program did. */
static void show_ran(MonFigures *self, const struct view *view)
{
    const struct model_pool *pool = view->pool;
    int64_t end_ns = pool->over_ns != 0 ? pool->over_ns : view->model->now_ns;
    g_autofree char *second = g_strdup_printf("until %.8s", text_clock(model_wall_ns(view->model, end_ns)).text);
    if (pool->said.created_ns != 0)
        put_number(self, LEFT, text_duration(pool_age_ns(pool, view->model->now_ns)).text, second);
    else
        put(self, LEFT, NO_VALUE, "", second);
}

/* Of what is over nothing is left: the figure is how long it took. */
static void show_left(MonFigures *self, const struct view *view)
{
    int64_t most_ns = -1, left_ns;
    bool is_over = model_is_over(view->model, view->pool);
    parts_set_text(self->figures[LEFT].title, is_over ? "Ran for" : "Time left");
    parts_set_accessible_label(self->figures[LEFT].column, is_over ? "Ran for" : "Time left");
    if (is_over) {
        show_ran(self, view);
        return;
    }
    for (size_t i = 0; i < view->pool->maps.count; i++)
        if (map_left(pool_map_at(view->pool, i), view->model->now_ns, &left_ns))
            most_ns = MAX(most_ns, left_ns);
    if (most_ns < 0) {
        put(self, LEFT, NO_VALUE, "", "no estimate");
        return;
    }
    g_autofree char *second =
        g_strdup_printf("ready %.8s", text_clock(model_wall_ns(view->model, view->model->now_ns + most_ns)).text);
    put_number(self, LEFT, text_duration(most_ns).text, second);
}

void mon_figures_show(MonFigures *self, const struct view *view)
{
    show_workers(self, view);
    show_queue(self, view);
    show_rate(self, view);
    show_done(self, view->pool);
    show_failed(self, view->pool);
    show_left(self, view);
}
