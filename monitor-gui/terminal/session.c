#include "terminal/session.h"

#include "terminal/output.h"
#include <inttypes.h>

/* Taken at a time, before somebody looks at keys and clocks. */
#define BATCH 2000
/* Shares of CPU are of half a second. */
#define LOOK_NS INT64_C(700000000)
/* A snapshot takes longer only if the process cannot tell it at all. */
#define SNAPSHOT_NS INT64_C(10000000000)
#define HANDLES_MAX 4
/* The connections of a process that ends are closed before it has ended. */
#define ENDING_NS      INT64_C(500000000)
#define ENDING_LOOK_NS INT64_C(10000000)

int session_status(int code)
{
    switch (code) {
    case MPROC_E_NOT_FOUND:
    case MPROC_E_END:
        return EXIT_NOBODY;
    case MPROC_E_FOREIGN:
    case MPROC_E_STATE:
        return EXIT_REFUSED;
    case MPROC_E_MISMATCH:
        return EXIT_PROTOCOL;
    case MPROC_E_CORRUPT:
        return EXIT_CORRUPT;
    default:
        return EXIT_OTHER;
    }
}

static int complain(int code)
{
    output_complain("%s", mproc_last_code() == code ? mproc_last_error() : mproc_error_text(code));
    return session_status(code);
}

/* ---- Taking records ---- */

static int write_files(struct session *session)
{
    size_t size;
    const unsigned char *bytes = source_frame(session->source, &size);
    return files_take(&session->files, bytes, size, &session->held_frame, &session->held);
}

/* 1 taken, 0 nothing there now, or an error. */
static int take_next(struct session *session)
{
    int code = session->is_held ? 1 : source_next(session->source, &session->held_frame, &session->held);
    if (code <= 0)
        return code;
    session->is_held = session->held_frame.time_ns > session->until_ns && session->held_frame.type != RECORD_GREETING;
    if (session->is_held)
        return 0;
    code = model_take(session->model, &session->held_frame, &session->held);
    if (code == 0)
        code = write_files(session);
    if (code < 0)
        return code;
    if (session->on_record != NULL)
        session->on_record(session->user, &session->held_frame, &session->held);
    return 1;
}

/* A recording begins with the greeting, which is the first record. */
static int begin_files(struct session *session, const struct options *options)
{
    size_t size;
    int code = source_next(session->source, &session->held_frame, &session->held);
    if (code < 0)
        return code;
    session->is_held = true;
    const unsigned char *greeting = source_frame(session->source, &size);
    return files_begin(&session->files, options, greeting, size);
}

int session_begin(struct session *session, struct source *source, const struct options *options,
                  platform_handle interrupts, session_record_fn *on_record)
{
    *session = (struct session){ .source = source,
                                 .interrupts = interrupts,
                                 .on_record = on_record,
                                 .until_ns = INT64_MAX,
                                 .end_ns = INT64_MAX,
                                 .files = { .export_file = PLATFORM_NO_HANDLE } };
    if (options->duration_ns != INT64_MAX)
        session->end_ns = platform_now_ns() + options->duration_ns;
    if (model_create(NULL, &session->model) < 0) {
        output_complain("out of memory");
        return EXIT_OTHER;
    }
    int code = begin_files(session, options);
    if (code >= 0)
        code = take_next(session);
    return code < 0 ? complain(code) : EXIT_FINE;
}

static enum session_news failed(int code, int *ret_status)
{
    *ret_status = complain(code);
    return SESSION_FAILED;
}

static bool is_interrupted(struct session *session)
{
    return platform_interrupts_number() != 0 || platform_now_ns() >= session->end_ns;
}

static int64_t earliest(int64_t first_ns, int64_t second_ns, int64_t third_ns)
{
    int64_t earlier_ns = first_ns < second_ns ? first_ns : second_ns;
    return earlier_ns < third_ns ? earlier_ns : third_ns;
}

static void wait_for_more(struct session *session, platform_handle other, int64_t deadline_ns)
{
    platform_handle handles[HANDLES_MAX];
    unsigned char ready[HANDLES_MAX];
    size_t count = 0;
    if (!session->is_over)
        count = (size_t)source_handles(session->source, handles);
    if (session->interrupts != PLATFORM_NO_HANDLE)
        handles[count++] = session->interrupts;
    if (other != PLATFORM_NO_HANDLE)
        handles[count++] = other;
    platform_wait_handles(handles, count, earliest(deadline_ns, session->end_ns, files_due_ns(&session->files)), ready);
}

/* How many were taken, or an error. */
static int take_batch(struct session *session)
{
    int taken = 0;
    while (taken < BATCH) {
        int code = take_next(session);
        if (code == 0)
            break;
        if (code < 0)
            return taken > 0 && code == MPROC_E_END ? taken : code;
        taken++;
    }
    return taken;
}

/* Numbers of processes of another machine, or of another name space, say nothing here. */
static bool is_alive(const struct session *session)
{
    const struct record_greeting *greeting = &session->model->greeting;
    int64_t peer = source_peer(session->source);
    if (peer != 0 && peer != greeting->pid)
        return platform_is_alive(peer, 0);
    return platform_is_alive(greeting->pid, greeting->start_time);
}

/* Whether a connection ended though neither the process did nor its publishing. */
static bool is_lost(struct session *session)
{
    int64_t deadline_ns = platform_now_ns() + ENDING_NS;
    if (!source_is_live(session->source) || session->model->ended)
        return false;
    while (is_alive(session) && platform_now_ns() < deadline_ns)
        platform_wait_handles(NULL, 0, platform_now_ns() + ENDING_LOOK_NS, NULL);
    return is_alive(session);
}

enum session_news session_step(struct session *session, platform_handle other, int64_t deadline_ns, int *ret_status)
{
    int taken = session->is_over ? 0 : take_batch(session);
    if (is_interrupted(session))
        return SESSION_INTERRUPTED;
    if (source_is_live(session->source) && !session->is_over)
        model_tick(session->model, platform_now_ns());
    if (taken > 0)
        return SESSION_TOOK;
    if (taken == MPROC_E_END) {
        session->is_over = true;
        session->is_lost = is_lost(session);
        return SESSION_OVER;
    }
    if (taken == 0)
        taken = files_write_due(&session->files);
    if (taken < 0)
        return failed(taken, ret_status);
    if (platform_now_ns() >= deadline_ns)
        return SESSION_WAITED;
    wait_for_more(session, other, deadline_ns);
    return SESSION_TOOK;
}

/* Of a process: until the snapshot is whole, and then for a moment. */
static int64_t look_deadline(const struct session *session, int64_t begun_ns, int64_t whole_ns)
{
    if (!source_is_live(session->source))
        return INT64_MAX;
    return whole_ns != 0 ? whole_ns + LOOK_NS : begun_ns + SNAPSHOT_NS;
}

/* A look that ended before its time: of a recording that is all, of a process perhaps nothing. */
static int look_ended(const struct session *session, enum session_news news)
{
    if (session->model->whole || (news == SESSION_OVER && !source_is_live(session->source)))
        return EXIT_FINE;
    if (news == SESSION_INTERRUPTED)
        output_complain("interrupted before it had told its state");
    else
        output_complain("it ended before it had told its state");
    return news == SESSION_INTERRUPTED ? EXIT_OTHER : EXIT_NOBODY;
}

int session_look(struct session *session)
{
    int64_t begun_ns = platform_now_ns(), whole_ns = 0;
    int status = EXIT_OTHER;
    for (;;) {
        int64_t deadline_ns = look_deadline(session, begun_ns, whole_ns);
        enum session_news news = session_step(session, PLATFORM_NO_HANDLE, deadline_ns, &status);
        if (news == SESSION_FAILED)
            return status;
        if (news == SESSION_OVER || news == SESSION_INTERRUPTED)
            return look_ended(session, news);
        if (whole_ns == 0 && session->model->whole)
            whole_ns = platform_now_ns();
        if (platform_now_ns() >= look_deadline(session, begun_ns, whole_ns))
            break;
    }
    if (whole_ns != 0)
        return EXIT_FINE;
    output_complain("the process did not tell its state within 10 s: it is stopped, or very busy");
    return EXIT_OTHER;
}

/* ---- The end ---- */

int session_end(struct session *session, int status)
{
    int code = files_end(&session->files);
    if (code < 0 && status == EXIT_FINE)
        status = complain(code);
    source_close(session->source);
    model_free(session->model);
    return status;
}
