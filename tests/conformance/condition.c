/* Conditions: rules 25, 28 and 29.
 *
 * A waiter counts itself on the board while it holds the lock: whoever has the lock and sees the count knows that so
 * many wait.
 */
#include "test.h"

/* Board words: */
enum { WAITING = 20, WOKEN, TIMED_OUT, ORDER, NOTIFIED, HELD, PARENT_DONE };

static _Atomic int64_t *word(int index)
{
    return &test_board()[index];
}

/* A condition of each kind, and the lock that goes with it. */
enum kind { WITH_OWN, WITH_LOCK, WITH_RLOCK, KINDS };

struct subject {
    mproc_condition condition;
    mproc_lock lock;
    mproc_rlock rlock;
    enum kind kind;
    int number; /**< of a waiter */
};

static struct subject create(enum kind kind)
{
    struct subject subject = { .kind = kind };
    CHECK_OK(mproc_lock_create(&subject.lock, NULL));
    CHECK_OK(mproc_rlock_create(&subject.rlock, NULL));
    mproc_condition_options options = { .name = "subject" };
    if (kind == WITH_LOCK)
        options.lock = subject.lock;
    if (kind == WITH_RLOCK)
        options.rlock = subject.rlock;
    CHECK_OK(mproc_condition_create(&subject.condition, &options));
    return subject;
}

static void destroy(struct subject subject)
{
    CHECK_OK(mproc_condition_destroy(subject.condition));
    CHECK_OK(mproc_lock_destroy(subject.lock));
    CHECK_OK(mproc_rlock_destroy(subject.rlock));
}

static struct subject read_subject(mproc_task *task)
{
    struct subject subject;
    CHECK_OK(mproc_task_read(task, &subject, sizeof subject));
    return subject;
}

static void lock(struct subject subject)
{
    CHECK_OK(mproc_condition_acquire(subject.condition, MPROC_FOREVER));
}

static void unlock(struct subject subject)
{
    CHECK_OK(mproc_condition_release(subject.condition));
}

/* ---- Waiters ---- */

static int wait_once(mproc_task *task)
{
    struct subject subject = read_subject(task);
    lock(subject);
    atomic_fetch_add(word(WAITING), 1);
    CHECK_OK(mproc_condition_wait(subject.condition, MPROC_FOREVER));
    atomic_store(word(ORDER), subject.number);
    atomic_fetch_add(word(WOKEN), 1);
    unlock(subject);
    return 0;
}

static bool are_waiting(struct subject subject, int64_t count)
{
    lock(subject);
    bool there = atomic_load(word(WAITING)) == count;
    unlock(subject);
    return there;
}

static mproc_process *start_waiter(struct subject subject, int number)
{
    int64_t before = atomic_load(word(WAITING));
    subject.number = number;
    mproc_process *process = test_start(wait_once, MPROC_ARG(subject));
    WAIT_UNTIL(are_waiting(subject, before + 1));
    return process;
}

static int notify(struct subject subject, int count)
{
    lock(subject);
    int notified = mproc_condition_notify(subject.condition, count);
    unlock(subject);
    return notified;
}

/* ---- Rule 25 ---- */

static void check_not_owner(mproc_condition condition)
{
    CHECK_CODE(mproc_condition_wait(condition, 0), MPROC_E_NOT_OWNER);
    CHECK_CODE(mproc_condition_wait(condition, MPROC_FOREVER), MPROC_E_NOT_OWNER);
    CHECK_CODE(mproc_condition_notify(condition, 1), MPROC_E_NOT_OWNER);
    CHECK_CODE(mproc_condition_notify_all(condition), MPROC_E_NOT_OWNER);
    CHECK_CODE(mproc_condition_repaired(condition), MPROC_E_NOT_OWNER);
}

static bool yes(void *user)
{
    (void)user;
    return 1;
}

static int without_the_lock(mproc_task *task)
{
    check_not_owner(read_subject(task).condition);
    return 0;
}

static void rule_25_without_the_lock(void)
{
    for (int kind = 0; kind < KINDS; kind++) {
        struct subject subject = create((enum kind)kind);
        check_not_owner(subject.condition);
        CHECK_CODE(mproc_condition_wait_for(subject.condition, yes, NULL, 0), MPROC_E_NOT_OWNER);
        lock(subject);
        CHECK_EQ(test_finish(test_start(without_the_lock, MPROC_ARG(subject))), 0);
        CHECK_CODE(mproc_condition_notify(subject.condition, -1), MPROC_E_INVALID);
        unlock(subject);
        CHECK_CODE(mproc_condition_release(subject.condition), MPROC_E_NOT_OWNER);
        check_not_owner(subject.condition);
        destroy(subject);
    }
}

static void rule_25_notify_is_not_sticky(void)
{
    for (int kind = 0; kind < KINDS; kind++) {
        struct subject subject = create((enum kind)kind);
        lock(subject);
        CHECK_EQ(mproc_condition_notify(subject.condition, 1), 0);
        CHECK_EQ(mproc_condition_notify_all(subject.condition), 0);
        CHECK_CODE(mproc_condition_wait(subject.condition, 30), MPROC_E_TIMEOUT);
        CHECK_CODE(mproc_condition_wait(subject.condition, 0), MPROC_E_TIMEOUT);
        unlock(subject);
        destroy(subject);
    }
}

/* The sum of what notify says is the number of those who come out, and the last notify finds the rest. */
static void notify_exactly(enum kind kind)
{
    enum { WAITERS = 5 };
    struct subject subject = create(kind);
    mproc_process *waiters[WAITERS];
    atomic_store(word(WAITING), 0);
    atomic_store(word(WOKEN), 0);
    for (int i = 0; i < WAITERS; i++)
        waiters[i] = start_waiter(subject, i);
    CHECK_EQ(notify(subject, 0), 0);
    CHECK_EQ(notify(subject, 2), 2);
    WAIT_UNTIL(atomic_load(word(WOKEN)) == 2);
    CHECK_EQ(notify(subject, 1), 1);
    WAIT_UNTIL(atomic_load(word(WOKEN)) == 3);
    lock(subject);
    CHECK_EQ(mproc_condition_notify_all(subject.condition), 2);
    CHECK_EQ(mproc_condition_notify_all(subject.condition), 0);
    CHECK_EQ(atomic_load(word(WOKEN)), 3);
    unlock(subject);
    for (int i = 0; i < WAITERS; i++)
        CHECK_EQ(test_finish(waiters[i]), 0);
    CHECK_EQ(atomic_load(word(WOKEN)), WAITERS);
    destroy(subject);
}

static void rule_25_notify_wakes_so_many(void)
{
    for (int kind = 0; kind < KINDS; kind++)
        notify_exactly((enum kind)kind);
}

static void rule_25_the_longest_waiting_first(void)
{
    enum { WAITERS = 4 };
    struct subject subject = create(WITH_LOCK);
    mproc_process *waiters[WAITERS];
    for (int i = 0; i < WAITERS; i++)
        waiters[i] = start_waiter(subject, i);
    for (int i = 0; i < WAITERS; i++) {
        CHECK_EQ(notify(subject, 1), 1);
        CHECK_EQ(test_finish(waiters[i]), 0);
        CHECK_EQ(atomic_load(word(ORDER)), i);
    }
    destroy(subject);
}

static int wait_briefly(mproc_task *task)
{
    struct subject subject = read_subject(task);
    lock(subject);
    for (int i = 0; atomic_load(word(PARENT_DONE)) == 0; i++) {
        int code = mproc_condition_wait(subject.condition, i % 3);
        CHECK(code == 0 || code == MPROC_E_TIMEOUT);
        atomic_fetch_add(word(code == 0 ? WOKEN : TIMED_OUT), 1);
    }
    unlock(subject);
    return 0;
}

/* Time-outs and notifications at the same moment: each notification is one wait that ends as notified. */
static void rule_25_notified_or_timed_out(void)
{
    enum { WAITERS = 3, NOTIFICATIONS = 400 };
    struct subject subject = create(WITH_RLOCK);
    mproc_process *waiters[WAITERS];
    int64_t notified = 0;
    for (int i = 0; i < WAITERS; i++)
        waiters[i] = test_start(wait_briefly, MPROC_ARG(subject));
    while (notified < NOTIFICATIONS) {
        notified += notify(subject, 1 + (int)(notified % 2));
        os_sleep_ms((int)(notified % 3));
    }
    atomic_store(word(PARENT_DONE), 1);
    for (int i = 0; i < WAITERS; i++)
        CHECK_EQ(test_finish(waiters[i]), 0);
    CHECK_EQ(atomic_load(word(WOKEN)), notified);
    destroy(subject);
}

static int wait_deep(mproc_task *task)
{
    struct subject subject = read_subject(task);
    for (int i = 0; i < 3; i++)
        lock(subject);
    atomic_fetch_add(word(WAITING), 1);
    CHECK_OK(mproc_condition_wait(subject.condition, MPROC_FOREVER));
    for (int i = 0; i < 3; i++)
        unlock(subject);
    CHECK_CODE(mproc_condition_release(subject.condition), MPROC_E_NOT_OWNER);
    return 0;
}

static void rule_25_recursion_is_restored(void)
{
    static const enum kind kinds[] = { WITH_OWN, WITH_RLOCK };
    for (size_t i = 0; i < TEST_COUNT(kinds); i++) {
        struct subject subject = create(kinds[i]);
        atomic_store(word(WAITING), 0);
        mproc_process *process = test_start(wait_deep, MPROC_ARG(subject));
        WAIT_UNTIL(are_waiting(subject, 1));
        lock(subject);
        CHECK_EQ(mproc_condition_notify(subject.condition, 1), 1);
        lock(subject);
        CHECK_CODE(mproc_condition_wait(subject.condition, 20), MPROC_E_TIMEOUT);
        unlock(subject);
        unlock(subject);
        CHECK_CODE(mproc_condition_release(subject.condition), MPROC_E_NOT_OWNER);
        CHECK_EQ(test_finish(process), 0);
        destroy(subject);
    }
}

/* ---- wait_for ---- */

static bool count_reached(void *user)
{
    return atomic_load(word(NOTIFIED)) >= *(const int *)user;
}

static int wait_for_five(mproc_task *task)
{
    struct subject subject = read_subject(task);
    int five = 5;
    lock(subject);
    atomic_fetch_add(word(WAITING), 1);
    CHECK_OK(mproc_condition_wait_for(subject.condition, count_reached, &five, MPROC_FOREVER));
    CHECK_EQ(atomic_load(word(NOTIFIED)), 5);
    unlock(subject);
    return 0;
}

static void rule_25_wait_for(void)
{
    struct subject subject = create(WITH_LOCK);
    mproc_process *process = test_start(wait_for_five, MPROC_ARG(subject));
    WAIT_UNTIL(are_waiting(subject, 1));
    for (int i = 0; i < 5; i++) {
        lock(subject);
        atomic_fetch_add(word(NOTIFIED), 1);
        /* The waiter waits again each time, so that each notification finds it or finds it on its way. */
        CHECK_LE(mproc_condition_notify(subject.condition, 1), 1);
        unlock(subject);
    }
    CHECK_EQ(test_finish(process), 0);
    destroy(subject);
}

/* True when asked for the second time, and nobody notifies: after the time-out it is asked again. */
static bool second_time(void *user)
{
    return (*(int *)user)++ > 0;
}

static bool never(void *user)
{
    (*(int *)user)++;
    return false;
}

static void rule_25_wait_for_asks_again_after_a_time_out(void)
{
    struct subject subject = create(WITH_OWN);
    int asked = 0;
    lock(subject);
    CHECK_OK(mproc_condition_wait_for(subject.condition, second_time, &asked, 20));
    CHECK_EQ(asked, 2);
    asked = 0;
    CHECK_CODE(mproc_condition_wait_for(subject.condition, never, &asked, 20), MPROC_E_TIMEOUT);
    CHECK_EQ(asked, 2);
    asked = 0;
    CHECK_CODE(mproc_condition_wait_for(subject.condition, never, &asked, 0), MPROC_E_TIMEOUT);
    CHECK_EQ(asked, 1);
    CHECK_OK(mproc_condition_wait_for(subject.condition, yes, NULL, -1));
    CHECK_CODE(mproc_condition_wait_for(subject.condition, NULL, NULL, 0), MPROC_E_INVALID);
    unlock(subject);
    destroy(subject);
}

/* ---- Deaths ---- */

static void kill_and_finish(mproc_process *process)
{
    CHECK_OK(mproc_process_kill(process));
    test_finish(process);
}

static void rule_25_dead_waiters_are_not_notified(void)
{
    struct subject subject = create(WITH_LOCK);
    mproc_process *first = start_waiter(subject, 0), *second = start_waiter(subject, 1);
    kill_and_finish(first);
    CHECK_EQ(notify(subject, 1), 1);
    CHECK_EQ(test_finish(second), 0);
    CHECK_EQ(notify(subject, 1), 0);
    destroy(subject);
}

/* The one that was notified cannot get the lock, and is killed there: another who waited then is woken in its place. */
static void rule_25_a_death_hands_its_notification_on(void)
{
    for (int kind = 0; kind < KINDS; kind++) {
        struct subject subject = create((enum kind)kind);
        atomic_store(word(WAITING), 0);
        mproc_process *first = start_waiter(subject, 0), *second = start_waiter(subject, 1);
        mproc_process *third = start_waiter(subject, 2);
        lock(subject);
        CHECK_EQ(mproc_condition_notify(subject.condition, 1), 1);
        kill_and_finish(first);
        int64_t woken = atomic_load(word(WOKEN));
        unlock(subject);
        WAIT_UNTIL(atomic_load(word(WOKEN)) == woken + 1);
        CHECK_EQ(notify(subject, 5), 1);
        CHECK_EQ(test_finish(second), 0);
        CHECK_EQ(test_finish(third), 0);
        CHECK_EQ(atomic_load(word(WOKEN)), woken + 2);
        destroy(subject);
        atomic_store(word(WOKEN), 0);
    }
}

/* Handed on again and again, through all but the last. */
static void rule_25_a_notification_outlives_many_deaths(void)
{
    enum { WAITERS = 5 };
    struct subject subject = create(WITH_RLOCK);
    mproc_process *waiters[WAITERS];
    for (int i = 0; i < WAITERS; i++)
        waiters[i] = start_waiter(subject, i);
    lock(subject);
    CHECK_EQ(mproc_condition_notify(subject.condition, 1), 1);
    for (int i = 0; i < WAITERS - 1; i++)
        kill_and_finish(waiters[i]);
    unlock(subject);
    CHECK_EQ(test_finish(waiters[WAITERS - 1]), 0);
    destroy(subject);
}

/* Nobody else waited when it was given: it lapses. */
static void rule_25_a_death_leaves_nothing_to_late_comers(void)
{
    struct subject subject = create(WITH_LOCK);
    mproc_process *first = start_waiter(subject, 0);
    lock(subject);
    CHECK_EQ(mproc_condition_notify(subject.condition, 1), 1);
    kill_and_finish(first);
    CHECK_CODE(mproc_condition_wait(subject.condition, 60), MPROC_E_TIMEOUT);
    unlock(subject);
    mproc_process *late = start_waiter(subject, 1);
    CHECK_EQ(notify(subject, 1), 1);
    CHECK_EQ(test_finish(late), 0);
    destroy(subject);
}

static int hold_and_stay(mproc_task *task)
{
    lock(read_subject(task));
    atomic_store(word(HELD), 1);
    return test_stay(task);
}

static int notify_and_stay_holding(mproc_task *task)
{
    struct subject subject = read_subject(task);
    lock(subject);
    CHECK_EQ(mproc_condition_notify(subject.condition, 1), 1);
    atomic_store(word(HELD), 1);
    return test_stay(task);
}

static int wait_and_hear_of_a_death(mproc_task *task)
{
    struct subject subject = read_subject(task);
    lock(subject);
    atomic_fetch_add(word(WAITING), 1);
    CHECK_CODE(mproc_condition_wait(subject.condition, subject.number ? subject.number : MPROC_FOREVER),
               MPROC_OWNER_DIED);
    CHECK_OK(mproc_condition_repaired(subject.condition));
    unlock(subject);
    return 0;
}

static void owner_dies(enum kind kind, int timeout_ms, mproc_task_fn *holds)
{
    struct subject subject = create(kind);
    subject.number = timeout_ms;
    atomic_store(word(WAITING), 0);
    atomic_store(word(HELD), 0);
    mproc_process *waiter = test_start(wait_and_hear_of_a_death, MPROC_ARG(subject));
    WAIT_UNTIL(atomic_load(word(WAITING)) == 1);
    mproc_process *holder = test_start(holds, MPROC_ARG(subject));
    WAIT_UNTIL(atomic_load(word(HELD)));
    kill_and_finish(holder);
    CHECK_EQ(test_finish(waiter), 0);
    lock(subject);
    unlock(subject);
    destroy(subject);
}

static void rule_28_wait_tells_of_the_owners_death(void)
{
    for (int kind = 0; kind < KINDS; kind++)
        owner_dies((enum kind)kind, 0, notify_and_stay_holding);
}

/* The time is long enough for the holder to come before it is up, and he is dead when the waiter wants the lock. */
static void rule_28_wait_tells_of_it_after_a_time_out_too(void)
{
    owner_dies(WITH_LOCK, (int)test_limit_ms(3000), hold_and_stay);
}

/* ---- The limit ---- */

static void wait_in_thread(void *user)
{
    struct subject subject = *(struct subject *)user;
    lock(subject);
    atomic_fetch_add(word(WAITING), 1);
    CHECK_OK(mproc_condition_wait(subject.condition, MPROC_FOREVER));
    unlock(subject);
}

static void so_many_waiters_and_no_more(void)
{
    static os_thread *threads[MPROC_CONDITION_WAITERS_MAX];
    struct subject subject = create(WITH_LOCK);
    for (int i = 0; i < MPROC_CONDITION_WAITERS_MAX; i++)
        threads[i] = os_thread_start(wait_in_thread, &subject);
    WAIT_UNTIL(are_waiting(subject, MPROC_CONDITION_WAITERS_MAX));
    lock(subject);
    CHECK_CODE(mproc_condition_wait(subject.condition, 0), MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "480");
    CHECK_EQ(mproc_lock_is_locked(subject.lock), 1);
    CHECK_EQ(mproc_condition_notify(subject.condition, 1), 1);
    CHECK_EQ(mproc_condition_notify_all(subject.condition), MPROC_CONDITION_WAITERS_MAX - 1);
    unlock(subject);
    for (int i = 0; i < MPROC_CONDITION_WAITERS_MAX; i++)
        os_thread_join(threads[i]);
    lock(subject);
    CHECK_CODE(mproc_condition_wait(subject.condition, 0), MPROC_E_TIMEOUT);
    unlock(subject);
    destroy(subject);
}

/* ---- Making, and handles that mean nothing ---- */

static void making(void)
{
    struct subject subject = create(WITH_OWN);
    mproc_condition condition = { { 7, 7 } };
    mproc_condition_options both = { .lock = subject.lock, .rlock = subject.rlock };
    CHECK_CODE(mproc_condition_create(&condition, &both), MPROC_E_INVALID);
    mproc_condition_options foreign = { .lock = { { 1, 2 } } };
    CHECK_CODE(mproc_condition_create(&condition, &foreign), MPROC_E_FOREIGN);
    mproc_condition_options wrong_type = { .lock = { { subject.rlock.id[0], subject.rlock.id[1] } } };
    CHECK_CODE(mproc_condition_create(&condition, &wrong_type), MPROC_E_FOREIGN);
    CHECK_EQ(condition.id[0], 7);
    CHECK_OK(mproc_condition_create(&condition, NULL));
    CHECK_OK(mproc_condition_acquire(condition, 0));
    CHECK_CODE(mproc_condition_destroy(condition), MPROC_E_STATE);
    CHECK_OK(mproc_condition_release(condition));
    CHECK_OK(mproc_condition_destroy(condition));
    destroy(subject);
}

static void check_all_say(mproc_condition condition, int expected)
{
    CHECK_CODE(mproc_condition_acquire(condition, 0), expected);
    CHECK_CODE(mproc_condition_release(condition), expected);
    CHECK_CODE(mproc_condition_repaired(condition), expected);
    CHECK_CODE(mproc_condition_wait(condition, MPROC_FOREVER), expected);
    CHECK_CODE(mproc_condition_wait_for(condition, yes, NULL, 0), expected);
    CHECK_CODE(mproc_condition_notify(condition, 1), expected);
    CHECK_CODE(mproc_condition_notify_all(condition), expected);
    CHECK_CODE(mproc_condition_destroy(condition), expected);
}

static void handles_that_mean_nothing(void)
{
    struct subject subject = create(WITH_OWN), other;
    check_all_say((mproc_condition){ { 0, 0 } }, MPROC_E_FOREIGN);
    destroy(subject);
    check_all_say(subject.condition, MPROC_E_STALE);
    other = create(WITH_OWN);
    check_all_say(subject.condition, MPROC_E_STALE);
    destroy(other);
    /* The condition is there, and its lock is not. */
    other = create(WITH_LOCK);
    CHECK_OK(mproc_lock_destroy(other.lock));
    CHECK_CODE(mproc_condition_acquire(other.condition, 0), MPROC_E_STALE);
    CHECK_CODE(mproc_condition_wait(other.condition, 0), MPROC_E_STALE);
    CHECK_OK(mproc_condition_destroy(other.condition));
    CHECK_OK(mproc_rlock_destroy(other.rlock));
}

static int wait_until_stale(mproc_task *task)
{
    struct subject subject = read_subject(task);
    lock(subject);
    atomic_fetch_add(word(WAITING), 1);
    CHECK_CODE(mproc_condition_wait(subject.condition, MPROC_FOREVER), MPROC_E_STALE);
    if (subject.kind == WITH_LOCK)
        CHECK_OK(mproc_lock_release(subject.lock));
    return 0;
}

static void destroyed_under_its_waiters(void)
{
    static const enum kind kinds[] = { WITH_OWN, WITH_LOCK };
    for (size_t i = 0; i < TEST_COUNT(kinds); i++) {
        struct subject subject = create(kinds[i]);
        atomic_store(word(WAITING), 0);
        mproc_process *process = test_start(wait_until_stale, MPROC_ARG(subject));
        WAIT_UNTIL(are_waiting(subject, 1));
        CHECK_OK(mproc_condition_destroy(subject.condition));
        CHECK_EQ(test_finish(process), 0);
        CHECK_OK(mproc_lock_destroy(subject.lock));
        CHECK_OK(mproc_rlock_destroy(subject.rlock));
    }
}

/* ---- Rule 29 ---- */

static void rule_29_time_outs(void)
{
    static const int64_t timeouts[] = { 0, -1, INT64_MIN, 1, 30 };
    struct subject subject = create(WITH_OWN);
    lock(subject);
    for (size_t i = 0; i < TEST_COUNT(timeouts); i++) {
        int64_t before_ms = os_now_ms();
        CHECK_CODE(mproc_condition_wait(subject.condition, timeouts[i]), MPROC_E_TIMEOUT);
        CHECK_LE(os_now_ms() - before_ms, test_limit_ms(2000));
        CHECK(timeouts[i] < 30 || os_now_ms() - before_ms >= 10);
    }
    CHECK_CONTAINS(mproc_last_error(), "condition subject");
    unlock(subject);
    destroy(subject);
}

static const struct test tests[] = {
    TEST(rule_25_without_the_lock),
    TEST(rule_25_notify_is_not_sticky),
    TEST(rule_25_notify_wakes_so_many),
    TEST(rule_25_the_longest_waiting_first),
    TEST_WITH(rule_25_notified_or_timed_out, 0, 120),
    TEST(rule_25_recursion_is_restored),
    TEST(rule_25_wait_for),
    TEST(rule_25_wait_for_asks_again_after_a_time_out),
    TEST(rule_25_dead_waiters_are_not_notified),
    TEST(rule_25_a_death_hands_its_notification_on),
    TEST(rule_25_a_notification_outlives_many_deaths),
    TEST(rule_25_a_death_leaves_nothing_to_late_comers),
    TEST(rule_28_wait_tells_of_the_owners_death),
    TEST(rule_28_wait_tells_of_it_after_a_time_out_too),
    TEST_WITH(so_many_waiters_and_no_more, TEST_ONCE | TEST_POSIX_ONLY | TEST_NO_SANITIZER, 120),
    TEST(making),
    TEST(handles_that_mean_nothing),
    TEST(destroyed_under_its_waiters),
    TEST(rule_29_time_outs),
};

TEST_MAIN_PLAIN(tests)
