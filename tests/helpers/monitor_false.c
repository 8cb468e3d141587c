/* Publishes what no mproc does: monitor_false WHAT. It says "ready" once it can be found, answers one client, and ends
 * with its standard input.
 *
 *     silent   accepts nobody
 *     garbage  greets with what is no frame
 *     half     greets by half, and closes the connection
 *     later    greets with a protocol that is to come
 *     reject   sends the client away, with a text that a terminal would obey
 *     full     sends the client away, because there are others
 *     flood    never answers a hello, but never stops sending
 *     close    accepts the client, and closes the connection
 *     told     the same, once it has told all that there is
 *     damage   the same, and then what is no frame
 *     cut      the same, and then half a frame, and closes the connection
 *     deluge   the same, and then lines without end
 *     pools    tells of a pool that is gone and of two that are there, and keeps the connection
 *     extremes tells of a pool in numbers that nobody can add, and keeps the connection
 *
 * With "again" behind it, it does so with each client that comes, until its standard input ends. */
#include "extremes.h"
#include "platform.h"
#include "trace/trace.h"
#include <mproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A_MOMENT_NS INT64_C(10000000)

static platform_stream *stream;
static bool is_closed;

static int64_t in_a_moment(void)
{
    return platform_now_ns() + A_MOMENT_NS;
}

static void must(int code, const char *what)
{
    if (code >= 0)
        return;
    fprintf(stderr, "%s: %s\n", what, platform_error_text());
    exit(1);
}

static void send_bytes(const unsigned char *bytes, size_t size)
{
    size_t done = 0;
    for (size_t at = 0; at < size && !is_closed; at += done)
        if (platform_stream_write(stream, bytes + at, size - at, &done) < 0)
            is_closed = true;
}

/* parts: 1 for all of it, 2 for half. */
static void say_part_at(unsigned type, const void *record, size_t parts, int64_t time_ns)
{
    unsigned char bytes[4096];
    static uint64_t sequence;
    struct wire_frame frame = { .type = (uint16_t)type, .sequence = ++sequence, .time_ns = time_ns };
    send_bytes(bytes, mproc__wire_encode(bytes, sizeof bytes, &frame, record) / parts);
}

static void say_part(unsigned type, const void *record, size_t parts)
{
    say_part_at(type, record, parts, platform_now_ns());
}

static void say(unsigned type, const void *record)
{
    say_part(type, record, 1);
}

static void say_at(unsigned type, const void *record, int64_t time_ns)
{
    say_part_at(type, record, 1, time_ns);
}

static void say_no_frame(void)
{
    unsigned char bytes[100];
    memset(bytes, 0xff, sizeof bytes);
    send_bytes(bytes, sizeof bytes);
}

static void greet(uint32_t version, size_t parts)
{
    platform_identity self;
    platform_self_identity(&self);
    say_part(RECORD_GREETING,
             &(struct record_greeting){ .magic = RECORD_MAGIC,
                                        .version = version,
                                        .least = version,
                                        .pid = self.pid,
                                        .start_time = self.start_time,
                                        .now_ns = platform_now_ns() },
             parts);
}

/* False if the client has gone. */
static bool hear_hello(void)
{
    unsigned char bytes[4096];
    size_t got = 0;
    int code = 0;
    while (got == 0 && code == 0) {
        platform_streams_wait(NULL, &stream, NULL, 1, PLATFORM_NO_HANDLE, in_a_moment());
        code = platform_stream_read(stream, bytes, sizeof bytes, &got);
    }
    return code == 0;
}

static void tell_pool(uint32_t number, unsigned phase, const char *name)
{
    say(RECORD_POOL,
        &(struct record_pool){ .pool = number, .phase = (uint8_t)phase, .control = 1, .name = record_text_of(name) });
}

static void tell(bool with_pools)
{
    static const unsigned char none[8];
    say(RECORD_SNAPSHOT_BEGIN, none);
    if (with_pools) {
        tell_pool(7, RECORD_PHASE_GONE, "old");
        tell_pool(8, RECORD_PHASE_OPEN, "first");
        tell_pool(9, RECORD_PHASE_OPEN, "second");
    }
    say(RECORD_SNAPSHOT_END, none);
}

static void accept_client(bool with_pools)
{
    say(RECORD_ACCEPT, &(struct record_accept){ .interval_ns = A_MOMENT_NS });
    tell(with_pools);
}

static const struct record_cost COST;

static void say_without_end(unsigned type, const void *record)
{
    while (!is_closed)
        say(type, record);
}

/* After them everything is told. */
static void accept_with_extremes(void)
{
    static const unsigned char none[8];
    say(RECORD_ACCEPT, &(struct record_accept){ .interval_ns = INT64_MAX });
    say(RECORD_SNAPSHOT_BEGIN, none);
    extremes_tell(say_at);
    say(RECORD_SNAPSHOT_END, none);
}

static void answer(const char *what)
{
    if (strcmp(what, "reject") == 0)
        say(RECORD_REJECT, &(struct record_reject){ .code = MPROC_E_NOT_SUPPORTED,
                                                    .text = record_text_of("another version\x1b[31m, use that") });
    else if (strcmp(what, "full") == 0)
        say(RECORD_REJECT,
            &(struct record_reject){ .code = MPROC_E_LIMIT, .text = record_text_of("there are others") });
    else if (strcmp(what, "flood") == 0)
        say_without_end(RECORD_COST, &COST);
    else if (strcmp(what, "close") == 0)
        say(RECORD_ACCEPT, &(struct record_accept){ .interval_ns = A_MOMENT_NS });
    else if (strcmp(what, "extremes") == 0)
        accept_with_extremes();
    else
        accept_client(strcmp(what, "pools") == 0);
    if (strcmp(what, "damage") == 0)
        say_no_frame();
    else if (strcmp(what, "cut") == 0)
        say_part(RECORD_COST, &COST, 2);
    else if (strcmp(what, "deluge") == 0)
        say_without_end(RECORD_LOG, &(struct record_log){ .level = 20, .text = record_text_of("a line of many") });
}

static void talk(const char *what)
{
    if (strcmp(what, "garbage") == 0)
        say_no_frame();
    else if (strcmp(what, "half") == 0)
        greet(RECORD_VERSION, 2);
    else
        greet(strcmp(what, "later") == 0 ? 99 : RECORD_VERSION, 1);
    if (strcmp(what, "half") == 0)
        return;
    if (hear_hello())
        answer(what);
}

static void wait_for_client(platform_endpoint *endpoint)
{
    while (stream == NULL) {
        platform_streams_wait(endpoint, NULL, NULL, 0, PLATFORM_NO_HANDLE, in_a_moment());
        must(platform_endpoint_accept(endpoint, &stream), "accepting");
    }
}

static void serve(platform_endpoint *endpoint, const char *what)
{
    stream = NULL;
    is_closed = false;
    if (strcmp(what, "silent") != 0) {
        wait_for_client(endpoint);
        talk(what);
    }
    if (strcmp(what, "pools") != 0 && strcmp(what, "extremes") != 0)
        platform_stream_close(stream);
}

static void end_with_input(void *user)
{
    (void)user;
    while (getchar() != EOF)
        continue;
    _Exit(0);
}

int main(int argc, char **argv)
{
    platform_endpoint *endpoint;
    platform_thread *thread;
    bool again = argc == 3 && strcmp(argv[2], "again") == 0;
    if (argc != 2 && !again)
        return 2;
    platform_setup();
    must(platform_endpoint_create("{\"name\":\"false\"}", &endpoint), "the endpoint");
    puts("ready");
    fflush(stdout);
    if (again)
        must(platform_thread_start(end_with_input, NULL, "input", &thread), "the thread");
    do
        serve(endpoint, argv[1]);
    while (again);
    while (getchar() != EOF)
        ;
    platform_endpoint_free(endpoint);
    return 0;
}
