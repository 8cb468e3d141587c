/* Questions before something is destroyed, or about a number. Esc is the harmless answer. */
#ifndef MPROC_WINDOW_CONFIRM_H
#define MPROC_WINDOW_CONFIRM_H

#include <gtk/gtk.h>

typedef void confirm_fn(int number, void *user);

/** confirmed is told the number if the user wants it done. user outlives the parent window's children. */
void confirm_ask(GtkWindow *parent, const char *head, const char *text, const char *no, const char *yes,
                 confirm_fn *confirmed, int number, void *user);

/** Says something that is to be known, with one button. */
void confirm_tell(GtkWindow *parent, const char *head, const char *text);

/** Asks for a number, from 1 to 4096. */
void confirm_number(GtkWindow *parent, const char *head, const char *text, int number, const char *yes,
                    confirm_fn *confirmed, void *user);

#endif
