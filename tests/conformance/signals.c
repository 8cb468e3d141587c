/* Signals, the program's own children and forks: rules 2, 4, 5, 6 and 55 where only POSIX has them.
 */
#define _GNU_SOURCE
#include "test.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Rule 2 ---- */

static int raise_it(mproc_task *task)
{
    int number;
    CHECK_OK(mproc_task_read(task, &number, sizeof number));
    signal(number, SIG_DFL);
    raise(number);
    return 0;
}

static void rule_02_killed_by_any_signal(void)
{
    static const int numbers[] = {
        SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGABRT, SIGFPE, SIGKILL, SIGSEGV, SIGPIPE, SIGTERM
    };
    for (size_t i = 0; i < TEST_COUNT(numbers); i++) {
        int number = numbers[i];
        CHECK_EQ(test_finish(test_start(raise_it, MPROC_ARG(number))), -number);
    }
}

/* A process that is stopped has not ended. */
static void stopped_is_not_ended(void)
{
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    CHECK_EQ(kill((pid_t)test_pid(process), SIGSTOP), 0);
    CHECK_CODE(mproc_process_join(process, 50), MPROC_E_TIMEOUT);
    CHECK_EQ(mproc_process_is_alive(process), 1);
    CHECK_OK(mproc_process_kill(process));
    CHECK_EQ(test_finish(process), -SIGKILL);
}

/* A child that ignores SIGTERM stays; kill is not asked. */
static int ignore_terminate(mproc_task *task)
{
    signal(SIGTERM, SIG_IGN);
    atomic_store(&test_board()[1], 1);
    return test_stay(task);
}

static void rule_03_terminate_may_be_ignored(void)
{
    mproc_process *process = test_start(ignore_terminate, MPROC_NO_ARGS);
    WAIT_UNTIL(atomic_load(&test_board()[1]));
    CHECK_OK(mproc_process_terminate(process));
    CHECK_CODE(mproc_process_join(process, 100), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_process_kill(process));
    CHECK_EQ(test_finish(process), -SIGKILL);
}

/* ---- Rule 4: EINTR ---- */

static _Atomic int alarms;

static void count_alarm(int number)
{
    (void)number;
    atomic_fetch_add(&alarms, 1);
}

/* A signal every millisecond, without SA_RESTART: every call that can be interrupted is. */
static void start_alarms(void)
{
    struct sigaction action = { .sa_handler = count_alarm };
    struct itimerval every = { { 0, 1000 }, { 0, 1000 } };
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
}

static void stop_alarms(void)
{
    struct itimerval never = { { 0, 0 }, { 0, 0 } };
    setitimer(ITIMER_REAL, &never, NULL);
    signal(SIGALRM, SIG_DFL);
}

static void rule_04_interrupted_all_the_time(void)
{
    unsigned char ready;
    mproc_os_handle sentinel;
    mproc_lock lock;
    start_alarms();
    for (int i = 0; i < 20; i++) {
        mproc_process *process = test_start(test_nothing, MPROC_NO_ARGS);
        CHECK_OK(mproc_process_get_sentinel(process, &sentinel));
        CHECK_EQ(test_wait_handles(&sentinel, 1, MPROC_FOREVER, &ready), 1);
        CHECK_EQ(test_finish(process), 0);
    }
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    int64_t before_ms = os_now_ms();
    CHECK_CODE(mproc_process_join(process, 100), MPROC_E_TIMEOUT);
    CHECK_LE(80, os_now_ms() - before_ms);
    CHECK_OK(mproc_process_get_sentinel(process, &sentinel));
    before_ms = os_now_ms();
    CHECK_CODE(test_wait_handles(&sentinel, 1, 100, &ready), MPROC_E_TIMEOUT);
    CHECK_LE(80, os_now_ms() - before_ms);
    CHECK_OK(mproc_lock_create(&lock, NULL));
    CHECK_OK(mproc_lock_acquire(lock, 0));
    before_ms = os_now_ms();
    CHECK_CODE(mproc_lock_acquire(lock, 100), MPROC_E_TIMEOUT);
    CHECK_LE(80, os_now_ms() - before_ms);
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
    CHECK_OK(mproc_process_kill(process));
    CHECK_EQ(test_finish(process), -SIGKILL);
    stop_alarms();
    CHECK(atomic_load(&alarms) > 100);
}

/* ---- Rule 5: whoever else reaps ---- */

static void wait_for_all(void *unused)
{
    (void)unused;
    /* The library's children among them: a program may do that. */
    while (!atomic_load(&test_board()[2])) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
        sched_yield();
    }
}

static void program_reaps_everything(void)
{
    os_thread *thread = os_thread_start(wait_for_all, NULL);
    for (int i = 0; i < 20; i++) {
        int64_t code = test_finish(test_start(test_nothing, MPROC_NO_ARGS));
        CHECK(code == 0 || code == MPROC_EXIT_UNKNOWN);
    }
    atomic_store(&test_board()[2], 1);
    os_thread_join(thread);
}

static void program_ignores_sigchld(void)
{
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 10; i++) {
        int64_t code = test_finish(test_start(test_nothing, MPROC_NO_ARGS));
        CHECK(code == 0 || code == MPROC_EXIT_UNKNOWN);
    }
    signal(SIGCHLD, SIG_DFL);
    CHECK_EQ(test_finish(test_start(test_nothing, MPROC_NO_ARGS)), 0);
}

/* The program's own child is its own: nobody takes its exit status away. */
static void children_of_the_program_are_left_alone(void)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        _exit(33);
    for (int i = 0; i < 5; i++)
        CHECK_EQ(test_finish(test_start(test_nothing, MPROC_NO_ARGS)), 0);
    int status;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(WEXITSTATUS(status), 33);
}

/* ---- Copies made by the program's own fork ---- */

static void never_run(void *unused)
{
    (void)unused;
    os_exit_now(9);
}

static void use_in_copy(mproc_process *process)
{
    mproc_process_options options = { .function = test_nothing };
    mproc_process *own;
    mproc_pool *pool;
    CHECK_CODE(mproc_process_join(process, 0), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_process_kill(process), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_process_free(process), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_pool_create(&pool, NULL), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_process_create(&own, &options), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_at_exit(never_run, NULL, 0), MPROC_E_WRONG_PROCESS);
}

/* exit, not _exit: the handlers that the copy has copied must leave the parent's children alone. */
static void copy_by_fork_is_refused(void)
{
    int status;
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        use_in_copy(process);
        exit(0);
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 0);
    CHECK_EQ(mproc_process_is_alive(process), 1);
    test_let_go();
    CHECK_EQ(test_finish(process), 0);
}

static int fork_and_return(mproc_task *task)
{
    (void)task;
    pid_t pid = fork();
    CHECK(pid >= 0);
    atomic_fetch_add(&test_board()[3], 1);
    return pid == 0 ? 0 : 12;
}

static int fork_and_end_thread(mproc_task *task)
{
    int code = fork_and_return(task);
    if (code == 0)
        pthread_exit(NULL);
    return code;
}

/* The same in threads: the copy has that thread alone, and ends with the function. */
static void check_copies_end(mproc_task_fn *function)
{
    mproc_pool *pool;
    mproc_thread *thread;
    int64_t before = atomic_load(&test_board()[3]);
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .kind = MPROC_POOL_THREADS }));
    CHECK_OK(mproc_pool_apply(pool, function, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK_OK(mproc_thread_create(&thread, &(mproc_thread_options){ .function = function }));
    CHECK_OK(mproc_thread_start(thread));
    CHECK_OK(mproc_thread_join(thread, test_limit_ms(30000)));
    WAIT_UNTIL(atomic_load(&test_board()[3]) == before + 4);
    for (int i = 0; i < 2; i++) {
        int status;
        CHECK(waitpid(-1, &status, 0) > 0);
        CHECK(WIFEXITED(status));
        CHECK_EQ(WEXITSTATUS(status), 0);
    }
    CHECK_OK(mproc_thread_free(thread));
    CHECK_OK(mproc_pool_free(pool));
}

static void a_function_in_a_thread_forks_and_returns_twice(void)
{
    check_copies_end(fork_and_return);
    check_copies_end(fork_and_end_thread);
}

static int note_mask(mproc_task *task)
{
    sigset_t mask;
    (void)task;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    if (sigismember(&mask, SIGUSR1) == 1 && sigismember(&mask, SIGTERM) == 0 && sigismember(&mask, SIGCHLD) == 0)
        atomic_fetch_add(&test_board()[4], 1);
    return 0;
}

/* Also those that the pool's own thread, which has all signals blocked, starts in place of others. What a task starts
 * would else begin with all signals blocked. */
static void threads_of_a_pool_have_the_mask_of_its_maker(void)
{
    mproc_pool *pool;
    mproc_pool_options options = { .workers = 1, .kind = MPROC_POOL_THREADS, .max_tasks_per_worker = 1 };
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_SETMASK, &set, &before);
    CHECK_OK(mproc_pool_create(&pool, &options));
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    for (int i = 0; i < 5; i++)
        CHECK_OK(mproc_pool_apply(pool, note_mask, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK_EQ(atomic_load(&test_board()[4]), 5);
    CHECK_OK(mproc_pool_free(pool));
}

/* What a process forks by itself and lets return ends too, and tells nobody that the process has ended. */
static void function_forks_and_returns_twice(void)
{
    CHECK_EQ(test_finish(test_start(fork_and_return, MPROC_NO_ARGS)), 12);
    WAIT_UNTIL(atomic_load(&test_board()[3]) == 2);
}

/* ---- Rule 6: streams ---- */

/* A fully static program without /proc: how often a word was written, by the parent and by its forked child. */
static int count_of(const char *text, const char *word)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
        count++;
    return count;
}

static void output_is_written_once_without_proc(void)
{
    char text[1024];
    const char *arguments[] = { test_program("helper_no_proc"), NULL };
    CHECK_EQ(test_scene_finish(test_program_start(arguments), text, sizeof text), 0);
    CHECK_EQ(count_of(text, "one"), 1);
    CHECK_EQ(count_of(text, "two"), 1);
}

static int leave_broken_streams(mproc_task *task)
{
    (void)task;
    FILE *full = fopen("/dev/full", "w"), *good = fopen("good.txt", "w");
    CHECK(full && good);
    CHECK(fputs("lost", full) >= 0 && fputs("kept", good) >= 0);
    fclose(stdout);
    return 5;
}

static void rule_06_broken_streams(void)
{
    char text[16] = "";
    CHECK_EQ(test_finish(test_start(leave_broken_streams, MPROC_NO_ARGS)), 5);
    FILE *file = fopen("good.txt", "r");
    CHECK(file && fgets(text, sizeof text, file));
    fclose(file);
    CHECK_STR(text, "kept");
    CHECK_EQ(unlink("good.txt"), 0);
}

/* ---- Rule 55 ---- */

struct surroundings {
    struct sigaction actions[65];
    sigset_t mask;
    mode_t umask;
    int stdio_flags[3];
    char directory[OS_PATH_MAX];
};

static void record(struct surroundings *surroundings)
{
    memset(surroundings, 0, sizeof *surroundings);
    for (int number = 1; number <= 64; number++)
        sigaction(number, NULL, &surroundings->actions[number]);
    pthread_sigmask(SIG_SETMASK, NULL, &surroundings->mask);
    surroundings->umask = umask(077);
    umask(surroundings->umask);
    for (int fd = 0; fd < 3; fd++)
        surroundings->stdio_flags[fd] = fcntl(fd, F_GETFL) * 16 + fcntl(fd, F_GETFD);
    CHECK(getcwd(surroundings->directory, sizeof surroundings->directory));
}

static void check_same(const struct surroundings *before, const struct surroundings *after)
{
    for (int number = 1; number <= 64; number++) {
        CHECK(before->actions[number].sa_handler == after->actions[number].sa_handler);
        CHECK_EQ(sigismember(&before->mask, number), sigismember(&after->mask, number));
    }
    CHECK_EQ(before->umask, after->umask);
    for (int fd = 0; fd < 3; fd++)
        CHECK_EQ(before->stdio_flags[fd], after->stdio_flags[fd]);
    CHECK_STR(after->directory, before->directory);
}

static void do_nothing(void *unused)
{
    (void)unused;
}

static void use_everything(void)
{
    mproc_lock lock;
    mproc_pool_options options = { .workers = 2 };
    mproc_pool *pool;
    CHECK_EQ(test_finish(test_start(test_nothing, MPROC_NO_ARGS)), 0);
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    CHECK_OK(mproc_process_kill(process));
    CHECK_EQ(test_finish(process), -SIGKILL);
    CHECK_OK(mproc_lock_create(&lock, NULL));
    CHECK_OK(mproc_lock_acquire(lock, 0));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
    CHECK_OK(mproc_pool_create(&pool, &options));
    CHECK_OK(mproc_pool_apply(pool, test_nothing, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK_OK(mproc_pool_free(pool));
    CHECK_OK(mproc_at_exit(do_nothing, NULL, 0));
}

static void rule_55_of_the_parent(void)
{
    struct surroundings before, after;
    record(&before);
    use_everything();
    record(&after);
    check_same(&before, &after);
}

/* The child has the parent's mask and dispositions as a program has that was started from a shell: mask and ignored
 * signals inherited, handlers gone with the exec. */
static int report_signals(mproc_task *task)
{
    sigset_t mask;
    struct sigaction action;
    (void)task;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (int number = 1; number <= 64; number++)
        CHECK_EQ(sigismember(&mask, number) == 1, number == SIGUSR2);
    sigaction(SIGUSR1, NULL, &action);
    CHECK(action.sa_handler == SIG_IGN);
    sigaction(SIGALRM, NULL, &action);
    CHECK(action.sa_handler == (test_forks() ? count_alarm : SIG_DFL));
    sigaction(SIGPIPE, NULL, &action);
    CHECK(action.sa_handler == SIG_DFL);
    return 0;
}

static void rule_55_of_a_child(void)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGALRM, count_alarm);
    /* A fork server that runs has what was ignored when it was started. */
    if (test_has_server())
        CHECK_OK(mproc_set_forkserver_preload(NULL, NULL));
    CHECK_EQ(test_finish(test_start(report_signals, MPROC_NO_ARGS)), 0);
    signal(SIGALRM, SIG_DFL);
}

/* The library's threads must not take the program's signals: they would run its handlers on a small stack. */
static void rule_55_signals_go_to_the_program(void)
{
    sigset_t mask;
    struct timespec none = { 0, 0 };
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    signal(SIGUSR2, count_alarm);
    pthread_sigmask(SIG_BLOCK, &mask, NULL);
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    CHECK_EQ(kill(getpid(), SIGUSR2), 0);
    /* Still pending: no thread of ours has taken it. */
    CHECK_EQ(sigtimedwait(&mask, NULL, &none), SIGUSR2);
    CHECK_EQ(atomic_load(&alarms), 0);
    test_let_go();
    CHECK_EQ(test_finish(process), 0);
    signal(SIGUSR2, SIG_DFL);
}

/* Standard streams closed by the program: the library's descriptors must not become 0, 1 or 2, or the program's next
 * printf goes into them. */
static int scene_without_stdio(const char *argument)
{
    (void)argument;
    close(0);
    close(1);
    close(2);
    use_everything();
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            return 40 + fd;
    return 0;
}

static void stdio_closed(void)
{
    CHECK_EQ(test_scene("scene_without_stdio", "", NULL, 0), 0);
}

static const struct test tests[] = {
    TEST(rule_02_killed_by_any_signal),
    TEST(stopped_is_not_ended),
    TEST(rule_03_terminate_may_be_ignored),
    TEST(rule_04_interrupted_all_the_time),
    TEST(program_reaps_everything),
    TEST(program_ignores_sigchld),
    TEST(children_of_the_program_are_left_alone),
    TEST(copy_by_fork_is_refused),
    TEST(function_forks_and_returns_twice),
    TEST(a_function_in_a_thread_forks_and_returns_twice),
    TEST(threads_of_a_pool_have_the_mask_of_its_maker),
    TEST_WITH(output_is_written_once_without_proc, TEST_ONCE, 0),
    TEST(rule_06_broken_streams),
    TEST_WITH(rule_55_of_the_parent, 0, 60),
    TEST(rule_55_of_a_child),
    TEST(rule_55_signals_go_to_the_program),
    TEST(stdio_closed),
};

static const struct scene scenes[] = {
    SCENE(scene_without_stdio),
};

TEST_MAIN(tests, scenes)
