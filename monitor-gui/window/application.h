/* The application: one window, its theme, its keys, its settings. */
#ifndef MPROC_WINDOW_APPLICATION_H
#define MPROC_WINDOW_APPLICATION_H

#include <gtk/gtk.h>

#define MON_TYPE_APPLICATION (mon_application_get_type())
G_DECLARE_FINAL_TYPE(MonApplication, mon_application, MON, APPLICATION, GtkApplication)

/** Knows the command line: --pid PID, --page NAME, files. program: the arguments of a program to start and to watch,
 * which end with NULL and stay; or NULL. */
GtkApplication *mon_application_new(const char *const *program);

#endif
