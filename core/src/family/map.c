/* Mapping and backing the family segment; see map.h. */
#include "family/map.h"
#include "base/base.h"
#include "base/error.h"
#include "family/family_layout.h"
#include "family/view.h"

/* They grow in steps of a page. */
#define AREA_STEP ((size_t)FAMILY_PAGE_SIZE)

static const size_t area_offsets[AREA_COUNT] = {
    [AREA_PROCESSES] = FAMILY_PROCESS_OFFSET,
    [AREA_THREADS] = FAMILY_THREAD_OFFSET,
    [AREA_DIRECTORY] = FAMILY_DIRECTORY_OFFSET,
};
_Static_assert(FAMILY_DIRECTORY_OFFSET % FAMILY_PAGE_SIZE == 0, "the steps from both ends are the same ones");

/* Before a table has an entry: a forked child forgets those within the bounds, and writes to no page of the table
 * beside. Relaxed: it reads this by the fork, which happens in one thread, or at a moment when another thread's entry
 * is not there or the bound is. */
static void note_window(size_t index)
{
    uint32_t count = family_window_count();
    bool front = index < count / 2;
    _Atomic uint32_t *bound = front ? &mproc__family.windows_front : &mproc__family.windows_back;
    uint32_t reach = front ? (uint32_t)index + 1 : count - (uint32_t)index;
    uint32_t known = atomic_load_explicit(bound, memory_order_relaxed);
    while (known < reach &&
           !atomic_compare_exchange_weak_explicit(bound, &known, reach, memory_order_relaxed, memory_order_relaxed))
        ;
}

static int map_windows(size_t index, size_t count, void **ret_address)
{
    note_window(index);
    int code = platform_segment_map(mproc__family.segment, index << FAMILY_WINDOW_SHIFT, count << FAMILY_WINDOW_SHIFT,
                                    ret_address);
    return code < 0 ? mproc__error_platform(code, "mapping the family segment") : 0;
}

/* The address in a window that was not mapped a moment ago. Two threads may map it at once: the second gives its
 * mapping back. Out of line, so that the usual case does not pay for its registers. */
NEVER_INLINE static int map_address(size_t offset, void **ret_address)
{
    size_t index = offset >> FAMILY_WINDOW_SHIFT;
    unsigned char *known = NULL;
    void *mapped;
    int code = map_windows(index, 1, &mapped);
    if (code < 0)
        return code;
    /* Release publishes the new mapping to other threads' acquire loads of the table; acquire on failure is theirs to
     * us. */
    if (atomic_compare_exchange_strong_explicit(&mproc__windows[index].address, &known, mapped, memory_order_acq_rel,
                                                memory_order_acquire))
        known = mapped;
    else
        platform_segment_unmap(mapped, FAMILY_WINDOW_SIZE);
    *ret_address = known + (offset & (FAMILY_WINDOW_SIZE - 1));
    return 0;
}

int mproc__family_address(size_t offset, void **ret_address)
{
    if (offset < mproc__family.fixed_size) {
        *ret_address = mproc__family.fixed + offset;
        return 0;
    }
    unsigned char *window =
        atomic_load_explicit(&mproc__windows[offset >> FAMILY_WINDOW_SHIFT].address, memory_order_acquire);
    if (unlikely(window == NULL))
        return map_address(offset, ret_address);
    *ret_address = window + (offset & (FAMILY_WINDOW_SIZE - 1));
    return 0;
}

/* ---- Extents ---- */

/* A longer one replaces a shorter one in the table, but does not end it: somebody may be using its addresses. The sizes
 * are powers of two so that the forgotten ones together are not longer than the last. */

#define EXTENT_SHIFT ((uintptr_t)0xff)

static unsigned extent_shift(size_t windows)
{
    unsigned shift = 0;
    while ((size_t)1 << shift < windows)
        shift++;
    return shift;
}

static size_t extent_windows(size_t index, unsigned shift)
{
    size_t to_end = family_window_count() - index;
    return (size_t)1 << shift < to_end ? (size_t)1 << shift : to_end;
}

int mproc__family_extent(uint32_t page, uint32_t count, void **ret_address)
{
    size_t index = family_page_offset(page) >> FAMILY_WINDOW_SHIFT;
    unsigned shift = extent_shift((count + FAMILY_WINDOW_PAGES - 1) / FAMILY_WINDOW_PAGES);
    _Atomic uintptr_t *extent = &mproc__windows[index].extent;
    /* Acquire and release as in window_map. */
    uintptr_t known = atomic_load_explicit(extent, memory_order_acquire);
    if (known == 0 || (known & EXTENT_SHIFT) < shift) {
        size_t windows = extent_windows(index, shift);
        void *mapped;
        int code = map_windows(index, windows, &mapped);
        if (code < 0)
            return code;
        uintptr_t mine = (uintptr_t)mapped | shift;
        while ((known == 0 || (known & EXTENT_SHIFT) < shift) &&
               !atomic_compare_exchange_weak_explicit(extent, &known, mine, memory_order_acq_rel, memory_order_acquire))
            ;
        /* Another thread's, at least as long, was there first. */
        if (known != 0 && (known & EXTENT_SHIFT) >= shift)
            platform_segment_unmap(mapped, windows << FAMILY_WINDOW_SHIFT);
        else
            known = mine;
    }
    *ret_address = (void *)(known & ~EXTENT_SHIFT); /* NOLINT(performance-no-int-to-ptr): it was one */
    return 0;
}

/* ---- Memory ---- */

uint64_t mproc__family_directory_size(void)
{
    size_t size = mproc__family.pages * sizeof(struct family_page);
    return (size + AREA_STEP - 1) / AREA_STEP * AREA_STEP;
}

/* Where the next step of an area lies of which so much is done. */
static size_t next_step(enum family_area area, uint64_t done)
{
    if (area == AREA_DIRECTORY_END)
        return FAMILY_DIRECTORY_OFFSET + (size_t)(mproc__family_directory_size() - done) - AREA_STEP;
    return area_offsets[area] + (size_t)done;
}

int mproc__family_reach(enum family_area area, uint64_t end)
{
    _Atomic uint64_t *committed = &family_header()->committed[area];
    for (;;) {
        /* Acquire pairs with the CAS below: memory below the mark has been committed by whoever moved it. */
        uint64_t done = atomic_load_explicit(committed, memory_order_acquire);
        if (end <= done)
            return 0;
        size_t offset = next_step(area, done);
        int code = platform_segment_commit(mproc__family.segment, mproc__family.fixed + offset, offset, AREA_STEP);
        if (code < 0)
            return mproc__error_platform(code, "backing the family segment with memory");
        /* From exactly where this process has committed, so that the mark never passes a gap left by a dead one. Who
         * loses has committed the same bytes once more, which is harmless. */
        atomic_compare_exchange_strong_explicit(committed, &done, done + AREA_STEP, memory_order_acq_rel,
                                                memory_order_relaxed);
    }
}

int mproc__family_reach_page(enum family_area side, uint32_t page)
{
    uint64_t begin = (uint64_t)page * sizeof(struct family_page);
    return mproc__family_reach(side, side == AREA_DIRECTORY ? begin + sizeof(struct family_page)
                                                            : mproc__family_directory_size() - begin);
}

uint32_t mproc__family_records(enum family_area area, uint32_t wanted)
{
    _Static_assert(sizeof(struct family_process) == sizeof(struct family_thread), "one size of record");
    if (mproc__family_reach(area, (uint64_t)wanted * sizeof(struct family_thread)) == 0)
        return wanted;
    uint64_t committed = atomic_load_explicit(&family_header()->committed[area], memory_order_acquire);
    return (uint32_t)(committed / sizeof(struct family_thread));
}
