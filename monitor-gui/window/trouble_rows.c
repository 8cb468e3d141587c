#include "window/trouble_rows.h"

#include "model/text.h"
#include <mproc/stats.h>

/* Of so many tasks, the last ones; deaths and failures of earlier ones are remembered. */
#define LOOKED_AT 10000u
/* One in a hundred is slow: those that are so now, and were, leave room for what failed. */
#define SLOW_NOW_MAX 2u

/* The worst first, of each kind the last first; known: how many tasks there are of each kind. */
struct overs {
    struct trouble_over all[TROUBLES_MAX];
    size_t count;
    uint64_t known[TROUBLE_SLOW + 1];
};

/* The worst first. */
struct slows {
    const struct model_worker *workers[SLOW_NOW_MAX];
    double ratios[SLOW_NOW_MAX];
    size_t count;
};

/* ---- What runs ---- */

static bool is_slow(const struct view *view, const struct model_worker *worker, double *ret_ratio)
{
    return worker != NULL && !model_is_over(view->model, view->pool) &&
           model_worker_is_slow(view->model, view->pool, worker, ret_ratio);
}

static void add_slow(struct slows *slows, const struct model_worker *worker, double ratio)
{
    size_t place = slows->count;
    while (place > 0 && slows->ratios[place - 1] < ratio)
        place--;
    if (place == SLOW_NOW_MAX)
        return;
    slows->count = MIN(slows->count + 1, SLOW_NOW_MAX);
    for (size_t i = slows->count - 1; i > place; i--) {
        slows->workers[i] = slows->workers[i - 1];
        slows->ratios[i] = slows->ratios[i - 1];
    }
    slows->workers[place] = worker;
    slows->ratios[place] = ratio;
}

static void collect_slow(struct slows *slows, const struct view *view)
{
    double ratio;
    for (size_t i = 0; i < view->pool->workers.count; i++)
        if (is_slow(view, pool_worker_at(view->pool, i), &ratio))
            add_slow(slows, pool_worker_at(view->pool, i), ratio);
}

/* ---- What is over ---- */

static bool is_before(const struct trouble_over *one, const struct trouble_over *other)
{
    return one->rank != other->rank ? one->rank < other->rank : one->time_ns > other->time_ns;
}

static void add_over(struct overs *overs, const struct trouble_over *over)
{
    overs->known[over->rank] += trouble_is_task(over);
    if (overs->count == TROUBLES_MAX && !is_before(over, &overs->all[TROUBLES_MAX - 1]))
        return;
    size_t place = overs->count < TROUBLES_MAX ? overs->count++ : TROUBLES_MAX - 1;
    for (; place > 0 && is_before(over, &overs->all[place - 1]); place--)
        overs->all[place] = overs->all[place - 1];
    overs->all[place] = *over;
}

static bool was_slow(const struct view *view, const struct model_task *task, double *ret_ratio)
{
    return task_state(task) == TASK_DONE && task->items <= 1 &&
           function_is_slow(pool_function_at(view->pool, task->function), task->run_ns, ret_ratio);
}

/* When the last attempt ended that another one followed, or is to follow. */
static int64_t retried_ns(const struct model_task *task)
{
    if (task_state(task) != TASK_RETRIED && task->earlier != NULL)
        return task->earlier->ended_ns;
    return task->ended_ns != 0 ? task->ended_ns : task->begun_ns;
}

/* Whether it is one of these, as far as it was told of itself. */
static bool is_trouble(const struct view *view, const struct model_task *task, struct trouble_over *ret_over)
{
    enum task_state state = task_state(task);
    *ret_over = (struct trouble_over){ .time_ns = task->ended_ns, .key = task->key, .task = task };
    if (state == TASK_FAILED || state == TASK_DIED || state == TASK_LIMIT)
        ret_over->rank = TROUBLE_FAILED;
    else if (state == TASK_RETRIED || task->attempt > 1) {
        ret_over->rank = TROUBLE_RETRIED;
        ret_over->time_ns = retried_ns(task);
    } else if (was_slow(view, task, &ret_over->ratio))
        ret_over->rank = TROUBLE_SLOW;
    else
        return false;
    return true;
}

/* Tasks are kept as they were heard of, and that is not as they ended: all are looked at. */
static void collect_tasks(struct overs *overs, const struct view *view)
{
    struct trouble_over over;
    uint32_t count = MIN(tasks_count(&view->model->tasks), LOOKED_AT);
    for (uint32_t i = 0; i < count; i++) {
        const struct model_task *task = tasks_at(&view->model->tasks, i);
        if (task->key.pool == view->pool->number && is_trouble(view, task, &over))
            add_over(overs, &over);
    }
}

static bool is_looked_at(const struct view *view, const struct model_task *task)
{
    return view->model->tasks.total - task->number <= LOOKED_AT;
}

static bool is_of(const struct record_death *death, const struct task_key *key)
{
    return death->pool == key->pool && death->task == key->task && death->item == key->item;
}

/* Whether one of the last deaths, so many, was of this task. */
static bool has_died(const struct view *view, const struct task_key *key, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        if (is_of(&events_death_at(&view->model->events, i)->said, key))
            return true;
    return false;
}

/* What was decided of its task says a death, too, whose task has told nothing of it, or is forgotten. */
static void add_death(struct overs *overs, const struct view *view, const struct record_death *death)
{
    struct task_key key = { death->pool, death->task, death->item };
    bool has_failed = death->task != 0 && death->decision == RECORD_DECISION_FAILED;
    const struct model_task *task = death->task != 0 ? tasks_find(&view->model->tasks, &key) : NULL;
    struct trouble_over over;
    if (task == NULL || !is_trouble(view, task, &over)) {
        over = (struct trouble_over){
            .rank = has_failed ? TROUBLE_FAILED : TROUBLE_RETRIED, .time_ns = death->time_ns, .key = key, .death = death
        };
        add_over(overs, &over);
    } else if (!is_looked_at(view, task))
        add_over(overs, &over);
}

static void collect_deaths(struct overs *overs, const struct view *view)
{
    for (uint64_t i = 0; i < events_death_count(&view->model->events); i++) {
        const struct record_death *death = &events_death_at(&view->model->events, i)->said;
        const struct task_key key = { death->pool, death->task, death->item };
        if (death->pool == view->pool->number && !death->expected && (death->task == 0 || !has_died(view, &key, i)))
            add_death(overs, view, death);
    }
}

/* However many tasks came behind it. */
static void collect_failures(struct overs *overs, const struct view *view)
{
    struct trouble_over over;
    for (uint64_t i = 0; i < events_failure_count(&view->model->events); i++) {
        const struct record_task_ended *ended = &events_failure_at(&view->model->events, i)->said;
        const struct task_key key = { ended->pool, ended->task, ended->item };
        if (ended->pool != view->pool->number)
            continue;
        const struct model_task *task = tasks_find(&view->model->tasks, &key);
        if (task != NULL && !is_looked_at(view, task) && is_trouble(view, task, &over) &&
            !has_died(view, &key, events_death_count(&view->model->events)))
            add_over(overs, &over);
    }
}

static size_t count_of(const struct overs *overs, enum trouble_rank rank)
{
    size_t count = 0;
    for (size_t i = 0; i < overs->count; i++)
        count += overs->all[i].rank == rank;
    return count;
}

/* ---- All of it ---- */

/* One that runs too long in a second attempt stands there as that. */
static bool is_told(const struct troubles *troubles, const struct task_key *key)
{
    for (size_t i = 0; i < troubles->count; i++)
        if (key->task != 0 && troubles->all[i].task.task == key->task && troubles->all[i].task.item == key->item)
            return true;
    return false;
}

static void add_slows(struct troubles *troubles, const struct view *view, const struct slows *slows, size_t room)
{
    for (size_t i = 0; i < MIN(slows->count, room); i++)
        troubles->all[troubles->count++] = trouble_of_worker(view, slows->workers[i], slows->ratios[i]);
}

static void add_overs(struct troubles *troubles, const struct view *view, struct overs *overs)
{
    for (size_t i = 0; i < overs->count && troubles->count < TROUBLES_MAX; i++) {
        overs->known[overs->all[i].rank] -= trouble_is_task(&overs->all[i]);
        if (!is_told(troubles, &overs->all[i].key))
            troubles->all[troubles->count++] = trouble_of_over(view, &overs->all[i]);
    }
}

void troubles_collect(const struct view *view, struct troubles *ret_troubles)
{
    struct overs overs = { .count = 0 };
    struct slows slows = { .count = 0 };
    *ret_troubles = (struct troubles){ .count = 0 };
    collect_slow(&slows, view);
    collect_tasks(&overs, view);
    collect_deaths(&overs, view);
    collect_failures(&overs, view);
    size_t failed = count_of(&overs, TROUBLE_FAILED);
    ret_troubles->failed = MAX(overs.known[TROUBLE_FAILED], view->pool->counts.failed) - failed;
    ret_troubles->has_failed_known = failed > 0;
    add_slows(ret_troubles, view, &slows, TROUBLES_MAX - failed);
    add_overs(ret_troubles, view, &overs);
    ret_troubles->retried = overs.known[TROUBLE_RETRIED];
}

struct words troubles_more(const struct troubles *troubles)
{
    struct number_text failed = text_about((double)troubles->failed), retried = text_about((double)troubles->retried);
    const char *known = troubles->has_failed_known ? "more failed" : "failed, not known which";
    if (troubles->failed == 0)
        return troubles->retried > 0 ? words_format("and %s more retried", retried.text) : (struct words){ "" };
    if (troubles->retried == 0)
        return words_format("and %s %s", failed.text, known);
    return words_format("and %s %s, %s retried", failed.text, known, retried.text);
}

/* Of what failed nothing is there: it was before, or its end was lost, or has made room for others. */
static struct words why_unknown(const struct view *view)
{
    uint64_t lost = events_lost(&view->model->events);
    if (lost > 0)
        return words_format("%s %s lost", words_many(lost, "event").text, lost == 1 ? "was" : "were");
    return words_format("the history does not reach back so far");
}

struct words troubles_none(const struct view *view)
{
    uint64_t failed = view->pool->counts.failed;
    if (failed > 0 && view->watch->replay == NULL)
        return words_format("%s failed. It is not known which: %s.", words_many(failed, "task").text,
                            why_unknown(view).text);
    if (tasks_count(&view->model->tasks) >= LOOKED_AT)
        return words_format("None among the last %s tasks of the program.", text_count(LOOKED_AT).text);
    return words_format("Nothing so far.");
}
