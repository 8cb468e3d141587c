/* imap_unordered: items from a source, one task an item, outcomes as they come. */
#include "bench.h"

#define ITEMS 400000

struct numbers {
    int64_t next;
    int64_t end;
    int64_t item;
};

static int next_number(void *user, mproc_view *ret_args)
{
    struct numbers *numbers = user;
    if (numbers->next == numbers->end)
        return 0;
    numbers->item = numbers->next++;
    *ret_args = MPROC_ARG(numbers->item);
    return 1;
}

static void run_items(mproc_pool *pool, int64_t count)
{
    struct numbers numbers = { .end = count };
    mproc_iter *iter;
    BENCH_CHECK(mproc_pool_imap_unordered(pool, bench_task, next_number, &numbers, NULL, &iter) == 0);
    mproc_outcome outcome;
    int64_t seen = 0, sum = 0;
    int got;
    while ((got = mproc_iter_next(iter, MPROC_FOREVER, &outcome)) == 1) {
        BENCH_CHECK(outcome.code == 0 && outcome.value.size == sizeof(int64_t));
        int64_t value = *(const int64_t *)outcome.value.data;
        BENCH_CHECK(value == bench_task_value(outcome.item));
        sum += outcome.item;
        seen++;
    }
    BENCH_CHECK(got == 0 && seen == count && sum == count * (count - 1) / 2);
    mproc_iter_free(iter);
}

static double measure(int workers)
{
    mproc_pool *pool = bench_pool(workers);
    run_items(pool, ITEMS / 10);
    double start = bench_now();
    run_items(pool, ITEMS);
    double elapsed = bench_now() - start;
    bench_pool_end(pool);
    return ITEMS / elapsed;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = { { "imap_unordered_w2", "items/s", measure, 2, 7 } };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
