/* Checks, what a test knows, processes and scenes. See test.h.
 */
#include "internal.h"
#include <stdarg.h>

static mproc_start_method method = MPROC_START_DEFAULT;
static bool threads;

/* ---- Checks ---- */

/* A child's failed check ends the child with this code, so that a test that joins it fails as well. */
#define EXIT_FAILED 99

static _Noreturn void end_failed(void)
{
    fflush(stdout);
    fflush(stderr);
    os_exit_now(EXIT_FAILED);
}

void test_fail(const char *file, int line, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *detail = mproc_last_error();
    fprintf(stderr, "%s:%d: check failed: %s%s%s%s\n", file, line, text, detail[0] ? " (last error: " : "", detail,
            detail[0] ? ")" : "");
    end_failed();
}

void test_check_eq(const char *file, int line, const char *what, int64_t actual, const char *expected_text,
                   int64_t expected)
{
    if (actual != expected)
        test_fail(file, line, "%s is %" PRId64 ", expected %s, %" PRId64, what, actual, expected_text, expected);
}

void test_check_le(const char *file, int line, const char *what, int64_t actual, const char *limit_text, int64_t limit)
{
    if (actual > limit)
        test_fail(file, line, "%s is %" PRId64 ", expected at most %s, %" PRId64, what, actual, limit_text, limit);
}

void test_check_code(const char *file, int line, const char *what, int actual, int expected)
{
    if (actual != expected)
        test_fail(file, line, "%s is %d %s, expected %d %s", what, actual, actual < 0 ? mproc_error_name(actual) : "",
                  expected, mproc_error_name(expected));
}

void test_check_str(const char *file, int line, const char *what, const char *actual, const char *expected)
{
    if (!actual || strcmp(actual, expected) != 0)
        test_fail(file, line, "%s is \"%s\", expected \"%s\"", what, actual ? actual : "(NULL)", expected);
}

void test_check_contains(const char *file, int line, const char *what, const char *actual, const char *part)
{
    if (!actual || !strstr(actual, part))
        test_fail(file, line, "%s is \"%s\", expected \"%s\" in it", what, actual ? actual : "(NULL)", part);
}

void test_skip(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("skipped: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    fflush(stderr);
    os_exit_now(TEST_EXIT_SKIP);
}

/* ---- What a test knows ---- */

mproc_start_method test_method(void)
{
    return mproc_get_start_method();
}

bool test_threads(void)
{
    return threads;
}

const char *test_method_name(void)
{
    return threads ? "threads" : mproc_start_method_name(test_method());
}

int64_t test_limit_ms(int64_t ms)
{
    const char *factor = getenv("MPROC_TEST_TIMEOUT_FACTOR");
    double value = factor ? strtod(factor, NULL) : 1;
    return (int64_t)((double)ms * (value > 0 ? value : 1));
}

bool test_is_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#elif defined(__has_feature)
    return __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
    return false;
#endif
}

bool test_is_windows(void)
{
    mproc_start_method first;
    mproc_get_start_methods(&first, 1);
    return first == MPROC_START_SPAWN;
}

static bool is_wanted(const char *variable)
{
    const char *value = getenv(variable);
    return value && strcmp(value, "1") == 0;
}

bool test_is_soak(void)
{
    return is_wanted("MPROC_TEST_SOAK");
}

bool test_is_short(void)
{
    return is_wanted("MPROC_TEST_SHORT") && !test_is_soak();
}

int test_rounds(int rounds, int soak)
{
    if (test_is_soak())
        return soak;
    return test_is_short() && test_is_windows() ? (rounds + 3) / 4 : rounds;
}

const char *test_program(const char *name)
{
    static char path[OS_PATH_MAX + 64];
    char self[OS_PATH_MAX];
    os_program_path(self);
    const char *dot = strrchr(self, '.');
    bool has_suffix = dot && strcmp(dot, ".exe") == 0;
    char *slash = strrchr(self, '/'), *backslash = strrchr(self, '\\');
    char *end = backslash > slash ? backslash : slash;
    snprintf(path, sizeof path, "%.*s%s%s", (int)(end - self + 1), self, name, has_suffix ? ".exe" : "");
    return path;
}

const char *test_module(const char *name)
{
    static char path[OS_PATH_MAX + 72];
    snprintf(path, sizeof path - 8, "%s", test_program(name));
    char *dot = strstr(path, ".exe");
    strcpy(dot ? dot : path + strlen(path), dot ? ".dll" : ".so");
    return path;
}

void test__directory_make(char ret_path[OS_PATH_MAX])
{
    char work[OS_PATH_MAX + 8];
    os_directory_make(ret_path);
    snprintf(work, sizeof work, "%s/work", ret_path);
    os_directory_make_at(work);
    os_set_environment(TEST_DIRECTORY_VARIABLE, ret_path);
}

const char *test__directory(void)
{
    const char *path = getenv(TEST_DIRECTORY_VARIABLE);
    if (!path)
        test_fail(__FILE__, __LINE__, "%s is not set", TEST_DIRECTORY_VARIABLE);
    return path;
}

/* Mapped once in a process; a forked child finds the same memory in its copy. Two threads that come first at the same
 * time both map it: the one mapping too many does no harm. */
_Atomic int64_t *test_board(void)
{
    static _Atomic(void *) board;
    char path[OS_PATH_MAX + 8];
    if (!atomic_load(&board)) {
        snprintf(path, sizeof path, "%s/board", test__directory());
        atomic_store(&board, os_map_file(path, TEST_BOARD_WORDS * sizeof(int64_t)));
    }
    return atomic_load(&board);
}

/* ---- Processes ---- */

mproc_process *test_start(mproc_task_fn *function, mproc_view args)
{
    mproc_process_options options = { .function = function, .args = args };
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process, &options));
    CHECK_OK(mproc_process_start(process));
    return process;
}

int64_t test_finish(mproc_process *process)
{
    int64_t code;
    CHECK_OK(mproc_process_join(process, test_limit_ms(30000)));
    CHECK_OK(mproc_process_get_exit_code(process, &code));
    mproc_process_free(process);
    return code;
}

int64_t test_pid(mproc_process *process)
{
    int64_t pid = mproc_process_get_pid(process);
    CHECK(pid > 0);
    return pid;
}

int test_nothing(mproc_task *task)
{
    (void)task;
    return 0;
}

int test_stay(mproc_task *task)
{
    (void)task;
    while (atomic_load(test_board()) == 0)
        os_sleep_ms(1);
    return 0;
}

void test_let_go(void)
{
    atomic_store(test_board(), 1);
}

/* ---- Scenes ---- */

static void output_path(const os_program *program, char ret_path[OS_PATH_MAX])
{
    (void)program;
    static int count;
    snprintf(ret_path, OS_PATH_MAX, "%s/output-%d", test__directory(), ++count);
}

struct scene_run {
    os_program *program;
    char output[OS_PATH_MAX];
};
static struct scene_run scene_runs[64];

typedef os_program *start_fn(const char *const *arguments, const char *directory, const char *output);

static os_program *start_run(const char *const *arguments, start_fn *start)
{
    for (size_t i = 0; i < TEST_COUNT(scene_runs); i++)
        if (!scene_runs[i].program) {
            output_path(NULL, scene_runs[i].output);
            scene_runs[i].program = start(arguments, NULL, scene_runs[i].output);
            return scene_runs[i].program;
        }
    test_fail(__FILE__, __LINE__, "too many scenes at a time");
}

os_program *test_program_start(const char *const *arguments)
{
    return start_run(arguments, os_program_start);
}

os_program *test_program_start_held(const char *const *arguments)
{
    return start_run(arguments, os_program_start_held);
}

os_program *test_scene_start(const char *scene, const char *argument)
{
    char path[OS_PATH_MAX];
    os_program_path(path);
    const char *arguments[] = {
        path, "--method", test_method_name(), "--scene", scene, argument ? argument : "", NULL
    };
    return test_program_start(arguments);
}

static void read_output(const char *path, char *ret_output, size_t capacity)
{
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(ret_output, 1, capacity - 1, file) : 0;
    ret_output[size] = 0;
    if (file)
        fclose(file);
}

int64_t test_scene_finish(os_program *program, char *ret_output, size_t capacity)
{
    char text[4096];
    size_t i = 0;
    int left;
    int64_t code;
    while (scene_runs[i].program != program)
        i++;
    bool ended = os_program_wait(program, test_limit_ms(30000), &code);
    int64_t deadline_ms = os_now_ms() + test_limit_ms(10000);
    while ((left = os_program_family_size(program)) > 0 && ended && os_now_ms() < deadline_ms)
        os_sleep_ms(1);
    os_program_kill(program);
    read_output(scene_runs[i].output, ret_output ? ret_output : text, ret_output ? capacity : sizeof text);
    if (!ended || left)
        test_fail(__FILE__, __LINE__, "the scene %s; it wrote: %s", ended ? "left processes behind" : "does not end",
                  ret_output ? ret_output : text);
    /* A test that does not look at the output wants to see it if it fails. */
    if (!ret_output && text[0])
        fprintf(stderr, "the scene wrote: %s\n", text);
    os_program_free(program);
    scene_runs[i].program = NULL;
    return code;
}

int64_t test_scene(const char *scene, const char *argument, char *ret_output, size_t capacity)
{
    return test_scene_finish(test_scene_start(scene, argument), ret_output, capacity);
}

/* ---- Main ---- */

static int list(const struct test_suite *suite)
{
    for (size_t i = 0; i < suite->test_count; i++)
        puts(suite->tests[i].name);
    return 0;
}

static int run_by_name(const struct test_suite *suite, const char *name)
{
    for (size_t i = 0; i < suite->test_count; i++)
        if (strcmp(suite->tests[i].name, name) == 0)
            return test__run_one(&suite->tests[i]);
    fprintf(stderr, "no test is called %s; --list shows them\n", name);
    return 2;
}

static int play_scene(const struct test_suite *suite, const char *name, const char *argument)
{
    for (size_t i = 0; i < suite->scene_count; i++)
        if (strcmp(suite->scenes[i].name, name) == 0)
            return suite->scenes[i].function(argument);
    fprintf(stderr, "no scene is called %s\n", name);
    return 2;
}

/* Returns whether the arguments are understood. */
static bool read_arguments(int argc, char **argv, struct test_command *command)
{
    for (int i = 1; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--list") == 0)
            command->list = true;
        else if (strcmp(argv[i], "--run") == 0 && has_value)
            command->run = argv[++i];
        else if (strcmp(argv[i], "--scene") == 0 && has_value)
            command->scene = argv[++i];
        else if (strcmp(argv[i], "--method") == 0 && has_value) {
            threads = strcmp(argv[++i], "threads") == 0;
            if (!threads && mproc_start_method_from_name(argv[i], &method) < 0)
                return false;
        } else if (command->scene && !command->argument)
            command->argument = argv[i];
        else
            return false;
    }
    return true;
}

int test_main(int argc, char **argv, const struct test_suite *suite)
{
    struct test_command command = { 0 };
    if (!read_arguments(argc, argv, &command)) {
        fprintf(stderr, "usage: %s [--method fork|spawn|forkserver|threads] [--list | --run NAME]\n", argv[0]);
        return 2;
    }
    if (command.list)
        return list(suite);
    if (method != MPROC_START_DEFAULT && mproc_set_start_method(method, 0) < 0)
        return mproc_perror("--method"), 2;
    if (command.scene)
        return play_scene(suite, command.scene, command.argument ? command.argument : "");
    return command.run ? run_by_name(suite, command.run) : test__run_all(suite);
}

int test_wait_handles(const mproc_os_handle *handles, size_t count, int64_t timeout_ms, unsigned char *ret_ready)
{
    mproc_waitable *items = calloc(count + 1, sizeof *items);
    CHECK(items != NULL);
    for (size_t i = 0; i < count; i++)
        items[i] = mproc_waitable_handle(handles[i]);
    int code = mproc_wait_any(items, count, timeout_ms);
    for (size_t i = 0; i < count && ret_ready != NULL; i++)
        ret_ready[i] = items[i].ready;
    free(items);
    return code;
}
