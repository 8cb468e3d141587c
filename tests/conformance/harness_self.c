/* The harness itself: what it promises to notice, it notices. Bad tests are tests of this program that only run when
 * asked for by a scene, for which MPROC_TEST_BAD is set.
 */
#include "test.h"
#include <signal.h>

static bool is_asked_for(void)
{
    return getenv("MPROC_TEST_BAD") != NULL;
}

static void bad_check(void)
{
    if (is_asked_for())
        CHECK_EQ(1 + 1, 3);
}

static void bad_exit(void)
{
    if (is_asked_for())
        os_exit_now(5);
}

static void bad_handles(void)
{
    if (is_asked_for())
        os_open_inheritable(2);
}

static void bad_child(void)
{
    if (is_asked_for())
        mproc_process_free(test_start(test_stay, MPROC_NO_ARGS));
}

static void stay(void *unused)
{
    (void)unused;
    test_stay(NULL);
}

static void bad_thread(void)
{
    if (is_asked_for())
        os_thread_start(stay, NULL);
}

static void bad_file(void)
{
    if (is_asked_for()) {
        FILE *file = fopen("left.txt", "w");
        CHECK(file && fclose(file) == 0);
    }
}

/* A process that outlives the test, as a program that is not the library's may. */
static void bad_orphan(void)
{
    if (is_asked_for()) {
        const char *arguments[] = { test_program("helper_stays"), NULL };
        test_program_start(arguments);
    }
}

static void bad_loop(void)
{
    while (is_asked_for())
        os_sleep_ms(100);
}

static void bad_endless(void)
{
    bad_loop();
}

static int fail_check(mproc_task *task)
{
    (void)task;
    CHECK_STR("one", "two");
    return 0;
}

static void bad_check_in_a_child(void)
{
    if (is_asked_for())
        CHECK_EQ(test_finish(test_start(fail_check, MPROC_NO_ARGS)), 0);
}

static void good_skip(void)
{
    if (is_asked_for())
        test_skip("for no reason");
}

/* ---- */

/* Runs this program as a runner of the one test. The directory of the outer test is not that of the inner one; short
 * limits, since the harness waits for leftovers to go away. */
static os_program *start_bad(const char *name)
{
    char path[OS_PATH_MAX], directory[OS_PATH_MAX], factor[32];
    os_program_path(path);
    snprintf(directory, sizeof directory, "%s", getenv("MPROC_TEST_DIRECTORY"));
    snprintf(factor, sizeof factor, "%d", (int)test_limit_ms(1));
    os_set_environment("MPROC_TEST_TIMEOUT_FACTOR", test_is_sanitized() ? "1" : "0.3");
    os_set_environment("MPROC_TEST_BAD", "1");
    os_set_environment("MPROC_TEST_ONLY", name);
    const char *arguments[] = { path, "--method", mproc_start_method_name(test_method()), NULL };
    os_program *program = test_program_start(arguments);
    os_set_environment("MPROC_TEST_TIMEOUT_FACTOR", factor);
    os_set_environment("MPROC_TEST_DIRECTORY", directory);
    return program;
}

static int64_t run_bad(const char *name, char *ret_text, size_t capacity)
{
    return test_scene_finish(start_bad(name), ret_text, capacity);
}

static void check_noticed(const char *name, const char *reason)
{
    char text[16384];
    CHECK_EQ(run_bad(name, text, sizeof text), 1);
    CHECK_CONTAINS(text, "not ok 1 - ");
    CHECK_CONTAINS(text, reason);
}

static void failed_checks_are_noticed(void)
{
    check_noticed("bad_check", "1 + 1 is 2, expected 3, 3");
    check_noticed("bad_check_in_a_child", "is \"one\", expected \"two\"");
    check_noticed("bad_exit", "exit code 5");
}

static void leaks_are_noticed(void)
{
    check_noticed("bad_handles", "left behind");
    check_noticed("bad_child", "left behind: children");
    check_noticed("bad_file", "files behind: left.txt");
}

static void threads_and_orphans_are_noticed(void)
{
    check_noticed("bad_thread", "left behind");
    check_noticed("bad_orphan", "behind");
}

static void endless_tests_are_noticed(void)
{
    check_noticed("bad_loop", "timed out");
}

/* meson, at its time limit and at Ctrl-C, ends the runner alone. */
static void a_runner_that_is_ended_ends_its_test(void)
{
#ifndef _WIN32
    char text[4096];
    os_program *program = start_bad("bad_endless");
    /* The fork server is of it, too. */
    WAIT_UNTIL(os_program_family_size(program) >= 2);
    CHECK(kill((pid_t)os_program_pid(program), SIGTERM) == 0);
    CHECK_EQ(test_scene_finish(program, text, sizeof text), 1);
    CHECK_CONTAINS(text, "Bail out!");
#endif
}

static void skips_are_reported(void)
{
    char text[4096];
    CHECK_EQ(run_bad("good_skip", text, sizeof text), 0);
    CHECK_CONTAINS(text, "# SKIP for no reason");
}

static const struct test tests[] = {
    TEST(bad_check),
    TEST(bad_check_in_a_child),
    TEST(bad_exit),
    TEST(bad_handles),
    TEST(bad_child),
    TEST(bad_thread),
    TEST(bad_file),
    TEST(bad_orphan),
    TEST_WITH(bad_loop, 0, 1),
    TEST_WITH(bad_endless, 0, 600),
    TEST(good_skip),
    TEST_WITH(failed_checks_are_noticed, 0, 60),
    TEST_WITH(leaks_are_noticed, 0, 120),
    TEST_WITH(threads_and_orphans_are_noticed, 0, 120),
    TEST_WITH(endless_tests_are_noticed, 0, 60),
    TEST_WITH(a_runner_that_is_ended_ends_its_test, TEST_POSIX_ONLY, 60),
    TEST_WITH(skips_are_reported, 0, 60),
};

TEST_MAIN_PLAIN(tests)
