/* Large arguments and values: built and read in place, copied, moved aside, and whose they are when somebody dies.
 * Rules 34, 37, 44, 53.
 */
#include "pool_tasks.h"
#include <limits.h>

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

/* On both sides of where a payload travels in another way: the cell, the stream, spans, parts, windows of memory. */
static const size_t sizes[] = { 88,    89,       4096,  8 * KIB - 1, 8 * KIB,      8 * KIB + 1, 16 * KIB, 16 * KIB + 1,
                                32767, 32 * KIB, 32769, 64 * KIB,    64 * KIB + 1, MIB - 1,     MIB + 1,  5 * MIB + 3 };

static void fill(void *data, size_t size, unsigned seed)
{
    unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(seed + i % 251);
}

static bool is_filled(const void *data, size_t size, unsigned seed)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != (unsigned char)(seed + i % 251))
            return false;
    return true;
}

static uint64_t data_in_use(void)
{
    mproc_memory_usage usage;
    CHECK_OK(mproc_get_memory_usage(&usage));
    return usage.data;
}

/* ---- Tasks: each returns its argument ---- */

static int echo(mproc_task *task)
{
    mproc_view argument = mproc_task_get_argument(task);
    return mproc_task_return(task, argument.data, argument.size);
}

static int echo_in_place(mproc_task *task)
{
    mproc_view argument = mproc_task_get_argument(task);
    void *buffer;
    if (mproc_task_reserve_value(task, argument.size, &buffer) < 0)
        return -1;
    memcpy(buffer, argument.data, argument.size);
    return 0;
}

/* The first half of it, from a buffer that was too large. */
static int first_half(mproc_task *task)
{
    mproc_view argument = mproc_task_get_argument(task);
    void *buffer;
    if (mproc_task_reserve_value(task, 2 * argument.size, &buffer) < 0)
        return -1;
    memcpy(buffer, argument.data, argument.size);
    return mproc_task_return(task, buffer, argument.size / 2);
}

/* What was returned or reserved before is replaced. */
static int third_choice(mproc_task *task)
{
    mproc_view argument = mproc_task_get_argument(task);
    void *buffer;
    if (mproc_task_return(task, argument.data, argument.size) < 0 ||
        mproc_task_reserve_value(task, 3 * argument.size, &buffer) < 0)
        return -1;
    memset(buffer, 0xee, 3 * argument.size);
    const mproc_view halves[] = { { argument.data, argument.size / 2 },
                                  { (const char *)argument.data + argument.size / 2,
                                    argument.size - argument.size / 2 } };
    return mproc_task_return_parts(task, halves, 2);
}

static int fail_with_a_value(mproc_task *task)
{
    void *buffer;
    mproc_task_reserve_value(task, MIB, &buffer);
    memset(buffer, 1, MIB);
    return mproc_task_fail(task, -7, "no");
}

/* ---- Messages ---- */

static mproc_message build(size_t size, unsigned seed)
{
    mproc_message message;
    CHECK_OK(mproc_message_create(&message, size));
    fill(message.data, size, seed);
    return message;
}

static mproc_result *submit_built(mproc_pool *pool, mproc_task_fn *function, size_t size, unsigned seed)
{
    mproc_result *result;
    CHECK_OK(mproc_pool_apply_message(pool, function, build(size, seed), NULL, &result));
    return result;
}

static mproc_result *submit_copied(mproc_pool *pool, mproc_task_fn *function, size_t size, unsigned seed,
                                   const mproc_task_options *options)
{
    mproc_result *result;
    void *data = malloc(size);
    fill(data, size, seed);
    CHECK_OK(mproc_pool_apply_async(pool, function, MPROC_ARG_BYTES(data, size), options, &result));
    free(data);
    return result;
}

static void check_value(mproc_result *result, size_t size, unsigned seed)
{
    mproc_outcome outcome;
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(60000), &outcome));
    CHECK_CODE(outcome.code, 0);
    CHECK_EQ(outcome.value.size, size);
    CHECK(is_filled(outcome.value.data, size, seed));
}

static void finish(mproc_result *result, size_t size, unsigned seed)
{
    check_value(result, size, seed);
    CHECK_OK(mproc_result_free(result));
}

static void finish_taken(mproc_result *result, size_t size, unsigned seed)
{
    mproc_message message;
    CHECK_OK(mproc_result_take(result, test_limit_ms(60000), &message));
    CHECK_EQ(message.size, size);
    CHECK(is_filled(message.data, size, seed));
    CHECK_CODE(mproc_result_free(result), MPROC_E_STALE);
    CHECK_OK(mproc_message_free(message));
    CHECK_CODE(mproc_message_free(message), MPROC_E_STALE);
}

/* ---- Sizes ---- */

static void every_size_copied_and_in_place(void)
{
    mproc_pool *pool = make_pool(2);
    uint64_t before = data_in_use();
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        size_t size = sizes[i];
        unsigned seed = (unsigned)i + 1;
        mproc_result *copied = submit_copied(pool, echo, size, seed, NULL);
        mproc_result *built = submit_built(pool, echo_in_place, size, seed + 1);
        mproc_result *half = submit_built(pool, first_half, size, seed + 2);
        finish(submit_copied(pool, third_choice, size, seed + 3, NULL), size, seed + 3);
        finish_taken(half, size / 2, seed + 2);
        finish_taken(built, size, seed + 1);
        check_value(copied, size, seed);
        finish(copied, size, seed);
    }
    CHECK_EQ(data_in_use(), before);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_31_get_copies_a_large_value_as_often_as_asked(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_result *result = submit_copied(pool, echo, MIB, 9, NULL);
    void *copy = malloc(MIB);
    size_t size = 0;
    for (int i = 0; i < 3; i++) {
        memset(copy, 0, MIB);
        CHECK_CODE(mproc_result_get(result, test_limit_ms(30000), copy, MIB - 1, &size), MPROC_E_TOO_SHORT);
        CHECK_EQ(size, MIB);
        CHECK_OK(mproc_result_get(result, 0, copy, MIB, NULL));
        CHECK(is_filled(copy, MIB, 9));
    }
    free(copy);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

static void values_go_from_task_to_task(void)
{
    mproc_pool *first = make_pool(1), *second = make_pool(2);
    mproc_message message = build(2 * MIB, 5);
    for (int i = 0; i < 6; i++) {
        mproc_result *result;
        CHECK_OK(mproc_pool_apply_message(i % 2 == 0 ? first : second, echo_in_place, message, NULL, &result));
        CHECK_CODE(mproc_message_free(message), MPROC_E_STALE);
        CHECK_OK(mproc_result_take(result, test_limit_ms(30000), &message));
    }
    mproc_queue queue;
    CHECK_OK(mproc_queue_create(&queue, NULL));
    CHECK_OK(mproc_queue_commit(queue, message, 0));
    CHECK_OK(mproc_queue_take(queue, 0, &message));
    mproc_result *last;
    CHECK_OK(mproc_pool_apply_message(first, echo, message, NULL, &last));
    finish(last, 2 * MIB, 5);
    CHECK_OK(mproc_queue_destroy(queue));
    CHECK_OK(mproc_pool_free(first));
    CHECK_OK(mproc_pool_free(second));
}

static void values_outlive_their_pool(void)
{
    uint64_t before = data_in_use();
    mproc_pool *pool = make_pool(2);
    mproc_result *read = submit_copied(pool, echo_in_place, 3 * MIB, 1, NULL);
    mproc_result *taken = submit_built(pool, echo_in_place, 3 * MIB, 2);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
    /* What others make meanwhile lies elsewhere, also after a sweep. */
    mproc_message other = build(3 * MIB, 77);
    CHECK(data_in_use() > before);
    finish(read, 3 * MIB, 1);
    finish_taken(taken, 3 * MIB, 2);
    CHECK(is_filled(other.data, 3 * MIB, 77));
    CHECK_OK(mproc_message_free(other));
    CHECK_EQ(data_in_use(), before);
}

/* ---- Refusals ---- */

static int reserve_in_a_kernel(const void *in, void *out, mproc_task *task)
{
    void *buffer;
    (void)in;
    *(int *)out = mproc_task_reserve_value(task, 10, &buffer);
    return 0;
}

static int reserve_too_much(mproc_task *task)
{
    void *buffer = NULL;
    int codes[] = { mproc_task_reserve_value(task, ((size_t)1 << 30) + 1, &buffer),
                    mproc_task_reserve_value(task, 10, NULL) };
    return mproc_task_return(task, codes, sizeof codes);
}

static void refusals_leave_everything_as_it_was(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_message message = build(MIB, 3);
    mproc_result *result, *map;
    int codes[2], in = 0, out = 0;
    CHECK_CODE(mproc_pool_apply_message(pool, NULL, message, NULL, &result), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_apply_message(pool, echo, message, &(mproc_task_options){ .retries = -1 }, &result),
               MPROC_E_INVALID);
    CHECK_OK(mproc_pool_map_async(pool, reserve_in_a_kernel, &in, sizeof in, 1, &out, sizeof out, NULL, &map));
    CHECK_CODE(mproc_result_take(map, test_limit_ms(30000), &message), MPROC_E_TYPE);
    CHECK_EQ(out, MPROC_E_STATE);
    CHECK_OK(mproc_result_free(map));
    CHECK_OK(mproc_pool_apply(pool, reserve_too_much, MPROC_NO_ARGS, NULL, codes, sizeof codes, NULL));
    CHECK(codes[0] == MPROC_E_LIMIT && codes[1] == MPROC_E_INVALID);
    CHECK_OK(mproc_pool_apply_async(pool, fail_with_a_value, MPROC_NO_ARGS, NULL, &result));
    CHECK_CODE(mproc_result_take(result, test_limit_ms(30000), &message), -7);
    CHECK_CODE(mproc_result_get(result, 0, NULL, 0, NULL), -7);
    CHECK_OK(mproc_result_free(result));
    CHECK_CODE(mproc_result_take(result, 0, &message), MPROC_E_STALE);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_CODE(mproc_pool_apply_message(pool, echo, message, NULL, &result), MPROC_E_CLOSED);
    CHECK(is_filled(message.data, MIB, 3));
    CHECK_OK(mproc_pool_free(pool));
    CHECK_OK(mproc_message_free(message));
}

static void a_take_that_times_out_loses_nothing(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_result *stay = submit_stay(pool);
    mproc_message message;
    CHECK_CODE(mproc_result_take(stay, 0, &message), MPROC_E_TIMEOUT);
    test_let_go();
    CHECK_OK(mproc_result_take(stay, test_limit_ms(30000), &message));
    CHECK_EQ(message.size, 0);
    CHECK_OK(mproc_message_free(message));
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Memory ---- */

/* More than the family has room for, with results that nobody fetches before all is done. */
static void rule_34_close_join_then_get_works_for_any_amount(void)
{
    enum { COUNT = 24 };
    mproc_result *results[COUNT];
    CHECK_OK(mproc_set_memory_limit(32 * MIB));
    mproc_pool *pool = make_pool(2);
    uint64_t before = data_in_use();
    for (unsigned i = 0; i < COUNT; i++)
        results[i] = submit_copied(pool, i % 2 == 0 ? echo : echo_in_place, 2 * MIB + i, i, NULL);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(60000)));
    CHECK_LE(data_in_use(), 18 * MIB);
    for (unsigned i = 0; i < COUNT; i++)
        finish(results[i], 2 * MIB + i, i);
    CHECK_OK(mproc_pool_free(pool));
    CHECK_EQ(data_in_use(), before);
}

static void larger_than_the_memory_of_the_family_takes_the_long_way(void)
{
    CHECK_OK(mproc_set_memory_limit(8 * MIB));
    mproc_pool *pool = make_pool(1);
    mproc_message message;
    finish(submit_copied(pool, echo, 9 * MIB, 1, NULL), 9 * MIB, 1);
    finish_taken(submit_copied(pool, echo_in_place, 9 * MIB, 2, NULL), 9 * MIB, 2);
    CHECK_CODE(mproc_message_create(&message, 9 * MIB), MPROC_E_LIMIT);
    CHECK_OK(mproc_pool_free(pool));
}

static uint64_t spare(void)
{
    mproc_memory_usage usage;
    CHECK_OK(mproc_get_memory_usage(&usage));
    return usage.spare;
}

static void use_memory(mproc_pool *pool)
{
    mproc_result *results[4];
    for (unsigned i = 0; i < 4; i++)
        results[i] = submit_copied(pool, echo, 16 * MIB, i, NULL);
    for (unsigned i = 0; i < 4; i++)
        finish(results[i], 16 * MIB, i);
}

/* Warm while the pool is busy, and given back when it idles, or is freed: but for 16 MiB, about. */
static void rule_44_memory_goes_back(void)
{
    mproc_pool *pool = make_pool(2);
    uint64_t before = data_in_use();
    use_memory(pool);
    CHECK_EQ(data_in_use(), before);
    if (!test_is_windows())
        WAIT_UNTIL(spare() <= 17 * MIB);
    use_memory(pool);
    CHECK_OK(mproc_pool_free(pool));
    CHECK_EQ(data_in_use(), before);
    if (!test_is_windows())
        CHECK_LE(spare(), 17 * MIB);
}

/* ---- Deaths ---- */

/* Dies with a value half built; its second attempt finds the argument as it was. */
static int die_once_then_echo(mproc_task *task)
{
    if (mproc_task_get_attempt(task) > 1)
        return echo(task);
    void *buffer;
    mproc_view argument = mproc_task_get_argument(task);
    if (mproc_task_reserve_value(task, argument.size, &buffer) < 0)
        return -1;
    memset(buffer, 0xdd, argument.size);
    return die(task);
}

static void rule_37_retries_get_the_same_argument(void)
{
    mproc_pool *pool = make_pool(2);
    uint64_t before = data_in_use();
    mproc_task_options once = { .retries = 1 };
    for (size_t i = 0; i < TEST_COUNT(sizes); i += 3) {
        finish(submit_copied(pool, die_once_then_echo, sizes[i], 8, &once), sizes[i], 8);
        mproc_result *result = submit_built(pool, die_once_then_echo, sizes[i], 8);
        CHECK_CODE(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL), MPROC_E_WORKER_DIED);
        CHECK_OK(mproc_result_free(result));
    }
    /* What the last one had begun goes with its link, which may be a moment later. */
    WAIT_UNTIL(data_in_use() == before);
    CHECK_OK(mproc_pool_free(pool));
}

static int64_t kill_one(mproc_pool *pool, unsigned *seed)
{
    int64_t pids[2];
    int count = mproc_pool_get_worker_pids(pool, pids, 2);
    if (count > 0)
        os_kill(pids[test_random(seed) % (unsigned)(count < 2 ? count : 2)]);
    return count > 0;
}

static size_t random_size(unsigned *seed)
{
    return sizes[test_random(seed) % TEST_COUNT(sizes)];
}

/* A worker dies at any moment while payloads of all sizes move: each value is whole, and no memory is left behind. */
static void rule_37_killed_at_random_moments(void)
{
    enum { COUNT = 16, ROUNDS = 12 };
    mproc_pool *pool;
    unsigned seed = (unsigned)os_now_ms();
    int64_t kills = 0;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .max_restarts = INT_MAX }));
    uint64_t before = data_in_use();
    fprintf(stderr, "seed %u\n", seed);
    for (int round = 0; round < ROUNDS * (test_is_soak() ? 50 : 1); round++) {
        mproc_result *results[COUNT];
        size_t of[COUNT];
        for (unsigned i = 0; i < COUNT; i++) {
            of[i] = random_size(&seed);
            results[i] = submit_copied(pool, i % 2 == 0 ? echo : echo_in_place, of[i], i,
                                       &(mproc_task_options){ .retries = 1000 });
            if (test_random(&seed) % 4 == 0)
                kills += kill_one(pool, &seed);
        }
        for (unsigned i = 0; i < COUNT; i++) {
            if (test_random(&seed) % 4 == 0)
                kills += kill_one(pool, &seed);
            finish(results[i], of[i], i);
        }
    }
    CHECK(kills > 10);
    WAIT_UNTIL(data_in_use() == before);
    CHECK_OK(mproc_pool_free(pool));
    CHECK_EQ(data_in_use(), before);
}

/* ---- What a thread still reads ---- */

static int look_twice(mproc_task *task)
{
    mproc_view argument = mproc_task_get_argument(task);
    wait_for_board(task);
    if (is_filled(argument.data, argument.size, 4))
        atomic_store(&test_board()[2], 1);
    return 0;
}

/* Its result is ready, and gone, while the task goes on: on its own argument, and not on somebody else's bytes. */
static void a_task_that_outlives_its_result_keeps_its_argument(void)
{
    if (!test_threads())
        test_skip("a worker process is killed");
    uint64_t before = data_in_use();
    mproc_pool *pool = make_pool(1);
    mproc_result *result = submit_built(pool, look_twice, MIB, 4);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK((mproc_pool_terminate)(pool));
    CHECK_CODE(mproc_result_get(result, 0, NULL, 0, NULL), MPROC_E_TERMINATED);
    CHECK_OK(mproc_result_free(result));
    mproc_message others[4];
    for (unsigned i = 0; i < 4; i++)
        others[i] = build(MIB, 100 + i);
    test_let_go();
    CHECK_OK(mproc_pool_free(pool));
    CHECK_EQ(atomic_load(&test_board()[2]), 1);
    for (unsigned i = 0; i < 4; i++)
        CHECK_OK(mproc_message_free(others[i]));
    CHECK_EQ(data_in_use(), before);
}

/* ---- Iterators, callbacks ---- */

struct source {
    unsigned next;
    unsigned char *item;
};

#define ITEMS      40
#define ITEM_BYTES (300 * KIB)

static int next_item(void *user, mproc_view *ret_args)
{
    struct source *source = user;
    if (source->next == ITEMS)
        return 0;
    fill(source->item, ITEM_BYTES, source->next++);
    *ret_args = MPROC_ARG_BYTES(source->item, ITEM_BYTES);
    return 1;
}

static void rule_33_imap_with_large_items(void)
{
    mproc_pool *pool = make_pool(2);
    struct source source = { 0, malloc(ITEM_BYTES) };
    mproc_iter *iter;
    mproc_outcome outcome;
    uint64_t seen = 0, before = data_in_use();
    CHECK_OK(mproc_pool_imap_unordered(pool, echo_in_place, next_item, &source, &(mproc_task_options){ .max_ahead = 8 },
                                       &iter));
    while (mproc_iter_next(iter, test_limit_ms(30000), &outcome) > 0) {
        CHECK_CODE(outcome.code, 0);
        CHECK(outcome.value.size == ITEM_BYTES && is_filled(outcome.value.data, ITEM_BYTES, (unsigned)outcome.item));
        seen |= (uint64_t)1 << outcome.item;
        CHECK_LE(data_in_use(), before + 20 * ITEM_BYTES);
    }
    CHECK(seen == ((uint64_t)1 << ITEMS) - 1);
    CHECK_OK(mproc_iter_free(iter));
    CHECK_EQ(data_in_use(), before);
    free(source.item);
    CHECK_OK(mproc_pool_free(pool));
}

static int see(const mproc_outcome *outcome, void *user)
{
    (void)user;
    if (outcome->code == 0 && outcome->value.size == MIB && is_filled(outcome->value.data, MIB, 6))
        atomic_fetch_add(&test_board()[5], 1);
    return 0;
}

/* Whoever takes the value first. */
static void a_callback_sees_a_value_that_is_taken(void)
{
    mproc_pool *pool = make_pool(1);
    for (int i = 0; i < 20; i++)
        finish_taken(submit_copied(pool, echo, MIB, 6, &(mproc_task_options){ .on_done = see }), MIB, 6);
    WAIT_UNTIL(atomic_load(&test_board()[5]) == 20);
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST_WITH(every_size_copied_and_in_place, 0, 60),
    TEST(rule_31_get_copies_a_large_value_as_often_as_asked),
    TEST(values_go_from_task_to_task),
    TEST(values_outlive_their_pool),
    TEST(refusals_leave_everything_as_it_was),
    TEST(a_take_that_times_out_loses_nothing),
    TEST_WITH(rule_34_close_join_then_get_works_for_any_amount, TEST_FRESH, 60),
    TEST_WITH(larger_than_the_memory_of_the_family_takes_the_long_way, TEST_FRESH, 60),
    TEST_WITH(rule_44_memory_goes_back, 0, 60),
    TEST(rule_37_retries_get_the_same_argument),
    TEST_WITH(rule_37_killed_at_random_moments, TEST_PROCESSES, 180),
    TEST(a_task_that_outlives_its_result_keeps_its_argument),
    TEST(rule_33_imap_with_large_items),
    TEST(a_callback_sees_a_value_that_is_taken),
};

TEST_MAIN_PLAIN(tests)
