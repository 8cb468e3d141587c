/* Looking on; see objects.h. What was seen is kept from one look to the next: for since when somebody holds, and for
 * telling what has gone. */
#include "monitor/objects.h"
#include "channel/look.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/block_look.h"
#include "monitor/places.h"
#include "sync/look.h"
#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024u
/* Pages and blocks in which names are looked for, each time. */
#define STEPS 4096u
/* So many looks may pass in which a waiter is not seen: at the end of each slice of its sleep it is awake for a moment,
 * and sleeps on. */
#define UNSEEN_MAX 2u

/** A thread that waits for an object. */
struct waiter {
    struct waiter *next; /**< of the object */
    struct thread_sight sight;
    uint64_t look; /**< when it was last seen */
};

struct object {
    struct object *next; /**< in its bucket */
    struct block_sight sight;
    struct object_sight state;
    char name[FAMILY_NAME_MAX];
    bool was_seen;              /**< and told of, by its name */
    struct waiter *waiters;     /**< by the indexes of their slots */
    struct waiter **next_place; /**< in a look: who is seen next stands there, or behind it */
    uint64_t look;              /**< that one */
    uint32_t waiter_count;
    struct thread_sight holder; /**< id 0: none */
    uint64_t held_at;
    int64_t held_since_ns;
    uint64_t taken;
};

static const struct {
    enum record_object_kind kind;
    object_look *look;
} kinds[FAMILY_TYPES] = {
    [FAMILY_LOCK] = { RECORD_OBJECT_LOCK, mproc__lock_look_on },
    [FAMILY_RLOCK] = { RECORD_OBJECT_RLOCK, mproc__rlock_look_on },
    [FAMILY_SEMAPHORE] = { RECORD_OBJECT_SEMAPHORE, mproc__semaphore_look_on },
    [FAMILY_SEMAPHORE_OWNED] = { RECORD_OBJECT_SEMAPHORE, mproc__semaphore_owned_look_on },
    [FAMILY_CONDITION] = { RECORD_OBJECT_CONDITION, mproc__condition_look_on },
    [FAMILY_EVENT] = { RECORD_OBJECT_EVENT, mproc__event_look_on },
    [FAMILY_BARRIER] = { RECORD_OBJECT_BARRIER, mproc__barrier_look_on },
    [FAMILY_QUEUE] = { RECORD_OBJECT_QUEUE, mproc__queue_look_on },
    [FAMILY_PIPE] = { RECORD_OBJECT_PIPE, mproc__pipe_look_on },
};

/* Of the one thread that looks. */
static PLATFORM_APART struct object *buckets[BUCKETS];
static unsigned object_count, waiter_count;
static struct block_walk walk;
static uint64_t looks;

/** One look. */
struct look {
    observe_sink *sink;
    void *user;
    int64_t now_ns;
};

/* ---- What is known ---- */

static struct object **bucket_of(uint64_t second)
{
    return &buckets[(second * 0x9e3779b97f4a7c15u >> 32) % BUCKETS];
}

static struct object *find(uint64_t second)
{
    struct object *object = *bucket_of(second);
    while (object != NULL && object->sight.second != second)
        object = object->next;
    return object;
}

/* Without memory, or where there are too many, it is not told of. */
static void add(const struct block_sight *sight)
{
    struct object **bucket = bucket_of(sight->second);
    if (kinds[sight->type].look == NULL || object_count == OBJECTS_MAX || find(sight->second) != NULL)
        return;
    struct object *object = calloc(1, sizeof *object);
    if (object == NULL)
        return;
    object->sight = *sight;
    object->next = *bucket;
    *bucket = object;
    object_count++;
}

static void find_new(void)
{
    unsigned steps = STEPS;
    struct block_sight sight;
    while (mproc__block_walk(&walk, &steps, &sight))
        add(&sight);
}

static void remove_waiter(struct object *object, struct waiter **at)
{
    struct waiter *waiter = *at;
    *at = waiter->next;
    object->waiter_count--;
    waiter_count--;
    free(waiter);
}

static void remove_object(struct object **at)
{
    struct object *object = *at;
    while (object->waiters != NULL)
        remove_waiter(object, &object->waiters);
    *at = object->next;
    object_count--;
    free(object);
}

/* ---- Who waits ---- */

static uint32_t index_of(thread_slot thread)
{
    return thread & THREAD_INDEX_MASK;
}

/* Where the thread stands among those that wait for it, or is to. Threads are seen in the order in which these stand,
 * so that none is passed twice in a look: there may be thousands. */
static struct waiter **place_of(struct object *object, thread_slot thread)
{
    struct waiter **at = object->look == looks ? object->next_place : &object->waiters;
    while (*at != NULL && (*at)->sight.id != thread && index_of((*at)->sight.id) <= index_of(thread))
        at = &(*at)->next;
    object->look = looks;
    object->next_place = at;
    return at;
}

static struct waiter *waiter_of(struct object *object, thread_slot thread)
{
    struct waiter **at = place_of(object, thread), *waiter = *at;
    if (waiter != NULL && waiter->sight.id == thread)
        return waiter;
    waiter = waiter_count < WAITERS_MAX ? calloc(1, sizeof *waiter) : NULL;
    if (waiter == NULL)
        return NULL;
    waiter->next = *at;
    *at = waiter;
    object->waiter_count++;
    waiter_count++;
    return waiter;
}

static void see_waiter(const struct thread_sight *sight)
{
    struct object *object = sight->waits_on != 0 ? find(sight->waits_on) : NULL;
    struct waiter *waiter = object != NULL ? waiter_of(object, sight->id) : NULL;
    if (waiter == NULL)
        return;
    waiter->sight = *sight;
    waiter->look = looks;
}

static void see_waiters(int64_t now_ns)
{
    uint32_t slots = mproc__thread_slots();
    for (uint32_t i = 1; i < slots; i++) {
        struct thread_sight sight;
        if (mproc__thread_slot_look(i, now_ns, &sight))
            see_waiter(&sight);
    }
}

/* ---- Telling ---- */

static struct record_text text_of(const char *text)
{
    return (struct record_text){ text, (uint32_t)strlen(text) };
}

static void tell_waiter(const struct look *look, const struct object *object, const struct waiter *waiter, bool gone)
{
    char place[PLACES_TEXT];
    mproc__places_text(waiter->sight.process, waiter->sight.pid, waiter->sight.waits_at, place);
    struct record_waiter record = {
        .object = object->sight.second,
        .pid = waiter->sight.pid,
        .thread = waiter->sight.system_id,
        .gone = gone,
        .since_ns = waiter->sight.waits_since_ns,
        .place = text_of(place),
        .wait = (uint8_t)waiter->sight.waits_for,
        .patience = waiter->sight.is_limited ? RECORD_PATIENCE_LIMITED : RECORD_PATIENCE_FOREVER,
    };
    look->sink(look->user, RECORD_WAITER, &record);
}

static void tell_waiters(const struct look *look, struct object *object, bool all_gone)
{
    for (struct waiter **at = &object->waiters; *at != NULL;) {
        bool gone = all_gone || looks - (*at)->look >= UNSEEN_MAX;
        tell_waiter(look, object, *at, gone);
        if (gone)
            remove_waiter(object, at);
        else
            at = &(*at)->next;
    }
}

static void tell_object(const struct look *look, const struct object *object, bool destroyed)
{
    char place[PLACES_TEXT];
    const struct thread_sight *holder = &object->holder;
    mproc__places_text(holder->process, holder->pid, object->held_at, place);
    struct record_object record = {
        .object = object->sight.second,
        .kind = (uint8_t)kinds[object->sight.type].kind,
        .destroyed = destroyed,
        .holder_pid = holder->pid,
        .holder = holder->system_id,
        .held_since_ns = object->held_since_ns,
        .waiters = object->waiter_count,
        .depth = object->state.depth,
        .limit = object->state.limit,
        .taken = object->taken,
        .contended = atomic_load_explicit(&object->sight.block->contended, memory_order_relaxed),
        .name = text_of(object->name),
        .place = text_of(place),
        .abandoned = object->state.abandoned,
    };
    look->sink(look->user, RECORD_OBJECT, &record);
}

/* ---- Objects ---- */

/* Where it took this lock is known of who holds one thing only, or was seen when it held no more. */
static void see_holder(struct object *object, int64_t now_ns)
{
    struct thread_sight sight = { .id = 0 };
    thread_slot holder = object->state.holder;
    if (holder == 0 || !mproc__thread_slot_look(holder & THREAD_INDEX_MASK, now_ns, &sight) || sight.id != holder)
        sight = (struct thread_sight){ .id = 0 };
    if (sight.id != object->holder.id) {
        object->held_since_ns = sight.id != 0 ? now_ns : 0;
        object->held_at = 0;
    }
    if (sight.holds == 1)
        object->held_at = sight.held_at;
    object->holder = sight;
}

/* False if it is gone. The name is read when the object is first seen: it does not change. It is the object's own if
 * that is still there after it. */
static bool see(struct object *object, int64_t now_ns)
{
    struct object_sight state;
    if (!object->was_seen) {
        block_name_get(object->sight.block, object->name);
        object->name[FAMILY_NAME_MAX - 1] = '\0';
    }
    if (!object_look_at(kinds[object->sight.type].look, object->sight.block, object->sight.second, &state))
        return false;
    object->was_seen = true;
    object->taken += (uint32_t)(state.passed - object->state.passed);
    object->state = state;
    see_holder(object, now_ns);
    return true;
}

static void observe(const struct look *look, struct object **at)
{
    while (*at != NULL) {
        bool there = see(*at, look->now_ns);
        if ((*at)->was_seen) {
            tell_waiters(look, *at, !there);
            tell_object(look, *at, !there);
        }
        if (there)
            at = &(*at)->next;
        else
            remove_object(at);
    }
}

void mproc__objects_observe(observe_sink *sink, void *user)
{
    struct look look = { sink, user, platform_now_ns() };
    if (!family_is_ours())
        return;
    looks++;
    find_new();
    see_waiters(look.now_ns);
    for (unsigned i = 0; i < BUCKETS; i++)
        observe(&look, &buckets[i]);
    mproc__places_find();
}

static void forget(void)
{
    for (unsigned i = 0; i < BUCKETS; i++)
        while (buckets[i] != NULL)
            remove_object(&buckets[i]);
    walk = (struct block_walk){ .rank = 0 };
}

void mproc__objects_end(void)
{
    forget();
    mproc__places_end();
}

/* What the parent has seen is of its family, which may be another one: it stays where it was copied to. */
void mproc__objects_adopt(void)
{
    memset(buckets, 0, sizeof buckets);
    object_count = waiter_count = 0;
    walk = (struct block_walk){ .rank = 0 };
    mproc__places_adopt();
}
