/* What a pane beside a table is made of: a head, and sections with texts in quotes. */
#ifndef MPROC_WINDOW_PANE_H
#define MPROC_WINDOW_PANE_H

#include <gtk/gtk.h>

#define PANE_WIDTH 372

/** Makes a box a pane. */
void pane_make(GtkWidget *box);

/** A column at the end of a pane, with a line below it. */
GtkWidget *pane_part(GtkWidget *pane, int spacing);

/** The same with a head, and a note at the head's end. */
GtkWidget *pane_section(GtkWidget *pane, const char *title, GtkWidget **ret_note);

/** The title and the row that it stands in, of a section. */
GtkWidget *pane_section_head(GtkWidget *section);
GtkWidget *pane_section_title(GtkWidget *section);

/** Text of the watched program, in lines as long as the pane is wide; it can be selected. */
GtkWidget *pane_quote(void);

/** The same as a heading. */
GtkWidget *pane_cause(void);

struct pane_head {
    GtkWidget *glyph, *title, *when, *close;
};

/** A row with a shape, a title, a time and a button that closes. */
struct pane_head pane_add_head(GtkWidget *part);

/** Sets a quote's text: otherwise, where there is none. */
void pane_set_quote(GtkWidget *quote, const char *text, const char *otherwise);

#endif
