/* What a monitor knows from records: whole, in any order, with some of them lost; and how it says it. */
#include "extremes.h"
#include "model/bounds.h"
#include "model/card.h"
#include "model/columns.h"
#include "model/model.h"
#include "model/text.h"
#include "model/words.h"
#include "monitor_story.h"
#include "test.h"
#include <math.h>

/* ---- Telling ---- */

/* Through bytes and back, as all records come. */
static void feed(struct model *model, const struct wire_frame *frame, const void *record)
{
    static unsigned char bytes[WIRE_OWN_MAX];
    struct wire_frame got;
    union record decoded;
    size_t size = mproc__wire_encode(bytes, sizeof bytes, frame, record);
    CHECK(size > 0);
    CHECK_EQ(mproc__wire_decode(bytes, size, &got, &decoded), size);
    CHECK_OK(model_take(model, &got, &decoded));
    memset(bytes, 0xa5, size);
}

static void feed_all(void *user, const struct wire_frame *frame, const void *record)
{
    feed(user, frame, record);
}

static struct model *make_model(uint32_t tasks)
{
    struct model *model;
    CHECK_OK(model_create(&(struct model_limits){ .tasks = tasks }, &model));
    return model;
}

static struct model *told_model(void)
{
    struct model *model = make_model(0);
    struct story story = { .sink = feed_all, .user = model };
    story_run_all(&story);
    return model;
}

static void tell_at(struct model *model, int64_t time_ns, unsigned type, const void *record)
{
    struct wire_frame frame = { .type = (uint16_t)type, .sequence = 1, .time_ns = time_ns };
    feed(model, &frame, record);
}

/* ---- The whole story ---- */

static void figures_are_those_that_were_told(void)
{
    struct model *model = told_model();
    const struct model_pool *pool = pools_find(&model->pools, 1);
    CHECK(model->whole && pool != NULL);
    CHECK_EQ(model->pools.all.count, 1);
    CHECK_STR(kept_string(pool->said.name), "pages");
    CHECK_EQ(pool->counts.succeeded, STORY_DONE + 1);
    CHECK_EQ(pool->counts.failed, 2);
    CHECK_EQ(pool_done(pool), STORY_DONE + 3);
    CHECK_EQ(pool_count_workers(pool, MPROC_WORKER_BUSY), 2);
    CHECK_EQ(events_lost(&model->events), 37);
    CHECK_EQ(model->now_ns, STORY_END_NS);
    CHECK_EQ(model_wall_ns(model, STORY_BEGIN_NS + 5), STORY_WALL_NS + 5);
    model_free(model);
}

static const struct model_task *single(const struct model *model, uint64_t number)
{
    const struct model_task *task = tasks_find(&model->tasks, &(struct task_key){ 1, number, -1 });
    CHECK(task != NULL);
    return task;
}

static void tasks_have_what_came_of_them(void)
{
    struct model *model = told_model();
    CHECK_EQ(task_state(single(model, 1)), TASK_DONE);
    CHECK_STR(task_text(single(model, 1), TASK_RESULT), "\"ok\"");
    CHECK_EQ(task_state(single(model, 300)), TASK_FAILED);
    CHECK_STR(task_text(single(model, 300), TASK_ERROR), "no such file");
    CHECK_EQ(task_state(single(model, 400)), TASK_DIED);
    CHECK_EQ(single(model, 400)->attempt, 2);
    CHECK_STR(words_task_call(model, single(model, 400)).text, "parse_page(\"corpus/0419.html\")");
    CHECK(tasks_find(&model->tasks, &(struct task_key){ 1, 299, -1 }) == NULL);
    model_free(model);
}

static void a_task_past_its_functions_99th_percentile_is_slow(void)
{
    struct model *model = told_model();
    const struct model_function *function = pool_function_at(pools_find(&model->pools, 1), 1);
    double ratio = 0;
    CHECK(!function_is_slow(function, STORY_MS, &ratio));
    CHECK(function_is_slow(function, 62 * STORY_MS, &ratio));
    CHECK_STR(text_ratio(ratio).text, "x62");
    CHECK(!function_is_slow(NULL, INT64_MAX, &ratio));
    model_free(model);
}

static void tell_run(struct model *model, int64_t run_ns)
{
    static uint64_t task;
    tell_at(model, 2, RECORD_TASK_ENDED,
            &(struct record_task_ended){ .pool = 1,
                                         .task = ++task,
                                         .item = -1,
                                         .items = 1,
                                         .function = 1,
                                         .end = RECORD_END_DONE,
                                         .begun_ns = 1,
                                         .ended_ns = 1 + run_ns,
                                         .run_ns = run_ns });
}

/* As of a program that lets itself be watched and has asked for nothing else. */
static void without_a_pools_own_times_those_count_that_were_told_of(void)
{
    struct model *model = make_model(0);
    double ratio;
    tell_at(model, 1, RECORD_POOL, &(struct record_pool){ .pool = 1, .target = 1 });
    tell_at(model, 1, RECORD_FUNCTION, &(struct record_function){ 1, 1, record_text_of("f"), record_text_of("") });
    for (int i = 0; i < 99; i++)
        tell_run(model, 3 * STORY_MS);
    const struct model_function *function = pool_function_at(pools_find(&model->pools, 1), 1);
    CHECK(!function_is_slow(function, 900 * STORY_MS, &ratio));
    tell_run(model, 3 * STORY_MS);
    struct function_times times = function_times(function);
    CHECK_EQ(times.count, 100);
    CHECK(times.p50_ns >= 3 * STORY_MS && times.p50_ns < 3 * STORY_MS + 3 * STORY_MS / 8);
    CHECK(function_is_slow(function, 90 * STORY_MS, &ratio));
    CHECK(ratio > 25 && ratio <= 30);
    CHECK(!function_is_slow(function, 3 * STORY_MS, &ratio));
    tell_at(model, 3, RECORD_FUNCTION_STATS,
            &(struct record_function_stats){
                .pool = 1, .function = 1, .run_count = 200, .run_p50_ns = 7, .run_p99_ns = 100 * STORY_MS });
    CHECK_EQ(function_times(function).p50_ns, 7);
    CHECK(!function_is_slow(function, 90 * STORY_MS, &ratio));
    model_free(model);
}

static void any_length_has_a_cell(void)
{
    struct usual usual = { .count = 0 };
    CHECK_EQ(usual_quantile(&usual, 500), 0);
    usual_add(&usual, 0);
    usual_add(&usual, -5);
    CHECK_EQ(usual.count, 0);
    for (int64_t ns = 1; ns > 0 && ns < INT64_MAX / 3; ns *= 3) {
        struct usual one = { .count = 0 };
        usual_add(&one, ns);
        CHECK_EQ(one.count, 1);
        int64_t up_to = usual_quantile(&one, 990);
        bool is_within = ns < 16 || ns >= INT64_C(1) << 40 || (up_to >= ns && up_to <= ns + ns / 8);
        CHECK(is_within && up_to > 0);
    }
}

/* Nobody is slow by less than one sees. */
static void what_takes_less_than_a_millisecond_is_not_slow(void)
{
    struct model *model = make_model(0);
    double ratio;
    tell_at(model, 1, RECORD_POOL, &(struct record_pool){ .pool = 1, .target = 1 });
    tell_at(model, 1, RECORD_FUNCTION, &(struct record_function){ 1, 1, record_text_of("f"), record_text_of("") });
    for (int i = 0; i < 200; i++)
        tell_run(model, 40);
    const struct model_function *function = pool_function_at(pools_find(&model->pools, 1), 1);
    CHECK(!function_is_slow(function, 900000, &ratio));
    CHECK(function_is_slow(function, 1100000, &ratio));
    model_free(model);
}

/* What comes late may tell that the task has long ended. */
static void a_worker_is_slow_as_far_as_was_told(void)
{
    struct model *model = make_model(0);
    tell_at(model, 1, RECORD_POOL, &(struct record_pool){ .pool = 1, .target = 1 });
    tell_at(model, 1, RECORD_FUNCTION, &(struct record_function){ 1, 1, record_text_of("f"), record_text_of("") });
    for (int i = 0; i < 100; i++)
        tell_run(model, 3 * STORY_MS);
    tell_at(model, 5, RECORD_WORKER,
            &(struct record_worker){
                .pool = 1, .state = MPROC_WORKER_BUSY, .function = 1, .task = 101, .items = 1, .since_ns = 5 });
    const struct model_pool *pool = pools_find(&model->pools, 1);
    const struct model_worker *worker = pool_worker_at(pool, 0);
    model_tick(model, 5 + 90 * STORY_MS);
    CHECK_EQ(model_known_ns(model), 5);
    CHECK_STR(words_worker_state(model, pool, worker), "Running");
    tell_at(model, 5 + 89 * STORY_MS, RECORD_POOL, &(struct record_pool){ .pool = 1, .target = 1 });
    CHECK_STR(words_worker_state(model, pool, worker), "Slow");
    int64_t run_ns;
    CHECK(model_worker_run_ns(model, worker, &run_ns));
    CHECK_EQ(run_ns, 89 * STORY_MS);
    model_free(model);
}

/* It was given the task, and nobody saw it begin so far. */
static void a_task_that_began_nobody_knows_when_is_not_slow(void)
{
    struct model *model = make_model(0);
    double ratio;
    int64_t run_ns, now_ns = 90000 * STORY_MS;
    tell_at(model, now_ns, RECORD_POOL, &(struct record_pool){ .pool = 1, .target = 1 });
    tell_at(model, now_ns, RECORD_FUNCTION, &(struct record_function){ 1, 1, record_text_of("f"), record_text_of("") });
    for (int i = 0; i < 100; i++)
        tell_run(model, 3 * STORY_MS);
    tell_at(model, now_ns, RECORD_WORKER,
            &(struct record_worker){ .pool = 1, .state = MPROC_WORKER_BUSY, .function = 1, .task = 101, .items = 1 });
    const struct model_pool *pool = pools_find(&model->pools, 1);
    CHECK(!model_worker_is_slow(model, pool, pool_worker_at(pool, 0), &ratio));
    CHECK(!model_worker_run_ns(model, pool_worker_at(pool, 0), &run_ns));
    CHECK_STR(words_worker_state(model, pool, pool_worker_at(pool, 0)), "Running");
    model_free(model);
}

static void a_pool_is_as_old_as_it_was_when_it_was_over(void)
{
    struct model *model = make_model(0);
    struct record_pool said = { .pool = 1 };
    tell_at(model, 100, RECORD_POOL, &said);
    const struct model_pool *pool = pools_find(&model->pools, 1);
    CHECK_EQ(pool_age_ns(pool, 300), 0);
    said.created_ns = 100;
    tell_at(model, 200, RECORD_POOL, &said);
    CHECK_EQ(pool_age_ns(pool, 300), 200);
    CHECK_EQ(pool_age_ns(pool, 50), 0);
    said.phase = RECORD_PHASE_OVER;
    tell_at(model, 500, RECORD_POOL, &said);
    CHECK_EQ(pool_age_ns(pool, 900), 400);
    said.phase = RECORD_PHASE_GONE;
    tell_at(model, 800, RECORD_POOL, &said);
    CHECK_EQ(pool_age_ns(pool, 900), 400);
    model_free(model);
}

static unsigned count_bins(const struct model_function *function, struct model_bin ret_bins[8])
{
    size_t at = 0;
    unsigned count = 0;
    while (count < 8 && function_next_bin(function, &at, &ret_bins[count]))
        count++;
    return count;
}

static const struct model_function *tell_bins(struct model *model, const char *text)
{
    static int64_t now_ns;
    tell_at(model, ++now_ns, RECORD_FUNCTION_BINS,
            &(struct record_function_bins){ .pool = 1, .function = 2, .run = record_text_of(text) });
    return pool_function_at(pools_find(&model->pools, 1), 2);
}

static void bins_are_read_as_they_were_told_and_nothing_else(void)
{
    struct model *model = make_model(0);
    struct model_bin bins[8];
    CHECK_EQ(count_bins(NULL, bins), 0);
    CHECK_EQ(count_bins(tell_bins(model, ""), bins), 0);
    CHECK_EQ(count_bins(tell_bins(model, "15:1 16:20 1024:3 9007199254740992:18446744073709551615"), bins), 4);
    CHECK_EQ(bins[0].to_ns, 15);
    CHECK_EQ(bins[1].to_ns, 17);
    CHECK_EQ(bins[2].from_ns, 1024);
    CHECK_EQ(bins[2].to_ns, 1151);
    CHECK_EQ(bins[2].count, 3);
    CHECK_EQ(bins[3].to_ns, 9007199254740992 + 1125899906842623);
    CHECK(bins[3].count == UINT64_MAX);
    CHECK_EQ(count_bins(tell_bins(model, "99999999999999999999:99999999999999999999"), bins), 1);
    CHECK(bins[0].from_ns == INT64_MAX && bins[0].to_ns == INT64_MAX && bins[0].count == UINT64_MAX);
    CHECK_EQ(count_bins(tell_bins(model, "5:1 x:2 7:3"), bins), 1);
    CHECK_EQ(count_bins(tell_bins(model, ":"), bins), 1);
    CHECK_EQ(count_bins(tell_bins(model, "12"), bins), 0);
    CHECK_EQ(count_bins(tell_bins(model, "12:"), bins), 1);
    model_free(model);
}

/* Of all functions together so many bytes are kept. */
static void bins_are_kept_up_to_a_bound(void)
{
    static char text[16001];
    struct model *model = make_model(0);
    memset(text, '1', sizeof text - 1);
    struct record_function_bins record = { .run = record_text_of(text) };
    for (record.pool = 1; record.pool <= 2; record.pool++)
        for (record.function = 1; record.function < FUNCTIONS_MAX; record.function++)
            tell_at(model, 1, RECORD_FUNCTION_BINS, &record);
    CHECK_LE(model->pools.bins_bytes, BINS_BYTES_MAX);
    CHECK_LE(BINS_BYTES_MAX - sizeof text, model->pools.bins_bytes);
    CHECK(model->pools.ignored > 0);
    /* With a pool that goes its bins go. */
    tell_at(model, 2, RECORD_SNAPSHOT_BEGIN, &(struct record_snapshot_begin){ 0 });
    tell_at(model, 2, RECORD_SNAPSHOT_END, &(struct record_snapshot_end){ 0 });
    CHECK_EQ(model->pools.bins_bytes, 0);
    model_free(model);
}

static void a_death_is_told_with_its_last_task(void)
{
    struct model *model = told_model();
    CHECK_EQ(events_death_count(&model->events), 2);
    const struct record_death *death = &events_death_at(&model->events, 0)->said;
    CHECK_EQ(death->worker, 1);
    CHECK_STR(words_death_call(model, death).text, "parse_page(\"corpus/0419.html\")");
    CHECK_STR(words_decision(death).text, "failed");
    CHECK_STR(words_decision(&events_death_at(&model->events, 1)->said).text, "tried again, attempt 2");
    CHECK_CONTAINS(kept_string(death->stack), "parse.c:218");
    model_free(model);
}

static void a_death_that_is_told_twice_is_one(void)
{
    struct model *model = make_model(0);
    struct record_death death = { .pool = 1, .worker = 3, .pid = 77, .lives = 2, .cause = record_text_of("killed") };
    tell_at(model, 1, RECORD_DEATH, &death);
    death.replaced_ns = 9;
    tell_at(model, 2, RECORD_DEATH, &death);
    CHECK_EQ(events_death_count(&model->events), 1);
    CHECK_EQ(events_death_at(&model->events, 0)->said.replaced_ns, 9);
    death.lives = 3;
    tell_at(model, 3, RECORD_DEATH, &death);
    CHECK_EQ(events_death_count(&model->events), 2);
    model_free(model);
}

static void tasks_that_failed_are_kept_longer_than_others(void)
{
    struct model *model = make_model(0);
    struct record_task_ended ended = { .pool = 1, .item = -1, .items = 1, .end = RECORD_END_DONE };
    for (uint64_t i = 1; i <= 2 * FAILURES_KEPT; i++) {
        ended.task = i;
        ended.end = i % 2 == 0 ? RECORD_END_FAILED : RECORD_END_DONE;
        ended.error = record_text_of(i % 2 == 0 ? "no such page" : "");
        tell_at(model, (int64_t)i, RECORD_TASK_ENDED, &ended);
    }
    CHECK_EQ(events_failure_count(&model->events), FAILURES_KEPT);
    CHECK_EQ(events_failure_at(&model->events, 0)->said.task, 2 * FAILURES_KEPT);
    CHECK_STR(kept_string(events_failure_at(&model->events, FAILURES_KEPT - 1)->said.error), "no such page");
    ended.task++;
    ended.end = RECORD_END_FAILED;
    tell_at(model, (int64_t)ended.task, RECORD_TASK_ENDED, &ended);
    CHECK_EQ(events_failure_count(&model->events), FAILURES_KEPT);
    CHECK_EQ(events_failure_at(&model->events, FAILURES_KEPT - 1)->said.task, 4);
    model_free(model);
}

static void lose(struct model *model, enum record_class kind, uint64_t count, int64_t from_ns, int64_t to_ns)
{
    tell_at(model, to_ns, RECORD_LOST, &(struct record_lost){ kind, count, from_ns, to_ns, 1, -1 });
}

static void check_loss(const struct model *model, uint64_t index, uint64_t count, int64_t from_ns, int64_t to_ns)
{
    const struct record_lost *loss = events_loss_at(&model->events, index);
    CHECK_EQ(loss->count, count);
    CHECK_EQ(loss->from_ns, from_ns);
    CHECK_EQ(loss->to_ns, to_ns);
}

/* Ten seconds of a pool that does more than can be told: two classes, sixty times a second. */
static void what_is_lost_in_one_go_is_one_loss_a_second_long_at_most(void)
{
    const int64_t ms = 1000000, step = 16 * ms;
    struct model *model = make_model(0);
    for (int64_t i = 0; i < 625; i++) {
        lose(model, RECORD_CLASS_LIFE, 2, i * step, (i + 1) * step - ms);
        lose(model, RECORD_CLASS_DETAIL, 3, i * step, (i + 1) * step - ms);
    }
    CHECK_EQ(events_lost(&model->events), 625 * 5);
    CHECK_EQ(events_loss_count(&model->events), 2 * 11);
    check_loss(model, 21, 2 * 62, 0, 62 * step - ms);
    check_loss(model, 20, 3 * 62, 0, 62 * step - ms);
    lose(model, RECORD_CLASS_LIFE, 7, 10200 * ms, 10210 * ms);
    check_loss(model, 0, 7, 10200 * ms, 10210 * ms);
    lose(model, RECORD_CLASS_LIFE, 1, INT64_MAX, INT64_MIN);
    lose(model, RECORD_CLASS_LIFE, 1, 0, INT64_MAX);
    check_loss(model, 0, 1, 0, INT64_MAX);
    CHECK_EQ(events_loss_count(&model->events), 2 * 11 + 3);
    model_free(model);
}

static void throughput_is_of_the_last_seconds(void)
{
    struct model *model = make_model(0);
    double rate;
    for (int64_t i = 0; i <= 50; i++) {
        int64_t now_ns = STORY_BEGIN_NS + i * 100 * STORY_MS;
        tell_at(model, now_ns, RECORD_COUNTS, &(struct record_counts){ .pool = 1, .succeeded = (uint64_t)i * 20 });
    }
    const struct model_pool *pool = pools_find(&model->pools, 1);
    CHECK(history_rate(&pool->history, pool->history.last, &rate));
    CHECK_EQ(rate, 200);
    model_tick(model, model->now_ns + 10 * STORY_S);
    CHECK(history_rate(&pool->history, pool->history.last, &rate));
    CHECK_EQ(rate, 0);
    CHECK(!history_rate(&pool->history, STORY_BEGIN_NS / STORY_S, &rate));
    CHECK(!history_rate(&pool->history, STORY_BEGIN_NS / STORY_S + 1, &rate));
    CHECK(history_rate(&pool->history, STORY_BEGIN_NS / STORY_S + 2, &rate));
    CHECK_EQ(rate, 200);
    CHECK(history_at(&pool->history, STORY_BEGIN_NS / STORY_S - 1) == NULL);
    model_free(model);
}

static void tell_done(struct model *model, int64_t at_ms)
{
    const struct record_counts counts = { .pool = 1, .succeeded = (uint64_t)at_ms / 5 };
    tell_at(model, STORY_BEGIN_NS + at_ms * STORY_MS, RECORD_COUNTS, &counts);
}

/* Wherever in a second one begins to look: before a whole one was watched it is of what was. */
static void throughput_is_known_within_a_second_of_attaching(void)
{
    for (int64_t begin_ms = 50; begin_ms < 1000; begin_ms += 100) {
        struct model *model = make_model(0);
        double rate = 0;
        for (int64_t at_ms = 0; at_ms <= 3000; at_ms += 50) {
            tell_done(model, begin_ms + at_ms);
            const struct model_pool *pool = pools_find(&model->pools, 1);
            CHECK_EQ(history_rate_now(&pool->history, &rate), at_ms >= 550);
            CHECK_EQ(rate, at_ms >= 550 ? 200 : 0);
        }
        model_free(model);
    }
}

/* What was done in the last 50 ms before a sample is told behind it. */
static void in_a_recording_throughput_is_known_from_its_beginning_on(void)
{
    for (int64_t begin_ms = 50; begin_ms < 1000; begin_ms += 100) {
        struct model *model = make_model(0);
        for (int64_t at_ms = 0; at_ms <= 4000; at_ms += 50)
            tell_done(model, begin_ms + at_ms);
        const struct history *history = &pools_find(&model->pools, 1)->history;
        int64_t first = history->begin_ns / STORY_S;
        double rate;
        CHECK(!history_rate_from_begin(history, first - 1, &rate));
        for (int64_t second = first; second <= history->last; second++) {
            CHECK(history_rate_from_begin(history, second, &rate));
            CHECK(rate >= 180 && rate <= 200);
        }
        CHECK(history->last >= first + 3 && !history_rate_from_begin(history, history->last + 1, &rate));
        model_free(model);
    }
}

static void throughput_is_known_soon_behind_a_silence(void)
{
    struct model *model = make_model(0);
    double rate;
    for (int64_t at_ms = 0; at_ms <= 3000; at_ms += 50)
        tell_done(model, at_ms);
    model_silence(model);
    const struct history *history = &pools_find(&model->pools, 1)->history;
    CHECK(history_rate_now(history, &rate));
    CHECK_EQ(rate, 200);
    for (int64_t at_ms = 60000; at_ms <= 63000; at_ms += 50) {
        tell_done(model, at_ms);
        CHECK_EQ(history_rate_now(history, &rate), at_ms >= 61500);
        CHECK(at_ms < 61500 || rate == 200);
    }
    model_free(model);
}

static void of_the_time_that_a_process_was_silent_nothing_is_known(void)
{
    struct model *model = make_model(0);
    const int64_t first = STORY_BEGIN_NS / STORY_S;
    for (int64_t i = 0; i <= 3; i++)
        tell_at(model, STORY_BEGIN_NS + i * STORY_S, RECORD_COUNTS,
                &(struct record_counts){ .pool = 1, .succeeded = (uint64_t)i });
    model_tick(model, STORY_BEGIN_NS + 5 * STORY_S);
    model_silence(model);
    CHECK_EQ(model->now_ns, STORY_BEGIN_NS + 3 * STORY_S);
    const struct history *history = &pools_find(&model->pools, 1)->history;
    CHECK(history_at(history, first + 3) != NULL && history_at(history, first + 4) == NULL);
    for (int64_t i = 8; i <= 9; i++)
        tell_at(model, STORY_BEGIN_NS + i * STORY_S, RECORD_COUNTS,
                &(struct record_counts){ .pool = 1, .succeeded = (uint64_t)i });
    CHECK(history_at(history, first + 3) != NULL && history_at(history, first + 4) == NULL);
    CHECK(history_at(history, first + 8) == NULL && history_at(history, first + 9) != NULL);
    model_free(model);
}

static void the_share_of_cpu_is_of_the_process_that_runs_now(void)
{
    struct model *model = make_model(0);
    struct record_worker worker = story_worker(0);
    double share;
    tell_at(model, STORY_BEGIN_NS, RECORD_WORKER,
            &(struct record_worker){ .pool = 1, .pid = 5000, .state = 3, .cpu_ns = 1 });
    worker.cpu_ns = 500000001;
    tell_at(model, STORY_BEGIN_NS + STORY_S, RECORD_WORKER, &worker);
    const struct model_pool *pool = pools_find(&model->pools, 1);
    const struct model_worker *known = pool_worker_at(pool, 0);
    CHECK(worker_cpu(pool, known, model->now_ns, &share));
    CHECK(share > 0.49 && share < 0.51);
    CHECK(worker_cpu(pool, known, model->now_ns + 60 * STORY_S, &share));
    CHECK(share < 0.01);
    worker.pid = 5009;
    worker.cpu_ns = 7;
    tell_at(model, STORY_BEGIN_NS + 2 * STORY_S, RECORD_WORKER, &worker);
    CHECK(!worker_cpu(pool, known, model->now_ns, &share));
    model_free(model);
}

/* All workers are asked for their time at first, and from then on each so often, at a moment of its own. It is told of
 * in between, too, with what it had when it was asked. It takes so many hundredths of a CPU. */
static void tell_usage(struct model *model, uint32_t worker, int64_t at_ms, int64_t each_ms, unsigned hundredths)
{
    int64_t asked_ms = at_ms - (at_ms + (int64_t)worker * 130) % each_ms;
    if (asked_ms < 0)
        asked_ms = 0;
    tell_at(model, STORY_BEGIN_NS + at_ms * STORY_MS, RECORD_WORKER,
            &(struct record_worker){ .pool = 1,
                                     .worker = worker,
                                     .pid = 5000 + worker,
                                     .state = MPROC_WORKER_BUSY,
                                     .tasks = (uint64_t)at_ms,
                                     .cpu_ns = (uint64_t)((5 * STORY_S + asked_ms * STORY_MS) / 100) * hundredths,
                                     .memory = (uint64_t)(worker + 1) << 20 });
}

static void check_share(const struct model *model, uint32_t worker, double expected)
{
    const struct model_pool *pool = pools_find(&model->pools, 1);
    double share = -1;
    CHECK(worker_cpu(pool, pool_worker_at(pool, worker), model->now_ns, &share));
    CHECK(fabs(share - expected) < 0.001);
}

/* However often it is told of, and at whatever moment somebody asks. */
static void a_worker_that_takes_the_same_all_the_time_is_said_to(void)
{
    struct model *model = make_model(0);
    for (int64_t at_ms = 0; at_ms <= 20000; at_ms += 10) {
        for (uint32_t worker = 0; worker < 3; worker++)
            tell_usage(model, worker, at_ms, 500, 30 + 25 * worker);
        for (uint32_t worker = 0; at_ms > 1100 && worker < 3; worker++)
            check_share(model, worker, 0.3 + 0.25 * worker);
    }
    model_free(model);
}

/* Each is asked every two seconds then. */
static void a_worker_of_a_large_pool_is_not_idle_between_two_questions(void)
{
    struct model *model = make_model(0);
    for (int64_t at_ms = 0; at_ms <= 9000; at_ms += 10) {
        for (uint32_t worker = 0; worker < 200; worker++)
            tell_usage(model, worker, at_ms, 2000, 40);
        for (uint32_t worker = 0; at_ms >= 4000 && worker < 200; worker++)
            check_share(model, worker, 0.4);
    }
    model_tick(model, STORY_BEGIN_NS + 20 * STORY_S);
    check_share(model, 0, 0);
    model_free(model);
}

/* The second one is told of for a while and then no more: it is idle. */
static void what_a_pool_takes_is_what_its_workers_take_at_any_moment(void)
{
    struct model *model = make_model(0);
    double all, share;
    bool has_fallen = false;
    for (int64_t at_ms = 0; at_ms <= 9000; at_ms += 10) {
        tell_usage(model, 0, at_ms, 500, 96);
        if (at_ms < 4000)
            tell_usage(model, 1, at_ms, 500, 61);
        const struct model_pool *pool = pools_find(&model->pools, 1);
        double sum = 0;
        for (uint32_t worker = 0; worker < pool->workers.count; worker++)
            sum += worker_cpu(pool, pool_worker_at(pool, worker), model->now_ns, &share) ? share : 0;
        CHECK(pool_cpu(pool, model->now_ns, &all) ? fabs(all - sum) < 0.001 : sum == 0 && at_ms < 700);
        has_fallen |= at_ms > 4000 && fabs(all - 0.96) < 0.001;
        CHECK(at_ms < 1100 || fabs(all - (has_fallen ? 0.96 : 1.57)) < 0.001);
    }
    CHECK(has_fallen);
    uint64_t bytes;
    CHECK(pool_memory(pools_find(&model->pools, 1), &bytes) && bytes == 3u << 20);
    model_free(model);
}

/* What ran in a place that is no more stays in its lane. */
static void a_pool_made_smaller_has_fewer_places(void)
{
    struct model *model = told_model();
    const struct model_pool *pool = pools_find(&model->pools, 1);
    tell_at(model, STORY_END_NS, RECORD_POOL, &(struct record_pool){ .pool = 1, .max_workers = 1, .target = 1 });
    CHECK(pool_worker_at(pool, 1) != NULL);
    tell_at(model, STORY_END_NS, RECORD_WORKER, &(struct record_worker){ .pool = 1, .worker = 1, .item = -1 });
    CHECK(pool_worker_at(pool, 1) == NULL);
    CHECK(pool_lane_at(pool, 1) != NULL);
    CHECK_EQ(pool_count_workers(pool, MPROC_WORKER_NONE), 0);
    CHECK(pool_worker_at(pool, 0) != NULL);
    model_free(model);
}

static void a_map_has_its_share_and_the_time_that_is_left(void)
{
    struct model *model = told_model();
    const struct model_pool *pool = pools_find(&model->pools, 1);
    int64_t left_ns;
    CHECK_EQ(pool->maps.count, 1);
    const struct model_map *map = pool_map_at(pool, 0);
    CHECK(map_left(map, map->said.submitted_ns + STORY_S, &left_ns));
    CHECK_EQ(left_ns, 3 * STORY_S);
    struct record_map ended = map->said;
    ended.ended = 1;
    ended.done = 1000;
    tell_at(model, model->now_ns, RECORD_MAP, &ended);
    CHECK_EQ(pool->maps.count, 1);
    CHECK(!map_left(pool_map_at(pool, 0), model->now_ns, &left_ns));
    model_free(model);
}

/* ---- Late and lost records ---- */

static void a_record_that_comes_late_changes_nothing(void)
{
    struct model *model = told_model();
    const struct model_pool *pool = pools_find(&model->pools, 1);
    tell_at(model, STORY_BEGIN_NS - 1, RECORD_COUNTS, &(struct record_counts){ .pool = 1, .succeeded = 3 });
    tell_at(model, STORY_BEGIN_NS - 1, RECORD_POOL, &(struct record_pool){ .pool = 1, .name = record_text_of("old") });
    CHECK_EQ(pool->counts.succeeded, STORY_DONE + 1);
    CHECK_STR(kept_string(pool->said.name), "pages");
    CHECK_EQ(model->now_ns, STORY_END_NS);
    model_free(model);
}

static void ends_before_beginnings_are_put_together(void)
{
    struct model *model = make_model(0);
    struct record_task_begun first = story_begun(9, 0, 1, STORY_BEGIN_NS, "1");
    struct record_task_begun second = story_begun(9, 1, 2, STORY_BEGIN_NS + 5, "1");
    struct record_task_ended retried = story_ended(&first, RECORD_END_RETRIED, 3, "", "");
    struct record_task_ended done = story_ended(&second, RECORD_END_DONE, 3, "2", "");
    tell_at(model, 4, RECORD_TASK_ENDED, &retried);
    CHECK_EQ(task_state(single(model, 9)), TASK_RETRIED);
    tell_at(model, 4, RECORD_TASK_ENDED, &done);
    tell_at(model, 3, RECORD_TASK_BEGUN, &second);
    tell_at(model, 1, RECORD_TASK_BEGUN, &first);
    tell_at(model, 2, RECORD_TASK_ENDED, &retried);
    CHECK_EQ(tasks_count(&model->tasks), 1);
    CHECK_EQ(task_state(single(model, 9)), TASK_DONE);
    CHECK_EQ(single(model, 9)->worker, 1);
    model_free(model);
}

static void an_attempt_after_a_retry_runs(void)
{
    struct model *model = make_model(0);
    struct record_task_begun first = story_begun(9, 0, 1, STORY_BEGIN_NS, "1");
    struct record_task_ended retried = story_ended(&first, RECORD_END_RETRIED, 3, "", "");
    struct record_task_begun second = story_begun(9, 1, 2, STORY_BEGIN_NS + 5, "1");
    tell_at(model, 1, RECORD_TASK_BEGUN, &first);
    CHECK_EQ(task_state(single(model, 9)), TASK_RUNNING);
    tell_at(model, 2, RECORD_TASK_ENDED, &retried);
    CHECK_EQ(task_state(single(model, 9)), TASK_RETRIED);
    tell_at(model, 3, RECORD_TASK_BEGUN, &second);
    CHECK_EQ(task_state(single(model, 9)), TASK_RUNNING);
    model_free(model);
}

/* Every record that is no state may be lost: of what has a figure nothing is wrong. */
static void lose_events(void *user, const struct wire_frame *frame, const void *record)
{
    const struct wire_type *type = mproc__wire_type(frame->type);
    if (type->class == RECORD_CLASS_STATE)
        feed(user, frame, record);
}

static void lost_events_make_no_figure_wrong(void)
{
    struct model *model = make_model(0);
    struct story story = { .sink = lose_events, .user = model };
    story_run_all(&story);
    const struct model_pool *pool = pools_find(&model->pools, 1);
    CHECK_EQ(pool->counts.succeeded, STORY_DONE + 1);
    CHECK_EQ(pool->counts.deaths, 2);
    CHECK_EQ(tasks_count(&model->tasks), 2); /* What workers run is their state. */
    CHECK_EQ(events_death_count(&model->events), 0);
    model_free(model);
}

static void what_a_snapshot_does_not_name_is_gone(void)
{
    struct model *model = told_model();
    tell_at(model, STORY_END_NS + 1, RECORD_POOL, &(struct record_pool){ .pool = 2, .name = record_text_of("new") });
    struct story story = { .sink = feed_all, .user = model, .now_ns = STORY_END_NS + 2 };
    story_snapshot(&story);
    CHECK_EQ(model->pools.all.count, 1);
    CHECK(pools_find(&model->pools, 2) == NULL);
    CHECK_EQ(pools_find(&model->pools, 1)->maps.count, 0);
    CHECK_EQ(model->objects.all.count, 0);
    CHECK_EQ(model->objects.waiters.count, 0);
    CHECK_EQ(events_death_count(&model->events), 2);
    model_free(model);
}

static void so_many_tasks_are_kept_and_the_oldest_go(void)
{
    struct model *model = make_model(16);
    for (uint64_t task = 1; task <= 1000; task++) {
        struct record_task_begun begun = story_begun(task, 0, 1, 1, "argument");
        tell_at(model, (int64_t)task, RECORD_TASK_BEGUN, &begun);
    }
    CHECK_EQ(tasks_count(&model->tasks), 16);
    CHECK_EQ(model->tasks.total, 1000);
    CHECK_EQ(tasks_at(&model->tasks, 0)->key.task, 1000);
    CHECK_EQ(tasks_at(&model->tasks, 15)->key.task, 985);
    CHECK(tasks_find(&model->tasks, &(struct task_key){ 1, 984, -1 }) == NULL);
    CHECK(tasks_find(&model->tasks, &(struct task_key){ 1, 985, -1 }) != NULL);
    model_free(model);
}

/* A peer that lies costs no more than what is kept of anybody. */
static void numbers_out_of_bounds_are_ignored_and_counted(void)
{
    struct model *model = make_model(4);
    for (uint32_t i = 0; i < 1000; i++) {
        tell_at(model, 1, RECORD_POOL, &(struct record_pool){ .pool = i * 4099 });
        tell_at(model, 1, RECORD_MAP, &(struct record_map){ .pool = 0, .task = i });
    }
    for (uint32_t i = 0; i < WAITERS_MAX + 10; i++)
        tell_at(model, 1, RECORD_WAITER, &(struct record_waiter){ .object = 1, .pid = i, .thread = i });
    tell_at(model, 1, RECORD_WORKER, &(struct record_worker){ .pool = 0, .worker = UINT32_MAX });
    tell_at(model, 1, RECORD_FUNCTION, &(struct record_function){ .pool = 0, .function = UINT32_MAX });
    tell_at(model, 1, RECORD_LOST, &(struct record_lost){ .kind = 255, .count = 5 });
    CHECK_LE(model->pools.all.count, POOLS_MAX);
    CHECK_LE(model->objects.waiters.count, WAITERS_MAX);
    CHECK(model->pools.ignored > 0);
    CHECK_EQ(model->objects.ignored, 10);
    CHECK_EQ(model_ignored(model), model->pools.ignored + 10);
    CHECK_EQ(pools_find(&model->pools, 0)->workers.count, 0);
    CHECK_EQ(events_lost(&model->events), 5);
    model_free(model);
}

/* ---- Who waits ---- */

static void tell_wait(struct model *model, uint64_t object, unsigned thread, int64_t since_ns, bool gone)
{
    tell_at(model, STORY_BEGIN_NS, RECORD_WAITER,
            &(struct record_waiter){
                .object = object, .pid = 1 + thread / 4, .thread = thread, .since_ns = since_ns, .gone = gone });
}

/* All who wait for it, in their order; and nobody else does. */
static size_t check_waiters_of(const struct model *model, uint64_t object)
{
    size_t first, count = objects_waiters_of(&model->objects, object, &first), all = 0;
    int64_t since_ns = -1, longest_ns;
    for (size_t i = 0; i < count; i++) {
        const struct record_waiter *waiter = &objects_waiter_by_object(&model->objects, first + i)->said;
        CHECK_EQ(waiter->object, object);
        CHECK_LE(since_ns, waiter->since_ns);
        CHECK_EQ(objects_longest_wait(&model->objects, object, &longest_ns), true);
        CHECK_LE(longest_ns, waiter->since_ns);
        since_ns = waiter->since_ns;
    }
    for (size_t i = 0; i < model->objects.waiters.count; i++)
        all += objects_waiter_at(&model->objects, i)->said.object == object;
    CHECK_EQ(count, all);
    return all;
}

static void check_waiters(const struct model *model)
{
    size_t sum = 0;
    for (uint64_t object = 0; object <= 8; object++)
        sum += check_waiters_of(model, object);
    CHECK_EQ(sum, model->objects.waiters.count);
    for (size_t i = 0; i < model->objects.waiters.count; i++) {
        const struct record_waiter *waiter = &objects_waiter_at(&model->objects, i)->said;
        CHECK_EQ(objects_waiter_in(&model->objects, waiter->pid)->said.pid, waiter->pid);
        CHECK(i == 0 || objects_waiter_at(&model->objects, i - 1)->said.thread < waiter->thread);
    }
    CHECK(objects_waiter_in(&model->objects, 0) == NULL);
    CHECK(objects_waiter_in(&model->objects, 100) == NULL);
}

static void who_waits_is_found_by_thread_and_by_object(void)
{
    struct model *model = make_model(0);
    unsigned random = 1;
    for (int i = 0; i < 3000; i++) {
        unsigned thread = test_random(&random) % 64, object = test_random(&random) % 8;
        tell_wait(model, object, thread, test_random(&random) % 100, test_random(&random) % 3 == 0);
        if (i % 100 == 0)
            check_waiters(model);
    }
    CHECK(model->objects.waiters.count > 8);
    tell_at(model, STORY_BEGIN_NS, RECORD_SNAPSHOT_BEGIN, &(struct record_snapshot_begin){ 0 });
    tell_wait(model, 3, 7, 50, false);
    tell_at(model, STORY_BEGIN_NS, RECORD_SNAPSHOT_END, &(struct record_snapshot_end){ 0 });
    CHECK_EQ(model->objects.waiters.count, 1);
    check_waiters(model);
    model_free(model);
}

static unsigned comparisons;

static int by_value(const void *element, const void *key)
{
    comparisons++;
    return *(const int *)element - *(const int *)key;
}

/* Somebody may tell of as many as there may be, again and again. */
static void a_list_in_order_is_searched_in_few_steps(void)
{
    struct list list = LIST_OF(int);
    for (int i = 0; i < (int)WAITERS_MAX; i++)
        *(int *)list_insert(&list, 0) = 2 * ((int)WAITERS_MAX - i);
    for (int key = 1; key < 2 * (int)WAITERS_MAX + 3; key++) {
        comparisons = 0;
        CHECK_EQ(list_search(&list, by_value, &key), (key - 1) / 2);
        CHECK_LE(comparisons, 13);
    }
    list_free(&list);
    CHECK_EQ(list_search(&list, by_value, &(int){ 1 }), 0);
}

/* ---- Deadlocks ---- */

static void two_that_wait_for_each_other_are_a_deadlock(void)
{
    struct model *model = told_model();
    struct deadlock found[4];
    CHECK_EQ(objects_deadlocks(&model->objects, model->now_ns + STORY_S, found, 4), 1);
    CHECK_EQ(found[0].length, 2);
    CHECK_EQ(found[0].behind, 0);
    CHECK_STR(
        words_deadlock_step(model, &found[0], 0).text,
        "Worker 0 holds \xe2\x80\x9cpages\xe2\x80\x9d and waits for \xe2\x80\x9cseen\xe2\x80\x9d in crawl.c:118.");
    CHECK_STR(words_deadlock_step(model, &found[0], 1).text,
              "Worker 1 holds \xe2\x80\x9cseen\xe2\x80\x9d and waits for \xe2\x80\x9cpages\xe2\x80\x9d in store.c:64.");
    CHECK_STR(words_deadlock_end(&found[0]).text, "Neither can ever go on.");
    CHECK_CONTAINS(words_deadlock_advice(model, &found[0]).text,
                   "\xe2\x80\x9cpages\xe2\x80\x9d before \xe2\x80\x9cseen\xe2\x80\x9d in both places");
    model_free(model);
}

/* Worker 0 waits for "seen" so. */
static struct words end_with_patience(struct model *model, uint8_t patience)
{
    struct deadlock found[4];
    bool has_limit = patience == RECORD_PATIENCE_LIMITED;
    tell_at(model, STORY_END_NS, RECORD_WAITER,
            &(struct record_waiter){
                .object = 2, .pid = 5000, .thread = 5000, .since_ns = STORY_BEGIN_NS, .patience = patience });
    CHECK_EQ(objects_deadlocks(&model->objects, model->now_ns + STORY_S, found, 4), 1);
    CHECK((strstr(words_deadlock_advice(model, &found[0]).text, "time-out") == NULL) == has_limit);
    return words_deadlock_end(&found[0]);
}

static void a_deadlock_in_which_one_gives_up_is_not_told_to_be_for_ever(void)
{
    struct model *model = told_model();
    CHECK_STR(end_with_patience(model, RECORD_PATIENCE_LIMITED).text, "Neither goes on before a time-out ends a wait.");
    CHECK_STR(end_with_patience(model, RECORD_PATIENCE_UNKNOWN).text, "Neither goes on unless a time-out ends a wait.");
    CHECK_STR(end_with_patience(model, 77).text, "Neither goes on unless a time-out ends a wait.");
    CHECK_STR(end_with_patience(model, RECORD_PATIENCE_FOREVER).text, "Neither can ever go on.");
    model_free(model);
}

/* A function that is given two locks, in either order. */
static void what_one_place_takes_in_two_orders_is_to_be_taken_in_one(void)
{
    struct model *model = told_model();
    struct deadlock found[4];
    for (uint32_t i = 0; i < 2; i++)
        tell_at(model, STORY_END_NS, RECORD_WAITER,
                &(struct record_waiter){ .object = 2 - i,
                                         .pid = 5000 + i,
                                         .thread = 5000 + i,
                                         .since_ns = STORY_BEGIN_NS,
                                         .place = record_text_of("transfer.c:12") });
    CHECK_EQ(objects_deadlocks(&model->objects, model->now_ns + STORY_S, found, 4), 1);
    CHECK_CONTAINS(words_deadlock_advice(model, &found[0]).text, " every time");
    model_free(model);
}

static void those_behind_a_deadlock_are_counted(void)
{
    struct model *model = told_model();
    struct story story = { .sink = feed_all, .user = model, .now_ns = STORY_END_NS };
    struct deadlock found[4];
    story_object(&story, 3, "behind", 7);
    story_wait(&story, 1, 7, "a.c:1");
    story_wait(&story, 3, 8, "a.c:2");
    story_object(&story, 4, "free", 0);
    tell_at(model, STORY_END_NS, RECORD_OBJECT, &(struct record_object){ .object = 5, .kind = RECORD_OBJECT_QUEUE });
    story_wait(&story, 5, 9, "a.c:3");
    CHECK_EQ(objects_deadlocks(&model->objects, model->now_ns + STORY_S, found, 4), 1);
    CHECK_EQ(found[0].behind, 2);
    CHECK_STR(words_deadlock_end(&found[0]).text, "Neither can ever go on. Two more wait behind them.");
    model_free(model);
}

/* A circle, a long way into it, and all who may be there at the begin of that. */
static void ways_into_a_deadlock_may_be_long(void)
{
    enum { CIRCLE = OBJECTS_MAX / 2 };
    struct model *model = make_model(0);
    struct deadlock found[2];
    for (uint32_t i = 0; i < OBJECTS_MAX; i++)
        tell_at(model, STORY_BEGIN_NS, RECORD_OBJECT,
                &(struct record_object){ .object = i, .holder_pid = 1, .holder = i });
    for (uint32_t i = 0; i < WAITERS_MAX; i++) {
        uint32_t next = i >= OBJECTS_MAX ? OBJECTS_MAX - 1 : i == 0 ? CIRCLE - 1 : i - 1;
        tell_at(model, STORY_BEGIN_NS, RECORD_WAITER,
                &(struct record_waiter){ .object = next, .pid = 1, .thread = i, .wait = RECORD_WAIT_TAKE });
    }
    CHECK_EQ(objects_deadlocks(&model->objects, STORY_END_NS, found, 2), 1);
    CHECK_EQ(found[0].length, CIRCLE);
    CHECK_EQ(found[0].behind, WAITERS_MAX - CIRCLE);
    model_free(model);
}

static void one_that_waits_for_itself_is_a_deadlock(void)
{
    struct model *model = make_model(0);
    struct story story = { .sink = feed_all, .user = model, .now_ns = STORY_BEGIN_NS };
    struct deadlock found[4];
    story_object(&story, 1, "own", 0);
    story_wait(&story, 1, 0, "");
    CHECK_EQ(objects_deadlocks(&model->objects, model->now_ns + STORY_S, found, 4), 1);
    CHECK_EQ(found[0].length, 1);
    CHECK_STR(words_deadlock_end(&found[0]).text, "It can never go on.");
    model_free(model);
}

/* A thread may be seen to hold what, for one look, it still seems to wait for. */
static void what_is_seen_for_a_moment_is_no_deadlock(void)
{
    struct model *model = make_model(0);
    struct story story = { .sink = feed_all, .user = model, .now_ns = STORY_BEGIN_NS };
    struct deadlock found[4];
    story_wait(&story, 1, 0, "");
    tell_at(model, STORY_END_NS, RECORD_OBJECT,
            &(struct record_object){ .object = 1, .holder_pid = 5000, .holder = 5000, .held_since_ns = STORY_END_NS });
    CHECK_EQ(objects_deadlocks(&model->objects, STORY_END_NS + STORY_MS, found, 4), 0);
    CHECK_EQ(objects_deadlocks(&model->objects, STORY_END_NS + STORY_S, found, 4), 1);
    model_free(model);
}

static void a_long_circle_is_found_once(void)
{
    enum { LENGTH = 100 };
    struct model *model = make_model(0);
    struct story story = { .sink = feed_all, .user = model, .now_ns = STORY_BEGIN_NS };
    struct deadlock found[4];
    for (uint32_t i = 0; i < LENGTH; i++) {
        story_object(&story, i + 1, "one of many", i);
        story_wait(&story, (i + 1) % LENGTH + 1, i, "");
    }
    CHECK_EQ(objects_deadlocks(&model->objects, model->now_ns + STORY_S, found, 4), 1);
    CHECK_EQ(found[0].length, LENGTH);
    CHECK_EQ(found[0].count, DEADLOCK_MAX);
    CHECK(deadlock_has_object(&found[0], 2));
    model_free(model);
}

static void a_wait_that_ends_ends_the_deadlock(void)
{
    struct model *model = told_model();
    struct deadlock found[4];
    struct record_waiter gone = { .object = 1, .pid = 5001, .thread = 5001, .gone = 1 };
    struct record_waiter other = { .object = 9, .pid = 5001, .thread = 5001, .gone = 1 };
    tell_at(model, STORY_END_NS, RECORD_WAITER, &other);
    CHECK_EQ(objects_deadlocks(&model->objects, model->now_ns + STORY_S, found, 4), 1);
    tell_at(model, STORY_END_NS, RECORD_WAITER, &gone);
    CHECK_EQ(objects_deadlocks(&model->objects, model->now_ns + STORY_S, found, 4), 0);
    tell_at(model, STORY_END_NS, RECORD_OBJECT, &(struct record_object){ .object = 1, .destroyed = 1 });
    CHECK(objects_find(&model->objects, 1) == NULL);
    model_free(model);
}

/* ---- Numbers ---- */

#define B TEXT_BLANK

static void counts_have_groups_of_three(void)
{
    CHECK_STR(text_count(0).text, "0");
    CHECK_STR(text_count(999).text, "999");
    CHECK_STR(text_count(48213).text, "48" B "213");
    CHECK_STR(text_count(UINT64_MAX).text, "18" B "446" B "744" B "073" B "709" B "551" B "615");
    CHECK_STR(text_about(9999).text, "9" B "999");
    CHECK_STR(text_about(12400).text, "12.4" B "k");
    CHECK_STR(text_about(3.1e6).text, "3.10" B "M");
    CHECK_STR(text_rate(212).text, "212" B "/s");
    CHECK_STR(text_rate(1.24e6).text, "1.24" B "M/s");
    CHECK_STR(text_rate(0.5).text, "0.5" B "/s");
    CHECK_STR(text_rate(3).text, "3" B "/s");
    CHECK_STR(text_rate(0).text, "0" B "/s");
}

static void times_have_three_digits_and_a_unit(void)
{
    CHECK_STR(text_duration(-5).text, "0" B "us");
    CHECK_STR(text_duration(412).text, "412" B "ns");
    CHECK_STR(text_duration(318000).text, "318" B "us");
    CHECK_STR(text_duration(4100000).text, "4.1" B "ms");
    CHECK_STR(text_duration(192 * STORY_MS).text, "192" B "ms");
    CHECK_STR(text_duration(999600000).text, "1.00" B "s");
    CHECK_STR(text_duration(1920 * STORY_MS).text, "1.92" B "s");
    CHECK_STR(text_duration(14200 * STORY_MS).text, "14.2" B "s");
    CHECK_STR(text_duration(59990 * STORY_MS).text, "1:00" B "min");
    CHECK_STR(text_duration(62 * STORY_S).text, "1:02" B "min");
    CHECK_STR(text_span(226 * STORY_S).text, "3" B "min" B "46" B "s");
    CHECK_STR(text_span(7500 * STORY_S).text, "2" B "h" B "05" B "min");
    CHECK_STR(text_duration(3599900 * STORY_MS).text, "1" B "h" B "00" B "min");
    CHECK_STR(text_after(29 * STORY_MS).text, "+29" B "ms");
    CHECK_STR(text_after(12300 * STORY_MS).text, "+12.3" B "s");
}

static void sizes_and_shares_have_units(void)
{
    CHECK_STR(text_bytes(0).text, "0" B "B");
    CHECK_STR(text_bytes(999).text, "999" B "B");
    CHECK_STR(text_bytes(22100000).text, "22.1" B "MB");
    CHECK_STR(text_bytes(999600).text, "1.00" B "MB");
    CHECK_STR(text_share(0.12).text, "12" B "%");
    CHECK_STR(text_share(0.003).text, "0.3" B "%");
    CHECK_STR(text_share(0).text, "0" B "%");
    CHECK_STR(text_share(6.82).text, "682" B "%");
    CHECK_STR(text_ratio(62.4).text, "x62");
    CHECK_STR(text_ratio(3.14).text, "x3.1");
    CHECK_STR(text_ratio(1230).text, "x1" B "230");
    CHECK_STR(text_ratio(10870).text, "x10.9" B "k");
    CHECK_STR(text_ratio(999499).text, "x999" B "k");
    CHECK_STR(text_ratio(1e6).text, "x1.00" B "M");
}

static void what_is_said_stays_one_line_in_one_direction(void)
{
    CHECK_STR(words_format("waits for \xe2\x80\x9c%s\xe2\x80\x9d", "a\nb\xe2\x80\xae"
                                                                   "c\xe2\x80\xa8\xd7\xa9")
                  .text,
              "waits for \xe2\x80\x9c"
              "a?b?c?\xd7\xa9\xe2\x80\x9d");
}

static void columns_are_those_of_a_terminal(void)
{
    CHECK_EQ(columns_of("abc", 3), 3);
    CHECK_EQ(columns_of("\xe6\x97\xa5\xe6\x9c\xac", 6), 4);
    CHECK_EQ(columns_of("e\xcc\x81", 3), 1);
    CHECK_EQ(columns_character("\x1b[31m", 5).columns, -1);
    CHECK_EQ(columns_character("\xc2\x9b", 2).columns, -1);
    CHECK_EQ(columns_character("\xe2\x80\xae", 3).columns, -1);
    CHECK_EQ(columns_character("\xff", 1).columns, -1);
    CHECK_EQ(columns_fit("a\xe6\x97\xa5", 4, 2), 1);
    CHECK_EQ(columns_fit("a\xe6\x97\xa5", 4, 3), 4);
}

/* ---- Cards ---- */

static void a_card_is_read_and_believed_in_nothing(void)
{
    char text[16];
    CHECK(card_text("{\"pid\":12, \"name\" : \"a\\\"b\\u00e9\"}", "name", text, sizeof text));
    CHECK_STR(text, "a\"b\xc3\xa9");
    CHECK(card_text("{\"x\":true,\"name\":\"0123456789012345678\"}", "name", text, sizeof text));
    CHECK_STR(text, "012345678901234");
    CHECK(!card_text("{\"name\":12}", "name", text, sizeof text));
    CHECK_STR(text, "");
    CHECK(!card_text("{\"other\":{\"name\":\"x\"}}", "name", text, sizeof text));
    CHECK(!card_text("{\"name\":\"no end", "name", text, sizeof text));
    CHECK(!card_text("{\"name\":\"\\u12\"}", "name", text, sizeof text));
    CHECK(!card_text("", "name", text, sizeof text));
    CHECK(!card_text("[]", "name", text, sizeof text));
}

/* ---- Numbers ---- */

static void times_are_cut_to_what_can_be_counted_with(void)
{
    struct wire_frame frame = { .type = RECORD_GREETING, .time_ns = -5 };
    union record record = { .greeting = {
                                .magic = RECORD_MAGIC, .pid = -1, .now_ns = INT64_MAX, .wall_ns = INT64_MAX } };
    bounds_apply(&frame, &record);
    CHECK_EQ(frame.time_ns, 0);
    CHECK_EQ(record.greeting.now_ns, BOUNDS_MAX);
    CHECK_EQ(record.greeting.wall_ns, BOUNDS_WALL_MAX);
    CHECK_EQ(record.greeting.pid, -1);
    CHECK(record.greeting.magic == RECORD_MAGIC);
    frame.type = RECORD_DEATH;
    record = (union record){ .death = { .exit_code = INT64_MIN, .decided_ns = INT64_MIN, .task = UINT64_MAX } };
    bounds_apply(&frame, &record);
    CHECK_EQ(record.death.exit_code, -BOUNDS_MAX);
    CHECK_EQ(record.death.decided_ns, 0);
    CHECK(record.death.task == UINT64_MAX);
    frame.type = RECORD_WORKER;
    record = (union record){ .worker = { .cpu_ns = UINT64_MAX, .memory = UINT64_MAX, .since_ns = 1234 } };
    bounds_apply(&frame, &record);
    CHECK_EQ(record.worker.cpu_ns, BOUNDS_MAX);
    CHECK(record.worker.memory == UINT64_MAX && record.worker.since_ns == 1234);
}

static void what_is_estimated_is_a_number(void)
{
    CHECK_EQ(bounds_length(1e300), BOUNDS_MAX);
    CHECK_EQ(bounds_length(-1), 0);
    CHECK_EQ(bounds_length((double)INFINITY - (double)INFINITY), 0);
    CHECK_EQ(bounds_length(1500), 1500);
    CHECK(bounds_part(7) == 1 && bounds_part(-7) == 0 && bounds_part(0.25) == 0.25);
}

static struct model *extreme_model;

static void feed_extreme(unsigned type, const void *record, int64_t time_ns)
{
    union record bounded;
    struct wire_frame frame = { .type = (uint16_t)type, .time_ns = time_ns };
    memcpy(&bounded, record, sizeof bounded);
    bounds_apply(&frame, &bounded);
    CHECK_OK(model_take(extreme_model, &frame, &bounded));
}

/* Where the build looks for overflows, it says so. */
static void a_model_of_numbers_that_nobody_can_add(void)
{
    extreme_model = make_model(0);
    extremes_tell(feed_extreme);
    int64_t run_ns;
    for (uint32_t i = 0; i < tasks_count(&extreme_model->tasks); i++)
        if (task_run_ns(tasks_at(&extreme_model->tasks, i), extreme_model->now_ns, &run_ns))
            CHECK_LE(run_ns, BOUNDS_MAX);
    CHECK(pools_find(&extreme_model->pools, 1) != NULL);
    CHECK_EQ(extreme_model->now_ns, BOUNDS_MAX);
    model_free(extreme_model);
}

static const struct test tests[] = {
    TEST_WITH(times_are_cut_to_what_can_be_counted_with, TEST_ONCE, 0),
    TEST_WITH(what_is_estimated_is_a_number, TEST_ONCE, 0),
    TEST_WITH(a_model_of_numbers_that_nobody_can_add, TEST_ONCE, 0),
    TEST_WITH(figures_are_those_that_were_told, TEST_ONCE, 0),
    TEST_WITH(tasks_have_what_came_of_them, TEST_ONCE, 0),
    TEST_WITH(a_task_past_its_functions_99th_percentile_is_slow, TEST_ONCE, 0),
    TEST_WITH(without_a_pools_own_times_those_count_that_were_told_of, TEST_ONCE, 0),
    TEST_WITH(any_length_has_a_cell, TEST_ONCE, 0),
    TEST_WITH(what_takes_less_than_a_millisecond_is_not_slow, TEST_ONCE, 0),
    TEST_WITH(a_worker_is_slow_as_far_as_was_told, TEST_ONCE, 0),
    TEST_WITH(a_task_that_began_nobody_knows_when_is_not_slow, TEST_ONCE, 0),
    TEST_WITH(a_pool_is_as_old_as_it_was_when_it_was_over, TEST_ONCE, 0),
    TEST_WITH(bins_are_read_as_they_were_told_and_nothing_else, TEST_ONCE, 0),
    TEST_WITH(bins_are_kept_up_to_a_bound, TEST_ONCE, 0),
    TEST_WITH(a_death_is_told_with_its_last_task, TEST_ONCE, 0),
    TEST_WITH(a_death_that_is_told_twice_is_one, TEST_ONCE, 0),
    TEST_WITH(tasks_that_failed_are_kept_longer_than_others, TEST_ONCE, 0),
    TEST_WITH(what_is_lost_in_one_go_is_one_loss_a_second_long_at_most, TEST_ONCE, 0),
    TEST_WITH(throughput_is_of_the_last_seconds, TEST_ONCE, 0),
    TEST_WITH(throughput_is_known_within_a_second_of_attaching, TEST_ONCE, 0),
    TEST_WITH(in_a_recording_throughput_is_known_from_its_beginning_on, TEST_ONCE, 0),
    TEST_WITH(throughput_is_known_soon_behind_a_silence, TEST_ONCE, 0),
    TEST_WITH(of_the_time_that_a_process_was_silent_nothing_is_known, TEST_ONCE, 0),
    TEST_WITH(the_share_of_cpu_is_of_the_process_that_runs_now, TEST_ONCE, 0),
    TEST_WITH(a_worker_that_takes_the_same_all_the_time_is_said_to, TEST_ONCE, 0),
    TEST_WITH(a_worker_of_a_large_pool_is_not_idle_between_two_questions, TEST_ONCE, 0),
    TEST_WITH(what_a_pool_takes_is_what_its_workers_take_at_any_moment, TEST_ONCE, 0),
    TEST_WITH(a_pool_made_smaller_has_fewer_places, TEST_ONCE, 0),
    TEST_WITH(a_map_has_its_share_and_the_time_that_is_left, TEST_ONCE, 0),
    TEST_WITH(a_record_that_comes_late_changes_nothing, TEST_ONCE, 0),
    TEST_WITH(ends_before_beginnings_are_put_together, TEST_ONCE, 0),
    TEST_WITH(an_attempt_after_a_retry_runs, TEST_ONCE, 0),
    TEST_WITH(lost_events_make_no_figure_wrong, TEST_ONCE, 0),
    TEST_WITH(what_a_snapshot_does_not_name_is_gone, TEST_ONCE, 0),
    TEST_WITH(so_many_tasks_are_kept_and_the_oldest_go, TEST_ONCE, 0),
    TEST_WITH(numbers_out_of_bounds_are_ignored_and_counted, TEST_ONCE, 0),
    TEST_WITH(who_waits_is_found_by_thread_and_by_object, TEST_ONCE, 0),
    TEST_WITH(a_list_in_order_is_searched_in_few_steps, TEST_ONCE, 0),
    TEST_WITH(two_that_wait_for_each_other_are_a_deadlock, TEST_ONCE, 0),
    TEST_WITH(a_deadlock_in_which_one_gives_up_is_not_told_to_be_for_ever, TEST_ONCE, 0),
    TEST_WITH(what_one_place_takes_in_two_orders_is_to_be_taken_in_one, TEST_ONCE, 0),
    TEST_WITH(those_behind_a_deadlock_are_counted, TEST_ONCE, 0),
    TEST_WITH(ways_into_a_deadlock_may_be_long, TEST_ONCE, 0),
    TEST_WITH(one_that_waits_for_itself_is_a_deadlock, TEST_ONCE, 0),
    TEST_WITH(what_is_seen_for_a_moment_is_no_deadlock, TEST_ONCE, 0),
    TEST_WITH(a_long_circle_is_found_once, TEST_ONCE, 0),
    TEST_WITH(a_wait_that_ends_ends_the_deadlock, TEST_ONCE, 0),
    TEST_WITH(counts_have_groups_of_three, TEST_ONCE, 0),
    TEST_WITH(times_have_three_digits_and_a_unit, TEST_ONCE, 0),
    TEST_WITH(sizes_and_shares_have_units, TEST_ONCE, 0),
    TEST_WITH(what_is_said_stays_one_line_in_one_direction, TEST_ONCE, 0),
    TEST_WITH(columns_are_those_of_a_terminal, TEST_ONCE, 0),
    TEST_WITH(a_card_is_read_and_believed_in_nothing, TEST_ONCE, 0),
};

TEST_MAIN_PLAIN(tests)
