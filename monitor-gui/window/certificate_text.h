/* What a death certificate says, as text: no widget is known here. Each function's result is for g_free. */
#ifndef MPROC_WINDOW_CERTIFICATE_TEXT_H
#define MPROC_WINDOW_CERTIFICATE_TEXT_H

#include "model/text.h"
#include "window/desk.h"
#include "window/glyph.h"

/** "pid 41319 · lived 3 min 41 s · 31 204 tasks · peak 48.2 MB". */
char *certificate_life(const struct record_death *death);
/** "task 186 377 · attempt 1 of 2 · had run 4.1 ms". */
char *certificate_task(const struct model *model, const struct record_death *death);
/** What stands for its stack, where there is none. */
const char *certificate_no_stack(const struct record_death *death);

/** A line of what was decided. */
struct decision {
    int64_t after_ns; /**< INT64_MAX: it has not come to that, or is not known when */
    enum glyph glyph;
    char *text; /**< for g_free */
};
#define DECISIONS_MAX 6
/** What came of it, in that order: of the worker, of its task, of the task's next attempt, and if that ended with its
 * worker, too, of the one after it. Returns how many lines. */
size_t certificate_decisions(const struct model *model, const struct record_death *death,
                             struct decision ret_decisions[DECISIONS_MAX]);

/** "+29 ms"; "" of what has no time. */
struct number_text decision_after(const struct decision *decision);

/** All of it. */
char *certificate_text(const struct view *view, const struct record_death *death);

#endif
