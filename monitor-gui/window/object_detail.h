/* The chosen lock or queue: who holds it since when and from where, and who waits for it. */
#ifndef MPROC_WINDOW_OBJECT_DETAIL_H
#define MPROC_WINDOW_OBJECT_DETAIL_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_OBJECT_DETAIL (mon_object_detail_get_type())
/** Emits "closed" when its button is pressed. */
G_DECLARE_FINAL_TYPE(MonObjectDetail, mon_object_detail, MON, OBJECT_DETAIL, GtkBox)

GtkWidget *mon_object_detail_new(void);
/** object: NULL if none is chosen, and nothing is seen. */
void mon_object_detail_show(MonObjectDetail *self, const struct view *view, const struct model_object *object);

#endif
