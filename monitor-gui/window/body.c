#include "window/body.h"

#include "window/notice.h"
#include "window/page_empty.h"
#include "window/page_message.h"
#include "window/parts.h"
#include "window/poolbar.h"
#include "window/scrub.h"
#include "window/table.h"

struct _MonBody {
    GtkBox parent_instance;
    GtkWidget *states, *empty, *message, *poolbar, *notice, *stack, *scrub;
    struct dots dots;
    guint fading; /* the frame callback that fades the page, or 0 */
    bool is_first_frame;
};

G_DEFINE_TYPE(MonBody, mon_body, GTK_TYPE_BOX)

GtkStack *mon_body_get_stack(MonBody *self)
{
    return GTK_STACK(self->stack);
}

GtkWidget *mon_body_get_page(MonBody *self)
{
    return gtk_stack_get_visible_child(GTK_STACK(self->stack));
}

GtkWidget *mon_body_get_scrub(MonBody *self)
{
    return self->scrub;
}

const struct dots *mon_body_get_dots(MonBody *self)
{
    return &self->dots;
}

size_t mon_body_get_index(MonBody *self)
{
    const char *name = gtk_stack_get_visible_child_name(GTK_STACK(self->stack));
    for (size_t i = 0; i < page_count; i++)
        if (g_strcmp0(pages[i].name, name) == 0)
            return i;
    return 0;
}

/* ---- What it shows ---- */

static void show_page(MonBody *self, const struct view *view)
{
    pages[mon_body_get_index(self)].show(mon_body_get_page(self), view);
}

static bool has_table(GtkWidget *widget)
{
    bool found = MON_IS_TABLE(widget);
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL && !found;
         child = gtk_widget_get_next_sibling(child))
        found = has_table(child);
    return found;
}

/* A new style for all cells of a table takes longer than a frame has: a table fades its own in pieces, and nothing that
 * it stands in has a class for that. */
static void fade(GtkWidget *widget, bool is_stale)
{
    if (MON_IS_TABLE(widget)) {
        mon_table_fade(MON_TABLE(widget), is_stale);
        return;
    }
    if (!has_table(widget)) {
        parts_toggle_class(widget, "stale", is_stale);
        parts_redraw(widget);
        return;
    }
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL;
         child = gtk_widget_get_next_sibling(child))
        fade(child, is_stale);
}

/* The page that is seen alone; the others, when they are. */
static void fade_page(GtkWidget *page, bool is_stale)
{
    if (is_stale == palette_is_stale(page))
        return;
    palette_set_stale(page, is_stale);
    fade(page, is_stale);
}

static gboolean fade_behind_notice(GtkWidget *body, GdkFrameClock *clock, gpointer is_stale)
{
    (void)clock;
    MonBody *self = MON_BODY(body);
    if (self->is_first_frame) {
        self->is_first_frame = false;
        return G_SOURCE_CONTINUE;
    }
    self->fading = 0;
    fade_page(mon_body_get_page(self), GPOINTER_TO_INT(is_stale));
    return G_SOURCE_REMOVE;
}

/* Where a notice comes or goes all is laid out anew, and that is enough for one frame. */
static void fade_soon(MonBody *self, bool is_stale)
{
    if (self->fading != 0)
        gtk_widget_remove_tick_callback(GTK_WIDGET(self), self->fading);
    self->is_first_frame = true;
    self->fading = gtk_widget_add_tick_callback(GTK_WIDGET(self), fade_behind_notice, GINT_TO_POINTER(is_stale), NULL);
}

/* What has just begun to come is not old. */
static bool is_stale(const struct watch *watch)
{
    return !watch_is_fresh(watch) && watch->state != WATCH_ATTACHING;
}

static void show_pool(MonBody *self, const struct view *view, const struct view *next)
{
    bool had_notice = gtk_widget_get_visible(self->notice);
    mon_poolbar_show(MON_POOLBAR(self->poolbar), view);
    mon_notice_show(MON_NOTICE(self->notice), view, next, !pages[mon_body_get_index(self)].says_deadlocks);
    if (gtk_widget_get_visible(self->notice) != had_notice)
        fade_soon(self, is_stale(view->watch));
    else if (self->fading == 0)
        fade_page(mon_body_get_page(self), is_stale(view->watch));
    show_page(self, view);
    dots_show(&self->dots, GTK_STACK(self->stack), view, mon_body_get_index(self));
}

static const char *state_for(const struct view *view)
{
    if (view->watch == NULL)
        return "empty";
    enum watch_state state = view->watch->state;
    bool is_closed = state == WATCH_REFUSED || state == WATCH_INCOMPATIBLE || state == WATCH_UNREADABLE;
    return is_closed || view->pool == NULL ? "message" : "pool";
}

bool mon_body_has_pages(const struct view *view)
{
    return strcmp(state_for(view), "pool") == 0;
}

void mon_body_show(MonBody *self, MonDesk *desk, const struct view *view)
{
    gtk_stack_set_visible_child_name(GTK_STACK(self->states), state_for(view));
    if (view->watch == NULL)
        mon_page_empty_show(MON_PAGE_EMPTY(self->empty), desk);
    else if (!mon_body_has_pages(view))
        mon_page_message_show(MON_PAGE_MESSAGE(self->message), view);
    else {
        struct view next = mon_desk_next(desk);
        show_pool(self, view, &next);
    }
    mon_scrub_show(MON_SCRUB(self->scrub), view);
}

/* ---- The widget ---- */

static GtkWidget *new_stack(void)
{
    GtkWidget *stack = gtk_stack_new();
    for (size_t i = 0; i < page_count; i++)
        gtk_stack_add_titled(GTK_STACK(stack), pages[i].create(), pages[i].name, pages[i].title);
    parts_follow_stack(stack);
    /* The notice of a deadlock is not on the page that has its circle: there need not be room for both. */
    gtk_stack_set_hhomogeneous(GTK_STACK(stack), FALSE);
    gtk_stack_set_vhomogeneous(GTK_STACK(stack), FALSE);
    gtk_widget_set_vexpand(stack, TRUE);
    return stack;
}

static GtkWidget *new_pool(MonBody *self)
{
    GtkWidget *column = parts_column(0);
    self->poolbar = parts_add(column, mon_poolbar_new());
    self->notice = parts_add(column, mon_notice_new());
    self->stack = parts_add(column, new_stack());
    return column;
}

static void mon_body_class_init(MonBodyClass *class)
{
    (void)class;
}

static void mon_body_init(MonBody *self)
{
    GtkWidget *column = parts_add(GTK_WIDGET(self), parts_column(0));
    self->states = parts_add(column, gtk_stack_new());
    self->empty = mon_page_empty_new();
    self->message = mon_page_message_new();
    gtk_stack_add_named(GTK_STACK(self->states), self->empty, "empty");
    gtk_stack_add_named(GTK_STACK(self->states), self->message, "message");
    gtk_stack_add_named(GTK_STACK(self->states), new_pool(self), "pool");
    parts_follow_stack(self->states);
    gtk_widget_set_hexpand(self->states, TRUE);
    gtk_widget_set_vexpand(self->states, TRUE);
    /* Also where a recording has no pool so far: it goes on from there. */
    self->scrub = parts_add(column, mon_scrub_new());
}

GtkWidget *mon_body_new(void)
{
    return g_object_new(MON_TYPE_BODY, NULL);
}
