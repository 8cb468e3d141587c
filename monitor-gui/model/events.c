#include "model/events.h"

#include "model/times.h"
#include <stdlib.h>

/* Watched pools tell what they lost some sixty times a second, of each class and pool. */
#define LOSS_GAP_NS      UINT64_C(50000000)
#define LOSS_SPAN_NS     UINT64_C(1000000000)
#define LOSSES_LOOKED_AT 16u

void events_free(struct events *events)
{
    for (size_t i = 0; i < DEATHS_KEPT; i++)
        free(events->deaths[i].texts);
    for (size_t i = 0; i < FAILURES_KEPT; i++)
        free(events->failures[i].texts);
    for (size_t i = 0; i < LINES_KEPT; i++)
        free(events->lines[i].texts);
}

static uint64_t smaller(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

/* ---- Taking records ---- */

static bool same_death(const struct record_death *one, const struct record_death *other)
{
    return one->pool == other->pool && one->worker == other->worker && one->pid == other->pid &&
           one->lives == other->lives;
}

static struct model_death *death_for(struct events *events, const struct record_death *record)
{
    for (uint64_t i = events_death_count(events); i-- > 0;)
        if (same_death(&events->deaths[i].said, record))
            return &events->deaths[i];
    return &events->deaths[events->death_total++ % DEATHS_KEPT];
}

static int take_death(struct events *events, const struct record_death *record)
{
    struct model_death *death = death_for(events, record);
    return kept_store(RECORD_DEATH, &death->said, &death->texts, record);
}

static int take_ended(struct events *events, const struct record_task_ended *record)
{
    if (record->end != RECORD_END_FAILED)
        return 0;
    struct model_failure *failure = &events->failures[events->failure_total++ % FAILURES_KEPT];
    return kept_store(RECORD_TASK_ENDED, &failure->said, &failure->texts, record);
}

static int take_line(struct events *events, const struct record_log *record)
{
    struct model_line *line = &events->lines[events->line_total++ % LINES_KEPT];
    return kept_store(RECORD_LOG, &line->said, &line->texts, record);
}

/* So long as from the first time to the second; a peer may say any two. */
static bool is_within(int64_t from_ns, int64_t to_ns, uint64_t ns)
{
    return (uint64_t)to_ns - (uint64_t)from_ns <= ns;
}

/* Both are of the same kind, and between them is no time of which everything was told. */
static bool is_one_loss(const struct record_lost *one, const struct record_lost *other)
{
    int64_t end_ns = times_earlier(one->to_ns, other->to_ns), begin_ns = times_later(one->from_ns, other->from_ns);
    return one->kind == other->kind && one->pool == other->pool && one->worker == other->worker &&
           (begin_ns <= end_ns || is_within(end_ns, begin_ns, LOSS_GAP_NS)) &&
           is_within(times_earlier(one->from_ns, other->from_ns), times_later(one->to_ns, other->to_ns), LOSS_SPAN_NS);
}

/* A pool that does more than can be told loses something sixty times a second. */
static struct record_lost *loss_that_goes_on(struct events *events, const struct record_lost *record)
{
    for (uint64_t i = 0; i < events_loss_count(events) && i < LOSSES_LOOKED_AT; i++) {
        struct record_lost *last = &events->losses[(events->loss_total - 1 - i) % LOSSES_KEPT];
        if (is_one_loss(last, record))
            return last;
    }
    return NULL;
}

static void keep_loss(struct events *events, const struct record_lost *record)
{
    struct record_lost *last = loss_that_goes_on(events, record);
    if (last == NULL) {
        events->losses[events->loss_total++ % LOSSES_KEPT] = *record;
        return;
    }
    last->count += record->count;
    last->from_ns = times_earlier(last->from_ns, record->from_ns);
    last->to_ns = times_later(last->to_ns, record->to_ns);
}

static void take_lost(struct events *events, const struct record_lost *record)
{
    keep_loss(events, record);
    events->lost[record->kind < RECORD_CLASSES ? record->kind : RECORD_CLASS_STATE] += record->count;
}

int events_take(struct events *events, unsigned type, const union record *record)
{
    if (type == RECORD_TASK_ENDED)
        return take_ended(events, &record->task_ended);
    if (type == RECORD_DEATH)
        return take_death(events, &record->death);
    if (type == RECORD_LOG)
        return take_line(events, &record->log);
    if (type == RECORD_LOST) {
        take_lost(events, &record->lost);
        return 0;
    }
    const struct record_output *output = &record->output;
    return take_line(events, &(struct record_log){ .time_ns = output->time_ns,
                                                   .pid = output->pid,
                                                   .pool = output->pool,
                                                   .worker = output->worker,
                                                   .text = output->text });
}

/* ---- Questions ---- */

uint64_t events_death_count(const struct events *events)
{
    return smaller(events->death_total, DEATHS_KEPT);
}

const struct model_death *events_death_at(const struct events *events, uint64_t index)
{
    return &events->deaths[(events->death_total - 1 - index) % DEATHS_KEPT];
}

uint64_t events_unexpected_deaths(const struct events *events)
{
    uint64_t count = 0;
    for (uint64_t i = events_death_count(events); i-- > 0;)
        count += !events->deaths[i].said.expected;
    return count;
}

uint64_t events_failure_count(const struct events *events)
{
    return smaller(events->failure_total, FAILURES_KEPT);
}

const struct model_failure *events_failure_at(const struct events *events, uint64_t index)
{
    return &events->failures[(events->failure_total - 1 - index) % FAILURES_KEPT];
}

uint64_t events_line_count(const struct events *events)
{
    return smaller(events->line_total, LINES_KEPT);
}

const struct model_line *events_line_at(const struct events *events, uint64_t index)
{
    return &events->lines[(events->line_total - 1 - index) % LINES_KEPT];
}

uint64_t events_loss_count(const struct events *events)
{
    return smaller(events->loss_total, LOSSES_KEPT);
}

const struct record_lost *events_loss_at(const struct events *events, uint64_t index)
{
    return &events->losses[(events->loss_total - 1 - index) % LOSSES_KEPT];
}

uint64_t events_lost(const struct events *events)
{
    uint64_t lost = 0;
    for (int i = 0; i < RECORD_CLASSES; i++)
        lost += events->lost[i];
    return lost;
}
