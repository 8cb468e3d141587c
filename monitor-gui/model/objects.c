#include "model/objects.h"

#include "model/times.h"
#include <mproc/base.h>
#include <stdlib.h>

void objects_init(struct objects *objects)
{
    *objects = (struct objects){ .all = LIST_OF(struct model_object *),
                                 .waiters = LIST_OF(struct model_waiter *),
                                 .by_object = LIST_OF(struct model_waiter *) };
}

/* ---- Their order ---- */

#define ORDER(one, other) (((one) > (other)) - ((one) < (other)))

static int by_number(const void *element, const void *key)
{
    const struct model_object *const *object = element;
    const uint64_t *number = key;
    return ORDER((*object)->said.object, *number);
}

static const struct record_waiter *waiter_of(const void *element)
{
    const struct model_waiter *const *waiter = element;
    return &(*waiter)->said;
}

static int by_thread(const void *element, const void *key)
{
    const struct record_waiter *one = waiter_of(element), *other = key;
    return one->pid != other->pid ? ORDER(one->pid, other->pid) : ORDER(one->thread, other->thread);
}

static int by_object(const void *element, const void *key)
{
    const struct record_waiter *one = waiter_of(element), *other = key;
    if (one->object != other->object)
        return ORDER(one->object, other->object);
    return one->since_ns != other->since_ns ? ORDER(one->since_ns, other->since_ns) : by_thread(element, key);
}

/* ---- Coming and going ---- */

static struct model_object *object_at(const struct objects *objects, size_t index)
{
    return *(struct model_object **)list_at(&objects->all, index);
}

static struct model_waiter *waiter_at(const struct objects *objects, size_t index)
{
    return *(struct model_waiter **)list_at(&objects->waiters, index);
}

static void free_object(struct model_object *object)
{
    if (object != NULL)
        free(object->texts);
    free(object);
}

static void free_waiter(struct model_waiter *waiter)
{
    if (waiter != NULL)
        free(waiter->texts);
    free(waiter);
}

static void remove_object(struct objects *objects, size_t index)
{
    free_object(object_at(objects, index));
    list_remove(&objects->all, index);
}

static void remove_waiter(struct objects *objects, size_t index)
{
    struct model_waiter *waiter = waiter_at(objects, index);
    list_remove(&objects->by_object, list_search(&objects->by_object, by_object, &waiter->said));
    list_remove(&objects->waiters, index);
    free_waiter(waiter);
}

/* False for want of memory, with all as it was. */
static bool insert_object(struct objects *objects, size_t index, struct model_object *object)
{
    struct model_object **place = list_insert(&objects->all, index);
    if (place != NULL)
        *place = object;
    return place != NULL;
}

static bool insert_waiter(struct list *list, size_t index, struct model_waiter *waiter)
{
    struct model_waiter **place = list_insert(list, index);
    if (place != NULL)
        *place = waiter;
    return place != NULL;
}

static bool insert_by_object(struct objects *objects, struct model_waiter *waiter)
{
    size_t index = list_search(&objects->by_object, by_object, &waiter->said);
    return insert_waiter(&objects->by_object, index, waiter);
}

void objects_free(struct objects *objects)
{
    for (size_t i = 0; i < objects->all.count; i++)
        free_object(object_at(objects, i));
    for (size_t i = 0; i < objects->waiters.count; i++)
        free_waiter(waiter_at(objects, i));
    list_free(&objects->all);
    list_free(&objects->waiters);
    list_free(&objects->by_object);
}

/* ---- Objects ---- */

static struct model_object *find_object(const struct objects *objects, uint64_t number, size_t *ret_index)
{
    *ret_index = list_search(&objects->all, by_number, &number);
    bool is_there = *ret_index < objects->all.count && object_at(objects, *ret_index)->said.object == number;
    return is_there ? object_at(objects, *ret_index) : NULL;
}

static void note_holder(struct model_object *object, const struct record_object *record)
{
    if (!record->abandoned)
        object->left_pid = 0;
    else if (!object->said.abandoned)
        object->left_pid = object->said.holder_pid;
}

static int store_object(const struct objects *objects, struct model_object *object, const struct wire_frame *frame,
                        const struct record_object *record)
{
    note_holder(object, record);
    object->told_ns = frame->time_ns;
    object->snapshot = objects->snapshot;
    return kept_store(RECORD_OBJECT, &object->said, &object->texts, record);
}

static int add_object(struct objects *objects, size_t index, const struct wire_frame *frame,
                      const struct record_object *record)
{
    if (objects->all.count == OBJECTS_MAX) {
        objects->ignored++;
        return 0;
    }
    struct model_object *object = calloc(1, sizeof *object);
    if (object != NULL && store_object(objects, object, frame, record) == 0 && insert_object(objects, index, object))
        return 0;
    free_object(object);
    return MPROC_E_NO_MEMORY;
}

static int take_object(struct objects *objects, const struct wire_frame *frame, const struct record_object *record)
{
    size_t index;
    struct model_object *object = find_object(objects, record->object, &index);
    if (object == NULL)
        return record->destroyed ? 0 : add_object(objects, index, frame, record);
    if (frame->time_ns < object->told_ns)
        return 0;
    if (!record->destroyed)
        return store_object(objects, object, frame, record);
    remove_object(objects, index);
    return 0;
}

/* ---- Waiters ---- */

static struct model_waiter *find_waiter(const struct objects *objects, int64_t pid, uint64_t thread, size_t *ret_index)
{
    const struct record_waiter key = { .pid = pid, .thread = thread };
    *ret_index = list_search(&objects->waiters, by_thread, &key);
    if (*ret_index == objects->waiters.count)
        return NULL;
    struct model_waiter *waiter = waiter_at(objects, *ret_index);
    return waiter->said.pid == pid && waiter->said.thread == thread ? waiter : NULL;
}

static int store_waiter(const struct objects *objects, struct model_waiter *waiter, const struct wire_frame *frame,
                        const struct record_waiter *record)
{
    waiter->told_ns = frame->time_ns;
    waiter->snapshot = objects->snapshot;
    return kept_store(RECORD_WAITER, &waiter->said, &waiter->texts, record);
}

/* In both lists or in none. */
static bool insert_in_both(struct objects *objects, size_t index, struct model_waiter *waiter)
{
    if (!insert_waiter(&objects->waiters, index, waiter))
        return false;
    if (insert_by_object(objects, waiter))
        return true;
    list_remove(&objects->waiters, index);
    return false;
}

static int add_waiter(struct objects *objects, size_t index, const struct wire_frame *frame,
                      const struct record_waiter *record)
{
    if (objects->waiters.count == WAITERS_MAX) {
        objects->ignored++;
        return 0;
    }
    struct model_waiter *waiter = calloc(1, sizeof *waiter);
    if (waiter != NULL && store_waiter(objects, waiter, frame, record) == 0 && insert_in_both(objects, index, waiter))
        return 0;
    free_waiter(waiter);
    return MPROC_E_NO_MEMORY;
}

/* There is room for it where it goes to: where it was one is free by then. */
static int change_waiter(struct objects *objects, struct model_waiter *waiter, const struct wire_frame *frame,
                         const struct record_waiter *record)
{
    size_t before = list_search(&objects->by_object, by_object, &waiter->said);
    int code = store_waiter(objects, waiter, frame, record);
    if (code < 0)
        return code;
    list_remove(&objects->by_object, before);
    return insert_by_object(objects, waiter) ? 0 : MPROC_E_NO_MEMORY;
}

/* A thread waits for one thing: what is told of another one takes its place. That it waits no more counts only for the
 * object that it was known to wait for. */
static int take_waiter(struct objects *objects, const struct wire_frame *frame, const struct record_waiter *record)
{
    size_t index;
    struct model_waiter *waiter = find_waiter(objects, record->pid, record->thread, &index);
    if (waiter == NULL)
        return record->gone ? 0 : add_waiter(objects, index, frame, record);
    if (frame->time_ns < waiter->told_ns)
        return 0;
    if (!record->gone)
        return change_waiter(objects, waiter, frame, record);
    if (waiter->said.object == record->object)
        remove_waiter(objects, index);
    return 0;
}

int objects_take(struct objects *objects, const struct wire_frame *frame, const union record *record)
{
    if (frame->type == RECORD_OBJECT)
        return take_object(objects, frame, &record->object);
    return take_waiter(objects, frame, &record->waiter);
}

void objects_snapshot_begin(struct objects *objects)
{
    objects->snapshot++;
}

void objects_snapshot_end(struct objects *objects)
{
    for (size_t i = objects->all.count; i-- > 0;)
        if (object_at(objects, i)->snapshot < objects->snapshot)
            remove_object(objects, i);
    for (size_t i = objects->waiters.count; i-- > 0;)
        if (waiter_at(objects, i)->snapshot < objects->snapshot)
            remove_waiter(objects, i);
}

/* ---- Questions ---- */

const struct model_object *objects_find(const struct objects *objects, uint64_t object)
{
    size_t index;
    return find_object(objects, object, &index);
}

const struct model_waiter *objects_waiter_in(const struct objects *objects, int64_t pid)
{
    const struct record_waiter key = { .pid = pid };
    size_t index = list_search(&objects->waiters, by_thread, &key);
    bool is_there = index < objects->waiters.count && waiter_at(objects, index)->said.pid == pid;
    return is_there ? waiter_at(objects, index) : NULL;
}

/* Times are cut on their way here, so that none is one of these; see bounds.h. */
size_t objects_waiters_of(const struct objects *objects, uint64_t object, size_t *ret_first)
{
    const struct record_waiter first = { .object = object, .since_ns = INT64_MIN };
    const struct record_waiter last = { .object = object, .since_ns = INT64_MAX };
    *ret_first = list_search(&objects->by_object, by_object, &first);
    return list_search(&objects->by_object, by_object, &last) - *ret_first;
}

/* Who waits takes nothing meanwhile, so that all that he holds is older; but who waits for a condition has let go of
 * its lock, and may be told of once more after he has it again. */
static int64_t held_since(const struct objects *objects, const struct record_object *said)
{
    size_t index;
    const struct model_waiter *waiter = find_waiter(objects, said->holder_pid, said->holder, &index);
    bool is_older =
        waiter != NULL && waiter->said.wait != RECORD_WAIT_WAIT && waiter->said.since_ns < said->held_since_ns;
    return is_older ? waiter->said.since_ns : said->held_since_ns;
}

/* As all that is seen of one moment. */
#define SEEN_LATE_NS DEADLOCK_SETTLED_NS

/* Holders are seen at looks: who began to wait since the look before waits for him who was seen at this one. */
bool objects_held_since(const struct objects *objects, const struct model_object *object, int64_t *ret_since_ns)
{
    int64_t wait_ns;
    const struct record_object *said = &object->said;
    if (said->holder_pid == 0 || said->held_since_ns <= 0)
        return false;
    *ret_since_ns = held_since(objects, said);
    if (objects_longest_wait(objects, said->object, &wait_ns) && *ret_since_ns - wait_ns < SEEN_LATE_NS)
        *ret_since_ns = times_earlier(*ret_since_ns, wait_ns);
    return true;
}

bool objects_longest_wait(const struct objects *objects, uint64_t object, int64_t *ret_since_ns)
{
    size_t first;
    if (objects_waiters_of(objects, object, &first) == 0)
        return false;
    *ret_since_ns = objects_waiter_by_object(objects, first)->said.since_ns;
    return true;
}

/* ---- Deadlocks ---- */

#define NOBODY SIZE_MAX

/* Where the way from a waiter leads. */
enum way { WAY_UNKNOWN = 0, WAY_WALKED, WAY_INTO, WAY_ELSEWHERE };

/* Of each waiter. */
struct step {
    size_t next;   /* who holds what he waits for, and waits too; or NOBODY */
    size_t first;  /* who came by here first, and one more; 0: nobody did */
    size_t circle; /* of the one with the least index in a circle: how many are in it */
    enum way way;
};

/* The thread that holds what this one waits for, if it waits too. Who waits for what he holds himself is his own next.
 */
static size_t next_waiter(const struct objects *objects, size_t index)
{
    const struct record_waiter *waiter = &waiter_at(objects, index)->said;
    const struct model_object *object = objects_find(objects, waiter->object);
    size_t holder;
    if (waiter->wait != RECORD_WAIT_TAKE || object == NULL || object->said.holder_pid == 0)
        return NOBODY;
    return find_waiter(objects, object->said.holder_pid, object->said.holder, &holder) != NULL ? holder : NOBODY;
}

static void note_circle(struct step *steps, size_t one)
{
    size_t least = one, length = 1;
    for (size_t at = steps[one].next; at != one; at = steps[at].next, length++)
        least = at < least ? at : least;
    steps[least].circle = length;
}

/* Each step is taken once, whatever number of ways it lies on: there may be thousands, if somebody lies. A way that
 * comes back to itself has been round a circle. */
static void note_circles(struct step *steps, size_t count)
{
    for (size_t first = 0; first < count; first++) {
        size_t at = first;
        for (; at != NOBODY && steps[at].first == 0; at = steps[at].next)
            steps[at].first = first + 1;
        if (at != NOBODY && steps[at].first == first + 1)
            note_circle(steps, at);
    }
}

/* One way, up to what is known; what leads to itself is another circle. Returns how many more lead into this one. */
static size_t walk(struct step *steps, size_t from)
{
    size_t at, into = 0;
    for (at = from; at != NOBODY && steps[at].way == WAY_UNKNOWN; at = steps[at].next)
        steps[at].way = WAY_WALKED;
    enum way way = at != NOBODY && steps[at].way == WAY_INTO ? WAY_INTO : WAY_ELSEWHERE;
    for (at = from; at != NOBODY && steps[at].way == WAY_WALKED; at = steps[at].next) {
        steps[at].way = way;
        into += way == WAY_INTO;
    }
    return into;
}

/* How many wait for one of the circle, or for one who does, and are not in it. Each step of all ways is taken twice at
 * the most. */
static size_t count_behind(struct step *steps, size_t count, size_t first)
{
    size_t behind = 0, at = first;
    for (size_t i = 0; i < count; i++)
        steps[i].way = WAY_UNKNOWN;
    do {
        steps[at].way = WAY_INTO;
        at = steps[at].next;
    } while (at != first);
    for (size_t i = 0; i < count; i++)
        behind += walk(steps, i);
    return behind;
}

/* One time-out ends it; who is not known to wait for ever may have one. */
static enum record_patience less_patient(enum record_patience one, enum record_patience other)
{
    if (one == RECORD_PATIENCE_LIMITED || other == RECORD_PATIENCE_LIMITED)
        return RECORD_PATIENCE_LIMITED;
    bool both = one == RECORD_PATIENCE_FOREVER && other == RECORD_PATIENCE_FOREVER;
    return both ? RECORD_PATIENCE_FOREVER : RECORD_PATIENCE_UNKNOWN;
}

static struct deadlock describe(const struct objects *objects, const struct step *steps, size_t first)
{
    struct deadlock deadlock = {
        .length = steps[first].circle, .since_ns = INT64_MIN, .seen_ns = INT64_MIN, .patience = RECORD_PATIENCE_FOREVER
    };
    size_t at = first;
    for (size_t i = 0; i < deadlock.length; i++, at = steps[at].next) {
        const struct model_waiter *waiter = waiter_at(objects, at);
        if (i < DEADLOCK_MAX)
            deadlock.waiters[deadlock.count++] = waiter;
        int64_t held_ns = objects_find(objects, waiter->said.object)->said.held_since_ns;
        deadlock.since_ns = times_later(deadlock.since_ns, waiter->said.since_ns);
        deadlock.patience = less_patient(deadlock.patience, (enum record_patience)waiter->said.patience);
        deadlock.seen_ns = times_later(deadlock.seen_ns, times_later(held_ns, waiter->said.since_ns));
    }
    return deadlock;
}

static size_t find_deadlocks(const struct objects *objects, struct step *steps, int64_t now_ns,
                             struct deadlock *ret_deadlocks, size_t capacity)
{
    size_t count = objects->waiters.count, found = 0;
    for (size_t i = 0; i < count; i++)
        steps[i].next = next_waiter(objects, i);
    note_circles(steps, count);
    for (size_t i = 0; i < count && found < capacity; i++) {
        if (steps[i].circle == 0)
            continue;
        struct deadlock deadlock = describe(objects, steps, i);
        if (deadlock.seen_ns > now_ns - DEADLOCK_SETTLED_NS)
            continue;
        deadlock.behind = count_behind(steps, count, i);
        ret_deadlocks[found++] = deadlock;
    }
    return found;
}

size_t objects_deadlocks(const struct objects *objects, int64_t now_ns, struct deadlock *ret_deadlocks, size_t capacity)
{
    size_t count = objects->waiters.count;
    struct step *steps = count > 0 ? calloc(count, sizeof *steps) : NULL;
    size_t found = steps != NULL ? find_deadlocks(objects, steps, now_ns, ret_deadlocks, capacity) : 0;
    free(steps);
    return found;
}

/* Whether the way from this one comes back to it, and everything on it has been seen for long enough. */
static bool is_in_circle(const struct objects *objects, size_t first, int64_t now_ns)
{
    size_t at = first;
    int64_t seen_ns = INT64_MIN;
    for (size_t steps = 0; steps < objects->waiters.count; steps++) {
        const struct record_waiter *said = &waiter_at(objects, at)->said;
        size_t next = next_waiter(objects, at);
        if (next == NOBODY)
            return false;
        int64_t held_ns = objects_find(objects, said->object)->said.held_since_ns;
        seen_ns = times_later(seen_ns, times_later(held_ns, said->since_ns));
        if (next == first)
            return seen_ns <= now_ns - DEADLOCK_SETTLED_NS;
        at = next;
    }
    return false;
}

bool objects_deadlocked(const struct objects *objects, int64_t pid, int64_t now_ns)
{
    const struct record_waiter key = { .pid = pid };
    for (size_t i = list_search(&objects->waiters, by_thread, &key);
         i < objects->waiters.count && waiter_at(objects, i)->said.pid == pid; i++)
        if (is_in_circle(objects, i, now_ns))
            return true;
    return false;
}

bool deadlock_has_object(const struct deadlock *deadlock, uint64_t object)
{
    for (size_t i = 0; i < deadlock->count; i++)
        if (deadlock->waiters[i]->said.object == object)
            return true;
    return false;
}
