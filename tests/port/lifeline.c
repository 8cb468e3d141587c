/* A child does not outlive its parent, nor its own main thread. */
#include "port_test.h"

static platform_identity parent_of(const struct port_child_context *context)
{
    char *rest;
    platform_identity parent = { .pid = strtoll(context->argument, &rest, 10) };
    parent.start_time = strtoull(rest, NULL, 10);
    parent.handle = context->handle_count > 1 ? context->handles[1] : PLATFORM_NO_HANDLE;
    return parent;
}

static struct port_process *start_tied(const char *child, platform_handle segment, bool with_handle)
{
    char argument[64];
    platform_identity self;
    CHECK_OK(platform_self_identity(&self));
    snprintf(argument, sizeof argument, "%" PRId64 " %" PRIu64, self.pid, self.start_time);
    const platform_handle handles[2] = { segment, self.handle };
    bool has_handle = with_handle && self.handle != PLATFORM_NO_HANDLE;
    return port_spawn(child, argument, handles, has_handle ? 2 : 1);
}

static int child_tied(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    platform_identity parent = parent_of(context);
    CHECK_OK(platform_lifeline_start(&parent, false, false));
    CHECK_EQ(platform_identity_wait(&parent, 0), 0);
    atomic_store(&board.values[0], platform_self_pid());
    return port_stay(&board);
}

/* In between: starts the tied one, and stays until it is killed. */
static int child_parent(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    start_tied("tied", context->handles[0], strcmp(context->argument, "handle") == 0);
    return port_stay(&board);
}

static void ends_with_its_parent(const char *how)
{
    struct port_board board = port_board_create();
    struct port_process *parent = port_spawn("parent", how, &board.segment, 1);
    WAIT_UNTIL(atomic_load(&board.values[0]) != 0);
    int64_t tied = atomic_load(&board.values[0]);
    CHECK(os_is_alive(tied));
    port_kill(parent);
    WAIT_UNTIL(!os_is_alive(tied));
    port_board_free(&board);
}

static void a_child_ends_with_its_parent(void)
{
    ends_with_its_parent("handle");
}

/* By pid and start time alone, as where a system has no handle on a process. */
static void without_a_handle_too(void)
{
    if (PORT_IS_WINDOWS)
        SKIP("this port always has a handle");
    ends_with_its_parent("number");
}

static int child_late(const struct port_child_context *context)
{
    platform_identity dead = { .pid = atoll(context->argument), .start_time = 1, .handle = PLATFORM_NO_HANDLE };
    CHECK_OK(platform_lifeline_start(&dead, false, false));
    return 5;
}

static int child_return(const struct port_child_context *context)
{
    return atoi(context->argument);
}

static void a_parent_that_is_dead_already(void)
{
    char number[32];
    if (PORT_IS_WINDOWS)
        SKIP("this port always has a handle");
    struct port_process *other = port_spawn("return", "0", NULL, 0);
    snprintf(number, sizeof number, "%" PRId64, platform_process_pid(other->process));
    port_finish_code(other, 0);
    platform_exit how = port_finish(port_spawn("late", number, NULL, 0));
    CHECK(how.kind == PLATFORM_EXIT_SIGNAL);
}

static int child_without_main(const struct port_child_context *context)
{
    platform_identity parent = parent_of(context);
    CHECK_OK(platform_lifeline_start(&parent, false, false));
    if (parent.pid != 0)
        os_thread_exit();
    return 0;
}

static void a_child_ends_with_its_main_thread(void)
{
    struct port_board board = port_board_create();
    port_finish(start_tied("without_main", board.segment, true));
    port_board_free(&board);
}

static const struct port_test tests[] = { TEST(a_child_ends_with_its_parent), TEST(without_a_handle_too),
                                          TEST(a_parent_that_is_dead_already),
                                          TEST(a_child_ends_with_its_main_thread) };
static const struct port_child children[] = { CHILD(child_tied),   CHILD(child_parent),       CHILD(child_late),
                                              CHILD(child_return), CHILD(child_without_main), { NULL, NULL } };
PORT_MAIN(tests, children)
