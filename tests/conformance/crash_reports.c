/* The stacks that dying workers leave, and the tasks that are saved. */
#include "pool_tasks.h"
#include <mproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __clang__
#define NEVER_INLINE __attribute__((noinline))
#else
#define NEVER_INLINE __attribute__((noinline, noclone))
#endif

/* ---- What crashes ---- */

static volatile int one = 1, zero;
static int *volatile nowhere;
static void (*volatile no_function)(void);

NEVER_INLINE static void write_nowhere(void)
{
    *nowhere = 1;
}

static void by_write(void)
{
    write_nowhere();
    one++;
}

static void by_division(void)
{
    one = one / zero;
}

static void by_instruction(void)
{
    __builtin_trap();
}

static void by_abort(void)
{
    abort();
}

static void by_null_call(void)
{
    no_function();
    one++;
}

NEVER_INLINE static int recurse(int n)
{
    volatile char room[200];
    room[n % 200] = 1;
    return one ? recurse(n + 1) + room[3] : n;
}

static void by_recursion(void)
{
    one = recurse(1);
}

static int compare(const void *left, const void *right)
{
    write_nowhere();
    return *(const int *)left - *(const int *)right;
}

static void in_callback(void)
{
    int two[2] = { 2, 1 };
    qsort(two, 2, sizeof *two, compare);
    one = two[0];
}

NEVER_INLINE static void on_smashed_stack(void)
{
    uint64_t small[2];
    volatile uint64_t *volatile end = small;
    for (int i = 0; i < 40; i++)
        end[i] = 0x4141414141414141;
    one = (int)small[0];
}

static void thread_write(void *unused)
{
    (void)unused;
    write_nowhere();
    one++;
}

static void in_other_thread(void)
{
    os_thread_join(os_thread_start(thread_write, NULL));
    one++;
}

static void by_kill(void)
{
    os_kill(os_self_pid());
    for (;;)
        os_sleep_ms(1);
}

static void by_exit(void)
{
    os_exit_now(3);
}

enum { NO_SANITIZER = 1 };

static const struct crash {
    const char *name;
    void (*function)(void);
    const char *expected; /* functions of the stack, innermost first; or its whole text if that begins with "no" */
    int signal;           /* on POSIX; 0: exits */
    uint32_t exception;   /* on Windows; 0: not looked at */
} crashes[] = {
    { "write", by_write, "write_nowhere by_write crash_task", 11, 0xC0000005 },
    { "division", by_division, "by_division crash_task", 8, 0xC0000094 },
    { "instruction", by_instruction, "by_instruction crash_task", 4, 0xC000001D },
    { "abort", by_abort, "by_abort crash_task", 6, 3 },
    { "call", by_null_call, "by_null_call crash_task", 11, 0xC0000005 },
    { "recursion", by_recursion, "recurse again crash_task", 11, 0 },
    { "callback", in_callback, "write_nowhere compare in_callback crash_task", 11, 0xC0000005 },
    { "smashed", on_smashed_stack, "on_smashed_stack", 11, 0xC0000005 },
    { "thread", in_other_thread, "write_nowhere thread_write", 11, 0xC0000005 },
    { "kill", by_kill, "no stack", 9, 0 },
    { "exit", by_exit, "no stack", 0, 3 },
};

NEVER_INLINE static int crash_task(mproc_task *task)
{
    const char *name = mproc_task_get_argument(task).data;
    for (size_t i = 0; i < TEST_COUNT(crashes); i++)
        if (strcmp(crashes[i].name, name) == 0)
            crashes[i].function();
    return one > 0 ? 0 : -1;
}

NEVER_INLINE static int crash_item(const void *in, void *out, mproc_task *task)
{
    (void)task;
    if (*(const int *)in == 13)
        by_write();
    *(int *)out = 2 * *(const int *)in;
    return 0;
}

/* ---- Tools ---- */

/* What was asked for with .crash_reports: the code, but where it cannot be had. */
static int or_skip(int code)
{
    if (code == MPROC_E_NOT_SUPPORTED)
        test_skip("stacks cannot be walked here: %s", mproc_last_error());
    return code;
}

static mproc_pool *make_reporting_pool(const char *directory)
{
    mproc_pool *pool;
    int code = mproc_pool_create(
        &pool,
        &(mproc_pool_options){ .workers = 1, .max_restarts = 1000, .crash_reports = 1, .crash_directory = directory });
    if (code == MPROC_E_NOT_SUPPORTED && directory != NULL)
        os_directory_remove(directory);
    CHECK_OK(or_skip(code));
    return pool;
}

/* Its outcome is good until the result is freed. */
static mproc_result *run_crash(mproc_pool *pool, const char *name, mproc_outcome *ret_outcome)
{
    mproc_result *result;
    CHECK_OK(mproc_pool_apply_async(pool, crash_task, MPROC_ARG_STRING(name), NULL, &result));
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(20000), ret_outcome));
    return result;
}

static void check_stack(const struct crash *crash, const char *stack)
{
    char expected[200];
    const char *at = stack;
    if (strncmp(crash->expected, "no stack", 8) == 0) {
        CHECK_CONTAINS(stack, "no stack: ");
        return;
    }
    snprintf(expected, sizeof expected, "%s", crash->expected);
    for (char *function = strtok(expected, " "); function != NULL; function = strtok(NULL, " ")) {
        at = strstr(at, function);
        if (at == NULL)
            test_fail(__FILE__, __LINE__, "%s: %s is not where it should be in:\n%s", crash->name, function, stack);
    }
}

static void check_end(const struct crash *crash, const mproc_outcome *outcome)
{
    CHECK_EQ(outcome->code, MPROC_E_WORKER_DIED);
    if (!test_is_windows() && crash->signal != 0)
        CHECK_EQ(outcome->exit_code, -crash->signal);
    else if (crash->exception != 0)
        CHECK_EQ(outcome->exit_code, crash->exception);
}

static void check_crash(const char *name)
{
    mproc_pool *pool = make_reporting_pool(NULL);
    for (size_t i = 0; i < TEST_COUNT(crashes); i++) {
        mproc_outcome outcome;
        if (strcmp(crashes[i].name, name) != 0)
            continue;
        mproc_result *result = run_crash(pool, name, &outcome);
        check_end(&crashes[i], &outcome);
        check_stack(&crashes[i], outcome.stack);
        CHECK_STR(outcome.saved_task, "");
        mproc_result_free(result);
    }
    mproc_pool_free(pool);
}

/* ---- Kinds of deaths ---- */

static void null_pointer(void)
{
    check_crash("write");
}

static void division_by_zero(void)
{
    check_crash("division");
}

static void illegal_instruction(void)
{
    check_crash("instruction");
}

static void abort_in_a_task(void)
{
    check_crash("abort");
}

static void call_of_null_tells_its_caller(void)
{
    check_crash("call");
}

static void stack_overflow(void)
{
    check_crash("recursion");
}

static void in_a_callback_of_the_c_library(void)
{
    check_crash("callback");
}

/* The walk ends where it makes no sense any more, and the signal is the task's. */
static void corrupted_stack(void)
{
    check_crash("smashed");
}

static void in_another_thread_of_the_task(void)
{
    check_crash("thread");
}

static void killed_worker_says_that_there_is_no_stack(void)
{
    check_crash("kill");
}

static void exit_says_that_there_is_no_stack(void)
{
    check_crash("exit");
}

/* ---- What it means for others ---- */

static void equal_crashes_have_equal_texts(void)
{
    mproc_pool *pool = make_reporting_pool(NULL);
    mproc_outcome first, second;
    mproc_result *one_result = run_crash(pool, "recursion", &first);
    mproc_result *other_result = run_crash(pool, "recursion", &second);
    CHECK_STR(first.stack, second.stack);
    mproc_result_free(one_result);
    mproc_result_free(other_result);
    mproc_pool_free(pool);
}

static void without_the_option_there_is_no_stack(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_outcome outcome;
    mproc_result *result = run_crash(pool, "write", &outcome);
    CHECK_STR(outcome.stack, "");
    CHECK_STR(outcome.saved_task, "");
    mproc_result_free(result);
    mproc_pool_free(pool);
}

static void success_has_no_stack(void)
{
    mproc_pool *pool = make_reporting_pool(NULL);
    mproc_outcome outcome;
    mproc_result *result = run_crash(pool, "nothing", &outcome);
    CHECK_EQ(outcome.code, 0);
    CHECK_STR(outcome.stack, "");
    mproc_result_free(result);
    mproc_pool_free(pool);
}

static void an_item_of_a_map_has_its_stack(void)
{
    mproc_pool *pool = make_reporting_pool(NULL);
    int in[20], out[20];
    mproc_outcome outcome;
    mproc_result *result;
    for (int i = 0; i < 20; i++)
        in[i] = i;
    CHECK_OK(mproc_pool_map_async(pool, crash_item, in, sizeof *in, 20, out, sizeof *out, NULL, &result));
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(20000), &outcome));
    CHECK_EQ(outcome.item, 13);
    CHECK_CONTAINS(outcome.stack, "write_nowhere");
    CHECK_OK(mproc_result_get_item(result, 13, &outcome));
    CHECK_CONTAINS(outcome.stack, "crash_item");
    CHECK_OK(mproc_result_get_item(result, 12, &outcome));
    CHECK_STR(outcome.stack, "");
    CHECK_EQ(out[19], 38);
    mproc_result_free(result);
    mproc_pool_free(pool);
}

static char seen_stack[4000];

static int keep_stack(const mproc_outcome *outcome, void *user)
{
    (void)user;
    snprintf(seen_stack, sizeof seen_stack, "%s", outcome->stack);
    return 0;
}

static void a_callback_sees_the_stack(void)
{
    mproc_pool *pool = make_reporting_pool(NULL);
    CHECK_OK(mproc_pool_apply_async(pool, crash_task, MPROC_ARG_STRING("write"),
                                    &(mproc_task_options){ .on_done = keep_stack }, NULL));
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(20000)));
    CHECK_CONTAINS(seen_stack, "write_nowhere");
    mproc_pool_free(pool);
}

static int crash_once(mproc_task *task)
{
    if (mproc_task_get_attempt(task) == 1)
        by_write();
    return 0;
}

static void a_retry_that_succeeds_has_no_stack(void)
{
    char directory[OS_PATH_MAX], names[100];
    os_directory_make(directory);
    mproc_pool *pool = make_reporting_pool(directory);
    mproc_outcome outcome;
    mproc_result *result;
    CHECK_OK(mproc_pool_apply_async(pool, crash_once, MPROC_NO_ARGS, &(mproc_task_options){ .retries = 1 }, &result));
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(20000), &outcome));
    CHECK_EQ(outcome.code, 0);
    CHECK_EQ(outcome.attempt, 2);
    CHECK_STR(outcome.stack, "");
    CHECK_EQ(os_directory_list(directory, names, sizeof names), 0);
    mproc_result_free(result);
    mproc_pool_free(pool);
    os_directory_remove(directory);
}

/* A text owned by the result outlives its pool. */
static void a_stack_outlives_its_pool(void)
{
    mproc_pool *pool = make_reporting_pool(NULL);
    mproc_outcome outcome;
    mproc_result *result;
    CHECK_OK(mproc_pool_apply_async(pool, crash_task, MPROC_ARG_STRING("write"), NULL, &result));
    CHECK_OK(mproc_result_wait(result, test_limit_ms(20000)));
    mproc_pool_free(pool);
    CHECK_OK(mproc_result_get_outcome(result, 0, &outcome));
    CHECK_CONTAINS(outcome.stack, "write_nowhere");
    mproc_result_free(result);
}

/* ---- A record that is not to be believed ---- */

/* Where the record lies in the worker's segment is not known from outside: all of the front but the rings' words is
 * written over that a wild task could reach. The parent must neither crash nor hang. */
static int scribble(mproc_task *task)
{
    unsigned char *argument = (unsigned char *)(uintptr_t)mproc_task_get_argument(task).data;
    /* By which segments may be mapped; what is between may not be there on Windows. */
    uintptr_t step = test_is_windows() ? 0x10000 : 0x1000;
    unsigned char *front = (unsigned char *)((uintptr_t)argument & ~(step - 1));
    unsigned fill = argument[0];
    while (*(uint64_t *)(void *)front != 0x746f6f62636f7270)
        front -= step;
    memset(front + 2048, (int)fill, 2048);
    atomic_fetch_add(&test_board()[2], 1);
    if (argument[1] != 0)
        by_write();
    abort();
}

static void a_record_written_over_by_the_task(void)
{
    mproc_pool *pool = make_reporting_pool(NULL);
    static const unsigned char fills[] = { 0, 1, 2, 15, 16, 64, 127, 128, 255 };
    for (size_t i = 0; i < 2 * sizeof fills; i++) {
        /* Large enough to lie in the stream, and so in the segment. */
        unsigned char argument[500] = { fills[i / 2], i % 2 };
        mproc_result *result;
        mproc_outcome outcome;
        CHECK_OK(mproc_pool_apply_async(pool, scribble, MPROC_ARG(argument), NULL, &result));
        CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(20000), &outcome));
        CHECK_EQ(outcome.code, MPROC_E_WORKER_DIED);
        CHECK(strlen(outcome.stack) > 0);
        mproc_result_free(result);
    }
    CHECK_EQ(atomic_load(&test_board()[2]), 2 * (int64_t)sizeof fills);
    mproc_pool_free(pool);
}

/* ---- Saved tasks ---- */

static int remember_argument(mproc_task *task)
{
    atomic_store(&test_board()[3], *(const char *)mproc_task_get_argument(task).data);
    return 0;
}

static int crash_or_tell(mproc_task *task)
{
    mproc_view argument = mproc_task_get_argument(task);
    if (atomic_load(&test_board()[2]) == 0)
        by_write();
    CHECK_EQ(argument.size, 1000);
    return ((const unsigned char *)argument.data)[999] == 7 ? 5 : mproc_task_fail(task, -4, "not the argument");
}

static void save_crash(char directory[OS_PATH_MAX], char ret_path[OS_PATH_MAX])
{
    mproc_pool *pool;
    mproc_result *result;
    mproc_outcome outcome;
    unsigned char argument[1000] = { [999] = 7 };
    os_directory_make(directory);
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1,
                                                             .initializer = remember_argument,
                                                             .initializer_args = MPROC_ARG_STRING("x"),
                                                             .crash_directory = directory }));
    CHECK_OK(mproc_pool_apply_async(pool, crash_or_tell, MPROC_ARG(argument), NULL, &result));
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(20000), &outcome));
    CHECK_EQ(outcome.code, MPROC_E_WORKER_DIED);
    CHECK_STR(outcome.stack, "");
    snprintf(ret_path, OS_PATH_MAX, "%s", outcome.saved_task);
    mproc_result_free(result);
    mproc_pool_free(pool);
}

static void a_saved_task_runs_once_more_here(void)
{
    char directory[OS_PATH_MAX], path[OS_PATH_MAX];
    int code;
    save_crash(directory, path);
    CHECK_CONTAINS(path, directory);
    atomic_store(&test_board()[2], 1);
    atomic_store(&test_board()[3], 0);
    CHECK_OK(mproc_replay(path, &code));
    CHECK_EQ(code, 5);
    CHECK_EQ(atomic_load(&test_board()[3]), 'x');
    os_directory_remove(directory);
}

static int replay_in_a_scene(const char *path)
{
    char *arguments[] = { (char *)"program", (char *)"--replay", (char *)path, NULL };
    atomic_store(&test_board()[2], 1);
    return mproc_replay_main(3, arguments);
}

static void replay_main_tells_the_code(void)
{
    char directory[OS_PATH_MAX], path[OS_PATH_MAX], output[1000];
    save_crash(directory, path);
    CHECK_EQ(test_scene("replay_in_a_scene", path, output, sizeof output), 0);
    CHECK_CONTAINS(output, "the task returned 5");
    CHECK_EQ(test_scene("replay_in_a_scene", directory, output, sizeof output), 2);
    CHECK_CONTAINS(output, "replay: ");
    os_directory_remove(directory);
}

static void an_item_of_a_map_is_saved(void)
{
    char directory[OS_PATH_MAX];
    int in[20], out[20], code;
    mproc_outcome outcome;
    mproc_result *result;
    os_directory_make(directory);
    mproc_pool *pool = make_reporting_pool(directory);
    for (int i = 0; i < 20; i++)
        in[i] = i;
    CHECK_OK(mproc_pool_map_async(pool, crash_item, in, sizeof *in, 20, out, sizeof *out, NULL, &result));
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(20000), &outcome));
    CHECK_CONTAINS(outcome.saved_task, directory);
    static int somewhere;
    nowhere = &somewhere;
    CHECK_OK(mproc_replay(outcome.saved_task, &code));
    CHECK_EQ(code, 0);
    CHECK_EQ(somewhere, 1);
    mproc_result_free(result);
    mproc_pool_free(pool);
    os_directory_remove(directory);
}

static void change_byte(const char *path, size_t offset)
{
    FILE *file = fopen(path, "r+b");
    CHECK(file != NULL);
    fseek(file, (long)offset, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, (long)offset, SEEK_SET);
    fputc(byte ^ 0x55, file);
    fclose(file);
}

static void replay_refuses_what_is_no_task_of_this_build(void)
{
    char directory[OS_PATH_MAX], path[OS_PATH_MAX];
    int code = 17;
    save_crash(directory, path);
    change_byte(path, 16); /* the build */
    CHECK_CODE(mproc_replay(path, &code), MPROC_E_MISMATCH);
    CHECK_CONTAINS(mproc_last_error(), "build");
    change_byte(path, 16);
    change_byte(path, 8); /* the version */
    CHECK_CODE(mproc_replay(path, &code), MPROC_E_MISMATCH);
    change_byte(path, 8);
    change_byte(path, 56); /* the argument's size */
    CHECK_CODE(mproc_replay(path, &code), MPROC_E_INVALID);
    change_byte(path, 56);
    change_byte(path, 0);
    CHECK_CODE(mproc_replay(path, &code), MPROC_E_INVALID);
    CHECK_CODE(mproc_replay("there is no such file", &code), MPROC_E_OS);
    CHECK_CODE(mproc_replay(directory, &code), MPROC_E_OS);
    CHECK_EQ(code, 17);
    CHECK_EQ(mproc_replay_main(0, NULL), 2);
    os_directory_remove(directory);
}

static void another_program_refuses_to_replay(void)
{
    char directory[OS_PATH_MAX], path[OS_PATH_MAX], output[1000];
    save_crash(directory, path);
    const char *arguments[] = { test_program("helper_other"), "--replay", path, NULL };
    CHECK_EQ(test_scene_finish(test_program_start(arguments), output, sizeof output), 2);
    CHECK_CONTAINS(output, "another build");
    os_directory_remove(directory);
}

/* ---- Processes ---- */

static void a_process_that_crashed_has_its_stack(void)
{
    mproc_process *process;
    const char *stack;
    int64_t code;
    int made = mproc_process_create(&process, &(mproc_process_options){ .function = crash_task,
                                                                        .args = MPROC_ARG_STRING("callback"),
                                                                        .start_method = test_method(),
                                                                        .crash_reports = 1 });
    CHECK_OK(or_skip(made));
    CHECK(mproc_process_get_stack(process) == NULL);
    CHECK_EQ(mproc_last_code(), MPROC_E_STATE);
    CHECK_OK(mproc_process_start(process));
    CHECK_OK(mproc_process_join(process, test_limit_ms(20000)));
    CHECK_OK(mproc_process_get_exit_code(process, &code));
    CHECK_EQ(code, test_is_windows() ? (int64_t)0xC0000005 : -11);
    stack = mproc_process_get_stack(process);
    CHECK(stack != NULL);
    check_stack(&(struct crash){ .name = "process", .expected = "write_nowhere compare in_callback crash_task" },
                stack);
    CHECK_OK(mproc_process_free(process));
}

static void a_process_that_ended_well_has_none(void)
{
    mproc_process *process = test_start(test_nothing, MPROC_NO_ARGS);
    CHECK_OK(mproc_process_join(process, test_limit_ms(20000)));
    CHECK_STR(mproc_process_get_stack(process), "");
    CHECK_EQ(test_finish(process), 0);
}

static void write_at_exit(void *unused)
{
    (void)unused;
    by_write();
}

static int leave_a_fault_behind(mproc_task *task)
{
    (void)task;
    return mproc_at_exit(write_at_exit, NULL, 0);
}

/* The functions that called it are in it too, though the process's own has returned. */
static void a_process_that_crashes_in_an_exit_handler_has_its_stack(void)
{
    mproc_process *process;
    CHECK_OK(or_skip(mproc_process_create(&process, &(mproc_process_options){ .function = leave_a_fault_behind,
                                                                              .start_method = test_method(),
                                                                              .crash_reports = 1 })));
    CHECK_OK(mproc_process_start(process));
    CHECK_OK(mproc_process_join(process, test_limit_ms(20000)));
    check_stack(&(struct crash){ .name = "exit", .expected = "write_nowhere write_at_exit" },
                mproc_process_get_stack(process));
    CHECK_OK(mproc_process_free(process));
}

/* ---- Before a worker is ready ---- */

/* Board word 4: from then on it crashes. */
static int crash_later(mproc_task *task)
{
    (void)task;
    if (atomic_load(&test_board()[4]) != 0)
        by_write();
    return 0;
}

static int make_crashing_later(mproc_pool **ret_pool)
{
    return mproc_pool_create(ret_pool, &(mproc_pool_options){ .workers = 1,
                                                              .max_restarts = 1,
                                                              .restart_window_ms = 60000,
                                                              .crash_reports = 1,
                                                              .initializer = crash_later });
}

static void a_crash_in_the_initializer_says_where(void)
{
    mproc_pool *pool;
    atomic_store(&test_board()[4], 1);
    CHECK_CODE(or_skip(make_crashing_later(&pool)), MPROC_E_START_FAILED);
    CHECK_CONTAINS(mproc_last_error(), "before it was ready, in write_nowhere+0x");
    CHECK_CONTAINS(mproc_last_error(), ", called by ");
    CHECK(strstr(mproc_last_error(), "mproc_init") == NULL);
}

/* What waits for a worker in vain has the stack; what comes after it has at least the place. */
static void a_crash_in_the_initializer_of_a_replacement_says_where(void)
{
    mproc_pool *pool;
    mproc_outcome outcome;
    mproc_result *last, *waiting;
    CHECK_OK(or_skip(make_crashing_later(&pool)));
    atomic_store(&test_board()[4], 1);
    CHECK_OK(mproc_pool_apply_async(pool, crash_task, MPROC_ARG_STRING("exit"), NULL, &last));
    CHECK_OK(mproc_pool_apply_async(pool, crash_task, MPROC_ARG_STRING("nothing"), NULL, &waiting));
    CHECK_OK(mproc_result_get_outcome(waiting, test_limit_ms(20000), &outcome));
    CHECK_EQ(outcome.code, MPROC_E_BROKEN);
    CHECK_CONTAINS(outcome.message, "before it was ready, in write_nowhere+0x");
    check_stack(&(struct crash){ .name = "initializer", .expected = "write_nowhere crash_later" }, outcome.stack);
    CHECK_STR(outcome.saved_task, "");
    CHECK_CODE(mproc_pool_apply(pool, crash_task, MPROC_ARG_STRING("nothing"), NULL, NULL, 0, NULL), MPROC_E_BROKEN);
    CHECK_CONTAINS(mproc_last_error(), "in write_nowhere+0x");
    mproc_result_free(last);
    mproc_result_free(waiting);
    mproc_pool_free(pool);
}

static int fail_later(mproc_task *task)
{
    return atomic_load(&test_board()[4]) != 0 ? mproc_task_fail(task, -7, "no table") : 0;
}

static void an_initializer_that_only_fails_has_no_stack(void)
{
    mproc_pool *pool;
    mproc_outcome outcome;
    mproc_result *waiting;
    CHECK_OK(or_skip(mproc_pool_create(
        &pool, &(mproc_pool_options){ .workers = 1, .crash_reports = 1, .initializer = fail_later })));
    atomic_store(&test_board()[4], 1);
    CHECK_CODE(mproc_pool_apply(pool, crash_task, MPROC_ARG_STRING("exit"), NULL, NULL, 0, NULL), MPROC_E_WORKER_DIED);
    int code = mproc_pool_apply_async(pool, crash_task, MPROC_ARG_STRING("nothing"), NULL, &waiting);
    if (code == 0) {
        CHECK_OK(mproc_result_get_outcome(waiting, test_limit_ms(20000), &outcome));
        CHECK_EQ(outcome.code, MPROC_E_INIT_FAILED);
        CHECK_CONTAINS(outcome.message, "no table");
        CHECK_STR(outcome.stack, "");
        mproc_result_free(waiting);
    }
    mproc_pool_free(pool);
}

/* A fault in a thread is the whole program's. */
static void threads_leave_no_reports(void)
{
    mproc_pool *pool;
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .kind = MPROC_POOL_THREADS, .crash_reports = 1 }),
               MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .kind = MPROC_POOL_THREADS, .crash_directory = "." }),
               MPROC_E_INVALID);
}

static void a_directory_that_is_not_there_saves_nothing(void)
{
    mproc_pool *pool = make_reporting_pool("there/is/no/such/directory");
    mproc_outcome outcome;
    mproc_result *result = run_crash(pool, "write", &outcome);
    CHECK_EQ(outcome.code, MPROC_E_WORKER_DIED);
    CHECK_STR(outcome.saved_task, "");
    mproc_result_free(result);
    mproc_pool_free(pool);
}

#define STACKS TEST_NO_SANITIZER

static const struct test tests[] = {
    TEST_WITH(null_pointer, STACKS, 0),
    TEST_WITH(division_by_zero, STACKS, 0),
    TEST_WITH(illegal_instruction, STACKS, 0),
    TEST_WITH(abort_in_a_task, STACKS, 0),
    TEST_WITH(call_of_null_tells_its_caller, STACKS, 0),
    TEST_WITH(stack_overflow, STACKS, 0),
    TEST_WITH(in_a_callback_of_the_c_library, STACKS, 0),
    TEST_WITH(corrupted_stack, STACKS, 0),
    TEST_WITH(in_another_thread_of_the_task, STACKS, 0),
    TEST(killed_worker_says_that_there_is_no_stack),
    TEST(exit_says_that_there_is_no_stack),
    TEST_WITH(equal_crashes_have_equal_texts, STACKS, 0),
    TEST(without_the_option_there_is_no_stack),
    TEST(success_has_no_stack),
    TEST_WITH(an_item_of_a_map_has_its_stack, STACKS, 0),
    TEST_WITH(a_callback_sees_the_stack, STACKS, 0),
    TEST(a_retry_that_succeeds_has_no_stack),
    TEST_WITH(a_stack_outlives_its_pool, STACKS, 0),
    TEST_WITH(a_record_written_over_by_the_task, STACKS, 60),
    TEST(a_saved_task_runs_once_more_here),
    TEST(replay_main_tells_the_code),
    TEST(an_item_of_a_map_is_saved),
    TEST(replay_refuses_what_is_no_task_of_this_build),
    TEST(another_program_refuses_to_replay),
    TEST_WITH(a_process_that_crashed_has_its_stack, STACKS, 0),
    TEST(a_process_that_ended_well_has_none),
    TEST_WITH(a_process_that_crashes_in_an_exit_handler_has_its_stack, STACKS, 0),
    TEST_WITH(a_crash_in_the_initializer_says_where, STACKS, 0),
    TEST_WITH(a_crash_in_the_initializer_of_a_replacement_says_where, STACKS, 0),
    TEST(an_initializer_that_only_fails_has_no_stack),
    TEST(threads_leave_no_reports),
    TEST(a_directory_that_is_not_there_saves_nothing),
};

static const struct scene scenes[] = { SCENE(replay_in_a_scene) };

TEST_MAIN(tests, scenes)
