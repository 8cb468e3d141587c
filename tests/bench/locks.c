/* Locks and semaphores, alone and fought over, and the peers in C: glibc's robust process-shared mutex and its sem_t.
 *
 * Alone: one thread takes and gives a lock as fast as it can. Contended: so many processes do so with one lock, and
 * each changes two counters that the lock guards. A pair is one taking and one giving. */
#define _GNU_SOURCE
#include "crowd.h"

#include <pthread.h>
#include <semaphore.h>

#define ALONE_PAIRS 4000000

static struct guarded {
    mproc_lock lock;
    pthread_mutex_t mutex;
    _Alignas(64) volatile uint64_t first, second;
} * guarded;

static struct guarded *guarded_make(void)
{
    struct guarded *made = crowd_memory(sizeof *made);
    pthread_mutexattr_t attributes;
    BENCH_CHECK(mproc_lock_create(&made->lock, NULL) == 0);
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    BENCH_CHECK(pthread_mutex_init(&made->mutex, &attributes) == 0);
    return made;
}

static void guarded_free(struct guarded *made)
{
    BENCH_CHECK(made->first == made->second);
    BENCH_CHECK(mproc_lock_destroy(made->lock) == 0);
    crowd_memory_free(made, sizeof *made);
}

/* ---- Alone ---- */

static double alone(int unused)
{
    (void)unused;
    struct guarded *made = guarded_make();
    mproc_lock lock = made->lock;
    BENCH_CHECK(mproc_lock_acquire(lock, 0) == 0 && mproc_lock_release(lock) == 0);
    double start = bench_now();
    for (int i = 0; i < ALONE_PAIRS; i++)
        BENCH_CHECK(mproc_lock_acquire(lock, MPROC_FOREVER) == 0 && mproc_lock_release(lock) == 0);
    double elapsed = bench_now() - start;
    guarded_free(made);
    return ALONE_PAIRS / elapsed;
}

static double alone_glibc(int unused)
{
    (void)unused;
    struct guarded *made = guarded_make();
    double start = bench_now();
    for (int i = 0; i < ALONE_PAIRS; i++)
        BENCH_CHECK(pthread_mutex_lock(&made->mutex) == 0 && pthread_mutex_unlock(&made->mutex) == 0);
    double elapsed = bench_now() - start;
    guarded_free(made);
    return ALONE_PAIRS / elapsed;
}

static double semaphore_alone(int unused)
{
    (void)unused;
    mproc_semaphore semaphore;
    BENCH_CHECK(mproc_semaphore_create(&semaphore, 1, NULL) == 0);
    double start = bench_now();
    for (int i = 0; i < ALONE_PAIRS; i++)
        BENCH_CHECK(mproc_semaphore_acquire(semaphore, MPROC_FOREVER) == 0 && mproc_semaphore_release(semaphore) == 0);
    double elapsed = bench_now() - start;
    BENCH_CHECK(mproc_semaphore_destroy(semaphore) == 0);
    return ALONE_PAIRS / elapsed;
}

static double semaphore_alone_glibc(int unused)
{
    (void)unused;
    sem_t *semaphore = crowd_memory(sizeof *semaphore);
    BENCH_CHECK(sem_init(semaphore, 1, 1) == 0);
    double start = bench_now();
    for (int i = 0; i < ALONE_PAIRS; i++)
        BENCH_CHECK(sem_wait(semaphore) == 0 && sem_post(semaphore) == 0);
    double elapsed = bench_now() - start;
    crowd_memory_free(semaphore, sizeof *semaphore);
    return ALONE_PAIRS / elapsed;
}

/* ---- Contended ---- */

static uint64_t fight(int index)
{
    (void)index;
    uint64_t pairs = 0;
    for (; !crowd_is_over(); pairs++) {
        BENCH_CHECK(mproc_lock_acquire(guarded->lock, MPROC_FOREVER) == 0);
        guarded->first++;
        guarded->second++;
        BENCH_CHECK(mproc_lock_release(guarded->lock) == 0);
    }
    return pairs;
}

static uint64_t fight_glibc(int index)
{
    (void)index;
    uint64_t pairs = 0;
    for (; !crowd_is_over(); pairs++) {
        BENCH_CHECK(pthread_mutex_lock(&guarded->mutex) == 0);
        guarded->first++;
        guarded->second++;
        BENCH_CHECK(pthread_mutex_unlock(&guarded->mutex) == 0);
    }
    return pairs;
}

static double contended(int processes)
{
    guarded = guarded_make();
    double rate = crowd_rate(processes, fight);
    guarded_free(guarded);
    return rate;
}

static double contended_glibc(int processes)
{
    guarded = guarded_make();
    double rate = crowd_rate(processes, fight_glibc);
    guarded_free(guarded);
    return rate;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "lock_alone", "pairs/s", alone, 0, 9 },
        { "lock_alone.glibc", "pairs/s", alone_glibc, 0, 9 },
        { "semaphore_alone", "pairs/s", semaphore_alone, 0, 9 },
        { "semaphore_alone.glibc", "pairs/s", semaphore_alone_glibc, 0, 9 },
        { "lock_contended_2", "pairs/s", contended, 2, 9 },
        { "lock_contended_2.glibc", "pairs/s", contended_glibc, 2, 9 },
        { "lock_contended_4", "pairs/s", contended, 4, 9 },
        { "lock_contended_4.glibc", "pairs/s", contended_glibc, 4, 9 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
