#include "model/history.h"

#include <stddef.h>

#define NS_PER_S INT64_C(1000000000)
/* What was done in a shorter time says more about when somebody began to look. */
#define PART_NS (NS_PER_S / 2)

static struct history_sample *place_of(struct history *history, int64_t second)
{
    return &history->samples[(uint64_t)second % HISTORY_SECONDS];
}

/* Of more seconds than there are places only the last count. */
static void fill(struct history *history, int64_t second, struct history_sample sample)
{
    int64_t from = history->last + 1;
    if (second - from >= HISTORY_SECONDS)
        from = second - HISTORY_SECONDS + 1;
    for (int64_t each = from; each <= second; each++)
        *place_of(history, each) = sample;
    history->last = second;
    if (second - history->first >= HISTORY_SECONDS)
        history->first = second - HISTORY_SECONDS + 1;
}

void history_note(struct history *history, int64_t now_ns, const struct history_sample *sample)
{
    int64_t second = now_ns / NS_PER_S;
    if (!history->begun) {
        history->begun = true;
        history->begin_ns = now_ns;
        history->first = history->last = second;
        *place_of(history, second) = *sample;
    } else if (second > history->last)
        fill(history, second, history->is_silent ? (struct history_sample){ .is_unknown = true } : *sample);
    history->is_silent = false;
    if (now_ns >= history->noted_ns) {
        history->noted_ns = now_ns;
        history->noted_done = sample->done;
    }
}

void history_silence(struct history *history, int64_t heard_ns)
{
    int64_t second = heard_ns / NS_PER_S;
    if (!history->begun)
        return;
    history->is_silent = true;
    if (second < history->last && second >= history->first)
        history->last = second;
    if (heard_ns < history->noted_ns)
        history->noted_ns = heard_ns;
}

const struct history_sample *history_at(const struct history *history, int64_t second)
{
    if (!history->begun || second < history->first || second > history->last)
        return NULL;
    const struct history_sample *sample = &history->samples[(uint64_t)second % HISTORY_SECONDS];
    return sample->is_unknown ? NULL : sample;
}

bool history_is_whole(const struct history *history, int64_t second)
{
    return history->begun && (second - 1) * NS_PER_S >= history->begin_ns;
}

bool history_rate(const struct history *history, int64_t second, double *ret_rate)
{
    const struct history_sample *sample = history_at(history, second), *before = history_at(history, second - 1);
    if (sample == NULL || before == NULL || !history_is_whole(history, second) || sample->done < before->done)
        return false;
    *ret_rate = (double)(sample->done - before->done);
    return true;
}

/* Done per second from its beginning until that sample. */
static bool rate_until(const struct history *history, int64_t second, double *ret_rate)
{
    const struct history_sample *first = history_at(history, history->begin_ns / NS_PER_S);
    const struct history_sample *last = history_at(history, second);
    if (first == NULL || last == NULL || last->done < first->done)
        return false;
    *ret_rate = (double)(last->done - first->done) * NS_PER_S / (double)(second * NS_PER_S - history->begin_ns);
    return true;
}

bool history_rate_from_begin(const struct history *history, int64_t second, double *ret_rate)
{
    int64_t first = history->begin_ns / NS_PER_S;
    if (history_is_whole(history, second) || history_at(history, second) == NULL)
        return history_rate(history, second, ret_rate);
    bool is_short = (first + 1) * NS_PER_S - history->begin_ns < PART_NS;
    return rate_until(history, first + (is_short ? 2 : 1), ret_rate);
}

/* The sample from which on all is known: the first of all, or the first behind a time of silence. */
static int64_t first_of_known(const struct history *history)
{
    int64_t second = history->last;
    return history_at(history, second - 1) != NULL ? second - 1 : second;
}

bool history_rate_now(const struct history *history, double *ret_rate)
{
    if (history_rate(history, history->last, ret_rate))
        return true;
    int64_t second = first_of_known(history), from_ns = second * NS_PER_S;
    const struct history_sample *from = history_at(history, second);
    if (from_ns < history->begin_ns)
        from_ns = history->begin_ns;
    if (from == NULL || history->noted_ns - from_ns < PART_NS || history->noted_done < from->done)
        return false;
    *ret_rate = (double)(history->noted_done - from->done) * NS_PER_S / (double)(history->noted_ns - from_ns);
    return true;
}
