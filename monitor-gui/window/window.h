/* The window: frame, tabs and pages around one view of the desk. */
#ifndef MPROC_WINDOW_WINDOW_H
#define MPROC_WINDOW_WINDOW_H

#include "window/desk.h"
#include "window/pages.h"
#include "window/settings.h"
#include <gtk/gtk.h>

#define MON_TYPE_WINDOW (mon_window_get_type())
G_DECLARE_FINAL_TYPE(MonWindow, mon_window, MON, WINDOW, GtkApplicationWindow)

/** The desk becomes the window's; the settings stay the caller's, and outlive it. */
GtkWidget *mon_window_new(GtkApplication *application, MonDesk *desk, struct settings *settings);

MonDesk *mon_window_get_desk(MonWindow *self);

/** Shows a page by its name: "overview", "workers", "log" and so on. */
void mon_window_show_page(MonWindow *self, const char *name);

/** The display stands still, or goes on. */
void mon_window_freeze(MonWindow *self, bool is_frozen);

/** Opens a recording, and remembers that: it is in the sidebar of the next run. */
void mon_window_open(MonWindow *self, const char *path);

/** Closes what is over, or a recording, and remembers that one no more. */
void mon_window_close(MonWindow *self, struct watch *watch);

/** Says for a while what was done. */
void mon_window_say(MonWindow *self, const char *text);

/** Shows everything as it is now. */
void mon_window_refresh(MonWindow *self);

/** What is behind the window's actions (window_actions.c). */
void mon_window_add_actions(MonWindow *self);
bool mon_window_is_frozen(MonWindow *self);
void mon_window_toggle_sidebar(MonWindow *self);
GtkWidget *mon_window_get_page(MonWindow *self);
const struct page *mon_window_get_known(MonWindow *self);
GtkWidget *mon_window_get_scrub(MonWindow *self);

#endif
