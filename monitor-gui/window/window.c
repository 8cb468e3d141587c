#include "window/window.h"

#include "window/body.h"
#include "window/controls.h"
#include "window/file_actions.h"
#include "window/header.h"
#include "window/parts.h"
#include "window/says.h"
#include "window/sidebar.h"
#include "window/statusbar.h"

/* All is shown anew at once, so that nothing contradicts what stands beside it: twice a second, as fast as numbers can
 * be read; once, while nothing comes: a frame costs some milliseconds, however little is new in it. */
#define BEAT_MS      250u
#define BEATS_NEWS   2u
#define BEATS_QUIET  4u
#define NARROW_WIDTH 1000
#define MIN_WIDTH    900
#define MIN_HEIGHT   600

struct _MonWindow {
    GtkApplicationWindow parent_instance;
    MonDesk *desk;
    struct settings *settings;
    struct header header;
    GtkWidget *sidebar, *body, *statusbar;
    guint timeout, beats; /* beats: since all was shown last */
    uint64_t seen;        /* records of what is looked at, when it was shown last */
    int width;            /* when all was shown last */
    uint64_t frozen;      /* number of the watch that was, then; 0: none */
};

G_DEFINE_TYPE(MonWindow, mon_window, GTK_TYPE_APPLICATION_WINDOW)

MonDesk *mon_window_get_desk(MonWindow *self)
{
    return self->desk;
}

bool mon_window_is_frozen(MonWindow *self)
{
    struct view view = mon_desk_view(self->desk);
    return view.watch != NULL && watch_is_frozen(view.watch);
}

GtkWidget *mon_window_get_scrub(MonWindow *self)
{
    return mon_body_get_scrub(MON_BODY(self->body));
}

GtkWidget *mon_window_get_page(MonWindow *self)
{
    return mon_body_get_page(MON_BODY(self->body));
}

const struct page *mon_window_get_known(MonWindow *self)
{
    return &pages[mon_body_get_index(MON_BODY(self->body))];
}

static GtkStack *stack_of(MonWindow *self)
{
    return mon_body_get_stack(MON_BODY(self->body));
}

/* ---- What it shows ---- */

static void show_body(MonWindow *self, const struct view *view)
{
    header_show(&self->header, view, mon_body_has_pages(view));
    mon_body_show(MON_BODY(self->body), self->desk, view);
}

static void show_title(MonWindow *self, const struct view *view)
{
    struct words title = says_window(view);
    if (g_strcmp0(gtk_window_get_title(GTK_WINDOW(self)), title.text) != 0)
        gtk_window_set_title(GTK_WINDOW(self), title.text);
}

/* Nobody has wished it to go on. */
static void tell_going_on(MonWindow *self, const struct view *view)
{
    bool is_live = view->watch != NULL && view->watch->state == WATCH_LIVE;
    if (is_live && view->watch->number == self->frozen && !watch_is_frozen(view->watch) && view->watch->frozen.is_full)
        mon_window_say(self, "The display goes on: more has come than can be held back.");
    self->frozen = is_live && watch_is_frozen(view->watch) ? view->watch->number : 0;
}

void mon_window_refresh(MonWindow *self)
{
    struct view view = mon_desk_view(self->desk);
    tell_going_on(self, &view);
    self->seen = view.model != NULL ? view.model->records : 0;
    self->beats = 0;
    controls_show(self, &view);
    file_actions_show(self, &view);
    show_body(self, &view);
    show_title(self, &view);
    mon_sidebar_refresh(MON_SIDEBAR(self->sidebar));
    mon_statusbar_show(MON_STATUSBAR(self->statusbar), &view);
    header_show_dots(&self->header, mon_body_get_dots(MON_BODY(self->body)));
    header_show_buttons(&self->header, &view);
}

void mon_window_say(MonWindow *self, const char *text)
{
    mon_statusbar_say(MON_STATUSBAR(self->statusbar), text);
}

void mon_window_open(MonWindow *self, const char *path)
{
    settings_add_recording(self->settings, path);
    mon_desk_open(self->desk, path);
}

void mon_window_close(MonWindow *self, struct watch *watch)
{
    if (watch->path != NULL)
        settings_remove_recording(self->settings, watch->path);
    mon_desk_close(self->desk, watch);
}

static void shelve_recordings(MonWindow *self)
{
    for (char **path = self->settings->recordings; path != NULL && *path != NULL; path++)
        mon_desk_shelve(self->desk, *path);
}

/* ---- Time ---- */

static void set_narrow(MonWindow *self, int width)
{
    GtkWidget *widget = GTK_WIDGET(self);
    bool is_narrow = width < NARROW_WIDTH && width > 0;
    if (is_narrow == gtk_widget_has_css_class(widget, "narrow"))
        return;
    parts_toggle_class(widget, "narrow", is_narrow);
    header_set_narrow(&self->header, is_narrow);
}

/* What is minimized or hidden is not drawn: what comes is taken all the same. */
static bool can_be_seen(MonWindow *self)
{
    GdkSurface *surface = gtk_native_get_surface(GTK_NATIVE(self));
    return gtk_widget_get_mapped(GTK_WIDGET(self)) && GDK_IS_TOPLEVEL(surface) &&
           (gdk_toplevel_get_state(GDK_TOPLEVEL(surface)) & GDK_TOPLEVEL_STATE_MINIMIZED) == 0;
}

static bool has_news(MonWindow *self)
{
    struct view view = mon_desk_view(self->desk);
    return view.model != NULL && (view.model->records != self->seen || view.watch->is_playing);
}

static gboolean beat(gpointer data)
{
    MonWindow *self = data;
    mon_desk_beat(self->desk);
    if (!can_be_seen(self))
        return G_SOURCE_CONTINUE;
    bool is_resized = gtk_widget_get_width(GTK_WIDGET(self)) != self->width;
    self->width = gtk_widget_get_width(GTK_WIDGET(self));
    set_narrow(self, self->width);
    self->beats++;
    if (is_resized || self->beats >= (has_news(self) ? BEATS_NEWS : BEATS_QUIET))
        mon_window_refresh(self);
    return G_SOURCE_CONTINUE;
}

static void on_desk_changed(MonDesk *desk, MonWindow *self)
{
    (void)desk;
    mon_window_refresh(self);
}

void mon_window_freeze(MonWindow *self, bool is_frozen)
{
    struct view view = mon_desk_view(self->desk);
    if (view.watch != NULL)
        watch_freeze(view.watch, is_frozen);
    self->frozen = 0;
    mon_window_refresh(self);
}

void mon_window_toggle_sidebar(MonWindow *self)
{
    self->settings->has_sidebar = !gtk_widget_get_visible(self->sidebar);
    gtk_widget_set_visible(self->sidebar, self->settings->has_sidebar);
}

void mon_window_show_page(MonWindow *self, const char *name)
{
    if (gtk_stack_get_child_by_name(stack_of(self), name) != NULL)
        gtk_stack_set_visible_child_name(stack_of(self), name);
}

static void on_page(GtkStack *stack, GParamSpec *property, MonWindow *self)
{
    (void)property;
    const char *name = gtk_stack_get_visible_child_name(stack);
    if (self->settings != NULL && name != NULL) {
        g_free(self->settings->page);
        self->settings->page = g_strdup(name);
    }
    if (self->desk != NULL)
        mon_window_refresh(self);
}

/* ---- The frame ---- */

static gboolean on_event(GtkEventController *controller, GdkEvent *event, MonWindow *self)
{
    (void)controller;
    GdkEventType type = gdk_event_get_event_type(event);
    bool is_key = type == GDK_KEY_PRESS && !gdk_key_event_is_modifier(event);
    if (is_key || type == GDK_BUTTON_PRESS || type == GDK_TOUCH_BEGIN || type == GDK_SCROLL)
        mon_desk_hold(self->desk);
    return GDK_EVENT_PROPAGATE;
}

/* Who touches a page reads it. To choose one is no sign of that: it is of one pool as of another. */
static void watch_reader(MonWindow *self)
{
    GtkEventController *controller = gtk_event_controller_legacy_new();
    gtk_event_controller_set_propagation_phase(controller, GTK_PHASE_CAPTURE);
    g_signal_connect(controller, "event", G_CALLBACK(on_event), self);
    gtk_widget_add_controller(self->body, controller);
}

static GtkWidget *new_frame(MonWindow *self)
{
    GtkWidget *column = parts_column(0), *row = parts_add(column, parts_row(0));
    self->sidebar = parts_add(row, mon_sidebar_new(self->desk));
    gtk_widget_set_visible(self->sidebar, self->settings->has_sidebar);
    self->body = parts_add(row, mon_body_new());
    gtk_widget_set_vexpand(row, TRUE);
    self->statusbar = parts_add(column, mon_statusbar_new());
    watch_reader(self);
    return column;
}

/* GTK gives the focus to the first button, which then takes the space bar for itself. */
static void on_shown(GtkWidget *widget)
{
    gtk_window_set_focus(GTK_WINDOW(widget), NULL);
}

/* ---- The object ---- */

static gboolean mon_window_close_request(GtkWindow *window)
{
    MonWindow *self = MON_WINDOW(window);
    self->settings->is_maximized = gtk_window_is_maximized(window);
    if (!self->settings->is_maximized)
        gtk_window_get_default_size(window, &self->settings->width, &self->settings->height);
    return GTK_WINDOW_CLASS(mon_window_parent_class)->close_request(window);
}

static void mon_window_dispose(GObject *object)
{
    MonWindow *self = MON_WINDOW(object);
    g_clear_handle_id(&self->timeout, g_source_remove);
    if (self->body != NULL)
        g_signal_handlers_disconnect_by_data(stack_of(self), self);
    self->body = NULL;
    if (self->desk != NULL)
        g_signal_handlers_disconnect_by_data(self->desk, self);
    g_clear_object(&self->desk);
    G_OBJECT_CLASS(mon_window_parent_class)->dispose(object);
}

static void mon_window_class_init(MonWindowClass *class)
{
    G_OBJECT_CLASS(class)->dispose = mon_window_dispose;
    GTK_WINDOW_CLASS(class)->close_request = mon_window_close_request;
}

static void mon_window_init(MonWindow *self)
{
    gtk_widget_add_css_class(GTK_WIDGET(self), "mon");
    gtk_window_set_title(GTK_WINDOW(self), NO_POOL_TITLE);
    gtk_widget_set_size_request(GTK_WIDGET(self), MIN_WIDTH, MIN_HEIGHT);
}

GtkWidget *mon_window_new(GtkApplication *application, MonDesk *desk, struct settings *settings)
{
    MonWindow *self = g_object_new(MON_TYPE_WINDOW, "application", application, NULL);
    self->desk = desk;
    self->settings = settings;
    gtk_window_set_default_size(GTK_WINDOW(self), settings->width, settings->height);
    gtk_window_set_child(GTK_WINDOW(self), new_frame(self));
    header_make(&self->header, stack_of(self));
    gtk_window_set_titlebar(GTK_WINDOW(self), self->header.bar);
    if (settings->is_maximized)
        gtk_window_maximize(GTK_WINDOW(self));
    else
        set_narrow(self, settings->width); /* a window that was too narrow for a moment stays wider */
    if (settings->page != NULL)
        mon_window_show_page(self, settings->page);
    g_signal_connect(stack_of(self), "notify::visible-child", G_CALLBACK(on_page), self);
    g_signal_connect_after(self, "show", G_CALLBACK(on_shown), NULL);
    g_signal_connect(desk, "changed", G_CALLBACK(on_desk_changed), self);
    shelve_recordings(self);
    mon_window_add_actions(self);
    controls_add(self);
    file_actions_add(self);
    self->timeout = g_timeout_add(BEAT_MS, beat, self);
    mon_window_refresh(self);
    return GTK_WIDGET(self);
}
