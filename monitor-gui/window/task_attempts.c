#include "window/task_attempts.h"

#include "model/text.h"
#include "window/parts.h"
#include "window/task_report.h"
#include <inttypes.h>

/* Those before the latest, that, and one that is to come. */
#define LINES ((int)TASK_EARLIER_MAX + 2)

struct _MonTaskAttempts {
    GtkBox parent_instance;
    struct {
        GtkWidget *row, *number, *glyph, *text, *run, *certificate;
    } lines[LINES];
};

G_DEFINE_TYPE(MonTaskAttempts, mon_task_attempts, GTK_TYPE_BOX)

static void mon_task_attempts_class_init(MonTaskAttemptsClass *class)
{
    (void)class;
}

static GtkWidget *new_certificate(void)
{
    GtkWidget *button = parts_button("Certificate", "link", NULL);
    gtk_actionable_set_action_target(GTK_ACTIONABLE(button), "(uxt)", 0, INT64_C(0), UINT64_C(0));
    gtk_actionable_set_action_name(GTK_ACTIONABLE(button), "win.show-certificate");
    return button;
}

static void add_line(MonTaskAttempts *self, int index)
{
    GtkWidget *row = parts_add(GTK_WIDGET(self), parts_row(8));
    self->lines[index].row = row;
    self->lines[index].number = parts_add(row, parts_short_label("", "body dim"));
    self->lines[index].glyph = parts_add(row, mon_glyph_new(GLYPH_NONE));
    self->lines[index].text = parts_add(row, parts_label("", "body"));
    self->lines[index].run = parts_add(row, parts_short_label("", "body"));
    self->lines[index].certificate = parts_add(row, new_certificate());
    gtk_widget_set_hexpand(self->lines[index].text, TRUE);
    gtk_widget_set_visible(row, FALSE);
}

static void mon_task_attempts_init(MonTaskAttempts *self)
{
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    gtk_box_set_spacing(GTK_BOX(self), 2);
    for (int i = 0; i < LINES; i++)
        add_line(self, i);
}

GtkWidget *mon_task_attempts_new(void)
{
    return g_object_new(MON_TYPE_TASK_ATTEMPTS, NULL);
}

static void put(MonTaskAttempts *self, int index, uint32_t attempt, enum glyph glyph, const char *words,
                const char *run)
{
    gtk_widget_set_visible(self->lines[index].row, TRUE);
    mon_glyph_set(MON_GLYPH(self->lines[index].glyph), glyph);
    parts_set_format(self->lines[index].number, "%" PRIu32, attempt);
    parts_set_text(self->lines[index].text, words);
    parts_set_tooltip(self->lines[index].text, words);
    parts_set_text(self->lines[index].run, run);
}

/* death: of the worker that had the attempt; NULL if there is none, or it is no longer known. */
static void show_certificate(MonTaskAttempts *self, int index, const struct record_death *death, uint32_t attempt)
{
    GtkWidget *button = self->lines[index].certificate;
    gtk_widget_set_visible(button, death != NULL);
    if (death == NULL)
        return;
    g_autofree char *label = g_strdup_printf("Show the certificate of attempt %" PRIu32, attempt);
    gtk_actionable_set_action_target(GTK_ACTIONABLE(button), "(uxt)", death->worker, death->pid, death->lives);
    parts_set_tooltip(button, label);
    parts_set_accessible_label(button, label);
}

static void show_line(MonTaskAttempts *self, int index, const struct model *model, const struct task_scene *scene,
                      const struct model_task *attempt)
{
    enum glyph glyph;
    int64_t run_ns;
    struct words words = task_report_attempt(scene, attempt, &glyph);
    bool has_run = task_scene_has(scene, attempt) && task_run_ns(attempt, scene->now_ns, &run_ns);
    put(self, index, attempt->attempt, glyph, words.text, has_run ? text_duration(run_ns).text : "");
    show_certificate(self, index, task_report_death(model, attempt), attempt->attempt);
}

/* The first one first. */
void mon_task_attempts_show(MonTaskAttempts *self, const struct model *model, const struct task_scene *scene,
                            const struct model_task *task)
{
    enum glyph glyph;
    int count = task->depth + 1;
    const char *coming = task_report_coming(scene, task, &glyph);
    for (int i = count; i < LINES; i++)
        gtk_widget_set_visible(self->lines[i].row, FALSE);
    if (coming[0] != '\0') {
        put(self, count, task->attempt + 1, glyph, coming, "");
        show_certificate(self, count, NULL, 0);
    }
    for (const struct model_task *attempt = task; attempt != NULL && count > 0; attempt = attempt->earlier)
        show_line(self, --count, model, scene, attempt);
}
