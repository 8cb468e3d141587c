/* The few calls on sockets that the server demo makes, on POSIX and Windows, with the handles that mproc passes on. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <mproc.h>

#include <string.h>
#ifdef _WIN32
#include <winsock2.h>
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

/** In every process that uses sockets, first. */
static inline int sockets_start(void)
{
#ifdef _WIN32
    WSADATA data;
    return WSAStartup(MAKEWORD(2, 2), &data) == 0 ? 0 : -1;
#else
    /* Who writes to somebody who has left gets an error. */
    return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0;
#endif
}

static inline void sockets_close(mproc_os_handle handle)
{
#ifdef _WIN32
    closesocket((SOCKET)handle);
#else
    close((int)handle);
#endif
}

/** A port of this machine, for programs of this machine; 0 stands for one that is free. */
static inline struct sockaddr_in sockets_address(int port)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)port);
    return address;
}

/** 0 or -1. ret_port: the one that was chosen. */
static inline int sockets_listen(int port, mproc_os_handle *ret_listener, int *ret_port)
{
    struct sockaddr_in address = sockets_address(port);
#ifdef _WIN32
    int size = sizeof address;
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
#else
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
#endif
    *ret_listener = (mproc_os_handle)listener;
    if (*ret_listener == -1)
        return -1;
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        sockets_close(*ret_listener);
        return -1;
    }
    *ret_port = ntohs(address.sin_port);
    return 0;
}

/** The next client, or -1. */
static inline mproc_os_handle sockets_accept(mproc_os_handle listener)
{
#ifdef _WIN32
    return (mproc_os_handle)accept((SOCKET)listener, NULL, NULL);
#else
    return accept((int)listener, NULL, NULL);
#endif
}

/** A connection, or -1. */
static inline mproc_os_handle sockets_connect(int port)
{
    struct sockaddr_in address = sockets_address(port);
#ifdef _WIN32
    SOCKET connection = socket(AF_INET, SOCK_STREAM, 0);
#else
    int connection = socket(AF_INET, SOCK_STREAM, 0);
#endif
    if ((mproc_os_handle)connection == -1 || connect(connection, (struct sockaddr *)&address, sizeof address) == 0)
        return (mproc_os_handle)connection;
    sockets_close((mproc_os_handle)connection);
    return -1;
}

static inline int sockets_read(mproc_os_handle handle, char *ret_text, size_t capacity)
{
#ifdef _WIN32
    return recv((SOCKET)handle, ret_text, (int)capacity, 0);
#else
    return (int)recv((int)handle, ret_text, capacity, 0);
#endif
}

static inline int sockets_write(mproc_os_handle handle, const char *text)
{
#ifdef _WIN32
    return send((SOCKET)handle, text, (int)strlen(text), 0);
#else
    return (int)send((int)handle, text, strlen(text), 0);
#endif
}

/** Says that nothing more will be sent: to the other side this is the end, whoever else has the connection open. */
static inline void sockets_say_end(mproc_os_handle handle)
{
#ifdef _WIN32
    shutdown((SOCKET)handle, SD_SEND);
#else
    shutdown((int)handle, SHUT_WR);
#endif
}

#endif
