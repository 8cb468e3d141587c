/* Records whose numbers are as large, or as small, as they can be written: what counts with them must not overflow. All
 * tell of one pool, of few workers, functions, tasks and locks, so that they meet.
 */
#ifndef MPROC_TESTS_EXTREMES_H
#define MPROC_TESTS_EXTREMES_H

#include "trace/wire.h"
#include <stdbool.h>
#include <string.h>

#define EXTREME_ROUNDS 300

static inline uint64_t extreme_below(unsigned *seed, uint64_t limit)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % limit;
}

static inline uint64_t extreme_number(unsigned *seed)
{
    static const uint64_t numbers[] = { 0,
                                        1,
                                        INT64_MAX,
                                        INT64_MAX - 1,
                                        (uint64_t)INT64_MAX + 1, /* INT64_MIN */
                                        (uint64_t)INT64_MAX + 2,
                                        UINT64_MAX,
                                        UINT64_MAX - 1,
                                        UINT64_C(1) << 62,
                                        UINT64_C(3) << 60,
                                        UINT64_C(1000000000000) };
    return numbers[extreme_below(seed, sizeof numbers / sizeof *numbers)];
}

/* 0 of a field that may be anything; else how many things there are that it numbers. */
static inline unsigned extreme_count(const char *name)
{
    static const struct {
        const char *name;
        unsigned count;
    } few[] = { { "pool", 1 }, { "phase", 1 }, { "worker", 3 }, { "function", 3 }, { "task", 40 }, { "object", 4 } };
    for (size_t i = 0; i < sizeof few / sizeof *few; i++)
        if (strcmp(few[i].name, name) == 0)
            return few[i].count;
    return 0;
}

static inline uint64_t extreme_value(const struct wire_field *field, unsigned *seed)
{
    unsigned count = extreme_count(field->name);
    if (strcmp(field->name, "pool") == 0)
        return 1;
    return count > 0 ? extreme_below(seed, count) : extreme_number(seed);
}

static inline void extreme_fill_field(const struct wire_field *field, void *member, unsigned *seed)
{
    uint64_t value = extreme_value(field, seed);
    switch (field->kind) {
    case RECORD_U8:
        *(uint8_t *)member = (uint8_t)(value % 8);
        break;
    case RECORD_U16:
        *(uint16_t *)member = (uint16_t)value;
        break;
    case RECORD_U32:
        *(uint32_t *)member = (uint32_t)value;
        break;
    case RECORD_U64:
        *(uint64_t *)member = value;
        break;
    case RECORD_I64:
        *(int64_t *)member = (int64_t)value;
        break;
    default:
        *(struct record_text *)member = record_text_of("9223372036854775807:18446744073709551615 16:1");
    }
}

/** Whether a process tells of it at any time. */
static inline bool extreme_is_told(const struct wire_type *type)
{
    return type->type == RECORD_LOST || type->type == RECORD_COST || (type->type >= RECORD_POOL && type->type < 100);
}

static inline void extreme_fill(const struct wire_type *type, union record *record, unsigned *seed)
{
    memset(record, 0, sizeof *record);
    for (size_t i = 0; i < type->count; i++)
        extreme_fill_field(&type->fields[i], (char *)record + type->fields[i].offset, seed);
}

/** Tells all of it, each with a time. */
static inline void extremes_tell(void (*tell)(unsigned type, const void *record, int64_t time_ns))
{
    union record record;
    unsigned seed = 1;
    for (int round = 0; round < EXTREME_ROUNDS; round++) {
        const struct wire_type *type;
        for (size_t i = 0; (type = mproc__wire_type_at(i)) != NULL; i++) {
            extreme_fill(type, &record, &seed);
            if (extreme_is_told(type))
                tell(type->type, &record, (int64_t)extreme_number(&seed));
        }
    }
}

#endif
