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

void make_recording_of(const char *path, const struct telling *all, size_t count)
{
    const struct record_greeting greeting = { .magic = RECORD_MAGIC, .version = 1, .least = 1, .now_ns = 1000 };
    unsigned char bytes[WIRE_OWN_MAX];
    struct recording_writer writer;
    remove(path);
    CHECK_OK(mproc__recording_create(&writer, path, bytes, encode(bytes, RECORD_GREETING, 1000, &greeting)));
    for (size_t i = 0; i < count; i++)
        CHECK_OK(mproc__recording_append(&writer, bytes, encode(bytes, all[i].type, all[i].time_ns, all[i].record)));
    CHECK_OK(mproc__recording_finish(&writer));
}

void make_small_recording(const char *path, int64_t pool_ns)
{
    const struct record_pool pool = { .pool = 1, .name = record_text_of("small") };
    const struct record_counts counts = { .pool = 1 };
    const struct record_snapshot_end end = { 0 };
    const struct telling told_pool = { RECORD_POOL, pool_ns, &pool };
    const struct telling told_end = { RECORD_SNAPSHOT_END, SMALL_BEGIN, &end };
    bool is_late = pool_ns >= SMALL_BEGIN;
    const struct telling all[] = { is_late ? told_end : told_pool,
                                   is_late ? told_pool : told_end,
                                   { RECORD_COUNTS, pool_ns + 1000000000, &counts } };
    make_recording_of(path, all, TEST_COUNT(all));
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
