/* Which task goes to which worker. */
#include "pool/schedule.h"
#include "pool/job_list.h"
#include "pool/link.h"
#include "pool/pool.h"

/* How much queued work a worker should hold: enough that waking and refilling it cost little, not so much that
 * it has to be taken back. */
#define BACKLOG_NS 1000000
/* What waking a sleeping worker costs, about: below that a task is better queued behind one that is awake. */
#define WAKE_NS 20000
/* How late a waiter may learn of a completion while its worker has more to do. */
#define LATENESS_NS 300000
/* The time a task is assumed to take before any has been measured: long, so that the first ones spread out. */
#define UNKNOWN_NS   1000000
#define LONG_TASK_NS 5000000

static int64_t mean_ns(const mproc_pool *pool)
{
    return pool->mean_ns < 0 ? UNKNOWN_NS : pool->mean_ns;
}

static uint32_t depth_wanted(const mproc_pool *pool)
{
    if (pool->mean_ns < 0 || pool->mean_ns > LONG_TASK_NS)
        return 1;
    int64_t depth = BACKLOG_NS / (pool->mean_ns + 1);
    return depth < 2 ? 2 : depth > RING_SUBMIT_CELLS ? RING_SUBMIT_CELLS : (uint32_t)depth;
}

/* Workers that use a CPU, as far as is known: a task that takes long may well be asleep. */
int mproc__schedule_busy(const mproc_pool *pool)
{
    int busy = 0;
    for (int i = 0; i < pool->options.workers; i++)
        busy += pool->links[i].in_flight > 0 && !pool->links[i].slow;
    return busy;
}

/* Tasks known to be shorter than a wake have no time to block: more workers than CPUs would only take turns. Should one
 * of them block after all, mproc__schedule_notice_long finds out. */
static bool sleepers_are_of_no_use(const mproc_pool *pool)
{
    return pool->mean_ns >= 0 && pool->mean_ns < WAKE_NS && mproc__schedule_busy(pool) >= pool->cpus;
}

/* The worker that would be through with the task first. A sleeper is charged for its waking, so that work ramps up
 * worker by worker, and only as far as it pays. */
static struct worker_link *choose(mproc_pool *pool, const struct job *job)
{
    struct worker_link *best = NULL;
    int64_t best_ns = INT64_MAX, mean = mean_ns(pool);
    uint32_t depth = depth_wanted(pool);
    bool let_sleep = sleepers_are_of_no_use(pool);
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker_link *link = &pool->links[i];
        if (link->state != LINK_READY)
            continue;
        int64_t ns = link->in_flight * mean;
        if (link->in_flight == 0 && atomic_load_explicit(&link->area->sleep.value, memory_order_relaxed) != 0) {
            if (let_sleep)
                continue;
            ns += WAKE_NS;
        }
        if (ns >= best_ns || !mproc__link_has_room(link, job, depth))
            continue;
        best = link;
        best_ns = ns;
        if (ns == 0)
            break;
    }
    return best;
}

static void kick_all(mproc_pool *pool)
{
    for (int i = 0; i < pool->options.workers; i++)
        if (pool->links[i].touched)
            mproc__link_kick(&pool->links[i]);
}

void mproc__schedule_feed(mproc_pool *pool)
{
    struct job *job;
    while ((job = pool->pending.head) != NULL) {
        struct worker_link *link = choose(pool, job);
        if (link == NULL)
            break;
        if (job->next_part != NULL) {
            job = job->next_part(job);
            if (job == NULL)
                break;
            /* A part's argument may need more room than was asked for; then it waits at the head. */
            if (!mproc__link_has_room(link, job, RING_SUBMIT_CELLS)) {
                mproc__job_list_push_front(&pool->pending, job);
                pool->pending_count++;
                break;
            }
        } else {
            mproc__job_list_remove(&pool->pending, job);
            pool->pending_count--;
        }
        mproc__link_send(link, job);
    }
    kick_all(pool);
}

static struct worker_link *most_loaded(mproc_pool *pool)
{
    struct worker_link *most = NULL;
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker_link *link = &pool->links[i];
        if (link->state != LINK_NONE && link->in_flight > 1 && (most == NULL || link->in_flight > most->in_flight))
            most = link;
    }
    return most;
}

static bool idle(const struct worker_link *link)
{
    return link->state == LINK_READY && link->in_flight == 0 && !link->nonsense;
}

static void take_back(mproc_pool *pool, struct worker_link *link, uint32_t count)
{
    while (count-- > 0) {
        struct job *job = mproc__link_recall_last(link);
        if (job == NULL)
            return;
        /* What was sent last is taken back first, and goes to the head of the queue one by one, so the order stays. */
        mproc__job_list_push_front(&pool->pending, job);
        pool->pending_count++;
    }
}

/* Tasks behind one that takes long go to the others, however short they are. */
static void relieve_the_slow(mproc_pool *pool)
{
    bool others = false;
    for (int i = 0; i < pool->options.workers; i++)
        others = others || (pool->links[i].state == LINK_READY && !pool->links[i].slow);
    for (int i = 0; i < pool->options.workers && others; i++)
        if (pool->links[i].slow && pool->links[i].in_flight > 1)
            take_back(pool, &pool->links[i], pool->links[i].in_flight);
    if (pool->pending.head != NULL)
        mproc__schedule_feed(pool);
}

void mproc__schedule_rebalance(mproc_pool *pool)
{
    relieve_the_slow(pool);
    if (sleepers_are_of_no_use(pool))
        return;
    for (int i = 0; i < pool->options.workers && pool->pending.head == NULL; i++) {
        if (!idle(&pool->links[i]))
            continue;
        struct worker_link *loaded = most_loaded(pool);
        if (loaded == NULL)
            return;
        /* Half of what waits there, if its time is worth a wake. */
        uint32_t count = loaded->in_flight / 2;
        if (pool->mean_ns >= 0 && (int64_t)count * mean_ns(pool) < WAKE_NS)
            return;
        take_back(pool, loaded, count);
        if (pool->pending.head == NULL)
            return;
        mproc__schedule_feed(pool);
    }
}

/* Times are measured when tasks end. One that runs much longer than the tasks before it would go unnoticed until then,
 * and tasks of its kind would be queued behind it: so the age of a task under way counts as soon as it is larger. */
void mproc__schedule_notice_long(mproc_pool *pool)
{
    int64_t now = platform_now_ns(), mean = pool->mean_ns;
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker_link *link = &pool->links[i];
        if (link->in_flight == 0)
            continue;
        const struct worker_line *line = &link->area->worker;
        bool running = atomic_load_explicit(&line->current, memory_order_relaxed) != 0;
        int64_t age = now - atomic_load_explicit(&line->current_since_ns, memory_order_relaxed);
        if (!running || age <= BACKLOG_NS || age <= mean)
            continue;
        link->slow = true;
        if (age > pool->mean_ns && (link->in_flight > 1 || pool->pending.head != NULL))
            pool->mean_ns = age;
    }
}

void mproc__schedule_thresholds(mproc_pool *pool)
{
    int64_t late = LATENESS_NS / (mean_ns(pool) + 1);
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker_link *link = &pool->links[i];
        if (link->in_flight == 0)
            continue;
        int64_t behind = link->in_flight / 2;
        if (behind > late)
            behind = late;
        uint32_t first = link->submitted - link->in_flight;
        atomic_store_explicit(&link->area->parent.notify_at, first + (behind > 0 ? (uint32_t)behind - 1 : 0),
                              memory_order_relaxed);
    }
}
