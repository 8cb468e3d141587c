#include "terminal/program.h"

#include <stdatomic.h>

static struct {
    platform_process *process;
    platform_handle ended; /**< an event: the sentinel alone does not say how it ended */
    _Atomic int64_t status;
} program;

static int64_t status_of(platform_exit how)
{
    return how.kind == PLATFORM_EXIT_SIGNAL ? 128 + how.code : how.kind == PLATFORM_EXIT_CODE ? how.code : 1;
}

static void on_exit_of_program(platform_process *process, platform_exit how, void *user)
{
    (void)process;
    (void)user;
    atomic_store(&program.status, status_of(how));
    platform_event_set(program.ended);
}

int program_start(char **arguments, const char *const *environment, int64_t *ret_pid)
{
    platform_program_options options = { .arguments = (const char *const *)arguments,
                                         .environment = environment,
                                         .on_exit = on_exit_of_program };
    int code = platform_event_create(&program.ended);
    if (code < 0)
        return code;
    code = platform_program_start(&options, &program.process);
    if (code < 0)
        return code;
    *ret_pid = platform_process_pid(program.process);
    return 0;
}

bool program_is_started(void)
{
    return program.process != NULL;
}

platform_handle program_ended(void)
{
    return program_is_started() ? program.ended : PLATFORM_NO_HANDLE;
}

int program_wait(void)
{
    unsigned char ready = 0;
    while (platform_wait_handles(&program.ended, 1, INT64_MAX, &ready) <= 0)
        ;
    platform_process_free(program.process);
    program.process = NULL;
    return (int)atomic_load(&program.status);
}
