/* deadlock: two workers, two locks, taken in opposite order, so that each waits for what the other one has.
 *
 *     deadlock [fork|spawn|forkserver [SECONDS]]
 *
 * With MPROC_MONITOR=1 in its environment, and SECONDS to look at it, mproc-monitor names the circle: both locks, who
 * holds them and who waits. There is a way out: the first one waits for so long only, and then gives up what it has.
 */
#include <mproc.h>
#include <stdio.h>
#include <stdlib.h>

/* A task: it has the first lock, and wants the second. */
struct transfer {
    char name[16];
    mproc_lock first, second;
    mproc_barrier both_have_one;
    int64_t patience_ms;
};

static int take_second(const struct transfer *transfer)
{
    /* Only now, so that it comes to a deadlock each time and not once in a while. */
    int code = mproc_barrier_wait(transfer->both_have_one, MPROC_FOREVER, NULL);
    if (code == 0)
        code = mproc_lock_acquire(transfer->second, transfer->patience_ms);
    if (code == 0)
        mproc_lock_release(transfer->second);
    return code;
}

static int run_transfer(mproc_task *task)
{
    struct transfer transfer;
    int code = mproc_task_read(task, &transfer, sizeof transfer);
    if (code == 0)
        code = mproc_lock_acquire(transfer.first, MPROC_FOREVER);
    if (code < 0)
        return code;
    code = take_second(&transfer);
    if (code < 0)
        code = mproc_task_fail(task, code, "gives up: %s", mproc_last_error());
    mproc_lock_release(transfer.first);
    return code;
}

static int make_both(struct transfer *deposit, struct transfer *withdrawal, int64_t patience_ms)
{
    mproc_lock accounts, ledger;
    mproc_barrier both_have_one;
    int code = mproc_lock_create(&accounts, &(mproc_lock_options){ .name = "accounts" });
    if (code == 0)
        code = mproc_lock_create(&ledger, &(mproc_lock_options){ .name = "ledger" });
    if (code == 0)
        code = mproc_barrier_create(&both_have_one, 2, &(mproc_barrier_options){ .name = "both have one" });
    if (code < 0)
        return code;
    *deposit = (struct transfer){ "deposit", accounts, ledger, both_have_one, patience_ms };
    *withdrawal = (struct transfer){ "withdrawal", ledger, accounts, both_have_one, MPROC_FOREVER };
    return 0;
}

static void tell_outcome(const struct transfer *transfer, mproc_result *result)
{
    int code = mproc_result_get(result, MPROC_FOREVER, NULL, 0, NULL);
    printf("%s: %s\n", transfer->name, code == 0 ? "has had both locks" : mproc_last_error());
    mproc_result_free(result);
}

static int run_into_each_other(mproc_pool *pool, const struct transfer *deposit, const struct transfer *withdrawal)
{
    mproc_result *first, *second;
    int code = mproc_pool_apply_async(pool, run_transfer, MPROC_ARG(*deposit), NULL, &first);
    if (code < 0)
        return code;
    code = mproc_pool_apply_async(pool, run_transfer, MPROC_ARG(*withdrawal), NULL, &second);
    if (code == 0) {
        printf("deposit has \"accounts\" and wants \"ledger\", withdrawal has \"ledger\" and wants \"accounts\"\n");
        fflush(stdout);
        tell_outcome(deposit, first);
        tell_outcome(withdrawal, second);
    } else {
        mproc_result_free(first);
    }
    return code;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    mproc_pool_options options = { .workers = 2, .name = "bank" };
    if (argc > 1 && mproc_start_method_from_name(argv[1], &options.start_method) < 0)
        return mproc_perror("deadlock"), 2;
    double seconds = argc > 2 ? atof(argv[2]) : 0.3;

    struct transfer deposit, withdrawal;
    mproc_pool *pool;
    int code = make_both(&deposit, &withdrawal, (int64_t)(seconds * 1000));
    if (code == 0)
        code = mproc_pool_create(&pool, &options);
    if (code == 0) {
        code = run_into_each_other(pool, &deposit, &withdrawal);
        mproc_pool_free(pool);
    }
    if (code < 0)
        mproc_perror("deadlock");
    return code < 0;
}
