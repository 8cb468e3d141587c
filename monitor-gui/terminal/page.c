#include "terminal/page.h"

#include "model/columns.h"
#include "model/text.h"
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer texts are cut: no line is that long. */
#define TEXT_MAX 4096

static const char *const ELLIPSIS = "\xe2\x80\xa6";

void page_begin(struct page *page, int columns, int rows, bool has_styles)
{
    *page = (struct page){
        .text = page->text, .capacity = page->capacity, .columns = columns, .rows = rows, .has_styles = has_styles
    };
}

void page_free(struct page *page)
{
    free(page->text);
    *page = (struct page){ .text = NULL };
}

int page_rows_left(const struct page *page)
{
    return page->rows > 0 ? page->rows - page->lines : INT_MAX;
}

/* ---- Bytes ---- */

static bool has_room(struct page *page, size_t size)
{
    if (page->capacity - page->size >= size)
        return true;
    size_t capacity = (page->size + size) * 2;
    char *text = realloc(page->text, capacity);
    if (text == NULL) {
        page->is_short = true;
        return false;
    }
    page->text = text;
    page->capacity = capacity;
    return true;
}

/* Of lines beyond the last nothing is kept. */
static void add(struct page *page, const char *bytes, size_t size)
{
    if (page_rows_left(page) <= 0 || !has_room(page, size))
        return;
    memcpy(page->text + page->size, bytes, size);
    page->size += size;
}

static void add_string(struct page *page, const char *string)
{
    add(page, string, strlen(string));
}

static void begin_style(struct page *page, enum style style)
{
    static const char *const begins[] = {
        [STYLE_DIM] = "\x1b[2m",   [STYLE_BOLD] = "\x1b[1m", [STYLE_RUNNING] = "\x1b[34m", [STYLE_GOOD] = "\x1b[32m",
        [STYLE_WARN] = "\x1b[33m", [STYLE_BAD] = "\x1b[31m", [STYLE_REVERSE] = "\x1b[7m"
    };
    if (page->has_styles && style != STYLE_PLAIN)
        add_string(page, begins[style]);
}

static void end_style(struct page *page, enum style style)
{
    if (page->has_styles && style != STYLE_PLAIN)
        add_string(page, "\x1b[0m");
}

/* A terminal breaks no lines, and many fonts of theirs show U+00A0 as something else than a blank. */
static void add_character(struct page *page, const char *character, struct character kind)
{
    if (kind.columns < 0)
        add(page, "?", 1);
    else if (kind.size == 2 && memcmp(character, TEXT_BLANK, 2) == 0)
        add(page, " ", 1);
    else
        add(page, character, kind.size);
    page->used += kind.columns < 0 ? 1 : kind.columns;
}

static void add_clean(struct page *page, const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        struct character next = columns_character(text + at, size - at);
        add_character(page, text + at, next);
        at += next.size;
    }
}

/* So many columns at most. */
static void add_cut(struct page *page, const char *text, size_t columns)
{
    size_t size = strlen(text);
    if (columns_of(text, size) <= columns) {
        add_clean(page, text, size);
        return;
    }
    if (columns == 0)
        return;
    add_clean(page, text, columns_fit(text, size, columns - 1));
    add_string(page, ELLIPSIS);
    page->used++;
}

static void add_blanks(struct page *page, int count)
{
    for (; count > 0; count--, page->used++)
        add(page, " ", 1);
}

/* ---- Lines ---- */

static size_t room_in_line(const struct page *page)
{
    return page->used < page->columns ? (size_t)(page->columns - page->used) : 0;
}

void page_text(struct page *page, enum style style, const char *text)
{
    if (text[0] == '\0')
        return;
    begin_style(page, style);
    add_cut(page, text, room_in_line(page));
    end_style(page, style);
}

void page_format(struct page *page, enum style style, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    page_text(page, style, text);
}

void page_cell(struct page *page, enum style style, int columns, bool at_end, const char *text)
{
    size_t room = room_in_line(page) < (size_t)columns ? room_in_line(page) : (size_t)columns;
    size_t takes = columns_of(text, strlen(text));
    int rest = takes < room ? (int)(room - takes) : 0;
    add_blanks(page, at_end ? rest : 0);
    begin_style(page, style);
    add_cut(page, text, room);
    end_style(page, style);
    add_blanks(page, at_end ? 0 : rest);
}

void page_go_to(struct page *page, int column)
{
    add_blanks(page, (column < page->columns ? column : page->columns) - page->used);
}

static void drop_blanks(struct page *page)
{
    for (; page->size > 0 && page->text[page->size - 1] == ' '; page->used--)
        page->size--;
}

/* Of a line that is full nothing is left to erase, and terminals would erase its last character. */
void page_end_line(struct page *page)
{
    if (page_rows_left(page) > 0)
        drop_blanks(page);
    if (page->is_over && page->used < page->columns)
        add_string(page, "\x1b[K");
}

void page_line(struct page *page)
{
    page_end_line(page);
    add(page, "\n", 1);
    page->lines++;
    page->used = 0;
}

void page_gap(struct page *page)
{
    if (page->lines > 0 && page_rows_left(page) > 1)
        page_line(page);
}

static int width_of(const char *text)
{
    return (int)columns_of(text, strlen(text));
}

bool page_has_room_beside(const struct page *page, const char *title, const char *beside)
{
    return width_of(title) + 2 + width_of(beside) <= page->columns;
}

void page_title(struct page *page, const char *title, const char *beside)
{
    page_text(page, STYLE_BOLD, title);
    if (page_has_room_beside(page, title, beside)) {
        page_go_to(page, page->columns - width_of(beside));
        page_text(page, STYLE_DIM, beside);
    }
    page_line(page);
}
