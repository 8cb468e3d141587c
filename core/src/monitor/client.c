/* Who has connected. */
#include "monitor/client.h"
#include "base/error.h"
#include "base/log.h"
#include "pool/observe.h"
#include "trace/utf8.h"
#include "trace/wire.h"
#include <inttypes.h>

/* What is read, and done, of one client in one look: he may say more than anybody should. */
#define HEARD_BYTES 4096
#define HEARD_WORDS 16
/* What is sent to one in one look. */
#define SENT_BYTES OUTBOX_SIZE

/* ---- Coming and going ---- */

int mproc__client_begin(struct client *client, platform_stream *stream, const struct card *card,
                        const struct client_limits *limits)
{
    int64_t now = platform_now_ns();
    const struct record_greeting greeting = mproc__card_greeting(card);
    *client = (struct client){
        .phase = CLIENT_GREETED, .stream = stream, .deadline_ns = now + limits->hello_ns, .taken_ns = now, .name = "?"
    };
    mproc__wire_reader_init(&client->reader, WIRE_CLIENT_MAX);
    int code = mproc__outbox_init(&client->outbox);
    if (code < 0)
        mproc__client_end(client);
    else
        mproc__outbox_word(&client->outbox, RECORD_GREETING, &greeting, now);
    return code;
}

void mproc__client_end(struct client *client)
{
    platform_stream_close(client->stream);
    mproc__wire_reader_free(&client->reader);
    mproc__outbox_free(&client->outbox);
    client->phase = CLIENT_NONE;
    client->wants = 0;
}

void mproc__client_dismiss(struct client *client, const struct client_limits *limits)
{
    client->phase = CLIENT_LEAVES;
    client->wants = 0;
    client->deadline_ns = platform_now_ns() + limits->leave_ns;
}

/* ---- What he says ---- */

static void say(struct client *client, enum record_type type, const void *record)
{
    mproc__outbox_word(&client->outbox, type, record, platform_now_ns());
}

static void reject(struct client *client, int code, const struct client_limits *limits)
{
    const struct record_reject record = { .code = code, .text = record_text_of(mproc_last_error()) };
    say(client, RECORD_REJECT, &record);
    mproc__client_dismiss(client, limits);
}

static int judge_hello(const struct record_hello *hello, bool full)
{
    if (hello->version < CARD_LEAST_VERSION || hello->version > RECORD_VERSION)
        return mproc__error(MPROC_E_NOT_SUPPORTED,
                            "version %" PRIu32
                            " of the protocol; mproc %s speaks %u to %u: use an mproc-monitor of its "
                            "age",
                            hello->version, mproc_version(), CARD_LEAST_VERSION, RECORD_VERSION);
    return full ? mproc__error(MPROC_E_LIMIT, "as many programs watch this process as may") : 0;
}

/* He names himself, and his name comes into the log, and so to a terminal perhaps. */
static void take_name(struct client *client, const struct record_text *name)
{
    size_t size = mproc__utf8_clean(client->name, sizeof client->name - 1, name->data, name->size);
    client->name[mproc__utf8_disarm(client->name, size)] = '\0';
}

static void take_hello(struct client *client, const struct record_hello *hello, bool full, int64_t interval_ns,
                       const struct client_limits *limits)
{
    int code = client->phase == CLIENT_GREETED ? judge_hello(hello, full)
                                               : mproc__error(MPROC_E_STATE, "hello was said before");
    if (code < 0) {
        reject(client, code, limits);
        return;
    }
    const struct record_accept record = { .interval_ns = interval_ns };
    take_name(client, &hello->name);
    client->phase = CLIENT_WATCHES;
    client->wants = hello->wants;
    client->asks = true;
    say(client, RECORD_ACCEPT, &record);
}

/* What is new to him he is told from its beginning, and the rest with it: that is what a snapshot is. */
static void take_wants(struct client *client, uint32_t wants)
{
    client->asks = client->asks || (wants & ~client->wants) != 0;
    client->wants = wants;
}

static const char *verb_name(unsigned verb)
{
    static const char *const names[] = { "nothing",          "pause",         "resume",        "resize",
                                         "restart a worker", "kill a worker", "cancel a task", "retry a task" };
    return names[verb < sizeof names / sizeof *names ? verb : 0];
}

/* Each deed is told in the log, as each that was refused: somebody else than the program wanted it. Among many tasks
 * one is looked for in more than one look. */
static void go_on(struct client *client)
{
    const struct record_control *control = &client->deed;
    struct record_reply reply = { .request = control->request };
    int code = mproc__observe_control(control, &client->search, &reply.task);
    client->has_deed = code == JOB_SEARCHES;
    if (client->has_deed)
        return;
    reply.code = code < 0 ? code : 0;
    reply.text = record_text_of(code < 0 ? mproc_last_error() : "done");
    if (code > 0)
        reply.text = record_text_of(code == MPROC_WAS_RUNNING ? "it was running" : "it had ended");
    say(client, RECORD_REPLY, &reply);
    mproc__log(MPROC_LOG_INFO, "%s (pid %lld) asked pool %" PRIu32 " to %s, worker %lld, task %llu, number %lld: %.*s",
               client->name, (long long)platform_stream_peer(client->stream), control->pool, verb_name(control->verb),
               (long long)control->worker, (unsigned long long)control->task, (long long)control->number,
               (int)reply.text.size, reply.text.data);
}

static void take_control(struct client *client, const struct record_control *control)
{
    client->deed = *control;
    client->search = (struct job_search){ .is_begun = false };
    go_on(client);
}

/* False: that is nothing for a client to say, now or ever. What this version does not know is passed over. */
static bool take(struct client *client, const struct wire_frame *frame, const union record *record, bool full,
                 int64_t interval_ns, const struct client_limits *limits)
{
    if (frame->type == RECORD_HELLO)
        take_hello(client, &record->hello, full, interval_ns, limits);
    else if (client->phase != CLIENT_WATCHES)
        return false;
    else if (frame->type == RECORD_RESYNC)
        client->asks = true;
    else if (frame->type == RECORD_CONTROL)
        take_control(client, &record->control);
    else if (frame->type == RECORD_WANTS)
        take_wants(client, record->wants.wants);
    return true;
}

/* Whether he is still to be heard. */
static bool read_some(struct client *client)
{
    unsigned char *room;
    size_t size;
    if (mproc__wire_reader_room(&client->reader, &room, &size) < 0)
        return false;
    int code = platform_stream_read(client->stream, room, size < HEARD_BYTES ? size : HEARD_BYTES, &size);
    if (code == 0)
        mproc__wire_reader_filled(&client->reader, size);
    return code == 0;
}

/* What he had asked for comes before what else he says. False if there is no time for that in this look. */
static bool is_free(struct client *client, int64_t until_ns)
{
    if (!client->has_deed)
        return true;
    go_on(client);
    return !client->has_deed && platform_now_ns() < until_ns;
}

/* What he asks for may take its time, of which there is so much for all: what comes after it is heard the next time. */
void mproc__client_hear(struct client *client, bool full, int64_t interval_ns, int64_t until_ns,
                        const struct client_limits *limits)
{
    struct wire_frame frame;
    union record record;
    int code = 0;
    bool good = true;
    if (client->phase == CLIENT_LEAVES || !is_free(client, until_ns))
        return;
    for (int i = 0; good && !client->has_deed && i < HEARD_WORDS && client->phase != CLIENT_LEAVES; i++) {
        code = mproc__wire_reader_take(&client->reader, &frame, &record);
        if (code <= 0)
            break;
        good = take(client, &frame, &record, full, interval_ns, limits);
        if (platform_now_ns() >= until_ns)
            break;
    }
    if (code == 0 && good)
        good = read_some(client);
    if (!good || code < 0)
        mproc__client_end(client);
}

/* ---- What he is told ---- */

static int send_some(struct client *client, int64_t now)
{
    const unsigned char *bytes;
    size_t size, went, sum = 0;
    while (sum < SENT_BYTES && (size = mproc__outbox_next(&client->outbox, &bytes)) > 0) {
        int code = platform_stream_write(client->stream, bytes, size, &went);
        if (code < 0)
            return code;
        if (went == 0)
            return 0;
        mproc__outbox_went(&client->outbox, went);
        client->taken_ns = now;
        sum += went;
    }
    return 0;
}

static bool is_over(const struct client *client, int64_t now, const struct client_limits *limits)
{
    bool empty = client->outbox.used == 0;
    if (client->phase == CLIENT_LEAVES)
        return (empty && platform_stream_is_sent(client->stream)) || now > client->deadline_ns;
    if (client->phase == CLIENT_GREETED && now > client->deadline_ns)
        return true;
    return !empty && now > client->taken_ns + limits->stuck_ns;
}

void mproc__client_serve(struct client *client, const struct client_limits *limits)
{
    int64_t now = platform_now_ns();
    mproc__outbox_tell_losses(&client->outbox, now);
    if (client->outbox.used == 0)
        client->taken_ns = now;
    if (send_some(client, now) < 0 || is_over(client, now, limits))
        mproc__client_end(client);
}
