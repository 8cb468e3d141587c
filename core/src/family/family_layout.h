/* What lies where in the family segment.
 *
 *     0 KiB     header
 *     4 KiB     process slots   4096 x 64 bytes
 *     260 KiB   thread slots   16384 x 64 bytes, the first unused
 *     1284 KiB  page directory, 24 bytes for each page that the limit allows
 *     then, from a multiple of 1 MiB on: pages of 4 KiB, each holding blocks of one type or belonging to a span
 *
 * Spans take pages from the front on, blocks from the end back. Pages of blocks are never given back, and one of them
 * in the middle would part what is free on its two sides for ever.
 *
 * What lies before the pages is mapped in one piece when a process joins, the rest window by window when first looked
 * at, spans longer than a window in a piece of their own. Process slots and thread slots are committed from their front
 * on, the directory from both of its ends, in steps, pages one by one: all before the first thing in them is handed
 * out.
 *
 * Everything that can be left half done by a death is one 64-bit word that says whose it is: a process slot, a thread
 * slot, a page or a block changes hands by one compare-and-swap, so there is no instruction at which a death leaves it
 * with nobody.
 */
#ifndef MPROC_FAMILY_FAMILY_LAYOUT_H
#define MPROC_FAMILY_FAMILY_LAYOUT_H

#include "platform.h"
#include <stdalign.h>

#define FAMILY_MAGIC   0x796c696d6166706dull /* "mpfamily" */
#define FAMILY_VERSION 6u

#define FAMILY_PAGE_SIZE    4096u
#define FAMILY_WINDOW_SHIFT 20
#define FAMILY_WINDOW_SIZE  ((size_t)1 << FAMILY_WINDOW_SHIFT)
#define FAMILY_WINDOW_PAGES ((uint32_t)(FAMILY_WINDOW_SIZE / FAMILY_PAGE_SIZE))
/* The largest limit: a handle has 32 bits for a place, in units of 64 bytes, of which owner words leave 30. Address
 * space is scarce in 32 bits, and all of it may come to be mapped. */
#define FAMILY_LIMIT_MAX ((size_t)1 << (sizeof(void *) > 4 ? 36 : 30))
#define FAMILY_LIMIT_MIN ((size_t)4 << 20)
/* One page for each type, more or less. */
#define FAMILY_OBJECT_LIMIT_MIN ((size_t)64 << 10)
#define FAMILY_WINDOWS          (FAMILY_LIMIT_MAX >> FAMILY_WINDOW_SHIFT)

#define FAMILY_PROCESSES 4096u
#define FAMILY_THREADS   16384u

#define FAMILY_PROCESS_OFFSET   ((size_t)FAMILY_PAGE_SIZE)
#define FAMILY_THREAD_OFFSET    (FAMILY_PROCESS_OFFSET + FAMILY_PROCESSES * sizeof(struct family_process))
#define FAMILY_DIRECTORY_OFFSET (FAMILY_THREAD_OFFSET + FAMILY_THREADS * sizeof(struct family_thread))

#define FAMILY_NAME_MAX     32u
#define FAMILY_UNIT         64u /* blocks begin at multiples of it: handles count in units */
#define FAMILY_OBJECT_MAX   (FAMILY_PAGE_SIZE - FAMILY_UNIT) /* behind its head, alone in its page */
#define FAMILY_WINDOW_UNITS ((uint32_t)(FAMILY_WINDOW_SIZE / FAMILY_UNIT))

/** The types of what lies in pages, each with what it is called in messages; their numbers are those of their rows. */
#define FAMILY_TYPE_LIST(TYPE)                                                                                         \
    TYPE(FAMILY_FREE, "nothing")                                                                                       \
    TYPE(FAMILY_LOCK, "lock")                                                                                          \
    TYPE(FAMILY_POOL, "pool") /* what all workers of a pool share: bell and spinners */                                \
    TYPE(FAMILY_RLOCK, "rlock")                                                                                        \
    TYPE(FAMILY_SEMAPHORE, "semaphore")                                                                                \
    TYPE(FAMILY_CONDITION, "condition")                                                                                \
    TYPE(FAMILY_EVENT, "event")                                                                                        \
    TYPE(FAMILY_BARRIER, "barrier")                                                                                    \
    TYPE(FAMILY_SEMAPHORE_OWNED, "semaphore") /* that knows who holds its permits */                                   \
    TYPE(FAMILY_QUEUE, "queue")                                                                                        \
    TYPE(FAMILY_PIPE, "pipe")                                                                                          \
    TYPE(FAMILY_ARRAY, "array") /* values and arrays of every type code */                                             \
    TYPE(FAMILY_SPAN, "span")   /* tag of pages that belong to memory of any size, not to blocks of a type */

#define FAMILY_TYPE_NUMBER(type, name) type,
enum family_type { FAMILY_TYPE_LIST(FAMILY_TYPE_NUMBER) FAMILY_TYPES };

/** Incarnation of a thread slot: 14 bits of slot (from 1), 16 bits of generation; 0 is none. */
typedef uint32_t thread_slot;

/** Areas that are committed from their front on; the directory from its end back as well. */
enum family_area { AREA_PROCESSES, AREA_THREADS, AREA_DIRECTORY, AREA_DIRECTORY_END, AREA_COUNT };

/** Hints on where to look first: by type, for a free block of it; the two types that have no blocks stand for free
 * pages, as they are looked for from the front on and from the end back. */
enum { HINT_FRONT = FAMILY_FREE, HINT_END = FAMILY_SPAN };

struct family_header {
    uint64_t magic;
    uint32_t version;
    uint32_t header_size; /**< with version and limit: another layout is another build */
    uint64_t limit;
    uint64_t nonce;
    uint32_t object_pages_max; /**< so many pages may become blocks', of all types together */
    uint32_t tick_source;      /**< what platform_ticks counts in all its processes */
    alignas(64) _Atomic uint64_t next_key;
    alignas(64) platform_word death;
    alignas(64) platform_word activity; /**< see activity.h */
    /* The first process, which keeps handles under way where that takes a process, and the lock of their store: the
     * second half of its handle, 0 until it is made. */
    int64_t keeper_pid;
    _Atomic uint64_t store_lock;
    _Atomic uint32_t swept_death;  /**< value of death when blocks were last swept */
    _Atomic uint32_t store_purged; /**< value of death when the store was last rid of what the dead had left there */
    alignas(64) _Atomic uint32_t process_cursor;
    alignas(64) _Atomic uint32_t thread_cursor;
    alignas(64) _Atomic uint64_t committed[AREA_COUNT]; /**< bytes from each area's front, or end */
    _Atomic uint32_t page_bound;                        /**< pages from here on were never claimed for spans */
    _Atomic uint32_t rank_bound;                        /**< ranks from here on were never claimed for blocks */
    _Atomic uint32_t spare_pages;                       /**< free but backed; about, after a death */
    _Atomic uint32_t spare_asked;                       /**< so many of these may stay, beyond what is usual */
    _Atomic uint32_t block_size[FAMILY_TYPES];          /**< 0: no object of the type was made yet */
    _Atomic uint32_t block_pages[FAMILY_TYPES];         /**< that the type has; about, after a death */
    /* Version << 32 | where to look: a rank, for HINT_FRONT a page. */
    alignas(64) _Atomic uint64_t hint[FAMILY_TYPES];
};

/** A process. word: parent's incarnation << 32 | generation << 12 | state. Its incarnation, by which it is known, is
 * generation << 12 | index, and never 0. */
struct family_process {
    _Atomic uint64_t word;
    _Atomic int64_t pid;
    _Atomic uint64_t start_time;
    _Atomic int64_t checked_ns; /**< when the kernel last said that it lives */
    unsigned char unused[32];
};

/** There is no state for the dead: a process dies by its slot becoming free, in one step. */
enum family_process_state { PROCESS_FREE = 0, PROCESS_RESERVED = 1, PROCESS_LIVE = 2 };
#define PROCESS_INDEX_BITS      12
#define PROCESS_INDEX_MASK      0xfffu
#define PROCESS_GENERATION_MASK 0xfffffu

/** A thread that waits or owns. word: incarnation of its process << 32 | generation << 16 | state. */
struct family_thread {
    _Atomic uint64_t word;
    /* For onlookers: the second half of the handle that it sleeps for, with an enum thread_wait in two bits that no
     * place has, or 0; and since when, in units of 2^20 ns, which come round after 52 days, and of which the lowest bit
     * is THREAD_LIMITED. */
    _Atomic uint64_t waits_on;
    _Atomic uint64_t system_id;
    _Atomic uint32_t holds;
    _Atomic uint32_t waits_since;
    /* The thread sleeps here when somebody is to wake it and no other: mproc__thread_slot_notify. Key and count of
     * sleepers outlive the thread, and its value only ever counts up: a notice that was meant for the slot's last
     * bearer makes this one look once for nothing. */
    platform_word bell;
    /* For onlookers as well, addresses in its process: where the program called what it sleeps in, and where it last
     * took a lock. */
    _Atomic uint64_t waits_at;
    _Atomic uint64_t held_at;
};

/** What a thread sleeps for: to hold something, to get from it, to put into it, or that something happens to it. */
enum thread_wait { THREAD_TAKES = 0, THREAD_GETS = 1, THREAD_PUTS = 2, THREAD_WAITS = 3 };
#define THREAD_WAIT_SHIFT  30
#define THREAD_WAIT_MASK   ((uint64_t)3 << THREAD_WAIT_SHIFT)
#define THREAD_SINCE_SHIFT 20
#define THREAD_LIMITED     1u /**< it waits for so long only */

enum family_thread_state { THREAD_FREE = 0, THREAD_LIVE = 1 };
#define THREAD_INDEX_BITS      14
#define THREAD_INDEX_MASK      0x3fffu
#define THREAD_GENERATION_MASK 0xffffu
#define THREAD_SLOT_MASK       0x3fffffffu

/** Pages and blocks: tag << 32 | state << 30 | thread slot. The tag of a block is its generation; its thread slot is
 * the claimant's, else 0.
 *
 * Pages:               tag                          thread slot
 *     FREE             what is known of its memory  0
 *     CLAIMED          0                            the claimant's
 *     PUBLISHED, blocks   their type                   0
 *     PUBLISHED, span     FAMILY_SPAN                  the span's generation; this is the span's first page, its head
 *     TAIL             head page and memory         the generation of the span it is a part of
 */
enum family_state { STATE_FREE = 0, STATE_CLAIMED = 1, STATE_PUBLISHED = 2, STATE_TAIL = 3 };

/** What is known of the memory of a page that is free, or was when it became part of a run. Neither: no memory is
 * there, and it would be zero. */
#define PAGE_BACKED 0x80000000u
#define PAGE_DIRTY  0x40000000u /* not known to be zero */
#define PAGE_INDEX  0x00ffffffu

/** A thread slot with a state of two bits and a tag, in one word that a compare-and-swap changes as a whole: pages and
 * blocks, and the entries in which conditions and barriers note who waits. */
static inline uint64_t slot_entry(uint32_t tag, unsigned state, thread_slot thread)
{
    return (uint64_t)tag << 32 | (uint64_t)state << 30 | thread;
}

static inline uint32_t slot_entry_tag(uint64_t word)
{
    return (uint32_t)(word >> 32);
}

static inline unsigned slot_entry_state(uint64_t word)
{
    return (unsigned)(word >> 30 & 3);
}

static inline thread_slot slot_entry_thread(uint64_t word)
{
    return (thread_slot)(word & THREAD_SLOT_MASK);
}

static inline uint64_t family_word(uint32_t tag, enum family_state state, thread_slot thread)
{
    return slot_entry(tag, state, thread);
}

static inline uint32_t family_word_tag(uint64_t word)
{
    return slot_entry_tag(word);
}

static inline enum family_state family_word_state(uint64_t word)
{
    return (enum family_state)slot_entry_state(word);
}

static inline thread_slot family_word_thread(uint64_t word)
{
    return slot_entry_thread(word);
}

/** Directory entry. free: in a page of blocks one bit per block that is free, as a hint; the truth is the block's
 * state. In a span's head the number of its pages. owner: in a span's head whose the span is, see span.h. Not in one
 * word with free, so that nobody can mistake one page's bits for another's owner. */
struct family_page {
    _Atomic uint64_t state;
    _Atomic uint64_t free;
    _Atomic uint64_t owner;
};

/** A block: this head, and the object behind it. The head of a lock is all of it: one cache line. */
struct family_block {
    _Atomic uint64_t state;
    /* Belongs to the block and not to the object: its key and its count of sleepers outlive the object, since a sleeper
     * of a destroyed object leaves platform_wait, and takes itself out of the count, when the next one may be there
     * already. Its value is 0 when an object begins. */
    platform_word word;
    /* In words, because a message about a lock may be made while its block becomes another one: torn between two
     * names at worst, and never without an end. */
    _Atomic uint64_t name[FAMILY_NAME_MAX / 8];
    _Atomic uint64_t contended; /**< how often somebody slept before he had it, of what is taken; for onlookers */
};

/** Value of a block's word once its object is being destroyed: never a thread's id, whose generation is at least 1.
 * Whoever finds it in a published block may finish the work. */
#define FAMILY_RETIRED 1u

_Static_assert(sizeof(struct family_header) == 704, "the header has one page, and in it the size of its version");
_Static_assert(sizeof(struct family_process) == 64, "a process slot is a cache line");
_Static_assert(sizeof(struct family_thread) == 64, "a thread slot is a cache line");
_Static_assert(sizeof(struct family_page) == 24, "a directory entry as the layout says");
_Static_assert(sizeof(struct family_block) == FAMILY_UNIT, "a block's head is a cache line");
_Static_assert(FAMILY_LIMIT_MAX / FAMILY_PAGE_SIZE <= (size_t)PAGE_INDEX + 1, "every page has an index");
_Static_assert(FAMILY_LIMIT_MAX / FAMILY_UNIT <= (size_t)1 << 30,
               "owner words tell objects from thread slots by bit 31");

/** What lies before the pages of a family with this limit. */
static inline size_t family_fixed_size(size_t limit)
{
    size_t size = FAMILY_DIRECTORY_OFFSET + limit / FAMILY_PAGE_SIZE * sizeof(struct family_page);
    return (size + FAMILY_WINDOW_SIZE - 1) & ~(FAMILY_WINDOW_SIZE - 1);
}

#endif
