/* What the window knows without a display: scales, bins, colours, rows, what it says; and replay. */
#include "main.h"
#include "model/text.h"
#include "platform.h"
#include "replays.h"
#include "window/attempt_words.h"
#include "window/causes.h"
#include "window/certificate_text.h"
#include "window/chart.h"
#include "window/feed.h"
#include "window/log_rows.h"
#include "window/pages.h"
#include "window/palette.h"
#include "window/path_text.h"
#include "window/run_times.h"
#include "window/says.h"
#include "window/scale.h"
#include "window/split.h"
#include "window/stack_text.h"
#include "window/start.h"
#include "window/trouble_rows.h"
#include "window/worker_rows.h"
#include <glib/gstdio.h>
#include <math.h>

#define SECOND_NS INT64_C(1000000000)

/* ---- Charts ---- */

static void a_scale_ends_at_the_next_1_2_25_or_5(void)
{
    CHECK(scale_top(0.9, 0) == 1);
    CHECK(scale_top(160, 0) == 200);
    CHECK(scale_top(201, 0) == 250);
    CHECK(scale_top(251, 0) == 500);
    CHECK(scale_top(1000, 0) == 1000);
    CHECK(scale_top(1001, 0) == 2000);
    CHECK(scale_top(0, 0) == 1);
    CHECK(scale_top(3, 8) == 10);
}

static void a_scale_does_not_shrink_within_a_minute(void)
{
    struct scale scale = { 0 };
    CHECK(scale_follow(&scale, 400, 0, 0) == 500);
    CHECK(scale_follow(&scale, 90, 0, 59000000) == 500);
    CHECK(scale_follow(&scale, 90, 0, 61000000) == 100);
    CHECK(scale_follow(&scale, 90, 0, 62000000) == 100);
}

static struct chart_data all_known(void)
{
    struct chart_data data = { .from = 0 };
    for (int i = 0; i < CHART_SAMPLES; i++)
        data.values[i] = 1;
    return data;
}

static int step_at(double second)
{
    return (int)(second * CHART_STEPS);
}

static void deaths_in_a_chart_have_a_line_each_at_their_time(void)
{
    struct chart_data data = all_known();
    struct chart_mark marks[CHART_ALL_STEPS];
    data.died[step_at(20)] = data.died[step_at(20.75)] = data.died[step_at(40.5)] = data.died[step_at(60)] = 1;
    CHECK_EQ(chart_marks(&data, 600, marks), 4);
    CHECK(marks[0].x == 200 && marks[1].x == 207.5 && marks[2].x == 405 && marks[3].x == 599);
    /* The first two are beside each other below one shape. */
    CHECK(marks[0].count == 2 && marks[1].count == 0 && marks[2].count == 1 && marks[3].count == 1);
}

static void deaths_on_one_pixel_are_one_line_with_their_number(void)
{
    struct chart_data data = all_known();
    struct chart_mark marks[CHART_ALL_STEPS];
    data.died[step_at(20)] = 2;
    data.died[step_at(20) + 1] = 1;
    data.died[step_at(50)] = 1;
    CHECK_EQ(chart_marks(&data, 300, marks), 2);
    CHECK(marks[0].x == 100 && marks[0].count == 3);
    CHECK(marks[1].x == 250 && marks[1].count == 1);
}

/* However many: there are no more lines than there are places, no shape and no number lies on another one or beyond the
 * edge, and the numbers are all that died. */
static void a_storm_of_deaths_is_drawn_within_its_chart(void)
{
    static const double widths[] = { 120, 333.5, 1900 };
    for (size_t w = 0; w < TEST_COUNT(widths); w++) {
        struct chart_data data = all_known();
        struct chart_mark marks[CHART_ALL_STEPS];
        uint64_t all = 0, counted = 0;
        for (int i = 0; i < CHART_ALL_STEPS; i++)
            all += data.died[i] = (uint32_t)(i % 7) * 40;
        int count = chart_marks(&data, widths[w], marks);
        double free = 0;
        CHECK(count > 0 && count <= widths[w] / 3 + 1);
        for (int i = 0; i < count; i++) {
            CHECK(marks[i].x >= 0 && marks[i].x < widths[w] && (i == 0 || marks[i].x - marks[i - 1].x >= 3));
            if (marks[i].count == 0)
                continue;
            CHECK(marks[i].glyph_x >= free);
            free = marks[i].glyph_x + GLYPH_SIZE + (marks[i].count > 999 ? 28 : 0);
            counted += marks[i].count;
        }
        CHECK(free <= widths[w]);
        CHECK_EQ(counted, all);
    }
}

static void a_death_is_not_drawn_where_nothing_is_known(void)
{
    struct chart_data data = all_known();
    struct chart_mark marks[CHART_ALL_STEPS];
    for (int i = 0; i <= 30; i++)
        data.values[i] = NAN;
    data.values[50] = NAN;
    data.died[step_at(10)] = data.died[step_at(30)] = data.died[step_at(31)] = 1;
    /* Between the last sample that is known and what is not it is at that sample. */
    data.died[step_at(49.5)] = 1;
    CHECK_EQ(chart_marks(&data, 300, marks), 2);
    CHECK(marks[0].x == 155 && marks[0].count == 1);
    CHECK(marks[1].x == 245 && marks[1].count == 1);
}

/* What a recording begins with is at its edge, and what is known from then on takes all of the width. */
static void a_chart_begins_with_its_first_sample(void)
{
    struct chart_data data = all_known();
    struct chart_mark marks[CHART_ALL_STEPS];
    data.from = 10;
    data.died[step_at(5)] = data.died[step_at(35)] = 1;
    CHECK_EQ(chart_marks(&data, 300, marks), 1);
    CHECK(marks[0].x == 150);
}

/* Certificates are kept of the last ones alone; a minute counts all of them, each once. */
static void every_death_of_a_minute_counts(void)
{
    struct model *model;
    CHECK_EQ(model_create(NULL, &model), 0);
    tell_model(model, RECORD_POOL, SECOND_NS, &(struct record_pool){ .pool = 1, .name = record_text_of("mortal") });
    for (uint32_t i = 0; i < 10 * DEATHS_KEPT; i++) {
        struct record_death death = { .pool = 1, .pid = 100 + i, .lives = 1, .time_ns = 5 * SECOND_NS + i * 100000 };
        tell_model(model, RECORD_DEATH, 6 * SECOND_NS, &death);
        tell_model(model, RECORD_DEATH, 6 * SECOND_NS, &death);
        death.pid += 100000;
        death.expected = 1;
        tell_model(model, RECORD_DEATH, 6 * SECOND_NS, &death);
    }
    const struct death_times *times = &pools_find(&model->pools, 1)->deaths;
    uint64_t all = 0;
    for (int i = 0; i < DEATH_STEPS; i++)
        all += death_times_at(times, 5, i);
    CHECK_EQ(all, 10 * DEATHS_KEPT);
    CHECK_EQ(death_times_at(times, 5, 0), 313);
    CHECK_EQ(death_times_at(times, 5 + DEATH_SECONDS, 0), 0);
    model_free(model);
}

static void times_of_deaths_that_are_long_ago_make_room(void)
{
    struct death_times times = { 0 };
    death_times_note(&times, 3 * SECOND_NS);
    death_times_note(&times, (3 + DEATH_SECONDS) * SECOND_NS + SECOND_NS / 2);
    death_times_note(&times, 3 * SECOND_NS);
    death_times_note(&times, -1);
    CHECK_EQ(death_times_at(&times, 3, 0), 0);
    CHECK_EQ(death_times_at(&times, 3 + DEATH_SECONDS, 0), 0);
    CHECK_EQ(death_times_at(&times, 3 + DEATH_SECONDS, DEATH_STEPS / 2), 1);
    CHECK_EQ(death_times_at(&times, -1, 0), 0);
}

static void check_round(const char *text, const char *expected)
{
    char room[64];
    g_strlcpy(room, text, sizeof room);
    text_drop_zeros(room);
    CHECK_STR(room, expected);
}

static void a_round_number_has_no_zeros_behind_its_point(void)
{
    check_round("5.00" TEXT_BLANK "MB", "5" TEXT_BLANK "MB");
    check_round("2.50" TEXT_BLANK "s", "2.5" TEXT_BLANK "s");
    check_round("1.0" TEXT_BLANK "/s", "1" TEXT_BLANK "/s");
    check_round("1.92" TEXT_BLANK "s", "1.92" TEXT_BLANK "s");
    check_round("200" TEXT_BLANK "/s", "200" TEXT_BLANK "/s");
    check_round("10.0", "10");
    check_round("", "");
}

static void what_is_not_known_is_left_out_of_a_summary(void)
{
    const double values[] = { NAN, 2, NAN, 6, 4, NAN };
    struct scale_summary summary;
    CHECK(scale_summarize(values, 6, &summary));
    CHECK(summary.now == 4 && summary.least == 2 && summary.most == 6 && summary.average == 4);
    CHECK(!scale_summarize(values, 1, &summary));
}

static struct model_bin one_of(int64_t length)
{
    return (struct model_bin){ length, length, 1 };
}

static void bins_hold_every_length_and_know_the_percentiles(void)
{
    struct model_bin cells[1000];
    struct bins bins;
    double held = 0;
    for (int i = 0; i < 1000; i++)
        cells[i] = one_of((1000 - i) * INT64_C(1000000));
    bins_make(&bins, cells, 1000, 0, 0);
    for (size_t i = 0; i < bins.count; i++)
        held += bins.filled[i];
    CHECK(fabs(held - 1000) < 1e-6);
    CHECK_EQ(bins.total, 1000);
    CHECK_EQ(bins.p50, 500000000);
    CHECK_EQ(bins.p99, 990000000);
    CHECK_EQ(bins.most, 1000000000);
    CHECK(bins_place(&bins, bins.most) > 0.99 && bins_place(&bins, 1000000) == 0);
}

static void bins_of_nothing_and_of_one_length_are_no_fault(void)
{
    struct bins bins;
    struct model_bin one = one_of(5), same = { 7, 7, 3 }, none = { 0, 0, 1 };
    bins_make(&bins, &none, 0, 0, 0);
    CHECK_EQ(bins.count, 0);
    bins_make(&bins, &one, 1, 0, 0);
    CHECK_EQ(bins.p99, 5);
    bins_make(&bins, &same, 1, 0, 0);
    CHECK(bins.highest == 3);
    bins_make(&bins, &none, 1, 0, 0);
    CHECK_EQ(bins.most, 0);
}

static void lengths_that_are_almost_the_same_stand_in_the_middle(void)
{
    struct bins bins;
    struct model_bin cells[] = { one_of(1500000), one_of(1501000) };
    bins_make(&bins, cells, 2, 0, 0);
    CHECK(bins_place(&bins, 1500000) > 0.4 && bins_place(&bins, 1501000) < 0.6);
    CHECK(bins.edges[0] > 1000000 && bins.edges[0] < 1100000);
    CHECK(bins.edges[bins.count] > 2000000 && bins.edges[bins.count] < 2200000);
    CHECK_EQ(bins.most, 1501000);
}

static bool has_name_above(const double *places, const double *names, int mark, double width)
{
    return names[mark] != BINS_NO_NAME && names[mark] >= 0 && names[mark] + width <= 1.000001 &&
           places[mark] >= names[mark] - 1e-6 && places[mark] <= names[mark] + width + 1e-6;
}

/* Most is between the half of all and the slowest; what is between these two goes without its name first. */
static void marks_of_a_histogram_that_are_close_together_lose_the_least_of_their_names(void)
{
    double places[BINS_MARKS], names[BINS_MARKS];
    struct bins bins;
    struct model_bin cells[] = { one_of(1000), one_of(1100), one_of(100000) };
    bins_make(&bins, cells, 3, 0, 0);
    bins.p50 = 1000;
    bins.p90 = 1100;
    bins.p99 = 40000;
    bins_mark(&bins, 0.1, places, names);
    CHECK(has_name_above(places, names, BINS_MOST, 0.1) && has_name_above(places, names, BINS_P50, 0.1));
    CHECK(has_name_above(places, names, BINS_P99, 0.1) && names[BINS_P90] == BINS_NO_NAME);
    CHECK(places[BINS_P50] < places[BINS_P90] && places[BINS_P90] < places[BINS_P99]);
    bins_mark(&bins, 1, places, names);
    CHECK(names[BINS_MOST] == 0 && names[BINS_P50] == BINS_NO_NAME && names[BINS_P99] == BINS_NO_NAME);
}

/* As in a bell: none is far from the next one. */
static void a_name_in_a_histogram_moves_aside_where_there_is_room(void)
{
    double places[BINS_MARKS], names[BINS_MARKS];
    struct bins bins;
    struct model_bin cells[] = { one_of(1000), one_of(1000000) };
    bins_make(&bins, cells, 2, 0, 0);
    bins.p50 = 31000;
    bins.p90 = 65000;
    bins.p99 = 99000;
    bins_mark(&bins, 0.08, places, names);
    CHECK(places[BINS_P99] - places[BINS_P90] < 0.08);
    for (int i = 0; i < BINS_MARKS; i++)
        CHECK(has_name_above(places, names, i, 0.08));
    CHECK(names[BINS_P90] - names[BINS_P50] > 0.0799 && names[BINS_P99] - names[BINS_P90] > 0.0799);
}

/* A cell that is wider than a bin is no spike among empty ones. */
static void what_is_known_of_a_range_is_spread_over_its_bins(void)
{
    struct bins bins;
    struct model_bin cells[] = { { 2000, 2255, 240 }, { 1000, 1127, 10 } };
    bins_make(&bins, cells, 2, 1050, 2100);
    CHECK_EQ(bins.total, 250);
    CHECK_EQ(bins.edges[0], 1050);
    CHECK_EQ(bins.most, 2100);
    CHECK_EQ(bins.p50, 2100);
    CHECK_EQ(bins.p99, 2100);
    double held = 0;
    for (size_t i = 0; i < bins.count; i++)
        held += bins.filled[i];
    CHECK(fabs(held - 250) < 1e-6);
    CHECK(bins.filled[bins.count - 1] > 0 && bins.filled[bins.count - 1] < 240);
}

static void no_number_that_is_told_breaks_the_bins(void)
{
    struct bins bins;
    struct model_bin cells[] = {
        { INT64_MAX, INT64_MAX, UINT64_MAX }, { 0, 0, UINT64_MAX }, { INT64_MAX - 1, INT64_MAX, 1 }, { 5, 7, 0 }
    };
    bins_make(&bins, cells, 4, INT64_MAX, INT64_MAX);
    CHECK_EQ(bins.count, BINS_MAX);
    CHECK(bins.p99 > 0 && bins.edges[0] >= 0 && bins.highest > 0);
    for (size_t i = 0; i < bins.count; i++)
        CHECK(bins.edges[i] <= bins.edges[i + 1] && isfinite(bins.filled[i]));
}

static void times_are_of_all_runs_where_the_pool_tells_of_them(void)
{
    struct model *model;
    CHECK_OK(model_create(NULL, &model));
    struct watch watch = { .model = model };
    struct view view = { &watch, model, NULL, 1 };
    struct bins bins;
    struct record_task_ended ended = { .pool = 1,
                                       .task = 1,
                                       .item = -1,
                                       .items = 1,
                                       .function = 1,
                                       .end = RECORD_END_DONE,
                                       .run_ns = 4000000,
                                       .begun_ns = 1,
                                       .ended_ns = 2 };
    struct record_function_stats stats = {
        .pool = 1, .function = 1, .run_count = 7, .run_min_ns = 1030, .run_max_ns = 2100
    };
    tell_model(model, RECORD_POOL, 5, &(struct record_pool){ .pool = 1, .target = 1 });
    tell_model(model, RECORD_TASK_ENDED, 5, &ended);
    view.pool = pools_find(&model->pools, 1);
    run_times_collect(&bins, &view);
    CHECK_EQ(bins.total, 1);
    CHECK_EQ(bins.most, 4000000);
    tell_model(model, RECORD_FUNCTION, 5, &(struct record_function){ 1, 1, record_text_of("f"), record_text_of("") });
    tell_model(model, RECORD_FUNCTION_STATS, 5, &stats);
    tell_model(model, RECORD_FUNCTION_BINS, 5, &(struct record_function_bins){ 1, 1, record_text_of("1024:3 2048:4") });
    view.pool = pools_find(&model->pools, 1);
    run_times_collect(&bins, &view);
    CHECK_EQ(bins.total, 7);
    CHECK(bins.edges[0] == 1030 && bins.most == 2100);
    model_free(model);
}

/* ---- Colours ---- */

static double channel(uint32_t value)
{
    double share = value / 255.0;
    return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4);
}

static double luminance(uint32_t value)
{
    return 0.2126 * channel(value >> 16) + 0.7152 * channel(value >> 8 & 0xff) + 0.0722 * channel(value & 0xff);
}

static double contrast(enum palette_color one, enum palette_color other, bool dark)
{
    double a = luminance(palette_value(one, dark)), b = luminance(palette_value(other, dark));
    return (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05);
}

static void each_text_has_enough_contrast_in_both_themes(void)
{
    static const enum palette_color texts[] = { PALETTE_text, PALETTE_dim,  PALETTE_accent,
                                                PALETTE_good, PALETTE_warn, PALETTE_bad };
    static const enum palette_color grounds[] = { PALETTE_bg, PALETTE_side, PALETTE_accent_soft };
    for (int dark = 0; dark < 2; dark++) {
        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
            for (size_t j = 0; j < G_N_ELEMENTS(grounds); j++)
                CHECK(contrast(texts[i], grounds[j], dark) >= 4.5);
        CHECK(contrast(PALETTE_text, PALETTE_bad_soft, dark) >= 4.5);
        CHECK(contrast(PALETTE_text, PALETTE_warn_soft, dark) >= 4.5);
        CHECK(contrast(PALETTE_on_accent, PALETTE_accent, dark) >= 4.5);
    }
}

static void the_style_sheet_has_every_colour(void)
{
    char *style = palette_style(true);
    CHECK_CONTAINS(style, "@define-color mon_accent #7ab4f5;");
    CHECK_CONTAINS(style, "@define-color mon_on_f #14161a;");
    g_free(style);
}

/* ---- A recording ---- */

static void stand_at(struct replay *replay, int64_t time_ns)
{
    int code;
    CHECK_OK(replay_seek(replay, time_ns));
    while (replay_step(replay, 5000, &code))
        ;
    CHECK_OK(code);
}

static void a_recording_that_is_sought_through_ends_as_it_did(void)
{
    make_recording("record");
    struct replay *replay = open_replay();
    const struct model_pool *pool = pools_find(&replay_model(replay)->pools, 1);
    struct record_counts last = pool->counts;
    uint64_t tasks = replay_model(replay)->tasks.total;
    stand_at(replay, replay_begin_ns(replay) + 2000000000);
    CHECK(pools_find(&replay_model(replay)->pools, 1)->counts.succeeded < last.succeeded);
    stand_at(replay, replay_end_ns(replay));
    pool = pools_find(&replay_model(replay)->pools, 1);
    CHECK_EQ(pool->counts.succeeded, last.succeeded);
    CHECK_EQ(pool->counts.deaths, last.deaths);
    CHECK_EQ(replay_model(replay)->tasks.total, tasks);
    CHECK(!replay_is_cut(replay));
    replay_free(replay);
    remove(RECORDING);
}

static void while_a_recording_is_read_anew_all_is_as_it_was_before(void)
{
    make_recording("record");
    struct replay *replay = open_replay();
    const struct model *before = replay_model(replay);
    replay_seek(replay, replay_end_ns(replay) - 1000000000);
    replay_seek(replay, replay_begin_ns(replay) + 2000000000);
    CHECK(replay_model(replay) == before && replay_turns(replay) == 0);
    CHECK(pools_find(&before->pools, 1) != NULL);
    stand_at(replay, replay_begin_ns(replay) + 1000000000);
    CHECK(replay_model(replay) != before && replay_turns(replay) == 1);
    CHECK(pools_find(&replay_model(replay)->pools, 1) != NULL);
    replay_free(replay);
    remove(RECORDING);
}

static void a_recording_begins_when_all_that_was_there_is_known(void)
{
    make_small_recording(RECORDING, 2000);
    struct replay *replay = open_replay();
    CHECK_EQ(replay_begin_ns(replay), SMALL_BEGIN);
    stand_at(replay, 0);
    CHECK_EQ(replay_at_ns(replay), SMALL_BEGIN);
    CHECK(pools_find(&replay_model(replay)->pools, 1) != NULL);
    replay_free(replay);
    remove(RECORDING);
}

/* A file that is open cannot be removed everywhere, or is still there until it is closed. */
static void a_recording_that_is_gone_stays_where_it_stands(void)
{
    make_recording("record");
    struct replay *replay = open_replay();
    int64_t end_ns = replay_end_ns(replay), before_ns = replay_begin_ns(replay) + 2000000000;
    uint64_t records = replay_model(replay)->records;
    bool is_gone = remove(RECORDING) == 0 && !g_file_test(RECORDING, G_FILE_TEST_EXISTS);
    CHECK_EQ(replay_seek(replay, before_ns) < 0, is_gone);
    CHECK_EQ(replay_at_ns(replay), is_gone ? end_ns : before_ns);
    CHECK_OK(replay_seek(replay, end_ns));
    CHECK(!is_gone || replay_model(replay)->records == records);
    replay_free(replay);
    remove(RECORDING);
}

/* The name of a file that is open cannot be taken everywhere. */
static void a_recording_that_gave_its_name_to_another_stays_where_it_stands(void)
{
    make_recording("record");
    make_small_recording("other", 2000);
    struct replay *replay = open_replay();
    int64_t end_ns = replay_end_ns(replay), before_ns = replay_begin_ns(replay) + 2000000000;
    uint64_t records = replay_model(replay)->records;
    bool is_other = g_rename("other", RECORDING) == 0;
    CHECK_EQ(replay_seek(replay, before_ns) < 0, is_other);
    CHECK_EQ(replay_at_ns(replay), is_other ? end_ns : before_ns);
    CHECK(!is_other || replay_model(replay)->records == records);
    replay_free(replay);
    remove(RECORDING);
    remove("other");
}

static void a_recording_that_is_cut_is_read_up_to_the_cut(void)
{
    make_recording("cut");
    struct replay *replay = open_replay();
    CHECK(replay_is_cut(replay));
    CHECK(replay_model(replay)->pools.all.count == 2);
    replay_free(replay);
    remove(RECORDING);
}

static void deaths_of_a_recording_are_found_in_both_directions(void)
{
    int64_t first, second, again;
    make_recording("record");
    struct replay *replay = open_replay();
    CHECK(replay_find_death(replay, replay_begin_ns(replay), 1, &first));
    CHECK(replay_find_death(replay, first, 1, &second));
    CHECK(second > first);
    CHECK(replay_find_death(replay, second, -1, &again));
    CHECK_EQ(again, first);
    CHECK(!replay_find_death(replay, replay_end_ns(replay), 1, &again));
    replay_free(replay);
    remove(RECORDING);
}

/* Of two workers: one died before anybody watched, the other one then; each is told of again when it is replaced. */
static void make_recording_of_two_deaths(void)
{
    const struct record_pool pool = { .pool = 1, .name = record_text_of("mortal") };
    const struct record_snapshot_end end = { 0 };
    const struct record_death earlier = { .pool = 1, .worker = 0, .pid = 10, .lives = 1, .time_ns = 500 };
    const struct record_death death = { .pool = 1, .worker = 1, .pid = 11, .lives = 1, .time_ns = 900000000 };
    struct record_death earlier_again = earlier, death_again = death;
    earlier_again.replaced_ns = 1100000000;
    death_again.replaced_ns = 1200000000;
    const struct telling all[] = { { RECORD_POOL, 2000, &pool },
                                   { RECORD_DEATH, 2000, &earlier },
                                   { RECORD_SNAPSHOT_END, 3000, &end },
                                   { RECORD_DEATH, 1000000000, &death },
                                   { RECORD_DEATH, 1100000000, &earlier_again },
                                   { RECORD_DEATH, 2000000000, &death_again } };
    make_recording_of(RECORDING, all, TEST_COUNT(all));
}

static void a_death_is_where_it_was_told_of_first_and_none_is_from_before(void)
{
    int64_t at_ns = 0;
    int marked = 0;
    make_recording_of_two_deaths();
    struct replay *replay = open_replay();
    CHECK(replay_find_death(replay, 0, 1, &at_ns));
    CHECK_EQ(at_ns, 1000000000);
    CHECK(!replay_find_death(replay, at_ns, 1, &at_ns));
    for (size_t i = 0; i < REPLAY_PARTS; i++)
        marked += replay_parts(replay)[i].death;
    CHECK_EQ(marked, 1);
    CHECK_EQ(replay_model(replay)->events.death_total, 2);
    replay_free(replay);
    remove(RECORDING);
}

/* ---- Rows ---- */

static struct view view_of(struct replay *replay)
{
    const struct model *model = replay_model(replay);
    return (struct view){ NULL, model, pools_find(&model->pools, 1), 1 };
}

/* Another one may get its place in the memory. */
static void a_view_of_what_was_closed_is_empty_and_like_no_other(void)
{
    const struct watch_listener nobody = { .changed = NULL };
    make_recording("record");
    struct watch *watch = watch_recording(RECORDING, &nobody);
    watch_open(watch);
    struct view kept = { .watch = watch, .number = 1, .whose = watch->number }, later = kept;
    view_renew(&kept);
    CHECK(kept.model != NULL && view_is_same(&kept, &later));
    watch_free(watch);
    later.whose++;
    CHECK(!view_is_same(&kept, &later));
    CHECK(!view_renew(&kept) && kept.watch == NULL && kept.model == NULL && kept.pool == NULL);
    remove(RECORDING);
}

static void workers_are_listed_alive_then_dead_the_last_first(void)
{
    make_recording("record");
    struct replay *replay = open_replay();
    struct view view = view_of(replay);
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct worker_row));
    struct worker_counts counts = worker_rows_collect(rows, &view, WORKERS_ALL);
    CHECK_EQ(counts.alive, 6);
    CHECK_EQ(counts.dead, view.pool->counts.deaths);
    CHECK_EQ(rows->len, counts.alive + counts.dead);
    struct table_cell cell = { .part = -1 };
    worker_row_fill(&view, &g_array_index(rows, struct worker_row, 6), WORKER_STATE, &cell);
    CHECK_EQ(cell.glyph, GLYPH_DEAD);
    CHECK_STR(cell.class, "bad");
    struct worker_row known = g_array_index(rows, struct worker_row, 7);
    CHECK_EQ(worker_rows_find(rows, &known), 7);
    worker_rows_collect(rows, &view, WORKERS_DEAD);
    CHECK_EQ(rows->len, counts.dead);
    CHECK_EQ(worker_rows_find(rows, &known), 1);
    g_array_unref(rows);
    replay_free(replay);
    remove(RECORDING);
}

/* What stands beside a pid is what that process did, not who lived in its place before. */
static void a_worker_that_took_another_s_place_has_done_what_it_did_itself(void)
{
    struct table_cell cell = { .part = -1 };
    struct model *model;
    CHECK_OK(model_create(NULL, &model));
    struct record_pool pool = { .pool = 1, .target = 1 };
    struct record_worker worker = {
        .pool = 1, .state = MPROC_WORKER_IDLE, .pid = 41307, .lives = 2, .tasks = 1240, .tasks_before = 1237
    };
    struct record_death death = { .pool = 1, .pid = 41301, .lives = 1, .time_ns = 900, .lived_ns = 800, .tasks = 1237 };
    tell_model(model, RECORD_POOL, 1000, &pool);
    tell_model(model, RECORD_WORKER, 1000, &worker);
    tell_model(model, RECORD_DEATH, 1000, &death);
    struct view view = { NULL, model, pools_find(&model->pools, 1), 1 };
    worker_row_fill(&view, &(struct worker_row){ 0, 0, 0 }, WORKER_DONE, &cell);
    CHECK_STR(cell.words.text, "3");
    worker_row_fill(&view, &(struct worker_row){ 0, 41301, 1 }, WORKER_DONE, &cell);
    CHECK_STR(cell.words.text, text_count(1237).text);
    model_free(model);
}

static const char *state_of(const struct view *view, const struct worker_row *row)
{
    static struct table_cell cell;
    cell = (struct table_cell){ .part = -1 };
    worker_row_fill(view, row, WORKER_STATE, &cell);
    return cell.words.text;
}

static void nobody_is_alive_in_a_pool_whose_program_has_ended(void)
{
    make_recording("record");
    struct replay *replay = open_replay();
    struct view view = view_of(replay);
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct worker_row));
    struct worker_counts before = worker_rows_collect(rows, &view, WORKERS_ALIVE);
    CHECK_EQ(rows->len, before.alive);
    CHECK_EQ(before.ended, 0);
    model_end((struct model *)view.model);
    struct worker_counts counts = worker_rows_collect(rows, &view, WORKERS_ALIVE);
    CHECK_EQ(rows->len, 0);
    CHECK_EQ(counts.alive, 0);
    CHECK_EQ(counts.dead, before.dead);
    CHECK(counts.ended > 0 && counts.ended <= before.alive);
    worker_rows_collect(rows, &view, WORKERS_PLACES);
    CHECK_EQ(rows->len, counts.ended);
    for (guint i = 0; i < rows->len; i++)
        CHECK_STR(state_of(&view, &g_array_index(rows, struct worker_row, i)), "Ended");
    worker_rows_collect(rows, &view, WORKERS_ALL);
    CHECK_EQ(rows->len, counts.ended + counts.dead);
    g_array_unref(rows);
    replay_free(replay);
    remove(RECORDING);
}

/* Who cannot tell the colours reads the shape beside the word. */
static void every_state_of_a_worker_has_a_shape_of_its_own(void)
{
    const char *class;
    enum glyph glyph, nobody;
    make_recording("record");
    struct replay *replay = open_replay();
    struct view view = view_of(replay);
    struct model_worker worker = *pool_worker_at(view.pool, 0);
    worker.said.state = MPROC_WORKER_NONE;
    CHECK_STR(says_worker(view.model, view.pool, &worker, &nobody, &class).text, "No worker");
    CHECK(glyph_name(nobody)[0] != '\0');
    for (unsigned state = MPROC_WORKER_STARTING; state <= MPROC_WORKER_LEAVING; state++) {
        worker.said.state = (uint8_t)state;
        says_worker(view.model, view.pool, &worker, &glyph, &class);
        CHECK(glyph_name(glyph)[0] != '\0' && glyph != nobody);
    }
    replay_free(replay);
    remove(RECORDING);
}

static void deaths_with_the_same_cause_and_place_are_one_line(void)
{
    make_recording("record");
    struct replay *replay = open_replay();
    struct view view = view_of(replay);
    struct causes causes = causes_group(&view);
    CHECK_EQ(causes.count, 2);
    CHECK(causes.all[0].count >= causes.all[1].count);
    CHECK_EQ(causes.all[0].count + causes.all[1].count, view.pool->counts.deaths);
    CHECK_EQ(causes.deaths, view.pool->counts.deaths);
    replay_free(replay);
    remove(RECORDING);
}

static void the_log_is_filtered_by_kind_and_by_text(void)
{
    guint counts[LOG_FILTERS];
    make_recording("record");
    struct replay *replay = open_replay();
    struct view view = view_of(replay);
    GArray *rows = g_array_new(FALSE, TRUE, sizeof(struct log_row));
    g_array_set_clear_func(rows, log_row_clear);
    log_rows_collect(rows, &view, &(struct log_question){ LOG_ALL, -1, "" }, counts);
    CHECK_EQ(rows->len, counts[LOG_ALL]);
    for (guint i = 1; i < rows->len; i++)
        CHECK(g_array_index(rows, struct log_row, i - 1).time_ns >= g_array_index(rows, struct log_row, i).time_ns);
    log_rows_collect(rows, &view, &(struct log_question){ LOG_PROBLEMS, -1, "SEGMENTATION" }, counts);
    CHECK(rows->len > 0 && rows->len < counts[LOG_PROBLEMS]);
    for (guint i = 0; i < rows->len; i++)
        CHECK_CONTAINS(g_array_index(rows, struct log_row, i).message, "segmentation");
    log_rows_collect(rows, &view, &(struct log_question){ LOG_STDERR, -1, "no such text" }, counts);
    CHECK_EQ(rows->len, 0);
    log_rows_collect(rows, &view, &(struct log_question){ LOG_ALL, 4, "" }, counts);
    CHECK(rows->len > 0 && rows->len == counts[LOG_ALL]);
    for (guint i = 0; i < rows->len; i++)
        CHECK_EQ(g_array_index(rows, struct log_row, i).worker, 4);
    g_array_unref(rows);
    replay_free(replay);
    remove(RECORDING);
}

static void the_advice_names_chunks_that_make_the_transport_small(void)
{
    char *advice = split_advice(&(struct split){ .parts = { 0, 0.07, 0.9, 0.03 } });
    CHECK_STR(advice, "Transport takes 10" TEXT_BLANK "%. Chunks of 8 would make it 1" TEXT_BLANK "%.");
    g_free(advice);
    advice = split_advice(&(struct split){ .parts = { 0, 0.01, 0.98, 0.01 } });
    CHECK_CONTAINS(advice, "which is little");
    g_free(advice);
}

static void tell_split(struct model *model, uint32_t function, int64_t wait_ns)
{
    const struct record_function_stats stats = { .pool = 1,
                                                 .function = function,
                                                 .wait_count = 4,
                                                 .wait_total_ns = wait_ns,
                                                 .copy_ns = 700,
                                                 .run_total_ns = 9000,
                                                 .return_ns = 300 };
    tell_model(model, RECORD_FUNCTION, 2000, &(struct record_function){ .pool = 1, .function = function });
    tell_model(model, RECORD_FUNCTION_STATS, 2000, &stats);
}

/* It is told of by itself: of a queue that is long nothing else would be seen. */
static void a_long_queue_does_not_make_the_transport_little(void)
{
    struct split split;
    struct model *model;
    CHECK_OK(model_create(NULL, &model));
    tell_model(model, RECORD_POOL, 2000, &(struct record_pool){ .pool = 1 });
    CHECK(!split_of(pools_find(&model->pools, 1), &split));
    tell_split(model, 1, 4000);
    tell_split(model, 2, INT64_C(8000000000000));
    CHECK(split_of(pools_find(&model->pools, 1), &split));
    CHECK_EQ(split.wait_ns, INT64_C(1000000000500));
    CHECK_CONTAINS(split_wait(&split).text, "after waiting 16");
    CHECK_STR(split_wait(&(struct split){ .is_waited = true }).text, "after no waiting");
    CHECK_STR(split_wait(&(struct split){ .is_waited = false }).text, "waiting not counted");
    CHECK(fabs(split.parts[SPLIT_IN] - 0.07) < 1e-9 && fabs(split.parts[SPLIT_BACK] - 0.03) < 1e-9);
    CHECK(fabs(split.parts[SPLIT_RUNS] - 0.9) < 1e-9 && split.parts[SPLIT_WAITS] <= 0);
    model_free(model);
}

static void a_cause_is_told_without_whose_it_was(void)
{
    static const char killed[] = "worker 5 (pid 41319) was killed by signal 11",
                      exited[] = "worker 5 (pid 41319) exited with code 0xC0000005 (access violation)";
    struct record_death death = { .worker = 5, .pid = 41319, .cause = { killed, sizeof killed - 1 } };
    CHECK_STR(says_cause(&death).text, "Segmentation fault (signal 11, SIGSEGV)");
    CHECK_STR(says_death(&death).text, "Signal 11");
    death.cause = (struct record_text){ exited, sizeof exited - 1 };
    death.exit_code = 0xC0000005;
    CHECK_STR(says_cause(&death).text, "Exited with code 0xC0000005 (access violation)");
    CHECK_STR(says_death(&death).text, "Exception");
}

static struct record_death death_of(const char *cause)
{
    return (struct record_death){ .worker = 5, .pid = 41319, .exit_code = -9, .cause = record_text_of(cause) };
}

static void a_worker_that_the_pool_has_killed_says_for_what(void)
{
    struct record_death death = death_of("worker 5 (pid 41319) was killed by signal 9: its task took longer than "
                                         "task_timeout_ms = 5000 and grace_ms = 100");
    CHECK_STR(says_cause(&death).text, "Timed out after 5" TEXT_BLANK "s, killed");
    CHECK_STR(says_death(&death).text, "Timed out");
    death = death_of("worker 5 (pid 41319) was killed by signal 9: it took more memory than max_worker_memory = "
                     "100000000, it had 120000000 bytes");
    CHECK_STR(says_cause(&death).text, "Took more memory than 100" TEXT_BLANK "MB, killed");
    CHECK_STR(says_death(&death).text, "Memory limit");
    death = death_of("worker 5 (pid 41319) was killed by signal 9: it was not ready in time");
    CHECK_STR(says_cause(&death).text, "Killed (signal 9, SIGKILL): it was not ready in time");
    CHECK_STR(says_death(&death).text, "Signal 9");
}

/* Else no two of them would be a line together. */
static void a_cause_does_not_say_where_the_task_was(void)
{
    struct record_death death = death_of("worker 5 (pid 41319) was killed by signal 6, at \"row 7\"");
    death.label = record_text_of("row 7");
    CHECK_STR(says_cause(&death).text, "Aborted (signal 6, SIGABRT)");
}

static void how_a_program_ended_is_told_where_it_is_known(void)
{
    CHECK_STR(says_exit(&(platform_exit){ PLATFORM_EXIT_UNKNOWN, 0 }).text, "");
    CHECK_STR(says_exit(&(platform_exit){ PLATFORM_EXIT_CODE, 0 }).text, " with exit code 0");
    CHECK_STR(says_exit(&(platform_exit){ PLATFORM_EXIT_SIGNAL, 9 }).text, ", killed (signal 9, SIGKILL)");
    CHECK_STR(says_exit(&(platform_exit){ PLATFORM_EXIT_CODE, 0xC0000005 }).text, " with exception 0xc0000005");
}

static void a_reason_is_told_without_the_name_of_its_error(void)
{
    char *text = g_strdup_printf("%s: it speaks protocol 99", mproc_error_text(MPROC_E_MISMATCH));
    CHECK_STR(says_reason(MPROC_E_MISMATCH, text).text, "It speaks protocol 99.");
    CHECK_STR(says_reason(MPROC_E_MISMATCH, "something else").text, "Something else.");
    CHECK_STR(says_reason(0, text).text, says_sentence(text).text);
    CHECK_STR(says_reason(MPROC_E_MISMATCH, "").text, "");
    CHECK_STR(says_reason(MPROC_E_OS, "reading a recording: /a.mproc: Permission denied").text,
              "/a.mproc: Permission denied.");
    g_free(text);
}

static void a_stack_is_shown_as_functions_and_places(void)
{
    static const char stack[] = "raise+0x3c (libc.so.6)\nabort+0xd3 (libc.so.6)\nparse_atom+0x4a (crash_parser), "
                                "sum_parser.c:33\n... the 2 above again and again\n?+0x1f80 (crash_parser)\n";
    struct stack_text text = stack_text_of(stack);
    CHECK(stack_is_told(stack));
    CHECK_STR(text.frames, "#0 raise\n#1 abort\n#2 parse_atom\n... the 2 above again and again\n#3 ?");
    CHECK_STR(text.places, "in libc.so.6\nin libc.so.6\nsum_parser.c:33\n\nin crash_parser");
    CHECK(strncmp(text.frames + text.own_begin, "parse_atom\n", text.own_end - text.own_begin + 1) == 0);
    stack_text_clear(&text);
    char *place = stack_own_place(stack);
    CHECK_STR(place, "parse_atom, sum_parser.c:33");
    g_free(place);
}

/* As where the C library's own lines are known, and the program's are not. */
static void the_place_of_an_abort_is_the_programs(void)
{
    static const char stack[] = "?+0x3c (libc.so.6), pthread_kill.c:44\nabort+0xd3 (libc.so.6), abort.c:79\n"
                                "parse_atom+0x4a (crash_parser)\nparse_sum+0x1 (crash_parser), sum_parser.c:40\n";
    g_autofree char *place = stack_own_place(stack);
    CHECK_STR(place, "parse_sum, sum_parser.c:40");
    g_autofree char *unknown =
        stack_own_place("?+0x3c (libc.so.6), pthread_kill.c:44\nparse_atom+0x4a (crash_parser)\n");
    CHECK_STR(unknown, "parse_atom, crash_parser");
}

static void no_stack_is_no_stack(void)
{
    struct stack_text text = stack_text_of("");
    CHECK(!stack_is_told("") && !stack_is_told("no stack: it left none that fits its end\n"));
    CHECK(stack_own_place("") == NULL && stack_own_place("no stack: no memory to tell it\n") == NULL);
    CHECK_STR(text.frames, "");
    CHECK_STR(text.places, "");
    stack_text_clear(&text);
    char *place = stack_own_place("raise+0x3c (libc.so.6)\n");
    CHECK_STR(place, "raise, libc.so.6");
    g_free(place);
}

/* ---- Deaths and troubles, of a pool that is told of here ---- */

struct play {
    struct watch watch;
    struct view view;
    struct model *model;
};

static void begin_long_play(struct play *told, uint32_t tasks)
{
    *told = (struct play){ .model = NULL };
    CHECK_OK(model_create(&(struct model_limits){ .tasks = tasks }, &told->model));
    tell_model(told->model, RECORD_POOL, 5, &(struct record_pool){ .pool = 1, .target = 1 });
    tell_model(told->model, RECORD_FUNCTION, 5,
               &(struct record_function){ 1, 1, record_text_of("parse"), record_text_of("") });
    told->watch.model = told->model;
    told->view = (struct view){ &told->watch, told->model, pools_find(&told->model->pools, 1), 1 };
}

static void begin_play(struct play *told)
{
    begin_long_play(told, 0);
}

static void tell_end(struct play *told, uint64_t task, uint8_t end, uint32_t attempt, int64_t ended_ns)
{
    tell_model(told->model, RECORD_TASK_ENDED, ended_ns,
               &(struct record_task_ended){ .pool = 1,
                                            .task = task,
                                            .item = -1,
                                            .items = 1,
                                            .function = 1,
                                            .worker = 0,
                                            .pid = 4000 + attempt,
                                            .attempt = attempt,
                                            .end = end,
                                            .begun_ns = ended_ns - 3000000,
                                            .ended_ns = ended_ns,
                                            .run_ns = 3000000 });
}

static struct record_death died_in(struct play *told, uint64_t lives, uint64_t task, uint32_t attempt, int64_t time_ns)
{
    struct record_death death = { .pool = 1,
                                  .pid = 4000 + (int64_t)lives,
                                  .lives = lives,
                                  .time_ns = time_ns,
                                  .exit_code = -11,
                                  .task = task,
                                  .item = -1,
                                  .items = 1,
                                  .function = 1,
                                  .attempt = attempt,
                                  .decision = attempt == 1 ? RECORD_DECISION_RETRIED : RECORD_DECISION_FAILED,
                                  .decided_ns = 1000000,
                                  .cause = record_text_of("was killed by signal 11"),
                                  .argument = record_text_of("\"0419\""),
                                  .lived_ns = 221000000000,
                                  .tasks = 31204 };
    tell_end(told, task, attempt == 1 ? RECORD_END_RETRIED : RECORD_END_DIED, attempt, time_ns);
    tell_model(told->model, RECORD_DEATH, time_ns, &death);
    return death;
}

static struct record_death died(struct play *told, uint64_t task, uint32_t attempt, int64_t time_ns)
{
    return died_in(told, attempt, task, attempt, time_ns);
}

/* Sixteen inputs at one place are one cause, and so is one input that kills sixteen workers. */
static void a_cause_says_how_many_inputs_it_had(void)
{
    static const char *const inputs[] = { "1", "2", "1", "3" };
    struct play told;
    begin_play(&told);
    for (unsigned i = 0; i < 4; i++) {
        struct record_death death = { .pool = 1, .pid = 20 + i, .lives = i + 1, .time_ns = i, .exit_code = -11 };
        death.cause = record_text_of("was killed by signal 11");
        death.argument = record_text_of(inputs[i]);
        death.stack = record_text_of(i < 3 ? "f+0x1 (a), a.c:1\n" : "g+0x1 (a), a.c:2\n");
        tell_model(told.model, RECORD_DEATH, 10 + i, &death);
    }
    struct causes causes = causes_group(&told.view);
    CHECK_EQ(causes.count, 2);
    CHECK_EQ(causes.deaths, 4);
    CHECK_EQ(causes.all[0].count, 3);
    CHECK_EQ(causes.all[0].inputs, 2);
    CHECK_EQ(causes.all[1].inputs, 1);
    model_free(told.model);
}

static void check_logged(const struct play *told, const char *message)
{
    guint counts[LOG_FILTERS];
    bool is_there = false;
    GArray *rows = g_array_new(FALSE, TRUE, sizeof(struct log_row));
    g_array_set_clear_func(rows, log_row_clear);
    log_rows_collect(rows, &told->view, &(struct log_question){ LOG_ALL, -1, "" }, counts);
    for (guint i = 0; i < rows->len; i++)
        is_there |= strcmp(g_array_index(rows, struct log_row, i).message, message) == 0;
    CHECK(is_there);
    g_array_unref(rows);
}

static void the_log_says_what_happened_in_plain_words(void)
{
    struct play told;
    begin_play(&told);
    struct record_death death = { .pool = 1, .pid = 20, .lives = 1, .task = 7, .item = -1, .items = 1, .function = 1 };
    death.decision = RECORD_DECISION_FAILED;
    death.argument = record_text_of("\"0419\"");
    death.cause = record_text_of("was killed by signal 9: its task took longer than task_timeout_ms = 5000");
    tell_model(told.model, RECORD_DEATH, 10, &death);
    check_logged(&told, "pid 20 was killed: timed out after 5" TEXT_BLANK "s in parse(\"0419\")");
    check_logged(&told, "task 7 failed: timed out after 5" TEXT_BLANK "s");
    struct record_task_ended ended = { .pool = 1, .task = 8, .item = -1, .items = 1, .end = RECORD_END_FAILED };
    ended.code = -22;
    ended.error = record_text_of("bad character set");
    tell_model(told.model, RECORD_TASK_ENDED, 11, &ended);
    check_logged(&told, "task 8 failed: -22: bad character set");
    tell_model(told.model, RECORD_LOST, 12, &(struct record_lost){ RECORD_CLASS_LIFE, 37, 11, 12, 0, -1 });
    check_logged(&told, "37 task events missing: the monitor read too slowly");
    model_free(told.model);
}

static uint64_t troubles_of_page(const struct play *told, const char *name)
{
    for (size_t i = 0; i < page_count; i++)
        if (strcmp(pages[i].name, name) == 0)
            return pages[i].troubles(&told->view);
    CHECK(!"there is such a page");
    return 0;
}

static void what_was_lost_is_no_trouble_of_the_pool(void)
{
    struct play told;
    begin_play(&told);
    tell_model(told.model, RECORD_LOST, 12, &(struct record_lost){ RECORD_CLASS_LIFE, 37, 11, 12, 0, -1 });
    CHECK_EQ(troubles_of_page(&told, "log"), 0);
    tell_model(told.model, RECORD_COUNTS, 13, &(struct record_counts){ .pool = 1, .failed = 2, .deaths = 1 });
    CHECK_EQ(troubles_of_page(&told, "log"), 3);
    model_free(told.model);
}

static void check_decision(struct decision *decisions, size_t index, int64_t after_ms, const char *text)
{
    CHECK_EQ(decisions[index].after_ns, after_ms * 1000000);
    CHECK_STR(decisions[index].text, text);
    g_free(decisions[index].text);
}

static void forget_decisions(struct decision *decisions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        g_free(decisions[i].text);
}

static void a_certificate_tells_what_became_of_the_next_attempt(void)
{
    struct play told;
    struct decision decisions[DECISIONS_MAX];
    begin_play(&told);
    struct record_death first = died(&told, 7, 1, 1000000000);
    CHECK_EQ(certificate_decisions(told.model, &first, decisions), 3);
    CHECK_STR(decision_after(&decisions[2]).text, "");
    CHECK_STR(decisions[2].text, "attempt 2 waits to begin");
    check_decision(decisions, 0, 0, "worker 0 died");
    check_decision(decisions, 1, 1, "task 7 queued again, attempt 2");
    g_free(decisions[2].text);
    died(&told, 7, 2, 1048000000);
    CHECK_EQ(certificate_decisions(told.model, &first, decisions), 4);
    forget_decisions(decisions, 2);
    check_decision(decisions, 2, 48, "attempt 2 killed worker 0 in the same way");
    check_decision(decisions, 3, 49, "task 7 failed");
    first = died(&told, 8, 1, 2000000000);
    tell_end(&told, 8, RECORD_END_DONE, 2, 2030000000);
    CHECK_EQ(certificate_decisions(told.model, &first, decisions), 3);
    forget_decisions(decisions, 2);
    check_decision(decisions, 2, 30, "attempt 2 was done by worker 0 in 3.0" TEXT_BLANK "ms");
    model_free(told.model);
}

static void tell_begun(struct play *told, uint64_t task, uint32_t attempt, int64_t begun_ns)
{
    const struct record_task_begun begun = { .pool = 1,
                                             .task = task,
                                             .item = -1,
                                             .items = 1,
                                             .function = 1,
                                             .worker = 3,
                                             .pid = 4000 + attempt,
                                             .attempt = attempt,
                                             .begun_ns = begun_ns };
    tell_model(told->model, RECORD_TASK_BEGUN, begun_ns, &begun);
}

static void check_attempt(const struct play *told, uint64_t task, uint32_t attempt, const char *words)
{
    const struct task_key key = { 1, task, -1 };
    CHECK_STR(attempt_end(told->model, &key, attempt).words.text, words);
}

static void what_a_next_attempt_came_to_is_told_in_words(void)
{
    static const struct {
        uint8_t end;
        const char *words;
    } ends[] = {
        { RECORD_END_DONE, "attempt 2 was done by worker 0 in 3.0" TEXT_BLANK "ms" },
        { RECORD_END_FAILED, "attempt 2 failed on worker 0 after 3.0" TEXT_BLANK "ms" },
        { RECORD_END_LIMIT, "attempt 2 reached a limit on worker 0 after 3.0" TEXT_BLANK "ms" },
        { RECORD_END_DIED, "attempt 2 killed worker 0 after 3.0" TEXT_BLANK "ms" },
        { RECORD_END_CANCELLED, "attempt 2 was cancelled" },
        { RECORD_END_ABANDONED, "attempt 2 was abandoned" },
    };
    struct play told;
    begin_play(&told);
    for (uint64_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        died(&told, 10 + i, 1, 1000000000);
        check_attempt(&told, 10 + i, 2, "attempt 2 waits to begin");
        tell_end(&told, 10 + i, ends[i].end, 2, 1030000000);
        check_attempt(&told, 10 + i, 2, ends[i].words);
    }
    died(&told, 30, 1, 1000000000);
    tell_begun(&told, 30, 2, 1010000000);
    check_attempt(&told, 30, 2, "attempt 2 runs on worker 3");
    model_free(told.model);
}

/* As that its worker runs another task, or its pool is over, shows; or because the task is not known any more. */
static void of_an_attempt_whose_end_was_not_told_that_is_said(void)
{
    struct play told;
    begin_play(&told);
    died(&told, 30, 1, 1000000000);
    tell_begun(&told, 30, 2, 1010000000);
    tell_model(told.model, RECORD_WORKER, 1020000000,
               &(struct record_worker){ .pool = 1, .worker = 3, .state = 3, .pid = 4002, .task = 31, .item = -1 });
    check_attempt(&told, 30, 2, "attempt 2 was not told of");
    died(&told, 32, 1, 1030000000);
    check_attempt(&told, 99, 2, "attempt 2 was not told of");
    check_attempt(&told, 32, 2, "attempt 2 waits to begin");
    model_end(told.model);
    check_attempt(&told, 32, 2, "attempt 2 was not told of");
    model_free(told.model);
}

/* As many as are known: more may come of it. */
static void an_attempt_is_one_of_as_many_as_are_known(void)
{
    const struct task_key key = { 1, 7, -1 };
    struct play told;
    begin_play(&told);
    tell_begun(&told, 7, 1, 900000000);
    CHECK_STR(attempt_words(told.model, &key, 1).text, "attempt 1");
    struct record_death first = died(&told, 7, 1, 1000000000);
    CHECK_STR(attempt_words(told.model, &key, 1).text, "attempt 1 of 2");
    tell_end(&told, 7, RECORD_END_DONE, 3, 1030000000);
    CHECK_STR(attempt_words(told.model, &key, 1).text, "attempt 1 of 3");
    char *text = certificate_text(&told.view, &first);
    CHECK_CONTAINS(text, "task 7" DOT "attempt 1 of 3" DOT "had run ");
    g_free(text);
    model_free(told.model);
}

static void check_run_times(const struct play *told, uint64_t total, int64_t most_ms, const char *without)
{
    struct view view = told->view;
    struct bins bins;
    view.pool = pools_find(&told->model->pools, 1);
    run_times_collect(&bins, &view);
    struct run_losses losses = run_times_losses(&view);
    CHECK_EQ(bins.total, total);
    CHECK_EQ(bins.most, most_ms * 1000000);
    CHECK_STR(run_times_without(&losses).text, without);
}

/* A run that was killed is no run of that length, and yet it is not kept quiet. */
static void run_times_are_of_what_returned_and_say_what_did_not(void)
{
    struct play told;
    begin_play(&told);
    tell_end(&told, 1, RECORD_END_DONE, 1, 1000000000);
    tell_end(&told, 2, RECORD_END_FAILED, 1, 1010000000);
    tell_end(&told, 3, RECORD_END_CANCELLED, 1, 1020000000);
    check_run_times(&told, 2, 3, "");
    tell_begun(&told, 4, 1, 2000000000);
    struct record_death death = { .pool = 1,
                                  .worker = 3,
                                  .pid = 4001,
                                  .time_ns = 7000000000,
                                  .exit_code = -9,
                                  .task = 4,
                                  .item = -1,
                                  .items = 1,
                                  .function = 1,
                                  .attempt = 1,
                                  .decision = RECORD_DECISION_FAILED,
                                  .cause = record_text_of("was killed") };
    tell_model(told.model, RECORD_DEATH, 7000000000, &death);
    check_run_times(&told, 2, 3, "without one that died, after 5.00" TEXT_BLANK "s");
    died(&told, 5, 2, 8000000000);
    check_run_times(&told, 2, 3, "without 2 that died, the longest after 5.00" TEXT_BLANK "s");
    tell_model(told.model, RECORD_FUNCTION_STATS, 8000000000,
               &(struct record_function_stats){ .pool = 1, .function = 1, .died = 7 });
    check_run_times(&told, 2, 3, "without 7 that died");
    model_free(told.model);
}

/* Of a pool that keeps no figures of its functions, and of which more died than is kept. */
static void all_runs_that_did_not_return_are_counted(void)
{
    struct play told;
    begin_play(&told);
    tell_end(&told, 1, RECORD_END_DONE, 1, 1000000000);
    for (uint32_t i = 0; i < DEATHS_KEPT + 44; i++)
        died(&told, 2 + i, 10 + i, 2000000000 + i);
    tell_model(told.model, RECORD_COUNTS, 3000000000, &(struct record_counts){ .pool = 1, .deaths = DEATHS_KEPT + 44 });
    check_run_times(&told, 1, 3, "without 300 that died");
    model_free(told.model);
}

static void pools_of_one_name_are_told_apart(void)
{
    static const char *const titles[] = { "checksum 1", "checksum 2", "verify" };
    struct play told;
    begin_play(&told);
    for (uint32_t i = 0; i < 3; i++)
        tell_model(told.model, RECORD_POOL, 6,
                   &(struct record_pool){ .pool = i + 1, .name = record_text_of(i < 2 ? "checksum" : "verify") });
    for (uint32_t i = 0; i < 3; i++) {
        told.view.pool = pools_find(&told.model->pools, i + 1);
        CHECK_STR(says_title(&told.view).text, titles[i]);
    }
    model_free(told.model);
}

static void a_certificate_says_how_long_it_lived_and_ran(void)
{
    struct play told;
    begin_play(&told);
    struct record_death death = died(&told, 7, 1, 1000000000);
    char *life = certificate_life(&death), *task = certificate_task(told.model, &death);
    CHECK_STR(life,
              "pid 4001" DOT "lived 3" TEXT_BLANK "min" TEXT_BLANK "41" TEXT_BLANK "s" DOT "31" TEXT_BLANK "204 tasks");
    CHECK_STR(task, "task 7" DOT "attempt 1 of 2" DOT "had run 3.0" TEXT_BLANK "ms");
    CHECK_CONTAINS(certificate_no_stack(&death), "crash_reports");
    g_free(life);
    g_free(task);
    model_free(told.model);
}

/* Below the cause; of a writer that does not tell of it there is no line. */
static void a_certificate_says_which_address_was_tried(void)
{
    struct play told;
    begin_play(&told);
    struct record_death death = died(&told, 7, 1, 1000000000);
    char *text = certificate_text(&told.view, &death);
    CHECK_CONTAINS(text, "\nSegmentation fault (signal 11, SIGSEGV)\npid 4001");
    g_free(text);
    death.fault = RECORD_FAULT_FORBIDDEN;
    death.access = RECORD_ACCESS_WRITE;
    death.address = 0x7f0000001000;
    text = certificate_text(&told.view, &death);
    CHECK_CONTAINS(text, "\nSegmentation fault (signal 11, SIGSEGV)\n"
                         "It wrote to address 0x7f0000001000, which may not be written.\npid 4001");
    g_free(text);
    model_free(told.model);
}

static void tell_slow_end(struct play *told, uint64_t task, int64_t ended_ns)
{
    tell_model(told->model, RECORD_TASK_ENDED, ended_ns,
               &(struct record_task_ended){ .pool = 1,
                                            .task = task,
                                            .item = -1,
                                            .items = 1,
                                            .function = 1,
                                            .attempt = 1,
                                            .end = RECORD_END_DONE,
                                            .begun_ns = 1,
                                            .ended_ns = ended_ns,
                                            .run_ns = 90000000 });
}

static void check_done_column(struct play *told, uint64_t tasks, uint64_t chunks, const char *title)
{
    struct view view = told->view;
    tell_model(told->model, RECORD_WORKER, (int64_t)tasks + 10,
               &(struct record_worker){ .pool = 1, .state = MPROC_WORKER_IDLE, .tasks = tasks, .chunks = chunks });
    view.pool = pools_find(&told->model->pools, 1);
    CHECK_STR(worker_rows_done(&view).title, title);
}

static void what_workers_have_done_is_called_by_what_is_counted(void)
{
    struct play told;
    begin_play(&told);
    check_done_column(&told, 0, 0, "Done");
    check_done_column(&told, 12, 0, "Done");
    check_done_column(&told, 24, 24, "Chunks");
    check_done_column(&told, 25, 24, "Done");
    CHECK_CONTAINS(worker_rows_done(&told.view).tip, "a chunk counts one");
    model_free(told.model);
}

static void what_failed_for_good_stands_before_what_was_made_good_and_what_was_slow(void)
{
    struct play told;
    struct troubles troubles;
    begin_play(&told);
    for (uint64_t task = 100; task < 300; task++)
        tell_end(&told, task, RECORD_END_DONE, 1, 900000000);
    tell_end(&told, 8, RECORD_END_FAILED, 1, 950000000);
    died(&told, 7, 1, 1000000000);
    tell_slow_end(&told, 10, 1200000000);
    tell_slow_end(&told, 11, 1050000000);
    troubles_collect(&told.view, &troubles);
    CHECK_EQ(troubles.count, 4);
    CHECK(troubles.all[0].glyph == GLYPH_FAILED && troubles.all[0].task.task == 8);
    CHECK_EQ(troubles.all[1].glyph, GLYPH_RETRIED);
    CHECK_STR(troubles.all[1].call.text, "parse(\"0419\")");
    CHECK_STR(troubles.all[1].about.text, "Segmentation fault, worker 0" DOT "retry waits");
    CHECK(troubles.all[1].is_worker && troubles.all[1].worker.pid == 4001);
    CHECK(troubles.all[2].glyph == GLYPH_SLOW && troubles.all[2].task.task == 10);
    CHECK(troubles.all[3].glyph == GLYPH_SLOW && troubles.all[3].task.task == 11);
    CHECK_STR(troubles_more(&troubles).text, "");
    model_free(told.model);
}

/* The death that an attempt ended with, and what the next one came to. */
static void a_task_that_was_tried_again_is_told_of_in_one_row(void)
{
    struct play told;
    struct troubles troubles;
    begin_play(&told);
    died_in(&told, 1, 7, 1, 1000000000);
    tell_end(&told, 7, RECORD_END_DONE, 2, 1100000000);
    died_in(&told, 2, 8, 1, 1200000000);
    died_in(&told, 3, 8, 2, 1300000000);
    troubles_collect(&told.view, &troubles);
    CHECK_EQ(troubles.count, 2);
    CHECK(troubles.all[0].glyph == GLYPH_DEAD && troubles.all[0].task.task == 8);
    CHECK_STR(troubles.all[0].about.text, "Segmentation fault, worker 0" DOT "after 2 attempts");
    CHECK(troubles.all[0].is_worker && troubles.all[0].worker.pid == 4003);
    CHECK(troubles.all[1].glyph == GLYPH_RETRIED && troubles.all[1].task.task == 7);
    CHECK_STR(troubles.all[1].about.text, "Segmentation fault, worker 0" DOT "retry done");
    model_free(told.model);
}

/* Who wrote a recording may have written anything. */
static void a_task_of_number_0_is_no_worker_that_died_without_one(void)
{
    struct play told;
    struct troubles troubles;
    struct record_death death = { .pool = 1, .pid = 20, .lives = 9, .worker = 2, .time_ns = 1, .item = -1 };
    begin_play(&told);
    death.cause = record_text_of("was killed by signal 9");
    tell_model(told.model, RECORD_DEATH, 1, &death);
    tell_end(&told, 1, RECORD_END_FAILED, 1, 950000000);
    tell_end(&told, 0, RECORD_END_FAILED, 1, 960000000);
    troubles_collect(&told.view, &troubles);
    CHECK_EQ(troubles.count, 3);
    CHECK_STR(troubles.all[0].call.text, "parse");
    CHECK_EQ(troubles.all[0].glyph, GLYPH_FAILED);
    CHECK_STR(troubles.all[2].call.text, "Worker 2, which ran nothing");
    CHECK_STR(troubles.all[2].about.text, "Worker 2 died: killed");
    CHECK_STR(troubles_more(&troubles).text, "");
    model_free(told.model);
}

/* Neither by retries that came to a good end, nor by tasks that are done. */
static void what_failed_for_good_is_never_pushed_out(void)
{
    struct play told;
    struct troubles troubles;
    begin_long_play(&told, 20000);
    tell_end(&told, 1, RECORD_END_FAILED, 1, 1000000000);
    for (uint64_t task = 100; task < 10100; task++)
        tell_end(&told, task, RECORD_END_DONE, 1, 1200000000);
    for (uint64_t task = 2; task < 10; task++) {
        died_in(&told, task, task, 1, 1300000000 + (int64_t)task);
        tell_end(&told, task, RECORD_END_DONE, 2, 1400000000 + (int64_t)task);
    }
    tell_model(told.model, RECORD_COUNTS, 1500000000, &(struct record_counts){ .pool = 1, .failed = 1, .retried = 8 });
    troubles_collect(&told.view, &troubles);
    CHECK_EQ(troubles.count, TROUBLES_MAX);
    CHECK(troubles.all[0].glyph == GLYPH_FAILED && troubles.all[0].task.task == 1);
    for (size_t i = 1; i < TROUBLES_MAX; i++)
        CHECK_EQ(troubles.all[i].task.task, 10 - i);
    CHECK_STR(troubles_more(&troubles).text, "and 4 more retried");
    model_free(told.model);
}

/* It was heard of before others, and ended behind them. */
static void what_failed_last_is_there_though_it_was_heard_of_first(void)
{
    struct play told;
    struct troubles troubles;
    begin_play(&told);
    for (uint64_t task = 100; task < 300; task++)
        tell_end(&told, task, RECORD_END_DONE, 1, 900000000);
    tell_end(&told, 1, RECORD_END_FAILED, 1, 2000000000);
    for (uint64_t task = 2; task < 12; task++)
        tell_end(&told, task, RECORD_END_FAILED, 1, 1000000000 + (int64_t)task);
    tell_slow_end(&told, 12, 3000000000); /* what failed has its room */
    troubles_collect(&told.view, &troubles);
    CHECK_EQ(troubles.count, TROUBLES_MAX);
    CHECK_EQ(troubles.all[0].task.task, 1);
    for (size_t i = 1; i < TROUBLES_MAX; i++)
        CHECK_EQ(troubles.all[i].task.task, 12 - i);
    CHECK_STR(troubles_more(&troubles).text, "and 6 more failed");
    tell_model(told.model, RECORD_COUNTS, 3000000000, &(struct record_counts){ .pool = 1, .failed = 1011 });
    troubles_collect(&told.view, &troubles);
    CHECK_STR(troubles_more(&troubles).text, "and 1" TEXT_BLANK "006 more failed");
    model_free(told.model);
}

/* What else there is stands in the list. */
static void failures_that_are_not_kept_are_counted_beside_what_is(void)
{
    struct play told;
    struct troubles troubles;
    begin_play(&told);
    died(&told, 7, 1, 1000000000);
    tell_model(told.model, RECORD_COUNTS, 1000000000, &(struct record_counts){ .pool = 1, .failed = 3 });
    troubles_collect(&told.view, &troubles);
    CHECK_EQ(troubles.count, 1);
    CHECK_STR(troubles_more(&troubles).text, "and 3 failed, not known which");
    model_free(told.model);
}

static void of_failures_that_are_not_kept_the_cause_is_told(void)
{
    struct play told;
    begin_play(&told);
    tell_model(told.model, RECORD_COUNTS, 10, &(struct record_counts){ .pool = 1, .failed = 3 });
    CHECK_STR(troubles_none(&told.view).text,
              "3 tasks failed. It is not known which: the history does not reach back so far.");
    tell_model(told.model, RECORD_LOST, 12, &(struct record_lost){ RECORD_CLASS_LIFE, 37, 11, 12, 0, -1 });
    CHECK_STR(troubles_none(&told.view).text, "3 tasks failed. It is not known which: 37 events were lost.");
    model_free(told.model);
}

static void of_a_program_that_is_not_heard_of_the_time_of_a_failure_is_told(void)
{
    struct play told;
    struct troubles troubles;
    begin_play(&told);
    tell_model(told.model, RECORD_GREETING, 0,
               &(struct record_greeting){ .magic = RECORD_MAGIC, .wall_ns = INT64_C(1795269722000000000) });
    tell_end(&told, 8, RECORD_END_FAILED, 1, INT64_C(7000000000));
    told.watch.state = WATCH_LIVE;
    troubles_collect(&told.view, &troubles);
    CHECK_STR(troubles.all[0].when.text, "now");
    told.watch.state = WATCH_LOST;
    troubles_collect(&told.view, &troubles);
    CHECK_STR(troubles.all[0].when.text + strlen("14:02"), ":09"); /* wherever on earth */
    model_free(told.model);
}

/* A pool that is over has its own behind those of the next one. */
static void where_no_trouble_is_seen_it_is_said_how_far_was_looked(void)
{
    struct play told;
    struct troubles troubles;
    begin_play(&told);
    CHECK_STR(troubles_none(&told.view).text, "Nothing so far.");
    for (uint64_t task = 100; task < 300; task++)
        tell_end(&told, task, RECORD_END_DONE, 1, 900000000);
    tell_slow_end(&told, 10, 1100000000);
    troubles_collect(&told.view, &troubles);
    CHECK_EQ(troubles.count, 1);
    for (uint64_t task = 300; task < 10300; task++)
        tell_end(&told, task, RECORD_END_DONE, 1, 1200000000);
    troubles_collect(&told.view, &troubles);
    CHECK_EQ(troubles.count, 0);
    CHECK_STR(troubles_none(&told.view).text, "None among the last 10" TEXT_BLANK "000 tasks of the program.");
    model_free(told.model);
}

static void a_line_is_taken_apart_as_by_a_shell_and_keeps_paths(void)
{
    char *why, **words = start_split("." G_DIR_SEPARATOR_S "program \"two words\" last", &why);
    CHECK(words != NULL && why == NULL);
    CHECK_EQ(g_strv_length(words), 3);
    CHECK_STR(words[0], "." G_DIR_SEPARATOR_S "program");
    CHECK_STR(words[1], "two words");
    g_strfreev(words);
    CHECK(start_split("\"no end", &why) == NULL && why[0] != '\0');
    g_free(why);
}

/* ---- What comes from a process ---- */

/* One who takes a frame at a time, however many there are, and draws in between. */
struct taker {
    struct feed *feed;
    unsigned frames, left_over, drawn;
    uint64_t last; /* sequence */
    bool is_drawn, is_over;
};

static size_t take_one(void *user, const unsigned char *bytes, size_t size)
{
    struct taker *taker = user;
    struct wire_frame frame;
    union record record;
    int taken = mproc__wire_decode(bytes, size, &frame, &record);
    CHECK_LE(1, taken);
    CHECK(taker->frames == 0 || (taker->is_drawn && frame.sequence == taker->last + 1));
    taker->frames++;
    taker->left_over += (size_t)taken < size;
    taker->last = frame.sequence;
    taker->is_drawn = false;
    return (size_t)taken;
}

static bool note_end(void *user, int code, const char *why)
{
    (void)code, (void)why;
    ((struct taker *)user)->is_over = true;
    return true;
}

/* At the priority of GTK's drawing. */
static gboolean draw(gpointer user)
{
    struct taker *taker = user;
    taker->is_drawn = true;
    taker->drawn++;
    return G_SOURCE_CONTINUE;
}

/* Once more, as long as the program does not listen so far. */
static void connect_again(struct taker *taker, os_program *program)
{
    const struct feed_listener listener = { take_one, note_end, taker };
    if (taker->feed != NULL && !taker->is_over)
        return;
    feed_free(taker->feed);
    taker->is_over = false;
    taker->feed = feed_start(os_program_pid(program), RECORD_WANTS_LIFE, &listener);
}

static bool look_on(const platform_found *found, void *user)
{
    (void)found, (void)user;
    return true;
}

static os_program *begin_held(const char *how)
{
    g_autofree char *here = g_get_current_dir();
    g_setenv("XDG_RUNTIME_DIR", here, TRUE);
    g_setenv("TMPDIR", here, TRUE);
    g_setenv("LOCALAPPDATA", here, TRUE);
    return test_program_start_held((const char *const[]){ test_program("gui_sample"), how, "held", NULL });
}

static bool is_listed(void)
{
    char names[OS_PATH_MAX];
    return g_file_test("mproc", G_FILE_TEST_IS_DIR) && os_directory_list("mproc", names, sizeof names) > 0;
}

/* Whoever looks for programs next in the same folder would take it for its own. */
static void a_sample_ends_with_its_test(void)
{
    os_program *program = begin_held("live");
    WAIT_UNTIL(is_listed());
    os_program_let_go(program);
    CHECK_EQ(test_scene_finish(program, NULL, 0), 0);
    CHECK_OK(platform_endpoint_list(look_on, NULL)); /* sweeps what it has left */
    CHECK_EQ(g_rmdir("mproc"), 0);
}

static void what_is_left_of_a_batch_comes_again_in_its_order_behind_what_is_drawn(void)
{
    struct taker taker = { .frames = 0 };
    os_program *program = begin_held("flood");
    guint drawing = g_timeout_add_full(G_PRIORITY_HIGH_IDLE + 20, 2, draw, &taker, NULL);
    while (taker.frames < 60) {
        connect_again(&taker, program);
        g_main_context_iteration(NULL, TRUE);
    }
    CHECK_LE(40, taker.left_over);
    CHECK_LE(taker.frames - 1, taker.drawn);
    feed_free(taker.feed);
    g_source_remove(drawing);
    os_program_kill(program);
    test_scene_finish(program, NULL, 0);
    CHECK_OK(platform_endpoint_list(look_on, NULL)); /* who looks for programs sweeps what a dead one has left */
    CHECK_EQ(g_rmdir("mproc"), 0);
}

/* ---- Paths ---- */

/* Step by step, until there is nothing more to take. */
static void check_shortened(const char *text, const char *const *steps)
{
    g_autoptr(GString) shown = g_string_new(text);
    for (; *steps != NULL; steps++) {
        CHECK(path_text_shorten(shown));
        CHECK_STR(shown->str, *steps);
    }
    g_autofree char *last = g_strdup(shown->str);
    CHECK(!path_text_shorten(shown));
    CHECK_STR(shown->str, last);
}

static void a_path_loses_its_directories_and_keeps_its_file(void)
{
    check_shortened("parse(\"2023/06/IMG 1.CR3\", 3)",
                    (const char *const[]){ "parse(\"\xe2\x80\xa6/06/IMG 1.CR3\", 3)",
                                           "parse(\"\xe2\x80\xa6/IMG 1.CR3\", 3)", NULL });
    check_shortened("copy(\"/home/b/a.txt\", \"c:\\\\d\\\\e.txt\")",
                    (const char *const[]){ "copy(\"\xe2\x80\xa6/b/a.txt\", \"c:\\\\d\\\\e.txt\")",
                                           "copy(\"\xe2\x80\xa6/b/a.txt\", \"\xe2\x80\xa6\\d\\\\e.txt\")",
                                           "copy(\"\xe2\x80\xa6/b/a.txt\", \"\xe2\x80\xa6\\e.txt\")",
                                           "copy(\"\xe2\x80\xa6/a.txt\", \"\xe2\x80\xa6\\e.txt\")", NULL });
    check_shortened("convert /a/b.txt out.txt", (const char *const[]){ "convert \xe2\x80\xa6/b.txt out.txt", NULL });
}

/* Whoever is called nearly as they are has another. */
static void a_path_is_told_from_the_home_of_whoever_looks(void)
{
    const char *home = g_get_home_dir();
    g_autofree char *own = g_build_filename(home, "a.mproc", NULL), *other = g_strconcat(home, "2/a.mproc", NULL);
    CHECK_STR(says_path(own).text, "~" G_DIR_SEPARATOR_S "a.mproc");
    CHECK_STR(says_path(home).text, "~");
    CHECK_STR(says_path(other).text, other);
}

static void check_cut(const char *text, glong count, const char *expected)
{
    g_autoptr(GString) shown = g_string_new(text);
    path_text_cut(shown, count);
    CHECK_STR(shown->str, expected);
}

/* What stands in the place of what is gone is one ellipsis, however often that was taken from. */
static void a_call_loses_the_middle_of_its_input_before_anything_else(void)
{
    const char *file = "checksum(\"\xe2\x80\xa6/IMG_2524.CR3\") runs";
    CHECK_EQ(path_text_spare(file), 7);
    check_cut(file, 0, file);
    check_cut(file, 4, "checksum(\"\xe2\x80\xa6_2524.CR3\") runs");
    check_cut(file, 5,
              "checksum(\"\xe2\x80\xa6"
              "2524.CR3\") runs");
    check_cut(file, 9,
              "checksum(\xe2\x80\xa6"
              "4.CR3\") runs");
    check_cut(file, 100, "\xe2\x80\xa6");
    const char *input = "find(\"abcdefghijklmnopqr\u00e4\u00e4\")";
    CHECK_EQ(path_text_spare(input), 10);
    check_cut(input, 6, "find(\"abcdefg\xe2\x80\xa6nopqr\u00e4\u00e4\")");
    CHECK_EQ(path_text_spare("no memory (signal 9)"), 0);
    check_cut("no memory", 4, "no\xe2\x80\xa6ory");
    check_cut("", 3, "\xe2\x80\xa6");
}

static void a_text_without_directories_stays(void)
{
    const char *const none[] = { NULL };
    check_shortened("", none);
    check_shortened("/", none);
    check_shortened("//", none);
    check_shortened("parse(\"a.html\", 7)", none);
    check_shortened("list(\"corpus/\")", none);
    check_shortened("waits for \xe2\x80\x9cpages\xe2\x80\x9d (worker 2)", none);
    check_shortened("open(\"never ended", none);
}

static const struct test tests[] = {
    TEST_WITH(a_path_loses_its_directories_and_keeps_its_file, TEST_ONCE, 0),
    TEST_WITH(a_path_is_told_from_the_home_of_whoever_looks, TEST_ONCE, 0),
    TEST_WITH(a_call_loses_the_middle_of_its_input_before_anything_else, TEST_ONCE, 0),
    TEST_WITH(a_text_without_directories_stays, TEST_ONCE, 0),
    TEST_WITH(a_scale_ends_at_the_next_1_2_25_or_5, TEST_ONCE, 0),
    TEST_WITH(deaths_in_a_chart_have_a_line_each_at_their_time, TEST_ONCE, 0),
    TEST_WITH(deaths_on_one_pixel_are_one_line_with_their_number, TEST_ONCE, 0),
    TEST_WITH(a_storm_of_deaths_is_drawn_within_its_chart, TEST_ONCE, 0),
    TEST_WITH(every_death_of_a_minute_counts, TEST_ONCE, 0),
    TEST_WITH(times_of_deaths_that_are_long_ago_make_room, TEST_ONCE, 0),
    TEST_WITH(a_death_is_not_drawn_where_nothing_is_known, TEST_ONCE, 0),
    TEST_WITH(a_chart_begins_with_its_first_sample, TEST_ONCE, 0),
    TEST_WITH(a_scale_does_not_shrink_within_a_minute, TEST_ONCE, 0),
    TEST_WITH(a_round_number_has_no_zeros_behind_its_point, TEST_ONCE, 0),
    TEST_WITH(a_name_in_a_histogram_moves_aside_where_there_is_room, TEST_ONCE, 0),
    TEST_WITH(marks_of_a_histogram_that_are_close_together_lose_the_least_of_their_names, TEST_ONCE, 0),
    TEST_WITH(what_is_not_known_is_left_out_of_a_summary, TEST_ONCE, 0),
    TEST_WITH(bins_hold_every_length_and_know_the_percentiles, TEST_ONCE, 0),
    TEST_WITH(bins_of_nothing_and_of_one_length_are_no_fault, TEST_ONCE, 0),
    TEST_WITH(lengths_that_are_almost_the_same_stand_in_the_middle, TEST_ONCE, 0),
    TEST_WITH(what_is_known_of_a_range_is_spread_over_its_bins, TEST_ONCE, 0),
    TEST_WITH(no_number_that_is_told_breaks_the_bins, TEST_ONCE, 0),
    TEST_WITH(times_are_of_all_runs_where_the_pool_tells_of_them, TEST_ONCE, 0),
    TEST_WITH(each_text_has_enough_contrast_in_both_themes, TEST_ONCE, 0),
    TEST_WITH(the_style_sheet_has_every_colour, TEST_ONCE, 0),
    TEST_WITH(a_recording_that_is_sought_through_ends_as_it_did, TEST_ONCE, 0),
    TEST_WITH(while_a_recording_is_read_anew_all_is_as_it_was_before, TEST_ONCE, 0),
    TEST_WITH(a_recording_begins_when_all_that_was_there_is_known, TEST_ONCE, 0),
    TEST_WITH(a_recording_that_is_gone_stays_where_it_stands, TEST_ONCE, 0),
    TEST_WITH(a_recording_that_gave_its_name_to_another_stays_where_it_stands, TEST_ONCE, 0),
    TEST_WITH(a_recording_that_is_cut_is_read_up_to_the_cut, TEST_ONCE, 0),
    TEST_WITH(deaths_of_a_recording_are_found_in_both_directions, TEST_ONCE, 0),
    TEST_WITH(a_death_is_where_it_was_told_of_first_and_none_is_from_before, TEST_ONCE, 0),
    TEST_WITH(a_view_of_what_was_closed_is_empty_and_like_no_other, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(workers_are_listed_alive_then_dead_the_last_first, TEST_ONCE, 0),
    TEST_WITH(a_worker_that_took_another_s_place_has_done_what_it_did_itself, TEST_ONCE, 0),
    TEST_WITH(nobody_is_alive_in_a_pool_whose_program_has_ended, TEST_ONCE, 0),
    TEST_WITH(every_state_of_a_worker_has_a_shape_of_its_own, TEST_ONCE, 0),
    TEST_WITH(deaths_with_the_same_cause_and_place_are_one_line, TEST_ONCE, 0),
    TEST_WITH(the_log_is_filtered_by_kind_and_by_text, TEST_ONCE, 0),
    TEST_WITH(the_advice_names_chunks_that_make_the_transport_small, TEST_ONCE, 0),
    TEST_WITH(a_long_queue_does_not_make_the_transport_little, TEST_ONCE, 0),
    TEST_WITH(the_log_says_what_happened_in_plain_words, TEST_ONCE, 0),
    TEST_WITH(a_cause_says_how_many_inputs_it_had, TEST_ONCE, 0),
    TEST_WITH(a_cause_is_told_without_whose_it_was, TEST_ONCE, 0),
    TEST_WITH(a_worker_that_the_pool_has_killed_says_for_what, TEST_ONCE, 0),
    TEST_WITH(how_a_program_ended_is_told_where_it_is_known, TEST_ONCE, 0),
    TEST_WITH(a_reason_is_told_without_the_name_of_its_error, TEST_ONCE, 0),
    TEST_WITH(a_stack_is_shown_as_functions_and_places, TEST_ONCE, 0),
    TEST_WITH(the_place_of_an_abort_is_the_programs, TEST_ONCE, 0),
    TEST_WITH(no_stack_is_no_stack, TEST_ONCE, 0),
    TEST_WITH(a_certificate_tells_what_became_of_the_next_attempt, TEST_ONCE, 0),
    TEST_WITH(run_times_are_of_what_returned_and_say_what_did_not, TEST_ONCE, 0),
    TEST_WITH(all_runs_that_did_not_return_are_counted, TEST_ONCE, 0),
    TEST_WITH(pools_of_one_name_are_told_apart, TEST_ONCE, 0),
    TEST_WITH(what_a_next_attempt_came_to_is_told_in_words, TEST_ONCE, 0),
    TEST_WITH(of_an_attempt_whose_end_was_not_told_that_is_said, TEST_ONCE, 0),
    TEST_WITH(an_attempt_is_one_of_as_many_as_are_known, TEST_ONCE, 0),
    TEST_WITH(a_certificate_says_how_long_it_lived_and_ran, TEST_ONCE, 0),
    TEST_WITH(a_certificate_says_which_address_was_tried, TEST_ONCE, 0),
    TEST_WITH(what_workers_have_done_is_called_by_what_is_counted, TEST_ONCE, 0),
    TEST_WITH(what_failed_for_good_stands_before_what_was_made_good_and_what_was_slow, TEST_ONCE, 0),
    TEST_WITH(a_task_that_was_tried_again_is_told_of_in_one_row, TEST_ONCE, 0),
    TEST_WITH(a_task_of_number_0_is_no_worker_that_died_without_one, TEST_ONCE, 0),
    TEST_WITH(what_failed_for_good_is_never_pushed_out, TEST_ONCE, 0),
    TEST_WITH(failures_that_are_not_kept_are_counted_beside_what_is, TEST_ONCE, 0),
    TEST_WITH(what_was_lost_is_no_trouble_of_the_pool, TEST_ONCE, 0),
    TEST_WITH(what_failed_last_is_there_though_it_was_heard_of_first, TEST_ONCE, 0),
    TEST_WITH(of_failures_that_are_not_kept_the_cause_is_told, TEST_ONCE, 0),
    TEST_WITH(where_no_trouble_is_seen_it_is_said_how_far_was_looked, TEST_ONCE, 0),
    TEST_WITH(of_a_program_that_is_not_heard_of_the_time_of_a_failure_is_told, TEST_ONCE, 0),
    TEST_WITH(a_cause_does_not_say_where_the_task_was, TEST_ONCE, 0),
    TEST_WITH(a_line_is_taken_apart_as_by_a_shell_and_keeps_paths, TEST_ONCE, 0),
    TEST_WITH(a_sample_ends_with_its_test, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(what_is_left_of_a_batch_comes_again_in_its_order_behind_what_is_drawn, TEST_ONCE | TEST_KEEPS, 60),
};

TEST_MAIN_GUI(tests)
