#include "window/pane.h"

#include "window/parts.h"
#include "window/stack_text.h"
#include "window/table.h"

void pane_make(GtkWidget *box)
{
    gtk_orientable_set_orientation(GTK_ORIENTABLE(box), GTK_ORIENTATION_VERTICAL);
    gtk_widget_add_css_class(box, "pane");
    gtk_widget_set_size_request(box, PANE_WIDTH, -1);
}

#define TABLE_HEIGHT 230
#define TURN         "mproc-turn"

/* How it stands now, and where the border was put, at which height of all, if it is below. */
struct turn {
    bool is_open, is_below, is_moved;
    int position, height;
};

static struct turn *turn_of(GtkWidget *paned)
{
    struct turn *turn = g_object_get_data(G_OBJECT(paned), TURN);
    if (turn == NULL) {
        turn = g_new0(struct turn, 1);
        g_object_set_data_full(G_OBJECT(paned), TURN, turn, g_free);
    }
    return turn;
}

static int most_of_table(GtkWidget *paned)
{
    return MAX(gtk_widget_get_height(paned) / 2, TABLE_HEIGHT);
}

/* GtkPaned 4.8 takes the room that it had across for that which it had down, and leaves the table none: therefore the
 * table does not become smaller than that. */
static void put_border(GtkWidget *paned, int position)
{
    struct turn *turn = turn_of(paned);
    turn->position = position;
    turn->height = gtk_widget_get_height(paned);
    gtk_widget_set_size_request(gtk_paned_get_start_child(GTK_PANED(paned)), -1, MIN(position, TABLE_HEIGHT));
    gtk_paned_set_position(GTK_PANED(paned), position);
}

static void keep_table(GtkWidget *paned, bool is_kept)
{
    gtk_paned_set_shrink_start_child(GTK_PANED(paned), !is_kept);
    if (is_kept) {
        put_border(paned, most_of_table(paned));
        return;
    }
    gtk_widget_set_size_request(gtk_paned_get_start_child(GTK_PANED(paned)), -1, -1);
    g_object_set(paned, "position-set", FALSE, NULL);
}

/* Where the user has moved the border stays until the pane is opened anew. */
void pane_turn(GtkWidget *paned, bool is_below)
{
    bool is_open = gtk_widget_get_visible(gtk_paned_get_end_child(GTK_PANED(paned)));
    bool is_begun = g_object_get_data(G_OBJECT(paned), TURN) != NULL;
    struct turn *turn = turn_of(paned);
    if (is_begun && turn->is_open == is_open && turn->is_below == is_below)
        return;
    *turn = (struct turn){ .is_open = is_open, .is_below = is_below };
    gtk_orientable_set_orientation(GTK_ORIENTABLE(paned),
                                   is_below ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
    keep_table(paned, is_below && is_open);
}

void pane_fit(GtkWidget *paned, GtkWidget *table)
{
    struct turn *turn = turn_of(paned);
    int height = gtk_widget_get_height(paned), table_height = gtk_widget_get_height(table);
    if (!turn->is_open || !turn->is_below || table_height == 0)
        return;
    turn->is_moved |= height == turn->height && gtk_paned_get_position(GTK_PANED(paned)) != turn->position;
    int around = gtk_widget_get_height(gtk_paned_get_start_child(GTK_PANED(paned))) - table_height;
    int wanted = MIN(around + mon_table_get_whole_height(MON_TABLE(table)), most_of_table(paned));
    if (!turn->is_moved && (wanted != turn->position || height != turn->height))
        put_border(paned, wanted);
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
    parts_wrap(text, PANGO_WRAP_CHAR, NULL);
    gtk_label_set_max_width_chars(GTK_LABEL(text), 40);
    gtk_label_set_selectable(GTK_LABEL(text), TRUE);
    gtk_widget_set_focusable(text, FALSE);
    return text;
}

GtkWidget *pane_quote(void)
{
    return new_text("mono quote");
}

/* ---- The head ---- */

static void on_close(GtkButton *button, GtkWidget *pane)
{
    (void)button;
    g_signal_emit_by_name(pane, "closed");
}

static GtkWidget *new_close(GtkWidget *pane)
{
    GtkWidget *close = parts_icon_button("window-close-symbolic", NULL, "mini", NULL);
    parts_set_tooltip(close, "Close (Esc)");
    parts_set_accessible_label(close, "Close");
    g_signal_connect(close, "clicked", G_CALLBACK(on_close), pane);
    return close;
}

struct pane_head pane_add_head(GtkWidget *pane)
{
    GtkWidget *part = pane_part(pane, 1), *row = parts_add(part, parts_row(8));
    struct pane_head head = { .glyph = parts_add(row, mon_glyph_new(GLYPH_NONE)) };
    head.title = parts_add(row, parts_label("", "title"));
    gtk_widget_set_hexpand(head.title, TRUE);
    head.when = parts_add(row, parts_short_label("", "caption"));
    parts_add(row, new_close(pane));
    head.cause = parts_add(part, new_text("section"));
    gtk_label_set_wrap_mode(GTK_LABEL(head.cause), PANGO_WRAP_WORD_CHAR);
    head.behind = parts_add(part, new_text("caption"));
    gtk_label_set_wrap_mode(GTK_LABEL(head.behind), PANGO_WRAP_WORD_CHAR);
    gtk_widget_set_visible(head.behind, FALSE);
    head.note = parts_add(part, parts_label("", "caption"));
    return head;
}

GtkWidget *pane_make_strip(GtkWidget *box)
{
    gtk_orientable_set_orientation(GTK_ORIENTABLE(box), GTK_ORIENTATION_VERTICAL);
    gtk_widget_add_css_class(box, "causes");
    GtkWidget *head = parts_add(box, parts_row(12)), *line = parts_add(head, parts_row(12));
    gtk_widget_set_hexpand(line, TRUE);
    parts_add(head, new_close(box));
    return line;
}

/* ---- A stack ---- */

struct pane_stack pane_stack(void)
{
    struct pane_stack pane = { .box = parts_row(12) };
    gtk_widget_add_css_class(pane.box, "quote");
    pane.frames = parts_add(pane.box, new_text("mono"));
    pane.places = parts_add(pane.box, new_text("mono dim"));
    gtk_widget_set_hexpand(pane.frames, TRUE);
    gtk_label_set_wrap(GTK_LABEL(pane.places), FALSE);
    gtk_label_set_ellipsize(GTK_LABEL(pane.places), PANGO_ELLIPSIZE_MIDDLE);
    gtk_label_set_xalign(GTK_LABEL(pane.places), 1);
    gtk_label_set_justify(GTK_LABEL(pane.places), GTK_JUSTIFY_RIGHT);
    return pane;
}

/* The function that the fault was in. */
static void embolden(GtkWidget *frames, const struct stack_text *text)
{
    PangoAttribute *bold = pango_attr_weight_new(PANGO_WEIGHT_BOLD);
    bold->start_index = text->own_begin;
    bold->end_index = text->own_end;
    parts_wrap(frames, PANGO_WRAP_CHAR, bold);
}

/* A line is a frame: none may be broken, or the two columns would no longer stand side by side. */
void pane_set_stack(const struct pane_stack *pane, const char *stack, const char *otherwise)
{
    struct stack_text text = stack_text_of(stack);
    bool is_stack = stack_is_told(stack);
    embolden(pane->frames, &text);
    gtk_label_set_wrap(GTK_LABEL(pane->frames), !is_stack);
    gtk_label_set_ellipsize(GTK_LABEL(pane->frames), is_stack ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
    parts_set_text(pane->frames, is_stack ? text.frames : otherwise);
    parts_set_text(pane->places, is_stack ? text.places : "");
    gtk_widget_set_visible(pane->places, is_stack);
    parts_set_tooltip(pane->frames, is_stack ? stack : NULL);
    stack_text_clear(&text);
}

void pane_set_quote(GtkWidget *quote, const char *text, const char *otherwise)
{
    g_autofree char *shown = g_strchomp(g_strdup(text[0] != '\0' ? text : otherwise));
    parts_set_text(quote, shown);
}
