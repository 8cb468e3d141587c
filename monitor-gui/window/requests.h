/* What a process was asked to do, and has not answered yet. */
#ifndef MPROC_WINDOW_REQUESTS_H
#define MPROC_WINDOW_REQUESTS_H

#include "trace/record.h"
#include <stdbool.h>

/** What became of one. code: 0 if it was done; else a mproc_error, with the text of who refused it. */
struct answer {
    struct record_control asked;
    int64_t code;
    const char *text;
    unsigned left; /**< how many of the same kind were asked for and have no answer so far */
};

typedef void answer_fn(const struct answer *answer, void *user);

struct requests;

/** answered: told of each request once. */
struct requests *requests_new(answer_fn *answered, void *user);
/** Of what is open nothing more is told. NULL is allowed. */
void requests_free(struct requests *requests);

/** Gives a control the number with which its answer will come. now_us: by g_get_monotonic_time; here and below. */
void requests_add(struct requests *requests, struct record_control *control, int64_t now_us);

/** The answer to one; to none that is open, nothing. */
void requests_take(struct requests *requests, const struct record_reply *reply);

/** Those that were asked too long ago are answered: that nothing was said. */
void requests_beat(struct requests *requests, int64_t now_us);

/** No answer will come any more: that is the answer to all that are open. */
void requests_lose(struct requests *requests);

#endif
