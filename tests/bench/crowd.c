#define _GNU_SOURCE
#include "crowd.h"

#include <stdatomic.h>
#include <sys/mman.h>

#define SECONDS       0.15
#define PROCESSES_MAX 16

static struct board {
    _Atomic int ready, go, over;
    struct {
        _Alignas(64) uint64_t times;
        double start, end;
    } process[PROCESSES_MAX];
} * board;

static crowd_function *body;

void *crowd_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    BENCH_CHECK(memory != MAP_FAILED);
    return memory;
}

void crowd_memory_free(void *memory, size_t size)
{
    munmap(memory, size);
}

int crowd_is_over(void)
{
    return atomic_load_explicit(&board->over, memory_order_relaxed);
}

/* All begin together: a process that is still being forked is no contender. */
static int take_part(mproc_task *task)
{
    int index;
    BENCH_CHECK(mproc_task_read(task, &index, sizeof index) == 0);
    atomic_fetch_add(&board->ready, 1);
    while (!atomic_load(&board->go))
        bench_sleep(0.0001);
    board->process[index].start = bench_now();
    board->process[index].times = body(index);
    board->process[index].end = bench_now();
    return 0;
}

static void crowd_start(int processes, crowd_function *function, mproc_process **ret_started)
{
    BENCH_CHECK(processes <= PROCESSES_MAX);
    board = crowd_memory(sizeof *board);
    body = function;
    for (int i = 0; i < processes; i++) {
        mproc_process_options options = { .function = take_part,
                                          .args = MPROC_ARG(i),
                                          .start_method = MPROC_START_FORK };
        BENCH_CHECK(mproc_process_create(&ret_started[i], &options) == 0);
        BENCH_CHECK(mproc_process_start(ret_started[i]) == 0);
    }
    while (atomic_load(&board->ready) < processes)
        bench_sleep(0.0001);
    atomic_store(&board->go, 1);
}

static void crowd_end(int processes, mproc_process **started)
{
    for (int i = 0; i < processes; i++) {
        int64_t code;
        BENCH_CHECK(mproc_process_join(started[i], MPROC_FOREVER) == 0);
        BENCH_CHECK(mproc_process_get_exit_code(started[i], &code) == 0 && code == 0);
        mproc_process_free(started[i]);
    }
}

/* From the first one's start to the last one's end, and what all did in that time. */
static double crowd_span(int processes, uint64_t *ret_times)
{
    double start = board->process[0].start, end = board->process[0].end;
    *ret_times = 0;
    for (int i = 0; i < processes; i++) {
        if (board->process[i].start < start)
            start = board->process[i].start;
        if (board->process[i].end > end)
            end = board->process[i].end;
        *ret_times += board->process[i].times;
    }
    crowd_memory_free(board, sizeof *board);
    return end - start;
}

double crowd_rate(int processes, crowd_function *function)
{
    mproc_process *started[PROCESSES_MAX];
    uint64_t times;
    crowd_start(processes, function, started);
    bench_sleep(SECONDS);
    atomic_store(&board->over, 1);
    crowd_end(processes, started);
    double span = crowd_span(processes, &times);
    return (double)times / span;
}

double crowd_time(int processes, crowd_function *function)
{
    mproc_process *started[PROCESSES_MAX];
    uint64_t times;
    crowd_start(processes, function, started);
    crowd_end(processes, started);
    return crowd_span(processes, &times);
}
