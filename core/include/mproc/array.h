/* Arrays in memory that processes share.
 *
 * An array has items of one type, which never change their number; a single value is an array of one item. It is a
 * handle: copy it into a task's argument, a result, a queue or shared memory, and it means the same items in every
 * process of the family. Items are plain data: numbers, characters, your structs. Pointers mean
 * nothing in another process.
 *
 * There are three ways to the items:
 *
 * - mproc_array_get and mproc_array_set copy items under the array's lock, so that nobody sees half of what another has
 *   set. A thread that holds the lock may call them too; several calls between taking and giving the lock are then one
 *   change. If a holder died, they do their work and return MPROC_OWNER_DIED until mproc_lock_repaired is called.
 * - mproc_array_int and its like return the address of the items in this process, to be used as any array. They refuse
 *   another type than the array's. Who is reading and who is writing is for the program to arrange, with the lock of
 *   mproc_array_get_lock or otherwise.
 * - mproc_array_add changes an integer in one step that no other process can see half done, without a lock.
 *
 * A raw array (options.raw) has no lock: mproc_array_get and mproc_array_set just copy. An array is freed by
 * mproc_array_destroy, and not by the end of the process that made it: it lives until the last process of the family
 * has ended. To destroy an array that others are still using is an error of the program, which mproc answers with
 * MPROC_E_STALE where it sees it. It cannot see a write through an address: that one goes to memory which may be
 * another object's by then.
 */
#ifndef MPROC_ARRAY_H
#define MPROC_ARRAY_H

#include <mproc/lock.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An array, by value. All zero is no array. */
typedef struct mproc_array {
    uint64_t id[2];
} mproc_array;

/** The types that items can have beside structs: X(name, type, c_type). A type is named by its code in Python's array
 * module. */
#define MPROC_ARRAY_TYPE_MAP(X)                                                                                        \
    X(char, 'c', char)                                                                                                 \
    X(wchar, 'u', wchar_t)                                                                                             \
    X(schar, 'b', signed char)                                                                                         \
    X(uchar, 'B', unsigned char)                                                                                       \
    X(short, 'h', short)                                                                                               \
    X(ushort, 'H', unsigned short)                                                                                     \
    X(int, 'i', int)                                                                                                   \
    X(uint, 'I', unsigned)                                                                                             \
    X(long, 'l', long)                                                                                                 \
    X(ulong, 'L', unsigned long)                                                                                       \
    X(llong, 'q', long long)                                                                                           \
    X(ullong, 'Q', unsigned long long)                                                                                 \
    X(float, 'f', float)                                                                                               \
    X(double, 'd', double)

/** The type of items that are structs of the program, whose size options.item_size says. */
#define MPROC_ARRAY_STRUCT '{'

typedef struct mproc_array_options {
    const void *initial; /**< the items at the beginning, as many as the array has; NULL: all zero. Copied */
    bool raw;            /**< without a lock */
    size_t item_size;    /**< bytes of an item of type MPROC_ARRAY_STRUCT, below 2 GiB; 0 for other types */
    const char *name;    /**< shown in messages; copied, cut at 31 bytes; NULL for none */
} mproc_array_options;

/** What an array is. */
typedef struct mproc_array_info {
    int type;         /**< of the items: of MPROC_ARRAY_TYPE_MAP, or MPROC_ARRAY_STRUCT */
    bool raw;         /**< it has no lock */
    size_t count;     /**< items */
    size_t item_size; /**< bytes of one */
} mproc_array_info;

/* ---- Making and freeing ---- */

MPROC_API int mproc_array_create_(mproc_array *ret_array, int type, size_t count, const mproc_array_options *options,
                                  size_t options_size);

/** Makes an array.
 *
 * type: one of MPROC_ARRAY_TYPE_MAP, as 'i' for int, or MPROC_ARRAY_STRUCT.
 * count: number of items. 0 is allowed: an array of nothing.
 * Returns: 0; MPROC_E_TYPE for an unknown type; MPROC_E_INVALID for a struct without a size, or a size without a
 *     struct; MPROC_E_LIMIT for a struct of 2 GiB or more, and if the family's memory has no room, naming what was
 *     asked for, the limit and what is in use; MPROC_E_NO_MEMORY if this process has no address space for it;
 *     MPROC_E_NOT_INITIALIZED; MPROC_E_OS.
 * Blocks: never. Threads: any. Fork: the array is valid in all processes of the family.
 * Since: 0.2. Source: multiprocessing.Array, RawArray.
 */
static inline int mproc_array_create(mproc_array *ret_array, int type, size_t count, const mproc_array_options *options)
{
    return mproc_array_create_(ret_array, type, count, options, sizeof *options);
}

/** Makes another array of the same type, with or without a lock as the first, with the items it has at this moment.
 *
 * Returns: as mproc_array_create and mproc_array_get.
 * Blocks: until it has the lock of the array. Threads: any. Fork: as mproc_array_create.
 * Since: 0.1. Source: multiprocessing.sharedctypes.copy.
 */
MPROC_API int mproc_array_copy(mproc_array array, mproc_array *ret_copy);

/** Frees the array and its lock for all processes. Handles to either become stale.
 *
 * Returns: 0; MPROC_E_STATE while somebody who lives holds its lock; MPROC_E_STALE; MPROC_E_FOREIGN; MPROC_E_LIMIT as
 *     for mproc_lock_acquire; MPROC_E_NO_MEMORY.
 * Blocks: never. Threads: any. Fork: any process of the family may call it.
 * Since: 0.1
 */
MPROC_API int mproc_array_destroy(mproc_array array);

MPROC_API int mproc_array_get_info_(mproc_array array, mproc_array_info *ret_info, size_t info_size);

/** What the array is: its length, among others.
 *
 * Returns: 0; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: len().
 */
static inline int mproc_array_get_info(mproc_array array, mproc_array_info *ret_info)
{
    return mproc_array_get_info_(array, ret_info, sizeof *ret_info);
}

/** The lock of the array. It belongs to the array: it must not be destroyed.
 *
 * Returns: 0; MPROC_E_STATE for a raw array, which has none; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: get_lock().
 */
MPROC_API int mproc_array_get_lock(mproc_array array, mproc_lock *ret_lock);

/* ---- Items, copied ---- */

/** Copies items out of the array, under its lock.
 *
 * first, count: which items. count 0 copies nothing, and first may then be the length of the array.
 * ret_items: room for count items. May be NULL if count is 0.
 * item_size: bytes of one item there, as a check: sizeof *ret_items.
 * Returns: 0; MPROC_OWNER_DIED with the items copied, if a holder of the lock died: they may be half changed;
 *     MPROC_E_RANGE, naming both, if they are not all in the array; MPROC_E_INVALID for a NULL; MPROC_E_SIZE if items
 *     have another size; MPROC_E_STALE; MPROC_E_FOREIGN; MPROC_E_LIMIT as mproc_lock_acquire; MPROC_E_NO_MEMORY.
 * Blocks: until it has the lock, if the array has one; a holder's death ends that within 50 ms.
 * Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: array[i], array[i:j].
 */
MPROC_API int mproc_array_get(mproc_array array, size_t first, size_t count, void *ret_items, size_t item_size);

/** Copies items into the array, under its lock. As mproc_array_get, the other way round.
 *
 * Returns: as mproc_array_get; with MPROC_OWNER_DIED the items were set.
 * Blocks: as mproc_array_get. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: array[i] = x, array[i:j] = [...].
 */
MPROC_API int mproc_array_set(mproc_array array, size_t first, size_t count, const void *items, size_t item_size);

/** Copies the text in an array of type 'c' up to its first zero byte, or its end, under its lock.
 *
 * ret_text: gets a zero byte behind the text.
 * Returns: 0; MPROC_OWNER_DIED as mproc_array_get; MPROC_E_TOO_SHORT, naming the capacity that is needed; MPROC_E_TYPE
 *     for another type; and the errors of mproc_array_get.
 * Blocks: as mproc_array_get. Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: the attribute value of arrays of c_char. Its attribute raw is mproc_array_get.
 */
MPROC_API int mproc_array_get_string(mproc_array array, char *ret_text, size_t capacity);

/** Copies a text into an array of type 'c' from its first item on, under its lock, and a zero byte behind it if there
 * is room. What is behind that stays.
 *
 * Returns: 0; MPROC_OWNER_DIED as mproc_array_set; MPROC_E_TOO_SHORT if it is longer than the array, of which
 *     nothing is changed; MPROC_E_TYPE for another type; and the errors of mproc_array_set.
 * Blocks: as mproc_array_get. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: the attribute value of arrays of c_char.
 */
MPROC_API int mproc_array_set_string(mproc_array array, const char *text);

/* ---- Items, in place ---- */

/** Adds to an integer in the array in one atomic step, whether the array has a lock or not; the lock is not taken.
 *
 * delta: may be negative. The sum wraps round as unsigned integers do.
 * ret_old: what was there before, as the item's type says; values of type 'Q' (and 'L') from 2^63 on come out
 *     negative. May be NULL.
 * Returns: 0; MPROC_E_RANGE for an index outside the array; MPROC_E_TYPE if the items are no integers ('c' and
 *     'u' are not either); MPROC_E_STALE; MPROC_E_FOREIGN; MPROC_E_NO_MEMORY.
 * Blocks: never. Ordering: sequentially consistent. Threads: any. Fork: any process of the family.
 * Since: 0.2
 */
MPROC_API int mproc_array_add(mproc_array array, size_t index, int64_t delta, int64_t *ret_old);

/** The items in this process's memory, for reading and writing. mproc_array_int and so on are this function with the
 * size and the cast of a type.
 *
 * type: must be the array's.
 * item_size: must be the array's: sizeof of the struct, for MPROC_ARRAY_STRUCT.
 * ret_count: the number of items. May be NULL. Written only on success.
 * Returns: an address that is divisible by 64, and stays valid in this process until the array is destroyed; for an
 *     array of nothing too. NULL with the reason in mproc_last_code(): MPROC_E_TYPE; MPROC_E_SIZE; MPROC_E_STALE;
 *     MPROC_E_FOREIGN; MPROC_E_NO_MEMORY for want of address space.
 * Blocks: never; a few ns after the first call for an array. Threads: any. Fork: in a child made by mproc ask again,
 *     for it may be another address.
 * Since: 0.2. Source: get_obj().
 */
MPROC_API void *mproc_array_get_data(mproc_array array, int type, size_t item_size, size_t *ret_count);

/** Typed access: int *mproc_array_int(mproc_array array, size_t *ret_count), and so for each name of
 * MPROC_ARRAY_TYPE_MAP. They are mproc_array_get_data with the size and the cast. Since: 0.1. */
#define MPROC_ARRAY_ACCESS(name, type, c_type)                                                                         \
    static inline c_type *mproc_array_##name(mproc_array array, size_t *ret_count)                                     \
    {                                                                                                                  \
        return (c_type *)mproc_array_get_data(array, type, sizeof(c_type), ret_count);                                 \
    }
MPROC_ARRAY_TYPE_MAP(MPROC_ARRAY_ACCESS)
#undef MPROC_ARRAY_ACCESS

#ifdef __cplusplus
}
#endif
#endif
