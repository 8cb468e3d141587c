/* Starting the program, or another one, afresh. */
#define _GNU_SOURCE
#include "unix/boot.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/handle.h"
#include "unix/process.h"
#include "unix/setup.h"
#include "unix/thread.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_HANDLE 3

platform_handle platform_inherited_value(const platform_handle *handles, int index)
{
    (void)handles;
    return FIRST_HANDLE + index;
}

/* What a spawn needs, taken down by release. */
struct spawn {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    bool has_actions, has_attributes;
    int sources[PLATFORM_MAX_HANDLES];
    char **environment;
};

static void release(struct spawn *spawn)
{
    for (int i = 0; i < PLATFORM_MAX_HANDLES; i++)
        platform_handle_close(spawn->sources[i]);
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
                                                                FIRST_HANDLE + PLATFORM_MAX_HANDLES));
        if (spawn->sources[i] < 0)
            return platform__fail(MPROC_E_OS, "duplicating a handle for a child");
    }
    return 0;
}

static int add_actions(struct spawn *spawn, int handle_count)
{
    int error_number = posix_spawn_file_actions_init(&spawn->actions);
    spawn->has_actions = error_number == 0;
    for (int i = 0; i < handle_count && error_number == 0; i++)
        if (spawn->sources[i] >= 0)
            error_number = posix_spawn_file_actions_adddup2(&spawn->actions, spawn->sources[i], FIRST_HANDLE + i);
        else
            error_number = posix_spawn_file_actions_addclose(&spawn->actions, FIRST_HANDLE + i);
    /* Whatever the program forgot to open close-on-exec stays behind too. */
    if (error_number == 0)
        error_number = posix_spawn_file_actions_addclosefrom_np(&spawn->actions, FIRST_HANDLE + handle_count);
    return error_number;
}

/* Signal dispositions and the mask pass as exec passes them. But the mask of a thread of the port is of the port's
 * making: with it the child could not even be terminated. */
static int add_attributes(struct spawn *spawn, bool group)
{
    sigset_t none;
    short flags = 0;
    int error_number = posix_spawnattr_init(&spawn->attributes);
    spawn->has_attributes = error_number == 0;
    if (error_number == 0 && group) {
        flags |= POSIX_SPAWN_SETPGROUP;
        error_number = posix_spawnattr_setpgroup(&spawn->attributes, 0);
    }
    if (error_number == 0 && platform__thread_is_ours()) {
        flags |= POSIX_SPAWN_SETSIGMASK;
        sigemptyset(&none);
        error_number = posix_spawnattr_setsigmask(&spawn->attributes, &none);
    }
    return error_number ? error_number : posix_spawnattr_setflags(&spawn->attributes, flags);
}

static int prepare(struct spawn *spawn, const platform_process_options *options)
{
    int code = copy_sources(spawn, options);
    if (code < 0)
        return code;
    int error_number = add_actions(spawn, options->handle_count);
    if (error_number == 0)
        error_number = add_attributes(spawn, options->group);
    if (error_number != 0)
        return platform__fail_number(MPROC_E_NO_MEMORY, "preparing a spawn", error_number);
    spawn->environment = platform__boot_environment(options->boot, options->handle_count);
    return spawn->environment ? 0 : platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a child's environment");
}

/* The running program is started by way of /proc, which finds it even when its file was replaced or deleted; without
 * /proc by its path. */
static int execute(struct spawn *spawn, const char *executable, pid_t *ret_pid)
{
    char *arguments[2] = { (char *)(executable ? executable : platform__program_path()), NULL };
    const char *path = executable ? executable : "/proc/self/exe";
    int error_number =
        platform_calls.posix_spawn(ret_pid, path, &spawn->actions, &spawn->attributes, arguments, spawn->environment);
    if (error_number == ENOENT && !executable) {
        error_number = platform_calls.posix_spawn(ret_pid, arguments[0], &spawn->actions, &spawn->attributes, arguments,
                                                  spawn->environment);
    }
    return error_number == 0 ? 0 : platform__fail_number(MPROC_E_START_FAILED, arguments[0], error_number);
}

int platform_process_spawn(const platform_process_options *options, platform_process **ret_process)
{
    struct spawn spawn = { .environment = NULL };
    platform_process *process;
    pid_t pid = 0;
    int code = platform__process_new(options, &process);
    if (code < 0)
        return code;
    for (int i = 0; i < PLATFORM_MAX_HANDLES; i++)
        spawn.sources[i] = -1;
    code = prepare(&spawn, options);
    if (code == 0)
        code = execute(&spawn, options->executable, &pid);
    release(&spawn);
    if (code < 0) {
        platform__process_destroy(process);
        return code;
    }
    code = platform__process_born(process, pid);
    if (code == 0)
        *ret_process = process;
    return code;
}
