/* Starting another program, with arguments, as a shell would. */
#define _GNU_SOURCE
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/process.h"
#include "unix/signals.h"
#include "unix/spawn_actions.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* ---- Its environment ---- */

static size_t count_of(const char *const *entries)
{
    size_t count = 0;
    while (entries && entries[count])
        count++;
    return count;
}

static bool has_name_of(const char *entry, const char *other)
{
    const char *end = strchr(entry, '=');
    return end && strncmp(entry, other, (size_t)(end - entry) + 1) == 0;
}

static bool is_replaced(const char *entry, const char *const *additions)
{
    for (; additions && *additions; additions++)
        if (has_name_of(*additions, entry))
            return true;
    return false;
}

/* An array for free(); the strings are the program's and the caller's. NULL: no memory. */
static char **merge_environment(const char *const *additions)
{
    size_t added = count_of(additions), at = 0;
    char **merged = platform_calls.calloc(count_of((const char *const *)environ) + added + 1, sizeof *merged);
    if (!merged)
        return NULL;
    for (char **entry = environ; entry && *entry; entry++)
        if (!is_replaced(*entry, additions))
            merged[at++] = *entry;
    for (size_t i = 0; i < added; i++)
        merged[at++] = (char *)additions[i];
    return merged;
}

/* ---- The start ---- */

static int add_attributes(posix_spawnattr_t *attributes, const sigset_t *mask)
{
    int error_number = posix_spawnattr_setsigmask(attributes, mask);
    return error_number == 0 ? posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK) : error_number;
}

/* Returns an error number. */
static int spawn(const char *const *arguments, char **environment, const sigset_t *mask, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error_number = posix_spawn_file_actions_init(&actions);
    if (error_number != 0)
        return error_number;
    error_number = posix_spawnattr_init(&attributes);
    if (error_number == 0) {
        error_number = platform__spawn_close_from(&actions, STDERR_FILENO + 1);
        if (error_number == 0)
            error_number = add_attributes(&attributes, mask);
        if (error_number == 0)
            error_number =
                posix_spawnp(ret_pid, arguments[0], &actions, &attributes, (char *const *)arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error_number;
}

static int start(const platform_program_options *options, pid_t *ret_pid)
{
    sigset_t before, mask;
    char **environment = merge_environment(options->environment);
    if (!environment)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a program's environment");
    platform__signals_hold(&before);
    platform__signals_for_child(&before, &mask);
    int error_number = spawn(options->arguments, environment, &mask, ret_pid);
    platform__signals_release(&before);
    free(environment);
    return error_number == 0 ? 0 : platform__fail_number(MPROC_E_START_FAILED, options->arguments[0], error_number);
}

int platform_program_start(const platform_program_options *options, platform_process **ret_process)
{
    const platform_process_options watched = { .on_exit = options->on_exit, .user = options->user };
    platform_process *process;
    pid_t pid = 0;
    if (!options->arguments || !options->arguments[0] || options->arguments[0][0] == '\0')
        return platform__fail_text(MPROC_E_INVALID, "there is no program to start");
    int code = platform__process_new(&watched, &process);
    if (code < 0)
        return code;
    code = start(options, &pid);
    if (code < 0) {
        platform__process_destroy(process);
        return code;
    }
    code = platform__process_born(process, pid);
    if (code == 0)
        *ret_process = process;
    return code;
}
