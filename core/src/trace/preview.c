#include "trace/preview.h"
#include "trace/utf8.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* For "... (N bytes)" and a quote. */
#define END_BYTES 40u

/* ---- Texts ---- */

struct output {
    char *text;
    uint32_t used, room;
};

static void put(struct output *output, const char *data, size_t size)
{
    memcpy(output->text + output->used, data, size);
    output->used += (uint32_t)size;
}

static void put_rest(struct output *output, bool is_cut, size_t size)
{
    char text[END_BYTES];
    if (is_cut)
        put(output, text, (size_t)snprintf(text, sizeof text, "... (%zu bytes)", size));
}

/* The character as it is written between quotes; 0 if it cannot be: what controls a terminal, C1 included. */
static size_t quoted(const unsigned char *character, size_t size, char ret_text[4])
{
    static const char plain[] = "\n\t\r\"\\", escaped[] = "ntr\"\\";
    const char *found = size == 1 && *character != '\0' ? strchr(plain, *character) : NULL;
    if (found != NULL) {
        ret_text[0] = '\\';
        ret_text[1] = escaped[found - plain];
        return 2;
    }
    if (*character < ' ' || *character == 0x7f || (*character == 0xc2 && character[1] < 0xa0))
        return 0;
    memcpy(ret_text, character, size);
    return size;
}

/* False if it is no text, as far as it would be shown. */
static bool put_text(struct output *output, const unsigned char *data, size_t size)
{
    char one[4];
    size_t at = 0, length = data[size - 1] == '\0' ? size - 1 : size;
    if (length == 0)
        return false;
    put(output, "\"", 1);
    while (at < length && output->used + sizeof one <= output->room) {
        size_t step = mproc__utf8_character((const char *)data + at, length - at);
        size_t shown = step > 0 ? quoted(data + at, step, one) : 0;
        if (shown == 0)
            return false;
        put(output, one, shown);
        at += step;
    }
    put(output, "\"", 1);
    put_rest(output, at < length, length);
    return true;
}

static void put_hex(struct output *output, const unsigned char *data, size_t size)
{
    size_t at = 0;
    for (; at < size && output->used + 3 <= output->room; at++) {
        static const char digits[] = "0123456789abcdef";
        const char one[3] = { ' ', digits[data[at] >> 4], digits[data[at] & 15] };
        put(output, one + (at == 0), sizeof one - (at == 0));
    }
    put_rest(output, at < size, size);
}

uint32_t mproc__preview_bytes(const void *data, size_t size, char *ret_text, uint32_t capacity)
{
    struct output output = { ret_text, 0, capacity - END_BYTES };
    if (size == 0)
        return 0;
    if (!put_text(&output, data, size)) {
        output.used = 0;
        put_hex(&output, data, size);
    }
    return output.used;
}
