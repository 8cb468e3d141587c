#include "window/task_time.h"

#include "model/text.h"
#include "window/parts.h"
#include "window/split_bar.h"
#include "window/task_report.h"

enum { QUEUED, STARTED, ENDED, TIMES };

struct _MonTaskTime {
    GtkBox parent_instance;
    GtkWidget *bar, *entries[SPLIT_PARTS], *labels[SPLIT_PARTS], *names[TIMES], *times[TIMES];
};

G_DEFINE_TYPE(MonTaskTime, mon_task_time, GTK_TYPE_BOX)

static void mon_task_time_class_init(MonTaskTimeClass *class)
{
    (void)class;
}

static GtkWidget *new_entry(MonTaskTime *self, int part)
{
    GtkWidget *entry = parts_row(6);
    parts_add(entry, mon_split_key_new(part));
    self->labels[part] = parts_add(entry, parts_short_label("", "small"));
    self->entries[part] = entry;
    return entry;
}

static void add_legend(MonTaskTime *self)
{
    GtkWidget *row = parts_add(GTK_WIDGET(self), parts_row(12));
    for (int i = SPLIT_IN; i < SPLIT_PARTS; i++)
        parts_add(row, new_entry(self, i));
}

static void add_times(MonTaskTime *self)
{
    static const char *const names[TIMES] = { "Queued", "Started", "Ended" };
    GtkWidget *grid = parts_add(GTK_WIDGET(self), gtk_grid_new());
    gtk_grid_set_column_spacing(GTK_GRID(grid), 12);
    for (int i = 0; i < TIMES; i++) {
        self->names[i] = parts_short_label(names[i], "caption");
        self->times[i] = parts_short_label("", "body");
        gtk_grid_attach(GTK_GRID(grid), self->names[i], 0, i, 1, 1);
        gtk_grid_attach(GTK_GRID(grid), self->times[i], 1, i, 1, 1);
    }
}

static void mon_task_time_init(MonTaskTime *self)
{
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    gtk_box_set_spacing(GTK_BOX(self), 6);
    self->bar = parts_add(GTK_WIDGET(self), mon_split_bar_new());
    add_legend(self);
    add_times(self);
}

GtkWidget *mon_task_time_new(void)
{
    return g_object_new(MON_TYPE_TASK_TIME, NULL);
}

static void show_time(MonTaskTime *self, int index, const struct model *model, int64_t time_ns)
{
    gtk_widget_set_visible(self->names[index], time_ns != 0);
    gtk_widget_set_visible(self->times[index], time_ns != 0);
    parts_set_text(self->times[index], time_ns != 0 ? text_clock(model_wall_ns(model, time_ns)).text : "");
}

void mon_task_time_show(MonTaskTime *self, const struct view *view, const struct model_task *task)
{
    double parts[SPLIT_PARTS];
    bool is_known = task_report_parts(task, parts);
    gtk_widget_set_visible(self->bar, is_known);
    for (int i = SPLIT_IN; i < SPLIT_PARTS; i++) {
        struct words words = task_report_part(task, i);
        gtk_widget_set_visible(self->entries[i], words.text[0] != '\0');
        parts_set_text(self->labels[i], words.text);
    }
    mon_split_bar_show(MON_SPLIT_BAR(self->bar), parts);
    show_time(self, QUEUED, view->model, task->submitted_ns);
    show_time(self, STARTED, view->model, task->begun_ns);
    show_time(self, ENDED, view->model, task->ended_ns);
}
