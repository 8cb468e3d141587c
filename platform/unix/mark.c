/* What descriptors stand for. */
#define _GNU_SOURCE
#include "unix/handle.h"
#include "unix/os.h"
#include <errno.h>
#include <sys/stat.h>

/* A file that is in no file system shares its number there with all others of its kind. */
static bool is_anonymous(const struct stat *status)
{
    return (status->st_mode & S_IFMT) == 0;
}

void platform_handle_mark(platform_handle handle, platform_mark *ret_mark)
{
    int error_number = errno;
    struct stat status;
    *ret_mark = (platform_mark){ 0 };
    if (handle >= 0 && fstat((int)handle, &status) == 0)
        *ret_mark = (platform_mark){ status.st_dev, status.st_ino,
                                     is_anonymous(&status) ? platform__os_descriptor_number((int)handle) : 0 };
    errno = error_number;
}

bool platform_handle_is(platform_handle handle, const platform_mark *mark)
{
    platform_mark now;
    platform_handle_mark(handle, &now);
    return now.file != 0 && now.device == mark->device && now.file == mark->file && now.number == mark->number;
}

/* What it stands for now is not the port's, so that no forked child is to close it. */
void platform_handle_close_marked(platform_handle handle, const platform_mark *mark)
{
    if (handle < 0)
        return;
    if (platform_handle_is(handle, mark))
        platform_handle_close(handle);
    else
        platform__disown((int)handle);
}
