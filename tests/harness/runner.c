/* The runner: each test a process of its own, TAP on stdout.
 */
#include "internal.h"

/* How long processes that a test started may outlive it: children end within a second of their parent. */
#define LEFTOVER_MS      5000
#define OUTPUT_LINES_MAX 200
/* Who is to end does so, its test with it, before meson kills it half a second later. */
#define END_MS 100

static bool is_chosen(const struct test *test)
{
    const char *only = getenv("MPROC_TEST_ONLY");
    return !only || !only[0] || strstr(test->name, only);
}

static mproc_start_method system_method(void)
{
    return test_is_windows() ? MPROC_START_SPAWN : MPROC_START_FORK;
}

/* Why a test does not apply here, or NULL. */
static const char *why_not(const struct test *test)
{
    if ((test->flags & TEST_SOAK) && !test_is_soak())
        return "a long one: needs MPROC_TEST_SOAK=1";
    if ((test->flags & TEST_POSIX_ONLY) && test_is_windows())
        return "about POSIX";
    if ((test->flags & TEST_NO_SANITIZER) && test_is_sanitized())
        return "does not go with a sanitizer";
    return NULL;
}

/* Tests that this run leaves to the run of another start method. They do not count, not even as skipped. */
static bool applies(const struct test *test)
{
    if ((test->flags & TEST_ONCE) && (test_method() != system_method() || test_threads()))
        return false;
    if ((test->flags & TEST_PROCESSES) && test_threads())
        return false;
    if ((test->flags & TEST_FORK_ONLY) && !test_forks())
        return false;
    if ((test->flags & TEST_SPAWN_ONLY) && test_forks())
        return false;
    return is_chosen(test);
}

void test__title(const struct test *test, char *ret_title, size_t capacity)
{
    snprintf(ret_title, capacity, "%s (%s)", test->name, test_method_name());
}

void test__print_file(const char *path)
{
    char line[1024];
    int printed = 0;
    FILE *file = fopen(path, "r");
    while (file && printed < OUTPUT_LINES_MAX && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = 0;
        printf("# %s\n", line);
        printed++;
    }
    if (printed == OUTPUT_LINES_MAX)
        printf("# (more was written)\n");
    if (file)
        fclose(file);
}

/* The reason that test_skip wrote as the last line. */
static void read_reason(const char *path, char *ret_reason, size_t capacity)
{
    char line[512];
    FILE *file = fopen(path, "r");
    snprintf(ret_reason, capacity, "no reason given");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "skipped: ", 9) == 0) {
            line[strcspn(line, "\r\n")] = 0;
            snprintf(ret_reason, capacity, "%s", line + 9);
        }
    if (file)
        fclose(file);
}

/* What is wrong with the end of a test; "" if nothing is. */
struct verdict {
    char problem[OS_PATH_MAX + 128];
    bool skipped;
};

static void judge_code(int64_t code, struct verdict *verdict)
{
    if (code == TEST_EXIT_SKIP)
        verdict->skipped = true;
    else if (code < 0)
        snprintf(verdict->problem, sizeof verdict->problem, "ended by signal or exception %" PRId64, -code);
    else if (code > 0)
        snprintf(verdict->problem, sizeof verdict->problem, "exit code %" PRId64, code);
}

static void judge_leftovers(const os_program *program, const char *directory, struct verdict *verdict)
{
    char work[OS_PATH_MAX + 8], names[512];
    int64_t deadline_ms = os_now_ms() + test_limit_ms(LEFTOVER_MS);
    int left;
    while ((left = os_program_family_size(program)) > 0 && os_now_ms() < deadline_ms && !os_is_to_end())
        os_sleep_ms(2);
    snprintf(work, sizeof work, "%s/work", directory);
    if (left)
        snprintf(verdict->problem, sizeof verdict->problem, "it left %d processes behind", left);
    else if (os_directory_list(work, names, sizeof names) > 0)
        snprintf(verdict->problem, sizeof verdict->problem, "it left files behind:%s", names);
}

/* Returns false at the time-out, or if the runner is to end. */
static bool wait_for_end(os_program *program, int64_t limit_ms, int64_t *ret_code)
{
    int64_t deadline_ms = os_now_ms() + limit_ms;
    for (;;) {
        int64_t left_ms = deadline_ms - os_now_ms();
        if (os_program_wait(program, left_ms < END_MS ? left_ms : END_MS, ret_code))
            return true;
        if (left_ms <= END_MS || os_is_to_end())
            return false;
    }
}

static void judge(const struct test *test, os_program *program, const char *directory, struct verdict *verdict)
{
    int64_t code;
    int64_t limit_ms = test_limit_ms((test->seconds ? test->seconds : 30) * 1000);
    if (!wait_for_end(program, limit_ms, &code)) {
        snprintf(verdict->problem, sizeof verdict->problem, "timed out after %" PRId64 " ms", limit_ms);
        return;
    }
    judge_code(code, verdict);
    if (!verdict->problem[0] && !verdict->skipped)
        judge_leftovers(program, directory, verdict);
}

static void report(const struct test *test, size_t number, const char *output, const struct verdict *verdict)
{
    char title[256], reason[512];
    test__title(test, title, sizeof title);
    if (verdict->skipped) {
        read_reason(output, reason, sizeof reason);
        printf("ok %zu - %s # SKIP %s\n", number, title, reason);
    } else if (verdict->problem[0]) {
        printf("not ok %zu - %s\n# %s\n", number, title, verdict->problem);
        test__print_file(output);
    } else
        printf("ok %zu - %s\n", number, title);
}

/* Returns whether the test did not fail. */
static bool run_test(const struct test *test, size_t number)
{
    char directory[OS_PATH_MAX], work[OS_PATH_MAX + 8], output[OS_PATH_MAX + 8], path[OS_PATH_MAX];
    struct verdict verdict = { "", false };
    test__directory_make(directory);
    snprintf(work, sizeof work, "%s/work", directory);
    snprintf(output, sizeof output, "%s/output", directory);
    os_program_path(path);
    const char *arguments[] = { path, "--method", test_method_name(), "--run", test->name, NULL };
    os_program *program = os_program_start(arguments, work, output);
    judge(test, program, directory, &verdict);
    os_program_kill(program);
    report(test, number, output, &verdict);
    os_program_free(program);
    os_directory_remove(directory);
    return !verdict.problem[0];
}

int test__run_all(const struct test_suite *suite)
{
    size_t count = 0, number = 0;
    bool passed = true;
    for (size_t i = 0; i < suite->test_count; i++)
        count += applies(&suite->tests[i]);
    printf("1..%zu%s\n", count, count ? "" : " # SKIP no test of this program applies");
    os_note_end();
    for (size_t i = 0; i < suite->test_count && !os_is_to_end(); i++) {
        const struct test *test = &suite->tests[i];
        if (!applies(test))
            continue;
        if (why_not(test))
            printf("ok %zu - %s (%s) # SKIP %s\n", ++number, test->name, test_method_name(), why_not(test));
        else
            passed &= run_test(test, ++number);
        fflush(stdout);
    }
    if (os_is_to_end())
        printf("Bail out! It was told to end.\n");
    return passed && !os_is_to_end() ? 0 : 1;
}
