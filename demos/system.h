/* The few things that the demos need and C11 does not have. system_posix.c and system_win32.c supply them.
 *
 * Paths are UTF-8 on Windows and plain bytes on POSIX; '/' separates names on both.
 */
#ifndef DEMOS_SYSTEM_H
#define DEMOS_SYSTEM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** Seconds on a clock that never jumps. */
double system_now(void);

/** Sleeps. */
void system_sleep(double seconds);

/** Whether the stream is a terminal. */
int system_is_terminal(FILE *stream);

/** Makes stdout pass bytes through unchanged (Windows would turn "\n" into "\r\n"). */
void system_binary_stdout(void);

/** Replaces the arguments of main by their UTF-8 form where main got something else. Never freed. */
void system_arguments(int *argc, char ***argv);

/** A directory that is worth reading on any machine: its documentation. */
const char *system_documentation(void);

/** One name in a directory. */
typedef struct system_entry {
    char *name;
    int is_directory;
} system_entry;

/** The regular files and real directories in a directory, unsorted; symbolic links and the like are left out.
 * The names and the array are the caller's, for free(). Returns 0 or -errno. */
int system_list(const char *path, system_entry **ret_entries, size_t *ret_count);

/** Frees what system_list returned. */
void system_list_free(system_entry *entries, size_t count);

typedef enum system_kind { SYSTEM_FILE, SYSTEM_DIRECTORY, SYSTEM_OTHER } system_kind;

/** What a path names, links followed, and its size. Returns 0 or -errno. */
int system_stat(const char *path, system_kind *ret_kind, uint64_t *ret_size);

/** Opens a regular file for reading; never a link's target, never anything that could block. Returns a descriptor for
 * system_read and system_close, or -errno. */
int system_open(const char *path);

/** Reads up to size bytes. Returns how many, 0 at the end, or -errno. */
long system_read(int file, void *buffer, size_t size);

void system_close(int file);

/** Loads a module for good and finds a function in it, to be called by the type that it has. NULL: there is none, and
 * stderr says why. */
void (*system_load(const char *path, const char *function))(void);

#endif
