/* Handles of the system with tasks: sockets, pipes and files, moved and duplicated, in workers that live and die. Who
 * has the other end of a pipe or a connection sees whether one was left open anywhere.
 *
 * Board word 0 lets those that stay go; word 1 counts the tasks that have begun; word 2 the most that were under way at
 * a time; word 3 those that are.
 */
#include "io.h"
#include "os.h"
#include "pool_tasks.h"

static mproc_task_options with(const mproc_os_handle *handles, size_t count, mproc_handle_mode mode)
{
    return (mproc_task_options){ .handles = handles, .handle_count = count, .handle_mode = mode };
}

static mproc_os_handle take(mproc_task *task, size_t index)
{
    mproc_os_handle handle = -1;
    os_sockets_start();
    CHECK_OK(mproc_task_take_handle(task, index, &handle));
    return handle;
}

static void check_ended(mproc_os_handle other)
{
    char byte;
    CHECK_EQ(os_read(other, &byte, 1), 0);
    os_close(other);
}

static void count_in(void)
{
    int64_t now = atomic_fetch_add(&test_board()[3], 1) + 1, most = atomic_load(&test_board()[2]);
    while (now > most && !atomic_compare_exchange_weak(&test_board()[2], &most, now))
        ;
    atomic_fetch_add(&test_board()[1], 1);
}

/* Sends back what it gets, byte by byte, until the client has gone. Returns how many there were. */
static int serve(mproc_task *task)
{
    mproc_os_handle client = take(task, 0);
    int served = 0;
    char byte;
    count_in();
    for (; os_read(client, &byte, 1) == 1 && os_write(client, &byte, 1) == 1; served++)
        ;
    os_close(client);
    atomic_fetch_sub(&test_board()[3], 1);
    return mproc_task_return(task, &served, sizeof served);
}

static void check_served(mproc_os_handle client, char byte)
{
    char answer = 0;
    CHECK_EQ(os_write(client, &byte, 1), 1);
    CHECK_EQ(os_read(client, &answer, 1), 1);
    CHECK_EQ(answer, byte);
}

/* The client's end; the other has gone to the pool. */
static mproc_os_handle submit_client(mproc_pool *pool, mproc_task_fn *function, int retries, mproc_result **ret_result)
{
    mproc_os_handle ends[2];
    os_socket_pair(ends);
    mproc_task_options options = with(&ends[1], 1, MPROC_HANDLE_MOVE);
    options.retries = retries;
    CHECK_OK(mproc_pool_apply_async(pool, function, MPROC_NO_ARGS, &options, ret_result));
    return ends[0];
}

static void finish(mproc_result *result, int expected)
{
    CHECK_CODE(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL), expected);
    CHECK_OK(mproc_result_free(result));
}

/* ---- What travels ---- */

static void socket_is_moved_to_a_task(void)
{
    mproc_pool *pool = make_pool(2);
    mproc_result *result;
    mproc_os_handle client = submit_client(pool, serve, 0, &result);
    check_served(client, 'a');
    check_served(client, 'b');
    os_close(client);
    int served = 0;
    CHECK_OK(mproc_result_get(result, MPROC_FOREVER, &served, sizeof served, NULL));
    CHECK_EQ(served, 2);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
}

static int greet(mproc_task *task)
{
    mproc_os_handle handle = take(task, 0);
    CHECK_EQ(os_write(handle, "hello", 5), 5);
    os_close(handle);
    return 0;
}

/* Duplicated it stays the caller's, and the connection goes on; moved it ends with the task. */
static void socket_is_duplicated(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_os_handle ends[2];
    char text[8] = "";
    os_socket_pair(ends);
    mproc_task_options options = with(&ends[1], 1, MPROC_HANDLE_DUP);
    for (int i = 0; i < 3; i++) {
        CHECK_OK(mproc_pool_apply(pool, greet, MPROC_NO_ARGS, &options, NULL, 0, NULL));
        CHECK_EQ(os_read(ends[0], text, 5), 5);
        CHECK_STR(text, "hello");
    }
    CHECK_EQ(os_write(ends[1], "x", 1), 1);
    CHECK_EQ(os_read(ends[0], text, 1), 1);
    os_close(ends[1]);
    check_ended(ends[0]);
    CHECK_OK(mproc_pool_free(pool));
}

static void pipe_is_at_its_end_when_the_task_has_ended(void)
{
    mproc_pool *pool = make_pool(2);
    for (int i = 0; i < 20; i++) {
        mproc_os_handle ends[2];
        char text[8] = "";
        os_pipe(ends);
        mproc_task_options options = with(&ends[1], 1, MPROC_HANDLE_MOVE);
        CHECK_OK(mproc_pool_apply(pool, greet, MPROC_NO_ARGS, &options, NULL, 0, NULL));
        CHECK_EQ(os_read(ends[0], text, sizeof text), 5);
        check_ended(ends[0]);
    }
    CHECK_OK(mproc_pool_free(pool));
}

/* Each writes on where the one before has stopped. */
static void position_in_a_file_is_shared(void)
{
    mproc_pool *pool = make_pool(2);
    char text[16] = "";
    mproc_os_handle file = os_file("shared");
    mproc_task_options options = with(&file, 1, MPROC_HANDLE_DUP);
    CHECK_EQ(os_write(file, "one ", 4), 4);
    CHECK_OK(mproc_pool_apply(pool, greet, MPROC_NO_ARGS, &options, NULL, 0, NULL));
    CHECK_EQ(os_write(file, " two", 4), 4);
    os_close(file);
    FILE *stream = fopen("shared", "rb");
    CHECK(stream != NULL && fread(text, 1, sizeof text - 1, stream) == 13);
    fclose(stream);
    CHECK_STR(text, "one hello two");
    remove("shared");
    CHECK_OK(mproc_pool_free(pool));
}

/* Sums up what it reads from all of them, in an order of its own. */
static int read_all(mproc_task *task)
{
    size_t count = mproc_task_get_handle_count(task);
    mproc_os_handle handle;
    int sum = 0;
    for (size_t i = 0; i < count; i++) {
        size_t index = (i * 7 + 3) % count;
        unsigned char byte;
        handle = take(task, index);
        CHECK_EQ(os_read(handle, &byte, 1), 1);
        CHECK_EQ(byte, index);
        sum += byte;
        os_close(handle);
        CHECK_CODE(mproc_task_take_handle(task, index, &handle), MPROC_E_STATE);
    }
    CHECK_CODE(mproc_task_take_handle(task, count, &handle), MPROC_E_RANGE);
    return mproc_task_return(task, &sum, sizeof sum);
}

static void many_with_one_task(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_os_handle readers[MPROC_TASK_HANDLES_MAX], writers[MPROC_TASK_HANDLES_MAX];
    for (int round = 0; round < 3; round++) {
        for (unsigned char i = 0; i < MPROC_TASK_HANDLES_MAX; i++) {
            mproc_os_handle ends[2];
            os_pipe(ends);
            readers[i] = ends[0];
            writers[i] = ends[1];
            CHECK_EQ(os_write(writers[i], &i, 1), 1);
        }
        mproc_task_options options = with(readers, MPROC_TASK_HANDLES_MAX, MPROC_HANDLE_MOVE);
        int sum = 0;
        CHECK_OK(mproc_pool_apply(pool, read_all, MPROC_NO_ARGS, &options, &sum, sizeof sum, NULL));
        CHECK_EQ(sum, MPROC_TASK_HANDLES_MAX * (MPROC_TASK_HANDLES_MAX - 1) / 2);
        for (int i = 0; i < MPROC_TASK_HANDLES_MAX; i++)
            os_close(writers[i]);
    }
    CHECK_OK(mproc_pool_free(pool));
}

static int count_handles(mproc_task *task)
{
    mproc_os_handle handle;
    int count = (int)mproc_task_get_handle_count(task);
    CHECK_CODE(mproc_task_take_handle(task, (size_t)count, &handle), MPROC_E_RANGE);
    return mproc_task_return(task, &count, sizeof count);
}

/* Neither by the task nor by the next one of the same worker. */
static void what_nobody_takes_is_closed(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_os_handle first[2], second[2];
    int count = -1;
    os_pipe(first);
    os_pipe(second);
    mproc_os_handle both[] = { first[1], second[1] };
    mproc_task_options options = with(both, 2, MPROC_HANDLE_MOVE);
    CHECK_OK(mproc_pool_apply(pool, count_handles, MPROC_NO_ARGS, &options, &count, sizeof count, NULL));
    CHECK_EQ(count, 2);
    check_ended(first[0]);
    check_ended(second[0]);
    CHECK_OK(mproc_pool_apply(pool, count_handles, MPROC_NO_ARGS, NULL, &count, sizeof count, NULL));
    CHECK_EQ(count, 0);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- More clients than workers ---- */

static void as_many_clients_as_workers(void)
{
    enum { CLIENTS = 10, WORKERS = 3 };
    mproc_pool *pool = make_pool(WORKERS);
    mproc_os_handle clients[CLIENTS];
    mproc_result *results[CLIENTS];
    mproc_pool_stats stats;
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = submit_client(pool, serve, 0, &results[i]);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == WORKERS);
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.running, WORKERS);
    CHECK_EQ(stats.queued, CLIENTS - WORKERS);
    /* The first that is free takes the next in order: the last of those served leaves first. */
    for (int served = WORKERS; served < CLIENTS; served++) {
        check_served(clients[served - 1], 'x');
        os_close(clients[served - 1]);
        finish(results[served - 1], 0);
        check_served(clients[served], 'y');
        CHECK_EQ(atomic_load(&test_board()[1]), served + 1);
    }
    int left[] = { 0, 1, CLIENTS - 1 };
    for (int i = 0; i < WORKERS; i++) {
        check_served(clients[left[i]], 'z');
        os_close(clients[left[i]]);
        finish(results[left[i]], 0);
    }
    CHECK_EQ(atomic_load(&test_board()[2]), WORKERS);
    CHECK_OK(mproc_pool_free(pool));
}

/* However short tasks are, none is put behind somebody who may stay for hours. */
static void nothing_waits_behind_a_client(void)
{
    enum { TASKS = 400 };
    mproc_pool *pool = make_pool(2);
    mproc_result *client_result, *results[TASKS];
    for (int i = 0; i < TASKS; i++)
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(i), NULL, &(int){ 0 }, sizeof(int), NULL));
    mproc_os_handle client = submit_client(pool, serve, 0, &client_result);
    check_served(client, 'a');
    for (int i = 0; i < TASKS; i++)
        CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(i), NULL, &results[i]));
    for (int i = 0; i < TASKS; i++) {
        int value = -1;
        CHECK_OK(mproc_result_get(results[i], test_limit_ms(30000), &value, sizeof value, NULL));
        CHECK_EQ(value, i * i);
        CHECK_OK(mproc_result_free(results[i]));
    }
    check_served(client, 'b');
    os_close(client);
    finish(client_result, 0);
    CHECK_OK(mproc_pool_free(pool));
}

/* A client waits for a worker that has nothing, among tasks of all kinds, and nothing is forgotten. */
static void clients_among_other_tasks(void)
{
    enum { ROUNDS = 60 };
    mproc_pool *pool = make_pool(2);
    mproc_result *results[2 * ROUNDS];
    mproc_os_handle readers[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        mproc_os_handle ends[2];
        os_pipe(ends);
        readers[i] = ends[0];
        mproc_task_options options = with(&ends[1], 1, MPROC_HANDLE_MOVE);
        CHECK_OK(mproc_pool_apply_async(pool, greet, MPROC_NO_ARGS, &options, &results[2 * i]));
        CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(i), NULL, &results[2 * i + 1]));
    }
    for (int i = 0; i < ROUNDS; i++) {
        char text[8];
        finish(results[2 * i], 0);
        finish(results[2 * i + 1], 0);
        CHECK_EQ(os_read(readers[i], text, sizeof text), 5);
        check_ended(readers[i]);
    }
    CHECK_OK(mproc_pool_free(pool));
}

/* Nobody asks for its result: the other end is told all the same. */
static void fire_and_forget(void)
{
    mproc_pool *pool = make_pool(1);
    for (int i = 0; i < 5; i++) {
        mproc_os_handle client = submit_client(pool, greet, 0, NULL);
        char text[8];
        CHECK_EQ(os_read(client, text, 5), 5);
        check_ended(client);
    }
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Deaths ---- */

static int take_and_die(mproc_task *task)
{
    take(task, 0);
    return die(task);
}

static void client_of_a_dead_worker_is_told(void)
{
    mproc_pool *pool = make_pool(2);
    mproc_result *stays, *result;
    mproc_os_handle other = submit_client(pool, serve, 0, &stays);
    check_served(other, 'a');
    mproc_os_handle client = submit_client(pool, test_threads() ? die : take_and_die, 0, &result);
    finish(result, MPROC_E_WORKER_DIED);
    check_ended(client);
    /* Dead before it has taken anything. */
    client = submit_client(pool, die, 0, &result);
    finish(result, MPROC_E_WORKER_DIED);
    check_ended(client);
    check_served(other, 'b');
    os_close(other);
    finish(stays, 0);
    CHECK_OK(mproc_pool_free(pool));
}

static int die_at_first(mproc_task *task)
{
    if (mproc_task_get_attempt(task) < 3)
        return test_threads() ? die(task) : take_and_die(task);
    return serve(task);
}

/* The same client, by the same handle. */
static void next_attempt_has_the_handle_again(void)
{
    mproc_pool *pool = make_pool(2);
    mproc_result *result;
    mproc_os_handle client = submit_client(pool, die_at_first, 2, &result);
    check_served(client, 'a');
    os_close(client);
    finish(result, 0);
    CHECK_OK(mproc_pool_free(pool));
}

/* Whose client stays too long. */
static void time_limit_ends_a_client(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_os_handle ends[2];
    mproc_result *result;
    for (int i = 0; i < 2; i++) {
        os_socket_pair(ends);
        mproc_task_options options = with(&ends[1], 1, MPROC_HANDLE_MOVE);
        options.timeout_ms = 50;
        CHECK_OK(mproc_pool_apply_async(pool, serve, MPROC_NO_ARGS, &options, &result));
        finish(result, MPROC_E_TIMEOUT);
        check_ended(ends[0]);
    }
    CHECK_OK(mproc_pool_free(pool));
}

struct client {
    mproc_os_handle end;
    mproc_result *result;
};

/* Served, or told that it will not be. */
static void finish_client(struct client *client)
{
    char byte = 'x';
    if (os_write(client->end, &byte, 1) == 1 && os_read(client->end, &byte, 1) == 1)
        CHECK_EQ(byte, 'x');
    os_close(client->end);
    int code = mproc_result_get(client->result, test_limit_ms(30000), NULL, 0, NULL);
    CHECK(code == 0 || code == MPROC_E_WORKER_DIED);
    CHECK_OK(mproc_result_free(client->result));
}

static void kill_one(mproc_pool *pool, unsigned *seed)
{
    int64_t pids[3];
    int count = mproc_pool_get_worker_pids(pool, pids, 3);
    if (count > 0)
        os_kill(pids[test_random(seed) % (unsigned)count]);
}

/* Whoever dies at whatever moment: every client hears of it, and nothing stays open. */
static void clients_while_workers_are_killed(void)
{
    enum { CLIENTS = 5 };
    mproc_pool *pool;
    mproc_pool_options options = { .workers = 3, .max_restarts = INT32_MAX };
    struct client clients[CLIENTS];
    unsigned seed = 431;
    CHECK_OK(mproc_pool_create(&pool, &options));
    int before = test_is_windows() ? 0 : os_handle_count(), rounds = test_rounds(120, 5000);
    for (int i = 0; i < rounds; i++) {
        struct client *client = &clients[i % CLIENTS];
        if (i >= CLIENTS)
            finish_client(client);
        client->end = submit_client(pool, serve, (int)(test_random(&seed) % 3), &client->result);
        if (test_random(&seed) % 3 == 0)
            kill_one(pool, &seed);
    }
    for (int i = 0; i < CLIENTS; i++)
        finish_client(&clients[i]);
    int64_t pids[3];
    WAIT_UNTIL(mproc_pool_get_worker_pids(pool, pids, 3) == 3);
    WAIT_UNTIL(test_is_windows() || os_handle_count() <= before);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Tasks that never run ---- */

static void cancelled_before_it_ran(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_result *stays = submit_stay(pool), *result;
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    mproc_os_handle client = submit_client(pool, serve, 0, &result);
    CHECK_OK(mproc_result_cancel(result));
    check_ended(client);
    finish(result, MPROC_E_CANCELLED);
    test_let_go();
    finish(stays, 0);
    CHECK_OK(mproc_pool_free(pool));
}

/* The one that runs, and the two that wait. */
static void terminated_with_clients(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_os_handle clients[3];
    mproc_result *results[3];
    for (int i = 0; i < 3; i++)
        clients[i] = submit_client(pool, serve, 0, &results[i]);
    check_served(clients[0], 'a');
    CHECK_OK(mproc_pool_terminate(pool));
    for (int i = 0; i < 3; i++)
        finish(results[i], MPROC_E_TERMINATED);
    check_ended(clients[1]);
    check_ended(clients[2]);
    /* A thread goes on until its client goes. */
    if (test_threads()) {
        check_served(clients[0], 'b');
        os_close(clients[0]);
    }
    CHECK_OK(mproc_pool_free(pool));
    if (!test_threads())
        check_ended(clients[0]);
}

/* Taken after the pool has given up the task: its handle is there, and no other one's. */
static int take_late(mproc_task *task)
{
    wait_for_board(task);
    return greet(task);
}

static void thread_takes_late(void)
{
    if (!test_threads())
        test_skip("processes are killed");
    mproc_pool *pool = make_pool(1);
    mproc_os_handle client = submit_client(pool, take_late, 0, NULL);
    char text[8];
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_terminate(pool));
    CHECK_OK(mproc_pool_free(pool));
    CHECK_EQ(os_read(client, text, 5), 5);
    check_ended(client);
}

/* ---- Bad input ---- */

static int submit_with(mproc_pool *pool, mproc_task_options options)
{
    return mproc_pool_apply(pool, count_handles, MPROC_NO_ARGS, &options, NULL, 0, NULL);
}

static void refused_handles(void)
{
    mproc_pool *pool = make_pool(1);
    /* Far behind all that there are: the number of one that was closed may be another's by now. */
    mproc_os_handle pipe[2], list[MPROC_TASK_HANDLES_MAX + 1], none = -1, no_handle = 0x7ffffff0;
    os_pipe(pipe);
    for (size_t i = 0; i < TEST_COUNT(list); i++)
        list[i] = pipe[1];
    CHECK_CODE(submit_with(pool, with(NULL, 1, MPROC_HANDLE_DUP)), MPROC_E_INVALID);
    CHECK_CODE(submit_with(pool, with(&none, 1, MPROC_HANDLE_DUP)), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "handle 0, -1");
    CHECK_CODE(submit_with(pool, with(list, TEST_COUNT(list), MPROC_HANDLE_DUP)), MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "at most 16");
    CHECK_CODE(submit_with(pool, with(list, 1, (mproc_handle_mode)7)), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "handle_mode 7");
    CHECK_CODE(submit_with(pool, with(list, 2, MPROC_HANDLE_MOVE)), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "moves once");
    list[1] = no_handle;
    CHECK_CODE(submit_with(pool, with(list, 2, MPROC_HANDLE_MOVE)), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "handle 1");
    /* Nothing was taken. */
    CHECK_EQ(os_write(pipe[1], "x", 1), 1);
    list[1] = pipe[1];
    CHECK_OK(submit_with(pool, with(list, MPROC_TASK_HANDLES_MAX, MPROC_HANDLE_DUP)));
    CHECK_OK(submit_with(pool, with(NULL, 0, MPROC_HANDLE_DUP)));
    CHECK_OK(mproc_pool_close(pool));
    CHECK_CODE(submit_with(pool, with(list, 1, MPROC_HANDLE_MOVE)), MPROC_E_CLOSED);
    CHECK_EQ(os_write(pipe[1], "y", 1), 1);
    CHECK_OK(mproc_pool_free(pool));
    os_close(pipe[0]);
    os_close(pipe[1]);
}

static int no_items(void *user, mproc_view *ret_args)
{
    (void)user, (void)ret_args;
    return 0;
}

static void many_tasks_carry_none(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_os_handle pipe[2];
    os_pipe(pipe);
    mproc_task_options options = with(pipe, 2, MPROC_HANDLE_DUP);
    mproc_result *result;
    mproc_iter *iter;
    int items[2] = { 1, 2 };
    mproc_view args[1] = { MPROC_ARG(items[0]) };
    CHECK_CODE(mproc_pool_map(pool, double_item, items, sizeof items[0], 2, items, sizeof items[0], &options),
               MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "single tasks");
    CHECK_CODE(mproc_pool_starmap(pool, square, args, 1, &options, &result), MPROC_E_INVALID);
    CHECK_CODE(mproc_pool_imap(pool, square, no_items, NULL, &options, &iter), MPROC_E_INVALID);
    CHECK_OK(mproc_pool_free(pool));
    os_close(pipe[0]);
    os_close(pipe[1]);
}

static int nobodys(mproc_task *task)
{
    mproc_os_handle handle;
    CHECK_EQ(mproc_task_get_handle_count(task), 0);
    CHECK_CODE(mproc_task_take_handle(task, 0, &handle), MPROC_E_RANGE);
    return 3;
}

static void a_process_has_none(void)
{
    CHECK_EQ(test_finish(test_start(nobodys, MPROC_NO_ARGS)), 3);
}

static const struct test tests[] = {
    TEST(socket_is_moved_to_a_task),
    TEST(socket_is_duplicated),
    TEST(pipe_is_at_its_end_when_the_task_has_ended),
    TEST(position_in_a_file_is_shared),
    TEST(many_with_one_task),
    TEST(what_nobody_takes_is_closed),
    TEST(as_many_clients_as_workers),
    TEST(nothing_waits_behind_a_client),
    TEST(clients_among_other_tasks),
    TEST(fire_and_forget),
    TEST(client_of_a_dead_worker_is_told),
    TEST(next_attempt_has_the_handle_again),
    TEST_WITH(time_limit_ends_a_client, TEST_PROCESSES, 0),
    TEST_WITH(clients_while_workers_are_killed, TEST_PROCESSES, 60),
    TEST(cancelled_before_it_ran),
    TEST(terminated_with_clients),
    TEST(thread_takes_late),
    TEST(refused_handles),
    TEST(many_tasks_carry_none),
    TEST_WITH(a_process_has_none, TEST_PROCESSES, 0),
};
TEST_MAIN_PLAIN(tests)
