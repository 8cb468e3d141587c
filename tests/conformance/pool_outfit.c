/* What the workers of a pool have that differs from the program: CPUs, nice, environment, output. Rule 43. */
#include "pool_tasks.h"

static mproc_pool *make_with(const mproc_pool_options *options)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, options));
    return pool;
}

static void end_in_order(mproc_pool *pool)
{
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Environment ---- */

static int check_environment(mproc_task *task)
{
    const char *added = getenv("MPROC_TEST_ADDED"), *changed = getenv("MPROC_TEST_CHANGED");
    if (added == NULL || strcmp(added, "a=b c") != 0)
        return mproc_task_fail(task, -1, "added is %s", added != NULL ? added : "missing");
    if (changed == NULL || strcmp(changed, "new") != 0)
        return mproc_task_fail(task, -2, "changed is %s", changed != NULL ? changed : "missing");
    return getenv("MPROC_TEST_REMOVED") == NULL ? 0 : mproc_task_fail(task, -3, "removed is there");
}

static void workers_have_their_environment_before_the_initializer(void)
{
    char added[] = "MPROC_TEST_ADDED=a=b c";
    const char *environment[] = { added, "MPROC_TEST_CHANGED=new", "MPROC_TEST_REMOVED", "MPROC_TEST_NONE", NULL };
    os_set_environment("MPROC_TEST_CHANGED", "old");
    os_set_environment("MPROC_TEST_REMOVED", "there");
    uint64_t before = os_environment_digest();
    mproc_pool_options options = { .workers = 2, .initializer = check_environment, .environment = environment };
    mproc_pool *pool = make_with(&options);
    /* It was copied, and replacements have it too. */
    strcpy(added, "XXXXXXXX");
    environment[1] = NULL;
    CHECK_CODE(mproc_pool_apply(pool, die, MPROC_NO_ARGS, NULL, NULL, 0, NULL), MPROC_E_WORKER_DIED);
    for (int i = 0; i < 10; i++)
        CHECK_OK(mproc_pool_apply(pool, check_environment, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK(os_environment_digest() == before);
    CHECK_STR(getenv("MPROC_TEST_CHANGED"), "old");
    end_in_order(pool);
}

/* ---- Output ---- */

static int say_hello(mproc_task *task)
{
    printf("hello from %d\n", mproc_task_get_worker(task));
    fprintf(stderr, "error of %d\n", mproc_task_get_worker(task));
    return 0;
}

static void check_file(const char *path, const char *expected)
{
    char text[200] = "";
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    CHECK_STR(text, expected);
    CHECK(remove(path) == 0);
}

static void output_of_each_worker_is_appended_to_its_file(void)
{
    mproc_pool_options options = { .workers = 1, .stdout_path = "out-%d-%d.txt", .stderr_path = "all.txt" };
    FILE *file = fopen("out-0-%d.txt", "w");
    CHECK(file != NULL && fputs("before\n", file) >= 0 && fclose(file) == 0);
    for (int round = 0; round < 2; round++) {
        mproc_pool *pool = make_with(&options);
        CHECK_OK(mproc_pool_apply(pool, say_hello, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
        end_in_order(pool);
    }
    check_file("out-0-%d.txt", "before\nhello from 0\nhello from 0\n");
    check_file("all.txt", "error of 0\nerror of 0\n");
}

static int scene_of_silence(const char *argument)
{
    mproc_pool_options options = { .workers = 1, .stdout_path = "", .stderr_path = "" };
    (void)argument;
    mproc_pool *pool = make_with(&options);
    CHECK_OK(mproc_pool_apply(pool, say_hello, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    end_in_order(pool);
    printf("the program itself\n");
    return 0;
}

static void output_can_go_nowhere(void)
{
    char output[200];
    CHECK_EQ(test_scene("scene_of_silence", "", output, sizeof output), 0);
    CHECK(strstr(output, "hello") == NULL && strstr(output, "error of") == NULL);
    CHECK_CONTAINS(output, "the program itself");
}

static void a_file_that_cannot_be_opened_is_named(void)
{
    mproc_pool *pool = NULL;
    mproc_pool_options options = { .workers = 3, .stderr_path = "no-such-directory/%d.txt" };
    CHECK_CODE(mproc_pool_create(&pool, &options), MPROC_E_OS);
    CHECK_CONTAINS(mproc_last_error(), "stderr no-such-directory/");
    CHECK(pool == NULL);
}

/* ---- CPUs ---- */

static int count_cpus(mproc_task *task)
{
    int count = mproc_get_cpu_count();
    return mproc_task_return(task, &count, sizeof count);
}

/* The lowest number of a CPU that the program may use. */
static int some_cpu(void)
{
    for (int cpu = 0; cpu < 64; cpu++) {
        mproc_pool *pool;
        if (mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .cpus = &cpu, .cpu_count = 1 }) < 0)
            continue;
        CHECK_OK(mproc_pool_free(pool));
        return cpu;
    }
    test_skip("no CPU below 64");
}

static void workers_are_pinned_to_their_cpus(void)
{
    int cpu = some_cpu(), cpus[2] = { cpu, cpu }, before = mproc_get_cpu_count(), count = 0;
    mproc_pool *pool = make_with(&(mproc_pool_options){ .workers = 3, .cpus = cpus, .cpu_count = 2 });
    CHECK_OK(mproc_pool_apply(pool, count_cpus, MPROC_NO_ARGS, NULL, &count, sizeof count, NULL));
    CHECK_EQ(count, 1);
    CHECK_EQ(mproc_get_cpu_count(), before);
    end_in_order(pool);
}

static void an_unknown_cpu_is_named(void)
{
    mproc_pool *pool = NULL;
    int cpus[2] = { some_cpu(), 4095 }, negative = -1;
    mproc_pool_options options = { .workers = 1, .cpus = cpus, .cpu_count = 2 };
    CHECK_CODE(mproc_pool_create(&pool, &options), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "cpus[1], CPU 4095");
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .cpus = &negative, .cpu_count = 1 }), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .cpu_count = 1 }), MPROC_E_INVALID);
    CHECK(pool == NULL);
}

/* ---- Nice ---- */

static int tell_niceness(mproc_task *task)
{
    int niceness = os_niceness();
    return mproc_task_return(task, &niceness, sizeof niceness);
}

static void workers_are_nicer(void)
{
    int niceness = -100, before = os_niceness();
    mproc_pool *pool = make_with(&(mproc_pool_options){ .workers = 1, .nice = 1 });
    CHECK_OK(mproc_pool_apply(pool, tell_niceness, MPROC_NO_ARGS, NULL, &niceness, sizeof niceness, NULL));
    CHECK_EQ(niceness, before < 19 ? before + 1 : before);
    CHECK_EQ(os_niceness(), before);
    end_in_order(pool);
}

static void less_nice_is_done_or_refused_by_name(void)
{
    int niceness = -100;
    mproc_pool *pool = NULL;
    int code = mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .nice = -1 });
    if (code < 0) {
        CHECK_CODE(code, MPROC_E_OS);
        CHECK_CONTAINS(mproc_last_error(), "nice -1");
        CHECK(pool == NULL);
        return;
    }
    CHECK_OK(mproc_pool_apply(pool, tell_niceness, MPROC_NO_ARGS, NULL, &niceness, sizeof niceness, NULL));
    CHECK_EQ(niceness, os_niceness() - 1);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- What is refused ---- */

static void refuse(const mproc_pool_options *options, const char *text)
{
    mproc_pool *pool = NULL;
    CHECK_CODE(mproc_pool_create(&pool, options), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), text);
    CHECK(pool == NULL);
}

static void bad_outfits_are_refused(void)
{
    const char *nameless[] = { "A=1", "=2", NULL }, *empty[] = { "", NULL };
    refuse(&(mproc_pool_options){ .nice = 20 }, "20");
    refuse(&(mproc_pool_options){ .nice = -21 }, "-21");
    refuse(&(mproc_pool_options){ .nice = (int64_t)1 << 40 }, "nice");
    refuse(&(mproc_pool_options){ .environment = nameless }, "environment[1], \"=2\"");
    refuse(&(mproc_pool_options){ .environment = empty }, "environment[0]");
}

static void threads_have_none(void)
{
    const char *environment[] = { "A=1", NULL };
    int cpu = 0;
    refuse(&(mproc_pool_options){ .kind = MPROC_POOL_THREADS, .nice = 1 }, "threads");
    refuse(&(mproc_pool_options){ .kind = MPROC_POOL_THREADS, .cpus = &cpu, .cpu_count = 1 }, "threads");
    refuse(&(mproc_pool_options){ .kind = MPROC_POOL_THREADS, .environment = environment }, "threads");
    refuse(&(mproc_pool_options){ .kind = MPROC_POOL_THREADS, .stdout_path = "x" }, "threads");
    refuse(&(mproc_pool_options){ .kind = MPROC_POOL_THREADS, .stderr_path = "" }, "threads");
}

static const struct test tests[] = {
    TEST_WITH(workers_have_their_environment_before_the_initializer, TEST_PROCESSES, 0),
    TEST_WITH(output_of_each_worker_is_appended_to_its_file, TEST_PROCESSES, 0),
    TEST_WITH(output_can_go_nowhere, TEST_PROCESSES, 0),
    TEST_WITH(a_file_that_cannot_be_opened_is_named, TEST_PROCESSES, 0),
    TEST_WITH(workers_are_pinned_to_their_cpus, TEST_PROCESSES, 60),
    TEST_WITH(an_unknown_cpu_is_named, TEST_PROCESSES, 60),
    TEST_WITH(workers_are_nicer, TEST_PROCESSES, 0),
    TEST_WITH(less_nice_is_done_or_refused_by_name, TEST_PROCESSES, 0),
    TEST_WITH(bad_outfits_are_refused, TEST_PROCESSES, 0),
    TEST(threads_have_none),
};

static const struct scene scenes[] = { SCENE(scene_of_silence) };

TEST_MAIN(tests, scenes)
