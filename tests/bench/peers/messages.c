#include "messages.h"
#include "peer.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define TIME_LIMIT_SECONDS 120
#define REPEATS            3
#define DEPTH              1000
#define DEPTH_LARGE        8

static const struct row {
    const char *name, *unit;
    int pairs;
    int64_t messages;
    size_t size;
} rows[] = {
    { "queue_8_1x1", "messages/s", 1, 1000000, 8 },
    { "queue_8_4x4", "messages/s", 4, 1000000, 8 },
    { "queue_1k_1x1", "messages/s", 1, 300000, 1024 },
    { "queue_1m_1x1", "bytes/s", 1, 2000, 1 << 20 },
};

static struct {
    _Atomic int ready, go, done;
    _Atomic int64_t sum;
} * board;
static const struct message_peer *peer;
static const struct row *row;
static unsigned char message[1 << 20];

static void produce(int64_t count)
{
    memset(message, 1, sizeof message);
    for (int64_t i = 1; i <= count; i++) {
        memcpy(message, &i, sizeof i);
        peer->put(message, row->size);
    }
}

static void consume(int64_t count)
{
    int64_t sum = 0, number;
    for (int64_t i = 0; i < count; i++) {
        peer->get(message, row->size);
        memcpy(&number, message, sizeof number);
        sum += number;
    }
    atomic_fetch_add(&board->sum, sum);
    atomic_fetch_add(&board->done, 1);
}

static void run(int index)
{
    int is_consumer = index >= row->pairs;
    peer->open(is_consumer);
    atomic_fetch_add(&board->ready, 1);
    while (!atomic_load(&board->go))
        sched_yield();
    if (is_consumer)
        consume(row->messages / row->pairs);
    else
        produce(row->messages / row->pairs);
    /* What is under way in a thread of the peer must not end with this process. */
    while (atomic_load(&board->done) < row->pairs)
        usleep(1000);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double measure(void)
{
    memset(board, 0, sizeof *board);
    peer->make(row->size > 65536 ? DEPTH_LARGE : DEPTH, row->size);
    peer_fork_workers(2 * row->pairs, run);
    while (atomic_load(&board->ready) < 2 * row->pairs)
        usleep(1000);
    double start = now();
    atomic_store(&board->go, 1);
    while (atomic_load(&board->done) < row->pairs)
        usleep(100);
    double elapsed = now() - start;
    peer_kill_workers();
    peer->end();
    int64_t each = row->messages / row->pairs;
    if (atomic_load(&board->sum) != row->pairs * (each * (each + 1) / 2))
        peer_fail("wrong sum");
    double rate = (double)row->messages / elapsed;
    return strcmp(row->unit, "bytes/s") == 0 ? rate * (double)row->size : rate;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void measure_row(void)
{
    double values[REPEATS];
    for (int i = 0; i < REPEATS; i++)
        values[i] = measure();
    qsort(values, REPEATS, sizeof *values, compare_doubles);
    printf("%s.%s %.6g %s\n", row->name, peer->name, values[REPEATS / 2], row->unit);
    printf("# %s.%s %.6g %.6g\n", row->name, peer->name, values[0], values[REPEATS - 1]);
    fflush(stdout);
}

int message_peer_main(int argc, char **argv, const struct message_peer *which)
{
    alarm(TIME_LIMIT_SECONDS);
    peer = which;
    board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED)
        peer_fail("mmap");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int a = 1; a < argc; a++)
            if (strcmp(argv[a], rows[i].name) == 0 && rows[i].pairs <= peer->consumers_max) {
                row = &rows[i];
                measure_row();
            }
    return 0;
}
