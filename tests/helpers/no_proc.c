/* A program as one that is linked statically finds the world in a container without /proc: neither the C library's list
 * of streams nor the list of descriptors can be had. What it has buffered must be written once, by itself.
 */
#define _GNU_SOURCE
#include "calls.h"
#include <errno.h>
#include <mproc.h>
#include <stdio.h>
#include <string.h>

static void *find_nothing(void *module, const char *name)
{
    (void)module, (void)name;
    return NULL;
}

static int open_but_not_proc(const char *path, int flags)
{
    if (strncmp(path, "/proc", 5) != 0)
        return open(path, flags);
    errno = ENOENT;
    return -1;
}

static int work(mproc_task *task)
{
    (void)task;
    return 0;
}

static int run_process(void)
{
    int64_t exit_code = -1;
    mproc_process *process;
    if (mproc_process_create(&process, &(mproc_process_options){ .function = work }) < 0 ||
        mproc_process_start(process) < 0 || mproc_process_join(process, MPROC_FOREVER) < 0 ||
        mproc_process_get_exit_code(process, &exit_code) < 0)
        mproc_perror("no_proc");
    mproc_process_free(process);
    return (int)exit_code;
}

int main(int argc, char **argv)
{
    platform_calls.dlsym = find_nothing;
    platform_calls.open = open_but_not_proc;
    mproc_init(argc, argv);
    setvbuf(stdout, NULL, _IOFBF, 8192);
    FILE *other = fdopen(dup(1), "w");
    fputs("one ", stdout);
    fputs("two ", other);
    int code = run_process();
    fclose(other);
    return code;
}
