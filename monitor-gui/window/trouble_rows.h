/* What is slow, failed or died in a pool: which of it is told of, in which order, and how much there is besides. No
 * widget is known here. */
#ifndef MPROC_WINDOW_TROUBLE_ROWS_H
#define MPROC_WINDOW_TROUBLE_ROWS_H

#include "window/trouble_words.h"

#define TROUBLES_MAX 5

struct troubles {
    struct trouble all[TROUBLES_MAX];
    size_t count;
    uint64_t failed;       /**< for good, and not among them: as many as the pool counts, or more that are known */
    uint64_t retried;      /**< tasks that are known, and not among them */
    bool has_failed_known; /**< one that failed for good is among them */
};

/** What failed for good, the last first, always has room. A task is told of once, with all its attempts: if another one
 * was made good of it, behind those that failed. What runs too long now comes first where there is room left, for
 * something can still be done about it; what was slow comes last. */
void troubles_collect(const struct view *view, struct troubles *ret_troubles);

/** How many more there are: "and 3 more failed, 12 more retried"; "" if there is no more. */
struct words troubles_more(const struct troubles *troubles);

/** What to say where there is none, as far as was told and is looked at. */
struct words troubles_none(const struct view *view);

#endif
