#include "model/bounds.h"

#include <stdbool.h>

static int64_t within(int64_t least, int64_t number, int64_t most)
{
    return number < least ? least : number > most ? most : number;
}

/* By its name, whose length the compiler knows: "wait_ns". */
static inline bool is_time(const char *name, size_t size)
{
    return size > 3 && memcmp(name + size - 3, "_ns", 3) == 0;
}

static inline void bound_signed(int64_t *number, const char *name, size_t size)
{
    bool is_wall = size == 7 && memcmp(name, "wall_ns", 7) == 0;
    *number = within(is_time(name, size) ? 0 : -BOUNDS_MAX, *number, is_wall ? BOUNDS_WALL_MAX : BOUNDS_MAX);
}

/* Others are counts, which are not negative, or say who somebody is. */
static inline void bound_unsigned(uint64_t *number, const char *name, size_t size)
{
    if (is_time(name, size) && *number > (uint64_t)BOUNDS_MAX)
        *number = (uint64_t)BOUNDS_MAX;
}

#define BOUND_I64(field) bound_signed(&self->field, #field, sizeof #field - 1);
#define BOUND_U64(field) bound_unsigned(&self->field, #field, sizeof #field - 1);
#define BOUND_U8(field)
#define BOUND_U16(field)
#define BOUND_U32(field)
#define BOUND_NAME(field)
#define BOUND_PLACE(field)
#define BOUND_PREVIEW(field)
#define BOUND_LINE(field)
#define BOUND_LONG(field)

#define BOUND_FIELD(kind, field) BOUND_##kind(field)
#define CASE_OF_TYPE(number, record_name, NAME, class_name)                                                            \
    case number: {                                                                                                     \
        struct record_##record_name *self = &record->record_name;                                                      \
        (void)self;                                                                                                    \
        RECORD_##NAME##_FIELDS(BOUND_FIELD) break;                                                                     \
    }

void bounds_apply(struct wire_frame *frame, union record *record)
{
    frame->time_ns = within(0, frame->time_ns, BOUNDS_MAX);
    switch (frame->type) {
        RECORDS(CASE_OF_TYPE)
    default:
        break;
    }
}

/* What is no number is none of them. */
int64_t bounds_length(double ns)
{
    if (!(ns > 0))
        return 0;
    return ns < (double)BOUNDS_MAX ? (int64_t)ns : BOUNDS_MAX;
}

double bounds_part(double part)
{
    if (!(part > 0))
        return 0;
    return part < 1 ? part : 1;
}
