/* Named segments: files in /dev/shm, as shm_open makes them, so that other programs find them by it.
 *
 * A file is made without a name and given one when it is complete: a death before leaves nothing.
 *
 * Whoever has the segment open holds a shared lock on the file, which the kernel takes back when he dies, however he
 * dies. So an exclusive lock can be had on exactly those files that nobody has any more by the functions here, and a
 * lease says whether somebody has one by other means. These are what a sweep removes. Who opens a file in that moment
 * finds it without a name: to him it is gone.
 *
 * A sweep takes nothing that was not chosen here, whatever its name: the file has the sticky bit, which means nothing
 * to the system and which nobody sets by accident, and its name has its inode number, so that no other file can be
 * meant by it, not even its copy.
 */
#define _GNU_SOURCE
#include "linux/proc.h"
#include "linux/segment.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/handle.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
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

/* ---- Making ---- */

#define OWN_MODE    (S_IRUSR | S_IWUSR)
#define CHOSEN_MODE (OWN_MODE | S_ISVTX)

static int open_unnamed(mode_t mode)
{
    bool locked = platform__descriptors_lock();
    return platform__adopt_unlock(locked, platform_calls.open_new(DIRECTORY, O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
}

/* A segment that is complete but for a name. */
static int make_unnamed(mode_t mode, size_t size, platform_handle *ret_segment)
{
    int code = platform__segment_check_size(size);
    if (code < 0)
        return code;
    int fd = open_unnamed(mode);
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
    if (code < 0)
        platform_handle_close(fd);
    else
        *ret_segment = fd;
    return code;
}

static int give_name(platform_handle segment, const char *name)
{
    char from[32], path[PATH_SIZE];
    snprintf(from, sizeof from, "/proc/self/fd/%d", (int)segment);
    path_of(name, path);
    if (platform_calls.linkat(AT_FDCWD, from, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
        return 0;
    return errno == EEXIST ? platform__fail_text(MPROC_E_EXISTS, "%s", path) : platform__fail(MPROC_E_OS, path);
}

int platform_named_create(const char *name, size_t size, platform_handle *ret_segment)
{
    platform_handle segment;
    int code = make_unnamed(OWN_MODE, size, &segment);
    if (code < 0)
        return code;
    code = give_name(segment, name);
    if (code < 0)
        platform_handle_close(segment);
    else
        *ret_segment = segment;
    return code;
}

static void write_chosen(const char *prefix, uint64_t chance, ino_t inode, char ret_name[PLATFORM_NAMED_MAX + 1])
{
    snprintf(ret_name, PLATFORM_NAMED_MAX + 1, "%s%016" PRIx64 "-%" PRIx64, prefix, chance, (uint64_t)inode);
}

static int give_chosen_name(platform_handle segment, const char *prefix, char ret_name[PLATFORM_NAMED_MAX + 1])
{
    struct stat status;
    int code;
    if (fstat((int)segment, &status) < 0)
        return platform__fail(MPROC_E_OS, "fstat");
    do {
        uint64_t chance;
        code = platform_random(&chance, sizeof chance);
        if (code < 0)
            return code;
        write_chosen(prefix, chance, status.st_ino, ret_name);
        code = give_name(segment, ret_name);
    } while (code == MPROC_E_EXISTS);
    return code;
}

int platform_named_create_chosen(const char *prefix, size_t size, char ret_name[PLATFORM_NAMED_MAX + 1],
                                 platform_handle *ret_segment)
{
    platform_handle segment;
    int code = make_unnamed(CHOSEN_MODE, size, &segment);
    if (code < 0)
        return code;
    code = give_chosen_name(segment, prefix, ret_name);
    if (code < 0)
        platform_handle_close(segment);
    else
        *ret_segment = segment;
    return code;
}

/* ---- Opening ---- */

static const char *kind_of(mode_t mode)
{
    return S_ISFIFO(mode)   ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
           : S_ISDIR(mode)  ? "a directory"
           : S_ISLNK(mode)  ? "a symbolic link"
                            : "a device";
}

/* What is no file is not even opened: a writer who waits for the reader of a FIFO would take us for one. */
static int open_file(const char *path, int *ret_fd)
{
    struct stat status;
    bool there = lstat(path, &status) == 0;
    if (there && !S_ISREG(status.st_mode))
        return platform__fail_text(MPROC_E_TYPE, "%s is %s, not shared memory", path, kind_of(status.st_mode));
    int fd = there ? platform__open(path, O_RDWR | O_NOFOLLOW) : -1;
    if (fd < 0)
        return errno == ENOENT ? platform__fail_text(MPROC_E_NOT_FOUND, "%s", path) : platform__fail(MPROC_E_OS, path);
    *ret_fd = fd;
    return 0;
}

/* A sweep has its lock for microseconds. Who has one for longer than these milliseconds is no sweep. */
#define LOCK_TRIES    100
#define LOCK_PAUSE_NS 100000

static int lock_shared(int fd, const char *path)
{
    for (int i = 0; lock_file(fd, LOCK_SH | LOCK_NB) < 0; i++) {
        if (errno != EWOULDBLOCK)
            return platform__fail(MPROC_E_OS, "flock");
        if (i == LOCK_TRIES)
            return platform__fail_text(MPROC_E_STATE, "%s is locked by another program (flock)", path);
        nanosleep(&(struct timespec){ .tv_nsec = LOCK_PAUSE_NS }, NULL);
    }
    struct stat status;
    if (fstat(fd, &status) < 0 || status.st_nlink == 0)
        return platform__fail_text(MPROC_E_NOT_FOUND, "%s", path);
    return 0;
}

int platform_named_open(const char *name, platform_handle *ret_segment)
{
    char path[PATH_SIZE];
    int fd = -1;
    path_of(name, path);
    int code = open_file(path, &fd);
    if (code < 0)
        return code;
    code = lock_shared(fd, path);
    if (code < 0)
        platform_handle_close(fd);
    else
        *ret_segment = fd;
    return code;
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

/* ---- Sweeping ---- */

static bool is_chosen(const char *name, const char *prefix, const struct stat *status)
{
    char own[PLATFORM_NAMED_MAX + 1];
    if (!S_ISREG(status->st_mode) || !(status->st_mode & S_ISVTX) || status->st_uid != geteuid())
        return false;
    write_chosen(prefix, strtoull(name + strlen(prefix), NULL, 16), status->st_ino, own);
    return strcmp(name, own) == 0;
}

/* A lease for writing is given only if nobody else has the file open or mapped, by whatever means. Who opens it while
 * we have the lease waits until it is removed, and the kernel tells us by a signal: one that every program ignores. A
 * kernel without leases cannot say (EINVAL); then the lock alone decides. */
static bool has_no_other(int fd)
{
    if (platform_calls.fcntl(fd, F_SETSIG, SIGURG) < 0)
        return errno == EINVAL;
    return platform_calls.fcntl(fd, F_SETLEASE, F_WRLCK) == 0 || errno == EINVAL;
}

static void remove_left(const char *name, const char *prefix)
{
    struct stat status;
    char path[PATH_SIZE];
    path_of(name, path);
    if (lstat(path, &status) < 0 || !is_chosen(name, prefix, &status))
        return;
    int fd = platform__open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return;
    if (fstat(fd, &status) == 0 && is_chosen(name, prefix, &status) && lock_file(fd, LOCK_EX | LOCK_NB) == 0 &&
        has_no_other(fd))
        platform_calls.unlink(path);
    platform_handle_close(fd);
}

/* So many names are tried at most. Of more it is others each time, from a random one on. */
#define TRIED_MAX 256

struct sweep {
    const char *prefix;
    size_t entries, matches; /**< of the directory; of those, such that begin with prefix */
    size_t first, next;      /**< number of the match to begin with, and of the next one */
};

static bool matches(const struct sweep *sweep, const char *name)
{
    return strncmp(name, sweep->prefix, strlen(sweep->prefix)) == 0 && strlen(name) <= PLATFORM_NAMED_MAX;
}

static void count_entry(const char *name, void *context)
{
    struct sweep *sweep = context;
    sweep->entries++;
    sweep->matches += matches(sweep, name);
}

static void try_entry(const char *name, void *context)
{
    struct sweep *sweep = context;
    if (matches(sweep, name) && (sweep->next++ + sweep->matches - sweep->first) % sweep->matches < TRIED_MAX)
        remove_left(name, sweep->prefix);
}

size_t platform_named_sweep(const char *prefix)
{
    struct sweep sweep = { .prefix = prefix };
    uint64_t chance = 0;
    platform__each_entry(DIRECTORY, count_entry, &sweep);
    /* Without chance the first ones are tried. */
    if (sweep.matches > TRIED_MAX && platform_random(&chance, sizeof chance) == 0)
        sweep.first = (size_t)(chance % sweep.matches);
    if (sweep.matches > 0)
        platform__each_entry(DIRECTORY, try_entry, &sweep);
    return sweep.entries;
}
