/* A program with a pool that works until the program is killed, for tests of who asks it to do something.
 *
 * usage: controlled yes|no [FAIL]     whether its pool may be controlled; so many tasks fail, and no others:
 *                                     it is paused until it is resumed
 */
#include <mproc.h>
#include <stdlib.h>
#include <string.h>

#define TASK_MS 20
#define ROUNDS  100000

static int work(mproc_task *task)
{
    mproc_event never;
    int code = mproc_task_read(task, &never, sizeof never);
    if (code == 0)
        code = mproc_event_wait(never, TASK_MS);
    return code == MPROC_E_TIMEOUT ? 0 : code;
}

static int refuse(mproc_task *task)
{
    return mproc_task_fail(task, -22, "refused");
}

static int submit_failing(mproc_pool *pool, mproc_event never, int count)
{
    int code = mproc_pool_pause(pool);
    for (int i = 0; i < count && code == 0; i++)
        code = mproc_pool_apply_async(pool, refuse, MPROC_ARG(i), NULL, NULL);
    return code < 0 ? code : mproc_event_wait(never, MPROC_FOREVER);
}

static int submit_all(mproc_pool *pool, mproc_event never)
{
    int code = 0;
    for (int i = 0; i < ROUNDS && code == 0; i++)
        code = mproc_pool_apply_async(pool, work, MPROC_ARG(never), NULL, NULL);
    return code;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    mproc_event never;
    mproc_pool *pool;
    mproc_pool_options options = { .workers = 2,
                                   .name = "obedient",
                                   .max_queued = 4,
                                   .monitor = 1,
                                   .monitor_control = argc > 1 && strcmp(argv[1], "yes") == 0 };
    int code = mproc_event_create(&never, &(mproc_event_options){ .name = "never" });
    if (code == 0)
        code = mproc_pool_create(&pool, &options);
    if (code == 0)
        code = argc > 2 ? submit_failing(pool, never, atoi(argv[2])) : submit_all(pool, never);
    if (code < 0)
        mproc_perror("controlled");
    return code < 0;
}
