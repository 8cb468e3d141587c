/* Senders and receivers at one pipe, killed at random moments and replaced: every message is whole, none comes twice,
 * each sender's come in order, and none is lost but those in the hands of the dead.
 */
#include "test.h"

#define BUFFER       4096
#define INCARNATIONS 40  /* of senders, in a round */
#define NUMBERS      512 /* messages of each */
#define SENDERS      3
#define RECEIVERS    2

/* Board words: of each sender how many messages it began to send and how many sends came back; a bit for each message
 * that was received; how many were. */
enum { BEGUN = 0, SENT = BEGUN + INCARNATIONS, RECEIVED = SENT + INCARNATIONS, BITS = RECEIVED + 1 };
_Static_assert(BITS + INCARNATIONS * NUMBERS / 64 <= TEST_BOARD_WORDS, "the board has room");

struct order {
    mproc_connection connection;
    int sender;
};

/* Sizes from 8 bytes to more than the buffer; the rest of the bytes repeats the number. */
static size_t size_of(int sender, int number)
{
    unsigned seed = (unsigned)(sender * NUMBERS + number);
    unsigned random = test_random(&seed);
    return random % 16 == 0 ? BUFFER + random % 3000 : 8 + random % 300;
}

static int send_numbers(mproc_task *task)
{
    static unsigned char bytes[2 * BUFFER];
    struct order order;
    CHECK_OK(mproc_task_read(task, &order, sizeof order));
    for (int number = 0; number < NUMBERS; number++) {
        memset(bytes, number & 255, sizeof bytes);
        memcpy(bytes, &order.sender, sizeof order.sender);
        memcpy(bytes + 4, &number, sizeof number);
        atomic_store(&test_board()[BEGUN + order.sender], number + 1);
        int code;
        /* All receivers that there were have died, and the next one has not come yet. */
        while ((code = mproc_connection_send(order.connection, bytes, size_of(order.sender, number), MPROC_FOREVER)) ==
               MPROC_E_PEER_DIED)
            os_sleep_ms(1);
        CHECK_OK(code);
        atomic_store(&test_board()[SENT + order.sender], number + 1);
    }
    return 0;
}

static void check_message(const mproc_message *view, int *last)
{
    const unsigned char *bytes = view->data;
    int sender, number;
    CHECK(view->size >= 8);
    memcpy(&sender, bytes, sizeof sender);
    memcpy(&number, bytes + 4, sizeof number);
    CHECK(sender >= 0 && sender < INCARNATIONS && number >= 0 && number < NUMBERS);
    CHECK_EQ(view->size, size_of(sender, number));
    for (size_t i = 8; i < view->size; i++)
        CHECK_EQ(bytes[i], number & 255);
    CHECK(number >= last[sender]);
    last[sender] = number + 1;
    int bit = sender * NUMBERS + number;
    CHECK_EQ(atomic_fetch_or(&test_board()[BITS + bit / 64], (int64_t)((uint64_t)1 << bit % 64)) >> bit % 64 & 1, 0);
    atomic_fetch_add(&test_board()[RECEIVED], 1);
}

/* Until the end of the stream. */
static int receive_numbers(mproc_task *task)
{
    struct order order;
    static int last[INCARNATIONS];
    CHECK_OK(mproc_task_read(task, &order, sizeof order));
    for (;;) {
        mproc_message view;
        int code = mproc_connection_take(order.connection, MPROC_FOREVER, &view);
        if (code == MPROC_E_END)
            return 0;
        /* All senders that there were have died, and the next one has not come yet. */
        if (code == MPROC_E_PEER_DIED) {
            os_sleep_ms(1);
            continue;
        }
        CHECK_OK(code);
        check_message(&view, last);
        CHECK_OK(mproc_message_free(view));
    }
}

struct crowd {
    mproc_connection receiving, sending;
    mproc_process *senders[SENDERS], *receivers[RECEIVERS];
    int begun;      /* senders so far */
    int64_t killed; /* receivers */
    unsigned seed;
};

static void start_sender(struct crowd *crowd, int place)
{
    struct order order = { crowd->sending, crowd->begun++ };
    crowd->senders[place] = test_start(send_numbers, MPROC_ARG(order));
}

static void start_receiver(struct crowd *crowd, int place)
{
    struct order order = { crowd->receiving, 0 };
    crowd->receivers[place] = test_start(receive_numbers, MPROC_ARG(order));
}

/* Kills one, whoever it is, and puts another one in its place, as long as there are others. */
static void kill_one(struct crowd *crowd)
{
    unsigned place = test_random(&crowd->seed) % (SENDERS + RECEIVERS);
    if (place < SENDERS) {
        if (mproc_process_is_alive(crowd->senders[place]))
            CHECK_OK(mproc_process_kill(crowd->senders[place]));
        test_finish(crowd->senders[place]);
        start_sender(crowd, (int)place);
        return;
    }
    place -= SENDERS;
    CHECK_OK(mproc_process_kill(crowd->receivers[place]));
    CHECK(test_finish(crowd->receivers[place]) != 0);
    crowd->killed++;
    start_receiver(crowd, (int)place);
}

/* What a sender was told is sent is received, but for what dead receivers had in their hands; and no more is received
 * than was begun. */
static void check_account(const struct crowd *crowd)
{
    int64_t begun = 0, sent = 0, received = atomic_load(&test_board()[RECEIVED]);
    for (int i = 0; i < INCARNATIONS; i++) {
        begun += atomic_load(&test_board()[BEGUN + i]);
        sent += atomic_load(&test_board()[SENT + i]);
    }
    CHECK_LE(received, begun);
    CHECK_LE(sent, received + crowd->killed);
    CHECK(received > 0);
}

static void storm(unsigned seed)
{
    struct crowd crowd = { .seed = seed };
    for (int i = 0; i < TEST_BOARD_WORDS; i++)
        atomic_store(&test_board()[i], 0);
    mproc_pipe_options options = { .one_way = 1, .buffer_size = BUFFER };
    CHECK_OK(mproc_pipe_create(&crowd.receiving, &crowd.sending, &options));
    for (int i = 0; i < SENDERS; i++)
        start_sender(&crowd, i);
    for (int i = 0; i < RECEIVERS; i++)
        start_receiver(&crowd, i);
    while (crowd.begun < INCARNATIONS) {
        int64_t until = atomic_load(&test_board()[RECEIVED]) + test_random(&crowd.seed) % 100;
        int64_t begun_ms = os_now_ms();
        /* The last of them may all have ended in good order before so many came. */
        while (atomic_load(&test_board()[RECEIVED]) < until && os_now_ms() - begun_ms < 5)
            os_sleep_ms(0);
        kill_one(&crowd);
    }
    for (int i = 0; i < SENDERS; i++)
        CHECK_EQ(test_finish(crowd.senders[i]), 0);
    CHECK_OK(mproc_connection_close(crowd.sending));
    for (int i = 0; i < RECEIVERS; i++)
        CHECK_EQ(test_finish(crowd.receivers[i]), 0);
    CHECK_OK(mproc_connection_close(crowd.receiving));
    check_account(&crowd);
}

static void pipe_storm(void)
{
    mproc_memory_usage before, after;
    storm(1);
    CHECK_OK(mproc_get_memory_usage(&before));
    for (unsigned round = 0; round < (test_is_soak() ? 300u : test_is_windows() ? 1u : 3u); round++)
        storm(round + 2);
    CHECK_OK(mproc_get_memory_usage(&after));
    CHECK_EQ(after.pipes, before.pipes);
    CHECK_EQ(after.data, before.data);
}

static const struct test tests[] = { TEST_WITH(pipe_storm, 0, 300) };
TEST_MAIN_PLAIN(tests)
