#include "window/circle.h"

#include "window/canvas.h"
#include "window/circle_layout.h"
#include "window/parts.h"

#define LINE         1.6
#define HEAD         6.0 /* of an arrow */
#define ARROW_MARGIN 2.0
#define DASH         5.0
#define TITLE_SIZE   13.0
#define NOTE_SIZE    11.5

struct _MonCircle {
    GtkWidget parent_instance;
    struct circle_node nodes[2 * CIRCLE_MAX];
    size_t count;
};

G_DEFINE_TYPE(MonCircle, mon_circle, GTK_TYPE_WIDGET)

/* ---- Nodes ---- */

static void trace_box(cairo_t *cairo, const struct circle_box *box, double radius)
{
    double right = box->x + box->width, bottom = box->y + box->height;
    cairo_new_sub_path(cairo);
    cairo_arc(cairo, right - radius, box->y + radius, radius, -G_PI / 2, 0);
    cairo_arc(cairo, right - radius, bottom - radius, radius, 0, G_PI / 2);
    cairo_arc(cairo, box->x + radius, bottom - radius, radius, G_PI / 2, G_PI);
    cairo_arc(cairo, box->x + radius, box->y + radius, radius, G_PI, 1.5 * G_PI);
    cairo_close_path(cairo);
}

/* Threads are told from what they wait for by their shape; the line stays within its box. */
static void draw_frame(cairo_t *cairo, const struct circle_node *node, const struct circle_box *box)
{
    struct circle_box inner = { box->x + LINE / 2, box->y + LINE / 2, box->width - LINE, box->height - LINE };
    GdkRGBA color = palette_color(node->is_thread ? PALETTE_bad : PALETTE_text);
    gdk_cairo_set_source_rgba(cairo, &color);
    cairo_set_line_width(cairo, LINE);
    trace_box(cairo, &inner, node->is_thread ? 0.5 : inner.height / 2);
    cairo_stroke(cairo);
}

static void draw_words(GtkWidget *widget, GtkSnapshot *snapshot, const struct circle_node *node,
                       const struct circle_box *box)
{
    double width = box->width - 16, x = box->x + 8;
    canvas_text_middle(widget, snapshot, node->title, x, box->y + 5, width, TITLE_SIZE, true, PALETTE_text);
    canvas_text_middle(widget, snapshot, node->note, x, box->y + 23, width, NOTE_SIZE, false, PALETTE_dim);
}

/* ---- Arrows ---- */

struct arrow {
    double x0, y0, x1, y1;
};

/* Between neighbours on a row it goes along the row, else from row to row. Two nodes have two arrows side by side. */
static struct arrow arrow_between(const struct circle_box *from, const struct circle_box *to, double aside)
{
    double middle_x = from->x + from->width / 2, middle_y = from->y + from->height / 2 + aside;
    if (to->x > from->x)
        return (struct arrow){ from->x + from->width + ARROW_MARGIN, middle_y, to->x - ARROW_MARGIN, middle_y };
    if (to->x < from->x)
        return (struct arrow){ from->x - ARROW_MARGIN, middle_y, to->x + to->width + ARROW_MARGIN, middle_y };
    if (to->y > from->y)
        return (struct arrow){ middle_x, from->y + from->height + ARROW_MARGIN, middle_x, to->y - ARROW_MARGIN };
    return (struct arrow){ middle_x, from->y - ARROW_MARGIN, middle_x, to->y + to->height + ARROW_MARGIN };
}

static void draw_head(cairo_t *cairo, const struct arrow *arrow)
{
    cairo_save(cairo);
    cairo_translate(cairo, arrow->x1, arrow->y1);
    cairo_rotate(cairo, atan2(arrow->y1 - arrow->y0, arrow->x1 - arrow->x0));
    cairo_move_to(cairo, 0, 0);
    cairo_line_to(cairo, -HEAD - 1, -HEAD / 2 - 0.5);
    cairo_line_to(cairo, -HEAD - 1, HEAD / 2 + 0.5);
    cairo_close_path(cairo);
    cairo_fill(cairo);
    cairo_restore(cairo);
}

static void draw_arrow(cairo_t *cairo, const struct arrow *arrow, bool is_dashed)
{
    const double dashes[] = { DASH, DASH / 2 + 1 };
    GdkRGBA color = palette_color(PALETTE_bad);
    gdk_cairo_set_source_rgba(cairo, &color);
    cairo_set_line_width(cairo, LINE);
    cairo_set_dash(cairo, dashes, is_dashed ? 2 : 0, 0);
    cairo_move_to(cairo, arrow->x0, arrow->y0);
    cairo_line_to(cairo, arrow->x1, arrow->y1);
    cairo_stroke(cairo);
    cairo_set_dash(cairo, NULL, 0, 0);
    draw_head(cairo, arrow);
}

static void draw_label(GtkWidget *widget, GtkSnapshot *snapshot, const struct arrow *arrow, const char *text,
                       bool is_below)
{
    bool is_across = arrow->y0 == arrow->y1;
    double x = (arrow->x0 + arrow->x1) / 2, y = (arrow->y0 + arrow->y1) / 2;
    canvas_text(widget, snapshot, text, is_across ? x : x + 8, is_across ? is_below ? y + 2 : y - 17 : y - 8,
                is_across ? 0.5 : 0, NOTE_SIZE, false, PALETTE_text);
}

/* ---- The widget ---- */

static void draw_step(MonCircle *self, GtkSnapshot *snapshot, cairo_t *cairo, size_t index)
{
    GtkWidget *widget = GTK_WIDGET(self);
    double width = gtk_widget_get_width(widget), aside = self->count > 2 ? 0 : index == 0 ? -7 : 7;
    struct circle_box from = circle_place(self->count, index, width);
    struct circle_box to = circle_place(self->count, (index + 1) % self->count, width);
    struct arrow arrow = arrow_between(&from, &to, aside);
    bool waits = self->nodes[index].is_thread;
    draw_frame(cairo, &self->nodes[index], &from);
    draw_arrow(cairo, &arrow, waits);
    draw_words(widget, snapshot, &self->nodes[index], &from);
    draw_label(widget, snapshot, &arrow, waits ? "waits for" : "held by", aside > 0);
}

static void mon_circle_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    MonCircle *self = MON_CIRCLE(widget);
    graphene_rect_t area =
        GRAPHENE_RECT_INIT(0, 0, (float)gtk_widget_get_width(widget), (float)gtk_widget_get_height(widget));
    if (self->count == 0)
        return;
    cairo_t *cairo = gtk_snapshot_append_cairo(snapshot, &area);
    for (size_t i = 0; i < self->count; i++)
        draw_step(self, snapshot, cairo, i);
    cairo_destroy(cairo);
}

static void mon_circle_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                               int *minimum_baseline, int *natural_baseline)
{
    (void)for_size;
    size_t count = MON_CIRCLE(widget)->count;
    bool is_width = orientation == GTK_ORIENTATION_HORIZONTAL;
    *minimum = count == 0 ? 0 : is_width ? circle_least_width(count) : circle_height(count);
    *natural = count == 0 ? 0 : is_width ? circle_width(count) : circle_height(count);
    *minimum_baseline = *natural_baseline = -1;
}

static void mon_circle_class_init(MonCircleClass *class)
{
    GTK_WIDGET_CLASS(class)->snapshot = mon_circle_snapshot;
    GTK_WIDGET_CLASS(class)->measure = mon_circle_measure;
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_IMG);
}

static void mon_circle_init(MonCircle *self)
{
    gtk_widget_set_valign(GTK_WIDGET(self), GTK_ALIGN_CENTER);
}

GtkWidget *mon_circle_new(void)
{
    return g_object_new(MON_TYPE_CIRCLE, NULL);
}

static void say_aloud(MonCircle *self)
{
    g_autoptr(GString) label = g_string_new("Deadlock: ");
    for (size_t i = 0; i < self->count; i++)
        g_string_append_printf(label, "%s %s ", self->nodes[i].title,
                               self->nodes[i].is_thread ? "waits for" : "is held by");
    g_string_append(label, self->nodes[0].title);
    parts_set_accessible_label(GTK_WIDGET(self), label->str);
}

void mon_circle_show(MonCircle *self, const struct circle_node *nodes, size_t count)
{
    bool is_same = self->count == count && memcmp(self->nodes, nodes, count * sizeof *nodes) == 0;
    if (is_same)
        return;
    if (self->count != count)
        gtk_widget_queue_resize(GTK_WIDGET(self));
    memcpy(self->nodes, nodes, count * sizeof *nodes);
    self->count = count;
    if (count > 0)
        say_aloud(self);
    gtk_widget_queue_draw(GTK_WIDGET(self));
}
