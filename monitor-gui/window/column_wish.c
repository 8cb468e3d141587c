#include "window/column_wish.h"

#include <stdlib.h>

#define WIDTH_LEAST 24
#define WIDTH_MOST  2000

void column_wishes_begin(const struct table_column *columns, guint count, struct column_wish *ret_wishes)
{
    for (guint i = 0; i < count; i++)
        ret_wishes[i] = (struct column_wish){ i, columns[i].expand ? 0 : columns[i].width, columns[i].hidden };
}

/* ---- Reading ---- */

static guint find_title(const struct table_column *columns, guint count, const char *title, size_t size)
{
    guint column = 0;
    while (column < count &&
           (strlen(columns[column].title) != size || strncmp(columns[column].title, title, size) != 0))
        column++;
    return column;
}

/* The column that takes what is left is always there: without it nothing would be. */
static bool read_wish(const struct table_column *columns, guint count, const char *said, struct column_wish *ret_wish)
{
    bool is_hidden = said[0] == '!';
    const char *title = said + is_hidden, *colon = strrchr(title, ':');
    guint column = colon != NULL ? find_title(columns, count, title, (size_t)(colon - title)) : count;
    if (column == count)
        return false;
    long width = strtol(colon + 1, NULL, 10);
    bool is_width = width >= WIDTH_LEAST && width <= WIDTH_MOST;
    int otherwise = columns[column].expand ? 0 : columns[column].width;
    *ret_wish = (struct column_wish){ column, is_width ? (int)width : otherwise, is_hidden && !columns[column].expand };
    return true;
}

static guint place_of(const struct column_wish *wishes, guint count, guint column)
{
    guint place = 0;
    while (place < count && wishes[place].column != column)
        place++;
    return place;
}

static void move(struct column_wish *wishes, guint from, guint to)
{
    struct column_wish moved = wishes[from];
    memmove(wishes + to + 1, wishes + to, (from - to) * sizeof *wishes);
    wishes[to] = moved;
}

/* Each that is said moves up behind those that were said before it. */
void column_wishes_read(const struct table_column *columns, guint count, const char *const *said,
                        struct column_wish *ret_wishes)
{
    guint placed = 0;
    column_wishes_begin(columns, count, ret_wishes);
    for (; said != NULL && *said != NULL; said++) {
        struct column_wish wish;
        if (!read_wish(columns, count, *said, &wish))
            continue;
        guint place = place_of(ret_wishes, count, wish.column);
        if (place < placed)
            continue;
        ret_wishes[place] = wish;
        move(ret_wishes, place, placed++);
    }
}

/* ---- Writing ---- */

char **column_wishes_write(const struct table_column *columns, guint count, const struct column_wish *wishes)
{
    char **said = g_new0(char *, count + 1);
    for (guint i = 0; i < count; i++)
        said[i] = g_strdup_printf("%s%s:%d", wishes[i].is_hidden ? "!" : "", columns[wishes[i].column].title,
                                  wishes[i].width);
    return said;
}
