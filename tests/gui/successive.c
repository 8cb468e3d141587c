/* A program with one pool after the other, for tests of what is looked at when one is over.
 *
 * usage: successive NAME...     a pool of each name, until there is a file of that name
 */
#include <mproc.h>
#include <stdbool.h>
#include <stdio.h>

#define LOOK_MS 10

static bool is_there(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (file != NULL)
        fclose(file);
    return file != NULL;
}

static int work(mproc_task *task)
{
    (void)task;
    return 0;
}

static int run_pool(const char *name, mproc_event never)
{
    mproc_pool *pool;
    int code = mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .name = name, .monitor = 1 });
    if (code < 0)
        return code;
    code = mproc_pool_apply(pool, work, (mproc_view){ 0 }, NULL, NULL, 0, NULL);
    while (code == 0 && !is_there(name))
        code = mproc_event_wait(never, LOOK_MS) == MPROC_E_TIMEOUT ? 0 : -1;
    if (code == 0)
        code = mproc_pool_close(pool);
    if (code == 0)
        code = mproc_pool_join(pool, MPROC_FOREVER);
    int freed = mproc_pool_free(pool);
    return code < 0 ? code : freed;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    mproc_event never;
    int code = mproc_event_create(&never, NULL);
    for (int i = 1; i < argc && code == 0; i++)
        code = run_pool(argv[i], never);
    if (code < 0)
        mproc_perror("successive");
    return code < 0;
}
