#include "window/legend.h"

#include "window/key.h"
#include "window/parts.h"

/* The last one is of all functions that have no colour of their own. */
#define ENTRIES (LANE_COLORS + 1)

struct _MonLegend {
    GtkBox parent_instance;
    GtkWidget *buttons[ENTRIES], *keys[ENTRIES], *names[ENTRIES];
    uint32_t only;
    bool is_choosing;
};

G_DEFINE_TYPE(MonLegend, mon_legend, GTK_TYPE_BOX)

static void on_toggled(GtkToggleButton *button, MonLegend *self)
{
    if (self->is_choosing)
        return;
    self->is_choosing = true;
    self->only = 0;
    for (uint32_t i = 0; i < ENTRIES; i++)
        if (GTK_WIDGET(button) != self->buttons[i])
            gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->buttons[i]), FALSE);
        else if (gtk_toggle_button_get_active(button))
            self->only = i + 1;
    self->is_choosing = false;
    g_signal_emit_by_name(self, "chosen");
}

static void add_entry(MonLegend *self, int index)
{
    GtkWidget *button = gtk_toggle_button_new(), *row = parts_row(6);
    self->keys[index] = parts_add(row, mon_key_new());
    self->names[index] = parts_add(row, parts_label("", "body"));
    gtk_button_set_child(GTK_BUTTON(button), row);
    gtk_widget_add_css_class(button, "legend");
    parts_set_tooltip(button, "Dim the others");
    gtk_widget_set_visible(button, FALSE);
    g_signal_connect(button, "toggled", G_CALLBACK(on_toggled), self);
    self->buttons[index] = parts_add(GTK_WIDGET(self), button);
}

static void mon_legend_class_init(MonLegendClass *class)
{
    (void)class;
    g_signal_new("chosen", MON_TYPE_LEGEND, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void mon_legend_init(MonLegend *self)
{
    gtk_box_set_spacing(GTK_BOX(self), 4);
    for (int i = 0; i < ENTRIES; i++)
        add_entry(self, i);
}

GtkWidget *mon_legend_new(void)
{
    return g_object_new(MON_TYPE_LEGEND, NULL);
}

void mon_legend_show(MonLegend *self, const struct view *view)
{
    struct lane_keys keys;
    lane_keys_make(&keys, view->pool);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        bool is_there = i < LANE_COLORS ? pool_function_at(view->pool, i + 1) != NULL
                                        : view->pool->functions.count > LANE_COLORS + 1;
        gtk_widget_set_visible(self->buttons[i], is_there);
        mon_key_show(MON_KEY(self->keys[i]), lane_key_of(&keys, i < LANE_COLORS ? i + 1 : 0));
        parts_set_text(self->names[i], i < LANE_COLORS ? lane_function_name(view->pool, i + 1) : "other functions");
    }
}

uint32_t mon_legend_get_only(MonLegend *self)
{
    return self->only;
}
