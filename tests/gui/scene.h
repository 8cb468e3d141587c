/* A window on a display without a screen (xvfb-run), for tests that look at its widgets. */
#ifndef TEST_GUI_SCENE_H
#define TEST_GUI_SCENE_H

#include "replays.h"
#include "test.h"
#include "window/window.h"

extern GtkWidget *window;
extern MonDesk *desk;

/** Shows a window of that size; skips the test where there is no display. One that is named is to be there. */
void begin(int width, int height);
void end(void);

/** A recording that was opened in an earlier run; before begin. And whether the next run would know it. */
void remember(const char *path);
bool is_remembered(const char *path);

/** Does something of the main loop, and is true: a condition that it is part of is asked once more. */
bool go_on(void);
/** For conditions that wait for a program to be found, or to be gone. */
void look_for_programs(void);
#define SHOWN(condition) WAIT_UNTIL(go_on() && (condition))

/** Lets the window be for that long, whatever happens in it. */
void let_pass(int64_t ms);

/** Waits until the window was drawn anew that many times: what GTK says against it has been said by then. */
void let_draw(unsigned times);

/** Starts gui_sample as a process that can be watched, and looks at it until its first pool is shown. */
os_program *begin_sample(void);
/** Kills it, and waits until the window says so. */
void end_sample(os_program *program);

/** Starts a program that can be watched, and looks at it until its first pool is shown; kills it, and waits until
 * nothing is left of it. */
os_program *begin_program(const char *const *arguments);
void end_program(os_program *program);
/** Waits until nothing is left of one that has ended. */
void wait_swept(void);

/** The first widget below that one which shows a text with that part; NULL if none does. */
GtkWidget *find(GtkWidget *widget, const char *text);
bool is_seen(const char *text);

/** The index-th widget of a type that is seen; NULL if there are fewer, and index is what is missing. */
GtkWidget *find_nth(GtkWidget *widget, GType type, int *index);

/** What a label or a cell says; NULL of other widgets. */
const char *text_of(GtkWidget *widget);

/** An action of the window, "win.page::log". */
void activate(const char *action);

#endif
