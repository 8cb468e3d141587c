/* Texts that come from a program, or from another process: any bytes, until somebody has looked.
 */
#ifndef MPROC_TRACE_UTF8_H
#define MPROC_TRACE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The length of the character that text begins with, 1 to 4; 0 if it is none that UTF-8 allows, cut off by size, or a
 * zero byte. size is 1 at least. */
size_t mproc__utf8_character(const char *text, size_t size);

/** The number of a character of that length. */
uint32_t mproc__utf8_code(const char *character, size_t length);

/** Whether a terminal obeys the character with that number instead of showing it, or nobody sees it: a control, a mark
 * that turns the direction of writing, the end of a line or paragraph, a tag. */
bool mproc__utf8_is_obeyed(uint32_t code);

/** How many of the bytes, from the first on, are whole characters. */
size_t mproc__utf8_valid(const char *text, size_t size);

/** Writes the text with U+FFFD for each byte that belongs to no character, cut at the end of a character to at most
 * capacity bytes. No zero follows. Returns how many bytes that is; with NULL for out, would be. */
size_t mproc__utf8_clean(char *out, size_t capacity, const char *text, size_t size);

/** Puts a question mark, in place, for each character that a terminal would obey and for each byte that belongs to no
 * character. Returns how many bytes that is. */
size_t mproc__utf8_disarm(char *text, size_t size);

#endif
