/* Which columns a table is to have, in what order and how wide: as it is kept in the settings, and read from there.
 *
 * Each is a text, "PID:58", or "!PID:58" of one that is not shown, in their order. Whatever does not make sense, or is
 * of another version, is passed over; columns of which nothing is said come last, in the order that they have at
 * first.
 */
#ifndef MPROC_WINDOW_COLUMN_WISH_H
#define MPROC_WINDOW_COLUMN_WISH_H

#include "window/table.h"

struct column_wish {
    guint column; /**< its index as the table was made */
    int width;    /**< in pixels with an 11 pt font; 0: what is left */
    bool is_hidden;
};

/** As it is at first. ret_wishes: room for count of them. */
void column_wishes_begin(const struct table_column *columns, guint count, struct column_wish *ret_wishes);

/** said: ends with NULL, or is NULL. */
void column_wishes_read(const struct table_column *columns, guint count, const char *const *said,
                        struct column_wish *ret_wishes);

/** For g_strfreev. */
char **column_wishes_write(const struct table_column *columns, guint count, const struct column_wish *wishes);

#endif
