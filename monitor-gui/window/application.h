/* The application: one window, its theme, its keys, its settings. */
#ifndef MPROC_WINDOW_APPLICATION_H
#define MPROC_WINDOW_APPLICATION_H

#include <gtk/gtk.h>

#define MON_TYPE_APPLICATION (mon_application_get_type())
G_DECLARE_FINAL_TYPE(MonApplication, mon_application, MON, APPLICATION, GtkApplication)

/** Knows the command line: --pid PID, --page NAME, recordings, and behind "--" a program to start and to watch.
 * program_words: how many arguments are the program's, as main has counted them. */
GtkApplication *mon_application_new(int program_words);

#endif
