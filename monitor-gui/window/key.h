/* The square by which a function is known on a timeline: its colour, and its letter. */
#ifndef MPROC_WINDOW_KEY_H
#define MPROC_WINDOW_KEY_H

#include "window/lane_words.h"
#include <gtk/gtk.h>

#define MON_TYPE_KEY (mon_key_get_type())
G_DECLARE_FINAL_TYPE(MonKey, mon_key, MON, KEY, GtkWidget)

GtkWidget *mon_key_new(void);
void mon_key_show(MonKey *self, const struct lane_key *key);

#endif
