/* A user of a queue killed at every instruction of each call. Whatever the instruction: the call has happened or has
 * not, the other messages are there and in order, both ends go on, join knows what the dead one owed, and no memory is
 * lost.
 */
#include "stepper.h"

/* With the smallest ring a message of more than a quarter of it is a span of its own. */
enum { RING = 4096, SMALL = 16, LARGE = 1100 };

/* Messages that are there before: so many, and the last of them may be large. */
struct stage {
    mproc_queue queue, other; /**< the other one is for practice */
    int before;
    size_t size; /**< of what is put, or of the message that is got */
};

static mproc_queue make_queue(int joinable)
{
    mproc_queue queue;
    CHECK_OK(mproc_queue_create(&queue, &(mproc_queue_options){ .buffer_size = RING, .joinable = joinable }));
    return queue;
}

static void put_numbered(mproc_queue queue, int number, size_t size)
{
    static unsigned char bytes[LARGE];
    memset(bytes, number, size);
    CHECK_OK(mproc_queue_put(queue, bytes, size, MPROC_FOREVER));
}

/* Returns the number of the next message, which must be whole, or -1. */
static int take_number(mproc_queue queue)
{
    mproc_message message;
    int code = mproc_queue_take(queue, 0, &message);
    if (code == MPROC_E_EMPTY)
        return -1;
    CHECK_CODE(code, 0);
    const unsigned char *bytes = message.data;
    int number = bytes[0];
    for (size_t i = 0; i < message.size; i++)
        CHECK_EQ(bytes[i], number);
    CHECK_OK(mproc_message_free(message));
    return number;
}

/* ---- What the processes do. Each call is made once before, so that no step goes into what is done once only. ---- */

static struct stage stage_of(mproc_task *task)
{
    struct stage stage;
    CHECK_OK(mproc_task_read(task, &stage, sizeof stage));
    return stage;
}

static int put_one(mproc_task *task)
{
    struct stage stage = stage_of(task);
    mproc_queue other = stage.other;
    put_numbered(other, 1, stage.size);
    stepper_begin();
    put_numbered(stage.queue, 99, stage.size);
    stepper_through();
}

static int commit_one(mproc_task *task)
{
    struct stage stage = stage_of(task);
    mproc_queue other = stage.other;
    for (int i = 0; i < 2; i++) {
        mproc_message message;
        if (i == 1)
            stepper_begin();
        CHECK_OK(mproc_message_create(&message, stage.size));
        memset(message.data, 99, stage.size);
        CHECK_OK(mproc_queue_commit(i == 0 ? other : stage.queue, message, MPROC_FOREVER));
    }
    stepper_through();
}

/* Puts what makes the queue take a larger ring. */
static int put_four(mproc_task *task)
{
    struct stage stage = stage_of(task);
    static unsigned char bytes[4][1000];
    mproc_view messages[4];
    for (int i = 0; i < 4; i++) {
        memset(bytes[i], 99, sizeof bytes[i]);
        messages[i] = (mproc_view){ bytes[i], sizeof bytes[i] };
    }
    mproc_queue other = stage.other;
    CHECK_EQ(mproc_queue_put_many(other, messages, 4, 0), 4);
    CHECK_EQ(mproc_queue_put_many(other, messages, 4, 0), 4);
    stepper_begin();
    CHECK_EQ(mproc_queue_put_many(stage.queue, messages, 4, 0), 4);
    stepper_through();
}

static int get_one(mproc_task *task)
{
    struct stage stage = stage_of(task);
    static unsigned char bytes[LARGE];
    size_t size;
    mproc_queue other = stage.other;
    put_numbered(other, 1, stage.size);
    CHECK_OK(mproc_queue_get(other, 0, bytes, sizeof bytes, &size));
    stepper_begin();
    CHECK_OK(mproc_queue_get(stage.queue, 0, bytes, sizeof bytes, &size));
    stepper_through();
}

static int take_one(mproc_task *task)
{
    struct stage stage = stage_of(task);
    mproc_queue other = stage.other;
    mproc_message message;
    put_numbered(other, 1, stage.size);
    CHECK_OK(mproc_queue_take(other, 0, &message));
    CHECK_OK(mproc_message_free(message));
    stepper_begin();
    CHECK_OK(mproc_queue_take(stage.queue, 0, &message));
    CHECK_OK(mproc_message_free(message));
    stepper_through();
}

static int get_and_mark(mproc_task *task)
{
    struct stage stage = stage_of(task);
    static unsigned char bytes[2 * LARGE];
    mproc_queue other = stage.other;
    size_t sizes[2];
    for (int i = 0; i < 2; i++) {
        mproc_queue queue = i == 0 ? other : stage.queue;
        if (i == 0)
            put_numbered(other, 1, stage.size);
        else
            stepper_begin();
        int got = mproc_queue_get_many(queue, 2, 0, bytes, sizeof bytes, sizes);
        CHECK(got > 0);
        while (got-- > 0)
            CHECK_OK(mproc_queue_task_done(queue));
    }
    stepper_through();
}

static int attach(mproc_task *task)
{
    struct stage stage = stage_of(task);
    mproc_queue other = stage.other;
    CHECK_OK(mproc_queue_attach(other, MPROC_QUEUE_PRODUCER));
    stepper_begin();
    CHECK_OK(mproc_queue_attach(stage.queue, MPROC_QUEUE_PRODUCER));
    stepper_through();
}

static int close_and_drop(mproc_task *task)
{
    struct stage stage = stage_of(task);
    mproc_queue other = stage.other;
    put_numbered(other, 1, stage.size);
    put_numbered(other, 1, SMALL);
    CHECK_OK(mproc_queue_close(other, true));
    stepper_begin();
    CHECK_OK(mproc_queue_close(stage.queue, true));
    stepper_through();
}

static int destroy(mproc_task *task)
{
    struct stage stage = stage_of(task);
    mproc_queue other = stage.other;
    put_numbered(other, 1, stage.size);
    CHECK_OK(mproc_queue_destroy(other));
    stepper_begin();
    CHECK_OK(mproc_queue_destroy(stage.queue));
    stepper_through();
}

/* ---- What must hold after the death ---- */

static uint64_t data_in_use(void)
{
    mproc_memory_usage usage;
    CHECK_OK(mproc_get_memory_usage(&usage));
    return usage.data;
}

/* Those of before from the first that is left, then added ones of the dead at most, then nothing. */
static int check_content(mproc_queue queue, int first, int before, int added)
{
    size_t size;
    CHECK_OK(mproc_queue_get_count(queue, &size));
    int left = (int)size - (before - first);
    CHECK(left >= 0 && left <= added);
    for (int i = first; i < before; i++)
        CHECK_EQ(take_number(queue), i);
    for (int i = 0; i < left; i++)
        CHECK_EQ(take_number(queue), 99);
    CHECK_EQ(take_number(queue), -1);
    CHECK_EQ(mproc_queue_is_empty(queue), 1);
    return left;
}

static void check_usable(mproc_queue queue)
{
    for (int i = 0; i < 10; i++)
        put_numbered(queue, i, i % 3 ? SMALL : LARGE);
    for (int i = 0; i < 10; i++)
        CHECK_EQ(take_number(queue), i);
    CHECK_OK(mproc_queue_destroy(queue));
}

static struct stage set_stage(int before, size_t size, int joinable)
{
    struct stage stage = { make_queue(joinable), make_queue(joinable), before, size };
    for (int i = 0; i < before; i++)
        put_numbered(stage.queue, i, i == 0 ? size : SMALL);
    return stage;
}

/* One kind of call, killed after every stride-th instruction. seen: bit 0, it had not happened; bit 1, it had. */
typedef int step_check(const struct stage *stage);

static void steps(mproc_task_fn *function, int before, size_t size, int joinable, step_check *check, long stride)
{
    bool through = false;
    int seen = 0;
    long step = 0;
    uint64_t memory = data_in_use();
    for (; !through; step += stride) {
        struct stage stage = set_stage(before, size, joinable);
        bool asleep;
        through = stepper_kill_after(function, MPROC_ARG(stage), step, &asleep);
        CHECK(!asleep);
        seen |= check(&stage);
        int code = mproc_queue_destroy(stage.other);
        CHECK(code == 0 || code == MPROC_E_STALE);
        uint64_t now = data_in_use();
        if (now != memory)
            test_fail(__FILE__, __LINE__, "after step %ld: %lld bytes in use, %lld before", step, (long long)now,
                      (long long)memory);
    }
    CHECK_EQ(seen, 3);
    printf("# through after %ld steps\n", step - stride);
}

static int check_put(const struct stage *stage)
{
    int put = check_content(stage->queue, 0, stage->before, 1);
    check_usable(stage->queue);
    return 1 << put;
}

static int check_put_four(const struct stage *stage)
{
    int put = check_content(stage->queue, 0, stage->before, 4);
    check_usable(stage->queue);
    return put == 0 ? 1 : put == 4 ? 2 : 0;
}

static int check_get(const struct stage *stage)
{
    size_t size;
    CHECK_OK(mproc_queue_get_count(stage->queue, &size));
    int got = stage->before - (int)size;
    CHECK(got == 0 || got == 1);
    check_content(stage->queue, got, stage->before, 0);
    check_usable(stage->queue);
    return 1 << got;
}

/* What is not in the queue and not marked done is the dead one's debt, no more and no less. */
static int check_debt(const struct stage *stage)
{
    size_t size, debt = 0;
    CHECK_OK(mproc_queue_get_count(stage->queue, &size));
    for (size_t i = 0; i < size; i++) {
        CHECK(take_number(stage->queue) >= 0);
        CHECK_OK(mproc_queue_task_done(stage->queue));
    }
    int code = mproc_queue_join(stage->queue, 0, &debt);
    CHECK_CODE(code, debt > 0 ? MPROC_CONSUMER_DIED : 0);
    CHECK_LE(debt + size, stage->before);
    for (size_t i = 0; i < debt; i++)
        CHECK_OK(mproc_queue_task_done(stage->queue));
    CHECK_CODE(mproc_queue_task_done(stage->queue), MPROC_E_STATE);
    CHECK_OK(mproc_queue_destroy(stage->queue));
    return size == (size_t)stage->before ? 1 : debt == 0 ? 2 : 0;
}

static int check_attached(const struct stage *stage)
{
    unsigned char byte;
    int code = mproc_queue_get(stage->queue, 0, &byte, 1, NULL);
    CHECK(code == MPROC_E_EMPTY || code == MPROC_E_PEER_DIED);
    CHECK_OK(mproc_queue_attach(stage->queue, MPROC_QUEUE_PRODUCER));
    CHECK_CODE(mproc_queue_get(stage->queue, 0, &byte, 1, NULL), MPROC_E_EMPTY);
    CHECK_OK(mproc_queue_detach(stage->queue, MPROC_QUEUE_PRODUCER));
    check_usable(stage->queue);
    return code == MPROC_E_EMPTY ? 1 : 2;
}

static int check_closed(const struct stage *stage)
{
    unsigned char byte = 99;
    int code = mproc_queue_put(stage->queue, &byte, 1, 0);
    CHECK(code == 0 || code == MPROC_E_CLOSED);
    if (code == 0) {
        CHECK_EQ(check_content(stage->queue, 0, stage->before, 1), 1);
    } else {
        mproc_message message;
        /* What nobody has taken counts as done, also for who joins before anybody else has come. */
        CHECK_OK(mproc_queue_join(stage->queue, test_limit_ms(10000), NULL));
        CHECK_CODE(mproc_queue_take(stage->queue, MPROC_FOREVER, &message), MPROC_E_END);
        CHECK_EQ(mproc_queue_is_empty(stage->queue), 1);
    }
    CHECK_OK(mproc_queue_destroy(stage->queue));
    return code == 0 ? 1 : 2;
}

static int check_destroyed(const struct stage *stage)
{
    int code = mproc_queue_destroy(stage->queue);
    CHECK(code == 0 || code == MPROC_E_STALE);
    return code == 0 ? 1 : 2;
}

/* ---- Tests ---- */

static void puts_killed(long stride)
{
    steps(put_one, 3, SMALL, 0, check_put, stride);
    steps(put_one, 3, LARGE, 0, check_put, stride);
    steps(commit_one, 3, LARGE, 0, check_put, stride);
    steps(put_four, 20, SMALL, 0, check_put_four, stride);
}

static void gets_killed(long stride)
{
    steps(get_one, 3, SMALL, 0, check_get, stride);
    steps(get_one, 3, LARGE, 0, check_get, stride);
    steps(take_one, 3, SMALL, 0, check_get, stride);
    steps(take_one, 3, LARGE, 0, check_get, stride);
}

static void debts_killed(long stride)
{
    steps(get_and_mark, 3, SMALL, 1, check_debt, stride);
    steps(get_and_mark, 3, LARGE, 1, check_debt, stride);
}

/* An attach takes many instructions, most of them to zero its list. */
static void ends_killed(long stride)
{
    steps(attach, 0, SMALL, 0, check_attached, 5 * stride);
    steps(close_and_drop, 3, LARGE, 1, check_closed, stride);
    steps(destroy, 3, LARGE, 0, check_destroyed, stride);
}

#define STRIDE stepper_stride(197, 197)

static void put_killed_at_sampled_instructions(void)
{
    puts_killed(STRIDE);
}

static void get_killed_at_sampled_instructions(void)
{
    gets_killed(STRIDE);
}

static void task_done_killed_at_sampled_instructions(void)
{
    debts_killed(STRIDE);
}

static void end_killed_at_sampled_instructions(void)
{
    ends_killed(STRIDE);
}

static void put_killed_at_every_instruction(void)
{
    puts_killed(1);
}

static void get_killed_at_every_instruction(void)
{
    gets_killed(1);
}

static void task_done_killed_at_every_instruction(void)
{
    debts_killed(1);
}

static void end_killed_at_every_instruction(void)
{
    ends_killed(1);
}

#define SAMPLED (TEST_FORK_ONLY | TEST_NO_SANITIZER)
#define EVERY   (SAMPLED | TEST_SOAK)

static const struct test tests[] = {
    TEST_WITH(put_killed_at_sampled_instructions, SAMPLED, 240),
    TEST_WITH(get_killed_at_sampled_instructions, SAMPLED, 240),
    TEST_WITH(task_done_killed_at_sampled_instructions, SAMPLED, 240),
    TEST_WITH(end_killed_at_sampled_instructions, SAMPLED, 240),
    TEST_WITH(put_killed_at_every_instruction, EVERY, 3600),
    TEST_WITH(get_killed_at_every_instruction, EVERY, 3600),
    TEST_WITH(task_done_killed_at_every_instruction, EVERY, 3600),
    TEST_WITH(end_killed_at_every_instruction, EVERY, 3600),
};

TEST_MAIN_PLAIN(tests)
