/* One who watches, for tests: a client over the port's streams that keeps what tests ask about. It reads when it is
 * told to, and so is as slow as a test wants it.
 */
#ifndef MPROC_TESTS_WATCH_H
#define MPROC_TESTS_WATCH_H

#include "platform.h"
#include "test.h"
#include "trace/trace.h"

#define WATCH_POOLS 64u
#define WATCH_TEXT  600

struct watch_pool {
    struct record_pool pool;
    struct record_counts counts;
    uint64_t ended[8]; /**< attempts by enum record_end, of maps items */
    uint64_t items_queued, items_begun, deaths;
    uint64_t last_queued; /**< the number of the last task that was told to be queued */
    bool is_out_of_order; /**< one came after a later one */
    uint64_t lives[64];   /**< of each place, how manieth its last death was that was told */
    struct record_worker workers[64];
    struct record_function_stats stats; /**< of the last function */
    char name[WATCH_TEXT], function[WATCH_TEXT], cause[WATCH_TEXT];
};

struct watch {
    platform_stream *stream; /**< NULL: it is over, and code says why */
    int code;
    struct wire_reader reader;
    uint64_t frames[256]; /**< by type */
    uint64_t lost[RECORD_CLASSES];
    struct record_greeting greeting;
    struct record_reject rejected;
    struct record_reply reply;
    struct record_cost cost;
    struct record_object object; /**< the last, and the next two as well */
    struct record_waiter waiter;
    char object_name[WATCH_TEXT], waiter_place[WATCH_TEXT];
    char text[WATCH_TEXT], log[WATCH_TEXT], program[WATCH_TEXT]; /**< of a rejection or reply; all of the log's last */
    struct watch_pool pools[WATCH_POOLS];
};

/* Tests do not meet each other's, nor the user's own, wherever processes look for each other. */
static inline void watch_use_own_place(void)
{
    os_set_environment("XDG_RUNTIME_DIR", getenv("MPROC_TEST_DIRECTORY"));
    os_set_environment("TMPDIR", getenv("MPROC_TEST_DIRECTORY"));
    os_set_environment("LOCALAPPDATA", getenv("MPROC_TEST_DIRECTORY"));
}

/* ---- Taking records ---- */

static inline void watch_copy(char ret_text[WATCH_TEXT], struct record_text text)
{
    snprintf(ret_text, WATCH_TEXT, "%.*s", (int)text.size, text.data);
}

static inline void watch_take_task(struct watch *watch, const struct record_task_ended *ended)
{
    watch->pools[ended->pool % WATCH_POOLS].ended[ended->end % 8] += ended->items;
}

static inline void watch_take_queued(struct watch *watch, const struct record_task_queued *queued)
{
    struct watch_pool *kept = &watch->pools[queued->pool % WATCH_POOLS];
    if (queued->waits != 0)
        return;
    kept->items_queued += queued->items;
    kept->is_out_of_order = kept->is_out_of_order || queued->task <= kept->last_queued;
    kept->last_queued = queued->task;
}

static inline void watch_take_pool(struct watch *watch, const struct record_pool *pool)
{
    struct watch_pool *kept = &watch->pools[pool->pool % WATCH_POOLS];
    kept->pool = *pool;
    watch_copy(kept->name, pool->name);
}

/* Each is told of once more when its worker was replaced. */
static inline void watch_take_death(struct watch *watch, const struct record_death *death)
{
    struct watch_pool *kept = &watch->pools[death->pool % WATCH_POOLS];
    uint64_t *lives = &kept->lives[death->worker % 64];
    kept->deaths += death->lives > *lives;
    *lives = death->lives > *lives ? death->lives : *lives;
    watch_copy(kept->cause, death->cause);
}

static inline void watch_take(struct watch *watch, unsigned type, const union record *record)
{
    watch->frames[type % 256]++;
    if (type == RECORD_GREETING) {
        watch->greeting = record->greeting;
        watch_copy(watch->program, record->greeting.program);
    } else if (type == RECORD_REJECT) {
        watch->rejected = record->reject;
        watch_copy(watch->text, record->reject.text);
    } else if (type == RECORD_REPLY) {
        watch->reply = record->reply;
        watch_copy(watch->text, record->reply.text);
    } else if (type == RECORD_LOST)
        watch->lost[record->lost.kind % RECORD_CLASSES] += record->lost.count;
    else if (type == RECORD_COST)
        watch->cost = record->cost;
    else if (type == RECORD_POOL)
        watch_take_pool(watch, &record->pool);
    else if (type == RECORD_COUNTS)
        watch->pools[record->counts.pool % WATCH_POOLS].counts = record->counts;
    else if (type == RECORD_FUNCTION)
        watch_copy(watch->pools[record->function.pool % WATCH_POOLS].function, record->function.name);
    else if (type == RECORD_TASK_QUEUED)
        watch_take_queued(watch, &record->task_queued);
    else if (type == RECORD_WORKER)
        watch->pools[record->worker.pool % WATCH_POOLS].workers[record->worker.worker % 64] = record->worker;
    else if (type == RECORD_FUNCTION_STATS)
        watch->pools[record->function_stats.pool % WATCH_POOLS].stats = record->function_stats;
    else if (type == RECORD_TASK_BEGUN)
        watch->pools[record->task_begun.pool % WATCH_POOLS].items_begun += record->task_begun.items;
    else if (type == RECORD_TASK_ENDED)
        watch_take_task(watch, &record->task_ended);
    else if (type == RECORD_DEATH)
        watch_take_death(watch, &record->death);
    else if (type == RECORD_LOG)
        watch_copy(watch->log, record->log.text);
    else if (type == RECORD_OBJECT) {
        watch->object = record->object;
        watch_copy(watch->object_name, record->object.name);
    } else if (type == RECORD_WAITER) {
        watch->waiter = record->waiter;
        watch_copy(watch->waiter_place, record->waiter.place);
    }
}

/* ---- The connection ---- */

static inline void watch_close(struct watch *watch)
{
    platform_stream_close(watch->stream);
    watch->stream = NULL;
    mproc__wire_reader_free(&watch->reader);
}

/** Reads at most about so many bytes. Whether the connection stands. */
static inline bool watch_read(struct watch *watch, size_t most)
{
    struct wire_frame frame;
    union record record;
    unsigned char *room;
    size_t size, sum = 0;
    while (watch->stream != NULL && sum < most) {
        int code;
        while ((code = mproc__wire_reader_take(&watch->reader, &frame, &record)) > 0)
            watch_take(watch, frame.type, &record);
        CHECK_OK(code);
        CHECK_OK(mproc__wire_reader_room(&watch->reader, &room, &size));
        watch->code = platform_stream_read(watch->stream, room, size < most - sum ? size : most - sum, &size);
        if (watch->code < 0)
            watch_close(watch);
        if (watch->code < 0 || size == 0)
            break;
        mproc__wire_reader_filled(&watch->reader, size);
        sum += size;
    }
    return watch->stream != NULL;
}

/** Reads all that is there. */
static inline bool watch_poll(struct watch *watch)
{
    return watch_read(watch, SIZE_MAX);
}

/** Waits until the condition holds of what was told. A connection that ends is a failure unless it holds by then. */
#define WATCH_UNTIL(watch, condition)                                                                                  \
    do {                                                                                                               \
        WAIT_UNTIL(!watch_poll(watch) || (condition));                                                                 \
        CHECK(condition);                                                                                              \
    } while (0)

static inline void watch_say_bytes(struct watch *watch, const void *bytes, size_t size)
{
    size_t went;
    while (size > 0 && watch->stream != NULL) {
        if (platform_stream_write(watch->stream, bytes, size, &went) < 0)
            return;
        bytes = (const unsigned char *)bytes + went;
        size -= went;
    }
}

static inline void watch_say(struct watch *watch, enum record_type type, const void *record)
{
    unsigned char bytes[1024];
    static uint64_t sequence; /* rises from one to the next of any */
    const struct wire_frame frame = { .type = (uint16_t)type, .sequence = ++sequence };
    watch_say_bytes(watch, bytes, mproc__wire_encode(bytes, sizeof bytes, &frame, record));
}

/** Connects, and says nothing. */
static inline struct watch *watch_connect(int64_t pid)
{
    struct watch *watch = calloc(1, sizeof *watch);
    CHECK(watch != NULL);
    mproc__wire_reader_init(&watch->reader, WIRE_FRAME_MAX);
    int code;
    WAIT_UNTIL((code = platform_stream_connect(pid, &watch->stream)) != MPROC_E_FULL);
    if (code < 0)
        test_fail(__FILE__, __LINE__, "connecting: %s: %s", mproc_error_name(code), platform_error_text());
    return watch;
}

static inline void watch_hello(struct watch *watch, uint32_t version, uint32_t wants)
{
    const struct record_hello hello = { .version = version, .wants = wants, .name = record_text_of("a test") };
    watch_say(watch, RECORD_HELLO, &hello);
}

/** Connects, and waits until everything was told once. */
static inline struct watch *watch_open(int64_t pid, uint32_t wants)
{
    struct watch *watch = watch_connect(pid);
    watch_hello(watch, RECORD_VERSION, wants);
    WATCH_UNTIL(watch, watch->frames[RECORD_SNAPSHOT_END] > 0);
    CHECK(watch->stream != NULL);
    return watch;
}

static inline void watch_free(struct watch *watch)
{
    watch_close(watch);
    free(watch);
}

/** The number of the pool that has this name; 0 if none was told of. */
static inline uint32_t watch_find(const struct watch *watch, const char *name)
{
    for (uint32_t i = 0; i < WATCH_POOLS; i++)
        if (watch->pools[i].pool.pool != 0 && strcmp(watch->pools[i].name, name) == 0)
            return watch->pools[i].pool.pool;
    return 0;
}

/** The same, of one that is there. */
static inline struct watch_pool *watch_pool(struct watch *watch, const char *name)
{
    WAIT_UNTIL(watch_find(watch, name) != 0 || !watch_poll(watch));
    CHECK(watch_find(watch, name) != 0);
    return &watch->pools[watch_find(watch, name) % WATCH_POOLS];
}

#endif
