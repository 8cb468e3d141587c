#include "model/objects.h"

#include <mproc/base.h>
#include <stdlib.h>
#include <string.h>

void objects_init(struct objects *objects)
{
    *objects = (struct objects){ .all = LIST_OF(struct model_object), .waiters = LIST_OF(struct model_waiter) };
}

static struct model_object *object_at(const struct objects *objects, size_t index)
{
    return list_at(&objects->all, index);
}

static struct model_waiter *waiter_at(const struct objects *objects, size_t index)
{
    return list_at(&objects->waiters, index);
}

static void remove_object(struct objects *objects, size_t index)
{
    free(object_at(objects, index)->texts);
    list_remove(&objects->all, index);
}

static void remove_waiter(struct objects *objects, size_t index)
{
    free(waiter_at(objects, index)->texts);
    list_remove(&objects->waiters, index);
}

void objects_free(struct objects *objects)
{
    while (objects->all.count > 0)
        remove_object(objects, objects->all.count - 1);
    while (objects->waiters.count > 0)
        remove_waiter(objects, objects->waiters.count - 1);
    list_free(&objects->all);
    list_free(&objects->waiters);
}

/* ---- Taking records ---- */

static size_t object_index(const struct objects *objects, uint64_t object)
{
    size_t index = 0;
    while (index < objects->all.count && object_at(objects, index)->said.object != object)
        index++;
    return index;
}

static size_t waiter_index(const struct objects *objects, int64_t pid, uint64_t thread)
{
    size_t index = 0;
    while (index < objects->waiters.count &&
           (waiter_at(objects, index)->said.pid != pid || waiter_at(objects, index)->said.thread != thread))
        index++;
    return index;
}

/* 1 with the element of that index, a new one if it is past the end; 0 if there are too many; or an error. */
static int element_for(struct objects *objects, struct list *list, size_t index, size_t limit, void **ret_element)
{
    if (index == limit) {
        objects->ignored++;
        return 0;
    }
    *ret_element = index < list->count ? list_at(list, index) : list_add(list);
    return *ret_element != NULL ? 1 : MPROC_E_NO_MEMORY;
}

static void note_holder(struct model_object *object, const struct wire_frame *frame, const struct record_object *record)
{
    if (record->holder_pid != 0) {
        object->left_pid = object->left_ns = 0;
    } else if (object->said.holder_pid != 0) {
        object->left_pid = object->said.holder_pid;
        object->left_ns = frame->time_ns;
    }
}

static int take_object(struct objects *objects, const struct wire_frame *frame, const struct record_object *record)
{
    void *element;
    size_t index = object_index(objects, record->object);
    int found = element_for(objects, &objects->all, index, OBJECTS_MAX, &element);
    struct model_object *object = element;
    if (found <= 0 || frame->time_ns < object->told_ns)
        return found < 0 ? found : 0;
    if (record->destroyed) {
        remove_object(objects, index);
        return 0;
    }
    note_holder(object, frame, record);
    object->told_ns = frame->time_ns;
    object->snapshot = objects->snapshot;
    return kept_store(RECORD_OBJECT, &object->said, &object->texts, record);
}

/* A thread waits for one thing: what is told of another one takes its place. That it waits no more counts only for the
 * object that it was known to wait for. */
static int take_waiter(struct objects *objects, const struct wire_frame *frame, const struct record_waiter *record)
{
    void *element;
    size_t index = waiter_index(objects, record->pid, record->thread);
    if (index == objects->waiters.count && record->gone)
        return 0;
    int found = element_for(objects, &objects->waiters, index, WAITERS_MAX, &element);
    struct model_waiter *waiter = element;
    if (found <= 0 || frame->time_ns < waiter->told_ns)
        return found < 0 ? found : 0;
    if (record->gone) {
        if (waiter->said.object == record->object)
            remove_waiter(objects, index);
        return 0;
    }
    waiter->told_ns = frame->time_ns;
    waiter->snapshot = objects->snapshot;
    return kept_store(RECORD_WAITER, &waiter->said, &waiter->texts, record);
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
    size_t index = object_index(objects, object);
    return index < objects->all.count ? objects_at(objects, index) : NULL;
}

/* Who waits takes nothing meanwhile, so that all that he holds is older; but who waits for a condition has let go of
 * its lock, and may be told of once more after he has it again. */
bool objects_held_since(const struct objects *objects, const struct model_object *object, int64_t *ret_since_ns)
{
    const struct record_object *said = &object->said;
    if (said->holder_pid == 0 || said->held_since_ns <= 0)
        return false;
    size_t index = waiter_index(objects, said->holder_pid, said->holder);
    const struct record_waiter *waiter = index < objects->waiters.count ? &waiter_at(objects, index)->said : NULL;
    bool is_older = waiter != NULL && waiter->wait != RECORD_WAIT_WAIT && waiter->since_ns < said->held_since_ns;
    *ret_since_ns = is_older ? waiter->since_ns : said->held_since_ns;
    return true;
}

bool objects_longest_wait(const struct objects *objects, uint64_t object, int64_t *ret_since_ns)
{
    bool found = false;
    for (size_t i = 0; i < objects->waiters.count; i++) {
        const struct record_waiter *waiter = &waiter_at(objects, i)->said;
        if (waiter->object != object || (found && waiter->since_ns >= *ret_since_ns))
            continue;
        found = true;
        *ret_since_ns = waiter->since_ns;
    }
    return found;
}

/* ---- Deadlocks ---- */

#define NOBODY SIZE_MAX

/* The thread that holds what this one waits for, if it waits too. Who waits for what he holds himself is his own next.
 */
static size_t next_waiter(const struct objects *objects, size_t index)
{
    const struct record_waiter *waiter = &waiter_at(objects, index)->said;
    const struct model_object *object = objects_find(objects, waiter->object);
    if (waiter->wait != RECORD_WAIT_TAKE || object == NULL || object->said.holder_pid == 0)
        return NOBODY;
    size_t holder = waiter_index(objects, object->said.holder_pid, object->said.holder);
    return holder < objects->waiters.count ? holder : NOBODY;
}

/* next: of each waiter. Whether the way from here comes back, with the least index of its circle being here: so each
 * circle is found once. ret_length: how many are in it. */
static bool begins_circle(const size_t *next, size_t count, size_t first, size_t *ret_length)
{
    size_t at = first;
    for (size_t steps = 1; steps <= count; steps++) {
        at = next[at];
        if (at == NOBODY || at < first)
            return false;
        if (at == first) {
            *ret_length = steps;
            return true;
        }
    }
    return false;
}

/* Where the way from a waiter leads. */
enum way { WAY_UNKNOWN, WAY_WALKED, WAY_INTO, WAY_ELSEWHERE };

/* One way, up to what is known; what leads to itself is another circle. Returns how many more lead into this one. */
static size_t walk(const size_t *next, unsigned char *ways, size_t from)
{
    size_t at, into = 0;
    for (at = from; at != NOBODY && ways[at] == WAY_UNKNOWN; at = next[at])
        ways[at] = WAY_WALKED;
    enum way way = at != NOBODY && ways[at] == WAY_INTO ? WAY_INTO : WAY_ELSEWHERE;
    for (at = from; at != NOBODY && ways[at] == WAY_WALKED; at = next[at]) {
        ways[at] = way;
        into += way == WAY_INTO;
    }
    return into;
}

/* How many wait for one of the circle, or for one who does, and are not in it. Each step of all ways is taken twice at
 * the most: there may be thousands, if somebody lies. */
static size_t count_behind(const size_t *next, unsigned char *ways, size_t count, size_t first)
{
    size_t behind = 0, at = first;
    memset(ways, WAY_UNKNOWN, count);
    do {
        ways[at] = WAY_INTO;
        at = next[at];
    } while (at != first);
    for (size_t i = 0; i < count; i++)
        behind += walk(next, ways, i);
    return behind;
}

static int64_t later(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

static struct deadlock describe(const struct objects *objects, const size_t *next, size_t first, size_t length)
{
    struct deadlock deadlock = { .length = length, .since_ns = INT64_MIN, .seen_ns = INT64_MIN };
    size_t at = first;
    for (size_t i = 0; i < length; i++, at = next[at]) {
        const struct model_waiter *waiter = waiter_at(objects, at);
        if (i < DEADLOCK_MAX)
            deadlock.waiters[deadlock.count++] = waiter;
        int64_t held_ns = objects_find(objects, waiter->said.object)->said.held_since_ns;
        deadlock.since_ns = later(deadlock.since_ns, waiter->said.since_ns);
        deadlock.seen_ns = later(deadlock.seen_ns, later(held_ns, waiter->said.since_ns));
    }
    return deadlock;
}

static size_t find_deadlocks(const struct objects *objects, size_t *next, unsigned char *ways, int64_t now_ns,
                             struct deadlock *ret_deadlocks, size_t capacity)
{
    size_t count = objects->waiters.count, found = 0, length;
    for (size_t i = 0; i < count; i++)
        next[i] = next_waiter(objects, i);
    for (size_t i = 0; i < count && found < capacity; i++) {
        if (!begins_circle(next, count, i, &length))
            continue;
        struct deadlock deadlock = describe(objects, next, i, length);
        if (deadlock.seen_ns > now_ns - DEADLOCK_SETTLED_NS)
            continue;
        deadlock.behind = count_behind(next, ways, count, i);
        ret_deadlocks[found++] = deadlock;
    }
    return found;
}

size_t objects_deadlocks(const struct objects *objects, int64_t now_ns, struct deadlock *ret_deadlocks, size_t capacity)
{
    size_t count = objects->waiters.count, found = 0;
    size_t *next = count > 0 ? malloc(count * sizeof *next) : NULL;
    unsigned char *ways = count > 0 ? malloc(count) : NULL;
    if (next != NULL && ways != NULL)
        found = find_deadlocks(objects, next, ways, now_ns, ret_deadlocks, capacity);
    free(next);
    free(ways);
    return found;
}

bool deadlock_has_object(const struct deadlock *deadlock, uint64_t object)
{
    for (size_t i = 0; i < deadlock->count; i++)
        if (deadlock->waiters[i]->said.object == object)
            return true;
    return false;
}
