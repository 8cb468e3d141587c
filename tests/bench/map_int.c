/* map of a kernel over an int array, the chunk chosen by the library. map_int.serial is the same kernel called through
 * the same pointer by a plain loop in this process. Input and output are warm in both: a fresh page costs more than
 * the items on it. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#define ITEMS   10000000
#define WORKERS 2

struct arrays {
    int *in;
    int *out;
};

static int kernel(const void *in, void *out, mproc_task *task)
{
    (void)task;
    *(int *)out = *(const int *)in * 3 + 1;
    return 0;
}

static struct arrays make_arrays(void)
{
    struct arrays arrays = { malloc(ITEMS * sizeof(int)), malloc(ITEMS * sizeof(int)) };
    BENCH_CHECK(arrays.in && arrays.out);
    for (int i = 0; i < ITEMS; i++)
        arrays.in[i] = i % 1000003;
    return arrays;
}

static void check_and_free(struct arrays arrays)
{
    for (int i = 0; i < ITEMS; i++)
        BENCH_CHECK(arrays.out[i] == arrays.in[i] * 3 + 1);
    free(arrays.in);
    free(arrays.out);
}

static double measure(int workers)
{
    struct arrays arrays = make_arrays();
    mproc_pool *pool = bench_pool(workers);
    BENCH_CHECK(mproc_pool_map(pool, kernel, arrays.in, sizeof(int), ITEMS, arrays.out, sizeof(int), NULL) == 0);
    memset(arrays.out, 0, ITEMS * sizeof(int));
    double start = bench_now();
    BENCH_CHECK(mproc_pool_map(pool, kernel, arrays.in, sizeof(int), ITEMS, arrays.out, sizeof(int), NULL) == 0);
    double elapsed = bench_now() - start;
    bench_pool_end(pool);
    check_and_free(arrays);
    return ITEMS / elapsed;
}

static double measure_serial(int unused)
{
    (void)unused;
    struct arrays arrays = make_arrays();
    memset(arrays.out, 0, ITEMS * sizeof(int));
    /* Volatile, or the compiler would inline the kernel and vectorise the loop, which no library can. */
    mproc_item_fn *volatile pointer = kernel;
    mproc_item_fn *function = pointer;
    double start = bench_now();
    for (int i = 0; i < ITEMS; i++)
        BENCH_CHECK(function(&arrays.in[i], &arrays.out[i], NULL) == 0);
    double elapsed = bench_now() - start;
    check_and_free(arrays);
    return ITEMS / elapsed;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "map_int", "items/s", measure, WORKERS, 7 },
        { "map_int.serial", "items/s", measure_serial, 0, 5 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
