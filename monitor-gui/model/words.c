#include "model/words.h"

#include "model/columns.h"
#include "model/text.h"
#include "trace/utf8.h"
#include <ctype.h>
#include <inttypes.h>
#include <mproc/log.h>
#include <mproc/pool.h>
#include <stdarg.h>
#include <stdio.h>

/* ---- One word ---- */

/* The words of an enum's values, from 0 on. */
static const char *word_of(const char *const *words, size_t count, size_t value)
{
    return value < count && words[value] != NULL ? words[value] : "";
}

#define WORD_OF(words, value) word_of(words, sizeof(words) / sizeof *(words), value)

const char *words_method(const struct model_pool *pool)
{
    static const char *const words[] = {
        [MPROC_START_FORK] = "fork", [MPROC_START_SPAWN] = "spawn", [MPROC_START_FORKSERVER] = "fork server"
    };
    return pool->said.kind == MPROC_POOL_THREADS ? "threads" : WORD_OF(words, pool->said.method);
}

const char *words_phase(const struct model_pool *pool)
{
    static const char *const words[] = { [RECORD_PHASE_CLOSED] = "closed",
                                         [RECORD_PHASE_TERMINATED] = "terminated",
                                         [RECORD_PHASE_BROKEN] = "broken",
                                         [RECORD_PHASE_OVER] = "over",
                                         [RECORD_PHASE_GONE] = "freed" };
    const char *word = WORD_OF(words, pool->said.phase);
    return word[0] == '\0' && pool->said.paused ? "paused" : word;
}

const char *words_task_state(enum task_state state)
{
    static const char *const words[] = {
        [TASK_QUEUED] = "Queued", [TASK_RUNNING] = "Running", [TASK_RETRIED] = "Retried",
        [TASK_DONE] = "Done",     [TASK_FAILED] = "Failed",   [TASK_CANCELLED] = "Cancelled",
        [TASK_DIED] = "Died",     [TASK_LIMIT] = "Timed out", [TASK_ABANDONED] = "Abandoned"
    };
    return WORD_OF(words, state);
}

const char *words_object_kind(unsigned kind)
{
    static const char *const words[] = {
        [RECORD_OBJECT_LOCK] = "Lock",           [RECORD_OBJECT_RLOCK] = "RLock",
        [RECORD_OBJECT_SEMAPHORE] = "Semaphore", [RECORD_OBJECT_CONDITION] = "Condition",
        [RECORD_OBJECT_EVENT] = "Event",         [RECORD_OBJECT_BARRIER] = "Barrier",
        [RECORD_OBJECT_QUEUE] = "Queue",         [RECORD_OBJECT_PIPE] = "Pipe",
    };
    return WORD_OF(words, kind);
}

static const char *channel_state(const struct record_object *object)
{
    if (object->depth == 0)
        return "Empty";
    return object->limit > 0 && object->depth >= object->limit ? "Full" : "Not empty";
}

/* Of what nobody holds. Each kind has words of its own: what is free of one is empty of the other. */
static const char *kind_state(const struct record_object *object)
{
    if (object->kind == RECORD_OBJECT_BARRIER)
        return object->depth > 0 ? "Gathering" : "Nobody yet";
    if (object->kind == RECORD_OBJECT_QUEUE || object->kind == RECORD_OBJECT_PIPE)
        return channel_state(object);
    if (object->waiters > 0)
        return "Waiting";
    if (object->kind == RECORD_OBJECT_SEMAPHORE)
        return object->depth < object->limit ? "In use" : "Not in use";
    if (object->kind == RECORD_OBJECT_EVENT)
        return object->depth > 0 ? "Set" : "Not set";
    return object->kind == RECORD_OBJECT_CONDITION ? "No waiters" : "Not held";
}

const char *words_object_state(const struct model_object *object, bool deadlocked)
{
    if (deadlocked)
        return "Deadlock";
    if (object->said.holder_pid != 0)
        return object->said.waiters > 0 ? "Waiting" : "Held";
    if (object->said.abandoned)
        return "Holder died";
    return kind_state(&object->said);
}

static struct words fill_of(const struct record_object *object, uint64_t part, const char *what)
{
    return words_format("%s of %s%s", text_count(part).text, text_count(object->limit).text, what);
}

struct words words_object_fill(const struct record_object *object)
{
    bool is_bounded = object->limit > 0;
    switch (object->kind) {
    case RECORD_OBJECT_SEMAPHORE:
        if (!is_bounded)
            return words_format("%s left", text_count(object->depth).text);
        return fill_of(object, object->depth < object->limit ? object->limit - object->depth : 0, " taken");
    case RECORD_OBJECT_BARRIER:
        return fill_of(object, object->depth, " there");
    case RECORD_OBJECT_QUEUE:
        return is_bounded ? fill_of(object, object->depth, "") : words_format("%s", text_count(object->depth).text);
    case RECORD_OBJECT_PIPE:
        return is_bounded ? words_format("%s of %s", text_bytes(object->depth).text, text_bytes(object->limit).text)
                          : words_format("%s", text_bytes(object->depth).text);
    default:
        return words_format("%s", "");
    }
}

const char *words_level(unsigned level)
{
    if (level == 0)
        return "stderr";
    if (level < MPROC_LOG_INFO)
        return "debug";
    if (level < MPROC_LOG_WARNING)
        return "info";
    return level < MPROC_LOG_ERROR ? "warning" : "error";
}

const char *words_class(unsigned class)
{
    static const char *const words[] = { [RECORD_CLASS_STATE] = "states",
                                         [RECORD_CLASS_LIFE] = "task events",
                                         [RECORD_CLASS_DETAIL] = "details",
                                         [RECORD_CLASS_LOG] = "log lines" };
    return WORD_OF(words, class);
}

const char *words_file(const char *path)
{
    const char *file = path;
    for (; *path != '\0'; path++)
        if ((*path == '/' || *path == '\\') && path[1] != '\0')
            file = path + 1;
    return file;
}

const char *words_verb(unsigned verb)
{
    static const char *const words[] = { [RECORD_VERB_PAUSE] = "pause",
                                         [RECORD_VERB_RESUME] = "resume",
                                         [RECORD_VERB_RESIZE] = "resize",
                                         [RECORD_VERB_RESTART_WORKER] = "restart worker",
                                         [RECORD_VERB_KILL_WORKER] = "kill worker",
                                         [RECORD_VERB_CANCEL_TASK] = "cancel task",
                                         [RECORD_VERB_RETRY_TASK] = "retry task" };
    return WORD_OF(words, verb);
}

const char *words_worker_state(const struct model *model, const struct model_pool *pool,
                               const struct model_worker *worker)
{
    static const char *const words[] = { [MPROC_WORKER_NONE] = "None",
                                         [MPROC_WORKER_STARTING] = "Starting",
                                         [MPROC_WORKER_IDLE] = "Idle",
                                         [MPROC_WORKER_LEAVING] = "Leaving" };
    double ratio;
    if (worker->said.stopped)
        return "Stopped";
    if (worker->said.state == MPROC_WORKER_BUSY)
        return model_worker_is_slow(model, pool, worker, &ratio) ? "Slow" : "Running";
    return WORD_OF(words, worker->said.state);
}

/* ---- Some words ---- */

static void cut_at_character(struct words *words)
{
    size_t size = strlen(words->text);
    if (size == WORDS_MAX - 1)
        while (size > 0 && (words->text[size - 1] & 0xc0) == 0x80)
            words->text[--size] = '\0';
    if (size > 0 && (unsigned char)words->text[size - 1] >= 0xc0)
        words->text[size - 1] = '\0';
}

/* A name in the midst of a sentence is not to break it, or to turn what comes behind. */
static void add_formatted(struct words *words, const char *format, va_list arguments)
{
    size_t size = strlen(words->text);
    vsnprintf(words->text + size, WORDS_MAX - size, format, arguments);
    cut_at_character(words);
    size += mproc__utf8_disarm(words->text + size, strlen(words->text + size));
    words->text[size] = '\0';
}

static void add(struct words *words, const char *format, ...) MPROC_PRINTF(2, 3);

static void add(struct words *words, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_formatted(words, format, arguments);
    va_end(arguments);
}

struct words words_format(const char *format, ...)
{
    struct words words = { "" };
    va_list arguments;
    va_start(arguments, format);
    add_formatted(&words, format, arguments);
    va_end(arguments);
    return words;
}

struct words words_many(uint64_t count, const char *thing)
{
    return words_format("%s %s%s", text_count(count).text, thing, count == 1 ? "" : "s");
}

struct words words_before_cut(uint64_t lost)
{
    if (lost == 0)
        return words_format("Everything before is here.");
    return words_format("Everything before is here, except %s.", words_many(lost, "lost event").text);
}

static void capitalise(struct words *words)
{
    words->text[0] = (char)toupper((unsigned char)words->text[0]);
}

static void add_items(struct words *words, int64_t item, uint64_t items)
{
    if (item >= 0 && items > 1)
        add(words, " items %s to %s", text_count((uint64_t)item).text, text_count((uint64_t)item + items - 1).text);
    else if (item >= 0)
        add(words, " item %s", text_count((uint64_t)item).text);
}

struct words words_call(const struct model_pool *pool, uint32_t function, const char *label, const char *argument,
                        int64_t item, uint64_t items)
{
    struct words words = { "" };
    const struct model_function *known = pool != NULL ? pool_function_at(pool, function) : NULL;
    const char *name = known != NULL ? kept_string(known->said.name) : "";
    if (label[0] != '\0')
        add(&words, "%s", label);
    else if (argument[0] != '\0')
        add(&words, "%s(%s)", name, argument);
    else
        add(&words, "%s", name[0] != '\0' ? name : "a task");
    if (argument[0] == '\0' || items > 1)
        add_items(&words, item, items);
    return words;
}

struct words words_task_input(const struct model_task *task)
{
    struct words words = { "" };
    const char *argument = task_text(task, TASK_ARGUMENT);
    add(&words, "%s", argument[0] != '\0' ? argument : task_text(task, TASK_LABEL));
    if (argument[0] != '\0' && task->items <= 1)
        return words;
    add_items(&words, task->key.item, task->items);
    if (words.text[0] == ' ')
        memmove(words.text, words.text + 1, strlen(words.text));
    return words;
}

struct words words_worker_call(const struct model_pool *pool, const struct model_worker *worker)
{
    const struct record_worker *said = &worker->said;
    if (said->task == 0)
        return (struct words){ "" };
    return words_call(pool, said->function, kept_string(said->label), kept_string(said->argument), said->item,
                      said->items);
}

struct words words_task_call(const struct model *model, const struct model_task *task)
{
    return words_call(pools_find(&model->pools, task->key.pool), task->function, task_text(task, TASK_LABEL),
                      task_text(task, TASK_ARGUMENT), task->key.item, task->items);
}

struct words words_death_call(const struct model *model, const struct record_death *death)
{
    if (death->task == 0)
        return (struct words){ "" };
    return words_call(pools_find(&model->pools, death->pool), death->function, kept_string(death->label),
                      kept_string(death->argument), death->item, death->items);
}

struct words words_pool(const struct model *model, uint32_t number)
{
    struct words words = { "" };
    const struct model_pool *pool = pools_find(&model->pools, number);
    if (pool != NULL && kept_string(pool->said.name)[0] != '\0')
        add(&words, "%s", pool->said.name.data);
    else
        add(&words, "pool %" PRIu32, number);
    return words;
}

const char *words_of_all_pools(const struct model *model)
{
    return model->pools.all.count > 1 ? " of all pools" : "";
}

/* Beside a pool that is gone nobody takes the workers of another one for its. */
static bool has_others(const struct model *model, const struct model_pool *pool)
{
    size_t others = 0;
    for (size_t i = 0; i < model->pools.all.count; i++) {
        const struct model_pool *other = pools_at(&model->pools, i);
        others += other != pool && (other->said.phase < RECORD_PHASE_OVER || pool->said.phase >= RECORD_PHASE_OVER);
    }
    return others > 0;
}

struct words words_who(const struct model *model, int64_t pid, uint64_t thread)
{
    struct words words = { "" };
    const struct model_pool *pool;
    const struct model_worker *worker;
    if (model_worker_of(model, pid, &pool, &worker)) {
        add(&words, "worker %" PRIu32, worker->said.worker);
        if (has_others(model, pool))
            add(&words, " of %s", words_pool(model, pool->number).text);
    } else if (pid == model->greeting.pid)
        add(&words, "thread %" PRIu64, thread);
    else
        add(&words, "pid %" PRId64, pid);
    return words;
}

struct words words_who_beside(const struct model *model, const struct model_pool *shown, int64_t pid, uint64_t thread)
{
    struct words words = { "" };
    const struct model_pool *pool;
    const struct model_worker *worker;
    if (!model_worker_of(model, pid, &pool, &worker) || pool != shown)
        return words_who(model, pid, thread);
    add(&words, "worker %" PRIu32, worker->said.worker);
    return words;
}

/* A sentence that begins with the worker has it beside itself here. */
struct words words_cause(const struct record_death *death)
{
    struct words words = { "" };
    const char *cause = kept_string(death->cause);
    char who[64];
    int size = snprintf(who, sizeof who, "worker %" PRIu32 " (pid %" PRId64 ") ", death->worker, death->pid);
    if (strncmp(cause, who, (size_t)size) == 0)
        cause += size;
    add(&words, "%s", cause[0] != '\0' ? cause : death->expected ? "was told to exit" : "died");
    return words;
}

/* Nothing is mapped so low, and no member of a struct, or element, that is reached from NULL lies much higher. */
#define NEAR_NULL 4096

static const char *tried(unsigned access)
{
    static const char *const words[] = {
        [RECORD_ACCESS_READ] = "read", [RECORD_ACCESS_WRITE] = "wrote to", [RECORD_ACCESS_EXECUTE] = "called"
    };
    const char *word = WORD_OF(words, access);
    return word[0] != '\0' ? word : "used";
}

static const char *forbidden(unsigned access)
{
    static const char *const words[] = { [RECORD_ACCESS_READ] = "which may not be read",
                                         [RECORD_ACCESS_WRITE] = "which may not be written",
                                         [RECORD_ACCESS_EXECUTE] = "which is no code" };
    const char *word = WORD_OF(words, access);
    return word[0] != '\0' ? word : "which may not be used in this way";
}

static const char *about_address(const struct record_death *death)
{
    if (death->fault == RECORD_FAULT_NO_MEMORY)
        return death->address < NEAR_NULL ? "which is no memory of this process: a NULL pointer, most likely"
                                          : "which is no memory of this process";
    if (death->fault == RECORD_FAULT_FORBIDDEN)
        return forbidden(death->access);
    if (death->fault == RECORD_FAULT_NO_PAGE)
        return "for which there was no page: a file was cut, or memory ran out";
    return death->fault == RECORD_FAULT_UNALIGNED ? "which is not aligned" : NULL;
}

struct words words_fault(const struct record_death *death)
{
    const char *about = about_address(death);
    if (death->fault == RECORD_FAULT_STACK)
        return words_format("Its stack overflowed.");
    if (death->fault == RECORD_FAULT_NO_ADDRESS)
        return words_format("It used an address that cannot be, or one that is not aligned.");
    if (about == NULL)
        return words_format("%s", "");
    return words_format("It %s address 0x%" PRIx64 ", %s.", tried(death->access), death->address, about);
}

struct words words_decision(const struct record_death *death)
{
    struct words words = { "" };
    if (death->decision == RECORD_DECISION_RETRIED)
        add(&words, "tried again, attempt %" PRIu32, death->attempt + 1);
    else if (death->decision == RECORD_DECISION_FAILED)
        add(&words, "failed");
    return words;
}

/* ---- Deadlocks ---- */

static void add_object(struct words *words, const struct model *model, uint64_t number)
{
    const struct model_object *object = objects_find(&model->objects, number);
    const char *name = object != NULL ? kept_string(object->said.name) : "";
    if (name[0] != '\0')
        add(words, "\xe2\x80\x9c%s\xe2\x80\x9d", name);
    else
        add(words, "object %" PRIu64, number);
}

/* What this one holds is what the one before it waits for; known of a circle that is kept as a whole. */
static const struct record_waiter *one_before(const struct deadlock *deadlock, size_t index)
{
    return &deadlock->waiters[(index + deadlock->count - 1) % deadlock->count]->said;
}

struct words words_deadlock_step(const struct model *model, const struct deadlock *deadlock, size_t index)
{
    const struct record_waiter *waiter = &deadlock->waiters[index]->said;
    struct words words = words_who(model, waiter->pid, waiter->thread);
    capitalise(&words);
    if (index > 0 || deadlock->count == deadlock->length) {
        add(&words, " holds ");
        add_object(&words, model, one_before(deadlock, index)->object);
        add(&words, " and");
    }
    add(&words, " waits for ");
    add_object(&words, model, waiter->object);
    if (kept_string(waiter->place)[0] != '\0')
        add(&words, " in %s", waiter->place.data);
    add(&words, ".");
    return words;
}

static struct words who_waits(const struct model *model, const struct deadlock *deadlock, size_t index)
{
    const struct record_waiter *waiter = &deadlock->waiters[index]->said;
    return words_who(model, waiter->pid, waiter->thread);
}

struct words words_deadlock_brief(const struct model *model, const struct deadlock *deadlock)
{
    struct words words = who_waits(model, deadlock, 0);
    capitalise(&words);
    if (deadlock->length == 1) {
        add(&words, " waits for ");
        add_object(&words, model, deadlock->waiters[0]->said.object);
        add(&words, ", which it holds itself.");
    } else if (deadlock->length == 2) {
        add(&words, " and %s wait for each other, for ", who_waits(model, deadlock, 1).text);
        add_object(&words, model, deadlock->waiters[0]->said.object);
        add(&words, " and ");
        add_object(&words, model, deadlock->waiters[1]->said.object);
        add(&words, ".");
    } else
        add(&words, ", %s and %zu more wait for each other in a circle.", who_waits(model, deadlock, 1).text,
            deadlock->length - 2);
    return words;
}

static const char *small_number(size_t number)
{
    static const char *const words[] = { "No",    "One",   "Two",  "Three", "Four",   "Five",  "Six",
                                         "Seven", "Eight", "Nine", "Ten",   "Eleven", "Twelve" };
    return number < sizeof words / sizeof *words ? words[number] : NULL;
}

/* Who gives up may let go of what he holds. */
static void add_fate(struct words *words, const struct deadlock *deadlock)
{
    static const char *const never[] = { "It can never", "Neither can ever", "None of them can ever" };
    static const char *const not_yet[] = { "It does not go on", "Neither goes on", "None of them goes on" };
    size_t who = deadlock->length < 3 ? deadlock->length - 1 : 2;
    if (deadlock->patience == RECORD_PATIENCE_FOREVER)
        add(words, "%s go on.", never[who]);
    else
        add(words, "%s %s a time-out ends a wait.", not_yet[who],
            deadlock->patience == RECORD_PATIENCE_LIMITED ? "before" : "unless");
}

struct words words_deadlock_end(const struct deadlock *deadlock)
{
    struct words words = { "" };
    add_fate(&words, deadlock);
    if (deadlock->behind == 0)
        return words;
    const char *number = small_number(deadlock->behind);
    add(&words, " %s more %s behind %s.", number != NULL ? number : text_count(deadlock->behind).text,
        deadlock->behind == 1 ? "waits" : "wait", deadlock->length == 1 ? "it" : "them");
    return words;
}

/* One line takes both, of two that are given to it in either order. */
static bool has_one_place(const struct deadlock *deadlock)
{
    const char *place = kept_string(deadlock->waiters[0]->said.place);
    return place[0] != '\0' && strcmp(place, kept_string(deadlock->waiters[deadlock->count - 1]->said.place)) == 0;
}

struct words words_deadlock_advice(const struct model *model, const struct deadlock *deadlock)
{
    struct words words = { "" };
    if (deadlock->length == 1) {
        add(&words, "To mend: do not take it again while it is held, or use a recursive lock.");
        return words;
    }
    add(&words, "To mend: take ");
    add_object(&words, model, deadlock->waiters[deadlock->count - 1]->said.object);
    add(&words, " before ");
    add_object(&words, model, deadlock->waiters[0]->said.object);
    add(&words, " %s%s.",
        deadlock->length != 2     ? "everywhere"
        : has_one_place(deadlock) ? "every time"
                                  : "in both places",
        deadlock->patience == RECORD_PATIENCE_LIMITED ? "" : ", or give one of them a time-out");
    return words;
}
