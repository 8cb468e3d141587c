/* endpoint_list.c: others' endpoints: finding them, sweeping what is left, and connecting to one.
 */
#include "endpoint.h"
#include "stream.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

/** A card as it was read. */
struct card {
    platform_found found;
    char name[PLATFORM__PIPE_NAME]; /**< of the pipe */
};

/** Told of one whose process lives. Returns false to be told of no more. */
typedef bool card_fn(const struct card *card, void *context);

/* ---- Reading ---- */

/** Whether it is the name of a card as ours are: written back it is the same. */
static bool is_card_name(const wchar_t *name, int64_t *ret_pid, uint64_t *ret_start_time)
{
    wchar_t own[PLATFORM__OWN_PATH], *end;
    *ret_pid = wcstoll(name, &end, 10);
    if (*ret_pid <= 0 || *end != L'-')
        return false;
    *ret_start_time = wcstoull(end + 1, NULL, 16);
    return platform__card_path(L"", *ret_pid, *ret_start_time, own) && wcscmp(own + 1, name) == 0;
}

static size_t read_text(const wchar_t *path, char *ret_text, size_t capacity)
{
    DWORD size = 0;
    HANDLE file = CALL(CreateFileW, path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                       OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return 0;
    if (!CALL(ReadFile, file, ret_text, (DWORD)capacity, &size, NULL))
        size = 0;
    CloseHandle(file);
    return size;
}

/** By other names, and by ways back from this one, files and devices would be opened. */
static bool is_pipe(const char *name)
{
    size_t prefix = strlen(PLATFORM__PIPE_PREFIX);
    return strncmp(name, PLATFORM__PIPE_PREFIX, prefix) == 0 && strpbrk(name + prefix, "\\/") == NULL;
}

/** Half a card, of a process that is about to write it, is none. */
static bool read_card(const wchar_t *path, struct card *card)
{
    char text[PLATFORM__PIPE_NAME + PLATFORM_CARD_SIZE + 2];
    size_t size = read_text(path, text, sizeof text);
    if (size == 0 || memchr(text, '\0', size) != NULL || text[size - 1] != '\n')
        return false;
    text[size - 1] = '\0';
    char *line = strchr(text, '\n');
    if (line == NULL || (size_t)(line - text) >= sizeof card->name || strlen(line + 1) >= PLATFORM_CARD_SIZE)
        return false;
    *line = '\0';
    strcpy(card->name, text);
    strcpy(card->found.card, line + 1);
    return is_pipe(card->name);
}

/* ---- Looking ---- */

/** Returns false to see no more. One that its process still has open cannot be deleted. */
static bool look_at(const wchar_t *directory, const wchar_t *name, card_fn *function, void *context)
{
    wchar_t path[PLATFORM__OWN_PATH];
    struct card card;
    platform_found *found = &card.found;
    if (!is_card_name(name, &found->pid, &found->start_time) ||
        !platform__card_path(directory, found->pid, found->start_time, path))
        return true;
    if (platform_is_alive(found->pid, found->start_time))
        return !read_card(path, &card) || function(&card, context);
    DeleteFileW(path);
    return true;
}

static int look_through(card_fn *function, void *context)
{
    wchar_t directory[PLATFORM__OWN_PATH], pattern[PLATFORM__OWN_PATH];
    WIN32_FIND_DATAW entry;
    int code = platform__own_directory(false, directory);
    if (code < 0)
        return code == MPROC_E_NOT_FOUND ? 0 : code;
    if (swprintf(pattern, PLATFORM__OWN_PATH, L"%ls\\*.card", directory) < 0)
        return platform__fail_text(MPROC_E_LIMIT, "the path of LOCALAPPDATA is too long");
    HANDLE search = CALL(FindFirstFileW, pattern, &entry);
    if (search == INVALID_HANDLE_VALUE)
        return GetLastError() == ERROR_FILE_NOT_FOUND ? 0 : platform__fail(MPROC_E_OS, "FindFirstFileW");
    while (look_at(directory, entry.cFileName, function, context) && FindNextFileW(search, &entry))
        continue;
    FindClose(search);
    return 0;
}

/* Pipes have names and no place, and the cards' directory is none that anybody has heard of. */
int platform_endpoint_place(char *ret_path, size_t capacity)
{
    (void)ret_path, (void)capacity;
    return platform__fail_text(MPROC_E_NOT_SUPPORTED, "endpoints are pipes, which are in no directory");
}

/* ---- The list ---- */

struct listing {
    platform_found_fn *visit;
    void *user;
};

static bool show(const struct card *card, void *context)
{
    const struct listing *listing = context;
    return listing->visit(&card->found, listing->user);
}

int platform_endpoint_list(platform_found_fn *visit, void *user)
{
    struct listing listing = { visit, user };
    return look_through(show, &listing);
}

/* ---- Connecting ---- */

struct connecting {
    int64_t pid;
    platform_stream *stream;
    int code;
};

/** The time that an endpoint which accepts needs to listen again. */
#define BUSY_TRIES   3
#define BUSY_WAIT_MS 20

/** The server may know who we are, and not act as if he were we. */
static HANDLE open_pipe(const wchar_t *name)
{
    const DWORD flags = FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION;
    for (int i = 0;; i++) {
        HANDLE pipe = CALL(CreateFileW, name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, flags, NULL);
        if (pipe != INVALID_HANDLE_VALUE || GetLastError() != ERROR_PIPE_BUSY || i == BUSY_TRIES)
            return pipe;
        WaitNamedPipeW(name, BUSY_WAIT_MS);
        SetLastError(ERROR_PIPE_BUSY);
    }
}

static int fail_open(void)
{
    switch (GetLastError()) {
    case ERROR_PIPE_BUSY:
        return platform__fail_text(MPROC_E_FULL, "the process does not answer: is it stopped?");
    case ERROR_FILE_NOT_FOUND:
        return MPROC_E_NOT_FOUND;
    case ERROR_ACCESS_DENIED:
        return platform__fail_text(MPROC_E_FOREIGN, "the process lets this one not in: does it run as another user, or "
                                                    "as administrator?");
    default:
        return platform__fail(MPROC_E_OS, "opening a pipe");
    }
}

/** Whoever was faster may have made a pipe of that name. pid: of the server that was meant; 0: any of this user's. */
static int check_server(HANDLE pipe, int64_t pid, ULONG *ret_server)
{
    if (!GetNamedPipeServerProcessId(pipe, ret_server))
        return platform__fail_text(MPROC_E_FOREIGN, "nobody can say whose pipe it is");
    if (pid != 0 && *ret_server != pid)
        return platform__fail_text(MPROC_E_FOREIGN, "another process answers in the place of the one that was meant");
    return platform__own_process(*ret_server) ? 0
                                              : platform__fail_text(MPROC_E_FOREIGN, "it is a process of another user");
}

/** pid: as above. */
static int connect_to(const char *address, int64_t pid, platform_stream **ret_stream)
{
    ULONG server = 0;
    wchar_t *name = platform__widen(address);
    if (name == NULL)
        return platform__fail(MPROC_E_NO_MEMORY, "the name of a pipe");
    HANDLE pipe = open_pipe(name);
    int code = pipe != INVALID_HANDLE_VALUE ? 0 : fail_open();
    free(name);
    if (code < 0)
        return code;
    code = check_server(pipe, pid, &server);
    if (code < 0) {
        CloseHandle(pipe);
        return code;
    }
    return platform__stream_new(pipe, server, ret_stream);
}

static bool connect_found(const struct card *card, void *context)
{
    struct connecting *connecting = context;
    if (card->found.pid != connecting->pid)
        return true;
    connecting->code = connect_to(card->name, card->found.pid, &connecting->stream);
    return connecting->code == MPROC_E_NOT_FOUND;
}

int platform_stream_connect(int64_t pid, platform_stream **ret_stream)
{
    struct connecting connecting = { .pid = pid, .code = MPROC_E_NOT_FOUND };
    int code = look_through(connect_found, &connecting);
    if (code == 0)
        code = connecting.code;
    if (code == 0)
        *ret_stream = connecting.stream;
    return code != MPROC_E_NOT_FOUND
               ? code
               : platform__fail_text(code, platform_is_alive(pid, 0)
                                               ? "the process has no endpoint that this user can find"
                                               : "there is no such process");
}

int platform_stream_connect_to(const char *address, platform_stream **ret_stream)
{
    if (!is_pipe(address))
        return platform__fail_text(MPROC_E_INVALID, "the name of a pipe is " PLATFORM__PIPE_PREFIX "NAME");
    int code = connect_to(address, 0, ret_stream);
    return code == MPROC_E_NOT_FOUND ? platform__fail_text(code, "nobody listens there") : code;
}
