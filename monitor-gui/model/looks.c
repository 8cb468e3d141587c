#include "model/looks.h"

/* It takes a moment to ask for more. */
#define LEAST_NS INT64_C(1000000000)

static struct looks_span *look_at(const struct looks *looks, uint64_t number)
{
    return (struct looks_span *)&looks->all[number % LOOKS_KEPT];
}

static uint64_t first_kept(const struct looks *looks)
{
    return looks->total > LOOKS_KEPT ? looks->total - LOOKS_KEPT : 0;
}

void looks_set(struct looks *looks, bool is_looked_at, int64_t now_ns)
{
    if (looks->since_ns == 0)
        looks->since_ns = now_ns;
    if (looks->is_open == is_looked_at)
        return;
    looks->is_open = is_looked_at;
    if (is_looked_at)
        *look_at(looks, looks->total++) = (struct looks_span){ now_ns, INT64_MAX };
    else
        look_at(looks, looks->total - 1)->to_ns = now_ns;
}

bool looks_had(const struct looks *looks, int64_t time_ns)
{
    if (looks->since_ns == 0)
        return true;
    for (uint64_t i = first_kept(looks); i < looks->total; i++)
        if (time_ns >= look_at(looks, i)->from_ns && time_ns < look_at(looks, i)->to_ns)
            return true;
    return false;
}

static bool is_long(const struct looks_span *gap)
{
    return gap->to_ns - gap->from_ns >= LEAST_NS;
}

bool looks_gap(const struct looks *looks, int64_t now_ns, struct looks_span *ret_gap)
{
    int64_t to_ns = now_ns;
    for (uint64_t i = looks->total; i > first_kept(looks); i--) {
        *ret_gap = (struct looks_span){ look_at(looks, i - 1)->to_ns, to_ns };
        if (ret_gap->from_ns < to_ns && is_long(ret_gap))
            return true;
        to_ns = look_at(looks, i - 1)->from_ns;
    }
    *ret_gap = (struct looks_span){ looks->since_ns, to_ns };
    return looks->since_ns != 0 && looks->total <= LOOKS_KEPT && is_long(ret_gap);
}
