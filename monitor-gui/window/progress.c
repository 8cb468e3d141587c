#include "window/progress.h"

#include "model/text.h"
#include "window/parts.h"
#include "window/says.h"

/* At the most, and where there is little room. */
#define ROWS        4
#define ROWS_SPARED 2

struct _MonProgress {
    GtkBox parent_instance;
    GtkWidget *head, *more, *none;
    int room; /* rows */
    struct {
        GtkWidget *row, *name, *about, *left, *bar;
    } rows[ROWS];
};

G_DEFINE_TYPE(MonProgress, mon_progress, GTK_TYPE_BOX)

static void mon_progress_class_init(MonProgressClass *class)
{
    (void)class;
}

static void add_row(MonProgress *self, int index)
{
    GtkWidget *row = parts_column(5), *head = parts_row(8);
    self->rows[index].row = row;
    self->rows[index].name = parts_add(head, parts_short_label("", "body strong"));
    self->rows[index].about = parts_add(head, parts_label("", "caption"));
    gtk_widget_set_hexpand(self->rows[index].about, TRUE);
    self->rows[index].left = parts_add(head, parts_short_label("", "body"));
    parts_add(row, head);
    self->rows[index].bar = parts_add(row, gtk_progress_bar_new());
    parts_add(GTK_WIDGET(self), row);
}

void mon_progress_spare(MonProgress *self, bool is_spare)
{
    self->room = is_spare ? ROWS_SPARED : ROWS;
}

static void mon_progress_init(MonProgress *self)
{
    mon_progress_spare(self, true);
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    gtk_box_set_spacing(GTK_BOX(self), 14);
    gtk_widget_add_css_class(GTK_WIDGET(self), "block");
    self->head = parts_add(GTK_WIDGET(self), parts_row(8));
    gtk_widget_set_hexpand(parts_add(self->head, parts_label("Which functions take the time", "section")), TRUE);
    self->more = parts_add(self->head, parts_short_label("", "caption"));
    for (int i = 0; i < ROWS; i++)
        add_row(self, i);
    self->none = parts_add(GTK_WIDGET(self), parts_label("No map was submitted to this pool.", "body dim"));
}

GtkWidget *mon_progress_new(void)
{
    return g_object_new(MON_TYPE_PROGRESS, NULL);
}

static char *left_words(const struct model_map *map, int64_t now_ns, double part)
{
    int64_t left_ns;
    if (map->said.ended)
        return g_strdup_printf("done%s%s%s", map->said.failed > 0 ? DOT : "",
                               map->said.failed > 0 ? text_count(map->said.failed).text : "",
                               map->said.failed > 0 ? " failed" : "");
    if (map_left(map, now_ns, &left_ns))
        return g_strdup_printf("%s" DOT "%s left", text_share(part).text, text_duration(left_ns).text);
    return g_strdup_printf("%s of %s", text_count(map->said.done).text, text_count(map->said.items).text);
}

/* GTK lays a bar out anew, and draws it, however little it has changed. */
static void set_part(GtkWidget *bar, double part)
{
    if (gtk_progress_bar_get_fraction(GTK_PROGRESS_BAR(bar)) != part)
        gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(bar), part);
}

static void put(MonProgress *self, int index, const struct model_function *function, const char *about,
                const char *left, double part)
{
    const char *name = function != NULL ? kept_string(function->said.name) : "";
    const char *place = function != NULL ? kept_string(function->said.place) : "";
    parts_set_text(self->rows[index].name, name[0] != '\0' ? name : "map");
    parts_set_format(self->rows[index].about, "%s%s%s", about, place[0] != '\0' ? DOT : "", place);
    parts_set_text(self->rows[index].left, left);
    set_part(self->rows[index].bar, CLAMP(part, 0, 1));
}

static void show_map(MonProgress *self, int index, const struct view *view, const struct model_map *map)
{
    double part = map->said.items > 0 ? (double)map->said.done / (double)map->said.items : 1;
    /* Nobody goes on with it. */
    int64_t now_ns = model_is_over(view->model, view->pool) ? map->said.submitted_ns : view->model->now_ns;
    g_autofree char *left = left_words(map, now_ns, part);
    put(self, index, pool_function_at(view->pool, map->said.function), words_many(map->said.items, "item").text, left,
        part);
}

/* Those that run, the oldest first; if none does, the one that ended last. */
static const struct model_map *map_at(const struct model_pool *pool, size_t wanted)
{
    for (size_t i = 0, found = 0; i < pool->maps.count; i++)
        if (!pool_map_at(pool, i)->said.ended && found++ == wanted)
            return pool_map_at(pool, i);
    bool is_over = pool->maps.count > 0 && pool_map_at(pool, pool->maps.count - 1)->said.ended;
    return wanted == 0 && is_over ? pool_map_at(pool, pool->maps.count - 1) : NULL;
}

/* ---- Functions, where there is no map ---- */

static int64_t total_of(const struct model_pool *pool)
{
    int64_t total_ns = 0;
    for (uint32_t i = 0; i < pool->functions.count; i++)
        total_ns += pool_function_at(pool, i) != NULL ? pool_function_at(pool, i)->stats.run_total_ns : 0;
    return total_ns;
}

/* The one that took most time of those that took less than that; NULL if there is none. */
static const struct model_function *function_below(const struct model_pool *pool, int64_t below_ns)
{
    const struct model_function *most = NULL;
    for (uint32_t i = 0; i < pool->functions.count; i++) {
        const struct model_function *function = pool_function_at(pool, i);
        if (function == NULL || function->stats.run_total_ns <= 0 || function->stats.run_total_ns >= below_ns)
            continue;
        if (most == NULL || function->stats.run_total_ns > most->stats.run_total_ns)
            most = function;
    }
    return most;
}

static void show_function(MonProgress *self, int index, const struct model_function *function, int64_t total_ns)
{
    const struct record_function_stats *stats = &function->stats;
    double part = (double)stats->run_total_ns / (double)total_ns;
    g_autofree char *left = g_strdup_printf("%s of the run time" DOT "median %s", text_share(part).text,
                                            text_duration(stats->run_p50_ns).text);
    put(self, index, function, words_many(stats->run_count, "run").text, left, part);
}

/* Those behind the rows: and 1 more, 22 %. */
static void show_more(MonProgress *self, const struct model_pool *pool, int64_t shown_ns, int64_t total_ns)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < pool->functions.count; i++) {
        const struct model_function *function = pool_function_at(pool, i);
        count += function != NULL && function->stats.run_total_ns > 0;
    }
    unsigned shown = (unsigned)self->room;
    if (count > shown)
        parts_set_format(self->more, "and %s more, %s", text_count(count - shown).text,
                         text_share((double)(total_ns - shown_ns) / (double)total_ns).text);
    else
        parts_set_text(self->more, "");
}

/* Returns how many. */
static int show_functions(MonProgress *self, const struct model_pool *pool)
{
    int64_t total_ns = total_of(pool), shown_ns = 0, below_ns = INT64_MAX;
    int count = 0;
    for (; count < self->room; count++) {
        const struct model_function *function = function_below(pool, below_ns);
        if (function == NULL)
            break;
        show_function(self, count, function, total_ns);
        below_ns = function->stats.run_total_ns;
        shown_ns += below_ns;
    }
    show_more(self, pool, shown_ns, total_ns);
    return count;
}

static int show_maps(MonProgress *self, const struct view *view)
{
    for (int i = 0; i < self->room; i++) {
        const struct model_map *map = map_at(view->pool, (size_t)i);
        if (map == NULL)
            return i;
        show_map(self, i, view, map);
    }
    return self->room;
}

void mon_progress_show(MonProgress *self, const struct view *view)
{
    bool is_of_maps = map_at(view->pool, 0) != NULL;
    int count = is_of_maps ? show_maps(self, view) : show_functions(self, view->pool);
    gtk_widget_set_visible(self->head, !is_of_maps && count > 0);
    for (int i = 0; i < ROWS; i++) {
        gtk_widget_set_visible(self->rows[i].row, i < count);
        /* A share is no way to an end. */
        parts_set_class(self->rows[i].bar, is_of_maps ? "" : "share");
    }
    gtk_widget_set_visible(self->none, count == 0);
}
