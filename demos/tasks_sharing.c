/* The examples of what processes share: arrays, queues, pipes, locks. All of these are values: each goes into the
 * argument of a process, or of a pool's task, as it is. */
#include "system.h"
#include "tasks.h"

#include <stdio.h>
#include <string.h>

#define PARTIES 10

/* What the processes of these examples are given. */
struct share {
    int number;
    double seconds;
    mproc_array array;
    mproc_lock lock;
    mproc_rlock rlock;
    mproc_semaphore semaphore;
    mproc_event event;
    mproc_condition condition;
    mproc_barrier barrier;
    mproc_queue queue;
    mproc_connection connection;
};

static int start(const struct settings *settings, mproc_task_fn *function, const struct share *share,
                 mproc_process **ret_process)
{
    mproc_process_options options = { .function = function,
                                      .args = { share, sizeof *share },
                                      .start_method = settings->method };
    int code = mproc_process_create(ret_process, &options);
    if (code < 0)
        return code;
    code = mproc_process_start(*ret_process);
    if (code < 0)
        mproc_process_free(*ret_process);
    return code;
}

static int finish(mproc_process *process)
{
    int code = mproc_process_join(process, MPROC_FOREVER);
    mproc_process_free(process);
    return code;
}

/* Starts PARTIES processes, numbered from 0, and waits for them all. */
static int run_parties(const struct settings *settings, mproc_task_fn *function, struct share *share)
{
    mproc_process *processes[PARTIES];
    int started = 0, code = 0;
    for (; started < PARTIES && code == 0; started += code == 0) {
        share->number = started;
        code = start(settings, function, share, &processes[started]);
    }
    for (int i = 0; i < started; i++) {
        int joined = finish(processes[i]);
        code = code < 0 ? code : joined;
    }
    return code;
}

/* ---- Array('i', [1, 2, 3, 4]) ---- */

static int add_hundred(mproc_task *task)
{
    struct share share;
    int64_t before;
    if (mproc_task_read(task, &share, sizeof share) < 0 || mproc_array_add(share.array, 0, 100, &before) < 0)
        return 1;
    say("process %d: after the change the first item is %lld\n", share.number, (long long)before + 100);
    return 0;
}

int example_array(const struct settings *settings)
{
    const int items[] = { 1, 2, 3, 4 };
    struct share share = { .seconds = 0 };
    int code = mproc_array_create(&share.array, 'i', 4, &(mproc_array_options){ .initial = items });
    if (code < 0)
        return code;
    code = run_parties(settings, add_hundred, &share);
    size_t count;
    const int *now = mproc_array_int(share.array, &count);
    say("at the end:");
    for (size_t i = 0; now && i < count; i++)
        say(" %d", now[i]);
    say("\n");
    mproc_array_destroy(share.array);
    return code;
}

/* ---- Queue(20) ---- */

static int get_and_put(mproc_task *task)
{
    struct share share;
    int got;
    if (mproc_task_read(task, &share, sizeof share) < 0 ||
        mproc_queue_get(share.queue, MPROC_FOREVER, &got, sizeof got, NULL) < 0)
        return 1;
    say("process %d took %d from the queue and put %d in\n", share.number, got, share.number);
    return mproc_queue_put(share.queue, &share.number, sizeof share.number, MPROC_FOREVER) < 0;
}

int example_chain(const struct settings *settings)
{
    struct share share = { .seconds = 0 };
    int first = 0;
    int code = mproc_queue_create(&share.queue, &(mproc_queue_options){ .capacity = 20 });
    if (code < 0)
        return code;
    code = mproc_queue_put(share.queue, &first, sizeof first, MPROC_FOREVER);
    if (code == 0)
        code = run_parties(settings, get_and_put, &share);
    mproc_queue_destroy(share.queue);
    return code;
}

/* ---- Pipe() ---- */

static int produce(mproc_task *task)
{
    struct share share;
    if (mproc_task_read(task, &share, sizeof share) < 0)
        return 1;
    system_sleep(share.seconds);
    return mproc_connection_send(share.connection, "666", 4, MPROC_FOREVER) < 0;
}

static int consume(mproc_task *task)
{
    struct share share;
    char text[32];
    size_t size;
    if (mproc_task_read(task, &share, sizeof share) < 0 ||
        mproc_connection_recv(share.connection, MPROC_FOREVER, text, sizeof text, &size) < 0)
        return 1;
    say("received: %s\n", text);
    return 0;
}

/* The time of one message through a pipe and through a queue, both ends here. */
static int compare_pipe_and_queue(void)
{
    enum { MESSAGES = 200000 };
    mproc_connection from, to;
    mproc_queue queue;
    int code = mproc_pipe_create(&to, &from, NULL);
    if (code == 0)
        code = mproc_queue_create(&queue, NULL);
    if (code < 0)
        return code;
    double started = system_now();
    for (int64_t i = 0; i < MESSAGES && code == 0; i++) {
        code = mproc_connection_send(from, &i, sizeof i, MPROC_FOREVER);
        if (code == 0)
            code = mproc_connection_recv(to, MPROC_FOREVER, &i, sizeof i, NULL);
    }
    double piped = system_now() - started;
    for (int64_t i = 0; i < MESSAGES && code == 0; i++) {
        code = mproc_queue_put(queue, &i, sizeof i, MPROC_FOREVER);
        if (code == 0)
            code = mproc_queue_get(queue, MPROC_FOREVER, &i, sizeof i, NULL);
    }
    double queued = system_now() - started - piped;
    say("in and out again: pipe %.0f ns, queue %.0f ns\n", 1e9 * piped / MESSAGES, 1e9 * queued / MESSAGES);
    mproc_queue_destroy(queue);
    mproc_connection_close(from);
    mproc_connection_close(to);
    return code;
}

int example_pipe(const struct settings *settings)
{
    struct share sender = { .seconds = settings->scale }, receiver = { .number = 1 };
    int code = mproc_pipe_create(&receiver.connection, &sender.connection, NULL);
    if (code < 0)
        return code;
    mproc_process *producer, *consumer;
    code = start(settings, produce, &sender, &producer);
    if (code == 0) {
        code = start(settings, consume, &receiver, &consumer);
        int joined = finish(producer);
        code = code == 0 ? finish(consumer) : code;
        code = code == 0 ? joined : code;
    }
    mproc_connection_close(sender.connection);
    mproc_connection_close(receiver.connection);
    return code < 0 ? code : compare_pipe_and_queue();
}

/* ---- RLock ---- */

static int count_down(mproc_task *task)
{
    struct share share;
    if (mproc_task_read(task, &share, sizeof share) < 0 || mproc_rlock_acquire(share.rlock, MPROC_FOREVER) < 0)
        return 1;
    int *item = mproc_array_int(share.array, NULL);
    int left = item ? --*item : -1;
    system_sleep(share.seconds);
    say("say hi %d\n", left);
    mproc_rlock_release(share.rlock);
    return 0;
}

int example_countdown(const struct settings *settings)
{
    const int ten = 10;
    struct share share = { .seconds = settings->scale };
    int code = mproc_array_create(&share.array, 'i', 1, &(mproc_array_options){ .initial = &ten });
    if (code < 0)
        return code;
    code = mproc_rlock_create(&share.rlock, NULL);
    if (code == 0)
        code = run_parties(settings, count_down, &share);
    mproc_rlock_destroy(share.rlock);
    mproc_array_destroy(share.array);
    return code;
}

/* ---- Lock, Event, Condition, Semaphore, Barrier ---- */

/* Each party waits for the start signal, works with at most two others, counts itself, tells the one who waits for the
 * count, and leaves together with all. */
static int take_part(mproc_task *task)
{
    struct share share;
    if (mproc_task_read(task, &share, sizeof share) < 0 || mproc_event_wait(share.event, MPROC_FOREVER) < 0)
        return 1;
    int permit = mproc_semaphore_acquire(share.semaphore, MPROC_FOREVER);
    system_sleep(share.seconds);
    if (permit >= 0)
        mproc_semaphore_release(share.semaphore);

    int *done = mproc_array_int(share.array, NULL);
    if (!done || mproc_lock_acquire(share.lock, MPROC_FOREVER) < 0)
        return 1;
    ++*done;
    mproc_condition_notify_all(share.condition);
    mproc_lock_release(share.lock);
    return mproc_barrier_wait(share.barrier, MPROC_FOREVER, NULL) < 0;
}

static bool all_are_done(void *done)
{
    return *(const int *)done == PARTIES;
}

static int make_all(struct share *share)
{
    int code = mproc_array_create(&share->array, 'i', 1, &(mproc_array_options){ .raw = 1 });
    if (code == 0)
        code = mproc_lock_create(&share->lock, NULL);
    if (code == 0)
        code = mproc_condition_create(&share->condition, &(mproc_condition_options){ .lock = share->lock });
    if (code == 0)
        code = mproc_event_create(&share->event, NULL);
    if (code == 0)
        code = mproc_semaphore_create(&share->semaphore, 3, &(mproc_semaphore_options){ .bounded = true });
    if (code == 0)
        code = mproc_barrier_create(&share->barrier, PARTIES, NULL);
    return code;
}

static void destroy_all(const struct share *share)
{
    mproc_barrier_destroy(share->barrier);
    mproc_semaphore_destroy(share->semaphore);
    mproc_event_destroy(share->event);
    mproc_condition_destroy(share->condition);
    mproc_lock_destroy(share->lock);
    mproc_array_destroy(share->array);
}

/* Gives the start signal and waits for the count, as take_part needs it, from a process of its own. */
static int direct(mproc_task *task)
{
    struct share share;
    if (mproc_task_read(task, &share, sizeof share) < 0)
        return 1;
    say("%d processes wait for the event\n", PARTIES);
    mproc_event_set(share.event);
    int code = mproc_condition_acquire(share.condition, MPROC_FOREVER);
    if (code >= 0)
        code =
            mproc_condition_wait_for(share.condition, all_are_done, mproc_array_int(share.array, NULL), MPROC_FOREVER);
    say("%d have worked, three at a time: %s\n", *mproc_array_int(share.array, NULL), mproc_error_name(code));
    mproc_condition_release(share.condition);
    return code < 0;
}

int example_locks(const struct settings *settings)
{
    struct share share = { .seconds = settings->scale / 10 };
    mproc_process *director;
    int code = make_all(&share);
    if (code == 0)
        code = start(settings, direct, &share, &director);
    if (code == 0) {
        code = run_parties(settings, take_part, &share);
        int joined = finish(director);
        code = code == 0 ? joined : code;
        say("all have met at the barrier, which is%s broken\n", mproc_barrier_is_broken(share.barrier) ? "" : " not");
    }
    destroy_all(&share);
    return code;
}

/* ---- Results of many processes in one queue ---- */

struct answer {
    int number;
    char text[48];
};

static int work_on_address(mproc_task *task)
{
    struct share share;
    struct answer answer;
    if (mproc_task_read(task, &share, sizeof share) < 0)
        return -1;
    answer.number = share.number;
    snprintf(answer.text, sizeof answer.text, "10.0.0.%d is number %d", share.number + 1, share.number);
    return mproc_queue_put(share.queue, &answer, strlen(answer.text) + 1 + offsetof(struct answer, text),
                           MPROC_FOREVER);
}

static int collect_answers(mproc_queue queue)
{
    int seen = 0, code = 0;
    for (int i = 0; i < PARTIES && code == 0; i++) {
        struct answer answer;
        size_t size;
        code = mproc_queue_get(queue, MPROC_FOREVER, &answer, sizeof answer, &size);
        if (code == 0) {
            say("%s\n", answer.text);
            seen |= 1 << answer.number;
        }
    }
    say("%s\n", seen == (1 << PARTIES) - 1 ? "every address once" : "an address is missing");
    return code;
}

/* Queue and array, passed to the tasks of a pool as any other bytes. */
int example_pooled(const struct settings *settings)
{
    struct share share = { .seconds = 0 };
    mproc_pool *pool;
    int code = mproc_queue_create(&share.queue, NULL);
    if (code < 0)
        return code;
    code = open_pool(settings, 3, &pool);
    if (code == 0) {
        for (share.number = 0; share.number < PARTIES && code == 0; share.number++)
            code = mproc_pool_apply_async(pool, work_on_address, MPROC_ARG(share), NULL, NULL);
        if (code == 0)
            code = collect_answers(share.queue);
        code = end_pool(pool, code);
    }
    mproc_queue_destroy(share.queue);
    return code;
}
