/* Streams: sockets between two processes of one user.
 *
 * A socket tells of its other end's close when the last copy of it is closed; and a process that the program forks has
 * a copy. So beside the socket there is a descriptor of the other process, where those can be had: its death is the
 * end.
 */
#ifndef MPROC_UNIX_STREAM_H
#define MPROC_UNIX_STREAM_H

#include "platform.h"
#include <sys/types.h>

struct platform_stream {
    int socket; /**< or the reading end of a pipe */
    bool is_pipe;
    int peer; /**< the process at the other end; -1 where it cannot be had */
    platform_mark socket_mark, peer_mark;
    pid_t peer_pid;
    pid_t owner;
};

/** A socket that does not block, as a descriptor of the port. Returns -1 with errno set. */
int platform__stream_socket(void);

/** Makes a stream of a connected socket, which is the stream's from now on, and closed after an error. Errors:
 * MPROC_E_FOREIGN if another user is at the other end; MPROC_E_NO_MEMORY; MPROC_E_OS. */
int platform__stream_new(int socket, platform_stream **ret_stream);

/** Whether the stream was made by another process. Sets the detail. */
bool platform__stream_is_foreign(const platform_stream *stream);

#endif
