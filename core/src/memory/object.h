/* What the objects that processes share have in common beside their place in the family segment: how a call finds one,
 * and how it says which one it was about.
 */
#ifndef MPROC_MEMORY_OBJECT_H
#define MPROC_MEMORY_OBJECT_H

#include "family/family_layout.h"

/** The block of a handle, or the reason why there is none. Errors: as mproc__object_find. */
int mproc__object_block(enum family_type type, const uint64_t id[2], struct family_block **ret_block);

/** Makes an object of the type, with a name if there is one, and does not publish it yet. words: as
 * mproc__object_create_words. Errors: MPROC_E_NOT_INITIALIZED; as mproc__object_create. */
int mproc__object_new(enum family_type type, unsigned words, size_t size, const char *name, uint64_t ret_id[2],
                      void **ret_object);

/** The error of a call on an object that exists: "lock NAME" and then what, as ", which is held". Returns code. */
int mproc__object_error(int code, enum family_type type, struct family_block *block, const char *what);

/** The error of a call on an object that was there a moment ago. Returns MPROC_E_STALE. */
int mproc__object_stale(enum family_type type, const uint64_t id[2]);

#endif
