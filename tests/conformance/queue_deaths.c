/* Queues whose users die: rules 19, 21 and 28. What a kill at each single instruction leaves is
 * tests/stress/queue_step_kill.c.
 */
#include "test.h"

static mproc_queue create_with(mproc_queue_options options)
{
    mproc_queue queue;
    CHECK_OK(mproc_queue_create(&queue, &options));
    return queue;
}

static mproc_queue create(void)
{
    return create_with((mproc_queue_options){ 0 });
}

static mproc_queue create_joinable(void)
{
    return create_with((mproc_queue_options){ .joinable = 1 });
}

static void read_queue(mproc_task *task, mproc_queue *ret_queue)
{
    CHECK_OK(mproc_task_read(task, ret_queue, sizeof *ret_queue));
}

static void put_number(mproc_queue queue, int64_t number)
{
    CHECK_OK(mproc_queue_put(queue, &number, sizeof number, MPROC_FOREVER));
}

static int64_t get_number(mproc_queue queue)
{
    int64_t number = -1;
    CHECK_OK(mproc_queue_get(queue, test_limit_ms(30000), &number, sizeof number, NULL));
    return number;
}

static int get_code(mproc_queue queue, int64_t timeout_ms)
{
    int64_t number;
    return mproc_queue_get(queue, timeout_ms, &number, sizeof number, NULL);
}

static int put_code(mproc_queue queue, int64_t timeout_ms)
{
    int64_t number = 7;
    return mproc_queue_put(queue, &number, sizeof number, timeout_ms);
}

static void end_by_kill(mproc_process *process)
{
    CHECK_OK(mproc_process_kill(process));
    test_finish(process);
}

/* Board words: 20 how many have come so far. */
static void arrive(void)
{
    atomic_fetch_add(&test_board()[20], 1);
}

static void await_arrivals(int64_t count)
{
    WAIT_UNTIL(atomic_load(&test_board()[20]) >= count);
}

/* ---- Rule 19: the last of the registered ones ---- */

struct attaching {
    mproc_queue queue;
    mproc_queue_role role;
    int64_t messages;
};

static int attach_put_and_stay(mproc_task *task)
{
    struct attaching attaching;
    CHECK_OK(mproc_task_read(task, &attaching, sizeof attaching));
    CHECK_OK(mproc_queue_attach(attaching.queue, attaching.role));
    CHECK_OK(mproc_queue_attach(attaching.queue, attaching.role));
    for (int64_t i = 0; i < attaching.messages; i++)
        put_number(attaching.queue, i);
    arrive();
    return test_stay(task);
}

static mproc_process *start_attached(mproc_queue queue, mproc_queue_role role, int64_t messages)
{
    int64_t before = atomic_load(&test_board()[20]);
    mproc_process *process = test_start(attach_put_and_stay, MPROC_ARG(((struct attaching){ queue, role, messages })));
    await_arrivals(before + 1);
    return process;
}

static void rule_19_last_producer_killed(void)
{
    mproc_queue queue = create();
    mproc_process *one = start_attached(queue, MPROC_QUEUE_PRODUCER, 2),
                  *two = start_attached(queue, MPROC_QUEUE_PRODUCER, 1);
    end_by_kill(one);
    for (int i = 0; i < 3; i++)
        get_number(queue);
    CHECK_CODE(get_code(queue, 50), MPROC_E_TIMEOUT);
    end_by_kill(two);
    CHECK_CODE(get_code(queue, MPROC_FOREVER), MPROC_E_PEER_DIED);
    CHECK_CODE(get_code(queue, 0), MPROC_E_PEER_DIED);
    /* What is there comes out all the same. */
    put_number(queue, 5);
    CHECK_EQ(get_number(queue), 5);
    CHECK_CODE(get_code(queue, MPROC_FOREVER), MPROC_E_PEER_DIED);
    /* A new one puts an end to it. */
    mproc_process *three = start_attached(queue, MPROC_QUEUE_PRODUCER, 0);
    CHECK_CODE(get_code(queue, 0), MPROC_E_EMPTY);
    end_by_kill(three);
    CHECK_CODE(get_code(queue, MPROC_FOREVER), MPROC_E_PEER_DIED);
    CHECK_OK(mproc_queue_destroy(queue));
}

/* Board word 21: what the waiter is to be told. */
static int wait_for_item(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    arrive();
    CHECK_CODE(get_code(queue, MPROC_FOREVER), (int)atomic_load(&test_board()[21]));
    return 0;
}

/* Killed behind the library's back, with the waiters in other processes. */
static void rule_19_waiters_learn_of_a_kill(void)
{
    mproc_queue queue = create();
    atomic_store(&test_board()[21], MPROC_E_PEER_DIED);
    mproc_process *producer = start_attached(queue, MPROC_QUEUE_PRODUCER, 0), *waiters[3];
    for (int i = 0; i < 3; i++)
        waiters[i] = test_start(wait_for_item, MPROC_ARG(queue));
    await_arrivals(4);
    os_kill(test_pid(producer));
    for (int i = 0; i < 3; i++)
        CHECK_EQ(test_finish(waiters[i]), 0);
    test_finish(producer);
    CHECK_OK(mproc_queue_destroy(queue));
}

static void rule_19_last_consumer_killed(void)
{
    mproc_queue queue = create_with((mproc_queue_options){ .capacity = 1 });
    mproc_process *consumer = start_attached(queue, MPROC_QUEUE_CONSUMER, 0);
    put_number(queue, 1);
    CHECK_CODE(put_code(queue, 50), MPROC_E_TIMEOUT);
    end_by_kill(consumer);
    CHECK_CODE(put_code(queue, MPROC_FOREVER), MPROC_E_PEER_DIED);
    CHECK_EQ(get_number(queue), 1);
    /* There is room: nothing to wait for. */
    put_number(queue, 2);
    CHECK_EQ(get_number(queue), 2);
    CHECK_CODE(get_code(queue, 0), MPROC_E_EMPTY);
    CHECK_OK(mproc_queue_destroy(queue));
}

static int attach_and_detach(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    CHECK_OK(mproc_queue_detach(queue, MPROC_QUEUE_PRODUCER));
    CHECK_OK(mproc_queue_attach(queue, MPROC_QUEUE_PRODUCER | MPROC_QUEUE_CONSUMER));
    CHECK_OK(mproc_queue_detach(queue, MPROC_QUEUE_PRODUCER));
    CHECK_OK(mproc_queue_detach(queue, MPROC_QUEUE_PRODUCER));
    CHECK_OK(mproc_queue_detach(queue, MPROC_QUEUE_CONSUMER));
    return 0;
}

/* In good order nobody died; but one that died before is told when the last other one leaves. */
static void rule_19_detached_in_good_order(void)
{
    mproc_queue queue = create();
    CHECK_CODE(mproc_queue_attach(queue, 0), MPROC_E_INVALID);
    CHECK_CODE(mproc_queue_attach(queue, 4), MPROC_E_INVALID);
    CHECK_CODE(mproc_queue_detach(queue, 5), MPROC_E_INVALID);
    CHECK_EQ(test_finish(test_start(attach_and_detach, MPROC_ARG(queue))), 0);
    CHECK_CODE(get_code(queue, 50), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_queue_attach(queue, MPROC_QUEUE_PRODUCER));
    end_by_kill(start_attached(queue, MPROC_QUEUE_PRODUCER, 0));
    CHECK_CODE(get_code(queue, 50), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_queue_detach(queue, MPROC_QUEUE_PRODUCER));
    CHECK_CODE(get_code(queue, MPROC_FOREVER), MPROC_E_PEER_DIED);
    CHECK_OK(mproc_queue_destroy(queue));
}

/* Registered in one role only, a process leaves both: it does not count as one that ended without detaching. */
static int attach_as_one_detach_as_both(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    CHECK_OK(mproc_queue_attach(queue, MPROC_QUEUE_PRODUCER));
    CHECK_OK(mproc_queue_detach(queue, MPROC_QUEUE_PRODUCER | MPROC_QUEUE_CONSUMER));
    return 0;
}

static void rule_19_both_roles_left_by_a_process_in_one(void)
{
    mproc_queue queue = create();
    CHECK_EQ(test_finish(test_start(attach_as_one_detach_as_both, MPROC_ARG(queue))), 0);
    CHECK_CODE(get_code(queue, 0), MPROC_E_EMPTY);
    CHECK_OK(mproc_queue_destroy(queue));
}

/* ---- Rule 19: whoever is killed asleep takes nobody's message or wake along ---- */

static int wait_and_get_for_ever(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    arrive();
    while (atomic_load(test_board()) == 0)
        atomic_fetch_add(&test_board()[22], get_number(queue));
    return 0;
}

static void rule_19_killed_sleepers_block_nobody(void)
{
    mproc_queue queue = create();
    mproc_process *waiters[4];
    for (int i = 0; i < 4; i++)
        waiters[i] = test_start(wait_and_get_for_ever, MPROC_ARG(queue));
    await_arrivals(4);
    for (int i = 0; i < 3; i++)
        end_by_kill(waiters[i]);
    for (int64_t i = 1; i <= 100; i++) {
        put_number(queue, i);
        WAIT_UNTIL(atomic_load(&test_board()[22]) == i * (i + 1) / 2);
    }
    end_by_kill(waiters[3]);
    CHECK_EQ(mproc_queue_is_empty(queue), 1);
    CHECK_OK(mproc_queue_destroy(queue));
}

/* A large message in the hands of a dead process costs no memory once it is known. */
static int take_and_stay(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    mproc_message message, reserved;
    CHECK_OK(mproc_queue_take(queue, MPROC_FOREVER, &message));
    CHECK_OK(mproc_message_create(&reserved, message.size));
    arrive();
    return test_stay(task);
}

static uint64_t data_in_use(void)
{
    mproc_memory_usage usage;
    CHECK_OK(mproc_get_memory_usage(&usage));
    return usage.data;
}

static void rule_19_memory_in_dead_hands_comes_back(void)
{
    mproc_queue queue = create();
    uint64_t before = data_in_use();
    static unsigned char bytes[200000];
    CHECK_OK(mproc_queue_put(queue, bytes, sizeof bytes, 0));
    mproc_process *process = test_start(take_and_stay, MPROC_ARG(queue));
    await_arrivals(1);
    CHECK(data_in_use() >= before + 2 * sizeof bytes);
    CHECK_EQ(mproc_queue_is_empty(queue), 1);
    end_by_kill(process);
    CHECK_EQ(data_in_use(), before);
    CHECK_OK(mproc_queue_destroy(queue));
}

/* Board word 23: put. */
static int put_a_last_one(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    CHECK_OK(mproc_queue_attach(queue, MPROC_QUEUE_PRODUCER));
    arrive();
    while (atomic_load(&test_board()[23]) == 0)
        ;
    put_number(queue, 7);
    return 0;
}

/* Ends with what it was told when it was not told that there is nothing. */
static int poll_for_one(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    int code;
    arrive();
    while ((code = get_code(queue, 0)) == MPROC_E_EMPTY)
        ;
    return code == 0 ? 0 : 1;
}

/* The last producer puts its last message and ends, between the look of a get and its question whether anybody is left:
 * the message comes first. Somebody who asks all the time meets that often. */
static void rule_19_last_message_of_the_last_producer(void)
{
    for (int round = 0; round < 30; round++) {
        mproc_queue queue = create();
        atomic_store(&test_board()[23], 0);
        mproc_process *producer = test_start(put_a_last_one, MPROC_ARG(queue));
        await_arrivals(2 * round + 1);
        mproc_process *consumer = test_start(poll_for_one, MPROC_ARG(queue));
        await_arrivals(2 * round + 2);
        os_sleep_ms(round % 20);
        atomic_store(&test_board()[23], 1);
        CHECK_EQ(test_finish(producer), 0);
        CHECK_EQ(test_finish(consumer), 0);
        CHECK_OK(mproc_queue_destroy(queue));
    }
}

/* ---- Rule 21 ---- */

static void rule_21_task_done_once_too_often(void)
{
    mproc_queue queue = create_joinable(), plain = create();
    CHECK_CODE(mproc_queue_task_done(plain), MPROC_E_STATE);
    CHECK_CODE(mproc_queue_join(plain, 0, NULL), MPROC_E_STATE);
    CHECK_OK(mproc_queue_join(queue, 0, NULL));
    CHECK_CODE(mproc_queue_task_done(queue), MPROC_E_STATE);
    put_number(queue, 1);
    put_number(queue, 2);
    CHECK_CODE(mproc_queue_task_done(queue), MPROC_E_STATE);
    get_number(queue);
    CHECK_OK(mproc_queue_task_done(queue));
    CHECK_CODE(mproc_queue_task_done(queue), MPROC_E_STATE);
    CHECK_CODE(mproc_queue_join(queue, 0, NULL), MPROC_E_TIMEOUT);
    get_number(queue);
    CHECK_CODE(mproc_queue_join(queue, 20, NULL), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_queue_task_done(queue));
    size_t debt = 9;
    CHECK_OK(mproc_queue_join(queue, MPROC_FOREVER, &debt));
    CHECK_EQ(debt, 0);
    CHECK_CODE(mproc_queue_task_done(queue), MPROC_E_STATE);
    CHECK_OK(mproc_queue_destroy(queue));
    CHECK_OK(mproc_queue_destroy(plain));
}

static int consume_and_mark(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    for (;;) {
        int64_t numbers[3];
        size_t sizes[3];
        int got = mproc_queue_get_many(queue, 3, MPROC_FOREVER, numbers, sizeof numbers, sizes);
        if (got == MPROC_E_END)
            return 0;
        CHECK(got > 0);
        for (int i = 0; i < got; i++) {
            atomic_fetch_add(&test_board()[22], numbers[i]);
            CHECK_OK(mproc_queue_task_done(queue));
        }
    }
}

static void rule_21_join_returns_when_all_is_done(void)
{
    mproc_queue queue = create_joinable();
    mproc_process *processes[3];
    for (int i = 0; i < 3; i++)
        processes[i] = test_start(consume_and_mark, MPROC_ARG(queue));
    int64_t sum = 0;
    for (int round = 0; round < 200; round++) {
        for (int64_t i = 0; i < round; i++) {
            put_number(queue, i);
            sum += i;
        }
        CHECK_OK(mproc_queue_join(queue, MPROC_FOREVER, NULL));
        CHECK_EQ(atomic_load(&test_board()[22]), sum);
        CHECK_EQ(mproc_queue_is_empty(queue), 1);
    }
    CHECK_OK(mproc_queue_close(queue, false));
    for (int i = 0; i < 3; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_OK(mproc_queue_destroy(queue));
}

static int mark_three(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    for (int i = 0; i < 3; i++)
        CHECK_OK(mproc_queue_task_done(queue));
    CHECK_CODE(mproc_queue_task_done(queue), MPROC_E_STATE);
    return 0;
}

/* Whoever took it: as in the reference, somebody else may mark it. */
static void rule_21_marked_by_another(void)
{
    mproc_queue queue = create_joinable();
    for (int64_t i = 0; i < 3; i++)
        put_number(queue, i);
    for (int64_t i = 0; i < 3; i++)
        get_number(queue);
    CHECK_EQ(test_finish(test_start(mark_three, MPROC_ARG(queue))), 0);
    CHECK_OK(mproc_queue_join(queue, 0, NULL));
    CHECK_OK(mproc_queue_destroy(queue));
}

static int take_and_mark_some(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    for (int i = 0; i < 3; i++)
        get_number(queue);
    CHECK_OK(mproc_queue_task_done(queue));
    arrive();
    return test_stay(task);
}

/* Three taken, one done, and then dead: a debt of two. */
static void rule_21_debt_of_the_dead(void)
{
    mproc_queue queue = create_joinable();
    for (int64_t i = 0; i < 4; i++)
        put_number(queue, i);
    mproc_process *process = test_start(take_and_mark_some, MPROC_ARG(queue));
    await_arrivals(1);
    get_number(queue);
    CHECK_OK(mproc_queue_task_done(queue));
    CHECK_CODE(mproc_queue_join(queue, 30, NULL), MPROC_E_TIMEOUT);
    size_t debt = 0;
    end_by_kill(process);
    CHECK_CODE(mproc_queue_join(queue, MPROC_FOREVER, &debt), MPROC_CONSUMER_DIED);
    CHECK_EQ(debt, 2);
    CHECK_CODE(mproc_queue_join(queue, 0, NULL), MPROC_CONSUMER_DIED);
    CHECK_OK(mproc_queue_task_done(queue));
    CHECK_CODE(mproc_queue_join(queue, 0, &debt), MPROC_CONSUMER_DIED);
    CHECK_EQ(debt, 1);
    CHECK_OK(mproc_queue_task_done(queue));
    CHECK_OK(mproc_queue_join(queue, 0, &debt));
    CHECK_EQ(debt, 0);
    CHECK_CODE(mproc_queue_task_done(queue), MPROC_E_STATE);
    CHECK_OK(mproc_queue_destroy(queue));
}

static int join_for_ever(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    size_t debt = 0;
    arrive();
    CHECK_CODE(mproc_queue_join(queue, MPROC_FOREVER, &debt), MPROC_CONSUMER_DIED);
    CHECK_EQ(debt, 2);
    return 0;
}

static void rule_21_joiners_learn_of_a_kill(void)
{
    mproc_queue queue = create_joinable();
    for (int64_t i = 0; i < 3; i++)
        put_number(queue, i);
    mproc_process *consumer = test_start(take_and_mark_some, MPROC_ARG(queue)), *joiners[2];
    await_arrivals(1);
    for (int i = 0; i < 2; i++)
        joiners[i] = test_start(join_for_ever, MPROC_ARG(queue));
    await_arrivals(3);
    os_kill(test_pid(consumer));
    for (int i = 0; i < 2; i++)
        CHECK_EQ(test_finish(joiners[i]), 0);
    test_finish(consumer);
    CHECK_OK(mproc_queue_destroy(queue));
}

static int take_one_and_end(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    get_number(queue);
    return 0;
}

/* More processes than the family has slots for: debts are kept when a slot is somebody else's. */
static void rule_21_debts_outlive_process_slots(void)
{
    enum { PROCESSES = 4200 };
    mproc_queue queue = create_joinable();
    for (int i = 0; i < PROCESSES; i++) {
        put_number(queue, i);
        CHECK_EQ(test_finish(test_start(take_one_and_end, MPROC_ARG(queue))), 0);
    }
    size_t debt = 0;
    CHECK_CODE(mproc_queue_join(queue, 0, &debt), MPROC_CONSUMER_DIED);
    CHECK_EQ(debt, PROCESSES);
    for (int i = 0; i < PROCESSES; i++)
        CHECK_OK(mproc_queue_task_done(queue));
    CHECK_CODE(mproc_queue_task_done(queue), MPROC_E_STATE);
    CHECK_OK(mproc_queue_join(queue, 0, &debt));
    CHECK_OK(mproc_queue_destroy(queue));
}

static void rule_21_close_at_once_counts_as_done(void)
{
    mproc_queue queue = create_joinable();
    put_number(queue, 1);
    put_number(queue, 2);
    get_number(queue);
    CHECK_OK(mproc_queue_close(queue, true));
    CHECK_CODE(mproc_queue_join(queue, 0, NULL), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_queue_task_done(queue));
    CHECK_OK(mproc_queue_join(queue, MPROC_FOREVER, NULL));
    CHECK_OK(mproc_queue_destroy(queue));
}

/* ---- Rule 28, 29: an end that is held by one who does not go on ---- */

static int put_for_ever(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    static unsigned char bytes[4000];
    arrive();
    while (atomic_load(test_board()) == 0) {
        int code = mproc_queue_put(queue, bytes, sizeof bytes, 10);
        CHECK(code == 0 || code == MPROC_E_FULL);
    }
    return 0;
}

/* Killed most often in the middle of a put: whoever comes next must get on with it at once. */
static void rule_28_killed_in_the_middle(void)
{
    mproc_queue queue = create_with((mproc_queue_options){ .capacity = 50 });
    static unsigned char bytes[4000];
    for (int i = 0; i < test_rounds(40, 2000); i++) {
        mproc_process *process = test_start(put_for_ever, MPROC_ARG(queue));
        await_arrivals(i + 1);
        for (int j = 0; j < i; j++)
            CHECK_OK(mproc_queue_get(queue, test_limit_ms(30000), bytes, sizeof bytes, NULL));
        CHECK_OK(mproc_process_kill(process));
        test_finish(process);
        int64_t before_ms = os_now_ms();
        while (mproc_queue_get(queue, 0, bytes, sizeof bytes, NULL) == 0)
            ;
        CHECK_OK(mproc_queue_put(queue, bytes, sizeof bytes, MPROC_FOREVER));
        CHECK_EQ(mproc_queue_is_full(queue), 0);
        CHECK_LE(os_now_ms() - before_ms, test_limit_ms(2000));
        CHECK_OK(mproc_queue_get(queue, 0, bytes, sizeof bytes, NULL));
    }
    CHECK_OK(mproc_queue_destroy(queue));
}

static const struct test tests[] = {
    TEST(rule_19_last_producer_killed),
    TEST(rule_19_waiters_learn_of_a_kill),
    TEST(rule_19_last_consumer_killed),
    TEST(rule_19_detached_in_good_order),
    TEST(rule_19_both_roles_left_by_a_process_in_one),
    TEST(rule_19_killed_sleepers_block_nobody),
    TEST(rule_19_memory_in_dead_hands_comes_back),
    TEST_WITH(rule_19_last_message_of_the_last_producer, 0, 60),
    TEST(rule_21_task_done_once_too_often),
    TEST_WITH(rule_21_join_returns_when_all_is_done, 0, 60),
    TEST(rule_21_marked_by_another),
    TEST(rule_21_debt_of_the_dead),
    TEST(rule_21_joiners_learn_of_a_kill),
    TEST_WITH(rule_21_debts_outlive_process_slots, TEST_FORK_ONLY, 120),
    TEST(rule_21_close_at_once_counts_as_done),
    TEST_WITH(rule_28_killed_in_the_middle, 0, 120),
};

TEST_MAIN_PLAIN(tests)
