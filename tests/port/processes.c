/* Processes: starting, ends, killing, killing trees, identities. */
#include "port_test.h"

static int child_return(const struct port_child_context *context)
{
    return atoi(context->argument);
}

/* Says that it is there by value 0, and stays. */
static int child_stay(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    atomic_fetch_add(&board.values[0], 1);
    return port_stay(&board);
}

static int child_crash(const struct port_child_context *context)
{
    (void)context;
    abort();
}

static void exit_codes(void)
{
    port_finish_code(port_spawn("return", "0", NULL, 0), 0);
    port_finish_code(port_spawn("return", "123", NULL, 0), 123);
    port_finish_code(port_spawn("return", "255", NULL, 0), 255);
}

static struct port_process *start_stayer(struct port_board *board)
{
    int64_t before = atomic_load(&board->values[0]);
    struct port_process *process = port_spawn("stay", "", &board->segment, 1);
    WAIT_UNTIL(atomic_load(&board->values[0]) > before);
    return process;
}

static void check_killed(platform_exit how, int signal_number)
{
    CHECK_EQ(how.kind, PORT_IS_WINDOWS ? PLATFORM_EXIT_CODE : PLATFORM_EXIT_SIGNAL);
    CHECK_EQ(how.code, PORT_IS_WINDOWS ? -15 : signal_number);
}

static void terminate_and_kill(void)
{
    struct port_board board = port_board_create();
    struct port_process *process = start_stayer(&board);
    CHECK_OK(platform_process_terminate(process->process));
    check_killed(port_finish(process), 15);
    process = start_stayer(&board);
    CHECK_OK(platform_process_kill(process->process));
    check_killed(port_finish(process), 9);
    process = start_stayer(&board);
    CHECK(!platform_process_is_stopped(process->process));
    CHECK(!platform_process_is_headless(process->process));
    int code = platform_process_interrupt(process->process);
    CHECK(code == 0 || code == MPROC_E_NOT_SUPPORTED);
    if (code == 0)
        check_killed(port_finish(process), 2);
    else
        port_kill(process);
    port_board_free(&board);
}

static void the_dead_are_killed_in_vain(void)
{
    struct port_process *process = port_spawn("return", "3", NULL, 0);
    unsigned char ready;
    platform_handle sentinel = platform_process_sentinel(process->process);
    CHECK_EQ(platform_wait_handles(&sentinel, 1, port_deadline_ns(30000), &ready), 1);
    CHECK_OK(platform_process_kill(process->process));
    CHECK_OK(platform_process_terminate(process->process));
    port_finish_code(process, 3);
}

static void a_crash_is_no_exit_code_of_its_own(void)
{
    platform_exit how = port_finish(port_spawn("crash", "", NULL, 0));
    CHECK(how.kind == PLATFORM_EXIT_SIGNAL || how.kind == PLATFORM_EXIT_CODE);
    CHECK(how.code != 0);
}

/* What a child wrote before its death is seen by whoever is told of that. */
static int child_write_and_end(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    for (int i = 0; i < 64; i++)
        atomic_store_explicit(&board.values[i], 1, memory_order_relaxed);
    return 0;
}

static void last_writes_are_seen(void)
{
    struct port_board board = port_board_create();
    port_finish_code(port_spawn("write_and_end", "", &board.segment, 1), 0);
    for (int i = 0; i < 64; i++)
        CHECK_EQ(atomic_load_explicit(&board.values[i], memory_order_relaxed), 1);
    port_board_free(&board);
}

static struct port_board board_at_exit;

/* Answers at value 1 what is asked at value 0. */
static void answer_once(void *unused)
{
    (void)unused;
    WAIT_UNTIL(atomic_load(&board_at_exit.values[0]) == 1);
    atomic_store(&board_at_exit.values[1], 1);
}

static void ask_at_exit(void)
{
    atomic_store(&board_at_exit.values[0], 1);
    WAIT_UNTIL(atomic_load(&board_at_exit.values[1]) == 1);
    atomic_store(&board_at_exit.values[2], 1);
}

static int child_exit_beside_a_thread(const struct port_child_context *context)
{
    platform_thread *thread;
    board_at_exit = port_board_open(context->handles[0]);
    CHECK_OK(platform_at_exit(ask_at_exit));
    CHECK_OK(platform_thread_start(answer_once, NULL, "answers", &thread));
    exit(9);
}

static void what_is_called_at_exit_has_its_threads(void)
{
    struct port_board board = port_board_create();
    port_finish_code(port_spawn("exit_beside_a_thread", "", &board.segment, 1), 9);
    CHECK_EQ(atomic_load(&board.values[2]), 1);
    port_board_free(&board);
}

static int child_note_pid(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    atomic_store(&board.values[2], platform_self_pid());
    return child_stay(context);
}

/* Starts one of its own, and stays. */
static int child_start_noted(const struct port_child_context *context)
{
    port_spawn("note_pid", "", context->handles, 1);
    return child_stay(context);
}

static void killing_a_tree(void)
{
    struct port_board board = port_board_create();
    struct port_process *process = port_spawn_group("start_noted", "", &board.segment, 1);
    WAIT_UNTIL(atomic_load(&board.values[0]) == 2);
    int64_t grandchild = atomic_load(&board.values[2]);
    CHECK(os_is_alive(grandchild));
    CHECK_OK(platform_process_kill_tree(process->process));
    port_finish(process);
    WAIT_UNTIL(!os_is_alive(grandchild));
    port_board_free(&board);
}

/* Kills what it has started, where that is its own affair, and goes on. */
static int child_kill_what_it_started(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    struct port_process *started = port_spawn("stay", "", context->handles, 1);
    WAIT_UNTIL(atomic_load(&board.values[0]) == 1);
    platform_kill_descendants();
    if (PORT_IS_WINDOWS)
        port_kill(started);
    else
        check_killed(port_finish(started), 9);
    return 0;
}

static void killing_descendants(void)
{
    struct port_board board = port_board_create();
    port_finish_code(port_spawn_group("kill_what_it_started", "", &board.segment, 1), 0);
    port_board_free(&board);
}

/* With a group, what it started goes with it when it ends, however it does. */
static void a_group_goes_with_its_leader(void)
{
    struct port_board board = port_board_create();
    struct port_process *process = port_spawn_group("start_noted", "", &board.segment, 1);
    WAIT_UNTIL(atomic_load(&board.values[0]) == 2);
    int64_t grandchild = atomic_load(&board.values[2]);
    os_kill(platform_process_pid(process->process));
    port_finish(process);
    WAIT_UNTIL(!os_is_alive(grandchild));
    port_board_free(&board);
}

static void a_forgotten_child_lives_on(void)
{
    struct port_board board = port_board_create();
    struct port_process *process = start_stayer(&board);
    int64_t pid = platform_process_pid(process->process);
    platform_process_free(process->process);
    CHECK(os_is_alive(pid));
    os_kill(pid);
    WAIT_UNTIL(!os_is_alive(pid));
    platform_handle_close(process->ended);
    free(process);
    port_board_free(&board);
}

static void no_such_program(void)
{
    platform_process_options options;
    struct port_process *object = port_process_new(&options);
    options.executable = "/no/such/program";
    CHECK_EQ(platform_process_spawn(&options, &object->process), MPROC_E_START_FAILED);
    CHECK(platform_error_text()[0]);
    options.executable = NULL;
    options.handle_count = PLATFORM_MAX_HANDLES + 1;
    CHECK(platform_process_spawn(&options, &object->process) < 0);
    platform_handle_close(object->ended);
    free(object);
}

/* ---- Identity ---- */

static void identities(void)
{
    platform_identity self, again;
    CHECK_OK(platform_self_identity(&self));
    CHECK_OK(platform_self_identity(&again));
    CHECK_EQ(self.pid, platform_self_pid());
    CHECK_EQ(self.start_time, platform_self_start_time());
    CHECK_EQ(self.handle, again.handle);
    CHECK(platform_is_alive(self.pid, self.start_time));
    CHECK(platform_is_alive(self.pid, 0));
    CHECK_EQ(platform_identity_wait(&self, platform_now_ns() + 20000000), 0);
    if (self.start_time != 0)
        CHECK(!platform_is_alive(self.pid, self.start_time + 1));
    CHECK(!platform_is_alive(0, 0));
}

static void the_dead_are_dead_by_number(void)
{
    struct port_process *process = port_spawn("return", "0", NULL, 0);
    platform_identity identity = { platform_process_pid(process->process), 0, PLATFORM_NO_HANDLE };
    port_finish_code(process, 0);
    if (!PORT_IS_WINDOWS)
        CHECK_EQ(platform_identity_wait(&identity, port_deadline_ns(30000)), 1);
    CHECK(!platform_is_alive(identity.pid, 0));
}

/* ---- Memory ---- */

enum { MEBIBYTE = 1024 * 1024 };

static void memory_of_a_process(void)
{
    struct port_board board = port_board_create();
    struct port_process *process = start_stayer(&board);
    size_t bytes = 0, peak = 0;
    CHECK_OK(platform_process_memory(process->process, &bytes));
    CHECK(bytes > 64 * 1024 && bytes < (size_t)512 * MEBIBYTE);
    CHECK_OK(platform_process_memory_peak(process->process, &peak));
    CHECK(peak >= bytes / 2 && peak < (size_t)512 * MEBIBYTE);
    port_kill(process);
    port_board_free(&board);
}

static void memory_of_the_dead_is_none(void)
{
    struct port_process *process = port_spawn("return", "0", NULL, 0);
    unsigned char ready;
    size_t bytes = 0;
    platform_handle sentinel = platform_process_sentinel(process->process);
    CHECK_EQ(platform_wait_handles(&sentinel, 1, port_deadline_ns(30000), &ready), 1);
    int code = platform_process_memory(process->process, &bytes);
    CHECK(code == MPROC_E_OS || (code == 0 && bytes < (size_t)64 * MEBIBYTE));
    code = platform_process_memory_peak(process->process, &bytes);
    CHECK(code == MPROC_E_OS || (code == 0 && bytes < (size_t)512 * MEBIBYTE));
    port_finish_code(process, 0);
}

/* Says by its exit code what it was refused. */
static int child_limit_itself(const struct port_child_context *context)
{
    (void)context;
    if (platform_limit_memory(4096) != MPROC_E_LIMIT || platform_error_text()[0] == '\0')
        return 1;
    return platform_limit_memory((size_t)1024 * MEBIBYTE) != 0 ? 2 : 0;
}

static void a_process_limits_its_memory(void)
{
#ifdef __SANITIZE_ADDRESS__
    SKIP("the sanitizer has mapped more than any limit");
#endif
    port_finish_code(port_spawn("limit_itself", "", NULL, 0), 0);
}

static void starts_in_crowds(void)
{
    struct port_process *processes[20];
    for (int i = 0; i < 20; i++)
        processes[i] = port_spawn("return", "1", NULL, 0);
    for (int i = 19; i >= 0; i--)
        port_finish_code(processes[i], 1);
}

static const struct port_test tests[] = {
    TEST(exit_codes),
    TEST(terminate_and_kill),
    TEST(the_dead_are_killed_in_vain),
    TEST(last_writes_are_seen),
    TEST(what_is_called_at_exit_has_its_threads),
    TEST(killing_a_tree),
    TEST(killing_descendants),
    TEST(a_crash_is_no_exit_code_of_its_own),
    TEST(no_such_program),
    TEST(a_group_goes_with_its_leader),
    TEST(a_forgotten_child_lives_on),
    TEST(identities),
    TEST(the_dead_are_dead_by_number),
    TEST(memory_of_a_process),
    TEST(memory_of_the_dead_is_none),
    TEST(a_process_limits_its_memory),
    TEST(starts_in_crowds),
};
static const struct port_child children[] = { CHILD(child_return),
                                              CHILD(child_stay),
                                              CHILD(child_crash),
                                              CHILD(child_write_and_end),
                                              CHILD(child_exit_beside_a_thread),
                                              CHILD(child_note_pid),
                                              CHILD(child_start_noted),
                                              CHILD(child_limit_itself),
                                              CHILD(child_kill_what_it_started),
                                              { NULL, NULL } };
PORT_MAIN(tests, children)
