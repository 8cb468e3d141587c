/* What watching costs a pool of two workers with empty tasks: the time that it takes more, as a share of what it takes
 * without. .detached: the process can be watched and nobody does. .attached: a program of its own reads all there is,
 * 60 times a second.
 *
 * A repeat runs the tasks without, with, with and without again, so that a machine that becomes slower or faster
 * meanwhile counts for neither. */
#include "bench.h"
#include "platform.h"
#include "trace/trace.h"

#define TASKS 1000000
#define BATCH 10000

static double run(mproc_pool *pool)
{
    static mproc_result *results[BATCH];
    double start = bench_now();
    for (int done = 0; done < TASKS; done += BATCH) {
        for (int64_t n = 0; n < BATCH; n++)
            BENCH_CHECK(mproc_pool_apply_async(pool, bench_task, MPROC_ARG(n), NULL, &results[n]) == 0);
        for (int64_t n = 0; n < BATCH; n++) {
            int64_t value;
            BENCH_CHECK(mproc_result_get(results[n], MPROC_FOREVER, &value, sizeof value, NULL) == 0);
            BENCH_CHECK(value == bench_task_value(n));
            mproc_result_free(results[n]);
        }
    }
    return bench_now() - start;
}

/* ---- The program that watches ---- */

static void say_hello(platform_stream *stream)
{
    unsigned char bytes[256];
    size_t went;
    const struct record_hello hello = { .version = RECORD_VERSION,
                                        .wants = RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL | RECORD_WANTS_LOG,
                                        .name = record_text_of("bench") };
    const struct wire_frame frame = { .type = RECORD_HELLO, .sequence = 1 };
    size_t size = mproc__wire_encode(bytes, sizeof bytes, &frame, &hello);
    BENCH_CHECK(platform_stream_write(stream, bytes, size, &went) == 0 && went == size);
}

/* All that is there, record by record. False at the end. */
static int read_all(platform_stream *stream, struct wire_reader *reader)
{
    struct wire_frame frame;
    union record record;
    unsigned char *room;
    size_t size;
    do {
        while (mproc__wire_reader_take(reader, &frame, &record) > 0)
            continue;
        BENCH_CHECK(mproc__wire_reader_room(reader, &room, &size) == 0);
        if (platform_stream_read(stream, room, size, &size) < 0)
            return 0;
        mproc__wire_reader_filled(reader, size);
    } while (size > 0);
    return 1;
}

static int watch(mproc_task *task)
{
    int64_t pid;
    platform_stream *stream;
    struct wire_reader reader;
    BENCH_CHECK(mproc_task_read(task, &pid, sizeof pid) == 0);
    BENCH_CHECK(platform_stream_connect(pid, &stream) == 0);
    mproc__wire_reader_init(&reader, WIRE_FRAME_MAX);
    say_hello(stream);
    while (read_all(stream, &reader))
        bench_sleep(1.0 / 60);
    mproc__wire_reader_free(&reader);
    platform_stream_close(stream);
    return 0;
}

static mproc_process *start_watching(void)
{
    mproc_process *process;
    int64_t pid = platform_self_pid();
    const mproc_process_options options = { .function = watch, .args = MPROC_ARG(pid) };
    BENCH_CHECK(mproc_process_create(&process, &options) == 0);
    BENCH_CHECK(mproc_process_start(process) == 0);
    while (!mproc_monitor_is_watched())
        bench_sleep(0.001);
    return process;
}

/* ---- Rows ---- */

enum row { DETACHED, ATTACHED };

static double run_watched(mproc_pool *pool, int row)
{
    mproc_process *process = NULL;
    BENCH_CHECK(mproc_monitor_start(NULL) == 0);
    if (row == ATTACHED)
        process = start_watching();
    double elapsed = run(pool);
    BENCH_CHECK(mproc_monitor_stop() == 0);
    if (process != NULL) {
        BENCH_CHECK(mproc_process_join(process, 30000) == 0);
        BENCH_CHECK(mproc_process_free(process) == 0);
    }
    return elapsed;
}

static double measure(int row)
{
    mproc_pool *pool = bench_pool(2);
    run(pool);
    double without = run(pool);
    double with = run_watched(pool, row);
    with += run_watched(pool, row);
    without += run(pool);
    bench_pool_end(pool);
    return with / without - 1;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "monitor_cost_detached", "share", measure, DETACHED, 7 },
        { "monitor_cost_attached", "share", measure, ATTACHED, 7 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
