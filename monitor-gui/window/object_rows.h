/* The rows of the table of locks and queues, the worst first, and what each has in its cells.
 *
 * Rows stand still while numbers change: only a deadlock, a holder that died, and a wait of more than a second move one
 * to the top; all others keep the order of their kinds and names.
 */
#ifndef MPROC_WINDOW_OBJECT_ROWS_H
#define MPROC_WINDOW_OBJECT_ROWS_H

#include "window/desk.h"
#include "window/object_rates.h"
#include "window/table.h"

/** More deadlocks at a time are not told of. */
#define DEADLOCKS_SHOWN 8

/** What a row is known by. */
struct object_row {
    uint64_t object;
    bool is_deadlocked;
    int rank; /**< 0 stands on top */
};

enum object_column {
    OBJECT_STATE,
    OBJECT_NAME,
    OBJECT_KIND,
    OBJECT_HELD_BY,
    OBJECT_HELD_FOR,
    OBJECT_WAITERS,
    OBJECT_LONGEST,
    OBJECT_FILL,
    OBJECT_TAKEN,
    OBJECT_CONTENDED,
    OBJECT_COLUMNS
};

/** Fills rows, an array of struct object_row, with all that the model has. deadlocks: count of them, of this moment. */
void object_rows_collect(GArray *rows, const struct model *model, const struct deadlock *deadlocks, size_t count);

/** Where that object is, or TABLE_NO_ROW. */
guint object_rows_find(const GArray *rows, uint64_t object);

/** Whether any of the rows can have something there: of some kinds nobody counts what is taken, or who waited. */
bool object_rows_have(const GArray *rows, const struct model *model, enum object_column column);

/** What a row has in a column, on the page of the view's pool. */
void object_row_fill(const struct view *view, const struct object_rates *rates, const struct object_row *row,
                     enum object_column column, struct table_cell *ret_cell);

/** All of a row's cells as one line of text, for g_free. */
char *object_row_text(const struct view *view, const struct object_rates *rates, const struct object_row *row);

#endif
