/* What the window looks at when that is over: it goes on with what runs, but for what somebody reads. */
#include "main.h"
#include "model/source.h"
#include "scene.h"
#include "window/says.h"
#include "window/watch_limits.h"
#include <glib/gstdio.h>

/* ---- Programs with one pool after the other ---- */

static os_program *start(const char *first, const char *second)
{
    return begin_program((const char *const[]){ test_program("gui_successive"), first, second, NULL });
}

/* What is looked at already stays. */
static os_program *start_beside(const char *pool)
{
    os_program *program = test_program_start((const char *const[]){ test_program("gui_successive"), pool, NULL });
    mon_desk_look(desk);
    return program;
}

static void end_pool(const char *name)
{
    CHECK(g_file_set_contents(name, "", 0, NULL));
}

/* Of both, when they have ended; other: NULL if there is none. */
static void finish(os_program *program, os_program *other)
{
    static const char *const names[] = { "first", "second", "other", "stuck", "busy", "long" };
    test_scene_finish(program, NULL, 0);
    if (other != NULL)
        test_scene_finish(other, NULL, 0);
    wait_swept();
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        g_remove(names[i]);
}

static bool is_looked_at(const char *pool)
{
    struct view view = mon_desk_view(desk);
    return view.pool != NULL && strcmp(says_title(&view).text, pool) == 0;
}

/* Whether it was told of, looked at or not. */
static bool is_known(const char *pool)
{
    for (guint i = 0; i < mon_desk_count(desk); i++) {
        const struct model *model = watch_model(mon_desk_at(desk, i));
        for (size_t p = 0; model != NULL && p < model->pools.all.count; p++)
            if (strcmp(kept_string(pools_at(&model->pools, p)->said.name), pool) == 0)
                return true;
    }
    return false;
}

/* For longer than what nobody reads would stay. */
static void check_stays(const char *pool)
{
    let_pass(2500);
    CHECK(is_looked_at(pool));
}

/* ---- Going on ---- */

static void what_nobody_reads_makes_room_for_the_next_pool_of_its_program(void)
{
    begin(1280, 800);
    os_program *program = start("first", "second");
    CHECK(is_looked_at("first"));
    end_pool("first");
    SHOWN(is_looked_at("second") && is_seen("second"));
    activate("win.move-pool(-1)");
    SHOWN(is_looked_at("first") && is_seen("first has ended.") && is_seen("Show second"));
    check_stays("first");
    activate("win.go-on");
    SHOWN(is_looked_at("second"));
    end_pool("second");
    finish(program, NULL);
    end();
}

static void what_nobody_reads_makes_room_for_another_program(void)
{
    begin(1280, 800);
    os_program *program = start("first", NULL), *other = start_beside("other");
    SHOWN(is_known("other"));
    CHECK(is_looked_at("first"));
    end_pool("first");
    SHOWN(is_looked_at("other"));
    end_pool("other");
    finish(program, other);
    end();
}

static void what_somebody_reads_stays_and_offers_what_runs(void)
{
    begin(1280, 800);
    os_program *program = start("first", NULL), *other = start_beside("other");
    SHOWN(is_known("other"));
    activate("win.page::workers");
    activate("win.search");
    end_pool("first");
    SHOWN(is_seen(" ended ") && is_seen("Show other"));
    check_stays("first");
    activate("win.go-on");
    SHOWN(is_looked_at("other") && !is_seen("Show other"));
    end_pool("other");
    finish(program, other);
    end();
}

static void a_program_that_died_stays_and_offers_what_runs(void)
{
    begin(1280, 800);
    os_program *program = start("first", NULL), *other = start_beside("other");
    SHOWN(is_known("other"));
    os_program_kill(program);
    test_scene_finish(program, NULL, 0);
    SHOWN(is_seen("it ended without saying so") && is_seen("Show other"));
    check_stays("first");
    end_pool("other");
    finish(other, NULL);
    SHOWN(!is_seen("Show other"));
    end();
}

static void a_pool_of_the_same_name_is_offered_by_its_program_s_number(void)
{
    begin(1280, 800);
    os_program *program = start("first", NULL), *other = start_beside("first");
    int64_t pid = os_program_pid(other);
    g_autofree char *offered = g_strdup_printf("Show first (pid %d)", (int)pid);
    SHOWN(mon_desk_find(desk, pid) != NULL && mon_desk_find(desk, pid)->state == WATCH_LIVE);
    CHECK(mon_desk_view(desk).watch->pid != pid);
    os_program_kill(program);
    test_scene_finish(program, NULL, 0);
    SHOWN(is_seen("it ended without saying so") && is_seen(offered));
    end_pool("first");
    finish(other, NULL);
    end();
}

static void a_program_that_was_asked_for_makes_no_room_for_others(void)
{
    begin(1280, 800);
    os_program *other = start_beside("other");
    SHOWN(is_looked_at("other"));
    os_program *program =
        test_program_start((const char *const[]){ test_program("gui_successive"), "first", "second", NULL });
    mon_desk_expect(desk, os_program_pid(program));
    SHOWN(go_on() && is_looked_at("first"));
    end_pool("first");
    SHOWN(is_looked_at("second"));
    end_pool("second");
    SHOWN(is_seen("Show other"));
    check_stays("second");
    end_pool("other");
    finish(program, other);
    end();
}

/* ---- What nobody looks at ---- */

/* A second program, behind the first one, which stays looked at. */
static struct watch *begin_aside(const char *pool, os_program **ret_program)
{
    struct watch *watch;
    *ret_program = start_beside(pool);
    SHOWN(is_known(pool));
    CHECK((watch = mon_desk_find(desk, os_program_pid(*ret_program))) != NULL);
    CHECK(is_looked_at("first"));
    return watch;
}

static struct view view_of(struct watch *watch)
{
    struct view view = { .watch = watch, .number = 1, .whose = watch->number };
    CHECK(view_renew(&view));
    return view;
}

static void a_deadlock_is_told_beside_a_pool_that_nobody_looks_at(void)
{
    begin(1280, 800);
    os_program *program = start("first", NULL), *aside;
    struct watch *watch = begin_aside("stuck", &aside);
    SHOWN(is_seen("\xc2\xb7 deadlock"));
    struct view view = view_of(watch);
    CHECK(is_looked_at("first"));
    CHECK_EQ(says_pool_glyph(&view), GLYPH_DEADLOCK);
    end_pool("stuck");
    end_pool("first");
    finish(program, aside);
    end();
}

static uint64_t count_told(const struct model *model, unsigned told)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < tasks_count(&model->tasks); i++)
        count += (tasks_at(&model->tasks, i)->told & told) != 0;
    return count;
}

/* What is queued is not told of it, which is what costs a program most. */
static void how_tasks_and_workers_end_is_known_of_what_nobody_looks_at(void)
{
    begin(1280, 800);
    os_program *program = start("first", NULL), *aside;
    struct watch *watch = begin_aside("busy", &aside);
    SHOWN(count_told(watch->model, TASK_TOLD_ENDED) > 50 && watch->model->bars.count > 50);
    SHOWN(events_death_count(&watch->model->events) > 1);
    CHECK_EQ(count_told(watch->model, TASK_TOLD_QUEUED), 0);
    CHECK_EQ(bars_gap_count(&watch->model->bars), 0);
    CHECK_EQ(watch->model->tasks.bytes_max, WATCH_BYTES_ASIDE);
    mon_desk_choose(desk, watch, 1);
    CHECK_EQ(watch->model->tasks.bytes_max, WATCH_BYTES);
    SHOWN(count_told(watch->model, TASK_TOLD_QUEUED) > 0);
    end_pool("busy");
    end_pool("first");
    finish(program, aside);
    end();
}

/* ---- What is asked of one process and another ---- */

static bool is_asked_for_detail(const struct watch *watch)
{
    return watch->wants == WATCH_WANTS_DETAIL && watch->model->looks.is_open;
}

/* It is one connection, of which each end was told: another one has a gap before it. */
static void check_unbroken(const struct watch *watch)
{
    CHECK_EQ(bars_gap_count(&watch->model->bars), 0);
    CHECK_EQ(watch->state, WATCH_LIVE);
}

static void who_looks_at_another_program_and_back_misses_nothing(void)
{
    begin(1280, 800);
    os_program *program = start("first", NULL), *aside;
    struct watch *watch = begin_aside("busy", &aside), *first = mon_desk_view(desk).watch;
    for (uint64_t i = 1; i <= 3; i++) {
        uint64_t queued = count_told(watch->model, TASK_TOLD_QUEUED);
        mon_desk_choose(desk, watch, 1);
        SHOWN(count_told(watch->model, TASK_TOLD_QUEUED) > queued && is_asked_for_detail(watch));
        CHECK(!is_asked_for_detail(first));
        mon_desk_choose(desk, first, 1);
        SHOWN(is_asked_for_detail(first));
        CHECK(!is_asked_for_detail(watch));
        CHECK_EQ(watch->model->looks.total, i);
        uint64_t ended = watch->model->bars.count;
        SHOWN(watch->model->bars.count > ended + 10);
    }
    check_unbroken(watch);
    check_unbroken(first);
    end_pool("busy");
    end_pool("first");
    finish(program, aside);
    end();
}

/* Whether one of that type is in it, which ends where it ends, with nothing missing. */
static bool is_recorded(const char *path, unsigned type)
{
    struct source *source;
    struct wire_frame frame;
    union record record;
    bool found = false;
    int code;
    CHECK_OK(source_open(path, &source));
    for (unsigned i = 0; (code = source_next(source, &frame, &record)) == 1; i++) {
        CHECK(i != 0 || frame.type == RECORD_GREETING);
        CHECK(i != 1 || frame.type == RECORD_SNAPSHOT_BEGIN);
        found |= frame.type == type;
    }
    CHECK_CODE(code, MPROC_E_END);
    CHECK(!source_is_cut(source));
    CHECK_EQ(source_missed(source), 0);
    source_close(source);
    return found;
}

static void a_recording_of_what_nobody_looks_at_begins_and_ends_without_a_gap(void)
{
    begin(1280, 800);
    os_program *program = start("first", NULL), *aside;
    struct watch *watch = begin_aside("busy", &aside);
    watch_record(watch, "busy.mproc");
    SHOWN(count_told(watch->model, TASK_TOLD_QUEUED) > 5 && watch_recorded_bytes(watch) > 0);
    watch_record_end(watch);
    CHECK_EQ(watch->wants, WATCH_WANTS_LIFE);
    uint64_t ended = watch->model->bars.count;
    SHOWN(watch->model->bars.count > ended + 10);
    check_unbroken(watch);
    CHECK(is_recorded("busy.mproc", RECORD_TASK_QUEUED) && is_recorded("busy.mproc", RECORD_SNAPSHOT_END));
    g_remove("busy.mproc");
    end_pool("busy");
    end_pool("first");
    finish(program, aside);
    end();
}

static void a_recording_of_what_is_looked_at_begins_and_ends_without_a_gap(void)
{
    begin(1280, 800);
    os_program *program = start("busy", NULL);
    struct watch *watch = mon_desk_view(desk).watch;
    SHOWN(is_asked_for_detail(watch));
    watch_record(watch, "busy.mproc");
    uint64_t ended = watch->model->bars.count;
    SHOWN(watch->model->bars.count > ended + 10 && watch_recorded_bytes(watch) > 0);
    watch_record_end(watch);
    CHECK(is_asked_for_detail(watch));
    CHECK_EQ(watch->model->looks.total, 1);
    check_unbroken(watch);
    CHECK(is_recorded("busy.mproc", RECORD_TASK_QUEUED) && is_recorded("busy.mproc", RECORD_SNAPSHOT_END));
    g_remove("busy.mproc");
    end_pool("busy");
    finish(program, NULL);
    end();
}

/* As one of an earlier version is. */
static void a_program_that_is_told_once_only_what_is_wanted_is_connected_to_anew(void)
{
    begin(1280, 800);
    os_program *sample = begin_sample(), *program = start_beside("first");
    struct watch *watch = mon_desk_view(desk).watch;
    SHOWN(is_known("first") && is_asked_for_detail(watch));
    mon_desk_choose(desk, mon_desk_find(desk, os_program_pid(program)), 1);
    CHECK(watch->model->bars.is_blind && watch->wants == WATCH_WANTS_LIFE);
    SHOWN(is_looked_at("first") && !watch->model->looks.is_open && !watch->model->bars.is_blind);
    CHECK_EQ(bars_gap_count(&watch->model->bars), 1);
    mon_desk_choose(desk, watch, 1);
    SHOWN(is_asked_for_detail(watch) && watch->state == WATCH_LIVE);
    watch_record(watch, "sample.mproc");
    SHOWN(watch_recorded_bytes(watch) > 10000);
    watch_record_end(watch);
    CHECK(is_recorded("sample.mproc", RECORD_TASK_ENDED));
    g_remove("sample.mproc");
    end_pool("first");
    test_scene_finish(program, NULL, 0);
    g_remove("first");
    end_sample(sample);
    wait_swept();
    end();
}

/* What nobody looks at makes room for what somebody does. */
static void a_recording_that_made_room_is_whole_when_it_is_looked_at_again(void)
{
    make_recording("record");
    begin(1280, 800);
    os_program *program = start_beside("other");
    SHOWN(is_looked_at("other"));
    struct watch *other = mon_desk_view(desk).watch, *recording = mon_desk_open(desk, RECORDING);
    SHOWN(replay_is_known(recording->replay) && recording->step == 0);
    uint32_t count = tasks_count(watch_tasks(recording));
    CHECK(count > 100);
    mon_desk_choose(desk, other, 1);
    let_pass(600);
    CHECK_EQ(tasks_count(watch_tasks(recording)), count);
    tasks_forget(watch_tasks(recording), SIZE_MAX);
    CHECK_EQ(tasks_count(watch_tasks(recording)), 1);
    mon_desk_choose(desk, recording, 1);
    SHOWN(tasks_count(watch_tasks(recording)) == count && recording->step == 0);
    CHECK_EQ(replay_at_ns(recording->replay), replay_end_ns(recording->replay));
    mon_desk_close(desk, recording);
    end_pool("other");
    finish(program, NULL);
    end();
}

static void note_missed(MonDesk *from, gint64 pid, gint64 *missed)
{
    (void)from;
    *missed = pid;
}

static void a_program_that_was_asked_for_and_has_no_pool_is_told(void)
{
    gint64 missed = 0;
    begin(1280, 800);
    g_signal_connect(desk, "missed", G_CALLBACK(note_missed), &missed);
    os_program *program = test_program_start((const char *const[]){ test_program("gui_successive"), NULL });
    int64_t pid = os_program_pid(program);
    mon_desk_expect(desk, pid);
    os_program *other = start_beside("other");
    CHECK_EQ(test_scene_finish(program, NULL, 0), 0);
    SHOWN(is_known("other") && missed == pid);
    SHOWN(is_looked_at("other"));
    end_pool("other");
    finish(other, NULL);
    end();
}

/* Its only task runs when it is killed. */
static void what_ended_while_nobody_looked_neither_runs_nor_lives(void)
{
    begin(1280, 800);
    os_program *program = start("first", NULL), *aside;
    struct watch *watch = begin_aside("long", &aside);
    SHOWN(count_told(watch->model, TASK_TOLD_BEGUN) == 1);
    let_pass(1500); /* a shorter time is not worth a word */
    os_program_kill(aside);
    test_scene_finish(aside, NULL, 0);
    SHOWN(watch->state == WATCH_ENDED);
    mon_desk_choose(desk, watch, 1);
    activate("win.page::tasks");
    SHOWN(is_seen("Not told") && is_seen("Running 0"));
    SHOWN(is_seen("nobody looked while it ran"));
    activate("win.page::workers");
    SHOWN(is_seen("Alive 0") && is_seen("All 1") && is_seen("Ended"));
    end_pool("first");
    finish(program, NULL);
    end();
}

static const struct test tests[] = {
    TEST_WITH(what_nobody_reads_makes_room_for_the_next_pool_of_its_program, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(what_nobody_reads_makes_room_for_another_program, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(what_somebody_reads_stays_and_offers_what_runs, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_program_that_died_stays_and_offers_what_runs, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_program_that_was_asked_for_and_has_no_pool_is_told, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_pool_of_the_same_name_is_offered_by_its_program_s_number, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_program_that_was_asked_for_makes_no_room_for_others, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_deadlock_is_told_beside_a_pool_that_nobody_looks_at, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(how_tasks_and_workers_end_is_known_of_what_nobody_looks_at, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(who_looks_at_another_program_and_back_misses_nothing, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_of_what_nobody_looks_at_begins_and_ends_without_a_gap, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_of_what_is_looked_at_begins_and_ends_without_a_gap, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_program_that_is_told_once_only_what_is_wanted_is_connected_to_anew, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(a_recording_that_made_room_is_whole_when_it_is_looked_at_again, TEST_ONCE | TEST_KEEPS, 60),
    TEST_WITH(what_ended_while_nobody_looked_neither_runs_nor_lives, TEST_ONCE | TEST_KEEPS, 60),
};

TEST_MAIN_GUI(tests)
