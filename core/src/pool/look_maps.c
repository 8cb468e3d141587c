#include "pool/look_maps.h"
#include "pool/function_names.h"

static void look_at_map(struct look *look, const struct job *map, const struct trace_clock *clock)
{
    struct record_map *record = look_add(look, RECORD_MAP, 0);
    if (record == NULL)
        return;
    const struct batch *batch = map->extra.batch;
    *record = (struct record_map){ .pool = map->pool->number,
                                   .task = map->number,
                                   .function = mproc__function_number(map),
                                   .items = batch->count,
                                   .done = batch->count - batch->remaining,
                                   .failed = batch->failed,
                                   .submitted_ns = trace_time(clock, map->submitted) };
}

void mproc__look_at_maps(struct look *look, const mproc_pool *pool, const struct trace_clock *clock)
{
    unsigned left = LOOK_MAPS_MAX;
    for (const struct job *map = pool->first_map; map != NULL && left-- > 0; map = map->extra.batch->next_map)
        look_at_map(look, map, clock);
}
