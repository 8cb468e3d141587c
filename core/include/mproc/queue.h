/* Queues of messages that processes share.
 *
 * A queue is a value: copy it into a task's argument, a message, or shared memory, and it means the same queue in every
 * process of the family (the first process and everything mproc started from it). A message is any number of bytes
 * below 4 GiB; its boundaries are kept, zero bytes included. Any number of threads of any processes put and get.
 *
 *     mproc_queue queue;
 *     mproc_queue_create(&queue, NULL);
 *     mproc_queue_put(queue, &job, sizeof job, MPROC_FOREVER);
 *     ...
 *     mproc_queue_get(queue, MPROC_FOREVER, &job, sizeof job, NULL);
 *
 * There is no feeder thread: what put has accepted lies in shared memory. So the sizes that a queue tells are exact, a
 * process may exit right after its last put and nothing is lost, and joining a producer before its messages were taken
 * cannot deadlock. Messages of one producer's thread come out in the order they went in.
 *
 * Deaths. A producer or consumer may be killed at any instruction, and the queue goes on. A put counts once its message
 * is in the queue: killed before that moment, its sender leaves nothing of it, after that moment all of it. A get
 * counts once its message has left the queue: killed before, the receiver leaves the message to the next one, after,
 * the message is gone with its receiver. No other message is ever touched.
 *
 * One type serves for all three queues of Python's multiprocessing. A SimpleQueue is a queue whose calls wait
 * MPROC_FOREVER; a JoinableQueue is one made with .joinable.
 *
 * A queue without a capacity takes messages until the family's shared memory is used up: "unbounded" means that, and a
 * put beyond it is MPROC_E_LIMIT. The memory that a backlog has needed stays with the queue, for the next one.
 *
 * A put or get keeps its end of the queue for as long as it takes to copy what goes through the ring, which is 16 KiB a
 * message at most; large messages are copied with the end free, and whoever moves many at once gives others their turn
 * after each 1000 messages or 64 KiB. Only a put that needs a larger ring makes it in that time, and to destroy a
 * queue, or to close it and drop what is in it, keeps both ends until all that is in it is dropped. A process that is
 * stopped (SIGSTOP) in such a moment, and not killed, keeps its end: calls of others then return MPROC_E_TIMEOUT when
 * their time is up, but not before a second has passed, or wait for it if they have no time-out.
 *
 * Every call on a queue is MPROC_E_WRONG_PROCESS in a copy of a process that the program's own fork has made. Those
 * that put, get, join, mark, attach or detach are MPROC_E_NO_MEMORY or MPROC_E_OS if memory of the queue cannot be
 * mapped in this process: nothing has happened then. A close that drops says so too, and the queue is closed all
 * the same. No function's list of errors repeats this or the MPROC_E_TIMEOUT above.
 *
 * Whoever waits on a queue waits for the other side as long as it takes: any process that has the handle may still come
 * and put, so that nobody's death means that nothing will come. Where it does, register: mproc_queue_attach. Or give a
 * time-out.
 */
#ifndef MPROC_QUEUE_H
#define MPROC_QUEUE_H

#include <mproc/base.h>
#include <mproc/message.h>
#include <mproc/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A queue, by value. All zero is no queue. */
typedef struct mproc_queue {
    uint64_t id[2];
} mproc_queue;

typedef struct mproc_queue_options {
    size_t capacity;    /**< most messages in the queue at a time; 0: no limit but memory */
    size_t buffer_size; /**< bytes to begin with; more is taken when needed. 0: 64 KiB. At most 64 MiB */
    bool joinable;      /**< counts what was taken and not marked done, for mproc_queue_join */
    const char *name;   /**< shown in messages; copied, cut at 31 bytes; NULL for none */
} mproc_queue_options;

MPROC_API int mproc_queue_create_(mproc_queue *ret_queue, const mproc_queue_options *options, size_t options_size);

/** Makes a queue, empty.
 *
 * Returns: 0; MPROC_E_LIMIT for a capacity of 2^31 or more or a buffer above 64 MiB, and if the family segment is full;
 *     MPROC_E_NOT_INITIALIZED; MPROC_E_OS.
 * Blocks: never. Threads: any. Fork: the queue is valid in all processes of the family.
 * Since: 0.2. Source: multiprocessing.Queue, JoinableQueue, SimpleQueue.
 */
static inline int mproc_queue_create(mproc_queue *ret_queue, const mproc_queue_options *options)
{
    return mproc_queue_create_(ret_queue, options, sizeof *options);
}

/** Frees the queue, with what is in it, for all processes. Handles to it become stale; who waits on it is told so.
 * Messages that were taken from it stay their holders'.
 *
 * Returns: 0; MPROC_E_STALE; MPROC_E_FOREIGN; MPROC_E_LIMIT as for mproc_queue_put.
 * Blocks: as long as a put or get of somebody else is under way, which does not wait for anybody in turn.
 * Threads: any. Fork: any process of the family may call it.
 * Since: 0.1
 */
MPROC_API int mproc_queue_destroy(mproc_queue queue);

/* ---- Copying in and out ---- */

/** Puts a message: its bytes are copied, and are in shared memory when this returns.
 *
 * data: may be NULL if size is 0.
 * timeout_ms: how long to wait for room in a queue with a capacity; 0 or negative tries once.
 * Returns: 0; MPROC_E_TIMEOUT if there was no room in time, MPROC_E_FULL if the time-out was 0; MPROC_E_CLOSED;
 *     MPROC_E_PEER_DIED if there is no room and the last registered consumer has died; MPROC_E_LIMIT if the family has
 *     no memory for the message, with the figures in mproc_last_error, or more threads than it has room for, or for a
 *     message of 4 GiB or more;
 *     MPROC_E_INVALID for NULL with a size; MPROC_E_STALE; MPROC_E_FOREIGN. After an error the queue is as it was.
 * Blocks: until the time-out, for room only. Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Queue.put, put_nowait.
 */
MPROC_API int mproc_queue_put(mproc_queue queue, const void *data, size_t size, int64_t timeout_ms);

/** Puts several messages, in order. Others' messages may come between them. Cheaper than as many puts. All of them are
 * checked before any is put: of a list with a bad address in it nothing is put.
 *
 * timeout_ms: for all of them together.
 * Returns: how many were put, from the first on, if any were: fewer than count if the time was up or what follows could
 *     not be put; 0 if count is 0; else an error, as mproc_queue_put. MPROC_E_LIMIT for a count above INT_MAX,
 *     MPROC_E_INVALID for NULL with a size anywhere in the list.
 * Blocks: until the time-out, for room only.
 * Threads: any. Fork: any process of the family.
 * Since: 0.2
 */
MPROC_API int mproc_queue_put_many(mproc_queue queue, const mproc_view *messages, size_t count, int64_t timeout_ms);

/** Gets the next message, copied.
 *
 * timeout_ms: how long to wait for a message; 0 or negative tries once.
 * ret_message: room for it; may be NULL if capacity is 0.
 * ret_size: the message's size, which may be less than capacity; written also with MPROC_E_TOO_SHORT. NULL: the message
 *     must have exactly capacity bytes.
 * Returns: 0; MPROC_E_TIMEOUT if none came in time, MPROC_E_EMPTY if the time-out was 0; MPROC_E_TOO_SHORT if it is
 *     larger than capacity, and without ret_size MPROC_E_SIZE if it is of another size: it is still there then, for
 *     whoever comes next; MPROC_E_END, once the queue is closed and nothing is left; MPROC_E_PEER_DIED if the queue is
 *     empty and the last registered producer has died; MPROC_E_INVALID for NULL with a capacity;
 *     MPROC_E_LIMIT if there are more threads than the family has room for; MPROC_E_STALE; MPROC_E_FOREIGN;
 *     MPROC_E_OS if the memory of a large message cannot be mapped here: it is still there then.
 * Blocks: until the time-out. A registered producer's death that the library has been told of ends the wait at once,
 *     any other within half a second.
 * Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.Queue.get, get_nowait.
 */
MPROC_API int mproc_queue_get(mproc_queue queue, int64_t timeout_ms, void *ret_message, size_t capacity,
                              size_t *ret_size);

/** Gets as many messages as are there and fit, at least one, large ones too. Cheaper than as many gets.
 *
 * max: most messages to get.
 * timeout_ms: how long to wait for the first one; the others are not waited for.
 * ret_messages: they lie in it one behind the other, without gaps: messages of one size make an array.
 * ret_sizes: their sizes, room for max of them; NULL if not wanted.
 * Returns: how many; 0 if max is 0; else an error, as mproc_queue_get, MPROC_E_TOO_SHORT if not even the first one
 *     fits: ret_sizes, if given, has its size then. MPROC_E_LIMIT for a max above INT_MAX.
 * Blocks: until the time-out. Threads: any. Fork: any process of the family.
 * Since: 0.2
 */
MPROC_API int mproc_queue_get_many(mproc_queue queue, size_t max, int64_t timeout_ms, void *ret_messages,
                                   size_t capacity, size_t *ret_sizes);

/* ---- In place ---- */

/** Takes the next message, of whatever size. A large one is not copied: the caller reads it where its sender wrote it.
 *
 * ret_message: to be given back with mproc_message_free. Until then it holds memory of the family if it is large.
 * Returns: as mproc_queue_get, but for MPROC_E_TOO_SHORT and MPROC_E_SIZE; MPROC_E_NO_MEMORY, and the message is still
 *     there.
 * Blocks: until the time-out.
 * Threads: any; the message may be read and freed by any thread of this process. A large one goes when the thread
 *     that took it ends.
 * Fork: any process of the family.
 * Since: 0.2
 */
MPROC_API int mproc_queue_take(mproc_queue queue, int64_t timeout_ms, mproc_message *ret_message);

/** Puts a message that was made, or taken from this or another queue or a connection, without copying it if it is
 * large and did not come from a connection. It is in the caller's hands no longer if this succeeds; after an error it
 * still is. A large one that another thread had made or taken belongs to the calling thread from then on, whatever the
 * result.
 *
 * Returns: as mproc_queue_put; MPROC_E_STALE also for a message that was freed or committed before, and for a large one
 *     whose thread has ended; MPROC_E_WRONG_PROCESS for one of another process.
 * Blocks: until the time-out, for room only.
 * Threads: any. Fork: any process of the family, but only the one that holds the message.
 * Since: 0.2
 */
MPROC_API int mproc_queue_commit(mproc_queue queue, mproc_message message, int64_t timeout_ms);

/* ---- What there is ---- */

/** How many messages are in the queue: exactly, at a moment during the call.
 *
 * Returns: 0; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.Queue.qsize.
 */
MPROC_API int mproc_queue_get_count(mproc_queue queue, size_t *ret_count);

/** Whether no message is in the queue, exactly, at a moment during the call.
 *
 * Returns: the answer; false for MPROC_E_STALE and MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.Queue.empty.
 */
MPROC_API bool mproc_queue_is_empty(mproc_queue queue);

/** Whether the queue has as many messages as its capacity, exactly, at a moment during the call. Without a capacity it
 * never has.
 *
 * Returns: the answer; false for MPROC_E_STALE and MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.Queue.full.
 */
MPROC_API bool mproc_queue_is_full(mproc_queue queue);

/* ---- The end ---- */

/** Closes the queue for all processes: every put from now on is MPROC_E_CLOSED, and every get is MPROC_E_END once
 * nothing is left. All who wait are woken. Repeating it is harmless, and may add drop.
 *
 * drop: what is in the queue is dropped, and counts as done for mproc_queue_join.
 * Returns: 0; MPROC_E_STALE; MPROC_E_FOREIGN; MPROC_E_LIMIT as for mproc_queue_put.
 * Blocks: as mproc_queue_destroy. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: queue.Queue.shutdown, CPython 3.13.
 */
MPROC_API int mproc_queue_close(mproc_queue queue, bool drop);

/* ---- Deaths of peers ---- */

/** What a process is registered as: one of these, or both, joined by |. */
typedef enum mproc_queue_role { MPROC_QUEUE_PRODUCER = 1, MPROC_QUEUE_CONSUMER = 2 } mproc_queue_role;

/** Registers the calling process as a producer of the queue, a consumer, or both. When no registered producer is left,
 * and one of them ended without detaching, killed or not, a get that finds the queue empty returns MPROC_E_PEER_DIED
 * instead of waiting; so does a put that finds it full, for consumers. The next one to attach in that role puts an end
 * to that.
 *
 * A parent that waits for a child should see to it that the child has attached before it relies on this.
 *
 * roles: of mproc_queue_role, joined by |.
 * Returns: 0, also if it is registered already; MPROC_E_INVALID for another role; MPROC_E_LIMIT if the family has no
 *     memory for the list of peers, 64 KiB once per queue, and as for mproc_queue_put; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: as mproc_queue_destroy. Threads: any; it is the process that is registered. Fork: any process of the family.
 * Since: 0.2
 */
MPROC_API int mproc_queue_attach(mproc_queue queue, unsigned roles);

/** Ends the registration in these roles, in good order.
 *
 * roles: of mproc_queue_role, joined by |.
 * Returns: 0, also if this process is registered in one of them only, or in none; MPROC_E_INVALID for another role;
 *     MPROC_E_LIMIT as for mproc_queue_put; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: as mproc_queue_destroy. Threads: any. Fork: any process of the family.
 * Since: 0.2
 */
MPROC_API int mproc_queue_detach(mproc_queue queue, unsigned roles);

/** Marks one message of a joinable queue as done: one that this process took, or if it has none left, one that somebody
 * took who died, or else one that anybody took.
 *
 * Returns: 0; MPROC_E_STATE if no message was taken that is not marked done yet: that is, it was called once too often,
 *     or if the queue is not joinable; MPROC_E_LIMIT as for mproc_queue_put; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: as mproc_queue_destroy. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.JoinableQueue.task_done.
 */
MPROC_API int mproc_queue_task_done(mproc_queue queue);

/** Waits until the queue is empty and all that was taken from it is marked done, except what died with its consumers.
 *
 * ret_debt: how many messages were taken by processes that ended without marking them done. Whoever does their work
 *     again may mark them. NULL if not wanted.
 * Returns: 0 if all is done; MPROC_CONSUMER_DIED if all is done but such a debt; MPROC_E_TIMEOUT; MPROC_E_STATE if
 *     the queue is not joinable; MPROC_E_LIMIT as for mproc_queue_put; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: until the time-out. A consumer's death ends its part of the wait as in mproc_queue_get.
 * Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.JoinableQueue.join.
 */
MPROC_API int mproc_queue_join(mproc_queue queue, int64_t timeout_ms, size_t *ret_debt);

/** The queue as something to wait for: it is ready when a get would not wait, because of a message, of a close, or of
 * the death of the last registered producer.
 *
 * Returns: the element of a list for mproc_wait_any.
 */
static inline mproc_waitable mproc_waitable_queue(mproc_queue queue)
{
    return mproc_waitable_id_(MPROC_WAITABLE_QUEUE, queue.id);
}

#ifdef __cplusplus
}
#endif
#endif
