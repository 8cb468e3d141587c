/* What the window does when it is asked to, by a button, a menu or a key. */
#include "model/words.h"
#include "window/chooser.h"
#include "window/confirm.h"
#include "window/export_file.h"
#include "window/keys.h"
#include "window/page_tasks.h"
#include "window/pages.h"
#include "window/parts.h"
#include "window/scrub.h"
#include "window/start.h"
#include "window/window.h"

static struct view view_of(MonWindow *self)
{
    return mon_desk_view(mon_window_get_desk(self));
}

/* ---- The window ---- */

static void show_sidebar(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    mon_window_toggle_sidebar(MON_WINDOW(widget));
}

static void show_page(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name;
    mon_window_show_page(MON_WINDOW(widget), g_variant_get_string(parameter, NULL));
}

/* In a recording it plays or pauses. */
static void freeze(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    MonWindow *self = MON_WINDOW(widget);
    struct view view = view_of(self);
    if (view.watch != NULL && view.watch->replay != NULL)
        mon_scrub_toggle(MON_SCRUB(mon_window_get_scrub(self)));
    else
        mon_window_freeze(self, !mon_window_is_frozen(self));
}

static void step_death(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name;
    mon_scrub_step(MON_SCRUB(mon_window_get_scrub(MON_WINDOW(widget))), g_variant_get_int32(parameter));
}

static void move_pool(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name;
    mon_desk_move(mon_window_get_desk(MON_WINDOW(widget)), g_variant_get_int32(parameter));
}

static const struct page *page_of(MonWindow *self)
{
    const char *name = gtk_stack_get_visible_child_name(GTK_STACK(gtk_widget_get_parent(mon_window_get_page(self))));
    for (size_t i = 0; i < page_count; i++)
        if (g_strcmp0(pages[i].name, name) == 0)
            return &pages[i];
    return &pages[0];
}

static void search(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    MonWindow *self = MON_WINDOW(widget);
    if (page_of(self)->search != NULL)
        page_of(self)->search(mon_window_get_page(self));
}

/* From wherever one is. */
static void show_failed(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    mon_window_show_page(MON_WINDOW(widget), "tasks");
    mon_page_tasks_filter(mon_window_get_page(MON_WINDOW(widget)), TASKS_FAILED);
}

static void escape(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    MonWindow *self = MON_WINDOW(widget);
    if (page_of(self)->escape != NULL)
        page_of(self)->escape(mon_window_get_page(self));
}

static void copy(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    MonWindow *self = MON_WINDOW(widget);
    g_autofree char *text = page_of(self)->copy != NULL ? page_of(self)->copy(mon_window_get_page(self)) : NULL;
    if (text != NULL)
        parts_copy(widget, text);
}

static void show_keys(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    keys_show(GTK_WINDOW(widget));
}

/* ---- What is watched ---- */

static void again(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    struct view view = view_of(MON_WINDOW(widget));
    if (view.watch != NULL)
        watch_again(view.watch);
    mon_desk_look(mon_window_get_desk(MON_WINDOW(widget)));
}

static void close_watch(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    struct view view = view_of(MON_WINDOW(widget));
    if (view.watch != NULL)
        mon_desk_close(mon_window_get_desk(MON_WINDOW(widget)), view.watch);
}

static void on_open(const char *path, void *user)
{
    mon_desk_open(mon_window_get_desk(MON_WINDOW(user)), path);
}

static void open_recording(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    chooser_open(GTK_WINDOW(widget), on_open, widget);
}

static void start(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    start_ask(GTK_WINDOW(widget), mon_window_get_desk(MON_WINDOW(widget)));
}

static void on_record(const char *path, void *user)
{
    struct view view = view_of(MON_WINDOW(user));
    if (view.watch != NULL)
        watch_record(view.watch, path);
}

static void record(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    struct view view = view_of(MON_WINDOW(widget));
    if (view.watch == NULL || view.watch->state != WATCH_LIVE)
        return;
    g_autofree char *file = g_strdup_printf("%s.mproc", view.watch->program);
    if (watch_is_recorded(view.watch))
        watch_record_end(view.watch);
    else
        chooser_save(GTK_WINDOW(widget), "Record to a file", file, on_record, widget);
    mon_window_refresh(MON_WINDOW(widget));
}

/* The window is kept until it is told. */
static void on_exported(const char *path, const char *why, void *user)
{
    GtkWidget *widget = user;
    if (why[0] != '\0' && gtk_widget_get_mapped(widget))
        confirm_tell(GTK_WINDOW(widget), "The export could not be written", why);
    else if (gtk_widget_get_mapped(widget))
        confirm_tell(GTK_WINDOW(widget), "Exported", path);
    g_object_unref(widget);
}

static void on_export(const char *path, void *user)
{
    struct view view = view_of(MON_WINDOW(user));
    if (view.watch != NULL && view.watch->path != NULL)
        export_file(view.watch->path, path, on_exported, g_object_ref(user));
}

static void export_recording(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    struct view view = view_of(MON_WINDOW(widget));
    if (view.watch == NULL || view.watch->replay == NULL)
        return;
    g_autofree char *file = g_strdup_printf("%s.json", view.watch->program);
    chooser_save(GTK_WINDOW(widget), "Export a trace (.json) or a table of tasks (.csv)", file, on_export, widget);
}

/* ---- Control ---- */

static bool is_granted(const struct view *view)
{
    return view->watch != NULL && view->watch->state == WATCH_LIVE && view->pool != NULL && view->pool->said.control;
}

static void send(const struct view *view, unsigned verb, int64_t worker, int64_t number)
{
    struct record_control control = {
        .verb = (uint8_t)verb, .pool = view->pool->number, .worker = worker, .number = number
    };
    watch_control(view->watch, &control);
}

static void pause_pool(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    struct view view = view_of(MON_WINDOW(widget));
    if (is_granted(&view))
        send(&view, view.pool->said.paused ? RECORD_VERB_RESUME : RECORD_VERB_PAUSE, -1, 0);
}

static void on_resized(int number, void *user)
{
    struct view view = view_of(MON_WINDOW(user));
    if (is_granted(&view))
        send(&view, RECORD_VERB_RESIZE, -1, number);
}

static void resize_pool(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name, (void)parameter;
    struct view view = view_of(MON_WINDOW(widget));
    if (is_granted(&view))
        confirm_number(GTK_WINDOW(widget), "How many workers?",
                       "New ones start at once; those that are too many leave when their task is done.",
                       (int)view.pool->said.target, "Resize", on_resized, widget);
}

/* The worker is that for which the question was asked, whatever is chosen meanwhile. */
static void on_kill(int worker, void *user)
{
    struct view view = view_of(MON_WINDOW(user));
    if (is_granted(&view))
        send(&view, RECORD_VERB_KILL_WORKER, worker, 0);
}

static void kill_worker(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name;
    struct view view = view_of(MON_WINDOW(widget));
    int index = g_variant_get_int32(parameter);
    const struct model_worker *worker = is_granted(&view) ? pool_worker_at(view.pool, (uint64_t)index) : NULL;
    if (worker == NULL)
        return;
    g_autofree char *head = g_strdup_printf("Kill worker %d (pid %lld)?", index, (long long)worker->said.pid);
    struct words call = words_worker_call(view.pool, worker);
    g_autofree char *text =
        g_strdup_printf("%s%s%s a new worker takes its place.", call.text[0] != '\0' ? "Its task " : "It has no task;",
                        call.text, call.text[0] != '\0' ? " fails or is tried again;" : "");
    confirm_ask(GTK_WINDOW(widget), head, text, "Keep it", "Kill worker", on_kill, index, widget);
}

static void restart_worker(GtkWidget *widget, const char *name, GVariant *parameter)
{
    (void)name;
    struct view view = view_of(MON_WINDOW(widget));
    if (is_granted(&view))
        send(&view, RECORD_VERB_RESTART_WORKER, g_variant_get_int32(parameter), 0);
}

/* ---- The table of them ---- */

static const struct action {
    const char *name, *parameter;
    void (*activate)(GtkWidget *widget, const char *name, GVariant *parameter);
} actions[] = {
    { "sidebar", NULL, show_sidebar },
    { "page", "s", show_page },
    { "freeze", NULL, freeze },
    { "step-death", "i", step_death },
    { "move-pool", "i", move_pool },
    { "search", NULL, search },
    { "failed", NULL, show_failed },
    { "escape", NULL, escape },
    { "copy", NULL, copy },
    { "keys", NULL, show_keys },
    { "again", NULL, again },
    { "close-watch", NULL, close_watch },
    { "open", NULL, open_recording },
    { "start", NULL, start },
    { "record", NULL, record },
    { "export", NULL, export_recording },
    { "pause", NULL, pause_pool },
    { "resize", NULL, resize_pool },
    { "kill-worker", "i", kill_worker },
    { "restart-worker", "i", restart_worker },
};

static void on_activate(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    const char *name = g_action_get_name(G_ACTION(action));
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
        if (strcmp(actions[i].name, name) == 0)
            actions[i].activate(GTK_WIDGET(data), name, parameter);
}

void mon_window_add_actions(MonWindow *self)
{
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
        const char *parameter = actions[i].parameter;
        g_autoptr(GSimpleAction) action =
            g_simple_action_new(actions[i].name, parameter != NULL ? G_VARIANT_TYPE(parameter) : NULL);
        g_signal_connect_object(action, "activate", G_CALLBACK(on_activate), self, 0);
        g_action_map_add_action(G_ACTION_MAP(self), G_ACTION(action));
    }
}
