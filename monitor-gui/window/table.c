#include "window/table.h"

#include "window/cell.h"
#include "window/parts.h"
#include "window/rows.h"
#include "window/table_columns.h"
#include "window/table_sort.h"

/* GTK makes the cells of some two hundred rows, whether they are seen or not, and that takes it a tenth of a second. So
 * rows come a few at a time, one such piece with each frame of the screen, until it has made all that it will make. To
 * take cells away takes it half as long: they go in pieces too, and are empty until then. */
#define ROWS_MADE       256u
#define CELLS_AT_FIRST  16u /* with the page around them */
#define CELLS_AT_A_TIME 48u
#define CELLS_CUT       256u
#define LONG_FRAME_US   25000
/* What is seen, with some rows around it, is filled in at each refresh; of the others a part, so that none of them is
 * old: who reads the screen aloud sees them too. */
#define ROWS_AROUND 2
#define TURNS       4u

struct _MonTable {
    GtkWidget parent_instance;
    const struct table_column *columns;
    guint count;
    table_fill_fn *fill;
    void *user;
    GtkWidget *scroller, *view;
    MonRows *rows;
    guint wanted;    /* rows that there are to be */
    guint ticks;     /* the callback of each frame, while there are rows to make or cells to fill in */
    int64_t tick_us; /* of the last frame */
    bool is_resting; /* this frame nothing was made */
    guint turn;
    double row_height;            /* as it was laid out last; 0: not so far */
    double room;                  /* how many rows are seen, likewise */
    GtkSelectionModel *selection; /* one of a single row; or the rows themselves, where several can be chosen */
    GHashTable *bound;            /* GtkListItem, each with its column, and whether it is filled in */
    struct table_columns *shown;
    bool is_choosing, is_stale;
    bool is_waiting; /* nothing is known of any row */
};

G_DEFINE_TYPE(MonTable, mon_table, GTK_TYPE_WIDGET)

/* ---- Cells ---- */

#define COLUMN "mproc-column"
/* Beside the 8 pixels that each cell has. */
#define EDGE   8
#define FILLED "mproc-filled"
#define FADED  "mproc-faded"
#define NAMED  "mproc-named"
/* Of a title, which column it has. */
#define TITLED "mproc-titled"

static guint column_of(GtkListItem *item)
{
    return GPOINTER_TO_UINT(g_object_get_data(G_OBJECT(item), COLUMN));
}

static bool has_mark(GtkListItem *item, const char *mark)
{
    return g_object_get_data(G_OBJECT(item), mark) != NULL;
}

static void set_mark(GtkListItem *item, const char *mark, bool is_set)
{
    g_object_set_data(G_OBJECT(item), mark, is_set ? item : NULL);
}

/* Glyphs and bars are drawn in another colour then, be they the same. */
static void fade_cell(MonTable *self, GtkListItem *item, struct table_cell *shown)
{
    if (self->is_stale && g_strcmp0(shown->class, "bad") != 0)
        shown->class = "dim";
    if (has_mark(item, FADED) != self->is_stale)
        parts_redraw(gtk_list_item_get_child(item));
    set_mark(item, FADED, self->is_stale);
}

/* One of which nothing is known, or that is to go, is not seen: neither its rule nor that it is chosen. It is the
 * parent of the widget that GTK has around each cell. */
static void show_row(GtkListItem *item, bool is_there)
{
    GtkWidget *row = gtk_widget_get_parent(gtk_widget_get_parent(gtk_list_item_get_child(item)));
    if (gtk_widget_get_opacity(row) != is_there)
        gtk_widget_set_opacity(row, is_there);
}

/* The edges of the page. Not by the style sheet: GTK 4.8 puts the cell of a column that is shown later behind all
 * others of its row, and takes it for the last. */
static void keep_edges(MonTable *self, GtkListItem *item)
{
    guint column = column_of(item);
    GtkWidget *cell = gtk_list_item_get_child(item);
    gtk_widget_set_margin_start(cell, table_columns_is_first(self->shown, column) ? EDGE : 0);
    gtk_widget_set_margin_end(cell, table_columns_is_last(self->shown, column) ? EDGE : 0);
}

static void fill_cell(MonTable *self, GtkListItem *item)
{
    struct table_cell shown = { .part = -1 };
    guint column = column_of(item);
    guint row = gtk_list_item_get_position(item);
    bool is_there = row < MIN(self->wanted, mon_rows_get_count(self->rows)) && !self->is_waiting;
    if (is_there)
        self->fill(self->user, row, column, &shown);
    show_row(item, is_there);
    fade_cell(self, item, &shown);
    cell_show(gtk_list_item_get_child(item), &self->columns[column], &shown);
    set_mark(item, FILLED, true);
}

struct factory {
    MonTable *table;
    guint column;
};

static void on_setup(GtkSignalListItemFactory *made, GtkListItem *item, gpointer data)
{
    (void)made;
    struct factory *factory = data;
    g_object_set_data(G_OBJECT(item), COLUMN, GUINT_TO_POINTER(factory->column));
    gtk_list_item_set_child(item, cell_new(&factory->table->columns[factory->column]));
}

static gboolean on_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer data);

/* Once behind what is done now, and before it is drawn. */
static void wake(MonTable *self)
{
    if (self->ticks == 0)
        self->ticks = gtk_widget_add_tick_callback(GTK_WIDGET(self), on_tick, NULL, NULL);
}

/* It is another row's from now on. GTK does that to two hundred rows at a time, of which some twenty are seen: these
 * are filled in by who has brought it about, or with the next frame where that was GTK alone; the others in their turn.
 */
static void on_bind(GtkSignalListItemFactory *made, GtkListItem *item, gpointer data)
{
    (void)made;
    struct factory *factory = data;
    g_hash_table_add(factory->table->bound, item);
    set_mark(item, FILLED, false);
    if (!has_mark(item, NAMED))
        cell_name(gtk_list_item_get_child(item));
    set_mark(item, NAMED, true);
    keep_edges(factory->table, item);
    wake(factory->table);
}

static void on_unbind(GtkSignalListItemFactory *made, GtkListItem *item, gpointer data)
{
    (void)made;
    struct factory *factory = data;
    g_hash_table_remove(factory->table->bound, item);
}

static void free_factory(gpointer data, GClosure *closure)
{
    (void)closure;
    g_free(data);
}

static GtkListItemFactory *new_factory(MonTable *self, guint column)
{
    GtkListItemFactory *made = gtk_signal_list_item_factory_new();
    struct factory *factory = g_new(struct factory, 1);
    *factory = (struct factory){ self, column };
    g_signal_connect(made, "setup", G_CALLBACK(on_setup), factory);
    g_signal_connect(made, "bind", G_CALLBACK(on_bind), factory);
    g_signal_connect_data(made, "unbind", G_CALLBACK(on_unbind), factory, free_factory, 0);
    return made;
}

/* ---- Columns ---- */

/* Not when a cell is filled: that may be while GTK gives widgets their places, and one that is then measured anew gets
 * none. */
static void on_columns(void *user)
{
    MonTable *self = user;
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, self->bound);
    while (g_hash_table_iter_next(&iter, &item, NULL))
        keep_edges(self, item);
}

/* GTK 4.8 has no alignment for titles. That of a column with bars stands above its texts. */
static void align_title(const struct table_column *column, GtkWidget *box)
{
    if (!column->end || box == NULL)
        return;
    gtk_widget_set_halign(box, GTK_ALIGN_END);
    if (column->kind == TABLE_BAR)
        gtk_widget_set_margin_end(box, CELL_BAR_ROOM);
}

static void align_titles(MonTable *self)
{
    GtkWidget *title = gtk_widget_get_first_child(gtk_widget_get_first_child(self->view));
    for (guint i = 0; title != NULL && i < self->count; title = gtk_widget_get_next_sibling(title), i++) {
        align_title(&self->columns[i], gtk_widget_get_first_child(title));
        parts_set_accessible_label(title, self->columns[i].title);
        /* The user may drag it elsewhere. */
        g_object_set_data(G_OBJECT(title), TITLED, (gpointer)&self->columns[i]);
    }
}

static void add_columns(MonTable *self)
{
    for (guint i = 0; i < self->count; i++) {
        const struct table_column *known = &self->columns[i];
        GtkColumnViewColumn *column = gtk_column_view_column_new(known->title, new_factory(self, i));
        gtk_column_view_column_set_expand(column, known->expand);
        gtk_column_view_append_column(GTK_COLUMN_VIEW(self->view), column);
        g_object_unref(column);
    }
    align_titles(self);
    self->shown = table_columns_new(GTK_COLUMN_VIEW(self->view), self->columns, self->count, on_columns, self);
}

void mon_table_remember(MonTable *self, const char *name)
{
    table_columns_remember(self->shown, GTK_WIDGET(self), name);
}

void mon_table_spare(MonTable *self, bool is_spare)
{
    table_columns_spare(self->shown, is_spare);
}

static void on_sorted(GtkSorter *sorter, GtkSorterChange change, MonTable *self)
{
    (void)sorter, (void)change;
    g_signal_emit_by_name(self, "sorted");
}

void mon_table_make_sortable(MonTable *self, guint column, bool is_descending)
{
    table_sort_begin(GTK_COLUMN_VIEW(self->view), column, is_descending);
    for (guint i = 0; i < self->count; i++)
        table_sort_align(GTK_COLUMN_VIEW(self->view), i, self->columns[i].end);
    g_signal_connect_object(gtk_column_view_get_sorter(GTK_COLUMN_VIEW(self->view)), "changed", G_CALLBACK(on_sorted),
                            self, 0);
}

guint mon_table_get_sorted(MonTable *self, bool *ret_descending)
{
    return table_sort_get(GTK_COLUMN_VIEW(self->view), ret_descending);
}

/* Columns may stand in another order. */
void mon_table_mark_sorted(MonTable *self, const char *words)
{
    bool is_descending;
    const struct table_column *sorted = &self->columns[mon_table_get_sorted(self, &is_descending)];
    GtkWidget *head = gtk_widget_get_first_child(gtk_widget_get_first_child(self->view));
    for (; head != NULL; head = gtk_widget_get_next_sibling(head))
        table_sort_mark(head, g_object_get_data(G_OBJECT(head), TITLED) == sorted ? words : NULL);
}

void mon_table_show_column(MonTable *self, guint column, bool is_shown)
{
    table_columns_show(self->shown, column, is_shown);
}

void mon_table_widen(MonTable *self, guint column, int more)
{
    table_columns_widen(self->shown, column, more);
}

void mon_table_name_column(MonTable *self, guint column, const char *title, const char *tip)
{
    GtkWidget *head = gtk_widget_get_first_child(gtk_widget_get_first_child(self->view));
    while (head != NULL && g_object_get_data(G_OBJECT(head), TITLED) != &self->columns[column])
        head = gtk_widget_get_next_sibling(head);
    table_columns_name(self->shown, column, title);
    if (head == NULL)
        return;
    parts_set_accessible_label(head, title);
    parts_set_tooltip(head, tip);
}

/* ---- Which rows are seen ---- */

struct seen {
    double first, last; /* rows */
};

/* As far as is known: all have the same height. */
static struct seen seen_rows(MonTable *self)
{
    GtkAdjustment *scroll = gtk_scrollable_get_vadjustment(GTK_SCROLLABLE(self->view));
    double page = gtk_adjustment_get_page_size(scroll), top = gtk_adjustment_get_value(scroll);
    double height = self->row_height;
    if (height <= 0 || page <= 0)
        return (struct seen){ 0, G_MAXUINT };
    return (struct seen){ top / height - ROWS_AROUND, (top + page) / height + ROWS_AROUND };
}

static bool is_in(struct seen seen, GtkListItem *item)
{
    double row = gtk_list_item_get_position(item);
    return row >= seen.first && row <= seen.last;
}

/* is_new: only what is not filled in so far. */
static void fill_seen(MonTable *self, bool is_new)
{
    struct seen seen = seen_rows(self);
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, self->bound);
    while (g_hash_table_iter_next(&iter, &item, NULL))
        if (is_in(seen, item) && !(is_new && has_mark(item, FILLED)))
            fill_cell(self, item);
}

static void fill_turn(MonTable *self)
{
    GHashTableIter iter;
    gpointer item;
    self->turn = (self->turn + 1) % TURNS;
    g_hash_table_iter_init(&iter, self->bound);
    while (g_hash_table_iter_next(&iter, &item, NULL))
        if (gtk_list_item_get_position(item) % TURNS == self->turn)
            fill_cell(self, item);
}

static void on_scrolled(GtkAdjustment *scroll, MonTable *self)
{
    (void)scroll;
    fill_seen(self, false);
}

/* What is laid out are all rows that there are. Where they do not fill the page the scroll bar's end is the page's, and
 * says nothing of them; then all are seen. Of those that a larger page, or a smaller font, shows some are older than
 * others. */
static void on_resized(GtkAdjustment *scroll, MonTable *self)
{
    double upper = gtk_adjustment_get_upper(scroll), page = gtk_adjustment_get_page_size(scroll), before = self->room;
    self->row_height = upper > page ? upper / MAX(mon_rows_get_count(self->rows), 1) : 0;
    self->room = self->row_height > 0 ? page / self->row_height : mon_rows_get_count(self->rows);
    fill_seen(self, self->room <= before);
}

/* ---- More and fewer rows ---- */

struct made {
    guint first, end;
};

/* Those around what is seen that have cells. One that is chosen, or has the focus, may have some elsewhere, too. */
static struct made made_rows(MonTable *self)
{
    GHashTableIter iter;
    gpointer item;
    GtkBitset *made = gtk_bitset_new_empty();
    guint row = (guint)CLAMP(seen_rows(self).first + ROWS_AROUND, 0, mon_rows_get_count(self->rows));
    struct made found = { row, row };
    g_hash_table_iter_init(&iter, self->bound);
    while (g_hash_table_iter_next(&iter, &item, NULL))
        gtk_bitset_add(made, gtk_list_item_get_position(item));
    while (found.first > 0 && gtk_bitset_contains(made, found.first - 1))
        found.first--;
    while (gtk_bitset_contains(made, found.end))
        found.end++;
    gtk_bitset_unref(made);
    return found;
}

/* What is chosen is a row by its number, and GTK takes it for one that moves when rows before it go. */
static void cut_to(MonTable *self, guint count, struct made made)
{
    GtkSingleSelection *single =
        GTK_IS_SINGLE_SELECTION(self->selection) ? GTK_SINGLE_SELECTION(self->selection) : NULL;
    guint chosen = single != NULL ? gtk_single_selection_get_selected(single) : TABLE_NO_ROW;
    self->is_choosing = true;
    mon_rows_cut(self->rows, count, made.first, made.end);
    if (single != NULL)
        gtk_single_selection_set_selected(single, chosen < self->wanted ? chosen : TABLE_NO_ROW);
    self->is_choosing = false;
    if (chosen != TABLE_NO_ROW && chosen >= self->wanted)
        g_signal_emit_by_name(self, "chosen");
}

/* First those without cells, all of them; the very first one has some. */
static void cut_piece(MonTable *self)
{
    struct made made = made_rows(self);
    guint cells = made.end - made.first + (made.first > 0), piece = MAX(CELLS_CUT / self->count, 1);
    guint left = cells < mon_rows_get_count(self->rows) ? cells : cells - MIN(piece, cells);
    cut_to(self, MAX(self->wanted, left), made);
}

static void add_piece(MonTable *self)
{
    guint before = mon_rows_get_count(self->rows), cells = before > 0 ? CELLS_AT_A_TIME : CELLS_AT_FIRST;
    guint next = before + MAX(cells / self->count, 1);
    mon_rows_set_count(self->rows, next >= ROWS_MADE ? self->wanted : MIN(next, self->wanted));
}

/* Returns whether there is more to do. */
static bool resize_rows(MonTable *self)
{
    guint count = mon_rows_get_count(self->rows);
    if (count > self->wanted)
        cut_piece(self);
    else if (count < self->wanted)
        add_piece(self);
    return mon_rows_get_count(self->rows) != self->wanted;
}

/* What is drawn goes before what comes. Where a piece takes longer than a frame, each second frame is left to that. */
static bool has_time(MonTable *self, GdkFrameClock *clock)
{
    int64_t now_us = gdk_frame_clock_get_frame_time(clock), past_us = now_us - self->tick_us;
    self->tick_us = now_us;
    self->is_resting = !self->is_resting && past_us > LONG_FRAME_US;
    return !self->is_resting;
}

static gboolean on_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
    (void)data;
    MonTable *self = MON_TABLE(widget);
    bool goes_on = mon_rows_get_count(self->rows) != self->wanted;
    if (goes_on && has_time(self, clock))
        goes_on = resize_rows(self);
    fill_seen(self, true);
    if (!goes_on)
        self->ticks = 0;
    return goes_on ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* What goes on already goes on with the frames. */
static void set_rows(MonTable *self, guint rows)
{
    bool goes_on = mon_rows_get_count(self->rows) != self->wanted;
    self->wanted = rows;
    if (!goes_on && resize_rows(self))
        wake(self);
}

static void refresh(MonTable *self, guint rows)
{
    set_rows(self, rows);
    fill_seen(self, false);
    fill_turn(self);
}

void mon_table_refresh(MonTable *self, guint rows)
{
    self->is_waiting = false;
    refresh(self, rows);
}

void mon_table_wait(MonTable *self)
{
    self->is_waiting = true;
    refresh(self, self->wanted);
}

void mon_table_fade(MonTable *self, bool is_stale)
{
    if (self->is_stale == is_stale)
        return;
    self->is_stale = is_stale;
    fill_seen(self, false);
}

/* ---- Where it is scrolled to ---- */

static GtkAdjustment *scroll_of(MonTable *self)
{
    return gtk_scrollable_get_vadjustment(GTK_SCROLLABLE(self->view));
}

bool mon_table_is_scrolled(MonTable *self)
{
    return gtk_adjustment_get_value(scroll_of(self)) > 0;
}

void mon_table_scroll_back(MonTable *self)
{
    gtk_adjustment_set_value(scroll_of(self), 0);
}

/* ---- The widget ---- */

static void tell_chosen(MonTable *self)
{
    if (!self->is_choosing)
        g_signal_emit_by_name(self, "chosen");
}

static void on_selected(GtkSingleSelection *selection, GParamSpec *property, MonTable *self)
{
    (void)selection, (void)property;
    tell_chosen(self);
}

static void on_selection(GtkSelectionModel *selection, guint position, guint count, MonTable *self)
{
    (void)selection, (void)position, (void)count;
    tell_chosen(self);
}

static GtkSelectionModel *new_single(MonTable *self)
{
    GtkSingleSelection *single = gtk_single_selection_new(G_LIST_MODEL(g_object_ref(self->rows)));
    gtk_single_selection_set_autoselect(single, FALSE);
    gtk_single_selection_set_can_unselect(single, TRUE);
    gtk_single_selection_set_selected(single, TABLE_NO_ROW);
    g_signal_connect(single, "notify::selected", G_CALLBACK(on_selected), self);
    return GTK_SELECTION_MODEL(single);
}

static void on_activated(GtkColumnView *view, guint row, MonTable *self)
{
    (void)view;
    if (row >= self->wanted)
        return;
    mon_table_choose(self, row);
    g_signal_emit_by_name(self, "chosen");
}

static void mon_table_realize(GtkWidget *widget)
{
    GTK_WIDGET_CLASS(mon_table_parent_class)->realize(widget);
    table_columns_scale(MON_TABLE(widget)->shown);
}

static void mon_table_dispose(GObject *object)
{
    MonTable *self = MON_TABLE(object);
    if (self->selection != NULL)
        g_signal_handlers_disconnect_by_data(self->selection, self);
    gtk_widget_insert_action_group(GTK_WIDGET(self), "columns", NULL);
    g_clear_pointer(&self->shown, table_columns_free);
    g_clear_pointer(&self->scroller, gtk_widget_unparent);
    g_clear_object(&self->selection);
    g_clear_object(&self->rows);
    G_OBJECT_CLASS(mon_table_parent_class)->dispose(object);
}

static void mon_table_finalize(GObject *object)
{
    g_hash_table_unref(MON_TABLE(object)->bound);
    G_OBJECT_CLASS(mon_table_parent_class)->finalize(object);
}

static void mon_table_class_init(MonTableClass *class)
{
    G_OBJECT_CLASS(class)->dispose = mon_table_dispose;
    G_OBJECT_CLASS(class)->finalize = mon_table_finalize;
    GTK_WIDGET_CLASS(class)->realize = mon_table_realize;
    gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
    g_signal_new("chosen", MON_TYPE_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    g_signal_new("sorted", MON_TYPE_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void mon_table_init(MonTable *self)
{
    self->bound = g_hash_table_new(NULL, NULL);
    self->rows = mon_rows_new();
    self->selection = new_single(self);
    self->view = gtk_column_view_new(g_object_ref(self->selection));
    g_signal_connect(self->view, "activate", G_CALLBACK(on_activated), self);
    self->scroller = gtk_scrolled_window_new();
    /* Columns as wide as somebody has made them are no reason for a wider window. */
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(self->scroller), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(self->scroller), self->view);
    GtkAdjustment *scroll = scroll_of(self);
    g_signal_connect_object(scroll, "value-changed", G_CALLBACK(on_scrolled), self, 0);
    g_signal_connect_object(scroll, "changed", G_CALLBACK(on_resized), self, 0);
    gtk_widget_set_parent(self->scroller, GTK_WIDGET(self));
}

GtkWidget *mon_table_new(const struct table_column *columns, guint count, const char *label, table_fill_fn *fill,
                         void *user)
{
    MonTable *self = g_object_new(MON_TYPE_TABLE, NULL);
    self->columns = columns;
    self->count = count;
    self->fill = fill;
    self->user = user;
    add_columns(self);
    parts_set_accessible_label(self->view, label);
    return GTK_WIDGET(self);
}

/* ---- What is chosen ---- */

void mon_table_make_multiple(MonTable *self)
{
    g_signal_handlers_disconnect_by_data(self->selection, self);
    g_set_object(&self->selection, GTK_SELECTION_MODEL(self->rows));
    g_signal_connect(self->selection, "selection-changed", G_CALLBACK(on_selection), self);
    gtk_column_view_set_model(GTK_COLUMN_VIEW(self->view), self->selection);
}

/* Those that are about to go are none any more. */
GtkBitset *mon_table_get_all_chosen(MonTable *self)
{
    GtkBitset *all = gtk_selection_model_get_selection(self->selection), *chosen = gtk_bitset_copy(all);
    gtk_bitset_unref(all);
    gtk_bitset_remove_range(chosen, self->wanted, TABLE_NO_ROW - self->wanted);
    return chosen;
}

guint mon_table_get_chosen(MonTable *self)
{
    GtkBitset *chosen = mon_table_get_all_chosen(self);
    guint row = gtk_bitset_get_size(chosen) == 1 ? gtk_bitset_get_minimum(chosen) : TABLE_NO_ROW;
    gtk_bitset_unref(chosen);
    return row;
}

void mon_table_choose_all(MonTable *self, GtkBitset *rows)
{
    GtkBitset *all = gtk_bitset_new_range(0, mon_rows_get_count(self->rows));
    self->is_choosing = true;
    gtk_selection_model_set_selection(self->selection, rows, all);
    self->is_choosing = false;
    gtk_bitset_unref(all);
}

void mon_table_choose(MonTable *self, guint row)
{
    if (mon_table_get_chosen(self) == row && row != TABLE_NO_ROW)
        return;
    self->is_choosing = true;
    if (GTK_IS_SINGLE_SELECTION(self->selection))
        gtk_single_selection_set_selected(GTK_SINGLE_SELECTION(self->selection), row);
    else if (row < mon_rows_get_count(self->rows))
        gtk_selection_model_select_item(self->selection, row, TRUE);
    else
        gtk_selection_model_unselect_all(self->selection);
    self->is_choosing = false;
}

int mon_table_get_whole_height(MonTable *self)
{
    int natural;
    gtk_widget_measure(self->view, GTK_ORIENTATION_VERTICAL, -1, NULL, &natural, NULL, NULL);
    return natural;
}

void mon_table_set_whole(MonTable *self)
{
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(self->scroller), GTK_POLICY_NEVER, GTK_POLICY_NEVER);
}
