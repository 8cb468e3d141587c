/* What a pool costs that is left alone, after some tasks: how often its threads and processes run, and for how long. */
#include "bench.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORKERS      8
#define IDLE_SECONDS 3.0

struct cost {
    double switches; /**< context switches: each is a thread that has run */
    double seconds;  /**< of CPU time */
};

/** The sum of the lines "...ctxt_switches: NUMBER". */
static double read_switches(const char *path)
{
    char line[256];
    double total = 0;
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        const char *found = strstr(line, "ctxt_switches:");
        total += found ? strtod(found + sizeof "ctxt_switches:" - 1, NULL) : 0;
    }
    if (file)
        fclose(file);
    return total;
}

/** The first number of schedstat, nanoseconds on a CPU. */
static double read_seconds(const char *path)
{
    unsigned long long ns = 0;
    FILE *file = fopen(path, "r");
    if (file) {
        BENCH_CHECK(fscanf(file, "%llu", &ns) == 1);
        fclose(file);
    }
    return 1e-9 * (double)ns;
}

static void add_process(long pid, struct cost *cost);

static void add_children(long pid, const char *thread, struct cost *cost)
{
    char path[300];
    long child;
    snprintf(path, sizeof path, "/proc/%ld/task/%s/children", pid, thread);
    FILE *file = fopen(path, "r");
    while (file && fscanf(file, "%ld", &child) == 1)
        add_process(child, cost);
    if (file)
        fclose(file);
}

/** All threads but the one that measures, and all children. */
static void add_process(long pid, struct cost *cost)
{
    char path[300];
    snprintf(path, sizeof path, "/proc/%ld/task", pid);
    DIR *threads = opendir(path);
    struct dirent *entry;
    while (threads && (entry = readdir(threads))) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        add_children(pid, entry->d_name, cost);
        if (atol(entry->d_name) == (long)getpid())
            continue;
        snprintf(path, sizeof path, "/proc/%ld/task/%.20s/status", pid, entry->d_name);
        cost->switches += read_switches(path);
        snprintf(path, sizeof path, "/proc/%ld/task/%.20s/schedstat", pid, entry->d_name);
        cost->seconds += read_seconds(path);
    }
    if (threads)
        closedir(threads);
}

static struct cost idle_cost(int workers)
{
    struct cost before = { 0, 0 }, after = { 0, 0 };
    mproc_pool *pool = bench_pool(workers);
    for (int64_t n = 0; n < 100; n++) {
        int64_t value;
        BENCH_CHECK(mproc_pool_apply(pool, bench_task, MPROC_ARG(n), NULL, &value, sizeof value, NULL) == 0);
        BENCH_CHECK(value == bench_task_value(n));
    }
    bench_sleep(0.5);
    add_process(getpid(), &before);
    bench_sleep(IDLE_SECONDS);
    add_process(getpid(), &after);
    bench_pool_end(pool);
    return (struct cost){ (after.switches - before.switches) / IDLE_SECONDS,
                          (after.seconds - before.seconds) / IDLE_SECONDS };
}

static double measure_wakeups(int workers)
{
    return idle_cost(workers).switches;
}

static double measure_cpu(int workers)
{
    return idle_cost(workers).seconds;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = { { "idle_wakeups", "1/s", measure_wakeups, WORKERS, 3 },
                                             { "idle_cpu", "share", measure_cpu, WORKERS, 3 } };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
