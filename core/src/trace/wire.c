#include "trace/wire.h"
#include "base/error.h"
#include "trace/little_endian.h"
#include "trace/utf8.h"
#include <stdbool.h>
#include <string.h>

/* ---- The tables ---- */

struct wire_kind {
    uint16_t width;    /**< on the wire; of a text, that of its length */
    uint16_t text_max; /**< 0: it is a number */
};

static const struct wire_kind kinds[] = {
    [RECORD_U8] = { 1, 0 },     [RECORD_U16] = { 2, 0 },      [RECORD_U32] = { 4, 0 },    [RECORD_U64] = { 8, 0 },
    [RECORD_I64] = { 8, 0 },    [RECORD_NAME] = { 2, 64 },    [RECORD_PLACE] = { 2, 96 }, [RECORD_PREVIEW] = { 2, 256 },
    [RECORD_LINE] = { 2, 512 }, [RECORD_LONG] = { 2, 16384 },
};

size_t mproc__wire_text_max(unsigned kind)
{
    return kind < sizeof kinds / sizeof *kinds ? kinds[kind].text_max : 0;
}

/* One scope per record, in which self is its struct. */
#define FIELD(kind, field) { #field, RECORD_##kind, offsetof(self, field) },
#define CASE_OF_TYPE(number, record_name, NAME, class_name)                                                            \
    case number: {                                                                                                     \
        typedef struct record_##record_name self;                                                                      \
        static const struct wire_field fields[] = { RECORD_##NAME##_FIELDS(FIELD) };                                   \
        static const struct wire_type table = {                                                                        \
            #record_name, number, RECORD_CLASS_##class_name, sizeof(self), sizeof fields / sizeof *fields, fields      \
        };                                                                                                             \
        return &table;                                                                                                 \
    }

const struct wire_type *mproc__wire_type(unsigned type)
{
    switch (type) {
        RECORDS(CASE_OF_TYPE)
    default:
        return NULL;
    }
}

#define NUMBER_OF_TYPE(number, record_name, NAME, class_name) number,

const struct wire_type *mproc__wire_type_at(size_t index)
{
    static const uint16_t numbers[] = { RECORDS(NUMBER_OF_TYPE) };
    return index < sizeof numbers / sizeof *numbers ? mproc__wire_type(numbers[index]) : NULL;
}

/* ---- Numbers ---- */

static uint64_t load(const void *member, size_t width)
{
    switch (width) {
    case 1:
        return *(const uint8_t *)member;
    case 2:
        return *(const uint16_t *)member;
    case 4:
        return *(const uint32_t *)member;
    default:
        return *(const uint64_t *)member;
    }
}

static void store(void *member, uint64_t number, size_t width)
{
    switch (width) {
    case 1:
        *(uint8_t *)member = (uint8_t)number;
        break;
    case 2:
        *(uint16_t *)member = (uint16_t)number;
        break;
    case 4:
        *(uint32_t *)member = (uint32_t)number;
        break;
    default:
        *(uint64_t *)member = number;
    }
}

/* ---- Writing ---- */

struct writer {
    unsigned char *at, *end;
};

static size_t room(const struct writer *out)
{
    return (size_t)(out->end - out->at);
}

static bool put_number(struct writer *out, uint64_t number, size_t width)
{
    if (room(out) < width)
        return false;
    little_endian_put(out->at, number, width);
    out->at += width;
    return true;
}

/* Its clean size tells, which is looked for only where there is not room for the longest. */
static bool text_fits(const struct writer *out, const struct record_text *text, size_t max)
{
    return room(out) >= 2 + max ||
           (room(out) >= 2 && room(out) - 2 >= mproc__utf8_clean(NULL, max, text->data, text->size));
}

static bool put_text(struct writer *out, const struct record_text *text, size_t max)
{
    if (!text_fits(out, text, max))
        return false;
    size_t size = mproc__utf8_clean((char *)out->at + 2, max, text->data, text->size);
    little_endian_put(out->at, size, 2);
    out->at += 2 + size;
    return true;
}

static bool put_field(struct writer *out, const struct wire_field *field, const void *record)
{
    const char *member = (const char *)record + field->offset;
    struct wire_kind kind = kinds[field->kind];
    if (kind.text_max > 0)
        return put_text(out, (const struct record_text *)member, kind.text_max);
    return put_number(out, load(member, kind.width), kind.width);
}

static bool put_header(struct writer *out, const struct wire_frame *frame)
{
    return put_number(out, 0, 4) && put_number(out, frame->type, 2) && put_number(out, frame->flags, 2) &&
           put_number(out, frame->sequence, 8) && put_number(out, (uint64_t)frame->time_ns, 8);
}

size_t mproc__wire_encode(unsigned char *out, size_t capacity, const struct wire_frame *frame, const void *record)
{
    const struct wire_type *type = mproc__wire_type(frame->type);
    struct writer writer = { out, out + capacity };
    bool fits = type != NULL && put_header(&writer, frame);
    for (size_t i = 0; fits && i < type->count; i++)
        fits = put_field(&writer, &type->fields[i], record);
    if (!fits)
        return 0;
    size_t size = (size_t)(writer.at - out);
    little_endian_put(out, size, 4);
    return size;
}

void mproc__wire_number(unsigned char *encoded, uint64_t sequence)
{
    little_endian_put(encoded + 8, sequence, 8);
}

void mproc__wire_date(unsigned char *encoded, int64_t time_ns)
{
    little_endian_put(encoded + 16, (uint64_t)time_ns, 8);
}

/* ---- Reading ---- */

struct reader {
    const unsigned char *at, *end;
};

static size_t left(const struct reader *in)
{
    return (size_t)(in->end - in->at);
}

/* Each false below is a frame that cannot be. */
static bool get_number(struct reader *in, void *member, size_t width)
{
    if (left(in) < width)
        return false;
    store(member, little_endian_get(in->at, width), width);
    in->at += width;
    return true;
}

static bool get_text(struct reader *in, struct record_text *text, size_t max)
{
    uint16_t size;
    if (!get_number(in, &size, sizeof size) || left(in) < size)
        return false;
    const char *data = (const char *)in->at;
    in->at += size;
    if (mproc__utf8_valid(data, size) != size)
        return false;
    *text = (struct record_text){ data, (uint32_t)(size > max ? mproc__utf8_valid(data, max) : size) };
    return true;
}

/* An older sender's frame ends before a field that it does not know. */
static bool get_field(struct reader *in, const struct wire_field *field, void *record)
{
    char *member = (char *)record + field->offset;
    struct wire_kind kind = kinds[field->kind];
    bool over = in->at == in->end;
    if (kind.text_max == 0)
        return over || get_number(in, member, kind.width);
    struct record_text *text = (struct record_text *)member;
    *text = record_text_of("");
    return over || get_text(in, text, kind.text_max);
}

static int read_body(const struct wire_frame *frame, const unsigned char *bytes, union record *record)
{
    const struct wire_type *type = mproc__wire_type(frame->type);
    struct reader reader = { bytes + WIRE_HEADER_SIZE, bytes + frame->size };
    for (size_t i = 0; type != NULL && i < type->count; i++)
        if (!get_field(&reader, &type->fields[i], record))
            return mproc__error(MPROC_E_CORRUPT, "a frame that tells of %s: its field %s is cut off, or no UTF-8",
                                type->name, type->fields[i].name);
    return 0;
}

int mproc__wire_size(const unsigned char *bytes, size_t size, size_t limit)
{
    if (size < WIRE_HEADER_SIZE)
        return 0;
    uint64_t length = little_endian_get(bytes, 4);
    if (length >= WIRE_HEADER_SIZE && length <= limit)
        return (int)length;
    return mproc__error(MPROC_E_CORRUPT, "a frame of %llu bytes; they have from %u to %zu", (unsigned long long)length,
                        WIRE_HEADER_SIZE, limit);
}

static struct wire_frame read_header(const unsigned char *bytes)
{
    return (struct wire_frame){ .size = (uint32_t)little_endian_get(bytes, 4),
                                .type = (uint16_t)little_endian_get(bytes + 4, 2),
                                .flags = (uint16_t)little_endian_get(bytes + 6, 2),
                                .sequence = little_endian_get(bytes + 8, 8),
                                .time_ns = (int64_t)little_endian_get(bytes + 16, 8) };
}

int mproc__wire_decode(const unsigned char *bytes, size_t size, struct wire_frame *ret_frame, union record *ret_record)
{
    int length = mproc__wire_size(bytes, size, WIRE_FRAME_MAX);
    if (length <= 0 || (size_t)length > size)
        return length < 0 ? length : 0;
    *ret_frame = read_header(bytes);
    memset(ret_record, 0, sizeof *ret_record);
    int code = read_body(ret_frame, bytes, ret_record);
    return code < 0 ? code : length;
}
