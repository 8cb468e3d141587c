/* Maps, batches and imap: rules 32 and 33. */
#include "pool_tasks.h"

static void rule_32_map_of_many_sizes(void)
{
    static int in[200000], out[200000];
    static const size_t counts[] = { 1, 2, 3, 1000, 65537, 200000 };
    static const int64_t chunks[] = { 0, 1, 7, 1000000 };
    mproc_pool *pool = make_pool(2);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        for (size_t k = 0; k < sizeof chunks / sizeof *chunks; k++) {
            if (chunks[k] == 1 && counts[c] > 1000)
                continue;
            mproc_task_options options = { .chunk_size = chunks[k] };
            for (size_t i = 0; i < counts[c]; i++) {
                in[i] = (int)i;
                out[i] = -1;
            }
            CHECK_OK(mproc_pool_map(pool, double_item, in, sizeof *in, counts[c], out, sizeof *out, &options));
            for (size_t i = 0; i < counts[c]; i++)
                CHECK_EQ(out[i], 2 * (int)i);
        }
    }
    CHECK_OK(mproc_pool_free(pool));
}

static int note_call(const mproc_outcome *outcome, void *user)
{
    int *calls = user;
    calls[outcome->code == 0 ? 0 : 1]++;
    return 0;
}

static void rule_32_empty_map(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_result *result;
    int calls[2] = { 0, 0 }, value = 0;
    mproc_task_options options = { .on_done = note_call, .user = calls };
    CHECK_OK(mproc_pool_map_async(pool, double_item, &value, sizeof value, 0, &value, sizeof value, &options, &result));
    CHECK_EQ(mproc_result_is_ready(result), 1);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_map_results_async(pool, square, NULL, sizeof value, 0, &options, &result));
    CHECK_EQ(mproc_result_is_ready(result), 1);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_EQ(calls[0], 2);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_32_bad_maps(void)
{
    mproc_pool *pool = make_pool(1);
    static char big[70000];
    int value = 1;
    mproc_task_options negative = { .chunk_size = -1 };
    CHECK_CODE(mproc_pool_map(pool, double_item, &value, 4, 1, &value, 4, &negative), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_map(pool, double_item, &value, 0, 1, &value, 4, NULL), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_map(pool, double_item, NULL, 4, 1, &value, 4, NULL), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_map(pool, NULL, &value, 4, 1, &value, 4, NULL), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_map(pool, double_item, big, sizeof big, 1, &value, 4, NULL), MPROC_E_LIMIT);
    CHECK_CODE(mproc_pool_map(pool, double_item, &value, 4, SIZE_MAX / 2, &value, 4, NULL), MPROC_E_LIMIT);
    CHECK_EQ(value, 1);
    CHECK_OK(mproc_pool_free(pool));
}

/* Fails for every multiple of 10, dies of 55 if word 2 of the board says so. */
static int delicate_item(const void *in, void *out, mproc_task *task)
{
    int value = *(const int *)in;
    *(int *)out = -100;
    CHECK_EQ(mproc_task_get_item(task), value);
    atomic_fetch_add(&test_board()[100 + value], 1);
    if (value == 55 && atomic_load(&test_board()[2]) != 0)
        die(task);
    if (value % 10 == 0)
        return mproc_task_fail(task, -value - 1, "item %d", value);
    *(int *)out = value + 1;
    return 0;
}

static void check_delicate(mproc_result *result, const int *out, int count, bool died)
{
    for (int i = 0; i < count; i++) {
        mproc_outcome outcome;
        CHECK_OK(mproc_result_get_item(result, (size_t)i, &outcome));
        CHECK_EQ(outcome.item, i);
        if (died && i == 55) {
            CHECK_EQ(outcome.code, MPROC_E_WORKER_DIED);
            CHECK(outcome.pid > 0);
            CHECK_EQ(out[i], -1);
        } else if (i % 10 == 0) {
            char text[32];
            snprintf(text, sizeof text, "item %d", i);
            CHECK_EQ(outcome.code, -i - 1);
            CHECK_STR(outcome.message, text);
            CHECK_EQ(out[i], -1);
        } else {
            CHECK_EQ(outcome.code, 0);
            CHECK_EQ(out[i], i + 1);
        }
        /* Nothing runs twice, whatever died. */
        CHECK_EQ(atomic_load(&test_board()[100 + i]), 1);
    }
}

static void map_delicate(bool dies, int64_t chunk_size)
{
    enum { COUNT = 300 };
    int in[COUNT], out[COUNT];
    mproc_pool *pool = make_pool(2);
    mproc_result *result;
    mproc_task_options options = { .chunk_size = chunk_size };
    atomic_store(&test_board()[2], dies);
    for (int i = 0; i < COUNT; i++) {
        in[i] = i;
        out[i] = -1;
    }
    CHECK_OK(mproc_pool_map_async(pool, delicate_item, in, sizeof *in, COUNT, out, sizeof *out, &options, &result));
    CHECK_CODE(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL), -1);
    CHECK_STR(mproc_last_error(), "item 0");
    check_delicate(result, out, COUNT, dies);
    mproc_outcome outcome;
    CHECK_CODE(mproc_result_get_item(result, COUNT, &outcome), MPROC_E_RANGE);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_33_errors_per_item(void)
{
    map_delicate(false, 0);
}

static void rule_33_errors_per_item_in_one_chunk(void)
{
    map_delicate(false, 300);
}

/* The item under which the worker died fails; those of its chunk before it are kept, those after it run elsewhere. */
static void rule_37_a_crash_names_the_item(void)
{
    map_delicate(true, 300);
}

static void rule_37_a_crash_in_small_chunks(void)
{
    map_delicate(true, 4);
}

/* Dies the first time that it meets item 55. */
static int die_once_item(const void *in, void *out, mproc_task *task)
{
    int value = *(const int *)in;
    if (value == 55 && atomic_fetch_add(&test_board()[3], 1) == 0)
        die(task);
    *(int *)out = value + 1;
    return 0;
}

static void rule_37_map_with_retries(void)
{
    enum { COUNT = 100 };
    int in[COUNT], out[COUNT];
    mproc_pool *pool = make_pool(2);
    mproc_task_options options = { .chunk_size = 50, .retries = 1 };
    for (int i = 0; i < COUNT; i++)
        in[i] = i;
    CHECK_OK(mproc_pool_map(pool, die_once_item, in, sizeof *in, COUNT, out, sizeof *out, &options));
    for (int i = 0; i < COUNT; i++)
        CHECK_EQ(out[i], i + 1);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_42_cancel_of_a_map(void)
{
    enum { COUNT = 5000 };
    static int in[COUNT], out[COUNT];
    mproc_pool *pool = make_pool(1);
    mproc_result *stay = submit_stay(pool), *result;
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_map_async(pool, double_item, in, sizeof *in, COUNT, out, sizeof *out, NULL, &result));
    CHECK_OK(mproc_result_cancel(result));
    CHECK_CODE(mproc_result_get(result, 0, NULL, 0, NULL), MPROC_E_CANCELLED);
    CHECK_EQ(mproc_result_cancel(result), MPROC_WAS_FINISHED);
    CHECK_OK(mproc_result_free(result));
    test_let_go();
    CHECK_OK(mproc_result_get(stay, test_limit_ms(30000), NULL, 0, NULL));
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_pool_free(pool));
}

/* A result of as many bytes as the argument says. */
static int bytes(mproc_task *task)
{
    int size;
    if (mproc_task_read(task, &size, sizeof size) < 0)
        return -1;
    char *data = malloc((size_t)size + 1);
    memset(data, 'a' + size % 26, (size_t)size);
    int code = mproc_task_return(task, data, (size_t)size);
    free(data);
    return code;
}

static void rule_33_map_results(void)
{
    static const int sizes[] = { 0, 1, 88, 89, 1000, 32768, 32769, 65536, 300000, 3000000, 7 };
    enum { COUNT = sizeof sizes / sizeof *sizes };
    mproc_pool *pool = make_pool(2);
    mproc_result *result;
    size_t count;
    CHECK_OK(mproc_pool_map_results(pool, bytes, sizes, sizeof *sizes, COUNT, NULL, &result));
    CHECK_OK(mproc_result_get_count(result, &count));
    CHECK_EQ(count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        mproc_outcome outcome;
        CHECK_OK(mproc_result_get_item(result, (size_t)i, &outcome));
        CHECK_EQ(outcome.code, 0);
        CHECK_EQ(outcome.value.size, sizes[i]);
        for (int k = 0; k < sizes[i]; k += 1 + sizes[i] / 1000)
            CHECK_EQ(((const char *)outcome.value.data)[k], 'a' + sizes[i] % 26);
    }
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

/* Sets a message for the even items and fails the odd ones without any. */
static int misleading_item(const void *in, void *out, mproc_task *task)
{
    int value = *(const int *)in;
    *(int *)out = (int)mproc_task_get_argument(task).size;
    if (value % 2 == 0)
        mproc_task_fail(task, -3, "about item %d", value);
    return value % 2 == 0 ? 1 : -4;
}

/* A kernel has no argument, not even that of a task before it; no item has the message of another. */
static void rule_33_items_share_nothing(void)
{
    enum { COUNT = 8 };
    static const int in[COUNT] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    int out[COUNT], value = 3;
    mproc_pool *pool = make_pool(1);
    mproc_result *result;
    mproc_outcome outcome;
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
    CHECK_OK(mproc_pool_map_async(pool, misleading_item, in, sizeof *in, COUNT, out, sizeof *out,
                                  &(mproc_task_options){ .chunk_size = COUNT }, &result));
    CHECK_CODE(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL), -4);
    for (int i = 0; i < COUNT; i++) {
        CHECK_OK(mproc_result_get_item(result, (size_t)i, &outcome));
        CHECK_EQ(outcome.code, i % 2 == 0 ? 0 : -4);
        if (i % 2 == 0)
            CHECK_EQ(out[i], 0);
        else
            CHECK(strstr(outcome.message, "about") == NULL);
    }
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

/* The sum of the argument's bytes, whatever its size. */
static int sum(mproc_task *task)
{
    mproc_view view = mproc_task_get_argument(task);
    uint64_t total = view.size;
    for (size_t i = 0; i < view.size; i++)
        total += ((const unsigned char *)view.data)[i];
    return mproc_task_return(task, &total, sizeof total);
}

static void rule_33_starmap(void)
{
    static const size_t sizes[] = { 0, 1, 88, 89, 5000, 32768, 32769, 100000, 2000000, 3 };
    enum { COUNT = sizeof sizes / sizeof *sizes };
    static unsigned char data[2000000];
    mproc_pool *pool = make_pool(2);
    mproc_view args[COUNT];
    mproc_result *result;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 7);
    for (int i = 0; i < COUNT; i++)
        args[i] = (mproc_view){ data, sizes[i] };
    for (int round = 0; round < 5; round++) {
        CHECK_OK(mproc_pool_starmap(pool, sum, args, COUNT, NULL, &result));
        for (int i = 0; i < COUNT; i++) {
            mproc_outcome outcome;
            uint64_t expected = sizes[i];
            for (size_t k = 0; k < sizes[i]; k++)
                expected += data[k];
            CHECK_OK(mproc_result_get_item(result, (size_t)i, &outcome));
            CHECK_EQ(outcome.code, 0);
            CHECK(memcmp(outcome.value.data, &expected, sizeof expected) == 0);
        }
        CHECK_OK(mproc_result_free(result));
    }
    CHECK_OK(mproc_pool_free(pool));
}

struct counter {
    int next, count;
    int fail_at;
};

static int count_up(void *user, mproc_view *ret_args)
{
    struct counter *counter = user;
    if (counter->next == counter->fail_at)
        return -77;
    if (counter->next == counter->count)
        return 0;
    counter->next++;
    *ret_args = (mproc_view){ &counter->next, sizeof counter->next };
    return 1;
}

static int refuse_17(mproc_task *task)
{
    int value;
    if (mproc_task_read(task, &value, sizeof value) < 0)
        return -1;
    if (value == 17)
        return mproc_task_fail(task, -17, "not this one");
    return mproc_task_return(task, &value, sizeof value);
}

static int ignore(const mproc_outcome *outcome, void *user)
{
    (void)outcome;
    (void)user;
    return 0;
}

static void rule_33_imap_in_order(void)
{
    enum { COUNT = 1000 };
    mproc_pool *pool = make_pool(2);
    struct counter counter = { .count = COUNT, .fail_at = -1 };
    mproc_iter *iter;
    mproc_outcome outcome;
    CHECK_CODE(mproc_pool_imap(pool, refuse_17, count_up, &counter, &(mproc_task_options){ .on_done = ignore }, &iter),
               MPROC_E_INVALID);
    CHECK_OK(mproc_pool_imap(pool, refuse_17, count_up, &counter, &(mproc_task_options){ .max_ahead = 10 }, &iter));
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQ(mproc_iter_next(iter, test_limit_ms(30000), &outcome), 1);
        CHECK_EQ(outcome.item, i);
        /* Lazily: never further ahead than the buffer. */
        CHECK_LE(counter.next, i + 1 + 10);
        if (i == 16)
            CHECK_EQ(outcome.code, -17);
        else
            CHECK_EQ(*(const int *)outcome.value.data, i + 1);
    }
    CHECK_EQ(mproc_iter_next(iter, 0, &outcome), 0);
    CHECK_EQ(mproc_iter_next(iter, 0, &outcome), 0);
    mproc_iter_free(iter);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_33_imap_unordered_gives_each_once(void)
{
    enum { COUNT = 5000 };
    static unsigned char seen[COUNT];
    mproc_pool *pool = make_pool(3);
    struct counter counter = { .count = COUNT, .fail_at = -1 };
    mproc_iter *iter;
    mproc_outcome outcome;
    int code, count = 0;
    CHECK_OK(mproc_pool_imap_unordered(pool, refuse_17, count_up, &counter, NULL, &iter));
    while ((code = mproc_iter_next(iter, test_limit_ms(30000), &outcome)) == 1) {
        CHECK_EQ(outcome.code, outcome.item == 16 ? -17 : 0);
        CHECK_EQ(seen[outcome.item]++, 0);
        count++;
    }
    CHECK_EQ(code, 0);
    CHECK_EQ(count, COUNT);
    mproc_iter_free(iter);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_33_failing_source_in_its_place(void)
{
    mproc_pool *pool = make_pool(2);
    struct counter counter = { .count = 100, .fail_at = 30 };
    mproc_iter *iter;
    mproc_outcome outcome;
    CHECK_OK(mproc_pool_imap(pool, square, count_up, &counter, NULL, &iter));
    for (int i = 0; i < 30; i++) {
        CHECK_EQ(mproc_iter_next(iter, test_limit_ms(30000), &outcome), 1);
        CHECK_EQ(outcome.code, 0);
    }
    CHECK_EQ(mproc_iter_next(iter, test_limit_ms(30000), &outcome), 1);
    /* Not the source's own code: that could be an item's. */
    CHECK_CODE(outcome.code, MPROC_E_SOURCE);
    CHECK_CONTAINS(outcome.message, "-77");
    CHECK_CONTAINS(outcome.where, "pool_map.c:");
    CHECK_EQ(outcome.item, 30);
    CHECK_EQ(outcome.worker, -1);
    CHECK_EQ(mproc_iter_next(iter, 0, &outcome), 0);
    mproc_iter_free(iter);
    CHECK_OK(mproc_pool_free(pool));
}

static int bytes_without_data(void *user, mproc_view *ret_args)
{
    (void)user;
    *ret_args = (mproc_view){ NULL, 8 };
    return 1;
}

static int too_many_bytes(void *user, mproc_view *ret_args)
{
    *ret_args = (mproc_view){ user, SIZE_MAX / 2 };
    return 1;
}

static void rule_33_bad_input_from_a_source(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_iter *iter;
    mproc_outcome outcome;
    CHECK_OK(mproc_pool_imap(pool, square, bytes_without_data, NULL, NULL, &iter));
    CHECK_EQ(mproc_iter_next(iter, test_limit_ms(30000), &outcome), 1);
    CHECK_CODE(outcome.code, MPROC_E_SOURCE);
    mproc_iter_free(iter);
    CHECK_OK(mproc_pool_imap_unordered(pool, square, too_many_bytes, pool, NULL, &iter));
    CHECK_EQ(mproc_iter_next(iter, test_limit_ms(30000), &outcome), 1);
    CHECK_CODE(outcome.code, MPROC_E_LIMIT);
    CHECK_EQ(mproc_iter_next(iter, 0, &outcome), 0);
    mproc_iter_free(iter);
    CHECK_OK(mproc_pool_free(pool));
}

/* What was under way ends as the pool says; the first item that cannot be submitted any more has that code in its
 * place, and is the last. */
static void imap_of_an_ended_pool(int (*end)(mproc_pool *pool), int expected)
{
    mproc_pool *pool = make_pool(2);
    struct counter counter = { .count = 1000, .fail_at = -1 };
    mproc_iter *iter;
    mproc_outcome outcome;
    int code, last = 0;
    CHECK_OK(mproc_pool_imap(pool, square, count_up, &counter, &(mproc_task_options){ .max_ahead = 10 }, &iter));
    for (int i = 0; i < 30; i++)
        CHECK_EQ(mproc_iter_next(iter, test_limit_ms(30000), &outcome), 1);
    CHECK_OK(end(pool));
    int64_t next = 30;
    while ((code = mproc_iter_next(iter, test_limit_ms(30000), &outcome)) == 1) {
        CHECK_EQ(outcome.item, next++);
        last = outcome.code;
        CHECK(last == 0 || last == expected);
        CHECK_LE(next, 45);
    }
    CHECK_EQ(code, 0);
    CHECK_CODE(last, expected);
    mproc_iter_free(iter);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_33_imap_of_a_terminated_pool(void)
{
    imap_of_an_ended_pool(mproc_pool_terminate, MPROC_E_TERMINATED);
}

static void rule_33_imap_of_a_closed_pool(void)
{
    imap_of_an_ended_pool(mproc_pool_close, MPROC_E_CLOSED);
}

static void rule_33_next_with_timeout_loses_nothing(void)
{
    mproc_pool *pool = make_pool(1);
    struct counter counter = { .count = 3, .fail_at = -1 };
    mproc_result *stay = submit_stay(pool);
    mproc_iter *iter;
    mproc_outcome outcome;
    CHECK_OK(mproc_pool_imap(pool, square, count_up, &counter, NULL, &iter));
    CHECK_CODE(mproc_iter_next(iter, 0, &outcome), MPROC_E_TIMEOUT);
    CHECK_CODE(mproc_iter_next(iter, 2, &outcome), MPROC_E_TIMEOUT);
    test_let_go();
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(mproc_iter_next(iter, test_limit_ms(30000), &outcome), 1);
        CHECK_EQ(outcome.item, i);
        CHECK_EQ(*(const int *)outcome.value.data, (i + 1) * (i + 1));
    }
    CHECK_EQ(mproc_iter_next(iter, 0, &outcome), 0);
    mproc_iter_free(iter);
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_33_iterator_left_early(void)
{
    mproc_pool *pool = make_pool(2);
    struct counter counter = { .count = 100000, .fail_at = -1 };
    mproc_iter *iter;
    mproc_outcome outcome;
    for (int round = 0; round < 20; round++) {
        CHECK_OK(mproc_pool_imap_unordered(pool, square, count_up, &counter, NULL, &iter));
        for (int i = 0; i < 50; i++)
            CHECK_EQ(mproc_iter_next(iter, test_limit_ms(30000), &outcome), 1);
        mproc_iter_free(iter);
    }
    CHECK_OK(mproc_pool_close(pool));
    /* Less than the time limit of an exit: the workers were told to, and not killed for being late. */
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(5000)));
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST_WITH(rule_32_map_of_many_sizes, 0, 90),
    TEST(rule_32_empty_map),
    TEST(rule_32_bad_maps),
    TEST(rule_33_errors_per_item),
    TEST(rule_33_errors_per_item_in_one_chunk),
    TEST(rule_37_a_crash_names_the_item),
    TEST(rule_37_a_crash_in_small_chunks),
    TEST(rule_37_map_with_retries),
    TEST(rule_42_cancel_of_a_map),
    TEST(rule_33_items_share_nothing),
    TEST(rule_33_map_results),
    TEST(rule_33_starmap),
    TEST(rule_33_imap_in_order),
    TEST(rule_33_imap_unordered_gives_each_once),
    TEST(rule_33_failing_source_in_its_place),
    TEST(rule_33_bad_input_from_a_source),
    TEST(rule_33_imap_of_a_terminated_pool),
    TEST(rule_33_imap_of_a_closed_pool),
    TEST(rule_33_next_with_timeout_loses_nothing),
    TEST(rule_33_iterator_left_early),
};

TEST_MAIN_PLAIN(tests)
