#include "model/overall.h"

/* So long is a part at first. */
#define PART_NS  INT64_C(100000000)
#define NS_PER_S 1e9

/* Every second mark goes. */
static void halve(struct overall *overall)
{
    for (size_t i = 1; i <= OVERALL_PARTS / 2; i++)
        overall->done[i] = overall->done[2 * i];
    overall->count = OVERALL_PARTS / 2;
    overall->part_ns *= 2;
}

void overall_note(struct overall *overall, int64_t now_ns, uint64_t done)
{
    if (overall->part_ns == 0) {
        *overall = (struct overall){ .begin_ns = now_ns, .part_ns = PART_NS };
        overall->done[0] = done;
    }
    while ((now_ns - overall->begin_ns) / overall->part_ns > (int64_t)overall->count)
        if (overall->count == OVERALL_PARTS)
            halve(overall);
        else
            overall->done[++overall->count] = done;
}

/* A count that goes back is one of another life. */
double overall_rate(const struct overall *overall, size_t part)
{
    uint64_t before = overall->done[part], after = overall->done[part + 1];
    return after > before ? (double)(after - before) * NS_PER_S / (double)overall->part_ns : 0;
}
