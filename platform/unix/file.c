/* Files, written for their owner alone and read, as a whole or piece by piece. */
#define _GNU_SOURCE
#include "unix/file.h"
#include "platform.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/handle.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Writing ---- */

/* At RLIMIT_FSIZE a write would not only fail but send SIGXFSZ, which ends the program. One that begins below it writes
 * what there is room for. */
static ssize_t write_some(int fd, const char *data, size_t size)
{
    struct rlimit allowed;
    bool is_limited = getrlimit(RLIMIT_FSIZE, &allowed) == 0 && allowed.rlim_cur != RLIM_INFINITY;
    off_t place = is_limited ? lseek(fd, 0, SEEK_CUR) : -1;
    if (place >= 0 && (rlim_t)place >= allowed.rlim_cur) {
        errno = EFBIG;
        return -1;
    }
    return platform_calls.write(fd, data, size);
}

size_t platform__file_write(int fd, const void *bytes, size_t size)
{
    const char *data = bytes;
    size_t done = 0;
    while (done < size) {
        ssize_t length = write_some(fd, data + done, size - done);
        if (length < 0 && errno != EINTR)
            break;
        done += length > 0 ? (size_t)length : 0;
    }
    return done;
}

static int open_private(const char *path)
{
    bool locked = platform__descriptors_lock();
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    return platform__adopt_unlock(locked, fd);
}

/* Returns the descriptor, or what went wrong. */
static int begin(const char *path, const mproc_view *parts, int part_count)
{
    int fd = open_private(path);
    if (fd < 0)
        return platform__fail(errno == EEXIST ? MPROC_E_EXISTS : MPROC_E_OS, path);
    bool written = true;
    for (int i = 0; i < part_count && written; i++)
        written = platform__file_write(fd, parts[i].data, parts[i].size) == parts[i].size;
    if (written)
        return fd;
    int code = platform__fail(MPROC_E_OS, path);
    platform_handle_close(fd);
    unlink(path);
    return code;
}

int platform_file_begin(const char *path, const mproc_view *parts, int part_count, platform_handle *ret_file)
{
    int cancel = platform_cancel_hold();
    int fd = begin(path, parts, part_count);
    platform_cancel_release(cancel);
    if (fd < 0)
        return fd;
    *ret_file = fd;
    return 0;
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
    int cancel = platform_cancel_hold();
    *ret_done = platform__file_write((int)file, bytes, size);
    int code = *ret_done == size ? 0 : platform__fail(MPROC_E_OS, "write");
    platform_cancel_release(cancel);
    return code;
}

int platform_file_take_back(platform_handle file, size_t size)
{
    off_t end = lseek((int)file, -(off_t)size, SEEK_CUR);
    return end >= 0 && ftruncate((int)file, end) == 0 ? 0 : platform__fail(MPROC_E_OS, "ftruncate");
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

/* Not waiting: of what is no file, a FIFO for instance, opening it alone might never end. */
static int open_file(const char *path, int *ret_fd, struct stat *ret_status)
{
    int fd = platform__open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, ret_status) != 0) {
        platform__fail(MPROC_E_OS, path);
        platform_handle_close(fd);
        return MPROC_E_OS;
    }
    if (!S_ISREG(ret_status->st_mode)) {
        platform_handle_close(fd);
        return platform__fail_text(MPROC_E_OS, "%s: it is no file", path);
    }
    *ret_fd = fd;
    return 0;
}

static int read_open(int fd, const char *path, const struct stat *status, size_t limit, void **ret_data,
                     size_t *ret_size)
{
    if ((uint64_t)status->st_size > limit)
        return platform__fail_text(MPROC_E_LIMIT, "%s: it has %lld bytes", path, (long long)status->st_size);
    size_t size = (size_t)status->st_size;
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
    struct stat status;
    int fd = -1, code = open_file(path, &fd, &status);
    if (code < 0)
        return code;
    code = read_open(fd, path, &status, limit, ret_data, ret_size);
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

int platform_file_open(const char *path, platform_handle *ret_file)
{
    struct stat status;
    int fd = -1, cancel = platform_cancel_hold();
    int code = open_file(path, &fd, &status);
    platform_cancel_release(cancel);
    if (code == 0)
        *ret_file = fd;
    return code;
}

int platform_file_next(platform_handle file, void *bytes, size_t capacity, size_t *ret_size)
{
    int cancel = platform_cancel_hold();
    ssize_t length;
    do
        length = platform_calls.read((int)file, bytes, capacity);
    while (length < 0 && errno == EINTR);
    int code = length < 0 ? platform__fail(MPROC_E_OS, "read") : 0;
    platform_cancel_release(cancel);
    if (code == 0)
        *ret_size = (size_t)length;
    return code;
}

/* ---- Keeping ---- */

/* What cannot be written any more the system tells whoever asks first, though he has opened the file since. */
int platform_file_flush(const char *path)
{
    struct stat status;
    int fd = -1, cancel = platform_cancel_hold();
    int code = open_file(path, &fd, &status), result = 0;
    while (code == 0 && (result = platform_calls.fsync(fd)) != 0 && errno == EINTR)
        continue;
    if (code == 0 && result != 0)
        code = platform__fail(MPROC_E_OS, path);
    platform_handle_close(fd);
    platform_cancel_release(cancel);
    return code;
}
