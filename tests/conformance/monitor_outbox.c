/* What is on the way to those who watch, without any of them: how much it may be, what is lost of it, and that nobody
 * is left with an old state. Reaches into the library. */
#include "monitor/batch.h"
#include "monitor/outbox.h"
#include "monitor/state.h"
#include "test.h"
#include "trace/trace.h"

#define THINGS  200
#define READERS 3

/* ---- One who reads out of an outbox ---- */

struct reader {
    struct outbox outbox;
    struct wire_reader wire;
    uint64_t events, lost, states;
    uint64_t workers, workers_after_pool;
    bool pool_told;
    uint64_t depths[THINGS]; /* of objects, as they were last told of; by number */
};

static void take(struct reader *reader, const struct wire_frame *frame, const union record *record)
{
    reader->events += frame->type == RECORD_TASK_ENDED;
    reader->lost += frame->type == RECORD_LOST ? record->lost.count : 0;
    reader->states += frame->type == RECORD_OBJECT;
    reader->workers += frame->type == RECORD_WORKER;
    reader->workers_after_pool += frame->type == RECORD_WORKER && reader->pool_told;
    reader->pool_told |= frame->type == RECORD_POOL;
    if (frame->type == RECORD_OBJECT)
        reader->depths[record->object.object] = record->object.destroyed ? UINT64_MAX : record->object.depth;
}

/* Takes at most so many bytes. */
static void read_some(struct reader *reader, size_t most)
{
    const unsigned char *bytes;
    unsigned char *room;
    struct wire_frame frame;
    union record record;
    size_t size, capacity;
    while (most > 0 && (size = mproc__outbox_next(&reader->outbox, &bytes)) > 0) {
        CHECK_OK(mproc__wire_reader_room(&reader->wire, &room, &capacity));
        size = size < capacity ? size : capacity;
        size = size < most ? size : most;
        memcpy(room, bytes, size);
        mproc__wire_reader_filled(&reader->wire, size);
        mproc__outbox_went(&reader->outbox, size);
        most -= size;
        int code;
        while ((code = mproc__wire_reader_take(&reader->wire, &frame, &record)) > 0)
            take(reader, &frame, &record);
        CHECK_OK(code);
    }
}

static struct reader *reader_create(void)
{
    struct reader *reader = calloc(1, sizeof *reader);
    CHECK(reader != NULL);
    CHECK_OK(mproc__outbox_init(&reader->outbox));
    mproc__wire_reader_init(&reader->wire, WIRE_FRAME_MAX);
    return reader;
}

static void reader_free(struct reader *reader)
{
    mproc__outbox_free(&reader->outbox);
    mproc__wire_reader_free(&reader->wire);
    free(reader);
}

static size_t encode(unsigned char *frame, size_t capacity, enum record_type type, const void *record)
{
    const struct wire_frame head = { .type = (uint16_t)type, .time_ns = 5 };
    return mproc__wire_encode(frame, capacity, &head, record);
}

/* ---- Events ---- */

static void what_was_told_and_what_was_lost_is_all(void)
{
    unsigned char frame[2048];
    unsigned seed = 1;
    struct reader *reader = reader_create();
    const struct record_task_ended ended = { .pool = 1, .items = 1, .label = record_text_of("label") };
    size_t size = encode(frame, sizeof frame, RECORD_TASK_ENDED, &ended);
    uint64_t sum = 0;
    for (int round = 0; round < 300; round++) {
        for (unsigned i = test_random(&seed) % 500; i > 0; i--, sum++)
            mproc__outbox_event(&reader->outbox, RECORD_CLASS_LIFE, frame, size, round);
        CHECK(reader->outbox.used <= OUTBOX_SIZE);
        mproc__outbox_tell_losses(&reader->outbox, round);
        read_some(reader, test_random(&seed) % 50000);
    }
    CHECK(reader->lost > 0);
    read_some(reader, SIZE_MAX);
    mproc__outbox_tell_losses(&reader->outbox, 1000);
    read_some(reader, SIZE_MAX);
    CHECK_EQ(reader->events + reader->lost, sum);
    CHECK_EQ(reader->wire.missed + reader->events, sum);
    reader_free(reader);
}

static void details_give_up_before_ends_of_tasks(void)
{
    unsigned char frame[2048];
    struct reader *reader = reader_create();
    const struct record_task_ended ended = { .items = 1 };
    const struct record_reply reply = { .text = record_text_of("there is room for this") };
    size_t size = encode(frame, sizeof frame, RECORD_TASK_ENDED, &ended);
    static const enum record_class order[] = { RECORD_CLASS_DETAIL, RECORD_CLASS_LOG, RECORD_CLASS_LIFE };
    for (int i = 0; i < 3; i++) {
        size_t used = reader->outbox.used;
        while (reader->outbox.losses[order[i]].count == 0)
            mproc__outbox_event(&reader->outbox, order[i], frame, size, 7);
        CHECK(reader->outbox.used > used + 50000);
    }
    CHECK(mproc__outbox_state(&reader->outbox, frame, size));
    CHECK(mproc__outbox_word(&reader->outbox, RECORD_REPLY, &reply, 8));
    reader_free(reader);
}

/* ---- States ---- */

static void change(struct state *state, uint64_t *depths, unsigned thing, uint64_t depth)
{
    const struct record_object object = { .object = thing, .depth = depth, .destroyed = depth == UINT64_MAX };
    mproc__state_put(state, RECORD_OBJECT, &object, 5);
    depths[thing] = depth;
}

static void everybody_ends_with_the_last_state(void)
{
    static struct state state;
    uint64_t depths[THINGS] = { 0 };
    struct reader *readers[READERS];
    unsigned seed = 7;
    for (unsigned i = 0; i < READERS; i++) {
        readers[i] = reader_create();
        mproc__state_want(&state, i, true);
    }
    for (unsigned i = 0; i < THINGS; i++)
        change(&state, depths, i, 1);
    for (int round = 0; round < 2000; round++) {
        for (unsigned i = 0; i < THINGS / 2; i++)
            change(&state, depths, test_random(&seed) % THINGS, test_random(&seed));
        for (unsigned i = 0; i < READERS; i++) {
            mproc__state_tell(&state, i, &readers[i]->outbox);
            read_some(readers[i], i * 3000);
        }
        if (round == 1000)
            mproc__state_want(&state, 1, true);
    }
    for (unsigned i = 0; i < THINGS; i += 3)
        change(&state, depths, i, UINT64_MAX);
    for (unsigned i = 0; i < READERS; i++) {
        while (!mproc__state_tell(&state, i, &readers[i]->outbox))
            read_some(readers[i], 10000);
        read_some(readers[i], SIZE_MAX);
        CHECK(memcmp(readers[i]->depths, depths, sizeof depths) == 0);
        reader_free(readers[i]);
    }
    CHECK_EQ(state.count, THINGS - (THINGS + 2) / 3);
    mproc__state_free(&state);
}

static void flood(struct outbox *outbox, enum record_class class, enum record_type type, const void *record)
{
    unsigned char frame[256];
    size_t size = encode(frame, sizeof frame, type, record);
    for (uint64_t lost = outbox->losses[class].count; outbox->losses[class].count == lost;)
        mproc__outbox_event(outbox, class, frame, size, 7);
}

/* One look in which all there is changes, and more happens than there is room for. */
static void look_in_a_flood(struct state *state, struct outbox *outbox, uint64_t round)
{
    const struct record_task_ended ended = { .items = 1 };
    const struct record_task_begun begun = { .task = 1 };
    uint64_t depths[THINGS];
    for (unsigned i = 0; i < THINGS; i++)
        change(state, depths, i, round);
    mproc__state_tell(state, 0, outbox);
    flood(outbox, RECORD_CLASS_DETAIL, RECORD_TASK_BEGUN, &begun);
    flood(outbox, RECORD_CLASS_LIFE, RECORD_TASK_ENDED, &ended);
}

/* He takes so little that neither states nor ends of tasks ever have all the room that they could use. */
static void figures_and_ends_reach_one_who_is_always_slow(void)
{
    static struct state state;
    struct reader *reader = reader_create();
    uint64_t grown = 0, ended = 0, before;
    mproc__state_want(&state, 0, true);
    for (uint64_t round = 1; round <= 6000; round++) {
        look_in_a_flood(&state, &reader->outbox, round);
        if (round == 2000)
            ended = reader->events;
        before = reader->depths[THINGS - 1];
        read_some(reader, 4000);
        grown += round > 2000 && reader->depths[THINGS - 1] > before;
    }
    CHECK_LE(10, grown);
    CHECK_LE(ended + 10000, reader->events);
    CHECK_LE(6000 - 1000, reader->depths[THINGS - 1]);
    mproc__state_free(&state);
    reader_free(reader);
}

static void what_does_not_change_is_told_once(void)
{
    static struct state state;
    uint64_t depths[THINGS];
    struct reader *reader = reader_create();
    mproc__state_want(&state, 4, true);
    for (int round = 0; round < 10; round++) {
        for (unsigned i = 0; i < THINGS; i++)
            change(&state, depths, i, i);
        CHECK(mproc__state_tell(&state, 4, &reader->outbox));
    }
    read_some(reader, SIZE_MAX);
    CHECK_EQ(reader->states, THINGS);
    mproc__state_free(&state);
    reader_free(reader);
}

static void with_a_pool_its_members_go(void)
{
    static struct state state;
    struct record_pool pool = { .pool = 3 };
    mproc__state_want(&state, 0, false);
    mproc__state_put(&state, RECORD_POOL, &pool, 5);
    for (uint32_t i = 0; i < 10; i++) {
        const struct record_worker worker = { .pool = 3, .worker = i };
        mproc__state_put(&state, RECORD_WORKER, &worker, 5);
    }
    CHECK_EQ(state.count, 11);
    pool.phase = RECORD_PHASE_GONE;
    mproc__state_put(&state, RECORD_POOL, &pool, 5);
    CHECK_EQ(state.count, 11);
    struct reader *reader = reader_create();
    CHECK(mproc__state_tell(&state, 0, &reader->outbox));
    CHECK_EQ(state.count, 0);
    read_some(reader, SIZE_MAX);
    CHECK_EQ(reader->workers, 10);
    CHECK_EQ(reader->workers_after_pool, 0);
    mproc__state_free(&state);
    reader_free(reader);
}

static void what_nobody_wants_any_more_is_forgotten(void)
{
    static struct state state;
    uint64_t depths[THINGS];
    const struct record_pool pool = { .pool = 3 };
    mproc__state_want(&state, 0, true);
    mproc__state_put(&state, RECORD_POOL, &pool, 5);
    for (unsigned i = 0; i < THINGS; i++)
        change(&state, depths, i, i);
    CHECK_EQ(state.count, THINGS + 1);
    mproc__state_forget_objects(&state);
    CHECK_EQ(state.count, 1);
    mproc__state_free(&state);
}

/* ---- Batches ---- */

static void a_batch_that_was_too_small_grows(void)
{
    struct batch batch = { 0 };
    struct batch_item item;
    char label[300];
    memset(label, 'x', sizeof label);
    const struct record_task_begun begun = { .task = 9, .label = { label, sizeof label } };
    size_t kept = 0, lost = 1;
    for (int round = 0; lost > 0; round++) {
        CHECK(round < 10);
        CHECK_OK(mproc__batch_begin(&batch, 5));
        for (int i = 0; i < 20000; i++)
            mproc__batch_add(&batch, RECORD_TASK_BEGUN, &begun);
        kept = 0;
        for (size_t place = 0; mproc__batch_at(&batch, place, &item); place = item.next, kept++) {
            const struct record_task_begun *copy = item.record;
            CHECK(copy->task == 9 && copy->label.size == 64 && memcmp(copy->label.data, label, 64) == 0);
        }
        lost = batch.losses[RECORD_CLASS_DETAIL].count;
        CHECK_EQ(kept + lost, 20000);
    }
    mproc__batch_free(&batch);
}

static const struct test tests[] = {
    TEST_WITH(what_was_told_and_what_was_lost_is_all, TEST_ONCE, 0),
    TEST_WITH(details_give_up_before_ends_of_tasks, TEST_ONCE, 0),
    TEST_WITH(everybody_ends_with_the_last_state, TEST_ONCE, 0),
    TEST_WITH(figures_and_ends_reach_one_who_is_always_slow, TEST_ONCE, 0),
    TEST_WITH(what_does_not_change_is_told_once, TEST_ONCE, 0),
    TEST_WITH(with_a_pool_its_members_go, TEST_ONCE, 0),
    TEST_WITH(what_nobody_wants_any_more_is_forgotten, TEST_ONCE, 0),
    TEST_WITH(a_batch_that_was_too_small_grows, TEST_ONCE, 0),
};
TEST_MAIN_PLAIN(tests)
