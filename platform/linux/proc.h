/* Reading /proc without stdio and without malloc, so that it also works while another thread is stuck in either.
 */
#ifndef MPROC_LINUX_PROC_H
#define MPROC_LINUX_PROC_H

#include "unix/os.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** What is used of /proc/PID/stat. */
struct platform__stat {
    char state;
    pid_t parent;
    pid_t group;
    int threads;
    uint64_t start_time; /**< clock ticks since boot */
    int exit_code;       /**< a wait status; only for zombies that we may see into */
};

/** Reads /proc/PID/stat. Returns false with errno set; ENOENT or ESRCH means that there is no such process. */
bool platform__stat_read(pid_t pid, struct platform__stat *ret_stat);

/** How large a process is, in bytes. */
struct platform__size {
    size_t total; /**< of its address space */
    size_t resident;
};

/** Reads /proc/PID/statm. As platform__stat_read. */
bool platform__size_read(pid_t pid, struct platform__size *ret_size);

/** Reads from /proc/PID/status how many bytes a process has had resident at most. As platform__stat_read; ESRCH also of
 * one that has ended and was not reaped. */
bool platform__peak_read(pid_t pid, size_t *ret_bytes);

/** Reads up to capacity - 1 bytes of a file and ends them with a NUL. Returns the length, or -1 with errno set. */
ssize_t platform__proc_read(const char *path, char *ret_text, size_t capacity);

/** Calls function for each entry of a directory. Returns false with errno set if the directory cannot be opened. */
typedef void platform__entry_fn(const char *name, void *context);
bool platform__each_entry(const char *directory, platform__entry_fn *function, void *context);

/** Calls function for each entry of a directory whose name is a number. Returns false with errno set if the directory
 * cannot be opened. */
bool platform__proc_each_number(const char *directory, platform__number_fn *function, void *context);

#endif
