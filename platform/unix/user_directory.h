/* The directories in which processes of one user find each other.
 *
 * The first is the run-time directory's, if the user has one of his own; else, and for those who have none, as programs
 * that were started without a session, the temporary directory's. So a process makes its files in the first of them
 * that there can be, and looks for others' in both.
 *
 * Each is opened once and checked, and what is in it is then named by its descriptor: whatever becomes of the path, it
 * is the directory that was checked. Where a path cannot be avoided, for sockets, it is short enough to be one.
 */
#ifndef MPROC_UNIX_USER_DIRECTORY_H
#define MPROC_UNIX_USER_DIRECTORY_H

#include <sys/un.h>

#define PLATFORM__USER_DIRECTORIES 2

struct platform__user_directory {
    int fd;
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
};

/** Opens the directory to make files in, and makes it if it is not there. Errors: MPROC_E_STATE, MPROC_E_LIMIT,
 * MPROC_E_OS as platform_endpoint_create. */
int platform__user_directory_make(struct platform__user_directory *ret_directory);

/** Opens one of the directories to look into: index from 0, below PLATFORM__USER_DIRECTORIES. Errors: MPROC_E_NOT_FOUND
 * if it is not there; those above. */
int platform__user_directory_open(int index, struct platform__user_directory *ret_directory);

/** Writes the path of the directory that platform__user_directory_make opens. Errors: MPROC_E_LIMIT. */
int platform__user_directory_find(struct platform__user_directory *ret_directory);

/** Writes the address of a socket in the directory. Errors: MPROC_E_LIMIT. */
int platform__user_directory_address(const struct platform__user_directory *directory, const char *name,
                                     struct sockaddr_un *ret_address);

#endif
