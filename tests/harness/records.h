/* Records for tests, filled by the tables of the wire: of each type, with something in each field.
 */
#ifndef MPROC_TESTS_RECORDS_H
#define MPROC_TESTS_RECORDS_H

#include "test.h"
#include "trace/wire.h"

/* Characters of one to four bytes, and one that JSON escapes. */
#define RECORD_LETTERS "aZ \"\n\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"
static const unsigned char record_letter_ends[] = { 0, 1, 2, 3, 4, 5, 7, 10, 14 };
#define RECORD_LETTER_COUNT 8

struct record_room {
    char bytes[65536];
    size_t used;
};

static inline uint64_t record_number(unsigned *seed)
{
    uint64_t number = (uint64_t)test_random(seed) << 40 ^ (uint64_t)test_random(seed) << 20 ^ test_random(seed);
    return number >> test_random(seed) % 64;
}

/** A text of at most max bytes in the room. */
static inline struct record_text record_letters(struct record_room *room, size_t max, unsigned *seed)
{
    size_t begin = room->used, size = test_random(seed) % (max + 1);
    for (;;) {
        unsigned letter = test_random(seed) % RECORD_LETTER_COUNT, first = record_letter_ends[letter];
        size_t length = record_letter_ends[letter + 1] - first;
        if (room->used + length > begin + size)
            break;
        memcpy(room->bytes + room->used, &RECORD_LETTERS[first], length);
        room->used += length;
    }
    return (struct record_text){ room->bytes + begin, (uint32_t)(room->used - begin) };
}

static inline void record_fill_field(char *member, unsigned kind, struct record_room *room, unsigned *seed)
{
    size_t max = mproc__wire_text_max(kind);
    uint64_t number = record_number(seed);
    switch (kind) {
    case RECORD_U8:
        *(uint8_t *)member = (uint8_t)number;
        break;
    case RECORD_U16:
        *(uint16_t *)member = (uint16_t)number;
        break;
    case RECORD_U32:
        *(uint32_t *)member = (uint32_t)number;
        break;
    case RECORD_U64:
    case RECORD_I64:
        *(uint64_t *)member = number;
        break;
    default:
        *(struct record_text *)member = record_letters(room, max, seed);
    }
}

/** Fills each field of the record by chance. */
static inline void record_fill(const struct wire_type *type, union record *record, struct record_room *room,
                               unsigned *seed)
{
    memset(record, 0, sizeof *record);
    room->used = 0;
    for (size_t i = 0; i < type->count; i++)
        record_fill_field((char *)record + type->fields[i].offset, type->fields[i].kind, room, seed);
}

static inline bool record_text_is(const struct record_text *text, const char *data, size_t size)
{
    return text->size == size && memcmp(text->data, data, size) == 0;
}

static inline bool record_field_is(const struct wire_field *field, const void *left, const void *right)
{
    static const unsigned char widths[] = {
        [RECORD_U8] = 1, [RECORD_U16] = 2, [RECORD_U32] = 4, [RECORD_U64] = 8, [RECORD_I64] = 8
    };
    const char *a = (const char *)left + field->offset, *b = (const char *)right + field->offset;
    if (mproc__wire_text_max(field->kind) == 0)
        return memcmp(a, b, widths[field->kind]) == 0;
    const struct record_text *text = (const struct record_text *)b;
    return record_text_is((const struct record_text *)a, text->data, text->size);
}

/** Whether all fields from the first to before the end-th are the same. */
static inline bool record_fields_are(const struct wire_type *type, size_t end, const void *left, const void *right)
{
    for (size_t i = 0; i < end; i++)
        if (!record_field_is(&type->fields[i], left, right))
            return false;
    return true;
}

#endif
