/* What workers write to their standard error, on its way through their parent (option monitor_output).
 *
 * Each worker's stderr is a pipe. One thread per pool reads them all and writes what comes to this process's stderr, as
 * it came; it is held up by that as any writer is, and then the pipes fill, and workers wait that write more, and
 * nobody else. The last 4 KiB of each worker are kept.
 *
 * What a worker had written before its death is in its pipe then, so whoever has heard of the death finds all of it by
 * reading until there is nothing. Processes that it has left behind may keep the pipe open: it is read until they close
 * it too, or the pool is freed, and nobody waits for that.
 *
 * Everything is under a lock of its own, which nobody holds while he writes or waits.
 */
#ifndef MPROC_POOL_OUTPUTS_H
#define MPROC_POOL_OUTPUTS_H

#include "platform.h"
#include "trace/record.h"

#define OUTPUT_TAIL_BYTES 4096u

/** Is given one record, as observe_sink is. */
typedef void output_sink(void *user, enum record_type type, const void *record);

struct output;  /**< of one worker, in one life */
struct outputs; /**< of a pool */

/** Begins with a thread and no worker. Errors: MPROC_E_NO_MEMORY, MPROC_E_OS. */
int mproc__outputs_new(struct outputs **ret_outputs);

/** Passes on what there is, and ends the thread. All outputs have ended. Blocks as stderr does. NULL is allowed, here
 * and below. */
void mproc__outputs_end(struct outputs *outputs);
/** Afterwards; what was not told by then is told to nobody. */
void mproc__outputs_free(struct outputs *outputs);

/** Makes the pipe of a worker that is about to be started. ret_writer: its end, the caller's to close.
 * Errors: MPROC_E_NO_MEMORY, MPROC_E_OS. */
int mproc__output_begin(struct outputs *outputs, int worker, struct output **ret_output, platform_handle *ret_writer);

/** It is that process. */
void mproc__output_name(struct output *output, int64_t pid);

/** Takes what there is in the pipe, for the thread to pass on, and gives the last of what has come. Never blocks.
 * Returns the size. */
size_t mproc__output_tail(struct output *output, char ret_text[OUTPUT_TAIL_BYTES]);

/** The worker has ended, or has never begun: the output is the thread's alone. NULL is allowed. */
void mproc__output_end(struct output *output);

/** Gives the sink, as output records, what has come since the last call; of more than the tail that is kept, a lost
 * record and the rest. */
void mproc__outputs_observe(struct outputs *outputs, uint32_t pool, output_sink *sink, void *user);

#endif
