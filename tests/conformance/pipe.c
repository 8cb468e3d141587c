/* Pipes: rules 12 to 14, 16, 29, 54 and 55, deaths, and handles that mean nothing.
 */
#include "pipe_pair.h"

#define BUFFER 4096

static struct pair make(int one_way, int stream)
{
    struct pair pair;
    mproc_pipe_options options = { .one_way = one_way, .stream = stream, .buffer_size = BUFFER, .name = "test" };
    CHECK_OK(mproc_pipe_create(&pair.first, &pair.second, &options));
    return pair;
}

/* Bytes that tell which message they are of, and where in it. */
static void fill(unsigned char *bytes, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(seed * 31 + i * 7 + (i >> 8));
}

static bool is_filled(const unsigned char *bytes, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != (unsigned char)(seed * 31 + i * 7 + (i >> 8)))
            return false;
    return true;
}

/* ---- Rule 12: boundaries, poll ---- */

static const size_t sizes[] = { 0,          1,          7,          8,      9,          100,        BUFFER / 2,
                                BUFFER - 9, BUFFER - 8, BUFFER - 7, BUFFER, BUFFER + 1, 3 * BUFFER, 1000000 };

static void send_filled(mproc_connection connection, size_t size, unsigned seed)
{
    unsigned char *bytes = malloc(size + 1);
    CHECK(bytes != NULL);
    fill(bytes, size, seed);
    CHECK_OK(mproc_connection_send(connection, bytes, size, MPROC_FOREVER));
    free(bytes);
}

static void receive_filled(mproc_connection connection, size_t size, unsigned seed)
{
    size_t arrived = 12345;
    unsigned char *bytes = malloc(size + 1);
    CHECK(bytes != NULL);
    CHECK_OK(mproc_connection_recv(connection, MPROC_FOREVER, bytes, size, &arrived));
    CHECK_EQ(arrived, size);
    CHECK(is_filled(bytes, size, seed));
    free(bytes);
}

static void rule_12_boundaries_are_kept(void)
{
    struct pair pair = make(0, 0);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < TEST_COUNT(sizes); i++) {
            send_filled(pair.first, sizes[i], i);
            receive_filled(pair.second, sizes[i], i);
        }
    }
    /* Several at a time, of no bytes among them. */
    for (unsigned i = 0; i < 50; i++)
        send_filled(pair.second, i % 5 * 3, i);
    for (unsigned i = 0; i < 50; i++)
        receive_filled(pair.first, i % 5 * 3, i);
    CHECK_CODE(mproc_connection_recv(pair.first, 0, NULL, 0, NULL), MPROC_E_EMPTY);
    pair_close(pair);
}

static int echo_all(mproc_task *task)
{
    mproc_connection connection;
    mproc_message message;
    int code;
    CHECK_OK(mproc_task_read(task, &connection, sizeof connection));
    while ((code = mproc_connection_take(connection, MPROC_FOREVER, &message)) == 0) {
        CHECK_OK(mproc_connection_send(connection, message.data, message.size, MPROC_FOREVER));
        CHECK_OK(mproc_message_free(message));
        CHECK_CODE(mproc_message_free(message), MPROC_E_STALE);
    }
    CHECK_CODE(code, MPROC_E_END);
    CHECK_OK(mproc_connection_close(connection));
    return 0;
}

static void rule_12_between_processes(void)
{
    struct pair pair = make(0, 0);
    mproc_process *process = test_start(echo_all, MPROC_ARG(pair.second));
    for (unsigned i = 0; i < 300; i++) {
        send_filled(pair.first, sizes[i % TEST_COUNT(sizes)], i);
        receive_filled(pair.first, sizes[i % TEST_COUNT(sizes)], i);
    }
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_EQ(test_finish(process), 0);
}

static void rule_12_poll_takes_nothing(void)
{
    struct pair pair = make(0, 0);
    CHECK_CODE(mproc_connection_poll(pair.first, 0), MPROC_E_EMPTY);
    CHECK_CODE(mproc_connection_poll(pair.first, -5), MPROC_E_EMPTY);
    CHECK_CODE(mproc_connection_poll(pair.first, 20), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_connection_send(pair.second, NULL, 0, 0));
    for (int i = 0; i < 3; i++)
        CHECK_OK(mproc_connection_poll(pair.first, MPROC_FOREVER));
    CHECK_OK(mproc_connection_recv(pair.first, 0, NULL, 0, NULL));
    CHECK_CODE(mproc_connection_poll(pair.first, 0), MPROC_E_EMPTY);
    /* Also at the end of the stream. */
    CHECK_OK(mproc_connection_close(pair.second));
    for (int i = 0; i < 3; i++)
        CHECK_OK(mproc_connection_poll(pair.first, 0));
    CHECK_CODE(mproc_connection_recv(pair.first, 0, NULL, 0, NULL), MPROC_E_END);
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_CODE(mproc_connection_poll(pair.first, 0), MPROC_E_CLOSED);
}

/* ---- Rule 13: the end ---- */

static void rule_13_end_of_stream(void)
{
    struct pair pair = make(0, 0);
    int number = 5;
    CHECK_OK(mproc_connection_send(pair.second, &number, sizeof number, 0));
    send_filled(pair.first, 100, 1);
    CHECK_OK(mproc_connection_close(pair.second));
    /* What was sent before is there; then the end, again and again, and never a message of no bytes. */
    number = 0;
    CHECK_OK(mproc_connection_recv(pair.first, 0, &number, sizeof number, NULL));
    CHECK_EQ(number, 5);
    for (int i = 0; i < 3; i++)
        CHECK_CODE(mproc_connection_recv(pair.first, MPROC_FOREVER, &number, sizeof number, NULL), MPROC_E_END);
    CHECK_CODE(mproc_connection_recv(pair.second, 0, &number, sizeof number, NULL), MPROC_E_CLOSED);
    /* Twice does no harm, and so it is once more when the pipe is gone. */
    CHECK_OK(mproc_connection_close(pair.second));
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_OK(mproc_connection_close(pair.second));
}

static void rule_13_broken_pipe(void)
{
    struct pair pair = make(0, 0);
    send_filled(pair.first, 100, 1);
    CHECK_OK(mproc_connection_close(pair.second));
    CHECK_CODE(mproc_connection_send(pair.first, "x", 1, MPROC_FOREVER), MPROC_E_BROKEN_PIPE);
    static unsigned char large[2 * BUFFER];
    CHECK_CODE(mproc_connection_send(pair.first, large, sizeof large, MPROC_FOREVER), MPROC_E_BROKEN_PIPE);
    CHECK_EQ(mproc_connection_is_closed(pair.first), 0);
    CHECK_EQ(mproc_connection_is_closed(pair.second), 1);
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_EQ(mproc_connection_is_closed(pair.first), 1);
}

static int wait_for_message(mproc_task *task)
{
    mproc_connection connection;
    CHECK_OK(mproc_task_read(task, &connection, sizeof connection));
    atomic_fetch_add(&test_board()[20], 1);
    int code = mproc_connection_recv(connection, MPROC_FOREVER, NULL, 0, NULL);
    return code == MPROC_E_END ? 1 : code == MPROC_E_CLOSED ? 2 : 3;
}

static int wait_for_room(mproc_task *task)
{
    static unsigned char bytes[BUFFER / 2];
    mproc_connection connection;
    CHECK_OK(mproc_task_read(task, &connection, sizeof connection));
    while (mproc_connection_send(connection, bytes, sizeof bytes, 0) == 0)
        ;
    atomic_fetch_add(&test_board()[20], 1);
    int code = mproc_connection_send(connection, bytes, sizeof bytes, MPROC_FOREVER);
    return code == MPROC_E_BROKEN_PIPE ? 1 : code == MPROC_E_CLOSED ? 2 : 3;
}

/* Closing either end ends the waits at both, those of several processes at one end too. */
static void rule_13_close_wakes_all(void)
{
    for (int own = 0; own < 2; own++) {
        struct pair pair = make(0, 0);
        atomic_store(&test_board()[20], 0);
        mproc_process *receivers[2] = { test_start(wait_for_message, MPROC_ARG(pair.first)),
                                        test_start(wait_for_message, MPROC_ARG(pair.first)) };
        mproc_process *senders[2] = { test_start(wait_for_room, MPROC_ARG(pair.first)),
                                      test_start(wait_for_room, MPROC_ARG(pair.first)) };
        WAIT_UNTIL(atomic_load(&test_board()[20]) == 4);
        CHECK_OK(mproc_connection_close(own ? pair.first : pair.second));
        for (int i = 0; i < 2; i++) {
            CHECK_EQ(test_finish(receivers[i]), own ? 2 : 1);
            CHECK_EQ(test_finish(senders[i]), own ? 2 : 1);
        }
        CHECK_OK(mproc_connection_close(own ? pair.second : pair.first));
    }
}

/* ---- Rule 14: too short ---- */

static void rule_14_too_short(void)
{
    struct pair pair = make(0, 0);
    unsigned char small[16];
    size_t size;
    size_t both[] = { 17, 5 * BUFFER };
    for (unsigned i = 0; i < 2; i++) {
        send_filled(pair.first, both[i], i);
        for (int again = 0; again < 3; again++) {
            size = 0;
            CHECK_CODE(mproc_connection_recv(pair.second, 0, small, sizeof small, &size), MPROC_E_TOO_SHORT);
            CHECK_EQ(size, both[i]);
        }
        CHECK_CODE(mproc_connection_recv(pair.second, 0, NULL, 0, &size), MPROC_E_TOO_SHORT);
        CHECK_CODE(mproc_connection_recv(pair.second, 0, NULL, 0, NULL), MPROC_E_SIZE);
        receive_filled(pair.second, both[i], i);
    }
    /* Of whatever size at once. */
    mproc_message message;
    send_filled(pair.first, 5 * BUFFER, 9);
    CHECK_OK(mproc_connection_take(pair.second, 0, &message));
    CHECK_EQ(message.size, 5 * BUFFER);
    CHECK(is_filled(message.data, message.size, 9));
    CHECK_OK(mproc_message_free(message));
    CHECK_CODE(mproc_message_free(message), MPROC_E_STALE);
    CHECK_OK(mproc_connection_send(pair.first, NULL, 0, 0));
    CHECK_OK(mproc_connection_take(pair.second, 0, &message));
    CHECK_EQ(message.size, 0);
    CHECK(message.data != NULL);
    CHECK_OK(mproc_message_free(message));
    CHECK_CODE(mproc_connection_recv(pair.second, 0, NULL, 5, NULL), MPROC_E_INVALID);
    CHECK_CODE(mproc_connection_send(pair.second, NULL, 5, 0), MPROC_E_INVALID);
    pair_close(pair);
}

/* ---- Rule 16: ends travel ---- */

static int answer_once(mproc_task *task)
{
    mproc_connection connection;
    int number;
    CHECK_OK(mproc_task_read(task, &connection, sizeof connection));
    CHECK_OK(mproc_connection_recv(connection, MPROC_FOREVER, &number, sizeof number, NULL));
    number *= 2;
    CHECK_OK(mproc_connection_send(connection, &number, sizeof number, MPROC_FOREVER));
    return 0;
}

static void ask(mproc_connection connection, int number)
{
    CHECK_OK(mproc_connection_send(connection, &number, sizeof number, MPROC_FOREVER));
    int answer = 0;
    CHECK_OK(mproc_connection_recv(connection, MPROC_FOREVER, &answer, sizeof answer, NULL));
    CHECK_EQ(answer, 2 * number);
}

static void rule_16_either_end_to_a_child(void)
{
    for (int which = 0; which < 2; which++) {
        struct pair pair = make(0, 0);
        mproc_connection here = which ? pair.first : pair.second, there = which ? pair.second : pair.first;
        mproc_process *process = test_start(answer_once, MPROC_ARG(there));
        ask(here, 21);
        CHECK_EQ(test_finish(process), 0);
        /* The end outlives that user, and is the sender's as before. */
        process = test_start(answer_once, MPROC_ARG(there));
        CHECK_OK(mproc_connection_attach(there));
        ask(here, 4);
        CHECK_EQ(test_finish(process), 0);
        send_filled(there, 10, 1);
        receive_filled(here, 10, 1);
        pair_close(pair);
    }
}

static void rule_16_to_a_pool_task(void)
{
    struct pair pair = make(0, 0);
    mproc_pool *pool;
    mproc_result *result;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .start_method = test_method() }));
    for (int i = 0; i < 5; i++) {
        CHECK_OK(mproc_pool_apply_async(pool, answer_once, MPROC_ARG(pair.second), NULL, &result));
        ask(pair.first, i);
        CHECK_OK(mproc_result_get(result, MPROC_FOREVER, NULL, 0, NULL));
        mproc_result_free(result);
    }
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, MPROC_FOREVER));
    CHECK_OK(mproc_pool_free(pool));
    pair_close(pair);
}

static int answer_through_another(mproc_task *task)
{
    mproc_connection outer, inner;
    int number;
    CHECK_OK(mproc_task_read(task, &outer, sizeof outer));
    CHECK_OK(mproc_connection_recv(outer, MPROC_FOREVER, &inner, sizeof inner, NULL));
    CHECK_OK(mproc_connection_recv(inner, MPROC_FOREVER, &number, sizeof number, NULL));
    number *= 2;
    CHECK_OK(mproc_connection_send(inner, &number, sizeof number, MPROC_FOREVER));
    return 0;
}

static void rule_16_through_another_pipe(void)
{
    struct pair outer = make(1, 0), inner = make(0, 0);
    mproc_process *process = test_start(answer_through_another, MPROC_ARG(outer.first));
    CHECK_OK(mproc_connection_send(outer.second, &inner.second, sizeof inner.second, MPROC_FOREVER));
    ask(inner.first, 33);
    CHECK_EQ(test_finish(process), 0);
    pair_close(inner);
    pair_close(outer);
}

static int make_for_parent(mproc_task *task)
{
    (void)task;
    struct pair pair = make(0, 0);
    send_filled(pair.first, 77, 3);
    const uint64_t words[4] = { pair.first.id[0], pair.first.id[1], pair.second.id[0], pair.second.id[1] };
    for (int i = 0; i < 4; i++)
        atomic_store(&test_board()[30 + i], (int64_t)words[i]);
    return 0;
}

static struct pair pair_on_board(void)
{
    uint64_t words[4];
    for (int i = 0; i < 4; i++)
        words[i] = (uint64_t)atomic_load(&test_board()[30 + i]);
    return (struct pair){ { { words[0], words[1] } }, { { words[2], words[3] } } };
}

/* A pipe that a child makes outlives it, and so does what it sent. */
static void rule_16_made_by_a_child(void)
{
    CHECK_EQ(test_finish(test_start(make_for_parent, MPROC_NO_ARGS)), 0);
    struct pair pair = pair_on_board();
    receive_filled(pair.second, 77, 3);
    /* It sent, and died: nobody lives who would send more. */
    CHECK_CODE(mproc_connection_recv(pair.second, MPROC_FOREVER, NULL, 0, NULL), MPROC_E_PEER_DIED);
    pair_close(pair);
}

/* ---- Deaths ---- */

static int use_and_stay(mproc_task *task)
{
    mproc_connection connection;
    CHECK_OK(mproc_task_read(task, &connection, sizeof connection));
    CHECK_OK(mproc_connection_attach(connection));
    atomic_fetch_add(&test_board()[20], 1);
    return test_stay(task);
}

static void in_thread(void *user)
{
    mproc_connection connection = *(mproc_connection *)user;
    atomic_store(&test_board()[21], mproc_connection_recv(connection, MPROC_FOREVER, NULL, 0, NULL));
}

static void start_user(mproc_connection connection, mproc_process **ret_process)
{
    int64_t before = atomic_load(&test_board()[20]);
    *ret_process = test_start(use_and_stay, MPROC_ARG(connection));
    WAIT_UNTIL(atomic_load(&test_board()[20]) == before + 1);
}

static void death_of_a_peer(void)
{
    struct pair pair = make(0, 0);
    mproc_process *process;
    start_user(pair.second, &process);
    os_thread *thread = os_thread_start(in_thread, &pair.first);
    CHECK_CODE(mproc_connection_poll(pair.first, 50), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_process_kill(process));
    os_thread_join(thread);
    CHECK_EQ(atomic_load(&test_board()[21]), MPROC_E_PEER_DIED);
    CHECK_OK(mproc_connection_poll(pair.first, 0));
    CHECK(test_finish(process) != 0);
    CHECK_CODE(mproc_connection_send(pair.first, "x", 1, 0), MPROC_E_PEER_DIED);
    /* Another one takes the end up, and the pipe goes on. */
    CHECK_OK(mproc_connection_attach(pair.second));
    CHECK_CODE(mproc_connection_recv(pair.first, 0, NULL, 0, NULL), MPROC_E_EMPTY);
    send_filled(pair.first, 3, 1);
    receive_filled(pair.second, 3, 1);
    pair_close(pair);
}

/* As long as one of its users lives the end does. */
static void death_of_one_of_two_peers(void)
{
    struct pair pair = make(0, 0);
    mproc_process *processes[2];
    start_user(pair.second, &processes[0]);
    start_user(pair.second, &processes[1]);
    CHECK_OK(mproc_process_kill(processes[0]));
    CHECK(test_finish(processes[0]) != 0);
    CHECK_CODE(mproc_connection_recv(pair.first, 60, NULL, 0, NULL), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_process_kill(processes[1]));
    CHECK_CODE(mproc_connection_recv(pair.first, MPROC_FOREVER, NULL, 0, NULL), MPROC_E_PEER_DIED);
    CHECK(test_finish(processes[1]) != 0);
    pair_close(pair);
}

static int receive_one(mproc_task *task)
{
    mproc_connection connection;
    CHECK_OK(mproc_task_read(task, &connection, sizeof connection));
    CHECK_CODE(mproc_connection_attach(connection), MPROC_E_LIMIT);
    atomic_fetch_add(&test_board()[20], 1);
    CHECK_OK(mproc_connection_recv(connection, MPROC_FOREVER, &(char){ 0 }, 1, NULL));
    return 0;
}

/* One more than are noted, waiting: once the others are dead it is noted without making another call. */
static void death_of_all_that_are_noted(void)
{
    enum { NOTED = 6 };
    struct pair pair = make(0, 0);
    mproc_process *processes[NOTED];
    for (int i = 0; i < NOTED; i++)
        start_user(pair.second, &processes[i]);
    mproc_process *last = test_start(receive_one, MPROC_ARG(pair.second));
    WAIT_UNTIL(atomic_load(&test_board()[20]) == NOTED + 1);
    for (int i = 0; i < NOTED; i++) {
        CHECK_OK(mproc_process_kill(processes[i]));
        CHECK(test_finish(processes[i]) != 0);
    }
    WAIT_UNTIL(mproc_connection_send(pair.first, "x", 1, 0) == 0);
    CHECK_EQ(test_finish(last), 0);
    pair_close(pair);
}

/* A process that has handed the end on does not count; one that detached before its end is not missed. */
static void death_after_detach(void)
{
    struct pair pair = make(0, 0);
    mproc_process *process;
    CHECK_CODE(mproc_connection_poll(pair.second, 0), MPROC_E_EMPTY);
    start_user(pair.second, &process);
    CHECK_OK(mproc_connection_detach(pair.second));
    CHECK_OK(mproc_connection_detach(pair.second));
    CHECK_OK(mproc_process_kill(process));
    CHECK_CODE(mproc_connection_recv(pair.first, MPROC_FOREVER, NULL, 0, NULL), MPROC_E_PEER_DIED);
    CHECK(test_finish(process) != 0);
    CHECK_OK(mproc_connection_attach(pair.second));
    CHECK_OK(mproc_connection_detach(pair.second));
    CHECK_CODE(mproc_connection_recv(pair.first, 0, NULL, 0, NULL), MPROC_E_EMPTY);
    pair_close(pair);
}

static int fill_and_stay(mproc_task *task)
{
    static unsigned char bytes[3 * BUFFER];
    mproc_connection connection;
    CHECK_OK(mproc_task_read(task, &connection, sizeof connection));
    fill(bytes, sizeof bytes, 4);
    CHECK_OK(mproc_connection_send(connection, bytes, sizeof bytes, MPROC_FOREVER));
    atomic_fetch_add(&test_board()[20], 1);
    return test_stay(task);
}

/* What was accepted is there after its sender is gone. */
static void death_of_a_sender_loses_nothing(void)
{
    struct pair pair = make(0, 0);
    mproc_process *process = test_start(fill_and_stay, MPROC_ARG(pair.second));
    WAIT_UNTIL(atomic_load(&test_board()[20]) == 1);
    CHECK_OK(mproc_process_kill(process));
    CHECK(test_finish(process) != 0);
    receive_filled(pair.first, 3 * BUFFER, 4);
    CHECK_CODE(mproc_connection_recv(pair.first, MPROC_FOREVER, NULL, 0, NULL), MPROC_E_PEER_DIED);
    pair_close(pair);
}

static void too_many_users(void)
{
    struct pair pair = make(0, 0);
    mproc_process *processes[6];
    for (int i = 0; i < 6; i++)
        start_user(pair.second, &processes[i]);
    CHECK_CODE(mproc_connection_attach(pair.second), MPROC_E_LIMIT);
    CHECK_OK(mproc_process_kill(processes[3]));
    CHECK(test_finish(processes[3]) != 0);
    CHECK_OK(mproc_connection_attach(pair.second));
    test_let_go();
    for (int i = 0; i < 6; i++)
        if (i != 3)
            CHECK_EQ(test_finish(processes[i]), 0);
    pair_close(pair);
}

/* ---- One way, bytes ---- */

static void one_way(void)
{
    struct pair pair = make(1, 0);
    CHECK_EQ(mproc_connection_is_readable(pair.first), 1);
    CHECK_EQ(mproc_connection_is_writable(pair.first), 0);
    CHECK_EQ(mproc_connection_is_readable(pair.second), 0);
    CHECK_EQ(mproc_connection_is_writable(pair.second), 1);
    CHECK_CODE(mproc_connection_send(pair.first, "x", 1, 0), MPROC_E_STATE);
    CHECK_CODE(mproc_connection_recv(pair.second, 0, NULL, 0, NULL), MPROC_E_STATE);
    CHECK_CODE(mproc_connection_poll(pair.second, 0), MPROC_E_STATE);
    for (unsigned i = 0; i < TEST_COUNT(sizes); i++) {
        send_filled(pair.second, sizes[i], i);
        receive_filled(pair.first, sizes[i], i);
    }
    CHECK_CODE(mproc_connection_read(pair.first, 0, NULL, 0, &(size_t){ 0 }), MPROC_E_STATE);
    CHECK_CODE(mproc_connection_write(pair.second, "x", 1, 0, &(size_t){ 0 }), MPROC_E_STATE);
    pair_close(pair);
    pair = make(0, 0);
    CHECK_EQ(mproc_connection_is_readable(pair.second) + mproc_connection_is_writable(pair.first), 2);
    pair_close(pair);
}

#define STREAM_BYTES 200000

static int write_stream(mproc_task *task)
{
    static unsigned char bytes[STREAM_BYTES];
    mproc_connection connection;
    CHECK_OK(mproc_task_read(task, &connection, sizeof connection));
    fill(bytes, sizeof bytes, 2);
    for (size_t at = 0, written; at < sizeof bytes; at += written) {
        size_t wanted = sizeof bytes - at < 3000 ? sizeof bytes - at : 3000;
        CHECK_OK(mproc_connection_write(connection, bytes + at, wanted, MPROC_FOREVER, &written));
        CHECK(written >= 1 && written <= wanted);
    }
    return mproc_connection_close(connection);
}

static void bytes_without_boundaries(void)
{
    static unsigned char bytes[STREAM_BYTES];
    struct pair pair = make(0, 1);
    size_t size = 0, at = 0;
    int code;
    mproc_process *process = test_start(write_stream, MPROC_ARG(pair.second));
    while ((code = mproc_connection_read(pair.first, MPROC_FOREVER, bytes + at,
                                         sizeof bytes - at < 1777 ? sizeof bytes - at : 1777, &size)) == 0 &&
           at < sizeof bytes)
        at += size;
    CHECK_CODE(code, MPROC_E_END);
    CHECK_EQ(at, sizeof bytes);
    CHECK(is_filled(bytes, sizeof bytes, 2));
    CHECK_EQ(test_finish(process), 0);
    CHECK_CODE(mproc_connection_write(pair.first, "x", 1, 0, &size), MPROC_E_BROKEN_PIPE);
    CHECK_CODE(mproc_connection_send(pair.first, "x", 1, 0), MPROC_E_STATE);
    CHECK_CODE(mproc_connection_recv(pair.first, 0, NULL, 0, NULL), MPROC_E_STATE);
    CHECK_OK(mproc_connection_close(pair.first));
}

static void bytes_fill_the_buffer(void)
{
    static unsigned char bytes[2 * BUFFER];
    struct pair pair = make(0, 1);
    size_t size = 0;
    CHECK_CODE(mproc_connection_read(pair.second, 0, bytes, sizeof bytes, &size), MPROC_E_EMPTY);
    fill(bytes, sizeof bytes, 1);
    CHECK_OK(mproc_connection_write(pair.first, bytes, sizeof bytes, 0, &size));
    CHECK_EQ(size, BUFFER);
    CHECK_CODE(mproc_connection_write(pair.first, bytes, 1, 10, &size), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_connection_poll(pair.second, 0));
    memset(bytes, 0, sizeof bytes);
    CHECK_OK(mproc_connection_read(pair.second, 0, bytes, sizeof bytes, &size));
    CHECK_EQ(size, BUFFER);
    CHECK(is_filled(bytes, BUFFER, 1));
    CHECK_OK(mproc_connection_write(pair.first, NULL, 0, 0, &size));
    CHECK_EQ(size, 0);
    pair_close(pair);
}

/* ---- Rule 29: time-outs; room ---- */

static void rule_29_time_outs(void)
{
    struct pair pair = make(0, 0);
    static unsigned char bytes[BUFFER];
    size_t size;
    int64_t begun = os_now_ms();
    CHECK_CODE(mproc_connection_recv(pair.first, -1, NULL, 0, NULL), MPROC_E_EMPTY);
    CHECK_CODE(mproc_connection_recv(pair.first, 30, NULL, 0, NULL), MPROC_E_TIMEOUT);
    /* The clocks of some systems step by 16 ms. */
    CHECK_LE(30 - 16, os_now_ms() - begun);
    CHECK_OK(mproc_connection_send(pair.first, bytes, BUFFER - 16, 0));
    CHECK_CODE(mproc_connection_send(pair.first, bytes, 1, -1), MPROC_E_FULL);
    CHECK_CODE(mproc_connection_send(pair.first, bytes, 1, 10), MPROC_E_TIMEOUT);
    /* 8 bytes are left, enough for a message of none. A large one waits for an empty stream. */
    CHECK_OK(mproc_connection_send(pair.first, NULL, 0, 0));
    CHECK_CODE(mproc_connection_send(pair.first, bytes, sizeof bytes, 10), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_connection_recv(pair.second, 0, bytes, sizeof bytes, &size));
    CHECK_CODE(mproc_connection_send(pair.first, bytes, sizeof bytes, 10), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_connection_recv(pair.second, 0, bytes, sizeof bytes, &size));
    CHECK_OK(mproc_connection_send(pair.first, bytes, sizeof bytes, 0));
    CHECK_OK(mproc_connection_recv(pair.second, 0, bytes, sizeof bytes, NULL));
    pair_close(pair);
}

/* ---- Many at a time ---- */

struct numbered {
    int sender, number;
    unsigned char rest[200];
};

static int send_numbered(mproc_task *task)
{
    struct {
        mproc_connection connection;
        int sender, count;
    } order;
    CHECK_OK(mproc_task_read(task, &order, sizeof order));
    for (int i = 0; i < order.count; i++) {
        struct numbered message = { order.sender, i, { 0 } };
        size_t size = sizeof message - (size_t)(i % 190);
        if (i % 97 == 0) {
            static unsigned char large[BUFFER * 2];
            memcpy(large, &message, sizeof message);
            CHECK_OK(mproc_connection_send(order.connection, large, sizeof large, MPROC_FOREVER));
        } else {
            CHECK_OK(mproc_connection_send(order.connection, &message, size, MPROC_FOREVER));
        }
    }
    return 0;
}

/* Several senders at one end: each message whole, each sender's in order. */
static void many_senders(void)
{
    struct pair pair = make(1, 0);
    int count = test_is_soak() ? 100000 : 3000, next[3] = { 0, 0, 0 };
    mproc_process *processes[3];
    for (int i = 0; i < 3; i++) {
        struct {
            mproc_connection connection;
            int sender, count;
        } order = { pair.second, i, count };
        processes[i] = test_start(send_numbered, MPROC_ARG(order));
    }
    for (int i = 0; i < 3 * count; i++) {
        mproc_message view;
        struct numbered message;
        CHECK_OK(mproc_connection_take(pair.first, MPROC_FOREVER, &view));
        memcpy(&message, view.data, 2 * sizeof(int));
        CHECK(message.sender >= 0 && message.sender < 3);
        CHECK_EQ(message.number, next[message.sender]);
        next[message.sender]++;
        CHECK_EQ(view.size, message.number % 97 == 0 ? 2 * BUFFER : sizeof message - (size_t)(message.number % 190));
        CHECK_OK(mproc_message_free(view));
    }
    for (int i = 0; i < 3; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_OK(mproc_connection_poll(pair.first, 0));
    CHECK_CODE(mproc_connection_recv(pair.first, 0, NULL, 0, NULL), MPROC_E_PEER_DIED);
    pair_close(pair);
}

/* ---- Handles that mean nothing ---- */

static void check_all_say(mproc_connection connection, int expected)
{
    char bytes[8];
    size_t size;
    mproc_message view;
    mproc_os_handle handle;
    CHECK_CODE(mproc_connection_send(connection, "x", 1, MPROC_FOREVER), expected);
    CHECK_CODE(mproc_connection_recv(connection, MPROC_FOREVER, bytes, sizeof bytes, &size), expected);
    CHECK_CODE(mproc_connection_take(connection, MPROC_FOREVER, &view), expected);
    CHECK_CODE(mproc_connection_poll(connection, MPROC_FOREVER), expected);
    CHECK_CODE(mproc_connection_write(connection, "x", 1, MPROC_FOREVER, &size), expected);
    CHECK_CODE(mproc_connection_read(connection, MPROC_FOREVER, bytes, sizeof bytes, &size), expected);
    CHECK_CODE(mproc_connection_recv_handle(connection, MPROC_FOREVER, &handle), expected);
    CHECK_CODE(mproc_connection_attach(connection), expected);
    CHECK_CODE(mproc_connection_detach(connection), expected);
    CHECK_NOT(mproc_connection_is_readable(connection), expected);
    CHECK_NOT(mproc_connection_is_writable(connection), expected);
    CHECK_EQ(mproc_connection_is_closed(connection), expected == MPROC_E_CLOSED);
    CHECK_CODE(mproc_last_code(), expected == MPROC_E_CLOSED ? 0 : expected);
    CHECK_CODE(mproc_connection_close(connection), expected == MPROC_E_CLOSED ? 0 : expected);
    mproc_waitable item = mproc_waitable_connection(connection);
    CHECK_CODE(mproc_wait_any(&item, 1, MPROC_FOREVER), expected);
}

static void closed_handles(void)
{
    struct pair pair = make(0, 0), others[8];
    CHECK_OK(mproc_connection_close(pair.first));
    check_all_say(pair.first, MPROC_E_CLOSED);
    CHECK_OK(mproc_connection_close(pair.second));
    /* The place is used again, by another pipe. */
    for (int i = 0; i < 8; i++)
        others[i] = make(0, 0);
    check_all_say(pair.first, MPROC_E_CLOSED);
    check_all_say(pair.second, MPROC_E_CLOSED);
    for (int i = 0; i < 8; i++)
        pair_close(others[i]);
}

static int scene_makes_a_pipe(const char *argument)
{
    (void)argument;
    return make_for_parent(NULL);
}

static void foreign_handles(void)
{
    struct pair pair = make(0, 0);
    check_all_say((mproc_connection){ { 0, 0 } }, MPROC_E_FOREIGN);
    check_all_say((mproc_connection){ { UINT64_MAX, UINT64_MAX } }, MPROC_E_FOREIGN);
    mproc_lock lock;
    CHECK_OK(mproc_lock_create(&lock, NULL));
    check_all_say((mproc_connection){ { lock.id[0], lock.id[1] } }, MPROC_E_FOREIGN);
    CHECK_CODE(mproc_lock_acquire((mproc_lock){ { pair.first.id[0], pair.first.id[1] } }, 0), MPROC_E_FOREIGN);
    CHECK_OK(mproc_lock_destroy(lock));
    CHECK_EQ(test_scene("scene_makes_a_pipe", "", NULL, 0), 0);
    check_all_say(pair_on_board().first, MPROC_E_FOREIGN);
    for (int bit = 0; bit < 128; bit++) {
        mproc_connection damaged = bit % 2 ? pair.first : pair.second;
        damaged.id[bit / 64] ^= (uint64_t)1 << (bit % 64);
        CHECK_CODE(mproc_connection_poll(damaged, MPROC_FOREVER), MPROC_E_FOREIGN);
    }
    pair_close(pair);
}

static void bad_options(void)
{
    struct pair pair;
    mproc_pipe_options options = { .buffer_size = ((size_t)64 << 20) + 1 };
    CHECK_CODE(mproc_pipe_create(&pair.first, &pair.second, &options), MPROC_E_LIMIT);
    CHECK_OK(mproc_pipe_create(&pair.first, &pair.second, NULL));
    static unsigned char bytes[65536 - 8];
    CHECK_OK(mproc_connection_send(pair.first, bytes, sizeof bytes, 0));
    pair_close(pair);
}

/* ---- Rule 54: memory comes back ---- */

static void rule_54_memory_comes_back(void)
{
    static unsigned char bytes[10 * BUFFER];
    mproc_memory_usage before, after;
    for (int i = 0; i < 300; i++) {
        if (i == 20)
            CHECK_OK(mproc_get_memory_usage(&before));
        struct pair pair = make(i & 1, 0);
        /* One is received, one stays in the pipe, one was refused. */
        send_filled(pair.second, sizeof bytes, 1);
        receive_filled(pair.first, sizeof bytes, 1);
        CHECK_OK(mproc_connection_send(pair.second, bytes, sizeof bytes, 0));
        CHECK_CODE(mproc_connection_send(pair.second, bytes, sizeof bytes, 0), MPROC_E_FULL);
        pair_close(pair);
    }
    CHECK_OK(mproc_get_memory_usage(&after));
    CHECK_LE(after.used, before.used + BUFFER);
}

static const struct test tests[] = {
    TEST(rule_12_boundaries_are_kept),
    TEST(rule_12_between_processes),
    TEST(rule_12_poll_takes_nothing),
    TEST(rule_13_end_of_stream),
    TEST(rule_13_broken_pipe),
    TEST(rule_13_close_wakes_all),
    TEST(rule_14_too_short),
    TEST(rule_16_either_end_to_a_child),
    TEST(rule_16_to_a_pool_task),
    TEST(rule_16_through_another_pipe),
    TEST(rule_16_made_by_a_child),
    TEST(death_of_a_peer),
    TEST(death_of_one_of_two_peers),
    TEST(death_of_all_that_are_noted),
    TEST(death_after_detach),
    TEST(death_of_a_sender_loses_nothing),
    TEST(too_many_users),
    TEST(one_way),
    TEST(bytes_without_boundaries),
    TEST(bytes_fill_the_buffer),
    TEST(rule_29_time_outs),
    TEST(many_senders),
    TEST(closed_handles),
    TEST(foreign_handles),
    TEST(bad_options),
    TEST(rule_54_memory_comes_back),
};
static const struct scene scenes[] = { SCENE(scene_makes_a_pipe) };
TEST_MAIN(tests, scenes)
