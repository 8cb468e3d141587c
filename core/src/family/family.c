/* The family segment: making it, joining it, and the allocator of its objects.
 *
 * No lock anywhere: whoever finds something half done by a dead process finishes it or takes it back. What a death can
 * lose for a while is only a hint (a bit in the directory, a place to look first); mproc__family_sweep
 * restores those, and runs by itself before the segment grows if somebody has died since it last ran.
 */
#include "base/error.h"
#include "family/activity.h"
#include "memory/page.h"
#include "memory/span.h"
#include <string.h>

struct family_local mproc__family = { .segment = PLATFORM_NO_HANDLE, .scope = PLATFORM_NO_HANDLE };

/* Who opens the family: 0, or the pid of this process while one of its threads is at it. A mutex in its place would
 * stay locked for ever in a copy that the program's own fork made in that moment; the copy knows a pid as not its own.
 */
static _Atomic int64_t opener;
static _Atomic bool joined;

/* What mproc_set_memory_limit has asked for; 0: nothing. Relaxed: a number and nothing else. */
static _Atomic uint64_t wanted_limit;

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
    for (unsigned type = 0; type < FAMILY_TYPES; type++)
        mproc__family.secret[type] = mix(nonce + (type + 1) * 0x9e3779b97f4a7c15ull);
    /* Release: pairs with the acquire in family_find, which reads the secrets after it. */
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
    header->death.key = DEATH_KEY;
    header->activity.key = ACTIVITY_KEY;
    header->keeper_pid = platform_self_pid();
    atomic_init(&header->next_key, FIRST_KEY);
    atomic_init(&header->committed[AREA_PROCESSES], FAMILY_PAGE_SIZE);
    return mproc__family_reach(AREA_NODES, FAMILY_PAGE_SIZE);
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

int mproc__family_set_limit(uint64_t bytes)
{
    if (bytes != 0 && (bytes < FAMILY_LIMIT_MIN || bytes > FAMILY_LIMIT_MAX))
        return mproc__error(MPROC_E_RANGE, "a memory limit of %llu bytes; from %zu to %zu are possible",
                            (unsigned long long)bytes, FAMILY_LIMIT_MIN, FAMILY_LIMIT_MAX);
    if (atomic_load_explicit(&joined, memory_order_acquire))
        return mproc__error(MPROC_E_STATE, "the family's memory has been made, with a limit of %zu bytes",
                            mproc__family.limit);
    atomic_store_explicit(&wanted_limit, bytes, memory_order_relaxed);
    return 0;
}

static uint64_t choose_limit(void)
{
    uint64_t limit = atomic_load_explicit(&wanted_limit, memory_order_relaxed);
    if (limit == 0) {
        limit = platform_segment_default();
        limit = limit > DEFAULT_LIMIT ? DEFAULT_LIMIT : limit < FAMILY_LIMIT_MIN ? FAMILY_LIMIT_MIN : limit;
    }
    return limit & ~(uint64_t)(FAMILY_CHUNK_SIZE - 1);
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
        code = mproc__process_enter(0);
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

static int foreign_copy(void)
{
    return mproc__error(MPROC_E_WRONG_PROCESS, "this process is a copy made by the program's own fork");
}

int mproc__family_open(void)
{
    for (;;) {
        /* Acquire: pairs with the release below, so that a thread that did not open sees the tables. */
        if (atomic_load_explicit(&joined, memory_order_acquire))
            return platform_is_copy() ? foreign_copy() : 0;
        if (platform_is_copy())
            return foreign_copy();
        int64_t self = platform_self_pid(), nobody = 0;
        if (atomic_compare_exchange_strong(&opener, &nobody, self))
            break;
        if (nobody != self)
            return foreign_copy();
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

/* A forked child has its parent's variables, but none of its mappings and threads. */
static void forget_parent(void)
{
    atomic_store_explicit(&mproc__family.unit_limit, 0, memory_order_relaxed);
    uint32_t bound = atomic_load_explicit(&mproc__family.chunk_bound, memory_order_relaxed);
    for (uint32_t i = 0; i < bound; i++) {
        atomic_store_explicit(&mproc__family.chunks[i], NULL, memory_order_relaxed);
        atomic_store_explicit(&mproc__family.extents[i], 0, memory_order_relaxed);
    }
    atomic_store_explicit(&mproc__family.chunk_bound, 0, memory_order_relaxed);
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
        code = mproc__process_enter(process_slot);
    if (code < 0) {
        forget_family();
        return code;
    }
    adopt_header();
    platform_copy_mark();
    atomic_store_explicit(&joined, true, memory_order_release);
    return 0;
}

platform_handle mproc__family_segment(void)
{
    return mproc__family.segment;
}

platform_handle mproc__family_scope(void)
{
    return mproc__family.scope;
}

uint64_t mproc__family_new_key(void)
{
    /* Relaxed: only the numbers must differ. */
    return atomic_fetch_add_explicit(&family_header()->next_key, 1, memory_order_relaxed);
}

platform_word *mproc__family_death_word(void)
{
    return &family_header()->death;
}

platform_word *mproc__family_activity_word(void)
{
    return &family_header()->activity;
}

void mproc__family_announce_death(void)
{
    platform_word *death = &family_header()->death;
    /* seq_cst, as platform_wake asks: who sleeps has compared the old value before, and is woken; who compares
     * later sees the new one. What died was marked dead before, so he who sees the new value sees the mark. */
    atomic_fetch_add(&death->value, 1);
    platform_wake(death, INT32_MAX);
    /* Who waits for a mix of things sleeps on that word alone. */
    mproc__activity_announce();
}

/* ---- Blocks ---- */

/* A block, by where it is. */
struct place {
    uint32_t page;
    uint32_t index;
    struct family_block *block;
};

static bool page_is_of(uint32_t page, enum family_type type)
{
    /* Acquire: pairs with the release in page_add; the page's memory is committed. */
    return atomic_load_explicit(&family_page(page)->state, memory_order_acquire) == family_word(type, STATE_LINKED, 0);
}

static uint32_t block_size(enum family_type type)
{
    return atomic_load_explicit(&family_header()->block_size[type], memory_order_relaxed);
}

static int place_at(enum family_type type, uint32_t page, uint32_t index, struct place *ret_place)
{
    void *address;
    int code = mproc__family_address(family_page_offset(page) + (size_t)index * block_size(type), &address);
    if (code == 0)
        *ret_place = (struct place){ page, index, address };
    return code;
}

/* Which block of a page of the type begins at this place; -1 if none does. */
static int block_index(enum family_type type, size_t offset)
{
    uint32_t within = (uint32_t)(offset % FAMILY_PAGE_SIZE), size = block_size(type);
    return size > 0 && within % size == 0 && within + size <= FAMILY_PAGE_SIZE ? (int)(within / size) : -1;
}

/* The page that a place is in, if it was ever used: only so far there is a directory. */
static bool page_of(size_t offset, uint32_t *ret_page)
{
    if (offset < mproc__family.fixed_size || offset >= mproc__family.limit)
        return false;
    *ret_page = (uint32_t)((offset - mproc__family.fixed_size) / FAMILY_PAGE_SIZE);
    return *ret_page < atomic_load_explicit(&family_header()->page_bound, memory_order_acquire);
}

/* The place of a handle that has passed its seal. It cannot be wrong but by memory gone bad or by design, so the checks
 * that keep us inside a page of the type cost only the rare calls that come here. */
static int place_of(enum family_type type, uint64_t second, struct place *ret_place)
{
    size_t offset = (size_t)(uint32_t)second * FAMILY_UNIT;
    uint32_t page;
    int index = page_of(offset, &page) && page_is_of(page, type) ? block_index(type, offset) : -1;
    if (index >= 0)
        return place_at(type, page, (uint32_t)index, ret_place);
    return mproc__error(MPROC_E_FOREIGN, "handle %016llx names no place for an object", (unsigned long long)second);
}

/* Makes a block findable that has become free. Killed between the two, or before them, its owner leaves a free block
 * without its bit: only the sweep finds that one. */
static void block_offer(enum family_type type, const struct place *place)
{
    atomic_fetch_or(&family_page(place->page)->free, (uint64_t)1 << place->index);
    mproc__hint_lower(type, place->page);
}

/* From any state known to be over to free, with a new generation. Returns whether it was us. */
static bool block_free(enum family_type type, const struct place *place, uint64_t state)
{
    /* After 2^32 lives of a block its generations repeat, and a handle that old would pass as new. */
    uint64_t freed = family_word(family_word_tag(state) + 1, STATE_FREE, 0);
    if (!atomic_compare_exchange_strong(&place->block->state, &state, freed))
        return false;
    block_offer(type, place);
    return true;
}

/* Takes a block whose bit says free, if that is so: free, or claimed by somebody who died. */
static bool block_claim(const struct place *place, node_id node, uint32_t *ret_generation)
{
    _Atomic uint64_t *bits = &family_page(place->page)->free;
    uint64_t bit = (uint64_t)1 << place->index;
    uint64_t state = atomic_load(&place->block->state);
    bool orphan = family_word_state(state) == STATE_CLAIMED && !mproc__node_is_live(family_word_node(state));
    uint32_t generation = family_word_tag(state) + orphan;
    if ((family_word_state(state) == STATE_FREE || orphan) &&
        atomic_compare_exchange_strong(&place->block->state, &state, family_word(generation, STATE_CLAIMED, node))) {
        atomic_fetch_and(bits, ~bit);
        *ret_generation = generation;
        return true;
    }
    /* A bit left behind, or a race lost. The block may become free between our look and our clearing of the bit, so
     * look again. All four operations, ours and those of block_free, are seq_cst: either we see the block free, or its
     * owner's setting of the bit comes after our clearing. */
    atomic_fetch_and(bits, ~bit);
    if (family_word_state(atomic_load(&place->block->state)) == STATE_FREE)
        atomic_fetch_or(bits, bit);
    return false;
}

/* Looks for a free block in one page. Returns 1 with the block claimed, 0, or an error. */
static int page_search(enum family_type type, uint32_t page, node_id node, struct place *ret_place,
                       uint32_t *ret_generation)
{
    uint64_t bits = atomic_load(&family_page(page)->free);
    for (uint32_t index = 0; bits >> index != 0; index++) {
        if (!(bits >> index & 1))
            continue;
        int code = place_at(type, page, index, ret_place);
        if (code < 0)
            return code;
        if (block_claim(ret_place, node, ret_generation))
            return 1;
        if (index == 63)
            break;
    }
    return 0;
}

static int pages_search(enum family_type type, node_id node, struct place *ret_place, uint32_t *ret_generation)
{
    struct family_header *header = family_header();
    uint64_t hint = atomic_load(&header->hint[type]);
    uint32_t bound = atomic_load(&header->page_bound);
    for (uint32_t page = (uint32_t)hint; page < bound; page++) {
        if (!page_is_of(page, type))
            continue;
        int code = page_search(type, page, node, ret_place, ret_generation);
        if (code > 0)
            mproc__hint_raise(type, hint, page);
        if (code != 0)
            return code;
    }
    mproc__hint_raise(type, hint, bound);
    return 0;
}

/* ---- Pages ---- */

/* One more page for a type, which it keeps for ever. A death in here leaves the page claimed. */
static int page_add(enum family_type type, node_id node)
{
    struct page_run run;
    int code = mproc__pages_claim(1, node, true, &run);
    if (code < 0)
        return code;
    struct family_page *entry = family_page(run.first);
    unsigned blocks = FAMILY_PAGE_SIZE / block_size(type);
    atomic_store(&entry->free, UINT64_MAX >> (64 - blocks));
    atomic_store(&entry->state, family_word(type, STATE_LINKED, 0));
    mproc__hint_lower(type, run.first);
    return 0;
}

/* ---- Sweeping ---- */

static bool block_sweep(enum family_type type, const struct place *place)
{
    uint64_t state = atomic_load(&place->block->state);
    switch (family_word_state(state)) {
    case STATE_CLAIMED:
        return !mproc__node_is_live(family_word_node(state)) && block_free(type, place, state);
    case STATE_LINKED:
        /* Whoever retired it may be alive and about to do the same: the one whose CAS succeeds did it. */
        return atomic_load(&place->block->word.value) == FAMILY_RETIRED && block_free(type, place, state);
    default:
        /* Free without its bit. If its owner lives it is about to set the bit itself. A bit that we set on a block
         * claimed in this moment costs the next search one look. */
        if (atomic_load(&family_page(place->page)->free) >> place->index & 1)
            return false;
        block_offer(type, place);
        return true;
    }
}

static size_t blocks_sweep(uint32_t page, enum family_type type)
{
    unsigned blocks = FAMILY_PAGE_SIZE / block_size(type);
    size_t swept = 0;
    for (unsigned index = 0; index < blocks; index++) {
        struct place place;
        if (place_at(type, page, index, &place) == 0)
            swept += block_sweep(type, &place);
    }
    /* Who died between setting a bit and lowering the hint has left the bit where nobody looks. */
    if (atomic_load(&family_page(page)->free) != 0)
        mproc__hint_lower(type, page);
    return swept;
}

static size_t page_sweep(uint32_t page, node_id self)
{
    uint64_t state = atomic_load(&family_page(page)->state);
    if (family_word_state(state) != STATE_LINKED)
        return mproc__page_sweep(page, state, self);
    enum family_type type = (enum family_type)family_word_tag(state);
    return type == FAMILY_SPAN ? mproc__span_sweep(page, state, self) : blocks_sweep(page, type);
}

/* Counts anew what deaths may have miscounted, and finds the lowest free page, which one may have left unsaid. */
static void count_free(uint32_t bound)
{
    uint32_t spare = 0, lowest = bound;
    for (uint32_t page = bound; page-- > 0;) {
        uint64_t state = atomic_load_explicit(&family_page(page)->state, memory_order_relaxed);
        if (family_word_state(state) == STATE_FREE) {
            spare += (family_word_tag(state) & PAGE_BACKED) != 0;
            lowest = page;
        }
    }
    atomic_store_explicit(&family_header()->spare_pages, spare, memory_order_relaxed);
    mproc__hint_lower(FAMILY_FREE, lowest);
}

size_t mproc__family_sweep(void)
{
    node_id self = mproc__node_self();
    if (self == 0)
        return 0;
    size_t swept = 0;
    uint32_t bound = atomic_load(&family_header()->page_bound);
    for (uint32_t page = 0; page < bound; page++)
        swept += page_sweep(page, self);
    count_free(bound);
    return swept;
}

size_t mproc__family_sweep_after_death(void)
{
    uint32_t deaths = atomic_load(&family_header()->death.value);
    if (atomic_load(&family_header()->swept_death) == deaths)
        return 0;
    /* Who takes that on and dies in it leaves the rest to the next death, which is his. */
    if (atomic_exchange(&family_header()->swept_death, deaths) == deaths)
        return 0;
    return mproc__family_sweep();
}

/* ---- Objects ---- */

/* Fixes the size of a type's blocks by its first object. */
static int fix_size(enum family_type type, size_t size)
{
    if (type <= FAMILY_FREE || type >= FAMILY_TYPES || size > FAMILY_OBJECT_MAX)
        return mproc__error(MPROC_E_INTERNAL, "an object of type %d with %zu bytes", (int)type, size);
    uint32_t wanted = (uint32_t)(sizeof(struct family_block) + (size + FAMILY_UNIT - 1) / FAMILY_UNIT * FAMILY_UNIT);
    uint32_t known = 0;
    /* Relaxed: the number is all there is to it. */
    if (!atomic_compare_exchange_strong_explicit(&family_header()->block_size[type], &known, wanted,
                                                 memory_order_relaxed, memory_order_relaxed) &&
        known != wanted)
        return mproc__error(MPROC_E_INTERNAL, "objects of type %d have blocks of %u bytes, not %u", (int)type, known,
                            wanted);
    return 0;
}

static int block_allocate(enum family_type type, node_id node, struct place *ret_place, uint32_t *ret_generation)
{
    bool full = false;
    for (;;) {
        int code = pages_search(type, node, ret_place, ret_generation);
        if (code < 0)
            return code;
        if (code > 0)
            return 0;
        if (mproc__family_sweep_after_death() > 0)
            continue;
        code = page_add(type, node);
        if (code == 0)
            continue;
        /* Once more after a sweep: what a living process gave back without our seeing it counts too. */
        if (full || mproc__family_sweep() == 0)
            return code;
        full = true;
    }
}

/* Sets the object's words to 0 and leaves alone what belongs to the block: keys, and counts of sleepers of the object
 * before, who take themselves out of them whenever they come to it. */
static void reset_word(platform_word *word)
{
    if (word->key == 0)
        word->key = mproc__family_new_key();
    /* Release: an owner of a stale handle who takes this word for his object's and takes it sees, by the acquire
     * in his CAS, that the block has changed hands, and gives it up again. */
    atomic_store_explicit(&word->value, 0, memory_order_release);
}

int mproc__object_create(enum family_type type, size_t size, uint64_t ret_id[2], void **ret_object)
{
    return mproc__object_create_words(type, 0, size, ret_id, ret_object);
}

int mproc__object_create_words(enum family_type type, unsigned words, size_t size, uint64_t ret_id[2],
                               void **ret_object)
{
    int code = mproc__family_open();
    if (code == 0)
        code = fix_size(type, size);
    if (code < 0)
        return code;
    node_id node = mproc__node_self();
    if (node == 0)
        return MPROC_E_LIMIT;
    struct place place = { 0, 0, NULL };
    uint32_t generation = 0;
    code = block_allocate(type, node, &place, &generation);
    if (code != 0)
        return code;
    struct family_block *block = place.block;
    family_name_set(block, NULL);
    platform_word *inner = (platform_word *)(block + 1);
    memset(inner + words, 0, block_size(type) - sizeof *block - words * sizeof *inner);
    reset_word(&block->word);
    for (unsigned i = 0; i < words; i++)
        reset_word(&inner[i]);
    size_t offset = family_page_offset(place.page) + (size_t)place.index * block_size(type);
    ret_id[1] = (uint64_t)generation << 32 | offset / FAMILY_UNIT;
    ret_id[0] = family_seal(type, ret_id[1]);
    *ret_object = block + 1;
    return 0;
}

void mproc__object_publish(const uint64_t id[2])
{
    void *address;
    /* Mapped by create, so this cannot fail. */
    if (mproc__family_address((size_t)(uint32_t)id[1] * FAMILY_UNIT, &address) < 0)
        return;
    struct family_block *block = address;
    /* Release: who finds the object by family_is_linked sees its content. Nobody else changes the state of a block
     * whose claimant lives. */
    atomic_store_explicit(&block->state, family_word((uint32_t)(id[1] >> 32), STATE_LINKED, 0), memory_order_release);
}

/* The place of a handle, with every reason why there may be none. */
static int find_place(enum family_type type, const uint64_t id[2], struct place *ret_place)
{
    if (platform_is_copy())
        return foreign_copy();
    if ((uint32_t)id[1] >= atomic_load_explicit(&mproc__family.unit_limit, memory_order_acquire) ||
        id[0] != family_seal(type, id[1]))
        return mproc__error(MPROC_E_FOREIGN, "handle %016llx-%016llx was not issued by this family for this type",
                            (unsigned long long)id[0], (unsigned long long)id[1]);
    return place_of(type, id[1], ret_place);
}

int mproc__object_find(enum family_type type, const uint64_t id[2], void **ret_object)
{
    struct family_block *block = family_find(type, id);
    if (block == NULL) {
        struct place place;
        int code = find_place(type, id, &place);
        if (code < 0)
            return code;
        if (!family_is_linked(place.block, id[1]))
            return mproc__error(MPROC_E_STALE, "handle %016llx", (unsigned long long)id[1]);
        block = place.block;
    }
    *ret_object = block + 1;
    return 0;
}

int mproc__object_destroy(enum family_type type, const uint64_t id[2])
{
    struct place place = { 0, 0, NULL };
    int code = find_place(type, id, &place);
    if (code < 0)
        return code;
    if (!block_free(type, &place, family_word((uint32_t)(id[1] >> 32), STATE_LINKED, 0)))
        return mproc__error(MPROC_E_STALE, "handle %016llx", (unsigned long long)id[1]);
    return 0;
}

bool mproc__object_is_alive(uint64_t second)
{
    size_t offset = (size_t)(uint32_t)second * FAMILY_UNIT;
    uint32_t page;
    if (!page_of(offset, &page))
        return false;
    uint64_t state = atomic_load(&family_page(page)->state);
    enum family_type type = (enum family_type)family_word_tag(state);
    int index = family_word_state(state) == STATE_LINKED && type != FAMILY_SPAN ? block_index(type, offset) : -1;
    struct place place;
    if (index < 0)
        return false;
    /* It cannot be looked at: not to know is no reason to take anything away. */
    if (place_at(type, page, (uint32_t)index, &place) < 0)
        return true;
    state = atomic_load(&place.block->state);
    return family_word_tag(state) == (uint32_t)(second >> 32) &&
           (family_word_state(state) == STATE_LINKED ||
            (family_word_state(state) == STATE_CLAIMED && mproc__node_is_live(family_word_node(state))));
}
