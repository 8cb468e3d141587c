#include "window/key.h"

#include "window/lane_draw.h"

#define SIZE 16

struct _MonKey {
    GtkWidget parent_instance;
    struct lane_key key;
};

G_DEFINE_TYPE(MonKey, mon_key, GTK_TYPE_WIDGET)

static void mon_key_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    lane_draw_key(widget, snapshot, &MON_KEY(widget)->key, SIZE);
}

static void mon_key_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                            int *minimum_baseline, int *natural_baseline)
{
    (void)widget, (void)orientation, (void)for_size;
    *minimum = *natural = SIZE;
    *minimum_baseline = *natural_baseline = -1;
}

static void mon_key_class_init(MonKeyClass *class)
{
    GTK_WIDGET_CLASS(class)->snapshot = mon_key_snapshot;
    GTK_WIDGET_CLASS(class)->measure = mon_key_measure;
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void mon_key_init(MonKey *self)
{
    gtk_widget_set_valign(GTK_WIDGET(self), GTK_ALIGN_CENTER);
}

GtkWidget *mon_key_new(void)
{
    return g_object_new(MON_TYPE_KEY, NULL);
}

void mon_key_show(MonKey *self, const struct lane_key *key)
{
    if (memcmp(self->key.letter, key->letter, sizeof key->letter) == 0 && self->key.color == key->color &&
        self->key.is_other == key->is_other)
        return;
    self->key = *key;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}
