/* Objects that processes share: made, found by their handles, destroyed; and what calls on them say when they fail. */
#ifndef MPROC_MEMORY_OBJECT_H
#define MPROC_MEMORY_OBJECT_H

#include "family/family_layout.h"

/** Makes an object of a type and size (at most 4032 bytes, the same for all objects of the type), zeroed and aligned to
 * 64, and its handle. Opens the family if need be. A platform_word inside must not have sleepers any more when
 * its object is destroyed, for the next object zeroes it, unless it was made by mproc__object_create_words. If the
 * calling thread ends before it has published the object, the object is taken back. Errors: MPROC_E_LIMIT when the
 * segment is full or cannot be backed, and as mproc__family_open. */
int mproc__object_create(enum family_type type, size_t size, uint64_t ret_id[2], void **ret_object);

/** The same for an object that begins with so many platform_words on which threads may sleep. They belong to the block,
 * as its own word does: their keys and counts of sleepers outlive the object, because a sleeper of a destroyed object
 * may still be on its way out when the next one is there. Their values are 0. */
int mproc__object_create_words(enum family_type type, unsigned words, size_t size, uint64_t ret_id[2],
                               void **ret_object);

/** Makes the object visible to mproc__object_find: the last step of creating one, after its content is set. */
void mproc__object_publish(const uint64_t id[2]);

/** The object of a handle, a few ns. Errors: MPROC_E_FOREIGN (no handle, another family or type), MPROC_E_STALE,
 * MPROC_E_WRONG_PROCESS in a copy made by the program's own fork. */
int mproc__object_find(enum family_type type, const uint64_t id[2], void **ret_object);

/** Frees the object: every handle to it is stale from now on. Errors: as find. */
int mproc__object_destroy(enum family_type type, const uint64_t id[2]);

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
