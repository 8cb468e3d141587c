/* system.h for POSIX. */
#define _GNU_SOURCE
#include "system.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

double system_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void system_sleep(double seconds)
{
    if (seconds <= 0)
        return;
    time_t whole = (time_t)seconds;
    struct timespec left = { whole, (long)((seconds - (double)whole) * 1e9) };
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
}

int system_is_terminal(FILE *stream)
{
    return isatty(fileno(stream));
}

void system_binary_stdout(void)
{
}

void system_arguments(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
}

const char *system_documentation(void)
{
    return "/usr/share/doc";
}

/* The kind of a directory entry without following a link. File systems that do not tell it in the entry are asked. */
static system_kind entry_kind(DIR *directory, const struct dirent *entry)
{
    if (entry->d_type == DT_REG)
        return SYSTEM_FILE;
    if (entry->d_type == DT_DIR)
        return SYSTEM_DIRECTORY;
    struct stat status;
    if (entry->d_type != DT_UNKNOWN || fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return SYSTEM_OTHER;
    return S_ISREG(status.st_mode) ? SYSTEM_FILE : S_ISDIR(status.st_mode) ? SYSTEM_DIRECTORY : SYSTEM_OTHER;
}

static int append(system_entry **entries, size_t *count, const char *name, int is_directory)
{
    /* Room is doubled whenever the count reaches a power of two. */
    if ((*count & (*count - 1)) == 0) {
        system_entry *grown = realloc(*entries, (*count ? *count * 2 : 1) * sizeof **entries);
        if (!grown)
            return -ENOMEM;
        *entries = grown;
    }
    char *copy = strdup(name);
    if (!copy)
        return -ENOMEM;
    (*entries)[(*count)++] = (system_entry){ copy, is_directory };
    return 0;
}

static int read_entries(DIR *directory, system_entry **entries, size_t *count)
{
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(directory);
        if (!entry)
            return -errno;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        system_kind kind = entry_kind(directory, entry);
        if (kind == SYSTEM_OTHER)
            continue;
        int code = append(entries, count, entry->d_name, kind == SYSTEM_DIRECTORY);
        if (code < 0)
            return code;
    }
}

int system_list(const char *path, system_entry **ret_entries, size_t *ret_count)
{
    DIR *directory = opendir(path);
    if (!directory)
        return -errno;
    system_entry *entries = NULL;
    size_t count = 0;
    int code = read_entries(directory, &entries, &count);
    closedir(directory);
    if (code < 0) {
        system_list_free(entries, count);
        return code;
    }
    *ret_entries = entries;
    *ret_count = count;
    return 0;
}

void system_list_free(system_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(entries[i].name);
    free(entries);
}

int system_stat(const char *path, system_kind *ret_kind, uint64_t *ret_size)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return -errno;
    *ret_kind = S_ISREG(status.st_mode) ? SYSTEM_FILE : S_ISDIR(status.st_mode) ? SYSTEM_DIRECTORY : SYSTEM_OTHER;
    *ret_size = (uint64_t)status.st_size;
    return 0;
}

int system_open(const char *path)
{
    /* Since the directory was read, the file may have been replaced: by a link (O_NOFOLLOW refuses it) or by a FIFO,
     * whose opening would block without O_NONBLOCK. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return -errno;
    struct stat status;
    int code = fstat(file, &status) < 0 ? -errno : S_ISREG(status.st_mode) ? 0 : -EINVAL;
    if (code < 0) {
        close(file);
        return code;
    }
    return file;
}

long system_read(int file, void *buffer, size_t size)
{
    ssize_t got;
    do {
        got = read(file, buffer, size);
    } while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : (long)got;
}

void system_close(int file)
{
    close(file);
}

void (*system_load(const char *path, const char *function))(void)
{
    void *module = dlopen(path, RTLD_NOW);
    void *address = module ? dlsym(module, function) : NULL;
    if (address == NULL)
        fprintf(stderr, "%s\n", dlerror());
    /* ISO C has no conversion of an object's address into a function's. */
    void (*found)(void);
    memcpy(&found, &address, sizeof found);
    return found;
}
