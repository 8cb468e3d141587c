#include "peer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIME_LIMIT_SECONDS 60
#define MAX_WORKERS        16
#define TASKS              400000
#define WINDOW             1000
#define ROUNDS             20000
#define REPEATS            5

static pid_t workers_started[MAX_WORKERS];
static int worker_count;

void peer_fail(const char *text)
{
    fprintf(stderr, "peer failed: %s\n", text);
    peer_kill_workers();
    exit(1);
}

void peer_fork_workers(int workers, void (*run)(int index))
{
    for (int i = 0; i < workers && i < MAX_WORKERS; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            alarm(TIME_LIMIT_SECONDS);
            run(i);
            _exit(0);
        }
        if (pid < 0)
            peer_fail("fork");
        workers_started[worker_count++] = pid;
    }
}

void peer_kill_workers(void)
{
    for (int i = 0; i < worker_count; i++) {
        kill(workers_started[i], SIGKILL);
        waitpid(workers_started[i], NULL, 0);
    }
    worker_count = 0;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/** Keeps a window of requests outstanding, and takes replies as they are there. */
static double run_window(const struct peer *peer, int64_t count)
{
    int64_t sent = 0, received = 0, reply, sum = 0;
    double start = now();
    while (received < count) {
        while (sent < count && sent - received < WINDOW)
            peer->send(sent++);
        sum += peer->receive();
        received++;
        while (received < sent && peer->try_receive(&reply)) {
            sum += reply;
            received++;
        }
    }
    double elapsed = now() - start;
    if (sum != count * count)
        peer_fail("wrong sum");
    return elapsed;
}

static double measure_tasks(const struct peer *peer, int workers)
{
    peer->start(workers);
    run_window(peer, TASKS / 10);
    double rate = TASKS / run_window(peer, TASKS);
    peer->stop();
    return rate;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double measure_roundtrip(const struct peer *peer, int percent)
{
    static double times[ROUNDS];
    peer->start(2);
    for (int64_t n = 0; n < ROUNDS; n++) {
        double start = now();
        peer->send(n);
        int64_t reply = peer->receive();
        times[n] = now() - start;
        if (reply != peer_answer(n))
            peer_fail("wrong reply");
    }
    peer->stop();
    qsort(times, ROUNDS, sizeof *times, compare_doubles);
    return times[(ROUNDS - 1) * percent / 100];
}

static const struct row {
    const char *name;
    const char *unit;
    double (*measure)(const struct peer *peer, int argument);
    int argument;
    int threads;
} rows[] = {
    { "apply_async_w2", "tasks/s", measure_tasks, 2, 0 }, { "apply_async_w8", "tasks/s", measure_tasks, 8, 0 },
    { "roundtrip_p50", "s", measure_roundtrip, 50, 0 },   { "roundtrip_p99", "s", measure_roundtrip, 99, 0 },
    { "thread_pool_w2", "tasks/s", measure_tasks, 2, 1 },
};

static void measure_row(const struct peer *peer, const struct row *row)
{
    double values[REPEATS];
    for (int i = 0; i < REPEATS; i++)
        values[i] = row->measure(peer, row->argument);
    qsort(values, REPEATS, sizeof *values, compare_doubles);
    printf("%s.%s %.6g %s\n", row->name, peer->name, values[REPEATS / 2], row->unit);
    printf("# %s.%s %.6g %.6g\n", row->name, peer->name, values[0], values[REPEATS - 1]);
    fflush(stdout);
}

int peer_main(int argc, char **argv, const struct peer *peer)
{
    alarm(TIME_LIMIT_SECONDS);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int a = 1; a < argc; a++)
            if (strcmp(argv[a], rows[i].name) == 0 && rows[i].threads == peer->threads)
                measure_row(peer, &rows[i]);
    return 0;
}
