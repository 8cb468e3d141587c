#include "window/file_actions.h"

#include "window/actions.h"
#include "window/chooser.h"
#include "window/confirm.h"
#include "window/export_file.h"
#include "window/start.h"

/* ---- What is watched ---- */

static void again(MonWindow *window, GVariant *parameter)
{
    (void)parameter;
    struct view view = actions_view(window);
    if (view.watch != NULL)
        watch_again(view.watch);
    mon_desk_look(mon_window_get_desk(window));
}

static void close_watch(MonWindow *window, GVariant *parameter)
{
    (void)parameter;
    struct view view = actions_view(window);
    if (view.watch != NULL)
        mon_desk_close(mon_window_get_desk(window), view.watch);
}

static void on_open(const char *path, void *user)
{
    mon_window_open(MON_WINDOW(user), path);
}

static void open_recording(MonWindow *window, GVariant *parameter)
{
    (void)parameter;
    chooser_open(GTK_WINDOW(window), on_open, window);
}

static void start(MonWindow *window, GVariant *parameter)
{
    (void)parameter;
    start_ask(GTK_WINDOW(window), mon_window_get_desk(window));
}

/* ---- Names of files ---- */

/* With the ending that says what it is. Who left it out was not asked whether a file of that name may go: then NULL,
 * and that is said. */
static char *name_for(MonWindow *window, const char *path, const char *ending)
{
    if (g_str_has_suffix(path, ending))
        return g_strdup(path);
    char *named = g_strconcat(path, ending, NULL);
    if (!g_file_test(named, G_FILE_TEST_EXISTS))
        return named;
    confirm_tell(GTK_WINDOW(window), "There is a file of that name", named);
    g_free(named);
    return NULL;
}

/* ---- Recording ---- */

static void on_record(const char *path, void *user)
{
    struct view view = actions_view(MON_WINDOW(user));
    if (view.watch == NULL || view.watch->state != WATCH_LIVE)
        return;
    g_autofree char *named = name_for(MON_WINDOW(user), path, ".mproc");
    if (named != NULL)
        watch_record(view.watch, named);
    mon_window_refresh(MON_WINDOW(user));
}

static void record(MonWindow *window, GVariant *parameter)
{
    (void)parameter;
    struct view view = actions_view(window);
    if (view.watch == NULL || view.watch->state != WATCH_LIVE)
        return;
    g_autofree char *file = g_strdup_printf("%s.mproc", view.watch->program);
    if (watch_is_recorded(view.watch))
        watch_record_end(view.watch);
    else
        chooser_save(GTK_WINDOW(window), "Record to a file", file, on_record, window);
    mon_window_refresh(window);
}

static void on_recorded(MonDesk *desk, struct watch *watch, const char *path, const char *why, MonWindow *window)
{
    (void)desk, (void)watch;
    g_autofree char *said = why[0] == '\0' ? g_strdup_printf("Recorded to %s.", path)
                                           : g_strdup_printf("%s\nWhat was written before is in %s.", why, path);
    if (why[0] == '\0')
        mon_window_say(window, said);
    else
        confirm_tell(GTK_WINDOW(window), "The recording has ended", said);
}

/* ---- Saving and exporting what was seen ---- */

/* The window is kept until it is told. */
static void on_written(const char *path, const char *why, void *user)
{
    GtkWidget *window = user;
    g_autofree char *said =
        why[0] == '\0' ? g_strdup_printf("Written to %s.", path) : g_strdup_printf("%s: %s", path, why);
    if (gtk_widget_get_mapped(window) && why[0] == '\0')
        mon_window_say(MON_WINDOW(window), said);
    else if (gtk_widget_get_mapped(window))
        confirm_tell(GTK_WINDOW(window), "The file could not be written", said);
    g_object_unref(window);
}

static void write_file(MonWindow *window, const char *path)
{
    struct view view = actions_view(window);
    if (view.watch != NULL && view.watch->replay != NULL)
        export_file(view.watch->path, path, on_written, g_object_ref(window));
    else if (view.model != NULL)
        export_model(view.model, path, on_written, g_object_ref(window));
}

static void on_save(const char *path, void *user)
{
    g_autofree char *named = name_for(MON_WINDOW(user), path, ".mproc");
    if (named != NULL)
        write_file(MON_WINDOW(user), named);
}

static void on_export(const char *path, void *user)
{
    g_autofree char *named = name_for(MON_WINDOW(user), path, g_str_has_suffix(path, ".csv") ? ".csv" : ".json");
    if (named != NULL)
        write_file(MON_WINDOW(user), named);
}

static void choose(MonWindow *window, const char *title, const char *ending, chooser_fn *chosen)
{
    struct view view = actions_view(window);
    if (view.model == NULL)
        return;
    g_autofree char *file = g_strconcat(view.watch->program, ending, NULL);
    chooser_save(GTK_WINDOW(window), title, file, chosen, window);
}

static void save(MonWindow *window, GVariant *parameter)
{
    (void)parameter;
    choose(window, "Save what was seen as a recording", ".mproc", on_save);
}

static void export_seen(MonWindow *window, GVariant *parameter)
{
    (void)parameter;
    choose(window, "Export a trace (.json) or a table of tasks (.csv)", ".json", on_export);
}

/* Without asking where: the same for whoever has a path already. */
static void save_as(MonWindow *window, GVariant *parameter)
{
    write_file(window, g_variant_get_string(parameter, NULL));
}

static void record_as(MonWindow *window, GVariant *parameter)
{
    on_record(g_variant_get_string(parameter, NULL), window);
}

/* ---- The table of them ---- */

static const struct action actions[] = {
    { "again", NULL, again },        { "close-watch", NULL, close_watch }, { "open", NULL, open_recording },
    { "start", NULL, start },        { "record", NULL, record },           { "save", NULL, save },
    { "export", NULL, export_seen }, { "save-as", "s", save_as },          { "record-as", "s", record_as },
};

void file_actions_show(MonWindow *window, const struct view *view)
{
    bool is_known = view->model != NULL && view->pool != NULL;
    actions_enable(window, "save", is_known);
    actions_enable(window, "export", is_known);
    actions_enable(window, "record", view->watch != NULL && view->watch->state == WATCH_LIVE);
    actions_enable(window, "close-watch", view->watch != NULL);
}

void file_actions_add(MonWindow *window)
{
    actions_add(window, actions, G_N_ELEMENTS(actions));
    g_signal_connect_object(mon_window_get_desk(window), "recorded", G_CALLBACK(on_recorded), window, 0);
}
