#include "window/object_words.h"

#include "model/text.h"
#include "window/says.h"
#include <inttypes.h>

static bool is_channel(const struct record_object *object)
{
    return object->kind == RECORD_OBJECT_QUEUE || object->kind == RECORD_OBJECT_PIPE;
}

/* ---- State ---- */

const struct record_death *object_death(const struct model *model, const struct model_object *object)
{
    const struct record_death *last = NULL;
    for (uint64_t i = 0; object->left_pid != 0 && i < events_death_count(&model->events); i++) {
        const struct record_death *death = &events_death_at(&model->events, i)->said;
        if (death->pid == object->left_pid)
            last = death;
    }
    return last;
}

static enum glyph glyph_of(const char *state)
{
    static const struct {
        const char *state;
        enum glyph glyph;
    } glyphs[] = { { "Deadlock", GLYPH_DEADLOCK }, { "Holder died", GLYPH_DEAD }, { "Waiting", GLYPH_WAITING },
                   { "Full", GLYPH_WAITING },      { "Held", GLYPH_LIVE },        { "In use", GLYPH_LIVE },
                   { "Set", GLYPH_LIVE },          { "Not empty", GLYPH_LIVE },   { "Gathering", GLYPH_STARTING } };
    for (size_t i = 0; i < G_N_ELEMENTS(glyphs); i++)
        if (strcmp(glyphs[i].state, state) == 0)
            return glyphs[i].glyph;
    return GLYPH_IDLE;
}

const char *object_state(const struct model_object *object, bool is_deadlocked, enum glyph *ret_glyph,
                         const char **ret_class)
{
    const char *state = words_object_state(object, is_deadlocked);
    *ret_glyph = glyph_of(state);
    bool is_bad = *ret_glyph == GLYPH_DEADLOCK || *ret_glyph == GLYPH_DEAD;
    *ret_class = is_bad ? "bad" : *ret_glyph == GLYPH_WAITING ? "warn" : NULL;
    return state;
}

/* A program that ends in good order frees them before. */
const char *object_none(const struct model *model, const struct model_pool *pool)
{
    if (!model->whole)
        return "Nothing was told of named locks and queues so far.";
    return model_is_over(model, pool) ? "No named lock or queue was there any more when the pool ended."
                                      : "This pool uses no named lock or queue.";
}

/* ---- Cells ---- */

struct words object_name(const struct model_object *object)
{
    const char *name = kept_string(object->said.name);
    return words_format("%s", name[0] != '\0' ? name : "(no name)");
}

struct words object_holder(const struct model *model, const struct model_object *object)
{
    const struct record_death *death = object_death(model, object);
    if (object->said.holder_pid != 0)
        return words_who(model, object->said.holder_pid, object->said.holder);
    return death != NULL ? words_format("worker %" PRIu32 ", which died", death->worker) : (struct words){ "" };
}

struct words object_holder_beside(const struct model *model, const struct model_pool *shown,
                                  const struct model_object *object)
{
    if (object->said.holder_pid != 0)
        return words_who_beside(model, shown, object->said.holder_pid, object->said.holder);
    return object_holder(model, object);
}

/* Of one without a limit only that nothing is left tells it. */
bool object_is_with_somebody(const struct record_object *object)
{
    bool is_taken = object->depth == 0 || object->depth < object->limit;
    return object->kind == RECORD_OBJECT_SEMAPHORE && is_taken;
}

static unsigned count_waiters(const struct model *model, uint64_t object, unsigned wait)
{
    unsigned count = 0;
    size_t first, all = objects_waiters_of(&model->objects, object, &first);
    for (size_t i = 0; i < all; i++)
        count += objects_waiter_by_object(&model->objects, first + i)->said.wait == wait;
    return count;
}

struct words object_waiters(const struct model *model, const struct model_object *object)
{
    unsigned put = count_waiters(model, object->said.object, RECORD_WAIT_PUT);
    unsigned get = count_waiters(model, object->said.object, RECORD_WAIT_GET);
    if (!is_channel(&object->said) || put + get == 0)
        return words_format("%s", text_count(object->said.waiters).text);
    if (put == 0 || get == 0)
        return words_format("%u %s", put + get, put > 0 ? "put" : "get");
    return words_format("%u put, %u get", put, get);
}

/* Of a semaphore those permits are told of that are out. */
static uint64_t filled(const struct record_object *object)
{
    if (object->kind != RECORD_OBJECT_SEMAPHORE || object->limit == 0)
        return object->depth;
    return object->limit - MIN(object->depth, object->limit);
}

double object_part(const struct record_object *object)
{
    bool has_part =
        is_channel(object) || object->kind == RECORD_OBJECT_SEMAPHORE || object->kind == RECORD_OBJECT_BARRIER;
    return has_part && object->limit > 0 ? (double)filled(object) / (double)object->limit : -1;
}

/* ---- Sentences ---- */

static struct words say_held(const struct view *view, const struct model_object *object)
{
    const struct model *model = view->model;
    int64_t since_ns;
    struct words span = { "" };
    const struct record_object *said = &object->said;
    const char *place = kept_string(said->place);
    if (objects_held_since(&model->objects, object, &since_ns))
        span = words_format(" for %s", text_duration(view_now_ns(view) - since_ns).text);
    return words_format("Held by %s (pid %" PRId64 ")%s%s%s.", words_who(model, said->holder_pid, said->holder).text,
                        said->holder_pid, span.text, place[0] != '\0' ? ", taken in " : "", place);
}

/* Of what nobody can hold. */
static struct words say_filled(const struct model_object *object)
{
    struct words fill = words_object_fill(&object->said);
    switch (object->said.kind) {
    case RECORD_OBJECT_CONDITION:
        return words_format("Who waits goes on when it is notified.");
    case RECORD_OBJECT_EVENT:
        return words_format("%s",
                            object->said.depth > 0 ? "It is set: nobody waits." : "Who waits goes on when it is set.");
    case RECORD_OBJECT_BARRIER:
        return words_format("%s: who waits goes on when all are.", fill.text);
    case RECORD_OBJECT_QUEUE:
    case RECORD_OBJECT_PIPE:
        return words_format("%s: %s.", words_object_state(object, false), fill.text);
    default:
        return words_format("%s%s.", fill.text, object_is_with_somebody(&object->said) ? ", by whom is not told" : "");
    }
}

struct words object_sentence(const struct view *view, const struct model_object *object)
{
    const struct record_death *death = object_death(view->model, object);
    unsigned kind = object->said.kind;
    if (object->said.holder_pid != 0)
        return say_held(view, object);
    if (death != NULL)
        return words_format("Worker %" PRIu32 " (pid %" PRId64 ") died while it held it. It is free again: who takes "
                            "it next is told.",
                            death->worker, death->pid);
    if (object->said.abandoned)
        return words_format("Its holder died with it. It is free again: who takes it next is told.");
    bool can_be_held = kind == RECORD_OBJECT_LOCK || kind == RECORD_OBJECT_RLOCK;
    return can_be_held ? words_format("Nobody holds it.") : say_filled(object);
}

const char *waiter_wish(const struct model_object *object, const struct model_waiter *waiter)
{
    static const char *const waits[] = { [RECORD_OBJECT_CONDITION] = "for a notification",
                                         [RECORD_OBJECT_EVENT] = "until it is set",
                                         [RECORD_OBJECT_BARRIER] = "for the others",
                                         [RECORD_OBJECT_QUEUE] = "until all is done" };
    switch (waiter->said.wait) {
    case RECORD_WAIT_GET:
        return "to get something";
    case RECORD_WAIT_PUT:
        return "for room";
    case RECORD_WAIT_WAIT:
        return object->said.kind < G_N_ELEMENTS(waits) && waits[object->said.kind] != NULL ? waits[object->said.kind]
                                                                                           : "";
    default:
        return "to take it";
    }
}
