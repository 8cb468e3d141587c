#include "window/rows.h"

struct _MonRows {
    GObject parent_instance;
    guint count;
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

G_DEFINE_TYPE_WITH_CODE(MonRows, mon_rows, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, mon_rows_list_init))

static void mon_rows_class_init(MonRowsClass *class)
{
    (void)class;
}

static void mon_rows_init(MonRows *self)
{
    (void)self;
}

MonRows *mon_rows_new(void)
{
    return g_object_new(MON_TYPE_ROWS, NULL);
}

void mon_rows_set_count(MonRows *self, guint count)
{
    guint before = self->count;
    self->count = count;
    if (count > before)
        g_list_model_items_changed(G_LIST_MODEL(self), before, 0, count - before);
    else if (count < before)
        g_list_model_items_changed(G_LIST_MODEL(self), count, before - count, 0);
}

guint mon_rows_get_count(const MonRows *self)
{
    return self->count;
}
