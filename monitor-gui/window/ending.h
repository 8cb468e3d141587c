/* Ends that come from outside: Ctrl-C, SIGTERM and SIGHUP, and a display that is gone. */
#ifndef MPROC_WINDOW_ENDING_H
#define MPROC_WINDOW_ENDING_H

/** From now on the first request to end is told in the main loop; a second one ends the program at once. */
void ending_begin(void (*asked)(void *user), void *user);

/** Says on stderr that the display is gone, before GTK ends the program for that. Behind gtk_init. */
void ending_say_display(void);

#endif
