/* Tasks: what runs in another process. One function type serves processes and pools.
 *
 * A task's argument and its result are bytes. Plain structs are the usual form; they must not hold
 * pointers, which mean nothing in another process. Types of this library that are passed by value
 * (mproc_lock) may be members. The bytes of an argument are copied by the call that takes them, or, of a message, are
 * those that the task reads: mproc_pool_apply_message.
 */
#ifndef MPROC_TASK_H
#define MPROC_TASK_H

#include <mproc/base.h>
#include <mproc/wait.h>
#include <string.h>
#ifdef __cplusplus
#include <type_traits>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** The running task, as its function sees it. Valid until the function returns, in its thread only. */
typedef struct mproc_task mproc_task;

/** A function that runs in another process.
 *
 * Returns: 0 or a positive number for success, which of them nobody is told; a negative number fails the task with that
 *     code, and with the message that mproc_task_fail set. In a process (not a pool) the return value is the exit code,
 *     as mproc_process_get_exit_code says it, and a negative one comes out as another number. A message that was set
 *     is logged at MPROC_LOG_ERROR there, if the function does not return 0.
 */
typedef int mproc_task_fn(mproc_task *task);

/** A kernel for mproc_pool_map: reads one item, writes one item.
 *
 * task: of its functions mproc_task_fail, mproc_task_get_item and mproc_task_get_worker have a use here, and those
 *     about time: limits are per item, or with a chunk_size in the map's options per chunk, see pool.h.
 * in, out: as elements of an array are aligned whose first one has an address divisible by 8.
 * Returns: 0 or a positive number for success; a negative number fails this item only.
 */
typedef int mproc_item_fn(const void *in, void *out, mproc_task *task);

/** For the two macros below. */
static inline mproc_view mproc_arg_bytes_(const void *data, size_t size)
{
    mproc_view args;
    args.data = data;
    args.size = size;
    return args;
}

static inline mproc_view mproc_arg_string_(const char *text)
{
    return mproc_arg_bytes_(text, strlen(text) + 1);
}

/** So many bytes, wherever they lie. */
#define MPROC_ARG_BYTES(data, size) mproc_arg_bytes_(data, size)

/** A string with its terminating zero, so that the task may use mproc_task_get_argument(task).data as one. Not NULL. */
#define MPROC_ARG_STRING(text) mproc_arg_string_(text)

/** One variable as the argument of a task: a number, a struct, a whole array. Of a pointer it is the pointer that is
 * passed, which means nothing in another process, not what it points to: give *pointer, MPROC_ARG_BYTES or
 * MPROC_ARG_STRING. So it is with an array that is a parameter of the calling function, for that is a pointer.
 *
 * In C++ an object whose bytes are no copy of it, as those of a std::string, a std::vector or a smart pointer, which
 * hold pointers to the rest, does not compile. What does is the rest: MPROC_ARG_STRING(string.c_str()),
 * MPROC_ARG_BYTES(vector.data(), vector.size() * sizeof vector[0]), MPROC_ARG(*pointer).
 *
 * MPROC_NO_ARGS is an argument of no bytes.
 */
#ifdef __cplusplus
extern "C++" {
template <typename T> inline mproc_view mproc_arg_of_(const T &value)
{
    static_assert(std::is_trivially_copyable<T>::value, "the bytes of this object are no copy of it: see MPROC_ARG");
    /* Also of types with an operator & of their own. */
    return mproc_arg_bytes_(&const_cast<char &>(reinterpret_cast<const volatile char &>(value)), sizeof value);
}
}
#define MPROC_ARG(lvalue) mproc_arg_of_(lvalue)
#define MPROC_NO_ARGS     mproc_view()
#else
#define MPROC_ARG(lvalue) ((mproc_view){ &(lvalue), sizeof(lvalue) })
#define MPROC_NO_ARGS     ((mproc_view){ NULL, 0 })
#endif

/** Copies the argument. In a map kernel there is none: it has 0 bytes.
 *
 * size: the size the function expects.
 * Returns: 0; MPROC_E_SIZE if the argument has another size: the task's message then says which, so that returning the
 *     code fails the task with a useful text.
 * Blocks: never. Threads: the task's own. Fork: not in a copy the task made of itself.
 * Since: 0.1
 */
MPROC_API int mproc_task_read(mproc_task *task, void *ret_argument, size_t size);

/** The argument in place, aligned for every type that needs 8 bytes or less. mproc_task_read copies any type.
 *
 * In a pool there may be no other copy of a large one (above 8 KiB): a task that writes to it changes what a retry
 * gets.
 *
 * Returns: a view valid until the task's function returns.
 * Blocks: never. Threads: the task's own. Fork: not in a copy that the task makes of itself: mproc_task_read before.
 * Since: 0.2
 */
MPROC_API mproc_view mproc_task_get_argument(const mproc_task *task);

/** Sets the result, of which mproc_task_reserve_value spares the copy. A second call replaces the first. Without a call
 * the result is empty. A process, an initializer and an exit hook have nobody to give it to: it is dropped.
 *
 * data: copied. size: at most 1 GiB.
 * Returns: 0; MPROC_E_NO_MEMORY; MPROC_E_LIMIT above 1 GiB; MPROC_E_INVALID for NULL with a size; MPROC_E_STATE inside
 *     a map kernel, whose result is its out item.
 * Blocks: never. Threads: the task's own. Fork: not in a copy.
 * Since: 0.1
 */
MPROC_API int mproc_task_return(mproc_task *task, const void *data, size_t size);

/** Sets the result from several pieces, one after the other, so that the caller need not pack them.
 *
 * Returns, blocks, threads, fork: as mproc_task_return.
 * Since: 0.1
 */
MPROC_API int mproc_task_return_parts(mproc_task *task, const mproc_view *parts, size_t count);

/** Makes room for the result, to be built in place: there the pool's process reads it, if it is large (above 8 KiB),
 * without a copy. It is the result from now on, whatever is written to it until the function returns.
 *
 * size: at most 1 GiB. Fewer bytes are returned by mproc_task_return(task, buffer, fewer), without a copy; parts of the
 *     buffer that do not begin where it begins may not be returned so. Another result, or room for another one,
 *     replaces it; the buffer is gone then.
 * ret_buffer: so many bytes of undefined content, aligned for every type, valid until the task's function returns.
 * Returns: as mproc_task_return.
 * Blocks: never. Threads: the task's own, but whoever it lets may write to the buffer. Fork: not in a copy.
 * Since: 0.2
 */
MPROC_API int mproc_task_reserve_value(mproc_task *task, size_t size, void **ret_buffer);

/** Records why the task fails. Meant to be returned: return mproc_task_fail(task, -2, "no such user %d", id);
 *
 * In a process (not a pool) the message goes to the log, at MPROC_LOG_ERROR.
 *
 * code: negative; becomes MPROC_E_INVALID if it is not.
 * format: as printf; the message is cut at 239 bytes, in a map kernel at 87, so that it always gets through.
 * Returns: code.
 * Blocks: never. Threads: the task's own. Fork: not in a copy.
 * Since: 0.1
 */
MPROC_API int mproc_task_fail(mproc_task *task, int code, const char *format, ...) MPROC_PRINTF(3, 4);

/** The number of the task within its pool, from 1; 0 in a process, an initializer or an exit hook.
 *
 * Blocks: never. Threads: the task's own. Fork: safe.
 * Since: 0.2
 */
MPROC_API uint64_t mproc_task_get_id(const mproc_task *task);

/** Which attempt this is, from 1; more than 1 only with retries.
 *
 * Blocks: never. Threads: the task's own. Fork: safe.
 * Since: 0.2
 */
MPROC_API unsigned mproc_task_get_attempt(const mproc_task *task);

/** The place of this worker in its pool, from 0; a replacement takes the place of the dead. -1 in a process.
 *
 * Blocks: never. Threads: the task's own. Fork: safe.
 * Since: 0.2
 */
MPROC_API int mproc_task_get_worker(const mproc_task *task);

/** As many handles of the operating system may go with one task. */
#define MPROC_TASK_HANDLES_MAX 16

/** How many handles of the operating system came with the task, by the handles of its mproc_task_options. 0 in a
 * process and in a map kernel.
 *
 * Blocks: never. Threads: the task's own. Fork: 0 in a copy made by the task's own fork.
 * Since: 0.2
 */
MPROC_API size_t mproc_task_get_handle_count(const mproc_task *task);

/** Takes a handle of the operating system that came with the task: a new one of this process, for the thing that the
 * submitter's stands for (of a file they share the position). It is the task's to close, and stays open when the task
 * ends without having closed it; it is not inherited by programs that this process executes. A socket of Windows is to
 * be taken after WSAStartup, and is closed by closesocket. Of those that no task takes nothing is left open.
 *
 * The pool has a duplicate of its own until the task has ended. So a connection is not at its end for the other side
 * when the task closes its handle, but when the task ends as well, unless it says so by shutdown.
 *
 * index: its place in the handles of mproc_task_options, from 0.
 * Returns: 0; MPROC_E_RANGE where there is none; MPROC_E_STATE if it was taken already in this attempt; MPROC_E_OS if
 *     no more handles can be open here, and it can be taken later.
 * Blocks: never. Threads: the task's own. Fork: MPROC_E_RANGE in a copy made by the task's own fork.
 * Since: 0.2. Source: multiprocessing.reduction, by which sockets and connections travel as arguments.
 */
MPROC_API int mproc_task_take_handle(mproc_task *task, size_t index, mproc_os_handle *ret_handle);

/** In a map kernel, the index of the item in the input array; -1 elsewhere.
 *
 * Blocks: never. Threads: the task's own. Fork: safe.
 * Since: 0.2
 */
MPROC_API int64_t mproc_task_get_item(const mproc_task *task);

/** Whether the task should come to its end: its soft time limit has passed, or it must end. For a loop that can stop,
 * with what it has or with an error of its own; nothing else happens at a soft limit. About 30 ns.
 *
 * Returns: the answer; false in a process, an initializer and an exit hook.
 * Blocks: never. Threads: the task's own. Fork: safe.
 * Since: 0.2
 */
MPROC_API bool mproc_task_should_end(const mproc_task *task);

/** Whether the task is asked to end: it is over its hard time limit, or was cancelled by mproc_result_cancel_running.
 * Its worker is killed when the pool's grace_ms are over; so without those no task ever sees this. What it returns
 * before counts. About 1 ns.
 *
 * Returns: the answer; false in a process, an initializer and an exit hook.
 * Blocks: never. Threads: the task's own. Fork: safe.
 * Since: 0.2
 */
MPROC_API bool mproc_task_must_end(const mproc_task *task);

/** Names what the task is about, for people: "page 17", a file, a customer. Whoever watches the pool sees it beside the
 * task, and the message of a worker's death while it runs says it. A second call replaces the first; in a map kernel it
 * is the label of all items that the worker was given together, until the next call. About 20 ns.
 *
 * text: UTF-8, copied, cut at 55 bytes; "" for none.
 * Returns: 0, also where there is nobody to show it to, in a process, an initializer and an exit hook; MPROC_E_INVALID
 *     for NULL; MPROC_E_WRONG_PROCESS in a copy that the task made of itself.
 * Blocks: never. Threads: the task's own. Fork: not in a copy.
 * Since: 0.2
 */
MPROC_API int mproc_task_set_label(mproc_task *task, const char *text);

/** What mproc_describe_fn is asked about. */
typedef struct mproc_described {
    const mproc_task *task; /**< for its id, attempt, worker and item: it has no argument and no value yet */
    void (*function)(void); /**< that of the task: to be compared with (void (*)(void))my_function */
    mproc_view bytes;       /**< its argument, or its result; of a chunk of a map, the first item */
    bool is_result;         /**< which of the two */
} mproc_described;

/** Says in words what a task's argument or result is, for whoever watches the pool: .describe of mproc_pool_options. It
 * runs in the worker, before and after the task's function, and only while somebody watches. It counts as copying time
 * of the task. If it crashes, the worker and its task do; if it takes long, the task does.
 *
 * text: where it is written, as UTF-8 with a zero behind it.
 * capacity: of text: 257.
 * Returns: 0; a negative number to have the bytes shown as they are when there is no such function.
 * Since: 0.2
 */
typedef int mproc_describe_fn(const mproc_described *what, char *text, size_t capacity);

/** How much is left of the task's hard time limit.
 *
 * Returns: milliseconds, rounded up; 0 when it has passed; MPROC_FOREVER if the task has none.
 * Blocks: never. Threads: the task's own. Fork: safe.
 * Since: 0.2
 */
MPROC_API int64_t mproc_task_get_time_left(const mproc_task *task);

#ifdef __cplusplus
}
#endif
#endif
