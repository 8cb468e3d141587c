/* Handles, events and waiting for them. */
#include "port_test.h"

static void event_is_ready_from_set_to_clear(void)
{
    platform_handle event;
    unsigned char ready = 9;
    CHECK_OK(platform_event_create(&event));
    CHECK_EQ(platform_wait_handles(&event, 1, 0, &ready), 0);
    CHECK_EQ(ready, 0);
    for (int i = 0; i < 3; i++)
        platform_event_set(event);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(platform_wait_handles(&event, 1, INT64_MAX, &ready), 1);
        CHECK_EQ(ready, 1);
    }
    platform_event_clear(event);
    platform_event_clear(event);
    CHECK_EQ(platform_wait_handles(&event, 1, 0, &ready), 0);
    platform_handle_close(event);
}

static void deadline_is_kept(void)
{
    platform_handle event;
    unsigned char ready;
    CHECK_OK(platform_event_create(&event));
    int64_t deadline_ns = platform_now_ns() + 50000000;
    CHECK_EQ(platform_wait_handles(&event, 1, deadline_ns, &ready), 0);
    CHECK(platform_now_ns() >= deadline_ns);
    platform_handle_close(event);
}

/* More than any system waits for at once. */
static void any_number_of_handles(void)
{
    enum { COUNT = 200 };
    platform_handle events[COUNT];
    unsigned char ready[COUNT];
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(platform_event_create(&events[i]));
    CHECK_EQ(platform_wait_handles(events, COUNT, 0, ready), 0);
    platform_event_set(events[3]);
    platform_event_set(events[150]);
    CHECK_EQ(platform_wait_handles(events, COUNT, INT64_MAX, ready), 2);
    for (int i = 0; i < COUNT; i++)
        CHECK_EQ(ready[i], i == 3 || i == 150);
    for (int i = 0; i < COUNT; i++)
        platform_handle_close(events[i]);
}

static void set_event(void *event)
{
    platform_event_set(*(platform_handle *)event);
}

static void sleeper_is_woken(void)
{
    platform_handle events[2];
    platform_thread *thread;
    unsigned char ready[2];
    CHECK_OK(platform_event_create(&events[0]));
    CHECK_OK(platform_event_create(&events[1]));
    CHECK_OK(platform_thread_start(set_event, &events[1], "setter", &thread));
    CHECK_EQ(platform_wait_handles(events, 2, INT64_MAX, ready), 1);
    CHECK_EQ(ready[1], 1);
    platform_thread_join(thread);
    platform_handle_close(events[0]);
    platform_handle_close(events[1]);
}

static void no_handle_is_an_error(void)
{
    platform_handle handles[2] = { PLATFORM_NO_HANDLE, PLATFORM_NO_HANDLE };
    unsigned char ready[2] = { 5, 5 };
    CHECK_OK(platform_event_create(&handles[0]));
    platform_event_set(handles[0]);
    CHECK_EQ(platform_wait_handles(handles, 2, 0, ready), MPROC_E_INVALID);
    platform_handle_close(handles[0]);
    platform_handle_close(PLATFORM_NO_HANDLE);
}

static int child_set(const struct port_child_context *context)
{
    platform_event_set(context->handles[0]);
    return 0;
}

static void a_child_sets_an_event(void)
{
    platform_handle event;
    unsigned char ready;
    CHECK_OK(platform_event_create(&event));
    struct port_process *process = port_spawn("set", "", &event, 1);
    CHECK_EQ(platform_wait_handles(&event, 1, port_deadline_ns(30000), &ready), 1);
    port_finish_code(process, 0);
    platform_handle_close(event);
}

static const struct port_test tests[] = { TEST(event_is_ready_from_set_to_clear),
                                          TEST(deadline_is_kept),
                                          TEST(any_number_of_handles),
                                          TEST(sleeper_is_woken),
                                          TEST(no_handle_is_an_error),
                                          TEST(a_child_sets_an_event) };
static const struct port_child children[] = { CHILD(child_set), { NULL, NULL } };
PORT_MAIN(tests, children)
