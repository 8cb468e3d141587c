/* The chosen line of the log, whole: in the table its end may be out of sight. */
#ifndef MPROC_WINDOW_LOG_DETAIL_H
#define MPROC_WINDOW_LOG_DETAIL_H

#include <gtk/gtk.h>

#define MON_TYPE_LOG_DETAIL (mon_log_detail_get_type())
G_DECLARE_FINAL_TYPE(MonLogDetail, mon_log_detail, MON, LOG_DETAIL, GtkBox)

/** Emits "closed" when the user closes it. */
GtkWidget *mon_log_detail_new(void);

/** message: NULL if no line is chosen, then it is not seen. head: when it was, and of whom it tells. */
void mon_log_detail_show(MonLogDetail *self, const char *head, const char *message);

#endif
