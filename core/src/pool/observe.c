#include "pool/observe.h"
#include "base/error.h"
#include "pool/control.h"
#include "pool/look.h"
#include "pool/look_left.h"
#include "pool/look_tell.h"
#include "pool/notes.h"
#include "pool/outputs.h"
#include "pool/running.h"
#include "pool/state.h"
#include <stdlib.h>

/* A search among many jobs: so many parts of it at a time, and between two of them about as long as one takes. */
#define SEARCH_PARTS    4
#define SEARCH_PAUSE_NS 200000

observe_hook *mproc__observe_pool_hook;

/* Of whoever looks; and the room for a look, kept from one to the next. */
static struct {
    platform_mutex lock;
    uint32_t wants;
    bool has_looked;
} observer = { .lock = PLATFORM_MUTEX_INIT };

static PLATFORM_APART struct look observed;

void mproc__observe_adopt(void)
{
    platform_mutex_init(&observer.lock);
    observer.wants = 0;
    /* Where nobody has looked there is nothing to forget, and pages to save. */
    if (observer.has_looked)
        observed = (struct look){ .state = NULL };
    observer.has_looked = false;
    mproc__look_adopt();
}

void mproc__observe_want(uint32_t wants)
{
    wants &= RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL;
    mproc__look_want_last(wants != 0);
    mproc__running_want(wants);
    platform_mutex_lock(&observer.lock);
    observer.wants = wants;
    if (wants == 0)
        mproc__look_end(&observed);
    platform_mutex_unlock(&observer.lock);
}

int mproc__observe_check(const mproc_pool_options *options)
{
    if (options->monitor < -1 || options->monitor > 1)
        return mproc__error(MPROC_E_INVALID, "monitor = %lld, which is -1, 0 or 1", (long long)options->monitor);
    /* Pools of threads can be made without it, and nobody would be there to show them. */
    if (options->monitor > 0 && mproc__observe_pool_hook == NULL)
        return mproc__error(MPROC_E_NOT_INITIALIZED,
                            "monitor = 1, and neither mproc_init nor mproc_monitor_start was called before");
    if (options->monitor_output < 0 || options->monitor_output > 1)
        return mproc__error(MPROC_E_INVALID, "monitor_output = %lld, which is 0 or 1",
                            (long long)options->monitor_output);
    if (options->monitor_output != 0 && options->stderr_path != NULL)
        return mproc__error(MPROC_E_INVALID, "monitor_output, and stderr_path = \"%s\": one of them takes it all",
                            options->stderr_path);
    return 0;
}

/* One for which there was no memory when it was to note things may have some now. */
static void take(mproc_pool *pool, unsigned what, observe_sink *sink, void *user)
{
    mproc__notes_want(pool, observer.wants);
    mproc__look_take(&observed, pool, what);
    mproc__outputs_observe(pool->outputs, pool->number, sink, user);
}

static void observe_running(unsigned what, observe_sink *sink, void *user)
{
    mproc_pool *pool;
    uint32_t last = 0;
    while ((pool = mproc__running_lock_next(last)) != NULL) {
        last = pool->number;
        if (pool->options.monitor >= 0)
            take(pool, what, sink, user);
        mproc__pool_unlock(pool);
        mproc__look_tell(&observed, sink, user);
    }
}

static void tell_last_word(const struct last_word *word, observe_sink *sink, void *user)
{
    for (int class = 0; class < TRACE_CLASSES; class ++) {
        const struct record_lost lost = { .kind = (uint8_t) class,
                                          .count = word->lost[class],
                                          .to_ns = word->at_ns,
                                          .pool = word->pool.pool,
                                          .worker = -1 };
        if (lost.count > 0)
            sink(user, RECORD_LOST, &lost);
    }
    sink(user, RECORD_POOL, &word->pool);
}

static void observe_the_freed(observe_sink *sink, void *user)
{
    struct look *look;
    while ((look = mproc__look_last()) != NULL) {
        mproc__look_tell(look, sink, user);
        mproc__look_end(look);
        free(look);
    }
    struct last_word word;
    while (mproc__look_last_word(&word))
        tell_last_word(&word, sink, user);
}

void mproc__observe(unsigned what, observe_sink *sink, void *user)
{
    platform_mutex_lock(&observer.lock);
    observer.has_looked = true;
    observe_running(what, sink, user);
    observe_the_freed(sink, user);
    platform_mutex_unlock(&observer.lock);
}

static int control_now(const struct record_control *control, struct job_search *search, uint64_t *ret_task)
{
    mproc_pool *pool = control->pool > 0 ? mproc__running_lock_next(control->pool - 1) : NULL;
    int code;
    if (pool == NULL || pool->number != control->pool || pool->options.monitor < 0)
        code = mproc__error(MPROC_E_NOT_FOUND, "pool %u", control->pool);
    else
        code = mproc__pool_control(pool, control, search, ret_task);
    if (pool != NULL)
        mproc__pool_unlock(pool);
    return code;
}

/* To give the lock back alone would not do: whoever waits for it has to wake up first. */
int mproc__observe_control(const struct record_control *control, struct job_search *search, uint64_t *ret_task)
{
    *ret_task = 0;
    int code = control_now(control, search, ret_task);
    for (int i = 1; i < SEARCH_PARTS && code == JOB_SEARCHES; i++) {
        platform_wait_handles(NULL, 0, platform_now_ns() + SEARCH_PAUSE_NS, NULL);
        code = control_now(control, search, ret_task);
    }
    return code;
}
