/* time_limit: tasks of which nobody knows whether they end, beside others that do.
 *
 *     time_limit [fork|spawn|forkserver]
 *
 * From a number to the next: half of it if it is even, else five times it and one. Does that lead to 1?
 */
#include <mproc.h>
#include <stdio.h>

enum { LIMIT_MS = 1000, SOFT_LIMIT_MS = 150, NUMBERS = 8 };

static uint64_t next(uint64_t number)
{
    return number % 2 == 0 ? number / 2 : 5 * number + 1;
}

/* Knows of no limit: it is killed. */
static int count_steps(mproc_task *task)
{
    uint64_t number, steps = 0;
    int code = mproc_task_read(task, &number, sizeof number);
    if (code < 0)
        return code;
    for (; number != 1; number = next(number))
        steps++;
    return mproc_task_return(task, &steps, sizeof steps);
}

/* Asks now and then whether it should end, and ends with an error of its own. */
static int count_steps_with_care(mproc_task *task)
{
    uint64_t number, steps = 0;
    int code = mproc_task_read(task, &number, sizeof number);
    if (code < 0)
        return code;
    for (; number != 1; number = next(number))
        if (++steps % 1024 == 0 && mproc_task_should_end(task))
            return mproc_task_fail(task, -1, "gave up at %llu", (unsigned long long)number);
    return mproc_task_return(task, &steps, sizeof steps);
}

static int run_all(mproc_pool *pool, const char *title, mproc_task_fn *function, const uint64_t *numbers)
{
    mproc_result *result;
    mproc_outcome outcome;
    int code = mproc_pool_map_results(pool, function, numbers, sizeof *numbers, NUMBERS, NULL, &result);
    if (code < 0)
        return code;
    printf("%s:\n", title);
    for (size_t i = 0; i < NUMBERS && mproc_result_get_item(result, i, &outcome) == 0; i++)
        if (outcome.code == 0)
            printf("  %2d: %d steps\n", (int)numbers[i], (int)*(const uint64_t *)outcome.value.data);
        else
            printf("  %2d: %s\n", (int)numbers[i], outcome.message);
    mproc_result_free(result);
    return 0;
}

/* Without a limit, and then not wanted any more. */
static int run_and_cancel(mproc_pool *pool, uint64_t number)
{
    mproc_result *result;
    mproc_task_options options = { .timeout_ms = MPROC_FOREVER };
    int code = mproc_pool_apply_async(pool, count_steps, MPROC_ARG(number), &options, &result);
    if (code < 0)
        return code;
    mproc_result_wait(result, SOFT_LIMIT_MS);
    mproc_result_cancel_running(result);
    code = mproc_result_get(result, MPROC_FOREVER, NULL, 0, NULL);
    printf("not wanted any more: %s\n", mproc_error_name(code));
    mproc_result_free(result);
    return 0;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    mproc_pool_options options = { .workers = 2, .task_timeout_ms = LIMIT_MS, .task_soft_timeout_ms = SOFT_LIMIT_MS };
    if (argc > 1 && mproc_start_method_from_name(argv[1], &options.start_method) < 0)
        return mproc_perror("time_limit"), 2;

    static const uint64_t numbers[NUMBERS] = { 1, 3, 5, 6, 12, 13, 16, 19 };
    mproc_pool *pool;
    int code = mproc_pool_create(&pool, &options);
    if (code == 0) {
        code = run_all(pool, "killed at the limit", count_steps, numbers);
        if (code == 0)
            code = run_all(pool, "ended by themselves", count_steps_with_care, numbers);
        if (code == 0)
            code = run_and_cancel(pool, 5);
        mproc_pool_free(pool);
    }
    if (code < 0)
        mproc_perror("time_limit");
    return code < 0;
}
