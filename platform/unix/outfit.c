/* What a child changes about itself before the program's code runs in it: how nice it is, its environment, where its
 * output goes. */
#define _GNU_SOURCE
#include "platform.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/handle.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int platform_self_nice(int increment)
{
    /* -1 is a nice value as well. */
    errno = 0;
    if (nice(increment) == -1 && errno != 0)
        return platform__fail(MPROC_E_OS, "nice");
    return 0;
}

int platform_self_setenv(const char *name, const char *value)
{
    int result = value != NULL ? setenv(name, value, 1) : unsetenv(name);
    if (result == 0)
        return 0;
    int code = errno == ENOMEM ? MPROC_E_NO_MEMORY : errno == EINVAL ? MPROC_E_INVALID : MPROC_E_OS;
    return platform__fail(code, "setenv");
}

/* Under the lock, though it will not be the port's: another thread of this child may be forking. */
static int open_for_appending(const char *path)
{
    bool locked = platform__descriptors_lock();
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
    return platform__adopt_unlock(locked, fd);
}

/* The descriptor is above those of the standard streams, so that the copy is another one and stays over exec. */
static int put_in_place(int fd, enum platform_output output)
{
    int result = dup2(fd, (int)output);
    int error_number = errno;
    platform_handle_close(fd);
    return result >= 0 ? 0 : platform__fail_number(MPROC_E_OS, "dup2", error_number);
}

int platform_self_redirect(enum platform_output output, const char *path)
{
    int fd = open_for_appending(path[0] != '\0' ? path : "/dev/null");
    if (fd < 0)
        return platform__fail(MPROC_E_OS, "open");
    return put_in_place(fd, output);
}

int platform_self_redirect_to(enum platform_output output, mproc_os_handle handle)
{
    bool locked = platform__descriptors_lock();
    /* Above those of the standard streams. */
    int fd = platform__adopt_unlock(locked, (int)handle);
    return fd >= 0 ? put_in_place(fd, output) : platform__fail(MPROC_E_OS, "fcntl");
}
