/* What is slow, failed or died in a pool. No widget is known here. */
#ifndef MPROC_WINDOW_TROUBLE_ROWS_H
#define MPROC_WINDOW_TROUBLE_ROWS_H

#include "window/desk.h"
#include "window/glyph.h"
#include "window/worker_rows.h"

struct trouble {
    enum glyph glyph;
    struct words call, about, when; /**< parse_page("0419.html"); why; how long ago */
    bool is_worker;                 /**< it is told of beside a worker, not a task */
    struct worker_row worker;
    struct task_key task;
};

#define TROUBLES_MAX 5

/** What runs too long now comes first: something can still be done about it. Then comes what is over, the last first;
 * what was slow is among it only where what failed leaves room. Returns how many there are. */
size_t troubles_collect(const struct view *view, struct trouble ret_troubles[TROUBLES_MAX]);

/** What to say where there is none, as far as was told and is looked at. */
struct words troubles_none(const struct view *view);

#endif
