/* What a test of the port is made of: platform.h, os.h of the harness to see what it does from beside, and nothing of
 * core.
 *
 * A program is a table of tests, run one after the other in one process, and a table of children, which the tests start
 * by their names: spawned, such a child is this program again, which finds in its boot text what to be. Before and
 * after each test children, handles and threads are counted. TAP goes to stdout; the first failed check ends the
 * program.
 *
 * Nothing sleeps for a fixed time: WAIT_UNTIL waits for a condition, with a limit that only a broken port meets.
 */
#ifndef MPROC_TESTS_PORT_H
#define MPROC_TESTS_PORT_H

#include "os.h"
#include "platform.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define PORT_IS_WINDOWS true
#else
#define PORT_IS_WINDOWS false
#endif

struct port_test {
    const char *name;
    void (*function)(void);
};

/** What a child is told. handles: those of its options, by the values that they have in it. */
struct port_child_context {
    const char *argument;
    platform_handle handles[PLATFORM_MAX_HANDLES];
    int handle_count;
};

struct port_child {
    const char *name;
    int (*function)(const struct port_child_context *context);
};

// clang-format off
#define TEST(function) { #function, function }
#define CHILD(function) { &#function[sizeof "child"], function }
// clang-format on

/** Takes the boot text and becomes a child, or runs the tests; returns main's exit code. children: ends with a NULL. */
int port_main(const struct port_test *tests, size_t count, const struct port_child *children);

#define PORT_MAIN(tests, children)                                                                                     \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        return port_main(tests, sizeof(tests) / sizeof *(tests), children);                                            \
    }

/* ---- Checks ---- */

_Noreturn void port_fail(const char *file, int line, const char *format, ...) MPROC_PRINTF(3, 4);
void port_check_eq(const char *file, int line, const char *what, int64_t actual, int64_t expected);

/** Ends the test as skipped. Called at its beginning, before anything is made. */
#define SKIP(reason)                                                                                                   \
    do {                                                                                                               \
        port_skip(reason);                                                                                             \
        return;                                                                                                        \
    } while (0)
void port_skip(const char *reason);

#define CHECK(condition)           ((condition) ? (void)0 : port_fail(__FILE__, __LINE__, "%s", #condition))
#define CHECK_EQ(actual, expected) port_check_eq(__FILE__, __LINE__, #actual, (int64_t)(actual), (int64_t)(expected))
#define CHECK_OK(call)             CHECK_EQ(call, 0)

#define WAIT_UNTIL(condition)                                                                                          \
    do {                                                                                                               \
        int64_t wait_deadline_ns = port_deadline_ns(30000);                                                            \
        while (!(condition)) {                                                                                         \
            if (platform_now_ns() > wait_deadline_ns && !(condition))                                                  \
                port_fail(__FILE__, __LINE__, "waited in vain for: %s", #condition);                                   \
            os_sleep_ms(1);                                                                                            \
        }                                                                                                              \
    } while (0)

/** ms from now, times MPROC_TEST_TIMEOUT_FACTOR. */
int64_t port_deadline_ns(int64_t ms);

/* ---- Children ---- */

#define PORT_BOOT_MAX 512

/** A child and what on_exit has said of it. */
struct port_process {
    platform_process *process;
    platform_handle ended; /* an event */
    platform_exit how;     /* written before it */
};

/** Starts a child of the table, by spawn. argument: without '|'. handles: besides what words need. */
struct port_process *port_spawn(const char *child, const char *argument, const platform_handle *handles, int count);

/** The same with a group. */
struct port_process *port_spawn_group(const char *child, const char *argument, const platform_handle *handles,
                                      int count);

/** What a child of the table is spawned with, beside what its end goes to. Stays where it is: it points into itself. */
struct port_start {
    platform_process_options options;
    platform_handle handles[PLATFORM_MAX_HANDLES];
    char boot[PORT_BOOT_MAX];
};
void port_start_fill(struct port_start *start, const char *child, const char *argument, const platform_handle *handles,
                     int count);

/** Options for a start of any kind whose end goes to the object. */
struct port_process *port_process_new(platform_process_options *ret_options);

/** Waits until on_exit was called; gives everything back. */
platform_exit port_finish(struct port_process *process);

/** The same; checks that it ended with this exit code. */
void port_finish_code(struct port_process *process, int64_t code);

/** Kills it and waits. */
void port_kill(struct port_process *process);

/* ---- Shared memory ---- */

/** A segment of one alignment, mapped and backed; it goes with port_board_free. Words that lie in it need keys. */
struct port_board {
    platform_handle segment;
    _Atomic int64_t *values; /* 64 of them, then words */
    platform_word *words;    /* 8 of them, with keys */
};
struct port_board port_board_create(void);
/** The same in a child that has its handle. */
struct port_board port_board_open(platform_handle segment);
/** In a child: sleeps until it is killed. */
int port_stay(struct port_board *board);
void port_board_free(struct port_board *board);

/** The scope of this program's family, made once; words need it. Children get it as their last handle: port_spawn sees
 * to that, and to joining. */
platform_handle port_scope(void);

#endif
