/* What the harness and the tests need of the operating system, beside the library under test and not through it: a
 * check that asked the library about itself would believe a library that lies. os_posix.c and os_win32.c supply it.
 */
#ifndef MPROC_TESTS_OS_H
#define MPROC_TESTS_OS_H

#include <mproc/wait.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OS_PATH_MAX 1024

/* ---- Time, environment, end ---- */

int64_t os_now_ms(void);
/** The same clock or another, but never coarse: for short times. */
int64_t os_now_ns(void);
void os_sleep_ms(int ms);
void os_set_environment(const char *name, const char *value);
/** A number for the whole environment as the system knows it, in whatever order: equal if nothing was added, changed or
 * removed. */
uint64_t os_environment_digest(void);
_Noreturn void os_exit_now(int code);
/** From now on what would end this program from outside is noted instead: SIGINT, SIGTERM, SIGHUP, but for those that
 * are ignored. Windows: nothing is. */
void os_note_end(void);
/** Whether that has come. */
bool os_is_to_end(void);
/** The path of the running program. */
void os_program_path(char ret_path[OS_PATH_MAX]);
int64_t os_self_pid(void);
/** How nice this process is to others; Windows: the least increment that gives it its priority class. */
int os_niceness(void);

/* ---- Files ---- */

/** Makes a directory of its own for a test. */
void os_directory_make(char ret_path[OS_PATH_MAX]);
void os_directory_make_at(const char *path);
/** Names of the entries, separated by blanks; returns their number. */
int os_directory_list(const char *path, char *ret_names, size_t capacity);
/** Removes it with all that is in it. */
void os_directory_remove(const char *path);
/** Maps a file of this size, made if it does not exist, so that processes with nothing in common but its path share
 * it. Holds no handle afterwards. Ends the program if that fails. */
void *os_map_file(const char *path, size_t size);
/** No file that this process writes gets longer than that; 0: as long as it likes. False where there is no such limit.
 */
bool os_limit_files(size_t bytes);

/* ---- Programs, started without the library ---- */

typedef struct os_program os_program;

/** Starts a program with its stdout and stderr going to a file. All that it starts, and what they start, is
 * known as its family as long as it does not hide: by a token in the environment (POSIX), by a job (Windows).
 * arguments: NULL-terminated, the program's path first. directory: where it runs; NULL: here. */
os_program *os_program_start(const char *const *arguments, const char *directory, const char *output);
/** The same, and its stdin is at its end when this process is gone, however it ends: or when the program is freed. */
os_program *os_program_start_held(const char *const *arguments, const char *directory, const char *output);
/** Ends the stdin of such a one now. */
void os_program_let_go(os_program *program);
int64_t os_program_pid(const os_program *program);
/** Returns false at the time-out. ret_code: 0..255, -N for signal N; on Windows the exit code as a signed number. */
bool os_program_wait(os_program *program, int64_t timeout_ms, int64_t *ret_code);
/** How many processes of its family live, itself included. Zombies do not count. */
int os_program_family_size(const os_program *program);
/** Kills the family. */
void os_program_kill(os_program *program);
void os_program_free(os_program *program);

/* ---- Processes by number ---- */

void os_kill(int64_t pid);
/** Whether it lives; a zombie does not. */
bool os_is_alive(int64_t pid);

/* ---- Census of the calling process ---- */

/** Children, zombies included. */
int os_child_count(void);
/** Open descriptors or handles. */
int os_handle_count(void);
int os_thread_count(void);
/** Anonymous shared segments of which something is mapped, where the system tells; else 0. */
int os_segment_count(void);
/** Opens something that a careless start of a process would hand on to a child, count times; never closed. */
void os_open_inheritable(int count);
/** Prints what is open, for the message of a failed check. */
void os_print_handles(void);

/* ---- Modules ---- */

/** Loads a module and finds a function in it; NULL if either fails. */
void (*os_module_function(const char *path, const char *name))(void);
/** Undoes one os_module_function of this path. */
void os_module_unload(const char *path);
/** Whether a module stays loaded for ever, as musl keeps it. */
bool os_modules_stay(void);
/** Memory that a program may run, but that belongs to no module. */
void (*os_code_without_module(void))(void);

/* ---- Threads and things to wait for ---- */

typedef struct os_thread os_thread;
os_thread *os_thread_start(void (*function)(void *), void *argument);
void os_thread_join(os_thread *thread);
/** Ends the calling thread, and with it nothing else. */
_Noreturn void os_thread_exit(void);

/** Something that mproc_wait_any can wait for and that is no process: a pipe, an event. */
typedef struct os_waitable {
    mproc_os_handle handle, other;
} os_waitable;
os_waitable os_waitable_create(void);
void os_waitable_set(os_waitable *waitable);
void os_waitable_close(os_waitable *waitable);

#endif
