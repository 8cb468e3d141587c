/* Between the files of the harness.
 */
#ifndef MPROC_TESTS_INTERNAL_H
#define MPROC_TESTS_INTERNAL_H

#include "test.h"

/** Exit codes of a test's process, as the convention of TAP producers has it. */
#define TEST_EXIT_SKIP 77

/** What the command line says. */
struct test_command {
    bool list;
    const char *run, *scene, *argument;
};

/** Runs all tests as processes of their own; TAP on stdout. Returns main's exit code. */
int test__run_all(const struct test_suite *suite);

/** Runs one test in this process, with the census around it. Returns main's exit code. */
int test__run_one(const struct test *test);

/** Name in TAP and messages. */
void test__title(const struct test *test, char *ret_title, size_t capacity);

/** Where the test's board and the outputs of its scenes lie; its working directory is "work" in there. */
const char *test__directory(void);
#define TEST_DIRECTORY_VARIABLE "MPROC_TEST_DIRECTORY"

/** Makes the directory of a test, with all that it needs, and names it in the environment. */
void test__directory_make(char ret_path[OS_PATH_MAX]);

/** Prints a file with "# " before each line, its end if it is long. */
void test__print_file(const char *path);

#endif
