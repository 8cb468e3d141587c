#include "window/troubles.h"

#include "model/text.h"
#include "window/parts.h"
#include "window/trouble_rows.h"

/* It does not widen its column. */
#define NONE_CHARS 30

struct _MonTroubles {
    GtkBox parent_instance;
    GtkWidget *more, *all, *none;
    const char *page; /* that has all of them; NULL: the tasks that failed */
    struct {
        GtkWidget *row, *glyph, *call, *about, *when;
    } rows[TROUBLES_MAX];
};

G_DEFINE_TYPE(MonTroubles, mon_troubles, GTK_TYPE_BOX)

static void mon_troubles_class_init(MonTroublesClass *class)
{
    (void)class;
}

/* A long text is no reason for a wider column. */
static GtkWidget *new_text(const char *class, PangoEllipsizeMode cut)
{
    GtkWidget *text = parts_label("", class);
    gtk_label_set_ellipsize(GTK_LABEL(text), cut);
    gtk_label_set_max_width_chars(GTK_LABEL(text), 1);
    return text;
}

static void add_row(MonTroubles *self, int index)
{
    GtkWidget *row = gtk_button_new(), *line = parts_row(8), *texts = parts_column(0);
    self->rows[index].row = row;
    self->rows[index].glyph = parts_add(line, mon_glyph_new(GLYPH_NONE));
    gtk_widget_set_valign(self->rows[index].glyph, GTK_ALIGN_START);
    gtk_widget_set_margin_top(self->rows[index].glyph, 4);
    self->rows[index].call = parts_add(texts, new_text("body", PANGO_ELLIPSIZE_MIDDLE));
    self->rows[index].about = parts_add(texts, new_text("caption", PANGO_ELLIPSIZE_END));
    gtk_widget_set_hexpand(texts, TRUE);
    parts_add(line, texts);
    self->rows[index].when = parts_add(line, parts_short_label("", "caption"));
    gtk_label_set_width_chars(GTK_LABEL(self->rows[index].when), 6);
    gtk_label_set_xalign(GTK_LABEL(self->rows[index].when), 1);
    gtk_widget_set_valign(self->rows[index].when, GTK_ALIGN_START);
    gtk_widget_set_margin_top(self->rows[index].when, 2);
    gtk_button_set_child(GTK_BUTTON(row), line);
    gtk_widget_add_css_class(row, "trouble");
    gtk_widget_set_visible(row, FALSE);
    parts_add(GTK_WIDGET(self), row);
}

static void mon_troubles_init(MonTroubles *self)
{
    GtkWidget *head = parts_row(8);
    self->all = gtk_button_new_with_label("Show all");
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    gtk_box_set_spacing(GTK_BOX(self), 2);
    gtk_widget_add_css_class(GTK_WIDGET(self), "block");
    gtk_widget_add_css_class(self->all, "link");
    parts_add(head, parts_short_label("Slow and failed", "section"));
    self->more = parts_add(head, new_text("caption", PANGO_ELLIPSIZE_END));
    gtk_widget_set_hexpand(self->more, TRUE);
    gtk_label_set_xalign(GTK_LABEL(self->more), 1);
    parts_add(head, self->all);
    parts_add(GTK_WIDGET(self), head);
    for (int i = 0; i < TROUBLES_MAX; i++)
        add_row(self, i);
    self->none = parts_add(GTK_WIDGET(self), parts_paragraph("Nothing so far.", "body dim"));
    gtk_label_set_max_width_chars(GTK_LABEL(self->none), NONE_CHARS);
}

GtkWidget *mon_troubles_new(void)
{
    return g_object_new(MON_TYPE_TROUBLES, NULL);
}

/* ---- Showing ---- */

static void set_action(GtkWidget *row, const struct trouble *trouble)
{
    GtkActionable *actionable = GTK_ACTIONABLE(row);
    const struct worker_row *worker = &trouble->worker;
    const char *action = trouble->is_worker ? "win.show-certificate" : "win.show-task";
    /* A target of the other action's type would be refused. */
    if (g_strcmp0(gtk_actionable_get_action_name(actionable), action) != 0)
        gtk_actionable_set_action_name(actionable, NULL);
    if (trouble->is_worker)
        gtk_actionable_set_action_target(actionable, "(uxt)", worker->worker, worker->pid, worker->lives);
    else
        gtk_actionable_set_action_target(actionable, "(tx)", trouble->task.task, trouble->task.item);
    gtk_actionable_set_action_name(actionable, action);
}

static void show_row(MonTroubles *self, size_t row, const struct trouble *trouble)
{
    gtk_widget_set_visible(self->rows[row].row, TRUE);
    mon_glyph_set(MON_GLYPH(self->rows[row].glyph), trouble->glyph);
    parts_set_text(self->rows[row].call, trouble->call.text);
    parts_set_text(self->rows[row].about, trouble->about.text);
    parts_set_text(self->rows[row].when, trouble->when.text);
    g_autofree char *tip = g_strdup_printf("%s\n%s", trouble->call.text, trouble->about.text);
    parts_set_tooltip(self->rows[row].row, tip);
    parts_set_accessible_label(self->rows[row].row, tip);
    set_action(self->rows[row].row, trouble);
}

/* The page that has all of them; NULL: the tasks that failed. Who died without a task is told of in the log alone. */
static const char *page_of_all(const struct view *view, const struct troubles *troubles)
{
    size_t tasks = 0;
    for (size_t i = 0; i < troubles->count; i++)
        tasks += troubles->all[i].task.task != 0;
    if (view->pool->counts.failed > 0 || troubles->has_failed_known)
        return NULL;
    return tasks == 0 ? "log" : "tasks";
}

/* A target of the other action's type would be refused, and so would be none. */
static void show_all(MonTroubles *self, const char *page)
{
    GtkActionable *all = GTK_ACTIONABLE(self->all);
    if (self->page == page && gtk_actionable_get_action_name(all) != NULL)
        return;
    self->page = page;
    gtk_actionable_set_action_name(all, NULL);
    gtk_actionable_set_action_target_value(all, page != NULL ? g_variant_new_string(page) : NULL);
    gtk_actionable_set_action_name(all, page != NULL ? "win.page" : "win.failed");
}

/* In few words, and what they say in more of them. */
static void show_more(MonTroubles *self, const struct troubles *troubles)
{
    g_autofree char *tip = g_strdup_printf("Not in this list: %s tasks that failed for good, and %s that are known to "
                                           "have been tried again after their worker died.",
                                           text_count(troubles->failed).text, text_count(troubles->retried).text);
    parts_set_text(self->more, troubles_more(troubles).text);
    parts_set_tooltip(self->more, troubles->failed + troubles->retried > 0 ? tip : NULL);
}

void mon_troubles_show(MonTroubles *self, const struct view *view)
{
    struct troubles troubles;
    troubles_collect(view, &troubles);
    for (size_t i = 0; i < troubles.count; i++)
        show_row(self, i, &troubles.all[i]);
    for (size_t i = troubles.count; i < TROUBLES_MAX; i++)
        gtk_widget_set_visible(self->rows[i].row, FALSE);
    gtk_widget_set_visible(self->more, troubles.count > 0);
    show_more(self, &troubles);
    show_all(self, page_of_all(view, &troubles));
    gtk_widget_set_visible(self->all, troubles.count > 0);
    gtk_widget_set_visible(self->none, troubles.count == 0);
    parts_set_text(self->none, troubles_none(view).text);
}
