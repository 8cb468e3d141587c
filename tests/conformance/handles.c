/* Handles of the operating system through pipes: rules 8, 12, 16 and 54.
 */
#include "pipe_pair.h"

static int is_ready(mproc_os_handle handle)
{
    unsigned char ready = 9;
    test_wait_handles(&handle, 1, 0, &ready);
    return ready;
}

/* The handle of an os_waitable is all that is closed here. */
static void close_received(mproc_os_handle handle)
{
    os_waitable waitable = { handle, -1 };
    os_waitable_close(&waitable);
}

/* What is open, besides the semaphores of words that were slept on, which Windows closes some time after. */
static int handles_open(void)
{
    return test_is_windows() ? 0 : os_handle_count();
}

/* ---- In one process ---- */

static void handle_is_duplicated(void)
{
    struct pair pair = pair_make(4096);
    os_waitable event = os_waitable_create();
    mproc_os_handle received = -1;
    int open = handles_open();
    CHECK_OK(mproc_connection_send_handle(pair.first, event.handle, MPROC_HANDLE_DUP, 0));
    CHECK_OK(mproc_connection_poll(pair.second, 0));
    CHECK_OK(mproc_connection_recv_handle(pair.second, 0, &received));
    CHECK(received != event.handle);
    CHECK_EQ(handles_open(), open + !test_is_windows());
    CHECK_EQ(is_ready(received), 0);
    os_waitable_set(&event);
    CHECK_EQ(is_ready(received), 1);
    CHECK_CODE(mproc_connection_recv_handle(pair.second, 0, &received), MPROC_E_EMPTY);
    close_received(received);
    os_waitable_close(&event);
    pair_close(pair);
}

static void handle_is_moved(void)
{
    struct pair pair = pair_make(4096);
    os_waitable event = os_waitable_create();
    int open = handles_open();
    CHECK_OK(mproc_connection_send_handle(pair.first, event.handle, MPROC_HANDLE_MOVE, 0));
    CHECK_EQ(handles_open(), open - !test_is_windows());
    event.handle = -1;
    CHECK_OK(mproc_connection_recv_handle(pair.second, 0, &event.handle));
    CHECK_EQ(handles_open(), open);
    os_waitable_set(&event);
    CHECK_EQ(is_ready(event.handle), 1);
    os_waitable_close(&event);
    pair_close(pair);
}

/* Messages and handles keep their order, and neither is taken for the other. */
static void handles_among_messages(void)
{
    struct pair pair = pair_make(4096);
    os_waitable event = os_waitable_create();
    mproc_os_handle received;
    char byte;
    mproc_message view;
    CHECK_OK(mproc_connection_send(pair.first, "a", 1, 0));
    CHECK_OK(mproc_connection_send_handle(pair.first, event.handle, MPROC_HANDLE_DUP, 0));
    CHECK_OK(mproc_connection_send(pair.first, "b", 1, 0));
    CHECK_CODE(mproc_connection_recv_handle(pair.second, 0, &received), MPROC_E_TYPE);
    CHECK_OK(mproc_connection_recv(pair.second, 0, &byte, 1, NULL));
    CHECK_EQ(byte, 'a');
    CHECK_CODE(mproc_connection_recv(pair.second, 0, &byte, 1, NULL), MPROC_E_TYPE);
    CHECK_CODE(mproc_connection_take(pair.second, 0, &view), MPROC_E_TYPE);
    CHECK_OK(mproc_connection_recv_handle(pair.second, 0, &received));
    close_received(received);
    CHECK_CODE(mproc_connection_recv_handle(pair.second, 0, &received), MPROC_E_TYPE);
    CHECK_OK(mproc_connection_recv(pair.second, 0, &byte, 1, NULL));
    CHECK_EQ(byte, 'b');
    os_waitable_close(&event);
    pair_close(pair);
}

static void bad_handles(void)
{
    struct pair pair = pair_make(4096);
    os_waitable event = os_waitable_create();
    CHECK_CODE(mproc_connection_send_handle(pair.first, -1, MPROC_HANDLE_DUP, 0), MPROC_E_INVALID);
    CHECK_CODE(mproc_connection_send_handle(pair.first, event.handle, (mproc_handle_mode)7, 0), MPROC_E_INVALID);
    os_waitable_close(&event);
    CHECK_CODE(mproc_connection_send_handle(pair.first, event.handle, MPROC_HANDLE_DUP, 0), MPROC_E_INVALID);
    CHECK_CODE(mproc_connection_poll(pair.second, 0), MPROC_E_EMPTY);
    pair_close(pair);
    CHECK_CODE(mproc_connection_send_handle(pair.first, 5, MPROC_HANDLE_DUP, 0), MPROC_E_CLOSED);
    CHECK_CODE(mproc_connection_send_handle((mproc_connection){ { 1, 2 } }, 5, MPROC_HANDLE_DUP, 0), MPROC_E_FOREIGN);
}

/* ---- Between processes ---- */

static int wait_for_received(mproc_task *task)
{
    mproc_connection connection;
    mproc_os_handle handle;
    unsigned char ready;
    CHECK_OK(mproc_task_read(task, &connection, sizeof connection));
    CHECK_OK(mproc_connection_recv_handle(connection, MPROC_FOREVER, &handle));
    CHECK_OK(mproc_connection_send(connection, NULL, 0, MPROC_FOREVER));
    CHECK_EQ(test_wait_handles(&handle, 1, MPROC_FOREVER, &ready), 1);
    close_received(handle);
    return 3;
}

static void rule_16_handle_to_a_child(void)
{
    struct pair pair = pair_make(4096);
    os_waitable event = os_waitable_create();
    mproc_process *process = test_start(wait_for_received, MPROC_ARG(pair.second));
    CHECK_OK(mproc_connection_send_handle(pair.first, event.handle, MPROC_HANDLE_DUP, MPROC_FOREVER));
    CHECK_OK(mproc_connection_recv(pair.first, MPROC_FOREVER, NULL, 0, NULL));
    os_waitable_set(&event);
    CHECK_EQ(test_finish(process), 3);
    os_waitable_close(&event);
    pair_close(pair);
}

/* A child's own handle, sent and closed, and the child ends: the parent has it. */
static int send_and_end(mproc_task *task)
{
    mproc_connection connection;
    CHECK_OK(mproc_task_read(task, &connection, sizeof connection));
    os_waitable event = os_waitable_create();
    os_waitable_set(&event);
    CHECK_OK(mproc_connection_send_handle(connection, event.handle, MPROC_HANDLE_MOVE, MPROC_FOREVER));
    return 0;
}

static void handle_outlives_its_sender(void)
{
    struct pair pair = pair_make(4096);
    mproc_os_handle handle;
    CHECK_EQ(test_finish(test_start(send_and_end, MPROC_ARG(pair.second))), 0);
    CHECK_EQ(test_finish(test_start(send_and_end, MPROC_ARG(pair.second))), 0);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(mproc_connection_recv_handle(pair.first, 0, &handle));
        CHECK_EQ(is_ready(handle), 1);
        close_received(handle);
    }
    CHECK_CODE(mproc_connection_recv_handle(pair.first, MPROC_FOREVER, &handle), MPROC_E_PEER_DIED);
    pair_close(pair);
}

static void handle_through_a_pool_task(void)
{
    struct pair pair = pair_make(4096);
    os_waitable event = os_waitable_create();
    mproc_pool *pool;
    mproc_result *result;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .start_method = test_method() }));
    CHECK_OK(mproc_pool_apply_async(pool, wait_for_received, MPROC_ARG(pair.second), NULL, &result));
    CHECK_OK(mproc_connection_send_handle(pair.first, event.handle, MPROC_HANDLE_DUP, MPROC_FOREVER));
    os_waitable_set(&event);
    CHECK_OK(mproc_result_get(result, MPROC_FOREVER, NULL, 0, NULL));
    mproc_result_free(result);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, MPROC_FOREVER));
    CHECK_OK(mproc_pool_free(pool));
    os_waitable_close(&event);
    pair_close(pair);
}

/* ---- What nobody receives ---- */

/* Those of several pipes lie in the store in one order, and are received in another. */
static void handles_of_several_pipes(void)
{
    struct pair pairs[5];
    os_waitable events[5];
    for (int i = 0; i < 5; i++) {
        pairs[i] = pair_make(4096);
        events[i] = os_waitable_create();
        for (int copy = 0; copy < 3; copy++)
            CHECK_OK(mproc_connection_send_handle(pairs[i].first, events[i].handle, MPROC_HANDLE_DUP, 0));
    }
    os_waitable_set(&events[3]);
    for (int i = 4; i >= 0; i--) {
        mproc_os_handle handle;
        CHECK_OK(mproc_connection_recv_handle(pairs[i].second, 0, &handle));
        CHECK_EQ(is_ready(handle), i == 3);
        close_received(handle);
        os_waitable_close(&events[i]);
    }
    for (int i = 0; i < 5; i++)
        pair_close(pairs[i]);
}

/* The reading end of a pipe is under way, and its pipe is closed: the writing end learns that nobody reads. */
static void unreceived_is_closed_with_the_pipe(void)
{
    struct pair pair = pair_make(4096), other = pair_make(4096);
    os_waitable event = os_waitable_create(), before = os_waitable_create();
    mproc_os_handle writer = event.other;
    /* Another one is before it in the store, and stays. */
    CHECK_OK(mproc_connection_send_handle(other.first, before.handle, MPROC_HANDLE_DUP, 0));
    CHECK_OK(mproc_connection_send_handle(pair.first, event.handle, MPROC_HANDLE_MOVE, 0));
    CHECK_EQ(is_ready(writer), 0);
    pair_close(pair);
    CHECK_EQ(is_ready(writer), 1);
    event.handle = event.other;
    event.other = -1;
    os_waitable_close(&event);
    mproc_os_handle handle;
    CHECK_OK(mproc_connection_recv_handle(other.second, 0, &handle));
    close_received(handle);
    os_waitable_close(&before);
    pair_close(other);
}

/* ---- Rule 54: limits ---- */

static void rule_54_too_many_under_way(void)
{
    struct pair pair;
    CHECK_OK(mproc_pipe_create(&pair.first, &pair.second, NULL));
    os_waitable event = os_waitable_create();
    int sent = 0, code;
    while ((code = mproc_connection_send_handle(pair.first, event.handle, MPROC_HANDLE_DUP, 0)) == 0)
        sent++;
    CHECK_CODE(code, MPROC_E_LIMIT);
    CHECK_LE(100, sent);
    for (int i = 0; i < sent; i++) {
        mproc_os_handle handle;
        CHECK_OK(mproc_connection_recv_handle(pair.second, 0, &handle));
        close_received(handle);
    }
    CHECK_CODE(mproc_connection_recv_handle(pair.second, 0, &(mproc_os_handle){ 0 }), MPROC_E_EMPTY);
    os_waitable_close(&event);
    pair_close(pair);
}

static const struct test tests[] = {
    TEST(handle_is_duplicated),
    TEST(handle_is_moved),
    TEST(handles_among_messages),
    TEST(bad_handles),
    TEST(rule_16_handle_to_a_child),
    TEST(handle_outlives_its_sender),
    TEST(handle_through_a_pool_task),
    TEST(handles_of_several_pipes),
    TEST_WITH(unreceived_is_closed_with_the_pipe, TEST_POSIX_ONLY, 0),
    TEST_WITH(rule_54_too_many_under_way, TEST_POSIX_ONLY, 0),
};
TEST_MAIN_PLAIN(tests)
