/* Process objects used wrongly: an error each, never undefined behaviour. Rule 1.
 */
#include "test.h"

static mproc_process *create(mproc_task_fn *function)
{
    mproc_process_options options = { .function = function };
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process, &options));
    return process;
}

static void rule_01_start_twice(void)
{
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    int64_t pid = test_pid(process);
    CHECK_CODE(mproc_process_start(process), MPROC_E_STATE);
    CHECK_EQ(test_pid(process), pid);
    test_let_go();
    CHECK_OK(mproc_process_join(process, MPROC_FOREVER));
    CHECK_CODE(mproc_process_start(process), MPROC_E_STATE);
    CHECK_EQ(test_finish(process), 0);
}

static void rule_01_before_start(void)
{
    mproc_os_handle sentinel = -7;
    int64_t code = 7;
    mproc_process *process = create(test_nothing);
    CHECK_CODE(mproc_process_join(process, 0), MPROC_E_STATE);
    CHECK_CODE(mproc_process_join(process, MPROC_FOREVER), MPROC_E_STATE);
    CHECK_CODE(mproc_process_terminate(process), MPROC_E_STATE);
    CHECK_CODE(mproc_process_kill(process), MPROC_E_STATE);
    CHECK_CODE(mproc_process_kill_tree(process), MPROC_E_STATE);
    CHECK_CODE(mproc_process_get_sentinel(process, &sentinel), MPROC_E_STATE);
    CHECK_EQ(sentinel, -7);
    CHECK_EQ(mproc_process_is_alive(process), 0);
    CHECK_EQ(mproc_process_get_pid(process), 0);
    CHECK_OK(mproc_process_get_exit_code(process, &code));
    CHECK_EQ(code, MPROC_EXIT_RUNNING);
    CHECK_EQ(mproc_get_active_children(NULL, 0), 0);
    CHECK_OK(mproc_process_start(process));
    CHECK_EQ(test_finish(process), 0);
}

static void rule_01_never_started(void)
{
    CHECK_OK(mproc_process_free(create(test_nothing)));
    CHECK_OK(mproc_process_free(NULL));
}

static void rule_01_daemon_after_start(void)
{
    mproc_process *process = create(test_stay);
    CHECK_EQ(mproc_process_is_daemon(process), 0);
    CHECK_OK(mproc_process_set_daemon(process, true));
    CHECK_EQ(mproc_process_is_daemon(process), 1);
    CHECK_OK(mproc_process_set_daemon(process, false));
    CHECK_OK(mproc_process_start(process));
    CHECK_CODE(mproc_process_set_daemon(process, true), MPROC_E_STATE);
    CHECK_EQ(mproc_process_is_daemon(process), 0);
    test_let_go();
    CHECK_EQ(test_finish(process), 0);
}

static int start_child_of_daemon(mproc_task *task)
{
    (void)task;
    mproc_pool *pool;
    mproc_process *process = create(test_nothing);
    CHECK_CODE(mproc_process_start(process), MPROC_E_STATE);
    mproc_process_free(process);
    CHECK_CODE(mproc_pool_create(&pool, NULL), MPROC_E_STATE);
    return 0;
}

static void rule_01_daemon_starts_children(void)
{
    mproc_process_options options = { .function = start_child_of_daemon, .daemon = 1 };
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process, &options));
    CHECK_OK(mproc_process_start(process));
    CHECK_EQ(test_finish(process), 0);
}

/* Only a forked child has the pointer at all. */
static mproc_process *of_the_parent, *started_by_the_parent;

static int use_objects_of_the_parent(mproc_task *task)
{
    mproc_process *objects[] = { of_the_parent, started_by_the_parent };
    int64_t code;
    mproc_os_handle sentinel;
    (void)task;
    for (int i = 0; i < 2; i++) {
        CHECK_CODE(mproc_process_start(objects[i]), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_process_join(objects[i], MPROC_FOREVER), MPROC_E_WRONG_PROCESS);
        CHECK_NOT(mproc_process_is_alive(objects[i]), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_process_get_exit_code(objects[i], &code), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_process_get_sentinel(objects[i], &sentinel), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_process_terminate(objects[i]), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_process_kill(objects[i]), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_process_kill_tree(objects[i]), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_process_interrupt(objects[i]), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_process_set_daemon(objects[i], 1), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_process_set_authkey(objects[i], "k", 1), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_process_set_name(objects[i], "k"), MPROC_E_WRONG_PROCESS);
        CHECK_CODE(mproc_process_free(objects[i]), MPROC_E_WRONG_PROCESS);
    }
    CHECK_EQ(mproc_get_active_children(NULL, 0), 0);
    return 0;
}

static void rule_01_objects_of_another_process(void)
{
    of_the_parent = create(test_nothing);
    started_by_the_parent = test_start(test_stay, MPROC_NO_ARGS);
    CHECK_EQ(test_finish(test_start(use_objects_of_the_parent, MPROC_NO_ARGS)), 0);
    CHECK_EQ(mproc_process_is_alive(started_by_the_parent), 1);
    test_let_go();
    CHECK_EQ(test_finish(started_by_the_parent), 0);
    CHECK_OK(mproc_process_start(of_the_parent));
    CHECK_EQ(test_finish(of_the_parent), 0);
}

static void a_long_name_is_cut(void)
{
    char name[100];
    memset(name, 'n', sizeof name);
    name[99] = 0;
    mproc_process_options options = { .function = test_nothing, .name = name };
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process, &options));
    CHECK_EQ(strlen(mproc_process_get_name(process)), 63);
    CHECK_OK(mproc_process_set_name(process, mproc_process_get_name(process)));
    CHECK_EQ(strlen(mproc_process_get_name(process)), 63);
    CHECK_OK(mproc_process_set_name(process, name + 90));
    CHECK_STR(mproc_process_get_name(process), "nnnnnnnnn");
    CHECK_OK(mproc_process_free(process));
}

static int use_own_object(mproc_task *task)
{
    int64_t code;
    mproc_os_handle sentinel;
    (void)task;
    mproc_process *self = mproc_get_current_process();
    CHECK_CODE(mproc_process_start(self), MPROC_E_STATE);
    CHECK_CODE(mproc_process_join(self, MPROC_FOREVER), MPROC_E_DEADLOCK);
    CHECK_CODE(mproc_process_set_daemon(self, 1), MPROC_E_STATE);
    CHECK_CODE(mproc_process_free(self), MPROC_E_WRONG_PROCESS);
    CHECK_EQ(mproc_process_is_alive(self), 1);
    CHECK_OK(mproc_process_get_exit_code(self, &code));
    CHECK_EQ(code, MPROC_EXIT_RUNNING);
    CHECK_CODE(mproc_process_kill(self), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_process_get_sentinel(self, &sentinel), MPROC_E_WRONG_PROCESS);
    CHECK_OK(mproc_process_set_name(self, "me"));
    CHECK_STR(mproc_process_get_name(self), "me");
    return 0;
}

static void rule_01_own_object(void)
{
    use_own_object(NULL);
    CHECK_EQ(test_finish(test_start(use_own_object, MPROC_NO_ARGS)), 0);
}

/* Under fork the object that a child was started from means the child itself there. */
static mproc_process *own;

static int use_the_object_started_from(mproc_task *task)
{
    (void)task;
    CHECK_EQ(mproc_process_get_pid(own), os_self_pid());
    CHECK_EQ(mproc_process_is_alive(own), 1);
    CHECK_CODE(mproc_process_join(own, MPROC_FOREVER), MPROC_E_DEADLOCK);
    CHECK_CODE(mproc_process_start(own), MPROC_E_STATE);
    return 0;
}

static void rule_01_join_from_within(void)
{
    own = create(use_the_object_started_from);
    CHECK_OK(mproc_process_start(own));
    CHECK_EQ(test_finish(own), 0);
}

static void names(void)
{
    char name[80];
    mproc_process *process = create(test_nothing);
    CHECK_CODE(mproc_process_set_name(process, NULL), MPROC_E_INVALID);
    memset(name, 'n', sizeof name);
    name[63] = 0;
    CHECK_OK(mproc_process_set_name(process, name));
    CHECK_STR(mproc_process_get_name(process), name);
    name[63] = 'n';
    name[64] = 0;
    CHECK_OK(mproc_process_set_name(process, name));
    mproc_process_options options = { .function = test_nothing, .name = name };
    mproc_process *other = NULL;
    CHECK_OK(mproc_process_create(&other, &options));
    CHECK_EQ(strlen(mproc_process_get_name(other)), 63);
    CHECK_OK(mproc_process_free(other));
    CHECK_OK(mproc_process_set_name(process, ""));
    CHECK_OK(mproc_process_start(process));
    CHECK_OK(mproc_process_set_name(process, "later"));
    CHECK_STR(mproc_process_get_name(process), "later");
    CHECK_EQ(test_finish(process), 0);
}

static void create_refuses(mproc_process_options options, int expected)
{
    mproc_process *process = NULL;
    CHECK_CODE(mproc_process_create(&process, &options), expected);
    CHECK(!process);
    CHECK(mproc_last_error()[0]);
}

static void rule_53_absurd_options(void)
{
    mproc_process *process = NULL;
    CHECK_CODE(mproc_process_create(&process, NULL), MPROC_E_INVALID);
    create_refuses((mproc_process_options){ 0 }, MPROC_E_INVALID);
    create_refuses((mproc_process_options){ .function = test_nothing, .start_timeout_ms = -1 }, MPROC_E_INVALID);
    create_refuses((mproc_process_options){ .function = test_nothing, .start_timeout_ms = INT64_MIN }, MPROC_E_INVALID);
    create_refuses((mproc_process_options){ .function = test_nothing, .args = { NULL, 8 } }, MPROC_E_INVALID);
    create_refuses((mproc_process_options){ .function = test_nothing, .start_method = (mproc_start_method)99 },
                   MPROC_E_INVALID);
    create_refuses((mproc_process_options){ .function = test_nothing, .start_method = (mproc_start_method)-1 },
                   MPROC_E_INVALID);
}

/* A time limit so large that adding it to the clock wraps round must mean for ever, not already over. */
static void rule_53_huge_time_limits(void)
{
    static const int64_t limits[] = { INT64_MAX, INT64_MAX - 1, INT64_MAX / 1000, INT64_MAX / 1000000 };
    for (size_t i = 0; i < TEST_COUNT(limits); i++) {
        mproc_process_options options = { .function = test_nothing, .start_timeout_ms = limits[i] };
        mproc_process *process;
        CHECK_OK(mproc_process_create(&process, &options));
        CHECK_OK(mproc_process_start(process));
        CHECK_OK(mproc_process_join(process, limits[i]));
        mproc_process_free(process);
    }
}

static void null_objects(void)
{
    int64_t number;
    mproc_os_handle handle;
    mproc_view view;
    CHECK_CODE(mproc_process_start(NULL), MPROC_E_INVALID);
    CHECK_CODE(mproc_process_join(NULL, 0), MPROC_E_INVALID);
    CHECK_NOT(mproc_process_is_alive(NULL), MPROC_E_INVALID);
    CHECK_CODE(mproc_process_get_exit_code(NULL, &number), MPROC_E_INVALID);
    CHECK_EQ(mproc_process_get_pid(NULL), 0);
    CHECK_CODE(mproc_last_code(), MPROC_E_INVALID);
    CHECK_CODE(mproc_process_get_sentinel(NULL, &handle), MPROC_E_INVALID);
    CHECK_CODE(mproc_process_kill(NULL), MPROC_E_INVALID);
    CHECK_NOT(mproc_process_is_daemon(NULL), MPROC_E_INVALID);
    CHECK_CODE(mproc_process_get_authkey(NULL, &view), MPROC_E_INVALID);
    CHECK(!mproc_process_get_name(NULL));
}

static void error_table(void)
{
    static const int codes[] = {
#define CODE(name, number, text) number,
        MPROC_ERROR_MAP(CODE)
#undef CODE
    };
    for (size_t i = 0; i < TEST_COUNT(codes); i++) {
        CHECK(strncmp(mproc_error_name(codes[i]), "MPROC_E_", 8) == 0);
        CHECK(mproc_error_text(codes[i])[0]);
        CHECK(codes[i] < -10000);
        CHECK(i == 0 || codes[i] != codes[i - 1]);
    }
    CHECK_STR(mproc_error_name(0), "MPROC_OK");
    CHECK_STR(mproc_error_name(-3), "MPROC_E_UNKNOWN");
    CHECK_STR(mproc_error_name(INT32_MIN), "MPROC_E_UNKNOWN");
    CHECK(mproc_error_text(INT32_MIN)[0] && mproc_error_text(12345)[0] && mproc_error_text(-3)[0]);
    CHECK_STR(mproc_start_method_name(MPROC_START_FORK), "fork");
    CHECK_STR(mproc_start_method_name((mproc_start_method)77), "unknown");
    CHECK(mproc_get_cpu_count() >= 1);
}

static const struct test tests[] = {
    TEST(rule_01_start_twice),
    TEST(rule_01_before_start),
    TEST(rule_01_never_started),
    TEST(rule_01_daemon_after_start),
    TEST(rule_01_daemon_starts_children),
    TEST_WITH(rule_01_objects_of_another_process, TEST_FORK_ONLY, 0),
    TEST(a_long_name_is_cut),
    TEST(rule_01_own_object),
    TEST_WITH(rule_01_join_from_within, TEST_FORK_ONLY, 0),
    TEST(names),
    TEST(rule_53_absurd_options),
    TEST(rule_53_huge_time_limits),
    TEST(null_objects),
    TEST_WITH(error_table, TEST_ONCE, 0),
};

TEST_MAIN_PLAIN(tests)
