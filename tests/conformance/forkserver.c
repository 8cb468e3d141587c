/* The fork server: what its children are, and what becomes of them and of starts when it is killed, stopped, let go of,
 * or loses its parent. Reaches into the port's call table.
 *
 * Board words: 1 the pid of a child's parent, 2 what a child has seen, 3 packets until the server is hit, 4 a lock.
 */
#define _GNU_SOURCE
#include "calls.h"
#include "pool_tasks.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- What runs in the server and in children ---- */

static int preloaded; /* by the preload function */
static int parents;   /* by the parent */

static int preload(mproc_task *task)
{
    return mproc_task_read(task, &preloaded, sizeof preloaded);
}

static int tell_parent(mproc_task *task)
{
    (void)task;
    atomic_store(&test_board()[1], getppid());
    return 0;
}

static int tell_parent_and_stay(mproc_task *task)
{
    tell_parent(task);
    return test_stay(task);
}

static int tell_image(mproc_task *task)
{
    (void)task;
    atomic_store(&test_board()[2], preloaded * 100 + parents);
    return 0;
}

static int return_image(mproc_task *task)
{
    int value = preloaded * 100 + parents;
    return mproc_task_return(task, &value, sizeof value);
}

static int return_argument(mproc_task *task)
{
    int value = 0;
    CHECK_OK(mproc_task_read(task, &value, sizeof value));
    return value;
}

static int raise_argument(mproc_task *task)
{
    int number = 0;
    CHECK_OK(mproc_task_read(task, &number, sizeof number));
    raise(number);
    return 0;
}

/* ---- What the tests ask ---- */

static int64_t server_pid(void)
{
    CHECK_EQ(test_finish(test_start(tell_parent, MPROC_NO_ARGS)), 0);
    int64_t pid = atomic_load(&test_board()[1]);
    CHECK(pid > 1 && pid != os_self_pid());
    return pid;
}

static void set_preload(mproc_task_fn *function, mproc_view args)
{
    CHECK_OK(mproc_set_forkserver_preload(function, &(mproc_forkserver_options){ .args = args }));
}

static int start_code(void)
{
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process, &(mproc_process_options){ .function = test_nothing }));
    int code = mproc_process_start(process);
    if (code == 0)
        CHECK_OK(mproc_process_join(process, test_limit_ms(30000)));
    CHECK_OK(mproc_process_free(process));
    return code;
}

/* Of a child that outlives its server the system may not say how it ended. */
static void check_finish_or_unknown(mproc_process *process, int64_t expected)
{
    int64_t code = test_finish(process);
    CHECK(code == expected || code == MPROC_EXIT_UNKNOWN);
}

static bool is_stopped(int64_t pid)
{
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    CHECK(fscanf(file, "%*d (%*[^)]) %c", &state) == 1);
    fclose(file);
    return state == 'T';
}

static void stop(int64_t pid)
{
    CHECK(kill((pid_t)pid, SIGSTOP) == 0);
    WAIT_UNTIL(is_stopped(pid));
}

/* ---- Its children ---- */

static void a_child_sees_what_the_preload_made_and_not_what_the_parent_made(void)
{
    int value = 7;
    parents = 5;
    set_preload(preload, MPROC_ARG(value));
    CHECK_EQ(test_finish(test_start(tell_image, MPROC_NO_ARGS)), 0);
    CHECK_EQ(atomic_load(&test_board()[2]), 700);
    CHECK_EQ(preloaded, 0);
    mproc_pool *pool = make_pool(2);
    CHECK_OK(mproc_pool_apply(pool, return_image, MPROC_NO_ARGS, NULL, &value, sizeof value, NULL));
    CHECK_EQ(value, 700);
    CHECK_OK(mproc_pool_free(pool));
}

static void processes_and_pools_share_one_server(void)
{
    int64_t server = server_pid();
    mproc_pool *first = make_pool(2), *second = make_pool(1);
    CHECK_OK(mproc_pool_apply(first, tell_parent, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK_EQ(atomic_load(&test_board()[1]), server);
    CHECK_OK(mproc_pool_apply(second, tell_parent, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK_EQ(atomic_load(&test_board()[1]), server);
    CHECK_OK(mproc_pool_free(first));
    CHECK_OK(mproc_pool_free(second));
    CHECK_EQ(server_pid(), server);
}

static void exit_codes_and_signals_are_told(void)
{
    for (int code = 0; code < 256; code += 51)
        CHECK_EQ(test_finish(test_start(return_argument, MPROC_ARG(code))), code);
    static const int numbers[] = { SIGKILL, SIGTERM, SIGUSR1 };
    for (size_t i = 0; i < TEST_COUNT(numbers); i++)
        CHECK_EQ(test_finish(test_start(raise_argument, MPROC_ARG(numbers[i]))), -numbers[i]);
}

/* Of a parent's memory a child has nothing: neither the bytes nor the tables that describe them. What it maps itself
 * is a small part of that. */
static int tell_size(mproc_task *task)
{
    long pages = 0;
    (void)task;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%ld", &pages) == 1);
    fclose(file);
    atomic_store(&test_board()[2], pages * sysconf(_SC_PAGESIZE));
    return 0;
}

static void a_child_of_a_large_parent_is_small(void)
{
    enum { LARGE = 500 << 20, TOUCHED = 50 << 20 };
    CHECK_EQ(test_finish(test_start(tell_size, MPROC_NO_ARGS)), 0);
    int64_t before = atomic_load(&test_board()[2]);
    char *memory = malloc(LARGE);
    CHECK(memory != NULL);
    memset(memory, 1, TOUCHED);
    CHECK_EQ(test_finish(test_start(tell_size, MPROC_NO_ARGS)), 0);
    CHECK_LE(atomic_load(&test_board()[2]), before + LARGE / 4);
    mproc_pool *pool = make_pool(1);
    CHECK_OK(mproc_pool_apply(pool, tell_size, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK_LE(atomic_load(&test_board()[2]), before + LARGE / 4);
    CHECK_OK(mproc_pool_free(pool));
    CHECK_EQ(memory[TOUCHED - 1], 1);
    free(memory);
}

static void start_ten(void *unused)
{
    (void)unused;
    for (int i = 0; i < 10; i++) {
        mproc_process *process = test_start(return_argument, MPROC_ARG(i));
        CHECK_EQ(test_finish(process), i);
    }
}

/* The first of them starts the server. */
static void threads_start_children_at_the_same_time(void)
{
    os_thread *threads[4];
    set_preload(NULL, MPROC_NO_ARGS);
    for (size_t i = 0; i < TEST_COUNT(threads); i++)
        threads[i] = os_thread_start(start_ten, NULL);
    for (size_t i = 0; i < TEST_COUNT(threads); i++)
        os_thread_join(threads[i]);
}

/* A child that starts children so has a server of its own, which ends with it. */
static int start_grandchild(mproc_task *task)
{
    (void)task;
    CHECK_EQ(mproc_get_start_method(), MPROC_START_FORKSERVER);
    CHECK(server_pid() != getppid());
    return 0;
}

static void a_childs_children_have_a_server_of_their_own(void)
{
    int64_t server = server_pid();
    CHECK_EQ(test_finish(test_start(start_grandchild, MPROC_NO_ARGS)), 0);
    int64_t inner = atomic_load(&test_board()[1]);
    CHECK(inner != server);
    WAIT_UNTIL(!os_is_alive(inner));
    CHECK_EQ(server_pid(), server);
}

/* ---- Its preload function ---- */

static int fail_to_preload(mproc_task *task)
{
    return mproc_task_fail(task, -77, "no such model");
}

static int crash_in_preload(mproc_task *task)
{
    (void)task;
    raise(SIGKILL);
    return 0;
}

static int hang_in_preload(mproc_task *task)
{
    (void)task;
    while (pause() < 0)
        continue;
    return 0;
}

static void a_preload_that_fails_is_the_starts_error(void)
{
    int children = os_child_count();
    mproc_pool *pool;
    set_preload(fail_to_preload, MPROC_NO_ARGS);
    for (int round = 0; round < 2; round++) {
        CHECK_CODE(start_code(), MPROC_E_INIT_FAILED);
        CHECK_CONTAINS(mproc_last_error(), "-77: no such model");
    }
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2 }), MPROC_E_INIT_FAILED);
    CHECK_CONTAINS(mproc_last_error(), "no such model");
    WAIT_UNTIL(os_child_count() < children);
    set_preload(NULL, MPROC_NO_ARGS);
    CHECK_OK(start_code());
}

static void a_preload_that_crashes_is_the_starts_error(void)
{
    set_preload(crash_in_preload, MPROC_NO_ARGS);
    CHECK_CODE(start_code(), MPROC_E_START_FAILED);
    CHECK_CONTAINS(mproc_last_error(), "signal 9");
    set_preload(NULL, MPROC_NO_ARGS);
    CHECK_OK(start_code());
}

static void rule_53_a_preload_that_hangs_has_a_time_limit(void)
{
    int children = os_child_count();
    CHECK_OK(mproc_set_forkserver_preload(hang_in_preload, &(mproc_forkserver_options){ .timeout_ms = 100 }));
    CHECK_CODE(start_code(), MPROC_E_TIMEOUT);
    CHECK_CONTAINS(mproc_last_error(), "100 ms");
    CHECK(os_child_count() < children);
    set_preload(NULL, MPROC_NO_ARGS);
    CHECK_OK(start_code());
}

static void a_preload_that_fails_may_be_ignored(void)
{
    static const int ways[] = { MPROC_PRELOAD_WARN, MPROC_PRELOAD_IGNORE };
    for (size_t i = 0; i < TEST_COUNT(ways); i++) {
        CHECK_OK(mproc_set_forkserver_preload(fail_to_preload, &(mproc_forkserver_options){ .on_error = ways[i] }));
        CHECK_OK(start_code());
    }
    set_preload(NULL, MPROC_NO_ARGS);
}

static void options_that_make_no_sense_are_refused(void)
{
    int64_t server = server_pid();
    static const mproc_forkserver_options wrong[] = {
        { .on_error = 3 }, { .on_error = -1 }, { .timeout_ms = -1 }, { .args = { NULL, 4 } }
    };
    static const char *const parts[] = { "on_error is 3", "on_error is -1", "timeout_ms", "args.data" };
    for (size_t i = 0; i < TEST_COUNT(wrong); i++) {
        CHECK_CODE(mproc_set_forkserver_preload(preload, &wrong[i]), MPROC_E_INVALID);
        CHECK_CONTAINS(mproc_last_error(), parts[i]);
    }
    mproc_process *process;
    mproc_process_options options = { .function = test_nothing, .executable = "/bin/sh" };
    CHECK_CODE(mproc_process_create(&process, &options), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "forkserver");
    /* Nothing was changed. */
    CHECK_EQ(server_pid(), server);
}

/* What it wrote and did not flush is not written by each of its children again. */
static int leave_output_behind(mproc_task *task)
{
    (void)task;
    FILE *file = fopen("output-of-preload", "w");
    return file != NULL && fputs("once", file) >= 0 ? 0 : -1;
}

static void what_a_preload_prints_is_printed_once(void)
{
    char text[64] = "";
    set_preload(leave_output_behind, MPROC_NO_ARGS);
    for (int i = 0; i < 3; i++)
        CHECK_OK(start_code());
    FILE *file = fopen("output-of-preload", "r");
    CHECK(file != NULL && fgets(text, sizeof text, file) != NULL);
    fclose(file);
    CHECK_STR(text, "once");
    CHECK(remove("output-of-preload") == 0);
    set_preload(NULL, MPROC_NO_ARGS);
}

/* It is a process of the family; but processes of its own would leave it with threads. */
static int use_objects(mproc_task *task)
{
    mproc_queue queue;
    mproc_process *process;
    int code = -1;
    CHECK_OK(mproc_task_read(task, &queue, sizeof queue));
    CHECK_OK(mproc_process_create(&process, &(mproc_process_options){ .function = test_nothing }));
    code = mproc_process_start(process);
    CHECK_OK(mproc_process_free(process));
    return mproc_queue_put(queue, &code, sizeof code, 0);
}

static void a_preload_uses_objects_but_starts_no_process(void)
{
    mproc_queue queue;
    int code = 0;
    CHECK_OK(mproc_queue_create(&queue, NULL));
    set_preload(use_objects, MPROC_ARG(queue));
    CHECK_OK(start_code());
    CHECK_OK(mproc_queue_get(queue, test_limit_ms(30000), &code, sizeof code, NULL));
    CHECK_CODE(code, MPROC_E_STATE);
    CHECK_OK(mproc_queue_destroy(queue));
    set_preload(NULL, MPROC_NO_ARGS);
}

/* Those that run are the old one's, which tells how they end, and ends with the last of them. */
static void another_preload_is_another_server_and_children_live_on(void)
{
    int value = 7;
    mproc_process *first = test_start(tell_parent_and_stay, MPROC_NO_ARGS);
    WAIT_UNTIL(atomic_load(&test_board()[1]) != 0);
    int64_t before = atomic_load(&test_board()[1]);
    set_preload(preload, MPROC_ARG(value));
    int64_t now = server_pid();
    CHECK(now != before);
    CHECK(os_is_alive(before));
    test_let_go();
    CHECK_EQ(test_finish(first), 0);
    WAIT_UNTIL(!os_is_alive(before));
    CHECK_EQ(server_pid(), now);
    set_preload(NULL, MPROC_NO_ARGS);
    CHECK(!os_is_alive(now));
    server_pid();
}

static bool has_failed(mproc_pool *pool)
{
    return mproc_pool_apply(pool, tell_parent, MPROC_NO_ARGS, NULL, NULL, 0, NULL) == MPROC_E_INIT_FAILED;
}

/* As with an initializer: no endless respawn. */
static void a_pool_whose_new_server_fails_is_broken(void)
{
    mproc_pool *pool = make_pool(1);
    CHECK_OK(mproc_pool_apply(pool, tell_parent, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    set_preload(fail_to_preload, MPROC_NO_ARGS);
    CHECK_CODE(mproc_pool_apply(pool, die, MPROC_NO_ARGS, NULL, NULL, 0, NULL), MPROC_E_WORKER_DIED);
    WAIT_UNTIL(has_failed(pool));
    CHECK_CONTAINS(mproc_last_error(), "no such model");
    CHECK_OK(mproc_pool_free(pool));
    set_preload(NULL, MPROC_NO_ARGS);
    server_pid();
}

/* ---- Killed and stopped ---- */

static void rule_09_a_killed_server_is_replaced_and_its_children_live_on(void)
{
    int64_t before = server_pid();
    mproc_process *first = test_start(test_stay, MPROC_NO_ARGS), *second = test_start(test_stay, MPROC_NO_ARGS);
    mproc_pool *pool = make_pool(2);
    os_kill(before);
    int64_t now = server_pid();
    CHECK(now != before);
    int value = 12;
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
    CHECK_EQ(value, 144);
    CHECK_CODE(mproc_pool_apply(pool, die, MPROC_NO_ARGS, NULL, NULL, 0, NULL), MPROC_E_WORKER_DIED);
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
    CHECK_OK(mproc_pool_free(pool));
    CHECK(mproc_process_is_alive(first));
    CHECK_OK(mproc_process_kill(first));
    check_finish_or_unknown(first, -SIGKILL);
    test_let_go();
    check_finish_or_unknown(second, 0);
    CHECK_EQ(server_pid(), now);
}

static void a_stopped_server_is_replaced_and_deaths_are_told(void)
{
    int64_t before = server_pid();
    mproc_process *child = test_start(test_stay, MPROC_NO_ARGS);
    stop(before);
    CHECK_OK(mproc_process_kill(child));
    check_finish_or_unknown(child, -SIGKILL);
    CHECK(server_pid() != before);
    WAIT_UNTIL(!os_is_alive(before));
}

static void a_stopped_server_is_let_go(void)
{
    int64_t before = server_pid();
    stop(before);
    set_preload(NULL, MPROC_NO_ARGS);
    CHECK(!os_is_alive(before));
    server_pid();
}

/* ---- Within its calls ---- */

struct hit {
    int number;
    bool after;
};
static struct hit hit;
static pid_t serving;
static ssize_t (*real_send)(int fd, const struct msghdr *message, int flags);
static ssize_t (*real_receive)(int fd, struct msghdr *message, int flags);

static void be_hit(bool after)
{
    if (getpid() == serving && after == hit.after && atomic_fetch_sub(&test_board()[3], 1) == 1)
        raise(hit.number);
}

static ssize_t send_and_be_hit(int fd, const struct msghdr *message, int flags)
{
    be_hit(false);
    ssize_t result = real_send(fd, message, flags);
    be_hit(true);
    return result;
}

static ssize_t receive_and_be_hit(int fd, struct msghdr *message, int flags)
{
    be_hit(false);
    ssize_t result = real_receive(fd, message, flags);
    be_hit(true);
    return result;
}

static int prepare_to_be_hit(mproc_task *task)
{
    serving = getpid();
    real_send = platform_calls.sendmsg;
    real_receive = platform_calls.recvmsg;
    platform_calls.sendmsg = send_and_be_hit;
    platform_calls.recvmsg = receive_and_be_hit;
    return mproc_task_read(task, &hit, sizeof hit);
}

static void use_pool(void)
{
    int value = 5;
    mproc_pool *pool = make_pool(1);
    CHECK_CODE(mproc_pool_apply(pool, die, MPROC_NO_ARGS, NULL, NULL, 0, NULL), MPROC_E_WORKER_DIED);
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
    CHECK_EQ(value, 25);
    CHECK_OK(mproc_pool_free(pool));
}

/* Children that live and die, while their server is hit at one point. Returns whether it was. */
static bool live_and_be_hit(struct hit how, int nth)
{
    int value = 5;
    atomic_store(&test_board()[3], nth);
    set_preload(prepare_to_be_hit, MPROC_ARG(how));
    check_finish_or_unknown(test_start(return_argument, MPROC_ARG(value)), 5);
    /* To notice that a server is stopped takes longer. */
    if (how.number == SIGKILL)
        use_pool();
    return atomic_load(&test_board()[3]) <= 0;
}

/* Before and after each packet: with the child forked but not told of, told of but not let go, and so on. */
static void hit_at_each_packet(int number)
{
    for (int after = 0; after < 2; after++) {
        int nth = 1;
        while (live_and_be_hit((struct hit){ number, after }, nth))
            nth++;
        CHECK(nth > 3);
    }
    set_preload(NULL, MPROC_NO_ARGS);
    CHECK_OK(start_code());
}

static void killed_at_each_packet(void)
{
    hit_at_each_packet(SIGKILL);
}

static void stopped_at_each_packet(void)
{
    hit_at_each_packet(SIGSTOP);
}

/* ---- The end of its parent ---- */

static int scene_killed(const char *argument)
{
    (void)argument;
    test_start(test_stay, MPROC_NO_ARGS);
    submit_stay(make_pool(2));
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    kill(getpid(), SIGKILL);
    return 1;
}

static int kill_parent_and_hang(mproc_task *task)
{
    kill(getppid(), SIGKILL);
    return hang_in_preload(task);
}

static int scene_killed_in_preload(const char *argument)
{
    (void)argument;
    CHECK_OK(mproc_set_forkserver_preload(kill_parent_and_hang, NULL));
    start_code();
    return 1;
}

/* That nothing is left is what the end of a scene checks. */
static void nobody_is_left_when_the_parent_is_killed(void)
{
    CHECK_EQ(test_scene("scene_killed", "", NULL, 0), -SIGKILL);
    CHECK_EQ(test_scene("scene_killed_in_preload", "", NULL, 0), -SIGKILL);
}

static void find_no_child(void *unused)
{
    (void)unused;
    atomic_store(&test_board()[2], os_child_count() == 0 ? 1 : 2);
}

static int scene_exits(const char *argument)
{
    (void)argument;
    CHECK_OK(mproc_at_exit(find_no_child, NULL, -1));
    server_pid();
    return 0;
}

static void the_end_of_the_program_ends_it(void)
{
    CHECK_EQ(test_scene("scene_exits", "", NULL, 0), 0);
    CHECK_EQ(atomic_load(&test_board()[2]), 1);
}

/* The shell stays until the test lets it go. */
static int scene_execs(const char *argument)
{
    (void)argument;
    server_pid();
    execl("/bin/sh", "sh", "-c", "while [ ! -e let-go ]; do sleep 0.02; done; exit 3", (char *)NULL);
    return 1;
}

static void another_program_by_exec_has_no_server(void)
{
    os_program *program = test_scene_start("scene_execs", "");
    WAIT_UNTIL(atomic_load(&test_board()[1]) != 0);
    WAIT_UNTIL(!os_is_alive(atomic_load(&test_board()[1])));
    FILE *file = fopen("let-go", "w");
    CHECK(file != NULL);
    fclose(file);
    CHECK_EQ(test_scene_finish(program, NULL, 0), 3);
    CHECK(remove("let-go") == 0);
}

/* A copy that begins a family has one of its own, and its parent's goes on. */
static void a_copy_that_begins_a_family_has_its_own(void)
{
    int status = 0;
    int64_t server = server_pid();
    pid_t copy = fork();
    CHECK(copy >= 0);
    if (copy == 0) {
        CHECK_CODE(mproc_set_forkserver_preload(NULL, NULL), MPROC_E_WRONG_PROCESS);
        CHECK_OK(mproc_begin_family());
        exit(server_pid() != server ? 0 : 9);
    }
    CHECK(waitpid(copy, &status, 0) == copy);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK_EQ(server_pid(), server);
}

static const struct test tests[] = {
    TEST(a_child_sees_what_the_preload_made_and_not_what_the_parent_made),
    TEST(processes_and_pools_share_one_server),
    TEST(exit_codes_and_signals_are_told),
    TEST_WITH(a_child_of_a_large_parent_is_small, TEST_NO_SANITIZER, 0),
    TEST(threads_start_children_at_the_same_time),
    TEST(a_childs_children_have_a_server_of_their_own),
    TEST(a_preload_that_fails_is_the_starts_error),
    TEST(a_preload_that_crashes_is_the_starts_error),
    TEST(rule_53_a_preload_that_hangs_has_a_time_limit),
    TEST(a_preload_that_fails_may_be_ignored),
    TEST(options_that_make_no_sense_are_refused),
    TEST(what_a_preload_prints_is_printed_once),
    TEST(a_preload_uses_objects_but_starts_no_process),
    TEST(another_preload_is_another_server_and_children_live_on),
    TEST(a_pool_whose_new_server_fails_is_broken),
    TEST(rule_09_a_killed_server_is_replaced_and_its_children_live_on),
    TEST(a_stopped_server_is_replaced_and_deaths_are_told),
    TEST(a_stopped_server_is_let_go),
    TEST_WITH(killed_at_each_packet, 0, 60),
    TEST_WITH(stopped_at_each_packet, 0, 60),
    TEST(nobody_is_left_when_the_parent_is_killed),
    TEST(the_end_of_the_program_ends_it),
    TEST(another_program_by_exec_has_no_server),
    TEST(a_copy_that_begins_a_family_has_its_own),
};

static const struct scene scenes[] = {
    SCENE(scene_killed),
    SCENE(scene_killed_in_preload),
    SCENE(scene_exits),
    SCENE(scene_execs),
};

TEST_MAIN(tests, scenes)
