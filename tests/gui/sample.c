/* A watched process that there is not: two pools, of which one loses workers, told as a real one would tell it. For
 * tests of the window, and for its pictures.
 *
 * usage: sample record FILE SECONDS     writes a recording of so many seconds
 *        sample cut FILE SECONDS        the same, cut in the middle of an event
 *        sample extremes FILE SECONDS   the same, and then numbers that nobody can add
 *        sample deadlock FILE SECONDS   another one, of workers that wait for each other
 *        sample live [SECONDS]          can be watched, as a process that runs; after so many seconds it is silent
 *        sample stuck [SECONDS]         the same, with the deadlock
 *                                       and while there is a file "reborn" another one, of the same number;
 *                                       for each file "word" it says something, and removes it
 *        sample flood                   can be watched: a million tasks at once, then 100 000 events a second
 *
 * One that can be watched and has "held" as its last argument ends when its standard input does: it is not left behind
 * by a test that fails.
 */
#include "extremes.h"
#include "trace/recording.h"
#include <inttypes.h>
#include <math.h>
#include <mproc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define NS_PER_MS  INT64_C(1000000)
#define NS_PER_S   INT64_C(1000000000)
#define STEP_NS    (20 * NS_PER_MS)
#define WORKERS    8
#define CROWD      64 /* of the flood */
#define RATE       100000
#define AT_ONCE    1000000
#define POOLS      2
#define FILES      61440
#define AGE_S      228 /* of the pools, when it begins */
#define LIMIT_NS   (5 * NS_PER_S)
#define ENDLESS_NS (3600 * NS_PER_S)
#define LISTED     256 /* of what waits, as a program tells of */
#define QUEUED     1204
#define COPY_NS    (29 * NS_PER_MS / 10)
#define RETURN_NS  (125 * NS_PER_MS / 100)
#define FUNCTIONS  3
#define OCTAVES    24 /* of bins, from FIRST_BIN on */
#define FIRST_BIN  14

typedef bool send_fn(void *user, const unsigned char *bytes, size_t size);

struct worker {
    int64_t pid, since_ns, until_ns;
    int64_t free_ns, born_ns;     /* when it ended its last task; when it was ready */
    int64_t wait_ns;              /* of its task, before it began */
    uint64_t tasks, tasks_before; /* of this one; of those that lived there before it */
    uint64_t task, cpu_ns, memory, lives;
    uint64_t failed;
    uint32_t function, attempt;
    bool is_slow;
    char argument[64];
};

/* What is known of a function's tasks. Of parts of maps no waiting and no copying is counted. */
struct account {
    uint64_t succeeded, failed, died, retried, runs, waits;
    int64_t run_ns, least_ns, most_ns, wait_ns, copy_ns, return_ns;
    uint64_t bins[OCTAVES * 8];
};

struct pool {
    uint32_t number, workers;
    uint64_t next_task, done, failed, retried, deaths, restarts, submitted;
    struct worker all[CROWD];
    struct account accounts[FUNCTIONS + 1];
    int64_t submitted_ns[LISTED]; /* of the next ones, by their numbers */
    uint64_t listed;              /* up to this one that is known */
    struct worker again;          /* what is to be done of a task whose worker died */
};

static struct {
    send_fn *send;
    void *user;
    uint64_t sequence, events, words;
    int64_t now_ns, begin_ns;
    struct pool pools[POOLS];
    int64_t pid, next_pid;
    unsigned seed;
    bool broken, is_stuck; /* stuck: the first pool is in a deadlock */
    bool is_extreme;       /* what a recording ends with */
    bool is_reborn;        /* says to be another one */
    bool is_held;          /* ends with its standard input */
} sample;

/* ---- Telling ---- */

static unsigned random_below(unsigned limit)
{
    sample.seed = sample.seed * 1664525u + 1013904223u;
    return (sample.seed >> 8) % limit;
}

static void tell(unsigned type, const void *record)
{
    static unsigned char bytes[WIRE_OWN_MAX];
    struct wire_frame frame = { .type = (uint16_t)type, .sequence = ++sample.sequence, .time_ns = sample.now_ns };
    size_t size = mproc__wire_encode(bytes, sizeof bytes, &frame, record);
    sample.events++;
    if (!sample.broken && !sample.send(sample.user, bytes, size))
        sample.broken = true;
}

static size_t greet(unsigned char *bytes, size_t capacity, int64_t pid)
{
    struct record_greeting greeting = { .magic = RECORD_MAGIC,
                                        .version = RECORD_VERSION,
                                        .least = 1,
                                        .pid = pid,
                                        .start_time = sample.is_reborn ? 2 : 1,
                                        .now_ns = sample.now_ns,
                                        .wall_ns = INT64_C(1795269751482000000) - 31 * NS_PER_S,
                                        .capabilities = RECORD_CAN_CONTROL,
                                        .program = record_text_of("/usr/local/bin/crash_parser"),
                                        .library = record_text_of("0.2.0"),
                                        .system = record_text_of("Linux") };
    struct wire_frame frame = { .type = RECORD_GREETING, .sequence = ++sample.sequence, .time_ns = sample.now_ns };
    return mproc__wire_encode(bytes, capacity, &frame, &greeting);
}

static const char *const names[] = { "", "parse_page", "index_page", "store_page" };
static const char *const files[] = { "", "checksum_file", "verify_index", "report" };

static const char *name_of(const struct pool *pool, uint32_t function)
{
    return pool->number == 1 ? names[function] : files[function];
}

static void tell_pool(const struct pool *pool)
{
    struct record_pool record = { .pool = pool->number,
                                  .method = pool->number == 1 ? MPROC_START_FORKSERVER : MPROC_START_SPAWN,
                                  .control = pool->number == 1,
                                  .statistics = 1,
                                  .min_workers = pool->workers,
                                  .max_workers = pool->workers,
                                  .target = pool->workers,
                                  .max_queued = pool->number == 1 ? 0 : 2000,
                                  .created_ns = sample.begin_ns - AGE_S * NS_PER_S,
                                  .name = record_text_of(pool->number != 1 ? "checksum"
                                                         : sample.is_stuck ? "crawler"
                                                                           : "crash_parser") };
    tell(RECORD_POOL, &record);
}

static void tell_functions(const struct pool *pool)
{
    static const char *const places[] = { "", "main.c:88", "main.c:96", "main.c:103" };
    for (uint32_t i = 1; i <= FUNCTIONS; i++) {
        struct record_function record = { pool->number, i, record_text_of(name_of(pool, i)),
                                          record_text_of(places[i]) };
        tell(RECORD_FUNCTION, &record);
    }
}

/* ---- Times ---- */

#define MEDIAN_NS 31e6
#define SPREAD    0.62

static int64_t random_length(void)
{
    double normal = 0;
    for (int i = 0; i < 12; i++)
        normal += random_below(1000) / 1000.0;
    return (int64_t)(MEDIAN_NS * exp((normal - 6) * SPREAD));
}

static int64_t bin_from(size_t bin)
{
    int64_t octave = INT64_C(1) << (FIRST_BIN + bin / 8);
    return octave + octave / 8 * (int64_t)(bin % 8);
}

static size_t bin_of(int64_t length_ns)
{
    size_t bin = 0;
    while (bin + 1 < OCTAVES * 8 && bin_from(bin + 1) <= length_ns)
        bin++;
    return bin;
}

static void count_run(struct account *account, int64_t run_ns)
{
    account->bins[bin_of(run_ns)]++;
    account->least_ns = account->runs == 0 || run_ns < account->least_ns ? run_ns : account->least_ns;
    account->most_ns = run_ns > account->most_ns ? run_ns : account->most_ns;
    account->runs++;
    account->run_ns += run_ns;
    account->return_ns += RETURN_NS;
}

static void count_wait(struct account *account, int64_t wait_ns)
{
    account->waits++;
    account->wait_ns += wait_ns;
    account->copy_ns += COPY_NS;
}

/* As if the runs of a bin were spread over all of it. */
static int64_t percentile(const struct account *account, double share)
{
    double left = share * (double)account->runs;
    size_t bin = 0;
    while (bin + 2 < OCTAVES * 8 && left > (double)account->bins[bin])
        left -= (double)account->bins[bin++];
    double part = account->bins[bin] > 0 ? left / (double)account->bins[bin] : 0;
    return bin_from(bin) + (int64_t)(part * (double)(bin_from(bin + 1) - bin_from(bin)));
}

static void tell_bins(const struct pool *pool, uint32_t function)
{
    char text[4096] = "";
    size_t size = 0;
    for (size_t i = 0; i < OCTAVES * 8 && size + 40 < sizeof text; i++) {
        uint64_t count = pool->accounts[function].bins[i];
        if (count > 0)
            size += (size_t)snprintf(text + size, sizeof text - size, "%s%" PRId64 ":%" PRIu64, size > 0 ? " " : "",
                                     bin_from(i), count);
    }
    struct record_function_bins record = { pool->number, function, record_text_of(text) };
    tell(RECORD_FUNCTION_BINS, &record);
}

/* Of a pool's tasks, per cent. */
static unsigned share_of(const struct pool *pool, uint32_t function)
{
    static const unsigned shares[] = { 0, 45, 33, 22 };
    return pool->number == 1 ? shares[function] : 100;
}

static void tell_function_stats(const struct pool *pool, uint32_t function)
{
    const struct account *account = &pool->accounts[function];
    struct record_function_stats record = { .pool = pool->number,
                                            .function = function,
                                            .succeeded = account->succeeded,
                                            .failed = account->failed,
                                            .died = account->died,
                                            .retried = account->retried,
                                            .run_count = account->runs,
                                            .run_total_ns = account->run_ns,
                                            .run_min_ns = account->least_ns,
                                            .run_p50_ns = percentile(account, 0.5),
                                            .run_p90_ns = percentile(account, 0.9),
                                            .run_p99_ns = percentile(account, 0.99),
                                            .run_max_ns = account->most_ns,
                                            .wait_count = account->waits,
                                            .wait_total_ns = account->wait_ns,
                                            .copy_ns = account->copy_ns,
                                            .return_ns = account->return_ns };
    tell(RECORD_FUNCTION_STATS, &record);
    tell_bins(pool, function);
}

static void tell_stats(const struct pool *pool)
{
    uint32_t functions = pool->number == 1 ? FUNCTIONS : 1;
    for (uint32_t i = 1; i <= functions; i++)
        tell_function_stats(pool, i);
}

/* All of the second pool's are of its map. */
static int64_t item_of(const struct pool *pool, uint64_t task)
{
    return pool->number == 2 && task > 0 ? (int64_t)task - 1 : -1;
}

static void tell_worker(const struct pool *pool, uint32_t index)
{
    const struct worker *worker = &pool->all[index];
    bool is_busy = worker->task != 0, works = is_busy && !(sample.is_stuck && pool->number == 1);
    /* One that is over by now is told to have ended with the next step. */
    int64_t run_ns = (works && worker->until_ns < sample.now_ns ? worker->until_ns : sample.now_ns) - worker->since_ns;
    struct record_worker record = { .pool = pool->number,
                                    .worker = index,
                                    .state = is_busy ? MPROC_WORKER_BUSY : MPROC_WORKER_IDLE,
                                    .pid = worker->pid,
                                    .lives = worker->lives,
                                    .ready_ns = worker->born_ns,
                                    .start_ns = 29 * NS_PER_MS,
                                    .tasks = worker->tasks_before + worker->tasks,
                                    .tasks_before = worker->tasks_before,
                                    .chunks = pool->number == 2 ? worker->tasks_before + worker->tasks : 0,
                                    .failed = worker->failed,
                                    .task = worker->task,
                                    .item = item_of(pool, worker->task),
                                    .items = 1,
                                    .attempt = worker->attempt,
                                    .function = worker->function,
                                    .since_ns = worker->since_ns,
                                    .cpu_ns = worker->cpu_ns + (works ? (uint64_t)run_ns : 0),
                                    .memory = worker->memory,
                                    .argument = record_text_of(is_busy ? worker->argument : "") };
    tell(RECORD_WORKER, &record);
}

#define STUCK_NS (14 * NS_PER_S + 200 * NS_PER_MS)

/* ---- What waits ---- */

static uint64_t begun_before(const struct pool *pool)
{
    return pool->number == 1 ? 30000 : 40000;
}

static bool is_listed(const struct pool *pool, uint64_t task)
{
    return task > pool->next_task && task <= pool->listed;
}

/* Whoever submits keeps the queue as long as it is, until the map has no more parts. */
static void submit(struct pool *pool)
{
    uint64_t wanted = pool->next_task + QUEUED + random_below(40);
    if (pool->number == 2 && wanted > FILES)
        wanted = FILES;
    if (pool->submitted < wanted)
        pool->submitted = wanted;
}

/* As long as a queue of that length takes, at the rate of all that time. */
static int64_t usual_wait_ns(const struct pool *pool)
{
    return QUEUED * (AGE_S * NS_PER_S / (int64_t)begun_before(pool));
}

static void list_waiting(struct pool *pool, int64_t age_ns)
{
    for (pool->listed = pool->listed < pool->next_task ? pool->next_task : pool->listed;
         pool->listed < pool->next_task + LISTED; pool->listed++)
        pool->submitted_ns[(pool->listed + 1) % LISTED] =
            sample.now_ns - age_ns + (int64_t)(pool->listed - pool->next_task) * (usual_wait_ns(pool) / QUEUED);
}

static int64_t oldest_ns(const struct pool *pool)
{
    uint64_t next = pool->next_task + 1;
    return is_listed(pool, next) ? sample.now_ns - pool->submitted_ns[next % LISTED] : usual_wait_ns(pool);
}

/* What a task is called with, and by which function, is the same before it begins and after: of its number alone. */
static unsigned lot_of(uint64_t task, unsigned limit)
{
    return (unsigned)((task * UINT64_C(0x9E3779B97F4A7C15)) >> 40) % limit;
}

static uint32_t function_of(const struct pool *pool, uint64_t task)
{
    unsigned at = lot_of(task, 100);
    uint32_t function = 1;
    while (at >= share_of(pool, function))
        at -= share_of(pool, function++);
    return function;
}

static void make_argument(char text[64], const struct pool *pool, uint64_t task)
{
    snprintf(text, 64, pool->number == 1 ? "\"corpus/%04u.html\"" : "\"2023/06/IMG_%04u.CR3\"",
             lot_of(task, 1000000) % 10000);
}

static void tell_waiting(const struct pool *pool, uint64_t task)
{
    char argument[64];
    make_argument(argument, pool, task);
    struct record_task_queued record = { .pool = pool->number,
                                         .task = task,
                                         .item = -1,
                                         .items = 1,
                                         .function = function_of(pool, task),
                                         .submitted_ns = pool->submitted_ns[task % LISTED],
                                         .waits = 1,
                                         .argument = record_text_of(argument) };
    tell(RECORD_TASK_QUEUED, &record);
}

/* Those of the second pool are of a map that has begun: no program tells of them. */
static void tell_queue(struct pool *pool, bool all)
{
    uint64_t told = all ? pool->next_task : pool->listed;
    if (pool->number != 1)
        return;
    list_waiting(pool, usual_wait_ns(pool));
    for (uint64_t task = told + 1; task <= pool->listed; task++)
        if (task > pool->next_task)
            tell_waiting(pool, task);
}

/* ---- Numbers ---- */

static void tell_counts(const struct pool *pool)
{
    uint32_t running = 0;
    for (uint32_t i = 0; i < pool->workers; i++)
        running += pool->all[i].task != 0;
    bool is_map = pool->number == 2; /* one, which is not told of as a task before it ends */
    uint64_t ended = pool->done + pool->failed;
    struct record_counts record = { .pool = pool->number,
                                    .workers = pool->workers,
                                    .idle = pool->workers - running,
                                    .queued = pool->submitted - pool->next_task + (pool->again.task != 0),
                                    .running = running,
                                    .submitted = is_map ? 1 : pool->submitted,
                                    .succeeded = is_map ? ended == FILES : pool->done,
                                    .failed = is_map ? 0 : pool->failed,
                                    .chunks = is_map ? ended : 0,
                                    .items = is_map ? ended : 0,
                                    .retried = pool->retried,
                                    .deaths = pool->deaths,
                                    .restarts = pool->restarts,
                                    .oldest_ns = pool->submitted > pool->next_task ? oldest_ns(pool) : 0 };
    tell(RECORD_COUNTS, &record);
}

static void tell_map(const struct pool *pool)
{
    struct record_map record = { .pool = pool->number,
                                 .task = 1,
                                 .function = 1,
                                 .items = FILES,
                                 .done = pool->done + pool->failed,
                                 .failed = pool->failed,
                                 .ended = pool->done + pool->failed == FILES,
                                 .submitted_ns = sample.begin_ns - AGE_S * NS_PER_S };
    if (pool->number == 2)
        tell(RECORD_MAP, &record);
}

static void tell_cost(void)
{
    int64_t watched_ns = sample.now_ns - sample.begin_ns;
    tell(RECORD_COST, &(struct record_cost){ .cpu_ns = (uint64_t)watched_ns * 3 / 1000,
                                             .bytes = sample.events * 90,
                                             .events = sample.events,
                                             .clients = 1 });
}

static void say_at(int64_t time_ns, uint8_t level, uint32_t pool, int64_t worker, const char *text)
{
    struct record_log record = { time_ns, level, 0, pool, worker, record_text_of(text) };
    tell(RECORD_LOG, &record);
}

static void say(uint8_t level, uint32_t pool, int64_t worker, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    say_at(sample.now_ns, level, pool, worker, text);
}

/* ---- Locks and queues ---- */

#define NOBODY     (-1)
#define FIRST_LOCK 7001

/* The rest of the story: worker 2 has pages and wants seen, worker 5 the other way round; all other workers wait behind
 * them, and so do the program's own threads: the one that feeds the workers, for room; the one that writes what they
 * found, for that; the main thread and its clock for the one that counts, and that one to be told of something. */
static const struct {
    const char *name;
    uint8_t kind;
    int holder;
    uint64_t depth, limit, taken, contended;
    const char *place;
} objects[] = {
    { "pages", RECORD_OBJECT_LOCK, 2, 0, 0, 0, 41207, "crawl.c:112" },
    { "seen", RECORD_OBJECT_LOCK, 5, 0, 0, 0, 38112, "store.c:58" },
    { "work ready", RECORD_OBJECT_CONDITION, NOBODY, 0, 0, 0, 0, "" },
    { "phase", RECORD_OBJECT_BARRIER, NOBODY, 2, 3, 0, 0, "" },
    { "sockets", RECORD_OBJECT_SEMAPHORE, NOBODY, 13, 16, 0, 211, "" },
    { "urls", RECORD_OBJECT_QUEUE, NOBODY, 1024, 1024, 88123, 0, "" },
    { "results", RECORD_OBJECT_QUEUE, NOBODY, 0, 4096, 88001, 0, "" },
    { "report", RECORD_OBJECT_LOCK, NOBODY, 0, 0, 0, 12, "" },
};

static const struct {
    int object, worker; /* a worker below 0 is a thread of the program's own */
    uint8_t wait;
    const char *place;
} waiters[] = {
    { 1, 2, RECORD_WAIT_TAKE, "crawl.c:118" }, { 0, 5, RECORD_WAIT_TAKE, "store.c:64" },
    { 0, 0, RECORD_WAIT_TAKE, "crawl.c:112" }, { 0, 1, RECORD_WAIT_TAKE, "crawl.c:112" },
    { 1, 3, RECORD_WAIT_TAKE, "store.c:58" },  { 0, 4, RECORD_WAIT_TAKE, "crawl.c:112" },
    { 2, -5, RECORD_WAIT_WAIT, "main.c:201" }, { 3, -1, RECORD_WAIT_WAIT, "main.c:230" },
    { 3, -2, RECORD_WAIT_WAIT, "main.c:230" }, { 5, -3, RECORD_WAIT_PUT, "feed.c:41" },
    { 6, -4, RECORD_WAIT_GET, "report.c:77" },
};

static uint32_t count_waiters(size_t object)
{
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof waiters / sizeof *waiters; i++)
        count += (size_t)waiters[i].object == object;
    return count;
}

static int64_t pid_of(int worker)
{
    return worker < 0 ? sample.pid : sample.pools[0].all[worker].pid;
}

/* The first one of the program's own is the main thread. */
static uint64_t thread_of(int worker)
{
    return (uint64_t)(worker < -1 ? sample.pid + 100 - worker : pid_of(worker));
}

static void tell_objects(void)
{
    int64_t since_ns = sample.begin_ns - STUCK_NS;
    for (size_t i = 0; sample.is_stuck && i < sizeof objects / sizeof *objects; i++) {
        bool held = objects[i].holder != NOBODY;
        struct record_object record = { .object = FIRST_LOCK + i,
                                        .kind = objects[i].kind,
                                        .holder_pid = held ? pid_of(objects[i].holder) : 0,
                                        .holder = held ? thread_of(objects[i].holder) : 0,
                                        .held_since_ns = held ? since_ns - 100 * NS_PER_MS : 0,
                                        .waiters = count_waiters(i),
                                        .depth = objects[i].depth,
                                        .limit = objects[i].limit,
                                        .taken = objects[i].taken,
                                        .contended = objects[i].contended,
                                        .name = record_text_of(objects[i].name),
                                        .place = record_text_of(objects[i].place) };
        tell(RECORD_OBJECT, &record);
    }
    for (size_t i = 0; sample.is_stuck && i < sizeof waiters / sizeof *waiters; i++) {
        struct record_waiter record = { .object = FIRST_LOCK + (uint64_t)waiters[i].object,
                                        .pid = pid_of(waiters[i].worker),
                                        .thread = thread_of(waiters[i].worker),
                                        .since_ns = since_ns + (int64_t)i * 20 * NS_PER_MS,
                                        .place = record_text_of(waiters[i].place),
                                        .wait = waiters[i].wait,
                                        .patience = RECORD_PATIENCE_FOREVER };
        tell(RECORD_WAITER, &record);
    }
}

/* ---- All of it ---- */

static void tell_all(void)
{
    struct record_snapshot_begin begin = { 0 };
    tell(RECORD_SNAPSHOT_BEGIN, &begin);
    for (int i = 0; i < POOLS; i++) {
        tell_pool(&sample.pools[i]);
        tell_functions(&sample.pools[i]);
        tell_stats(&sample.pools[i]);
        tell_counts(&sample.pools[i]);
        tell_map(&sample.pools[i]);
        for (uint32_t j = 0; j < sample.pools[i].workers; j++)
            tell_worker(&sample.pools[i], j);
        tell_queue(&sample.pools[i], true);
    }
    tell_objects();
    struct record_snapshot_end end = { 0 };
    tell(RECORD_SNAPSHOT_END, &end);
}

/* ---- Working ---- */

/* Since its last step, and after it had sent back what it made of its last task and got this one. */
static int64_t begun_ns(const struct worker *worker)
{
    int64_t ready_ns = worker->free_ns + COPY_NS + RETURN_NS;
    int64_t begun_ns = sample.now_ns - (1 + random_below(19)) * NS_PER_MS;
    begun_ns = begun_ns < ready_ns ? ready_ns : begun_ns;
    return begun_ns < sample.now_ns ? begun_ns : sample.now_ns;
}

static void begin_task(struct pool *pool, uint32_t index)
{
    struct worker *worker = &pool->all[index];
    uint64_t task = pool->next_task + 1;
    int64_t submitted_ns = sample.now_ns - oldest_ns(pool);
    pool->next_task = worker->task = task;
    worker->function = function_of(pool, task);
    worker->attempt = 1;
    worker->is_slow = random_below(4000) == 0;
    worker->since_ns = begun_ns(worker);
    worker->until_ns = worker->since_ns + (worker->is_slow ? 2 * NS_PER_S : random_length());
    worker->wait_ns = worker->since_ns - submitted_ns;
    make_argument(worker->argument, pool, task);
}

static void tell_begun(const struct pool *pool, uint32_t index)
{
    const struct worker *worker = &pool->all[index];
    struct record_task_begun record = { .pool = pool->number,
                                        .task = worker->task,
                                        .item = item_of(pool, worker->task),
                                        .items = 1,
                                        .function = worker->function,
                                        .worker = index,
                                        .pid = worker->pid,
                                        .attempt = worker->attempt,
                                        .begun_ns = worker->since_ns,
                                        .argument = record_text_of(worker->argument) };
    tell(RECORD_TASK_BEGUN, &record);
}

/* What the function says that it has made of it: of the same page the same, each time. */
static void make_result(char text[64], uint32_t function, const char *argument)
{
    unsigned sum = 0;
    for (const char *at = argument; *at != '\0'; at++)
        sum = sum * 31 + (unsigned char)*at;
    if (function == 1)
        snprintf(text, 64, "\"Index\", %u links", 80 + sum % 140);
    else if (function == 2)
        snprintf(text, 64, "%u words", 90 + sum % 600);
    else
        snprintf(text, 64, "%u.%u kB written", 40 + sum % 40, sum / 40 % 10);
}

/* A worker has done what returned; what it died of has no run. */
static void count_end(struct pool *pool, struct worker *worker, uint8_t end, int64_t run_ns)
{
    struct account *account = &pool->accounts[worker->function];
    bool is_done = end == RECORD_END_DONE, returns = is_done || end == RECORD_END_FAILED;
    bool is_retried = end == RECORD_END_RETRIED;
    if (returns)
        count_run(account, run_ns);
    if (returns && pool->number == 1)
        count_wait(account, worker->wait_ns);
    worker->tasks += returns;
    worker->failed += returns && !is_done;
    pool->done += is_done;
    pool->failed += !is_done && !is_retried;
    pool->retried += is_retried;
    account->succeeded += is_done;
    account->failed += !is_done && !is_retried;
    account->died += !returns;
    account->retried += is_retried;
}

static void end_task(struct pool *pool, uint32_t index, uint8_t end, int64_t code, const char *error)
{
    struct worker *worker = &pool->all[index];
    int64_t ended_ns = worker->until_ns < sample.now_ns ? worker->until_ns : sample.now_ns;
    int64_t run_ns = ended_ns - worker->since_ns;
    bool returns = end == RECORD_END_DONE || end == RECORD_END_FAILED;
    char result[64] = "";
    if (end == RECORD_END_DONE && pool->number == 1)
        make_result(result, worker->function, worker->argument);
    struct record_task_ended record = { .pool = pool->number,
                                        .task = worker->task,
                                        .item = item_of(pool, worker->task),
                                        .items = 1,
                                        .function = worker->function,
                                        .worker = index,
                                        .pid = worker->pid,
                                        .attempt = worker->attempt,
                                        .end = end,
                                        .code = code,
                                        .begun_ns = worker->since_ns,
                                        .ended_ns = ended_ns,
                                        .wait_ns = worker->wait_ns,
                                        .copy_ns = COPY_NS,
                                        .run_ns = run_ns,
                                        .return_ns = returns ? RETURN_NS : 0,
                                        .argument = record_text_of(worker->argument),
                                        .result = record_text_of(result),
                                        .error = record_text_of(error) };
    tell(RECORD_TASK_ENDED, &record);
    count_end(pool, worker, end, run_ns);
    worker->task = 0;
    worker->free_ns = ended_ns;
    worker->cpu_ns += (uint64_t)run_ns;
}

static void end_well(struct pool *pool, uint32_t index)
{
    if (pool->all[index].task != 0)
        end_task(pool, index, RECORD_END_DONE, 0, "");
}

static void name_task(struct worker *worker, const char *name)
{
    worker->function = 1;
    snprintf(worker->argument, sizeof worker->argument, "\"corpus/%s.html\"", name);
}

/* One that takes as long as is said. */
static void begin_long(struct pool *pool, uint32_t index, const char *name, int64_t length_ns)
{
    struct worker *worker = &pool->all[index];
    end_well(pool, index);
    begin_task(pool, index);
    name_task(worker, name);
    worker->until_ns = sample.now_ns + length_ns;
    tell_begun(pool, index);
}

/* What a worker died of is tried again before all others, and then it is done. */
static void begin_again(struct pool *pool, uint32_t index)
{
    struct worker *worker = &pool->all[index];
    const struct worker *again = &pool->again;
    worker->task = again->task;
    worker->function = again->function;
    worker->attempt = again->attempt + 1;
    worker->is_slow = false;
    worker->since_ns = begun_ns(worker);
    worker->until_ns = worker->since_ns + random_length();
    worker->wait_ns = again->wait_ns + worker->since_ns - again->since_ns;
    memcpy(worker->argument, again->argument, sizeof worker->argument);
    pool->again.task = 0;
}

static void die(struct pool *pool, uint32_t index, bool is_limit)
{
    struct worker *worker = &pool->all[index];
    char cause[160];
    if (!is_limit && pool->again.task != 0)
        return; /* nobody has come to the one before yet */
    if (!is_limit && worker->attempt > 1)
        end_well(pool, index);
    if (worker->task == 0)
        begin_task(pool, index);
    name_task(worker, is_limit ? "loop" : "0419");
    tell_begun(pool, index);
    worker->until_ns = sample.now_ns;
    if (!is_limit)
        pool->again = *worker;
    snprintf(cause, sizeof cause, "worker %u (pid %" PRId64 ") was killed by signal %s", index, worker->pid,
             is_limit ? "9: its task took longer than task_timeout_ms = 5000" : "11");
    struct record_death record = {
        .pool = pool->number,
        .worker = index,
        .pid = worker->pid,
        .lives = worker->lives,
        .time_ns = sample.now_ns,
        .exit_code = is_limit ? -9 : -11,
        .task = worker->task,
        .item = -1,
        .items = 1,
        .function = 1,
        .attempt = worker->attempt,
        .decision = is_limit ? RECORD_DECISION_FAILED : RECORD_DECISION_RETRIED,
        .decided_ns = NS_PER_MS,
        .replaced_ns = sample.now_ns + 29 * NS_PER_MS,
        .cause = record_text_of(cause),
        .argument = record_text_of(worker->argument),
        .stack = record_text_of(is_limit ? ""
                                         : "attribute_value+0x1c (crash_parser), parse.c:218\n"
                                           "parse_tag+0x88 (crash_parser), parse.c:164\n"
                                           "parse_page+0x30 (crash_parser), parse.c:71\n"
                                           "mproc__serve_one+0x51 (libmproc.so.0)\n"),
        .output = record_text_of(is_limit ? ""
                                          : "0419.html: line 88: unclosed <table>\n0419.html: line 91: attribute "
                                            "without a value\nassuming value of \"href\""),
        .lived_ns = sample.now_ns - worker->born_ns,
        .tasks = worker->tasks,
        .fault = is_limit ? RECORD_FAULT_NONE : RECORD_FAULT_NO_MEMORY,
        .access = is_limit ? RECORD_ACCESS_UNKNOWN : RECORD_ACCESS_READ,
        .address = is_limit ? 0 : 0x18
    };
    struct record_output output = { sample.now_ns - NS_PER_MS, pool->number, index, worker->pid,
                                    record_text_of("0419.html: line 91: attribute without a value") };
    if (!is_limit)
        tell(RECORD_OUTPUT, &output);
    end_task(pool, index, is_limit ? RECORD_END_LIMIT : RECORD_END_RETRIED,
             is_limit ? MPROC_E_TIMEOUT : MPROC_E_WORKER_DIED, cause);
    record.successor = ++sample.next_pid;
    record.peak = worker->memory * 5 / 4;
    tell(RECORD_DEATH, &record);
    pool->deaths++;
    pool->restarts++;
    *worker = (struct worker){ .pid = record.successor,
                               .lives = worker->lives + 1,
                               .tasks_before = worker->tasks_before + worker->tasks,
                               .failed = worker->failed,
                               .memory = 24000000,
                               .born_ns = sample.now_ns + 29 * NS_PER_MS,
                               .free_ns = sample.now_ns + 29 * NS_PER_MS };
}

static void begin_next(struct pool *pool, uint32_t index)
{
    bool is_left = pool->next_task < pool->submitted;
    if (pool->again.task != 0)
        begin_again(pool, index);
    else if (is_left)
        begin_task(pool, index);
}

/* As soon as it has another task, or none: one that has ended would be taken for one that takes long. */
static void step_worker(struct pool *pool, uint32_t index)
{
    struct worker *worker = &pool->all[index];
    uint64_t before = worker->task;
    if (worker->task != 0 && sample.now_ns >= worker->until_ns) {
        bool fails = random_below(5000) == 0;
        end_task(pool, index, fails ? RECORD_END_FAILED : RECORD_END_DONE, fails ? -13 : 0,
                 fails ? "Permission denied" : "");
    }
    if (worker->task == 0 && worker->free_ns + COPY_NS + RETURN_NS <= sample.now_ns)
        begin_next(pool, index);
    if (worker->task != before && worker->task != 0)
        tell_begun(pool, index);
    if (worker->task != before)
        tell_worker(pool, index);
}

/* However late its steps come, a task is killed when its limit is reached. */
static bool is_due(const struct worker *worker)
{
    bool is_endless = worker->task != 0 && worker->until_ns - worker->since_ns > ENDLESS_NS / 2;
    return is_endless && sample.now_ns - worker->since_ns >= LIMIT_NS;
}

static void step_deaths(int64_t number)
{
    struct pool *pool = &sample.pools[0];
    if (number % 1000 == 150 || number % 1000 == 170)
        die(pool, number % 1000 == 150 ? 4 : 1, false);
    if (number == 0 || number % 900 == 725)
        begin_long(pool, 5, "loop", ENDLESS_NS);
    if (number == 0) {
        pool->all[5].since_ns -= LIMIT_NS - 75 * STEP_NS;
        pool->all[5].wait_ns -= LIMIT_NS - 75 * STEP_NS;
        pool->all[5].cpu_ns -= (uint64_t)(LIMIT_NS - 75 * STEP_NS);
        tell_begun(pool, 5);
    }
    if (is_due(&pool->all[5]))
        die(pool, 5, true);
    if (number % 300 == 30)
        begin_long(pool, 3, "big", 2 * NS_PER_S);
}

static void tell_of_slow(const struct pool *pool, uint32_t index)
{
    const struct worker *worker = &pool->all[index];
    int64_t run_ns = sample.now_ns - worker->since_ns, median_ns = percentile(&pool->accounts[worker->function], 0.5);
    say(MPROC_LOG_WARNING, pool->number, index, "%s(%s) still runs after %d ms, %d times the median",
        name_of(pool, worker->function), worker->argument, (int)(run_ns / NS_PER_MS), (int)(run_ns / median_ns));
}

static void step(int64_t number)
{
    for (int i = sample.is_stuck; i < POOLS; i++)
        for (uint32_t j = 0; j < sample.pools[i].workers; j++)
            step_worker(&sample.pools[i], j);
    if (sample.is_stuck && number % 5 == 0)
        tell_objects();
    if (!sample.is_stuck)
        step_deaths(number);
    if (number % 1000 == 155)
        tell(RECORD_LOST, &(struct record_lost){ RECORD_CLASS_LIFE, 37, sample.now_ns, sample.now_ns, 0, -1 });
    if (number == 40)
        say_at(sample.begin_ns - AGE_S * NS_PER_S + 38 * NS_PER_MS, MPROC_LOG_INFO, 1, -1,
               "6 workers ready in 38 ms (fork server)");
    if (!sample.is_stuck && number % 300 == 60)
        tell_of_slow(&sample.pools[0], 3);
    for (int i = sample.is_stuck; i < POOLS; i++)
        submit(&sample.pools[i]);
    /* With each step, for the workers tell then, too, what they have done. */
    for (int i = 0; i < POOLS; i++)
        tell_counts(&sample.pools[i]);
    for (int i = 0; i < POOLS && number % 5 == 0; i++) {
        tell_queue(&sample.pools[i], false);
        tell_map(&sample.pools[i]);
        for (uint32_t j = 0; j < sample.pools[i].workers; j++)
            tell_worker(&sample.pools[i], j);
        tell_stats(&sample.pools[i]);
    }
    if (number % 50 == 0)
        tell_cost();
}

/* One of them tells of two events. */
static void run_at_once(struct pool *pool, uint32_t index)
{
    struct worker *worker = &pool->all[index];
    begin_task(pool, index);
    worker->until_ns = worker->since_ns + random_length();
    tell_begun(pool, index);
    end_task(pool, index, RECORD_END_DONE, 0, "");
}

static void flood(int64_t number)
{
    struct pool *pool = &sample.pools[0];
    int64_t tasks = number == 0 ? AT_ONCE : RATE / 2 * STEP_NS / NS_PER_S;
    submit(pool);
    for (int64_t i = 0; i < tasks && !sample.broken; i++)
        run_at_once(pool, (uint32_t)i % CROWD);
    for (uint32_t i = 0; i < CROWD && number % 5 == 0; i++)
        tell_worker(pool, i);
    tell_counts(pool);
    tell_stats(pool);
    if (number % 50 == 0)
        tell_cost();
}

/* What was done before anybody watched: of each worker as many, but half of them some more than the others. */
static void do_before(struct pool *pool)
{
    for (uint64_t task = 1; task <= pool->next_task; task++) {
        struct account *account = &pool->accounts[function_of(pool, task)];
        account->succeeded++;
        count_run(account, random_length());
        if (pool->number == 1)
            count_wait(account, usual_wait_ns(pool));
    }
}

static void fill(struct pool *pool)
{
    uint64_t each = pool->done / pool->workers, more = 0;
    int64_t run_ns = 0;
    for (uint32_t i = 1; i <= FUNCTIONS; i++)
        run_ns += pool->accounts[i].run_ns;
    for (uint32_t i = 0; i < pool->workers; i++) {
        more = i % 2 == 0 ? random_below((unsigned)each / 20 + 1) : -more;
        pool->all[i] = (struct worker){ .pid = ++sample.next_pid,
                                        .lives = 1,
                                        .tasks = each + more,
                                        .born_ns = sample.now_ns - AGE_S * NS_PER_S + 38 * NS_PER_MS,
                                        .free_ns = sample.now_ns - 60 * NS_PER_MS,
                                        .cpu_ns = (uint64_t)run_ns / pool->workers,
                                        .memory = 24000000 + random_below(24000000) };
    }
}

static void begin(int64_t now_ns)
{
    sample.seed = 7;
    sample.now_ns = sample.begin_ns = now_ns;
    sample.next_pid = sample.pid;
    for (int i = 0; i < POOLS; i++) {
        struct pool *pool = &sample.pools[i];
        *pool = (struct pool){ .number = (uint32_t)i + 1, .workers = i == 0 ? 6 : WORKERS };
        pool->next_task = pool->done = begun_before(pool);
        submit(pool);
        do_before(pool);
        fill(pool);
        for (uint32_t j = 0; i == 0 && sample.is_stuck && j < pool->workers; j++) {
            begin_task(pool, j);
            pool->all[j].since_ns -= STUCK_NS + NS_PER_S;
        }
        if (i == 0)
            list_waiting(pool, usual_wait_ns(pool) + (sample.is_stuck ? STUCK_NS : 0));
    }
}

static void make_crowd(struct pool *pool)
{
    pool->workers = CROWD;
    fill(pool);
}

/* ---- Recordings ---- */

static bool append(void *user, const unsigned char *bytes, size_t size)
{
    return mproc__recording_append(user, bytes, size) == 0;
}

static void tell_at(unsigned type, const void *record, int64_t time_ns)
{
    sample.now_ns = time_ns;
    tell(type, record);
}

static int write_recording(const char *path, int seconds, bool is_cut)
{
    static unsigned char greeting[WIRE_OWN_MAX];
    struct recording_writer writer;
    remove(path);
    sample.pid = 41302;
    begin(1000 * NS_PER_S);
    size_t size = greet(greeting, sizeof greeting, sample.pid);
    if (mproc__recording_create(&writer, path, greeting, size) < 0) {
        fprintf(stderr, "%s\n", mproc_last_error());
        return 1;
    }
    sample.send = append;
    sample.user = &writer;
    tell_all();
    for (int64_t i = 0; i <= seconds * (NS_PER_S / STEP_NS); i++) { /* all is told of in the last step */
        sample.now_ns += STEP_NS;
        step(i);
    }
    if (sample.is_extreme)
        extremes_tell(tell_at);
    if (is_cut)
        mproc__recording_append(&writer, greeting, size / 2);
    return mproc__recording_finish(&writer) < 0;
}

/* ---- A process ---- */

static bool write_stream(platform_stream *stream, const unsigned char *bytes, size_t size)
{
    while (size > 0) {
        const bool wants_to_write = true;
        size_t done = 0;
        if (platform_stream_write(stream, bytes, size, &done) < 0)
            return false;
        bytes += done;
        size -= done;
        if (size > 0)
            platform_streams_wait(NULL, &stream, &wants_to_write, 1, PLATFORM_NO_HANDLE, INT64_MAX);
    }
    return true;
}

/* What is told is written together. */
static struct {
    unsigned char bytes[1 << 16];
    size_t size;
} batch;

static bool write_batch(platform_stream *stream)
{
    size_t size = batch.size;
    batch.size = 0;
    return write_stream(stream, batch.bytes, size);
}

static bool add_to_batch(void *user, const unsigned char *bytes, size_t size)
{
    if (batch.size + size > sizeof batch.bytes && !write_batch(user))
        return false;
    memcpy(batch.bytes + batch.size, bytes, size);
    batch.size += size;
    return true;
}

typedef void step_fn(int64_t number);

static bool is_file(const char *name)
{
    FILE *file = fopen(name, "rb");
    return file != NULL && fclose(file) == 0;
}

static void say_word(void)
{
    if (is_file("word") && remove("word") == 0)
        say(MPROC_LOG_INFO, 1, -1, "a word of file %" PRIu64, ++sample.words);
}

/* Serves one client after the other, as long as it lives. */
static void serve(platform_stream *stream, step_fn *do_step, int64_t silent_ns)
{
    static unsigned char bytes[WIRE_OWN_MAX];
    sample.broken = false;
    sample.send = add_to_batch;
    sample.user = stream;
    sample.sequence = 0;
    sample.is_reborn = is_file("reborn");
    size_t size = greet(bytes, sizeof bytes, sample.pid);
    if (!write_stream(stream, bytes, size))
        return;
    platform_streams_wait(NULL, &stream, NULL, 1, PLATFORM_NO_HANDLE, INT64_MAX);
    sample.now_ns = platform_now_ns();
    tell(RECORD_ACCEPT, &(struct record_accept){ 16 * NS_PER_MS });
    tell_all();
    for (int64_t i = 0; !sample.broken; i++) {
        platform_wait_handles(NULL, 0, sample.now_ns + STEP_NS, NULL);
        sample.now_ns = platform_now_ns();
        if (sample.now_ns < silent_ns) {
            do_step(i);
            say_word();
            sample.broken = sample.broken || !write_batch(stream);
        } else
            sample.broken = platform_stream_read(stream, bytes, sizeof bytes, &size) < 0;
    }
    batch.size = 0;
}

static void wait_for_end(void *user)
{
    (void)user;
    while (getchar() != EOF)
        continue;
    _Exit(0);
}

static bool end_with_input(void)
{
    platform_thread *thread;
    return platform_thread_start(wait_for_end, NULL, "held", &thread) == 0;
}

static int live(int seconds, step_fn *do_step)
{
    platform_endpoint *endpoint;
    platform_stream *stream;
    char card[] = "{\"name\":\"crash_parser\",\"program\":\"/usr/local/bin/crash_parser\",\"protocol\":1}";
    int64_t silent_ns = seconds > 0 ? platform_now_ns() + seconds * NS_PER_S : INT64_MAX;
    if (platform_endpoint_create(card, &endpoint) < 0) {
        fprintf(stderr, "%s\n", platform_error_text());
        return 1;
    }
    if (sample.is_held && !end_with_input())
        return 1;
    sample.pid = platform_self_pid();
    begin(platform_now_ns());
    if (do_step == flood)
        make_crowd(&sample.pools[0]);
    for (;;) {
        platform_streams_wait(endpoint, NULL, NULL, 0, PLATFORM_NO_HANDLE, INT64_MAX);
        if (platform_endpoint_accept(endpoint, &stream) < 0 || stream == NULL)
            continue;
        serve(stream, do_step, silent_ns);
        platform_stream_close(stream);
    }
}

int main(int argc, char **argv)
{
    platform_setup();
    sample.is_held = argc > 2 && strcmp(argv[argc - 1], "held") == 0;
    argc -= sample.is_held;
    sample.is_extreme = argc == 4 && strcmp(argv[1], "extremes") == 0;
    if (argc == 4 && (strcmp(argv[1], "record") == 0 || sample.is_extreme))
        return write_recording(argv[2], atoi(argv[3]), false);
    sample.is_stuck = argc >= 2 && (strcmp(argv[1], "deadlock") == 0 || strcmp(argv[1], "stuck") == 0);
    if (argc == 4 && strcmp(argv[1], "deadlock") == 0)
        return write_recording(argv[2], atoi(argv[3]), false);
    if (argc == 4 && strcmp(argv[1], "cut") == 0)
        return write_recording(argv[2], atoi(argv[3]), true);
    if (argc >= 2 && (strcmp(argv[1], "live") == 0 || sample.is_stuck))
        return live(argc > 2 ? atoi(argv[2]) : 0, step);
    if (argc == 2 && strcmp(argv[1], "flood") == 0)
        return live(0, flood);
    fprintf(stderr, "usage: sample record|extremes|cut|deadlock FILE SECONDS | live|stuck [SECONDS] | flood\n");
    return 2;
}
