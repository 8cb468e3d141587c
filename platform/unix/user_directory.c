/* The directories in which processes of one user find each other. */
#define _GNU_SOURCE
#include "unix/user_directory.h"
#include "platform.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/handle.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Where they are ---- */

static int fail_long(const char *path)
{
    return platform__fail_text(MPROC_E_LIMIT,
                               "the path is too long for a socket, which has room for %zu bytes: set XDG_RUNTIME_DIR "
                               "or TMPDIR to a shorter one than %s",
                               sizeof((struct sockaddr_un *)0)->sun_path - 1, path);
}

/* sudo and su may leave another user's there: the other user's programs would find a directory that is not theirs. */
static const char *run_time_directory(void)
{
    const char *path = getenv("XDG_RUNTIME_DIR");
    struct stat status;
    bool is_own =
        path && path[0] == '/' && stat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid();
    return is_own ? path : NULL;
}

static const char *temporary_directory(void)
{
    const char *path = getenv("TMPDIR");
    return path && path[0] == '/' ? path : "/tmp";
}

/* The path of one of them. MPROC_E_NOT_FOUND: the user has no such directory. */
static int find(int index, struct platform__user_directory *ret_directory)
{
    const char *parent = index == 0 ? run_time_directory() : temporary_directory();
    const size_t size = sizeof ret_directory->path;
    if (!parent)
        return platform__fail_text(MPROC_E_NOT_FOUND, "the user has no run-time directory");
    int length = index == 0 ? snprintf(ret_directory->path, size, "%s/mproc", parent)
                            : snprintf(ret_directory->path, size, "%s/mproc-%lu", parent, (unsigned long)geteuid());
    return length < 0 || (size_t)length >= size ? fail_long(parent) : 0;
}

int platform__user_directory_address(const struct platform__user_directory *directory, const char *name,
                                     struct sockaddr_un *ret_address)
{
    const size_t size = sizeof ret_address->sun_path;
    *ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    int length = snprintf(ret_address->sun_path, size, "%s/%s", directory->path, name);
    return length < 0 || (size_t)length >= size ? fail_long(directory->path) : 0;
}

/* ---- Opening ---- */

static int refuse(const char *path, const char *why)
{
    return platform__fail_text(MPROC_E_STATE, "%s %s: remove it, or set XDG_RUNTIME_DIR to a directory of your own",
                               path, why);
}

/* Neither is changed: whoever made it so may have meant it, or be somebody else. */
static int check(int fd, const char *path)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return platform__fail(MPROC_E_OS, path);
    if (status.st_uid != geteuid())
        return refuse(path, "belongs to another user");
    return status.st_mode & (S_IRWXG | S_IRWXO) ? refuse(path, "is open to other users") : 0;
}

/* Why it could not be opened. If what it was to lie in is no directory, it is not there either. */
static int refuse_unopened(const char *path)
{
    struct stat status;
    bool is_none = errno == ENOTDIR || errno == ELOOP;
    if (is_none && lstat(path, &status) == 0)
        return refuse(path, "is no directory, but a file or a link");
    return platform__fail(errno == ENOENT || errno == ENOTDIR ? MPROC_E_NOT_FOUND : MPROC_E_OS, path);
}

/* A link is not followed, whoever has made it. */
static int open_checked(struct platform__user_directory *directory)
{
    int fd = platform__open(directory->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (fd < 0)
        return refuse_unopened(directory->path);
    int code = check(fd, directory->path);
    if (code < 0)
        platform_handle_close(fd);
    else
        directory->fd = fd;
    return code;
}

int platform__user_directory_open(int index, struct platform__user_directory *ret_directory)
{
    int code = find(index, ret_directory);
    return code == 0 ? open_checked(ret_directory) : code;
}

int platform__user_directory_find(struct platform__user_directory *ret_directory)
{
    int code = find(0, ret_directory);
    return code == MPROC_E_NOT_FOUND ? find(1, ret_directory) : code;
}

int platform__user_directory_make(struct platform__user_directory *ret_directory)
{
    int code = platform__user_directory_find(ret_directory);
    if (code < 0)
        return code;
    if (platform_calls.mkdir(ret_directory->path, S_IRWXU) < 0 && errno != EEXIST)
        return platform__fail(MPROC_E_OS, ret_directory->path);
    code = open_checked(ret_directory);
    /* It was removed in between. */
    return code == MPROC_E_NOT_FOUND ? MPROC_E_OS : code;
}
