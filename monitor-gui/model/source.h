/* Where records come from: a process that is watched, or a recording of one. Both begin with a greeting, and are read
 * in the same way; nothing here waits but source_connect.
 *
 * Errors have a text in mproc_last_error() that says what to do. One thread at a time per source.
 */
#ifndef MPROC_MODEL_SOURCE_H
#define MPROC_MODEL_SOURCE_H

#include "platform.h"
#include "trace/recording.h"

struct source;

/** How the text of MPROC_E_STATE begins where a process has sent this client away, its own words behind that: for want
 * of a place among those that watch it, and for another reason. */
#define SOURCE_IS_FULL "the process lets no more monitors in: "
#define SOURCE_REFUSES "the process refuses to be watched: "

/** Connects to a process and agrees with it on what it will tell: RECORD_WANTS_..., beside states. name: of this
 * program, for the process's log. stop: a handle that is ready when that is to be given up, or PLATFORM_NO_HANDLE.
 * Blocks until deadline_ns, on platform_now_ns.
 * Errors: MPROC_E_NOT_FOUND: no such process, or it publishes nothing; MPROC_E_FOREIGN: another user's;
 * MPROC_E_MISMATCH: it speaks another protocol; MPROC_E_TIMEOUT; MPROC_E_CANCELLED by stop; MPROC_E_CORRUPT;
 * MPROC_E_END: it went away; MPROC_E_STATE: it sent this client away, with its own words, or the directory in which it
 * would be is not this user's alone; MPROC_E_FULL: too many wait for it; MPROC_E_LIMIT: no descriptor is left;
 * MPROC_E_NO_MEMORY; MPROC_E_OS. */
int source_connect(int64_t pid, uint32_t wants, const char *name, platform_handle stop, int64_t deadline_ns,
                   struct source **ret_source);

/** The same with whoever is at an address, as platform_stream_connect_to has it. */
int source_connect_to(const char *address, uint32_t wants, const char *name, platform_handle stop, int64_t deadline_ns,
                      struct source **ret_source);

/** Opens a recording. Errors: MPROC_E_CORRUPT: it is none; MPROC_E_MISMATCH: it is of a newer protocol;
 * MPROC_E_NO_MEMORY; MPROC_E_OS. */
int source_open(const char *path, struct source **ret_source);

/** NULL is allowed. */
void source_close(struct source *source);

/** Gives the next record, the greeting first, and of a connection the answer to the hello next. Its texts, and its
 * bytes, are good until the next call. Its numbers can be counted with: see bounds.h.
 * Returns 1; or 0 if none is there now, never of a recording. Errors: MPROC_E_END: there will be no more;
 * MPROC_E_CORRUPT; MPROC_E_NO_MEMORY; MPROC_E_OS. */
int source_next(struct source *source, struct wire_frame *ret_frame, union record *ret_record);

/** The bytes of the last record, for a recording of it. */
const unsigned char *source_frame(const struct source *source, size_t *ret_size);

/** What to wait for, after source_next had none. Returns how many handles: none of a recording. */
int source_handles(const struct source *source, platform_handle ret_handles[2]);

bool source_is_live(const struct source *source);

/** The process at the other end of the connection, which need not be the one that is watched: it may be what leads to
 * another machine. 0: that is not known, or there is no connection. */
int64_t source_peer(const struct source *source);

/** A recording that ended in the midst of an event. */
bool source_is_cut(const struct source *source);

/** Frames that were dropped on the way here. */
uint64_t source_missed(const struct source *source);

/** Asks the process to do something; its answer comes as a record with that request. Blocks while the process takes
 * nothing, 1 s at most. control->request: a number of the caller's, or 0 for the next one. ret_request: its number.
 * Errors: MPROC_E_NOT_SUPPORTED by a recording; MPROC_E_TIMEOUT; MPROC_E_BROKEN_PIPE; MPROC_E_OS. */
int source_control(struct source *source, const struct record_control *control, uint32_t *ret_request);

/** Says to the process, instead of what was said when connecting, what it is to tell from now on: RECORD_WANTS_....
 * One whose greeting has no RECORD_CAN_WANT passes over it. Blocks, and errors: as source_control. */
int source_want(struct source *source, uint32_t wants);

/** Asks for the state of everything once more, from snapshot_begin to snapshot_end. Blocks, and errors: as
 * source_control. */
int source_resync(struct source *source);

#endif
