/* Maps: a kernel over arrays in chunks that are made when there is room for them, and batches of calls. */
#include "base/error.h"
#include "base/function.h"
#include "base/options.h"
#include "pool/callback.h"
#include "pool/end.h"
#include "pool/finish.h"
#include "pool/job.h"
#include "pool/job_table.h"
#include "pool/notes.h"
#include "pool/pending.h"
#include "pool/pool.h"
#include "pool/result.h"
#include "pool/state.h"
#include "pool/submit.h"
#include <stdlib.h>

/* A chunk should take about this long: long against what dispatching it costs, short against a map. */
#define CHUNK_NS 100000

/* ---- Chunks ---- */

static size_t items_that_fit(const struct batch *batch)
{
    size_t largest = batch->in_size > batch->out_size ? batch->in_size : batch->out_size;
    return largest >= MAP_CHUNK_BYTES ? 1 : MAP_CHUNK_BYTES / largest;
}

/* One by one if each has terms of its own: a kill that they ask for hits one item, and no other.
 * Before any item has been measured one at a time, so that slow items spread out; then by time, but never so many that
 * the last chunk leaves the other workers idle. */
static size_t choose_chunk(const struct job *map)
{
    const struct batch *batch = map->extra.batch;
    size_t left = batch->count - batch->next, most = items_that_fit(batch), size;
    if (batch->chunk_size > 0) {
        size = (size_t)batch->chunk_size;
    } else if (batch->item_ns < 0 || task_has_terms(&map->extra.terms)) {
        size = 1;
    } else {
        size_t share = left / (2 * (size_t)map->pool->worker_count) + 1;
        size = (size_t)(CHUNK_NS / (batch->item_ns + 1)) + 1;
        size = size < share ? size : share;
    }
    size = size < most ? size : most;
    return size < left ? size : left;
}

/* Sized for the time the items of the map take. Removes the map from the queue with its last chunk. */
static struct job *next_chunk(struct job *map)
{
    mproc_pool *pool = map->pool;
    struct batch *batch = map->extra.batch;
    struct job *chunk = mproc__job_new(pool);
    if (chunk == NULL)
        return NULL;
    chunk->kind = JOB_KIND_CHUNK;
    mproc__job_set_group(chunk, map);
    chunk->number = map->number;
    chunk->submitted = map->submitted;
    size_t count = choose_chunk(map);
    job_extra(chunk)->item = batch->next;
    job_extra(chunk)->item_count = count;
    chunk->argument = batch->in + batch->next * batch->in_size;
    chunk->argument_size = count * batch->in_size;
    pool->outstanding++;
    batch->next += count;
    if (batch->next == batch->count)
        pending_remove(pool, map);
    return chunk;
}

/* ---- Checks ---- */

static int check_options(const mproc_pool *pool, const void *function, size_t count, const mproc_task_options *options)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    if (function == NULL)
        return mproc__error(MPROC_E_INVALID, "no function");
    if (options->chunk_size < 0)
        return mproc__error(MPROC_E_INVALID, "a chunk size of %lld", (long long)options->chunk_size);
    if (count > SIZE_MAX / 64)
        return mproc__error(MPROC_E_LIMIT, "%zu items", count);
    return mproc__terms_check_shared(pool, options);
}

static int check_arrays(const void *in, size_t in_size, size_t count, const void *out, size_t out_size)
{
    if (in_size == 0)
        return mproc__error(MPROC_E_INVALID, "items of 0 bytes");
    if (in_size > MAP_ITEM_BYTES || out_size > MAP_ITEM_BYTES)
        return mproc__error(MPROC_E_LIMIT, "items of %zu and %zu bytes, at most %u", in_size, out_size, MAP_ITEM_BYTES);
    if (count > 0 && (in == NULL || (out == NULL && out_size > 0)))
        return mproc__error(MPROC_E_INVALID, "an array is missing");
    return 0;
}

/* ---- Kernel maps ---- */

static struct batch *new_batch(size_t count)
{
    struct batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) {
        mproc__error(MPROC_E_NO_MEMORY, "a map");
        return NULL;
    }
    batch->count = batch->remaining = count;
    batch->item_ns = -1;
    return batch;
}

/* A task for a map or batch as a whole. Lock held. */
static struct job *new_group(mproc_pool *pool, enum job_kind kind, any_function *function, size_t count,
                             const mproc_task_options *options, const char *site, int *ret_code)
{
    *ret_code = mproc__pool_open_check(pool);
    if (*ret_code < 0)
        return NULL;
    struct job *group = mproc__job_prepare(pool, function, site, ret_code);
    if (group == NULL)
        return NULL;
    group->kind = (uint8_t)kind;
    job_set_terms(group, mproc__terms(&pool->options, options));
    job_extra(group)->batch = new_batch(count);
    if (group->extra.batch == NULL)
        *ret_code = MPROC_E_NO_MEMORY;
    else
        *ret_code = mproc__callback_give(group, options);
    if (*ret_code == 0)
        return group;
    mproc__job_free(group);
    return NULL;
}

static void start_map(struct job *map)
{
    if (map->extra.batch->count > 0) {
        mproc__job_submit(map);
        return;
    }
    /* An empty one is ready at once, and its callback runs. It is counted like any other. */
    map->kind = JOB_KIND_BATCH;
    mproc__job_submit(map);
    mproc__job_finish(map, 0, NULL, 0);
}

int mproc_pool_map_async_(mproc_pool *pool, mproc_item_fn *kernel, const void *in, size_t in_size, size_t count,
                          void *out, size_t out_size, const mproc_task_options *options, size_t options_size,
                          mproc_result **ret_result)
{
    const char *site = mproc__take_site();
    mproc_task_options own;
    int code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code == 0)
        code = check_options(pool, (const void *)(uintptr_t)kernel, count, &own);
    if (code == 0)
        code = check_arrays(in, in_size, count, out, out_size);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    struct job *map = new_group(pool, JOB_KIND_MAP, (any_function *)kernel, count, &own, site, &code);
    if (map != NULL) {
        struct batch *batch = map->extra.batch;
        batch->in = in;
        batch->out = out;
        batch->in_size = in_size;
        batch->out_size = out_size;
        batch->chunk_size = own.chunk_size;
        job_extra(map)->next_part = next_chunk;
        map->owned = ret_result != NULL;
        if (ret_result != NULL)
            *ret_result = mproc__job_handle(map);
        start_map(map);
    }
    platform_mutex_unlock(&pool->lock);
    return code;
}

int mproc_pool_map_(mproc_pool *pool, mproc_item_fn *kernel, const void *in, size_t in_size, size_t count, void *out,
                    size_t out_size, const mproc_task_options *options, size_t options_size)
{
    mproc_result *result = NULL;
    int code = mproc_pool_map_async_(pool, kernel, in, in_size, count, out, out_size, options, options_size, &result);
    if (code < 0)
        return code;
    code = mproc_result_get(result, MPROC_FOREVER, NULL, 0, NULL);
    mproc_result_free(result);
    return code;
}

/* ---- Batches ---- */

/* The argument of item index: from an array of equal items, or from a list of arguments. */
struct batch_input {
    const unsigned char *in;
    size_t in_size;
    const mproc_view *args;
};

static mproc_view input_args(const struct batch_input *input, size_t index)
{
    if (input->args != NULL)
        return input->args[index];
    return (mproc_view){ input->in + index * input->in_size, input->in_size };
}

/* One call of a batch has ended; the batch does with the last. */
static void item_ended(struct job *item)
{
    struct job *group = item->extra.group;
    struct batch *batch = group->extra.batch;
    batch->failed += item->code < 0;
    if (item->code < 0 && (group->code == 0 || item->extra.item < batch->first_failed)) {
        group->code = item->code;
        batch->first_failed = item->extra.item;
    }
    if (--batch->remaining > 0)
        return;
    const struct job *first = group->code < 0 ? batch->items[batch->first_failed] : NULL;
    const struct failure *failure = first != NULL ? first->extra.failure : NULL;
    note_ended(group, group->code, NULL);
    mproc__job_finish_with(group, group->code, failure != NULL ? failure->message : NULL,
                           failure != NULL ? failure->exit_code : 0, failure != NULL ? failure->remains : NULL);
}

static struct job *new_item(struct job *group, size_t index, mproc_view args)
{
    struct job *item = mproc__job_new(group->pool);
    if (item == NULL)
        return NULL;
    item->kind = JOB_KIND_CALL;
    mproc__job_set_group(item, group);
    job_extra(item)->item = index;
    job_extra(item)->ended = item_ended;
    /* Held by the batch. */
    item->owned = true;
    if (mproc__job_set_argument(item, args.data, args.size) == 0)
        return item;
    mproc__job_free(item);
    return NULL;
}

/* All items are made before the first is submitted, so that a lack of memory leaves nothing running. */
static int make_items(struct job *group, const struct batch_input *input)
{
    struct batch *batch = group->extra.batch;
    batch->items = calloc(batch->count > 0 ? batch->count : 1, sizeof *batch->items);
    if (batch->items == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "%zu items", batch->count);
    for (size_t i = 0; i < batch->count; i++) {
        batch->items[i] = new_item(group, i, input_args(input, i));
        if (batch->items[i] == NULL)
            return mproc__error(MPROC_E_NO_MEMORY, "item %zu of %zu", i, batch->count);
    }
    return 0;
}

static void start_batch(struct job *group)
{
    /* The last item to be submitted may be the last to end, and the batch with it. */
    struct batch *batch = group->extra.batch;
    size_t count = batch->count;
    struct job **items = batch->items;
    mproc_pool *pool = group->pool;
    mproc__job_submit(group);
    if (count == 0)
        mproc__job_finish(group, 0, NULL, 0);
    for (size_t i = 0; i < count; i++)
        mproc__job_submit(items[i]);
    /* Found to be broken on the way: what was queued after that nobody would end. */
    if (pool->phase == POOL_BROKEN)
        mproc__pool_fail_all(pool, pool->broken_code, pool->broken_text);
}

static int batch_async(mproc_pool *pool, mproc_task_fn *function, const struct batch_input *input, size_t count,
                       const mproc_task_options *options, size_t options_size, const char *site,
                       mproc_result **ret_result)
{
    mproc_task_options own;
    int code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code == 0)
        code = check_options(pool, (const void *)(uintptr_t)function, count, &own);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    struct job *group = new_group(pool, JOB_KIND_BATCH, (any_function *)function, count, &own, site, &code);
    if (group != NULL)
        code = make_items(group, input);
    if (group != NULL && code < 0)
        mproc__job_free(group);
    if (code == 0) {
        group->owned = true;
        mproc_result *result = mproc__job_handle(group);
        start_batch(group);
        if (ret_result != NULL)
            *ret_result = result;
        else
            mproc__result_release(group);
    }
    platform_mutex_unlock(&pool->lock);
    return code;
}

static int check_list(const mproc_view *args, size_t count)
{
    if (count > 0 && args == NULL)
        return mproc__error(MPROC_E_INVALID, "the arguments are missing");
    for (size_t i = 0; i < count; i++) {
        if (args[i].size > 0 && args[i].data == NULL)
            return mproc__error(MPROC_E_INVALID, "argument %zu has a size but no data", i);
        if (args[i].size > ARGUMENT_MAX)
            return mproc__error(MPROC_E_LIMIT, "argument %zu has %zu bytes, at most 1 GiB", i, args[i].size);
    }
    return 0;
}

int mproc_pool_map_results_async_(mproc_pool *pool, mproc_task_fn *function, const void *in, size_t in_size,
                                  size_t count, const mproc_task_options *options, size_t options_size,
                                  mproc_result **ret_result)
{
    const char *site = mproc__take_site();
    if (in_size == 0)
        return mproc__error(MPROC_E_INVALID, "items of 0 bytes");
    if (in_size > ARGUMENT_MAX)
        return mproc__error(MPROC_E_LIMIT, "items of %zu bytes, at most 1 GiB", in_size);
    if (count > 0 && in == NULL)
        return mproc__error(MPROC_E_INVALID, "the array is missing");
    return batch_async(pool, function, &(struct batch_input){ in, in_size, NULL }, count, options, options_size, site,
                       ret_result);
}

int mproc_pool_starmap_async_(mproc_pool *pool, mproc_task_fn *function, const mproc_view *args, size_t count,
                              const mproc_task_options *options, size_t options_size, mproc_result **ret_result)
{
    const char *site = mproc__take_site();
    int code = check_list(args, count);
    if (code < 0)
        return code;
    return batch_async(pool, function, &(struct batch_input){ NULL, 0, args }, count, options, options_size, site,
                       ret_result);
}

static int wait_all(int code, mproc_result *result, mproc_result **ret_result)
{
    if (code < 0)
        return code;
    mproc_result_wait(result, MPROC_FOREVER);
    *ret_result = result;
    return 0;
}

int mproc_pool_map_results_(mproc_pool *pool, mproc_task_fn *function, const void *in, size_t in_size, size_t count,
                            const mproc_task_options *options, size_t options_size, mproc_result **ret_result)
{
    if (ret_result == NULL)
        return mproc__error_null("ret_result");
    mproc_result *result = NULL;
    int code = mproc_pool_map_results_async_(pool, function, in, in_size, count, options, options_size, &result);
    return wait_all(code, result, ret_result);
}

int mproc_pool_starmap_(mproc_pool *pool, mproc_task_fn *function, const mproc_view *args, size_t count,
                        const mproc_task_options *options, size_t options_size, mproc_result **ret_result)
{
    if (ret_result == NULL)
        return mproc__error_null("ret_result");
    mproc_result *result = NULL;
    int code = mproc_pool_starmap_async_(pool, function, args, count, options, options_size, &result);
    return wait_all(code, result, ret_result);
}
