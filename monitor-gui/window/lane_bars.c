#include "window/lane_bars.h"

#include <mproc/stats.h>

int64_t lane_wall_ns(const struct view *view)
{
    const struct record_greeting *greeting = &view->model->greeting;
    bool makes_sense = greeting->wall_ns > 0 && greeting->wall_ns < LANE_TIME_MAX && greeting->now_ns > 0 &&
                       greeting->now_ns < LANE_TIME_MAX;
    return makes_sense ? greeting->wall_ns - greeting->now_ns : 0;
}

/* The clock goes on for a while before it is clear that nothing comes any more. */
bool lane_is_silent(const struct view *view)
{
    return view->watch != NULL && view->watch->state == WATCH_LOST && view->model->heard_ns < view->model->now_ns;
}

int64_t lane_known_ns(const struct view *view, struct lane_span span)
{
    const struct bars *bars = &view->model->bars;
    int64_t now_ns = lane_is_silent(view) ? MIN(view->model->heard_ns, view_now_ns(view)) : view_now_ns(view);
    struct lane_span known = { MAX(span.from_ns, bars_since_ns(bars)), MIN(span.to_ns, now_ns) };
    int64_t length_ns = MAX(lane_span_length(known), 0);
    for (uint64_t i = 0; i < bars_gap_count(bars); i++) {
        struct bars_gap gap = bars_gap_at(bars, i);
        length_ns -= lane_bar_within(&(struct bar){ .begin_ns = gap.from_ns, .end_ns = gap.to_ns }, known);
    }
    return MAX(length_ns, 0);
}

guint lane_worker_count(const struct view *view)
{
    guint count = 0;
    for (size_t i = 0; i < view->pool->workers.count; i++)
        count += pool_lane_at(view->pool, i) != NULL;
    return count;
}

/* ---- Bars ---- */

const struct bar *lane_next_bar(const struct view *view, struct bars_walk *walk, struct bar *room, uint32_t *ret_worker)
{
    int64_t now_ns = view_now_ns(view);
    const struct bar *bar;
    while ((bar = bars_next(&view->model->bars, walk, ret_worker)) != NULL)
        if (bar->begin_ns < now_ns || bar->end_ns <= now_ns)
            break;
    if (bar == NULL || bar->end_ns <= now_ns)
        return bar;
    *room = *bar;
    room->end_ns = now_ns;
    room->run_ns = 0;
    room->end = 0;
    return room;
}

/* What it was told to run may have ended since: then its bar is there. */
static bool is_over(const struct view *view, const struct record_worker *said)
{
    struct bars_walk walk = { said->since_ns, INT64_MAX, view->number, said->worker, 0, 0 };
    struct bar room;
    const struct bar *bar;
    while ((bar = lane_next_bar(view, &walk, &room, NULL)) != NULL)
        if (bar->begin_ns > said->since_ns || (bar->task == said->task && bar->item == said->item))
            return true;
    return false;
}

bool lane_running_bar(const struct view *view, uint32_t worker, struct bar *ret_bar)
{
    const struct model_worker *known = pool_worker_at(view->pool, worker);
    if (known == NULL || known->said.state != MPROC_WORKER_BUSY || known->said.task == 0 || known->said.since_ns <= 0 ||
        known->said.since_ns > view_now_ns(view) || is_over(view, &known->said))
        return false;
    *ret_bar = (struct bar){ .begin_ns = known->said.since_ns,
                             .end_ns = view_now_ns(view),
                             .task = known->said.task,
                             .item = known->said.item,
                             .pid = (uint32_t)known->said.pid,
                             .function = (uint16_t)MIN(known->said.function, UINT16_MAX),
                             .attempt = (uint8_t)MIN(known->said.attempt, UINT8_MAX),
                             .end = model_is_over(view->model, view->pool) ? LANE_END_UNTOLD : 0 };
    return true;
}

bool lane_bar_at(const struct view *view, uint32_t worker, struct lane_span span, struct bar *ret_bar)
{
    struct bars_walk walk = { span.from_ns, span.to_ns, view->number, worker, 0, 0 };
    struct bar room;
    const struct bar *bar;
    int64_t most_ns = -1;
    if (lane_running_bar(view, worker, ret_bar) && ret_bar->begin_ns < span.to_ns && ret_bar->end_ns >= span.from_ns)
        most_ns = lane_bar_within(ret_bar, span);
    while ((bar = lane_next_bar(view, &walk, &room, NULL)) != NULL)
        if (lane_bar_within(bar, span) > most_ns) {
            most_ns = lane_bar_within(bar, span);
            *ret_bar = *bar;
        }
    return most_ns >= 0;
}

static bool is_closer(const struct bar *bar, int64_t begin_ns, int direction, const struct bar *best, bool has_best)
{
    if (direction > 0)
        return bar->begin_ns > begin_ns && (!has_best || bar->begin_ns < best->begin_ns);
    return bar->begin_ns < begin_ns && (!has_best || bar->begin_ns > best->begin_ns);
}

bool lane_bar_beside(const struct view *view, uint32_t worker, int64_t begin_ns, int direction, struct bar *ret_bar)
{
    struct bars_walk walk = {
        direction > 0 ? begin_ns : INT64_MIN, direction > 0 ? INT64_MAX : begin_ns, view->number, worker, 0, 0
    };
    const struct bar *bar;
    struct bar running, room;
    bool found = false;
    while ((bar = lane_next_bar(view, &walk, &room, NULL)) != NULL)
        if (is_closer(bar, begin_ns, direction, ret_bar, found)) {
            *ret_bar = *bar;
            found = true;
        }
    if (!found && lane_running_bar(view, worker, &running) && is_closer(&running, begin_ns, direction, NULL, false)) {
        *ret_bar = running;
        found = true;
    }
    return found;
}
