#include "pool/look_left.h"
#include "pool/look.h"
#include "pool/look_pool.h"
#include "trace/wire.h"
#include <stdlib.h>

/* Left by freed pools, and not fetched: the events of more are dropped. */
#define LEFT_MAX 64u

static struct {
    platform_mutex lock;
    struct look *first, *last;
    unsigned count;
} left = { .lock = PLATFORM_MUTEX_INIT };

void mproc__look_adopt(void)
{
    platform_mutex_init(&left.lock);
    left.first = left.last = NULL;
    left.count = 0;
}

/* A map's end is missed like what it lived through. */
static enum record_class lost_class(enum record_type type)
{
    unsigned class = mproc__wire_type(type)->class;
    return class != RECORD_CLASS_STATE ? (enum record_class) class : RECORD_CLASS_LIFE;
}

static void drop_events(struct look *look, const mproc_pool *pool)
{
    uint64_t count[TRACE_CLASSES] = { 0 };
    enum record_type type;
    void *record = NULL;
    while (look->events != NULL && (record = mproc__journal_next(look->events, record, &type)) != NULL)
        count[lost_class(type)]++;
    for (int class = 0; class < TRACE_CLASSES; class ++)
        if (count[class] > 0)
            mproc__look_at_loss(look, pool, (enum record_class) class, count[class], 0, platform_now_ns());
    mproc__journal_free(look->events);
    look->events = NULL;
}

static void leave(struct look *look, const mproc_pool *pool)
{
    platform_mutex_lock(&left.lock);
    if (left.last != NULL)
        left.last->next = look;
    else
        left.first = look;
    left.last = look;
    if (++left.count > LEFT_MAX)
        drop_events(look, pool);
    platform_mutex_unlock(&left.lock);
}

void mproc__look_leave(mproc_pool *pool)
{
    struct look *look = pool->trace != NULL ? calloc(1, sizeof *look) : NULL;
    if (look == NULL)
        return;
    if (mproc__look_take_last(look, pool))
        leave(look, pool);
    else
        free(look);
}

struct look *mproc__look_last(void)
{
    platform_mutex_lock(&left.lock);
    struct look *look = left.first;
    if (look != NULL) {
        left.first = look->next;
        left.last = left.first != NULL ? left.last : NULL;
        left.count--;
    }
    platform_mutex_unlock(&left.lock);
    return look;
}

void mproc__look_drop_all(void)
{
    struct look *look;
    while ((look = mproc__look_last()) != NULL) {
        mproc__look_end(look);
        free(look);
    }
}
