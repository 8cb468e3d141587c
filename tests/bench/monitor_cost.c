/* What watching costs a pool of two workers with empty tasks: the time that it takes more, as a share of what it takes
 * without. .detached: the process can be watched and nobody does. .attached: a program of its own reads all there is,
 * 60 times a second. .attaching: what it takes more, in seconds, that this program has just come: it gets a snapshot,
 * and the pool allocates and fills what it notes events in. That is once, and not part of .attached.
 *
 * A machine has good and bad moments, and the difference that is looked for is smaller than theirs. So short slices
 * with and without follow each other, each is compared with its neighbour alone, and a repeat says what is in the
 * middle of many such pairs. Which of the two comes first changes from pair to pair. */
#include "bench.h"
#include "platform.h"
#include "trace/trace.h"

#define BATCH 10000
#define PAIRS 11
/* Several looks of whoever watches, at eight million tasks a second; and but one. */
#define SLICE_BATCHES     64
#define ATTACHING_BATCHES 12
/* After so long what has just begun is as it goes on. */
#define SETTLE 0.1

static void run_batches(mproc_pool *pool, int count)
{
    static mproc_result *results[BATCH];
    while (count-- > 0)
        bench_batch(pool, results, 0, BATCH);
}

static void settle(mproc_pool *pool)
{
    double start = bench_now();
    while (bench_now() - start < SETTLE)
        run_batches(pool, 1);
}

static double time_batches(mproc_pool *pool, int count)
{
    double start = bench_now();
    run_batches(pool, count);
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

/* What it is told: whose process it is about, and when it is to watch. */
struct order {
    int64_t pid;
    mproc_event watch;
};

static void watch_once(const struct order *order, platform_stream *stream)
{
    struct wire_reader reader;
    mproc__wire_reader_init(&reader, WIRE_FRAME_MAX);
    say_hello(stream);
    while (mproc_event_is_set(order->watch) && read_all(stream, &reader))
        bench_sleep(1.0 / 60);
    mproc__wire_reader_free(&reader);
    platform_stream_close(stream);
}

/* Until there is nothing to connect to. */
static int watch(mproc_task *task)
{
    struct order order;
    platform_stream *stream;
    BENCH_CHECK(mproc_task_read(task, &order, sizeof order) == 0);
    while (mproc_event_wait(order.watch, MPROC_FOREVER) == 0 && platform_stream_connect(order.pid, &stream) == 0)
        watch_once(&order, stream);
    return 0;
}

/* ---- Rows ---- */

enum row { DETACHED, ATTACHED, ATTACHING };

struct measurement {
    enum row row;
    mproc_pool *pool;
    struct order order;
    mproc_process *process;
};

static void begin(struct measurement *measurement)
{
    BENCH_CHECK(mproc_event_create(&measurement->order.watch, NULL) == 0);
    measurement->order.pid = platform_self_pid();
    if (measurement->row != DETACHED) {
        const mproc_process_options options = { .function = watch, .args = MPROC_ARG(measurement->order) };
        BENCH_CHECK(mproc_process_create(&measurement->process, &options) == 0);
        BENCH_CHECK(mproc_process_start(measurement->process) == 0);
    }
    measurement->pool = bench_pool(2);
    settle(measurement->pool);
}

static void wait_until_watched(bool is_watched)
{
    while (mproc_monitor_is_watched() != is_watched)
        bench_sleep(0.001);
}

static double run_slice(const struct measurement *measurement)
{
    if (measurement->row == ATTACHING)
        return time_batches(measurement->pool, ATTACHING_BATCHES);
    settle(measurement->pool);
    return time_batches(measurement->pool, SLICE_BATCHES);
}

static double run_with(const struct measurement *measurement)
{
    bool is_attached = measurement->row != DETACHED;
    BENCH_CHECK(mproc_monitor_start(NULL) == 0);
    if (is_attached) {
        BENCH_CHECK(mproc_event_set(measurement->order.watch) == 0);
        wait_until_watched(true);
    }
    double elapsed = run_slice(measurement);
    if (is_attached) {
        BENCH_CHECK(mproc_event_clear(measurement->order.watch) == 0);
        wait_until_watched(false);
    }
    BENCH_CHECK(mproc_monitor_stop() == 0);
    return elapsed;
}

static double run_pair(const struct measurement *measurement, bool with_first)
{
    double with = with_first ? run_with(measurement) : 0, without = run_slice(measurement);
    if (!with_first)
        with = run_with(measurement);
    return measurement->row == ATTACHING ? with - without : with / without - 1;
}

static void end(struct measurement *measurement)
{
    bench_pool_end(measurement->pool);
    if (measurement->process != NULL) {
        BENCH_CHECK(mproc_event_set(measurement->order.watch) == 0);
        BENCH_CHECK(mproc_process_join(measurement->process, 30000) == 0);
        BENCH_CHECK(mproc_process_free(measurement->process) == 0);
    }
    BENCH_CHECK(mproc_event_destroy(measurement->order.watch) == 0);
}

static double measure(int row)
{
    struct measurement measurement = { .row = (enum row)row };
    double shares[PAIRS];
    begin(&measurement);
    for (int i = 0; i < PAIRS; i++)
        shares[i] = run_pair(&measurement, i % 2 != 0);
    end(&measurement);
    return bench_quantile(shares, PAIRS, 0.5);
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "monitor_cost_detached", "share", measure, DETACHED, 5 },
        { "monitor_cost_attached", "share", measure, ATTACHED, 5 },
        { "monitor_cost_attaching", "s", measure, ATTACHING, 5 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
