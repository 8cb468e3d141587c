/* What the benchmark programs share: rows, repeats, checks, a time limit.
 *
 * A program measures one family of rows. It prints "name value unit" for each, the median of its repeats, and below it
 * "# name min max" as a comment. Given names it measures only those of its rows; --list prints them all. A check that
 * fails ends the program with a message: a figure for wrong work is worse than none. No row passes or fails on time.
 */
#ifndef BENCH_H
#define BENCH_H

#include <mproc.h>
#include <stdint.h>

struct bench_row {
    const char *name;
    const char *unit;                /**< a base unit: tasks/s, items/s, s, bytes, share, ratio, 1/s */
    double (*measure)(int argument); /**< one repeat, complete: it makes and frees what it needs */
    int argument;                    /**< handed to measure */
    int repeats;
};

/** Measures the rows that the command line names, all if it names none. Returns main's exit code. */
int bench_main(int argc, char **argv, const struct bench_row *rows, size_t count);

/** Ends the program unless the condition holds. The library's last error is part of the message. */
#define BENCH_CHECK(condition) ((condition) ? (void)0 : bench_fail(__FILE__, __LINE__, #condition))
_Noreturn void bench_fail(const char *file, int line, const char *condition);

/** Monotonic time, in seconds. */
double bench_now(void);

void bench_sleep(double seconds);

/** The value below which the given share of the values lies. Sorts them. */
double bench_quantile(double *values, size_t count, double share);

/** An untouched default pool of so many forked workers. */
mproc_pool *bench_pool(int workers);

/** Closes, joins and destroys it. */
void bench_pool_end(mproc_pool *pool);

/** Submits so many tasks, bench_task of first and the numbers behind it, then gets and frees every result: as a program
 * would write it. results: room for them. */
void bench_batch(mproc_pool *pool, mproc_result **results, int64_t first, int64_t count);

/** The same of so many tasks in a pool of two workers, which it makes and ends. */
void bench_work(int tasks);

/** Memory of a process that no other process maps. */
double bench_private_bytes(int64_t pid);

/** A task: an int64_t n in, 2 n + 1 out. What the rows for small tasks run. */
int bench_task(mproc_task *task);

static inline int64_t bench_task_value(int64_t n)
{
    return 2 * n + 1;
}

#endif
