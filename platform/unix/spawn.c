/* Starting the program, or another one, afresh. */
#define _GNU_SOURCE
#include "unix/boot.h"
#include "unix/calls.h"
#include "unix/child_stdio.h"
#include "unix/error.h"
#include "unix/handle.h"
#include "unix/os.h"
#include "unix/process.h"
#include "unix/setup.h"
#include "unix/signals.h"
#include "unix/spawn_actions.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* What a spawn needs, taken down by release. */
struct spawn {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    bool has_actions, has_attributes;
    int sources[PLATFORM_MAX_HANDLES];
    int input; /* -1: standard input is inherited */
    char **environment;
};

static void release(struct spawn *spawn)
{
    for (int i = 0; i < PLATFORM_MAX_HANDLES; i++)
        platform_handle_close(spawn->sources[i]);
    platform_handle_close(spawn->input);
    if (spawn->has_actions)
        posix_spawn_file_actions_destroy(&spawn->actions);
    if (spawn->has_attributes)
        posix_spawnattr_destroy(&spawn->attributes);
    platform__boot_environment_free(spawn->environment);
}

/* The handles are copied above the numbers they will have, so that placing one cannot overwrite another that is still
 * to be placed. */
static int copy_sources(struct spawn *spawn, const platform_process_options *options)
{
    for (int i = 0; i < options->handle_count; i++) {
        if (options->handles[i] < 0)
            continue;
        bool locked = platform__descriptors_lock();
        spawn->sources[i] =
            platform__adopt_unlock(locked, platform_calls.fcntl((int)options->handles[i], F_DUPFD_CLOEXEC,
                                                                PLATFORM__FIRST_HANDLE + PLATFORM_MAX_HANDLES));
        if (spawn->sources[i] < 0)
            return platform__fail(MPROC_E_OS, "duplicating a handle for a child");
    }
    return 0;
}

static int open_input(struct spawn *spawn, const platform_process_options *options)
{
    if (options->inherit_input)
        return 0;
    spawn->input = platform__stdio_open_empty();
    return spawn->input >= 0 ? 0 : platform__fail(MPROC_E_OS, "opening an empty standard input");
}

/* Whatever the program forgot to open close-on-exec stays behind too. */
#ifdef MPROC_HAS_ADDCLOSEFROM

int platform__spawn_close_from(posix_spawn_file_actions_t *actions, int first)
{
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

#else

struct close_list {
    posix_spawn_file_actions_t *actions;
    int first, error_number;
};

static void add_close(int fd, void *context)
{
    struct close_list *list = context;
    int flags = fd >= list->first && list->error_number == 0 ? fcntl(fd, F_GETFD) : -1;
    if (flags >= 0 && !(flags & FD_CLOEXEC))
        list->error_number = posix_spawn_file_actions_addclose(list->actions, fd);
}

/* The C library cannot close all from a number on, so those are listed that are open now. One that another thread opens
 * in this very moment, and not close-on-exec, is inherited. */
int platform__spawn_close_from(posix_spawn_file_actions_t *actions, int first)
{
    struct close_list list = { actions, first, 0 };
    platform__os_each_descriptor(add_close, &list);
    return list.error_number;
}

#endif

static int add_actions(struct spawn *spawn, int handle_count)
{
    int error_number = posix_spawn_file_actions_init(&spawn->actions);
    spawn->has_actions = error_number == 0;
    if (spawn->input >= 0 && error_number == 0)
        error_number = posix_spawn_file_actions_adddup2(&spawn->actions, spawn->input, STDIN_FILENO);
    for (int i = 0; i < handle_count && error_number == 0; i++)
        if (spawn->sources[i] >= 0)
            error_number =
                posix_spawn_file_actions_adddup2(&spawn->actions, spawn->sources[i], PLATFORM__FIRST_HANDLE + i);
        else
            error_number = posix_spawn_file_actions_addclose(&spawn->actions, PLATFORM__FIRST_HANDLE + i);
    return error_number ? error_number
                        : platform__spawn_close_from(&spawn->actions, PLATFORM__FIRST_HANDLE + handle_count);
}

/* Signal dispositions pass as exec passes them. The mask is given, since signals are held back meanwhile. */
static int add_attributes(struct spawn *spawn, bool apart, const sigset_t *mask)
{
    short flags = POSIX_SPAWN_SETSIGMASK;
    int error_number = posix_spawnattr_init(&spawn->attributes);
    spawn->has_attributes = error_number == 0;
    if (error_number == 0)
        error_number = posix_spawnattr_setsigmask(&spawn->attributes, mask);
    if (error_number == 0 && apart) {
        flags |= POSIX_SPAWN_SETPGROUP;
        error_number = posix_spawnattr_setpgroup(&spawn->attributes, 0);
    }
    return error_number ? error_number : posix_spawnattr_setflags(&spawn->attributes, flags);
}

static int prepare(struct spawn *spawn, const platform_process_options *options, const sigset_t *mask)
{
    int code = copy_sources(spawn, options);
    if (code == 0)
        code = open_input(spawn, options);
    if (code < 0)
        return code;
    int error_number = add_actions(spawn, options->handle_count);
    if (error_number == 0)
        error_number = add_attributes(spawn, options->group || options->apart, mask);
    if (error_number != 0)
        return platform__fail_number(MPROC_E_NO_MEMORY, "preparing a spawn", error_number);
    spawn->environment = platform__boot_environment(options->boot, options->handle_count);
    return spawn->environment ? 0 : platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a child's environment");
}

/* The running program is started by a path that finds it even when its file was replaced or deleted; where there is
 * none, as without /proc, by its own. */
static int execute(struct spawn *spawn, const char *executable, pid_t *ret_pid)
{
    char *arguments[2] = { (char *)(executable ? executable : platform__program_path()), NULL };
    const char *path = executable ? executable : platform__os_program_file();
    int error_number =
        platform_calls.posix_spawn(ret_pid, path, &spawn->actions, &spawn->attributes, arguments, spawn->environment);
    if (error_number == ENOENT && !executable) {
        error_number = platform_calls.posix_spawn(ret_pid, arguments[0], &spawn->actions, &spawn->attributes, arguments,
                                                  spawn->environment);
    }
    return error_number == 0 ? 0 : platform__fail_number(MPROC_E_START_FAILED, arguments[0], error_number);
}

static int start(const platform_process_options *options, const sigset_t *mask, pid_t *ret_pid)
{
    struct spawn spawn = { .input = -1 };
    for (int i = 0; i < PLATFORM_MAX_HANDLES; i++)
        spawn.sources[i] = -1;
    int code = prepare(&spawn, options, mask);
    if (code == 0)
        code = execute(&spawn, options->executable, ret_pid);
    release(&spawn);
    return code;
}

int platform_process_spawn(const platform_process_options *options, platform_process **ret_process)
{
    platform_process *process;
    sigset_t before, mask;
    pid_t pid = 0;
    int code = platform__process_new(options, &process);
    if (code < 0)
        return code;
    platform__signals_hold(&before);
    platform__signals_for_child(&before, &mask);
    code = start(options, &mask, &pid);
    platform__signals_release(&before);
    if (code < 0) {
        platform__process_destroy(process);
        return code;
    }
    code = platform__process_born(process, pid);
    if (code == 0)
        *ret_process = process;
    return code;
}
