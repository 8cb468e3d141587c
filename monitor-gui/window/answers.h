/* What is said of an answer: what was done, or what was refused and why. */
#ifndef MPROC_WINDOW_ANSWERS_H
#define MPROC_WINDOW_ANSWERS_H

#include "model/words.h"
#include "window/requests.h"

/** "Worker 2 was killed"; of what was refused "Worker 2 was not killed". */
struct words answer_head(const struct answer *answer);

/** The same of several that came one after the other, for verbs about tasks: "12 tasks were cancelled". */
struct words answer_head_of_many(unsigned verb, unsigned count);

/** Of several that were asked for together, how many were done so far. All zero at first. */
struct answer_tally {
    unsigned verb, count, left;
};

/** Counts one more, if it was done: not if it was refused, or if there was nothing left to do for its task. Returns how
 * many of those with it were done, those that wait for their answers being the same request as this one. */
unsigned answer_count(struct answer_tally *tally, const struct answer *answer);

/** Why it was refused, as a sentence; what there is to add to what was done, or "". */
struct words answer_text(const struct answer *answer);

#endif
