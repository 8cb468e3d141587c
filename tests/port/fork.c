/* What only systems with fork have: forked children, templates, and signals between. */
#include "port_test.h"

#ifndef _WIN32
#include "calls.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#endif

/* ---- Forked children ---- */

/* Forks; the child runs function, and ends with what it returns. */
static struct port_process *fork_child(int (*function)(void *argument), void *argument, const platform_handle *handles,
                                       int count)
{
    platform_process_options options;
    struct port_process *object = port_process_new(&options);
    options.handles = handles;
    options.handle_count = count;
    int code = platform_process_fork(&options, &object->process);
    if (code == 1)
        platform_exit_now(function(argument));
    CHECK_OK(code);
    return object;
}

static int return_it(void *argument)
{
    return *(int *)argument;
}

static void a_forked_child_ends(void)
{
    int value = 44;
    port_finish_code(fork_child(return_it, &value, NULL, 0), 44);
}

/* The one that it is given is open, the other is not. */
static int look_at_events(void *events)
{
    const platform_handle *handles = events;
    unsigned char ready;
    platform_event_set(handles[0]);
    return platform_wait_handles(&handles[0], 1, 0, &ready) != 1 ||
           platform_wait_handles(&handles[1], 1, 0, &ready) != MPROC_E_INVALID;
}

static void handles_go_by_list(void)
{
    platform_handle events[2];
    CHECK_OK(platform_event_create(&events[0]));
    CHECK_OK(platform_event_create(&events[1]));
    port_finish_code(fork_child(look_at_events, events, events, 1), 0);
    platform_handle_close(events[0]);
    platform_handle_close(events[1]);
}

static int is_another(void *identity)
{
    const platform_identity *parent = identity;
    platform_identity self;
    CHECK(platform_is_copy());
    platform_copy_mark();
    CHECK(!platform_is_copy());
    CHECK_OK(platform_self_identity(&self));
    return self.pid == parent->pid || !platform_is_alive(self.pid, self.start_time) ||
           platform_identity_wait(parent, 0) != 0;
}

static void a_child_is_another_process(void)
{
    platform_identity self;
    platform_copy_mark();
    CHECK(!platform_is_copy());
    CHECK_OK(platform_self_identity(&self));
    port_finish_code(fork_child(is_another, &self, &self.handle, 1), 0);
}

static int have_children(void *parents_child)
{
    CHECK_EQ(platform_process_kill(parents_child), MPROC_E_WRONG_PROCESS);
    platform_process_free(parents_child);
    int value = 9;
    port_finish_code(fork_child(return_it, &value, NULL, 0), 9);
    return 0;
}

static int wait_for_ever(void *unused)
{
    (void)unused;
    while (pause() < 0) {
    }
    return 0;
}

static void a_child_has_children_of_its_own(void)
{
    struct port_process *other = fork_child(wait_for_ever, NULL, NULL, 0);
    port_finish_code(fork_child(have_children, other->process, NULL, 0), 0);
    port_kill(other);
}

/* A copy that the program itself has made: it may begin anew, and has children then. */
static int begin_anew(void)
{
    int value = 9;
    CHECK(platform_is_copy());
    platform_copy_begin();
    CHECK(!platform_is_copy());
    port_finish_code(fork_child(return_it, &value, NULL, 0), 9);
    return 45;
}

static void a_copy_begins_anew(void)
{
    int status;
    platform_copy_mark();
    pid_t pid = fork();
    if (pid == 0)
        _exit(begin_anew());
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 45);
}

/* ---- What becomes of a process without its own doing ---- */

static void stopped_and_continued(void)
{
    struct port_process *child = fork_child(wait_for_ever, NULL, NULL, 0);
    pid_t pid = (pid_t)platform_process_pid(child->process);
    CHECK(!platform_process_is_stopped(child->process));
    kill(pid, SIGSTOP);
    WAIT_UNTIL(platform_process_is_stopped(child->process));
    kill(pid, SIGCONT);
    WAIT_UNTIL(!platform_process_is_stopped(child->process));
    port_kill(child);
}

static void stay(void *unused)
{
    wait_for_ever(unused);
}

/* Its first thread ends, another one stays. */
static int child_lose_its_head(const struct port_child_context *context)
{
    platform_thread *thread;
    (void)context;
    CHECK_OK(platform_thread_start(stay, NULL, "stays", &thread));
    pthread_exit(NULL);
}

static void headless(void)
{
    struct port_process *child = port_spawn("lose_its_head", "", NULL, 0);
    WAIT_UNTIL(platform_process_is_headless(child->process));
    port_kill(child);
}

/* Says that it is there by the event, and stays. */
static int end_with_starter(void *event)
{
    platform_end_with_starter(true);
    platform_event_set(*(platform_handle *)event);
    return wait_for_ever(NULL);
}

struct starter {
    platform_handle event;
    struct port_process *child;
};

static void start_and_end(void *argument)
{
    struct starter *starter = argument;
    unsigned char ready;
    starter->child = fork_child(end_with_starter, &starter->event, &starter->event, 1);
    CHECK_EQ(platform_wait_handles(&starter->event, 1, port_deadline_ns(30000), &ready), 1);
}

static void a_process_ends_with_the_thread_that_started_it(void)
{
    struct starter starter;
    platform_thread *thread;
    CHECK_OK(platform_event_create(&starter.event));
    CHECK_OK(platform_thread_start(start_and_end, &starter, "starter", &thread));
    platform_thread_join(thread);
    platform_exit how = port_finish(starter.child);
    CHECK_EQ(how.kind, PLATFORM_EXIT_SIGNAL);
    CHECK_EQ(how.code, SIGKILL);
    platform_handle_close(starter.event);
}

/* ---- Signals ---- */

static platform_handle parents_own = PLATFORM_NO_HANDLE;
static volatile sig_atomic_t handled, was_set_up;

/* In a child that is set up the parent's descriptors are closed. */
static void handler(int number)
{
    (void)number;
    handled++;
    was_set_up = fcntl((int)parents_own, F_GETFD) < 0;
}

static pid_t fork_and_raise(void)
{
    pid_t pid = fork();
    if (pid == 0)
        raise(SIGUSR1);
    return pid;
}

static int was_handled_late(void *unused)
{
    sigset_t mask;
    (void)unused;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    return handled != 1 || !was_set_up || sigismember(&mask, SIGUSR1) || !sigismember(&mask, SIGUSR2);
}

static void no_handler_runs_in_half_a_child(void)
{
    sigset_t second, before;
    sigemptyset(&second);
    sigaddset(&second, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &second, &before);
    signal(SIGUSR1, handler);
    CHECK_OK(platform_event_create(&parents_own));
    platform_calls.fork = fork_and_raise;
    struct port_process *process = fork_child(was_handled_late, NULL, NULL, 0);
    platform_calls.fork = fork;
    port_finish_code(process, 0);
    CHECK_EQ(handled, 0);
    platform_handle_close(parents_own);
    signal(SIGUSR1, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static int child_tell_mask(const struct port_child_context *context)
{
    sigset_t mask;
    (void)context;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    return sigismember(&mask, SIGUSR1) + 2 * sigismember(&mask, SIGUSR2) + 4 * sigismember(&mask, SIGTERM);
}

static void a_spawned_child_has_the_callers_mask(void)
{
    sigset_t second, before;
    sigemptyset(&second);
    sigaddset(&second, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &second, &before);
    struct port_process *process = port_spawn("tell_mask", "", NULL, 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    port_finish_code(process, 2);
}

static void spawn_on_thread(void *ret_process)
{
    *(struct port_process **)ret_process = port_spawn("tell_mask", "", NULL, 0);
}

static void the_mask_of_a_port_thread_is_not_passed_on(void)
{
    struct port_process *process;
    platform_thread *thread;
    CHECK_OK(platform_thread_start(spawn_on_thread, &process, "spawner", &thread));
    platform_thread_join(thread);
    port_finish_code(process, 0);
}

/* Descriptors that the program has forgotten to open close-on-exec do not come along. */
static int child_count_descriptors(const struct port_child_context *context)
{
    return fcntl(atoi(context->argument), F_GETFD) >= 0;
}

static void foreign_descriptors_stay_behind(void)
{
    char number[16];
    int forgotten = open("/dev/null", O_RDONLY);
    snprintf(number, sizeof number, "%d", forgotten);
    port_finish_code(port_spawn("count_descriptors", number, NULL, 0), 0);
    close(forgotten);
}

/* ---- Templates ---- */

static int image = 1;

static void run_worker(void *argument, const platform_handle *handles, int count)
{
    sigset_t mask;
    CHECK_EQ(count, 1);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    CHECK(!sigismember(&mask, SIGTERM));
    platform_event_set(handles[0]);
    platform_event_set(((platform_handle *)argument)[0]);
    platform_exit_now(image);
}

static void note_loss(platform_exit how, void *event)
{
    CHECK_EQ(how.kind, PLATFORM_EXIT_SIGNAL);
    CHECK_EQ(how.code, SIGKILL);
    platform_event_set(*(platform_handle *)event);
}

static struct port_process *fork_worker(platform_template *maker, const platform_handle *handles, int count)
{
    platform_process_options options;
    struct port_process *object = port_process_new(&options);
    options.handles = handles;
    options.handle_count = count;
    CHECK_OK(platform_template_fork(maker, &options, &object->process));
    return object;
}

static void workers_have_the_image_of_their_template(void)
{
    platform_handle kept, given;
    platform_template *maker;
    unsigned char ready;
    CHECK_OK(platform_event_create(&kept));
    CHECK_OK(platform_event_create(&given));
    image = 21;
    CHECK_OK(platform_template_create(run_worker, &kept, &kept, 1, NULL, NULL, &maker));
    image = 1;
    struct port_process *workers[3];
    for (int i = 0; i < 3; i++)
        workers[i] = fork_worker(maker, &given, 1);
    for (int i = 0; i < 3; i++)
        port_finish_code(workers[i], 21);
    CHECK_EQ(platform_wait_handles(&kept, 1, 0, &ready), 1);
    CHECK_EQ(platform_wait_handles(&given, 1, 0, &ready), 1);
    platform_template_free(maker);
    platform_handle_close(kept);
    platform_handle_close(given);
}

static struct port_process *ask_worker(platform_template *maker, const platform_handle *handle)
{
    platform_process_options options;
    struct port_process *object = port_process_new(&options);
    options.handles = handle;
    options.handle_count = 1;
    CHECK_OK(platform_template_ask(maker, &options, &object->process));
    return object;
}

static void workers_are_asked_for_before_the_first_is_there(void)
{
    platform_handle given;
    platform_template *maker;
    struct port_process *workers[PLATFORM_ASKED_AHEAD];
    CHECK_OK(platform_event_create(&given));
    image = 21;
    CHECK_OK(platform_template_create(run_worker, &given, NULL, 0, NULL, NULL, &maker));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < PLATFORM_ASKED_AHEAD; i++)
            workers[i] = ask_worker(maker, &given);
        for (int i = 0; i < PLATFORM_ASKED_AHEAD; i++)
            CHECK_OK(platform_template_take(maker, workers[i]->process));
        for (int i = 0; i < PLATFORM_ASKED_AHEAD; i++)
            port_finish_code(workers[i], 21);
    }
    platform_template_free(maker);
    platform_handle_close(given);
}

static void a_template_that_dies_unanswering_gives_nobody(void)
{
    platform_handle given;
    platform_template *maker;
    platform_process *workers[3];
    CHECK_OK(platform_event_create(&given));
    CHECK_OK(platform_template_create(run_worker, &given, NULL, 0, NULL, NULL, &maker));
    pid_t pid = (pid_t)platform_process_pid(platform_template_process(maker));
    kill(pid, SIGSTOP);
    WAIT_UNTIL(platform_process_is_stopped(platform_template_process(maker)));
    const platform_process_options options = { .handles = &given, .handle_count = 1 };
    for (int i = 0; i < 3; i++)
        CHECK_OK(platform_template_ask(maker, &options, &workers[i]));
    kill(pid, SIGKILL);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(platform_template_take(maker, workers[i]), MPROC_E_PEER_DIED);
    platform_template_free(maker);
    platform_handle_close(given);
}

static _Noreturn void run_staying_worker(void *argument, const platform_handle *handles, int count)
{
    (void)argument, (void)count;
    platform_event_set(handles[0]);
    for (;;)
        pause();
}

/* The template's own pid is nobody's business but this test's: it is the parent of its workers. */
static pid_t parent_of(pid_t pid)
{
    char path[64], line[512] = "";
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    CHECK(file && fgets(line, sizeof line, file));
    fclose(file);
    sscanf(strrchr(line, ')'), ") %*c %d", &parent);
    return parent;
}

static void a_lost_template_is_told_and_its_workers_live_on(void)
{
    platform_handle lost, began;
    platform_template *maker;
    unsigned char ready;
    CHECK_OK(platform_event_create(&lost));
    CHECK_OK(platform_event_create(&began));
    CHECK_OK(platform_template_create(run_staying_worker, NULL, NULL, 0, note_loss, &lost, &maker));
    struct port_process *worker = fork_worker(maker, &began, 1);
    CHECK_EQ(platform_wait_handles(&began, 1, port_deadline_ns(30000), &ready), 1);
    pid_t pid = (pid_t)platform_process_pid(worker->process), template_pid = parent_of(pid);
    CHECK(template_pid != getpid());
    CHECK_EQ(platform_process_pid(platform_template_process(maker)), template_pid);
    kill(template_pid, SIGKILL);
    CHECK_EQ(platform_wait_handles(&lost, 1, port_deadline_ns(30000), &ready), 1);
    CHECK(os_is_alive(pid));
    port_kill(worker);
    platform_template_free(maker);
    platform_handle_close(lost);
    platform_handle_close(began);
}

/* The program of a template that is spawned: its maker's number and start are the argument, his handle comes last. */
static int child_serve(const struct port_child_context *context)
{
    platform_identity maker = { .handle = context->handles[1] };
    CHECK_EQ(sscanf(context->argument, "%" SCNd64 " %" SCNu64, &maker.pid, &maker.start_time), 2);
    image = 33;
    platform_template_serve(run_worker, (void *)context->handles, context->handles, 1, &maker);
}

static void a_spawned_template_serves(void)
{
    struct port_start start;
    platform_identity self;
    platform_handle given[2];
    platform_template *maker;
    char argument[64];
    unsigned char ready;
    CHECK_OK(platform_self_identity(&self));
    CHECK_OK(platform_event_create(&given[0]));
    given[1] = self.handle;
    snprintf(argument, sizeof argument, "%" PRId64 " %" PRIu64, self.pid, self.start_time);
    port_start_fill(&start, "serve", argument, given, 2);
    CHECK_OK(platform_template_spawn(&start.options, NULL, NULL, &maker));
    for (int i = 0; i < 2; i++) {
        platform_handle own;
        CHECK_OK(platform_event_create(&own));
        port_finish_code(fork_worker(maker, &own, 1), 33);
        CHECK_EQ(platform_wait_handles(&own, 1, 0, &ready), 1);
        platform_handle_close(own);
    }
    CHECK_EQ(platform_wait_handles(&given[0], 1, 0, &ready), 1);
    platform_template_free(maker);
    platform_handle_close(given[0]);
}

static void can_fork(void)
{
    CHECK(platform_can_fork());
}

/* ---- A program that closes what is not its own ---- */

enum { DESCRIPTORS = 256 };

static int is_open(void *handle)
{
    return fcntl((int)*(platform_handle *)handle, F_GETFD) >= 0;
}

/* Whoever had the number before the program closed it finds that out when it is another descriptor of the port's. */
static void a_number_that_is_the_ports_again_stays_behind(void)
{
    platform_handle first, second;
    platform_mark mark;
    CHECK_OK(platform_event_create(&first));
    platform_handle_mark(first, &mark);
    close((int)first);
    CHECK_OK(platform_event_create(&second));
    CHECK_EQ(second, first);
    platform_handle_close_marked(first, &mark);
    CHECK(is_open(&second));
    port_finish_code(fork_child(is_open, &second, NULL, 0), 0);
    platform_handle_close(second);
}

#ifdef __linux__
/* Which set the port waited for last; how often it was the program's; and whether the one who waits is held there. */
static _Atomic int waited_for, waited_for_own, own_set = -1;
static atomic_bool is_held, is_kept;

static int wait_shortly(int set, struct epoll_event *ret_events, int count, int timeout_ms)
{
    (void)timeout_ms;
    if (set == atomic_load(&own_set)) {
        atomic_fetch_add(&waited_for_own, 1);
        return 0;
    }
    atomic_store(&waited_for, set);
    int found = epoll_wait(set, ret_events, count, 1);
    while (atomic_load(&is_held) && found == 0) {
        atomic_store(&is_kept, true);
        poll(NULL, 0, 1);
    }
    return found;
}

static int make_set_of_number(int number)
{
    int set = epoll_create1(0);
    while (set >= 0 && set < number)
        set = epoll_create1(0);
    return set;
}

/* In a copy, whose handles nobody counts. The one who waits for deaths is held while all is closed, so that he comes
 * back to a number that is the program's. */
static int have_a_set_of_ones_own(void *unused)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = &event };
    platform_process_options options;
    int value = 9;
    (void)unused;
    platform_calls.epoll_wait = wait_shortly;
    port_finish_code(fork_child(return_it, &value, NULL, 0), 9);
    atomic_store(&is_held, true);
    WAIT_UNTIL(atomic_load(&is_kept));
    for (int fd = STDERR_FILENO + 1; fd < DESCRIPTORS; fd++)
        close(fd);
    int number = atomic_load(&waited_for);
    CHECK_EQ(make_set_of_number(number), number);
    atomic_store(&own_set, number);
    CHECK_EQ(epoll_ctl(number, EPOLL_CTL_ADD, eventfd(1, 0), &event), 0);
    atomic_store(&is_held, false);
    struct port_process *object = port_process_new(&options);
    int code = platform_process_fork(&options, &object->process);
    if (code == 1)
        platform_exit_now(0);
    CHECK_EQ(code, MPROC_E_OS);
    os_sleep_ms(50);
    CHECK_EQ(atomic_load(&waited_for_own), 0);
    CHECK_EQ(epoll_wait(number, &event, 1, 0), 1);
    CHECK(event.data.ptr == &event);
    return 0;
}
#endif

static void a_set_of_the_programs_keeps_its_events(void)
{
#ifdef __linux__
    port_finish_code(fork_child(have_a_set_of_ones_own, NULL, NULL, 0), 0);
#else
    SKIP("sets of descriptors are Linux's");
#endif
}

static const struct port_test tests[] = {
    TEST(can_fork),
    TEST(a_forked_child_ends),
    TEST(handles_go_by_list),
    TEST(a_child_is_another_process),
    TEST(a_child_has_children_of_its_own),
    TEST(a_copy_begins_anew),
    TEST(stopped_and_continued),
    TEST(headless),
    TEST(a_process_ends_with_the_thread_that_started_it),
    TEST(no_handler_runs_in_half_a_child),
    TEST(a_spawned_child_has_the_callers_mask),
    TEST(the_mask_of_a_port_thread_is_not_passed_on),
    TEST(foreign_descriptors_stay_behind),
    TEST(workers_have_the_image_of_their_template),
    TEST(workers_are_asked_for_before_the_first_is_there),
    TEST(a_template_that_dies_unanswering_gives_nobody),
    TEST(a_lost_template_is_told_and_its_workers_live_on),
    TEST(a_spawned_template_serves),
    TEST(a_number_that_is_the_ports_again_stays_behind),
    TEST(a_set_of_the_programs_keeps_its_events),
};
static const struct port_child children[] = { CHILD(child_tell_mask),
                                              CHILD(child_count_descriptors),
                                              CHILD(child_lose_its_head),
                                              CHILD(child_serve),
                                              { NULL, NULL } };

#else

static void child_main(void *argument, const platform_handle *handles, int count)
{
    (void)argument, (void)handles, (void)count;
}

static void says_that_there_is_none(void)
{
    platform_process_options options = { .handle_count = 0 };
    platform_process *process;
    platform_template *maker;
    platform_end_with_starter(true);
    platform_end_with_starter(false);
    platform_copy_begin();
    CHECK(!platform_can_fork());
    CHECK_EQ(platform_template_ask(NULL, &options, &process), MPROC_E_NOT_SUPPORTED);
    CHECK_EQ(platform_template_take(NULL, NULL), MPROC_E_NOT_SUPPORTED);
    CHECK_EQ(platform_process_fork(&options, &process), MPROC_E_NOT_SUPPORTED);
    CHECK_EQ(platform_template_create(child_main, NULL, NULL, 0, NULL, NULL, &maker), MPROC_E_NOT_SUPPORTED);
    CHECK_EQ(platform_template_spawn(&options, NULL, NULL, &maker), MPROC_E_NOT_SUPPORTED);
    platform_template_free(NULL);
    platform_copy_mark();
    CHECK(!platform_is_copy());
}

static const struct port_test tests[] = { TEST(says_that_there_is_none) };
static const struct port_child children[] = { { NULL, NULL } };

#endif

PORT_MAIN(tests, children)
