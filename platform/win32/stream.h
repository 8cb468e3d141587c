/* stream.h: streams, which are ends of named pipes in bytes, read and written by overlapped I/O alone.
 *
 * A read is always under way, into a buffer of the stream's, until something has come that was not given out yet; so
 * that its event says whether there is something. What is written is copied, and under way until the other end has
 * taken it, or the pipe has room for it.
 */
#ifndef MPROC_WIN32_STREAM_H
#define MPROC_WIN32_STREAM_H

#include "internal.h"

struct platform_stream {
    HANDLE pipe;
    int64_t peer;
    OVERLAPPED read, write; /**< each with an event of its own */
    bool reading, writing;  /**< under way */
    DWORD refusal;          /**< why no more can be read; 0: it can */
    DWORD at, end;          /**< what was read and not yet given out */
    char in[16384], out[65536];
};

/** Makes a stream of one end, which is the stream's from now on, and closed after an error. Errors: MPROC_E_NO_MEMORY;
 * MPROC_E_OS. */
int platform__stream_new(HANDLE pipe, int64_t peer, platform_stream **ret_stream);

/** Whether something can be read, or written, at once. */
bool platform__stream_is_readable(const platform_stream *stream);
bool platform__stream_is_writable(platform_stream *stream);

#endif
