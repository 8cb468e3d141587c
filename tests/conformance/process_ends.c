/* How processes end: exit codes, terminate and kill, reaping, the end of the program and of its children, sentinels.
 * Rules 2 to 6 and 10.
 */
#include "test.h"

/* ---- Rule 2: exit codes ---- */

static int return_argument(mproc_task *task)
{
    int value;
    CHECK_OK(mproc_task_read(task, &value, sizeof value));
    return value;
}

static int call_exit(mproc_task *task)
{
    exit(return_argument(task));
}

static int call_exit_now(mproc_task *task)
{
    os_exit_now(return_argument(task));
}

static void check_codes(mproc_task_fn *function)
{
    static const int codes[] = { 0, 1, 2, 127, 128, 200, 255 };
    for (size_t i = 0; i < TEST_COUNT(codes); i++) {
        int value = codes[i];
        CHECK_EQ(test_finish(test_start(function, MPROC_ARG(value))), value);
    }
}

static void rule_02_codes_of_return(void)
{
    check_codes(return_argument);
}

static void rule_02_codes_of_exit(void)
{
    check_codes(call_exit);
}

static void rule_02_codes_without_library(void)
{
    check_codes(call_exit_now);
}

static void rule_02_codes_beyond_255(void)
{
    static const int codes[] = { 256, 257, -1, -2 };
    for (size_t i = 0; i < TEST_COUNT(codes); i++) {
        int value = codes[i];
        int64_t expected = test_is_windows() ? (int64_t)(uint32_t)value : value & 255;
        CHECK_EQ(test_finish(test_start(return_argument, MPROC_ARG(value))), expected);
    }
}

static void rule_02_running_until_the_end(void)
{
    int64_t code = 7;
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    CHECK_OK(mproc_process_get_exit_code(process, &code));
    CHECK_EQ(code, MPROC_EXIT_RUNNING);
    test_let_go();
    CHECK_EQ(test_finish(process), 0);
}

static int crash(mproc_task *task)
{
    volatile int *volatile nowhere = NULL;
    (void)task;
    return *nowhere;
}

/* Not with a sanitizer: it catches the fault and exits. */
static void rule_02_crash(void)
{
    CHECK_EQ(test_finish(test_start(crash, MPROC_NO_ARGS)), test_is_windows() ? INT64_C(0xC0000005) : -11);
}

/* ---- Rule 3: terminate and kill ---- */

typedef int end_function(mproc_process *);

static void check_end(end_function *end, int64_t expected)
{
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    CHECK_OK(end(process));
    CHECK_EQ(test_finish(process), expected);
}

static void rule_03_terminate(void)
{
    check_end(mproc_process_terminate, -15);
}

static void rule_03_kill(void)
{
    check_end(mproc_process_kill, test_is_windows() ? -15 : -9);
}

static void rule_03_kill_tree_of_one(void)
{
    check_end(mproc_process_kill_tree, test_is_windows() ? -15 : -9);
}

static void rule_03_interrupt(void)
{
    if (!test_is_windows()) {
        check_end(mproc_process_interrupt, -2);
        return;
    }
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    CHECK_CODE(mproc_process_interrupt(process), MPROC_E_NOT_SUPPORTED);
    test_let_go();
    CHECK_EQ(test_finish(process), 0);
}

static void rule_03_on_an_exited_process(void)
{
    int64_t code;
    int value = 5;
    mproc_process *process = test_start(return_argument, MPROC_ARG(value));
    CHECK_OK(mproc_process_join(process, MPROC_FOREVER));
    CHECK_OK(mproc_process_terminate(process));
    CHECK_OK(mproc_process_kill(process));
    CHECK_OK(mproc_process_kill_tree(process));
    CHECK_CODE(mproc_process_interrupt(process), test_is_windows() ? MPROC_E_NOT_SUPPORTED : 0);
    CHECK_OK(mproc_process_get_exit_code(process, &code));
    CHECK_EQ(code, 5);
    mproc_process_free(process);
}

static void rule_03_killed_from_outside(void)
{
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    os_kill(test_pid(process));
    CHECK_EQ(test_finish(process), test_is_windows() ? 9 : -9);
}

/* Board word 8: the pid of a descendant. */
static int start_descendants(mproc_task *task)
{
    (void)task;
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    atomic_store(&test_board()[8], test_pid(process));
    return (int)test_finish(process);
}

static void check_descendant_ends(end_function *end)
{
    mproc_process *process = test_start(start_descendants, MPROC_NO_ARGS);
    WAIT_UNTIL(atomic_load(&test_board()[8]));
    CHECK(os_is_alive(atomic_load(&test_board()[8])));
    CHECK_OK(end(process));
    CHECK_EQ(test_finish(process), test_is_windows() ? -15 : -9);
    WAIT_UNTIL(!os_is_alive(atomic_load(&test_board()[8])));
}

static void rule_03_kill_tree_reaches_descendants(void)
{
    check_descendant_ends(mproc_process_kill_tree);
}

static void children_end_with_their_parent(void)
{
    check_descendant_ends(mproc_process_kill);
}

/* ---- Rule 4: time-outs ---- */

static void rule_04_join_never_blocks_without_time(void)
{
    static const int64_t timeouts[] = { 0, -1, INT64_MIN };
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    for (size_t i = 0; i < TEST_COUNT(timeouts); i++) {
        int64_t before_ms = os_now_ms();
        CHECK_CODE(mproc_process_join(process, timeouts[i]), MPROC_E_TIMEOUT);
        CHECK_LE(os_now_ms() - before_ms, test_limit_ms(2000));
    }
    int64_t before_ms = os_now_ms();
    CHECK_CODE(mproc_process_join(process, 50), MPROC_E_TIMEOUT);
    /* Clocks of two kinds may disagree by a tick. */
    CHECK_LE(50 - 20, os_now_ms() - before_ms);
    CHECK_LE(os_now_ms() - before_ms, test_limit_ms(5000));
    test_let_go();
    CHECK_OK(mproc_process_join(process, MPROC_FOREVER));
    CHECK_OK(mproc_process_join(process, 0));
    CHECK_OK(mproc_process_join(process, INT64_MIN));
    CHECK_EQ(test_finish(process), 0);
}

/* ---- Rule 5: reaping ---- */

static void rule_05_reaped_unasked(void)
{
    int before = os_child_count();
    mproc_process *processes[5];
    for (int i = 0; i < 5; i++)
        processes[i] = test_start(test_stay, MPROC_NO_ARGS);
    /* Those of the fork server are the server's. */
    CHECK_EQ(os_child_count(), test_has_server() ? before : before + 5);
    test_let_go();
    /* No call of the library here: zombies would count. */
    WAIT_UNTIL(os_child_count() == before);
    for (int i = 0; i < 5; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
}

static void rule_05_reaped_after_free(void)
{
    int before = os_child_count();
    for (int i = 0; i < 5; i++)
        mproc_process_free(test_start(test_stay, MPROC_NO_ARGS));
    CHECK_EQ(mproc_get_active_children(NULL, 0), 0);
    test_let_go();
    WAIT_UNTIL(os_child_count() == before);
}

/* ---- Rule 6: the end of the program ---- */

static void say(void *user)
{
    printf("%s\n", (const char *)user);
}

static int say_and_end(mproc_task *task)
{
    (void)task;
    while (atomic_load(test_board()) == 0)
        os_sleep_ms(1);
    printf("child\n");
    return 0;
}

static char ten[] = "ten", zero_first[] = "zero first", zero_second[] = "zero second", minus_five[] = "minus five",
            minus_six[] = "minus six", inner[] = "inner";

static void say_and_let_go(void *user)
{
    say(user);
    fflush(stdout);
    test_let_go();
}

/* What is printed from here on is printed when no child is left. */
static void flush_before_children_end(void *user)
{
    say(user);
    fflush(stdout);
}

/* Handlers from 0 on run before children are joined, those below after. The child ends only when told by one. */
static int scene_end_in_order(const char *argument)
{
    mproc_process_options daemon = { .function = test_stay, .daemon = 1 };
    mproc_process *process;
    CHECK_OK(mproc_at_exit(say, minus_five, -5));
    CHECK_OK(mproc_at_exit(flush_before_children_end, zero_first, 0));
    CHECK_OK(mproc_at_exit(say, zero_second, 0));
    CHECK_OK(mproc_at_exit(say_and_let_go, ten, 10));
    CHECK_OK(mproc_at_exit(say, minus_six, -6));
    CHECK_CODE(mproc_at_exit(NULL, NULL, 0), MPROC_E_INVALID);
    test_start(say_and_end, MPROC_NO_ARGS);
    CHECK_OK(mproc_process_create(&process, &daemon));
    CHECK_OK(mproc_process_start(process));
    if (argument[0])
        exit(9);
    return 8;
}

/* The words in the order of the text, each once. */
static void check_order(const char *text, const char *const *words)
{
    const char *from = text;
    for (; *words; words++) {
        const char *found = strstr(from, *words);
        if (!found || strstr(found + 1, *words))
            test_fail(__FILE__, __LINE__, "\"%s\" not once in its place in: %s", *words, text);
        from = found;
    }
}

static void rule_06_end_of_the_program(void)
{
    static const char *const words[] = { ten, zero_second, zero_first, minus_five, minus_six, NULL };
    char text[1024];
    for (int way = 0; way < 2; way++) {
        atomic_store(test_board(), 0);
        CHECK_EQ(test_scene("scene_end_in_order", way ? "exit" : "", text, sizeof text), way ? 9 : 8);
        check_order(text, words);
        CHECK(strstr(text, "child") && strstr(text, "child") < strstr(text, minus_five));
    }
}

static void register_another(void *user)
{
    printf("outer\n");
    CHECK_OK(mproc_at_exit(say, user, -1));
}

static int scene_handler_registers(const char *argument)
{
    (void)argument;
    CHECK_OK(mproc_at_exit(register_another, inner, 3));
    return 0;
}

static void rule_06_handler_registers_a_handler(void)
{
    static const char *const words[] = { "outer", inner, NULL };
    char text[1024];
    CHECK_EQ(test_scene("scene_handler_registers", "", text, sizeof text), 0);
    check_order(text, words);
}

/* A daemon that does not end by itself and a program that just returns. */
static int scene_forgets_daemon(const char *argument)
{
    mproc_process_options options = { .function = test_stay, .daemon = 1 };
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process, &options));
    CHECK_OK(mproc_process_start(process));
    if (argument[0])
        mproc_process_free(process);
    return 0;
}

static void rule_06_daemons_are_terminated(void)
{
    CHECK_EQ(test_scene("scene_forgets_daemon", "", NULL, 0), 0);
    CHECK_EQ(test_scene("scene_forgets_daemon", "free", NULL, 0), 0);
}

/* ---- Rule 6: the end of a child ---- */

static void at_exit_of_the_parent(void)
{
    printf("atexit of %s\n", mproc_get_parent_process() ? "the child" : "the parent");
}

static char child_handler[] = "handler of the child", parent_handler[] = "handler of the parent";

static int child_with_handlers(mproc_task *task)
{
    int way;
    CHECK_OK(mproc_task_read(task, &way, sizeof way));
    CHECK_OK(mproc_at_exit(say, child_handler, 0));
    printf("unflushed text of the child\n");
    if (way == 1)
        exit(4);
    return 4;
}

static int scene_child_ends(const char *argument)
{
    int way = argument[0] == 'x';
    setvbuf(stdout, NULL, _IOFBF, 4096);
    printf("unflushed text of the parent\n");
    atexit(at_exit_of_the_parent);
    CHECK_OK(mproc_at_exit(say, parent_handler, 0));
    CHECK_EQ(test_finish(test_start(child_with_handlers, MPROC_ARG(way))), 4);
    return 0;
}

static void check_once(const char *text, const char *word)
{
    const char *words[] = { word, NULL };
    check_order(text, words);
}

static void check_end_of_a_child(const char *way)
{
    char text[4096];
    CHECK_EQ(test_scene("scene_child_ends", way, text, sizeof text), 0);
    check_once(text, child_handler);
    check_once(text, "unflushed text of the child");
    check_once(text, parent_handler);
    check_once(text, "unflushed text of the parent");
    check_once(text, "atexit of the parent");
    /* exit() in a forked child is the C library's: the atexit handlers it has copied run. */
    if (way[0] == 0)
        CHECK(!strstr(text, "atexit of the child"));
}

static void rule_06_end_of_a_child(void)
{
    check_end_of_a_child("");
}

static void rule_06_child_calls_exit(void)
{
    check_end_of_a_child("x");
}

static int leave_children(mproc_task *task)
{
    mproc_process_options daemon = { .function = test_stay, .daemon = 1 };
    mproc_process *process;
    (void)task;
    CHECK_OK(mproc_process_create(&process, &daemon));
    CHECK_OK(mproc_process_start(process));
    atomic_store(&test_board()[8], test_pid(process));
    test_start(say_and_end, MPROC_NO_ARGS);
    return 6;
}

static void rule_06_child_joins_its_children(void)
{
    mproc_process *process = test_start(leave_children, MPROC_NO_ARGS);
    WAIT_UNTIL(atomic_load(&test_board()[8]) && !os_is_alive(atomic_load(&test_board()[8])));
    CHECK_CODE(mproc_process_join(process, 100), MPROC_E_TIMEOUT);
    test_let_go();
    CHECK_EQ(test_finish(process), 6);
}

/* ---- The lifeline ---- */

static int scene_stays_with_family(const char *argument)
{
    int count = atoi(argument);
    test_start(start_descendants, MPROC_NO_ARGS);
    for (int i = 0; i < count; i++)
        mproc_process_free(test_start(test_stay, MPROC_NO_ARGS));
    atomic_fetch_add(&test_board()[9], 1);
    return test_stay(NULL);
}

static void killed_parent_leaves_nobody(void)
{
    os_program *program = test_scene_start("scene_stays_with_family", "3");
    WAIT_UNTIL(atomic_load(&test_board()[8]) && atomic_load(&test_board()[9]));
    CHECK(os_program_family_size(program) >= 6);
    os_kill(os_program_pid(program));
    CHECK_EQ(test_scene_finish(program, NULL, 0), test_is_windows() ? 9 : -9);
}

static int scene_starts_for_ever(const char *argument)
{
    (void)argument;
    while (atomic_load(test_board()) == 0) {
        mproc_process_free(test_start(test_stay, MPROC_NO_ARGS));
        atomic_fetch_add(&test_board()[9], 1);
    }
    return 0;
}

/* Killed in the middle of starts: a child that has no lifeline yet must find its parent gone by itself. */
static void parent_killed_while_it_starts(void)
{
    int rounds = test_rounds(8, 500);
    for (int i = 0; i < rounds; i++) {
        atomic_store(&test_board()[9], 0);
        os_program *program = test_scene_start("scene_starts_for_ever", "");
        WAIT_UNTIL(atomic_load(&test_board()[9]) > i % 7);
        os_kill(os_program_pid(program));
        CHECK_EQ(test_scene_finish(program, NULL, 0), test_is_windows() ? 9 : -9);
    }
}

/* ---- Rule 10: sentinels ---- */

static mproc_os_handle sentinel_of(mproc_process *process)
{
    mproc_os_handle handle;
    CHECK_OK(mproc_process_get_sentinel(process, &handle));
    return handle;
}

static void rule_10_sentinel_and_others(void)
{
    unsigned char ready[3];
    os_waitable first = os_waitable_create(), second = os_waitable_create();
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    mproc_os_handle handles[] = { first.handle, sentinel_of(process), second.handle };
    memset(ready, 7, sizeof ready);
    CHECK_CODE(test_wait_handles(handles, 3, 0, ready), MPROC_E_TIMEOUT);
    CHECK_CODE(test_wait_handles(handles, 3, INT64_MIN, ready), MPROC_E_TIMEOUT);
    CHECK(!ready[0] && !ready[1] && !ready[2]);
    os_waitable_set(&second);
    CHECK_EQ(test_wait_handles(handles, 3, MPROC_FOREVER, ready), 1);
    CHECK(!ready[0] && !ready[1] && ready[2] == 1);
    test_let_go();
    CHECK_EQ(test_wait_handles(handles, 2, MPROC_FOREVER, ready), 1);
    CHECK(!ready[0] && ready[1] == 1);
    os_waitable_set(&first);
    CHECK_EQ(test_wait_handles(handles, 3, MPROC_FOREVER, ready), 3);
    CHECK(ready[0] == 1 && ready[1] == 1 && ready[2] == 1);
    CHECK_EQ(test_finish(process), 0);
    os_waitable_close(&first);
    os_waitable_close(&second);
}

#define CROWD 100

/* More than WaitForMultipleObjects can take. */
static void rule_10_more_than_63(void)
{
    static mproc_process *processes[CROWD];
    mproc_os_handle handles[CROWD];
    unsigned char ready[CROWD];
    for (int i = 0; i < CROWD; i++) {
        processes[i] = test_start(test_stay, MPROC_NO_ARGS);
        handles[i] = sentinel_of(processes[i]);
    }
    CHECK_CODE(test_wait_handles(handles, CROWD, 0, ready), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_process_kill(processes[CROWD - 2]));
    CHECK_EQ(test_wait_handles(handles, CROWD, MPROC_FOREVER, ready), 1);
    CHECK_EQ(ready[CROWD - 2], 1);
    test_let_go();
    for (int i = 0; i < CROWD; i++)
        CHECK_OK(mproc_process_join(processes[i], MPROC_FOREVER));
    CHECK_EQ(test_wait_handles(handles, CROWD, MPROC_FOREVER, ready), CROWD);
    for (int i = 0; i < CROWD; i++)
        mproc_process_free(processes[i]);
}

static void rule_10_empty_and_wrong(void)
{
    unsigned char ready[1] = { 7 };
    mproc_os_handle none = -1;
    int64_t before_ms = os_now_ms();
    CHECK_CODE(test_wait_handles(NULL, 0, 60, NULL), MPROC_E_TIMEOUT);
    CHECK_LE(60 - 20, os_now_ms() - before_ms);
    CHECK_CODE(test_wait_handles(&none, 1, 0, ready), MPROC_E_INVALID);
    CHECK_CODE(mproc_wait_any(NULL, 1, 0), MPROC_E_INVALID);
}

/* Once the sentinel has spoken, is_alive and exit_code must not say anything else. */
static void rule_10_sentinel_agrees_with_exit_code(void)
{
    for (int i = 0; i < 30; i++) {
        int value = i + 1;
        int64_t code;
        unsigned char ready;
        mproc_process *process = test_start(return_argument, MPROC_ARG(value));
        mproc_os_handle handle = sentinel_of(process);
        CHECK_EQ(test_wait_handles(&handle, 1, MPROC_FOREVER, &ready), 1);
        CHECK_EQ(mproc_process_is_alive(process), 0);
        CHECK_OK(mproc_process_get_exit_code(process, &code));
        CHECK_EQ(code, value);
        mproc_process_free(process);
    }
}

static const struct test tests[] = {
    TEST(rule_02_codes_of_return),
    TEST(rule_02_codes_of_exit),
    TEST(rule_02_codes_without_library),
    TEST(rule_02_codes_beyond_255),
    TEST(rule_02_running_until_the_end),
    TEST_WITH(rule_02_crash, TEST_NO_SANITIZER, 0),
    TEST(rule_03_terminate),
    TEST(rule_03_kill),
    TEST(rule_03_kill_tree_of_one),
    TEST(rule_03_interrupt),
    TEST(rule_03_on_an_exited_process),
    TEST(rule_03_killed_from_outside),
    TEST(rule_03_kill_tree_reaches_descendants),
    TEST(children_end_with_their_parent),
    TEST(rule_04_join_never_blocks_without_time),
    TEST(rule_05_reaped_unasked),
    TEST(rule_05_reaped_after_free),
    TEST(rule_06_end_of_the_program),
    TEST(rule_06_handler_registers_a_handler),
    TEST(rule_06_daemons_are_terminated),
    TEST(rule_06_end_of_a_child),
    TEST(rule_06_child_calls_exit),
    TEST(rule_06_child_joins_its_children),
    TEST(killed_parent_leaves_nobody),
    TEST_WITH(parent_killed_while_it_starts, 0, 300),
    TEST(rule_10_sentinel_and_others),
    TEST_WITH(rule_10_more_than_63, 0, 120),
    TEST(rule_10_empty_and_wrong),
    TEST(rule_10_sentinel_agrees_with_exit_code),
};

static const struct scene scenes[] = {
    SCENE(scene_end_in_order), SCENE(scene_handler_registers), SCENE(scene_forgets_daemon),
    SCENE(scene_child_ends),   SCENE(scene_stays_with_family), SCENE(scene_starts_for_ever),
};

TEST_MAIN(tests, scenes)
