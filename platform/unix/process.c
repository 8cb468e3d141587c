/* Process objects: how a child starts, is signalled, is found dead, and is forgotten. */
#define _GNU_SOURCE
#include "unix/process.h"
#include "unix/calls.h"
#include "unix/child_stdio.h"
#include "unix/error.h"
#include "unix/handle.h"
#include "unix/identity.h"
#include "unix/os.h"
#include "unix/setup.h"
#include "unix/signals.h"
#include "unix/thread.h"
#include "unix/wait.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* How long a dead process may wait to be reaped by somebody else before its exit status is called unknown; and how long
 * its template, which has reaped it and lives, may take to tell of it. */
#define FOREIGN_STATUS_NS  40000000
#define TEMPLATE_STATUS_NS 1000000000

bool platform_can_fork(void)
{
    return true;
}

int64_t platform_process_pid(const platform_process *process)
{
    return process->pid;
}

/* What stands for the process in the functions of os.h. */
static int os_descriptor(const platform_process *process)
{
    return process->by_number ? -1 : process->descriptor;
}

bool platform_process_is_stopped(const platform_process *process)
{
    return platform__os_process_is_stopped(os_descriptor(process), process->pid);
}

int platform_process_memory(const platform_process *process, size_t *ret_bytes)
{
    return platform__os_process_memory(os_descriptor(process), process->pid, ret_bytes)
               ? 0
               : platform__fail(MPROC_E_OS, "reading how much memory a process has");
}

int platform_process_memory_peak(const platform_process *process, size_t *ret_bytes)
{
    return platform__os_process_memory_peak(os_descriptor(process), process->pid, ret_bytes)
               ? 0
               : platform__fail(MPROC_E_OS, "reading how much memory a process has had");
}

/* The clock of a number may be another process's, unless the one that is meant lives afterwards. */
int platform_process_cpu(const platform_process *process, uint64_t *ret_ns)
{
    clockid_t clock;
    struct timespec time;
    int error_number = clock_getcpuclockid(process->pid, &clock);
    if (error_number == 0 && clock_gettime(clock, &time) < 0)
        error_number = errno;
    if (error_number == 0 && platform__is_ready(process->descriptor))
        error_number = ESRCH;
    if (error_number != 0)
        return platform__fail_number(MPROC_E_OS, "reading how much CPU time a process has used", error_number);
    *ret_ns = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
    return 0;
}

platform_handle platform_process_sentinel(const platform_process *process)
{
    return process->descriptor;
}

bool platform__handles_are_valid(const platform_handle *handles, int handle_count)
{
    return handle_count >= 0 && handle_count <= PLATFORM_MAX_HANDLES && (handle_count == 0 || handles);
}

bool platform_process_is_headless(const platform_process *process)
{
    return platform__os_process_is_headless(os_descriptor(process), process->pid) &&
           !platform__is_ready(process->descriptor);
}

/* ---- How it ended ---- */

platform_exit platform__exit_of_siginfo(const siginfo_t *info)
{
    bool exited = info->si_code == CLD_EXITED;
    return (platform_exit){ exited ? PLATFORM_EXIT_CODE : PLATFORM_EXIT_SIGNAL, info->si_status };
}

platform_exit platform__exit_of_status(int status)
{
    if (WIFEXITED(status))
        return (platform_exit){ PLATFORM_EXIT_CODE, WEXITSTATUS(status) };
    if (WIFSIGNALED(status))
        return (platform_exit){ PLATFORM_EXIT_SIGNAL, WTERMSIG(status) };
    return (platform_exit){ PLATFORM_EXIT_UNKNOWN, 0 };
}

/* Somebody else reaps it: the program's own wait or its ignored SIGCHLD, its template, or init after that was lost. */
static bool foreign_exit(platform_process *process)
{
    int status;
    enum platform__exit_answer answer = platform__os_process_status(os_descriptor(process), process->pid, &status);
    if (answer == PLATFORM__EXIT_KNOWN) {
        process->report = platform__exit_of_status(status);
        return true;
    }
    /* A template that has reaped it is about to say how it ended, whatever the system can tell. */
    if (answer == PLATFORM__EXIT_NOT_YET || process->place) {
        if (process->give_up_ns == 0)
            process->give_up_ns = platform_now_ns() + (process->place ? TEMPLATE_STATUS_NS : FOREIGN_STATUS_NS);
        if (platform_now_ns() < process->give_up_ns)
            return false;
    }
    process->report = (platform_exit){ PLATFORM_EXIT_UNKNOWN, 0 };
    return true;
}

static void kill_group_of_dead(platform_process *process, bool number_is_safe)
{
    if (process->group)
        platform__os_group_kill(os_descriptor(process), process->pid, number_is_safe);
}

/* One that is not ours to reap is a template's, which is lost, or the program itself has reaped it. */
static bool has_died(const platform_process *process)
{
    siginfo_t info;
    if (!process->by_number)
        return platform__is_ready(process->descriptor);
    if (platform__os_process_wait(-1, process->pid, &info, WNOWAIT) == 0)
        return info.si_pid != 0;
    return !platform_is_alive(process->pid, 0);
}

/* Reaps our child, its group first: as long as it is a zombie its number is its own. Returns false if the end of the
 * process cannot be known yet: a debugger holds its own wait before ours. */
static bool collect(platform_process *process)
{
    siginfo_t info;
    int descriptor = os_descriptor(process);
    if (platform__os_process_wait(descriptor, process->pid, &info, WNOWAIT) == 0) {
        if (info.si_pid == 0)
            return false;
        kill_group_of_dead(process, true);
        process->report = platform__exit_of_siginfo(&info);
        platform__os_process_wait(descriptor, process->pid, &info, 0);
    } else {
        kill_group_of_dead(process, false);
        if (!foreign_exit(process))
            return false;
    }
    return true;
}

static void process_ready(platform__watch *watch)
{
    platform_process *process = (platform_process *)watch;
    /* Without the lock: descriptor does not change while the object is watched. */
    if (!has_died(process))
        return;
    platform__watcher_lock();
    /* The descriptor stays ready, so that from here on looking again must be by the clock. */
    platform__watch_remove(&process->watch);
    if (collect(process))
        platform__process_report(process);
    else
        platform__watch_linger(&process->watch);
    platform__watcher_unlock();
}

static void call_on_exit(void *context)
{
    platform_process *process = context;
    process->on_exit(process, process->report, process->user);
}

void platform__process_leave_template(platform_process *process)
{
    if (!process->place)
        return;
    *process->place = process->next_worker;
    if (process->next_worker)
        process->next_worker->place = process->place;
    process->place = NULL;
}

void platform__process_report(platform_process *process)
{
    process->reaped = true;
    if (process->by_number)
        platform_event_set(process->descriptor);
    platform__process_leave_template(process);
    platform__watch_remove(&process->watch);
    platform__watch_rest(&process->watch);
    if (process->on_exit && !process->forgotten)
        platform__watcher_call(process, call_on_exit, process);
    process->watched = false;
    if (process->forgotten)
        platform__process_destroy(process);
}

void platform__process_destroy(platform_process *process)
{
    platform_handle_close(process->descriptor);
    free(process);
}

void platform_process_free(platform_process *process)
{
    if (!process)
        return;
    if (process->generation != platform__generation()) {
        /* Copied by a fork, which closed its descriptor; the number may be in use for something else. */
        free(process);
        return;
    }
    platform__watcher_lock();
    process->forgotten = true;
    if (!process->watched) {
        platform__process_destroy(process);
    } else {
        /* From here on the watcher frees it, perhaps before the wait is over. */
        platform__watcher_wait(process);
    }
    platform__watcher_unlock();
}

/* ---- How it starts ---- */

/* A descriptor that is opened and closed again: without one to be had, nothing is started. */
static int probe_descriptors(void)
{
    bool locked = platform__descriptors_lock();
    int probe = platform__adopt_unlock(locked, platform__os_process_open(getpid()));
    if (probe < 0 && errno != ENOSYS)
        return platform__fail(MPROC_E_OS, "opening a process");
    platform_handle_close(probe);
    return 0;
}

int platform__process_new(const platform_process_options *options, platform_process **ret_process)
{
    platform_setup();
    if (!platform__handles_are_valid(options->handles, options->handle_count)) {
        return platform__fail_text(MPROC_E_INVALID, "%d handles for a child, at most %d are allowed",
                                   options->handle_count, PLATFORM_MAX_HANDLES);
    }
    platform__watcher_lock();
    int code = platform__watcher_start();
    platform__watcher_unlock();
    if (code == 0)
        code = probe_descriptors();
    if (code < 0)
        return code;
    platform_process *process = platform_calls.calloc(1, sizeof *process);
    if (!process)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a process object");
    process->watch.fd = -1;
    process->descriptor = -1;
    process->generation = platform__generation();
    process->group = options->group;
    process->on_exit = options->on_exit;
    process->user = options->user;
    *ret_process = process;
    return 0;
}

int platform__process_open_event(bool is_dead)
{
    platform_handle event;
    if (platform_event_create(&event) < 0)
        return -1;
    if (is_dead)
        platform_event_set(event);
    return (int)event;
}

/* Where the program ignores SIGCHLD, a child that ends at once is gone without a trace. A set event stands for it:
 * ready for ever, and with no status to be had. */
static int open_child(platform_process *process)
{
    bool locked = platform__descriptors_lock();
    int descriptor = platform__adopt_unlock(locked, platform__os_process_open(process->pid));
    if (descriptor >= 0 || (errno != ESRCH && errno != ENOSYS))
        return descriptor;
    process->by_number = errno == ENOSYS;
    return platform__process_open_event(!process->by_number);
}

/* The child has no descriptor, but it is unreaped (or was reaped without our doing a moment ago), so its number is
 * good. */
static void kill_unborn(pid_t pid, bool group)
{
    siginfo_t info;
    if (group)
        kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    int cancel = platform_cancel_hold();
    while (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0 && errno == EINTR) {
    }
    platform_cancel_release(cancel);
}

static int watch(platform_process *process)
{
    if (!process->by_number)
        return platform__watch_add(&process->watch, process->descriptor, process_ready);
    process->watch.ready = process_ready;
    platform__watch_linger(&process->watch);
    return 0;
}

int platform__process_born(platform_process *process, pid_t pid)
{
    process->pid = pid;
    process->descriptor = open_child(process);
    int code = process->descriptor < 0 ? platform__fail(MPROC_E_OS, "opening a process") : 0;
    if (code == 0) {
        platform__watcher_lock();
        process->watched = true;
        code = watch(process);
        platform__watcher_unlock();
    }
    if (code < 0) {
        kill_unborn(pid, process->group);
        platform__process_destroy(process);
    }
    return code;
}

void platform__process_watch_foreign(platform_process *process)
{
    process->watched = true;
    if (watch(process) < 0) {
        process->watch.ready = process_ready;
        platform__watch_linger(&process->watch);
    }
}

void platform__begin_anew(const platform_handle *keep, int keep_count, const platform_handle *more, int more_count)
{
    platform__watcher_after_fork();
    platform__identity_after_fork();
    platform__descriptors_after_fork(keep, keep_count, more, more_count);
    platform__modules_after_fork();
    platform__thread_after_fork();
}

static void begin_child(const platform_process_options *options)
{
    /* For good: the thread is a copy of one that may be about to be cancelled, which the copy is not to obey. */
    platform_cancel_hold();
    if (options->group || options->apart)
        setpgid(0, 0);
    platform__begin_anew(options->handles, options->handle_count, NULL, 0);
    platform__stdio_drop_output();
    if (!options->inherit_input)
        platform__stdio_empty_input(-1);
}

pid_t platform__fork(const platform_process_options *options, sigset_t *ret_mask)
{
    sigset_t before;
    platform__signals_hold(&before);
    platform__signals_for_child(&before, ret_mask);
    platform__stdio_before_fork();
    platform__modules_before_fork();
    bool locked = platform__descriptors_lock();
    pid_t pid = platform_calls.fork();
    if (pid == 0) {
        begin_child(options);
        return 0;
    }
    int error_number = errno;
    platform__descriptors_unlock(locked);
    platform__modules_after_fork_in_parent();
    if (pid > 0 && (options->group || options->apart)) {
        /* Done by both, so that neither can find it undone. The later one fails or does nothing. */
        setpgid(pid, pid);
    }
    platform__signals_release(&before);
    errno = error_number;
    return pid;
}

int platform_process_fork(const platform_process_options *options, platform_process **ret_process)
{
    platform_process *process;
    int code = platform__process_new(options, &process);
    if (code < 0)
        return code;
    sigset_t mask;
    pid_t pid = platform__fork(options, &mask);
    if (pid == 0) {
        free(process);
        platform__signals_release(&mask);
        return 1;
    }
    if (pid < 0) {
        code = platform__fail(MPROC_E_START_FAILED, "fork");
        platform__process_destroy(process);
        return code;
    }
    code = platform__process_born(process, pid);
    if (code == 0)
        *ret_process = process;
    return code;
}

/* ---- How it is ended ---- */

/* By descriptor, so that it reaches this process or nobody. The number is its own until it was reaped: here under the
 * lock, so that it is not while the signal is sent; by a template perhaps a moment before it tells. */
static int signal_it(platform_process *process, int number)
{
    if (!process->by_number)
        return platform__os_process_signal(process->descriptor, process->pid, number);
    platform__watcher_lock();
    int result = process->reaped ? 0 : platform__os_process_signal(-1, process->pid, number);
    platform__watcher_unlock();
    return result;
}

static int send_signal(platform_process *process, int number)
{
    if (process->generation != platform__generation())
        return platform__fail_text(MPROC_E_WRONG_PROCESS, "the process was started by another process");
    /* EBADF: the event that stands for a child that was gone at once. */
    if (signal_it(process, number) < 0 && errno != ESRCH && errno != EBADF)
        return platform__fail(MPROC_E_OS, "sending a signal");
    return 0;
}

int platform_process_terminate(platform_process *process)
{
    return send_signal(process, SIGTERM);
}

int platform_process_interrupt(platform_process *process)
{
    return send_signal(process, SIGINT);
}

/* Whoever kills has no other means left and does not ask again, so that a failure must be seen twice. */
int platform_process_kill(platform_process *process)
{
    int code = send_signal(process, SIGKILL);
    return code == MPROC_E_OS ? send_signal(process, SIGKILL) : code;
}

void platform_kill_descendants(void)
{
    platform__os_tree_kill_below_self();
}

static bool is_reaped(const platform_process *process)
{
    platform__watcher_lock();
    bool reaped = process->reaped;
    platform__watcher_unlock();
    return reaped;
}

int platform_process_kill_tree(platform_process *process)
{
    /* Of one that is gone the group is all that can be found. */
    bool is_whole_group =
        process->group && (is_reaped(process) || platform__os_tree_is_in_group(process->pid, os_descriptor(process)));
    /* Without the stop it might start more while its descendants are looked for, which is no reason to spare it. */
    int code = send_signal(process, is_whole_group ? 0 : SIGSTOP);
    if (code < 0 && code != MPROC_E_OS)
        return code;
    if (!is_whole_group)
        platform__os_tree_kill_below(process->pid, os_descriptor(process));
    if (process->group) {
        /* Under the lock our own child is not reaped, so that its number can stand for its group. A template reaps
         * without asking us; but it kills the group itself, before. */
        platform__watcher_lock();
        platform__os_group_kill(os_descriptor(process), process->pid, !process->reaped && !process->serial);
        platform__watcher_unlock();
    }
    return platform_process_kill(process);
}
