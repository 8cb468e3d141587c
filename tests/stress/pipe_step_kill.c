/* A process killed at every instruction of a send, a receive, a close, and the sending and receiving of a handle.
 *
 * Wherever it dies, the pipe works for the others; a message is there whole or not at all; of those that came before
 * and after it none is touched; and in the end no memory and no open file is left behind.
 */
#include "pipe_pair.h"
#include "stepper.h"

#define BUFFER 4096
#define LARGE  (2 * BUFFER)

/* Board words: what the process knows to have done. */
enum { DONE = 20 };

static void send_number(mproc_connection connection, int number, size_t size)
{
    static unsigned char bytes[LARGE];
    memset(bytes, number, sizeof bytes);
    CHECK_OK(mproc_connection_send(connection, bytes, size, 0));
}

/* Returns the number of the next message, -1 if there is none. It is whole. */
static int next_number(mproc_connection connection)
{
    mproc_message view;
    int code = mproc_connection_take(connection, 0, &view);
    if (code == MPROC_E_EMPTY || code == MPROC_E_PEER_DIED)
        return -1;
    CHECK_OK(code);
    CHECK(view.size == 100 || view.size == LARGE);
    const unsigned char *bytes = view.data;
    int number = bytes[0];
    for (size_t i = 0; i < view.size; i++)
        CHECK_EQ(bytes[i], number);
    CHECK_OK(mproc_message_free(view));
    return number;
}

/* Both ways, both sizes. */
static void check_works(struct pair pair)
{
    for (int i = 0; i < 2; i++) {
        mproc_connection from = i ? pair.first : pair.second, to = i ? pair.second : pair.first;
        send_number(from, 77, LARGE);
        CHECK_EQ(next_number(to), 77);
        send_number(from, 78, 100);
        CHECK_EQ(next_number(to), 78);
        CHECK_EQ(next_number(to), -1);
    }
}

/* What a process maps and makes once is no part of what is looked at. */
static void warm_up(void)
{
    struct pair pair = pair_make(BUFFER);
    check_works(pair);
    pair_close(pair);
}

/* Runs the scene with a kill after 0, stride, 2 stride ... steps, until the process is through. */
static void step_through(void (*scene)(long steps, bool *ret_through), long stride)
{
    mproc_memory_usage before, after;
    warm_up();
    CHECK_OK(mproc_get_memory_usage(&before));
    int open = os_handle_count();
    long kills = 0;
    bool through = false;
    for (long steps = 0; !through; steps += stride, kills++)
        scene(steps, &through);
    CHECK(kills > (test_is_short() ? 3 : 8));
    CHECK_EQ(os_handle_count(), open);
    CHECK_OK(mproc_get_memory_usage(&after));
    CHECK_EQ(after.pipes, before.pipes);
    CHECK_EQ(after.data, before.data);
}

/* ---- Send ---- */

struct order {
    struct pair pair;
    size_t size;
};

static int send_it(mproc_task *task)
{
    struct order order;
    CHECK_OK(mproc_task_read(task, &order, sizeof order));
    warm_up();
    CHECK_OK(mproc_connection_attach(order.pair.second));
    stepper_begin();
    send_number(order.pair.second, 2, order.size);
    atomic_store(&test_board()[DONE], 1);
    stepper_through();
}

static void kill_sender(long steps, size_t size, bool *ret_through)
{
    struct order order = { pair_make(BUFFER), size };
    atomic_store(&test_board()[DONE], 0);
    /* A large message waits for an empty stream. */
    if (size != LARGE)
        send_number(order.pair.second, 1, 100);
    *ret_through = stepper_kill_after(send_it, MPROC_ARG(order), steps, NULL);
    if (size != LARGE)
        CHECK_EQ(next_number(order.pair.first), 1);
    int number = next_number(order.pair.first);
    CHECK(number == 2 || (number == -1 && atomic_load(&test_board()[DONE]) == 0));
    /* This process has used that end too. */
    CHECK_OK(mproc_connection_detach(order.pair.second));
    CHECK_CODE(mproc_connection_recv(order.pair.first, MPROC_FOREVER, NULL, 0, NULL), MPROC_E_PEER_DIED);
    check_works(order.pair);
    pair_close(order.pair);
}

static void kill_small_sender(long steps, bool *ret_through)
{
    kill_sender(steps, 100, ret_through);
}

static void kill_large_sender(long steps, bool *ret_through)
{
    kill_sender(steps, LARGE, ret_through);
}

/* ---- Receive ---- */

static int receive_all(mproc_task *task)
{
    static unsigned char bytes[LARGE];
    struct order order;
    CHECK_OK(mproc_task_read(task, &order, sizeof order));
    warm_up();
    CHECK_OK(mproc_connection_attach(order.pair.second));
    stepper_begin();
    for (int i = 0; i < 3; i++) {
        size_t size;
        CHECK_OK(mproc_connection_recv(order.pair.second, 0, bytes, sizeof bytes, &size));
        atomic_store(&test_board()[DONE], i + 1);
    }
    stepper_through();
}

/* What is left begins where the dead one was, with or without the message in his hands. */
static void kill_receiver(long steps, bool *ret_through)
{
    struct order order = { pair_make(BUFFER), 0 };
    atomic_store(&test_board()[DONE], 0);
    send_number(order.pair.first, 1, LARGE);
    send_number(order.pair.first, 2, 100);
    send_number(order.pair.first, 3, 100);
    *ret_through = stepper_kill_after(receive_all, MPROC_ARG(order), steps, NULL);
    int received = (int)atomic_load(&test_board()[DONE]), number = next_number(order.pair.second);
    if (received == 3)
        CHECK_EQ(number, -1);
    else
        CHECK(number == received + 1 || number == (received == 2 ? -1 : received + 2));
    while (number != -1 && number < 3)
        CHECK_EQ(next_number(order.pair.second), ++number);
    CHECK_EQ(next_number(order.pair.second), -1);
    check_works(order.pair);
    pair_close(order.pair);
}

/* ---- Attach ---- */

static int attach_and_end(mproc_task *task)
{
    struct order order;
    CHECK_OK(mproc_task_read(task, &order, sizeof order));
    CHECK_OK(mproc_connection_attach(order.pair.second));
    return 0;
}

static int attach(mproc_task *task)
{
    struct order order;
    CHECK_OK(mproc_task_read(task, &order, sizeof order));
    warm_up();
    stepper_begin();
    CHECK_OK(mproc_connection_attach(order.pair.second));
    stepper_through();
}

/* An end that a dead process has used is never taken for one to which nobody has come yet. */
static void kill_attacher(long steps, bool *ret_through)
{
    struct order order = { pair_make(BUFFER), 0 };
    CHECK_EQ(test_finish(test_start(attach_and_end, MPROC_ARG(order))), 0);
    *ret_through = stepper_kill_after(attach, MPROC_ARG(order), steps, NULL);
    CHECK_CODE(mproc_connection_recv(order.pair.first, MPROC_FOREVER, NULL, 0, NULL), MPROC_E_PEER_DIED);
    check_works(order.pair);
    pair_close(order.pair);
}

/* ---- Close ---- */

static int close_both(mproc_task *task)
{
    struct order order;
    CHECK_OK(mproc_task_read(task, &order, sizeof order));
    warm_up();
    stepper_begin();
    CHECK_OK(mproc_connection_close(order.pair.first));
    CHECK_OK(mproc_connection_close(order.pair.second));
    stepper_through();
}

static int code_of_close(mproc_connection connection)
{
    int code = mproc_connection_close(connection);
    CHECK(code == 0 || code == MPROC_E_CLOSED);
    return code;
}

/* The second end is never found open while the first one's closing is not done. */
static void kill_closer(long steps, bool *ret_through)
{
    struct order order = { pair_make(BUFFER), 0 };
    send_number(order.pair.first, 1, LARGE);
    send_number(order.pair.second, 1, LARGE);
    *ret_through = stepper_kill_after(close_both, MPROC_ARG(order), steps, NULL);
    int second = code_of_close(order.pair.second), first = code_of_close(order.pair.first);
    CHECK(!(second == MPROC_E_CLOSED && first == 0));
    CHECK_EQ(mproc_connection_is_closed(order.pair.first) + mproc_connection_is_closed(order.pair.second), 2);
}

/* ---- Handles ---- */

struct handle_order {
    struct pair pair;
    mproc_os_handle handle;
};

/* A descriptor that the parent has, and that fork has handed on: moved, so that only the one under way is left. */
static int send_handle(mproc_task *task)
{
    struct handle_order order;
    CHECK_OK(mproc_task_read(task, &order, sizeof order));
    warm_up();
    stepper_begin();
    CHECK_OK(mproc_connection_send_handle(order.pair.second, order.handle, MPROC_HANDLE_DUP, 0));
    atomic_store(&test_board()[DONE], 1);
    stepper_through();
}

static int receive_handle(mproc_task *task)
{
    struct handle_order order;
    CHECK_OK(mproc_task_read(task, &order, sizeof order));
    warm_up();
    stepper_begin();
    CHECK_OK(mproc_connection_recv_handle(order.pair.first, 0, &order.handle));
    atomic_store(&test_board()[DONE], 1);
    stepper_through();
}

/* Another handle passes the store, and what is over goes. */
static void turn_the_store(mproc_os_handle handle)
{
    struct pair pair = pair_make(BUFFER);
    os_waitable received = { -1, -1 };
    CHECK_OK(mproc_connection_send_handle(pair.first, handle, MPROC_HANDLE_DUP, 0));
    CHECK_OK(mproc_connection_recv_handle(pair.second, 0, &received.handle));
    os_waitable_close(&received);
    pair_close(pair);
}

/* The writing end is ready once nobody has the reading end open, nor is it under way. */
static bool nobody_reads(mproc_os_handle writer)
{
    unsigned char ready = 0;
    test_wait_handles(&writer, 1, 0, &ready);
    return ready != 0;
}

static void close_handle(mproc_os_handle handle)
{
    os_waitable waitable = { handle, -1 };
    os_waitable_close(&waitable);
}

static void check_nothing_is_under_way(os_waitable event, struct pair pair)
{
    os_waitable other = os_waitable_create();
    turn_the_store(other.handle);
    os_waitable_close(&other);
    close_handle(event.handle);
    CHECK(nobody_reads(event.other));
    close_handle(event.other);
    pair_close(pair);
}

static void kill_handle_sender(long steps, bool *ret_through)
{
    os_waitable event = os_waitable_create();
    struct handle_order order = { pair_make(BUFFER), event.handle };
    mproc_os_handle received;
    atomic_store(&test_board()[DONE], 0);
    *ret_through = stepper_kill_after(send_handle, MPROC_ARG(order), steps, NULL);
    int code = mproc_connection_recv_handle(order.pair.first, 0, &received);
    if (code == 0)
        close_handle(received);
    else
        CHECK(code != MPROC_E_NOT_FOUND && atomic_load(&test_board()[DONE]) == 0);
    check_works(order.pair);
    check_nothing_is_under_way(event, order.pair);
}

/* Killed before it has passed the frame it leaves the handle to the next one. */
static void kill_handle_receiver(long steps, bool *ret_through)
{
    os_waitable event = os_waitable_create();
    struct handle_order order = { pair_make(BUFFER), event.handle };
    mproc_os_handle received;
    atomic_store(&test_board()[DONE], 0);
    CHECK_OK(mproc_connection_send_handle(order.pair.second, event.handle, MPROC_HANDLE_DUP, 0));
    *ret_through = stepper_kill_after(receive_handle, MPROC_ARG(order), steps, NULL);
    int code = mproc_connection_recv_handle(order.pair.first, 0, &received);
    if (code == 0)
        close_handle(received);
    CHECK(code == MPROC_E_EMPTY || (code == 0 && atomic_load(&test_board()[DONE]) == 0));
    check_works(order.pair);
    check_nothing_is_under_way(event, order.pair);
}

/* ---- Samples and all ---- */

static void killed_in_a_send(void)
{
    step_through(kill_small_sender, stepper_stride(89, 1));
}

static void killed_in_a_large_send(void)
{
    step_through(kill_large_sender, stepper_stride(1009, 1));
}

static void killed_in_an_attach(void)
{
    step_through(kill_attacher, stepper_stride(7, 1));
}

static void killed_in_a_receive(void)
{
    step_through(kill_receiver, stepper_stride(1009, 1));
}

static void killed_in_a_close(void)
{
    step_through(kill_closer, stepper_stride(127, 1));
}

static void killed_in_sending_a_handle(void)
{
    step_through(kill_handle_sender, stepper_stride(127, 1));
}

static void killed_in_receiving_a_handle(void)
{
    step_through(kill_handle_receiver, stepper_stride(127, 1));
}

#define FLAGS (TEST_FORK_ONLY | TEST_NO_SANITIZER)

static const struct test tests[] = {
    TEST_WITH(killed_in_a_send, FLAGS, 600),           TEST_WITH(killed_in_a_large_send, FLAGS, 600),
    TEST_WITH(killed_in_a_receive, FLAGS, 600),        TEST_WITH(killed_in_a_close, FLAGS, 600),
    TEST_WITH(killed_in_sending_a_handle, FLAGS, 600), TEST_WITH(killed_in_receiving_a_handle, FLAGS, 600),
    TEST_WITH(killed_in_an_attach, FLAGS, 600),
};
TEST_MAIN_PLAIN(tests)
