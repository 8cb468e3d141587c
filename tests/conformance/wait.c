/* Waiting for a mix: rules 10 and 15.
 */
#include "pipe_pair.h"

#define CROWD 100

/* ---- Alone ---- */

static void rule_15_empty_list(void)
{
    int64_t begun = os_now_ms();
    CHECK_CODE(mproc_wait_any(NULL, 0, 0), MPROC_E_TIMEOUT);
    CHECK_CODE(mproc_wait_any(NULL, 0, -1), MPROC_E_TIMEOUT);
    CHECK_CODE(mproc_wait_any(NULL, 0, 60), MPROC_E_TIMEOUT);
    /* The clocks of some systems step by 16 ms. */
    CHECK_LE(60 - 16, os_now_ms() - begun);
}

static int send_after_board(mproc_task *task)
{
    mproc_connection connection;
    CHECK_OK(mproc_task_read(task, &connection, sizeof connection));
    atomic_fetch_add(&test_board()[20], 1);
    while (atomic_load(&test_board()[21]) == 0)
        os_sleep_ms(1);
    CHECK_OK(mproc_connection_send(connection, "x", 1, MPROC_FOREVER));
    return 0;
}

struct late {
    mproc_connection connection;
    int64_t delay_ms;
};

/* Only makes it likely that the other side sleeps by then: nothing depends on it. */
static void send_late(void *user)
{
    struct late *late = user;
    os_sleep_ms((int)late->delay_ms);
    CHECK_OK(mproc_connection_send(late->connection, "x", 1, MPROC_FOREVER));
}

static void rule_15_one_connection(void)
{
    struct pair pair = pair_make(4096);
    mproc_waitable item = mproc_waitable_connection(pair.first);
    CHECK_CODE(mproc_wait_any(&item, 1, 0), MPROC_E_TIMEOUT);
    CHECK_EQ(item.ready, 0);
    CHECK_CODE(mproc_wait_any(&item, 1, 30), MPROC_E_TIMEOUT);
    mproc_process *process = test_start(send_after_board, MPROC_ARG(pair.second));
    atomic_store(&test_board()[21], 1);
    CHECK_EQ(mproc_wait_any(&item, 1, MPROC_FOREVER), 1);
    CHECK_EQ(item.ready, 1);
    CHECK_EQ(mproc_wait_any(&item, 1, MPROC_FOREVER), 1);
    CHECK_EQ(test_finish(process), 0);
    CHECK_OK(mproc_connection_recv(pair.first, 0, &(char){ 0 }, 1, NULL));
    /* The sender has died meanwhile, so a receive would not wait. */
    CHECK_EQ(mproc_wait_any(&item, 1, MPROC_FOREVER), 1);
    CHECK_CODE(mproc_connection_recv(pair.first, 0, &(char){ 0 }, 1, NULL), MPROC_E_PEER_DIED);
    CHECK_OK(mproc_connection_close(pair.second));
    CHECK_EQ(mproc_wait_any(&item, 1, MPROC_FOREVER), 1);
    CHECK_CODE(mproc_connection_recv(pair.first, 0, &(char){ 0 }, 1, NULL), MPROC_E_END);
    CHECK_OK(mproc_connection_close(pair.first));
}

/* Again and again, with the sender now before and now after the waiter goes to sleep: no wake is lost. */
static void rule_15_no_wake_is_lost(void)
{
    struct pair pair = pair_make(4096);
    mproc_waitable item = mproc_waitable_connection(pair.first);
    char byte;
    for (int i = 0; i < 60; i++) {
        struct late late = { pair.second, i % 3 };
        os_thread *thread = os_thread_start(send_late, &late);
        CHECK_EQ(mproc_wait_any(&item, 1, MPROC_FOREVER), 1);
        CHECK_OK(mproc_connection_recv(pair.first, 0, &byte, 1, NULL));
        os_thread_join(thread);
    }
    pair_close(pair);
}

static void close_it(void *user)
{
    CHECK_OK(mproc_connection_close(*(mproc_connection *)user));
}

static void rule_15_close_ends_the_wait(void)
{
    struct pair pair = pair_make(4096);
    mproc_waitable item = mproc_waitable_connection(pair.first);
    os_thread *thread = os_thread_start(close_it, &pair.second);
    CHECK_EQ(mproc_wait_any(&item, 1, MPROC_FOREVER), 1);
    os_thread_join(thread);
    CHECK_OK(mproc_connection_close(pair.first));
    pair = pair_make(4096);
    item = mproc_waitable_connection(pair.first);
    thread = os_thread_start(close_it, &pair.first);
    CHECK_CODE(mproc_wait_any(&item, 1, MPROC_FOREVER), MPROC_E_CLOSED);
    os_thread_join(thread);
    CHECK_OK(mproc_connection_close(pair.second));
}

/* ---- Mixed ---- */

/* All that are ready are told, not just the first, and of each kind. */
static void rule_10_everything_at_once(void)
{
    struct pair pair = pair_make(4096), quiet = pair_make(4096);
    os_waitable event = os_waitable_create(), silent = os_waitable_create();
    mproc_process *stays = test_start(test_stay, MPROC_NO_ARGS), *ends = test_start(test_stay, MPROC_NO_ARGS);
    mproc_waitable items[] = {
        mproc_waitable_connection(quiet.first), mproc_waitable_connection(pair.first),
        mproc_waitable_handle(event.handle),    mproc_waitable_handle(silent.handle),
        mproc_waitable_process(stays),          mproc_waitable_process(ends),
    };
    CHECK_CODE(mproc_wait_any(items, TEST_COUNT(items), 0), MPROC_E_TIMEOUT);
    CHECK_CODE(mproc_wait_any(items, TEST_COUNT(items), 80), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_connection_send(pair.second, "x", 1, 0));
    CHECK_EQ(mproc_wait_any(items, TEST_COUNT(items), MPROC_FOREVER), 1);
    CHECK_EQ(items[1].ready, 1);
    os_waitable_set(&event);
    CHECK_EQ(mproc_wait_any(items, TEST_COUNT(items), MPROC_FOREVER), 2);
    CHECK_EQ(items[1].ready + items[2].ready, 2);
    CHECK_OK(mproc_process_kill(ends));
    CHECK_OK(mproc_process_join(ends, MPROC_FOREVER));
    CHECK_EQ(mproc_wait_any(items, TEST_COUNT(items), MPROC_FOREVER), 3);
    CHECK_EQ(items[1].ready + items[2].ready + items[5].ready, 3);
    CHECK_EQ(items[0].ready + items[3].ready + items[4].ready, 0);
    test_let_go();
    CHECK_EQ(test_finish(stays), 0);
    CHECK(test_finish(ends) != 0);
    os_waitable_close(&event);
    os_waitable_close(&silent);
    pair_close(pair);
    pair_close(quiet);
}

static void set_late(void *user)
{
    os_sleep_ms(20);
    os_waitable_set(user);
}

/* Each kind by itself ends a wait for the mix that has begun before. */
static void rule_10_each_ends_the_wait(void)
{
    struct pair pair = pair_make(4096);
    os_waitable event = os_waitable_create();
    mproc_process *process = test_start(test_stay, MPROC_NO_ARGS);
    mproc_waitable items[] = { mproc_waitable_connection(pair.first), mproc_waitable_handle(event.handle),
                               mproc_waitable_process(process) };
    struct late late = { pair.second, 20 };
    os_thread *thread = os_thread_start(send_late, &late);
    CHECK_EQ(mproc_wait_any(items, 3, MPROC_FOREVER), 1);
    CHECK_EQ(items[0].ready, 1);
    os_thread_join(thread);
    CHECK_OK(mproc_connection_recv(pair.first, 0, &(char){ 0 }, 1, NULL));
    thread = os_thread_start(set_late, &event);
    CHECK_EQ(mproc_wait_any(items, 3, MPROC_FOREVER), 1);
    CHECK_EQ(items[1].ready, 1);
    os_thread_join(thread);
    os_waitable_close(&event);
    event = os_waitable_create();
    items[1] = mproc_waitable_handle(event.handle);
    CHECK_OK(mproc_process_kill(process));
    CHECK_EQ(mproc_wait_any(items, 3, MPROC_FOREVER), 1);
    CHECK_EQ(items[2].ready, 1);
    CHECK(test_finish(process) != 0);
    os_waitable_close(&event);
    pair_close(pair);
}

/* A child that dies before it comes to its end of the pipe. */
static void rule_10_child_that_never_comes(void)
{
    struct pair pair = pair_make(4096);
    mproc_process *process = test_start(test_nothing, MPROC_NO_ARGS);
    mproc_waitable items[] = { mproc_waitable_connection(pair.first), mproc_waitable_process(process) };
    CHECK_EQ(mproc_wait_any(items, 2, MPROC_FOREVER), 1);
    CHECK_EQ(items[1].ready, 1);
    CHECK_EQ(test_finish(process), 0);
    pair_close(pair);
}

static int put_then_stay(mproc_task *task)
{
    mproc_queue queue;
    CHECK_OK(mproc_task_read(task, &queue, sizeof queue));
    CHECK_OK(mproc_queue_attach(queue, MPROC_QUEUE_PRODUCER));
    CHECK_OK(mproc_queue_put(queue, "x", 1, MPROC_FOREVER));
    return test_stay(task);
}

/* Messages, the death of the last registered producer, and a shutdown. */
static void rule_10_queues(void)
{
    struct pair pair = pair_make(4096);
    mproc_queue queue, quiet;
    CHECK_OK(mproc_queue_create(&queue, NULL));
    CHECK_OK(mproc_queue_create(&quiet, NULL));
    mproc_waitable items[] = { mproc_waitable_queue(quiet), mproc_waitable_queue(queue),
                               mproc_waitable_connection(pair.first) };
    CHECK_CODE(mproc_wait_any(items, 3, 10), MPROC_E_TIMEOUT);
    mproc_process *process = test_start(put_then_stay, MPROC_ARG(queue));
    CHECK_EQ(mproc_wait_any(items, 3, MPROC_FOREVER), 1);
    CHECK_EQ(items[1].ready, 1);
    CHECK_OK(mproc_queue_get(queue, 0, &(char){ 0 }, 1, NULL));
    CHECK_CODE(mproc_wait_any(items, 3, 10), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_process_kill(process));
    CHECK_EQ(mproc_wait_any(items, 3, MPROC_FOREVER), 1);
    CHECK_CODE(mproc_queue_get(queue, 0, &(char){ 0 }, 1, NULL), MPROC_E_PEER_DIED);
    CHECK(test_finish(process) != 0);
    CHECK_OK(mproc_queue_close(quiet, false));
    CHECK_EQ(mproc_wait_any(items, 3, MPROC_FOREVER), 2);
    CHECK_OK(mproc_queue_destroy(queue));
    CHECK_CODE(mproc_wait_any(items, 3, MPROC_FOREVER), MPROC_E_STALE);
    CHECK_OK(mproc_queue_destroy(quiet));
    pair_close(pair);
}

/* More than 63 of each. */
static void rule_10_a_crowd(void)
{
    static struct pair pairs[CROWD];
    static os_waitable events[CROWD];
    static mproc_waitable items[2 * CROWD];
    for (int i = 0; i < CROWD; i++) {
        pairs[i] = pair_make(4096);
        events[i] = os_waitable_create();
        items[2 * i] = mproc_waitable_connection(pairs[i].first);
        items[2 * i + 1] = mproc_waitable_handle(events[i].handle);
    }
    CHECK_CODE(mproc_wait_any(items, 2 * CROWD, 0), MPROC_E_TIMEOUT);
    struct late late = { pairs[CROWD - 1].second, 10 };
    os_thread *thread = os_thread_start(send_late, &late);
    CHECK_EQ(mproc_wait_any(items, 2 * CROWD, MPROC_FOREVER), 1);
    CHECK_EQ(items[2 * CROWD - 2].ready, 1);
    os_thread_join(thread);
    for (int i = 0; i < CROWD; i++) {
        os_waitable_set(&events[i]);
        CHECK_OK(mproc_connection_send(pairs[i].second, NULL, 0, 0));
    }
    CHECK_EQ(mproc_wait_any(items, 2 * CROWD, MPROC_FOREVER), 2 * CROWD);
    for (int i = 0; i < CROWD; i++) {
        pair_close(pairs[i]);
        os_waitable_close(&events[i]);
    }
}

/* ---- Mistakes ---- */

static void bad_elements(void)
{
    struct pair pair = pair_make(4096);
    mproc_process *process;
    CHECK_OK(mproc_process_create(&process, &(mproc_process_options){ .function = test_nothing }));
    mproc_waitable items[2] = { mproc_waitable_connection(pair.first), { .kind = MPROC_WAITABLE_NONE } };
    CHECK_CODE(mproc_wait_any(NULL, 1, 0), MPROC_E_INVALID);
    CHECK_CODE(mproc_wait_any(items, 2, 0), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "element 1 of 2");
    items[1] = mproc_waitable_handle(-1);
    CHECK_CODE(mproc_wait_any(items, 2, 0), MPROC_E_INVALID);
    items[1] = mproc_waitable_process(NULL);
    CHECK_CODE(mproc_wait_any(items, 2, 0), MPROC_E_INVALID);
    items[1] = mproc_waitable_process(process);
    CHECK_CODE(mproc_wait_any(items, 2, 0), MPROC_E_STATE);
    items[1].kind = (mproc_waitable_kind)77;
    CHECK_CODE(mproc_wait_any(items, 2, 0), MPROC_E_NOT_SUPPORTED);
    mproc_process_free(process);
    pair_close(pair);
    CHECK_CODE(mproc_wait_any(items, 1, 0), MPROC_E_CLOSED);
    /* More than any memory holds, and none of it is looked at. */
    CHECK_CODE(mproc_wait_any(items, SIZE_MAX, 0), MPROC_E_NO_MEMORY);
    CHECK_CODE(mproc_wait_any(items, SIZE_MAX / 8, 0), MPROC_E_NO_MEMORY);
}

/* ---- Events, results and pools ---- */

static int set_event(mproc_task *task)
{
    mproc_event event;
    CHECK_OK(mproc_task_read(task, &event, sizeof event));
    CHECK_OK(mproc_event_set(event));
    return test_stay(task);
}

static void an_event_of_another_process_ends_the_wait(void)
{
    mproc_event event;
    CHECK_OK(mproc_event_create(&event, NULL));
    mproc_waitable item = mproc_waitable_event(event);
    CHECK_CODE(mproc_wait_any(&item, 1, 0), MPROC_E_TIMEOUT);
    CHECK(!item.ready);
    mproc_process *process = test_start(set_event, MPROC_ARG(event));
    CHECK_EQ(mproc_wait_any(&item, 1, MPROC_FOREVER), 1);
    CHECK(item.ready);
    CHECK_OK(mproc_event_clear(event));
    CHECK_CODE(mproc_wait_any(&item, 1, 1), MPROC_E_TIMEOUT);
    test_let_go();
    CHECK_EQ(test_finish(process), 0);
    CHECK_OK(mproc_event_destroy(event));
    CHECK_CODE(mproc_wait_any(&item, 1, MPROC_FOREVER), MPROC_E_STALE);
}

static int stay_and_return(mproc_task *task)
{
    int number;
    CHECK_OK(mproc_task_read(task, &number, sizeof number));
    test_stay(task);
    return number;
}

static void let_go_after_a_while(void *unused)
{
    (void)unused;
    os_sleep_ms(20);
    test_let_go();
}

/* Nobody is in a call of the pool: its supervisor has to drain what the waiter sleeps for. */
static void results_and_pools_end_the_wait(void)
{
    mproc_pool *pool;
    mproc_result *results[2];
    mproc_event never;
    int fails = -7, succeeds = 0;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2 }));
    CHECK_OK(mproc_event_create(&never, NULL));
    CHECK_OK(mproc_pool_apply_async(pool, stay_and_return, MPROC_ARG(fails), NULL, &results[0]));
    CHECK_OK(mproc_pool_apply_async(pool, stay_and_return, MPROC_ARG(succeeds), NULL, &results[1]));
    mproc_waitable items[] = { mproc_waitable_result(results[0]), mproc_waitable_event(never),
                               mproc_waitable_pool(pool), mproc_waitable_result(results[1]) };
    CHECK_CODE(mproc_wait_any(items, TEST_COUNT(items), 0), MPROC_E_TIMEOUT);
    os_thread *thread = os_thread_start(let_go_after_a_while, NULL);
    CHECK(mproc_wait_any(items, TEST_COUNT(items), MPROC_FOREVER) >= 1);
    CHECK(items[0].ready || items[3].ready);
    CHECK(!items[1].ready && !items[2].ready);
    os_thread_join(thread);
    CHECK_EQ(mproc_wait_any(&items[3], 1, MPROC_FOREVER), 1);
    CHECK_EQ(mproc_wait_any(&items[0], 1, MPROC_FOREVER), 1);
    CHECK_CODE(mproc_result_get(results[0], 0, NULL, 0, NULL), fails);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_EQ(mproc_wait_any(&items[1], 2, MPROC_FOREVER), 1);
    CHECK(items[2].ready);
    CHECK_OK(mproc_pool_join(pool, 0));
    CHECK_OK(mproc_result_free(results[0]));
    CHECK_CODE(mproc_wait_any(items, 1, MPROC_FOREVER), MPROC_E_STALE);
    CHECK_OK(mproc_result_free(results[1]));
    CHECK_OK(mproc_pool_free(pool));
    CHECK_OK(mproc_event_destroy(never));
}

static int return_number(mproc_task *task)
{
    int number;
    CHECK_OK(mproc_task_read(task, &number, sizeof number));
    return number;
}

/* With a handle in the list the waiter sleeps on that, and a helper on the rest. */
static void a_result_beside_a_handle(void)
{
    mproc_pool *pool;
    mproc_result *result;
    os_waitable quiet = os_waitable_create();
    int number = 3;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1 }));
    for (int i = 0; i < 50; i++) {
        CHECK_OK(mproc_pool_apply_async(pool, return_number, MPROC_ARG(number), NULL, &result));
        mproc_waitable items[] = { mproc_waitable_handle(quiet.handle), mproc_waitable_result(result) };
        CHECK_EQ(mproc_wait_any(items, 2, MPROC_FOREVER), 1);
        CHECK(!items[0].ready && items[1].ready);
        CHECK_OK(mproc_result_free(result));
    }
    os_waitable_close(&quiet);
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST(an_event_of_another_process_ends_the_wait),
    TEST(results_and_pools_end_the_wait),
    TEST(a_result_beside_a_handle),
    TEST(rule_15_empty_list),
    TEST(rule_15_one_connection),
    TEST(rule_15_no_wake_is_lost),
    TEST(rule_15_close_ends_the_wait),
    TEST(rule_10_everything_at_once),
    TEST(rule_10_each_ends_the_wait),
    TEST(rule_10_child_that_never_comes),
    TEST(rule_10_queues),
    TEST(rule_10_a_crowd),
    TEST(bad_elements),
};
TEST_MAIN_PLAIN(tests)
