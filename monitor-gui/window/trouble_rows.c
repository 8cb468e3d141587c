#include "window/trouble_rows.h"

#include "model/text.h"
#include "window/attempt_words.h"
#include "window/says.h"
#include "window/task_report.h"
#include <inttypes.h>
#include <mproc/stats.h>

/* Of so many tasks, the last ones. */
#define LOOKED_AT 10000u
#define NS_PER_S  INT64_C(1000000000)
/* One in a hundred is slow: those that are so now, and were, leave room for what failed. */
#define SLOW_NOW_MAX 2u

/* Something that is over: a task, or a death. */
struct over {
    int64_t time_ns;
    const struct model_task *task;
    const struct record_death *death;
    double ratio; /* of a task that was slow */
};

/* The last first. */
struct overs {
    struct over all[TROUBLES_MAX];
    size_t count;
};

/* The worst first. */
struct slows {
    const struct model_worker *workers[SLOW_NOW_MAX];
    double ratios[SLOW_NOW_MAX];
    size_t count;
};

/* ---- What runs ---- */

/* How long ago, now being what still goes on; of what is not told of any more, when it was. */
static struct words when_words(const struct view *view, int64_t time_ns)
{
    int64_t ago_ns = view->model->now_ns - time_ns;
    if (watch_is_fresh(view->watch))
        return ago_ns > 0 && ago_ns < 2 * NS_PER_S ? words_format("1" TEXT_BLANK "s") : says_ago(ago_ns);
    return words_format("%.8s", text_clock(model_wall_ns(view->model, time_ns)).text);
}

static struct words slow_words(const struct model_function *function, double ratio, int64_t worker)
{
    return words_format("%s" TEXT_BLANK "\xc3\x97 the median (%s), worker %" PRId64, text_ratio(ratio).text + 1,
                        text_duration(function_times(function).p50_ns).text, worker);
}

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

static struct trouble trouble_of_worker(const struct view *view, const struct model_worker *worker, double ratio)
{
    const struct model_function *function = pool_function_at(view->pool, worker->said.function);
    return (struct trouble){ .glyph = GLYPH_SLOW,
                             .call = words_worker_call(view->pool, worker),
                             .about = slow_words(function, ratio, worker->said.worker),
                             .when = when_words(view, view->model->now_ns),
                             .is_worker = true,
                             .worker = { worker->said.worker, 0, 0 } };
}

static size_t collect_slow(const struct view *view, struct trouble *ret_troubles)
{
    struct slows slows = { .count = 0 };
    double ratio;
    for (size_t i = 0; i < view->pool->workers.count; i++)
        if (is_slow(view, pool_worker_at(view->pool, i), &ratio))
            add_slow(&slows, pool_worker_at(view->pool, i), ratio);
    for (size_t i = 0; i < slows.count; i++)
        ret_troubles[i] = trouble_of_worker(view, slows.workers[i], slows.ratios[i]);
    return slows.count;
}

/* ---- What is over ---- */

static bool is_trouble(const struct view *view, const struct model_task *task, double *ret_ratio)
{
    enum task_state state = task_state(task);
    *ret_ratio = 0;
    if (state == TASK_FAILED || state == TASK_DIED || state == TASK_LIMIT || state == TASK_RETRIED)
        return true;
    if (state != TASK_DONE)
        return false;
    return task->attempt > 1 || (task->items <= 1 && function_is_slow(pool_function_at(view->pool, task->function),
                                                                      task->run_ns, ret_ratio));
}

static bool is_among_last(const struct overs *overs, int64_t time_ns)
{
    return overs->count < TROUBLES_MAX || overs->all[overs->count - 1].time_ns < time_ns;
}

static void add_over(struct overs *overs, const struct over *over)
{
    if (!is_among_last(overs, over->time_ns))
        return;
    size_t place = overs->count < TROUBLES_MAX ? overs->count++ : TROUBLES_MAX - 1;
    for (; place > 0 && overs->all[place - 1].time_ns < over->time_ns; place--)
        overs->all[place] = overs->all[place - 1];
    overs->all[place] = *over;
}

/* Tasks are kept as they were heard of, and that is not as they ended: all are looked at. A death says what became of
 * its task, too. slow: those that were slow and nothing else, or the others. */
static void collect_tasks(struct overs *overs, const struct view *view, bool slow)
{
    uint32_t count = MIN(tasks_count(&view->model->tasks), LOOKED_AT);
    for (uint32_t i = 0; i < count; i++) {
        const struct model_task *task = tasks_at(&view->model->tasks, i);
        double ratio;
        if (task->key.pool != view->pool->number || !is_among_last(overs, task->ended_ns) ||
            !is_trouble(view, task, &ratio) || (ratio > 0) != slow || task_report_death(view->model, task) != NULL)
            continue;
        add_over(overs, &(struct over){ .time_ns = task->ended_ns, .task = task, .ratio = ratio });
    }
}

static void collect_deaths(struct overs *overs, const struct view *view)
{
    for (uint64_t i = 0; i < events_death_count(&view->model->events); i++) {
        const struct record_death *death = &events_death_at(&view->model->events, i)->said;
        if (death->pool == view->pool->number && !death->expected)
            add_over(overs, &(struct over){ .time_ns = death->time_ns, .death = death });
    }
}

/* What was slow takes the room that what failed leaves; all of them stand by when they were. */
static void collect_overs(struct overs *overs, const struct view *view, size_t room)
{
    struct overs slow = { .count = 0 };
    collect_tasks(overs, view, false);
    collect_deaths(overs, view);
    overs->count = MIN(overs->count, room);
    if (overs->count < room)
        collect_tasks(&slow, view, true);
    for (size_t i = 0; i < slow.count && overs->count < room; i++)
        add_over(overs, &slow.all[i]);
}

/* ---- In words ---- */

static enum glyph glyph_of(const struct over *over)
{
    enum task_state state = task_state(over->task);
    if (over->ratio > 0)
        return GLYPH_SLOW;
    return state == TASK_LIMIT    ? GLYPH_TIMED_OUT
           : state == TASK_DIED   ? GLYPH_DEAD
           : state == TASK_FAILED ? GLYPH_FAILED
                                  : GLYPH_RETRIED;
}

/* What follows "worker 2 (pid 4711) was " in the library's own sentence. */
static const char *without_worker(const char *error)
{
    const char *rest = g_str_has_prefix(error, "worker ") ? strstr(error, ") was ") : NULL;
    return rest != NULL ? rest + strlen(") was ") : error;
}

static struct words about_task(const struct view *view, const struct over *over)
{
    const struct model_task *task = over->task;
    const char *error = task_text(task, TASK_ERROR);
    struct words limit = says_limit(error);
    if (over->ratio > 0)
        return slow_words(pool_function_at(view->pool, task->function), over->ratio, task->worker);
    if (task_state(task) == TASK_DONE)
        return words_format("Done on attempt %" PRIu32 ", worker %" PRId64, task->attempt, task->worker);
    if (error[0] == '\0')
        return words_format("%s, worker %" PRId64, words_task_state(task_state(task)), task->worker);
    struct words words =
        words_format("%s, worker %" PRId64, limit.text[0] != '\0' ? limit.text : without_worker(error), task->worker);
    words.text[0] = g_ascii_toupper(words.text[0]);
    return words;
}

static struct trouble trouble_of_task(const struct view *view, const struct over *over)
{
    return (struct trouble){ .glyph = glyph_of(over),
                             .call = words_task_call(view->model, over->task),
                             .about = about_task(view, over),
                             .task = over->task->key };
}

/* Of its task what came of that in the next attempt: there is room for it where the sentence is a short one. */
static struct words about_death(const struct view *view, const struct record_death *death)
{
    const struct task_key key = { death->pool, death->task, death->item };
    struct words why = says_why(death), limit = says_limit(kept_string(death->cause));
    bool was_killed = limit.text[0] != '\0', is_retried = death->decision == RECORD_DECISION_RETRIED;
    why.text[strcspn(why.text, "(")] = '\0';
    g_strchomp(why.text); /* the signal's number is in the certificate */
    if (death->task == 0 || !is_retried)
        return words_format("Worker %" PRIu32 " %s: %s", death->worker, was_killed ? "was killed" : "died",
                            was_killed ? limit.text : why.text);
    struct words words = words_format("%s, worker %" PRIu32 ", retry %s", was_killed ? limit.text : why.text,
                                      death->worker, attempt_end(view->model, &key, death->attempt + 1).brief);
    words.text[0] = g_ascii_toupper(words.text[0]);
    return words;
}

static struct trouble trouble_of_death(const struct view *view, const struct record_death *death)
{
    struct trouble trouble = { .glyph = GLYPH_DEAD,
                               .about = about_death(view, death),
                               .is_worker = true,
                               .worker = { death->worker, death->pid, death->lives } };
    trouble.call = death->task != 0 ? words_death_call(view->model, death)
                                    : words_format("Worker %" PRIu32 ", which ran nothing", death->worker);
    return trouble;
}

static struct trouble trouble_of(const struct view *view, const struct over *over)
{
    struct trouble trouble = over->task != NULL ? trouble_of_task(view, over) : trouble_of_death(view, over->death);
    trouble.when = when_words(view, over->time_ns);
    return trouble;
}

size_t troubles_collect(const struct view *view, struct trouble ret_troubles[TROUBLES_MAX])
{
    struct overs overs = { .count = 0 };
    size_t count = collect_slow(view, ret_troubles);
    collect_overs(&overs, view, TROUBLES_MAX - count);
    for (size_t i = 0; i < overs.count; i++)
        ret_troubles[count + i] = trouble_of(view, &overs.all[i]);
    return count + overs.count;
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
        return words_format("%s failed. %s is not known: %s.", words_many(failed, "task").text,
                            failed == 1 ? "Which one" : "Which ones", why_unknown(view).text);
    if (tasks_count(&view->model->tasks) >= LOOKED_AT)
        return words_format("None among the last %s tasks of the program.", text_count(LOOKED_AT).text);
    return words_format("Nothing so far.");
}
