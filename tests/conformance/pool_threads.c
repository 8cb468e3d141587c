/* Pools of threads: rule 46. That they do all else as pools of processes do is shown by the other programs about pools,
 * which also run with --method threads. */
#include "os.h"
#include "pool_tasks.h"
/* Here pools are what the tests say. */
#undef mproc_pool_create
#undef mproc_pool_terminate
#undef mproc_pool_free

enum { MEBIBYTE = 1024 * 1024 };

static mproc_pool *make_threads(int workers)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = workers, .kind = MPROC_POOL_THREADS }));
    return pool;
}

static void let_go(void)
{
    atomic_store(&test_board()[0], 1);
}

static int64_t started(void)
{
    return atomic_load(&test_board()[1]);
}

static void end(mproc_pool *pool)
{
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- What they are ---- */

static void options_that_are_not_for_threads_are_refused(void)
{
    mproc_pool *pool = NULL;
    const int64_t kind = MPROC_POOL_THREADS;
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .kind = 2 }), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .kind = -1 }), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .kind = kind, .start_method = MPROC_START_SPAWN }),
               MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "start method");
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .kind = kind, .executable = "x" }), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .kind = kind, .inherit_stdin = true }), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .kind = kind, .start_timeout_ms = 100 }),
               MPROC_E_NOT_SUPPORTED);
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .kind = kind, .exit_timeout_ms = 100 }),
               MPROC_E_NOT_SUPPORTED);
    CHECK_CONTAINS(mproc_last_error(), "cannot be killed");
    CHECK(pool == NULL);
}

static int add_to(mproc_task *task)
{
    _Atomic int *sum;
    int code = mproc_task_read(task, &sum, sizeof sum);
    if (code == 0)
        atomic_fetch_add(sum, 1);
    return code;
}

static void pointers_mean_the_same_in_a_task(void)
{
    mproc_pool *pool = make_threads(2);
    _Atomic int sum = 0, *where = &sum;
    for (int i = 0; i < 1000; i++)
        CHECK_OK(mproc_pool_apply_async(pool, add_to, MPROC_ARG(where), NULL, NULL));
    end(pool);
    CHECK_EQ(sum, 1000);
}

static void the_pid_of_a_worker_is_that_of_the_process(void)
{
    mproc_pool *pool = make_threads(2);
    int64_t pids[2] = { 0, 0 }, own = 0;
    mproc_result *result;
    mproc_outcome outcome;
    CHECK_EQ(mproc_pool_get_worker_pids(pool, pids, 2), 2);
    CHECK(pids[0] == os_self_pid() && pids[1] == os_self_pid());
    CHECK_OK(mproc_pool_apply_async(pool, own_pid, MPROC_NO_ARGS, NULL, &result));
    CHECK_OK(mproc_result_get(result, MPROC_FOREVER, &own, sizeof own, NULL));
    CHECK_EQ(own, os_self_pid());
    CHECK_OK(mproc_result_get_outcome(result, 0, &outcome));
    CHECK_EQ(outcome.pid, os_self_pid());
    CHECK(outcome.worker == 0 || outcome.worker == 1);
    CHECK_OK(mproc_result_free(result));
    end(pool);
}

/* ---- Termination ---- */

static void terminate_completes_results_at_once_and_join_waits(void)
{
    mproc_pool *pool = make_threads(1);
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(started() == 1);
    CHECK_OK(mproc_pool_terminate(pool));
    CHECK_CODE(mproc_result_get(stay, 0, NULL, 0, NULL), MPROC_E_TERMINATED);
    CHECK_OK(mproc_result_free(stay));
    CHECK_CODE(mproc_pool_join(pool, 50), MPROC_E_TIMEOUT);
    let_go();
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
}

/* Board word 2: tasks that have come to their end. */
static int stay_and_count(mproc_task *task)
{
    wait_for_board(task);
    atomic_fetch_add(&test_board()[2], 1);
    return 0;
}

static void let_go_later(void *argument)
{
    (void)argument;
    os_sleep_ms(50);
    let_go();
}

static void free_waits_for_the_tasks_that_run(void)
{
    mproc_pool *pool = make_threads(2);
    for (int i = 0; i < 2; i++)
        CHECK_OK(mproc_pool_apply_async(pool, stay_and_count, MPROC_NO_ARGS, NULL, NULL));
    WAIT_UNTIL(started() == 2);
    os_thread *thread = os_thread_start(let_go_later, NULL);
    CHECK_OK(mproc_pool_free(pool));
    CHECK_EQ(atomic_load(&test_board()[2]), 2);
    os_thread_join(thread);
}

static void what_has_not_started_never_starts_after_terminate(void)
{
    enum { COUNT = 300 };
    mproc_pool *pool = make_threads(1);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, stay_and_count, MPROC_NO_ARGS, NULL, NULL));
    WAIT_UNTIL(started() == 1);
    CHECK_OK(mproc_pool_terminate(pool));
    os_thread *thread = os_thread_start(let_go_later, NULL);
    CHECK_OK(mproc_pool_free(pool));
    os_thread_join(thread);
    CHECK_EQ(started(), 1);
}

static int return_much(mproc_task *task)
{
    char *bytes = calloc(1, 4 * MEBIBYTE);
    wait_for_board(task);
    int code = bytes != NULL ? mproc_task_return(task, bytes, 4 * MEBIBYTE) : MPROC_E_NO_MEMORY;
    free(bytes);
    return code;
}

static int fail_item_later(const void *in, void *out, mproc_task *task)
{
    (void)in;
    (void)out;
    wait_for_board(task);
    return mproc_task_fail(task, -3, "not this one");
}

/* Nobody reads any more, and nothing makes room: they must not wait for it. */
static void tasks_whose_pool_is_gone_do_not_wait_for_room(void)
{
    static int in[2000], out[2000];
    mproc_pool *pool = make_threads(2);
    mproc_task_options whole = { .chunk_size = 2000 };
    CHECK_OK(mproc_pool_apply_async(pool, return_much, MPROC_NO_ARGS, NULL, NULL));
    CHECK_OK(mproc_pool_map_async(pool, fail_item_later, in, sizeof *in, 2000, out, sizeof *out, &whole, NULL));
    WAIT_UNTIL(started() == 2);
    CHECK_OK(mproc_pool_terminate(pool));
    let_go();
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
}

static int size_of_argument(mproc_task *task)
{
    size_t size = mproc_task_get_argument(task).size;
    return mproc_task_return(task, &size, sizeof size);
}

static void arguments_under_way_end_with_their_pool(void)
{
    char *bytes = calloc(1, 64 * MEBIBYTE);
    CHECK(bytes != NULL);
    for (int i = 0; i < 10; i++) {
        mproc_pool *pool = make_threads(2);
        CHECK_OK(mproc_pool_apply_async(pool, size_of_argument, MPROC_ARG_BYTES(bytes, 64 * MEBIBYTE), NULL, NULL));
        CHECK_OK(mproc_pool_free(pool));
    }
    free(bytes);
}

/* ---- Tasks that use their own pool ---- */

static int square_in_own_pool(mproc_task *task)
{
    mproc_pool *pool;
    int value = 7, code = mproc_task_read(task, &pool, sizeof pool);
    if (code == 0)
        code = mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL);
    return code < 0 ? code : mproc_task_return(task, &value, sizeof value);
}

static void a_task_may_use_its_own_pool(void)
{
    mproc_pool *pool = make_threads(3);
    mproc_result *results[2];
    for (int i = 0; i < 2; i++)
        CHECK_OK(mproc_pool_apply_async(pool, square_in_own_pool, MPROC_ARG(pool), NULL, &results[i]));
    for (int i = 0; i < 2; i++) {
        int value = 0;
        CHECK_OK(mproc_result_get(results[i], test_limit_ms(30000), &value, sizeof value, NULL));
        CHECK_EQ(value, 49);
        CHECK_OK(mproc_result_free(results[i]));
    }
    end(pool);
}

static int end_own_pool(mproc_task *task)
{
    mproc_pool *pool;
    int code = mproc_task_read(task, &pool, sizeof pool);
    if (code == 0 && (mproc_pool_join(pool, MPROC_FOREVER) != MPROC_E_DEADLOCK ||
                      mproc_pool_free(pool) != MPROC_E_DEADLOCK || mproc_pool_close(pool) != 0))
        code = -1;
    return code;
}

static void a_task_that_joins_or_frees_its_own_pool_is_told(void)
{
    mproc_pool *pool = make_threads(1);
    CHECK_OK(mproc_pool_apply(pool, end_own_pool, MPROC_ARG(pool), NULL, NULL, 0, NULL));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Their threads ---- */

static _Thread_local int own_count;

/* Board words 1 and 2: initializers and exit hooks. */
static int set_own_count(mproc_task *task)
{
    int code = mproc_task_read(task, &own_count, sizeof own_count);
    atomic_fetch_add(&test_board()[1], 1);
    return code;
}

static int note_exit(mproc_task *task)
{
    (void)task;
    if (own_count >= 100)
        atomic_fetch_add(&test_board()[2], 1);
    return 0;
}

static int count_in_thread(mproc_task *task)
{
    int count = ++own_count;
    return mproc_task_return(task, &count, sizeof count);
}

static mproc_pool *make_counting(int64_t max_tasks)
{
    static const int hundred = 100;
    mproc_pool *pool;
    mproc_pool_options options = { .workers = 2,
                                   .kind = MPROC_POOL_THREADS,
                                   .initializer = set_own_count,
                                   .initializer_args = MPROC_ARG(hundred),
                                   .exit_hook = note_exit,
                                   .max_tasks_per_worker = max_tasks };
    CHECK_OK(mproc_pool_create(&pool, &options));
    return pool;
}

static void initializer_and_exit_hook_run_in_each_thread(void)
{
    mproc_pool *pool = make_counting(0);
    int count = 0;
    CHECK_OK(mproc_pool_apply(pool, count_in_thread, MPROC_NO_ARGS, NULL, &count, sizeof count, NULL));
    CHECK_EQ(count, 101);
    end(pool);
    CHECK_EQ(started(), 2);
    CHECK_EQ(atomic_load(&test_board()[2]), 2);
}

static void exit_hooks_run_after_terminate_too(void)
{
    mproc_pool *pool = make_counting(0);
    CHECK_OK(mproc_pool_terminate(pool));
    CHECK_OK(mproc_pool_free(pool));
    CHECK_EQ(atomic_load(&test_board()[2]), 2);
}

static void max_tasks_per_worker_makes_new_threads(void)
{
    enum { TASKS = 60, EACH = 7 };
    mproc_pool *pool = make_counting(EACH);
    for (int i = 0; i < TASKS; i++) {
        int count = 0;
        CHECK_OK(mproc_pool_apply(pool, count_in_thread, MPROC_NO_ARGS, NULL, &count, sizeof count, NULL));
        CHECK(count > 100 && count <= 100 + EACH);
    }
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.deaths, 0);
    end(pool);
    CHECK_LE(TASKS / EACH, started());
    CHECK_EQ(started(), atomic_load(&test_board()[2]));
}

static int end_in_initializer(mproc_task *task)
{
    (void)task;
    os_thread_exit();
}

static void an_initializer_that_ends_its_thread_fails_the_start(void)
{
    mproc_pool *pool;
    mproc_pool_options options = { .workers = 2, .kind = MPROC_POOL_THREADS, .initializer = end_in_initializer };
    CHECK_CODE(mproc_pool_create(&pool, &options), MPROC_E_START_FAILED);
}

static int lock_and_end(mproc_task *task)
{
    mproc_lock lock;
    CHECK_OK(mproc_task_read(task, &lock, sizeof lock));
    CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
    os_thread_exit();
}

static void a_task_that_ends_its_thread_is_a_dead_owner(void)
{
    mproc_pool *pool = make_threads(1);
    mproc_lock lock;
    mproc_outcome outcome;
    mproc_result *result;
    CHECK_OK(mproc_lock_create(&lock, NULL));
    CHECK_OK(mproc_pool_apply_async(pool, lock_and_end, MPROC_ARG(lock), NULL, &result));
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(30000), &outcome));
    CHECK_EQ(outcome.code, MPROC_E_WORKER_DIED);
    CHECK_CONTAINS(outcome.message, "a thread, ended itself");
    CHECK_EQ(outcome.exit_code, MPROC_EXIT_UNKNOWN);
    CHECK_OK(mproc_result_free(result));
    CHECK_CODE(mproc_lock_acquire(lock, test_limit_ms(30000)), MPROC_OWNER_DIED);
    CHECK_OK(mproc_lock_repaired(lock));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_destroy(lock));
    end(pool);
}

/* ---- All at once ---- */

static int any_task(mproc_task *task)
{
    static const char bytes[100000];
    unsigned seed = 0;
    mproc_task_read(task, &seed, sizeof seed);
    switch (test_random(&seed) % 8) {
    case 0:
        os_thread_exit();
    case 1:
        return mproc_task_return(task, bytes, sizeof bytes);
    case 2:
        os_sleep_ms(1);
        return 0;
    case 3:
        return mproc_task_fail(task, -9, "as it happens");
    default:
        return mproc_task_return(task, &seed, sizeof seed);
    }
}

static void submit_any(mproc_pool *pool, unsigned *seed)
{
    mproc_task_options twice = { .retries = 1 };
    mproc_result *result;
    for (unsigned i = test_random(seed) % 100; i > 0; i--) {
        unsigned value = test_random(seed);
        int code = mproc_pool_apply_async(pool, any_task, MPROC_ARG(value), &twice, &result);
        CHECK(code == 0 || code == MPROC_E_BROKEN);
        if (code == 0 && value % 4 == 0)
            mproc_result_cancel(result);
        if (code == 0 && value % 4 == 1)
            mproc_result_wait(result, test_limit_ms(30000));
        if (code == 0)
            CHECK_OK(mproc_result_free(result));
    }
}

static void pools_that_come_and_go(void)
{
    unsigned seed = 1;
    for (int i = 0; i < 100; i++) {
        mproc_pool *pool = make_threads(1 + (int)(test_random(&seed) % 4));
        submit_any(pool, &seed);
        if (test_random(&seed) % 2 == 0)
            end(pool);
        else
            CHECK_OK(mproc_pool_free(pool));
    }
}

/* ---- Beside processes ---- */

static int square_by_threads(mproc_task *task)
{
    mproc_pool *pool;
    int value = 6, code = mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .kind = MPROC_POOL_THREADS });
    if (code < 0)
        return code;
    code = mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL);
    mproc_pool_free(pool);
    return code < 0 ? code : mproc_task_return(task, &value, sizeof value);
}

static void a_worker_process_may_have_a_pool_of_threads(void)
{
    mproc_pool *pool;
    int value = 0;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1 }));
    CHECK_OK(mproc_pool_apply(pool, square_by_threads, MPROC_NO_ARGS, NULL, &value, sizeof value, NULL));
    CHECK_EQ(value, 36);
    CHECK_OK(mproc_pool_free(pool));
}

static void a_task_may_use_a_pool_of_processes(void)
{
    mproc_pool *threads = make_threads(2), *processes;
    mproc_result *results[20];
    CHECK_OK(mproc_pool_create(&processes, &(mproc_pool_options){ .workers = 2 }));
    for (int i = 0; i < 20; i++)
        CHECK_OK(mproc_pool_apply_async(threads, square_in_own_pool, MPROC_ARG(processes), NULL, &results[i]));
    for (int i = 0; i < 20; i++) {
        CHECK_OK(mproc_result_get(results[i], test_limit_ms(30000), NULL, 0, NULL));
        CHECK_OK(mproc_result_free(results[i]));
    }
    CHECK_OK(mproc_pool_free(processes));
    end(threads);
}

static void wait_any_waits_for_results_and_pools_of_threads(void)
{
    mproc_pool *pool = make_threads(1);
    mproc_result *stay = submit_stay(pool);
    mproc_waitable items[] = { mproc_waitable_result(stay), mproc_waitable_pool(pool) };
    CHECK_CODE(mproc_wait_any(items, 2, 20), MPROC_E_TIMEOUT);
    let_go();
    CHECK_EQ(mproc_wait_any(items, 1, test_limit_ms(30000)), 1);
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_pool_close(pool));
    CHECK_EQ(mproc_wait_any(&items[1], 1, test_limit_ms(30000)), 1);
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST(options_that_are_not_for_threads_are_refused),
    TEST(pointers_mean_the_same_in_a_task),
    TEST(the_pid_of_a_worker_is_that_of_the_process),
    TEST(terminate_completes_results_at_once_and_join_waits),
    TEST(free_waits_for_the_tasks_that_run),
    TEST(what_has_not_started_never_starts_after_terminate),
    TEST(tasks_whose_pool_is_gone_do_not_wait_for_room),
    TEST_WITH(arguments_under_way_end_with_their_pool, 0, 60),
    TEST(a_task_may_use_its_own_pool),
    TEST(a_task_that_joins_or_frees_its_own_pool_is_told),
    TEST(initializer_and_exit_hook_run_in_each_thread),
    TEST(exit_hooks_run_after_terminate_too),
    TEST(max_tasks_per_worker_makes_new_threads),
    TEST(an_initializer_that_ends_its_thread_fails_the_start),
    TEST(a_task_that_ends_its_thread_is_a_dead_owner),
    TEST_WITH(pools_that_come_and_go, 0, 90),
    TEST(a_worker_process_may_have_a_pool_of_threads),
    TEST(a_task_may_use_a_pool_of_processes),
    TEST(wait_any_waits_for_results_and_pools_of_threads),
};

TEST_MAIN_PLAIN(tests)
