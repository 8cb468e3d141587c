/* Threads, mutexes, conditions, and the hook at a thread's end. */
#include "port_test.h"

#ifndef _WIN32
#include <pthread.h>
#endif

static platform_mutex mutex = PLATFORM_MUTEX_INIT;
static platform_thread *started; /* under mutex: the thread may run before its start has returned */
static atomic_bool was_current;
static _Atomic uint64_t id;

static void note(void *argument)
{
    platform_mutex_lock(&mutex);
    *(int *)argument = 7;
    atomic_store(&was_current, platform_thread_is_current(started));
    atomic_store(&id, platform_thread_id());
    platform_mutex_unlock(&mutex);
}

static void a_thread_runs_and_is_joined(void)
{
    int value = 0;
    platform_mutex_lock(&mutex);
    CHECK_OK(platform_thread_start(note, &value, "a name that is too long for some", &started));
    platform_mutex_unlock(&mutex);
    CHECK(!platform_thread_is_current(started));
    platform_thread_join(started);
    CHECK_EQ(value, 7);
    CHECK(atomic_load(&was_current));
    CHECK(atomic_load(&id) != platform_thread_id());
}

static void ask_whether_first(void *ret_first)
{
    *(bool *)ret_first = platform_thread_is_first();
}

static void one_thread_is_the_first(void)
{
    bool first = true;
    platform_thread *thread;
    CHECK(platform_thread_is_first() || PORT_IS_WINDOWS);
    CHECK_OK(platform_thread_start(ask_whether_first, &first, "another", &thread));
    platform_thread_join(thread);
    CHECK(!first);
}

static bool can_be_cancelled(void)
{
#ifdef _WIN32
    return true;
#else
    int state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    pthread_setcancelstate(state, &(int){ 0 });
    return state == PTHREAD_CANCEL_ENABLE;
#endif
}

static void cancellation_is_held_back(void)
{
    int outer = platform_cancel_hold();
    CHECK(PORT_IS_WINDOWS || !can_be_cancelled());
    int inner = platform_cancel_hold();
    platform_cancel_release(inner);
    CHECK(PORT_IS_WINDOWS || !can_be_cancelled());
    platform_cancel_release(outer);
    CHECK(can_be_cancelled());
}

static void wait_for_event(void *event)
{
    unsigned char ready;
    platform_wait_handles(event, 1, INT64_MAX, &ready);
}

static void threads_are_counted(void)
{
    platform_handle event;
    platform_thread *thread;
    CHECK_OK(platform_event_create(&event));
    int before = platform_thread_count();
    CHECK_OK(platform_thread_start(wait_for_event, &event, "waits", &thread));
    int with = platform_thread_count();
    CHECK(with == before + 1 || with == 1);
    platform_event_set(event);
    platform_thread_join(thread);
    platform_handle_close(event);
}

static int under_mutex;

static void count_up(void *which)
{
    for (int i = 0; i < 20000; i++) {
        platform_mutex_lock(which);
        under_mutex++;
        platform_mutex_unlock(which);
    }
}

static void exclude_each_other(platform_mutex *which)
{
    platform_thread *threads[4];
    under_mutex = 0;
    for (int i = 0; i < 4; i++)
        CHECK_OK(platform_thread_start(count_up, which, "counter", &threads[i]));
    for (int i = 0; i < 4; i++)
        platform_thread_join(threads[i]);
    CHECK_EQ(under_mutex, 80000);
}

static void mutexes_exclude(void)
{
    platform_mutex made;
    memset(&made, 0xff, sizeof made);
    exclude_each_other(&mutex);
    platform_mutex_init(&made);
    exclude_each_other(&made);
    platform_mutex_destroy(&made);
}

/* ---- Conditions ---- */

static struct {
    platform_mutex mutex;
    platform_condition changed;
    int waiting, woken;
    bool go;
} shared;

static void wait_for_go(void *unused)
{
    (void)unused;
    platform_mutex_lock(&shared.mutex);
    shared.waiting++;
    while (!shared.go)
        platform_condition_wait(&shared.changed, &shared.mutex, INT64_MAX);
    shared.woken++;
    platform_mutex_unlock(&shared.mutex);
}

static int locked(const int *value)
{
    platform_mutex_lock(&shared.mutex);
    int copy = *value;
    platform_mutex_unlock(&shared.mutex);
    return copy;
}

static void conditions_wake(void)
{
    platform_thread *threads[3];
    memset(&shared, 0xff, sizeof shared);
    shared.waiting = shared.woken = 0;
    shared.go = false;
    platform_mutex_init(&shared.mutex);
    CHECK_OK(platform_condition_init(&shared.changed));
    for (int i = 0; i < 3; i++)
        CHECK_OK(platform_thread_start(wait_for_go, NULL, "waiter", &threads[i]));
    WAIT_UNTIL(locked(&shared.waiting) == 3);
    platform_mutex_lock(&shared.mutex);
    shared.go = true;
    platform_condition_signal(&shared.changed);
    platform_mutex_unlock(&shared.mutex);
    WAIT_UNTIL(locked(&shared.woken) >= 1);
    platform_condition_broadcast(&shared.changed);
    for (int i = 0; i < 3; i++)
        platform_thread_join(threads[i]);
    platform_condition_destroy(&shared.changed);
    platform_mutex_destroy(&shared.mutex);
}

static void conditions_keep_deadlines(void)
{
    platform_condition condition;
    CHECK_OK(platform_condition_init(&condition));
    platform_mutex_lock(&mutex);
    int64_t deadline_ns = platform_now_ns() + 50000000;
    while (platform_condition_wait(&condition, &mutex, deadline_ns))
        CHECK(platform_now_ns() < deadline_ns + INT64_C(30000000000));
    CHECK(platform_now_ns() >= deadline_ns);
    CHECK(!platform_condition_wait(&condition, &mutex, 0));
    platform_mutex_unlock(&mutex);
    platform_condition_destroy(&condition);
}

/* ---- The hook ---- */

static atomic_int hooked;

static void hook(void)
{
    atomic_fetch_add(&hooked, 1);
}

static void end_armed(void *armed)
{
    if (armed)
        platform_thread_exit_arm();
}

static void the_hook_runs_where_it_is_armed(void)
{
    platform_thread *thread;
    int armed;
    platform_thread_exit_hook(hook);
    CHECK_OK(platform_thread_start(end_armed, NULL, "unarmed", &thread));
    platform_thread_join(thread);
    CHECK_EQ(atomic_load(&hooked), 0);
    CHECK_OK(platform_thread_start(end_armed, &armed, "armed", &thread));
    platform_thread_join(thread);
    CHECK_EQ(atomic_load(&hooked), 1);
}

/* ---- Threads that run the program's functions ---- */

static atomic_int steps;

static void first_step(void *argument)
{
    (void)argument;
    atomic_store(&steps, 1);
}

static void second_step(void *argument)
{
    platform_thread **forgotten = argument;
    CHECK_EQ(atomic_exchange(&steps, 2), 1);
    if (forgotten == NULL)
        return;
    platform_mutex_lock(&mutex);
    platform_thread_forget(*forgotten);
    platform_mutex_unlock(&mutex);
    atomic_store(&steps, 3);
}

static void a_program_thread_tells_its_end(void)
{
    platform_thread *thread;
    CHECK_OK(platform_program_thread_start(first_step, second_step, NULL, "joined", &thread));
    platform_thread_join(thread);
    CHECK_EQ(atomic_load(&steps), 2);
    platform_mutex_lock(&mutex);
    CHECK_OK(platform_program_thread_start(first_step, second_step, &thread, "forgotten", &thread));
    platform_mutex_unlock(&mutex);
    while (atomic_load(&steps) != 3)
        platform_yield();
}

static const struct port_test tests[] = { TEST(a_thread_runs_and_is_joined),
                                          TEST(threads_are_counted),
                                          TEST(one_thread_is_the_first),
                                          TEST(cancellation_is_held_back),
                                          TEST(mutexes_exclude),
                                          TEST(conditions_wake),
                                          TEST(conditions_keep_deadlines),
                                          TEST(the_hook_runs_where_it_is_armed),
                                          TEST(a_program_thread_tells_its_end) };
static const struct port_child children[] = { { NULL, NULL } };
PORT_MAIN(tests, children)
