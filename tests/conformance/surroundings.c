/* What the library leaves alone, and what children inherit: environment, working directory, locale, stdio, handles.
 * Rules 8 and 55.
 */
#include "test.h"
#include <locale.h>

/* ---- Rule 55 ---- */

/* Board words 40 and up: what the child sees. */
static int look_around(mproc_task *task)
{
    char names[512];
    (void)task;
    atomic_store(&test_board()[40], (int64_t)os_environment_digest());
    atomic_store(&test_board()[41], os_directory_list(".", names, sizeof names));
    atomic_store(&test_board()[42], getenv("MPROC_TEST_TRACE") ? 1 : 0);
    return 0;
}

static void look_around_in_a_child(void)
{
    CHECK_EQ(test_finish(test_start(look_around, MPROC_NO_ARGS)), 0);
}

/* The variable that carries the start-up text must be seen by nobody: not by the parent, not by the child. */
static void rule_55_environment(void)
{
    uint64_t digest = os_environment_digest();
    look_around_in_a_child();
    CHECK(os_environment_digest() == digest);
    CHECK((uint64_t)atomic_load(&test_board()[40]) == digest);
    os_set_environment("MPROC_TEST_TRACE", "a value with = and \"quotes\"");
    uint64_t changed = os_environment_digest();
    CHECK(changed != digest);
    /* A fork server that runs has the environment as it was. */
    if (test_has_server())
        CHECK_OK(mproc_set_forkserver_preload(NULL, NULL));
    look_around_in_a_child();
    CHECK_EQ(atomic_load(&test_board()[42]), 1);
    CHECK((uint64_t)atomic_load(&test_board()[40]) == changed);
}

static void rule_55_working_directory(void)
{
    char before[512], after[512];
    FILE *file = fopen("a-file-of-the-test", "w");
    CHECK(file && fclose(file) == 0);
    CHECK_EQ(os_directory_list(".", before, sizeof before), 1);
    look_around_in_a_child();
    CHECK_EQ(atomic_load(&test_board()[41]), 1);
    CHECK_EQ(os_directory_list(".", after, sizeof after), 1);
    CHECK_STR(after, before);
    CHECK_EQ(remove("a-file-of-the-test"), 0);
}

static void rule_55_locale(void)
{
    char before[256];
    snprintf(before, sizeof before, "%s", setlocale(LC_ALL, NULL));
    look_around_in_a_child();
    mproc_lock lock;
    CHECK_OK(mproc_lock_create(&lock, NULL));
    CHECK_OK(mproc_lock_destroy(lock));
    CHECK_STR(setlocale(LC_ALL, NULL), before);
}

static int write_on_both(mproc_task *task)
{
    (void)task;
    printf("out of the child\n");
    fprintf(stderr, "err of the child\n");
    return 0;
}

static int scene_stdio(const char *argument)
{
    (void)argument;
    setvbuf(stdout, NULL, _IOFBF, 8192);
    printf("first\n");
    CHECK_EQ(test_finish(test_start(write_on_both, MPROC_NO_ARGS)), 0);
    printf("last\n");
    return 0;
}

/* Standard output and error are passed on. The library flushes nothing of the parent's behind its back: "first", still
 * in the buffer, comes after what the child wrote. */
static void rule_55_stdio(void)
{
    char text[1024];
    CHECK_EQ(test_scene("scene_stdio", "", text, sizeof text), 0);
    CHECK_CONTAINS(text, "err of the child");
    CHECK_CONTAINS(text, "out of the child");
    /* On Windows the C library may write sooner than its buffer is full. */
    CHECK(test_is_windows() || strstr(text, "first") > strstr(text, "out of the child"));
    CHECK(!strstr(strstr(text, "first") + 1, "first"));
    CHECK(strstr(text, "last") > strstr(text, "first"));
}

/* Board word 44: the first byte of the standard input, or EOF, and 1000. */
static int read_a_byte(mproc_task *task)
{
    (void)task;
    atomic_store(&test_board()[44], 1000 + fgetc(stdin));
    return 0;
}

static int64_t byte_read_by_a_process(bool inherit)
{
    mproc_process *process;
    CHECK_OK(
        mproc_process_create(&process, &(mproc_process_options){ .function = read_a_byte, .inherit_stdin = inherit }));
    CHECK_OK(mproc_process_start(process));
    CHECK_EQ(test_finish(process), 0);
    return atomic_load(&test_board()[44]) - 1000;
}

static int64_t byte_read_by_a_worker(bool inherit)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .inherit_stdin = inherit }));
    CHECK_OK(mproc_pool_apply(pool, read_a_byte, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK_OK(mproc_pool_free(pool));
    return atomic_load(&test_board()[44]) - 1000;
}

/* Standard input is a file of two lines; in step "read ahead" the parent has read the first, and more than that. */
static int scene_input(const char *step)
{
    char line[32] = "";
    bool ahead = strcmp(step, "read ahead") == 0;
    FILE *file = fopen("input.txt", "w");
    CHECK(file && fputs("one\ntwo\n", file) >= 0 && fclose(file) == 0);
    CHECK(freopen("input.txt", "r", stdin));
    if (ahead)
        CHECK(fgets(line, sizeof line, stdin));
    CHECK_EQ(byte_read_by_a_process(false), EOF);
    CHECK_EQ(byte_read_by_a_worker(false), EOF);
    if (strcmp(step, "process") == 0)
        CHECK_EQ(byte_read_by_a_process(true), 'o');
    else if (strcmp(step, "pool") == 0)
        CHECK_EQ(byte_read_by_a_worker(true), 'o');
    else
        CHECK(fgets(line, sizeof line, stdin));
    CHECK_STR(line, ahead ? "two\n" : "");
    CHECK(fclose(stdin) == 0 && remove("input.txt") == 0);
    return 0;
}

/* Children take nothing of what the parent is going to read, unless they are asked to. */
static void children_have_an_empty_standard_input(void)
{
    CHECK_EQ(test_scene("scene_input", "read ahead", NULL, 0), 0);
}

static void children_inherit_standard_input_if_asked_to(void)
{
    CHECK_EQ(test_scene("scene_input", "process", NULL, 0), 0);
    CHECK_EQ(test_scene("scene_input", "pool", NULL, 0), 0);
}

/* A program that only links the library, and one that only calls harmless functions, has no threads and handles of it.
 */
static void rule_55_nothing_before_the_first_use(void)
{
    int handles = os_handle_count(), threads = os_thread_count();
    CHECK(mproc_get_cpu_count() >= 1);
    CHECK(mproc_error_text(MPROC_E_OS) && mproc_version() && mproc_get_current_process());
    CHECK_EQ(mproc_get_active_children(NULL, 0), 0);
    CHECK_LE(os_thread_count(), threads);
    CHECK_LE(os_handle_count(), handles);
}

/* ---- Rule 8 ---- */

/* Board word 43: handles of the child. */
static int count_handles(mproc_task *task)
{
    (void)task;
    atomic_store(&test_board()[43], os_handle_count());
    return 0;
}

static int64_t handles_of_a_child(void)
{
    CHECK_EQ(test_finish(test_start(count_handles, MPROC_NO_ARGS)), 0);
    return atomic_load(&test_board()[43]);
}

static void rule_08_handles_of_the_program(void)
{
    int64_t before = handles_of_a_child();
    os_open_inheritable(50);
    int64_t after = handles_of_a_child();
    /* Under fork a child keeps what is the user's; otherwise it inherits what it was given. The count itself may open a
     * handle or two. */
    if (test_forks())
        CHECK_EQ(after, before + 50);
    else
        CHECK_LE(after, before + 3);
}

static void rule_08_siblings_cost_a_child_nothing(void)
{
    enum { SIBLINGS = 12 };
    mproc_process *siblings[SIBLINGS];
    int64_t before = handles_of_a_child();
    for (int i = 0; i < SIBLINGS; i++)
        siblings[i] = test_start(test_stay, MPROC_NO_ARGS);
    CHECK_LE(handles_of_a_child(), before + 3);
    test_let_go();
    for (int i = 0; i < SIBLINGS; i++)
        CHECK_EQ(test_finish(siblings[i]), 0);
}

/* A pool's handles and segments are nothing to a process that is not of the pool. */
static void rule_08_a_pool_costs_a_child_nothing(void)
{
    mproc_pool_options options = { .workers = 3 };
    mproc_pool *pool;
    int64_t before = handles_of_a_child();
    CHECK_OK(mproc_pool_create(&pool, &options));
    CHECK_LE(handles_of_a_child(), before + 3);
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST(rule_55_environment),
    TEST(rule_55_working_directory),
    TEST(rule_55_locale),
    TEST(rule_55_stdio),
    TEST(children_have_an_empty_standard_input),
    TEST(children_inherit_standard_input_if_asked_to),
    TEST_WITH(rule_55_nothing_before_the_first_use, TEST_FRESH, 0),
    TEST_WITH(rule_08_handles_of_the_program, TEST_KEEPS, 0),
    TEST_WITH(rule_08_siblings_cost_a_child_nothing, 0, 60),
    TEST(rule_08_a_pool_costs_a_child_nothing),
};

static const struct scene scenes[] = {
    SCENE(scene_stdio),
    SCENE(scene_input),
};

TEST_MAIN(tests, scenes)
