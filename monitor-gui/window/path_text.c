#include "window/path_text.h"

#include "window/parts.h"

#define CUT        "\xe2\x80\xa6"
#define KEPT_CHARS 6 /* of what a call was called with, at its end: a file has an extension, and a number before that */

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

/* ---- The middle of a text ---- */

/* Where a text is cut, and what stands on both sides, in characters. */
struct hole {
    const char *at, *behind; /* between them is an ellipsis, or nothing */
    glong before, after;
    glong spare_before, spare_after; /* which go first */
};

/* What a call was called with: parse("a.txt"). False if there is none. */
static bool find_input(const char *text, const char **ret_first, const char **ret_end)
{
    const char *end = strrchr(text, ')');
    for (const char *at = text; end != NULL && at < end; at++)
        if (*at == '(' && at > text && (g_ascii_isalnum(at[-1]) || at[-1] == '_')) {
            *ret_first = at + 1;
            *ret_end = end;
            return true;
        }
    return false;
}

static glong chars(const char *from, const char *to)
{
    return g_utf8_strlen(from, to - from);
}

/* Of an input that has no path, so that both of its ends are kept. */
static void find_middle(struct hole *hole, const char *text)
{
    const char *first = text, *end = text + strlen(text);
    bool has_input = find_input(text, &first, &end);
    glong count = chars(first, end), spare = MAX(count - 2 * KEPT_CHARS, 0);
    hole->at = hole->behind = g_utf8_offset_to_pointer(first, count / 2);
    hole->spare_before = has_input ? spare / 2 : 0;
    hole->spare_after = has_input ? spare - spare / 2 : 0;
}

static struct hole find_hole(const char *text)
{
    struct hole hole = { .at = strstr(text, CUT) };
    if (hole.at != NULL) {
        hole.behind = hole.at + strlen(CUT);
        hole.spare_after = MAX(g_utf8_strlen(hole.behind, (gssize)strcspn(hole.behind, "\"' (),;")) - KEPT_CHARS, 0);
    } else
        find_middle(&hole, text);
    hole.before = chars(text, hole.at);
    hole.after = g_utf8_strlen(hole.behind, -1);
    return hole;
}

glong path_text_spare(const char *text)
{
    struct hole hole = find_hole(text);
    return hole.spare_before + hole.spare_after;
}

void path_text_cut(GString *text, glong count)
{
    struct hole hole = find_hole(text->str);
    glong spare = MIN(hole.spare_before + hole.spare_after, count), more = count - spare;
    glong spared_after = hole.spare_before > 0 ? spare / 2 : spare;
    glong after = MIN(hole.after, spared_after + more / 2), before = MIN(hole.before, count - after);
    const char *first = g_utf8_offset_to_pointer(hole.at, -before);
    const char *end = g_utf8_offset_to_pointer(hole.behind, after);
    gssize at = first - text->str;
    if (count <= 0)
        return;
    g_string_erase(text, at, end - first);
    g_string_insert(text, at, CUT);
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

/* As few characters go as have to, of at most that many; false if that is not enough. */
static bool cut_to_fit(GString *text, PangoLayout *layout, int width, glong most)
{
    glong least = 0; /* so few are too few */
    g_autofree char *all = g_strdup(text->str);
    while (least < most) {
        glong count = (least + most) / 2;
        g_string_assign(text, all);
        path_text_cut(text, count);
        if (fits(layout, text->str, width))
            most = count;
        else
            least = count + 1;
    }
    g_string_assign(text, all);
    path_text_cut(text, most);
    return fits(layout, text->str, width);
}

/* A sentence loses its end where it would not be one otherwise. */
static void shorten_to_fit(MonPathText *self, GString *text, PangoLayout *layout)
{
    bool is_sentence =
        gtk_inscription_get_text_overflow(GTK_INSCRIPTION(self->shown)) == GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END;
    bool has_room = fits(layout, text->str, self->width);
    while (!has_room && path_text_shorten(text))
        has_room = fits(layout, text->str, self->width);
    glong most = is_sentence ? path_text_spare(text->str) : g_utf8_strlen(text->str, -1);
    if (!has_room && !cut_to_fit(text, layout, self->width, most) && is_sentence)
        g_string_assign(text, self->text);
}

/* Before it has a width it shows all. */
static void fit(MonPathText *self)
{
    self->font = font_of(self);
    g_autoptr(GString) text = g_string_new(self->text);
    g_autoptr(PangoLayout) layout = new_layout(self->shown);
    if (self->width > 0)
        shorten_to_fit(self, text, layout);
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
