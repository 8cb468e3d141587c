/* What a timeline shows at a moment: of each worker its bars, its deaths, and what stands at its head; and where
 * nothing is known. Made of the rows that are seen alone. No widget is known here.
 */
#ifndef MPROC_WINDOW_LANE_ROWS_H
#define MPROC_WINDOW_LANE_ROWS_H

#include "window/lane_bars.h"
#include "window/lane_words.h"
#include "window/worker_rows.h"

/** From a death to when its successor was ready, or to the end of time. */
struct lane_death {
    int64_t from_ns, to_ns;
    struct worker_row dead;
    char words[64]; /**< signal 11 · new pid 41327 */
};

/** What is not known: because events were lost, were not told, or are not kept. worker: -1 of all. */
struct lane_unknown {
    int64_t from_ns, to_ns;
    int64_t worker;
    bool is_loss;   /**< of some of what happened then: what is told of that time is so */
    char words[64]; /**< 37 events lost */
};

struct lane_row {
    uint32_t worker;
    int64_t pid;
    char about[96];    /**< 98 % busy; 41307 died */
    const char *class; /**< "bad", "warn" or "dim" */
    guint piece, pieces, death, deaths;
};

struct lane_rows {
    struct lane_span span;
    int width;
    guint first;     /**< of rows in all, the first one that is here */
    guint all;       /**< rows in all */
    GArray *rows;    /**< struct lane_row */
    GArray *pieces;  /**< struct lane_piece */
    GArray *deaths;  /**< struct lane_death */
    GArray *unknown; /**< struct lane_unknown */
    struct lane_layout *layout;
};

void lane_rows_init(struct lane_rows *rows);
void lane_rows_free(struct lane_rows *rows);

/** Makes those from first on, count of them, for a plot of so many pixels. */
void lane_rows_make(struct lane_rows *rows, const struct view *view, struct lane_span span, int width, guint first,
                    guint count);

/** The next death of the pool behind a time, or before it. */
bool lane_death_beside(const struct view *view, int64_t time_ns, int direction, int64_t *ret_time_ns);

#endif
