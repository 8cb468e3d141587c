/* What the kernel says of the running program. */
#define _GNU_SOURCE
#include "linux/proc.h"
#include "unix/os.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

void platform__os_program_path(char *ret_path, size_t capacity)
{
    static const char gone[] = " (deleted)";
    ssize_t length = readlink("/proc/self/exe", ret_path, capacity - 1);
    if (length <= 0) {
        const char *started_as = (const char *)getauxval(AT_EXECFN);
        length = started_as ? (ssize_t)strnlen(started_as, capacity - 1) : 0;
        memcpy(ret_path, started_as ? started_as : "", (size_t)length);
    }
    ret_path[length] = '\0';
    if ((size_t)length >= sizeof gone && !strcmp(ret_path + length - (sizeof gone - 1), gone))
        ret_path[length - (ssize_t)(sizeof gone - 1)] = '\0';
}

const char *platform__os_program_file(void)
{
    return "/proc/self/exe";
}

/* The kernel names a process after the file it was started by, which for a spawn of the running program is "exe" of
 * /proc/self/exe. */
void platform__os_program_name(void)
{
    char name[16];
    if (prctl(PR_GET_NAME, name) == 0 && !strcmp(name, "exe"))
        prctl(PR_SET_NAME, program_invocation_short_name);
}

/* There is a signal for the death of the parent, that is of the thread that has started the child, and it outlives an
 * exec. The child itself has its lifeline, which ends it with all that it has started, and is deaf to the signal: it
 * has a handler, which exec takes away. Then the signal does what it does by default, and ends the program. It is one
 * that nothing uses; a program that does keeps it. */
#ifdef SIGSTKFLT

static void take_no_notice(int number)
{
    (void)number;
}

void platform__os_end_program_with_parent(void)
{
    const struct sigaction deaf = { .sa_handler = take_no_notice, .sa_flags = SA_RESTART };
    struct sigaction before;
    if (sigaction(SIGSTKFLT, NULL, &before) == 0 && before.sa_handler == SIG_DFL &&
        sigaction(SIGSTKFLT, &deaf, NULL) == 0)
        prctl(PR_SET_PDEATHSIG, SIGSTKFLT);
}

#else

void platform__os_end_program_with_parent(void)
{
}

#endif

/* The setting does not pass to what this process forks. */
void platform_end_with_starter(bool on)
{
    prctl(PR_SET_PDEATHSIG, on ? SIGKILL : 0);
}

/* The kernel's own code: no file, and another address in every process. */
bool platform__os_is_kernel_module(uintptr_t start)
{
    return start == (uintptr_t)getauxval(AT_SYSINFO_EHDR);
}

/* Linux gives out the lowest numbers, so that higher ones are rare; to ask about so many takes a few milliseconds. */
#define HIGHEST_ASKED 65536

/* Without /proc every number may be one. */
bool platform__os_each_descriptor(platform__number_fn *function, void *context)
{
    if (platform__proc_each_number("/proc/self/fd", function, context))
        return true;
    long limit = sysconf(_SC_OPEN_MAX);
    if (limit < 0 || limit > HIGHEST_ASKED)
        limit = HIGHEST_ASKED;
    for (int fd = 1; fd < limit; fd++)
        function(fd, context);
    return true;
}
