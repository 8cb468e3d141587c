/* A program that never ran, told in records: what happened in it is known exactly, so that what a monitor makes of it
 * can be compared. Two workers parse pages; one page kills its worker twice, one task fails, one is slow, and at the
 * end both workers wait for what the other one holds.
 */
#ifndef MPROC_TESTS_MONITOR_STORY_H
#define MPROC_TESTS_MONITOR_STORY_H

#include "trace/wire.h"
#include <stdbool.h>

#define STORY_PID      4711
#define STORY_BEGIN_NS INT64_C(1000000000000)
#define STORY_S        INT64_C(1000000000)
#define STORY_MS       INT64_C(1000000)
#define STORY_WALL_NS  INT64_C(1700000000000000000)
/* Tasks of parse_page that were done well, each in a millisecond, one per 10 ms. */
#define STORY_DONE   200
#define STORY_END_NS (STORY_BEGIN_NS + 12 * STORY_S)

/** Is given each frame of the story, with its record as it is before it is encoded. */
typedef void story_sink(void *user, const struct wire_frame *frame, const void *record);

struct story {
    story_sink *sink;
    void *user;
    uint64_t sequence;
    int64_t now_ns;
};

#define T(text) record_text_of(text)

static inline void story_tell(struct story *story, unsigned type, const void *record)
{
    struct wire_frame frame = { .type = (uint16_t)type, .sequence = ++story->sequence, .time_ns = story->now_ns };
    story->sink(story->user, &frame, record);
}

static inline void story_greet(struct story *story)
{
    story_tell(story, RECORD_GREETING,
               &(struct record_greeting){ .magic = RECORD_MAGIC,
                                          .version = RECORD_VERSION,
                                          .least = RECORD_VERSION,
                                          .pid = STORY_PID,
                                          .start_time = 1,
                                          .now_ns = STORY_BEGIN_NS,
                                          .wall_ns = STORY_WALL_NS,
                                          .program = T("/usr/bin/crawler"),
                                          .library = T("0.2.0"),
                                          .system = T("linux") });
}

static inline struct record_worker story_worker(uint32_t index)
{
    return (struct record_worker){ .pool = 1,
                                   .worker = index,
                                   .state = 2,
                                   .pid = 5000 + index,
                                   .lives = 1,
                                   .ready_ns = STORY_BEGIN_NS,
                                   .memory = 22100000,
                                   .item = -1 };
}

static inline void story_snapshot(struct story *story)
{
    story_tell(story, RECORD_SNAPSHOT_BEGIN, &(struct record_snapshot_begin){ 0 });
    story_tell(story, RECORD_POOL,
               &(struct record_pool){ .pool = 1,
                                      .method = 1,
                                      .statistics = 1,
                                      .min_workers = 2,
                                      .max_workers = 2,
                                      .target = 2,
                                      .created_ns = STORY_BEGIN_NS,
                                      .name = T("pages") });
    story_tell(story, RECORD_COUNTS, &(struct record_counts){ .pool = 1, .workers = 2, .idle = 2 });
    for (uint32_t i = 0; i < 2; i++) {
        struct record_worker worker = story_worker(i);
        story_tell(story, RECORD_WORKER, &worker);
    }
    story_tell(
        story, RECORD_FUNCTION,
        &(struct record_function){ .pool = 1, .function = 1, .name = T("parse_page"), .place = T("crawl.c:12") });
    story_tell(story, RECORD_SNAPSHOT_END, &(struct record_snapshot_end){ 0 });
}

/* ---- Tasks ---- */

static inline struct record_task_begun story_begun(uint64_t task, uint32_t worker, uint32_t attempt, int64_t begun_ns,
                                                   const char *argument)
{
    return (struct record_task_begun){ .pool = 1,
                                       .task = task,
                                       .item = -1,
                                       .items = 1,
                                       .function = 1,
                                       .worker = worker,
                                       .pid = 5000 + worker,
                                       .attempt = attempt,
                                       .begun_ns = begun_ns,
                                       .argument = T(argument) };
}

static inline struct record_task_ended story_ended(const struct record_task_begun *begun, unsigned end, int64_t run_ns,
                                                   const char *result, const char *error)
{
    return (struct record_task_ended){ .pool = 1,
                                       .task = begun->task,
                                       .item = -1,
                                       .items = 1,
                                       .function = 1,
                                       .worker = begun->worker,
                                       .pid = begun->pid,
                                       .attempt = begun->attempt,
                                       .end = (uint8_t)end,
                                       .code = error[0] != '\0' ? -1 : 0,
                                       .submitted_ns = begun->begun_ns - STORY_MS,
                                       .begun_ns = begun->begun_ns,
                                       .ended_ns = begun->begun_ns + run_ns,
                                       .wait_ns = STORY_MS,
                                       .run_ns = run_ns,
                                       .argument = begun->argument,
                                       .result = T(result),
                                       .error = T(error) };
}

static inline void story_run(struct story *story, uint64_t task, unsigned end, int64_t run_ns, const char *argument,
                             const char *error)
{
    struct record_task_begun begun = story_begun(task, task % 2, 1, story->now_ns, argument);
    struct record_task_ended ended = story_ended(&begun, end, run_ns, "\"ok\"", error);
    story_tell(story, RECORD_TASK_BEGUN, &begun);
    story_tell(story, RECORD_TASK_ENDED, &ended);
}

static inline void story_counts(struct story *story, uint64_t succeeded, uint64_t failed, uint64_t retried,
                                uint64_t deaths)
{
    story_tell(story, RECORD_COUNTS,
               &(struct record_counts){ .pool = 1,
                                        .workers = 2,
                                        .running = 2,
                                        .submitted = succeeded + failed + 2,
                                        .succeeded = succeeded,
                                        .failed = failed,
                                        .retried = retried,
                                        .deaths = deaths,
                                        .restarts = deaths,
                                        .busy_ns = succeeded * (uint64_t)STORY_MS });
}

static inline void story_work(struct story *story)
{
    for (uint64_t task = 1; task <= STORY_DONE; task++) {
        story->now_ns += 10 * STORY_MS;
        story_run(story, task, RECORD_END_DONE, STORY_MS, "\"corpus/0001.html\"", "");
        story_counts(story, task, 0, 0, 0);
    }
    story_tell(story, RECORD_FUNCTION_STATS,
               &(struct record_function_stats){ .pool = 1,
                                                .function = 1,
                                                .succeeded = STORY_DONE,
                                                .run_count = STORY_DONE,
                                                .run_total_ns = STORY_DONE * STORY_MS,
                                                .run_min_ns = STORY_MS,
                                                .run_max_ns = STORY_MS,
                                                .run_p50_ns = STORY_MS,
                                                .run_p90_ns = STORY_MS,
                                                .run_p99_ns = STORY_MS,
                                                .run_p999_ns = STORY_MS });
    story_run(story, 300, RECORD_END_FAILED, 2 * STORY_MS, "\"corpus/none.html\"", "no such file");
    story_run(story, 301, RECORD_END_DONE, 62 * STORY_MS, "\"corpus/big.html\"", "");
    story_counts(story, STORY_DONE + 1, 1, 0, 0);
}

/* ---- Deaths ---- */

static inline void story_die(struct story *story, uint32_t worker, uint32_t attempt, int64_t pid)
{
    bool last = attempt == 2;
    struct record_task_begun begun = story_begun(400, worker, attempt, story->now_ns, "\"corpus/0419.html\"");
    struct record_task_ended ended = story_ended(&begun, last ? RECORD_END_DIED : RECORD_END_RETRIED, 4 * STORY_MS, "",
                                                 last ? "worker 1 was killed by signal 11" : "");
    story_tell(story, RECORD_TASK_BEGUN, &begun);
    story->now_ns += 4 * STORY_MS;
    story_tell(story, RECORD_DEATH,
               &(struct record_death){ .pool = 1,
                                       .worker = worker,
                                       .pid = pid,
                                       .lives = 1,
                                       .time_ns = story->now_ns,
                                       .exit_code = -11,
                                       .task = 400,
                                       .item = -1,
                                       .items = 1,
                                       .function = 1,
                                       .attempt = attempt,
                                       .decision = last ? RECORD_DECISION_FAILED : RECORD_DECISION_RETRIED,
                                       .decided_ns = STORY_MS,
                                       .replaced_ns = story->now_ns + 29 * STORY_MS,
                                       .cause = T("Segmentation fault (signal 11, SIGSEGV)"),
                                       .argument = T("\"corpus/0419.html\""),
                                       .stack = T("#0 attribute_value, parse.c:218\n#1 parse_page, parse.c:71"),
                                       .output = T("0419.html: line 88: unclosed <table>\n"),
                                       .fault = RECORD_FAULT_NO_MEMORY,
                                       .access = RECORD_ACCESS_READ,
                                       .address = 0x18 });
    story_tell(story, RECORD_TASK_ENDED, &ended);
}

/* ---- A deadlock ---- */

static inline void story_object(struct story *story, uint64_t object, const char *name, uint32_t holder)
{
    story_tell(story, RECORD_OBJECT,
               &(struct record_object){ .object = object,
                                        .kind = RECORD_OBJECT_LOCK,
                                        .holder_pid = 5000 + holder,
                                        .holder = 5000 + holder,
                                        .held_since_ns = story->now_ns - STORY_S,
                                        .waiters = 1,
                                        .taken = 7,
                                        .name = T(name),
                                        .place = T("crawl.c:100") });
}

static inline void story_wait(struct story *story, uint64_t object, uint32_t worker, const char *place)
{
    story_tell(story, RECORD_WAITER,
               &(struct record_waiter){ .object = object,
                                        .pid = 5000 + worker,
                                        .thread = 5000 + worker,
                                        .since_ns = story->now_ns,
                                        .place = T(place),
                                        .patience = RECORD_PATIENCE_FOREVER });
}

static inline void story_deadlock(struct story *story)
{
    story_object(story, 1, "pages", 0);
    story_object(story, 2, "seen", 1);
    story_wait(story, 2, 0, "crawl.c:118");
    story->now_ns += 100 * STORY_MS;
    story_wait(story, 1, 1, "store.c:64");
    for (uint32_t i = 0; i < 2; i++) {
        struct record_worker worker = story_worker(i);
        worker.state = 3;
        worker.task = 500 + i;
        worker.items = 1;
        worker.attempt = 1;
        worker.function = 1;
        worker.since_ns = story->now_ns - STORY_S;
        worker.argument = T("\"corpus/0500.html\"");
        worker.tasks = 100;
        story_tell(story, RECORD_WORKER, &worker);
    }
}

static inline void story_rest(struct story *story)
{
    story_tell(story, RECORD_MAP,
               &(struct record_map){ .pool = 1,
                                     .task = 600,
                                     .function = 1,
                                     .items = 1000,
                                     .done = 250,
                                     .submitted_ns = story->now_ns - STORY_S });
    story_tell(story, RECORD_LOG,
               &(struct record_log){ .time_ns = story->now_ns,
                                     .level = 30,
                                     .pid = STORY_PID,
                                     .worker = -1,
                                     .text = T("a warning \x1b[31mwith a control\x1b[0m, to \xe2\x80\xaethe left") });
    story_tell(story, RECORD_LOST,
               &(struct record_lost){ .kind = RECORD_CLASS_DETAIL,
                                      .count = 30,
                                      .from_ns = story->now_ns - STORY_S,
                                      .to_ns = story->now_ns,
                                      .worker = -1 });
    story_tell(story, RECORD_LOST,
               &(struct record_lost){ .kind = RECORD_CLASS_DETAIL,
                                      .count = 7,
                                      .from_ns = story->now_ns - STORY_S,
                                      .to_ns = story->now_ns,
                                      .worker = -1 });
    story->now_ns = STORY_END_NS;
    story_tell(story, RECORD_COST, &(struct record_cost){ .cpu_ns = 1, .bytes = 2, .events = 3, .clients = 1 });
}

/** Tells all of it, in the order of time. */
static inline void story_run_all(struct story *story)
{
    story->now_ns = STORY_BEGIN_NS;
    story_greet(story);
    story_snapshot(story);
    story_work(story);
    story_die(story, 0, 1, 5000);
    story_counts(story, STORY_DONE + 1, 1, 1, 1);
    story_die(story, 1, 2, 5001);
    story_counts(story, STORY_DONE + 1, 2, 1, 2);
    story_deadlock(story);
    story_rest(story);
}

#undef T
#endif
