/* A recording of what comes from a process, as it comes. Whatever ends it, what was written before is good. */
#ifndef MPROC_WINDOW_RECORDER_H
#define MPROC_WINDOW_RECORDER_H

#include "trace/wire.h"
#include <stdbool.h>

struct recorder;

/** greeting: the frame with which the process has introduced itself, however long ago; it is copied. The file is made
 * when a snapshot begins; one that is there makes room. */
struct recorder *recorder_new(const char *path, const unsigned char *greeting, size_t size);

/** A whole frame, and its head. Frames before the first snapshot, and greetings, are none of this recording's; another
 * connection to the same process goes on behind the one before. Errors: MPROC_E_OS, MPROC_E_NO_MEMORY, with a text: no
 * more is to come. */
int recorder_take(struct recorder *recorder, const struct wire_frame *frame, const unsigned char *bytes);

/** Writes what has waited for long, for who gets no frame at the moment. Errors: as above. */
int recorder_write_due(struct recorder *recorder);

/** Whether a file was made. */
bool recorder_has_begun(const struct recorder *recorder);

/** Writes what is left, and frees it. NULL is allowed. Errors: as above, also where there is no file any more;
 * MPROC_E_END if no snapshot has come, and so there never was one. */
int recorder_end(struct recorder *recorder);

const char *recorder_path(const struct recorder *recorder);
uint64_t recorder_bytes(const struct recorder *recorder);

#endif
