/* A stream of frames, as a client or as a process that is watched reads it: in one piece and in many it has the same
 * frames, and ends in the same way.
 */
#ifndef MPROC_TESTS_FUZZ_STREAM_H
#define MPROC_TESTS_FUZZ_STREAM_H

#include "fuzz.h"
#include "trace/wire_reader.h"

struct fuzz_stream {
    const uint8_t *bytes;
    size_t size, at;
};

static inline size_t fuzz_feed(struct wire_reader *reader, struct fuzz_stream *stream, size_t piece)
{
    unsigned char *room;
    size_t size, left = stream->size - stream->at;
    FUZZ_CHECK(mproc__wire_reader_room(reader, &room, &size) == 0 && size > 0);
    size = size < piece ? size : piece;
    size = size < left ? size : left;
    memcpy(room, stream->bytes + stream->at, size);
    mproc__wire_reader_filled(reader, size);
    stream->at += size;
    return size;
}

/* Returns how many frames there were; the negative of it if there was an error after them. */
static inline int fuzz_read(const uint8_t *bytes, size_t size, size_t limit, size_t piece)
{
    static struct wire_frame frame;
    static union record record;
    struct fuzz_stream stream = { bytes, size, 0 };
    struct wire_reader reader;
    int count = 0, code = 0;
    mproc__wire_reader_init(&reader, limit);
    while (code == 0 && fuzz_feed(&reader, &stream, piece) > 0)
        while ((code = mproc__wire_reader_take(&reader, &frame, &record)) == 1) {
            fuzz_check_record(&frame, &record);
            count++;
        }
    FUZZ_CHECK(reader.capacity <= limit);
    mproc__wire_reader_free(&reader);
    return code < 0 ? -count - 1 : count;
}

static inline void fuzz_stream(const uint8_t *bytes, size_t size, size_t limit)
{
    int whole = fuzz_read(bytes, size, limit, SIZE_MAX);
    FUZZ_CHECK(fuzz_read(bytes, size, limit, 1 + size % 61) == whole);
}

#endif
