/* Failed tasks that who watches a pool has tried again: what is kept of them, what becomes of the new one, and what is
 * refused. Reaches into core: there is no connection between the pool and the test.
 */
#include "pool/failed.h"
#include "pool/observe.h"
#include "pool_tasks.h"

/* ---- Who watches ---- */

static struct {
    uint32_t pool;
    uint64_t queued, ended; /* tasks, by the last that was told of */
    uint8_t retriable[256]; /* one more than was told, by number */
    uint32_t function[256];
} seen;

static void see_ended(const struct record_task_ended *record)
{
    seen.ended = record->task;
    if (record->task >= 256)
        return;
    seen.retriable[record->task] = (uint8_t)(record->retriable + 1);
    seen.function[record->task] = record->function;
}

static void see(void *user, enum record_type type, const void *record)
{
    (void)user;
    if (type == RECORD_POOL)
        seen.pool = ((const struct record_pool *)record)->pool;
    else if (type == RECORD_TASK_QUEUED)
        seen.queued = ((const struct record_task_queued *)record)->task;
    else if (type == RECORD_TASK_ENDED)
        see_ended(record);
}

static mproc_pool *make_controlled(mproc_pool_options options)
{
    mproc_pool *pool;
    options.monitor_control = 1;
    CHECK_OK(mproc_pool_create(&pool, &options));
    memset(&seen, 0, sizeof seen);
    mproc__observe_want(RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL);
    mproc__observe(0, see, NULL);
    return pool;
}

static void end(mproc_pool *pool)
{
    mproc__observe_want(0);
    CHECK_OK(mproc_pool_free(pool));
}

static int retry(uint64_t task, uint64_t *ret_task)
{
    const struct record_control control = { .verb = RECORD_VERB_RETRY_TASK, .pool = seen.pool, .task = task };
    struct job_search search = { .is_begun = false };
    return mproc__observe_control(&control, &search, ret_task);
}

static void check_refused(uint64_t task, int code)
{
    uint64_t again = 99;
    CHECK_CODE(retry(task, &again), code);
    CHECK_EQ(again, 0);
}

/* Returns the number that it has now. */
static uint64_t check_retry(uint64_t task)
{
    uint64_t again;
    CHECK_OK(retry(task, &again));
    return again;
}

static mproc_pool_stats stats_of(mproc_pool *pool)
{
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    return stats;
}

/* ---- Tasks ---- */

/* Fails until board word 2 is set. Then adds up what it is given into word 3. */
static int fail_until_told(mproc_task *task)
{
    mproc_view argument = mproc_task_get_argument(task);
    if (atomic_load(&test_board()[2]) == 0)
        return mproc_task_fail(task, -5, "not yet");
    uint32_t sum = (uint32_t)argument.size;
    for (size_t i = 0; i < argument.size; i++)
        sum += ((const unsigned char *)argument.data)[i];
    atomic_fetch_add(&test_board()[3], sum);
    return 0;
}

static int die_until_told(mproc_task *task)
{
    return atomic_load(&test_board()[2]) == 0 ? die(task) : fail_until_told(task);
}

static int always_fail(mproc_task *task)
{
    return mproc_task_fail(task, -6, "never");
}

static int always_die(mproc_task *task)
{
    atomic_fetch_add(&test_board()[4], 1);
    return die(task);
}

static int odd_fails(const void *in, void *out, mproc_task *task)
{
    (void)out, (void)task;
    return *(const int *)in % 2 == 0 ? 0 : -1;
}

#define fail_one(pool, function, argument, code)                                                                       \
    CHECK_CODE(mproc_pool_apply(pool, function, argument, NULL, NULL, 0, NULL), code)

/* ---- What becomes of it ---- */

static void a_failed_task_is_tried_again_and_its_result_stays(void)
{
    mproc_result *result;
    mproc_pool *pool = make_controlled((mproc_pool_options){ .workers = 1 });
    CHECK_OK(mproc_pool_apply_async(pool, fail_until_told, MPROC_ARG_STRING("abc"), NULL, &result));
    CHECK_CODE(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL), -5);
    atomic_store(&test_board()[2], 1);
    CHECK_EQ(check_retry(1), 2);
    WAIT_UNTIL(stats_of(pool).succeeded == 1);
    mproc__observe(0, see, NULL);
    CHECK_EQ(seen.queued, 2);
    CHECK_EQ(seen.ended, 2);
    CHECK_EQ(seen.retriable[1], 1 + 1);
    CHECK_EQ(seen.retriable[2], 1 + 0);
    CHECK_EQ(seen.function[2], seen.function[1]);
    CHECK_EQ(stats_of(pool).submitted, 2);
    CHECK_EQ(stats_of(pool).failed, 1);
    CHECK_CODE(mproc_result_get(result, 0, NULL, 0, NULL), -5);
    CHECK_STR(mproc_last_error(), "not yet");
    CHECK_OK(mproc_result_free(result));
    end(pool);
}

/* In the job, on the heap, in shared memory. */
static void an_argument_of_any_size_is_there_once_more(void)
{
    static unsigned char bytes[200000];
    static const size_t sizes[] = { 0, 7, 100, 5000, 200000 };
    uint32_t sum = 0;
    mproc_pool *pool = make_controlled((mproc_pool_options){ .workers = 1 });
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7);
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        fail_one(pool, fail_until_told, ((mproc_view){ bytes, sizes[i] }), -5);
        sum += (uint32_t)sizes[i];
        for (size_t j = 0; j < sizes[i]; j++)
            sum += bytes[j];
    }
    atomic_store(&test_board()[2], 1);
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
        CHECK_EQ(check_retry(i + 1), i + 6);
    WAIT_UNTIL(stats_of(pool).succeeded == 5);
    CHECK_EQ(atomic_load(&test_board()[3]), sum);
    end(pool);
}

static void a_task_that_died_with_its_worker_is_tried_again(void)
{
    mproc_pool *pool = make_controlled((mproc_pool_options){ .workers = 1 });
    fail_one(pool, die_until_told, MPROC_ARG_STRING("abc"), MPROC_E_WORKER_DIED);
    atomic_store(&test_board()[2], 1);
    CHECK_EQ(check_retry(1), 2);
    WAIT_UNTIL(stats_of(pool).succeeded == 1);
    CHECK_EQ(atomic_load(&test_board()[3]), 4 + 'a' + 'b' + 'c');
    end(pool);
}

static void one_that_fails_again_can_be_tried_again_by_its_new_number(void)
{
    mproc_pool *pool = make_controlled((mproc_pool_options){ .workers = 1 });
    fail_one(pool, fail_until_told, MPROC_ARG_STRING("abc"), -5);
    CHECK_EQ(check_retry(1), 2);
    WAIT_UNTIL(stats_of(pool).failed == 2);
    check_refused(1, MPROC_E_NOT_FOUND);
    atomic_store(&test_board()[2], 1);
    CHECK_EQ(check_retry(2), 3);
    WAIT_UNTIL(stats_of(pool).succeeded == 1);
    end(pool);
}

static void the_number_of_retries_is_as_it_was(void)
{
    mproc_task_options options = { .retries = 2 };
    mproc_pool *pool = make_controlled((mproc_pool_options){ .workers = 1 });
    CHECK_CODE(mproc_pool_apply(pool, always_die, MPROC_NO_ARGS, &options, NULL, 0, NULL), MPROC_E_WORKER_DIED);
    CHECK_EQ(atomic_load(&test_board()[4]), 3);
    CHECK_EQ(check_retry(1), 2);
    WAIT_UNTIL(stats_of(pool).failed == 2);
    CHECK_EQ(atomic_load(&test_board()[4]), 6);
    end(pool);
}

static void time_limits_are_as_they_were(void)
{
    mproc_task_options options = { .timeout_ms = 20 };
    mproc_pool *pool = make_controlled((mproc_pool_options){ .workers = 1 });
    CHECK_CODE(mproc_pool_apply(pool, wait_for_board, MPROC_NO_ARGS, &options, NULL, 0, NULL), MPROC_E_TIMEOUT);
    CHECK_EQ(check_retry(1), 2);
    WAIT_UNTIL(stats_of(pool).failed == 2);
    end(pool);
}

/* ---- What is kept ---- */

static void the_oldest_give_way_to_later_ones(void)
{
    mproc_pool *pool = make_controlled((mproc_pool_options){ .workers = 1 });
    for (unsigned i = 0; i < FAILED_KEPT + 3; i++)
        fail_one(pool, always_fail, MPROC_ARG(i), -6);
    check_refused(3, MPROC_E_NOT_FOUND);
    CHECK_EQ(check_retry(4), FAILED_KEPT + 4);
    CHECK_EQ(check_retry(FAILED_KEPT + 3), FAILED_KEPT + 5);
    WAIT_UNTIL(stats_of(pool).failed == FAILED_KEPT + 5);
    end(pool);
}

static void large_arguments_leave_room_for_few(void)
{
    size_t third = FAILED_BYTES / 3;
    unsigned char *bytes = calloc(1, FAILED_BYTES + 1);
    mproc_pool *pool = make_controlled((mproc_pool_options){ .workers = 1 });
    for (int i = 0; i < 5; i++)
        fail_one(pool, always_fail, ((mproc_view){ bytes, third }), -6);
    check_refused(2, MPROC_E_NOT_FOUND);
    /* One that is never kept takes nobody's place. */
    fail_one(pool, always_fail, ((mproc_view){ bytes, FAILED_BYTES + 1 }), -6);
    check_refused(6, MPROC_E_NOT_FOUND);
    mproc__observe(0, see, NULL);
    CHECK_EQ(seen.retriable[5], 1 + 1);
    CHECK_EQ(seen.retriable[6], 1 + 0);
    CHECK_EQ(check_retry(3), 7);
    WAIT_UNTIL(stats_of(pool).failed == 7);
    fail_one(pool, always_fail, ((mproc_view){ bytes, FAILED_BYTES }), -6);
    check_refused(7, MPROC_E_NOT_FOUND);
    free(bytes);
    end(pool);
}

static void what_has_not_failed_by_itself_is_not_kept(void)
{
    static const int in[] = { 0, 1, 2, 3 };
    mproc_pool *pool = make_controlled((mproc_pool_options){ .workers = 1 });
    mproc_result *stay = submit_stay(pool), *cancelled;
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_apply_async(pool, always_fail, MPROC_NO_ARGS, NULL, &cancelled));
    CHECK_EQ(mproc_result_cancel(cancelled), 0);
    check_refused(2, MPROC_E_NOT_FOUND);
    test_let_go();
    CHECK_OK(mproc_result_wait(stay, test_limit_ms(30000)));
    check_refused(1, MPROC_E_NOT_FOUND);
    CHECK_CODE(mproc_pool_map(pool, odd_fails, in, sizeof *in, 4, NULL, 0, NULL), -1);
    check_refused(3, MPROC_E_NOT_FOUND);
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_result_free(cancelled));
    end(pool);
}

/* ---- What is refused ---- */

static void what_has_not_ended_is_not_tried_again(void)
{
    mproc_pool *pool = make_controlled((mproc_pool_options){ .workers = 1 });
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_apply_async(pool, always_fail, MPROC_NO_ARGS, NULL, NULL));
    check_refused(1, MPROC_E_STATE);
    CHECK_CONTAINS(mproc_last_error(), "has not ended");
    check_refused(2, MPROC_E_STATE);
    check_refused(0, MPROC_E_NOT_FOUND);
    check_refused(UINT64_MAX, MPROC_E_NOT_FOUND);
    test_let_go();
    CHECK_OK(mproc_result_wait(stay, test_limit_ms(30000)));
    CHECK_OK(mproc_result_free(stay));
    end(pool);
}

static void a_full_queue_takes_no_retry(void)
{
    mproc_pool *pool = make_controlled((mproc_pool_options){ .workers = 1, .max_queued = 1 });
    fail_one(pool, always_fail, MPROC_NO_ARGS, -6);
    CHECK_OK(mproc_pool_pause(pool));
    CHECK_OK(mproc_pool_apply_async(pool, always_fail, MPROC_NO_ARGS, NULL, NULL));
    check_refused(1, MPROC_E_FULL);
    CHECK_OK(mproc_pool_resume(pool));
    WAIT_UNTIL(stats_of(pool).failed == 2);
    CHECK_EQ(check_retry(1), 3);
    WAIT_UNTIL(stats_of(pool).failed == 3);
    end(pool);
}

static void a_closed_pool_takes_no_retry(void)
{
    mproc_pool *pool = make_controlled((mproc_pool_options){ .workers = 1 });
    fail_one(pool, always_fail, MPROC_NO_ARGS, -6);
    CHECK_OK(mproc_pool_close(pool));
    check_refused(1, MPROC_E_CLOSED);
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    check_refused(1, MPROC_E_CLOSED);
    end(pool);
}

static const struct test tests[] = {
    TEST(a_failed_task_is_tried_again_and_its_result_stays),
    TEST(an_argument_of_any_size_is_there_once_more),
    TEST(a_task_that_died_with_its_worker_is_tried_again),
    TEST(one_that_fails_again_can_be_tried_again_by_its_new_number),
    TEST(the_number_of_retries_is_as_it_was),
    TEST_WITH(time_limits_are_as_they_were, TEST_PROCESSES, 0),
    TEST(the_oldest_give_way_to_later_ones),
    TEST(large_arguments_leave_room_for_few),
    TEST(what_has_not_failed_by_itself_is_not_kept),
    TEST(what_has_not_ended_is_not_tried_again),
    TEST(a_full_queue_takes_no_retry),
    TEST(a_closed_pool_takes_no_retry),
};

TEST_MAIN_PLAIN(tests)
