/* The start of a child, as it and its parent tell each other.
 *
 * The handshake is the word child_boot.state. It leaves STARTING once, by compare-and-exchange: to READY or FAILED
 * by the child, or to DIED by the parent's exit callback, so that an answer and a death cannot overwrite each other.
 */
#ifndef MPROC_PROCESS_HANDSHAKE_H
#define MPROC_PROCESS_HANDSHAKE_H

#include "process/boot_layout.h"
#include "process/segment.h"

/* ---- In the parent ---- */

/** Waits until the child is ready. Errors: what the child said; MPROC_E_START_FAILED, with how it died; MPROC_E_TIMEOUT. The
 * caller kills and frees the process after an error. */
int mproc__child_await(struct child_segment *segment, int64_t deadline_ns);

/** For exit callbacks: ends the handshake if it was under way, and keeps how the child ended for whoever awaits it. The
 * slot's death is reported by mproc__child_release. */
void mproc__child_exited(struct child_segment *segment, platform_exit how);

/* ---- In the child ---- */

/** Says READY, once. */
void mproc__child_ready(struct child_boot *boot);

/** Says FAILED with the code and the text of this thread's last error, and ends the process. Stdio is flushed first;
 * exit handlers do not run. */
_Noreturn void mproc__child_fail(struct child_boot *boot, int code);

/** The same if the code is one of an error. */
void mproc__child_require(struct child_boot *boot, int code);

#endif
