/* Figures of pools, against what the tests themselves count: totals, workers, functions, slowest tasks. */
#include "os.h"
#include "pool_tasks.h"

#define FUNCTIONS_MAX 300

static mproc_pool *make_counted(int workers)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = workers, .statistics = 1 }));
    return pool;
}

static int refuse(mproc_task *task)
{
    return mproc_task_fail(task, -5, "no");
}

static void submit_many(mproc_pool *pool, mproc_task_fn *function, int count, mproc_result **ret_results)
{
    for (int i = 0; i < count; i++)
        CHECK_OK((mproc_pool_apply_async)(mproc_at_site_("many\0here:1", pool), function, MPROC_ARG(i), NULL,
                                          &ret_results[i]));
}

static void wait_many(mproc_result **results, int count)
{
    for (int i = 0; i < count; i++)
        CHECK_OK(mproc_result_wait(results[i], test_limit_ms(30000)));
}

static void free_many(mproc_result **results, int count)
{
    for (int i = 0; i < count; i++)
        CHECK_OK(mproc_result_free(results[i]));
}

/* ---- One look ---- */

struct look {
    mproc_pool_stats totals;
    mproc_function_stats functions[FUNCTIONS_MAX], sum;
    int count;
};

static void add_up(struct look *look)
{
    look->sum = (mproc_function_stats){ .succeeded = 0 };
    for (int i = 0; i < look->count; i++) {
        const mproc_function_stats *one = &look->functions[i];
        look->sum.succeeded += one->succeeded;
        look->sum.failed += one->failed;
        look->sum.cancelled += one->cancelled;
        look->sum.died += one->died;
        look->sum.retried += one->retried;
        look->sum.chunks += one->chunks;
        look->sum.items += one->items;
        look->sum.run.count += one->run.count;
        look->sum.run.total_ns += one->run.total_ns;
        look->sum.wait.count += one->wait.count;
    }
}

static void check_time(const mproc_time_stats *time)
{
    CHECK(time->min_ns >= 0 && time->min_ns <= time->p50_ns);
    CHECK(time->p50_ns <= time->p90_ns && time->p90_ns <= time->p99_ns && time->p99_ns <= time->p999_ns);
    CHECK(time->p999_ns <= time->max_ns);
    CHECK(time->total_ns >= time->max_ns && time->total_ns <= (int64_t)time->count * time->max_ns);
}

/* All of it, as much as its parts may be with the thousandth that each may be wrong by. */
static int64_t in_full(const mproc_time_stats *time)
{
    return time->total_ns + time->total_ns / 250 + (int64_t)time->count;
}

/* What holds in every look, whatever goes on. */
static void check_look(const struct look *look)
{
    CHECK_EQ(look->sum.succeeded, look->totals.succeeded);
    CHECK_EQ(look->sum.failed, look->totals.failed);
    CHECK_EQ(look->sum.cancelled, look->totals.cancelled);
    CHECK_EQ(look->sum.retried, look->totals.retried);
    CHECK_EQ(look->sum.chunks, look->totals.chunks);
    CHECK_EQ(look->sum.items, look->totals.items);
    CHECK_EQ(look->sum.run.total_ns, look->totals.busy_ns);
    CHECK_EQ(look->sum.run.count, look->sum.wait.count + look->sum.chunks);
    for (int i = 0; i < look->count; i++) {
        check_time(&look->functions[i].run);
        check_time(&look->functions[i].wait);
        CHECK(look->functions[i].died >= look->functions[i].retried);
        CHECK_LE(look->functions[i].queued_ns, in_full(&look->functions[i].wait));
    }
}

static void look_at(mproc_pool *pool, struct look *ret_look)
{
    ret_look->count = mproc_pool_get_function_stats(pool, ret_look->functions, FUNCTIONS_MAX, &ret_look->totals);
    CHECK(ret_look->count >= 0 && ret_look->count <= FUNCTIONS_MAX);
    add_up(ret_look);
    check_look(ret_look);
}

static const mproc_function_stats *find(const struct look *look, const char *name)
{
    for (int i = 0; i < look->count; i++)
        if (strcmp(look->functions[i].function, name) == 0)
            return &look->functions[i];
    test_fail(__FILE__, __LINE__, "no function is called %s", name);
}

static uint64_t submitted_by_state(const mproc_pool_stats *totals)
{
    return totals->queued + totals->running + totals->succeeded + totals->failed + totals->cancelled;
}

static struct look look;

/* ---- Functions ---- */

static void without_the_option_there_are_none(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_slow_task slow;
    mproc_histogram_cell cell;
    CHECK_CODE(mproc_pool_get_function_stats(pool, look.functions, 1, NULL), MPROC_E_STATE);
    CHECK_CONTAINS(mproc_last_error(), ".statistics");
    CHECK_CODE(mproc_pool_get_slowest(pool, &slow, 1), MPROC_E_STATE);
    CHECK_CODE(mproc_pool_get_histogram(pool, 0, MPROC_TIME_RUN, &cell, 1), MPROC_E_STATE);
    CHECK_OK(mproc_pool_free(pool));
}

static void a_new_pool_has_no_function(void)
{
    mproc_pool *pool = make_counted(1);
    mproc_histogram_cell cell;
    look_at(pool, &look);
    CHECK_EQ(look.count, 0);
    CHECK_EQ(mproc_pool_get_slowest(pool, NULL, 0), 0);
    CHECK_CODE(mproc_pool_get_histogram(pool, 0, MPROC_TIME_RUN, &cell, 1), MPROC_E_RANGE);
    CHECK_CODE(mproc_pool_get_histogram(pool, 0, (mproc_stats_time)3, &cell, 1), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_get_function_stats(pool, NULL, 1, NULL), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_get_worker_stats(pool, NULL, 1, NULL), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_get_slowest(pool, NULL, 1), MPROC_E_INVALID);
    CHECK_OK(mproc_pool_free(pool));
}

static void functions_are_counted_by_outcome(void)
{
    enum { SQUARES = 60, REFUSED = 20 };
    mproc_pool *pool = make_counted(2);
    for (int i = 0; i < SQUARES; i++)
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(i), NULL, &(int){ 0 }, sizeof(int), NULL));
    for (int i = 0; i < REFUSED; i++)
        CHECK_CODE(mproc_pool_apply(pool, refuse, MPROC_NO_ARGS, NULL, NULL, 0, NULL), -5);
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG((int){ 1 }), NULL, NULL, 0, NULL));
    look_at(pool, &look);
    CHECK_EQ(look.count, 2);
    const mproc_function_stats *squares = find(&look, "square"), *refused = find(&look, "refuse");
    CHECK_EQ(squares->succeeded, SQUARES + 1);
    CHECK_EQ(squares->failed, 0);
    CHECK_EQ(squares->run.count, SQUARES + 1);
    CHECK_CONTAINS(squares->where, "pool_stats.c:");
    CHECK_EQ(refused->failed, REFUSED);
    CHECK_EQ(refused->run.count, REFUSED);
    CHECK_EQ(refused->wait.count, REFUSED);
    CHECK_EQ(look.totals.submitted, SQUARES + REFUSED + 1);
    CHECK_OK(mproc_pool_free(pool));
}

static void cancelled_tasks_have_no_times(void)
{
    mproc_pool *pool = make_counted(1);
    mproc_result *stay = submit_stay(pool), *queued[10];
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    submit_many(pool, square, 10, queued);
    for (int i = 0; i < 10; i++)
        CHECK_OK(mproc_result_cancel(queued[i]));
    test_let_go();
    CHECK_OK(mproc_result_wait(stay, test_limit_ms(30000)));
    look_at(pool, &look);
    CHECK_EQ(find(&look, "many")->cancelled, 10);
    CHECK_EQ(find(&look, "many")->run.count, 0);
    CHECK_EQ(find(&look, "many")->run.max_ns, 0);
    CHECK_EQ(look.totals.cancelled, 10);
    free_many(queued, 10);
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_pool_free(pool));
}

/* Dies in its first attempts; board word 2 counts them. */
static int die_at_first(mproc_task *task)
{
    return atomic_fetch_add(&test_board()[2], 1) < 2 ? die(task) : 0;
}

static void deaths_and_retries_are_of_their_function(void)
{
    mproc_pool *pool = make_counted(2);
    mproc_task_options options = { .retries = 2 };
    CHECK_OK(mproc_pool_apply(pool, die_at_first, MPROC_NO_ARGS, &options, NULL, 0, NULL));
    CHECK_CODE(mproc_pool_apply(pool, die, MPROC_NO_ARGS, NULL, NULL, 0, NULL), MPROC_E_WORKER_DIED);
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG((int){ 1 }), NULL, NULL, 0, NULL));
    look_at(pool, &look);
    const mproc_function_stats *twice = find(&look, "die_at_first"), *once = find(&look, "die");
    CHECK_EQ(twice->died, 2);
    CHECK_EQ(twice->retried, 2);
    CHECK_EQ(twice->succeeded, 1);
    CHECK_EQ(twice->run.count, 1);
    CHECK_EQ(once->died, 1);
    CHECK_EQ(once->retried, 0);
    CHECK_EQ(once->failed, 1);
    CHECK_EQ(once->run.count, 0);
    CHECK_EQ(look.totals.deaths, 3);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Maps ---- */

static int odd_fails(const void *in, void *out, mproc_task *task)
{
    *(int *)out = 0;
    return *(const int *)in % 2 != 0 ? mproc_task_fail(task, -3, "odd") : 0;
}

static int item_dies(const void *in, void *out, mproc_task *task)
{
    *(int *)out = 0;
    return *(const int *)in == 37 ? die(task) : 0;
}

static void maps_count_chunks_and_items(void)
{
    enum { COUNT = 1000 };
    static int in[COUNT], out[COUNT];
    mproc_pool *pool = make_counted(2);
    mproc_task_options tens = { .chunk_size = 10 };
    for (int i = 0; i < COUNT; i++)
        in[i] = i;
    CHECK_OK(mproc_pool_map(pool, double_item, in, sizeof *in, COUNT, out, sizeof *out, &tens));
    CHECK_CODE(mproc_pool_map(pool, odd_fails, in, sizeof *in, COUNT, out, sizeof *out, NULL), -3);
    CHECK_CODE(mproc_pool_map(pool, item_dies, in, sizeof *in, 100, out, sizeof *out, &tens), MPROC_E_WORKER_DIED);
    look_at(pool, &look);
    const mproc_function_stats *doubled = find(&look, "double_item"), *odd = find(&look, "odd_fails"),
                               *died = find(&look, "item_dies");
    CHECK_EQ(doubled->succeeded, 1);
    CHECK_EQ(doubled->chunks, COUNT / 10);
    CHECK_EQ(doubled->run.count, COUNT / 10);
    CHECK_EQ(doubled->wait.count, 0);
    CHECK_EQ(doubled->items, COUNT);
    CHECK_EQ(odd->failed, 1);
    CHECK_EQ(odd->items, COUNT);
    CHECK_EQ(died->died, 1);
    CHECK_EQ(died->items, 99);
    CHECK_EQ(look.totals.items, 2 * COUNT + 99);
    CHECK_OK(mproc_pool_free(pool));
}

static void items_of_a_starmap_are_tasks(void)
{
    enum { COUNT = 30 };
    int numbers[COUNT] = { 0 };
    mproc_view args[COUNT];
    mproc_result *result;
    mproc_pool *pool = make_counted(2);
    for (int i = 0; i < COUNT; i++)
        args[i] = MPROC_ARG(numbers[i]);
    CHECK_OK(mproc_pool_starmap(pool, square, args, COUNT, NULL, &result));
    look_at(pool, &look);
    CHECK_EQ(find(&look, "square")->succeeded, COUNT);
    CHECK_EQ(find(&look, "square")->run.count, COUNT);
    CHECK_EQ(look.totals.submitted, COUNT);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Times: each against those of the outcomes, which are the same numbers ---- */

static int spin_some(mproc_task *task)
{
    int number = 0;
    CHECK_OK(mproc_task_read(task, &number, sizeof number));
    for (volatile int i = 0; i < 50 << number % 10; i++)
        ;
    return 0;
}

static int compare_times(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

#define TIMED 400

struct timed {
    mproc_outcome outcomes[TIMED];
    int64_t run[TIMED], wait[TIMED];
};

static struct timed timed;

static mproc_pool *run_timed(void)
{
    mproc_pool *pool = make_counted(2);
    mproc_result *results[TIMED];
    submit_many(pool, spin_some, TIMED, results);
    for (int i = 0; i < TIMED; i++) {
        CHECK_OK(mproc_result_get_outcome(results[i], test_limit_ms(30000), &timed.outcomes[i]));
        timed.run[i] = timed.outcomes[i].run_ns;
        timed.wait[i] = timed.outcomes[i].wait_ns;
    }
    free_many(results, TIMED);
    qsort(timed.run, TIMED, sizeof *timed.run, compare_times);
    qsort(timed.wait, TIMED, sizeof *timed.wait, compare_times);
    return pool;
}

static void check_percentile(const int64_t *sorted, int rank, int64_t found)
{
    int64_t exact = sorted[rank - 1];
    CHECK(found >= exact);
    CHECK_LE(found - exact, exact / 8);
}

static void check_times(const int64_t *sorted, const mproc_time_stats *time)
{
    int64_t total = 0;
    for (int i = 0; i < TIMED; i++)
        total += sorted[i];
    CHECK_EQ(time->count, TIMED);
    CHECK_EQ(time->total_ns, total);
    CHECK_EQ(time->min_ns, sorted[0]);
    CHECK_EQ(time->max_ns, sorted[TIMED - 1]);
    check_percentile(sorted, TIMED / 2, time->p50_ns);
    check_percentile(sorted, TIMED * 9 / 10, time->p90_ns);
    check_percentile(sorted, TIMED * 99 / 100, time->p99_ns);
    check_percentile(sorted, TIMED, time->p999_ns);
}

static void check_histogram(mproc_pool *pool, mproc_stats_time which, const int64_t *sorted)
{
    mproc_histogram_cell cells[488];
    int at = 0, count = mproc_pool_get_histogram(pool, 0, which, cells, 488);
    CHECK(count > 0 && count <= 488);
    for (int i = 0; i < count; i++) {
        uint64_t within = 0;
        for (; at < TIMED && sorted[at] <= cells[i].to_ns; at++, within++)
            CHECK(sorted[at] >= cells[i].from_ns);
        CHECK_EQ(within, cells[i].count);
    }
    CHECK_EQ(at, TIMED);
}

static void percentiles_are_those_of_the_outcomes(void)
{
    mproc_pool *pool = run_timed();
    look_at(pool, &look);
    CHECK_EQ(look.count, 1);
    check_times(timed.run, &look.functions[0].run);
    check_times(timed.wait, &look.functions[0].wait);
    check_histogram(pool, MPROC_TIME_RUN, timed.run);
    check_histogram(pool, MPROC_TIME_WAIT, timed.wait);
    CHECK_OK(mproc_pool_free(pool));
}

/* Tasks are numbered from 1, in the order of their submission. */
static void the_slowest_tasks_are_those_of_the_outcomes(void)
{
    mproc_pool *pool = run_timed();
    mproc_slow_task slow[MPROC_SLOWEST_TASKS + 1];
    CHECK_EQ(mproc_pool_get_slowest(pool, slow, MPROC_SLOWEST_TASKS + 1), MPROC_SLOWEST_TASKS);
    for (int i = 0; i < MPROC_SLOWEST_TASKS; i++) {
        CHECK_EQ(slow[i].run_ns, timed.run[TIMED - 1 - i]);
        const mproc_outcome *outcome = &timed.outcomes[slow[i].id - 1];
        CHECK_EQ(outcome->id, slow[i].id);
        CHECK_EQ(outcome->run_ns, slow[i].run_ns);
        CHECK_EQ(outcome->wait_ns, slow[i].wait_ns);
        CHECK_EQ(outcome->pid, slow[i].pid);
        CHECK_EQ(outcome->worker, slow[i].worker);
        CHECK_EQ(slow[i].attempt, 1);
        CHECK_EQ(slow[i].item, -1);
        CHECK_EQ(slow[i].items, 1);
        CHECK_EQ(slow[i].code, 0);
        CHECK(slow[i].ended_ns >= 0);
        CHECK_STR(slow[i].function, "many");
        CHECK_STR(slow[i].where, "here:1");
    }
    CHECK_OK(mproc_pool_free(pool));
}

/* Codes of spans are good to a thousandth, and so is what is added up of them. */
static void check_near(int64_t actual, int64_t expected)
{
    CHECK_LE(actual, expected + expected / 250 + TIMED);
    CHECK_LE(expected, actual + actual / 250 + TIMED);
}

static void parts_of_a_time_add_up(void)
{
    mproc_pool *pool = run_timed();
    int64_t queued = 0, returned = 0;
    look_at(pool, &look);
    for (int i = 0; i < TIMED; i++) {
        const mproc_outcome *outcome = &timed.outcomes[i];
        CHECK(outcome->queued_ns >= 0 && outcome->return_ns >= 0);
        CHECK_LE(outcome->queued_ns, outcome->wait_ns + outcome->wait_ns / 250 + 1);
        CHECK_EQ(outcome->copy_ns, 0);
        queued += outcome->queued_ns;
        returned += outcome->return_ns;
    }
    check_near(look.functions[0].queued_ns, queued);
    check_near(look.functions[0].return_ns, returned);
    CHECK_EQ(look.functions[0].copy_ns, 0);
    CHECK_OK(mproc_pool_free(pool));
}

static int give_back(mproc_task *task)
{
    mproc_view argument = mproc_task_get_argument(task);
    return mproc_task_return(task, argument.data, argument.size);
}

static void check_copies(mproc_pool *pool, size_t size, bool measured)
{
    char *bytes = calloc(1, size);
    mproc_result *result;
    mproc_outcome outcome;
    CHECK(bytes != NULL);
    CHECK_OK(mproc_pool_apply_async(pool, give_back, MPROC_ARG_BYTES(bytes, size), NULL, &result));
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(30000), &outcome));
    CHECK_EQ(outcome.code, 0);
    CHECK_EQ(outcome.value.size, size);
    CHECK_EQ(outcome.copy_ns > 0, measured);
    CHECK(outcome.run_ns >= 0);
    CHECK_OK(mproc_result_free(result));
    free(bytes);
}

/* Without .statistics as well. */
static void large_arguments_and_values_are_copied_apart(void)
{
    mproc_pool *pool = make_pool(1);
    check_copies(pool, 8, false);
    check_copies(pool, 4096, false);
    check_copies(pool, 32000, true);
    check_copies(pool, 4 << 20, true);
    check_copies(pool, 8, false);
    CHECK_OK(mproc_pool_free(pool));
    pool = make_counted(1);
    check_copies(pool, 4 << 20, true);
    look_at(pool, &look);
    CHECK(find(&look, "give_back")->copy_ns > 0);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Many functions ---- */

#define ONE(n)                                                                                                         \
    static int numbered_##n(mproc_task *task)                                                                          \
    {                                                                                                                  \
        return mproc_task_get_worker(task) + 1##n;                                                                     \
    }
#define TEN(n)  ONE(n##0) ONE(n##1) ONE(n##2) ONE(n##3) ONE(n##4) ONE(n##5) ONE(n##6) ONE(n##7) ONE(n##8) ONE(n##9)
#define CENT(n) TEN(n##0) TEN(n##1) TEN(n##2) TEN(n##3) TEN(n##4) TEN(n##5) TEN(n##6) TEN(n##7) TEN(n##8) TEN(n##9)
CENT(1)
CENT(2)
CENT(3)
#undef ONE
#define ONE(n) numbered_##n,
static mproc_task_fn *const numbered[] = { CENT(1) CENT(2) CENT(3) };

static void more_functions_than_are_kept_share_the_last(void)
{
    enum { KEPT = 256, MANY = TEST_COUNT(numbered) };
    mproc_result *results[MANY];
    mproc_pool *pool = make_counted(1);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < MANY; i++)
            submit_many(pool, numbered[i], 1, &results[i]);
        wait_many(results, MANY);
        free_many(results, MANY);
    }
    look_at(pool, &look);
    CHECK_EQ(look.count, KEPT + 1);
    for (int i = 0; i < KEPT; i++)
        CHECK_EQ(look.functions[i].succeeded, 2);
    CHECK_EQ(look.functions[KEPT].succeeded, 2 * (MANY - KEPT));
    CHECK_STR(look.functions[KEPT].function, "");
    CHECK_STR(look.functions[KEPT].where, "");
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Workers ---- */

static int slow_start(mproc_task *task)
{
    (void)task;
    os_sleep_ms(20);
    return 0;
}

static void check_workers(const mproc_worker_stats *workers, int count, const mproc_pool_stats *totals)
{
    uint64_t busy_ns = 0, chunks = 0, lives = 0;
    for (int i = 0; i < count; i++) {
        CHECK_EQ(workers[i].index, i);
        busy_ns += workers[i].busy_ns;
        chunks += workers[i].chunks;
        lives += (uint64_t)workers[i].lives;
    }
    CHECK_EQ(busy_ns, totals->busy_ns);
    CHECK_EQ(chunks, totals->chunks);
    CHECK_EQ(lives, (uint64_t)count + totals->restarts);
}

static void starts_and_initializers_are_timed(void)
{
    mproc_pool *pool;
    mproc_worker_stats workers[2];
    mproc_pool_stats totals;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .initializer = slow_start }));
    CHECK_EQ(mproc_pool_get_worker_stats(pool, workers, 2, &totals), 2);
    check_workers(workers, 2, &totals);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(workers[i].state, MPROC_WORKER_IDLE);
        CHECK(workers[i].init_ns >= 10000000);
        CHECK(workers[i].start_ns >= workers[i].init_ns);
        CHECK(workers[i].age_ns > 0 && workers[i].waited_ns > 0);
        CHECK_EQ(workers[i].lives, 1);
        CHECK_EQ(workers[i].tasks, 0);
        CHECK_STR(workers[i].function, "");
        CHECK_STR(workers[i].end, "");
    }
    CHECK_OK(mproc_pool_free(pool));
}

static void a_busy_worker_says_what_it_runs(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_worker_stats worker;
    mproc_pool_stats totals;
    mproc_result *result;
    int64_t pid;
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG((int){ 1 }), NULL, NULL, 0, NULL));
    result = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_EQ(mproc_pool_get_worker_pids(pool, &pid, 1), 1);
    WAIT_UNTIL(mproc_pool_get_worker_stats(pool, &worker, 1, &totals) == 1 && worker.running_ns > 0);
    check_workers(&worker, 1, &totals);
    CHECK_EQ(worker.state, MPROC_WORKER_BUSY);
    CHECK_EQ(worker.pid, pid);
    CHECK_EQ(worker.id, 2);
    CHECK_EQ(worker.held, 1);
    CHECK_EQ(worker.attempt, 1);
    CHECK_EQ(worker.item, -1);
    CHECK_EQ(worker.items, 1);
    CHECK_EQ(worker.tasks, 1);
    CHECK_STR(worker.function, "wait_for_board");
    CHECK_CONTAINS(worker.where, "pool_tasks.h:");
    test_let_go();
    CHECK_OK(mproc_result_wait(result, test_limit_ms(30000)));
    CHECK_EQ(mproc_pool_get_worker_stats(pool, &worker, 1, NULL), 1);
    CHECK_EQ(worker.state, MPROC_WORKER_IDLE);
    CHECK_EQ(worker.tasks, 2);
    CHECK_STR(worker.function, "");
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

static void a_place_remembers_who_lived_there(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_worker_stats before, worker;
    mproc_pool_stats totals;
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG((int){ 1 }), NULL, NULL, 0, NULL));
    CHECK_EQ(mproc_pool_get_worker_stats(pool, &before, 1, NULL), 1);
    CHECK_CODE(mproc_pool_apply(pool, die, MPROC_NO_ARGS, NULL, NULL, 0, NULL), MPROC_E_WORKER_DIED);
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG((int){ 1 }), NULL, NULL, 0, NULL));
    CHECK_EQ(mproc_pool_get_worker_stats(pool, &worker, 1, &totals), 1);
    check_workers(&worker, 1, &totals);
    CHECK_EQ(worker.lives, 2);
    CHECK_EQ(worker.tasks, 2);
    CHECK(worker.busy_ns >= before.busy_ns && worker.start_ns > 0);
    CHECK_CONTAINS(worker.end, "worker 0");
    CHECK(worker.exit_code != 0);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Looks while tasks run ---- */

struct reader {
    mproc_pool *pool;
    _Atomic bool ends;
    int looks;
};

static void check_grown(const mproc_pool_stats *now, const mproc_pool_stats *before)
{
    CHECK(now->submitted >= before->submitted && now->succeeded >= before->succeeded);
    CHECK(now->failed >= before->failed && now->cancelled >= before->cancelled);
    CHECK(now->busy_ns >= before->busy_ns && now->age_ns >= before->age_ns);
}

static void read_on(void *argument)
{
    static struct look mine;
    struct reader *reader = argument;
    mproc_pool_stats before = { .workers = 0 }, totals;
    mproc_worker_stats workers[2];
    while (!atomic_load(&reader->ends)) {
        look_at(reader->pool, &mine);
        CHECK_EQ(mine.totals.submitted, submitted_by_state(&mine.totals));
        check_grown(&mine.totals, &before);
        CHECK_EQ(mproc_pool_get_worker_stats(reader->pool, workers, 2, &totals), 2);
        check_workers(workers, 2, &totals);
        CHECK_EQ(totals.submitted, submitted_by_state(&totals));
        check_grown(&totals, &mine.totals);
        before = totals;
        reader->looks++;
    }
}

static void submit_mixed(mproc_pool *pool, int round)
{
    enum { COUNT = 200 };
    mproc_result *results[COUNT];
    submit_many(pool, square, COUNT / 2, results);
    submit_many(pool, refuse, COUNT / 2, results + COUNT / 2);
    for (int i = 0; i < COUNT; i += 7)
        mproc_result_cancel(results[i]);
    if (round % 20 == 0)
        CHECK_CODE(mproc_pool_apply(pool, die, MPROC_NO_ARGS, NULL, NULL, 0, NULL), MPROC_E_WORKER_DIED);
    wait_many(results, COUNT);
    free_many(results, COUNT);
}

static void every_look_is_consistent_while_tasks_run(void)
{
    struct reader reader = { .pool = make_counted(2) };
    os_thread *thread = os_thread_start(read_on, &reader);
    for (int round = 0; round < 40; round++)
        submit_mixed(reader.pool, round);
    atomic_store(&reader.ends, true);
    os_thread_join(thread);
    CHECK(reader.looks > 0);
    look_at(reader.pool, &look);
    CHECK_EQ(look.totals.queued + look.totals.running, 0);
    CHECK_EQ(look.totals.submitted, 40 * 200 + 2);
    CHECK_EQ(look.sum.died, 2);
    CHECK_OK(mproc_pool_free(reader.pool));
}

static void the_oldest_of_the_queued_is_told(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_result *stay = submit_stay(pool), *queued[5];
    mproc_pool_stats stats;
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.oldest_ns, 0);
    submit_many(pool, square, 5, queued);
    WAIT_UNTIL(mproc_pool_get_stats(pool, &stats) == 0 && stats.oldest_ns > 2000000);
    CHECK_EQ(stats.queued, 5);
    CHECK_EQ(stats.running, 1);
    CHECK_EQ(stats.submitted, submitted_by_state(&stats));
    CHECK(stats.age_ns > stats.oldest_ns);
    test_let_go();
    wait_many(queued, 5);
    free_many(queued, 5);
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_pool_free(pool));
}

/* Of a program's first pool, too, with which its family begins. */
static void ages_are_of_this_run(void)
{
    int64_t begun_ms = os_now_ms();
    mproc_pool *pool = make_pool(1);
    mproc_pool_stats stats;
    mproc_worker_stats worker;
    WAIT_UNTIL(mproc_pool_get_worker_stats(pool, &worker, 1, &stats) == 1 && worker.age_ns > 2000000);
    int64_t most_ns = (os_now_ms() - begun_ms + 1) * 1000000;
    CHECK(stats.age_ns > 0 && worker.start_ns > 0);
    /* The scale of ticks that are as new as this program is good to a hundredth. */
    CHECK_LE(stats.age_ns, most_ns + most_ns / 100);
    CHECK_LE(worker.start_ns + worker.age_ns, most_ns + most_ns / 100);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- The end ---- */

static void check_ended(mproc_pool *pool, int tasks)
{
    mproc_worker_stats worker;
    mproc_slow_task slow;
    look_at(pool, &look);
    CHECK_EQ(look.totals.submitted, tasks);
    CHECK_EQ(submitted_by_state(&look.totals), tasks);
    CHECK_EQ(mproc_pool_get_worker_stats(pool, &worker, 1, NULL), 1);
    CHECK_EQ(worker.state, MPROC_WORKER_NONE);
    CHECK_EQ(worker.pid, 0);
    CHECK_EQ(worker.lives, 1);
    CHECK(mproc_pool_get_slowest(pool, &slow, 1) > 0);
}

static void figures_outlive_close_and_join(void)
{
    enum { COUNT = 20 };
    mproc_result *results[COUNT];
    mproc_pool *pool = make_counted(1);
    submit_many(pool, square, COUNT, results);
    CHECK_OK(mproc_pool_close(pool));
    look_at(pool, &look);
    CHECK_EQ(submitted_by_state(&look.totals), COUNT);
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    check_ended(pool, COUNT);
    CHECK_EQ(look.sum.succeeded, COUNT);
    free_many(results, COUNT);
    CHECK_OK(mproc_pool_free(pool));
}

static void figures_outlive_terminate(void)
{
    enum { COUNT = 20 };
    mproc_result *results[COUNT];
    mproc_pool *pool = make_counted(1);
    CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG((int){ 1 }), NULL, NULL, 0, NULL));
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    submit_many(pool, square, COUNT, results);
    CHECK_OK(mproc_pool_terminate(pool));
    look_at(pool, &look);
    CHECK_EQ(look.totals.failed, COUNT + 1);
    CHECK_EQ(submitted_by_state(&look.totals), COUNT + 2);
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    check_ended(pool, COUNT + 2);
    CHECK_EQ(find(&look, "square")->failed, COUNT);
    CHECK_EQ(find(&look, "wait_for_board")->failed, 1);
    free_many(results, COUNT);
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Programs of other versions ---- */

static void elements_have_the_size_of_the_program(void)
{
    struct {
        mproc_worker_stats stats;
        int64_t later[2];
    } longer[2];
    unsigned char shorter[2][16];
    mproc_pool *pool = make_pool(2);
    memset(longer, 0xff, sizeof longer);
    memset(shorter, 0xff, sizeof shorter);
    CHECK_EQ(mproc_pool_get_worker_stats_(pool, &longer[0].stats, sizeof longer[0], 2, NULL, 0), 2);
    CHECK_EQ(mproc_pool_get_worker_stats_(pool, (mproc_worker_stats *)(void *)shorter, 8, 3, NULL, 0), 2);
    for (int i = 0; i < 2; i++) {
        int64_t index;
        CHECK_EQ(longer[i].stats.index, i);
        CHECK_EQ(longer[i].stats.lives, 1);
        CHECK_EQ(longer[i].later[0], 0);
        CHECK_EQ(longer[i].later[1], 0);
        memcpy(&index, (unsigned char *)shorter + 8 * i, sizeof index);
        CHECK_EQ(index, i);
    }
    CHECK_EQ(shorter[1][0], 0xff);
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST(without_the_option_there_are_none),
    TEST(a_new_pool_has_no_function),
    TEST(functions_are_counted_by_outcome),
    TEST(cancelled_tasks_have_no_times),
    TEST(deaths_and_retries_are_of_their_function),
    TEST(maps_count_chunks_and_items),
    TEST(items_of_a_starmap_are_tasks),
    TEST(percentiles_are_those_of_the_outcomes),
    TEST(the_slowest_tasks_are_those_of_the_outcomes),
    TEST(parts_of_a_time_add_up),
    TEST(large_arguments_and_values_are_copied_apart),
    TEST(more_functions_than_are_kept_share_the_last),
    TEST(starts_and_initializers_are_timed),
    TEST(a_busy_worker_says_what_it_runs),
    TEST(a_place_remembers_who_lived_there),
    TEST_WITH(every_look_is_consistent_while_tasks_run, 0, 120),
    TEST(the_oldest_of_the_queued_is_told),
    TEST_WITH(ages_are_of_this_run, TEST_FRESH, 0),
    TEST(figures_outlive_close_and_join),
    TEST(figures_outlive_terminate),
    TEST(elements_have_the_size_of_the_program),
};

TEST_MAIN_PLAIN(tests)
