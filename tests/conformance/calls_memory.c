/* The nth call into the system fails, for every n, while arrays and memory with a name are made, used and freed: an
 * error, nothing left behind, and the next time it works. Rules 53 and 54. Reaches into the port's call table.
 */
#include "calls.h"
#include "test.h"
#include <errno.h>

#define NTH_MAX 400

#ifdef _WIN32
static const int errors[] = { ERROR_NOT_ENOUGH_MEMORY };
#else
static const int errors[] = { ENOMEM, ENOSPC, EINTR };
#endif

/* ---- What is tried. Each returns the error of what failed, with all undone, or 0. ---- */

static int try_array(void)
{
    /* The last is more than what the family keeps of freed memory. */
    static const int64_t counts[] = { 3, 5000, 20 << 20 };
    for (size_t i = 0; i < TEST_COUNT(counts); i++) {
        mproc_array array, copy;
        int code = mproc_array_create(&array, 'B', counts[i], NULL);
        if (code < 0)
            return code;
        code = mproc_array_copy(array, &copy);
        if (code == 0)
            CHECK_OK(mproc_array_destroy(copy));
        CHECK_OK(mproc_array_destroy(array));
        if (code < 0)
            return code;
    }
    return 0;
}

static int try_name(const char *name)
{
    mproc_shared_memory *memory, *other;
    int code = mproc_shared_memory_create(&memory, name, 10000);
    if (code < 0)
        return code;
    code = mproc_shared_memory_open(&other, mproc_shared_memory_get_name(memory), 10000);
    if (code == 0)
        mproc_shared_memory_free(other);
    int unlinked = mproc_shared_memory_unlink(mproc_shared_memory_get_name(memory));
    if (unlinked < 0) {
        platform_calls_reset();
        CHECK_OK(mproc_shared_memory_unlink(mproc_shared_memory_get_name(memory)));
    }
    mproc_shared_memory_free(memory);
    return code < 0 ? code : unlinked;
}

static int try_given_name(void)
{
    char name[64];
    snprintf(name, sizeof name, "mproctest-calls-%lld", (long long)os_self_pid());
    return try_name(name);
}

static int try_chosen_name(void)
{
    return try_name(NULL);
}

static int try_manager(void)
{
    mproc_shared_memory_manager *manager;
    mproc_shareable_item item = mproc_shareable_text("text");
    mproc_shareable_list *list, *other;
    int code = mproc_shared_memory_manager_create(&manager);
    if (code < 0)
        return code;
    code = mproc_shared_memory_manager_create_list(manager, &item, 1, &list);
    if (code == 0) {
        code = mproc_shareable_list_open(&other, mproc_shareable_list_get_name(list));
        if (code == 0)
            mproc_shareable_list_free(other);
        mproc_shareable_list_free(list);
    }
    mproc_shared_memory_manager_free(manager);
    return code;
}

/* ---- Every n ---- */

static mproc_memory_usage usage(void)
{
    mproc_memory_usage now;
    CHECK_OK(mproc_get_memory_usage(&now));
    return now;
}

static void fail_each(int (*try)(void), int error)
{
    int failures = 0;
    CHECK_EQ(try(), 0);
    mproc_memory_usage before = usage();
    for (int nth = 1; nth <= NTH_MAX; nth++) {
        CHECK_OK(platform_calls_fail_nth(NULL, nth, error));
        int code = try();
        bool reached = platform_calls_count() >= nth;
        platform_calls_reset();
        failures += code < 0;
        CHECK(code == 0 || mproc_last_error()[0]);
        mproc_memory_usage after = usage();
        CHECK(after.data == before.data && after.arrays == before.arrays && after.locks == before.locks);
        CHECK_EQ(try(), 0);
        if (!reached) {
            /* A call that was only interrupted is made again; on Windows freed memory needs none. */
            CHECK(failures > 0 || error == EINTR || (test_is_windows() && try == try_array));
            return;
        }
    }
    /* Threads of the library call, too; what matters has long been through. */
}

static void check_all_errors(int (*try)(void))
{
    for (size_t i = 0; i < TEST_COUNT(errors); i++)
        fail_each(try, errors[i]);
}

static void nth_call_of_an_array(void)
{
    check_all_errors(try_array);
}

static void nth_call_of_a_given_name(void)
{
    check_all_errors(try_given_name);
}

static void nth_call_of_a_chosen_name(void)
{
    check_all_errors(try_chosen_name);
}

static void nth_call_of_a_manager(void)
{
    check_all_errors(try_manager);
}

static const struct test tests[] = {
    TEST_WITH(nth_call_of_an_array, TEST_ONCE, 120),
    TEST_WITH(nth_call_of_a_given_name, TEST_ONCE, 120),
    TEST_WITH(nth_call_of_a_chosen_name, TEST_ONCE, 120),
    TEST_WITH(nth_call_of_a_manager, TEST_ONCE, 120),
};

TEST_MAIN_PLAIN(tests)
