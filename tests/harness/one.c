/* One test in its process: the census before and after.
 */
#include "internal.h"

struct census {
    int children, handles, threads, segments;
};

static struct census count_all(void)
{
    return (struct census){ os_child_count(), os_handle_count(), os_thread_count(), os_segment_count() };
}

/* Fewer than before is no leak: what the system keeps for a while may go at any time. */
static bool is_more(const struct census *now, const struct census *before)
{
    return now->children > before->children || now->handles > before->handles || now->threads > before->threads ||
           now->segments > before->segments;
}

/* What the library makes once and keeps: the family segment, the watcher, this thread's node. */
static void warm_up(void)
{
    mproc_lock lock;
    if (test_finish(test_start(test_nothing, MPROC_NO_ARGS)) != 0)
        test_fail(__FILE__, __LINE__, "the first process of all fails");
    CHECK_OK(mproc_lock_create(&lock, NULL));
    CHECK_OK(mproc_lock_acquire(lock, 0));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
}

/* The library may take a moment to give back what a process that ended has held; it may not need to be asked, but
 * mproc_get_active_children is one of the calls that clear away. */
static void check_nothing_left(const struct census *before)
{
    int64_t deadline_ms = os_now_ms() + test_limit_ms(10000);
    struct census now = count_all();
    while (is_more(&now, before) && os_now_ms() < deadline_ms) {
        os_sleep_ms(2);
        mproc_get_active_children(NULL, 0);
        now = count_all();
    }
    if (!is_more(&now, before))
        return;
    fprintf(stderr, "left behind: children %d -> %d, handles %d -> %d, threads %d -> %d, segments %d -> %d\n",
            before->children, now.children, before->handles, now.handles, before->threads, now.threads,
            before->segments, now.segments);
    os_print_handles();
    fflush(stderr);
    os_exit_now(1);
}

static void run_with_census(const struct test *test)
{
    bool counts = !(test->flags & (TEST_FRESH | TEST_KEEPS));
    if (!(test->flags & TEST_FRESH))
        warm_up();
    if (!counts) {
        test->function();
        return;
    }
    struct census before = count_all();
    test->function();
    check_nothing_left(&before);
}

int test__run_one(const struct test *test)
{
    char made[OS_PATH_MAX] = "";
    if (!getenv(TEST_DIRECTORY_VARIABLE))
        test__directory_make(made);
    test_board();
    run_with_census(test);
    if (made[0])
        os_directory_remove(made);
    return 0;
}
