/* Sockets, pipes and files, by the handles that the library passes on: what the tests of handles need of the system.
 * io_posix.c and io_win32.c supply it.
 */
#ifndef MPROC_TESTS_IO_H
#define MPROC_TESTS_IO_H

#include <mproc/wait.h>

/** In each process, before its first socket. */
void os_sockets_start(void);
/** A connection over a socket, both its ends. */
void os_socket_pair(mproc_os_handle ret_ends[2]);
/** A pipe: the end to read from, then the one to write to. */
void os_pipe(mproc_os_handle ret_ends[2]);
/** A new file, for reading and writing. */
mproc_os_handle os_file(const char *name);
/** How many bytes; 0 at the end, and of a connection that was broken off; -1 for an error. */
int os_read(mproc_os_handle handle, void *ret_data, int capacity);
/** How many bytes, or -1. */
int os_write(mproc_os_handle handle, const void *data, int size);
void os_close(mproc_os_handle handle);

#endif
