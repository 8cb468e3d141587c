#include "window/table_columns.h"

#include "window/column_wish.h"
#include "window/table_memory.h"

/* Of digits alone, and of what else stands in columns, in the font for which their widths are given: one font's letters
 * are wider than another's of the same digits. */
#define DIGITS          "0000000000"
#define WIDTH_OF_DIGITS 82
#define WORDS           "Exit code 14:02:31 482 MB 100 %"
#define WIDTH_OF_WORDS  210
#define INDEX           "mproc-index"

struct table_columns {
    GtkColumnView *view;
    const struct table_column *columns;
    guint count;
    GtkColumnViewColumn **made; /* by the index in columns */
    bool *left_out;             /* by the same: not shown, whatever is wished */
    int *widened;               /* by the same: so much more than they have at first */
    struct column_wish *wishes; /* in the order in which they are shown */
    char *name;                 /* NULL: nothing is remembered */
    GSimpleActionGroup *actions;
    double scale; /* 0 before the font is known */
    bool is_spare, is_setting;
    table_columns_fn *changed;
    void *user;
};

struct table_columns *table_columns_new(GtkColumnView *view, const struct table_column *columns, guint count,
                                        table_columns_fn *changed, void *user)
{
    struct table_columns *shown = g_new0(struct table_columns, 1);
    GListModel *all = gtk_column_view_get_columns(view);
    shown->view = view;
    shown->columns = columns;
    shown->count = count;
    shown->changed = changed;
    shown->user = user;
    shown->made = g_new0(GtkColumnViewColumn *, count);
    shown->left_out = g_new0(bool, count);
    shown->widened = g_new0(int, count);
    shown->wishes = g_new0(struct column_wish, count);
    for (guint i = 0; i < count; i++) {
        shown->made[i] = g_list_model_get_item(all, i);
        g_object_set_data(G_OBJECT(shown->made[i]), INDEX, GUINT_TO_POINTER(i));
        gtk_column_view_column_set_visible(shown->made[i], !columns[i].hidden);
    }
    column_wishes_begin(columns, count, shown->wishes);
    return shown;
}

void table_columns_free(struct table_columns *shown)
{
    g_signal_handlers_disconnect_by_data(gtk_column_view_get_columns(shown->view), shown);
    for (guint i = 0; i < shown->count; i++) {
        g_signal_handlers_disconnect_by_data(shown->made[i], shown);
        g_object_unref(shown->made[i]);
    }
    g_clear_object(&shown->actions);
    g_free(shown->made);
    g_free(shown->left_out);
    g_free(shown->widened);
    g_free(shown->wishes);
    g_free(shown->name);
    g_free(shown);
}

/* ---- Showing what is wished ---- */

static double times_as_wide(GtkWidget *widget, const char *text, double width_given)
{
    int width;
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, text);
    pango_layout_get_pixel_size(layout, &width, NULL);
    return width / width_given;
}

/* How much wider texts are than those for which the widths are given. */
static double measured_scale(GtkWidget *widget)
{
    double digits = times_as_wide(widget, DIGITS, WIDTH_OF_DIGITS);
    double words = times_as_wide(widget, WORDS, WIDTH_OF_WORDS);
    return MAX(MAX(digits, words), 0.8);
}

static bool stands_at(const struct table_columns *shown, const GtkColumnViewColumn *column, guint place)
{
    g_autoptr(GObject) there = g_list_model_get_item(gtk_column_view_get_columns(shown->view), place);
    return there == (const GObject *)column;
}

/* In GTK 4.8 a column that is not seen still takes its width from the others. */
static int width_for(const struct table_columns *shown, const struct column_wish *wish, bool is_seen)
{
    if (!is_seen)
        return 0;
    bool is_own = wish->width != shown->columns[wish->column].width; /* the user's */
    int width = wish->width + (is_own ? 0 : shown->widened[wish->column]);
    return wish->width > 0 && shown->scale > 0 ? (int)(width * shown->scale + 0.5) : -1;
}

static bool is_wanted(const struct table_columns *shown, const struct column_wish *wish)
{
    bool is_spared = shown->is_spare && shown->columns[wish->column].is_spare;
    return !wish->is_hidden && !is_spared && !shown->left_out[wish->column];
}

bool table_columns_is_first(const struct table_columns *shown, guint column)
{
    guint place = 0;
    while (place < shown->count && !is_wanted(shown, &shown->wishes[place]))
        place++;
    return place < shown->count && shown->wishes[place].column == column;
}

bool table_columns_is_last(const struct table_columns *shown, guint column)
{
    guint place = shown->count;
    while (place > 0 && !is_wanted(shown, &shown->wishes[place - 1]))
        place--;
    return place > 0 && shown->wishes[place - 1].column == column;
}

static void show_wish(struct table_columns *shown, const struct column_wish *wish, guint place)
{
    GtkColumnViewColumn *column = shown->made[wish->column];
    bool is_seen = is_wanted(shown, wish);
    if (!stands_at(shown, column, place))
        gtk_column_view_insert_column(shown->view, place, column);
    gtk_column_view_column_set_visible(column, is_seen);
    gtk_column_view_column_set_fixed_width(column, width_for(shown, wish, is_seen));
}

static void show_action(struct table_columns *shown, const struct column_wish *wish)
{
    g_autofree char *name = g_strdup_printf("show-%u", wish->column);
    GAction *action = shown->actions != NULL ? g_action_map_lookup_action(G_ACTION_MAP(shown->actions), name) : NULL;
    if (action != NULL)
        g_simple_action_set_state(G_SIMPLE_ACTION(action), g_variant_new_boolean(!wish->is_hidden));
}

static void show(struct table_columns *shown)
{
    shown->is_setting = true;
    for (guint i = 0; i < shown->count; i++) {
        show_wish(shown, &shown->wishes[i], i);
        show_action(shown, &shown->wishes[i]);
    }
    shown->is_setting = false;
    shown->changed(shown->user);
}

void table_columns_scale(struct table_columns *shown)
{
    shown->scale = measured_scale(GTK_WIDGET(shown->view));
    show(shown);
}

void table_columns_spare(struct table_columns *shown, bool is_spare)
{
    if (shown->is_spare == is_spare)
        return;
    shown->is_spare = is_spare;
    show(shown);
}

void table_columns_widen(struct table_columns *shown, guint column, int more)
{
    if (shown->widened[column] == more)
        return;
    shown->widened[column] = more;
    show(shown);
}

void table_columns_show(struct table_columns *shown, guint column, bool is_shown)
{
    if (shown->left_out[column] != is_shown)
        return;
    shown->left_out[column] = !is_shown;
    show(shown);
}

void table_columns_name(struct table_columns *shown, guint column, const char *title)
{
    if (g_strcmp0(gtk_column_view_column_get_title(shown->made[column]), title) != 0)
        gtk_column_view_column_set_title(shown->made[column], title);
}

/* ---- What the user does ---- */

static void keep(struct table_columns *shown)
{
    table_memory_set(shown->name, column_wishes_write(shown->columns, shown->count, shown->wishes));
}

static struct column_wish *wish_for(struct table_columns *shown, guint column)
{
    for (guint i = 0; i < shown->count; i++)
        if (shown->wishes[i].column == column)
            return &shown->wishes[i];
    return NULL;
}

static void on_width(GtkColumnViewColumn *column, GParamSpec *property, struct table_columns *shown)
{
    (void)property;
    int width = gtk_column_view_column_get_fixed_width(column);
    if (shown->is_setting || shown->scale <= 0 || width <= 0)
        return;
    wish_for(shown, GPOINTER_TO_UINT(g_object_get_data(G_OBJECT(column), INDEX)))->width =
        (int)(width / shown->scale + 0.5);
    keep(shown);
}

/* A column that is dragged is taken out first, and put in again. */
static void on_order(GListModel *columns, guint position, guint removed, guint added, struct table_columns *shown)
{
    (void)position, (void)removed, (void)added;
    if (shown->is_setting || g_list_model_get_n_items(columns) != shown->count)
        return;
    g_autofree struct column_wish *wishes = g_new(struct column_wish, shown->count);
    for (guint i = 0; i < shown->count; i++) {
        g_autoptr(GObject) column = g_list_model_get_item(columns, i);
        wishes[i] = *wish_for(shown, GPOINTER_TO_UINT(g_object_get_data(column, INDEX)));
    }
    memcpy(shown->wishes, wishes, shown->count * sizeof *wishes);
    shown->changed(shown->user);
    keep(shown);
}

static void on_show(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)parameter;
    struct table_columns *shown = data;
    guint column = (guint)g_ascii_strtoull(g_action_get_name(G_ACTION(action)) + strlen("show-"), NULL, 10);
    struct column_wish *wish = wish_for(shown, column);
    wish->is_hidden = !wish->is_hidden;
    show(shown);
    keep(shown);
}

static void on_reset(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action, (void)parameter;
    struct table_columns *shown = data;
    column_wishes_begin(shown->columns, shown->count, shown->wishes);
    show(shown);
    table_memory_set(shown->name, NULL);
}

/* ---- The menu of the titles ---- */

/* What has no title, or takes what is left, is always there. */
static bool may_hide(const struct table_column *column)
{
    return column->title[0] != '\0' && !column->expand;
}

static void add_choice(struct table_columns *shown, GMenu *menu, guint column)
{
    g_autofree char *name = g_strdup_printf("show-%u", column), *detailed = g_strdup_printf("columns.%s", name);
    g_autoptr(GSimpleAction) action =
        g_simple_action_new_stateful(name, NULL, g_variant_new_boolean(!shown->columns[column].hidden));
    g_signal_connect(action, "activate", G_CALLBACK(on_show), shown);
    g_action_map_add_action(G_ACTION_MAP(shown->actions), G_ACTION(action));
    g_menu_append(menu, shown->columns[column].title, detailed);
}

static GMenuModel *new_menu(struct table_columns *shown)
{
    g_autoptr(GMenu) choices = g_menu_new(), rest = g_menu_new();
    g_autoptr(GSimpleAction) reset = g_simple_action_new("reset", NULL);
    GMenu *menu = g_menu_new();
    for (guint i = 0; i < shown->count; i++)
        if (may_hide(&shown->columns[i]))
            add_choice(shown, choices, i);
    g_signal_connect(reset, "activate", G_CALLBACK(on_reset), shown);
    g_action_map_add_action(G_ACTION_MAP(shown->actions), G_ACTION(reset));
    g_menu_append(rest, "As at first", "columns.reset");
    g_menu_append_section(menu, "Columns", G_MENU_MODEL(choices));
    g_menu_append_section(menu, NULL, G_MENU_MODEL(rest));
    return G_MENU_MODEL(menu);
}

void table_columns_remember(struct table_columns *shown, GtkWidget *widget, const char *name)
{
    shown->name = g_strdup(name);
    shown->actions = g_simple_action_group_new();
    g_autoptr(GMenuModel) menu = new_menu(shown);
    gtk_widget_insert_action_group(widget, "columns", G_ACTION_GROUP(shown->actions));
    column_wishes_read(shown->columns, shown->count, table_memory_get(name), shown->wishes);
    show(shown);
    for (guint i = 0; i < shown->count; i++) {
        gtk_column_view_column_set_header_menu(shown->made[i], menu);
        gtk_column_view_column_set_resizable(shown->made[i], TRUE);
        g_signal_connect(shown->made[i], "notify::fixed-width", G_CALLBACK(on_width), shown);
    }
    g_signal_connect(gtk_column_view_get_columns(shown->view), "items-changed", G_CALLBACK(on_order), shown);
}
