/* What this process knows of its family: where the segment is mapped, and who the process and its threads are. */
#ifndef MPROC_FAMILY_VIEW_H
#define MPROC_FAMILY_VIEW_H

#include "family/family_layout.h"

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
    /* How far entries of the windows were ever set, from the front and from the back: both ends are in use. */
    _Atomic uint32_t windows_front, windows_back;
};
extern struct family_local mproc__family;

/** Where a window of the segment is mapped: all zero at first, so that they take no room in the program's file. */
struct family_window {
    _Atomic(unsigned char *) address; /**< of one of the fixed part NULL */
    /** A longer mapping that begins at this window: address, with log2 of the number of windows in its low bits. */
    _Atomic uintptr_t extent;
};
extern struct family_window mproc__windows[FAMILY_WINDOWS];

/** The calling thread. */
struct family_self {
    thread_slot id; /**< 0 before mproc__thread_slot_self */
    struct family_thread *thread;
    const void *caller; /**< where the program called what may sleep, the last time; for onlookers */
};
extern _Thread_local struct family_self mproc__self;

/** Whether this process has a family, and is no copy of one that has, made by the program's own fork. Acquire: whoever
 * sees the limit sees what was set up before it. */
static inline bool family_is_ours(void)
{
    return atomic_load_explicit(&mproc__family.unit_limit, memory_order_acquire) != 0 && !platform_is_copy();
}

/** Says where the program has called what may sleep now: RETURN_ADDRESS() of a public function. */
static inline void family_called_from(const void *address)
{
    mproc__self.caller = address;
}

static inline struct family_header *family_header(void)
{
    return (struct family_header *)mproc__family.fixed;
}

static inline struct family_process *family_process(uint32_t incarnation)
{
    return (struct family_process *)(mproc__family.fixed + FAMILY_PROCESS_OFFSET) + (incarnation & PROCESS_INDEX_MASK);
}

static inline struct family_thread *family_thread(uint32_t slot)
{
    return (struct family_thread *)(mproc__family.fixed + FAMILY_THREAD_OFFSET) + slot;
}

static inline struct family_page *family_page(uint32_t page)
{
    return (struct family_page *)(mproc__family.fixed + FAMILY_DIRECTORY_OFFSET) + page;
}

/** How many windows the segment has. */
static inline uint32_t family_window_count(void)
{
    return (uint32_t)(mproc__family.limit >> FAMILY_WINDOW_SHIFT);
}

/** How many pages lie behind a page: blocks count from the end back. The page of a rank is found in the same way. */
static inline uint32_t family_rank(uint32_t page)
{
    return mproc__family.pages - 1 - page;
}

static inline size_t family_page_offset(uint32_t page)
{
    return mproc__family.fixed_size + (size_t)page * FAMILY_PAGE_SIZE;
}

/** A number for a platform_word, never given out before in this family. About 5 ns, any thread. */
uint64_t mproc__family_new_key(void);

/** The error of a call in a copy that the program's own fork made. Returns MPROC_E_WRONG_PROCESS. */
int mproc__family_foreign_copy(void);

/** 0, or that error: for calls that need no family, and mean the process that made them all the same. */
int mproc__family_no_copy(void);

/** The error where family_is_ours says no. Returns MPROC_E_WRONG_PROCESS or MPROC_E_STATE. */
int mproc__family_missing(void);

#endif
