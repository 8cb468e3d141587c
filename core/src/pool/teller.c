#include "pool/teller.h"
#include "trace/label.h"
#include "trace/preview.h"
#include "trace/utf8.h"
#include <string.h>

void mproc__teller_begin(struct teller *teller, struct worker_area *area, any_function *describe)
{
    bool is_missing = area->previews.describe.offset != 0 && describe == NULL;
    teller->events = (struct event_writer){ .ring = &area->events };
    teller->label = &area->label;
    teller->describe = (mproc_describe_fn *)describe;
    teller->hidden = area->previews.hidden != 0 || is_missing;
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

static int64_t tell(struct teller *teller, enum event_kind kind, const mproc_described *what)
{
    /* When it began is near enough for one that is lost, and there already. */
    if (!mproc__event_has_room(&teller->events, kind, what->task->started))
        return 0;
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

int64_t mproc__teller_begun(struct teller *teller, const struct mproc_task *task, any_function *function,
                            mproc_view argument)
{
    return tell(teller, EVENT_BEGUN, &(mproc_described){ task, function, argument, false });
}

int64_t mproc__teller_ended(struct teller *teller, const struct mproc_task *task, any_function *function,
                            mproc_view value)
{
    return tell(teller, EVENT_ENDED, &(mproc_described){ task, function, value, true });
}
