/* What may be asked of a pool, and why not. */
#ifndef MPROC_WINDOW_GRANTS_H
#define MPROC_WINDOW_GRANTS_H

#include "window/desk.h"

/** NULL if the verb (enum record_verb) may be asked of the view's pool; else why not, as a sentence. */
const char *grants_why_not(const struct view *view, unsigned verb);
/** Whether it may ever be allowed: of a recording, or what has ended, nothing will be asked any more. */
bool grants_can_be(const struct view *view);

#endif
