#include "replays.h"

#include "test.h"
#include "trace/recording.h"

void make_recording(const char *how)
{
    const char *arguments[] = { test_program("gui_sample"), how, RECORDING, "12", NULL };
    remove(RECORDING);
    CHECK_EQ(test_scene_finish(test_program_start(arguments), NULL, 0), 0);
}

/* ---- Of a few records ---- */

static size_t encode(unsigned char bytes[WIRE_OWN_MAX], unsigned type, int64_t time_ns, const void *record)
{
    static uint64_t sequence;
    struct wire_frame frame = { .type = (uint16_t)type, .sequence = ++sequence, .time_ns = time_ns };
    return mproc__wire_encode(bytes, WIRE_OWN_MAX, &frame, record);
}

static void append(struct recording_writer *writer, unsigned type, int64_t time_ns, const void *record)
{
    unsigned char bytes[WIRE_OWN_MAX];
    CHECK_OK(mproc__recording_append(writer, bytes, encode(bytes, type, time_ns, record)));
}

void make_small_recording(const char *path, int64_t pool_ns)
{
    const struct record_greeting greeting = { .magic = RECORD_MAGIC, .version = 1, .least = 1, .now_ns = 1000 };
    const struct record_pool pool = { .pool = 1, .name = record_text_of("small") };
    const struct record_counts counts = { .pool = 1 };
    const struct record_snapshot_end end = { 0 };
    unsigned char bytes[WIRE_OWN_MAX];
    struct recording_writer writer;
    bool is_late = pool_ns >= SMALL_BEGIN;
    remove(path);
    CHECK_OK(mproc__recording_create(&writer, path, bytes, encode(bytes, RECORD_GREETING, 1000, &greeting)));
    if (is_late)
        append(&writer, RECORD_SNAPSHOT_END, SMALL_BEGIN, &end);
    append(&writer, RECORD_POOL, pool_ns, &pool);
    if (!is_late)
        append(&writer, RECORD_SNAPSHOT_END, SMALL_BEGIN, &end);
    append(&writer, RECORD_COUNTS, pool_ns + 1000000000, &counts);
    CHECK_OK(mproc__recording_finish(&writer));
}

/* ---- Told and read ---- */

void tell_model(struct model *model, unsigned type, int64_t time_ns, const void *record)
{
    union record whole;
    struct wire_frame frame = { .type = (uint16_t)type, .time_ns = time_ns };
    memset(&whole, 0, sizeof whole);
    memcpy(&whole, record, mproc__wire_type(type)->size);
    CHECK_OK(model_take(model, &frame, &whole));
}

struct replay *open_replay(void)
{
    struct replay *replay;
    int code;
    CHECK_OK(replay_open(RECORDING, &replay));
    while (replay_step(replay, 5000, &code))
        ;
    CHECK_OK(code);
    CHECK(replay_is_known(replay));
    return replay;
}
