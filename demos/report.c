#include "report.h"

#include <stdio.h>

#define WORKERS_MAX   64
#define FUNCTIONS_MAX 16

/* Three digits, and the unit that they need. */
static const char *time_text(int64_t ns, char text[16])
{
    static const char *const units[] = { "ns", "us", "ms", "s" };
    double number = (double)ns;
    int unit = 0;
    for (; number >= 999.5 && unit < 3; unit++)
        number /= 1000;
    snprintf(text, 16, "%.*f %s", unit == 0 || number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2, number, units[unit]);
    return text;
}

static void print_times(const int64_t *times, int count)
{
    char text[16];
    for (int i = 0; i < count; i++)
        printf(" %9s", time_text(times[i], text));
}

static void print_totals(const mproc_pool_stats *totals)
{
    double busy = totals->age_ns > 0 ? (double)totals->busy_ns / (double)totals->age_ns : 0;
    char age[16];
    printf(
        "%llu tasks: %llu done, %llu failed, %llu cancelled; %llu deaths, %llu retried; %.2f workers busy of %d, %s\n",
        (unsigned long long)totals->submitted, (unsigned long long)totals->succeeded,
        (unsigned long long)totals->failed, (unsigned long long)totals->cancelled, (unsigned long long)totals->deaths,
        (unsigned long long)totals->retried, busy, totals->workers, time_text(totals->age_ns, age));
}

static void print_functions(const mproc_function_stats *functions, int count)
{
    printf("%-20s %8s %8s %6s %9s %9s %9s %9s %9s\n", "function", "done", "failed", "died", "run p50", "p90", "p99",
           "max", "wait p50");
    for (int i = 0; i < count; i++) {
        const mproc_function_stats *one = &functions[i];
        printf("%-20s %8llu %8llu %6llu", one->function, (unsigned long long)one->succeeded,
               (unsigned long long)one->failed, (unsigned long long)one->died);
        print_times((int64_t[]){ one->run.p50_ns, one->run.p90_ns, one->run.p99_ns, one->run.max_ns, one->wait.p50_ns },
                    5);
        printf("\n");
    }
}

static void print_workers(const mproc_worker_stats *workers, int count)
{
    printf("%-20s %8s %8s %6s %9s %9s %9s\n", "worker", "pid", "tasks", "lives", "start", "busy", "waited");
    for (int i = 0; i < count; i++) {
        const mproc_worker_stats *one = &workers[i];
        printf("%-20lld %8lld %8llu %6lld", (long long)one->index, (long long)one->pid, (unsigned long long)one->tasks,
               (long long)one->lives);
        print_times((int64_t[]){ one->start_ns, (int64_t)one->busy_ns, one->waited_ns }, 3);
        printf("\n");
    }
}

static void print_slowest(const mproc_slow_task *tasks, int count)
{
    printf("%-20s %8s %8s %6s %9s %9s\n", "slowest", "task", "item", "worker", "run", "wait");
    for (int i = 0; i < count; i++) {
        const mproc_slow_task *one = &tasks[i];
        printf("%-20s %8llu %8lld %6lld", one->function, (unsigned long long)one->id, (long long)one->item,
               (long long)one->worker);
        print_times((int64_t[]){ one->run_ns, one->wait_ns }, 2);
        printf("\n");
    }
}

static int at_most(int count, int limit)
{
    return count < limit ? count : limit;
}

void print_report(mproc_pool *pool)
{
    static mproc_function_stats functions[FUNCTIONS_MAX];
    static mproc_worker_stats workers[WORKERS_MAX];
    mproc_slow_task slowest[MPROC_SLOWEST_TASKS];
    mproc_pool_stats totals;
    int count = mproc_pool_get_function_stats(pool, functions, FUNCTIONS_MAX, &totals);
    if (count < 0) {
        mproc_perror("report");
        return;
    }
    print_totals(&totals);
    print_functions(functions, at_most(count, FUNCTIONS_MAX));
    print_workers(workers, at_most(mproc_pool_get_worker_stats(pool, workers, WORKERS_MAX, NULL), WORKERS_MAX));
    print_slowest(slowest, mproc_pool_get_slowest(pool, slowest, MPROC_SLOWEST_TASKS));
}
