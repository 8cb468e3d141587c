/* Storms: workers killed at random from outside, and more events than anybody takes, before a crowd of those who watch,
 * of whom some are stopped, slow or hostile. At the end each number is the library's own, and what was not told was
 * counted. A sample each; the long forms with MPROC_TEST_SOAK=1. Reaches into the library for the other end.
 */
#include "monitor/publisher.h"
#include "pool_tasks.h"
#include "watch.h"
#include <signal.h>

#define EVERYTHING (RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL | RECORD_WANTS_LOG | RECORD_WANTS_OBJECTS)
#define NAME       "storm"
#define WORKERS    4
#define GOOD       5
#define WINDOW     64

/* Board words: 0 lets tasks go, 2 the storm is over, 3 what it has come to stands from 100 on, 4 who is stopped, 5 what
 * he says at the end. */
enum { OVER = 2, KNOWN = 3, STOPPED = 4, ANSWER = 5, TRUTH = 100 };

static mproc_pool *start(int workers)
{
    mproc_pool *pool;
    mproc_pool_options options = {
        .name = NAME, .workers = workers, .max_restarts = INT32_MAX, .max_queued = 5000, .statistics = 1
    };
    watch_use_own_place();
    mproc__publisher_limits.stuck_ns = INT64_C(1000000000000);
    CHECK_OK(mproc_pool_create(&pool, &options));
    CHECK_OK(mproc_monitor_start(NULL));
    return pool;
}

static void stop(mproc_pool *pool)
{
    CHECK_OK(mproc_monitor_stop());
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- What the library itself says, for all processes of the test ---- */

static void write_truth(mproc_pool *pool)
{
    mproc_pool_stats totals;
    mproc_worker_stats workers[WORKERS];
    mproc_function_stats function;
    _Atomic int64_t *word = test_board() + TRUTH;
    CHECK_EQ(mproc_pool_get_function_stats(pool, &function, 1, &totals), 1);
    CHECK_EQ(mproc_pool_get_worker_stats(pool, workers, WORKERS, NULL), WORKERS);
    const uint64_t numbers[] = { totals.submitted, totals.succeeded,   totals.failed,  totals.deaths,
                                 totals.restarts,  totals.busy_ns,     function.died,  function.succeeded,
                                 function.failed,  function.run.count, totals.retried, totals.cancelled };
    for (size_t i = 0; i < TEST_COUNT(numbers); i++)
        atomic_store(word++, (int64_t)numbers[i]);
    for (int i = 0; i < WORKERS; i++) {
        atomic_store(word++, (int64_t)workers[i].tasks);
        atomic_store(word++, workers[i].lives);
        atomic_store(word++, workers[i].pid);
    }
    atomic_store(&test_board()[KNOWN], 1);
}

/* Whether it has been told just that. */
static bool knows_the_truth(struct watch *watch)
{
    const struct watch_pool *seen = watch_pool(watch, NAME);
    const struct record_counts *counts = &seen->counts;
    const uint64_t numbers[] = { counts->submitted,  counts->succeeded,     counts->failed,   counts->deaths,
                                 counts->restarts,   counts->busy_ns,       seen->stats.died, seen->stats.succeeded,
                                 seen->stats.failed, seen->stats.run_count, counts->retried,  counts->cancelled };
    const _Atomic int64_t *word = test_board() + TRUTH;
    bool equal = true;
    for (size_t i = 0; i < TEST_COUNT(numbers); i++)
        equal = equal && (uint64_t)atomic_load(word++) == numbers[i];
    for (int i = 0; i < WORKERS; i++) {
        equal = equal && (uint64_t)atomic_load(word++) == seen->workers[i].tasks;
        equal = equal && (uint64_t)atomic_load(word++) == seen->workers[i].lives;
        equal = equal && atomic_load(word++) == seen->workers[i].pid;
    }
    return equal;
}

static uint64_t all_ended(const struct watch_pool *pool)
{
    uint64_t sum = 0;
    for (int i = 0; i < 8; i++)
        sum += pool->ended[i];
    return sum;
}

/* Nothing is told that was not; and where nothing was lost nothing is missing. */
static void check_events(struct watch *watch)
{
    const struct watch_pool *seen = watch_pool(watch, NAME);
    const struct record_counts *counts = &seen->counts;
    uint64_t told = all_ended(seen) + seen->deaths, all = counts->submitted + counts->deaths;
    CHECK_LE(seen->ended[RECORD_END_DONE], counts->succeeded);
    CHECK_LE(seen->ended[RECORD_END_DIED], counts->failed);
    CHECK_LE(seen->deaths, counts->deaths);
    CHECK_LE(all, told + watch->lost[RECORD_CLASS_LIFE]);
    if (watch->lost[RECORD_CLASS_LIFE] == 0)
        CHECK_EQ(told, all);
    CHECK(!seen->is_out_of_order);
}

/* Events come with the states or after them. */
static bool knows_all(struct watch *watch)
{
    const struct watch_pool *seen = watch_pool(watch, NAME);
    return knows_the_truth(watch) && all_ended(seen) + seen->deaths + watch->lost[RECORD_CLASS_LIFE] >=
                                         seen->counts.submitted + seen->counts.deaths;
}

/* ---- Who watches ---- */

struct crowd {
    struct watch *good[GOOD], *slow;
};

static bool is_over(void)
{
    return atomic_load(&test_board()[OVER]) != 0;
}

static void read_all(void *argument)
{
    struct crowd *crowd = argument;
    while (!is_over()) {
        for (int i = 0; i < GOOD; i++)
            CHECK(watch_poll(crowd->good[i]));
        os_sleep_ms(1);
    }
}

static void read_slowly(void *argument)
{
    struct crowd *crowd = argument;
    while (!is_over()) {
        CHECK(watch_read(crowd->slow, 2000));
        os_sleep_ms(10);
    }
}

static void say_nonsense(struct watch *watch, unsigned *seed)
{
    unsigned char bytes[600];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)test_random(seed);
    if (test_random(seed) % 2)
        watch_hello(watch, RECORD_VERSION, EVERYTHING);
    watch_say_bytes(watch, bytes, test_random(seed) % sizeof bytes);
    watch_poll(watch);
}

static void be_hostile(void *unused)
{
    unsigned seed = (unsigned)os_self_pid();
    (void)unused;
    while (!is_over()) {
        struct watch *watch = watch_connect(os_self_pid());
        say_nonsense(watch, &seed);
        os_sleep_ms(2);
        watch_free(watch);
    }
}

/* Is stopped in the middle of it, and knows the same at the end as all others. */
static int watch_and_be_stopped(const char *argument)
{
    struct watch *watch = watch_open(atoll(argument), EVERYTHING);
    atomic_store(&test_board()[STOPPED], os_self_pid());
    while (atomic_load(&test_board()[KNOWN]) == 0)
        os_sleep_ms(1);
    WATCH_UNTIL(watch, knows_all(watch));
    check_events(watch);
    atomic_store(&test_board()[ANSWER], 1);
    watch_free(watch);
    return 0;
}

static os_program *start_stopped(void)
{
    char pid[32];
    snprintf(pid, sizeof pid, "%lld", (long long)os_self_pid());
    os_program *program = test_scene_start("watch_and_be_stopped", pid);
    WAIT_UNTIL(atomic_load(&test_board()[STOPPED]) != 0);
    CHECK(kill((pid_t)atomic_load(&test_board()[STOPPED]), SIGSTOP) == 0);
    return program;
}

static void end_stopped(os_program *program)
{
    CHECK(kill((pid_t)atomic_load(&test_board()[STOPPED]), SIGCONT) == 0);
    WAIT_UNTIL(atomic_load(&test_board()[ANSWER]) != 0);
    CHECK_EQ(test_scene_finish(program, NULL, 0), 0);
}

/* ---- Kills ---- */

static bool is_listed(mproc_pool *pool, int64_t pid)
{
    int64_t pids[WORKERS];
    int count = mproc_pool_get_worker_pids(pool, pids, WORKERS);
    for (int i = 0; i < count; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

static void kill_one(mproc_pool *pool, unsigned *seed)
{
    int64_t pids[WORKERS];
    int count;
    WAIT_UNTIL((count = mproc_pool_get_worker_pids(pool, pids, WORKERS)) > 0);
    int64_t pid = pids[test_random(seed) % (unsigned)count];
    os_kill(pid);
    WAIT_UNTIL(!is_listed(pool, pid));
}

struct killer {
    mproc_pool *pool;
    int kills;
    _Atomic bool done;
};

static void kill_some(void *argument)
{
    struct killer *killer = argument;
    unsigned seed = (unsigned)os_self_pid();
    for (int i = 0; i < killer->kills; i++) {
        kill_one(killer->pool, &seed);
        os_sleep_ms((int)(test_random(&seed) % 5));
    }
    atomic_store(&killer->done, true);
}

static void settle(mproc_result *result)
{
    int code = mproc_result_wait(result, test_limit_ms(30000));
    CHECK(code == 0 || code == MPROC_E_WORKER_DIED);
    CHECK_OK(mproc_result_free(result));
}

static void submit_under(struct killer *killer)
{
    mproc_result *results[WINDOW] = { NULL };
    for (unsigned i = 0; !atomic_load(&killer->done); i++) {
        int value = (int)(i % 1000);
        if (results[i % WINDOW] != NULL)
            settle(results[i % WINDOW]);
        CHECK_OK(mproc_pool_apply_async(killer->pool, square, MPROC_ARG(value), NULL, &results[i % WINDOW]));
    }
    for (int i = 0; i < WINDOW; i++)
        if (results[i] != NULL)
            settle(results[i]);
}

static bool is_whole(mproc_pool *pool)
{
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    return stats.workers == WORKERS && stats.idle == WORKERS;
}

static void run_storm(mproc_pool *pool, int kills)
{
    struct killer killer = { .pool = pool, .kills = kills };
    os_thread *thread = os_thread_start(kill_some, &killer);
    submit_under(&killer);
    os_thread_join(thread);
    WAIT_UNTIL(is_whole(pool));
    write_truth(pool);
    CHECK_EQ(atomic_load(&test_board()[TRUTH + 3]), kills);
}

static void storm_of(int kills)
{
    struct crowd crowd;
    mproc_pool *pool = start(WORKERS);
    for (int i = 0; i < GOOD; i++)
        crowd.good[i] = watch_open(os_self_pid(), EVERYTHING);
    crowd.slow = watch_open(os_self_pid(), EVERYTHING);
    os_program *stopped = start_stopped();
    os_thread *threads[] = { os_thread_start(read_all, &crowd), os_thread_start(read_slowly, &crowd),
                             os_thread_start(be_hostile, NULL) };
    run_storm(pool, kills);
    atomic_store(&test_board()[OVER], 1);
    for (size_t i = 0; i < TEST_COUNT(threads); i++)
        os_thread_join(threads[i]);
    for (int i = 0; i <= GOOD; i++) {
        struct watch *watch = i < GOOD ? crowd.good[i] : crowd.slow;
        WATCH_UNTIL(watch, knows_all(watch));
        check_events(watch);
        watch_free(watch);
    }
    end_stopped(stopped);
    stop(pool);
}

static void kills_leave_every_number_right(void)
{
    storm_of(40);
}

static void so_do_thousands_of_them(void)
{
    storm_of(5000);
}

/* ---- Events ---- */

static int nothing(mproc_task *task)
{
    (void)task;
    return 0;
}

static void read_on(void *watch)
{
    while (!is_over()) {
        CHECK(watch_poll(watch));
        os_sleep_ms(1);
    }
}

static void run_tasks(mproc_pool *pool, uint64_t count, uint64_t total)
{
    mproc_pool_stats stats = { 0 };
    for (uint64_t i = 0; i < count; i++)
        CHECK_OK(mproc_pool_apply_async(pool, nothing, MPROC_NO_ARGS, NULL, NULL));
    WAIT_UNTIL_MS(mproc_pool_get_stats(pool, &stats) == 0 && stats.succeeded == total, 60000);
}

/* In bytes; 0 if the system does not say. */
static int64_t own_memory(void)
{
    long total, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL && fscanf(file, "%ld %ld", &total, &resident) != 2)
        resident = 0;
    if (file != NULL)
        fclose(file);
    return (int64_t)resident * 4096;
}

static void check_all_is_told_or_counted(struct watch *watch, uint64_t total)
{
    const struct watch_pool *seen = watch_pool(watch, NAME);
    WATCH_UNTIL(watch, seen->counts.succeeded == total);
    WATCH_UNTIL(watch, all_ended(seen) + watch->lost[RECORD_CLASS_LIFE] == total);
    WATCH_UNTIL(watch, seen->items_queued + seen->items_begun + watch->lost[RECORD_CLASS_DETAIL] == 2 * total);
    CHECK(!seen->is_out_of_order);
    watch_free(watch);
}

/* ---- A hundred thousand events a second ---- */

enum { CROWD = 64, RATE = 100000, EVENTS_OF_A_TASK = 3 };

/* Not all at once, but as they are due. Returns how long it took. */
static int64_t run_tasks_at_rate(mproc_pool *pool, uint64_t count)
{
    mproc_pool_stats stats = { 0 };
    int64_t begun_ns = os_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        int64_t due_ns = (int64_t)(i * EVENTS_OF_A_TASK * 1000000000 / RATE);
        while (os_now_ns() - begun_ns < due_ns)
            os_sleep_ms(1);
        CHECK_OK(mproc_pool_apply_async(pool, nothing, MPROC_NO_ARGS, NULL, NULL));
    }
    WAIT_UNTIL_MS(mproc_pool_get_stats(pool, &stats) == 0 && stats.succeeded == count, 60000);
    return os_now_ns() - begun_ns;
}

/* Of the pool, of its only function, and of each of its workers. */
static void check_the_librarys_numbers_are_told(mproc_pool *pool, struct watch *watch)
{
    mproc_pool_stats totals;
    mproc_function_stats function;
    mproc_worker_stats workers[CROWD];
    const struct watch_pool *seen = watch_pool(watch, NAME);
    CHECK_EQ(mproc_pool_get_function_stats(pool, &function, 1, &totals), 1);
    int count = mproc_pool_get_worker_stats(pool, workers, CROWD, NULL);
    WATCH_UNTIL(watch, seen->counts.succeeded == totals.succeeded && seen->counts.busy_ns == totals.busy_ns);
    CHECK_EQ(seen->counts.submitted, totals.submitted);
    CHECK_EQ(seen->counts.running + seen->counts.queued, 0);
    CHECK_EQ(seen->counts.failed + seen->counts.deaths, 0);
    WATCH_UNTIL(watch, seen->stats.run_count == function.run.count);
    CHECK_EQ(seen->stats.succeeded, function.succeeded);
    CHECK_EQ(seen->stats.run_total_ns, function.run.total_ns);
    uint64_t tasks = 0;
    for (int i = 0; i < count; i++) {
        WATCH_UNTIL(watch, seen->workers[i].tasks == workers[i].tasks);
        CHECK_EQ(seen->workers[i].busy_ns, workers[i].busy_ns);
        tasks += seen->workers[i].tasks;
    }
    CHECK_EQ(tasks, totals.succeeded);
}

static void report(const struct watch *watch, uint64_t tasks, int64_t took_ns)
{
    uint64_t events = tasks * EVENTS_OF_A_TASK;
    printf("# %llu events of %d workers in %lld ms, %lld a second; of %llu ends %llu were lost, of %llu other events "
           "%llu\n",
           (unsigned long long)events, CROWD, (long long)(took_ns / 1000000),
           (long long)((double)events * 1e9 / (double)took_ns), (unsigned long long)tasks,
           (unsigned long long)watch->lost[RECORD_CLASS_LIFE], (unsigned long long)(2 * tasks),
           (unsigned long long)watch->lost[RECORD_CLASS_DETAIL]);
}

static void a_hundred_thousand_events_a_second_of_64_workers_are_told_or_counted(void)
{
    uint64_t tasks = test_is_sanitized() ? 10000 : 2 * RATE / EVENTS_OF_A_TASK;
    mproc_pool *pool = start(CROWD);
    struct watch *watch = watch_open(os_self_pid(), RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL);
    os_thread *thread = os_thread_start(read_on, watch);
    int64_t took_ns = run_tasks_at_rate(pool, tasks);
    atomic_store(&test_board()[OVER], 1);
    os_thread_join(thread);
    check_the_librarys_numbers_are_told(pool, watch);
    report(watch, tasks, took_ns);
    check_all_is_told_or_counted(watch, tasks);
    stop(pool);
}

/* ---- More than that ---- */

/* As fast as they go: none of those who watch gets all, and one takes nothing. */
static void flood(int workers, uint64_t tasks)
{
    mproc_pool *pool = start(workers);
    struct watch *reader = watch_open(os_self_pid(), RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL);
    struct watch *deaf = watch_open(os_self_pid(), RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL);
    os_thread *thread = os_thread_start(read_on, reader);
    run_tasks(pool, tasks, tasks);
    int64_t memory = own_memory();
    run_tasks(pool, tasks, 2 * tasks);
    /* There is room for so much, and then it is counted. */
    if (!test_is_sanitized())
        CHECK_LE(own_memory(), memory + (16 << 20));
    atomic_store(&test_board()[OVER], 1);
    os_thread_join(thread);
    CHECK_EQ(mproc__publisher_watchers(), 2);
    check_all_is_told_or_counted(reader, 2 * tasks);
    WATCH_UNTIL(deaf, deaf->lost[RECORD_CLASS_DETAIL] > 0);
    check_all_is_told_or_counted(deaf, 2 * tasks);
    stop(pool);
}

static void more_events_than_anybody_takes_are_told_or_counted(void)
{
    flood(test_is_sanitized() ? 8 : 64, test_is_sanitized() ? 5000 : 20000);
}

static void so_are_millions_of_them(void)
{
    flood(64, 3000000);
}

static const struct test tests[] = {
    TEST_WITH(kills_leave_every_number_right, 0, 180),
    TEST_WITH(a_hundred_thousand_events_a_second_of_64_workers_are_told_or_counted, 0, 180),
    TEST_WITH(more_events_than_anybody_takes_are_told_or_counted, 0, 180),
    TEST_WITH(so_do_thousands_of_them, TEST_SOAK, 3600),
    TEST_WITH(so_are_millions_of_them, TEST_SOAK, 3600),
};
static const struct scene scenes[] = { SCENE(watch_and_be_stopped) };
TEST_MAIN(tests, scenes)
