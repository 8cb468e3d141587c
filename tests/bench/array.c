/* Adding to an integer of a shared array, by two processes to one item and by one alone, and the peers in C: an atomic
 * integer in plain shared memory. Each call adds one. */
#define _GNU_SOURCE
#include "crowd.h"

#include <stdatomic.h>

static mproc_array array;
static _Atomic int64_t *plain;

static uint64_t add(int index)
{
    (void)index;
    uint64_t times = 0;
    for (; !crowd_is_over(); times++)
        BENCH_CHECK(mproc_array_add(array, 0, 1, NULL) == 0);
    return times;
}

static uint64_t add_plain(int index)
{
    (void)index;
    uint64_t times = 0;
    for (; !crowd_is_over(); times++)
        atomic_fetch_add(plain, 1);
    return times;
}

static double together(int processes)
{
    BENCH_CHECK(mproc_array_create(&array, 'q', 1, NULL) == 0);
    double rate = crowd_rate(processes, add);
    BENCH_CHECK(*mproc_array_llong(array, NULL) > 0);
    BENCH_CHECK(mproc_array_destroy(array) == 0);
    return rate;
}

static double together_plain(int processes)
{
    plain = crowd_memory(sizeof *plain);
    double rate = crowd_rate(processes, add_plain);
    crowd_memory_free((void *)plain, sizeof *plain);
    return rate;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "array_atomic_add", "adds/s", together, 2, 9 },
        { "array_atomic_add.bare", "adds/s", together_plain, 2, 9 },
        { "array_atomic_add_alone", "adds/s", together, 1, 9 },
        { "array_atomic_add_alone.bare", "adds/s", together_plain, 1, 9 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
