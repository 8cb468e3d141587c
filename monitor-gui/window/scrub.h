/* The foot of a recording: play, step from death to death, and its whole length with what happened when. */
#ifndef MPROC_WINDOW_SCRUB_H
#define MPROC_WINDOW_SCRUB_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_SCRUB (mon_scrub_get_type())
G_DECLARE_FINAL_TYPE(MonScrub, mon_scrub, MON, SCRUB, GtkBox)

GtkWidget *mon_scrub_new(void);
/** Is not seen but of a recording. */
void mon_scrub_show(MonScrub *self, const struct view *view);

/** Plays or pauses; goes to the next death or the one before it. */
void mon_scrub_toggle(MonScrub *self);
void mon_scrub_step(MonScrub *self, int direction);

#endif
