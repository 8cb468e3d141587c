/* What cannot work and has to be refused: programs without mproc_init, functions that the child has not, other programs
 * at the other end, start time limits. Rules 7, 53 and 54.
 */
#include "test.h"

/* ---- Programs without mproc_init ---- */

static void no_init_is_refused(void)
{
    char text[1024];
    const char *arguments[] = { test_program("helper_no_init"), NULL };
    CHECK_EQ(test_scene_finish(test_program_start(arguments), text, sizeof text), 3);
    CHECK_CONTAINS(text, "process MPROC_E_NOT_INITIALIZED");
    CHECK_CONTAINS(text, "pool MPROC_E_NOT_INITIALIZED");
    CHECK_CONTAINS(text, "mproc_init");
    CHECK_CONTAINS(text, "plug-in");
}

static mproc_process *create_with_program(const char *name, int64_t start_timeout_ms)
{
    mproc_process_options options = { .function = test_nothing,
                                      .start_method = MPROC_START_SPAWN,
                                      .executable = name,
                                      .start_timeout_ms = start_timeout_ms };
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process, &options));
    return process;
}

/* A failed start leaves no process, may be repeated, and says why. */
static void check_refused(mproc_process *process, int expected)
{
    for (int i = 0; i < 3; i++) {
        int children = os_child_count();
        CHECK_CODE(mproc_process_start(process), expected);
        CHECK(mproc_last_error()[0]);
        CHECK_EQ(mproc_get_active_children(NULL, 0), 0);
        CHECK_EQ(mproc_process_is_alive(process), 0);
        CHECK_CODE(mproc_process_join(process, 0), MPROC_E_STATE);
        WAIT_UNTIL(os_child_count() <= children);
    }
    mproc_process_free(process);
    CHECK_EQ(test_finish(test_start(test_nothing, MPROC_NO_ARGS)), 0);
}

static void program_without_init_at_the_other_end(void)
{
    mproc_process *process = create_with_program(test_program("helper_no_init"), 0);
    CHECK_CODE(mproc_process_start(process), MPROC_E_START_FAILED);
    CHECK_CONTAINS(mproc_last_error(), "mproc_set_executable");
    CHECK_OK(mproc_process_free(process));
    check_refused(create_with_program(test_program("helper_no_init"), 0), MPROC_E_START_FAILED);
}

/* No READY ever comes: the limit ends the wait and the process. */
static void rule_53_start_time_limit(void)
{
    int64_t before_ms = os_now_ms();
    mproc_process *process = create_with_program(test_program("helper_stays"), 200);
    CHECK_CODE(mproc_process_start(process), MPROC_E_TIMEOUT);
    CHECK_LE(os_now_ms() - before_ms, test_limit_ms(10000));
    check_refused(process, MPROC_E_TIMEOUT);
}

/* ---- Other programs ---- */

static void another_program_at_the_other_end(void)
{
    mproc_process *process = create_with_program(test_program("helper_other"), 0);
    int code = mproc_process_start(process);
    CHECK(code == MPROC_E_NO_FUNCTION || code == MPROC_E_MISMATCH);
    check_refused(process, code);
}

static void no_such_program(void)
{
    check_refused(create_with_program("there/is/no/such/program", 0), MPROC_E_START_FAILED);
}

static void not_a_program(void)
{
    FILE *file = fopen("not-a-program", "w");
    CHECK(file && fputs("text\n", file) >= 0 && fclose(file) == 0);
    mproc_process *process = create_with_program("./not-a-program", 0);
    check_refused(process, MPROC_E_START_FAILED);
    CHECK_EQ(remove("not-a-program"), 0);
}

static void executable_of_all_processes(void)
{
    mproc_process_options options = { .function = test_nothing, .start_method = MPROC_START_SPAWN };
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process, &options));
    CHECK_OK(mproc_set_executable("there/is/no/such/program"));
    CHECK_CODE(mproc_process_start(process), MPROC_E_START_FAILED);
    CHECK_OK(mproc_set_executable(NULL));
    CHECK_OK(mproc_process_start(process));
    CHECK_EQ(test_finish(process), 0);
}

/* This program, named by its path: as good as the running one. */
static void own_path_as_executable(void)
{
    char path[OS_PATH_MAX];
    os_program_path(path);
    mproc_process *process = create_with_program(path, 0);
    CHECK_OK(mproc_process_start(process));
    CHECK_EQ(test_finish(process), 0);
}

/* A copy of this program is not another program: to ignore the wish would run something else than was asked for. What
 * mproc_set_executable names is for spawn alone, and no wish of a forked process's. */
static void executable_under_fork_is_refused(void)
{
    mproc_process_options of_process = { .function = test_nothing,
                                         .start_method = MPROC_START_FORK,
                                         .executable = "/bin/sh" };
    mproc_pool_options of_pool = { .workers = 1, .start_method = MPROC_START_FORK, .executable = "/bin/sh" };
    mproc_process *process = NULL;
    mproc_pool *pool = NULL;
    CHECK_CODE(mproc_process_create(&process, &of_process), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "spawn");
    CHECK_CODE(mproc_pool_create(&pool, &of_pool), MPROC_E_INVALID);
    CHECK(!process && !pool);
    CHECK_OK(mproc_set_executable("/there/is/none"));
    of_process.executable = NULL;
    CHECK_OK(mproc_process_create(&process, &of_process));
    CHECK_OK(mproc_process_start(process));
    CHECK_EQ(test_finish(process), 0);
    CHECK_OK(mproc_set_executable(NULL));
}

/* The method that the object has by default is chosen again when it starts. */
static void executable_is_refused_when_the_default_turns_to_fork(void)
{
    mproc_process_options options = { .function = test_nothing, .executable = test_program("helper_other") };
    mproc_process *process;
    CHECK_OK(mproc_set_start_method(MPROC_START_SPAWN, true));
    CHECK_OK(mproc_process_create(&process, &options));
    CHECK_OK(mproc_set_start_method(MPROC_START_FORK, true));
    CHECK_CODE(mproc_process_start(process), MPROC_E_INVALID);
    CHECK_OK(mproc_process_free(process));
}

static void a_method_that_the_system_lacks_is_refused(void)
{
    static const mproc_start_method methods[] = { MPROC_START_FORK, MPROC_START_FORKSERVER };
    int expected = test_is_windows() ? MPROC_E_NOT_SUPPORTED : 0;
    for (size_t i = 0; i < TEST_COUNT(methods); i++) {
        mproc_process_options options = { .function = test_nothing, .start_method = methods[i] };
        mproc_process *process = NULL;
        CHECK_CODE(mproc_process_create(&process, &options), expected);
        if (expected < 0)
            CHECK_CONTAINS(mproc_last_error(), mproc_start_method_name(methods[i]));
        CHECK_OK(mproc_process_free(process));
    }
    CHECK_CODE(mproc_set_forkserver_preload(NULL, NULL), expected);
}

/* ---- Functions ---- */

static mproc_process *create(mproc_task_fn *function)
{
    mproc_process_options options = { .function = function };
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process, &options));
    return process;
}

static mproc_task_fn *function_at(const void *address)
{
    mproc_task_fn *function;
    /* ISO C has no cast from data to code. */
    memcpy(&function, &address, sizeof function);
    return function;
}

static void function_outside_any_module(void)
{
    check_refused(create((mproc_task_fn *)os_code_without_module()), MPROC_E_NO_FUNCTION);
}

/* Bytes in the program that are no code: to run them would be a crash in the child. */
static int data[64] = { 1 };

static void function_that_is_data(void)
{
    check_refused(create(function_at(data)), MPROC_E_NO_FUNCTION);
}

static void function_at_an_absurd_address(void)
{
    check_refused(create(function_at((void *)(uintptr_t)16)), MPROC_E_NO_FUNCTION);
    check_refused(create(function_at((void *)UINTPTR_MAX)), MPROC_E_NO_FUNCTION);
}

static void copy_file(const char *from, const char *to)
{
    static char buffer[1 << 21];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    CHECK(in && out);
    size_t size = fread(buffer, 1, sizeof buffer, in);
    CHECK(size > 0 && size < sizeof buffer && fwrite(buffer, 1, size, out) == size);
    CHECK(fclose(in) == 0 && fclose(out) == 0);
}

/* A module that the program has loaded itself: the child loads it too. */
static void function_of_a_loaded_module(void)
{
    mproc_task_fn *function =
        (mproc_task_fn *)os_module_function(test_module("helper_module"), "helper_module_function");
    CHECK(function);
    CHECK_EQ(test_finish(test_start(function, MPROC_NO_ARGS)), 41);
}

/* A module that the child cannot load, its file being gone. A forked child has it in its memory. */
static void function_of_a_module_that_is_gone(void)
{
    copy_file(test_module("helper_module"), "./gone-module.so");
    mproc_task_fn *function = (mproc_task_fn *)os_module_function("./gone-module.so", "helper_module_function");
    CHECK(function);
    if (remove("./gone-module.so") != 0)
        test_skip("a loaded module cannot be removed here");
    if (test_forks())
        CHECK_EQ(test_finish(test_start(function, MPROC_NO_ARGS)), 41);
    else
        check_refused(create(function), MPROC_E_NO_FUNCTION);
}

/* ---- Arguments ---- */

/* More than any allocator gives, so that nothing is read beyond the one byte there is. */
static void rule_54_argument_larger_than_memory(void)
{
    static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 4096, PTRDIFF_MAX };
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        mproc_process_options options = { .function = test_nothing, .args = { "x", sizes[i] } };
        mproc_process *process = NULL;
        CHECK_CODE(mproc_process_create(&process, &options), MPROC_E_NO_MEMORY);
        CHECK(!process);
    }
}

static const struct test tests[] = {
    TEST(no_init_is_refused),
    TEST(program_without_init_at_the_other_end),
    TEST(rule_53_start_time_limit),
    TEST(another_program_at_the_other_end),
    TEST(no_such_program),
    TEST(not_a_program),
    TEST(executable_of_all_processes),
    TEST(own_path_as_executable),
    TEST_WITH(executable_under_fork_is_refused, TEST_POSIX_ONLY, 0),
    TEST_WITH(executable_is_refused_when_the_default_turns_to_fork, TEST_POSIX_ONLY, 0),
    TEST(a_method_that_the_system_lacks_is_refused),
    TEST(function_outside_any_module),
    TEST(function_that_is_data),
    TEST(function_at_an_absurd_address),
    TEST(function_of_a_loaded_module),
    TEST_WITH(function_of_a_module_that_is_gone, TEST_KEEPS, 0),
    TEST_WITH(rule_54_argument_larger_than_memory, TEST_NO_SANITIZER, 0),
};

TEST_MAIN_PLAIN(tests)
