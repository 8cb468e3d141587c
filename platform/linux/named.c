/* Named segments: files in /dev/shm, as shm_open makes them, so that other programs find them by it.
 *
 * A file is made without a name and given one when it is complete: a death before leaves nothing.
 *
 * Whoever has the segment open holds a shared lock on the file, which the kernel takes back when he dies, however he
 * dies. So an exclusive lock can be had on exactly those files that nobody has any more: these are what a sweep
 * removes. Who opens a file in that moment finds the lock taken, or the file without a name: to him it is gone.
 */
#define _GNU_SOURCE
#include "linux/proc.h"
#include "linux/segment.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/handle.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIRECTORY "/dev/shm"
#define PATH_SIZE (sizeof DIRECTORY + 1 + PLATFORM_NAMED_MAX)

static void path_of(const char *name, char ret_path[PATH_SIZE])
{
    snprintf(ret_path, PATH_SIZE, "%s/%s", DIRECTORY, name);
}

static int lock_file(int fd, int operation)
{
    int result;
    do {
        result = platform_calls.flock(fd, operation);
    } while (result < 0 && errno == EINTR);
    return result;
}

static int open_unnamed(void)
{
    bool locked = platform__descriptors_lock();
    int flags = O_TMPFILE | O_RDWR | O_CLOEXEC;
    return platform__adopt_unlock(locked, platform_calls.open_new(DIRECTORY, flags, S_IRUSR | S_IWUSR));
}

static int give_name(int fd, const char *name)
{
    char from[32], path[PATH_SIZE];
    snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
    path_of(name, path);
    if (platform_calls.linkat(AT_FDCWD, from, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
        return 0;
    return errno == EEXIST ? platform__fail_text(MPROC_E_EXISTS, "%s", path) : platform__fail(MPROC_E_OS, path);
}

int platform_named_create(const char *name, size_t size, platform_handle *ret_segment)
{
    int code = platform__segment_check_size(size);
    if (code < 0)
        return code;
    int fd = open_unnamed();
    if (fd < 0) {
        bool lacking = errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT;
        return platform__fail(lacking ? MPROC_E_NOT_SUPPORTED : MPROC_E_OS, DIRECTORY);
    }
    if (platform_calls.ftruncate(fd, (off_t)size) < 0)
        code = platform__fail(MPROC_E_OS, "ftruncate");
    else if (lock_file(fd, LOCK_SH) < 0)
        code = platform__fail(MPROC_E_OS, "flock");
    if (code == 0)
        code = platform_segment_commit(fd, NULL, 0, size);
    if (code == 0)
        code = give_name(fd, name);
    if (code < 0) {
        platform_handle_close(fd);
        return code;
    }
    *ret_segment = fd;
    return 0;
}

static bool is_named_file(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink > 0;
}

int platform_named_open(const char *name, platform_handle *ret_segment)
{
    char path[PATH_SIZE];
    path_of(name, path);
    int fd = platform__open(path, O_RDWR | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? platform__fail_text(MPROC_E_NOT_FOUND, "%s", path) : platform__fail(MPROC_E_OS, path);
    int code = 0;
    bool held = lock_file(fd, LOCK_SH | LOCK_NB) == 0;
    if (!held && errno != EWOULDBLOCK)
        code = platform__fail(MPROC_E_OS, "flock");
    else if (!held || !is_named_file(fd))
        code = platform__fail_text(MPROC_E_NOT_FOUND, "%s", path);
    if (code < 0) {
        platform_handle_close(fd);
        return code;
    }
    *ret_segment = fd;
    return 0;
}

int platform_named_map(platform_handle segment, void **ret_address, size_t *ret_size)
{
    struct stat status;
    if (fstat((int)segment, &status) < 0)
        return platform__fail(MPROC_E_OS, "fstat");
    if (status.st_size <= 0 || (uint64_t)status.st_size > SIZE_MAX)
        return platform__fail_text(MPROC_E_OS, "a segment of %lld bytes cannot be mapped", (long long)status.st_size);
    int code = platform_segment_map(segment, 0, (size_t)status.st_size, ret_address);
    if (code == 0)
        *ret_size = (size_t)status.st_size;
    return code;
}

int platform_named_unlink(const char *name)
{
    char path[PATH_SIZE];
    path_of(name, path);
    if (platform_calls.unlink(path) == 0)
        return 0;
    return errno == ENOENT ? platform__fail_text(MPROC_E_NOT_FOUND, "%s", path) : platform__fail(MPROC_E_OS, path);
}

static void sweep_entry(const char *name, void *prefix)
{
    struct stat status;
    char path[PATH_SIZE];
    if (strncmp(name, prefix, strlen(prefix)) != 0 || strlen(name) > PLATFORM_NAMED_MAX)
        return;
    path_of(name, path);
    int fd = platform__open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
        lock_file(fd, LOCK_EX | LOCK_NB) == 0)
        platform_calls.unlink(path);
    platform_handle_close(fd);
}

void platform_named_sweep(const char *prefix)
{
    platform__each_entry(DIRECTORY, sweep_entry, (void *)prefix);
}
