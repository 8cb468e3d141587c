#include "model/columns.h"

#include "trace/utf8.h"
#include <stdbool.h>
#include <stdint.h>

struct range {
    uint32_t first, last;
};

static bool is_in(uint32_t code, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

#define IS_IN(code, ranges) is_in(code, ranges, sizeof(ranges) / sizeof *(ranges))

/* Marks that stand on the character before them: the blocks that terminals agree about. */
static const struct range combining[] = { { 0x300, 0x36f },   { 0x483, 0x489 },   { 0x591, 0x5bd },
                                          { 0x610, 0x61a },   { 0x64b, 0x65f },   { 0x1ab0, 0x1aff },
                                          { 0x1dc0, 0x1dff }, { 0x200b, 0x200d }, { 0x20d0, 0x20ff },
                                          { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff } };

/* East Asian wide and fullwidth characters, and pictures. */
static const struct range wide[] = { { 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0x33ff },
                                     { 0x3400, 0x4dbf },   { 0x4e00, 0x9fff },   { 0xa000, 0xa4cf },
                                     { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },
                                     { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f },
                                     { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd } };

static int columns_of_code(uint32_t code)
{
    if (code >= 0x20 && code < 0x7f)
        return 1;
    if (mproc__utf8_is_obeyed(code))
        return -1;
    if (code < 0x300)
        return 1;
    if (IS_IN(code, combining))
        return 0;
    return IS_IN(code, wide) ? 2 : 1;
}

struct character columns_character(const char *text, size_t size)
{
    size_t length = mproc__utf8_character(text, size);
    if (length == 0)
        return (struct character){ 1, -1 };
    return (struct character){ length, columns_of_code(mproc__utf8_code(text, length)) };
}

static size_t shown_columns(struct character character)
{
    return character.columns < 0 ? 1 : (size_t)character.columns;
}

size_t columns_of(const char *text, size_t size)
{
    size_t columns = 0;
    for (size_t at = 0; at < size;) {
        struct character next = columns_character(text + at, size - at);
        columns += shown_columns(next);
        at += next.size;
    }
    return columns;
}

size_t columns_fit(const char *text, size_t size, size_t columns)
{
    size_t at = 0;
    while (at < size) {
        struct character next = columns_character(text + at, size - at);
        if (shown_columns(next) > columns)
            break;
        columns -= shown_columns(next);
        at += next.size;
    }
    return at;
}
