#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* No row comes near it. The alarm's default action ends the program, and its workers end with it. */
#define TIME_LIMIT_SECONDS 180
#define MAX_REPEATS        64

double bench_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void bench_sleep(double seconds)
{
    struct timespec span = { .tv_sec = (time_t)seconds };
    span.tv_nsec = (long)(1e9 * (seconds - (double)span.tv_sec));
    nanosleep(&span, NULL);
}

_Noreturn void bench_fail(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: failed: %s (last error: %s)\n", file, line, condition, mproc_last_error());
    exit(1);
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

double bench_quantile(double *values, size_t count, double share)
{
    qsort(values, count, sizeof *values, compare_doubles);
    return values[(size_t)(share * (double)(count - 1) + 0.5)];
}

mproc_pool *bench_pool(int workers)
{
    mproc_pool *pool;
    mproc_pool_options options = { .workers = workers, .start_method = MPROC_START_FORK };
    BENCH_CHECK(mproc_pool_create(&pool, &options) == 0);
    return pool;
}

void bench_pool_end(mproc_pool *pool)
{
    BENCH_CHECK(mproc_pool_close(pool) == 0);
    BENCH_CHECK(mproc_pool_join(pool, 30000) == 0);
    BENCH_CHECK(mproc_pool_free(pool) == 0);
}

void bench_batch(mproc_pool *pool, mproc_result **results, int64_t first, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        int64_t n = first + i;
        BENCH_CHECK(mproc_pool_apply_async(pool, bench_task, MPROC_ARG(n), NULL, &results[i]) == 0);
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t value;
        BENCH_CHECK(mproc_result_get(results[i], MPROC_FOREVER, &value, sizeof value, NULL) == 0);
        BENCH_CHECK(value == bench_task_value(first + i));
        mproc_result_free(results[i]);
    }
}

void bench_work(int tasks)
{
    mproc_pool *pool = bench_pool(2);
    mproc_result **results = calloc((size_t)tasks, sizeof *results);
    BENCH_CHECK(results != NULL);
    bench_batch(pool, results, 0, tasks);
    free(results);
    bench_pool_end(pool);
}

/* The Private_ lines of /proc/PID/smaps_rollup. */
double bench_private_bytes(int64_t pid)
{
    char line[256];
    double total = 0;
    long kilobytes;
    snprintf(line, sizeof line, "/proc/%lld/smaps_rollup", (long long)pid);
    FILE *file = fopen(line, "r");
    BENCH_CHECK(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Private_%*[^:]: %ld kB", &kilobytes) == 1)
            total += 1024.0 * (double)kilobytes;
    fclose(file);
    return total;
}

int bench_task(mproc_task *task)
{
    int64_t n;
    if (mproc_task_read(task, &n, sizeof n) < 0)
        return -1;
    n = bench_task_value(n);
    return mproc_task_return(task, &n, sizeof n);
}

static void measure_row(const struct bench_row *row)
{
    double values[MAX_REPEATS];
    BENCH_CHECK(row->repeats > 0 && row->repeats <= MAX_REPEATS);
    for (int i = 0; i < row->repeats; i++)
        values[i] = row->measure(row->argument);
    double median = bench_quantile(values, (size_t)row->repeats, 0.5);
    printf("%s %.6g %s\n", row->name, median, row->unit);
    printf("# %s %.6g %.6g\n", row->name, values[0], values[row->repeats - 1]);
    fflush(stdout);
}

/** A name selects its row and the references of it: "map_int" also "map_int.serial". */
static int is_selected(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc; i++) {
        size_t length = strlen(argv[i]);
        if (strncmp(argv[i], name, length) == 0 && (name[length] == '\0' || name[length] == '.'))
            return 1;
    }
    return argc < 2;
}

int bench_main(int argc, char **argv, const struct bench_row *rows, size_t count)
{
    alarm(TIME_LIMIT_SECONDS);
    int list = argc > 1 && strcmp(argv[1], "--list") == 0;
    for (size_t i = 0; i < count; i++)
        if (list)
            puts(rows[i].name);
        else if (is_selected(argc, argv, rows[i].name))
            measure_row(&rows[i]);
    return 0;
}
