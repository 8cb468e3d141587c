#include "replays.h"

#include "test.h"

void make_recording(const char *how)
{
    const char *arguments[] = { test_program("gui_sample"), how, RECORDING, "12", NULL };
    remove(RECORDING);
    CHECK_EQ(test_scene_finish(test_program_start(arguments), NULL, 0), 0);
}

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
