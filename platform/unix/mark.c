/* What descriptors stand for. */
#define _GNU_SOURCE
#include "unix/handle.h"
#include "unix/os.h"
#include <errno.h>
#include <sys/stat.h>

/* All of a kind that are in no file system share its number there: such a one is marked itself. */
static bool is_anonymous(const struct stat *status)
{
    return (status->st_mode & S_IFMT) == 0;
}

static bool look(platform_handle handle, struct stat *ret_status)
{
    return handle >= 0 && fstat((int)handle, ret_status) == 0;
}

void platform_handle_mark(platform_handle handle, platform_mark *ret_mark)
{
    int error_number = errno;
    struct stat status;
    *ret_mark = (platform_mark){ 0 };
    if (look(handle, &status))
        *ret_mark = (platform_mark){ status.st_dev, status.st_ino,
                                     is_anonymous(&status) ? platform__os_mark_anonymous((int)handle) : 0 };
    errno = error_number;
}

bool platform_handle_is(platform_handle handle, const platform_mark *mark)
{
    int error_number = errno;
    struct stat status;
    bool same = look(handle, &status) && status.st_dev == mark->device && status.st_ino == mark->file &&
                (!is_anonymous(&status) || platform__os_anonymous_mark((int)handle) == mark->number);
    errno = error_number;
    return same;
}

/* If what it stands for now is not the port's, no forked child is to close it. */
void platform_handle_close_marked(platform_handle handle, const platform_mark *mark)
{
    if (handle < 0)
        return;
    if (platform_handle_is(handle, mark))
        platform_handle_close(handle);
    else
        platform__disown_lost((int)handle);
}
