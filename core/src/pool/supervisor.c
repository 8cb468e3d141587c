/* The supervisor: the pool's own thread, which drains when nobody waits, replaces workers, and sees to it that every
 * start and every end keeps its time limit. It never runs user code. */
#include "base/error.h"
#include "base/log.h"
#include "family/family.h"
#include "pool/pool_types.h"

/* While tasks are under way and their submitter comes by himself, the supervisor looks this often. */
#define TICK_FIRST_NS 1000000
#define TICK_LAST_NS  16000000
/* A process that could not be started is tried again after this, within the restart limit. */
#define RETRY_NS 20000000

/* ---- Starting workers ---- */

static void worker_exited(platform_process *process, platform_exit how, void *user)
{
    struct worker_link *link = user;
    (void)process;
    link->how = how;
    mproc__child_exited(&link->segment);
    /* Release: pairs with the acquire in reap_the_dead. */
    atomic_store_explicit(&link->exited, true, memory_order_release);
    atomic_store(&link->pool->news, true);
    mproc__bell_wake_all(link->pool);
}

static void template_lost(void *user)
{
    mproc_pool *pool = user;
    atomic_store(&pool->template_lost, true);
}

/* Forks the template: when the pool is made, and again should somebody have killed it. */
static int make_template(mproc_pool *pool)
{
    platform_handle keep[4];
    int count = mproc__child_template_keep(keep);
    return platform_template_create(mproc__child_template_main, NULL, keep, count, template_lost, pool,
                                    &pool->fork_template);
}

static int require_template(mproc_pool *pool)
{
    if (pool->method != MPROC_START_FORK)
        return 0;
    if (pool->fork_template != NULL && !atomic_load(&pool->template_lost))
        return 0;
    if (pool->fork_template != NULL) {
        mproc__log(MPROC_LOG_WARNING,
                   "%s: the template process died; replacements are copies of the program as it is now", pool->name);
        platform_template_free(pool->fork_template);
        pool->fork_template = NULL;
        atomic_store(&pool->template_lost, false);
    }
    int code = make_template(pool);
    return code < 0 ? mproc__error_platform(code, "a template process") : 0;
}

static void set_up_area(struct worker_link *link)
{
    const mproc_pool *pool = link->pool;
    struct worker_settings *settings = &link->area->settings;
    settings->pool_id[0] = pool->shared_id[0];
    settings->pool_id[1] = pool->shared_id[1];
    settings->index = link->index;
    settings->first_position = pool->first_position;
    settings->exit_hook = pool->exit_hook;
    settings->spin_ns = pool->cpus > 1 ? (uint32_t)pool->spin_ns : 0;
    link->area->sleep.key = mproc__family_new_key();
    atomic_store_explicit(&link->area->worker.consumed, pool->first_position, memory_order_relaxed);
    atomic_store_explicit(&link->area->parent.complete_tail, pool->first_position, memory_order_relaxed);
    link->submitted = link->tail = link->complete_position = pool->first_position;
}

int mproc__link_start(struct worker_link *link, platform_process **ret_process)
{
    mproc_pool *pool = link->pool;
    struct child_plan plan = {
        .role = CHILD_WORKER,
        .method = pool->method,
        .executable = pool->executable,
        .name = pool->name,
        .daemon = 1,
        .group = true,
        .function = (any_function *)pool->options.initializer,
        .args = pool->options.initializer_args,
        .role_size = sizeof(struct worker_area),
    };
    int code = require_template(pool);
    if (code == 0)
        code = mproc__child_prepare(&plan, &link->segment);
    if (code < 0)
        return code;
    link->area = (struct worker_area *)((unsigned char *)link->segment.boot + CHILD_ROLE_OFFSET);
    set_up_area(link);
    code = mproc__child_launch(&plan, &link->segment, pool->fork_template, worker_exited, link, ret_process);
    if (code < 0) {
        /* The worker may exist all the same, if the news of it was lost on the way: it is told to exit. */
        mproc__link_send_exit(link);
        mproc__child_release(&link->segment);
        link->area = NULL;
        return code;
    }
    return 0;
}

void mproc__link_started(struct worker_link *link, platform_process *process)
{
    link->pid = platform_process_pid(process);
    link->process = process;
}

/* ---- Tending ---- */

static void kill_link(struct worker_link *link)
{
    link->kill_wanted = false;
    link->deadline = INT64_MAX;
    if (link->process != NULL)
        platform_process_kill_tree(link->process);
}

static void replace(mproc_pool *pool, struct worker_link *link)
{
    platform_process *process;
    link->state = LINK_STARTING;
    platform_mutex_unlock(&pool->lock);
    int code = mproc__link_start(link, &process);
    platform_mutex_lock(&pool->lock);
    if (code == 0) {
        mproc__link_started(link, process);
        link->deadline = mproc__deadline(pool->options.start_timeout_ms);
        pool->stats.restarts++;
        /* It may have died before its process was known here. */
        atomic_store(&pool->news, true);
        return;
    }
    link->state = LINK_NONE;
    link->deadline = platform_now_ns() + RETRY_NS;
    mproc__log(MPROC_LOG_WARNING, "%s: a worker could not be started: %s", pool->name, mproc_last_error());
    mproc__pool_note_death(pool, mproc_last_error());
}

static void tend_late(mproc_pool *pool, struct worker_link *link)
{
    bool starting = link->state == LINK_STARTING;
    kill_link(link);
    if (!starting)
        return;
    mproc__error(MPROC_E_TIMEOUT, "a worker was not ready after %lld ms", (long long)pool->options.start_timeout_ms);
    mproc__pool_break(pool, MPROC_E_TIMEOUT, mproc_last_error());
}

static void tend(mproc_pool *pool, struct worker_link *link)
{
    bool ending = pool->phase == POOL_TERMINATED || pool->phase == POOL_BROKEN;
    /* Also one that is leaving: it may have been sent off while its task, which nobody waits for any more, goes on. */
    if (link->process != NULL && ending && !link->ended) {
        link->ended = true;
        link->expected = true;
        link->kill_wanted = true;
    }
    if (link->kill_wanted)
        kill_link(link);
    if (link->state == LINK_NONE) {
        if (mproc__pool_needs_workers(pool) && link->deadline <= platform_now_ns())
            replace(pool, link);
    } else if (link->deadline != 0 && link->deadline <= platform_now_ns()) {
        tend_late(pool, link);
    }
}

static void tend_all(mproc_pool *pool)
{
    bool any = false;
    for (int i = 0; i < pool->options.workers; i++) {
        tend(pool, &pool->links[i]);
        any |= pool->links[i].state != LINK_NONE;
    }
    if (!any && pool->phase != POOL_OPEN && pool->outstanding == 0 && !pool->done) {
        pool->done = true;
        platform_condition_broadcast(&pool->changed);
    }
}

/* ---- Parking ---- */

struct parking {
    uint64_t attended; /**< pool->attended at the last look */
    int64_t tick_ns;
};

static int64_t next_timer(const mproc_pool *pool)
{
    int64_t next = INT64_MAX;
    for (int i = 0; i < pool->options.workers; i++) {
        const struct worker_link *link = &pool->links[i];
        bool counts = link->state != LINK_NONE || mproc__pool_needs_workers(pool);
        if (counts && link->deadline != 0 && link->deadline < next)
            next = link->deadline;
    }
    return next;
}

/* Whether completions have to wake this thread: callbacks wait for them, the pool is ending, or there is work to hand
 * out and the threads that submitted it do not come by. */
static bool wants_all(const mproc_pool *pool, bool attended)
{
    if (pool->callbacks_outstanding > 0 || pool->phase != POOL_OPEN || pool->options.max_tasks_per_worker > 0)
        return true;
    return !attended && (pool->pending.head != NULL || pool->in_flight > 1);
}

static bool must_look_again(mproc_pool *pool, bool all)
{
    if (atomic_load(&pool->news) || pool->supervisor_stop)
        return true;
    if (all && !pool->leading && mproc__pool_has_news(pool))
        return true;
    for (int i = 0; i < pool->options.workers; i++) {
        const struct worker_link *link = &pool->links[i];
        if (link->kill_wanted || (link->in_flight > 0 && !link->nonsense && mproc__link_needs(link)))
            return true;
        if (link->state == LINK_STARTING && link->process != NULL &&
            atomic_load(&link->segment.boot->state.value) == CHILD_READY)
            return true;
    }
    return false;
}

/* Until when to sleep. Without a limit only after a tick in which nothing happened: whoever submits then has to wake
 * this thread, which costs more than a task. */
static int64_t park_until(mproc_pool *pool, struct parking *parking, bool all, bool attended)
{
    int64_t until = next_timer(pool);
    pool->supervisor_idle = pool->outstanding == 0 && !attended;
    if (pool->supervisor_idle || pool->outstanding == 0) {
        parking->tick_ns = TICK_FIRST_NS;
        if (pool->supervisor_idle || all)
            return until;
    }
    int64_t tick = platform_now_ns() + parking->tick_ns;
    if (parking->tick_ns < TICK_LAST_NS)
        parking->tick_ns *= 2;
    return tick < until ? tick : until;
}

static void park(mproc_pool *pool, struct parking *parking)
{
    platform_word *bell = &pool->shared->supervisor_bell;
    bool attended = pool->attended != parking->attended;
    bool all = wants_all(pool, attended);
    uint32_t state = all ? BELL_ALL : BELL_NEEDS;
    int64_t until = park_until(pool, parking, all, attended);
    parking->attended = pool->attended;
    if (all)
        mproc__pool_set_thresholds(pool);
    /* ARM: pairs with NOTIFY and with mproc__bell_wake_all. */
    atomic_store(&bell->value, state);
    atomic_thread_fence(memory_order_seq_cst);
    if (!must_look_again(pool, all)) {
        platform_mutex_unlock(&pool->lock);
        platform_wait(bell, state, NULL, 0, until);
        platform_mutex_lock(&pool->lock);
    }
    atomic_store(&bell->value, BELL_OFF);
    atomic_thread_fence(memory_order_seq_cst);
    pool->supervisor_idle = false;
}

void mproc__supervisor_main(void *argument)
{
    mproc_pool *pool = argument;
    struct parking parking = { .tick_ns = TICK_FIRST_NS };
    platform_mutex_lock(&pool->lock);
    while (!pool->supervisor_stop) {
        mproc__pool_service(pool);
        tend_all(pool);
        park(pool, &parking);
    }
    platform_mutex_unlock(&pool->lock);
}
