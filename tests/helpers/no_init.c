/* A program that forgot mproc_init: as a parent it is refused, as a child it never becomes ready.
 *
 * Run by a test it tries to start a process and a pool and prints the answers. Started by mproc as the executable of a
 * process, it has no way to know: it does the same and ends, which the parent must survive.
 */
#include <mproc.h>
#include <stdio.h>

static int work(mproc_task *task)
{
    (void)task;
    return 0;
}

int main(void)
{
    mproc_process_options options = { .function = work };
    mproc_process *process;
    mproc_pool *pool;
    int created = mproc_process_create(&process, &options);
    int started = created < 0 ? created : mproc_process_start(process);
    printf("process %s: %s\n", mproc_error_name(started), mproc_last_error());
    if (created == 0)
        mproc_process_free(process);
    printf("pool %s\n", mproc_error_name(mproc_pool_create(&pool, NULL)));
    return started < 0 ? 3 : 0;
}
