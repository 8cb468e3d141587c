#include "pool/look_maps.h"
#include "pool/function_names.h"

/* Jobs that wait, as far as their maps are looked for. */
#define JOBS_ASKED 256u

struct maps {
    const struct job *seen[LOOK_MAPS_MAX];
    unsigned count;
};

static void look_at_map(struct look *look, struct maps *maps, const struct job *map, const struct trace_clock *clock)
{
    for (unsigned i = maps->count; i-- > 0;)
        if (maps->seen[i] == map)
            return;
    struct record_map *record = maps->count < LOOK_MAPS_MAX ? look_add(look, RECORD_MAP, 0) : NULL;
    if (record == NULL)
        return;
    maps->seen[maps->count++] = map;
    const struct batch *batch = map->extra.batch;
    *record = (struct record_map){ .pool = map->pool->number,
                                   .task = map->number,
                                   .function = mproc__function_number(map),
                                   .items = batch->count,
                                   .done = batch->count - batch->remaining,
                                   .failed = batch->failed,
                                   .submitted_ns = trace_time(clock, map->submitted) };
}

static void look_at_jobs(struct look *look, struct maps *maps, const struct job *first, const struct trace_clock *clock)
{
    unsigned left = JOBS_ASKED;
    for (const struct job *job = first; job != NULL && left-- > 0; job = job->next)
        if (job->kind == JOB_KIND_MAP || job->extra.group != NULL)
            look_at_map(look, maps, job->extra.group != NULL ? job->extra.group : job, clock);
}

void mproc__look_at_maps(struct look *look, const mproc_pool *pool, const struct trace_clock *clock)
{
    struct maps maps = { .count = 0 };
    for (int i = 0; i < pool->worker_count; i++)
        look_at_jobs(look, &maps, pool_worker(pool, i)->jobs.head, clock);
    look_at_jobs(look, &maps, pool->pending.head, clock);
}
