#define _GNU_SOURCE
#include "unix/tool.h"
#include "platform.h"
#include "unix/calls.h"
#include "unix/handle.h"
#include "unix/spawn_actions.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Both ends close-on-exec and of the port. */
static bool open_pipe(int ret_ends[2])
{
    int raw[2];
    bool locked = platform__descriptors_lock();
    bool made = pipe2(raw, O_CLOEXEC) == 0;
    if (made) {
        ret_ends[0] = platform__adopt(raw[0]);
        ret_ends[1] = platform__adopt(raw[1]);
    }
    platform__descriptors_unlock(locked);
    return made && ret_ends[0] >= 0 && ret_ends[1] >= 0;
}

static int add_actions(posix_spawn_file_actions_t *actions, int output)
{
    int error_number = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error_number == 0)
        error_number = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    if (error_number == 0)
        error_number = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    return error_number == 0 ? platform__spawn_close_from(actions, STDERR_FILENO + 1) : error_number;
}

/* No signal that a thread of ours holds back is held back in the tool. */
static int add_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigemptyset(&none);
    int error_number = posix_spawnattr_setsigmask(attributes, &none);
    return error_number == 0 ? posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK) : error_number;
}

static pid_t start(char *const arguments[], int output)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid = -1;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return -1;
    if (posix_spawnattr_init(&attributes) == 0) {
        if (add_actions(&actions, output) != 0 || add_attributes(&attributes) != 0 ||
            posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments, environ) != 0)
            pid = -1;
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/* Returns false at the deadline. */
static bool wait_for_output(int input, int64_t deadline_ns)
{
    for (;;) {
        int64_t left_ns = deadline_ns - platform_now_ns();
        struct pollfd poll_input = { .fd = input, .events = POLLIN };
        struct timespec left = { .tv_sec = left_ns / 1000000000, .tv_nsec = left_ns % 1000000000 };
        if (left_ns <= 0)
            return false;
        int ready = platform_calls.ppoll(&poll_input, 1, &left, NULL);
        if (ready != 0 && (ready > 0 || errno != EINTR))
            return ready > 0;
    }
}

/* Whether the output came to its end in time; what there is no room for is read and dropped. */
static bool read_output(int input, int64_t deadline_ns, char *ret_output, size_t capacity)
{
    char rest[256];
    size_t used = 0;
    ssize_t length = 1;
    while (length > 0 && wait_for_output(input, deadline_ns)) {
        bool room = used < capacity - 1;
        length = platform_calls.read(input, room ? ret_output + used : rest, room ? capacity - 1 - used : sizeof rest);
        if (length < 0 && errno == EINTR)
            length = 1;
        else if (length > 0 && room)
            used += (size_t)length;
    }
    ret_output[used] = '\0';
    return length == 0;
}

/* Somebody else in the program may have reaped it: then its number may be another's, and it is asked no more. */
static bool reap(pid_t pid, bool ended)
{
    int status;
    pid_t found;
    if (!ended && waitpid(pid, &status, WNOHANG) == 0)
        kill(pid, SIGKILL);
    while ((found = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
        continue;
    return found < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

bool platform__tool_run(char *const arguments[], int64_t deadline_ns, char *ret_output, size_t capacity)
{
    int ends[2] = { -1, -1 };
    bool ended = false;
    pid_t pid = open_pipe(ends) ? start(arguments, ends[1]) : -1;
    platform_handle_close(ends[1]);
    ret_output[0] = '\0';
    if (pid > 0)
        ended = read_output(ends[0], deadline_ns, ret_output, capacity);
    platform_handle_close(ends[0]);
    return pid > 0 && reap(pid, ended) && ended;
}
