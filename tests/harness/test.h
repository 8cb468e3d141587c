/* The harness: what a test program is made of.
 *
 * A test program is a table of tests and a main that TEST_MAIN writes. Run without arguments it is a runner: it runs
 * every test as a process of its own (itself, with --run NAME) with a time limit, and prints TAP. A test that
 * passes is quiet; of one that fails the output is shown.
 *
 *     --method fork|spawn|forkserver   start method of the tests; sets the library's default
 *     --method threads                 pools of threads, in programs about pools; the system's default for processes
 *     --list                           names of the tests
 *     --run NAME                       runs one test in this process, for a debugger
 *
 * In a test's process a first process is started and joined, so that whatever the library makes once is there. Then
 * children, handles, threads and shared segments are counted, the test runs, and all must be as before. The runner
 * checks that no process is left of the test's and that its directory, where it runs, is empty.
 *
 * No test sleeps for a fixed time: WAIT_UNTIL waits for a condition, with a limit that only a broken library meets.
 *
 * MPROC_TEST_TIMEOUT_FACTOR multiplies all limits, MPROC_TEST_ONLY=TEXT chooses tests by a part of their names,
 * MPROC_TEST_SOAK=1 adds the long ones.
 */
#ifndef MPROC_TESTS_TEST_H
#define MPROC_TESTS_TEST_H

#include "os.h"
#include <inttypes.h>
#include <mproc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum test_flags {
    TEST_FORK_ONLY = 1,      /**< means nothing under another start method */
    TEST_SPAWN_ONLY = 2,     /**< the same */
    TEST_ONCE = 4,           /**< does not depend on the start method: runs under the system's default only */
    TEST_FRESH = 8,          /**< no first process is started: the test wants the library untouched */
    TEST_KEEPS = 16,         /**< leaves something behind on purpose and checks for itself */
    TEST_SOAK = 32,          /**< minutes, not seconds: only with MPROC_TEST_SOAK */
    TEST_POSIX_ONLY = 64,    /**< about something that Windows does not have */
    TEST_NO_SANITIZER = 128, /**< sanitizers do not bear it (address space limits) */
    TEST_PROCESSES = 256     /**< means nothing where the workers of pools are threads */
};

struct test {
    const char *name;
    void (*function)(void);
    unsigned flags;
    int seconds; /**< time limit; 0: 30 */
};

/** A scene is a program within the program: a first process of a family of its own that a test starts, to look at its
 * end from outside. Returns main's exit code. */
struct scene {
    const char *name;
    int (*function)(const char *argument);
};

struct test_suite {
    const struct test *tests;
    size_t test_count;
    const struct scene *scenes;
    size_t scene_count;
};

#define TEST(function) TEST_WITH(function, 0, 0)
#define TEST_WITH(function, flags, seconds)                                                                            \
    {                                                                                                                  \
#function, function, flags, seconds                                                                            \
    }
#define SCENE(function)                                                                                                \
    {                                                                                                                  \
#function, function                                                                                            \
    }
#define TEST_COUNT(array) (sizeof(array) / sizeof *(array))

/** Spawned children re-enter this program: mproc_init is its first line, as in any program that uses the library. */
#define TEST_MAIN(test_table, scene_table)                                                                             \
    int main(int argc, char **argv)                                                                                    \
    {                                                                                                                  \
        mproc_init(argc, argv);                                                                                        \
        static const struct test_suite suite = { test_table, TEST_COUNT(test_table), scene_table,                      \
                                                 TEST_COUNT(scene_table) };                                            \
        return test_main(argc, argv, &suite);                                                                          \
    }
/** For programs without scenes. */
#define TEST_MAIN_PLAIN(test_table)                                                                                    \
    int main(int argc, char **argv)                                                                                    \
    {                                                                                                                  \
        mproc_init(argc, argv);                                                                                        \
        static const struct test_suite suite = { test_table, TEST_COUNT(test_table), NULL, 0 };                        \
        return test_main(argc, argv, &suite);                                                                          \
    }

int test_main(int argc, char **argv, const struct test_suite *suite);

/* ---- Checks: a failed one prints where and what, and ends the process at once ---- */

#define CHECK(condition) ((condition) ? (void)0 : test_fail(__FILE__, __LINE__, "%s", #condition))
#define CHECK_EQ(actual, expected)                                                                                     \
    test_check_eq(__FILE__, __LINE__, #actual, (int64_t)(actual), #expected, (int64_t)(expected))
#define CHECK_LE(actual, limit) test_check_le(__FILE__, __LINE__, #actual, (int64_t)(actual), #limit, (int64_t)(limit))
/** An error code or outcome of the library; prints its name and mproc_last_error. */
#define CHECK_CODE(call, expected) test_check_code(__FILE__, __LINE__, #call, (call), (expected))
#define CHECK_OK(call)             CHECK_CODE(call, 0)
/** A question of the library that is answered by false, because of this error; 0: and there is none. */
#define CHECK_NOT(question, expected) (CHECK(!(question)), CHECK_CODE(mproc_last_code(), expected))
#define CHECK_STR(actual, expected)   test_check_str(__FILE__, __LINE__, #actual, (actual), (expected))
#define CHECK_CONTAINS(actual, part)  test_check_contains(__FILE__, __LINE__, #actual, (actual), (part))
/** mproc_wait_any for handles alone. ret_ready: as many flags, or NULL. */
int test_wait_handles(const mproc_os_handle *handles, size_t count, int64_t timeout_ms, unsigned char *ret_ready);
/** Waits until the condition holds; 30 s, times the factor, is a failure. */
#define WAIT_UNTIL(condition) WAIT_UNTIL_MS(condition, 30000)
/** The condition is evaluated once more after the deadline: a process that was not scheduled is no failure. */
#define WAIT_UNTIL_MS(condition, ms)                                                                                   \
    do {                                                                                                               \
        int64_t wait_deadline_ms = os_now_ms() + test_limit_ms(ms);                                                    \
        while (!(condition)) {                                                                                         \
            if (os_now_ms() > wait_deadline_ms && !(condition))                                                        \
                test_fail(__FILE__, __LINE__, "waited %d ms in vain for: %s", (int)test_limit_ms(ms), #condition);     \
            os_sleep_ms(1);                                                                                            \
        }                                                                                                              \
    } while (0)

_Noreturn void test_fail(const char *file, int line, const char *format, ...) MPROC_PRINTF(3, 4);
void test_check_eq(const char *file, int line, const char *what, int64_t actual, const char *expected_text,
                   int64_t expected);
void test_check_le(const char *file, int line, const char *what, int64_t actual, const char *limit_text, int64_t limit);
void test_check_code(const char *file, int line, const char *what, int actual, int expected);
void test_check_str(const char *file, int line, const char *what, const char *actual, const char *expected);
void test_check_contains(const char *file, int line, const char *what, const char *actual, const char *part);

/** Ends the test as skipped, and says why. */
_Noreturn void test_skip(const char *format, ...) MPROC_PRINTF(1, 2);

/* ---- What a test knows ---- */

/** The start method of this run. */
mproc_start_method test_method(void);
static inline bool test_has_server(void)
{
    return test_method() == MPROC_START_FORKSERVER;
}
/** What --method says of it. */
const char *test_method_name(void);
/** Whether pools are to be of threads. */
bool test_threads(void);
static inline bool test_forks(void)
{
    return test_method() == MPROC_START_FORK;
}
/** ms times MPROC_TEST_TIMEOUT_FACTOR. */
int64_t test_limit_ms(int64_t ms);
/** Whether a sanitizer watches this build. */
bool test_is_sanitized(void);
bool test_is_soak(void);
/** Whether samples are to be small: MPROC_TEST_SHORT=1, as tests/run has it without --full. */
bool test_is_short(void);
/** How often a test that starts a process each time is to do so: so many times; as the other number says for
 * MPROC_TEST_SOAK; a quarter if it is to be short on Windows, where a process takes a hundred times as long. */
int test_rounds(int rounds, int soak);
/** The next of a row of numbers that depends on the seed alone: 24 bits. */
static inline unsigned test_random(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}
/** Whether spawn is all there is. */
bool test_is_windows(void);
/** The directory of another program of the tests: "DIR/NAME", with .exe on Windows. */
const char *test_program(const char *name);

/** The path of a module of the tests: "DIR/NAME.so", .dll on Windows. */
const char *test_module(const char *name);

/** Words that all processes of a test share, whatever started them; zero at its start. For telling the test what a
 * child sees, without the library. Sequentially consistent. */
#define TEST_BOARD_WORDS 1024
_Atomic int64_t *test_board(void);

/* ---- Processes, the usual way ---- */

/** Creates and starts a process with the test's start method. */
mproc_process *test_start(mproc_task_fn *function, mproc_view args);
/** Joins, frees and returns the exit code. */
int64_t test_finish(mproc_process *process);
int64_t test_pid(mproc_process *process);
/** Functions of processes: one that returns 0 at once, one that stays until board word 0 is not 0 or its parent is
 * gone. */
int test_nothing(mproc_task *task);
int test_stay(mproc_task *task);
/** Lets those that stay go, and those started later not stay at all. */
void test_let_go(void);

/* ---- Scenes ---- */

/** Starts a scene of this program. */
os_program *test_scene_start(const char *scene, const char *argument);
/** Waits for its end; checks that nothing of its family is left; returns its exit code. ret_output: what it and its
 * children wrote; may be NULL. */
int64_t test_scene_finish(os_program *program, char *ret_output, size_t capacity);
/** Both. */
int64_t test_scene(const char *scene, const char *argument, char *ret_output, size_t capacity);
/** The same for any program. */
os_program *test_program_start(const char *const *arguments);
/** The same, of one that ends with its stdin: that is at its end when the test is, however it ends. */
os_program *test_program_start_held(const char *const *arguments);

#endif
