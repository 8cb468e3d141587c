#include "window/strip.h"

#include "window/lane_draw.h"

#define PIXELS 12.5
/* Between two words. */
#define APART 10

struct _MonStrip {
    GtkWidget parent_instance;
    int height;
    bool has_ticks;
    struct lane_span span;
    GArray *words; /* struct strip_word */
};

G_DEFINE_TYPE(MonStrip, mon_strip, GTK_TYPE_WIDGET)

static int width_of(GtkWidget *widget, const char *text)
{
    int width;
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, text);
    g_autoptr(PangoAttrList) attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_size_new_absolute((int)(PIXELS * PANGO_SCALE)));
    pango_layout_set_attributes(layout, attributes);
    pango_layout_get_pixel_size(layout, &width, NULL);
    return width;
}

/* Where it ends; or free, where the one before it has ended, if there is no room for it. */
static double draw_word(MonStrip *self, GtkSnapshot *snapshot, const struct strip_word *word, double free)
{
    GtkWidget *widget = GTK_WIDGET(self);
    GdkRGBA line = palette_color(PALETTE_line);
    double room = gtk_widget_get_width(widget) - LANE_HEAD - LANE_END;
    double x = LANE_HEAD + lane_span_x(self->span, room, word->time_ns), width = width_of(widget, word->text);
    double begin = CLAMP(x - word->align * width + (self->has_ticks ? 4 : 0), LANE_HEAD, LANE_HEAD + room - width);
    if (self->has_ticks)
        canvas_box(snapshot, (int)x, self->height - 8, 1, 8, &line);
    if (begin < free)
        return free;
    canvas_text(widget, snapshot, word->text, begin, (self->height - 18) / 2.0 - 1, 0, PIXELS, false, PALETTE_dim);
    return begin + width + APART;
}

static void mon_strip_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    MonStrip *self = MON_STRIP(widget);
    double free = 0;
    for (guint i = 0; i < self->words->len && lane_span_length(self->span) > 0; i++)
        free = draw_word(self, snapshot, &g_array_index(self->words, struct strip_word, i), free);
}

static void mon_strip_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                              int *minimum_baseline, int *natural_baseline)
{
    (void)for_size;
    *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 0 : MON_STRIP(widget)->height;
    *minimum_baseline = *natural_baseline = -1;
}

static void mon_strip_finalize(GObject *object)
{
    g_array_unref(MON_STRIP(object)->words);
    G_OBJECT_CLASS(mon_strip_parent_class)->finalize(object);
}

static void mon_strip_class_init(MonStripClass *class)
{
    G_OBJECT_CLASS(class)->finalize = mon_strip_finalize;
    GTK_WIDGET_CLASS(class)->snapshot = mon_strip_snapshot;
    GTK_WIDGET_CLASS(class)->measure = mon_strip_measure;
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void mon_strip_init(MonStrip *self)
{
    self->words = g_array_new(FALSE, FALSE, sizeof(struct strip_word));
}

GtkWidget *mon_strip_new(int height, bool has_ticks)
{
    MonStrip *self = g_object_new(MON_TYPE_STRIP, NULL);
    self->height = height;
    self->has_ticks = has_ticks;
    return GTK_WIDGET(self);
}

static bool is_shown(const MonStrip *self, struct lane_span span, const struct strip_word *words, guint count)
{
    bool is_same = self->span.from_ns == span.from_ns && self->span.to_ns == span.to_ns && self->words->len == count;
    for (guint i = 0; i < count && is_same; i++) {
        const struct strip_word *shown = &g_array_index(self->words, struct strip_word, i);
        is_same = shown->time_ns == words[i].time_ns && shown->align == words[i].align &&
                  strcmp(shown->text, words[i].text) == 0;
    }
    return is_same;
}

void mon_strip_show(MonStrip *self, struct lane_span span, const struct strip_word *words, guint count)
{
    if (is_shown(self, span, words, count))
        return;
    self->span = span;
    g_array_set_size(self->words, 0);
    g_array_append_vals(self->words, words, count);
    gtk_widget_queue_draw(GTK_WIDGET(self));
}
