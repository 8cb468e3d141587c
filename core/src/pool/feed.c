/* Which task goes to which worker, and who watches for completions. */
#include "base/error.h"
#include "pool/pool_types.h"
#include <stdio.h>

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
static int busy_workers(const mproc_pool *pool)
{
    int busy = 0;
    for (int i = 0; i < pool->options.workers; i++)
        busy += pool->links[i].in_flight > 0 && !pool->links[i].slow;
    return busy;
}

/* Tasks known to be shorter than a wake have no time to block: more workers than CPUs would only take turns. Should one
 * of them block after all, notice_long_tasks finds out. */
static bool sleepers_are_of_no_use(const mproc_pool *pool)
{
    return pool->mean_ns >= 0 && pool->mean_ns < WAKE_NS && busy_workers(pool) >= pool->cpus;
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

void mproc__pool_feed(mproc_pool *pool)
{
    struct job *job;
    while ((job = pool->pending.head) != NULL) {
        struct worker_link *link = choose(pool, job);
        if (link == NULL)
            break;
        if (job->kind == JOB_KIND_MAP) {
            job = mproc__map_next_chunk(job);
            if (job == NULL)
                break;
            /* A chunk's argument may need more room in the stream than was asked for; then it waits at the head. */
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
        mproc__pool_feed(pool);
}

void mproc__pool_rebalance(mproc_pool *pool)
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
        mproc__pool_feed(pool);
    }
}

/* ---- Exits ---- */

void mproc__pool_note_death(mproc_pool *pool, const char *what)
{
    if (pool->options.max_restarts > POOL_RESTARTS_MAX)
        return;
    int64_t now = platform_now_ns(), window = pool->options.restart_window_ms * 1000000;
    int kept = 0;
    for (int i = 0; i < pool->death_count; i++)
        if (now - pool->death_times[i] < window)
            pool->death_times[kept++] = pool->death_times[i];
    pool->death_times[kept++] = now;
    pool->death_count = kept;
    if (kept <= pool->options.max_restarts)
        return;
    mproc__error(MPROC_E_BROKEN, "%d workers ended unexpectedly within %lld ms, the limit is %d; the last: %s", kept,
                 (long long)pool->options.restart_window_ms, pool->options.max_restarts, what);
    mproc__pool_break(pool, MPROC_E_BROKEN, mproc_last_error());
}

/* Whether a worker that failed to start for this reason would fail again, for ever. */
static bool hopeless(int code)
{
    return code == MPROC_E_INIT_FAILED || code == MPROC_E_NO_FUNCTION || code == MPROC_E_MISMATCH;
}

static void reap(mproc_pool *pool, struct worker_link *link)
{
    const struct child_boot *boot = link->segment.boot;
    bool expected = link->expected;
    int code = 0;
    char text[RING_MESSAGE_BYTES];
    if (link->state == LINK_STARTING && atomic_load(&boot->state.value) == CHILD_FAILED) {
        /* What a child wrote is believed as far as it can be: a code that is an error, a text that ends. */
        code = boot->fail_code < 0 ? boot->fail_code : MPROC_E_START_FAILED;
        snprintf(text, sizeof text, "%.*s", (int)sizeof boot->fail_text - 1, boot->fail_text);
    } else {
        mproc__link_death_text(link, text, sizeof text);
    }
    mproc__link_reap(link);
    /* A dead worker's bit must not keep others from spinning. */
    atomic_fetch_and_explicit(&pool->shared->spinners[link->index / 64], ~(1ull << link->index % 64),
                              memory_order_relaxed);
    mproc__link_reset(link);
    if (expected)
        return;
    pool->stats.deaths++;
    if (hopeless(code))
        mproc__pool_break(pool, code, text);
    else
        mproc__pool_note_death(pool, text);
}

static bool reap_the_dead(mproc_pool *pool)
{
    /* Cleared before the look, so that a death after it is seen next time. */
    if (!atomic_exchange(&pool->news, false))
        return false;
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker_link *link = &pool->links[i];
        /* Acquire: pairs with the exit callback's release, after which link->how may be read. */
        if (link->process != NULL && atomic_load_explicit(&link->exited, memory_order_acquire))
            reap(pool, link);
    }
    return true;
}

static bool see_ready(mproc_pool *pool)
{
    bool any = false;
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker_link *link = &pool->links[i];
        if (link->state != LINK_STARTING || link->process == NULL ||
            atomic_load(&link->segment.boot->state.value) != CHILD_READY)
            continue;
        link->state = LINK_READY;
        link->deadline = INT64_MAX;
        mproc__child_close_handle(&link->segment);
        any = true;
    }
    return any;
}

/* Wakes whoever sleeps on the bell, armed or not: a worker may have disarmed it and died before it came to the wake. */
static void bell_wake(platform_word *bell)
{
    uint32_t state = atomic_load(&bell->value);
    if (state == BELL_NEEDS || state == BELL_ALL)
        atomic_compare_exchange_strong(&bell->value, &state, BELL_OFF);
    platform_wake(bell, 1);
}

bool mproc__pool_needs_workers(const mproc_pool *pool)
{
    return pool->phase == POOL_OPEN || (pool->phase == POOL_CLOSED && pool->outstanding > 0);
}

static void send_off(struct worker_link *link)
{
    link->state = LINK_LEAVING;
    link->expected = true;
    link->deadline = mproc__deadline(link->pool->options.exit_timeout_ms);
    mproc__link_send_exit(link);
    /* It keeps the time limit. */
    bell_wake(&link->pool->shared->supervisor_bell);
}

/* Tells a worker to exit that has done all its tasks, or for which there are no more. Whoever drains does this: the
 * supervisor sleeps while a user thread leads. */
static void release_if_done(struct worker_link *link)
{
    const mproc_pool *pool = link->pool;
    int64_t most = pool->options.max_tasks_per_worker;
    bool used_up = most > 0 && link->given >= (uint64_t)most;
    if (used_up || !mproc__pool_needs_workers(pool))
        send_off(link);
}

/* Times are measured when tasks end. One that runs much longer than the tasks before it would go unnoticed until then,
 * and tasks of its kind would be queued behind it: so the age of a task under way counts as soon as it is larger. */
static void notice_long_tasks(mproc_pool *pool)
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

bool mproc__pool_service(mproc_pool *pool)
{
    unsigned taken = 0;
    bool any = reap_the_dead(pool);
    any |= see_ready(pool);
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker_link *link = &pool->links[i];
        if (link->state == LINK_READY || link->state == LINK_LEAVING)
            taken += mproc__link_drain(link);
        if (link->state == LINK_READY && link->in_flight == 0)
            release_if_done(link);
    }
    pool->since_service = 0;
    if (pool->deferred_frees != NULL && !pool->leading)
        mproc__deferred_free_clear(pool);
    if (taken == 0 && (pool->in_flight > 1 || pool->pending.head != NULL))
        notice_long_tasks(pool);
    if (pool->pending.head != NULL)
        mproc__pool_feed(pool);
    if (pool->in_flight > 0)
        mproc__pool_rebalance(pool);
    return any || taken > 0;
}

/* ---- Watching ---- */

void mproc__pool_set_thresholds(mproc_pool *pool)
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

bool mproc__pool_has_news(mproc_pool *pool)
{
    if (atomic_load(&pool->news))
        return true;
    for (int i = 0; i < pool->options.workers; i++) {
        const struct worker_link *link = &pool->links[i];
        if (link->in_flight > 0 && !link->nonsense && mproc__link_has_news(link))
            return true;
        /* Room that a task in the queue may be waiting for: its PASS rang nobody if it came while this thread looked.
         */
        if (pool->pending.head != NULL && link->state == LINK_READY && !link->nonsense && mproc__link_has_passed(link))
            return true;
    }
    return false;
}

void mproc__bell_wake_all(mproc_pool *pool)
{
    /* Pairs with the fence in ARM: the caller's change is seen by the second look, or we see the armed bell. */
    atomic_thread_fence(memory_order_seq_cst);
    bell_wake(&pool->shared->user_bell);
    bell_wake(&pool->shared->supervisor_bell);
}

void mproc__bell_demand(mproc_pool *pool)
{
    bool deaf = pool->callbacks_outstanding > 0 &&
                atomic_load_explicit(&pool->shared->supervisor_bell.value, memory_order_relaxed) == BELL_NEEDS;
    if (pool->supervisor_idle || deaf)
        bell_wake(&pool->shared->supervisor_bell);
}

/* ---- Waiting ---- */

#define WATCHED_MAX 64

/* What a spinning thread looks at without the lock: words and the values that end its spin. */
struct watch_list {
    int count;
    struct {
        const _Atomic uint32_t *stamp;
        uint32_t awaited;
    } words[WATCHED_MAX];
};

static void watch_workers(mproc_pool *pool, struct watch_list *list)
{
    list->count = 0;
    for (int i = 0; i < pool->options.workers && list->count < WATCHED_MAX; i++) {
        const struct worker_link *link = &pool->links[i];
        if (link->in_flight == 0 || link->nonsense)
            continue;
        list->words[list->count].stamp = mproc__link_watch(link, &list->words[list->count].awaited);
        list->count++;
    }
}

static bool seen(mproc_pool *pool, const struct watch_list *list)
{
    for (int i = 0; i < list->count; i++)
        if (atomic_load_explicit(list->words[i].stamp, memory_order_relaxed) == list->words[i].awaited)
            return true;
    return atomic_load_explicit(&pool->news, memory_order_relaxed);
}

/* Spinning pays while a CPU is free for it, or tasks are so short that one ends within the spin. */
static bool may_spin(const mproc_pool *pool)
{
    if (pool->cpus < 2 || pool->in_flight == 0)
        return false;
    if (pool->mean_ns >= 0 && pool->mean_ns < pool->spin_ns / 4)
        return true;
    return busy_workers(pool) < pool->cpus;
}

static void spin(mproc_pool *pool, const struct watch_list *list, int64_t deadline_ns)
{
    int64_t end = platform_now_ns() + pool->spin_ns;
    if (end > deadline_ns)
        end = deadline_ns;
    do {
        for (int i = 0; i < 16; i++) {
            if (seen(pool, list))
                return;
            platform_pause();
        }
        platform_yield();
    } while (platform_now_ns() < end);
}

static void spin_unlocked(mproc_pool *pool, int64_t deadline_ns)
{
    struct watch_list list;
    if (!may_spin(pool))
        return;
    watch_workers(pool, &list);
    atomic_store_explicit(&pool->shared->user_bell.value, BELL_AWAKE, memory_order_relaxed);
    platform_mutex_unlock(&pool->lock);
    spin(pool, &list, deadline_ns);
    platform_mutex_lock(&pool->lock);
}

static void sleep_unlocked(mproc_pool *pool, int64_t deadline_ns)
{
    platform_word *bell = &pool->shared->user_bell;
    mproc__pool_set_thresholds(pool);
    /* ARM: pairs with NOTIFY. Either this second look sees the completion, or its worker sees the bell. */
    atomic_store(&bell->value, BELL_ALL);
    atomic_thread_fence(memory_order_seq_cst);
    if (mproc__pool_has_news(pool))
        return;
    platform_mutex_unlock(&pool->lock);
    platform_wait(bell, BELL_ALL, NULL, 0, deadline_ns);
    platform_mutex_lock(&pool->lock);
}

/* Watches the bell for all user threads that wait: once by spinning, after that asleep. What another thread has drained
 * meanwhile shows in the caller's own condition only, which it looks at between the two. */
static void lead(mproc_pool *pool, bool asleep, int64_t deadline_ns)
{
    pool->leading = true;
    if (asleep)
        sleep_unlocked(pool, deadline_ns);
    else
        spin_unlocked(pool, deadline_ns);
    /* Nobody rang while it was AWAKE; the look that mproc__pool_wait takes after this is ordered by the fence. */
    atomic_store(&pool->shared->user_bell.value, BELL_OFF);
    atomic_thread_fence(memory_order_seq_cst);
    pool->leading = false;
}

void mproc__bell_tell_waiters(mproc_pool *pool)
{
    /* The leader is asleep, or it would hold the lock: a thread that drained in its place has to wake it. */
    if (pool->leading)
        bell_wake(&pool->shared->user_bell);
    if (pool->followers > 0)
        platform_condition_broadcast(&pool->changed);
}

static void follow(mproc_pool *pool, int64_t deadline_ns)
{
    pool->followers++;
    platform_condition_wait(&pool->changed, &pool->lock, deadline_ns);
    pool->followers--;
}

int mproc__pool_wait(mproc_pool *pool, bool (*done)(void *argument), void *argument, int64_t deadline_ns)
{
    bool led = false, spun = false;
    int code = 0;
    while (!done(argument)) {
        pool->attended++;
        if (mproc__pool_service(pool)) {
            spun = false;
            continue;
        }
        if (deadline_ns == 0 || (deadline_ns != INT64_MAX && platform_now_ns() >= deadline_ns)) {
            code = MPROC_E_TIMEOUT;
            break;
        }
        if (pool->leading) {
            follow(pool, deadline_ns);
            continue;
        }
        lead(pool, spun, deadline_ns);
        led = spun = true;
    }
    if (!led)
        return code;
    /* What completed while this thread led and was not taken would have rung the supervisor. */
    if (mproc__pool_has_news(pool))
        mproc__pool_service(pool);
    if (pool->followers > 0)
        platform_condition_broadcast(&pool->changed);
    return code;
}
