#include "window/timeline_keys.h"

static const struct {
    const char *trigger;
    enum timeline_key key;
} keys[] = {
    { "Left|KP_Left", TIMELINE_EARLIER },
    { "Right|KP_Right", TIMELINE_LATER },
    { "<Control>plus|<Control>equal|<Control>KP_Add", TIMELINE_IN },
    { "<Control>minus|<Control>KP_Subtract", TIMELINE_OUT },
    { "<Control>0|<Control>KP_0", TIMELINE_FIT },
    { "Home|KP_Home", TIMELINE_BEGIN },
    { "End|KP_End", TIMELINE_END },
    { "<Control>Left", TIMELINE_TASK_BEFORE },
    { "<Control>Right", TIMELINE_TASK_BEHIND },
    { "Up|KP_Up", TIMELINE_LANE_ABOVE },
    { "Down|KP_Down", TIMELINE_LANE_BELOW },
    { "p", TIMELINE_DEATH_BEFORE },
    { "n", TIMELINE_DEATH_BEHIND },
};

struct listener {
    GtkWidget *page;
    timeline_key_fn *pressed;
    enum timeline_key key;
};

static gboolean on_key(GtkWidget *widget, GVariant *parameter, gpointer data)
{
    (void)widget, (void)parameter;
    const struct listener *listener = data;
    return gtk_widget_get_mapped(listener->page) && listener->pressed(listener->page, listener->key);
}

void timeline_keys_add(GtkWidget *widget, GtkWidget *page, timeline_key_fn *pressed)
{
    GtkEventController *controller = gtk_shortcut_controller_new();
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        struct listener *listener = g_new(struct listener, 1);
        *listener = (struct listener){ page, pressed, keys[i].key };
        gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(controller),
                                             gtk_shortcut_new(gtk_shortcut_trigger_parse_string(keys[i].trigger),
                                                              gtk_callback_action_new(on_key, listener, g_free)));
    }
    gtk_widget_add_controller(widget, controller);
}
