/* The pools of this process, and what is said of those that run when it ends. */
#include "pool/running.h"
#include "base/log.h"
#include "pool/notes.h"
#include "pool/pool.h"
#include <limits.h>
#include <mproc/init.h>

static struct {
    platform_mutex lock;
    mproc_pool *first;
    uint32_t wants;
    bool is_told; /* at the end of this process */
} running = { .lock = PLATFORM_MUTEX_INIT };

void mproc__running_adopt(void)
{
    platform_mutex_init(&running.lock);
    running.first = NULL;
    running.wants = 0;
    running.is_told = false;
}

static void tell(mproc_pool *pool)
{
    platform_mutex_lock(&pool->lock);
    bool over = pool->done;
    unsigned long long left = pool->outstanding;
    platform_mutex_unlock(&pool->lock);
    if (!over)
        mproc__log(MPROC_LOG_WARNING, "%s is still running at the program's end, with %llu tasks that have not ended",
                   pool->name, left);
}

/* The last of the exit handlers: others may end pools. */
static void tell_all(void *unused)
{
    (void)unused;
    platform_mutex_lock(&running.lock);
    for (mproc_pool *pool = running.first; pool != NULL; pool = pool->next_running)
        tell(pool);
    platform_mutex_unlock(&running.lock);
}

static int arm(void)
{
    platform_mutex_lock(&running.lock);
    bool first = !running.is_told;
    running.is_told = true;
    platform_mutex_unlock(&running.lock);
    return first ? mproc_at_exit(tell_all, NULL, INT_MIN) : 0;
}

static void want(mproc_pool *pool, uint32_t wants)
{
    if (pool->options.monitor < 0)
        return;
    platform_mutex_lock(&pool->lock);
    mproc__notes_want(pool, wants);
    platform_mutex_unlock(&pool->lock);
}

void mproc__running_want(uint32_t wants)
{
    platform_mutex_lock(&running.lock);
    running.wants = wants;
    for (mproc_pool *pool = running.first; pool != NULL; pool = pool->next_running)
        want(pool, wants);
    platform_mutex_unlock(&running.lock);
}

/* While its lock is held a pool is not freed, though it may be on its way to that. */
mproc_pool *mproc__running_lock_next(uint32_t after)
{
    mproc_pool *next = NULL;
    platform_mutex_lock(&running.lock);
    for (mproc_pool *pool = running.first; pool != NULL; pool = pool->next_running)
        if (pool->number > after && (next == NULL || pool->number < next->number))
            next = pool;
    if (next != NULL)
        platform_mutex_lock(&next->lock);
    platform_mutex_unlock(&running.lock);
    return next;
}

int mproc__running_add(mproc_pool *pool)
{
    int code = arm();
    if (code < 0)
        return code;
    platform_mutex_lock(&running.lock);
    pool->next_running = running.first;
    running.first = pool;
    want(pool, running.wants);
    platform_mutex_unlock(&running.lock);
    return 0;
}

void mproc__running_remove(mproc_pool *pool)
{
    platform_mutex_lock(&running.lock);
    mproc_pool **place = &running.first;
    while (*place != NULL && *place != pool)
        place = &(*place)->next_running;
    if (*place == pool)
        *place = pool->next_running;
    platform_mutex_unlock(&running.lock);
}
