/* spawn.c: starting the program, or another one, afresh.
 *
 * A child is born inside a job of its own. To create it suspended, assign it and let it run is the older way, which
 * has a hole: a parent killed in between leaves a process that never runs and never ends. Everything else that can fail
 * is done before there is a process, so that no failure leaves one behind.
 */
#include "internal.h"

#include <string.h>
#include <wchar.h>

/** A path in quotes as the whole command line. A Windows path holds no quotes, and the first argument knows no
 * escapes, so there is nothing else to quote. */
static int launch_program(struct platform__launch *launch, const char *executable)
{
    launch->program = executable != NULL ? platform__widen(executable) : platform__module_path(NULL);
    if (launch->program == NULL)
        return platform__fail(GetLastError() == ERROR_NOT_ENOUGH_MEMORY ? MPROC_E_NO_MEMORY : MPROC_E_START_FAILED,
                              "the path of the program");
    size_t length = wcslen(launch->program);
    launch->command = CALL(malloc, (length + 3) * sizeof *launch->command);
    if (launch->command == NULL)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a command line");
    launch->command[0] = L'"';
    memcpy(launch->command + 1, launch->program, length * sizeof *launch->command);
    memcpy(launch->command + 1 + length, L"\"", 2 * sizeof *launch->command);
    return 0;
}

static DWORD creation_flags(bool apart)
{
    /* Ctrl-C does not reach the members of a new group. Ctrl-Break does. */
    return apart ? CREATE_UNICODE_ENVIRONMENT | CREATE_NEW_PROCESS_GROUP : CREATE_UNICODE_ENVIRONMENT;
}

static int launch_prepare(struct platform__launch *launch, const platform_process_options *options)
{
    int code = launch_program(launch, options->executable);
    if (code == 0 && options->boot != NULL)
        code = platform__environment_with_boot(options->boot, &launch->environment);
    if (code == 0)
        code = platform__launch_handles(launch, options);
    launch->flags = creation_flags(options->group || options->apart);
    return code;
}

static void launch_clear(struct platform__launch *launch)
{
    free(launch->program);
    free(launch->command);
    free(launch->environment);
    if (launch->input != NULL)
        CloseHandle(launch->input);
}

/** A process object with all that it needs but the process. */
static int process_create(const platform_process_options *options, platform_process **ret_process)
{
    platform_process *process = CALL(malloc, sizeof *process);
    if (process == NULL)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a process");
    *process = (platform_process){ .on_exit = options->on_exit, .user = options->user };
    int code = platform__watch_prepare(process);
    if (code < 0) {
        free(process);
        return code;
    }
    code = platform__job_create(&process->job);
    if (code < 0) {
        platform_process_free(process);
        return code;
    }
    *ret_process = process;
    return 0;
}

int platform_process_spawn(const platform_process_options *options, platform_process **ret_process)
{
    struct platform__launch launch = { 0 };
    PROCESS_INFORMATION information;
    platform_process *process = NULL;
    int code = launch_prepare(&launch, options);
    if (code == 0)
        code = process_create(options, &process);
    if (code == 0)
        code = platform__launch_run(&launch, &process->job, &information);
    launch_clear(&launch);
    if (code < 0) {
        platform_process_free(process);
        return code;
    }
    CloseHandle(information.hThread);
    process->handle = information.hProcess;
    process->pid = information.dwProcessId;
    platform__watch_start(process);
    *ret_process = process;
    return 0;
}
