/* mproc-worker: the program that spawn starts for a plug-in, whose host owns main.
 *
 * All that it can do is in mproc_init: it loads the module that the function lives in and runs it. Like that module it
 * uses the shared library, so that both mean the same mproc.
 */
#include <mproc/init.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    fprintf(stderr, "mproc-worker: this program is not to be run by hand.\n"
                    "It becomes a process of a program that uses mproc, when that program names it with\n"
                    "mproc_set_executable() or in the executable option of a process or pool.\n");
    return 2;
}
