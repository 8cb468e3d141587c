/* What a pane beside a table is made of: a head, and sections with texts in quotes. */
#ifndef MPROC_WINDOW_PANE_H
#define MPROC_WINDOW_PANE_H

#include <gtk/gtk.h>

#define PANE_WIDTH 372

/** Makes a box a pane. */
void pane_make(GtkWidget *box);

/** Has what is known of a row beside its table, or below it, where half is the table's. For each time that it may have
 * been opened, or the room may be another one. */
void pane_turn(GtkWidget *paned, bool is_below);

/** Below its table it gets the room that this, a MonTable, does not need for its rows, unless the user has moved the
 * border. After each change of the rows. */
void pane_fit(GtkWidget *paned, GtkWidget *table);

/** A column at the end of a pane, with a line below it. */
GtkWidget *pane_part(GtkWidget *pane, int spacing);

/** The same with a head, and a note at the head's end. */
GtkWidget *pane_section(GtkWidget *pane, const char *title, GtkWidget **ret_note);

/** The title and the row that it stands in, of a section. */
GtkWidget *pane_section_head(GtkWidget *section);
GtkWidget *pane_section_title(GtkWidget *section);

/** Text of the watched program, in lines as long as the pane is wide; it can be selected. */
GtkWidget *pane_quote(void);

/** What stands on top: a shape, a title, a time and a button that closes, the cause as a heading, what is behind it,
 * hidden at first, and some words. */
struct pane_head {
    GtkWidget *glyph, *title, *when, *cause, *behind, *note;
};

/** Adds it to a pane, which has a signal "closed". */
struct pane_head pane_add_head(GtkWidget *pane);

/** Makes a box what stands below a table as wide as that, and has a signal "closed": its head is one line with a button
 * that closes. Returns the line, to be filled. */
GtkWidget *pane_make_strip(GtkWidget *box);

/** A stack, or words where there is none. */
struct pane_stack {
    GtkWidget *box, *frames, *places;
};
struct pane_stack pane_stack(void);
void pane_set_stack(const struct pane_stack *pane, const char *stack, const char *otherwise);

/** Sets a quote's text: otherwise, where there is none. */
void pane_set_quote(GtkWidget *quote, const char *text, const char *otherwise);

#endif
