#include "window/room.h"

#include "window/watch_limits.h"

/* At a time: some milliseconds' work, for more than comes in a quarter of a second. */
#define GIVEN_UP_MAX ((size_t)16 << 20)

const struct room room_of_window = { WATCH_BYTES_ALL, WATCH_BYTES, WATCH_BYTES_ASIDE };

/* What all of them take, and whose of those that are not looked at is most. */
struct sum {
    size_t bytes;
    guint others;
    struct tasks *most;
};

static struct sum sum_up(GPtrArray *watches, const struct watch *seen)
{
    struct sum sum = { .bytes = 0 };
    for (guint i = 0; i < watches->len; i++) {
        struct tasks *tasks = watch_tasks(watches->pdata[i]);
        if (tasks == NULL)
            continue;
        sum.bytes += tasks->bytes;
        if (watches->pdata[i] == seen)
            continue;
        sum.others++;
        if (sum.most == NULL || tasks->bytes > sum.most->bytes)
            sum.most = tasks;
    }
    return sum;
}

void room_share(const struct room *room, GPtrArray *watches, const struct watch *seen)
{
    const struct sum sum = sum_up(watches, seen);
    if (sum.others == 0)
        return;
    if (sum.bytes > room->all)
        tasks_forget(sum.most, MIN(sum.bytes - room->all, GIVEN_UP_MAX));
    size_t share = MIN(room->aside, (room->all - room->looked_at) / sum.others);
    for (guint i = 0; i < watches->len; i++)
        if (watches->pdata[i] != seen && watch_tasks(watches->pdata[i]) != NULL)
            tasks_bound(watch_tasks(watches->pdata[i]), share);
}
