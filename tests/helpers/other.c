/* Another program of the same library: it calls mproc_init as it should, but the functions of whoever starts it are
 * not in it. Given two arguments it takes the second for a saved task.
 */
#include <mproc.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    if (argc > 2)
        return mproc_replay_main(argc, argv);
    puts("not started by mproc");
    return 4;
}
