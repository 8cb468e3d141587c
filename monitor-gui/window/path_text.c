#include "window/path_text.h"

#include "window/parts.h"

#define CUT "\xe2\x80\xa6"

struct _MonPathText {
    GtkWidget parent_instance;
    GtkWidget *shown;
    char *text;
    int width;  /* for which it was fitted */
    guint font; /* with which: the serial of the context that text is drawn in */
};

G_DEFINE_TYPE(MonPathText, mon_path_text, GTK_TYPE_WIDGET)

/* ---- Paths in a text ---- */

/* Bytes of a text. */
struct span {
    gsize first, end;
};

static bool is_separator(char byte)
{
    return byte == '/' || byte == '\\';
}

/* Between quotes a path may have anything in it. */
static bool ends_path(char byte, bool is_quoted)
{
    return byte == '"' || (!is_quoted && strchr(" '(),;=<>[]{}", byte) != NULL);
}

/* What is to go from a path so that it has a directory less; what follows is a separator and more. */
static bool find_directory(const GString *text, struct span path, struct span *ret_gone)
{
    const char *bytes = text->str;
    gsize end = path.first;
    if (g_str_has_prefix(bytes + end, CUT))
        end += strlen(CUT);
    while (end < path.end && is_separator(bytes[end]))
        end++;
    while (end < path.end && !is_separator(bytes[end]))
        end++;
    while (end + 1 < path.end && is_separator(bytes[end + 1]))
        end++;
    *ret_gone = (struct span){ path.first, end };
    return end + 1 < path.end;
}

bool path_text_shorten(GString *text)
{
    struct span longest = { 0, 0 }, gone;
    bool is_quoted = false;
    for (gsize i = 0, first = 0; i <= text->len; i++) {
        if (i < text->len && !ends_path(text->str[i], is_quoted))
            continue;
        struct span path = { first, i }, found;
        if (path.end - path.first > longest.end - longest.first && find_directory(text, path, &found)) {
            longest = path;
            gone = found;
        }
        is_quoted ^= i < text->len && text->str[i] == '"';
        first = i + 1;
    }
    if (longest.end == 0)
        return false;
    g_string_erase(text, (gssize)gone.first, (gssize)(gone.end - gone.first));
    g_string_insert(text, (gssize)gone.first, CUT);
    return true;
}

/* ---- The widget ---- */

static bool fits(PangoLayout *layout, const char *text, int width)
{
    int needed;
    pango_layout_set_text(layout, text, -1);
    pango_layout_get_pixel_size(layout, &needed, NULL);
    return needed <= width;
}

/* Its figures are tabular, as the style sheet has them. */
static PangoLayout *new_layout(GtkWidget *widget)
{
    PangoLayout *layout = gtk_widget_create_pango_layout(widget, NULL);
    g_autoptr(PangoAttrList) attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_font_features_new("tnum=1"));
    pango_layout_set_attributes(layout, attributes);
    return layout;
}

/* Another font, or another scale of it, is another number. */
static guint font_of(MonPathText *self)
{
    return pango_context_get_serial(gtk_widget_get_pango_context(self->shown));
}

/* Before it has a width it shows all. */
static void fit(MonPathText *self)
{
    self->font = font_of(self);
    g_autoptr(GString) text = g_string_new(self->text);
    g_autoptr(PangoLayout) layout = new_layout(self->shown);
    while (self->width > 0 && !fits(layout, text->str, self->width) && path_text_shorten(text))
        continue;
    gtk_inscription_set_text(GTK_INSCRIPTION(self->shown), text->str);
    parts_set_accessible_label(self->shown, self->text);
}

void mon_path_text_set(MonPathText *self, const char *text)
{
    if (strcmp(self->text, text) == 0)
        return;
    g_free(self->text);
    self->text = g_strdup(text);
    fit(self);
}

const char *mon_path_text_get(MonPathText *self)
{
    return self->text;
}

static void mon_path_text_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                                  int *natural, int *minimum_baseline, int *natural_baseline)
{
    gtk_widget_measure(MON_PATH_TEXT(widget)->shown, orientation, for_size, minimum, natural, minimum_baseline,
                       natural_baseline);
}

static void mon_path_text_allocate(GtkWidget *widget, int width, int height, int baseline)
{
    MonPathText *self = MON_PATH_TEXT(widget);
    bool is_other = width != self->width || font_of(self) != self->font;
    self->width = width;
    if (is_other)
        fit(self);
    gtk_widget_allocate(self->shown, width, height, baseline, NULL);
}

static void mon_path_text_dispose(GObject *object)
{
    g_clear_pointer(&MON_PATH_TEXT(object)->shown, gtk_widget_unparent);
    G_OBJECT_CLASS(mon_path_text_parent_class)->dispose(object);
}

static void mon_path_text_finalize(GObject *object)
{
    g_free(MON_PATH_TEXT(object)->text);
    G_OBJECT_CLASS(mon_path_text_parent_class)->finalize(object);
}

static void mon_path_text_class_init(MonPathTextClass *class)
{
    G_OBJECT_CLASS(class)->dispose = mon_path_text_dispose;
    G_OBJECT_CLASS(class)->finalize = mon_path_text_finalize;
    GTK_WIDGET_CLASS(class)->measure = mon_path_text_measure;
    GTK_WIDGET_CLASS(class)->size_allocate = mon_path_text_allocate;
}

static void mon_path_text_init(MonPathText *self)
{
    self->text = g_strdup("");
}

GtkWidget *mon_path_text_new(GtkInscription *text)
{
    MonPathText *self = g_object_new(MON_TYPE_PATH_TEXT, NULL);
    self->shown = GTK_WIDGET(text);
    gtk_widget_set_parent(self->shown, GTK_WIDGET(self));
    return GTK_WIDGET(self);
}
