/* Spans; see span.h. Their pages, and why a death among them is told, are page.c's.
 *
 * A span begins by one store, which links its head, and ends by one compare-and-swap, which claims the head. Before the
 * former and after the latter the pages are a claimed run. In between the owner word alone says whose it is: it is
 * stored before the head is published, and changes by compare-and-swap only.
 *
 * The sweeper first makes himself the owner, from the owner that he found dead, and then frees the span as any owner
 * would. To claim the head at once would be wrong: the owner may have given the span away and died after, between the
 * sweeper's two looks.
 */
#include "memory/span.h"
#include "base/error.h"
#include "family/family.h"
#include "family/family_layout.h"
#include "family/process_slot.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/page.h"

/* The word of a span: generation's low bits << 48 | pages << 24 | head page. */
#define COUNT_SHIFT      24
#define GENERATION_SHIFT 48
#define GENERATION_MASK  0xffffu

/* In an owner word: a thread's slot, or a process's incarnation << 32 and a tag, and not an object's second half, whose
 * low half is a place below these bits. */
#define OWNER_IS_THREAD  0x80000000u
#define OWNER_IS_PROCESS 0x40000000u

static uint32_t span_page(uint64_t span)
{
    return (uint32_t)span & PAGE_INDEX;
}

static uint32_t span_count(uint64_t span)
{
    return (uint32_t)(span >> COUNT_SHIFT) & PAGE_INDEX;
}

static uint64_t owner_of_thread(thread_slot thread)
{
    return OWNER_IS_THREAD | thread;
}

uint64_t mproc__span_owner_object(const uint64_t id[2])
{
    return id[1];
}

uint64_t mproc__span_owner_self(void)
{
    thread_slot thread = mproc__family_open() == 0 ? mproc__thread_slot_self() : 0;
    return thread ? owner_of_thread(thread) : 0;
}

uint64_t mproc__span_owner_process(uint32_t tag)
{
    if (mproc__family_open() < 0)
        return 0;
    return (uint64_t)mproc__family.process << 32 | OWNER_IS_PROCESS | (tag & SPAN_TAG_MAX);
}

static bool owner_is_alive(uint64_t owner)
{
    if (owner & OWNER_IS_THREAD)
        return mproc__thread_slot_is_live((thread_slot)owner & THREAD_SLOT_MASK);
    if (owner & OWNER_IS_PROCESS)
        return mproc__process_slot_is_live((uint32_t)(owner >> 32));
    return owner != 0 && mproc__block_is_alive(owner);
}

size_t mproc__span_size(uint64_t span)
{
    return (size_t)span_count(span) * FAMILY_PAGE_SIZE;
}

/* The head's state if the span is there; 0 if it is not. */
static uint64_t span_state(uint64_t span)
{
    uint32_t page = span_page(span);
    if (span_count(span) == 0 || page >= atomic_load_explicit(&family_header()->page_bound, memory_order_acquire))
        return 0;
    /* Acquire: pairs with the release in mproc__span_publish; the span's memory is backed and zero, and its owner is
     * there. */
    uint64_t state = atomic_load_explicit(&family_page(page)->state, memory_order_acquire);
    uint64_t known = family_word(FAMILY_SPAN, STATE_PUBLISHED, family_word_thread(state));
    bool same = state == known && (family_word_thread(state) & GENERATION_MASK) == span >> GENERATION_SHIFT;
    /* A word may come from anybody: its length is the head's, or it is no word of this span. Relaxed: the state, loaded
     * with acquire, publishes it. */
    return same && atomic_load_explicit(&family_page(page)->free, memory_order_relaxed) == span_count(span) ? state : 0;
}

uint64_t mproc__span_publish(const struct page_run *run, uint64_t owner)
{
    struct family_page *head = family_page(run->first);
    atomic_store_explicit(&head->free, run->count, memory_order_relaxed);
    atomic_store_explicit(&head->owner, owner, memory_order_relaxed);
    /* Release: who sees the head published sees the two above, the tails, and the zeroes. Nobody else changes the state
     * while its claimant lives. */
    atomic_store_explicit(&head->state, family_word(FAMILY_SPAN, STATE_PUBLISHED, run->generation),
                          memory_order_release);
    return (uint64_t)(run->generation & GENERATION_MASK) << GENERATION_SHIFT | (uint64_t)run->count << COUNT_SHIFT |
           run->first;
}

/* ---- Using ---- */

bool mproc__span_give(uint64_t span, uint64_t from, uint64_t to)
{
    return span_state(span) != 0 && atomic_compare_exchange_strong(&family_page(span_page(span))->owner, &from, to);
}

bool mproc__span_is_owner(uint64_t span, uint64_t owner)
{
    uint64_t state = span_state(span);
    if (state == 0 || atomic_load(&family_page(span_page(span))->owner) != owner)
        return false;
    /* Again: the page may have become another span's in between, which has the same owner. */
    return span_state(span) == state;
}

int mproc__span_address(uint64_t span, void **ret_address)
{
    if (span_state(span) == 0)
        return mproc__error(MPROC_E_STALE, "memory %016llx was freed", (unsigned long long)span);
    return mproc__pages_address(span_page(span), span_count(span), ret_address);
}

/* ---- Ending ---- */

/* Takes the span whose head is in this state from its owner, and ends it. Returns whether it was us. */
static bool span_end(uint32_t page, uint64_t state, uint64_t owner, thread_slot thread)
{
    struct family_page *head = family_page(page);
    struct page_run run = { .first = page, .count = (uint32_t)atomic_load(&head->free) };
    uint64_t mine = owner_of_thread(thread);
    /* Ours alone from here on: another call for the same span, or a sweep, finds another owner. */
    if (!atomic_compare_exchange_strong(&head->owner, &owner, mine))
        return false;
    if (atomic_compare_exchange_strong(&head->state, &state, family_word(0, STATE_CLAIMED, thread))) {
        mproc__pages_free(&run);
        return true;
    }
    /* It was freed before we took it, and the word was a newer span's with the same owner. */
    atomic_compare_exchange_strong(&head->owner, &mine, owner);
    return false;
}

void mproc__span_free(uint64_t span, uint64_t owner)
{
    thread_slot thread = mproc__thread_slot_self();
    uint64_t state = thread ? span_state(span) : 0;
    if (state != 0)
        span_end(span_page(span), state, owner, thread);
}

bool mproc__span_sweep(uint32_t page, uint64_t state, thread_slot thread)
{
    uint64_t owner = atomic_load(&family_page(page)->owner);
    return !owner_is_alive(owner) && span_end(page, state, owner, thread);
}

static bool is_head_of(uint32_t page, uint64_t state, uint64_t owner)
{
    return family_word_state(state) == STATE_PUBLISHED && family_word_tag(state) == FAMILY_SPAN &&
           atomic_load(&family_page(page)->owner) == owner;
}

void mproc__span_free_all(uint64_t owner)
{
    thread_slot thread = mproc__thread_slot_self();
    uint32_t end = thread != 0 ? page_bounds().data : 0;
    for (uint32_t page = 0, next; page < end; page = next) {
        uint64_t state = atomic_load(&family_page(page)->state);
        next = mproc__page_after(page);
        if (is_head_of(page, state, owner))
            span_end(page, state, owner, thread);
    }
}
