#include "window/grants.h"

#include <mproc/pool.h>

const char *grants_why_not(const struct view *view, unsigned verb)
{
    if (view->watch == NULL || view->pool == NULL)
        return "There is no pool.";
    if (view->watch->path != NULL)
        return "A recording cannot be controlled.";
    if (view->watch->state == WATCH_ENDED)
        return "The program has ended.";
    if (view->watch->state != WATCH_LIVE)
        return "The program is not connected.";
    if (watch_is_behind(view->watch))
        return "The display is frozen: what is there now may be another one.";
    if (!view->pool->said.control)
        return "The program did not allow control (monitor_control).";
    if (view->pool->said.phase >= RECORD_PHASE_TERMINATED)
        return "The pool has ended.";
    if (verb == RECORD_VERB_KILL_WORKER && view->pool->said.kind == MPROC_POOL_THREADS)
        return "Threads cannot be killed.";
    return NULL;
}

bool grants_can_be(const struct view *view)
{
    return view->watch != NULL && view->watch->path == NULL && view->watch->state != WATCH_ENDED;
}
