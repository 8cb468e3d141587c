#include "window/file_actions.h"

#include "window/actions.h"
#include "window/chooser.h"
#include "window/confirm.h"
#include "window/export_file.h"
#include "window/says.h"
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
        mon_window_close(window, view.watch);
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

/* ---- Choosing a file ---- */

/* What was looked at when a file was asked for: that is what is meant, whatever is looked at when it is chosen. A
 * question does not keep the window. */
struct seen {
    MonWindow *window; /* NULL: it is gone */
    uint64_t watch;
};

static struct seen *look(MonWindow *window, const struct watch *watch)
{
    struct seen *seen = g_new(struct seen, 1);
    *seen = (struct seen){ window, watch->number };
    g_object_add_weak_pointer(G_OBJECT(window), (gpointer *)&seen->window);
    return seen;
}

static void free_seen(void *user)
{
    struct seen *seen = user;
    g_clear_weak_pointer(&seen->window);
    g_free(seen);
}

static struct watch *find_seen(const struct seen *seen)
{
    MonDesk *desk = seen->window != NULL ? mon_window_get_desk(seen->window) : NULL;
    return desk != NULL ? mon_desk_numbered(desk, seen->watch) : NULL;
}

static void tell(MonWindow *window, const char *head, const char *text)
{
    if (gtk_widget_get_mapped(GTK_WIDGET(window)))
        confirm_tell(GTK_WINDOW(window), head, text);
}

static const char *const recordings[] = { ".mproc", NULL };
static const char *const exports[] = { ".json", ".csv", NULL };

static struct chooser_file file_of(MonWindow *window, const char *const *endings, chooser_fn *chosen)
{
    /* What does not end in that is found by no one who opens recordings. */
    bool is_strict = endings == recordings;
    return (struct chooser_file){ endings, is_strict, chosen, look(window, actions_view(window).watch), free_seen };
}

/* deadlock of deadlock.exe, night of night.mproc: what is written is neither. */
static char *stem_of(const char *program)
{
    static const char *const left_out[] = { ".exe", ".mproc" };
    char *stem = g_strdup(program);
    for (size_t i = 0; i < G_N_ELEMENTS(left_out); i++) {
        size_t size = strlen(stem), end = strlen(left_out[i]);
        if (size > end && g_ascii_strcasecmp(stem + size - end, left_out[i]) == 0)
            stem[size - end] = '\0';
    }
    return stem;
}

static void choose(MonWindow *window, const char *title, const char *const *endings, chooser_fn *chosen)
{
    g_autofree char *stem = stem_of(actions_view(window).watch->program);
    g_autofree char *name = g_strconcat(stem, endings[0], NULL);
    const struct chooser_file file = file_of(window, endings, chosen);
    chooser_save(GTK_WINDOW(window), title, name, &file);
}

/* ---- Recording ---- */

static void on_record(const char *path, void *user)
{
    struct seen *seen = user;
    struct watch *watch = find_seen(seen);
    if (watch != NULL && watch->state == WATCH_LIVE)
        watch_record(watch, path);
    else
        tell(seen->window, "Nothing is recorded", "The program is not connected any more.");
    if (gtk_widget_get_mapped(GTK_WIDGET(seen->window)))
        mon_window_refresh(seen->window);
}

static bool is_live(MonWindow *window)
{
    struct view view = actions_view(window);
    return view.watch != NULL && view.watch->state == WATCH_LIVE;
}

static void record(MonWindow *window, GVariant *parameter)
{
    (void)parameter;
    if (!is_live(window))
        return;
    if (watch_is_recorded(actions_view(window).watch))
        watch_record_end(actions_view(window).watch);
    else
        choose(window, "Record to a file", recordings, on_record);
    mon_window_refresh(window);
}

static char *recorded_text(const char *path, const char *why)
{
    struct words reason = says_reason(MPROC_E_OS, why);
    if (why[0] == '\0')
        return g_strdup_printf("Recorded to %s.", path);
    if (path[0] == '\0')
        return g_strdup_printf("%s\nNothing was changed. Try again, or choose another place.", reason.text);
    return g_strdup_printf("%s\nWhat was written before is in %s.", reason.text, path);
}

static void on_recorded(MonDesk *desk, struct watch *watch, const char *path, const char *why, MonWindow *window)
{
    (void)desk, (void)watch;
    bool is_there = path[0] != '\0';
    g_autofree char *said = recorded_text(path, why);
    if (why[0] == '\0')
        mon_window_say(window, said);
    else
        tell(window, is_there ? "The recording has ended" : "Nothing was recorded", said);
}

static void on_missed(MonDesk *desk, gint64 pid, MonWindow *window)
{
    (void)desk;
    g_autofree char *said =
        g_strdup_printf("Process %" G_GINT64_FORMAT " is not running, and nothing of it could be watched. "
                        "A program that can be has pools of mproc, and either was started from here "
                        "or with MPROC_MONITOR=1.",
                        pid);
    tell(window, "There is nothing to watch", said);
}

/* ---- Saving and exporting what was seen ---- */

/* The window is kept until it is told. */
static void on_written(const char *path, const char *why, void *user)
{
    GtkWidget *window = user;
    g_autofree char *said = why[0] == '\0' ? g_strdup_printf("Written to %s.", path) : says_unwritten(path, why);
    if (why[0] != '\0')
        tell(MON_WINDOW(window), "The file could not be written", said);
    else if (gtk_widget_get_mapped(window))
        mon_window_say(MON_WINDOW(window), said);
    g_object_unref(window);
}

static const struct model *find_model(void *user)
{
    const struct watch *watch = find_seen(user);
    return watch != NULL ? watch_model(watch) : NULL;
}

static bool is_same_file(const char *one, const char *other)
{
    g_autofree char *first = g_canonicalize_filename(one, NULL), *second = g_canonicalize_filename(other, NULL);
    g_autoptr(GFile) file = g_file_new_for_path(first), other_file = g_file_new_for_path(second);
    return g_file_equal(file, other_file);
}

/* One that is read cannot be replaced everywhere, and would be what it is. */
static void write_file(MonWindow *window, const struct watch *watch, const char *path)
{
    if (watch->replay != NULL && is_same_file(watch->path, path))
        mon_window_say(window, "It is saved under that name already.");
    else if (watch->replay != NULL)
        export_file(watch->path, path, on_written, g_object_ref(window));
    else if (watch_model(watch) != NULL)
        export_model(&(struct export_source){ find_model, look(window, watch), free_seen }, path, on_written,
                     g_object_ref(window));
}

static void on_save(const char *path, void *user)
{
    const struct seen *seen = user;
    const struct watch *watch = find_seen(seen);
    if (watch != NULL)
        write_file(seen->window, watch, path);
    else
        tell(seen->window, "Nothing was saved", "What was to be saved was closed meanwhile.");
}

static void save(MonWindow *window, GVariant *parameter)
{
    (void)parameter;
    if (actions_view(window).model != NULL)
        choose(window, "Save what was seen as a recording", recordings, on_save);
}

static void export_seen(MonWindow *window, GVariant *parameter)
{
    (void)parameter;
    if (actions_view(window).model != NULL)
        choose(window, "Export a table of tasks if the name ends in .csv, otherwise a trace", exports, on_save);
}

/* Without asking where: the same for whoever has a path already. */
static void save_as(MonWindow *window, GVariant *parameter)
{
    if (actions_view(window).watch != NULL)
        write_file(window, actions_view(window).watch, g_variant_get_string(parameter, NULL));
}

static void record_as(MonWindow *window, GVariant *parameter)
{
    if (!is_live(window))
        return;
    const struct chooser_file file = file_of(window, recordings, on_record);
    chooser_take(GTK_WINDOW(window), g_variant_get_string(parameter, NULL), &file);
}

/* ---- The table of them ---- */

static const struct action actions[] = {
    { "again", NULL, again },        { "close-watch", NULL, close_watch }, { "open", NULL, open_recording },
    { "start", NULL, start },        { "record", NULL, record },           { "save", NULL, save },
    { "export", NULL, export_seen }, { "save-as", "s", save_as },          { "record-as", "s", record_as },
};

void file_actions_show(MonWindow *window, const struct view *view)
{
    bool can_write = view->model != NULL && view->pool != NULL && says_why_stuck(view->watch) == NULL;
    actions_enable(window, "save", can_write);
    actions_enable(window, "export", can_write);
    actions_enable(window, "record", view->watch != NULL && view->watch->state == WATCH_LIVE);
    actions_enable(window, "close-watch", view->watch != NULL);
}

void file_actions_add(MonWindow *window)
{
    actions_add(window, actions, G_N_ELEMENTS(actions));
    g_signal_connect_object(mon_window_get_desk(window), "recorded", G_CALLBACK(on_recorded), window, 0);
    g_signal_connect_object(mon_window_get_desk(window), "missed", G_CALLBACK(on_missed), window, 0);
}
