/* Mapping and backing the family segment; see map.h. */
#include "family/map.h"
#include "base/error.h"
#include "family/family_layout.h"
#include "family/view.h"

static const struct {
    size_t offset;
    size_t step;
} areas[AREA_COUNT] = {
    [AREA_PROCESSES] = { FAMILY_PROCESS_OFFSET, FAMILY_PAGE_SIZE },
    [AREA_NODES] = { FAMILY_NODE_OFFSET, FAMILY_PAGE_SIZE },
    [AREA_DIRECTORY] = { FAMILY_DIRECTORY_OFFSET, FAMILY_PAGE_SIZE },
};

/* Before a table has an entry: a forked child forgets those below the bound. Relaxed: it reads this by the fork, which
 * happens in one thread, or at a moment when another thread's entry is not there or the bound is. */
static void chunk_bound_raise(size_t index)
{
    uint32_t bound = (uint32_t)index + 1;
    uint32_t known = atomic_load_explicit(&mproc__family.chunk_bound, memory_order_relaxed);
    while (known < bound && !atomic_compare_exchange_weak_explicit(&mproc__family.chunk_bound, &known, bound,
                                                                   memory_order_relaxed, memory_order_relaxed))
        ;
}

static int map_chunks(size_t index, size_t count, void **ret_address)
{
    chunk_bound_raise(index);
    int code = platform_segment_map(mproc__family.segment, index << FAMILY_CHUNK_SHIFT, count << FAMILY_CHUNK_SHIFT,
                                    ret_address);
    return code < 0 ? mproc__error_platform(code, "mapping the family segment") : 0;
}

/* Maps a chunk if it is not mapped yet. Two threads may do so at once: the second gives its mapping back. */
static int chunk_map(size_t index, unsigned char **ret_chunk)
{
    unsigned char *known = atomic_load_explicit(&mproc__family.chunks[index], memory_order_acquire);
    if (known == NULL) {
        void *mapped;
        int code = map_chunks(index, 1, &mapped);
        if (code < 0)
            return code;
        /* Release publishes the new mapping to other threads' acquire loads of the table; acquire on failure is
         * theirs to us. */
        if (atomic_compare_exchange_strong_explicit(&mproc__family.chunks[index], &known, mapped, memory_order_acq_rel,
                                                    memory_order_acquire))
            known = mapped;
        else
            platform_segment_unmap(mapped, FAMILY_CHUNK_SIZE);
    }
    *ret_chunk = known;
    return 0;
}

int mproc__family_address(size_t offset, void **ret_address)
{
    if (offset < mproc__family.fixed_size) {
        *ret_address = mproc__family.fixed + offset;
        return 0;
    }
    unsigned char *chunk = NULL;
    int code = chunk_map(offset >> FAMILY_CHUNK_SHIFT, &chunk);
    if (code == 0)
        *ret_address = chunk + (offset & (FAMILY_CHUNK_SIZE - 1));
    return code;
}

/* ---- Extents ---- */

/* A longer one replaces a shorter one in the table, but does not end it: somebody may be using its addresses. The sizes
 * are powers of two so that the forgotten ones together are not longer than the last. */

#define EXTENT_SHIFT ((uintptr_t)0xff)

static unsigned extent_shift(size_t chunks)
{
    unsigned shift = 0;
    while ((size_t)1 << shift < chunks)
        shift++;
    return shift;
}

static size_t extent_chunks(size_t index, unsigned shift)
{
    size_t to_end = (mproc__family.limit >> FAMILY_CHUNK_SHIFT) - index;
    return (size_t)1 << shift < to_end ? (size_t)1 << shift : to_end;
}

int mproc__family_extent(uint32_t page, uint32_t count, void **ret_address)
{
    size_t index = family_page_offset(page) >> FAMILY_CHUNK_SHIFT;
    unsigned shift = extent_shift((count + FAMILY_CHUNK_PAGES - 1) / FAMILY_CHUNK_PAGES);
    _Atomic uintptr_t *extent = &mproc__family.extents[index];
    /* Acquire and release as in chunk_map. */
    uintptr_t known = atomic_load_explicit(extent, memory_order_acquire);
    if (known == 0 || (known & EXTENT_SHIFT) < shift) {
        size_t chunks = extent_chunks(index, shift);
        void *mapped;
        int code = map_chunks(index, chunks, &mapped);
        if (code < 0)
            return code;
        uintptr_t mine = (uintptr_t)mapped | shift;
        while ((known == 0 || (known & EXTENT_SHIFT) < shift) &&
               !atomic_compare_exchange_weak_explicit(extent, &known, mine, memory_order_acq_rel, memory_order_acquire))
            ;
        /* Another thread's, at least as long, was there first. */
        if (known != 0 && (known & EXTENT_SHIFT) >= shift)
            platform_segment_unmap(mapped, chunks << FAMILY_CHUNK_SHIFT);
        else
            known = mine;
    }
    *ret_address = (void *)(known & ~EXTENT_SHIFT); /* NOLINT(performance-no-int-to-ptr): it was one */
    return 0;
}

/* ---- Memory ---- */

int mproc__family_reach(enum family_area area, uint64_t end)
{
    _Atomic uint64_t *committed = &family_header()->committed[area];
    for (;;) {
        /* Acquire pairs with the CAS below: memory below the mark has been committed by whoever moved it. */
        uint64_t done = atomic_load_explicit(committed, memory_order_acquire);
        if (end <= done)
            return 0;
        size_t offset = areas[area].offset + (size_t)done;
        int code =
            platform_segment_commit(mproc__family.segment, mproc__family.fixed + offset, offset, areas[area].step);
        if (code < 0)
            return mproc__error_platform(code, "backing the family segment with memory");
        /* From exactly where this process has committed, so that the mark never passes a gap left by a dead one. Who
         * loses has committed the same bytes once more, which is harmless. */
        atomic_compare_exchange_strong_explicit(committed, &done, done + areas[area].step, memory_order_acq_rel,
                                                memory_order_relaxed);
    }
}

uint32_t mproc__family_records(enum family_area area, uint32_t wanted)
{
    _Static_assert(sizeof(struct family_process) == sizeof(struct family_node), "one size of record");
    if (mproc__family_reach(area, (uint64_t)wanted * sizeof(struct family_node)) == 0)
        return wanted;
    uint64_t committed = atomic_load_explicit(&family_header()->committed[area], memory_order_acquire);
    return (uint32_t)(committed / sizeof(struct family_node));
}
