/* A parent killed at random moments of its pools' lives: while they start, work, renew workers, end. Whatever it was
 * doing, nobody of its family is left a second later. */
#include "test.h"

static int spin_a_little(mproc_task *task)
{
    volatile int count = 20000;
    (void)task;
    while (count > 0)
        count = count - 1;
    return 0;
}

static void use_a_pool(void)
{
    mproc_pool *pool;
    mproc_result *results[50];
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 3, .max_tasks_per_worker = 20 }));
    for (int i = 0; i < 50; i++)
        CHECK_OK(mproc_pool_apply_async(pool, spin_a_little, MPROC_NO_ARGS, NULL, &results[i]));
    for (int i = 0; i < 50; i++) {
        CHECK_OK(mproc_result_wait(results[i], MPROC_FOREVER));
        CHECK_OK(mproc_result_free(results[i]));
    }
    CHECK_OK(mproc_pool_free(pool));
}

/* Pools come and go until this process is killed. Board word 1 counts them. */
static int pools_without_end(const char *argument)
{
    (void)argument;
    for (;;) {
        atomic_fetch_add(&test_board()[1], 1);
        use_a_pool();
    }
    return 0;
}

static void kill_parents(int rounds)
{
    unsigned seed = (unsigned)os_self_pid();
    for (int i = 0; i < rounds; i++) {
        atomic_store(&test_board()[1], 0);
        os_program *program = test_scene_start("pools_without_end", "");
        /* One in four is killed while it starts itself, which under wine takes longer than all the rest. */
        WAIT_UNTIL(i % 4 == 0 || atomic_load(&test_board()[1]) > i % 3);
        /* Not a wait for anything: the moment is meant to be arbitrary. */
        os_sleep_ms((int)(test_random(&seed) % 60));
        os_kill(os_program_pid(program));
        test_scene_finish(program, NULL, 0);
    }
}

static void parent_killed(void)
{
    kill_parents(25);
}

static void parent_killed_1000(void)
{
    kill_parents(1000);
}

static const struct test tests[] = {
    /* AddressSanitizer's allocator may be locked by another thread at a fork, and stays so in the child, which then
     * hangs before it can watch its parent. The C library's own allocator sees to that. */
    TEST_WITH(parent_killed, TEST_NO_SANITIZER, 180),
    TEST_WITH(parent_killed_1000, TEST_NO_SANITIZER | TEST_SOAK, 3600),
};

static const struct scene scenes[] = {
    SCENE(pools_without_end),
};

TEST_MAIN(tests, scenes)
