#include "window/sidebar.h"

#include "window/parts.h"
#include "window/says.h"
#include "window/sparkline.h"

#define WIDTH 204
#define ENTRY "mproc-entry"

struct _MonSidebar {
    GtkBox parent_instance;
    MonDesk *desk;
    GtkWidget *pools_title, *pools, *recordings, *none, *recordings_title;
    bool is_choosing;
};

G_DEFINE_TYPE(MonSidebar, mon_sidebar, GTK_TYPE_BOX)

/* A row, and what it stands for. */
struct entry {
    struct watch *watch;
    uint32_t pool;
    GtkWidget *glyph, *title, *summary, *sparkline;
};

/* ---- Rows ---- */

static GtkWidget *new_row(void)
{
    struct entry *entry = g_new0(struct entry, 1);
    GtkWidget *row = gtk_list_box_row_new(), *line = parts_row(6), *texts = parts_column(0), *head = parts_row(6);
    entry->glyph = mon_glyph_new(GLYPH_NONE);
    entry->title = parts_label("", "body pool");
    entry->summary = parts_label("", "caption");
    entry->sparkline = mon_sparkline_new();
    gtk_widget_set_valign(entry->sparkline, GTK_ALIGN_CENTER);
    gtk_widget_set_hexpand(entry->title, TRUE);
    gtk_widget_set_valign(entry->glyph, GTK_ALIGN_START);
    gtk_widget_set_margin_top(entry->glyph, 3);
    gtk_widget_set_hexpand(texts, TRUE);
    parts_add(head, entry->title);
    parts_add(head, entry->sparkline);
    parts_add(texts, head);
    parts_add(texts, entry->summary);
    parts_add(line, entry->glyph);
    parts_add(line, texts);
    gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), line);
    g_object_set_data_full(G_OBJECT(row), ENTRY, entry, g_free);
    return row;
}

static struct entry *entry_of(GtkListBoxRow *row)
{
    return g_object_get_data(G_OBJECT(row), ENTRY);
}

static void show_row(GtkListBoxRow *row)
{
    struct entry *entry = entry_of(row);
    struct view view = view_at(entry->watch, entry->pool);
    const char *class;
    struct words summary = says_summary(&view, &class), title = says_title(&view);
    parts_set_text(entry->title, title.text);
    parts_set_class(entry->title, says_is_over(&view) ? "dim" : "");
    parts_set_text(entry->summary, summary.text);
    parts_set_class(entry->summary, class);
    mon_glyph_set(MON_GLYPH(entry->glyph), says_pool_glyph(&view));
    gtk_widget_set_visible(entry->sparkline, entry->watch->path == NULL);
    mon_sparkline_show(MON_SPARKLINE(entry->sparkline), view.pool, entry->watch->state == WATCH_LIVE);
    g_autofree char *label = g_strdup_printf("%s, %s", title.text, summary.text);
    parts_set_accessible_label(GTK_WIDGET(row), label);
    parts_set_tooltip(GTK_WIDGET(row), entry->watch->path != NULL ? entry->watch->path : label);
}

/* ---- The lists ---- */

/* The row at that place, for this pool. */
static void put_row(GtkWidget *list, int at, struct watch *watch, uint32_t pool)
{
    GtkListBoxRow *row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(list), at);
    if (row == NULL) {
        gtk_list_box_append(GTK_LIST_BOX(list), new_row());
        row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(list), at);
    }
    entry_of(row)->watch = watch;
    entry_of(row)->pool = pool;
    show_row(row);
}

static int put_watch(GtkWidget *list, int at, struct watch *watch)
{
    const struct model *model = watch_model(watch);
    size_t count = model != NULL ? model->pools.all.count : 0;
    if (count == 0)
        put_row(list, at++, watch, 0);
    for (size_t i = 0; i < count; i++)
        put_row(list, at++, watch, pools_at(&model->pools, i)->number);
    return at;
}

static void cut_rows(GtkWidget *list, int count)
{
    GtkListBoxRow *row;
    while ((row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(list), count)) != NULL)
        gtk_list_box_remove(GTK_LIST_BOX(list), GTK_WIDGET(row));
}

static int put_all(MonSidebar *self, GtkWidget *list, bool recordings)
{
    int count = 0;
    for (guint i = 0; i < mon_desk_count(self->desk); i++) {
        struct watch *watch = mon_desk_at(self->desk, i);
        if ((watch->path != NULL) == recordings)
            count = put_watch(list, count, watch);
    }
    cut_rows(list, count);
    return count;
}

static void select_in(GtkWidget *list, const struct view *view)
{
    GtkListBoxRow *row, *chosen = NULL;
    uint32_t pool = view->pool != NULL ? view->pool->number : 0;
    for (int i = 0; (row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(list), i)) != NULL; i++)
        if (entry_of(row)->watch == view->watch && entry_of(row)->pool == pool)
            chosen = row;
    if (chosen == NULL)
        gtk_list_box_unselect_all(GTK_LIST_BOX(list));
    else if (!gtk_list_box_row_is_selected(chosen))
        gtk_list_box_select_row(GTK_LIST_BOX(list), chosen);
}

/* Ended ones stay in the list until they are closed. */
static const char *title_of_pools(GtkWidget *list)
{
    GtkListBoxRow *row;
    for (int i = 0; (row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(list), i)) != NULL; i++) {
        struct view view = view_at(entry_of(row)->watch, entry_of(row)->pool);
        if (says_is_over(&view))
            return "Running and ended pools";
    }
    return "Running pools";
}

void mon_sidebar_refresh(MonSidebar *self)
{
    struct view view = mon_desk_view(self->desk);
    self->is_choosing = true;
    int pools = put_all(self, self->pools, false);
    int recordings = put_all(self, self->recordings, true);
    parts_set_text(self->pools_title, title_of_pools(self->pools));
    gtk_widget_set_visible(self->none, pools == 0);
    gtk_widget_set_visible(self->recordings_title, recordings > 0);
    select_in(self->pools, &view);
    select_in(self->recordings, &view);
    self->is_choosing = false;
}

/* A row is selected as soon as the focus comes to it, at the beginning for instance: that opens no recording. */
static void on_row_selected(GtkListBox *list, GtkListBoxRow *row, MonSidebar *self)
{
    (void)list;
    if (row != NULL && !self->is_choosing && entry_of(row)->watch->state != WATCH_SHELVED)
        mon_desk_choose(self->desk, entry_of(row)->watch, entry_of(row)->pool);
}

/* By a click, or Enter. */
static void on_row_activated(GtkListBox *list, GtkListBoxRow *row, MonSidebar *self)
{
    (void)list;
    mon_desk_choose(self->desk, entry_of(row)->watch, entry_of(row)->pool);
}

/* ---- The widget ---- */

static GtkWidget *new_list(MonSidebar *self, const char *label)
{
    GtkWidget *list = gtk_list_box_new();
    gtk_list_box_set_selection_mode(GTK_LIST_BOX(list), GTK_SELECTION_SINGLE);
    g_signal_connect(list, "row-selected", G_CALLBACK(on_row_selected), self);
    g_signal_connect(list, "row-activated", G_CALLBACK(on_row_activated), self);
    parts_set_accessible_label(list, label);
    return list;
}

static GtkWidget *new_lists(MonSidebar *self)
{
    GtkWidget *lists = parts_column(0), *scroller = gtk_scrolled_window_new();
    self->pools_title = parts_add(lists, parts_label("", "caption group"));
    self->none = parts_add(lists, parts_label("None found", "caption"));
    gtk_widget_set_margin_start(self->none, 16);
    self->pools = parts_add(lists, new_list(self, "Pools"));
    self->recordings_title = parts_add(lists, parts_label("Recordings", "caption group"));
    self->recordings = parts_add(lists, new_list(self, "Recordings"));
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroller), lists);
    gtk_widget_set_vexpand(scroller, TRUE);
    return scroller;
}

static void mon_sidebar_class_init(MonSidebarClass *class)
{
    (void)class;
}

static void mon_sidebar_init(MonSidebar *self)
{
    GtkWidget *box = GTK_WIDGET(self), *buttons = parts_column(4);
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    gtk_widget_add_css_class(box, "sidebar");
    gtk_widget_set_size_request(box, WIDTH, -1);
    parts_add(box, new_lists(self));
    parts_add(buttons, parts_icon_button("list-add-symbolic", "Start a program\xe2\x80\xa6", "tool side", "win.start"));
    parts_add(buttons,
              parts_icon_button("document-open-symbolic", "Open a recording\xe2\x80\xa6", "tool side", "win.open"));
    parts_set_margins(buttons, 12, 8, 12);
    parts_add(box, buttons);
}

GtkWidget *mon_sidebar_new(MonDesk *desk)
{
    MonSidebar *self = g_object_new(MON_TYPE_SIDEBAR, NULL);
    self->desk = desk;
    return GTK_WIDGET(self);
}
