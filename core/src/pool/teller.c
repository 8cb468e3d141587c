#include "pool/teller.h"
#include "base/base.h"
#include "base/log.h"
#include "pool/pool.h"
#include "pool/teller_layout.h"
#include "trace/event_ring.h"
#include "trace/label.h"
#include "trace/preview.h"
#include "trace/utf8.h"
#include <stdlib.h>
#include <string.h>

/* What a worker has for it. */
struct teller {
    struct event_writer events;
    const struct label_line *label;
    mproc_describe_fn *describe; /* or NULL */
    bool hidden;                 /* there are to be no previews */
};

/* ---- Its life ---- */

static void prepare(void *shared, struct worker_area *area, const mproc_pool *pool)
{
    struct preview_settings *previews = &((struct teller_area *)shared)->previews;
    previews->describe = pool->describe;
    previews->hidden = pool->options.monitor_no_previews != 0;
    if (pool->describe.module != 0)
        mproc__module_table_add(&area->modules, &pool->describe);
}

/* Once, and not with the first task that somebody watches. NULL if there is none, or it cannot be found. */
static any_function *find_describe(const struct function_ref *ref, const struct module_table *modules,
                                   module_find_fn *find)
{
    any_function *describe = NULL;
    if (ref->offset != 0 && find(modules, ref, &describe) < 0)
        mproc__log(MPROC_LOG_WARNING, "arguments and results cannot be described: %s", mproc_last_error());
    return describe;
}

static void *open_teller(void *shared, struct worker_area *area, module_find_fn *find)
{
    struct teller_area *own = shared;
    const struct function_ref *ref = &own->previews.describe;
    struct teller *teller = malloc(sizeof *teller);
    if (teller == NULL)
        return NULL;
    any_function *describe = find_describe(ref, &area->modules, find);
    /* Of what it was to describe nothing is shown without it. */
    bool is_missing = ref->offset != 0 && describe == NULL;
    *teller = (struct teller){ .events = { .ring = &own->events },
                               .label = &area->label,
                               .describe = (mproc_describe_fn *)describe,
                               .hidden = own->previews.hidden != 0 || is_missing };
    return teller;
}

/* ---- Previews ---- */

/* What the program says of it. False if it says nothing. */
static bool describe(const struct teller *teller, const mproc_described *what, struct event *event)
{
    char text[EVENT_PREVIEW_BYTES + 1];
    text[0] = '\0';
    if (teller->describe == NULL || what->function == NULL || teller->describe(what, text, sizeof text) < 0)
        return false;
    text[EVENT_PREVIEW_BYTES] = '\0';
    event->preview_size = (uint32_t)mproc__utf8_valid(text, strlen(text));
    memcpy(event->preview, text, event->preview_size);
    return true;
}

static void preview(const struct teller *teller, const mproc_described *what, struct event *event)
{
    event->preview_size = 0;
    if (!teller->hidden && what->bytes.size > 0 && !describe(teller, what, event))
        event->preview_size =
            mproc__preview_bytes(what->bytes.data, what->bytes.size, event->preview, EVENT_PREVIEW_BYTES);
}

static void add_label(const struct teller *teller, const mproc_described *what, struct event *event)
{
    event->label_size =
        what->is_result ? (uint32_t)mproc__label_read(teller->label, what->task->mark, event->label) : 0;
}

/* Not inlined: where many tasks come nearly all find no room, and they are not to pay for what this needs. */
NEVER_INLINE static int64_t tell(struct teller *teller, enum event_kind kind, const mproc_described *what)
{
    int64_t begun = platform_ticks();
    struct event event;
    event.kind = kind;
    event.task = what->task->id;
    event.item = what->task->item;
    event.ticks = begun;
    preview(teller, what, &event);
    add_label(teller, what, &event);
    mproc__event_write(&teller->events, &event);
    return teller->describe != NULL ? platform_ticks() - begun : 0;
}

/* ---- Tasks ---- */

static int64_t begun(void *own, const struct mproc_task *task, any_function *function, mproc_view argument)
{
    struct teller *teller = own;
    if (event_has_room(&teller->events))
        return tell(teller, EVENT_BEGUN, &(mproc_described){ task, function, argument, false });
    /* When it began is near enough for one that is lost, and there already. */
    mproc__event_lose(&teller->events, task->started);
    return 0;
}

static int64_t ended(void *own, const struct mproc_task *task, any_function *function, mproc_view value)
{
    struct teller *teller = own;
    if (!event_has_room(&teller->events))
        return 0;
    return tell(teller, EVENT_ENDED, &(mproc_described){ task, function, value, true });
}

const struct annex mproc__teller_annex = {
    .bytes = sizeof(struct teller_area),
    .prepare = prepare,
    .open = open_teller,
    .begun = begun,
    .ended = ended,
};
