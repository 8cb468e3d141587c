/* Starting workers, and ending them: who is there, who is to go, and what becomes of who is not. */
#include "pool/staff.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "family/family.h"
#include "pool/bell.h"
#include "pool/end.h"
#include "pool/link.h"
#include "pool/pool.h"
#include "pool/state.h"
#include <stdio.h>

/* A process that could not be started is tried again after this, within the restart limit. */
#define RETRY_NS 20000000

static void note_death(mproc_pool *pool, const char *what)
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

/* ---- Starting ---- */

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

static int start_link(struct worker_link *link, platform_process **ret_process)
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

static void link_started(struct worker_link *link, platform_process *process)
{
    link->pid = platform_process_pid(process);
    link->process = process;
}

void mproc__staff_replace(mproc_pool *pool, struct worker_link *link)
{
    platform_process *process;
    link->state = LINK_STARTING;
    platform_mutex_unlock(&pool->lock);
    int code = start_link(link, &process);
    platform_mutex_lock(&pool->lock);
    if (code == 0) {
        link_started(link, process);
        link->deadline = mproc__deadline(pool->options.start_timeout_ms);
        pool->stats.restarts++;
        /* It may have died before its process was known here. */
        atomic_store(&pool->news, true);
        return;
    }
    link->state = LINK_NONE;
    link->deadline = platform_now_ns() + RETRY_NS;
    mproc__log(MPROC_LOG_WARNING, "%s: a worker could not be started: %s", pool->name, mproc_last_error());
    note_death(pool, mproc_last_error());
}

bool mproc__staff_see_ready(mproc_pool *pool)
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

/* Starts all workers, then waits for each: their starts overlap. */
int mproc__staff_start(mproc_pool *pool)
{
    int64_t deadline = mproc__deadline(pool->options.start_timeout_ms);
    for (int i = 0; i < pool->options.workers; i++) {
        pool->links[i].state = LINK_STARTING;
        platform_process *process;
        int code = start_link(&pool->links[i], &process);
        if (code < 0)
            return code;
        link_started(&pool->links[i], process);
    }
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker_link *link = &pool->links[i];
        int code = mproc__child_await(&link->segment, deadline);
        if (code < 0)
            return code;
        link->state = LINK_READY;
        link->deadline = INT64_MAX;
        mproc__child_close_handle(&link->segment);
    }
    return 0;
}

/* ---- Ending ---- */

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
        note_death(pool, text);
}

bool mproc__staff_reap_the_dead(mproc_pool *pool)
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

static void send_off(struct worker_link *link)
{
    link->state = LINK_LEAVING;
    link->expected = true;
    link->deadline = mproc__deadline(link->pool->options.exit_timeout_ms);
    mproc__link_send_exit(link);
    /* It keeps the time limit. */
    mproc__bell_wake(&link->pool->shared->supervisor_bell);
}

/* Tells a worker to exit that has done all its tasks, or for which there are no more. Whoever drains does this: the
 * supervisor sleeps while a user thread leads. */
void mproc__staff_release_if_done(struct worker_link *link)
{
    const mproc_pool *pool = link->pool;
    int64_t most = pool->options.max_tasks_per_worker;
    bool used_up = most > 0 && link->given >= (uint64_t)most;
    if (used_up || !mproc__pool_needs_workers(pool))
        send_off(link);
}

void mproc__staff_kill(struct worker_link *link)
{
    link->kill_wanted = false;
    link->deadline = INT64_MAX;
    if (link->process != NULL)
        platform_process_kill_tree(link->process);
}

static void await_exit(const struct worker_link *link)
{
    unsigned char ready;
    platform_handle sentinel = platform_process_sentinel(link->process);
    platform_wait_handles(&sentinel, 1, platform_now_ns() + STAFF_REAP_NS, &ready);
}

void mproc__staff_end(mproc_pool *pool)
{
    for (int i = 0; i < pool->options.workers && pool->links != NULL; i++)
        if (pool->links[i].process != NULL)
            platform_process_kill_tree(pool->links[i].process);
    for (int i = 0; i < pool->options.workers && pool->links != NULL; i++) {
        if (pool->links[i].process != NULL)
            await_exit(&pool->links[i]);
        mproc__link_reset(&pool->links[i]);
    }
}
