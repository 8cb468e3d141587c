/* Waiting on words: what wakes, what does not, and sleepers that are killed. */
#include "port_test.h"

static void other_value_does_not_sleep(void)
{
    struct port_board board = port_board_create();
    CHECK_OK(platform_wait(&board.words[0], 1, NULL, 0, INT64_MAX));
    CHECK_OK(platform_wait(&board.words[0], 0, &board.words[1], 1, INT64_MAX));
    port_board_free(&board);
}

static void deadline_is_kept(void)
{
    struct port_board board = port_board_create();
    int64_t deadline_ns = platform_now_ns() + 50000000;
    while (platform_wait(&board.words[0], 0, NULL, 0, deadline_ns) != MPROC_E_TIMEOUT)
        CHECK(platform_now_ns() < deadline_ns);
    CHECK(platform_now_ns() >= deadline_ns);
    CHECK_EQ(platform_wait(&board.words[0], 0, &board.words[1], 0, 0), MPROC_E_TIMEOUT);
    port_board_free(&board);
}

/* A sleeper as core has them: values[INDEX + 1] says that it goes to sleep, values[0] counts those that woke. */
static int child_sleep(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    atomic_store(&board.values[1 + atoi(context->argument)], 1);
    while (atomic_load(&board.words[0].value) == 0 && atomic_load(&board.words[1].value) == 0)
        CHECK_OK(platform_wait(&board.words[0], 0, &board.words[1], 0, INT64_MAX));
    atomic_fetch_add(&board.values[0], 1);
    return 0;
}

static struct port_process *start_sleeper(struct port_board *board, int index)
{
    char argument[16];
    snprintf(argument, sizeof argument, "%d", index);
    struct port_process *process = port_spawn("sleep", argument, &board->segment, 1);
    WAIT_UNTIL(atomic_load(&board->values[1 + index]));
    return process;
}

static void wake(platform_word *word, int count)
{
    atomic_store(&word->value, 1);
    platform_wake(word, count);
}

static void a_wake_reaches_other_processes(void)
{
    struct port_board board = port_board_create();
    struct port_process *sleepers[3];
    for (int i = 0; i < 3; i++)
        sleepers[i] = start_sleeper(&board, i);
    wake(&board.words[0], INT32_MAX);
    for (int i = 0; i < 3; i++)
        port_finish_code(sleepers[i], 0);
    CHECK_EQ(atomic_load(&board.values[0]), 3);
    port_board_free(&board);
}

static void the_death_word_ends_a_wait(void)
{
    struct port_board board = port_board_create();
    struct port_process *sleeper = start_sleeper(&board, 0);
    wake(&board.words[1], INT32_MAX);
    port_finish_code(sleeper, 0);
    port_board_free(&board);
}

/* A sleeper that was killed takes no wake away: the one wake there is comes to the other. */
static void a_killed_sleeper_blocks_nobody(void)
{
    struct port_board board = port_board_create();
    for (int round = 0; round < 5; round++) {
        struct port_process *killed = start_sleeper(&board, 0), *other = start_sleeper(&board, 1);
        port_kill(killed);
        wake(&board.words[0], 1);
        port_finish_code(other, 0);
        atomic_store(&board.words[0].value, 0);
        atomic_store(&board.values[1], 0);
        atomic_store(&board.values[2], 0);
    }
    CHECK_EQ(atomic_load(&board.values[0]), 5);
    port_board_free(&board);
}

/* Two processes that hand a turn to each other: one lost wake, and it stands still. */
#define TURNS 2000

static void take_turns(struct port_board *board, uint32_t mine)
{
    platform_word *word = &board->words[0];
    for (int i = 0; i < TURNS; i++) {
        uint32_t value;
        while ((value = atomic_load(&word->value)) % 2 != mine)
            CHECK_OK(platform_wait(word, value, &board->words[1], 0, port_deadline_ns(30000)));
        atomic_fetch_add(&word->value, 1);
        platform_wake(word, 1);
    }
}

static int child_take_turns(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    take_turns(&board, 1);
    return 0;
}

static void no_wake_is_lost(void)
{
    struct port_board board = port_board_create();
    struct port_process *other = port_spawn("take_turns", "", &board.segment, 1);
    take_turns(&board, 0);
    port_finish_code(other, 0);
    CHECK_EQ(atomic_load(&board.words[0].value), 2 * TURNS);
    port_board_free(&board);
}

static const struct port_test tests[] = { TEST(other_value_does_not_sleep),     TEST(deadline_is_kept),
                                          TEST(a_wake_reaches_other_processes), TEST(the_death_word_ends_a_wait),
                                          TEST(a_killed_sleeper_blocks_nobody), TEST(no_wake_is_lost) };
static const struct port_child children[] = { CHILD(child_sleep), CHILD(child_take_turns), { NULL, NULL } };
PORT_MAIN(tests, children)
