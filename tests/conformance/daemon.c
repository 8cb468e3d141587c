/* Copies that the program's own fork has made, and that become families of their own: a daemon can use the library.
 */
#define _GNU_SOURCE
#include "pool_tasks.h"
#include <sys/wait.h>
#include <unistd.h>

static int add_one(mproc_task *task)
{
    int value;
    CHECK_OK(mproc_task_read(task, &value, sizeof value));
    value++;
    return mproc_task_return(task, &value, sizeof value);
}

static int give_back(mproc_task *task)
{
    struct {
        mproc_queue queue;
        int value;
    } argument;
    CHECK_OK(mproc_task_read(task, &argument, sizeof argument));
    CHECK_OK(mproc_queue_put(argument.queue, &argument.value, sizeof argument.value, MPROC_FOREVER));
    return 0;
}

static void use_queue(void)
{
    struct {
        mproc_queue queue;
        int value;
    } argument = { .value = 77 };
    int found = 0;
    CHECK_OK(mproc_queue_create(&argument.queue, NULL));
    CHECK_EQ(test_finish(test_start(give_back, MPROC_ARG(argument))), 0);
    CHECK_OK(mproc_queue_get(argument.queue, MPROC_FOREVER, &found, sizeof found, NULL));
    CHECK_EQ(found, 77);
    CHECK_OK(mproc_queue_destroy(argument.queue));
}

static void use_pool(void)
{
    int value = 41, found = 0;
    mproc_pool *pool = make_pool(2);
    CHECK_OK(mproc_pool_apply(pool, add_one, MPROC_ARG(value), NULL, &found, sizeof found, NULL));
    CHECK_EQ(found, 42);
    CHECK_OK(mproc_pool_free(pool));
}

/* Handles travel by what a family has besides its memory. */
static void use_handle(void)
{
    mproc_connection first, second;
    mproc_os_handle found;
    os_waitable waitable = os_waitable_create();
    CHECK_OK(mproc_pipe_create(&first, &second, NULL));
    CHECK_OK(mproc_connection_send_handle(first, waitable.handle, MPROC_HANDLE_DUP, MPROC_FOREVER));
    CHECK_OK(mproc_connection_recv_handle(second, MPROC_FOREVER, &found));
    close((int)found);
    os_waitable_close(&waitable);
    CHECK_OK(mproc_connection_close(first));
    CHECK_OK(mproc_connection_close(second));
}

static void use_all(void)
{
    CHECK_EQ(test_finish(test_start(test_nothing, MPROC_NO_ARGS)), 0);
    use_queue();
    use_pool();
    use_handle();
}

/* What the parent has made with the library before the fork. */
static struct {
    mproc_lock lock;
    mproc_process *process;
    mproc_pool *pool;
    mproc_message message;
    mproc_iter *iter;
    mproc_completed *completed;
    mproc_result *result;
} made;

static int no_items(void *user, mproc_view *ret_args)
{
    (void)user;
    (void)ret_args;
    return 0;
}

static void make_some(void)
{
    CHECK_OK(mproc_lock_create(&made.lock, NULL));
    CHECK_OK(mproc_lock_acquire(made.lock, MPROC_FOREVER));
    CHECK_OK(mproc_message_create(&made.message, 100000));
    made.process = test_start(test_stay, MPROC_NO_ARGS);
    made.pool = make_pool(1);
    CHECK_OK(mproc_pool_imap(made.pool, add_one, no_items, NULL, NULL, &made.iter));
    CHECK_OK(mproc_completed_create(&made.completed, NULL, 0));
    int value = 1;
    CHECK_OK(mproc_pool_apply_async(made.pool, add_one, MPROC_ARG(value), NULL, &made.result));
}

static void free_some(void)
{
    CHECK_OK(mproc_lock_release(made.lock));
    CHECK_OK(mproc_lock_destroy(made.lock));
    CHECK_OK(mproc_message_free(made.message));
    CHECK_OK(mproc_completed_free(made.completed));
    CHECK_OK(mproc_iter_free(made.iter));
    CHECK_OK(mproc_result_free(made.result));
    CHECK_OK(mproc_pool_free(made.pool));
    test_let_go();
    CHECK_EQ(test_finish(made.process), 0);
}

static bool is_unknown(int code)
{
    return code == MPROC_E_STALE || code == MPROC_E_FOREIGN || code == MPROC_E_WRONG_PROCESS;
}

/* What the parent has made is not the copy's. */
static void check_foreign(void)
{
    CHECK(is_unknown(mproc_lock_acquire(made.lock, 0)));
    CHECK(is_unknown(mproc_message_free(made.message)));
    CHECK(is_unknown(mproc_result_wait(made.result, 0)));
    CHECK(is_unknown(mproc_result_free(made.result)));
    CHECK_CODE(mproc_process_kill(made.process), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_process_free(made.process), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_pool_terminate(made.pool), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_iter_free(made.iter), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_completed_free(made.completed), MPROC_E_WRONG_PROCESS);
    CHECK_EQ(mproc_get_active_children(NULL, 0), 0);
    CHECK(!mproc_get_parent_process());
    CHECK_STR(mproc_process_get_name(mproc_get_current_process()), "MainProcess");
}

/* Board word 11: counted by exit handlers, in whichever process they run. */
static void count_exit(void *unused)
{
    (void)unused;
    atomic_fetch_add(&test_board()[11], 1);
}

/* What needs no family, but means the process that asks. */
static void check_named_memory_is_refused(void)
{
    mproc_shared_memory *memory;
    mproc_shareable_list *list;
    mproc_shared_memory_manager *manager;
    CHECK_CODE(mproc_shared_memory_create(&memory, NULL, 64), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_shared_memory_open(&memory, "any", 0), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_shared_memory_unlink("any"), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_shareable_list_create(&list, NULL, NULL, 0), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_shared_memory_manager_create(&manager), MPROC_E_WRONG_PROCESS);
}

static void be_the_daemon(void)
{
    mproc_lock lock;
    CHECK_CODE(mproc_lock_create(&lock, NULL), MPROC_E_WRONG_PROCESS);
    CHECK_CONTAINS(mproc_last_error(), "mproc_begin_family");
    CHECK_CODE(mproc_at_exit(count_exit, NULL, 0), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_iter_free(made.iter), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_completed_free(made.completed), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_result_get(made.result, 0, NULL, 0, NULL), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_result_free(made.result), MPROC_E_WRONG_PROCESS);
    check_named_memory_is_refused();
    CHECK_OK(mproc_begin_family());
    CHECK_OK(mproc_begin_family());
    check_foreign();
    use_all();
    check_foreign();
    CHECK_OK(mproc_at_exit(count_exit, NULL, 0));
    atomic_store(&test_board()[10], 1);
    exit(0);
}

/* Forks twice, as daemons do; the copy runs function. */
static void daemonise(void (*function)(void))
{
    int status;
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        CHECK(setsid() > 0);
        pid = fork();
        CHECK(pid >= 0);
        if (pid == 0)
            function();
        _exit(0);
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, 0);
}

/* The parent has used the library, and goes on to; its exit handlers are its own. */
static int scene_daemon(const char *argument)
{
    (void)argument;
    make_some();
    CHECK_OK(mproc_at_exit(count_exit, NULL, 0));
    daemonise(be_the_daemon);
    WAIT_UNTIL(atomic_load(&test_board()[11]) == 1);
    free_some();
    use_all();
    return 0;
}

static void daemon_uses_the_library(void)
{
    CHECK_EQ(test_scene("scene_daemon", "", NULL, 0), 0);
    CHECK_EQ(atomic_load(&test_board()[10]), 1);
    CHECK_EQ(atomic_load(&test_board()[11]), 2);
}

/* ---- As most daemons do it: nothing before the fork ---- */

static void be_the_first(void)
{
    CHECK_OK(mproc_begin_family());
    use_all();
    atomic_store(&test_board()[10], 1);
    exit(0);
}

static int scene_early_daemon(const char *argument)
{
    (void)argument;
    daemonise(be_the_first);
    WAIT_UNTIL(atomic_load(&test_board()[10]) == 1);
    return 0;
}

static void daemon_that_forks_first(void)
{
    CHECK_EQ(test_scene("scene_early_daemon", "", NULL, 0), 0);
}

/* A daemon may outlive its parent, and so do its processes. */
static void outlive(void)
{
    CHECK_OK(mproc_begin_family());
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    atomic_store(&test_board()[10], 1);
    CHECK_EQ(test_finish(process), 0);
    use_all();
    atomic_store(&test_board()[11], 1);
    exit(0);
}

static int scene_daemon_outlives(const char *argument)
{
    (void)argument;
    daemonise(outlive);
    WAIT_UNTIL(atomic_load(&test_board()[10]) == 1);
    return 0;
}

static void daemon_outlives_its_parent(void)
{
    os_program *program = test_scene_start("scene_daemon_outlives", "");
    int64_t code;
    CHECK(os_program_wait(program, test_limit_ms(30000), &code));
    CHECK_EQ(code, 0);
    test_let_go();
    WAIT_UNTIL(atomic_load(&test_board()[11]) == 1);
    CHECK_EQ(test_scene_finish(program, NULL, 0), 0);
}

/* ---- In other places ---- */

/* The copy returns from the task, and must not serve the pool a second time. */
static int fork_in_a_task(mproc_task *task)
{
    int value = 5;
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        CHECK_OK(mproc_begin_family());
        use_all();
        atomic_fetch_add(&test_board()[12], 1);
        return 0;
    }
    CHECK_EQ(waitpid(pid, NULL, 0), pid);
    return mproc_task_return(task, &value, sizeof value);
}

static void copy_of_a_worker_begins_a_family(void)
{
    int found = 0;
    mproc_pool *pool = make_pool(1);
    for (int i = 1; i <= 2; i++) {
        CHECK_OK(mproc_pool_apply(pool, fork_in_a_task, MPROC_NO_ARGS, NULL, &found, sizeof found, NULL));
        CHECK_EQ(found, 5);
        CHECK_EQ(atomic_load(&test_board()[12]), i);
    }
    CHECK_OK(mproc_pool_free(pool));
}

static void begin_family_in_no_copy_does_nothing(void)
{
    mproc_lock lock;
    CHECK_OK(mproc_lock_create(&lock, NULL));
    CHECK_OK(mproc_begin_family());
    CHECK_OK(mproc_lock_acquire(lock, 0));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
}

/* Where the program forks beside threads of its own, the allocator of AddressSanitizer stays locked in the copy for
 * ever if one of them had it then. */
static const struct test tests[] = {
    TEST_WITH(daemon_uses_the_library, TEST_NO_SANITIZER, 0),
    TEST(daemon_that_forks_first),
    TEST(daemon_outlives_its_parent),
    TEST(copy_of_a_worker_begins_a_family),
    TEST(begin_family_in_no_copy_does_nothing),
};

static const struct scene scenes[] = {
    SCENE(scene_daemon),
    SCENE(scene_early_daemon),
    SCENE(scene_daemon_outlives),
};

TEST_MAIN(tests, scenes)
