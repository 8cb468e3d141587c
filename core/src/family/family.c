/* The family segment: making it, and joining it. */
#include "family/family.h"
#include "base/error.h"
#include "family/family_layout.h"
#include "family/map.h"
#include "family/process_slot.h"
#include "family/thread_slot.h"
#include "family/view.h"

/* Who opens the family: 0, or the pid of this process while one of its threads is at it. A mutex in its place would
 * stay locked for ever in a copy that the program's own fork made in that moment; the copy knows a pid as not its own.
 */
static _Atomic int64_t opener;
static _Atomic bool joined;

/* What mproc_set_memory_limit and mproc_set_object_limit have asked for; 0: nothing. Relaxed: numbers and nothing else.
 */
static _Atomic uint64_t wanted_limit, wanted_object_limit;

/* Where nothing smaller binds. It is a limit, not a reservation: address space and memory are taken as needed, but for
 * six thousandths of it, which every process maps. */
#define DEFAULT_LIMIT ((uint64_t)(sizeof(void *) > 4 ? 8192 : 256) << 20)

/* Keys below are those of the header's own words and never anybody else's. */
#define DEATH_KEY    1u
#define ACTIVITY_KEY 2u
#define FIRST_KEY    3u

/* ---- Open and join ---- */

/* The finaliser of splitmix64: neighbouring types get unlike secrets. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

/* After the header is known: from here on handles can be told apart. */
static void adopt_header(void)
{
    uint64_t nonce = family_header()->nonce;
    platform_ticks_use(family_header()->tick_source);
    for (unsigned type = 0; type < FAMILY_TYPES; type++)
        mproc__family.secret[type] = mix(nonce + (type + 1) * 0x9e3779b97f4a7c15ull);
    /* Release: pairs with the acquire in block_find, which reads the secrets after it. */
    atomic_store_explicit(&mproc__family.unit_limit, (uint32_t)(mproc__family.limit / FAMILY_UNIT),
                          memory_order_release);
}

static void adopt_limit(uint64_t limit)
{
    mproc__family.limit = (size_t)limit;
    mproc__family.fixed_size = family_fixed_size((size_t)limit);
    mproc__family.pages = (uint32_t)((limit - mproc__family.fixed_size) / FAMILY_PAGE_SIZE);
}

static int map_fixed(void)
{
    void *address;
    int code = platform_segment_map(mproc__family.segment, 0, mproc__family.fixed_size, &address);
    if (code < 0)
        return mproc__error_platform(code, "mapping the family segment");
    mproc__family.fixed = address;
    return 0;
}

static uint32_t choose_object_pages(void)
{
    uint64_t wanted = atomic_load_explicit(&wanted_object_limit, memory_order_relaxed) / FAMILY_PAGE_SIZE;
    uint32_t pages = mproc__family.pages;
    return wanted == 0 ? pages / 2 : wanted < pages ? (uint32_t)wanted : pages;
}

/* Nobody else knows the segment yet: plain stores. */
static int fill_header(void)
{
    struct family_header *header = family_header();
    uint64_t nonce;
    /* One call for the header and the first process slots, which lie behind it. */
    int code = platform_segment_commit(mproc__family.segment, header, 0, 2 * FAMILY_PAGE_SIZE);
    if (code < 0)
        return mproc__error_platform(code, "backing the family segment with memory");
    code = platform_random(&nonce, sizeof nonce);
    if (code < 0)
        return mproc__error_platform(code, "the family's nonce");
    header->magic = FAMILY_MAGIC;
    header->version = FAMILY_VERSION;
    header->header_size = sizeof *header;
    header->limit = mproc__family.limit;
    header->nonce = nonce;
    header->object_pages_max = choose_object_pages();
    header->tick_source = platform_ticks_choose();
    header->death.key = DEATH_KEY;
    header->activity.key = ACTIVITY_KEY;
    header->keeper_pid = platform_self_pid();
    atomic_init(&header->next_key, FIRST_KEY);
    atomic_init(&header->committed[AREA_PROCESSES], FAMILY_PAGE_SIZE);
    return mproc__family_reach(AREA_THREADS, FAMILY_PAGE_SIZE);
}

/* Undoes what a failed open or join has done. */
static void forget_family(void)
{
    atomic_store_explicit(&mproc__family.unit_limit, 0, memory_order_relaxed);
    if (mproc__family.fixed != NULL)
        platform_segment_unmap(mproc__family.fixed, mproc__family.fixed_size);
    mproc__family.fixed = NULL;
    mproc__family.limit = 0;
    mproc__family.segment = mproc__family.scope = PLATFORM_NO_HANDLE;
}

/* What a limit of this name is to be, if it may still be set. */
static int set_wanted(_Atomic uint64_t *wanted, const char *name, size_t min, uint64_t bytes)
{
    if (bytes != 0 && (bytes < min || bytes > FAMILY_LIMIT_MAX))
        return mproc__error(bytes < min ? MPROC_E_INVALID : MPROC_E_LIMIT,
                            "%s limit of %llu bytes; from %zu to %zu are possible", name, (unsigned long long)bytes,
                            min, FAMILY_LIMIT_MAX);
    if (atomic_load_explicit(&joined, memory_order_acquire))
        return mproc__error(MPROC_E_STATE, "the family's memory has been made, with a limit of %zu bytes",
                            mproc__family.limit);
    atomic_store_explicit(wanted, bytes, memory_order_relaxed);
    return 0;
}

int mproc__family_set_limit(uint64_t bytes)
{
    return set_wanted(&wanted_limit, "a memory", FAMILY_LIMIT_MIN, bytes);
}

int mproc__family_set_object_limit(uint64_t bytes)
{
    return set_wanted(&wanted_object_limit, "an object", FAMILY_OBJECT_LIMIT_MIN, bytes);
}

static uint64_t choose_limit(void)
{
    uint64_t limit = atomic_load_explicit(&wanted_limit, memory_order_relaxed);
    if (limit == 0) {
        limit = platform_segment_default();
        limit = limit > DEFAULT_LIMIT ? DEFAULT_LIMIT : limit < FAMILY_LIMIT_MIN ? FAMILY_LIMIT_MIN : limit;
    }
    return limit & ~(uint64_t)(FAMILY_WINDOW_SIZE - 1);
}

/* Makes this process the one of the slot; 0: of a new one. From here on its threads can have slots. */
static int enter(uint32_t process_slot)
{
    int code = mproc__process_slot_enter(process_slot);
    if (code == 0)
        platform_thread_exit_hook(mproc__thread_slot_retire);
    return code;
}

static int make_family(void)
{
    platform_setup();
    adopt_limit(choose_limit());
    int code = platform_segment_create(mproc__family.limit, &mproc__family.segment);
    if (code < 0) {
        mproc__family.limit = 0;
        return mproc__error_platform(code, "making the family segment");
    }
    code = platform_scope_create(&mproc__family.scope);
    if (code < 0) {
        mproc__error_platform(code, "making the family's scope");
        goto out;
    }
    code = map_fixed();
    if (code == 0)
        code = fill_header();
    if (code == 0)
        code = enter(0);
    if (code < 0)
        goto out;
    adopt_header();
    platform_copy_mark();
out:
    if (code < 0) {
        platform_handle_close(mproc__family.segment);
        platform_handle_close(mproc__family.scope);
        forget_family();
    }
    return code;
}

int mproc__family_open(void)
{
    for (;;) {
        /* Acquire: pairs with the release below, so that a thread that did not open sees the tables. */
        if (atomic_load_explicit(&joined, memory_order_acquire))
            return platform_is_copy() ? mproc__family_foreign_copy() : 0;
        if (platform_is_copy())
            return mproc__family_foreign_copy();
        int64_t self = platform_self_pid(), nobody = 0;
        if (atomic_compare_exchange_strong(&opener, &nobody, self))
            break;
        if (nobody != self)
            return mproc__family_foreign_copy();
        /* Another thread is at it, and done in less than 100 us. */
        platform_yield();
    }
    int code = 0;
    /* The one that was here before may have been through. */
    if (!atomic_load_explicit(&joined, memory_order_acquire)) {
        code = make_family();
        if (code == 0)
            atomic_store_explicit(&joined, true, memory_order_release);
    }
    atomic_store(&opener, 0);
    return code;
}

static int check_header(const struct family_header *header)
{
    if (header->magic != FAMILY_MAGIC || header->version != FAMILY_VERSION || header->header_size != sizeof *header ||
        header->limit < FAMILY_LIMIT_MIN || header->limit > FAMILY_LIMIT_MAX)
        return mproc__error(MPROC_E_MISMATCH, "family segment of layout %u, this program knows %u", header->version,
                            FAMILY_VERSION);
    return 0;
}

/* A spawned child learns from the header how much there is to map. A forked one knows it from its parent. */
static int learn_limit(void)
{
    if (mproc__family.limit != 0)
        return 0;
    void *header;
    int code = platform_segment_map(mproc__family.segment, 0, PLATFORM_SEGMENT_ALIGN, &header);
    if (code < 0)
        return mproc__error_platform(code, "mapping the family segment");
    code = check_header(header);
    if (code == 0)
        adopt_limit(((struct family_header *)header)->limit);
    platform_segment_unmap(header, PLATFORM_SEGMENT_ALIGN);
    return code;
}

static void forget_windows(uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        atomic_store_explicit(&mproc__windows[i].address, NULL, memory_order_relaxed);
        atomic_store_explicit(&mproc__windows[i].extent, 0, memory_order_relaxed);
    }
}

/* A forked child has its parent's variables, but none of its mappings and threads. */
static void forget_parent(void)
{
    atomic_store_explicit(&mproc__family.unit_limit, 0, memory_order_relaxed);
    uint32_t count = family_window_count();
    forget_windows(0, atomic_exchange_explicit(&mproc__family.windows_front, 0, memory_order_relaxed));
    forget_windows(count - atomic_exchange_explicit(&mproc__family.windows_back, 0, memory_order_relaxed), count);
    mproc__family.fixed = NULL;
    mproc__family.process = 0;
    mproc__self = (struct family_self){ 0, NULL };
    atomic_store(&opener, 0);
    atomic_store(&joined, false);
}

int mproc__family_join(platform_handle segment, platform_handle scope, uint32_t process_slot)
{
    platform_setup();
    forget_parent();
    mproc__family.segment = segment;
    mproc__family.scope = scope;
    int code = 0;
    if (scope != PLATFORM_NO_HANDLE) {
        code = platform_scope_join(scope);
        if (code < 0)
            mproc__error_platform(code, "joining the family's scope");
    }
    if (code == 0)
        code = learn_limit();
    if (code == 0)
        code = map_fixed();
    if (code == 0)
        code = check_header(family_header());
    if (code == 0)
        code = enter(process_slot);
    if (code < 0) {
        forget_family();
        return code;
    }
    adopt_header();
    platform_copy_mark();
    atomic_store_explicit(&joined, true, memory_order_release);
    return 0;
}

void mproc__family_leave(void)
{
    forget_parent();
    forget_family();
}

platform_handle mproc__family_segment(void)
{
    return mproc__family.segment;
}

platform_handle mproc__family_scope(void)
{
    return mproc__family.scope;
}
