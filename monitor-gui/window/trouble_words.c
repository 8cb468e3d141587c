#include "window/trouble_words.h"

#include "model/text.h"
#include "window/attempt_words.h"
#include "window/says.h"
#include "window/task_look.h"
#include <inttypes.h>
#include <mproc/base.h>

#define NS_PER_S INT64_C(1000000000)

/* How long ago, now being what still goes on; of what is not told of any more, when it was. */
static struct words when_words(const struct view *view, int64_t time_ns)
{
    int64_t ago_ns = view->model->now_ns - time_ns;
    if (watch_is_fresh(view->watch))
        return ago_ns > 0 && ago_ns < 2 * NS_PER_S ? words_format("1" TEXT_BLANK "s") : says_ago(ago_ns);
    return words_format("%.8s", text_clock(model_wall_ns(view->model, time_ns)).text);
}

/* ---- What is slow ---- */

static struct words slow_words(const struct model_function *function, double ratio, int64_t worker)
{
    return words_format("%s" TEXT_BLANK "\xc3\x97 its median (%s), worker %" PRId64, text_ratio(ratio).text + 1,
                        text_duration(function_times(function).p50_ns).text, worker);
}

struct trouble trouble_of_worker(const struct view *view, const struct model_worker *worker, double ratio)
{
    const struct model_function *function = pool_function_at(view->pool, worker->said.function);
    return (struct trouble){ .glyph = GLYPH_SLOW,
                             .call = words_worker_call(view->pool, worker),
                             .about = slow_words(function, ratio, worker->said.worker),
                             .when = when_words(view, view->model->now_ns),
                             .task = { view->pool->number, worker->said.task, worker->said.item },
                             .is_worker = true,
                             .worker = { worker->said.worker, 0, 0 } };
}

/* ---- What a task failed of, or an attempt of it ---- */

/* What follows "worker 2 (pid 4711) was " in the library's own sentence. */
static const char *without_worker(const char *error)
{
    const char *rest = g_str_has_prefix(error, "worker ") ? strstr(error, ") was ") : NULL;
    return rest != NULL ? rest + strlen(") was ") : error;
}

/* "timed out after 5 s, worker 3", as a sentence begins. */
static struct words cause_words(struct words limit, const char *why, int64_t worker)
{
    const char *text = limit.text[0] != '\0' ? limit.text : why;
    struct words words = words_format("%s, worker %" PRId64, text, worker);
    words.text[0] = g_ascii_toupper(words.text[0]);
    return words;
}

static struct words cause_of_death(const struct record_death *death)
{
    struct words why = says_why(death);
    why.text[strcspn(why.text, "(")] = '\0';
    g_strchomp(why.text); /* the signal's number is in the certificate */
    return cause_words(says_limit(kept_string(death->cause)), why.text, death->worker);
}

static struct words cause_of_attempt(const struct model_task *attempt)
{
    const char *error = task_text(attempt, TASK_ERROR);
    if (error[0] == '\0')
        return words_format("%s, worker %" PRId64, words_task_state(task_state(attempt)), attempt->worker);
    return cause_words(says_limit(error), without_worker(error), attempt->worker);
}

/* The last death of its attempts that is known: why its worker died it says best. */
static const struct record_death *last_death(const struct model *model, const struct task_key *key)
{
    for (uint64_t i = 0; i < events_death_count(&model->events); i++) {
        const struct record_death *death = &events_death_at(&model->events, i)->said;
        if (death->pool == key->pool && death->task == key->task && death->item == key->item)
            return death;
    }
    return NULL;
}

static struct words failed_words(const struct trouble_over *over, const struct record_death *death)
{
    uint32_t attempts = over->task != NULL ? over->task->attempt : death->attempt;
    struct words cause = death != NULL ? cause_of_death(death) : cause_of_attempt(over->task);
    return attempts > 1 ? words_format("%s" DOT "after %" PRIu32 " attempts", cause.text, attempts) : cause;
}

/* ---- What came of it in another attempt ---- */

/* The last attempt, which may be still to come. */
static uint32_t last_attempt(const struct trouble_over *over, const struct record_death *death)
{
    uint32_t told = over->task != NULL ? over->task->attempt + (task_state(over->task) == TASK_RETRIED) : 0;
    return MAX(told, death != NULL ? death->attempt + 1 : 0);
}

static struct words retried_words(const struct view *view, const struct trouble_over *over,
                                  const struct record_death *death)
{
    const struct model_task *task = over->task;
    const struct model_task *died = task != NULL && task_state(task) != TASK_RETRIED ? task->earlier : task;
    uint32_t attempt = last_attempt(over, death);
    const char *end = attempt_end(view->model, &over->key, attempt).brief;
    if (death == NULL && died == NULL)
        return words_format("%s on attempt %" PRIu32 ", worker %" PRId64, words_task_state(task_state(task)), attempt,
                            task->worker);
    struct words cause = death != NULL ? cause_of_death(death) : cause_of_attempt(died);
    return attempt == 2 ? words_format("%s" DOT "retry %s", cause.text, end)
                        : words_format("%s" DOT "attempt %" PRIu32 " %s", cause.text, attempt, end);
}

/* ---- What is over ---- */

static enum glyph glyph_of(const struct trouble_over *over)
{
    if (over->rank == TROUBLE_SLOW)
        return GLYPH_SLOW;
    if (!trouble_is_task(over))
        return GLYPH_DEAD;
    if (over->rank == TROUBLE_RETRIED)
        return GLYPH_RETRIED;
    enum task_state state = over->task != NULL ? task_state(over->task) : TASK_DIED;
    if (state == TASK_LIMIT && over->task->code == MPROC_E_TIMEOUT)
        return GLYPH_TIMED_OUT;
    return state == TASK_DIED ? GLYPH_DEAD : GLYPH_FAILED;
}

static struct words died_idle(const struct record_death *death)
{
    struct words limit = says_limit(kept_string(death->cause)), why = says_why(death);
    why.text[strcspn(why.text, "(")] = '\0';
    g_strchomp(why.text);
    return limit.text[0] != '\0' ? words_format("Worker %" PRIu32 " was killed: %s", death->worker, limit.text)
                                 : words_format("Worker %" PRIu32 " died: %s", death->worker, why.text);
}

static struct words about_over(const struct view *view, const struct trouble_over *over,
                               const struct record_death *death)
{
    if (over->rank == TROUBLE_SLOW)
        return slow_words(pool_function_at(view->pool, over->task->function), over->ratio, over->task->worker);
    if (!trouble_is_task(over))
        return died_idle(over->death);
    return over->rank == TROUBLE_FAILED ? failed_words(over, death) : retried_words(view, over, death);
}

/* A death has the argument, if nobody looked when the task began, too. */
static struct words call_of(const struct view *view, const struct trouble_over *over, const struct record_death *death)
{
    if (!trouble_is_task(over))
        return words_format("Worker %" PRIu32 ", which ran nothing", over->death->worker);
    return death != NULL ? words_death_call(view->model, death) : words_task_call(view->model, over->task);
}

/* Of one that failed by itself, or in an attempt whose death is not known, an earlier one says nothing. */
static const struct record_death *death_to_tell(const struct view *view, const struct trouble_over *over)
{
    if (over->rank == TROUBLE_SLOW || !trouble_is_task(over))
        return over->death;
    const struct record_death *death = last_death(view->model, &over->key);
    bool has_failed = over->rank == TROUBLE_FAILED && over->task != NULL && death != NULL;
    bool is_other = has_failed && (death->attempt != over->task->attempt || task_state(over->task) == TASK_FAILED);
    return is_other ? NULL : death;
}

struct trouble trouble_of_over(const struct view *view, const struct trouble_over *over)
{
    const struct record_death *death = death_to_tell(view, over);
    struct trouble trouble = { .glyph = glyph_of(over),
                               .call = call_of(view, over, death),
                               .about = about_over(view, over, death),
                               .when = when_words(view, over->time_ns),
                               .task = over->key,
                               .is_worker = death != NULL };
    if (death != NULL)
        trouble.worker = (struct worker_row){ death->worker, death->pid, death->lives };
    return trouble;
}
