/* Which task goes to which worker. */
#include "pool/schedule.h"
#include "pool/finish.h"
#include "pool/flight.h"
#include "pool/job.h"
#include "pool/job_list.h"
#include "pool/link.h"
#include "pool/pending.h"
#include "pool/pool.h"

/* How much queued work a worker should hold: enough that waking and refilling it cost little, not so much that
 * it has to be taken back. */
#define BACKLOG_NS 1000000
/* What waking a sleeping worker costs, about: below that a task is better queued behind one that is awake. */
#define WAKE_NS 20000
/* What sending a task and taking its outcome costs the parent, about. */
#define TINY_NS 250
/* How late a waiter may learn of a completion while its worker has more to do. Twice as late for each time that it has
 * come back at once, as a loop does that takes one result after the other. */
#define LATENESS_NS   300000
#define COMEBACKS_MAX 3
/* What a worker has still to do when it notifies: in that time the waiter wakes and gives it more. */
#define RESERVE_NS 150000
/* The time a task is assumed to take before any has been measured: long, so that the first ones spread out. */
#define UNKNOWN_NS   1000000
#define LONG_TASK_NS 5000000
/* A worker that was given work and has not begun it for so long gets no CPU, or was stopped. */
#define STALLED_NS 2000000
/* However short tasks are, a worker gets no more at a time. */
#define DEPTH_MAX 128u
/* Behind so many tiny tasks the next ones are sent together. */
#define GATHER_BEHIND 32

static int64_t mean_ns(const mproc_pool *pool)
{
    return pool->mean_ns < 0 ? UNKNOWN_NS : pool->mean_ns;
}

/* Who waits beside one that comes back, or is called, has not come back himself. */
static int64_t lateness_ns(const mproc_pool *pool)
{
    return pool->followers > 0 || pool_announces(pool) ? LATENESS_NS : LATENESS_NS << pool->comebacks;
}

/* Whoever learns late has to have sent more before. Where there are priorities that would be in their way. */
static int64_t backlog_ns(const mproc_pool *pool)
{
    return pool->comebacks == 0 || pool->is_ranked ? BACKLOG_NS : 2 * lateness_ns(pool);
}

/* How many jobs a worker should hold: two at least, unless tasks may be long. */
static uint32_t depth(const mproc_pool *pool)
{
    int64_t mean = pool->mean_ns;
    if (mean < 0 || mean > LONG_TASK_NS)
        return 1;
    int64_t enough = backlog_ns(pool) / (mean + 1);
    return enough < 2 ? 2 : enough < DEPTH_MAX ? (uint32_t)enough : DEPTH_MAX;
}

/* Workers that use a CPU, as far as is known: a task that takes long may well be asleep. */
int mproc__schedule_busy(const mproc_pool *pool)
{
    int busy = 0;
    const struct worker *worker = pool_next(pool, &pool->engaged, 0);
    for (; worker != NULL; worker = pool_next(pool, &pool->engaged, worker->index + 1))
        busy += !worker->slow;
    return busy;
}

/* Tasks known to be shorter than a wake have no time to block: more workers than CPUs would only take turns. Should one
 * of them block after all, mproc__schedule_notice_slow finds out. */
static bool sleepers_are_of_no_use(const mproc_pool *pool)
{
    return pool->mean_ns >= 0 && pool->mean_ns < WAKE_NS && mproc__schedule_busy(pool) >= pool->cpus;
}

/* How many more tasks this life of it may be given. */
static uint64_t tasks_left(const struct worker *worker)
{
    int64_t most = worker->pool->options.max_tasks_per_worker;
    if (most <= 0)
        return UINT64_MAX;
    return worker->given < (uint64_t)most ? (uint64_t)most - worker->given : 0;
}

/* Whether it may get more at all. */
static bool is_fit(const struct worker *worker)
{
    return worker->state == WORKER_READY && !worker->mute && !worker->slow && !worker->is_retiring &&
           tasks_left(worker) > 0 && worker_has_place(worker);
}

static bool has_room(const struct worker *worker, const struct job *job)
{
    if (link_has_room(worker->link, job))
        return true;
    worker_set_add(&worker->pool->crowded, worker->index);
    return false;
}

/* Of tasks that take no longer than it takes to send them the parent, which has a CPU to itself then, feeds as many
 * workers as have one each: more of them would take the CPUs from each other and from the parent. */
static int worth_feeding(const mproc_pool *pool)
{
    if (pool->mean_ns < 0 || pool->mean_ns >= TINY_NS)
        return pool->worker_count;
    return pool->cpus > 2 ? pool->cpus - 1 : 1;
}

/* A worker, and how many jobs, from the next one on, would go to it if each were asked about, for as long as there is
 * room for them. */
struct choice {
    struct worker *worker; /* NULL: none can have any */
    uint64_t turns;
};

/* A job with handles gets a worker to itself, be it one that has to be waked. */
static struct worker *choose_idle(mproc_pool *pool, const struct job *job)
{
    struct worker *sleeper = NULL;
    worker_set_clear(&pool->crowded, pool->worker_count);
    for (int i = 0; i < pool->worker_count; i++) {
        struct worker *worker = pool_worker(pool, i);
        if (worker->in_flight > 0 || !is_fit(worker) || !has_room(worker, job))
            continue;
        if (!link_is_asleep(worker->link))
            return worker;
        if (sleeper == NULL)
            sleeper = worker;
    }
    return sleeper;
}

/* Until the next worker would be through sooner, or this one has all it may have. */
static uint64_t turns(const struct worker *worker, int64_t sooner_ns, uint32_t most)
{
    uint64_t left = tasks_left(worker), count = (uint64_t)(sooner_ns / (mean_ns(worker->pool) + 1)) + 1;
    if (count > most - worker->in_flight)
        count = most - worker->in_flight;
    return count < left ? count : left;
}

/* The worker that would be through with the task first. A sleeper is charged for its waking, so that work ramps up
 * worker by worker, and only as far as it pays. */
static struct choice choose(mproc_pool *pool, const struct job *job)
{
    if (job_handles(job) != NULL)
        return (struct choice){ choose_idle(pool, job), 1 };
    struct worker *best = NULL;
    int64_t best_ns = INT64_MAX, next_ns = INT64_MAX, mean = mean_ns(pool);
    uint32_t most = depth(pool);
    int left = worth_feeding(pool);
    bool asked = false, let_sleep = false;
    worker_set_clear(&pool->crowded, pool->worker_count);
    for (int i = 0; i < pool->worker_count && left > 0; i++) {
        struct worker *worker = pool_worker(pool, i);
        if (!is_fit(worker))
            continue;
        left--;
        int64_t ns = worker->in_flight * mean;
        if (worker->in_flight == 0 && link_is_asleep(worker->link)) {
            /* Not before there is one: most often there is none. */
            let_sleep = asked ? let_sleep : sleepers_are_of_no_use(pool);
            asked = true;
            if (let_sleep)
                continue;
            ns += WAKE_NS;
        }
        if (ns >= best_ns) {
            next_ns = ns < next_ns ? ns : next_ns;
        } else if (worker->in_flight < most && has_room(worker, job)) {
            next_ns = best_ns;
            best = worker;
            best_ns = ns;
        }
        if (best_ns == 0)
            break;
    }
    if (best == NULL || best_ns == 0)
        return (struct choice){ best, 1 };
    return (struct choice){ best, turns(best, next_ns - best_ns, most) };
}

/* Whether the job goes where the one before it went. */
static bool stays(struct choice *choice, const struct job *job)
{
    return choice->turns > 0 && --choice->turns > 0 && job_handles(job) == NULL && has_room(choice->worker, job);
}

/* A job whose handles cannot be handed over ends with the reason. */
static void send(struct worker *worker, struct job *job)
{
    if (likely(job_handles(job) == NULL)) {
        mproc__flight_send(worker, job);
        return;
    }
    int code = mproc__flight_send_alone(worker, job);
    if (code < 0)
        mproc__job_finish(job, code, mproc_last_error(), 0);
}

static void kick_all(mproc_pool *pool)
{
    int index;
    while ((index = worker_set_take(&pool->touched, pool->worker_count)) >= 0)
        link_kick(pool->workers[index]->link);
}

bool mproc__schedule_may_gather(const mproc_pool *pool)
{
    return pool->mean_ns >= 0 && pool->mean_ns < TINY_NS && pool->in_flight >= GATHER_BEHIND;
}

void mproc__schedule_feed(mproc_pool *pool)
{
    struct job *job;
    struct choice choice = { NULL, 0 };
    if (unlikely(pool->is_paused))
        return;
    while ((job = pool->pending.head) != NULL) {
        if (!stays(&choice, job))
            choice = choose(pool, job);
        struct worker *worker = choice.worker;
        if (worker == NULL)
            break;
        if (job->has_extra && job->extra.next_part != NULL) {
            job = job->extra.next_part(job);
            if (job == NULL)
                break;
            /* A part's argument may need more room than was asked for; then it waits at the head. */
            if (!link_has_room(worker->link, job)) {
                mproc__flight_requeue(job);
                break;
            }
        } else {
            pending_remove(pool, job);
        }
        send(worker, job);
    }
    kick_all(pool);
}

static struct worker *most_loaded(mproc_pool *pool)
{
    struct worker *most = NULL, *worker = pool_next(pool, &pool->engaged, 0);
    for (; worker != NULL; worker = pool_next(pool, &pool->engaged, worker->index + 1))
        if (worker->in_flight > 1 && (most == NULL || worker->in_flight > most->in_flight))
            most = worker;
    return most;
}

static bool idle(const struct worker *worker)
{
    return is_fit(worker) && worker->in_flight == 0;
}

static int quick_workers(const mproc_pool *pool)
{
    int count = 0;
    for (int i = 0; i < pool->worker_count; i++)
        count += is_fit(pool_worker(pool, i));
    return count;
}

void mproc__schedule_withdraw_all(mproc_pool *pool)
{
    /* From the last to the first: what was sent to the first worker, which is mostly older, comes to lie before. */
    for (int i = pool->worker_count; i-- > 0;)
        mproc__flight_take_back(pool_worker(pool, i), pool_worker(pool, i)->in_flight);
}

bool mproc__schedule_could_use_more(const mproc_pool *pool)
{
    int ready = 0;
    for (int i = 0; i < pool->worker_count; i++) {
        if (idle(pool_worker(pool, i)))
            return false;
        ready += is_fit(pool_worker(pool, i));
    }
    return ready < worth_feeding(pool) && !sleepers_are_of_no_use(pool);
}

static bool has_begun(const struct worker *worker)
{
    return link_trace(worker->link, worker->jobs.head).started;
}

/* Tasks behind one that takes long, or at a worker that does not begin, go to the others, however short they are. */
static void relieve_the_slow(mproc_pool *pool)
{
    struct worker *worker = pool_next(pool, &pool->engaged, 0);
    for (; worker != NULL; worker = pool_next(pool, &pool->engaged, worker->index + 1))
        if (worker->slow && (worker->in_flight > 1 || !has_begun(worker)) && quick_workers(pool) > 0)
            mproc__flight_take_back(worker, worker->in_flight);
    if (pool->pending.head != NULL)
        mproc__schedule_feed(pool);
}

void mproc__schedule_rebalance(mproc_pool *pool)
{
    relieve_the_slow(pool);
    if (sleepers_are_of_no_use(pool))
        return;
    for (int i = 0; i < pool->worker_count && pool->pending.head == NULL; i++) {
        if (!idle(pool_worker(pool, i)))
            continue;
        struct worker *loaded = most_loaded(pool);
        if (loaded == NULL)
            return;
        /* Half of what waits there, if its time is worth a wake. */
        uint32_t count = loaded->in_flight / 2;
        if (pool->mean_ns >= 0 && (int64_t)count * mean_ns(pool) < WAKE_NS)
            return;
        mproc__flight_take_back(loaded, count);
        if (pool->pending.head == NULL)
            return;
        mproc__schedule_feed(pool);
    }
}

/* The oldest of its tasks has not begun: since when is noted at the first look. Where nobody else is there to run it,
 * it is as well off where it is. */
static void notice_stalled(struct worker *worker, int64_t now)
{
    uint64_t number = worker_head_number(worker);
    if (worker->unbegun != number) {
        worker->unbegun = number;
        worker->unbegun_since = now;
    } else if (!worker->slow && now - worker->unbegun_since > STALLED_NS) {
        worker->slow = quick_workers(worker->pool) > (worker->state == WORKER_READY);
        if (worker->slow)
            worker_set_add(&worker->pool->stalled, worker->index);
    }
}

/* From these all was taken back. One gets more once it has come to see that. */
static void readmit(mproc_pool *pool)
{
    struct worker *worker = pool_next(pool, &pool->stalled, 0);
    for (; worker != NULL; worker = pool_next(pool, &pool->stalled, worker->index + 1)) {
        if (worker->in_flight > 0 || (worker->link != NULL && !link_look(worker->link, LINK_IDLE)))
            continue;
        worker->slow = false;
        worker_set_remove(&pool->stalled, worker->index);
    }
}

static void notice_long(struct worker *worker, int64_t age, int64_t mean)
{
    mproc_pool *pool = worker->pool;
    if (age <= BACKLOG_NS || age <= mean)
        return;
    worker->slow = true;
    if (worker->state == WORKER_READY && age > pool->mean_ns && (worker->in_flight > 1 || pool->pending.head != NULL))
        pool->mean_ns = age;
}

void mproc__schedule_notice_slow(mproc_pool *pool)
{
    int64_t now = platform_now_ns(), ticks = platform_ticks(), mean = pool->mean_ns;
    readmit(pool);
    struct worker *worker = pool_next(pool, &pool->engaged, 0);
    for (; worker != NULL; worker = pool_next(pool, &pool->engaged, worker->index + 1)) {
        /* Jobs run in the order in which they were sent. */
        struct job_trace trace = link_trace(worker->link, worker->jobs.head);
        if (!trace.started)
            notice_stalled(worker, now);
        else if (trace.running_since > 0 && trace.running_since <= ticks)
            notice_long(worker, platform_ticks_ns(ticks - trace.running_since), mean);
    }
}

/* Of the tasks that a worker has, how many may end before it notifies. */
static uint32_t unheard(const struct worker *worker, int64_t mean)
{
    int64_t held = worker->in_flight, count = held - RESERVE_NS / (mean + 1),
            late = lateness_ns(worker->pool) / (mean + 1);
    if (count < held / 2)
        count = held / 2;
    if (count > late)
        count = late;
    return count > 0 ? (uint32_t)count : 1;
}

void mproc__schedule_thresholds(mproc_pool *pool)
{
    int64_t mean = mean_ns(pool);
    struct worker *worker = pool_next(pool, &pool->engaged, 0);
    for (; worker != NULL; worker = pool_next(pool, &pool->engaged, worker->index + 1))
        link_set_threshold(worker->link, worker->in_flight - unheard(worker, mean));
}

void mproc__schedule_waits(mproc_pool *pool)
{
    if (platform_now_ns() - pool->woken_at > lateness_ns(pool))
        pool->comebacks = 0;
    else if (pool->comebacks < COMEBACKS_MAX)
        pool->comebacks++;
    mproc__schedule_thresholds(pool);
}
