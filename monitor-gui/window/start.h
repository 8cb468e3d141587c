/* Starting a program that is to be watched. */
#ifndef MPROC_WINDOW_START_H
#define MPROC_WINDOW_START_H

#include "window/desk.h"
#include <gtk/gtk.h>

/** Starts the program with watching turned on, and has the desk look at it once it can be watched; it lives on when the
 * monitor ends. arguments: end with NULL. Errors: those of platform_program_start; ret_why: why, for g_free. */
int start_program(MonDesk *desk, const char *const *arguments, char **ret_why);

/** The words of a line, as a shell takes it apart, for g_strfreev; where paths have backslashes these are themselves.
 * NULL with ret_why, for g_free, if it cannot be taken apart. */
char **start_split(const char *line, char **ret_why);

/** Asks which, and starts it. */
void start_ask(GtkWindow *parent, MonDesk *desk);

#endif
