/* A table of rows that are filled in as they are seen, and anew at each refresh: nothing of it is stored per row. */
#ifndef MPROC_WINDOW_TABLE_H
#define MPROC_WINDOW_TABLE_H

#include "model/words.h"
#include "window/glyph.h"

enum table_kind {
    TABLE_TEXT,
    TABLE_PATH,  /**< a text with a path, of which the directories go first where there is no room */
    TABLE_LINE,  /**< the same in a sentence, of which the end goes last */
    TABLE_STATE, /**< a glyph and a word */
    TABLE_GLYPH,
    TABLE_BAR, /**< a text and a bar behind it */
    TABLE_FILL /**< a longer bar and a text behind it */
};

struct table_column {
    const char *title;
    int width; /**< in pixels, with an 11 pt font; it grows with the font */
    enum table_kind kind;
    bool end;      /**< its texts, and its title, stand at the end */
    bool expand;   /**< takes what is left */
    bool hidden;   /**< at first */
    bool is_spare; /**< is left out where there is little room */
};

/** What a cell shows. All zero is an empty one. */
struct table_cell {
    struct words words;
    const char *class; /**< of style.css; NULL: none */
    enum glyph glyph;
    double part; /**< of TABLE_BAR and TABLE_FILL; below 0: no bar */
};

/** Fills in a cell, which is empty. */
typedef void table_fill_fn(void *user, guint row, guint column, struct table_cell *ret_cell);

#define MON_TYPE_TABLE (mon_table_get_type())
G_DECLARE_FINAL_TYPE(MonTable, mon_table, MON, TABLE, GtkWidget)

#define TABLE_NO_ROW GTK_INVALID_LIST_POSITION

/** columns: count of them, which stay. label: what it is a table of. Emits "chosen" when the user chooses another row,
 * or the same one once more (Enter, or two clicks). */
GtkWidget *mon_table_new(const struct table_column *columns, guint count, const char *label, table_fill_fn *fill,
                         void *user);

/** Rows from now on; those that are seen are filled in anew. */
void mon_table_refresh(MonTable *self, guint rows);
/** How many rows there will be is not known yet: none is seen until then, and those that there are keep their cells. */
void mon_table_wait(MonTable *self);

/** The chosen row; TABLE_NO_ROW if there is none, or more than one. */
guint mon_table_get_chosen(MonTable *self);
/** Chooses this one alone, or none, without a signal. */
void mon_table_choose(MonTable *self, guint row);

/** Whether rows before those that are seen are out of sight; and shows the first one again. */
bool mon_table_is_scrolled(MonTable *self);
void mon_table_scroll_back(MonTable *self);

/** Several rows can be chosen from now on, as lists have it: Shift, Ctrl, Ctrl+A. To be called before it is shown. */
void mon_table_make_multiple(MonTable *self);
/** All that are; for gtk_bitset_unref. */
GtkBitset *mon_table_get_all_chosen(MonTable *self);
/** Chooses these and no others, of those that there are, without a signal. */
void mon_table_choose_all(MonTable *self, GtkBitset *rows);

/** Has the user choose which columns there are, in what order and how wide, by the titles' menu and by dragging; this
 * is kept, under that name, from one run to the next. */
void mon_table_remember(MonTable *self, const char *name);

/** Whether there is so little room that spare columns are left out. */
void mon_table_spare(MonTable *self, bool is_spare);

/** Each title sorts by its column from now on, this one at first: "sorted" is emitted when the user wants another
 * order. The table itself moves no row. */
void mon_table_make_sortable(MonTable *self, guint column, bool is_descending);
/** By which column rows are to be sorted. */
guint mon_table_get_sorted(MonTable *self, bool *ret_descending);

/** Says that rows are no longer sorted by that column, since the order stands; NULL: they are. */
void mon_table_mark_sorted(MonTable *self, const char *words);

/** Shows a column, or leaves it out; one that the user has hidden stays so. */
void mon_table_show_column(MonTable *self, guint column, bool is_shown);

/** Makes a column so many pixels wider than it is at first, unless it is as wide as the user has made it. */
void mon_table_widen(MonTable *self, guint column, int more);

/** Gives a column another title, and says what it means: tip, or NULL. */
void mon_table_name_column(MonTable *self, guint column, const char *title, const char *tip);

/** Whether what it shows is not fresh: then all of it turns dim, but what has failed; what is seen at once. */
void mon_table_fade(MonTable *self, bool is_stale);

/** How high it would be with all of its rows, and its head. */
int mon_table_get_whole_height(MonTable *self);

/** As high as its rows, with no scrolling of its own. */
void mon_table_set_whole(MonTable *self);

#endif
