/* A page of text as it is shown at once: lines of so many columns, in a few styles, with nothing in them that a
 * terminal would obey but what is written here. A state is told by a word first; the style comes third.
 */
#ifndef MPROC_MONITOR_PAGE_H
#define MPROC_MONITOR_PAGE_H

#include <mproc/base.h>
#include <stdbool.h>
#include <stddef.h>

enum style { STYLE_PLAIN, STYLE_DIM, STYLE_BOLD, STYLE_RUNNING, STYLE_GOOD, STYLE_WARN, STYLE_BAD, STYLE_REVERSE };

struct page {
    char *text; /**< the lines, each ended by a line end */
    size_t size, capacity;
    int columns;     /**< of a line */
    int rows;        /**< lines that there is room for; 0: any number */
    int lines;       /**< that there are */
    bool has_styles; /**< or all is plain */
    bool is_over;    /**< it is drawn over what was there before, of which nothing is to stay; false at first */
    int used;        /**< columns of the last line, which has not been ended */
    bool is_short;   /**< for want of memory something is missing */
};

/** An empty page; what was in it before is gone, its memory is used again. All zero is a page, too. */
void page_begin(struct page *page, int columns, int rows, bool has_styles);
void page_free(struct page *page);

/** How many lines there is room for yet; many, where there is no limit. */
int page_rows_left(const struct page *page);

/** Adds to the line, as much as there is room for; what is cut off is told by an ellipsis. */
void page_text(struct page *page, enum style style, const char *text);
void page_format(struct page *page, enum style style, const char *format, ...) MPROC_PRINTF(3, 4);

/** A text in so many columns, at their end or their beginning: filled up with blanks, or cut. */
void page_cell(struct page *page, enum style style, int columns, bool at_end, const char *text);

/** Blanks up to a column. */
void page_go_to(struct page *page, int column);

/** Ends the line. Beyond the last row it does not count. */
void page_line(struct page *page);

/** The same of a line that is the last one. */
void page_end_line(struct page *page);

/** An empty line, if there is room for it and something behind it, and the page does not begin with it. */
void page_gap(struct page *page);

/** A title, and at the end of the line what goes with it, if there is room for both; "" is nothing. */
void page_title(struct page *page, const char *title, const char *beside);
bool page_has_room_beside(const struct page *page, const char *title, const char *beside);

#endif
