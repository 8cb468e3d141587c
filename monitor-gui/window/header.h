/* The header bar: the sidebar's button, the tabs of the pages, what can be done with the display, the menu. */
#ifndef MPROC_WINDOW_HEADER_H
#define MPROC_WINDOW_HEADER_H

#include "window/dots.h"
#include <gtk/gtk.h>

/** Its widgets belong to the window of which bar is the title bar. */
struct header {
    GtkWidget *bar, *head, *tabs, *live, *freeze, *record, *freeze_label, *record_label;
};

/** stack: of the pages, for which it has tabs. */
void header_make(struct header *ret_header, GtkStack *stack);

/** has_pages: the view is shown on pages, and not by a word on what is the matter. */
void header_show(const struct header *header, const struct view *view, bool has_pages);
/** What the dots on the tabs mean, as tooltips. */
void header_show_dots(const struct header *header, const struct dots *dots);
void header_show_buttons(const struct header *header, const struct view *view);

/** Where there is no room buttons have no words. */
void header_set_narrow(const struct header *header, bool is_narrow);

#endif
