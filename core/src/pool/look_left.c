#include "pool/look_left.h"
#include "pool/look.h"
#include "pool/look_pool.h"
#include "pool/trace_hear.h"
#include "trace/wire.h"
#include <stdio.h>
#include <stdlib.h>

/* Left by freed pools, and not fetched: the events of more are dropped. */
#define LEFT_MAX 64u
/* Who frees more of them between two looks, and has no memory, is the loser. */
#define WORDS_MAX 64u

static struct {
    platform_mutex lock;
    bool is_wanted;
    struct look *first, *last;
    unsigned count, word_count;
} left = { .lock = PLATFORM_MUTEX_INIT };

static PLATFORM_APART struct last_word words[WORDS_MAX];

void mproc__look_adopt(void)
{
    platform_mutex_init(&left.lock);
    left.is_wanted = false;
    left.first = left.last = NULL;
    left.count = left.word_count = 0;
}

/* A map's end is missed like what it lived through. */
static enum record_class lost_class(enum record_type type)
{
    unsigned class = mproc__wire_type(type)->class;
    return class != RECORD_CLASS_STATE ? (enum record_class) class : RECORD_CLASS_LIFE;
}

static void count_events(struct journal *events, uint64_t count[TRACE_CLASSES])
{
    enum record_type type;
    void *record = NULL;
    while (events != NULL && (record = mproc__journal_next(events, record, &type)) != NULL)
        count[lost_class(type)]++;
}

static void drop_events(struct look *look, const mproc_pool *pool)
{
    uint64_t count[TRACE_CLASSES] = { 0 };
    count_events(look->events, count);
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

/* What nobody was told of it, and will not be: with what was lost before. */
static void count_untold(mproc_pool *pool, uint64_t count[TRACE_CLASSES])
{
    const struct obituaries *obituaries = pool->obituaries;
    for (unsigned i = 0; obituaries != NULL && i < OBITUARIES_KEPT; i++)
        count[RECORD_CLASS_LIFE] += obituaries->kept[i] != NULL && !obituaries->kept[i]->is_told;
    count[RECORD_CLASS_LIFE] += obituaries != NULL ? obituaries->untold : 0;
    if (pool->trace == NULL)
        return;
    mproc__trace_gather(pool);
    count_events(pool->trace->journal, count);
    for (int class = 0; class < TRACE_CLASSES; class ++)
        count[class] += pool->trace->lost[class].count;
}

static void leave_word(mproc_pool *pool)
{
    const struct trace_clock clock = trace_clock_now();
    platform_mutex_lock(&left.lock);
    if (left.word_count < WORDS_MAX) {
        struct last_word *word = &words[left.word_count++];
        *word = (struct last_word){ .pool = mproc__look_describe(pool, &clock, RECORD_PHASE_GONE), .at_ns = clock.ns };
        snprintf(word->name, sizeof word->name, "%s", pool->name);
        count_untold(pool, word->lost);
    }
    platform_mutex_unlock(&left.lock);
}

static bool is_wanted(const mproc_pool *pool)
{
    platform_mutex_lock(&left.lock);
    bool wanted = left.is_wanted && pool->options.monitor >= 0;
    platform_mutex_unlock(&left.lock);
    return wanted;
}

void mproc__look_leave(mproc_pool *pool)
{
    if (!is_wanted(pool))
        return;
    struct look *look = calloc(1, sizeof *look);
    if (look != NULL && mproc__look_take_last(look, pool)) {
        leave(look, pool);
    } else {
        free(look);
        leave_word(pool);
    }
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

bool mproc__look_last_word(struct last_word *ret_word)
{
    platform_mutex_lock(&left.lock);
    bool found = left.word_count > 0;
    if (found) {
        *ret_word = words[--left.word_count];
        ret_word->pool.name = record_text_of(ret_word->name);
    }
    platform_mutex_unlock(&left.lock);
    return found;
}

static void drop_all(void)
{
    struct last_word word;
    struct look *look;
    while ((look = mproc__look_last()) != NULL) {
        mproc__look_end(look);
        free(look);
    }
    while (mproc__look_last_word(&word))
        continue;
}

void mproc__look_want_last(bool wants)
{
    platform_mutex_lock(&left.lock);
    left.is_wanted = wants;
    platform_mutex_unlock(&left.lock);
    if (!wants)
        drop_all();
}
