/* Dropping buffered output in a forked child.
 *
 * The GNU C library keeps all open streams in a list, whose head it exports; each that has output pending is purged,
 * which takes no system call. Where there is no such list every descriptor that can be written to is pointed at
 * /dev/null, everything is flushed, and the descriptors are put back: this works with every C library, but not for
 * streams without a descriptor (fopencookie). Nor while other threads of the parent may have a stream locked, on which
 * the flush would wait for ever: then stdout and stderr are purged, and what other streams held is written twice.
 */
#define _GNU_SOURCE
#include "unix/child_stdio.h"
#include "unix/calls.h"
#include "unix/handle.h"
#include "unix/os.h"
#include "unix/thread.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <unistd.h>

#ifdef __GLIBC__
#define HAS_LIST true

static FILE **list_of_streams;

void platform__stdio_setup(void)
{
    /* Looked up at run time: a reference would be copied into a program that is not position-independent, and the copy
     * would not follow the list. */
    list_of_streams = platform_calls.dlsym(RTLD_DEFAULT, "_IO_list_all");
}

/* A stream over memory (open_memstream) is the child's own copy of data, not output on its way. Streams with functions
 * of the program's own behind them carry -2 here. */
static int writes_to_memory(FILE *stream)
{
    return fileno(stream) < 0 && stream->_fileno != -2;
}

static int purge_listed(void)
{
    if (!list_of_streams)
        return 0;
    /* fork has left the list and the streams' locks in order for the child's one thread. */
    for (FILE *stream = *list_of_streams; stream; stream = stream->_chain) {
        /* Only those with output: purging a stream that is being read would lose what was read ahead. */
        if (__fpending(stream) > 0 && !writes_to_memory(stream))
            __fpurge(stream);
    }
    return 1;
}

#else
#define HAS_LIST false

void platform__stdio_setup(void)
{
}

static int purge_listed(void)
{
    return 0;
}

#endif

/* ---- Without a list ---- */

static bool others_may_hold_streams;

void platform__stdio_before_fork(void)
{
    if (!HAS_LIST)
        others_may_hold_streams = platform_thread_count() > 1 + platform__thread_count_ours();
}

/* A stream that another thread of the parent was using is locked for ever in the child. */
static void purge_if_free(FILE *stream)
{
    if (ftrylockfile(stream) == 0) {
        __fpurge(stream);
        funlockfile(stream);
    }
}

/* Of more descriptors than this the output is not dropped. */
#define MOST_DIVERTED 256

struct diverted {
    struct {
        int fd, saved, flags;
    } entries[MOST_DIVERTED];
    int count;
};

static void note_descriptor(int fd, void *context)
{
    struct diverted *diverted = context;
    int mode = fcntl(fd, F_GETFL), flags = fcntl(fd, F_GETFD);
    if (mode >= 0 && (mode & O_ACCMODE) != O_RDONLY && !(mode & O_PATH) && diverted->count < MOST_DIVERTED) {
        diverted->entries[diverted->count].fd = fd;
        diverted->entries[diverted->count++].flags = flags;
    }
}

static void divert(struct diverted *diverted, int sink)
{
    for (int i = 0; i < diverted->count; i++) {
        int fd = diverted->entries[i].fd;
        diverted->entries[i].saved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        if (diverted->entries[i].saved >= 0)
            dup2(sink, fd);
    }
}

static void put_back(const struct diverted *diverted)
{
    for (int i = 0; i < diverted->count; i++) {
        int fd = diverted->entries[i].fd, saved = diverted->entries[i].saved;
        if (saved >= 0) {
            dup3(saved, fd, diverted->entries[i].flags & FD_CLOEXEC ? O_CLOEXEC : 0);
            platform__close(saved);
        }
    }
}

static void flush_into_nothing(void)
{
    struct diverted diverted = { .count = 0 };
    int sink = platform_calls.open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (sink < 0) {
        __fpurge(stdout);
        __fpurge(stderr);
        return;
    }
    platform__os_each_descriptor(note_descriptor, &diverted);
    divert(&diverted, sink);
    int cancel = platform_cancel_hold();
    fflush(NULL);
    platform_cancel_release(cancel);
    put_back(&diverted);
    platform__close(sink);
}

void platform__stdio_drop_output(void)
{
    if (purge_listed())
        return;
    if (others_may_hold_streams) {
        purge_if_free(stdout);
        purge_if_free(stderr);
    } else {
        flush_into_nothing();
    }
}

/* ---- Input ---- */

/* Without /dev/null, as in some containers, a pipe that nobody writes to is as empty. */
int platform__stdio_open_empty(void)
{
    int ends[2];
    int fd = platform__open("/dev/null", O_RDONLY);
    if (fd >= 0)
        return fd;
    bool locked = platform__descriptors_lock();
    if (pipe2(ends, O_CLOEXEC) == 0) {
        close(ends[1]);
        fd = platform__adopt(ends[0]);
    }
    platform__descriptors_unlock(locked);
    return fd;
}

/* What was read ahead would be read twice; and a stream that is closed with such input in it sets the file back to
 * where its reader is, in the parent too. */
void platform__stdio_empty_input(int empty)
{
    purge_if_free(stdin);
    if (empty >= 0) {
        dup2(empty, STDIN_FILENO);
        return;
    }
    close(STDIN_FILENO);
    empty = platform__stdio_open_empty();
    if (empty >= 0)
        dup2(empty, STDIN_FILENO);
    platform_handle_close(empty);
}
