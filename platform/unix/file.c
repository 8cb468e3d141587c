/* Whole files, written for their owner alone and read. */
#define _GNU_SOURCE
#include "platform.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/handle.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Writing ---- */

static bool write_all(int fd, const mproc_view *part)
{
    const char *data = part->data;
    size_t left = part->size;
    while (left > 0) {
        ssize_t length = write(fd, data, left);
        if (length < 0 && errno != EINTR)
            return false;
        data += length > 0 ? length : 0;
        left -= length > 0 ? (size_t)length : 0;
    }
    return true;
}

static int open_private(const char *path)
{
    bool locked = platform__descriptors_lock();
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    return platform__adopt_unlock(locked, fd);
}

static int create(const char *path, const mproc_view *parts, int part_count)
{
    int fd = open_private(path);
    if (fd < 0)
        return platform__fail(errno == EEXIST ? MPROC_E_EXISTS : MPROC_E_OS, path);
    bool written = true;
    for (int i = 0; i < part_count && written; i++)
        written = write_all(fd, &parts[i]);
    int code = written ? 0 : platform__fail(MPROC_E_OS, path);
    platform_handle_close(fd);
    if (code < 0)
        unlink(path);
    return code;
}

int platform_file_create(const char *path, const mproc_view *parts, int part_count)
{
    int cancel = platform_cancel_hold();
    int code = create(path, parts, part_count);
    platform_cancel_release(cancel);
    return code;
}

/* ---- Reading ---- */

static int read_all(int fd, const char *path, char *data, size_t size)
{
    for (size_t used = 0; used < size;) {
        ssize_t length = platform_calls.read(fd, data + used, size - used);
        if (length == 0)
            return platform__fail_text(MPROC_E_OS, "%s: it has become shorter", path);
        if (length < 0 && errno != EINTR)
            return platform__fail(MPROC_E_OS, path);
        used += length > 0 ? (size_t)length : 0;
    }
    return 0;
}

static int read_open(int fd, const char *path, size_t limit, void **ret_data, size_t *ret_size)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return platform__fail(MPROC_E_OS, path);
    if (!S_ISREG(status.st_mode))
        return platform__fail_text(MPROC_E_OS, "%s: it is no file", path);
    if ((uint64_t)status.st_size > limit)
        return platform__fail_text(MPROC_E_LIMIT, "%s: it has %lld bytes", path, (long long)status.st_size);
    size_t size = (size_t)status.st_size;
    char *data = malloc(size + 1);
    if (!data)
        return platform__fail_text(MPROC_E_NO_MEMORY, "%s: no memory for %zu bytes", path, size);
    int code = read_all(fd, path, data, size);
    if (code < 0) {
        free(data);
        return code;
    }
    *ret_data = data;
    *ret_size = size;
    return 0;
}

static int read_file(const char *path, size_t limit, void **ret_data, size_t *ret_size)
{
    int fd = platform__open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        return platform__fail(MPROC_E_OS, path);
    int code = read_open(fd, path, limit, ret_data, ret_size);
    platform_handle_close(fd);
    return code;
}

int platform_file_read(const char *path, size_t limit, void **ret_data, size_t *ret_size)
{
    int cancel = platform_cancel_hold();
    int code = read_file(path, limit, ret_data, ret_size);
    platform_cancel_release(cancel);
    return code;
}
