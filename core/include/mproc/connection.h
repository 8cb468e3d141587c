/* Pipes between processes, and their ends, which are called connections.
 *
 * A connection is a value: copy it into a task's argument, a message (also one through another pipe), or shared memory,
 * and it means the same end in every process of the family (the first process and everything mproc started from it).
 *
 *     mproc_connection here, there;
 *     mproc_pipe_create(&here, &there, NULL);
 *     ... give `there` to a child, in its argument ...
 *     mproc_connection_send(here, &job, sizeof job, MPROC_FOREVER);
 *     mproc_connection_recv(here, MPROC_FOREVER, &answer, sizeof answer, NULL);
 *
 * A pipe carries messages, whose boundaries are kept, or, if it is made with .stream, bytes without boundaries. What
 * send has accepted is in shared memory: the sender may exit at once and nothing is lost. No descriptor or OS handle
 * belongs to a pipe, SIGPIPE cannot occur, and a pipe costs nothing when processes are started.
 *
 * The life of an end. An end exists once, however many processes know its value. It is open until somebody calls
 * mproc_connection_close on it, which closes it for all: do not close an end because you have handed it on. The pipe is
 * gone when both ends are closed. Receiving after the other end was closed is MPROC_E_END, once everything sent was
 * received; sending is MPROC_E_BROKEN_PIPE.
 *
 * Deaths. A process uses an end from its first send, receive, poll or mproc_wait_any on it, or from
 * mproc_connection_attach, until mproc_connection_detach, or until it ends. When somebody who used the other end ended
 * without closing or detaching, killed or not, and no living process uses it, then sending, and receiving once
 * everything sent was received, is MPROC_E_PEER_DIED. It is an error, not the end: another process may take the end up,
 * by using it, and the pipe goes on. An end that nobody has used yet is waited for: a child that may die before it
 * comes to its end of the pipe is waited for together with that end, by mproc_wait_any. So what a Python program does
 * with close in the parent after the start of a child, a program of mproc does with mproc_connection_detach if it has
 * used the child's end itself, and else not at all. Of the living processes that use an end 6 are noted. With more than
 * that at one end, once all that are noted have died, MPROC_E_PEER_DIED may come although another one lives: until that
 * one takes a dead one's place, which it does with its next call, or, if it is waiting in one, within 50 ms.
 *
 * To have another child take up the end of one that died, hold the end for it while it is on its way, for until it has
 * used the end the answer would be MPROC_E_PEER_DIED again:
 *
 *     while (mproc_connection_recv(here, MPROC_FOREVER, &answer, sizeof answer, NULL) == MPROC_E_PEER_DIED) {
 *         mproc_connection_attach(there);
 *         ... start a child with `there`, and wait until it has called mproc_connection_attach or has ended ...
 *         mproc_connection_detach(there);
 *         mproc_connection_send(here, &job, sizeof job, MPROC_FOREVER);
 *     }
 *
 * A process killed at any instruction of these calls leaves the pipe usable. Killed in a send, it leaves all of its
 * message or nothing; killed in a receive, it leaves the message to the next receiver or takes it along. No other
 * message is ever touched.
 *
 * An end is meant for one sender and one receiver at a time, as a rule. More of them exclude each other: each message
 * goes whole, to one receiver.
 */
#ifndef MPROC_CONNECTION_H
#define MPROC_CONNECTION_H

#include <mproc/base.h>
#include <mproc/message.h>
#include <mproc/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One end of a pipe, by value. All zero is none. */
typedef struct mproc_connection {
    uint64_t id[2];
} mproc_connection;

typedef struct mproc_pipe_options {
    bool one_way;       /**< the first end only receives, the second only sends */
    bool stream;        /**< bytes without boundaries, for mproc_connection_write and _read only */
    size_t buffer_size; /**< bytes each way, rounded up to a power of two from 4096 on; 0: 64 KiB; at most 64 MiB */
    const char *name;   /**< shown in messages; copied, cut at 31 bytes; NULL for none */
} mproc_pipe_options;

MPROC_API int mproc_pipe_create_(mproc_connection *ret_first, mproc_connection *ret_second,
                                 const mproc_pipe_options *options, size_t options_size);

/** Makes a pipe, both ends open, nobody using them.
 *
 * Returns: 0; MPROC_E_LIMIT for a larger buffer, and if the family segment is full;
 *     MPROC_E_NOT_INITIALIZED; MPROC_E_OS.
 * Blocks: never. Threads: any. Fork: the ends are valid in all processes of the family.
 * Since: 0.2. Source: multiprocessing.Pipe, whose duplex=False is .one_way.
 */
static inline int mproc_pipe_create(mproc_connection *ret_first, mproc_connection *ret_second,
                                    const mproc_pipe_options *options)
{
    return mproc_pipe_create_(ret_first, ret_second, options, sizeof *options);
}

/* ---- Messages ---- */

/** Sends one message, copied.
 *
 * A message that fits into the buffer with 8 bytes to spare lies there, beside others. A larger one lies in memory of
 * its own, and waits until everything sent before was received.
 *
 * data: may be NULL if size is 0: a message of no bytes is a message.
 * timeout_ms: how long to wait for room; 0 or negative tries once.
 * Returns: 0; MPROC_E_TIMEOUT if there was no room in time, MPROC_E_FULL if the time-out was 0; MPROC_E_BROKEN_PIPE if
 *     the other end is closed; MPROC_E_PEER_DIED; MPROC_E_CLOSED if this end is closed; MPROC_E_STATE if this end only
 *     receives, or for a pipe of bytes; MPROC_E_LIMIT if the family has no memory for the message, with the figures in
 *     mproc_last_error, or more threads than it has room for; MPROC_E_INVALID for NULL with a size; MPROC_E_FOREIGN.
 *     After an error nothing was sent.
 * Blocks: until the time-out, for room only. Beyond it, up to 20 ms, for another sender that is copying. The death of
 *     the last user of the other end ends the wait within 50 ms.
 * Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: Connection.send_bytes.
 */
MPROC_API int mproc_connection_send(mproc_connection connection, const void *data, size_t size, int64_t timeout_ms);

/** Receives the next message, copied.
 *
 * timeout_ms: how long to wait for a message; 0 or negative tries once.
 * ret_message: room for it; may be NULL if capacity is 0.
 * ret_size: the message's size, which may be less than capacity; written also with MPROC_E_TOO_SHORT. NULL: the message
 *     must have exactly capacity bytes.
 * Returns: 0; MPROC_E_TIMEOUT if none came in time, MPROC_E_EMPTY if the time-out was 0; MPROC_E_TOO_SHORT if it is
 *     larger than capacity, and without ret_size MPROC_E_SIZE if it is of another size: it is still there then;
 *     MPROC_E_END if the other end is closed and nothing is left; MPROC_E_PEER_DIED; MPROC_E_CLOSED if this end is
 *     closed; MPROC_E_STATE if this end only sends, or for a pipe of bytes; MPROC_E_TYPE if a handle comes next, which
 *     mproc_connection_recv_handle takes; MPROC_E_INVALID for NULL with a capacity; MPROC_E_LIMIT if there are more
 *     threads than the family has room for; MPROC_E_OS if the memory of a large message cannot be mapped here: it is
 *     still there then; MPROC_E_FOREIGN.
 * Blocks: until the time-out; beyond it as mproc_connection_send.
 * Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: Connection.recv_bytes, recv_bytes_into.
 */
MPROC_API int mproc_connection_recv(mproc_connection connection, int64_t timeout_ms, void *ret_message, size_t capacity,
                                    size_t *ret_size);

/** Receives the next message, of whatever size, copied into memory of this process.
 *
 * ret_message: to be given to mproc_message_free or mproc_queue_commit.
 * Returns: as mproc_connection_recv, but for MPROC_E_TOO_SHORT and MPROC_E_SIZE; MPROC_E_NO_MEMORY, and the message is
 *     still there.
 * Blocks: as mproc_connection_recv. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: Connection.recv_bytes.
 */
MPROC_API int mproc_connection_take(mproc_connection connection, int64_t timeout_ms, mproc_message *ret_message);

/** Whether a receive would not wait: something is there, be it a message of no bytes or a handle, or nothing will come,
 * because the other end is closed or its users have died. Takes nothing.
 *
 * timeout_ms: how long to wait for that.
 * Returns: 0 if it would not; MPROC_E_TIMEOUT if it would, MPROC_E_EMPTY if the time-out was 0; MPROC_E_CLOSED;
 *     MPROC_E_STATE if this end only sends; MPROC_E_LIMIT as for mproc_connection_recv; MPROC_E_FOREIGN.
 * Blocks: until the time-out. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: Connection.poll.
 */
MPROC_API int mproc_connection_poll(mproc_connection connection, int64_t timeout_ms);

/* ---- Bytes ---- */

/** Writes bytes into a pipe of bytes: as many as there is room for, at least one, waiting for room only if there is
 * none.
 *
 * ret_written: how many; 0 if size is 0.
 * Returns: as mproc_connection_send; MPROC_E_STATE also for a pipe of messages.
 * Blocks: until the time-out; beyond it as mproc_connection_send. Threads: any. Fork: any process of the family.
 * Since: 0.2
 */
MPROC_API int mproc_connection_write(mproc_connection connection, const void *data, size_t size, int64_t timeout_ms,
                                     size_t *ret_written);

/** Reads bytes from a pipe of bytes: as many as are there and fit, at least one, waiting only if there are none.
 *
 * capacity: 0 waits for bytes and reads none of them.
 * ret_size: how many.
 * Returns: as mproc_connection_recv, but for MPROC_E_TOO_SHORT, MPROC_E_SIZE, MPROC_E_TYPE and
 *     MPROC_E_OS; MPROC_E_STATE also for a
 *     pipe of messages. At the end of the stream MPROC_E_END, not 0 bytes.
 * Blocks: until the time-out; beyond it as mproc_connection_send. Threads: any. Fork: any process of the family.
 * Since: 0.2
 */
MPROC_API int mproc_connection_read(mproc_connection connection, int64_t timeout_ms, void *ret_bytes, size_t capacity,
                                    size_t *ret_size);

/* ---- Handles of the operating system ---- */

/** Sends a handle of the operating system, as a message of its own: a descriptor on POSIX (a file, pipe, socket,
 * anything), a HANDLE on Windows (sockets included, if their provider is the system's own). It is under way until it is
 * received, and the sender may close his or die meanwhile. If it is never received it is closed with the pipe; if its
 * sender or receiver is killed in the middle, with the pipe or when the next handle is sent or received in the family.
 *
 * On POSIX it is under way in a socket that all processes of the family inherit: about 130 handles may be under way in
 * one family at a time, and, without privileges, no more from one user's processes than each may have open. A program
 * that closes descriptors it has not opened closes that socket as well: then these two calls say MPROC_E_OS. On Windows
 * it is in the table of the family's first process, where one that was on its way from or to a process killed in the
 * middle stays open until that process ends.
 *
 * Returns: as mproc_connection_send; MPROC_E_INVALID for a handle that is not open, or another mode; MPROC_E_LIMIT also
 *     if too many are under way; MPROC_E_OS; MPROC_E_NOT_SUPPORTED where a sandbox denies sockets. After an error
 *     nothing was sent and the handle is as it was.
 * Blocks: as mproc_connection_send, and up to 20 ms beyond the time-out for others that send or receive handles in the
 *     family. Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.reduction.send_handle, DupFd, DupHandle.
 */
MPROC_API int mproc_connection_send_handle(mproc_connection connection, mproc_os_handle handle, mproc_handle_mode mode,
                                           int64_t timeout_ms);

/** Receives a handle that comes next: a new one of this process, and the caller's to close. It is not inherited by
 * programs that this process executes. A socket of Windows is to be received after WSAStartup.
 *
 * Returns: as mproc_connection_recv, but for MPROC_E_TOO_SHORT and MPROC_E_SIZE; MPROC_E_TYPE if a message comes next;
 *     MPROC_E_OS if no more handles can be open here, MPROC_E_LIMIT, and it is still there then; MPROC_E_NOT_FOUND if
 *     it was lost, which nothing but damage to the store can do, and it is passed over then.
 * Blocks: as mproc_connection_recv. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.reduction.recv_handle.
 */
MPROC_API int mproc_connection_recv_handle(mproc_connection connection, int64_t timeout_ms,
                                           mproc_os_handle *ret_handle);

/* ---- The ends ---- */

/** Closes this end for all processes; whoever waits at either end is told. The pipe and what is in it are gone once
 * both ends are closed. What was sent from this end before can still be received at the other.
 *
 * Returns: 0, also if it is closed already or the pipe is gone; MPROC_E_TIMEOUT, and the end is open still, if somebody
 *     was stopped while he was sending at it; MPROC_E_FOREIGN; MPROC_E_LIMIT as for mproc_connection_recv.
 * Blocks: up to 20 ms for others that are sending at this end, and, at the second end, up to 20 ms for others' calls at
 *     the pipe that are copying, and for the store of handles. A call that copies for longer gives back the memory of
 *     the pipe when it is through; if it was killed, the next call at one of the ends does. Killed in the middle of
 *     closing the second end, a process leaves the memory of the pipe in use until such a call, or the family's end.
 * Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: Connection.close.
 */
MPROC_API int mproc_connection_close(mproc_connection connection);

/** Whether this end is closed. Of a pipe that is gone both are.
 *
 * Returns: the answer; false for MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: Connection.closed.
 */
MPROC_API bool mproc_connection_is_closed(mproc_connection connection);

/** Whether this end can receive, by the way the pipe was made.
 *
 * Returns: the answer; false for MPROC_E_CLOSED and MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: Connection.readable.
 */
MPROC_API bool mproc_connection_is_readable(mproc_connection connection);

/** Whether this end can send, by the way the pipe was made.
 *
 * Returns: the answer; false for MPROC_E_CLOSED and MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: Connection.writable.
 */
MPROC_API bool mproc_connection_is_writable(mproc_connection connection);

/** Makes the calling process a user of this end before it sends or receives, so that its death is noticed at the other
 * end from now on. Forgets former users that have died.
 *
 * Returns: 0, also if it is one already; MPROC_E_LIMIT if 6 living processes use this end; MPROC_E_CLOSED;
 *     MPROC_E_FOREIGN.
 * Blocks: never. Threads: any; it is the process that uses the end. Fork: any process of the family.
 * Since: 0.1
 */
MPROC_API int mproc_connection_attach(mproc_connection connection);

/** Says that the calling process uses this end no longer: its death means nothing to the other end from now on, until
 * it uses the end again.
 *
 * Returns: 0, also if it was none; MPROC_E_CLOSED; MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: Connection.close in a process that has handed the connection on.
 */
MPROC_API int mproc_connection_detach(mproc_connection connection);

/** The connection as something to wait for: it is ready when mproc_connection_poll would return 0.
 *
 * Returns: the element of a list for mproc_wait_any.
 */
static inline mproc_waitable mproc_waitable_connection(mproc_connection connection)
{
    return mproc_waitable_id_(MPROC_WAITABLE_CONNECTION, connection.id);
}

#ifdef __cplusplus
}
#endif
#endif
