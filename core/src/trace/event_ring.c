#include "trace/event_ring.h"
#include "base/byte_ring.h"

#define UNIT EVENT_UNIT

_Static_assert(EVENT_ENTRY_MAX % UNIT == 0 && EVENT_ENTRY_MAX < EVENT_RING_BYTES / 16, "many of the largest fit");

static uint32_t entry_size(uint32_t text_size)
{
    return ((uint32_t)sizeof(struct event_entry) + text_size + UNIT - 1) & ~(UNIT - 1);
}

/* ---- Writing ---- */

/* One writer: no operation on the counts need be more than a store. They are estimates to who reads them meanwhile, but
 * for the last value of the count. */
void mproc__event_lose(struct event_writer *writer, int64_t ticks)
{
    struct event_writer_line *line = &writer->ring->writer;
    if (!writer->losing)
        atomic_store_explicit(&line->lost_from, ticks, memory_order_relaxed);
    writer->losing = true;
    atomic_store_explicit(&line->lost_to, ticks, memory_order_relaxed);
    atomic_store_explicit(&line->lost, ++writer->lost, memory_order_relaxed);
}

void mproc__event_write(struct event_writer *writer, const struct event *event)
{
    const struct event_entry entry = { .size = entry_size(event->preview_size + event->label_size),
                                       .kind = (uint8_t)event->kind,
                                       .label_size = (uint8_t)event->label_size,
                                       .preview_size = (uint16_t)event->preview_size,
                                       .task = event->task,
                                       .item = event->item,
                                       .ticks = event->ticks };
    unsigned char *bytes = writer->ring->bytes;
    uint32_t text = writer->head + (uint32_t)sizeof entry;
    byte_ring_write(bytes, EVENT_RING_BYTES, writer->head, &entry, sizeof entry);
    byte_ring_write(bytes, EVENT_RING_BYTES, text, event->preview, event->preview_size);
    byte_ring_write(bytes, EVENT_RING_BYTES, text + event->preview_size, event->label, event->label_size);
    writer->head += entry.size;
    /* Release: pairs with the reader's acquire. A writer that is killed before has written nothing. */
    atomic_store_explicit(&writer->ring->writer.head, writer->head, memory_order_release);
    writer->losing = false;
}

/* ---- Reading ---- */

static void move_tail(struct event_reader *reader, uint32_t tail)
{
    reader->tail = tail;
    /* Release: pairs with the writer's acquire, before which nothing that was read is written over. */
    atomic_store_explicit(&reader->ring->reader.tail, tail, memory_order_release);
}

void mproc__event_skip(struct event_reader *reader)
{
    /* Acquire, as in take: what is skipped may be written over from here on. */
    move_tail(reader, atomic_load_explicit(&reader->ring->writer.head, memory_order_acquire));
}

/* Whether it can be an entry that so many bytes were written of. */
static bool makes_sense(const struct event_entry *entry, uint32_t written)
{
    return (entry->kind == EVENT_BEGUN || entry->kind == EVENT_ENDED) && entry->preview_size <= EVENT_PREVIEW_BYTES &&
           entry->label_size <= LABEL_BYTES && entry->size <= written &&
           entry->size == entry_size((uint32_t)entry->preview_size + entry->label_size);
}

/* Field by field: what is behind the sizes of the texts is nobody's. */
static void read_entry(const struct event_reader *reader, const struct event_entry *entry, struct event *ret_event)
{
    const unsigned char *bytes = reader->ring->bytes;
    uint32_t text = reader->tail + (uint32_t)sizeof *entry;
    ret_event->kind = (enum event_kind)entry->kind;
    ret_event->task = entry->task;
    ret_event->item = entry->item;
    ret_event->ticks = entry->ticks;
    ret_event->preview_size = entry->preview_size;
    ret_event->label_size = entry->label_size;
    byte_ring_read(bytes, EVENT_RING_BYTES, text, ret_event->preview, entry->preview_size);
    byte_ring_read(bytes, EVENT_RING_BYTES, text + entry->preview_size, ret_event->label, entry->label_size);
}

bool mproc__event_take(struct event_reader *reader, struct event *ret_event)
{
    const struct event_ring *ring = reader->ring;
    /* Acquire: pairs with the writer's release; all before head is written. */
    uint32_t written = atomic_load_explicit(&ring->writer.head, memory_order_acquire) - reader->tail;
    struct event_entry entry; /* a copy: what was checked is what is used */
    if (written == 0 || reader->nonsense)
        return false;
    byte_ring_read(ring->bytes, EVENT_RING_BYTES, reader->tail, &entry, sizeof entry);
    if (written > EVENT_RING_BYTES || !makes_sense(&entry, written)) {
        reader->nonsense = true;
        return false;
    }
    read_entry(reader, &entry, ret_event);
    move_tail(reader, reader->tail + entry.size);
    return true;
}

void mproc__event_loss(const struct event_reader *reader, struct event_loss *ret_loss)
{
    const struct event_writer_line *line = &reader->ring->writer;
    ret_loss->count = atomic_load_explicit(&line->lost, memory_order_relaxed);
    ret_loss->from = atomic_load_explicit(&line->lost_from, memory_order_relaxed);
    ret_loss->to = atomic_load_explicit(&line->lost_to, memory_order_relaxed);
}
