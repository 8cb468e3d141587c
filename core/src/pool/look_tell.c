#include "pool/look_tell.h"
#include "pool/look_deaths.h"
#include <string.h>

static void name_the_unnamed(struct look *look)
{
    for (uint32_t i = 0; i < look->unnamed_count; i++)
        platform_symbol_name((const void *)(uintptr_t)look->unnamed[i], (char *)(uintptr_t)look->unnamed_place[i],
                             MPROC_STATS_NAME_BYTES);
    look->unnamed_count = 0;
}

/* In this order: what is named by others comes before them, and the end at last. */
enum { TELL_NAMES, TELL_STATE, TELL_EVENTS, TELL_ENDS, TELL_TURNS };

static int turn_of(enum record_type type, bool is_gone)
{
    switch (type) {
    case RECORD_POOL:
        return is_gone ? TELL_ENDS : TELL_NAMES;
    case RECORD_FUNCTION:
        return TELL_NAMES;
    case RECORD_DEATH:
    case RECORD_LOST:
        return TELL_EVENTS;
    default:
        return TELL_STATE;
    }
}

static void tell_all(struct journal *journal, observe_sink *sink, void *user)
{
    enum record_type type;
    void *record = NULL;
    while (journal != NULL && (record = mproc__journal_next(journal, record, &type)) != NULL)
        sink(user, type, record);
}

static void tell_events(const struct look *look, observe_sink *sink, void *user)
{
    tell_all(look->events, sink, user);
    tell_all(look->output, sink, user);
}

static bool is_of_gone(enum record_type type, const void *record)
{
    return type == RECORD_POOL && ((const struct record_pool *)record)->phase == RECORD_PHASE_GONE;
}

static void cut_name(enum record_type type, void *record)
{
    struct record_function *function = record;
    if (type != RECORD_FUNCTION)
        return;
    const char *end = memchr(function->name.data, '\0', function->name.size);
    if (end != NULL)
        function->name.size = (uint32_t)(end - function->name.data);
}

static void tell_turn(struct journal *state, int turn, observe_sink *sink, void *user)
{
    enum record_type type;
    void *record = NULL;
    while ((record = mproc__journal_next(state, record, &type)) != NULL) {
        if (turn_of(type, is_of_gone(type, record)) != turn)
            continue;
        cut_name(type, record);
        sink(user, type, record);
    }
}

void mproc__look_tell(struct look *look, observe_sink *sink, void *user)
{
    if (look->state == NULL)
        return;
    name_the_unnamed(look);
    mproc__look_add_stacks(look);
    for (int turn = 0; turn < TELL_TURNS; turn++) {
        if (turn == TELL_EVENTS)
            tell_events(look, sink, user);
        tell_turn(look->state, turn, sink, user);
    }
    mproc__look_drop_stacks(look);
    mproc__journal_clear(look->state);
    if (look->events != NULL)
        mproc__journal_clear(look->events);
}
