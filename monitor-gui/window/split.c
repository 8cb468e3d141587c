#include "window/split.h"

#include "model/text.h"
#include "window/parts.h"
#include "window/split_bar.h"

/* Transport of less is no reason to do anything. */
#define BEARABLE  0.03
#define GOAL      0.015
#define CHUNK_MAX 4096
#define WAIT_MAX  9e18 /* whoever tells of more is believed no more */

struct _MonSplit {
    GtkBox parent_instance;
    GtkWidget *wait, *bar, *legend, *labels[SPLIT_PARTS], *advice;
};

G_DEFINE_TYPE(MonSplit, mon_split, GTK_TYPE_BOX)

/* ---- Arithmetic ---- */

static void add_function(double sums[SPLIT_PARTS], uint64_t *waits, const struct record_function_stats *stats)
{
    sums[SPLIT_WAITS] += (double)stats->wait_total_ns;
    sums[SPLIT_IN] += (double)stats->copy_ns;
    sums[SPLIT_RUNS] += (double)stats->run_total_ns;
    sums[SPLIT_BACK] += (double)stats->return_ns;
    *waits += stats->wait_count;
}

bool split_of(const struct model_pool *pool, struct split *ret_split)
{
    double sums[SPLIT_PARTS] = { 0 }, total = 0;
    uint64_t waits = 0;
    *ret_split = (struct split){ .wait_ns = 0 };
    for (uint32_t i = 1; i < pool->functions.count; i++)
        add_function(sums, &waits, &pool_function_at(pool, i)->stats);
    for (int i = SPLIT_IN; i < SPLIT_PARTS; i++)
        total += sums[i];
    for (int i = SPLIT_IN; i < SPLIT_PARTS && total > 0; i++)
        ret_split->parts[i] = sums[i] / total;
    ret_split->is_waited = waits > 0;
    if (waits > 0)
        ret_split->wait_ns = (int64_t)CLAMP(sums[SPLIT_WAITS] / (double)waits, 0, WAIT_MAX);
    return total > 0;
}

char *split_advice(const struct split *split)
{
    double transport = split->parts[SPLIT_IN] + split->parts[SPLIT_BACK];
    unsigned chunk = 1;
    if (transport < BEARABLE)
        return g_strdup_printf("Transport takes %s, which is little.", text_share(transport).text);
    while (chunk < CHUNK_MAX && transport / chunk > GOAL)
        chunk *= 2;
    return g_strdup_printf("Transport takes %s. Chunks of %u would make it %s.", text_share(transport).text, chunk,
                           text_share(transport / chunk).text);
}

struct words split_wait(const struct split *split)
{
    return split->wait_ns > 0 ? words_format("after waiting %s", text_duration(split->wait_ns).text)
           : split->is_waited ? words_format("after no waiting")
                              : words_format("waiting not counted");
}

/* ---- The widget ---- */

static void mon_split_class_init(MonSplitClass *class)
{
    (void)class;
}

static void mon_split_init(MonSplit *self)
{
    GtkWidget *box = GTK_WIDGET(self), *head = parts_row(12);
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    gtk_box_set_spacing(GTK_BOX(self), 7);
    gtk_widget_add_css_class(box, "block");
    gtk_widget_set_hexpand(parts_add(head, parts_label("Time once a worker is free", "section")), TRUE);
    self->wait = parts_add(head, parts_short_label("", "caption"));
    parts_add(box, head);
    self->bar = parts_add(box, mon_split_bar_new());
    self->legend = parts_add(box, parts_row(12));
    for (int i = SPLIT_IN; i < SPLIT_PARTS; i++) {
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

static void show_known(MonSplit *self, const struct split *split)
{
    static const char *const names[SPLIT_PARTS] = { [SPLIT_IN] = "in", [SPLIT_RUNS] = "runs", [SPLIT_BACK] = "back" };
    g_autofree char *advice = split_advice(split);
    struct words wait = split_wait(split);
    for (int i = SPLIT_IN; i < SPLIT_PARTS; i++)
        parts_set_format(self->labels[i], "%s %s", names[i], text_share(split->parts[i]).text);
    /* Of chunks of maps nobody counts it. */
    gtk_widget_set_visible(gtk_widget_get_parent(self->labels[SPLIT_IN]), split->parts[SPLIT_IN] > 0);
    mon_split_bar_show(MON_SPLIT_BAR(self->bar), split->parts);
    parts_set_text(self->wait, wait.text);
    parts_set_text(self->advice, advice);
    parts_set_tooltip(self->advice, advice);
}

void mon_split_show(MonSplit *self, const struct view *view)
{
    struct split split;
    bool is_known = split_of(view->pool, &split);
    gtk_widget_set_visible(self->bar, is_known);
    gtk_widget_set_visible(self->legend, is_known);
    gtk_widget_set_visible(self->wait, is_known);
    if (is_known) {
        show_known(self, &split);
        return;
    }
    parts_set_text(self->advice, view->pool->said.statistics
                                     ? "No task has ended yet."
                                     : "Not measured: the pool was made without .statistics = 1.");
    parts_set_tooltip(self->advice, NULL);
}
