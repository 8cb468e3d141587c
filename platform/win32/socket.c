/* socket.c: sockets, which are handles of the system, and more.
 *
 * The library of sockets keeps an account of those that it has made in this process: another handle for the same socket
 * is none to it before it was made known, and what it knows must be closed by it. It is asked if the program has loaded
 * it, as every program that has a socket has; the port itself does without.
 */
/* Before windows.h. */
#include <winsock2.h>

#include "internal.h"

typedef void any_call(void);

static any_call *find(const char *name)
{
    HMODULE library = GetModuleHandleW(L"ws2_32.dll");
    return library != NULL ? (any_call *)GetProcAddress(library, name) : NULL;
}

/* A socket is a pipe to the system that is none of the named ones, of which the anonymous are a kind. */
static bool is_socket(HANDLE handle)
{
    DWORD flags;
    return GetFileType(handle) == FILE_TYPE_PIPE && !GetNamedPipeInfo(handle, &flags, NULL, NULL, NULL);
}

HANDLE platform__socket_known(HANDLE handle)
{
    __typeof__(&WSADuplicateSocketW) describe = (__typeof__(&WSADuplicateSocketW))find("WSADuplicateSocketW");
    __typeof__(&WSASocketW) make = (__typeof__(&WSASocketW))find("WSASocketW");
    WSAPROTOCOL_INFOW description;
    if (describe == NULL || make == NULL || !is_socket(handle) ||
        describe((SOCKET)handle, GetCurrentProcessId(), &description) != 0)
        return handle;
    SOCKET known =
        make(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &description, 0, WSA_FLAG_OVERLAPPED);
    if (known == INVALID_SOCKET)
        return handle;
    platform__handle_make_private((platform_handle)known);
    platform__socket_close(handle);
    return (HANDLE)known;
}

bool platform__socket_close(HANDLE handle)
{
    __typeof__(&closesocket) end = (__typeof__(&closesocket))find("closesocket");
    if (end != NULL && is_socket(handle) && end((SOCKET)handle) == 0)
        return true;
    return CloseHandle(handle);
}
