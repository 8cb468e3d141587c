#include "pool/inquest.h"
#include "pool/link.h"
#include "pool/pool.h"
#include "pool/state.h"
#include "process/crash_report.h"
#include <string.h>

/* Nobody asks a pool that is over why. */
bool mproc__inquest_is_due(const struct worker *worker)
{
    const mproc_pool *pool = worker->pool;
    return worker->state == WORKER_STARTING && !worker->is_examined && pool->options.crash_reports != 0 &&
           !mproc__pool_is_cut_short(pool);
}

static struct worker *next_due(const mproc_pool *pool, int from)
{
    struct worker *worker = pool_next(pool, &pool->starting, from);
    while (worker != NULL &&
           !(worker->link != NULL && mproc__inquest_is_due(worker) && link_look(worker->link, LINK_ENDED)))
        worker = pool_next(pool, &pool->starting, worker->index + 1);
    return worker;
}

bool mproc__inquest_is_wanted(const mproc_pool *pool)
{
    return next_due(pool, 0) != NULL;
}

/* While the lock is open another thread may reap it after all, since the pool is over; then the place is empty, and
 * stays so until this thread, the supervisor, fills it. */
static void examine(struct worker *worker)
{
    mproc_pool *pool = worker->pool;
    const struct link *link = worker->link;
    struct link_end end = { .crash = NULL };
    char fault[sizeof worker->fault] = "";
    link_why(link, true, &end);
    platform_mutex_unlock(&pool->lock);
    if (end.crash != NULL)
        mproc__crash_report_brief(end.crash, fault, sizeof fault);
    mproc__crash_report_free(end.crash);
    platform_mutex_lock(&pool->lock);
    if (worker->link != link)
        return;
    memcpy(worker->fault, fault, sizeof fault);
    worker->is_examined = true;
    atomic_store(&pool->news, true);
}

void mproc__inquest_hold(mproc_pool *pool)
{
    for (struct worker *worker = next_due(pool, 0); worker != NULL; worker = next_due(pool, worker->index + 1))
        examine(worker);
}
