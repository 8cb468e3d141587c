/* Records that are kept: a record's texts point into the frame that it came in, and are gone with it. */
#ifndef MPROC_MODEL_KEPT_H
#define MPROC_MODEL_KEPT_H

#include "trace/wire.h"
#include <stdbool.h>

/** Copies a record, a struct record_... of this type, to where it is to be kept, and its texts into one block of memory
 * that takes the place of the one before it (NULL at first, and for a record without any text). Each text of the copy
 * is ended by a zero. Returns 0, or MPROC_E_NO_MEMORY with all as it was. */
int kept_store(unsigned type, void *slot, char **texts, const void *record);

/** A text of a kept record as a string; "" of one that was never told. Of no other record: there is no zero behind
 * its text. */
static inline const char *kept_string(struct record_text text)
{
    return text.data != NULL ? text.data : "";
}

#endif
