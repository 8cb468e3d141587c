/* Watching a process: who is told what, as its other end sees it. Reaches into the library for the other end. */
#include "monitor/publisher.h"
#include "pool_tasks.h"
#include "watch.h"

static mproc_pool *make_shown(const char *name, int workers)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .name = name, .workers = workers, .statistics = 1 }));
    return pool;
}

static void start(const char *name)
{
    watch_use_own_place();
    CHECK_OK(mproc_monitor_start(&(mproc_monitor_options){ .name = name }));
}

static void run_squares(mproc_pool *pool, int count)
{
    for (int i = 0; i < count; i++) {
        int value = i;
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
        CHECK_EQ(value, i * i);
    }
}

/* ---- The list ---- */

static bool keep_card(const platform_found *found, void *user)
{
    if (found->pid == os_self_pid())
        snprintf(user, PLATFORM_CARD_SIZE, "%s", found->card);
    return true;
}

static const char *own_card(void)
{
    static char card[PLATFORM_CARD_SIZE];
    card[0] = '\0';
    CHECK_OK(platform_endpoint_list(keep_card, card));
    return card;
}

static void list_has_the_name_from_start_to_stop(void)
{
    watch_use_own_place();
    CHECK_STR(own_card(), "");
    start("a \"name\"\n\x80");
    char pid[64];
    snprintf(pid, sizeof pid, "\"pid\":%lld,", (long long)os_self_pid());
    CHECK_CONTAINS(own_card(), "{\"name\":\"a \\\"name\\\"\\n\xef\xbf\xbd\",\"program\":\"");
    CHECK_CONTAINS(own_card(), pid);
    CHECK_CONTAINS(own_card(), "\"protocol\":1}");
    CHECK_OK(mproc_monitor_stop());
    CHECK_STR(own_card(), "");
    start(NULL);
    CHECK_CONTAINS(own_card(), "\"name\":\"test_monitor");
    CHECK_OK(mproc_monitor_stop());
    CHECK_OK(mproc_monitor_stop());
}

static void starting_twice_is_refused(void)
{
    start("first");
    CHECK_CODE(mproc_monitor_start(NULL), MPROC_E_STATE);
    CHECK_CONTAINS(own_card(), "\"first\"");
    CHECK_OK(mproc_monitor_stop());
    CHECK_OK(mproc_monitor_start(NULL));
    CHECK_OK(mproc_monitor_stop());
}

static void a_pool_can_ask_for_it(void)
{
    mproc_pool *pool, *other;
    watch_use_own_place();
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .name = "asks", .workers = 1, .monitor = 1 }));
    CHECK_OK(mproc_pool_create(&other, &(mproc_pool_options){ .name = "hides", .workers = 1, .monitor = -1 }));
    struct watch *watch = watch_open(os_self_pid(), 0);
    CHECK(watch_find(watch, "asks") != 0);
    CHECK(watch_find(watch, "hides") == 0);
    start("now by name");
    WAIT_UNTIL(!watch_poll(watch));
    CHECK_EQ(watch->frames[RECORD_ENDED], 1);
    CHECK_CONTAINS(own_card(), "\"now by name\"");
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
    CHECK_OK(mproc_pool_free(pool));
    CHECK_OK(mproc_pool_free(other));
}

/* ---- The connection ---- */

static void greeting_says_who_this_is(void)
{
    start("greets");
    int64_t before = platform_now_ns();
    struct watch *watch = watch_connect(os_self_pid());
    WATCH_UNTIL(watch, watch->frames[RECORD_GREETING] > 0);
    CHECK(watch->greeting.magic == RECORD_MAGIC);
    CHECK_EQ(watch->greeting.version, RECORD_VERSION);
    CHECK_EQ(watch->greeting.least, 1);
    CHECK_EQ(watch->greeting.pid, os_self_pid());
    CHECK(watch->greeting.start_time == platform_self_start_time());
    CHECK(watch->greeting.now_ns >= before && watch->greeting.now_ns <= platform_now_ns());
    CHECK(watch->greeting.wall_ns / 1000000000 > INT64_C(1700000000));
    CHECK_CONTAINS(watch->program, "test_monitor");
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
}

static void who_says_nothing_is_told_nothing(void)
{
    mproc__publisher_limits.hello_ns = 100000000;
    start(NULL);
    struct watch *watch = watch_connect(os_self_pid());
    WAIT_UNTIL(!watch_poll(watch));
    CHECK_EQ(watch->code, MPROC_E_END);
    CHECK_EQ(watch->frames[RECORD_GREETING], 1);
    CHECK_EQ(watch->frames[RECORD_SNAPSHOT_BEGIN] + watch->frames[RECORD_POOL] + watch->frames[RECORD_ACCEPT], 0);
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
}

static void another_version_is_rejected_with_a_text(void)
{
    start(NULL);
    for (uint32_t version = 0; version < 3; version += 2) {
        struct watch *watch = watch_connect(os_self_pid());
        watch_hello(watch, version, 0);
        WAIT_UNTIL(!watch_poll(watch));
        CHECK_EQ(watch->frames[RECORD_REJECT], 1);
        CHECK_EQ(watch->frames[RECORD_ACCEPT], 0);
        CHECK_EQ(watch->rejected.code, MPROC_E_NOT_SUPPORTED);
        CHECK_CONTAINS(watch->text, "speaks 1 to 1");
        watch_free(watch);
    }
    CHECK_OK(mproc_monitor_stop());
}

static void one_too_many_is_rejected_with_a_text(void)
{
    struct watch *watches[PUBLISHER_WATCHERS], *late;
    start(NULL);
    for (int i = 0; i < PUBLISHER_WATCHERS; i++)
        watches[i] = watch_open(os_self_pid(), 0);
    late = watch_connect(os_self_pid());
    watch_hello(late, RECORD_VERSION, 0);
    WAIT_UNTIL(!watch_poll(late));
    CHECK_EQ(late->rejected.code, MPROC_E_LIMIT);
    CHECK_CONTAINS(late->text, "as many");
    watch_free(late);
    watch_free(watches[0]);
    WAIT_UNTIL(mproc__publisher_watchers() < PUBLISHER_WATCHERS);
    watches[0] = watch_open(os_self_pid(), 0);
    for (int i = 0; i < PUBLISHER_WATCHERS; i++)
        watch_free(watches[i]);
    CHECK_OK(mproc_monitor_stop());
}

static void watchers_are_told_that_it_is_over(void)
{
    start(NULL);
    CHECK_NOT(mproc_monitor_is_watched(), 0);
    struct watch *watch = watch_open(os_self_pid(), 0);
    CHECK(mproc_monitor_is_watched());
    CHECK_OK(mproc_monitor_stop());
    CHECK_NOT(mproc_monitor_is_watched(), 0);
    WAIT_UNTIL(!watch_poll(watch));
    CHECK_EQ(watch->frames[RECORD_ENDED], 1);
    watch_free(watch);
}

static void resync_tells_everything_again(void)
{
    const struct record_resync resync = { 0 };
    mproc_pool *pool = make_shown("again", 1);
    start(NULL);
    struct watch *watch = watch_open(os_self_pid(), 0);
    uint64_t pools = watch->frames[RECORD_POOL];
    watch_say(watch, RECORD_RESYNC, &resync);
    WATCH_UNTIL(watch, watch->frames[RECORD_SNAPSHOT_END] == 2);
    CHECK_EQ(watch->frames[RECORD_SNAPSHOT_BEGIN], 2);
    CHECK(watch->frames[RECORD_POOL] > pools);
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Figures ---- */

static void check_counts(mproc_pool *pool, struct watch *watch, const char *name)
{
    mproc_pool_stats stats;
    struct record_counts *counts = &watch_pool(watch, name)->counts;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    WATCH_UNTIL(watch, counts->succeeded + counts->failed == stats.succeeded + stats.failed);
    WATCH_UNTIL(watch, counts->idle == (uint32_t)stats.workers && counts->items == stats.items);
    CHECK_EQ(counts->workers, stats.workers);
    CHECK_EQ(counts->submitted, stats.submitted);
    CHECK_EQ(counts->succeeded, stats.succeeded);
    CHECK_EQ(counts->failed, stats.failed);
    CHECK_EQ(counts->cancelled, stats.cancelled);
    CHECK_EQ(counts->deaths, stats.deaths);
    CHECK_EQ(counts->restarts, stats.restarts);
    CHECK_EQ(counts->busy_ns, stats.busy_ns);
    CHECK_EQ(counts->chunks, stats.chunks);
    CHECK_EQ(counts->queued, 0);
}

static void figures_are_those_of_the_pool(void)
{
    int in[500], out[500];
    for (int i = 0; i < 500; i++)
        in[i] = i;
    mproc_pool *pool = make_shown("counted", 2);
    run_squares(pool, 20);
    start(NULL);
    struct watch *watch = watch_open(os_self_pid(), RECORD_WANTS_LIFE);
    check_counts(pool, watch, "counted");
    run_squares(pool, 20);
    CHECK_OK(mproc_pool_map(pool, double_item, in, sizeof *in, 500, out, sizeof *out, NULL));
    check_counts(pool, watch, "counted");
    CHECK_STR(watch_pool(watch, "counted")->function, "double_item");
    WATCH_UNTIL(watch, watch_pool(watch, "counted")->ended[RECORD_END_DONE] == 520);
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
    CHECK_OK(mproc_pool_free(pool));
}

/* But for what uses up time by itself: the clocks are set against each other once a second, and memory is measured. */
static void a_pool_that_rests_is_not_told_of(void)
{
    mproc_pool *pool = make_shown("rests", 2);
    run_squares(pool, 20);
    start(NULL);
    struct watch *watch = watch_open(os_self_pid(), RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL);
    check_counts(pool, watch, "rests");
    uint64_t told = watch->frames[RECORD_POOL] + watch->frames[RECORD_COUNTS] + watch->frames[RECORD_WORKER];
    uint64_t looks = mproc__publisher_looks();
    WATCH_UNTIL(watch, mproc__publisher_looks() >= looks + 30);
    told = watch->frames[RECORD_POOL] + watch->frames[RECORD_COUNTS] + watch->frames[RECORD_WORKER] - told;
    CHECK_LE(told, (mproc__publisher_looks() - looks) / 2);
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
    CHECK_OK(mproc_pool_free(pool));
}

static void a_pool_comes_and_goes_before_a_watcher(void)
{
    start(NULL);
    struct watch *watch = watch_open(os_self_pid(), RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL);
    mproc_pool *pool = make_shown("comes", 2);
    run_squares(pool, 50);
    struct watch_pool *seen = watch_pool(watch, "comes");
    CHECK_OK(mproc_pool_free(pool));
    /* That it has gone is the last of it. */
    WATCH_UNTIL(watch, seen->pool.phase == RECORD_PHASE_GONE);
    CHECK_EQ(seen->ended[RECORD_END_DONE], 50);
    CHECK_EQ(seen->items_queued, 50);
    CHECK_EQ(seen->items_begun, 50);
    CHECK_EQ(seen->counts.succeeded, 50);
    CHECK_EQ(watch->lost[RECORD_CLASS_LIFE] + watch->lost[RECORD_CLASS_DETAIL], 0);
    struct watch *later = watch_open(os_self_pid(), 0);
    CHECK_EQ(watch_find(later, "comes"), 0);
    watch_free(later);
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
}

static void who_wants_no_events_is_told_none(void)
{
    start(NULL);
    struct watch *watch = watch_open(os_self_pid(), 0);
    struct watch *curious = watch_open(os_self_pid(), RECORD_WANTS_LIFE);
    mproc_pool *pool = make_shown("quiet", 1);
    run_squares(pool, 10);
    WATCH_UNTIL(curious, watch_pool(curious, "quiet")->ended[RECORD_END_DONE] == 10);
    WATCH_UNTIL(watch, watch_pool(watch, "quiet")->counts.succeeded == 10);
    CHECK_EQ(watch->frames[RECORD_TASK_ENDED] + watch->frames[RECORD_TASK_QUEUED], 0);
    CHECK_EQ(curious->frames[RECORD_TASK_QUEUED] + curious->frames[RECORD_TASK_BEGUN], 0);
    watch_free(curious);
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
    CHECK_OK(mproc_pool_free(pool));
}

static void nobody_watches_and_nothing_is_looked_at(void)
{
    mproc_pool *pool = make_shown("alone", 2);
    start(NULL);
    run_squares(pool, 200);
    CHECK_EQ(mproc__publisher_looks(), 0);
    watch_free(watch_open(os_self_pid(), RECORD_WANTS_LIFE));
    WAIT_UNTIL(mproc__publisher_watchers() == 0);
    uint64_t looks = mproc__publisher_looks();
    CHECK(looks > 0);
    run_squares(pool, 200);
    CHECK_EQ(mproc__publisher_looks(), looks);
    CHECK_OK(mproc_monitor_stop());
    CHECK_OK(mproc_pool_free(pool));
}

static void lines_of_the_log_are_told(void)
{
    start(NULL);
    struct watch *watch = watch_open(os_self_pid(), RECORD_WANTS_LOG);
    mproc_log(MPROC_LOG_DEBUG, "not this");
    mproc_log(MPROC_LOG_WARNING, "number %d", 7);
    WATCH_UNTIL(watch, watch->frames[RECORD_LOG] > 0);
    CHECK_STR(watch->log, "number 7");
    for (int i = 0; i < 1000; i++)
        mproc_log(MPROC_LOG_INFO, "line %d", i);
    WATCH_UNTIL(watch, watch->frames[RECORD_LOG] + watch->lost[RECORD_CLASS_LOG] == 1001);
    CHECK_STR(watch->log, "line 999");
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
}

static void locks_with_names_are_told(void)
{
    mproc_lock lock;
    CHECK_OK(mproc_lock_create(&lock, &(mproc_lock_options){ .name = "of the test" }));
    CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
    start(NULL);
    struct watch *blind = watch_open(os_self_pid(), 0), *watch = watch_open(os_self_pid(), RECORD_WANTS_OBJECTS);
    WATCH_UNTIL(watch, watch->object.holder_pid != 0);
    CHECK_STR(watch->object_name, "of the test");
    CHECK_EQ(watch->object.holder_pid, os_self_pid());
    CHECK_OK(mproc_lock_release(lock));
    WATCH_UNTIL(watch, watch->object.holder_pid == 0);
    CHECK_OK(mproc_lock_destroy(lock));
    WATCH_UNTIL(watch, watch->object.destroyed);
    CHECK(watch_poll(blind));
    CHECK_EQ(blind->frames[RECORD_OBJECT], 0);
    watch_free(blind);
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
}

/* ---- Control ---- */

static void ask(struct watch *watch, struct record_control control)
{
    uint64_t replies = watch->frames[RECORD_REPLY];
    control.request = 42;
    watch_say(watch, RECORD_CONTROL, &control);
    WATCH_UNTIL(watch, watch->frames[RECORD_REPLY] > replies);
    CHECK_EQ(watch->reply.request, 42);
}

static void control_has_to_be_granted(void)
{
    mproc_pool *pool = make_shown("obeys not", 1);
    start(NULL);
    struct watch *watch = watch_open(os_self_pid(), RECORD_WANTS_LOG);
    uint32_t number = watch_find(watch, "obeys not");
    ask(watch, (struct record_control){ .verb = RECORD_VERB_PAUSE, .pool = number });
    CHECK_EQ(watch->reply.code, MPROC_E_STATE);
    CHECK(watch->text[0] != '\0');
    CHECK_EQ(watch_pool(watch, "obeys not")->pool.control, 0);
    ask(watch, (struct record_control){ .verb = RECORD_VERB_PAUSE, .pool = number + 1 });
    CHECK_EQ(watch->reply.code, MPROC_E_NOT_FOUND);
    run_squares(pool, 3);
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
    CHECK_OK(mproc_pool_free(pool));
}

static void a_name_gives_a_terminal_no_orders(void)
{
    const struct record_hello hello = { .version = RECORD_VERSION,
                                        .wants = RECORD_WANTS_LOG,
                                        .name = record_text_of("\xc2\x9b"
                                                               "a\033b\xc2\xa0"
                                                               "c") };
    start(NULL);
    struct watch *watch = watch_connect(os_self_pid());
    watch_say(watch, RECORD_HELLO, &hello);
    WAIT_UNTIL(!watch_poll(watch) || watch->frames[RECORD_SNAPSHOT_END] > 0);
    ask(watch, (struct record_control){ .verb = RECORD_VERB_PAUSE, .pool = 60000 });
    WAIT_UNTIL(!watch_poll(watch) || watch->frames[RECORD_LOG] > 0);
    CHECK_CONTAINS(watch->log, "?a?b\xc2\xa0"
                               "c (pid ");
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
}

static void control_is_done_and_logged(void)
{
    mproc_pool *pool;
    mproc_pool_options options = { .name = "obeys", .workers = 1, .monitor_control = 1 };
    CHECK_OK(mproc_pool_create(&pool, &options));
    start(NULL);
    struct watch *watch = watch_open(os_self_pid(), RECORD_WANTS_LOG);
    struct watch_pool *seen = watch_pool(watch, "obeys");
    ask(watch, (struct record_control){ .verb = RECORD_VERB_PAUSE, .pool = seen->pool.pool });
    CHECK_EQ(watch->reply.code, 0);
    WATCH_UNTIL(watch, seen->pool.paused);
    WATCH_UNTIL(watch, watch->frames[RECORD_LOG] > 0);
    CHECK_CONTAINS(watch->log, "a test (pid ");
    CHECK_CONTAINS(watch->log, "pause");
    ask(watch, (struct record_control){ .verb = RECORD_VERB_RESUME, .pool = seen->pool.pool });
    WATCH_UNTIL(watch, !seen->pool.paused);
    ask(watch, (struct record_control){ .verb = RECORD_VERB_RESIZE, .pool = seen->pool.pool, .number = 3 });
    CHECK_EQ(watch->reply.code, 0);
    WATCH_UNTIL(watch, seen->counts.workers == 3);
    run_squares(pool, 3);
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- The environment, and other processes ---- */

static int watchable(const char *argument)
{
    (void)argument;
    mproc_pool *pool = make_shown("of a scene", 1);
    run_squares(pool, 5);
    atomic_store(&test_board()[2], os_self_pid());
    WAIT_UNTIL(atomic_load(&test_board()[3]) != 0);
    CHECK_OK(mproc_pool_free(pool));
    return 0;
}

static os_program *start_scene(const char *value)
{
    watch_use_own_place();
    os_set_environment("MPROC_MONITOR", value);
    os_program *program = test_scene_start("watchable", "");
    WAIT_UNTIL(atomic_load(&test_board()[2]) != 0);
    return program;
}

static void environment_asks_for_it(void)
{
    os_program *program = start_scene("1");
    struct watch *watch = watch_open(atomic_load(&test_board()[2]), RECORD_WANTS_LIFE);
    WATCH_UNTIL(watch, watch_pool(watch, "of a scene")->counts.succeeded == 5);
    atomic_store(&test_board()[3], 1);
    WAIT_UNTIL(!watch_poll(watch));
    CHECK_EQ(watch_pool(watch, "of a scene")->pool.phase, RECORD_PHASE_GONE);
    CHECK_EQ(watch->frames[RECORD_ENDED], 1);
    CHECK_EQ(test_scene_finish(program, NULL, 0), 0);
    watch_free(watch);
}

static void environment_that_makes_no_sense_is_told_of(void)
{
    char output[1000];
    os_program *program = start_scene("yes");
    atomic_store(&test_board()[3], 1);
    CHECK_EQ(test_scene_finish(program, output, sizeof output), 0);
    CHECK_CONTAINS(output, "MPROC_MONITOR=yes is neither 0 nor 1");
}

static bool count_found(const platform_found *found, void *user)
{
    (void)found;
    ++*(int *)user;
    return true;
}

static int count_listed(mproc_task *task)
{
    int count = 0;
    CHECK_OK(platform_endpoint_list(count_found, &count));
    CHECK_NOT(mproc_monitor_is_watched(), 0);
    return mproc_task_return(task, &count, sizeof count);
}

static int watch_oneself(mproc_task *task)
{
    (void)task;
    CHECK_OK(mproc_monitor_start(NULL));
    watch_free(watch_open(os_self_pid(), 0));
    CHECK_OK(mproc_monitor_stop());
    return 0;
}

static void workers_are_told_of_by_their_parent(void)
{
    start(NULL);
    struct watch *watch = watch_open(os_self_pid(), 0);
    /* Workers find the same place as this process: the fork server has the environment that it began with. */
    if (test_has_server())
        CHECK_OK(mproc_set_forkserver_preload(NULL, NULL));
    mproc_pool *pool = make_shown("parent", 2);
    int count = 0;
    CHECK_OK(mproc_pool_apply(pool, count_listed, MPROC_NO_ARGS, NULL, &count, sizeof count, NULL));
    CHECK_EQ(count, 1);
    WATCH_UNTIL(watch, watch->frames[RECORD_WORKER] >= 2);
    CHECK_OK(mproc_pool_apply(pool, watch_oneself, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    CHECK(watch_poll(watch));
    watch_free(watch);
    CHECK_OK(mproc_monitor_stop());
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST(list_has_the_name_from_start_to_stop),
    TEST(starting_twice_is_refused),
    TEST(a_pool_can_ask_for_it),
    TEST(greeting_says_who_this_is),
    TEST(who_says_nothing_is_told_nothing),
    TEST(another_version_is_rejected_with_a_text),
    TEST(one_too_many_is_rejected_with_a_text),
    TEST(watchers_are_told_that_it_is_over),
    TEST(resync_tells_everything_again),
    TEST(figures_are_those_of_the_pool),
    TEST(a_pool_that_rests_is_not_told_of),
    TEST(a_pool_comes_and_goes_before_a_watcher),
    TEST(who_wants_no_events_is_told_none),
    TEST(nobody_watches_and_nothing_is_looked_at),
    TEST(lines_of_the_log_are_told),
    TEST(locks_with_names_are_told),
    TEST(control_has_to_be_granted),
    TEST(a_name_gives_a_terminal_no_orders),
    TEST(control_is_done_and_logged),
    TEST(environment_asks_for_it),
    TEST(environment_that_makes_no_sense_is_told_of),
    TEST_WITH(workers_are_told_of_by_their_parent, TEST_PROCESSES, 0),
};
static const struct scene scenes[] = { SCENE(watchable) };
TEST_MAIN(tests, scenes)
