/* The memory that processes share: how much it may become, and what is in it.
 *
 * All that is passed by value (locks, queues, arrays ...) lies in one anonymous segment, which the first process makes
 * when it is first needed and which every process of the family sees. It has a limit. The limit is no reservation:
 * memory is taken from the system when something is made, in full, so that touching it later cannot fail, and most of
 * it is given back when that is freed.
 *
 * Data of any size (the items of arrays, what lies in queues and pipes) leaves room for data of any other size. Objects
 * do not: a page of 4 KiB that ever held locks, say, will hold nothing but locks, because a handle to a lock that was
 * destroyed may still be looked at. So what a crowd of objects has taken stays theirs. For that there is an object
 * limit, and within it each kind gets pages only as long as it has fewer than are left for all: half of them at
 * most, and a kind that comes late finds some. A page has room for 64 locks, 21 arrays or one queue.
 */
#ifndef MPROC_MEMORY_H
#define MPROC_MEMORY_H

#include <mproc/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is in the family's memory. Sizes in bytes. */
typedef struct mproc_memory_usage {
    uint64_t limit;        /**< as set, or the default */
    uint64_t room;         /**< part of limit: what objects and data may take; the rest is set aside for tables */
    uint64_t object_limit; /**< part of room: what objects may take */
    uint64_t used;         /**< what objects, their data and the library's tables take: the next three together */
    uint64_t tables;       /**< part of used: processes, threads, and what says where things are */
    uint64_t objects;      /**< part of used: pages for objects, also for such as were destroyed: see above */
    uint64_t data;         /**< part of used: data of any size, such as that of arrays and queues, in pages of 4 KiB */
    uint64_t spare;        /**< beyond used: memory that was freed and is kept for the next */
    uint32_t locks;        /**< how many there are of each type */
    uint32_t rlocks;       /**< the same */
    uint32_t semaphores;   /**< the same */
    uint32_t conditions;   /**< the same */
    uint32_t events;       /**< the same */
    uint32_t barriers;     /**< the same */
    uint32_t queues;       /**< the same */
    uint32_t pipes;        /**< the same */
    uint32_t arrays;       /**< the same; values are arrays of one item */
    uint32_t pools;        /**< the same; each pool has one object of its own */
} mproc_memory_usage;

/** Sets how much memory the family may share. Call it before anything that is shared is made: a lock, a process, a
 * pool. Children know the limit from their parent.
 *
 * bytes: from 4 MiB to 64 GiB (1 GiB in a 32-bit program), rounded down to whole MiB; 0 for the default, which is half
 *     of the machine's memory, at most 8 GiB (1 GiB on Windows, 256 MiB in a 32-bit program), less if the process has
 *     limits of file size or address space that ask for it. 0.6 per cent of the limit, and at least 2 MiB, are address
 *     space in every process.
 * Returns: 0; MPROC_E_INVALID for less than that, MPROC_E_LIMIT for more; MPROC_E_STATE if the memory has been made.
 *     A limit that the system does not allow (RLIMIT_FSIZE) is MPROC_E_LIMIT in the call that makes the first object.
 * Blocks: never. Threads: any. Fork: in the first process of a family only.
 * Since: 0.2
 */
MPROC_API int mproc_set_memory_limit(uint64_t bytes);

/** Sets how much of the memory may become objects', all kinds together, for as long as the family lives. Call it where
 * mproc_set_memory_limit is called.
 *
 * bytes: from 64 KiB to 64 GiB (1 GiB in a 32-bit program), rounded down to pages of 4 KiB; 0 for the default, which is
 *     half of what objects and data may take. More than there is means all of it.
 * Returns: as mproc_set_memory_limit.
 * Blocks: never. Threads: any. Fork: in the first process of a family only.
 * Since: 0.2
 */
MPROC_API int mproc_set_object_limit(uint64_t bytes);

MPROC_API int mproc_get_memory_usage_(mproc_memory_usage *ret_usage, size_t usage_size);

/** What the family's memory holds at this moment. If there is none yet this makes it. What dead processes had
 * left half made is given back first. While others make and free things the figures are of no single moment.
 *
 * Returns: 0; MPROC_E_INVALID for NULL; MPROC_E_LIMIT; MPROC_E_NO_MEMORY; MPROC_E_OS; MPROC_E_WRONG_PROCESS in a copy
 *     made by the program's own fork.
 * Blocks: never; takes about 3 ms for each GiB that was ever in use. Threads: any. Fork: any process of the family.
 * Since: 0.2
 */
static inline int mproc_get_memory_usage(mproc_memory_usage *ret_usage)
{
    return mproc_get_memory_usage_(ret_usage, sizeof *ret_usage);
}

#ifdef __cplusplus
}
#endif
#endif
