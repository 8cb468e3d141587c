/* mproc-monitor-gtk: what the pools of a program do, in a window. */
#include "platform.h"
#include "window/application.h"

/* Behind "--" stands a program with its arguments, and no option of this one. Returns how many stand before it. */
static int find_program(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--") == 0)
            return i;
    return argc;
}

int main(int argc, char **argv)
{
    platform_setup();
    int own = find_program(argc, argv);
    const char *const *program = own < argc ? (const char *const *)argv + own + 1 : NULL;
    g_autoptr(GtkApplication) application = mon_application_new(program);
    char **arguments = g_new0(char *, (gsize)own + 1);
    memcpy(arguments, argv, (size_t)own * sizeof *argv);
    int status = g_application_run(G_APPLICATION(application), own, arguments);
    g_free(arguments);
    return status;
}
