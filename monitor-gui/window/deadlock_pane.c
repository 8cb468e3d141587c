#include "window/deadlock_pane.h"

#include "model/text.h"
#include "window/circle.h"
#include "window/circle_layout.h"
#include "window/grants.h"
#include "window/parts.h"

/* Of a longer circle the first ones are told of. */
#define STEPS_SAID 6
#define KILLS_MAX  CIRCLE_MAX
/* What words need beside a circle, and what they have until it stands below them. */
#define WORDS_WIDTH 460
#define WORDS_LEAST 300

struct _MonDeadlockPane {
    GtkBox parent_instance;
    GtkWidget *head, *which, *next, *steps[STEPS_SAID], *more, *end, *advice, *kills[KILLS_MAX], *circle;
    size_t chosen, nodes; /* of several deadlocks; of its circle */
    char *report;
};

G_DEFINE_TYPE(MonDeadlockPane, mon_deadlock_pane, GTK_TYPE_BOX)

const char *mon_deadlock_pane_report(MonDeadlockPane *self)
{
    return gtk_widget_get_visible(GTK_WIDGET(self)) ? self->report : NULL;
}

/* ---- What it shows ---- */

static void show_line(GtkWidget *label, const char *text)
{
    parts_set_text(label, text);
    gtk_widget_set_visible(label, text[0] != '\0');
}

static void show_head(MonDeadlockPane *self, const struct view *view, const struct deadlock *deadlock, size_t count)
{
    parts_set_format(self->head, "Deadlock for %s", text_span(view_now_ns(view) - deadlock->since_ns).text);
    gtk_widget_set_visible(self->which, count > 1);
    gtk_widget_set_visible(self->next, count > 1);
    parts_set_format(self->which, "%zu of %zu", self->chosen + 1, count);
}

static void show_words(MonDeadlockPane *self, const struct model *model, const struct deadlock *deadlock)
{
    size_t said = MIN(deadlock->count, STEPS_SAID);
    for (size_t i = 0; i < STEPS_SAID; i++)
        show_line(self->steps[i], i < said ? words_deadlock_step(model, deadlock, i).text : "");
    g_autofree char *more = g_strdup_printf("And %zu more.", deadlock->length - said);
    show_line(self->more, said < deadlock->length ? more : "");
    show_line(self->end, words_deadlock_end(deadlock).text);
    show_line(self->advice, words_deadlock_advice(model, deadlock).text);
}

/* A worker of the pool that is looked at is asked for by its place; of others there is no button. */
static void show_kill(GtkWidget *button, const struct view *view, const struct record_waiter *waiter)
{
    const struct model_pool *pool = NULL;
    const struct model_worker *worker = NULL;
    bool is_ours = waiter != NULL && model_worker_of(view->model, waiter->pid, &pool, &worker) &&
                   pool->number == view->pool->number;
    gtk_widget_set_visible(button, is_ours);
    if (!is_ours)
        return;
    parts_set_format(gtk_button_get_child(GTK_BUTTON(button)), "Kill worker %u\xe2\x80\xa6", worker->said.worker);
    gtk_actionable_set_action_target(GTK_ACTIONABLE(button), "i", (int)worker->said.worker);
    parts_set_tooltip(button, grants_why_not(view, RECORD_VERB_KILL_WORKER));
}

static void show_circle(MonDeadlockPane *self, const struct view *view, const struct deadlock *deadlock)
{
    struct circle_node nodes[2 * CIRCLE_MAX] = { { .is_thread = false } };
    self->nodes = deadlock_nodes(view, deadlock, nodes);
    mon_circle_show(MON_CIRCLE(self->circle), nodes, self->nodes);
}

void mon_deadlock_pane_show(MonDeadlockPane *self, const struct view *view, const struct deadlock *deadlocks,
                            size_t count)
{
    gtk_widget_set_visible(GTK_WIDGET(self), count > 0);
    g_clear_pointer(&self->report, g_free);
    if (count == 0)
        return;
    if (self->chosen >= count)
        self->chosen = 0;
    const struct deadlock *deadlock = &deadlocks[self->chosen];
    self->report = deadlock_report(view, deadlock);
    show_head(self, view, deadlock, count);
    show_words(self, view->model, deadlock);
    for (size_t i = 0; i < KILLS_MAX; i++)
        show_kill(self->kills[i], view, i < deadlock->count ? &deadlock->waiters[i]->said : NULL);
    show_circle(self, view, deadlock);
}

void mon_deadlock_pane_fit(MonDeadlockPane *self, int width, bool is_low)
{
    bool has_room = width >= WORDS_WIDTH + circle_width(self->nodes);
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self),
                                   has_room ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL);
    gtk_box_set_spacing(GTK_BOX(self), has_room ? 24 : 12);
    gtk_widget_set_visible(self->circle, self->nodes > 0 && (has_room || !is_low));
}

/* ---- What it is made of ---- */

static void on_copy(GtkButton *button, MonDeadlockPane *self)
{
    if (self->report != NULL)
        parts_copy(GTK_WIDGET(button), self->report);
}

/* What it is shows at the next beat. */
static void on_next(GtkButton *button, MonDeadlockPane *self)
{
    (void)button;
    self->chosen++;
}

static GtkWidget *new_head(MonDeadlockPane *self)
{
    GtkWidget *row = parts_row(8);
    parts_add(row, mon_glyph_new(GLYPH_DEADLOCK));
    self->head = parts_add(row, parts_short_label("", "title bad"));
    self->which = parts_add(row, parts_short_label("", "caption"));
    self->next = parts_add(row, parts_button("Next", "link", NULL));
    g_signal_connect(self->next, "clicked", G_CALLBACK(on_next), self);
    gtk_widget_set_margin_bottom(row, 4);
    return row;
}

static GtkWidget *new_buttons(MonDeadlockPane *self)
{
    GtkWidget *row = parts_row(8), *copy = parts_add(row, parts_button("Copy report", "tool", NULL));
    g_signal_connect(copy, "clicked", G_CALLBACK(on_copy), self);
    for (int i = 0; i < KILLS_MAX; i++) {
        self->kills[i] = parts_add(row, parts_target_button("", "tool danger", "win.kill-worker"));
        gtk_label_set_ellipsize(GTK_LABEL(gtk_button_get_child(GTK_BUTTON(self->kills[i]))), PANGO_ELLIPSIZE_END);
    }
    gtk_widget_set_margin_top(row, 8);
    return row;
}

static GtkWidget *new_texts(MonDeadlockPane *self)
{
    GtkWidget *column = parts_column(0);
    parts_add(column, new_head(self));
    for (int i = 0; i < STEPS_SAID; i++)
        self->steps[i] = parts_add(column, parts_paragraph("", "body"));
    self->more = parts_add(column, parts_paragraph("", "body"));
    self->end = parts_add(column, parts_paragraph("", "body"));
    self->advice = parts_add(column, parts_paragraph("", "body dim"));
    gtk_widget_set_margin_top(self->advice, 6);
    parts_add(column, new_buttons(self));
    gtk_widget_set_size_request(column, WORDS_LEAST, -1);
    gtk_widget_set_hexpand(column, TRUE);
    gtk_widget_set_valign(column, GTK_ALIGN_CENTER);
    return column;
}

static void mon_deadlock_pane_finalize(GObject *object)
{
    g_free(MON_DEADLOCK_PANE(object)->report);
    G_OBJECT_CLASS(mon_deadlock_pane_parent_class)->finalize(object);
}

static void mon_deadlock_pane_class_init(MonDeadlockPaneClass *class)
{
    G_OBJECT_CLASS(class)->finalize = mon_deadlock_pane_finalize;
}

static void mon_deadlock_pane_init(MonDeadlockPane *self)
{
    gtk_widget_add_css_class(GTK_WIDGET(self), "deadlock");
    parts_add(GTK_WIDGET(self), new_texts(self));
    self->circle = parts_add(GTK_WIDGET(self), mon_circle_new());
    gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}

GtkWidget *mon_deadlock_pane_new(void)
{
    return g_object_new(MON_TYPE_DEADLOCK_PANE, NULL);
}
