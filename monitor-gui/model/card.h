/* The card of a process that can be watched: one line of JSON that the process has written, and that is believed in
 * nothing.
 */
#ifndef MPROC_MODEL_CARD_H
#define MPROC_MODEL_CARD_H

#include <stdbool.h>
#include <stddef.h>

/** Finds a text among the members of an object: valid UTF-8, cut at the end of a character to capacity with its zero.
 * False, and "", if there is none of that name, or the card is no such object. */
bool card_text(const char *card, const char *name, char *ret_text, size_t capacity);

#endif
