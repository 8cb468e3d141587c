#include "window/canvas.h"

#define HATCH_GAP 6
#define NOTE_EDGE 6

static PangoLayout *new_layout(GtkWidget *widget, const char *text, double pixels, bool is_bold)
{
    PangoLayout *layout = gtk_widget_create_pango_layout(widget, text);
    g_autoptr(PangoAttrList) attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_size_new_absolute((int)(pixels * PANGO_SCALE)));
    pango_attr_list_insert(attributes, pango_attr_font_features_new("tnum=1"));
    if (is_bold)
        pango_attr_list_insert(attributes, pango_attr_weight_new(PANGO_WEIGHT_BOLD));
    pango_layout_set_attributes(layout, attributes);
    return layout;
}

/* Words that a widget draws each time anew are laid out once. They are forgotten when they have become too many, all
 * at once: most of what changes does not come back. */
#define WORDS     "mproc-words"
#define WORDS_MAX 256u
#define ANY_WIDTH 0

static GHashTable *words_of(GtkWidget *widget)
{
    GHashTable *words = g_object_get_data(G_OBJECT(widget), WORDS);
    if (words == NULL) {
        words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_object_unref);
        g_object_set_data_full(G_OBJECT(widget), WORDS, words, (GDestroyNotify)g_hash_table_unref);
    }
    if (g_hash_table_size(words) >= WORDS_MAX)
        g_hash_table_remove_all(words);
    return words;
}

static void keep_within(PangoLayout *layout, int width)
{
    pango_layout_set_width(layout, width);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
}

/* The widget's own, which keeps it at least until the next one is asked for. width: by Pango's measure. */
static PangoLayout *known_layout(GtkWidget *widget, const char *text, double pixels, bool is_bold, int width)
{
    g_autofree char *key = g_strdup_printf("%g %d %d %s", pixels, is_bold, width, text);
    GHashTable *words = words_of(widget);
    PangoLayout *layout = g_hash_table_lookup(words, key);
    if (layout == NULL) {
        layout = new_layout(widget, text, pixels, is_bold);
        if (width != ANY_WIDTH)
            keep_within(layout, width);
        g_hash_table_insert(words, g_steal_pointer(&key), layout);
    }
    return layout;
}

static void draw_layout(GtkSnapshot *snapshot, PangoLayout *layout, double x, double y, const GdkRGBA *color)
{
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT((float)(int)x, (float)y));
    gtk_snapshot_append_layout(snapshot, layout, color);
    gtk_snapshot_restore(snapshot);
}

int canvas_text(GtkWidget *widget, GtkSnapshot *snapshot, const char *text, double x, double y, double align,
                double pixels, bool is_bold, enum palette_color color)
{
    GdkRGBA drawn = palette_color_in(widget, color);
    PangoLayout *layout = known_layout(widget, text, pixels, is_bold, ANY_WIDTH);
    int width;
    pango_layout_get_pixel_size(layout, &width, NULL);
    draw_layout(snapshot, layout, x - align * width, y, &drawn);
    return width;
}

void canvas_text_middle(GtkWidget *widget, GtkSnapshot *snapshot, const char *text, double x, double y, double width,
                        double pixels, bool is_bold, enum palette_color color)
{
    GdkRGBA drawn = palette_color_in(widget, color);
    g_autoptr(PangoLayout) layout = new_layout(widget, text, pixels, is_bold);
    pango_layout_set_width(layout, (int)width * PANGO_SCALE);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER);
    draw_layout(snapshot, layout, x, y, &drawn);
}

void canvas_text_within(GtkWidget *widget, GtkSnapshot *snapshot, const char *text, double x, double y, double width,
                        double pixels, enum palette_color color)
{
    GdkRGBA drawn = palette_color_in(widget, color);
    if (width >= 1)
        draw_layout(snapshot, known_layout(widget, text, pixels, false, (int)(width * PANGO_SCALE)), x, y, &drawn);
}

void canvas_note(GtkWidget *widget, GtkSnapshot *snapshot, const char *text, const graphene_rect_t *box, double pixels)
{
    GdkRGBA ground = palette_color(PALETTE_bg), drawn = palette_color_in(widget, PALETTE_dim);
    PangoLayout *layout = known_layout(widget, text, pixels, false, ANY_WIDTH);
    int width, height;
    pango_layout_get_pixel_size(layout, &width, &height);
    double x = box->origin.x + (box->size.width - width) / 2, y = box->origin.y + (box->size.height - height) / 2;
    if (width + 2 * NOTE_EDGE > box->size.width || height > box->size.height)
        return;
    canvas_box(snapshot, (int)x - NOTE_EDGE, (int)y, width + 2 * NOTE_EDGE, height, &ground);
    draw_layout(snapshot, layout, x, (int)y, &drawn);
}

void canvas_glyph(GtkSnapshot *snapshot, enum glyph glyph, double x, double y, const GdkRGBA *color)
{
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT((float)(int)x, (float)(int)y));
    cairo_t *cairo = gtk_snapshot_append_cairo(snapshot, &GRAPHENE_RECT_INIT(0, 0, GLYPH_SIZE, GLYPH_SIZE));
    glyph_draw(cairo, glyph, color);
    cairo_destroy(cairo);
    gtk_snapshot_restore(snapshot);
}

void canvas_box(GtkSnapshot *snapshot, double x, double y, double width, double height, const GdkRGBA *color)
{
    if (width > 0 && height > 0)
        gtk_snapshot_append_color(snapshot, color,
                                  &GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height));
}

/* As a gradient: as so many lines it would take milliseconds. */
void canvas_hatch(GtkSnapshot *snapshot, double x, double y, double width, double height, const GdkRGBA *color)
{
    graphene_point_t from = GRAPHENE_POINT_INIT((float)x, (float)y);
    graphene_point_t to = GRAPHENE_POINT_INIT((float)x + HATCH_GAP / 2.0f, (float)y + HATCH_GAP / 2.0f);
    const float edge = (float)(G_SQRT2 / HATCH_GAP); /* one pixel of the way from line to line */
    GdkRGBA none = *color;
    none.alpha = 0;
    const GskColorStop stops[] = { { 0, *color }, { edge, none }, { 1 - edge, none }, { 1, *color } };
    if (width > 0 && height > 0)
        gtk_snapshot_append_repeating_linear_gradient(
            snapshot, &GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height), &from, &to, stops,
            G_N_ELEMENTS(stops));
}

void canvas_dashes(GtkSnapshot *snapshot, double x, double y, double width, double height, double dash,
                   const GdkRGBA *color)
{
    for (double at = 0; at < width + height; at += 2 * dash)
        canvas_box(snapshot, width > 0 ? x + at : x, width > 0 ? y : y + at, width > 0 ? MIN(dash, width - at) : 1,
                   width > 0 ? 1 : MIN(dash, height - at), color);
}
