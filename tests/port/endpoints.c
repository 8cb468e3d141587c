/* Endpoints and streams: how a watched process is found, and talked to. */
#include "calls.h"
#include "port_test.h"

#ifdef _WIN32
static const int errors[] = { ERROR_NOT_ENOUGH_MEMORY, ERROR_NO_SYSTEM_RESOURCES };
#else
#include <errno.h>
static const int errors[] = { ENOMEM, EMFILE, EIO };
#endif

/* ---- Help ---- */

static const char card[] = "{\"name\":\"tests\"}";

/* Each test has a directory of its own for its endpoints, and its children have it too. */
static char directory[OS_PATH_MAX], temporary[OS_PATH_MAX];

static void begin(void)
{
    const char *before = getenv("TMPDIR");
    snprintf(temporary, sizeof temporary, "%s", before ? before : "");
    os_directory_make(directory);
    os_set_environment(PORT_IS_WINDOWS ? "LOCALAPPDATA" : "XDG_RUNTIME_DIR", directory);
    os_set_environment("TMPDIR", directory);
}

static void end(void)
{
    CHECK_OK(platform_self_setenv("TMPDIR", temporary[0] ? temporary : NULL));
    os_directory_remove(directory);
}

static platform_endpoint *create(void)
{
    platform_endpoint *endpoint;
    CHECK_OK(platform_endpoint_create(card, &endpoint));
    return endpoint;
}

static void wait_for(platform_endpoint *endpoint, platform_stream *stream, bool wants_to_write)
{
    CHECK_EQ(platform_streams_wait(endpoint, &stream, &wants_to_write, stream != NULL, PLATFORM_NO_HANDLE,
                                   port_deadline_ns(30000)),
             1);
}

static platform_stream *accept_one(platform_endpoint *endpoint)
{
    platform_stream *stream = NULL;
    while (!stream) {
        CHECK_OK(platform_endpoint_accept(endpoint, &stream));
        if (!stream)
            wait_for(endpoint, NULL, false);
    }
    return stream;
}

static platform_stream *connect_to(int64_t pid)
{
    platform_stream *stream;
    CHECK_OK(platform_stream_connect(pid, &stream));
    return stream;
}

/* Both ends in this process. */
struct pair {
    platform_endpoint *endpoint;
    platform_stream *server, *client;
};

static struct pair pair_create(void)
{
    struct pair pair;
    begin();
    pair.endpoint = create();
    pair.client = connect_to(platform_self_pid());
    pair.server = accept_one(pair.endpoint);
    return pair;
}

static void pair_free(struct pair *pair)
{
    platform_stream_close(pair->server);
    platform_stream_close(pair->client);
    platform_endpoint_free(pair->endpoint);
    end();
}

/* Reads or writes exactly so much. */
static void read_all(platform_stream *stream, void *ret_bytes, size_t size)
{
    for (size_t done = 0, piece; done < size; done += piece) {
        CHECK_OK(platform_stream_read(stream, (char *)ret_bytes + done, size - done, &piece));
        if (piece == 0)
            wait_for(NULL, stream, false);
    }
}

static void write_all(platform_stream *stream, const void *bytes, size_t size)
{
    for (size_t done = 0, piece; done < size; done += piece) {
        CHECK_OK(platform_stream_write(stream, (const char *)bytes + done, size - done, &piece));
        if (piece == 0)
            wait_for(NULL, stream, true);
    }
}

/* Reads until there is an error, which is returned. */
static int read_to_end(platform_stream *stream, size_t *ret_total)
{
    char bytes[4096];
    size_t size;
    *ret_total = 0;
    for (;;) {
        int code = platform_stream_read(stream, bytes, sizeof bytes, &size);
        if (code < 0)
            return code;
        *ret_total += size;
        if (size == 0)
            wait_for(NULL, stream, false);
    }
}

/* ---- Talking ---- */

enum { LARGE = 3 * 1024 * 1024 };

static unsigned char pattern(size_t at)
{
    return (unsigned char)(at * 7 + (at >> 8) + (at >> 16));
}

/* Writes what there is room for, in pieces of odd sizes; returns how much has been written by now. */
static size_t write_pattern(platform_stream *stream, size_t done, size_t total)
{
    unsigned char bytes[5003];
    size_t count = total - done < sizeof bytes ? total - done : sizeof bytes, size = 0;
    for (size_t i = 0; i < count; i++)
        bytes[i] = pattern(done + i);
    CHECK_OK(platform_stream_write(stream, bytes, count, &size));
    CHECK(size <= count);
    return done + size;
}

static size_t read_pattern(platform_stream *stream, size_t done)
{
    unsigned char bytes[7001];
    size_t size = 0;
    CHECK_OK(platform_stream_read(stream, bytes, sizeof bytes, &size));
    for (size_t i = 0; i < size; i++)
        CHECK_EQ(bytes[i], pattern(done + i));
    return done + size;
}

/* Both directions at once, so that both are full at times. */
static void exchange(platform_stream *stream)
{
    size_t written = 0, read = 0;
    while (written < LARGE || read < LARGE) {
        size_t before = written + read;
        if (written < LARGE)
            written = write_pattern(stream, written, LARGE);
        if (read < LARGE)
            read = read_pattern(stream, read);
        if (written + read == before)
            wait_for(NULL, stream, written < LARGE);
    }
}

static int child_exchange(const struct port_child_context *context)
{
    platform_stream *stream = connect_to(strtoll(context->argument, NULL, 10));
    exchange(stream);
    platform_stream_close(stream);
    return 0;
}

static void two_processes_talk_both_ways(void)
{
    char pid[24];
    begin();
    snprintf(pid, sizeof pid, "%" PRId64, platform_self_pid());
    platform_endpoint *endpoint = create();
    struct port_process *child = port_spawn("exchange", pid, NULL, 0);
    platform_stream *stream = accept_one(endpoint);
    CHECK_EQ(platform_stream_peer(stream), platform_process_pid(child->process));
    exchange(stream);
    port_finish_code(child, 0);
    platform_stream_close(stream);
    platform_endpoint_free(endpoint);
    end();
}

static void many_clients(void)
{
    enum { COUNT = 30 };
    platform_stream *clients[COUNT], *servers[COUNT];
    begin();
    platform_endpoint *endpoint = create();
    for (int i = 0; i < COUNT; i++) {
        clients[i] = connect_to(platform_self_pid());
        servers[i] = accept_one(endpoint);
        CHECK_EQ(platform_stream_peer(clients[i]), platform_self_pid());
    }
    for (unsigned char i = 0; i < COUNT; i++)
        write_all(clients[i], &i, 1);
    for (unsigned char i = 0, byte; i < COUNT; i++) {
        read_all(servers[i], &byte, 1);
        CHECK_EQ(byte, i);
        platform_stream_close(servers[i]);
        platform_stream_close(clients[i]);
    }
    platform_endpoint_free(endpoint);
    end();
}

static size_t fill(platform_stream *stream)
{
    char bytes[4096] = { 0 };
    size_t total = 0, size;
    do {
        CHECK_OK(platform_stream_write(stream, bytes, sizeof bytes, &size));
        total += size;
    } while (size > 0);
    return total;
}

static void full_is_no_room_and_no_wait(void)
{
    struct pair pair = pair_create();
    bool wants_to_write = true;
    size_t total = fill(pair.server), read = 0, size;
    char bytes[4096];
    CHECK(total > 0 && total < LARGE);
    CHECK_EQ(
        platform_streams_wait(NULL, &pair.server, &wants_to_write, 1, PLATFORM_NO_HANDLE, platform_now_ns() + 20000000),
        0);
    while (read < total) {
        CHECK_OK(platform_stream_read(pair.client, bytes, sizeof bytes, &size));
        if (size == 0)
            wait_for(NULL, pair.client, false);
        read += size;
    }
    CHECK_EQ(read, total);
    wait_for(NULL, pair.server, true);
    write_all(pair.server, "x", 1);
    read_all(pair.client, bytes, 1);
    CHECK_EQ(bytes[0], 'x');
    pair_free(&pair);
}

/* ---- Ends ---- */

static void what_was_written_before_the_end_is_read(void)
{
    struct pair pair = pair_create();
    size_t total, size;
    write_all(pair.server, "good-bye", 8);
    platform_stream_close(pair.server);
    pair.server = NULL;
    CHECK_EQ(read_to_end(pair.client, &total), MPROC_E_END);
    CHECK_EQ(total, 8);
    CHECK_EQ(platform_stream_read(pair.client, &total, 1, &size), MPROC_E_END);
    int code;
    do {
        code = platform_stream_write(pair.client, "x", 1, &size);
    } while (code == 0);
    CHECK_EQ(code, MPROC_E_BROKEN_PIPE);
    pair_free(&pair);
}

/* Says something, and stays with as much on the way as there is room for. */
static int child_talk_and_stay(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    platform_stream *stream = connect_to(strtoll(context->argument, NULL, 10));
    atomic_store(&board.values[0], (int64_t)fill(stream));
    return port_stay(&board);
}

static void a_peer_is_killed_midway(void)
{
    char pid[24];
    size_t total;
    struct port_board board = port_board_create();
    begin();
    snprintf(pid, sizeof pid, "%" PRId64, platform_self_pid());
    platform_endpoint *endpoint = create();
    struct port_process *child = port_spawn("talk_and_stay", pid, &board.segment, 1);
    platform_stream *stream = accept_one(endpoint);
    WAIT_UNTIL(atomic_load(&board.values[0]) > 0);
    port_kill(child);
    CHECK_EQ(read_to_end(stream, &total), MPROC_E_END);
    CHECK(total > 0 && (int64_t)total <= atomic_load(&board.values[0]));
    platform_stream_close(stream);
    platform_endpoint_free(endpoint);
    port_board_free(&board);
    end();
}

/* ---- Waiting ---- */

static void waiting(void)
{
    struct pair pair = pair_create();
    platform_stream *streams[] = { NULL, pair.client, pair.server };
    bool wants_to_write[] = { true, false, false };
    platform_handle event;
    char byte;
    CHECK_OK(platform_event_create(&event));
    int64_t deadline_ns = platform_now_ns() + 30000000;
    CHECK_EQ(platform_streams_wait(pair.endpoint, streams, wants_to_write, 3, event, deadline_ns), 0);
    CHECK(platform_now_ns() >= deadline_ns);
    platform_event_set(event);
    CHECK_EQ(platform_streams_wait(pair.endpoint, streams, NULL, 3, event, INT64_MAX), 1);
    platform_event_clear(event);
    write_all(pair.server, "x", 1);
    CHECK_EQ(platform_streams_wait(pair.endpoint, streams, wants_to_write, 3, event, INT64_MAX), 1);
    read_all(pair.client, &byte, 1);
    wants_to_write[2] = true;
    CHECK_EQ(platform_streams_wait(pair.endpoint, streams, wants_to_write, 3, event, INT64_MAX), 1);
    CHECK_EQ(platform_streams_wait(NULL, NULL, NULL, 0, PLATFORM_NO_HANDLE, platform_now_ns() + 1000000), 0);
    platform_handle_close(event);
    pair_free(&pair);
}

static void connect_once(void *unused)
{
    (void)unused;
    platform_stream_close(connect_to(platform_self_pid()));
}

static void a_connection_ends_a_wait(void)
{
    platform_thread *thread;
    begin();
    platform_endpoint *endpoint = create();
    CHECK_OK(platform_thread_start(connect_once, NULL, "client", &thread));
    wait_for(endpoint, NULL, false);
    platform_stream_close(accept_one(endpoint));
    platform_thread_join(thread);
    platform_endpoint_free(endpoint);
    end();
}

static void handles_of_a_stream(void)
{
    struct pair pair = pair_create();
    platform_handle handles[2];
    unsigned char ready[2];
    char byte;
    size_t size;
    CHECK_OK(platform_stream_read(pair.client, &byte, 1, &size));
    CHECK_EQ(size, 0);
    int count = platform_stream_handles(pair.client, handles);
    CHECK(count == 1 || count == 2);
    CHECK_EQ(platform_wait_handles(handles, (size_t)count, 0, ready), 0);
    write_all(pair.server, "x", 1);
    CHECK(platform_wait_handles(handles, (size_t)count, port_deadline_ns(30000), ready) > 0);
    read_all(pair.client, &byte, 1);
    CHECK_OK(platform_stream_read(pair.client, &byte, 1, &size));
    CHECK_EQ(platform_wait_handles(handles, (size_t)count, 0, ready), 0);
    platform_stream_close(pair.server);
    pair.server = NULL;
    CHECK(platform_wait_handles(handles, (size_t)count, port_deadline_ns(30000), ready) > 0);
    CHECK_EQ(platform_stream_read(pair.client, &byte, 1, &size), MPROC_E_END);
    pair_free(&pair);
}

/* ---- Other ways to a stream ---- */

/* Of the files that an endpoint has in its directory one is its socket. */
static platform_stream *connect_by_path(void)
{
    char path[OS_PATH_MAX + 16], names[400], file[2 * OS_PATH_MAX];
    platform_stream *stream = NULL;
    snprintf(path, sizeof path, "%s/mproc", directory);
    CHECK(os_directory_list(path, names, sizeof names) > 0);
    for (char *name = strtok(names, " "); name && !stream; name = strtok(NULL, " ")) {
        snprintf(file, sizeof file, "%s/%s", path, name);
        if (platform_stream_connect_to(file, &stream) < 0)
            stream = NULL;
    }
    return stream;
}

static void addresses(void)
{
    platform_stream *stream;
    char byte;
    begin();
    int code = platform_stream_connect_to("", &stream);
    CHECK_EQ(code, MPROC_E_INVALID);
    CHECK(platform_error_text()[0] != '\0');
    const char *nobodys = PORT_IS_WINDOWS ? "\\\\.\\pipe\\mproc-port-nobody" : "/no/such/socket";
    CHECK_EQ(platform_stream_connect_to(nobodys, &stream), MPROC_E_NOT_FOUND);
    if (!PORT_IS_WINDOWS) {
        platform_endpoint *endpoint = create();
        stream = connect_by_path();
        CHECK(stream);
        platform_stream *server = accept_one(endpoint);
        CHECK_EQ(platform_stream_peer(stream), platform_self_pid());
        write_all(stream, "x", 1);
        read_all(server, &byte, 1);
        CHECK_EQ(byte, 'x');
        platform_stream_close(server);
        platform_stream_close(stream);
        platform_endpoint_free(endpoint);
    }
    end();
}

static void what_is_read_was_sent(void)
{
    struct pair pair = pair_create();
    char byte;
    CHECK(platform_stream_is_sent(pair.server));
    write_all(pair.server, "x", 1);
    read_all(pair.client, &byte, 1);
    WAIT_UNTIL(platform_stream_is_sent(pair.server));
    platform_stream_close(pair.client);
    pair.client = NULL;
    size_t size;
    while (platform_stream_write(pair.server, "x", 1, &size) == 0)
        ;
    CHECK(platform_stream_is_sent(pair.server));
    pair_free(&pair);
}

/* Its standard error is the pipe that it was given. */
static int child_write_output(const struct port_child_context *context)
{
    mproc_os_handle pipe;
    CHECK_OK(platform_handle_give(context->handles[0], &pipe));
    platform_handle_close(context->handles[0]);
    CHECK_OK(platform_self_redirect_to(PLATFORM_STDERR, pipe));
    platform_write_stderr("last words", 10);
    return 0;
}

static void the_output_of_a_child(void)
{
    platform_stream *stream;
    platform_handle writer;
    char bytes[16];
    size_t size;
    CHECK_OK(platform_stream_of_output(&stream, &writer));
    CHECK_OK(platform_stream_read(stream, bytes, sizeof bytes, &size));
    CHECK_EQ(size, 0);
    struct port_process *child = port_spawn("write_output", "", &writer, 1);
    platform_handle_close(writer);
    read_all(stream, bytes, 10);
    CHECK(memcmp(bytes, "last words", 10) == 0);
    CHECK_EQ(read_to_end(stream, &size), MPROC_E_END);
    CHECK_EQ(size, 0);
    port_finish_code(child, 0);
    platform_stream_close(stream);
}

/* A stream that another thread has read last, and what this process writes to its other end. */
struct echo {
    platform_stream *stream;
    platform_handle turn, done;
    atomic_bool is_over;
};

static void wait_for_event(platform_handle event)
{
    unsigned char ready;
    CHECK_EQ(platform_wait_handles(&event, 1, port_deadline_ns(30000), &ready), 1);
    platform_event_clear(event);
}

static size_t read_settled(platform_stream *stream)
{
    char bytes[16];
    size_t size = 0;
    platform_stream_settle(stream);
    CHECK_OK(platform_stream_read(stream, bytes, sizeof bytes, &size));
    return size;
}

/* As much as was written, so that from then on it is this thread that reads. */
static void read_in_turn(void *argument)
{
    struct echo *echo = argument;
    while (wait_for_event(echo->turn), !atomic_load(&echo->is_over)) {
        for (size_t size = 0; size < 10;)
            size += read_settled(echo->stream);
        platform_event_set(echo->done);
    }
}

static int count_missed(struct echo *echo, int rounds)
{
    int missed = 0;
    for (int i = 0; i < rounds; i++) {
        platform_write_stderr("last words", 10);
        platform_event_set(echo->turn);
        wait_for_event(echo->done);
        platform_write_stderr("last words", 10);
        size_t size = read_settled(echo->stream);
        missed += size != 10;
        while (size < 10)
            size += read_settled(echo->stream);
    }
    return missed;
}

/* A process of its own, since it has no standard error to complain to. */
static int child_hear_itself(const struct port_child_context *context)
{
    struct echo echo = { .is_over = false };
    platform_handle writer;
    platform_thread *thread;
    mproc_os_handle pipe;
    (void)context;
    CHECK_OK(platform_stream_of_output(&echo.stream, &writer));
    CHECK_OK(platform_event_create(&echo.turn));
    CHECK_OK(platform_event_create(&echo.done));
    CHECK_OK(platform_thread_start(read_in_turn, &echo, "reader", &thread));
    CHECK_OK(platform_handle_give(writer, &pipe));
    CHECK_OK(platform_self_redirect_to(PLATFORM_STDERR, pipe));
    int missed = count_missed(&echo, 1000);
    atomic_store(&echo.is_over, true);
    platform_event_set(echo.turn);
    platform_thread_join(thread);
    return missed > 0 ? 1 : 0;
}

static void what_was_written_is_there_at_once(void)
{
    port_finish_code(port_spawn("hear_itself", "", NULL, 0), 0);
}

/* ---- The list ---- */

struct seen {
    int count;
    int64_t pid;
    platform_found last;
};

static bool note(const platform_found *found, void *user)
{
    struct seen *seen = user;
    if (seen->pid == 0 || found->pid == seen->pid) {
        seen->count++;
        seen->last = *found;
    }
    return true;
}

/* How many endpoints the list has of a process, or of all. */
static struct seen list(int64_t pid)
{
    struct seen seen = { .pid = pid };
    CHECK_OK(platform_endpoint_list(note, &seen));
    return seen;
}

static bool stop(const platform_found *found, void *user)
{
    (void)found;
    ++*(int *)user;
    return false;
}

static void the_list_shows_cards(void)
{
    begin();
    CHECK_EQ(list(0).count, 0);
    platform_endpoint *endpoint = create();
    struct seen seen = list(0);
    CHECK_EQ(seen.count, 1);
    CHECK_EQ(seen.last.pid, platform_self_pid());
    CHECK_EQ(seen.last.start_time, platform_self_start_time());
    CHECK(strcmp(seen.last.card, card) == 0);
    platform_endpoint_free(endpoint);
    CHECK_EQ(list(0).count, 0);
    platform_endpoint_free(NULL);
    end();
}

static void cards_of_all_sizes(void)
{
    char text[PLATFORM_CARD_SIZE + 1];
    platform_endpoint *endpoint;
    begin();
    memset(text, 'x', sizeof text);
    text[PLATFORM_CARD_SIZE] = '\0';
    CHECK_EQ(platform_endpoint_create(text, &endpoint), MPROC_E_INVALID);
    CHECK(platform_error_text()[0] != '\0');
    CHECK_EQ(platform_endpoint_create("", &endpoint), MPROC_E_INVALID);
    CHECK_EQ(platform_endpoint_create("two\nlines", &endpoint), MPROC_E_INVALID);
    text[PLATFORM_CARD_SIZE - 1] = '\0';
    CHECK_OK(platform_endpoint_create(text, &endpoint));
    CHECK(strcmp(list(0).last.card, text) == 0);
    platform_endpoint_free(endpoint);
    end();
}

static void a_process_has_one_endpoint_at_a_time(void)
{
    platform_endpoint *second;
    begin();
    platform_endpoint *endpoint = create();
    CHECK_EQ(platform_endpoint_create(card, &second), MPROC_E_EXISTS);
    CHECK_EQ(list(0).count, 1);
    platform_endpoint_free(endpoint);
    for (int i = 0; i < 5; i++)
        platform_endpoint_free(create());
    end();
}

/* Makes an endpoint, says so, and stays. */
static int child_be_found(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    create();
    atomic_fetch_add(&board.values[0], 1);
    return port_stay(&board);
}

static struct port_process *start_found(struct port_board *board)
{
    int64_t before = atomic_load(&board->values[0]);
    struct port_process *child = port_spawn("be_found", "", &board->segment, 1);
    WAIT_UNTIL(atomic_load(&board->values[0]) > before);
    return child;
}

static void the_list_has_all_processes(void)
{
    struct port_board board = port_board_create();
    struct port_process *children[3];
    int count = 0;
    begin();
    for (int i = 0; i < 3; i++)
        children[i] = start_found(&board);
    CHECK_EQ(list(0).count, 3);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(list(platform_process_pid(children[i]->process)).count, 1);
    CHECK_OK(platform_endpoint_list(stop, &count));
    CHECK_EQ(count, 1);
    for (int i = 0; i < 3; i++)
        port_kill(children[i]);
    CHECK_EQ(list(0).count, 0);
    port_board_free(&board);
    end();
}

static void what_the_killed_leave_is_swept(void)
{
    char names[400], path[OS_PATH_MAX + 16];
    struct port_board board = port_board_create();
    begin();
    struct port_process *child = start_found(&board);
    int64_t pid = platform_process_pid(child->process);
    port_kill(child);
    platform_stream *stream;
    CHECK_EQ(platform_stream_connect(pid, &stream), MPROC_E_NOT_FOUND);
    CHECK_EQ(list(0).count, 0);
    snprintf(path, sizeof path, "%s/mproc", directory);
    CHECK_EQ(os_directory_list(path, names, sizeof names), 0);
    port_board_free(&board);
    end();
}

static void nobody_is_there(void)
{
    platform_stream *stream;
    begin();
    CHECK_EQ(platform_stream_connect(platform_self_pid(), &stream), MPROC_E_NOT_FOUND);
    CHECK(platform_error_text()[0] != '\0');
    CHECK_EQ(platform_stream_connect(0, &stream), MPROC_E_NOT_FOUND);
    CHECK_EQ(platform_stream_connect(-1, &stream), MPROC_E_NOT_FOUND);
    CHECK_EQ(platform_stream_connect(INT64_MAX, &stream), MPROC_E_NOT_FOUND);
    end();
}

/* One who does not accept costs those who connect an error, and no time. */
static void who_does_not_accept_is_not_waited_for(void)
{
    enum { MANY = 100 };
    platform_stream *streams[MANY];
    int count = 0, code = 0;
    begin();
    platform_endpoint *endpoint = create();
    while (count < MANY && (code = platform_stream_connect(platform_self_pid(), &streams[count])) == 0)
        count++;
    CHECK(count > 0);
    CHECK_EQ(code, MPROC_E_FULL);
    for (int i = 0; i < count; i++)
        platform_stream_close(streams[i]);
    /* Those who have gone again are in nobody's way. */
    platform_stream *server;
    for (int i = 0; i < count; i++)
        CHECK_OK((platform_endpoint_accept(endpoint, &server), platform_stream_close(server), 0));
    streams[0] = connect_to(platform_self_pid());
    server = accept_one(endpoint);
    platform_stream_close(server);
    platform_stream_close(streams[0]);
    platform_endpoint_free(endpoint);
    end();
}

/* ---- Failing calls ---- */

static int accept_quickly(platform_endpoint *endpoint, platform_stream **ret_stream)
{
    int64_t deadline_ns = platform_now_ns() + 2000000000;
    *ret_stream = NULL;
    while (!*ret_stream) {
        int code = platform_endpoint_accept(endpoint, ret_stream);
        if (code == 0 && !*ret_stream)
            code = platform_streams_wait(endpoint, NULL, NULL, 0, PLATFORM_NO_HANDLE, deadline_ns);
        if (code < 0 || (code == 0 && !*ret_stream && platform_now_ns() > deadline_ns))
            return code < 0 ? code : MPROC_E_TIMEOUT;
    }
    return 0;
}

/* One byte; the other end may have gone. */
static int talk(platform_stream *from, platform_stream *to)
{
    char byte = 'x';
    size_t size = 0;
    int code = platform_stream_write(from, &byte, 1, &size);
    int64_t deadline_ns = platform_now_ns() + 2000000000;
    for (size = 0; code == 0 && size == 0 && platform_now_ns() < deadline_ns;) {
        code = platform_stream_read(to, &byte, 1, &size);
        if (code == 0 && size == 0)
            code = platform_streams_wait(NULL, &to, NULL, 1, PLATFORM_NO_HANDLE, deadline_ns) < 0;
    }
    return code;
}

/* All that there is, once. Returns the first error. */
static int meet(void)
{
    platform_endpoint *endpoint = NULL;
    platform_stream *client = NULL, *server = NULL;
    struct seen seen = { .pid = 0 };
    int code = platform_endpoint_create(card, &endpoint);
    if (code == 0)
        code = platform_endpoint_list(note, &seen);
    if (code == 0)
        code = platform_stream_connect(platform_self_pid(), &client);
    if (code == 0)
        code = accept_quickly(endpoint, &server);
    if (code == 0)
        code = talk(client, server);
    if (code == 0)
        code = talk(server, client);
    platform_stream_close(client);
    platform_stream_close(server);
    platform_endpoint_free(endpoint);
    return code;
}

/* Whatever fails, nothing is left behind, and it works again. */
static void each_call_may_fail_once(void)
{
    char names[400], path[OS_PATH_MAX + 16];
    begin();
    CHECK_OK(meet());
    snprintf(path, sizeof path, "%s/mproc", directory);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        int nth = 0, failures = 0;
        do {
            int handles = os_handle_count();
            CHECK_OK(platform_calls_fail_nth(NULL, ++nth, errors[i]));
            int code = meet();
            platform_calls_reset();
            failures += code < 0;
            CHECK(code <= 0 && nth < 1000);
            CHECK(os_handle_count() <= handles);
            CHECK_EQ(list(0).count, 0);
            CHECK_EQ(os_directory_list(path, names, sizeof names), 0);
        } while (platform_calls_count() >= nth);
        CHECK(failures > 5);
        CHECK_OK(meet());
    }
    end();
}

/* ---- CPU time ---- */

static uint64_t spin_until(uint64_t cpu_ns)
{
    while (platform_thread_cpu_ns() < cpu_ns)
        platform_pause();
    return platform_thread_cpu_ns();
}

static void cpu_time_of_a_thread(void)
{
    uint64_t before = platform_thread_cpu_ns();
    int64_t now_ns = platform_now_ns();
    CHECK(spin_until(before + 40000000) >= before + 40000000);
    /* Of a system that counts in steps one may be of before. */
    CHECK(platform_now_ns() - now_ns >= 20000000);
}

/* Uses so much, says so, and stays. */
static int child_work(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    spin_until(100000000);
    atomic_store(&board.values[0], 1);
    return port_stay(&board);
}

static void cpu_time_of_a_process(void)
{
    struct port_board board = port_board_create();
    struct port_process *child = port_spawn("work", "", &board.segment, 1);
    unsigned char ready;
    uint64_t used = 0, later = 0;
    platform_handle sentinel = platform_process_sentinel(child->process);
    WAIT_UNTIL(atomic_load(&board.values[0]) == 1);
    CHECK_OK(platform_process_cpu(child->process, &used));
    CHECK(used >= 60000000 && used < (uint64_t)60000000000);
    CHECK_OK(platform_process_cpu(child->process, &later));
    CHECK(later >= used);
    CHECK_OK(platform_process_kill(child->process));
    CHECK_EQ(platform_wait_handles(&sentinel, 1, port_deadline_ns(30000), &ready), 1);
    CHECK_EQ(platform_process_cpu(child->process, &used), MPROC_E_OS);
    port_finish(child);
    port_board_free(&board);
}

static const struct port_test tests[] = {
    TEST(two_processes_talk_both_ways),
    TEST(many_clients),
    TEST(full_is_no_room_and_no_wait),
    TEST(what_was_written_before_the_end_is_read),
    TEST(a_peer_is_killed_midway),
    TEST(waiting),
    TEST(a_connection_ends_a_wait),
    TEST(handles_of_a_stream),
    TEST(addresses),
    TEST(what_is_read_was_sent),
    TEST(the_output_of_a_child),
    TEST(what_was_written_is_there_at_once),
    TEST(the_list_shows_cards),
    TEST(cards_of_all_sizes),
    TEST(a_process_has_one_endpoint_at_a_time),
    TEST(the_list_has_all_processes),
    TEST(what_the_killed_leave_is_swept),
    TEST(nobody_is_there),
    TEST(who_does_not_accept_is_not_waited_for),
    TEST(each_call_may_fail_once),
    TEST(cpu_time_of_a_thread),
    TEST(cpu_time_of_a_process),
};
static const struct port_child children[] = {
    CHILD(child_exchange),     CHILD(child_talk_and_stay), CHILD(child_be_found), CHILD(child_work),
    CHILD(child_write_output), CHILD(child_hear_itself),   { NULL, NULL }
};
PORT_MAIN(tests, children)
