#include "model/death_times.h"

#define NS_PER_S INT64_C(1000000000)

void death_times_note(struct death_times *times, int64_t time_ns)
{
    int64_t second = time_ns / NS_PER_S;
    struct death_second *place = &times->seconds[(uint64_t)second % DEATH_SECONDS];
    if (time_ns < 0 || second < place->second)
        return;
    if (second > place->second)
        *place = (struct death_second){ .second = second };
    uint32_t *count = &place->counts[time_ns % NS_PER_S * DEATH_STEPS / NS_PER_S];
    *count += *count < UINT32_MAX;
}

uint32_t death_times_at(const struct death_times *times, int64_t second, int step)
{
    const struct death_second *place = &times->seconds[(uint64_t)second % DEATH_SECONDS];
    return second >= 0 && place->second == second ? place->counts[step] : 0;
}
