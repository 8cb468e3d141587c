/* plugin: a module that uses mproc in a program that does not. Its host owns main, and no process can begin there: the
 * workers are mproc-worker, an installed program that loads the module in which a task's function lives.
 *
 * It is linked with the shared library, as mproc-worker is: both have to mean the same mproc.
 */
#include "plugin.h"

#include <mproc.h>
#include <stdio.h>

static int square(const void *in, void *out, mproc_task *task)
{
    (void)task;
    int n = *(const int *)in;
    *(int *)out = n * n;
    return 0;
}

int plugin_squares(const char *worker)
{
    int in[] = { 1, 2, 3, 4 }, out[4];
    mproc_pool *pool;
    /* No process begins here, so that it need not be the first line of main. */
    mproc_init(0, NULL);
    /* A copy of the host would be started by spawn otherwise, and run the host's main. */
    mproc_pool_options options = { .workers = 2, .start_method = MPROC_START_SPAWN, .executable = worker };
    int code = mproc_pool_create(&pool, &options);
    if (code < 0)
        return mproc_perror("plugin: no pool"), code;
    code = mproc_pool_map(pool, square, in, sizeof *in, 4, out, sizeof *out, NULL);
    if (code == 0)
        printf("squares: %d %d %d %d\n", out[0], out[1], out[2], out[3]);
    else
        mproc_perror("plugin: no squares");
    mproc_pool_free(pool);
    return code;
}
