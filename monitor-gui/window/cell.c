#include "window/cell.h"

#include "window/bar.h"
#include "window/parts.h"
#include "window/path_text.h"

#define FILL_WIDTH  90
#define FILL_HEIGHT 6

static const char *full_text(GtkWidget *widget)
{
    GtkWidget *parent = gtk_widget_get_parent(widget);
    return MON_IS_PATH_TEXT(parent) ? mon_path_text_get(MON_PATH_TEXT(parent))
                                    : gtk_inscription_get_text(GTK_INSCRIPTION(widget));
}

/* The full text, where it is cut. */
static gboolean query_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer data)
{
    (void)x, (void)y, (void)keyboard, (void)data;
    const char *text = full_text(widget);
    int width;
    if (text == NULL || text[0] == '\0')
        return FALSE;
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, text);
    pango_layout_get_pixel_size(layout, &width, NULL);
    parts_show_tooltip(widget, tooltip, text);
    return width > gtk_widget_get_width(widget);
}

static GtkWidget *new_text(const struct table_column *column)
{
    GtkWidget *text = gtk_inscription_new(NULL);
    GtkInscription *inscription = GTK_INSCRIPTION(text);
    gtk_inscription_set_min_chars(inscription, 0);
    gtk_inscription_set_nat_chars(inscription, 0);
    gtk_inscription_set_xalign(inscription, column->end ? 1 : 0);
    gtk_inscription_set_text_overflow(inscription, column->kind == TABLE_PATH
                                                       ? GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_MIDDLE
                                                       : GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
    gtk_widget_set_hexpand(text, TRUE);
    gtk_widget_set_valign(text, GTK_ALIGN_CENTER);
    gtk_widget_set_has_tooltip(text, TRUE);
    g_signal_connect(text, "query-tooltip", G_CALLBACK(query_tooltip), NULL);
    parts_set_accessible_description(text, column->title);
    return text;
}

GtkWidget *cell_new(const struct table_column *column)
{
    if (column->kind == TABLE_GLYPH)
        return mon_glyph_new_alone();
    if (column->kind == TABLE_TEXT)
        return new_text(column);
    if (column->kind == TABLE_PATH || column->kind == TABLE_LINE)
        return mon_path_text_new(GTK_INSCRIPTION(new_text(column)));
    GtkWidget *row = parts_row(column->kind == TABLE_STATE ? 6 : 8);
    if (column->kind == TABLE_STATE)
        parts_add(row, mon_glyph_new(GLYPH_NONE));
    if (column->kind == TABLE_FILL)
        mon_bar_set_size(MON_BAR(parts_add(row, mon_bar_new())), FILL_WIDTH, FILL_HEIGHT);
    parts_add(row, new_text(column));
    if (column->kind == TABLE_BAR)
        parts_add(row, mon_bar_new());
    return row;
}

/* The text of a cell; a shape that stands alone. */
static GtkWidget *reader_of(GtkWidget *cell)
{
    for (GtkWidget *child = gtk_widget_get_first_child(cell); child != NULL; child = gtk_widget_get_next_sibling(child))
        if (GTK_IS_INSCRIPTION(child))
            return child;
    return cell;
}

void cell_name(GtkWidget *cell)
{
    GtkWidget *place = gtk_widget_get_parent(cell), *row = place != NULL ? gtk_widget_get_parent(place) : NULL;
    if (row == NULL)
        return;
    parts_set_labelled_by(place, reader_of(cell));
    parts_set_accessible_label(row, "");
}

static void show_text(GtkWidget *text, const struct table_cell *shown)
{
    if (g_strcmp0(gtk_inscription_get_text(GTK_INSCRIPTION(text)), shown->words.text) != 0)
        gtk_inscription_set_text(GTK_INSCRIPTION(text), shown->words.text);
    parts_set_class(text, shown->class != NULL ? shown->class : "");
}

static enum palette_color bar_color(const struct table_cell *shown)
{
    return g_strcmp0(shown->class, "warn") == 0 ? PALETTE_warn : PALETTE_accent;
}

void cell_show(GtkWidget *cell, const struct table_column *column, const struct table_cell *shown)
{
    switch (column->kind) {
    case TABLE_GLYPH:
        mon_glyph_set(MON_GLYPH(cell), shown->glyph);
        break;
    case TABLE_STATE:
        mon_glyph_set(MON_GLYPH(gtk_widget_get_first_child(cell)), shown->glyph);
        show_text(gtk_widget_get_last_child(cell), shown);
        break;
    case TABLE_BAR:
        show_text(gtk_widget_get_first_child(cell), shown);
        mon_bar_set(MON_BAR(gtk_widget_get_last_child(cell)), shown->part, bar_color(shown));
        break;
    case TABLE_FILL:
        mon_bar_set(MON_BAR(gtk_widget_get_first_child(cell)), shown->part, bar_color(shown));
        show_text(gtk_widget_get_last_child(cell), shown);
        break;
    case TABLE_PATH:
    case TABLE_LINE:
        mon_path_text_set(MON_PATH_TEXT(cell), shown->words.text);
        parts_set_class(cell, shown->class != NULL ? shown->class : "");
        break;
    case TABLE_TEXT:
        show_text(cell, shown);
        break;
    }
    parts_renew_tooltip(reader_of(cell), shown->words.text);
}
