/* Time limits of tasks, and ending tasks that run: rules 41 and 42. Board words from START on count how often each task
 * has begun; word 2 counts those that came to their end. */
#include "os.h"
#include "pool_tasks.h"
#ifndef _WIN32
#include <signal.h>
#include <unistd.h>
#endif

enum { MILLISECOND = 1000000, START = 16, STARTS = TEST_BOARD_WORDS - START };

/* ---- Tasks that do not end ---- */

static int computes(mproc_task *task)
{
    volatile unsigned long work = 0;
    (void)task;
    while (atomic_load_explicit(&test_board()[0], memory_order_relaxed) == 0)
        work++;
    return 0;
}

static int sleeps(mproc_task *task)
{
    (void)task;
    while (atomic_load(&test_board()[0]) == 0)
        os_sleep_ms(60000);
    return 0;
}

static int stays(mproc_task *task)
{
    int number;
    if (mproc_task_read(task, &number, sizeof number) == 0)
        atomic_fetch_add(&test_board()[START + number], 1);
    return wait_for_board(task);
}

/* ---- Helpers ---- */

static mproc_pool *make(const mproc_pool_options *options)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, options));
    return pool;
}

static mproc_result *submit(mproc_pool *pool, mproc_task_fn *function, mproc_view args,
                            const mproc_task_options *options)
{
    mproc_result *result;
    CHECK_OK(mproc_pool_apply_async(pool, function, args, options, &result));
    return result;
}

static int finish(mproc_result *result)
{
    CHECK_OK(mproc_result_wait(result, test_limit_ms(30000)));
    int code = mproc_result_get(result, 0, NULL, 0, NULL);
    CHECK_OK(mproc_result_free(result));
    return code;
}

static void check_still_works(mproc_pool *pool)
{
    for (int i = 0; i < 20; i++) {
        int value = i;
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
        CHECK_EQ(value, i * i);
    }
}

static int64_t starts_of(int number)
{
    return atomic_load(&test_board()[START + number]);
}

/* ---- Over the hard limit ---- */

static void check_killed_at_limit(mproc_task_fn *function)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 2, .task_timeout_ms = 100 });
    mproc_outcome outcome;
    int64_t begun = os_now_ns();
    mproc_result *result = submit(pool, function, MPROC_NO_ARGS, NULL);
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(30000), &outcome));
    CHECK_EQ(outcome.code, MPROC_E_TIMEOUT);
    CHECK(os_now_ns() - begun >= 99 * MILLISECOND);
    CHECK_CONTAINS(outcome.message, "task_timeout_ms = 100");
    CHECK(outcome.pid > 0 && outcome.exit_code != 0);
    CHECK_EQ(outcome.attempt, 1);
    CHECK_OK(mproc_result_free(result));
    check_still_works(pool);
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.deaths, 1);
    CHECK_EQ(stats.failed, 1);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_41_a_task_that_computes_is_killed_at_its_limit(void)
{
    check_killed_at_limit(computes);
}

static void rule_41_a_task_that_sleeps_is_killed_at_its_limit(void)
{
    check_killed_at_limit(sleeps);
}

static int waits_for_a_message(mproc_task *task)
{
    mproc_queue queue;
    int value;
    int code = mproc_task_read(task, &queue, sizeof queue);
    return code < 0 ? code : mproc_queue_get(queue, MPROC_FOREVER, &value, sizeof value, NULL);
}

static void rule_41_a_task_that_waits_is_killed_at_its_limit(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 1, .task_timeout_ms = 50 });
    mproc_queue queue;
    int value = 7;
    CHECK_OK(mproc_queue_create(&queue, NULL));
    CHECK_EQ(finish(submit(pool, waits_for_a_message, MPROC_ARG(queue), NULL)), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_queue_put(queue, &value, sizeof value, 0));
    CHECK_OK(mproc_queue_get(queue, test_limit_ms(30000), &value, sizeof value, NULL));
    CHECK_OK(mproc_queue_destroy(queue));
    CHECK_OK(mproc_pool_free(pool));
}

#ifndef _WIN32
static int reads(mproc_task *task)
{
    int ends[2];
    char byte;
    (void)task;
    return pipe(ends) < 0 ? -1 : (int)read(ends[0], &byte, 1);
}

static int ignores_signals(mproc_task *task)
{
    sigset_t all;
    signal(SIGTERM, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    return sleeps(task);
}

static int stops_itself(mproc_task *task)
{
    raise(SIGSTOP);
    return sleeps(task);
}

static void rule_41_a_task_that_reads_ignores_signals_or_is_stopped_is_killed(void)
{
    check_killed_at_limit(reads);
    check_killed_at_limit(ignores_signals);
    check_killed_at_limit(stops_itself);
}

/* Board words 3 and 4: one child in the worker's group, one in a group of its own. */
static int has_children(mproc_task *task)
{
    for (int i = 0; i < 2; i++) {
        if (fork() != 0)
            continue;
        if (i == 1)
            setpgid(0, 0);
        atomic_store(&test_board()[3 + i], os_self_pid());
        for (;;)
            pause();
    }
    return sleeps(task);
}

static void rule_41_what_the_task_has_started_is_killed_with_it(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 1 });
    mproc_task_options options = { .timeout_ms = test_limit_ms(300) };
    CHECK_EQ(finish(submit(pool, has_children, MPROC_NO_ARGS, &options)), MPROC_E_TIMEOUT);
    for (int i = 3; i < 5; i++) {
        CHECK(atomic_load(&test_board()[i]) > 0);
        WAIT_UNTIL(!os_is_alive(atomic_load(&test_board()[i])));
    }
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}
#endif

/* ---- Whose limit ---- */

static int takes_200_ms(mproc_task *task)
{
    (void)task;
    os_sleep_ms(200);
    return 0;
}

static void rule_41_a_task_may_have_a_limit_of_its_own_or_none(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 1, .task_timeout_ms = 50 });
    mproc_task_options none = { .timeout_ms = MPROC_FOREVER }, shorter = { .timeout_ms = 20 };
    CHECK_OK(finish(submit(pool, takes_200_ms, MPROC_NO_ARGS, &none)));
    CHECK_EQ(finish(submit(pool, takes_200_ms, MPROC_NO_ARGS, NULL)), MPROC_E_TIMEOUT);
    CHECK_CONTAINS(mproc_last_error(), " task_timeout_ms = 50");
    CHECK_EQ(finish(submit(pool, takes_200_ms, MPROC_NO_ARGS, &shorter)), MPROC_E_TIMEOUT);
    CHECK_CONTAINS(mproc_last_error(), " timeout_ms = 20");
    CHECK_OK(mproc_pool_free(pool));
}

static int takes_50_ms(mproc_task *task)
{
    (void)task;
    os_sleep_ms(50);
    return 0;
}

static void rule_41_waiting_for_a_worker_does_not_count(void)
{
    enum { COUNT = 14 };
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 1, .task_timeout_ms = test_limit_ms(500) });
    mproc_result *results[COUNT];
    for (int i = 0; i < COUNT; i++)
        results[i] = submit(pool, takes_50_ms, MPROC_NO_ARGS, NULL);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(finish(results[i]));
    CHECK_OK(mproc_pool_free(pool));
}

/* Whoever looks after the pool sleeps without a clock then: it is asked to look in time. */
static void rule_41_the_first_limit_after_a_pause_is_kept(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 1, .max_tasks_per_worker = 1000 });
    mproc_task_options options = { .timeout_ms = 30 };
    for (int i = 0; i < 3; i++) {
        check_still_works(pool);
        CHECK_EQ(finish(submit(pool, computes, MPROC_NO_ARGS, &options)), MPROC_E_TIMEOUT);
        check_still_works(pool);
        CHECK_CODE(mproc_pool_apply(pool, computes, MPROC_NO_ARGS, &options, NULL, 0, NULL), MPROC_E_TIMEOUT);
    }
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_41_a_closed_pool_keeps_its_limits(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 1, .task_timeout_ms = 30 });
    mproc_result *results[4];
    for (int i = 0; i < 4; i++)
        results[i] = submit(pool, computes, MPROC_NO_ARGS, NULL);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    for (int i = 0; i < 4; i++)
        CHECK_EQ(finish(results[i]), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_41_a_task_over_its_limit_is_not_retried(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 1, .max_restarts = 1, .restart_window_ms = 600000 });
    mproc_task_options options = { .retries = 5, .timeout_ms = 20 };
    for (int i = 0; i < 4; i++) {
        mproc_result *result = submit(pool, stays, MPROC_ARG(i), &options);
        CHECK_EQ(finish(result), MPROC_E_TIMEOUT);
        CHECK_LE(starts_of(i), 1);
    }
    /* Nor has it counted as one of the deaths that break a pool. */
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Each task exactly one outcome ---- */

static int counted_square(mproc_task *task)
{
    int value;
    int code = mproc_task_read(task, &value, sizeof value);
    if (code < 0)
        return code;
    atomic_fetch_add(&test_board()[START + value], 1);
    value *= value;
    return mproc_task_return(task, &value, sizeof value);
}

/* All lie in the ring of the one worker. */
static void rule_41_tasks_behind_the_one_over_its_limit_run_once(void)
{
    enum { COUNT = 60, ENDLESS = 20 };
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 1 });
    mproc_task_options limited = { .timeout_ms = 30 };
    mproc_result *results[COUNT];
    check_still_works(pool);
    for (int i = 0; i < COUNT; i++)
        results[i] = i % ENDLESS == 3 ? submit(pool, stays, MPROC_ARG(i), &limited)
                                      : submit(pool, counted_square, MPROC_ARG(i), NULL);
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQ(finish(results[i]), i % ENDLESS == 3 ? MPROC_E_TIMEOUT : 0);
        CHECK_EQ(starts_of(i), 1);
    }
    CHECK_OK(mproc_pool_free(pool));
}

struct busy {
    int number;
    int64_t ns;
};

/* Computes for about as long as it may. */
static int computes_for(mproc_task *task)
{
    struct busy busy;
    int64_t end = os_now_ns();
    int code = mproc_task_read(task, &busy, sizeof busy);
    if (code < 0)
        return code;
    atomic_fetch_add(&test_board()[START + busy.number], 1);
    for (end += busy.ns; os_now_ns() < end;)
        ;
    return mproc_task_return(task, &busy.number, sizeof busy.number);
}

/* Between those that end about when they are killed are others without a limit: none of them is hit. */
static void rule_41_at_the_very_limit_each_task_has_one_outcome(void)
{
    enum { COUNT = 120 };
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 2, .task_timeout_ms = 2 });
    mproc_task_options none = { .timeout_ms = MPROC_FOREVER };
    mproc_result *results[COUNT];
    unsigned seed = 1;
    int over = 0;
    for (int i = 0; i < COUNT; i++) {
        bool limited = i % 3 == 0;
        struct busy busy = { i, limited ? 2 * MILLISECOND - 50000 + (int64_t)(test_random(&seed) % 300000) : 100000 };
        results[i] = submit(pool, computes_for, MPROC_ARG(busy), limited ? NULL : &none);
    }
    for (int i = 0; i < COUNT; i++) {
        int value = i;
        CHECK_OK(mproc_result_wait(results[i], test_limit_ms(30000)));
        int code = mproc_result_get(results[i], 0, &value, sizeof value, NULL);
        CHECK(code == 0 || (code == MPROC_E_TIMEOUT && i % 3 == 0));
        CHECK_EQ(value, i);
        CHECK(code == 0 ? starts_of(i) == 1 : starts_of(i) <= 1);
        over += code == MPROC_E_TIMEOUT;
        CHECK_OK(mproc_result_free(results[i]));
    }
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.failed, over);
    CHECK_EQ(stats.succeeded, COUNT - over);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_41_thousands_of_short_tasks_with_limits(void)
{
    enum { COUNT = 6000, ENDLESS = 2000 };
    static mproc_result *results[COUNT];
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 2, .task_timeout_ms = test_limit_ms(20000) });
    mproc_task_options shorter = { .timeout_ms = 20 };
    for (int i = 0; i < COUNT; i++)
        results[i] = i % ENDLESS == 77 ? submit(pool, computes, MPROC_NO_ARGS, &shorter)
                                       : submit(pool, square, MPROC_ARG(i), NULL);
    for (int i = 0; i < COUNT; i++)
        CHECK_EQ(finish(results[i]), i % ENDLESS == 77 ? MPROC_E_TIMEOUT : 0);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Many at once: maps, starmap, imap ---- */

/* Item 5 does not end. */
static int item_or_endless(const void *in, void *out, mproc_task *task)
{
    int value = *(const int *)in;
    atomic_fetch_add(&test_board()[START + value], 1);
    if (value == 5)
        return computes(task);
    *(int *)out = 2 * value;
    return 0;
}

static void check_map(int64_t chunk_size)
{
    enum { COUNT = 40 };
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 2 });
    mproc_task_options options = { .timeout_ms = test_limit_ms(300), .chunk_size = chunk_size };
    mproc_result *result;
    mproc_outcome outcome;
    int in[COUNT], out[COUNT];
    for (int i = 0; i < COUNT; i++) {
        in[i] = i;
        out[i] = -1;
    }
    CHECK_OK(mproc_pool_map_async(pool, item_or_endless, in, sizeof *in, COUNT, out, sizeof *out, &options, &result));
    CHECK_OK(mproc_result_wait(result, test_limit_ms(30000)));
    CHECK_CODE(mproc_result_get(result, 0, NULL, 0, NULL), MPROC_E_TIMEOUT);
    for (int i = 0; i < COUNT; i++) {
        CHECK_OK(mproc_result_get_item(result, (size_t)i, &outcome));
        CHECK_EQ(outcome.code, i == 5 ? MPROC_E_TIMEOUT : 0);
        CHECK_EQ(out[i], i == 5 ? -1 : 2 * i);
        CHECK_EQ(starts_of(i), 1);
    }
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_41_limits_of_a_map_are_per_item(void)
{
    check_map(0);
}

static void rule_41_limits_of_a_map_in_chunks_are_per_chunk(void)
{
    check_map(8);
}

static int next_number(void *user, mproc_view *ret_args)
{
    int *number = user;
    if (*number == 8)
        return 0;
    ++*number;
    *ret_args = MPROC_ARG(*number);
    return 1;
}

static int square_or_endless(mproc_task *task)
{
    int value;
    int code = mproc_task_read(task, &value, sizeof value);
    return code < 0 ? code : value == 5 ? computes(task) : square(task);
}

static void rule_41_limits_of_starmap_and_imap_are_per_task(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 2, .task_timeout_ms = test_limit_ms(300) });
    int numbers[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, number = 0;
    mproc_outcome outcome;
    mproc_result *result;
    mproc_iter *iter;
    CHECK_OK(mproc_pool_map_results(pool, square_or_endless, numbers, sizeof *numbers, 8, NULL, &result));
    for (size_t i = 0; i < 8; i++) {
        CHECK_OK(mproc_result_get_item(result, i, &outcome));
        CHECK_EQ(outcome.code, i == 4 ? MPROC_E_TIMEOUT : 0);
    }
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_imap(pool, square_or_endless, next_number, &number, NULL, &iter));
    for (int i = 1; i <= 8; i++) {
        CHECK_EQ(mproc_iter_next(iter, test_limit_ms(30000), &outcome), 1);
        CHECK_EQ(outcome.code, i == 5 ? MPROC_E_TIMEOUT : 0);
    }
    CHECK_EQ(mproc_iter_next(iter, 0, &outcome), 0);
    CHECK_OK(mproc_iter_free(iter));
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- The soft limit, and being asked to end ---- */

static int ends_when_it_should(mproc_task *task)
{
    if (mproc_task_must_end(task))
        return -2;
    while (!mproc_task_should_end(task))
        os_sleep_ms(1);
    return 0;
}

static void rule_41_a_task_sees_its_soft_limit(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 2, .task_soft_timeout_ms = 60 });
    mproc_task_options longer = { .soft_timeout_ms = 120 };
    int64_t before = os_now_ns();
    CHECK_OK(mproc_pool_apply(pool, ends_when_it_should, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK(os_now_ns() - before >= 59 * MILLISECOND);
    before = os_now_ns();
    CHECK_OK(mproc_pool_apply(pool, ends_when_it_should, MPROC_NO_ARGS, &longer, NULL, 0, NULL));
    CHECK(os_now_ns() - before >= 119 * MILLISECOND);
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}

static int tells_time_left(mproc_task *task)
{
    int64_t left = mproc_task_get_time_left(task);
    return mproc_task_return(task, &left, sizeof left);
}

static void rule_41_a_task_knows_how_much_time_is_left(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 1 });
    mproc_task_options limited = { .timeout_ms = 3600000, .soft_timeout_ms = MPROC_FOREVER };
    int64_t left;
    CHECK_OK(mproc_pool_apply(pool, tells_time_left, MPROC_NO_ARGS, &limited, &left, sizeof left, NULL));
    CHECK(left > 3000000 && left <= 3600000);
    CHECK_OK(mproc_pool_apply(pool, tells_time_left, MPROC_NO_ARGS, NULL, &left, sizeof left, NULL));
    CHECK_EQ(left, MPROC_FOREVER);
    CHECK_OK(mproc_pool_free(pool));
}

/* Board word 2: it has ended by itself. */
static int ends_when_it_must(mproc_task *task)
{
    while (!mproc_task_must_end(task))
        os_sleep_ms(1);
    int64_t left = mproc_task_get_time_left(task);
    atomic_fetch_add(&test_board()[2], 1);
    return mproc_task_should_end(task) ? mproc_task_return(task, &left, sizeof left) : -1;
}

static int must_end_now(mproc_task *task)
{
    return mproc_task_must_end(task) || mproc_task_should_end(task) ? -1 : 0;
}

static void rule_41_a_task_that_ends_in_its_grace_ends_as_it_says(void)
{
    mproc_pool *pool =
        make(&(mproc_pool_options){ .workers = 1, .task_timeout_ms = 50, .grace_ms = test_limit_ms(30000) });
    mproc_task_options none = { .timeout_ms = MPROC_FOREVER };
    mproc_pool_stats stats;
    for (int i = 0; i < 3; i++) {
        int64_t left = -1;
        CHECK_OK(mproc_pool_apply(pool, ends_when_it_must, MPROC_NO_ARGS, NULL, &left, sizeof left, NULL));
        CHECK_EQ(left, 0);
        /* The next one is not asked. */
        CHECK_OK(mproc_pool_apply(pool, must_end_now, MPROC_NO_ARGS, &none, NULL, 0, NULL));
    }
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.deaths, 0);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_41_after_its_grace_a_task_is_killed(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 1, .task_timeout_ms = 30, .grace_ms = 60 });
    int64_t begun = os_now_ns();
    CHECK_EQ(finish(submit(pool, computes, MPROC_NO_ARGS, NULL)), MPROC_E_TIMEOUT);
    CHECK(os_now_ns() - begun >= 89 * MILLISECOND);
    CHECK_CONTAINS(mproc_last_error(), "task_timeout_ms = 30 and grace_ms = 60");
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}

static int exits_when_it_must(mproc_task *task)
{
    while (!mproc_task_must_end(task))
        os_sleep_ms(1);
    exit(3);
}

static void rule_41_a_task_that_takes_its_worker_along_in_its_grace_is_over_its_limit(void)
{
    mproc_pool *pool =
        make(&(mproc_pool_options){ .workers = 1, .task_timeout_ms = 30, .grace_ms = test_limit_ms(30000) });
    mproc_outcome outcome;
    mproc_task_options options = { .retries = 3 };
    mproc_result *result = submit(pool, exits_when_it_must, MPROC_NO_ARGS, &options);
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(30000), &outcome));
    CHECK_EQ(outcome.code, MPROC_E_TIMEOUT);
    CHECK_EQ(outcome.exit_code, 3);
    CHECK_EQ(outcome.attempt, 1);
    CHECK_OK(mproc_result_free(result));
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- What is refused ---- */

static void rule_41_limits_that_cannot_be_are_refused_by_name(void)
{
    mproc_pool *pool = NULL;
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .task_timeout_ms = -3 }), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "task_timeout_ms = -3");
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .task_soft_timeout_ms = -4 }), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "task_soft_timeout_ms = -4");
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .grace_ms = -5 }), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "grace_ms = -5");
    for (int64_t soft = 100; soft < 102; soft++) {
        mproc_pool_options options = { .task_timeout_ms = 100, .task_soft_timeout_ms = soft };
        CHECK_CODE(mproc_pool_create(&pool, &options), MPROC_E_INVALID);
        CHECK_CONTAINS(mproc_last_error(), "is not below task_timeout_ms = 100");
    }
    CHECK(pool == NULL);
}

static void rule_41_limits_of_a_task_that_cannot_be_are_refused_by_name(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 1, .task_timeout_ms = 30000 });
    mproc_task_options negative = { .timeout_ms = -1 }, soft_negative = { .soft_timeout_ms = -2 };
    mproc_task_options not_below = { .soft_timeout_ms = 30000 }, shorter = { .soft_timeout_ms = 29999 };
    mproc_task_options forever = { .timeout_ms = MPROC_FOREVER, .soft_timeout_ms = MPROC_FOREVER };
    int number = 0, value = 3;
    mproc_iter *iter;
    CHECK_CODE(mproc_pool_apply(pool, square, MPROC_ARG(value), &negative, NULL, 0, NULL), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "timeout_ms = -1");
    CHECK_CODE(mproc_pool_map(pool, double_item, &value, sizeof value, 1, &value, sizeof value, &soft_negative),
               MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "soft_timeout_ms = -2");
    CHECK_CODE(mproc_pool_imap(pool, square, next_number, &number, &not_below, &iter), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "soft_timeout_ms = 30000 is not below timeout_ms = 30000");
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), &shorter, NULL, 0, NULL));
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), &forever, NULL, 0, NULL));
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_46_threads_have_soft_limits_alone(void)
{
    mproc_pool *pool = NULL;
    int64_t kind = MPROC_POOL_THREADS;
    mproc_task_options hard = { .timeout_ms = 100 };
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .kind = kind, .task_timeout_ms = 100 }),
               MPROC_E_NOT_SUPPORTED);
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .kind = kind, .grace_ms = 100 }), MPROC_E_NOT_SUPPORTED);
    CHECK(pool == NULL);
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .kind = kind, .workers = 1 }));
    CHECK_CODE(mproc_pool_apply(pool, square, MPROC_NO_ARGS, &hard, NULL, 0, NULL), MPROC_E_NOT_SUPPORTED);
    CHECK_CONTAINS(mproc_last_error(), "timeout_ms = 100");
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Cancelling what runs ---- */

static void await_started(int64_t count)
{
    WAIT_UNTIL(atomic_load(&test_board()[1]) == count);
}

static void rule_42_a_running_task_is_ended_if_asked_to_be(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 1 });
    mproc_task_options options = { .retries = 3 };
    mproc_pool_stats stats;
    int zero = 0;
    mproc_result *running = submit(pool, stays, MPROC_ARG(zero), &options);
    await_started(1);
    CHECK_EQ(mproc_result_cancel(running), MPROC_WAS_RUNNING);
    CHECK_EQ(mproc_result_cancel_running(running), MPROC_WAS_RUNNING);
    CHECK_OK(mproc_result_wait(running, test_limit_ms(30000)));
    CHECK_EQ(mproc_result_cancel_running(running), MPROC_WAS_FINISHED);
    CHECK_EQ(finish(running), MPROC_E_CANCELLED);
    CHECK_CONTAINS(mproc_last_error(), "was cancelled");
    CHECK_EQ(starts_of(0), 1);
    check_still_works(pool);
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.cancelled, 1);
    CHECK_EQ(stats.deaths, 0);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_42_queued_tasks_are_cancelled_and_those_of_others_go_on(void)
{
    enum { COUNT = 30 };
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 1 });
    mproc_result *results[COUNT];
    check_still_works(pool);
    for (int i = 0; i < COUNT; i++)
        results[i] = submit(pool, i == 0 ? stays : counted_square, MPROC_ARG(i), NULL);
    await_started(1);
    CHECK_OK(mproc_result_cancel_running(results[7]));
    CHECK_EQ(mproc_result_cancel_running(results[0]), MPROC_WAS_RUNNING);
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQ(finish(results[i]), i == 0 || i == 7 ? MPROC_E_CANCELLED : 0);
        CHECK_EQ(starts_of(i), i != 7);
    }
    CHECK_OK(mproc_pool_free(pool));
}

static uint64_t running(mproc_pool *pool)
{
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    return stats.running;
}

static void rule_42_a_cancelled_task_may_end_in_its_grace(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 1, .grace_ms = test_limit_ms(30000) });
    for (int i = 1; i < 4; i++) {
        mproc_result *result = submit(pool, i < 3 ? ends_when_it_must : exits_when_it_must, MPROC_NO_ARGS, NULL);
        WAIT_UNTIL(running(pool) == 1);
        CHECK_EQ(mproc_result_cancel_running(result), MPROC_WAS_RUNNING);
        CHECK(mproc_result_cancel_running(result) >= 0);
        CHECK_EQ(finish(result), i < 3 ? 0 : MPROC_E_CANCELLED);
        CHECK_OK(mproc_pool_apply(pool, must_end_now, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    }
    CHECK_EQ(atomic_load(&test_board()[2]), 2);
    CHECK_OK(mproc_pool_free(pool));
}

static int stay_item(const void *in, void *out, mproc_task *task)
{
    atomic_fetch_add(&test_board()[START + *(const int *)in], 1);
    *(int *)out = 0;
    return wait_for_board(task);
}

/* No item of a cancelled map runs later, not even those of the chunk whose worker was killed. */
static void rule_42_a_running_map_is_ended_with_all_its_items(void)
{
    enum { COUNT = 100 };
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 2 });
    mproc_task_options options = { .chunk_size = 10, .retries = 2 };
    int in[COUNT], out[COUNT], started = 0;
    mproc_outcome outcome;
    mproc_result *result;
    for (int i = 0; i < COUNT; i++)
        in[i] = i;
    CHECK_OK(mproc_pool_map_async(pool, stay_item, in, sizeof *in, COUNT, out, sizeof *out, &options, &result));
    await_started(2);
    CHECK_EQ(mproc_result_cancel_running(result), MPROC_WAS_RUNNING);
    CHECK_OK(mproc_result_wait(result, test_limit_ms(30000)));
    CHECK_CODE(mproc_result_get(result, 0, NULL, 0, NULL), MPROC_E_CANCELLED);
    check_still_works(pool);
    for (int i = 0; i < COUNT; i++) {
        CHECK_OK(mproc_result_get_item(result, (size_t)i, &outcome));
        CHECK_EQ(outcome.code, MPROC_E_CANCELLED);
        started += (int)starts_of(i);
    }
    CHECK_EQ(started, 2);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_42_a_running_starmap_is_ended_with_all_its_tasks(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 2 });
    int numbers[6] = { 0, 1, 2, 3, 4, 5 };
    mproc_result *result;
    int64_t started = 0;
    CHECK_OK(mproc_pool_map_results_async(pool, stays, numbers, sizeof *numbers, 6, NULL, &result));
    await_started(2);
    CHECK_EQ(mproc_result_cancel_running(result), MPROC_WAS_RUNNING);
    CHECK_EQ(finish(result), MPROC_E_CANCELLED);
    check_still_works(pool);
    for (int i = 0; i < 6; i++)
        started += starts_of(i);
    CHECK_EQ(started, 2);
    CHECK_OK(mproc_pool_free(pool));
}

static int cancel_the_other(const mproc_outcome *outcome, void *user)
{
    (void)outcome;
    return mproc_result_cancel_running(user) < 0 ? -1 : 0;
}

static void rule_42_a_callback_may_end_what_runs(void)
{
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 2 });
    mproc_result *endless = submit(pool, computes, MPROC_NO_ARGS, NULL);
    int value = 2;
    mproc_task_options options = { .on_done = cancel_the_other, .user = endless };
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), &options, NULL, 0, NULL));
    CHECK_EQ(finish(endless), MPROC_E_CANCELLED);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
}

/* One that has begun and not ended, as far as is known; or -1. */
static int find_running(mproc_result *const *results, int from, int to)
{
    for (int i = from; i < to; i++)
        if (starts_of(i) > 0 && !mproc_result_is_ready(results[i]))
            return i;
    return -1;
}

/* Whichever moment it comes in: a cancel hits its own task or none. */
static void rule_42_a_cancel_never_hits_the_next_task(void)
{
    enum { COUNT = 480, EVERY = 12 };
    static mproc_result *results[COUNT];
    static int said[COUNT];
    mproc_pool *pool = make(&(mproc_pool_options){ .workers = 2 });
    unsigned seed = 3;
    int cancelled = 0;
    for (int i = 0; i < COUNT; i++) {
        struct busy busy = { i, (int64_t)(test_random(&seed) % 200000) };
        said[i] = -1;
        results[i] = submit(pool, computes_for, MPROC_ARG(busy), NULL);
    }
    for (int i = 0; i + EVERY <= COUNT; i += EVERY) {
        int victim = -1;
        while (victim < 0 && mproc_result_wait(results[i + EVERY - 1], 0) == MPROC_E_TIMEOUT)
            victim = find_running(results, i, i + EVERY);
        if (victim < 0)
            continue;
        said[victim] = mproc_result_cancel_running(results[victim]);
        CHECK(said[victim] >= 0);
    }
    for (int i = 0; i < COUNT; i++) {
        int code = finish(results[i]);
        CHECK(code == 0 || (code == MPROC_E_CANCELLED && (said[i] == 0 || said[i] == MPROC_WAS_RUNNING)));
        CHECK(code == 0 ? starts_of(i) == 1 : starts_of(i) <= 1);
        CHECK(said[i] != 0 || (code == MPROC_E_CANCELLED && starts_of(i) == 0));
        cancelled += code == MPROC_E_CANCELLED;
    }
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.cancelled, cancelled);
    CHECK_EQ(stats.succeeded, COUNT - cancelled);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_46_a_running_thread_is_not_ended(void)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .kind = MPROC_POOL_THREADS }));
    int zero = 0, one = 1;
    mproc_result *running = submit(pool, stays, MPROC_ARG(zero), NULL),
                 *queued = submit(pool, stays, MPROC_ARG(one), NULL);
    await_started(1);
    CHECK_CODE(mproc_result_cancel_running(running), MPROC_E_NOT_SUPPORTED);
    CHECK_OK(mproc_result_cancel_running(queued));
    atomic_store(&test_board()[0], 1);
    CHECK_OK(finish(running));
    CHECK_EQ(finish(queued), MPROC_E_CANCELLED);
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST_WITH(rule_41_a_task_that_computes_is_killed_at_its_limit, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_a_task_that_sleeps_is_killed_at_its_limit, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_a_task_that_waits_is_killed_at_its_limit, TEST_PROCESSES, 0),
#ifndef _WIN32
    TEST_WITH(rule_41_a_task_that_reads_ignores_signals_or_is_stopped_is_killed, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_what_the_task_has_started_is_killed_with_it, TEST_PROCESSES, 0),
#endif
    TEST_WITH(rule_41_a_task_may_have_a_limit_of_its_own_or_none, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_waiting_for_a_worker_does_not_count, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_the_first_limit_after_a_pause_is_kept, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_a_closed_pool_keeps_its_limits, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_a_task_over_its_limit_is_not_retried, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_tasks_behind_the_one_over_its_limit_run_once, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_at_the_very_limit_each_task_has_one_outcome, TEST_PROCESSES, 60),
    TEST_WITH(rule_41_thousands_of_short_tasks_with_limits, TEST_PROCESSES, 60),
    TEST_WITH(rule_41_limits_of_a_map_are_per_item, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_limits_of_a_map_in_chunks_are_per_chunk, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_limits_of_starmap_and_imap_are_per_task, TEST_PROCESSES, 0),
    TEST(rule_41_a_task_sees_its_soft_limit),
    TEST_WITH(rule_41_a_task_knows_how_much_time_is_left, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_a_task_that_ends_in_its_grace_ends_as_it_says, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_after_its_grace_a_task_is_killed, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_a_task_that_takes_its_worker_along_in_its_grace_is_over_its_limit, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_limits_that_cannot_be_are_refused_by_name, TEST_PROCESSES, 0),
    TEST_WITH(rule_41_limits_of_a_task_that_cannot_be_are_refused_by_name, TEST_PROCESSES, 0),
    TEST_WITH(rule_46_threads_have_soft_limits_alone, TEST_ONCE, 0),
    TEST_WITH(rule_42_a_running_task_is_ended_if_asked_to_be, TEST_PROCESSES, 0),
    TEST_WITH(rule_42_queued_tasks_are_cancelled_and_those_of_others_go_on, TEST_PROCESSES, 0),
    TEST_WITH(rule_42_a_cancelled_task_may_end_in_its_grace, TEST_PROCESSES, 0),
    TEST_WITH(rule_42_a_running_map_is_ended_with_all_its_items, TEST_PROCESSES, 0),
    TEST_WITH(rule_42_a_running_starmap_is_ended_with_all_its_tasks, TEST_PROCESSES, 0),
    TEST_WITH(rule_42_a_callback_may_end_what_runs, TEST_PROCESSES, 0),
    TEST_WITH(rule_42_a_cancel_never_hits_the_next_task, TEST_PROCESSES, 60),
    TEST_WITH(rule_46_a_running_thread_is_not_ended, TEST_ONCE, 0),
};

TEST_MAIN_PLAIN(tests)
