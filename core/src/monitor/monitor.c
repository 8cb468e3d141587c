/* When this process can be watched: the environment, the program or a pool asks for it. */
#include "monitor/monitor.h"
#include "base/error.h"
#include "base/log.h"
#include "base/options.h"
#include "family/view.h"
#include "monitor/publisher.h"
#include "pool/observe.h"
#include <limits.h>
#include <mproc/init.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLE "MPROC_MONITOR"

static struct {
    platform_mutex lock; /* also while it starts or stops */
    bool is_asked;       /* by the program */
    bool is_armed;       /* for the end of this process */
} monitor = { .lock = PLATFORM_MUTEX_INIT };

/* ---- Starting and stopping, with the lock ---- */

static void end_at_exit(void *unused)
{
    (void)unused;
    mproc_monitor_stop();
}

/* The last of the exit handlers: what the others do is still to be seen. */
static int start_locked(const char *name)
{
    int code = monitor.is_armed ? 0 : mproc_at_exit(end_at_exit, NULL, INT_MIN);
    if (code < 0)
        return code;
    monitor.is_armed = true;
    return mproc__publisher_start(name);
}

static int start_asked_locked(const char *name)
{
    if (monitor.is_asked && mproc__publisher_runs())
        return mproc__error(MPROC_E_STATE, "mproc_monitor_start was called before");
    /* For the environment or a pool it may have begun under another name; or it is one that the program has made an end
     * of, without meaning to. */
    mproc__publisher_stop();
    int code = start_locked(name);
    monitor.is_asked = code == 0;
    return code;
}

/* One that was asked for and is of no use any more may be asked for again. */
static int start_unasked_locked(void)
{
    mproc__publisher_stop();
    monitor.is_asked = false;
    return start_locked(NULL);
}

static int start_unasked(void)
{
    platform_mutex_lock(&monitor.lock);
    int code = mproc__publisher_runs() ? 0 : start_unasked_locked();
    platform_mutex_unlock(&monitor.lock);
    return code;
}

/* ---- For the program ---- */

int mproc_monitor_start_(const mproc_monitor_options *given, size_t given_size)
{
    mproc_monitor_options options;
    _Static_assert(STRUCT_ENDS_WITH(mproc_monitor_options, name), "padding at the end");
    platform_setup();
    int code = mproc__options_take(&options, sizeof options, given, given_size);
    if (code == 0)
        code = mproc__family_no_copy();
    if (code < 0)
        return code;
    mproc__observe_pool_hook = mproc__monitor_pool_made;
    platform_mutex_lock(&monitor.lock);
    code = start_asked_locked(options.name);
    platform_mutex_unlock(&monitor.lock);
    return code;
}

int mproc_monitor_stop(void)
{
    int code = mproc__family_no_copy();
    if (code < 0)
        return code;
    platform_mutex_lock(&monitor.lock);
    mproc__publisher_stop();
    monitor.is_asked = false;
    platform_mutex_unlock(&monitor.lock);
    return 0;
}

bool mproc_monitor_is_watched(void)
{
    return mproc__answer(!platform_is_copy() && mproc__publisher_watchers() > 0);
}

/* ---- For the entry ---- */

void mproc__monitor_pool_made(void)
{
    if (start_unasked() < 0)
        mproc__log(MPROC_LOG_WARNING, "a pool was to be watched: %s", mproc_last_error());
}

/* Who sets the variable looks at the terminal, and not at a log that is off. */
void mproc__monitor_enter(void)
{
    const char *value = getenv(VARIABLE);
    if (value == NULL || value[0] == '\0' || strcmp(value, "0") == 0)
        return;
    if (strcmp(value, "1") != 0)
        mproc__log_always(MPROC_LOG_WARNING, VARIABLE "=%.40s is neither 0 nor 1: this process cannot be watched",
                          value);
    else if (start_unasked() < 0)
        mproc__log_always(MPROC_LOG_WARNING, VARIABLE "=1: %s", mproc_last_error());
}

void mproc__monitor_adopt(void)
{
    platform_mutex_init(&monitor.lock);
    monitor.is_asked = monitor.is_armed = false;
    mproc__publisher_adopt();
}
