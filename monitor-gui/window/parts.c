#include "window/parts.h"

#define LAST_CLASS "mproc-last-class"
#define TOOLTIP    "mproc-tooltip"

#define TOOLTIP_CHARS 60

static void add_classes(GtkWidget *widget, const char *classes)
{
    g_auto(GStrv) all = g_strsplit(classes, " ", -1);
    for (char **class = all; *class != NULL; class ++)
        if ((*class)[0] != '\0')
            gtk_widget_add_css_class(widget, *class);
}

GtkWidget *parts_short_label(const char *text, const char *classes)
{
    GtkWidget *label = gtk_label_new(text);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_single_line_mode(GTK_LABEL(label), TRUE);
    /* As long as it is empty GTK 4.8 would read out what kind of widget it is. */
    parts_set_accessible_label(label, text);
    add_classes(label, classes);
    return label;
}

GtkWidget *parts_label(const char *text, const char *classes)
{
    GtkWidget *label = parts_short_label(text, classes);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
    return label;
}

GtkWidget *parts_path_label(const char *classes)
{
    GtkWidget *label = parts_short_label("", classes);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_MIDDLE);
    return label;
}

void parts_wrap(GtkWidget *label, PangoWrapMode mode, PangoAttribute *more)
{
    g_autoptr(PangoAttrList) attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
    if (more != NULL)
        pango_attr_list_insert(attributes, more);
    gtk_label_set_attributes(GTK_LABEL(label), attributes);
    gtk_label_set_single_line_mode(GTK_LABEL(label), FALSE);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(label), mode);
}

GtkWidget *parts_paragraph(const char *text, const char *classes)
{
    GtkWidget *label = parts_short_label(text, classes);
    parts_wrap(label, PANGO_WRAP_WORD_CHAR, NULL);
    return label;
}

static void on_stop_search(GtkSearchEntry *search, gpointer data)
{
    (void)data;
    gtk_widget_activate_action(GTK_WIDGET(search), "win.escape", NULL);
}

GtkWidget *parts_search(void)
{
    GtkWidget *search = gtk_search_entry_new();
    g_signal_connect(search, "stop-search", G_CALLBACK(on_stop_search), NULL);
    return search;
}

GtkWidget *parts_inscription(const char *classes)
{
    GtkWidget *text = gtk_inscription_new(NULL);
    gtk_inscription_set_min_chars(GTK_INSCRIPTION(text), 0);
    gtk_inscription_set_nat_chars(GTK_INSCRIPTION(text), 0);
    gtk_inscription_set_text_overflow(GTK_INSCRIPTION(text), GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
    add_classes(text, classes);
    return text;
}

void parts_set_text(GtkWidget *label, const char *text)
{
    if (GTK_IS_INSCRIPTION(label))
        gtk_inscription_set_text(GTK_INSCRIPTION(label), text);
    else if (g_strcmp0(gtk_label_get_label(GTK_LABEL(label)), text) != 0)
        gtk_label_set_text(GTK_LABEL(label), text);
}

void parts_set_format(GtkWidget *label, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    parts_set_text(label, text);
}

/* A tooltip's own label: what it says is so now, for as long as it is shown. */
static GtkWidget *tooltip_of(GtkWidget *widget)
{
    return g_object_get_data(G_OBJECT(widget), TOOLTIP);
}

static GtkWidget *own_tooltip(GtkWidget *widget)
{
    GtkWidget *label = tooltip_of(widget);
    if (label == NULL) {
        label = g_object_ref_sink(parts_paragraph("", ""));
        gtk_label_set_max_width_chars(GTK_LABEL(label), TOOLTIP_CHARS);
        gtk_widget_set_hexpand(label, TRUE);
        g_object_set_data_full(G_OBJECT(widget), TOOLTIP, label, g_object_unref);
    }
    return label;
}

void parts_show_tooltip(GtkWidget *widget, GtkTooltip *tooltip, const char *text)
{
    parts_set_text(own_tooltip(widget), text);
    gtk_tooltip_set_custom(tooltip, tooltip_of(widget));
}

void parts_renew_tooltip(GtkWidget *widget, const char *text)
{
    if (tooltip_of(widget) != NULL)
        parts_set_text(tooltip_of(widget), text);
}

const char *parts_get_tooltip(GtkWidget *widget)
{
    return gtk_widget_get_has_tooltip(widget) ? gtk_label_get_text(GTK_LABEL(tooltip_of(widget))) : NULL;
}

static gboolean on_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer data)
{
    (void)x, (void)y, (void)keyboard, (void)data;
    gtk_tooltip_set_custom(tooltip, tooltip_of(widget));
    return TRUE;
}

void parts_set_tooltip(GtkWidget *widget, const char *text)
{
    const char *wanted = text != NULL && text[0] != '\0' ? text : NULL;
    if (g_strcmp0(parts_get_tooltip(widget), wanted) == 0)
        return;
    if (tooltip_of(widget) == NULL)
        g_signal_connect(widget, "query-tooltip", G_CALLBACK(on_tooltip), NULL);
    parts_set_text(own_tooltip(widget), wanted != NULL ? wanted : "");
    gtk_widget_set_has_tooltip(widget, wanted != NULL);
    parts_set_accessible_description(widget, wanted != NULL ? wanted : "");
}

void parts_keep_width(GtkWidget *label)
{
    int width;
    gtk_widget_measure(label, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &width, NULL, NULL);
    gtk_widget_set_size_request(label, width, -1);
}

void parts_set_class(GtkWidget *widget, const char *class)
{
    const char *last = g_object_get_data(G_OBJECT(widget), LAST_CLASS);
    if (g_strcmp0(last != NULL ? last : "", class) == 0)
        return;
    if (last != NULL)
        gtk_widget_remove_css_class(widget, last);
    if (class[0] != '\0')
        gtk_widget_add_css_class(widget, class);
    g_object_set_data_full(G_OBJECT(widget), LAST_CLASS, class[0] != '\0' ? g_strdup(class) : NULL, g_free);
}

void parts_toggle_class(GtkWidget *widget, const char *class, bool has)
{
    if (has)
        gtk_widget_add_css_class(widget, class);
    else
        gtk_widget_remove_css_class(widget, class);
}

/* ---- Buttons ---- */

/* label: in it, NULL if it has none. */
static GtkWidget *button_around(GtkWidget *child, GtkWidget *label, const char *classes, const char *action)
{
    GtkWidget *button = gtk_button_new();
    gtk_button_set_child(GTK_BUTTON(button), child);
    if (label != NULL)
        parts_set_labelled_by(button, label);
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    add_classes(button, classes);
    if (action != NULL)
        gtk_actionable_set_detailed_action_name(GTK_ACTIONABLE(button), action);
    return button;
}

GtkWidget *parts_button(const char *text, const char *classes, const char *action)
{
    GtkWidget *label = gtk_label_new(text);
    return button_around(label, label, classes, action);
}

GtkWidget *parts_target_button(const char *text, const char *classes, const char *action)
{
    GtkWidget *button = parts_button(text, classes, NULL);
    gtk_actionable_set_action_target(GTK_ACTIONABLE(button), "i", 0);
    gtk_actionable_set_action_name(GTK_ACTIONABLE(button), action);
    return button;
}

static GtkWidget *picture_button(GtkWidget *picture, const char *text, const char *classes, const char *action)
{
    if (text == NULL)
        return button_around(picture, NULL, classes, action);
    GtkWidget *row = parts_row(8);
    parts_add(row, picture);
    return button_around(row, parts_add(row, gtk_label_new(text)), classes, action);
}

GtkWidget *parts_glyph_button(enum glyph glyph, const char *text, const char *classes, const char *action)
{
    return picture_button(mon_glyph_new(glyph), text, classes, action);
}

GtkWidget *parts_icon_button(const char *icon, const char *text, const char *classes, const char *action)
{
    return picture_button(gtk_image_new_from_icon_name(icon), text, classes, action);
}

/* ---- Boxes ---- */

GtkWidget *parts_row(int spacing)
{
    return gtk_box_new(GTK_ORIENTATION_HORIZONTAL, spacing);
}

GtkWidget *parts_column(int spacing)
{
    return gtk_box_new(GTK_ORIENTATION_VERTICAL, spacing);
}

GtkWidget *parts_hair(GtkOrientation orientation)
{
    GtkWidget *hair = gtk_box_new(orientation, 0);
    gtk_widget_add_css_class(hair, "hair");
    return hair;
}

GtkWidget *parts_add(GtkWidget *box, GtkWidget *child)
{
    gtk_box_append(GTK_BOX(box), child);
    return child;
}

void parts_set_margins(GtkWidget *widget, int start_end, int top, int bottom)
{
    gtk_widget_set_margin_start(widget, start_end);
    gtk_widget_set_margin_end(widget, start_end);
    gtk_widget_set_margin_top(widget, top);
    gtk_widget_set_margin_bottom(widget, bottom);
}

void parts_clear(GtkWidget *box)
{
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(box)) != NULL)
        gtk_box_remove(GTK_BOX(box), child);
}

bool parts_is_narrow(GtkWidget *widget)
{
    GtkRoot *root = gtk_widget_get_root(widget);
    return root != NULL && gtk_widget_has_css_class(GTK_WIDGET(root), "narrow");
}

int parts_page_width(GtkWidget *page)
{
    GtkWidget *stack = gtk_widget_get_parent(page);
    return gtk_widget_get_width(stack != NULL ? stack : page);
}

/* ---- Others ---- */

void parts_redraw(GtkWidget *widget)
{
    gtk_widget_queue_draw(widget);
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL;
         child = gtk_widget_get_next_sibling(child))
        parts_redraw(child);
}

void parts_set_accessible_label(GtkWidget *widget, const char *text)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

void parts_set_labelled_by(GtkWidget *widget, GtkWidget *label)
{
    gtk_accessible_update_relation(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY, label, NULL, -1);
}

void parts_set_accessible_description(GtkWidget *widget, const char *text)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void hide_others(GtkStack *stack)
{
    GtkWidget *seen = gtk_stack_get_visible_child(stack);
    for (GtkWidget *child = gtk_widget_get_first_child(GTK_WIDGET(stack)); child != NULL;
         child = gtk_widget_get_next_sibling(child))
        gtk_accessible_update_state(GTK_ACCESSIBLE(child), GTK_ACCESSIBLE_STATE_HIDDEN, child != seen, -1);
}

void parts_follow_stack(GtkWidget *stack)
{
    g_signal_connect(stack, "notify::visible-child", G_CALLBACK(hide_others), NULL);
    hide_others(GTK_STACK(stack));
}

void parts_copy(GtkWidget *widget, const char *text)
{
    gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), text);
}

#define MIDDLE_WIDTH 600

/* A label would have as much room as its text wants, or as all of its line does: now it has what there is. */
void parts_add_middle(GtkWidget *page, GtkWidget *column)
{
    for (GtkWidget *child = gtk_widget_get_first_child(column); child != NULL;
         child = gtk_widget_get_next_sibling(child))
        if (GTK_IS_LABEL(child))
            gtk_label_set_max_width_chars(GTK_LABEL(child), 1);
    gtk_widget_set_size_request(column, MIDDLE_WIDTH, -1);
    gtk_widget_set_valign(column, GTK_ALIGN_CENTER);
    gtk_widget_set_halign(column, GTK_ALIGN_CENTER);
    gtk_widget_set_hexpand(column, TRUE);
    parts_add(page, column);
}
