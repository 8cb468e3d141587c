/* What is known of one worker: of a dead one why it died, what it was doing, what was decided and what it left; of a
 * living one what it does.
 */
#ifndef MPROC_WINDOW_CERTIFICATE_H
#define MPROC_WINDOW_CERTIFICATE_H

#include "window/worker_rows.h"
#include <gtk/gtk.h>

#define MON_TYPE_CERTIFICATE (mon_certificate_get_type())
/** Emits "closed" when it is to be closed. */
G_DECLARE_FINAL_TYPE(MonCertificate, mon_certificate, MON, CERTIFICATE, GtkBox)

GtkWidget *mon_certificate_new(void);
void mon_certificate_show(MonCertificate *self, const struct view *view, const struct worker_known *known);

/** All of it as text; for g_free. */
char *mon_certificate_text(MonCertificate *self);

#endif
