/* program_start.c: starting another program, with arguments, as a shell would.
 */
#include "internal.h"

#include <string.h>
#include <wchar.h>

/* ---- The command line ---- */

/** What CreateProcessW takes at most. */
#define COMMAND_MAX 32767

/** A command line under way. */
struct command {
    wchar_t *text;
    size_t length;
    bool is_full;
};

static void put(struct command *command, wchar_t character, size_t count)
{
    for (; count > 0 && command->length < COMMAND_MAX - 1; count--)
        command->text[command->length++] = character;
    command->is_full = command->is_full || count > 0;
}

/** In quotes, as the C runtime takes an argument apart again: backslashes mean themselves, but before a quote. */
static void put_quoted(struct command *command, const wchar_t *argument)
{
    size_t backslashes = 0;
    put(command, L'"', 1);
    for (; *argument != L'\0'; argument++) {
        if (*argument == L'"')
            put(command, L'\\', backslashes + 1);
        backslashes = *argument == L'\\' ? backslashes + 1 : 0;
        put(command, *argument, 1);
    }
    put(command, L'\\', backslashes);
    put(command, L'"', 1);
}

static void put_argument(struct command *command, const wchar_t *argument)
{
    if (command->length > 0)
        put(command, L' ', 1);
    if (argument[0] != L'\0' && wcspbrk(argument, L" \t\n\v\"") == NULL) {
        for (; *argument != L'\0'; argument++)
            put(command, *argument, 1);
        return;
    }
    put_quoted(command, argument);
}

static int fail_text(void)
{
    return platform__fail(GetLastError() == ERROR_NOT_ENOUGH_MEMORY ? MPROC_E_NO_MEMORY : MPROC_E_INVALID,
                          "the text of a program's arguments");
}

static int put_arguments(struct command *command, const char *const *arguments)
{
    for (; *arguments != NULL; arguments++) {
        wchar_t *wide = platform__widen(*arguments);
        if (wide == NULL)
            return fail_text();
        put_argument(command, wide);
        free(wide);
    }
    command->text[command->length] = L'\0';
    return command->is_full ? platform__fail_text(MPROC_E_INVALID, "the arguments are too long for a program") : 0;
}

/* ---- The rest of what it is started with ---- */

static int add_variable(wchar_t **environment, const char *entry)
{
    wchar_t *wide = platform__widen(entry);
    if (wide == NULL)
        return fail_text();
    wchar_t *copy =
        *environment != NULL ? platform__environment_copy_with(*environment, wide) : platform__environment_with(wide);
    free(wide);
    if (copy == NULL)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a program's environment");
    free(*environment);
    *environment = copy;
    return 0;
}

static int prepare(struct platform__launch *launch, const platform_program_options *options)
{
    const platform_process_options plain = { .inherit_input = true };
    struct command command = { .text = CALL(malloc, COMMAND_MAX * sizeof *command.text) };
    if (command.text == NULL)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a command line");
    launch->command = command.text;
    launch->flags = CREATE_UNICODE_ENVIRONMENT;
    int code = put_arguments(&command, options->arguments);
    for (const char *const *entry = options->environment; code == 0 && entry != NULL && *entry != NULL; entry++)
        code = add_variable(&launch->environment, *entry);
    return code == 0 ? platform__launch_handles(launch, &plain) : code;
}

static int process_create(const platform_program_options *options, platform_process **ret_process)
{
    platform_process *process = CALL(malloc, sizeof *process);
    if (process == NULL)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a process");
    *process = (platform_process){ .on_exit = options->on_exit, .user = options->user };
    int code = platform__watch_prepare(process);
    if (code < 0)
        free(process);
    else
        *ret_process = process;
    return code;
}

/** Without a job of this process's, which would take the program along. */
static int launch_and_watch(struct platform__launch *launch, platform_process *process)
{
    PROCESS_INFORMATION information;
    HANDLE no_job = NULL;
    int code = platform__launch_run(launch, &no_job, &information);
    if (code < 0)
        return code;
    CloseHandle(information.hThread);
    process->handle = information.hProcess;
    process->pid = information.dwProcessId;
    platform__watch_start(process);
    return 0;
}

int platform_program_start(const platform_program_options *options, platform_process **ret_process)
{
    struct platform__launch launch = { 0 };
    platform_process *process = NULL;
    if (options->arguments == NULL || options->arguments[0] == NULL || options->arguments[0][0] == '\0')
        return platform__fail_text(MPROC_E_INVALID, "there is no program to start");
    int code = prepare(&launch, options);
    if (code == 0)
        code = process_create(options, &process);
    if (code == 0)
        code = launch_and_watch(&launch, process);
    free(launch.command);
    free(launch.environment);
    if (code < 0)
        platform_process_free(process);
    else
        *ret_process = process;
    return code;
}
