/* Publishes what no mproc does: monitor_false WHAT. It says "ready" once it can be found, answers one client, and ends
 * with its standard input.
 *
 *     reject   sends the client away, with a text that a terminal would obey
 *     flood    never answers a hello, but never stops sending
 *     close    accepts the client, and closes the connection
 *     told     the same, once it has told all that there is
 *     pools    tells of a pool that is gone and of two that are there, and keeps the connection
 */
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

static void say(unsigned type, const void *record)
{
    unsigned char bytes[4096];
    static uint64_t sequence;
    struct wire_frame frame = { .type = (uint16_t)type, .sequence = ++sequence, .time_ns = platform_now_ns() };
    size_t size = mproc__wire_encode(bytes, sizeof bytes, &frame, record), done = 0;
    for (size_t at = 0; at < size && !is_closed; at += done)
        if (platform_stream_write(stream, bytes + at, size - at, &done) < 0)
            is_closed = true;
}

static void greet(void)
{
    platform_identity self;
    platform_self_identity(&self);
    say(RECORD_GREETING, &(struct record_greeting){ .magic = RECORD_MAGIC,
                                                    .version = RECORD_VERSION,
                                                    .least = RECORD_VERSION,
                                                    .pid = self.pid,
                                                    .start_time = self.start_time,
                                                    .now_ns = platform_now_ns() });
}

static void hear_hello(void)
{
    unsigned char bytes[4096];
    size_t got = 0;
    while (got == 0) {
        platform_streams_wait(NULL, &stream, NULL, 1, PLATFORM_NO_HANDLE, in_a_moment());
        must(platform_stream_read(stream, bytes, sizeof bytes, &got), "reading");
    }
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

static void answer(const char *what)
{
    static const struct record_cost cost;
    bool with_pools = strcmp(what, "pools") == 0;
    if (strcmp(what, "reject") == 0)
        say(RECORD_REJECT, &(struct record_reject){ .code = MPROC_E_NOT_SUPPORTED,
                                                    .text = record_text_of("another version\x1b[31m, use that") });
    while (strcmp(what, "flood") == 0 && !is_closed)
        say(RECORD_COST, &cost);
    if (strcmp(what, "close") == 0 || strcmp(what, "told") == 0 || with_pools)
        say(RECORD_ACCEPT, &(struct record_accept){ .interval_ns = A_MOMENT_NS });
    if (strcmp(what, "told") == 0 || with_pools)
        tell(with_pools);
}

int main(int argc, char **argv)
{
    platform_endpoint *endpoint;
    if (argc != 2)
        return 2;
    platform_setup();
    must(platform_endpoint_create("{\"name\":\"false\"}", &endpoint), "the endpoint");
    puts("ready");
    fflush(stdout);
    while (stream == NULL) {
        platform_streams_wait(endpoint, NULL, NULL, 0, PLATFORM_NO_HANDLE, in_a_moment());
        must(platform_endpoint_accept(endpoint, &stream), "accepting");
    }
    greet();
    hear_hello();
    answer(argv[1]);
    if (strcmp(argv[1], "pools") != 0)
        platform_stream_close(stream);
    while (getchar() != EOF)
        ;
    platform_endpoint_free(endpoint);
    return 0;
}
