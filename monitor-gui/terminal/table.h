/* Tables: columns of fixed widths, and one or two that share the rest. What is not known is an empty cell, not 0. */
#ifndef MPROC_MONITOR_TABLE_H
#define MPROC_MONITOR_TABLE_H

#include "terminal/page.h"

#define TABLE_COLUMNS_MAX 12

struct table_column {
    const char *head;
    int width;   /**< 0: a share of what the others leave */
    bool at_end; /**< figures stand at the end of theirs */
};

struct table {
    struct page *page;
    struct table_column columns[TABLE_COLUMNS_MAX];
    int count, at; /**< at: the next cell's */
};

/** Shares out the widths and writes the line of heads. columns: of which the first without a head ends them. */
struct table table_begin(struct page *page, const struct table_column *columns);

/** The next cell of the row. */
void table_cell(struct table *table, enum style style, const char *text);
void table_format(struct table *table, enum style style, const char *format, ...) MPROC_PRINTF(3, 4);
void table_empty(struct table *table);

/** Ends the row; cells that were not written are empty. */
void table_row(struct table *table);

#endif
