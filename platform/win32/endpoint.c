/* endpoint.c: this process's endpoint.
 */
#include "endpoint.h"
#include "stream.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define PIPE_ROOM 65536

/* ---- Listening ---- */

static HANDLE make_pipe(platform_endpoint *endpoint, DWORD first)
{
    HANDLE pipe = CALL(CreateNamedPipeW, endpoint->name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | first,
                       PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
                       PIPE_UNLIMITED_INSTANCES, PIPE_ROOM, PIPE_ROOM, 0, &endpoint->own.attributes);
    return pipe != INVALID_HANDLE_VALUE ? pipe : NULL;
}

static void stop_listening(struct platform__listener *listener)
{
    DWORD size;
    if (listener->pipe == NULL)
        return;
    if (!listener->connected) {
        CancelIoEx(listener->pipe, &listener->connection);
        GetOverlappedResult(listener->pipe, &listener->connection, &size, TRUE);
    }
    CloseHandle(listener->pipe);
    listener->pipe = NULL;
}

/** One who has come and gone in between, which is ERROR_NO_DATA, is accepted too, and found gone then. */
static bool start_listening(platform_endpoint *endpoint, struct platform__listener *listener, DWORD first)
{
    HANDLE pipe = make_pipe(endpoint, first);
    if (pipe == NULL)
        return false;
    DWORD error = CALL(ConnectNamedPipe, pipe, &listener->connection) ? ERROR_IO_PENDING : GetLastError();
    listener->connected = error == ERROR_PIPE_CONNECTED || error == ERROR_NO_DATA;
    if (error != ERROR_IO_PENDING && !listener->connected) {
        CloseHandle(pipe);
        SetLastError(error);
        return false;
    }
    listener->pipe = pipe;
    if (listener->connected)
        SetEvent(listener->connection.hEvent);
    return true;
}

bool platform__endpoint_listen(platform_endpoint *endpoint)
{
    bool all = true;
    for (int i = 0; i < PLATFORM__LISTENERS; i++) {
        struct platform__listener *listener = &endpoint->listeners[i];
        all = (listener->pipe != NULL || start_listening(endpoint, listener, 0)) && all;
    }
    return all;
}

/** Whether somebody has connected. What a thread had begun that has ended since, is begun again. */
static bool is_connected(platform_endpoint *endpoint, struct platform__listener *listener)
{
    DWORD size;
    if (listener->pipe == NULL || listener->connected)
        return listener->pipe != NULL;
    if (GetOverlappedResult(listener->pipe, &listener->connection, &size, FALSE))
        return true;
    if (GetLastError() != ERROR_IO_INCOMPLETE) {
        CloseHandle(listener->pipe);
        listener->pipe = NULL;
        start_listening(endpoint, listener, 0);
    }
    return false;
}

int platform_endpoint_accept(platform_endpoint *endpoint, platform_stream **ret_stream)
{
    for (int i = 0; i < PLATFORM__LISTENERS; i++) {
        struct platform__listener *listener = &endpoint->listeners[i];
        if (!is_connected(endpoint, listener))
            continue;
        ULONG peer = 0;
        HANDLE pipe = listener->pipe;
        GetNamedPipeClientProcessId(pipe, &peer);
        listener->pipe = NULL;
        /* Another one can come before this one has a stream. Without one to listen, the next wait tries again. */
        start_listening(endpoint, listener, 0);
        return platform__stream_new(pipe, peer, ret_stream);
    }
    *ret_stream = NULL;
    return 0;
}

int platform_endpoint_rouse(const platform_endpoint *endpoint)
{
    (void)endpoint;
    return platform__fail_text(MPROC_E_NOT_SUPPORTED, "no event can be lost");
}

/* ---- The name ---- */

static int choose_name(platform_endpoint *endpoint)
{
    uint64_t chance[2];
    int code = platform_random(chance, sizeof chance);
    if (code == 0)
        swprintf(endpoint->name, PLATFORM__PIPE_NAME, L"" PLATFORM__PIPE_PREFIX "mproc-%lu-%016llx%016llx",
                 (unsigned long)GetCurrentProcessId(), (unsigned long long)chance[0], (unsigned long long)chance[1]);
    return code;
}

static int open_pipes(platform_endpoint *endpoint)
{
    int code = choose_name(endpoint);
    if (code == 0)
        code = platform__own_make(&endpoint->own);
    if (code < 0)
        return code;
    for (int i = 0; i < PLATFORM__LISTENERS; i++) {
        struct platform__listener *listener = &endpoint->listeners[i];
        listener->connection.hEvent = CALL(CreateEventW, NULL, TRUE, FALSE, NULL);
        if (listener->connection.hEvent == NULL)
            return platform__fail(MPROC_E_OS, "CreateEventW");
        if (!start_listening(endpoint, listener, i == 0 ? FILE_FLAG_FIRST_PIPE_INSTANCE : 0))
            return platform__fail(MPROC_E_OS, "CreateNamedPipeW");
    }
    return 0;
}

/* ---- The card ---- */

bool platform__card_path(const wchar_t *directory, int64_t pid, uint64_t start_time,
                         wchar_t ret_path[PLATFORM__OWN_PATH])
{
    return swprintf(ret_path, PLATFORM__OWN_PATH, L"%ls\\%lld-%llx.card", directory, (long long)pid,
                    (unsigned long long)start_time) > 0;
}

/* Readers may have a card open for a moment that was removed; who has it for longer than this is this process. */
#define OPEN_TRIES 100

static bool is_in_use(DWORD error)
{
    return error == ERROR_SHARING_VIOLATION || error == ERROR_ACCESS_DENIED || error == ERROR_DELETE_PENDING;
}

static int open_card(platform_endpoint *endpoint, const wchar_t *path)
{
    for (int i = 0; i < OPEN_TRIES; i++) {
        endpoint->card = CALL(CreateFileW, path, GENERIC_WRITE | DELETE, FILE_SHARE_READ, NULL, CREATE_ALWAYS,
                              FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, NULL);
        if (endpoint->card != INVALID_HANDLE_VALUE)
            return 0;
        if (!is_in_use(GetLastError()))
            break;
        Sleep(1);
    }
    bool taken = GetLastError() == ERROR_SHARING_VIOLATION;
    return taken ? platform__fail_text(MPROC_E_EXISTS, "this process has an endpoint already")
                 : platform__fail(MPROC_E_OS, "the card of an endpoint");
}

/** Two lines; the end of the second says that all is there. */
static int write_card(platform_endpoint *endpoint, const char *card)
{
    char text[PLATFORM__PIPE_NAME + PLATFORM_CARD_SIZE + 2];
    int length = snprintf(text, sizeof text, "%ls\n%s\n", endpoint->name, card);
    DWORD written;
    if (!CALL(WriteFile, endpoint->card, text, (DWORD)length, &written, NULL) || written != (DWORD)length)
        return platform__fail(MPROC_E_OS, "writing the card of an endpoint");
    return 0;
}

static int make_card(platform_endpoint *endpoint, const char *card)
{
    wchar_t directory[PLATFORM__OWN_PATH], path[PLATFORM__OWN_PATH];
    int code = platform__own_directory(true, directory);
    if (code < 0)
        return code;
    if (!platform__card_path(directory, GetCurrentProcessId(), platform_self_start_time(), path))
        return platform__fail_text(MPROC_E_LIMIT, "the path of LOCALAPPDATA is too long");
    code = open_card(endpoint, path);
    return code == 0 ? write_card(endpoint, card) : code;
}

/* ---- All of it ---- */

static bool is_card(const char *card)
{
    return card != NULL && card[0] != '\0' && strlen(card) < PLATFORM_CARD_SIZE && strchr(card, '\n') == NULL;
}

int platform_endpoint_create(const char *card, platform_endpoint **ret_endpoint)
{
    if (!is_card(card))
        return platform__fail_text(MPROC_E_INVALID, "a card is one line of 1 to 1000 bytes");
    platform_endpoint *endpoint = CALL(malloc, sizeof *endpoint);
    if (endpoint == NULL)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for an endpoint");
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->card = INVALID_HANDLE_VALUE;
    int code = open_pipes(endpoint);
    if (code == 0)
        code = make_card(endpoint, card);
    if (code < 0)
        platform_endpoint_free(endpoint);
    else
        *ret_endpoint = endpoint;
    return code;
}

void platform_endpoint_free(platform_endpoint *endpoint)
{
    if (endpoint == NULL)
        return;
    if (endpoint->card != INVALID_HANDLE_VALUE)
        CloseHandle(endpoint->card);
    for (int i = 0; i < PLATFORM__LISTENERS; i++) {
        stop_listening(&endpoint->listeners[i]);
        if (endpoint->listeners[i].connection.hEvent != NULL)
            CloseHandle(endpoint->listeners[i].connection.hEvent);
    }
    free(endpoint);
}
