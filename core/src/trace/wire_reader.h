/* Frames out of a stream that comes in pieces, of whatever size: a connection's other end, or a file's.
 *
 * Memory is bounded: what is held is at most one frame of the longest that this reader takes, and what was read with
 * it. One thread at a time; nothing here waits.
 */
#ifndef MPROC_TRACE_WIRE_READER_H
#define MPROC_TRACE_WIRE_READER_H

#include "trace/wire.h"

struct wire_reader {
    unsigned char *bytes;
    size_t capacity, limit;
    size_t begin, end; /**< of what is not taken yet */
    size_t taken;      /**< bytes before begin that are the frame taken last */
    uint64_t sequence; /**< of that one; 0 before the first */
    uint64_t missed;   /**< numbers that no frame had: they were dropped on the way */
    int code;          /**< 0, or why nothing more is read */
};

/** A reader of frames of at most limit bytes: WIRE_FRAME_MAX for who watches, WIRE_CLIENT_MAX for who is watched.
 * Allocates nothing yet. All zero is a reader that can be freed. */
void mproc__wire_reader_init(struct wire_reader *reader, size_t limit);
void mproc__wire_reader_free(struct wire_reader *reader);

/** Where the stream's next bytes are to be written: *ret_size of them or fewer, one at least. What was taken before is
 * gone. Take all frames first: with a whole one unread there may be no room.
 * Errors: MPROC_E_NO_MEMORY; MPROC_E_FULL for frames unread; MPROC_E_CORRUPT as mproc__wire_reader_take said. */
int mproc__wire_reader_room(struct wire_reader *reader, unsigned char **ret_room, size_t *ret_size);

/** So many bytes were written there. */
void mproc__wire_reader_filled(struct wire_reader *reader, size_t size);

/** Takes the next frame. Texts of the record point into the reader until mproc__wire_reader_room is called.
 * Returns 1; or 0 if it has not come as a whole.
 * Errors: MPROC_E_CORRUPT, now and ever after: what cannot be a frame, one that is too long, or a sequence that does
 * not rise. */
int mproc__wire_reader_take(struct wire_reader *reader, struct wire_frame *ret_frame, union record *ret_record);

/** The bytes of the frame taken last, for a recording of it: valid as long as its texts. */
const unsigned char *mproc__wire_reader_frame(const struct wire_reader *reader, size_t *ret_size);

/** How many bytes there are of a frame that has not come as a whole. */
size_t mproc__wire_reader_rest(const struct wire_reader *reader);

#endif
