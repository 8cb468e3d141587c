/* Crashes under the hands of the program and of the kernel: handlers of its own, threads, copies, kills in the middle.
 * And a walk that goes wrong, by way of the port's call table.
 */
#define _GNU_SOURCE
#include "calls.h"
#include "pool_tasks.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <mproc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unwind.h>

static int *volatile nowhere;
static volatile int one = 1;

/* The fault is the processor's to find, also where a sanitizer would. */
__attribute__((noinline, no_sanitize("address", "undefined"))) static int write_nowhere(mproc_task *task)
{
    (void)task;
    *nowhere = 1;
    return one;
}

static mproc_pool *make_reporting_pool(const mproc_pool_options *options)
{
    mproc_pool *pool;
    mproc_pool_options own = *options;
    own.workers = 1;
    own.crash_reports = 1;
    int code = mproc_pool_create(&pool, &own);
    if (code == MPROC_E_NOT_SUPPORTED && own.crash_directory != NULL)
        os_directory_remove(own.crash_directory);
    if (code == MPROC_E_NOT_SUPPORTED)
        test_skip("stacks cannot be walked here: %s", mproc_last_error());
    CHECK_OK(code);
    return pool;
}

/* The outcome is good until the result is freed. */
static mproc_result *run(mproc_task_fn *function, const mproc_pool_options *options, mproc_outcome *ret_outcome)
{
    mproc_pool *pool = make_reporting_pool(options);
    mproc_result *result;
    CHECK_OK(mproc_pool_apply_async(pool, function, MPROC_NO_ARGS, NULL, &result));
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(20000), ret_outcome));
    mproc_pool_free(pool);
    return result;
}

static void check_death(mproc_task_fn *function, int signal_number, const char *part)
{
    mproc_outcome outcome;
    mproc_result *result = run(function, &(mproc_pool_options){ 0 }, &outcome);
    CHECK_EQ(outcome.code, MPROC_E_WORKER_DIED);
    CHECK_EQ(outcome.exit_code, -signal_number);
    CHECK_CONTAINS(outcome.stack, part);
    mproc_result_free(result);
}

/* ---- Kinds of faults ---- */

static int beyond_the_end_of_a_file(mproc_task *task)
{
    (void)task;
    FILE *file = tmpfile();
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
    CHECK(page != MAP_FAILED);
    page[0] = 1;
    return one;
}

static void bus_error(void)
{
    check_death(beyond_the_end_of_a_file, SIGBUS, "beyond_the_end_of_a_file");
}

static int kill_itself_softly(mproc_task *task)
{
    (void)task;
    kill(getpid(), SIGSEGV);
    while (one)
        pause();
    return 0;
}

/* A signal that was sent does not come again by itself: it is sent again. */
static void a_signal_that_was_sent_is_kept(void)
{
    check_death(kill_itself_softly, SIGSEGV, "kill_itself_softly");
}

__attribute__((noinline)) static int recurse(int n)
{
    volatile char room[200];
    room[n % 200] = 1;
    return one ? recurse(n + 1) + room[3] : n;
}

static void *overflow(void *unused)
{
    one = recurse(1);
    return unused;
}

static int overflow_in_a_thread(mproc_task *task)
{
    pthread_t thread;
    (void)task;
    CHECK_EQ(pthread_create(&thread, NULL, overflow, NULL), 0);
    pthread_join(thread, NULL);
    return one;
}

/* A thread of the program's has no stack for handlers. */
static void overflow_of_another_stack_keeps_its_signal(void)
{
    check_death(overflow_in_a_thread, SIGSEGV, "no stack: ");
}

static void *fault_in_step(void *barrier)
{
    pthread_barrier_wait(barrier);
    write_nowhere(NULL);
    return NULL;
}

static int fault_twice(mproc_task *task)
{
    pthread_barrier_t barrier;
    pthread_t thread;
    (void)task;
    pthread_barrier_init(&barrier, NULL, 2);
    CHECK_EQ(pthread_create(&thread, NULL, fault_in_step, &barrier), 0);
    fault_in_step(&barrier);
    return one;
}

static void two_threads_at_once(void)
{
    for (int i = 0; i < 10; i++)
        check_death(fault_twice, SIGSEGV, "write_nowhere");
}

/* ---- The program's own handlers ---- */

static void leave(int number)
{
    _exit(40 + number);
}

static int set_handler(mproc_task *task)
{
    (void)task;
    signal(SIGSEGV, leave);
    return 0;
}

static void check_own_handler(const mproc_outcome *outcome)
{
    CHECK_EQ(outcome->exit_code, 40 + SIGSEGV);
    CHECK_CONTAINS(outcome->stack, "no stack: ");
}

static void a_handler_of_the_initializer_wins(void)
{
    mproc_outcome outcome;
    mproc_result *result = run(write_nowhere, &(mproc_pool_options){ .initializer = set_handler }, &outcome);
    check_own_handler(&outcome);
    mproc_result_free(result);
}

static void a_handler_of_the_program_wins(void)
{
    mproc_outcome outcome;
    if (!test_forks())
        test_skip("handlers do not pass an exec");
    signal(SIGSEGV, leave);
    mproc_result *result = run(write_nowhere, &(mproc_pool_options){ 0 }, &outcome);
    check_own_handler(&outcome);
    mproc_result_free(result);
}

/* "No signal handler is installed" is about this process. */
static void the_parent_keeps_its_handlers(void)
{
    mproc_outcome outcome;
    struct sigaction before[32], after;
    for (int i = 1; i < 32; i++)
        sigaction(i, NULL, &before[i]);
    mproc_result *result = run(write_nowhere, &(mproc_pool_options){ 0 }, &outcome);
    for (int i = 1; i < 32; i++) {
        sigaction(i, NULL, &after);
        CHECK(after.sa_handler == before[i].sa_handler);
    }
    mproc_result_free(result);
}

/* ---- Copies and kills ---- */

static int copy_faults(mproc_task *task)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        write_nowhere(task);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    abort();
}

static void a_copy_that_faults_leaves_the_record_alone(void)
{
    check_death(copy_faults, SIGABRT, "copy_faults");
}

static int overflow_and_tell(mproc_task *task)
{
    (void)task;
    atomic_store(&test_board()[1], getpid());
    one = recurse(1);
    return 0;
}

/* At whatever instruction it dies, the parent gets one of the two ends, and lives. */
static void killed_in_the_handler(void)
{
    mproc_pool *pool = make_reporting_pool(&(mproc_pool_options){ .max_restarts = 1000 });
    for (int i = 0; i < 60; i++) {
        mproc_result *result;
        mproc_outcome outcome;
        atomic_store(&test_board()[1], 0);
        CHECK_OK(mproc_pool_apply_async(pool, overflow_and_tell, MPROC_NO_ARGS, NULL, &result));
        WAIT_UNTIL(atomic_load(&test_board()[1]) != 0);
        for (int64_t until = os_now_ms() + i / 4; os_now_ms() < until;)
            sched_yield();
        kill((pid_t)atomic_load(&test_board()[1]), SIGKILL);
        CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(20000), &outcome));
        CHECK_EQ(outcome.code, MPROC_E_WORKER_DIED);
        CHECK(outcome.exit_code == -SIGKILL || outcome.exit_code == -SIGSEGV);
        CHECK_CONTAINS(outcome.stack, outcome.exit_code == -SIGKILL ? "no stack: " : "recurse");
        mproc_result_free(result);
    }
    mproc_pool_free(pool);
}

/* ---- Files ---- */

static void only_its_owner_reads_a_saved_task(void)
{
    char directory[OS_PATH_MAX];
    struct stat status;
    mproc_outcome outcome;
    os_directory_make(directory);
    umask(0);
    mproc_result *result = run(write_nowhere, &(mproc_pool_options){ .crash_directory = directory }, &outcome);
    CHECK_EQ(stat(outcome.saved_task, &status), 0);
    CHECK_EQ(status.st_mode & 07777, 0600);
    mproc_result_free(result);
    os_directory_remove(directory);
}

/* ---- A walk that goes wrong ---- */

static _Unwind_Reason_Code (*real_backtrace)(_Unwind_Trace_Fn function, void *context);
static void *(*real_dlsym)(void *module, const char *name);
static void (*mishap)(void);
static int walks;

/* The first walk is the one that makes the unwinder ready. */
static _Unwind_Reason_Code backtrace_with_mishap(_Unwind_Trace_Fn function, void *context)
{
    _Unwind_Reason_Code code = real_backtrace(function, context);
    if (++walks > 1)
        mishap();
    return code;
}

static void *dlsym_of_mishaps(void *module, const char *name)
{
    void *found = real_dlsym(module, name);
    _Unwind_Reason_Code (*replacement)(_Unwind_Trace_Fn, void *) = backtrace_with_mishap;
    if (found == NULL || strcmp(name, "_Unwind_Backtrace") != 0)
        return found;
    memcpy(&real_backtrace, &found, sizeof found);
    memcpy(&found, &replacement, sizeof found);
    return found;
}

static void fault_in_the_walk(void)
{
    *nowhere = 2;
}

static void hang_in_the_walk(void)
{
    for (;;)
        pause();
}

static void check_mishap(void (*function)(void), const char *part)
{
    if (!test_forks())
        test_skip("a call table of another process is out of reach");
    mishap = function;
    real_dlsym = platform_calls.dlsym;
    platform_calls.dlsym = dlsym_of_mishaps;
    check_death(write_nowhere, SIGSEGV, part);
}

static void a_walk_that_faults_keeps_what_it_has(void)
{
    check_mishap(fault_in_the_walk, "write_nowhere");
}

static void a_walk_that_hangs_is_cut_and_the_signal_kept(void)
{
    check_mishap(hang_in_the_walk, "");
}

static void *find_nothing(void *module, const char *name)
{
    (void)module, (void)name;
    return NULL;
}

static void without_an_unwinder_it_is_not_supported(void)
{
    mproc_pool *pool;
    mproc_process *process;
    platform_calls.dlsym = find_nothing;
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .crash_reports = 1 }),
               MPROC_E_NOT_SUPPORTED);
    CHECK_CODE(mproc_process_create(&process, &(mproc_process_options){ .function = test_nothing, .crash_reports = 1 }),
               MPROC_E_NOT_SUPPORTED);
}

#define STACKS TEST_NO_SANITIZER

static const struct test tests[] = {
    TEST_WITH(bus_error, STACKS, 0),
    TEST_WITH(a_signal_that_was_sent_is_kept, STACKS, 0),
    TEST_WITH(overflow_of_another_stack_keeps_its_signal, STACKS, 0),
    TEST_WITH(two_threads_at_once, STACKS, 60),
    TEST(a_handler_of_the_initializer_wins),
    TEST(a_handler_of_the_program_wins),
    TEST(the_parent_keeps_its_handlers),
    TEST_WITH(a_copy_that_faults_leaves_the_record_alone, STACKS, 0),
    TEST_WITH(killed_in_the_handler, STACKS, 60),
    TEST(only_its_owner_reads_a_saved_task),
    TEST_WITH(a_walk_that_faults_keeps_what_it_has, STACKS, 0),
    TEST_WITH(a_walk_that_hangs_is_cut_and_the_signal_kept, STACKS, 0),
    TEST(without_an_unwinder_it_is_not_supported),
};

TEST_MAIN_PLAIN(tests)
