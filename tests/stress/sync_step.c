/* A user of a lock, semaphore, condition, event or barrier killed at every instruction of what it does with it.
 *
 * Each test leads a process through one piece of work, so many single steps far, kills it, and checks that what it left
 * behind works and adds up; then one step more, until it is through. The sample takes a prime stride, which meets every
 * kind of instruction; all of them are for MPROC_TEST_SOAK. Under fork alone: the instructions are the same under
 * spawn.
 */
#include "barrier_calls.h"
#include "stepper.h"

/* Board words: what the killed one has begun, and what it knows to be done. */
enum { BEGUN = 10, DONE, WOKEN, WAITING, HELPER_DONE };

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

struct subject {
    mproc_lock lock;
    mproc_rlock rlock;
    mproc_semaphore semaphore;
    mproc_semaphore permits;
    mproc_condition condition;
    mproc_event event;
    mproc_barrier barrier;
};

enum { PERMITS = 2 };

static struct subject create(void)
{
    struct subject subject;
    CHECK_OK(mproc_lock_create(&subject.lock, NULL));
    CHECK_OK(mproc_rlock_create(&subject.rlock, NULL));
    CHECK_OK(mproc_semaphore_create(&subject.semaphore, PERMITS, NULL));
    CHECK_OK(mproc_semaphore_create(&subject.permits, PERMITS, &(mproc_semaphore_options){ .track_owners = 1 }));
    CHECK_OK(mproc_condition_create(&subject.condition, &(mproc_condition_options){ .lock = subject.lock }));
    CHECK_OK(mproc_event_create(&subject.event, NULL));
    CHECK_OK(mproc_barrier_create(&subject.barrier, 2, NULL));
    return subject;
}

static void destroy(struct subject subject)
{
    CHECK_OK(mproc_barrier_destroy(subject.barrier));
    CHECK_OK(mproc_event_destroy(subject.event));
    CHECK_OK(mproc_condition_destroy(subject.condition));
    CHECK_OK(mproc_semaphore_destroy(subject.permits));
    CHECK_OK(mproc_semaphore_destroy(subject.semaphore));
    CHECK_OK(mproc_rlock_destroy(subject.rlock));
    CHECK_OK(mproc_lock_destroy(subject.lock));
}

static struct subject read_subject(mproc_task *task)
{
    struct subject subject;
    CHECK_OK(mproc_task_read(task, &subject, sizeof subject));
    return subject;
}

/* The node is made before the steps are counted: making it is the family's business, and is stepped through there. */
static struct subject begin(mproc_task *task)
{
    struct subject subject = read_subject(task);
    CHECK_OK(mproc_rlock_acquire(subject.rlock, 0));
    CHECK_OK(mproc_rlock_release(subject.rlock));
    stepper_begin();
    return subject;
}

/* Kills after 0, stride, 2 * stride ... steps; each time on fresh objects. */
static void step_through(mproc_task_fn *function, void (*check)(struct subject subject))
{
    long stride = stepper_stride(199, 1), kills = 0;
    bool through = false;
    for (long steps = 0; !through; steps += stride, kills++) {
        struct subject subject = create();
        for (int i = BEGUN; i <= HELPER_DONE; i++)
            atomic_store(word(i), 0);
        through = stepper_kill_after(function, MPROC_ARG(subject), steps, NULL);
        check(subject);
        destroy(subject);
    }
    CHECK(kills > 100 / stride);
}

/* ---- Locks ---- */

static int use_locks(mproc_task *task)
{
    struct subject subject = begin(task);
    CHECK_OK(mproc_lock_acquire(subject.lock, MPROC_FOREVER));
    atomic_store(word(BEGUN), 1);
    CHECK_OK(mproc_lock_release(subject.lock));
    CHECK_OK(mproc_rlock_acquire(subject.rlock, MPROC_FOREVER));
    CHECK_OK(mproc_rlock_acquire(subject.rlock, 10));
    CHECK_OK(mproc_rlock_release(subject.rlock));
    atomic_store(word(DONE), 1);
    CHECK_OK(mproc_rlock_release(subject.rlock));
    stepper_through();
}

/* Free, or left by the dead: never held, and as good as new after the repair. */
static void check_lock(mproc_lock lock)
{
    CHECK_EQ(mproc_lock_is_locked(lock), 0);
    if (mproc_lock_acquire(lock, 0) == MPROC_OWNER_DIED)
        CHECK_OK(mproc_lock_repaired(lock));
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_lock_acquire(lock, 0));
    CHECK_OK(mproc_lock_release(lock));
}

static void check_locks(struct subject subject)
{
    check_lock(subject.lock);
    CHECK_EQ(mproc_rlock_is_locked(subject.rlock), 0);
    if (mproc_rlock_acquire(subject.rlock, 0) == MPROC_OWNER_DIED)
        CHECK_OK(mproc_rlock_repaired(subject.rlock));
    CHECK_OK(mproc_rlock_release(subject.rlock));
    CHECK_CODE(mproc_rlock_release(subject.rlock), MPROC_E_NOT_OWNER);
}

static void locks_stepped(void)
{
    step_through(use_locks, check_locks);
}

/* ---- Semaphores ---- */

static int use_semaphores(mproc_task *task)
{
    struct subject subject = begin(task);
    atomic_fetch_add(word(BEGUN), 1);
    CHECK_OK(mproc_semaphore_acquire(subject.semaphore, MPROC_FOREVER));
    atomic_fetch_add(word(DONE), 1);
    CHECK_OK(mproc_semaphore_acquire(subject.permits, MPROC_FOREVER));
    CHECK_OK(mproc_semaphore_release(subject.permits));
    stepper_through();
}

static void check_semaphores(struct subject subject)
{
    int64_t taken = PERMITS - value_of(subject.semaphore);
    CHECK_LE(atomic_load(word(DONE)), taken);
    CHECK_LE(taken, atomic_load(word(BEGUN)));
    CHECK_EQ(value_of(subject.permits), PERMITS);
    for (int i = 0; i < PERMITS; i++)
        CHECK(mproc_semaphore_acquire(subject.permits, 0) >= 0);
    CHECK_CODE(mproc_semaphore_acquire(subject.permits, 0), MPROC_E_TIMEOUT);
    for (int i = 0; i < PERMITS; i++)
        CHECK_OK(mproc_semaphore_release(subject.permits));
}

static void semaphores_stepped(void)
{
    step_through(use_semaphores, check_semaphores);
}

/* ---- Event ---- */

static int use_event(mproc_task *task)
{
    struct subject subject = begin(task);
    CHECK_OK(mproc_event_set(subject.event));
    CHECK_OK(mproc_event_wait(subject.event, MPROC_FOREVER));
    CHECK_OK(mproc_event_clear(subject.event));
    CHECK_CODE(mproc_event_wait(subject.event, 0), MPROC_E_TIMEOUT);
    stepper_through();
}

static void check_event(struct subject subject)
{
    CHECK_OK(mproc_event_set(subject.event));
    CHECK_OK(mproc_event_wait(subject.event, 0));
    CHECK_OK(mproc_event_clear(subject.event));
    CHECK_CODE(mproc_event_wait(subject.event, 0), MPROC_E_TIMEOUT);
}

static void event_stepped(void)
{
    step_through(use_event, check_event);
}

/* ---- Condition: one that notifies, and one that is notified ---- */

/* Takes the lock whatever became of its last holder. */
static void take(mproc_lock lock)
{
    int code = mproc_lock_acquire(lock, test_limit_ms(20000));
    CHECK(code >= 0);
    if (code == MPROC_OWNER_DIED)
        CHECK_OK(mproc_lock_repaired(lock));
}

static int wait_beside(mproc_task *task)
{
    struct subject subject = read_subject(task);
    take(subject.lock);
    atomic_fetch_add(word(WAITING), 1);
    int code = mproc_condition_wait(subject.condition, MPROC_FOREVER);
    CHECK(code >= 0);
    if (code == MPROC_OWNER_DIED)
        CHECK_OK(mproc_lock_repaired(subject.lock));
    atomic_fetch_add(word(WOKEN), 1);
    CHECK_OK(mproc_lock_release(subject.lock));
    return 0;
}

static bool so_many_wait(struct subject subject, int64_t count)
{
    take(subject.lock);
    bool there = atomic_load(word(WAITING)) == count;
    CHECK_OK(mproc_lock_release(subject.lock));
    return there;
}

static int use_notify(mproc_task *task)
{
    struct subject subject = begin(task);
    CHECK_OK(mproc_lock_acquire(subject.lock, MPROC_FOREVER));
    atomic_store(word(BEGUN), 1);
    CHECK_EQ(mproc_condition_notify(subject.condition, 1), 1);
    atomic_store(word(DONE), 1);
    CHECK_OK(mproc_lock_release(subject.lock));
    stepper_through();
}

/* Two wait. What was notified for certain comes out, at most one does without that, and the rest can be notified. */
static void settle_condition(struct subject subject, mproc_process **helpers, int64_t at_least, int64_t at_most)
{
    WAIT_UNTIL(atomic_load(word(WOKEN)) >= at_least);
    take(subject.lock);
    int64_t woken = atomic_load(word(WOKEN));
    CHECK_LE(woken, at_most);
    int notified = mproc_condition_notify_all(subject.condition);
    CHECK_OK(mproc_lock_release(subject.lock));
    /* One that is marked and has not the lock yet is neither woken nor waiting. */
    CHECK_LE(2 - woken - notified, at_most - at_least);
    CHECK_LE(0, 2 - woken - notified);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(test_finish(helpers[i]), 0);
}

static void start_helpers(struct subject subject, mproc_process **ret_helpers)
{
    for (int i = 0; i < 2; i++)
        ret_helpers[i] = test_start(wait_beside, MPROC_ARG(subject));
    WAIT_UNTIL(so_many_wait(subject, 2));
}

static bool kill_in_company(mproc_task_fn *function, long steps, bool notifies)
{
    struct subject subject = create();
    mproc_process *helpers[2];
    for (int i = BEGUN; i <= HELPER_DONE; i++)
        atomic_store(word(i), 0);
    start_helpers(subject, helpers);
    bool through = stepper_kill_after(function, MPROC_ARG(subject), steps, NULL);
    int64_t begun = notifies ? atomic_load(word(BEGUN)) : 0, done = notifies ? atomic_load(word(DONE)) : 0;
    settle_condition(subject, helpers, done, begun);
    destroy(subject);
    return through;
}

static void step_in_company(mproc_task_fn *function, bool notifies)
{
    long stride = stepper_stride(431, 1), kills = 0;
    for (long steps = 0; !kill_in_company(function, steps, notifies); steps += stride)
        kills++;
    CHECK(kills > 100 / stride);
}

static void notifier_stepped(void)
{
    step_in_company(use_notify, true);
}

/* A waiter that comes, waits in vain, and goes. */
static int use_wait(mproc_task *task)
{
    struct subject subject = begin(task);
    CHECK_OK(mproc_lock_acquire(subject.lock, MPROC_FOREVER));
    CHECK_CODE(mproc_condition_wait(subject.condition, 0), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_lock_release(subject.lock));
    stepper_through();
}

static void waiter_stepped(void)
{
    step_in_company(use_wait, false);
}

/* A waiter that is notified in the middle, once it sleeps or spins, and another that waits as long: one notification
 * ends exactly one of the two waits, whatever becomes of the first. Board word BEGUN: the first one waits. */
static int use_notified_wait(mproc_task *task)
{
    struct subject subject = read_subject(task);
    CHECK_OK(mproc_lock_acquire(subject.lock, MPROC_FOREVER));
    stepper_begin();
    atomic_store(word(BEGUN), 1);
    int code = mproc_condition_wait(subject.condition, MPROC_FOREVER);
    CHECK(code >= 0);
    atomic_store(word(DONE), 1);
    CHECK_OK(mproc_lock_release(subject.lock));
    stepper_through();
}

static bool waits_without_the_lock(int64_t pid, struct subject subject)
{
    stepper_lead(pid, 50);
    return atomic_load(word(BEGUN)) && mproc_lock_is_locked(subject.lock) == 0;
}

/* What the notification has become of: of the one killed, or handed on. */
static void settle_notified(struct subject subject, mproc_process *helper)
{
    int code = mproc_lock_acquire(subject.lock, test_limit_ms(20000));
    CHECK(code >= 0);
    bool doubtful = code == MPROC_OWNER_DIED && !atomic_load(word(DONE));
    if (code == MPROC_OWNER_DIED)
        CHECK_OK(mproc_lock_repaired(subject.lock));
    CHECK_OK(mproc_lock_release(subject.lock));
    if (!doubtful && !atomic_load(word(DONE)))
        WAIT_UNTIL(atomic_load(word(WOKEN)) == 1);
    take(subject.lock);
    int notified = mproc_condition_notify_all(subject.condition);
    CHECK_OK(mproc_lock_release(subject.lock));
    CHECK_LE(notified, 1);
    if (atomic_load(word(DONE)))
        CHECK_EQ(notified, 1);
    CHECK_EQ(test_finish(helper), 0);
    CHECK_EQ(atomic_load(word(WOKEN)), 1);
}

static bool kill_notified(long steps)
{
    struct subject subject = create();
    for (int i = BEGUN; i <= HELPER_DONE; i++)
        atomic_store(word(i), 0);
    mproc_process *victim = stepper_start(use_notified_wait, MPROC_ARG(subject));
    int64_t pid = test_pid(victim);
    while (!waits_without_the_lock(pid, subject))
        ;
    mproc_process *helper = test_start(wait_beside, MPROC_ARG(subject));
    WAIT_UNTIL(so_many_wait(subject, 1));
    take(subject.lock);
    CHECK_EQ(mproc_condition_notify(subject.condition, 1), 1);
    CHECK_OK(mproc_lock_release(subject.lock));
    stepper_lead(pid, steps);
    bool through = stepper_is_through();
    stepper_kill(pid);
    test_finish(victim);
    settle_notified(subject, helper);
    destroy(subject);
    return through;
}

static void notified_waiter_stepped(void)
{
    long stride = stepper_stride(431, 1), kills = 0;
    for (long steps = 0; !kill_notified(steps); steps += stride)
        kills++;
    CHECK(kills > 100 / stride);
}

/* ---- Barrier ---- */

/* Comes last, so that the other one's generation ends by it. */
static int use_barrier(mproc_task *task)
{
    struct subject subject = begin(task);
    CHECK_EQ(arrive(subject.barrier, MPROC_FOREVER), 1);
    atomic_store(word(DONE), 1);
    stepper_through();
}

/* Comes alone, breaks it, mends it, goes. */
static int use_barrier_alone(mproc_task *task)
{
    struct subject subject = begin(task);
    CHECK_OK(mproc_barrier_attach(subject.barrier));
    CHECK_CODE(arrive(subject.barrier, 0), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_barrier_reset(subject.barrier));
    CHECK_OK(mproc_barrier_abort(subject.barrier));
    CHECK_OK(mproc_barrier_reset(subject.barrier));
    CHECK_OK(mproc_barrier_detach(subject.barrier));
    stepper_through();
}

static int meet_beside(mproc_task *task)
{
    int code = arrive(read_subject(task).barrier, MPROC_FOREVER);
    CHECK(code >= 0 || code == MPROC_E_BROKEN_BARRIER);
    atomic_store(word(HELPER_DONE), code >= 0 ? 1 : 2);
    return 0;
}

static mproc_process *start_beside(struct subject subject)
{
    atomic_store(word(HELPER_DONE), 0);
    mproc_process *helper = test_start(meet_beside, MPROC_ARG(subject));
    WAIT_UNTIL(waiting_at(subject.barrier) == 1);
    return helper;
}

static void check_barrier(struct subject subject)
{
    CHECK_OK(mproc_barrier_reset(subject.barrier));
    CHECK_EQ(mproc_barrier_is_broken(subject.barrier), 0);
    mproc_process *helper = start_beside(subject);
    CHECK_EQ(arrive(subject.barrier, MPROC_FOREVER), 1);
    CHECK_EQ(test_finish(helper), 0);
    CHECK_EQ(atomic_load(word(HELPER_DONE)), 1);
}

static bool kill_at_the_barrier(long steps)
{
    struct subject subject = create();
    for (int i = BEGUN; i <= HELPER_DONE; i++)
        atomic_store(word(i), 0);
    mproc_process *helper = start_beside(subject);
    bool through = stepper_kill_after(use_barrier, MPROC_ARG(subject), steps, NULL);
    /* Killed before it came it was never known: then nobody but us can tell the other one. */
    CHECK_OK(mproc_barrier_abort(subject.barrier));
    CHECK_EQ(test_finish(helper), 0);
    if (atomic_load(word(DONE)))
        CHECK_EQ(atomic_load(word(HELPER_DONE)), 1);
    check_barrier(subject);
    destroy(subject);
    return through;
}

static void last_party_stepped(void)
{
    long stride = stepper_stride(431, 1), kills = 0;
    for (long steps = 0; !kill_at_the_barrier(steps); steps += stride)
        kills++;
    CHECK(kills > 100 / stride);
}

static void lonely_party_stepped(void)
{
    step_through(use_barrier_alone, check_barrier);
}

#define STEP_TEST(function) TEST_WITH(function, TEST_FORK_ONLY | TEST_NO_SANITIZER, 1200)

static const struct test tests[] = {
    STEP_TEST(locks_stepped),      STEP_TEST(semaphores_stepped),   STEP_TEST(event_stepped),
    STEP_TEST(notifier_stepped),   STEP_TEST(waiter_stepped),       STEP_TEST(notified_waiter_stepped),
    STEP_TEST(last_party_stepped), STEP_TEST(lonely_party_stepped),
};

TEST_MAIN_PLAIN(tests)
