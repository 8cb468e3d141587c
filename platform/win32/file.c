/* file.c: files, as a whole or piece by piece. In a directory of the user's they are his own, as all that he makes
 * there.
 */
#include "internal.h"

static HANDLE open_file(const char *path, DWORD access, DWORD disposition)
{
    wchar_t *wide = platform__widen(path);
    if (wide == NULL)
        return INVALID_HANDLE_VALUE;
    DWORD share = FILE_SHARE_READ | FILE_SHARE_DELETE | (access == GENERIC_READ ? FILE_SHARE_WRITE : 0);
    HANDLE file = CALL(CreateFileW, wide, access, share, NULL, disposition, FILE_ATTRIBUTE_NORMAL, NULL);
    free(wide);
    return file;
}

/* ---- Writing ---- */

/** Returns how many were, all but after an error. */
static size_t write_all(HANDLE file, const void *bytes, size_t size)
{
    const char *data = bytes;
    size_t done = 0;
    while (done < size) {
        DWORD written = 0;
        size_t left = size - done;
        if (!CALL(WriteFile, file, data + done, left > 0x40000000 ? 0x40000000 : (DWORD)left, &written, NULL))
            break;
        done += written;
    }
    return done;
}

static void remove_file(const char *path)
{
    wchar_t *wide = platform__widen(path);
    if (wide != NULL)
        DeleteFileW(wide);
    free(wide);
}

/** Without the right to delete it, which most who read files do not grant: they could not while this is open. */
int platform_file_begin(const char *path, const mproc_view *parts, int part_count, platform_handle *ret_file)
{
    HANDLE file = open_file(path, GENERIC_WRITE, CREATE_NEW);
    if (file == INVALID_HANDLE_VALUE)
        return platform__fail(GetLastError() == ERROR_FILE_EXISTS ? MPROC_E_EXISTS : MPROC_E_OS, path);
    bool written = true;
    for (int i = 0; i < part_count && written; i++)
        written = write_all(file, parts[i].data, parts[i].size) == parts[i].size;
    if (written) {
        *ret_file = (platform_handle)file;
        return 0;
    }
    int code = platform__fail(MPROC_E_OS, path);
    remove_file(path);
    CloseHandle(file);
    return code;
}

int platform_file_create(const char *path, const mproc_view *parts, int part_count)
{
    platform_handle file;
    int code = platform_file_begin(path, parts, part_count, &file);
    if (code == 0)
        platform_handle_close(file);
    return code;
}

int platform_file_append(platform_handle file, const void *bytes, size_t size, size_t *ret_done)
{
    *ret_done = write_all((HANDLE)file, bytes, size);
    return *ret_done == size ? 0 : platform__fail(MPROC_E_OS, "WriteFile");
}

int platform_file_take_back(platform_handle file, size_t size)
{
    LARGE_INTEGER distance = { .QuadPart = -(LONGLONG)size };
    bool is_back = SetFilePointerEx((HANDLE)file, distance, NULL, FILE_CURRENT) && SetEndOfFile((HANDLE)file);
    return is_back ? 0 : platform__fail(MPROC_E_OS, "SetEndOfFile");
}

/* ---- Reading ---- */

static int read_all(HANDLE file, const char *path, char *data, size_t size)
{
    for (size_t used = 0; used < size;) {
        DWORD read = 0;
        size_t left = size - used;
        if (!CALL(ReadFile, file, data + used, left > 0x40000000 ? 0x40000000 : (DWORD)left, &read, NULL))
            return platform__fail(MPROC_E_OS, path);
        if (read == 0)
            return platform__fail_error(MPROC_E_OS, path, ERROR_HANDLE_EOF);
        used += read;
    }
    return 0;
}

static int read_open(HANDLE file, const char *path, size_t limit, void **ret_data, size_t *ret_size)
{
    LARGE_INTEGER length;
    if (!GetFileSizeEx(file, &length))
        return platform__fail(MPROC_E_OS, path);
    if ((uint64_t)length.QuadPart > limit)
        return platform__fail_text(MPROC_E_LIMIT, "the file is too large");
    size_t size = (size_t)length.QuadPart;
    char *data = CALL(malloc, size + 1);
    if (data == NULL)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a file");
    int code = read_all(file, path, data, size);
    if (code < 0) {
        free(data);
        return code;
    }
    *ret_data = data;
    *ret_size = size;
    return 0;
}

int platform_file_read(const char *path, size_t limit, void **ret_data, size_t *ret_size)
{
    HANDLE file = open_file(path, GENERIC_READ, OPEN_EXISTING);
    if (file == INVALID_HANDLE_VALUE)
        return platform__fail(MPROC_E_OS, path);
    int code = read_open(file, path, limit, ret_data, ret_size);
    CloseHandle(file);
    return code;
}

int platform_file_open(const char *path, platform_handle *ret_file)
{
    HANDLE file = open_file(path, GENERIC_READ, OPEN_EXISTING);
    if (file == INVALID_HANDLE_VALUE)
        return platform__fail(MPROC_E_OS, path);
    *ret_file = (platform_handle)file;
    return 0;
}

int platform_file_next(platform_handle file, void *bytes, size_t capacity, size_t *ret_size)
{
    DWORD length = 0;
    if (!CALL(ReadFile, (HANDLE)file, bytes, capacity > 0x40000000 ? 0x40000000 : (DWORD)capacity, &length, NULL))
        return platform__fail(MPROC_E_OS, "ReadFile");
    *ret_size = length;
    return 0;
}

/* ---- Keeping ---- */

int platform_file_flush(const char *path)
{
    HANDLE file = open_file(path, GENERIC_WRITE, OPEN_EXISTING);
    if (file == INVALID_HANDLE_VALUE)
        return platform__fail(MPROC_E_OS, path);
    int code = CALL(FlushFileBuffers, file) ? 0 : platform__fail(MPROC_E_OS, path);
    CloseHandle(file);
    return code;
}
