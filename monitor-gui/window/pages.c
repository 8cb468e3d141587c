#include "window/pages.h"

#include "window/page_log.h"
#include "window/page_overview.h"
#include "window/page_tasks.h"
#include "window/page_timeline.h"
#include "window/page_workers.h"

static uint64_t workers_troubles(const struct view *view)
{
    return view->pool->counts.deaths;
}

static uint64_t tasks_troubles(const struct view *view)
{
    return view->pool->counts.failed;
}

static uint64_t log_troubles(const struct view *view)
{
    return view->pool->counts.deaths + view->pool->counts.failed + events_lost(&view->model->events);
}

const struct page pages[] = {
    { "overview", "Overview", mon_page_overview_new, mon_page_overview_show, NULL, NULL, NULL, NULL },
    { "workers", "Workers", mon_page_workers_new, mon_page_workers_show, workers_troubles, NULL,
      mon_page_workers_escape, mon_page_workers_copy },
    { .name = "tasks",
      .title = "Tasks",
      .create = mon_page_tasks_new,
      .show = mon_page_tasks_show,
      .troubles = tasks_troubles,
      .search = mon_page_tasks_search,
      .escape = mon_page_tasks_escape,
      .copy = mon_page_tasks_copy },
    { "timeline", "Timeline", mon_page_timeline_new, mon_page_timeline_show, NULL, NULL, mon_page_timeline_escape,
      mon_page_timeline_copy },
    { "log", "Log", mon_page_log_new, mon_page_log_show, log_troubles, mon_page_log_search, mon_page_log_escape,
      mon_page_log_copy },
};
const size_t page_count = G_N_ELEMENTS(pages);
