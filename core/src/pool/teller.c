#include "pool/teller.h"
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

/* Its own writer reads it: without a look at the mark after it. */
static void add_label(const struct teller *teller, const mproc_described *what, struct event *event)
{
    const struct label_line *line = teller->label;
    event->label_size = 0;
    if (!what->is_result || atomic_load_explicit(&line->mark, memory_order_relaxed) != what->task->mark)
        return;
    /* A task may have scribbled over it. */
    const char *end = memchr(line->text, '\0', sizeof line->text);
    event->label_size = (uint32_t)(end != NULL ? end - line->text : 0);
    memcpy(event->label, line->text, event->label_size);
}

static int64_t tell(struct teller *teller, enum event_kind kind, const mproc_described *what)
{
    int64_t begun = platform_ticks();
    if (!mproc__event_has_room(&teller->events, kind, begun))
        return 0;
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

/* ---- Labels ---- */

void mproc__teller_name(struct teller *teller, uint32_t mark, const char *text, size_t size)
{
    struct label_line *line = teller->label;
    size_t fits = size < EVENT_LABEL_BYTES ? size : EVENT_LABEL_BYTES - 1;
    size = mproc__utf8_valid(text, fits);
    /* A sequence lock of one writer. Who reads while it is written, or after a kill in the middle, finds the mark 0, or
     * finds it changed when it looks again. */
    atomic_store_explicit(&line->mark, 0, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    memcpy(line->text, text, size);
    line->text[size] = '\0';
    atomic_store_explicit(&line->mark, mark, memory_order_release);
}
