/* What became of a task's attempts, in words: of one that ended with its worker the next one is what counts. No widget
 * is known here. */
#ifndef MPROC_WINDOW_ATTEMPT_WORDS_H
#define MPROC_WINDOW_ATTEMPT_WORDS_H

#include "model/words.h"
#include "window/glyph.h"

/** An attempt of a task that is kept, of its number and with that process; NULL if none is, or it is another one's. */
const struct model_task *attempt_find(const struct model *model, const struct task_key *key, uint32_t attempt,
                                      int64_t pid);

/** "attempt 1 of 2", as many as are known to have been made or to come; "attempt 1" of one alone. */
struct words attempt_words(const struct model *model, const struct task_key *key, uint32_t attempt);

/** How it went with one that follows another. */
struct attempt_end {
    enum glyph glyph;
    int64_t time_ns;   /**< when it ended, or began if it runs; 0: not known */
    const char *brief; /**< "done", "waits" */
    struct words words;
};

/** "attempt 2 was done by worker 5 in 1.2 s". There is such an attempt: the one before it was said to be made again. */
struct attempt_end attempt_end(const struct model *model, const struct task_key *key, uint32_t attempt);

#endif
