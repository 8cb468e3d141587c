/* hello: the shortest tour of a pool. Usage: hello [fork|spawn|forkserver] */
#include <mproc.h>
#include <stdio.h>

/* A task: bytes in, bytes out. The same type serves processes and pools. */
static int square(mproc_task *task)
{
    int n;
    int code = mproc_task_read(task, &n, sizeof n); /* wrong size: the task fails with a message */
    if (code < 0)
        return code;
    n *= n;
    return mproc_task_return(task, &n, sizeof n);
}

/* A kernel for map: one item in, one item out. */
static int square_item(const void *in, void *out, mproc_task *task)
{
    (void)task;
    int n = *(const int *)in;
    *(int *)out = n * n;
    return 0;
}

static int run(mproc_pool *pool)
{
    int in[] = { 1, 2, 3 }, out[3];
    int code = mproc_pool_map(pool, square_item, in, sizeof *in, 3, out, sizeof *out, NULL);
    if (code < 0)
        return code;
    printf("map: %d %d %d\n", out[0], out[1], out[2]);

    mproc_result *result; /* NULL instead of &result: fire and forget */
    code = mproc_pool_apply_async(pool, square, MPROC_ARG(in[2]), &(mproc_task_options){ .retries = 1 }, &result);
    if (code < 0)
        return code;
    int nine;
    code = mproc_result_get(result, MPROC_FOREVER, &nine, sizeof nine, NULL);
    if (code == 0)
        printf("apply_async: %d\n", nine);
    mproc_result_free(result);
    return code;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv); /* processes started by spawn end in here */

    mproc_start_method method = MPROC_START_DEFAULT;
    if (argc > 1 && mproc_start_method_from_name(argv[1], &method) < 0)
        return mproc_perror("hello"), 2;

    mproc_pool *pool;
    if (mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 4, .start_method = method }) < 0)
        return mproc_perror("hello: pool"), 1;
    int code = run(pool);
    if (code < 0)
        mproc_perror("hello");
    mproc_pool_close(pool);
    mproc_pool_join(pool, MPROC_FOREVER);
    mproc_pool_free(pool);
    return code < 0;
}
