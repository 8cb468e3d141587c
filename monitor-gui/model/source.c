#include "model/source.h"

#include "base/error.h"
#include "model/bounds.h"
#include <stdlib.h>

#define SAY_WAIT_NS INT64_C(1000000000)

struct source {
    platform_stream *stream; /**< NULL of a recording */
    struct wire_reader frames;
    struct recording_reader recording;
    unsigned char *greeting; /**< as it came */
    size_t greeting_size;
    bool greeting_is_next, greeting_is_last;
    bool answer_is_next; /**< that to the hello: the frame that the reader has taken last */
    uint64_t sequence;   /**< of what was sent last */
    uint32_t request;
};

static int check_greeting(const struct wire_frame *frame, const union record *record)
{
    const struct record_greeting *greeting = &record->greeting;
    if (frame->type != RECORD_GREETING || greeting->magic != RECORD_MAGIC)
        return mproc__error(MPROC_E_CORRUPT, "it does not begin with a greeting: no mproc publishes this");
    if (greeting->least > RECORD_VERSION)
        return mproc__error(MPROC_E_MISMATCH,
                            "it speaks protocol %u, this monitor knows up to %u: use the mproc-monitor that came with "
                            "the program's mproc library",
                            (unsigned)greeting->version, RECORD_VERSION);
    return 0;
}

/* ---- A recording ---- */

/* Errors of the reader have their texts; this one has to be told from one of the system's. */
static int open_recording(struct source *source, const char *path)
{
    int code = mproc__recording_open(&source->recording, path);
    if (code == MPROC_E_NOT_SUPPORTED)
        return mproc__error(MPROC_E_MISMATCH, "%s: a newer mproc has written this recording; use its mproc-monitor",
                            path);
    if (code < 0)
        return code;
    return check_greeting(&source->recording.first, &source->recording.greeting);
}

int source_open(const char *path, struct source **ret_source)
{
    struct source *source = calloc(1, sizeof *source);
    if (source == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "for a recording");
    int code = open_recording(source, path);
    if (code < 0) {
        source_close(source);
        return code;
    }
    *ret_source = source;
    return 0;
}

void source_close(struct source *source)
{
    if (source == NULL)
        return;
    if (source->stream == NULL)
        mproc__recording_close(&source->recording);
    platform_stream_close(source->stream);
    mproc__wire_reader_free(&source->frames);
    free(source->greeting);
    free(source);
}

static int next_of_recording(struct source *source, struct wire_frame *ret_frame, union record *ret_record)
{
    int code = mproc__recording_next(&source->recording, ret_frame, ret_record);
    return code == 0 ? MPROC_E_END : code;
}

/* ---- A process ---- */

/* 1 if something was read. */
static int read_some(struct source *source)
{
    unsigned char *room;
    size_t size, got = 0;
    int code = mproc__wire_reader_room(&source->frames, &room, &size);
    if (code < 0)
        return mproc__error(code, "no room for what the process sends");
    code = platform_stream_read(source->stream, room, size, &got);
    if (code < 0)
        return code == MPROC_E_END ? code : mproc__error_platform(code, "reading what the process sends");
    mproc__wire_reader_filled(&source->frames, got);
    return got > 0;
}

static int next_of_stream(struct source *source, struct wire_frame *ret_frame, union record *ret_record)
{
    for (;;) {
        int code = mproc__wire_reader_take(&source->frames, ret_frame, ret_record);
        if (code < 0)
            return mproc__error(code, "what the process sends cannot be read any further");
        if (code == 1)
            return 1;
        code = read_some(source);
        if (code <= 0)
            return code;
    }
}

static bool is_ready(platform_handle handle)
{
    unsigned char ready = 0;
    return handle != PLATFORM_NO_HANDLE && platform_wait_handles(&handle, 1, 0, &ready) > 0;
}

static int wait_for_next(struct source *source, platform_handle stop, int64_t deadline_ns, struct wire_frame *ret_frame,
                         union record *ret_record)
{
    for (;;) {
        int code = next_of_stream(source, ret_frame, ret_record);
        if (code == MPROC_E_END)
            return mproc__error(MPROC_E_END, "the process closed the connection before it said anything");
        if (code != 0)
            return code;
        if (is_ready(stop))
            return mproc__error(MPROC_E_CANCELLED, "interrupted");
        if (platform_now_ns() >= deadline_ns)
            return mproc__error(MPROC_E_TIMEOUT,
                                "the process does not answer: it is stopped, very busy, or no mproc publishes there");
        platform_streams_wait(NULL, &source->stream, NULL, 1, stop, deadline_ns);
    }
}

static int write_all(struct source *source, const unsigned char *bytes, size_t size, int64_t deadline_ns)
{
    const bool wants_to_write = true;
    while (size > 0) {
        size_t done = 0;
        int code = platform_stream_write(source->stream, bytes, size, &done);
        if (code < 0)
            return mproc__error_platform(code, "writing to the process");
        bytes += done;
        size -= done;
        if (size == 0)
            break;
        if (platform_now_ns() >= deadline_ns)
            return mproc__error(MPROC_E_TIMEOUT, "the process takes nothing");
        platform_streams_wait(NULL, &source->stream, &wants_to_write, 1, PLATFORM_NO_HANDLE, deadline_ns);
    }
    return 0;
}

static int send(struct source *source, unsigned type, const void *record, int64_t deadline_ns)
{
    unsigned char bytes[WIRE_CLIENT_MAX];
    struct wire_frame frame = { .type = (uint16_t)type, .sequence = ++source->sequence, .time_ns = platform_now_ns() };
    size_t size = mproc__wire_encode(bytes, sizeof bytes, &frame, record);
    return write_all(source, bytes, size, deadline_ns);
}

/* It goes at the head of a recording, and is the first record that is given. */
static int keep_greeting(struct source *source)
{
    const unsigned char *bytes = mproc__wire_reader_frame(&source->frames, &source->greeting_size);
    source->greeting = malloc(source->greeting_size);
    if (source->greeting == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "for the greeting");
    memcpy(source->greeting, bytes, source->greeting_size);
    source->greeting_is_next = true;
    return 0;
}

/* For the process this monitor's protocol is not supported; here that is a mismatch, whoever of both has noticed. All
 * other reasons are the process's own, and not to be taken for a limit or a fault of this one. */
static int refused(const struct record_reject *reject)
{
    int code = reject->code == MPROC_E_NOT_SUPPORTED ? MPROC_E_MISMATCH : MPROC_E_STATE;
    const char *head = reject->code == MPROC_E_LIMIT ? SOURCE_IS_FULL : SOURCE_REFUSES;
    return mproc__error(code, "%s%.*s", head, (int)reject->text.size, reject->text.data);
}

static int greet(struct source *source, platform_handle stop, int64_t deadline_ns)
{
    struct wire_frame frame;
    union record record;
    int code = wait_for_next(source, stop, deadline_ns, &frame, &record);
    if (code < 0)
        return code;
    /* One that is full, or ends, may say that before anything else. */
    if (frame.type == RECORD_REJECT)
        return refused(&record.reject);
    code = check_greeting(&frame, &record);
    return code < 0 ? code : keep_greeting(source);
}

/* The first frame is the answer: to wait for one among others would never end with a peer that sends all the time. */
static int judge_answer(const struct wire_frame *frame, const union record *record)
{
    switch (frame->type) {
    case RECORD_ACCEPT:
        return 0;
    case RECORD_REJECT:
        return refused(&record->reject);
    case RECORD_ENDED:
        return mproc__error(MPROC_E_END, "the process stopped publishing just now");
    default:
        return mproc__error(MPROC_E_CORRUPT, "it does not answer a hello: no mproc publishes this");
    }
}

static int agree(struct source *source, uint32_t wants, const char *name, platform_handle stop, int64_t deadline_ns)
{
    struct record_hello hello = { RECORD_VERSION, wants, record_text_of(name) };
    struct wire_frame frame;
    union record record;
    int code = send(source, RECORD_HELLO, &hello, deadline_ns);
    if (code >= 0)
        code = wait_for_next(source, stop, deadline_ns, &frame, &record);
    if (code == 1)
        code = judge_answer(&frame, &record);
    source->answer_is_next = code == 0;
    return code;
}

/* The stream is the source's, also after an error. */
static int begin(platform_stream *stream, uint32_t wants, const char *name, platform_handle stop, int64_t deadline_ns,
                 struct source **ret_source)
{
    struct source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        platform_stream_close(stream);
        return mproc__error(MPROC_E_NO_MEMORY, "for a connection");
    }
    mproc__wire_reader_init(&source->frames, WIRE_FRAME_MAX);
    source->stream = stream;
    int code = greet(source, stop, deadline_ns);
    if (code == 0)
        code = agree(source, wants, name, stop, deadline_ns);
    if (code < 0)
        source_close(source);
    else
        *ret_source = source;
    return code;
}

int source_connect(int64_t pid, uint32_t wants, const char *name, platform_handle stop, int64_t deadline_ns,
                   struct source **ret_source)
{
    platform_stream *stream;
    int code = platform_stream_connect(pid, &stream);
    if (code < 0)
        return mproc__error_text(code, platform_error_text());
    return begin(stream, wants, name, stop, deadline_ns, ret_source);
}

int source_connect_to(const char *address, uint32_t wants, const char *name, platform_handle stop, int64_t deadline_ns,
                      struct source **ret_source)
{
    platform_stream *stream;
    int code = platform_stream_connect_to(address, &stream);
    if (code < 0)
        return mproc__error_text(code, platform_error_text());
    return begin(stream, wants, name, stop, deadline_ns, ret_source);
}

/* ---- Both ---- */

static int give_again(const unsigned char *bytes, size_t size, struct wire_frame *ret_frame, union record *ret_record)
{
    return mproc__wire_decode(bytes, size, ret_frame, ret_record) > 0 ? 1 : MPROC_E_CORRUPT;
}

static int give_greeting(struct source *source, struct wire_frame *ret_frame, union record *ret_record)
{
    source->greeting_is_next = false;
    source->greeting_is_last = true;
    return give_again(source->greeting, source->greeting_size, ret_frame, ret_record);
}

/* It has a number as all frames have, and would be missing in a recording. */
static int give_answer(struct source *source, struct wire_frame *ret_frame, union record *ret_record)
{
    size_t size;
    const unsigned char *bytes = mproc__wire_reader_frame(&source->frames, &size);
    source->answer_is_next = false;
    return give_again(bytes, size, ret_frame, ret_record);
}

static int give_next(struct source *source, struct wire_frame *ret_frame, union record *ret_record)
{
    if (source->greeting_is_next)
        return give_greeting(source, ret_frame, ret_record);
    source->greeting_is_last = false;
    if (source->answer_is_next)
        return give_answer(source, ret_frame, ret_record);
    if (source->stream == NULL)
        return next_of_recording(source, ret_frame, ret_record);
    return next_of_stream(source, ret_frame, ret_record);
}

int source_next(struct source *source, struct wire_frame *ret_frame, union record *ret_record)
{
    int code = give_next(source, ret_frame, ret_record);
    if (code == 1)
        bounds_apply(ret_frame, ret_record);
    return code;
}

const unsigned char *source_frame(const struct source *source, size_t *ret_size)
{
    if (source->stream == NULL)
        return mproc__wire_reader_frame(&source->recording.frames, ret_size);
    if (!source->greeting_is_last)
        return mproc__wire_reader_frame(&source->frames, ret_size);
    *ret_size = source->greeting_size;
    return source->greeting;
}

int source_handles(const struct source *source, platform_handle ret_handles[2])
{
    return source->stream == NULL ? 0 : platform_stream_handles(source->stream, ret_handles);
}

bool source_is_live(const struct source *source)
{
    return source->stream != NULL;
}

int64_t source_peer(const struct source *source)
{
    return source->stream == NULL ? 0 : platform_stream_peer(source->stream);
}

bool source_is_cut(const struct source *source)
{
    return source->stream == NULL && source->recording.is_cut;
}

uint64_t source_missed(const struct source *source)
{
    return source->stream == NULL ? source->recording.frames.missed : source->frames.missed;
}

static int say(struct source *source, unsigned type, const void *record)
{
    if (source->stream == NULL)
        return mproc__error(MPROC_E_NOT_SUPPORTED, "a recording cannot be told to do anything");
    return send(source, type, record, platform_now_ns() + SAY_WAIT_NS);
}

int source_control(struct source *source, const struct record_control *control, uint32_t *ret_request)
{
    struct record_control numbered = *control;
    if (numbered.request == 0)
        numbered.request = ++source->request;
    int code = say(source, RECORD_CONTROL, &numbered);
    if (code == 0)
        *ret_request = numbered.request;
    return code;
}

int source_want(struct source *source, uint32_t wants)
{
    return say(source, RECORD_WANTS, &(struct record_wants){ .wants = wants });
}

int source_resync(struct source *source)
{
    return say(source, RECORD_RESYNC, &(struct record_resync){ .reserved = 0 });
}
