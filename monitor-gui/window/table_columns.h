/* The columns of a table as they are shown: those that were chosen, in their order and width, and the menu to choose
 * with.
 */
#ifndef MPROC_WINDOW_TABLE_COLUMNS_H
#define MPROC_WINDOW_TABLE_COLUMNS_H

#include "window/table.h"

struct table_columns;

/** Other columns are seen, or they stand in another order. */
typedef void table_columns_fn(void *user);

/** The view has the columns already, in this order. */
struct table_columns *table_columns_new(GtkColumnView *view, const struct table_column *columns, guint count,
                                        table_columns_fn *changed, void *user);
void table_columns_free(struct table_columns *shown);

/** Gives them their widths in the font that there is; to be called once the view is on a display. */
void table_columns_scale(struct table_columns *shown);

/** As mon_table_remember and mon_table_spare. widget: around the view, that is asked for the menu's actions. */
void table_columns_remember(struct table_columns *shown, GtkWidget *widget, const char *name);
void table_columns_spare(struct table_columns *shown, bool is_spare);

/** As mon_table_name_column, but for the tip. */
void table_columns_name(struct table_columns *shown, guint column, const char *title);

/** As mon_table_show_column. */
void table_columns_show(struct table_columns *shown, guint column, bool is_shown);

/** As mon_table_widen. */
void table_columns_widen(struct table_columns *shown, guint column, int more);

/** Whether it is the first, or the last, of those that are seen. */
bool table_columns_is_first(const struct table_columns *shown, guint column);
bool table_columns_is_last(const struct table_columns *shown, guint column);

#endif
