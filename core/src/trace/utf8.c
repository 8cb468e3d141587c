#include "trace/utf8.h"
#include <string.h>

#define EVERY_BYTE  0x0101010101010101ull
#define REPLACEMENT "\xef\xbf\xbd"

/* The length that a character's first byte promises; 0 of one that none begins with. 0xc0 and 0xc1 would begin a second
 * way of writing ASCII, 0xf5 and above what is beyond U+10FFFF. */
static size_t promised(unsigned char first)
{
    if (first < 0x80)
        return first != 0;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Of three or four bytes: not what fewer could say, no half of a surrogate pair, not beyond U+10FFFF. The second byte
 * tells. */
static bool second_fits(unsigned char first, unsigned char second)
{
    switch (first) {
    case 0xe0:
        return second >= 0xa0;
    case 0xed:
        return second < 0xa0;
    case 0xf0:
        return second >= 0x90;
    case 0xf4:
        return second < 0x90;
    default:
        return true;
    }
}

size_t mproc__utf8_character(const char *text, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = promised(bytes[0]);
    if (length > size)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    return length > 1 && !second_fits(bytes[0], bytes[1]) ? 0 : length;
}

uint32_t mproc__utf8_code(const char *character, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)character;
    if (length == 1)
        return bytes[0];
    uint32_t code = bytes[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++)
        code = code << 6 | (bytes[i] & 0x3fu);
    return code;
}

/* Controls of ASCII and of ISO 6429 first. */
bool mproc__utf8_is_obeyed(uint32_t code)
{
    static const struct range {
        uint32_t first, last;
    } obeyed[] = { { 0x00, 0x1f },     { 0x7f, 0x9f },     { 0x61c, 0x61c },   { 0x200e, 0x200f },
                   { 0x2028, 0x202e }, { 0x2066, 0x2069 }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f } };
    if (code >= 0x20 && code < 0x7f)
        return false;
    for (size_t i = 0; i < sizeof obeyed / sizeof *obeyed; i++)
        if (code >= obeyed[i].first && code <= obeyed[i].last)
            return true;
    return false;
}

/* Eight at a time, for most texts are nothing else: whether any is a zero or no ASCII. */
static bool all_plain(const char *text)
{
    uint64_t eight;
    memcpy(&eight, text, sizeof eight);
    return ((eight | (eight - EVERY_BYTE)) & EVERY_BYTE << 7) == 0;
}

size_t mproc__utf8_valid(const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t length = size - at >= 8 && all_plain(text + at) ? 8 : mproc__utf8_character(text + at, size - at);
        if (length == 0)
            return at;
        at += length;
    }
    return size;
}

static size_t append(char *out, size_t used, const char *text, size_t size)
{
    if (out != NULL)
        memcpy(out + used, text, size);
    return used + size;
}

size_t mproc__utf8_clean(char *out, size_t capacity, const char *text, size_t size)
{
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        size_t room = capacity - used, left = size - at;
        size_t run = mproc__utf8_valid(text + at, left < room ? left : room);
        used = append(out, used, text + at, run);
        at += run;
        if (at == size || mproc__utf8_character(text + at, size - at) != 0 || capacity - used < 3)
            break;
        used = append(out, used, REPLACEMENT, 3);
        at++;
    }
    return used;
}

size_t mproc__utf8_disarm(char *text, size_t size)
{
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        size_t length = mproc__utf8_character(text + at, size - at);
        bool is_shown = length > 0 && !mproc__utf8_is_obeyed(mproc__utf8_code(text + at, length));
        if (is_shown)
            memmove(text + used, text + at, length);
        else
            text[used] = '?';
        used += is_shown ? length : 1;
        at += length > 0 ? length : 1;
    }
    return used;
}
