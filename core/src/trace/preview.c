#include "trace/preview.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* For "... (N bytes)" and a quote. */
#define END_BYTES 40u

/* ---- UTF-8 ---- */

/* How many bytes a character has that begins so; 0 if none does. */
static size_t sequence_size(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* The second byte tells what is longer than it need be, a surrogate or beyond the last character. */
static bool second_is_good(unsigned char first, unsigned char second)
{
    unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return second >= least && second <= most;
}

/* The size of the character there, or 0. */
static size_t character_at(const unsigned char *text, size_t left)
{
    size_t size = sequence_size(text[0]);
    if (size == 0 || size > left || (size > 1 && !second_is_good(text[0], text[1])))
        return 0;
    for (size_t i = 2; i < size; i++)
        if (text[i] < 0x80 || text[i] > 0xbf)
            return 0;
    return size;
}

size_t mproc__valid_text(const void *text, size_t size)
{
    const unsigned char *bytes = text;
    size_t at = 0, step;
    while (at < size && (step = character_at(bytes + at, size - at)) > 0)
        at += step;
    return at;
}

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
        size_t step = character_at(data + at, length - at), shown = step > 0 ? quoted(data + at, step, one) : 0;
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
