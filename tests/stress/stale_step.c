/* A user of an object that is destroyed under him, at every instruction of his call, and whose place another object of
 * the same type has taken before he goes on: that one must not notice.
 *
 * Each test leads a process so many single steps into a call, destroys the object, makes the next one, checks that it
 * has got the same block, uses it, lets the process go on to the end of its call, and checks the new object while the
 * process lives. Then a few steps more, until it is through. Under fork alone: the instructions are the same under
 * spawn.
 */
#include "barrier_calls.h"
#include "stepper.h"
#include <pthread.h>

/* A sample that meets the places where late writes were once found; every instruction is for MPROC_TEST_SOAK. */
#define STRIDE 11

/* Board words: */
enum { WRONG_ACTION = 10, OLD_ID, RESULT };

static int64_t value_of(mproc_semaphore semaphore)
{
    int64_t value = -1;
    CHECK_OK(mproc_semaphore_get_value(semaphore, &value));
    return value;
}

static _Atomic int64_t *word(int index)
{
    return &test_board()[index];
}

struct objects {
    mproc_semaphore semaphore;
    mproc_event event;
    mproc_condition condition;
    mproc_barrier barrier;
    mproc_lock lock;
};

/* What one test does: */
struct play {
    struct objects (*make)(void);
    void (*prepare)(struct objects old); /**< in the process, before the steps; may be NULL */
    int (*call)(struct objects old);     /**< in the process, step by step */
    struct objects (*replace)(struct objects old);
    void (*check)(struct objects now);
    int stride; /**< 0: STRIDE */
};

/* The rest is what one round knows. */
struct round {
    const struct play *play;
    struct objects old, now;
    _Atomic int replaced;
};

struct request {
    int play;
    struct objects old;
};

enum { ACQUIRE, RELEASE, TAKE_PERMIT, GIVE_PERMIT, SET, CLEAR, CONDITION, BARRIER, ACTION, LOCK, PLAYS };
static const struct play plays[PLAYS];

static int be_user(mproc_task *task)
{
    struct request request;
    CHECK_OK(mproc_task_read(task, &request, sizeof request));
    const struct play *play = &plays[request.play];
    /* The thread's node is made before the steps are counted. */
    mproc_rlock rlock;
    CHECK_OK(mproc_rlock_create(&rlock, NULL));
    CHECK_OK(mproc_rlock_acquire(rlock, 0));
    CHECK_OK(mproc_rlock_release(rlock));
    CHECK_OK(mproc_rlock_destroy(rlock));
    if (play->prepare != NULL)
        play->prepare(request.old);
    stepper_begin();
    atomic_store(word(RESULT), play->call(request.old));
    stepper_through();
}

static void *replace(void *user)
{
    struct round *round = user;
    round->now = round->play->replace(round->old);
    atomic_store(&round->replaced, 1);
    return NULL;
}

/* Returns whether the process was through before the object went. */
static bool play_once(int number, long steps, bool *ret_met)
{
    struct round round = { .play = &plays[number], .old = plays[number].make() };
    struct request request = { number, round.old };
    mproc_process *process = stepper_start(be_user, MPROC_ARG(request));
    int64_t pid = test_pid(process);
    stepper_lead(pid, steps);
    bool through = stepper_is_through();
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, replace, &round) == 0);
    /* A process that is stopped with a barrier's guard keeps it from being destroyed. Then the two go on together. */
    for (int i = 0; i < 20 && !atomic_load(&round.replaced); i++)
        os_sleep_ms(1);
    *ret_met = atomic_load(&round.replaced) && !through;
    if (!through)
        stepper_leave(pid);
    CHECK(pthread_join(thread, NULL) == 0);
    WAIT_UNTIL(stepper_is_through());
    round.play->check(round.now);
    if (!through)
        stepper_seize(pid);
    stepper_kill(pid);
    test_finish(process);
    return through;
}

static void play_all(int number)
{
    long stride = stepper_stride(plays[number].stride > 0 ? plays[number].stride : STRIDE, 1), met = 0;
    bool through = false;
    for (long steps = 0; !through; steps += stride) {
        bool did_meet;
        through = play_once(number, steps, &did_meet);
        met += did_meet;
    }
    CHECK(met > 60 / stride);
}

static void check_same_block(const uint64_t old[2], const uint64_t now[2])
{
    CHECK_EQ((uint32_t)now[1], (uint32_t)old[1]);
    CHECK(now[1] != old[1]);
}

/* ---- Somebody who uses the new object meanwhile ---- */

static struct {
    pthread_t thread;
    struct objects at;
    int result;
    _Atomic int came, end;
} other;

static void start_other(void *(*run)(void *), struct objects at)
{
    other.at = at;
    atomic_store(&other.came, 0);
    atomic_store(&other.end, 0);
    CHECK(pthread_create(&other.thread, NULL, run, NULL) == 0);
}

/* Called by the other one, who has come: until finish_other. */
static void await_end(void)
{
    atomic_store(&other.came, 1);
    WAIT_UNTIL(atomic_load(&other.end));
}

static int finish_other(void)
{
    atomic_store(&other.end, 1);
    CHECK(pthread_join(other.thread, NULL) == 0);
    return other.result;
}

/* ---- Semaphores ---- */

static const mproc_semaphore_options track = { .track_owners = 1 };

static struct objects make_semaphore(void)
{
    struct objects made = { 0 };
    CHECK_OK(mproc_semaphore_create(&made.semaphore, 1, NULL));
    return made;
}

static struct objects make_permits(void)
{
    struct objects made = { 0 };
    CHECK_OK(mproc_semaphore_create(&made.semaphore, 1, &track));
    return made;
}

static void take_permit(struct objects old)
{
    CHECK_OK(mproc_semaphore_acquire(old.semaphore, 0));
}

static int acquire_semaphore(struct objects old)
{
    return mproc_semaphore_acquire(old.semaphore, 0);
}

static int release_semaphore(struct objects old)
{
    return mproc_semaphore_release(old.semaphore);
}

/* Full. */
static struct objects replace_semaphore(struct objects old)
{
    struct objects now = { 0 };
    CHECK_OK(mproc_semaphore_destroy(old.semaphore));
    CHECK_OK(mproc_semaphore_create(&now.semaphore, 1, &(mproc_semaphore_options){ .bounded = true }));
    check_same_block(old.semaphore.id, now.semaphore.id);
    return now;
}

static struct objects replace_semaphore_taken(struct objects old)
{
    struct objects now = replace_semaphore(old);
    CHECK_OK(mproc_semaphore_acquire(now.semaphore, 0));
    return now;
}

static void check_semaphore(struct objects now)
{
    CHECK_EQ(value_of(now.semaphore), 1);
    CHECK_OK(mproc_semaphore_acquire(now.semaphore, 0));
    CHECK_CODE(mproc_semaphore_acquire(now.semaphore, 0), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_semaphore_release(now.semaphore));
    CHECK_CODE(mproc_semaphore_release(now.semaphore), MPROC_E_STATE);
    CHECK_OK(mproc_semaphore_destroy(now.semaphore));
}

static void check_semaphore_taken(struct objects now)
{
    CHECK_EQ(value_of(now.semaphore), 0);
    CHECK_OK(mproc_semaphore_release(now.semaphore));
    check_semaphore(now);
}

/* The permit is another thread's. */
static void *run_holder(void *unused)
{
    (void)unused;
    CHECK_OK(mproc_semaphore_acquire(other.at.semaphore, 0));
    await_end();
    other.result = mproc_semaphore_release(other.at.semaphore);
    return NULL;
}

static struct objects replace_permits(struct objects old)
{
    struct objects now = { 0 };
    CHECK_OK(mproc_semaphore_destroy(old.semaphore));
    CHECK_OK(mproc_semaphore_create(&now.semaphore, 1, &track));
    check_same_block(old.semaphore.id, now.semaphore.id);
    start_other(run_holder, now);
    WAIT_UNTIL(atomic_load(&other.came));
    return now;
}

static void check_permits(struct objects now)
{
    CHECK_EQ(value_of(now.semaphore), 0);
    CHECK_CODE(mproc_semaphore_acquire(now.semaphore, 0), MPROC_E_TIMEOUT);
    CHECK_CODE(finish_other(), 0);
    CHECK_EQ(value_of(now.semaphore), 1);
    CHECK_OK(mproc_semaphore_destroy(now.semaphore));
}

/* ---- Events ---- */

static struct objects make_event(void)
{
    struct objects made = { 0 };
    CHECK_OK(mproc_event_create(&made.event, NULL));
    return made;
}

static int set_event(struct objects old)
{
    return mproc_event_set(old.event);
}

static int clear_event(struct objects old)
{
    return mproc_event_clear(old.event);
}

static struct objects replace_event(struct objects old)
{
    struct objects now = { 0 };
    CHECK_OK(mproc_event_destroy(old.event));
    CHECK_OK(mproc_event_create(&now.event, NULL));
    check_same_block(old.event.id, now.event.id);
    return now;
}

static struct objects replace_event_set(struct objects old)
{
    struct objects now = replace_event(old);
    CHECK_OK(mproc_event_set(now.event));
    return now;
}

static void check_event(struct objects now)
{
    CHECK_EQ(mproc_event_is_set(now.event), 0);
    CHECK_OK(mproc_event_destroy(now.event));
}

static void check_event_set(struct objects now)
{
    CHECK_EQ(mproc_event_is_set(now.event), 1);
    CHECK_OK(mproc_event_destroy(now.event));
}

/* ---- Conditions and barriers ---- */

static struct objects make_condition(void)
{
    struct objects made = { 0 };
    CHECK_OK(mproc_lock_create(&made.lock, NULL));
    CHECK_OK(mproc_condition_create(&made.condition, &(mproc_condition_options){ .lock = made.lock }));
    return made;
}

static void hold_lock(struct objects old)
{
    CHECK_OK(mproc_lock_acquire(old.lock, 0));
}

static int wait_for_condition(struct objects old)
{
    int code = mproc_condition_wait(old.condition, 0);
    CHECK_OK(mproc_lock_release(old.lock));
    return code;
}

static void *run_waiter(void *unused)
{
    (void)unused;
    CHECK_OK(mproc_condition_acquire(other.at.condition, MPROC_FOREVER));
    atomic_store(&other.came, 1);
    other.result = mproc_condition_wait(other.at.condition, test_limit_ms(10000));
    CHECK_OK(mproc_condition_release(other.at.condition));
    return NULL;
}

/* The user is notified if he waits, so that he consumes a mark; then his condition goes. */
static struct objects replace_condition(struct objects old)
{
    struct objects now = { .lock = old.lock };
    if (mproc_lock_acquire(old.lock, 0) == 0) {
        CHECK(mproc_condition_notify(old.condition, 1) >= 0);
        CHECK_OK(mproc_lock_release(old.lock));
    }
    CHECK_OK(mproc_condition_destroy(old.condition));
    CHECK_OK(mproc_condition_create(&now.condition, NULL));
    check_same_block(old.condition.id, now.condition.id);
    start_other(run_waiter, now);
    WAIT_UNTIL(atomic_load(&other.came));
    return now;
}

static void check_condition(struct objects now)
{
    CHECK_OK(mproc_condition_acquire(now.condition, MPROC_FOREVER));
    CHECK_EQ(mproc_condition_notify(now.condition, 1), 1);
    CHECK_OK(mproc_condition_release(now.condition));
    CHECK_CODE(finish_other(), 0);
    CHECK_OK(mproc_condition_acquire(now.condition, MPROC_FOREVER));
    CHECK_EQ(mproc_condition_notify_all(now.condition), 0);
    CHECK_OK(mproc_condition_release(now.condition));
    CHECK_OK(mproc_condition_destroy(now.condition));
    CHECK_OK(mproc_lock_destroy(now.lock));
}

static int old_action(mproc_barrier barrier, const void *user)
{
    (void)user;
    if ((int64_t)barrier.id[1] != atomic_load(word(OLD_ID)))
        atomic_store(word(WRONG_ACTION), 1);
    return 0;
}

static int new_action(mproc_barrier barrier, const void *user)
{
    (void)user;
    if ((int64_t)barrier.id[1] == atomic_load(word(OLD_ID)))
        atomic_store(word(WRONG_ACTION), 1);
    return 0;
}

static struct objects make_barrier(void)
{
    struct objects made = { 0 };
    CHECK_OK(mproc_barrier_create(&made.barrier, 1, NULL));
    return made;
}

static struct objects make_barrier_with_action(void)
{
    struct objects made = { 0 };
    CHECK_OK(mproc_barrier_create(&made.barrier, 1, &(mproc_barrier_options){ .action = old_action }));
    atomic_store(word(OLD_ID), (int64_t)made.barrier.id[1]);
    return made;
}

static int wait_at_barrier(struct objects old)
{
    return arrive(old.barrier, MPROC_FOREVER);
}

static void *run_party(void *unused)
{
    (void)unused;
    other.result = arrive(other.at.barrier, test_limit_ms(10000));
    return NULL;
}

static struct objects replace_barrier(struct objects old)
{
    struct objects now = { 0 };
    CHECK_OK(mproc_barrier_destroy(old.barrier));
    CHECK_OK(mproc_barrier_create(&now.barrier, 2, &(mproc_barrier_options){ .action = new_action }));
    check_same_block(old.barrier.id, now.barrier.id);
    start_other(run_party, now);
    WAIT_UNTIL(waiting_at(now.barrier) == 1);
    return now;
}

static void check_barrier(struct objects now)
{
    CHECK_EQ(waiting_at(now.barrier), 1);
    CHECK_EQ(mproc_barrier_is_broken(now.barrier), 0);
    CHECK_EQ(arrive(now.barrier, test_limit_ms(10000)), 1);
    CHECK_EQ(finish_other(), 0);
    CHECK_EQ(atomic_load(word(WRONG_ACTION)), 0);
    CHECK_OK(mproc_barrier_destroy(now.barrier));
}

/* ---- Locks ---- */

static struct objects make_lock(void)
{
    struct objects made = { 0 };
    CHECK_OK(mproc_lock_create(&made.lock, NULL));
    return made;
}

static int destroy_lock(struct objects old)
{
    return mproc_lock_destroy(old.lock);
}

/* Anybody may release a lock, also from under one who destroys it; whoever has it then has it. */
static void *run_taker(void *unused)
{
    (void)unused;
    (void)mproc_lock_release(other.at.lock);
    other.result = mproc_lock_acquire(other.at.lock, 0);
    await_end();
    if (other.result >= 0)
        other.result = mproc_lock_release(other.at.lock);
    return NULL;
}

static struct objects take_lock(struct objects old)
{
    start_other(run_taker, old);
    WAIT_UNTIL(atomic_load(&other.came));
    return old;
}

static void check_lock(struct objects old)
{
    int held = other.result;
    if (held >= 0)
        CHECK_EQ(mproc_lock_is_locked(old.lock), 1);
    CHECK_CODE((int)atomic_load(word(RESULT)), held >= 0 ? MPROC_E_STATE : 0);
    CHECK_CODE(finish_other(), held >= 0 ? 0 : held);
    if (held >= 0)
        CHECK_OK(mproc_lock_destroy(old.lock));
}

/* ---- The tests ---- */

static const struct play plays[PLAYS] = {
    [ACQUIRE] = { make_semaphore, NULL, acquire_semaphore, replace_semaphore, check_semaphore },
    [RELEASE] = { make_semaphore, NULL, release_semaphore, replace_semaphore_taken, check_semaphore_taken },
    [TAKE_PERMIT] = { make_permits, NULL, acquire_semaphore, replace_permits, check_permits },
    [GIVE_PERMIT] = { make_permits, take_permit, release_semaphore, replace_permits, check_permits },
    [SET] = { make_event, NULL, set_event, replace_event, check_event },
    [CLEAR] = { make_event, NULL, clear_event, replace_event_set, check_event_set },
    [CONDITION] = { make_condition, hold_lock, wait_for_condition, replace_condition, check_condition, 23 },
    [BARRIER] = { make_barrier, NULL, wait_at_barrier, replace_barrier, check_barrier },
    [ACTION] = { make_barrier_with_action, NULL, wait_at_barrier, replace_barrier, check_barrier, 53 },
    [LOCK] = { make_lock, NULL, destroy_lock, take_lock, check_lock },
};

static void stale_semaphore_acquire(void)
{
    play_all(ACQUIRE);
}

static void stale_semaphore_release(void)
{
    play_all(RELEASE);
}

static void stale_permit_taken(void)
{
    play_all(TAKE_PERMIT);
}

static void stale_permit_given(void)
{
    play_all(GIVE_PERMIT);
}

static void stale_event_set(void)
{
    play_all(SET);
}

static void stale_event_clear(void)
{
    play_all(CLEAR);
}

static void stale_condition_wait(void)
{
    play_all(CONDITION);
}

static void stale_barrier_wait(void)
{
    play_all(BARRIER);
}

/* To find the function of an action takes thousands of instructions. */
static void stale_barrier_action(void)
{
    play_all(ACTION);
}

static void lock_taken_from_its_destroyer(void)
{
    play_all(LOCK);
}

#define STEPPED(function) TEST_WITH(function, TEST_FORK_ONLY | TEST_NO_SANITIZER, 300)
static const struct test tests[] = {
    STEPPED(stale_semaphore_acquire), STEPPED(stale_semaphore_release),
    STEPPED(stale_permit_taken),      STEPPED(stale_permit_given),
    STEPPED(stale_event_set),         STEPPED(stale_event_clear),
    STEPPED(stale_condition_wait),    STEPPED(stale_barrier_wait),
    STEPPED(stale_barrier_action),    STEPPED(lock_taken_from_its_destroyer),
};

TEST_MAIN_PLAIN(tests)
