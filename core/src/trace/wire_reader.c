#include "trace/wire_reader.h"
#include "base/error.h"
#include <stdlib.h>
#include <string.h>

/* Enough for nearly all frames; who sends longer ones gets more. */
#define ROOM_FIRST 4096u

void mproc__wire_reader_init(struct wire_reader *reader, size_t limit)
{
    *reader = (struct wire_reader){ .limit = limit };
}

void mproc__wire_reader_free(struct wire_reader *reader)
{
    free(reader->bytes);
    reader->bytes = NULL;
}

/* ---- Room ---- */

static int grow(struct wire_reader *reader, size_t capacity)
{
    unsigned char *bytes = realloc(reader->bytes, capacity);
    if (bytes == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "%zu bytes for what a stream brings", capacity);
    reader->bytes = bytes;
    reader->capacity = capacity;
    return 0;
}

static void move_down(struct wire_reader *reader)
{
    size_t rest = reader->end - reader->begin;
    if (reader->begin > 0 && rest > 0)
        memmove(reader->bytes, reader->bytes + reader->begin, rest);
    reader->begin = reader->taken = 0;
    reader->end = rest;
}

/* Twice as much each time it is full of one frame that has not come as a whole. */
static int make_room(struct wire_reader *reader)
{
    move_down(reader);
    if (reader->end < reader->capacity)
        return 0;
    if (reader->capacity >= reader->limit)
        return mproc__error(MPROC_E_FULL, "frames were not taken");
    size_t capacity = reader->capacity > 0 ? reader->capacity * 2 : ROOM_FIRST;
    return grow(reader, capacity < reader->limit ? capacity : reader->limit);
}

int mproc__wire_reader_room(struct wire_reader *reader, unsigned char **ret_room, size_t *ret_size)
{
    int code = reader->code == 0 ? make_room(reader) : mproc__error(reader->code, "the stream was given up");
    if (code < 0)
        return code;
    *ret_room = reader->bytes + reader->end;
    *ret_size = reader->capacity - reader->end;
    return 0;
}

void mproc__wire_reader_filled(struct wire_reader *reader, size_t size)
{
    reader->end += size;
}

/* ---- Frames ---- */

static int check_sequence(struct wire_reader *reader, uint64_t sequence)
{
    if (sequence <= reader->sequence)
        return mproc__error(MPROC_E_CORRUPT, "frame %llu comes after frame %llu", (unsigned long long)sequence,
                            (unsigned long long)reader->sequence);
    reader->missed += sequence - reader->sequence - 1;
    reader->sequence = sequence;
    return 0;
}

static int take(struct wire_reader *reader, struct wire_frame *ret_frame, union record *ret_record)
{
    size_t size = reader->end - reader->begin;
    if (size == 0)
        return 0; /* nor need there be any room yet */
    const unsigned char *bytes = reader->bytes + reader->begin;
    int code = mproc__wire_size(bytes, size, reader->limit);
    if (code > 0)
        code = mproc__wire_decode(bytes, size, ret_frame, ret_record);
    if (code <= 0)
        return code;
    reader->taken = (size_t)code;
    reader->begin += reader->taken;
    return check_sequence(reader, ret_frame->sequence);
}

int mproc__wire_reader_take(struct wire_reader *reader, struct wire_frame *ret_frame, union record *ret_record)
{
    if (reader->code < 0)
        return mproc__error(reader->code, "the stream was given up");
    size_t begin = reader->begin;
    reader->code = take(reader, ret_frame, ret_record);
    return reader->code < 0 ? reader->code : reader->begin > begin;
}

const unsigned char *mproc__wire_reader_frame(const struct wire_reader *reader, size_t *ret_size)
{
    *ret_size = reader->taken;
    return reader->bytes + reader->begin - reader->taken;
}

size_t mproc__wire_reader_rest(const struct wire_reader *reader)
{
    return reader->end - reader->begin;
}
