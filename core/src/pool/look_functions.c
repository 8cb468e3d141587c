#include "pool/look_functions.h"
#include "pool/accounts.h"
#include "pool/function_names.h"
#include <inttypes.h>
#include <stdio.h>

/* A cell as it is told, two numbers with what stands between them, and what all cells of a function may take. */
#define BIN_BYTES  42u
#define BINS_BYTES 16384u

/* ---- What their tasks have done ---- */

static size_t bins_size(const struct histogram *run)
{
    size_t size = (size_t)mproc__histogram_list(run, NULL, 0) * BIN_BYTES;
    return size < BINS_BYTES ? size : BINS_BYTES;
}

size_t mproc__look_accounts_size(const mproc_pool *pool)
{
    size_t size = 0, count = mproc__accounts_count(pool->accounts);
    for (size_t i = 0; i < count; i++)
        size += mproc__journal_needs(RECORD_FUNCTION_STATS, 0) +
                mproc__journal_needs(RECORD_FUNCTION_BINS, bins_size(&mproc__accounts_at(pool->accounts, i)->run));
    return size;
}

/* Behind the one before it. What would go beyond the longest text, with counts that nobody reaches, is left out. */
static void put_bin(struct look *look, struct record_text *bins, uint64_t from_ns, uint64_t count)
{
    char bin[BIN_BYTES + 1];
    int size = snprintf(bin, sizeof bin, "%s%" PRIu64 ":%" PRIu64, bins->size > 0 ? " " : "", from_ns, count);
    if (bins->size + (size_t)size <= BINS_BYTES)
        bins->size += mproc__journal_text(look->state, bin, (size_t)size).size;
}

static void look_at_bins(struct look *look, mproc_pool *pool, size_t index)
{
    const struct histogram *run = &mproc__accounts_at(pool->accounts, index)->run;
    struct record_function_bins *record = look_add(look, RECORD_FUNCTION_BINS, bins_size(run));
    if (record == NULL)
        return;
    record->pool = pool->number;
    record->function = mproc__function_number_of(pool, index);
    record->run = look_put(look, "");
    for (uint32_t cell = 0; cell < HISTOGRAM_CELLS; cell++)
        if (run->cells[cell] > 0)
            put_bin(look, &record->run, log_linear_first(cell, HISTOGRAM_BITS), run->cells[cell]);
}

static void look_at_stats(struct look *look, mproc_pool *pool, size_t index)
{
    mproc_function_stats stats;
    struct record_function_stats *record = look_add(look, RECORD_FUNCTION_STATS, 0);
    if (record == NULL)
        return;
    mproc__accounts_read(mproc__accounts_at(pool->accounts, index), &stats);
    *record = (struct record_function_stats){ .pool = pool->number,
                                              .function = mproc__function_number_of(pool, index),
                                              .succeeded = stats.succeeded,
                                              .failed = stats.failed,
                                              .cancelled = stats.cancelled,
                                              .died = stats.died,
                                              .retried = stats.retried,
                                              .chunks = stats.chunks,
                                              .items = stats.items,
                                              .run_count = stats.run.count,
                                              .run_total_ns = stats.run.total_ns,
                                              .run_min_ns = stats.run.min_ns,
                                              .run_max_ns = stats.run.max_ns,
                                              .run_p50_ns = stats.run.p50_ns,
                                              .run_p90_ns = stats.run.p90_ns,
                                              .run_p99_ns = stats.run.p99_ns,
                                              .run_p999_ns = stats.run.p999_ns,
                                              .wait_count = stats.wait.count,
                                              .wait_total_ns = stats.wait.total_ns,
                                              .wait_p50_ns = stats.wait.p50_ns,
                                              .wait_p90_ns = stats.wait.p90_ns,
                                              .wait_p99_ns = stats.wait.p99_ns,
                                              .wait_max_ns = stats.wait.max_ns,
                                              .queued_ns = stats.queued_ns,
                                              .copy_ns = stats.copy_ns,
                                              .return_ns = stats.return_ns };
}

void mproc__look_at_accounts(struct look *look, mproc_pool *pool, bool all)
{
    for (size_t i = 0; i < mproc__accounts_count(pool->accounts); i++) {
        look_at_stats(look, pool, i);
        if (mproc__accounts_has_run(pool->accounts, i) || all)
            look_at_bins(look, pool, i);
    }
}

/* ---- Their names ---- */

/* A name that only the symbol table knows is put in later: to ask it takes a lock of the system's. */
static struct record_text look_at_name(struct look *look, const struct call_name *name)
{
    static const char empty[MPROC_STATS_NAME_BYTES];
    if (name->text[0] != '\0' || look->unnamed_count == FUNCTIONS_MAX)
        return look_put(look, name->text);
    struct record_text place = mproc__journal_text(look->state, empty, sizeof empty);
    look->unnamed_place[look->unnamed_count] = place.data;
    look->unnamed[look->unnamed_count++] = name->function;
    return place;
}

void mproc__look_at_names(struct look *look, mproc_pool *pool, uint32_t first)
{
    for (uint32_t number = first; number <= mproc__function_count(pool); number++) {
        const struct call_name *name = mproc__function_name(pool, number);
        struct record_function *record = look_add(look, RECORD_FUNCTION, sizeof name->text + sizeof name->where);
        if (record == NULL)
            return;
        record->pool = pool->number;
        record->function = number;
        record->name = look_at_name(look, name);
        record->place = look_put(look, name->where);
        pool->functions_told = number;
    }
}
