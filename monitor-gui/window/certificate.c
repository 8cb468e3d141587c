#include "window/certificate.h"

#include "model/text.h"
#include "window/attempt_words.h"
#include "window/certificate_text.h"
#include "window/pane.h"
#include "window/parts.h"
#include "window/says.h"
#include "window/stack_text.h"
#include <inttypes.h>
#include <mproc/stats.h>

struct _MonCertificate {
    GtkBox parent_instance;
    struct pane_head head;
    GtkWidget *task_section, *task_title, *show_task, *call, *task;
    GtkWidget *decided_section, *decided_glyphs[DECISIONS_MAX], *decided_after[DECISIONS_MAX],
        *decided_texts[DECISIONS_MAX];
    struct pane_stack stack;
    GtkWidget *stack_section, *stack_note, *output_section, *output, *buttons, *gdb;
    char *text;
    int64_t pid;
};

G_DEFINE_TYPE(MonCertificate, mon_certificate, GTK_TYPE_BOX)

/* ---- Sections ---- */

static void on_copy(GtkButton *button, MonCertificate *self)
{
    parts_copy(GTK_WIDGET(button), self->text != NULL ? self->text : "");
}

static void on_copy_gdb(GtkButton *button, MonCertificate *self)
{
    g_autofree char *command = g_strdup_printf("gdb -p %" PRId64, self->pid);
    parts_copy(GTK_WIDGET(button), command);
}

static GtkWidget *new_show_task(void)
{
    GtkWidget *button = parts_button("Show task", "tool", NULL);
    gtk_actionable_set_action_target(GTK_ACTIONABLE(button), "(tx)", UINT64_C(0), INT64_C(-1));
    gtk_actionable_set_action_name(GTK_ACTIONABLE(button), "win.show-task");
    return button;
}

static void add_task(MonCertificate *self)
{
    GtkWidget *note;
    self->task_section = pane_section(GTK_WIDGET(self), "Last task", &note);
    self->task_title = pane_section_title(self->task_section);
    self->show_task = parts_add(pane_section_head(self->task_section), new_show_task());
    self->call = parts_add(self->task_section, pane_quote());
    gtk_widget_remove_css_class(self->call, "quote");
    self->task = parts_add(self->task_section, parts_label("", "caption"));
}

static void add_decided(MonCertificate *self)
{
    GtkWidget *note, *grid = gtk_grid_new();
    self->decided_section = pane_section(GTK_WIDGET(self), "What was decided", &note);
    gtk_grid_set_column_spacing(GTK_GRID(grid), 8);
    gtk_grid_set_row_spacing(GTK_GRID(grid), 2);
    for (int i = 0; i < DECISIONS_MAX; i++) {
        self->decided_after[i] = parts_short_label("", "caption");
        self->decided_glyphs[i] = mon_glyph_new(GLYPH_NONE);
        self->decided_texts[i] = parts_paragraph("", "body");
        gtk_label_set_xalign(GTK_LABEL(self->decided_after[i]), 1);
        gtk_label_set_width_chars(GTK_LABEL(self->decided_after[i]), 8);
        gtk_widget_set_valign(self->decided_after[i], GTK_ALIGN_BASELINE);
        gtk_widget_set_valign(self->decided_texts[i], GTK_ALIGN_BASELINE);
        gtk_widget_set_valign(self->decided_glyphs[i], GTK_ALIGN_START);
        gtk_widget_set_margin_top(self->decided_glyphs[i], 2);
        gtk_grid_attach(GTK_GRID(grid), self->decided_after[i], 0, i, 1, 1);
        gtk_grid_attach(GTK_GRID(grid), self->decided_glyphs[i], 1, i, 1, 1);
        gtk_grid_attach(GTK_GRID(grid), self->decided_texts[i], 2, i, 1, 1);
    }
    parts_add(self->decided_section, grid);
}

static void add_left(MonCertificate *self)
{
    GtkWidget *note;
    self->stack_section = pane_section(GTK_WIDGET(self), "Stack", &self->stack_note);
    self->stack = pane_stack();
    parts_add(self->stack_section, self->stack.box);
    self->output_section = pane_section(GTK_WIDGET(self), "Last lines of stderr", &note);
    self->output = parts_add(self->output_section, pane_quote());
}

static void add_buttons(MonCertificate *self)
{
    self->buttons = parts_row(8);
    GtkWidget *copy = parts_add(self->buttons, parts_button("Copy certificate", "tool", NULL));
    self->gdb = parts_button("Copy gdb command", "tool", NULL);
    g_signal_connect(copy, "clicked", G_CALLBACK(on_copy), self);
    g_signal_connect(self->gdb, "clicked", G_CALLBACK(on_copy_gdb), self);
    parts_set_margins(self->buttons, 16, 12, 12);
    parts_add(GTK_WIDGET(self), self->buttons);
    parts_set_margins(self->gdb, 16, 12, 12);
    gtk_widget_set_halign(self->gdb, GTK_ALIGN_START);
    parts_add(GTK_WIDGET(self), self->gdb);
}

/* ---- The object ---- */

static void mon_certificate_finalize(GObject *object)
{
    g_free(MON_CERTIFICATE(object)->text);
    G_OBJECT_CLASS(mon_certificate_parent_class)->finalize(object);
}

static void mon_certificate_class_init(MonCertificateClass *class)
{
    G_OBJECT_CLASS(class)->finalize = mon_certificate_finalize;
    g_signal_new("closed", MON_TYPE_CERTIFICATE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void mon_certificate_init(MonCertificate *self)
{
    pane_make(GTK_WIDGET(self));
    self->head = pane_add_head(GTK_WIDGET(self));
    add_task(self);
    add_decided(self);
    add_left(self);
    add_buttons(self);
}

GtkWidget *mon_certificate_new(void)
{
    return g_object_new(MON_TYPE_CERTIFICATE, NULL);
}

/* ---- Showing ---- */

static void show_call(MonCertificate *self, const char *title, const char *call, const char *about)
{
    gtk_widget_set_visible(self->task_section, true);
    gtk_widget_set_visible(self->task, about[0] != '\0');
    parts_set_text(self->task_title, title);
    parts_set_text(self->call, call);
    parts_set_text(self->task, about);
}

static void show_decided(MonCertificate *self, const struct model *model, const struct record_death *death)
{
    struct decision decisions[DECISIONS_MAX];
    size_t count = certificate_decisions(model, death, decisions);
    for (size_t i = 0; i < DECISIONS_MAX; i++) {
        gtk_widget_set_visible(self->decided_after[i], i < count);
        gtk_widget_set_visible(self->decided_glyphs[i], i < count);
        gtk_widget_set_visible(self->decided_texts[i], i < count);
        if (i >= count)
            continue;
        parts_set_text(self->decided_after[i], decision_after(&decisions[i]).text);
        mon_glyph_set(MON_GLYPH(self->decided_glyphs[i]), decisions[i].glyph);
        parts_set_text(self->decided_texts[i], decisions[i].text);
        g_free(decisions[i].text);
    }
}

/* As long as it is still known. */
static void show_task_button(MonCertificate *self, const struct view *view, uint64_t task, int64_t item)
{
    const struct task_key key = { view->pool->number, task, item };
    gtk_widget_set_visible(self->show_task, task != 0 && tasks_find(&view->model->tasks, &key) != NULL);
    gtk_actionable_set_action_target(GTK_ACTIONABLE(self->show_task), "(tx)", task, item);
}

static void show_behind(MonCertificate *self, const char *text)
{
    parts_set_text(self->head.behind, text);
    gtk_widget_set_visible(self->head.behind, text[0] != '\0');
}

static void show_dead(MonCertificate *self, const struct view *view, const struct record_death *death)
{
    g_autofree char *life = certificate_life(death), *task = certificate_task(view->model, death);
    mon_glyph_set(MON_GLYPH(self->head.glyph), GLYPH_DEAD);
    parts_set_format(self->head.title, "Worker %" PRIu32 " died", death->worker);
    parts_set_text(self->head.when, text_clock(model_wall_ns(view->model, death->time_ns)).text);
    parts_set_text(self->head.cause, says_cause(death).text);
    parts_set_class(self->head.cause, "bad");
    show_behind(self, words_fault(death).text);
    parts_set_text(self->head.note, life);
    if (death->task != 0)
        show_call(self, "Last task", words_death_call(view->model, death).text, task);
    else
        show_call(self, "Last task", "It was running nothing.", "");
    show_task_button(self, view, death->task, death->item);
    show_decided(self, view->model, death);
    parts_set_text(self->stack_note, stack_is_told(kept_string(death->stack)) ? "taken at the crash" : "");
    pane_set_stack(&self->stack, kept_string(death->stack), certificate_no_stack(death));
    pane_set_quote(self->output, kept_string(death->output), SAYS_NO_OUTPUT);
    g_free(self->text);
    self->text = certificate_text(view, death);
}

static void show_life(MonCertificate *self, const struct record_worker *said)
{
    parts_set_format(self->head.note, "pid %" PRId64 DOT "%s" DOT "%s failed%s%s", said->pid,
                     words_many(said->tasks, "task").text, text_count(said->failed).text,
                     said->ready_ns != 0 ? DOT "ready in " : "",
                     said->ready_ns != 0 ? text_duration(said->start_ns).text : "");
}

static void show_alive(MonCertificate *self, const struct view *view, const struct model_worker *worker)
{
    enum glyph glyph;
    const char *class, *ignored = NULL;
    const struct task_key key = { view->pool->number, worker->said.task, worker->said.item };
    struct words state = says_worker(view->model, view->pool, worker, &glyph, &class);
    struct words doing = says_doing(view->model, view->pool, worker, &ignored);
    struct words how_long = says_for(view->model, view->pool, worker);
    const char *head = model_is_over(view->model, view->pool) ? "Last task" : "Doing now";
    g_autofree char *about = g_strdup_printf("task %s" DOT "%s%s%s", text_count(worker->said.task).text,
                                             attempt_words(view->model, &key, worker->said.attempt).text,
                                             how_long.text[0] != '\0' ? DOT "for " : "", how_long.text);
    mon_glyph_set(MON_GLYPH(self->head.glyph), glyph);
    parts_set_format(self->head.title, "Worker %" PRIu32, worker->said.worker);
    parts_set_text(self->head.when, "");
    parts_set_text(self->head.cause, state.text);
    parts_set_class(self->head.cause, class != NULL ? class : "");
    show_behind(self, "");
    show_life(self, &worker->said);
    self->pid = worker->said.pid;
    show_task_button(self, view, worker->said.task, worker->said.item);
    if (worker->said.task != 0)
        show_call(self, head, doing.text, about);
    else
        show_call(self, head, "Nothing.", "");
    g_free(self->text);
    self->text = g_strdup_printf("Worker %" PRIu32 " (pid %" PRId64 "): %s, %s", worker->said.worker, worker->said.pid,
                                 state.text, doing.text);
}

/* To what lives, and here: a recording may be another machine's, and to what is dead no debugger can be attached.
 * Whether it left a core, and where, nobody tells. */
static void show_gdb(MonCertificate *self, const struct view *view, const struct model_worker *worker)
{
    bool is_alive = worker != NULL && worker->said.pid != 0 && worker->said.state != MPROC_WORKER_NONE;
    bool is_here = view->watch->path == NULL && !model_is_over(view->model, view->pool);
    gtk_widget_set_visible(self->gdb, is_alive && is_here);
    if (!is_alive)
        return;
    g_autofree char *tooltip =
        g_strdup_printf("Copy \xe2\x80\x9cgdb -p %" PRId64 "\xe2\x80\x9d, which stops the worker "
                        "for as long as somebody looks",
                        worker->said.pid);
    parts_set_tooltip(self->gdb, tooltip);
}

void mon_certificate_show(MonCertificate *self, const struct view *view, const struct worker_known *known)
{
    bool is_dead = known->death != NULL;
    gtk_widget_set_visible(self->decided_section, is_dead);
    gtk_widget_set_visible(self->stack_section, is_dead);
    gtk_widget_set_visible(self->output_section, is_dead);
    gtk_widget_set_visible(self->buttons, is_dead);
    show_gdb(self, view, known->worker);
    if (is_dead)
        show_dead(self, view, known->death);
    else
        show_alive(self, view, known->worker);
}

char *mon_certificate_text(MonCertificate *self)
{
    return g_strdup(self->text);
}
