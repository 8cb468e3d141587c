#include "terminal/lines.h"

#include "model/text.h"
#include "model/words.h"
#include "terminal/output.h"
#include "terminal/page.h"
#include <inttypes.h>
#include <mproc/stats.h>

#define NS_PER_S      INT64_C(1000000000)
#define DEADLOCKS_MAX 8
/* No line is cut. */
#define ANY_COLUMNS 1000000

/** What was told of a pool last. */
struct told_pool {
    uint32_t number;
    uint8_t phase, paused;
    struct record_counts counts;
};

struct lines {
    struct session *session;
    struct page page; /**< of one line, for its care about controls */
    struct list pools;
    int64_t second;
    uint64_t deaths, lost[RECORD_CLASSES];
    int64_t deadlocks[DEADLOCKS_MAX]; /**< those that were told of, by when they came about */
    size_t deadlock_count;
};

/* ---- One line ---- */

static void begin_line(struct lines *lines, int64_t time_ns, const char *from)
{
    page_begin(&lines->page, ANY_COLUMNS, 0, false);
    page_text(&lines->page, STYLE_PLAIN, text_clock(model_wall_ns(lines->session->model, time_ns)).text);
    page_format(&lines->page, STYLE_PLAIN, " %s: ", from);
}

static void add(struct lines *lines, const char *text)
{
    page_text(&lines->page, STYLE_PLAIN, text);
}

#define ADD(lines, ...) page_format(&(lines)->page, STYLE_PLAIN, __VA_ARGS__)

static void end_line(struct lines *lines)
{
    page_line(&lines->page);
    output_write(lines->page.text, lines->page.size);
}

/* ---- Pools ---- */

/* What was told of pools that the model has let go of, so that there are never more than of those that it knows. */
static void forget_pools(struct lines *lines)
{
    for (size_t i = lines->pools.count; i-- > 0;) {
        const struct told_pool *told = list_at(&lines->pools, i);
        if (pools_find(&lines->session->model->pools, told->number) == NULL)
            list_remove(&lines->pools, i);
    }
}

static struct told_pool *told_pool(struct lines *lines, uint32_t number)
{
    for (size_t i = 0; i < lines->pools.count; i++) {
        struct told_pool *pool = list_at(&lines->pools, i);
        if (pool->number == number)
            return pool;
    }
    forget_pools(lines);
    struct told_pool *pool = list_add(&lines->pools);
    if (pool != NULL)
        pool->number = number;
    return pool;
}

static void tell_phase(struct lines *lines, const struct model_pool *pool)
{
    struct told_pool *told = told_pool(lines, pool->number);
    if (told == NULL || (told->phase == pool->said.phase && told->paused == pool->said.paused))
        return;
    const char *word = words_phase(pool), *reason = kept_string(pool->said.reason);
    told->phase = pool->said.phase;
    told->paused = pool->said.paused;
    begin_line(lines, lines->session->model->now_ns, words_pool(lines->session->model, pool->number).text);
    ADD(lines, "%s%s%s", word[0] != '\0' ? word : "open", reason[0] != '\0' ? ": " : "", reason);
    end_line(lines);
}

static void add_if(struct lines *lines, uint64_t count, const char *what)
{
    if (count > 0)
        ADD(lines, ", %s %s", text_count(count).text, what);
}

static void tell_figures(struct lines *lines, const struct model_pool *pool)
{
    const struct record_counts *counts = &pool->counts;
    const struct model *model = lines->session->model;
    double rate;
    begin_line(lines, model->now_ns, words_pool(model, pool->number).text);
    ADD(lines, "%s of %s busy, %s waiting, %s succeeded", text_count(pool_count_workers(pool, MPROC_WORKER_BUSY)).text,
        text_count(counts->workers).text, text_count(counts->queued).text, text_count(counts->succeeded).text);
    add_if(lines, counts->items, "items");
    add_if(lines, counts->failed, "failed");
    add_if(lines, counts->cancelled, "cancelled");
    add_if(lines, counts->retried, "retried");
    add_if(lines, counts->deaths, counts->deaths == 1 ? "death" : "deaths");
    if (history_rate_now(&pool->history, &rate))
        ADD(lines, ", %s", text_rate(rate).text);
    end_line(lines);
}

static bool same_counts(const struct record_counts *one, const struct record_counts *other)
{
    return one->queued == other->queued && one->running == other->running && one->succeeded == other->succeeded &&
           one->failed == other->failed && one->items == other->items && one->deaths == other->deaths &&
           one->cancelled == other->cancelled && one->workers == other->workers;
}

static void tell_pools(struct lines *lines)
{
    const struct pools *pools = &lines->session->model->pools;
    for (size_t i = 0; i < pools->all.count; i++) {
        const struct model_pool *pool = pools_at(pools, i);
        struct told_pool *told = told_pool(lines, pool->number);
        if (told == NULL || same_counts(&told->counts, &pool->counts))
            continue;
        told->counts = pool->counts;
        tell_figures(lines, pool);
    }
}

/* ---- Deadlocks ---- */

static bool is_told(struct lines *lines, const struct deadlock *deadlock)
{
    for (size_t i = 0; i < lines->deadlock_count; i++)
        if (lines->deadlocks[i] == deadlock->since_ns)
            return true;
    return false;
}

static void tell_deadlock(struct lines *lines, const struct deadlock *deadlock)
{
    const struct model *model = lines->session->model;
    begin_line(lines, model->now_ns, "deadlock");
    for (size_t i = 0; i < deadlock->count; i++)
        ADD(lines, "%s ", words_deadlock_step(model, deadlock, i).text);
    add(lines, words_deadlock_end(deadlock).text);
    end_line(lines);
}

static void tell_deadlocks(struct lines *lines)
{
    struct deadlock found[DEADLOCKS_MAX];
    const struct model *model = lines->session->model;
    size_t count = objects_deadlocks(&model->objects, model->now_ns, found, DEADLOCKS_MAX);
    for (size_t i = 0; i < count; i++)
        if (!is_told(lines, &found[i]))
            tell_deadlock(lines, &found[i]);
    lines->deadlock_count = count;
    for (size_t i = 0; i < count; i++)
        lines->deadlocks[i] = found[i].since_ns;
}

/* ---- Events ---- */

static void tell_death(struct lines *lines, const struct record_death *death)
{
    const struct model *model = lines->session->model;
    struct words decision = words_decision(death);
    begin_line(lines, death->time_ns, words_pool(model, death->pool).text);
    ADD(lines, "worker %" PRIu32 " (pid %" PRId64 ") %s: %s", death->worker, death->pid,
        death->expected ? "ended" : "died", words_cause(death).text);
    if (death->task != 0)
        ADD(lines, "; last task %s, task %" PRIu64 ", attempt %" PRIu32, words_death_call(model, death).text,
            death->task, death->attempt);
    if (decision.text[0] != '\0')
        ADD(lines, ": %s", decision.text);
    end_line(lines);
}

/* A death comes again when more is known of it. Those that a snapshot tells of have their place in the log, too. */
static void tell_deaths(struct lines *lines)
{
    const struct events *events = &lines->session->model->events;
    for (uint64_t i = events->death_total - lines->deaths; i-- > 0;)
        if (i < events_death_count(events))
            tell_death(lines, &events_death_at(events, i)->said);
    lines->deaths = events->death_total;
}

static bool is_failure(uint8_t end)
{
    return end == RECORD_END_FAILED || end == RECORD_END_DIED || end == RECORD_END_LIMIT || end == RECORD_END_RETRIED;
}

static void tell_task(struct lines *lines, const struct record_task_ended *ended)
{
    const struct model *model = lines->session->model;
    struct task_key key = { ended->pool, ended->task, ended->item };
    const struct model_task *task = tasks_find(&model->tasks, &key);
    if (!is_failure(ended->end) || task == NULL)
        return;
    begin_line(lines, ended->ended_ns, words_pool(model, ended->pool).text);
    ADD(lines, "%s: task %" PRIu64 ", %s", words_task_state(task_state(task)), ended->task,
        words_task_call(model, task).text);
    if (ended->error.size > 0)
        ADD(lines, ": %.*s", (int)ended->error.size, ended->error.data);
    end_line(lines);
}

static void tell_line(struct lines *lines)
{
    const struct model *model = lines->session->model;
    const struct record_log *line = &events_line_at(&model->events, 0)->said;
    begin_line(lines, line->time_ns, line->pool != 0 ? words_pool(model, line->pool).text : "log");
    if (line->worker >= 0)
        ADD(lines, "worker %" PRId64 ", ", line->worker);
    ADD(lines, "%s: %s", words_level(line->level), kept_string(line->text));
    end_line(lines);
}

/* Of a flood something is lost at every look. */
static void tell_losses(struct lines *lines)
{
    const struct model *model = lines->session->model;
    for (unsigned i = 0; i < RECORD_CLASSES; i++) {
        uint64_t count = model->events.lost[i] - lines->lost[i];
        lines->lost[i] += count;
        if (count == 0)
            continue;
        begin_line(lines, model->now_ns, "lost");
        ADD(lines, "%s %s", text_count(count).text, words_class(i));
        end_line(lines);
    }
}

static void tell_second(struct lines *lines)
{
    lines->second = lines->session->model->now_ns / NS_PER_S;
    tell_pools(lines);
    tell_losses(lines);
    tell_deadlocks(lines);
}

static void on_record_of_lines(void *user, const struct wire_frame *frame, const union record *record)
{
    struct lines *lines = user;
    const struct model *model = lines->session->model;
    if (frame->type == RECORD_POOL && pools_find(&model->pools, record->pool.pool) != NULL)
        tell_phase(lines, pools_find(&model->pools, record->pool.pool));
    else if (frame->type == RECORD_DEATH)
        tell_deaths(lines);
    else if (frame->type == RECORD_TASK_ENDED)
        tell_task(lines, &record->task_ended);
    else if (frame->type == RECORD_LOG || frame->type == RECORD_OUTPUT)
        tell_line(lines);
    else if (frame->type == RECORD_SNAPSHOT_END || model->now_ns / NS_PER_S != lines->second)
        tell_second(lines);
}

/* ---- The run ---- */

static int run(struct lines *lines)
{
    int status = EXIT_FINE;
    for (;;) {
        int64_t second_ns = (platform_now_ns() / NS_PER_S + 1) * NS_PER_S;
        enum session_news news = session_step(lines->session, PLATFORM_NO_HANDLE, second_ns, &status);
        if (lines->session->model->now_ns / NS_PER_S != lines->second)
            tell_second(lines);
        if (news == SESSION_FAILED)
            return status;
        if (!output_flush())
            return EXIT_OTHER;
        if (news == SESSION_OVER || news == SESSION_INTERRUPTED)
            return EXIT_FINE;
    }
}

static void tell_end(struct lines *lines)
{
    const struct session *session = lines->session;
    tell_second(lines);
    if (!session->is_over)
        return;
    begin_line(lines, session->model->now_ns, "end");
    if (source_is_cut(session->source))
        ADD(lines, WORDS_CUT ". %s", words_before_cut(events_lost(&session->model->events)).text);
    else if (!source_is_live(session->source))
        add(lines, "of the recording");
    else if (session->is_lost)
        add(lines, "the connection was lost: the program still runs but stopped answering");
    else
        add(lines, session->model->ended ? "the program has ended" : "the program died. " WORDS_DIED ".");
    end_line(lines);
}

int lines_run(struct session *session)
{
    struct lines lines = { .session = session, .pools = LIST_OF(struct told_pool) };
    session->on_record = on_record_of_lines;
    session->user = &lines;
    int status = run(&lines);
    if (status == EXIT_FINE) {
        tell_end(&lines);
        status = output_flush() ? EXIT_FINE : EXIT_OTHER;
    }
    list_free(&lines.pools);
    page_free(&lines.page);
    return status;
}
