/* What a pool did in each of the last seconds, for its throughput and for charts. */
#ifndef MPROC_MODEL_HISTORY_H
#define MPROC_MODEL_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#define HISTORY_SECONDS 300

/** Of one moment. */
struct history_sample {
    uint64_t done; /**< tasks and items in all */
    uint64_t queued;
    uint64_t memory; /**< of all workers, in bytes; 0: no worker has told of it */
    double cpu;      /**< 1: one CPU; NAN: no worker has told of it yet */
    bool is_unknown; /**< the process was silent then; of history alone */
};

/** Samples at whole seconds of the watched process's clock. All zero is an empty one. */
struct history {
    struct history_sample samples[HISTORY_SECONDS]; /**< of a second at its number modulo HISTORY_SECONDS */
    int64_t first, last;                            /**< seconds that are known, both included */
    int64_t begin_ns;                               /**< when it began, in the middle of a second */
    int64_t noted_ns;                               /**< until when it is known what was done, */
    uint64_t noted_done;                            /**< and how much that is */
    bool begun, is_silent;
};

/** Says how things have been since the last call until a time, before what happens at it: whole seconds in between get
 * this sample. Times may not be told backwards; such a call is ignored. */
void history_note(struct history *history, int64_t now_ns, const struct history_sample *sample);

/** Says that nothing has been heard since that time: the seconds behind it are not known, and neither are those until
 * something is noted again. */
void history_silence(struct history *history, int64_t heard_ns);

/** The sample of a second; NULL where nothing is known. */
const struct history_sample *history_at(const struct history *history, int64_t second);

/** Whether all of the second before that sample was watched. */
bool history_is_whole(const struct history *history, int64_t second);

/** Done per second, in the second before that sample. False if it is not known, as of the second that had begun when
 * somebody began to look. */
bool history_rate(const struct history *history, int64_t second, double *ret_rate);

/** The same where all begins with the history, as in a recording: of the seconds up to the first that was watched as a
 * whole it is what was done from the beginning on, in the first half second or longer. */
bool history_rate_from_begin(const struct history *history, int64_t second, double *ret_rate);

/** What the throughput is now, wherever that is told: done per second in the last whole second; or, until one was
 * watched from its beginning to its end, in all the time that was, once that is half a second. False if it is not known
 * so far. */
bool history_rate_now(const struct history *history, double *ret_rate);

#endif
