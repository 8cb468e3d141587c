#include "window/twin.h"

#include "window/parts.h"

#define WIDTH  360
#define HEIGHT 420
#define TWIN   "mproc-twin"

/* Of one chart, from twin_add on. */
struct twin {
    GtkWidget *chart;
    const struct twin_kind *kind;
    GtkWidget *window, *table, *menu; /* window, table: NULL while it is closed */
};

static struct twin *twin_of(GtkWidget *chart)
{
    return g_object_get_data(G_OBJECT(chart), TWIN);
}

/* ---- The window ---- */

static void fill(void *user, guint row, guint column, struct table_cell *ret_cell)
{
    struct twin *twin = user;
    twin->kind->fill(twin->chart, row, column, ret_cell);
}

static void on_copy(GtkButton *button, GtkWidget *chart)
{
    g_autofree char *text = twin_text(chart);
    parts_copy(GTK_WIDGET(button), text);
}

static void on_closed(GtkWidget *window, struct twin *twin)
{
    (void)window;
    twin->window = twin->table = NULL;
}

static GtkWidget *new_bar(struct twin *twin)
{
    GtkWidget *bar = gtk_header_bar_new(), *copy = parts_button("Copy", "tool", NULL);
    parts_set_tooltip(copy, "Copy the table, with tabs between its columns");
    g_signal_connect(copy, "clicked", G_CALLBACK(on_copy), twin->chart);
    gtk_header_bar_pack_start(GTK_HEADER_BAR(bar), copy);
    return bar;
}

static gboolean on_escape(GtkWidget *window, GVariant *parameter, gpointer data)
{
    (void)parameter, (void)data;
    gtk_window_close(GTK_WINDOW(window));
    return TRUE;
}

static void add_escape(GtkWidget *window)
{
    GtkEventController *keys = gtk_shortcut_controller_new();
    gtk_shortcut_controller_add_shortcut(
        GTK_SHORTCUT_CONTROLLER(keys),
        gtk_shortcut_new(gtk_shortcut_trigger_parse_string("Escape"), gtk_callback_action_new(on_escape, NULL, NULL)));
    gtk_widget_add_controller(window, keys);
}

static void make_window(struct twin *twin)
{
    GtkRoot *root = gtk_widget_get_root(twin->chart);
    g_autofree char *title = twin->kind->title(twin->chart);
    twin->window = gtk_window_new();
    twin->table = mon_table_new(twin->kind->columns, twin->kind->column_count, title, fill, twin);
    gtk_widget_add_css_class(twin->window, "mon");
    gtk_window_set_default_size(GTK_WINDOW(twin->window), WIDTH, HEIGHT);
    gtk_window_set_titlebar(GTK_WINDOW(twin->window), new_bar(twin));
    gtk_window_set_child(GTK_WINDOW(twin->window), twin->table);
    if (GTK_IS_WINDOW(root))
        gtk_window_set_transient_for(GTK_WINDOW(twin->window), GTK_WINDOW(root));
    gtk_window_set_destroy_with_parent(GTK_WINDOW(twin->window), TRUE);
    add_escape(twin->window);
    g_signal_connect(twin->window, "destroy", G_CALLBACK(on_closed), twin);
}

void twin_open(GtkWidget *chart)
{
    struct twin *twin = twin_of(chart);
    if (twin->window == NULL)
        make_window(twin);
    twin_changed(chart);
    gtk_window_present(GTK_WINDOW(twin->window));
}

void twin_changed(GtkWidget *chart)
{
    struct twin *twin = twin_of(chart);
    if (twin == NULL || twin->window == NULL)
        return;
    g_autofree char *title = twin->kind->title(chart);
    gtk_window_set_title(GTK_WINDOW(twin->window), title);
    mon_table_refresh(MON_TABLE(twin->table), twin->kind->rows(chart));
}

static void add_cell(GString *text, const struct twin *twin, guint row, guint column)
{
    struct table_cell cell = { .part = -1 };
    twin->kind->fill(twin->chart, row, column, &cell);
    g_string_append_printf(text, "%s%c", cell.words.text, column + 1 < twin->kind->column_count ? '\t' : '\n');
}

char *twin_text(GtkWidget *chart)
{
    const struct twin *twin = twin_of(chart);
    GString *text = g_string_new(NULL);
    guint rows = twin->kind->rows(chart), columns = twin->kind->column_count;
    for (guint i = 0; i < columns; i++)
        g_string_append_printf(text, "%s%c", twin->kind->columns[i].title, i + 1 < columns ? '\t' : '\n');
    for (guint i = 0; i < rows; i++)
        for (guint j = 0; j < columns; j++)
            add_cell(text, twin, i, j);
    return g_string_free(text, FALSE);
}

/* ---- The menu, and the keys ---- */

static void on_activate(GSimpleAction *action, GVariant *parameter, gpointer chart)
{
    (void)action, (void)parameter;
    twin_open(chart);
}

static void open_menu(struct twin *twin, double x, double y)
{
    gtk_popover_set_pointing_to(GTK_POPOVER(twin->menu), &(GdkRectangle){ (int)x, (int)y, 1, 1 });
    gtk_popover_popup(GTK_POPOVER(twin->menu));
}

static void on_pressed(GtkGestureClick *click, int presses, double x, double y, struct twin *twin)
{
    (void)click, (void)presses;
    open_menu(twin, x, y);
}

static gboolean on_menu_key(GtkWidget *chart, GVariant *parameter, gpointer data)
{
    (void)parameter;
    open_menu(data, gtk_widget_get_width(chart) / 2.0, gtk_widget_get_height(chart) / 2.0);
    return TRUE;
}

static gboolean on_enter(GtkWidget *chart, GVariant *parameter, gpointer data)
{
    (void)parameter, (void)data;
    twin_open(chart);
    return TRUE;
}

static void add_keys(struct twin *twin)
{
    GtkEventController *keys = gtk_shortcut_controller_new();
    gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(keys),
                                         gtk_shortcut_new(gtk_shortcut_trigger_parse_string("Menu|<Shift>F10"),
                                                          gtk_callback_action_new(on_menu_key, twin, NULL)));
    gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(keys),
                                         gtk_shortcut_new(gtk_shortcut_trigger_parse_string("Return|KP_Enter"),
                                                          gtk_callback_action_new(on_enter, twin, NULL)));
    gtk_widget_add_controller(twin->chart, keys);
}

static void add_menu(struct twin *twin)
{
    g_autoptr(GMenu) menu = g_menu_new();
    g_autoptr(GSimpleActionGroup) group = g_simple_action_group_new();
    g_autoptr(GSimpleAction) action = g_simple_action_new("table", NULL);
    GtkGesture *click = gtk_gesture_click_new();
    g_menu_append(menu, "Show as table", "chart.table");
    g_signal_connect(action, "activate", G_CALLBACK(on_activate), twin->chart);
    g_action_map_add_action(G_ACTION_MAP(group), G_ACTION(action));
    gtk_widget_insert_action_group(twin->chart, "chart", G_ACTION_GROUP(group));
    twin->menu = gtk_popover_menu_new_from_model(G_MENU_MODEL(menu));
    gtk_widget_set_parent(twin->menu, twin->chart);
    gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(click), GDK_BUTTON_SECONDARY);
    g_signal_connect(click, "pressed", G_CALLBACK(on_pressed), twin);
    gtk_widget_add_controller(twin->chart, GTK_EVENT_CONTROLLER(click));
}

static void on_chart_gone(GtkWidget *chart, struct twin *twin)
{
    (void)chart;
    g_clear_pointer(&twin->menu, gtk_widget_unparent);
    if (twin->window != NULL)
        gtk_window_destroy(GTK_WINDOW(twin->window));
}

void twin_add(GtkWidget *chart, const struct twin_kind *kind)
{
    struct twin *twin = g_new0(struct twin, 1);
    twin->chart = chart;
    twin->kind = kind;
    g_object_set_data_full(G_OBJECT(chart), TWIN, twin, g_free);
    gtk_widget_set_focusable(chart, TRUE);
    gtk_widget_add_css_class(chart, "chart");
    add_menu(twin);
    add_keys(twin);
    g_signal_connect(chart, "destroy", G_CALLBACK(on_chart_gone), twin);
}
