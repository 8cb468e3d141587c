/* Messages of 8 bytes through a pipe between two processes, and the peer that needs no library: pipe(2), a write and a
 * read for each message.
 *
 * pipe_8: one process sends, the other receives, as fast as both can. pipe_8_roundtrip: the other one sends each back,
 * and the next is sent when it is there. */
#define _GNU_SOURCE
#include "bench.h"

#include <sys/wait.h>
#include <unistd.h>

#define MESSAGES 2000000
#define BARE     200000
#define ROUNDS   20000

/* ---- mproc ---- */

static int echo(mproc_task *task)
{
    mproc_connection connection;
    int64_t number;
    BENCH_CHECK(mproc_task_read(task, &connection, sizeof connection) == 0);
    while (mproc_connection_recv(connection, MPROC_FOREVER, &number, sizeof number, NULL) == 0)
        BENCH_CHECK(mproc_connection_send(connection, &number, sizeof number, MPROC_FOREVER) == 0);
    return 0;
}

static int send_all(mproc_task *task)
{
    mproc_connection connection;
    BENCH_CHECK(mproc_task_read(task, &connection, sizeof connection) == 0);
    /* The first one says that the process is there. */
    for (int64_t number = 0; number <= MESSAGES; number++)
        BENCH_CHECK(mproc_connection_send(connection, &number, sizeof number, MPROC_FOREVER) == 0);
    return 0;
}

static int64_t receive(mproc_connection connection)
{
    int64_t number;
    BENCH_CHECK(mproc_connection_recv(connection, MPROC_FOREVER, &number, sizeof number, NULL) == 0);
    return number;
}

static mproc_process *start_at(mproc_task_fn *function, mproc_connection *ret_here, mproc_connection *ret_there)
{
    mproc_process *process;
    BENCH_CHECK(mproc_pipe_create(ret_here, ret_there, NULL) == 0);
    mproc_process_options options = { .function = function, .args = MPROC_ARG(*ret_there) };
    BENCH_CHECK(mproc_process_create(&process, &options) == 0 && mproc_process_start(process) == 0);
    return process;
}

static void end(mproc_process *process, mproc_connection here, mproc_connection there)
{
    BENCH_CHECK(mproc_connection_close(here) == 0);
    BENCH_CHECK(mproc_process_join(process, MPROC_FOREVER) == 0);
    BENCH_CHECK(mproc_connection_close(there) == 0);
    mproc_process_free(process);
}

static double measure_rate(int unused)
{
    (void)unused;
    mproc_connection here, there;
    mproc_process *process = start_at(send_all, &here, &there);
    BENCH_CHECK(receive(here) == 0);
    double start = bench_now();
    for (int64_t number = 1; number <= MESSAGES; number++)
        BENCH_CHECK(receive(here) == number);
    double elapsed = bench_now() - start;
    end(process, here, there);
    return MESSAGES / elapsed;
}

static double measure_round_trip(int unused)
{
    (void)unused;
    mproc_connection here, there;
    mproc_process *process = start_at(echo, &here, &there);
    double start = 0;
    for (int64_t number = -100; number < ROUNDS; number++) {
        if (number == 0)
            start = bench_now();
        BENCH_CHECK(mproc_connection_send(here, &number, sizeof number, MPROC_FOREVER) == 0);
        BENCH_CHECK(receive(here) == number);
    }
    double elapsed = bench_now() - start;
    end(process, here, there);
    return elapsed / ROUNDS;
}

/* ---- pipe(2) ---- */

static void bare_send(int fd, int64_t number)
{
    BENCH_CHECK(write(fd, &number, sizeof number) == sizeof number);
}

static int64_t bare_receive(int fd)
{
    int64_t number = -1;
    return read(fd, &number, sizeof number) == sizeof number ? number : INT64_MIN;
}

static double bare_rate(int unused)
{
    (void)unused;
    int fds[2];
    BENCH_CHECK(pipe(fds) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        for (int64_t number = 0; number <= BARE; number++)
            bare_send(fds[1], number);
        _exit(0);
    }
    BENCH_CHECK(bare_receive(fds[0]) == 0);
    double start = bench_now();
    for (int64_t number = 1; number <= BARE; number++)
        BENCH_CHECK(bare_receive(fds[0]) == number);
    double elapsed = bench_now() - start;
    waitpid(pid, NULL, 0);
    close(fds[0]);
    close(fds[1]);
    return BARE / elapsed;
}

static double bare_round_trip(int unused)
{
    (void)unused;
    int there[2], back[2];
    BENCH_CHECK(pipe(there) == 0 && pipe(back) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        for (int64_t number = 0; number < ROUNDS; number++)
            bare_send(back[1], bare_receive(there[0]));
        _exit(0);
    }
    double start = bench_now();
    for (int64_t number = 0; number < ROUNDS; number++) {
        bare_send(there[1], number);
        BENCH_CHECK(bare_receive(back[0]) == number);
    }
    double elapsed = bench_now() - start;
    waitpid(pid, NULL, 0);
    for (int i = 0; i < 2; i++) {
        close(there[i]);
        close(back[i]);
    }
    return elapsed / ROUNDS;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "pipe_8", "messages/s", measure_rate, 0, 7 },
        { "pipe_8.bare", "messages/s", bare_rate, 0, 7 },
        { "pipe_8_roundtrip", "s", measure_round_trip, 0, 7 },
        { "pipe_8_roundtrip.bare", "s", bare_round_trip, 0, 7 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
