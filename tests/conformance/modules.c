/* Functions of libraries that a program opens and closes while it has a pool. The helpers' functions differ in their
 * code: that of helper_module succeeds, that of helper_module_other is -42.
 */
#include "pool_tasks.h"

static mproc_task_fn *open_module(const char *name)
{
    mproc_task_fn *function = (mproc_task_fn *)os_module_function(test_module(name), "helper_module_function");
    CHECK(function != NULL);
    return function;
}

static void close_module(const char *name)
{
    os_module_unload(test_module(name));
}

/* What is run is what lies at the address now. Of a library that was closed, the function is not run in its stead by
 * workers that still have it. */
static void a_library_at_the_place_of_another_is_not_taken_for_it(void)
{
    mproc_task_fn *first = open_module("helper_module");
    mproc_pool *pool = make_pool(1);
    CHECK_OK(mproc_pool_apply(pool, first, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK_OK(mproc_pool_apply(pool, first, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    close_module("helper_module");
    if (os_modules_stay())
        test_skip("the C library keeps libraries that are closed");
    CHECK_CODE(mproc_pool_apply(pool, first, MPROC_NO_ARGS, NULL, NULL, 0, NULL), MPROC_E_NO_FUNCTION);
    mproc_task_fn *second = open_module("helper_module_other");
    if (second != first)
        test_skip("the second library was put elsewhere");
    CHECK_CODE(mproc_pool_apply(pool, second, MPROC_NO_ARGS, NULL, NULL, 0, NULL),
               test_forks() ? MPROC_E_NO_FUNCTION : -42);
    close_module("helper_module_other");
    CHECK_OK(mproc_pool_free(pool));
}

/* A worker that is a program started afresh loads it; one that is a copy of the program as it was says what to do. */
static void a_library_opened_after_the_pool_is_loaded_or_named(void)
{
    mproc_pool *pool = make_pool(2);
    mproc_task_fn *function = open_module("helper_module_other");
    for (int i = 0; i < 8; i++) {
        int value = i;
        int code = mproc_pool_apply(pool, function, MPROC_NO_ARGS, NULL, NULL, 0, NULL);
        CHECK_CODE(code, test_forks() ? MPROC_E_NO_FUNCTION : -42);
        if (test_forks()) {
            CHECK_CONTAINS(mproc_last_error(), "helper_module_other");
            CHECK_CONTAINS(mproc_last_error(), "open it before");
        }
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
        CHECK_EQ(value, i * i);
    }
    CHECK_OK(mproc_pool_free(pool));
}

/* One that the program had opened before is there for every method, for an exit hook too. */
static void a_library_opened_before_the_pool_is_there(void)
{
    mproc_pool *pool;
    mproc_task_fn *function = open_module("helper_module_other");
    mproc_task_fn *hook = (mproc_task_fn *)os_module_function(test_module("helper_module_other"), "helper_module_hook");
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .exit_hook = hook }));
    CHECK_CODE(mproc_pool_apply(pool, function, MPROC_NO_ARGS, NULL, NULL, 0, NULL), -42);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
    CHECK_EQ(remove("hook-ran"), 0);
}

static const struct test tests[] = {
    TEST(a_library_at_the_place_of_another_is_not_taken_for_it),
    TEST(a_library_opened_after_the_pool_is_loaded_or_named),
    TEST(a_library_opened_before_the_pool_is_there),
};

TEST_MAIN_PLAIN(tests)
