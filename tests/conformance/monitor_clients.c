/* Many who watch, slow ones, and some who do not behave: none of them makes a pool wait, and nobody is told anything
 * wrong. Reaches into the library for the other end. */
#include "monitor/publisher.h"
#include "pool_tasks.h"
#include "watch.h"

#define EVERYTHING (RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL | RECORD_WANTS_LOG | RECORD_WANTS_OBJECTS)
#define CROWD      8

static mproc_pool *start_with_pool(const char *name, int workers)
{
    mproc_pool *pool;
    mproc_pool_options options = { .name = name, .workers = workers, .max_restarts = 100000, .monitor_control = 1 };
    watch_use_own_place();
    CHECK_OK(mproc_pool_create(&pool, &options));
    CHECK_OK(mproc_monitor_start(NULL));
    return pool;
}

static void stop_with_pool(mproc_pool *pool)
{
    CHECK_OK(mproc_monitor_stop());
    CHECK_OK(mproc_pool_free(pool));
}

/* All at once, so that there is more to tell of than at a time is looked at. */
static void run_squares(mproc_pool *pool, int count)
{
    mproc_result **results = calloc((size_t)count, sizeof *results);
    CHECK(results != NULL);
    for (int i = 0; i < count; i++) {
        int value = i % 1000;
        CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(value), NULL, &results[i]));
    }
    for (int i = 0; i < count; i++) {
        int value;
        CHECK_OK(mproc_result_get(results[i], test_limit_ms(20000), &value, sizeof value, NULL));
        CHECK_EQ(value, (i % 1000) * (i % 1000));
        CHECK_OK(mproc_result_free(results[i]));
    }
    free(results);
}

static uint64_t all_ended(const struct watch_pool *pool)
{
    uint64_t sum = 0;
    for (int i = 0; i < 8; i++)
        sum += i == RECORD_END_RETRIED ? 0 : pool->ended[i];
    return sum;
}

static uint64_t told_and_lost(struct watch *watch, const char *name)
{
    return all_ended(watch_pool(watch, name)) + watch->lost[RECORD_CLASS_LIFE];
}

/* ---- Many ---- */

static void eight_at_once_are_told_the_same(void)
{
    mproc_pool *pool = start_with_pool("crowd", 2);
    struct watch *watches[CROWD];
    for (int i = 0; i < CROWD; i++)
        watches[i] = watch_open(os_self_pid(), EVERYTHING);
    run_squares(pool, 2000);
    for (int i = 0; i < CROWD; i++) {
        WATCH_UNTIL(watches[i], told_and_lost(watches[i], "crowd") == 2000);
        WATCH_UNTIL(watches[i], watch_pool(watches[i], "crowd")->counts.succeeded == 2000);
        watch_free(watches[i]);
    }
    stop_with_pool(pool);
}

/* Every attempt at a task is a death. */
static void workers_die_before_eight_who_watch(void)
{
    mproc_pool *pool = start_with_pool("deadly", 2);
    struct watch *watches[CROWD];
    mproc_result *results[30];
    mproc_pool_stats stats;
    for (int i = 0; i < CROWD; i++)
        watches[i] = watch_open(os_self_pid(), EVERYTHING);
    for (int i = 0; i < 30; i++)
        CHECK_OK(mproc_pool_apply_async(pool, i % 2 ? die : own_pid, MPROC_NO_ARGS, NULL, &results[i]));
    for (int i = 0; i < 30; i++) {
        mproc_result_wait(results[i], test_limit_ms(20000));
        CHECK_OK(mproc_result_free(results[i]));
    }
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.deaths, 15);
    for (int i = 0; i < CROWD; i++) {
        WATCH_UNTIL(watches[i], watch_pool(watches[i], "deadly")->counts.deaths == stats.deaths);
        WATCH_UNTIL(watches[i], told_and_lost(watches[i], "deadly") == 30);
        CHECK_EQ(watch_pool(watches[i], "deadly")->ended[RECORD_END_DIED], 15);
        CHECK(watch_pool(watches[i], "deadly")->cause[0] != '\0');
        watch_free(watches[i]);
    }
    stop_with_pool(pool);
}

static _Atomic bool done;

static void submit_on(void *pool)
{
    while (!atomic_load(&done))
        run_squares(pool, 100);
}

static void watchers_come_and_go_under_load(void)
{
    mproc_pool *pool = start_with_pool("busy", 2);
    os_thread *thread = os_thread_start(submit_on, pool);
    for (int i = 0; i < 20; i++) {
        struct watch *watch = watch_open(os_self_pid(), i % 2 ? EVERYTHING : 0);
        WATCH_UNTIL(watch, watch_pool(watch, "busy")->counts.succeeded > 0);
        CHECK(watch->stream != NULL);
        watch_free(watch);
    }
    atomic_store(&done, true);
    os_thread_join(thread);
    stop_with_pool(pool);
}

/* ---- Slow ---- */

static void what_a_slow_one_misses_is_counted(void)
{
    enum { TASKS = 12000 };
    mproc__publisher_limits.stuck_ns = INT64_C(1000000000000);
    mproc_pool *pool = start_with_pool("fast", 2);
    struct watch *watch = watch_open(os_self_pid(), RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL);
    run_squares(pool, TASKS);
    WAIT_UNTIL(!watch_read(watch, 50000) || told_and_lost(watch, "fast") == TASKS);
    CHECK(watch->lost[RECORD_CLASS_DETAIL] > 0);
    struct watch_pool *seen = watch_pool(watch, "fast");
    WATCH_UNTIL(watch, seen->items_queued + seen->items_begun + watch->lost[RECORD_CLASS_DETAIL] == 2 * TASKS);
    WATCH_UNTIL(watch, seen->counts.succeeded == TASKS);
    watch_free(watch);
    stop_with_pool(pool);
}

static void who_takes_nothing_is_disconnected(void)
{
    mproc__publisher_limits.stuck_ns = 200000000;
    mproc_pool *pool = start_with_pool("goes on", 2);
    struct watch *stuck = watch_open(os_self_pid(), EVERYTHING), *watch = watch_open(os_self_pid(), EVERYTHING);
    int64_t until = os_now_ms() + test_limit_ms(25000);
    while (mproc__publisher_watchers() > 1 && os_now_ms() < until) {
        run_squares(pool, 500);
        CHECK(watch_poll(watch));
    }
    CHECK_EQ(mproc__publisher_watchers(), 1);
    WAIT_UNTIL(!watch_poll(stuck));
    CHECK_EQ(stuck->frames[RECORD_ENDED], 0);
    watch_free(stuck);
    watch_free(watch);
    stop_with_pool(pool);
}

/* ---- Who changes his mind ---- */

#define TASK_EVENTS (RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL)

/* What he says is done in its order. */
static void be_heard(struct watch *watch)
{
    uint64_t replies = watch->frames[RECORD_REPLY];
    watch_say(watch, RECORD_CONTROL, &(struct record_control){ .worker = -1 });
    WATCH_UNTIL(watch, watch->frames[RECORD_REPLY] > replies);
}

static void want_less(struct watch *watch, uint32_t wants)
{
    uint64_t snapshots = watch->frames[RECORD_SNAPSHOT_BEGIN];
    watch_say(watch, RECORD_WANTS, &(struct record_wants){ .wants = wants });
    be_heard(watch);
    CHECK_EQ(watch->frames[RECORD_SNAPSHOT_BEGIN], snapshots);
}

static void want_more(struct watch *watch, uint32_t wants)
{
    uint64_t snapshots = watch->frames[RECORD_SNAPSHOT_END];
    watch_say(watch, RECORD_WANTS, &(struct record_wants){ .wants = wants });
    WATCH_UNTIL(watch, watch->frames[RECORD_SNAPSHOT_END] > snapshots);
}

/* What was told or lost of tasks that come and begin: two of each. */
static uint64_t details_of(struct watch *watch, const char *name)
{
    struct watch_pool *pool = watch_pool(watch, name);
    return pool->items_queued + pool->items_begun + watch->lost[RECORD_CLASS_DETAIL];
}

static void check_told(struct watch *watch, const char *name, uint64_t ends, uint64_t details)
{
    WATCH_UNTIL(watch, told_and_lost(watch, name) >= ends && details_of(watch, name) >= details);
    be_heard(watch);
    CHECK_EQ(told_and_lost(watch, name), ends);
    CHECK_EQ(details_of(watch, name), details);
}

static void one_of_two_changes_his_mind_and_is_told_that(void)
{
    enum { TASKS = 100 };
    mproc_pool *pool = start_with_pool("minds", 2);
    struct watch *steady = watch_open(os_self_pid(), TASK_EVENTS), *other = watch_open(os_self_pid(), 0);
    CHECK(steady->greeting.capabilities & RECORD_CAN_WANT);
    run_squares(pool, TASKS);
    check_told(steady, "minds", TASKS, 2 * TASKS);
    check_told(other, "minds", 0, 0);
    want_more(other, TASK_EVENTS);
    run_squares(pool, TASKS);
    check_told(steady, "minds", 2 * TASKS, 4 * TASKS);
    check_told(other, "minds", TASKS, 2 * TASKS);
    want_less(other, RECORD_WANTS_LIFE);
    run_squares(pool, TASKS);
    check_told(steady, "minds", 3 * TASKS, 6 * TASKS);
    check_told(other, "minds", 2 * TASKS, 2 * TASKS);
    want_less(other, 0);
    run_squares(pool, TASKS);
    check_told(steady, "minds", 4 * TASKS, 8 * TASKS);
    check_told(other, "minds", 2 * TASKS, 2 * TASKS);
    WATCH_UNTIL(other, watch_pool(other, "minds")->counts.succeeded == 4 * TASKS);
    CHECK_EQ(steady->frames[RECORD_SNAPSHOT_BEGIN], 1);
    watch_free(steady);
    watch_free(other);
    stop_with_pool(pool);
}

static void who_alone_wants_detail_is_told_it_again_and_again(void)
{
    enum { TASKS = 100 };
    mproc_pool *pool = start_with_pool("again", 2);
    struct watch *steady = watch_open(os_self_pid(), RECORD_WANTS_LIFE);
    struct watch *other = watch_open(os_self_pid(), RECORD_WANTS_LIFE);
    for (uint64_t i = 1; i <= 3; i++) {
        want_more(other, TASK_EVENTS);
        run_squares(pool, TASKS);
        check_told(other, "again", (2 * i - 1) * TASKS, 2 * i * TASKS);
        want_less(other, RECORD_WANTS_LIFE);
        run_squares(pool, TASKS);
        check_told(other, "again", 2 * i * TASKS, 2 * i * TASKS);
        check_told(steady, "again", 2 * i * TASKS, 0);
    }
    watch_free(steady);
    watch_free(other);
    stop_with_pool(pool);
}

static void locks_are_told_to_who_wants_them_now(void)
{
    mproc_lock lock;
    CHECK_OK(mproc_lock_create(&lock, &(mproc_lock_options){ .name = "of the test" }));
    mproc_pool *pool = start_with_pool("calm", 1);
    struct watch *steady = watch_open(os_self_pid(), RECORD_WANTS_OBJECTS), *other = watch_open(os_self_pid(), 0);
    CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
    WATCH_UNTIL(steady, steady->object.holder_pid == os_self_pid());
    be_heard(other);
    CHECK_EQ(other->frames[RECORD_OBJECT], 0);
    want_more(other, RECORD_WANTS_OBJECTS);
    CHECK_STR(other->object_name, "of the test");
    CHECK_EQ(other->object.holder_pid, os_self_pid());
    want_less(other, 0);
    uint64_t told = other->frames[RECORD_OBJECT];
    CHECK_OK(mproc_lock_release(lock));
    WATCH_UNTIL(steady, steady->object.holder_pid == 0);
    be_heard(other);
    CHECK_EQ(other->frames[RECORD_OBJECT], told);
    /* Now nobody does, and all of them are forgotten. */
    want_less(steady, 0);
    want_more(other, RECORD_WANTS_OBJECTS);
    WATCH_UNTIL(other, other->object.holder_pid == 0);
    told = steady->frames[RECORD_OBJECT];
    CHECK_OK(mproc_lock_destroy(lock));
    WATCH_UNTIL(other, other->object.destroyed);
    be_heard(steady);
    CHECK_EQ(steady->frames[RECORD_OBJECT], told);
    watch_free(steady);
    watch_free(other);
    stop_with_pool(pool);
}

static void deaths_of_before_are_told_to_who_wants_them_now(void)
{
    mproc_result *result;
    mproc_pool *pool = start_with_pool("deadly", 2);
    struct watch *steady = watch_open(os_self_pid(), RECORD_WANTS_LIFE), *other = watch_open(os_self_pid(), 0);
    CHECK_OK(mproc_pool_apply_async(pool, die, MPROC_NO_ARGS, NULL, &result));
    mproc_result_wait(result, test_limit_ms(20000));
    CHECK_OK(mproc_result_free(result));
    struct watch_pool *seen = watch_pool(steady, "deadly");
    WATCH_UNTIL(steady, seen->deaths == 1 && seen->counts.restarts == 1 && seen->counts.workers == 2);
    be_heard(steady);
    uint64_t told = steady->frames[RECORD_DEATH];
    CHECK_EQ(watch_pool(other, "deadly")->deaths, 0);
    want_more(other, RECORD_WANTS_LIFE);
    CHECK_EQ(watch_pool(other, "deadly")->deaths, 1);
    CHECK(watch_pool(other, "deadly")->cause[0] != '\0');
    be_heard(steady);
    CHECK_EQ(steady->frames[RECORD_DEATH], told);
    watch_free(steady);
    watch_free(other);
    stop_with_pool(pool);
}

static void what_one_missed_who_wants_less_now_is_counted(void)
{
    enum { TASKS = 12000, MORE = 100 };
    mproc__publisher_limits.stuck_ns = INT64_C(1000000000000);
    mproc_pool *pool = start_with_pool("fast", 2);
    struct watch *watch = watch_open(os_self_pid(), TASK_EVENTS);
    run_squares(pool, TASKS);
    /* All of it is on the way to him, or is not. */
    uint64_t looks = mproc__publisher_looks();
    WAIT_UNTIL(mproc__publisher_looks() > looks + 2);
    want_less(watch, RECORD_WANTS_LIFE);
    CHECK(watch->lost[RECORD_CLASS_DETAIL] > 0);
    check_told(watch, "fast", TASKS, 2 * TASKS);
    run_squares(pool, MORE);
    check_told(watch, "fast", TASKS + MORE, 2 * TASKS);
    watch_free(watch);
    stop_with_pool(pool);
}

/* ---- Not well-behaved ---- */

static void say_number(unsigned char *bytes, uint64_t number, size_t width)
{
    for (size_t i = 0; i < width; i++)
        bytes[i] = (unsigned char)(number >> 8 * i);
}

static void say_frame(struct watch *watch, uint32_t size, uint16_t type, uint64_t sequence)
{
    unsigned char bytes[WIRE_HEADER_SIZE + 32] = { 0 };
    say_number(bytes, size, 4);
    say_number(bytes + 4, type, 2);
    say_number(bytes + 8, sequence, 8);
    watch_say_bytes(watch, bytes, sizeof bytes);
}

static void check_disconnected(struct watch *watch)
{
    WAIT_UNTIL(!watch_poll(watch));
    CHECK_EQ(watch->frames[RECORD_SNAPSHOT_END], 0);
    watch_free(watch);
}

static void what_is_no_frame_ends_the_connection(void)
{
    static const uint32_t sizes[] = { 0, 1, WIRE_HEADER_SIZE - 1, WIRE_CLIENT_MAX + 1, WIRE_FRAME_MAX, UINT32_MAX };
    mproc_pool *pool = start_with_pool("calm", 1);
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        struct watch *watch = watch_connect(os_self_pid());
        say_frame(watch, sizes[i], RECORD_HELLO, 1);
        check_disconnected(watch);
    }
    for (unsigned seed = 1; seed < 20; seed++) {
        unsigned char noise[4096];
        unsigned next = seed;
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (unsigned char)test_random(&next);
        struct watch *watch = watch_connect(os_self_pid());
        watch_say_bytes(watch, noise, sizeof noise);
        check_disconnected(watch);
    }
    run_squares(pool, 10);
    stop_with_pool(pool);
}

static void nothing_comes_before_hello(void)
{
    mproc_pool *pool = start_with_pool("calm", 1);
    static const enum record_type early[] = { RECORD_RESYNC, RECORD_CONTROL, RECORD_WANTS, RECORD_POOL };
    for (size_t i = 0; i < TEST_COUNT(early); i++) {
        struct watch *watch = watch_connect(os_self_pid());
        say_frame(watch, WIRE_HEADER_SIZE + 32, (uint16_t)early[i], 1);
        check_disconnected(watch);
    }
    stop_with_pool(pool);
}

static void hello_may_come_in_pieces(void)
{
    unsigned char bytes[256];
    mproc_pool *pool = start_with_pool("calm", 1);
    const struct record_hello hello = { .version = RECORD_VERSION, .name = record_text_of("slow\x1b[2J") };
    const struct wire_frame frame = { .type = RECORD_HELLO, .sequence = 7 };
    size_t size = mproc__wire_encode(bytes, sizeof bytes, &frame, &hello);
    struct watch *watch = watch_connect(os_self_pid());
    for (size_t i = 0; i < size; i++) {
        watch_say_bytes(watch, bytes + i, 1);
        os_sleep_ms(i % 16 == 0);
    }
    WATCH_UNTIL(watch, watch->frames[RECORD_SNAPSHOT_END] > 0);
    CHECK(watch_find(watch, "calm") != 0);
    /* The same number again. */
    watch_say_bytes(watch, bytes, size);
    WAIT_UNTIL(!watch_poll(watch));
    watch_free(watch);
    stop_with_pool(pool);
}

static void crowds_of_connections_keep_nobody_out_for_long(void)
{
    mproc_pool *pool = start_with_pool("calm", 1);
    for (int i = 0; i < 200; i++)
        watch_free(watch_connect(os_self_pid()));
    struct watch *silent[20];
    for (int i = 0; i < 20; i++)
        silent[i] = watch_connect(os_self_pid());
    struct watch *watch = watch_open(os_self_pid(), EVERYTHING);
    CHECK(watch_find(watch, "calm") != 0);
    watch_free(watch);
    for (int i = 0; i < 20; i++)
        watch_free(silent[i]);
    stop_with_pool(pool);
}

/* The thread looks by the clock, however much is said to it. */
static void who_talks_all_the_time_does_not_hasten_it(void)
{
    const struct record_resync resync = { 0 };
    mproc_pool *pool = start_with_pool("calm", 1);
    struct watch *watch = watch_open(os_self_pid(), 0), *talker = watch_open(os_self_pid(), EVERYTHING);
    uint64_t looks = mproc__publisher_looks();
    int64_t before = platform_now_ns();
    for (int i = 0; i < 300 && watch_poll(talker); i++)
        watch_say(talker, RECORD_RESYNC, &resync);
    WATCH_UNTIL(talker, mproc__publisher_looks() > looks + 3);
    looks = mproc__publisher_looks() - looks;
    CHECK_LE(looks, (platform_now_ns() - before) / PUBLISHER_INTERVAL_NS + 2);
    run_squares(pool, 10);
    WATCH_UNTIL(watch, watch_pool(watch, "calm")->counts.succeeded == 10);
    watch_free(talker);
    watch_free(watch);
    stop_with_pool(pool);
}

/* As fast as it is taken. */
static void waver(void *watch)
{
    for (uint32_t i = 0; !atomic_load(&done) && watch_poll(watch); i++)
        watch_say(watch, RECORD_WANTS, &(struct record_wants){ .wants = i % 2 ? EVERYTHING : i });
}

static void who_changes_his_mind_all_the_time_takes_nothing_from_others(void)
{
    enum { TASKS = 3000 };
    mproc_pool *pool = start_with_pool("firm", 2);
    struct watch *watch = watch_open(os_self_pid(), RECORD_WANTS_LIFE);
    struct watch *fickle = watch_open(os_self_pid(), EVERYTHING);
    uint64_t looks = mproc__publisher_looks();
    int64_t before = platform_now_ns();
    os_thread *thread = os_thread_start(waver, fickle);
    run_squares(pool, TASKS);
    WATCH_UNTIL(watch, told_and_lost(watch, "firm") == TASKS);
    WATCH_UNTIL(watch, watch_pool(watch, "firm")->counts.succeeded == TASKS);
    CHECK_LE(mproc__publisher_looks() - looks, (platform_now_ns() - before) / PUBLISHER_INTERVAL_NS + 2);
    atomic_store(&done, true);
    os_thread_join(thread);
    CHECK(watch_poll(fickle));
    WATCH_UNTIL(fickle, watch_pool(fickle, "firm")->counts.succeeded == TASKS);
    watch_free(fickle);
    watch_free(watch);
    stop_with_pool(pool);
}

/* Each time through all that wait, of which there are more than one look goes through. */
static void who_cancels_all_the_time_does_not_keep_others_from_being_told(void)
{
    enum { MANY = 60000, DEEDS = 8 };
    mproc_pool *pool = start_with_pool("long", 1);
    CHECK_OK(mproc_pool_pause(pool));
    for (int i = 0; i < MANY; i++)
        CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(i), NULL, NULL));
    struct watch *watch = watch_open(os_self_pid(), 0);
    const struct record_control cancel = {
        .verb = RECORD_VERB_CANCEL_TASK, .pool = watch_find(watch, "long"), .worker = -1, .task = UINT64_MAX
    };
    uint64_t looks = mproc__publisher_looks();
    for (int i = 0; i < DEEDS; i++)
        watch_say(watch, RECORD_CONTROL, &cancel);
    WATCH_UNTIL(watch, watch->frames[RECORD_REPLY] == DEEDS);
    CHECK_EQ(watch->reply.code, MPROC_E_NOT_FOUND);
    CHECK_LE(looks + 3 * (uint64_t)DEEDS, mproc__publisher_looks());
    watch_free(watch);
    CHECK_EQ(mproc_pool_cancel_queued(pool), MANY);
    stop_with_pool(pool);
}

static const struct test tests[] = {
    TEST(eight_at_once_are_told_the_same),
    TEST(workers_die_before_eight_who_watch),
    TEST(watchers_come_and_go_under_load),
    TEST(what_a_slow_one_misses_is_counted),
    TEST(who_takes_nothing_is_disconnected),
    TEST(one_of_two_changes_his_mind_and_is_told_that),
    TEST(who_alone_wants_detail_is_told_it_again_and_again),
    TEST(locks_are_told_to_who_wants_them_now),
    TEST(deaths_of_before_are_told_to_who_wants_them_now),
    TEST(what_one_missed_who_wants_less_now_is_counted),
    TEST(what_is_no_frame_ends_the_connection),
    TEST(nothing_comes_before_hello),
    TEST(hello_may_come_in_pieces),
    TEST(crowds_of_connections_keep_nobody_out_for_long),
    TEST(who_talks_all_the_time_does_not_hasten_it),
    TEST(who_changes_his_mind_all_the_time_takes_nothing_from_others),
    TEST(who_cancels_all_the_time_does_not_keep_others_from_being_told),
};
TEST_MAIN_PLAIN(tests)
