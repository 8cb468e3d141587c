#include "window/split.h"

#include "model/text.h"
#include "window/parts.h"
#include "window/split_bar.h"

/* Transport of less is no reason to do anything. */
#define BEARABLE  0.03
#define GOAL      0.015
#define CHUNK_MAX 4096

struct _MonSplit {
    GtkBox parent_instance;
    GtkWidget *bar, *legend, *labels[SPLIT_PARTS], *advice;
};

G_DEFINE_TYPE(MonSplit, mon_split, GTK_TYPE_BOX)

/* ---- Arithmetic ---- */

bool split_parts(const struct model_pool *pool, double ret_parts[SPLIT_PARTS])
{
    double total = 0;
    for (int i = 0; i < SPLIT_PARTS; i++)
        ret_parts[i] = 0;
    for (uint32_t i = 1; i < pool->functions.count; i++) {
        const struct record_function_stats *stats = &pool_function_at(pool, i)->stats;
        ret_parts[SPLIT_WAITS] += (double)stats->wait_total_ns;
        ret_parts[SPLIT_IN] += (double)stats->copy_ns;
        ret_parts[SPLIT_RUNS] += (double)stats->run_total_ns;
        ret_parts[SPLIT_BACK] += (double)stats->return_ns;
    }
    for (int i = 0; i < SPLIT_PARTS; i++)
        total += ret_parts[i];
    for (int i = 0; i < SPLIT_PARTS && total > 0; i++)
        ret_parts[i] /= total;
    return total > 0;
}

char *split_advice(const double parts[SPLIT_PARTS])
{
    double transport = parts[SPLIT_IN] + parts[SPLIT_BACK];
    unsigned chunk = 1;
    if (transport < BEARABLE)
        return g_strdup_printf("Transport takes %s, which is little.", text_share(transport).text);
    while (chunk < CHUNK_MAX && transport / chunk > GOAL)
        chunk *= 2;
    return g_strdup_printf("Transport takes %s. Chunks of %u would make it %s.", text_share(transport).text, chunk,
                           text_share(transport / chunk).text);
}

/* ---- The widget ---- */

static void mon_split_class_init(MonSplitClass *class)
{
    (void)class;
}

static void mon_split_init(MonSplit *self)
{
    GtkWidget *box = GTK_WIDGET(self);
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    gtk_box_set_spacing(GTK_BOX(self), 7);
    gtk_widget_add_css_class(box, "block");
    parts_add(box, parts_label("Where a task\xe2\x80\x99s time goes", "section"));
    self->bar = parts_add(box, mon_split_bar_new());
    self->legend = parts_add(box, parts_row(12));
    for (int i = 0; i < SPLIT_PARTS; i++) {
        GtkWidget *entry = parts_add(self->legend, parts_row(6));
        parts_add(entry, mon_split_key_new(i));
        self->labels[i] = parts_add(entry, parts_short_label("", "small"));
    }
    self->advice = parts_add(box, parts_label("", "caption"));
    gtk_label_set_max_width_chars(GTK_LABEL(self->advice), 1);
}

GtkWidget *mon_split_new(void)
{
    return g_object_new(MON_TYPE_SPLIT, NULL);
}

void mon_split_show(MonSplit *self, const struct view *view)
{
    static const char *const names[SPLIT_PARTS] = { "waits", "in", "runs", "back" };
    double parts[SPLIT_PARTS];
    bool is_known = split_parts(view->pool, parts);
    gtk_widget_set_visible(self->bar, is_known);
    gtk_widget_set_visible(self->legend, is_known);
    if (!is_known) {
        parts_set_text(self->advice, view->pool->said.statistics
                                         ? "No task has ended yet."
                                         : "Only pools with the option .statistics = 1 tell this.");
        return;
    }
    g_autofree char *advice = split_advice(parts);
    for (int i = 0; i < SPLIT_PARTS; i++)
        parts_set_format(self->labels[i], "%s %s", names[i], text_share(parts[i]).text);
    mon_split_bar_show(MON_SPLIT_BAR(self->bar), parts);
    parts_set_text(self->advice, advice);
    parts_set_tooltip(self->advice, advice);
}
