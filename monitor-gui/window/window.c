#include "window/window.h"

#include "window/notice.h"
#include "window/page_empty.h"
#include "window/page_message.h"
#include "window/pages.h"
#include "window/parts.h"
#include "window/poolbar.h"
#include "window/scrub.h"
#include "window/sidebar.h"
#include "window/statusbar.h"

/* Tables change four times a second at most, all else of a pool twice. */
#define BEAT_MS      250u
#define NARROW_WIDTH 1000
#define MIN_WIDTH    900
#define MIN_HEIGHT   600

struct _MonWindow {
    GtkApplicationWindow parent_instance;
    MonDesk *desk;
    struct settings *settings;
    GtkWidget *revealer, *sidebar, *head, *freeze, *record, *record_label, *freeze_label;
    GtkWidget *body, *empty, *message, *poolbar, *notice, *stack, *scrub, *statusbar, *shown;
    guint timeout, beats;
    bool is_frozen; /* as long as the same is looked at, and lives */
    const struct watch *frozen_watch;
    int64_t frozen_us;
    uint64_t frozen_events;
    /* Of the pool that is looked at: what had gone wrong when each page was looked at last. */
    struct watch *looked_watch;
    uint32_t looked_pool;
    uint64_t looked[8];
};

G_DEFINE_TYPE(MonWindow, mon_window, GTK_TYPE_APPLICATION_WINDOW)

MonDesk *mon_window_get_desk(MonWindow *self)
{
    return self->desk;
}

bool mon_window_is_frozen(MonWindow *self)
{
    return self->is_frozen;
}

GtkWidget *mon_window_get_scrub(MonWindow *self)
{
    return self->scrub;
}

GtkWidget *mon_window_get_page(MonWindow *self)
{
    return gtk_stack_get_visible_child(GTK_STACK(self->stack));
}

/* ---- Pages ---- */

static size_t page_index(MonWindow *self)
{
    const char *name = gtk_stack_get_visible_child_name(GTK_STACK(self->stack));
    for (size_t i = 0; i < page_count; i++)
        if (g_strcmp0(pages[i].name, name) == 0)
            return i;
    return 0;
}

/* Dots are of what happens while somebody looks at the pool, not of what was before. */
static void begin_to_look(MonWindow *self, const struct view *view)
{
    if (self->looked_watch == view->watch && self->looked_pool == view->pool->number)
        return;
    self->looked_watch = view->watch;
    self->looked_pool = view->pool->number;
    for (size_t i = 0; i < page_count; i++)
        self->looked[i] = 0;
}

static void show_dots(MonWindow *self, const struct view *view)
{
    size_t seen = page_index(self);
    begin_to_look(self, view);
    for (size_t i = 0; i < page_count; i++) {
        uint64_t troubles = pages[i].troubles != NULL ? pages[i].troubles(view) : 0;
        GtkWidget *page = gtk_stack_get_child_by_name(GTK_STACK(self->stack), pages[i].name);
        if (i == seen)
            self->looked[i] = troubles;
        gtk_stack_page_set_needs_attention(gtk_stack_get_page(GTK_STACK(self->stack), page),
                                           troubles > self->looked[i]);
    }
}

static void show_pool(MonWindow *self, const struct view *view)
{
    bool is_stale = !watch_is_fresh(view->watch);
    if (is_stale != gtk_widget_has_css_class(self->stack, "stale")) {
        if (is_stale)
            gtk_widget_add_css_class(self->stack, "stale");
        else
            gtk_widget_remove_css_class(self->stack, "stale");
        parts_redraw(self->stack);
    }
    mon_poolbar_show(MON_POOLBAR(self->poolbar), view);
    mon_notice_show(MON_NOTICE(self->notice), view);
    pages[page_index(self)].show(mon_window_get_page(self), view);
    show_dots(self, view);
}

static const char *body_for(const struct view *view)
{
    if (view->watch == NULL)
        return "empty";
    enum watch_state state = view->watch->state;
    bool is_closed = state == WATCH_REFUSED || state == WATCH_INCOMPATIBLE || state == WATCH_UNREADABLE;
    return is_closed || view->pool == NULL ? "message" : "pool";
}

static void show_body(MonWindow *self, const struct view *view, bool all)
{
    const char *body = body_for(view);
    bool is_pool = strcmp(body, "pool") == 0;
    gtk_stack_set_visible_child_name(GTK_STACK(self->body), body);
    gtk_stack_set_visible_child_name(GTK_STACK(self->head), is_pool ? "tabs" : "title");
    gtk_widget_set_visible(self->freeze, is_pool && view->watch->state == WATCH_LIVE);
    gtk_widget_set_visible(self->record, is_pool && view->watch->state == WATCH_LIVE);
    if (view->watch == NULL)
        mon_page_empty_show(MON_PAGE_EMPTY(self->empty), self->desk);
    else if (!is_pool)
        mon_page_message_show(MON_PAGE_MESSAGE(self->message), view);
    else if (all)
        show_pool(self, view);
    else
        pages[page_index(self)].show(mon_window_get_page(self), view);
    mon_scrub_show(MON_SCRUB(self->scrub), view);
}

static void show_buttons(MonWindow *self, const struct view *view)
{
    bool is_recorded = view->watch != NULL && watch_is_recorded(view->watch);
    parts_set_text(self->record_label, is_recorded ? "Stop" : "Record");
    parts_set_class(self->record, is_recorded ? "recording" : "");
    parts_set_text(self->freeze_label, self->is_frozen ? "Go on" : "Freeze");
    parts_set_class(self->freeze, self->is_frozen ? "frozen" : "");
}

static void refresh(MonWindow *self, bool all)
{
    struct view view = mon_desk_view(self->desk);
    bool stands = self->is_frozen && view.watch == self->frozen_watch && view.watch->state == WATCH_LIVE;
    self->is_frozen = stands;
    if (!stands)
        show_body(self, &view, all);
    if (!all)
        return;
    mon_sidebar_refresh(MON_SIDEBAR(self->sidebar));
    mon_statusbar_show(MON_STATUSBAR(self->statusbar), &view, stands ? self->frozen_us : 0, self->frozen_events);
    show_buttons(self, &view);
}

void mon_window_refresh(MonWindow *self)
{
    refresh(self, true);
}

/* ---- Time ---- */

static void set_narrow(MonWindow *self)
{
    GtkWidget *widget = GTK_WIDGET(self);
    bool is_narrow = gtk_widget_get_width(widget) < NARROW_WIDTH && gtk_widget_get_width(widget) > 0;
    if (is_narrow == gtk_widget_has_css_class(widget, "narrow"))
        return;
    if (is_narrow)
        gtk_widget_add_css_class(widget, "narrow");
    else
        gtk_widget_remove_css_class(widget, "narrow");
    gtk_widget_set_visible(self->freeze_label, !is_narrow);
    gtk_widget_set_visible(self->record_label, !is_narrow);
}

static gboolean beat(gpointer data)
{
    MonWindow *self = data;
    mon_desk_beat(self->desk);
    set_narrow(self);
    refresh(self, self->beats++ % 2 == 0);
    return G_SOURCE_CONTINUE;
}

static void on_desk_changed(MonDesk *desk, MonWindow *self)
{
    (void)desk;
    refresh(self, true);
}

void mon_window_freeze(MonWindow *self, bool is_frozen)
{
    struct view view = mon_desk_view(self->desk);
    self->is_frozen = is_frozen && view.watch != NULL;
    self->frozen_watch = view.watch;
    self->frozen_us = g_get_monotonic_time();
    self->frozen_events = view.watch != NULL ? view.watch->events : 0;
    refresh(self, true);
}

void mon_window_toggle_sidebar(MonWindow *self)
{
    bool shown = gtk_revealer_get_reveal_child(GTK_REVEALER(self->revealer));
    gtk_revealer_set_reveal_child(GTK_REVEALER(self->revealer), !shown);
    self->settings->has_sidebar = !shown;
}

void mon_window_show_page(MonWindow *self, const char *name)
{
    if (gtk_stack_get_child_by_name(GTK_STACK(self->stack), name) != NULL)
        gtk_stack_set_visible_child_name(GTK_STACK(self->stack), name);
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
        refresh(self, true);
}

/* ---- The frame ---- */

static GtkWidget *new_menu(void)
{
    GtkWidget *button = gtk_menu_button_new();
    g_autoptr(GMenu) menu = g_menu_new(), file = g_menu_new(), look = g_menu_new(), rest = g_menu_new();
    g_menu_append(file, "Open a recording\xe2\x80\xa6", "win.open");
    g_menu_append(file, "Read everything anew", "win.again");
    g_menu_append(look, "As the desktop", "app.theme(0)");
    g_menu_append(look, "Light", "app.theme(1)");
    g_menu_append(look, "Dark", "app.theme(2)");
    g_menu_append(rest, "Keys", "win.keys");
    g_menu_append(rest, "Quit", "app.quit");
    g_menu_append_section(menu, NULL, G_MENU_MODEL(file));
    g_menu_append_section(menu, "Colours", G_MENU_MODEL(look));
    g_menu_append_section(menu, NULL, G_MENU_MODEL(rest));
    gtk_menu_button_set_menu_model(GTK_MENU_BUTTON(button), G_MENU_MODEL(menu));
    gtk_menu_button_set_icon_name(GTK_MENU_BUTTON(button), "open-menu-symbolic");
    gtk_menu_button_set_primary(GTK_MENU_BUTTON(button), TRUE);
    gtk_widget_add_css_class(button, "flat");
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    gtk_widget_set_tooltip_text(button, "Menu (F10)");
    return button;
}

static GtkWidget *new_head_button(enum glyph glyph, const char *text, const char *action, const char *tip,
                                  GtkWidget **ret_label)
{
    GtkWidget *button = parts_glyph_button(glyph, text, "flat", action);
    mon_glyph_set_color(MON_GLYPH(gtk_widget_get_first_child(gtk_button_get_child(GTK_BUTTON(button)))), PALETTE_text);
    *ret_label = gtk_widget_get_last_child(gtk_button_get_child(GTK_BUTTON(button)));
    gtk_widget_set_tooltip_text(button, tip);
    parts_set_accessible_label(button, text);
    return button;
}

static GtkWidget *new_head(MonWindow *self)
{
    GtkWidget *switcher = gtk_stack_switcher_new();
    gtk_stack_switcher_set_stack(GTK_STACK_SWITCHER(switcher), GTK_STACK(self->stack));
    self->head = gtk_stack_new();
    gtk_stack_add_named(GTK_STACK(self->head), parts_short_label("Process pools", "title"), "title");
    gtk_stack_add_named(GTK_STACK(self->head), switcher, "tabs");
    gtk_widget_set_halign(gtk_stack_get_child_by_name(GTK_STACK(self->head), "title"), GTK_ALIGN_CENTER);
    return self->head;
}

static GtkWidget *new_header_bar(MonWindow *self)
{
    GtkWidget *bar = gtk_header_bar_new();
    GtkWidget *toggle = parts_glyph_button(GLYPH_SIDEBAR, NULL, "flat", "win.sidebar");
    gtk_widget_set_tooltip_text(toggle, "Sidebar (F9)");
    parts_set_accessible_label(toggle, "Sidebar");
    self->freeze =
        new_head_button(GLYPH_PAUSED, "Freeze", "win.freeze", "Freeze the display (space)", &self->freeze_label);
    self->record =
        new_head_button(GLYPH_RECORD, "Record", "win.record", "Record to a file (Ctrl+R)", &self->record_label);
    gtk_header_bar_pack_start(GTK_HEADER_BAR(bar), toggle);
    gtk_header_bar_set_title_widget(GTK_HEADER_BAR(bar), new_head(self));
    gtk_header_bar_pack_end(GTK_HEADER_BAR(bar), new_menu());
    gtk_header_bar_pack_end(GTK_HEADER_BAR(bar), self->record);
    gtk_header_bar_pack_end(GTK_HEADER_BAR(bar), self->freeze);
    return bar;
}

static GtkWidget *new_pages(void)
{
    GtkWidget *stack = gtk_stack_new();
    for (size_t i = 0; i < page_count; i++)
        gtk_stack_add_titled(GTK_STACK(stack), pages[i].create(), pages[i].name, pages[i].title);
    gtk_widget_set_vexpand(stack, TRUE);
    return stack;
}

static GtkWidget *new_pool_body(MonWindow *self)
{
    GtkWidget *column = parts_column(0);
    self->poolbar = parts_add(column, mon_poolbar_new());
    self->notice = parts_add(column, mon_notice_new());
    self->stack = parts_add(column, new_pages());
    self->scrub = parts_add(column, mon_scrub_new());
    return column;
}

static GtkWidget *new_body(MonWindow *self)
{
    self->body = gtk_stack_new();
    self->empty = mon_page_empty_new();
    self->message = mon_page_message_new();
    gtk_stack_add_named(GTK_STACK(self->body), self->empty, "empty");
    gtk_stack_add_named(GTK_STACK(self->body), self->message, "message");
    gtk_stack_add_named(GTK_STACK(self->body), new_pool_body(self), "pool");
    gtk_widget_set_hexpand(self->body, TRUE);
    return self->body;
}

static GtkWidget *new_frame(MonWindow *self)
{
    GtkWidget *column = parts_column(0), *row = parts_add(column, parts_row(0));
    self->revealer = parts_add(row, gtk_revealer_new());
    gtk_revealer_set_transition_type(GTK_REVEALER(self->revealer), GTK_REVEALER_TRANSITION_TYPE_NONE);
    self->sidebar = mon_sidebar_new(self->desk);
    gtk_revealer_set_child(GTK_REVEALER(self->revealer), self->sidebar);
    parts_add(row, new_body(self));
    gtk_widget_set_vexpand(row, TRUE);
    self->statusbar = parts_add(column, mon_statusbar_new());
    return column;
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
    if (self->stack != NULL)
        g_signal_handlers_disconnect_by_data(self->stack, self);
    self->stack = NULL;
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
    gtk_window_set_title(GTK_WINDOW(self), "Process pools");
    gtk_widget_set_size_request(GTK_WIDGET(self), MIN_WIDTH, MIN_HEIGHT);
}

GtkWidget *mon_window_new(GtkApplication *application, MonDesk *desk, struct settings *settings)
{
    MonWindow *self = g_object_new(MON_TYPE_WINDOW, "application", application, NULL);
    self->desk = desk;
    self->settings = settings;
    gtk_window_set_default_size(GTK_WINDOW(self), settings->width, settings->height);
    gtk_window_set_child(GTK_WINDOW(self), new_frame(self));
    gtk_window_set_titlebar(GTK_WINDOW(self), new_header_bar(self));
    gtk_revealer_set_reveal_child(GTK_REVEALER(self->revealer), settings->has_sidebar);
    if (settings->is_maximized)
        gtk_window_maximize(GTK_WINDOW(self));
    if (settings->page != NULL)
        mon_window_show_page(self, settings->page);
    g_signal_connect(self->stack, "notify::visible-child", G_CALLBACK(on_page), self);
    g_signal_connect(desk, "changed", G_CALLBACK(on_desk_changed), self);
    mon_window_add_actions(self);
    self->timeout = g_timeout_add(BEAT_MS, beat, self);
    refresh(self, true);
    return GTK_WIDGET(self);
}
