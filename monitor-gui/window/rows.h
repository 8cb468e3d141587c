/* A list model of a number of rows, and of nothing else: what is in them the table asks for, of those that are seen.
 *
 * It is a selection model too, for tables of which several rows can be chosen: GTK's own has an object for each row
 * that is chosen, and that may be a million.
 */
#ifndef MPROC_WINDOW_ROWS_H
#define MPROC_WINDOW_ROWS_H

#include <gtk/gtk.h>

#define MON_TYPE_ROWS (mon_rows_get_type())
G_DECLARE_FINAL_TYPE(MonRows, mon_rows, MON, ROWS, GObject)

MonRows *mon_rows_new(void);

/** Rows are added to or removed from the end: one change, however many that are. */
void mon_rows_set_count(MonRows *self, guint count);
guint mon_rows_get_count(const MonRows *self);

/** There are fewer rows from now on. Those from first on, to before end, which have widgets, are the last to go: those
 * behind them go first, then those before them, so that their widgets become other rows'. */
void mon_rows_cut(MonRows *self, guint count, guint first, guint end);

#endif
