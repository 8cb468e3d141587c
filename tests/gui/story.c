/* What the sample tells is one story: whatever of it can be counted or reckoned in two ways comes out the same. Its
 * pictures would not be believed, and no test of the window that adds up either. */
#include "main.h"
#include "replays.h"
#include "window/replay.h"

struct story {
    struct replay *replay;
    const struct model *model;
};

static struct story begin_story(const char *how)
{
    make_recording(how);
    struct story story = { .replay = open_replay() };
    story.model = replay_model(story.replay);
    CHECK_EQ(story.model->pools.all.count, 2);
    return story;
}

static void end_story(struct story *story)
{
    replay_free(story->replay);
    remove(RECORDING);
}

static bool is_of(const struct model_death *death, const struct model_pool *pool)
{
    return death->said.pool == pool->number;
}

/* Tasks that did not return: their workers were killed, and they were not tried again. */
static uint64_t count_killed(const struct story *story, const struct model_pool *pool, uint64_t *ret_deaths)
{
    uint64_t killed = *ret_deaths = 0;
    for (uint64_t i = 0; i < events_death_count(&story->model->events); i++) {
        const struct model_death *death = events_death_at(&story->model->events, i);
        *ret_deaths += is_of(death, pool);
        killed += is_of(death, pool) && death->said.decision == RECORD_DECISION_FAILED;
    }
    return killed;
}

/* ---- Counts ---- */

static void check_counts(const struct story *story, const struct model_pool *pool)
{
    const struct record_counts *counts = &pool->counts;
    uint64_t deaths, killed = count_killed(story, pool, &deaths), returned = 0, lives = 0, failed = 0;
    for (size_t i = 0; i < pool->workers.count; i++) {
        const struct model_worker *worker = pool_worker_at(pool, i);
        returned += worker->said.tasks;
        failed += worker->said.failed;
        lives += worker->said.lives;
    }
    if (pool->maps.count == 0) /* of a map its items are counted, and it counts one */
        CHECK_EQ(counts->submitted, pool_done(pool) + counts->running + counts->queued);
    CHECK_EQ(returned, pool_done(pool) - killed);
    CHECK_EQ(failed, (pool->maps.count == 0 ? counts->failed : pool_map_at(pool, 0)->said.failed) - killed);
    CHECK_EQ(counts->running + counts->idle, counts->workers);
    CHECK_EQ(counts->deaths, deaths);
    CHECK_EQ(counts->restarts, deaths);
    CHECK_EQ(lives, counts->workers + deaths);
}

static void check_functions(const struct model_pool *pool)
{
    struct record_function_stats all = { .pool = pool->number };
    for (uint32_t i = 1; i < pool->functions.count; i++) {
        const struct model_function *function = pool_function_at(pool, i);
        struct model_bin bin;
        uint64_t runs = 0;
        for (size_t at = 0; function_next_bin(function, &at, &bin);)
            runs += bin.count;
        CHECK_EQ(runs, function->stats.run_count);
        all.succeeded += function->stats.succeeded;
        all.failed += function->stats.failed;
        all.retried += function->stats.retried;
        all.died += function->stats.died;
    }
    CHECK_EQ(all.succeeded + all.failed, pool_done(pool));
    if (pool->maps.count == 0)
        CHECK_EQ(all.failed, pool->counts.failed);
    CHECK_EQ(all.retried, pool->counts.retried);
    CHECK_EQ(all.died, pool->counts.deaths);
}

static void its_counts_are_those_of_its_workers_deaths_and_functions(void)
{
    struct story story = begin_story("record");
    for (size_t i = 0; i < story.model->pools.all.count; i++) {
        check_counts(&story, pools_at(&story.model->pools, i));
        check_functions(pools_at(&story.model->pools, i));
    }
    CHECK(pools_find(&story.model->pools, 1)->counts.deaths > 2);
    const struct model_pool *maps = pools_find(&story.model->pools, 2);
    CHECK_EQ(pool_map_at(maps, 0)->said.done, maps->counts.items);
    end_story(&story);
}

/* ---- Tasks ---- */

static void what_was_retried_has_had_another_attempt(void)
{
    struct story story = begin_story("record");
    const struct tasks *tasks = &story.model->tasks;
    uint64_t again = 0;
    for (uint32_t i = 0; i < tasks_count(tasks); i++) {
        const struct model_task *task = tasks_at(tasks, i);
        CHECK(task->end != RECORD_END_RETRIED);
        CHECK(task->depth <= 1); /* as many tasks as attempts: one page counts these, another one those */
        again += task->depth;
        for (const struct model_task *earlier = task->earlier; earlier != NULL; earlier = earlier->earlier) {
            CHECK_EQ(earlier->end, RECORD_END_RETRIED);
            CHECK(earlier->attempt < task->attempt && earlier->ended_ns <= task->begun_ns);
        }
    }
    CHECK(again > 1);
    CHECK_EQ(again, pools_find(&story.model->pools, 1)->counts.retried);
    end_story(&story);
}

static void the_times_of_a_task_come_one_after_the_other(void)
{
    struct story story = begin_story("record");
    const struct tasks *tasks = &story.model->tasks;
    for (uint32_t i = 0; i < tasks_count(tasks); i++) {
        const struct model_task *task = tasks_at(tasks, i);
        if (task->begun_ns != 0)
            CHECK(task->submitted_ns <= task->begun_ns);
        if (task->end != 0)
            CHECK(task->begun_ns + task->run_ns == task->ended_ns && task->ended_ns <= story.model->now_ns);
    }
    end_story(&story);
}

/* As many wait as come while one of them does (Little's law). */
static void a_queue_is_as_long_as_its_tasks_wait(void)
{
    struct story story = begin_story("record");
    const struct model_pool *pool = pools_find(&story.model->pools, 1);
    double waits_ns = 0, waits = 0, age_ns = (double)pool_age_ns(pool, story.model->now_ns);
    for (uint32_t i = 1; i < pool->functions.count; i++) {
        waits_ns += (double)pool_function_at(pool, i)->stats.wait_total_ns;
        waits += (double)pool_function_at(pool, i)->stats.wait_count;
    }
    double reckoned = (double)pool_done(pool) / age_ns * waits_ns / waits, queued = (double)pool->counts.queued;
    CHECK(reckoned > 0.8 * queued && reckoned < 1.2 * queued);
    double oldest = (double)pool->counts.oldest_ns;
    CHECK(oldest > 0.8 * waits_ns / waits && oldest < 1.2 * waits_ns / waits);
    end_story(&story);
}

/* ---- Locks ---- */

/* A thread waits for one at a time, and a worker has one thread. */
static void nobody_waits_twice(void)
{
    struct story story = begin_story("deadlock");
    const struct objects *objects = &story.model->objects;
    size_t workers = 0;
    for (size_t i = 0; i < objects->waiters.count; i++) {
        const struct record_waiter *one = &objects_waiter_at(objects, i)->said;
        for (size_t j = 0; j < i; j++)
            CHECK(one->thread != objects_waiter_at(objects, j)->said.thread);
        workers += one->pid != story.model->greeting.pid;
    }
    CHECK_EQ(workers, pools_find(&story.model->pools, 1)->counts.workers);
    end_story(&story);
}

static const struct test tests[] = {
    TEST_WITH(its_counts_are_those_of_its_workers_deaths_and_functions, TEST_ONCE, 0),
    TEST_WITH(what_was_retried_has_had_another_attempt, TEST_ONCE, 0),
    TEST_WITH(the_times_of_a_task_come_one_after_the_other, TEST_ONCE, 0),
    TEST_WITH(a_queue_is_as_long_as_its_tasks_wait, TEST_ONCE, 0),
    TEST_WITH(nobody_waits_twice, TEST_ONCE, 0),
};

TEST_MAIN_GUI(tests)
