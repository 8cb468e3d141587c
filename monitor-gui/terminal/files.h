/* The files that a watching writes on the way: a recording, an export, both or none. They are new files: one that is
 * there already is somebody's.
 */
#ifndef MPROC_MONITOR_FILES_H
#define MPROC_MONITOR_FILES_H

#include "model/export.h"
#include "terminal/options.h"
#include "trace/recording.h"

struct files {
    const char *record_path, *export_path;
    bool is_recording;
    struct recording_writer recorder;
    struct export *export;
    platform_handle export_file;
    uint64_t exported; /**< bytes that are in it */
};

/** Makes those that the options ask for. greeting: of a recording the first record, as it came. Returns 0; or an error,
 * with a text in mproc_last_error, and none is there. */
int files_begin(struct files *ret_files, const struct options *options, const unsigned char *greeting, size_t size);

/** Takes a record, as it came and as it was read; the greeting too. Returns 0 or an error, with a text. */
int files_take(struct files *files, const unsigned char *bytes, size_t size, const struct wire_frame *frame,
               const union record *record);

/** When there is something to be written that was gathered for too long; INT64_MAX: nothing. */
int64_t files_due_ns(const struct files *files);

/** Writes it, if that time has come, so that a recording is good up to half a second ago whatever becomes of this program.
 * Returns 0 or an error, with a text. */
int files_write_due(struct files *files);

/** Writes the rest and closes them, also after an error. An export in which nothing is, as there was no room, is
 * removed. Returns 0 or an error, with a text. */
int files_end(struct files *files);

#endif
