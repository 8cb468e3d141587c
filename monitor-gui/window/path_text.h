/* A line of text with a path in it, as calls have them. Where there is no room for all of it the path loses directories
 * from its beginning, since it is the file that tells one call from another; then what a call was called with loses its
 * middle. Where that is not enough a sentence stays as it is and loses its end; any other line more of its middle. */
#ifndef MPROC_WINDOW_PATH_TEXT_H
#define MPROC_WINDOW_PATH_TEXT_H

#include <gtk/gtk.h>
#include <stdbool.h>

#define MON_TYPE_PATH_TEXT (mon_path_text_get_type())
G_DECLARE_FINAL_TYPE(MonPathText, mon_path_text, MON, PATH_TEXT, GtkWidget)

/** text: which is to show it; what it shows is a sentence if it is one that loses its end. To who does not see it, it
 * says all. */
GtkWidget *mon_path_text_new(GtkInscription *text);

void mon_path_text_set(MonPathText *self, const char *text);
/** All of it. */
const char *mon_path_text_get(MonPathText *self);

/** Takes one more directory from the longest path in a text: parse("2023/06/a.txt"), parse("…/06/a.txt"),
 * parse("…/a.txt"). False, with nothing done, if there is none to take. */
bool path_text_shorten(GString *text);

/** How many characters a text can lose from the beginning of what is left of its path, or from the middle of what a
 * call was called with, so that the end of that is kept. */
glong path_text_spare(const char *text);

/** Takes so many characters from there, then from the text around it, which has an ellipsis in their place. */
void path_text_cut(GString *text, glong count);

#endif
