#include "window/actions.h"

struct view actions_view(MonWindow *window)
{
    return mon_desk_view(mon_window_get_desk(window));
}

#define KNOWN "mproc-action"

static void on_activate(GSimpleAction *action, GVariant *parameter, gpointer window)
{
    const struct action *known = g_object_get_data(G_OBJECT(action), KNOWN);
    if (!known->is_of_any)
        mon_desk_hold(mon_window_get_desk(MON_WINDOW(window)));
    known->activate(MON_WINDOW(window), parameter);
}

void actions_add(MonWindow *window, const struct action *actions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *type = actions[i].parameter;
        g_autoptr(GSimpleAction) action =
            g_simple_action_new(actions[i].name, type != NULL ? G_VARIANT_TYPE(type) : NULL);
        g_object_set_data(G_OBJECT(action), KNOWN, (gpointer)&actions[i]);
        g_signal_connect_object(action, "activate", G_CALLBACK(on_activate), window, 0);
        g_action_map_add_action(G_ACTION_MAP(window), G_ACTION(action));
    }
}

void actions_enable(MonWindow *window, const char *name, bool is_enabled)
{
    GAction *action = g_action_map_lookup_action(G_ACTION_MAP(window), name);
    if (action != NULL && g_action_get_enabled(action) != is_enabled)
        g_simple_action_set_enabled(G_SIMPLE_ACTION(action), is_enabled);
}
