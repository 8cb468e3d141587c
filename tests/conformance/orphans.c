/* The parent's death ends also those children that cannot see it themselves: what became another program by exec, and
 * what is stopped. The rule of guarantees.md: however the parent dies, its processes and workers end within a second.
 */
#define _GNU_SOURCE
#include "pool_tasks.h"
#include <signal.h>
#include <unistd.h>

enum { PROCESS, TASK, KINDS };

/* Board words 10 and 11: the pids of a process and of a worker. */
static int64_t pid_of(int kind)
{
    return atomic_load(&test_board()[10 + kind]);
}

static int say_who(mproc_task *task)
{
    int kind;
    CHECK_OK(mproc_task_read(task, &kind, sizeof kind));
    atomic_store(&test_board()[10 + kind], os_self_pid());
    return kind;
}

static int become_another_program(mproc_task *task)
{
    say_who(task);
    execl(test_program("helper_stays"), "helper_stays", (char *)NULL);
    return 1;
}

/* What it has started is to end too, also in a process group of its own. */
static int start_a_program_and_become_another(mproc_task *task)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        setpgid(0, 0);
        execl(test_program("helper_stays"), "helper_stays", (char *)NULL);
        _exit(1);
    }
    return become_another_program(task);
}

static int stop(mproc_task *task)
{
    say_who(task);
    raise(SIGSTOP);
    return test_stay(task);
}

static bool is_another_program(int64_t pid)
{
    char path[64], target[OS_PATH_MAX] = "";
    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    return pid != 0 && readlink(path, target, sizeof target - 1) > 0 && strstr(target, "helper_stays");
}

static bool is_thread_stopped(int64_t pid, const char *thread)
{
    char path[128], text[256] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%s/stat", (int)pid, thread);
    FILE *file = fopen(path, "r");
    bool stopped = file && fgets(text, sizeof text, file) && strstr(text, ") T ");
    if (file)
        fclose(file);
    return stopped;
}

/* With its last thread the process is. */
static bool is_stopped(int64_t pid)
{
    char path[64], names[256];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    bool stopped = pid != 0 && os_directory_list(path, names, sizeof names) > 0;
    for (char *thread = strtok(names, " "); stopped && thread; thread = strtok(NULL, " "))
        stopped = is_thread_stopped(pid, thread);
    return stopped;
}

static void start_both(mproc_task_fn *function)
{
    int process = PROCESS, task = TASK;
    test_start(function, MPROC_ARG(process));
    CHECK_OK(mproc_pool_apply_async(make_pool(1), function, MPROC_ARG(task), NULL, NULL));
}

static int scene_killed_beside_other_programs(const char *argument)
{
    (void)argument;
    start_both(become_another_program);
    WAIT_UNTIL(is_another_program(pid_of(PROCESS)) && is_another_program(pid_of(TASK)));
    kill(getpid(), SIGKILL);
    return 1;
}

static int scene_killed_beside_the_stopped(const char *argument)
{
    (void)argument;
    start_both(stop);
    WAIT_UNTIL(is_stopped(pid_of(PROCESS)) && is_stopped(pid_of(TASK)));
    kill(getpid(), SIGKILL);
    return 1;
}

/* That nothing is left is what the end of a scene checks. */
static void program_after_exec_ends_with_its_parent(void)
{
    CHECK_EQ(test_scene("scene_killed_beside_other_programs", "", NULL, 0), -SIGKILL);
}

static void stopped_process_ends_with_its_parent(void)
{
    CHECK_EQ(test_scene("scene_killed_beside_the_stopped", "", NULL, 0), -SIGKILL);
}

/* A worker by fork alone: its template looks for all below it. */
static int scene_killed_beside_a_program_with_children(const char *argument)
{
    (void)argument;
    int task = TASK;
    CHECK_OK(mproc_pool_apply_async(make_pool(1), start_a_program_and_become_another, MPROC_ARG(task), NULL, NULL));
    WAIT_UNTIL(is_another_program(pid_of(TASK)));
    kill(getpid(), SIGKILL);
    return 1;
}

static void program_after_exec_ends_with_what_it_had_started(void)
{
    CHECK_EQ(test_scene("scene_killed_beside_a_program_with_children", "", NULL, 0), -SIGKILL);
}

/* A thread other than the first ends before the process that it started, which goes on, being no program by exec. */
static void start_and_end(void *ret_process)
{
    *(mproc_process **)ret_process = test_start(test_stay, MPROC_NO_ARGS);
}

static void process_outlives_the_thread_that_started_it(void)
{
    mproc_process *process = NULL;
    os_thread_join(os_thread_start(start_and_end, &process));
    CHECK_CODE(mproc_process_join(process, 50), MPROC_E_TIMEOUT);
    test_let_go();
    CHECK_EQ(test_finish(process), 0);
}

static const struct test tests[] = {
    TEST(program_after_exec_ends_with_its_parent),
    TEST_WITH(program_after_exec_ends_with_what_it_had_started, TEST_FORK_ONLY, 0),
    TEST(stopped_process_ends_with_its_parent),
    TEST(process_outlives_the_thread_that_started_it),
};

static const struct scene scenes[] = {
    SCENE(scene_killed_beside_other_programs),
    SCENE(scene_killed_beside_a_program_with_children),
    SCENE(scene_killed_beside_the_stopped),
};

TEST_MAIN(tests, scenes)
