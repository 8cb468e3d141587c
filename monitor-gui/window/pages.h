/* The pages of a pool, in the order of their tabs. */
#ifndef MPROC_WINDOW_PAGES_H
#define MPROC_WINDOW_PAGES_H

#include "window/desk.h"
#include <gtk/gtk.h>

struct page {
    const char *name, *title;
    GtkWidget *(*create)(void);
    /** Shows a view, which has a pool; called a few times a second while the page is seen. */
    void (*show)(GtkWidget *page, const struct view *view);
    /** How much has gone wrong there: more than when it was looked at last is a dot on its tab; NULL: never. */
    uint64_t (*troubles)(const struct view *view);
    /** The keyboard asks for its search entry, or to close its detail; may be NULL. */
    void (*search)(GtkWidget *page);
    bool (*escape)(GtkWidget *page);
    /** Shows what came since its rows were last put in order; may be NULL. */
    void (*renew)(GtkWidget *page);
    /** The text of the chosen row, to be copied; for g_free, NULL if there is none. May be NULL. */
    char *(*copy)(GtkWidget *page);
    /** The action that ends what is chosen, "win.kill-worker(2)", for the key Delete; for g_free, NULL if nothing is.
     * May be NULL. */
    char *(*remove)(GtkWidget *page);
    bool says_deadlocks; /**< itself, so that no notice need do it */
};

#define PAGES_MAX 8

extern const struct page pages[];
extern const size_t page_count;

#endif
