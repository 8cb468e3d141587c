#include "window/pane.h"

#include "window/parts.h"

void pane_make(GtkWidget *box)
{
    gtk_orientable_set_orientation(GTK_ORIENTABLE(box), GTK_ORIENTATION_VERTICAL);
    gtk_widget_add_css_class(box, "pane");
    gtk_widget_set_size_request(box, PANE_WIDTH, -1);
}

GtkWidget *pane_part(GtkWidget *pane, int spacing)
{
    GtkWidget *part = parts_column(spacing);
    gtk_widget_add_css_class(part, "part");
    return parts_add(pane, part);
}

GtkWidget *pane_section(GtkWidget *pane, const char *title, GtkWidget **ret_note)
{
    GtkWidget *section = pane_part(pane, 6), *head = parts_add(section, parts_row(8));
    GtkWidget *label = parts_add(head, parts_label(title, "section"));
    gtk_widget_set_hexpand(label, TRUE);
    *ret_note = parts_add(head, parts_short_label("", "caption"));
    return section;
}

GtkWidget *pane_section_head(GtkWidget *section)
{
    return gtk_widget_get_first_child(section);
}

GtkWidget *pane_section_title(GtkWidget *section)
{
    return gtk_widget_get_first_child(pane_section_head(section));
}

static GtkWidget *new_text(const char *classes)
{
    GtkWidget *text = parts_short_label("", classes);
    gtk_label_set_single_line_mode(GTK_LABEL(text), FALSE);
    gtk_label_set_wrap(GTK_LABEL(text), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(text), PANGO_WRAP_CHAR);
    gtk_label_set_max_width_chars(GTK_LABEL(text), 40);
    gtk_label_set_selectable(GTK_LABEL(text), TRUE);
    gtk_widget_set_focusable(text, FALSE);
    return text;
}

GtkWidget *pane_quote(void)
{
    return new_text("mono quote");
}

GtkWidget *pane_cause(void)
{
    return new_text("section");
}

struct pane_head pane_add_head(GtkWidget *part)
{
    GtkWidget *row = parts_add(part, parts_row(8));
    struct pane_head head = { .close = parts_icon_button("window-close-symbolic", NULL, "mini", NULL) };
    head.glyph = parts_add(row, mon_glyph_new(GLYPH_NONE));
    head.title = parts_add(row, parts_label("", "title"));
    gtk_widget_set_hexpand(head.title, TRUE);
    head.when = parts_add(row, parts_short_label("", "caption"));
    parts_add(row, head.close);
    parts_set_tooltip(head.close, "Close (Esc)");
    parts_set_accessible_label(head.close, "Close");
    return head;
}

void pane_set_quote(GtkWidget *quote, const char *text, const char *otherwise)
{
    g_autofree char *shown = g_strchomp(g_strdup(text[0] != '\0' ? text : otherwise));
    parts_set_text(quote, shown);
}
