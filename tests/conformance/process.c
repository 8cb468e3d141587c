/* Processes in good order: what a child gets, knows and says; many of them, from many threads. Rules 1 to 8.
 */
#include "test.h"

/* ---- Arguments ---- */

static int sum_of(mproc_task *task)
{
    mproc_view view = mproc_task_get_argument(task);
    unsigned sum = 0;
    for (size_t i = 0; i < view.size; i++)
        sum = sum * 31 + ((const unsigned char *)view.data)[i];
    atomic_store(&test_board()[1], (int64_t)sum);
    atomic_store(&test_board()[2], (int64_t)view.size);
    return (uintptr_t)view.data % 16 == 0 ? 0 : 1;
}

static void pass_argument(size_t size)
{
    unsigned char *data = malloc(size ? size : 1);
    unsigned sum = 0;
    CHECK(data);
    for (size_t i = 0; i < size; i++) {
        data[i] = (unsigned char)(i * 7 + i / 251);
        sum = sum * 31 + data[i];
    }
    CHECK_EQ(test_finish(test_start(sum_of, (mproc_view){ data, size })), 0);
    CHECK_EQ(atomic_load(&test_board()[1]), sum);
    CHECK_EQ(atomic_load(&test_board()[2]), size);
    free(data);
}

static void arguments_of_any_size(void)
{
    static const size_t sizes[] = { 0, 1, 7, 88, 89, 4095, 4096, 61440, 65536, 1000003, 20000000 };
    for (size_t i = 0; i < TEST_COUNT(sizes); i++)
        pass_argument(sizes[i]);
}

/* The copy is made by create, not by start. */
static int return_argument(mproc_task *task)
{
    int value;
    int code = mproc_task_read(task, &value, sizeof value);
    return code < 0 ? 98 : value;
}

static void argument_is_copied_by_create(void)
{
    int value = 5;
    mproc_process_options options = { .function = return_argument, .args = MPROC_ARG(value) };
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process, &options));
    value = 6;
    CHECK_OK(mproc_process_start(process));
    CHECK_EQ(test_finish(process), 5);
}

static int read_wrong_size(mproc_task *task)
{
    char byte = 'x';
    CHECK_CODE(mproc_task_read(task, &byte, sizeof byte), MPROC_E_SIZE);
    CHECK_EQ(byte, 'x');
    return 0;
}

static void argument_of_another_size_is_an_error(void)
{
    int value = 5;
    CHECK_EQ(test_finish(test_start(read_wrong_size, MPROC_ARG(value))), 0);
    CHECK_EQ(test_finish(test_start(read_wrong_size, MPROC_NO_ARGS)), 0);
}

static int look_at_task(mproc_task *task)
{
    CHECK_EQ(mproc_task_get_id(task), 0);
    CHECK_EQ(mproc_task_get_attempt(task), 1);
    CHECK_EQ(mproc_task_get_worker(task), -1);
    CHECK_EQ(mproc_task_get_item(task), -1);
    CHECK_EQ(mproc_task_get_argument(task).size, 0);
    return 0;
}

static void task_of_a_process(void)
{
    CHECK_EQ(test_finish(test_start(look_at_task, MPROC_NO_ARGS)), 0);
}

/* ---- Who is who ---- */

static int tell_who(mproc_task *task)
{
    int64_t pid, parent_pid;
    (void)task;
    mproc_process *self = mproc_get_current_process(), *parent = mproc_get_parent_process();
    CHECK(self && parent);
    pid = mproc_process_get_pid(self);
    CHECK_EQ(pid, os_self_pid());
    CHECK_STR(mproc_process_get_name(self), "grandma");
    CHECK_EQ(mproc_process_is_daemon(self), 1);
    parent_pid = mproc_process_get_pid(parent);
    CHECK_EQ(parent_pid, atomic_load(&test_board()[1]));
    CHECK_STR(mproc_process_get_name(parent), "MainProcess");
    CHECK_EQ(mproc_process_is_alive(parent), 1);
    CHECK_CODE(mproc_process_join(parent, 0), MPROC_E_TIMEOUT);
    CHECK_EQ(mproc_get_active_children(NULL, 0), 0);
    return 0;
}

static void child_knows_itself_and_its_parent(void)
{
    mproc_process_options options = { .function = tell_who, .name = "grandma", .daemon = 1 };
    mproc_process *process;
    atomic_store(&test_board()[1], os_self_pid());
    CHECK(!mproc_get_parent_process());
    CHECK_OK(mproc_process_create(&process, &options));
    CHECK_OK(mproc_process_start(process));
    CHECK_EQ(test_finish(process), 0);
}

static int tell_name(mproc_task *task)
{
    (void)task;
    fprintf(stderr, "%s\n", mproc_process_get_name(mproc_get_current_process()));
    snprintf((char *)(uintptr_t)&test_board()[16], 64, "%s", mproc_process_get_name(mproc_get_current_process()));
    return 0;
}

static int start_named(mproc_task *task)
{
    (void)task;
    return (int)test_finish(test_start(tell_name, MPROC_NO_ARGS));
}

/* "Process-1", "Process-1:2", by lineage, as in the reference. The harness may have started some before. */
static void names_by_lineage(void)
{
    char expected[96];
    mproc_process *process = test_start(start_named, MPROC_NO_ARGS);
    const char *name = mproc_process_get_name(process);
    CHECK(strncmp(name, "Process-", 8) == 0);
    snprintf(expected, sizeof expected, "%s:1", name);
    CHECK_EQ(test_finish(process), 0);
    CHECK_STR((const char *)(uintptr_t)&test_board()[16], expected);
}

static int tell_key(mproc_task *task)
{
    mproc_view expected = mproc_task_get_argument(task), key;
    CHECK_OK(mproc_process_get_authkey(mproc_get_current_process(), &key));
    CHECK_EQ(key.size, expected.size);
    return memcmp(key.data, expected.data, key.size) == 0 ? 0 : 1;
}

static void authkey_is_inherited(void)
{
    mproc_view key;
    unsigned char copy[64];
    CHECK_OK(mproc_process_get_authkey(mproc_get_current_process(), &key));
    CHECK_EQ(key.size, 32);
    memcpy(copy, key.data, 32);
    CHECK_EQ(test_finish(test_start(tell_key, (mproc_view){ copy, 32 })), 0);
    CHECK_CODE(mproc_process_set_authkey(mproc_get_current_process(), copy, 0), MPROC_E_INVALID);
    CHECK_CODE(mproc_process_set_authkey(mproc_get_current_process(), copy, 65), MPROC_E_LIMIT);
    CHECK_OK(mproc_process_set_authkey(mproc_get_current_process(), "secret", 6));
    CHECK_EQ(test_finish(test_start(tell_key, (mproc_view){ "secret", 6 })), 0);
}

static void authkey_of_one_process(void)
{
    mproc_process_options options = { .function = tell_key, .args = { "other", 5 } };
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process, &options));
    CHECK_CODE(mproc_process_set_authkey(process, "x", 65), MPROC_E_LIMIT);
    CHECK_OK(mproc_process_set_authkey(process, "other", 5));
    CHECK_OK(mproc_process_start(process));
    CHECK_EQ(test_finish(process), 0);
}

/* ---- Settings that children inherit ---- */

static int tell_settings(mproc_task *task)
{
    int value;
    CHECK_OK(mproc_task_read(task, &value, sizeof value));
    CHECK_EQ(mproc_get_start_method(), value);
    CHECK_EQ(mproc_get_log_level(), MPROC_LOG_ERROR);
    return 0;
}

static void settings_are_inherited(void)
{
    int method = test_method();
    mproc_set_log_level(MPROC_LOG_ERROR);
    CHECK_EQ(test_finish(test_start(tell_settings, MPROC_ARG(method))), 0);
    mproc_set_log_level(MPROC_LOG_OFF);
}

static void rule_07_one_process_by_another_method(void)
{
    mproc_start_method methods[4];
    int count = mproc_get_start_methods(methods, 4);
    CHECK(count >= 1);
    for (int i = 0; i < count; i++) {
        int method = test_method();
        mproc_process_options options = { .function = tell_settings,
                                          .args = MPROC_ARG(method),
                                          .start_method = methods[i] };
        mproc_process *process;
        mproc_set_log_level(MPROC_LOG_ERROR);
        CHECK_OK(mproc_process_create(&process, &options));
        CHECK_OK(mproc_process_start(process));
        CHECK_EQ(test_finish(process), 0);
        CHECK_EQ(mproc_get_start_method(), method);
    }
    /* With the fork server, where there is one. */
    mproc_set_forkserver_preload(NULL, NULL);
}

/* Runs without a method on the command line, so that none has been chosen. */
static int scene_method_stays_open(const char *argument)
{
    (void)argument;
    mproc_start_method before = mproc_get_start_method();
    mproc_process_options options = { .function = test_nothing, .start_method = MPROC_START_SPAWN };
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process, &options));
    CHECK_OK(mproc_process_start(process));
    CHECK_EQ(test_finish(process), 0);
    CHECK_EQ(mproc_get_start_method(), before);
    CHECK_OK(mproc_set_start_method(MPROC_START_SPAWN, 0));
    CHECK_CODE(mproc_set_start_method(before, 0), MPROC_E_STATE);
    CHECK_EQ(mproc_get_start_method(), MPROC_START_SPAWN);
    CHECK_OK(mproc_set_start_method(before, 1));
    CHECK_EQ(mproc_get_start_method(), before);
    CHECK_CODE(mproc_set_start_method((mproc_start_method)17, 1), MPROC_E_INVALID);
    CHECK_CODE(mproc_set_start_method(MPROC_START_DEFAULT, 1), MPROC_E_INVALID);
    return 0;
}

static void rule_07_starting_does_not_fix_the_default(void)
{
    char path[OS_PATH_MAX];
    os_program_path(path);
    const char *arguments[] = { path, "--method", "default", "--scene", "scene_method_stays_open", NULL };
    CHECK_EQ(test_scene_finish(test_program_start(arguments), NULL, 0), 0);
}

static int fail_with_message(mproc_task *task)
{
    int code;
    CHECK_OK(mproc_task_read(task, &code, sizeof code));
    mproc_task_fail(task, -1, "the reason for %d", code);
    return code;
}

static int scene_messages_are_logged(const char *argument)
{
    static const int codes[] = { -5, 3, 0 };
    (void)argument;
    mproc_set_log_level(MPROC_LOG_ERROR);
    CHECK_EQ(test_finish(test_start(fail_with_message, MPROC_ARG(codes[0]))) & 255, 251);
    CHECK_EQ(test_finish(test_start(fail_with_message, MPROC_ARG(codes[1]))), 3);
    CHECK_EQ(test_finish(test_start(fail_with_message, MPROC_ARG(codes[2]))), 0);
    return 0;
}

/* Nobody but the log can be told why a process failed. */
static void messages_are_logged(void)
{
    char output[2000];
    CHECK_EQ(test_scene("scene_messages_are_logged", "", output, sizeof output), 0);
    CHECK_CONTAINS(output, "[ERROR/Process-1] the function returned -5: the reason for -5");
    CHECK_CONTAINS(output, "[ERROR/Process-2] the function returned 3: the reason for 3");
    CHECK(strstr(output, "the reason for 0") == NULL);
}

/* ---- Families ---- */

static int descend(mproc_task *task)
{
    int depth;
    CHECK_OK(mproc_task_read(task, &depth, sizeof depth));
    if (depth == 0)
        return 3;
    depth--;
    return (int)test_finish(test_start(descend, MPROC_ARG(depth))) + 1;
}

static void children_of_children(void)
{
    int depth = 4;
    CHECK_EQ(test_finish(test_start(descend, MPROC_ARG(depth))), 7);
}

static void active_children_are_those_that_run(void)
{
    mproc_process *listed[4], *processes[3];
    int before = mproc_get_active_children(NULL, 0);
    CHECK_EQ(before, 0);
    for (int i = 0; i < 3; i++)
        processes[i] = test_start(test_stay, MPROC_NO_ARGS);
    CHECK_EQ(mproc_get_active_children(listed, 4), 3);
    for (int i = 0; i < 3; i++) {
        CHECK(listed[i] == processes[0] || listed[i] == processes[1] || listed[i] == processes[2]);
        CHECK_EQ(mproc_process_is_alive(processes[i]), 1);
    }
    CHECK_EQ(mproc_get_active_children(listed, 1), 3);
    CHECK_CODE(mproc_get_active_children(NULL, 8), MPROC_E_INVALID);
    test_let_go();
    WAIT_UNTIL(mproc_get_active_children(NULL, 0) == 0);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
}

#define MANY 40

static void many_at_a_time(void)
{
    mproc_process *processes[MANY];
    for (int i = 0; i < MANY; i++)
        processes[i] = test_start(test_stay, MPROC_NO_ARGS);
    test_let_go();
    for (int i = 0; i < MANY; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
}

static void many_in_a_row(void)
{
    int rounds = test_rounds(60, 5000);
    for (int i = 0; i < rounds; i++) {
        int value = i % 251;
        CHECK_EQ(test_finish(test_start(return_argument, MPROC_ARG(value))), value);
    }
}

/* ---- Threads of the parent ---- */

static void start_several(void *user)
{
    (void)user;
    for (int i = 0; i < 8; i++) {
        int value = i + 1;
        mproc_process *process = test_start(return_argument, MPROC_ARG(value));
        CHECK(mproc_get_active_children(NULL, 0) >= 0);
        CHECK_EQ(test_finish(process), value);
    }
}

static void threads_start_processes(void)
{
    os_thread *threads[4];
    for (int i = 0; i < 4; i++)
        threads[i] = os_thread_start(start_several, NULL);
    for (int i = 0; i < 4; i++)
        os_thread_join(threads[i]);
}

static void join_it(void *user)
{
    CHECK_OK(mproc_process_join(user, test_limit_ms(30000)));
}

static void ask_it(void *user)
{
    int64_t code;
    do
        CHECK_OK(mproc_process_get_exit_code(user, &code));
    while (code == MPROC_EXIT_RUNNING);
    CHECK_EQ(code, 0);
}

static void threads_join_one_process(void)
{
    os_thread *threads[6];
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    for (int i = 0; i < 6; i++)
        threads[i] = os_thread_start(i % 2 ? join_it : ask_it, process);
    test_let_go();
    for (int i = 0; i < 6; i++)
        os_thread_join(threads[i]);
    CHECK_EQ(test_finish(process), 0);
}

/* PR_SET_PDEATHSIG would fire here: the child must not depend on the thread that started it. */
static mproc_process *started_by_thread;

static void start_and_end(void *user)
{
    (void)user;
    started_by_thread = test_start(test_stay, MPROC_NO_ARGS);
}

static void starting_thread_may_end(void)
{
    os_thread_join(os_thread_start(start_and_end, NULL));
    CHECK_CODE(mproc_process_join(started_by_thread, 300), MPROC_E_TIMEOUT);
    test_let_go();
    CHECK_EQ(test_finish(started_by_thread), 0);
}

static const struct test tests[] = {
    TEST(arguments_of_any_size),
    TEST(argument_is_copied_by_create),
    TEST(argument_of_another_size_is_an_error),
    TEST(task_of_a_process),
    TEST(child_knows_itself_and_its_parent),
    TEST(names_by_lineage),
    TEST(authkey_is_inherited),
    TEST(authkey_of_one_process),
    TEST(settings_are_inherited),
    TEST(messages_are_logged),
    TEST(rule_07_one_process_by_another_method),
    TEST_WITH(rule_07_starting_does_not_fix_the_default, TEST_ONCE, 0),
    TEST(children_of_children),
    TEST(active_children_are_those_that_run),
    TEST_WITH(many_at_a_time, 0, 120),
    TEST_WITH(many_in_a_row, 0, 300),
    TEST_WITH(threads_start_processes, 0, 60),
    TEST(threads_join_one_process),
    TEST(starting_thread_may_end),
};

static const struct scene scenes[] = {
    SCENE(scene_method_stays_open),
    SCENE(scene_messages_are_logged),
};

TEST_MAIN(tests, scenes)
