/* The family segment: making it, joining it, and the allocator of its objects.
 *
 * No lock anywhere: whoever finds something half done by a dead process finishes it or takes it back. What a death can
 * lose for a while is only a hint (a bit in the directory, a place to look first); mproc__family_sweep
 * restores those, and runs by itself before the segment grows if somebody has died since it last ran.
 */
#include "activity.h"
#include "error.h"
#include "family_layout.h"
#include <string.h>

struct family_local mproc__family = { .segment = PLATFORM_NO_HANDLE, .scope = PLATFORM_NO_HANDLE };

/* Who opens the family: 0, or the pid of this process while one of its threads is at it. A mutex in its place would
 * stay locked for ever in a copy that the program's own fork made in that moment; the copy knows a pid as not its own.
 */
static _Atomic int64_t opener;
static _Atomic bool joined;

/* Keys below are those of the header's own words and never anybody else's. */
#define DEATH_KEY    1u
#define ACTIVITY_KEY 2u
#define FIRST_KEY    3u

/* ---- Memory -------------------------------------------------------------------------------------------- */

static const struct {
    size_t offset;
    size_t step;
} areas[AREA_COUNT] = {
    [AREA_PROCESSES] = { FAMILY_PROCESS_OFFSET, FAMILY_PAGE_SIZE },
    [AREA_NODES] = { FAMILY_NODE_OFFSET, FAMILY_PAGE_SIZE },
    [AREA_DIRECTORY] = { FAMILY_DIRECTORY_OFFSET, FAMILY_PAGE_SIZE },
    /* A page of locks is 64 of them: a program with a few is not charged for more than 16 KiB. */
    [AREA_PAGES] = { FAMILY_FIXED_SIZE, 4 * FAMILY_PAGE_SIZE },
};

/* Maps a chunk if it is not mapped yet. Two threads may do so at once: the second gives its mapping back. */
static int chunk_map(size_t index, unsigned char **ret_chunk)
{
    unsigned char *known = atomic_load_explicit(&mproc__family.chunks[index], memory_order_acquire);
    if (known == NULL) {
        void *mapped;
        int code = platform_segment_map(mproc__family.segment, index << FAMILY_CHUNK_SHIFT, FAMILY_CHUNK_SIZE, &mapped);
        if (code < 0)
            return mproc__error_platform(code, "mapping the family segment");
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

/* The address of an offset beyond the header, mapping it if need be. */
static int address_of(size_t offset, unsigned char **ret_address)
{
    if (offset < FAMILY_FIXED_SIZE) {
        *ret_address = mproc__family.fixed + offset;
        return 0;
    }
    unsigned char *chunk = NULL;
    int code = chunk_map(offset >> FAMILY_CHUNK_SHIFT, &chunk);
    if (code != 0)
        return code;
    *ret_address = chunk + (offset & (FAMILY_CHUNK_SIZE - 1));
    return 0;
}

int mproc__family_reach(enum family_area area, uint64_t end)
{
    _Atomic uint64_t *committed = &family_header()->committed[area];
    for (;;) {
        /* Acquire pairs with the CAS below: memory below the mark has been committed by whoever moved it. */
        uint64_t done = atomic_load_explicit(committed, memory_order_acquire);
        if (end <= done)
            return 0;
        unsigned char *address = NULL;
        int code = address_of(areas[area].offset + (size_t)done, &address);
        if (code != 0)
            return code;
        code = platform_segment_commit(mproc__family.segment, address, areas[area].offset + (size_t)done,
                                       areas[area].step);
        if (code < 0)
            return mproc__error_platform(code, "backing the family segment with memory");
        /* From exactly where this process has committed, so that the mark never passes a gap left by a dead one. Who
         * loses has committed the same bytes once more, which is harmless. */
        atomic_compare_exchange_strong_explicit(committed, &done, done + areas[area].step, memory_order_acq_rel,
                                                memory_order_relaxed);
    }
}

/* ---- Open and join --------------------------------------------------------------------------------------- */

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
    atomic_store_explicit(&mproc__family.unit_limit, (uint32_t)(FAMILY_LIMIT / FAMILY_UNIT), memory_order_release);
}

static int map_fixed(void)
{
    void *address;
    int code = platform_segment_map(mproc__family.segment, 0, FAMILY_FIXED_SIZE, &address);
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
    header->limit = FAMILY_LIMIT;
    header->nonce = nonce;
    header->death.key = DEATH_KEY;
    header->activity.key = ACTIVITY_KEY;
    atomic_init(&header->next_key, FIRST_KEY);
    atomic_init(&header->committed[AREA_PROCESSES], FAMILY_PAGE_SIZE);
    return mproc__family_reach(AREA_NODES, FAMILY_PAGE_SIZE);
}

/* Undoes what a failed open or join has done. */
static void forget_family(void)
{
    atomic_store_explicit(&mproc__family.unit_limit, 0, memory_order_relaxed);
    if (mproc__family.fixed != NULL)
        platform_segment_unmap(mproc__family.fixed, FAMILY_FIXED_SIZE);
    mproc__family.fixed = NULL;
    mproc__family.segment = mproc__family.scope = PLATFORM_NO_HANDLE;
}

static int make_family(void)
{
    platform_setup();
    int code = platform_segment_create(FAMILY_LIMIT, &mproc__family.segment);
    if (code < 0)
        return mproc__error_platform(code, "making the family segment");
    code = platform_wait_scope_create(&mproc__family.scope);
    if (code < 0) {
        mproc__error_platform(code, "making the family's wait scope");
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

static int check_header(void)
{
    const struct family_header *header = family_header();
    if (header->magic != FAMILY_MAGIC || header->version != FAMILY_VERSION || header->header_size != sizeof *header ||
        header->limit != FAMILY_LIMIT)
        return mproc__error(MPROC_E_MISMATCH, "family segment of layout %u, this program knows %u", header->version,
                            FAMILY_VERSION);
    return 0;
}

/* A forked child has its parent's variables, but none of its mappings and threads. */
static void forget_parent(void)
{
    atomic_store_explicit(&mproc__family.unit_limit, 0, memory_order_relaxed);
    for (size_t i = 0; i < FAMILY_CHUNKS; i++)
        atomic_store_explicit(&mproc__family.chunks[i], NULL, memory_order_relaxed);
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
        code = platform_wait_scope_join(scope);
        if (code < 0)
            mproc__error_platform(code, "joining the family's wait scope");
    }
    if (code == 0)
        code = map_fixed();
    if (code == 0)
        code = check_header();
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

/* ---- Hints -------------------------------------------------------------------------------------------------
 *
 * A hint says: below this page there is nothing free of the kind. Giving something back lowers it, and changes its
 * version even if there is nothing to lower: an allocation that has passed the page before and wants to raise the hint
 * above it then fails to, for the version is no longer the one it began with. */

static void hint_lower(unsigned kind, uint32_t page)
{
    _Atomic uint64_t *hint = &family_header()->hint[kind];
    uint64_t known = atomic_load(hint), lower;
    do {
        uint32_t at = (uint32_t)known;
        lower = ((known >> 32) + 1) << 32 | (page < at ? page : at);
    } while (!atomic_compare_exchange_weak(hint, &known, lower));
}

static void hint_raise(unsigned kind, uint64_t known, uint32_t page)
{
    if (page > (uint32_t)known)
        atomic_compare_exchange_strong(&family_header()->hint[kind], &known, known >> 32 << 32 | page);
}

/* ---- Blocks ------------------------------------------------------------------------------------------------ */

/* A block, by where it is. */
struct place {
    uint32_t page;
    uint32_t index;
    struct family_block *block;
};

static struct family_page *page_entry(uint32_t page)
{
    return (struct family_page *)(mproc__family.fixed + FAMILY_DIRECTORY_OFFSET) + page;
}

static bool page_is_of(uint32_t page, enum family_type type)
{
    /* Acquire: pairs with the release in page_link; the page's memory is committed. */
    return atomic_load_explicit(&page_entry(page)->state, memory_order_acquire) == family_word(type, STATE_LINKED, 0);
}

static uint32_t block_size(enum family_type type)
{
    return atomic_load_explicit(&family_header()->block_size[type], memory_order_relaxed);
}

static int place_at(enum family_type type, uint32_t page, uint32_t index, struct place *ret_place)
{
    unsigned char *address;
    int code =
        address_of(FAMILY_FIXED_SIZE + (size_t)page * FAMILY_PAGE_SIZE + (size_t)index * block_size(type), &address);
    if (code == 0)
        *ret_place = (struct place){ page, index, (struct family_block *)address };
    return code;
}

/* The place of a handle that has passed its seal. It cannot be wrong but by memory gone bad or by design, so the checks
 * that keep us inside a page of the type cost only the rare calls that come here. */
static int place_of(enum family_type type, uint64_t second, struct place *ret_place)
{
    size_t offset = (size_t)(uint32_t)second * FAMILY_UNIT;
    if (offset >= FAMILY_FIXED_SIZE && offset < FAMILY_LIMIT) {
        uint32_t page = (uint32_t)((offset - FAMILY_FIXED_SIZE) / FAMILY_PAGE_SIZE);
        uint32_t within = (uint32_t)(offset % FAMILY_PAGE_SIZE), size = block_size(type);
        if (page < atomic_load_explicit(&family_header()->page_bound, memory_order_acquire) && page_is_of(page, type) &&
            size > 0 && within % size == 0 && within + size <= FAMILY_PAGE_SIZE)
            return place_at(type, page, within / size, ret_place);
    }
    return mproc__error(MPROC_E_FOREIGN, "handle %016llx names no place for an object", (unsigned long long)second);
}

/* Makes a block findable that has become free. Killed between the two, or before them, its owner leaves a free block
 * without its bit: only the sweep finds that one. */
static void block_offer(enum family_type type, const struct place *place)
{
    atomic_fetch_or(&page_entry(place->page)->free, (uint64_t)1 << place->index);
    hint_lower(type, place->page);
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
    _Atomic uint64_t *bits = &page_entry(place->page)->free;
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
    uint64_t bits = atomic_load(&page_entry(page)->free);
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
            hint_raise(type, hint, page);
        if (code != 0)
            return code;
    }
    hint_raise(type, hint, bound);
    return 0;
}

/* ---- Pages ------------------------------------------------------------------------------------------------- */

static void bound_raise(uint32_t bound)
{
    _Atomic uint32_t *page_bound = &family_header()->page_bound;
    uint32_t known = atomic_load(page_bound);
    while (known < bound && !atomic_compare_exchange_weak(page_bound, &known, bound))
        ;
}

/* Gives a claimed page its type, which it keeps for ever. A death in here leaves it claimed; who takes it over does
 * the same again. */
static int page_link(uint32_t page, enum family_type type)
{
    struct family_page *entry = page_entry(page);
    int code = mproc__family_reach(AREA_PAGES, ((uint64_t)page + 1) * FAMILY_PAGE_SIZE);
    if (code < 0) {
        atomic_store(&entry->state, family_word(0, STATE_FREE, 0));
        hint_lower(FAMILY_FREE, page);
        return code;
    }
    unsigned blocks = FAMILY_PAGE_SIZE / block_size(type);
    atomic_store(&entry->free, UINT64_MAX >> (64 - blocks));
    atomic_store(&entry->state, family_word(type, STATE_LINKED, 0));
    hint_lower(type, page);
    return 0;
}

/* Claims a page if it is free, or its claimant is dead. */
static bool page_claim(uint32_t page, node_id node)
{
    struct family_page *entry = page_entry(page);
    uint64_t state = atomic_load(&entry->state);
    bool takeable = family_word_state(state) == STATE_FREE ||
                    (family_word_state(state) == STATE_CLAIMED && !mproc__node_is_live(family_word_node(state)));
    return takeable && atomic_compare_exchange_strong(&entry->state, &state, family_word(0, STATE_CLAIMED, node));
}

static int page_add(enum family_type type, node_id node)
{
    uint64_t hint = atomic_load(&family_header()->hint[FAMILY_FREE]);
    for (uint32_t page = (uint32_t)hint; page < FAMILY_PAGES; page++) {
        int code = mproc__family_reach(AREA_DIRECTORY, ((uint64_t)page + 1) * sizeof(struct family_page));
        if (code < 0)
            return code;
        bound_raise(page + 1);
        if (page_claim(page, node)) {
            hint_raise(FAMILY_FREE, hint, page + 1);
            return page_link(page, type);
        }
    }
    return mproc__error(MPROC_E_LIMIT, "the family segment of %zu MiB is full", FAMILY_LIMIT >> 20);
}

/* ---- Sweeping ------------------------------------------------------------------------------------------------ */

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
        if (atomic_load(&page_entry(place->page)->free) >> place->index & 1)
            return false;
        block_offer(type, place);
        return true;
    }
}

static size_t page_sweep(uint32_t page)
{
    struct family_page *entry = page_entry(page);
    uint64_t state = atomic_load(&entry->state);
    if (family_word_state(state) == STATE_CLAIMED && !mproc__node_is_live(family_word_node(state)) &&
        atomic_compare_exchange_strong(&entry->state, &state, family_word(0, STATE_FREE, 0)))
        hint_lower(FAMILY_FREE, page);
    if (family_word_state(state) != STATE_LINKED)
        return 0;
    enum family_type type = (enum family_type)family_word_tag(state);
    unsigned blocks = FAMILY_PAGE_SIZE / block_size(type);
    size_t swept = 0;
    for (unsigned index = 0; index < blocks; index++) {
        struct place place;
        if (place_at(type, page, index, &place) == 0)
            swept += block_sweep(type, &place);
    }
    /* Who died between setting a bit and lowering the hint has left the bit where nobody looks. */
    if (atomic_load(&entry->free) != 0)
        hint_lower(type, page);
    return swept;
}

size_t mproc__family_sweep(void)
{
    size_t swept = 0;
    uint32_t bound = atomic_load(&family_header()->page_bound);
    for (uint32_t page = 0; page < bound; page++)
        swept += page_sweep(page);
    return swept;
}

/* Sweeps if somebody has died since it was last done, by whomever. Who takes that on and dies in it leaves the rest
 * to the next death, which is his. */
static size_t sweep_after_death(void)
{
    uint32_t deaths = atomic_load(&family_header()->death.value);
    if (atomic_exchange(&family_header()->swept_death, deaths) == deaths)
        return 0;
    return mproc__family_sweep();
}

/* ---- Objects ------------------------------------------------------------------------------------------------- */

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
        if (sweep_after_death() > 0)
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
    size_t offset = FAMILY_FIXED_SIZE + (size_t)place.page * FAMILY_PAGE_SIZE + (size_t)place.index * block_size(type);
    ret_id[1] = (uint64_t)generation << 32 | offset / FAMILY_UNIT;
    ret_id[0] = family_seal(type, ret_id[1]);
    *ret_object = block + 1;
    return 0;
}

void mproc__object_publish(const uint64_t id[2])
{
    struct family_block *block;
    unsigned char *address;
    /* Mapped by create, so this cannot fail. */
    if (address_of((size_t)(uint32_t)id[1] * FAMILY_UNIT, &address) < 0)
        return;
    block = (struct family_block *)address;
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
    struct place place;
    int code = find_place(type, id, &place);
    if (code < 0)
        return code;
    if (!block_free(type, &place, family_word((uint32_t)(id[1] >> 32), STATE_LINKED, 0)))
        return mproc__error(MPROC_E_STALE, "handle %016llx", (unsigned long long)id[1]);
    return 0;
}

void mproc__family_usage(uint64_t *ret_used, uint64_t *ret_limit)
{
    uint64_t used = FAMILY_PAGE_SIZE;
    for (int area = 0; area < AREA_COUNT; area++)
        used += atomic_load_explicit(&family_header()->committed[area], memory_order_relaxed);
    *ret_used = used;
    *ret_limit = FAMILY_LIMIT;
}
