/* What onlookers see of locks and queues: who holds, who waits, where and for what, how full they are. Reaches into
 * core: there is no connection between who looks and what is looked at but the memory of the family. */
#include "monitor/objects.h"
#include "test.h"
#include "trace/record.h"
#include "watch.h"

/* ---- Who looks ---- */

#define SEEN_MAX 2048
#define TEXT_MAX 128

struct seen_object {
    struct record_object record;
    char name[TEXT_MAX], place[TEXT_MAX];
};

struct seen_waiter {
    struct record_waiter record;
    char place[TEXT_MAX];
};

static struct {
    struct seen_object objects[SEEN_MAX];
    struct seen_waiter waiters[SEEN_MAX];
    size_t object_count, waiter_count;
} seen;

static void keep(char text[TEXT_MAX], const struct record_text *from)
{
    CHECK(from->size < TEXT_MAX);
    snprintf(text, TEXT_MAX, "%.*s", (int)from->size, from->data);
}

static void see(void *user, enum record_type type, const void *record)
{
    (void)user;
    if (type == RECORD_OBJECT) {
        CHECK(seen.object_count < SEEN_MAX);
        struct seen_object *object = &seen.objects[seen.object_count++];
        object->record = *(const struct record_object *)record;
        keep(object->name, &object->record.name);
        keep(object->place, &object->record.place);
    } else {
        CHECK_EQ(type, RECORD_WAITER);
        CHECK(seen.waiter_count < SEEN_MAX);
        struct seen_waiter *waiter = &seen.waiters[seen.waiter_count++];
        waiter->record = *(const struct record_waiter *)record;
        keep(waiter->place, &waiter->record.place);
    }
}

static void look(void)
{
    seen.object_count = seen.waiter_count = 0;
    mproc__objects_observe(see, NULL);
}

static const struct seen_object *object_named(const char *name)
{
    for (size_t i = 0; i < seen.object_count; i++)
        if (strcmp(seen.objects[i].name, name) == 0)
            return &seen.objects[i];
    return NULL;
}

/* Looks. */
static const struct seen_object *look_at(const char *name)
{
    look();
    return object_named(name);
}

static const struct seen_waiter *waiter_for(const struct seen_object *object)
{
    for (size_t i = 0; object != NULL && i < seen.waiter_count; i++)
        if (seen.waiters[i].record.object == object->record.object && !seen.waiters[i].record.gone)
            return &seen.waiters[i];
    return NULL;
}

/* Looks for somebody who waits for the object of that name in that way. */
static bool is_waited_for(const char *name, enum record_wait wait, int64_t pid)
{
    const struct seen_waiter *waiter = waiter_for(look_at(name));
    return waiter != NULL && waiter->record.wait == wait && waiter->record.pid == pid;
}

static void stop_looking(void)
{
    mproc__objects_end();
}

/* ---- Those who are looked at ---- */

struct things {
    mproc_lock lock, other;
    mproc_rlock rlock;
    mproc_semaphore semaphore, tracked;
    mproc_condition condition;
    mproc_event event;
    mproc_barrier barrier;
    mproc_queue queue;
    mproc_connection first, second;
    int step;
};

static struct things make_things(void)
{
    struct things things = { .step = 0 };
    CHECK_OK(mproc_lock_create(&things.lock, &(mproc_lock_options){ .name = "a lock" }));
    CHECK_OK(mproc_lock_create(&things.other, &(mproc_lock_options){ .name = "other" }));
    CHECK_OK(mproc_rlock_create(&things.rlock, &(mproc_rlock_options){ .name = "an rlock" }));
    CHECK_OK(mproc_semaphore_create(&things.semaphore, 3,
                                    &(mproc_semaphore_options){ .name = "a semaphore", .bounded = true }));
    CHECK_OK(mproc_semaphore_create(&things.tracked, 1,
                                    &(mproc_semaphore_options){ .name = "tracked", .track_owners = true }));
    CHECK_OK(mproc_condition_create(&things.condition, &(mproc_condition_options){ .name = "a condition" }));
    CHECK_OK(mproc_event_create(&things.event, &(mproc_event_options){ .name = "an event" }));
    CHECK_OK(mproc_barrier_create(&things.barrier, 2, &(mproc_barrier_options){ .name = "a barrier" }));
    CHECK_OK(mproc_queue_create(&things.queue, &(mproc_queue_options){ .name = "a queue", .capacity = 2 }));
    CHECK_OK(mproc_pipe_create(&things.first, &things.second, &(mproc_pipe_options){ .name = "a pipe" }));
    return things;
}

static void destroy_things(const struct things *things)
{
    CHECK_OK(mproc_lock_destroy(things->lock));
    CHECK_OK(mproc_lock_destroy(things->other));
    CHECK_OK(mproc_rlock_destroy(things->rlock));
    CHECK_OK(mproc_semaphore_destroy(things->semaphore));
    CHECK_OK(mproc_semaphore_destroy(things->tracked));
    CHECK_OK(mproc_condition_destroy(things->condition));
    CHECK_OK(mproc_event_destroy(things->event));
    CHECK_OK(mproc_barrier_destroy(things->barrier));
    CHECK_OK(mproc_queue_destroy(things->queue));
    CHECK_OK(mproc_connection_close(things->first));
    CHECK_OK(mproc_connection_close(things->second));
}

static struct things read_things(mproc_task *task)
{
    struct things things;
    CHECK_OK(mproc_task_read(task, &things, sizeof things));
    return things;
}

static mproc_process *start_with(mproc_task_fn *function, struct things *things, int step)
{
    things->step = step;
    return test_start(function, (mproc_view){ things, sizeof *things });
}

/* ---- Holding and waiting ---- */

static int hold_lock(mproc_task *task)
{
    struct things things = read_things(task);
    CHECK_OK(mproc_lock_acquire(things.lock, MPROC_FOREVER));
    test_stay(task);
    CHECK_OK(mproc_lock_release(things.lock));
    return 0;
}

static int wait_for_lock(mproc_task *task)
{
    struct things things = read_things(task);
    CHECK_OK(mproc_lock_acquire(things.lock, MPROC_FOREVER));
    CHECK_OK(mproc_lock_release(things.lock));
    return 0;
}

static bool is_held_by(const char *name, int64_t pid)
{
    const struct seen_object *object = look_at(name);
    return object != NULL && object->record.holder_pid == pid;
}

static bool has_places(const char *name)
{
    const struct seen_object *object = look_at(name);
    const struct seen_waiter *waiter = waiter_for(object);
    return waiter != NULL && strstr(object->place, "hold_lock") != NULL &&
           strstr(waiter->place, "wait_for_lock") != NULL;
}

static void a_lock_shows_its_holder_and_who_waits_with_their_places(void)
{
    struct things things = make_things();
    mproc_process *holder = start_with(hold_lock, &things, 0);
    WAIT_UNTIL(is_held_by("a lock", test_pid(holder)));
    mproc_process *waiter = start_with(wait_for_lock, &things, 0);
    WAIT_UNTIL(is_waited_for("a lock", RECORD_WAIT_TAKE, test_pid(waiter)));
    const struct seen_object *object = object_named("a lock");
    int64_t held_since_ns = object->record.held_since_ns, since_ns = waiter_for(object)->record.since_ns;
    CHECK(object->record.holder != 0 && object->record.waiters == 1);
    CHECK(held_since_ns > 0 && since_ns > 0);
    WAIT_UNTIL(has_places("a lock"));
    /* Neither time moves while nothing changes. */
    CHECK_EQ(object_named("a lock")->record.held_since_ns, held_since_ns);
    CHECK_EQ(waiter_for(object_named("a lock"))->record.since_ns, since_ns);
    test_let_go();
    CHECK_EQ(test_finish(holder), 0);
    CHECK_EQ(test_finish(waiter), 0);
    WAIT_UNTIL(is_held_by("a lock", 0) && object_named("a lock")->record.waiters == 0);
    CHECK_EQ(object_named("a lock")->record.contended, 1);
    destroy_things(&things);
    stop_looking();
}

/* What waits for each of them; its place among these is its step. */
static const struct {
    const char *name;
    enum record_wait wait;
} waits[] = {
    { "a lock", RECORD_WAIT_TAKE },    { "an rlock", RECORD_WAIT_TAKE },    { "a semaphore", RECORD_WAIT_TAKE },
    { "tracked", RECORD_WAIT_TAKE },   { "a condition", RECORD_WAIT_WAIT }, { "an event", RECORD_WAIT_WAIT },
    { "a barrier", RECORD_WAIT_WAIT }, { "a queue", RECORD_WAIT_GET },      { "a queue", RECORD_WAIT_PUT },
    { "a pipe", RECORD_WAIT_GET },
};

static int wait_at(const struct things *things)
{
    char bytes[8] = "";
    size_t size;
    switch (things->step) {
    case 0:
        return mproc_lock_acquire(things->lock, MPROC_FOREVER);
    case 1:
        return mproc_rlock_acquire(things->rlock, MPROC_FOREVER);
    case 2:
        return mproc_semaphore_acquire(things->semaphore, MPROC_FOREVER);
    case 3:
        return mproc_semaphore_acquire(things->tracked, MPROC_FOREVER);
    case 4:
        CHECK_OK(mproc_condition_acquire(things->condition, MPROC_FOREVER));
        return mproc_condition_wait(things->condition, MPROC_FOREVER);
    case 5:
        return mproc_event_wait(things->event, MPROC_FOREVER);
    case 6:
        return mproc_barrier_wait(things->barrier, MPROC_FOREVER, NULL);
    case 7:
        return mproc_queue_get(things->queue, MPROC_FOREVER, bytes, sizeof bytes, &size);
    case 8:
        for (;;)
            CHECK_OK(mproc_queue_put(things->queue, bytes, sizeof bytes, MPROC_FOREVER));
    default:
        return mproc_connection_recv(things->first, MPROC_FOREVER, bytes, sizeof bytes, &size);
    }
}

static int wait_for_one(mproc_task *task)
{
    struct things things = read_things(task);
    return wait_at(&things);
}

/* All that somebody could wait for is taken, by a child that is killed at the end. */
static int take_all(mproc_task *task)
{
    struct things things = read_things(task);
    CHECK_OK(mproc_lock_acquire(things.lock, 0));
    CHECK_OK(mproc_rlock_acquire(things.rlock, 0));
    CHECK_OK(mproc_rlock_acquire(things.rlock, 0));
    for (int i = 0; i < 3; i++)
        CHECK_OK(mproc_semaphore_acquire(things.semaphore, 0));
    CHECK_OK(mproc_semaphore_acquire(things.tracked, 0));
    test_board()[1] = 1;
    return test_stay(task);
}

/* By the step: for ever, or for so long that no test sees the end of it. */
static int wait_with_patience(mproc_task *task)
{
    const struct things things = read_things(task);
    int64_t most_ms = things.step == 0 ? MPROC_FOREVER : 3600000;
    return mproc_lock_acquire(things.lock, most_ms);
}

static void end(mproc_process *process)
{
    CHECK_OK(mproc_process_kill(process));
    test_finish(process);
}

static void every_wait_is_seen_and_says_what_for(void)
{
    struct things things = make_things();
    mproc_process *holder = start_with(take_all, &things, 0);
    WAIT_UNTIL(test_board()[1] == 1);
    for (int step = 0; step < (int)(sizeof waits / sizeof *waits); step++) {
        mproc_process *waiter = start_with(wait_for_one, &things, step);
        WAIT_UNTIL(is_waited_for(waits[step].name, waits[step].wait, test_pid(waiter)));
        end(waiter);
        WAIT_UNTIL(waiter_for(look_at(waits[step].name)) == NULL);
    }
    end(holder);
    WAIT_UNTIL(is_held_by("a lock", 0) && is_held_by("an rlock", 0) && is_held_by("tracked", 0));
    stop_looking();
}

static void who_waits_for_so_long_only_is_told_from_who_waits_for_ever(void)
{
    static const enum record_patience patiences[] = { RECORD_PATIENCE_FOREVER, RECORD_PATIENCE_LIMITED };
    struct things things = make_things();
    mproc_process *holder = start_with(take_all, &things, 0);
    WAIT_UNTIL(test_board()[1] == 1);
    for (int step = 0; step < 2; step++) {
        mproc_process *waiter = start_with(wait_with_patience, &things, step);
        WAIT_UNTIL(is_waited_for("a lock", RECORD_WAIT_TAKE, test_pid(waiter)));
        CHECK_EQ(waiter_for(object_named("a lock"))->record.patience, patiences[step]);
        end(waiter);
        WAIT_UNTIL(waiter_for(look_at("a lock")) == NULL);
    }
    end(holder);
    stop_looking();
}

static int take_lock(mproc_task *task)
{
    struct things things = read_things(task);
    int code = mproc_lock_acquire(things.lock, MPROC_FOREVER);
    CHECK_OK(mproc_lock_release(things.lock));
    return code;
}

static int take_and_give_back(mproc_task *task)
{
    struct things things = read_things(task);
    CHECK_OK(mproc_lock_acquire(things.lock, 0));
    CHECK_OK(mproc_semaphore_acquire(things.tracked, 0));
    CHECK_OK(mproc_lock_release(things.lock));
    return mproc_semaphore_release(things.tracked);
}

static bool is_abandoned(const char *name)
{
    return look_at(name)->record.abandoned;
}

static void what_its_holder_died_with_is_told_from_what_he_gave_back(void)
{
    static const char *const names[] = { "a lock", "an rlock", "tracked" };
    struct things things = make_things();
    mproc_process *holder = start_with(take_and_give_back, &things, 0);
    CHECK_EQ(test_finish(holder), 0);
    WAIT_UNTIL(look_at("tracked") != NULL && object_named("a lock") != NULL && object_named("an rlock") != NULL);
    for (int i = 0; i < 3; i++)
        CHECK(!is_abandoned(names[i]));
    holder = start_with(take_all, &things, 0);
    WAIT_UNTIL(test_board()[1] == 1);
    for (int i = 0; i < 3; i++)
        CHECK(!is_abandoned(names[i]) && object_named(names[i])->record.holder_pid == test_pid(holder));
    end(holder);
    for (int i = 0; i < 3; i++)
        WAIT_UNTIL(is_abandoned(names[i]) && object_named(names[i])->record.holder_pid == 0);
    /* Until somebody takes it. */
    CHECK_EQ(test_finish(start_with(take_lock, &things, 0)), MPROC_OWNER_DIED);
    CHECK(!is_abandoned("a lock"));
    CHECK(is_abandoned("an rlock"));
    stop_looking();
}

static void figures_are_those_of_the_object(void)
{
    struct things things = make_things();
    mproc_process *holder = start_with(take_all, &things, 0);
    WAIT_UNTIL(test_board()[1] == 1);
    CHECK_OK(mproc_queue_put(things.queue, "x", 1, 0));
    CHECK_OK(mproc_queue_put(things.queue, "y", 1, 0));
    char byte[1];
    CHECK_OK(mproc_queue_get(things.queue, 0, byte, 1, NULL));
    CHECK_OK(mproc_connection_send(things.first, "12345678", 8, 0));
    CHECK_OK(mproc_event_set(things.event));
    WAIT_UNTIL(look_at("an rlock") != NULL && object_named("an rlock")->record.depth == 2);
    CHECK_EQ(object_named("an rlock")->record.holder_pid, test_pid(holder));
    CHECK_EQ(object_named("a semaphore")->record.depth, 0);
    CHECK_EQ(object_named("a semaphore")->record.limit, 3);
    CHECK_EQ(object_named("tracked")->record.holder_pid, test_pid(holder));
    CHECK_EQ(object_named("a queue")->record.depth, 1);
    CHECK_EQ(object_named("a queue")->record.limit, 2);
    CHECK_EQ(object_named("a queue")->record.taken, 1);
    CHECK(object_named("a pipe")->record.depth >= 8);
    CHECK_EQ(object_named("an event")->record.depth, 1);
    CHECK_EQ(object_named("a barrier")->record.limit, 2);
    CHECK_EQ(object_named("a condition")->record.kind, RECORD_OBJECT_CONDITION);
    end(holder);
    stop_looking();
}

/* ---- A deadlock ---- */

static int take_two(mproc_task *task)
{
    struct things things = read_things(task);
    bool swapped = things.step == 2;
    mproc_lock first = swapped ? things.other : things.lock, second = swapped ? things.lock : things.other;
    CHECK_OK(mproc_lock_acquire(first, MPROC_FOREVER));
    test_board()[things.step] = 1;
    while (test_board()[3 - things.step] == 0)
        os_sleep_ms(1);
    /* Not in the way that compilers make a jump of, which returns to whoever called this. */
    int code = mproc_lock_acquire(second, MPROC_FOREVER);
    test_board()[3] = code;
    return code;
}

static bool is_circle(int64_t one, int64_t two)
{
    look();
    const struct seen_object *lock = object_named("a lock"), *other = object_named("other");
    const struct seen_waiter *for_lock = waiter_for(lock), *for_other = waiter_for(other);
    return for_lock != NULL && for_other != NULL && lock->record.holder_pid == one && other->record.holder_pid == two &&
           for_lock->record.pid == two && for_other->record.pid == one &&
           lock->record.holder == for_other->record.thread && other->record.holder == for_lock->record.thread &&
           strstr(lock->place, "take_two") != NULL && strstr(for_lock->place, "take_two") != NULL;
}

static void a_circle_of_holders_and_waiters_is_seen_whole(void)
{
    struct things things = make_things();
    mproc_process *one = start_with(take_two, &things, 1), *two = start_with(take_two, &things, 2);
    WAIT_UNTIL(is_circle(test_pid(one), test_pid(two)));
    end(one);
    CHECK_EQ(test_finish(two), MPROC_OWNER_DIED);
    stop_looking();
}

/* ---- As a client is told of it ---- */

static bool is_told(struct watch *watch, int64_t holder, int64_t waiter)
{
    CHECK(watch_poll(watch));
    return strcmp(watch->object_name, "held") == 0 && watch->object.holder_pid == holder &&
           watch->object.waiters == 1 && watch->waiter.pid == waiter && watch->waiter.object == watch->object.object &&
           strstr(watch->waiter_place, "wait_for_lock") != NULL;
}

static void a_client_is_told_of_locks_if_it_wants_to_be(void)
{
    struct things things = { .step = 0 };
    watch_use_own_place();
    CHECK_OK(mproc_lock_create(&things.lock, &(mproc_lock_options){ .name = "held" }));
    mproc_process *holder = start_with(hold_lock, &things, 0);
    while (!mproc_lock_is_locked(things.lock))
        os_sleep_ms(1);
    mproc_process *waiter = start_with(wait_for_lock, &things, 0);
    CHECK_OK(mproc_monitor_start(NULL));
    struct watch *watch = watch_open(os_self_pid(), RECORD_WANTS_OBJECTS), *other = watch_open(os_self_pid(), 0);
    WAIT_UNTIL(is_told(watch, test_pid(holder), test_pid(waiter)));
    /* Elsewhere a tool is asked, which may not be there. */
    if (test_is_windows())
        CHECK_CONTAINS(watch->waiter_place, "object_looks.c:");
    test_let_go();
    CHECK_EQ(test_finish(holder), 0);
    CHECK_EQ(test_finish(waiter), 0);
    WAIT_UNTIL(watch_poll(watch) && watch->waiter.gone && watch->object.holder_pid == 0);
    CHECK_OK(mproc_lock_destroy(things.lock));
    WAIT_UNTIL(watch_poll(watch) && watch->object.destroyed);
    CHECK(watch_poll(other));
    CHECK_EQ(other->frames[RECORD_OBJECT] + other->frames[RECORD_WAITER], 0);
    watch_free(watch);
    watch_free(other);
    CHECK_OK(mproc_monitor_stop());
}

/* ---- Coming and going ---- */

static void only_objects_with_names_are_told_of(void)
{
    mproc_lock named, nameless;
    CHECK_OK(mproc_lock_create(&nameless, NULL));
    CHECK_OK(mproc_lock_create(&named, &(mproc_lock_options){ .name = "named" }));
    WAIT_UNTIL(look_at("named") != NULL);
    CHECK_EQ(seen.object_count, 1);
    CHECK_OK(mproc_lock_destroy(named));
    CHECK_OK(mproc_lock_destroy(nameless));
    stop_looking();
}

static void the_end_of_an_object_is_told_once(void)
{
    mproc_lock lock;
    CHECK_OK(mproc_lock_create(&lock, &(mproc_lock_options){ .name = "short" }));
    WAIT_UNTIL(look_at("short") != NULL);
    uint64_t number = object_named("short")->record.object;
    CHECK(!object_named("short")->record.destroyed);
    CHECK_OK(mproc_lock_destroy(lock));
    CHECK_OK(mproc_lock_create(&lock, &(mproc_lock_options){ .name = "next" }));
    look();
    CHECK(object_named("short") != NULL && object_named("short")->record.destroyed);
    CHECK_EQ(object_named("short")->record.object, number);
    WAIT_UNTIL(look_at("next") != NULL);
    CHECK(object_named("short") == NULL && object_named("next")->record.object != number);
    CHECK_OK(mproc_lock_destroy(lock));
    stop_looking();
}

static void very_many_objects_are_told_of_in_part_and_in_bounded_time(void)
{
    enum { LOCKS = 6000 };
    static mproc_lock locks[LOCKS];
    for (int i = 0; i < LOCKS; i++)
        CHECK_OK(mproc_lock_create(&locks[i], &(mproc_lock_options){ .name = "one of many" }));
    int64_t begun_ms = os_now_ms();
    for (int i = 0; i < 20; i++) {
        look();
        CHECK_LE(seen.object_count, OBJECTS_MAX);
    }
    CHECK_EQ(seen.object_count, OBJECTS_MAX);
    CHECK_LE(os_now_ms() - begun_ms, test_limit_ms(2000));
    for (int i = 0; i < LOCKS; i++)
        CHECK_OK(mproc_lock_destroy(locks[i]));
    look();
    CHECK_EQ(seen.object_count, OBJECTS_MAX);
    look();
    CHECK_EQ(seen.object_count, 0);
    stop_looking();
}

/* Makes, uses and destroys things of all kinds until it is killed. */
static int churn(mproc_task *task)
{
    unsigned seed = (unsigned)mproc_task_get_worker(task) + 7;
    for (;;) {
        char byte[1];
        mproc_lock lock;
        mproc_queue queue;
        mproc_rlock rlock;
        if (mproc_lock_create(&lock, &(mproc_lock_options){ .name = "churned lock" }) == 0) {
            mproc_lock_acquire(lock, 0);
            if (test_random(&seed) % 4 != 0)
                mproc_lock_release(lock);
            mproc_lock_destroy(lock);
        }
        if (mproc_queue_create(&queue, &(mproc_queue_options){ .name = "churned queue" }) == 0) {
            mproc_queue_put(queue, "x", 1, 0);
            mproc_queue_get(queue, test_random(&seed) % 3, byte, 1, NULL);
            mproc_queue_get(queue, 1, byte, 1, NULL);
            mproc_queue_destroy(queue);
        }
        if (mproc_rlock_create(&rlock, &(mproc_rlock_options){ .name = "churned rlock" }) == 0) {
            mproc_rlock_acquire(rlock, 0);
            mproc_rlock_release(rlock);
            mproc_rlock_destroy(rlock);
        }
    }
    return 0;
}

static void check_churned(const struct seen_object *object)
{
    enum record_object_kind kind = (enum record_object_kind)object->record.kind;
    /* Those that a killed one has left keep their names. */
    CHECK_STR(object->name, kind == RECORD_OBJECT_LOCK    ? "churned lock"
                            : kind == RECORD_OBJECT_RLOCK ? "churned rlock"
                                                          : "churned queue");
    CHECK_LE(object->record.depth, 1);
}

static void looks_bear_objects_that_come_and_go_and_users_that_are_killed(void)
{
    enum { CHURNERS = 3 };
    mproc_process *churners[CHURNERS];
    for (int i = 0; i < CHURNERS; i++)
        churners[i] = test_start(churn, MPROC_NO_ARGS);
    size_t objects = 0;
    for (int round = 0; round < 9; round++) {
        for (int i = 0; i < 60; i++) {
            look();
            objects += seen.object_count;
            for (size_t o = 0; o < seen.object_count; o++)
                check_churned(&seen.objects[o]);
        }
        end(churners[round % CHURNERS]);
        churners[round % CHURNERS] = test_start(churn, MPROC_NO_ARGS);
    }
    CHECK(objects > 0);
    for (int i = 0; i < CHURNERS; i++)
        end(churners[i]);
    stop_looking();
}

static const struct test tests[] = {
    TEST(a_lock_shows_its_holder_and_who_waits_with_their_places),
    TEST(every_wait_is_seen_and_says_what_for),
    TEST(who_waits_for_so_long_only_is_told_from_who_waits_for_ever),
    TEST(what_its_holder_died_with_is_told_from_what_he_gave_back),
    TEST(figures_are_those_of_the_object),
    TEST(a_circle_of_holders_and_waiters_is_seen_whole),
    TEST(a_client_is_told_of_locks_if_it_wants_to_be),
    TEST(only_objects_with_names_are_told_of),
    TEST(the_end_of_an_object_is_told_once),
    TEST(very_many_objects_are_told_of_in_part_and_in_bounded_time),
    TEST(looks_bear_objects_that_come_and_go_and_users_that_are_killed),
};
TEST_MAIN_PLAIN(tests)
