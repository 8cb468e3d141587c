/* Questions before something is destroyed, or about a number. Esc is the harmless answer. */
#ifndef MPROC_WINDOW_CONFIRM_H
#define MPROC_WINDOW_CONFIRM_H

#include <gtk/gtk.h>
#include <stdbool.h>

struct confirm {
    const char *head, *text;
    const char *no, *yes; /**< on the buttons; yes destroys something, unless it is about a number */
    int number;           /**< that is proposed, from 1 to number_max */
    int number_max;       /**< 0: it is no question about a number */
    /** The user wants it done. */
    void (*confirmed)(int number, void *user);
    /** What it is about may be gone before it is answered: then why, as a sentence for g_free, else NULL. The question
     * closes by itself and that is said. NULL: it cannot be gone. */
    char *(*gone)(void *user);
    /** What there is to say changes until it is answered: the text as it is by now, for g_free. NULL: it stays. */
    char *(*say)(void *user);
    void *user;
    GDestroyNotify free_user; /**< when the question is over; or NULL */
};

/** Asks; the texts may go when it returns. */
void confirm_ask(GtkWindow *parent, const struct confirm *confirm);

/** Says something that is to be known, with one button. Returns the window, which goes with its parent. */
GtkWidget *confirm_tell(GtkWindow *parent, const char *head, const char *text);

#endif
