/* stream.c: reading and writing.
 */
#include "stream.h"

#include <string.h>
#include <wchar.h>

static bool is_closed(DWORD error)
{
    return error == ERROR_BROKEN_PIPE || error == ERROR_PIPE_NOT_CONNECTED || error == ERROR_NO_DATA;
}

/** The system writes into the stream's memory until it says that it does no more. The event does not say so: it may be
 * set for the one before, of which another thread has seen that it was done somewhat earlier. */
static void cancel(platform_stream *stream, OVERLAPPED *overlapped)
{
    CancelIoEx(stream->pipe, overlapped);
    while (!HasOverlappedIoCompleted(overlapped)) {
        WaitForSingleObject(overlapped->hEvent, INFINITE);
        if (!HasOverlappedIoCompleted(overlapped))
            ResetEvent(overlapped->hEvent);
    }
}

/* ---- Reading ---- */

/** One that is done at once is as one that was under way: its event is set. */
static void start_read(platform_stream *stream)
{
    stream->reading = CALL(ReadFile, stream->pipe, stream->in, sizeof stream->in, NULL, &stream->read) ||
                      GetLastError() == ERROR_IO_PENDING;
    if (!stream->reading) {
        stream->refusal = GetLastError();
        SetEvent(stream->read.hEvent);
    }
}

/** Looks whether the read that is under way has ended. */
static void finish_read(platform_stream *stream)
{
    DWORD size = 0;
    bool done = GetOverlappedResult(stream->pipe, &stream->read, &size, FALSE);
    DWORD error = done ? ERROR_SUCCESS : GetLastError();
    if (error == ERROR_IO_INCOMPLETE)
        return;
    stream->reading = false;
    stream->at = 0;
    stream->end = done ? size : 0;
    /* The thread that had begun it has ended, and its reads with it; or somebody has written nothing. */
    if (error == ERROR_OPERATION_ABORTED || (done && size == 0))
        start_read(stream);
    else if (!done)
        stream->refusal = error;
}

bool platform__stream_is_readable(const platform_stream *stream)
{
    return stream->at < stream->end || stream->refusal != 0;
}

static int fail_read(const platform_stream *stream)
{
    return platform__fail_error(is_closed(stream->refusal) ? MPROC_E_END : MPROC_E_OS, "ReadFile", stream->refusal);
}

int platform_stream_read(platform_stream *stream, void *ret_bytes, size_t capacity, size_t *ret_size)
{
    if (stream->reading)
        finish_read(stream);
    if (capacity > 0 && stream->at == stream->end && stream->refusal != 0)
        return fail_read(stream);
    DWORD there = stream->end - stream->at;
    DWORD size = there < capacity ? there : (DWORD)capacity;
    memcpy(ret_bytes, stream->in + stream->at, size);
    stream->at += size;
    if (stream->at == stream->end && !stream->reading && stream->refusal == 0)
        start_read(stream);
    *ret_size = size;
    return 0;
}

/** Taken back, the read has ended, with what had come or with nothing; another one finds what has come since. */
void platform_stream_settle(platform_stream *stream)
{
    if (!stream->reading || HasOverlappedIoCompleted(&stream->read))
        return;
    cancel(stream, &stream->read);
    finish_read(stream);
}

/* ---- Writing ---- */

/** Returns why the last write has failed; 0: it has not. */
static DWORD finish_write(platform_stream *stream)
{
    DWORD size;
    if (!stream->writing)
        return 0;
    DWORD error = GetOverlappedResult(stream->pipe, &stream->write, &size, FALSE) ? 0 : GetLastError();
    if (error == ERROR_IO_INCOMPLETE)
        return 0;
    stream->writing = false;
    return error;
}

bool platform__stream_is_writable(platform_stream *stream)
{
    return !stream->writing || WaitForSingleObject(stream->write.hEvent, 0) == WAIT_OBJECT_0;
}

/** One that was cut off with its thread has come to nobody knows where. */
static int fail_write(DWORD error)
{
    bool closed = is_closed(error) || error == ERROR_OPERATION_ABORTED;
    return platform__fail_error(closed ? MPROC_E_BROKEN_PIPE : MPROC_E_OS, "WriteFile", error);
}

int platform_stream_write(platform_stream *stream, const void *bytes, size_t size, size_t *ret_size)
{
    DWORD taken = size < sizeof stream->out ? (DWORD)size : (DWORD)sizeof stream->out;
    DWORD error = finish_write(stream);
    if (error != 0)
        return fail_write(error);
    if (stream->writing)
        taken = 0;
    if (taken > 0) {
        memcpy(stream->out, bytes, taken);
        if (!CALL(WriteFile, stream->pipe, stream->out, taken, NULL, &stream->write) &&
            GetLastError() != ERROR_IO_PENDING)
            return fail_write(GetLastError());
        stream->writing = true;
        /* What there was room for is done already. One that fails is told of next time. */
        if (platform__stream_is_writable(stream) && (error = finish_write(stream)) != 0)
            return fail_write(error);
    }
    *ret_size = taken;
    return 0;
}

bool platform_stream_is_sent(platform_stream *stream)
{
    return finish_write(stream) != 0 || !stream->writing;
}

/* ---- Beginning and end ---- */

static void destroy(platform_stream *stream)
{
    if (stream->read.hEvent != NULL)
        CloseHandle(stream->read.hEvent);
    if (stream->write.hEvent != NULL)
        CloseHandle(stream->write.hEvent);
    CloseHandle(stream->pipe);
    free(stream);
}

int platform__stream_new(HANDLE pipe, int64_t peer, platform_stream **ret_stream)
{
    platform_stream *stream = CALL(malloc, sizeof *stream);
    if (stream == NULL) {
        CloseHandle(pipe);
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a stream");
    }
    *stream = (platform_stream){ .pipe = pipe, .peer = peer };
    stream->read.hEvent = CALL(CreateEventW, NULL, TRUE, FALSE, NULL);
    stream->write.hEvent = CALL(CreateEventW, NULL, TRUE, FALSE, NULL);
    if (stream->read.hEvent == NULL || stream->write.hEvent == NULL) {
        int code = platform__fail(MPROC_E_OS, "CreateEventW");
        destroy(stream);
        return code;
    }
    start_read(stream);
    *ret_stream = stream;
    return 0;
}

/* ---- What a child writes ---- */

/** With nobody between the two: only this process knows the name, and there is one instance. */
static int open_pipe(HANDLE *ret_reader, HANDLE *ret_writer)
{
    wchar_t name[96];
    uint64_t chance[2];
    int code = platform_random(chance, sizeof chance);
    if (code < 0)
        return code;
    swprintf(name, sizeof name / sizeof *name, L"\\\\.\\pipe\\mproc-output-%lu-%016llx%016llx",
             (unsigned long)GetCurrentProcessId(), (unsigned long long)chance[0], (unsigned long long)chance[1]);
    HANDLE reader =
        CALL(CreateNamedPipeW, name, PIPE_ACCESS_INBOUND | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
             PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS, 1, 0, 65536, 0, NULL);
    if (reader == INVALID_HANDLE_VALUE)
        return platform__fail(MPROC_E_OS, "CreateNamedPipeW");
    *ret_writer = CALL(CreateFileW, name, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    *ret_reader = reader;
    if (*ret_writer != INVALID_HANDLE_VALUE)
        return 0;
    code = platform__fail(MPROC_E_OS, "CreateFileW");
    CloseHandle(reader);
    return code;
}

int platform_stream_of_output(platform_stream **ret_stream, platform_handle *ret_writer)
{
    HANDLE reader = NULL, writer = NULL;
    int code = open_pipe(&reader, &writer);
    if (code < 0)
        return code;
    code = platform__stream_new(reader, 0, ret_stream);
    if (code < 0)
        CloseHandle(writer);
    else
        *ret_writer = (platform_handle)writer;
    return code;
}

/* ---- The end ---- */

void platform_stream_close(platform_stream *stream)
{
    if (stream == NULL)
        return;
    if (stream->reading)
        cancel(stream, &stream->read);
    if (stream->writing)
        cancel(stream, &stream->write);
    destroy(stream);
}

int64_t platform_stream_peer(const platform_stream *stream)
{
    return stream->peer;
}

int platform_stream_handles(const platform_stream *stream, platform_handle ret_handles[2])
{
    ret_handles[0] = (platform_handle)stream->read.hEvent;
    return 1;
}
