/* Records that are taken in passing: each as a head, the struct, and the bytes of its texts behind it. */
#include "monitor/batch.h"
#include "base/error.h"
#include "trace/wire.h"
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY ((size_t)1 << 20)
#define LAST_CAPACITY  ((size_t)64 << 20)
#define ALIGNMENT      ((size_t)16)

struct head {
    size_t next;
    uint32_t type, reserved;
};

static size_t aligned(size_t size)
{
    return (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

static int make_room(struct batch *batch)
{
    size_t capacity = batch->capacity == 0 ? FIRST_CAPACITY : batch->capacity * 2;
    if (batch->bytes != NULL && (!batch->cut || capacity > LAST_CAPACITY))
        return 0;
    free(batch->bytes);
    *batch = (struct batch){ .bytes = malloc(capacity) };
    if (batch->bytes == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "%zu bytes to look at pools", capacity);
    batch->capacity = capacity;
    return 0;
}

int mproc__batch_begin(struct batch *batch, int64_t now_ns)
{
    int code = make_room(batch);
    batch->used = 0;
    batch->cut = false;
    batch->now_ns = now_ns;
    memset(batch->losses, 0, sizeof batch->losses);
    return code;
}

void mproc__batch_free(struct batch *batch)
{
    free(batch->bytes);
    *batch = (struct batch){ 0 };
}

/* ---- In ---- */

static bool is_text(const struct wire_field *field)
{
    return mproc__wire_text_max(field->kind) > 0;
}

/* Of a text no more is copied than can be told: it is cut at a character's end when it is put into bytes. */
static size_t copied_of(const struct wire_field *field, const struct record_text *text)
{
    size_t most = mproc__wire_text_max(field->kind);
    return text->size < most ? text->size : most;
}

static size_t size_of(const struct wire_type *type, const unsigned char *record)
{
    size_t size = sizeof(struct head) + aligned(type->size);
    for (size_t i = 0; i < type->count; i++)
        if (is_text(&type->fields[i]))
            size += copied_of(&type->fields[i], (const struct record_text *)(record + type->fields[i].offset));
    return aligned(size);
}

static void copy_texts(const struct wire_type *type, unsigned char *copy)
{
    unsigned char *end = copy + aligned(type->size);
    for (size_t i = 0; i < type->count; i++) {
        const struct wire_field *field = &type->fields[i];
        struct record_text *text = (struct record_text *)(copy + field->offset);
        if (!is_text(field))
            continue;
        text->size = (uint32_t)copied_of(field, text);
        if (text->size > 0)
            memcpy(end, text->data, text->size);
        text->data = (const char *)end;
        end += text->size;
    }
}

static void count(struct batch *batch, unsigned class, uint64_t more, int64_t from_ns, int64_t to_ns)
{
    struct record_lost *lost = &batch->losses[class];
    if (lost->count == 0 || from_ns < lost->from_ns)
        lost->from_ns = from_ns;
    if (lost->count == 0 || to_ns > lost->to_ns)
        lost->to_ns = to_ns;
    lost->kind = (uint8_t) class;
    lost->count += more;
    lost->worker = -1;
}

/* A word of what was lost elsewhere stands for that. */
static void lose(struct batch *batch, const struct wire_type *type, const void *record)
{
    const struct record_lost *word = type->type == RECORD_LOST ? record : NULL;
    batch->cut = true;
    if (!batch_is_event(type->type, record))
        return;
    if (word == NULL)
        count(batch, type->class, 1, batch->now_ns, batch->now_ns);
    else if (word->kind < RECORD_CLASSES)
        count(batch, word->kind, word->count, word->from_ns, word->to_ns);
}

void mproc__batch_add(void *user, enum record_type number, const void *record)
{
    struct batch *batch = user;
    const struct wire_type *type = mproc__wire_type(number);
    if (type == NULL)
        return;
    size_t size = size_of(type, record);
    if (size > batch->capacity - batch->used) {
        lose(batch, type, record);
        return;
    }
    unsigned char *place = batch->bytes + batch->used;
    *(struct head *)place = (struct head){ .next = batch->used + size, .type = number };
    memcpy(place + sizeof(struct head), record, type->size);
    copy_texts(type, place + sizeof(struct head));
    batch->used += size;
}

/* ---- Out ---- */

bool mproc__batch_at(const struct batch *batch, size_t place, struct batch_item *ret_item)
{
    if (place >= batch->used)
        return false;
    const struct head *head = (const struct head *)(batch->bytes + place);
    *ret_item = (struct batch_item){ .type = (enum record_type)head->type, .record = head + 1, .next = head->next };
    return true;
}
