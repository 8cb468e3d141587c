#include "window/pages.h"

#include "window/page_locks.h"
#include "window/page_log.h"
#include "window/page_overview.h"
#include "window/page_tasks.h"
#include "window/page_timeline.h"
#include "window/page_workers.h"

static uint64_t workers_troubles(const struct view *view)
{
    return view->pool->counts.deaths;
}

/* One that is there is one more than none. */
static uint64_t locks_troubles(const struct view *view)
{
    struct deadlock deadlock;
    return objects_deadlocks(&view->model->objects, view->model->now_ns, &deadlock, 1);
}

static uint64_t tasks_troubles(const struct view *view)
{
    return view->pool->counts.failed;
}

/* What was lost is told of there, too, and is no trouble of the pool. */
static uint64_t log_troubles(const struct view *view)
{
    return view->pool->counts.deaths + view->pool->counts.failed;
}

const struct page pages[] = {
    { .name = "overview", .title = "Overview", .create = mon_page_overview_new, .show = mon_page_overview_show },
    { .name = "workers",
      .title = "Workers",
      .create = mon_page_workers_new,
      .show = mon_page_workers_show,
      .troubles = workers_troubles,
      .escape = mon_page_workers_escape,
      .copy = mon_page_workers_copy,
      .remove = mon_page_workers_remove },
    { .name = "tasks",
      .title = "Tasks",
      .create = mon_page_tasks_new,
      .show = mon_page_tasks_show,
      .troubles = tasks_troubles,
      .search = mon_page_tasks_search,
      .escape = mon_page_tasks_escape,
      .renew = mon_page_tasks_renew,
      .copy = mon_page_tasks_copy,
      .remove = mon_page_tasks_remove },
    { .name = "timeline",
      .title = "Timeline",
      .create = mon_page_timeline_new,
      .show = mon_page_timeline_show,
      .escape = mon_page_timeline_escape,
      .copy = mon_page_timeline_copy },
    { .name = "locks",
      .title = "Locks and queues",
      .create = mon_page_locks_new,
      .show = mon_page_locks_show,
      .troubles = locks_troubles,
      .escape = mon_page_locks_escape,
      .copy = mon_page_locks_copy,
      .says_deadlocks = true },
    { .name = "log",
      .title = "Log",
      .create = mon_page_log_new,
      .show = mon_page_log_show,
      .troubles = log_troubles,
      .search = mon_page_log_search,
      .escape = mon_page_log_escape,
      .renew = mon_page_log_renew,
      .copy = mon_page_log_copy },
};
const size_t page_count = G_N_ELEMENTS(pages);
