#include "window/keys.h"

#include "window/dialog.h"
#include "window/parts.h"

/* is_plain: an entry or a button with the focus has it first. Without a trigger: the page itself knows it. */
static const struct key {
    const char *trigger, *action, *shown, *what;
    bool is_plain;
} keys[] = {
    { "<Control>1", "win.page::overview", "Ctrl+1", "Overview", false },
    { "<Control>2", "win.page::workers", "Ctrl+2", "Workers", false },
    { "<Control>3", "win.page::tasks", "Ctrl+3", "Tasks", false },
    { "<Control>4", "win.page::timeline", "Ctrl+4", "Timeline", false },
    { "<Control>5", "win.page::locks", "Ctrl+5", "Locks and queues", false },
    { "<Control>6", "win.page::log", "Ctrl+6", "Log", false },
    { "<Control>f", "win.search", "Ctrl+F", "Search", false },
    { "space", "win.freeze", "Space", "Freeze the display; in a recording play or pause", true },
    { "F9", "win.sidebar", "F9", "Sidebar", false },
    { "<Alt>Up", "win.move-pool(-1)", "Alt+Up", "The pool before", false },
    { "<Alt>Down", "win.move-pool(1)", "Alt+Down", "The next pool", false },
    { "<Control>r", "win.record", "Ctrl+R", "Record to a file, or end that", false },
    { "<Control>o", "win.open", "Ctrl+O", "Open a recording", false },
    { "<Control>e", "win.export", "Ctrl+E", "Export a trace or a table", false },
    { "F5", "win.again", "F5", "Read everything anew", false },
    { "<Control>c", "win.copy", "Ctrl+C", "Copy the chosen row, or its certificate", true },
    { "Delete", "win.remove", "Delete", "Kill the chosen worker, or cancel the chosen tasks; asks first", true },
    { NULL, NULL, "Ctrl+A", "All tasks of the table", false },
    { "Escape", "win.escape", "Esc", "Close the detail, then the search", true },
    { "s", "win.renew", "S", "Show what came since: sort the tasks again, add the new lines of the log", true },
    { "f", "win.failed", "F", "The tasks that failed", true },
    { "n", "win.step-death(1)", "N", "On the timeline, in a recording: the next death", true },
    { "p", "win.step-death(-1)", "P", "On the timeline, in a recording: the death before", true },
    { NULL, NULL, "Left, Right", "On the timeline: earlier, later", false },
    { NULL, NULL, "Home, End", "On the timeline: the beginning; the end, and on with it", false },
    { NULL, NULL, "Ctrl+plus, minus, 0", "On the timeline: zoom in, out, show everything", false },
    { NULL, NULL, "Ctrl+Left, Right", "On the timeline: the task before, the next task", false },
    { NULL, NULL, "Up, Down", "On the timeline: the task in the lane above, below", false },
    { "<Control>question", "win.keys", "Ctrl+?", "These keys", false },
    { "<Control>q", "app.quit", "Ctrl+Q", "Quit", false },
};

void keys_add(GtkApplication *application)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (keys[i].trigger != NULL && !keys[i].is_plain)
            gtk_application_set_accels_for_action(application, keys[i].action,
                                                  (const char *[]){ keys[i].trigger, NULL });
}

static gboolean on_plain(GtkWidget *widget, GVariant *parameter, gpointer data)
{
    (void)parameter;
    const struct key *key = data;
    g_autofree char *name = NULL;
    g_autoptr(GVariant) target = NULL;
    if (!g_action_parse_detailed_name(key->action, &name, &target, NULL))
        return FALSE;
    return gtk_widget_activate_action_variant(widget, name, target);
}

void keys_add_plain(GtkWidget *window)
{
    GtkEventController *controller = gtk_shortcut_controller_new();
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (keys[i].is_plain)
            gtk_shortcut_controller_add_shortcut(
                GTK_SHORTCUT_CONTROLLER(controller),
                gtk_shortcut_new(gtk_shortcut_trigger_parse_string(keys[i].trigger),
                                 gtk_callback_action_new(on_plain, (gpointer)&keys[i], NULL)));
    gtk_widget_add_controller(window, controller);
}

/* ---- The window that says so ---- */

void keys_show(GtkWindow *parent)
{
    GtkWidget *window = dialog_new(parent, "Keys"), *grid = gtk_grid_new();
    gtk_grid_set_column_spacing(GTK_GRID(grid), 24);
    gtk_grid_set_row_spacing(GTK_GRID(grid), 6);
    parts_set_margins(grid, 24, 18, 24);
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        gtk_grid_attach(GTK_GRID(grid), parts_short_label(keys[i].shown, "body strong"), 0, (int)i, 1, 1);
        gtk_grid_attach(GTK_GRID(grid), parts_short_label(keys[i].what, "body"), 1, (int)i, 1, 1);
    }
    gtk_window_set_child(GTK_WINDOW(window), grid);
    gtk_window_present(GTK_WINDOW(window));
}
