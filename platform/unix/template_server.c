/* The template process: one thread that forks workers when asked to and tells of their deaths.
 *
 * It goes on holding all signals back, as its fork did, and has the default for SIGCHLD, so that none of the program's
 * handlers runs in it and its workers wait for it as zombies; its workers get back what the program had. It ends when
 * its maker dies, and ends those workers then that do not end by themselves; or, once the maker has let go of it, with
 * its last worker.
 */
#define _GNU_SOURCE
#include "unix/boot.h"
#include "unix/calls.h"
#include "unix/child_stdio.h"
#include "unix/handle.h"
#include "unix/identity.h"
#include "unix/os.h"
#include "unix/process.h"
#include "unix/setup.h"
#include "unix/signals.h"
#include "unix/template.h"
#include "unix/thread.h"
#include "unix/wait.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_AGAIN_NS 10000000
/* How long a worker whose template is dead waits for its maker. */
#define ORPHAN_NS 200000000
/* So many calls in a row that fail for a lack of something, each followed by a pause, are a second of it. */
#define FAILURES_MAX 100

struct worker {
    uint64_t serial;
    pid_t pid;
    int descriptor;
    bool group;
    bool held; /* looked at by the clock: dead, but a debugger waits for it first; or there is no descriptor of it */
    bool dead;
    platform_exit how;
};

struct server {
    const struct platform__template_server *setting;
    struct sigaction on_child; /* the program's, for the workers */
    struct worker *workers;
    struct pollfd *polls; /* the fixed ones, then one for each worker */
    int count, capacity;
    pid_t pid;
    int empty_input; /* opened once for all workers; -1: there was none to be had */
    bool released;   /* the maker asks for no more */
    int failures;    /* in a row */
};

enum { REQUESTS, DEATHS, PARENT, FIXED_POLLS };

/* Whether the template died first is asked by the clock: a signal at its death would also hit a worker whose answer was
 * given. The maker may have the answer and be about to note it, so the worker of a dead template waits for that. */
static void wait_until_answered(const struct server *server, uint64_t serial)
{
    int64_t orphan_until = INT64_MAX;
    for (;;) {
        bool orphan = getppid() != server->pid;
        /* seq_cst pairs with the stores in answer_given and tell_answered, by the rules of platform_wait. The template
         * is asked for first: what it did not store before its death it never will. */
        uint32_t answered = atomic_load(&server->setting->answered->value);
        if ((int32_t)(answered - (uint32_t)serial) >= 0)
            break;
        int64_t now = platform_now_ns();
        if (orphan && orphan_until == INT64_MAX)
            orphan_until = now + ORPHAN_NS;
        if (now > orphan_until)
            kill(getpid(), SIGKILL);
        platform_wait(server->setting->answered, answered, NULL, 0, now + LOOK_AGAIN_NS);
    }
    munmap(server->setting->answered, sizeof *server->setting->answered);
}

static void answer_given(const struct server *server, uint64_t serial)
{
    atomic_store(&server->setting->answered->value, (uint32_t)serial);
    platform_wake(server->setting->answered, INT32_MAX);
}

/* 0 means one of its own, which has the worker's number. */
static pid_t group_of(const struct platform__request *request)
{
    return request->group || request->apart ? 0 : request->makers_group;
}

static _Noreturn void become_worker(struct server *server, const int *fds, const struct platform__request *request)
{
    const struct platform__template_server *setting = server->setting;
    platform_handle handles[PLATFORM_MAX_HANDLES];
    int count = (int)request->handle_count;
    for (int i = 0; i < count; i++)
        handles[i] = request->present & (1u << i) ? *fds++ : PLATFORM_NO_HANDLE;
    /* The maker may have gone to another session: in the template's group it would be killed with that. */
    if (setpgid(0, group_of(request)) < 0)
        setpgid(0, 0);
    if (!request->inherit_input)
        platform__stdio_empty_input(server->empty_input);
    platform__begin_anew(setting->keep, setting->keep_count, handles, count);
    free(server->workers);
    free(server->polls);
    wait_until_answered(server, request->serial);
    sigaction(SIGCHLD, &server->on_child, NULL);
    platform__signals_release(&request->mask);
    setting->child_main(setting->argument, handles, count);
    _exit(0);
}

/* Returns after a moment in which what was lacking may have come back, or ends the template: its maker waits, and is to
 * learn that this leads to nothing. */
static void pause_after_failure(struct server *server)
{
    if (++server->failures > FAILURES_MAX)
        _exit(1);
    platform__pause(LOOK_AGAIN_NS);
}

/* ---- Making workers ---- */

static bool make_room(struct server *server)
{
    if (server->count < server->capacity)
        return true;
    size_t capacity = server->capacity ? (size_t)server->capacity * 2 : 16;
    struct worker *workers = platform_calls.calloc(capacity, sizeof *workers);
    struct pollfd *polls = platform_calls.calloc(capacity + FIXED_POLLS, sizeof *polls);
    if (!workers || !polls) {
        free(workers);
        free(polls);
        errno = ENOMEM;
        return false;
    }
    if (server->count > 0)
        memcpy(workers, server->workers, sizeof *workers * (size_t)server->count);
    free(server->workers);
    free(server->polls);
    server->workers = workers;
    server->polls = polls;
    server->capacity = (int)capacity;
    return true;
}

static void end_worker(pid_t pid, bool group)
{
    int error_number = errno;
    siginfo_t info;
    if (group)
        kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    while (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0 && errno == EINTR) {
    }
    errno = error_number;
}

/* The zombie of a worker that ends at once waits until its number is no longer needed, so the descriptor is the right
 * one.
 */
static int open_worker(pid_t pid, bool group)
{
    int descriptor = platform__adopt(platform__os_process_open(pid));
    if (descriptor < 0 && errno != ENOSYS)
        end_worker(pid, group);
    return descriptor;
}

/* Returns the new worker, or NULL with errno set. */
static const struct worker *fork_worker(struct server *server, const struct platform__request *request, const int *fds,
                                        int fd_count)
{
    if (fd_count != __builtin_popcount(request->present)) {
        errno = EMFILE;
        return NULL;
    }
    if (!make_room(server))
        return NULL;
    pid_t pid = platform_calls.fork();
    if (pid == 0)
        become_worker(server, fds, request);
    if (pid < 0)
        return NULL;
    /* Not in the template's own group, with which it would be killed. */
    setpgid(pid, group_of(request));
    int descriptor = open_worker(pid, request->group != 0);
    if (descriptor < 0 && errno != ENOSYS)
        return NULL;
    struct worker *worker = &server->workers[server->count++];
    *worker = (struct worker){ .serial = request->serial,
                               .pid = pid,
                               .descriptor = descriptor,
                               .group = request->group != 0,
                               .held = descriptor < 0 };
    return worker;
}

/* The descriptor could not be sent, for a lack of memory or because too many descriptors are in flight: the maker would
 * wait for it in vain. So the worker ends, and the maker is told by a packet that needs less. Should that fail too, the
 * end of the template is the answer; if the maker is gone, it is due anyway. */
static void send_refusal(struct server *server, struct platform__answer *answer, int descriptor)
{
    answer->error_number = errno;
    if (answer->pid != 0) {
        const struct worker *worker = &server->workers[--server->count];
        end_worker(worker->pid, worker->group);
        platform_handle_close(descriptor);
        answer->pid = 0;
    }
    if (platform__packet_send(server->setting->requests, answer, sizeof *answer, NULL, 0) < 0)
        _exit(1);
}

static void serve_fork(struct server *server, const struct platform__request *request, const int *fds, int fd_count)
{
    struct platform__answer answer = { .serial = request->serial };
    const struct worker *worker = fork_worker(server, request, fds, fd_count);
    int descriptor = worker ? worker->descriptor : -1;
    if (worker) {
        answer.pid = worker->pid;
        answer.by_number = descriptor < 0;
    } else {
        answer.error_number = errno;
    }
    if (platform__packet_send(server->setting->requests, &answer, sizeof answer, &descriptor, descriptor >= 0) < 0)
        send_refusal(server, &answer, descriptor);
    answer_given(server, request->serial);
}

static void serve_kill(struct server *server, uint64_t serial)
{
    for (int i = 0; i < server->count; i++)
        if (server->workers[i].serial == serial && !server->workers[i].dead)
            platform__os_process_signal(server->workers[i].descriptor, server->workers[i].pid, SIGKILL);
}

static void serve_request(struct server *server)
{
    struct platform__request request;
    int fds[PLATFORM_MAX_HANDLES], fd_count;
    int result = platform__packet_receive(server->setting->requests, &request, sizeof request, fds, &fd_count);
    if (result == 0 || (result < 0 && (errno == ECONNRESET || errno == EBADF || errno == ENOTSOCK))) {
        server->released = true;
    } else if (result < 0 && errno != EAGAIN && errno != EPROTO) {
        /* The request is still there. */
        pause_after_failure(server);
        return;
    }
    server->failures = 0;
    if (result > 0 && request.kind == PLATFORM__FORK && request.handle_count <= PLATFORM_MAX_HANDLES)
        serve_fork(server, &request, fds, fd_count);
    else if (result > 0 && request.kind == PLATFORM__KILL)
        serve_kill(server, request.serial);
    for (int i = 0; i < fd_count; i++)
        platform_handle_close(fds[i]);
}

/* ---- Their deaths ---- */

static void check_worker(struct worker *worker)
{
    siginfo_t info;
    int result = platform__os_process_wait(worker->descriptor, worker->pid, &info, WNOWAIT);
    worker->held = result == 0 && info.si_pid == 0;
    if (worker->held)
        return;
    /* What it started goes with it, while the zombie still holds the number of its group. */
    if (worker->group)
        platform__os_group_kill(worker->descriptor, worker->pid, result == 0);
    worker->how = (platform_exit){ PLATFORM_EXIT_UNKNOWN, 0 };
    if (result == 0) {
        worker->how = platform__exit_of_siginfo(&info);
        platform__os_process_wait(worker->descriptor, worker->pid, &info, 0);
    }
    worker->dead = true;
    platform_handle_close(worker->descriptor);
    worker->descriptor = -1;
}

/* Never blocks: the maker's watcher may itself be waiting for an answer of this thread. What cannot be sent now stays
 * in the table until the socket has room. */
static void report_deaths(struct server *server)
{
    for (int i = 0; i < server->count;) {
        const struct worker *worker = &server->workers[i];
        struct platform__death death = { worker->serial, worker->how.kind, (int32_t)worker->how.code };
        if (worker->dead && platform__packet_send(server->setting->deaths, &death, sizeof death, NULL, 0) == 0)
            server->workers[i] = server->workers[--server->count];
        else
            i++;
    }
}

/* ---- The maker's death ---- */

/* For workers to end by themselves, all at once and with what they have started. */
#define FAREWELL_NS 200000000
/* From closing its files to being dead a process has little left to do. */
#define DYING_NS 1000000000

static void end_with_all_below(const struct worker *worker)
{
    platform__os_process_signal(worker->descriptor, worker->pid, SIGSTOP);
    platform__os_tree_kill_below(worker->pid, worker->descriptor);
    if (worker->group)
        platform__os_group_kill(worker->descriptor, worker->pid, true);
    platform__os_process_signal(worker->descriptor, worker->pid, SIGKILL);
}

/* The workers know of it as well. Those that cannot act on it, for they are stopped, or have become another program by
 * exec, end here. */
static _Noreturn void end_with_maker(const struct server *server)
{
    int64_t deadline_ns = platform_now_ns() + FAREWELL_NS;
    for (int i = 0; i < server->count; i++) {
        const struct worker *worker = &server->workers[i];
        const platform_handle descriptor = worker->descriptor;
        unsigned char has_ended;
        /* One that is known by its number is not waited for. */
        if (!worker->dead && platform_wait_handles(&descriptor, 1, deadline_ns, &has_ended) <= 0)
            end_with_all_below(worker);
    }
    _exit(0);
}

/* A maker that dies closes its sockets a moment before it is dead. One that has closed them and lives on has become
 * another program by exec. */
static _Noreturn void end_unheard(const struct server *server)
{
    if (platform_identity_wait(&server->setting->maker, platform_now_ns() + DYING_NS) > 0)
        end_with_maker(server);
    _exit(0);
}

/* ---- The loop ---- */

static bool is_maker_known_by_number(const struct server *server)
{
    return server->setting->maker.handle == PLATFORM_NO_HANDLE;
}

/* Whether it is dying: it has closed its sockets, or is gone. */
static bool has_lost_maker(const struct server *server)
{
    return server->polls[PARENT].revents || (server->polls[DEATHS].revents & (POLLHUP | POLLERR | POLLNVAL)) ||
           (is_maker_known_by_number(server) && getppid() != server->setting->maker.pid);
}

/* Returns whether anybody must be looked at by the clock. */
static bool fill_polls(struct server *server)
{
    bool held = is_maker_known_by_number(server), unsent = false;
    for (int i = 0; i < server->count; i++) {
        const struct worker *worker = &server->workers[i];
        held = held || worker->held;
        unsent = unsent || worker->dead;
        /* poll passes over negative descriptors. */
        server->polls[FIXED_POLLS + i] = (struct pollfd){ worker->held ? -1 : worker->descriptor, POLLIN, 0 };
    }
    server->polls[REQUESTS] = (struct pollfd){ server->released ? -1 : server->setting->requests, POLLIN, 0 };
    server->polls[DEATHS] = (struct pollfd){ server->setting->deaths, unsent ? POLLOUT : 0, 0 };
    server->polls[PARENT] = (struct pollfd){ (int)server->setting->maker.handle, POLLIN, 0 };
    return held;
}

static void serve_once(struct server *server)
{
    const struct timespec look_again = { .tv_nsec = LOOK_AGAIN_NS };
    bool held = fill_polls(server);
    int ready =
        platform_calls.ppoll(server->polls, (nfds_t)(FIXED_POLLS + server->count), held ? &look_again : NULL, NULL);
    if (ready < 0) {
        if (errno != EINTR)
            pause_after_failure(server);
        return;
    }
    if (has_lost_maker(server))
        end_unheard(server);
    for (int i = 0; i < server->count; i++) {
        struct worker *worker = &server->workers[i];
        if (!worker->dead && (worker->held || server->polls[FIXED_POLLS + i].revents))
            check_worker(worker);
    }
    report_deaths(server);
    if (server->polls[REQUESTS].revents)
        serve_request(server);
    else
        server->failures = 0;
}

_Noreturn void platform__template_serve(const struct platform__template_server *setting)
{
    struct server server = { .setting = setting };
    struct sigaction standard = { .sa_handler = SIG_DFL };
    sigaction(SIGCHLD, &standard, &server.on_child);
    server.pid = getpid();
    server.empty_input = platform__stdio_open_empty();
    if (!make_room(&server))
        _exit(1);
    while (!server.released || server.count > 0)
        serve_once(&server);
    _exit(0);
}

/* ---- One that was spawned ---- */

void platform_template_serve(platform_child_main *child_main, void *argument, const platform_handle *keep,
                             int keep_count, const platform_identity *maker)
{
    sigset_t before;
    int first = platform__boot_handle_count() - PLATFORM__TEMPLATE_HANDLES;
    platform_handle word = platform_inherited_value(NULL, first + 2);
    struct platform__template_server setting = { .child_main = child_main,
                                                 .argument = argument,
                                                 .keep = keep,
                                                 .keep_count = keep_count,
                                                 .requests = (int)platform_inherited_value(NULL, first),
                                                 .deaths = (int)platform_inherited_value(NULL, first + 1),
                                                 .maker = *maker,
                                                 .answered = platform__map_word(word) };
    if (!setting.answered)
        _exit(1);
    platform_handle_close(word);
    /* What has been loaded by now the workers will know from the copy of the table. */
    platform__modules_before_fork();
    platform__modules_after_fork_in_parent();
    platform__signals_hold(&before);
    platform__template_serve(&setting);
}
