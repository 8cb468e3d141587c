/* The dots on tabs: on which pages more has gone wrong than when they were looked at last. */
#ifndef MPROC_WINDOW_DOTS_H
#define MPROC_WINDOW_DOTS_H

#include "window/pages.h"

/** Of the pool that is looked at: what had gone wrong when each page was looked at last. All zero at first. */
struct dots {
    struct watch *watch;
    uint32_t pool;
    uint64_t looked[PAGES_MAX];
    uint64_t news[PAGES_MAX]; /**< how much since then */
};

/** stack: with the pages by their names; seen: the index of the one that is looked at. */
void dots_show(struct dots *dots, GtkStack *stack, const struct view *view, size_t seen);

#endif
