/* Templates, on the side of their maker. */
#define _GNU_SOURCE
#include "unix/template.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/handle.h"
#include "unix/os.h"
#include "unix/process.h"
#include "unix/signals.h"
#include "unix/thread.h"
#include "unix/wait.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_NS   10000000000
#define FAREWELL_NS 1000000000
/* How often a template is looked at that has not answered. */
#define LOOK_NS 100000000

struct platform_template {
    platform__watch watch; /* of deaths; first: the watcher's pointer is the template's */
    platform_process *process;
    unsigned generation;
    int requests, deaths;
    platform_lost_fn *on_lost;
    void *user;
    bool spawned;  /* else forked */
    sigset_t mask; /* of its workers, if it was forked; else each has its starter's */

    platform_mutex asking; /* held from a request to its answer, unless it was asked for ahead */
    uint64_t last_serial;  /* under asking */
    bool broken;           /* under asking: it missed an answer */
    platform_word *answered;

    /* Under the watcher's lock. */
    platform_process *workers;
    bool lost;    /* its process is dead */
    bool freed;   /* by the caller: the watcher frees it when it dies */
    bool awaited; /* by platform_template_free, which frees it if it dies meanwhile */
};

/* ---- Its workers, as the watcher sees them ---- */

/* A worker that died before its maker had read the answer is reported once it has. */
static void unanswered_ready(platform__watch *watch)
{
    platform_process *process = (platform_process *)watch;
    platform__watcher_lock();
    if (process->answered)
        platform__process_report(process);
    platform__watcher_unlock();
}

static void take_death(struct platform_template *template, const struct platform__death *death)
{
    platform_process *process = template->workers;
    while (process && process->serial != death->serial)
        process = process->next_worker;
    if (!process || process->exit_is_known)
        return;
    bool known = death->kind == PLATFORM_EXIT_CODE || death->kind == PLATFORM_EXIT_SIGNAL;
    process->report = (platform_exit){ PLATFORM_EXIT_UNKNOWN, 0 };
    if (known) {
        process->report.kind = death->kind == PLATFORM_EXIT_CODE ? PLATFORM_EXIT_CODE : PLATFORM_EXIT_SIGNAL;
        process->report.code = death->code;
    }
    process->exit_is_known = true;
    if (process->answered) {
        platform__process_report(process);
    } else {
        process->watch.ready = unanswered_ready;
        platform__watch_linger(&process->watch);
    }
}

/* Takes one packet. Returns whether there may be more. With the lock held. */
static bool receive_death(struct platform_template *template)
{
    struct platform__death death;
    int fds[PLATFORM_MAX_HANDLES], fd_count;
    int result = platform__packet_receive(template->deaths, &death, sizeof death, fds, &fd_count);
    if (result > 0) {
        take_death(template, &death);
    } else if (result == 0) {
        /* The end of the stream stays ready for ever. The descriptor tells of the death itself. */
        platform__watch_remove(&template->watch);
    }
    return result > 0;
}

static void deaths_ready(platform__watch *watch)
{
    platform__watcher_lock();
    receive_death((struct platform_template *)watch);
    platform__watcher_unlock();
}

/* ---- Its own death ---- */

static void destroy(struct platform_template *template)
{
    platform_mutex_destroy(&template->asking);
    platform_handle_close(template->requests);
    platform_handle_close(template->deaths);
    if (template->answered)
        munmap(template->answered, sizeof *template->answered);
    free(template);
}

/* The workers live on; from now on their descriptors alone tell of their deaths. */
static void release_workers(struct platform_template *template)
{
    while (template->workers)
        platform__process_leave_template(template->workers);
}

/* on_exit of the template's own process. Who frees the template is settled together with its being lost: this function
 * if the caller had freed it by then, else platform_template_free, which may come from within on_lost. */
static void template_died(platform_process *process, platform_exit how, void *user)
{
    struct platform_template *template = user;
    platform__watcher_lock();
    while (receive_death(template)) {
    }
    platform__watch_remove(&template->watch);
    release_workers(template);
    template->lost = true;
    bool last = template->freed && !template->awaited;
    platform_lost_fn *on_lost = template->freed ? NULL : template->on_lost;
    void *on_lost_user = template->user;
    /* The process object is in use by the watcher, which frees it after this call. */
    process->forgotten = process->forgotten || last;
    platform__watcher_broadcast();
    platform__watcher_unlock();
    if (last)
        destroy(template);
    if (on_lost)
        on_lost(how, on_lost_user);
}

/* ---- Making it ---- */

struct sockets {
    int requests[2], deaths[2]; /* ours, the template's */
};

static int open_pair(int pair[2])
{
    bool locked = platform__descriptors_lock();
    int result = platform_calls.socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
    if (result < 0) {
        pair[0] = pair[1] = -1;
    } else {
        pair[0] = platform__adopt(pair[0]);
        pair[1] = platform__adopt(pair[1]);
    }
    platform__descriptors_unlock(locked);
    return result < 0 || pair[0] < 0 || pair[1] < 0
               ? platform__fail(platform__is_denied(errno) ? MPROC_E_NOT_SUPPORTED : MPROC_E_OS, "socketpair")
               : 0;
}

/* segment: of the word, or none. On failure too what the two results mean is the caller's. */
static int open_ends(platform_template *template, platform_handle segment, struct sockets *ret_sockets)
{
    template->answered = platform__map_word(segment);
    if (!template->answered)
        return platform__fail(MPROC_E_NO_MEMORY, "mapping a template's word");
    int code = open_pair(ret_sockets->requests);
    code = code < 0 ? code : open_pair(ret_sockets->deaths);
    template->requests = ret_sockets->requests[0];
    template->deaths = ret_sockets->deaths[0];
    return code;
}

static int new_template(platform_lost_fn *on_lost, void *user, platform_handle segment, struct sockets *ret_sockets,
                        platform_template **ret_template)
{
    platform_template *template = platform_calls.calloc(1, sizeof *template);
    if (!template)
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a template");
    *ret_sockets = (struct sockets){ { -1, -1 }, { -1, -1 } };
    platform_mutex_init(&template->asking);
    template->watch.fd = -1;
    template->requests = template->deaths = -1;
    template->generation = platform__generation();
    template->on_lost = on_lost;
    template->user = user;
    *ret_template = template;
    return open_ends(template, segment, ret_sockets);
}

static int watch_deaths(struct platform_template *template)
{
    platform__watcher_lock();
    int code = template->lost ? 0 : platform__watch_add(&template->watch, template->deaths, deaths_ready);
    platform__watcher_unlock();
    return code;
}

/* After the attempt to start the template's process: of the sockets only our ends stay, of a failure nothing. */
static int settle(platform_template *template, const struct sockets *sockets, int code,
                  platform_template **ret_template)
{
    platform_handle_close(sockets->requests[1]);
    platform_handle_close(sockets->deaths[1]);
    if (code < 0) {
        destroy(template);
        return code;
    }
    code = watch_deaths(template);
    if (code < 0) {
        platform_process_kill(template->process);
        platform_template_free(template);
        return code;
    }
    *ret_template = template;
    return 0;
}

/* ---- By a fork ---- */

/* The system wakes who waits at a socket on the CPU of the sender, who will wait too, as it thinks; a copy by fork may
 * find itself there as well. Else the template would stand still while its maker goes on, beside an idle CPU. */
static void let_it_run(void)
{
    platform_yield();
}

/* The template keeps the standard input, for workers that are to have it. */
static int start_server(struct platform__template_server *setting, platform_template *template)
{
    int count = setting->keep_count + 3;
    platform_process *process = template->process;
    platform_handle *all = platform_calls.calloc((size_t)count, sizeof *all);
    const platform_process_options options = {
        .handles = all, .handle_count = count, .group = true, .inherit_input = true
    };
    if (!all) {
        platform__process_destroy(process);
        return platform__fail_text(MPROC_E_NO_MEMORY, "no memory for a template");
    }
    all[0] = setting->requests;
    all[1] = setting->deaths;
    all[2] = setting->maker.handle;
    for (int i = 3; i < count; i++)
        all[i] = setting->keep[i - 3];
    setting->keep = all + 3;
    pid_t pid = platform__fork(&options, &template->mask);
    if (pid == 0)
        platform__template_serve(setting);
    int code = pid < 0 ? platform__fail(MPROC_E_START_FAILED, "fork") : 0;
    free(all);
    if (code < 0) {
        platform__process_destroy(process);
        return code;
    }
    let_it_run();
    return platform__process_born(process, pid);
}

/* Starts the process and has it watched. On failure nothing of it is left, and template can be freed. */
static int start_template(struct platform_template *template, struct platform__template_server *setting)
{
    const platform_process_options options = { .group = true, .on_exit = template_died, .user = template };
    int code = platform_self_identity(&setting->maker);
    if (code == 0)
        code = platform__process_new(&options, &template->process);
    return code < 0 ? code : start_server(setting, template);
}

int platform_template_create(platform_child_main *child_main, void *argument, const platform_handle *keep,
                             int keep_count, platform_lost_fn *on_lost, void *user, platform_template **ret_template)
{
    struct sockets sockets;
    platform_template *template = NULL;
    int code = new_template(on_lost, user, PLATFORM_NO_HANDLE, &sockets, &template);
    if (!template)
        return code;
    struct platform__template_server setting = { .child_main = child_main,
                                                 .argument = argument,
                                                 .keep = keep,
                                                 .keep_count = keep_count,
                                                 .requests = sockets.requests[1],
                                                 .deaths = sockets.deaths[1],
                                                 .answered = template->answered };
    if (code == 0)
        code = start_template(template, &setting);
    return settle(template, &sockets, code, ret_template);
}

/* ---- By a spawn ---- */

static int make_segment(platform_handle *ret_segment)
{
    int code = platform_segment_create(PLATFORM_SEGMENT_ALIGN, ret_segment);
    if (code < 0)
        return code;
    code = platform_segment_commit(*ret_segment, NULL, 0, sizeof(platform_word));
    if (code < 0)
        platform_handle_close(*ret_segment);
    return code;
}

/* Its own handles come after those of the options: see platform_template_serve. */
static int spawn_server(platform_template *template, const platform_process_options *options,
                        const struct sockets *sockets, platform_handle segment)
{
    platform_handle handles[PLATFORM_MAX_HANDLES];
    platform_process_options own = *options;
    int count = options->handle_count;
    if (!platform__handles_are_valid(options->handles, count + PLATFORM__TEMPLATE_HANDLES))
        return platform__fail_text(MPROC_E_INVALID, "%d handles for a template, at most %d are allowed", count,
                                   PLATFORM_MAX_HANDLES - PLATFORM__TEMPLATE_HANDLES);
    memcpy(handles, options->handles, (size_t)count * sizeof *handles);
    handles[count++] = sockets->requests[1];
    handles[count++] = sockets->deaths[1];
    handles[count++] = segment;
    own.handles = handles;
    own.handle_count = count;
    own.group = own.inherit_input = true;
    own.on_exit = template_died;
    own.user = template;
    return platform_process_spawn(&own, &template->process);
}

int platform_template_spawn(const platform_process_options *options, platform_lost_fn *on_lost, void *user,
                            platform_template **ret_template)
{
    struct sockets sockets;
    platform_template *template = NULL;
    platform_handle segment;
    int code = make_segment(&segment);
    if (code < 0)
        return code;
    code = new_template(on_lost, user, segment, &sockets, &template);
    if (template) {
        template->spawned = true;
        if (code == 0)
            code = spawn_server(template, options, &sockets, segment);
        code = settle(template, &sockets, code, ret_template);
    }
    platform_handle_close(segment);
    return code;
}

platform_process *platform_template_process(const platform_template *template)
{
    return template->process;
}

/* ---- Freeing it ---- */

/* Waits a moment for a template without workers, whose end is near, so that a program that counts its children after
 * freeing finds it gone; one that does not end by itself is killed. Returns whether it is gone, and so is the caller's
 * to free. */
static bool has_ended(struct platform_template *template)
{
    if (!template->lost && !template->workers) {
        template->awaited = true;
        platform__watcher_wait_until(&template->lost, platform_now_ns() + FAREWELL_NS);
        if (!template->lost) {
            platform_process_kill(template->process);
            platform__watcher_wait_until(&template->lost, platform_now_ns() + FAREWELL_NS);
        }
        template->awaited = template->lost;
    }
    return template->lost;
}

void platform_template_free(platform_template *template)
{
    if (!template)
        return;
    if (template->generation != platform__generation()) {
        platform_process_free(template->process);
        munmap(template->answered, sizeof *template->answered);
        free(template);
        return;
    }
    /* Not closed: a copy of the descriptor in a process that the user forked would keep the template waiting. */
    shutdown(template->requests, SHUT_RDWR);
    /* Should somebody have stopped it: it is to see that, and to end with its last worker. */
    platform__os_process_signal(template->process->descriptor, template->process->pid, SIGCONT);
    platform__watcher_lock();
    template->freed = true;
    bool ended = has_ended(template);
    if (ended)
        platform__watcher_wait(template->process);
    platform__watcher_unlock();
    if (ended) {
        platform_process_free(template->process);
        destroy(template);
    }
}

/* ---- Forking from it ---- */

static void choose_mask(const struct platform_template *template, sigset_t *ret_mask)
{
    sigset_t own;
    pthread_sigmask(SIG_SETMASK, NULL, &own);
    platform__signals_for_child(&own, ret_mask);
    if (!template->spawned)
        *ret_mask = template->mask;
}

static int send_request(struct platform_template *template, const platform_process_options *options)
{
    int fds[PLATFORM_MAX_HANDLES], fd_count = 0;
    struct platform__request request = { .kind = PLATFORM__FORK,
                                         .group = options->group,
                                         .apart = options->apart,
                                         .inherit_input = options->inherit_input,
                                         .serial = template->last_serial,
                                         .makers_group = getpgrp(),
                                         .handle_count = (uint32_t)options->handle_count };
    choose_mask(template, &request.mask);
    for (int i = 0; i < options->handle_count; i++) {
        if (options->handles[i] >= 0) {
            request.present |= 1u << i;
            fds[fd_count++] = (int)options->handles[i];
        }
    }
    if (platform__packet_send(template->requests, &request, sizeof request, fds, fd_count) == 0)
        return 0;
    bool gone = errno == EPIPE || errno == ECONNRESET;
    return platform__fail(gone ? MPROC_E_PEER_DIED : MPROC_E_START_FAILED, "asking the template for a worker");
}

/* Returns 1 with the answer to that request, 0 if there is none yet, or -1 at the end. */
static int receive_answer(struct platform_template *template, uint64_t serial, struct platform__answer *ret_answer,
                          int *ret_descriptor)
{
    int fds[PLATFORM_MAX_HANDLES], fd_count;
    int result = platform__packet_receive(template->requests, ret_answer, sizeof *ret_answer, fds, &fd_count);
    bool good = result > 0 && ret_answer->serial == serial;
    *ret_descriptor = good && fd_count > 0 ? fds[0] : -1;
    for (int i = good ? 1 : 0; i < fd_count; i++)
        platform_handle_close(fds[i]);
    return good ? 1 : result == 0 || (result < 0 && errno != EAGAIN) ? -1 : 0;
}

/* The template may be forking at this moment, and what it says with its last breath still counts, so it is seen dead
 * before the socket is read for the last time. */
static void give_up(struct platform_template *template)
{
    unsigned char ready;
    const platform_handle descriptor = template->process->descriptor;
    platform_process_kill(template->process);
    platform_wait_handles(&descriptor, 1, platform_now_ns() + FAREWELL_NS, &ready);
}

/* Whether there is no use in waiting any longer. One that is found stopped twice in a row was not just on its way back
 * from a stop of the whole family; it may stay so for ever. */
static bool is_overdue(const struct platform_template *template, int64_t deadline_ns, int *stopped)
{
    *stopped = platform_process_is_stopped(template->process) ? *stopped + 1 : 0;
    return *stopped >= 2 || platform_now_ns() > deadline_ns;
}

static int wait_for_answer(struct platform_template *template, uint64_t serial, struct platform__answer *ret_answer,
                           int *ret_descriptor)
{
    const platform_handle handles[2] = { template->requests, template->process->descriptor };
    int64_t deadline_ns = platform_now_ns() + ANSWER_NS;
    int result = 0, stopped = 0;
    bool over = false;
    while (result == 0 && !over) {
        unsigned char ready[2] = { 0, 0 };
        int count = platform_wait_handles(handles, 2, platform_now_ns() + LOOK_NS, ready);
        if (count == 0 && is_overdue(template, deadline_ns, &stopped)) {
            give_up(template);
            over = true;
        } else if (count < 0) {
            /* A lack of memory, which may pass. */
            platform__pause(1000000);
        }
        over = over || ready[1];
        result = receive_answer(template, serial, ret_answer, ret_descriptor);
    }
    if (result > 0)
        return 0;
    /* Requests and answers can no longer be told apart, so it is of no more use. Its death makes that known. */
    template->broken = true;
    platform_process_kill(template->process);
    return platform__fail_text(MPROC_E_PEER_DIED, "the template did not answer");
}

/* The worker exists, but there was no descriptor left here to receive it by. */
static int refuse_worker(struct platform_template *template, uint64_t serial)
{
    struct platform__request request = { .kind = PLATFORM__KILL, .serial = serial };
    platform__packet_send(template->requests, &request, sizeof request, NULL, 0);
    return platform__fail_number(MPROC_E_OS, "receiving a worker from the template", EMFILE);
}

static int check_not_broken(const struct platform_template *template)
{
    return template->broken ? platform__fail_text(MPROC_E_PEER_DIED, "the template is gone") : 0;
}

static int take_answer(struct platform_template *template, uint64_t serial, struct platform__answer *ret_answer,
                       int *ret_descriptor)
{
    int code = check_not_broken(template);
    if (code == 0)
        code = wait_for_answer(template, serial, ret_answer, ret_descriptor);
    if (code < 0)
        return code;
    if (ret_answer->error_number != 0) {
        platform_handle_close(*ret_descriptor);
        return platform__fail_number(MPROC_E_START_FAILED, "fork in the template", ret_answer->error_number);
    }
    if (ret_answer->by_number)
        *ret_descriptor = platform__process_open_event(false);
    return *ret_descriptor < 0 ? refuse_worker(template, serial) : 0;
}

static void join_template(struct platform_template *template, platform_process *process)
{
    process->place = &template->workers;
    process->next_worker = template->workers;
    if (process->next_worker)
        process->next_worker->place = &process->next_worker;
    template->workers = process;
}

/* Before the request, because the worker's death may be told before the answer was read. */
static void add_worker(struct platform_template *template, platform_process *process)
{
    platform__watcher_lock();
    process->serial = ++template->last_serial;
    process->watched = true;
    if (!template->lost)
        join_template(template, process);
    platform__watcher_unlock();
}

/* The worker may begin. The template says so too, unless it was stopped just before; it may have said so of later ones,
 * too, which are not to wait again. */
static void tell_answered(struct platform_template *template, uint32_t serial)
{
    uint32_t answered = atomic_load(&template->answered->value);
    while ((int32_t)(serial - answered) > 0 &&
           !atomic_compare_exchange_weak(&template->answered->value, &answered, serial)) {
    }
    platform_wake(template->answered, INT32_MAX);
}

static void accept_worker(struct platform_template *template, platform_process *process,
                          const struct platform__answer *answer, int descriptor)
{
    platform__watcher_lock();
    process->pid = answer->pid;
    process->descriptor = descriptor;
    process->by_number = answer->by_number != 0;
    process->answered = true;
    /* Its death is the kernel's to tell, whatever becomes of the template: that may be stopped. Whichever is first. */
    if (!process->exit_is_known)
        platform__process_watch_foreign(process);
    platform__watcher_unlock();
    tell_answered(template, (uint32_t)answer->serial);
}

static void drop_worker(platform_process *process)
{
    platform__watcher_lock();
    platform__process_leave_template(process);
    if (process->watch.lingering) {
        /* Its death was told: the watcher knows the object, and frees it. */
        process->answered = true;
        process->forgotten = true;
    } else {
        platform__process_destroy(process);
    }
    platform__watcher_unlock();
}

/* With the lock held, like take. */
static int ask(struct platform_template *template, const platform_process_options *options, platform_process *process)
{
    add_worker(template, process);
    int code = check_not_broken(template);
    if (code == 0)
        code = send_request(template, options);
    if (code < 0)
        drop_worker(process);
    return code;
}

static int take(struct platform_template *template, platform_process *process)
{
    struct platform__answer answer;
    int descriptor = -1;
    int code = take_answer(template, process->serial, &answer, &descriptor);
    if (code < 0)
        drop_worker(process);
    else
        accept_worker(template, process, &answer, descriptor);
    return code;
}

static int new_worker(const struct platform_template *template, const platform_process_options *options,
                      platform_process **ret_process)
{
    if (template->generation != platform__generation())
        return platform__fail_text(MPROC_E_WRONG_PROCESS, "the template was made by another process");
    return platform__process_new(options, ret_process);
}

int platform_template_ask(platform_template *template, const platform_process_options *options,
                          platform_process **ret_process)
{
    int code = new_worker(template, options, ret_process);
    if (code < 0)
        return code;
    platform_mutex_lock(&template->asking);
    code = ask(template, options, *ret_process);
    platform_mutex_unlock(&template->asking);
    let_it_run();
    return code;
}

int platform_template_take(platform_template *template, platform_process *process)
{
    platform_mutex_lock(&template->asking);
    int code = take(template, process);
    platform_mutex_unlock(&template->asking);
    return code;
}

int platform_template_fork(platform_template *template, const platform_process_options *options,
                           platform_process **ret_process)
{
    int code = new_worker(template, options, ret_process);
    if (code < 0)
        return code;
    platform_mutex_lock(&template->asking);
    code = ask(template, options, *ret_process);
    if (code == 0)
        code = take(template, *ret_process);
    platform_mutex_unlock(&template->asking);
    return code;
}
