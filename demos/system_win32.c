/* system.h for Windows. */
#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <shellapi.h>

double system_now(void)
{
    LARGE_INTEGER count, frequency;
    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return (double)count.QuadPart / (double)frequency.QuadPart;
}

void system_sleep(double seconds)
{
    if (seconds > 0)
        Sleep((DWORD)(seconds * 1000));
}

int system_is_terminal(FILE *stream)
{
    return _isatty(_fileno(stream));
}

void system_binary_stdout(void)
{
    _setmode(_fileno(stdout), _O_BINARY);
}

static char *utf8_of(const wchar_t *text)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
    char *result = size > 0 ? malloc((size_t)size) : NULL;
    if (result)
        WideCharToMultiByte(CP_UTF8, 0, text, -1, result, size, NULL, NULL);
    return result;
}

static void to_slashes(char *path)
{
    for (; *path; path++)
        if (*path == '\\')
            *path = '/';
}

void system_arguments(int *argc, char ***argv)
{
    int count;
    LPWSTR *wide = CommandLineToArgvW(GetCommandLineW(), &count);
    char **utf8 = wide ? calloc((size_t)count + 1, sizeof *utf8) : NULL;
    if (!utf8)
        return;
    for (int i = 0; i < count; i++) {
        utf8[i] = utf8_of(wide[i]);
        if (!utf8[i])
            return;
        /* sha256sum's format escapes backslashes, so that native separators would escape every line. */
        to_slashes(utf8[i]);
    }
    LocalFree(wide);
    *argc = count;
    *argv = utf8;
}

static int errno_of(DWORD error)
{
    switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
        return ENOENT;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
        return EACCES;
    case ERROR_DIRECTORY:
        return ENOTDIR;
    case ERROR_NOT_ENOUGH_MEMORY:
        return ENOMEM;
    default:
        return EIO;
    }
}

/* The wide, absolute form with the prefix that lifts the limit of 260 characters. suffix: NULL, or a pattern.
 * Paths of servers ("//server/share") are left as they are and keep the limit. */
static wchar_t *wide_of(const char *path, const wchar_t *suffix)
{
    int size = MultiByteToWideChar(CP_UTF8, 0, path, -1, NULL, 0);
    wchar_t *relative = size > 0 ? malloc((size_t)size * sizeof *relative) : NULL;
    if (!relative)
        return NULL;
    MultiByteToWideChar(CP_UTF8, 0, path, -1, relative, size);
    DWORD length = GetFullPathNameW(relative, 0, NULL, NULL);
    size_t room = (size_t)length + 4 + 2 + (suffix ? wcslen(suffix) : 0) + 1;
    wchar_t *full = length ? malloc(room * sizeof *full) : NULL;
    if (full) {
        wchar_t *start = wcsncmp(relative, L"//", 2) == 0 ? full : wcscpy(full, L"\\\\?\\") + 4;
        DWORD written = GetFullPathNameW(relative, length, start, NULL);
        if (suffix && written && start[written - 1] != L'\\')
            wcscat(start, L"\\");
        if (suffix)
            wcscat(start, suffix);
    }
    free(relative);
    return full;
}

static int append(system_entry **entries, size_t *count, const WIN32_FIND_DATAW *found)
{
    /* Reparse points are Windows' links; what lies behind them is not this tree's. */
    if (found->dwFileAttributes & (FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_DEVICE))
        return 0;
    if (wcscmp(found->cFileName, L".") == 0 || wcscmp(found->cFileName, L"..") == 0)
        return 0;
    /* Room is doubled whenever the count reaches a power of two. */
    if ((*count & (*count - 1)) == 0) {
        system_entry *grown = realloc(*entries, (*count ? *count * 2 : 1) * sizeof **entries);
        if (!grown)
            return -ENOMEM;
        *entries = grown;
    }
    char *name = utf8_of(found->cFileName);
    if (!name)
        return -ENOMEM;
    (*entries)[(*count)++] = (system_entry){ name, (found->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0 };
    return 0;
}

int system_list(const char *path, system_entry **ret_entries, size_t *ret_count)
{
    wchar_t *pattern = wide_of(path, L"*");
    if (!pattern)
        return -ENOMEM;
    WIN32_FIND_DATAW found;
    HANDLE search = FindFirstFileW(pattern, &found);
    DWORD error = GetLastError();
    free(pattern);
    if (search == INVALID_HANDLE_VALUE && error != ERROR_FILE_NOT_FOUND)
        return -errno_of(error);

    system_entry *entries = NULL;
    size_t count = 0;
    int code = 0;
    if (search != INVALID_HANDLE_VALUE) {
        do {
            code = append(&entries, &count, &found);
        } while (code == 0 && FindNextFileW(search, &found));
        if (code == 0 && GetLastError() != ERROR_NO_MORE_FILES)
            code = -errno_of(GetLastError());
        FindClose(search);
    }
    if (code < 0) {
        system_list_free(entries, count);
        return code;
    }
    *ret_entries = entries;
    *ret_count = count;
    return 0;
}

void system_list_free(system_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(entries[i].name);
    free(entries);
}

int system_stat(const char *path, system_kind *ret_kind, uint64_t *ret_size)
{
    wchar_t *wide = wide_of(path, NULL);
    if (!wide)
        return -ENOMEM;
    WIN32_FILE_ATTRIBUTE_DATA data;
    BOOL known = GetFileAttributesExW(wide, GetFileExInfoStandard, &data);
    DWORD error = GetLastError();
    free(wide);
    if (!known)
        return -errno_of(error);
    *ret_kind = data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ? SYSTEM_DIRECTORY : SYSTEM_FILE;
    *ret_size = (uint64_t)data.nFileSizeHigh << 32 | data.nFileSizeLow;
    return 0;
}

int system_open(const char *path)
{
    wchar_t *wide = wide_of(path, NULL);
    if (!wide)
        return -ENOMEM;
    HANDLE handle = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    DWORD error = GetLastError();
    free(wide);
    if (handle == INVALID_HANDLE_VALUE)
        return -errno_of(error);
    int file = _open_osfhandle((intptr_t)handle, _O_RDONLY | _O_BINARY);
    if (file < 0) {
        CloseHandle(handle);
        return -EMFILE;
    }
    return file;
}

long system_read(int file, void *buffer, size_t size)
{
    int got = _read(file, buffer, (unsigned)size);
    return got < 0 ? -errno : got;
}

void system_close(int file)
{
    _close(file);
}

/* The directory that this program lies in. */
static char *program_directory(void)
{
    wchar_t path[4096];
    DWORD length = GetModuleFileNameW(NULL, path, sizeof path / sizeof *path);
    if (length == 0 || length == sizeof path / sizeof *path)
        return NULL;
    wchar_t *name = wcsrchr(path, L'\\');
    if (name)
        *name = L'\0';
    return utf8_of(path);
}

const char *system_documentation(void)
{
    /* Some systems have a help directory and nothing in it. */
    static char help[MAX_PATH + 8];
    const char *windows = getenv("WINDIR");
    system_entry *entries;
    size_t count = 0;
    if (windows && strlen(windows) < MAX_PATH) {
        strcat(strcpy(help, windows), "/Help");
        to_slashes(help);
        if (system_list(help, &entries, &count) == 0)
            system_list_free(entries, count);
    }
    if (count > 0)
        return help;
    char *own = program_directory();
    if (own)
        to_slashes(own);
    return own ? own : ".";
}

void (*system_load(const char *path, const char *function))(void)
{
    wchar_t *wide = wide_of(path, NULL);
    HMODULE module = wide ? LoadLibraryW(wide) : NULL;
    FARPROC found = module ? GetProcAddress(module, function) : NULL;
    if (found == NULL)
        fprintf(stderr, "%s: error %lu\n", path, GetLastError());
    free(wide);
    return (void (*)(void))found;
}
