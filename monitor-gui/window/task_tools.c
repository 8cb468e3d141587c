#include "window/task_tools.h"

#include "model/text.h"
#include "window/filters.h"
#include "window/parts.h"

#define SEARCH_WIDTH 212
#define NEWS_CHARS   9 /* "Sort again" */

struct _MonTaskTools {
    GtkBox parent_instance;
    GtkWidget *first, *second, *search, *filters, *buttons[TASK_FILTERS], *functions, *renew, *news;
    GtkStringList *names;
    enum task_filter filter;
    uint32_t pool;
    const struct watch *watch;
    bool is_told; /* of what the widgets say of themselves: nobody chose it */
};

G_DEFINE_TYPE(MonTaskTools, mon_task_tools, GTK_TYPE_BOX)

static const char *const filter_names[TASK_FILTERS] = { "All", "Running", "Waiting", "Failed", "Retried", "Done" };

/* ---- What the user does ---- */

static void tell_changed(MonTaskTools *self)
{
    if (!self->is_told)
        g_signal_emit_by_name(self, "changed");
}

static void on_search(GtkSearchEntry *entry, MonTaskTools *self)
{
    (void)entry;
    tell_changed(self);
}

static void on_filter(GtkToggleButton *button, MonTaskTools *self)
{
    self->filter = (enum task_filter)filters_get(self->buttons, TASK_FILTERS);
    if (gtk_toggle_button_get_active(button))
        tell_changed(self);
}

static void on_function(GtkDropDown *functions, GParamSpec *property, MonTaskTools *self)
{
    (void)functions, (void)property;
    tell_changed(self);
}

static void on_renew(GtkButton *button, MonTaskTools *self)
{
    (void)button;
    g_signal_emit_by_name(self, "renew");
}

/* ---- The widget ---- */

static GtkWidget *new_filters(MonTaskTools *self)
{
    GtkWidget *row = filters_new(self->buttons, TASK_FILTERS, G_CALLBACK(on_filter), self);
    for (int i = 0; i < TASK_FILTERS; i++)
        filters_name(self->buttons[i], "%s", filter_names[i]);
    return row;
}

static GtkWidget *new_search(MonTaskTools *self)
{
    GtkWidget *search = parts_search();
    gtk_widget_set_size_request(search, SEARCH_WIDTH, -1);
    g_object_set(search, "placeholder-text", "Search tasks", NULL);
    g_signal_connect(search, "search-changed", G_CALLBACK(on_search), self);
    return search;
}

static GtkWidget *new_functions(MonTaskTools *self)
{
    self->names = gtk_string_list_new((const char *[]){ "All functions", NULL });
    GtkWidget *functions = gtk_drop_down_new(G_LIST_MODEL(self->names), NULL);
    gtk_widget_set_valign(functions, GTK_ALIGN_CENTER);
    parts_set_accessible_label(functions, "Function");
    g_signal_connect(functions, "notify::selected", G_CALLBACK(on_function), self);
    return functions;
}

static GtkWidget *new_renew(MonTaskTools *self)
{
    GtkWidget *button = parts_icon_button("view-refresh-symbolic", "0 new", "tool", NULL);
    self->news = gtk_widget_get_last_child(gtk_button_get_child(GTK_BUTTON(button)));
    gtk_label_set_width_chars(GTK_LABEL(self->news), NEWS_CHARS);
    gtk_label_set_xalign(GTK_LABEL(self->news), 0);
    g_signal_connect(button, "clicked", G_CALLBACK(on_renew), self);
    return button;
}

static void mon_task_tools_class_init(MonTaskToolsClass *class)
{
    (void)class;
    g_signal_new("changed", MON_TYPE_TASK_TOOLS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    g_signal_new("renew", MON_TYPE_TASK_TOOLS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void mon_task_tools_init(MonTaskTools *self)
{
    GtkWidget *box = GTK_WIDGET(self), *gap = parts_row(0);
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    gtk_box_set_spacing(GTK_BOX(self), 6);
    gtk_widget_add_css_class(box, "toolbar");
    self->first = parts_add(box, parts_row(12));
    self->second = parts_add(box, parts_row(12));
    gtk_widget_set_visible(self->second, FALSE);
    self->search = parts_add(self->first, new_search(self));
    self->filters = parts_add(self->first, new_filters(self));
    self->functions = parts_add(self->first, new_functions(self));
    gtk_widget_set_hexpand(parts_add(self->first, gap), TRUE);
    self->renew = parts_add(self->first, new_renew(self));
}

GtkWidget *mon_task_tools_new(void)
{
    return g_object_new(MON_TYPE_TASK_TOOLS, NULL);
}

/* ---- Showing ---- */

static void add_function(MonTaskTools *self, const struct model_pool *pool, uint32_t number)
{
    const struct model_function *function = pool_function_at(pool, number);
    const char *name = function != NULL ? kept_string(function->said.name) : "";
    const char *place = function != NULL ? kept_string(function->said.place) : "";
    g_autofree char *numbered =
        g_strdup_printf("function %u%s%s%s", number, place[0] != '\0' ? " (" : "", place, place[0] != '\0' ? ")" : "");
    gtk_string_list_append(self->names, name[0] != '\0' ? name : numbered);
}

/* The first one stands for all: a function is at its number. */
static void show_functions(MonTaskTools *self, const struct view *view)
{
    bool is_other = self->watch != view->watch || self->pool != view->number;
    self->is_told = true;
    if (is_other)
        gtk_string_list_splice(self->names, 1, g_list_model_get_n_items(G_LIST_MODEL(self->names)) - 1, NULL);
    for (guint i = g_list_model_get_n_items(G_LIST_MODEL(self->names)); i < view->pool->functions.count; i++)
        add_function(self, view->pool, i);
    self->is_told = false;
    self->watch = view->watch;
    self->pool = view->number;
}

struct words task_tools_news(const struct task_news *news)
{
    if (news->failed == 0)
        return words_format("%s new", text_about(news->count).text);
    return words_format("%s new, %s failed", text_about(news->count).text, text_about(news->failed).text);
}

/* Rows that came are shown where they belong, so that all are sorted then. */
static void show_renew(MonTaskTools *self, const struct task_news *news, bool is_sorted)
{
    bool is_new = news->count > 0;
    parts_set_text(self->news, is_new || is_sorted ? task_tools_news(news).text : "Sort again");
    parts_set_class(self->news, news->failed > 0 ? "bad" : "");
    gtk_widget_set_sensitive(self->renew, is_new || !is_sorted);
    parts_set_tooltip(self->renew, is_new       ? "Show the tasks that came since, and sort all again (S)"
                                   : !is_sorted ? "Sort the rows again (S)"
                                                : "No task has come since these rows were put in order");
}

void mon_task_tools_show(MonTaskTools *self, const struct view *view, const struct task_counts *counts,
                         const struct task_news *news, bool is_sorted)
{
    show_functions(self, view);
    for (int i = TASKS_RUNNING; i < TASKS_DONE; i++)
        filters_name(self->buttons[i], "%s %s", filter_names[i], text_about((double)counts->all[i]).text);
    show_renew(self, news, is_sorted);
}

static void move(GtkWidget *child, GtkWidget *from, GtkWidget *to)
{
    g_object_ref(child);
    gtk_box_remove(GTK_BOX(from), child);
    gtk_box_prepend(GTK_BOX(to), child);
    g_object_unref(child);
}

void mon_task_tools_set_narrow(MonTaskTools *self, bool is_narrow)
{
    if (is_narrow == gtk_widget_get_visible(self->second))
        return;
    gtk_widget_set_visible(self->second, is_narrow);
    if (is_narrow) {
        move(self->filters, self->first, self->second);
        return;
    }
    move(self->filters, self->second, self->first);
    gtk_box_reorder_child_after(GTK_BOX(self->first), self->filters, self->search);
}

void mon_task_tools_read(MonTaskTools *self, struct task_question *question)
{
    question->filter = self->filter;
    question->function = gtk_drop_down_get_selected(GTK_DROP_DOWN(self->functions));
    if (question->function == GTK_INVALID_LIST_POSITION)
        question->function = 0;
    question->text = (char *)gtk_editable_get_text(GTK_EDITABLE(self->search));
}

void mon_task_tools_filter(MonTaskTools *self, enum task_filter filter)
{
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->buttons[filter]), TRUE);
}

bool mon_task_tools_clear(MonTaskTools *self)
{
    struct task_question asked;
    mon_task_tools_read(self, &asked);
    if (asked.filter == TASKS_ALL && asked.function == 0 && asked.text[0] == '\0')
        return false;
    self->is_told = true;
    gtk_editable_set_text(GTK_EDITABLE(self->search), "");
    gtk_drop_down_set_selected(GTK_DROP_DOWN(self->functions), 0);
    mon_task_tools_filter(self, TASKS_ALL);
    self->is_told = false;
    tell_changed(self);
    return true;
}

void mon_task_tools_search(MonTaskTools *self)
{
    gtk_widget_grab_focus(self->search);
}
