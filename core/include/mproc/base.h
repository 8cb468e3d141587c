/* Error codes, time-outs and the small types that every other header uses.
 *
 * Conventions, valid for the whole library:
 *
 * - A function that can fail returns int: 0, or a positive number its text names (how many of several things; one of
 *   the outcomes below; 1 for one more of an iteration), or a negative code. MPROC_E_ codes lie below -10000, so that a
 *   task may return its own small negative numbers (-errno, say) and the two never meet.
 * - A question, mproc_X_is_Y, is answered by a bool, and false on error: mproc_last_code is then the error, and 0 if
 *   there was none.
 * - Arguments come in one order: the object, inputs, the time-out, outputs. What a function called create or open makes
 *   is its object and comes first. Outputs are called ret_... and are written only on success. Unless its text says
 *   otherwise, an output may not be NULL. A buffer is followed by its capacity. Arrays that go through a function item
 *   by item stand side by side, in and out (mproc_pool_map and its like, and what they run), and mproc_array_get, as
 *   mproc_array_set, has the size of an item behind the items.
 * - Times are milliseconds in an int64_t. 0 or a negative value means: do not block. MPROC_FOREVER
 *   means: no limit. A wait that succeeds returns 0; when its time is up, MPROC_E_TIMEOUT. Queues and connections that
 *   are asked with a time-out of 0 or less say MPROC_E_EMPTY or MPROC_E_FULL, for nothing was waited for. In options 0
 *   stands for the default.
 * - Getters and setters are mproc_X_get_WHAT and mproc_X_set_WHAT, without X for those of the library; but it is
 *   mproc_last_error, mproc_last_code and mproc_version. What cannot fail is returned, what can is an output. A size is
 *   bytes, a count is things.
 * - A number that is too large is MPROC_E_LIMIT; one that is negative, too small or 0 where that makes no sense is
 *   MPROC_E_INVALID; an index outside is MPROC_E_RANGE; what does not fit in the room that is there, MPROC_E_TOO_SHORT.
 * - Objects are made by create or open. free ends an object of this process, and takes NULL; destroy ends a shared one
 *   for all processes; close says that there is no more input. attach makes the caller known as a user whose death
 *   matters, detach takes it back; both may be repeated.
 * - Options structs are all zero for the defaults; NULL stands for an all-zero one. New members are only ever appended,
 *   and a program that was compiled with fewer or more of them than the library has is understood: the size travels
 *   with the struct. What a later program asks of an earlier library, if it is not 0, is MPROC_E_NOT_SUPPORTED. The
 *   same holds for those that the library fills: mproc_outcome, mproc_memory_usage, mproc_array_info, mproc_pool_stats,
 *   mproc_worker_stats, mproc_function_stats, mproc_slow_task. Structs without a size, which are values or lie in the
 *   program's arrays or in other structs, keep their members: mproc_view, mproc_message, mproc_waitable,
 *   mproc_shareable_item, mproc_time_stats, mproc_histogram_cell, and the handles of what is shared.
 * - Names that are given to objects are for people: a longer one than there is room for is cut.
 * - A family (the first process that uses the library, and all that mproc starts from it) has at most 4096 processes
 *   and 16383 threads that use what is shared, at a time. One more gets MPROC_E_LIMIT from its first call that has to
 *   know it.
 * - Types passed by value (mproc_lock) mean the same object in every process of the family and may be
 *   put into arguments, results and shared memory. Types passed by pointer (mproc_pool, mproc_process,
 *   mproc_result) belong to the process that made them; another process gets MPROC_E_WRONG_PROCESS, also if it
 *   frees one.
 * - No function is a cancellation point (pthread_cancel), however long it waits: a thread that is cancelled in one goes
 *   on until it has returned, in functions of the program that it calls as well (callbacks, sources, predicates,
 *   actions). A wait that is to be given up needs a time-out. Cancellation of the asynchronous kind is not allowed
 *   there. The first thread of a process that was started by fork cannot be cancelled: it is a copy of one that may be
 *   about to be.
 * - Unless its text says otherwise, a function may be called from any thread at any time, is not
 *   async-signal-safe, and may not be called in a child made by the program's own fork(): what needs the family,
 *   makes an object of the process, has to do with named memory or registers an exit handler is MPROC_E_WRONG_PROCESS
 *   there, until mproc_begin_family. Not every function's list of errors repeats this.
 * - "Since" names the version from which on a function has its name, its arguments and the meaning of what it returns.
 *   "Source" names what it does the work of in Python's multiprocessing, concurrent.futures or os.
 */
#ifndef MPROC_BASE_H
#define MPROC_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MPROC_VERSION_MAJOR 0
#define MPROC_VERSION_MINOR 2
#define MPROC_VERSION_PATCH 0

/** A version as a number that can be compared; MPROC_VERSION is that of these headers. */
#define MPROC_VERSION_NUMBER(major, minor, patch) ((major)*1000000 + (minor)*1000 + (patch))

#define MPROC_VERSION MPROC_VERSION_NUMBER(MPROC_VERSION_MAJOR, MPROC_VERSION_MINOR, MPROC_VERSION_PATCH)

/** Whether these headers are of a version or later, for #if: MPROC_VERSION_AT_LEAST(0, 2, 0). */
#define MPROC_VERSION_AT_LEAST(major, minor, patch) (MPROC_VERSION >= MPROC_VERSION_NUMBER(major, minor, patch))

/* On Windows a program that uses mproc as a DLL is compiled with MPROC_SHARED defined, on the command line or before
 * the first header of mproc, and one that uses the static library without it; pkg-config says so by itself in its
 * Cflags if mproc was built with the DLL. Elsewhere it means nothing. MPROC_BUILDING is for the library's own sources.
 */
#if defined(_WIN32) && defined(MPROC_BUILDING)
#define MPROC_API __declspec(dllexport)
#elif defined(_WIN32) && defined(MPROC_SHARED)
#define MPROC_API __declspec(dllimport)
#elif defined(__GNUC__)
#define MPROC_API __attribute__((visibility("default")))
#else
#define MPROC_API
#endif

#if defined(__GNUC__) && !defined(__MINGW32__)
#define MPROC_PRINTF(text, first) __attribute__((format(printf, text, first)))
#elif defined(__MINGW32__)
#define MPROC_PRINTF(text, first) __attribute__((format(gnu_printf, text, first)))
#else
#define MPROC_PRINTF(text, first)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Time-out value: wait without limit. */
#define MPROC_FOREVER INT64_MAX

/* NULL for a pointer of which a function does not say that it may be NULL is MPROC_E_INVALID; for a result, which is a
 * number in the shape of a pointer, it is MPROC_E_STALE. A function that returns no code does nothing then, and returns
 * NULL, 0 or what it returns where there is nothing. Other wrong addresses are not told. */

/** Every error of the library: X(name, number, text). The one place where codes, names and texts live. */
#define MPROC_ERROR_MAP(X)                                                                                             \
    X(INVALID, -10001, "invalid argument")                                                                             \
    X(NO_MEMORY, -10002, "out of memory")                                                                              \
    X(OS, -10003, "the operating system refused a call")                                                               \
    X(NOT_INITIALIZED, -10004, "mproc_init has not been called by this program's main")                                \
    X(NOT_SUPPORTED, -10005, "not supported on this system")                                                           \
    X(WRONG_PROCESS, -10006, "the object belongs to another process")                                                  \
    X(STATE, -10007, "not allowed in the object's present state")                                                      \
    X(CLOSED, -10008, "the object is closed")                                                                          \
    X(LIMIT, -10009, "a limit was exceeded")                                                                           \
    X(TIMEOUT, -10010, "timed out")                                                                                    \
    X(DEADLOCK, -10011, "the call would wait for itself")                                                              \
    X(STALE, -10012, "the handle is stale: its object was freed")                                                      \
    X(FOREIGN, -10013, "the handle belongs to another family or type")                                                 \
    X(SIZE, -10014, "the value has another size")                                                                      \
    X(TOO_SHORT, -10015, "the buffer is too short")                                                                    \
    X(NO_FUNCTION, -10016, "the function cannot be found in the other process")                                        \
    X(MISMATCH, -10017, "the other process runs another build of the program")                                         \
    X(START_FAILED, -10018, "the process could not be started")                                                        \
    X(INIT_FAILED, -10019, "the initializer failed")                                                                   \
    X(WORKER_DIED, -10020, "the worker died while it ran the task")                                                    \
    X(CANCELLED, -10021, "the task was cancelled")                                                                     \
    X(TERMINATED, -10022, "the pool was terminated")                                                                   \
    X(BROKEN, -10023, "the pool is broken: its workers keep dying")                                                    \
    X(NOT_READY, -10024, "the result is not ready")                                                                    \
    X(FULL, -10025, "there is no room")                                                                                \
    X(NOT_OWNER, -10026, "the lock is not held, or not by the caller")                                                 \
    X(CALLBACK, -10027, "a callback failed")                                                                           \
    X(SOURCE, -10028, "the input source failed")                                                                       \
    X(INTERNAL, -10029, "internal error")                                                                              \
    X(EMPTY, -10030, "nothing is there")                                                                               \
    X(PEER_DIED, -10031, "the last process at the other end died")                                                     \
    X(END, -10033, "the end: nothing more will come")                                                                  \
    X(BROKEN_PIPE, -10034, "nobody reads at the other end")                                                            \
    X(BROKEN_BARRIER, -10035, "the barrier is broken")                                                                 \
    X(RANGE, -10036, "outside the range")                                                                              \
    X(TYPE, -10037, "the object holds another type")                                                                   \
    X(NOT_FOUND, -10038, "there is nothing of that name")                                                              \
    X(EXISTS, -10039, "something of that name exists")                                                                 \
    X(CORRUPT, -10041, "what was read is damaged, or of another kind")

enum mproc_error_code {
#define MPROC_ERROR_ENUM(name, number, text) MPROC_E_##name = number,
    MPROC_ERROR_MAP(MPROC_ERROR_ENUM)
#undef MPROC_ERROR_ENUM
        MPROC_OK = 0
};

/** Positive outcomes. Each function that can return one says so. */
enum {
    MPROC_OWNER_DIED = 1,   /**< lock held, but its former holder died: the data may need repair */
    MPROC_WAS_RUNNING = 2,  /**< nothing cancelled, or the task is being ended: it had started */
    MPROC_WAS_FINISHED = 3, /**< nothing cancelled: the task had ended */
    MPROC_CONSUMER_DIED = 4 /**< joined, but consumers died with messages that nobody has marked done */
};

/** Bytes to read: of whom, and for how long, the function says that takes or returns them. */
typedef struct mproc_view {
    const void *data;
    size_t size;
} mproc_view;

/** The name of an error, as "MPROC_E_TIMEOUT", or "MPROC_E_UNKNOWN"; "MPROC_OK" for 0.
 *
 * Returns: a static string.
 * Blocks: never. Threads: any. Fork: safe; also async-signal-safe.
 * Since: 0.1
 */
MPROC_API const char *mproc_error_name(int code);

/** The text of an error, in English, without a final dot. For a code that is not the library's own
 * (a task's own negative number) the text says so.
 *
 * Returns: a static string.
 * Blocks: never. Threads: any. Fork: safe; also async-signal-safe.
 * Since: 0.1
 */
MPROC_API const char *mproc_error_text(int code);

/** The detail of this thread's last failed call: what was asked, what the limit is, what the system said.
 *
 * Returns: a string owned by the library, valid until this thread's next failing call; "" if none failed.
 * Blocks: never. Threads: any; each has its own. Fork: safe.
 * Since: 0.1
 */
MPROC_API const char *mproc_last_error(void);

/** The code of this thread's last failed call, for those that do not return it: a question that was answered by false,
 * a pointer that is NULL. A question that meets no error makes it 0 and leaves mproc_last_error as it was.
 *
 * Returns: a negative MPROC_E_ code; 0 if no call of this thread has failed, or its last question met no error.
 * Blocks: never. Threads: any; each has its own. Fork: safe.
 * Since: 0.2
 */
MPROC_API int mproc_last_code(void);

/** Writes "PREFIX: DETAIL" and a newline to stderr, DETAIL being mproc_last_error(), or "success" if that is "".
 *
 * prefix: NULL or "" leaves it out, with the colon.
 * Blocks: as a write to stderr. Threads: any. Fork: safe.
 * Since: 0.1
 */
MPROC_API void mproc_perror(const char *prefix);

/** The version of the library in use as "MAJOR.MINOR.PATCH".
 *
 * Returns: a static string.
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.1
 */
MPROC_API const char *mproc_version(void);

#ifdef __cplusplus
}
#endif
#endif
