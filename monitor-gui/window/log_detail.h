/* The chosen line of the log, whole, since in the table its end may be out of sight; and ways to what it tells of. */
#ifndef MPROC_WINDOW_LOG_DETAIL_H
#define MPROC_WINDOW_LOG_DETAIL_H

#include "window/log_rows.h"
#include <gtk/gtk.h>

#define MON_TYPE_LOG_DETAIL (mon_log_detail_get_type())
G_DECLARE_FINAL_TYPE(MonLogDetail, mon_log_detail, MON, LOG_DETAIL, GtkBox)

/** Emits "closed" when the user closes it. */
GtkWidget *mon_log_detail_new(void);

/** row: the chosen one, of the view's pool; NULL if none is, then nothing is seen. */
void mon_log_detail_show(MonLogDetail *self, const struct view *view, const struct log_row *row);

#endif
