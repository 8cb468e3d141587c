/* Results: rules 31, 42 (queued tasks), 47 and 48, and what bad input gets. */
#include "pool_tasks.h"

static void rule_31_get_may_be_repeated(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_result *stay = submit_stay(pool), *result;
    int value = 5;
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(value), NULL, &result));
    CHECK_CODE(mproc_result_get(result, 0, &value, sizeof value, NULL), MPROC_E_TIMEOUT);
    CHECK_CODE(mproc_result_get(result, 1, &value, sizeof value, NULL), MPROC_E_TIMEOUT);
    CHECK_CODE(mproc_result_wait(result, -5), MPROC_E_TIMEOUT);
    CHECK_EQ(mproc_result_is_ready(result), 0);
    CHECK_NOT(mproc_result_is_successful(result), 0);
    test_let_go();
    for (int i = 0; i < 3; i++) {
        CHECK_OK(mproc_result_get(result, test_limit_ms(30000), &value, sizeof value, NULL));
        CHECK_EQ(value, 25);
    }
    CHECK_EQ(mproc_result_is_ready(result), 1);
    CHECK_EQ(mproc_result_is_successful(result), 1);
    CHECK_CODE(mproc_result_get(result, 0, &value, 1, NULL), MPROC_E_SIZE);
    CHECK_OK(mproc_result_free(result));
    CHECK_CODE(mproc_result_free(result), MPROC_E_STALE);
    CHECK_CODE(mproc_result_get(result, 0, &value, sizeof value, NULL), MPROC_E_STALE);
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_pool_free(pool));
}

static int large_value(mproc_task *task)
{
    static const char bytes[200000];
    return mproc_task_return(task, bytes, sizeof bytes);
}

/* NULL and 0 ask for the code alone, whatever the value's size; 0 with a place to write does not. */
static void rule_31_get_of_the_code_alone(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_result *result;
    int value = 5;
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(value), NULL, &result));
    CHECK_OK(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL));
    CHECK_CODE(mproc_result_get(result, 0, &value, 0, NULL), MPROC_E_SIZE);
    CHECK_OK(mproc_result_get(result, 0, &value, sizeof value, NULL));
    CHECK_EQ(value, 25);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_apply(pool, large_value, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK_OK(mproc_pool_free(pool));
}

static int ignore_outcome(const mproc_outcome *outcome, void *user)
{
    (void)outcome;
    (void)user;
    return 0;
}

/* With its size asked for, what fits is given; without, a value of another size is refused. */
static void a_value_that_fits_comes_with_its_size(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_result *result;
    int values[3] = { 5, 6, 7 };
    size_t size = 99;
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(values[0]), NULL, &result));
    CHECK_OK(mproc_result_get(result, test_limit_ms(30000), values, sizeof values, &size));
    CHECK(values[0] == 25 && values[1] == 6 && size == sizeof(int));
    CHECK_CODE(mproc_result_get(result, 0, values, sizeof values, NULL), MPROC_E_SIZE);
    size = 99;
    CHECK_CODE(mproc_result_get(result, 0, values, 1, &size), MPROC_E_TOO_SHORT);
    CHECK_EQ(size, sizeof(int));
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(values[1]), NULL, values, sizeof values, &size));
    CHECK(values[0] == 36 && size == sizeof(int));
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

/* A result that was freed before it was ready is stale in every call, and nothing happens to its task. */
static void a_result_freed_before_it_is_ready_is_stale(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_result *running = submit_stay(pool), *queued = submit_stay(pool), *result;
    mproc_result *freed[] = { running, queued };
    mproc_completed *completed;
    CHECK_OK(mproc_completed_create(&completed, freed, 2));
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    for (int i = 0; i < 2; i++) {
        mproc_outcome outcome;
        size_t count;
        bool ready;
        CHECK_OK(mproc_result_free(freed[i]));
        CHECK_CODE(mproc_result_wait(freed[i], MPROC_FOREVER), MPROC_E_STALE);
        CHECK_CODE(mproc_result_get(freed[i], MPROC_FOREVER, NULL, 0, NULL), MPROC_E_STALE);
        CHECK_CODE(mproc_result_get_outcome(freed[i], MPROC_FOREVER, &outcome), MPROC_E_STALE);
        CHECK_CODE(mproc_result_get_item(freed[i], 0, &outcome), MPROC_E_STALE);
        CHECK_CODE(mproc_result_get_count(freed[i], &count), MPROC_E_STALE);
        CHECK_NOT(mproc_result_is_ready(freed[i]), MPROC_E_STALE);
        CHECK_NOT(mproc_result_is_successful(freed[i]), MPROC_E_STALE);
        CHECK_CODE(mproc_result_cancel(freed[i]), MPROC_E_STALE);
        CHECK_CODE(mproc_result_add_callback(freed[i], ignore_outcome, NULL), MPROC_E_STALE);
        CHECK_CODE(mproc_result_free(freed[i]), MPROC_E_STALE);
        CHECK_CODE(mproc_wait_results(&freed[i], 1, MPROC_WAIT_FOR_ALL, MPROC_FOREVER, &ready), MPROC_E_STALE);
        CHECK_CODE(mproc_completed_create(&(mproc_completed *){ NULL }, &freed[i], 1), MPROC_E_STALE);
        mproc_waitable waitable = mproc_waitable_result(freed[i]);
        CHECK_CODE(mproc_wait_any(&waitable, 1, MPROC_FOREVER), MPROC_E_STALE);
    }
    CHECK_CODE(mproc_completed_next(completed, MPROC_FOREVER, &result), MPROC_E_STALE);
    CHECK_OK(mproc_completed_free(completed));
    test_let_go();
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_EQ(atomic_load(&test_board()[1]), 2);
    CHECK_CODE(mproc_result_wait(running, MPROC_FOREVER), MPROC_E_STALE);
    CHECK_OK(mproc_pool_free(pool));
}

/* The memory of a pool's tasks goes with it, and later pools get it again: no handle of one means another's task. */
static void a_result_of_a_pool_that_is_gone_is_stale(void)
{
    enum { POOLS = 3, RESULTS = 1000 };
    static mproc_result *results[POOLS][RESULTS];
    for (int i = 0; i < POOLS; i++) {
        mproc_pool *pool = make_pool(1);
        for (int k = 0; k < RESULTS; k++)
            CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(k), NULL, &results[i][k]));
        for (int k = 0; k < RESULTS; k++) {
            int value;
            CHECK_OK(mproc_result_get(results[i][k], MPROC_FOREVER, &value, sizeof value, NULL));
            CHECK_EQ(value, k * k);
            for (int gone = 0; gone < i; gone++)
                CHECK_CODE(mproc_result_wait(results[gone][k], 0), MPROC_E_STALE);
        }
        for (int k = 0; k < RESULTS; k++)
            CHECK_OK(mproc_result_free(results[i][k]));
        CHECK_OK(mproc_pool_free(pool));
        for (int k = 0; k < RESULTS; k++)
            CHECK_CODE(mproc_result_wait(results[i][k], 0), MPROC_E_STALE);
    }
}

/* Nor does one with few tasks bring back results of a larger one whose memory it has. */
static void a_result_of_a_larger_pool_that_is_gone_is_stale(void)
{
    enum { RESULTS = 300 };
    mproc_result *results[RESULTS], *result;
    int value = 0;
    mproc_pool *pool = make_pool(1);
    for (int k = 0; k < RESULTS; k++)
        CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(k), NULL, &results[k]));
    CHECK_EQ(mproc_wait_results(results, RESULTS, MPROC_WAIT_FOR_ALL, MPROC_FOREVER, NULL), RESULTS);
    for (int k = 0; k < RESULTS; k++)
        CHECK_OK(mproc_result_free(results[k]));
    CHECK_OK(mproc_pool_free(pool));
    pool = make_pool(1);
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(value), NULL, &result));
    for (int k = 0; k < RESULTS; k++)
        CHECK_CODE(mproc_result_wait(results[k], 0), MPROC_E_STALE);
    CHECK_OK(mproc_result_get(result, MPROC_FOREVER, &value, sizeof value, NULL));
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

static mproc_result *hand_on(mproc_pool *pool, mproc_task_fn *fn, bool parenthesised)
{
    mproc_result *result;
    int value = 3;
    if (parenthesised)
        CHECK_OK((mproc_pool_apply_async)(pool, fn, MPROC_ARG(value), NULL, &result));
    else
        CHECK_OK(mproc_pool_apply_async(pool, fn, MPROC_ARG(value), NULL, &result));
    return result;
}

int a_function_with_a_symbol(mproc_task *task);

int a_function_with_a_symbol(mproc_task *task)
{
    return square(task);
}

/* What is recorded is the call as it is written, which in a function that hands tasks on is that function's own. The
 * name in parentheses records nothing: then the symbol table is asked. */
static void a_function_that_hands_tasks_on_names_the_function_if_it_wants(void)
{
    mproc_pool *pool = make_pool(1);
    for (int i = 0; i < 2; i++) {
        mproc_outcome outcome;
        mproc_result *result = hand_on(pool, a_function_with_a_symbol, i == 1);
        CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(30000), &outcome));
        if (i == 0)
            CHECK_STR(outcome.function, "fn");
        else if (!test_is_windows())
            CHECK_STR(outcome.function, "a_function_with_a_symbol");
        CHECK_EQ(outcome.where[0] != 0, i == 0);
        CHECK_OK(mproc_result_free(result));
    }
    CHECK_OK(mproc_pool_free(pool));
}

/* Without a place for the size the value has to have that of the room, in apply as in get; the task has run. */
static void apply_without_a_size_is_exact(void)
{
    mproc_pool *pool = make_pool(1);
    int values[2] = { 5, 6 };
    char small;
    CHECK_CODE(mproc_pool_apply(pool, square, MPROC_ARG(values[0]), NULL, values, sizeof values, NULL), MPROC_E_SIZE);
    CHECK_CODE(mproc_pool_apply(pool, square, MPROC_ARG(values[0]), NULL, &small, sizeof small, NULL), MPROC_E_SIZE);
    CHECK_EQ(values[0], 5);
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(values[0]), NULL, values, sizeof values[0], NULL));
    CHECK_EQ(values[0], 25);
    CHECK_OK(mproc_pool_free(pool));
}

static int argument_size(mproc_task *task)
{
    size_t size = mproc_task_get_argument(task).size;
    return mproc_task_return(task, &size, sizeof size);
}

static int is_hello(mproc_task *task)
{
    mproc_view text = mproc_task_get_argument(task);
    return text.size == 6 && strcmp(text.data, "hello") == 0 ? 0 : -1;
}

static void arguments_of_all_forms(void)
{
    mproc_pool *pool = make_pool(1);
    char bytes[300] = "hello";
    const char *text = bytes;
    size_t size;
    CHECK_OK(mproc_pool_apply(pool, argument_size, MPROC_ARG(bytes), NULL, &size, sizeof size, NULL));
    CHECK_EQ(size, sizeof bytes);
    CHECK_OK(mproc_pool_apply(pool, argument_size, MPROC_ARG(text), NULL, &size, sizeof size, NULL));
    CHECK_EQ(size, sizeof text);
    CHECK_OK(mproc_pool_apply(pool, argument_size, MPROC_ARG_BYTES(text, 123), NULL, &size, sizeof size, NULL));
    CHECK_EQ(size, 123);
    CHECK_OK(mproc_pool_apply(pool, is_hello, MPROC_ARG_STRING(text), NULL, NULL, 0, NULL));
    CHECK_OK(mproc_pool_apply(pool, is_hello, MPROC_ARG_STRING("hello"), NULL, NULL, 0, NULL));
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_42_cancel_of_queued_tasks(void)
{
    enum { COUNT = 300 };
    mproc_pool *pool = make_pool(1);
    mproc_result *results[COUNT];
    mproc_result *stay = submit_stay(pool);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, wait_for_board, MPROC_NO_ARGS, NULL, &results[i]));
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_EQ(mproc_result_cancel(stay), MPROC_WAS_RUNNING);
    for (int i = 0; i < COUNT; i += 2)
        CHECK_OK(mproc_result_cancel(results[i]));
    CHECK_EQ(mproc_result_cancel(results[0]), MPROC_WAS_FINISHED);
    CHECK_CODE(mproc_result_get(results[0], 0, NULL, 0, NULL), MPROC_E_CANCELLED);
    test_let_go();
    for (int i = 1; i < COUNT; i += 2)
        CHECK_OK(mproc_result_get(results[i], test_limit_ms(30000), NULL, 0, NULL));
    /* What was cancelled never ran. */
    CHECK_EQ(atomic_load(&test_board()[1]), 1 + COUNT / 2);
    CHECK_EQ(mproc_result_cancel(stay), MPROC_WAS_FINISHED);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_result_free(results[i]));
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_pool_free(pool));
}

/* Tasks that have been handed to the worker, and wait in its ring, are taken back. */
static void rule_42_cancel_in_the_ring(void)
{
    enum { COUNT = 100 };
    mproc_pool *pool = make_pool(1);
    mproc_result *results[COUNT], *stay;
    int value = 2;
    /* Short tasks, so that the pool hands many to the worker at once. */
    for (int i = 0; i < 200; i++)
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &(int){ 0 }, sizeof value, NULL));
    stay = submit_stay(pool);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, wait_for_board, MPROC_NO_ARGS, NULL, &results[i]));
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_result_cancel(results[i]));
    test_let_go();
    CHECK_OK(mproc_result_get(stay, test_limit_ms(30000), NULL, 0, NULL));
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
    CHECK_EQ(atomic_load(&test_board()[1]), 1);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_result_free(results[i]));
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_47_wait_first_and_all(void)
{
    mproc_pool *pool = make_pool(2);
    mproc_result *results[3];
    bool ready[3];
    int value = 3;
    results[0] = submit_stay(pool);
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(value), NULL, &results[1]));
    results[2] = submit_stay(pool);
    CHECK_EQ(mproc_wait_results(results, 3, MPROC_WAIT_FOR_FIRST, test_limit_ms(30000), ready), 1);
    CHECK(!ready[0] && ready[1] && !ready[2]);
    CHECK_CODE(mproc_wait_results(results, 3, MPROC_WAIT_FOR_ALL, 5, ready), MPROC_E_TIMEOUT);
    CHECK_EQ(ready[1], 1);
    test_let_go();
    CHECK_EQ(mproc_wait_results(results, 3, MPROC_WAIT_FOR_ALL, test_limit_ms(30000), NULL), 3);
    CHECK_EQ(mproc_wait_results(results, 0, MPROC_WAIT_FOR_ALL, 0, NULL), 0);
    CHECK_CODE(mproc_wait_results(results, 3, (mproc_wait_for)7, 0, NULL), MPROC_E_INVALID);
    CHECK_CODE(mproc_wait_results(results, (size_t)INT32_MAX + 1, MPROC_WAIT_FOR_ALL, 0, NULL), MPROC_E_LIMIT);
    CHECK_CODE(mproc_completed_create(&(mproc_completed *){ NULL }, results, (size_t)INT32_MAX + 1), MPROC_E_LIMIT);
    for (int i = 0; i < 3; i++)
        CHECK_OK(mproc_result_free(results[i]));
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_47_wait_for_an_error(void)
{
    mproc_pool *pool = make_pool(2);
    mproc_pool *other = make_pool(1);
    mproc_result *results[3];
    results[0] = submit_stay(pool);
    results[1] = submit_stay(other);
    CHECK_OK(mproc_pool_apply_async(pool, die, MPROC_NO_ARGS, NULL, &results[2]));
    CHECK_EQ(mproc_wait_results(results, 3, MPROC_WAIT_FOR_ERROR, test_limit_ms(30000), NULL), 1);
    CHECK_EQ(mproc_result_is_ready(results[2]), 1);
    test_let_go();
    CHECK_EQ(mproc_wait_results(results, 3, MPROC_WAIT_FOR_ALL, test_limit_ms(30000), NULL), 3);
    for (int i = 0; i < 3; i++)
        CHECK_OK(mproc_result_free(results[i]));
    CHECK_OK(mproc_pool_free(pool));
    CHECK_OK(mproc_pool_free(other));
}

/* Waiting for the first error: as in the reference, a result that was cancelled is none. Nor is a map
 * that was. */
static void a_cancelled_result_is_not_the_first_error(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_result *results[2];
    int items[] = { 1, 2, 3, 4 };
    results[0] = submit_stay(pool);
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(items[0]), NULL, &results[1]));
    CHECK_OK(mproc_result_cancel(results[1]));
    CHECK_CODE(mproc_wait_results(results, 2, MPROC_WAIT_FOR_ERROR, 5, NULL), MPROC_E_TIMEOUT);
    CHECK_EQ(mproc_wait_results(results, 2, MPROC_WAIT_FOR_FIRST, 0, NULL), 1);
    CHECK_OK(mproc_result_free(results[1]));
    CHECK_OK(mproc_pool_map_async(pool, double_item, items, sizeof *items, 4, items, sizeof *items, NULL, &results[1]));
    CHECK_OK(mproc_result_cancel(results[1]));
    CHECK_CODE(mproc_wait_results(results, 2, MPROC_WAIT_FOR_ERROR, 5, NULL), MPROC_E_TIMEOUT);
    test_let_go();
    CHECK_EQ(mproc_wait_results(results, 2, MPROC_WAIT_FOR_ERROR, test_limit_ms(30000), NULL), 2);
    CHECK_OK(mproc_result_free(results[0]));
    CHECK_OK(mproc_result_free(results[1]));
    CHECK_OK(mproc_pool_free(pool));
}

/* A task may fail with any code, that of a cancelled one too. */
static int fail_with(mproc_task *task)
{
    int code = -1;
    mproc_task_read(task, &code, sizeof code);
    return code;
}

static void a_batch_is_an_error_if_an_item_behind_a_cancelled_one_failed(void)
{
    static const int codes[2][2] = { { MPROC_E_CANCELLED, MPROC_E_CANCELLED }, { MPROC_E_CANCELLED, -3 } };
    mproc_pool *pool = make_pool(2);
    mproc_result *results[2];
    results[0] = submit_stay(pool);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(mproc_pool_map_results(pool, fail_with, codes[i], sizeof codes[i][0], 2, NULL, &results[1]));
        CHECK_CODE(mproc_result_get(results[1], 0, NULL, 0, NULL), MPROC_E_CANCELLED);
        CHECK_EQ(mproc_wait_results(results, 2, MPROC_WAIT_FOR_ERROR, 5, NULL), i == 0 ? MPROC_E_TIMEOUT : 1);
        CHECK_OK(mproc_result_free(results[1]));
    }
    test_let_go();
    CHECK_OK(mproc_result_free(results[0]));
    CHECK_OK(mproc_pool_free(pool));
}

/* Ends when board word 10 + its number is set. */
static int wait_for_turn(mproc_task *task)
{
    int number;
    mproc_task_read(task, &number, sizeof number);
    while (atomic_load(&test_board()[10 + number]) == 0)
        os_sleep_ms(1);
    return 0;
}

static void rule_47_as_completed(void)
{
    enum { COUNT = 4 };
    static const int order[COUNT] = { 2, 0, 3, 1 };
    mproc_pool *pool = make_pool(COUNT);
    mproc_result *results[COUNT], *result;
    mproc_completed *completed;
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, wait_for_turn, MPROC_ARG(i), NULL, &results[i]));
    CHECK_OK(mproc_completed_create(&completed, results, COUNT));
    CHECK_CODE(mproc_completed_next(completed, 0, &result), MPROC_E_TIMEOUT);
    for (int i = 0; i < COUNT; i++) {
        atomic_store(&test_board()[10 + order[i]], 1);
        CHECK_EQ(mproc_completed_next(completed, test_limit_ms(30000), &result), 1);
        CHECK(result == results[order[i]]);
    }
    CHECK_EQ(mproc_completed_next(completed, 0, &result), 0);
    mproc_completed_free(completed);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_result_free(results[i]));
    CHECK_OK(mproc_pool_free(pool));
}

/* As in the reference: a result that is given twice is handed out once. */
static void as_completed_hands_out_duplicates_once(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_result *stay = submit_stay(pool), *other = submit_stay(pool), *result;
    mproc_result *results[] = { other, stay, other, stay, stay };
    mproc_completed *completed;
    CHECK_OK(mproc_completed_create(&completed, results, TEST_COUNT(results)));
    test_let_go();
    CHECK_EQ(mproc_completed_next(completed, test_limit_ms(30000), &result), 1);
    CHECK(result == stay);
    CHECK_OK(mproc_result_free(stay));
    CHECK_EQ(mproc_completed_next(completed, test_limit_ms(30000), &result), 1);
    CHECK(result == other);
    CHECK_EQ(mproc_completed_next(completed, test_limit_ms(30000), &result), 0);
    CHECK_OK(mproc_completed_free(completed));
    CHECK_OK(mproc_result_free(other));
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_48_bounded_submission(void)
{
    enum { LIMIT = 5 };
    mproc_pool *pool;
    mproc_result *results[100];
    int accepted = 0, code;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .max_queued = LIMIT }));
    do {
        code = mproc_pool_try_apply_async(pool, wait_for_board, MPROC_NO_ARGS, NULL, &results[accepted]);
        accepted += code == 0;
    } while (code == 0 && accepted < 100);
    CHECK_CODE(code, MPROC_E_FULL);
    CHECK(accepted >= LIMIT && accepted <= LIMIT + 128);
    test_let_go();
    /* apply_async waits for room. */
    for (int i = 0; i < 20; i++)
        CHECK_OK(mproc_pool_apply_async(pool, wait_for_board, MPROC_NO_ARGS, NULL, NULL));
    for (int i = 0; i < accepted; i++) {
        CHECK_OK(mproc_result_wait(results[i], test_limit_ms(30000)));
        CHECK_OK(mproc_result_free(results[i]));
    }
    CHECK_OK(mproc_pool_free(pool));
}

static void bad_input(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_result *result = NULL;
    int value = 1;
    static int not_code;
    mproc_task_options negative = { .retries = -1 }, many = { .retries = 65535 };
    CHECK_CODE(mproc_pool_apply_async(pool, NULL, MPROC_NO_ARGS, NULL, &result), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_apply_async(NULL, square, MPROC_NO_ARGS, NULL, &result), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_apply_async(pool, square, MPROC_ARG(value), &negative, &result), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_apply_async(pool, square, MPROC_ARG(value), &many, &result), MPROC_E_LIMIT);
    CHECK_CODE(mproc_pool_apply_async(pool, square, ((mproc_view){ NULL, 4 }), NULL, &result), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_apply_async(pool, square, ((mproc_view){ &value, SIZE_MAX }), NULL, &result), MPROC_E_LIMIT);
    /* A thread takes a pointer as it is. */
    if (!test_threads())
        CHECK_CODE(mproc_pool_apply_async(pool, (mproc_task_fn *)(uintptr_t)&not_code, MPROC_ARG(value), NULL, &result),
                   MPROC_E_NO_FUNCTION);
    CHECK(result == NULL);
    CHECK_CODE(mproc_result_get(NULL, 0, NULL, 0, NULL), MPROC_E_STALE);
    CHECK_CODE(mproc_result_get((mproc_result *)(uintptr_t)0x12345678, 0, NULL, 0, NULL), MPROC_E_STALE);
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.submitted, 0);
    CHECK_OK(mproc_pool_free(pool));
}

struct shared_use {
    mproc_pool *pool;
    _Atomic int wrong;
};

static void use_pool(void *argument)
{
    struct shared_use *use = argument;
    for (int i = 0; i < 2000; i++) {
        int value = i;
        if (mproc_pool_apply(use->pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL) != 0 ||
            value != i * i)
            use->wrong++;
    }
}

static void rule_45_from_all_threads(void)
{
    struct shared_use use = { .pool = make_pool(2) };
    os_thread *threads[4];
    for (int i = 0; i < 4; i++)
        threads[i] = os_thread_start(use_pool, &use);
    for (int i = 0; i < 4; i++)
        os_thread_join(threads[i]);
    CHECK_EQ(use.wrong, 0);
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(use.pool, &stats));
    CHECK_EQ(stats.succeeded, 8000);
    CHECK_OK(mproc_pool_free(use.pool));
}

static const struct test tests[] = {
    TEST(rule_31_get_may_be_repeated),
    TEST(rule_31_get_of_the_code_alone),
    TEST(a_value_that_fits_comes_with_its_size),
    TEST(a_result_freed_before_it_is_ready_is_stale),
    TEST(a_result_of_a_pool_that_is_gone_is_stale),
    TEST(a_result_of_a_larger_pool_that_is_gone_is_stale),
    TEST(a_function_that_hands_tasks_on_names_the_function_if_it_wants),
    TEST(apply_without_a_size_is_exact),
    TEST(arguments_of_all_forms),
    TEST(rule_42_cancel_of_queued_tasks),
    TEST(rule_42_cancel_in_the_ring),
    TEST(rule_47_wait_first_and_all),
    TEST(rule_47_wait_for_an_error),
    TEST(a_cancelled_result_is_not_the_first_error),
    TEST(a_batch_is_an_error_if_an_item_behind_a_cancelled_one_failed),
    TEST(rule_47_as_completed),
    TEST(as_completed_hands_out_duplicates_once),
    TEST(rule_48_bounded_submission),
    TEST(bad_input),
    TEST_WITH(rule_45_from_all_threads, 0, 90),
};

TEST_MAIN_PLAIN(tests)
