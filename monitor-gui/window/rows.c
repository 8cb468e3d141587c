#include "window/rows.h"

struct _MonRows {
    GObject parent_instance;
    guint count;
    GtkBitset *chosen;
};

static GType mon_rows_get_item_type(GListModel *list)
{
    (void)list;
    return G_TYPE_OBJECT;
}

static guint mon_rows_get_n_items(GListModel *list)
{
    return MON_ROWS(list)->count;
}

/* A row is known by its position alone. */
static gpointer mon_rows_get_item(GListModel *list, guint position)
{
    return position < MON_ROWS(list)->count ? g_object_new(G_TYPE_OBJECT, NULL) : NULL;
}

static void mon_rows_list_init(GListModelInterface *interface)
{
    interface->get_item_type = mon_rows_get_item_type;
    interface->get_n_items = mon_rows_get_n_items;
    interface->get_item = mon_rows_get_item;
}

/* ---- What is chosen ---- */

static gboolean mon_rows_is_selected(GtkSelectionModel *model, guint position)
{
    return gtk_bitset_contains(MON_ROWS(model)->chosen, position);
}

static GtkBitset *mon_rows_get_selection_in_range(GtkSelectionModel *model, guint position, guint count)
{
    (void)position, (void)count;
    return gtk_bitset_ref(MON_ROWS(model)->chosen);
}

/* Those of the mask become as wanted has them. */
static gboolean mon_rows_set_selection(GtkSelectionModel *model, GtkBitset *wanted, GtkBitset *mask)
{
    MonRows *self = MON_ROWS(model);
    GtkBitset *changed = gtk_bitset_copy(self->chosen), *before = self->chosen;
    gtk_bitset_difference(changed, wanted);
    gtk_bitset_intersect(changed, mask);
    if (!gtk_bitset_is_empty(changed)) {
        /* Somebody may still hold what was chosen until now. */
        self->chosen = gtk_bitset_copy(before);
        gtk_bitset_difference(self->chosen, changed);
        gtk_bitset_unref(before);
        guint first = gtk_bitset_get_minimum(changed), last = gtk_bitset_get_maximum(changed);
        gtk_selection_model_selection_changed(model, first, last - first + 1);
    }
    gtk_bitset_unref(changed);
    return TRUE;
}

static void mon_rows_selection_init(GtkSelectionModelInterface *interface)
{
    interface->is_selected = mon_rows_is_selected;
    interface->get_selection_in_range = mon_rows_get_selection_in_range;
    interface->set_selection = mon_rows_set_selection;
}

/* ---- The object ---- */

G_DEFINE_TYPE_WITH_CODE(MonRows, mon_rows, G_TYPE_OBJECT,
                        G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, mon_rows_list_init)
                            G_IMPLEMENT_INTERFACE(GTK_TYPE_SELECTION_MODEL, mon_rows_selection_init))

static void mon_rows_finalize(GObject *object)
{
    gtk_bitset_unref(MON_ROWS(object)->chosen);
    G_OBJECT_CLASS(mon_rows_parent_class)->finalize(object);
}

static void mon_rows_class_init(MonRowsClass *class)
{
    G_OBJECT_CLASS(class)->finalize = mon_rows_finalize;
}

static void mon_rows_init(MonRows *self)
{
    self->chosen = gtk_bitset_new_empty();
}

MonRows *mon_rows_new(void)
{
    return g_object_new(MON_TYPE_ROWS, NULL);
}

static void change(MonRows *self, guint position, guint removed, guint added)
{
    self->count = self->count - removed + added;
    if (removed > 0 || added > 0)
        g_list_model_items_changed(G_LIST_MODEL(self), position, removed, added);
}

/* The very first row stays: GTK has cells for it too, wherever one looks, and would make some for the next one. */
void mon_rows_cut(MonRows *self, guint count, guint first, guint end)
{
    guint removed = self->count - count, behind = MIN(removed, self->count - end);
    guint before = MIN(removed - behind, MAX(first, 1) - 1), rest = removed - behind - before;
    if (!gtk_bitset_is_empty(self->chosen))
        gtk_bitset_remove_range(self->chosen, count, removed);
    change(self, self->count - behind, behind, 0);
    change(self, first - before, before, 0);
    change(self, count, rest, 0);
}

void mon_rows_set_count(MonRows *self, guint count)
{
    if (count < self->count)
        mon_rows_cut(self, count, 0, self->count);
    else
        change(self, self->count, 0, count - self->count);
}

guint mon_rows_get_count(const MonRows *self)
{
    return self->count;
}
