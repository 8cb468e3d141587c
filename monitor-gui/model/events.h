/* What happened once: deaths of workers, tasks that failed, log lines and what workers wrote to stderr, losses on the
 * way. So many are kept as there is room for; the oldest make room.
 */
#ifndef MPROC_MODEL_EVENTS_H
#define MPROC_MODEL_EVENTS_H

#include "model/kept.h"

#define DEATHS_KEPT   256u
#define FAILURES_KEPT 512u
#define LINES_KEPT    2048u
#define LOSSES_KEPT   256u

/** A death certificate. It comes again when more is known of the same death. */
struct model_death {
    struct record_death said;
    char *texts;
};

/** A task that failed by itself: neither its worker's death nor a limit is it. */
struct model_failure {
    struct record_task_ended said;
    char *texts;
};

/** A line of the log, or a piece of a worker's stderr: that is one without a level. */
struct model_line {
    struct record_log said;
    char *texts;
};

struct events {
    struct model_death deaths[DEATHS_KEPT];
    struct model_failure failures[FAILURES_KEPT];
    struct model_line lines[LINES_KEPT];
    struct record_lost losses[LOSSES_KEPT]; /**< what is lost in one go, a second long at most, is one */
    uint64_t death_total, failure_total, line_total, loss_total; /**< that ever were told of */
    uint64_t lost[RECORD_CLASSES];                               /**< records, by class */
};

void events_free(struct events *events);

/** Takes a record of the types task_ended, death, log, output and lost. Returns 0 or MPROC_E_NO_MEMORY. */
int events_take(struct events *events, unsigned type, const union record *record);

/** How many there are, and each of them: 0 is the last one. */
uint64_t events_death_count(const struct events *events);
const struct model_death *events_death_at(const struct events *events, uint64_t index);
/** How many of those that are kept nobody had asked for. */
uint64_t events_unexpected_deaths(const struct events *events);
uint64_t events_failure_count(const struct events *events);
const struct model_failure *events_failure_at(const struct events *events, uint64_t index);
uint64_t events_line_count(const struct events *events);
const struct model_line *events_line_at(const struct events *events, uint64_t index);
uint64_t events_loss_count(const struct events *events);
const struct record_lost *events_loss_at(const struct events *events, uint64_t index);

/** Records that were lost, of all classes. */
uint64_t events_lost(const struct events *events);

#endif
