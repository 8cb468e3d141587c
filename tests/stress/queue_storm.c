/* Producers and consumers of one queue killed at random moments. Every message has a number of its own and two bits on
 * the board: its producer sets the one when put has returned, its consumer the other when get has. So at the end it is
 * known of each message what became of it: all that was put and not received was in the hands of a consumer who was
 * killed, one message each at most; and what was received without having been put was put by a producer killed before
 * he could say so. No message is received twice, those of one producer come in order, and the queue itself reports as
 * its dead consumers' debt exactly what was taken and not marked done. */
#include "test.h"

enum { PRODUCERS = 2, CONSUMERS = 2, WORKERS = PRODUCERS + CONSUMERS };

/* Board words. */
enum { NUMBER = 1, LIVES = 2, ALLOWED = 3, PUT = 64, RECEIVED = 464, BITMAP_WORDS = 400 };
#define MESSAGES (BITMAP_WORDS * 64)
#define PACE     200  /* messages from one kill to the next, about */
#define LARGE    3000 /* with the smallest ring, a span of its own */

struct message {
    int64_t number;
    int32_t life, sequence; /**< of the producer */
};

static bool set_bit(int base, int64_t number)
{
    int64_t bit = (int64_t)((uint64_t)1 << (number % 64));
    return atomic_fetch_or(&test_board()[base + number / 64], bit) & bit;
}

static bool has_bit(int base, int64_t number)
{
    return (uint64_t)atomic_load(&test_board()[base + number / 64]) >> (number % 64) & 1;
}

static int produce(mproc_task *task)
{
    mproc_queue queue;
    CHECK_OK(mproc_task_read(task, &queue, sizeof queue));
    static unsigned char bytes[LARGE];
    struct message message = { .life = (int32_t)atomic_fetch_add(&test_board()[LIVES], 1) };
    for (;; message.sequence++) {
        /* Without it the messages would be used up while a new process starts. */
        while (atomic_load(&test_board()[NUMBER]) >= atomic_load(&test_board()[ALLOWED]))
            os_sleep_ms(0);
        message.number = atomic_fetch_add(&test_board()[NUMBER], 1);
        if (message.number >= MESSAGES)
            return 0;
        memcpy(bytes, &message, sizeof message);
        size_t size = message.number % 16 == 0 ? LARGE : sizeof message;
        CHECK_OK(mproc_queue_put(queue, bytes, size, MPROC_FOREVER));
        CHECK(!set_bit(PUT, message.number));
    }
}

enum { LIVES_MAX = 4096 };

static void check_order(const struct message *message)
{
    static int32_t next[LIVES_MAX];
    CHECK(message->life < LIVES_MAX);
    CHECK(message->sequence >= next[message->life]);
    next[message->life] = message->sequence + 1;
}

static int consume(mproc_task *task)
{
    mproc_queue queue;
    CHECK_OK(mproc_task_read(task, &queue, sizeof queue));
    static unsigned char bytes[LARGE];
    for (;;) {
        size_t size;
        int code = mproc_queue_get(queue, MPROC_FOREVER, bytes, sizeof bytes, &size);
        if (code == MPROC_E_END)
            return 0;
        CHECK_CODE(code, 0);
        struct message message;
        memcpy(&message, bytes, sizeof message);
        CHECK_EQ(size, message.number % 16 == 0 ? LARGE : sizeof message);
        check_order(&message);
        CHECK(!set_bit(RECEIVED, message.number));
        CHECK_OK(mproc_queue_task_done(queue));
    }
}

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static mproc_process *start_one(mproc_queue queue, int place)
{
    return test_start(place < PRODUCERS ? produce : consume, MPROC_ARG(queue));
}

/* Returns how many producers and consumers were killed. */
static void kill_at_random(mproc_queue queue, mproc_process *processes[WORKERS], int64_t kills[2])
{
    unsigned seed = (unsigned)os_self_pid();
    while (atomic_load(&test_board()[NUMBER]) < MESSAGES - PACE) {
        int64_t allowed = atomic_load(&test_board()[NUMBER]) + PACE, kill_at = allowed - next_random(&seed) % PACE;
        atomic_store(&test_board()[ALLOWED], allowed);
        while (atomic_load(&test_board()[NUMBER]) < kill_at)
            ;
        int place = (int)(next_random(&seed) % WORKERS);
        os_kill(test_pid(processes[place]));
        test_finish(processes[place]);
        kills[place >= PRODUCERS]++;
        processes[place] = start_one(queue, place);
    }
    atomic_store(&test_board()[ALLOWED], INT64_MAX);
}

struct account {
    int64_t lost, unsaid, never;
};

static struct account add_up(void)
{
    struct account account = { 0 };
    for (int64_t number = 0; number < MESSAGES; number++) {
        bool put = has_bit(PUT, number), received = has_bit(RECEIVED, number);
        account.lost += put && !received;
        account.unsaid += !put && received;
        account.never += !put && !received;
    }
    return account;
}

static void clear_board(void)
{
    for (int i = 0; i < TEST_BOARD_WORDS; i++)
        atomic_store(&test_board()[i], 0);
}

static void storm(void)
{
    clear_board();
    mproc_queue queue;
    mproc_queue_options options = { .capacity = 64, .buffer_size = 4096, .joinable = 1 };
    CHECK_OK(mproc_queue_create(&queue, &options));
    mproc_process *processes[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        processes[i] = start_one(queue, i);
    int64_t kills[2] = { 0 };
    kill_at_random(queue, processes, kills);
    for (int i = 0; i < PRODUCERS; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    size_t debt = 0;
    int code = mproc_queue_join(queue, test_limit_ms(30000), &debt);
    CHECK(code == 0 || code == MPROC_CONSUMER_DIED);
    CHECK_OK(mproc_queue_close(queue, false));
    for (int i = PRODUCERS; i < WORKERS; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    struct account account = add_up();
    printf("# kills of producers %d, of consumers %d; lost %d, unsaid %d, never put %d, debt %d\n", (int)kills[0],
           (int)kills[1], (int)account.lost, (int)account.unsaid, (int)account.never, (int)debt);
    /* Of a message that was never put its producer died first, or before he could say so and then a consumer with it.
     */
    CHECK_LE(account.unsaid + account.never, kills[0]);
    CHECK_LE(account.lost, (int64_t)debt);
    CHECK_LE((int64_t)debt, kills[1]);
    CHECK(kills[0] > 10 && kills[1] > 10);
    CHECK_EQ(mproc_queue_is_empty(queue), 1);
    CHECK_OK(mproc_queue_destroy(queue));
}

static uint64_t data_in_use(void)
{
    mproc_memory_usage usage;
    CHECK_OK(mproc_get_memory_usage(&usage));
    return usage.data;
}

static void storms(int rounds)
{
    uint64_t before = data_in_use();
    for (int i = 0; i < rounds; i++)
        storm();
    CHECK_EQ(data_in_use(), before);
}

static void queue_storm(void)
{
    storms(1);
}

static void queue_storm_long(void)
{
    storms(100);
}

static const struct test tests[] = {
    TEST_WITH(queue_storm, 0, 180),
    TEST_WITH(queue_storm_long, TEST_SOAK, 3600),
};

TEST_MAIN_PLAIN(tests)
