/* Another program of the same library: it calls mproc_init as it should, but the functions of whoever starts it are
 * not in it.
 */
#include <mproc.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    puts("not started by mproc");
    return 4;
}
