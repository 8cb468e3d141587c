/* A program that forgot mproc_init: as a parent it is refused, as a child it never becomes ready.
 *
 * Run by a test without arguments it tries to start a process and prints the answer's name. Started by mproc as the
 * executable of a process, it has no way to know: it does the same and ends, which the parent must survive.
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
    int created = mproc_process_create(&process, &options);
    int started = created < 0 ? created : mproc_process_start(process);
    printf("%s\n%s\n", mproc_error_name(started), mproc_last_error());
    if (created == 0)
        mproc_process_free(process);
    return started < 0 ? 3 : 0;
}
