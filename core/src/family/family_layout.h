/* What lies where in the family segment, and the few instructions of it that the lock runs on every call.
 *
 *     0 KiB     header
 *     4 KiB     process slots   4096 x 64 bytes
 *     260 KiB   thread nodes   16384 x 64 bytes, the first unused
 *     1284 KiB  page directory, 24 bytes for each page that the limit allows
 *     then, from a multiple of 1 MiB on: pages of 4 KiB, each holding blocks of one type or belonging to a span
 *
 * What lies before the pages is mapped in one piece when a process joins, the rest chunk by chunk when first looked at,
 * spans longer than a chunk in a piece of their own. Slots, nodes and directory are committed from their front on, in
 * steps, pages one by one: all before the first thing in them is handed out.
 *
 * Everything that can be left half done by a death is one 64-bit word that says whose it is: a slot, a node, a page
 * or a block changes hands by one compare-and-swap, so there is no instruction at which a death leaves it with nobody.
 */
#ifndef MPROC_FAMILY_FAMILY_LAYOUT_H
#define MPROC_FAMILY_FAMILY_LAYOUT_H

#include "family/family.h"
#include "family/node.h"
#include <stdalign.h>
#include <string.h>

#define FAMILY_MAGIC   0x796c696d6166706dull /* "mpfamily" */
#define FAMILY_VERSION 2u

#define FAMILY_PAGE_SIZE   4096u
#define FAMILY_CHUNK_SHIFT 20
#define FAMILY_CHUNK_SIZE  ((size_t)1 << FAMILY_CHUNK_SHIFT)
#define FAMILY_CHUNK_PAGES ((uint32_t)(FAMILY_CHUNK_SIZE / FAMILY_PAGE_SIZE))
/* The largest limit: a handle has 32 bits for a place, in units of 64 bytes, of which owner words leave 30. Address
 * space is scarce in 32 bits, and all of it may come to be mapped. */
#define FAMILY_LIMIT_MAX ((size_t)1 << (sizeof(void *) > 4 ? 36 : 30))
#define FAMILY_LIMIT_MIN ((size_t)4 << 20)
#define FAMILY_CHUNKS    (FAMILY_LIMIT_MAX >> FAMILY_CHUNK_SHIFT)

#define FAMILY_PROCESSES 4096u
#define FAMILY_NODES     16384u

#define FAMILY_PROCESS_OFFSET   ((size_t)FAMILY_PAGE_SIZE)
#define FAMILY_NODE_OFFSET      (FAMILY_PROCESS_OFFSET + FAMILY_PROCESSES * sizeof(struct family_process))
#define FAMILY_DIRECTORY_OFFSET (FAMILY_NODE_OFFSET + FAMILY_NODES * sizeof(struct family_node))

#define FAMILY_NAME_MAX    32u
#define FAMILY_UNIT        64u /* blocks begin at multiples of it: handles count in units */
#define FAMILY_OBJECT_MAX  (FAMILY_PAGE_SIZE - FAMILY_UNIT) /* behind its head, alone in its page */
#define FAMILY_CHUNK_UNITS ((uint32_t)(FAMILY_CHUNK_SIZE / FAMILY_UNIT))

/** Areas that are committed from their front on. */
enum family_area { AREA_PROCESSES, AREA_NODES, AREA_DIRECTORY, AREA_COUNT };

struct family_header {
    uint64_t magic;
    uint32_t version;
    uint32_t header_size; /**< with version and limit: another layout is another build */
    uint64_t limit;
    uint64_t nonce;
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
    alignas(64) _Atomic uint32_t node_cursor;
    alignas(64) _Atomic uint64_t committed[AREA_COUNT]; /**< bytes from each area's front */
    _Atomic uint32_t page_bound;                        /**< pages from here on have never been claimed */
    _Atomic uint32_t spare_pages;                       /**< free but backed; about, after a death */
    _Atomic uint32_t block_size[FAMILY_TYPES];          /**< 0: no object of the type was made yet */
    /* Where to look first for a free block of the type, for FAMILY_FREE for a free page: version << 32 | page. */
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
struct family_node {
    _Atomic uint64_t word;
    _Atomic uint64_t waits_on; /**< second half of the handle it sleeps on, or 0; for whoever draws the graph */
    _Atomic uint64_t thread;
    _Atomic uint32_t holds;
    /* The thread sleeps here when somebody is to wake it and no other: mproc__node_ring. Key and count of sleepers
     * outlive the thread, and its value only ever counts up: a ring that was meant for the node's last bearer makes
     * this one look once for nothing. */
    platform_word bell;
    unsigned char unused[16];
};

enum family_node_state { NODE_FREE = 0, NODE_LIVE = 1 };
#define NODE_SLOT_BITS       14
#define NODE_SLOT_MASK       0x3fffu
#define NODE_GENERATION_MASK 0xffffu
#define NODE_ID_MASK         0x3fffffffu

/** Pages and blocks: tag << 32 | state << 30 | node. The tag of a block is its generation; its node is the claimant's,
 * else 0.
 *
 * Pages:               tag                          node
 *     FREE             what is known of its memory  0
 *     CLAIMED          0                            the claimant's
 *     LINKED, blocks   their type                   0
 *     LINKED, span     FAMILY_SPAN                  the span's generation; this is the span's first page, its head
 *     TAIL             head page and memory         the generation of the span it is a part of
 */
enum family_state { STATE_FREE = 0, STATE_CLAIMED = 1, STATE_LINKED = 2, STATE_TAIL = 3 };

/** What is known of the memory of a page that is free, or was when it became part of a run. Neither: no memory is
 * there, and it would be zero. */
#define PAGE_BACKED 0x80000000u
#define PAGE_DIRTY  0x40000000u /* not known to be zero */
#define PAGE_INDEX  0x00ffffffu

/** A node with a state of two bits and a tag, in one word that a compare-and-swap changes as a whole: pages and blocks,
 * and the entries in which conditions and barriers note who waits. */
static inline uint64_t node_entry(uint32_t tag, unsigned state, node_id node)
{
    return (uint64_t)tag << 32 | (uint64_t)state << 30 | node;
}

static inline uint32_t node_entry_tag(uint64_t word)
{
    return (uint32_t)(word >> 32);
}

static inline unsigned node_entry_state(uint64_t word)
{
    return (unsigned)(word >> 30 & 3);
}

static inline node_id node_entry_node(uint64_t word)
{
    return (node_id)(word & NODE_ID_MASK);
}

static inline uint64_t family_word(uint32_t tag, enum family_state state, node_id node)
{
    return node_entry(tag, state, node);
}

static inline uint32_t family_word_tag(uint64_t word)
{
    return node_entry_tag(word);
}

static inline enum family_state family_word_state(uint64_t word)
{
    return (enum family_state)node_entry_state(word);
}

static inline node_id family_word_node(uint64_t word)
{
    return node_entry_node(word);
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
    uint64_t unused;
};

/** Value of a block's word once its object is being destroyed: never a node's id, whose generation is at least 1.
 * Whoever finds it in a linked block may finish the work. */
#define FAMILY_RETIRED 1u

_Static_assert(sizeof(struct family_header) <= FAMILY_PAGE_SIZE, "the header has one page");
_Static_assert(sizeof(struct family_process) == 64, "a process slot is a cache line");
_Static_assert(sizeof(struct family_node) == 64, "a node is a cache line");
_Static_assert(sizeof(struct family_page) == 24, "a directory entry as the layout says");
_Static_assert(sizeof(struct family_block) == FAMILY_UNIT, "a block's head is a cache line");
_Static_assert(FAMILY_LIMIT_MAX / FAMILY_PAGE_SIZE <= (size_t)PAGE_INDEX + 1, "every page has an index");
_Static_assert(FAMILY_LIMIT_MAX / FAMILY_UNIT <= (size_t)1 << 30, "owner words tell objects from nodes by bit 31");

/** What this process knows of its family. */
struct family_local {
    /* 0 until the family is joined, so that every handle is out of range. Stored with release after secret is
     * written, loaded with acquire before secret is read. */
    _Atomic uint32_t unit_limit;
    uint32_t process; /**< own incarnation */
    uint64_t secret[FAMILY_TYPES];
    unsigned char *fixed;
    size_t limit, fixed_size; /**< of the family; limit is 0 until it is known */
    uint32_t pages;
    platform_handle segment, scope;
    _Atomic uint32_t chunk_bound;                   /**< no entry from here on was ever set */
    _Atomic(unsigned char *) chunks[FAMILY_CHUNKS]; /**< those of the fixed part stay NULL */
    /** Longer mappings that begin at this chunk: address, with log2 of the number of chunks in its low bits. */
    _Atomic uintptr_t extents[FAMILY_CHUNKS];
};
extern struct family_local mproc__family;

/** The calling thread. */
struct family_self {
    node_id id; /**< 0 before mproc__node_self */
    struct family_node *node;
};
extern _Thread_local struct family_self mproc__self;

static inline struct family_header *family_header(void)
{
    return (struct family_header *)mproc__family.fixed;
}

static inline struct family_process *family_process(uint32_t incarnation)
{
    return (struct family_process *)(mproc__family.fixed + FAMILY_PROCESS_OFFSET) + (incarnation & PROCESS_INDEX_MASK);
}

static inline struct family_node *family_node(uint32_t slot)
{
    return (struct family_node *)(mproc__family.fixed + FAMILY_NODE_OFFSET) + slot;
}

static inline struct family_page *family_page(uint32_t page)
{
    return (struct family_page *)(mproc__family.fixed + FAMILY_DIRECTORY_OFFSET) + page;
}

static inline size_t family_page_offset(uint32_t page)
{
    return mproc__family.fixed_size + (size_t)page * FAMILY_PAGE_SIZE;
}

/** What lies before the pages of a family with this limit. */
static inline size_t family_fixed_size(size_t limit)
{
    size_t size = FAMILY_DIRECTORY_OFFSET + limit / FAMILY_PAGE_SIZE * sizeof(struct family_page);
    return (size + FAMILY_CHUNK_SIZE - 1) & ~(FAMILY_CHUNK_SIZE - 1);
}

/** First half of the handle whose second half is generation << 32 | unit. The multiplication by an odd number maps
 * different second halves to different first ones, so a handle that is damaged in either half, or is of another
 * type or family, never matches: what matches was issued by this family, for an object of this type at this place. It
 * guards against accidents only; whoever can map the segment can also compute it. */
static inline uint64_t family_seal(enum family_type type, uint64_t second)
{
    return mproc__family.secret[type] ^ second * 0x9e3779b97f4a7c15ull;
}

/** Whether the object of the handle still lives in the block. Acquire: pairs with the release in
 * mproc__object_publish, so that what the creator wrote is there. */
static inline bool family_is_linked(struct family_block *block, uint64_t second)
{
    return atomic_load_explicit(&block->state, memory_order_acquire) ==
           family_word((uint32_t)(second >> 32), STATE_LINKED, 0);
}

/** The block of a handle if all is as usual; NULL sends the caller to mproc__object_find for the reason. In a copy that
 * the program's own fork made the mappings are missing, and a look at them would end the process: asking first costs a
 * nanosecond. */
static inline struct family_block *family_find(enum family_type type, const uint64_t id[2])
{
    uint32_t unit = (uint32_t)id[1];
    if (unit >= atomic_load_explicit(&mproc__family.unit_limit, memory_order_acquire) ||
        id[0] != family_seal(type, id[1]) || platform_is_copy())
        return NULL;
    /* Acquire pairs with the CAS that published the mapping; on the machines we know a plain load. */
    unsigned char *chunk = atomic_load_explicit(&mproc__family.chunks[unit / FAMILY_CHUNK_UNITS], memory_order_acquire);
    if (chunk == NULL)
        return NULL;
    struct family_block *block = (struct family_block *)(chunk + (size_t)(unit % FAMILY_CHUNK_UNITS) * FAMILY_UNIT);
    return family_is_linked(block, id[1]) ? block : NULL;
}

/** mproc__node_holds for callers that know they have a node. Only its own thread writes the count, so a load and a
 * store do; relaxed, because it is read for other than this thread's purposes only by whoever looks on. */
static inline void family_holds(int change)
{
    struct family_node *node = mproc__self.node;
    uint32_t holds = atomic_load_explicit(&node->holds, memory_order_relaxed);
    atomic_store_explicit(&node->holds, holds + (uint32_t)change, memory_order_relaxed);
}

/** The object's name, for messages and for whoever looks on; cut to fit, "" for NULL. Relaxed: names nothing else. */
static inline void family_name_set(struct family_block *block, const char *name)
{
    uint64_t words[FAMILY_NAME_MAX / 8] = { 0 };
    const char *end = name ? memchr(name, 0, FAMILY_NAME_MAX - 1) : NULL;
    if (name != NULL)
        memcpy(words, name, end ? (size_t)(end - name) : FAMILY_NAME_MAX - 1);
    for (unsigned i = 0; i < FAMILY_NAME_MAX / 8; i++)
        atomic_store_explicit(&block->name[i], words[i], memory_order_relaxed);
}

static inline void family_name_get(struct family_block *block, char ret_name[FAMILY_NAME_MAX])
{
    for (unsigned i = 0; i < FAMILY_NAME_MAX / 8; i++) {
        uint64_t word = atomic_load_explicit(&block->name[i], memory_order_relaxed);
        memcpy(ret_name + 8 * i, &word, sizeof word);
    }
}

/** The address of an offset beyond the header, for as much of it as lies in the same chunk; maps it if need be. */
int mproc__family_address(size_t offset, void **ret_address);

/** The address of a run of pages that begins at a chunk's boundary, in one piece; maps it if need be. What was returned
 * stays mapped for as long as the process is one of the family. Errors: MPROC_E_NO_MEMORY, MPROC_E_OS. */
int mproc__family_extent(uint32_t page, uint32_t count, void **ret_address);

/** Whether the object with this second half of a handle is alive: linked, or being made by somebody who lives. */
bool mproc__object_is_alive(uint64_t second);

/** Sweeps if somebody has died since it was last done, by whomever. Returns how much it gave back. */
size_t mproc__family_sweep_after_death(void);

/** Commits the area up to end bytes from its front. Errors: MPROC_E_LIMIT, MPROC_E_OS. */
int mproc__family_reach(enum family_area area, uint64_t end);

/** Changes the death word and wakes all who wait with it. */
void mproc__family_announce_death(void);

/** Makes this process the one of the slot, which is reserved for it; takes a new slot if process_slot is 0, in the
 * first process. Errors: MPROC_E_STATE if the slot's reservation has lapsed; MPROC_E_LIMIT. */
int mproc__process_enter(uint32_t process_slot);

#endif
