/* process: one function in a process of its own, and what can be asked of it. Usage: process [fork|spawn|forkserver] */
#include "system.h"

#include <mproc.h>
#include <stdlib.h>
#include <string.h>

static long long own_pid(void)
{
    int64_t pid = mproc_process_get_pid(mproc_get_current_process());
    return (long long)pid;
}

/* Example 1: a process with an argument that prints what it runs on. */
static int show_platform(mproc_task *task)
{
    int number;
    int code = mproc_task_read(task, &number, sizeof number);
    if (code < 0)
        return code;
#if defined(_WIN32)
    const char *platform = "windows";
#elif defined(__linux__)
    const char *platform = "linux";
#else
    const char *platform = "posix";
#endif
    printf("argument %d, platform %s, %d-bit, mproc %s, %d CPUs\n", number, platform, (int)sizeof(void *) * 8,
           mproc_version(), mproc_get_cpu_count());
    return 0;
}

static int run_platform(mproc_start_method method)
{
    int number = 1;
    mproc_process *process;
    int code = mproc_process_create(
        &process,
        &(mproc_process_options){ .function = show_platform, .args = MPROC_ARG(number), .start_method = method });
    if (code < 0)
        return code;
    code = mproc_process_start(process);
    if (code == 0)
        code = mproc_process_join(process, MPROC_FOREVER);
    mproc_process_free(process);
    return code;
}

/* Example 28: a process that works a while and ends with a code of its own. */
static int work(mproc_task *task)
{
    (void)task;
    int64_t parent = mproc_process_get_pid(mproc_get_parent_process());
    printf("in %s: pid %lld, parent %lld\n", mproc_process_get_name(mproc_get_current_process()), own_pid(),
           (long long)parent);
    system_sleep(0.3);
    return 7;
}

static int work_long(mproc_task *task)
{
    (void)task;
    system_sleep(3600);
    return 0;
}

static void show(const char *when, mproc_process *process)
{
    int64_t pid = 0, exit_code = 0;
    mproc_view key = { NULL, 0 };
    pid = mproc_process_get_pid(process);
    mproc_process_get_exit_code(process, &exit_code);
    mproc_process_get_authkey(process, &key);
    printf("%-16s name %s, pid %s, daemon %d, alive %d, exit code ", when, mproc_process_get_name(process),
           pid ? "set" : "none", mproc_process_is_daemon(process), mproc_process_is_alive(process));
    if (exit_code == MPROC_EXIT_RUNNING)
        printf("none yet");
    else if (exit_code == MPROC_EXIT_UNKNOWN)
        printf("unknown");
    else
        printf("%lld", (long long)exit_code);
    printf(", authkey of %u bytes\n", (unsigned)key.size);
    fflush(stdout);
}

static int run_attributes(mproc_start_method method)
{
    mproc_process *process;
    int code = mproc_process_create(&process, &(mproc_process_options){ .function = work, .start_method = method });
    if (code < 0)
        return code;
    show("before start:", process);
    code = mproc_process_start(process);
    if (code == 0) {
        show("while it runs:", process);
        printf("join for 10 ms: %s\n", mproc_error_name(mproc_process_join(process, 10)));
        fflush(stdout);
        code = mproc_process_join(process, MPROC_FOREVER);
        show("after join:", process);
        printf("start once more: %s\n", mproc_error_name(mproc_process_start(process)));
    }
    mproc_process_free(process);
    return code;
}

static int run_terminate(mproc_start_method method)
{
    mproc_process *process;
    mproc_process_options options = { .function = work_long, .name = "long one", .daemon = 1, .start_method = method };
    int code = mproc_process_create(&process, &options);
    if (code < 0)
        return code;
    code = mproc_process_start(process);
    if (code == 0) {
        show("while it runs:", process);
        mproc_process_terminate(process);
        code = mproc_process_join(process, MPROC_FOREVER);
        show("after terminate:", process);
    }
    mproc_process_free(process);
    return code;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv); /* without this line no process can be created */

    mproc_start_method method = MPROC_START_DEFAULT;
    if (argc > 1 && mproc_start_method_from_name(argv[1], &method) < 0)
        return mproc_perror("process"), 2;
    int (*const parts[])(mproc_start_method) = { run_platform, run_attributes, run_terminate };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i](method) < 0)
            return mproc_perror("process"), 1;
    return 0;
}
