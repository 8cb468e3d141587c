/* Messages in place: read where they arrived, or built where they will be read, if they are large (above 16 KiB) and go
 * through queues or to and from the tasks of a pool; small ones, and those of connections, are in memory of the process
 * that holds them.
 *
 * mproc_queue_take and mproc_connection_take give a message of whatever size, mproc_result_take one that is the value
 * of a task, and mproc_message_create an empty one to be filled. mproc_queue_commit puts either into a queue, and
 * mproc_pool_apply_message makes it the argument of a task. Each message ends in one of these two, or by
 * mproc_message_free.
 */
#ifndef MPROC_MESSAGE_H
#define MPROC_MESSAGE_H

#include <mproc/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A message in the hands of the calling process: one taken from a queue or a connection, or one being built to be put.
 * A value, whose copies mean the same message; it means nothing in another process. */
typedef struct mproc_message {
    void *data;       /**< aligned for every type, and the holder's to write to; not NULL, even if size is 0 */
    size_t size;      /**< in bytes */
    uint64_t ticket;  /**< by which the library knows it: leave it alone */
    uint64_t process; /**< whose it is: leave it alone */
} mproc_message;

/** Makes a message that is to be built in place: so many bytes of undefined content, in shared memory if they are
 * many. It belongs to no queue yet.
 *
 * ret_message: to be given to mproc_queue_commit, mproc_pool_apply_message or mproc_message_free.
 * Returns: 0; MPROC_E_LIMIT if the family has no memory for it, with the figures in mproc_last_error, or more threads
 *     than it has room for, or for 4 GiB or more; MPROC_E_NO_MEMORY; MPROC_E_NOT_INITIALIZED; MPROC_E_OS.
 * Blocks: never. Threads: as mproc_queue_take. Fork: any process of the family.
 * Since: 0.2
 */
MPROC_API int mproc_message_create(mproc_message *ret_message, size_t size);

/** Frees a message that was taken or made. Its bytes are gone.
 *
 * Returns: 0; MPROC_E_STALE if it was freed or committed before; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the process that holds the message.
 * Since: 0.2
 */
MPROC_API int mproc_message_free(mproc_message message);

#ifdef __cplusplus
}
#endif
#endif
