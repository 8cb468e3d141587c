/* Processes, pools and a terminal: who gets Ctrl-C (rule 11), who reads, and what is told of those that it stops. Each
 * scene is a session of its own, with a terminal whose other side it has in its hands.
 */
#define _GNU_SOURCE
#include "pool_tasks.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* Board word 10: interrupts that the parent has seen; 11: that children have; 12: children that wait for them. */
static volatile sig_atomic_t interrupts;

static void count_interrupt(int number)
{
    (void)number;
    atomic_fetch_add(&test_board()[interrupts], 1);
}

static void count_interrupts_at(int word)
{
    const struct sigaction action = { .sa_handler = count_interrupt, .sa_flags = SA_RESTART };
    test_board();
    interrupts = word;
    sigaction(SIGINT, &action, NULL);
}

/* The terminal becomes that of this session, and its standard input. Returns the side of whoever types. */
static int open_terminal(void)
{
    int typist = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(typist >= 0 && grantpt(typist) == 0 && unlockpt(typist) == 0);
    int terminal = open(ptsname(typist), O_RDWR | O_CLOEXEC);
    CHECK(terminal >= 0);
    CHECK(dup2(terminal, STDIN_FILENO) == STDIN_FILENO);
    CHECK(tcgetpgrp(STDIN_FILENO) == getpgrp());
    close(terminal);
    return typist;
}

static void type(int typist, const char *text)
{
    CHECK(write(typist, text, strlen(text)) == (ssize_t)strlen(text));
}

static int count_until_let_go(mproc_task *task)
{
    count_interrupts_at(11);
    atomic_fetch_add(&test_board()[12], 1);
    return test_stay(task);
}

static int scene_ctrl_c_is_the_parents(const char *argument)
{
    mproc_result *result;
    (void)argument;
    int typist = open_terminal();
    mproc_process *process = test_start(count_until_let_go, MPROC_NO_ARGS);
    mproc_pool *pool = make_pool(1);
    CHECK_OK(mproc_pool_apply_async(pool, count_until_let_go, MPROC_NO_ARGS, NULL, &result));
    WAIT_UNTIL(atomic_load(&test_board()[12]) == 2);
    count_interrupts_at(10);
    type(typist, "\003");
    WAIT_UNTIL(atomic_load(&test_board()[10]) == 1);
    test_let_go();
    CHECK_EQ(test_finish(process), 0);
    CHECK_OK(mproc_result_get(result, MPROC_FOREVER, NULL, 0, NULL));
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, MPROC_FOREVER));
    CHECK_OK(mproc_pool_free(pool));
    CHECK_EQ(atomic_load(&test_board()[11]), 0);
    return 0;
}

/* Under each start method the same: processes and workers live on, and the parent decides. */
static void rule_11_ctrl_c_reaches_the_parent_alone(void)
{
    CHECK_EQ(test_scene("scene_ctrl_c_is_the_parents", "", NULL, 0), 0);
}

static int scene_ctrl_c_ends_all(const char *argument)
{
    (void)argument;
    int typist = open_terminal();
    test_start(test_stay, MPROC_NO_ARGS);
    submit_stay(make_pool(2));
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    type(typist, "\003");
    while (true)
        pause();
    return 1;
}

static void rule_11_ctrl_c_ends_all_by_default(void)
{
    char text[256];
    CHECK_EQ(test_scene("scene_ctrl_c_ends_all", "", text, sizeof text), -SIGINT);
    CHECK_STR(text, "");
}

/* ---- Reading ---- */

/* Returns the first byte of the standard input, or 200 at its end. */
static int read_one(mproc_task *task)
{
    unsigned char byte;
    ssize_t length = read(STDIN_FILENO, &byte, 1);
    int value = length == 1 ? byte : length == 0 ? 200 : 201;
    return task ? mproc_task_return(task, &value, sizeof value) < 0 ? 202 : 0 : value;
}

static int read_one_as_code(mproc_task *task)
{
    (void)task;
    return read_one(NULL);
}

static mproc_process *start_reader(bool inherit)
{
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process,
                                  &(mproc_process_options){ .function = read_one_as_code, .inherit_stdin = inherit }));
    CHECK_OK(mproc_process_start(process));
    return process;
}

static int scene_readers(const char *argument)
{
    int value = 0;
    (void)argument;
    int typist = open_terminal();
    type(typist, "a line\n");
    CHECK_EQ(test_finish(start_reader(false)), 200);
    mproc_pool *pool = make_pool(1);
    CHECK_OK(mproc_pool_apply(pool, read_one, MPROC_NO_ARGS, NULL, &value, sizeof value, NULL));
    CHECK_EQ(value, 200);
    CHECK_OK(mproc_pool_free(pool));
    /* And this one is in the foreground, with the terminal's Ctrl-C. */
    CHECK_EQ(test_finish(start_reader(true)), 'a');
    mproc_process *process = start_reader(true);
    CHECK_EQ(test_finish(process), ' ');
    return 0;
}

/* A task that reads is not stopped by the terminal, and takes nothing from the parent's input. */
static void task_that_reads_from_a_terminal_finds_its_end(void)
{
    CHECK_EQ(test_scene("scene_readers", "", NULL, 0), 0);
}

static int scene_interrupted_reader(const char *argument)
{
    mproc_process *process;
    (void)argument;
    int typist = open_terminal();
    count_interrupts_at(10);
    CHECK_OK(mproc_process_create(&process,
                                  &(mproc_process_options){ .function = count_until_let_go, .inherit_stdin = true }));
    CHECK_OK(mproc_process_start(process));
    WAIT_UNTIL(atomic_load(&test_board()[12]) == 1);
    type(typist, "\003");
    WAIT_UNTIL(atomic_load(&test_board()[10]) == 1 && atomic_load(&test_board()[11]) == 1);
    test_let_go();
    return (int)test_finish(process);
}

static void rule_11_ctrl_c_reaches_who_has_the_input(void)
{
    CHECK_EQ(test_scene("scene_interrupted_reader", "", NULL, 0), 0);
}

/* ---- Stopped ---- */

static bool has_told(int log, const char *text)
{
    char told[4096];
    ssize_t length = pread(log, told, sizeof told - 1, 0);
    told[length > 0 ? length : 0] = 0;
    return strstr(told, text) != NULL;
}

static int scene_stopped_reader(const char *argument)
{
    mproc_pool *pool;
    mproc_result *result;
    (void)argument;
    open_terminal();
    int log = open("log", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    CHECK(log >= 0 && dup2(log, STDERR_FILENO) >= 0);
    mproc_set_log_level(MPROC_LOG_WARNING);
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .inherit_stdin = true }));
    CHECK_OK(mproc_pool_apply_async(pool, read_one, MPROC_NO_ARGS, NULL, &result));
    WAIT_UNTIL(has_told(log, "is stopped"));
    CHECK_CODE(mproc_result_wait(result, 0), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_pool_free(pool));
    CHECK_CODE(mproc_result_get(result, 0, NULL, 0, NULL), MPROC_E_TERMINATED);
    CHECK_OK(mproc_result_free(result));
    CHECK_EQ(unlink("log"), 0);
    return 0;
}

/* A worker is in the background: one that is to read from the terminal is stopped, and the log says so. */
static void stopped_task_is_told_about(void)
{
    CHECK_EQ(test_scene("scene_stopped_reader", "", NULL, 0), 0);
}

static const struct test tests[] = {
    TEST(rule_11_ctrl_c_reaches_the_parent_alone),
    TEST(rule_11_ctrl_c_ends_all_by_default),
    TEST(rule_11_ctrl_c_reaches_who_has_the_input),
    TEST(task_that_reads_from_a_terminal_finds_its_end),
    TEST(stopped_task_is_told_about),
};

static const struct scene scenes[] = {
    SCENE(scene_ctrl_c_is_the_parents), SCENE(scene_ctrl_c_ends_all), SCENE(scene_readers),
    SCENE(scene_interrupted_reader),    SCENE(scene_stopped_reader),
};

TEST_MAIN(tests, scenes)
