/* io.h on Windows. */
#include "io.h"
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <winsock2.h>
/* Comes after the sockets. */
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "harness: %s: error %lu\n", what, GetLastError());
    fflush(stderr);
    TerminateProcess(GetCurrentProcess(), 98);
    abort();
}

void os_sockets_start(void)
{
    WSADATA data;
    static bool started;
    if (!started && WSAStartup(MAKEWORD(2, 2), &data) != 0)
        die("WSAStartup");
    started = true;
}

static bool is_socket(mproc_os_handle handle)
{
    int type, size = sizeof type;
    return getsockopt((SOCKET)handle, SOL_SOCKET, SO_TYPE, (char *)&type, &size) == 0;
}

void os_socket_pair(mproc_os_handle ret_ends[2])
{
    os_sockets_start();
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int size = sizeof address;
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0 ||
        connect(client, (struct sockaddr *)&address, size) != 0)
        die("a connection");
    SOCKET server = accept(listener, NULL, NULL);
    if (server == INVALID_SOCKET)
        die("accept");
    closesocket(listener);
    ret_ends[0] = (mproc_os_handle)client;
    ret_ends[1] = (mproc_os_handle)server;
}

void os_pipe(mproc_os_handle ret_ends[2])
{
    HANDLE ends[2];
    if (!CreatePipe(&ends[0], &ends[1], NULL, 0))
        die("CreatePipe");
    ret_ends[0] = (mproc_os_handle)ends[0];
    ret_ends[1] = (mproc_os_handle)ends[1];
}

mproc_os_handle os_file(const char *name)
{
    HANDLE file = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, CREATE_NEW,
                              FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        die(name);
    return (mproc_os_handle)file;
}

int os_read(mproc_os_handle handle, void *ret_data, int capacity)
{
    DWORD got = 0;
    if (is_socket(handle)) {
        int received = recv((SOCKET)handle, ret_data, capacity, 0);
        return received < 0 && (WSAGetLastError() == WSAECONNRESET || WSAGetLastError() == WSAECONNABORTED) ? 0
                                                                                                            : received;
    }
    if (ReadFile((HANDLE)handle, ret_data, (DWORD)capacity, &got, NULL))
        return (int)got;
    return GetLastError() == ERROR_BROKEN_PIPE ? 0 : -1;
}

int os_write(mproc_os_handle handle, const void *data, int size)
{
    DWORD sent = 0;
    if (is_socket(handle))
        return send((SOCKET)handle, data, size, 0);
    return WriteFile((HANDLE)handle, data, (DWORD)size, &sent, NULL) ? (int)sent : -1;
}

void os_close(mproc_os_handle handle)
{
    if (is_socket(handle) ? closesocket((SOCKET)handle) != 0 : !CloseHandle((HANDLE)handle))
        die("closing a handle");
}
