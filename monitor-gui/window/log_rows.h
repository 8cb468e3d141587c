/* The rows of the log, from four kinds of records: log lines, stderr, deaths and losses, the last first. */
#ifndef MPROC_WINDOW_LOG_ROWS_H
#define MPROC_WINDOW_LOG_ROWS_H

#include "window/desk.h"
#include "window/glyph.h"

enum log_filter { LOG_ALL, LOG_PROBLEMS, LOG_LIFE, LOG_STDERR, LOG_FILTERS };

/** A row has its own texts: what it was made of may be gone while it is seen. */
struct log_row {
    int64_t time_ns;
    enum glyph glyph;
    bool is_problem, is_stderr;
    char from[48];
    char *message;
};

/** Fills rows, an array of struct log_row with log_row_clear as its clear function, with what the view's pool, or the
 * process of it, has to say; of these those that have the text (in any case) in their message, or all for "".
 * ret_counts: how many there are of each kind without the text. */
void log_rows_collect(GArray *rows, const struct view *view, enum log_filter filter, const char *text,
                      guint ret_counts[LOG_FILTERS]);

void log_row_clear(gpointer row);

#endif
