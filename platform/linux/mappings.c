/* The memory of this process, by the text that the kernel keeps of it. Async-signal-safe but for the opening. */
#define _GNU_SOURCE
#include "unix/handle.h"
#include "unix/os.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int platform__os_mappings_open(void)
{
    return platform__open("/proc/self/maps", O_RDONLY);
}

int platform__os_process_mappings_open(pid_t pid)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    return platform__open(path, O_RDONLY);
}

/* A line has less than 100 bytes and a path. */
struct reader {
    int fd;
    size_t at, used;
    char text[PATH_MAX + 128];
};

static bool read_more(struct reader *reader)
{
    memmove(reader->text, reader->text + reader->at, reader->used - reader->at);
    reader->used -= reader->at;
    reader->at = 0;
    ssize_t length;
    do
        length = read(reader->fd, reader->text + reader->used, sizeof reader->text - reader->used);
    while (length < 0 && errno == EINTR);
    reader->used += length > 0 ? (size_t)length : 0;
    return length > 0;
}

/* The next line, with a NUL for its end; NULL after the last. */
static char *next_line(struct reader *reader)
{
    char *end;
    while ((end = memchr(reader->text + reader->at, '\n', reader->used - reader->at)) == NULL)
        if (!read_more(reader))
            return NULL;
    char *line = reader->text + reader->at;
    reader->at = (size_t)(end + 1 - reader->text);
    *end = '\0';
    return line;
}

/* A number of this base, and the character behind it is stepped over. */
static uint64_t take_number(const char **text, unsigned base)
{
    uint64_t number = 0;
    for (; **text != '\0'; ++*text) {
        char digit = **text;
        unsigned value = digit >= '0' && digit <= '9'   ? (unsigned)(digit - '0')
                         : digit >= 'a' && digit <= 'f' ? (unsigned)(digit - 'a' + 10)
                                                        : base;
        if (value >= base)
            break;
        number = number * base + value;
    }
    *text += **text != '\0';
    return number;
}

/* "START-END rwxp OFFSET MAJOR:MINOR INODE   PATH" */
static void parse(const char *line, struct platform__mapping *mapping)
{
    mapping->start = (uintptr_t)take_number(&line, 16);
    mapping->end = (uintptr_t)take_number(&line, 16);
    mapping->is_code = strnlen(line, 5) == 5 && line[2] == 'x';
    line += strnlen(line, 5);
    mapping->file_offset = take_number(&line, 16);
    mapping->file.part[0] = take_number(&line, 16) << 32;
    mapping->file.part[0] |= take_number(&line, 16);
    mapping->file.part[1] = take_number(&line, 10);
    while (*line == ' ')
        line++;
    mapping->path = line;
}

void platform__os_each_mapping(int mappings, platform__mapping_fn *function, void *context)
{
    struct reader reader = { .fd = mappings };
    struct platform__mapping mapping;
    char *line;
    lseek(mappings, 0, SEEK_SET);
    while ((line = next_line(&reader)) != NULL) {
        parse(line, &mapping);
        if (!function(&mapping, context))
            break;
    }
}

/* Some file systems say another device here than there; the inode is the same. */
bool platform__os_file_is(int fd, platform_file_id file)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (uint64_t)status.st_ino == file.part[1];
}
