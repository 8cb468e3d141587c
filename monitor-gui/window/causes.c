#include "window/causes.h"

#include "model/text.h"
#include "window/parts.h"
#include "window/says.h"
#include "window/stack_text.h"

/* Groups are looked for among so many. */
#define GROUPS_MAX 32

struct _MonCauses {
    GtkBox parent_instance;
    GtkWidget *note;
    struct {
        GtkWidget *glyph, *count, *button, *cause, *place, *input, *when;
        struct worker_row last;
    } rows[CAUSES_MAX];
    struct worker_row chosen;
};

G_DEFINE_TYPE(MonCauses, mon_causes, GTK_TYPE_BOX)

/* ---- Groups ---- */

/* Where the fault was; without a stack it is the function. */
static char *place_of(const struct view *view, const struct record_death *death)
{
    const struct model_function *function = pool_function_at(view->pool, death->function);
    char *place = stack_own_place(kept_string(death->stack));
    if (place != NULL)
        return place;
    return g_strdup(function != NULL ? kept_string(function->said.name) : "");
}

static bool is_same(const struct view *view, const struct record_death *one, const struct record_death *other)
{
    g_autofree char *place = place_of(view, one), *other_place = place_of(view, other);
    return strcmp(says_cause(one).text, says_cause(other).text) == 0 && strcmp(place, other_place) == 0;
}

static size_t add_death(const struct view *view, struct cause *groups, size_t count, const struct record_death *death)
{
    for (size_t i = 0; i < count; i++)
        if (is_same(view, groups[i].last, death)) {
            groups[i].count++;
            return count;
        }
    if (count < GROUPS_MAX)
        groups[count++] = (struct cause){ .last = death, .count = 1 };
    return count;
}

static int by_count(const void *one, const void *other)
{
    const struct cause *a = one, *b = other;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return a->last->time_ns < b->last->time_ns ? 1 : -1;
}

/* The death of that number, the last one being 0, if the pool did not expect it. */
static const struct record_death *death_at(const struct view *view, uint64_t index)
{
    const struct record_death *death = &events_death_at(&view->model->events, index)->said;
    return death->pool == view->pool->number && !death->expected ? death : NULL;
}

static unsigned count_inputs(const struct view *view, const struct cause *cause)
{
    g_autoptr(GHashTable) inputs = g_hash_table_new(g_str_hash, g_str_equal);
    for (uint64_t i = 0; i < events_death_count(&view->model->events); i++) {
        const struct record_death *death = death_at(view, i);
        if (death != NULL && is_same(view, death, cause->last))
            g_hash_table_add(inputs, (gpointer)kept_string(death->argument));
    }
    return g_hash_table_size(inputs);
}

struct causes causes_group(const struct view *view)
{
    struct cause groups[GROUPS_MAX];
    struct causes causes = { .count = 0 };
    for (uint64_t i = 0; i < events_death_count(&view->model->events); i++) {
        const struct record_death *death = death_at(view, i);
        if (death == NULL)
            continue;
        causes.deaths++;
        causes.count = add_death(view, groups, causes.count, death);
    }
    qsort(groups, causes.count, sizeof *groups, by_count);
    for (size_t i = 0; i < causes.count && i < CAUSES_MAX; i++) {
        causes.all[i] = groups[i];
        causes.all[i].inputs = count_inputs(view, &groups[i]);
    }
    return causes;
}

/* ---- The widget ---- */

static void mon_causes_class_init(MonCausesClass *class)
{
    g_signal_new("chosen", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void on_clicked(GtkWidget *button, MonCauses *self)
{
    for (size_t i = 0; i < CAUSES_MAX; i++)
        if (self->rows[i].button == button)
            self->chosen = self->rows[i].last;
    g_signal_emit_by_name(self, "chosen");
}

struct worker_row mon_causes_get_chosen(MonCauses *self)
{
    return self->chosen;
}

static GtkWidget *attach(GtkWidget *grid, GtkWidget *child, int column, int row)
{
    gtk_grid_attach(GTK_GRID(grid), child, column, row, 1, 1);
    return child;
}

static void finish_cause(MonCauses *self, int row)
{
    GtkWidget *cause = self->rows[row].cause;
    gtk_widget_add_css_class(cause, "bad");
    gtk_label_set_xalign(GTK_LABEL(cause), 0);
    gtk_label_set_ellipsize(GTK_LABEL(cause), PANGO_ELLIPSIZE_END);
    gtk_label_set_width_chars(GTK_LABEL(cause), 20);
    gtk_label_set_max_width_chars(GTK_LABEL(cause), 32);
    gtk_widget_set_halign(self->rows[row].button, GTK_ALIGN_START);
    g_signal_connect(self->rows[row].button, "clicked", G_CALLBACK(on_clicked), self);
}

static void add_row(MonCauses *self, GtkWidget *grid, int row)
{
    self->rows[row].glyph = attach(grid, mon_glyph_new(GLYPH_DEAD), 0, row);
    self->rows[row].count = attach(grid, parts_short_label("", "body strong"), 1, row);
    self->rows[row].button = attach(grid, parts_button("", "link", NULL), 2, row);
    self->rows[row].cause = gtk_button_get_child(GTK_BUTTON(self->rows[row].button));
    self->rows[row].place = attach(grid, parts_label("", "body dim"), 3, row);
    self->rows[row].input = attach(grid, parts_label("", "body"), 4, row);
    self->rows[row].when = attach(grid, parts_short_label("", "body dim"), 5, row);
    gtk_widget_set_hexpand(self->rows[row].place, TRUE);
    finish_cause(self, row);
    gtk_label_set_max_width_chars(GTK_LABEL(self->rows[row].input), 24);
}

static void mon_causes_init(MonCauses *self)
{
    GtkWidget *box = GTK_WIDGET(self), *head = parts_row(8), *grid = gtk_grid_new();
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    gtk_widget_add_css_class(box, "causes");
    gtk_widget_set_hexpand(parts_add(head, parts_label("Why workers died", "section")), TRUE);
    self->note = parts_add(head, parts_short_label("", "caption"));
    gtk_label_set_xalign(GTK_LABEL(self->note), 1);
    parts_add(box, head);
    gtk_grid_set_column_spacing(GTK_GRID(grid), 12);
    gtk_grid_set_row_spacing(GTK_GRID(grid), 3);
    for (int i = 0; i < CAUSES_MAX; i++)
        add_row(self, grid, i);
    parts_add(box, grid);
}

GtkWidget *mon_causes_new(void)
{
    return g_object_new(MON_TYPE_CAUSES, NULL);
}

static void show_row(MonCauses *self, size_t row, const struct view *view, const struct cause *cause)
{
    g_autofree char *place = place_of(view, cause->last);
    self->rows[row].last = (struct worker_row){ cause->last->worker, cause->last->pid, cause->last->lives };
    parts_set_format(self->rows[row].count, "%u" TEXT_BLANK "\xc3\x97", cause->count);
    parts_set_text(self->rows[row].cause, says_brief_cause(cause->last).text);
    parts_set_tooltip(self->rows[row].button, says_cause(cause->last).text);
    parts_set_text(self->rows[row].place, place);
    if (cause->inputs > 1)
        parts_set_format(self->rows[row].input, "%u inputs", cause->inputs);
    else
        parts_set_text(self->rows[row].input, kept_string(cause->last->argument));
    parts_set_format(self->rows[row].when, "%.8s", text_clock(model_wall_ns(view->model, cause->last->time_ns)).text);
}

static void set_row_visible(MonCauses *self, size_t row, bool is_visible)
{
    GtkWidget *widgets[] = { self->rows[row].glyph, self->rows[row].count, self->rows[row].button,
                             self->rows[row].place, self->rows[row].input, self->rows[row].when };
    for (size_t i = 0; i < G_N_ELEMENTS(widgets); i++)
        gtk_widget_set_visible(widgets[i], is_visible);
}

/* A recording may have begun long after the pool, of which it counts all deaths: how long that took is no length of the
 * recording. */
static void add_time(GString *note, const struct view *view)
{
    if (view->watch->replay != NULL)
        g_string_append(note, " since the pool began");
    else
        g_string_append_printf(note, " in %s", text_span(pool_age_ns(view->pool, view->model->now_ns)).text);
}

/* 8 000 deaths in 6.63 s · below are the last 256 · 2 more causes */
static void show_note(MonCauses *self, const struct view *view, const struct causes *causes)
{
    g_autoptr(GString) note = g_string_new(words_many(view->pool->counts.deaths, "death").text);
    add_time(note, view);
    if (causes->deaths < view->pool->counts.deaths)
        g_string_append_printf(note, DOT "below are the last %u", causes->deaths);
    if (causes->count > CAUSES_MAX)
        g_string_append_printf(note, DOT "%zu more causes", causes->count - CAUSES_MAX);
    parts_set_text(self->note, note->str);
    parts_keep_width(self->note);
}

void mon_causes_show(MonCauses *self, const struct view *view)
{
    struct causes causes = causes_group(view);
    gtk_widget_set_visible(GTK_WIDGET(self), causes.count > 0);
    show_note(self, view, &causes);
    for (size_t i = 0; i < CAUSES_MAX; i++) {
        set_row_visible(self, i, i < causes.count);
        if (i < causes.count)
            show_row(self, i, view, &causes.all[i]);
    }
}
