/* Recordings: what a watched process has said, in a file.
 *
 * A recording is a header of 16 bytes (u64 RECORDING_MAGIC, u32 version, u32 size of the header) and then frames as
 * they came, the first of them a greeting. So what reads a connection reads a recording. There is no index and no end:
 * whatever stops the writing, the power for instance, what was written before is good, and the reader says where it was
 * cut short.
 *
 * One thread at a time per recording.
 */
#ifndef MPROC_TRACE_RECORDING_H
#define MPROC_TRACE_RECORDING_H

#include "platform.h"
#include "trace/wire_reader.h"
#include <stdbool.h>

#define RECORDING_MAGIC       0x434552434f52504dull /* "MPROCREC" */
#define RECORDING_VERSION     1u
#define RECORDING_HEADER_SIZE 16u

/* ---- Writing ---- */

/** Gathers up to so much before it writes, for so long at most if it is given frames, or asked, often enough. */
#define RECORDING_ROOM    (64u << 10)
#define RECORDING_WAIT_NS INT64_C(500000000)

struct recording_writer {
    platform_handle file;
    unsigned char *room;
    size_t used;
    int64_t written_ns; /**< when it wrote last */
    uint64_t written;   /**< bytes in the file */
    int code;           /**< 0, or why nothing more is written */
};

/** The bytes before the first frame, for who writes a recording by other means than these. */
void mproc__recording_header(unsigned char header[RECORDING_HEADER_SIZE]);

/** Begins a recording in a new file that only its user can read, with the greeting as it came.
 * Errors: MPROC_E_EXISTS; MPROC_E_NO_MEMORY; MPROC_E_OS. No file is left by them. */
int mproc__recording_create(struct recording_writer *ret_writer, const char *path, const unsigned char *greeting,
                            size_t size);

/** Adds frames as they came, any number of whole ones. It is written when there is enough, or when it is due.
 * Errors: MPROC_E_OS, of a full disk for instance, now and from then on: what there was room for, whole frames only, is
 * a good recording, and no more is to come. */
int mproc__recording_append(struct recording_writer *writer, const unsigned char *frames, size_t size);

/** Writes what was gathered, so that the file is good up to here whatever becomes of this process. Errors: as above. */
int mproc__recording_flush(struct recording_writer *writer);

/** When something is to be written that was gathered, by platform_now_ns; INT64_MAX if nothing was. */
int64_t mproc__recording_due_ns(const struct recording_writer *writer);
/** Writes what is due, for who gets no frame at the moment. Errors: as above. */
int mproc__recording_write_due(struct recording_writer *writer);

/** Flushes and closes. The writer is gone also after an error. Errors: as above. */
int mproc__recording_finish(struct recording_writer *writer);

/* ---- Reading ---- */

struct recording_reader {
    platform_handle file;
    struct wire_reader frames;
    struct wire_frame first;
    union record greeting; /**< its texts are good until the second record is taken */
    uint64_t size;         /**< bytes read */
    int64_t last_ns;       /**< when the frame taken last was written */
    bool is_begun;         /**< the greeting has been taken */
    bool is_cut;           /**< it ends in the midst of a frame: it was cut short, not long after last_ns */
};

/** Opens a recording and reads its beginning. The greeting is the first record to be taken, too. After an error there
 * is nothing to close, but it may be.
 * Errors: MPROC_E_CORRUPT if it is no recording; MPROC_E_NOT_SUPPORTED for one of a newer format;
 * MPROC_E_NO_MEMORY; MPROC_E_OS. */
int mproc__recording_open(struct recording_reader *ret_reader, const char *path);

/** Takes the next record. Its texts are good until the next call.
 * Returns 1; 0 at the end, also if it was cut short, and again whenever more may have been written since.
 * Errors: MPROC_E_CORRUPT, with the place; MPROC_E_NO_MEMORY; MPROC_E_OS. */
int mproc__recording_next(struct recording_reader *reader, struct wire_frame *ret_frame, union record *ret_record);

/** A second time nothing happens. */
void mproc__recording_close(struct recording_reader *reader);

#endif
