/* The nth call into the system fails while a pipe is made and used, a handle is passed, and a mix is waited for: each
 * is done or says an error, and then all of it works. Rule 54. Reaches into the port's call table.
 */
#include "calls.h"
#include "pipe_pair.h"

#ifdef _WIN32
#define LIMIT_ERROR ERROR_NOT_ENOUGH_MEMORY
#else
#include <errno.h>
#define LIMIT_ERROR ENOMEM
#endif

#define BUFFER  4096
#define NTH_MAX 200

static void close_received(mproc_os_handle handle)
{
    os_waitable waitable = { handle, -1 };
    os_waitable_close(&waitable);
}

/* A small message and a large one, each sent until it is sent, and received until it is received. Returns how many
 * errors there were. */
static int pass_messages(struct pair pair)
{
    static unsigned char bytes[3 * BUFFER];
    int errors = 0;
    for (unsigned i = 0; i < 2; i++) {
        size_t size = i ? sizeof bytes : 10, arrived = 0;
        memset(bytes, 5, size);
        while (mproc_connection_send(pair.first, bytes, size, 0) < 0)
            CHECK_LE(++errors, 1);
        memset(bytes, 0, size);
        while (mproc_connection_recv(pair.second, 0, bytes, sizeof bytes, &arrived) < 0)
            CHECK_LE(++errors, 1);
        CHECK_EQ(arrived, size);
        CHECK(bytes[0] == 5 && bytes[size - 1] == 5);
    }
    return errors;
}

/* The handle is whole when it comes. */
static int pass_handle(struct pair pair)
{
    os_waitable event = os_waitable_create();
    mproc_os_handle received = -1;
    unsigned char ready;
    int errors = 0;
    while (mproc_connection_send_handle(pair.first, event.handle, MPROC_HANDLE_DUP, 0) < 0)
        CHECK_LE(++errors, 1);
    while (mproc_connection_recv_handle(pair.second, 0, &received) < 0)
        CHECK_LE(++errors, 1);
    os_waitable_set(&event);
    while (test_wait_handles(&received, 1, 0, &ready) < 0)
        CHECK_LE(++errors, 1);
    CHECK_EQ(ready, 1);
    close_received(received);
    os_waitable_close(&event);
    return errors;
}

/* Nothing is ready, and then one thing is. */
static int wait_for_mix(struct pair pair)
{
    os_waitable event = os_waitable_create();
    mproc_waitable items[] = { mproc_waitable_connection(pair.first), mproc_waitable_handle(event.handle) };
    int errors = 0, code;
    while ((code = mproc_wait_any(items, 2, 2)) != MPROC_E_TIMEOUT)
        CHECK_LE(++errors, 1);
    os_waitable_set(&event);
    while ((code = mproc_wait_any(items, 2, MPROC_FOREVER)) < 0)
        CHECK_LE(++errors, 1);
    CHECK_EQ(code, 1);
    CHECK_EQ(items[1].ready, 1);
    os_waitable_close(&event);
    return errors;
}

static int use_pipe(void)
{
    struct pair pair;
    int errors = 0;
    while (mproc_pipe_create(&pair.first, &pair.second, &(mproc_pipe_options){ .buffer_size = BUFFER }) < 0)
        CHECK_LE(++errors, 1);
    errors += pass_messages(pair);
    errors += pass_handle(pair);
    errors += wait_for_mix(pair);
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_OK(mproc_connection_close(pair.second));
    return errors;
}

static void rule_54_each_call_fails_once(void)
{
    mproc_memory_usage before, after;
    CHECK_EQ(use_pipe(), 0);
    CHECK_OK(mproc_get_memory_usage(&before));
    int open = os_handle_count(), threads = os_thread_count(), failures = 0, nth = 1;
    for (; nth < NTH_MAX; nth++) {
        CHECK_OK(platform_calls_fail_nth(NULL, nth, LIMIT_ERROR));
        failures += use_pipe();
        bool was_reached = platform_calls_count() >= nth;
        platform_calls_reset();
        if (!was_reached)
            break;
    }
    CHECK_LE(nth, NTH_MAX - 1);
    CHECK(failures > 0);
    CHECK_EQ(use_pipe(), 0);
    /* Windows has a semaphore for each word that was slept on, and closes it some time after. */
    WAIT_UNTIL(os_handle_count() <= open);
    CHECK_EQ(os_thread_count(), threads);
    CHECK_OK(mproc_get_memory_usage(&after));
    CHECK_EQ(after.pipes, before.pipes);
    CHECK_EQ(after.data, before.data);
}

static const struct test tests[] = { TEST_WITH(rule_54_each_call_fails_once, 0, 60) };
TEST_MAIN_PLAIN(tests)
