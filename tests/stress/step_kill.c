/* A worker killed at every instruction of wait, claim, run, publish, pass and wake.
 *
 * The worker is stopped while it sleeps, three tasks are put into its ring, and it is led on by so many single steps
 * before it is killed; then by one more, until it is through. Every time the parent's account must be exact: a task
 * either succeeded and ran once, or failed with MPROC_E_WORKER_DIED and ran at most once; at most one failed; what had
 * not started ran elsewhere.
 *
 * Once more while somebody watches, so that the worker tells of its tasks: of what it had told before the kill, nothing
 * is torn, and each task has ended once.
 *
 * Under fork alone: the instructions are the same under spawn, and a new worker for each kill comes ten times faster.
 */
#include "pool/observe.h"
#include "stepper.h"

#define TASKS 3

/* An argument, and a value: the index alone, or enough to lie in memory that is built and read in place. */
struct item {
    int index;
    unsigned char rest[9000]; /* not written: a copy takes a step for each byte */
    int last;
};

/* Of the items of this test. */
static size_t item_size = sizeof(int);

/* Board words: how often task i ran. */
static int mark(mproc_task *task)
{
    mproc_view argument = mproc_task_get_argument(task);
    const struct item *item = argument.data;
    void *value;
    atomic_fetch_add(&test_board()[item->index], 1);
    mproc_task_set_label(task, "marked");
    if (mproc_task_reserve_value(task, argument.size, &value) < 0)
        return -1;
    memcpy(value, item, sizeof item->index);
    if (argument.size == sizeof *item)
        ((struct item *)value)->last = item->last;
    return 0;
}

static bool is_item(const struct item *item, int index)
{
    return item->index == index && (item_size < sizeof *item || item->last == index + 1);
}

static mproc_result *submit_item(mproc_pool *pool, int index)
{
    mproc_result *result;
    struct item item = { .index = index, .last = index + 1 };
    CHECK_OK(mproc_pool_apply_async(pool, mark, MPROC_ARG_BYTES(&item, item_size), NULL, &result));
    return result;
}

/* The worker that has taken the place of the one killed before. */
static int64_t next_worker(mproc_pool *pool, int64_t killed)
{
    int64_t pid = 0;
    WAIT_UNTIL(mproc_pool_get_worker_pids(pool, &pid, 1) == 1 && pid != killed);
    return pid;
}

static bool all_ready(mproc_result **results)
{
    for (int i = 0; i < TASKS; i++)
        if (mproc_result_is_ready(results[i]) != 1)
            return false;
    return true;
}

static int settle(mproc_result **results)
{
    int failed = 0;
    for (int i = 0; i < TASKS; i++) {
        struct item value;
        int code = mproc_result_get(results[i], test_limit_ms(30000), &value, item_size, NULL);
        int64_t runs = atomic_load(&test_board()[i]);
        if (code == MPROC_E_WORKER_DIED) {
            CHECK_LE(runs, 1);
            failed++;
        } else {
            CHECK_CODE(code, 0);
            CHECK(is_item(&value, i));
            CHECK_EQ(runs, 1);
        }
        CHECK_OK(mproc_result_free(results[i]));
    }
    return failed;
}

/* ---- Who watches ---- */

static bool is_watched;
static int ended_seen;

static bool is_text(const struct record_text *text, const char *expected)
{
    return text->size == strlen(expected) && memcmp(text->data, expected, text->size) == 0;
}

static void see_ended(const struct record_task_ended *record)
{
    char preview[20];
    ended_seen++;
    for (int i = 0; i < TASKS; i++) {
        snprintf(preview, sizeof preview, "%02x 00 00 00", i);
        if (is_text(&record->argument, preview))
            CHECK(record->result.size == 0 || is_text(&record->result, preview));
    }
    /* One that was killed before it had told anything has none. */
    CHECK(record->argument.size == 0 || record->argument.size == strlen(preview));
    CHECK(record->end == RECORD_END_DIED || record->argument.size > 0);
    CHECK(record->label.size == 0 || is_text(&record->label, "marked"));
}

static void see(void *user, enum record_type type, const void *record)
{
    (void)user;
    CHECK(type != RECORD_LOST);
    if (type == RECORD_TASK_ENDED)
        see_ended(record);
}

/* All that was submitted has ended. */
static void look(void)
{
    if (!is_watched)
        return;
    ended_seen = 0;
    mproc__observe(0, see, NULL);
    CHECK_EQ(ended_seen, TASKS);
}

/* One kill after so many steps. Returns whether the worker had been through. */
static bool kill_after(mproc_pool *pool, long steps, int64_t *killed, int64_t *failures)
{
    mproc_result *results[TASKS];
    int64_t pid = next_worker(pool, *killed);
    *killed = pid;
    stepper_seize(pid);
    for (int i = 0; i < TASKS; i++) {
        atomic_store(&test_board()[i], 0);
        results[i] = submit_item(pool, i);
    }
    /* Through with everything, it sleeps until there is more. */
    bool through = !stepper_lead(pid, steps) && all_ready(results);
    stepper_kill(pid);
    int failed = settle(results);
    look();
    CHECK_LE(failed, 1);
    *failures += failed;
    return through;
}

static mproc_pool *one_worker(void)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .max_restarts = 1000000 }));
    /* Measured times let several tasks into the ring at once. */
    for (int i = 0; i < 50; i++) {
        mproc_result *result = submit_item(pool, TASKS);
        CHECK_OK(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL));
        CHECK_OK(mproc_result_free(result));
    }
    return pool;
}

static uint64_t data_in_use(void)
{
    mproc_memory_usage usage;
    CHECK_OK(mproc_get_memory_usage(&usage));
    return usage.data;
}

static void step_through(long stride)
{
    mproc_pool *pool = one_worker();
    if (is_watched)
        mproc__observe_want(RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL);
    int64_t failures = 0, kills = 0, killed = 0, deaths;
    uint64_t before = data_in_use();
    for (long steps = 0; !kill_after(pool, steps, &killed, &failures); steps += stride)
        kills++;
    mproc_pool_stats stats;
    WAIT_UNTIL(mproc_pool_get_stats(pool, &stats) == 0 && (deaths = (int64_t)stats.deaths) == kills + 1);
    CHECK_LE(100 / stride, kills);
    fprintf(stderr, "%d kills, %d tasks died\n", (int)kills, (int)failures);
    CHECK(failures > 0);
    CHECK_EQ(stats.failed, failures);
    CHECK_EQ(stats.succeeded + stats.failed, stats.submitted);
    CHECK_OK(mproc_pool_free(pool));
    CHECK_EQ(data_in_use(), before);
    mproc__observe_want(0);
}

static void killed_at_sampled_instructions(void)
{
    step_through(stepper_stride(47, 47));
}

static void killed_at_every_instruction(void)
{
    step_through(1);
}

/* The same with arguments that are read, and values that are built, in memory of the family. */
static void killed_at_sampled_instructions_with_payloads_in_place(void)
{
    item_size = sizeof(struct item);
    step_through(stepper_stride(499, 7));
}

static void killed_at_sampled_instructions_while_watched(void)
{
    is_watched = true;
    step_through(stepper_stride(499, 1));
}

static const struct test tests[] = {
    TEST_WITH(killed_at_sampled_instructions, TEST_FORK_ONLY | TEST_NO_SANITIZER, 180),
    TEST_WITH(killed_at_sampled_instructions_while_watched, TEST_FORK_ONLY | TEST_NO_SANITIZER, 2400),
    TEST_WITH(killed_at_sampled_instructions_with_payloads_in_place, TEST_FORK_ONLY | TEST_NO_SANITIZER, 1800),
    TEST_WITH(killed_at_every_instruction, TEST_FORK_ONLY | TEST_NO_SANITIZER | TEST_SOAK, 2400),
};

TEST_MAIN_PLAIN(tests)
