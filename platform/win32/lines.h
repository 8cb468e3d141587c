/* lines.h: which line of which file an address is, by the tables that the compiler leaves in an image (DWARF 2 to 5).
 *
 * All here reads bytes that somebody else may have written: each length is checked, and what makes no sense is no line.
 */
#ifndef MPROC_WIN32_LINES_H
#define MPROC_WIN32_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct platform__bytes {
    const unsigned char *data; /**< NULL: there are none */
    size_t size;
};

/** The sections of an image that tell of lines. */
struct platform__line_tables {
    struct platform__bytes line, line_str, str; /**< .debug_line and so on */
};

/** Writes "file.c:12" for an address as the image was linked. Returns false if no table tells of it. */
bool platform__line_of(const struct platform__line_tables *tables, uint64_t address, char *ret_text, size_t capacity);

#endif
