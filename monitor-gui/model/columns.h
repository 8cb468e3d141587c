/* Texts of a watched program in a terminal: how wide they are, and nothing in them that a terminal would obey. */
#ifndef MPROC_MODEL_COLUMNS_H
#define MPROC_MODEL_COLUMNS_H

#include <stddef.h>

/** The character that a text begins with. */
struct character {
    size_t size; /**< in bytes; 1 of a byte that belongs to none */
    int columns; /**< 2 if it is wide, 0 if it stands on the one before it; -1: it must not reach a terminal, be it that
                    it controls one, turns the direction of writing, or is none at all */
};

/** Looks at the first character of size bytes, 1 at least. */
struct character columns_character(const char *text, size_t size);

/** How many columns a text takes; what must not reach a terminal takes one, as it is shown as a '?'. */
size_t columns_of(const char *text, size_t size);

/** How many bytes of the text, in whole characters, fit into so many columns. */
size_t columns_fit(const char *text, size_t size, size_t columns);

#endif
