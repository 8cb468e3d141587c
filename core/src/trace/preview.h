/* Bytes as a text for people, of a bounded length, when nobody says better what they mean. */
#ifndef MPROC_TRACE_PREVIEW_H
#define MPROC_TRACE_PREVIEW_H

#include <stddef.h>
#include <stdint.h>

/** Writes at most capacity bytes, without a zero, and returns how many: of a text of printable UTF-8, which a zero may
 * end, that text in quotes; of anything else hexadecimal numbers of two digits; of nothing, nothing. What is too long
 * is cut and ends in "... (1000 bytes)". capacity: at least 64. */
uint32_t mproc__preview_bytes(const void *data, size_t size, char *ret_text, uint32_t capacity);

#endif
