#include "terminal/view_workers.h"

#include "model/text.h"
#include "model/words.h"
#include "terminal/table.h"
#include <inttypes.h>
#include <mproc/pool.h>
#include <stdio.h>

/* ---- Those that live ---- */

static const struct table_column COLUMNS[] = {
    { "State", 11, false }, { "#", 4, true },   { "PID", 8, true },    { "Doing now", 0, false }, { "For", 9, true },
    { "Done", 9, true },    { "CPU", 6, true }, { "Memory", 7, true }, { NULL, 0, false },
};

static enum style state_style(const char *state, const struct record_worker *worker)
{
    if (strcmp(state, "Slow") == 0 || worker->stopped)
        return STYLE_WARN;
    return worker->state == MPROC_WORKER_BUSY ? STYLE_RUNNING : STYLE_DIM;
}

/* What its task waits for: of a worker that is a process of its own. */
static const struct model_waiter *wait_of(const struct model *model, const struct model_pool *pool,
                                          const struct model_worker *worker)
{
    if (pool->said.kind != MPROC_POOL_PROCESSES || worker->said.state != MPROC_WORKER_BUSY)
        return NULL;
    return objects_waiter_in(&model->objects, worker->said.pid);
}

static void add_state(struct table *table, const struct model *model, const struct model_pool *pool,
                      const struct model_worker *worker)
{
    const struct record_worker *said = &worker->said;
    const char *state = words_worker_state(model, pool, worker);
    double ratio;
    if (wait_of(model, pool, worker) != NULL)
        table_cell(table, STYLE_WARN, "Waiting");
    else if (!said->stopped && model_worker_is_slow(model, pool, worker, &ratio))
        table_format(table, STYLE_WARN, "Slow %s", text_ratio(ratio).text);
    else
        table_cell(table, state_style(state, said), state);
}

static void add_doing(struct table *table, const struct model *model, const struct model_pool *pool,
                      const struct model_worker *worker)
{
    const struct model_waiter *waiter = wait_of(model, pool, worker);
    const struct model_object *object = waiter != NULL ? objects_find(&model->objects, waiter->said.object) : NULL;
    struct words call = words_worker_call(pool, worker);
    if (object == NULL)
        table_cell(table, STYLE_PLAIN, call.text);
    else
        table_format(table, STYLE_PLAIN, "%s, waits for \xe2\x80\x9c%s\xe2\x80\x9d", call.text,
                     kept_string(object->said.name));
}

/* For how long it waits, of one that does. */
static void add_figures(struct table *table, const struct model *model, const struct model_pool *pool,
                        const struct model_worker *worker)
{
    const struct record_worker *said = &worker->said;
    double share;
    int64_t run_ns;
    const struct model_waiter *waiter = wait_of(model, pool, worker);
    bool runs = model_worker_run_ns(model, worker, &run_ns);
    if (runs && waiter != NULL && !said->stopped)
        run_ns = model->now_ns - waiter->said.since_ns;
    table_cell(table, STYLE_PLAIN, runs ? text_duration(run_ns).text : "");
    table_cell(table, STYLE_PLAIN, text_count(worker_done(worker)).text);
    table_cell(table, STYLE_PLAIN, worker_cpu(pool, worker, model->now_ns, &share) ? text_share(share).text : "");
    table_cell(table, STYLE_PLAIN, said->memory > 0 ? text_bytes(said->memory).text : "");
}

static void add_worker(struct table *table, const struct model *model, const struct model_pool *pool,
                       const struct model_worker *worker)
{
    add_state(table, model, pool, worker);
    table_format(table, STYLE_PLAIN, "%" PRIu32, worker->said.worker);
    if (worker->said.pid != 0)
        table_format(table, STYLE_PLAIN, "%" PRId64, worker->said.pid);
    else
        table_empty(table);
    add_doing(table, model, pool, worker);
    add_figures(table, model, pool, worker);
    table_row(table);
}

/* Rows are few where workers are many: the busy ones come first then. pass: 0 busy, 1 the others. */
static bool is_of_pass(const struct model_worker *worker, int pass, bool in_passes)
{
    if (!in_passes)
        return pass == 0;
    return (worker->said.state == MPROC_WORKER_BUSY) == (pass == 0);
}

static size_t known_workers(const struct model_pool *pool)
{
    size_t known = 0;
    for (size_t i = 0; i < pool->workers.count; i++)
        known += pool_worker_at(pool, i) != NULL;
    return known;
}

void view_workers(struct page *page, const struct model *model, const struct model_pool *pool, int rows)
{
    size_t known = known_workers(pool), shown = 0;
    if (known == 0 || rows < 1)
        return;
    size_t most = known > (size_t)rows ? (size_t)rows - 1 : known;
    struct table table = table_begin(page, COLUMNS);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < pool->workers.count && shown < most; i++) {
            const struct model_worker *worker = pool_worker_at(pool, i);
            if (worker == NULL || !is_of_pass(worker, pass, most < known))
                continue;
            add_worker(&table, model, pool, worker);
            shown++;
        }
    if (shown < known) {
        page_format(page, STYLE_DIM, "and %s more", text_count(known - shown).text);
        page_line(page);
    }
}

/* ---- Those that died ---- */

static void add_last_task(struct page *page, const struct model *model, const struct record_death *death)
{
    if (death->task == 0) {
        page_text(page, STYLE_DIM, "  it was running nothing");
        page_line(page);
        return;
    }
    page_format(page, STYLE_PLAIN, "  last task %s", words_death_call(model, death).text);
    page_format(page, STYLE_DIM, ", task %" PRIu64 ", attempt %" PRIu32, death->task, death->attempt);
    struct words decision = words_decision(death);
    if (decision.text[0] != '\0')
        page_format(page, STYLE_DIM, ": %s %s", decision.text, text_after(death->decided_ns).text);
    page_line(page);
}

/* Each line of a longer text, moved in. */
static void add_lines(struct page *page, const char *head, const char *text)
{
    if (text[0] == '\0')
        return;
    page_format(page, STYLE_DIM, "  %s", head);
    page_line(page);
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");
        page_format(page, STYLE_PLAIN, "    %.*s", (int)size, text);
        page_line(page);
        text += size + (text[size] == '\n');
    }
}

static void add_fault(struct page *page, const struct record_death *death)
{
    struct words fault = words_fault(death);
    if (fault.text[0] == '\0')
        return;
    page_format(page, STYLE_PLAIN, "  %s", fault.text);
    page_line(page);
}

static void add_death(struct page *page, const struct model *model, const struct record_death *death)
{
    page_format(page, STYLE_DIM, "%s ", text_clock(model_wall_ns(model, death->time_ns)).text);
    page_format(page, STYLE_PLAIN, "worker %" PRIu32 " of %s (pid %" PRId64 "): ", death->worker,
                words_pool(model, death->pool).text, death->pid);
    page_text(page, STYLE_BAD, words_cause(death).text);
    if (death->replaced_ns > 0)
        page_format(page, STYLE_DIM, ", replaced %s", text_after(death->replaced_ns - death->time_ns).text);
    page_line(page);
}

size_t view_deaths(struct page *page, const struct model *model, int most, bool details)
{
    uint64_t count = events_unexpected_deaths(&model->events);
    if (count == 0)
        return 0;
    char beside[64];
    snprintf(beside, sizeof beside, "the last %s", text_count(count).text);
    page_title(page, "Why workers died", beside);
    for (uint64_t i = 0; i < events_death_count(&model->events) && most > 0; i++) {
        const struct record_death *death = &events_death_at(&model->events, i)->said;
        if (death->expected)
            continue;
        most--;
        add_death(page, model, death);
        add_fault(page, death);
        add_last_task(page, model, death);
        if (details) {
            add_lines(page, "stack:", kept_string(death->stack));
            add_lines(page, "last lines of stderr:", kept_string(death->output));
        }
    }
    return (size_t)count;
}
