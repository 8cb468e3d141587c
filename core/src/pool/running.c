/* The pools of this process, and what is said of those that run when it ends. */
#include "pool/running.h"
#include "base/log.h"
#include "pool/pool.h"
#include <limits.h>
#include <mproc/init.h>

static struct {
    platform_mutex lock;
    mproc_pool *first;
    bool is_told; /* at the end of this process */
} running = { .lock = PLATFORM_MUTEX_INIT };

void mproc__running_adopt(void)
{
    platform_mutex_init(&running.lock);
    running.first = NULL;
    running.is_told = false;
}

static void tell(mproc_pool *pool)
{
    platform_mutex_lock(&pool->lock);
    bool over = mproc__pool_is_over(pool);
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

int mproc__running_add(mproc_pool *pool)
{
    int code = arm();
    if (code < 0)
        return code;
    platform_mutex_lock(&running.lock);
    pool->next_running = running.first;
    running.first = pool;
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
