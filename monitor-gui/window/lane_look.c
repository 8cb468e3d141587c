#include "window/lane_look.h"

#include "window/shares.h"

/* So much is shown at first: until so many tasks have ended, and then so many of the usual length. */
#define FIRST_NS      (INT64_C(10) * 1000000000)
#define FIRST_LEAST   (INT64_C(2) * 1000000000)
#define FIRST_MOST    (INT64_C(120) * 1000000000)
#define FIRST_TASKS   20
#define FIRST_LENGTHS 40
/* A death that is so close to the middle is the one that is looked at. */
#define MIDDLE 64

void lane_look_begin(struct lane_look *look)
{
    *look = (struct lane_look){ .follows = true, .first_ns = FIRST_NS };
}

static int64_t now_of(const struct view *view)
{
    return CLAMP(view_now_ns(view), 1, LANE_TIME_MAX);
}

/* And before all that is known as much as makes a first look. */
struct lane_span lane_look_bounds(const struct lane_look *look, const struct view *view)
{
    int64_t begun_ns = view->model->bars.begun_ns, now_ns = now_of(view);
    begun_ns = begun_ns > 0 ? MIN(begun_ns, now_ns) : now_ns;
    return (struct lane_span){ MIN(begun_ns, now_ns - look->first_ns), now_ns };
}

/* ---- With the clock ---- */

/* So much that bars can be told apart, once there are some. */
static int64_t first_length(struct lane_look *look, const struct view *view)
{
    struct lane_span last = { now_of(view) - FIRST_MOST, now_of(view) };
    struct shares shares;
    uint64_t tasks = 0;
    int64_t usual_ns = 0;
    shares_count(view, last, &shares);
    for (int i = 0; i < SHARES; i++) {
        tasks += shares.parts[i].tasks;
        usual_ns = MAX(usual_ns, shares.parts[i].p50_ns);
    }
    look->is_settled = tasks >= FIRST_TASKS;
    return look->is_settled ? CLAMP(MIN(usual_ns, FIRST_MOST) * FIRST_LENGTHS, FIRST_LEAST, FIRST_MOST) : FIRST_NS;
}

static void follow(struct lane_look *look, const struct view *view)
{
    int64_t length_ns = lane_span_length(look->span);
    if (!look->is_settled)
        length_ns = look->first_ns = first_length(look, view);
    look->span = lane_span_within(lane_look_bounds(look, view), now_of(view) - length_ns, length_ns);
}

static void renew_chosen(struct lane_look *look, const struct view *view)
{
    struct bars_walk walk = { look->bar.begin_ns - 1, INT64_MAX, view->number, look->worker, 0, 0 };
    const struct bar *bar;
    struct bar running, room;
    while ((bar = lane_next_bar(view, &walk, &room, NULL)) != NULL)
        if (bar->task == look->bar.task && bar->item == look->bar.item) {
            look->bar = *bar;
            return;
        }
    if (lane_running_bar(view, look->worker, &running) && running.task == look->bar.task)
        look->bar = running;
}

void lane_look_renew(struct lane_look *look, const struct view *view)
{
    if (look->follows)
        follow(look, view);
    if (look->is_chosen && look->bar.end == 0)
        renew_chosen(look, view);
}

/* ---- Which time ---- */

static void look_at(struct lane_look *look, const struct view *view, struct lane_span span)
{
    look->span = span;
    look->is_settled = true;
    look->follows = look->follows && span.to_ns >= now_of(view);
}

void lane_look_follow(struct lane_look *look, const struct view *view, bool follows)
{
    look->follows = follows;
    look->is_settled = true;
    if (follows)
        follow(look, view);
}

void lane_look_zoom(struct lane_look *look, const struct view *view, double factor, int64_t at_ns)
{
    look_at(look, view, lane_span_zoom(look->span, lane_look_bounds(look, view), factor, at_ns));
}

void lane_look_zoom_by(struct lane_look *look, const struct view *view, double factor)
{
    int64_t middle_ns = look->span.from_ns + lane_span_length(look->span) / 2;
    lane_look_zoom(look, view, factor, look->follows ? look->span.to_ns : middle_ns);
}

void lane_look_zoom_to(struct lane_look *look, const struct view *view, double zoom)
{
    double length = (double)lane_span_length_at(lane_look_bounds(look, view), zoom);
    lane_look_zoom_by(look, view, length / (double)lane_span_length(look->span));
}

static struct lane_span all_that_is_known(const struct lane_look *look, const struct view *view)
{
    struct lane_span bounds = lane_look_bounds(look, view);
    int64_t since_ns = CLAMP(bars_since_ns(&view->model->bars), bounds.from_ns, bounds.to_ns);
    return lane_span_within(bounds, since_ns, bounds.to_ns - since_ns);
}

void lane_look_fit(struct lane_look *look, const struct view *view)
{
    look_at(look, view, all_that_is_known(look, view));
}

void lane_look_move(struct lane_look *look, const struct view *view, int64_t from_ns)
{
    look->follows = false;
    look_at(look, view, lane_span_within(lane_look_bounds(look, view), from_ns, lane_span_length(look->span)));
}

void lane_look_around(struct lane_look *look, const struct view *view, int64_t time_ns)
{
    lane_look_move(look, view, time_ns - lane_span_length(look->span) / 2);
}

void lane_look_pan(struct lane_look *look, const struct view *view, double part)
{
    lane_look_move(look, view, lane_span_pan(look->span, lane_look_bounds(look, view), part).from_ns);
}

void lane_look_begin_of_all(struct lane_look *look, const struct view *view)
{
    lane_look_move(look, view, all_that_is_known(look, view).from_ns);
}

/* ---- Which task ---- */

void lane_look_choose(struct lane_look *look, uint32_t worker, const struct bar *bar)
{
    look->is_chosen = bar != NULL;
    look->worker = worker;
    if (bar != NULL)
        look->bar = *bar;
}

static void choose_and_show(struct lane_look *look, const struct view *view, uint32_t worker, const struct bar *bar)
{
    lane_look_choose(look, worker, bar);
    if (bar->begin_ns >= look->span.to_ns || bar->end_ns < look->span.from_ns)
        lane_look_around(look, view, bar->begin_ns);
}

bool lane_look_choose_beside(struct lane_look *look, const struct view *view, int direction)
{
    struct bar bar;
    uint32_t worker = look->is_chosen ? look->worker : 0;
    int64_t from_ns = look->is_chosen ? look->bar.begin_ns : look->span.to_ns;
    if (!lane_bar_beside(view, worker, from_ns, look->is_chosen ? direction : -1, &bar))
        return false;
    choose_and_show(look, view, worker, &bar);
    return true;
}

/* Of a worker that did nothing then, what it did before. */
bool lane_look_choose_lane(struct lane_look *look, const struct view *view, int direction)
{
    struct bar bar;
    struct lane_span span = { look->bar.begin_ns, look->bar.end_ns + 1 };
    if (!look->is_chosen)
        return lane_look_choose_beside(look, view, -1);
    for (int64_t worker = (int64_t)look->worker + direction; worker >= 0 && worker < (int64_t)view->pool->workers.count;
         worker += direction) {
        if (!lane_bar_at(view, (uint32_t)worker, span, &bar) &&
            !lane_bar_beside(view, (uint32_t)worker, span.from_ns, -1, &bar))
            continue;
        choose_and_show(look, view, (uint32_t)worker, &bar);
        return true;
    }
    return false;
}

bool lane_look_death(struct lane_look *look, const struct view *view, int direction)
{
    int64_t length_ns = lane_span_length(look->span), time_ns;
    int64_t from_ns = look->span.from_ns + length_ns / 2 + direction * (length_ns / MIDDLE);
    if (!lane_death_beside(view, from_ns, direction, &time_ns))
        return false;
    lane_look_around(look, view, time_ns);
    return true;
}
