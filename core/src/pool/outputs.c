#include "pool/outputs.h"
#include "base/error.h"
#include <stdlib.h>
#include <string.h>

/* Room for what was read and not yet passed on. The thread reads up to half of it; the rest is for what is found in the
 * pipe of a dead worker, which may be as much as a pipe holds. */
#define ROOM_BYTES  131072u
#define PIECE_BYTES 512u
/* For so long after a look there will be another one, however busy the machine is. What is kept for it is small. */
#define WATCHED_NS INT64_C(10000000000)
/* So often at least the thread looks: the program may have closed the event under it. */
#define LOOK_NS  1000000000
#define RETRY_NS 10000000
/* At the pool's end, of a pipe into which something that outlives it writes on and on. */
#define LAST_ROUNDS 32

struct output {
    struct output *next;
    struct outputs *outputs;
    platform_stream *stream;
    int worker;
    int64_t pid;
    bool is_over;  /* the worker has ended */
    bool at_end;   /* of the pipe */
    bool is_empty; /* when the thread last looked */
    uint64_t total, told;
    int64_t last_ns;              /* when the last of it came */
    char tail[OUTPUT_TAIL_BYTES]; /* byte number n of all is at n modulo the size */
    size_t size;
    char *bytes;
};

struct outputs {
    platform_mutex lock;
    platform_thread *thread;
    platform_handle wake;
    platform_mark wake_mark;
    bool is_ending;
    struct output *first;
    size_t count;
    int64_t looked_ns; /* when somebody last looked */
    char *bytes;       /* the thread's: what it writes */
};

/* ---- Reading ---- */

static void keep(struct output *output, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        output->tail[(output->total + i) % OUTPUT_TAIL_BYTES] = bytes[i];
    output->total += size;
    output->last_ns = platform_now_ns();
}

/* Up to so many bytes are there afterwards. An error of the pipe is its end: nothing can be read any more. is_all: all
 * that its worker, which has ended, has written is wanted. */
static void read_up_to(struct output *output, size_t limit, bool is_all)
{
    while (!output->at_end && output->size < limit) {
        size_t size = 0;
        if (is_all)
            platform_stream_settle(output->stream);
        output->at_end =
            platform_stream_read(output->stream, output->bytes + output->size, limit - output->size, &size) < 0;
        if (output->at_end || size == 0)
            return;
        keep(output, output->bytes + output->size, size);
        output->size += size;
    }
}

static size_t copy_last(const struct output *output, uint64_t from, char *to)
{
    size_t size = (size_t)(output->total - from);
    for (size_t i = 0; i < size; i++)
        to[i] = output->tail[(from + i) % OUTPUT_TAIL_BYTES];
    return size;
}

static uint64_t oldest_kept(const struct output *output)
{
    return output->total < OUTPUT_TAIL_BYTES ? 0 : output->total - OUTPUT_TAIL_BYTES;
}

/* What has its number now may be a file of the program's. */
static bool has_wake(const struct outputs *outputs)
{
    return platform_handle_is(outputs->wake, &outputs->wake_mark);
}

static void wake_thread(const struct outputs *outputs)
{
    if (has_wake(outputs))
        platform_event_set(outputs->wake);
}

size_t mproc__output_tail(struct output *output, char ret_text[OUTPUT_TAIL_BYTES])
{
    platform_mutex_lock(&output->outputs->lock);
    read_up_to(output, ROOM_BYTES, true);
    size_t size = copy_last(output, oldest_kept(output), ret_text);
    platform_mutex_unlock(&output->outputs->lock);
    wake_thread(output->outputs);
    return size;
}

/* ---- The thread ---- */

/* Its tail stays. */
static void close_pipe(struct output *output)
{
    platform_stream_close(output->stream);
    free(output->bytes);
    output->stream = NULL;
    output->bytes = NULL;
    output->at_end = true;
}

static void destroy(struct output *output)
{
    close_pipe(output);
    free(output);
}

/* Writes what has come from one worker, without the lock: the output stays, since nobody but this thread destroys one.
 */
static void pass_on(struct outputs *outputs, struct output *output)
{
    read_up_to(output, ROOM_BYTES / 2, output->is_over);
    size_t size = output->size;
    output->is_empty = output->at_end || size < ROOM_BYTES / 2;
    if (size == 0)
        return;
    memcpy(outputs->bytes, output->bytes, size);
    output->size = 0;
    platform_mutex_unlock(&outputs->lock);
    platform_write_stderr(outputs->bytes, size);
    platform_mutex_lock(&outputs->lock);
}

/* Whether its worker has ended, and nothing more will come. */
static bool is_done(const struct outputs *outputs, const struct output *output)
{
    return output->size == 0 && output->is_over && (output->at_end || (outputs->is_ending && output->is_empty));
}

/* Those that begin meanwhile are put before the first, and so do not matter here. */
static void pass_on_all(struct outputs *outputs)
{
    for (struct output *output = outputs->first; output != NULL; output = output->next)
        pass_on(outputs, output);
}

/* What the last words were somebody may be about to fetch, and at the end whoever ends it. */
static bool is_wanted(const struct outputs *outputs, const struct output *output)
{
    bool is_watched = outputs->is_ending || platform_now_ns() - outputs->looked_ns < WATCHED_NS;
    return is_watched && output->told < output->total;
}

/* Whether any is left that is not done. */
static bool destroy_done(struct outputs *outputs, bool all)
{
    struct output **place = &outputs->first;
    bool any = false;
    while (*place != NULL) {
        struct output *output = *place;
        bool done = all || is_done(outputs, output);
        any = any || !done;
        if (done)
            close_pipe(output);
        if (!done || is_wanted(outputs, output)) {
            place = &output->next;
            continue;
        }
        *place = output->next;
        outputs->count--;
        destroy(output);
    }
    return any;
}

/* The handles to wait for, the event first. Those of a pipe at its end would be ready all the time. */
static size_t list_handles(const struct outputs *outputs, platform_handle *ret_handles)
{
    size_t count = 0;
    ret_handles[count++] = outputs->wake;
    for (const struct output *output = outputs->first; output != NULL; output = output->next)
        if (!output->at_end)
            count += (size_t)platform_stream_handles(output->stream, &ret_handles[count]);
    return count;
}

/* Returns whether the event is lost: then what has its number may be ready all the time. */
static bool wait_for_any(const struct outputs *outputs, const platform_handle *handles, size_t count,
                         unsigned char *ready)
{
    if (platform_wait_handles(handles, count, platform_now_ns() + LOOK_NS, ready) < 0)
        return true;
    if (!ready[0])
        return false;
    if (!has_wake(outputs))
        return true;
    platform_event_clear(outputs->wake);
    return false;
}

static void wait_for_more(struct outputs *outputs)
{
    size_t room = 2 * outputs->count + 2;
    platform_handle *handles = malloc(room * sizeof *handles);
    unsigned char *ready = calloc(room, 1);
    size_t count = handles != NULL ? list_handles(outputs, handles) : 0;
    platform_mutex_unlock(&outputs->lock);
    /* Without memory for the question, or the event: in a while, perhaps. */
    if (handles == NULL || ready == NULL || wait_for_any(outputs, handles, count, ready))
        platform_streams_wait(NULL, NULL, NULL, 0, PLATFORM_NO_HANDLE, platform_now_ns() + RETRY_NS);
    platform_mutex_lock(&outputs->lock);
    free(handles);
    free(ready);
}

static void serve(void *argument)
{
    struct outputs *outputs = argument;
    platform_mutex_lock(&outputs->lock);
    while (!outputs->is_ending) {
        pass_on_all(outputs);
        destroy_done(outputs, false);
        if (!outputs->is_ending)
            wait_for_more(outputs);
    }
    bool any = true;
    for (int rounds = 0; any; rounds++) {
        pass_on_all(outputs);
        any = destroy_done(outputs, rounds == LAST_ROUNDS);
    }
    platform_mutex_unlock(&outputs->lock);
}

/* ---- Beginning and end ---- */

int mproc__outputs_new(struct outputs **ret_outputs)
{
    struct outputs *outputs = calloc(1, sizeof *outputs);
    if (outputs == NULL || (outputs->bytes = malloc(ROOM_BYTES)) == NULL) {
        free(outputs);
        return mproc__error(MPROC_E_NO_MEMORY, "the output of workers");
    }
    platform_mutex_init(&outputs->lock);
    outputs->wake = PLATFORM_NO_HANDLE;
    /* Somebody may be about to look for the first time. */
    outputs->looked_ns = platform_now_ns();
    int code = platform_event_create(&outputs->wake);
    platform_handle_mark(outputs->wake, &outputs->wake_mark);
    if (code == 0)
        code = platform_thread_start(serve, outputs, "mproc-output", &outputs->thread);
    if (code < 0) {
        platform_handle_close(outputs->wake);
        free(outputs->bytes);
        free(outputs);
        return mproc__error_platform(code, "the thread that passes on the output of workers");
    }
    *ret_outputs = outputs;
    return 0;
}

void mproc__outputs_end(struct outputs *outputs)
{
    if (outputs == NULL)
        return;
    platform_mutex_lock(&outputs->lock);
    outputs->is_ending = true;
    platform_mutex_unlock(&outputs->lock);
    wake_thread(outputs);
    platform_thread_join(outputs->thread);
}

void mproc__outputs_free(struct outputs *outputs)
{
    struct output *output;
    if (outputs == NULL)
        return;
    while ((output = outputs->first) != NULL) {
        outputs->first = output->next;
        destroy(output);
    }
    platform_handle_close_marked(outputs->wake, &outputs->wake_mark);
    platform_mutex_destroy(&outputs->lock);
    free(outputs->bytes);
    free(outputs);
}

static void add(struct outputs *outputs, struct output *output)
{
    platform_mutex_lock(&outputs->lock);
    output->next = outputs->first;
    outputs->first = output;
    outputs->count++;
    platform_mutex_unlock(&outputs->lock);
    wake_thread(outputs);
}

int mproc__output_begin(struct outputs *outputs, int worker, struct output **ret_output, platform_handle *ret_writer)
{
    struct output *output = calloc(1, sizeof *output);
    if (output == NULL || (output->bytes = malloc(ROOM_BYTES)) == NULL) {
        free(output);
        return mproc__error(MPROC_E_NO_MEMORY, "the output of a worker");
    }
    output->outputs = outputs;
    output->worker = worker;
    int code = platform_stream_of_output(&output->stream, ret_writer);
    if (code < 0) {
        destroy(output);
        return mproc__error_platform(code, "a pipe for the output of a worker");
    }
    add(outputs, output);
    *ret_output = output;
    return 0;
}

void mproc__output_name(struct output *output, int64_t pid)
{
    platform_mutex_lock(&output->outputs->lock);
    output->pid = pid;
    platform_mutex_unlock(&output->outputs->lock);
}

void mproc__output_end(struct output *output)
{
    if (output == NULL)
        return;
    struct outputs *outputs = output->outputs;
    platform_mutex_lock(&outputs->lock);
    output->is_over = true;
    platform_mutex_unlock(&outputs->lock);
    wake_thread(outputs);
}

/* ---- For whoever watches ---- */

static void tell_piece(const struct output *output, uint32_t pool, const char *text, size_t size, output_sink *sink,
                       void *user)
{
    const struct record_output record = { .time_ns = output->last_ns,
                                          .pool = pool,
                                          .worker = output->worker,
                                          .pid = output->pid,
                                          .text = { text, (uint32_t)size } };
    sink(user, RECORD_OUTPUT, &record);
}

static void tell_lost(const struct output *output, uint32_t pool, uint64_t bytes, output_sink *sink, void *user)
{
    const struct record_lost record = { .kind = RECORD_CLASS_LOG,
                                        .count = (bytes + PIECE_BYTES - 1) / PIECE_BYTES,
                                        .from_ns = output->last_ns,
                                        .to_ns = output->last_ns,
                                        .pool = pool,
                                        .worker = output->worker };
    sink(user, RECORD_LOST, &record);
}

/* A piece ends with its line, if it has one. */
static size_t piece_of(const char *text, size_t size)
{
    size_t most = size < PIECE_BYTES ? size : PIECE_BYTES;
    const char *end = memchr(text, '\n', most);
    return end != NULL ? (size_t)(end - text) + 1 : most;
}

static void tell(struct output *output, uint32_t pool, output_sink *sink, void *user)
{
    char text[OUTPUT_TAIL_BYTES];
    uint64_t from = oldest_kept(output);
    if (from > output->told)
        tell_lost(output, pool, from - output->told, sink, user);
    size_t size = copy_last(output, from > output->told ? from : output->told, text);
    for (size_t at = 0, piece; at < size; at += piece) {
        piece = piece_of(text + at, size - at);
        tell_piece(output, pool, text + at, piece - (text[at + piece - 1] == '\n'), sink, user);
    }
    output->told = output->total;
}

void mproc__outputs_observe(struct outputs *outputs, uint32_t pool, output_sink *sink, void *user)
{
    if (outputs == NULL)
        return;
    platform_mutex_lock(&outputs->lock);
    outputs->looked_ns = platform_now_ns();
    for (struct output *output = outputs->first; output != NULL; output = output->next)
        if (output->told < output->total)
            tell(output, pool, sink, user);
    platform_mutex_unlock(&outputs->lock);
}
