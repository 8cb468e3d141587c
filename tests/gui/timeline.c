/* What the timeline knows without a display: the bars that are kept, how a long run is told in few parts, the
 * arithmetic of zooming, what is drawn of a million bars, and how much of a time each function took.
 */
#include "main.h"
#include "model/text.h"
#include "replays.h"
#include "window/lane_draw.h"
#include "window/lane_layout.h"
#include "window/lane_look.h"
#include "window/lane_rows.h"
#include "window/lane_table.h"
#include "window/shares.h"
#include "window/whole.h"
#include <math.h>
#include <mproc/base.h>
#include <mproc/stats.h>
#include <stdio.h>
#include <time.h>

#define MS INT64_C(1000000)
#define S  (1000 * MS)

static unsigned seed = 7;

static unsigned random_below(unsigned limit)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % limit;
}

/* ---- Bars ---- */

static struct record_task_ended ended(uint32_t worker, uint64_t task, int64_t begin_ns, int64_t end_ns)
{
    return (struct record_task_ended){ .pool = 1,
                                       .task = task,
                                       .item = -1,
                                       .items = 1,
                                       .function = 1,
                                       .worker = worker,
                                       .pid = 4000 + worker,
                                       .attempt = 1,
                                       .end = RECORD_END_DONE,
                                       .begun_ns = begin_ns,
                                       .ended_ns = end_ns };
}

static void take(struct bars *bars, uint32_t worker, uint64_t task, int64_t begin_ns, int64_t end_ns)
{
    struct record_task_ended record = ended(worker, task, begin_ns, end_ns);
    CHECK_OK(bars_take(bars, &record));
}

static uint64_t count_bars(const struct bars *bars, int64_t from_ns, int64_t to_ns, int64_t worker)
{
    struct bars_walk walk = { from_ns, to_ns, 1, worker, 0, 0 };
    uint64_t count = 0;
    while (bars_next(bars, &walk, NULL) != NULL)
        count++;
    return count;
}

static void bars_are_found_by_time_and_worker(void)
{
    static struct bars bars;
    CHECK_OK(bars_init(&bars, 4096));
    for (uint32_t i = 0; i < 300; i++)
        take(&bars, i % 3, i + 1, i * MS + 1, i * MS + MS / 2);
    CHECK_EQ(bars.count, 300);
    CHECK_EQ(count_bars(&bars, 0, S, -1), 300);
    CHECK_EQ(count_bars(&bars, 0, S, 1), 100);
    CHECK_EQ(count_bars(&bars, 100 * MS + 1, 110 * MS, -1), 10);
    CHECK_EQ(count_bars(&bars, 100 * MS + MS / 2 + 1, 101 * MS, -1), 0);
    bars_free(&bars);
}

static void what_no_worker_ran_or_never_began_has_no_bar(void)
{
    static struct bars bars;
    CHECK_OK(bars_init(&bars, 64));
    struct record_task_ended record = ended(0, 1, 5, 9);
    record.worker = -1;
    CHECK_OK(bars_take(&bars, &record));
    take(&bars, 0, 2, 0, 9);
    take(&bars, 0, 3, 9, 5);
    CHECK_EQ(bars.count, 0);
    bars_free(&bars);
    CHECK_OK(bars_init(&bars, 0));
    take(&bars, 0, 4, 5, 9);
    CHECK_EQ(bars.count, 0);
    bars_free(&bars);
}

static void those_that_ended_first_make_room(void)
{
    static struct bars bars;
    const uint32_t room = 16 * BARS_IN_BLOCK;
    CHECK_OK(bars_init(&bars, room));
    /* Worker 3 ends a task once in a while: what it did lately stays, however much the others do. */
    for (uint32_t i = 0; i < 20 * room; i++)
        take(&bars, i % 500 == 0 ? 3 : i % 3, i + 1, i * MS + 1, i * MS + 2);
    CHECK_EQ(bars.used, 16);
    CHECK_LE(bars.count, room);
    CHECK(bars.count > room / 2);
    CHECK_EQ(bars.count + bars.forgotten, 20 * room);
    int64_t since_ns = bars_since_ns(&bars);
    uint64_t expected = 0;
    for (uint32_t i = 0; i < 20 * room; i++)
        expected += i * MS + 2 > since_ns;
    CHECK_EQ(count_bars(&bars, since_ns + 1, INT64_MAX, -1), expected);
    CHECK(count_bars(&bars, 0, INT64_MAX, 3) > 0);
    bars_free(&bars);
}

static void times_of_which_nothing_was_told_are_gaps(void)
{
    static struct bars bars;
    CHECK_OK(bars_init(&bars, 64));
    bars_set_blind(&bars, false, 10);
    CHECK_EQ(bars.begun_ns, 10);
    CHECK_EQ(bars_gap_count(&bars), 0);
    bars_set_blind(&bars, true, 20);
    CHECK(bars_gap_at(&bars, 0).from_ns == 20 && bars_gap_at(&bars, 0).to_ns == INT64_MAX);
    bars_set_blind(&bars, true, 25);
    bars_set_blind(&bars, false, 30);
    CHECK(bars_gap_at(&bars, 0).from_ns == 20 && bars_gap_at(&bars, 0).to_ns == 30);
    CHECK_EQ(bars_gap_count(&bars), 1);
    bars_free(&bars);
}

/* ---- The whole of a run ---- */

static void a_long_run_is_told_in_few_parts_and_loses_nothing(void)
{
    static struct overall overall;
    uint64_t done = 0;
    for (int64_t now_ns = S; now_ns < 5000 * S; now_ns += S / 4) {
        overall_note(&overall, now_ns, done);
        done += 25;
    }
    CHECK(overall.count > OVERALL_PARTS / 2 - 1 && overall.count <= OVERALL_PARTS);
    double sum = 0;
    for (size_t i = 0; i < overall.count; i++) {
        CHECK(fabs(overall_rate(&overall, i) - 100) < 3);
        sum += overall_rate(&overall, i) * (double)overall.part_ns / 1e9;
    }
    CHECK(sum == (double)overall.done[overall.count]);
}

/* ---- The time that is shown ---- */

static const struct lane_span bounds = { 1000 * S, 1100 * S };

static void zooming_keeps_what_is_under_the_pointer(void)
{
    struct lane_span span = lane_span_within(bounds, 1040 * S, 10 * S);
    int64_t at_ns = 1043 * S;
    double x = lane_span_x(span, 900, at_ns);
    for (int i = 0; i < 10; i++) {
        span = lane_span_zoom(span, bounds, 0.5, at_ns);
        CHECK(fabs(lane_span_x(span, 900, at_ns) - x) < 0.01);
    }
    for (int i = 0; i < 50; i++)
        span = lane_span_zoom(span, bounds, 0.5, at_ns);
    CHECK_EQ(lane_span_length(span), LANE_SPAN_LEAST);
    for (int i = 0; i < 60; i++)
        span = lane_span_zoom(span, bounds, 2, at_ns);
    CHECK(span.from_ns == bounds.from_ns && span.to_ns == bounds.to_ns);
}

static void panning_ends_at_the_bounds(void)
{
    struct lane_span span = lane_span_within(bounds, 1040 * S, 10 * S);
    span = lane_span_pan(span, bounds, 0.5);
    CHECK_EQ(span.from_ns, 1045 * S);
    span = lane_span_pan(span, bounds, 100);
    CHECK(span.to_ns == bounds.to_ns && lane_span_length(span) == 10 * S);
    span = lane_span_pan(span, bounds, -100);
    CHECK(span.from_ns == bounds.from_ns && lane_span_length(span) == 10 * S);
}

static void the_slider_says_and_sets_the_same(void)
{
    for (double zoom = 0; zoom <= 1; zoom += 0.125) {
        struct lane_span span = lane_span_within(bounds, bounds.from_ns, lane_span_length_at(bounds, zoom));
        CHECK(fabs(lane_span_zoom_of(span, bounds) - zoom) < 0.001);
    }
}

static void marks_stand_at_round_times_with_room_between_them(void)
{
    struct lane_tick ticks[LANE_TICKS_MAX];
    int64_t wall_ns = INT64_C(1795269751) * S;
    for (int64_t length_ns = 20000; length_ns < 1000000 * S; length_ns *= 3) {
        struct lane_span span = { 5 * S + 12345, 5 * S + 12345 + length_ns };
        size_t count = lane_span_ticks(span, 910, wall_ns, ticks);
        CHECK(count >= 1 && count <= 8);
        for (size_t i = 0; i < count; i++) {
            CHECK(ticks[i].time_ns >= span.from_ns && ticks[i].time_ns <= span.to_ns);
            CHECK(i == 0 ||
                  lane_span_x(span, 910, ticks[i].time_ns) - lane_span_x(span, 910, ticks[i - 1].time_ns) > 118);
        }
    }
    struct lane_span span = { 31420 * MS, 31560 * MS };
    CHECK_EQ(lane_span_ticks(span, 910, 0, ticks), 8);
    CHECK_EQ(ticks[1].time_ns - ticks[0].time_ns, 20 * MS);
    CHECK_CONTAINS(ticks[0].text.text, ":31.42");
    CHECK_STR(ticks[1].text.text, "31.44" TEXT_BLANK "s");
    span = (struct lane_span){ 59400 * MS, 60600 * MS };
    CHECK_EQ(lane_span_ticks(span, 910, 0, ticks), 7);
    CHECK_STR(ticks[2].text.text, "59.8" TEXT_BLANK "s");
    CHECK_CONTAINS(ticks[3].text.text, ":01:00.0");
    CHECK_STR(ticks[4].text.text, "00.2" TEXT_BLANK "s");
}

/* ---- What is drawn ---- */

#define WIDTH 900

/* What each column of pixels has, found out in the simplest way. */
struct reference {
    double busy[WIDTH];
    double of_function[WIDTH][4];
    bool has_failed[WIDTH];
};

static void refer(struct reference *reference, const struct bar *bar, struct lane_span span)
{
    for (int i = 0; i < WIDTH; i++) {
        double begin = lane_span_x(span, WIDTH, bar->begin_ns), end = lane_span_x(span, WIDTH, bar->end_ns);
        double part = fmin(end, i + 1) - fmax(begin, i);
        if (part <= 0)
            continue;
        reference->busy[i] += part;
        reference->of_function[i][bar->function] += part;
        reference->has_failed[i] |= lane_bar_has_failed(bar);
    }
}

static const struct lane_piece *piece_at(const GArray *pieces, int x)
{
    for (guint i = 0; i < pieces->len; i++) {
        const struct lane_piece *piece = &g_array_index(pieces, struct lane_piece, i);
        if (x >= piece->x && x < piece->x + piece->width && piece->busy > 0)
            return piece;
    }
    return NULL;
}

static bool has_majority(const struct reference *reference, int x, uint16_t *ret_function)
{
    for (uint16_t i = 0; i < 4; i++)
        if (reference->of_function[x][i] > 0.52 * reference->busy[x]) {
            *ret_function = i;
            return true;
        }
    return false;
}

static void compare(const struct reference *reference, const GArray *pieces)
{
    for (int x = 0; x < WIDTH; x++) {
        const struct lane_piece *piece = piece_at(pieces, x);
        uint16_t function;
        CHECK((piece != NULL) == (reference->busy[x] > 0));
        if (piece == NULL)
            continue;
        CHECK(fabs(ceil(reference->busy[x] * LANE_STEPS) - piece->busy) <= 1);
        CHECK(piece->has_failed == reference->has_failed[x]);
        if (has_majority(reference, x, &function))
            CHECK_EQ(piece->function, function);
    }
}

static void small_bars_are_put_together_by_column(void)
{
    static struct reference reference;
    struct lane_span span = { S, 2 * S };
    struct lane_layout *layout = lane_layout_new();
    GArray *pieces = g_array_new(FALSE, FALSE, sizeof(struct lane_piece));
    double busy_ns = 0;
    lane_layout_begin(layout, span, WIDTH);
    for (int64_t at_ns = S - MS; at_ns < 2 * S + MS;) {
        int64_t length_ns = 1 + random_below(900000);
        struct bar bar = { .begin_ns = at_ns,
                           .end_ns = at_ns + length_ns,
                           .function = (uint16_t)(1 + random_below(3)) };
        bar.end = random_below(50) == 0 ? RECORD_END_FAILED : RECORD_END_DONE;
        lane_layout_add(layout, &bar);
        refer(&reference, &bar, span);
        busy_ns += (double)lane_bar_within(&bar, span);
        at_ns += length_ns + (random_below(8) == 0 ? random_below(4000000) : 0);
    }
    lane_layout_end(layout, pieces);
    CHECK(lane_layout_busy_ns(layout) == busy_ns);
    CHECK_LE(pieces->len, WIDTH);
    compare(&reference, pieces);
    g_array_unref(pieces);
    lane_layout_free(layout);
}

static void bars_of_some_pixels_stand_alone_with_a_pixel_between_them(void)
{
    struct lane_span span = { S, 2 * S };
    struct lane_layout *layout = lane_layout_new();
    GArray *pieces = g_array_new(FALSE, FALSE, sizeof(struct lane_piece));
    lane_layout_begin(layout, span, 1000);
    lane_layout_add(layout,
                    &(struct bar){ .begin_ns = S - S, .end_ns = S + 10 * MS, .end = RECORD_END_DONE, .task = 1 });
    lane_layout_add(layout, &(struct bar){ .begin_ns = S + 10 * MS, .end_ns = S + 30 * MS, .end = 1, .task = 2 });
    lane_layout_add(layout, &(struct bar){ .begin_ns = S + 990 * MS, .end_ns = 3 * S, .end = 1, .task = 3 });
    lane_layout_end(layout, pieces);
    CHECK_EQ(pieces->len, 3);
    const struct lane_piece *piece = &g_array_index(pieces, struct lane_piece, 0);
    CHECK(piece->x == 0 && piece->width == 9 && piece->is_alone && piece->bar.task == 1);
    piece = &g_array_index(pieces, struct lane_piece, 1);
    CHECK(piece->x == 10 && piece->width == 19);
    piece = &g_array_index(pieces, struct lane_piece, 2);
    CHECK(piece->x == 990 && piece->width == 10);
    g_array_unref(pieces);
    lane_layout_free(layout);
}

static void a_small_one_that_failed_is_seen_beside_a_long_one(void)
{
    struct lane_span span = { S, 2 * S };
    struct lane_layout *layout = lane_layout_new();
    GArray *pieces = g_array_new(FALSE, FALSE, sizeof(struct lane_piece));
    lane_layout_begin(layout, span, 100);
    lane_layout_add(layout, &(struct bar){ .begin_ns = S, .end_ns = S + 505 * MS, .end = RECORD_END_DONE });
    lane_layout_add(layout,
                    &(struct bar){ .begin_ns = S + 506 * MS, .end_ns = S + 506 * MS, .end = RECORD_END_FAILED });
    lane_layout_end(layout, pieces);
    bool is_seen = false;
    for (guint i = 0; i < pieces->len; i++)
        is_seen |= g_array_index(pieces, struct lane_piece, i).has_failed;
    CHECK(is_seen);
    g_array_unref(pieces);
    lane_layout_free(layout);
}

static void a_million_bars_make_no_more_pieces_than_pixels(void)
{
    static struct bars bars;
    struct lane_span span = { S, 1001 * S };
    struct lane_layout *layout = lane_layout_new();
    GArray *pieces = g_array_new(FALSE, FALSE, sizeof(struct lane_piece));
    CHECK_OK(bars_init(&bars, 1 << 20));
    clock_t begin = clock();
    for (uint32_t i = 0; i < 1000000; i++)
        take(&bars, i % 8, i + 1, S + i * MS, S + i * MS + 6 * MS);
    clock_t taken = clock();
    CHECK_EQ(bars.count, 1000000);
    CHECK_LE(bars.used * BARS_IN_BLOCK * sizeof(struct bar), 49 << 20);
    for (int64_t worker = 0; worker < 8; worker++) {
        struct bars_walk walk = { span.from_ns, span.to_ns, 1, worker, 0, 0 };
        const struct bar *bar;
        g_array_set_size(pieces, 0);
        lane_layout_begin(layout, span, WIDTH);
        while ((bar = bars_next(&bars, &walk, NULL)) != NULL)
            lane_layout_add(layout, bar);
        lane_layout_end(layout, pieces);
        CHECK(pieces->len > 0 && pieces->len <= WIDTH);
    }
    printf("# a million bars: taken in %d ms of CPU time, laid out in %d ms\n",
           (int)((taken - begin) * 1000 / CLOCKS_PER_SEC), (int)((clock() - taken) * 1000 / CLOCKS_PER_SEC));
    g_array_unref(pieces);
    lane_layout_free(layout);
    bars_free(&bars);
}

/* ---- A pool ---- */

static int64_t told_ns;

static void tell(struct model *model, unsigned type, const void *record)
{
    tell_model(model, type, told_ns, record);
}

static void tell_function(struct model *model, uint32_t number, const char *name)
{
    struct record_function record = { 1, number, record_text_of(name), record_text_of("") };
    tell(model, RECORD_FUNCTION, &record);
}

static void tell_task(struct model *model, const struct record_task_ended *record)
{
    told_ns = MAX(told_ns, record->ended_ns);
    tell(model, RECORD_TASK_ENDED, record);
}

/* Of two workers, at 10 s, after so many tasks of 10 ms each every 20 ms. */
static struct view begin_pool(int tasks)
{
    struct model *model;
    CHECK_OK(model_create(&(struct model_limits){ .bars = 4096 }, &model));
    told_ns = S;
    tell(model, RECORD_GREETING,
         &(struct record_greeting){ .pid = 17, .now_ns = S, .wall_ns = INT64_C(1795269751) * S });
    model_set_told_of_tasks(model, true);
    tell(model, RECORD_POOL, &(struct record_pool){ .pool = 1, .target = 2 });
    tell_function(model, 1, "parse_page");
    tell_function(model, 2, "pack");
    for (uint32_t i = 0; i < 2; i++)
        tell(model, RECORD_WORKER,
             &(struct record_worker){
                 .pool = 1, .worker = i, .state = MPROC_WORKER_IDLE, .pid = 4000 + i, .lives = 1, .ready_ns = S });
    for (int i = 0; i < tasks; i++) {
        struct record_task_ended record = ended(0, (uint64_t)i + 1, S + i * 20 * MS, S + i * 20 * MS + 10 * MS);
        record.argument = record_text_of("\"corpus/0419.html\"");
        tell_task(model, &record);
    }
    told_ns = MAX(told_ns, 10 * S);
    tell(model, RECORD_COST, &(struct record_cost){ 0 });
    return (struct view){ NULL, model, pools_find(&model->pools, 1), 1 };
}

static void end_pool(struct view *view)
{
    model_free((struct model *)view->model);
}

static struct model *model_of(const struct view *view)
{
    return (struct model *)view->model;
}

static void shares_are_what_the_bars_took_of_all_workers(void)
{
    struct view view = begin_pool(100);
    struct shares shares;
    struct record_task_ended record = ended(1, 500, 2 * S, 3 * S);
    record.function = 2;
    tell_task(model_of(&view), &record);
    shares_count(&view, (struct lane_span){ S, 3 * S }, &shares);
    CHECK_EQ(shares.parts[0].tasks, 100);
    CHECK(shares.parts[0].busy_ns == (double)S);
    CHECK_EQ(shares.parts[0].p50_ns, 10 * MS);
    CHECK_EQ(shares.parts[0].max_ns, 10 * MS);
    CHECK(shares.parts[1].busy_ns == (double)S && shares.parts[1].tasks == 1);
    CHECK(shares.whole_ns == 4.0 * (double)S && shares.idle_ns == 2.0 * (double)S);
    shares_count(&view, (struct lane_span){ 2 * S, 2 * S + 500 * MS }, &shares);
    CHECK(shares.parts[1].busy_ns == 0.5 * (double)S);
    CHECK_EQ(shares.parts[0].tasks, 25);
    end_pool(&view);
}

static void a_task_that_runs_is_as_long_as_it_has_run(void)
{
    struct view view = begin_pool(100);
    struct shares shares;
    tell(model_of(&view), RECORD_WORKER,
         &(struct record_worker){ .pool = 1,
                                  .worker = 1,
                                  .state = MPROC_WORKER_BUSY,
                                  .pid = 4001,
                                  .lives = 1,
                                  .ready_ns = S,
                                  .task = 700,
                                  .items = 1,
                                  .function = 1,
                                  .since_ns = 4 * S });
    shares_count(&view, (struct lane_span){ S, view.model->now_ns }, &shares);
    CHECK_EQ(shares.parts[0].tasks, 101);
    CHECK_EQ(shares.parts[0].p50_ns, 10 * MS);
    CHECK_EQ(shares.parts[0].max_ns, view.model->now_ns - 4 * S);
    end_pool(&view);
}

static void what_was_not_told_counts_for_nothing(void)
{
    struct view view = begin_pool(10);
    struct shares shares;
    model_set_told_of_tasks(model_of(&view), false);
    told_ns = 15 * S;
    tell(model_of(&view), RECORD_COST, &(struct record_cost){ 0 });
    model_set_told_of_tasks(model_of(&view), true);
    told_ns = 20 * S;
    tell(model_of(&view), RECORD_COST, &(struct record_cost){ 0 });
    shares_count(&view, (struct lane_span){ 5 * S, 30 * S }, &shares);
    CHECK(shares.whole_ns == 20.0 * (double)S);
    end_pool(&view);
}

static void make_rows(struct lane_rows *rows, const struct view *view, int64_t from_ns, int64_t to_ns)
{
    lane_rows_make(rows, view, (struct lane_span){ from_ns, to_ns }, WIDTH, 0, 100);
}

static void each_worker_has_a_lane_with_its_busy_share(void)
{
    struct view view = begin_pool(100);
    struct lane_rows rows;
    lane_rows_init(&rows);
    make_rows(&rows, &view, S, 3 * S);
    CHECK_EQ(rows.all, 2);
    const struct lane_row *row = &g_array_index(rows.rows, struct lane_row, 0);
    CHECK_EQ(row->pid, 4000);
    CHECK_STR(row->about, "50" TEXT_BLANK "% busy");
    CHECK_EQ(row->pieces, 100);
    CHECK_STR(g_array_index(rows.rows, struct lane_row, 1).about, "0" TEXT_BLANK "% busy");
    lane_rows_make(&rows, &view, (struct lane_span){ S, 3 * S }, WIDTH, 1, 1);
    CHECK_EQ(rows.rows->len, 1);
    CHECK_EQ(g_array_index(rows.rows, struct lane_row, 0).worker, 1);
    CHECK_EQ(rows.all, 2);
    lane_rows_free(&rows);
    end_pool(&view);
}

static void a_death_reaches_to_its_successor(void)
{
    struct view view = begin_pool(10);
    struct lane_rows rows;
    int64_t time_ns;
    struct record_death death = { .pool = 1,
                                  .worker = 1,
                                  .pid = 4001,
                                  .lives = 1,
                                  .time_ns = 4 * S,
                                  .exit_code = -11,
                                  .replaced_ns = 4 * S + MS,
                                  .cause = record_text_of("segmentation fault (signal 11, SIGSEGV)") };
    tell(model_of(&view), RECORD_DEATH, &death);
    tell(
        model_of(&view), RECORD_WORKER,
        &(struct record_worker){
            .pool = 1, .worker = 1, .state = MPROC_WORKER_IDLE, .pid = 4777, .lives = 2, .ready_ns = 4 * S + 30 * MS });
    lane_rows_init(&rows);
    make_rows(&rows, &view, 3 * S, 5 * S);
    const struct lane_row *row = &g_array_index(rows.rows, struct lane_row, 1);
    CHECK_EQ(row->deaths, 1);
    CHECK_EQ(row->pid, 4777);
    CHECK_STR(row->about, "1 death");
    const struct lane_death *gap = &g_array_index(rows.deaths, struct lane_death, row->death);
    CHECK(gap->from_ns == 4 * S && gap->to_ns == 4 * S + 30 * MS);
    CHECK_STR(gap->words, "signal 11 \xc2\xb7 new pid 4777");
    CHECK(lane_death_beside(&view, 3 * S, 1, &time_ns) && time_ns == 4 * S);
    CHECK(!lane_death_beside(&view, 4 * S, 1, &time_ns));
    CHECK(lane_death_beside(&view, 5 * S, -1, &time_ns));
    lane_rows_free(&rows);
    end_pool(&view);
}

/* The time between two workers is a pixel or two at most zooms: the mark stands on its line then, within the plot. */
static void a_death_has_its_mark_at_every_zoom(void)
{
    const struct lane_death death = { 4 * S, 4 * S + 30 * MS, { 1, 4001, 1 }, "signal 11" };
    const double width = 1000;
    double line = LANE_HEAD + lane_span_x((struct lane_span){ 3 * S, 5 * S }, width, 4 * S);
    double mark = lane_death_mark((struct lane_span){ 3 * S, 5 * S }, width, &death);
    CHECK(mark + GLYPH_SIZE / 2.0 == line);
    mark = lane_death_mark((struct lane_span){ 0, 3600 * S }, width, &death);
    CHECK(mark >= LANE_HEAD && mark <= LANE_HEAD + 4);
    mark = lane_death_mark((struct lane_span){ 4 * S - 2000 * S, 4 * S }, width, &death);
    CHECK(mark + GLYPH_SIZE == LANE_HEAD + width);
    /* Where there is room it stands before the words. */
    mark = lane_death_mark((struct lane_span){ 4 * S - 50 * MS, 4 * S + 50 * MS }, width, &death);
    CHECK(mark > LANE_HEAD + 500);
    mark = lane_death_mark((struct lane_span){ 4 * S + 10 * MS, 4 * S + 50 * MS }, width, &death);
    CHECK(mark > LANE_HEAD && mark < LANE_HEAD + GLYPH_SIZE);
    CHECK(lane_death_mark((struct lane_span){ 4 * S + 29 * MS, 9 * S }, width, &death) < 0);
}

static struct lane_room room_beside(const struct lane_unknown *unknown, guint count, uint32_t worker)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof *unknown);
    g_array_append_vals(all, unknown, count);
    return lane_room_for_words((struct lane_span){ 0, 10 * S }, 1000, all, worker, (struct lane_room){ 400, 600 });
}

static void words_stand_beside_what_is_hatched(void)
{
    const struct lane_unknown late = { 5500 * MS, 5600 * MS, -1, true, "" };
    const struct lane_unknown early = { 4 * S, 4050 * MS, -1, true, "" };
    const struct lane_unknown moment = { 5500 * MS, 5500 * MS, 2, false, "" };
    const struct lane_unknown all[] = { late, early };
    struct lane_room room = room_beside(&late, 1, 1);
    CHECK(room.from == 400 && room.to == 550);
    room = room_beside(&early, 1, 1);
    CHECK(room.from == 405 + 3 && room.to == 600);
    room = room_beside(all, 2, 1);
    CHECK(room.from == 408 && room.to == 550);
    room = room_beside(&moment, 1, 2);
    CHECK(room.from == 400 && room.to == 550);
    room = room_beside(&moment, 1, 1);
    CHECK(room.from == 400 && room.to == 600);
    room = room_beside(&(struct lane_unknown){ 0, 10 * S, -1, true, "" }, 1, 1);
    CHECK(room.to - room.from <= 0);
}

static void lanes_are_low_only_where_all_are_seen_for_that(void)
{
    CHECK_EQ(lane_height(0, 6), LANE_HEIGHT);
    CHECK_EQ(lane_height(600, 6), LANE_HEIGHT);
    CHECK_EQ(lane_height(240, 6), 40);
    CHECK_EQ(lane_height(140, 6), 23);
    CHECK_EQ(lane_height(140, 7), 35);
    CHECK_EQ(lane_height(600, 64), 31);
    CHECK_EQ(lane_height(10, 3), LANE_LEAST);
}

static bool is_unknown(const struct lane_rows *rows, const char *words, int64_t from_ns, int64_t to_ns)
{
    for (guint i = 0; i < rows->unknown->len; i++) {
        const struct lane_unknown *unknown = &g_array_index(rows->unknown, struct lane_unknown, i);
        if (strcmp(unknown->words, words) == 0 && unknown->from_ns == from_ns && unknown->to_ns == to_ns)
            return true;
    }
    return false;
}

static void lost_events_are_a_gap_with_their_count(void)
{
    struct view view = begin_pool(10);
    struct lane_rows rows;
    tell(model_of(&view), RECORD_LOST, &(struct record_lost){ RECORD_CLASS_LIFE, 37, 4 * S, 5 * S, 1, -1 });
    tell(model_of(&view), RECORD_LOST, &(struct record_lost){ RECORD_CLASS_LIFE, 9, 4 * S, 5 * S, 2, -1 });
    tell(model_of(&view), RECORD_LOST, &(struct record_lost){ RECORD_CLASS_DETAIL, 5, 4 * S, 5 * S, 1, -1 });
    lane_rows_init(&rows);
    make_rows(&rows, &view, 3 * S, 8 * S);
    CHECK_EQ(rows.unknown->len, 1);
    CHECK(is_unknown(&rows, "37 events lost", 4 * S, 5 * S));
    make_rows(&rows, &view, 6 * S, 8 * S);
    CHECK_EQ(rows.unknown->len, 0);
    make_rows(&rows, &view, -5 * S, 2 * S);
    CHECK(is_unknown(&rows, "not watched", INT64_MIN, S));
    lane_rows_free(&rows);
    end_pool(&view);
}

static void before_there_was_a_pool_nothing_is_unknown(void)
{
    struct view view = begin_pool(10);
    struct lane_rows rows;
    lane_rows_init(&rows);
    tell(model_of(&view), RECORD_POOL, &(struct record_pool){ .pool = 1, .target = 2, .created_ns = S / 2 });
    make_rows(&rows, &view, -5 * S, 2 * S);
    CHECK_EQ(rows.unknown->len, 1);
    CHECK(is_unknown(&rows, "not watched", S / 2, S));
    tell(model_of(&view), RECORD_POOL, &(struct record_pool){ .pool = 1, .target = 2, .created_ns = S });
    make_rows(&rows, &view, -5 * S, 2 * S);
    CHECK_EQ(rows.unknown->len, 0);
    make_rows(&rows, &view, -5 * S, S / 2);
    CHECK_STR(g_array_index(rows.rows, struct lane_row, 0).about, "not there yet");
    lane_rows_free(&rows);
    end_pool(&view);
}

/* Worker 1 has task 99 since second 8. */
static void tell_running(struct view *view)
{
    tell(model_of(view), RECORD_WORKER,
         &(struct record_worker){ .pool = 1,
                                  .worker = 1,
                                  .state = MPROC_WORKER_BUSY,
                                  .pid = 4001,
                                  .lives = 1,
                                  .task = 99,
                                  .item = -1,
                                  .items = 1,
                                  .function = 1,
                                  .since_ns = 8 * S,
                                  .argument = record_text_of("\"big.html\"") });
}

static void a_task_that_runs_has_a_bar_until_its_end_is_told(void)
{
    struct view view = begin_pool(10);
    struct bar bar;
    tell_running(&view);
    CHECK(lane_running_bar(&view, 1, &bar));
    CHECK(bar.begin_ns == 8 * S && bar.end_ns == 10 * S && bar.end == 0);
    CHECK_STR(lane_argument(&view, 1, &bar).text, "big");
    struct record_task_ended record = ended(1, 99, 8 * S, 9 * S);
    tell_task(model_of(&view), &record);
    CHECK(!lane_running_bar(&view, 1, &bar));
    CHECK(lane_bar_at(&view, 1, (struct lane_span){ 8 * S, 9 * S }, &bar));
    CHECK_EQ(bar.end, RECORD_END_DONE);
    end_pool(&view);
}

static void a_task_that_ran_when_its_program_ended_has_a_bar_of_unknown_end(void)
{
    struct view view = begin_pool(10);
    struct bar bar;
    tell_running(&view);
    model_end(model_of(&view));
    CHECK(lane_running_bar(&view, 1, &bar));
    CHECK_EQ(bar.end, LANE_END_UNTOLD);
    CHECK_STR(lane_end_words(bar.end), "not told");
    end_pool(&view);
}

static void a_lane_of_a_time_that_nobody_watched_is_not_idle(void)
{
    struct view view = begin_pool(10);
    struct lane_rows rows;
    struct shares shares;
    lane_rows_init(&rows);
    make_rows(&rows, &view, -5 * S, -4 * S);
    for (guint i = 0; i < rows.rows->len; i++)
        CHECK_STR(g_array_index(rows.rows, struct lane_row, i).about, "not watched");
    CHECK(rows.rows->len > 0);
    shares_count(&view, (struct lane_span){ -5 * S, -4 * S }, &shares);
    CHECK(shares.whole_ns <= 0);
    lane_rows_free(&rows);
    end_pool(&view);
}

static void tasks_beside_each_other_are_found_in_both_directions(void)
{
    struct view view = begin_pool(100);
    struct bar bar;
    CHECK(lane_bar_beside(&view, 0, S + 20 * MS, 1, &bar));
    CHECK_EQ(bar.task, 3);
    CHECK(lane_bar_beside(&view, 0, S + 20 * MS, -1, &bar));
    CHECK_EQ(bar.task, 1);
    CHECK(!lane_bar_beside(&view, 0, S, -1, &bar));
    CHECK(!lane_bar_beside(&view, 1, S, 1, &bar));
    end_pool(&view);
}

static void the_table_lists_what_is_shown_by_its_begin(void)
{
    struct view view = begin_pool(100);
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(struct lane_entry));
    struct table_cell cell = { .part = -1 };
    lane_table_collect(entries, &view, (struct lane_span){ S + 100 * MS, S + 200 * MS });
    CHECK_EQ(entries->len, 5);
    for (guint i = 0; i < entries->len; i++)
        CHECK_EQ(g_array_index(entries, struct lane_entry, i).bar.task, 6 + i);
    lane_table_fill(&view, &g_array_index(entries, struct lane_entry, 0), LANE_ARGUMENT, &cell);
    CHECK_STR(cell.words.text, "0419");
    lane_table_fill(&view, &g_array_index(entries, struct lane_entry, 0), LANE_RAN, &cell);
    CHECK_STR(cell.words.text, text_duration(10 * MS).text);
    g_array_unref(entries);
    end_pool(&view);
}

/* ---- What is looked at ---- */

static void go_on_until(struct view *view, int64_t now_ns)
{
    told_ns = now_ns;
    tell(model_of(view), RECORD_COST, &(struct record_cost){ 0 });
}

static void what_follows_ends_now_and_is_as_long_as_before(void)
{
    struct view view = begin_pool(100);
    struct lane_look look;
    lane_look_begin(&look);
    lane_look_renew(&look, &view);
    CHECK(look.span.to_ns == 10 * S && look.follows && look.is_settled);
    CHECK_EQ(lane_span_length(look.span), 2 * S);
    go_on_until(&view, 15 * S);
    lane_look_renew(&look, &view);
    CHECK(look.span.to_ns == 15 * S && lane_span_length(look.span) == 2 * S);
    lane_look_zoom_by(&look, &view, 0.5);
    CHECK(look.follows && look.span.to_ns == 15 * S && look.span.from_ns == 14 * S);
    lane_look_pan(&look, &view, -1);
    CHECK(!look.follows && look.span.to_ns == 14 * S);
    go_on_until(&view, 20 * S);
    lane_look_renew(&look, &view);
    CHECK_EQ(look.span.to_ns, 14 * S);
    lane_look_follow(&look, &view, true);
    CHECK(look.span.from_ns == 19 * S && look.span.to_ns == 20 * S);
    end_pool(&view);
}

/* The display is frozen at 10 s, and the program goes on until 15 s. */
static struct view begin_frozen(void)
{
    struct view view = begin_pool(100);
    view.at_ns = 10 * S;
    tell_running(&view);
    struct record_task_ended over = ended(1, 99, 8 * S, 11 * S), later = ended(0, 200, 12 * S, 13 * S);
    tell_task(model_of(&view), &over);
    tell_task(model_of(&view), &later);
    tell(model_of(&view), RECORD_DEATH,
         &(struct record_death){ .pool = 1, .worker = 1, .pid = 4001, .lives = 1, .time_ns = 11 * S });
    tell(model_of(&view), RECORD_LOST, &(struct record_lost){ RECORD_CLASS_LIFE, 37, 12 * S, 12 * S, 1, -1 });
    tell(model_of(&view), RECORD_WORKER,
         &(struct record_worker){ .pool = 1, .worker = 1, .state = MPROC_WORKER_IDLE, .pid = 4777, .lives = 2 });
    go_on_until(&view, 15 * S);
    return view;
}

static void what_stands_still_shows_nothing_of_what_came_since(void)
{
    struct view view = begin_frozen();
    struct lane_rows rows;
    lane_rows_init(&rows);
    make_rows(&rows, &view, 7 * S, 15 * S);
    const struct lane_row *row = &g_array_index(rows.rows, struct lane_row, 1);
    CHECK_EQ(row->pid, 4001);
    CHECK_EQ(row->deaths, 0);
    CHECK_EQ(row->pieces, 1);
    const struct bar *bar = &g_array_index(rows.pieces, struct lane_piece, row->piece).bar;
    CHECK(bar->task == 99 && bar->end == 0 && bar->end_ns == 10 * S);
    CHECK_EQ(g_array_index(rows.rows, struct lane_row, 0).pieces, 0);
    CHECK(!is_unknown(&rows, "37 events lost", 12 * S, 12 * S));
    view.at_ns = 0;
    make_rows(&rows, &view, 7 * S, 15 * S);
    row = &g_array_index(rows.rows, struct lane_row, 1);
    CHECK(row->pid == 4777 && row->deaths == 1);
    CHECK_EQ(g_array_index(rows.rows, struct lane_row, 0).pieces, 1);
    lane_rows_free(&rows);
    end_pool(&view);
}

static void one_zooms_and_pans_in_what_stands_still(void)
{
    struct view view = begin_frozen();
    struct lane_look look;
    struct shares shares;
    struct bar bar;
    lane_look_begin(&look);
    lane_look_renew(&look, &view);
    CHECK_EQ(look.span.to_ns, 10 * S);
    lane_look_zoom_by(&look, &view, 0.5);
    CHECK(look.follows && look.span.to_ns == 10 * S);
    lane_look_fit(&look, &view);
    CHECK_EQ(look.span.to_ns, 10 * S);
    shares_count(&view, look.span, &shares);
    CHECK_EQ(shares.parts[0].tasks, 101);
    CHECK(lane_bar_at(&view, 1, look.span, &bar) && bar.end == 0 && bar.end_ns == 10 * S);
    lane_look_choose(&look, 1, &bar);
    lane_look_renew(&look, &view);
    CHECK(look.bar.end == 0 && look.bar.end_ns == 10 * S);
    CHECK(!lane_look_choose_beside(&look, &view, 1));
    CHECK(!lane_look_death(&look, &view, 1) && !lane_look_death(&look, &view, -1));
    end_pool(&view);
}

static void little_that_is_known_is_no_reason_to_jump(void)
{
    struct view view = begin_pool(3);
    struct lane_look look;
    lane_look_begin(&look);
    lane_look_renew(&look, &view);
    CHECK(!look.is_settled && lane_span_length(look.span) == 10 * S);
    CHECK(look.span.from_ns < view.model->bars.begun_ns);
    lane_look_fit(&look, &view);
    CHECK(look.span.from_ns == S && look.span.to_ns == 10 * S);
    lane_look_renew(&look, &view);
    CHECK_EQ(lane_span_length(look.span), 9 * S);
    end_pool(&view);
}

static void a_chosen_task_is_followed_by_its_end(void)
{
    struct view view = begin_pool(10);
    struct lane_look look;
    struct bar bar;
    tell_running(&view);
    lane_look_begin(&look);
    lane_look_renew(&look, &view);
    CHECK(lane_bar_at(&view, 1, look.span, &bar));
    lane_look_choose(&look, 1, &bar);
    go_on_until(&view, 11 * S);
    lane_look_renew(&look, &view);
    CHECK(look.bar.end == 0 && look.bar.end_ns == 11 * S);
    struct record_task_ended record = ended(1, 99, 8 * S, 12 * S);
    record.end = RECORD_END_FAILED;
    tell_task(model_of(&view), &record);
    lane_look_renew(&look, &view);
    CHECK(look.bar.end == RECORD_END_FAILED && look.bar.end_ns == 12 * S);
    CHECK(lane_look_choose_lane(&look, &view, -1));
    CHECK(look.worker == 0 && look.bar.task == 10);
    CHECK(look.span.from_ns <= look.bar.begin_ns && look.span.to_ns > look.bar.begin_ns);
    CHECK(!lane_look_choose_lane(&look, &view, -1));
    end_pool(&view);
}

/* ---- Words ---- */

static void letters_are_of_one_function_each(void)
{
    struct view view = begin_pool(0);
    struct lane_keys keys;
    for (uint32_t i = 3; i <= 40; i++)
        tell_function(model_of(&view), i, "parse_page");
    view.pool = pools_find(&view.model->pools, 1);
    lane_keys_make(&keys, view.pool);
    CHECK_STR(lane_key_of(&keys, 1)->letter, "p");
    CHECK_STR(lane_key_of(&keys, 2)->letter, "a");
    for (uint32_t i = 1; i <= LANE_LETTERS; i++)
        for (uint32_t j = 1; j < i; j++)
            CHECK(lane_key_of(&keys, i)->letter[0] != lane_key_of(&keys, j)->letter[0]);
    CHECK(!lane_key_of(&keys, LANE_COLORS)->is_other && lane_key_of(&keys, LANE_COLORS + 1)->is_other);
    CHECK_STR(lane_key_of(&keys, 40)->letter, "");
    end_pool(&view);
}

static void arguments_are_cut_to_what_tells_them_apart(void)
{
    CHECK_STR(lane_short("\"corpus/0419.html\"").text, "0419");
    CHECK_STR(lane_short("\"C:\\photos\\IMG_4182.CR3\"").text, "IMG_4182");
    CHECK_STR(lane_short("\".profile\"").text, ".profile");
    CHECK_STR(lane_short("42").text, "42");
    CHECK_STR(lane_short("\"").text, "");
    CHECK_STR(lane_short("").text, "");
    CHECK_EQ(strlen(lane_short("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                               "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                               "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                               "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                               "\xc3\xa4\xc3\xa4")
                        .text),
             80);
}

static const struct test tests[] = {
    TEST_WITH(bars_are_found_by_time_and_worker, TEST_ONCE, 0),
    TEST_WITH(what_no_worker_ran_or_never_began_has_no_bar, TEST_ONCE, 0),
    TEST_WITH(those_that_ended_first_make_room, TEST_ONCE, 0),
    TEST_WITH(times_of_which_nothing_was_told_are_gaps, TEST_ONCE, 0),
    TEST_WITH(a_death_has_its_mark_at_every_zoom, TEST_ONCE, 0),
    TEST_WITH(words_stand_beside_what_is_hatched, TEST_ONCE, 0),
    TEST_WITH(lanes_are_low_only_where_all_are_seen_for_that, TEST_ONCE, 0),
    TEST_WITH(a_long_run_is_told_in_few_parts_and_loses_nothing, TEST_ONCE, 0),
    TEST_WITH(zooming_keeps_what_is_under_the_pointer, TEST_ONCE, 0),
    TEST_WITH(panning_ends_at_the_bounds, TEST_ONCE, 0),
    TEST_WITH(the_slider_says_and_sets_the_same, TEST_ONCE, 0),
    TEST_WITH(marks_stand_at_round_times_with_room_between_them, TEST_ONCE, 0),
    TEST_WITH(small_bars_are_put_together_by_column, TEST_ONCE, 0),
    TEST_WITH(bars_of_some_pixels_stand_alone_with_a_pixel_between_them, TEST_ONCE, 0),
    TEST_WITH(a_small_one_that_failed_is_seen_beside_a_long_one, TEST_ONCE, 0),
    TEST_WITH(a_million_bars_make_no_more_pieces_than_pixels, TEST_ONCE, 0),
    TEST_WITH(shares_are_what_the_bars_took_of_all_workers, TEST_ONCE, 0),
    TEST_WITH(a_task_that_runs_is_as_long_as_it_has_run, TEST_ONCE, 0),
    TEST_WITH(what_was_not_told_counts_for_nothing, TEST_ONCE, 0),
    TEST_WITH(each_worker_has_a_lane_with_its_busy_share, TEST_ONCE, 0),
    TEST_WITH(a_death_reaches_to_its_successor, TEST_ONCE, 0),
    TEST_WITH(lost_events_are_a_gap_with_their_count, TEST_ONCE, 0),
    TEST_WITH(before_there_was_a_pool_nothing_is_unknown, TEST_ONCE, 0),
    TEST_WITH(a_task_that_runs_has_a_bar_until_its_end_is_told, TEST_ONCE, 0),
    TEST_WITH(a_task_that_ran_when_its_program_ended_has_a_bar_of_unknown_end, TEST_ONCE, 0),
    TEST_WITH(a_lane_of_a_time_that_nobody_watched_is_not_idle, TEST_ONCE, 0),
    TEST_WITH(tasks_beside_each_other_are_found_in_both_directions, TEST_ONCE, 0),
    TEST_WITH(the_table_lists_what_is_shown_by_its_begin, TEST_ONCE, 0),
    TEST_WITH(what_follows_ends_now_and_is_as_long_as_before, TEST_ONCE, 0),
    TEST_WITH(what_stands_still_shows_nothing_of_what_came_since, TEST_ONCE, 0),
    TEST_WITH(one_zooms_and_pans_in_what_stands_still, TEST_ONCE, 0),
    TEST_WITH(little_that_is_known_is_no_reason_to_jump, TEST_ONCE, 0),
    TEST_WITH(a_chosen_task_is_followed_by_its_end, TEST_ONCE, 0),
    TEST_WITH(letters_are_of_one_function_each, TEST_ONCE, 0),
    TEST_WITH(arguments_are_cut_to_what_tells_them_apart, TEST_ONCE, 0),
};

TEST_MAIN_GUI(tests)
