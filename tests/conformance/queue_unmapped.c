/* Queues whose parts cannot be mapped: rules 19 and 21. Reaches into the port's call table.
 */
#include "calls.h"
#include "test.h"
#include <errno.h>

/* Fills the memory that a process maps at once, so that what is made next lies in another piece than what was there. */
static void fill_first_piece(void)
{
    enum { SIZE = 20000, COUNT = 60 };
    for (int i = 0; i < COUNT; i++) {
        mproc_message message;
        CHECK_OK(mproc_message_create(&message, SIZE));
    }
}

static mproc_queue create(int joinable)
{
    mproc_queue queue;
    CHECK_OK(mproc_queue_create(&queue, &(mproc_queue_options){ .joinable = joinable }));
    return queue;
}

static mproc_queue read_queue(mproc_task *task)
{
    mproc_queue queue;
    CHECK_OK(mproc_task_read(task, &queue, sizeof queue));
    /* The object itself is mapped, and after that nothing. */
    size_t count;
    CHECK_OK(mproc_queue_get_count(queue, &count));
    CHECK_OK(platform_calls_fail_nth("mmap", 1, ENOMEM));
    return queue;
}

static void check_refused(int code)
{
    CHECK_EQ(platform_calls_count(), 1);
    CHECK(code == MPROC_E_NO_MEMORY || code == MPROC_E_OS);
    platform_calls_reset();
}

static int join_without_list(mproc_task *task)
{
    mproc_queue queue = read_queue(task);
    check_refused(mproc_queue_join(queue, 0, NULL));
    CHECK_CODE(mproc_queue_join(queue, 0, NULL), MPROC_E_TIMEOUT);
    return 0;
}

static int mark_without_list(mproc_task *task)
{
    mproc_queue queue = read_queue(task);
    check_refused(mproc_queue_task_done(queue));
    CHECK_OK(mproc_queue_task_done(queue));
    return 0;
}

/* Who cannot see what is owed must not say that nothing is. */
static void rule_21_debts_that_cannot_be_seen(void)
{
    CHECK_OK(mproc_queue_destroy(create(0)));
    fill_first_piece();
    mproc_queue queue = create(1);
    CHECK_OK(mproc_queue_put(queue, NULL, 0, 0));
    CHECK_OK(mproc_queue_get(queue, 0, NULL, 0, NULL));
    CHECK_EQ(test_finish(test_start(join_without_list, MPROC_ARG(queue))), 0);
    CHECK_EQ(test_finish(test_start(mark_without_list, MPROC_ARG(queue))), 0);
    CHECK_OK(mproc_queue_join(queue, 0, NULL));
    CHECK_OK(mproc_queue_destroy(queue));
}

static int get_without_list(mproc_task *task)
{
    mproc_queue queue = read_queue(task);
    check_refused(mproc_queue_get(queue, MPROC_FOREVER, NULL, 0, NULL));
    CHECK_CODE(mproc_queue_get(queue, 0, NULL, 0, NULL), MPROC_E_EMPTY);
    return 0;
}

/* Who cannot see whether the last producer has died must not wait for ever. */
static void rule_19_peers_that_cannot_be_seen(void)
{
    mproc_queue queue = create(0);
    fill_first_piece();
    CHECK_OK(mproc_queue_attach(queue, MPROC_QUEUE_PRODUCER));
    CHECK_EQ(test_finish(test_start(get_without_list, MPROC_ARG(queue))), 0);
    CHECK_OK(mproc_queue_destroy(queue));
}

static const struct test tests[] = {
    TEST(rule_21_debts_that_cannot_be_seen),
    TEST(rule_19_peers_that_cannot_be_seen),
};

TEST_MAIN_PLAIN(tests)
