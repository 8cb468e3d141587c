/* Who is at the other end of a socket. */
#define _GNU_SOURCE
#include "unix/os.h"
#include <sys/socket.h>

bool platform__os_socket_peer(int socket, uid_t *ret_user, pid_t *ret_pid)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return false;
    *ret_user = peer.uid;
    *ret_pid = peer.pid;
    return true;
}
