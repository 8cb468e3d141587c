#include "window/chosen_task.h"

#include "model/text.h"
#include "window/attempt_words.h"
#include "window/lane_bars.h"
#include "window/parts.h"
#include "window/says.h"
#include "window/split_bar.h"
#include "window/task_report.h"
#include <inttypes.h>

enum { STARTED, RAN, WAITED, ENDED, FIGURES };

struct _MonChosenTask {
    GtkBox parent_instance;
    GtkWidget *glyph, *call, *about, *figures[FIGURES], *phases, *task, *certificate;
    struct view view;
    uint32_t worker;
    struct bar bar;
};

G_DEFINE_TYPE(MonChosenTask, mon_chosen_task, GTK_TYPE_BOX)

static void mon_chosen_task_class_init(MonChosenTaskClass *class)
{
    (void)class;
}

/* ---- What is known of it ---- */

static const struct model_task *task_of(const struct view *view, const struct bar *bar)
{
    return tasks_find(&view->model->tasks, &(struct task_key){ view->number, bar->task, bar->item });
}

/* The death that ended it: of the worker that it ran on, in that moment or just behind it. */
static const struct record_death *death_of(const struct view *view, uint32_t worker, const struct bar *bar)
{
    for (uint64_t i = 0; i < events_death_count(&view->model->events); i++) {
        const struct record_death *death = &events_death_at(&view->model->events, i)->said;
        if (death->pool == view->number && death->worker == worker && (uint32_t)death->pid == bar->pid &&
            death->task == bar->task && death->item == bar->item)
            return death;
    }
    return NULL;
}

/* ---- What can be done ---- */

static void on_task(GtkButton *button, MonChosenTask *self)
{
    (void)button;
    gtk_widget_activate_action(GTK_WIDGET(self), "win.show-task", "(tx)", self->bar.task, self->bar.item);
}

static void on_certificate(GtkButton *button, MonChosenTask *self)
{
    (void)button;
    const struct record_death *death = view_renew(&self->view) ? death_of(&self->view, self->worker, &self->bar) : NULL;
    if (death != NULL)
        gtk_widget_activate_action(GTK_WIDGET(self), "win.show-certificate", "(uxt)", death->worker, death->pid,
                                   death->lives);
}

/* ---- The widget ---- */

static GtkWidget *new_figure(MonChosenTask *self, int figure, int chars)
{
    static const char *const names[FIGURES] = { "Started", "Ran", "Waited", "Ended by" };
    GtkWidget *column = parts_column(0);
    parts_add(column, parts_short_label(names[figure], "caption"));
    self->figures[figure] = parts_add(column, parts_label("", "body"));
    gtk_label_set_width_chars(GTK_LABEL(self->figures[figure]), chars);
    gtk_widget_set_valign(column, GTK_ALIGN_CENTER);
    return column;
}

static GtkWidget *new_texts(MonChosenTask *self)
{
    GtkWidget *texts = parts_column(0), *head = parts_row(8);
    self->glyph = parts_add(head, mon_glyph_new(GLYPH_NONE));
    self->call = parts_add(head, parts_label("", "section"));
    gtk_label_set_ellipsize(GTK_LABEL(self->call), PANGO_ELLIPSIZE_MIDDLE);
    parts_add(texts, head);
    self->about = parts_add(texts, parts_label("", "caption"));
    gtk_widget_set_hexpand(texts, TRUE);
    gtk_widget_set_valign(texts, GTK_ALIGN_CENTER);
    return texts;
}

static GtkWidget *new_phases(MonChosenTask *self)
{
    GtkWidget *column = parts_column(6);
    parts_add(column, parts_short_label("Wait, in, run, back", "caption"));
    self->phases = parts_add(column, mon_split_bar_new());
    gtk_widget_set_size_request(self->phases, 104, -1);
    gtk_widget_set_valign(column, GTK_ALIGN_CENTER);
    return column;
}

static void mon_chosen_task_init(MonChosenTask *self)
{
    GtkWidget *box = GTK_WIDGET(self);
    gtk_box_set_spacing(GTK_BOX(self), 20);
    gtk_widget_add_css_class(box, "strip");
    parts_add(box, new_texts(self));
    parts_add(box, new_figure(self, STARTED, 11));
    parts_add(box, new_figure(self, RAN, 7));
    parts_add(box, new_figure(self, WAITED, 7));
    parts_add(box, new_phases(self));
    parts_add(box, new_figure(self, ENDED, 10));
    self->task = parts_add(box, parts_button("Show task", "tool", NULL));
    self->certificate = parts_add(box, parts_button("Show certificate", "tool", NULL));
    g_signal_connect(self->task, "clicked", G_CALLBACK(on_task), self);
    g_signal_connect(self->certificate, "clicked", G_CALLBACK(on_certificate), self);
}

GtkWidget *mon_chosen_task_new(void)
{
    return g_object_new(MON_TYPE_CHOSEN_TASK, NULL);
}

/* ---- Showing ---- */

static struct words call_of(const struct view *view, uint32_t worker, const struct bar *bar)
{
    const struct model_task *task = task_of(view, bar);
    const struct model_worker *runs = pool_worker_at(view->pool, worker);
    if (task != NULL)
        return words_task_call(view->model, task);
    if (runs != NULL && runs->said.task == bar->task && runs->said.item == bar->item)
        return words_worker_call(view->pool, runs);
    return words_call(view->pool, bar->function, "", "", bar->item, 1);
}

static const struct ending {
    const char *words, *class;
    enum glyph glyph;
} endings[] = {
    [0] = { "it still runs", "", GLYPH_RUNNING },
    [RECORD_END_DONE] = { "its return", "", GLYPH_DONE },
    [RECORD_END_FAILED] = { "an error", "bad", GLYPH_FAILED },
    [RECORD_END_CANCELLED] = { "being cancelled", "", GLYPH_CANCELLED },
    [RECORD_END_DIED] = { "a death", "bad", GLYPH_DEAD },
    [RECORD_END_LIMIT] = { "a limit", "bad", GLYPH_TIMED_OUT },
    [RECORD_END_RETRIED] = { "a death", "bad", GLYPH_DEAD },
    [RECORD_END_ABANDONED] = { "the pool\xe2\x80\x99s end", "", GLYPH_CANCELLED },
};

static const struct ending *ending_of(const struct bar *bar)
{
    static const struct ending untold = { "not told", "dim", GLYPH_BROKEN };
    if (bar->end == LANE_END_UNTOLD)
        return &untold;
    return &endings[bar->end < G_N_ELEMENTS(endings) ? bar->end : RECORD_END_FAILED];
}

static void show_end(MonChosenTask *self, const struct view *view, const struct bar *bar,
                     const struct record_death *death)
{
    const struct ending *ending = ending_of(bar);
    const struct model_task *task = task_of(view, bar);
    const char *error = task != NULL ? task_text(task, TASK_ERROR) : "";
    struct words cause = { "" };
    if (death != NULL) {
        cause = says_death(death);
        cause.text[0] = g_ascii_tolower(cause.text[0]);
    }
    bool has_error = bar->end == RECORD_END_FAILED && error[0] != '\0';
    const char *words = death != NULL ? cause.text : has_error ? error : ending->words;
    mon_glyph_set(MON_GLYPH(self->glyph), ending->glyph);
    parts_set_text(self->figures[ENDED], words);
    parts_set_class(self->figures[ENDED], ending->class);
    parts_set_tooltip(self->figures[ENDED], words);
    gtk_widget_set_visible(self->certificate, death != NULL);
}

/* In words, for whoever cannot see the bar. */
static void show_phases(MonChosenTask *self, const struct model_task *task)
{
    double parts[SPLIT_PARTS];
    task_report_parts(task, parts);
    g_autofree char *words = g_strdup_printf("waited %s, in %s, ran %s, back %s", text_duration(task->wait_ns).text,
                                             text_duration(task->copy_ns).text, text_duration(task->run_ns).text,
                                             text_duration(task->return_ns).text);
    mon_split_bar_show(MON_SPLIT_BAR(self->phases), parts);
    parts_set_tooltip(self->phases, words);
    parts_set_accessible_label(self->phases, words);
}

/* Of one that was made again, what came of that, too. */
static void show_about(MonChosenTask *self, const struct view *view, uint32_t worker, const struct bar *bar)
{
    const struct task_key key = { view->number, bar->task, bar->item };
    const char *dot = bar->attempt > 0 ? DOT : "";
    struct words attempt = { "" }, next = { "" };
    if (bar->attempt > 0)
        attempt = attempt_words(view->model, &key, bar->attempt);
    if (bar->attempt > 0 && bar->end == RECORD_END_RETRIED)
        next = words_format(DOT "%s", attempt_end(view->model, &key, bar->attempt + 1u).words.text);
    parts_set_format(self->about, "task %s%s%s" DOT "worker %" PRIu32 ", pid %" PRIu32 "%s", text_count(bar->task).text,
                     dot, attempt.text, worker, bar->pid, next.text);
    parts_set_tooltip(self->about, gtk_label_get_text(GTK_LABEL(self->about)));
}

void mon_chosen_task_show(MonChosenTask *self, const struct view *view, uint32_t worker, const struct bar *bar,
                          bool is_narrow)
{
    const struct model_task *task = task_of(view, bar);
    bool has_phases = task != NULL && (task->told & TASK_TOLD_ENDED) != 0 && task->attempt == bar->attempt;
    struct words call = call_of(view, worker, bar);
    int64_t run_ns = bar->run_ns > 0 ? (int64_t)bar->run_ns : bar->end_ns - bar->begin_ns;
    self->view = *view;
    self->worker = worker;
    self->bar = *bar;
    parts_set_text(self->call, call.text);
    gtk_widget_set_sensitive(self->task, task != NULL);
    parts_set_tooltip(self->task, task != NULL ? NULL : "It is not kept on the page of tasks any more.");
    parts_set_tooltip(self->call, call.text);
    show_about(self, view, worker, bar);
    parts_set_text(self->figures[STARTED], text_clock(bar->begin_ns + lane_wall_ns(view)).text);
    parts_set_text(self->figures[RAN], text_duration(run_ns).text);
    parts_set_text(self->figures[WAITED], bar->wait_ns > 0 ? text_duration((int64_t)bar->wait_ns).text : "");
    show_end(self, view, bar, death_of(view, worker, bar));
    gtk_widget_set_visible(gtk_widget_get_parent(self->phases), has_phases && !is_narrow);
    gtk_box_set_spacing(GTK_BOX(self), is_narrow ? 10 : 20);
    if (has_phases)
        show_phases(self, task);
}

char *mon_chosen_task_text(MonChosenTask *self)
{
    return g_strdup_printf(
        "%s\n%s\nstarted %s, ran %s\nended by %s\n", gtk_label_get_text(GTK_LABEL(self->call)),
        gtk_label_get_text(GTK_LABEL(self->about)), gtk_label_get_text(GTK_LABEL(self->figures[STARTED])),
        gtk_label_get_text(GTK_LABEL(self->figures[RAN])), gtk_label_get_text(GTK_LABEL(self->figures[ENDED])));
}
