#include "model/pools.h"

#include "model/bounds.h"
#include <math.h>
#include <mproc/base.h>
#include <mproc/stats.h>
#include <stdlib.h>

/* CPU shares are of half a second at least: shorter ones say more about the system's clock than about the worker. */
#define CPU_SPAN_NS RECORD_MEASURED_NS
/* What was told of once and not again by then, once it was asked again, has used nothing: it would have been told. */
#define CPU_FIRST_NS INT64_C(100000000)
/* The same of what is known to be told of: that it comes late is no reason to say so. */
#define CPU_HELD_NS INT64_C(1000000000)
/* Ended maps are kept for a while, so that one sees that they are done. */
#define ENDED_MAPS_KEPT 16u
/* Whatever the others take, nobody looks for what takes less. */
#define SLOW_LEAST_NS INT64_C(1000000)
/* Of fewer tasks the 99th percentile is the slowest one, and no task is slow against itself. */
#define SLOW_COUNT 100u

void pools_init(struct pools *pools)
{
    *pools = (struct pools){ .all = LIST_OF(struct model_pool *) };
}

/* ---- Their lives ---- */

static void free_workers(struct list *workers)
{
    for (size_t i = 0; i < workers->count; i++)
        free(((struct model_worker *)list_at(workers, i))->texts);
    list_free(workers);
}

static void free_functions(struct list *functions)
{
    for (size_t i = 0; i < functions->count; i++) {
        struct model_function *function = list_at(functions, i);
        free(function->texts);
        free(function->bins_text);
        free(function->usual);
    }
    list_free(functions);
}

static void free_pool(struct model_pool *pool)
{
    free_workers(&pool->workers);
    free_functions(&pool->functions);
    list_free(&pool->maps);
    free(pool->texts);
    free(pool);
}

void pools_free(struct pools *pools)
{
    for (size_t i = 0; i < pools->all.count; i++)
        free_pool(pools_at(pools, i));
    list_free(&pools->all);
}

/* What the functions of a pool have of the room for bins. */
static size_t bins_of(const struct model_pool *pool)
{
    size_t bytes = 0;
    for (size_t i = 0; i < pool->functions.count; i++)
        bytes += ((struct model_function *)list_at(&pool->functions, i))->bins.run.size;
    return bytes;
}

static size_t usuals_of(const struct model_pool *pool)
{
    size_t count = 0;
    for (size_t i = 0; i < pool->functions.count; i++)
        count += ((struct model_function *)list_at(&pool->functions, i))->usual != NULL;
    return count;
}

static void remove_pool(struct pools *pools, size_t index)
{
    pools->bins_bytes -= bins_of(pools_at(pools, index));
    pools->usuals -= usuals_of(pools_at(pools, index));
    free_pool(pools_at(pools, index));
    list_remove(&pools->all, index);
}

/* Of pools that are gone the oldest make room for new ones. */
static bool make_room(struct pools *pools)
{
    for (size_t i = 0; i < pools->all.count; i++)
        if (pools_at(pools, i)->said.phase == RECORD_PHASE_GONE) {
            remove_pool(pools, i);
            return true;
        }
    return false;
}

static struct model_pool *new_pool(struct pools *pools, uint32_t number)
{
    struct model_pool *pool = calloc(1, sizeof *pool);
    struct model_pool **place = pool != NULL ? list_add(&pools->all) : NULL;
    if (place == NULL) {
        free(pool);
        return NULL;
    }
    pool->number = number;
    pool->workers = LIST_OF(struct model_worker);
    pool->functions = LIST_OF(struct model_function);
    pool->maps = LIST_OF(struct model_map);
    return *place = pool;
}

/* 1 with the pool, which may be new; 0 if there are too many; or an error. */
static int pool_for(struct pools *pools, uint32_t number, struct model_pool **ret_pool)
{
    *ret_pool = pools_find(pools, number);
    if (*ret_pool != NULL)
        return 1;
    if (pools->all.count >= POOLS_MAX && !make_room(pools))
        return 0;
    *ret_pool = new_pool(pools, number);
    return *ret_pool != NULL ? 1 : MPROC_E_NO_MEMORY;
}

/* The element of that index, those before it made as needed. NULL for want of memory. */
static void *element_for(struct list *list, size_t index)
{
    while (list->count <= index)
        if (list_add(list) == NULL)
            return NULL;
    return list_at(list, index);
}

/* ---- Taking records ---- */

/* Whether what comes now is no older than what is known. */
static bool is_news(struct pools *pools, struct told *told, const struct wire_frame *frame)
{
    if (frame->time_ns < told->at_ns)
        return false;
    *told = (struct told){ frame->time_ns, pools->snapshot };
    return true;
}

static int take_pool(struct pools *pools, struct model_pool *pool, const struct wire_frame *frame,
                     const struct record_pool *record)
{
    if (!is_news(pools, &pool->told, frame))
        return 0;
    if (record->phase < RECORD_PHASE_OVER)
        pool->over_ns = 0;
    else if (pool->over_ns == 0)
        pool->over_ns = frame->time_ns;
    return kept_store(RECORD_POOL, &pool->said, &pool->texts, record);
}

static int take_counts(struct pools *pools, struct model_pool *pool, const struct wire_frame *frame,
                       const struct record_counts *record)
{
    if (is_news(pools, &pool->counts_told, frame))
        pool->counts = *record;
    return 0;
}

/* Two moments are kept that are far enough from each other. A worker is told of for other reasons in between, with the
 * time that it had when it was asked last: when that is another one it was asked just now, which alone is a moment of
 * which the time is known. Another process begins from zero. */
static void note_cpu(struct model_worker *worker, int64_t at_ns, const struct record_worker *record)
{
    struct model_cpu now = { at_ns, record->cpu_ns };
    bool same = worker->newer.at_ns != 0 && record->pid == worker->said.pid && now.cpu_ns >= worker->newer.cpu_ns;
    if (!same)
        worker->older = worker->newer = now;
    else if (now.cpu_ns != worker->said.cpu_ns && at_ns - worker->newer.at_ns >= CPU_SPAN_NS) {
        worker->older = worker->newer;
        worker->newer = now;
    }
}

static int take_worker(struct pools *pools, struct model_pool *pool, const struct wire_frame *frame,
                       const struct record_worker *record)
{
    if (record->worker >= WORKERS_MAX) {
        pools->ignored++;
        return 0;
    }
    struct model_worker *worker = element_for(&pool->workers, record->worker);
    if (worker == NULL)
        return MPROC_E_NO_MEMORY;
    if (!is_news(pools, &worker->told, frame))
        return 0;
    note_cpu(worker, frame->time_ns, record);
    worker->known = true;
    return kept_store(RECORD_WORKER, &worker->said, &worker->texts, record);
}

static int function_for(struct pools *pools, struct model_pool *pool, uint32_t number,
                        struct model_function **ret_function)
{
    if (number >= FUNCTIONS_MAX) {
        pools->ignored++;
        return 0;
    }
    *ret_function = element_for(&pool->functions, number);
    return *ret_function != NULL ? 1 : MPROC_E_NO_MEMORY;
}

static int take_function(struct pools *pools, struct model_pool *pool, const struct record_function *record)
{
    struct model_function *function;
    int found = function_for(pools, pool, record->function, &function);
    if (found <= 0)
        return found;
    return kept_store(RECORD_FUNCTION, &function->said, &function->texts, record);
}

static int take_function_stats(struct pools *pools, struct model_pool *pool, const struct wire_frame *frame,
                               const struct record_function_stats *record)
{
    struct model_function *function;
    int found = function_for(pools, pool, record->function, &function);
    if (found > 0 && is_news(pools, &function->told, frame))
        function->stats = *record;
    return found < 0 ? found : 0;
}

static int take_function_bins(struct pools *pools, struct model_pool *pool, const struct record_function_bins *record)
{
    struct model_function *function;
    int found = function_for(pools, pool, record->function, &function);
    if (found <= 0)
        return found;
    size_t bytes = pools->bins_bytes - function->bins.run.size + record->run.size;
    if (bytes > BINS_BYTES_MAX) {
        pools->ignored++;
        return 0;
    }
    int code = kept_store(RECORD_FUNCTION_BINS, &function->bins, &function->bins_text, record);
    if (code == 0)
        pools->bins_bytes = bytes;
    return code;
}

/* Of those that returned, as pools count them themselves. A function that was not told of is not made here: whatever is
 * known of it comes with its name. */
int pools_take_run(struct pools *pools, const struct record_task_ended *record)
{
    const struct model_pool *pool = pools_find(pools, record->pool);
    bool is_known = pool != NULL && record->function > 0 && record->function < pool->functions.count;
    bool has_returned = record->end == RECORD_END_DONE || record->end == RECORD_END_FAILED;
    if (!is_known || record->items > 1 || !has_returned)
        return 0;
    struct model_function *function = list_at(&pool->functions, record->function);
    if (function->stats.run_count > 0 || (function->usual == NULL && pools->usuals >= USUALS_MAX))
        return 0;
    if (function->usual == NULL) {
        if ((function->usual = calloc(1, sizeof *function->usual)) == NULL)
            return MPROC_E_NO_MEMORY;
        pools->usuals++;
    }
    usual_add(function->usual, record->run_ns);
    return 0;
}

static void drop_old_maps(struct list *maps)
{
    size_t ended = 0;
    for (size_t i = 0; i < maps->count; i++)
        ended += ((struct model_map *)list_at(maps, i))->said.ended;
    for (size_t i = 0; i < maps->count && ended > ENDED_MAPS_KEPT;)
        if (((struct model_map *)list_at(maps, i))->said.ended) {
            list_remove(maps, i);
            ended--;
        } else
            i++;
}

static struct model_map *find_map(const struct list *maps, uint64_t task)
{
    for (size_t i = maps->count; i-- > 0;) {
        struct model_map *map = list_at(maps, i);
        if (map->said.task == task)
            return map;
    }
    return NULL;
}

static int take_map(struct pools *pools, struct model_pool *pool, const struct wire_frame *frame,
                    const struct record_map *record)
{
    struct model_map *map = find_map(&pool->maps, record->task);
    if (map == NULL && pool->maps.count >= MAPS_MAX) {
        pools->ignored++;
        return 0;
    }
    if (map == NULL && (map = list_add(&pool->maps)) == NULL)
        return MPROC_E_NO_MEMORY;
    if (is_news(pools, &map->told, frame)) {
        map->said = *record;
        map->said.ended = record->ended != 0;
    }
    drop_old_maps(&pool->maps);
    return 0;
}

/* All these records begin with the number of their pool. */
static uint32_t pool_of(const union record *record)
{
    return record->pool.pool;
}

int pools_take(struct pools *pools, const struct wire_frame *frame, const union record *record)
{
    struct model_pool *pool;
    int found = pool_for(pools, pool_of(record), &pool);
    if (found <= 0) {
        pools->ignored += found == 0;
        return found;
    }
    switch (frame->type) {
    case RECORD_POOL:
        return take_pool(pools, pool, frame, &record->pool);
    case RECORD_COUNTS:
        return take_counts(pools, pool, frame, &record->counts);
    case RECORD_WORKER:
        return take_worker(pools, pool, frame, &record->worker);
    case RECORD_FUNCTION:
        return take_function(pools, pool, &record->function);
    case RECORD_FUNCTION_STATS:
        return take_function_stats(pools, pool, frame, &record->function_stats);
    case RECORD_FUNCTION_BINS:
        return take_function_bins(pools, pool, &record->function_bins);
    case RECORD_MAP:
        return take_map(pools, pool, frame, &record->map);
    default:
        return 0;
    }
}

/* ---- Snapshots ---- */

void pools_snapshot_begin(struct pools *pools)
{
    pools->snapshot++;
}

/* Maps that have ended are history, which a snapshot does not tell. */
static void forget_maps(struct list *maps, uint64_t snapshot)
{
    for (size_t i = maps->count; i-- > 0;) {
        const struct model_map *map = list_at(maps, i);
        if (map->told.snapshot < snapshot && !map->said.ended)
            list_remove(maps, i);
    }
}

static void forget_workers(struct list *workers, uint64_t snapshot)
{
    for (size_t i = 0; i < workers->count; i++) {
        struct model_worker *worker = list_at(workers, i);
        worker->known = worker->known && worker->told.snapshot >= snapshot;
    }
}

void pools_snapshot_end(struct pools *pools)
{
    for (size_t i = pools->all.count; i-- > 0;) {
        struct model_pool *pool = pools_at(pools, i);
        if (pool->told.snapshot < pools->snapshot) {
            remove_pool(pools, i);
            continue;
        }
        forget_maps(&pool->maps, pools->snapshot);
        forget_workers(&pool->workers, pools->snapshot);
    }
}

/* ---- Questions ---- */

struct model_pool *pools_find(const struct pools *pools, uint32_t number)
{
    for (size_t i = 0; i < pools->all.count; i++)
        if (pools_at(pools, i)->number == number)
            return pools_at(pools, i);
    return NULL;
}

const struct model_worker *pool_lane_at(const struct model_pool *pool, uint64_t index)
{
    if (index >= pool->workers.count)
        return NULL;
    const struct model_worker *worker = list_at(&pool->workers, (size_t)index);
    return worker->known ? worker : NULL;
}

const struct model_worker *pool_worker_at(const struct model_pool *pool, uint64_t index)
{
    const struct model_worker *worker = pool_lane_at(pool, index);
    if (worker == NULL || (worker->said.state == MPROC_WORKER_NONE && index >= pool->said.max_workers))
        return NULL;
    return worker;
}

const struct model_function *pool_function_at(const struct model_pool *pool, uint32_t number)
{
    return number == 0 || number >= pool->functions.count ? NULL : list_at(&pool->functions, number);
}

int64_t pool_age_ns(const struct model_pool *pool, int64_t now_ns)
{
    int64_t until_ns = pool->over_ns != 0 ? pool->over_ns : now_ns;
    bool is_known = pool->said.created_ns > 0 && until_ns > pool->said.created_ns;
    return is_known ? until_ns - pool->said.created_ns : 0;
}

uint64_t pool_done(const struct model_pool *pool)
{
    return pool->counts.succeeded + pool->counts.failed + pool->counts.items;
}

size_t pool_count_workers(const struct model_pool *pool, unsigned state)
{
    size_t count = 0;
    for (size_t i = 0; i < pool->workers.count; i++) {
        const struct model_worker *worker = pool_worker_at(pool, i);
        count += worker != NULL && worker->said.state == state;
    }
    return count;
}

/* In large pools it is not everybody's turn each time. */
static int64_t time_between_questions_ns(const struct model_pool *pool)
{
    return (int64_t)((pool->workers.count + RECORD_MEASURED - 1) / RECORD_MEASURED) * RECORD_MEASURED_NS;
}

/* It changes when it is told anew, or is not for so long that nothing can have changed: whoever asks in between, and
 * however often, hears the same. */
bool worker_cpu(const struct model_pool *pool, const struct model_worker *worker, int64_t now_ns, double *ret_share)
{
    int64_t turn_ns = time_between_questions_ns(pool);
    const struct model_cpu *older = &worker->older, *newer = &worker->newer;
    bool was_asked_twice = newer->at_ns > older->at_ns;
    int64_t untold_ns = now_ns - newer->at_ns;
    if (newer->cpu_ns == 0 || worker->said.state == MPROC_WORKER_NONE)
        return false;
    if (untold_ns >= turn_ns + (was_asked_twice ? CPU_HELD_NS : CPU_FIRST_NS))
        *ret_share = 0;
    else if (was_asked_twice)
        *ret_share = (double)(newer->cpu_ns - older->cpu_ns) / (double)(newer->at_ns - older->at_ns);
    return was_asked_twice || untold_ns >= turn_ns + CPU_FIRST_NS;
}

/* Where no worker has been known for long enough to say what it takes, nobody knows what all of them take. */
bool pool_cpu(const struct model_pool *pool, int64_t now_ns, double *ret_share)
{
    size_t alive = 0, known = 0;
    double sum = 0, share;
    for (size_t i = 0; i < pool->workers.count; i++) {
        const struct model_worker *worker = pool_worker_at(pool, i);
        alive += worker != NULL && worker->said.state != MPROC_WORKER_NONE;
        if (worker == NULL || !worker_cpu(pool, worker, now_ns, &share))
            continue;
        known++;
        sum += share;
    }
    if (alive > 0 && known == 0)
        return false;
    *ret_share = sum;
    return true;
}

/* Nobody takes none: that one has not been asked. */
bool pool_memory(const struct model_pool *pool, uint64_t *ret_bytes)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < pool->workers.count; i++) {
        const struct model_worker *worker = pool_worker_at(pool, i);
        sum += worker != NULL ? worker->said.memory : 0;
    }
    *ret_bytes = sum;
    return sum > 0;
}

struct function_times function_times(const struct model_function *function)
{
    if (function == NULL)
        return (struct function_times){ .count = 0 };
    const struct record_function_stats *stats = &function->stats;
    if (stats->run_count > 0 || function->usual == NULL)
        return (struct function_times){ stats->run_count, stats->run_p50_ns, stats->run_p99_ns };
    return (struct function_times){ function->usual->count, usual_quantile(function->usual, 500),
                                    usual_quantile(function->usual, 990) };
}

bool function_is_slow(const struct model_function *function, int64_t run_ns, double *ret_ratio)
{
    const struct function_times times = function_times(function);
    if (times.count < SLOW_COUNT || run_ns <= times.p99_ns || run_ns < SLOW_LEAST_NS)
        return false;
    *ret_ratio = (double)run_ns / (double)(times.p50_ns > 0 ? times.p50_ns : 1);
    return true;
}

/* A number of digits, which may be no larger than most; 0 of none. */
static uint64_t read_number(const char **text, uint64_t most)
{
    uint64_t number = 0;
    for (; **text >= '0' && **text <= '9'; ++*text) {
        uint64_t digit = (uint64_t)(**text - '0');
        number = number > (most - digit) / 10 ? most : number * 10 + digit;
    }
    return number;
}

/* The last of the cell that begins there: below 16 there is one for each number, above eight to a power of two. */
static int64_t end_of_cell(int64_t from_ns)
{
    int64_t width = 1;
    while (from_ns / width >= 16)
        width *= 2;
    return from_ns > INT64_MAX - width ? INT64_MAX : from_ns + width - 1;
}

bool function_next_bin(const struct model_function *function, size_t *at, struct model_bin *ret_bin)
{
    if (function == NULL || *at >= function->bins.run.size)
        return false;
    const char *first = kept_string(function->bins.run), *text = first + *at;
    int64_t from_ns = (int64_t)read_number(&text, INT64_MAX);
    if (*text++ != ':')
        return false;
    *ret_bin = (struct model_bin){ from_ns, end_of_cell(from_ns), read_number(&text, UINT64_MAX) };
    *at = (size_t)(text - first) + 1;
    return true;
}

bool map_left(const struct model_map *map, int64_t now_ns, int64_t *ret_left_ns)
{
    const struct record_map *said = &map->said;
    if (said->ended || said->done == 0 || said->done > said->items || now_ns <= said->submitted_ns)
        return false;
    double each = (double)(now_ns - said->submitted_ns) / (double)said->done;
    *ret_left_ns = bounds_length(each * (double)(said->items - said->done));
    return true;
}

static struct history_sample sample_of(const struct model_pool *pool, int64_t now_ns)
{
    struct history_sample sample = { .done = pool_done(pool), .queued = pool->counts.queued };
    if (!pool_memory(pool, &sample.memory))
        sample.memory = 0;
    if (!pool_cpu(pool, now_ns, &sample.cpu))
        sample.cpu = NAN;
    return sample;
}

void pools_tick(struct pools *pools, int64_t now_ns)
{
    for (size_t i = 0; i < pools->all.count; i++) {
        struct model_pool *pool = pools_at(pools, i);
        if (pool->counts_told.at_ns == 0)
            continue;
        struct history_sample sample = sample_of(pool, now_ns);
        history_note(&pool->history, now_ns, &sample);
        overall_note(&pool->overall, now_ns, sample.done);
    }
}

void pools_silence(struct pools *pools, int64_t heard_ns)
{
    for (size_t i = 0; i < pools->all.count; i++)
        history_silence(&pools_at(pools, i)->history, heard_ns);
}
