#include "trace/recording.h"
#include "base/error.h"
#include "trace/little_endian.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A later version's header may be longer, but not that much. */
#define HEADER_MAX 4096u

/* ---- Writing ---- */

void mproc__recording_header(unsigned char header[RECORDING_HEADER_SIZE])
{
    little_endian_put(header, RECORDING_MAGIC, 8);
    little_endian_put(header + 8, RECORDING_VERSION, 4);
    little_endian_put(header + 12, RECORDING_HEADER_SIZE, 4);
}

int mproc__recording_create(struct recording_writer *ret_writer, const char *path, const unsigned char *greeting,
                            size_t size)
{
    unsigned char header[RECORDING_HEADER_SIZE];
    const mproc_view parts[] = { { header, sizeof header }, { greeting, size } };
    struct recording_writer writer = { .room = malloc(RECORDING_ROOM),
                                       .written_ns = platform_now_ns(),
                                       .written = sizeof header + size };
    if (writer.room == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "%u bytes for a recording", RECORDING_ROOM);
    mproc__recording_header(header);
    int code = platform_file_begin(path, parts, 2, &writer.file);
    if (code < 0) {
        free(writer.room);
        return mproc__error_platform(code, "making a recording");
    }
    *ret_writer = writer;
    return 0;
}

/* How many of the first bytes are whole frames. */
static size_t whole_frames(const unsigned char *frames, size_t size)
{
    size_t whole = 0;
    for (;;) {
        int next = mproc__wire_size(frames + whole, size - whole, WIRE_FRAME_MAX);
        if (next <= 0 || (size_t)next > size - whole)
            return whole;
        whole += (size_t)next;
    }
}

/* Of what there was no room for as a whole. Where that cannot be done the file is cut short within a frame, as by a
 * death. */
static size_t take_back_rest(struct recording_writer *writer, const unsigned char *frames, size_t done)
{
    size_t whole = whole_frames(frames, done);
    return whole == done || platform_file_take_back(writer->file, done - whole) == 0 ? whole : done;
}

static int write_out(struct recording_writer *writer, const unsigned char *frames, size_t size)
{
    size_t done;
    writer->code = platform_file_append(writer->file, frames, size, &done);
    int code = writer->code < 0 ? mproc__error_platform(writer->code, "writing a recording") : 0;
    writer->written += code < 0 ? take_back_rest(writer, frames, done) : done;
    return code;
}

int mproc__recording_flush(struct recording_writer *writer)
{
    if (writer->code < 0)
        return mproc__error(writer->code, "the recording ended before, when it could not be written");
    size_t used = writer->used;
    writer->used = 0;
    writer->written_ns = platform_now_ns();
    return used > 0 ? write_out(writer, writer->room, used) : 0;
}

int64_t mproc__recording_due_ns(const struct recording_writer *writer)
{
    return writer->used > 0 ? writer->written_ns + RECORDING_WAIT_NS : INT64_MAX;
}

int mproc__recording_write_due(struct recording_writer *writer)
{
    return platform_now_ns() >= mproc__recording_due_ns(writer) ? mproc__recording_flush(writer) : 0;
}

/* Also while there are always more: who never stops to look whether something is due. */
int mproc__recording_append(struct recording_writer *writer, const unsigned char *frames, size_t size)
{
    int code = writer->code < 0 || size > RECORDING_ROOM - writer->used ? mproc__recording_flush(writer) : 0;
    if (code < 0)
        return code;
    if (size > RECORDING_ROOM)
        return write_out(writer, frames, size);
    memcpy(writer->room + writer->used, frames, size);
    writer->used += size;
    return mproc__recording_write_due(writer);
}

int mproc__recording_finish(struct recording_writer *writer)
{
    int code = mproc__recording_flush(writer);
    platform_handle_close(writer->file);
    writer->file = PLATFORM_NO_HANDLE;
    free(writer->room);
    writer->room = NULL;
    return code;
}

/* ---- Reading ---- */

static int read_error(int code)
{
    return mproc__error_platform(code, "reading a recording");
}

/* Less than size at the file's end alone. */
static int read_bytes(struct recording_reader *reader, unsigned char *bytes, size_t size, size_t *ret_size)
{
    size_t used = 0, length = 1;
    while (used < size && length > 0) {
        int code = platform_file_next(reader->file, bytes + used, size - used, &length);
        if (code < 0)
            return read_error(code);
        used += length;
    }
    reader->size += used;
    *ret_size = used;
    return 0;
}

/* What a later header has behind what is known. */
static int skip(struct recording_reader *reader, size_t size)
{
    unsigned char rest[HEADER_MAX];
    size_t length;
    if (size > sizeof rest)
        return mproc__error(MPROC_E_CORRUPT, "a recording whose header says that it has %zu bytes", size);
    return read_bytes(reader, rest, size, &length);
}

static int read_header(struct recording_reader *reader, const char *path)
{
    unsigned char header[RECORDING_HEADER_SIZE];
    size_t length = 0;
    int code = read_bytes(reader, header, sizeof header, &length);
    if (code < 0)
        return code;
    if (length < sizeof header || little_endian_get(header, 8) != RECORDING_MAGIC)
        return mproc__error(MPROC_E_CORRUPT, "%s is not a recording", path);
    uint64_t version = little_endian_get(header + 8, 4), size = little_endian_get(header + 12, 4);
    if (version != RECORDING_VERSION)
        return mproc__error(MPROC_E_NOT_SUPPORTED, "%s is a recording of format %llu; this program reads format %u",
                            path, (unsigned long long)version, RECORDING_VERSION);
    if (size < sizeof header)
        return mproc__error(MPROC_E_CORRUPT, "%s: its header says that it has %llu bytes", path,
                            (unsigned long long)size);
    return skip(reader, (size_t)size - sizeof header);
}

/* Returns 1, or 0 at the end of what is there. */
static int read_more(struct recording_reader *reader)
{
    unsigned char *room;
    size_t size;
    int code = mproc__wire_reader_room(&reader->frames, &room, &size);
    if (code < 0)
        return code;
    code = platform_file_next(reader->file, room, size, &size);
    if (code < 0)
        return read_error(code);
    mproc__wire_reader_filled(&reader->frames, size);
    reader->size += size;
    return size > 0;
}

static int corrupt(const struct recording_reader *reader)
{
    char text[512];
    snprintf(text, sizeof text, "%s; in a recording, at byte %llu", mproc_last_error(),
             (unsigned long long)(reader->size - mproc__wire_reader_rest(&reader->frames)));
    return mproc__error_text(MPROC_E_CORRUPT, text);
}

static int take(struct recording_reader *reader, struct wire_frame *ret_frame, union record *ret_record)
{
    int code;
    while ((code = mproc__wire_reader_take(&reader->frames, ret_frame, ret_record)) == 0) {
        code = read_more(reader);
        if (code <= 0)
            return code;
    }
    return code == MPROC_E_CORRUPT ? corrupt(reader) : code;
}

static int read_greeting(struct recording_reader *reader, const char *path)
{
    int code = take(reader, &reader->first, &reader->greeting);
    if (code < 0)
        return code;
    if (code == 0)
        return mproc__error(MPROC_E_CORRUPT, "%s: it ends before its first record", path);
    if (reader->first.type != RECORD_GREETING || reader->greeting.greeting.magic != RECORD_MAGIC)
        return mproc__error(MPROC_E_CORRUPT, "%s: it does not begin with a greeting", path);
    return 0;
}

int mproc__recording_open(struct recording_reader *ret_reader, const char *path)
{
    *ret_reader = (struct recording_reader){ .file = PLATFORM_NO_HANDLE };
    mproc__wire_reader_init(&ret_reader->frames, WIRE_FRAME_MAX);
    int code = platform_file_open(path, &ret_reader->file);
    if (code < 0)
        return read_error(code);
    code = read_header(ret_reader, path);
    if (code == 0)
        code = read_greeting(ret_reader, path);
    if (code < 0)
        mproc__recording_close(ret_reader);
    return code;
}

int mproc__recording_next(struct recording_reader *reader, struct wire_frame *ret_frame, union record *ret_record)
{
    int code = 1;
    if (reader->is_begun) {
        code = take(reader, ret_frame, ret_record);
    } else {
        *ret_frame = reader->first;
        *ret_record = reader->greeting;
        reader->is_begun = true;
    }
    if (code == 1)
        reader->last_ns = ret_frame->time_ns;
    reader->is_cut = code == 0 && mproc__wire_reader_rest(&reader->frames) > 0;
    return code;
}

void mproc__recording_close(struct recording_reader *reader)
{
    platform_handle_close(reader->file);
    reader->file = PLATFORM_NO_HANDLE;
    mproc__wire_reader_free(&reader->frames);
}
