/* The boot text, the environment, and what a child inherits. */
#include "port_test.h"

/* Neither this child nor what it starts finds the text again. */
static int child_look_again(const struct port_child_context *context)
{
    char text[64];
    CHECK(strcmp(context->argument, "x=y z\"$%;") == 0);
    CHECK(!platform_boot_take(text, sizeof text));
    CHECK(!getenv("MPROC_BOOT"));
    return 17;
}

static void the_text_arrives_once(void)
{
    char text[64];
    CHECK(!platform_boot_take(text, sizeof text));
    uint64_t before = os_environment_digest();
    port_finish_code(port_spawn("look_again", "x=y z\"$%;", NULL, 0), 17);
    CHECK(before == os_environment_digest());
}

static int child_environment(const struct port_child_context *context)
{
    const char *value = getenv("MPROC_PORT_TEST");
    return value && strcmp(value, context->argument) == 0 ? 0 : 1;
}

static void the_environment_is_inherited(void)
{
    os_set_environment("MPROC_PORT_TEST", "some value");
    port_finish_code(port_spawn("environment", "some value", NULL, 0), 0);
}

/* Seven and the scope: as many as there can be, and in this order. */
static int child_set_third(const struct port_child_context *context)
{
    CHECK_EQ(context->handle_count, 7);
    platform_event_set(context->handles[2]);
    return 0;
}

static void handles_arrive_in_order(void)
{
    platform_handle events[7];
    unsigned char ready[7];
    for (int i = 0; i < 7; i++)
        CHECK_OK(platform_event_create(&events[i]));
    port_finish_code(port_spawn("set_third", "", events, 7), 0);
    CHECK_EQ(platform_wait_handles(events, 7, 0, ready), 1);
    CHECK_EQ(ready[2], 1);
    for (int i = 0; i < 7; i++)
        platform_handle_close(events[i]);
}

static int child_write(const struct port_child_context *context)
{
    (void)context;
    platform_write_stderr("# a line of a child\n", 20);
    return 0;
}

static void stderr_is_passed_on(void)
{
    port_finish_code(port_spawn("write", "", NULL, 0), 0);
    platform_write_stderr("", 0);
}

static const struct port_test tests[] = { TEST(the_text_arrives_once), TEST(the_environment_is_inherited),
                                          TEST(handles_arrive_in_order), TEST(stderr_is_passed_on) };
static const struct port_child children[] = {
    CHILD(child_look_again), CHILD(child_environment), CHILD(child_set_third), CHILD(child_write), { NULL, NULL }
};
PORT_MAIN(tests, children)
