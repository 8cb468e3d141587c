#include "model/card.h"

#include "trace/utf8.h"
#include <ctype.h>
#include <stdint.h>
#include <string.h>

/* What is left to read. Where it makes no sense it ends. */
struct cursor {
    const char *at;
};

static void skip_blanks(struct cursor *cursor)
{
    while (isspace((unsigned char)*cursor->at))
        cursor->at++;
}

static bool take(struct cursor *cursor, char wanted)
{
    skip_blanks(cursor);
    if (*cursor->at != wanted)
        return false;
    cursor->at++;
    return true;
}

/* ---- Texts ---- */

/* Four hexadecimal digits; UINT32_MAX if they are none. */
static uint32_t take_code(struct cursor *cursor)
{
    uint32_t code = 0;
    for (int i = 0; i < 4; i++, cursor->at++) {
        if (!isxdigit((unsigned char)*cursor->at))
            return UINT32_MAX;
        int digit = *cursor->at <= '9' ? *cursor->at - '0' : (*cursor->at | 0x20) - 'a' + 10;
        code = code << 4 | (uint32_t)digit;
    }
    return code;
}

/* Characters beyond these four bytes' reach come as two halves, which nobody escapes who writes UTF-8. */
static size_t encode(uint32_t code, char out[3])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3f));
    out[2] = (char)(0x80 | (code & 0x3f));
    return 3;
}

/* One character behind a backslash; 0 bytes if it is none. */
static size_t take_escape(struct cursor *cursor, char out[3])
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char letter = *cursor->at;
    const char *found = letter != '\0' ? strchr(from, letter) : NULL;
    if (found == NULL && letter != 'u')
        return 0;
    cursor->at++;
    if (found != NULL) {
        out[0] = to[found - from];
        return 1;
    }
    uint32_t code = take_code(cursor);
    return code == UINT32_MAX ? 0 : encode(code, out);
}

/* Of what does not fit the rest is read all the same. */
static bool take_text(struct cursor *cursor, char *out, size_t capacity)
{
    size_t used = 0;
    if (!take(cursor, '"'))
        return false;
    while (*cursor->at != '"') {
        char bytes[3] = { *cursor->at };
        size_t size = 1;
        if (*cursor->at == '\0')
            return false;
        if (*cursor->at++ == '\\' && (size = take_escape(cursor, bytes)) == 0)
            return false;
        if (used + size < capacity) {
            memcpy(out + used, bytes, size);
            used += size;
        } else
            capacity = 0;
    }
    cursor->at++;
    out[used] = '\0';
    return true;
}

/* ---- Objects ---- */

/* A number, true, false or null. Objects and arrays within a card are not needed, and end the reading. */
static bool skip_value(struct cursor *cursor)
{
    const char *begin = cursor->at;
    while (isalnum((unsigned char)*cursor->at) || (*cursor->at != '\0' && strchr("+-.", *cursor->at) != NULL))
        cursor->at++;
    return cursor->at > begin;
}

static bool take_member(struct cursor *cursor, char *ret_name, size_t name_capacity, char *ret_text, size_t capacity,
                        bool *ret_is_text)
{
    if (!take_text(cursor, ret_name, name_capacity) || !take(cursor, ':'))
        return false;
    skip_blanks(cursor);
    *ret_is_text = *cursor->at == '"';
    return *ret_is_text ? take_text(cursor, ret_text, capacity) : skip_value(cursor);
}

/* In place: what UTF-8 does not allow is cut off, with all behind it. */
static bool made_valid(char *text)
{
    text[mproc__utf8_valid(text, strlen(text))] = '\0';
    return true;
}

bool card_text(const char *card, const char *name, char *ret_text, size_t capacity)
{
    struct cursor cursor = { card };
    char found[32];
    bool is_text;
    bool more = take(&cursor, '{');
    while (more && take_member(&cursor, found, sizeof found, ret_text, capacity, &is_text)) {
        if (is_text && strcmp(found, name) == 0)
            return made_valid(ret_text);
        more = take(&cursor, ',');
    }
    ret_text[0] = '\0';
    return false;
}
