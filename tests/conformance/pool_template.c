/* The process from which a pool's workers are forked, stopped or killed at any moment. Reaches into the port's call
 * table. */
#include "calls.h"
#include "pool_tasks.h"
#include <signal.h>
#include <unistd.h>

static void check_still_works(mproc_pool *pool)
{
    for (int i = 0; i < 20; i++) {
        int value = i;
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
        CHECK_EQ(value, i * i);
    }
}

static bool has_workers(mproc_pool *pool, int count)
{
    mproc_pool_stats stats;
    return mproc_pool_get_stats(pool, &stats) == 0 && stats.workers == count;
}

/* ---- Between calls ---- */

static int64_t template_pid(mproc_pool *pool)
{
    char path[64];
    long parent = 0;
    int64_t worker = 0;
    WAIT_UNTIL(mproc_pool_get_worker_pids(pool, &worker, 1) > 0);
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)worker);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    CHECK(fscanf(file, "%*d (%*[^)]) %*c %ld", &parent) == 1);
    fclose(file);
    CHECK(parent != os_self_pid());
    return parent;
}

static bool is_stopped(int64_t pid)
{
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    CHECK(fscanf(file, "%*d (%*[^)]) %c", &state) == 1);
    fclose(file);
    return state == 'T';
}

static int64_t stop_template(mproc_pool *pool)
{
    int64_t pid = template_pid(pool);
    CHECK(kill((pid_t)pid, SIGSTOP) == 0);
    WAIT_UNTIL(is_stopped(pid));
    return pid;
}

/* Deaths come from the kernel. A template that does not answer is killed, and another one made. */
static void template_stopped_and_a_task_crashes(void)
{
    mproc_pool *pool = make_pool(2);
    for (int round = 0; round < 3; round++) {
        WAIT_UNTIL(has_workers(pool, 2));
        int64_t template = stop_template(pool);
        mproc_result *result;
        mproc_outcome outcome;
        CHECK_OK(mproc_pool_apply_async(pool, die, MPROC_NO_ARGS, NULL, &result));
        CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(8000), &outcome));
        CHECK_EQ(outcome.code, MPROC_E_WORKER_DIED);
        CHECK_EQ(outcome.exit_code, -SIGKILL);
        CHECK_OK(mproc_result_free(result));
        check_still_works(pool);
        WAIT_UNTIL(!os_is_alive(template));
        /* The survivor goes too, so that the next round finds the new template. */
        int64_t pids[2];
        int count = mproc_pool_get_worker_pids(pool, pids, 2);
        for (int i = 0; i < count; i++)
            os_kill(pids[i]);
        check_still_works(pool);
    }
    CHECK_OK(mproc_pool_free(pool));
}

static void template_stopped_and_the_pool_ends(void)
{
    for (int round = 0; round < 3; round++) {
        mproc_pool *pool = make_pool(2);
        int64_t template = stop_template(pool);
        if (round == 0)
            CHECK_OK(mproc_pool_close(pool));
        if (round == 1)
            CHECK_OK(mproc_pool_terminate(pool));
        if (round < 2)
            CHECK_OK(mproc_pool_join(pool, test_limit_ms(8000)));
        CHECK_OK(mproc_pool_free(pool));
        CHECK(!os_is_alive(template));
    }
}

/* ---- Within its calls ---- */

/* Board word 3: how many packets are sent or received before the template gets the signal. */
static pid_t maker;
static int signal_number;
static bool signal_after;
static ssize_t (*real_send)(int fd, const struct msghdr *message, int flags);
static ssize_t (*real_receive)(int fd, struct msghdr *message, int flags);

static void hit_template(bool after)
{
    if (getpid() != maker && after == signal_after && atomic_fetch_sub(&test_board()[3], 1) == 1)
        raise(signal_number);
}

static ssize_t send_and_be_hit(int fd, const struct msghdr *message, int flags)
{
    hit_template(false);
    ssize_t result = real_send(fd, message, flags);
    hit_template(true);
    return result;
}

static ssize_t receive_and_be_hit(int fd, struct msghdr *message, int flags)
{
    hit_template(false);
    ssize_t result = real_receive(fd, message, flags);
    hit_template(true);
    return result;
}

/* One life of a pool with a death in it, in which the template is hit at one point. Returns whether it was. */
static bool live_and_be_hit(int nth)
{
    atomic_store(&test_board()[3], nth);
    mproc_pool *pool = make_pool(2);
    CHECK_CODE(mproc_pool_apply(pool, die, MPROC_NO_ARGS, NULL, NULL, 0, NULL), MPROC_E_WORKER_DIED);
    check_still_works(pool);
    WAIT_UNTIL_MS(has_workers(pool, 2), 8000);
    CHECK_OK(mproc_pool_free(pool));
    return atomic_load(&test_board()[3]) <= 0;
}

/* Before and after each packet: with the worker forked but not told of, told of but not let go, and so on. */
static void template_hit_at_each_packet(int number)
{
    real_send = platform_calls.sendmsg;
    real_receive = platform_calls.recvmsg;
    maker = getpid();
    signal_number = number;
    platform_calls.sendmsg = send_and_be_hit;
    platform_calls.recvmsg = receive_and_be_hit;
    for (int after = 0; after < 2; after++) {
        int nth = 1;
        signal_after = after;
        while (live_and_be_hit(nth))
            nth++;
        CHECK(nth > 4);
    }
    platform_calls.sendmsg = real_send;
    platform_calls.recvmsg = real_receive;
}

static void template_stopped_at_each_packet(void)
{
    template_hit_at_each_packet(SIGSTOP);
}

static void template_killed_at_each_packet(void)
{
    template_hit_at_each_packet(SIGKILL);
}

static const struct test tests[] = {
    TEST_WITH(template_stopped_and_a_task_crashes, TEST_FORK_ONLY, 60),
    TEST_WITH(template_stopped_and_the_pool_ends, TEST_FORK_ONLY, 60),
    TEST_WITH(template_stopped_at_each_packet, TEST_FORK_ONLY, 120),
    TEST_WITH(template_killed_at_each_packet, TEST_FORK_ONLY, 120),
};

TEST_MAIN_PLAIN(tests)
