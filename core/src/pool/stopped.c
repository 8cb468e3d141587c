/* Telling of stopped workers: see stopped.h. */
#include "pool/stopped.h"
#include "base/log.h"
#include "pool/link.h"
#include "pool/pool.h"

#define LOOK_NS 1000000000

static bool is_wanted(const mproc_pool *pool)
{
    return pool->in_flight > 0 && mproc_get_log_level() <= MPROC_LOG_WARNING;
}

/* Only such a worker may be stopped, and to ask the system about all of them would cost. */
static bool made_no_progress(struct worker *worker)
{
    uint64_t done = worker->given - worker->in_flight, before = worker->done_at_look;
    worker->done_at_look = done;
    return worker->in_flight > 0 && done == before;
}

/* Once for each stop. */
static void look_at(struct worker *worker)
{
    bool stopped = made_no_progress(worker) && link_look(worker->link, LINK_STOPPED);
    if (stopped && !worker->told_stopped)
        mproc__log(MPROC_LOG_WARNING,
                   "%s: worker %d (pid %lld) is stopped, and its task with it: by a signal, or for using a terminal",
                   worker->pool->name, worker->index, (long long)worker->pid);
    worker->told_stopped = stopped;
}

void mproc__stopped_look(mproc_pool *pool)
{
    int64_t now = platform_now_ns();
    if (!is_wanted(pool) || now < pool->look_at)
        return;
    for (int i = 0; i < pool->worker_count; i++)
        if (pool_worker(pool, i)->link != NULL)
            look_at(pool_worker(pool, i));
    pool->look_at = now + LOOK_NS;
}

int64_t mproc__stopped_next_look(const mproc_pool *pool)
{
    return is_wanted(pool) ? pool->look_at : INT64_MAX;
}
