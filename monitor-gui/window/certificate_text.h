/* What a death certificate says, as text: no widget is known here. Each function's result is for g_free. */
#ifndef MPROC_WINDOW_CERTIFICATE_TEXT_H
#define MPROC_WINDOW_CERTIFICATE_TEXT_H

#include "window/desk.h"
#include "window/glyph.h"

/** "pid 41319 · life 2 · left after 31 204 tasks". */
char *certificate_life(const struct record_death *death);
/** "task 186 377 · attempt 1". */
char *certificate_task(const struct record_death *death);

/** A line of what was decided. */
struct decision {
    int64_t after_ns;
    enum glyph glyph;
    char *text; /**< for g_free */
};
#define DECISIONS_MAX 3
/** In the order in which it was decided; returns how many lines. */
size_t certificate_decisions(const struct record_death *death, struct decision ret_decisions[DECISIONS_MAX]);

/** All of it. */
char *certificate_text(const struct view *view, const struct record_death *death);

#endif
