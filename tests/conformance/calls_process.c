/* The nth call into the system fails, for every n: each use of the library succeeds or returns an error, leaves nothing
 * behind, and works the next time. Rules 53 and 54. Reaches into the port's call table.
 */
#include "calls.h"
#include "test.h"
#include <errno.h>

#define NTH_MAX 400

#ifdef _WIN32
static const int errors[] = { ERROR_NOT_ENOUGH_MEMORY };
#else
static const int errors[] = { EMFILE, ENOMEM };
#endif

/* ---- What is tried ---- */

static int return_argument(mproc_task *task)
{
    int value;
    int code = mproc_task_read(task, &value, sizeof value);
    return code < 0 ? 250 : value;
}

/* Returns the error of what failed, or 0. A process that has started must end as it should, or, if a call failed
 * in a forked child, which inherits the plan, with a code that is not its function's. */
static int try_process(void)
{
    int value = 9;
    int64_t exit_code;
    mproc_process_options options = { .function = return_argument, .args = MPROC_ARG(value) };
    mproc_process *process;
    int code = mproc_process_create(&process, &options);
    if (code < 0)
        return code;
    code = mproc_process_start(process);
    if (code == 0) {
        int joined = mproc_process_join(process, test_limit_ms(30000));
        CHECK(joined != MPROC_E_TIMEOUT);
        platform_calls_fail_nth(NULL, 0, 0);
        CHECK_OK(mproc_process_join(process, test_limit_ms(30000)));
        CHECK_OK(mproc_process_get_exit_code(process, &exit_code));
        CHECK(exit_code == 9 || exit_code == 1 || exit_code == MPROC_EXIT_UNKNOWN);
    } else {
        CHECK_EQ(mproc_get_active_children(NULL, 0), 0);
        CHECK(mproc_last_error()[0]);
    }
    mproc_process_free(process);
    return code;
}

static int try_kill(void)
{
    mproc_process_options options = { .function = test_stay };
    mproc_process *process;
    int code = mproc_process_create(&process, &options);
    if (code < 0)
        return code;
    code = mproc_process_start(process);
    if (code == 0) {
        code = mproc_process_kill_tree(process);
        platform_calls_reset();
        CHECK_OK(mproc_process_kill(process));
        CHECK_OK(mproc_process_join(process, test_limit_ms(30000)));
    }
    mproc_process_free(process);
    return code;
}

static int try_lock(void)
{
    mproc_lock lock;
    int code = mproc_lock_create(&lock, NULL);
    if (code < 0)
        return code;
    CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
    CHECK_CODE(mproc_lock_acquire(lock, 5), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
    return 0;
}

/* ---- Every n ---- */

/* Makes the nth call fail for n from 1 on, until one goes by in which there was no nth call. */
static void fail_each(int (*try)(void), int error)
{
    for (int nth = 1; nth <= NTH_MAX; nth++) {
        CHECK_OK(platform_calls_fail_nth(NULL, nth, error));
        int code = try();
        int calls = platform_calls_count();
        platform_calls_reset();
        CHECK_EQ(try(), 0);
        if (code == 0 && calls < nth)
            return;
        fprintf(stderr, "call %d, error %d: %s\n", nth, error, code ? mproc_error_name(code) : "no harm");
    }
    /* Threads of the library call all the time; what matters has long been through. */
}

static void check_all_errors(int (*try)(void))
{
    for (size_t i = 0; i < TEST_COUNT(errors); i++)
        fail_each(try, errors[i]);
}

static void nth_call_of_a_process(void)
{
    check_all_errors(try_process);
}

static void nth_call_of_a_kill(void)
{
    check_all_errors(try_kill);
}

static void nth_call_of_a_lock(void)
{
    check_all_errors(try_lock);
}

/* The first use of all, in a program that has done nothing yet: what the library makes once may fail too, and must be
 * made by the next. argument: n. */
static int fail_first(const char *argument, int (*try)(void))
{
    int nth = atoi(argument);
    CHECK_OK(platform_calls_fail_nth(NULL, nth, errors[0]));
    int code = try();
    bool was_reached = platform_calls_count() >= nth;
    platform_calls_reset();
    CHECK_EQ(try(), 0);
    CHECK_EQ(try_lock(), 0);
    CHECK_EQ(try_process(), 0);
    return was_reached || code < 0 ? 1 : 0;
}

static int scene_first_process(const char *argument)
{
    return fail_first(argument, try_process);
}

static int scene_first_lock(const char *argument)
{
    return fail_first(argument, try_lock);
}

static void check_first(const char *scene)
{
    char nth[16];
    int64_t code = 1;
    for (int i = 1; i <= NTH_MAX && code == 1; i++) {
        snprintf(nth, sizeof nth, "%d", i);
        code = test_scene(scene, nth, NULL, 0);
        if (code != 0 && code != 1)
            test_fail(__FILE__, __LINE__, "%s with call %d failing ends with %d", scene, i, (int)code);
    }
}

static void nth_call_of_the_first_process(void)
{
    check_first("scene_first_process");
}

static void nth_call_of_the_first_lock(void)
{
    check_first("scene_first_lock");
}

/* ---- Each call by name ---- */

#define CALL_NAME(...) CALL_NAME_OF(__VA_ARGS__, )
#ifdef _WIN32
#define CALL_NAME_OF(name, ...) #name,
#else
#define CALL_NAME_OF(type, name, ...) #name,
#endif
static const char *const call_names[] = { PLATFORM_CALL_MAP(CALL_NAME) };

static void each_call_by_name(void)
{
    for (size_t i = 0; i < TEST_COUNT(call_names); i++)
        for (int nth = 1; nth <= 3; nth++) {
            CHECK_OK(platform_calls_fail_nth(call_names[i], nth, errors[0]));
            int code = try_process();
            platform_calls_reset();
            fprintf(stderr, "%s %d: %s\n", call_names[i], nth, code ? mproc_error_name(code) : "no harm");
            CHECK_EQ(try_process(), 0);
        }
    CHECK_CODE(platform_calls_fail_nth("no such call", 1, 1), MPROC_E_INVALID);
}

static const struct test tests[] = {
    TEST_WITH(nth_call_of_a_process, 0, 240),      TEST_WITH(nth_call_of_a_kill, 0, 240),
    TEST_WITH(nth_call_of_a_lock, 0, 120),         TEST_WITH(nth_call_of_the_first_process, 0, 240),
    TEST_WITH(nth_call_of_the_first_lock, 0, 120), TEST_WITH(each_call_by_name, 0, 240),
};

static const struct scene scenes[] = {
    SCENE(scene_first_process),
    SCENE(scene_first_lock),
};

TEST_MAIN(tests, scenes)
