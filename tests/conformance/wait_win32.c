/* Waiting for a mix on Windows, where the wait itself takes what is ready only once. Rule 10.
 */
#include "pipe_pair.h"

#include <windows.h>

static void set_late(void *user)
{
    os_sleep_ms(60);
    CHECK(SetEvent(user));
}

/* Set while the other side sleeps, as a rule: it must be reported wherever the wait is. */
static void rule_10_event_that_resets_itself(void)
{
    struct pair pair = pair_make(0);
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    mproc_waitable items[] = { mproc_waitable_handle((mproc_os_handle)event), mproc_waitable_connection(pair.first) };
    for (int i = 0; i < 5; i++) {
        os_thread *thread = os_thread_start(set_late, event);
        CHECK_EQ(mproc_wait_any(items, 2, test_limit_ms(10000)), 1);
        CHECK_EQ(items[0].ready, 1);
        CHECK_EQ(items[1].ready, 0);
        os_thread_join(thread);
        CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    }
    CloseHandle(event);
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_OK(mproc_connection_close(pair.second));
}

/* What was taken is reported, though another element has become an error; the error is there at the next call. */
static void rule_10_taken_beside_an_error(void)
{
    struct pair pair = pair_make(0);
    HANDLE semaphore = CreateSemaphoreW(NULL, 1, 1, NULL);
    mproc_waitable items[] = { mproc_waitable_connection(pair.first),
                               mproc_waitable_handle((mproc_os_handle)semaphore) };
    CHECK_OK(mproc_connection_close(pair.first));
    CHECK_EQ(mproc_wait_any(items, 2, 0), 1);
    CHECK_EQ(items[1].ready, 1);
    CHECK_CODE(mproc_wait_any(items, 2, 0), MPROC_E_CLOSED);
    CloseHandle(semaphore);
    CHECK_OK(mproc_connection_close(pair.second));
}

static const struct test tests[] = { TEST(rule_10_event_that_resets_itself), TEST(rule_10_taken_beside_an_error) };
TEST_MAIN_PLAIN(tests)
