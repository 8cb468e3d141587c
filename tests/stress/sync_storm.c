/* Users of locks, semaphores, conditions, events and barriers killed at random moments. What is left must work, and
 * the account of it all must be exact: who was killed may have been in the middle of one call, whose effect is there or
 * is not, and nothing else may be missing or be there twice.
 *
 * The test's own process kills one user at a time, joins it, looks at the account, and starts another in its place.
 */
#include "test.h"

enum { USERS = 3 };

/* Board words: 0 stop; the rest as each storm says. */
enum {
    BEGUN = 10,
    DONE = 20,
    LEFT = 30,
    RIGHT,
    PASSED,
    KILLING,
    OWNER_DEATHS,
    WOKEN,
    GENERATION,
    PLACES,
    WAITING = 40
};

/* The place in which the caller came, or an error. */
static int arrive(mproc_barrier barrier, int64_t timeout_ms)
{
    int place = -1, code = mproc_barrier_wait(barrier, timeout_ms, &place);
    return code == 0 ? place : code;
}

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

static bool is_over(void)
{
    return atomic_load(word(0)) != 0;
}

static int kills(void)
{
    return test_is_soak() ? 20000 : test_is_windows() ? 15 : 120;
}

/* A moment that is different each time: up to about 100 us. */
static void pass_time(unsigned *seed)
{
    for (unsigned spins = test_random(seed) % 20000; spins > 0; spins--)
        atomic_load(word(0));
}

static void kill_user(mproc_process *user)
{
    CHECK_OK(mproc_process_kill(user));
    test_finish(user);
}

/* What every user is told. */
struct task {
    mproc_rlock rlock;
    mproc_semaphore semaphore;
    mproc_condition condition;
    mproc_event go, next;
    mproc_barrier barrier;
    int number;
};

static struct task read_task(mproc_task *task)
{
    struct task told;
    CHECK_OK(mproc_task_read(task, &told, sizeof told));
    return told;
}

static void start_all(mproc_task_fn *function, struct task told, mproc_process **ret_users)
{
    for (int i = 0; i < USERS; i++) {
        told.number = i;
        ret_users[i] = test_start(function, MPROC_ARG(told));
    }
}

/* Kills one after the other at random moments; check looks at the account after each. KILLING: how many may be dead
 * whose words on the board have not been looked at yet. */
static void storm(mproc_task_fn *function, struct task told, void (*check)(struct task *told, int victim))
{
    mproc_process *users[USERS];
    unsigned seed = 1;
    start_all(function, told, users);
    for (int i = 0; i < kills(); i++) {
        int victim = (int)(test_random(&seed) % USERS);
        pass_time(&seed);
        atomic_store(word(KILLING), 1);
        kill_user(users[victim]);
        told.number = victim;
        check(&told, victim);
        atomic_store(word(KILLING), 0);
        users[victim] = test_start(function, MPROC_ARG(told));
    }
    atomic_store(word(KILLING), USERS);
    for (int i = 0; i < USERS; i++)
        kill_user(users[i]);
}

/* ---- RLock: LEFT and RIGHT are equal unless the next holder is told that one died ---- */

static void change_both(mproc_rlock rlock, int code)
{
    CHECK(code == 0 || code == MPROC_OWNER_DIED);
    int64_t value = atomic_load(word(LEFT));
    if (code == MPROC_OWNER_DIED) {
        atomic_store(word(RIGHT), value);
        CHECK_OK(mproc_rlock_repaired(rlock));
    }
    CHECK_EQ(atomic_load(word(RIGHT)), value);
    atomic_store(word(LEFT), value + 1);
    CHECK_OK(mproc_rlock_acquire(rlock, 0));
    atomic_store(word(RIGHT), value + 1);
    CHECK_OK(mproc_rlock_release(rlock));
    CHECK_OK(mproc_rlock_release(rlock));
}

static int use_rlock(mproc_task *task)
{
    mproc_rlock rlock = read_task(task).rlock;
    while (!is_over())
        change_both(rlock, mproc_rlock_acquire(rlock, MPROC_FOREVER));
    return 0;
}

static void check_rlock(struct task *told, int victim)
{
    (void)victim;
    int64_t before = atomic_load(word(LEFT));
    int code = mproc_rlock_acquire(told->rlock, test_limit_ms(10000));
    CHECK(code >= 0);
    CHECK(atomic_load(word(LEFT)) >= before);
    change_both(told->rlock, code);
}

static void rlock_storm(void)
{
    struct task told = { .number = 0 };
    CHECK_OK(mproc_rlock_create(&told.rlock, NULL));
    storm(use_rlock, told, check_rlock);
    check_rlock(&told, 0);
    CHECK_OK(mproc_rlock_destroy(told.rlock));
}

/* ---- Semaphore: what was released and is not there has been acquired, by a call that was begun ---- */

/* BEGUN and DONE count a user's calls of acquire; what a killed one had begun and not done is taken or is not. */
static int use_semaphore(mproc_task *task)
{
    struct task told = read_task(task);
    while (!is_over()) {
        atomic_fetch_add(word(BEGUN + told.number), 1);
        CHECK_OK(mproc_semaphore_acquire(told.semaphore, MPROC_FOREVER));
        atomic_fetch_add(word(DONE + told.number), 1);
    }
    return 0;
}

/* How many calls of the dead are in doubt, one per kill at most. */
static int64_t doubtful;
static int64_t released;

static int64_t sum(int first)
{
    int64_t total = 0;
    for (int i = 0; i < USERS; i++)
        total += atomic_load(word(first + i));
    return total;
}

static void check_semaphore(struct task *told, int victim)
{
    int64_t in_doubt = atomic_load(word(BEGUN + victim)) - atomic_load(word(DONE + victim));
    CHECK(in_doubt == 0 || in_doubt == 1);
    doubtful += in_doubt;
    /* Those who come next count their own calls only. */
    atomic_store(word(BEGUN + victim), atomic_load(word(DONE + victim)));
    for (int i = 0; i < 100; i++, released++)
        CHECK_OK(mproc_semaphore_release(told->semaphore));
    WAIT_UNTIL(value_of(told->semaphore) == 0);
}

static void semaphore_storm(void)
{
    struct task told = { .number = 0 };
    doubtful = released = 0;
    CHECK_OK(mproc_semaphore_create(&told.semaphore, 0, NULL));
    storm(use_semaphore, told, check_semaphore);
    /* Three more were killed at the end, each in a call. */
    int64_t taken = released - value_of(told.semaphore);
    CHECK_LE(sum(DONE), taken);
    CHECK_LE(taken, sum(DONE) + doubtful + USERS);
    CHECK_OK(mproc_semaphore_destroy(told.semaphore));
}

/* ---- Semaphore with owners: never more inside than permits, and all come back ---- */

enum { PERMITS = 2 };

/* BEGUN: 1 for each user that is inside; a dead one's stays for a while. */
static int use_permits(mproc_task *task)
{
    struct task told = read_task(task);
    while (!is_over()) {
        CHECK(mproc_semaphore_acquire(told.semaphore, MPROC_FOREVER) >= 0);
        atomic_store(word(BEGUN + told.number), 1);
        CHECK_LE(sum(BEGUN), PERMITS + atomic_load(word(KILLING)));
        atomic_store(word(BEGUN + told.number), 0);
        atomic_fetch_add(word(PASSED), 1);
        CHECK_OK(mproc_semaphore_release(told.semaphore));
    }
    return 0;
}

/* The test's own process takes all there is: so many, and those of the dead among them. */
static void check_permits(struct task *told, int victim)
{
    atomic_store(word(BEGUN + victim), 0);
    for (int i = 0; i < PERMITS; i++)
        CHECK(mproc_semaphore_acquire(told->semaphore, test_limit_ms(10000)) >= 0);
    CHECK_EQ(value_of(told->semaphore), 0);
    CHECK_EQ(sum(BEGUN), 0);
    for (int i = 0; i < PERMITS; i++)
        CHECK_OK(mproc_semaphore_release(told->semaphore));
    int64_t before = atomic_load(word(PASSED));
    WAIT_UNTIL(atomic_load(word(PASSED)) > before + 2);
}

static void permits_storm(void)
{
    struct task told = { .number = 0 };
    CHECK_OK(mproc_semaphore_create(&told.semaphore, PERMITS, &(mproc_semaphore_options){ .track_owners = 1 }));
    storm(use_permits, told, check_permits);
    WAIT_UNTIL(value_of(told.semaphore) == PERMITS);
    for (int i = 0; i < PERMITS; i++)
        CHECK(mproc_semaphore_acquire(told.semaphore, 0) >= 0);
    CHECK_CODE(mproc_semaphore_acquire(told.semaphore, 0), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_semaphore_destroy(told.semaphore));
}

/* ---- Condition: each notification ends one wait, whoever dies ---- */

/* Users 0 and 1 are never killed and wait without limit; the others are, and some of their waits time out. WAITING: 1
 * for each that waits, WOKEN: waits that ended as notified, OWNER_DEATHS: how often somebody was told of a dead owner;
 * all changed with the lock. */
enum { STEADY = 2, VICTIMS = 3 };

static void hear_of_death(struct task *told, int code)
{
    CHECK(code == 0 || code == MPROC_OWNER_DIED);
    if (code == 0)
        return;
    atomic_fetch_add(word(OWNER_DEATHS), 1);
    CHECK_OK(mproc_condition_repaired(told->condition));
}

static int64_t time_out_of(int number)
{
    return number < STEADY ? MPROC_FOREVER : number == STEADY ? 1 : 1000000;
}

static int use_condition(mproc_task *task)
{
    struct task told = read_task(task);
    hear_of_death(&told, mproc_condition_acquire(told.condition, MPROC_FOREVER));
    while (!is_over()) {
        atomic_store(word(WAITING + told.number), 1);
        int code = mproc_condition_wait(told.condition, time_out_of(told.number));
        atomic_store(word(WAITING + told.number), 0);
        /* With a dead owner a wait does not say how it ended; without a limit it can only be so. */
        if (code == 0 || (code == MPROC_OWNER_DIED && told.number < STEADY))
            atomic_fetch_add(word(WOKEN), 1);
        if (code != MPROC_E_TIMEOUT)
            hear_of_death(&told, code);
    }
    CHECK_OK(mproc_condition_release(told.condition));
    return 0;
}

static bool notify_one(struct task *told)
{
    hear_of_death(told, mproc_condition_acquire(told->condition, MPROC_FOREVER));
    /* One that lives until the end waits too, so there is somebody to hand the notification on to. */
    bool ready = atomic_load(word(WAITING)) || atomic_load(word(WAITING + 1));
    if (ready)
        CHECK_EQ(mproc_condition_notify(told->condition, 1), 1);
    CHECK_OK(mproc_condition_release(told->condition));
    return ready;
}

/* Whoever dies with the lock may have come from a wait whose notification it has used up and not yet counted. */
static int64_t owner_deaths(struct task *told)
{
    hear_of_death(told, mproc_condition_acquire(told->condition, MPROC_FOREVER));
    CHECK_OK(mproc_condition_release(told->condition));
    return atomic_load(word(OWNER_DEATHS));
}

static void end_waits(struct task *told, mproc_process **steady)
{
    atomic_store(word(0), 1);
    hear_of_death(told, mproc_condition_acquire(told->condition, MPROC_FOREVER));
    CHECK_LE(mproc_condition_notify_all(told->condition), STEADY);
    CHECK_OK(mproc_condition_release(told->condition));
    for (int i = 0; i < STEADY; i++)
        CHECK_EQ(test_finish(steady[i]), 0);
}

static void condition_storm(void)
{
    struct task told = { .number = 0 };
    mproc_process *users[STEADY + VICTIMS];
    unsigned seed = 7;
    int64_t notified = 0, in_doubt = 0;
    CHECK_OK(mproc_condition_create(&told.condition, NULL));
    for (told.number = 0; told.number < STEADY + VICTIMS; told.number++)
        users[told.number] = test_start(use_condition, MPROC_ARG(told));
    for (int i = 0; i < kills(); i++) {
        int64_t deaths = owner_deaths(&told);
        told.number = STEADY + (int)(test_random(&seed) % VICTIMS);
        WAIT_UNTIL(notify_one(&told));
        notified++;
        pass_time(&seed);
        kill_user(users[told.number]);
        in_doubt += owner_deaths(&told) - deaths;
        WAIT_UNTIL(atomic_load(word(WOKEN)) >= notified - in_doubt);
        CHECK_LE(atomic_load(word(WOKEN)), notified);
        users[told.number] = test_start(use_condition, MPROC_ARG(told));
    }
    /* If every death left a doubt, nothing was checked. */
    CHECK(in_doubt < notified);
    for (int i = STEADY; i < STEADY + VICTIMS; i++)
        kill_user(users[i]);
    end_waits(&told, users);
    CHECK_OK(mproc_condition_destroy(told.condition));
}

/* ---- Event: a set lets go all who live ---- */

/* GENERATION: the round. DONE: the last round in which the user saw the flag of go, BEGUN: that of next. */
static int use_event(mproc_task *task)
{
    struct task told = read_task(task);
    while (!is_over()) {
        CHECK_OK(mproc_event_wait(told.go, MPROC_FOREVER));
        int64_t round = atomic_load(word(GENERATION));
        atomic_store(word(DONE + told.number), round);
        CHECK_OK(mproc_event_wait(told.next, MPROC_FOREVER));
        atomic_store(word(BEGUN + told.number), round);
    }
    return 0;
}

static bool all_are(int first, int64_t round)
{
    for (int i = 0; i < USERS; i++)
        if (atomic_load(word(first + i)) != round)
            return false;
    return true;
}

static void event_storm(void)
{
    struct task told = { .number = 0 };
    mproc_process *users[USERS];
    unsigned seed = 3;
    CHECK_OK(mproc_event_create(&told.go, NULL));
    CHECK_OK(mproc_event_create(&told.next, NULL));
    start_all(use_event, told, users);
    for (int round = 1; round <= kills(); round++) {
        told.number = (int)(test_random(&seed) % USERS);
        pass_time(&seed);
        atomic_store(word(GENERATION), round);
        CHECK_OK(mproc_event_clear(told.next));
        CHECK_OK(mproc_event_set(told.go));
        kill_user(users[told.number]);
        /* The one in its place has not seen the flag. */
        atomic_store(word(DONE + told.number), 0);
        users[told.number] = test_start(use_event, MPROC_ARG(told));
        WAIT_UNTIL(all_are(DONE, round));
        CHECK_OK(mproc_event_clear(told.go));
        CHECK_OK(mproc_event_set(told.next));
        WAIT_UNTIL(all_are(BEGUN, round));
    }
    for (int i = 0; i < USERS; i++)
        kill_user(users[i]);
    CHECK_OK(mproc_event_destroy(told.go));
    CHECK_OK(mproc_event_destroy(told.next));
}

/* ---- Barrier: a generation passes for all or breaks for all ---- */

/* Run when all have come, and so have entered into PLACES what they got from the generation before: a byte for each
 * place. Each at most once; all, unless somebody has been killed. */
static int check_generation(mproc_barrier barrier, const void *user)
{
    (void)user;
    (void)barrier;
    int64_t places = atomic_load(word(PLACES));
    CHECK_EQ(places & ~(int64_t)0x010101, 0);
    if (atomic_load(word(KILLING)) == 0 && atomic_load(word(GENERATION)) > 0)
        CHECK_EQ(places, 0x010101);
    atomic_store(word(PLACES), 0);
    atomic_fetch_add(word(GENERATION), 1);
    return 0;
}

static int use_barrier(mproc_task *task)
{
    struct task told = read_task(task);
    CHECK_OK(mproc_barrier_attach(told.barrier));
    while (!is_over()) {
        int place = arrive(told.barrier, MPROC_FOREVER);
        if (place == MPROC_E_BROKEN_BARRIER) {
            os_sleep_ms(1);
            continue;
        }
        CHECK(place >= 0 && place < USERS);
        atomic_fetch_add(word(PLACES), (int64_t)1 << (8 * place));
    }
    return 0;
}

static void barrier_storm(void)
{
    struct task told = { .number = 0 };
    mproc_process *users[USERS];
    unsigned seed = 5;
    CHECK_OK(mproc_barrier_create(&told.barrier, USERS, &(mproc_barrier_options){ .action = check_generation }));
    start_all(use_barrier, told, users);
    for (int i = 0; i < kills(); i++) {
        int victim = (int)(test_random(&seed) % USERS);
        int64_t generation = atomic_load(word(GENERATION));
        WAIT_UNTIL(atomic_load(word(GENERATION)) > generation + 3);
        pass_time(&seed);
        atomic_store(word(KILLING), 1);
        kill_user(users[victim]);
        CHECK_EQ(mproc_barrier_is_broken(told.barrier), 1);
        CHECK_OK(mproc_barrier_reset(told.barrier));
        generation = atomic_load(word(GENERATION));
        users[victim] = test_start(use_barrier, MPROC_ARG(told));
        WAIT_UNTIL(atomic_load(word(GENERATION)) > generation + 2);
        atomic_store(word(KILLING), 0);
    }
    atomic_store(word(KILLING), USERS);
    for (int i = 0; i < USERS; i++)
        kill_user(users[i]);
    CHECK_OK(mproc_barrier_destroy(told.barrier));
}

static const struct test tests[] = {
    TEST_WITH(rlock_storm, 0, 1800),     TEST_WITH(semaphore_storm, 0, 1800), TEST_WITH(permits_storm, 0, 1800),
    TEST_WITH(condition_storm, 0, 1800), TEST_WITH(event_storm, 0, 1800),     TEST_WITH(barrier_storm, 0, 1800),
};

TEST_MAIN_PLAIN(tests)
