/* The small things that all of the window is made of. */
#ifndef MPROC_WINDOW_PARTS_H
#define MPROC_WINDOW_PARTS_H

#include "window/glyph.h"

/** A label at the start of its place, with style classes of style.css, separated by blanks. It never widens what it
 * stands in: what does not fit ends in an ellipsis. */
GtkWidget *parts_label(const char *text, const char *classes);

/** One for the path of a file: where there is no room its middle is left out. */
GtkWidget *parts_path_label(const char *classes);

/** The same with its full width, for what must not be cut. */
GtkWidget *parts_short_label(const char *text, const char *classes);

/** A text of as many lines as it needs. */
GtkWidget *parts_paragraph(const char *text, const char *classes);
/** Lets a label break its lines, in words, too, and that without a hyphen: in a path or a name it would be taken for a
 * part of that. more: another attribute of its text, which is taken; or NULL. */
void parts_wrap(GtkWidget *label, PangoWrapMode mode, PangoAttribute *more);

/** An entry for what is looked for. Esc does the same in it as anywhere in the window. */
GtkWidget *parts_search(void);

/** A text that takes the room that there is. However often it changes, nothing is laid out anew. */
GtkWidget *parts_inscription(const char *classes);

/** Sets a label's text, or an inscription's, if it is another one: nothing is laid out anew for nothing. */
void parts_set_text(GtkWidget *label, const char *text);
void parts_set_format(GtkWidget *label, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** Sets a widget's tooltip, NULL for none. What says something else all the time may have one: GTK's own text would be
 * shown anew each time, in a window of its own, wherever the pointer happens to rest. This one changes where it is. */
void parts_set_tooltip(GtkWidget *widget, const char *text);
/** NULL: it has none. */
const char *parts_get_tooltip(GtkWidget *widget);

/** In answer to "query-tooltip" of a widget that has no other tooltip; and what it says from now on, if it had one. */
void parts_show_tooltip(GtkWidget *widget, GtkTooltip *tooltip, const char *text);
void parts_renew_tooltip(GtkWidget *widget, const char *text);

/** Keeps a label as wide as the widest text that it has had: its neighbours stay where they are. */
void parts_keep_width(GtkWidget *label);

/** Gives the widget a class, or takes it away. */
void parts_toggle_class(GtkWidget *widget, const char *class, bool has);
/** Gives a widget this class, "" for none, instead of the one that the last call gave it. */
void parts_set_class(GtkWidget *widget, const char *class);

/** A button with words, and with a glyph before them. action: as in GtkActionable, or NULL. */
GtkWidget *parts_button(const char *text, const char *classes, const char *action);
GtkWidget *parts_glyph_button(enum glyph glyph, const char *text, const char *classes, const char *action);
GtkWidget *parts_icon_button(const char *icon, const char *text, const char *classes, const char *action);

/** A button for an action with a number as its target: 0, until it is set. */
GtkWidget *parts_target_button(const char *text, const char *classes, const char *action);

GtkWidget *parts_row(int spacing);
GtkWidget *parts_column(int spacing);
GtkWidget *parts_hair(GtkOrientation orientation);

/** Appends to a box, and returns the child. */
GtkWidget *parts_add(GtkWidget *box, GtkWidget *child);

void parts_set_margins(GtkWidget *widget, int start_end, int top, int bottom);

/** Removes all children of a box. */
void parts_clear(GtkWidget *box);

/** Whether the window that it is in has no room for everything. */
bool parts_is_narrow(GtkWidget *widget);

/** The room that a page of a stack has across, also where it has not been seen yet, or not since that has changed. */
int parts_page_width(GtkWidget *page);

/** Draws all of a widget anew: colours have changed that no style sheet tells it of. */
void parts_redraw(GtkWidget *widget);

/** Says to assistive technology what a widget shows; that it is what this label says; and what more there is to say,
 * of a cell its column. */
void parts_set_accessible_label(GtkWidget *widget, const char *text);
void parts_set_labelled_by(GtkWidget *widget, GtkWidget *label);
void parts_set_accessible_description(GtkWidget *widget, const char *text);

/** Has assistive technology see of a stack what is seen of it: GTK 4.8 shows it the hidden pages too. Once all are in
 * it. */
void parts_follow_stack(GtkWidget *stack);

/** Puts a text on the clipboard. */
void parts_copy(GtkWidget *widget, const char *text);

/** Adds a column of words to a page that has nothing else: in its middle, as wide as on all such pages, whatever the
 * words are. */
void parts_add_middle(GtkWidget *page, GtkWidget *column);

#endif
