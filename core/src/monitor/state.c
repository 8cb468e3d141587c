/* The state of everything, as frames. */
#include "monitor/state.h"
#include "trace/wire.h"
#include <stdlib.h>
#include <string.h>

/* No family has so many things to tell of; what a scribbler might make there are is not told. */
#define ENTRIES_MAX    ((size_t)1 << 17)
#define SHORT_MAPS_MAX ((size_t)1 << 12)
/* No frame of a state is longer: the bins of a function are one text of 16 KiB. */
#define STATE_BYTES (20u << 10)

/* Which thing a record tells of. */
struct key {
    enum record_type type;
    uint64_t owner, member;
};

struct state_entry {
    struct state_entry *next, *previous; /* in the list */
    struct state_entry *chain;           /* in the bucket */
    struct key key;
    uint64_t number;  /* of its place in the list */
    uint32_t missing; /* the places that have not had it as it is */
    bool over;        /* goes when nobody misses it: there is no such thing any more */
    size_t size;
    unsigned char *frame;
};

/* ---- Which thing, and whether it is over ---- */

#define KEY_OF(name, NAME, first, second)                                                                              \
    case RECORD_##NAME: {                                                                                              \
        const struct record_##name *name = record;                                                                     \
        return (struct key){ type, name->first, second };                                                              \
    }

static struct key key_of(enum record_type type, const void *record)
{
    switch (type) {
        KEY_OF(pool, POOL, pool, 0)
        KEY_OF(counts, COUNTS, pool, 0)
        KEY_OF(worker, WORKER, pool, worker->worker)
        KEY_OF(function, FUNCTION, pool, function->function)
        KEY_OF(function_stats, FUNCTION_STATS, pool, function_stats->function)
        KEY_OF(map, MAP, pool, map->task)
        KEY_OF(function_bins, FUNCTION_BINS, pool, function_bins->function)
        KEY_OF(object, OBJECT, object, 0)
        KEY_OF(waiter, WAITER, object, waiter->thread)
    default:
        return (struct key){ 0 };
    }
}

bool mproc__state_is_of_thing(enum record_type type)
{
    return (type >= RECORD_POOL && type <= RECORD_FUNCTION_BINS) || type == RECORD_OBJECT || type == RECORD_WAITER;
}

static bool is_of_objects(enum record_type type)
{
    return type == RECORD_OBJECT || type == RECORD_WAITER;
}

static bool is_over(enum record_type type, const void *record)
{
    switch (type) {
    case RECORD_POOL:
        return ((const struct record_pool *)record)->phase == RECORD_PHASE_GONE;
    case RECORD_MAP:
        return ((const struct record_map *)record)->ended != 0;
    case RECORD_OBJECT:
        return ((const struct record_object *)record)->destroyed != 0;
    case RECORD_WAITER:
        return ((const struct record_waiter *)record)->gone != 0;
    default:
        return false;
    }
}

/* ---- Entries ---- */

static struct state_entry **bucket_of(struct state *state, const struct key *key)
{
    uint64_t hash = (key->owner * 31 + key->member) * 31 + key->type;
    return &state->buckets[(hash * UINT64_C(0x9e3779b97f4a7c15)) >> 54];
}

static struct state_entry *find(struct state *state, const struct key *key)
{
    struct state_entry *entry = *bucket_of(state, key);
    while (entry != NULL &&
           (entry->key.type != key->type || entry->key.owner != key->owner || entry->key.member != key->member))
        entry = entry->chain;
    return entry;
}

static void append(struct state *state, struct state_entry *entry)
{
    entry->previous = state->last;
    entry->next = NULL;
    entry->number = ++state->numbers;
    *(state->last != NULL ? &state->last->next : &state->first) = entry;
    state->last = entry;
}

static void take_out(struct state *state, struct state_entry *entry)
{
    *(entry->previous != NULL ? &entry->previous->next : &state->first) = entry->next;
    *(entry->next != NULL ? &entry->next->previous : &state->last) = entry->previous;
}

static struct state_entry *add(struct state *state, const struct key *key)
{
    struct state_entry *entry = state->count < ENTRIES_MAX ? calloc(1, sizeof *entry) : NULL;
    if (entry == NULL)
        return NULL;
    struct state_entry **bucket = bucket_of(state, key);
    *entry = (struct state_entry){ .chain = *bucket, .key = *key };
    *bucket = entry;
    append(state, entry);
    state->count++;
    return entry;
}

static void remove_entry(struct state *state, struct state_entry *entry)
{
    struct state_entry **place = bucket_of(state, &entry->key);
    while (*place != entry)
        place = &(*place)->chain;
    *place = entry->chain;
    take_out(state, entry);
    state->count--;
    free(entry->frame);
    free(entry);
}

static bool is_of_pool(const struct state_entry *entry, uint64_t pool)
{
    return entry->key.owner == pool && entry->key.type > RECORD_POOL && entry->key.type <= RECORD_FUNCTION_BINS;
}

static void end_entry(struct state *state, struct state_entry *entry)
{
    entry->over = true;
    if (entry->missing == 0)
        remove_entry(state, entry);
}

/* With a pool all that is of it goes, once who watches has had its last figures: they come before its own end. */
static void end_members(struct state *state, struct state_entry *end)
{
    uint64_t pool = end->key.owner;
    struct state_entry *next;
    take_out(state, end);
    append(state, end);
    for (struct state_entry *entry = state->first; entry != NULL; entry = next) {
        next = entry->next;
        if (is_of_pool(entry, pool))
            end_entry(state, entry);
    }
}

void mproc__state_forget_objects(struct state *state)
{
    struct state_entry *next;
    for (struct state_entry *entry = state->first; entry != NULL; entry = next) {
        next = entry->next;
        if (is_of_objects(entry->key.type))
            remove_entry(state, entry);
    }
}

void mproc__state_free(struct state *state)
{
    while (state->first != NULL)
        remove_entry(state, state->first);
    *state = (struct state){ 0 };
}

/* ---- In ---- */

/* What comes after the head: the time in it is always another. */
static bool says_the_same(const struct state_entry *entry, const unsigned char *frame, size_t size)
{
    return entry->size == size &&
           memcmp(entry->frame + WIRE_HEADER_SIZE, frame + WIRE_HEADER_SIZE, size - WIRE_HEADER_SIZE) == 0;
}

/* False for want of memory: the entry stays as it was, and one that had nothing to tell yet is none. */
static bool replace_frame(struct state *state, struct state_entry *entry, const unsigned char *frame, size_t size)
{
    if (entry->size != size) {
        unsigned char *room = realloc(entry->frame, size);
        if (room == NULL && entry->frame == NULL)
            remove_entry(state, entry);
        if (room == NULL)
            return false;
        entry->frame = room;
        entry->size = size;
    }
    memcpy(entry->frame, frame, size);
    return true;
}

/* Of what began and ended between two looks: a map's figures, unless a slow client has a crowd of them before it. */
static bool is_worth_a_word(const struct state *state, enum record_type type)
{
    return type == RECORD_MAP && state->count < SHORT_MAPS_MAX;
}

static uint32_t who_wants(const struct state *state, enum record_type type)
{
    return is_of_objects(type) ? state->object_watchers : state->watchers;
}

void mproc__state_put(struct state *state, enum record_type type, const void *record, int64_t now_ns)
{
    unsigned char frame[STATE_BYTES];
    const struct wire_frame head = { .type = (uint16_t)type, .time_ns = now_ns };
    const struct key key = key_of(type, record);
    bool over = is_over(type, record);
    struct state_entry *entry = find(state, &key);
    size_t size = mproc__wire_encode(frame, sizeof frame, &head, record);
    if (size == 0 || (entry != NULL ? says_the_same(entry, frame, size) : over && !is_worth_a_word(state, type)))
        return;
    if (entry == NULL)
        entry = add(state, &key);
    if (entry == NULL || !replace_frame(state, entry, frame, size))
        return;
    entry->missing = who_wants(state, type);
    entry->over = over;
    if (over && type == RECORD_POOL)
        end_members(state, entry);
    if (over && entry->missing == 0)
        remove_entry(state, entry);
}

/* ---- Out ---- */

void mproc__state_want(struct state *state, unsigned place, bool objects)
{
    uint32_t bit = (uint32_t)1 << place;
    mproc__state_want_no_more(state, place);
    state->watchers |= bit;
    state->object_watchers |= objects ? bit : 0;
    for (struct state_entry *entry = state->first; entry != NULL; entry = entry->next)
        if (!entry->over)
            entry->missing |= bit & who_wants(state, entry->key.type);
}

/* Whatever waits for who does not want it any more. */
static void drop_unwanted(struct state *state)
{
    struct state_entry *next;
    for (struct state_entry *entry = state->first; entry != NULL; entry = next) {
        next = entry->next;
        entry->missing &= who_wants(state, entry->key.type);
        if (entry->over && entry->missing == 0)
            remove_entry(state, entry);
    }
}

void mproc__state_want_no_more(struct state *state, unsigned place)
{
    uint32_t others = ~((uint32_t)1 << place);
    state->watchers &= others;
    state->object_watchers &= others;
    state->next[place] = 0;
    drop_unwanted(state);
}

void mproc__state_want_no_objects(struct state *state, unsigned place)
{
    uint32_t bit = (uint32_t)1 << place;
    if ((state->object_watchers & bit) == 0)
        return;
    state->object_watchers &= ~bit;
    drop_unwanted(state);
}

/* That a pool has gone is the last that is told of it, also to who was in the middle of the list. */
static bool has_to_wait(const struct state *state, const struct state_entry *pool, uint32_t bit)
{
    if (!pool->over || pool->key.type != RECORD_POOL)
        return false;
    for (const struct state_entry *entry = state->first; entry != NULL; entry = entry->next)
        if ((entry->missing & bit) != 0 && is_of_pool(entry, pool->key.owner))
            return true;
    return false;
}

/* False if there is no room for it. */
static bool tell(struct state *state, struct state_entry *entry, unsigned place, struct outbox *outbox)
{
    uint32_t bit = (uint32_t)1 << place;
    if ((entry->missing & bit) == 0 || has_to_wait(state, entry, bit))
        return true;
    if (!mproc__outbox_state(outbox, entry->frame, entry->size)) {
        state->next[place] = entry->number;
        return false;
    }
    entry->missing &= ~bit;
    if (entry->over && entry->missing == 0)
        remove_entry(state, entry);
    return true;
}

static bool tell_range(struct state *state, unsigned place, struct outbox *outbox, uint64_t from, uint64_t to)
{
    struct state_entry *next;
    for (struct state_entry *entry = state->first; entry != NULL; entry = next) {
        next = entry->next;
        if (entry->number >= from && entry->number < to && !tell(state, entry, place, outbox))
            return false;
    }
    return true;
}

/* From where it stopped for want of room the last time, and round: so that what changes all the time does not keep a
 * slow client from all else. */
bool mproc__state_tell(struct state *state, unsigned place, struct outbox *outbox)
{
    uint64_t from = state->next[place];
    bool all = tell_range(state, place, outbox, from, UINT64_MAX) && tell_range(state, place, outbox, 0, from);
    if (all)
        state->next[place] = 0;
    return all;
}
