/* The rows of the log, from five kinds of records: log lines, stderr, deaths, failed tasks and losses, the last first.
 */
#ifndef MPROC_WINDOW_LOG_ROWS_H
#define MPROC_WINDOW_LOG_ROWS_H

#include "window/desk.h"
#include "window/glyph.h"

enum log_filter { LOG_ALL, LOG_PROBLEMS, LOG_LIFE, LOG_STDERR, LOG_FILTERS };

/** What a row tells of besides, to be looked at elsewhere. */
struct log_links {
    int64_t pid; /**< of a worker that died there; 0: none did */
    uint64_t lives;
    struct task_key task; /**< task: 0: none is named */
};

/** A row has its own texts: what it was made of may be gone while it is seen. */
struct log_row {
    int64_t time_ns;
    enum glyph glyph;
    bool is_problem, is_stderr;
    int64_t worker; /**< that it is about; -1: none */
    struct log_links links;
    char from[48];
    char *message;
};

/** What is asked for. */
struct log_question {
    enum log_filter filter;
    int64_t worker;   /**< -1: all, and what is about none */
    const char *text; /**< that is in the message, in any case; "": anything */
};

/** Fills rows, an array of struct log_row with log_row_clear as its clear function, with what the view's pool, or the
 * process of it, has to say; of these those that are asked for. ret_counts: how many there are of each kind, whatever
 * their text. */
void log_rows_collect(GArray *rows, const struct view *view, const struct log_question *question,
                      guint ret_counts[LOG_FILTERS]);

void log_row_clear(gpointer row);

/** Where the first of these rows is that says the same of the same moment; rows->len if none does. */
guint log_rows_find(const GArray *rows, const struct log_row *row);

#endif
