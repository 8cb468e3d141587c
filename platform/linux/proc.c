/* Reading /proc. */
#define _GNU_SOURCE
#include "linux/proc.h"
#include "unix/calls.h"
#include "unix/handle.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static ssize_t read_some(int fd, char *buffer, size_t size)
{
    ssize_t length;
    do {
        length = platform_calls.read(fd, buffer, size);
    } while (length < 0 && errno == EINTR);
    return length;
}

ssize_t platform__proc_read(const char *path, char *ret_text, size_t capacity)
{
    int fd = platform__open(path, O_RDONLY);
    if (fd < 0)
        return -1;
    size_t length = 0;
    ssize_t more = 1;
    while (more > 0 && length < capacity - 1) {
        more = read_some(fd, ret_text + length, capacity - 1 - length);
        length += more > 0 ? (size_t)more : 0;
    }
    int error = errno;
    platform_handle_close(fd);
    errno = error;
    ret_text[length] = '\0';
    return more < 0 ? -1 : (ssize_t)length;
}

/* The command stands in parentheses and may itself contain spaces and parentheses, so fields are counted from the last
 * closing one: field 3, the state, comes first. */
static bool parse_stat(const char *text, struct platform__stat *ret_stat)
{
    const char *field = strrchr(text, ')');
    if (!field || field[1] != ' ' || !field[2])
        return false;
    field += 2;
    *ret_stat = (struct platform__stat){ .state = *field };
    for (int number = 3; field; number++) {
        if (number == 4)
            ret_stat->parent = (pid_t)strtol(field, NULL, 10);
        else if (number == 5)
            ret_stat->group = (pid_t)strtol(field, NULL, 10);
        else if (number == 20)
            ret_stat->threads = (int)strtol(field, NULL, 10);
        else if (number == 22)
            ret_stat->start_time = strtoull(field, NULL, 10);
        else if (number == 52)
            ret_stat->exit_code = (int)strtol(field, NULL, 10);
        field = strchr(field, ' ');
        field = field ? field + 1 : NULL;
    }
    return ret_stat->start_time != 0;
}

bool platform__stat_read(pid_t pid, struct platform__stat *ret_stat)
{
    char path[40], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (platform__proc_read(path, text, sizeof text) < 0)
        return false;
    errno = EIO;
    return parse_stat(text, ret_stat);
}

bool platform__size_read(pid_t pid, struct platform__size *ret_size)
{
    char path[40], text[128], *end;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    if (platform__proc_read(path, text, sizeof text) < 0)
        return false;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    ret_size->total = (size_t)strtoull(text, &end, 10) * page;
    ret_size->resident = (size_t)strtoull(end, &end, 10) * page;
    errno = EIO;
    return *end == ' ';
}

/* What stands before it is short, but for the groups of a user who has very many. */
bool platform__peak_read(pid_t pid, size_t *ret_bytes)
{
    static const char heading[] = "\nVmHWM:";
    char path[40], text[8192];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    if (platform__proc_read(path, text, sizeof text) < 0)
        return false;
    errno = ESRCH;
    const char *line = strstr(text, heading);
    if (!line)
        return false;
    *ret_bytes = (size_t)strtoull(line + strlen(heading), NULL, 10) * 1024;
    return true;
}

/* The kernel's directory entry. getdents64 is called directly because opendir allocates. */
struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

static void each_entry_in(const char *entries, size_t size, platform__entry_fn *function, void *context)
{
    for (size_t at = 0; at < size;) {
        const struct entry *entry = (const void *)(entries + at);
        function(entry->name, context);
        at += entry->length;
    }
}

bool platform__each_entry(const char *directory, platform__entry_fn *function, void *context)
{
    _Alignas(struct entry) char entries[1024];
    int fd = platform__open(directory, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return false;
    for (;;) {
        long size = syscall(SYS_getdents64, fd, entries, sizeof entries);
        if (size <= 0)
            break;
        each_entry_in(entries, (size_t)size, function, context);
    }
    platform_handle_close(fd);
    return true;
}

struct number_call {
    platform__number_fn *function;
    void *context;
};

static void call_if_number(const char *name, void *context)
{
    const struct number_call *call = context;
    char *end;
    long number = strtol(name, &end, 10);
    if (*end == '\0' && number > 0 && number <= INT32_MAX)
        call->function((int)number, call->context);
}

bool platform__proc_each_number(const char *directory, platform__number_fn *function, void *context)
{
    struct number_call call = { function, context };
    return platform__each_entry(directory, call_if_number, &call);
}
