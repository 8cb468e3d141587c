/* plugin_host: a program that knows nothing of mproc, and loads a module that uses it.
 * Usage: plugin_host PLUGIN WORKER */
#include "plugin.h"
#include "system.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    system_arguments(&argc, &argv);
    if (argc != 3) {
        fprintf(stderr, "usage: plugin_host PLUGIN WORKER\n"
                        "PLUGIN is the module, WORKER the mproc-worker that was installed with mproc.\n");
        return 2;
    }
    int (*squares)(const char *) = (int (*)(const char *))system_load(argv[1], "plugin_squares");
    if (squares == NULL) {
        fprintf(stderr, "plugin_host: there is no plug-in %s\n", argv[1]);
        return 1;
    }
    return squares(argv[2]) == 0 ? 0 : 1;
}
