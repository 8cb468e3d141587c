/* What is on the way to one client. */
#include "monitor/outbox.h"
#include "base/error.h"
#include "trace/wire.h"
#include <stdlib.h>
#include <string.h>

/* How full it may be for a frame of each class to be put in. States stand above all events: these would fill whatever
 * was below, and a client that is slow for as long as he watches would see no figure change. */
static const size_t bounds[RECORD_CLASSES] = {
    [RECORD_CLASS_DETAIL] = OUTBOX_SIZE / 8 * 4,
    [RECORD_CLASS_LOG] = OUTBOX_SIZE / 8 * 5,
    [RECORD_CLASS_LIFE] = OUTBOX_SIZE / 8 * 6,
    [RECORD_CLASS_STATE] = OUTBOX_SIZE / 8 * 7,
};

/* Where it is fuller than this a client is slow, and states come less often: no more of them than that are on the way
 * to him. They change with every look, and would leave no room for the ends of tasks. */
#define STATES_AT_WILL (OUTBOX_SIZE / 2)
#define STATES_MOST    (OUTBOX_SIZE / 8)

int mproc__outbox_init(struct outbox *outbox)
{
    *outbox = (struct outbox){ .bytes = malloc(OUTBOX_SIZE) };
    return outbox->bytes != NULL ? 0 : mproc__error(MPROC_E_NO_MEMORY, "what a client is told");
}

void mproc__outbox_free(struct outbox *outbox)
{
    free(outbox->bytes);
    outbox->bytes = NULL;
}

/* ---- In ---- */

static void append(struct outbox *outbox, const unsigned char *bytes, size_t size)
{
    size_t end = (outbox->begin + outbox->used) % OUTBOX_SIZE;
    size_t first = size < OUTBOX_SIZE - end ? size : OUTBOX_SIZE - end;
    memcpy(outbox->bytes + end, bytes, first);
    memcpy(outbox->bytes, bytes + first, size - first);
    outbox->used += size;
}

static bool put(struct outbox *outbox, unsigned char *frame, size_t size, size_t bound)
{
    if (outbox->used + size > bound)
        return false;
    mproc__wire_number(frame, ++outbox->sequence);
    append(outbox, frame, size);
    return true;
}

static void count(struct outbox_loss *loss, uint64_t more, int64_t from_ns, int64_t to_ns)
{
    if (loss->count == 0 || from_ns < loss->from_ns)
        loss->from_ns = from_ns;
    if (loss->count == 0 || to_ns > loss->to_ns)
        loss->to_ns = to_ns;
    loss->count += more;
}

void mproc__outbox_event(struct outbox *outbox, enum record_class class, unsigned char *frame, size_t size,
                         int64_t now_ns)
{
    if (put(outbox, frame, size, bounds[class]))
        return;
    /* Its number is used up, so that the client sees at once that something is missing. */
    outbox->sequence++;
    count(&outbox->losses[class], 1, now_ns, now_ns);
}

/* Those that were put in lately count as on the way until the last of them has gone. */
bool mproc__outbox_state(struct outbox *outbox, unsigned char *frame, size_t size)
{
    if (outbox->gone >= outbox->states_end)
        outbox->states = 0;
    if (outbox->used > STATES_AT_WILL && outbox->states + size > STATES_MOST)
        return false;
    if (!put(outbox, frame, size, bounds[RECORD_CLASS_STATE]))
        return false;
    outbox->states += size;
    outbox->states_end = outbox->gone + outbox->used;
    return true;
}

bool mproc__outbox_word(struct outbox *outbox, enum record_type type, const void *record, int64_t now_ns)
{
    unsigned char frame[2048];
    const struct wire_frame head = { .type = (uint16_t)type, .time_ns = now_ns };
    size_t size = mproc__wire_encode(frame, sizeof frame, &head, record);
    return put(outbox, frame, size, OUTBOX_SIZE);
}

void mproc__outbox_lose(struct outbox *outbox, const struct record_lost *lost)
{
    if (lost->kind < RECORD_CLASSES)
        count(&outbox->losses[lost->kind], lost->count, lost->from_ns, lost->to_ns);
}

void mproc__outbox_tell_losses(struct outbox *outbox, int64_t now_ns)
{
    for (int class = 0; class < RECORD_CLASSES; class ++) {
        struct outbox_loss *loss = &outbox->losses[class];
        if (loss->count == 0)
            continue;
        const struct record_lost lost = {
            .kind = (uint8_t) class, .count = loss->count, .from_ns = loss->from_ns, .to_ns = loss->to_ns, .worker = -1
        };
        if (!mproc__outbox_word(outbox, RECORD_LOST, &lost, now_ns))
            return;
        *loss = (struct outbox_loss){ 0 };
    }
}

/* ---- Out ---- */

size_t mproc__outbox_next(const struct outbox *outbox, const unsigned char **ret_bytes)
{
    *ret_bytes = outbox->bytes + outbox->begin;
    return outbox->used < OUTBOX_SIZE - outbox->begin ? outbox->used : OUTBOX_SIZE - outbox->begin;
}

void mproc__outbox_went(struct outbox *outbox, size_t size)
{
    outbox->used -= size;
    outbox->gone += size;
    /* From the front again once it is empty: a client that keeps up is served from a few warm pages. */
    outbox->begin = outbox->used > 0 ? (outbox->begin + size) % OUTBOX_SIZE : 0;
}
