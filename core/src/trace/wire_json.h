/* Records as JSON, by the tables of wire.h: for other programs, and for people who look into a recording.
 */
#ifndef MPROC_TRACE_WIRE_JSON_H
#define MPROC_TRACE_WIRE_JSON_H

#include <stddef.h>

/** Room for any record that was decoded, with its final zero. */
#define WIRE_JSON_MAX (256u << 10)

/** Writes a struct record_... of that type as one JSON object on one line, {"record":"pool","pool":1,...}: all fields
 * in their order, numbers as numbers but for those that record_words.h has a word for, flags as true and false, texts
 * escaped such that no control character is left. A zero ends it.
 * Returns how many bytes that takes without the zero, as snprintf does: what does not fit in capacity was not written.
 * 0 if there is no such type. */
size_t mproc__wire_json(char *out, size_t capacity, unsigned type, const void *record);

/** The same of a text, in its quotes: for whoever writes JSON of his own. */
size_t mproc__wire_json_text(char *out, size_t capacity, const char *text, size_t size);

#endif
