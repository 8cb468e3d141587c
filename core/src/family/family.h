/* The family segment: the one shared memory that the first process makes and all its descendants map, whatever
 * the start method. Everything that is passed by value between processes lies in it (D9).
 *
 * Layout: a header, the process slots, the thread nodes, a page directory, pages. Offsets and never pointers inside;
 * mapped at any address, in chunks, as needed. A page holds objects of one type only and keeps it for ever
 * (type-stable), so that a check that races with a destroy reads an object of the same type, never garbage.
 *
 * An allocator block is FREE, CLAIMED(incarnation) or LINKED; a process that dies in between leaves a CLAIMED block
 * whose owner is dead, which the next allocation that finds it takes back. No lock is needed anywhere in here.
 */
#ifndef MPROC_FAMILY_FAMILY_H
#define MPROC_FAMILY_FAMILY_H

#include "platform.h"

enum family_type {
    FAMILY_FREE = 0,
    FAMILY_LOCK = 1,
    FAMILY_POOL = 2, /**< what all workers of a pool share: bell and spinners */
    FAMILY_RLOCK,
    FAMILY_SEMAPHORE,
    FAMILY_CONDITION,
    FAMILY_EVENT,
    FAMILY_BARRIER,
    FAMILY_PERMITS, /**< a semaphore that knows who holds its permits */
    FAMILY_QUEUE,
    FAMILY_PIPE,
    FAMILY_ARRAY, /**< values and arrays of every type code */
    FAMILY_SPAN,  /**< tag of pages that belong to memory of any size, not to blocks of a type */
    FAMILY_TYPES
};

/** Sets the limit of a family that does not exist yet, in bytes; 0: the default. Errors: MPROC_E_STATE if this process
 * has a family; MPROC_E_RANGE. */
int mproc__family_set_limit(uint64_t bytes);

/** Makes sure that this process has the family segment: makes it in the first process of a family, once, when first
 * needed. Any thread. Errors: MPROC_E_OS, MPROC_E_LIMIT; MPROC_E_WRONG_PROCESS in a copy made by the program's own
 * fork. */
int mproc__family_open(void);

/** In a child: joins the family of the parent by inherited handles, as the process with this slot. Once, before
 * anything else of core is used. The handles are not closed, whatever happens. Errors: MPROC_E_MISMATCH for a segment
 * of another layout version; MPROC_E_STATE if the slot is no longer reserved; MPROC_E_NO_MEMORY, MPROC_E_OS. */
int mproc__family_join(platform_handle segment, platform_handle scope, uint32_t process_slot);

/** The handles to pass on to children (scope is PLATFORM_NO_HANDLE on POSIX). After open or join. */
platform_handle mproc__family_segment(void);
platform_handle mproc__family_scope(void);

/** A number for a platform_word, never given out before in this family. About 5 ns, any thread. */
uint64_t mproc__family_new_key(void);

/** The word that changes whenever a process or an owning thread of the family has died: pass it to platform_wait. */
platform_word *mproc__family_death_word(void);

/** The word that changes whenever something that mproc_wait_any looks at has become ready: see activity.h. */
platform_word *mproc__family_activity_word(void);

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

/** Gives back what dead processes had claimed and not linked, and spans whose owner is dead; returns how many blocks,
 * pages and spans. Also run by allocation. */
size_t mproc__family_sweep(void);

/** Bytes in use, by the segment's own tables too, and bytes it may grow to, for messages and tests. */
void mproc__family_usage(uint64_t *ret_used, uint64_t *ret_limit);

#endif
