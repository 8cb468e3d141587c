/* What the window knows of locks, of what it asked for, of tables' columns and of files, without a display. */
#include "main.h"
#include "model/source.h"
#include "model/text.h"
#include "replays.h"
#include "window/answers.h"
#include "window/circle_layout.h"
#include "window/column_wish.h"
#include "window/deadlock_text.h"
#include "window/export_file.h"
#include "window/grants.h"
#include "window/object_rows.h"
#include "window/object_words.h"
#include "window/recorder.h"
#include "window/says.h"
#include "window/settings.h"
#include "window/table_memory.h"
#include "window/whole_file.h"
#include <glib/gstdio.h>
#ifdef _WIN32
#include "win32/calls.h"
#else
#include "unix/calls.h"
#endif

static void end(struct replay *replay)
{
    replay_free(replay);
    remove(RECORDING);
}

/* ---- Locks and queues ---- */

/* The recorded deadlock, looked at on the page of a pool, and the rows of all its locks and queues. */
struct locks {
    struct replay *replay;
    struct view view;
    struct deadlock deadlocks[DEADLOCKS_SHOWN];
    size_t count;
    GArray *rows;
};

static struct locks begin_locks(uint32_t pool)
{
    struct locks locks = { .rows = g_array_new(FALSE, FALSE, sizeof(struct object_row)) };
    make_recording("deadlock");
    locks.replay = open_replay();
    const struct model *model = replay_model(locks.replay);
    locks.view = (struct view){ NULL, model, pools_find(&model->pools, pool), pool };
    locks.count = objects_deadlocks(&model->objects, model->now_ns, locks.deadlocks, DEADLOCKS_SHOWN);
    object_rows_collect(locks.rows, model, locks.deadlocks, locks.count);
    return locks;
}

static void end_locks(struct locks *locks)
{
    g_array_unref(locks->rows);
    end(locks->replay);
}

static struct table_cell cell_of(const struct locks *locks, guint row, enum object_column column)
{
    struct table_cell cell = { .part = -1 };
    struct object_rates *rates = object_rates_new();
    object_row_fill(&locks->view, rates, &g_array_index(locks->rows, struct object_row, row), column, &cell);
    object_rates_free(rates);
    return cell;
}

static guint row_named(const struct locks *locks, const char *name)
{
    guint row = 0;
    while (row < locks->rows->len && strcmp(cell_of(locks, row, OBJECT_NAME).words.text, name) != 0)
        row++;
    CHECK(row < locks->rows->len);
    return row;
}

static void locks_of_a_deadlock_stand_on_top_and_who_waits_for_longest_before_the_rest(void)
{
    struct locks locks = begin_locks(1);
    CHECK_EQ(locks.count, 1);
    CHECK_EQ(locks.rows->len, 8);
    CHECK_STR(cell_of(&locks, 0, OBJECT_STATE).words.text, "Deadlock");
    CHECK_STR(cell_of(&locks, 1, OBJECT_STATE).words.text, "Deadlock");
    CHECK_STR(cell_of(&locks, 0, OBJECT_STATE).class, "bad");
    /* Whoever waits for something to come does so as he should, and after him come those that nobody waits for. */
    static const char *const names[] = { "work ready", "phase", "urls", "results", "report", "sockets" };
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        CHECK_STR(cell_of(&locks, 2 + i, OBJECT_NAME).words.text, names[i]);
    CHECK_EQ(object_rows_find(locks.rows, g_array_index(locks.rows, struct object_row, 3).object), 3);
    CHECK_EQ(object_rows_find(locks.rows, 1), TABLE_NO_ROW);
    end_locks(&locks);
}

static void cells_say_how_full_and_who_waits(void)
{
    struct locks locks = begin_locks(1);
    guint urls = row_named(&locks, "urls"), sockets = row_named(&locks, "sockets");
    CHECK_STR(cell_of(&locks, urls, OBJECT_STATE).words.text, "Full");
    CHECK_STR(cell_of(&locks, urls, OBJECT_WAITERS).words.text, "1 put");
    CHECK(cell_of(&locks, urls, OBJECT_FILL).part == 1);
    CHECK_STR(cell_of(&locks, sockets, OBJECT_FILL).words.text, "3 of 16 taken");
    CHECK_STR(cell_of(&locks, sockets, OBJECT_STATE).words.text, "In use");
    CHECK_STR(cell_of(&locks, row_named(&locks, "phase"), OBJECT_STATE).words.text, "Gathering");
    CHECK_STR(cell_of(&locks, row_named(&locks, "phase"), OBJECT_FILL).words.text, "2 of 3 there");
    CHECK_STR(cell_of(&locks, row_named(&locks, "report"), OBJECT_STATE).words.text, "Not held");
    end_locks(&locks);
}

static void nobody_holds_a_queue_whoever_waits_for_it(void)
{
    struct locks locks = begin_locks(1);
    CHECK_STR(cell_of(&locks, row_named(&locks, "urls"), OBJECT_HELD_BY).words.text, "");
    CHECK_STR(cell_of(&locks, row_named(&locks, "results"), OBJECT_HELD_BY).words.text, "");
    CHECK_STR(cell_of(&locks, row_named(&locks, "results"), OBJECT_WAITERS).words.text, "1 get");
    end_locks(&locks);
}

/* Workers 2 and 5 are the circle; all others wait for one of them. */
static void a_worker_in_a_circle_is_in_a_deadlock_and_one_behind_it_waits(void)
{
    struct locks locks = begin_locks(1);
    const struct model *model = locks.view.model;
    for (uint32_t i = 0; i < 6; i++) {
        enum glyph glyph;
        const char *class;
        const struct model_worker *worker = pool_worker_at(locks.view.pool, i);
        bool is_in = i == 2 || i == 5;
        CHECK_STR(says_worker(model, locks.view.pool, worker, &glyph, &class).text, is_in ? "Deadlock" : "Waiting");
        CHECK_EQ(glyph, is_in ? GLYPH_DEADLOCK : GLYPH_WAITING);
        CHECK_STR(class, is_in ? "bad" : "warn");
        CHECK(!objects_deadlocked(&model->objects, worker->said.pid, model->now_ns - INT64_C(60000000000)));
    }
    end_locks(&locks);
}

/* The holder is seen at a look: who has waited since shortly before has waited for him. */
static void nobody_waits_longer_than_it_was_held_if_both_began_at_one_look(void)
{
    static const struct {
        int64_t wait_ns, held_ns;
    } cases[] = { { 5000000000, 5000000000 }, { 4990000000, 4990000000 }, { 2000000000, 5000000000 } };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct model *model;
        int64_t since_ns;
        CHECK_OK(model_create(NULL, &model));
        struct record_object object = {
            .object = 5, .kind = RECORD_OBJECT_LOCK, .holder_pid = 11, .held_since_ns = 5000000000, .waiters = 1
        };
        struct record_waiter waiter = { .object = 5, .pid = 12, .thread = 12, .since_ns = cases[i].wait_ns };
        tell_model(model, RECORD_OBJECT, 6000000000, &object);
        tell_model(model, RECORD_WAITER, 6000000000, &waiter);
        CHECK(objects_held_since(&model->objects, objects_find(&model->objects, 5), &since_ns));
        CHECK_EQ(since_ns, cases[i].held_ns);
        model_free(model);
    }
}

/* The sample's objects and waiters are those of one story. */
static void objects_have_as_many_waiters_as_wait_for_them(void)
{
    struct locks locks = begin_locks(1);
    const struct objects *objects = &locks.view.model->objects;
    for (size_t i = 0; i < objects->all.count; i++) {
        size_t first;
        const struct record_object *said = &objects_at(objects, i)->said;
        CHECK_EQ(said->waiters, objects_waiters_of(objects, said->object, &first));
    }
    end_locks(&locks);
}

static struct words longest_wait(const struct locks *locks, const char *name)
{
    return cell_of(locks, row_named(locks, name), OBJECT_LONGEST).words;
}

/* Worker 2 closed the circle first, and worker 5 is the one that the head of it is about. */
static void a_deadlock_is_as_old_as_the_youngest_wait_in_it(void)
{
    struct locks locks = begin_locks(1);
    struct model *model = (struct model *)locks.view.model;
    int64_t youngest_ns = 0;
    for (size_t i = 0; i < locks.deadlocks[0].count; i++)
        youngest_ns = MAX(youngest_ns, locks.deadlocks[0].waiters[i]->said.since_ns);
    CHECK_EQ(locks.deadlocks[0].since_ns, youngest_ns);
    /* What is shown is of the moment that the page was made at, whenever a cell is filled. */
    locks.view.at_ns = model->now_ns;
    struct words before = longest_wait(&locks, "pages");
    model_tick(model, model->now_ns + INT64_C(60000000000));
    CHECK_STR(longest_wait(&locks, "pages").text, before.text);
    char *report = deadlock_report(&locks.view, &locks.deadlocks[0]), expected[64];
    snprintf(expected, sizeof expected, "Deadlock for %s\n", text_span(locks.view.at_ns - youngest_ns).text);
    CHECK(g_str_has_prefix(report, expected));
    g_free(report);
    end_locks(&locks);
}

static void one_that_waits_is_told_for_how_long_it_does(void)
{
    struct locks locks = begin_locks(1);
    const struct model *model = locks.view.model;
    const struct model_worker *worker = pool_worker_at(locks.view.pool, 2);
    const struct model_waiter *waiter = objects_waiter_in(&model->objects, worker->said.pid);
    CHECK(waiter != NULL && waiter->said.since_ns > worker->said.since_ns);
    CHECK_STR(says_for(model, locks.view.pool, worker).text, text_duration(model->now_ns - waiter->said.since_ns).text);
    end_locks(&locks);
}

static void one_that_runs_is_never_told_to_run_for_nothing(void)
{
    struct model *model;
    struct model_pool pool = { .number = 1 };
    CHECK_OK(model_create(NULL, &model));
    struct record_object object = { .object = 5, .kind = RECORD_OBJECT_LOCK };
    tell_model(model, RECORD_OBJECT, 5000000, &object);
    struct model_worker worker = { .said = { .state = MPROC_WORKER_BUSY, .task = 3 } };
    CHECK_STR(says_for(model, &pool, &worker).text, "?");
    worker.said.since_ns = model_known_ns(model);
    CHECK(worker.said.since_ns > 0);
    CHECK_STR(says_for(model, &pool, &worker).text, text_duration(1000).text);
    worker.said = (struct record_worker){ .state = MPROC_WORKER_IDLE };
    CHECK_STR(says_for(model, &pool, &worker).text, "");
    model_free(model);
}

static void who_still_waits_for_a_lock_counts_as_one_who_had_to(void)
{
    struct table_cell cell = { .part = -1 };
    struct object_rates *rates = object_rates_new();
    struct model *model;
    CHECK_OK(model_create(NULL, &model));
    struct record_object object = { .object = 5, .kind = RECORD_OBJECT_LOCK, .holder_pid = 11, .waiters = 1 };
    tell_model(model, RECORD_OBJECT, 1000, &object);
    struct view view = { .model = model };
    object_row_fill(&view, rates, &(struct object_row){ .object = 5 }, OBJECT_CONTENDED, &cell);
    CHECK_STR(cell.words.text, "1");
    object_rates_free(rates);
    model_free(model);
}

/* As everywhere: what there is nothing of has an empty cell, and no 0 that somebody counted. */
static void what_a_lock_or_queue_does_not_have_is_an_empty_cell(void)
{
    static const enum object_column always[] = { OBJECT_STATE, OBJECT_NAME, OBJECT_KIND, OBJECT_WAITERS };
    struct locks locks = begin_locks(1);
    for (guint row = 0; row < locks.rows->len; row++)
        for (size_t i = 0; i < G_N_ELEMENTS(always); i++)
            CHECK(cell_of(&locks, row, always[i]).words.text[0] != '\0');
    guint report = row_named(&locks, "report");
    CHECK_STR(cell_of(&locks, report, OBJECT_HELD_FOR).words.text, "");
    CHECK_STR(cell_of(&locks, report, OBJECT_TAKEN).words.text, "");
    end_locks(&locks);
}

static struct words cell_told(const struct record_object *said, enum object_column column)
{
    struct table_cell cell = { .part = -1 };
    struct object_rates *rates = object_rates_new();
    struct model *model;
    CHECK_OK(model_create(NULL, &model));
    tell_model(model, RECORD_OBJECT, 1000, said);
    object_row_fill(&(struct view){ .model = model }, rates, &(struct object_row){ .object = said->object }, column,
                    &cell);
    object_rates_free(rates);
    model_free(model);
    return cell.words;
}

/* Nobody is told of for a semaphore: that is not the same as nobody. */
static void who_has_a_semaphore_is_not_known(void)
{
    struct record_object said = { .object = 5, .kind = RECORD_OBJECT_SEMAPHORE, .depth = 3, .limit = 4 };
    CHECK_STR(cell_told(&said, OBJECT_HELD_BY).text, "not known");
    said.depth = 4;
    CHECK_STR(cell_told(&said, OBJECT_HELD_BY).text, "");
    said.limit = 0;
    CHECK_STR(cell_told(&said, OBJECT_HELD_BY).text, "");
    said.depth = 0;
    CHECK_STR(cell_told(&said, OBJECT_HELD_BY).text, "not known");
    said.kind = RECORD_OBJECT_LOCK;
    CHECK_STR(cell_told(&said, OBJECT_HELD_BY).text, "");
}

static void check_columns(unsigned kind, bool is_taken_out, bool is_contended, bool is_held_for)
{
    const struct record_object said = { .object = 5, .kind = (uint8_t)kind, .depth = 1 };
    GArray *rows = g_array_new(FALSE, TRUE, sizeof(struct object_row));
    struct model *model;
    CHECK_OK(model_create(NULL, &model));
    tell_model(model, RECORD_OBJECT, 1000, &said);
    object_rows_collect(rows, model, NULL, 0);
    CHECK_EQ(object_rows_have(rows, model, OBJECT_TAKEN), is_taken_out);
    CHECK_EQ(object_rows_have(rows, model, OBJECT_CONTENDED), is_contended);
    CHECK_EQ(object_rows_have(rows, model, OBJECT_HELD_FOR), is_held_for);
    CHECK(object_rows_have(rows, model, OBJECT_WAITERS));
    g_array_unref(rows);
    model_free(model);
}

static void no_column_is_there_that_must_stay_empty(void)
{
    check_columns(RECORD_OBJECT_LOCK, false, true, true);
    check_columns(RECORD_OBJECT_SEMAPHORE, false, true, false);
    check_columns(RECORD_OBJECT_QUEUE, true, false, false);
    check_columns(RECORD_OBJECT_EVENT, false, false, false);
}

static void check_sentence(const struct locks *locks, const char *name, const char *expected)
{
    const struct object_row *row = &g_array_index(locks->rows, struct object_row, row_named(locks, name));
    const struct model_object *object = objects_find(&locks->view.model->objects, row->object);
    CHECK_STR(object_sentence(&locks->view, object).text, expected);
}

static void what_nobody_can_hold_says_how_full_it_is(void)
{
    struct locks locks = begin_locks(1);
    check_sentence(&locks, "phase", "2 of 3 there: who waits goes on when all are.");
    check_sentence(&locks, "sockets", "3 of 16 taken, by whom is not told.");
    check_sentence(&locks, "urls",
                   "Full: 1\xc2\xa0"
                   "024 of 1\xc2\xa0"
                   "024.");
    check_sentence(&locks, "work ready", "Who waits goes on when it is notified.");
    check_sentence(&locks, "report", "Nobody holds it.");
    end_locks(&locks);
}

static void check_holder(uint32_t pool, const char *expected)
{
    struct locks locks = begin_locks(pool);
    struct object_rates *rates = object_rates_new();
    guint row = row_named(&locks, "pages");
    char *text = object_row_text(&locks.view, rates, &g_array_index(locks.rows, struct object_row, row));
    CHECK_STR(cell_of(&locks, row, OBJECT_HELD_BY).words.text, expected);
    CHECK_CONTAINS(text, expected);
    object_rates_free(rates);
    g_free(text);
    end_locks(&locks);
}

static void on_its_own_page_a_worker_is_not_told_to_be_of_its_pool(void)
{
    check_holder(1, "worker 2");
    check_holder(2, "worker 2 of crawler");
}

/* At its end a program has freed what it used. */
static void without_locks_it_is_said_why(void)
{
    struct model *model;
    struct model_pool pool = { .number = 1 };
    CHECK_OK(model_create(NULL, &model));
    CHECK(strstr(object_none(model, &pool), "so far") != NULL);
    model->whole = true;
    CHECK_STR(object_none(model, &pool), "This pool uses no named lock or queue.");
    pool.said.phase = RECORD_PHASE_OVER;
    CHECK(strstr(object_none(model, &pool), "when the pool ended") != NULL);
    model_free(model);
}

static void a_deadlock_is_reported_and_drawn_as_a_circle(void)
{
    struct circle_node nodes[2 * CIRCLE_MAX];
    struct locks locks = begin_locks(1);
    struct deadlock *deadlocks = locks.deadlocks;
    CHECK_EQ(deadlock_nodes(&locks.view, &deadlocks[0], nodes), 4);
    CHECK(nodes[0].is_thread && !nodes[1].is_thread && nodes[2].is_thread && !nodes[3].is_thread);
    CHECK_CONTAINS(nodes[1].title, "lock \xe2\x80\x9c");
    CHECK_CONTAINS(nodes[1].note, "held for ");
    char *report = deadlock_report(&locks.view, &deadlocks[0]);
    CHECK_CONTAINS(report, "Deadlock for ");
    CHECK_CONTAINS(report, "Neither can ever go on. Four more wait behind them.");
    CHECK_CONTAINS(report, "To mend: take ");
    g_free(report);
    deadlocks[0].length = CIRCLE_MAX + 1;
    CHECK_EQ(deadlock_nodes(&locks.view, &deadlocks[0], nodes), 0);
    end_locks(&locks);
}

/* Of another circle than the one that is recorded, the first part of it. */
static const char *brief_of(const struct model *model, struct deadlock deadlock, size_t length)
{
    static struct words words;
    deadlock.length = length;
    words = words_deadlock_brief(model, &deadlock);
    return words.text;
}

static void a_deadlock_is_told_in_one_sentence(void)
{
    struct locks locks = begin_locks(1);
    const struct model *model = locks.view.model;
    CHECK_STR(brief_of(model, locks.deadlocks[0], 2),
              "Worker 2 of crawler and worker 5 of crawler wait for each other, for "
              "\xe2\x80\x9cseen\xe2\x80\x9d and \xe2\x80\x9cpages\xe2\x80\x9d.");
    CHECK_STR(brief_of(model, locks.deadlocks[0], 1),
              "Worker 2 of crawler waits for \xe2\x80\x9cseen\xe2\x80\x9d, which it holds itself.");
    CHECK_STR(brief_of(model, locks.deadlocks[0], 5),
              "Worker 2 of crawler, worker 5 of crawler and 3 more wait for each other in a circle.");
    end_locks(&locks);
}

static void a_deadlock_is_a_matter_of_the_pool_whose_workers_are_in_it(void)
{
    const char *class;
    make_recording("deadlock");
    struct replay *replay = open_replay();
    const struct model *model = replay_model(replay);
    struct watch live = { .state = WATCH_LIVE };
    for (size_t i = 0; i < model->pools.all.count; i++) {
        const struct model_pool *pool = pools_at(&model->pools, i);
        struct view view = { &live, model, pool, pool->number };
        bool is_stuck = strcmp(kept_string(pool->said.name), "crawler") == 0;
        CHECK_STR(says_chip(&view, &class), is_stuck ? "deadlock" : "");
        CHECK((says_pool_glyph(&view) == GLYPH_DEADLOCK) == is_stuck);
        CHECK((strstr(says_summary(&view, &class).text, "deadlock") != NULL) == is_stuck);
    }
    CHECK_EQ(model->pools.all.count, 2);
    end(replay);
}

/* Which no lock tells, since it reads no clock. */
static void a_lock_is_held_for_as_long_as_its_holder_has_waited_elsewhere(void)
{
    struct model *model;
    int64_t since_ns = 0;
    struct record_object object = { .object = 5, .kind = RECORD_OBJECT_LOCK };
    struct record_waiter waiter = { .object = 6, .pid = 77, .thread = 78, .wait = RECORD_WAIT_TAKE, .since_ns = 900 };
    CHECK_OK(model_create(NULL, &model));
    tell_model(model, RECORD_OBJECT, 1000, &object);
    CHECK(!objects_held_since(&model->objects, objects_find(&model->objects, 5), &since_ns));
    object.holder_pid = 77;
    object.holder = 78;
    object.held_since_ns = 2000;
    tell_model(model, RECORD_OBJECT, 2000, &object);
    CHECK(objects_held_since(&model->objects, objects_find(&model->objects, 5), &since_ns));
    CHECK_EQ(since_ns, 2000);
    tell_model(model, RECORD_WAITER, 3000, &waiter);
    CHECK(objects_held_since(&model->objects, objects_find(&model->objects, 5), &since_ns));
    CHECK_EQ(since_ns, 900);
    waiter.wait = RECORD_WAIT_WAIT; /* for a condition: with its lock let go of */
    tell_model(model, RECORD_WAITER, 4000, &waiter);
    CHECK(objects_held_since(&model->objects, objects_find(&model->objects, 5), &since_ns));
    CHECK_EQ(since_ns, 2000);
    model_free(model);
}

static bool are_apart(const struct circle_box *one, const struct circle_box *other)
{
    return one->x + one->width <= other->x || other->x + other->width <= one->x || one->y + one->height <= other->y ||
           other->y + other->height <= one->y;
}

static void nodes_of_a_circle_are_apart_and_within_their_place(void)
{
    for (size_t count = 2; count <= 2 * CIRCLE_MAX; count += 2)
        for (int width = circle_least_width(count); width < circle_width(count) + 200; width += 50)
            for (size_t i = 0; i < count; i++) {
                struct circle_box box = circle_place(count, i, width);
                CHECK(box.x >= 0 && box.x + box.width <= width + 0.01);
                CHECK(box.y >= 0 && box.y + box.height <= circle_height(count));
                for (size_t j = 0; j < i; j++) {
                    struct circle_box other = circle_place(count, j, width);
                    CHECK(are_apart(&box, &other));
                }
            }
}

static void a_lock_whose_holder_died_says_so_until_it_is_taken_again(void)
{
    struct model *model;
    enum glyph glyph;
    const char *class;
    struct record_object object = { .object = 5, .kind = RECORD_OBJECT_LOCK, .holder_pid = 77, .holder = 77 };
    struct record_death death = { .pool = 1, .worker = 2, .pid = 77, .time_ns = 1900 };
    object.name = record_text_of("pages");
    CHECK_OK(model_create(NULL, &model));
    tell_model(model, RECORD_OBJECT, 1000, &object);
    object.holder_pid = 0;
    object.abandoned = 1;
    tell_model(model, RECORD_OBJECT, 2000, &object);
    CHECK_STR(object_state(objects_at(&model->objects, 0), false, &glyph, &class), "Holder died");
    CHECK_STR(object_holder(model, objects_at(&model->objects, 0)).text, "");
    CHECK_CONTAINS(object_sentence(&(struct view){ .model = model }, objects_at(&model->objects, 0)).text,
                   "Its holder died with it.");
    tell_model(model, RECORD_DEATH, 2100, &death);
    CHECK_STR(object_state(objects_at(&model->objects, 0), false, &glyph, &class), "Holder died");
    CHECK_EQ(glyph, GLYPH_DEAD);
    CHECK_STR(class, "bad");
    CHECK_STR(object_holder(model, objects_at(&model->objects, 0)).text, "worker 2, which died");
    object.holder_pid = 78;
    object.abandoned = 0;
    tell_model(model, RECORD_OBJECT, 3000, &object);
    CHECK_STR(object_state(objects_at(&model->objects, 0), false, &glyph, &class), "Held");
    object.holder_pid = 0;
    tell_model(model, RECORD_OBJECT, 4000, &object);
    CHECK_STR(object_state(objects_at(&model->objects, 0), false, &glyph, &class), "Not held");
    model_free(model);
}

/* A worker is told to exit, is done with its task, and with the lock, and ends. */
static void a_lock_whose_holder_let_go_of_it_and_ended_is_not_held(void)
{
    struct model *model;
    enum glyph glyph;
    const char *class;
    struct record_object object = { .object = 5, .kind = RECORD_OBJECT_LOCK, .holder_pid = 77, .holder = 77 };
    struct record_death death = { .pool = 1, .worker = 2, .pid = 77, .time_ns = 2001, .expected = 1 };
    CHECK_OK(model_create(NULL, &model));
    tell_model(model, RECORD_OBJECT, 1000, &object);
    object.holder_pid = 0;
    tell_model(model, RECORD_OBJECT, 2000, &object);
    tell_model(model, RECORD_DEATH, 2100, &death);
    CHECK_STR(object_state(objects_at(&model->objects, 0), false, &glyph, &class), "Not held");
    CHECK_EQ(glyph, GLYPH_IDLE);
    CHECK_STR(object_sentence(&(struct view){ .model = model }, objects_at(&model->objects, 0)).text,
              "Nobody holds it.");
    CHECK_STR(object_holder(model, objects_at(&model->objects, 0)).text, "");
    model_free(model);
}

static void rates_are_of_the_last_second_and_begin_anew_in_another_model(void)
{
    struct model *model;
    double rate;
    struct object_rates *rates = object_rates_new();
    struct record_object object = { .object = 5, .kind = RECORD_OBJECT_QUEUE, .taken = 100 };
    CHECK_OK(model_create(NULL, &model));
    tell_model(model, RECORD_OBJECT, 1000000000, &object);
    object_rates_note(rates, model);
    CHECK(!object_rates_get(rates, 5, &rate));
    object.taken = 300;
    tell_model(model, RECORD_OBJECT, 3000000000, &object);
    object_rates_note(rates, model);
    CHECK(object_rates_get(rates, 5, &rate));
    CHECK(rate > 99.9 && rate < 100.1);
    struct model *other;
    CHECK_OK(model_create(NULL, &other));
    object_rates_note(rates, other);
    CHECK(!object_rates_get(rates, 5, &rate));
    model_free(other);
    model_free(model);
    object_rates_free(rates);
}

/* ---- Requests ---- */

static struct {
    int count;
    int64_t code;
    unsigned verb, left;
    struct answer_tally tally;
    char text[64];
} answered;

static void on_answer(const struct answer *answer, void *user)
{
    (void)user;
    answered.count++;
    answered.code = answer->code;
    answered.verb = answer->asked.verb;
    answered.left = answer->left;
    answer_count(&answered.tally, answer);
    g_strlcpy(answered.text, answer->text, sizeof answered.text);
}

static void each_request_is_answered_once(void)
{
    struct requests *requests = requests_new(on_answer, NULL);
    struct record_control pause = { .verb = RECORD_VERB_PAUSE }, kill = { .verb = RECORD_VERB_KILL_WORKER };
    struct record_control last = { .verb = RECORD_VERB_RESUME };
    requests_add(requests, &pause, 0);
    requests_add(requests, &kill, 0);
    CHECK(pause.request != kill.request && pause.request != 0);
    struct record_reply reply = { kill.request, MPROC_E_STATE, record_text_of("no") };
    requests_take(requests, &reply);
    requests_take(requests, &reply);
    CHECK_EQ(answered.count, 1);
    CHECK_EQ(answered.verb, RECORD_VERB_KILL_WORKER);
    CHECK_STR(answered.text, "no");
    requests_beat(requests, 4000000);
    CHECK_EQ(answered.count, 1);
    requests_beat(requests, 6000000);
    CHECK_EQ(answered.count, 2);
    CHECK_EQ(answered.code, MPROC_E_TIMEOUT);
    requests_add(requests, &last, 0);
    requests_lose(requests);
    CHECK_EQ(answered.count, 3);
    CHECK_EQ(answered.code, MPROC_E_BROKEN_PIPE);
    requests_free(requests);
}

static void ask_to_cancel(struct requests *requests, unsigned count, uint32_t numbers[])
{
    for (unsigned i = 0; i < count; i++) {
        struct record_control cancel = { .verb = RECORD_VERB_CANCEL_TASK, .task = i };
        requests_add(requests, &cancel, 0);
        numbers[i] = cancel.request;
    }
}

static void take_reply(struct requests *requests, uint32_t request, int64_t code, const char *text)
{
    struct record_reply reply = { request, code, record_text_of(text) };
    requests_take(requests, &reply);
}

/* However long each of them takes. */
static void tasks_that_are_asked_for_together_are_counted_together(void)
{
    uint32_t numbers[3];
    answered.tally = (struct answer_tally){ 0 };
    struct requests *requests = requests_new(on_answer, NULL);
    ask_to_cancel(requests, 3, numbers);
    take_reply(requests, numbers[0], 0, "done");
    CHECK(answered.left == 2 && answered.tally.count == 1);
    take_reply(requests, numbers[2], 0, "done");
    CHECK(answered.left == 1 && answered.tally.count == 2);
    take_reply(requests, numbers[1], MPROC_E_NOT_FOUND, "there is no such task");
    CHECK(answered.left == 0 && answered.tally.count == 2);
    ask_to_cancel(requests, 2, numbers);
    take_reply(requests, numbers[0], 0, "it had ended");
    CHECK_EQ(answered.tally.count, 0);
    take_reply(requests, numbers[1], 0, "done");
    CHECK_EQ(answered.tally.count, 1);
    requests_free(requests);
}

static void answers_are_sentences(void)
{
    struct answer answer = { { .verb = RECORD_VERB_KILL_WORKER, .worker = 2 }, 0, "done" };
    CHECK_STR(answer_head(&answer).text, "Worker 2 was killed");
    CHECK_STR(answer_text(&answer).text, "");
    answer.code = MPROC_E_NOT_FOUND;
    answer.text = "crawler has no worker 2 at the moment";
    CHECK_STR(answer_head(&answer).text, "Worker 2 was not killed");
    CHECK_STR(answer_text(&answer).text, "Crawler has no worker 2 at the moment.");
    answer = (struct answer){ { .verb = RECORD_VERB_CANCEL_TASK, .task = 1204 }, 0, "it had ended" };
    CHECK_STR(answer_head(&answer).text, "Task 1" TEXT_BLANK "204 had ended before");
}

static void what_is_not_granted_has_a_reason(void)
{
    make_recording("record");
    struct replay *replay = open_replay();
    const struct model *model = replay_model(replay);
    struct watch watch = { .state = WATCH_LIVE };
    struct view view = { &watch, model, pools_find(&model->pools, 1), 1 };
    CHECK(grants_why_not(&view, RECORD_VERB_PAUSE) == NULL);
    view.pool = pools_find(&model->pools, 2);
    CHECK_STR(grants_why_not(&view, RECORD_VERB_PAUSE), "The program did not allow control (monitor_control).");
    watch.state = WATCH_LOST;
    CHECK_STR(grants_why_not(&view, RECORD_VERB_PAUSE), "The program is not connected.");
    watch.path = (char *)"a recording";
    CHECK_STR(grants_why_not(&view, RECORD_VERB_PAUSE), "A recording cannot be controlled.");
    end(replay);
}

/* ---- Columns ---- */

static const struct table_column columns[] = {
    { .title = "State", .width = 112, .kind = TABLE_STATE },
    { .title = "PID", .width = 58, .end = true },
    { .title = "Doing now", .expand = true },
    { .title = "Since", .width = 84, .hidden = true },
};
#define COLUMNS G_N_ELEMENTS(columns)

static bool are_same(const struct column_wish *one, const struct column_wish *other)
{
    for (guint i = 0; i < COLUMNS; i++)
        if (one[i].column != other[i].column || one[i].width != other[i].width ||
            one[i].is_hidden != other[i].is_hidden)
            return false;
    return true;
}

static void columns_are_as_they_were_left(void)
{
    struct column_wish wishes[COLUMNS], again[COLUMNS];
    const char *const said[] = { "Since:90", "Doing now:0", "!PID:60", "State:112", NULL };
    column_wishes_read(columns, COLUMNS, said, wishes);
    CHECK(wishes[0].column == 3 && wishes[0].width == 90 && !wishes[0].is_hidden);
    CHECK(wishes[1].column == 2 && wishes[1].width == 0);
    CHECK(wishes[2].column == 1 && wishes[2].width == 60 && wishes[2].is_hidden);
    char **written = column_wishes_write(columns, COLUMNS, wishes);
    column_wishes_read(columns, COLUMNS, (const char *const *)written, again);
    CHECK(are_same(wishes, again));
    g_strfreev(written);
}

static void columns_of_which_nonsense_is_said_are_as_at_first(void)
{
    struct column_wish wishes[COLUMNS], first[COLUMNS];
    const char *const said[] = { "PID", "", "!", ":", "Colour:80", "PID:-3", "PID:99999999999", "!Doing now:1", NULL };
    column_wishes_begin(columns, COLUMNS, first);
    column_wishes_read(columns, COLUMNS, NULL, wishes);
    CHECK(are_same(wishes, first));
    column_wishes_read(columns, COLUMNS, said, wishes);
    bool seen[COLUMNS] = { false };
    for (guint i = 0; i < COLUMNS; i++) {
        CHECK(!seen[wishes[i].column]);
        seen[wishes[i].column] = true;
        CHECK_EQ(wishes[i].width, first[wishes[i].column].width);
        CHECK_EQ(wishes[i].is_hidden, first[wishes[i].column].is_hidden);
    }
}

/* ---- Settings ---- */

static void keep_settings_here(void)
{
    g_autofree char *here = g_get_current_dir();
    g_setenv("XDG_CONFIG_HOME", here, TRUE);
}

static void write_settings(const char *text)
{
    g_mkdir_with_parents("mproc-monitor", 0700);
    CHECK(g_file_set_contents("mproc-monitor/window.conf", text, -1, NULL));
}

static void settings_are_as_they_were_left(void)
{
    struct settings settings;
    keep_settings_here();
    settings_load(&settings);
    CHECK_EQ(settings.width, 1280);
    settings.width = 1000;
    settings.page = g_strdup("locks");
    table_memory_set("locks", g_strsplit("PID:60,!Since:90", ",", -1));
    CHECK(settings_save(&settings) == NULL);
    settings_free(&settings);
    settings_load(&settings);
    CHECK_EQ(settings.width, 1000);
    CHECK_STR(settings.page, "locks");
    CHECK_STR(table_memory_get("locks")[1], "!Since:90");
    settings_free(&settings);
    CHECK_EQ(remove("mproc-monitor/window.conf"), 0);
    CHECK_EQ(g_rmdir("mproc-monitor"), 0);
}

/* As who may not write there, which a test's user may be allowed to anywhere. */
static void settings_that_cannot_be_kept_are_told(void)
{
    struct settings settings;
    keep_settings_here();
    CHECK(g_file_set_contents("mproc-monitor", "", -1, NULL));
    settings_load(&settings);
    CHECK_EQ(settings.width, 1280);
    g_autofree char *why = settings_save(&settings);
    CHECK_CONTAINS(why != NULL ? why : "", "mproc-monitor: ");
    settings_free(&settings);
    CHECK_EQ(remove("mproc-monitor"), 0);
    CHECK_EQ(g_mkdir_with_parents("mproc-monitor/window.conf", 0700), 0);
    settings_load(&settings);
    g_autofree char *other = settings_save(&settings);
    CHECK_CONTAINS(other != NULL ? other : "", "window.conf");
    settings_free(&settings);
    CHECK_EQ(g_rmdir("mproc-monitor/window.conf"), 0);
    CHECK_EQ(g_rmdir("mproc-monitor"), 0);
}

static void a_damaged_settings_file_is_as_none(void)
{
    struct settings settings;
    keep_settings_here();
    write_settings("[window]\nwidth=1000\n\x01\x02 no key file\n");
    settings_load(&settings);
    CHECK_EQ(settings.width, 1280);
    CHECK_EQ(settings.recordings[0] == NULL, true);
    settings_free(&settings);
    write_settings("[window]\nwidth=-5\nheight=none\ntheme=7\n[columns]\nlocks=\n");
    settings_load(&settings);
    CHECK_EQ(settings.width, 1280);
    CHECK_EQ(settings.height, 800);
    CHECK_EQ(settings.theme, 0);
    settings_free(&settings);
    CHECK_EQ(remove("mproc-monitor/window.conf"), 0);
    CHECK_EQ(g_rmdir("mproc-monitor"), 0);
}

/* A file of settings is anybody's: each recording in it is a row of the sidebar. */
static void a_settings_file_of_many_recordings_gives_a_few(void)
{
    struct settings settings;
    GString *text = g_string_new("[window]\nrecordings=");
    keep_settings_here();
    for (int i = 0; i < 1000; i++)
        g_string_append(text, "mproc-monitor/window.conf;");
    write_settings(text->str);
    settings_load(&settings);
    CHECK_EQ(g_strv_length(settings.recordings), 8);
    settings_free(&settings);
    g_string_free(text, TRUE);
    CHECK_EQ(remove("mproc-monitor/window.conf"), 0);
    CHECK_EQ(g_rmdir("mproc-monitor"), 0);
}

/* ---- Files ---- */

/* How many are there that are not yet whole. */
static unsigned parts_of(const char *name)
{
    GDir *here = g_dir_open(".", 0, NULL);
    g_autofree char *begin = g_strdup_printf("%s.part", name);
    const char *entry;
    unsigned count = 0;
    while ((entry = g_dir_read_name(here)) != NULL)
        count += g_str_has_prefix(entry, begin);
    g_dir_close(here);
    return count;
}

static void two_that_write_one_file_do_not_meet(void)
{
    struct whole_file first, second;
    char *text = NULL;
    CHECK(whole_file_open(&first, "both") && whole_file_open(&second, "both"));
    CHECK_EQ(parts_of("both"), 2);
    CHECK(whole_file_write(&first, "the first", 9) && whole_file_write(&second, "the second", 10));
    CHECK_EQ(whole_file_close(&first, true), 0);
    CHECK(g_file_get_contents("both", &text, NULL, NULL));
    CHECK_STR(text, "the first");
    g_free(text);
    CHECK_EQ(whole_file_close(&second, true), 0);
    CHECK(g_file_get_contents("both", &text, NULL, NULL));
    CHECK_STR(text, "the second");
    g_free(text);
    CHECK_EQ(parts_of("both"), 0);
    CHECK_EQ(remove("both"), 0);
}

static const struct record_greeting greeting_of_all = { .magic = RECORD_MAGIC, .version = 1, .least = 1, .pid = 4711 };

static size_t put_frame(unsigned char *bytes, size_t capacity, struct wire_frame *frame, const void *record)
{
    frame->size = (uint32_t)mproc__wire_encode(bytes, capacity, frame, record);
    CHECK(frame->size > 0);
    return frame->size;
}

static struct recorder *record_to(const char *path)
{
    unsigned char bytes[256];
    struct wire_frame frame = { .type = RECORD_GREETING, .sequence = 1, .time_ns = 5 };
    return recorder_new(path, bytes, put_frame(bytes, sizeof bytes, &frame, &greeting_of_all));
}

static void hand(struct recorder *recorder, unsigned type, uint64_t sequence)
{
    static const union record empty;
    unsigned char bytes[WIRE_OWN_MAX];
    struct wire_frame frame = { .type = (uint16_t)type, .sequence = sequence, .time_ns = (int64_t)sequence };
    put_frame(bytes, sizeof bytes, &frame, type == RECORD_GREETING ? (const void *)&greeting_of_all : &empty);
    CHECK_OK(recorder_take(recorder, &frame, bytes));
}

static void check_next(struct source *source, unsigned type, uint64_t sequence, int64_t time_ns)
{
    struct wire_frame frame;
    union record record;
    CHECK_EQ(source_next(source, &frame, &record), 1);
    CHECK_EQ(frame.type, type);
    CHECK_EQ(frame.sequence, sequence);
    CHECK_EQ(frame.time_ns, time_ns);
}

static void a_recording_begins_with_a_snapshot_and_goes_on_over_connections(void)
{
    struct wire_frame frame;
    union record record;
    struct source *source;
    struct recorder *recorder = record_to("whole.mproc");
    hand(recorder, RECORD_COST, 900);
    CHECK(!recorder_has_begun(recorder));
    hand(recorder, RECORD_SNAPSHOT_BEGIN, 1000);
    hand(recorder, RECORD_COST, 1001);
    /* Two were dropped on the way. */
    hand(recorder, RECORD_COST, 1004);
    hand(recorder, RECORD_GREETING, 1);
    hand(recorder, RECORD_ACCEPT, 2);
    hand(recorder, RECORD_SNAPSHOT_BEGIN, 3);
    CHECK_OK(recorder_end(recorder));
    CHECK_OK(source_open("whole.mproc", &source));
    check_next(source, RECORD_GREETING, 1, 1000);
    check_next(source, RECORD_SNAPSHOT_BEGIN, 2, 1000);
    check_next(source, RECORD_COST, 3, 1001);
    check_next(source, RECORD_COST, 6, 1004);
    check_next(source, RECORD_ACCEPT, 7, 2);
    check_next(source, RECORD_SNAPSHOT_BEGIN, 8, 3);
    CHECK_CODE(source_next(source, &frame, &record), MPROC_E_END);
    CHECK_EQ(source_missed(source), 2);
    source_close(source);
    CHECK_EQ(remove("whole.mproc"), 0);
}

static void a_recording_that_never_began_is_none(void)
{
    struct recorder *recorder = record_to("never.mproc");
    hand(recorder, RECORD_GREETING, 1);
    hand(recorder, RECORD_COST, 2);
    CHECK_CODE(recorder_end(recorder), MPROC_E_END);
    CHECK_CONTAINS(mproc_last_error(), "no file was made");
    CHECK(!g_file_test("never.mproc", G_FILE_TEST_EXISTS));
}

static void a_file_is_whole_or_not_there(void)
{
    struct whole_file file;
    CHECK(g_file_set_contents("kept", "before", -1, NULL));
    CHECK(whole_file_open(&file, "kept"));
    CHECK(whole_file_write(&file, "half", 4));
    CHECK_EQ(whole_file_close(&file, false), 0);
    CHECK_EQ(parts_of("kept"), 0);
    char *text = NULL;
    CHECK(g_file_get_contents("kept", &text, NULL, NULL));
    CHECK_STR(text, "before");
    g_free(text);
    CHECK(whole_file_open(&file, "kept"));
    CHECK(whole_file_write(&file, "after", 5));
    CHECK_EQ(whole_file_close(&file, true), 0);
    CHECK(g_file_get_contents("kept", &text, NULL, NULL));
    CHECK_STR(text, "after");
    g_free(text);
    CHECK(!whole_file_open(&file, "nowhere/kept"));
    CHECK(file.error != 0);
    CHECK_EQ(remove("kept"), 0);
}

/* A name must not lead to less than all of the bytes, whenever power is lost: they are on the disk first. */
static void what_the_disk_does_not_take_does_not_get_the_name(void)
{
    struct whole_file file;
    char *text = NULL;
    CHECK(g_file_set_contents("kept", "before", -1, NULL));
    CHECK(whole_file_open(&file, "kept"));
    CHECK(whole_file_write(&file, "after", 5));
    CHECK_OK(platform_calls_fail_nth(PLATFORM_FLUSH_CALL, 1, PLATFORM_FLUSH_ERROR));
    CHECK_EQ(whole_file_close(&file, true), WHOLE_FILE_LOST);
    platform_calls_reset();
    CHECK_CONTAINS(whole_file_text(WHOLE_FILE_LOST), "did not take");
    CHECK(g_file_get_contents("kept", &text, NULL, NULL));
    CHECK_STR(text, "before");
    g_free(text);
    CHECK_EQ(parts_of("kept"), 0);
    CHECK_EQ(remove("kept"), 0);
}

static void on_written(const char *path, const char *why, void *user)
{
    (void)path;
    CHECK_STR(why, "");
    *(bool *)user = true;
}

static const struct model *find_model(void *user)
{
    return user;
}

static void write_model(const struct model *model, const char *path)
{
    bool is_written = false;
    export_model(&(struct export_source){ find_model, (void *)model, NULL }, path, on_written, &is_written);
    WAIT_UNTIL((g_main_context_iteration(NULL, FALSE), is_written));
}

static void what_a_model_knows_is_told_once_more(void)
{
    make_recording("record");
    struct replay *replay = open_replay(), *again;
    const struct model *model = replay_model(replay);
    int code;
    write_model(model, "seen.mproc");
    CHECK_OK(replay_open("seen.mproc", &again));
    while (replay_step(again, 5000, &code))
        ;
    const struct model *other = replay_model(again);
    const struct model_pool *pool = pools_find(&model->pools, 1), *same = pools_find(&other->pools, 1);
    CHECK(!replay_is_cut(again));
    CHECK_EQ(tasks_count(&other->tasks), tasks_count(&model->tasks));
    CHECK_EQ(events_death_count(&other->events), events_death_count(&model->events));
    CHECK_EQ(events_line_count(&other->events), events_line_count(&model->events));
    CHECK_EQ(events_lost(&other->events), events_lost(&model->events));
    CHECK_EQ(same->counts.succeeded, pool->counts.succeeded);
    CHECK_EQ(same->workers.count, pool->workers.count);
    CHECK_EQ(model_wall_ns(other, other->now_ns), model_wall_ns(model, model->now_ns));
    replay_free(again);
    CHECK_EQ(remove("seen.mproc"), 0);
    end(replay);
}

static void what_a_model_knows_is_exported_as_a_table_and_as_a_trace(void)
{
    make_recording("record");
    struct replay *replay = open_replay();
    char *text = NULL;
    write_model(replay_model(replay), "seen.csv");
    CHECK(g_file_get_contents("seen.csv", &text, NULL, NULL));
    CHECK_CONTAINS(text, "pool,pool_name,task");
    CHECK_CONTAINS(text, "crash_parser");
    CHECK_CONTAINS(text, "parse_page");
    g_free(text);
    write_model(replay_model(replay), "seen.json");
    CHECK(g_file_get_contents("seen.json", &text, NULL, NULL));
    CHECK_CONTAINS(text, "\"traceEvents\"");
    CHECK(g_str_has_suffix(text, "]}\n"));
    g_free(text);
    CHECK_EQ(remove("seen.csv"), 0);
    CHECK_EQ(remove("seen.json"), 0);
    end(replay);
}

static const struct test tests[] = {
    TEST_WITH(locks_of_a_deadlock_stand_on_top_and_who_waits_for_longest_before_the_rest, TEST_ONCE, 0),
    TEST_WITH(cells_say_how_full_and_who_waits, TEST_ONCE, 0),
    TEST_WITH(nobody_holds_a_queue_whoever_waits_for_it, TEST_ONCE, 0),
    TEST_WITH(a_worker_in_a_circle_is_in_a_deadlock_and_one_behind_it_waits, TEST_ONCE, 0),
    TEST_WITH(nobody_waits_longer_than_it_was_held_if_both_began_at_one_look, TEST_ONCE, 0),
    TEST_WITH(objects_have_as_many_waiters_as_wait_for_them, TEST_ONCE, 0),
    TEST_WITH(a_deadlock_is_as_old_as_the_youngest_wait_in_it, TEST_ONCE, 0),
    TEST_WITH(one_that_waits_is_told_for_how_long_it_does, TEST_ONCE, 0),
    TEST_WITH(one_that_runs_is_never_told_to_run_for_nothing, TEST_ONCE, 0),
    TEST_WITH(who_still_waits_for_a_lock_counts_as_one_who_had_to, TEST_ONCE, 0),
    TEST_WITH(what_a_lock_or_queue_does_not_have_is_an_empty_cell, TEST_ONCE, 0),
    TEST_WITH(who_has_a_semaphore_is_not_known, TEST_ONCE, 0),
    TEST_WITH(no_column_is_there_that_must_stay_empty, TEST_ONCE, 0),
    TEST_WITH(what_nobody_can_hold_says_how_full_it_is, TEST_ONCE, 0),
    TEST_WITH(on_its_own_page_a_worker_is_not_told_to_be_of_its_pool, TEST_ONCE, 0),
    TEST_WITH(without_locks_it_is_said_why, TEST_ONCE, 0),
    TEST_WITH(a_deadlock_is_reported_and_drawn_as_a_circle, TEST_ONCE, 0),
    TEST_WITH(a_deadlock_is_told_in_one_sentence, TEST_ONCE, 0),
    TEST_WITH(a_deadlock_is_a_matter_of_the_pool_whose_workers_are_in_it, TEST_ONCE, 0),
    TEST_WITH(a_lock_is_held_for_as_long_as_its_holder_has_waited_elsewhere, TEST_ONCE, 0),
    TEST_WITH(nodes_of_a_circle_are_apart_and_within_their_place, TEST_ONCE, 0),
    TEST_WITH(a_lock_whose_holder_died_says_so_until_it_is_taken_again, TEST_ONCE, 0),
    TEST_WITH(a_lock_whose_holder_let_go_of_it_and_ended_is_not_held, TEST_ONCE, 0),
    TEST_WITH(rates_are_of_the_last_second_and_begin_anew_in_another_model, TEST_ONCE, 0),
    TEST_WITH(each_request_is_answered_once, TEST_ONCE, 0),
    TEST_WITH(tasks_that_are_asked_for_together_are_counted_together, TEST_ONCE, 0),
    TEST_WITH(answers_are_sentences, TEST_ONCE, 0),
    TEST_WITH(what_is_not_granted_has_a_reason, TEST_ONCE, 0),
    TEST_WITH(columns_are_as_they_were_left, TEST_ONCE, 0),
    TEST_WITH(columns_of_which_nonsense_is_said_are_as_at_first, TEST_ONCE, 0),
    TEST_WITH(settings_are_as_they_were_left, TEST_ONCE | TEST_POSIX_ONLY, 0),
    TEST_WITH(settings_that_cannot_be_kept_are_told, TEST_ONCE | TEST_POSIX_ONLY, 0),
    TEST_WITH(a_damaged_settings_file_is_as_none, TEST_ONCE | TEST_POSIX_ONLY, 0),
    TEST_WITH(a_settings_file_of_many_recordings_gives_a_few, TEST_ONCE | TEST_POSIX_ONLY, 0),
    TEST_WITH(a_file_is_whole_or_not_there, TEST_ONCE, 0),
    TEST_WITH(what_the_disk_does_not_take_does_not_get_the_name, TEST_ONCE, 0),
    TEST_WITH(two_that_write_one_file_do_not_meet, TEST_ONCE, 0),
    TEST_WITH(a_recording_begins_with_a_snapshot_and_goes_on_over_connections, TEST_ONCE, 0),
    TEST_WITH(a_recording_that_never_began_is_none, TEST_ONCE, 0),
    TEST_WITH(what_a_model_knows_is_told_once_more, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(what_a_model_knows_is_exported_as_a_table_and_as_a_trace, TEST_ONCE | TEST_KEEPS, 0),
};

TEST_MAIN_GUI(tests)
