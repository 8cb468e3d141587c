#include "window/palette.h"

static bool is_dark;

static const struct {
    const char *name;
    uint32_t light, dark;
} colors[] = {
#define PALETTE_ROW(name, light, dark) { #name, light, dark },
    PALETTE(PALETTE_ROW)
};

uint32_t palette_value(enum palette_color color, bool dark)
{
    return dark ? colors[color].dark : colors[color].light;
}

char *palette_style(bool dark)
{
    GString *style = g_string_new(NULL);
    for (int i = 0; i < PALETTE_COLORS; i++)
        g_string_append_printf(style, "@define-color mon_%s #%06x;\n", colors[i].name,
                               palette_value((enum palette_color)i, dark));
    return g_string_free(style, FALSE);
}

void palette_choose(bool dark)
{
    is_dark = dark;
}

GdkRGBA palette_color(enum palette_color color)
{
    uint32_t value = palette_value(color, is_dark);
    return (GdkRGBA){ (float)(value >> 16) / 255, (float)(value >> 8 & 0xff) / 255, (float)(value & 0xff) / 255, 1 };
}

#define STALE "mproc-stale"

void palette_set_stale(GtkWidget *widget, bool is_stale)
{
    g_object_set_data(G_OBJECT(widget), STALE, is_stale ? widget : NULL);
}

bool palette_is_stale(GtkWidget *widget)
{
    for (; widget != NULL; widget = gtk_widget_get_parent(widget))
        if (g_object_get_data(G_OBJECT(widget), STALE) != NULL)
            return true;
    return false;
}

GdkRGBA palette_color_in(GtkWidget *widget, enum palette_color color)
{
    bool may_fade = color == PALETTE_accent || color == PALETTE_warn || color == PALETTE_good || color == PALETTE_text;
    return palette_color(may_fade && palette_is_stale(widget) ? PALETTE_dim : color);
}
