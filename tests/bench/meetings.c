/* Processes that wait for each other: how long one round takes.
 *
 * condition_roundtrip: two processes take turns under a condition. event_roundtrip: two processes answer each other
 * with two events. barrier_4: four processes meet. Peers in C: glibc's condition with its robust mutex, its barrier; it
 * has no event. A round that finds its partner running costs a microsecond or less, one that has to wake him a system
 * call and a switch: the figures are means over many rounds, as they come. */
#define _GNU_SOURCE
#include "crowd.h"

#include <pthread.h>

#define ROUNDS  20000
#define PARTIES 4

static struct place {
    mproc_condition condition;
    mproc_event events[2];
    mproc_barrier barrier;
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    pthread_barrier_t meeting;
    _Alignas(64) volatile int turn;
} * place;

static void init_glibc(void)
{
    pthread_mutexattr_t mutex;
    pthread_condattr_t cond;
    pthread_barrierattr_t barrier;
    pthread_mutexattr_init(&mutex);
    pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&mutex, PTHREAD_MUTEX_ROBUST);
    pthread_condattr_init(&cond);
    pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED);
    pthread_barrierattr_init(&barrier);
    pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
    BENCH_CHECK(pthread_mutex_init(&place->mutex, &mutex) == 0);
    BENCH_CHECK(pthread_cond_init(&place->cond, &cond) == 0);
    BENCH_CHECK(pthread_barrier_init(&place->meeting, &barrier, PARTIES) == 0);
}

static void place_make(void)
{
    place = crowd_memory(sizeof *place);
    BENCH_CHECK(mproc_condition_create(&place->condition, NULL) == 0);
    BENCH_CHECK(mproc_event_create(&place->events[0], NULL) == 0);
    BENCH_CHECK(mproc_event_create(&place->events[1], NULL) == 0);
    BENCH_CHECK(mproc_barrier_create(&place->barrier, PARTIES, NULL) == 0);
    init_glibc();
}

static void place_free(void)
{
    BENCH_CHECK(mproc_condition_destroy(place->condition) == 0);
    BENCH_CHECK(mproc_event_destroy(place->events[0]) == 0);
    BENCH_CHECK(mproc_event_destroy(place->events[1]) == 0);
    BENCH_CHECK(mproc_barrier_destroy(place->barrier) == 0);
    crowd_memory_free(place, sizeof *place);
}

static double round_time(int processes, crowd_function *function)
{
    place_make();
    double elapsed = crowd_time(processes, function);
    place_free();
    return elapsed / ROUNDS;
}

/* ---- Condition ---- */

static uint64_t take_turns(int index)
{
    for (int i = 0; i < ROUNDS; i++) {
        BENCH_CHECK(mproc_condition_acquire(place->condition, MPROC_FOREVER) == 0);
        while (place->turn != index)
            BENCH_CHECK(mproc_condition_wait(place->condition, MPROC_FOREVER) == 0);
        place->turn = 1 - index;
        BENCH_CHECK(mproc_condition_notify(place->condition, 1) >= 0);
        BENCH_CHECK(mproc_condition_release(place->condition) == 0);
    }
    return ROUNDS;
}

static double condition_roundtrip(int unused)
{
    (void)unused;
    return round_time(2, take_turns);
}

static uint64_t take_turns_glibc(int index)
{
    for (int i = 0; i < ROUNDS; i++) {
        BENCH_CHECK(pthread_mutex_lock(&place->mutex) == 0);
        while (place->turn != index)
            BENCH_CHECK(pthread_cond_wait(&place->cond, &place->mutex) == 0);
        place->turn = 1 - index;
        BENCH_CHECK(pthread_cond_signal(&place->cond) == 0);
        BENCH_CHECK(pthread_mutex_unlock(&place->mutex) == 0);
    }
    return ROUNDS;
}

static double condition_roundtrip_glibc(int unused)
{
    (void)unused;
    return round_time(2, take_turns_glibc);
}

/* ---- Event ---- */

static uint64_t ask_and_answer(int index)
{
    mproc_event mine = place->events[index], other = place->events[1 - index];
    for (int i = 0; i < ROUNDS; i++) {
        if (index == 0)
            BENCH_CHECK(mproc_event_set(other) == 0);
        BENCH_CHECK(mproc_event_wait(mine, MPROC_FOREVER) == 0);
        BENCH_CHECK(mproc_event_clear(mine) == 0);
        if (index == 1)
            BENCH_CHECK(mproc_event_set(other) == 0);
    }
    return ROUNDS;
}

static double event_roundtrip(int unused)
{
    (void)unused;
    return round_time(2, ask_and_answer);
}

/* ---- Barrier ---- */

static uint64_t meet(int index)
{
    (void)index;
    for (int i = 0; i < ROUNDS; i++)
        BENCH_CHECK(mproc_barrier_wait(place->barrier, MPROC_FOREVER, NULL) == 0);
    return ROUNDS;
}

static double barrier(int unused)
{
    (void)unused;
    return round_time(PARTIES, meet);
}

static uint64_t meet_glibc(int index)
{
    (void)index;
    for (int i = 0; i < ROUNDS; i++)
        pthread_barrier_wait(&place->meeting);
    return ROUNDS;
}

static double barrier_glibc(int unused)
{
    (void)unused;
    return round_time(PARTIES, meet_glibc);
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "condition_roundtrip", "s", condition_roundtrip, 0, 7 },
        { "condition_roundtrip.glibc", "s", condition_roundtrip_glibc, 0, 7 },
        { "event_roundtrip", "s", event_roundtrip, 0, 7 },
        { "barrier_4", "s", barrier, 0, 7 },
        { "barrier_4.glibc", "s", barrier_glibc, 0, 7 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
