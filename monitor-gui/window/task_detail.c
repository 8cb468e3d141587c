#include "window/task_detail.h"

#include "model/text.h"
#include "window/grants.h"
#include "window/pane.h"
#include "window/parts.h"
#include "window/stack_text.h"
#include "window/task_attempts.h"
#include "window/task_report.h"
#include "window/task_time.h"
#include <inttypes.h>

/* A preview has no more bytes than that: then there may be more. */
#define PREVIEW_BYTES 256

struct _MonTaskDetail {
    GtkBox parent_instance;
    struct pane_head head;
    struct pane_stack stack;
    GtkWidget *call_title, *call_note, *label, *argument;
    GtkWidget *attempts_part, *attempts_note, *attempts;
    GtkWidget *time_part, *time_note, *time;
    GtkWidget *result_note, *result, *none, *stack_part, *stack_note;
    GtkWidget *retry, *cancel;
};

G_DEFINE_TYPE(MonTaskDetail, mon_task_detail, GTK_TYPE_BOX)

/* ---- Sections ---- */

static void on_copy(GtkButton *button, MonTaskDetail *self)
{
    (void)button;
    g_signal_emit_by_name(self, "copy");
}

static void add_call(MonTaskDetail *self)
{
    GtkWidget *part = pane_section(GTK_WIDGET(self), "", &self->call_note);
    self->call_title = pane_section_title(part);
    self->label = parts_add(part, parts_label("", "body"));
    self->argument = parts_add(part, pane_quote());
}

static void add_attempts(MonTaskDetail *self)
{
    self->attempts_part = pane_section(GTK_WIDGET(self), "Attempts", &self->attempts_note);
    self->attempts = parts_add(self->attempts_part, mon_task_attempts_new());
}

static void add_time(MonTaskDetail *self)
{
    self->time_part = pane_section(GTK_WIDGET(self), "Time", &self->time_note);
    self->time = parts_add(self->time_part, mon_task_time_new());
}

static void add_result(MonTaskDetail *self)
{
    GtkWidget *part = pane_section(GTK_WIDGET(self), "Result", &self->result_note);
    self->result = parts_add(part, pane_quote());
    self->none = parts_add(part, parts_label("", "body dim"));
    self->stack_part = pane_section(GTK_WIDGET(self), "Stack", &self->stack_note);
    self->stack = pane_stack();
    parts_add(self->stack_part, self->stack.box);
}

static GtkWidget *new_control(const char *text, const char *action)
{
    GtkWidget *button = parts_button(text, "tool", NULL);
    gtk_actionable_set_action_target_value(GTK_ACTIONABLE(button), g_variant_new_array(G_VARIANT_TYPE_UINT64, NULL, 0));
    gtk_actionable_set_action_name(GTK_ACTIONABLE(button), action);
    return button;
}

static void add_buttons(MonTaskDetail *self)
{
    GtkWidget *row = parts_add(GTK_WIDGET(self), parts_row(8));
    self->retry = parts_add(row, new_control("Retry task", "win.retry-tasks"));
    self->cancel = parts_add(row, new_control("Cancel task", "win.cancel-tasks"));
    GtkWidget *copy = parts_add(row, parts_button("Copy all", "tool", NULL));
    g_signal_connect(copy, "clicked", G_CALLBACK(on_copy), self);
    parts_set_tooltip(copy, "Copy what is known of this task (Ctrl+C)");
    parts_set_margins(row, 16, 12, 12);
}

/* ---- The object ---- */

static void mon_task_detail_class_init(MonTaskDetailClass *class)
{
    (void)class;
    g_signal_new("closed", MON_TYPE_TASK_DETAIL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    g_signal_new("copy", MON_TYPE_TASK_DETAIL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void mon_task_detail_init(MonTaskDetail *self)
{
    pane_make(GTK_WIDGET(self));
    self->head = pane_add_head(GTK_WIDGET(self));
    add_call(self);
    add_attempts(self);
    add_time(self);
    add_result(self);
    add_buttons(self);
}

GtkWidget *mon_task_detail_new(void)
{
    return g_object_new(MON_TYPE_TASK_DETAIL, NULL);
}

/* ---- Showing ---- */

static void put(GtkWidget *label, const char *text)
{
    gtk_widget_set_visible(label, text[0] != '\0');
    parts_set_text(label, text);
}

static void show_head(MonTaskDetail *self, const struct view *view, const struct task_scene *scene,
                      const struct model_task *task)
{
    struct task_look look = task_look(scene, task);
    int64_t time_ns = task->ended_ns != 0 ? task->ended_ns : task->begun_ns != 0 ? task->begun_ns : task->submitted_ns;
    mon_glyph_set(MON_GLYPH(self->head.glyph), look.glyph);
    parts_set_text(self->head.title, task_report_title(scene, task).text);
    parts_set_text(self->head.when, time_ns != 0 ? text_clock(model_wall_ns(view->model, time_ns)).text : "");
    put(self->head.cause, task_cause(task).text);
    parts_set_class(self->head.cause, look.class != NULL ? look.class : "");
    put(self->head.note, task_report_origin(scene, task).text);
}

/* How large it is itself nobody says: what is known is the text that shows it. */
static bool is_cut(const struct model_task *task, enum task_text text)
{
    return task->sizes[text] >= PREVIEW_BYTES;
}

static void show_call(MonTaskDetail *self, const struct view *view, const struct task_scene *scene,
                      const struct model_task *task)
{
    const char *name = task_scene_name(scene, task->function);
    parts_set_text(self->call_title, name[0] != '\0' ? name : "Argument");
    parts_set_text(self->call_note, is_cut(task, TASK_ARGUMENT) ? "its beginning" : "");
    put(self->label, task_text(task, TASK_LABEL));
    pane_set_quote(self->argument, words_task_input(task).text, task_report_no_argument(view->model, task));
}

static void show_attempts(MonTaskDetail *self, const struct view *view, const struct task_scene *scene,
                          const struct model_task *task)
{
    gtk_widget_set_visible(self->attempts_part, task->attempt > 0);
    parts_set_text(self->attempts_note, task_tries(task).text);
    mon_task_attempts_show(MON_TASK_ATTEMPTS(self->attempts), view->model, scene, task);
}

static void show_time(MonTaskDetail *self, const struct view *view, const struct model_task *task)
{
    parts_set_text(self->time_note, task_report_time_note(task).text);
    mon_task_time_show(MON_TASK_TIME(self->time), view, task);
}

static void show_result(MonTaskDetail *self, const struct view *view, const struct task_scene *scene,
                        const struct model_task *task)
{
    const struct record_death *death = task_report_death(view->model, task);
    const char *result = task_text(task, TASK_RESULT), *stack = death != NULL ? kept_string(death->stack) : "";
    parts_set_text(self->result_note, is_cut(task, TASK_RESULT) ? "its beginning" : "");
    put(self->result, result);
    put(self->none, result[0] == '\0' ? task_report_no_result(scene, task) : "");
    gtk_widget_set_visible(self->stack_part, stack_is_told(stack));
    pane_set_stack(&self->stack, stack, "");
}

static GVariant *number_of(const struct model_task *task)
{
    return g_variant_new_fixed_array(G_VARIANT_TYPE_UINT64, &task->key.task, 1, sizeof task->key.task);
}

/* What it was called with is kept of calls alone, and of the last ones that failed. */
static const char *why_not(const struct view *view, unsigned verb, const struct model_task *task)
{
    const char *refused = grants_why_not(view, verb);
    if (refused != NULL || verb != RECORD_VERB_RETRY_TASK || (task->told & TASK_TOLD_RETRIABLE) != 0)
        return refused;
    return task->key.item >= 0 ? "Items of a map cannot be tried again."
                               : "The pool has not kept what it was called with.";
}

static void show_button(GtkWidget *button, const struct view *view, unsigned verb, const struct model_task *task)
{
    const char *refused = why_not(view, verb, task);
    gtk_actionable_set_action_target_value(GTK_ACTIONABLE(button), number_of(task));
    gtk_widget_set_sensitive(button, refused == NULL);
    parts_set_tooltip(button, refused);
}

static void show_buttons(MonTaskDetail *self, const struct view *view, const struct task_scene *scene,
                         const struct model_task *task)
{
    enum task_filter group = task_look(scene, task).group;
    gtk_widget_set_visible(self->retry, group == TASKS_FAILED);
    gtk_widget_set_visible(self->cancel, group == TASKS_RUNNING || group == TASKS_WAITING);
    show_button(self->retry, view, RECORD_VERB_RETRY_TASK, task);
    show_button(self->cancel, view, RECORD_VERB_CANCEL_TASK, task);
}

void mon_task_detail_show(MonTaskDetail *self, const struct view *view, const struct task_scene *scene,
                          const struct model_task *task)
{
    show_head(self, view, scene, task);
    show_call(self, view, scene, task);
    show_attempts(self, view, scene, task);
    show_time(self, view, task);
    show_result(self, view, scene, task);
    show_buttons(self, view, scene, task);
}
