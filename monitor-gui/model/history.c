#include "model/history.h"

#include <stddef.h>

#define NS_PER_S INT64_C(1000000000)

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
        history->begin = history->first = history->last = second;
        *place_of(history, second) = *sample;
    } else if (second > history->last)
        fill(history, second, history->is_silent ? (struct history_sample){ .is_unknown = true } : *sample);
    history->is_silent = false;
}

void history_silence(struct history *history, int64_t heard_ns)
{
    int64_t second = heard_ns / NS_PER_S;
    if (!history->begun)
        return;
    history->is_silent = true;
    if (second < history->last && second >= history->first)
        history->last = second;
}

const struct history_sample *history_at(const struct history *history, int64_t second)
{
    if (!history->begun || second < history->first || second > history->last)
        return NULL;
    const struct history_sample *sample = &history->samples[(uint64_t)second % HISTORY_SECONDS];
    return sample->is_unknown ? NULL : sample;
}

bool history_rate(const struct history *history, int64_t second, double *ret_rate)
{
    const struct history_sample *sample = history_at(history, second), *before = history_at(history, second - 1);
    if (sample == NULL || before == NULL || second - 1 == history->begin || sample->done < before->done)
        return false;
    *ret_rate = (double)(sample->done - before->done);
    return true;
}
