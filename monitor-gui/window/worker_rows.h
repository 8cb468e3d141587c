/* The rows of the table of workers: the living by their places, then the dead, the last one first. */
#ifndef MPROC_WINDOW_WORKER_ROWS_H
#define MPROC_WINDOW_WORKER_ROWS_H

#include "window/desk.h"
#include "window/table.h"

/** Of a pool that is over nobody is alive. WORKERS_PLACES: who is alive, or was when the pool ended. */
enum worker_filter { WORKERS_ALL, WORKERS_ALIVE, WORKERS_DEAD, WORKERS_PLACES };

/** What a row is known by, while others come and go. */
struct worker_row {
    uint32_t worker;
    int64_t pid; /**< of a dead one; of the living one in its place 0, as lives */
    uint64_t lives;
};

/** What is known of it: one of the two, or none if it is gone. Good until the model takes the next record. */
struct worker_known {
    const struct model_worker *worker;
    const struct record_death *death;
};

enum worker_column {
    WORKER_STATE,
    WORKER_INDEX,
    WORKER_PID,
    WORKER_DOING,
    WORKER_FOR,
    WORKER_DONE,
    WORKER_CPU,
    WORKER_MEMORY,
    WORKER_COLUMNS
};

/** How many there are of each. ended: those that were alive when their pool ended. */
struct worker_counts {
    guint alive, dead, ended;
};

/** Fills rows, an array of struct worker_row, with those of the view's pool. */
struct worker_counts worker_rows_collect(GArray *rows, const struct view *view, enum worker_filter filter);

/** Why there are no rows. */
const char *worker_rows_none(const struct view *view, enum worker_filter filter);

/** What its workers have done: calls, or chunks of maps, or both. tip: that in full. */
struct worker_title {
    const char *title, *tip;
};
struct worker_title worker_rows_done(const struct view *view);
/** What the column CPU is of: who is idle now was busy a moment ago. */
#define WORKER_CPU_TIP "Share of one CPU, over the last half second or more: one that is idle now was busy then"

/** Where that row is, or TABLE_NO_ROW. */
guint worker_rows_find(const GArray *rows, const struct worker_row *row);

struct worker_known worker_row_look(const struct view *view, const struct worker_row *row);

/** How wide the column of their numbers is, and how much wider it is for so many of them. */
#define WORKER_INDEX_WIDTH 32
int worker_index_more(uint64_t workers);

/** What a row has in a column. */
void worker_row_fill(const struct view *view, const struct worker_row *row, enum worker_column column,
                     struct table_cell *ret_cell);

#endif
