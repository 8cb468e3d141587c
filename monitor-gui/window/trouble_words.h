/* One thing of a pool that is slow, failed or died, in words. No widget is known here. */
#ifndef MPROC_WINDOW_TROUBLE_WORDS_H
#define MPROC_WINDOW_TROUBLE_WORDS_H

#include "window/desk.h"
#include "window/glyph.h"
#include "window/worker_rows.h"

struct trouble {
    enum glyph glyph;
    struct words call, about, when; /**< parse_page("0419.html"); why; how long ago */
    struct task_key task;           /**< task 0: a worker died that ran none */
    bool is_worker;                 /**< it is told of beside a worker, not a task */
    struct worker_row worker;
};

/** The worst first. */
enum trouble_rank { TROUBLE_FAILED, TROUBLE_RETRIED, TROUBLE_SLOW };

/** What is over: a task with all its attempts, or a worker that died without one. */
struct trouble_over {
    enum trouble_rank rank; /**< failed: for good; retried: what an attempt of it, or a worker, died of is made good */
    int64_t time_ns;
    struct task_key key;
    const struct model_task *task;    /**< NULL if it is not kept */
    const struct record_death *death; /**< who is told of where no task is */
    double ratio;                     /**< of one that was slow */
};

/** Whether it is a task: who died without one tells of number 0, and a task may have any number. */
static inline bool trouble_is_task(const struct trouble_over *over)
{
    return over->task != NULL || over->key.task != 0;
}

/** A worker whose task runs too long, so many times as long as is usual; and what is over. */
struct trouble trouble_of_worker(const struct view *view, const struct model_worker *worker, double ratio);
struct trouble trouble_of_over(const struct view *view, const struct trouble_over *over);

#endif
