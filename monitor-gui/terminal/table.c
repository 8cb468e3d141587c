#include "terminal/table.h"

#include "model/words.h"
#include <stdarg.h>
#include <stdio.h>

/* Between two columns. */
#define GAP 2
/* Those that take the rest have so much at least, and push the others out. */
#define REST_MIN 12

static int rest_of(const struct page *page, const struct table_column *columns)
{
    int taken = 0, sharing = 0;
    for (int i = 0; columns[i].head != NULL; i++) {
        taken += columns[i].width + (i > 0 ? GAP : 0);
        sharing += columns[i].width == 0;
    }
    int rest = sharing > 0 ? (page->columns - taken) / sharing : 0;
    return rest > REST_MIN ? rest : REST_MIN;
}

struct table table_begin(struct page *page, const struct table_column *columns)
{
    struct table table = { .page = page };
    for (int i = 0; i < TABLE_COLUMNS_MAX && columns[i].head != NULL; i++) {
        table.columns[i] = columns[i];
        if (columns[i].width == 0)
            table.columns[i].width = rest_of(page, columns);
        table.count++;
    }
    for (int i = 0; i < table.count; i++)
        table_cell(&table, STYLE_DIM, columns[i].head);
    table_row(&table);
    return table;
}

void table_cell(struct table *table, enum style style, const char *text)
{
    const struct table_column *column = &table->columns[table->at];
    if (table->at >= table->count)
        return;
    page_cell(table->page, style, column->width, column->at_end, text);
    if (++table->at < table->count)
        page_go_to(table->page, table->page->used + GAP);
}

void table_format(struct table *table, enum style style, const char *format, ...)
{
    char text[WORDS_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    table_cell(table, style, text);
}

void table_empty(struct table *table)
{
    table_cell(table, STYLE_PLAIN, "");
}

void table_row(struct table *table)
{
    page_line(table->page);
    table->at = 0;
}
