#include "pool/look_functions.h"
#include "pool/accounts.h"
#include "pool/function_names.h"

void mproc__look_at_accounts(struct look *look, mproc_pool *pool)
{
    for (size_t i = 0; i < mproc__accounts_count(pool->accounts); i++) {
        mproc_function_stats stats;
        struct record_function_stats *record = look_add(look, RECORD_FUNCTION_STATS, 0);
        if (record == NULL)
            return;
        mproc__accounts_read(mproc__accounts_at(pool->accounts, i), &stats);
        *record = (struct record_function_stats){ .pool = pool->number,
                                                  .function = mproc__function_number_of(pool, i),
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
}

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
