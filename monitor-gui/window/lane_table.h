/* The tasks that a timeline shows, as rows of its table twin. No widget is known here. */
#ifndef MPROC_WINDOW_LANE_TABLE_H
#define MPROC_WINDOW_LANE_TABLE_H

#include "window/lane_rows.h"
#include "window/table.h"

/** More are not listed: those that began first are. */
#define LANE_TABLE_MAX 10000u

enum lane_column {
    LANE_WORKER,
    LANE_TASK,
    LANE_FUNCTION,
    LANE_ARGUMENT,
    LANE_STARTED,
    LANE_RAN,
    LANE_ENDED,
    LANE_COLUMNS
};

/** Of one task. */
struct lane_entry {
    uint32_t worker;
    struct bar bar;
};

/** Fills entries, an array of struct lane_entry, with all bars of a span, by when they began. */
void lane_table_collect(GArray *entries, const struct view *view, struct lane_span span);

void lane_table_fill(const struct view *view, const struct lane_entry *entry, enum lane_column column,
                     struct table_cell *ret_cell);

/** How a task ended, in a word or two. */
const char *lane_end_words(unsigned end);

#endif
